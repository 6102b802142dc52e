"""The ground the invented city stands on: ridges, valleys and the way water leaves them.

The height is the steady state of a landscape that rises and is worn down by its own rivers (the stream-power law): every cell
drains to one outlet, and the steeper the smaller its catchment. So valleys branch, widen downstream and meet at confluences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gis.demo.sizes import Size

__all__ = ["CELL", "Floats", "Ints", "Terrain", "fractal", "generator", "make_terrain", "spread"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CELL = 100.0  # m, the height grid
COARSE = 2  # cells of the height grid per cell of the drainage grid
WEST, NORTH = 418_000.0, 3_419_000.0  # the grid's upper left corner in EPSG:4549
SEA_LEVEL = 9.0  # m, the river where it leaves
STEEPEST = 0.42  # rise over run of a first-order slope in the high mountains
CONCAVITY = 0.43  # how fast a channel flattens as its catchment grows
ROUNDS = 7  # drainage and height are settled in turn


@dataclass(frozen=True)
class Terrain:
    """Height, slope and drainage of the ground.

    `height` (m) and `slope` (degrees) are north-up grids of `CELL` metres whose upper left corner is (`west`, `north`);
    `downstream` and `catchment` (km²) are flat arrays over the drainage grid of `COARSE × CELL` metres, -1 at the outlet.
    """

    height: Floats
    slope: Floats
    downstream: Ints
    catchment: Floats
    west: float = WEST
    north: float = NORTH
    cell: float = CELL

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """The affine transform of the height grid (a, b, c, d, e, f), as rasterio's `Affine` takes it."""
        return (self.cell, 0.0, self.west, 0.0, -self.cell, self.north)

    def cells(self, x: Floats, y: Floats) -> tuple[Ints, Ints]:
        """Row and column of the height grid under each point; points outside get the nearest cell of the rim."""
        row = np.clip(((self.north - y) // self.cell).astype(np.int64), 0, self.height.shape[0] - 1)
        column = np.clip(((x - self.west) // self.cell).astype(np.int64), 0, self.height.shape[1] - 1)
        return row, column

    def centres(self) -> tuple[Floats, Floats]:
        """Easting and northing (m) of every cell's centre, each with the grid's shape."""
        rows, columns = np.indices(self.height.shape)
        east, north = self.west + (columns + 0.5) * self.cell, self.north - (rows + 0.5) * self.cell
        return np.asarray(east), np.asarray(north)

    def sample(self, grid: Floats, x: Floats, y: Floats) -> Floats:
        """The value of a grid (of the height grid's shape) at each point, bilinear."""
        at = np.array([(self.north - np.asarray(y)) / self.cell - 0.5, (np.asarray(x) - self.west) / self.cell - 0.5])
        return np.asarray(ndimage.map_coordinates(grid, at, order=1, mode="nearest"), dtype=np.float64)


def generator(seed: int, part: int) -> np.random.Generator:
    """The stream of random numbers for one part of the city; parts do not disturb each other."""
    return np.random.Generator(np.random.PCG64([seed, part]))


def fractal(rng: np.random.Generator, shape: tuple[int, int], coarsest: float, roughness: float = 0.5) -> Floats:
    """Smooth noise of several octaves, mean 0, standard deviation 1; `coarsest` is the largest wave in cells."""
    total = np.zeros(shape)
    wave, weight = coarsest, 1.0
    while wave >= 2.0:
        size = [int(np.ceil(n / wave)) + 4 for n in shape]
        knots = rng.standard_normal(size)
        rows, columns = np.indices(shape)
        total += weight * ndimage.map_coordinates(
            knots, [rows / wave + 1.0, columns / wave + 1.0], order=3, mode="nearest"
        )
        wave, weight = wave / 2.0, weight * roughness
    return np.asarray((total - total.mean()) / total.std(), dtype=np.float64)


def spread(
    cost: Floats,
    cell: float,
    sources: Ints,
    *,
    climb: Floats | None = None,
    goals: Ints | None = None,
    limit: float = np.inf,
) -> tuple[Floats, Ints]:
    """The cheapest ways over a grid: the cost from the nearest source to every cell, and the step back towards it.

    Cells are numbered row by row. A step to one of the eight neighbours costs its length times the mean `cost` of its ends;
    with `climb` (a grid of heights, m) it also pays for its own gradient, so that ways keep to the contour. What is dearer
    than `limit`, or than the last of the `goals`, need not be reached: inf and -1.
    """
    from gis.demo import _grid_kernel as kernel  # noqa: PLC0415 - numba is dear to import

    if not len(sources):
        return np.full(cost.size, np.inf), np.full(cost.size, -1, dtype=np.int64)
    goal = np.zeros(cost.size, dtype=np.bool_)
    goal[() if goals is None else goals] = goals is not None
    flat = np.zeros_like(cost) if climb is None else climb
    grids = (np.ascontiguousarray(each, dtype=np.float64) for each in (cost, flat))
    return kernel.cheapest_ways(*grids, cell, np.asarray(sources, dtype=np.int64), goal, limit)  # type: ignore[no-any-return]


def make_terrain(seed: int, size: Size) -> Terrain:
    """The terrain of a seed and a size: a river plain that opens to the east, hills around it, mountains behind."""
    rng = generator(seed, 1)
    shape = (size.rows // COARSE, size.columns // COARSE)
    uplift = _uplift(rng, shape, size.breadth)
    rough = fractal(rng, shape, 24.0, 0.62)
    height = 400.0 * uplift + 60.0 * rough
    outlet = _outlet(uplift)
    for _ in range(ROUNDS):
        downstream, order = _drain(height, uplift, rough, outlet)
        catchment = _accumulate(downstream, order)
        height = _settle(downstream, order, catchment, uplift)
    fine = _refine(rng, height, uplift)
    north, east = np.gradient(ndimage.gaussian_filter(fine, 0.7), CELL)
    slope = np.degrees(np.arctan(np.hypot(north, east)))
    area = catchment * (COARSE * CELL / 1000.0) ** 2
    return Terrain(fine, slope, downstream, area)


def _uplift(rng: np.random.Generator, shape: tuple[int, int], breadth: float) -> Floats:
    """How fast the ground rises, 0 in the plain to 1 in the mountains: three troughs that meet where the city will be."""
    rows, columns = shape
    row, column = np.indices(shape).astype(float)
    bend = rng.uniform(-0.05, 0.05, 6)
    heart = (0.52 + bend[0], 0.56 + bend[1])
    ends = ((0.60 + bend[2], 1.04), (0.26 + bend[3], 0.02), (-0.04, 0.60 + bend[4]), (1.02, 0.36 + bend[5]))
    widths = ((13.0, 17.0), (11.0, 2.0), (8.0, 1.5), (9.0, 1.5))  # in drainage cells, at the heart and at the end
    ragged = 7.0 * breadth * fractal(rng, shape, 40.0 * breadth, 0.55)
    sway = breadth * fractal(rng, shape, 64.0 * breadth, 0.4)
    depth = np.full(shape, np.inf)
    for end, (near, far) in zip(ends, widths, strict=True):
        a = np.array([heart[0] * rows, heart[1] * columns])
        b = np.array([end[0] * rows, end[1] * columns])
        along = np.clip(((row - a[0]) * (b - a)[0] + (column - a[1]) * (b - a)[1]) / ((b - a) @ (b - a)), 0.0, 1.0)
        aside = np.hypot(row - a[0] - along * (b - a)[0] + 9.0 * sway * along, column - a[1] - along * (b - a)[1])
        depth = np.minimum(depth, aside - breadth * (near + (far - near) * along))
    rise = np.clip((depth + ragged) / (34.0 * breadth), 0.0, 1.0)
    return np.asarray(0.012 + 0.988 * rise**1.25 * (3.0 - 2.0 * rise) / 1.0, dtype=np.float64)


def _outlet(uplift: Floats) -> int:
    """The drainage cell on the eastern rim where the river leaves: the middle of the lowest stretch."""
    rim = ndimage.gaussian_filter1d(uplift[:, -1], 4.0)
    return (int(np.argmin(rim)) + 1) * int(uplift.shape[1]) - 1


def _drain(height: Floats, uplift: Floats, rough: Floats, outlet: int) -> tuple[Ints, Ints]:
    """Where each cell drains to, and the cells ordered from the outlet up: the cheapest way out, low ground being cheap."""
    cost = 1.0 + 0.02 * np.clip(height - SEA_LEVEL, 0.0, None) + 1.6 * np.exp(1.1 * rough) * (0.7 + uplift)
    distance, downstream = spread(cost, COARSE * CELL, np.array([outlet]))
    return downstream, np.argsort(distance, kind="stable").astype(np.int64)


def _accumulate(downstream: Ints, order: Ints) -> Floats:
    """The number of cells that drain through each cell, itself included."""
    total = [1.0] * len(downstream)
    to = downstream.tolist()
    for cell in order[::-1].tolist():
        if to[cell] >= 0:
            total[to[cell]] += total[cell]
    return np.array(total)


def _settle(downstream: Ints, order: Ints, catchment: Floats, uplift: Floats) -> Floats:
    """The height at which wearing down keeps pace with rising: summed slopes from the outlet up."""
    columns = uplift.shape[1]
    cells = np.arange(len(downstream))
    to = np.where(downstream < 0, cells, downstream)
    run = COARSE * CELL * np.hypot(cells // columns - to // columns, cells % columns - to % columns)
    slope = 0.00025 + STEEPEST * uplift.ravel() * catchment**-CONCAVITY
    rise = (run * slope).tolist()
    height = [SEA_LEVEL] * len(rise)
    below = to.tolist()
    for cell in order.tolist():
        height[cell] = height[below[cell]] + rise[cell]
    return np.asarray(ndimage.gaussian_filter(np.array(height).reshape(uplift.shape), 0.6), dtype=np.float64)


def _refine(rng: np.random.Generator, height: Floats, uplift: Floats) -> Floats:
    """The height on the fine grid, with small relief that grows with the mountains."""
    shape = (COARSE * height.shape[0], COARSE * height.shape[1])
    rows, columns = np.indices(shape)
    at = [(rows + 0.5) / COARSE - 0.5, (columns + 0.5) / COARSE - 0.5]
    smooth = ndimage.map_coordinates(height, at, order=3, mode="nearest")
    rise = ndimage.map_coordinates(uplift, at, order=1, mode="nearest")
    fine = smooth + fractal(rng, shape, 12.0, 0.55) * (0.3 + 14.0 * rise)
    return np.asarray(np.round(np.maximum(fine, SEA_LEVEL - 2.0), 2), dtype=np.float64)
