"""Where a shape can stand: the smallest shift, the best turn and the nearest places clear of forbidden ground.

A shape moved by t meets an obstacle just where t lies in the obstacle swept by the shape turned about (their Minkowski sum). So the
shifts that are free are the plane less those sums, and the smallest of them is the point of it that is nearest to no shift at all: exact
but for `MARGIN_M`, by which a shape is kept off the obstacles.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import Affine
from scipy.signal import fftconvolve
from shapely.affinity import rotate, translate

from gis.errors import AnalysisError
from gis.geometry._flat import Objects, as_geometries
from gis.geometry.overlay import polygonal
from gis.geometry.validity import checked

__all__ = ["MARGIN_M", "nearest_places", "rotated_shift", "smallest_shift"]

Floats = NDArray[np.float64]
MARGIN_M: Final = 0.002
"""A shape that was moved stays so far off what it must not meet: twice the resolution of plans."""
_GRID_M: Final = 0.0005
_TRIES: Final = 400


def smallest_shift(shape: Any, keep_out: Any, keep_in: Any = None, *, reach_m: float) -> Floats | None:
    """The shortest (dx, dy) in m after which `shape` meets no polygon of `keep_out` and lies in `keep_in`; None if no shift reaches.

    `keep_out` and `keep_in` are arrays of valid polygons in the plane of the shape; those of `keep_in` count as one ground, None is
    everywhere. Not shorter than the shortest there is, and longer by no more than 4 × MARGIN_M wherever the free ground is wider than
    the margin. (0, 0) for a shape that is free where it stands. None, empty features and lines are no obstacles.

    Raises: AnalysisError for a shape without area, an invalid polygon, or a reach that is not above 0.

    Example:
        >>> import shapely
        >>> smallest_shift(shapely.box(0, 0, 10, 10), [shapely.box(7, -50, 90, 50)], reach_m=20).round(2).tolist()
        [-3.0, 0.0]
    """
    return _shift(*_given(shape, keep_out, keep_in, reach_m), reach_m)


def rotated_shift(
    shape: Any, keep_out: Any, keep_in: Any = None, *, reach_m: float, step_deg: float = 5.0
) -> tuple[float, Floats] | None:
    """The turn about the centroid in degrees (anticlockwise) and the shortest shift after it; None if none reaches.

    All turns by whole steps are tried; the one with the shortest shift is taken, of equal ones (to MARGIN_M) the smallest turn. So no
    better turn is missed but between two steps.

    Raises: AnalysisError as `smallest_shift`; for a step not above 0.

    Example:
        >>> import shapely
        >>> lane = [shapely.box(-50, 3, 50, 90), shapely.box(-50, -90, 50, -3)]
        >>> angle, shift = rotated_shift(shapely.box(-2, -10, 2, 10), lane, reach_m=5)
        >>> abs(angle), abs(shift).round(3).tolist()
        (85.0, [0.0, 0.0])
    """
    if not step_deg > 0:
        raise AnalysisError(
            f"转角步长 {step_deg} 无效。请给出大于 0 的度数。", f"A step of {step_deg}° is not valid. Give one above 0."
        )
    shape, keep_out, keep_in = _given(shape, keep_out, keep_in, reach_m)
    best: tuple[float, Floats] | None = None
    turns = np.arange(0.0, 180.0 + step_deg, step_deg)
    for angle in (sign * each for each in turns[turns <= 180] for sign in ((1, -1) if 0 < each < 180 else (1,))):
        reach = reach_m if best is None else float(np.hypot(*best[1])) - MARGIN_M
        if reach <= 0:
            break
        shift = _shift(rotate(shape, float(angle), "centroid"), keep_out, keep_in, reach)
        if shift is not None:
            best = (float(angle), shift)
    return best


def nearest_places(
    shape: Any, keep_out: Any, keep_in: Any = None, *, reach_m: float, step_m: float, most: int = 5
) -> Floats:
    """Shifts (n, 2) in m to the nearest free places, nearest first, that do not overlap one another; n ≤ `most`.

    Candidates lie on a raster of `step_m`; each is made exact by the smallest shift from there, so that a place is missed only where it
    lies within one step of one that is taken, and the first is at most 2 steps farther than the nearest there is.

    Raises: AnalysisError as `smallest_shift`; for a raster of more than 4 000 × 4 000 cells.

    Example:
        >>> import shapely
        >>> blocked = [shapely.box(-5, -50, 100, 100)]
        >>> nearest_places(shapely.box(0, 0, 10, 10), blocked, reach_m=60, step_m=5, most=1).round(2).tolist()
        [[-15.0, 0.0]]
    """
    shape, keep_out, keep_in = _given(shape, keep_out, keep_in, reach_m)
    open_, offsets = _candidates(shape, keep_out, keep_in, reach_m, step_m)
    apart = 2.0 * shapely.minimum_bounding_radius(shape)
    found: list[Floats] = []
    for _ in range(_TRIES):
        if len(found) == most or not open_.any():
            break
        at = offsets[np.flatnonzero(open_)[0]]
        place = _shift(translate(shape, *at), keep_out, keep_in, 2.0 * step_m)
        if place is not None:
            found.append(at + place)
        centre, radius = (at, step_m) if place is None else (found[-1], apart)
        open_ &= np.hypot(*(offsets - centre).T) > radius
    return np.array(found, dtype=np.float64).reshape(-1, 2)


# --- the free shifts


def _given(shape: Any, keep_out: Any, keep_in: Any, reach_m: float) -> tuple[Any, Objects, Objects | None]:
    """The input as arrays of polygons, valid and not empty."""
    if not 0 < reach_m < np.inf:
        raise AnalysisError(
            f"搜索距离 {reach_m} 无效。请给出大于 0 的米数。",
            f"A reach of {reach_m} is not valid. Give metres above 0.",
        )
    one = checked(polygonal(as_geometries([shape])))[0]
    if shapely.is_missing(one) or shapely.area(one) <= 0:
        raise AnalysisError(
            "图形没有面积，无法移动。请给出面。", "The shape has no area and cannot be placed. Give a polygon."
        )
    masks = [None if each is None else checked(polygonal(as_geometries(each))) for each in (keep_out, keep_in)]
    out, inside = (None if each is None else each[shapely.area(each) > 0] for each in masks)
    return one, np.empty(0, dtype=object) if out is None else out, inside


def _shift(shape: Any, keep_out: Objects, keep_in: Objects | None, reach_m: float) -> Floats | None:
    """The shortest free shift within reach."""
    for reach in _reaches(shape, reach_m):
        free = _free(shape, keep_out, keep_in, reach)
        if not free.is_empty:
            return np.array(shapely.shortest_line(free, shapely.Point(0, 0)).coords[0])
    return None


def _reaches(shape: Any, reach_m: float) -> Iterator[float]:
    """Growing reaches: what is near costs little, and what is found within a reach is the nearest of all."""
    reach = min(reach_m, max(5.0, shapely.minimum_bounding_radius(shape) / 2))
    while reach < reach_m:
        yield reach
        reach *= 2
    yield reach_m


def _free(shape: Any, keep_out: Objects, keep_in: Objects | None, reach: float) -> Any:
    """The shifts up to `reach` that are free, as a region round the origin."""
    window = shapely.box(*(np.array(shape.bounds) + np.array([-1, -1, 1, 1]) * (reach + 1.0)))
    ground = [_inside(keep_out, window)]
    if keep_in is not None:
        ground.append(
            shapely.get_parts(polygonal([window.difference(shapely.MultiPolygon([*_inside(keep_in, window)]))]))
        )
    origin = np.array(shape.centroid.coords[0])
    obstacles = [_moved(each, -origin) for each in ground]
    disc = shapely.Point(0, 0).buffer(reach, quad_segs=64)
    if not sum(map(len, obstacles)):
        return disc
    sums = _sums(_triangles(np.concatenate(obstacles)), _convex_parts(_moved(np.array([shape]), -origin)[0]))
    sums = sums[shapely.distance(sums, shapely.Point(0, 0)) <= reach]
    blocked = shapely.union_all(sums, grid_size=_GRID_M)
    return disc.difference(blocked.buffer(MARGIN_M, join_style="mitre", mitre_limit=2.0))


def _inside(polygons: Objects, window: Any) -> Objects:
    """What of the polygons lies in the window, as one ground in its parts."""
    near = polygons[shapely.intersects(polygons, window)]
    cut = polygonal(np.asarray(shapely.intersection(near, window), dtype=object))
    return np.asarray(shapely.get_parts(polygonal([shapely.union_all(cut, grid_size=_GRID_M)])), dtype=object)


def _moved(geometries: Objects, by: Floats) -> Objects:
    return np.asarray(shapely.transform(geometries, lambda xy: xy + by), dtype=object)


def _triangles(polygons: Objects) -> Floats:
    """Triangles (n, 3, 2) that tile the polygons."""
    parts = shapely.get_parts(shapely.constrained_delaunay_triangles(shapely.get_parts(polygons)))
    return np.asarray(shapely.get_coordinates(parts).reshape(-1, 4, 2)[:, :3])


def _convex_parts(shape: Any) -> list[Floats]:
    """The shape as convex pieces, each by its corners: itself where it is convex."""
    hull = shapely.convex_hull(shape)
    if hull.area - shape.area <= 1e-9 * hull.area:
        return [shapely.get_coordinates(hull)[:-1]]
    return list(_triangles(np.array([shape], dtype=object)))


def _sums(triangles: Floats, parts: list[Floats]) -> Objects:
    """The shifts that bring some part of the shape onto each triangle: hulls of all differences of corners."""
    hulls = []
    for corners in parts:
        points = (triangles[:, :, None, :] - corners[None, None, :, :]).reshape(len(triangles), 3 * len(corners), 2)
        owner = np.repeat(np.arange(len(points)), points.shape[1])
        hulls.append(shapely.convex_hull(shapely.multipoints(points.reshape(-1, 2), indices=owner)))
    return np.concatenate(hulls)


# --- candidates far and wide


def _candidates(
    shape: Any, keep_out: Objects, keep_in: Objects | None, reach_m: float, step_m: float
) -> tuple[NDArray[np.bool_], Floats]:
    """Shifts on a raster that may be free, nearest first: at none of them does the shape, a step narrower, hold a blocked centre."""
    half = int(np.ceil(reach_m / step_m))
    extent = np.array(shape.bounds)
    size = np.ceil((extent[2:] - extent[:2]) / step_m).astype(int) + 1
    if max(size) + 2 * half > 4_000:
        raise AnalysisError(
            f"搜索范围 {reach_m} 米、步长 {step_m} 米过细。请加大步长或缩小范围。",
            f"A reach of {reach_m} m by steps of {step_m} m is too fine. Take larger steps or a smaller reach.",
        )
    corner = extent[:2] - half * step_m
    blocked = _burnt(keep_out, corner, size + 2 * half, step_m)
    if keep_in is not None:
        blocked = blocked | ~_burnt(keep_in, corner, size + 2 * half, step_m)
    core = np.array([shapely.buffer(shape, -step_m)], dtype=object)
    stamp = _burnt(core, extent[:2], size, step_m)
    if not stamp.any():
        stamp[tuple(size[::-1] // 2)] = False
    hits = fftconvolve(blocked.astype(np.float32), stamp[::-1, ::-1].astype(np.float32), mode="valid")
    row, column = np.indices(hits.shape)
    offsets = (np.column_stack([column.ravel(), row.ravel()]) - half) * step_m
    far = np.hypot(*offsets.T)
    order = np.argsort(far, kind="stable")
    return ((hits.ravel() < 0.5) & (far <= reach_m))[order], offsets[order].astype(np.float64)


def _burnt(polygons: Objects, corner: Floats, size: NDArray[np.int64], step_m: float) -> NDArray[np.bool_]:
    """Whether the centre of each cell (row, column upwards and rightwards from the corner) lies in a polygon."""
    there = polygons[~(shapely.is_missing(polygons) | shapely.is_empty(polygons))]
    shape = (int(size[1]), int(size[0]))
    if not len(there):
        return np.zeros(shape, dtype=bool)
    transform = Affine(step_m, 0.0, float(corner[0]), 0.0, step_m, float(corner[1]))
    return np.asarray(rasterize(there, out_shape=shape, transform=transform, dtype="uint8") == 1)
