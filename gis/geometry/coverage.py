"""Gaps and overlaps of one layer that ought to cover the ground once (拓扑检查: 重叠与缝隙).

Method. Give every edge of every ring a direction with the feature on its left. In a clean coverage each edge lies once each
way and cancels. The edges that do not cancel bound the places where the number of features changes: they are noded and
polygonised, and one point per face counts the features there. 0 is a gap, 2 and more an overlap.
All features are taken the same way round: mixed directions cancel falsely. Edges are matched by the cells of the snap grid on
which their ends fall; a hash only brings together those that may match.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import AnalysisError
from gis.geometry import _arrangement, _flat, parallel
from gis.geometry._arrangement import Uncancelled
from gis.geometry._flat import Objects, as_geometries

__all__ = ["CoverageFaces", "checked", "faces", "faces_within"]

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]


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
    `valid` says that the polygons are known to be valid, and spares asking. None, empty, points and lines are skipped.

    Raises: AnalysisError if a polygon is invalid, or if the check Σ face area × count = Σ feature area fails.

    Example:
        >>> import shapely
        >>> found = faces([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)])
        >>> found.count.tolist(), found.geometry[0].area, found.members[0].tolist()
        ([2], 1.0, [0, 1])
    """
    layer = checked(polygons, valid=valid)
    left = _arrangement.uncancelled(layer, grid)
    edges, live = left.edges, left.edges.net != 0
    tree = shapely.STRtree(layer)
    found = _arrangement.polygonized(edges, live)
    count = np.bincount(_arrangement.covering(tree, found, grid)[0], minlength=len(found))
    _check_sum(left.area, found, count, tolerance=grid * _arrangement.total_length(edges, live))
    gaps = found[count == 0]
    overlaps, members = _divided(tree, left, found[count > 1], grid)
    return _sorted(gaps, _touching(tree, gaps, grid), overlaps, members)


def faces_within(polygons: Any, ground: Any, *, around: float) -> CoverageFaces:
    """As `faces`, with the surroundings of the polygons `ground` as one more feature, so that its edge counts as covered too.

    Both must be valid, and `ground` must have an area. `around`: how far the surroundings reach (units of the coordinates).
    The surroundings have the number after the last of `polygons`.

    Example:
        >>> import shapely
        >>> found = faces_within([shapely.box(0, 0, 2, 1)], [shapely.box(0, 0, 3, 1)], around=10)
        >>> found.count.tolist(), found.geometry[0].bounds
        ([0], (2.0, 0.0, 3.0, 1.0))
    """
    whole = shapely.union_all(as_geometries(ground))
    frame = shapely.box(*(np.array(shapely.bounds(whole)) + around * np.array([-1, -1, 1, 1])))
    return faces(np.append(as_geometries(polygons), shapely.difference(frame, whole)), valid=True)


def checked(polygons: Any, *, valid: bool = False) -> Objects:
    """The valid polygons and multipolygons of a layer, None in place of all else; `valid` spares asking.

    Raises: AnalysisError if a polygon is invalid.

    Example:
        >>> checked([shapely.box(0, 0, 2, 1), shapely.Point(1, 1), None])[1:].tolist()
        [None, None]
    """
    layer = as_geometries(polygons).copy()
    bad = np.empty(0, np.int64) if valid else _invalid(layer)
    if len(bad):
        raise AnalysisError(
            f"拓扑检查的图层中有 {len(bad)} 个无效多边形（序号 {_flat.listed(bad)}）。"
            "请先用 geometry.validity.repaired 修复或剔除。",
            f"The layer has {len(bad)} invalid polygons (numbers {_flat.listed(bad)}). "
            "Repair them with geometry.validity.repaired or set them aside first.",
        )
    layer[~np.isin(shapely.get_type_id(layer), (_flat.POLYGON, _flat.MULTIPOLYGON))] = None
    return layer


def _invalid(layer: Objects) -> Indices:
    fine = parallel.run(lambda each: shapely.is_valid(layer[each]), parallel.slices(len(layer), chunk=16_384))
    return np.flatnonzero(~(np.concatenate([np.empty(0, bool), *fine]) | shapely.is_missing(layer)))


def _check_sum(features: float, found: Objects, count: Indices, *, tolerance: float) -> None:
    """Holds the invariant; a wrong cancellation or a wrong count shows here, never silently."""
    off = float((shapely.area(found) * count).sum()) - features
    if abs(off) > tolerance + 1e-9 * features:
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
