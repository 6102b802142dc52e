"""How far each town of the invented city reaches: outward from its seat over cheap ground, with fingers along the roads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio import features
from rasterio.transform import Affine
from scipy import ndimage
from scipy.sparse import csgraph

from gis.demo.roads import Road
from gis.demo.settlements import Place
from gis.demo.terrain import CELL, Floats, Ints, Terrain, fractal, generator, grid_graph

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
    graph = grid_graph(ground, CELL)
    owner = np.full(shape, -1, dtype=np.int64)
    share = np.full(shape, np.inf)
    for number, place in enumerate(places):
        row, column = terrain.cells(np.array([place.x]), np.array([place.y]))
        limit = 6.0 * np.sqrt(place.future_m2)
        far = csgraph.dijkstra(graph, indices=int(row[0]) * shape[1] + int(column[0]), limit=limit).reshape(shape)
        order = np.argsort(far, axis=None, kind="stable")
        dry = (~wet & inside).ravel()[order]
        rank = np.empty(far.size)
        rank[order] = np.cumsum(dry) * CELL**2 / place.future_m2
        rank = np.where(np.isfinite(far), rank.reshape(shape), np.inf)
        nearer = rank < share
        share[nearer], owner[nearer] = rank[nearer], number
    return Reach(owner, share)


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
    mask = ((reach.owner == number) & (reach.share <= share)).astype(np.uint8)
    mask = ndimage.binary_closing(mask, iterations=2).astype(np.uint8)
    parts = [
        shapely.geometry.shape(g) for g, v in features.shapes(mask, transform=Affine(*terrain.transform)) if v == 1
    ]
    return shapely.buffer(shapely.buffer(shapely.union_all(parts), 90.0), -90.0)
