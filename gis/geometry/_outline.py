"""What the outline of a mask tells of polygons: a part that it does not enter lies wholly in the mask, or wholly outside.

The edges inside a mask cancel, and what is left of them lies mostly on the features' own edges: no polygon of the mask is
ever asked about those. So a layer of giants and a layer of many small parts cost about the same, either way round.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.geometry import _arrangement, _flat, parallel
from gis.geometry._flat import Objects

__all__ = ["entries", "held", "remainder"]

Indices = NDArray[np.int64]
_CHUNK = 2048


def entries(polygons: Objects, mask: Objects) -> tuple[Indices, Objects, Indices]:
    """Where the outline of the mask enters polygons: number of the polygon and the edge of the outline as a line, by polygon.

    The third are the polygons that the outline meets at all, be it along their own edges.

    An edge that the polygon has itself, or that only touches it, does not enter. All polygons must be valid.
    """
    outline = _arrangement.uncancelled(mask, _flat.fine_grid(mask)).edges
    ends = outline.vertex[outline.ends[outline.net != 0]]
    lines: Objects = shapely.linestrings(ends)
    tree = shapely.STRtree(lines)
    tree.query(shapely.Point(0, 0))  # builds the tree before threads share it

    def work(part: slice) -> tuple[Indices, Indices, Indices]:
        feature, edge = tree.query(polygons[part], predicate="intersects")
        feature += part.start
        met = np.unique(feature)
        strange = ~_own(polygons, ends, feature, edge)
        feature, edge = feature[strange], edge[strange]
        asked, of = np.unique(feature, return_inverse=True)
        askers = shapely.set_srid(polygons[asked], 0)  # copies: what one thread prepares, no other may hold
        shapely.prepare(askers)
        enters = ~shapely.touches(askers[of], lines[edge])
        return feature[enters], edge[enters], met

    found = parallel.run(work, parallel.slices(len(polygons), chunk=_CHUNK))
    feature, edge, met = (np.concatenate([np.empty(0, np.int64), *[each[n] for each in found]]) for n in range(3))
    return feature, lines[edge], met


def _own(polygons: Objects, ends: NDArray[np.float64], feature: Indices, edge: Indices) -> NDArray[np.bool_]:
    """Whether each edge is an edge of the polygon beside it, in whatever direction."""
    owner, asked = np.unique(feature), np.unique(edge)
    rings = _flat.rings(polygons[owner])
    start = rings.starts()
    both = np.concatenate([rings.xy[start], rings.xy[start + 1], *ends[asked].transpose(1, 0, 2)])
    number = pd.factorize(both[:, 0] + 1j * both[:, 1])[0].astype(np.int64)
    a, b, c, d = np.split(number, np.cumsum([len(start), len(start), len(asked)]))
    size = len(both) + 1
    at = pd.Index(np.minimum(c, d) * size + np.maximum(c, d)).get_indexer(np.minimum(a, b) * size + np.maximum(a, b))
    has = np.flatnonzero(at >= 0)
    mine = owner[rings.feature[rings.ring_of()[start[has]]]] * size + at[has]
    same: NDArray[np.bool_] = np.isin(feature * size + np.searchsorted(asked, edge), mine)
    return same


def held(polygons: Objects, mask: Objects, met: Indices) -> NDArray[np.float64]:
    """The share of its parts in which some polygon of the mask holds a point, for each polygon; NaN for None and empty.

    A vertex will do, but for the polygons `met` by the outline: their vertices may lie on it.
    """
    owner, parts = _flat.exploded(polygons)
    points = shapely.get_point(shapely.get_exterior_ring(parts), 0)
    inner = np.flatnonzero(np.isin(owner, met))
    chunks = parallel.slices(len(inner), chunk=_CHUNK)
    found = parallel.run(lambda part: shapely.point_on_surface(parts[inner[part]]), chunks)
    points[inner] = np.concatenate([np.empty(0, object), *found])
    tree = shapely.STRtree(points)
    tree.query(shapely.Point(0, 0))
    chunks = parallel.slices(len(mask), chunk=_CHUNK)
    found = parallel.run(lambda part: tree.query(mask[part], predicate="intersects")[1], chunks)
    inside = np.unique(np.concatenate([np.empty(0, np.int64), *found]))
    count, have = (np.bincount(each, minlength=len(polygons)) for each in (owner, owner[inside]))
    return np.where(count > 0, have / np.maximum(count, 1), np.nan)


def remainder(whole: Any, entering: Objects, mask: Objects) -> Any:
    """What the polygons `mask` leave of the polygon `whole`; `entering` are the edges of their outline that enter it.

    None where the parts of `whole` do not add up to it, which happens where edges nearly coincide.
    """
    grid = _flat.fine_grid(np.append(mask, whole))
    noded = shapely.union_all(np.append(entering, shapely.boundary(whole)), grid_size=grid)
    cells = shapely.get_parts(shapely.polygonize([noded]))
    cells = cells[_arrangement.covering(shapely.STRtree([whole]), cells, grid)[0]]
    if abs(shapely.area(cells).sum() - shapely.area(whole)) > 10 * grid * shapely.length(noded):
        return None
    covers = np.bincount(_arrangement.covering(shapely.STRtree(mask), cells, grid)[0], minlength=len(cells))
    left = cells[covers == 0]
    return shapely.normalize(left[0] if len(left) == 1 else shapely.multipolygons(left))
