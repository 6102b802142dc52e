"""Area and length on the CGCS2000 ellipsoid.

Two areas, named. *Official* is the survey's vertex formula, what a reviewer recomputes. *Edge-true* is the area of the
polygon as drawn, with edges straight in the plan's own CRS. On irregular shapes of 100 ha they differ by square metres.

Both are a shoelace sum in (longitude, F), where F(B) is the area between the equator and latitude B per radian of
longitude; sums run from a local origin per ring, so that small parcels lose no digits. In a Gauss–Krüger plane the
edge-true area needs no longitude at all: there it is the plane's area, each piece divided by the areal scale.
"""

from __future__ import annotations

import functools
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
    is_degrees,
    metres_per_unit,
    understood,
)
from gis.geometry import parallel
from gis.geometry._flat import Objects, Rings, as_geometries, exploded, rings, sums
from gis.geometry._gauss_kruger import FACTORS, plane
from gis.geometry.reproject import transformed

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["areal_scale", "authalic_closed", "edge_true", "lengths", "official"]

Floats = NDArray[np.float64]

_E: Final = ELLIPSOID_E2**0.5
_CHUNK: Final = 2**17  # coordinates for one thread at a time
_PIECE_M: Final = 2_000.0
_METRES_PER_DEGREE: Final = 111_320.0
_ROUND_THE_EARTH_M: Final = 4.1e7
_GEOD: Final = pyproj.Geod(a=ELLIPSOID_A, rf=ELLIPSOID_RF)


def official(polygons: Any, crs: Any) -> Floats:
    """Area in m² by the survey formula on the vertices' CGCS2000 longitude and latitude (椭球面积), one per feature.

    Vertices are taken to EPSG:4490 from any CRS; in a CGCS2000 Gauss–Krüger plane, up to 340 km from the central meridian and 60°
    of latitude, by series around places of the ring, which lose no digits. Holes count off, parts add up, Z and M are passed
    over. The direction of rings has no influence and nothing is repaired: each ring is measured by itself, so a bow-tie gives the
    difference of its wings, and a ring without inside next to nothing (this formula's edges bow). None → NaN; empty, points and
    lines → 0; a coordinate that is not finite → NaN.

    Source: tddc-area-2019.

    Example:
        >>> import shapely
        >>> float(official([shapely.box(114, 30, 115, 31)], "EPSG:4490")[0].round(2))
        10642393438.71
    """
    return _measured(as_geometries(polygons), functools.partial(_official, crs=crs))


def authalic_closed(polygons: Any, crs: Any) -> Floats:
    """The same as `official` with the closed form instead of the five-term series: m², one per feature, NaN and 0 as there."""
    return _measured(as_geometries(polygons), functools.partial(_closed_areas, crs=crs))


def edge_true(polygons: Any, crs: Any) -> Floats:
    """Area in m² on the ellipsoid of the polygon as drawn, edges straight in `crs`, one per feature.

    Right to 1e-9 of the area for edges of 50 km and less. In a CGCS2000 Gauss–Krüger plane within 340 km of the central
    meridian the inverse of the areal scale is integrated in the plane; in CGCS2000 degrees, F along the edge; elsewhere
    edges are cut into pieces of 2 km at most, each a parabola through its ends and its middle. What is not a valid polygon
    is treated as by `official`: None → NaN; empty, points and lines → 0; a coordinate that is not finite → NaN; Z and M are
    passed over; a bow-tie gives the difference of its wings, a ring without inside 0.

    Example:
        >>> import shapely
        >>> float(edge_true([shapely.box(5e5, 3.4e6, 5e5 + 1000, 3.4e6 + 1000)], "EPSG:4549")[0].round(1))
        1000000.0
    """
    return _measured(as_geometries(polygons), functools.partial(_drawn, crs=crs))


def lengths(lines: Any, crs: Any) -> Floats:
    """Length in m on the ellipsoid, edges straight in `crs`, one per feature; polygons give the length of all rings.

    Edges drawn twice, as in a ring without inside, count twice; Z and M are passed over, so a length is that on the ellipsoid.
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
    ends = (*_longitude_latitude(points[::2], crs).T, *_longitude_latitude(stop, crs).T)
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
    here, places = plane(pyproj.CRS.from_user_input(crs)), np.stack([x, y], 1)
    return here.areal_scale(places) if here and here.holds(places) else _scale_of_squares(places, crs)


def _scale_of_squares(places: Floats, crs: Any) -> Floats:
    half = 100 / (_METRES_PER_DEGREE if is_degrees(crs) else metres_per_unit(crs))
    corners = (places[:, None] + half * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])).reshape(-1, 2)
    ends = np.arange(0, len(corners) + 1, 4)
    along, across = _local(corners, ends, np.arange(len(corners)) // 4, crs)
    following = _next(ends, len(corners))
    cross = along * across[following] - along[following] * across
    return 4 * half * half / np.abs(0.5 * ELLIPSOID_B**2 * sums(cross, ends))


@functools.cache
def _kernel() -> Any:
    from gis.geometry import _area_kernel  # noqa: PLC0415 - numba is dear to import

    return _area_kernel


def _by_rings(loop: Callable[..., None], found: Rings, places: Floats, *tail: Floats) -> Floats:
    """What a compiled loop finds for each ring, in threads where there are many."""
    out = np.empty(len(found.feature))
    cuts = np.searchsorted(found.offsets, np.arange(0, len(places), _CHUNK)[1:]).tolist()
    parts = [part for part in pairwise([0, *cuts, len(out)]) if part[0] < part[1]]

    def measure(part: tuple[int, int]) -> None:
        loop(places, found.offsets, *part, *tail, out)

    if len(parts) > 1:
        parallel.run(measure, parts)
    elif parts:
        measure(parts[0])
    return out


def _official(found: Rings, crs: Any) -> Floats:
    if here := plane(pyproj.CRS.from_user_input(crs)):
        area = _by_rings(_kernel().by_vertices_in_plane, found, found.xy, here.frame(), here.strips)
        return _completed(ELLIPSOID_B**2 * area, found, functools.partial(_by_vertices, crs=crs))
    return _by_vertices(found, crs)


def _by_vertices(found: Rings, crs: Any) -> Floats:
    return ELLIPSOID_B**2 * _by_rings(_kernel().by_vertices, found, _longitude_latitude(found.xy, crs), FACTORS)


def _drawn(found: Rings, crs: Any) -> Floats:
    if here := plane(pyproj.CRS.from_user_input(crs)):
        area = _by_rings(_kernel().drawn_in_plane, found, found.xy, here.frame(), here.scale)
        return _completed(area, found, functools.partial(_drawn_in_pieces, crs=crs))
    if _is_cgcs2000_degrees(crs):
        return ELLIPSOID_B**2 * _by_rings(_kernel().drawn_in_degrees, found, found.xy, FACTORS)
    return _drawn_in_pieces(found, crs)


def _completed(area: Floats, found: Rings, measure: Callable[[Rings], Floats]) -> Floats:
    """The areas, those of rings beyond the series of a plane (marked by an area below 0) measured otherwise."""
    beyond = np.flatnonzero(area < 0)
    if len(beyond):
        area[beyond] = measure(_chosen(found, beyond))
    return area


def _chosen(found: Rings, index: NDArray[np.int64]) -> Rings:
    """Some of the rings."""
    size = np.diff(found.offsets)[index]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(size)])
    at = np.arange(offsets[-1]) + np.repeat(found.offsets[index] - offsets[:-1], size)
    return Rings(found.xy[at], offsets, found.feature[index], found.hole[index])


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


def _longitude_latitude(xy: Floats, crs: Any) -> Floats:
    """Places in degrees (n, 2)."""
    return xy if _is_cgcs2000_degrees(crs) else np.stack(transformed(xy[:, 0], xy[:, 1], crs, CGCS2000), 1)


def _local(xy: Floats, offsets: Any, ring: Any, crs: Any) -> tuple[Floats, Floats]:
    """Longitude (radians) and F(B), both from the first coordinate of each ring."""
    longitude, latitude = _finite(_longitude_latitude(xy, crs)).T
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
    """Start and middle of each piece of each edge, in order (2 per piece), and the number of pieces per edge.

    An edge longer than the earth is round lies nowhere on it: one piece of NaN.
    """
    metre = _METRES_PER_DEGREE if is_degrees(crs) else metres_per_unit(crs)
    start, stop = _finite(start), _finite(stop)
    length = np.hypot(*(stop - start).T) * metre
    start = np.where((length > _ROUND_THE_EARTH_M)[:, None], np.nan, start)
    length[length > _ROUND_THE_EARTH_M] = np.nan
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
    found = rings(geometries)
    area = _finite(measure(found))
    return _known(geometries, found.feature, np.where(found.hole, -area, area))


def _known(geometries: Objects, feature: Any, values: Floats) -> Floats:
    totals = np.bincount(feature, values, len(geometries)).astype(float)
    return np.where(shapely.is_missing(geometries), np.nan, totals)
