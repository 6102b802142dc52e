"""Whether one witness lies within another, but for what rounding explains."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry._flat import as_geometries

__all__ = ["held"]


def held(inner: Any, outer: Any, tolerance: Any) -> NDArray[np.bool_]:
    """Whether each geometry lies within the one beside it, or beyond its edge by no more than `tolerance`.

    Two arrays of one length, of any type of geometry, in one projected CRS; `tolerance` in its units, one per pair or one
    for all. None and empty hold nothing and are held by nothing. The edge may be cut differently on both sides.

    Example:
        >>> import shapely
        >>> wide, small = shapely.box(0, 0, 2, 1), shapely.box(0, 0, 1, 1.001)
        >>> held([small, small], [wide, wide], [0.01, 0.0001]).tolist()
        [True, False]
    """
    inner, outer = as_geometries(inner), as_geometries(outer)
    most = np.broadcast_to(np.asarray(tolerance, dtype=float), inner.shape)
    a, b = shapely.bounds(inner), shapely.bounds(outer)
    with np.errstate(invalid="ignore"):
        near = ((a[:, :2] >= b[:, :2] - most[:, None]) & (a[:, 2:] <= b[:, 2:] + most[:, None])).all(axis=1)
    out = np.zeros(len(inner), dtype=bool)
    at = np.flatnonzero(near)
    out[at] = shapely.covered_by(inner[at], outer[at])
    at = at[~out[at]]
    out[at] = shapely.covered_by(inner[at], shapely.buffer(outer[at], most[at], quad_segs=2))
    return out
