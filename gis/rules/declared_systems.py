"""What a layer declares of its place, as rules ask for it: its system, its heights, its raw bounds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pyproj

from gis.crs import is_cgcs2000, is_degrees, understood, zone_prefix, zone_width
from gis.i18n import Text
from gis.rules.verbs import extent

if TYPE_CHECKING:
    from gis.model.plan import Plan

    Bounds = tuple[float, float, float, float]

__all__ = [
    "declared_crs",
    "height_system",
    "is_gauss_kruger",
    "is_local",
    "misfit",
    "raw_bounds",
    "surrounds",
    "systems",
]

_LOCAL: Final = re.compile(r"独立|地方坐标|城市坐标|\blocal\b|engineering", re.IGNORECASE)
_NORTH_MAX: Final = 6.5e6  # north of all of China
_TURN: Final = 360.0


def systems(plan: Plan, layer: str) -> tuple[pyproj.CRS, ...]:
    """The declared CRSs of a layer's files (several files may have made one layer), else the plan's."""
    declared = plan.source(layer).crs
    return tuple(understood(each) for each in declared.split(" + ")) if declared else (understood(plan.crs),)


def declared_crs(plan: Plan, layer: str) -> pyproj.CRS:
    """The declared CRS of a layer's file, else the plan's; of several, the first that is not CGCS2000."""
    declared = systems(plan, layer)
    return next((each for each in declared if not is_cgcs2000(each)), declared[0])


def raw_bounds(plan: Plan, layer: str) -> Bounds | None:
    """Bounds of a layer in its declared CRS; None where it has no usable coordinates, or they are not known."""
    source = plan.source(layer)
    if source.bounds is not None:
        return source.bounds if np.isfinite(source.bounds).all() else None
    return None if source.crs and declared_crs(plan, layer) != understood(plan.crs) else extent(plan, layer)


def surrounds(plan: Plan, layer: str, reference: str) -> bool:
    """Whether the bounds of a layer hold those of the reference."""
    mine, theirs = extent(plan, layer), extent(plan, reference)
    if mine is None or theirs is None:
        return False
    return mine[0] <= theirs[0] and mine[1] <= theirs[1] and mine[2] >= theirs[2] and mine[3] >= theirs[3]


def is_local(crs: pyproj.CRS) -> bool:
    """Whether a system is a local engineering one (地方独立坐标系), of which nothing can be said without its transformation."""
    return crs.is_engineering or (_LOCAL.search(crs.name) is not None)


def is_gauss_kruger(crs: pyproj.CRS) -> bool:
    """Whether a system is one of the Gauss–Krüger zones, of any datum."""
    return zone_width(crs) is not None and crs.utm_zone is None


def height_system(crs: pyproj.CRS) -> Text | None:
    """The height system of a three-dimensional CRS; None for two dimensions."""
    if crs.is_compound:
        named = next((each for each in crs.sub_crs_list if each.is_vertical), None)
        return None if named is None else Text(named.name, named.name)
    return Text("大地高（椭球高）", "ellipsoidal heights") if crs.is_geographic and len(crs.axis_info) == 3 else None


def misfit(bounds: Bounds, crs: pyproj.CRS) -> Text:
    """What is wrong with the numbers of a layer, empty if they fit its CRS."""
    x, y = (bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2
    within_turn = max(abs(each) for each in bounds) <= _TURN
    if is_degrees(crs):
        if not within_turn:
            return Text("坐标系为经纬度，坐标却以米为单位", "the CRS is in degrees, the numbers are metres")
        return _SWAPPED_DEGREES if y > 70 and 0 < x < 60 else _FITS
    if within_turn:
        return Text("坐标以度为单位，坐标系却以米为单位", "the numbers are degrees, the CRS is in metres")
    return _gauss_kruger_misfit(x, y, zone_prefix(crs)) if is_gauss_kruger(crs) else _FITS


_FITS: Final = Text("", "")
_SWAPPED_DEGREES: Final = Text("经度与纬度颠倒", "longitude and latitude are swapped")


def _gauss_kruger_misfit(x: float, y: float, prefix: int | None) -> Text:
    """As `misfit`, for one point and the zone number of a Gauss–Krüger CRS (None: without)."""
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
