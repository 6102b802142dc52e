"""Compiled loops of `fields`: polygons cut into pieces. This module imports numba, which is dear: import it inside functions only.

The faces are a mesh of half-edges: each knows where it starts, the next one round its face, its twin in the neighbour (-1 on
the rim); the face lies on the left. A cut that ends on an edge parts it in both faces, so that neighbours share vertices.
"""

# ruff: noqa: PLR0913, PLR0917 - loops made into machine code take their arrays one by one

from __future__ import annotations

import math
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

__all__ = ["cut_all", "label_all", "walk_all"]

_TRIES = 14  # directions and places tried before a face stays as it is
_LONGEST = 4_096  # half-edges of a face; one with more stays as it is
_CROSSINGS = 64  # of a line with the outline of a face
_PIECES = 8  # straight pieces of one cut
_APART = 4.0  # m between a new vertex and those along the same edge
_CLEAR = 3.0  # m between a cut and every other part of the outline
_THIN = 14.0  # m, least mean width of a piece
_SINE = 0.42  # least sine of the angle between a cut and the outline: 25°
_PIECE = 30.0  # m between the vertices of a cut
_LEAST = 0.3  # of the size wanted: no piece is smaller

_Loop = TypeVar("_Loop")


def _compiled(function: _Loop) -> _Loop:
    """Machine code on first use, kept beside the module."""
    return cast(_Loop, njit(nogil=True, cache=True, error_model="numpy")(function))


@_compiled
def _chance(seed: int, face: int, count: int) -> float:
    """A number from 0 to 1 that is the same for the same three."""
    x = np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(face) * np.uint64(0xD1B54A32D192ED03)
    x += np.uint64(count) * np.uint64(0x8CB92BA72F3D8DD7)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return float((x ^ (x >> np.uint64(31))) >> np.uint64(11)) / 9007199254740992.0


@_compiled
def _walk(start: int, following: Any, origin: Any, xy: Any, ring: Any, px: Any, py: Any) -> int:
    """The half-edges round a face and where each starts, relative to the first; how many, or -1 if there are too many."""
    x0, y0 = xy[origin[start], 0], xy[origin[start], 1]
    edge, n = start, 0
    while True:
        if n == _LONGEST - 1:
            return -1
        ring[n] = edge
        px[n], py[n] = xy[origin[edge], 0] - x0, xy[origin[edge], 1] - y0
        n += 1
        edge = following[edge]
        if edge == start:
            break
    px[n], py[n] = px[0], py[0]
    return n


@_compiled
def _measure(px: Any, py: Any, first: int, last: int) -> tuple[float, float]:
    """Twice the area and the length of the broken line from one position to another (`last` included)."""
    area, length = 0.0, 0.0
    for k in range(first, last):
        area += px[k] * py[k + 1] - px[k + 1] * py[k]
        length += math.hypot(px[k + 1] - px[k], py[k + 1] - py[k])
    return area, length


@_compiled
def _direction(px: Any, py: Any, n: int) -> float:
    """The bearing of the longest edge."""
    best, bearing = -1.0, 0.0
    for k in range(n):
        dx, dy = px[k + 1] - px[k], py[k + 1] - py[k]
        if dx * dx + dy * dy > best:
            best, bearing = dx * dx + dy * dy, math.atan2(dy, dx)
    return bearing


@_compiled
def _crossings(px: Any, py: Any, n: int, c: float, s: float, share: float, found: Any) -> int:
    """How often a line across the longer extent of the frame turned by (c, s) meets the outline; -1: too often.

    The line lies at `share` of the longer extent. `found` gets, in order along the line, the place on it, the edge and the
    place on the edge.
    """
    u0, u1, v0, v1 = np.inf, -np.inf, np.inf, -np.inf
    for k in range(n):
        u, v = px[k] * c + py[k] * s, py[k] * c - px[k] * s
        u0, u1, v0, v1 = min(u0, u), max(u1, u), min(v0, v), max(v1, v)
    if v1 - v0 > u1 - u0:
        c, s = -s, c
        u0, u1 = v0, v1
    level = u0 + (u1 - u0) * share
    count = 0
    for k in range(n):
        a, b = px[k] * c + py[k] * s - level, px[k + 1] * c + py[k + 1] * s - level
        if (a < 0.0) == (b < 0.0):
            continue
        if count == _CROSSINGS:
            return -1
        t = a / (a - b)
        x, y = px[k] + t * (px[k + 1] - px[k]), py[k] + t * (py[k + 1] - py[k])
        v = y * c - x * s
        j = count
        while j > 0 and found[j - 1, 0] > v:
            found[j] = found[j - 1]
            j -= 1
        found[j, 0], found[j, 1], found[j, 2] = v, k, t
        count += 1
    return count


@_compiled
def _foot(px: Any, py: Any, n: int, edge: float, t: float) -> tuple[int, float, float]:
    """Where a cut that meets an edge ends: there, told as k for edge k, or at a vertex too near it, told as n + j for vertex j."""
    k = int(edge)
    x, y = px[k] + t * (px[k + 1] - px[k]), py[k] + t * (py[k + 1] - py[k])
    near = math.hypot(x - px[k], y - py[k])
    far = math.hypot(x - px[k + 1], y - py[k + 1])
    if near < _APART and near <= far:
        return n + k, px[k], py[k]
    if far < _APART:
        j = (k + 1) % n
        return n + j, px[j], py[j]
    return k, x, y


@_compiled
def _distance(x: float, y: float, ax: float, ay: float, bx: float, by: float) -> float:
    """From a point to a straight piece."""
    dx, dy = bx - ax, by - ay
    t = ((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-12)
    t = min(max(t, 0.0), 1.0)
    return math.hypot(x - ax - t * dx, y - ay - t * dy)


@_compiled
def _steep(px: Any, py: Any, n: int, code: int, dx: float, dy: float) -> bool:
    """Whether a cut in a direction (of length 1) leaves the outline at a fair angle on both sides."""
    if code < n:
        ex, ey = px[code + 1] - px[code], py[code + 1] - py[code]
        return bool(abs(dx * ey - dy * ex) > _SINE * math.hypot(ex, ey))
    j = code - n
    for other in ((j + 1) % n, (j - 1) % n):
        ex, ey = px[other] - px[j], py[other] - py[j]
        if dx * ex + dy * ey > 0.0 and abs(dx * ey - dy * ex) < _SINE * math.hypot(ex, ey):
            return False
    return True


@_compiled
def _room(px: Any, py: Any, n: int, one: int, two: int, ends: tuple[float, float, float, float], stray: float) -> float:
    """How far a cut may stray to the side (m, at most `stray`); -1 if it comes too near the outline where it does not end."""
    ax, ay, bx, by = ends
    room = stray
    for k in range(n):
        nxt = (k + 1) % n
        at_one = one == k or one == n + k or one == n + nxt
        at_two = two == k or two == n + k or two == n + nxt
        if not at_one and _distance(ax, ay, px[k], py[k], px[nxt], py[nxt]) < _CLEAR:
            return -1.0
        if not at_two and _distance(bx, by, px[k], py[k], px[nxt], py[nxt]) < _CLEAR:
            return -1.0
        if one == n + k or two == n + k:
            continue
        far = _distance(px[k], py[k], ax, ay, bx, by)
        before = (k - 1) % n
        beside = (k, before, n + nxt, n + before)
        if one in beside or two in beside:
            room = min(room, max(0.0, far - 1.0))
        elif far < _CLEAR + stray:
            return -1.0
    return room


@_compiled
def _pieces(
    px: Any, py: Any, n: int, one: int, two: int, ends: tuple[float, float, float, float]
) -> tuple[float, float]:
    """The smaller area and the smaller mean width of the two parts that a cut makes."""
    ax, ay, bx, by = ends
    total, around = _measure(px, py, 0, n)
    first = one if one < n else one - n - 1  # the last edge before the cut's start
    last = two if two < n else two - n - 1
    # from A forward to B, then back along the cut
    start = first + 1
    stop = last if last >= first else last + n
    area, length, x, y = 0.0, 0.0, ax, ay
    for k in range(start, stop + 1):
        j = k % n
        area += x * py[j] - px[j] * y
        length += math.hypot(px[j] - x, py[j] - y)
        x, y = px[j], py[j]
    area += x * by - bx * y
    length += math.hypot(bx - x, by - y)
    area += bx * ay - ax * by
    cut = math.hypot(bx - ax, by - ay)
    rest, other = total - area, around - length
    thin = min(area / (length + cut), rest / (other + cut))
    return min(area, rest) / 2.0, thin


@_compiled
def _choose(
    px: Any, py: Any, n: int, dice: tuple[int, int], least: float, rough: float, met: Any
) -> tuple[int, int, float, float, float, float, float]:
    """The cut: both feet (as `_foot` says them), their places, and how far it may stray (m); (-1, …) if there is none."""
    seed, face = dice
    bearing = _direction(px, py, n)
    for trial in range(_TRIES):
        turn = bearing if trial < 4 else bearing + math.pi * _chance(seed, face, 3 * trial + 1)
        share = 0.5 + (0.2 if trial < 4 else 0.4) * (_chance(seed, face, 3 * trial + 2) - 0.5)
        c, s = math.cos(turn), math.sin(turn)
        count = _crossings(px, py, n, c, s, share, met)
        if count < 2:
            continue
        best, found = least, (-1, -1, 0.0, 0.0, 0.0, 0.0, 0.0)
        for pair in range(0, count - 1, 2):
            one, ax, ay = _foot(px, py, n, met[pair, 1], met[pair, 2])
            two, bx, by = _foot(px, py, n, met[pair + 1, 1], met[pair + 1, 2])
            long = math.hypot(bx - ax, by - ay)
            if one == two or long < _THIN:
                continue
            dx, dy = (bx - ax) / long, (by - ay) / long
            if not _steep(px, py, n, one, dx, dy) or not _steep(px, py, n, two, -dx, -dy):
                continue
            ends = (ax, ay, bx, by)
            area, thin = _pieces(px, py, n, one, two, ends)
            if area <= best or thin < _THIN / 2.0:
                continue
            room = _room(px, py, n, one, two, ends, rough * long / _steps(long))
            if room >= 0.0:
                best, found = area, (one, two, ax, ay, bx, by, room)
        if found[0] >= 0:
            return found
    return -1, -1, 0.0, 0.0, 0.0, 0.0, 0.0


@_compiled
def _steps(long: float) -> int:
    """Into how many straight pieces a cut is broken."""
    return int(max(1.0, min(_PIECES, long // _PIECE)))


@_compiled
def _part(edge: int, x: float, y: float, mesh: tuple[Any, Any, Any, Any], used: Any) -> None:
    """A new vertex on an edge, for the face on either side: the edge ends there, a new one goes on."""
    xy, origin, following, twin = mesh
    vertex, new, other = used[0], used[1], twin[edge]
    used[0] += 1
    used[1] += 1
    xy[vertex, 0], xy[vertex, 1] = x, y
    origin[new], following[new], twin[new] = vertex, following[edge], other
    following[edge] = new
    if other < 0:
        return
    back = used[1]
    used[1] += 1
    origin[back], following[back], twin[back] = vertex, following[other], edge
    following[other] = back
    twin[edge], twin[new], twin[other] = back, other, new


@_compiled
def _tenth(value: float) -> float:
    """Rounded to 0.1 mm."""
    return math.floor(value * 1e4 + 0.5) / 1e4


@_compiled
def _join(
    edges: tuple[int, int],
    ends: tuple[float, float, float, float],
    stray: float,
    dice: tuple[int, int],
    mesh: tuple[Any, Any, Any, Any],
    used: Any,
) -> int:
    """The first of the edges from the end of one edge to the end of another, along a ragged line; their twins come with them."""
    xy, origin, following, twin = mesh
    one, two = edges
    after_one, after_two = following[one], following[two]
    ax, ay, bx, by = ends
    long = math.hypot(bx - ax, by - ay)
    pieces = _steps(long)
    there, back, vertex = used[1], used[1] + pieces, used[0]
    used[0] += pieces - 1
    used[1] += 2 * pieces
    push = stray / long
    for k in range(1, pieces):
        aside = push * (2.0 * _chance(dice[0], dice[1], 100 + k) - 1.0)
        x, y = ax + (bx - ax) * k / pieces - (by - ay) * aside, ay + (by - ay) * k / pieces + (bx - ax) * aside
        xy[vertex + k - 1, 0], xy[vertex + k - 1, 1] = _tenth(x), _tenth(y)
    for k in range(pieces):
        origin[there + k] = origin[after_one] if k == 0 else vertex + k - 1
        origin[back + k] = origin[after_two] if k == 0 else vertex + pieces - 1 - k
        following[there + k], following[back + k] = there + k + 1, back + k + 1
        twin[there + k], twin[back + k] = back + pieces - 1 - k, there + pieces - 1 - k
    following[there + pieces - 1], following[back + pieces - 1] = after_two, after_one
    following[one], following[two] = there, back
    return int(there)


@_compiled
def cut_all(
    mesh: tuple[Any, Any, Any, Any], used: Any, first: Any, parent: Any, wanted: Any, rough: Any, seed: int
) -> bool:
    """Cuts every ring down to about the area wanted (m², 0: as it is); whether the arrays were long enough.

    mesh     coordinates of vertices; origin, next edge and twin of half-edges; room for more of both
    used     how many vertices, half-edges and rings there are; grows
    first    an edge of each ring; parent: the ring each was cut from, to begin with itself; both with room for more
    """
    xy, origin, following, twin = mesh
    edges, px, py = np.empty(_LONGEST, np.int64), np.empty(_LONGEST), np.empty(_LONGEST)
    met = np.empty((_CROSSINGS, 3))
    stack = np.empty(len(first), np.int64)
    for root in range(used[2]):
        if wanted[root] <= 0.0:
            continue
        stack[0], height = root, 1
        while height:
            height -= 1
            mine = stack[height]
            n = _walk(first[mine], following, origin, xy, edges, px, py)
            if n < 0:
                continue
            goal = wanted[root] * (1.0 + 0.55 * _chance(seed, mine, 0))
            if _measure(px, py, 0, n)[0] / 2.0 < goal:
                continue
            dice = (seed, int(mine))
            one, two, ax, ay, bx, by, stray = _choose(px, py, n, dice, _LEAST * wanted[root], rough[root], met)
            if one < 0:
                continue
            if used[0] + 16 > len(xy) or used[1] + 32 > len(origin) or used[2] + 1 > len(first):
                return False
            x0, y0 = xy[origin[first[mine]], 0], xy[origin[first[mine]], 1]
            ax, ay, bx, by = _tenth(ax + x0), _tenth(ay + y0), _tenth(bx + x0), _tenth(by + y0)
            if one < n:
                _part(edges[one], ax, ay, mesh, used)
            if two < n:
                _part(edges[two], bx, by, mesh, used)
            before = edges[one] if one < n else _before(edges, n, one - n, two, following)
            after = edges[two] if two < n else _before(edges, n, two - n, one, following)
            there = _join((before, after), (ax, ay, bx, by), stray, dice, mesh, used)
            new = used[2]
            used[2] += 1
            first[new], parent[new] = there, root
            first[mine] = twin[there]
            stack[height], stack[height + 1] = mine, new
            height += 2
    return True


@_compiled
def _before(edges: Any, n: int, vertex: int, parted: int, following: Any) -> int:
    """The edge that ends at a vertex of the ring, where the edge `parted` may just have been parted."""
    k = (vertex - 1) % n
    return int(following[edges[k]] if parted == k else edges[k])


@_compiled
def label_all(following: Any, first: Any, piece: Any, out: Any) -> None:
    """For each half-edge in `out` the piece whose ring it is part of."""
    for k in range(len(first)):
        edge = first[k]
        while True:
            out[edge] = piece[k]
            edge = following[edge]
            if edge == first[k]:
                break


@_compiled
def walk_all(mesh: tuple[Any, Any, Any, Any], first: Any, count: Any, out: Any) -> None:
    """The closed coordinates of every ring one after the other in `out` (empty: only their `count`)."""
    xy, origin, following, _ = mesh
    at = 0
    for k in range(len(first)):
        edge, n = first[k], 0
        while True:
            if len(out):
                out[at] = xy[origin[edge]]
            at += 1
            n += 1
            edge = following[edge]
            if edge == first[k]:
                break
        if len(out):
            out[at] = xy[origin[edge]]
        at += 1
        count[k] = n + 1
