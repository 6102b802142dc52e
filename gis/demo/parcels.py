"""The base coverage of the invented city: every line that any layer will ever show is drawn here, once.

Cells around the seeds get ragged edges, rivers and roads are cut in, all linework is noded together on a 1 m grid and closed
to faces; then every vertex is moved by a few centimetres (the same for all who share it), so that coordinates look surveyed
and no two lines come closer than before. Everything delivered later is a union of these faces.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial import Voronoi

from gis.demo.coverage import Mesh, cleaned, jittered, joined, neighbours
from gis.demo.growth import Reach
from gis.demo.noding import noded
from gis.demo.roads import WIDTHS, Road
from gis.demo.seeds import Seeds
from gis.demo.terrain import Floats, Ints, Terrain, generator
from gis.demo.water import River

__all__ = ["Faces", "make_faces"]

Geometries = NDArray[np.object_]
Corridors = dict[str, list[River] | list[Road] | list[shapely.Polygon]]

PRIORITY = (
    "铁路",
    "高速公路",
    "国道",
    "省道",
    "县道",
    "主干路",
    "次干路",
    "支路",
    "乡道",
    "村道",
    "河流",
    "村庄",
    "水库",
)
CLOSE = 9.0  # m, wedges narrower than twice this between roads and rivers belong to them
MANY = 50_000  # vertices of a network from which on it is closed space by space


@dataclass(frozen=True)
class Faces:
    """The faces of the base coverage with what they are by nature.

    kind      class of road, 铁路, 河流, 水库 or 村庄 for those that are one, else ""
    line      number of the road, river or village a face belongs to, else -1
    purpose   of the nearest seed (gis.demo.seeds): FIELD or TOWN
    first, second, length   pairs of faces that share a boundary, and how long it is (m)
    mesh      the edges of all faces, where they are very many
    """

    polygon: Geometries
    kind: NDArray[np.str_]
    line: Ints
    purpose: Ints
    first: Ints
    second: Ints
    length: Floats
    mesh: Mesh | None = None

    @cached_property
    def centre(self) -> Floats:
        """The centroid of each face (m)."""
        return np.asarray(shapely.get_coordinates(shapely.centroid(self.polygon)))


def make_faces(
    terrain: Terrain,
    reach: Reach,
    inside: NDArray[np.bool_],
    seeds: Seeds,
    corridors: Corridors,
    *,
    seed: int,
) -> Faces:
    """The base coverage of the municipality."""
    rng = generator(seed, 9)
    edges, border = _cell_edges(rng, terrain, reach, inside, seeds)
    areas = _areas(corridors)
    every = shapely.union_all([area for name, area in areas.items() if name != "村庄"])
    closed = _closed(every)
    outline = [shapely.boundary(a) for a in (*areas.values(), closed)]
    faces = shapely.get_parts(shapely.polygonize(noded(shapely.get_parts([*edges, *outline]))))
    city = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(border))))
    city = city[int(np.argmax(shapely.area(city)))]
    shapely.prepare(city)
    faces = faces[shapely.contains(city, shapely.point_on_surface(faces))]
    faces = jittered(faces, rng)
    kind, line, chunk = _labels(terrain, reach, faces, areas, closed, corridors)
    faces, labels = cleaned(*joined(faces, chunk, (kind, line)))
    kind, line = labels[0].astype(np.str_), labels[1].astype(np.int64)
    nearest = shapely.STRtree(shapely.points(seeds.points)).nearest(shapely.point_on_surface(faces))
    first, second, length = neighbours(faces)
    return Faces(faces, kind, line, seeds.purpose[nearest], first, second, length)


def _cell_edges(
    rng: np.random.Generator, terrain: Terrain, reach: Reach, inside: NDArray[np.bool_], seeds: Seeds
) -> tuple[list[shapely.LineString], list[shapely.LineString]]:
    """The ragged edges between the cells of all seeds within the municipality, and those of them on its border."""
    near = ndimage.binary_dilation(inside, iterations=18)
    at = terrain.cells(seeds.points[:, 0], seeds.points[:, 1])
    keep = np.flatnonzero(near[at])
    low, high = seeds.points.min(axis=0) - 2e4, seeds.points.max(axis=0) + 2e4
    ring = np.linspace(0.0, 1.0, 12, endpoint=False)[:, None]
    far = np.vstack(
        [
            low + (high - low) * c
            for c in (ring * [1, 0], ring * [0, 1] + [1, 0], [1, 1] - ring * [1, 0], [0, 1] - ring * [0, 1])
        ]
    )
    cells = Voronoi(np.vstack([seeds.points[keep], far]))
    within = np.r_[inside[at][keep], np.zeros(len(far), dtype=np.bool_)]
    ends = np.array(cells.ridge_vertices)
    sides = within[cells.ridge_points]
    use = (ends >= 0).all(axis=1) & sides.any(axis=1)
    ends, sides = ends[use], sides[use]
    start, stop = cells.vertices[ends[:, 0]], cells.vertices[ends[:, 1]]
    middle = (start + stop) / 2.0
    town = np.where(np.isfinite(reach.share), reach.share, 9.0)[terrain.cells(middle[:, 0], middle[:, 1])] < 1.1
    slope = terrain.sample(terrain.slope, middle[:, 0], middle[:, 1])
    rough = np.where(town, 0.004, np.interp(slope, [0.0, 3.0, 9.0, 18.0], [0.035, 0.06, 0.13, 0.17]))
    piece = np.where(town, 260.0, np.interp(slope, [0.0, 6.0, 14.0], [95.0, 100.0, 130.0]))
    lines = _ragged(rng, start, stop, rough, piece)
    return lines, [line for line, both in zip(lines, sides.all(axis=1), strict=True) if not both]


def _ragged(
    rng: np.random.Generator, start: Floats, stop: Floats, rough: Floats, piece: Floats
) -> list[shapely.LineString]:
    """Each edge as a broken line by midpoint displacement, both sides sharing the one line."""
    length = np.hypot(*(stop - start).T)
    depth = np.clip(np.ceil(np.log2(np.maximum(length / piece, 1.0))), 0, 5).astype(int)
    lines: list[shapely.LineString | None] = [None] * len(start)
    for level in range(6):
        these = np.flatnonzero(depth == level)
        points = np.stack([start[these], stop[these]], axis=1)
        for _ in range(level):
            a, b = points[:, :-1], points[:, 1:]
            normal = np.stack([a[..., 1] - b[..., 1], b[..., 0] - a[..., 0]], axis=-1)
            push = np.clip(rng.standard_normal(normal.shape[:2]), -1.7, 1.7) * rough[these][:, None]
            middle = (a + b) / 2.0 + normal * push[..., None]
            longer = np.empty((len(points), 2 * points.shape[1] - 1, 2))
            longer[:, ::2], longer[:, 1::2] = points, middle
            points = longer
        for k, coordinates in zip(these.tolist(), points, strict=True):
            lines[k] = shapely.LineString(coordinates)
    return [line for line in lines if line is not None]


def _areas(corridors: Corridors) -> dict[str, shapely.Geometry]:
    """The ground taken by each kind of corridor."""
    areas: dict[str, shapely.Geometry] = {}
    for kind in PRIORITY:
        owners = corridors.get(kind, [])
        if kind == "河流":
            pieces = [r.water() for r in owners if isinstance(r, River)]
        elif kind in ("村庄", "水库"):
            pieces = list(owners)
        else:
            lines = [r.line for r in owners]
            pieces = shapely.buffer(
                lines, WIDTHS[kind] / 2.0, cap_style="flat", join_style="mitre", mitre_limit=1.5
            ).tolist()
        if len(pieces):
            areas[kind] = shapely.simplify(shapely.union_all(pieces), 0.8 if kind != "河流" else 2.5)
    return areas


def _closed(area: shapely.Geometry) -> shapely.Geometry:
    """The area with the wedges in it: grown by `CLOSE` and shrunk again.

    For a large network that takes minutes; there the open spaces beside it are shrunk and grown instead, one by one.
    """
    if shapely.get_num_coordinates(area) < MANY:
        return shapely.buffer(shapely.buffer(area, CLOSE, quad_segs=2), -CLOSE, quad_segs=2)
    west, south, east, north = area.bounds
    around = shapely.box(west - 9.0 * CLOSE, south - 9.0 * CLOSE, east + 9.0 * CLOSE, north + 9.0 * CLOSE)
    spaces = shapely.get_parts(shapely.difference(around, area))
    opened = shapely.buffer(shapely.buffer(spaces, -CLOSE, quad_segs=2), CLOSE, quad_segs=2)
    return shapely.difference(shapely.box(west, south, east, north), shapely.multipolygons(shapely.get_parts(opened)))


def _labels(
    terrain: Terrain,
    reach: Reach,
    faces: Geometries,
    areas: dict[str, shapely.Geometry],
    closed: shapely.Geometry,
    corridors: Corridors,
) -> tuple[NDArray[np.str_], Ints, Ints]:
    """The kind of each face, the line it belongs to, and the group of faces it makes one parcel with (-1: none)."""
    middle = shapely.point_on_surface(faces)
    kind = np.full(len(faces), "", dtype="<U4")
    for name in PRIORITY[::-1]:
        if name in areas:
            shapely.prepare(areas[name])
            kind[shapely.contains(areas[name], middle)] = name
    shapely.prepare(closed)
    wedge = (kind == "") & shapely.contains(closed, middle)
    kind[wedge] = "楔"
    line = np.full(len(faces), -1, dtype=np.int64)
    chunk = np.full(len(faces), -1, dtype=np.int64)
    xy = shapely.get_coordinates(middle)
    zone = np.digitize(reach.share[terrain.cells(xy[:, 0], xy[:, 1])], (0.8, 1.0))
    base = 0
    for name in PRIORITY:
        here = np.flatnonzero(kind == name)
        if not len(here):
            continue
        lines = np.array(
            [getattr(owner, "line", None) or shapely.boundary(owner) for owner in corridors[name]], dtype=object
        )
        near = shapely.STRtree(lines).nearest(middle[here])
        along = shapely.line_locate_point(lines[near], middle[here])
        step = np.where(zone[here] < 2, 2_000.0, 5_000.0)
        part = (along // step).astype(np.int64) * 3 + zone[here] if name not in ("村庄", "水库") else 0
        chunk[here] = base + near * 4_000 + part
        line[here] = near
        base += len(lines) * 4_000
    return kind, line, chunk
