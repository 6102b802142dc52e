"""Rules on building against the urban development boundary: its shape, and what is built outside it. Ids start with UB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import numpy as np

from gis.analysis.land_accounts import BOUNDARY, CONCENTRATED, URBAN, URBAN_CLASSES, coded, text_codes
from gis.analysis.quantities import number
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, Param, rule
from gis.rules.planned_use import existing, of_class, only, with_class, with_words
from gis.rules.records import called, dated, days, filled
from gis.rules.urban_boundary import LAWFUL_OUTSIDE, in_zone
from gis.rules.verbs import compactness, outside, outside_of, overlaps, rows, usable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

    Mask = NDArray[np.bool_]

NOTICE: Final = "2023-10-01"
"""From when new building is judged by the notice on boundaries. Source: boundary-2023-193"""
HOUSING: Final = ("0701", "0702")
COMMERCE: Final = ("1102", "0901", "0902", "0903", "0904")
"""Service outlets such as fuel stations, which stand along roads lawfully."""
SINCE: Final = Text("此日期（含）以后批准或受理的为新增", "what was approved or accepted on or after this day is new")
_DAYS: Final = {"land_case": "approved_on", "project": "accepted_on"}


@rule(
    "UB07",
    title=Text("城镇开发边界形态完整，少用零碎图斑", "The boundary is compact and has few small parts"),
    severity=Severity.NOTE,
    relation="none",
    needs=(BOUNDARY,),
    concept="three_control_lines",
    cites=("city-guide-2020", "polsby-popper-1991"),
    unit="ha",
    message=Text("{layer}形态：{what}", "shape of {layer}: {what}"),
    remedy=Text(
        "结合自然地物和道路优化边界形态；山地县图斑分散属正常情况，说明即可。",
        "Let the edge follow natural features and roads; many parts are normal in mountain counties: say so.",
    ),
)
def boundary_shape(
    plan: Plan,
    *,
    compactness_min: Annotated[
        float, Param("ratio", Text("形状指数（4π×面积÷周长²）下限", "least 4π · area / perimeter²"), assumed=True)
    ] = 0.1,
    area_min_ha: Annotated[
        float, Param("ha", Text("参与形态检查的最小面积", "patches below this are not tested"), assumed=True)
    ] = 10.0,
    parts_max: Annotated[
        int, Param("count", Text("连片数上限（0 为不限）", "most patches that are apart (0: any number)"), assumed=True)
    ] = 0,
) -> Iterator[Places]:
    """The connected patches of the boundary that are strung out or frayed, and too many patches where a limit is given.

    Zones that touch are one patch. How many patches are too many depends on the county, so there is no limit by default.

    Fails: a ribbon of 100 m by 5 km along a road.
    Passes: a square town; many small patches in the hills.
    """
    patches = outside_of(plan, BOUNDARY, np.empty(0, dtype=object))
    round_ = compactness(patches)
    frayed = (round_ < compactness_min) & (patches.measure >= area_min_ha * 1e4)
    said = [
        Text(f"有一片形状指数仅 {index:.2f}（{m2 / 1e4:.2f} 公顷）", f"a patch of {m2 / 1e4:.2f} ha has a compactness of only {index:.2f}")
        for index, m2 in zip(round_, patches.measure, strict=True)
    ]  # fmt: skip
    yield only(with_words(patches, what=said), frayed)
    if 0 < parts_max < len(patches):
        count = Text(f"分为 {len(patches)} 片，多于 {parts_max} 片", f"{len(patches)} patches, more than {parts_max}")
        smallest = np.arange(len(patches)) == np.argmin(patches.measure)
        yield only(with_words(patches, what=count), smallest)


@rule(
    "UB08",
    title=Text("城镇开发边界外不进行城镇集中建设", "No concentrated urban building outside the boundary"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=(BOUNDARY,),
    concept="three_control_lines",
    cites=("boundary-2023-193",),
    unit="ha",
    message=Text(
        "{layer} {feature}（{land_class}）在城镇开发边界外集中建设 {measure:.4f} 公顷",
        "{layer} {feature} ({land_class}): {measure:.4f} ha of concentrated urban building outside the boundary",
    ),
    remedy=Text(
        "调整至城镇开发边界内；确需布局的，先按规定开展边界局部优化。",
        "Move it inside the boundary; where it must be there, adjust the boundary first, as provided.",
    ),
    subsumes=("UB09",),
)
def concentrated_building_outside(
    plan: Plan,
    *,
    contiguous_min: Annotated[
        float, Param("ha", Text("连片城镇建设用地的面积下限", "least area of a contiguous urban patch"), assumed=True)
    ] = 5.0,
    classes: Annotated[
        tuple[str, ...], Param("", Text("城镇集中建设的地类", "classes of concentrated urban building"), assumed=True)
    ] = URBAN_CLASSES,
    housing: Annotated[
        tuple[str, ...],
        Param("", Text("不论面积均不得新批的城镇住宅地类", "urban housing, not to be approved at any size")),
    ] = HOUSING,
    new_since: Annotated[str, Param("", SINCE, assumed=True)] = NOTICE,
) -> Iterator[Places]:
    """The connected faces of planned, approved or proposed urban land outside the boundary: large ones, and new housing.

    What stands there today is no new building; approvals and projects before the notice, or without a date, are left out.
    Planned faces are told by UB05 where it runs too; scattered projects are UB09's, parks UB24's.

    Fails: 6 ha of industry planned outside; 1 ha of urban housing approved outside in 2024.
    Passes: a village; a mine; housing outside that was approved in 2022.
    """
    layers = [each for each in ("land_use_plan", *_DAYS) if plan.has(each, "class_code")]
    if not layers:
        raise NotRun("没有带地类的规划用地、批地或项目图层", "no planned land, approved land or projects with classes")
    for layer in layers:
        where = of_class(plan, layer, *classes)
        if layer in _DAYS:
            where &= (days(plan[layer], _DAYS[layer]) >= new_since).to_numpy()
        if not where.any():
            continue
        found = outside(plan, layer, BOUNDARY, where=where)
        large = found.measure >= contiguous_min * 1e4
        if layer == "land_use_plan" and large.any() and (today := existing(plan, 0.8)) is not None:
            found = outside(plan, layer, BOUNDARY, where=where & ~today)
            large = found.measure >= contiguous_min * 1e4
        homes = set(plan[layer].index[of_class(plan, layer, *housing)].astype("str")) if layer in _DAYS else set()
        lived = np.array([not homes.isdisjoint(each) for each in found.features], dtype=bool)
        yield with_class(plan, only(found, large | lived))


@rule(
    "UB09",
    title=Text("边界外零星城镇建设用地说明选址理由", "Scattered urban land outside the boundary states its siting reason"),
    severity=Severity.WARNING,
    relation="none",
    needs=("project.class_code", "project.accepted_on", "project.reason_outside", BOUNDARY),
    concept="three_control_lines",
    cites=("boundary-2023-193",),
    unit="ha",
    message=Text(
        "{layer} {feature}（{land_class}）有 {measure:.4f} 公顷在城镇开发边界外，未说明特定选址理由",
        "{measure:.4f} ha of {layer} {feature} ({land_class}) lie outside the boundary without a siting reason",
    ),
    remedy=Text(
        "补充特定选址要求的说明，计入扩展倍数并等量缩减；没有特定选址要求的，调整至边界内。",
        "State the siting reason, count the land in the multiple and reduce the zone by as much; otherwise move it inside.",
    ),
)  # fmt: skip
def scattered_projects_state_reason(
    plan: Plan,
    *,
    classes: Annotated[
        tuple[str, ...], Param("", Text("城镇建设用地地类", "classes of urban building"), assumed=True)
    ] = URBAN_CLASSES + COMMERCE,
    lawful: Annotated[
        tuple[str, ...],
        Param(
            "",
            Text("不要求说明的地类（旅馆、加油站）", "classes that need no reason: hotels, fuel stations"),
            assumed=True,
        ),
    ] = LAWFUL_OUTSIDE,
    new_since: Annotated[str, Param("", SINCE, assumed=True)] = NOTICE,
) -> Iterator[Places]:
    """The faces of new urban projects outside the boundary whose record gives no reason for the site.

    Projects without a date or class are left to DQ; roads, mines, energy and village projects are no urban building.

    Fails: a depot of 2024 outside without a reason.
    Passes: the same with a reason; a fuel station; a project of 2022.
    """  # fmt: skip
    new = (days(plan["project"], "accepted_on") >= new_since).to_numpy()
    where = new & of_class(plan, "project", *classes, but=lawful) & ~filled(plan["project"], "reason_outside")
    if where.any():
        yield with_class(plan, outside(plan, "project", BOUNDARY, where=where))


@rule(
    "UB23",
    title=Text("成片开发位于集中建设区且公益性用地占比达标", "Tract development lies in the concentrated zone with its public share"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("land_case.kind", f"{BOUNDARY}.zone_code"),
    concept="three_control_lines",
    cites=("tract-2023-7",),
    unit="ha",
    message=Text("{layer} {feature}（成片开发）{what}", "{layer} {feature} (tract development) {what}"),
    remedy=Text(
        "将成片开发范围调整至城镇集中建设区内并避开永久基本农田和生态保护红线；公益性用地比例按本省规定补足。",
        "Keep the tract inside the concentrated zone and off farmland and redline; raise the public share to the province's value.",
    ),
)  # fmt: skip
def tract_development(
    plan: Plan,
    *,
    share_min: Annotated[
        float, Param("ratio", Text("公益性用地比例下限", "least share of public-interest land"), assumed=True)
    ] = 0.40,
    tract: Annotated[
        tuple[str, ...],
        Param(
            "", Text("成片开发的类型（名称中含有）", "kinds of tract development (contained in the name)"), assumed=True
        ),
    ] = ("成片开发",),
    new_since: Annotated[str, Param("", SINCE, assumed=True)] = NOTICE,
) -> Iterator[Places]:
    """The parts of tracts outside the concentrated zone or on farmland or redline, and tracts with too small a public share.

    A share that is not stated is left to DQ; tracts approved before the standard, or without a date, are not judged by it.

    Fails: a tract drawn 100 m over the concentrated zone; a public share of 0.3.
    Passes: a tract inside with 0.4; a tract of 2021.
    """  # fmt: skip
    new = (days(plan["land_case"], "approved_on") >= new_since).to_numpy()
    where = called(plan["land_case"], "kind", tract) & new
    if not where.any():
        return
    zone = usable(plan, BOUNDARY, in_zone(plan, CONCENTRATED))
    yield _measured(
        outside_of(plan, "land_case", zone, other=BOUNDARY, where=where),
        "不在城镇集中建设区内",
        "lie outside the concentrated zone",
    )
    for line, zh, en in (
        ("permanent_basic_farmland", "位于永久基本农田内", "lie on permanent basic farmland"),
        ("ecological_redline", "位于生态保护红线内", "lie in the redline"),
    ):
        if line in plan:
            yield _measured(overlaps(plan, "land_case", line, where=where), zh, en)
    share = number(plan, "land_case", "public_share")
    said = [
        Text(
            f"公益性用地占比 {each:.2%}，低于 {share_min:.0%}",
            f"has a public share of {each:.2%}, below {share_min:.0%}",
        )
        for each in share
    ]
    yield rows(plan, "land_case", where & (share < share_min), what=said)  # fmt: skip


def _measured(places: Places, zh: str, en: str) -> Places:
    """The places with the word `what`: so many hectares lie there."""
    what = [Text(f"有 {m2 / 1e4:.4f} 公顷{zh}", f"has {m2 / 1e4:.4f} ha that {en}") for m2 in places.measure]
    return with_words(places, what=what)


@rule(
    "UB24",
    title=Text("开发区四至在城镇开发边界内", "Development parks lie inside the boundary"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("park", BOUNDARY),
    concept="industry_and_city",
    cites=("boundary-2023-193",),
    unit="ha",
    message=Text(
        "{layer} {feature}（批准日期 {day}）有 {measure:.4f} 公顷在城镇开发边界外",
        "{measure:.4f} ha of {layer} {feature} (approved {day}) lie outside the boundary",
    ),
    remedy=Text(
        "新设、扩区的开发区调整至城镇开发边界内；此前批准的，列出批准文件和日期。",
        "Keep new and extended parks inside the boundary; for earlier ones list the approval and its date.",
    ),
)
def parks_inside(
    plan: Plan,
    *,
    new_since: Annotated[
        str,
        Param(
            "",
            Text("此日期（含）以后批准的四至须在边界内", "limits approved on or after this day must lie inside"),
            assumed=True,
        ),
    ] = NOTICE,
) -> Iterator[Places]:
    """The faces of development parks that the boundary does not cover.

    A park that was approved before is listed as a note with its date, and so is one whose date is not stated.

    Fails: a park of 2024 drawn 100 m over the boundary.
    Passes: a park inside.
    """  # fmt: skip
    approved = days(plan["park"], "approved_on")
    new = (approved >= new_since).to_numpy()
    for where, severity in ((new, None), (~new, Severity.NOTE)):
        if where.any():
            found = outside(plan, "park", BOUNDARY, where=where)
            yield with_words(found, severity, day=dated(found, approved))


@rule(
    "UB25",
    title=Text("城镇开发边界外新增城镇建设用地监测", "New urban building outside the boundary, by the change survey"),
    severity=Severity.WARNING,
    relation="legal×survey",
    needs=("change_survey.class_code", "change_survey.settlement_code", "change_survey.year", BOUNDARY),
    concept="three_control_lines",
    cites=("boundary-2023-193",),
    unit="ha",
    message=Text(
        "{layer} {feature}（{land_class}）有 {measure:.4f} 公顷新增城镇建设用地在城镇开发边界外，{approval}",
        "{measure:.4f} ha of new urban building in {layer} {feature} ({land_class}) lie outside the boundary, {approval}",
    ),
    remedy=Text(
        "核实用地审批情况；有批准文件的登记在案，没有的按违法用地线索处理。",
        "Check the approval: register it where there is one; without one it is a lead on unlawful land use.",
    ),
)
def new_building_outside(
    plan: Plan,
    *,
    classes: Annotated[
        tuple[str, ...], Param("", Text("城镇建设的调查地类", "survey classes of urban building"), assumed=True)
    ] = ("0701", "0601", "05H1", "0508"),
    settlements: Annotated[
        tuple[str, ...], Param("", Text("城镇的城镇村属性码", "settlement codes of cities and towns"))
    ] = URBAN,
    base_year: Annotated[
        int, Param("", Text("此年份以后变更的为新增", "what changed after this year is new"), assumed=True)
    ] = 2020,
) -> Iterator[Places]:
    """The faces of survey parcels that became urban building after the base year outside the boundary.

    Parcels with an approval are listed as notes. What was urban building before is no change.

    Fails: a field that became industry 202A outside in 2023.
    Passes: a village house (203); a parcel inside.
    """  # fmt: skip
    layer = "change_survey"
    was = coded(plan[layer]["class_before"], classes) if plan.has(layer, "class_before") else False
    settled = text_codes(plan[layer]["settlement_code"]).isin(settlements).to_numpy()
    new = (
        coded(plan[layer]["class_code"], classes)
        & settled
        & (number(plan, layer, "year") > base_year)
        & ~np.asarray(was)
    )
    approved = filled(plan[layer], "approval")
    for where, severity, said in (
        (new & ~approved, None, Text("无批准文号", "without an approval")),
        (new & approved, Severity.NOTE, Text("已有批准文号", "with an approval")),
    ):
        if where.any():
            found = outside(plan, layer, BOUNDARY, where=where)
            yield with_class(plan, with_words(found, approval=said), severity, "survey_land_classes")
