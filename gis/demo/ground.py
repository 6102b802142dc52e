"""What is known of every face of the base coverage before anything is planned on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

from gis.demo.admin import Administration
from gis.demo.coverage import components
from gis.demo.growth import Reach
from gis.demo.parcels import Faces
from gis.demo.seeds import TOWN
from gis.demo.terrain import Floats, Ints, Terrain, fractal, generator

__all__ = ["ROADS", "Ground", "make_ground"]

ROADS = ("高速公路", "铁路", "国道", "省道", "县道", "乡道", "村道", "主干路", "次干路", "支路")
WATERS = ("河流", "水库")


@dataclass(frozen=True)
class Ground:
    """What is known of every face, one value each, and how the faces hang together.

    area (m²), middle (x, y), height (m), slope (degrees); `owner` and `share` as in gis.demo.growth.Reach; `wave`, `swell`
    (smooth) and `dice` (rough) are fields of chance; the masks say what a face is by nature.
    """

    area: Floats
    middle: Floats
    height: Floats
    slope: Floats
    owner: Ints
    share: Floats
    wave: Floats
    swell: Floats
    dice: Floats
    land: NDArray[np.bool_]
    village: NDArray[np.bool_]
    road: NDArray[np.bool_]
    water: NDArray[np.bool_]
    town: NDArray[np.bool_]
    faces: Faces
    admin: Administration

    @property
    def count(self) -> int:
        """The number of faces."""
        return len(self.area)

    def touching(self, what: NDArray[np.bool_]) -> Floats:
        """The share of each face's shared boundary that runs along faces of `what`, 0 to 1."""
        f = self.faces
        total = np.bincount(f.first, f.length, self.count) + np.bincount(f.second, f.length, self.count)
        with_it = np.bincount(f.first, f.length * what[f.second], self.count) + np.bincount(
            f.second, f.length * what[f.first], self.count
        )
        return np.asarray(with_it / np.maximum(total, 1e-9), dtype=np.float64)

    def beside(self, what: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The faces that share a boundary with one of `what`."""
        return self.touching(what) > 0.0

    def pieces(self, what: NDArray[np.bool_]) -> Ints:
        """The number of the connected piece of `what` each face belongs to, -1 elsewhere."""
        f = self.faces
        both = what[f.first] & what[f.second]
        number = components(f.first[both], f.second[both], self.count)
        return np.where(what, number, -1)

    def without_small(self, what: NDArray[np.bool_], least_m2: float) -> NDArray[np.bool_]:
        """`what` without its connected pieces below an area."""
        number = self.pieces(what)
        size = np.bincount(number[what], self.area[what], self.count)
        return np.asarray(what & (size[np.maximum(number, 0)] >= least_m2), dtype=np.bool_)

    def filled(self, what: NDArray[np.bool_], most_m2: float) -> NDArray[np.bool_]:
        """`what` with the holes of at most an area (connected pieces of the rest that do not reach the rim)."""
        rest = ~what
        number = self.pieces(rest)
        size = np.bincount(number[rest], self.area[rest], self.count)
        largest = number[int(np.argmax(np.where(rest, size[np.maximum(number, 0)], -1.0)))]
        hole = rest & (size[np.maximum(number, 0)] <= most_m2) & (number != largest)
        return np.asarray(what | hole, dtype=np.bool_)


def make_ground(terrain: Terrain, reach: Reach, faces: Faces, admin: Administration, *, seed: int) -> Ground:
    """The ground under every face: means over the height cells within it, or the cell under its middle where there are none."""
    x, y = terrain.centres()
    face, cell = shapely.STRtree(shapely.points(x.ravel(), y.ravel())).query(faces.polygon, predicate="contains")
    order = np.argsort(cell, kind="stable")
    face, cell = face[order], cell[order]
    counts = np.bincount(face, minlength=len(faces.polygon))
    middle = shapely.get_coordinates(shapely.point_on_surface(faces.polygon))

    def mean(grid: Floats) -> Floats:
        total = np.bincount(face, grid.ravel()[cell], len(counts))
        return np.where(counts > 0, total / np.maximum(counts, 1), terrain.sample(grid, middle[:, 0], middle[:, 1]))

    rng = generator(seed, 11)
    shape = terrain.height.shape
    at = terrain.cells(middle[:, 0], middle[:, 1])
    kind = faces.kind
    return Ground(
        area=shapely.area(faces.polygon),
        middle=middle,
        height=mean(terrain.height),
        slope=mean(ndimage.gaussian_filter(terrain.slope, 0.5)),
        owner=reach.owner[at],
        share=mean(np.where(np.isfinite(reach.share), np.minimum(reach.share, 9.0), 9.0)),
        wave=fractal(rng, shape, 26.0)[at],
        swell=fractal(rng, shape, 60.0)[at],
        dice=rng.random(len(counts)),
        land=(kind == "") | (kind == "村庄"),
        village=kind == "村庄",
        road=np.isin(kind, ROADS),
        water=np.isin(kind, WATERS),
        town=faces.purpose == TOWN,
        faces=faces,
        admin=admin,
    )
