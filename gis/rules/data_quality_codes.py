"""Rules on feature codes and on what a layer covers in all (数据质量). Ids start with DQ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
import pandas as pd

from gis.analysis.quantities import number
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.attributes import codes, whole_layer
from gis.rules.base import NotRun, Param, rule
from gis.rules.verbs import ids, located_in, rows, stated_m2, total
from gis.standards import code_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan
    from gis.rules.base import Places


@rule(
    "DQ12",
    title=Text("要素代码与图层一致", "Feature codes are those of their layer"),
    severity=Severity.ERROR,
    relation="none",
    needs=("any:",),
    concept="territorial_plan",
    cites=("city-db-2021", "ghbox"),
    unit="count",
    message=Text(
        "{layer}有 {measure:.0f} 个要素的要素代码不是 {expected}，例如 {example} 为 {code}",
        "{measure:.0f} features of {layer} have another feature code than {expected}, such as {example} with {code}",
    ),
    remedy=Text("按数据库规范改正要素代码（YSDM）。", "Correct the feature code (YSDM) as the specification says."),
)
def feature_codes_fit_the_layer(plan: Plan) -> Iterator[Places]:
    """The layers whose features carry another feature code than the layer's; one place per layer.

    Codes that were only inferred from the order of the specification give a warning. A feature without a code, and a
    layer whose code is not known, are left out.

    Fails: planning zones with the code of planned land use.
    Passes: planning zones with 2090020610; features that state no code.
    """
    known = {each.extra["layer"]: each for each in code_table("feature_codes").values()}
    layers = [each for each in plan if each in known and codes(plan, each, "feature_code").notna().any()]
    if not layers:
        raise NotRun("各图层均未填写要素代码", "no layer states feature codes")
    for layer in layers:
        stated, expected = codes(plan, layer, "feature_code"), known[layer].code
        wrong = stated.notna().to_numpy() & (stated != expected).fillna(False).to_numpy(dtype=bool)
        severity = None if known[layer].extra["certainty"] == "seen" else Severity.WARNING
        if wrong.any():
            said = {"code": str(stated.to_numpy()[wrong][0]), "example": str(plan[layer].index[wrong][0])}
            yield whole_layer(layer, float(wrong.sum()), severity, expected=expected, **said)


@rule(
    "DQ11",
    title=Text("图斑面积之和等于控制面积", "Parcels sum up to the control area"),
    severity=Severity.ERROR,
    relation="none",
    concept="territorial_plan",
    needs=("survey_parcel.area_m2", "county.area_m2"),
    cites=("td1055",),
    unit="m2",
    message=Text(
        "{layer} {feature} 图斑合计差 {measure:.2f} 平方米", "Parcels in {layer} {feature} are {measure:.2f} m² off"
    ),
    remedy=Text("按控制面积平差，残差分配到较大图斑。", "Adjust to the control area, the residual to the largest."),
)
def parcels_sum_to_the_control_area(
    plan: Plan,
    *,
    tolerance: Annotated[float, Param("m2", Text("允许差", "tolerance"), assumed=True)] = 0.0,
) -> Iterator[Places]:
    """The counties whose parcels do not sum up to their control area, to the hundredth of a square metre.

    Counties without parcels, or without a stated area, are left out. A parcel that states no area counts with its
    official one.

    Fails: parcels of 6 000 and 3 999 m² in a county of 10 000 m².
    Passes: parcels of 6 000.4 and 3 999.6 m² there.
    """
    holder = pd.Series(located_in(plan, "survey_parcel", "county"), dtype="object")
    summed = pd.Series(stated_m2(plan, "survey_parcel")).groupby(holder).sum(min_count=1)
    off = summed.reindex(ids(plan, "county")).to_numpy(dtype=float) - number(plan, "county", "area_m2")
    yield rows(plan, "county", np.abs(np.round(off, 2)) > tolerance, measure=off)


@rule(
    "DQ14",
    title=Text("规划分区面积之和等于控制面积", "Planning zones sum up to the control area"),
    severity=Severity.ERROR,
    relation="none",
    needs=("planning_zone.area_m2", "municipality.area_m2"),
    concept="three_spaces",
    cites=("city-db-2021", "td1055"),
    unit="m2",
    message=Text(
        "陆域规划分区面积合计 {measure:.2f} 平方米，与控制面积差 {miss:.2f} 平方米",
        "the planning zones on land sum up to {measure:.2f} m², {miss:.2f} m² off the control area",
    ),
    remedy=Text(
        "按控制面积平差，残差分配到较大分区；海域分区单独汇总。",
        "Adjust to the control area, the residual to the largest zones; zones at sea are summed apart.",
    ),
)
def zones_sum_to_the_control_area(
    plan: Plan,
    *,
    sea: Annotated[tuple[str, ...], Param("", Text("海域分区代码", "codes of zones at sea"), assumed=True)] = ("6",),
    tolerance: Annotated[float, Param("m2", Text("允许差", "tolerance"), assumed=True)] = 0.0,
) -> Iterator[Places]:
    """One place where the zones on land do not sum up to the control area of the city, to 0.01 m².

    A zone that states no area counts with its official one. Where the plan covers a part of the city only (its zones
    leave more than 1 % open) other rules say so, and this one does not run.

    Fails: zones of 6 000 and 3 999 m² in a city of 10 000 m².
    Passes: zones of 6 000.4 and 3 999.6 m² there, and any zone at sea.
    """
    control = number(plan, "municipality", "area_m2").sum()
    if not control > 0:
        raise NotRun("市级行政区未填写控制面积", "the municipality states no control area")
    on_land = ~codes(plan, "planning_zone", "zone_code").str.startswith(sea).fillna(False).to_numpy(dtype=bool)
    summed = float(np.round(stated_m2(plan, "planning_zone")[on_land].sum(), 2))
    if abs(summed - control) > 0.01 * control:
        raise NotRun("规划分区未覆盖全域，或面积字段有误", "the zones do not cover the city, or their areas are wrong")
    if abs(round(summed - control, 2)) > tolerance:
        yield total(plan, "planning_zone", summed, round(float(control), 2), direction="target")
