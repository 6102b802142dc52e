"""Verbs on what is too near to something else, and on thin features that leave an area."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.analysis.quantities import usable
from gis.geometry import area, distance, lines
from gis.rules.verbs.places import ids, shapes

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

    Objects = NDArray[np.object_]
    Mask = NDArray[np.bool_] | pd.Series[Any]

__all__ = ["astray", "nearer"]


def nearer(
    plan: Plan, layer: str, other: str, metres: float, *, where: Mask | None = None, other_where: Mask | None = None
) -> Places:
    """The chosen features of a layer that come nearer than `metres` to a chosen one of another; one place per feature.

    The measure is the distance on the ground in metres, 0 where they meet; the judge sees what is missing to `metres`.
    """
    mine, theirs = _chosen(plan, layer, where), _chosen(plan, other, other_where)
    i, j, far, link = distance.nearer(mine, theirs, metres, crs=plan.crs)
    short = np.flatnonzero(far < metres)
    found = shapes(plan, layer, i[short], link[short], far[short])
    others = tuple((each,) for each in ids(plan, other)[j[short]])
    return replace(found, other_layer=other, others=others, width=metres - far[short])


def astray(plan: Plan, layer: str, mask: Objects, *, other: str = "", where: Mask | None = None) -> Places:
    """The chosen lines and points that the polygons `mask` do not hold whole; one place per feature, the feature itself.

    The measure is the ellipsoidal length outside in metres, NaN for points; lines up to a millimetre outside are inside.
    """
    geometry = _chosen(plan, layer, where)
    index, part = lines.inside(geometry, mask)
    held = np.zeros(len(geometry))
    held[index] = area.lengths(part, plan.crs)
    whole = area.lengths(geometry, plan.crs)
    rank = distance.dimension(geometry)
    point_out = (rank == 0) & ~np.isin(np.arange(len(geometry)), index)
    out = np.flatnonzero(point_out | ((rank == 1) & (whole - held > plan.accuracy.of(layer).resolution_m)))
    size = np.where(rank[out] == 0, np.nan, whole[out] - held[out])
    return replace(shapes(plan, layer, out, geometry[out], size), other_layer=other)


def _chosen(plan: Plan, layer: str, where: Mask | None) -> Objects:
    """The features of a layer, polygons mended where they must be; None where one is not chosen."""
    chosen: Objects = plan[layer].geometry.to_numpy().copy()
    areas = distance.dimension(chosen) == 2
    chosen[areas] = usable(plan, layer)[areas]
    if where is not None:
        chosen[~np.asarray(where, dtype=bool)] = None
    return chosen
