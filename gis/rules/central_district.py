"""Rules on the central urban area (中心城区) and the four urban lines. Ids start with CD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import flagged, text_codes, urban_construction
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.attributes import codes
from gis.rules.base import NotRun, Param, rule
from gis.rules.planned_use import of_class, with_class
from gis.rules.verbs import drawn_m2, lengths_inside, located_in, outside_of, overlaps, total, usable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan
    from gis.rules.base import Places


@rule(
    "CD01",
    title=Text("中心城区位于市辖区内", "The central urban area lies in the municipal districts"),
    severity=Severity.NOTE,
    relation="legal×legal",
    needs=("central_district", "county.is_district"),
    concept="central_area",
    cites=("city-guide-2020",),
    unit="ha",
    message=Text(
        "{layer} {feature} 有 {measure:.4f} 公顷在市辖区外",
        "{measure:.4f} ha of {layer} {feature} lie outside the municipal districts",
    ),
    remedy=Text(
        "确需跨入县级市或产业园区的，在说明书中写明理由。",
        "Where it has to reach into a county-level city or an industrial park, state the reason in the report.",
    ),
)
def central_area_in_districts(plan: Plan) -> Iterator[Places]:
    """The faces of the central urban area outside the municipal districts; information, as it may lawfully reach further.

    County-level cities (by their name, which ends in 市) are left out. That the area holds the main part of the boundary is
    not judged.

    Fails: a central urban area that runs 100 m into a county.
    Passes: one inside two districts; one that reaches into a county-level city.
    """
    districts = flagged(plan["county"]["is_district"])
    if not districts.any():
        raise NotRun("县级行政区中没有标明市辖区", "no county-level unit is marked as a municipal district")
    cities = codes(plan, "county", "area_name").str.endswith("市").fillna(False).to_numpy(dtype=bool)
    yield outside_of(plan, "central_district", usable(plan, "county", districts | cities), other="county")


@rule(
    "CD02",
    title=Text("城市绿线、蓝线、黄线内的规划用地相容", "Planned land use fits the urban green, blue and yellow lines"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("land_use_plan.class_code",),
    concept="central_area",
    cites=("green-line", "blue-line", "yellow-line"),
    unit="ha",
    message=Text(
        "{layer} {feature}（{land_class}）占用{other} {other_feature} {measure:.4f} 公顷",
        "{layer} {feature} ({land_class}) takes {measure:.4f} ha of {other} {other_feature}",
    ),
    remedy=Text(
        "调整规划用地，或按法定程序调整城市控制线。",
        "Change the planned use, or change the urban line by its own procedure.",
    ),
)
def four_lines_keep_classes(
    plan: Plan,
    *,
    green: Annotated[
        tuple[str, ...], Param("", Text("绿线内允许的地类", "classes admitted in the green line"), assumed=True)
    ] = ("1401", "1402", "1403", "17", "05"),
    green_crossing: Annotated[
        tuple[str, ...], Param("", Text("可穿越绿线的地类", "classes that may cross the green line"), assumed=True)
    ] = ("1207", "1206", "13"),
    blue: Annotated[
        tuple[str, ...], Param("", Text("蓝线内允许的地类", "classes admitted in the blue line"), assumed=True)
    ] = ("17", "05", "1311", "1401"),
    blue_crossing: Annotated[
        tuple[str, ...], Param("", Text("可穿越蓝线的地类", "classes that may cross the blue line"), assumed=True)
    ] = ("12", "13"),
    yellow: Annotated[
        tuple[str, ...], Param("", Text("黄线内允许的地类", "classes admitted in the yellow line"), assumed=True)
    ] = ("12", "13"),
) -> Iterator[Places]:
    """The faces of planned land inside an urban line whose class the line does not admit.

    The purple line admits every class: historic quarters are lived in; demolition and height are other questions.

    Fails: a 0701 block in the green line.
    Passes: a park and a street 1207 in the green line; housing in the purple line.
    """
    admitted = {
        "urban_green_line": green + green_crossing, "urban_blue_line": blue + blue_crossing, "urban_yellow_line": yellow,
    }  # fmt: skip
    lines = [each for each in admitted if each in plan]
    if not lines:
        raise NotRun("没有城市绿线、蓝线、黄线", "no urban green, blue or yellow line")
    for line in lines:
        where = of_class(plan, "land_use_plan", "", but=admitted[line])
        yield with_class(plan, overlaps(plan, "land_use_plan", line, where=where))


@rule(
    "CD03",
    title=Text("中心城区建成区路网密度", "Street density of the built-up central urban area"),
    severity=Severity.WARNING,
    relation="none",
    needs=("central_district", "road.class", "land_use_current.class_code", "land_use_current.settlement_code"),
    concept="density_and_openness",
    cites=("city-2016",),
    unit="km/km2",
    message=Text(
        "中心城区建成区路网密度 {measure:.2f} 千米/平方千米，低于 {least:.1f}；道路 {length_km:.2f} 千米，建成区 {area_km2:.2f} 平方千米",
        "the street density of the built-up central urban area is {measure:.2f} km/km², below {least:.1f}: {length_km:.2f} km of streets on {area_km2:.2f} km²",
    ),
    remedy=Text("核对道路数据是否含全部支路；不足的，加密次干路和支路。", "Check whether the data hold all local streets; if it is short, add secondary and local streets."),
)  # fmt: skip
def street_density(
    plan: Plan,
    *,
    least: Annotated[float, Param("km/km2", Text("路网密度下限", "floor of the street density"), assumed=True)] = 8.0,
    streets: Annotated[
        tuple[str, ...], Param("", Text("计入的道路等级", "classes of street that count"), assumed=True)
    ] = ("快速路", "主干路", "次干路", "支路"),
    local: Annotated[
        tuple[str, ...], Param("", Text("数据中必须出现的等级", "classes that the data must hold"), assumed=True)
    ] = ("支路",),
) -> Iterator[Places]:
    """The length of urban streets per area of the built-up central urban area, where it is below the floor.

    Built-up is the urban construction land of today (settlement codes 201, 202) in the central urban area: hills and
    fields inside its limits have no streets. Lengths are ellipsoidal, along the centre lines, counted once. Data
    without local streets in it say nothing on density: the rule does not run.

    Fails: 4 km of streets on 1 km² of town.
    Passes: 8 km of streets on 1 km² of town among hills.
    """
    classes = text_codes(plan["road"]["class"])
    inside = ~pd.isna(located_in(plan, "land_use_current", "central_district"))
    built = inside & urban_construction(plan["land_use_current"])
    km2 = float(np.nansum(drawn_m2(plan, "land_use_current")[built])) / 1e6
    if not km2 > 0:
        raise NotRun("中心城区内没有现状城镇建设用地", "no urban construction land in the central urban area")
    town = usable(plan, "land_use_current", built)
    kept = lengths_inside(plan, "road", town, classes.isin(streets + local).to_numpy())
    if not kept[classes.isin(local).to_numpy()].sum() > 0:
        raise NotRun("中心城区的道路数据没有支路，不能计算路网密度", "the roads hold no local streets here, so density cannot be told")  # fmt: skip
    length = kept[classes.isin(streets).to_numpy()].sum() / 1e3
    yield total(
        plan, "central_district", length / km2, least, direction="min", least=least, length_km=length, area_km2=km2
    )
