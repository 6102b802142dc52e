"""The verbs: the only way a rule reaches geometry. Each has a stated reach and an answer that knows no order.

rows        features whose attributes offend                       reach: the feature itself
overlaps    faces where two layers cover the same ground           reach: what touches
stacked     faces that two features of one layer cover             reach: what touches
outside     faces of a layer that no other layer covers            reach: what touches
gaps        faces enclosed by a coverage that nothing covers       reach: the layer
shapes      places given by a measure of each feature's shape      reach: the feature itself
total       one figure for a whole layer against its target        reach: sums
faults      features whose geometry is not valid                   reach: the feature itself
spikes      vertices where a boundary turns back on itself         reach: the feature itself
crowded     features with repeated or nearly repeated vertices     reach: the feature itself
uncovered   faces of a mask that a coverage leaves open            reach: what touches

Beside them the quantities that rules sum up: `official_m2`, `drawn_m2`, `stated_m2`.
Polygons that are not valid are set aside by a stated repair (`usable`), so the kernels need not ask again (`valid=True`);
rule TP01 reports them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.crs import metres_per_unit
from gis.geometry import area, coverage, locate, overlay, shape, validity
from gis.i18n import Text
from gis.model.layers import LAYERS, layer_title
from gis.rules.base import NotRun, Places
from gis.rules.judge import numeric_width, survey_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.model.finding import Severity
    from gis.model.plan import Plan

    Objects = NDArray[np.object_]
    Mask = NDArray[np.bool_] | pd.Series[Any]

__all__ = [
    "drawn_m2", "gaps", "ids", "located_in", "official_m2", "outside", "overlaps", "rows", "shapes", "stacked", "stated_m2",
    "total", "usable",
]  # fmt: skip

_FAULT_KINDS: Final = {
    "polygon": Text("不是面图形", "not a polygon"),
    "line": Text("不是线图形", "not a line"),
    "point": Text("不是点图形", "not a point"),
    "any": Text("图形类型不可用", "not a point, line or polygon"),
}
_AROUND_M: Final = 1000.0


def ids(plan: Plan, layer: str) -> NDArray[np.object_]:
    """The feature ids of a layer, one per row."""
    return np.asarray(plan[layer].index.astype("str"), dtype=object)


def usable(plan: Plan, layer: str, where: Mask | None = None) -> Objects:
    """The polygons of a layer, one per row, fit for overlay; rows that are not chosen, or are no area, are None.

    Invalid polygons are repaired (`validity.repaired`), so that one fault hides no other.
    """
    geometry: Objects = plan.memo(("usable", layer), lambda: validity.repaired(plan[layer].geometry.to_numpy())[0])
    if where is None:
        return geometry
    picked = geometry.copy()
    picked[~np.asarray(where, dtype=bool)] = None
    return picked


def official_m2(plan: Plan, layer: str) -> NDArray[np.float64]:
    """Official area of each feature, by the survey formula on the vertices as they were drawn."""
    source = plan.source(layer).geometry
    as_drawn = plan[layer].geometry if source is None else source
    m2: NDArray[np.float64] = plan.memo(("official", layer), lambda: area.official(as_drawn.to_numpy(), as_drawn.crs))
    return m2


def drawn_m2(plan: Plan, layer: str) -> NDArray[np.float64]:
    """Ellipsoidal area of each feature as it is drawn, faults repaired; NaN where there is no area."""
    m2: NDArray[np.float64] = plan.memo(("drawn", layer), lambda: overlay.measured(usable(plan, layer), plan.crs))
    return m2


def stated_m2(plan: Plan, layer: str) -> NDArray[np.float64]:
    """The area each feature states; where it states none, its official area."""
    frame = plan[layer]
    if "area_m2" not in frame:
        return official_m2(plan, layer)
    stated = pd.to_numeric(frame["area_m2"], errors="coerce").to_numpy(dtype=float)
    return np.where(np.isfinite(stated), stated, official_m2(plan, layer))


def rows(
    plan: Plan, layer: str, bad: Mask, *, measure: Any = None, severity: Severity | None = None, **words: Any
) -> Places:
    """The features for which `bad` is true, with their geometry; `words` and `measure` are one per row, or one for all."""
    chosen = np.asarray(pd.Series(bad).fillna(False), dtype=bool)
    frame = plan[layer]
    size = np.full(len(frame), np.nan) if measure is None else np.broadcast_to(np.asarray(measure, float), len(frame))
    return Places(
        layer,
        tuple((each,) for each in ids(plan, layer)[chosen]),
        np.asarray(frame.geometry.to_numpy()[chosen], dtype=object),
        size[chosen],
        words={name: _picked(word, chosen) for name, word in words.items()},
        severity=severity,
    )


def _picked(word: Any, chosen: NDArray[np.bool_]) -> Any:
    """One value per chosen row where there is one per row; a single value stays."""
    per_row = isinstance(word, pd.Series | np.ndarray | list | tuple) and len(word) == len(chosen)
    return np.asarray(word, dtype=object)[chosen] if per_row else word


def overlaps(
    plan: Plan, layer: str, other: str, *, where: Mask | None = None, other_where: Mask | None = None, **words: Any
) -> Places:
    """The faces where the chosen features of two layers cover the same ground: one per connected face, not per pair."""
    mine, theirs = usable(plan, layer, where), usable(plan, other, other_where)
    i, j, shared = overlay.pieces(mine, theirs, valid=True)
    owner, parts = overlay.exploded(shared)
    return _faces(plan, layer, parts, ids(plan, layer)[i[owner]], other, ids(plan, other)[j[owner]], **words)


def stacked(plan: Plan, layer: str, *, where: Mask | None = None, **words: Any) -> Places:
    """The faces that two or more of the chosen features of one layer cover.

    In a layer that ought to cover the ground once, edges that cancel cost next to nothing; elsewhere few features meet.
    """
    names = ids(plan, layer)
    if LAYERS[layer].no_gap:
        found = coverage.faces(usable(plan, layer, where), valid=True)
        several = found.overlaps()
        members = [found.members[each] for each in several]
        parts = np.repeat(found.geometry[several], [len(each) for each in members])
        return _faces(plan, layer, parts, names[np.concatenate([np.empty(0, np.int64), *members])], **words)
    i, j, shared = overlay.within_layer(usable(plan, layer, where), valid=True)
    owner, parts = overlay.exploded(shared)
    both = np.concatenate([names[i[owner]], names[j[owner]]])
    return _faces(plan, layer, np.concatenate([parts, parts]), both, **words)


def outside(plan: Plan, layer: str, *masks: str, where: Mask | None = None, **words: Any) -> Places:
    """The faces of the chosen features that no feature of the layers `masks` covers.

    With several masks a mask the plan lacks counts as empty; at least one must be there.
    """
    have = [each for each in masks if each in plan]
    if not have:
        raise NotRun(f"缺少图层：{'、'.join(masks)}", f"missing layers: {', '.join(masks)}")
    mask = np.concatenate([usable(plan, each) for each in have])
    return outside_of(plan, layer, mask, other=masks[0], where=where, **words)


def outside_of(
    plan: Plan, layer: str, mask: Objects, *, other: str = "", where: Mask | None = None, **words: Any
) -> Places:
    """The faces of the chosen features that the polygons `mask`, from `usable`, do not cover; `other` names their layer."""
    i, left = overlay.outside(usable(plan, layer, where), mask, valid=True)
    owner, parts = overlay.exploded(left)
    return _faces(plan, layer, parts, ids(plan, layer)[i[owner]], other, **words)


def gaps(plan: Plan, layer: str, *, where: Mask | None = None, **words: Any) -> Places:
    """The faces that the chosen features of a layer enclose and none covers; the neighbours are the features."""
    found = coverage.faces(usable(plan, layer, where), valid=True)
    empty = np.flatnonzero(found.count == 0)
    names = ids(plan, layer)
    return Places(
        layer,
        tuple(tuple(names[found.members[each]]) for each in empty),
        found.geometry[empty],
        overlay.measured(found.geometry[empty], plan.crs),
        width=_width(plan, found.geometry[empty], layer),
        words=words,
    )


def shapes(
    plan: Plan, layer: str, index: NDArray[np.int64], geometry: Objects, measure: Any = None, **words: Any
) -> Places:
    """The features numbered `index`, each with its own witness geometry and measure."""
    size = np.full(len(index), np.nan) if measure is None else np.asarray(measure, float)
    return Places(layer, tuple((each,) for each in ids(plan, layer)[index]), geometry, size, words=words)


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


def located_in(plan: Plan, layer: str, container: str) -> NDArray[np.object_]:
    """For each feature the id of the feature of `container` that holds a point well inside it; None where there is none."""
    at = plan.memo(
        ("located", layer, container),
        lambda: locate.containing(plan[layer].geometry.to_numpy(), usable(plan, container)),
    )
    names: Objects = np.concatenate([ids(plan, container), np.array([None], dtype=object)])
    found: Objects = names[at]
    return found


def polygon_layers(plan: Plan, quality: str = "is_polygon") -> tuple[str, ...]:
    """The plan's polygon layers that have the quality, empty ones left out."""
    return tuple(each for each in plan.where(quality) if LAYERS[each].is_polygon and len(plan[each]))


def _faces(
    plan: Plan, layer: str, parts: Objects, mine: Objects, other: str = "", theirs: Objects | None = None, **words: Any
) -> Places:
    """The connected faces of `parts`, each with the features that take part, the largest share first."""
    if not len(parts):
        return Places(layer, (), parts, np.empty(0), other, width=np.empty(0), words=words)
    face, faces = overlay.merged(parts, valid=True)
    size = overlay.measured(parts, plan.crs)
    return Places(
        layer,
        _members(face, mine, size, len(faces)),
        faces,
        overlay.measured(faces, plan.crs),
        other,
        _members(face, theirs, size, len(faces)) if theirs is not None else (),
        width=_width(plan, faces, layer, other),
        words=words,
    )


def _width(plan: Plan, faces: Objects, layer: str, other: str = "") -> NDArray[np.float64]:
    """Widths in metres for the judge: on the right side of both widths that it compares with."""
    limits = numeric_width(plan, layer, other), survey_width(plan, layer, other)
    return shape.width(faces, at_least=[np.nextafter(each, np.inf) for each in limits])


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


def faults(plan: Plan, layer: str) -> Places:
    """The features whose geometry is missing, empty, of another kind than the layer's, not finite or not valid.

    The witness is the place of the fault where there is one; the word `fault` says what is wrong.
    """
    geometry: Objects = np.asarray(plan[layer].geometry.to_numpy(), dtype=object)
    codes, _, places = validity.reasons(geometry, kind=LAYERS[layer].geometry)
    bad = np.flatnonzero(codes != "")
    kind = np.array(
        [_FAULT_KINDS[LAYERS[layer].geometry] if c == "wrong_type" else validity.FAULTS[c] for c in codes[bad]]
    )
    return shapes(plan, layer, bad, places[bad], fault=kind)


def mean_width_m(plan: Plan, layer: str) -> NDArray[np.float64]:
    """Twice the area over the perimeter of each feature in metres; NaN where there is no area."""
    return shape.mean_width(usable(plan, layer))


def part_count(plan: Plan, layer: str) -> NDArray[np.int64]:
    """How many polygons each feature consists of; 0 where it is none."""
    return shape.parts(plan[layer].geometry.to_numpy())


def spikes(plan: Plan, layer: str, angle_deg: float) -> Places:
    """The vertices, as drawn, where a boundary turns back within `angle_deg`; the measure is the angle in degrees."""
    geometry = validity.repaired(drawn_geometry(plan, layer))[0]
    index, tip = shape.spikes(geometry, angle_deg)
    return shapes(plan, layer, index, tip, shape.tip_angles(geometry[index], tip))


def crowded(plan: Plan, layer: str, min_m: float, **words: Any) -> Places:
    """The features that repeat a vertex, or have an edge shorter than `min_m`, as drawn; the measure counts the places."""
    geometry = validity.repaired(drawn_geometry(plan, layer))[0]
    feature, places, count = shape.crowded(geometry, min_m)
    return shapes(plan, layer, feature, places, count, **words)


def uncovered(plan: Plan, layer: str, mask: str, *, where: Mask | None = None, **words: Any) -> Places:
    """The faces of the layer `mask` that the chosen features of a coverage leave open; the neighbours are the features.

    The ground around the mask joins the coverage, so that what is open at the edge of the mask is enclosed too.
    """
    ground = usable(plan, mask)
    if not np.nansum(drawn_m2(plan, mask)) > 0:
        raise NotRun(f"图层{layer_title(mask).zh}没有图形", f"layer {mask} has no geometry")
    found = coverage.faces_within(usable(plan, layer, where), ground, around=_AROUND_M / metres_per_unit(plan.crs))
    empty = np.flatnonzero(found.count == 0)
    names = ids(plan, layer)
    members = (found.members[each][found.members[each] < len(names)] for each in empty)
    return Places(
        layer,
        tuple(tuple(names[each]) or ("",) for each in members),
        found.geometry[empty],
        overlay.measured(found.geometry[empty], plan.crs),
        mask,
        width=_width(plan, found.geometry[empty], layer, mask),
        words=words,
    )
