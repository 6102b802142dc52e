"""Area and length on the CGCS2000 ellipsoid.

Two areas, named. *Official* is the survey's vertex formula, what a reviewer recomputes. *Edge-true* is the area of the
polygon as drawn, with edges straight in the plan's own CRS. On irregular shapes of 100 ha they differ by square metres.

Both are a shoelace sum in (longitude, F), where F(B) is the area between the equator and latitude B per radian of
longitude; sums run from a local origin per ring, so that small parcels lose no digits. In a Gauss–Krüger plane the
edge-true area needs no longitude at all: there it is the plane's area, each piece divided by the areal scale.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.crs import (
    CGCS2000,
    ELLIPSOID_A,
    ELLIPSOID_B,
    ELLIPSOID_E2,
    ELLIPSOID_RF,
    central_meridian,
    is_cgcs2000,
    is_degrees,
    metres_per_unit,
    transformer,
    understood,
)
from gis.geometry import parallel
from gis.geometry._flat import POLYGON, Objects, Rings, as_geometries, exploded, rings, sums
from gis.geometry.reproject import transformed

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["areal_scale", "authalic_closed", "edge_true", "lengths", "official"]

Floats = NDArray[np.float64]

_E2, _E4, _E6, _E8 = (ELLIPSOID_E2**power for power in (1, 2, 3, 4))
SERIES: Final = (
    1 + 3 / 6 * _E2 + 30 / 80 * _E4 + 35 / 112 * _E6 + 630 / 2304 * _E8,
    -(1 / 6 * _E2 + 15 / 80 * _E4 + 21 / 112 * _E6 + 420 / 2304 * _E8),
    3 / 80 * _E4 + 7 / 112 * _E6 + 180 / 2304 * _E8,
    -(1 / 112 * _E6 + 45 / 2304 * _E8),
    5 / 2304 * _E8,
)
"""A, −B, C, −D, E of the survey formula (factors of the odd multiples 1, 3, 5, 7, 9)."""
_FACTORS: Final = np.array(SERIES)
_N: Final = 1 / (2 * ELLIPSOID_RF - 1)
_POWERS: Final = _N ** np.arange(1, 7)
_RADIUS: Final = ELLIPSOID_A / (1 + _N) * (1 + _N**2 / 4 + _N**4 / 64 + _N**6 / 256)
_BETA: Final = _POWERS @ np.array([
    [1 / 2, 0, 0, 0],
    [-2 / 3, 1 / 48, 0, 0],
    [37 / 96, 1 / 15, 17 / 480, 0],
    [-1 / 360, -437 / 1440, -37 / 840, 4397 / 161280],
    [-81 / 512, 46 / 105, -209 / 4480, -11 / 504],
    [96199 / 604800, -1118711 / 3870720, 5569 / 90720, -830251 / 7257600],
])  # fmt: skip
"""From the Gauss–Krüger plane to that of the sphere: Krüger's series as in Karney 2011, equation 36; the fifth is below 1e-15."""
_DELTA: Final = _POWERS[:5] @ np.array([
    [2, 0, 0, 0, 0],
    [-2 / 3, 7 / 3, 0, 0, 0],
    [-2, -8 / 5, 56 / 15, 0, 0],
    [116 / 45, -227 / 45, -136 / 35, 4279 / 630, 0],
    [26 / 45, 2704 / 315, -1262 / 105, -332 / 35, 4174 / 315],
])  # fmt: skip
"""From conformal to geodetic latitude; what is left out is below 1e-14."""
_E: Final = ELLIPSOID_E2**0.5
_SERIES_WIDTH: Final = 340_000.0
_SERIES_HEIGHT: Final = 1e7
_SERIES_NORTH: Final = 6.6e6  # 60° of latitude
_SERIES_DEGREE: Final = 5
_CHUNK: Final = 2**17  # coordinates for one thread at a time
_PIECE_M: Final = 2_000.0
_METRES_PER_DEGREE: Final = 111_320.0
_GEOD: Final = pyproj.Geod(a=ELLIPSOID_A, rf=ELLIPSOID_RF)


def official(polygons: Any, crs: Any) -> Floats:
    """Area in m² by the survey formula on the vertices' CGCS2000 longitude and latitude (椭球面积), one per feature.

    Vertices are taken to EPSG:4490 from any CRS (in a CGCS2000 Gauss–Krüger system, rings of 12 km and less by a series around
    their first vertex that loses no digits). Holes count off, parts add up, the direction of rings has no
    influence; each ring is measured by itself, so a bow-tie gives the difference of its wings.
    None → NaN; empty, points and lines → 0; a coordinate that is not finite → NaN.

    Source: tddc-area-2019.

    Example:
        >>> import shapely
        >>> float(official([shapely.box(114, 30, 115, 31)], "EPSG:4490")[0].round(2))
        10642393438.71
    """
    return _measured(as_geometries(polygons), functools.partial(_official, crs=crs))


def authalic_closed(polygons: Any, crs: Any) -> Floats:
    """The same as `official` with the closed form instead of the five-term series: m², one per feature."""
    return _measured(as_geometries(polygons), functools.partial(_closed_areas, crs=crs))


def edge_true(polygons: Any, crs: Any) -> Floats:
    """Area in m² on the ellipsoid of the polygon as drawn, edges straight in `crs`, one per feature.

    Right to 1e-9 of the area for edges of 50 km and less. In a CGCS2000 Gauss–Krüger system within 340 km of the central
    meridian the inverse of the areal scale is integrated in the plane; in CGCS2000 degrees, F along the edge; elsewhere
    edges are cut into pieces of 2 km at most, each a parabola through its ends and its middle. Holes count off, parts add up.
    None → NaN; empty, points and lines → 0; a coordinate that is not finite → NaN.

    Example:
        >>> import shapely
        >>> float(edge_true([shapely.box(5e5, 3.4e6, 5e5 + 1000, 3.4e6 + 1000)], "EPSG:4549")[0].round(1))
        1000000.0
    """
    return _measured(as_geometries(polygons), functools.partial(_drawn, crs=crs))


def lengths(lines: Any, crs: Any) -> Floats:
    """Length in m on the ellipsoid, edges straight in `crs`, one per feature; polygons give the length of all rings.

    None → NaN; empty and points → 0; a coordinate that is not finite → NaN.

    Example:
        >>> import shapely
        >>> float(lengths([shapely.LineString([(5e5, 3.4e6), (5e5, 3.401e6)])], "EPSG:4549")[0].round(3))
        1000.0
    """
    geometries = as_geometries(lines)
    flat = np.where(np.isin(shapely.get_type_id(geometries), (3, 6)), shapely.boundary(geometries), geometries)
    owner, parts = exploded(flat)
    keep = np.isin(shapely.get_type_id(parts), (1, 2))
    xy, part = shapely.get_coordinates(parts[keep], return_index=True)
    start = np.flatnonzero(part[:-1] == part[1:])
    points, count = _cut(xy[start], xy[start + 1], crs)
    stop = np.roll(points[::2], -1, axis=0)
    stop[np.cumsum(count) - 1] = xy[start + 1]
    ends = (*_longitude_latitude(points[::2], crs), *_longitude_latitude(stop, crs))
    metres = _finite(np.asarray(_GEOD.inv(*ends)[2]))
    feature = np.repeat(owner[keep][part[start]], count)
    return _known(geometries, feature, metres)


def areal_scale(x: Floats, y: Floats, crs: Any) -> Floats:
    """How many square units of `crs` one ellipsoidal m² takes at each place: planar area over this is true area.

    To 1e-9 in Gauss–Krüger; elsewhere taken over a square of 200 m.

    Example:
        >>> float(areal_scale(np.array([5e5]), np.array([3.4e6]), "EPSG:4549")[0].round(6))
        1.0
    """
    plane, places = _plane(pyproj.CRS.from_user_input(crs)), np.stack([x, y], 1)
    return plane.areal_scale(places) if plane and plane.holds(places) else _scale_of_squares(places, crs)


def _scale_of_squares(places: Floats, crs: Any) -> Floats:
    half = 100 / (_METRES_PER_DEGREE if is_degrees(crs) else metres_per_unit(crs))
    corners = (places[:, None] + half * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])).reshape(-1, 2)
    ends = np.arange(0, len(corners) + 1, 4)
    along, across = _local(corners, ends, np.arange(len(corners)) // 4, crs)
    following = _next(ends, len(corners))
    cross = along * across[following] - along[following] * across
    return 4 * half * half / np.abs(0.5 * ELLIPSOID_B**2 * sums(cross, ends))


@dataclass(frozen=True, slots=True)
class _Plane:
    """A CGCS2000 Gauss–Krüger plane and the series of 1/m² in it, m the scale: 1 + c1 x² + c2 x⁴ + 17/45 c1³ x⁶.

    x is the distance from the central meridian; c1 and c2 are polynomials in (y / unit)², y from the equator.
    """

    east: float
    north: float
    series: Floats

    def holds(self, xy: Floats, height: float = _SERIES_HEIGHT) -> bool:
        """Whether all places (those that are numbers) lie where the series is right to 1e-10."""
        reach = (self.east, _SERIES_WIDTH), (self.north, height)
        return not len(xy) or all(
            np.fmax.reduce(each) <= origin + most and np.fmin.reduce(each) >= origin - most
            for each, (origin, most) in zip(xy.T, reach, strict=True)
        )

    def areal_scale(self, xy: Floats) -> Floats:
        """m² at each place."""
        x2 = (xy[:, 0] - self.east) ** 2
        c1, c2 = (
            np.polynomial.polynomial.polyval(((xy[:, 1] - self.north) / _SERIES_HEIGHT) ** 2, c) for c in self.series
        )
        return np.asarray(1 / (1 + x2 * (c1 + x2 * (c2 + x2 * 17 / 45 * c1**3))))

    def official(self, found: Rings) -> Floats:
        """The survey formula over b² for each ring of 12 km and less; −1 for the others."""
        frame = np.array([self.east, self.north, _RADIUS, ELLIPSOID_E2])
        return _by_rings(_kernel().by_vertices_in_plane, found, found.xy, tail=(frame, _BETA, _DELTA, _FACTORS))

    def areas(self, found: Rings) -> Floats:
        """Area of each ring in m²."""
        frame = np.array([self.east, self.north, _SERIES_HEIGHT])
        return _by_rings(_kernel().drawn_in_plane, found, found.xy, tail=(frame, self.series))


@functools.lru_cache(64)
def _plane(crs: pyproj.CRS) -> _Plane | None:
    """The plane of a CRS, None if it is not Gauss–Krüger on CGCS2000 with a scale of 1 on the meridian.

    The series follows from Liouville's equation Δ ln m = K / m², as both m and its slope are known on the meridian
    (1 and 0): c1 = −K, with the Gaussian curvature K = 1 / (M N) there, and c2 also from how K changes.
    """
    meridian = central_meridian(crs)
    if meridian is None or metres_per_unit(crs) != 1 or not is_cgcs2000(crs):
        return None
    east, north = transformer(CGCS2000, crs).transform(meridian, 0.0)
    share = np.polynomial.chebyshev.chebpts1(16) / 2 + 0.5
    y = _SERIES_HEIGHT * np.sqrt(share)
    longitude, latitude = transformer(crs, CGCS2000).transform(np.full(16, east), y + north)
    arc = _GEOD.inv(longitude, np.zeros(16), longitude, latitude)[2]
    if not (np.abs(longitude - meridian).max() <= 1e-8 and np.abs(arc - y).max() <= 1e-3):
        return None
    c1, c2 = _scale_terms(np.radians(latitude))
    return _Plane(east, north, np.stack([np.polynomial.polynomial.polyfit(share, c, _SERIES_DEGREE) for c in (c1, c2)]))


def _scale_terms(latitude: Floats) -> tuple[Floats, Floats]:
    """c1 and c2 of `_Plane` at places on the meridian, from the curvature, its slope and its bend along the meridian."""
    s2, c2 = np.sin(latitude) ** 2, np.cos(latitude) ** 2
    v, unit = 1 - ELLIPSOID_E2 * s2, ELLIPSOID_A**2 * (1 - ELLIPSOID_E2)
    curvature, radius = v**2 / unit, ELLIPSOID_A * (1 - ELLIPSOID_E2) / v**1.5
    slope_tan = -4 * ELLIPSOID_E2 * s2 * v / unit  # dK/dB tan B
    bend = -4 * ELLIPSOID_E2 * ((c2 - s2) * v - 2 * ELLIPSOID_E2 * s2 * c2) / unit  # d²K/dB²
    bend = (bend - slope_tan * c2 * 3 * ELLIPSOID_E2 / v) / radius**2  # d²K/dy²
    return -curvature, 2 / 3 * curvature**2 + curvature * slope_tan / 12 + bend / 12


@functools.cache
def _kernel() -> Any:
    from gis.geometry import _area_kernel  # noqa: PLC0415 - numba is dear to import

    return _area_kernel


def _by_rings(loop: Callable[..., None], found: Rings, *arrays: Floats, tail: tuple[Floats, ...]) -> Floats:
    """What a compiled loop finds for each ring, in threads where there are many."""
    out = np.empty(len(found.feature))
    cuts = np.searchsorted(found.offsets, np.arange(0, len(arrays[0]), _CHUNK)[1:]).tolist()
    parts = [part for part in pairwise([0, *cuts, len(out)]) if part[0] < part[1]]

    def measure(part: tuple[int, int]) -> None:
        loop(*arrays, found.offsets, *part, *tail, out)

    if len(parts) > 1:
        parallel.run(measure, parts)
    elif parts:
        measure(parts[0])
    return out


def _official(found: Rings, crs: Any) -> Floats:
    plane = _plane(pyproj.CRS.from_user_input(crs))
    near = plane is not None and plane.holds(found.xy, _SERIES_NORTH)
    area = plane.official(found) if plane and near else np.full(len(found.feature), -1.0)
    left = np.flatnonzero(area < 0)
    if len(left):
        rest = found if len(left) == len(area) else _chosen(found, left)
        places = _longitude_latitude(rest.xy, crs)
        area[left] = _by_rings(_kernel().by_vertices, rest, *places, tail=(_FACTORS,))
    return ELLIPSOID_B**2 * area


def _chosen(found: Rings, index: NDArray[np.int64]) -> Rings:
    """Some of the rings."""
    size = np.diff(found.offsets)[index]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(size)])
    at = np.arange(offsets[-1]) + np.repeat(found.offsets[index] - offsets[:-1], size)
    return Rings(found.xy[at], offsets, found.feature[index], found.hole[index])


def _drawn(found: Rings, crs: Any) -> Floats:
    plane = _plane(pyproj.CRS.from_user_input(crs))
    if plane and plane.holds(found.xy):
        return plane.areas(found)
    if _is_cgcs2000_degrees(crs):
        places = _longitude_latitude(found.xy, crs)
        return ELLIPSOID_B**2 * _by_rings(_kernel().drawn_in_degrees, found, *places, tail=(_FACTORS,))
    return _drawn_in_pieces(found, crs)


def _drawn_in_pieces(found: Rings, crs: Any) -> Floats:
    start = found.starts()
    xy, count = _cut(found.xy[start], found.xy[start + 1], crs)
    piece_ring = np.repeat(found.ring_of()[start], count)
    ends = np.searchsorted(piece_ring, np.arange(len(found.feature) + 1))
    along, across = _local(xy, 2 * ends, piece_ring.repeat(2), crs)
    following = _next(ends, len(piece_ring))
    x0, y0, xm, ym = along[::2], across[::2], along[1::2], across[1::2]
    x1, y1 = x0[following], y0[following]
    chord = x0 * y1 - x1 * y0
    bow = (xm - x0) * (y1 - y0) - (ym - y0) * (x1 - x0)
    signed = sums(0.5 * chord + 2 / 3 * bow, ends)  # a parabola's segment is 4/3 of its triangle
    return np.abs(signed) * ELLIPSOID_B**2


def _closed_areas(found: Rings, crs: Any) -> Floats:
    along, across = _local(found.xy, found.offsets, found.ring_of(), crs)
    start = found.starts()
    cross = np.zeros(len(along))
    cross[start] = along[start] * across[start + 1] - along[start + 1] * across[start]
    return np.abs(0.5 * sums(cross, found.offsets)) * ELLIPSOID_B**2


def _is_cgcs2000_degrees(crs: Any) -> bool:
    return bool(understood(crs) == pyproj.CRS.from_user_input(CGCS2000))


def _longitude_latitude(xy: Floats, crs: Any) -> tuple[Floats, Floats]:
    if _is_cgcs2000_degrees(crs):
        return xy[:, 0].copy(), xy[:, 1].copy()
    return transformed(xy[:, 0], xy[:, 1], crs, CGCS2000)


def _local(xy: Floats, offsets: Any, ring: Any, crs: Any) -> tuple[Floats, Floats]:
    """Longitude (radians) and F(B), both from the first coordinate of each ring."""
    longitude, latitude = (_finite(each) for each in _longitude_latitude(xy, crs))
    first = offsets[:-1][ring] if len(xy) else np.empty(0, np.int64)
    latitude = np.radians(latitude)
    return np.radians(longitude - longitude[first]), _closed(latitude[first], latitude)


def _closed(origin: Floats, latitude: Floats) -> Floats:
    """F(B) − F(B0) in closed form; the difference of arctanh is taken in one, to keep digits."""
    low, high = np.sin(origin), np.sin(latitude)
    rise = 2 * np.sin((latitude - origin) / 2) * np.cos((latitude + origin) / 2)
    product = 1 - ELLIPSOID_E2 * high * low
    rational = rise * (1 + ELLIPSOID_E2 * high * low) / ((1 - ELLIPSOID_E2 * high**2) * (1 - ELLIPSOID_E2 * low**2))
    total: Floats = 0.5 * (rational + np.arctanh(_E * rise / product) / _E)
    return total


def _cut(start: Floats, stop: Floats, crs: Any) -> tuple[Floats, NDArray[np.int64]]:
    """Start and middle of each piece of each edge, in order (2 per piece), and the number of pieces per edge."""
    metre = _METRES_PER_DEGREE if is_degrees(crs) else metres_per_unit(crs)
    length = np.hypot(*(stop - start).T) * metre
    count = np.ceil(np.where(np.isfinite(length), length, 1.0) / _PIECE_M).clip(1).astype(np.int64)
    samples = 2 * count
    edge = np.repeat(np.arange(len(start)), samples)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(samples) - samples, samples)
    share = (step / samples[edge])[:, None]
    return start[edge] * (1 - share) + stop[edge] * share, count


def _next(offsets: Any, size: int) -> NDArray[np.int64]:
    """The index of the following element of the same closed ring."""
    following = np.arange(1, size + 1)
    following[offsets[1:] - 1] = offsets[:-1]
    return following


def _finite(values: Any) -> Floats:
    """PROJ marks what it cannot place as inf; here it is missing, hence NaN."""
    array = np.asarray(values, float)
    return np.where(np.isfinite(array), array, np.nan)


def _measured(geometries: Objects, measure: Callable[[Rings], Floats]) -> Floats:
    """Per feature the areas of its shells less those of its holes, `measure` giving that of each ring."""
    total = np.where(shapely.is_missing(geometries), np.nan, 0.0)
    for found in _flattened(geometries):
        area = _finite(measure(found))
        total += np.bincount(found.feature, np.where(found.hole, -area, area), len(total))
    return total


def _flattened(geometries: Objects) -> list[Rings]:
    """All rings: first those of polygons of one ring, whose coordinates are all there is to ask, then the others."""
    plain = (shapely.get_type_id(geometries) == POLYGON) & (shapely.get_num_interior_rings(geometries) == 0)
    plain &= ~shapely.is_empty(geometries)
    size = shapely.get_num_coordinates(geometries[plain])
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(size, dtype=np.int64)])
    single = Rings(
        shapely.get_coordinates(geometries[plain]), offsets, np.flatnonzero(plain), np.zeros(len(size), bool)
    )
    others = rings(geometries[~plain])
    return [
        each for each in (single, replace(others, feature=np.flatnonzero(~plain)[others.feature])) if len(each.feature)
    ]


def _known(geometries: Objects, feature: Any, values: Floats) -> Floats:
    totals = np.bincount(feature, values, len(geometries)).astype(float)
    return np.where(shapely.is_missing(geometries), np.nan, totals)
