"""How layers of the invented city are made: unions of faces with unique ids, and areas that close to a control total."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from gis.analysis import adjustment
from gis.demo.coverage import components, dissolved
from gis.demo.ground import Ground
from gis.demo.names import CITY_CODE
from gis.demo.parcels import Faces
from gis.demo.terrain import Floats, Ints
from gis.geometry.area import official
from gis.standards import layer_table

__all__ = ["CRS", "adjusted", "frame", "regions", "rounded_area"]

CRS = "EPSG:4549"
Geometries = NDArray[np.object_]
MANY = 100  # faces of a region from which on its outline is quicker than their union


def frame(layer: str, geometry: Any, columns: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """A layer whose index is its key (area_code for administrative areas, else the 18-digit feature_id).

    The feature_id is made here from the layer's place in the catalogue, so that it is unique over the whole database.
    """
    table = layer_table()["layers"]
    place = list(table).index(layer) + 1
    geometry = np.asarray(geometry, dtype=object)
    ids = pd.array([f"{CITY_CODE}{place:04d}{n:08d}" for n in range(1, len(geometry) + 1)], dtype="str")
    data: dict[str, Any] = {"feature_id": ids}
    for name, values in columns.items():
        data[name] = _text(values) if _is_text(values) else values
    made = gpd.GeoDataFrame(pd.DataFrame(data), geometry=gpd.GeoSeries(geometry), crs=CRS)
    key = table[layer].get("key", "feature_id")
    return made.set_axis(pd.Index(made[key].astype("str"), name="id"), axis="index")


def _is_text(values: Any) -> bool:
    if isinstance(values, str):
        return True
    if isinstance(values, (list, tuple)):
        return any(isinstance(v, str) for v in values)
    return isinstance(values, np.ndarray) and values.dtype.kind == "U"


def _text(values: Any) -> Any:
    """Text as `str` with NaN for nothing."""
    if isinstance(values, str):
        return values
    words = pa.array(values, type=pa.large_string())
    return pd.array(pc.if_else(pc.equal(words, ""), None, words), dtype="str")


def rounded_area(geometry: Any) -> Floats:
    """The official area in m², rounded to 0.01."""
    return np.round(official(np.asarray(geometry, dtype=object), CRS), 2)


def adjusted(area: Floats, group: Any, control: Mapping[Any, float]) -> Floats:
    """Areas rounded to 0.01 whose sum per group is the control area; the rest goes to the largest, a hundredth each (平差)."""
    out, group = np.round(area, 2), np.asarray(group)
    for name, total in control.items():
        here = np.flatnonzero(group == name)
        out[here] = adjustment.adjusted(area[here], total, rest="largest")
    return out


def regions(ground: Ground, mask: NDArray[np.bool_], *keys: Any, single: bool = True) -> tuple[Geometries, Ints]:
    """Unions of the faces of a mask that agree in all keys, and for each the number of its largest face.

    With `single` every connected piece is a region of its own, else all faces with the same keys make one.
    """
    here = np.flatnonzero(mask)
    code = np.zeros(len(here), dtype=np.int64)
    for key in keys:
        values = np.unique(np.asarray(key)[here], return_inverse=True)[1].ravel()
        code = code * (int(values.max(initial=0)) + 1) + values
    if single:
        code = _pieces(ground, here, code)
    code = np.unique(code, return_inverse=True)[1].ravel()
    shapes = _united(ground.faces, here, code)
    order = np.lexsort((-ground.area[here], code))
    leader = here[order[np.r_[True, np.diff(code[order]) > 0]]] if len(here) else here
    return shapes, leader


def _united(faces: Faces, here: Ints, group: Ints) -> Geometries:
    """The union of the faces `here` of each group; from the outline alone where they are many and there is a mesh."""
    if faces.mesh is None:
        return dissolved(faces.polygon[here], group)
    out = np.empty(int(group.max(initial=-1)) + 1, dtype=object)
    many = np.bincount(group)[group] > MANY
    number, alike = np.unique(group[~many], return_inverse=True)
    out[number] = dissolved(faces.polygon[here[~many]], alike)
    large = np.full(len(faces.polygon), -1, dtype=np.int64)
    large[here[many]] = group[many]
    number, outlines = faces.mesh.outlines(large)
    out[number] = outlines
    return out


def _pieces(ground: Ground, here: Ints, code: Ints) -> Ints:
    """The connected pieces of equal code, numbered by their first face; pieces that touch in a point only are two."""
    full = np.full(ground.count, -1, dtype=np.int64)
    full[here] = code
    f = ground.faces
    same = (full[f.first] == full[f.second]) & (full[f.first] >= 0)
    number = components(f.first[same], f.second[same], ground.count)[here]
    _, first, inverse = np.unique(number, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    return rank[inverse.ravel()]


def lines_within(geometry: Any, city: shapely.Polygon) -> tuple[list[Any], Ints]:
    """Lines cut to the municipality, single parts longer than 30 m, and the number of the line each came from."""
    cut = shapely.intersection(np.asarray(geometry, dtype=object), city)
    parts, index = shapely.get_parts(cut, return_index=True)
    keep = (shapely.get_type_id(parts) == 1) & (shapely.length(parts) > 30.0)
    rounded = [shapely.set_coordinates(p, np.round(shapely.get_coordinates(p), 4)) for p in parts[keep]]
    return rounded, index[keep]
