"""Rules on safety distances and shelters (安全距离、应急避难). Ids start with SF."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import flagged, summed
from gis.analysis.quantities import number
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, Param, rule
from gis.rules.planned_use import EXISTING_SHARE, HOMES_AND_SERVICES, named, new_land, of_class, with_class, with_words
from gis.rules.verbs import drawn_m2, located_in, nearer, total
from gis.standards import code_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

    Mask = NDArray[np.bool_]


@rule(
    "SF06",
    title=Text("化工园区安全控制线内不新增居住和公共服务用地", "No new housing or public service near chemical parks"),
    severity=Severity.ERROR,
    relation="legal×survey",
    needs=("land_use_plan.class_code", "park.chemical", "park.safety_line_m"),
    concept="safety_bottom_line",
    cites=("speech",),
    unit="m",
    message=Text(
        "{layer} {feature}（{land_class}，{state}）距{other} {other_feature} {measure:.1f} 米，小于安全控制距离 {least:.0f} 米",
        "{layer} {feature} ({land_class}, {state}) is {measure:.1f} m from {other} {other_feature}, within its safety distance of {least:.0f} m",
    ),
    remedy=Text("调出安全控制线；控制距离以园区的安全评估为准。", "Move it out of the safety line; the distance is that of the park's own assessment."),
)  # fmt: skip
def chemical_parks_keep_distance(
    plan: Plan,
    *,
    classes: Annotated[
        tuple[str, ...], Param("", Text("不得新增的规划地类", "classes that must not be added"), assumed=True)
    ] = HOMES_AND_SERVICES,
    existing_share: Annotated[float, Param("%", EXISTING_SHARE, assumed=True)] = 50.0,
) -> Iterator[Places]:
    """The new planned housing and public service nearer to a chemical park than its own safety distance.

    The distance is from the edge of the park; one that states none is a note, and if none does the rule does not run.

    Fails: a 0701 block 300 m from a park whose assessment says 500 m.
    Passes: a park 1401 there; a block 500 m away.
    """
    chemical = flagged(plan["park"]["chemical"])
    line = number(plan, "park", "safety_line_m")
    known = chemical & (line > 0)
    if not known.any():
        raise NotRun("没有给出安全控制距离的化工园区", "no chemical park with a safety distance")
    new, state = new_land(plan, of_class(plan, "land_use_plan", *classes), existing_share)
    for metres in np.unique(line[known]):
        found = nearer(plan, "land_use_plan", "park", float(metres), where=new, other_where=known & (line == metres))
        yield with_class(plan, with_words(found, state=state, least=float(metres)))


@rule(
    "SF11",
    title=Text("建设项目与基础设施保持保护距离", "Projects keep the protection distance of infrastructure"),
    severity=Severity.WARNING,
    relation="legal×survey",
    needs=("project.class_code",),
    concept="safety_bottom_line",
    cites=("road-reg", "rail-reg", "pipeline-law", "power-reg"),
    unit="m",
    message=Text(
        "{layer} {feature} 距{other} {other_feature}（{kind}）{measure:.1f} 米，小于 {least:.1f} 米（{distance:.0f} 米加半幅宽）",
        "{layer} {feature} is {measure:.1f} m from {other} {other_feature} ({kind}), less than {least:.1f} m ({distance:.0f} m beside half its width)",
    ),
    remedy=Text("建筑物退出控制区；因工程需要的，征得设施管理单位同意。", "Keep buildings out of the zone; where works need it, with the consent of the operator."),
)  # fmt: skip
def projects_keep_distance(
    plan: Plan,
    *,
    building: Annotated[
        tuple[str, ...], Param("", Text("视为建筑的项目用途", "uses of projects that are buildings"), assumed=True)
    ] = ("07", "08", "09", "10", "11", "15"),
) -> Iterator[Places]:
    """The building projects nearer to a road, railway, pipeline or power line than the table of protection distances says.

    The line of the data is its middle: half the stated width is added, nothing where no width is stated. Railways count
    with the least of their distances (in town). National to township roads inside the boundary are streets and left out.

    Fails: a factory 20 m from an expressway; a house 3 m from a 500 kV line.
    Passes: a factory 60 m from an expressway 26 m wide; a road project that crosses.
    """
    kinds = [each for each in _kinds(plan) if each[2].any()]
    if not any(layer in plan for layer in ("road", "railway", "lifeline")):
        raise NotRun("没有道路、铁路和生命线工程", "no roads, railways or lifelines")
    buildings = of_class(plan, "project", *building)
    outside = buildings
    if buildings.any() and "urban_development_boundary" in plan:
        outside = buildings & pd.isna(located_in(plan, "project", "urban_development_boundary"))
    for code, layer, lines in kinds:
        row = code_table("protective_distances")[code]
        where = outside if code in _RURAL_ROADS else buildings
        half = np.nan_to_num(number(plan, layer, "width_m")) / 2
        for each in np.unique(half[lines]) if where.any() else ():
            least = float(row.extra["distance_m"]) + float(each)
            found = nearer(plan, "project", layer, least, where=where, other_where=lines & (half == each))
            yield with_words(found, kind=row.name, least=least, distance=least - float(each))


_ROADS: Final = {"PD01": ("高速",), "PD02": ("国道",), "PD03": ("省道",), "PD04": ("县道",), "PD05": ("乡道",)}
_RURAL_ROADS: Final = ("PD02", "PD03", "PD04", "PD05")
_OTHER_RAIL: Final = ("铁路",)
_HIGH_SPEED: Final = ("高速铁路", "高铁", "客运专线", "城际铁路")
_PIPELINE: Final = ("油气", "输油", "输气", "石油", "天然气管", "成品油", "原油")
_POWER: Final = ("电力", "架空", "高压", "输电")
_VOLTAGES: Final = {"PD15": (331, 500), "PD16": (154, 330), "PD17": (35, 110), "PD18": (1, 10)}
"""Ranges of kV of the table; 220 kV falls into 154–330."""


def _kinds(plan: Plan) -> Iterator[tuple[str, str, Mask]]:
    """The rows of the table that layers of the plan fall under: (code, layer, which features)."""
    if plan.has("road", "class"):
        for code, words in _ROADS.items():
            yield code, "road", named(plan, "road", "class", words)
    if plan.has("railway", "kind"):
        fast = named(plan, "railway", "kind", _HIGH_SPEED)
        yield "PD06", "railway", fast
        yield "PD10", "railway", named(plan, "railway", "kind", _OTHER_RAIL) & ~fast
    if plan.has("lifeline", "kind"):
        yield "PD14", "lifeline", named(plan, "lifeline", "kind", _PIPELINE)
        if plan.has("lifeline", "voltage_or_class"):
            power, kv = named(plan, "lifeline", "kind", _POWER), _kilovolts(plan)
            for code, (low, high) in _VOLTAGES.items():
                yield code, "lifeline", power & (kv >= low) & (kv <= high)


def _kilovolts(plan: Plan) -> NDArray[np.float64]:
    """The voltage of each lifeline in kV, read from text such as "220kV" or "500千伏"; NaN for what is none."""
    text = plan["lifeline"]["voltage_or_class"].astype("str")
    found = text.str.extract(_KILOVOLTS, expand=False)
    return np.asarray(pd.to_numeric(found, errors="coerce"), dtype=float)


_KILOVOLTS: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(?:千伏|kv)?\s*$", re.IGNORECASE)


@rule(
    "SF16",
    title=Text("应急避难场所人均面积与覆盖", "Shelter per head and within reach"),
    severity=Severity.WARNING,
    relation="none",
    needs=("shelter.area_m2", "population.residents"),
    concept="safety_bottom_line",
    cites=("city-guide-2020",),
    unit="m2/person",
    message=Text("应急避难：{problem}", "emergency shelter: {problem}"),
    remedy=Text("利用公园、广场、学校操场补充避难场所，并优先布置在服务盲区。", "Add shelters in parks, squares and school grounds, first where none is near."),
)  # fmt: skip
def shelters_reach_people(
    plan: Plan,
    *,
    area_least: Annotated[
        float, Param("m2/person", Text("人均有效避难面积下限", "floor of effective area per resident"), assumed=True)
    ] = 1.5,
    distance: Annotated[
        float, Param("m", Text("服务半径（直线距离）", "reach, as the crow flies"), assumed=True)
    ] = 1000.0,
    share_least: Annotated[
        float, Param("%", Text("服务半径内的常住人口比例下限", "floor of the residents within reach"), assumed=True)
    ] = 90.0,
) -> Iterator[Places]:
    """The effective shelter area per resident where it is below the floor; the share of residents within reach as a note.

    Counted in the central urban area where the plan draws one, else everywhere. Distances are straight, not on streets.

    Fails: 1 000 m² for 1 000 residents; residents 3 km from the next shelter.
    Passes: 2 000 m² beside 1 000 residents.
    """  # fmt: skip
    where = {layer: _counted(plan, layer) for layer in ("shelter", "population")}
    residents = np.where(where["population"], number(plan, "population", "residents"), 0.0)
    area, people = summed(number(plan, "shelter", "area_m2"), where["shelter"]), float(np.nansum(residents))
    if not people > 0 or np.isnan(area):
        raise NotRun("没有常住人口，或者有的避难场所没有有效面积", "no residents, or shelters without effective area")
    per_head = Text(f"人均应急避难面积 {area / people:.2f} 平方米，低于 {area_least:.2f} 平方米", f"there are {area / people:.2f} m² of shelter per resident, below {area_least:.2f}")  # fmt: skip
    yield total(plan, "shelter", area / people, area_least, direction="min", problem=per_head)
    reached = nearer(plan, "population", "shelter", distance, where=where["population"], other_where=where["shelter"])
    near = plan["population"].index.astype("str").isin([each[0] for each in reached.features])
    share = float(np.nansum(residents[near])) / people * 100
    in_reach = Text(f"{share:.1f}% 的常住人口在避难场所 {distance:.0f} 米范围内，低于 {share_least:.0f}%", f"{share:.1f} % of the residents are within {distance:.0f} m of a shelter, below {share_least:.0f} %")  # fmt: skip
    missed = total(plan, "population", share, share_least, direction="min", problem=in_reach)
    yield replace(missed, measure=np.full(len(missed), np.nan), severity=Severity.NOTE)


def _counted(plan: Plan, layer: str) -> Mask:
    """Which features lie in the central urban area; all of them where the plan draws none."""
    if "central_district" not in plan or not np.nansum(drawn_m2(plan, "central_district")) > 0:
        return np.ones(len(plan[layer]), dtype=bool)
    return ~pd.isna(located_in(plan, layer, "central_district"))
