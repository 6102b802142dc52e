"""Lines and points against polygons: what part of them lies inside; which features are near each other."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry import validity
from gis.geometry._flat import Objects, as_geometries
from gis.geometry.locate import placed

__all__ = ["inside", "near"]

_COLLECTION: Final = 7


def inside(geometries: Any, polygons: Any, *, valid: bool = False) -> tuple[NDArray[np.int64], Objects]:
    """The part of each line or point that the polygons hold: (index into geometries, part), each feature once.

    What several polygons hold is counted once; a point on a border is held. Polygons, collections, None, empty features, those
    with a coordinate that is not finite, and lines that merely touch in a point give nothing. `valid` says that the polygons
    are known to be valid, and spares asking.

    Raises: AnalysisError if a polygon is invalid.

    Example:
        >>> index, part = inside([shapely.LineString([(-5, 1), (3, 1)])], [shapely.box(0, 0, 2, 2), shapely.box(1, 0, 9, 9)])
        >>> index.tolist(), part[0].length
        ([0], 3.0)
    """
    array, masks = as_geometries(geometries), validity.checked(polygons, valid=valid)
    rank = np.where(shapely.get_type_id(array) < _COLLECTION, shapely.get_dimensions(array), -1)
    thin = np.flatnonzero(((rank == 0) | (rank == 1)) & placed(array))
    mask, at = shapely.STRtree(array[thin]).query(masks, predicate="intersects")
    pieces = shapely.intersection(array[thin[at]], masks[mask])
    kept = np.flatnonzero((shapely.get_dimensions(pieces) == rank[thin[at]]) & ~shapely.is_empty(pieces))
    owner, member = np.unique(at[kept], return_inverse=True)
    order = np.argsort(member, kind="stable")
    together = shapely.geometrycollections(pieces[kept][order], indices=member[order])
    return thin[owner], np.asarray(shapely.union_all(together[:, None], axis=1), dtype=object)


def near(geometries: Any, distance: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (i, j), i < j, of features at most `distance` apart, in the units of their coordinates.

    None, empty features and those with a coordinate that is not finite are near nothing.

    Example:
        >>> i, j = near([shapely.Point(0, 0), shapely.Point(3, 4), shapely.Point(9, 9)], 5.0)
        >>> i.tolist(), j.tolist()
        ([0], [1])
    """
    array = as_geometries(geometries)
    array = np.where(placed(array), array, np.array(None))
    i, j = shapely.STRtree(array).query(array, predicate="dwithin", distance=distance)
    order = np.lexsort((j, i))
    i, j = i[order], j[order]
    return i[i < j], j[i < j]
