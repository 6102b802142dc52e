"""The quantities that measures are made of, by area unit: areas, lengths and persons of a plan.

A value by area unit is an array: the whole plan first, then one value per unit (`gis.analysis.area_units`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from gis.analysis.area_units import WHOLE, AreaUnits, area_units, by_unit, pieces, text
from gis.analysis.quantities import covered_share, drawn_m2, number, official_m2, stated_m2, usable
from gis.geometry import area, lines, locate, overlay

if TYPE_CHECKING:
    from gis.model.plan import Plan

__all__ = [
    "WHOLE", "AreaUnits", "area_units", "attribute", "by_unit", "covered_m2", "drawn_m2", "length_inside", "located_sum", "number",
    "official_m2", "stated_m2", "text", "usable",
]  # fmt: skip

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
Mask = NDArray[np.bool_]

_NOTHING: Final = 1e-9
"""A share below this is what rounding leaves of no share at all."""


def covered_m2(plan: Plan, units: AreaUnits, layer: str, mask: Objects, where: Mask) -> Floats:
    """The ellipsoidal area of the chosen features that the polygons `mask` cover: in all, then per unit.

    Ground that two polygons of the mask cover counts once.
    """
    feature, unit, geometry, piece_m2 = pieces(plan, units, layer)
    chosen = where[feature]
    share = overlay.covered_share(geometry[chosen], mask, crs=plan.crs, valid=True)
    share = np.where(share < _NOTHING, 0.0, share)
    whole = np.nansum(drawn_m2(plan, layer) * covered_share(plan, layer, mask, where))
    return np.concatenate([[whole], np.bincount(unit[chosen], np.nan_to_num(piece_m2[chosen] * share), len(units))])


def length_inside(plan: Plan, layer: str, mask: str, where: Mask) -> float:
    """Ellipsoidal length in metres of the chosen lines inside the polygons of the layer `mask`; 0 if none is inside."""
    _, part = lines.inside(plan[layer].geometry.to_numpy()[where], usable(plan, mask), valid=True)
    return float(np.nansum(area.lengths(part, plan.crs)))


def attribute(plan: Plan, units: AreaUnits, field: str) -> Floats:
    """A field of the administrative layers, summed: for the whole plan, then per unit; NaN where a figure is missing.

    The whole is what the municipality states, else the sum of the units if all of them state it.
    """
    per_unit = np.full(len(units), np.nan)
    if units.layer:
        per_unit = np.bincount(units.unit_of, number(plan, units.layer, field), len(units))
    whole = number(plan, "municipality", field).sum() if "municipality" in plan else np.nan
    if np.isnan(whole) and "county" in plan:
        whole = number(plan, "county", field).sum()
    return np.concatenate([[whole], per_unit])


def located_sum(plan: Plan, units: AreaUnits, layer: str, field: str) -> Floats:
    """A field of a layer of places, summed by the unit that holds each place: in all, then per unit.

    A place without a figure makes the sum of its unit, and of all, NaN.
    """
    value = number(plan, layer, field)
    at = locate.containing(plan[layer].geometry.to_numpy(), units.polygons)
    inside = at >= 0
    return np.concatenate([[value.sum()], np.bincount(units.unit_of[at[inside]], value[inside], len(units))])
