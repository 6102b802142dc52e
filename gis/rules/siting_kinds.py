"""Rules on a proposed site (选址合规) of a kind of its own, and on what it states. Ids start with ST.

What is judged, and what it means for which project, stands in the judging table (`gis.analysis.site_layers`); each rule tells
the rows that are its own. Where a site meets a prohibition the rule is as severe as it says, on a condition a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np

from gis.analysis.quantities import number as number_of
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import Param, rule
from gis.rules.siting_rows import SAID, projects, told
from gis.rules.verbs import official_m2, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan
    from gis.rules.base import Places

ALONE = Text("{layer} {feature}（{measure:.4f} 公顷）：{need}", "{layer} {feature} ({measure:.4f} ha): {need}")
ALONE_UNMEASURED = Text("{layer} {feature} 需补充：{need}", "{layer} {feature}: {need}")


@rule(
    "ST18",
    title=Text("地块面积与坐标计算一致", "Stated area of a site equals that of its coordinates"),
    severity=Severity.WARNING,
    relation="none",
    needs=("site",),
    concept="supervision",
    cites=("approval-practice",),
    unit="ha",
    message=ALONE,
    remedy=Text("核对界址点坐标和面积，以坐标计算为准。", "Compare points and area; what the coordinates give counts."),
)  # fmt: skip
def site_states_its_area(
    plan: Plan,
    *,
    most_m2: Annotated[float, Param("m2", Text("允许的差值", "difference allowed"), assumed=True)] = 1.0,
    most_share: Annotated[
        float, Param("%", Text("允许的相对差值", "difference allowed, of the area"), assumed=True)
    ] = 0.05,
) -> Iterator[Places]:
    """Sites whose stated area (stated_m2, area_m2) differs from the official area of their coordinates.

    Fails: 1 ha stated for 1.1 ha.
    Passes: 1 ha stated for 1 ha; a site that states nothing.
    """
    area = official_m2(plan, "site")
    stated = next(
        (number_of(plan, "site", each) for each in ("stated_m2", "area_m2") if each in plan["site"]), np.nan * area
    )
    off = np.abs(stated - area) > np.maximum(most_m2, area * most_share / 100)
    need = [Text(f"所填面积 {m2 / 1e4:.4f} 公顷与坐标计算不符", f"{m2 / 1e4:.4f} ha are stated") for m2 in stated]
    yield rows(plan, "site", off, measure=area, need=need)


@rule(
    "ST20",
    title=Text("临时用地选址", "Temporary land"),
    severity=Severity.WARNING,
    relation="legal×legal",
    needs=("site",),
    concept="supervision",
    cites=("temp-2021-2", "land-law"),
    unit="ha",
    message=SAID,
    remedy=Text("优先使用存量和未利用地；确需占用的，编制土地复垦方案并按规定论证。", "Use stock or unused land first; else a restoration plan and the demonstration that is due."),
)  # fmt: skip
def temporary_land(plan: Plan) -> Iterator[Places]:
    """What temporary land takes of permanent basic farmland and the redline: only where it cannot be avoided, and restored.

    Fails: a yard for pipes on a farmland block.
    Passes: a yard beside it.
    """
    yield from told(plan, "ST20")


@rule(
    "ST21",
    title=Text("设施农业用地选址", "Facility agriculture"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("site",),
    concept="town_and_country",
    cites=("facility-2019-4", "land-law"),
    unit="ha",
    message=SAID,
    remedy=Text("养殖设施和破坏耕作层的种植设施避让永久基本农田。", "Keep animal farming, and planting that breaks the plough layer, off permanent basic farmland."),
)  # fmt: skip
def facility_agriculture(plan: Plan) -> Iterator[Places]:
    """What facility agriculture takes of permanent basic farmland.

    Fails: a pig farm on a farmland block.
    Passes: a pig farm beside it.
    """
    yield from told(plan, "ST21")


@rule(
    "ST22",
    title=Text("先行用地", "Advance land use"),
    severity=Severity.WARNING,
    relation="none",
    needs=("site",),
    concept="supervision",
    cites=("advance-use",),
    unit="",
    message=ALONE_UNMEASURED,
    remedy=Text("补充项目批准文件，说明单体工程及其占整个项目的比例。", "Add the approval of the project, the works concerned and their share of the whole."),
)  # fmt: skip
def advance_land_is_listed(plan: Plan) -> Iterator[Places]:
    """Sites for advance use whose project is on no list: the document is due.

    Fails: an advance site of a project that is on no list.
    Passes: one that is listed; a site of another kind.
    """
    number, terms = projects(plan)
    open_ = np.array([each.kind == "advance" and not each.listed for each in terms], dtype=bool)[number]
    yield rows(
        plan,
        "site",
        open_,
        need=Text("先行用地须有列入清单的项目及批准文件", "advance use needs a listed project and its document"),
    )


@rule(
    "ST23",
    title=Text("线性工程选址", "Linear projects"),
    severity=Severity.WARNING,
    relation="legal×legal",
    needs=("site",),
    concept="supervision",
    cites=("redline-2022-142", "land-law", "approval-practice"),
    unit="ha",
    message=SAID,
    remedy=Text("优化线位，尽量避让；难以避让的按穿越清单逐处论证。", "Improve the route; demonstrate each crossing that cannot be avoided."),
)  # fmt: skip
def linear_crossings(plan: Plan) -> Iterator[Places]:
    """Where listed linear projects cross permanent basic farmland, and linear works the redline: a condition, no conflict of lines.

    Fails: a road across the redline.
    Passes: a road beside it.
    """
    yield from told(plan, "ST23")


@rule(
    "ST24",
    title=Text("村庄建设选址", "Village building"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("site",),
    concept="town_and_country",
    cites=("village-2019-35", "land-law", "redline-2022-142"),
    unit="ha",
    message=SAID,
    remedy=Text("安排在村庄建设边界内；不占永久基本农田和生态保护红线。", "Keep it inside the village building line, off farmland and the redline."),
)  # fmt: skip
def village_building(plan: Plan) -> Iterator[Places]:
    """What village building takes of permanent basic farmland and the redline, and of the ground outside the building line.

    Fails: a homestead on a farmland block; outside the line, which is a warning.
    Passes: a homestead inside the line.
    """
    yield from told(plan, "ST24")
