"""Which polygons of two layers meet, and what of the heavier one lies around the lighter.

Heavy polygons are cut to the boxes of groups of neighbours, of smaller and smaller groups, until little is left of them. So each light polygon
meets one tile, which holds all that the heavy polygon has in its box and some room around: what the two share comes from
there whole, without seams.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry import _flat, parallel
from gis.geometry._flat import Objects

__all__ = ["Meetings", "meetings"]

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]
Pairs = tuple[Indices, Indices]

TILE: Final = 512
"""Coordinates up to which nothing is cut."""
_ACROSS: Final = 2  # groups along each side of the box of a group
_MOST: Final = 3.0  # of the coordinates of a tile: smaller tiles that hold more in all are not worth it
_ROOM: Final = 0.0137  # of a box, so that no cut runs along a drawn edge
_CHUNK: Final = 50_000  # coordinates


@dataclass(frozen=True, slots=True)
class Meetings:
    """Pairs whose interiors meet, one row for each single polygon of `heavy` that meets a feature of `light`.

    `light`, `heavy`: feature numbers; `inside`: whether that polygon covers all of the light feature; `around`: the polygon, or of
    a heavy one what lies around the light feature.
    """

    light: Indices
    heavy: Indices
    inside: NDArray[np.bool_]
    around: Objects


def meetings(light: Objects, heavy: Objects, *, pairs: Pairs | None = None, once: bool = False) -> Meetings:
    """All pairs whose interiors meet, in no order to rely on; of `pairs` only, if given; `once`: only those light < heavy."""
    mine, theirs = (np.arange(len(light)), np.arange(len(heavy))) if pairs is None else map(np.unique, pairs)
    owner, parts = _flat.exploded(heavy[theirs])
    owner = theirs[owner]
    size = shapely.get_num_coordinates(parts)
    order = np.argsort(np.where(size > TILE, -size, 0), kind="stable")  # the longest work first, for the threads' sake
    tree = shapely.STRtree(light[mine])
    tree.query(shapely.Point(0, 0))  # builds the tree before threads share it
    boxes = shapely.bounds(light)
    asked = None if pairs is None else np.unique(pairs[0] * np.int64(len(heavy)) + pairs[1])

    def work(chunk: Indices) -> tuple[Any, ...]:
        part, near = tree.query(parts[chunk])
        part, near = chunk[part], mine[near]
        if once:
            part, near = part[near < owner[part]], near[near < owner[part]]
        if asked is not None:
            keep = np.isin(near * np.int64(len(heavy)) + owner[part], asked)
            part, near = part[keep], near[keep]
        tiles, number = _tiled(parts, part, boxes[near])
        index, inside = _met(tiles, light[near], number)
        return near[index], owner[part[index]], inside, tiles[number[index]]

    filled = np.cumsum(size[order]) // _CHUNK
    chunks = np.split(order, np.flatnonzero(np.diff(filled)) + 1) if len(order) else []
    found = [_NOTHING, *parallel.run(work, chunks)]
    return Meetings(*(np.concatenate(each) for each in zip(*found, strict=True)))


_NOTHING: Final = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool), np.empty(0, object))


def _tiled(parts: Objects, part: Indices, boxes: Floats) -> tuple[Objects, Indices]:
    """For each pair of a part and the box of a light polygon, what of the part lies around the box: tiles, the tile of each pair."""
    used, number = np.unique(part, return_inverse=True)
    tiles = parts[used]
    todo = np.flatnonzero(shapely.get_num_coordinates(tiles)[number] > TILE)
    while len(todo):
        group, parent = _groups(number[todo], boxes[todo])
        smaller = shapely.intersection(tiles[parent], _frames(group, boxes[todo]))
        members, before = np.bincount(group), np.bincount(number[todo])[parent]
        better = _better(shapely.get_num_coordinates(smaller), parent, shapely.get_num_coordinates(tiles))
        todo, group = todo[better[group]], group[better[group]]
        number[todo] = len(tiles) + group
        tiles = np.concatenate([tiles, smaller])
        again = (shapely.get_num_coordinates(smaller) > TILE) & (members > 1) & (members < before)  # else no end
        todo = todo[again[group]]
    return tiles, number


def _groups(tile: Indices, boxes: Floats) -> tuple[Indices, Indices]:
    """The boxes in each tile as groups of neighbours: the group of each box, and the tile of each group."""
    middle = boxes[:, :2] + boxes[:, 2:]
    order = np.argsort(tile, kind="stable")
    of, first, member = np.unique(tile[order], return_index=True, return_inverse=True)
    low, high = (each.reduceat(middle[order], first) for each in (np.minimum, np.maximum))
    step = np.maximum((high - low).max(axis=1, keepdims=True) / _ACROSS, np.finfo(float).tiny)
    cell = np.empty((len(tile), 3), np.int64)
    cell[order, 0] = member
    cell[order, 1:] = (middle[order] - low[member]) / step[member]
    key = (cell[:, 0] * (_ACROSS + 1) + cell[:, 1]) * (_ACROSS + 1) + cell[:, 2]
    found, group = np.unique(key, return_inverse=True)
    return group, of[found // (_ACROSS + 1) ** 2]


def _frames(group: Indices, boxes: Floats) -> Objects:
    """A box around the boxes of each group, with some room."""
    order = np.argsort(group, kind="stable")
    first = np.flatnonzero(np.diff(group[order], prepend=-1))
    low = np.minimum.reduceat(boxes[order, :2], first)
    high = np.maximum.reduceat(boxes[order, 2:], first)
    room = _ROOM * (high - low).max(axis=1, keepdims=True) + 64 * np.spacing(np.abs(boxes).max())
    frames: Objects = shapely.box(*(low - room).T, *(high + room).T)
    return frames


def _better(size: Indices, parent: Indices, whole: Indices) -> NDArray[np.bool_]:
    """Whether the smaller tiles of a tile, taken together, are worth having."""
    total = np.bincount(parent, size, len(whole))
    better: NDArray[np.bool_] = (total <= _MOST * whole)[parent]
    return better


def _met(tiles: Objects, light: Objects, number: Indices) -> tuple[Indices, NDArray[np.bool_]]:
    """The pairs of tile and light polygon whose interiors meet, and whether the tile covers the other.

    Covering is only tried where the boxes allow it: neighbours in a coverage share edges, which makes that test dear.
    """
    outer, inner = shapely.bounds(tiles)[number], shapely.bounds(light)
    inside = (outer[:, :2] <= inner[:, :2]).all(axis=1) & (outer[:, 2:] >= inner[:, 2:]).all(axis=1)
    shapely.prepare(tiles)
    inside[inside] = shapely.covers(tiles[number[inside]], light[inside])
    meet = inside.copy()
    rest = np.flatnonzero(~inside)
    rest = rest[shapely.intersects(tiles[number[rest]], light[rest])]
    meet[rest] = ~shapely.touches(tiles[number[rest]], light[rest])
    shapely.destroy_prepared(tiles)
    index = np.flatnonzero(meet)
    return index, inside[index]
