"""Rules on the urban development boundary (城镇开发边界). Ids start with UB."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import numpy as np
import pandas as pd

from gis.analysis.base_year import BASES, urban_base
from gis.analysis.land_accounts import (
    BOUNDARY,
    CONCENTRATED,
    FLEXIBLE,
    URBAN_CLASSES,
    WATER,
    coded,
    expansion,
    flagged,
    text_codes,
)
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, Param, rule
from gis.rules.planned_use import URBAN_BUILDING, named, of_class, with_class
from gis.rules.verbs import (
    drawn_m2,
    outside,
    overlaps,
    overlaps_of,
    rest,
    rows,
    stated_m2,
    target_in_base,
    total,
    usable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

ZONE_NAMES: Final = ("城镇集中建设区", "城镇弹性发展区", "特别用途区")
"""The three kinds of zone a boundary consists of. Source: city-guide-2020"""
SPECIAL: Final = ("43",)
LAWFUL_OUTSIDE: Final = ("090104", "090105")
"""Commerce that is lawful outside the boundary: hotels for tourists, fuel stations."""


def in_zone(plan: Plan, prefixes: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which features of the boundary belong to one of these zones, by code."""
    return coded(plan[BOUNDARY]["zone_code"], prefixes)


@rule(
    "UB01",
    title=Text("扩展倍数不超过本级批复值", "The expansion multiple is within the place's own approved value"),
    severity=Severity.ERROR,
    relation="none",
    needs=(
        "land_use_current.class_code", "land_use_current.settlement_code", f"{BOUNDARY}.zone_code",
        "target:expansion_multiple",
    ),
    concept="three_control_lines",
    cites=("state-council-replies", "base-2021-907"),
    unit="times",
    message=Text(
        "扩展倍数 {measure:.4f}，超过批复值 {approved:.4f}；现状城镇建设用地（{basis}）{base_ha:.2f} 公顷，新增 {new_ha:.2f} 公顷，超出 {over_ha:.2f} 公顷",
        "the expansion multiple is {measure:.4f}, above the approved {approved:.4f}: urban construction land ({basis}) {base_ha:.2f} ha, new {new_ha:.2f} ha, {over_ha:.2f} ha too much",
    ),
    remedy=Text(
        "核对基数转换后的现状城镇建设用地和批复的扩展倍数；确属超出的，调减城镇集中建设区。核算口径以省级核定为准。",
        "Check the converted base and the approved multiple; where it is really exceeded, reduce the concentrated zone. The province's own account decides.",
    ),
)  # fmt: skip
def expansion_multiple(
    plan: Plan,
    *,
    water: Annotated[
        tuple[str, ...], Param("", Text("不计入新增的水域地类", "water classes that are not new land"), assumed=True)
    ] = WATER,
    urban: Annotated[
        tuple[str, ...],
        Param(
            "",
            Text("集中建设区外计入新增的规划地类", "planned classes that count outside the concentrated zone"),
            assumed=True,
        ),
    ] = URBAN_CLASSES,
) -> Iterator[Places]:
    """The expansion multiple where it is above the city's own approved value: (base + new urban land) / base.

    Base: construction land (07–16, 2301) with settlement code 201, 201A, 202, 202A, converted by the ledger of approved land
    where the plan has one, else by the marks on the parcels; the finding says which. New: the
    concentrated zone without base, water and permanent basic farmland (窗口), and planned urban building in the
    special-purpose zone or outside the boundary. The multiple is compared as it is written, to four decimals. 1.3 is
    the national and provincial ceiling and never a default; without an approved value the rule does not run.

    Fails: 10 ha of town and 15 ha of concentrated zone around it, where 1.3 is approved.
    Passes: a lake or a special-purpose zone of parks and hills inside the boundary.
    """
    approved = target_in_base(plan, "expansion_multiple", "times")
    base = urban_base(plan)
    account = expansion(plan, water, urban, (base.polygons, base.m2))
    if not account.base_m2 > 0:
        raise NotRun(
            "现状用地中没有城镇建设用地（城镇村属性码 201、202）",
            "no urban construction land (201, 202) in the current land use",
        )
    yield total(
        plan, BOUNDARY, round(account.multiple, 4), approved, direction="max", approved=approved, basis=BASES[base.basis],
        base_ha=account.base_m2 / 1e4, new_ha=account.new_m2 / 1e4, over_ha=(account.multiple - approved) * account.base_m2 / 1e4,
    )  # fmt: skip


@rule(
    "UB02",
    title=Text("城镇开发边界由三类分区组成", "The boundary consists of the three kinds of zone"),
    severity=Severity.ERROR,
    relation="none",
    needs=(BOUNDARY,),
    concept="three_control_lines",
    cites=("city-guide-2020",),
    unit="ha",
    message=Text(
        "{layer} {feature} 的规划分区为“{zone}”，不属于城镇集中建设区、城镇弹性发展区、特别用途区",
        "{layer} {feature} has the zone “{zone}”, none of concentrated, flexible and special-purpose zone",
    ),
    remedy=Text("按划定成果更正规划分区代码和名称。", "Correct zone code and name as they were delineated."),
)
def boundary_zone_kinds(
    plan: Plan,
    *,
    codes: Annotated[
        tuple[str, ...], Param("", Text("三类分区的代码", "codes of the three zones"), assumed=True)
    ] = CONCENTRATED + FLEXIBLE + SPECIAL,
    names: Annotated[tuple[str, ...], Param("", Text("三类分区的名称", "names of the three zones"))] = ZONE_NAMES,
) -> Iterator[Places]:
    """The parts of the boundary whose zone is none of the three; a name that fits is enough, as codes are not certain.

    That a boundary has no flexible or no special-purpose zone is normal. Parts that state no zone at all are left to
    DQ; a code alone that is not in the list is a note.

    Fails: a part named 一般农业区.
    Passes: a boundary of concentrated zone only.
    """
    frame = plan[BOUNDARY]
    if not {"zone_code", "zone_name"} & set(frame.columns):
        raise NotRun("城镇开发边界没有规划分区代码和名称", "the boundary has neither zone code nor zone name")
    nothing = pd.Series(np.nan, index=frame.index)
    code, name = text_codes(frame.get("zone_code", nothing)), text_codes(frame.get("zone_name", nothing))
    fits = coded(code, codes) | name.isin(names).to_numpy()
    area = stated_m2(plan, BOUNDARY)
    yield rows(plan, BOUNDARY, name.notna().to_numpy() & ~fits, measure=area, zone=name)
    alone = name.isna().to_numpy() & code.notna().to_numpy() & ~fits
    yield rows(plan, BOUNDARY, alone, measure=area, severity=Severity.NOTE, zone=code)


@rule(
    "UB03",
    title=Text("城镇弹性发展区占集中建设区的比例", "Share of the flexible zone in the concentrated zone"),
    severity=Severity.WARNING,
    relation="none",
    needs=(f"{BOUNDARY}.zone_code",),
    concept="three_control_lines",
    cites=("city-guide-2020",),
    unit="%",
    message=Text(
        "城镇弹性发展区占城镇集中建设区的 {measure:.2f}%，超过上限 {limit:.0f}%（{size}）",
        "the flexible zone is {measure:.2f} % of the concentrated zone, above {limit:.0f} % ({size})",
    ),
    remedy=Text("调减城镇弹性发展区，或核对城区常住人口。", "Reduce the flexible zone, or check the urban residents."),
)
def flexible_share(
    plan: Plan,
    *,
    most: Annotated[float, Param("%", Text("一般城市上限", "ceiling in general"))] = 15.0,
    most_large: Annotated[
        float, Param("%", Text("城区常住人口 300 万以上的上限", "ceiling from 3 million urban residents"))
    ] = 10.0,
    most_mega: Annotated[
        float, Param("%", Text("城区常住人口 500 万以上的上限", "ceiling from 5 million urban residents"))
    ] = 5.0,
) -> Iterator[Places]:
    """The flexible zone's share of the concentrated zone where it is above the ceiling for a city of this size.

    The size is the urban residents of the municipal districts, else of the city. A share below the lowest ceiling or
    above the highest one needs no residents; in between the rule does not run without them.

    Fails: 20 ha of flexible zone beside 100 ha of concentrated zone.
    Passes: no flexible zone.
    """
    area = drawn_m2(plan, BOUNDARY)
    flexible = np.nansum(area[in_zone(plan, FLEXIBLE)])
    concentrated = np.nansum(area[in_zone(plan, CONCENTRATED)])
    if flexible == 0:
        return
    share = flexible / concentrated if concentrated > 0 else np.inf
    lowest, highest = min(most, most_large, most_mega), max(most, most_large, most_mega)
    people = urban_residents(plan)
    if np.isnan(people) and lowest < share * 100 <= highest:
        raise NotRun("缺少城区常住人口，无法确定比例上限", "urban residents are missing, so the ceiling is not known")
    limit = highest if np.isnan(people) else most_mega if people >= 5e6 else most_large if people >= 3e6 else most
    size = Text(f"城区常住人口 {people / 1e4:.1f} 万人", f"{people:,.0f} urban residents")
    unknown = Text("城区常住人口未知，按最宽上限", "urban residents unknown, widest ceiling")
    yield total(
        plan, BOUNDARY, share, limit / 100, direction="max", limit=limit, size=unknown if np.isnan(people) else size
    )


def urban_residents(plan: Plan) -> float:
    """Urban residents of the municipal districts, else of the whole city; NaN where neither is stated."""
    if plan.has("county", "urban_residents", "is_district"):
        districts = flagged(plan["county"]["is_district"])
        people = pd.to_numeric(plan["county"]["urban_residents"], errors="coerce").to_numpy(dtype=float)[districts]
        if len(people) and not np.isnan(people).any():
            return float(people.sum())
    if plan.has("municipality", "urban_residents") and len(plan["municipality"]):
        people = pd.to_numeric(plan["municipality"]["urban_residents"], errors="coerce").to_numpy(dtype=float)
        return float(people.sum())
    return float("nan")


@rule(
    "UB04",
    title=Text("城镇开发边界避让高风险区", "The boundary avoids areas of high hazard"),
    severity=Severity.WARNING,
    relation="legal×survey",
    needs=(f"{BOUNDARY}.zone_code", "hazard_area.kind"),
    concept="safety_bottom_line",
    cites=("city-guide-2020",),
    unit="ha",
    message=Text(
        "{layer} {feature} 与{other} {other_feature} 重叠 {measure:.4f} 公顷",
        "{layer} {feature} overlaps {other} {other_feature} by {measure:.4f} ha",
    ),
    remedy=Text(
        "避让风险区；确难避让的历史形成建成区，说明防治措施并明确规划管控要求。",
        "Avoid the area; for quarters that grew there historically, state the protective measures and the planning controls.",
    ),
)
def boundary_avoids_hazards(
    plan: Plan,
    *,
    levels: Annotated[tuple[str, ...], Param("", Text("须避让的风险等级", "levels to be avoided"), assumed=True)] = (
        "极高",
        "高",
        "极高风险",
        "高风险",
        "极高危险",
        "高危险",
    ),
    kinds: Annotated[
        tuple[str, ...],
        Param("", Text("参与检查的灾种（名称中含有）", "kinds of hazard tested (contained in the name)"), assumed=True),
    ] = ("地质灾害", "崩塌", "滑坡", "泥石流", "塌陷", "地裂缝", "洪", "蓄滞", "蓄洪", "泄洪", "内涝"),
    detention: Annotated[
        tuple[str, ...],
        Param(
            "",
            Text("不论等级均须避让的灾种（名称中含有）", "kinds to be avoided at any level (contained in the name)"),
            assumed=True,
        ),
    ] = ("蓄滞洪", "蓄洪", "滞洪", "分洪", "泄洪"),
) -> Iterator[Places]:
    """The faces of concentrated and flexible zone inside areas of high hazard, and inside flood detention areas of any level.

    Quarters that are building land today in a detention area are a note. The special-purpose zone is left out: hills and
    flats belong there. So are medium and low levels, which are most of a mountain county, and rivers and lakes, which
    lie in every town.

    Fails: a concentrated zone drawn 300 m into a high-risk landslide area, or into a detention area without a level.
    Passes: a special-purpose zone over the same area; an area of medium level.
    """
    where, kept = ~in_zone(plan, SPECIAL), named(plan, "hazard_area", "kind", detention)
    if plan.has("hazard_area", "level"):
        hazard = high_hazard(plan, levels, kinds) & ~kept
        yield overlaps(plan, BOUNDARY, "hazard_area", where=where, other_where=hazard)
    elif not kept.any():
        raise NotRun("灾害风险区未填写等级", "hazard areas state no level")
    if kept.any():
        yield from _in_detention(plan, where, kept)


def _in_detention(plan: Plan, where: NDArray[np.bool_], kept: NDArray[np.bool_]) -> Iterator[Places]:
    """The faces of the boundary in flood detention areas; a note where there is building land today."""
    known = plan.has("land_use_current", "class_code")
    built = [usable(plan, "land_use_current", of_class(plan, "land_use_current", *URBAN_BUILDING))] if known else []
    areas = usable(plan, "hazard_area", kept)
    new = rest(plan, BOUNDARY, np.concatenate([np.empty(0, object), *built]), where)
    yield overlaps_of(plan, BOUNDARY, new, "hazard_area", areas)
    stands = overlaps_of(plan, BOUNDARY, rest(plan, BOUNDARY, new, where), "hazard_area", areas)
    yield replace(stands, severity=Severity.NOTE)


def high_hazard(plan: Plan, levels: tuple[str, ...], kinds: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which hazard areas have one of the levels (高风险, 高风险区) and a kind whose name contains one of `kinds`."""
    level = text_codes(plan["hazard_area"]["level"])
    high = (level.isin(levels) | level.str.removesuffix("区").isin(levels)).to_numpy(dtype=bool)
    return named(plan, "hazard_area", "kind", kinds) & high


@rule(
    "UB05",
    title=Text("城镇开发边界外不安排城镇集中建设用地", "No urban land is planned outside the boundary"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("land_use_plan.class_code", BOUNDARY),
    concept="three_control_lines",
    cites=("boundary-2023-193",),
    unit="ha",
    message=Text(
        "{layer} {feature}（{land_class}）有 {measure:.4f} 公顷在城镇开发边界外",
        "{measure:.4f} ha of {layer} {feature} ({land_class}) lie outside the urban development boundary",
    ),
    remedy=Text(
        "调整至边界内；确有特定选址要求的零星用地，说明理由、计入扩展倍数并等量缩减。",
        "Move it inside; for scattered land with a siting reason, state the reason, count it and reduce the zone by as much.",
    ),
    subsumes=("UB08", "ZN07"),
)
def urban_classes_outside(
    plan: Plan,
    *,
    binding: Annotated[
        tuple[str, ...],
        Param("", Text("边界外不得安排的地类", "classes that must not be planned outside"), assumed=True),
    ] = URBAN_CLASSES,
    doubtful: Annotated[
        tuple[str, ...], Param("", Text("边界外须说明理由的地类", "classes that need a reason outside"), assumed=True)
    ] = ("1102", "0901", "0902", "0903", "0904"),
    lawful: Annotated[
        tuple[str, ...],
        Param(
            "",
            Text(
                "其中允许的旅游接待和公用设施营业网点（旅馆、加油站等）",
                "hotels for tourists and service outlets among them that are lawful, such as fuel stations",
            ),
            assumed=True,
        ),
    ] = LAWFUL_OUTSIDE,
) -> Iterator[Places]:
    """The faces of planned urban land that no part of the boundary covers; commerce and depots are a warning.

    Homestead (0703), rural service (0704), mining (1002), salt (1003), hotels (090104) and fuel stations (090105) are lawful
    outside.

    Fails: a block of 1001 drawn 50 m over the boundary.
    Passes: a village of 0703 and a mine of 1002 outside.
    """
    yield with_class(plan, outside(plan, "land_use_plan", BOUNDARY, where=of_class(plan, "land_use_plan", *binding)))
    reason = outside(plan, "land_use_plan", BOUNDARY, where=of_class(plan, "land_use_plan", *doubtful, but=lawful))
    yield with_class(plan, reason, Severity.WARNING)
