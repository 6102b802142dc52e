"""Layers packed for a page: whole-number coordinates, one flat list per layer, attributes in columns.

A packed layer is a plain dict that JSON takes. Its geometry is four lists: `xy` (longitude, latitude, each as the
difference to the vertex before, in units of 1/`scale` degree), `ring` (vertices per ring), `part` (rings per part),
`feature` (parts per feature), with `kind` per part (0 point, 1 line, 2 polygon). Vertices that neighbours share are the
same whole numbers, so no crack opens between parcels.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from gis.crs import CGCS2000, transformer
from gis.geometry.locate import inner_points
from gis.i18n import Text
from gis.model.layers import LAYERS
from gis.present.audience import simplified
from gis.present.style import class_values, looks, style_of
from gis.standards import code_table
from gis.units import UNITS, shown

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from gis.model.layer import FieldSpec

__all__ = ["FINE", "MAX_VERTICES", "Drawn", "columns", "drawn", "embedded", "fields", "look_index", "points_for_labels"]

FINE: Final = 1_000_000
"""Units per degree inside the bureau: 1e-6°, about 0.1 m."""
MAX_VERTICES: Final = 250_000
"""A layer with more vertices than this is simplified for the screen, which the map then says."""

_ESCAPES: Final = {
    "<": "\\u003c", "\u2028": "\\u2028", "\u2029": "\\u2029", "{{": "{\\u007b", "{%": "{\\u0025", "{#": "{\\u0023",
}  # fmt: skip
"""None of these occurs in JSON but inside a string."""

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Geometry of one layer as lists, its bounds (west, south, east, north; degrees), and what was done to it on the way."""

    lists: dict[str, Any]
    bounds: tuple[float, float, float, float] | None
    missing: int
    simplified_m: float = 0.0


def drawn(layer: str, geometry: Array, crs: Any, *, scale: int = FINE) -> Drawn:
    """The geometries (any kinds, None too) packed in longitude and latitude.

    A ring with a coordinate that has no place on the globe is left out; features with nothing left are counted as missing.
    """
    tolerance = _screen_tolerance(geometry)
    if tolerance:
        geometry = simplified(layer, geometry, tolerance)
    parts, owner = _simple_parts(geometry)
    rings, part_of = _rings(parts)
    coords, ring_of = shapely.get_coordinates(rings, return_index=True)
    east, north = transformer(crs, CGCS2000).transform(coords[:, 0], coords[:, 1])
    lonlat = np.column_stack([east, north])
    wrong = ~np.isfinite(lonlat).all(axis=1) | (np.abs(np.nan_to_num(lonlat[:, 1])) > 85)
    bad_ring = np.bincount(ring_of[wrong], minlength=len(rings)) > 0
    keep_ring = ~np.isin(part_of, part_of[bad_ring])
    keep_part = np.isin(np.arange(len(parts)), part_of[keep_ring])
    lonlat, ring_of = lonlat[keep_ring[ring_of]], ring_of[keep_ring[ring_of]]
    whole = np.rint(lonlat * scale).astype(np.int64)
    per_feature = np.bincount(owner[keep_part], minlength=len(geometry))
    lists = {
        "scale": scale,
        "xy": np.diff(whole, axis=0, prepend=np.zeros((1, 2), dtype=np.int64)).ravel().tolist(),
        "ring": np.bincount(ring_of, minlength=len(rings))[keep_ring].tolist(),
        "part": np.bincount(part_of[keep_ring], minlength=len(parts))[keep_part].tolist(),
        "kind": _shortest(shapely.get_dimensions(parts[keep_part])),
        "feature": _shortest(per_feature),
    }
    bounds = (*lonlat.min(axis=0), *lonlat.max(axis=0)) if len(lonlat) else None
    return Drawn(lists, bounds, int((per_feature == 0).sum()), tolerance)


def _screen_tolerance(geometry: Array) -> float:
    """Metres by which a layer too rich for a screen is thinned: a quarter of a pixel of a map 2,000 pixels wide, at least 1 m."""
    if shapely.get_num_coordinates(geometry).sum() <= MAX_VERTICES:
        return 0.0
    bounds = shapely.bounds(geometry)
    wide = np.nanmax(bounds[:, 2:], axis=0) - np.nanmin(bounds[:, :2], axis=0)
    return max(1.0, round(float(wide.max()) / 8000, 1))


def _simple_parts(geometry: Array) -> tuple[Array, Array]:
    """Points, lines and polygons out of whatever there is, with the row each came from."""
    rows = np.arange(len(geometry))
    parts, index = shapely.get_parts(geometry, return_index=True)
    rows = rows[index]
    while (shapely.get_type_id(parts) > 3).any():  # a collection inside a collection
        parts, index = shapely.get_parts(parts, return_index=True)
        rows = rows[index]
    full = ~(shapely.is_empty(parts) | shapely.is_missing(parts))
    return parts[full], rows[full]


def _rings(parts: Array) -> tuple[Array, Array]:
    """The rings of polygons (shell first) and the other parts as they are, with the part each belongs to, in order."""
    area = shapely.get_dimensions(parts) == 2
    rings, index = shapely.get_rings(parts[area], return_index=True)
    all_rings = np.concatenate([rings, parts[~area]])
    part_of = np.concatenate([np.flatnonzero(area)[index], np.flatnonzero(~area)])
    order = np.argsort(part_of, kind="stable")
    return all_rings[order], part_of[order]


def _shortest(values: Array) -> int | list[int]:
    """One number where all are the same, else the list."""
    if len(values) and (values == values[0]).all():
        return int(values[0])
    found: list[int] = values.tolist()
    return found


def points_for_labels(geometry: Array, crs: Any, *, scale: int = FINE) -> list[int | None]:
    """Where each feature's name is written: lon, lat, lon, lat … in 1/`scale` degree; None twice for a feature without a place."""
    inner = inner_points(geometry)
    geometry = geometry.copy()
    geometry[shapely.is_missing(inner)] = None
    centre = shapely.centroid(geometry)
    central = shapely.is_valid(geometry) & shapely.contains(geometry, centre)
    at = np.where(central, centre, inner)
    coords = np.column_stack([shapely.get_x(at), shapely.get_y(at)])
    lonlat = np.column_stack(transformer(crs, CGCS2000).transform(coords[:, 0], coords[:, 1]))
    good = np.isfinite(lonlat).all(axis=1)
    whole = np.rint(np.where(good[:, None], lonlat, 0) * scale).astype(np.int64)
    return [int(value) if ok else None for value, ok in zip(whole.ravel(), np.repeat(good, 2), strict=True)]


def look_index(layer: str, frame: GeoDataFrame) -> list[int] | int:
    """For each feature the position of its class in `looks(layer, frame)`; 0 for a layer of one look."""
    place = {value: n for n, each in enumerate(looks(layer, frame)) for value in each.values}
    if not place:
        return 0
    return [place[value] for value in class_values(frame, style_of(layer))]


def fields(layer: str, frame: GeoDataFrame) -> list[dict[str, Any]]:
    """What the popup needs of each attribute that has a value anywhere: name, label, unit, decimals, and the names of its codes."""
    spec = LAYERS.get(layer)
    known = spec.fields if spec is not None else {}
    return [_field(name, known.get(name), frame[name]) for name in _attributes(frame)]


def _attributes(frame: GeoDataFrame) -> list[str]:
    names = [name for name in frame.columns if not _is_geometry(frame[name])]
    return [name for name in names if frame[name].notna().any()]


def _is_geometry(column: pd.Series[Any]) -> bool:
    return str(column.dtype) == "geometry"


def _field(name: str, spec: FieldSpec | None, column: pd.Series[Any]) -> dict[str, Any]:
    label = spec.label if spec is not None else Text(str(name), str(name))
    unit = UNITS.get(spec.unit) if spec is not None and spec.unit else None
    found: dict[str, Any] = {"name": str(name), "label": label}
    if unit is not None:
        found |= {"unit": unit.name, "unit_id": unit.id, "decimals": unit.decimals}
    if spec is not None and spec.table:
        table = code_table(spec.table)
        found["codes"] = {code: table[code].name for code in _texts(column).dropna().unique() if code in table}
    return found


def columns(layer: str, frame: GeoDataFrame) -> dict[str, Any]:
    """The attributes by name: a list of values, or `{"of": distinct values, "at": positions}` where that is shorter."""
    spec = LAYERS.get(layer)
    known = spec.fields if spec is not None else {}
    return {
        str(name): _column(frame[name], known[name].unit if name in known else "", coded=bool(known.get(name) and known[name].table))
        for name in _attributes(frame)
    }  # fmt: skip


def _column(column: pd.Series[Any], unit: str, *, coded: bool) -> Any:
    if pd.api.types.is_bool_dtype(column.dtype):
        return [None if pd.isna(value) else bool(value) for value in column]
    if pd.api.types.is_numeric_dtype(column.dtype) and not coded:
        return _numbers(column, unit)
    codes, found = pd.factorize(_texts(column))
    distinct = found.tolist()
    if len(distinct) * 2 < len(column):
        return {"of": [str(each) for each in distinct], "at": codes.tolist()}
    return [None if code < 0 else str(distinct[code]) for code in codes]


def _numbers(column: pd.Series[Any], unit: str) -> list[Any]:
    """Numbers rounded as they are printed everywhere (half up, the unit's decimals); without a unit, to seven digits."""
    if pd.api.types.is_integer_dtype(column.dtype):
        return [None if pd.isna(value) else int(value) for value in column]
    write: Callable[[float], float] = (
        (lambda value: float(shown(value, unit).replace(",", ""))) if unit else (lambda value: float(f"{value:.7g}"))
    )
    return [write(float(value)) if pd.notna(value) and np.isfinite(value) else None for value in column]


def _texts(column: pd.Series[Any]) -> pd.Series[Any]:
    """Values as text; a missing one stays missing, a code read as 101.0 is 101, a date is written as a date."""
    if pd.api.types.is_float_dtype(column.dtype) and (column.dropna() % 1 == 0).all():
        column = column.astype("Int64")
    dated = pd.api.types.is_datetime64_any_dtype(column.dtype)
    texts: pd.Series[Any] = column.dt.strftime("%Y-%m-%d") if dated else column.astype("str")
    return texts.where(column.notna(), None)


def embedded(value: Any) -> str:
    """JSON that is safe inside a script element of a folium page; a Text becomes {zh, en}.

    No "<", no separator that a script takes for a line end, and none of the signs that open a template: folium renders what it
    is given a second time, and a value such as {{ 7*7 }} must come out as it went in.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)
    for sign, written in _ESCAPES.items():
        text = text.replace(sign, written)
    return text


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    raise TypeError(type(value).__name__)
