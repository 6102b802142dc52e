"""Layers of the size of a municipality, the same at every call: parcels, redline giants, farmland patches (100 km × 100 km, EPSG:4528).

Parcels are an exact coverage: cells around jittered sites whose shared edges are one wavy line. They are kept as GeoParquet in the
folder that LANTU_BENCHMARK_DATA names, else in the system's folder for temporary files.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely
from scipy.ndimage import gaussian_filter
from scipy.spatial import Voronoi, cKDTree

if TYPE_CHECKING:
    from collections.abc import Callable

CRS = "EPSG:4528"
ORIGIN = np.array([40_450_000.0, 3_400_000.0])
SIDE = 100_000.0
SIZES = {"smoke": 400, "10k": 10_000, "100k": 100_000, "1m": 1_000_000}
SMOKE_SIDE = SIDE / 5  # a few parcels, each as large as those of the size 10k
VERSION = 1  # part of the file names: raise it when a layer changes


def parcels(size: str) -> gpd.GeoDataFrame:
    """A coverage of the whole square by parcels of about 42 vertices."""
    return _kept("parcels", size, lambda: coverage(SIZES[size], (3, 9), seed=1))


def giants(size: str = "1m") -> gpd.GeoDataFrame:
    """200 to 300 multipolygons with thousands of parts and holes, as a redline has; 3 M vertices, one feature of more than 200 k.

    Only for `smoke` they are small; else they do not depend on the size of the parcels.
    """
    return _kept("giants", "smoke" if size == "smoke" else "", lambda: _giants(4_000 if size == "smoke" else 400_000))


def farmland(size: str = "1m") -> gpd.GeoDataFrame:
    """Patches of parcels in squares of 400 m (40 k of 180 vertices), three in ten of them drawn 0.4 m aside."""
    return _kept("farmland", "smoke" if size == "smoke" else "", lambda: _farmland(size))


def path(name: str) -> Path:
    """Where a layer is kept."""
    folder = os.environ.get("LANTU_BENCHMARK_DATA") or Path(tempfile.gettempdir()) / "lantu-benchmarks"
    return Path(folder) / f"{name}.{VERSION}.parquet"


def _kept(layer: str, size: str, make: Callable[[], np.ndarray]) -> gpd.GeoDataFrame:
    target = path(f"{layer}_{size}" if size else layer)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        geometry = _shrunk(make()) if size == "smoke" else make()
        beside = target.with_name(f"{target.name}.{os.getpid()}")
        gpd.GeoDataFrame({"id": np.arange(len(geometry))}, geometry=geometry, crs=CRS).to_parquet(beside)
        beside.replace(target)
    return gpd.read_parquet(target)


def _shrunk(geometry: np.ndarray) -> np.ndarray:
    """The same in the square of the smoke test; corners that were one place stay one."""
    return shapely.transform(geometry, lambda xy: ORIGIN + (xy - ORIGIN) * (SMOKE_SIDE / SIDE))


@dataclass(frozen=True)
class Ridges:
    """The lines between cells: the two sites and the two corners of each; sites from `count` on are mirror images."""

    sites: np.ndarray
    corners: np.ndarray
    between: np.ndarray
    ends: np.ndarray
    count: int

    @cached_property
    def length(self) -> np.ndarray:
        return np.hypot(*(self.corners[self.ends[:, 1]] - self.corners[self.ends[:, 0]]).T)


def coverage(count: int, points: tuple[int, int], *, seed: int, waves: float = 0.06) -> np.ndarray:
    """About `count` valid cells that tile the square exactly, with so many points along each shared edge."""
    rng = np.random.default_rng(seed)
    ridges = _ridges(rng, count)
    inner = (ridges.between < ridges.count).all(axis=1)
    step = SIDE / np.sqrt(ridges.count)
    along = np.where(ridges.length < 0.05 * step, 0, rng.integers(points[0], points[1] + 1, len(inner)))
    swing = rng.uniform(-waves, waves, (2, len(inner))) * [[1], [1 / 3]] * ridges.length * inner
    for attempt in range(6):
        cells = _cells(ridges, along, swing)
        bad = ~shapely.is_valid(cells) | ~shapely.is_empty(shapely.coverage_invalid_edges(cells))
        if not bad.any():
            return cells
        of = np.where(ridges.between < ridges.count, ridges.between, 0)
        touched = (bad[of] & (ridges.between < ridges.count)).any(axis=1)
        swing[:, touched] = 0
        if attempt >= 2:
            along[touched] = 0
    raise AssertionError("no valid coverage after six attempts")


def _ridges(rng: np.random.Generator, count: int) -> Ridges:
    across = int(np.ceil(np.sqrt(count)))
    sites = np.stack(np.meshgrid(np.arange(across), np.arange(across)), axis=-1).reshape(-1, 2) + 0.5
    sites = (sites + rng.uniform(-0.42, 0.42, sites.shape)) * (SIDE / across)
    count, mirrored, reach = len(sites), [sites], 3 * SIDE / across
    for axis in (0, 1):
        for edge in (0.0, SIDE):
            image = sites[np.abs(sites[:, axis] - edge) < reach].copy()
            image[:, axis] = 2 * edge - image[:, axis]
            mirrored.append(image)
    diagram = Voronoi(np.vstack(mirrored))
    between, ends = diagram.ridge_points, np.asarray(diagram.ridge_vertices)
    keep = (ends >= 0).all(axis=1) & (between < count).any(axis=1)
    corners = diagram.vertices
    for edge in (0.0, SIDE):
        corners = np.where(np.abs(corners - edge) < 1e-6, edge, corners)
    corners, number = np.unique(np.round(corners, 4), axis=0, return_inverse=True)
    between, ends = between[keep], number.ravel()[ends[keep]]
    keep = ends[:, 0] != ends[:, 1]
    return Ridges(sites, corners, between[keep], ends[keep], count)


def _line_points(ridges: Ridges, along: np.ndarray, swing: np.ndarray) -> np.ndarray:
    """The points along all ridges, in the order of the ridges."""
    ridge = np.repeat(np.arange(len(along)), along)
    share = (np.arange(len(ridge)) - np.repeat(np.cumsum(along) - along, along) + 1) / (along[ridge] + 1)
    start, stop = ridges.corners[ridges.ends[ridge, 0]], ridges.corners[ridges.ends[ridge, 1]]
    across = np.stack([start[:, 1] - stop[:, 1], stop[:, 0] - start[:, 0]], 1)
    across /= np.maximum(ridges.length[ridge], 1e-9)[:, None]
    off = swing[0, ridge] * np.sin(np.pi * share) + swing[1, ridge] * np.sin(3 * np.pi * share)
    return np.round(start + (stop - start) * share[:, None] + across * off[:, None], 4)


def _cells(ridges: Ridges, along: np.ndarray, swing: np.ndarray) -> np.ndarray:
    """The cells as polygons: their ridges in the order of the angle, each in the direction of the ring."""
    points, first = _line_points(ridges, along, swing), np.cumsum(along) - along
    cell, ridge = ridges.between.T.ravel(), np.tile(np.arange(len(along)), 2)
    cell, ridge = cell[cell < ridges.count], ridge[cell < ridges.count]
    centre = ridges.sites[cell]
    start, stop = (ridges.corners[ridges.ends[ridge, side]] - centre for side in (0, 1))
    back, middle = start[:, 0] * stop[:, 1] < start[:, 1] * stop[:, 0], (start + stop) / 2
    order = np.lexsort((np.arctan2(middle[:, 1], middle[:, 0]), cell))
    cell, ridge, back = cell[order], ridge[order], back[order]
    size = along[ridge] + 1
    half = np.repeat(np.arange(len(ridge)), size)
    step = np.arange(len(half)) - np.repeat(np.cumsum(size) - size, size)
    line, turned = ridge[half], back[half]
    corner = ridges.corners[np.where(turned, ridges.ends[line, 1], ridges.ends[line, 0])]
    at = np.where(turned, first[line] + size[half] - 1 - step, first[line] + step - 1)
    xy = np.where((step == 0)[:, None], corner, points[at.clip(0, max(len(points) - 1, 0))])
    owner = cell[half]
    ends = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=ridges.count) + 1)])
    out = np.empty((ends[-1], 2))
    out[np.arange(len(xy)) + owner] = xy
    out[ends[1:] - 1] = xy[np.searchsorted(owner, np.arange(ridges.count))]
    shells = np.arange(ridges.count + 1)
    return shapely.from_ragged_array(shapely.GeometryType.POLYGON, out + ORIGIN, (ends, shells))


def _relief(seed: int, smooth: float, across: int = 512) -> np.ndarray:
    found = gaussian_filter(np.random.default_rng(seed).normal(size=(across, across)), smooth, mode="wrap")
    return (found - found.mean()) / found.std()


def _at(relief: np.ndarray, xy: np.ndarray) -> np.ndarray:
    cell = ((xy - ORIGIN) / SIDE * len(relief)).astype(int).clip(0, len(relief) - 1)
    return relief[cell[:, 1], cell[:, 0]]


def _merged(cells: np.ndarray, group: np.ndarray) -> np.ndarray:
    """The union of each group of cells of a coverage."""
    order = np.argsort(group, kind="stable")
    first = np.flatnonzero(np.diff(group[order], prepend=-1))
    return np.array([shapely.coverage_union_all(cells[each]) for each in np.split(order, first[1:])])


def _giants(count: int) -> np.ndarray:
    cells = coverage(count, (5, 15), seed=77)
    place = shapely.get_coordinates(shapely.centroid(cells))
    rough = np.kron(_relief(31, 9), np.ones((2, 2))) + 1.1 * _relief(32, 0.8, 1024)
    chosen = np.flatnonzero(_at(rough, place) > 0.72)
    rng = np.random.default_rng(8)
    centres = np.c_[rng.uniform(0, SIDE, (300, 2)) + ORIGIN, rng.gamma(0.6, 9000, 300)]
    _, group = cKDTree(centres).query(np.c_[place[chosen], np.zeros(len(chosen))])
    middle = np.hypot(*(place[chosen] - ORIGIN - SIDE / 2).T) < 0.2 * SIDE
    return _merged(cells[chosen], np.where(middle, 300, group))


def _farmland(size: str) -> np.ndarray:
    cells = coverage(400, (3, 9), seed=1) if size == "smoke" else parcels("1m").geometry.to_numpy()
    place = shapely.get_coordinates(shapely.centroid(cells))
    rough = _relief(21, 4) + 0.6 * np.random.default_rng(5).normal(size=(512, 512))
    chosen = np.flatnonzero(_at(rough, place) > 0.45)
    square = ((place[chosen] - ORIGIN) / (20_000 if size == "smoke" else 400)).astype(int)
    patches = _merged(cells[chosen], square[:, 1] * 1000 + square[:, 0])
    moved = np.random.default_rng(6).random(len(patches)) < 0.3
    patches[moved] = shapely.transform(patches[moved], lambda xy: xy + np.array([0.31, -0.22]))
    return patches
