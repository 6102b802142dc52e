"""Where polygons of two layers meet, by how much, and what lies outside.

All functions take arrays of polygons and return arrays sorted by feature numbers. None and empty are skipped; points and lines,
also those in a collection, count for nothing. Polygons must be valid, and one without area or with a coordinate that is
not finite is not: rules set faults aside first (`validity.repaired`), and say so with `valid=True`, which spares asking again.
Heights and measures have no influence. Only true crossers are intersected: what one polygon covers is taken as it is.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.crs import is_degrees, metres_per_unit
from gis.errors import AnalysisError
from gis.geometry import _arrangement, _flat, _outline, edge_pairs, parallel
from gis.geometry._flat import Objects, as_geometries
from gis.geometry._tiles import Pairs, meetings
from gis.geometry.area import areal_scale, edge_true

__all__ = ["areas", "covered_share", "exploded", "measured", "merged", "outside", "pieces", "polygonal", "within_layer"]

Indices = NDArray[np.int64]
Floats = NDArray[np.float64]

SCALE_LIMIT_M: Final = 1_000.0
"""Pieces up to this extent are measured by planar area and areal scale (1e-8 of the area), larger ones edge-true."""
_MANY: Final = 16  # polygons of the mask from which their outline is cheaper than their union
_HEAVY: Final = 256  # coordinates from which it pays to cut a mask to the neighbourhood first


def areas(a: Any, b: Any, *, crs: Any, valid: bool = False) -> tuple[Indices, Indices, Floats]:
    """Pairs that share more than 1e-6 m² and the area in m² that they share: (index into a, index into b, area).

    No geometry is built (see `edge_pairs`). In the plane the area is right to 1e-6 m² + 1e-9 of itself; on the ellipsoid it is
    edge-true to 1e-8. `valid=True` says that all polygons are known to be valid, which spares asking.

    Raises: AnalysisError if a polygon is invalid.

    Example:
        >>> import shapely
        >>> east, west = [shapely.box(5e5, 3.4e6, 500010, 3400010)], [shapely.box(500008, 3.4e6, 500020, 3400010)]
        >>> i, j, m2 = areas(east, west, crs="EPSG:4549")
        >>> i.tolist(), j.tolist(), m2.round(3).tolist()
        ([0], [0], [20.0])
    """
    a, b = _checked(a, "a", valid=valid), _checked(b, "b", valid=valid)
    if _weight(a) <= _weight(b):
        return edge_pairs.areas(a, b, crs=crs)
    j, i, m2 = edge_pairs.areas(b, a, crs=crs)
    order = np.lexsort((j, i))
    return i[order], j[order], m2[order]


def measured(geometries: Any, crs: Any) -> Floats:
    """Ellipsoidal edge-true area in m², fast for small pieces: planar area over the areal scale at the centroid.

    In Gauss–Krüger the scale varies by (d/R)² over an extent d, so below 1 km the result is right to 1e-8; larger pieces
    go through `area.edge_true`. None and what is not finite → NaN; empty, points and lines → 0.
    """
    array = as_geometries(geometries)
    extent = np.ptp(shapely.bounds(array).reshape(-1, 2, 2), axis=1).max(axis=1)
    plane = shapely.area(array)
    small = (extent * _metre(crs) <= SCALE_LIMIT_M) & (plane > 0)
    out = np.full(len(array), np.nan)
    chosen, chunks = array[small], parallel.slices(int(small.sum()))
    centres = parallel.run(lambda part: shapely.get_coordinates(shapely.centroid(chosen[part])), chunks)
    x, y = np.concatenate([np.empty((0, 2)), *centres]).T
    out[small] = plane[small] / areal_scale(x, y, crs)
    out[~small] = edge_true(array[~small], crs)
    return out


def pieces(a: Any, b: Any, *, pairs: Pairs | None = None, valid: bool = False) -> tuple[Indices, Indices, Objects]:
    """The polygonal part of what each pair shares: (index into a, index into b, geometry); mere touches are dropped.

    `pairs`: only these are looked at, (indices into a, indices into b), such as `areas` gives and a rule then picks. What lies
    inside the other is given as it is. Else the shape is that of `shapely.intersection`, its area to 1e-6 m² + 1e-9 of itself:
    heavy polygons are cut down to a neighbourhood first, which leaves no seams. Heights and measures are not kept.

    Raises: AnalysisError if a polygon is invalid, or a pair is out of range.

    Example:
        >>> import shapely
        >>> i, j, shared = pieces([shapely.box(0, 0, 4, 1)], [shapely.box(3, 0, 5, 1), shapely.box(4, 0, 5, 1)])
        >>> i.tolist(), j.tolist(), shapely.area(shared).tolist()
        ([0], [0], [1.0])
    """
    a, b = _checked(a, "a", valid=valid), _checked(b, "b", valid=valid)
    asked = None if pairs is None else _in_range(pairs, len(a), len(b))
    if _weight(a) <= _weight(b):
        return _meet(a, b, pairs=asked)
    j, i, geometry = _meet(b, a, pairs=None if asked is None else (asked[1], asked[0]))
    order = np.lexsort((j, i))
    return i[order], j[order], geometry[order]


def within_layer(a: Any, *, valid: bool = False) -> tuple[Indices, Indices, Objects]:
    """What pairs of one layer share: (i, j, geometry) with i < j; mere touches are dropped.

    Raises: AnalysisError if a polygon is invalid.
    """
    a = _checked(a, "a", valid=valid)
    return _meet(a, a, once=True)


def outside(a: Any, mask: Any, *, valid: bool = False) -> tuple[Indices, Objects]:
    """The polygonal part of each feature that no feature of `mask` covers: (index into a, geometry).

    Fully covered features are left out. Features that the outline of the mask does not enter are never cut; mask features
    are united only where they meet one that it enters.

    Raises: AnalysisError if a polygon is invalid.

    Example:
        >>> import shapely
        >>> i, left = outside([shapely.box(0, 0, 4, 1)], [shapely.box(0, 0, 1, 1), shapely.box(1, 0, 3, 2)])
        >>> i.tolist(), left[0].area
        ([0], 1.0)
    """
    a, mask = _checked(a, "a", valid=valid), _checked(mask, "mask", valid=valid)
    mask = mask[np.unique(shapely.STRtree(a).query(mask)[0])]
    feature, edge, met = _outline.entries(a, mask)
    left = a.copy()
    left[feature] = None
    held = _outline.held(left, mask, met)
    left[held == 1] = None
    left[feature] = a[feature]
    mixed = np.flatnonzero((held > 0) & (held < 1))  # of several parts, some of them in the mask
    feature, edge = np.append(feature, mixed), np.append(edge, np.full(len(mixed), None))
    order = np.argsort(feature, kind="stable")
    few, near = _by_cells(a, mask, (feature[order], edge[order]), left)
    hit, neighbourhood = _united_near(a, mask, few, near)
    left[hit] = polygonal(shapely.difference(a[hit], neighbourhood))
    keep = np.flatnonzero(shapely.area(left) > 0)
    return keep, left[keep]


def covered_share(a: Any, mask: Any, *, crs: Any, valid: bool = False) -> Floats:
    """The share, 0 to 1, of each feature that `mask` covers, by ellipsoidal area; NaN for None and for zero area.

    Raises: AnalysisError if a polygon is invalid.
    """
    whole = measured(a, crs)
    index, left = outside(a, mask, valid=valid)
    out = np.where(whole > 0, 1.0, np.nan)
    out[index] = 1 - measured(left, crs) / whole[index]
    return np.clip(out, 0, 1)


def merged(geometries: Any, *, valid: bool = False) -> tuple[Indices, Objects]:
    """Connected polygonal faces: (face number of each piece, faces). Pieces that overlap or share an edge become one.

    Pieces that touch in a point only stay apart. None, empty and what is thinner than the rounding of coordinates get face
    −1. Pieces must be single polygons: take `exploded` first, as the parts of one piece may belong to different faces.

    Raises: AnalysisError if a piece is invalid or has several parts.

    Example:
        >>> import shapely
        >>> face, union = merged([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1), shapely.box(2, 1, 3, 2)])
        >>> face.tolist(), shapely.area(union).tolist()
        ([0, 0, 1], [2.0, 1.0])
    """
    array = _checked(geometries, "geometries", valid=valid)
    several = np.flatnonzero(shapely.get_num_geometries(array) > 1)
    if len(several):
        raise AnalysisError(
            f"合并图斑时第 {_flat.listed(several)} 个要素由多部分组成。请先用 overlay.exploded 拆成单部分。",
            f"Pieces {_flat.listed(several)} have several parts and cannot be merged as one. "
            "Take overlay.exploded first.",
        )
    there = np.flatnonzero(shapely.area(array) > 0)
    faces = _dissolved(array[there])
    return _in_order(_located(array, there, faces), faces)


def exploded(geometries: Any) -> tuple[Indices, Objects]:
    """The single polygons of all features: (feature number of each part, part); None, empty, points and lines give none."""
    owner, parts = _flat.exploded(as_geometries(geometries))
    keep = shapely.get_type_id(parts) == _flat.POLYGON
    return owner[keep], parts[keep]


def polygonal(geometries: Any) -> Objects:
    """Each geometry without its points and lines: a Polygon or MultiPolygon, empty if nothing is left; None stays."""
    array = as_geometries(geometries)
    out = array.copy()
    kind = shapely.get_type_id(array)
    out[(kind >= 0) & (kind != _flat.POLYGON) & (kind != 6)] = shapely.Polygon()
    mixed = np.flatnonzero(kind == 7)
    owner, parts = exploded(array[mixed])
    if len(parts):
        alone = np.bincount(owner)[owner] == 1
        out[mixed[owner[alone]]] = parts[alone]
        if not alone.all():
            groups, number = np.unique(owner[~alone], return_inverse=True)
            out[mixed[groups]] = shapely.multipolygons(parts[~alone], indices=number)
    return out


def _checked(polygons: Any, name: str, *, valid: bool) -> Objects:
    """Valid polygons only; everything that has no area is emptied, so that it meets nothing."""
    array = polygonal(polygons)
    bad = np.empty(0, np.int64) if valid else _invalid(array)
    if len(bad):
        raise AnalysisError(
            f"叠加分析的 {name} 中有 {len(bad)} 个无效多边形（序号 {_flat.listed(bad)}）。"
            "请先用 geometry.validity.repaired 修复或剔除。",
            f"Overlay input {name} has {len(bad)} invalid polygons (numbers {_flat.listed(bad)}). "
            "Repair them with geometry.validity.repaired or set them aside first.",
        )
    return array


def _invalid(polygons: Objects) -> Indices:
    chunks = parallel.slices(len(polygons), chunk=2048 if len(polygons) > 4096 else 32)
    fine = np.concatenate([np.empty(0, bool), *parallel.run(lambda part: shapely.is_valid(polygons[part]), chunks)])
    return np.flatnonzero(~(fine | shapely.is_missing(polygons)))


def _weight(polygons: Objects) -> float:
    return float(shapely.get_num_coordinates(polygons).sum() / max(len(polygons), 1))


def _metre(crs: Any) -> float:
    return 111_320.0 if is_degrees(crs) else metres_per_unit(crs)


def _in_range(pairs: Pairs, rows: int, columns: int) -> Pairs:
    i, j = (np.asarray(each, np.int64) for each in pairs)
    if i.shape != j.shape or i.ndim != 1 or np.any((i < 0) | (i >= rows)) or np.any((j < 0) | (j >= columns)):
        raise AnalysisError(
            f"叠加分析的要素对 pairs 与图层不符（a 有 {rows} 个要素，b 有 {columns} 个）。请给出两个等长的序号数组，从 0 起计。",
            f"The overlay pairs do not fit the layers (a has {rows} features, b {columns}). "
            "Give two arrays of feature numbers of the same length, counted from 0.",
        )
    return i, j


def _meet(
    light: Objects, heavy: Objects, *, pairs: Pairs | None = None, once: bool = False
) -> tuple[Indices, Indices, Objects]:
    """(index into light, index into heavy, shared polygon), sorted; `once` keeps pairs light < heavy only, of one layer."""
    met = meetings(light, heavy, pairs=pairs, once=once)
    shared = light[met.light]

    def work(part: Indices) -> Objects:
        return polygonal(shapely.intersection(shared[part], met.around[part]))

    cross = np.flatnonzero(~met.inside)
    chunks = [cross[part] for part in parallel.slices(len(cross), chunk=512)]
    if chunks:
        shared[cross] = np.concatenate(parallel.run(work, chunks))
    keep = np.flatnonzero(shapely.area(shared) > 0)
    keep = keep[np.lexsort((met.heavy[keep], met.light[keep]))]
    return _per_pair(met.light[keep], met.heavy[keep], shared[keep])


def _per_pair(i: Indices, j: Indices, shared: Objects) -> tuple[Indices, Indices, Objects]:
    """One geometry for each of the sorted pairs: what several parts of a feature share lies side by side, they touch in points."""
    new = np.ones(len(i), bool)
    new[1:] = (np.diff(i) != 0) | (np.diff(j) != 0)
    first, pair = np.flatnonzero(new), np.cumsum(new) - 1
    several = np.flatnonzero(np.bincount(pair, minlength=len(first)) > 1)
    whole = shared[first]
    if len(several):
        member = np.flatnonzero(np.isin(pair, several))
        owner, parts = exploded(shared[member])
        group = np.searchsorted(several, pair[member[owner]])
        whole[several] = shapely.multipolygons(parts, indices=group)
        crossing = np.flatnonzero(~shapely.is_valid(whole[several]))  # where rounding makes them overlap by a hair
        if len(crossing):
            of = np.isin(group, crossing)
            whole[several[crossing]] = polygonal(_united(parts[of], np.searchsorted(crossing, group[of])))
    return i[first], j[first], whole


def _by_cells(a: Objects, mask: Objects, entries: tuple[Indices, Objects], left: Objects) -> tuple[Indices, Indices]:
    """What is left of features that meet many of the mask is written to `left`; of the others, the pairs that meet.

    `entries`: the numbers of the features to be cut, in order, as often as an edge of the outline enters, and these edges.
    """
    tree = shapely.STRtree(mask)
    number = np.unique(entries[0])
    at, other = tree.query(a[number])
    many = np.flatnonzero(np.bincount(at, minlength=len(number)) >= _MANY)

    def work(each: int) -> Any:
        lines = entries[1][slice(*np.searchsorted(entries[0], number[each] + np.arange(2)))]
        near = other[slice(*np.searchsorted(at, each + np.arange(2)))]
        return _outline.remainder(a[number[each]], lines, mask[near])

    rest = parallel.run(work, many.tolist())
    told = many[[each is not None for each in rest]]
    left[number[told]] = [each for each in rest if each is not None]
    few = np.delete(number, told)
    at, other = tree.query(a[few], predicate="intersects")
    return few[at], other


def _united_near(a: Objects, mask: Objects, feature: Indices, other: Indices) -> tuple[Indices, Objects]:
    """Per feature of `a` that meets the mask: its number, and the mask united where the feature is."""
    order = np.lexsort((other, feature))
    feature, near = feature[order], mask[other[order]]
    hit, first, number, count = np.unique(feature, return_index=True, return_inverse=True, return_counts=True)
    out = near[first]
    several = np.flatnonzero(count[number] > 1)
    if len(several):
        cut = several[shapely.get_num_coordinates(near[several]) > _HEAVY]
        box = shapely.buffer(
            shapely.box(*shapely.bounds(a[feature[cut]]).T), 1.0, cap_style="square", join_style="mitre"
        )
        near[cut] = polygonal(shapely.intersection(near[cut], box))
        groups, member = np.unique(number[several], return_inverse=True)
        out[groups] = _united(near[several], member)
    return hit, out


def _united(polygons: Objects, group: Indices) -> Objects:
    """The union of each group; `group` counts from 0 and is sorted.

    Where edges nearly coincide the union may lose a polygon: then that group is united on a fine grid, which cannot.
    """
    together = shapely.geometrycollections(polygons, indices=group)
    union: Objects = shapely.union_all(together[:, None], axis=1)
    lost = np.unique(group[~shapely.intersects(shapely.point_on_surface(polygons), union[group])])
    if len(lost):
        union[lost] = shapely.union_all(together[lost][:, None], axis=1, grid_size=_flat.fine_grid(polygons))
    return union


def _dissolved(polygons: Objects) -> Objects:
    """The connected faces of the ground that the polygons cover.

    Not by union_all: where edges nearly coincide it may lose a whole polygon (GEOS 3.14; test_overlay holds a case). Here
    edges are only noded, and whether a cell is covered is asked of the polygons themselves.
    """
    turned = shapely.orient_polygons(polygons)
    grid = _flat.fine_grid(turned)
    edges = _arrangement.edges(turned, grid)
    cells = _arrangement.polygonized(edges, edges.net != 0)
    covered = np.unique(_arrangement.covering(shapely.STRtree(turned), cells, grid)[0])
    parts = shapely.get_parts(shapely.coverage_union_all(cells[covered]))
    faces: Objects = parts[shapely.get_type_id(parts) == _flat.POLYGON]
    return faces


def _located(pieces: Objects, there: Indices, faces: Objects) -> Indices:
    """The face that each piece lies in, −1 for none; the pieces that count are `there`."""
    group = np.full(len(pieces), -1, np.int64)
    point = shapely.point_on_surface(pieces[there])
    face, hit = shapely.STRtree(point).query(faces, predicate="intersects")
    group[there[hit]] = face
    stray = there[group[there] < 0]  # noding may move an edge past a point that lies on it to the last digit
    if len(stray) and len(faces):
        point = shapely.point_on_surface(pieces[stray])
        face = shapely.STRtree(faces).nearest(point)
        near = shapely.distance(point, faces[face]) <= 10 * _flat.fine_grid(pieces)
        group[stray[near]] = face[near]
    return group


def _in_order(group: Indices, faces: Objects) -> tuple[Indices, Objects]:
    """Faces numbered by the first piece that belongs to each, whatever order the union gave."""
    used, first = np.unique(group[group >= 0], return_index=True)
    order = used[np.argsort(first)]
    rank = np.full(len(faces) + 1, -1, np.int64)  # the last for what lies in no face
    rank[order] = np.arange(len(order))
    return rank[group], faces[order]
