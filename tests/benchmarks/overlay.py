"""What pairs of two layers share, as areas and as geometry, against geopandas.overlay and against GEOS on tiles in threads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely

from gis.geometry import overlay, parallel

from . import data
from .registry import Case, benchmark, optional_peer

if TYPE_CHECKING:
    from collections.abc import Callable

Pairs = tuple[np.ndarray, np.ndarray, np.ndarray]
TILE = 512
TILED = "GEOS on tiles, threads"


@benchmark("areas-giants", sizes=["10k", "100k"])
def areas_on_giants(size: str) -> Case:
    """Parcels × redline-like giants."""
    return _case(data.parcels(size), data.giants(size))


@benchmark("areas-giants-valid", sizes=["10k", "100k", "1m"])
def areas_known_to_be_valid(size: str) -> Case:
    """Up to a million parcels × giants, against tiled GEOS only: geopandas.overlay takes minutes. Neither asks whether they are valid."""
    left, right = (each.geometry.to_numpy() for each in (data.parcels(size), data.giants(size)))
    return Case(
        ours=lambda: overlay.areas(left, right, crs=data.CRS, valid=True),
        peers={TILED: lambda: by_tiles(left, right)},
        agree=_same,
    )


@benchmark("areas-farmland", sizes=["100k"])
def areas_on_farmland(size: str) -> Case:
    """Parcels × small patches of farmland. With the giants, what SedonaDB joins is more than the 2 GB that it can hand over."""
    a, b = data.parcels(size), data.farmland(size)
    case = _case(a, b)
    return replace(case, peers=case.peers | optional_peer("sedonadb", lambda: by_sedona(a, b)))


@benchmark("pieces-giants", sizes=["100k"])
def pieces_of_giants(size: str) -> Case:
    """Parcels × redline-like giants, the geometry of all pairs."""
    a, b = data.parcels(size), data.giants(size)
    left, right = a.geometry.to_numpy(), b.geometry.to_numpy()
    return Case(
        ours=lambda: overlay.pieces(left, right),
        peers={"geopandas.overlay": lambda: by_geopandas(a, b)},
        agree=lambda ours, other: _same((*ours[:2], shapely.area(ours[2])), other),
    )


def _case(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> Case:
    left, right = a.geometry.to_numpy(), b.geometry.to_numpy()
    peers: dict[str, Callable[[], Any]] = {
        "geopandas.overlay": lambda: by_geopandas(a, b),
        TILED: lambda: by_tiles(left, right),
    }
    return Case(ours=lambda: overlay.areas(left, right, crs=data.CRS), peers=peers, agree=_same)


def by_geopandas(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> Pairs:
    """What a user of geopandas writes; areas are those of the plane."""
    shared = gpd.overlay(a.rename(columns={"id": "i"}), b.rename(columns={"id": "j"}), keep_geom_type=True)
    return shared["i"].to_numpy(), shared["j"].to_numpy(), shared.geometry.area.to_numpy()


def by_sedona(a: gpd.GeoDataFrame, b: gpd.GeoDataFrame) -> Pairs:
    """The same in the SQL of SedonaDB: its join, then the area of each plain intersection."""
    import sedonadb

    session = sedonadb.connect()
    for name, layer in (("a", a), ("b", b)):
        session.create_data_frame(layer).to_view(name)
    question = (
        "SELECT a.id AS i, b.id AS j, ST_Area(ST_Intersection(a.geometry, b.geometry)) AS m2 "
        "FROM a JOIN b ON ST_Intersects(a.geometry, b.geometry)"
    )
    shared = session.sql(question).to_pandas()
    shared = shared[shared["m2"] > 0]
    return shared["i"].to_numpy(), shared["j"].to_numpy(), shared["m2"].to_numpy()


def by_tiles(a: np.ndarray, b: np.ndarray) -> Pairs:
    """Heavy polygons halved until no tile has more than 512 vertices; GEOS on what crosses a tile, in threads."""
    tiles, owner = tiled(b)
    tree = shapely.STRtree(a)
    tree.query(shapely.Point(0, 0))

    def work(part: slice) -> Pairs:
        mine = tiles[part]
        shapely.prepare(mine)
        t, i = tree.query(mine, predicate="intersects")
        inside = shapely.covers(mine[t], a[i])
        size = shapely.area(a[i])
        size[~inside] = shapely.area(shapely.intersection(a[i[~inside]], mine[t[~inside]]))
        return i, owner[part][t], size

    i, j, size = (
        np.concatenate(each) for each in zip(*parallel.run(work, parallel.slices(len(tiles), chunk=512)), strict=True)
    )
    pair, number = np.unique(i * len(b) + j, return_inverse=True)
    total = np.bincount(number, size)
    keep = total > 0
    return pair[keep] // len(b), pair[keep] % len(b), total[keep]


def tiled(polygons: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tiles and their features."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    large = shapely.get_num_coordinates(parts) > TILE
    order = np.flatnonzero(large)

    def work(k: int) -> list[Any]:
        return [(tile, owner[each]) for each in order[k::16] for tile in _halved(parts[each], parts[each].bounds)]

    cut = [each for found in parallel.run(work, range(16)) for each in found]
    tiles = np.array([*parts[~large], *(tile for tile, _ in cut)], object)
    return tiles, np.concatenate([owner[~large], np.array([number for _, number in cut], np.int64)])


def _halved(polygon: Any, box: tuple[float, float, float, float]) -> list[Any]:
    stack, out = [(polygon, box)], []
    while stack:
        shape, (x0, y0, x1, y1) = stack.pop()
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        wide = x1 - x0 > y1 - y0
        for half in ((x0, y0, x, y1), (x, y0, x1, y1)) if wide else ((x0, y0, x1, y), (x0, y, x1, y1)):
            piece = shapely.clip_by_rect(shape, *half)
            if shapely.get_num_coordinates(piece) > TILE:
                stack.append((piece, half))
            else:
                out += [each for each in shapely.get_parts(piece) if each.geom_type == "Polygon"]
    return out


def _same(ours: Pairs, other: Pairs) -> bool:
    """The same pairs, but for what is smaller than 1e-5 m²; areas equal but for the ellipsoid (1e-4 in the plane)."""
    tables = []
    for i, j, size in (ours, other):
        keep = size > 1e-5
        order = np.lexsort((j[keep], i[keep]))
        tables.append((i[keep][order], j[keep][order], size[keep][order]))
    (i, j, mine), (k, m, plain) = tables
    return np.array_equal(i, k) and np.array_equal(j, m) and bool(np.allclose(mine, plain, rtol=2e-4, atol=1e-6))
