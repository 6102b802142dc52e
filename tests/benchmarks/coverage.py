"""Gaps and overlaps of one coverage, as polygons with their features, against shapely's yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.geometry import coverage, flat

from . import data
from .registry import Case, benchmark

if TYPE_CHECKING:
    from gis.geometry.coverage import CoverageFaces

SIZES = ["10k", "100k", "1m"]


@benchmark("coverage", sizes=SIZES)
def clean(size: str) -> Case:
    """A clean coverage known to be valid, as the rules hand it over; direction of rings and the sum of areas are ours to check."""
    parcels = data.parcels(size).geometry.to_numpy()
    return _case(parcels, valid=True)


@benchmark("coverage-from-flat", sizes=SIZES)
def from_flat(size: str) -> Case:
    """The same from flat coordinates, as a file gives them."""
    parcels = data.parcels(size).geometry.to_numpy()
    coordinates = flat.from_wkb(shapely.to_wkb(parcels))
    return Case(lambda: coverage.faces_of_flat(coordinates), _peers(parcels), _agree)


@benchmark("coverage-asking-validity", sizes=["100k"])
def unknown(size: str) -> Case:
    """The same, with the validity of each parcel asked too, which shapely's call leaves out."""
    return _case(data.parcels(size).geometry.to_numpy(), valid=False)


@benchmark("coverage-damaged", sizes=SIZES)
def damaged(size: str) -> Case:
    """With some 200 parcels moved, left out or given twice, and each second one turned the other way round."""
    parcels = data.parcels(size).geometry.to_numpy().copy()
    parcels[::2] = shapely.reverse(parcels[::2])
    chosen = np.random.default_rng(3).permutation(len(parcels))[: min(200, len(parcels) // 4)]
    moved, gone, twice = np.array_split(chosen, 3)
    parcels[moved] = shapely.transform(parcels[moved], lambda xy: xy + np.array([3.0, 1.0]))
    parcels[gone] = None
    return _case(np.append(parcels, parcels[twice]), valid=True)


def _case(parcels: Any, *, valid: bool) -> Case:
    return Case(lambda: coverage.faces(parcels, valid=valid), _peers(parcels), _agree)


def _peers(parcels: Any) -> dict[str, Any]:
    return {"coverage_is_valid (yes/no)": lambda: shapely.coverage_is_valid(parcels)}


def _agree(ours: CoverageFaces, fine: bool) -> bool:
    """Gaps alone are no fault to shapely."""
    return bool(fine) == (len(ours.overlaps()) == 0)
