"""The witnesses that a report carries, so that its reader's browser can work out the stated areas again.

A witness is carried where its area is the measure of the finding. Of an overlap of two layers the page has both sides too, cut to a
box around the witness, where they are small enough: then the overlap itself is worked out again, and not the witness alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from gis.analysis.quantities import usable
from gis.present.findings_certificate import placed_shapes
from gis.present.web_areas import areas_script, plane_for_page
from gis.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gis.model.finding import Finding
    from gis.model.plan import Plan

__all__ = ["PAGE_VERTICES", "SIDE_VERTICES", "Witnesses", "page_witnesses", "recompute_script", "script_hash"]

PAGE_VERTICES: Final = 200_000
"""How many vertices a page carries at most, about 8 MB."""
SIDE_VERTICES: Final = 1_000
"""How many vertices each side of an overlap may have, cut to the box around the witness."""
_ROOM_M: Final = 1.0
"""How far the box reaches beyond the witness."""


@dataclass(frozen=True, slots=True)
class Witnesses:
    """What a page carries: `rows` are the witnesses, `at` tells for a finding (by `id`) which is its own.

    asked   how many findings state the area of a place; those that have none in `rows` were too many or too large
    plane   the series of the plane's scale; None where areas cannot be worked out in a browser
    """

    rows: tuple[Mapping[str, Any], ...] = ()
    at: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    asked: int = 0
    plane: Mapping[str, Any] | None = None


def page_witnesses(plan: Plan, items: Sequence[Finding]) -> Witnesses:
    """The witnesses of these findings, the first as long as `PAGE_VERTICES` lasts.

    Invalid and lost witnesses, and measures that are no area of ground, have none.
    """
    own, shapes = plane_for_page(plan.crs), placed_shapes(items)
    chosen = [n for n, each in enumerate(items) if _is_area(each, shapes[n])]
    if own is None:
        return Witnesses(asked=len(chosen))
    rows: list[Mapping[str, Any]] = []
    at: dict[int, int] = {}
    left = PAGE_VERTICES
    for n in chosen:
        left -= int(shapely.get_num_coordinates(shapes[n]))
        if left < 0:
            break
        sides = _sides(plan, items[n], shapes[n])
        left -= sum(int(shapely.get_num_coordinates(each)) for each in sides)
        at[id(items[n])] = len(rows)
        rows.append(_row(items[n], shapes[n], sides if left >= 0 else ()))
    return Witnesses(tuple(rows), MappingProxyType(at), len(chosen), own)


@cache
def recompute_script() -> str:
    """The script that works out the areas again when the page is opened."""
    own = (files("gis.present") / "web" / "recompute.js").read_text(encoding="utf-8")
    return f"\n{areas_script()}\n{own}"


@cache
def script_hash() -> str:
    """The hash of that script as a content security policy has it: no other script runs in the page."""
    return "sha256-" + base64.b64encode(hashlib.sha256(recompute_script().encode("utf-8")).digest()).decode("ascii")


def _is_area(each: Finding, shape: Any) -> bool:
    known = each.unit in UNITS and UNITS[each.unit].quantity == "area"
    return bool(
        each.ground
        and known
        and np.isfinite(each.measure)
        and shapely.get_type_id(shape) in (3, 6)
        and shapely.is_valid(shape)
    )


def _row(each: Finding, shape: Any, sides: Sequence[Any]) -> dict[str, Any]:
    size = UNITS[each.unit].size
    row = {"m2": each.measure * size, "size": size, "shape": _plain(shape)}
    return row | ({"one": _plain(sides[0]), "other": _plain(sides[1])} if sides else {})


def _plain(shape: Any) -> Any:
    return json.loads(shapely.to_geojson(shape))


def _sides(plan: Plan, each: Finding, shape: Any) -> tuple[Any, ...]:
    """What each of the two layers has in the box around the witness; nothing where the witness is not all that they share there."""
    if not (each.layer in plan and each.other_layer in plan and each.features and each.others):
        return ()
    west, south, east, north = shapely.bounds(shape)
    box = shapely.box(west - _ROOM_M, south - _ROOM_M, east + _ROOM_M, north + _ROOM_M)
    sides = tuple(
        _cut(plan, layer, ids, box) for layer, ids in ((each.layer, each.features), (each.other_layer, each.others))
    )
    if any(side.geom_type not in ("Polygon", "MultiPolygon") for side in sides):
        return ()
    if max(map(shapely.get_num_coordinates, sides)) > SIDE_VERTICES:
        return ()
    both = shapely.area(shapely.intersection(*sides))
    return sides if abs(both - shapely.area(shape)) <= 1e-7 * both + 0.001 else ()


def _cut(plan: Plan, layer: str, ids: Sequence[str], box: Any) -> Any:
    """The features of a layer, united, as far as they lie in the box; empty where the layer lacks one of them."""
    row = plan[layer].index.get_indexer(list(ids))
    if (row < 0).any():
        return shapely.GeometryCollection()
    whole = usable(plan, layer)[row]
    return shapely.union_all(shapely.intersection(whole, box))
