"""Rules on a proposed site (选址合规) against hazards, protection and the four urban lines. Ids start with ST.

What is judged, and what it means for which project, stands in the judging table (`gis.analysis.site_layers`); each rule tells
the rows that are its own. Where a site meets a prohibition the rule is as severe as it says, on a condition a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import rule
from gis.rules.siting_rows import SAID, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan
    from gis.rules.base import Places


@rule(
    "ST06",
    title=Text("选址与自然保护地、饮用水水源保护区", "A site, protected areas and drinking water"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("site",),
    concept="safety_bottom_line",
    cites=("redline-2022-142", "water-pollution-law"),
    unit="ha",
    message=SAID,
    remedy=Text("避让核心保护区和一级保护区；其他范围征求主管部门意见。", "Avoid core zones and first-class zones; elsewhere ask the authority."),
)  # fmt: skip
def site_avoids_protected_ground(plan: Plan) -> Iterator[Places]:
    """What sites take of natural protected areas and drinking water zones.

    Fails: a factory in a first-class drinking water zone; in a nature park, which is a warning.
    Passes: a factory beside them.
    """
    yield from told(plan, "ST06")


@rule(
    "ST07",
    title=Text("选址与灾害风险", "A site and hazards"),
    severity=Severity.ERROR,
    relation="legal×survey",
    needs=("site",),
    concept="safety_bottom_line",
    cites=("geohazard-reg", "flood-law"),
    unit="ha",
    message=SAID,
    remedy=Text("居住和公共服务用地另行选址；其他项目开展地质灾害危险性评估、洪水影响评价。", "Move homes and public services; for other projects have the hazard or flood assessment made."),
)  # fmt: skip
def site_avoids_hazards(plan: Plan) -> Iterator[Places]:
    """What sites take of hazard areas and of the flood risk control line.

    Fails: a school in an area of high landslide hazard; a road there, which is a warning.
    Passes: a school beside it.
    """
    yield from told(plan, "ST07")


@rule(
    "ST08",
    title=Text("选址与历史文化保护线", "A site and the line of heritage protection"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("site", "heritage_line"),
    concept="heritage",
    cites=("heritage-law", "heritage-city-reg"),
    unit="ha",
    message=SAID,
    remedy=Text("避让保护范围；建设控制地带内的设计方案征求文物主管部门意见。", "Avoid the protection area; have the design in the control belt agreed."),
)  # fmt: skip
def site_respects_heritage(plan: Plan) -> Iterator[Places]:
    """What sites take of the line of heritage protection.

    Fails: a factory in a protection area; in the control belt, which is a warning.
    Passes: a factory beside it.
    """
    yield from told(plan, "ST08")


@rule(
    "ST09",
    title=Text("选址压覆矿产", "A site and buried minerals"),
    severity=Severity.WARNING,
    relation="legal×legal",
    needs=("site", "mineral_line"),
    concept="territorial_plan",
    cites=("mineral-law-2024", "mineral-law-1996"),
    unit="ha",
    message=SAID,
    remedy=Text("查询是否压覆战略性矿产资源，压覆的依法办理手续。", "Ask whether strategic minerals are buried, and follow the procedure."),
)  # fmt: skip
def site_buries_no_minerals(plan: Plan) -> Iterator[Places]:
    """What sites take of the mineral resource control line.

    Fails: a factory on the line's ground.
    Passes: a mine on it.
    """
    yield from told(plan, "ST09")


@rule(
    "ST10",
    title=Text("选址与城市四线", "A site and the four urban lines"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("site",),
    concept="central_area",
    cites=("green-line", "purple-line", "yellow-line", "blue-line"),
    unit="ha",
    message=SAID,
    remedy=Text("避让城市绿线、蓝线、黄线；紫线内按保护规划执行。", "Avoid green, blue and yellow lines; inside the purple line follow the protection plan."),
)  # fmt: skip
def site_respects_urban_lines(plan: Plan) -> Iterator[Places]:
    """What sites take of the four urban lines, where their use does not fit.

    Fails: housing in a green line; housing in a purple line, which is a warning.
    Passes: a park in a green line.
    """
    yield from told(plan, "ST10")


@rule(
    "ST13",
    title=Text("选址与双评价结果", "A site and the dual evaluation"),
    severity=Severity.WARNING,
    relation="legal×survey",
    needs=("site",),
    concept="scientific_delineation",
    cites=("dual-2020-127",),
    unit="ha",
    message=SAID,
    remedy=Text("在选址论证中说明必要性和可行性。", "Show in the siting report why it must be here and that it is feasible."),
)  # fmt: skip
def site_fits_evaluation(plan: Plan) -> Iterator[Places]:
    """What sites take of ground of extreme ecological importance, or unsuitable for urban building.

    Fails: a factory on unsuitable ground.
    Passes: a factory on suitable ground.
    """
    yield from told(plan, "ST13")


@rule(
    "ST15",
    title=Text("选址与海域、岸线", "A site, the sea and shores"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("site",),
    concept="landscape",
    cites=("sea-law", "sea-2018-24", "flood-law"),
    unit="ha",
    message=SAID,
    remedy=Text("避让海域和严格保护岸线；涉及河湖岸线的征求水行政主管部门意见。", "Avoid the sea and strictly protected shores; on river shores ask the water authority."),
)  # fmt: skip
def site_keeps_off_shores(plan: Plan) -> Iterator[Places]:
    """What sites take of the sea, and where shores run through them.

    Fails: a factory in the sea; a factory on a river shore, which is a warning.
    Passes: a fishery in the sea.
    """
    yield from told(plan, "ST15")


@rule(
    "ST17",
    title=Text("选址与执法图斑", "A site and patches of law enforcement"),
    severity=Severity.WARNING,
    relation="legal×survey",
    needs=("site", "enforcement_patch"),
    concept="supervision",
    cites=("approval-practice",),
    unit="ha",
    message=SAID,
    remedy=Text("核实是否未批先建，先行依法处置。", "Find out whether it was built without approval, and deal with that first."),
)  # fmt: skip
def site_not_built_before(plan: Plan) -> Iterator[Places]:
    """What sites take of patches of law enforcement.

    Fails: a site over a patch.
    Passes: a site beside it.
    """
    yield from told(plan, "ST17")
