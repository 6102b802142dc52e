"""What a site takes of a layer: areas by feature with no ground counted twice, touches, and what lies outside the layer.

Candidates come from a search tree that is made once per plan; nothing here looks at a whole layer again for each call. Sites
are the layer `site` of a plan made by `with_site`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from gis.analysis.quantities import drawn_m2, usable
from gis.geometry import area, overlay
from gis.model.layers import LAYERS
from gis.model.plan import LayerSource

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    import geopandas as gpd
    from numpy.typing import NDArray

    from gis.model.plan import Plan

    Objects = NDArray[np.object_]
    Indices = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = [
    "Met",
    "beyond",
    "lengths_met",
    "met",
    "once",
    "shared",
    "shared_width",
    "site_m2",
    "touched",
    "unapproved",
    "with_site",
]

SITE: Final = "site"
_TWICE_M2: Final = 1e-3
"""Features of a layer that share no more than this do not cover ground twice: it is what rounding leaves along an edge."""


@dataclass(slots=True, eq=False)
class Ground:
    """The polygons of a layer fit for overlay, the tree that finds them, and what is known of their overlaps.

    `asked` says of which features it is known; `doubled` has the pairs of these that overlap, a < b.
    """

    polygons: Objects
    tree: shapely.STRtree
    asked: NDArray[np.bool_]
    doubled: pd.DataFrame

    def overlaps(self, features: Indices, crs: Any) -> pd.DataFrame:
        """Pairs (a, b) of features that overlap: all among `features`, and others met before; each feature is looked at once."""
        new = features[~self.asked[features]]
        near = np.unique(self.tree.query(self.polygons[new])[1])
        near = near[self.asked[near] | np.isin(near, new)]
        i, j, m2 = overlay.areas(self.polygons[new], self.polygons[near], crs=crs, valid=True)
        real = (new[i] != near[j]) & (m2 > _TWICE_M2)
        if real.any():
            pairs = np.sort(np.stack([new[i[real]], near[j[real]]], 1), axis=1)
            found = pd.concat([self.doubled, pd.DataFrame(pairs, columns=["a", "b"])])
            self.doubled = found.drop_duplicates(ignore_index=True)
        self.asked[new] = True
        return self.doubled


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """Pairs of a site and a feature that share ground, and the m² that they share; sorted by site, then by feature."""

    site: Indices
    feature: Indices
    m2: Floats

    def __len__(self) -> int:
        return len(self.site)


def with_site(
    plan: Plan,
    frame: gpd.GeoDataFrame,
    layers: Iterable[str],
    *,
    reprojection_m: float = 0.0,
    as_of: date | None = None,
) -> Plan:
    """The plan with `frame` as its sites, on another day where one is given; what it knows of `layers` is handed on."""
    source = LayerSource(reprojection_m=reprojection_m)
    out = replace(plan.with_layer(SITE, frame, source), as_of=as_of or plan.as_of)
    for layer in layers:
        if layer in plan and LAYERS[layer].is_polygon:
            _ground(plan, layer)
            for key in (("site ground", layer), ("repaired", layer)):
                out.memo(key, partial(plan.memo, key, _unmade))
    return out


def _unmade() -> None:
    raise AssertionError("made before it is handed on")


def _ground(plan: Plan, layer: str) -> Ground:
    def made() -> Ground:
        polygons = usable(plan, layer).copy()
        polygons[shapely.is_empty(polygons)] = None
        nothing = pd.DataFrame({"a": [], "b": []}, dtype=np.int64)
        return Ground(polygons, shapely.STRtree(polygons), np.zeros(len(polygons), dtype=bool), nothing)

    found: Ground = plan.memo(("site ground", layer), made)
    return found


def site_m2(plan: Plan) -> Floats:
    """The ellipsoidal area of each site in m²."""
    return drawn_m2(plan, SITE)


def unapproved(plan: Plan) -> tuple[Objects, NDArray[np.bool_]]:
    """What approved land (land_case) leaves of each site, None where it leaves nothing; and which sites meet it at all."""

    def made() -> tuple[Objects, NDArray[np.bool_]]:
        left = usable(plan, SITE).copy()
        if "land_case" not in plan:
            return left, np.zeros(len(left), dtype=bool)
        known = _ground(plan, "land_case")
        i, j = known.tree.query(left)
        hit = np.unique(i)
        rest, shape = overlay.outside(left[hit], known.polygons[np.unique(j)], valid=True)
        left[hit] = None
        left[hit[rest]] = shape
        met_any = np.zeros(len(left), dtype=bool)
        met_any[hit] = True
        return left, met_any

    found: tuple[Objects, NDArray[np.bool_]] = plan.memo("site unapproved", made)
    return found


def met(plan: Plan, layer: str, sites: Objects | None = None, only: NDArray[np.bool_] | None = None) -> Met:
    """The pairs of a site and a feature of the layer that share ground; `sites` may stand in for the plan's, row by row."""
    known, sites = _ground(plan, layer), usable(plan, SITE) if sites is None else sites
    near = np.unique(known.tree.query(sites)[1])
    near = near if only is None else near[only[near]]
    i, k, m2 = overlay.areas(sites, known.polygons[near], crs=plan.crs, valid=True)
    return Met(i, near[k], m2)


def once(plan: Plan, layer: str, found: Met, rank: Indices, sites: Objects | None = None) -> Floats:
    """The m² of each pair, with ground that several features of the layer cover left to the first of them by `rank`, then by row."""
    known, sites = _ground(plan, layer), usable(plan, SITE) if sites is None else sites
    m2, twice = found.m2.copy(), _covered_twice(known, found, plan)
    rows = np.flatnonzero(np.isin(found.site, twice))
    rows = rows[np.lexsort((found.feature[rows], rank[rows], found.site[rows]))]
    i, j = found.site[rows], found.feature[rows]
    shape = _pieces(sites, known.polygons, i, j)
    taken, of = None, -1
    for n, site in enumerate(i.tolist()):
        taken = shapely.Polygon() if site != of else taken
        of, piece = site, shape[n]
        shape[n] = overlay.polygonal(np.array([shapely.difference(piece, taken)], dtype=object))[0]
        taken = shapely.union(taken, piece)
    m2[rows] = np.nan_to_num(overlay.measured(shape, plan.crs))
    return m2


def _covered_twice(known: Ground, found: Met, plan: Plan) -> Indices:
    """The sites that hold two features which overlap each other."""
    pairs = known.overlaps(np.unique(found.feature), plan.crs)
    if not len(pairs):
        return np.empty(0, np.int64)
    rows = pd.DataFrame({"site": found.site, "feature": found.feature})
    both = rows.merge(pairs, left_on="feature", right_on="a").merge(
        rows, left_on=["site", "b"], right_on=["site", "feature"]
    )
    return np.unique(both["site"].to_numpy(dtype=np.int64))


def _pieces(sites: Objects, polygons: Objects, i: Indices, j: Indices) -> Objects:
    """The polygonal part that each pair shares, in the order of the pairs; an empty polygon where it is nothing."""
    mine, site = np.unique(i, return_inverse=True)
    theirs, feature = np.unique(j, return_inverse=True)
    found_i, found_j, shape = overlay.pieces(sites[mine], polygons[theirs], pairs=(site, feature), valid=True)
    out = np.full(len(i), shapely.Polygon(), dtype=object)
    position = {pair: n for n, pair in enumerate(zip(site.tolist(), feature.tolist(), strict=True))}
    out[[position[pair] for pair in zip(found_i.tolist(), found_j.tolist(), strict=True)]] = shape
    return out


def shared(plan: Plan, layer: str, found: Met, row: Indices, count: int, sites: Objects | None = None) -> Objects:
    """What the pairs of each row share, as one geometry per row (`row` gives each pair its row of `count`)."""
    known, sites = _ground(plan, layer), usable(plan, SITE) if sites is None else sites
    pieces = _pieces(sites, known.polygons, found.site, found.feature)
    out = np.full(count, shapely.Polygon(), dtype=object)
    order = np.argsort(row, kind="stable")
    starts = np.flatnonzero(np.diff(row[order], prepend=-1))
    for some in np.split(order, starts[1:]) if len(order) else ():
        out[row[some[0]]] = pieces[some[0]] if len(some) == 1 else shapely.union_all(pieces[some])
    return overlay.polygonal(out)


def shared_width(plan: Plan, layer: str, found: Met, sites: Objects | None = None) -> Floats:
    """A width in m that what each pair shares has at the least: twice the area over a length its outline cannot exceed."""
    whole = site_m2(plan) if sites is None else overlay.measured(sites, plan.crs)
    sites = usable(plan, SITE) if sites is None else sites
    features, at = np.unique(found.feature, return_inverse=True)
    polygons = _ground(plan, layer).polygons[features]
    of_site, of_feature = shapely.length(sites)[found.site], shapely.length(polygons)[at]
    inside, around = (found.m2 >= each * (1 - 1e-9) for each in (whole[found.site], shapely.area(polygons)[at]))
    outline = np.where(inside, of_site, np.where(around, of_feature, of_site + of_feature))
    return _over(2 * found.m2, outline)


def site_width(plan: Plan) -> Floats:
    """A width in m that each site has at the least: twice its area over its outline."""
    return _over(2 * site_m2(plan), shapely.length(usable(plan, SITE)))


def _over(upper: Floats, lower: Floats) -> Floats:
    """A quotient; NaN where there is nothing below the line."""
    out: Floats = np.divide(upper, lower, out=np.full(len(upper), np.nan), where=lower > 0)
    return out


def touched(plan: Plan, layer: str, sites: Indices, metres: float) -> list[tuple[int, ...]]:
    """For each of the sites the features of the layer at most `metres` away in the plane."""
    known, mine = _ground(plan, layer), usable(plan, SITE)[sites]
    west, south, east, north = shapely.bounds(mine).T
    i, j = known.tree.query(shapely.box(west - metres, south - metres, east + metres, north + metres))
    shapely.prepare(known.polygons[np.unique(j)])
    near = shapely.dwithin(known.polygons[j], mine[i], metres)
    out: list[list[int]] = [[] for _ in range(len(sites))]
    for n, feature in zip(i[near].tolist(), j[near].tolist(), strict=True):
        out[n].append(feature)
    return [tuple(sorted(each)) for each in out]


def beyond(plan: Plan, layer: str, found: Met, sites: Indices) -> Objects:
    """What the features met leave of each of the sites; None where they leave nothing."""
    polygons, mask = usable(plan, SITE)[sites], _ground(plan, layer).polygons[np.unique(found.feature)]
    index, left = overlay.outside(polygons, mask, valid=True)
    out = np.full(len(sites), None, dtype=object)
    out[index] = left
    return out


def lengths_met(plan: Plan, layer: str) -> Met:
    """As `met`, for a layer of lines: the pairs that meet, and the ellipsoidal length in m inside the site."""
    sites, lines = usable(plan, SITE), np.asarray(plan[layer].geometry.to_numpy(), dtype=object)
    lines = np.where(shapely.get_dimensions(lines) == 1, lines, np.array(None))
    j, i = shapely.STRtree(sites).query(lines, predicate="intersects")
    order = np.lexsort((j, i))
    i, j = i[order], j[order]
    inside = shapely.intersection(lines[j], sites[i])
    return Met(i, j, np.nan_to_num(area.lengths(inside, plan.crs)))
