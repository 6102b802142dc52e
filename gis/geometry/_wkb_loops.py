"""Compiled loops of `flat`. This module imports numba, which is dear: import it inside functions only.

A blob is walked once to count and check, once to copy. Its head may be that of a GeoPackage; its numbers may be in either byte order,
with Z or M by the ISO codes or by the flags of EWKB.
"""

# ruff: noqa: PLR0913, PLR0917 - loops made into machine code take their arrays one by one

from __future__ import annotations

from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

__all__ = ["BAD_TYPE", "CUT_SHORT", "count", "fill"]

BAD_TYPE, CUT_SHORT = 1, 2

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
    """Where the WKB begins: behind the header of a GeoPackage, if there is one."""
    if stop - at < 8 or data[at] != 0x47 or data[at + 1] != 0x50:
        return at
    envelope = (data[at + 3] >> 1) & 7
    size = 0
    if envelope == 1:
        size = 32
    elif envelope in {2, 3}:
        size = 48
    elif envelope == 4:
        size = 64
    return at + 8 + size


@_compiled
def _head(data: Any, at: int, stop: int) -> tuple[Any, Any, Any, Any]:
    """Byte order, type (3 polygon, 6 multipolygon, −1 cut short), bytes per point, and where the body begins."""
    if at + 9 > stop:
        return True, -1, 16, at
    little = data[at] == 1
    code = _whole(data, at + 1, little)
    plain = code & 0xFFFF
    has_z = (code & 0x80000000) != 0 or plain // 1000 in {1, 3}
    has_m = (code & 0x40000000) != 0 or plain // 1000 in {2, 3}
    body = at + 5 + (4 if code & 0x20000000 else 0)
    if body + 4 > stop:
        return little, -1, 16, body
    return little, plain % 1000, 16 + 8 * int(has_z) + 8 * int(has_m), body


@_compiled
def _polygon_size(data: Any, at: int, stop: int, little: bool, stride: int) -> tuple[Any, Any, Any]:
    """Rings and points of a polygon whose body begins at `at`, and where it ends; −1 if it is cut short."""
    rings, points = _whole(data, at, little), 0
    at += 4
    for _ in range(rings):
        if at + 4 > stop:
            return rings, points, -1
        size = _whole(data, at, little)
        at += 4 + size * stride
        if at > stop:
            return rings, points, -1
        points += size
    return rings, points, at


@_compiled
def count(data: Any, offsets: Any, sizes: Any, status: Any) -> None:
    """Per row parts, rings and points to `sizes`, and to `status` what is wrong; rows of no bytes are null."""
    for row in range(len(status)):
        at, stop = offsets[row], offsets[row + 1]
        if at == stop:
            continue
        little, kind, stride, at = _head(data, _start(data, at, stop), stop)
        if kind not in {3, 6}:
            status[row] = CUT_SHORT if kind < 0 else BAD_TYPE
            continue
        members = 1
        if kind == 6:
            members = _whole(data, at, little)
            at += 4
        for _ in range(members):
            if kind == 6:
                little, inner, stride, at = _head(data, at, stop)
                if inner != 3:
                    status[row] = CUT_SHORT if inner < 0 else BAD_TYPE
                    break
            rings, points, at = _polygon_size(data, at, stop, little, stride)
            if at < 0:
                status[row] = CUT_SHORT
                break
            if points:
                sizes[row, 0] += 1
                sizes[row, 1] += rings
                sizes[row, 2] += points


@_compiled
def _copy(data: Any, at: int, size: int, little: bool, stride: int, out: Any, to: int) -> None:
    """Copy the x and y of `size` points as bytes in the order of this machine, which is little."""
    if little and stride == 16:
        out[to : to + 16 * size] = data[at : at + 16 * size]
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
            number, points, end = _polygon_size(data, at, stop, little, stride)
            if points:
                parts[part] = ring
                part += 1
                at += 4
                for _ring in range(number):
                    size = _whole(data, at, little)
                    rings[ring] = point
                    _copy(data, at + 4, size, little, stride, out, 16 * point)
                    at, ring, point = at + 4 + size * stride, ring + 1, point + size
            at = end
