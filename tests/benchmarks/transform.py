"""Change of CRS: flat coordinates on threads, and with edges cut, against geopandas."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely

from gis.crs import CGCS2000
from gis.geometry import reproject

from . import data
from .registry import Case, benchmark

SIZES = ["10k", "100k", "1m"]
NEXT_ZONE = "EPSG:4527"


@benchmark("transform", sizes=SIZES)
def transform(size: str) -> Case:
    """Places to longitude and latitude."""
    layer = data.parcels(size).geometry
    x, y = shapely.get_coordinates(layer.to_numpy()).T
    peers = {"GeoSeries.to_crs": lambda: layer.to_crs(CGCS2000)}
    return Case(lambda: reproject.transformed(x, y, layer.crs, CGCS2000), peers, _same_places)


@benchmark("transform-edges", sizes=SIZES)
def edges(size: str) -> Case:
    """Parcels to the neighbouring zone with their edges kept; the peer cuts nothing, so it moves edges."""
    layer = data.parcels(size).geometry
    peers = {"GeoSeries.to_crs": lambda: layer.to_crs(NEXT_ZONE)}
    return Case(lambda: reproject.to_crs(layer, layer.crs, NEXT_ZONE), peers, _same_vertices)


def _same_places(ours: Any, moved: Any) -> bool:
    return np.array_equal(np.stack(ours, 1), shapely.get_coordinates(moved.to_numpy()))


def _same_vertices(ours: Any, moved: Any) -> bool:
    geometries, added = ours
    return np.array_equal(shapely.get_coordinates(geometries)[~added], shapely.get_coordinates(moved.to_numpy()))
