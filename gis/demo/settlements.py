"""Where people live in the invented city: sites on flat ground by the water, sizes by rank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
import shapely.affinity
from numpy.typing import NDArray
from scipy import ndimage

from gis.demo.sizes import Size
from gis.demo.terrain import CELL, Floats, Terrain, fractal, generator, spread
from gis.demo.water import River, basins

__all__ = ["Place", "make_places", "make_territory", "make_villages", "village_grounds"]

EDGE = 10  # cells kept free at the rim of the grid


@dataclass(frozen=True)
class Place:
    """A town or city: seat (m), tier (0 centre, 1 county town, 2 town, 3 township seat), residents, and where it is built."""

    x: float
    y: float
    tier: int
    residents: float
    angle: float  # radians, the direction of its streets
    present_m2: float  # urban construction land now
    future_m2: float  # and with the development boundary


def make_territory(terrain: Terrain, seed: int, size: Size) -> NDArray[np.bool_]:
    """The cells of the municipality: whole small catchments around the plain, so that its border follows ridges."""
    rng = generator(seed, 3)
    shape = terrain.height.shape
    y, x = np.indices(shape)
    cost = 1.0 + (terrain.slope / 14.0) ** 2 + terrain.height / 500.0
    heart = (int(shape[0] * 0.5), int(shape[1] * 0.52))
    far = spread(cost, CELL, np.array([heart[0] * shape[1] + heart[1]]))[0].reshape(shape)
    ellipse = np.hypot((y - heart[0]) / (shape[0] * 0.5), (x - heart[1]) / (shape[1] * 0.5))
    far = far / np.median(far) + 2.4 * ellipse**2 + 0.16 * fractal(rng, shape, 70.0 * size.breadth)
    number = basins(terrain)
    _, index = np.unique(number, return_inverse=True)
    index = index.reshape(shape)
    mean = (np.bincount(index.ravel(), far.ravel()) / np.bincount(index.ravel()))[index]
    rim = np.minimum(np.minimum(y, shape[0] - 1 - y), np.minimum(x, shape[1] - 1 - x))
    mean[rim < EDGE] = np.inf
    limit = np.sort(mean.ravel())[int(size.territory_km2 * 1e6 / CELL**2)]
    return _tidy(mean <= limit)


def _tidy(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The largest piece, without holes, its outline freed of single cells."""
    soft = ndimage.gaussian_filter(inside.astype(float), 5.0) > 0.5
    labels, count = ndimage.label(soft)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    return np.asarray(ndimage.binary_fill_holes(labels == int(np.argmax(sizes))), dtype=np.bool_)


def make_places(
    terrain: Terrain,
    rivers: list[River],
    inside: NDArray[np.bool_],
    lake: shapely.Polygon,
    size: Size,
    *,
    seed: int,
) -> list[Place]:
    """The centre, the county towns and the other towns, in this order."""
    rng = generator(seed, 4)
    deep = ndimage.binary_erosion(inside, iterations=16)
    flat = ((terrain.slope < 3.5) & inside).astype(float)
    wide, local = ndimage.uniform_filter(flat, 75), ndimage.uniform_filter(flat, 19)
    water = _water_worth(terrain, rivers)
    noise = fractal(rng, inside.shape, 30.0)
    dry = ndimage.distance_transform_edt(_river_cells(terrain, rivers, 250.0) == 0) > 3
    allowed = deep & dry & (terrain.slope < 3.0) & (ndimage.uniform_filter(terrain.slope, 11) < 4.5)
    x, y = terrain.centres()
    allowed &= ~shapely.contains_xy(lake.buffer(2_200.0), x, y)
    calm = ndimage.binary_erosion(inside, iterations=34)
    seats = [
        _best(np.where(ndimage.binary_erosion(inside, iterations=60) & allowed, 2.2 * wide + 0.5 * water, -np.inf))
    ]
    gap = _gap(seats[0], inside.shape)
    for _ in range(size.counties):
        worth = local + 0.9 * water + 0.12 * noise + 0.25 * np.clip(gap - 110.0, 0.0, 60.0) / 60.0
        apart = (gap > 110.0 * size.breadth**0.5) & (gap < 250.0 * size.breadth)
        seats.append(_best(np.where(allowed & calm & apart, worth, -np.inf)))
        gap = np.minimum(gap, _gap(seats[-1], inside.shape))
    gap = _gap(seats[0], inside.shape) - 28.0
    for seat in seats[1:]:
        gap = np.minimum(gap, _gap(seat, inside.shape) - 12.0)
    for _ in range(size.towns):
        free = allowed & (gap > 42.0)
        if not free.any():
            break
        worth = local + 0.5 * water + 0.15 * noise + 0.012 * np.clip(gap, 0.0, 90.0)
        seats.append(_best(np.where(free, worth, -np.inf)))
        gap = np.minimum(gap, _gap(seats[-1], inside.shape))
    return _sized(terrain, rivers, seats, size)


def _best(worth: Floats) -> tuple[int, int]:
    row, column = np.unravel_index(int(np.argmax(worth)), worth.shape)
    return int(row), int(column)


def _gap(seat: tuple[int, int], shape: tuple[int, ...]) -> Floats:
    """Distance (cells) of every cell to a seat."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray(np.hypot(rows - seat[0], columns - seat[1]), dtype=np.float64)


def _river_cells(terrain: Terrain, rivers: list[River], least_km2: float) -> Floats:
    """The catchment (km²) of the river in each cell, 0 where there is none of at least `least_km2`."""
    grid = np.zeros(terrain.height.shape)
    for river in rivers:
        points = shapely.get_coordinates(river.line)
        keep = river.catchment[: len(points)] >= least_km2
        np.maximum.at(grid, terrain.cells(points[keep, 0], points[keep, 1]), river.catchment[: len(points)][keep])
    return grid


def _water_worth(terrain: Terrain, rivers: list[River]) -> Floats:
    """How well a place lies by the water, 0 to 1: near rivers, best where two meet."""
    near = ndimage.gaussian_filter(np.sqrt(_river_cells(terrain, rivers, 12.0)), 9.0)
    mouths = np.zeros(terrain.height.shape)
    for river in rivers[1:]:
        mouth = shapely.get_coordinates(river.line)[-1:]
        np.add.at(mouths, terrain.cells(mouth[:, 0], mouth[:, 1]), np.sqrt(river.catchment[-1]))
    meet = ndimage.gaussian_filter(mouths, 11.0)
    return np.asarray(0.4 * near / near.max() + 0.6 * meet / meet.max(), dtype=np.float64)


def _sized(terrain: Terrain, rivers: list[River], seats: list[tuple[int, int]], size: Size) -> list[Place]:
    """The seats with residents by rank, and with the urban land each has now and may have."""
    lines = shapely.union_all([river.line for river in rivers])
    places, small = [], len(seats) * 3 // 14
    for rank, (row, column) in enumerate(seats, start=1):
        tier = 0 if rank == 1 else 1 if rank <= 1 + size.counties else 2 if rank <= len(seats) - small else 3
        residents = size.residents * rank**-size.fall * (0.75, 0.8, 0.62, 0.5)[tier] / 0.75
        per_head = (99.0, 106.0, 112.0, 118.0)[tier]
        x, y = terrain.west + (column + 0.5) * CELL, terrain.north - (row + 0.5) * CELL
        present = residents * per_head
        growth = (1.25, 1.27, 1.2, 1.14)[tier]
        angle = _direction(lines, x, y)
        places.append(Place(x, y, tier, round(residents, -2), angle, present, present * growth))
    return places


def _direction(lines: shapely.Geometry, x: float, y: float) -> float:
    """The bearing (radians) of the nearest river, which streets run along."""
    parts = shapely.get_parts(lines)
    point = shapely.Point(x, y)
    line = parts[int(np.argmin(shapely.distance(parts, point)))]
    at = float(line.project(point))
    a, b = line.interpolate(max(0.0, at - 900.0)), line.interpolate(min(line.length, at + 900.0))
    return float(np.arctan2(b.y - a.y, b.x - a.x))


def make_villages(terrain: Terrain, inside: NDArray[np.bool_], places: list[Place], seed: int) -> Floats:
    """Village seats (x, y, residents), one row each: spread over farmed land, closer together where it is flat."""
    rng = generator(seed, 5)
    rows, columns = np.array(np.indices(inside.shape))
    deep = ndimage.binary_erosion(inside, iterations=5)
    calm = ndimage.uniform_filter(terrain.slope, 3)
    allowed = np.flatnonzero((deep & (calm < 11.0) & (terrain.height < 420.0)).ravel())
    worth = rng.random(len(allowed)) + 0.25 * np.clip(calm.ravel()[allowed] / 4.0, 0.0, 1.0)
    allowed = allowed[np.argsort(-worth, kind="stable")]
    spacing = np.clip(13.0 + 1.1 * calm, 13.5, 23.0)
    free = np.ones(inside.shape, dtype=np.bool_)
    for place in places:
        row, column = terrain.cells(np.array([place.x]), np.array([place.y]))
        free &= np.hypot(rows - row[0], columns - column[0]) > np.sqrt(place.future_m2 / np.pi) / CELL * 1.12 + 4.0
    chosen: list[tuple[float, float, float]] = []
    for cell in allowed.tolist():
        row, column = divmod(cell, inside.shape[1])
        if not free[row, column]:
            continue
        reach = float(spacing[row, column])
        window = (slice(max(0, row - 24), row + 25), slice(max(0, column - 24), column + 25))
        free[window] &= np.asarray(np.hypot(rows[window] - row, columns[window] - column) > reach)
        folk = float(np.clip(rng.lognormal(7.35, 0.42) * (1.3 - calm[row, column] / 14.0), 350.0, 4_800.0))
        east = terrain.west + (column + rng.random()) * CELL
        chosen.append((east, terrain.north - (row + rng.random()) * CELL, round(folk, -1)))
    return np.array(chosen)


def village_grounds(villages: Floats, seed: int) -> list[shapely.Polygon]:
    """The built-up ground of each village, m: a few house groups side by side, by its people."""
    rng = generator(seed, 10)
    grounds = []
    for x, y, folk in villages.tolist():
        turn, size = rng.uniform(0.0, np.pi), float(np.sqrt(folk * 118.0 / np.pi))
        groups = 2 + int(folk > 900.0) + int(folk > 2_200.0)
        side = rng.uniform(-0.75, 0.75, (groups, 2)) * size
        middle = shapely.points(x + side[:, 0] * 1.35, y + side[:, 1])
        blob = shapely.union_all(shapely.buffer(middle, size * rng.uniform(0.52, 0.8, groups), quad_segs=3))
        whole = shapely.buffer(
            shapely.union_all([blob, shapely.convex_hull(blob).buffer(-0.22 * size)]), 12.0, quad_segs=2
        )
        parts = shapely.get_parts(shapely.affinity.rotate(whole, turn, origin=(x, y), use_radians=True))
        grounds.append(shapely.simplify(parts[int(np.argmax(shapely.area(parts)))], 9.0))
    return grounds
