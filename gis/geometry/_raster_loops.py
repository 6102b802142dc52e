"""Loops over cells, plain Python here; `compiled` makes machine code of them on first use.

They let go of the interpreter, so that `parallel.run` can give each thread its own rows. What they write into is given to
them; each call writes only the rows, columns or zones it is asked for. numba is imported here alone, and late.
"""

# ruff: noqa: PLR0913, PLR0917 - a machine-code loop takes its arrays one by one, and calls no other

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "centre_sums",
    "classify",
    "column_distances",
    "compiled",
    "count_runs",
    "crossings",
    "fill_kept",
    "fill_runs",
    "horn",
    "patch_sizes",
    "row_distances",
    "unite",
    "weigh",
]

Array = Any  # numba knows the types; mypy would want them once per kernel


@functools.cache
def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as machine code, kept on disk for the next process."""
    import numba  # noqa: PLC0415 - takes half a second, and most calls of `gis` need none of this

    machine_code: Callable[..., Any] = numba.njit(nogil=True, cache=True, error_model="numpy")(function)
    return machine_code


def horn(z: Array, valid: Array, size: Array, first: int, last: int, east: Array, south: Array) -> None:
    """Rise per metre to the east and to the south in rows first to last, by Horn's eight neighbours.

    NaN at the rim and next to masked cells. `east`, `south`: (last - first, columns); `size`: (8 × width, 8 × height, NaN) of
    the same type. Differences are taken before sums: heights of one neighbourhood are near each other, so even 32 bits
    lose nothing.
    """
    height, width = z.shape
    eight_x, eight_y, none = size[0], size[1], size[2]
    near = np.empty((3, width), east.dtype)
    east[:, 0] = east[:, width - 1] = none
    south[:, 0] = south[:, width - 1] = none
    for r in range(max(first - 1, 0), min(last + 1, height)):
        row, numbers, known = near[r % 3], z[r], valid[r]
        for j in range(width):
            row[j] = numbers[j] if known[j] else none
        if r - 1 <= 0 or r - 1 < first:
            continue
        up, mid, down = near[(r - 2) % 3], near[(r - 1) % 3], row
        to_east, to_south = east[r - 1 - first, 1:], south[r - 1 - first, 1:]
        for j in range(width - 2):
            x = mid[j + 2] - mid[j]
            here = mid[j + 1] - mid[j + 1]  # 0, or NaN if the cell itself is masked
            to_east[j] = ((up[j + 2] - up[j]) + (x + x) + (down[j + 2] - down[j])) / eight_x + here
        for j in range(width - 2):
            y = down[j + 1] - up[j + 1]
            to_south[j] = ((down[j] - up[j]) + (y + y) + (down[j + 2] - up[j + 2])) / eight_y
    if first == 0:
        east[0, :] = south[0, :] = none
    if last == height:
        east[last - 1 - first, :] = south[last - 1 - first, :] = none


def classify(
    z: Array, valid: Array, limits: Array, upper: bool, table: Array, first: int, last: int, out: Array, ok: Array
) -> None:
    """Rows first to last: the entry of `table` (number, and 1 for known) at the count of limits below each cell.

    `upper`: a cell on a limit stays below it. The last entry of the table is for masked cells.
    """
    numbers, known = table
    width = z.shape[1]
    count, last_class = np.empty(width, np.uint8), np.uint8(len(numbers) - 1)
    for i in range(first, last):
        row, there, result, fine = z[i], valid[i], out[i], ok[i]
        count[:] = 0
        for limit in limits:
            if upper:
                for j in range(width):
                    count[j] += row[j] > limit
            else:
                for j in range(width):
                    count[j] += row[j] >= limit
        for j in range(width):
            count[j] = count[j] if there[j] and row[j] == row[j] else last_class  # NaN has no class
        for n in range(len(numbers)):  # a pass per class has no look-up, so the machine takes many cells at once
            number, mark, this = numbers[n], known[n], np.uint8(n)
            for j in range(width):
                result[j] = number if count[j] == this else result[j]
            for j in range(width):
                fine[j] = mark if count[j] == this else fine[j]


def weigh(values: Array, valid: Array, weight: Array, first: int, last: int, out: Array) -> None:
    """Rows first to last: adds weight × value to `out`; NaN where a cell is masked. `weight`: (weight, NaN)."""
    share, none = weight[0], weight[1]
    for i in range(first, last):
        row, there, result = values[i], valid[i], out[i]
        for j in range(values.shape[1]):
            result[j] += share * row[j] if there[j] else none


def column_distances(targets: Array, first: int, last: int, out: Array) -> None:
    """Columns first to last: rows to the nearest target in the same column, -1 where it has none."""
    height = targets.shape[0]
    for way in range(2):
        for n in range(height):
            i = n if way == 0 else height - 1 - n
            before = i - 1 if way == 0 else i + 1
            for j in range(first, last):
                if targets[i, j]:
                    out[i, j] = 0
                elif n == 0:
                    out[i, j] = -1 if way == 0 else out[i, j]
                elif way == 0:
                    out[i, j] = out[before, j] + 1 if out[before, j] >= 0 else -1
                elif out[before, j] >= 0 and (out[i, j] < 0 or out[before, j] + 1 < out[i, j]):
                    out[i, j] = out[before, j] + 1


def row_distances(out: Array, first: int, last: int, cell_x: float, cell_y: float) -> None:
    """Rows first to last, in place: from rows within the column to the distance over all columns.

    The lower envelope of one parabola per column (Felzenszwalb and Huttenlocher). Work is in cells of the row, so that
    square cells stay whole numbers and the result is exact.
    """
    width = out.shape[1]
    centre = np.empty(width, np.int64)
    start = np.empty(width + 1, np.float64)
    square = np.empty(width, np.float64)
    ratio = (cell_y / cell_x) ** 2
    for i in range(first, last):
        top = -1
        for j in range(width):
            rows = np.float64(out[i, j])
            if rows < 0:
                continue
            here = rows * rows * ratio
            square[j] = here
            meet = -math.inf
            while top >= 0:
                c = centre[top]
                meet = ((here - square[c]) + np.float64(j - c) * np.float64(j + c)) / np.float64(2 * (j - c))
                if meet > start[top]:
                    break
                top -= 1
                meet = -math.inf
            top += 1
            centre[top] = j
            start[top] = meet
        if top < 0:
            out[i, :] = np.nan
            continue
        start[top + 1] = math.inf
        k = 0
        for j in range(width):
            while start[k + 1] < j:
                k += 1
            c = centre[k]
            out[i, j] = cell_x * math.sqrt(np.float64((j - c) * (j - c)) + square[c])


def count_runs(classes: Array, valid: Array, first: int, last: int, count: Array) -> None:
    """Per row, how many runs of equal valid cells it has."""
    for i in range(first, last):
        runs = 0
        for j in range(classes.shape[1]):
            if valid[i, j] and (j == 0 or not valid[i, j - 1] or classes[i, j] != classes[i, j - 1]):
                runs += 1
        count[i] = runs


def fill_runs(classes: Array, valid: Array, first: int, last: int, offset: Array, begin: Array, end: Array) -> None:
    """The first column of each run and the one behind its last; rows begin at `offset`."""
    width = classes.shape[1]
    for i in range(first, last):
        n = offset[i] - 1
        inside = False
        for j in range(width):
            if not valid[i, j]:
                inside = False
                continue
            if not inside or classes[i, j] != classes[i, j - 1]:
                n += 1
                begin[n] = j
                inside = True
            end[n] = j + 1


def unite(
    classes: Array, offset: Array, begin: Array, end: Array, parent: Array, first: int, last: int, reach: int
) -> None:
    """Joins the runs of rows first to last with those of the row above that touch them and have the same class.

    `reach`: 0 edges only, 1 corners too. The lower number becomes the parent, so that the trees do not depend on threads.
    """
    for i in range(max(first, 1), last):
        above, above_end = offset[i - 1], offset[i]
        for n in range(offset[i], offset[i + 1]):
            while above < above_end and end[above] + reach <= begin[n]:
                above += 1
            m = above
            while m < above_end and begin[m] < end[n] + reach:
                if classes[i, begin[n]] == classes[i - 1, begin[m]]:
                    a, b = n, m
                    while parent[a] != a:
                        parent[a] = parent[parent[a]]
                        a = parent[a]
                    while parent[b] != b:
                        parent[b] = parent[parent[b]]
                        b = parent[b]
                    if a < b:
                        parent[b] = a
                    else:
                        parent[a] = b
                m += 1


def patch_sizes(begin: Array, end: Array, parent: Array, size: Array) -> None:
    """Turns every parent into the root and gives roots the cells of their patch; parents come before their runs."""
    for n in range(len(parent)):
        parent[n] = parent[parent[n]]
        size[parent[n]] += end[n] - begin[n]


def fill_kept(
    offset: Array, begin: Array, end: Array, parent: Array, size: Array, least: int, first: int, last: int, out: Array
) -> None:
    """Rows first to last: True where the run belongs to a patch of at least `least` cells."""
    for i in range(first, last):
        out[i, :] = False
        for n in range(offset[i], offset[i + 1]):
            if size[parent[n]] >= least:
                for j in range(begin[n], end[n]):
                    out[i, j] = True


def crossings(
    edges: Array, offset: Array, low: int, high: int, first: int, last: int
) -> tuple[Array, Array, Array, Array]:
    """Where the edges of zones first to last cross the middles of rows low to high.

    `edges`: (n, 4) column and row of both ends, in cells; those of zone k at offset[k] to offset[k + 1]. Per zone its first
    row and where its rows begin in the list of rows; per row where its crossings end; per crossing the first column whose
    middle is not west of it. The lower end of an edge belongs to it, the upper does not; a middle on an edge lies east of it:
    of zones that tile the ground each middle has exactly one.
    """
    top, start = np.zeros(last - first, np.int64), np.zeros(last - first + 1, np.int64)
    for k in range(last - first):
        lo, hi = math.inf, -math.inf
        for e in range(offset[first + k], offset[first + k + 1]):
            lo, hi = min(lo, edges[e, 1], edges[e, 3]), max(hi, edges[e, 1], edges[e, 3])
        top[k] = max(math.ceil(lo - 0.5), low) if lo < hi else 0
        start[k + 1] = start[k] + (max(min(math.ceil(hi - 0.5), high) - top[k], 0) if lo < hi else 0)
    ends = np.zeros(start[-1] + 1, np.int64)
    column = np.empty(0, np.int64)
    for write in range(2):
        if write:
            ends = np.cumsum(ends)
            column = np.empty(ends[-1], np.int64)
            at = ends.copy()
        for k in range(last - first):
            shift = start[k] - top[k]
            for e in range(offset[first + k], offset[first + k + 1]):
                x, y, u, v = edges[e, 0], edges[e, 1], edges[e, 2], edges[e, 3]
                if y > v:  # from the same end in both neighbours, so that both find the same crossing
                    x, y, u, v = u, v, x, y
                for i in range(max(math.ceil(y - 0.5), low), min(math.ceil(v - 0.5), high)):
                    if write:
                        column[at[i + shift]] = math.ceil(x + (i + 0.5 - y) * (u - x) / (v - y) - 0.5)
                        at[i + shift] += 1
                    else:
                        ends[i + shift + 1] += 1
    return top, start, ends, column


def centre_sums(z: Array, valid: Array, top: Array, start: Array, ends: Array, column: Array, out: Array) -> None:
    """Per zone: cells whose centre lies inside, valid ones among them, their sum, least and largest number.

    What `crossings` gives, and `out`: (zones, 5), with inf and -inf for the least and largest of nothing.
    """
    height, width = z.shape
    for k in range(len(top)):
        cells, count, total, least, most = 0, 0, 0.0, math.inf, -math.inf
        for i in range(start[k], start[k + 1]):
            r, row = i - start[k] + top[k], column[ends[i] : ends[i + 1]]
            if len(row) > 2:
                row.sort()
            elif len(row) == 2 and row[0] > row[1]:
                row[0], row[1] = row[1], row[0]
            for p in range(0, len(row) - 1, 2):
                cells += row[p + 1] - row[p]
                left, right = max(row[p], 0), min(row[p + 1], width)
                if not 0 <= r < height or left >= right:
                    continue
                numbers, known = z[r, left:right], valid[r, left:right]
                for j in range(right - left):
                    value = np.float64(numbers[j])
                    count += known[j]
                    total += value if known[j] else 0.0
                    least = value if known[j] and value < least else least
                    most = value if known[j] and value > most else most
        out[k, 0], out[k, 1], out[k, 2], out[k, 3], out[k, 4] = cells, count, total, least, most
