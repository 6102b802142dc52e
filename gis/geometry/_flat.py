"""Polygons as flat coordinate arrays, for the kernels of this folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

__all__ = ["Objects", "Rings", "as_geometries", "exploded", "fine_grid", "finite", "listed", "rings", "sums"]

Objects = NDArray[np.object_]
POLYGON: Final = 3
MULTIPOLYGON: Final = 6
_MISSING: Final = -1


@dataclass(frozen=True, slots=True)
class Rings:
    """All rings of some polygons: coordinates (n, 2), offsets (r + 1), per ring its feature and whether it is a hole.

    Rings run in whatever direction they were drawn.
    """

    xy: NDArray[np.float64]
    offsets: NDArray[np.int64]
    feature: NDArray[np.int64]
    hole: NDArray[np.bool_]

    def starts(self) -> NDArray[np.int64]:
        """Indices into `xy` at which an edge starts: all coordinates but the last of each ring."""
        keep = np.ones(len(self.xy), bool)
        keep[self.offsets[1:] - 1] = False
        return np.flatnonzero(keep)

    def ring_of(self) -> NDArray[np.int64]:
        """The ring of each coordinate."""
        return np.repeat(np.arange(len(self.feature)), np.diff(self.offsets))


def as_geometries(geometries: Any) -> Objects:
    """A one-dimensional object array of geometries (GeoSeries, list or array in)."""
    return np.atleast_1d(np.asarray(geometries, dtype=object))


def exploded(geometries: Objects) -> tuple[NDArray[np.int64], Objects]:
    """Feature number and geometry of every non-empty single part; nested collections are opened fully."""
    single = shapely.get_type_id(geometries) == POLYGON
    if single.all():  # nothing to open, and no copies
        keep = ~shapely.is_empty(geometries)
        return np.flatnonzero(keep), geometries[keep]
    parts, owner = shapely.get_parts(geometries, return_index=True)
    while np.any(shapely.get_type_id(parts) > POLYGON):
        parts, inner = shapely.get_parts(parts, return_index=True)
        owner = owner[inner]
    keep = ~shapely.is_empty(parts)
    return owner[keep].astype(np.int64), parts[keep]


def rings(geometries: Objects) -> Rings:
    """The rings of all polygons in their order, each shell before its holes; None, empty, points and lines have none.

    Most polygons have one ring, and then their coordinates are all there is to ask. Collections are opened fully.
    """
    kind = shapely.get_type_id(geometries)
    if not np.isin(kind, (_MISSING, POLYGON, MULTIPOLYGON)).all():
        owner, parts = exploded(geometries)
        polygon = shapely.get_type_id(parts) == POLYGON
        found = rings(parts[polygon])
        return replace(found, feature=owner[polygon][found.feature])
    several = (kind == MULTIPOLYGON) | (shapely.get_num_interior_rings(geometries) > 0)
    parts, owner = shapely.get_parts(geometries[several], return_index=True)
    inner, part = shapely.get_rings(parts, return_index=True)
    feature = np.concatenate([np.flatnonzero(~several), np.flatnonzero(several)[owner[part]]])
    size = np.concatenate([shapely.get_num_coordinates(each) for each in (geometries[~several], inner)])
    hole = np.concatenate([np.zeros(len(feature) - len(part), bool), np.diff(part, prepend=-1) == 0])
    order = np.argsort(feature, kind="stable")
    order = order[size[order] > 0]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(size[order], dtype=np.int64)])
    return Rings(shapely.get_coordinates(geometries), offsets, feature[order], hole[order])


def finite(geometries: Any) -> NDArray[np.bool_]:
    """Whether all x and y of each feature are finite; features without coordinates are."""
    array = as_geometries(geometries)
    xy, feature = shapely.get_coordinates(array, return_index=True)
    bad = feature[~np.isfinite(xy).all(axis=1)]
    out = np.ones(len(array), bool)
    out[bad] = False
    return out


def sums(values: NDArray[np.float64], offsets: NDArray[np.int64]) -> NDArray[np.float64]:
    """The sum of `values` between each two offsets (no group may be empty)."""
    return np.add.reduceat(values, offsets[:-1]) if len(offsets) > 1 else np.empty(0)


def fine_grid(geometries: Objects) -> float:
    """A spacing of some ten roundings of the coordinates: 1e-7 m at an easting with zone number, 1e-8 without."""
    largest = np.nanmax(np.abs(shapely.bounds(geometries)), initial=1.0)
    return float(10.0 ** (np.ceil(np.log10(largest)) - 15))


def listed(indices: NDArray[Any], limit: int = 10) -> str:
    """The first few feature numbers, for an error message."""
    shown = ", ".join(str(each) for each in indices[:limit])
    return f"{shown}, …" if len(indices) > limit else shown
