"""More verbs: what is left of a layer beside another, what lies inside, what share is covered, what a target asks.

rest         what polygons leave of each feature                   reach: what touches
overlaps_of  faces where such remainders meet another layer        reach: what touches
inside       parts of lines, and points, that polygons hold        reach: what touches
near         pairs of features within a distance                   reach: the distance

Beside them the quantities `covered_share`, `length_inside` and `target_in_base`.
Polygons that rules hand over come from `usable` or `rest`, so they are known to be valid.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.crs import metres_per_unit
from gis.geometry import area, lines, overlay
from gis.rules.base import NotRun, Places
from gis.rules.verbs import _faces, ids, shapes, total, usable
from gis.units import to_base

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gis.model.plan import Plan

    Objects = NDArray[np.object_]
    Mask = NDArray[np.bool_] | pd.Series[Any]

__all__ = ["covered_share", "inside", "length_inside", "near", "overlaps_of", "rest", "short_of_task", "target_in_base"]


def overlaps_of(plan: Plan, layer: str, mine: Objects, other: str, theirs: Objects, **words: Any) -> Places:
    """As `verbs.overlaps`, of polygons that stand for the features of the two layers row by row (see `rest`)."""
    i, j, shared = overlay.pieces(mine, theirs, valid=True)
    owner, parts = overlay.exploded(shared)
    return _faces(plan, layer, parts, ids(plan, layer)[i[owner]], other, ids(plan, other)[j[owner]], **words)


def rest(plan: Plan, layer: str, mask: Objects, where: Mask | None = None) -> Objects:
    """What the polygons `mask` leave of each chosen feature, one per row; None where nothing is left, or it is not chosen."""
    index, left = overlay.outside(usable(plan, layer, where), mask, valid=True)
    out = np.full(len(plan[layer]), None, dtype=object)
    out[index] = left
    return out


def covered_share(plan: Plan, layer: str, mask: Objects, where: Mask | None = None) -> NDArray[np.float64]:
    """The share, 0 to 1, of each chosen feature that the polygons `mask` cover; NaN for no area and for those not chosen."""
    return overlay.covered_share(usable(plan, layer, where), mask, crs=plan.crs, valid=True)


def inside(
    plan: Plan, layer: str, mask: Objects, *, other: str = "", where: Mask | None = None, **words: Any
) -> Places:
    """The parts of lines, and the points, of the chosen features that the polygons `mask` hold; one place per feature.

    The measure is the ellipsoidal length in metres, 0 for points.
    """
    geometry = plan[layer].geometry.to_numpy()
    chosen = geometry if where is None else np.where(np.asarray(where, dtype=bool), geometry, None)
    index, part = lines.inside(chosen, mask)
    return replace(shapes(plan, layer, index, part, area.lengths(part, plan.crs), **words), other_layer=other)


def length_inside(plan: Plan, layer: str, mask: Objects, where: Mask | None = None) -> float:
    """Ellipsoidal length in metres of the chosen lines, as far as the polygons `mask` hold them."""
    return float(inside(plan, layer, mask, where=where).measure.sum())


def near(plan: Plan, layer: str, metres: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (i, j), i < j, of row numbers of features at most `metres` apart in the plane of the plan."""
    return lines.near(plan[layer].geometry.to_numpy(), metres / metres_per_unit(plan.crs))


def target_in_base(plan: Plan, id_: str, default_unit: str) -> float:
    """The plan's target in base units (m², m, …); a target that names no unit is in `default_unit`.

    Raises: UnitError for a unit nobody knows; NotRun if the plan has no such target.
    """
    if id_ not in plan.targets:
        raise NotRun(f"未提供目标值：{id_}", f"no target given: {id_}")
    target = plan.targets[id_]
    return to_base(target.value, target.unit or default_unit)


def short_of_task(plan: Plan, layer: str, area_m2: float, task_m2: float) -> Places:
    """One place where a sum of areas is below its task, both to 0.01 m² as areas are stated; words task_km2, short_ha."""
    area_m2, task_m2 = round(area_m2, 2), round(task_m2, 2)
    short = {"task_km2": task_m2 / 1e6, "short_ha": (task_m2 - area_m2) / 1e4}
    return total(plan, layer, area_m2, task_m2, direction="min", **short)
