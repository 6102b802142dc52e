"""A layer as ground that is covered once: cells with the features that cover them, packed unsimplified for a page.

Where features of a layer overlap, their ground is cut into cells, each covered by the same features throughout; elsewhere a
feature is a cell. So a page that adds up what a site shares with cells counts no ground twice, whichever feature comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from gis.geometry import _arrangement, _flat, overlay

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Objects = NDArray[np.object_]
    Indices = NDArray[np.int64]

__all__ = ["UNITS_PER_M", "Cells", "cells", "packed"]

UNITS_PER_M: Final = 10_000
"""Coordinates are whole numbers of 0.1 mm."""
_TWICE_M2: Final = 1e-3
"""Features that share no more than this do not cover ground twice, as in the Python answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Polygons that do not overlap, per cell the row numbers of the features that cover it, and whether `mask` does."""

    polygons: Objects
    members: tuple[tuple[int, ...], ...]
    masked: NDArray[np.bool_]


def cells(polygons: Objects, crs: Any, mask: Objects | None = None) -> Cells:
    """The ground of some valid polygons in cells; None and empty ones have none. What `mask` covers of a feature is a cell of its own.

    Example:
        >>> found = cells(np.array([shapely.box(0, 0, 3, 1), shapely.box(2, 0, 5, 1), None]), 4549)
        >>> found.members, [each.area for each in found.polygons]
        (((0,), (0, 1), (1,)), [2.0, 1.0, 2.0])
    """
    there = np.flatnonzero(shapely.area(polygons) > 0)
    i, j, m2 = overlay.areas(polygons[there], polygons[there], crs=crs, valid=True)
    twice = (i < j) & (m2 > _TWICE_M2)
    mixed = [i[twice], j[twice]]
    cover = np.empty(0, dtype=object)
    if mask is not None:
        k, over, m2 = overlay.areas(polygons[there], mask, crs=crs, valid=True)
        mixed.append(k[m2 > _TWICE_M2])
        cover = mask[np.unique(over[m2 > _TWICE_M2])]
    cut = there[np.unique(np.concatenate(mixed))]
    alone = np.setdiff1d(there, cut)
    members = [(int(each),) for each in alone]
    faces, of, masked = _faces(polygons[cut], cover)
    found = [*members, *(tuple(cut[list(each)].tolist()) for each in of)]
    flags = np.concatenate([np.zeros(len(alone), dtype=bool), masked])
    order = sorted(range(len(found)), key=lambda n: (found[n], flags[n]))
    every = np.concatenate([polygons[alone], faces])
    return Cells(every[order], tuple(found[n] for n in order), flags[order])


def _faces(polygons: Objects, cover: Objects) -> tuple[Objects, list[tuple[int, ...]], NDArray[np.bool_]]:
    """The ground of polygons that overlap, or meet the cover: one piece for each set of them, and whether it is covered."""
    if not len(polygons):
        return np.empty(0, dtype=object), [], np.empty(0, dtype=bool)
    turned = shapely.orient_polygons(np.concatenate([polygons, cover]))
    grid = _flat.fine_grid(turned)
    edges = _arrangement.edges(turned, grid)
    faces = _arrangement.polygonized(edges, np.ones(len(edges.ends), dtype=bool))
    face, feature = _arrangement.covering(shapely.STRtree(turned), faces, grid)
    groups: dict[tuple[tuple[int, ...], bool], list[int]] = {}
    order = np.lexsort((feature, face))
    for number, some in zip(*_runs(face[order], feature[order]), strict=True):
        key = tuple(each for each in some if each < len(polygons)), some[-1] >= len(polygons)
        groups.setdefault(key, []).append(number)
    kept = {key: some for key, some in groups.items() if key[0]}
    parts = [shapely.multipolygons(faces[some]) for some in kept.values()]
    return np.array(parts, dtype=object), [key[0] for key in kept], np.array([key[1] for key in kept], dtype=bool)


def _runs(face: Indices, feature: Indices) -> tuple[list[int], list[list[int]]]:
    """Each face once, and the features that cover it; both come sorted by face."""
    starts = np.flatnonzero(np.diff(face, prepend=-1))
    return face[starts].tolist(), [each.tolist() for each in np.split(feature, starts[1:])] if len(starts) else []


def packed(geometries: Sequence[Any] | Objects) -> dict[str, list[int]]:
    """Polygons, or lines, as whole numbers, vertex by vertex.

    xy     each the difference to the vertex before, in 0.1 mm
    ring   vertices per ring, or line, without the closing one; below 0 for a hole
    cell   rings per geometry

    Example:
        >>> packed([shapely.box(0, 0, 1, 2)])
        {'xy': [10000, 0, 0, 20000, -10000, 0, 0, -20000], 'ring': [4], 'cell': [1]}
    """
    array = _flat.as_geometries(geometries)
    if (shapely.get_dimensions(array) == 1).any():
        owner, parts = _flat.exploded(array)
        xy, part = shapely.get_coordinates(parts, return_index=True)
        size = np.bincount(part, minlength=len(parts))
    else:
        found = _flat.rings(array)
        keep = found.starts()
        xy, owner = found.xy[keep], found.feature
        size = (np.diff(found.offsets) - 1) * np.where(found.hole, -1, 1)
    whole = np.rint(xy * UNITS_PER_M).astype(np.int64)
    return {
        "xy": np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel().tolist(),
        "ring": size.tolist(),
        "cell": np.bincount(owner, minlength=len(array)).tolist(),
    }
