"""Compiled loops that find where no edge of another layer accompanies an edge. They import numba, which is dear: import this in functions only.

Both layers are cut into runs of a few edges each, one after the other in a feature; an edge is held against the edges of those runs only
whose boxes come near the box of its own. What accompanies all of an edge ends the search for it.
"""

# ruff: noqa: PLR0913, PLR0917 - loops made into machine code take numbers one by one

from __future__ import annotations

from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

__all__ = ["alone"]

_Loop = TypeVar("_Loop")


def _compiled(function: _Loop) -> _Loop:
    """Machine code on first use, kept beside the module; it lets go of the interpreter, so threads run side by side."""
    return cast(_Loop, njit(nogil=True, cache=True, error_model="numpy")(function))


@_compiled
def _between(at: float, step: float, least: float, most: float, low: float, high: float) -> Any:
    """From where to where in low to high the number at + t × step lies between least and most; backwards if nowhere."""
    if step == 0:
        return (low, high) if least <= at <= most else (1.0, 0.0)
    one, two = (least - at) / step, (most - at) / step
    return max(low, min(one, two)), min(high, max(one, two))


@_compiled
def _in_disc(x: float, y: float, dx: float, dy: float, radius: float) -> Any:
    """From where to where in 0 to 1 the place (x, y) + t × (dx, dy) lies within `radius` of the origin; backwards if nowhere."""
    square, aside = dx * dx + dy * dy, dx * y - dy * x
    room = radius * radius - aside * aside / square
    if room < 0:
        return 1.0, 0.0
    middle, half = -(dx * x + dy * y) / square, np.sqrt(room / square)
    return max(0.0, middle - half), min(1.0, middle + half)


@_compiled
def _accompanied(edge: Any, other: Any, grid: float) -> Any:
    """From where to where, as shares of its length, an edge runs within `grid` of another; backwards if nowhere.

    What lies within `grid` of an edge is a box along it and a disc at each end, together convex: so one stretch at most.
    """
    dx, dy = edge[2] - edge[0], edge[3] - edge[1]
    ux, uy = other[2] - other[0], other[3] - other[1]
    length = np.hypot(ux, uy)
    ux, uy = ux / length, uy / length
    x, y = edge[0] - other[0], edge[1] - other[1]
    low, high = _between(ux * y - uy * x, ux * dy - uy * dx, -grid, grid, 0.0, 1.0)
    low, high = _between(ux * x + uy * y, ux * dx + uy * dy, 0.0, length, low, high)
    for start, stop in (_in_disc(x, y, dx, dy, grid), _in_disc(edge[0] - other[2], edge[1] - other[3], dx, dy, grid)):
        if start <= stop:
            low, high = (start, stop) if low > high else (min(low, start), max(high, stop))
    return low, high


@_compiled
def _stretches(edge: Any, theirs: Any, runs: Any, boxes: Any, near: Any, grid: float, found: Any) -> Any:
    """All stretches of an edge that an edge of the runs `near` accompanies, sorted in front of `found`: how many; -1 for all of it."""
    count, room = 0, 2 * grid
    west, east = min(edge[0], edge[2]) - room, max(edge[0], edge[2]) + room
    south, north = min(edge[1], edge[3]) - room, max(edge[1], edge[3]) + room
    for run in near:
        if boxes[run, 0] > east or boxes[run, 2] < west or boxes[run, 1] > north or boxes[run, 3] < south:
            continue
        for k in range(runs[run], runs[run + 1]):
            x, y, next_x, next_y = theirs[k, 0], theirs[k, 1], theirs[k, 2], theirs[k, 3]
            if (x < west and next_x < west) or (x > east and next_x > east):
                continue
            if (y < south and next_y < south) or (y > north and next_y > north):
                continue
            low, high = _accompanied(edge, theirs[k], grid)
            if low > high:
                continue
            if low <= 0 and high >= 1:
                return -1, found
            if count == len(found):
                found = np.concatenate((found, np.empty_like(found)))
            p = count
            while p > 0 and found[p - 1, 0] > low:
                found[p, 0], found[p, 1] = found[p - 1, 0], found[p - 1, 1]
                p -= 1
            found[p, 0], found[p, 1] = low, high
            count += 1
    return count, found


@_compiled
def alone(
    mine: Any,
    runs: Any,
    theirs: Any,
    their_runs: Any,
    boxes: Any,
    near: Any,
    offsets: Any,
    first: int,
    last: int,
    grid: float,
) -> Any:
    """Stretches of the edges in runs first to last that no edge of the other layer accompanies (n, 3): edge, from, to (shares).

    `mine`, `theirs` (n, 4): x and y of both ends. `runs`, `their_runs`: where each run begins, and the end; `boxes`: those of
    their runs. `near`: per run of ours the runs of theirs to look at, from `offsets` on.
    """
    out, size, found = np.empty((64, 3)), 0, np.empty((16, 2))
    for run in range(first, last):
        those = near[offsets[run] : offsets[run + 1]]
        for k in range(runs[run], runs[run + 1]):
            count, found = _stretches(mine[k], theirs, their_runs, boxes, those, grid, found)
            if count < 0:
                continue
            reach = 0.0
            for p in range(count + 1):
                start = found[p, 0] if p < count else 1.0
                if start > reach:
                    if size == len(out):
                        out = np.concatenate((out, np.empty_like(out)))
                    out[size, 0], out[size, 1], out[size, 2] = k, reach, start
                    size += 1
                if p < count:
                    reach = max(reach, found[p, 1])
    return out[:size]
