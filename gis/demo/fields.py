"""Faces of a coverage cut into fields and plots: each across its longer side, again and again, until pieces are small enough.

Cuts begin and end on the edges that are there, and whoever shares an edge gets the new vertex with it, so a coverage stays one
without any noding; time grows with the number of pieces.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.demo.coverage import Geometries, Mesh, Segments
from gis.demo.terrain import Floats, Ints

__all__ = ["fields"]

Ints32 = NDArray[np.int32]
HalfEdges = tuple[Floats, Ints32, Ints32, Ints32]


def fields(faces: Geometries, wanted: Floats, rough: Floats, seed: int) -> tuple[Geometries, Ints, Mesh]:
    """The pieces of all faces, face by face, the face each comes from, and the edges between them.

    wanted   m², about so large are the pieces of each face; 0 leaves it as it is, as does a hole in it
    rough    how far cuts stray to the side, as a share of the length of a step along them
    """
    from gis.demo import _fields_kernel as kernel  # noqa: PLC0415 - numba is dear to import

    seg = Segments(faces)
    owner, hole = seg.ring_face, seg.ring_hole
    whole = np.bincount(owner, minlength=len(faces)) == 1
    wanted = np.where(whole[owner], wanted[owner], 0.0)
    area = np.where(hole, 0.0, shapely.area(faces)[owner])
    expected = int((area[wanted > 0.0] / wanted[wanted > 0.0]).sum())
    room = 1.3
    while True:
        mesh, used, first, parent = _mesh(seg, int(room * expected) + 100)
        if kernel.cut_all(mesh, used, first, parent, wanted, rough[owner], seed):
            break
        room *= 1.5
    first, parent = first[: used[2]], parent[: used[2]]
    order = np.lexsort((hole[parent], owner[parent]))
    first, parent = first[order], parent[order]
    count = np.empty(len(first), dtype=np.int64)
    kernel.walk_all(mesh, first, count, np.empty((0, 2)))
    xy = np.empty((int(count.sum()), 2))
    kernel.walk_all(mesh, first, count, xy)
    rings = shapely.linearrings(xy, indices=np.repeat(np.arange(len(count)), count))
    shell = ~hole[parent]  # the holes of a face come after its shell
    piece = np.cumsum(shell) - 1
    return shapely.polygons(rings, indices=piece), owner[parent[shell]], _edges(mesh, used, first, piece)


def _edges(mesh: HalfEdges, used: Ints, first: Ints, piece: Ints) -> Mesh:
    """The edges of the mesh of half-edges, once each, with the pieces on both sides."""
    from gis.demo import _fields_kernel as kernel  # noqa: PLC0415 - numba is dear to import

    xy, origin, following, twin = mesh[0][: used[0]].copy(), *(each[: used[1]] for each in mesh[1:])
    left = np.empty(len(origin), dtype=np.int32)
    kernel.label_all(following, first, piece, left)
    right = np.where(twin >= 0, left[twin], -1)
    once = (right < 0) | (left < right)
    return Mesh(xy, np.stack([origin, origin[following]], axis=1)[once], left[once], right[once])


def _mesh(seg: Segments, more: int) -> tuple[HalfEdges, Ints, Ints, Ints]:
    """The half-edges of a coverage with room for `more` pieces: the mesh, what is used of it, an edge and the origin of each ring."""
    edges, vertices, rings = len(seg.a), len(seg.xy), len(seg.ring_face)
    xy = np.empty((vertices + 8 * more, 2))
    origin, following, twin = (np.empty(edges + 16 * more, dtype=np.int32) for _ in range(3))
    xy[:vertices], origin[:edges], twin[:edges] = seg.xy, seg.a, seg.twin
    following[seg.before] = np.arange(edges)
    first, parent = np.empty(rings + more, dtype=np.int64), np.empty(rings + more, dtype=np.int64)
    first[seg.ring], parent[:rings] = np.arange(edges), np.arange(rings)
    return (xy, origin, following, twin), np.array([vertices, edges, rings]), first, parent
