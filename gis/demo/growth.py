"""How far each town of the invented city reaches: outward from its seat over cheap ground, with fingers along the roads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio import features
from rasterio.transform import Affine
from scipy import ndimage

from gis.demo.roads import Road
from gis.demo.settlements import Place
from gis.demo.terrain import CELL, Floats, Ints, Terrain, fractal, generator, spread

__all__ = ["Reach", "built_area", "make_reach"]


@dataclass(frozen=True)
class Reach:
    """For every cell the town that would build on it first (-1: none) and at what share of that town's future area.

    `share` is 1 on the edge of the future built-up area, `present_m2 / future_m2` on the edge of the present one, inf far away.
    """

    owner: Ints
    share: Floats


def make_reach(
    terrain: Terrain,
    wet: NDArray[np.bool_],
    inside: NDArray[np.bool_],
    places: list[Place],
    roads: list[Road],
    *,
    seed: int,
) -> Reach:
    """The reach of every town; `wet` are the cells of rivers, which are crossed but not built on."""
    shape = terrain.height.shape
    wild = fractal(generator(seed, 7), shape, 18.0)
    ground = 1.0 + (terrain.slope / 4.0) ** 2 + 0.4 * np.exp(0.8 * wild)
    ground[_road_cells(terrain, roads)] *= 0.55
    ground[wet] += 2.0
    ground[~inside] = 400.0
    dry = (~wet & inside).ravel()
    owner = np.full(dry.size, -1, dtype=np.int64)
    share = np.full(dry.size, np.inf)
    for number, place in enumerate(places):
        row, column = terrain.cells(np.array([place.x]), np.array([place.y]))
        limit = 6.0 * np.sqrt(place.future_m2)
        far, _ = spread(ground, CELL, row * shape[1] + column, limit=limit)
        reached = np.flatnonzero(np.isfinite(far))
        reached = reached[np.argsort(far[reached], kind="stable")]
        rank = np.cumsum(dry[reached]) * CELL**2 / place.future_m2
        nearer = rank < share[reached]
        share[reached[nearer]], owner[reached[nearer]] = rank[nearer], number
    return Reach(owner.reshape(shape), share.reshape(shape))


def _road_cells(terrain: Terrain, roads: list[Road]) -> NDArray[np.bool_]:
    """The cells within 150 m of a national, provincial or county road."""
    grid = np.zeros(terrain.height.shape, dtype=np.bool_)
    for road in roads:
        if road.kind in ("国道", "省道", "县道"):
            points = shapely.get_coordinates(road.line)
            grid[terrain.cells(points[:, 0], points[:, 1])] = True
    return np.asarray(ndimage.binary_dilation(grid, iterations=1), dtype=np.bool_)


def built_area(terrain: Terrain, reach: Reach, number: int, share: float) -> shapely.Geometry:
    """The ground within a share of one town's reach, as a polygon with rounded cell corners."""
    mask = (reach.owner == number) & (reach.share <= share)
    (top, bottom), (left, right) = (_span(mask.any(axis=k)) for k in (1, 0))
    near = ndimage.binary_closing(mask[top:bottom, left:right], iterations=2).astype(np.uint8)
    a, b, c, d, e, f = terrain.transform
    place = Affine(a, b, a * left + b * top + c, d, e, d * left + e * top + f)
    parts = [shapely.geometry.shape(g) for g, v in features.shapes(near, transform=place) if v == 1]
    return shapely.buffer(shapely.buffer(shapely.union_all(parts), 90.0), -90.0)


def _span(taken: NDArray[np.bool_]) -> tuple[int, int]:
    """From where to where a row of cells is taken, with four to spare; all of it if nothing is."""
    at = np.flatnonzero(taken)
    return (max(0, int(at[0]) - 4), int(at[-1]) + 5) if len(at) else (0, len(taken))
