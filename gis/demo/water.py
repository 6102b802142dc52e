"""Rivers of the invented city: the drainage tree of the terrain as smooth, named lines, and the reservoir on one of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely import LineString, Point, Polygon

from gis.demo.terrain import CELL, COARSE, Floats, Ints, Terrain, generator

__all__ = ["River", "basins", "make_reservoir", "make_rivers", "smooth_line"]

SMALLEST_KM2 = 15.0  # catchment from which a stream is a river on the map
SHORTEST_M = 2_500.0
ARM = 42  # vertices of a river from its source to the dam
STEP = 70.0  # m between the vertices of a centre line


@dataclass(frozen=True)
class River:
    """A river from its source to its mouth: centre line, catchment (km²) at each vertex, and its rank (1 = the main river)."""

    line: LineString
    catchment: Floats
    rank: int

    @property
    def widths(self) -> Floats:
        """Width (m) of the water at each vertex: it grows with the square root of the catchment."""
        return np.asarray(np.clip(4.2 * np.sqrt(self.catchment), 12.0, 190.0), dtype=np.float64)

    def water(self) -> Polygon:
        """The water surface: the centre line widened as the catchment grows."""
        points, widths = shapely.get_coordinates(self.line), self.widths
        blocks = range(0, len(points) - 1, 12)
        pieces = [shapely.linestrings(points[i : i + 13]) for i in blocks]
        wide = [float(widths[i : i + 13].mean()) / 2.0 for i in blocks]
        return shapely.union_all(shapely.buffer(pieces, wide, quad_segs=3))


def smooth_line(points: Floats, sigma: float, step: float = STEP) -> Floats:
    """The same way with its corners taken off, a vertex about every `step` metres; both ends stay."""
    length = np.r_[0.0, np.cumsum(np.hypot(*np.diff(points, axis=0).T))]
    at = np.linspace(0.0, length[-1], max(3, round(length[-1] / step) + 1))
    even = np.column_stack([np.interp(at, length, points[:, k]) for k in (0, 1)])
    soft = ndimage.gaussian_filter1d(even, sigma / step, axis=0, mode="nearest")
    hold = np.clip(np.minimum(at, length[-1] - at) / max(2.0 * sigma, 1.0), 0.0, 1.0)[:, None]
    return np.asarray(even * (1.0 - hold) + soft * hold, dtype=np.float64)


def make_rivers(terrain: Terrain, seed: int) -> list[River]:
    """All rivers with a catchment of `SMALLEST_KM2` or more, the main river first, each ending on the one it joins."""
    rng = generator(seed, 2)
    rivers: list[River] = []
    for cells, joined in _stems(terrain):
        points = _centres(terrain, cells)
        catchment = terrain.catchment[cells]
        even = smooth_line(points, 480.0)
        area = np.interp(np.linspace(0, 1, len(even)), np.linspace(0, 1, len(cells)), catchment)
        even = _meander(rng, even, area, terrain)
        if joined >= 0:
            even = _join(even, rivers[joined].line)
            area = area[: len(even)]
        rivers.append(River(LineString(even), area, 1 if joined < 0 else rivers[joined].rank + 1))
    return rivers


def _stems(terrain: Terrain) -> list[tuple[Ints, int]]:
    """The drainage tree cut into stems, each from its source down to the stem it joins (whose number comes along)."""
    area, to = terrain.catchment, terrain.downstream
    wet = np.flatnonzero(area >= SMALLEST_KM2)
    feeders: dict[int, list[int]] = {}
    for cell in wet.tolist():
        feeders.setdefault(int(to[cell]), []).append(cell)
    outlet = int(np.flatnonzero(to < 0)[0])
    stems: list[tuple[Ints, int]] = []
    queue: list[tuple[int, int]] = [(outlet, -1)]
    for start, joined in queue:
        path, cell = [], start
        while True:
            path.append(cell)
            above = sorted(feeders.get(cell, []), key=lambda c: (-area[c], c))
            if not above:
                break
            queue.extend((side, len(stems)) for side in above[1:])
            cell = above[0]
        if joined >= 0:
            path.insert(0, int(to[start]))
        if len(path) * COARSE * CELL >= SHORTEST_M:
            stems.append((np.array(path[::-1]), joined))
        else:
            stems.append((np.array(path[::-1][:0], dtype=np.int64), joined))
    return _compact(stems)


def _compact(stems: list[tuple[Ints, int]]) -> list[tuple[Ints, int]]:
    """The stems without the empty ones and without those that join an empty one, renumbered."""
    number: dict[int, int] = {-1: -1}
    kept: list[tuple[Ints, int]] = []
    for i, (cells, joined) in enumerate(stems):
        if len(cells) and joined in number:
            number[i] = len(kept)
            kept.append((cells, number[joined]))
    return kept


def _centres(terrain: Terrain, cells: Ints) -> Floats:
    columns = terrain.height.shape[1] // COARSE
    size = COARSE * terrain.cell
    return np.column_stack(
        [terrain.west + (cells % columns + 0.5) * size, terrain.north - (cells // columns + 0.5) * size]
    )


def _meander(rng: np.random.Generator, points: Floats, area: Floats, terrain: Terrain) -> Floats:
    """The line swung from side to side, more where the ground is flat and the river is large."""
    slope = terrain.sample(ndimage.uniform_filter(terrain.slope, 7), points[:, 0], points[:, 1])
    swing = np.clip(1.0 - slope / 5.0, 0.5, 1.0) * np.clip(30.0 + 8.0 * np.sqrt(area), 40.0, 230.0)
    wave = ndimage.gaussian_filter1d(rng.standard_normal(len(points)), np.clip(np.sqrt(area.max()) / 3.5, 3.0, 9.0))
    wave = np.clip(wave / max(float(wave.std()), 1e-9), -1.8, 1.8)
    along = np.gradient(points, axis=0)
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / np.hypot(*along.T)[:, None]
    ends = np.clip(np.minimum(np.arange(len(points)), np.arange(len(points))[::-1]) / 8.0, 0.0, 1.0)
    return np.asarray(points + normal * (wave * swing * ends)[:, None], dtype=np.float64)


def _join(points: Floats, trunk: LineString) -> Floats:
    """The line cut where it first comes near the trunk, and led onto it."""
    near = np.flatnonzero(shapely.distance(shapely.points(points), trunk) < 330.0)
    cut = points[: int(near[0]) + 1] if len(near) and near[0] > 3 else points
    foot = shapely.get_coordinates(trunk.interpolate(trunk.project(Point(cut[-1]))))
    return np.vstack([cut[:-1], foot])


def make_reservoir(terrain: Terrain, rivers: list[River], inside: NDArray[np.bool_]) -> tuple[Polygon, int]:
    """The lake behind a dam on a mountain river, and the number of that river: narrow arms where side valleys come in."""
    best, chosen = -np.inf, 0
    for number, river in enumerate(rivers[1:], start=1):
        points = shapely.get_coordinates(river.line)
        within = inside[terrain.cells(points[:, 0], points[:, 1])]
        height = terrain.sample(terrain.height, points[:, 0], points[:, 1])
        if len(points) < ARM + 20 or not within[:ARM].all():
            continue
        worth = height[ARM] - 0.02 * abs(height[ARM] - 190.0) ** 1.5 + 2.0 * river.catchment[ARM]
        if worth > best:
            best, chosen = worth, number
    arm = shapely.get_coordinates(rivers[chosen].line)[4 : ARM + 1]
    taper = np.linspace(0.0, 1.0, len(arm))
    wide = 45.0 + 210.0 * taper**1.3 * (1.0 + 0.35 * np.sin(taper * 17.0))
    return shapely.union_all(shapely.buffer(shapely.points(arm), wide, quad_segs=6)).simplify(6.0), chosen


def basins(terrain: Terrain, largest_km2: float = 6.0) -> Ints:
    """The number of the small catchment each cell of the height grid belongs to; their borders are the divides."""
    to, area = terrain.downstream.tolist(), terrain.catchment.tolist()
    order = np.argsort(-terrain.catchment, kind="stable").tolist()
    number = [0] * len(to)
    for cell in order:  # a cell's downstream neighbour always has the larger catchment
        below = to[cell]
        fresh = below < 0 or (area[cell] <= largest_km2 < area[below])
        number[cell] = cell if fresh else number[below]
    grid = np.array(number).reshape([n // COARSE for n in terrain.height.shape])
    return grid.astype(np.int64).repeat(COARSE, axis=0).repeat(COARSE, axis=1)
