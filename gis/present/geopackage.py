"""GeoPackages as other desks can read them: version 1.2, one table per layer, with titles, aliases and styles.

Values and coordinates go in as they are: an attribute keeps its type, a geometry its vertices, byte for byte.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from gis.errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from gis.model.layer import LayerSpec

__all__ = ["GEOMETRY", "StyleRow", "Table", "day_types", "free_name", "kinds_of", "write_geopackage"]

GEOMETRY: Final = "geom"
"""The geometry column of every table, as QGIS and `layer_styles` expect it."""

_SYNCHRONOUS: Final = "OGR_SQLITE_SYNCHRONOUS"
_RESERVED: Final = re.compile(r"^(gpkg_|sqlite_|rtree_|trigger_)", re.IGNORECASE)
_KINDS: Final = {0: "point", 1: "line", 2: "line", 3: "polygon", 4: "point", 5: "line", 6: "polygon", 7: "mixed"}
_MULTI: Final = {0: (4, shapely.multipoints), 1: (5, shapely.multilinestrings), 3: (6, shapely.multipolygons)}
_TYPE_NAMES: Final = {
    0: "Point",
    1: "LineString",
    2: "LineString",
    3: "Polygon",
    4: "MultiPoint",
    5: "MultiLineString",
    6: "MultiPolygon",
    7: "GeometryCollection",
}
_EMPTY_TYPES: Final = {"polygon": "MultiPolygon", "line": "MultiLineString", "point": "Point"}
_WRITE_FAULTS: Final = (DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError)


@dataclass(frozen=True, slots=True)
class Table:
    """One table to write: its name, its rows (with or without geometry), and what is said of it.

    geometry   what it may hold when it has no rows: polygon, line, point or any
    types      Arrow types of columns whose values do not tell (an empty column)
    generic    whether the geometry column takes any kind, whatever the rows have
    """

    name: str
    frame: pd.DataFrame
    title: str = ""
    abstract: str = ""
    geometry: str = "any"
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    types: Mapping[str, pa.DataType] = field(default_factory=lambda: MappingProxyType({}))
    generic: bool = False

    @property
    def columns(self) -> Mapping[str, str]:
        """Each attribute column to its name in the file: unique without regard to case, and not the geometry's."""
        own = self.frame.geometry.name if isinstance(self.frame, gpd.GeoDataFrame) else None
        named: dict[str, str] = {}
        for column in self.frame.columns:
            if column != own:
                named[column] = free_name(str(column), [GEOMETRY, *named.values()])
        return named


@dataclass(frozen=True, slots=True)
class StyleRow:
    """The style of one table as `layer_styles` holds it."""

    table: str
    name: str
    qml: str
    sld: str
    description: str = ""
    default: bool = True


def write_geopackage(path: Path, tables: Iterable[Table], styles: Sequence[StyleRow] = ()) -> None:
    """Write all `tables` to a new GeoPackage 1.2 at `path`, then their `styles`.

    The file is flushed to disk by who puts it in its place (`gis.present.atomic`).
    Geometries of a column that mixes single and multiple parts of one kind are written as multiple parts; missing
    and empty geometries stay so.

    Raises: WriteError, with what GDAL says, if a table cannot be written.
    """
    with _unhurried_disk():
        for table in tables:
            try:
                _write(path, table)
            except (*_WRITE_FAULTS, pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
                raise WriteError(
                    f"图层 {table.name} 无法写入 GeoPackage：{error}。请检查该图层的字段和几何。",
                    f"Layer {table.name} cannot be written to GeoPackage: {error}. Check its fields and geometry.",
                ) from error
    if styles:
        _write_styles(path, styles)


@contextmanager
def _unhurried_disk() -> Iterator[None]:
    """Let SQLite not wait for the disk after every table (four times faster): a new file is flushed once, when it is whole."""
    before = pyogrio.get_gdal_config_option(_SYNCHRONOUS)
    pyogrio.set_gdal_config_options({_SYNCHRONOUS: "OFF"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_SYNCHRONOUS: before})


def free_name(name: str, taken: Iterable[str]) -> str:
    """A table or column name for `name` that SQLite and QGIS accept and that nothing in `taken` has.

    Case does not tell names apart in SQLite; `|` ends a layer name in QGIS.

    Example:
        >>> free_name("a|b", []), free_name("Roads", ["roads"]), free_name("gpkg_x", [])
        ('a_b', 'Roads_2', 'layer_gpkg_x')
    """
    plain = re.sub(r"[|\x00-\x1f]", "_", name).strip() or "layer"
    plain = f"layer_{plain}" if _RESERVED.match(plain) else plain
    used = {each.casefold() for each in taken}
    found, n = plain, 2
    while found.casefold() in used:
        found, n = f"{plain}_{n}", n + 1
    return found


def day_types(frame: pd.DataFrame, spec: LayerSpec) -> dict[str, pa.DataType]:
    """The date fields of a layer to write as dates: those that pandas holds as midnights, as it has no dates of its own."""
    days = {}
    for name in frame.columns.intersection([each.name for each in spec.fields.values() if each.type == "date"]):
        values = frame[name]
        if values.dtype.kind == "M" and (values.isna() | (values == values.dt.normalize())).all():
            days[name] = pa.date32()
    return days


def kinds_of(frame: pd.DataFrame, otherwise: str = "any") -> tuple[str, ...]:
    """The kinds of geometry in a frame: polygon, line, point, mixed; what `otherwise` says where it has none.

    Example:
        >>> kinds_of(gpd.GeoDataFrame(geometry=[shapely.Point(0, 0), None])), kinds_of(gpd.GeoDataFrame(geometry=[]))
        (('point',), ('polygon', 'line', 'point'))
    """
    if not isinstance(frame, gpd.GeoDataFrame):
        return ()
    ids = np.unique(shapely.get_type_id(frame.geometry.to_numpy()))
    have = {_KINDS[int(each)] for each in ids if each >= 0}
    order = ("polygon", "line", "point", "mixed")
    return tuple(each for each in order if each in have) or (order[:3] if otherwise == "any" else (otherwise,))


def _array(values: pd.Series[Any], kind: pa.DataType | None) -> pa.Array:
    if kind is None and isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    try:
        found = pa.Array.from_pandas(values, type=kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        if kind is not None:
            raise
        return pa.array(
            [None if missing else str(each) for each, missing in zip(values, values.isna(), strict=True)], pa.string()
        )
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    if pa.types.is_null(found.type):
        return found.cast(pa.string())
    if pa.types.is_nested(found.type):
        return pa.array([None if each is None else str(each) for each in found.to_pylist()], pa.string())
    return found


def _arrow(table: Table, kind: str | None, shapes: Any) -> pa.Table:
    frame, fields, arrays = table.frame, [], []
    for column, name in table.columns.items():
        array = _array(frame[column], table.types.get(column))
        alias = table.aliases.get(column, "")
        fields.append(pa.field(name, array.type, metadata={"GDAL:OGR:alternative_name": alias} if alias else None))
        arrays.append(array)
    if kind is not None:
        wkb = shapely.to_wkb(shapes, flavor="iso")
        fields.append(pa.field(GEOMETRY, pa.binary(), metadata={"ARROW:extension:name": "geoarrow.wkb"}))
        arrays.append(pa.array(wkb, pa.binary()))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _shapes(frame: gpd.GeoDataFrame, empty: str) -> tuple[str, Any]:
    """The geometry type to declare and the geometries, singles made multiples where both occur."""
    shapes = frame.geometry.to_numpy()
    ids = shapely.get_type_id(shapes)
    for single, (multi, make) in _MULTI.items():
        if (ids == single).any() and (ids == multi).any():
            shapes = np.array(shapes)
            shapes[ids == single] = make(shapes[ids == single][:, None])
    ids = shapely.get_type_id(shapes)
    have = sorted({_TYPE_NAMES[int(each)] for each in np.unique(ids) if each >= 0})
    if not have:
        return _EMPTY_TYPES.get(empty, "Unknown"), shapes
    deep = shapely.has_z(shapes[ids >= 0])
    if len(have) > 1 or (deep.any() and not deep.all()):
        return "Unknown", shapes
    return f"{have[0]} Z" if deep.any() else have[0], shapes


def _fid(names: Iterable[str]) -> str:
    return free_name("fid", [*names, GEOMETRY])


def _write(path: Path, table: Table) -> None:
    kind, shapes, crs = None, None, None
    if isinstance(table.frame, gpd.GeoDataFrame):
        kind, shapes = _shapes(table.frame, table.geometry)
        if table.generic:
            kind, shapes = "Unknown", table.frame.geometry.to_numpy()
        known = table.frame.crs
        crs = None if known is None else (":".join(known.to_authority() or ()) or known.to_wkt())
    rows = _arrow(table, kind, shapes)
    options = {"FID": _fid(rows.column_names), "IDENTIFIER": table.title or table.name, "DESCRIPTION": table.abstract}
    pyogrio.write_arrow(
        rows,
        path,
        layer=table.name,
        driver="GPKG",
        geometry_name=GEOMETRY if kind else None,
        geometry_type=kind,
        crs=crs,
        append=path.exists(),
        dataset_options={} if path.exists() else {"VERSION": "1.2", "ADD_GPKG_OGR_CONTENTS": "YES"},
        layer_options=options | ({"GEOMETRY_NAME": GEOMETRY} if kind else {"ASPATIAL_VARIANT": "GPKG_ATTRIBUTES"}),
    )


_CREATE: Final = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')))
"""
_REGISTER: Final = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id)
VALUES ('layer_styles', 'attributes', 'layer_styles', '', 0)
"""
_INSERT: Final = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, styleQML,
                          styleSLD, useAsDefault, description, owner, ui)
VALUES ('', '', ?, ?, ?, ?, ?, ?, ?, '', NULL)
"""


def _write_styles(path: Path, styles: Sequence[StyleRow]) -> None:
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(_CREATE)
        base.execute(_REGISTER)
        rows = [
            (each.table, GEOMETRY, each.name, each.qml, each.sld, each.default, each.description) for each in styles
        ]
        base.executemany(_INSERT, rows)
