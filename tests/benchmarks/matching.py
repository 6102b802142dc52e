"""Lines of a layer held against those of another; nothing public does the same at this size."""

from __future__ import annotations

import numpy as np
import shapely

from gis.geometry import matching

from . import data
from .registry import Case, benchmark

SIZES = ["10k", "100k"]


@benchmark("unmatched-moved", sizes=SIZES)
def moved(size: str) -> Case:
    """Parcels against themselves moved by 3 m: every edge is looked at, and next to nothing is matched."""
    parcels = data.parcels(size).geometry.to_numpy()
    aside = shapely.transform(parcels, lambda xy: xy + np.array([3.0, 1.0]))
    return Case(lambda: matching.unmatched(parcels, aside))


@benchmark("unmatched-same", sizes=SIZES)
def same(size: str) -> Case:
    """Parcels against themselves in another order."""
    parcels = data.parcels(size).geometry.to_numpy()
    return Case(lambda: matching.unmatched(parcels, parcels[::-1]))
