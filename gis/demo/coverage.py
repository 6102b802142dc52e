"""Exact work on a coverage: neighbours by shared segments, joining of faces, removal of slivers and spikes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from gis.demo.terrain import Floats, Ints
from gis.geometry import parallel

__all__ = [
    "Geometries",
    "Mesh",
    "Segments",
    "cleaned",
    "components",
    "dissolved",
    "jittered",
    "joined",
    "neighbours",
    "smallest_angles",
]

Geometries = NDArray[np.object_]
Labels = NDArray[np.str_] | Ints

JITTER = 0.12  # m, far less than half the noding grid: no line can cross another
SPIKE = 11.0  # degrees
THIN_LAND, SMALL_LAND = 16.0, 5_000.0  # m of mean width, m²
THIN_CORRIDOR, SMALL_CORRIDOR = 1.5, 260.0
PASSES = 12


def jittered(faces: Geometries, rng: np.random.Generator) -> Geometries:
    """The same faces with every vertex moved by up to `JITTER`, alike in all faces that share it, rounded to 0.1 mm."""
    coordinates = shapely.get_coordinates(faces)
    vertices, index = _vertices(coordinates)
    moved = np.round(vertices + rng.uniform(-JITTER, JITTER, vertices.shape), 4)
    return np.asarray(shapely.orient_polygons(shapely.set_coordinates(faces.copy(), moved[index])), dtype=object)


def _vertices(coordinates: Floats) -> tuple[Floats, Ints]:
    """The distinct points and which of them each coordinate is; coordinates are multiples of 0.1 mm."""
    cells = np.rint(coordinates * 1e4).astype(np.int64)
    cells -= cells.min(axis=0)
    key = (cells[:, 0] << 31) | cells[:, 1]
    _, first, index = np.unique(key, return_index=True, return_inverse=True)
    return coordinates[first], index.ravel()


class Segments:
    """All directed edges of oriented faces: the face, the ring, the vertex numbers of both ends, the length and the turn at the start.

    `ring_face` and `ring_hole` say of every ring whose it is and whether it is a hole.
    """

    def __init__(self, faces: Geometries) -> None:
        rings, owner = shapely.get_rings(shapely.orient_polygons(faces), return_index=True)
        xy, ring = shapely.get_coordinates(rings, return_index=True)
        vertices, number = _vertices(xy)
        last = np.r_[ring[1:] != ring[:-1], True]
        first = np.r_[True, ring[1:] != ring[:-1]]
        start = np.flatnonzero(~last)
        self.a, self.b = number[start], number[start + 1]
        self.ring, self.ring_face = ring[start], owner
        self.ring_hole = np.r_[False, owner[1:] == owner[:-1]]
        self.face = owner[self.ring]
        self.xy = vertices
        step = vertices[self.b] - vertices[self.a]
        self.length = np.hypot(*step.T)
        opening = np.flatnonzero(first[start])
        ends = np.r_[opening[1:], len(start)] - 1
        self.before = np.arange(len(start)) - 1
        self.before[opening] = ends
        self.heading = np.arctan2(step[:, 1], step[:, 0])
        self.angle = np.degrees(self.heading[self.before] + np.pi - self.heading) % 360.0
        self.twin = self._twins(len(vertices))

    def _twins(self, count: int) -> Ints:
        """The number of each edge's twin, which runs the other way in the neighbour, or -1 on the rim."""
        key, reverse = self.a * count + self.b, self.b * count + self.a
        order = np.argsort(key, kind="stable")
        at = np.clip(np.searchsorted(key[order], reverse), 0, len(key) - 1)
        return np.where(key[order][at] == reverse, order[at], -1)

    def notched(self, least: float) -> Ints:
        """The faces at the rim where it turns back on itself with less than an angle (degrees) of outer ground between."""
        rim = np.flatnonzero(self.twin < 0)
        to = rim[np.argsort(self.b[rim], kind="stable")]
        to = to[np.searchsorted(self.b[to], self.a[rim])]
        outside = np.degrees(self.heading[rim] - self.heading[to] - np.pi) % 360.0
        return np.unique(self.face[rim[outside < least]])


@dataclass(frozen=True)
class Mesh:
    """The edges of a coverage, once each: vertices (m), the two numbers of the ends, the faces on both sides (-1: none)."""

    xy: Floats
    ends: NDArray[np.int32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]

    def neighbours(self) -> tuple[Ints, Ints, Floats]:
        """As `neighbours` of the faces."""
        use = np.flatnonzero(self.right >= 0)
        step = self.xy[self.ends[use, 1]] - self.xy[self.ends[use, 0]]
        low, high = np.sort([self.left[use], self.right[use]], axis=0).astype(np.int64)
        return _summed(low, high, np.hypot(*step.T))

    def outlines(self, group: Ints) -> tuple[Ints, Geometries]:
        """The groups of faces (-1: none) and the ground of each; edges within a group are never looked at."""
        one, other = group[self.left], np.where(self.right >= 0, group[self.right], -1)
        rim = np.flatnonzero(one != other)
        owner = np.r_[one[rim], other[rim]]
        ends = np.vstack([self.ends[rim], self.ends[rim][:, ::-1]])  # the group's ground is to the left
        order = np.argsort(owner, kind="stable")
        order = order[owner[order] >= 0]
        number, start = np.unique(owner[order], return_index=True)
        spans = np.split(self.xy[ends[order]], start[1:])[: len(number)]
        out = np.empty(len(number), dtype=object)
        out[:] = parallel.run(_ground, spans)
        return number, out


def _ground(ends: Floats) -> shapely.Geometry:
    """The ground to the left of directed edges (each the two ends), which part it from all other ground."""
    faces = shapely.orient_polygons(shapely.get_parts(shapely.polygonize(shapely.linestrings(ends))))
    xy, face = shapely.get_coordinates(faces, return_index=True)
    first = np.flatnonzero(np.r_[True, face[1:] != face[:-1]])
    ours = set(map(tuple, ends.reshape(-1, 4).tolist()))
    parts = faces[[tuple(edge) in ours for edge in np.hstack([xy[first], xy[first + 1]]).tolist()]]
    return parts[0] if len(parts) == 1 else shapely.multipolygons(parts)


def neighbours(faces: Geometries) -> tuple[Ints, Ints, Floats]:
    """Pairs (i < j) of faces that share a boundary, and the length they share (m)."""
    seg = Segments(faces)
    return _pairs(seg, np.arange(len(seg.a)))


def _pairs(seg: Segments, use: Ints) -> tuple[Ints, Ints, Floats]:
    use = use[seg.twin[use] >= 0]
    i, j = seg.face[use], seg.face[seg.twin[use]]
    use, i, j = use[i < j], i[i < j], j[i < j]
    return _summed(i, j, seg.length[use])


def _summed(i: Ints, j: Ints, length: Floats) -> tuple[Ints, Ints, Floats]:
    """Each pair once, in order, with the sum of its lengths."""
    count = int(j.max(initial=0)) + 1
    key, index = np.unique(i * count + j, return_inverse=True)
    return key // count, key % count, np.bincount(index, length, minlength=len(key)).astype(np.float64)


def smallest_angles(faces: Geometries) -> Floats:
    """The smallest interior angle of each face in degrees."""
    seg = Segments(faces)
    smallest = np.full(len(faces), 360.0)
    np.minimum.at(smallest, seg.face, seg.angle)
    return smallest


def components(first: Ints, second: Ints, count: int) -> Ints:
    """The number of the connected piece each of `count` things belongs to."""
    graph = sparse.coo_array((np.ones(len(first)), (first, second)), shape=(count, count))
    return np.asarray(csgraph.connected_components(graph, directed=False)[1], dtype=np.int64)


def dissolved(faces: Geometries, group: Ints) -> Geometries:
    """The union of the faces of each group (numbered from 0), exact along shared edges; a group may have several parts."""
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(group[order]) > 0])
    sizes = np.diff(np.r_[starts, len(order)])
    out = np.empty(len(starts), dtype=object)
    single = sizes == 1
    out[single] = faces[order[starts[single]]]
    several = np.flatnonzero(~single)

    def united(these: slice) -> list[shapely.Geometry]:
        return [_union(faces[order[starts[k] : starts[k] + sizes[k]]]) for k in several[these].tolist()]

    for these, unions in zip(some := parallel.slices(len(several), chunk=64), parallel.run(united, some), strict=True):
        out[several[these]] = unions
    return out


def _union(faces: Geometries) -> shapely.Geometry:
    union = shapely.coverage_union_all(faces)
    parts = shapely.get_parts(union)
    return parts[0] if len(parts) == 1 else union


def joined(faces: Geometries, group: Ints, labels: tuple[Labels, ...]) -> tuple[Geometries, tuple[Labels, ...]]:
    """Faces of one group (-1: none) that touch along a boundary as one face; labels are those of the largest of them."""
    first, second, _ = neighbours(faces)
    same = (group[first] == group[second]) & (group[first] >= 0)
    return _merge(faces, first[same], second[same], labels)


def _merge(
    faces: Geometries, first: Ints, second: Ints, labels: tuple[Labels, ...]
) -> tuple[Geometries, tuple[Labels, ...]]:
    piece = components(first, second, len(faces))
    order = np.lexsort((-shapely.area(faces), piece))
    leader = order[np.r_[True, np.diff(piece[order]) > 0]]
    return dissolved(faces, piece), tuple(label[leader] for label in labels)


def cleaned(faces: Geometries, labels: tuple[Labels, ...]) -> tuple[Geometries, tuple[Labels, ...]]:
    """The faces with slivers, crumbs and spikes joined to the neighbour that suits best; the first label is the kind.

    A sliver of land goes to land, one of a road or river to its own kind; a spike goes across one of its sides.
    """
    for _ in range(PASSES):
        seg = Segments(faces)
        kind = labels[0].astype(np.str_)
        land = (kind == "") | (kind == "村庄")
        area = shapely.area(faces)
        thin = 2.0 * area / shapely.length(faces)
        bad = np.where(
            land, (thin < THIN_LAND / 2.0) | (area < SMALL_LAND), (thin < THIN_CORRIDOR / 2.0) | (area < SMALL_CORRIDOR)
        )
        bad |= kind == "楔"
        sharp = np.flatnonzero(seg.angle < SPIKE)
        spiky = np.zeros(len(faces), dtype=np.bool_)
        spiky[seg.face[sharp]] = True
        notched = seg.notched(SPIKE)
        if not (bad | spiky).any() and not len(notched):
            break
        i1, j1, l1 = _pairs(seg, np.flatnonzero(bad[seg.face] | bad[np.where(seg.twin >= 0, seg.face[seg.twin], 0)]))
        source, target, worth = np.r_[i1, j1], np.r_[j1, i1], np.r_[l1, l1]
        keep = bad[source]
        source, target, worth = source[keep], target[keep], worth[keep]
        cape = sharp[(seg.twin[sharp] < 0) & (seg.twin[seg.before[sharp]] < 0)]
        if len(cape) or len(notched):  # a spike of the municipality, or into it: its border runs without that face
            keep_faces = ~np.isin(np.arange(len(faces)), np.r_[seg.face[cape], notched])
            faces, labels = faces[keep_faces], tuple(label[keep_faces] for label in labels)
            continue
        sides = np.concatenate([sharp, seg.before[sharp]])
        sides = sides[(seg.twin[sides] >= 0) & ~bad[seg.face[sides]]]
        source = np.r_[source, seg.face[sides]]
        target = np.r_[target, seg.face[seg.twin[sides]]]
        worth = np.r_[worth, seg.length[sides]]
        worth = worth * _liking(kind[source], kind[target], area[target])
        order = np.lexsort((target, -worth, source))
        chosen = order[np.r_[True, np.diff(source[order]) > 0]]
        faces, labels = _merge(faces, source[chosen], target[chosen], labels)
    return faces, labels


def _liking(own: NDArray[np.str_], other: NDArray[np.str_], area: Floats) -> Floats:
    """How gladly a face of kind `own` joins one of kind `other`: its like first, then what is of the same nature."""
    like = np.where(own == other, 30.0, np.where((own == "") | (other == ""), 1.0, 4.0))
    like = np.where((own == "楔") & (other != ""), 20.0, like)
    return np.asarray(
        like * np.where((other == "楔"), 0.01, 1.0) * np.where(area > 400_000.0, 0.5, 1.0), dtype=np.float64
    )
