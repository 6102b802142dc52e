"""Counties and townships of the invented city, grown over the parcels from their seats, and one parcel group elsewhere (飞地)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from gis.demo.names import COUNTIES, subdistrict_names, town_names
from gis.demo.parcels import Faces
from gis.demo.settlements import Place
from gis.demo.terrain import Floats, Ints, Terrain

__all__ = ["Administration", "face_distance", "make_administration"]

CODES = tuple(COUNTIES)


@dataclass(frozen=True)
class Administration:
    """Townships and the face allocation: `township` is an index into the lists for every face."""

    township: Ints
    codes: tuple[str, ...]  # 9 digits
    names: tuple[str, ...]
    places: tuple[int, ...]  # the settlement each township is about; subdistricts have 0
    seats: Floats

    @property
    def county(self) -> NDArray[np.str_]:
        """The county code of every face."""
        return np.array([code[:6] for code in self.codes])[self.township]


def face_distance(faces: Faces, cost: Floats, sources: Ints) -> tuple[Floats, Ints]:
    """Least cost from the nearest source face to each face over shared boundaries, and the position of that source."""
    centre = faces.centre
    step = np.hypot(*(centre[faces.first] - centre[faces.second]).T) * (cost[faces.first] + cost[faces.second]) / 2.0
    n = len(faces.polygon)
    graph = sparse.coo_array(
        (np.r_[step, step], (np.r_[faces.first, faces.second], np.r_[faces.second, faces.first])), shape=(n, n)
    )
    far, _, origin = csgraph.dijkstra(sparse.csr_array(graph), indices=sources, min_only=True, return_predecessors=True)
    position = np.full(n, 0, dtype=np.int64)
    position[sources] = np.arange(len(sources))
    return far, position[np.where(origin < 0, sources[0], origin)]


def make_administration(terrain: Terrain, faces: Faces, places: list[Place]) -> Administration:
    """County-level units and their townships: two districts on either side of the centre, a county round each county town."""
    middle = shapely.get_coordinates(shapely.point_on_surface(faces.polygon))
    slope = terrain.sample(terrain.slope, middle[:, 0], middle[:, 1])
    cost = 1.0 + slope / 9.0 + np.where(faces.kind == "河流", 3.0, 0.0) + np.where(faces.kind == "高速公路", 1.0, 0.0)
    tree = shapely.STRtree(shapely.centroid(faces.polygon))
    centre = places[0]
    radius = float(np.sqrt(centre.future_m2 / np.pi))
    ahead = np.array([np.cos(centre.angle), np.sin(centre.angle)])
    aside = np.array([-ahead[1], ahead[0]])
    quarters = [(-0.45, 0.35), (0.5, 0.42), (0.0, 0.0), (-0.4, -0.45), (0.5, -0.42)]
    inner = np.array([[centre.x, centre.y] + radius * (a * ahead + b * aside) for a, b in quarters])
    seats = np.vstack([inner, [[p.x, p.y] for p in places[1:]]])
    sources = tree.nearest(shapely.points(seats))
    _, township = face_distance(faces, cost, np.asarray(sources))
    county = _counties(faces, cost, places, np.asarray(sources), aside)
    return _named(township, county, seats, places)


def _counties(faces: Faces, cost: Floats, places: list[Place], sources: Ints, aside: Floats) -> list[str]:
    """The county of each township: that of the county town it is closest to, or the district on its side of the river."""
    towns = sum(place.tier == 1 for place in places)
    far = [face_distance(faces, cost, sources[[5 + k]])[0][sources] for k in range(towns)]
    centre = face_distance(faces, cost, sources[[2]])[0][sources] * 1.12
    codes = []
    for k in range(len(sources)):
        if k < 5:
            codes.append(CODES[0] if k < 3 else CODES[1])
            continue
        best = int(np.argmin([*(each[k] for each in far), centre[k]]))
        place = places[k - 4]
        side = (place.x - places[0].x) * aside[0] + (place.y - places[0].y) * aside[1]
        codes.append(CODES[2 + best] if best < towns else CODES[0] if side > 0 else CODES[1])
    return codes


def _named(township: Ints, county: list[str], seats: Floats, places: list[Place]) -> Administration:
    towns, parts = iter(town_names(len(places))), iter(subdistrict_names(6))
    codes, names, about = [], [], []
    count = dict.fromkeys(CODES, 0)
    for k, code in enumerate(county):
        count[code] += 1
        place = 0 if k < 5 else k - 4
        street = k < 5
        if street:
            name, serial = next(parts), count[code]
        elif places[place].tier == 1:
            name, serial = f"{COUNTIES[code][:2]}镇", 100
        else:
            name, serial = (
                next(towns) + ("乡" if places[place].tier == 3 else "镇"),
                (100 if places[place].tier == 2 else 200) + count[code],
            )
        codes.append(f"{code}{serial:03d}")
        names.append(name)
        about.append(place)
    return Administration(township, tuple(codes), tuple(names), tuple(about), seats)
