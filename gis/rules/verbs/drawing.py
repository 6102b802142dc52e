"""Verbs on how features are drawn: validity, parts, spikes, needless vertices, extent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gis.analysis.quantities import drawn_m2, faulty, number, usable
from gis.geometry import area, overlay, shape, validity
from gis.i18n import Text
from gis.model.layers import LAYERS
from gis.rules.base import Places
from gis.rules.verbs.places import shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.model.plan import Plan

    Objects = NDArray[np.object_]

__all__ = [
    "compactness",
    "crowded",
    "drawn_geometry",
    "extent",
    "faults",
    "filled",
    "holes",
    "length_m",
    "mean_width_m",
    "part_count",
    "spikes",
]

_FAULT_KINDS: Final = {
    "polygon": Text("不是面图形", "not a polygon"),
    "line": Text("不是线图形", "not a line"),
    "point": Text("不是点图形", "not a point"),
    "any": Text("图形类型不可用", "not a point, line or polygon"),
}


def extent(plan: Plan, layer: str) -> tuple[float, float, float, float] | None:
    """Bounds (min x, min y, max x, max y) of a layer in the plan's CRS; None where no feature has finite coordinates."""
    each = plan[layer].geometry.bounds.to_numpy(dtype=float)
    each = each[np.isfinite(each).all(axis=1)]
    if not len(each):
        return None
    low, high = each[:, :2].min(axis=0), each[:, 2:].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def drawn_geometry(plan: Plan, layer: str) -> Objects:
    """The features with the vertices they were drawn with, in the plan's CRS; no vertex added where edges were cut."""
    source = plan.source(layer).geometry
    if source is None:
        return np.asarray(plan[layer].geometry.to_numpy(), dtype=object)
    vertices: Objects = plan.memo(("vertices", layer), lambda: np.asarray(source.to_crs(plan.crs).to_numpy(), object))
    return vertices


def _drawn_usable(plan: Plan, layer: str) -> Objects:
    """`drawn_geometry` with faults repaired."""
    if plan.source(layer).geometry is None:
        return usable(plan, layer)
    geometry: Objects = plan.memo(("usable vertices", layer), lambda: validity.repaired(drawn_geometry(plan, layer))[0])
    return geometry


def faults(plan: Plan, layer: str) -> Places:
    """The features whose geometry is missing, empty, of another kind than the layer's, not finite or not valid.

    The witness is the place of the fault where there is one; the word `fault` says what is wrong.
    """
    geometry: Objects = np.asarray(plan[layer].geometry.to_numpy(), dtype=object)
    asked = np.arange(len(geometry))
    if LAYERS[layer].is_polygon:  # of those that were not repaired and have an area none is at fault
        asked = np.flatnonzero(faulty(plan, layer) | ~(drawn_m2(plan, layer) > 0))
    codes, _, places = validity.reasons(geometry[asked], kind=LAYERS[layer].geometry)
    faulted = codes != ""
    bad, codes, places = asked[faulted], codes[faulted], places[faulted]
    kind = np.array([_FAULT_KINDS[LAYERS[layer].geometry] if c == "wrong_type" else validity.FAULTS[c] for c in codes])
    return shapes(plan, layer, bad, places, fault=kind)


def mean_width_m(plan: Plan, layer: str) -> NDArray[np.float64]:
    """Twice the area over the perimeter of each feature in metres; NaN where there is no area."""
    return shape.mean_width(usable(plan, layer))


def compactness(places: Places) -> NDArray[np.float64]:
    """4π · area / perimeter² of each place's geometry: 1 for a circle, less the longer its boundary; NaN without area.

    Source: polsby-popper-1991
    """
    return shape.compactness(places.geometry)


def length_m(plan: Plan, layer: str, field: str = "length_m") -> NDArray[np.float64]:
    """The length in metres that each line states in `field`, else its ellipsoidal length."""
    stated = number(plan, layer, field)
    return np.where(np.isnan(stated), area.lengths(plan[layer].geometry.to_numpy(), plan.crs), stated)


def part_count(plan: Plan, layer: str) -> NDArray[np.int64]:
    """How many polygons each feature consists of; 0 where it is none."""
    return shape.parts(plan[layer].geometry.to_numpy())


def spikes(plan: Plan, layer: str, angle_deg: float) -> Places:
    """The vertices, as drawn, where a boundary turns back within `angle_deg`; the measure is the angle in degrees."""
    geometry = _drawn_usable(plan, layer)
    index, tip = shape.spikes(geometry, angle_deg)
    return shapes(plan, layer, index, tip, shape.tip_angles(geometry[index], tip))


def crowded(plan: Plan, layer: str, min_m: float, **words: Any) -> Places:
    """The features that repeat a vertex, or have an edge shorter than `min_m`, as drawn; the measure counts the places."""
    geometry = _drawn_usable(plan, layer)
    feature, places, count = shape.crowded(geometry, min_m)
    return shapes(plan, layer, feature, places, count, **words)


def holes(plan: Plan, layer: str) -> Places:
    """Every hole in the polygons of a layer, as a polygon; the measure is its ellipsoidal area in m²."""
    feature, hole = shape.holes(usable(plan, layer))
    return shapes(plan, layer, feature, hole, overlay.measured(hole, plan.crs))


def filled(plan: Plan, places: Places, masks: Sequence[Objects]) -> NDArray[np.float64]:
    """The share, 0 to 1, of each place that polygons from `usable` cover; 0 where there are none."""
    mask = np.concatenate([np.empty(0, object), *masks])
    return np.nan_to_num(overlay.covered_share(places.geometry, mask, crs=plan.crs, valid=True))
