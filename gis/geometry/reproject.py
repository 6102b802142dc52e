"""From one CRS to another without moving what was drawn.

A straight edge in one CRS is a bow in another: 5 km drawn in degrees bow 0.3 m from their Gauss–Krüger chord, and false
slivers follow. So edges are cut first, until every chord is within a tenth of the resolution of the drawn edge. Cuts
depend on the edge alone, not on its direction, so neighbours stay neighbours to the last bit.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from gis.crs import describe, is_degrees, metres_per_unit, transformer
from gis.errors import AnalysisError, CrsError
from gis.geometry import _flat, parallel
from gis.geometry._flat import Objects, as_geometries, finite

__all__ = ["to_crs", "transformed"]

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]

_FINEST_M: Final = 1e-6  # below this the rounding of coordinates is larger than the chord error
_MOST_CUTS: Final = 2**20
_METRES_PER_DEGREE: Final = 111_320.0
_BEND_EXTENT: Final = 10.0  # degrees: over a wider area a few samples say little of how much edges bend
_BEND_STEP: Final = 0.01  # degrees
_BEND_SAFETY: Final = 2.0
_CHUNK: Final = 2**17  # places: below that a second thread and its transformer cost more than they save
_POINT: Final = 0
_OPENED: Final = (2, 7)  # bare rings and collections have no flat form


def to_crs(geometries: Any, src: Any, dst: Any, *, resolution: float = 0.001) -> tuple[Objects, Flags]:
    """The geometries in `dst`, and for each coordinate of the result whether it was added by cutting.

    `resolution` in m: the chord error left is at most a tenth of it. The flags follow
    `shapely.get_coordinates(result)`. Points, lines, polygons and their multiples; Z is kept (interpolated at added
    vertices, never transformed), M is dropped. None and empty stay; a coordinate that is not finite stays so, a point that has one becomes empty.
    The same CRS gives the input back, nothing added.

    Raises: CrsError if a place cannot be represented in `dst`; AnalysisError for collections and bare rings, and for a
        resolution below 1e-6 m.

    Example:
        >>> line = shapely.LineString([(120, 30), (120.05, 30)])
        >>> moved, added = to_crs([line], "EPSG:4490", "EPSG:4549")
        >>> added.tolist().count(False), bool(added.any())
        (2, True)
    """
    array = as_geometries(geometries)
    _check(array, resolution)
    source, target = pyproj.CRS.from_user_input(src), pyproj.CRS.from_user_input(dst)
    if source == target:
        return array.copy(), np.zeros(int(shapely.get_num_coordinates(array).sum()), bool)
    out = array.copy()
    owners, flags = [np.empty(0, np.int64)], [np.empty(0, bool)]
    out[(shapely.get_type_id(array) == _POINT) & ~finite(array)] = shapely.Point()
    kind, has_z, empty = shapely.get_type_id(array), shapely.has_z(array), shapely.is_empty(out)
    move = _Move(source, target, 0.1 * resolution)
    for group in np.unique(np.stack([kind, has_z], 1)[(kind >= 0) & ~empty], axis=0):
        which = np.flatnonzero((kind == group[0]) & (has_z == group[1]) & ~empty)
        out[which], owner, added = _group(array[which], which, move)
        owners.append(owner)
        flags.append(added)
    return out, np.concatenate(flags)[np.argsort(np.concatenate(owners), kind="stable")]


def transformed(x: Any, y: Any, src: Any, dst: Any) -> tuple[Floats, Floats]:
    """Places point by point in `dst` (east or longitude first on both sides), inf where PROJ has no answer; new arrays.

    NaN stays NaN, for both coordinates; no places give none. Many places are shared out to threads, each with a transformer of its own; what comes out does not depend on that.

    Example:
        >>> longitude, latitude = transformed([5e5], [0.0], "EPSG:4549", "EPSG:4490")
        >>> longitude.round(9).tolist(), latitude.round(9).tolist()
        ([120.0], [0.0])
    """
    out = np.array(x, float), np.array(y, float)

    def move(part: slice) -> None:
        transformer(src, dst).transform(out[0][part], out[1][part], inplace=True)

    parts = parallel.slices(len(out[0]), chunk=_CHUNK)
    if len(parts) > 1:
        parallel.run(move, parts)
    else:
        move(slice(None))
    return out


class _Move:
    """One change of CRS: how points go, and what chord error in metres is allowed."""

    def __init__(self, source: pyproj.CRS, target: pyproj.CRS, tolerance: float) -> None:
        self.source, self.target, self.tolerance = source, target, tolerance
        self._metre = None if is_degrees(target) else metres_per_unit(target)

    def points(self, xy: Floats) -> Floats:
        """X and y in the target, NaN where PROJ has no answer."""
        moved = np.stack(transformed(xy[:, 0], xy[:, 1], self.source, self.target), 1).reshape(-1, 2)
        moved[~_finite(moved)] = np.nan
        return moved

    def bend(self, xy: Floats) -> float:
        """How much lines bend at most where the points lie, in metres per square unit of the source; inf if not known.

        A line of length d then leaves its chord by d²/8 times this at most. From second differences on a grid, doubled.
        """
        xy = xy[_finite(xy)]
        degree = 1.0 if is_degrees(self.source) else _METRES_PER_DEGREE / metres_per_unit(self.source)
        if not len(xy) or np.ptp(xy, axis=0).max() > _BEND_EXTENT * degree:
            return float("inf")
        grid = np.stack(np.meshgrid(*np.linspace(xy.min(axis=0), xy.max(axis=0), 17).T), axis=-1).reshape(-1, 1, 2)
        step = _BEND_STEP * degree
        star = step * np.array([(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)])
        f = self.points((grid + star).reshape(-1, 2)).reshape(-1, 9, 2)
        along = f[:, 1] + f[:, 2] - 2 * f[:, 0]
        across = f[:, 3] + f[:, 4] - 2 * f[:, 0]
        mixed = (f[:, 5] + f[:, 6] - f[:, 7] - f[:, 8]) / 4
        size = [np.hypot(*each.T) for each in (along, across, mixed)]
        worst = float((np.maximum(size[0], size[1]) + size[2]).max()) / step**2
        unit = self._metre if self._metre is not None else _METRES_PER_DEGREE
        return _BEND_SAFETY * unit * worst if np.isfinite(worst) else float("inf")

    def off_chord(self, start: Floats, stop: Floats, at: Floats) -> Floats:
        """Distance in metres of points from the chord start–stop, all in the target."""
        unit = self._metre if self._metre is not None else _METRES_PER_DEGREE
        chord, point = (stop - start) * unit, (at - start) * unit
        if self._metre is None:
            shrink = np.cos(np.radians(start[:, 1]))
            chord[:, 0] *= shrink
            point[:, 0] *= shrink
        length = np.hypot(*chord.T)
        cross = np.abs(chord[:, 0] * point[:, 1] - chord[:, 1] * point[:, 0])
        return np.divide(cross, length, out=np.hypot(*point.T), where=length > 0)


def _check(array: Objects, resolution: float) -> None:
    if not resolution >= _FINEST_M:
        raise AnalysisError(
            f"坐标转换的分辨率 {resolution} 米过小。请给出不小于 {_FINEST_M:g} 米的值，例如 0.001。",
            f"A resolution of {resolution} m is too small for a change of CRS. Give {_FINEST_M:g} m or more, e.g. 0.001.",
        )
    bad = np.flatnonzero(np.isin(shapely.get_type_id(array), _OPENED))
    if len(bad):
        raise AnalysisError(
            f"第 {_flat.listed(bad)} 个要素是几何集合或单独的环，不能转换坐标系。请先拆成点、线、面。",
            f"Features {_flat.listed(bad)} are collections or bare rings and cannot change CRS. "
            "Take them apart into points, lines and polygons first.",
        )


def _finite(xy: Floats) -> Flags:
    """Whether x and y of each point are numbers."""
    return np.isfinite(xy[:, 0]) & np.isfinite(xy[:, 1])


def _group(array: Objects, number: Indices, move: _Move) -> tuple[Objects, Indices, Flags]:
    """Geometries of one type, moved, and per coordinate its feature and whether it was added."""
    kind, xyz, offsets = shapely.to_ragged_array(array, include_m=False)
    lines = kind not in (shapely.GeometryType.POINT, shapely.GeometryType.MULTIPOINT)
    ends = offsets[0].astype(np.int64) if lines else np.arange(len(xyz) + 1)
    points, count = _cut(xyz, ends, move)
    added = np.arange(len(points)) != np.repeat(np.cumsum(count) - count, count)
    owner = np.repeat(shapely.get_coordinates(array, return_index=True)[1], count)
    moved = points.copy()
    moved[:, :2] = move.points(points[:, :2])
    lost = _finite(points) & ~_finite(moved)
    _check_finite(number[np.unique(owner[lost])], move)
    inner = np.concatenate([[0], np.cumsum(count)])[ends]
    result = shapely.from_ragged_array(kind, moved, ((inner, *offsets[1:]) if lines else offsets) or None)
    return result, number[owner], added


def _check_finite(lost: Indices, move: _Move) -> None:
    if len(lost):
        raise CrsError(
            f"第 {_flat.listed(lost)} 个要素超出坐标系 {describe(move.target).zh} 的可用范围，不能转换。"
            f"请检查声明的坐标系 {describe(move.source).zh} 和坐标次序。",
            f"Features {_flat.listed(lost)} lie outside what {describe(move.target).en} can represent. "
            f"Check the declared CRS {describe(move.source).en} and the axis order.",
        )


def _cut(xyz: Floats, ends: Indices, move: _Move) -> tuple[Floats, Indices]:
    """All coordinates with the added ones in place, and per old coordinate how many it became."""
    is_start = np.ones(len(xyz), bool)
    is_start[ends[1:] - 1] = False
    start = np.flatnonzero(is_start)
    a, b = xyz[start], xyz[start + 1]
    backward = (b[:, 0] < a[:, 0]) | ((b[:, 0] == a[:, 0]) & (b[:, 1] < a[:, 1]))
    low, high = np.where(backward[:, None], b, a), np.where(backward[:, None], a, b)
    count = np.ones(len(xyz), np.int64)
    count[start] = _pieces(low[:, :2], high[:, :2], move)
    if (count == 1).all():
        return xyz, count
    old = np.repeat(np.arange(len(xyz)), count)
    step = np.arange(len(old)) - np.repeat(np.cumsum(count) - count, count)
    points = xyz[old]
    new = np.flatnonzero(step)
    edge = np.searchsorted(start, old[new])
    share = step[new] / count[old[new]]  # exact: the counts are powers of two
    share = np.where(backward[edge], 1 - share, share)[:, None]
    points[new] = low[edge] * (1 - share) + high[edge] * share
    return points, count


def _pieces(low: Floats, high: Floats, move: _Move) -> Indices:
    """Into how many equal pieces, a power of two, each edge must be cut."""
    count = np.ones(len(low), np.int64)
    with np.errstate(invalid="ignore"):  # from one infinite coordinate to another
        square = (high[:, 0] - low[:, 0]) ** 2 + (high[:, 1] - low[:, 1]) ** 2
    todo = np.flatnonzero((square > 0) & np.isfinite(square) & ~(square * move.bend(low) <= 8 * move.tolerance))
    while len(todo):
        error = _worst(low[todo], high[todo], count[todo], move)
        over = error > move.tolerance
        todo, error = todo[over], error[over]
        doublings = np.ceil(0.5 * np.log2(error / move.tolerance)).clip(
            1
        )  # a bow shrinks with the square of its length
        count[todo] *= np.exp2(doublings).astype(np.int64)
        todo = todo[count[todo] <= _MOST_CUTS]
    return np.minimum(count, _MOST_CUTS)


def _worst(low: Floats, high: Floats, count: Indices, move: _Move) -> Floats:
    """The largest chord error in m among the pieces of each edge, seen at a third and two thirds of each piece.

    The middle alone would not do: an edge that crosses the central meridian there bows both ways and is right in the middle.
    """
    samples = 3 * count + 1
    first = np.cumsum(samples) - samples
    edge = np.repeat(np.arange(len(low)), samples)
    share = ((np.arange(len(edge)) - first[edge]) / (3 * count[edge]))[:, None]
    moved = move.points(low[edge] * (1 - share) + high[edge] * share)
    piece = np.repeat(np.arange(len(low)), count)
    start = first[piece] + 3 * (np.arange(len(piece)) - np.repeat(np.cumsum(count) - count, count))
    third = move.off_chord(moved[start], moved[start + 3], moved[start + 1])
    two_thirds = move.off_chord(moved[start], moved[start + 3], moved[start + 2])
    worst = np.full(len(low), 0.0)
    np.fmax.at(worst, piece, 9 / 8 * np.fmax(third, two_thirds))  # a parabola's middle is 9/8 of its third
    return worst
