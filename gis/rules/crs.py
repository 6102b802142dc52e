"""Rules on the coordinate system (坐标系). Ids start with CR."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import pyproj

from gis.crs import (
    central_meridian,
    describe,
    is_cgcs2000,
    is_degrees,
    longitude_latitude_extent,
    understood,
    zone3,
    zone6,
    zone_prefix,
    zone_width,
)
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.attributes import lowered
from gis.rules.base import NotRun, Param, Places, rule
from gis.rules.verbs import extent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan

    Bounds = tuple[float, float, float, float]

_LOCAL: Final = re.compile(r"独立|地方坐标|城市坐标|\blocal\b|engineering", re.IGNORECASE)
_NORTH_MAX: Final = 6.5e6  # north of all of China
_TURN: Final = 360.0


@rule(
    "CR01",
    title=Text("坐标系为 CGCS2000", "The coordinate system is CGCS2000"),
    severity=Severity.ERROR,
    relation="none",
    needs=("any:",),
    concept="territorial_plan",
    cites=("epsg", "qc-practice"),
    unit="",
    message=Text(
        "{layer} 的坐标系为 {crs}，不是 2000 国家大地坐标系",
        "{layer} is in {crs}, which is not CGCS2000",
    ),
    remedy=Text(
        "用测绘主管部门提供的转换参数转换到 CGCS2000；不得直接改写坐标系定义。",
        "Transform to CGCS2000 with the parameters of the surveying authority; do not merely rewrite the definition.",
    ),
)
def reference_system_is_cgcs2000(plan: Plan) -> Iterator[Places]:
    """The layers whose declared coordinate system has another datum than CGCS2000.

    A local engineering system is neither right nor wrong: without its transformation nothing can be said. Layers that
    no specification asks for (facilities, roads from other sources) are a note.

    Fails: a layer delivered in WGS 84 or Xian 1980.
    Passes: CGCS2000 in degrees, or in any Gauss–Krüger zone, also under an ArcGIS name without EPSG code.
    """
    declared = {layer: _crs(plan, layer) for layer in plan}
    local = [layer for layer, crs in declared.items() if _is_local(crs)]
    wrong = [layer for layer, crs in declared.items() if layer not in local and not is_cgcs2000(crs)]
    if local and not wrong:
        names = ", ".join(local)
        raise NotRun(
            f"图层 {names} 采用地方独立坐标系；请提供与 CGCS2000 的转换参数后再检查",
            f"layers {names} are in a local system; supply its transformation to CGCS2000 first",
        )
    for layer in wrong:
        yield _whole(layer, severity=lowered(layer), crs=describe(declared[layer]))


@rule(
    "CR02",
    title=Text("分带与数据经度一致", "The zone fits the longitude of the data"),
    severity=Severity.ERROR,
    relation="none",
    needs=("any:",),
    concept="territorial_plan",
    cites=("epsg",),
    unit="count",
    message=Text(
        "{layer} 位于东经 {west:.2f}°—{east:.2f}°，与所用坐标系（{crs}）的分带相差 {measure:.0f} 个带",
        "{layer} lies between {west:.2f}°E and {east:.2f}°E, {measure:.0f} zone(s) off its CRS ({crs})",
    ),
    remedy=Text(
        "核对中央经线；跨带城市应统一采用规定的一条中央经线，并在 plan.toml 中说明。",
        "Check the central meridian; a city across two zones uses the one that is laid down for it.",
    ),
)
def zone_fits_longitude(
    plan: Plan,
    *,
    zone_tolerance: Annotated[
        int, Param("count", Text("作为提示而非错误的相邻带数", "zones off that are a note, not an error"), assumed=True)
    ] = 1,
) -> Iterator[Places]:
    """The layers none of which lies in the zone of the Gauss–Krüger system they are in.

    Layers whose numbers do not fit the system at all are left to CR03.

    Fails: data at 126°E in a system with central meridian 120°E.
    Passes: a layer that reaches from its zone into the next.
    """
    asked = False
    for layer in plan:
        crs, bounds = _crs(plan, layer), _bounds(plan, layer)
        if bounds is None or not _is_gauss_kruger(crs) or _misfit(bounds, crs):
            continue
        asked = True
        west, _, east, _ = longitude_latitude_extent(bounds, crs)
        off = _zones_off(west, east, crs)
        if off:
            severity = Severity.NOTE if off <= zone_tolerance else None
            yield _whole(layer, measure=off, severity=severity, west=west, east=east, crs=describe(crs))
    if not asked:
        raise NotRun(
            "没有采用高斯—克吕格投影、坐标数值可用的图层", "no layer in a Gauss–Krüger system with usable numbers"
        )


@rule(
    "CR03",
    title=Text("带号前缀与坐标次序正确", "Zone prefix and axis order are right"),
    severity=Severity.ERROR,
    relation="none",
    needs=("any:",),
    concept="territorial_plan",
    cites=("epsg", "cctool"),
    unit="",
    message=Text(
        "{layer} 坐标与坐标系（{crs}）不符：{fault}", "Coordinates of {layer} do not fit its CRS ({crs}): {fault}"
    ),
    remedy=Text(
        "按实际情况重新定义坐标系（加带号或不加带号），或调换横纵坐标后重新导出。",
        "Define the CRS that the numbers are in (with or without zone number), or swap the axes and export again.",
    ),
)
def prefix_and_axes_fit(plan: Plan) -> Iterator[Places]:
    """The layers whose numbers cannot be coordinates of the system they are declared in.

    Fails: eastings of 8 digits in a system without zone number; northings where eastings belong; degrees as metres.
    Passes: eastings 38 500 000 in zone 38, or 500 000 in a system without zone number.
    """
    asked = False
    for layer in plan:
        bounds, crs = _bounds(plan, layer), _crs(plan, layer)
        asked |= bounds is not None
        fault = bounds is not None and _misfit(bounds, crs)
        if fault:
            yield _whole(layer, fault=fault, crs=describe(crs))
    if not asked:
        raise NotRun("没有可检查的图形", "no geometry to check")


def _crs(plan: Plan, layer: str) -> pyproj.CRS:
    """The declared CRS of a layer's file, else the plan's."""
    return understood(plan.source(layer).crs or plan.crs)


def _bounds(plan: Plan, layer: str) -> Bounds | None:
    """Bounds of a layer in its declared CRS; None where it has no usable coordinates, or they are not known."""
    source = plan.source(layer)
    if source.bounds is not None:
        return source.bounds if np.isfinite(source.bounds).all() else None
    return None if source.crs and understood(source.crs) != understood(plan.crs) else extent(plan, layer)


def _whole(layer: str, *, measure: float = np.nan, severity: Severity | None = None, **words: Any) -> Places:
    """One place that is a whole layer."""
    return Places(layer, (("",),), np.array([None], dtype=object), np.array([measure]), words=words, severity=severity)


def _is_local(crs: pyproj.CRS) -> bool:
    return crs.is_engineering or (_LOCAL.search(crs.name) is not None)


def _is_gauss_kruger(crs: pyproj.CRS) -> bool:
    return zone_width(crs) is not None and crs.utm_zone is None


def _zones_off(west: float, east: float, crs: pyproj.CRS) -> int:
    """How many zones the nearest of the data is away from the zone of a Gauss–Krüger system."""
    zone_of = zone3 if zone_width(crs) == 3 else zone6
    zone = zone_of(central_meridian(crs) or 0.0)
    return max(zone_of(west) - zone, zone - zone_of(east), 0)


def _misfit(bounds: Bounds, crs: pyproj.CRS) -> Text:
    """What is wrong with the numbers of a layer, empty if they fit its CRS."""
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    within_turn = max(abs(each) for each in bounds) <= _TURN
    if is_degrees(crs):
        if not within_turn:
            return Text("坐标系为经纬度，坐标却以米为单位", "the CRS is in degrees, the numbers are metres")
        return _SWAPPED_DEGREES if y > 70 and 0 < x < 60 else _FITS
    if within_turn:
        return Text("坐标以度为单位，坐标系却以米为单位", "the numbers are degrees, the CRS is in metres")
    return _gauss_kruger_misfit(x, y, zone_prefix(crs)) if _is_gauss_kruger(crs) else _FITS


_FITS: Final = Text("", "")
_SWAPPED_DEGREES: Final = Text("经度与纬度颠倒", "longitude and latitude are swapped")


def _gauss_kruger_misfit(x: float, y: float, prefix: int | None) -> Text:
    """As `_misfit`, for one point and the zone number of a Gauss–Krüger CRS (None: without)."""
    if _is_easting(x, prefix):
        return _FITS
    if _is_easting(y, prefix) and 0 < x < _NORTH_MAX:
        return Text("横坐标与纵坐标颠倒（X 为北、Y 为东）", "eastings and northings are swapped")
    found = int(x // 1e6)
    if prefix is None and 10 <= found < 100:
        return Text(
            f"横坐标含带号 {found}，坐标系不含带号", f"eastings begin with zone {found}, the CRS has no zone number"
        )
    if prefix is not None and 0 <= x < 1e6:
        return Text(
            f"横坐标不含带号，坐标系带号为 {prefix}", f"eastings have no zone number, the CRS has zone {prefix}"
        )
    if prefix is not None and 10 <= found < 100:
        return Text(
            f"横坐标带号为 {found}，坐标系带号为 {prefix}",
            f"eastings begin with zone {found}, the CRS has zone {prefix}",
        )
    far = 2e6
    return _FITS if abs(x - (prefix or 0) * 1e6) < far else Text("横坐标超出可能的范围", "eastings are out of range")


def _is_easting(value: float, prefix: int | None) -> bool:
    return value // 1e6 == (prefix or 0)
