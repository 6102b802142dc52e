"""Series of a CGCS2000 Gauss–Krüger plane: its areal scale, and longitude and F without PROJ's inverse.

F(B) is the area over b² between the equator and latitude B per radian of longitude, by the survey's five terms. All follows from
how latitude grows along the central meridian: the plane is conformal, so the series of isometric latitude by northing also gives
longitude, if northing + i easting is put into it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyproj
from numpy.typing import NDArray

from gis.crs import (
    CGCS2000,
    ELLIPSOID_A,
    ELLIPSOID_E2,
    ELLIPSOID_RF,
    central_meridian,
    is_cgcs2000,
    metres_per_unit,
    transformer,
)

__all__ = ["FACTORS", "Plane", "plane"]

Floats = NDArray[np.float64]

_E2, _E4, _E6, _E8 = (ELLIPSOID_E2**power for power in (1, 2, 3, 4))
FACTORS: Final = np.array([
    1 + 3 / 6 * _E2 + 30 / 80 * _E4 + 35 / 112 * _E6 + 630 / 2304 * _E8,
    -(1 / 6 * _E2 + 15 / 80 * _E4 + 21 / 112 * _E6 + 420 / 2304 * _E8),
    3 / 80 * _E4 + 7 / 112 * _E6 + 180 / 2304 * _E8,
    -(1 / 112 * _E6 + 45 / 2304 * _E8),
    5 / 2304 * _E8,
])  # fmt: skip
"""A, −B, C, −D, E of the survey formula (factors of the odd multiples 1, 3, 5, 7, 9)."""
_WIDTH: Final = 340_000.0
_UNIT: Final = 1e7
_DEGREE: Final = 5
_NORTH: Final = 6.6e6  # 60° of latitude; farther, the poles come near and series grow long
_STRIP: Final = 200_000.0
_ORDER: Final = 15  # leaves 1e-17 radians 340 km off the meridian at 60° of latitude
_GEOD: Final = pyproj.Geod(a=ELLIPSOID_A, rf=ELLIPSOID_RF)


@dataclass(frozen=True, slots=True)
class Plane:
    """A plane whose scale on the meridian is 1.

    `east`, `north`: false easting and northing.
    `scale`: 1/m², m the scale, is 1 + c1 x² + c2 x⁴ + 17/45 c1³ x⁶, with x the distance from the meridian; its two rows are the
    coefficients of c1 and c2 by powers of (northing / 1e7)².
    `strips`: per 200 km of northing, from south to north, Taylor's coefficients around its middle: row 0 isometric latitude by
    northing over the semi-major axis, row 1 F by isometric latitude, both from the middle on; the first of row 1 is F there.
    """

    east: float
    north: float
    scale: Floats
    strips: Floats

    def holds(self, xy: Floats) -> bool:
        """Whether all places (those that are numbers) lie where the series of the scale is right to 1e-10."""
        reach = (self.east, _WIDTH), (self.north, _UNIT)
        return not len(xy) or all(
            np.fmax.reduce(each) <= origin + most and np.fmin.reduce(each) >= origin - most
            for each, (origin, most) in zip(xy.T, reach, strict=True)
        )

    def areal_scale(self, xy: Floats) -> Floats:
        """m² at each place."""
        x2 = (xy[:, 0] - self.east) ** 2
        c1, c2 = (np.polynomial.polynomial.polyval(((xy[:, 1] - self.north) / _UNIT) ** 2, c) for c in self.scale)
        return np.asarray(1 / (1 + x2 * (c1 + x2 * (c2 + x2 * 17 / 45 * c1**3))))

    def frame(self) -> Floats:
        """What the loops need besides: false easting and northing, half the width, unit, height of a strip, semi-major axis."""
        return np.array([self.east, self.north, _WIDTH, _UNIT, _STRIP, ELLIPSOID_A])


@functools.lru_cache(64)
def plane(crs: pyproj.CRS) -> Plane | None:
    """The plane of a CRS, None if it is not Gauss–Krüger on CGCS2000 with a scale of 1 on the meridian.

    The scale follows from Liouville's equation Δ ln m = K / m², as both m and its slope are known on the meridian
    (1 and 0): c1 = −K, with the Gaussian curvature K = 1 / (M N) there, and c2 also from how K changes.
    """
    meridian = central_meridian(crs)
    if meridian is None or metres_per_unit(crs) != 1 or not is_cgcs2000(crs):
        return None
    east, north = transformer(CGCS2000, crs).transform(meridian, 0.0)
    share = np.polynomial.chebyshev.chebpts1(16) / 2 + 0.5
    middles = (np.arange(-round(_NORTH / _STRIP), round(_NORTH / _STRIP)) + 0.5) * _STRIP
    y = np.concatenate([_UNIT * np.sqrt(share), middles])
    longitude, latitude = transformer(crs, CGCS2000).transform(np.full(len(y), east), y + north)
    arc = _GEOD.inv(longitude, np.zeros(len(y)), longitude, latitude)[2]
    if not (np.abs(longitude - meridian).max() <= 1e-8 and np.abs(np.copysign(arc, latitude) - y).max() <= 1e-3):
        return None
    latitude = np.radians(latitude)
    scale = [np.polynomial.polynomial.polyfit(share, c, _DEGREE) for c in _scale_terms(latitude[:16])]
    return Plane(east, north, np.stack(scale), _strips(latitude[16:]))


def _scale_terms(latitude: Floats) -> tuple[Floats, Floats]:
    """c1 and c2 at places on the meridian, from the curvature, its slope and its bend along the meridian."""
    s2, c2 = np.sin(latitude) ** 2, np.cos(latitude) ** 2
    v, unit = 1 - ELLIPSOID_E2 * s2, ELLIPSOID_A**2 * (1 - ELLIPSOID_E2)
    curvature, radius = v**2 / unit, ELLIPSOID_A * (1 - ELLIPSOID_E2) / v**1.5
    slope_tan = -4 * ELLIPSOID_E2 * s2 * v / unit  # dK/dB tan B
    bend = -4 * ELLIPSOID_E2 * ((c2 - s2) * v - 2 * ELLIPSOID_E2 * s2 * c2) / unit  # d²K/dB²
    bend = (bend - slope_tan * c2 * 3 * ELLIPSOID_E2 / v) / radius**2  # d²K/dy²
    return -curvature, 2 / 3 * curvature**2 + curvature * slope_tan / 12 + bend / 12


def _strips(latitude: Floats) -> Floats:
    """The series of `Plane.strips` around latitudes on the meridian, by Picard's iteration, which gains a term each time.

    dB/dy = 1/M, dq/dy = 1/(N cos B) and dB/dq = N cos B / M, with products of series only: the turn e = cos B + i sin B, the
    secant and g = √(1 − e² sin² B) are iterated along with them.
    """
    turn, k = np.exp(1j * latitude), 1 / (1 - ELLIPSOID_E2)
    root = np.sqrt(1 - ELLIPSOID_E2 * turn.imag**2)
    e, h, g = _constant(turn), _constant(1 / turn.real), _constant(root)
    for _ in range(_ORDER):
        rate = k * _product(g, g, g)
        e, h, g = (
            _integral(_product(1j * e, rate), turn),
            _integral(_product(e.imag, h, h, rate), 1 / turn.real),
            _integral(_product(-ELLIPSOID_E2 * k * e.imag, e.real, g, g), root),
        )
    isometric = _integral(_product(g, h), np.zeros(len(latitude)))
    e = _constant(turn)
    for _ in range(_ORDER):
        rate = k * e.real - k * ELLIPSOID_E2 * _product(e.real, e.imag, e.imag)
        e = _integral(_product(1j * e, rate), turn)
    odd, cosines = np.arange(1, 2 * len(FACTORS), 2), e
    area = np.zeros(e.shape)
    for n, factor in zip(odd, FACTORS, strict=True):
        area += n * factor * cosines.real
        cosines = _product(cosines, e, e)
    start = np.sin(odd * latitude[:, None]) @ FACTORS
    return np.stack([isometric, _integral(_product(area, rate), start)], 1)


def _constant(value: Any) -> Any:
    """A series that is one number, per place."""
    return np.concatenate([value[:, None], np.zeros((len(value), _ORDER), value.dtype)], axis=1)


def _product(*series: Any) -> Any:
    """The product of power series, as long as they are."""
    out, *others = series
    for each in others:
        out = np.stack([(out[:, : n + 1] * each[:, n::-1]).sum(axis=1) for n in range(_ORDER + 1)], axis=1)
    return out


def _integral(series: Any, start: Any) -> Any:
    """The series with this slope and start."""
    return np.concatenate([start[:, None], series[:, :-1] / np.arange(1, _ORDER + 1)], axis=1)
