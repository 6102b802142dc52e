"""Edges that do not cancel, the faces they bound, and how many features cover each: what coverage and overlay share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.geometry import _flat
from gis.geometry._flat import Objects

__all__ = ["Edges", "covering", "edges", "lines", "polygonized", "remainder", "total_length"]

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]
_ANGLES: Final = (1.0, 2.7, 4.1, 5.6)  # radians, along no direction that plans are drawn in

_MOST_LIVE: Final = 0.5  # of all edges: beyond that a union is no dearer


@dataclass(frozen=True, slots=True)
class Edges:
    """Distinct edges between snapped vertices, in the order of the rings they come from.

    `ends` (m, 2): vertex numbers, in the direction of the first ring. `net`: how often up minus how often down; 0 cancels.
    `feature`: whose ring came first.
    """

    vertex: Floats
    ends: Indices
    net: Indices
    feature: Indices


def edges(layer: Objects, grid: float) -> Edges:
    """All distinct edges with their net direction; vertices that snap together are one vertex."""
    rings = _flat.rings(layer)
    start = rings.starts()
    number, vertex = _vertices(rings.xy, grid)
    a, b = number[start], number[start + 1]
    real = a != b
    a, b = a[real], b[real]
    low, high = np.minimum(a, b), np.maximum(a, b)
    key, distinct = pd.factorize(low * np.int64(max(len(vertex), 1)) + high)
    net = np.bincount(key, np.where(a < b, 1, -1), len(distinct)).astype(np.int64)
    first = _first(key, len(distinct))
    feature = rings.feature[rings.ring_of()[start[real][first]]]
    return Edges(vertex, np.stack([a[first], b[first]], axis=1), net, feature)


def _vertices(xy: Floats, grid: float) -> tuple[Indices, Floats]:
    """The number of each coordinate's snapped vertex, and per vertex the first coordinate that fell on it."""
    x = pd.factorize(np.rint(xy[:, 0] / grid))[0]
    y, ys = pd.factorize(np.rint(xy[:, 1] / grid))
    number, distinct = pd.factorize(x.astype(np.int64) * len(ys) + y)
    return number.astype(np.int64), xy[_first(number, len(distinct))]


def _first(number: Indices, size: int) -> Indices:
    """Where each number occurs first; numbers count up in the order in which they occur, as pandas gives them."""
    return np.flatnonzero(number > np.maximum.accumulate(np.concatenate([[-1], number]))[:-1])[:size]


def lines(found: Edges, which: Any) -> Objects:
    """The chosen edges, one line each."""
    out: Objects = shapely.linestrings(found.vertex[found.ends[which]])
    return out


def _chains(found: Edges, which: Any) -> Objects:
    """The chosen edges, joined where one goes on from the other: far fewer lines for the noder."""
    ends = found.ends[which]
    chain = np.cumsum(np.concatenate([[0], ends[1:, 0] != ends[:-1, 1]])[: len(ends)])
    opening = np.flatnonzero(np.diff(chain, prepend=-1))
    vertex = np.insert(ends[:, 1], opening, ends[opening, 0])
    out: Objects = shapely.linestrings(found.vertex[vertex], indices=np.insert(chain, opening, chain[opening]))
    return out


def total_length(found: Edges, which: Any) -> float:
    """The length of the chosen edges."""
    ends = found.vertex[found.ends[which]]
    return float(np.hypot(*(ends[:, 1] - ends[:, 0]).T).sum())


def polygonized(found: Edges, which: Any) -> Objects:
    """The faces of the noded edges; the outside is not among them.

    Noded on a grid of some ten roundings: without it, edges that nearly coincide are left crossing each other by a
    rounding, and a face whose ring then crosses itself is lost.
    """
    chains = _chains(found, which)
    noded = shapely.union_all(chains, grid_size=_flat.fine_grid(chains))
    faces: Objects = shapely.get_parts(shapely.polygonize([noded]))
    return faces


def covering(tree: shapely.STRtree, found: Objects, grid: float) -> tuple[Indices, Indices]:
    """(face, feature) for every feature that covers a face, asked at one point inside it.

    A point on an edge between two features, or in the crack of less than the grid that may be there, would be inside
    neither, so it is moved within the face until it keeps clear of all edges. Faces too thin for that are asked as they are.
    """
    point = shapely.point_on_surface(found)
    room = 0.5 * shapely.distance(point, shapely.boundary(found))
    xy = shapely.get_coordinates(point)
    todo = np.flatnonzero(room > grid)
    for angle in _ANGLES:
        near = np.bincount(tree.query(point[todo], predicate="dwithin", distance=2 * grid)[0], minlength=len(todo))
        todo = todo[near != np.bincount(tree.query(point[todo], predicate="within")[0], minlength=len(todo))]
        if not len(todo):
            break
        point[todo] = shapely.points(xy[todo] + room[todo, None] * [np.cos(angle), np.sin(angle)])
    face, feature = tree.query(point, predicate="within")
    return face, feature


def remainder(whole: Any, mask: Objects) -> Any:
    """What the polygons `mask` leave of the polygon `whole`, or None where too few edges cancel to tell it so.

    With the mask turned the other way round, what is left of the edges bounds the places where the number of mask polygons
    over `whole` changes; the outline that both share, and all edges inside the mask, never reach the noder.
    Held to Σ face area × (1 − count) = area of `whole` − area of the mask; where that fails, None too.
    """
    one = np.array([whole], dtype=object)
    layer = np.concatenate([shapely.orient_polygons(one), shapely.orient_polygons(mask, exterior_cw=True)])
    grid = _flat.fine_grid(layer)
    found = edges(layer, grid)
    live = found.net != 0
    if np.count_nonzero(live) > _MOST_LIVE * len(live):
        return None
    cells = polygonized(found, live)
    inside = np.bincount(covering(shapely.STRtree(one), cells, grid)[0], minlength=len(cells))
    covers = np.bincount(covering(shapely.STRtree(mask), cells, grid)[0], minlength=len(cells))
    area = shapely.area(layer)
    off = (shapely.area(cells) * (inside - covers)).sum() - area[0] + area[1:].sum()
    if abs(off) > 10 * grid * total_length(found, live) + 1e-12 * area.sum():
        return None
    left = cells[(inside > 0) & (covers == 0)]
    return shapely.normalize(left[0] if len(left) == 1 else shapely.multipolygons(left))
