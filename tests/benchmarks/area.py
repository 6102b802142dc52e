"""Areas on the ellipsoid, against a change of CRS and `pyproj.Geod` per feature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj

from gis.crs import CGCS2000, ELLIPSOID_A, ELLIPSOID_RF
from gis.geometry import _flat, area

from . import data
from .registry import Case, benchmark

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

SIZES = ["10k", "100k", "1m"]
GEOD = pyproj.Geod(a=ELLIPSOID_A, rf=ELLIPSOID_RF)


def by_geodesics(degrees: gpd.GeoSeries) -> np.ndarray:
    """One call per feature, as there is no other."""
    return np.array([abs(GEOD.geometry_area_perimeter(each)[0]) for each in degrees])


def near(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Geodesic, vertex and drawn edges differ by up to 3e-6 on irregular parcels of 100 ha."""
    return bool(np.allclose(ours, theirs, rtol=1e-5, atol=0.01))


def _from_features(measure: Callable[..., Any], size: str) -> Case:
    """From projected features."""
    layer = data.parcels(size).geometry
    peers = {"to_crs(4490) + Geod": lambda: by_geodesics(layer.to_crs(CGCS2000))}
    return Case(lambda: measure(layer, layer.crs), peers, near)


def _kernel(measure: Callable[..., Any], size: str, crs: str) -> Case:
    """From flat coordinates; the peer gets longitude and latitude, so it has nothing to change."""
    layer = data.parcels(size).geometry
    degrees = layer.to_crs(CGCS2000)
    found = _flat.rings((degrees if crs == CGCS2000 else layer).to_numpy())
    return Case(lambda: measure(found, crs), {"Geod": lambda: by_geodesics(degrees)}, near)


@benchmark("area-official", sizes=SIZES)
def official(size: str) -> Case:
    return _from_features(area.official, size)


@benchmark("area-edge-true", sizes=SIZES)
def edge_true(size: str) -> Case:
    return _from_features(area.edge_true, size)


@benchmark("area-kernel-official", sizes=SIZES)
def kernel_official(size: str) -> Case:
    return _kernel(area._official, size, data.CRS)


@benchmark("area-kernel-edge-true", sizes=SIZES)
def kernel_edge_true(size: str) -> Case:
    return _kernel(area._drawn, size, data.CRS)


@benchmark("area-kernel-official-degrees", sizes=["100k"])
def kernel_official_degrees(size: str) -> Case:
    return _kernel(area._official, size, CGCS2000)


@benchmark("area-kernel-edge-true-degrees", sizes=["100k"])
def kernel_edge_true_degrees(size: str) -> Case:
    return _kernel(area._drawn, size, CGCS2000)
