"""Where parcels have their middle: in rows along rivers and roads, in blocks in towns, in strips on fields, wide in mountains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import cKDTree

from gis.demo.growth import Reach
from gis.demo.roads import WIDTHS, Road
from gis.demo.settlements import Place
from gis.demo.terrain import Floats, Ints, Terrain, generator
from gis.demo.water import River

__all__ = ["FIELD", "PITCHES", "TOWN", "Seeds", "make_seeds"]

FIELD, TOWN = 0, 1
PITCHES = (290.0, 250.0, 225.0, 200.0)  # m between blocks, by the town's tier
URBAN_SHARE = 1.1  # of a town's future area: so far blocks are drawn


@dataclass(frozen=True)
class Seeds:
    """Middle points of parcels (m), what they are for (FIELD, TOWN, VILLAGE), and for a village its number, else -1."""

    points: Floats
    purpose: Ints


def make_seeds(
    terrain: Terrain, reach: Reach, places: list[Place], lines: list[River | Road], pitch: float, *, seed: int
) -> Seeds:
    """The seeds of all parcels: on both sides of the lines, in this order, then blocks in towns, then fields (`pitch` times as far apart)."""
    rng = generator(seed, 8)
    stock = _Stock(terrain, reach, pitch)
    for each in lines:
        width = float(each.widths.mean()) if isinstance(each, River) else WIDTHS[each.kind]
        stock.add_pairs(rng, each.line, width)
    for place, block in ((p, PITCHES[p.tier]) for p in places):
        reach_m = float(np.sqrt(place.future_m2)) * 1.7
        grid = _lattice(rng, (place.x, place.y), reach_m, (block, block), place.angle, 0.035)
        grid = grid[stock.urban(grid)]
        stock.add(grid, np.full(len(grid), 0.66 * block), TOWN)
    stock.add_fields(rng, places)
    return Seeds(np.vstack(stock.points), np.concatenate(stock.purpose))


class _Stock:
    """The seeds set so far; new ones keep their distance."""

    def __init__(self, terrain: Terrain, reach: Reach, pitch: float) -> None:
        self.terrain, self.share = terrain, np.where(np.isfinite(reach.share), reach.share, 9.0)
        self.calm = ndimage.uniform_filter(terrain.slope, 9)
        self.pitch = pitch
        self.points: list[Floats] = []
        self.purpose: list[Ints] = []
        self.trees: list[cKDTree] = []

    def pitch_at(self, points: Floats) -> Floats:
        """The usual distance (m) between parcels at each point: small on flat ground, large in the mountains."""
        slope = self.terrain.sample(self.calm, points[:, 0], points[:, 1])
        usual = np.interp(slope, [0.0, 2.5, 6.0, 11.0, 16.0], [490.0, 515.0, 670.0, 880.0, 1110.0])
        return np.asarray(usual * self.pitch)

    def urban(self, points: Floats) -> NDArray[np.bool_]:
        return np.asarray(self.share[self.terrain.cells(points[:, 0], points[:, 1])] < URBAN_SHARE)

    def add(self, points: Floats, gap: Floats, purpose: int) -> None:
        """Adds the points that are farther than `gap` from all that were there before."""
        keep = np.ones(len(points), dtype=np.bool_)
        for tree in self.trees if len(points) else ():
            keep &= tree.query(points)[0] > gap
        if not keep.any():
            return
        self.points.append(points[keep])
        self.purpose.append(np.full(int(keep.sum()), purpose, dtype=np.int64))
        fresh = points[keep]
        while self.trees and self.trees[-1].n <= 2 * len(fresh):  # few trees, each point in few of them over time
            fresh = np.vstack([self.trees.pop().data, fresh])
        self.trees.append(cKDTree(fresh))

    def add_pairs(self, rng: np.random.Generator, line: shapely.LineString, width: float) -> None:
        """Adds points on both sides of a line, opposite each other, so that parcels meet the line squarely."""
        total = float(line.length)
        at, places = 40.0 + 60.0 * rng.random(), []
        probe = shapely.get_coordinates(shapely.line_interpolate_point(line, np.linspace(0, total, 200)))
        pitch = np.where(self.urban(probe), 250.0, self.pitch_at(probe))
        while at < total:
            step = float(np.interp(at, np.linspace(0, total, 200), pitch))
            places.append((at, step))
            at += step * (0.85 + 0.3 * rng.random())
        if not places:
            return
        where, step = np.array(places).T
        foot = shapely.get_coordinates(shapely.line_interpolate_point(line, where))
        ahead = shapely.get_coordinates(shapely.line_interpolate_point(line, np.minimum(where + 40.0, total)))
        back = shapely.get_coordinates(shapely.line_interpolate_point(line, np.maximum(where - 40.0, 0.0)))
        way = ahead - back
        normal = np.column_stack([-way[:, 1], way[:, 0]]) / np.hypot(*way.T)[:, None]
        aside = (0.42 * step + width / 2.0)[:, None]
        both = np.vstack([foot + normal * aside, foot - normal * aside])
        gap = np.tile(0.62 * step, 2)
        purpose = np.where(self.urban(both), TOWN, FIELD)
        for kind in (TOWN, FIELD):
            self.add(both[purpose == kind], gap[purpose == kind], kind)

    def add_fields(self, rng: np.random.Generator, places: list[Place]) -> None:
        """Fills the open land with strips along the plain and with ever wider cells up the slopes."""
        terrain = self.terrain
        rows, columns = terrain.height.shape
        middle = (terrain.west + columns * terrain.cell / 2.0, terrain.north - rows * terrain.cell / 2.0)
        seats = cKDTree([(p.x, p.y) for p in places])
        steps = (
            (0.0, 510.0, 470.0),
            (510.0, 580.0, 545.0),
            (580.0, 730.0, 650.0),
            (730.0, 910.0, 820.0),
            (910.0, 2e3, 1_060.0),
        )
        for low, high, pitch in np.array(steps) * self.pitch:
            angles = [p.angle for p in places] if low == 0.0 else [rng.uniform(0.0, np.pi)]
            jitter = 0.16 if low == 0.0 else 0.27
            shape = (pitch * 1.3, pitch / 1.25) if low == 0.0 else (pitch, pitch)
            for number, angle in enumerate(angles):
                grid = _lattice(rng, middle, 0.5 * float(np.hypot(rows, columns)) * terrain.cell, shape, angle, jitter)
                x, y = grid[:, 0], grid[:, 1]
                grid = grid[
                    (x > terrain.west)
                    & (x < terrain.west + columns * terrain.cell)
                    & (y < terrain.north)
                    & (y > terrain.north - rows * terrain.cell)
                ]
                usual = self.pitch_at(grid)
                keep = (usual >= low) & (usual < high) & ~self.urban(grid)
                if low == 0.0:
                    keep &= seats.query(grid)[1] == number
                self.add(grid[keep], np.full(int(keep.sum()), 0.62 * pitch), FIELD)


def _lattice(
    rng: np.random.Generator,
    middle: tuple[float, float],
    reach: float,
    pitch: tuple[float, float],
    angle: float,
    jitter: float,
) -> Floats:
    """A turned grid of points round a middle, each moved a little."""
    across = np.arange(-int(reach // pitch[0]), int(reach // pitch[0]) + 1) * pitch[0]
    along = np.arange(-int(reach // pitch[1]), int(reach // pitch[1]) + 1) * pitch[1]
    a, b = (g.ravel() for g in np.meshgrid(across, along))
    a = a + rng.uniform(-jitter, jitter, a.shape) * pitch[0]
    b = b + rng.uniform(-jitter, jitter, b.shape) * pitch[1]
    c, s = np.cos(angle), np.sin(angle)
    return np.column_stack([middle[0] + a * c - b * s, middle[1] + a * s + b * c])
