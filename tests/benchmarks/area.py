"""Areas on the ellipsoid, against a change of CRS and `pyproj.Geod` per feature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyproj

from gis.crs import CGCS2000, ELLIPSOID_A, ELLIPSOID_RF
from gis.geometry import area

from . import data
from .registry import Case, benchmark

if TYPE_CHECKING:
    import geopandas as gpd

GEOD = pyproj.Geod(a=ELLIPSOID_A, rf=ELLIPSOID_RF)


def by_geodesics(degrees: gpd.GeoSeries) -> np.ndarray:
    """One call per feature, as there is no other."""
    return np.array([abs(GEOD.geometry_area_perimeter(each)[0]) for each in degrees])


def near(ours: np.ndarray, theirs: np.ndarray) -> bool:
    """Geodesic, vertex and drawn edges differ by up to 3e-6 on irregular parcels of 100 ha."""
    return bool(np.allclose(ours, theirs, rtol=1e-5, atol=0.01))


@benchmark("area-official", sizes=["10k", "100k"])
def official(size: str) -> Case:
    """From projected coordinates."""
    layer = data.parcels(size).geometry
    peers = {"to_crs(4490) + Geod": lambda: by_geodesics(layer.to_crs(CGCS2000))}
    return Case(lambda: area.official(layer, layer.crs), peers, near)


@benchmark("area-edge-true", sizes=["10k", "100k"])
def edge_true(size: str) -> Case:
    """From projected coordinates."""
    layer = data.parcels(size).geometry
    peers = {"to_crs(4490) + Geod": lambda: by_geodesics(layer.to_crs(CGCS2000))}
    return Case(lambda: area.edge_true(layer, layer.crs), peers, near)


@benchmark("area-from-degrees", sizes=["100k"])
def from_degrees(size: str) -> Case:
    """The vertex formula from longitude and latitude; nothing changes CRS here."""
    layer = data.parcels(size).geometry.to_crs(CGCS2000)
    return Case(lambda: area.official(layer, CGCS2000), {"Geod": lambda: by_geodesics(layer)}, near)


@benchmark("area-kernel", sizes=["100k"])
def kernel(size: str) -> Case:
    """The compiled vertex formula alone, on flat longitude and latitude."""
    layer = data.parcels(size).geometry.to_crs(CGCS2000)
    (found,) = area._flattened(layer.to_numpy())
    return Case(lambda: area._official(found, CGCS2000), {"Geod": lambda: by_geodesics(layer)}, near)
