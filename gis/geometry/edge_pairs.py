"""Areas of what polygons of two layers share, without building any geometry.

A polygon is a sum of strips below its edges: below an upper edge counts +1, below a lower edge −1. Hence

    area(A ∩ B) = Σ over edges a of A and b of B of  s_a s_b ∫ min(y_a, y_b) dx

over the x that both edges have in common. There is no noding and no test of sides; holes, parts, shared edges and touching corners are
no special cases, and the result is continuous in the coordinates. Heavy polygons are cut into pieces first, large boxes into cells.

Tolerance: an area in the plane is right to 1e-6 m² + 1e-9 of itself; a pair that shares no more than `NOTHING_M2` is no pair. Areas
are brought to the ellipsoid by the areal scale at the centroid of each piece, which is right to 1e-8 (cells of `CELL_M` at most).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import is_degrees, metres_per_unit
from gis.geometry import parallel
from gis.geometry._flat import Objects, rings
from gis.geometry.area import areal_scale

__all__ = ["CELL_M", "NOTHING_M2", "areas"]

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]

NOTHING_M2: Final = 1e-6
"""Pairs that share no more than this are not reported."""
_MOST_CELLS: Final = 1_000
"""Cells along one side of a box at most: ground wider than a continent lies nowhere, and must not take all memory."""
CELL_M: Final = 2_000.0
"""The scale varies by 1e-8 at most over a cell of this size about the centroid of what is in it."""
PIECE_EDGES: Final = 256
"""Polygons with more edges are cut into pieces."""
_CHUNK: Final = 100_000  # coordinates


@dataclass(frozen=True, slots=True)
class Pieces:
    """Runs of sorted edges (n, 4) with their ends, boxes (p, 4) and features; coordinates from the common origin."""

    edges: Floats
    ends: Indices
    boxes: Floats
    feature: Indices


def areas(light: Objects, heavy: Objects, *, crs: Any) -> tuple[Indices, Indices, Floats]:
    """Pairs that share more than `NOTHING_M2` and the ellipsoidal m² they share: (index into light, into heavy, m²).

    Polygons and multipolygons must be valid (see `overlay.areas`, which asks). None, empty, other types, what has no area and what has
    a coordinate that is not finite meet nothing; heights and measures are not looked at. The
    result does not depend on which of the two is called heavy; that side is cut and indexed once, so it should be the heavier one.
    With `crs=None` areas are those of the plane, in square units of the coordinates.

    Example:
        >>> import numpy as np, shapely
        >>> east, west = np.array([shapely.box(5e5, 3.4e6, 500010, 3400010)]), np.array([shapely.box(500008, 3.4e6, 500020, 3400010)])
        >>> i, j, m2 = areas(east, west, crs="EPSG:4549")
        >>> i.tolist(), j.tolist(), m2.round(3).tolist()
        ([0], [0], [20.0])
    """
    near = np.empty(0, np.int64)
    if len(light):
        near = np.flatnonzero(_overlap(shapely.bounds(heavy), shapely.total_bounds(light)))
    if not len(near):
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0)
    origin = np.floor(shapely.total_bounds(heavy[near])[:2])
    pieces = _joined(parallel.run(lambda part: _pieces(heavy, near[part], origin), _chunks(heavy[near])))
    tree = shapely.STRtree(_boxes(pieces.boxes, origin))
    tree.query(shapely.Point(0, 0))  # builds the tree before threads share it

    def work(part: slice) -> tuple[Indices, Indices, Floats]:
        index = np.arange(part.start, part.stop)
        return _shared((light, index), pieces, tree, (origin, crs))

    found = parallel.run(work, _chunks(light))
    i, j, m2 = (np.concatenate(each) for each in zip(*found, strict=True))
    return i, j, m2


def _overlap(boxes: Floats, box: Floats) -> NDArray[np.bool_]:
    meet: NDArray[np.bool_] = np.all((boxes[:, :2] < box[2:]) & (boxes[:, 2:] > box[:2]), axis=1)
    return meet


def _chunks(polygons: Objects) -> list[slice]:
    """Slices of features with about as many coordinates each, so that neither time nor memory of one runs off."""
    filled = np.cumsum(shapely.get_num_coordinates(polygons)) // _CHUNK
    ends = np.r_[np.flatnonzero(np.diff(filled)) + 1, len(polygons)]
    return [slice(start, stop) for start, stop in zip(np.r_[0, ends[:-1]].tolist(), ends.tolist(), strict=True)]


def _boxes(boxes: Floats, origin: Floats) -> Objects:
    """Boxes to be searched by, back in place and larger by the rounding that this costs."""
    room = np.array([-1, -1, 1, 1]) * 4 * np.spacing(np.abs(origin).max() + np.abs(boxes).max(initial=0))
    found: Objects = shapely.box(*(boxes + np.tile(origin, 2) + room).T)
    return found


def _pieces(polygons: Objects, index: Indices, origin: Floats) -> Pieces:
    from gis.geometry import _edge_kernel  # noqa: PLC0415 - numba is dear to import

    chosen = polygons[index]
    found = rings(chosen)
    if not np.isfinite(found.xy).all():
        lost = ~np.isfinite(found.xy).all(axis=1)
        chosen[found.feature[found.ring_of()[lost]]] = None
        found = rings(chosen)
    edges, ends = np.empty((len(found.xy), 4)), np.zeros(len(index), np.int64)
    _edge_kernel.edges_of_rings(found.xy, found.offsets, found.hole, found.feature, origin, edges, ends)
    boxes = shapely.bounds(chosen) - np.tile(origin, 2)
    edges, frame, feature = _edge_kernel.cut(edges, ends, boxes, PIECE_EDGES)
    return Pieces(edges, np.r_[0, frame[:, 4].astype(np.int64)], frame[:, :4], index[feature.astype(np.int64)])


def _joined(found: list[Pieces]) -> Pieces:
    size = np.cumsum([0] + [len(each.edges) for each in found])
    ends = [each.ends[1:] + start for each, start in zip(found, size[:-1], strict=True)]
    return Pieces(
        np.concatenate([each.edges for each in found]),
        np.concatenate([np.zeros(1, np.int64), *ends]),
        np.concatenate([each.boxes for each in found]),
        np.concatenate([each.feature for each in found]),
    )


def _shared(
    light: tuple[Objects, Indices], pieces: Pieces, tree: shapely.STRtree, place: tuple[Floats, Any]
) -> tuple[Indices, Indices, Floats]:
    """What some of the light polygons share with the pieces of the heavy ones, summed per pair of features."""
    from gis.geometry import _edge_kernel  # noqa: PLC0415 - numba is dear to import

    (polygons, index), (origin, crs) = light, place
    feature, hit = tree.query(polygons[index])
    mine = _pieces(polygons, index[np.unique(feature)], origin)
    piece, hit = _met(mine, index[feature], hit, tree, origin)
    low = np.maximum(mine.boxes[piece, :2], pieces.boxes[hit, :2])
    high = np.minimum(mine.boxes[piece, 2:], pieces.boxes[hit, 2:])
    keep = (high > low).all(axis=1)
    pairs, boxes = _cells(np.stack([piece, hit], 1)[keep], np.hstack([low, high])[keep], crs)
    moments = _edge_kernel.pair_moments(mine.edges, mine.ends, pieces.edges, pieces.ends, pairs, boxes)
    some = moments[:, 0] != 0
    m2 = moments[some, 0] if crs is None else _ellipsoidal(moments[some], boxes[some] + np.tile(origin, 2), crs)
    return _summed(mine.feature[pairs[some, 0]], pieces.feature[pairs[some, 1]], m2)


def _met(mine: Pieces, feature: Indices, hit: Indices, tree: Any, origin: Floats) -> tuple[Indices, Indices]:
    """Pairs of pieces whose boxes meet: features in one piece were asked already, the pieces of the others ask again."""
    of = np.searchsorted(mine.feature, feature)
    of[of == len(mine.feature)] = 0
    there = mine.feature[of] == feature if len(mine.feature) else np.zeros(len(feature), bool)
    number, count = np.unique(mine.feature, return_counts=True)
    cut = np.isin(mine.feature, number[count > 1])
    alone = there & ~cut[of] if len(cut) else there
    again = np.flatnonzero(cut)
    asker, more = tree.query(_boxes(mine.boxes[again], origin))
    return np.concatenate([of[alone], again[asker]]), np.concatenate([hit[alone], more])


def _cells(pairs: Indices, boxes: Floats, crs: Any) -> tuple[Indices, Floats]:
    """Boxes larger than a cell are cut into cells: the pair of each, and its box."""
    side = CELL_M / (1.0 if crs is None else 111_320.0 if is_degrees(crs) else metres_per_unit(crs))
    count = np.ceil((boxes[:, 2:] - boxes[:, :2]) / side).clip(1, _MOST_CELLS).astype(np.int64)
    if not len(pairs) or count.max() == 1:
        return pairs, boxes
    total = count.prod(axis=1)
    pair = np.repeat(np.arange(len(pairs)), total)
    number = np.arange(len(pair)) - np.repeat(np.cumsum(total) - total, total)
    step = np.stack([number % count[pair, 0], number // count[pair, 0]], 1)
    low, high, of = boxes[pair, :2], boxes[pair, 2:], count[pair]
    start, stop = low + (high - low) * (step / of), low + (high - low) * ((step + 1) / of)
    return pairs[pair], np.hstack([start, np.where(step + 1 == of, high, stop)])


def _ellipsoidal(moments: Floats, boxes: Floats, crs: Any) -> Floats:
    """Areas over the areal scale at their centroids; the centroid of next to nothing is kept within its box."""
    x = np.clip(boxes[:, 0] + moments[:, 1] / moments[:, 0], boxes[:, 0], boxes[:, 2])
    y = np.clip(boxes[:, 1] + moments[:, 2] / moments[:, 0], boxes[:, 1], boxes[:, 3])
    scaled: Floats = moments[:, 0] / areal_scale(x, y, crs)
    return scaled


def _summed(i: Indices, j: Indices, m2: Floats) -> tuple[Indices, Indices, Floats]:
    order = np.lexsort((j, i))
    i, j, m2 = i[order], j[order], m2[order]
    first = np.flatnonzero(np.r_[True, (np.diff(i) != 0) | (np.diff(j) != 0)][: len(i)])
    total = np.add.reduceat(m2, first) if len(first) else m2
    keep = total > NOTHING_M2
    return i[first][keep], j[first][keep], total[keep]
