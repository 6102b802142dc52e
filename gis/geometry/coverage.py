"""Gaps and overlaps of one layer that ought to cover the ground once (拓扑检查: 重叠与缝隙).

Method. Give every edge of every ring a direction with the feature on its left. In a clean coverage each edge lies once each
way and cancels. The edges that do not cancel bound the places where the number of features changes: they are noded and
polygonised, and one point per face counts the features there. 0 is a gap, 2 and more an overlap.
All features are taken the same way round: mixed directions cancel falsely. Edges are matched by the cells of the snap grid on
which their ends fall; a hash only brings together those that may match.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import AnalysisError
from gis.geometry import _arrangement, validity
from gis.geometry._arrangement import Uncancelled
from gis.geometry._flat import Objects, listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.geometry.flat import Flat

__all__ = ["CoverageFaces", "faces", "faces_of_flat", "faces_within"]

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]
_CELLS: Final = 1024  # along a side of the raster on which features near faces are sought


@dataclass(frozen=True, slots=True)
class CoverageFaces:
    """Gaps and overlaps of one layer, sorted by members and place.

    `geometry`: single polygons. `count`: 0 = gap, 2 or more = overlap. `members`: per face the numbers of the features that
    cover it, for a gap of those that touch it.
    """

    geometry: Objects
    count: Indices
    members: tuple[Indices, ...]

    def gaps(self) -> Indices:
        """Which faces are gaps."""
        return np.flatnonzero(self.count == 0)

    def overlaps(self) -> Indices:
        """Which faces are overlaps."""
        return np.flatnonzero(self.count > 1)


def faces(polygons: Any, *, grid: float = 1e-4, valid: bool = False) -> CoverageFaces:
    """Every gap that the layer encloses and every place covered twice or more, as single polygons with their features.

    `grid`: vertices are taken as equal when they round to the same multiple of it (units of the coordinates). A gap is
    ground that the coverage encloses, be it only through touching corners; the outside is never a gap. A place that three
    features cover is one face with three members.
    `valid` says that the polygons are known to be valid, and spares asking. None, empty, points and lines are skipped, of
    collections the polygons count; what has no area covers nothing; Z and M are left out.

    Raises: AnalysisError if a polygon is invalid, or if the check Σ face area × count = Σ feature area fails.

    Example:
        >>> import shapely
        >>> found = faces([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)])
        >>> found.count.tolist(), found.geometry[0].area, found.members[0].tolist()
        ([2], 1.0, [0, 1])
    """
    layer = validity.checked(polygons, valid=valid)
    known = _Layer(lambda: shapely.bounds(layer), lambda which: layer[which])
    return _faces(_arrangement.uncancelled(layer, grid), known, grid)


def faces_of_flat(polygons: Flat, *, grid: float = 1e-4) -> CoverageFaces:
    """As `faces`, of polygons that are flat coordinates: no geometry is built but those near faces.

    The polygons must be valid, which is not asked; None and empty are skipped.

    Raises: AnalysisError if a coordinate is not finite, or if the check Σ face area × count = Σ feature area fails.

    Example:
        >>> import shapely
        >>> from gis.geometry import flat
        >>> found = faces_of_flat(flat.from_wkb(shapely.to_wkb([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)])))
        >>> found.count.tolist(), found.geometry[0].area, found.members[0].tolist()
        ([2], 1.0, [0, 1])
    """
    left = _arrangement.uncancelled_rings(polygons.as_rings(), grid)
    if not np.isfinite(left.area):
        bad = listed(np.flatnonzero((np.diff(polygons.features) > 0) & ~np.isfinite(polygons.bounds()).all(axis=1)))
        raise AnalysisError(
            f"拓扑检查的图层中，第 {bad} 个要素的坐标含无效数值。请先剔除。",
            f"Features {bad} of the coverage have coordinates that are not finite. Set them aside first.",
        )
    return _faces(left, _Layer(polygons.bounds, lambda which: polygons.chosen(which).geometries()), grid)


def faces_within(
    polygons: Any, ground: Any, *, around: float, grid: float = 1e-4, valid: bool = False
) -> CoverageFaces:
    """As `faces`, with the surroundings of the polygons `ground` as one more feature, so that its edge counts as covered too.

    `around`: how far the surroundings reach (units of the coordinates). They have the number after the last of `polygons`.

    Raises: AnalysisError as `faces`, and if the ground has an invalid polygon or no area.

    Example:
        >>> import shapely
        >>> found = faces_within([shapely.box(0, 0, 2, 1)], [shapely.box(0, 0, 3, 1)], around=10)
        >>> found.count.tolist(), found.geometry[0].bounds
        ([0], (2.0, 0.0, 3.0, 1.0))
    """
    layer, whole = validity.checked(polygons, valid=valid), shapely.union_all(validity.checked(ground, valid=valid))
    if not whole.area > 0:
        raise AnalysisError(
            "覆盖检查的底图没有面积。请给出至少一个有面积的多边形。",
            "The ground to be covered has no area. Give at least one polygon that has one.",
        )
    frame = shapely.box(*(np.array(shapely.bounds(whole)) + around * np.array([-1, -1, 1, 1])))
    return faces(np.append(layer, shapely.difference(frame, whole)), grid=grid, valid=True)


@dataclass(frozen=True, slots=True)
class _Layer:
    """What is asked of a layer near faces: the bounds of all features (f, 4), and the geometry of some."""

    bounds: Callable[[], Floats]
    geometry: Callable[[Indices], Objects]

    def near(self, boxes: Floats) -> shapely.STRtree:
        """A tree of the features that meet some boxes, and maybe others, under their own numbers."""
        if not len(boxes):
            return shapely.STRtree([])
        bounds = self.bounds()
        which = np.flatnonzero(_may_meet(bounds, boxes))
        some = np.full(len(bounds), None, object)
        some[which] = self.geometry(which)
        return shapely.STRtree(some)


def _may_meet(bounds: Floats, boxes: Floats) -> NDArray[np.bool_]:
    """Which bounds meet a cell that one of the boxes meets, on a raster over all boxes."""
    low = boxes[:, :2].min(axis=0)
    side = (boxes[:, 2:].max(axis=0) - low) / _CELLS

    def cells(xy: Floats) -> tuple[Indices, Indices]:
        column, row = np.nan_to_num(np.floor((xy - low) / side), nan=-1).clip(-1, _CELLS).astype(np.int64).T + 1
        return column, row

    (west, south), (east, north) = cells(boxes[:, :2]), cells(boxes[:, 2:])
    steps = np.zeros((_CELLS + 3, _CELLS + 3), np.int64)
    for column, row, step in ((west, south, 1), (east + 1, south, -1), (west, north + 1, -1), (east + 1, north + 1, 1)):
        np.add.at(steps, (column, row), step)
    met = steps.cumsum(axis=0).cumsum(axis=1) > 0
    total = np.pad(met.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    (west, south), (east, north) = cells(bounds[:, :2]), cells(bounds[:, 2:])
    inside = total[east + 1, north + 1] - total[west, north + 1] - total[east + 1, south] + total[west, south]
    return np.asarray(inside > 0)


def _faces(left: Uncancelled, layer: _Layer, grid: float) -> CoverageFaces:
    edges, live = left.edges, left.edges.net != 0
    found = _arrangement.polygonized(edges, live)
    tree = layer.near(_arrangement.asked(found, grid))
    count = np.bincount(_arrangement.covering(tree, found, grid)[0], minlength=len(found))
    _check_sum(left.area, found, count, tolerance=grid * _arrangement.total_length(edges, live))
    tree = layer.near(shapely.bounds(found[count != 1]) + grid * np.array([-2, -2, 2, 2]))
    gaps = found[count == 0]
    overlaps, members = _divided(tree, left, found[count > 1], grid)
    return _sorted(gaps, _touching(tree, gaps, grid), overlaps, members)


def _check_sum(features: float, found: Objects, count: Indices, *, tolerance: float) -> None:
    """Holds the invariant; a wrong cancellation or a wrong count shows here, never silently."""
    off = float((shapely.area(found) * count).sum()) - features
    if not abs(off) <= tolerance + 1e-9 * features:
        raise AnalysisError(
            f"拓扑检查自检不通过：各面面积乘覆盖次数之和与要素面积之和相差 {off:g}。"
            "请用 geometry.validity 检查图层后重试。",
            f"The coverage check failed its own test: face areas times counts differ from feature areas by "
            f"{off:g}. Check the layer with geometry.validity and try again.",
        )


def _divided(
    tree: shapely.STRtree, left: Uncancelled, overlaps: Objects, grid: float
) -> tuple[Objects, tuple[Indices, ...]]:
    """Overlaps cut where the features that cover them change.

    Where A lies over B and C, the edge between B and C cancels, so the first faces may span it; near overlaps the
    cancelled edges are therefore added.
    """
    if not len(overlaps):
        return overlaps, ()
    near = tree.query(overlaps, predicate="intersects")[1]
    edges = left.around(np.unique(near))
    live = edges.net != 0
    quiet = np.flatnonzero(~live & np.isin(edges.feature, near))
    _, inside = shapely.STRtree(_arrangement.lines(edges, quiet)).query(overlaps, predicate="intersects")
    which = live.copy()
    which[quiet[inside]] = True
    found = _arrangement.polygonized(edges, which) if len(inside) else overlaps
    face, feature = _arrangement.covering(tree, found, grid)
    count = np.bincount(face, minlength=len(found))
    order = np.lexsort((feature, face))
    members = np.split(feature[order], np.cumsum(count)[:-1])
    several = np.flatnonzero(count > 1)
    return found[several], tuple(members[each] for each in several)


def _touching(tree: shapely.STRtree, gaps: Objects, grid: float) -> tuple[Indices, ...]:
    if not len(gaps):
        return ()
    gap, feature = tree.query(gaps, predicate="dwithin", distance=grid)
    order = np.lexsort((feature, gap))
    return tuple(np.split(feature[order], np.cumsum(np.bincount(gap, minlength=len(gaps)))[:-1]))


def _sorted(gaps: Objects, near: tuple[Indices, ...], overlaps: Objects, members: tuple[Indices, ...]) -> CoverageFaces:
    geometry = shapely.normalize(np.concatenate([gaps, overlaps]))
    who = (*near, *members)
    count = np.array([0] * len(gaps) + [len(each) for each in members], np.int64)
    place = shapely.bounds(geometry).reshape(-1, 4).tolist()
    order = sorted(range(len(who)), key=lambda each: (count[each] > 0, who[each].tolist(), place[each]))
    return CoverageFaces(geometry[order], count[order], tuple(who[each] for each in order))
