"""Compiled loops of `area`: areas of rings. This module imports numba, which is dear: import it inside functions only.

Every loop measures rings `first` to `last`, each by itself and in the order of its coordinates, so results do not depend on how
rings are dealt to threads. Sums run from the first coordinate of the ring, so small rings lose no digits. What is not finite gives
a result that is not finite.
"""

# ruff: noqa: PLR0913, PLR0917 - loops made into machine code take their arrays one by one

from __future__ import annotations

import cmath
import math
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

__all__ = ["by_vertices", "by_vertices_in_plane", "drawn_in_degrees", "drawn_in_plane"]

_TERMS = 7
_NEAR = 0.01  # radians: so near, seven terms of Taylor's series leave less than a rounding of the rise
_VERY_NEAR = 0.0005  # radians: the same for four terms
_ORDER = 6
_LOCAL = 0.002  # radians, 12 km: so near, six powers leave less than 1e-14 up to 60° of latitude
_EDGE_RADIANS = 0.008  # 50 km
_EDGE_METRES = 50_000.0
_GAUSS = 0.5 / math.sqrt(3.0)  # two points, exact for cubics

_Loop = TypeVar("_Loop")


def _compiled(function: _Loop) -> _Loop:
    """Machine code on first use, kept beside the module; it lets go of the interpreter, so threads run side by side."""
    return cast(_Loop, njit(nogil=True, cache=True, error_model="numpy")(function))


@_compiled
def _taylor(latitude: float, factors: Any, terms: Any) -> None:
    """The coefficients, from the first power on, of Σ factor sin(k B), k = 1, 3, 5, 7, 9, around a latitude (radians)."""
    terms[:] = 0.0
    for j in range(len(factors)):
        k = 2.0 * j + 1.0
        sine, cosine, share = math.sin(k * latitude), math.cos(k * latitude), factors[j]
        for n in range(_TERMS):
            share *= k / (n + 1)
            sine, cosine = cosine, -sine  # a derivative
            terms[n] += share * sine


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
def by_vertices(longitude: Any, latitude: Any, offsets: Any, first: int, last: int, factors: Any, out: Any) -> None:
    """Areas over b² by the survey formula on vertices in degrees."""
    terms, radian = np.empty(_TERMS), math.pi / 180.0
    for ring in range(first, last):
        start = offsets[ring]
        origin = latitude[start] * radian
        _taylor(origin, factors, terms)
        total, l0, f0 = 0.0, 0.0, 0.0
        for k in range(start + 1, offsets[ring + 1]):
            l1 = (longitude[k] - longitude[start]) * radian
            f1 = _rise((latitude[k] - latitude[start]) * radian, terms, origin, factors)
            total += l0 * f1 - l1 * f0
            l0, f0 = l1, f1
        out[ring] = 0.5 * abs(total)


@_compiled
def _sine_step(p: Any, sine: Any, cosine: Any, n: int) -> None:
    """The n-th coefficients of sin p and cos p, the ones before being known."""
    up, down = 0.0 * p[0], 0.0 * p[0]
    for k in range(1, n + 1):
        up += k * p[k] * cosine[n - k]
        down -= k * p[k] * sine[n - k]
    sine[n], cosine[n] = up / n, down / n


@_compiled
def _to_sphere(place: complex, beta: Any, p: Any) -> None:
    """Taylor's coefficients of Krüger's series ζ − Σ β sin 2jζ, from the plane to that of the sphere, around a place."""
    sine, cosine = cmath.sin(2.0 * place), cmath.cos(2.0 * place)
    s, c = sine, cosine
    p[:] = 0.0
    p[0], p[1] = place, 1.0
    for j in range(len(beta)):
        k, share, here, following = 2.0 * j + 2.0, beta[j], s, c
        for n in range(_ORDER + 1):
            p[n] -= share * here
            share *= k / (n + 1)
            here, following = following, -here  # a derivative
        s, c = s * cosine + c * sine, c * cosine - s * sine


@_compiled
def _to_isometric(p: Any, sine: Any, cosine: Any, w: Any) -> None:
    """Coefficients of isometric latitude + i longitude, from those of the sphere's plane: dw = dp / cos p."""
    sine[0], cosine[0], w[0] = cmath.sin(p[0]), cmath.cos(p[0]), 0.0
    for n in range(_ORDER):
        rest = (n + 1) * p[n + 1]
        for k in range(1, n + 1):
            rest -= cosine[k] * (n - k + 1) * w[n - k + 1]
        w[n + 1] = rest / cosine[0] / (n + 1)
        _sine_step(p, sine, cosine, n + 1)


@_compiled
def _to_latitude(origin: float, e2: float, sine: Any, cosine: Any, b: Any) -> None:
    """Coefficients of the latitude by isometric latitude q, from `origin` on: dB/dq = cos B (1 − e² sin² B) / (1 − e²)."""
    sine[0], cosine[0], b[0] = math.sin(origin), math.cos(origin), 0.0
    for n in range(_ORDER):
        total = cosine[n]
        for k in range(n + 1):
            for i in range(n - k + 1):
                total -= e2 * cosine[k] * sine[i] * sine[n - k - i]
        b[n + 1] = total / (1.0 - e2) / (n + 1)
        _sine_step(b, sine, cosine, n + 1)


@_compiled
def _origin(p: complex, delta: Any) -> float:
    """The latitude of a place of the sphere's plane."""
    conformal = math.asin(math.sin(p.real) / math.cosh(p.imag))
    latitude = conformal
    for j in range(len(delta)):
        latitude += delta[j] * math.sin((2.0 * j + 2.0) * conformal)
    return latitude


@_compiled
def by_vertices_in_plane(
    xy: Any, offsets: Any, first: int, last: int, frame: Any, beta: Any, delta: Any, factors: Any, out: Any
) -> None:
    """As `by_vertices`, from vertices in a Gauss–Krüger plane; −1 for rings of more than 12 km, which are not measured.

    `frame`: false easting and northing, rectifying radius, e². Longitude and latitude follow from a series around the first vertex.
    """
    sine, cosine = np.empty((2, _ORDER + 1)), np.empty((2, _ORDER + 1), np.complex128)
    p, w = np.empty(_ORDER + 1, np.complex128), np.empty(_ORDER + 1, np.complex128)
    b, terms, radius = np.empty(_ORDER + 1), np.empty(_TERMS), frame[2]
    for ring in range(first, last):
        start = offsets[ring]
        x0, y0 = xy[start, 0], xy[start, 1]
        _to_sphere(complex(y0 - frame[1], x0 - frame[0]) / radius, beta, p)
        _to_isometric(p, cosine[0], cosine[1], w)
        origin = _origin(p[0], delta)
        _to_latitude(origin, frame[3], sine[0], sine[1], b)
        _taylor(origin, factors, terms)
        total, l0, f0 = 0.0, 0.0, 0.0
        for k in range(start + 1, offsets[ring + 1]):
            north, east = (xy[k, 1] - y0) / radius, (xy[k, 0] - x0) / radius
            if not abs(north) + abs(east) <= _LOCAL:
                total = math.nan
                break
            place, rise = complex(north, east), 0.0
            moved = 0.0 * place
            for n in range(_ORDER, 0, -1):
                moved = (moved + w[n]) * place
            for n in range(_ORDER, 0, -1):
                rise = (rise + b[n]) * moved.real
            f1 = _rise(rise, terms, origin, factors)
            total += l0 * f1 - moved.imag * f0
            l0, f0 = moved.imag, f1
        out[ring] = -1.0 if math.isnan(total) else 0.5 * abs(total)


@_compiled
def drawn_in_degrees(
    longitude: Any, latitude: Any, offsets: Any, first: int, last: int, factors: Any, out: Any
) -> None:
    """Areas over b² of rings whose edges are straight in longitude and latitude (degrees)."""
    terms, radian = np.empty(_TERMS), math.pi / 180.0
    for ring in range(first, last):
        start = offsets[ring]
        origin = latitude[start] * radian
        _taylor(origin, factors, terms)
        total, l0, b0 = 0.0, 0.0, 0.0
        for k in range(start + 1, offsets[ring + 1]):
            l1, b1 = (longitude[k] - longitude[start]) * radian, (latitude[k] - latitude[start]) * radian
            span = abs(b1 - b0)
            pieces = 1 if not span < 4.0 else 1 + int(span / _EDGE_RADIANS)
            step, mean = (b1 - b0) / pieces, 0.0
            for piece in range(pieces):
                middle = b0 + (piece + 0.5) * step
                mean += _rise(middle - _GAUSS * step, terms, origin, factors)
                mean += _rise(middle + _GAUSS * step, terms, origin, factors)
            total += (l1 - l0) * mean / (2 * pieces)
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
def drawn_in_plane(xy: Any, offsets: Any, first: int, last: int, frame: Any, scale: Any, out: Any) -> None:
    """Areas in m² of rings whose edges are straight in a Gauss–Krüger plane; `frame`: false easting and northing, unit."""
    east, north, unit = frame[0], frame[1], frame[2]
    for ring in range(first, last):
        start = offsets[ring]
        origin = xy[start, 0] - east
        x0, y0, total = origin, xy[start, 1] - north, 0.0
        for k in range(start + 1, offsets[ring + 1]):
            x1, y1 = xy[k, 0] - east, xy[k, 1] - north
            span = abs(x1 - x0) + abs(y1 - y0)
            pieces = 1 if not span < 1e8 else 1 + int(span / _EDGE_METRES)
            step_x, step_y, mean = (x1 - x0) / pieces, (y1 - y0) / pieces, 0.0
            for piece in range(pieces):
                x, y = x0 + (piece + 0.5) * step_x, y0 + (piece + 0.5) * step_y
                mean += _strip(origin, x - _GAUSS * step_x, y - _GAUSS * step_y, scale, unit)
                mean += _strip(origin, x + _GAUSS * step_x, y + _GAUSS * step_y, scale, unit)
            total += (y1 - y0) * mean / (2 * pieces)
            x0, y0 = x1, y1
        out[ring] = abs(total)
