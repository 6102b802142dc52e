"""The shifted longitudes and latitudes of Chinese web maps, GCJ-02 (火星坐标) and BD-09 (百度坐标), to and from true ones.

By the formula that is public, on arrays. True means WGS 84 or CGCS2000, which are the same here to well below 1 m; what
a map service shows may differ from the formula by some decimetres. A shifted layer must not be handed in as CGCS2000.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Degrees = tuple[Floats, Floats]
    Shift = Callable[[Floats, Floats], Degrees]

__all__ = ["bd09_to_wgs84", "gcj02_to_wgs84", "wgs84_to_bd09", "wgs84_to_gcj02"]

_BOX: Final = (72.004, 0.8293, 137.8347, 55.8271)  # west, south, east, north: that of the public formula
_EDGE: Final = 0.02  # degrees: more than any place is shifted
_A, _E2 = 6_378_245.0, 0.00669342162296594323  # Krassowsky's ellipsoid


def wgs84_to_gcj02(longitude: Any, latitude: Any) -> Degrees:
    """Longitude and latitude as web maps of China show them (GCJ-02, 火星坐标), of places on WGS 84 or CGCS2000.

    Degrees, arrays of one shape in and new ones out; in China mostly 100–700 m to the east. Outside
    72.004–137.8347°E, 0.8293–55.8271°N (the box of the public formula) places stay; NaN stays NaN.

    Example:
        >>> longitude, latitude = wgs84_to_gcj02([116.3913, 2.35], [39.9075, 48.86])
        >>> longitude.round(6).tolist(), latitude.round(6).tolist()
        ([116.397541, 2.35], [39.908901, 48.86])
    """
    return _shifted(longitude, latitude, _gcj02)


def gcj02_to_wgs84(longitude: Any, latitude: Any) -> Degrees:
    """The inverse of `wgs84_to_gcj02`, iterated until it is exact to 1e-12 degrees."""
    return _unshifted(longitude, latitude, _gcj02)


def wgs84_to_bd09(longitude: Any, latitude: Any) -> Degrees:
    """Longitude and latitude in Baidu's system (BD-09: GCJ-02 shifted once more); otherwise as `wgs84_to_gcj02`."""
    return _shifted(longitude, latitude, _gcj02_bd09)


def bd09_to_wgs84(longitude: Any, latitude: Any) -> Degrees:
    """The inverse of `wgs84_to_bd09`, iterated until it is exact to 1e-12 degrees."""
    return _unshifted(longitude, latitude, _gcj02_bd09)


def _shifted(longitude: Any, latitude: Any, shift: Shift) -> Degrees:
    x, y = (np.array(each, float) for each in np.broadcast_arrays(longitude, latitude))
    inside = _in_box(x, y)
    x[inside], y[inside] = shift(x[inside], y[inside])
    return x, y


def _unshifted(longitude: Any, latitude: Any, shift: Shift) -> Degrees:
    """By fixed point: 3 % of an error at most is left after a step, so 8 steps leave nothing."""
    x, y = (np.array(each, float) for each in np.broadcast_arrays(longitude, latitude))
    near = _in_box(x, y, margin=_EDGE)  # what lies in the box may be shown just outside
    shown_x, shown_y = x[near], y[near]
    true_x, true_y = shown_x, shown_y
    for _ in range(8):
        there_x, there_y = shift(true_x, true_y)
        true_x, true_y = true_x + (shown_x - there_x), true_y + (shown_y - there_y)
    inside = _in_box(true_x, true_y)
    x[near], y[near] = np.where(inside, true_x, shown_x), np.where(inside, true_y, shown_y)
    return x, y


def _in_box(x: Floats, y: Floats, margin: float = 0.0) -> NDArray[np.bool_]:
    west, south, east, north = _BOX
    within = (x >= west - margin) & (x <= east + margin) & (y >= south - margin) & (y <= north + margin)
    return np.asarray(within)


def _gcj02(longitude: Floats, latitude: Floats) -> Degrees:
    """The published formula: metres of shift as sums of waves, then degrees on Krassowsky's ellipsoid."""
    x, y = longitude - 105, latitude - 35
    short = 40 / 3 * (np.sin(6 * np.pi * x) + np.sin(2 * np.pi * x))
    north = short - 100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x)) + _waves(y, 160, 320)
    east = short + 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x)) + _waves(x, 150, 300)
    phi = np.radians(latitude)
    w2 = 1 - _E2 * np.sin(phi) ** 2
    meridian, prime = _A * (1 - _E2) / w2**1.5, _A / np.sqrt(w2)
    return longitude + np.degrees(east / (prime * np.cos(phi))), latitude + np.degrees(north / meridian)


def _waves(at: Floats, twelve: float, thirty: float) -> Floats:
    slow = 40 * np.sin(np.pi / 3 * at) + twelve * np.sin(np.pi / 12 * at) + thirty * np.sin(np.pi / 30 * at)
    return np.asarray(2 / 3 * (20 * np.sin(np.pi * at) + slow))


def _bd09(longitude: Floats, latitude: Floats) -> Degrees:
    """From GCJ-02: turned and stretched by small waves, then moved."""
    wave = np.pi * 3000 / 180
    radius = np.hypot(longitude, latitude) + 0.00002 * np.sin(wave * latitude)
    angle = np.arctan2(latitude, longitude) + 0.000003 * np.cos(wave * longitude)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _gcj02_bd09(longitude: Floats, latitude: Floats) -> Degrees:
    return _bd09(*_gcj02(longitude, latitude))
