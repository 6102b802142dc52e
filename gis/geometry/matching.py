"""Lines of two layers that ought to be the same lines, and lower areas that ought to tile the upper one (边界一致, 拼合).

A place on a line is *matched* where a line of the other layer runs no more than `grid` away from it. Vertices added on the
way, the direction and the order in which things were drawn have no influence. Where a line merely crosses another, the few
`grid` around the crossing count as matched.
Method: for each edge it is worked out from where to where edges of the other layer accompany it; edges come near each other by boxes
around a few edges each, so that time grows with the number of edges.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import AnalysisError
from gis.geometry import _flat, coverage, locate, parallel, shape, validity
from gis.geometry._flat import Objects, as_geometries

__all__ = ["GAP", "OUTSIDE", "OVERLAP", "Tiling", "Unmatched", "tiling", "unmatched"]

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]

GAP: Final = "gap"
OVERLAP: Final = "overlap"
OUTSIDE: Final = "outside"

_RUN: Final = 16  # edges
_CHUNK: Final = 4096  # runs of edges
_LINES: Final = (1, 2)
_POLYGONAL: Final = (_flat.POLYGON, _flat.MULTIPOLYGON)
_OUTWARDS: Final = np.array([-1, -1, 1, 1])

_Places = tuple[Objects, list[str], list[Indices]]
"""Some places of a tiling: geometry, kind, children."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """The features of a layer whose lines are not all matched, in order.

    `feature` (n): their numbers; `length` (n): how much of their lines is not matched, in units of the coordinates.
    `pieces` (p, 4): its straight pieces, x and y of both ends; `row` (p): which of the n each belongs to.
    """

    feature: Indices
    length: Floats
    pieces: Floats
    row: Indices

    def geometry(self) -> Objects:
        """What is not matched of each of the n features, as one line or multiline."""
        single = shapely.linestrings(self.pieces.reshape(-1, 2, 2))
        together = shapely.multilinestrings(single, indices=self.row) if len(single) else np.empty(0, object)
        merged: Objects = shapely.line_merge(together)
        return merged


@dataclass(frozen=True, slots=True)
class Tiling:
    """Where lower areas fail to tile their upper areas, by upper area; what is no wider than the grid is left out.

    `geometry` (n): single polygons. `parent` (n): the upper area. `kind` (n): GAP, ground of the parent that none of its children
    covers; OVERLAP, that several cover; OUTSIDE, ground of children that is not their parent's. `children`: per place those
    that cover it, for a gap those that touch it.
    `edges`: what of the parents' lines no line of a child follows.
    """

    geometry: Objects
    parent: Indices
    kind: NDArray[np.str_]
    children: tuple[Indices, ...]
    edges: Unmatched


@dataclass(frozen=True, slots=True)
class _Edges:
    """Straight edges (n, 4): x and y of both ends; the feature of each."""

    ends: Floats
    feature: Indices

    def lines(self) -> Objects:
        """One line each."""
        out: Objects = shapely.linestrings(self.ends.reshape(-1, 2, 2))
        return out

    def chosen(self, which: Any) -> _Edges:
        """Some of them."""
        return _Edges(self.ends[which], self.feature[which])


def unmatched(a: Any, b: Any, *, ground: Any = None, grid: float = 1e-4) -> Unmatched:
    """What of the lines of each feature of `a` no line of `b` follows within `grid` (units of the coordinates).

    The lines of a polygon are those of its shells and holes; lines are taken as they are. An edge that two features of `a`
    share is reported for both. With the polygons `ground`, only what lies inside one of them counts, and their own outlines
    do not: so lines of an upper plan are compared with those of a lower plan, which were cut at its area.
    None, empty and points have no lines; invalid polygons and those without area have lines like others; Z and M are left out.

    Raises: AnalysisError if a coordinate is not finite, or a polygon of `ground` is invalid.

    Example:
        >>> left = unmatched([shapely.box(0, 0, 4, 4)], [shapely.box(0, 0, 2, 4), shapely.box(2, 0, 3, 4)])
        >>> left.feature.tolist(), left.length.round(3).tolist(), left.geometry()[0].geom_type
        ([0], [6.0], 'LineString')
    """
    other = as_geometries(b)
    if ground is not None:
        ground = validity.checked(ground)
        other = np.concatenate([other, ground])
    mine, theirs = _edges(as_geometries(a)), _edges(other)
    pieces = _alone(mine, theirs, grid)
    if ground is not None:
        pieces = pieces.chosen(locate.covered(pieces.lines(), ground))  # none crosses an outline: it is cut there
    return _summed(pieces)


def tiling(children: Any, parents: Any, *, of: Any = None, grid: float = 1e-4) -> Tiling:
    """Where children leave ground of their parent open, overlap each other, or leave their parent.

    `of`: for each child the number of its parent, −1 for none; without it, the first parent that holds a point inside the child.
    A child without a parent is OUTSIDE, its parent −1. `grid`: as in `coverage.faces` (units of the coordinates). Ground
    outside the parent is OUTSIDE however many children cover it.
    None, empty, points and lines cover nothing: such a parent is outside for its children, and such a child leaves a gap.

    Raises: AnalysisError if a polygon is invalid, or `of` is not one number of a parent for each child.

    Example:
        >>> found = tiling([shapely.box(0, 0, 2, 2), shapely.box(2, 0, 5, 2)], [shapely.box(0, 0, 4, 3)])
        >>> found.kind.tolist(), shapely.area(found.geometry).tolist(), found.edges.length.round(3).tolist()
        (['gap', 'outside'], [4.0, 2.0], [8.0])
    """
    lower, upper = validity.checked(children), validity.checked(parents)
    owner = locate.containing(lower, upper) if of is None else _owners(of, len(lower), len(upper))

    def check(parent: int) -> _Places:
        return _tiled(lower, np.flatnonzero(owner == parent), upper[parent], grid)

    found = parallel.run(check, range(len(upper)))
    lost = np.flatnonzero(owner < 0)
    number, stray = _flat.exploded(lower[lost])
    places = [*found, (stray, [OUTSIDE] * len(stray), list(lost[number, None]))]
    size = [len(each) for each, _, _ in places]
    return Tiling(
        np.concatenate([each for each, _, _ in places]),
        np.repeat(np.append(np.arange(len(upper)), -1), size),
        np.array([kind for _, kinds, _ in places for kind in kinds], dtype=np.str_),
        tuple(each for _, _, members in places for each in members),
        unmatched(upper, lower, grid=grid),
    )


def _owners(of: Any, children: int, parents: int) -> Indices:
    owner = np.asarray(of)
    if owner.shape != (children,) or not np.isin(owner, np.arange(-1, parents)).all():
        raise AnalysisError(
            f"of 须为 {children} 个下级要素逐一给出上级要素的序号（0 至 {parents - 1}，没有则为 -1）。请检查后重试。",
            f"`of` must give each of the {children} children the number of its parent (0 to {parents - 1}, -1 for none). "
            "Check it and try again.",
        )
    return owner.astype(np.int64)


def _tiled(lower: Objects, mine: Indices, parent: Any, grid: float) -> _Places:
    """The faces of one parent's children together with its surroundings, taken as one more feature."""
    around = shapely.total_bounds(np.append(lower[mine], parent))
    if np.isnan(around).any():
        return np.empty(0, object), [], []
    frame = shapely.buffer(shapely.box(*around), 0.1 * np.ptp(around.reshape(2, 2), axis=0).max(), join_style="mitre")
    outer = frame if parent is None else shapely.difference(frame, parent)
    found = coverage.faces(np.append(lower[mine], outer), grid=grid, valid=True)
    wide = np.flatnonzero(shape.width(found.geometry, at_least=grid) >= grid)
    members = [found.members[each] for each in wide]
    kinds = [
        GAP if found.count[each] == 0 else OUTSIDE if len(mine) in who else OVERLAP
        for each, who in zip(wide, members, strict=True)
    ]
    return found.geometry[wide], kinds, [mine[who[who < len(mine)]] for who in members]


def _edges(array: Objects) -> _Edges:
    """All edges longer than nothing, in the order of the features; those of polygons before those of lines."""
    bad = np.flatnonzero(~validity.finite(array))
    if len(bad):
        raise AnalysisError(
            f"要比对边界的图层中，第 {_flat.listed(bad)} 个要素的坐标含无效数值。请先用 geometry.validity.repaired 修复或剔除。",
            f"Features {_flat.listed(bad)} of a layer whose lines are compared have coordinates that are not finite. "
            "Repair them with geometry.validity.repaired or set them aside first.",
        )
    rings = _flat.rings(array)
    start = rings.starts()
    others = np.flatnonzero(~np.isin(shapely.get_type_id(array), _POLYGONAL))
    owner, parts = _flat.exploded(array[others])
    lines = np.flatnonzero(np.isin(shapely.get_type_id(parts), _LINES))
    xy, line = shapely.get_coordinates(parts[lines], return_index=True)
    first = np.flatnonzero(line[:-1] == line[1:])
    ends = np.empty((len(start) + len(first), 4))
    for rows, each, at in ((slice(len(start)), rings.xy, start), (slice(len(start), None), xy, first)):
        ends[rows, :2], ends[rows, 2:] = each[at], each[at + 1]
    feature = np.concatenate([rings.feature[rings.ring_of()[start]], others[owner[lines[line[first]]]]])
    real = (ends[:, 0] != ends[:, 2]) | (ends[:, 1] != ends[:, 3])
    edges = _Edges(ends, feature)
    return edges if real.all() else edges.chosen(real)


def _alone(mine: _Edges, theirs: _Edges, grid: float) -> _Edges:
    """The pieces of edges along which no edge of the other layer runs."""
    from gis.geometry import _line_loops  # noqa: PLC0415 - numba is dear to import

    (runs, boxes), (their_runs, their_boxes) = _runs(mine), _runs(theirs)
    tree = shapely.STRtree(shapely.box(*their_boxes.T))
    run, near = tree.query(shapely.box(*(boxes + 2 * grid * _OUTWARDS).T))
    offsets = np.searchsorted(run, np.arange(len(boxes) + 1))
    layers = (mine.ends, runs, theirs.ends, their_runs, their_boxes, near, offsets)
    found = parallel.run(
        lambda part: _line_loops.alone(*layers, part.start, part.stop, grid), parallel.slices(len(boxes), chunk=_CHUNK)
    )
    edge, low, high = np.concatenate([np.empty((0, 3)), *found]).T
    of = mine.chosen(edge.astype(np.int64))
    start, stop = (of.ends[:, :2] * (1 - at) + of.ends[:, 2:] * at for at in (low[:, None], high[:, None]))
    return _Edges(np.hstack([start, stop]), of.feature)


def _runs(edges: _Edges) -> tuple[Indices, Floats]:
    """Where each run of at most `_RUN` edges of one feature begins, and the end of all; the box of each run."""
    first = np.flatnonzero(np.diff(edges.feature, prepend=-1))
    size = np.diff(first, append=len(edges.feature))
    place = np.arange(len(edges.feature)) - np.repeat(first, size)
    begin = np.flatnonzero(place % _RUN == 0)
    low, high = np.minimum(edges.ends[:, :2], edges.ends[:, 2:]), np.maximum(edges.ends[:, :2], edges.ends[:, 2:])
    if not len(begin):
        return np.zeros(1, np.int64), np.empty((0, 4))
    boxes = np.hstack([np.minimum.reduceat(low, begin), np.maximum.reduceat(high, begin)])
    return np.append(begin, len(place)), boxes


def _summed(pieces: _Edges) -> Unmatched:
    order = np.argsort(pieces.feature, kind="stable")
    ends = pieces.ends[order]
    feature, row = np.unique(pieces.feature[order], return_inverse=True)
    total = np.zeros(len(feature))
    np.add.at(total, row, np.hypot(*(ends[:, 2:] - ends[:, :2]).T))
    return Unmatched(feature, total, ends, row)
