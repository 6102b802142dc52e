"""How near features of two layers come to each other."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry._flat import Objects, as_geometries
from gis.geometry.area import areal_scale
from gis.geometry.locate import placed

__all__ = ["dimension", "nearer"]

Indices = NDArray[np.int64]
_SPARE: Final = 1.01


def dimension(geometries: Any) -> NDArray[np.int32]:
    """0 for points, 1 for lines, 2 for polygons, -1 for None and for empty collections."""
    return np.asarray(shapely.get_dimensions(as_geometries(geometries)))


def nearer(a: Any, b: Any, metres: float, *, crs: Any) -> tuple[Indices, Indices, NDArray[np.float64], Objects]:
    """For each feature of `a` at most `metres` from one of `b`, the nearest: (index into a, into b, metres, link).

    Distances are on the ground: those of the plane over the length scale of the place, right to 1e-6 of themselves within
    a few kilometres; 0 where features meet. The link is the shortest line between the two. None, empty
    features and those with a coordinate that is not finite are near nothing; of two as near, the first of `b` counts.

    Example:
        >>> i, j, far, link = nearer([shapely.Point(5e5, 3.4e6)], [shapely.Point(500030, 3400040)], 60, crs="EPSG:4549")
        >>> i.tolist(), j.tolist(), far.round(3).tolist(), round(link[0].length, 3)
        ([0], [0], [50.0], 50.0)
    """
    left, right = (np.where(placed(each), as_geometries(each), np.array(None)) for each in (a, b))
    i, j = shapely.STRtree(right).query(left, predicate="dwithin", distance=metres * _most_units_per_metre(left, crs))
    gap = shapely.distance(left[i], right[j])
    order = np.lexsort((j, gap, i))
    first = order[np.flatnonzero(np.diff(i[order], prepend=-1))]
    i, j = i[first], j[first]
    link = np.asarray(shapely.shortest_line(left[i], right[j]), dtype=object)
    far = gap[first] / _units_per_metre(link, crs)
    near = far <= metres
    return i[near], j[near], far[near], link[near]


def _units_per_metre(geometries: Objects, crs: Any) -> NDArray[np.float64]:
    """The length scale in the middle of each geometry."""
    x, y = shapely.get_x(middle := shapely.centroid(geometries)), shapely.get_y(middle)
    return np.asarray(np.sqrt(areal_scale(x, y, crs)))


def _most_units_per_metre(geometries: Objects, crs: Any) -> float:
    """No less than the length scale anywhere between the geometries and what is near them."""
    there = geometries[~(shapely.is_missing(geometries) | shapely.is_empty(geometries))]
    return float(_units_per_metre(there, crs).max(initial=0.0)) * _SPARE
