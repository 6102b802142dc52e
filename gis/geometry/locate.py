"""Which polygon holds a feature, by a point well inside the feature."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry import parallel
from gis.geometry._flat import Objects, as_geometries
from gis.geometry.validity import finite

__all__ = ["containing", "covered", "inner_points", "placed"]


def placed(geometries: Any) -> NDArray[np.bool_]:
    """Whether each geometry has a place: coordinates, all of them numbers; False for None and empty.

    Bounds do not tell: they pass over a coordinate that is no number.

    Example:
        >>> placed([shapely.Point(1, 1), shapely.Point(), None]).tolist()
        [True, False, False]
    """
    array = as_geometries(geometries)
    there: NDArray[np.bool_] = finite(array) & ~(shapely.is_missing(array) | shapely.is_empty(array))
    return there


def inner_points(geometries: Any) -> Objects:
    """A point on the surface of each geometry; None where there is none to show: missing, empty, or not finite.

    Example:
        >>> inner_points([shapely.box(0, 0, 2, 2), None])[0].wkt
        'POINT (1 1)'
    """
    array = as_geometries(geometries)
    points = np.full(len(array), None, dtype=object)
    known = np.flatnonzero(placed(array))
    chunks = parallel.slices(len(known))
    found = parallel.run(lambda part: shapely.point_on_surface(array[known[part]]), chunks)
    points[known] = np.concatenate([np.empty(0, dtype=object), *found])
    return points


def containing(geometries: Any, polygons: Any) -> NDArray[np.int64]:
    """For each geometry the number of the first polygon that holds a point on its surface; −1 for none, None, empty, or not finite.

    A point on a border shared by two polygons belongs to the one that comes first. Invalid polygons hold what GEOS says they
    hold; polygons with a coordinate that is not finite hold nothing.

    Example:
        >>> where = containing([shapely.Point(1, 1), shapely.Point(9, 9), None], [shapely.box(0, 0, 2, 2)])
        >>> where.tolist()
        [0, -1, -1]
    """
    array = as_geometries(geometries)
    found = np.full(len(array), -1, np.int64)
    j, i = shapely.STRtree(inner_points(array)).query(_usable(polygons), predicate="intersects")
    order = np.lexsort((j, i))
    first, at = np.unique(i[order], return_index=True)
    found[first] = j[order][at]
    return found


def covered(geometries: Any, polygons: Any) -> NDArray[np.bool_]:
    """Whether each geometry, of any kind, lies wholly in one polygon; False for None, empty, and not finite.

    Polygons hold as in `containing`.

    Example:
        >>> covered([shapely.LineString([(0, 0), (1, 1)]), None], [shapely.box(0, 0, 2, 2)]).tolist()
        [True, False]
    """
    array = as_geometries(geometries)
    _, i = shapely.STRtree(np.where(placed(array), array, np.array(None))).query(_usable(polygons), predicate="covers")
    inside = np.zeros(len(array), bool)
    inside[i] = True
    return inside


def _usable(polygons: Any) -> Objects:
    """The polygons that can be asked; None in place of the others."""
    array = as_geometries(polygons)
    usable: Objects = np.where(finite(array), array, np.array(None))
    return usable
