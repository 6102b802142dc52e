"""Edges that do not cancel, the faces they bound, and how many features cover each: what coverage and overlay share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.geometry import _flat, parallel
from gis.geometry._flat import Objects, Rings

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "Edges",
    "Uncancelled",
    "asked",
    "covering",
    "edges",
    "lines",
    "polygonized",
    "total_length",
    "uncancelled",
    "uncancelled_rings",
    "vertices",
]

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]
_ANGLES: Final = (1.0, 2.7, 4.1, 5.6)  # radians, along no direction that plans are drawn in

LARGE = 500_000  # coordinates from which compiled loops pay, numba's own loading included
KEEP = 2**64 - 1  # the bits of the hash that are used: all, but for the test that makes all edges collide
_BUCKET: Final = 8192  # edges: small enough for the cache of one core
_MOST_BUCKETS: Final = 2**14  # so that a code has 16 bits
_TILE: Final = 8  # median edges along a side
_CHUNKS: Final = 16  # of rings, whatever the number of threads


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
    number, vertex = vertices(rings.xy, grid)
    ends = np.stack([number[start], number[start + 1]], axis=1)
    found, _ = _distinct(ends, vertex, rings.feature[rings.ring_of()[start]])
    return found


def _distinct(ends: Indices, vertex: Floats, feature: Indices) -> tuple[Edges, Indices]:
    """Edges that join the same vertices as one, and the first of each; an edge that snaps to a point is none."""
    real = np.flatnonzero(ends[:, 0] != ends[:, 1])
    a, b = ends[real].T
    key, distinct = pd.factorize(np.minimum(a, b) * np.int64(max(len(vertex), 1)) + np.maximum(a, b))
    net = np.bincount(key, np.where(a < b, 1, -1), len(distinct)).astype(np.int64)
    first = real[_first(key, len(distinct))]
    return Edges(vertex, ends[first], net, feature[first]), first


@dataclass(frozen=True, slots=True)
class Uncancelled:
    """What the edges of a layer leave when each is set against its opposite.

    `edges`: at least those whose net is not 0. `area`: Σ feature area. `around(features)`: the same edges and all those of
    these features besides.
    """

    edges: Edges
    area: float
    around: Callable[[Indices], Edges]


def uncancelled(layer: Objects, grid: float) -> Uncancelled:
    """The edges of valid polygons that do not cancel, each ring turned so that its polygon lies to the left.

    Layers from `LARGE` on go through compiled loops on flat coordinates, without a table of all vertices or new geometries.
    There a vertex is the first coordinate on its grid cell among the edges asked for, in small layers among all; where
    they differ, it is by less than the grid.
    """
    if shapely.get_num_coordinates(layer).sum() <= LARGE:
        found = edges(shapely.orient_polygons(layer), grid)
        return Uncancelled(found, float(np.nansum(shapely.area(layer))), lambda _: found)
    return uncancelled_rings(_flat.rings(layer), grid)


def uncancelled_rings(rings: Rings, grid: float) -> Uncancelled:
    """The same from the rings of a layer, in compiled loops whatever its size."""
    twice, live = _matched(rings, grid)
    back = (twice < 0) != rings.hole

    def around(features: Indices) -> Edges:
        of_features = np.repeat(np.isin(rings.feature, features), np.diff(rings.offsets))
        of_features[rings.offsets[1:] - 1] = False
        return _chosen(rings, back, live, np.flatnonzero(of_features | live), grid)

    area = float(np.where(rings.hole, -0.5, 0.5) @ np.abs(twice))
    return Uncancelled(_chosen(rings, back, live, np.flatnonzero(live), grid), area, around)


def _matched(rings: Rings, grid: float) -> tuple[Floats, NDArray[np.bool_]]:
    """Twice the signed area of each ring, and for each coordinate whether the edge that starts there fails to cancel."""
    from gis.geometry import _edge_hash as loops  # noqa: PLC0415 - numba is dear to import

    xy, offsets, size = rings.xy, rings.offsets, len(rings.xy)
    keep = np.uint64(KEEP)
    buckets = min(_MOST_BUCKETS, 1 << (size // _BUCKET).bit_length())
    split = np.searchsorted(offsets, np.linspace(0, size, _CHUNKS + 1).astype(np.int64))
    code, twice = np.empty(size, np.uint16), np.empty(len(rings.hole))
    count = np.zeros((_CHUNKS, buckets), np.int64)
    chunks, scale = list(zip(split[:-1], split[1:], count, strict=True)), (grid, _tile(rings, grid))
    parallel.run(
        lambda each: loops.deal(xy, offsets, rings.hole, each[0], each[1], scale, keep, twice, code, each[2]), chunks
    )
    ends = np.cumsum(count.T).reshape(buckets, _CHUNKS).T
    at = np.ascontiguousarray(ends - count)
    dealt = np.empty(ends[-1, -1], np.int32 if size < np.iinfo(np.int32).max else np.int64)
    chunks = list(zip(offsets[split[:-1]], offsets[split[1:]], at, strict=True))
    parallel.run(lambda each: loops.place(code, *each, dealt), chunks)
    starts, live = np.concatenate([np.zeros(1, np.int64), ends[-1]]), np.zeros(size, bool)
    some = parallel.slices(buckets, chunk=-(-buckets // _CHUNKS))
    parallel.run(lambda each: loops.match(xy, dealt, starts, each.start, each.stop, grid, keep, live), some)
    return twice, live


def _tile(rings: Rings, grid: float) -> float:
    """The side of a tile in cells of the snap grid, by some edges: large enough for runs of a ring, small beside any layer."""
    start = rings.offsets[:-1][:: max(1, len(rings.hole) // 10_000)]
    step = rings.xy[start + 1] - rings.xy[start]
    median = np.median(np.hypot(*step.T)) if len(step) else 0.0
    return max(1.0, float(np.rint(_TILE * median / grid)))


def _chosen(rings: Rings, back: NDArray[np.bool_], live: NDArray[np.bool_], start: Indices, grid: float) -> Edges:
    """The edges that start at some coordinates, in the order and direction of the turned rings; net 0 where they cancel."""
    ring = np.searchsorted(rings.offsets, start, side="right") - 1
    turned = back[ring]
    mirrored = rings.offsets[ring] + rings.offsets[ring + 1] - 2 - start
    order = np.argsort(np.where(turned, mirrored, start), kind="stable")
    start, ring, turned = start[order], ring[order], turned[order]
    number, vertex = vertices(rings.xy[np.stack([start + turned, start + ~turned], axis=1).ravel()], grid)
    found, first = _distinct(number.reshape(-1, 2), vertex, rings.feature[ring])
    return replace(found, net=np.where(live[start[first]], found.net, 0))


def vertices(xy: Floats, grid: float) -> tuple[Indices, Floats]:
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


def _inner(found: Objects) -> tuple[Objects, Floats]:
    """A point inside each face, and how far it may move."""
    point = shapely.point_on_surface(found)
    return point, 0.5 * shapely.distance(point, shapely.boundary(found))


def asked(found: Objects, grid: float) -> Floats:
    """Boxes around all places at which `covering` may ask: the features that meet none of them need not be in its tree."""
    point, room = _inner(found)
    steps = np.array([(0.0, 0.0), *((np.cos(angle), np.sin(angle)) for angle in _ANGLES)])
    xy = (shapely.get_coordinates(point)[:, None] + room[:, None, None] * steps).reshape(-1, 2)
    return np.hstack([xy - 2 * grid, xy + 2 * grid])


def covering(tree: shapely.STRtree, found: Objects, grid: float) -> tuple[Indices, Indices]:
    """(face, feature) for every feature that covers a face, asked at one point inside it.

    A point on an edge between two features, or in the crack of less than the grid that may be there, would be inside
    neither, so it is moved within the face until it keeps clear of all edges. Faces too thin for that are asked as they are.
    """
    point, room = _inner(found)
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
