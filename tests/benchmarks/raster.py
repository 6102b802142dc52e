"""Raster kernels against numpy on whole arrays, xarray-spatial, scipy.ndimage and exactextract, on hills of 100 km × 100 km."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from scipy import ndimage

from gis.geometry import parallel
from gis.geometry.raster_criteria import overlaid, reclassified
from gis.geometry.raster_patches import distance, patch_filter
from gis.geometry.raster_terrain import slope
from gis.geometry.raster_zonal import ZonalStatistics, merged, zonal_centre, zonal_exact
from gis.grid import Grid
from gis.read.raster import open_raster

from . import data
from .registry import Case, benchmark

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd

SIDES = {"smoke": 400, "1k": 1000, "3k": 3000, "10k": 10_000}
CELLS = {size: side**2 for size, side in SIDES.items()}
SLOPES = [2, 6, 15, 25], [5, 4, 3, 2, 1]
LEVELS = [300, 600], [3, 2, 1]
WEIGHTS = [0.6, 0.4]
ALL = ["1k", "3k", "10k"]


def heights(size: str) -> Path:
    """A GeoTIFF of hills with a metre of noise, 32 bits, deflate, tiled; made once."""
    target = data.path(f"hills_{size}").with_suffix(".tif")
    if not target.exists():
        side = SIDES[size]
        hills = ndimage.gaussian_filter(np.random.default_rng(0).normal(size=(side // 20, side // 20)), 4)
        z = ndimage.zoom(hills.astype("f4"), 20, order=1) * 2000 + 500
        z += np.random.default_rng(1).normal(size=z.shape).astype("f4")
        target.parent.mkdir(parents=True, exist_ok=True)
        place = {"crs": data.CRS, "transform": _transform(size), "width": side, "height": side, "nodata": -9999.0}
        packed = {
            "tiled": True,
            "blockxsize": 512,
            "blockysize": 512,
            "compress": "deflate",
            "predictor": 3,
            "zlevel": 1,
        }
        partial = target.with_suffix(f".{os.getpid()}")
        with rasterio.open(partial, "w", driver="GTiff", dtype="float32", count=1, **place, **packed) as out:
            out.write(z, 1)
        partial.replace(target)
    return target


def _transform(size: str) -> rasterio.Affine:
    west, south = data.ORIGIN
    return rasterio.Affine(_cell(size), 0, west, 0, -_cell(size), south + data.SIDE)


def _cell(size: str) -> float:
    return data.SIDE / SIDES[size]


def grid(size: str) -> Grid:
    """The heights in memory."""
    return open_raster(heights(size)).grid()


# Criteria


@benchmark("slope-classes-overlay", sizes=ALL, items=CELLS)
def criteria(size: str) -> Case:
    """Slope, classes of slope and height, weighted overlay."""
    terrain = grid(size)

    def ours() -> np.ndarray:
        grades = [reclassified(slope(terrain), *SLOPES), reclassified(terrain, *LEVELS)]
        return overlaid(grades, WEIGHTS).values

    z, cell = terrain.values, _cell(size)
    peers = {"numpy whole": lambda: _numpy_criteria(z, cell), "xarray-spatial": lambda: _xarray_criteria(z, cell)}
    return Case(ours, peers, _same_but_for_breaks)


@benchmark("slope", sizes=ALL, items=CELLS)
def terrain_only(size: str) -> Case:
    """Slope alone."""
    terrain = grid(size)
    z, cell = terrain.values, _cell(size)
    peers = {"numpy whole": lambda: _numpy_slope(z, cell), "xarray-spatial": lambda: _xarray_slope(z, cell).values}
    return Case(lambda: slope(terrain).values, peers, lambda one, two: np.allclose(one, two, atol=1e-3, equal_nan=True))


def _numpy_slope(z: np.ndarray, cell: float) -> np.ndarray:
    p = np.pad(z, 1, mode="constant", constant_values=np.nan)
    east = ((p[:-2, 2:] + 2 * p[1:-1, 2:] + p[2:, 2:]) - (p[:-2, :-2] + 2 * p[1:-1, :-2] + p[2:, :-2])) / (8 * cell)
    south = ((p[2:, :-2] + 2 * p[2:, 1:-1] + p[2:, 2:]) - (p[:-2, :-2] + 2 * p[:-2, 1:-1] + p[:-2, 2:])) / (8 * cell)
    return np.degrees(np.arctan(np.hypot(east, south)))


def _numpy_criteria(z: np.ndarray, cell: float) -> np.ndarray:
    steep = _numpy_slope(z, cell)
    one, two = (np.take(v, np.digitize(a, b, right=True)).astype("f4") for a, (b, v) in ((steep, SLOPES), (z, LEVELS)))
    result = WEIGHTS[0] * one + WEIGHTS[1] * two
    result[np.isnan(steep)] = np.nan
    return result


def _xarray(z: np.ndarray, cell: float) -> Any:
    import xarray

    return xarray.DataArray(z, dims=("y", "x"), attrs={"res": (cell, cell)})


def _xarray_slope(z: np.ndarray, cell: float) -> Any:
    import xrspatial

    return xrspatial.slope(_xarray(z, cell))


def _xarray_criteria(z: np.ndarray, cell: float) -> np.ndarray:
    from xrspatial.classify import reclassify

    one = reclassify(_xarray_slope(z, cell), bins=[*SLOPES[0], 1e9], new_values=SLOPES[1])
    two = reclassify(_xarray(z, cell), bins=[*LEVELS[0], 1e9], new_values=LEVELS[1])
    return (WEIGHTS[0] * one + WEIGHTS[1] * two).values


def _same_but_for_breaks(one: np.ndarray, two: np.ndarray) -> bool:
    """Missing in the same cells; in one of 10 000 at most another class, where a slope on a break is rounded otherwise."""
    near = np.isclose(one, two, atol=1e-5, equal_nan=True)
    return np.array_equal(np.isnan(one), np.isnan(two)) and np.count_nonzero(~near) <= near.size / 10_000


# Zones: parcels, 10 000 but for the smallest size


@benchmark("zonal-centre", sizes=ALL, items=CELLS)
def zones_file(size: str) -> Case:
    """Statistics by centres, the raster read from its file by stripes."""
    file, parcels = heights(size), _parcels(size)

    def ours() -> ZonalStatistics:
        raster = open_raster(file)
        return merged(parallel.run(lambda rows: zonal_centre(raster.grid(rows), parcels.geometry), raster.stripes()))

    peers = {"exactextract raster-sequential": lambda: _exactextract(str(file), parcels, "raster-sequential")}
    return Case(ours, peers, _centres_near_fractions)


@benchmark("zonal-centre-memory", sizes=ALL, items=CELLS)
def zones_memory(size: str) -> Case:
    """Statistics by centres of a grid in memory."""
    terrain, parcels = grid(size), _parcels(size)
    peers = {"exactextract raster-sequential": lambda: _exactextract(_in_memory(terrain), parcels, "raster-sequential")}
    return Case(lambda: zonal_centre(terrain, parcels.geometry), peers, _centres_near_fractions)


@benchmark("zonal-exact", sizes=ALL, items=CELLS)
def zones_exact(size: str) -> Case:
    """Statistics by fractions of a grid in memory; exactextract does the work of ours too."""
    terrain, parcels = grid(size), _parcels(size)
    peers = {"exactextract raster-sequential": lambda: _exactextract(_in_memory(terrain), parcels, "raster-sequential")}
    return Case(lambda: zonal_exact(terrain, parcels.geometry), peers, _same_fractions)


def _parcels(size: str) -> gpd.GeoDataFrame:
    return data.parcels("smoke" if size == "smoke" else "10k")


def _in_memory(terrain: Grid) -> Any:
    from exactextract.raster import NumPyRasterSource

    return NumPyRasterSource(terrain.values, *terrain.bounds, srs_wkt=terrain.crs.to_wkt())


def _exactextract(source: Any, parcels: gpd.GeoDataFrame, strategy: str) -> Any:
    from exactextract import exact_extract

    return exact_extract(source, parcels, ["mean", "count", "min", "max"], output="pandas", strategy=strategy)


def _same_fractions(ours: ZonalStatistics, table: Any) -> bool:
    pairs = [(ours.mean, "mean"), (ours.count, "count"), (ours.minimum, "min"), (ours.maximum, "max")]
    return all(np.allclose(mine, table[name], rtol=1e-6) for mine, name in pairs)


def _centres_near_fractions(ours: ZonalStatistics, table: Any) -> bool:
    """All cells counted once; a zone's count differs by some of the cells that its edge crosses, four times the root."""
    off = np.abs(ours.count - table["count"]) <= 4 * np.sqrt(ours.count) + 4
    return bool(off.all() and np.isclose(ours.count.sum(), table["count"].sum(), rtol=1e-6))


# Distance and patches


def _high(size: str) -> np.ndarray:
    z = grid(size).values
    return z > np.percentile(z[::20, ::20], 60)


@benchmark("distance", sizes=ALL, items=CELLS)
def distances(size: str) -> Case:
    """Distance to the nearest high cell."""
    high = _high(size)
    peers = {"scipy.ndimage": lambda: ndimage.distance_transform_edt(~high)}
    return Case(lambda: distance(high), peers, lambda one, two: np.allclose(one, two, rtol=1e-6))


@benchmark("patches", sizes=ALL, items=CELLS)
def patches(size: str) -> Case:
    """High cells in patches of at least 50."""
    high = _high(size)

    def scipy() -> np.ndarray:
        labels, _ = ndimage.label(high)
        keep = np.bincount(labels.ravel()) >= 50
        keep[0] = False
        return keep[labels]

    return Case(lambda: patch_filter(high, 50), {"scipy.ndimage": scipy}, np.array_equal)
