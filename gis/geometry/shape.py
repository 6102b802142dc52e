"""Widths, compactness and the small defects of a shape, all in the plane and the units of the coordinates (m).

None and coordinates that are not finite give NaN (counts: 0 for None), and None contributes no places; empty polygons, points
and lines have no width. Of collections the polygons count. Invalid polygons are measured as drawn; Z and M are left out.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry._flat import POLYGON, Objects, Rings, as_geometries, exploded, rings
from gis.geometry.overlay import polygonal

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "compactness",
    "crowded",
    "holes",
    "inscribed_width",
    "mean_width",
    "parts",
    "repeated_vertices",
    "short_segments",
    "spikes",
    "tip_angles",
    "width",
]

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

WIDTH_TOLERANCE: Final = 1e-3
"""`inscribed_width` is too small by at most this share."""
_MARGIN: Final = 0.03  # GEOS simplifies by 1 % of the distance before it shrinks a polygon


def mean_width(polygons: Any) -> Floats:
    """Twice the area over the perimeter, m: for a long strip its width; never more than the inscribed width.

    Of several parts, the widest counts. None, empty and zero length → NaN.

    Example:
        >>> mean_width([shapely.box(0, 0, 1000, 1)]).round(3).tolist()
        [0.999]
    """
    array = as_geometries(polygons)
    owner, single = _single(array)
    return _largest(owner, 2 * _divided(shapely.area(single), shapely.length(single)), array)


def inscribed_width(polygons: Any) -> Floats:
    """Diameter of the largest circle inside, m (最大内切圆直径), to 0.1 %: the measure of how wide a conflict is.

    Of several parts, the widest counts. None, empty and zero area → NaN. Polygons must be valid.

    Example:
        >>> inscribed_width([shapely.box(0, 0, 1000, 2)]).round(2).tolist()
        [2.0]
    """
    array = as_geometries(polygons)
    owner, single = _single(array)
    return _largest(owner, _inscribed(single), array)


def width(polygons: Any, *, at_least: float | Sequence[float]) -> Floats:
    """A width in m for comparison with each limit of `at_least`: never more than the inscribed width, and on its side of all.

    2A/P never exceeds the inscribed width; where it falls short of a limit, the shape is shrunk to see what remains. The
    circle is sought only where the width is within 3 % of a limit: in slivers that takes a thousand times as long, and may
    miss the width by a tenth. None, empty and zero area → NaN.

    Example:
        >>> (width([shapely.box(0, 0, 100, 0.5), shapely.box(0, 0, 100, 9)], at_least=2) >= 2).tolist()
        [False, True]
    """
    array = as_geometries(polygons)
    owner, single = _single(array)
    low = 2 * _divided(shapely.area(single), shapely.length(single))
    low[low == 0] = np.nan
    for limit in sorted({float(each) for each in np.atleast_1d(at_least)}):
        open_ = np.flatnonzero(low < limit)
        low[open_] = _beside(single[open_], low[open_], limit)
    return _largest(owner, low, array)


def compactness(polygons: Any) -> Floats:
    """Polsby–Popper: 4πA/P², 1 for a circle, towards 0 for a long or ragged shape; None, empty, points and lines → NaN.

    Source: polsby-popper-1991.

    Example:
        >>> compactness([shapely.box(0, 0, 1, 1)]).round(4).tolist()
        [0.7854]
    """
    array = polygonal(polygons)
    return 4 * np.pi * _divided(shapely.area(array), shapely.length(array) ** 2)


def spikes(polygons: Any, angle_deg: float) -> tuple[Indices, Objects]:
    """Vertices where the boundary turns back on itself within `angle_deg` (尖锐角): (feature, point).

    Repeated vertices are passed over, so that a doubled tip does not hide a spike.

    Example:
        >>> i, tip = spikes([shapely.Polygon([(0, 0), (4, 0), (4, 2), (9, 2.01), (4, 2.02), (4, 4), (0, 4)])], 5)
        >>> i.tolist(), tip[0].wkt
        ([0], 'POINT (9 2.01)')
    """
    found = _without_repeats(rings(as_geometries(polygons)))
    start = found.starts()
    ring = found.ring_of()[start]
    before = start - 1
    opening = start == found.offsets[:-1][ring]
    before[opening] = found.offsets[1:][ring[opening]] - 2
    sharp = _angles(found.xy[start], found.xy[before], found.xy[start + 1]) < angle_deg
    return found.feature[ring[sharp]], shapely.points(found.xy[start[sharp]])


def tip_angles(polygons: Any, tips: Any) -> Floats:
    """The sharpest angle in degrees between the edges that meet at a vertex of a polygon: one polygon, one vertex per row.

    NaN where the polygon has no such vertex.

    Example:
        >>> tip_angles([shapely.box(0, 0, 1, 1)], [shapely.Point(1, 1)]).tolist()
        [90.0]
    """
    pairs = zip(as_geometries(polygons), as_geometries(tips), strict=True)
    return np.array([_tip_angle(polygon, tip) for polygon, tip in pairs], dtype=float)


def _tip_angle(polygon: Any, tip: Any) -> float:
    at, found = shapely.get_coordinates(tip), _without_repeats(rings(np.array([polygon])))
    sharpest = np.full(1, np.nan)
    for start, stop in pairwise(found.offsets):
        xy = found.xy[start : stop - 1]
        here = np.flatnonzero((xy == at).all(axis=1))
        sharpest = np.append(sharpest, _angles(xy[here], xy[here - 1], xy[(here + 1) % len(xy)]))
    return float(np.fmin.reduce(sharpest))


def _angles(at: Floats, before: Floats, after: Floats) -> Floats:
    """The angle in degrees at each vertex between the edges to the one before and the one after; NaN where none is."""
    with np.errstate(invalid="ignore"):
        back, on = before - at, after - at
        cross = back[:, 0] * on[:, 1] - back[:, 1] * on[:, 0]
        return np.asarray(np.degrees(np.arctan2(np.abs(cross), (back * on).sum(axis=1))))


def _without_repeats(found: Rings) -> Rings:
    """The rings without vertices that repeat the one before; a ring of one place keeps that once."""
    again = np.zeros(len(found.xy), bool)
    again[1:] = (found.xy[1:] == found.xy[:-1]).all(axis=1)
    again[found.offsets[:-1]] = False
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(~again)])[found.offsets]
    return Rings(found.xy[~again], offsets, found.feature, found.hole)


def crowded(polygons: Any, min_m: float) -> tuple[Indices, Objects, Indices]:
    """Features with repeated vertices or edges shorter than `min_m`: (feature, the places as a MultiPoint, how many).

    Example:
        >>> i, places, count = crowded([shapely.Polygon([(0, 0), (1, 0), (1, 0), (1, 0.01), (1, 1)])], 0.1)
        >>> i.tolist(), places[0].wkt, count.tolist()
        ([0], 'MULTIPOINT ((1 0), (1 0.005))', [2])
    """
    found = rings(as_geometries(polygons))
    start, length = _edge_lengths(found)
    near = np.flatnonzero(length < min_m)
    points = (found.xy[start[near]] + found.xy[start[near] + 1]) / 2
    owner = found.feature[found.ring_of()[start[near]]]
    order = np.lexsort((length[near] > 0, owner))
    feature, number, count = np.unique(owner[order], return_inverse=True, return_counts=True)
    places = shapely.multipoints(shapely.points(points[order]), indices=number) if len(order) else np.empty(0, object)
    return feature, places, count


def short_segments(polygons: Any, min_m: float) -> tuple[Indices, Objects]:
    """Edges shorter than `min_m` but longer than nothing: (feature, point in the middle of the edge).

    Example:
        >>> i, middle = short_segments([shapely.Polygon([(0, 0), (1, 0), (1, 0.01), (1, 1)])], 0.1)
        >>> i.tolist(), middle[0].wkt
        ([0], 'POINT (1 0.005)')
    """
    found = rings(as_geometries(polygons))
    start, length = _edge_lengths(found)
    short = start[(length > 0) & (length < min_m)]
    return found.feature[found.ring_of()[short]], shapely.points((found.xy[short] + found.xy[short + 1]) / 2)


def repeated_vertices(polygons: Any) -> tuple[Indices, Objects]:
    """Vertices that repeat the one before: (feature, point), once per repetition.

    Example:
        >>> i, point = repeated_vertices([shapely.Polygon([(0, 0), (1, 0), (1, 0), (1, 1)])])
        >>> i.tolist(), point[0].wkt
        ([0], 'POINT (1 0)')
    """
    found = rings(as_geometries(polygons))
    start, length = _edge_lengths(found)
    again = start[length == 0]
    return found.feature[found.ring_of()[again]], shapely.points(found.xy[again])


def holes(polygons: Any) -> tuple[Indices, Objects]:
    """Every hole as a polygon: (feature, polygon).

    Example:
        >>> ring = shapely.box(0, 0, 9, 9).difference(shapely.box(1, 1, 3, 3))
        >>> i, hole = holes([ring])
        >>> i.tolist(), hole[0].area
        ([0], 4.0)
    """
    owner, single = _single(as_geometries(polygons))
    loops, part = shapely.get_rings(single, return_index=True)
    inner = np.ones(len(loops), bool)
    inner[np.unique(part, return_index=True)[1]] = False
    return owner[part[inner]], shapely.polygons(loops[inner])


def parts(polygons: Any) -> Indices:
    """How many polygons each feature consists of; None, empty, points and lines → 0.

    Example:
        >>> parts([shapely.box(0, 0, 1, 1), None]).tolist()
        [1, 0]
    """
    array = as_geometries(polygons)
    return np.bincount(_single(array)[0], minlength=len(array)).astype(np.int64)


def _single(array: Objects) -> tuple[Indices, Objects]:
    owner, single = exploded(array)
    keep = shapely.get_type_id(single) == POLYGON
    return owner[keep], single[keep]


def _divided(upper: Floats, lower: Floats) -> Floats:
    """The ratio, NaN where there is nothing to divide by."""
    out = np.full(len(upper), np.nan)
    np.divide(upper, lower, out=out, where=(lower > 0) & np.isfinite(lower))
    return out


def _largest(owner: Indices, values: Floats, array: Objects) -> Floats:
    out = np.full(len(array), np.nan)
    np.fmax.at(out, owner, values)
    out[~np.isfinite(shapely.length(array))] = np.nan
    return out


def _inscribed(single: Objects) -> Floats:
    """Twice the radius; the search stops within a share of A/P, which the radius is never below."""
    radius = np.nan_to_num(_divided(shapely.area(single), shapely.length(single)))
    out = np.full(len(single), np.nan)
    real = np.flatnonzero(radius > 0)
    line = shapely.maximum_inscribed_circle(single[real], tolerance=WIDTH_TOLERANCE * radius[real])
    out[real] = 2 * shapely.length(line)
    return out


def _beside(single: Objects, low: Floats, limit: float) -> Floats:
    """Lower bounds of the inscribed width, raised where that takes them to the right side of `limit`."""
    core = shapely.buffer(single, -0.5 * (1 + _MARGIN) * limit)
    inner = shapely.point_on_surface(core)
    clear = np.where(shapely.intersects(single, inner), 2 * shapely.distance(inner, shapely.boundary(single)), 0.0)
    out = np.fmax(low, clear)
    below = np.flatnonzero(out < limit)
    near = below[~shapely.is_empty(shapely.buffer(single[below], -0.5 * (1 - _MARGIN) * limit))]
    out[near] = _inscribed(single[near])
    return out


def _edge_lengths(found: Rings) -> tuple[Indices, Floats]:
    start = found.starts()
    return start, np.hypot(*(found.xy[start + 1] - found.xy[start]).T)
