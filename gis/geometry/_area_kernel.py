"""Compiled loops of `area`: areas of rings. This module imports numba, which is dear: import it inside functions only.

Every loop measures rings `first` to `last`, each by itself and in the order of its coordinates, so results do not depend on how
rings are dealt to threads. Sums run from the first coordinate of the ring, so small rings lose no digits. What is not finite gives
a result that is not finite. Loops in a plane give −1 for rings that lie where its series do not hold.
"""

# ruff: noqa: PLR0913, PLR0917 - loops made into machine code take their arrays one by one

from __future__ import annotations

import math
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

__all__ = ["by_vertices", "by_vertices_in_plane", "drawn_in_degrees", "drawn_in_plane"]

_TERMS = 7
_NEAR = 0.01  # radians: so near, seven terms of Taylor's series leave less than a rounding of the rise
_VERY_NEAR = 0.0005  # radians: the same for four terms; in the plane, they leave 2e-13 up to 60° of latitude
_EDGE_RADIANS = 0.008  # 50 km
_EDGE_METRES = 50_000.0
_QUADRATIC_METRES = 5_000.0  # so far, a quadratic leaves 1e-10 of the areal scale 340 km off the meridian
_GAUSS = 0.5 / math.sqrt(3.0)  # two points, exact for cubics

_Loop = TypeVar("_Loop")


def _compiled(function: _Loop) -> _Loop:
    """Machine code on first use, kept beside the module; it lets go of the interpreter, so threads run side by side.

    A product and a sum may be rounded as one, which is nearer the truth.
    """
    return cast(_Loop, njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})(function))


@_compiled
def _taylor(latitude: float, factors: Any, terms: Any) -> None:
    """The coefficients, from the first power on, of Σ factor sin(k B), k = 1, 3, 5, 7, 9, around a latitude (radians)."""
    terms[:] = 0.0
    turn = complex(math.cos(latitude), math.sin(latitude))
    step = turn * turn
    for j in range(len(factors)):
        k = 2.0 * j + 1.0
        sine, cosine, share = turn.imag, turn.real, factors[j]
        for n in range(_TERMS):
            share *= k / (n + 1)
            sine, cosine = cosine, -sine  # a derivative
            terms[n] += share * sine
        turn *= step


@_compiled
def _rise(step: float, terms: Any, latitude: float, factors: Any) -> float:
    """F(latitude + step) − F(latitude), in radians, without losing digits for small steps."""
    if abs(step) <= _VERY_NEAR:
        near: float = (((terms[3] * step + terms[2]) * step + terms[1]) * step + terms[0]) * step
        return near
    total = 0.0
    if abs(step) <= _NEAR:
        for n in range(_TERMS - 1, -1, -1):
            total = (total + terms[n]) * step
        return total
    for j in range(len(factors)):
        k = 2.0 * j + 1.0
        total += 2.0 * factors[j] * math.sin(k * step / 2.0) * math.cos(k * (latitude + step / 2.0))
    return total


@_compiled
def by_vertices(places: Any, offsets: Any, first: int, last: int, factors: Any, out: Any) -> None:
    """Areas over b² by the survey formula on vertices in degrees."""
    terms, radian = np.empty(_TERMS), math.pi / 180.0
    for ring in range(first, last):
        start = offsets[ring]
        west, south = places[start, 0], places[start, 1]
        origin = south * radian
        _taylor(origin, factors, terms)
        total, l0, f0 = 0.0, 0.0, 0.0
        for k in range(start + 1, offsets[ring + 1]):
            l1 = (places[k, 0] - west) * radian
            f1 = _rise((places[k, 1] - south) * radian, terms, origin, factors)
            total += l0 * f1 - l1 * f0
            l0, f0 = l1, f1
        out[ring] = 0.5 * abs(total)


@_compiled
def _around(series: Any, place: Any) -> tuple[Any, Any, Any, Any, Any]:
    """A power series taken around another place: its value there and the first four coefficients."""
    a = b = c = d = e = 0.0 * place
    for n in range(len(series) - 1, -1, -1):
        e = e * place + d
        d = d * place + c
        c = c * place + b
        b = b * place + a
        a = a * place + series[n]
    return a, b, c, d, e


@_compiled
def _to_ellipsoid(x: float, y: float, frame: Any, strips: Any) -> tuple[Any, Any]:
    """Around a place of the plane: isometric latitude + i longitude by northing + i easting, and F by isometric latitude."""
    north = (y - frame[1]) / frame[4]
    strip = math.floor(north)
    place = complex((north - strip - 0.5) * frame[4], x - frame[0]) / frame[5]
    series = strips[strip + len(strips) // 2]
    w = _around(series[0], place)
    return w, _around(series[1], w[0].real)


@_compiled
def _by_vertices_in_plane(xy: Any, start: int, stop: int, frame: Any, strips: Any) -> float:
    """Twice the signed area over b² of one ring; NaN if it leaves the plane.

    Longitude and F follow from the series around the first vertex, and around another wherever the ring has gone too far.
    """
    most_x, most_y, unit = frame[2], frame[4] * (len(strips) // 2), 1.0 / frame[5]
    x0, y0 = xy[start, 0], xy[start, 1]
    if not (abs(x0 - frame[0]) <= most_x and abs(y0 - frame[1]) < most_y):
        return math.nan
    w, f = _to_ellipsoid(x0, y0, frame, strips)
    l_first, f_first, l_here, f_here = w[0].imag, f[0], 0.0, 0.0
    total, l0, f0 = 0.0, 0.0, 0.0
    for k in range(start + 1, stop):
        u, v = (xy[k, 0] - x0) * unit, (xy[k, 1] - y0) * unit
        if not abs(u) + abs(v) <= _VERY_NEAR:
            x0, y0, u, v = xy[k, 0], xy[k, 1], 0.0, 0.0
            if not (abs(x0 - frame[0]) <= most_x and abs(y0 - frame[1]) < most_y):
                return math.nan
            w, f = _to_ellipsoid(x0, y0, frame, strips)
            l_here, f_here = w[0].imag - l_first, f[0] - f_first
        z = complex(v, u)
        moved = (((w[4] * z + w[3]) * z + w[2]) * z + w[1]) * z
        q = moved.real
        l1, f1 = l_here + moved.imag, f_here + (((f[4] * q + f[3]) * q + f[2]) * q + f[1]) * q
        total += l0 * f1 - l1 * f0
        l0, f0 = l1, f1
    return total


@_compiled
def by_vertices_in_plane(xy: Any, offsets: Any, first: int, last: int, frame: Any, strips: Any, out: Any) -> None:
    """As `by_vertices`, from vertices in a Gauss–Krüger plane; `frame` and `strips` as in `_gauss_kruger.Plane`."""
    for ring in range(first, last):
        twice = _by_vertices_in_plane(xy, offsets[ring], offsets[ring + 1], frame, strips)
        out[ring] = -1.0 if math.isnan(twice) else 0.5 * abs(twice)


@_compiled
def _mean_rise(b0: float, b1: float, terms: Any, latitude: float, factors: Any) -> float:
    """The mean of `_rise` from one step to another, less than 50 km apart."""
    both, squares, product = b0 + b1, b0 * b0 + b1 * b1, b0 * b1
    if squares <= _VERY_NEAR * _VERY_NEAR:
        fourth = squares * squares + product * (squares - product)
        near: float = terms[0] * both / 2.0 + terms[1] * (squares + product) / 3.0
        near += terms[2] * both * squares / 4.0 + terms[3] * fourth / 5.0
        return near
    middle, reach = 0.5 * both, _GAUSS * (b1 - b0)
    return 0.5 * (_rise(middle - reach, terms, latitude, factors) + _rise(middle + reach, terms, latitude, factors))


@_compiled
def drawn_in_degrees(places: Any, offsets: Any, first: int, last: int, factors: Any, out: Any) -> None:
    """Areas over b² of rings whose edges are straight in longitude and latitude (degrees)."""
    terms, radian = np.empty(_TERMS), math.pi / 180.0
    for ring in range(first, last):
        start = offsets[ring]
        west, south = places[start, 0], places[start, 1]
        origin = south * radian
        _taylor(origin, factors, terms)
        total, l0, b0 = 0.0, 0.0, 0.0
        for k in range(start + 1, offsets[ring + 1]):
            l1, b1 = (places[k, 0] - west) * radian, (places[k, 1] - south) * radian
            span = abs(b1 - b0)
            if span <= _EDGE_RADIANS or not span < 4.0:
                total += (l1 - l0) * _mean_rise(b0, b1, terms, origin, factors)
            else:
                pieces = 1 + int(span / _EDGE_RADIANS)
                step = (b1 - b0) / pieces
                for n in range(pieces):
                    mean = _mean_rise(b0 + n * step, b0 + (n + 1) * step, terms, origin, factors)
                    total += (l1 - l0) * mean / pieces
            l0, b0 = l1, b1
        out[ring] = abs(total)


@_compiled
def _strip(x0: float, x1: float, y: float, scale: Any, unit: float) -> float:
    """∫ 1/m² dx from x0 to x1 at one northing: 1/m² = 1 + c1 x² + c2 x⁴ + 17/45 c1³ x⁶, the c being polynomials in (y/unit)²."""
    w, c1, c2 = (y / unit) ** 2, 0.0, 0.0
    for n in range(scale.shape[1] - 1, -1, -1):
        c1, c2 = c1 * w + scale[0, n], c2 * w + scale[1, n]
    width, middle = x1 - x0, 0.5 * (x0 + x1)
    d, m = width * width / 4.0, middle * middle
    second = m + d / 3.0
    fourth = m * m + 2.0 * m * d + d * d / 5.0
    sixth = m * m * m + 5.0 * m * m * d + 3.0 * m * d * d + d * d * d / 7.0
    return width * (1.0 + c1 * second + c2 * fourth + 17.0 / 45.0 * c1 * c1 * c1 * sixth)


@_compiled
def _drawn_wide(xy: Any, start: int, stop: int, frame: Any, scale: Any) -> float:
    """The area in m² of one ring of any size: ∫ ∫ 1/m² dx dy, along its edges."""
    east, north, width, unit = frame[0], frame[1], frame[2], frame[3]
    origin = xy[start, 0] - east
    x0, y0, total = origin, xy[start, 1] - north, 0.0
    for k in range(start + 1, stop):
        x1, y1 = xy[k, 0] - east, xy[k, 1] - north
        if not (abs(x1) <= width and abs(y1) <= unit):
            return -1.0
        pieces = 1 + int((abs(x1 - x0) + abs(y1 - y0)) / _EDGE_METRES)
        step_x, step_y, mean = (x1 - x0) / pieces, (y1 - y0) / pieces, 0.0
        for piece in range(pieces):
            x, y = x0 + (piece + 0.5) * step_x, y0 + (piece + 0.5) * step_y
            mean += _strip(origin, x - _GAUSS * step_x, y - _GAUSS * step_y, scale, unit)
            mean += _strip(origin, x + _GAUSS * step_x, y + _GAUSS * step_y, scale, unit)
        total += (y1 - y0) * mean / (2 * pieces)
        x0, y0 = x1, y1
    area: float = abs(total)
    return area


@_compiled
def _scale_around(x: float, y: float, scale: Any, unit: float) -> tuple[float, float, float, float, float]:
    """1/m² around a place: its value, and the coefficients of u, v, u² and uv, u to the east and v to the north of it."""
    share, grows = (y / unit) ** 2, 2.0 * y / unit**2
    c1, d1, _, _, _ = _around(scale[0], share)
    c2, d2, _, _, _ = _around(scale[1], share)
    x2, c3 = x * x, 17.0 / 45.0 * c1 * c1 * c1
    value = 1.0 + x2 * (c1 + x2 * (c2 + x2 * c3))
    to_east = x * (2.0 * c1 + x2 * (4.0 * c2 + x2 * 6.0 * c3))
    to_north = x2 * grows * (d1 + x2 * d2)
    return value, to_east, to_north, c1 + x2 * (6.0 * c2 + x2 * 15.0 * c3), 2.0 * x * grows * d1


@_compiled
def drawn_in_plane(xy: Any, offsets: Any, first: int, last: int, frame: Any, scale: Any, out: Any) -> None:
    """Areas in m² of rings whose edges are straight in a Gauss–Krüger plane; `frame` and `scale` as in `_gauss_kruger.Plane`.

    Rings of 5 km and less by their moments: ∫ 1/m² over the triangles of each edge with the first vertex.
    """
    east, north, width, unit = frame[0], frame[1], frame[2], frame[3]
    for ring in range(first, last):
        start, stop = offsets[ring], offsets[ring + 1]
        x0, y0 = xy[start, 0], xy[start, 1]
        if not (abs(x0 - east) <= width and abs(y0 - north) <= unit):
            out[ring] = -1.0
            continue
        u0, v0, reach = 0.0, 0.0, 0.0
        area, by_u, by_v, by_uu, by_uv = 0.0, 0.0, 0.0, 0.0, 0.0
        for k in range(start + 1, stop):
            u, v = xy[k, 0] - x0, xy[k, 1] - y0
            reach = max(reach, abs(u), abs(v))
            cross, su, sv = u0 * v - u * v0, u0 + u, v0 + v
            area += cross
            by_u += cross * su
            by_v += cross * sv
            by_uu += cross * (su * su - u0 * u)
            by_uv += cross * (su * sv + u0 * v0 + u * v)
            u0, v0 = u, v
        if not (reach <= _QUADRATIC_METRES and area == area):  # noqa: PLR0124 - NaN is not itself
            out[ring] = _drawn_wide(xy, start, stop, frame, scale)
            continue
        value, to_east, to_north, uu, uv = _scale_around(x0 - east, y0 - north, scale, unit)
        total = value * area / 2.0 + (to_east * by_u + to_north * by_v) / 6.0 + uu * by_uu / 12.0 + uv * by_uv / 24.0
        out[ring] = abs(total)
