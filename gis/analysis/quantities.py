"""The polygons and areas of a plan that rules and indicators both rest on, made once per plan.

Polygons that are not valid are set aside by a stated repair, so that one fault hides no other; rule TP01 reports them.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.geometry import area, overlay, validity
from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gis.model.plan import Plan

    Objects = NDArray[np.object_]
    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_] | pd.Series[Any]

__all__ = ["REPAIR", "covered_share", "drawn_m2", "faulty", "number", "official_m2", "set_aside", "stated_m2", "usable"]

REPAIR: Final = Text(
    "其他规则按修复后的图形计算（外环减内环，去除塌缩部分；不成面的不参加叠置），成果图形未改动。",
    "other rules take the repaired shape (shell less holes, collapsed rings dropped; what is no area takes no part). The data "
    "are not changed.",
)
"""How polygons with faulty geometry are set aside."""


def usable(plan: Plan, layer: str, where: Mask | None = None) -> Objects:
    """The polygons of a layer, one per row, fit for overlay; rows that are not chosen, or are no area, are None.

    Invalid polygons are repaired (`validity.repaired`), so that one fault hides no other.
    """
    geometry: Objects = _repaired(plan, layer)[0]
    if where is None:
        return geometry
    picked = geometry.copy()
    picked[~np.asarray(where, dtype=bool)] = None
    return picked


def faulty(plan: Plan, layer: str) -> NDArray[np.bool_]:
    """Which features of a layer of polygons were repaired for calculation: neither missing nor valid."""
    return _repaired(plan, layer)[1]


def _repaired(plan: Plan, layer: str) -> tuple[Objects, NDArray[np.bool_]]:
    found: tuple[Objects, NDArray[np.bool_]] = plan.memo(
        ("repaired", layer), lambda: validity.repaired(plan[layer].geometry.to_numpy())
    )
    return found


def set_aside(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """The ids of the features that were repaired for calculation (`REPAIR`), by layer, as far as polygons were asked for."""
    asked = [each for each in plan.where("is_polygon") if plan.remembers(("repaired", each))]
    found = {each: tuple(plan[each].index[faulty(plan, each)].astype("str")) for each in asked}
    return MappingProxyType({each: ids for each, ids in found.items() if ids})


def official_m2(plan: Plan, layer: str) -> Floats:
    """Official area of each feature, by the survey formula on the vertices as they were drawn."""
    source = plan.source(layer).geometry
    as_drawn = plan[layer].geometry if source is None else source
    m2: Floats = plan.memo(("official", layer), lambda: area.official(as_drawn.to_numpy(), as_drawn.crs))
    return m2


def drawn_m2(plan: Plan, layer: str) -> Floats:
    """Ellipsoidal area of each feature as it is drawn, faults repaired; NaN where there is no area."""
    m2: Floats = plan.memo(("drawn", layer), lambda: overlay.measured(usable(plan, layer), plan.crs))
    return m2


def stated_m2(plan: Plan, layer: str, *fields: str) -> Floats:
    """The area each feature states in the first of `fields` (area_m2 by default) that it fills; else its official area."""
    out = np.full(len(plan[layer]), np.nan)
    for each in fields or ("area_m2",):
        out = np.where(np.isnan(out), number(plan, layer, each), out)
    return np.where(np.isnan(out), official_m2(plan, layer), out) if np.isnan(out).any() else out


def number(plan: Plan, layer: str, field: str) -> Floats:
    """A field as numbers, one per row; NaN where it is missing, no finite number, or the layer has no such field."""
    frame = plan[layer]
    if field not in frame.columns:
        return np.full(len(frame), np.nan)
    values = pd.to_numeric(frame[field], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def covered_share(plan: Plan, layer: str, mask: Objects, where: Mask | None = None) -> Floats:
    """The share, 0 to 1, of each chosen feature that the polygons `mask` cover; NaN for no area and for those not chosen."""
    return overlay.covered_share(usable(plan, layer, where), mask, crs=plan.crs, valid=True)
