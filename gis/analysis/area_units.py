"""Areas by area unit: how much of a layer lies in the whole plan and in each administrative unit.

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

from gis.analysis.quantities import drawn_m2, usable
from gis.geometry import overlay
from gis.i18n import Text

if TYPE_CHECKING:
    from gis.model.plan import Plan

__all__ = ["WHOLE", "AreaUnits", "area_units", "by_unit", "pieces", "text"]

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
Mask = NDArray[np.bool_]

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
    feature, unit, _, piece_m2 = pieces(plan, units, layer)
    whole = drawn_m2(plan, layer)[feature]
    share = np.divide(piece_m2, whole, out=np.zeros(len(feature)), where=whole > 0)
    return np.concatenate([[weight.sum()], np.bincount(unit, weight[feature] * share, len(units))])


def pieces(plan: Plan, units: AreaUnits, layer: str) -> tuple[NDArray[np.int64], NDArray[np.int64], Objects, Floats]:
    """What the features of a layer share with the units: feature, unit, piece, its ellipsoidal area in m²."""

    def cut() -> tuple[NDArray[np.int64], NDArray[np.int64], Objects, Floats]:
        i, j, geometry = overlay.pieces(usable(plan, layer), units.polygons, valid=True)
        return i, units.unit_of[j], geometry, overlay.measured(geometry, plan.crs)

    found: tuple[NDArray[np.int64], NDArray[np.int64], Objects, Floats] = plan.memo(("pieces", layer, units.layer), cut)
    return found
