"""Roads of the invented city: each the cheapest way over the slopes, gladly along a road that is already there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely import LineString, Point

from gis.demo.settlements import Place
from gis.demo.terrain import CELL, Floats, Ints, Terrain, fractal, generator, spread
from gis.demo.water import River, smooth_line

__all__ = ["WIDTHS", "Road", "make_lanes", "make_roads", "make_streets"]

WIDTHS = {  # m of land each class takes
    "高速公路": 42.0,
    "铁路": 24.0,
    "国道": 26.0,
    "省道": 20.0,
    "县道": 12.0,
    "乡道": 8.0,
    "村道": 6.0,
    "主干路": 40.0,
    "次干路": 26.0,
    "支路": 16.0,
}


@dataclass(frozen=True)
class Road:
    """A road or railway: its class (a key of `WIDTHS`) and its centre line."""

    kind: str
    line: LineString


NEAR = 440  # cells, the side of the square in which a town's roads are looked for


class _Network:
    """The way-finding grid and what has been built on it so far."""

    def __init__(self, terrain: Terrain, rivers: list[River], inside: NDArray[np.bool_], seed: int) -> None:
        self.terrain = terrain
        self.shape = terrain.height.shape
        wild = fractal(generator(seed, 6), self.shape, 30.0)
        ground = 1.0 + (terrain.slope / 5.0) ** 2 + 0.6 * np.exp(0.7 * wild)
        for river in rivers:
            points = shapely.get_coordinates(river.line)
            at = terrain.cells(points[:, 0], points[:, 1])
            ground[at] += np.clip(river.catchment[: len(points)] / 14.0, 2.0, 12.0)
        self.cost = ground
        self.climb = ndimage.gaussian_filter(terrain.height, 1.0)
        self.built = np.zeros(self.shape, dtype=np.bool_)
        self.roads: list[Road] = []
        self.open_roads: list[LineString] = []  # those that others may join

    def cell(self, x: float, y: float) -> int:
        row, column = self.terrain.cells(np.array([x]), np.array([y]))
        return int(row[0]) * int(self.shape[1]) + int(column[0])

    def tree(
        self, sources: Ints, goals: list[int], discount: float = 0.25, limit: float = np.inf, *, around: int = -1
    ) -> tuple[Floats, Ints]:
        """Cost from the nearest source to the goals (none: every cell), and the steps back; only near the cell `around`, if given."""
        rows, columns = self._window(around)
        cost = np.where(self.built, self.cost * discount, self.cost)[rows, columns]
        cells = np.arange(self.built.size).reshape(self.shape)[rows, columns].ravel()
        start, ends = (np.flatnonzero(np.isin(cells, each)) for each in (sources, goals))
        far, back = spread(
            cost, CELL, start, climb=self.climb[rows, columns], goals=ends if goals else None, limit=limit
        )
        distance, previous = np.full(self.built.size, np.inf), np.full(self.built.size, -1, dtype=np.int64)
        distance[cells], previous[cells] = far, np.where(back < 0, -1, cells[back])
        return distance, previous

    def _window(self, around: int) -> tuple[slice, slice]:
        """The rows and columns of the way-finding near a cell; all of them for -1."""
        if around < 0:
            return slice(None), slice(None)
        at = divmod(around, self.shape[1])
        low = [max(0, min(k - NEAR // 2, n - NEAR)) for k, n in zip(at, self.shape, strict=True)]
        return slice(low[0], low[0] + NEAR), slice(low[1], low[1] + NEAR)

    def path(self, previous: Ints, start: int, *, stop: bool = True) -> Ints:
        """Cells from `start` back to the source; with `stop` no further than the first cell that is built already."""
        flat = self.built.ravel()
        way = [start]
        while previous[way[-1]] >= 0:
            way.append(int(previous[way[-1]]))
            if stop and flat[way[-1]]:
                break
        return np.array(way)

    def build(self, kind: str, way: Ints, sigma: float = 330.0) -> None:
        """Adds the road along these cells, its ends led onto the roads it meets."""
        if len(way) < 4:
            return
        points = np.column_stack(
            [
                self.terrain.west + (way % self.shape[1] + 0.5) * CELL,
                self.terrain.north - (way // self.shape[1] + 0.5) * CELL,
            ]
        )
        line = smooth_line(points, sigma, 55.0)
        for end in (0, -1):
            far = shapely.distance(np.array(self.open_roads, dtype=object), Point(line[end]))
            if far.min(initial=np.inf) < 420.0:
                line = _lead(line, self.open_roads[int(np.argmin(far))], end)
        self.built.ravel()[way] = True
        self.roads.append(Road(kind, LineString(line)))
        self.open_roads.append(self.roads[-1].line)


def _lead(line: Floats, target: LineString, end: int) -> Floats:
    """The line cut where it comes within 60 m of the target, and ended on it."""
    points = line if end == -1 else line[::-1]
    close = np.flatnonzero(shapely.distance(shapely.points(points), target) < 60.0)
    close = close[close > len(points) // 2]
    cut = points[: int(close[0])] if len(close) else points
    foot = shapely.get_coordinates(target.interpolate(target.project(Point(cut[-1]))))
    joined = np.vstack([cut, foot])
    if np.hypot(*(joined[-1] - joined[-2])) < 15.0:
        joined = np.delete(joined, -2, axis=0)
    return joined if end == -1 else joined[::-1]


def make_roads(
    terrain: Terrain,
    rivers: list[River],
    inside: NDArray[np.bool_],
    places: list[Place],
    villages: Floats,
    *,
    seed: int,
) -> list[Road]:
    """Expressway, railway, national, provincial, county, township and village roads, in the order they were built."""
    net = _Network(terrain, rivers, inside, seed)
    gates = _gates(terrain, inside)
    centre, *county_towns = (net.cell(p.x, p.y) for p in places if p.tier < 2)
    goals = [gates["east"], *county_towns]
    _, tree = net.tree(np.array([centre]), goals)
    for number, goal in enumerate(goals):
        net.build("国道" if number < 2 else "省道", net.path(tree, goal))
        if number < 2:
            _, tree = net.tree(np.array([centre]), goals)
    for side in sorted(gates):
        if side != "east":
            _, tree = net.tree(np.flatnonzero(net.built.ravel()), [gates[side]])
            net.build("国道" if side == "west" else "省道", net.path(tree, gates[side]))
    for place in (p for p in places if p.tier > 1):
        seat = net.cell(place.x, place.y)
        distance, tree = net.tree(np.flatnonzero(net.built.ravel()), [seat], limit=60_000.0, around=seat)
        if 0.0 < distance[seat] < np.inf:
            net.build("县道", net.path(tree, seat))
    _cross_links(net, places)
    _trunk_lines(net, gates, places)
    _, tree = net.tree(np.flatnonzero(net.built.ravel()), [])
    for number, (x, y, folk) in enumerate(villages):
        kind = "乡道" if folk > 1_900.0 or number % 3 == 0 else "村道"
        net.build(kind, net.path(tree, net.cell(x, y)), 130.0)
    return net.roads


def _gates(terrain: Terrain, inside: NDArray[np.bool_]) -> dict[str, int]:
    """Where the great roads leave: the lowest cell of each side's border (as a flat cell number)."""
    rows, columns = np.array(np.indices(inside.shape))
    rim = inside & ~ndimage.binary_erosion(inside)
    heart = (rows[inside].mean(), columns[inside].mean())
    bearing = np.degrees(np.arctan2(heart[0] - rows, columns - heart[1]))
    gates = {}
    for side, at in (("east", 0.0), ("north", 90.0), ("west", 180.0), ("south", -90.0)):
        turn = np.abs((bearing - at + 180.0) % 360.0 - 180.0)
        worth = np.where(rim & (turn < 40.0), terrain.height + 1.2 * turn, np.inf)
        gates[side] = int(np.argmin(worth))
    return gates


def _cross_links(net: _Network, places: list[Place]) -> None:
    """County roads between towns that are near each other but far by road."""
    for place in places[1:]:
        others = sorted(places[1:], key=lambda p: (p.x - place.x) ** 2 + (p.y - place.y) ** 2)[1:3]
        seat = net.cell(place.x, place.y)
        goals = [net.cell(other.x, other.y) for other in others]
        distance, tree = net.tree(np.array([seat]), goals, 0.45, 60_000.0, around=seat)
        for other, goal in zip(others, goals, strict=True):
            if not np.isfinite(distance[goal]):
                continue
            way = net.path(tree, goal, stop=False)
            fresh = way[~net.built.ravel()[way]]
            straight = np.hypot(other.x - place.x, other.y - place.y) / CELL
            if straight < 110.0 and len(fresh) > 0.55 * len(way) and distance[goal] < 60.0 * straight * CELL:
                net.build("县道", _longest_fresh(net, way))


def _longest_fresh(net: _Network, way: Ints) -> Ints:
    """The longest stretch of the way that is not a road yet, with the cells where it leaves the old roads."""
    labels, count = ndimage.label(~net.built.ravel()[way])
    if not count:
        return way[:0]
    sizes = np.bincount(labels)[1:]
    at = np.flatnonzero(labels == int(np.argmax(sizes)) + 1)
    return way[max(0, at[0] - 1) : at[-1] + 2]


def _trunk_lines(net: _Network, gates: dict[str, int], places: list[Place]) -> None:
    """The expressway round one side of the centre and the railway round the other, both stiffer than a road."""
    terrain, centre = net.terrain, places[0]
    x, y = terrain.centres()
    radius = float(np.sqrt(centre.future_m2 / np.pi))
    across = (y - centre.y) * np.cos(centre.angle) - (x - centre.x) * np.sin(centre.angle)
    for kind, side, near in (("高速公路", -1.0, 1.25), ("铁路", 1.0, 0.72)):
        kept = net.cost.copy(), net.built.copy()
        far = np.hypot(x - centre.x, y - centre.y) / radius
        net.cost += 14.0 * np.exp(-((far / near) ** 4)) + np.where((across * side < 0.0) & (far < 2.0), 12.0, 0.0)
        for place in places[1:]:
            net.cost += 9.0 * np.exp(-((x - place.x) ** 2 + (y - place.y) ** 2) / (place.future_m2 / np.pi))
        net.cost += np.where(ndimage.binary_dilation(net.built, iterations=2), 5.0, 0.0)
        net.built[:] = False
        _, tree = net.tree(np.array([gates["east"]]), [gates["west"]])
        way = net.path(tree, gates["west"], stop=False)
        net.cost, net.built = kept
        points = np.column_stack(
            [terrain.west + (way % net.shape[1] + 0.5) * CELL, terrain.north - (way // net.shape[1] + 0.5) * CELL]
        )
        net.roads.append(Road(kind, LineString(smooth_line(points, 750.0, 120.0))))


def make_streets(place: Place, built: shapely.Geometry, pitch: float, every: int) -> list[Road]:
    """Main and secondary streets of a town: every `every`-th line of its block grid (m), within its built-up area."""
    reach = float(np.sqrt(built.area)) * 1.6 + 1_000.0
    u = np.array([np.cos(place.angle), np.sin(place.angle)])
    v = np.array([-u[1], u[0]])
    seat = np.array([place.x, place.y])
    streets: list[Road] = []
    steps = int(reach // (pitch * every))
    for a, b in ((u, v), (v, u)):
        for k in range(-steps, steps + 1):
            foot = seat + b * (k * every - 0.5) * pitch
            line = LineString([foot - a * reach, foot + a * reach])
            main = k % 2 == 0
            kind = "主干路" if main and place.tier == 0 else "次干路" if main or place.tier == 0 else "支路"
            for part in shapely.get_parts(shapely.intersection(line, built)):
                if part.length > 1.5 * pitch:
                    streets.append(Road(kind, part))
    return streets


def make_lanes(place: Place, built: shapely.Geometry, pitch: float, every: int) -> list[Road]:
    """Branch streets between the main ones: along every block, and once more through its middle; too narrow for the survey."""
    reach = float(np.sqrt(built.area)) * 1.6 + 1_000.0
    u = np.array([np.cos(place.angle), np.sin(place.angle)])
    v = np.array([-u[1], u[0]])
    seat = np.array([place.x, place.y])
    steps = int(reach // pitch)
    rows = [(u, v, float(k)) for k in range(-steps, steps + 1) if k % every]
    rows += [(v, u, k / 2.0) for k in range(-2 * steps, 2 * steps + 1) if k % (2 * every)]
    lanes: list[Road] = []
    for a, b, k in rows:
        foot = seat + b * (k - 0.5) * pitch
        line = shapely.intersection(LineString([foot - a * reach, foot + a * reach]), built)
        lanes += [Road("支路", part) for part in shapely.get_parts(line) if part.length > 0.8 * pitch]
    return lanes
