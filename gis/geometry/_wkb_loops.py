"""Compiled loops of `flat`. This module imports numba, which is dear: import it inside functions only.

A blob is walked once to count and check, once to copy. Its head may be that of a GeoPackage; its numbers may be in either byte order,
with Z or M by the ISO codes or by the flags of EWKB.
"""

# ruff: noqa: PLR0913, PLR0917 - loops made into machine code take their arrays one by one

from __future__ import annotations

from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

__all__ = ["BAD_RING", "BAD_TYPE", "WRONG_LENGTH", "count", "fill"]

BAD_TYPE, WRONG_LENGTH, BAD_RING = 1, 2, 3

_Loop = TypeVar("_Loop")


def _compiled(function: _Loop) -> _Loop:
    """Machine code on first use, kept beside the module; it lets go of the interpreter, so threads run side by side."""
    return cast(_Loop, njit(nogil=True, cache=True)(function))


@_compiled
def _whole(data: Any, at: int, little: bool) -> Any:
    """The unsigned number of four bytes at `at`."""
    if little:
        return (
            np.int64(data[at])
            | np.int64(data[at + 1]) << 8
            | np.int64(data[at + 2]) << 16
            | np.int64(data[at + 3]) << 24
        )
    return (
        np.int64(data[at + 3]) | np.int64(data[at + 2]) << 8 | np.int64(data[at + 1]) << 16 | np.int64(data[at]) << 24
    )


@_compiled
def _start(data: Any, at: int, stop: int) -> int:
    """Where the WKB begins: behind the header of a GeoPackage, if there is one; `stop` if that has no known size."""
    if stop - at < 8 or data[at] != 0x47 or data[at + 1] != 0x50:
        return at
    envelope = (data[at + 3] >> 1) & 7
    if envelope > 4:
        return stop
    return at + 8 + (0, 32, 48, 48, 64)[envelope]


@_compiled
def _head(data: Any, at: int, stop: int) -> tuple[Any, Any, Any, Any]:
    """Byte order, type (3 polygon, 6 multipolygon, 0 none known, −1 cut short), bytes per point, and where the body begins."""
    if at + 9 > stop:
        return True, -1, 16, at
    little = data[at] == 1
    code = _whole(data, at + 1, little)
    plain = code & 0x1FFFFFFF
    has_z = (code & 0x80000000) != 0 or plain // 1000 in (1, 3)
    has_m = (code & 0x40000000) != 0 or plain // 1000 in (2, 3)
    body = at + 5 + (4 if code & 0x20000000 else 0)
    if data[at] > 1 or plain >= 4000:
        return little, 0, 16, body
    if body + 4 > stop:
        return little, -1, 16, body
    return little, plain % 1000, 16 + 8 * int(has_z) + 8 * int(has_m), body


@_compiled
def _polygon_size(data: Any, at: int, stop: int, little: bool, stride: int) -> tuple[Any, Any, Any, Any]:
    """Rings (of points) and points of a polygon whose body begins at `at`, where it ends, and what is wrong with it."""
    stated, rings, points, fault = _whole(data, at, little), 0, 0, 0
    at += 4
    for ring in range(stated):
        if at + 4 > stop:
            return rings, points, at, WRONG_LENGTH
        size = _whole(data, at, little)
        at += 4 + size * stride
        if at > stop:
            return rings, points, at, WRONG_LENGTH
        if size:
            rings, points = rings + 1, points + size
        if size in (1, 2) or (rings == 1 and ring > 0 and size):
            fault = BAD_RING
    return rings, points, at, fault


@_compiled
def _measure(data: Any, at: int, stop: int) -> tuple[Any, Any, Any, Any]:
    """Parts, rings and points of a geometry, and what is wrong with it, 0 if nothing."""
    parts, rings, points, members = 0, 0, 0, 1
    little, kind, stride, at = _head(data, _start(data, at, stop), stop)
    if kind not in (3, 6):
        return 0, 0, 0, WRONG_LENGTH if kind < 0 else BAD_TYPE
    if kind == 6:
        members = _whole(data, at, little)
        at += 4
    for _ in range(members):
        if kind == 6:
            little, inner, stride, at = _head(data, at, stop)
            if inner != 3:
                return 0, 0, 0, WRONG_LENGTH if inner < 0 else BAD_TYPE
        more_rings, more_points, at, fault = _polygon_size(data, at, stop, little, stride)
        if fault:
            return 0, 0, 0, fault
        if more_points:
            parts, rings, points = parts + 1, rings + more_rings, points + more_points
    return parts, rings, points, 0 if at == stop else WRONG_LENGTH


@_compiled
def count(data: Any, offsets: Any, sizes: Any, status: Any) -> None:
    """Per row parts, rings and points to `sizes`, and to `status` what is wrong; rows of no bytes are null."""
    for row in range(len(status)):
        if offsets[row] < offsets[row + 1]:
            sizes[row, 0], sizes[row, 1], sizes[row, 2], status[row] = _measure(data, offsets[row], offsets[row + 1])


@_compiled
def _copy(data: Any, at: int, size: int, little: bool, stride: int, out: Any, to: int) -> None:
    """Copy the x and y of `size` points as bytes in the order of this machine, which is little."""
    if little and stride == 16:
        source_bytes, target = data[at : at + 16 * size], out[to : to + 16 * size]
        for byte in range(16 * size):  # faster than one assignment, which looks for overlap
            target[byte] = source_bytes[byte]
        return
    for point in range(size):
        for byte in range(16):
            source = byte if little else byte - 2 * (byte % 8) + 7
            out[to + 16 * point + byte] = data[at + stride * point + source]


@_compiled
def fill(data: Any, offsets: Any, begins: Any, rings: Any, parts: Any, out: Any) -> None:
    """Copy the points of rows to `out`; `rings` and `parts` get where each begins. `begins`: part, ring, point per row."""
    for row in range(len(offsets) - 1):
        at, stop = offsets[row], offsets[row + 1]
        part, ring, point = begins[row]
        if part == begins[row + 1, 0]:
            continue
        little, kind, stride, at = _head(data, _start(data, at, stop), stop)
        members = 1
        if kind == 6:
            members = _whole(data, at, little)
            at += 4
        for _ in range(members):
            if kind == 6:
                little, _inner, stride, at = _head(data, at, stop)
            stated = _whole(data, at, little)
            at += 4
            first = ring
            for _ring in range(stated):
                size = _whole(data, at, little)
                if size:
                    rings[ring] = point
                    _copy(data, at + 4, size, little, stride, out, 16 * point)
                    ring, point = ring + 1, point + size
                at += 4 + size * stride
            if ring > first:
                parts[part] = first
                part += 1
