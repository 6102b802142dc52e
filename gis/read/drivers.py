"""The door to GDAL: only vector files of a known format go through, and GDAL's own errors become ours.

pyogrio has no list of allowed drivers. So drivers that fetch from elsewhere are left out before pyogrio is first
imported, every file is judged by its first bytes (`gis.read.container`), and the driver that GDAL chose is compared
with the one we meant.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from gis.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from gis.read.container import Container

__all__ = ["layer_infos", "read_vector_frame"]

_REACHING_OUT: Final = (
    "OGR_VRT,GDALG,HTTP,WFS,OAPIF,OGCAPI,CSW,NGW,EEDA,Elasticsearch,Carto,AmigoCloud,PLSCENES,ADBC,GPSBabel,MapML"
)
"""Drivers that follow a reference to another file, a program or the network."""

_OPTIONS: Final[dict[str, dict[str, str]]] = {"gpkg": {"IMMUTABLE": "YES"}}
"""Open options by format; IMMUTABLE keeps SQLite from making -wal and -shm files beside the input."""


def _imported() -> ModuleType:
    """pyogrio, imported without the drivers that reach out; the setting is put back at once.

    Where the caller imported pyogrio before us its drivers are all there; the checks of `container` hold alone then.
    """
    before = os.environ.get("OGR_SKIP")
    os.environ["OGR_SKIP"] = ",".join(each for each in (before, _REACHING_OUT) if each)
    try:
        import pyogrio  # noqa: PLC0415 - only while OGR_SKIP is set
    finally:
        if before is None:
            del os.environ["OGR_SKIP"]
        else:
            os.environ["OGR_SKIP"] = before
    return pyogrio


_pyogrio: Final = _imported()


def _gdal_errors() -> tuple[type[Exception], ...]:
    import pyarrow as pa  # noqa: PLC0415
    from pyogrio import errors  # noqa: PLC0415

    return (
        errors.DataSourceError,
        errors.DataLayerError,
        errors.FeatureError,
        errors.FieldError,
        errors.GeometryError,
        errors.CRSError,
        pa.lib.ArrowException,
        UnicodeDecodeError,
        OSError,
    )


@contextmanager
def _said_clearly(path: Path, layer: str = "") -> Iterator[None]:
    """What GDAL raises inside becomes a ReadError that names the file."""
    try:
        yield
    except _gdal_errors() as error:
        which_zh, which_en = (f"的图层 {layer} ", f", layer {layer},") if layer else (" ", "")
        reason = str(error).replace("\n", " ")[:300]
        raise ReadError(
            f"文件 {path}{which_zh}无法读取，可能已损坏或不完整（{reason}）。请重新导出或重新拷贝该文件。",
            f"File {path}{which_en} cannot be read; it may be damaged or incomplete ({reason}). "
            "Export or copy it again.",
        ) from error


def layer_infos(container: Container, *, encoding: str = "") -> list[dict[str, Any]]:
    """What GDAL says of each layer: name, crs, geometry type, fields, bounds, driver.

    Raises: ReadError if the file cannot be opened, or if GDAL took another driver than the file's bytes say.
    """
    kind, path = container.format, container.path
    with _said_clearly(path):
        names = [str(row[0]) for row in _pyogrio.list_layers(path)]
        infos = []
        for name in names:
            given = {"encoding": encoding} if encoding else {}
            infos.append(_pyogrio.read_info(path, layer=name, **given, **_OPTIONS.get(kind.id, {})))
    for info in infos:
        if info["driver"] != kind.driver:
            raise ReadError(
                f"文件 {path} 被识别为 {info['driver']}，而不是 {kind.driver}，出于安全考虑未读取。"
                f"请用 GIS 软件重新导出为 {kind.driver}。",
                f"File {path} was taken for {info['driver']}, not {kind.driver}, and was not read for safety. "
                f"Export it again as {kind.driver}.",
            )
    return infos


def read_vector_frame(container: Container, layer: str, *, encoding: str = "") -> pd.DataFrame:
    """A layer as a GeoDataFrame, or as a DataFrame where it has no geometry; heights and measures are dropped.

    `on_invalid="ignore"` turns rings of fewer than four points, which clipped extracts contain, into missing
    geometry: the caller says so.

    Raises: ReadError if GDAL cannot read it.
    """
    options: dict[str, Any] = dict(_OPTIONS.get(container.format.id, {}))
    if encoding:
        options["encoding"] = encoding
    if container.format.id == "osm":
        options["on_invalid"] = "ignore"
    with _said_clearly(container.path, layer):
        found: pd.DataFrame = _pyogrio.read_dataframe(
            container.path, layer=layer, force_2d=True, use_arrow=container.format.id != "osm", **options
        )
    return found
