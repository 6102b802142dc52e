"""Compiled loops that find the edges of a layer that do not cancel. They import numba, which is dear: import this in functions only.

An edge is named by the coordinate at which it starts. Its ends are the cells of the snap grid on which its two coordinates
fall. Edges are dealt to buckets by a hash of the tile that holds the smaller end, so that runs of a ring stay together in
memory; within a bucket they are matched by a hash of both ends and then by the ends themselves, so a hash that collides
costs time and never makes a wrong match. Each chunk of rings and each bucket is worked by itself: threads change nothing.
"""

# ruff: noqa: PLR0913, PLR0917 - loops made into machine code take numbers one by one

from __future__ import annotations

from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

__all__ = ["NONE", "deal", "match", "place"]

NONE = 0xFFFF
"""The code of a coordinate at which no edge starts: the last of a ring, or one whose edge snaps to a point."""

_Loop = TypeVar("_Loop")


def _compiled(function: _Loop) -> _Loop:
    """Machine code on first use, kept beside the module; it lets go of the interpreter, so threads run side by side."""
    return cast(_Loop, njit(nogil=True, cache=True, error_model="numpy")(function))


@_compiled
def _mixed(z: Any) -> Any:
    """A number with every bit depending on every bit (the finaliser of splitmix64)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@_compiled
def _of_cell(x: Any, y: Any) -> Any:
    """A sum with odd factors, to be mixed: neighbouring cells far apart, and swapped or mirrored ones not the same."""
    return np.uint64(np.int64(x)) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(np.int64(y)) * np.uint64(
        0xC2B2AE3D27D4EB4F
    )


@_compiled
def _twice_area(xy: Any, start: int, stop: int) -> Any:
    """Twice the signed area of a ring, positive counter-clockwise; taken from its first corner, where rounding is small."""
    x, y, twice = xy[start, 0], xy[start, 1], 0.0
    for k in range(start + 1, stop - 2):
        twice += (xy[k, 0] - x) * (xy[k + 1, 1] - y) - (xy[k + 1, 0] - x) * (xy[k, 1] - y)
    return twice


@_compiled
def deal(
    xy: Any, offsets: Any, hole: Any, first: int, last: int, scale: Any, keep: Any, twice: Any, code: Any, count: Any
) -> None:
    """Rings first to last: twice their signed area, the code of every edge, and how many edges each bucket gets.

    A code is 2 × bucket, plus 1 if the edge runs up (to the greater cell) when its polygon lies to its left. `scale`: the snap
    grid, and the side of a tile in cells of it. `keep`: the bits of the hash that are used.
    """
    last_bucket, grid, tile = np.uint64(len(count) - 1), scale[0], scale[1]
    for ring in range(first, last):
        start, stop = offsets[ring], offsets[ring + 1]
        twice[ring] = _twice_area(xy, start, stop)
        back = (twice[ring] < 0) != hole[ring]
        x, y = np.rint(xy[start, 0] / grid), np.rint(xy[start, 1] / grid)
        for k in range(start, stop - 1):
            next_x, next_y = np.rint(xy[k + 1, 0] / grid), np.rint(xy[k + 1, 1] / grid)
            up = (next_x > x) | ((next_x == x) & (next_y > y))
            low_x, low_y = (x if up else next_x), (y if up else next_y)
            bucket = np.int64(_mixed(_of_cell(np.floor(low_x / tile), np.floor(low_y / tile))) & keep & last_bucket)
            real = (x != next_x) | (y != next_y)
            code[k] = 2 * bucket + (up != back) if real else NONE
            count[bucket] += real
            x, y = next_x, next_y
        code[stop - 1] = NONE


@_compiled
def place(code: Any, first: int, last: int, at: Any, dealt: Any) -> None:
    """Coordinates first to last: every edge into its bucket, as its number + 1, negative if it runs down. `at`: where next."""
    for k in range(first, last):
        if code[k] != NONE:
            bucket = code[k] >> 1
            dealt[at[bucket]] = k + 1 if code[k] & 1 else -(k + 1)
            at[bucket] += 1


@_compiled
def _gather(xy: Any, dealt: Any, start: int, count: int, cells: Any) -> None:
    """The coordinates of the edges of a bucket; nothing but copying, so that the machine fetches many at once."""
    for p in range(count):
        k = abs(dealt[start + p]) - 1
        cells[p, 0], cells[p, 1], cells[p, 2], cells[p, 3] = xy[k, 0], xy[k, 1], xy[k + 1, 0], xy[k + 1, 1]


@_compiled
def _snap(cells: Any, count: int, grid: float, keep: Any, key: Any) -> None:
    """Both ends to their cells, the smaller first, and the hash of both."""
    for p in range(count):
        x, y = np.rint(cells[p, 0] / grid), np.rint(cells[p, 1] / grid)
        next_x, next_y = np.rint(cells[p, 2] / grid), np.rint(cells[p, 3] / grid)
        up = (next_x > x) | ((next_x == x) & (next_y > y))
        cells[p, 0], cells[p, 1] = (x if up else next_x), (y if up else next_y)
        cells[p, 2], cells[p, 3] = (next_x if up else x), (next_y if up else y)
        low = _of_cell(cells[p, 0], cells[p, 1]) * np.uint64(0xD6E8FEB86659FD93)
        key[p] = _mixed(low + _of_cell(cells[p, 2], cells[p, 3])) & keep


@_compiled
def _first_like(p: int, key: Any, slot: Any, cells: Any) -> Any:
    """The first edge of the bucket with the same ends as edge p, which is p itself if it is the first."""
    wrap = np.uint64(len(slot) - 1)
    s = (key[p] >> np.uint64(20)) & wrap
    while slot[s] != 0:
        q = slot[s] - 1
        if (
            cells[p, 0] == cells[q, 0]
            and cells[p, 1] == cells[q, 1]
            and cells[p, 2] == cells[q, 2]
            and cells[p, 3] == cells[q, 3]
        ):
            return q
        s = (s + np.uint64(1)) & wrap
    slot[s] = p + 1
    return p


@_compiled
def match(xy: Any, dealt: Any, starts: Any, first: int, last: int, grid: float, keep: Any, live: Any) -> None:
    """Buckets first to last: marks in `live` all edges that do not run up as often as down between the same two cells."""
    most = 0
    for bucket in range(first, last):
        most = max(most, starts[bucket + 1] - starts[bucket])
    size = 16
    while size < 2 * most:
        size *= 2
    slot, cells, key = np.zeros(size, np.int32), np.empty((most, 4)), np.empty(most, np.uint64)
    same, net = np.empty(most, np.int32), np.zeros(most, np.int32)
    for bucket in range(first, last):
        start, count = starts[bucket], starts[bucket + 1] - starts[bucket]
        _gather(xy, dealt, start, count, cells)
        _snap(cells, count, grid, keep, key)
        slot[:] = 0
        net[:] = 0
        for p in range(count):
            same[p] = _first_like(p, key, slot, cells)
            net[same[p]] += 1 if dealt[start + p] > 0 else -1
        for p in range(count):
            if net[same[p]] != 0:
                live[abs(dealt[start + p]) - 1] = True
