"""What is wrong with a polygon, where, and a stated repair."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.errors import AnalysisError
from gis.geometry import parallel
from gis.geometry._flat import Objects, as_geometries, finite, listed
from gis.geometry.overlay import polygonal
from gis.i18n import Text

__all__ = ["FAULTS", "checked", "finite", "reasons", "repaired"]

FAULTS: Final[dict[str, Text]] = {
    "": Text("", ""),
    "null": Text("没有图形", "no geometry"),
    "empty": Text("图形为空", "empty geometry"),
    "wrong_type": Text("不是面图形", "not a polygon"),
    "non_finite": Text("坐标含无效数值（NaN 或无穷）", "a coordinate is not a finite number"),
    "self_intersection": Text("边界自相交", "the boundary crosses itself"),
    "ring_self_intersection": Text("环在一点自接触，切断内部或重复经过", "a ring touches itself in a point"),
    "nested_holes": Text("内环嵌套", "a hole lies inside another hole"),
    "hole_outside": Text("内环在外环之外", "a hole lies outside its shell"),
    "nested_parts": Text("部件互相嵌套", "a part lies inside another part"),
    "disconnected": Text("内部不连通", "the interior is in several pieces"),
    "duplicate_rings": Text("环重复", "a ring occurs twice"),
    "too_few_points": Text("环的顶点不足", "a ring has too few distinct points"),
    "other": Text("图形无效", "invalid geometry"),
}
"""Fault codes and their wording; the empty code is no fault."""

_GEOS: Final = {
    "Self-intersection": "self_intersection",
    "Ring Self-intersection": "ring_self_intersection",
    "Holes are nested": "nested_holes",
    "Nested holes": "nested_holes",
    "Hole lies outside shell": "hole_outside",
    "Nested shells": "nested_parts",
    "Interior is disconnected": "disconnected",
    "Duplicate Rings": "duplicate_rings",
    "Too few points in geometry component": "too_few_points",
}
_PLACE: Final = re.compile(r"^(?P<what>[^\[]*)\[(?P<x>\S+) (?P<y>\S+?)(?: \S+)*\]$")
_POLYGONAL: Final = (3, 6)
_TYPES: Final = {"polygon": _POLYGONAL, "line": (1, 2, 5), "point": (0, 4), "any": tuple(range(7))}

Codes = NDArray[np.object_]


def reasons(polygons: Any, *, kind: str = "polygon") -> tuple[Codes, Codes, Objects]:
    """What is wrong with each feature: fault code ("" for none), wording (`Text`), and the place as a Point or None.

    `kind`: what the features ought to be: polygon, line, point, or any of these.
    Every feature has exactly one code, the first that applies of null, wrong type, empty, not finite, invalid.
    GEOS names one place per feature, so a feature with several faults shows the next one after repair of the first.

    Example:
        >>> import shapely
        >>> codes, texts, places = reasons([shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), None])
        >>> codes.tolist(), texts[0].en, places[0].wkt
        (['self_intersection', 'null'], 'the boundary crosses itself', 'POINT (1 1)')
    """
    array = as_geometries(polygons)
    codes = np.full(len(array), "", object)
    places = np.full(len(array), None, object)
    invalid = np.flatnonzero(~(_fine(array) | shapely.is_missing(array)))
    for number, said in zip(invalid, shapely.is_valid_reason(array[invalid]), strict=True):
        codes[number], places[number] = _explained(said)
    wrong_number = invalid[~finite(array[invalid])]
    codes[wrong_number], places[wrong_number] = "non_finite", _first_finite(array[wrong_number])
    codes[shapely.is_empty(array)] = "empty"
    codes[~np.isin(shapely.get_type_id(array), _POLYGONAL)] = "wrong_type"
    _accept(codes, array, kind)
    codes[shapely.is_missing(array)] = "null"
    places[np.isin(codes, ("null", "empty"))] = None
    texts = np.full(len(array), FAULTS[""], object)
    bad = np.flatnonzero(codes != "")
    texts[bad] = [FAULTS[code] for code in codes[bad]]
    return codes, texts, places


def _accept(codes: Codes, array: Objects, kind: str) -> None:
    """Take back the fault of those that are no polygons and need not be; in a layer of lines or points, polygons are one."""
    type_ = shapely.get_type_id(array)
    meant = np.flatnonzero(np.isin(type_, _TYPES[kind]) & (codes == "wrong_type"))
    codes[meant] = np.where(finite(array[meant]), "", "non_finite")
    if kind in ("line", "point"):
        codes[np.isin(type_, _POLYGONAL)] = "wrong_type"


def repaired(polygons: Any) -> tuple[Objects, NDArray[np.bool_]]:
    """Features fit for overlay and whether each was changed; the repair is for calculation, never for hand-in.

    Invalid polygons: `make_valid` by structure (shell minus holes; collapsed rings dropped), polygonal part only; what
    nothing is left of becomes an empty polygon. Other types, and polygons with a coordinate that is not finite: an empty
    polygon. None and valid polygons stay as they are, the same objects.

    Example:
        >>> import shapely
        >>> geometry, changed = repaired([shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)]), shapely.box(0, 0, 1, 1)])
        >>> shapely.area(geometry).tolist(), changed.tolist()
        ([2.0, 1.0], [True, False])
    """
    array = as_geometries(polygons)
    out = array.copy()
    there, flat = ~shapely.is_missing(array), np.isin(shapely.get_type_id(array), _POLYGONAL)
    broken = there & flat & ~_fine(array)
    lost = there & ~flat
    lost[broken] = ~finite(array[broken])
    broken &= ~lost
    out[lost] = shapely.Polygon()
    out[broken] = polygonal(shapely.make_valid(array[broken], method="structure", keep_collapsed=False))
    return out, lost | broken


def checked(polygons: Any, *, valid: bool = False) -> Objects:
    """The polygons and multipolygons of a layer, for kernels that need them valid; `valid` says that they are, and spares asking.

    None, empty, points and lines become None; of a collection its polygons remain.

    Raises: AnalysisError if a polygon is invalid.

    Example:
        >>> import shapely
        >>> checked([shapely.box(0, 0, 2, 1), shapely.Point(1, 1), None])[1:].tolist()
        [None, None]
    """
    layer = polygonal(polygons)
    layer[shapely.is_empty(layer)] = None
    if not valid:
        chunks = parallel.slices(len(layer), chunk=16_384)
        fine = np.concatenate([np.empty(0, bool), *parallel.run(lambda each: shapely.is_valid(layer[each]), chunks)])
        _refuse(np.flatnonzero(~(fine | shapely.is_missing(layer))))
    return layer


def _refuse(bad: NDArray[np.int64]) -> None:
    if len(bad):
        raise AnalysisError(
            f"图层中有 {len(bad)} 个无效多边形（序号 {listed(bad)}）。请先用 geometry.validity.repaired 修复或剔除。",
            f"The layer has {len(bad)} invalid polygons (numbers {listed(bad)}). "
            "Repair them with geometry.validity.repaired or set them aside first.",
        )


def _fine(array: Objects) -> NDArray[np.bool_]:
    """Whether each geometry is valid, asked on all threads; no polygon with a coordinate that is no finite number is."""
    chunks = parallel.slices(len(array))
    fine = parallel.run(lambda part: shapely.is_valid(array[part]), chunks)
    return np.concatenate([np.empty(0, bool), *fine])


def _first_finite(array: Objects) -> Objects:
    """The first usable vertex of each feature as a Point; None where there is none."""
    xy, feature = shapely.get_coordinates(array, return_index=True)
    good = np.isfinite(xy).all(axis=1)
    owner, first = np.unique(feature[good], return_index=True)
    out = np.full(len(array), None, object)
    out[owner] = shapely.points(xy[good][first])
    return out


def _explained(said: str) -> tuple[str, Any]:
    """Code and place of one GEOS message such as `Self-intersection[1 1]`."""
    match = _PLACE.match(said)
    if match is None:
        return _GEOS.get(said, "other"), None
    place = shapely.Point(float(match["x"]), float(match["y"]))
    return _GEOS.get(match["what"].strip(), "other"), place
