"""Readings of coordinates: the systems that a layer's numbers may be in, other than the one declared.

`near` readings move a layer by tens to hundreds of metres (another datum), `far` ones by whole zones or out of China (another
central meridian, zone number, order of axes or unit). Each says how its numbers become longitude and latitude.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pyproj

from gis.crs import (
    CGCS2000,
    bd09_to_wgs84,
    central_meridian,
    describe,
    gauss_kruger,
    gcj02_to_wgs84,
    is_cgcs2000,
    is_degrees,
    transformer,
    zone_prefix,
)
from gis.i18n import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Degrees = tuple[Floats, Floats]

__all__ = ["Kind", "OldDatum", "Reading", "declared", "far", "near", "old_datums"]

Kind = Literal["declared", "datum", "zone", "prefix", "axes", "units"]

_BEIJING_1954: Final = "+proj=longlat +ellps=krass +towgs84=15.8,-154.4,-82.3,0,0,0,0 +no_defs +type=crs"
_TURN: Final = 360.0
_WIDEST_M: Final = 7e6  # no easting without zone number is farther out, even 60 degrees from its meridian
_MERIDIANS: Final = range(75, 138, 3)
"""All central meridians of 3-degree zones; those of 6-degree zones are among them."""
_ZONES: Final = {3: range(25, 46), 6: range(13, 24)}

_REMEDY: Final = {
    "declared": Text("", ""),
    "datum": Text(
        "向数据提供方索取 CGCS2000 的原始数据；确需改正时，由测绘主管部门用正式参数转换，不得手工平移。",
        "Ask the provider for the original in CGCS2000; otherwise have the surveying authority transform it, never move it by hand.",
    ),
    "zone": Text(
        "坐标数值不动，把坐标系重新定义为{system}，再投影到规划的坐标系。",
        "Leave the numbers, define the CRS anew as {system}, then reproject to the plan's CRS.",
    ),
    "axes": Text(
        "调换横纵坐标后重新导出，并核对坐标系定义：{system}。",
        "Swap the axes, export again, and check the definition of the CRS: {system}.",
    ),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the numbers of a layer.

    system, remedy   what the system is, and what to do if the numbers are in it
    degrees          from the numbers (east first) to longitude and latitude on CGCS2000
    measured         the shift is not known beforehand, but measured against the reference
    """

    kind: Kind
    system: Text
    degrees: Callable[[Floats, Floats], Degrees]
    measured: bool = False

    @property
    def remedy(self) -> Text:
        """What to do if the numbers are in this system; empty for the declared one."""
        return _REMEDY.get(self.kind, _REMEDY["zone"]).format(system=self.system)


def declared(crs: Any) -> Reading:
    """The reading that takes the declared CRS at its word."""
    return Reading("declared", describe(crs), partial(_from, crs))


def near(crs: Any) -> tuple[Reading, ...]:
    """The shifted systems of web maps, read in the declared projection: GCJ-02 and BD-09."""
    return (
        Reading("datum", Text("GCJ-02（火星坐标）", "GCJ-02"), lambda x, y: gcj02_to_wgs84(*_from(crs, x, y))),
        Reading("datum", Text("BD-09（百度坐标）", "BD-09"), lambda x, y: bd09_to_wgs84(*_from(crs, x, y))),
    )


@dataclass(frozen=True, slots=True, eq=False)
class OldDatum:
    """An old datum that poses as CGCS2000: the plane in which its numbers stand, and the known range of the shift from there.

    places            from the numbers, and their places as declared, to the plane of the reference
    middle_m, half_m  the shift to CGCS2000, east and north, m: middle and half of its range
    """

    reading: Reading
    places: Callable[[Floats, Floats, Floats], Floats]
    middle_m: tuple[float, float]
    half_m: tuple[float, float]


def old_datums(crs: Any, plane: Any, base: Floats) -> tuple[OldDatum, ...]:
    """Beijing 54 and Xi'an 80, for numbers that are declared to be CGCS2000 and compared in a Gauss–Krüger plane around `base`.

    No exact transformation is public. The shift of Beijing 54 is expected within 25 m of what EPSG 15921 gives at the place,
    that of Xi'an 80 within the range stated for sheets of the whole country (71–124 m east, −14 to 48 m north); both assumed.
    """
    if central_meridian(plane) is None or not is_cgcs2000(crs) or not is_cgcs2000(plane):
        return ()
    middle = np.nanmedian(base, axis=0)
    beijing = OldDatum(
        _old(Text("1954 年北京坐标系", "Beijing 1954")),
        partial(_old_plane, crs, plane, "krass"),
        _beijing_1954_m(float(middle[0]), float(middle[1]), plane),
        (25.0, 25.0),
    )
    xian = OldDatum(
        _old(Text("1980 西安坐标系", "Xi'an 1980")),
        partial(_old_plane, crs, plane, "IAU76"),
        (97.5, 17.0),
        (26.5, 31.0),
    )
    return beijing, xian


def _old(system: Text) -> Reading:
    return Reading("datum", system, lambda x, y: (x, y), measured=True)


def _old_plane(crs: Any, plane: Any, ellipsoid: str, x: Floats, y: Floats, base: Floats) -> Floats:
    """Degrees on an old datum are projected from its own ellipsoid; projected numbers already are."""
    if not is_degrees(crs):
        return base
    return np.stack(_projection(plane, ellipsoid)(x, y), axis=1)


def _projection(plane: Any, ellipsoid: str) -> pyproj.Proj:
    east = 500_000 + 1_000_000 * (zone_prefix(plane) or 0)
    return pyproj.Proj(proj="tmerc", lon_0=central_meridian(plane), x_0=east, ellps=ellipsoid)


def _beijing_1954_m(east: float, north: float, plane: Any) -> tuple[float, float]:
    """The shift from Beijing 54 to CGCS2000 in the plane, at one place, by EPSG 15921 (geocentric translations)."""
    longitude, latitude = transformer(plane, "EPSG:4326").transform(east, north)
    old = transformer("EPSG:4326", _BEIJING_1954).transform(longitude, latitude)
    old_east, old_north = _projection(plane, "krass")(*old)
    return east - old_east, north - old_north


def far(x: Floats, y: Floats, crs: Any) -> tuple[Reading, ...]:
    """The readings in CGCS2000 that these numbers allow, other than the declared one: zones, zone numbers, axes, units.

    Numbers up to 360 are degrees. Eastings below 7 000 000 have no zone number: every meridian from 75°E to 135°E may be
    theirs. Others begin with the number of a 3-degree (25–45) or 6-degree zone (13–23), or with its double, as left by
    adding the false easting twice. All are tried in both orders of axes.

    Example:
        >>> [each.system.en for each in far(np.array([40.5e6]), np.array([3.4e6]), "EPSG:4549")]
        ['CGCS2000 3-degree zone 40, central meridian 120°E (EPSG:4528)', 'CGCS2000 6-degree zone 20, central meridian 117°E (EPSG:4498), zone number doubled']
    """
    found: list[Reading] = []
    if not len(x):
        return ()
    for swapped in (False, True):
        east, north = (y, x) if swapped else (x, y)
        for each in _in_order(float(np.median(east)), float(np.median(north)), crs):
            found.append(_swapped(each) if swapped else each)
    said = describe(crs).zh
    return tuple(each for each in found if each.system.zh != said)


def _in_order(east: float, north: float, crs: Any) -> list[Reading]:
    """The readings of numbers around (east, north), easting or longitude first."""
    if max(abs(east), abs(north)) <= _TURN:
        on_land = 70 < east < 140 and 0 < north < 60
        return [Reading("units", describe(CGCS2000), partial(_from, CGCS2000))] if on_land else []
    if not 0 < north < 6.5e6 or not -_WIDEST_M < east < 1e10:
        return []
    if east < _WIDEST_M:
        return [_unnumbered(meridian, crs) for meridian in _MERIDIANS]
    number = int(east // 1e6)
    if number >= 1000:  # 39 39 500 000: written twice
        zones = [number % 100] if number == 101 * (number % 100) else []
    else:
        zones = [number] if number % 2 else [number, number // 2]
    read = [_numbered(width, zone, number, crs) for zone in zones for width in _ZONES]
    return [each for each in read if each is not None]


def _unnumbered(meridian: int, crs: Any) -> Reading:
    system = gauss_kruger(meridian)
    kind: Kind = _kind(crs, numbered=False)
    return Reading(kind, describe(system), partial(_from, system))


def _numbered(width: int, zone: int, lead: int, crs: Any) -> Reading | None:
    """Eastings that begin with `lead`, which stands for a zone; None if there is no such zone."""
    if zone not in _ZONES[width]:
        return None
    system = gauss_kruger(3 * zone if width == 3 else 6 * zone - 3, width=width, prefixed=True)
    said, extra = describe(system), (lead - zone) * 1e6
    if extra:
        return Reading(
            "prefix",
            Text(f"{said.zh}，带号重复", f"{said.en}, zone number doubled"),
            lambda x, y: _from(system, x - extra, y),
        )
    return Reading(_kind(crs, numbered=True), said, partial(_from, system))


def _kind(crs: Any, *, numbered: bool) -> Kind:
    """What is wrong with the declared system, if the numbers are Gauss–Krüger with or without zone number."""
    if is_degrees(crs) or central_meridian(crs) is None:
        return "units" if is_degrees(crs) else "zone"
    return "zone" if (zone_prefix(crs) is not None) == numbered else "prefix"


def _swapped(reading: Reading) -> Reading:
    said = Text(f"{reading.system.zh}，横纵坐标颠倒", f"{reading.system.en}, axes swapped")
    return Reading("axes", said, lambda x, y: reading.degrees(y, x))


def _from(crs: Any, x: Floats, y: Floats) -> Degrees:
    """Longitude and latitude, NaN where PROJ has no answer."""
    out = transformer(crs, CGCS2000).transform(x, y)
    longitude, latitude = (np.where(np.isfinite(each), each, math.nan) for each in np.asarray(out, float))
    return longitude, latitude
