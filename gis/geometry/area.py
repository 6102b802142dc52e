"""Area and length on the CGCS2000 ellipsoid.

Two areas, named. *Official* is the survey's vertex formula, what a reviewer recomputes. *Edge-true* is the area of the
polygon as drawn, with edges straight in the plan's own CRS. On irregular shapes of 100 ha they differ by square metres.

Both are a shoelace sum in (longitude, F), where F(B) is the area between the equator and latitude B per radian of
longitude; sums run from a local origin per ring, so that small parcels lose no digits.
"""

from __future__ import annotations

from typing import Any, Final

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
    is_degrees,
    metres_per_unit,
    transformer,
)
from gis.geometry._flat import Objects, as_geometries, exploded, rings, sums

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
_E: Final = ELLIPSOID_E2**0.5
_PIECE_M: Final = 2_000.0
_METRES_PER_DEGREE: Final = 111_320.0
_GEOD: Final = pyproj.Geod(a=ELLIPSOID_A, rf=ELLIPSOID_RF)


def official(polygons: Any, crs: Any) -> Floats:
    """Area in m² by the survey formula on the vertices' CGCS2000 longitude and latitude (椭球面积), one per feature.

    Vertices are taken to EPSG:4490 from any CRS. Holes count off, parts add up, the direction of rings has no
    influence; each ring is measured by itself, so a bow-tie gives the difference of its wings.
    None → NaN; empty, points and lines → 0; a coordinate that is not finite → NaN.

    Source: tddc-area-2019.

    Example:
        >>> import shapely
        >>> float(official([shapely.box(114, 30, 115, 31)], "EPSG:4490")[0].round(2))
        10642393438.71
    """
    return _by_vertices(as_geometries(polygons), crs, _series)


def authalic_closed(polygons: Any, crs: Any) -> Floats:
    """The same as `official` with the closed form instead of the five-term series: m², one per feature."""
    return _by_vertices(as_geometries(polygons), crs, _closed)


def edge_true(polygons: Any, crs: Any) -> Floats:
    """Area in m² on the ellipsoid of the polygon as drawn, edges straight in `crs`, one per feature.

    Edges are cut into pieces of 2 km at most, and each piece is a parabola through its ends and its middle, which
    leaves less than 1e-9 of the area. Holes count off, parts add up.
    None → NaN; empty, points and lines → 0; a coordinate that is not finite → NaN.

    Example:
        >>> import shapely
        >>> float(edge_true([shapely.box(5e5, 3.4e6, 5e5 + 1000, 3.4e6 + 1000)], "EPSG:4549")[0].round(1))
        1000000.0
    """
    geometries = as_geometries(polygons)
    found = rings(geometries)
    start = found.starts()
    ring = found.ring_of()[start]
    xy, count = _cut(found.xy[start], found.xy[start + 1], crs)
    piece_ring = np.repeat(ring, count)
    ends = np.searchsorted(piece_ring, np.arange(len(found.feature) + 1))
    along, across = _local(xy, 2 * ends, piece_ring.repeat(2), crs, _closed)
    following = _next(ends, len(piece_ring))
    x0, y0, xm, ym = along[::2], across[::2], along[1::2], across[1::2]
    x1, y1 = x0[following], y0[following]
    chord = x0 * y1 - x1 * y0
    bow = (xm - x0) * (y1 - y0) - (ym - y0) * (x1 - x0)
    signed = sums(0.5 * chord + 2 / 3 * bow, ends)  # a parabola's segment is 4/3 of its triangle
    return _per_feature(geometries, np.abs(signed) * ELLIPSOID_B**2, found.feature, found.hole)


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
    change = transformer(crs, CGCS2000).transform
    from_lon, from_lat = change(points[::2, 0], points[::2, 1])
    to_lon, to_lat = change(stop[:, 0], stop[:, 1])
    metres = _finite(np.asarray(_GEOD.inv(from_lon, from_lat, to_lon, to_lat)[2]))
    feature = np.repeat(owner[keep][part[start]], count)
    return _known(geometries, feature, metres)


def areal_scale(x: Floats, y: Floats, crs: Any) -> Floats:
    """How many square units of `crs` one ellipsoidal m² takes at each place: planar area over this is true area.

    Taken over a square of 200 m; to 1e-9 in Gauss–Krüger.

    Example:
        >>> float(areal_scale(np.array([5e5]), np.array([3.4e6]), "EPSG:4549")[0].round(6))
        1.0
    """
    half = 100 / (_METRES_PER_DEGREE if is_degrees(crs) else metres_per_unit(crs))
    corner_x = (np.asarray(x)[:, None] + half * np.array([-1, 1, 1, -1])).ravel()
    corner_y = (np.asarray(y)[:, None] + half * np.array([-1, -1, 1, 1])).ravel()
    ends = np.arange(0, len(corner_x) + 1, 4)
    square = np.arange(len(corner_x)) // 4
    along, across = _local(np.stack([corner_x, corner_y], 1), ends, square, crs, _closed)
    following = _next(ends, len(corner_x))
    cross = along * across[following] - along[following] * across
    return 4 * half * half / np.abs(0.5 * ELLIPSOID_B**2 * sums(cross, ends))


def _by_vertices(geometries: Objects, crs: Any, rise: Any) -> Floats:
    found = rings(geometries)
    along, across = _local(found.xy, found.offsets, found.ring_of(), crs, rise)
    start = found.starts()
    cross = np.zeros(len(along))
    cross[start] = along[start] * across[start + 1] - along[start + 1] * across[start]
    signed = 0.5 * sums(cross, found.offsets)
    return _per_feature(geometries, np.abs(signed) * ELLIPSOID_B**2, found.feature, found.hole)


def _local(xy: Floats, offsets: Any, ring: Any, crs: Any, rise: Any) -> tuple[Floats, Floats]:
    """Longitude (radians) and F(B), both from the first coordinate of each ring."""
    longitude, latitude = transformer(crs, CGCS2000).transform(xy[:, 0], xy[:, 1])
    longitude, latitude = _finite(longitude), np.radians(_finite(latitude))
    first = offsets[:-1][ring] if len(xy) else np.empty(0, np.int64)
    return np.radians(longitude - longitude[first]), rise(latitude[first], latitude)


def _series(origin: Floats, latitude: Floats) -> Floats:
    """F(B) − F(B0) by the survey series; written with sin(k ΔB / 2) cos(k Bm), as the rule has it, to keep digits.

    The sines and cosines of the multiples k = 1, 3, 5, 7, 9 follow from those of 1 and 2.
    """
    half, mean = (latitude - origin) / 2, (latitude + origin) / 2
    sine, sine_before, sine_step = np.sin(half), -np.sin(half), 2 * np.cos(2 * half)
    cosine, cosine_before, cosine_step = np.cos(mean), np.cos(mean), 2 * np.cos(2 * mean)
    total = np.zeros(len(latitude))
    for factor in SERIES:
        total += 2 * factor * sine * cosine
        sine, sine_before = sine_step * sine - sine_before, sine
        cosine, cosine_before = cosine_step * cosine - cosine_before, cosine
    return total


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


def _per_feature(geometries: Objects, area: Floats, feature: Any, hole: Any) -> Floats:
    return _known(geometries, feature, np.where(hole, -area, area))


def _known(geometries: Objects, feature: Any, values: Floats) -> Floats:
    totals = np.bincount(feature, values, len(geometries)).astype(float)
    return np.where(shapely.is_missing(geometries), np.nan, totals)
