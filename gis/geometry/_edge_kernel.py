"""Compiled loops of `edge_pairs`. This module imports numba, which is dear: import it inside functions only.

An edge is a row (x, y, x, y) with the inside of its polygon to the left. A piece is a run of edges sorted by their western end, and
stands for the function Σ ± [y below the edge at x] over its box: 1 inside the polygon, 0 outside. Vertical edges add nothing to it.

Two habits keep the first compilation short: rows are copied by `_copy`, as numba's own assignment between arrays compiles the wording of
its error too; and counts begin at `_NONE`, as each literal 0 handed on would compile the function called a second time.
"""

# ruff: noqa: PLR0913, PLR0917 - loops made into machine code take numbers one by one

from __future__ import annotations

from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

__all__ = ["cut", "edges_of_rings", "pair_moments"]

_THIN = 1e-100  # an edge narrower than this counts as vertical, so that no slope overflows
_NONE = cast(int, np.int64(0))
_SMALLEST = 2.0**-30  # of the box of a polygon: where many edges meet in a point, cutting ends
_GAPS = np.array([701, 301, 132, 57, 23, 10, 4, 1])

_Loop = TypeVar("_Loop")


def _compiled(function: _Loop) -> _Loop:
    """Machine code on first use, kept beside the module; it lets go of the interpreter, so threads run side by side."""
    return cast(_Loop, njit(nogil=True, cache=True)(function))


@_compiled
def edges_of_rings(xy: Any, offsets: Any, hole: Any, feature: Any, origin: Any, out: Any, ends: Any) -> None:
    """Write the edges of all rings to `out`, shells counter-clockwise and holes clockwise, and per feature their end."""
    size = _NONE
    for ring in range(len(hole)):
        start, stop = offsets[ring], offsets[ring + 1] - 1
        twice = 0.0
        for k in range(start + 1, stop):
            twice += (xy[k, 0] - xy[start, 0]) * (xy[k + 1, 1] - xy[start, 1])
            twice -= (xy[k + 1, 0] - xy[start, 0]) * (xy[k, 1] - xy[start, 1])
        back = (twice < 0) != hole[ring]
        for step in range(stop - start):
            k, m = (stop - step, stop - step - 1) if back else (start + step, start + step + 1)
            if abs(xy[k, 0] - xy[m, 0]) > _THIN:
                for axis in range(2):
                    out[size, axis], out[size, axis + 2] = xy[k, axis] - origin[axis], xy[m, axis] - origin[axis]
                size += 1
        ends[feature[ring]] = size
    for each in range(1, len(ends)):
        ends[each] = max(ends[each], ends[each - 1])


@_compiled
def _copy(rows: Any, out: Any, at: int) -> None:
    """Write all rows to `out`, from its row `at` on."""
    for k in range(len(rows)):
        for axis in range(rows.shape[1]):
            out[at + k, axis] = rows[k, axis]


@_compiled
def sort(edges: Any, start: int, stop: int) -> None:
    """Sort rows by the western end of the edge (Shell's sort: short runs, nearly sorted ones for nothing)."""
    for gap in _GAPS:
        for k in range(start + gap, stop):
            x0, y0, x1, y1 = edges[k]
            west, at = min(x0, x1), k
            while at >= start + gap and min(edges[at - gap, 0], edges[at - gap, 2]) > west:
                for axis in range(4):
                    edges[at, axis] = edges[at - gap, axis]
                at -= gap
            edges[at, 0], edges[at, 1], edges[at, 2], edges[at, 3] = x0, y0, x1, y1


@_compiled
def _put(out: Any, size: int, x0: float, y0: float, x1: float, y1: float) -> int:
    """Add an edge; level ones that go on where the last ended lengthen it, so that what is above a box telescopes to little."""
    last = size - 1
    if y0 == y1 and size and out[last, 1] == y0 and out[last, 3] == y0 and out[last, 2] == x0:
        out[last, 2] = x1
        return size if out[last, 0] != x1 else last
    out[size, 0], out[size, 1], out[size, 2], out[size, 3] = x0, y0, x1, y1
    return size + 1


@_compiled
def _halve_x(edges: Any, at: float, low: Any, high: Any) -> tuple[int, int]:
    """Split edges at x = `at` into `low` and `high`; the counts."""
    n_low = n_high = _NONE
    for k in range(len(edges)):
        x0, y0, x1, y1 = edges[k]
        if max(x0, x1) <= at:
            n_low = _put(low, n_low, x0, y0, x1, y1)
        elif min(x0, x1) >= at:
            n_high = _put(high, n_high, x0, y0, x1, y1)
        else:
            middle = y0 + (y1 - y0) * ((at - x0) / (x1 - x0))
            if x0 < x1:
                n_low = _put(low, n_low, x0, y0, at, middle)
                n_high = _put(high, n_high, at, middle, x1, y1)
            else:
                n_high = _put(high, n_high, x0, y0, at, middle)
                n_low = _put(low, n_low, at, middle, x1, y1)
    return n_low, n_high


@_compiled
def _halve_y(edges: Any, at: float, low: Any, high: Any) -> tuple[int, int]:
    """Split edges at y = `at`: what is above goes to `high`, and to `low` as a lid; the counts."""
    n_low = n_high = _NONE
    for k in range(len(edges)):
        x0, y0, x1, y1 = edges[k]
        if max(y0, y1) <= at:
            n_low = _put(low, n_low, x0, y0, x1, y1)
        elif min(y0, y1) >= at:
            n_high = _put(high, n_high, x0, y0, x1, y1)
            n_low = _put(low, n_low, x0, at, x1, at)
        else:
            middle = x0 + (x1 - x0) * ((at - y0) / (y1 - y0))
            if y0 < y1:
                if abs(middle - x0) > _THIN:
                    n_low = _put(low, n_low, x0, y0, middle, at)
                if abs(middle - x1) > _THIN:
                    n_high = _put(high, n_high, middle, at, x1, y1)
                    n_low = _put(low, n_low, middle, at, x1, at)
            else:
                if abs(middle - x0) > _THIN:
                    n_high = _put(high, n_high, x0, y0, middle, at)
                    n_low = _put(low, n_low, x0, at, middle, at)
                if abs(middle - x1) > _THIN:
                    n_low = _put(low, n_low, middle, at, x1, y1)
    return n_low, n_high


@_compiled
def _room(array: Any, size: int) -> Any:
    """The array, or a larger copy if it holds fewer than `size` rows."""
    if size <= len(array):
        return array
    larger = np.empty((max(size, 2 * len(array)), array.shape[1]))
    _copy(array, larger, _NONE)
    return larger


@_compiled
def _cut(edges: Any, box: Any, limit: int) -> tuple[Any, Any]:
    """Halve a polygon until no piece has more than `limit` edges: edges, and per piece its box and end (p, 5)."""
    out, size = np.empty((len(edges) + len(edges) // 2, 4)), _NONE
    pieces, count = np.empty((16, 5)), _NONE
    stack, start, top = np.empty((2 * len(edges), 4)), np.zeros(128, np.int64), 1
    frame = np.empty((128, 4))
    _copy(edges, stack, _NONE)
    _copy(box, frame, _NONE)
    start[1] = len(edges)
    low, high = np.empty((2 * len(edges) + 8, 4)), np.empty((2 * len(edges) + 8, 4))
    smallest = _SMALLEST * max(box[0, 2] - box[0, 0], box[0, 3] - box[0, 1])
    while top:
        top -= 1
        begin, (x0, y0, x1, y1) = start[top], frame[top]
        node = stack[begin : start[top + 1]]
        if len(node) <= limit or top > 120 or max(x1 - x0, y1 - y0) <= smallest:
            if len(node):
                out, pieces = _room(out, size + len(node)), _room(pieces, count + 1)
                size = _finish(node, frame[top : top + 1], out, size)
                _copy(frame[top : top + 1], pieces, count)
                pieces[count, 4], count = size, count + 1
            continue
        low, high = _room(low, 2 * len(node) + 8), _room(high, 2 * len(node) + 8)
        _copy(frame[top : top + 1], frame, top + 1)
        if x1 - x0 > y1 - y0:
            frame[top, 2] = frame[top + 1, 0] = 0.5 * (x0 + x1)
            n_low, n_high = _halve_x(node, 0.5 * (x0 + x1), low, high)
        else:
            frame[top, 3] = frame[top + 1, 1] = 0.5 * (y0 + y1)
            n_low, n_high = _halve_y(node, 0.5 * (y0 + y1), low, high)
        stack = _room(stack, begin + n_low + n_high)
        _copy(low[:n_low], stack, begin)
        _copy(high[:n_high], stack, begin + n_low)
        start[top + 1], start[top + 2] = begin + n_low, begin + n_low + n_high
        top += 2
    return out[:size], pieces[:count]


@_compiled
def _finish(node: Any, frame: Any, out: Any, size: int) -> int:
    """Write a piece sorted, and draw its frame in where its edges end; only below may it be open. The new size of `out`."""
    stop = size + len(node)
    _copy(node, out, size)
    sort(out, size, stop)
    west, east, top = np.inf, -np.inf, -np.inf
    for k in range(len(node)):
        west, east = min(west, node[k, 0], node[k, 2]), max(east, node[k, 0], node[k, 2])
        top = max(top, node[k, 1], node[k, 3])
    frame[0, 0], frame[0, 2], frame[0, 3] = max(frame[0, 0], west), min(frame[0, 2], east), min(frame[0, 3], top)
    return stop


@_compiled
def cut(edges: Any, ends: Any, boxes: Any, limit: int) -> tuple[Any, Any, Any]:
    """Pieces of all features with at most `limit` edges each: edges, per piece its box and end (p, 5), and its feature."""
    out, size = np.empty((len(edges), 4)), _NONE
    pieces, feature, count = np.empty((len(boxes), 5)), np.empty((len(boxes), 1)), _NONE
    start = _NONE
    for each in range(len(boxes)):
        own, box = edges[start : ends[each]], boxes[each : each + 1]
        start = ends[each]
        if not len(own):
            continue
        if len(own) <= limit:
            out, pieces, feature = _room(out, size + len(own)), _room(pieces, count + 1), _room(feature, count + 1)
            size = _finish(own, box, out, size)
            _copy(box, pieces, count)
            pieces[count, 4], feature[count, 0], count = size, each, count + 1
            continue
        found, more = _cut(own, box, limit)
        stop = count + len(more)
        out, pieces, feature = _room(out, size + len(found)), _room(pieces, stop), _room(feature, stop)
        _copy(found, out, size)
        _copy(more, pieces, count)
        for piece in range(count, stop):
            pieces[piece, 4] += size
            feature[piece, 0] = each
        size, count = size + len(found), stop
    return out[:size], pieces[:count], feature[:count, 0]


@_compiled
def _add(out: Any, size: int, x0: float, x1: float, y0: float, y1: float, sign: float) -> int:
    """Add a segment (west, east, height in the west, slope, sign), kept sorted by its western end."""
    if not x1 - x0 > _THIN:
        return size
    at = size
    while at and out[at - 1, 0] > x0:
        for axis in range(5):
            out[at, axis] = out[at - 1, axis]
        at -= 1
    out[at, 0], out[at, 1], out[at, 2], out[at, 3], out[at, 4] = x0, x1, y0, (y1 - y0) / (x1 - x0), sign
    return size + 1


@_compiled
def _clip(edges: Any, box: Any, out: Any) -> int:
    """Edges cut to the box, measured from its south-west corner: below the box dropped, above it laid on its top."""
    size, width, height = _NONE, box[2] - box[0], box[3] - box[1]
    for k in range(len(edges)):
        if edges[k, 0] > edges[k, 2]:
            sign, x0, y0, x1, y1 = 1.0, edges[k, 2], edges[k, 3], edges[k, 0], edges[k, 1]
        else:
            sign, x0, y0, x1, y1 = -1.0, edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3]
        x0, x1, y0, y1 = x0 - box[0], x1 - box[0], y0 - box[1], y1 - box[1]
        if x0 >= width:
            break
        if x1 <= 0 or (y0 <= 0 and y1 <= 0):
            continue
        run, rise = x1 - x0, y1 - y0
        if x1 > width:
            x1, y1 = width, y1 - rise * ((x1 - width) / run)
        if x0 < 0:
            x0, y0 = 0.0, y0 - rise * (x0 / run)
        if y0 >= height and y1 >= height:
            size = _add(out, size, x0, x1, height, height, sign)
            continue
        if y0 < 0 or y0 > height:
            y = 0.0 if y0 < 0 else height
            x = min(max(x0 + (y - y0) * (run / rise), x0), x1)
            if y0 > height:
                size = _add(out, size, x0, x, height, height, sign)
            x0, y0 = x, y
        if y1 < 0 or y1 > height:
            y = 0.0 if y1 < 0 else height
            x = min(max(x1 + (y - y1) * (run / rise), x0), x1)
            if y1 > height:
                size = _add(out, size, x, x1, height, height, sign)
            x1, y1 = x, y
        size = _add(out, size, x0, x1, y0, y1, sign)
    return size


@_compiled
def _trapezoid(x0: Any, x1: Any, y0: Any, y1: Any) -> tuple[Any, Any, Any]:
    """Area under an edge, and its moments about the y and the x axis."""
    sixth, both = (x1 - x0) / 6, y0 + y1
    return 3 * sixth * both, sixth * (x0 * (y0 + both) + x1 * (y1 + both)), sixth * (y0 * both + y1 * y1)


@_compiled
def _lower(a: Any, b: Any) -> tuple[Any, Any, Any]:
    """Area and moments under the lower of two segments, over the x they have in common."""
    x0, x1 = max(a[0], b[0]), min(a[1], b[1])
    a0, a1 = a[2] + a[3] * (x0 - a[0]), a[2] + a[3] * (x1 - a[0])
    b0, b1 = b[2] + b[3] * (x0 - b[0]), b[2] + b[3] * (x1 - b[0])
    if a0 <= b0 and a1 <= b1:
        return _trapezoid(x0, x1, a0, a1)
    if a0 >= b0 and a1 >= b1:
        return _trapezoid(x0, x1, b0, b1)
    share = (a0 - b0) / ((a0 - b0) - (a1 - b1))
    x, y = x0 + share * (x1 - x0), a0 + share * (a1 - a0)
    west, east = _trapezoid(x0, x, min(a0, b0), y), _trapezoid(x, x1, y, min(a1, b1))
    return west[0] + east[0], west[1] + east[1], west[2] + east[2]


@_compiled
def pair_moments(edges_a: Any, ends_a: Any, edges_b: Any, ends_b: Any, pairs: Any, boxes: Any) -> Any:
    """Per pair of pieces and box: area of what they share in it, and its moments from the south-west corner of the box."""
    out = np.zeros((len(pairs), 3))
    buffer_a, buffer_b = np.empty((16, 5)), np.empty((16, 5))
    for k in range(len(pairs)):
        piece_a = edges_a[ends_a[pairs[k, 0]] : ends_a[pairs[k, 0] + 1]]
        piece_b = edges_b[ends_b[pairs[k, 1]] : ends_b[pairs[k, 1] + 1]]
        if len(buffer_a) < 3 * len(piece_a):
            buffer_a = np.empty((4 * len(piece_a), 5))
        if len(buffer_b) < 3 * len(piece_b):
            buffer_b = np.empty((4 * len(piece_b), 5))
        size_a, size_b = _clip(piece_a, boxes[k], buffer_a), _clip(piece_b, boxes[k], buffer_b)
        first = 0
        for p in range(size_a):
            a = buffer_a[p]
            while first < size_b and buffer_b[first, 1] <= a[0]:
                first += 1
            for q in range(first, size_b):
                if buffer_b[q, 0] >= a[1]:
                    break
                if buffer_b[q, 1] > a[0]:
                    area, east, north = _lower(a, buffer_b[q])
                    sign = a[4] * buffer_b[q, 4]
                    out[k, 0] += sign * area
                    out[k, 1] += sign * east
                    out[k, 2] += sign * north
    return out
