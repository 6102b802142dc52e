"""Verbs on the ground that layers cover: together, twice, not at all, outside one another."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gis.analysis.quantities import drawn_m2, usable
from gis.crs import metres_per_unit
from gis.geometry import area, coverage, lines, locate, overlay
from gis.model.lacking import no_layer
from gis.model.layers import LAYERS, layer_title
from gis.rules.base import NotRun, Places
from gis.rules.verbs.places import faces, ids, judged_width, shapes

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gis.model.plan import Plan

    Objects = NDArray[np.object_]
    Mask = NDArray[np.bool_] | pd.Series[Any]

__all__ = [
    "gaps", "inside", "lengths_inside", "located_in", "near", "outside", "outside_of", "overlaps", "overlaps_of", "rest",
    "stacked", "uncovered",
]  # fmt: skip

_AROUND_M: Final = 1000.0


def overlaps(
    plan: Plan, layer: str, other: str, *, where: Mask | None = None, other_where: Mask | None = None, **words: Any
) -> Places:
    """The faces where the chosen features of two layers cover the same ground: one per connected face, not per pair."""
    mine, theirs = usable(plan, layer, where), usable(plan, other, other_where)
    i, j, shared = overlay.pieces(mine, theirs, valid=True)
    owner, parts = overlay.exploded(shared)
    return faces(plan, layer, parts, ids(plan, layer)[i[owner]], other, ids(plan, other)[j[owner]], **words)


def overlaps_of(plan: Plan, layer: str, mine: Objects, other: str, theirs: Objects, **words: Any) -> Places:
    """As `overlaps`, of polygons that stand for the features of the two layers row by row (see `rest`)."""
    i, j, shared = overlay.pieces(mine, theirs, valid=True)
    owner, parts = overlay.exploded(shared)
    return faces(plan, layer, parts, ids(plan, layer)[i[owner]], other, ids(plan, other)[j[owner]], **words)


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
        return faces(plan, layer, parts, names[np.concatenate([np.empty(0, np.int64), *members])], **words)
    i, j, shared = overlay.within_layer(usable(plan, layer, where), valid=True)
    owner, parts = overlay.exploded(shared)
    both = np.concatenate([names[i[owner]], names[j[owner]]])
    return faces(plan, layer, np.concatenate([parts, parts]), both, **words)


def outside(plan: Plan, layer: str, *masks: str, where: Mask | None = None, **words: Any) -> Places:
    """The faces of the chosen features that no feature of the layers `masks` covers.

    With several masks a mask the plan lacks counts as empty; at least one must be there.
    """
    have = [each for each in masks if each in plan]
    if not have:
        raise NotRun(no_layer(*masks))
    mask = np.concatenate([usable(plan, each) for each in have])
    return outside_of(plan, layer, mask, other=masks[0], where=where, **words)


def outside_of(
    plan: Plan, layer: str, mask: Objects, *, other: str = "", where: Mask | None = None, **words: Any
) -> Places:
    """The faces of the chosen features that the polygons `mask`, from `usable`, do not cover; `other` names their layer."""
    i, left = overlay.outside(usable(plan, layer, where), mask, valid=True)
    owner, parts = overlay.exploded(left)
    return faces(plan, layer, parts, ids(plan, layer)[i[owner]], other, **words)


def rest(plan: Plan, layer: str, mask: Objects, where: Mask | None = None) -> Objects:
    """What the polygons `mask` leave of each chosen feature, one per row; None where nothing is left, or it is not chosen."""
    index, left = overlay.outside(usable(plan, layer, where), mask, valid=True)
    out = np.full(len(plan[layer]), None, dtype=object)
    out[index] = left
    return out


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
        width=judged_width(plan, found.geometry[empty], layer),
        words=words,
    )


def uncovered(plan: Plan, layer: str, mask: str, *, where: Mask | None = None, **words: Any) -> Places:
    """The faces of the layer `mask` that the chosen features of a coverage leave open; the neighbours are the features.

    The ground around the mask joins the coverage, so that what is open at the edge of the mask is enclosed too.
    """
    ground = usable(plan, mask)
    if not np.nansum(drawn_m2(plan, mask)) > 0:
        raise NotRun(f"图层{layer_title(mask).zh}没有图形", f"layer {layer_title(mask).en} has no geometry")
    found = coverage.faces_within(
        usable(plan, layer, where), ground, around=_AROUND_M / metres_per_unit(plan.crs), valid=True
    )
    empty = np.flatnonzero(found.count == 0)
    names = ids(plan, layer)
    members = (found.members[each][found.members[each] < len(names)] for each in empty)
    return Places(
        layer,
        tuple(tuple(names[each]) or ("",) for each in members),
        found.geometry[empty],
        overlay.measured(found.geometry[empty], plan.crs),
        mask,
        width=judged_width(plan, found.geometry[empty], layer, mask),
        words=words,
    )


def inside(
    plan: Plan, layer: str, mask: Objects, *, other: str = "", where: Mask | None = None, **words: Any
) -> Places:
    """The parts of lines, and the points, of the chosen features that the polygons `mask` hold; one place per feature.

    The measure is the ellipsoidal length in metres, 0 for points.
    """
    geometry = plan[layer].geometry.to_numpy()
    chosen = geometry if where is None else np.where(np.asarray(where, dtype=bool), geometry, None)
    index, part = lines.inside(chosen, mask, valid=True)
    return replace(shapes(plan, layer, index, part, area.lengths(part, plan.crs), **words), other_layer=other)


def lengths_inside(plan: Plan, layer: str, mask: Objects, where: Mask | None = None) -> NDArray[np.float64]:
    """Ellipsoidal length in metres of each of the chosen lines, as far as the polygons `mask` hold it; 0 for the others."""
    held = inside(plan, layer, mask, where=where)
    out = np.zeros(len(plan[layer]))
    out[plan[layer].index.get_indexer([each[0] for each in held.features])] = held.measure
    return out


def near(plan: Plan, layer: str, metres: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (i, j), i < j, of row numbers of features at most `metres` apart in the plane of the plan."""
    return lines.near(plan[layer].geometry.to_numpy(), metres / metres_per_unit(plan.crs))


def _inner_points(plan: Plan, layer: str) -> Objects:
    points: Objects = plan.memo(("inner points", layer), lambda: locate.inner_points(plan[layer].geometry.to_numpy()))
    return points


def located_in(plan: Plan, layer: str, container: str) -> NDArray[np.object_]:
    """For each feature the id of the feature of `container` that holds a point well inside it; None where there is none."""
    at = plan.memo(
        ("located", layer, container),
        lambda: locate.containing(_inner_points(plan, layer), usable(plan, container)),
    )
    names: Objects = np.concatenate([ids(plan, container), np.array([None], dtype=object)])
    found: Objects = names[at]
    return found
