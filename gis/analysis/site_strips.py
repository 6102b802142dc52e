"""A corridor kilometre by kilometre, and where it crosses a line (穿越清单: length × width)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely
import shapely.ops

from gis.analysis.quantities import usable
from gis.geometry import area, overlay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gis.analysis.site_frame import Sited
    from gis.model.plan import Plan

__all__ = ["CROSSING_COLUMNS", "STRIP_COLUMNS", "crossings", "strips"]

STRIP_COLUMNS: Final = ("parcel", "strip", "from_km", "to_km", "strip_m2", "layer", "area_m2")
CROSSING_COLUMNS: Final = ("parcel", "layer", "feature", "from_km", "to_km", "length_m", "width_m", "area_m2")
KILOMETRE_M: Final = 1000.0


def strips(plan: Plan, sited: Sited, layers: Sequence[str], length_m: float = KILOMETRE_M) -> pd.DataFrame:
    """Each corridor cut at every kilometre of its centre line: `STRIP_COLUMNS`, a row per strip and layer met ("" for the whole).

    The strips of a corridor add up to it: what lies at a bend between two is given to the nearer.
    """
    rows: list[tuple[Any, ...]] = []
    for parcel, centre, corridor, _ in _corridors(sited):
        marks, pieces = _cut(centre, corridor, plan.crs, length_m)
        whole = overlay.measured(pieces, plan.crs)
        found = {"": whole, **{layer: _taken(plan, layer, pieces) for layer in layers}}
        for n in range(len(pieces)):
            span = (parcel, n + 1, marks[n] / 1000, marks[n + 1] / 1000, whole[n])
            rows += [(*span, layer, m2[n]) for layer, m2 in found.items() if m2[n] > 0]
    return pd.DataFrame(rows, columns=list(STRIP_COLUMNS))


def crossings(plan: Plan, sited: Sited, layers: Sequence[str]) -> pd.DataFrame:
    """Each stretch of a centre line inside a feature of the layers: `CROSSING_COLUMNS`, in the order of the chainage.

    `length_m` is ellipsoidal, `width_m` the corridor's, `area_m2` what the corridor takes of the feature (with the first stretch
    of it, 0 with the others, so that the areas add up). A feature that only the side of the corridor meets has length 0.
    """
    rows: list[tuple[Any, ...]] = []
    for parcel, centre, corridor, width in _corridors(sited):
        total = float(area.lengths(np.array([centre], dtype=object), plan.crs)[0])
        for layer in layers:
            polygons = usable(plan, layer)
            near = np.flatnonzero(shapely.intersects(polygons, corridor))
            i, _, m2 = overlay.areas(polygons[near], np.array([corridor], dtype=object), crs=plan.crs, valid=True)
            for feature, taken in zip(near[i].tolist(), m2.tolist(), strict=True):
                name = str(plan[layer].index[feature])
                for n, (start, stop) in enumerate(_stretches(centre, polygons[feature], total)):
                    rows.append(
                        (parcel, layer, name, start / 1000, stop / 1000, stop - start, width, taken if n == 0 else 0.0)
                    )
    out = pd.DataFrame(rows, columns=list(CROSSING_COLUMNS))
    return out.sort_values(["parcel", "from_km", "layer", "feature"], kind="stable").reset_index(drop=True)


def _corridors(sited: Sited) -> Iterator[tuple[str, Any, Any, float]]:
    """Number, centre line, corridor and width of each parcel that was drawn as a line; several parts are joined where they meet."""
    parcels = sited.parcels
    for n, (name, centre) in enumerate(parcels["centre"].items()):
        if centre is not None and not shapely.is_missing(centre):
            line = shapely.line_merge(centre) if centre.geom_type == "MultiLineString" else centre
            yield str(name), line, parcels.geometry.iloc[n], float(parcels["width_m"].iloc[n])


def _stretches(centre: Any, polygon: Any, total: float) -> list[tuple[float, float]]:
    """From and to which chainage in m the line lies inside; one of length 0 beside it where it does not."""
    scale = total / centre.length
    parts = [
        each for each in shapely.get_parts(shapely.line_merge(shapely.intersection(centre, polygon))) if each.length > 0
    ]
    if not parts:
        at = (
            shapely.line_locate_point(centre, shapely.shortest_line(polygon, centre).interpolate(1, normalized=True))
            * scale
        )
        return [(at, at)]
    middle = shapely.line_locate_point(centre, shapely.line_interpolate_point(parts, 0.5, normalized=True)) * scale
    half = shapely.length(parts) * scale / 2
    return sorted(zip((middle - half).tolist(), (middle + half).tolist(), strict=True))


def _cut(centre: Any, corridor: Any, crs: Any, length_m: float) -> tuple[NDArray[np.float64], NDArray[np.object_]]:
    """The chainages in m at which the corridor is cut, and the pieces between them."""
    total = float(area.lengths(np.array([centre], dtype=object), crs)[0])
    count = max(1, int(np.ceil(total / length_m - 1e-9)))
    marks = np.minimum(np.arange(count + 1) * length_m, total)
    scale = centre.length / total
    lines = [shapely.ops.substring(centre, *(marks[n : n + 2] * scale)) for n in range(count)]
    reach = 2.0 * float(shapely.hausdorff_distance(centre, shapely.boundary(corridor))) + 1.0
    left, pieces = corridor, []
    for line in lines[:-1]:
        own = shapely.intersection(left, shapely.buffer(line, reach, cap_style="flat", join_style="mitre"))
        parts = shapely.get_parts(own)
        own = shapely.union_all(parts[shapely.distance(parts, line) == 0])
        pieces.append(own)
        left = shapely.difference(left, own)
    return marks, overlay.polygonal(np.array([*pieces, left], dtype=object))


def _taken(plan: Plan, layer: str, pieces: NDArray[np.object_]) -> NDArray[np.float64]:
    """The m² of each piece that the layer covers, once."""
    return np.asarray(
        np.nan_to_num(overlay.covered_share(pieces, usable(plan, layer), crs=plan.crs, valid=True))
        * overlay.measured(pieces, plan.crs)
    )
