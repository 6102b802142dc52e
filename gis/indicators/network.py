"""Indicators of networks (道路交通)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import numpy as np

from gis.i18n import Text
from gis.indicators import quantities
from gis.indicators.base import NotMeasured, Param, Values, indicator

if TYPE_CHECKING:
    from gis.indicators.quantities import AreaUnits
    from gis.model.plan import Plan

URBAN_ROADS: Final = ("快速路", "主干路", "次干路", "支路", "expressway", "arterial", "secondary", "local")


@indicator(
    "road_density",
    code="M35-19",
    codes=("CK-13",),
    title=Text("道路网密度（中心城区）", "Road network density (central urban area)"),
    unit="km/km2",
    direction="min",
    concept="carrying_capacity",
    cites=("city-guide-2020", "td1063", "city-2016"),
    needs=("road.class", "central_district"),
    formula=Text(
        "中心城区内快速路、主干路、次干路、支路中心线长度 ÷ 中心城区面积；不含小区道路和边界外公路。现状口径的分母应为建成区，须注明",
        "Length of expressways, arterials, secondary and local roads inside the central urban area ÷ its area; "
        "for the present state the built-up area would be the base",
    ),
    additive=False,
    assumed=True,
    scope="central_district",
)
def road_density(
    plan: Plan,
    units: AreaUnits,
    *,
    classes: Annotated[
        tuple[str, ...], Param("", Text("计入的道路等级", "road classes that count"), assumed=True)
    ] = URBAN_ROADS,
) -> Values:
    """Length of urban roads in the central urban area over its area, km per km²."""
    where = np.isin(quantities.text(plan, "road", "class").astype(str), classes)
    if not where.any():
        raise NotMeasured(
            f"道路图层没有等级为{'、'.join(classes[:4])}的道路", f"the layer road has no class {', '.join(classes)}"
        )
    metres = quantities.length_inside(plan, "road", "central_district", where)
    km2 = float(np.nansum(quantities.official_m2(plan, "central_district"))) / 1e6
    if not km2 > 0:
        raise NotMeasured("中心城区范围没有面积", "the central urban area has no area")
    return Values.of_whole(metres / 1000 / km2)
