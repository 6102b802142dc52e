"""The quantities that measures are made of, by area unit: areas, lengths and persons of a plan.

A value by area unit is an array: the whole plan first, then one value per unit. Features are cut at the borders of the units; the
area of a feature (stated or official) is shared out by the ellipsoidal area of its pieces, so that units that cover the plan
add up to the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.analysis.quantities import covered_share, drawn_m2, number, official_m2, stated_m2, usable
from gis.geometry import area, lines, locate, overlay
from gis.i18n import Text

if TYPE_CHECKING:
    from gis.model.plan import Plan

__all__ = [
    "AreaUnits", "area_units", "attribute", "by_unit", "covered_m2", "drawn_m2", "length_inside", "located_sum", "number",
    "official_m2", "stated_m2", "text", "usable",
]  # fmt: skip

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
Mask = NDArray[np.bool_]

_NOTHING: Final = 1e-9
"""A share below this is what rounding leaves of no share at all."""

WHOLE: Final = Text("全域", "whole plan")


@dataclass(frozen=True, eq=False)
class AreaUnits:
    """The units that values are given for, beside the whole plan: the features of one administrative layer, by code.

    layer      the layer they come from; "" when there are none
    ids, names one per unit; features with the same code are one unit
    polygons   the features' polygons; `unit_of` says which unit each belongs to
    """

    layer: str
    ids: tuple[str, ...]
    names: tuple[Text, ...]
    polygons: Objects
    unit_of: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)


def area_units(plan: Plan, layer: str) -> AreaUnits:
    """The area units of an administrative layer in the order of the layer; none if the plan lacks it."""
    if layer not in plan:
        return AreaUnits("", (), (), np.empty(0, object), np.empty(0, np.int64))
    frame = plan[layer]
    code = text(plan, layer, "area_code")
    code = np.where(code == "", np.asarray(frame.index.astype("str"), dtype=object), code)
    unit_of, ids = pd.factorize(pd.Series(code, dtype="str"))
    label = text(plan, layer, "area_name")
    first = [int(np.flatnonzero(unit_of == n)[0]) for n in range(len(ids))]
    names = tuple(Text(label[at] or str(ids[n]), label[at] or str(ids[n])) for n, at in enumerate(first))
    return AreaUnits(layer, tuple(str(each) for each in ids), names, usable(plan, layer), unit_of.astype(np.int64))


def text(plan: Plan, layer: str, field: str) -> Objects:
    """A field as text without blanks at its ends, one per row; "" where it is missing or the field is not there."""
    frame = plan[layer]
    if field not in frame.columns:
        return np.full(len(frame), "", dtype=object)
    column: pd.Series[Any] = frame[field]
    return np.asarray(column.astype("str").where(column.notna(), "").str.strip(), dtype=object)


def by_unit(plan: Plan, units: AreaUnits, layer: str, m2: Floats, where: Mask | None = None) -> Floats:
    """The area `m2` of the chosen features of a layer: in all, then per unit.

    A feature on a border is shared out by the area of its pieces. A feature without area and without a figure counts nothing.
    """
    weight = np.where(np.ones(len(m2), bool) if where is None else where, np.nan_to_num(m2), 0.0)
    feature, unit, _, piece_m2 = _pieces(plan, units, layer)
    whole = drawn_m2(plan, layer)[feature]
    share = np.divide(piece_m2, whole, out=np.zeros(len(feature)), where=whole > 0)
    return np.concatenate([[weight.sum()], np.bincount(unit, weight[feature] * share, len(units))])


def _pieces(plan: Plan, units: AreaUnits, layer: str) -> tuple[NDArray[np.int64], NDArray[np.int64], Objects, Floats]:
    """What the features of a layer share with the units: feature, unit, piece, its ellipsoidal area in m²."""

    def cut() -> tuple[NDArray[np.int64], NDArray[np.int64], Objects, Floats]:
        i, j, geometry = overlay.pieces(usable(plan, layer), units.polygons, valid=True)
        return i, units.unit_of[j], geometry, overlay.measured(geometry, plan.crs)

    found: tuple[NDArray[np.int64], NDArray[np.int64], Objects, Floats] = plan.memo(("pieces", layer, units.layer), cut)
    return found


def covered_m2(plan: Plan, units: AreaUnits, layer: str, mask: Objects, where: Mask) -> Floats:
    """The ellipsoidal area of the chosen features that the polygons `mask` cover: in all, then per unit.

    Ground that two polygons of the mask cover counts once.
    """
    feature, unit, geometry, piece_m2 = _pieces(plan, units, layer)
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
