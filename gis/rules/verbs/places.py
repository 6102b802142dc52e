"""How places are put together: from rows, from features, from pieces of overlay, from one figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gis.geometry import overlay, shape
from gis.model.lacking import no_target
from gis.model.layers import LAYERS
from gis.rules.base import NotRun, Places
from gis.rules.judge import numeric_width, survey_width
from gis.units import to_base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.model.finding import Severity
    from gis.model.plan import Plan

    Objects = NDArray[np.object_]
    Mask = NDArray[np.bool_] | pd.Series[Any]

__all__ = [
    "faces", "ids", "judged_width", "picked", "polygon_layers", "rows", "shapes", "short_of_task", "target_in_base", "total",
]  # fmt: skip


def ids(plan: Plan, layer: str) -> NDArray[np.object_]:
    """The feature ids of a layer, one per row."""
    names: Objects = plan.memo(("ids", layer), lambda: np.asarray(plan[layer].index.astype("str"), dtype=object))
    return names


def polygon_layers(plan: Plan, quality: str = "is_polygon") -> tuple[str, ...]:
    """The plan's polygon layers that have the quality, empty ones left out."""
    return tuple(each for each in plan.where(quality) if LAYERS[each].is_polygon and len(plan[each]))


def rows(
    plan: Plan, layer: str, bad: Mask, *, measure: Any = None, severity: Severity | None = None, **words: Any
) -> Places:
    """The features for which `bad` is true, with their geometry; `words` and `measure` are one per row, or one for all."""
    chosen = np.asarray(pd.Series(bad).fillna(False), dtype=bool)
    frame = plan[layer]
    size = np.full(len(frame), np.nan) if measure is None else np.broadcast_to(np.asarray(measure, float), len(frame))
    return Places(
        layer,
        tuple((str(each),) for each in frame.index[chosen]),
        np.asarray(frame.geometry.to_numpy()[chosen], dtype=object),
        size[chosen],
        words={name: picked(word, chosen) for name, word in words.items()},
        severity=severity,
    )


def picked(word: Any, chosen: NDArray[np.bool_]) -> Any:
    """One value per chosen row where there is one per row; a single value stays."""
    per_row = isinstance(word, pd.Series | np.ndarray | list | tuple) and len(word) == len(chosen)
    return np.asarray(word, dtype=object)[chosen] if per_row else word


def shapes(
    plan: Plan, layer: str, index: NDArray[np.int64], geometry: Objects, measure: Any = None, **words: Any
) -> Places:
    """The features numbered `index`, each with its own witness geometry and measure."""
    size = np.full(len(index), np.nan) if measure is None else np.asarray(measure, float)
    return Places(layer, tuple((str(each),) for each in plan[layer].index[index]), geometry, size, words=words)


def total(
    plan: Plan, layer: str, value: float, against: float, *, direction: str, doubt: float = 0.0, **words: Any
) -> Places:
    """One place when `value` misses `against`: direction "min" is a floor, "max" a ceiling, "target" both.

    `doubt` is how much the accuracy of the data leaves open; a miss smaller than it cannot be decided. Values are in base units.
    """
    miss = {"min": against - value, "max": value - against, "target": abs(value - against)}[direction]
    wrong = miss > 0
    return Places(
        layer,
        (("",),) if wrong else (),
        np.array([None] if wrong else [], dtype=object),
        np.array([value] if wrong else [], dtype=float),
        doubt=np.array([doubt if doubt >= miss else 0.0] if wrong else [], dtype=float),
        words={"target": against, "miss": miss, **words},
    )


def target_in_base(plan: Plan, id_: str, default_unit: str) -> float:
    """The plan's target in base units (m², m, …); a target that names no unit is in `default_unit`.

    Raises: UnitError for a unit nobody knows; NotRun if the plan has no such target.
    """
    if id_ not in plan.targets:
        raise NotRun(no_target(id_))
    target = plan.targets[id_]
    return to_base(target.value, target.unit or default_unit)


def short_of_task(plan: Plan, layer: str, area_m2: float, task_m2: float) -> Places:
    """One place where a sum of areas is below its task, both to 0.01 m² as areas are stated; words task_km2, short_ha."""
    area_m2, task_m2 = round(area_m2, 2), round(task_m2, 2)
    short = {"task_km2": task_m2 / 1e6, "short_ha": (task_m2 - area_m2) / 1e4}
    return total(plan, layer, area_m2, task_m2, direction="min", **short)


def faces(
    plan: Plan, layer: str, parts: Objects, mine: Objects, other: str = "", theirs: Objects | None = None, **words: Any
) -> Places:
    """The connected faces of `parts`, each with the features that take part, the largest share first."""
    if not len(parts):
        return Places(layer, (), parts, np.empty(0), other, width=np.empty(0), words=words)
    face, merged = overlay.merged(parts, valid=True)
    size = overlay.measured(parts, plan.crs)
    return Places(
        layer,
        _members(face, mine, size, len(merged)),
        merged,
        overlay.measured(merged, plan.crs),
        other,
        _members(face, theirs, size, len(merged)) if theirs is not None else (),
        width=judged_width(plan, merged, layer, other),
        words=words,
    )


def judged_width(plan: Plan, polygons: Objects, layer: str, other: str = "") -> NDArray[np.float64]:
    """Widths in metres for the judge: on the right side of both widths that it compares with."""
    limits = numeric_width(plan, layer, other), survey_width(plan, layer, other)
    return shape.width(polygons, at_least=[np.nextafter(each, np.inf) for each in limits])


def _members(
    face: NDArray[np.int64], names: Sequence[str] | Objects, size: NDArray[np.float64], count: int
) -> tuple[tuple[str, ...], ...]:
    """Per face the names that take part in it, by their share of area (to 1e-6 m²), then by name."""
    there = face >= 0
    name, distinct = pd.factorize(np.asarray(names, dtype=object)[there], sort=True)
    key, member = np.unique(face[there] * len(distinct) + name, return_inverse=True)
    share = np.bincount(member, np.nan_to_num(size[there]), len(key)).round(6)
    owner, name = np.divmod(key, len(distinct))
    order = np.lexsort((name, -share, owner))
    ends = np.cumsum(np.bincount(owner, minlength=count))[:-1]
    return tuple(tuple(each) for each in np.split(distinct[name[order]], ends))
