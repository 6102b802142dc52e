"""What can be said of a stated witness without the rule that made it: its area, and where it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from gis.geometry import validity
from gis.geometry.area import edge_true
from gis.i18n import Text
from gis.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.decide.certificate import Stated
    from gis.model.finding import Finding
    from gis.model.plan import Plan

__all__ = ["AREA_M2", "NEAR_M", "SHARE", "same_places", "witness_faults"]

SHARE: Final = 1e-6
AREA_M2: Final = 0.01
"""Areas are equal to 1e-6 of themselves + 0.01 m²."""
NEAR_M: Final = 0.01
"""A witness lies at a feature that is no farther away."""

_FARTHEST_M: Final = 1e8
"""No projected coordinate of a plan is farther from its origin, zone prefix included."""


def witness_faults(
    stated: Sequence[Stated], plan: Plan, *, public: bool = False
) -> tuple[list[list[Text]], NDArray[np.float64]]:
    """What is wrong with each witness by itself, and its ellipsoidal area in m² (NaN where it is no area).

    Looked at are findings whose measure is the area of their ground: the witness is a valid polygon, its area is the measure, it
    lies at the features named, and these are in the plan. A public file has no witnesses to look at.
    """
    shapes = _shapes([each.geometry for each in stated])
    faults: list[list[Text]] = [[] for _ in stated]
    areas = np.full(len(stated), np.nan)
    if public:
        return faults, areas
    usable = _usable(shapes)
    for n in np.flatnonzero(~usable & ~shapely.is_missing(shapes)).tolist():
        faults[n].append(Text("文件中的图形无效", "the witness in the file is not valid"))
    ground = np.array([_is_ground(each) for each in stated], dtype=bool)
    for n in np.flatnonzero(ground & ~usable & shapely.is_missing(shapes)).tolist():
        faults[n].append(Text("文件中缺少图形", "the file has no witness of it"))
    polygonal = usable & (shapely.get_dimensions(shapes) == 2)
    areas[polygonal] = edge_true(shapes[polygonal], plan.crs)
    for n in np.flatnonzero(ground & usable).tolist():
        m2 = stated[n].measure * UNITS[stated[n].unit].size
        if not abs(np.nan_to_num(areas[n]) - m2) <= SHARE * abs(m2) + AREA_M2:
            faults[n].append(
                Text(
                    f"图形面积 {areas[n]:.3f} 平方米，与量值不符", f"the witness has {areas[n]:.3f} m², not the measure"
                )
            )
    for n, fault in _misplaced(stated, shapes, ground & usable, plan):
        faults[n].append(fault)
    return faults, areas


def _is_ground(each: Stated) -> bool:
    known = each.unit in UNITS and UNITS[each.unit].quantity == "area"
    return each.ground and known and bool(np.isfinite(each.measure))


def _usable(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Whether a geometry is valid and on the earth."""
    most = np.abs(shapely.bounds(shapes).reshape(-1, 4)).max(axis=1)  # NaN where it is none, or not finite
    near = most <= _FARTHEST_M
    near[near] = shapely.is_valid(shapes[near])
    return np.asarray(near)


def _shapes(geometries: Sequence[Any]) -> NDArray[np.object_]:
    return np.array([*geometries, None], dtype=object)[:-1]


def _misplaced(
    stated: Sequence[Stated], shapes: NDArray[np.object_], asked: NDArray[np.bool_], plan: Plan
) -> list[tuple[int, Text]]:
    """Witnesses that lie at none of the features named, and features that are not in the plan."""
    at, layers, ids = _named(stated, asked, plan)
    near, known = np.zeros(len(stated), bool), np.zeros(len(stated), bool)
    faults = []
    for layer in dict.fromkeys(layers):
        here = np.array([each == layer for each in layers])
        finding, frame = at[here], plan[layer]
        row = frame.index.get_indexer([each for each, own in zip(ids, here, strict=True) if own])
        lost = row < 0
        faults += [
            (int(n), Text(f"图层 {layer} 没有所列要素", f"layer {layer} lacks a feature it names"))
            for n in np.unique(finding[lost])
        ]
        used = np.unique(row[~lost])
        whole = validity.repaired(frame.geometry.to_numpy()[used])[0]
        shapely.prepare(whole)
        hit = shapely.dwithin(whole[np.searchsorted(used, row[~lost])], shapes[finding[~lost]], NEAR_M)
        known[finding[~lost]] = True
        near[finding[~lost][hit]] = True
    away = np.flatnonzero(known & ~near)
    return [*faults, *((int(n), Text("图形不在所列要素处", "the witness is not at the features named")) for n in away)]


def _named(
    stated: Sequence[Stated], asked: NDArray[np.bool_], plan: Plan
) -> tuple[NDArray[np.int64], list[str], list[str]]:
    """One row for each feature that a finding names in a layer of the plan: finding, layer, id."""
    rows = [
        (n, layer, id_)
        for n in np.flatnonzero(asked).tolist()
        for layer, ids in ((stated[n].layer, stated[n].features), (stated[n].other_layer, stated[n].others))
        if layer in plan
        for id_ in ids
        if id_
    ]
    return np.array([n for n, _, _ in rows], np.int64), [layer for _, layer, _ in rows], [id_ for *_, id_ in rows]


def same_places(stated: Sequence[Stated], again: Sequence[Finding | None]) -> NDArray[np.bool_]:
    """Whether each witness is another one than the rule gives now; False where the rule gives none.

    Areas are the same where what only one of them covers is within the tolerance, all else within `NEAR_M`.
    """
    old = _shapes([each.geometry for each in stated])
    new = shapely.force_2d(_shapes([None if each is None else each.geometry for each in again]))
    found = np.array([each is not None for each in again], dtype=bool)
    old = np.asarray(shapely.force_2d(old))
    moved = found & (shapely.is_missing(old) != shapely.is_missing(new))
    both = np.flatnonzero(found & ~shapely.is_missing(old) & ~shapely.is_missing(new))
    unlike = both[~shapely.equals_identical(old[both], new[both])]
    moved[unlike] = True
    sound = unlike[_usable(old[unlike]) & _usable(new[unlike])]
    flat = sound[(shapely.get_type_id(old[sound]) % 3 == 0) & (shapely.get_type_id(new[sound]) % 3 == 0)]
    flat = flat[(shapely.get_dimensions(old[flat]) == 2) & (shapely.get_dimensions(new[flat]) == 2)]
    apart = shapely.area(shapely.symmetric_difference(old[flat], new[flat]))
    moved[flat] = apart > SHARE * shapely.area(new[flat]) + AREA_M2
    rest = np.setdiff1d(sound, flat)
    moved[rest] = ~(shapely.hausdorff_distance(old[rest], new[rest]) <= NEAR_M)
    return np.asarray(moved, dtype=bool)
