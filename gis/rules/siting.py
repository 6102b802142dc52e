"""Rules on a proposed site (选址合规) against lines, zones, plan and present land. Ids start with ST.

What is judged, and what it means for which project, stands in the judging table (`gis.analysis.site_layers`); each rule tells
the rows that are its own. Where a site meets a prohibition the rule is as severe as it says, on a condition a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import Param, rule
from gis.rules.siting_rows import SAID, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan
    from gis.rules.base import Places


@rule(
    "ST01",
    title=Text("选址与永久基本农田", "A site and permanent basic farmland"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("site", "permanent_basic_farmland"),
    concept="three_control_lines",
    cites=("land-law", "pbf-order-17"),
    unit="ha",
    message=SAID,
    remedy=Text("调整选址避让；确属难以避让的重大建设项目，按规定论证并编制补划方案。", "Move or trim the site; a major project that cannot avoid it needs a demonstration and a re-designation scheme."),
)  # fmt: skip
def site_avoids_farmland(plan: Plan) -> Iterator[Places]:
    """What sites take of permanent basic farmland.

    Fails: a factory drawn 100 m into a block.
    Passes: a site that shares an edge with a block; a field that stays a field.
    """
    yield from told(plan, "ST01")


@rule(
    "ST02",
    title=Text("选址与生态保护红线", "A site and the ecological redline"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("site", "ecological_redline"),
    concept="three_control_lines",
    cites=("redline-2022-142", "three-lines-2019"),
    unit="ha",
    message=SAID,
    remedy=Text("调整选址避让；属于有限人为活动的，取得认定；国家重大项目附不可避让论证意见。", "Move or trim the site; a limited activity needs its recognition, a national major project the province's demonstration."),
)  # fmt: skip
def site_avoids_redline(plan: Plan) -> Iterator[Places]:
    """What sites take of the ecological redline, unless their use keeps nature as it is.

    Fails: a factory in the redline; a road there, which is a warning.
    Passes: a forest use in the redline; a factory beside it.
    """
    yield from told(plan, "ST02")


@rule(
    "ST03",
    title=Text("选址与城镇开发边界", "A site and the urban development boundary"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("site", "urban_development_boundary"),
    concept="three_control_lines",
    cites=("boundary-2023-193", "city-guide-2020"),
    unit="ha",
    message=SAID,
    remedy=Text("城镇集中建设安排在城镇开发边界内；边界外零星用地说明选址理由并落实等量调出。", "Keep concentrated urban building inside the boundary; give the reason for scattered land outside, with an equal area taken out."),
)  # fmt: skip
def site_fits_boundary(plan: Plan) -> Iterator[Places]:
    """What sites whose use is bound to the boundary take of the ground outside it, or of its flexible and special parts.

    Fails: urban housing outside the boundary; a factory in the flexible zone, which is a warning.
    Passes: a factory in the concentrated zone; a homestead outside.
    """
    yield from told(plan, "ST03")


@rule(
    "ST04",
    title=Text("选址与规划分区准入", "A site and what its zone admits"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("site", "planning_zone.zone_code"),
    concept="three_spaces",
    cites=("city-guide-2020",),
    unit="ha",
    message=SAID,
    remedy=Text("调整选址或用途；有条件准入的，说明如何满足条件。准入表为假定，须经确认。", "Change site or use; where the zone admits it on a condition, show how it is met. The matrix is assumed and to be confirmed."),
)  # fmt: skip
def site_fits_zone(plan: Plan) -> Iterator[Places]:
    """What sites take of zones that do not admit their use, or only on a condition, by the matrix of zones and classes (assumed).

    Fails: a factory in a farmland protection zone.
    Passes: a factory in the concentrated urban zone.
    """
    yield from told(plan, "ST04")


@rule(
    "ST05",
    title=Text("选址与规划用途", "A site and the planned land use"),
    severity=Severity.WARNING,
    relation="legal×legal",
    needs=("site", "land_use_plan.class_code"),
    concept="central_area",
    cites=("city-guide-2020",),
    unit="ha",
    message=SAID,
    remedy=Text("与详细规划衔接；确需改变用途的，先依法调整规划。", "Agree the site with the detailed plan; where the use must differ, change the plan first."),
)  # fmt: skip
def site_fits_planned_use(plan: Plan) -> Iterator[Places]:
    """What sites take of ground that is planned for another use.

    Fails: a factory on planned housing.
    Passes: a school where a school is planned.
    """
    yield from told(plan, "ST05")


@rule(
    "ST11",
    title=Text("选址与永久基本农田储备区", "A site and the farmland reserve"),
    severity=Severity.WARNING,
    relation="legal×legal",
    needs=("site", "farmland_reserve"),
    concept="three_control_lines",
    cites=("pbf-order-17",),
    unit="ha",
    message=SAID,
    remedy=Text("尽量避让；确需占用的同步补足储备区。", "Avoid it where possible; make up the reserve that is taken."),
)  # fmt: skip
def site_spares_reserve(plan: Plan) -> Iterator[Places]:
    """What sites take of the reserve of permanent basic farmland.

    Fails: a factory on a reserve block.
    Passes: a field that stays a field.
    """
    yield from told(plan, "ST11")


@rule(
    "ST12",
    title=Text("选址占用现状农用地", "A site and the present land"),
    severity=Severity.WARNING,
    relation="legal×survey",
    needs=("site", "land_use_current.class_code"),
    concept="stock_before_growth",
    cites=("land-law", "farm-2024-204"),
    unit="ha",
    message=SAID,
    remedy=Text("办理农用地转用，落实耕地占补平衡；尽量使用存量建设用地。", "Apply for conversion and settle the requisition–compensation balance; use existing construction land where possible."),
)  # fmt: skip
def site_on_present_land(plan: Plan) -> Iterator[Places]:
    """What sites take of land that must be converted first; approved land counts by its approval.

    Fails: a factory on 1 ha of paddy.
    Passes: a factory on approved land, or on construction land.
    """
    yield from told(plan, "ST12")


@rule(
    "ST14",
    title=Text("选址与重点项目清单", "A site and the list of projects"),
    severity=Severity.WARNING,
    relation="none",
    needs=("site.name", "project.name"),
    concept="supervision",
    cites=("siting-report",),
    unit="ha",
    message=SAID,
    remedy=Text("核对项目名称和位置；清单只有示意位置的，以批准文件为准。", "Compare name and position; where the list has schematic positions, the document counts."),
)  # fmt: skip
def site_is_where_listed(
    plan: Plan,
    *,
    corridor_m: Annotated[
        float,
        Param("m", Text("示意位置的走廊半宽", "half-width of the corridor about a schematic position"), assumed=True),
    ] = 500.0,
) -> Iterator[Places]:
    """Sites that bear the name of a listed project and lie outside the corridor about its schematic position.

    Fails: a site 900 m from the project of its name.
    Passes: a site 200 m from it; a site that no project of the list is called like.
    """
    yield from told(plan, "ST14")


@rule(
    "ST16",
    title=Text("选址在规划范围内", "A site lies in the plan's area"),
    severity=Severity.WARNING,
    relation="legal×legal",
    needs=("site", "municipality"),
    concept="territorial_plan",
    cites=("siting-report",),
    unit="ha",
    message=SAID,
    remedy=Text("核对坐标系和带号；跨市项目同时向相邻地区查询。", "Check system and zone number; for a project across the border ask the neighbouring city too."),
)  # fmt: skip
def site_inside_area(plan: Plan) -> Iterator[Places]:
    """What of the sites lies outside the plan's area, where it has no data.

    Fails: a site 100 m across the border.
    Passes: a site that ends at the border.
    """
    yield from told(plan, "ST16")
