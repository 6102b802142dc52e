"""The door to GDAL: only vector files of a known format go through, and GDAL's own errors become ours.

pyogrio has no list of allowed drivers. So drivers that fetch from elsewhere are left out before pyogrio is first
imported, every file is judged by its first bytes (`gis.read.container`), and the driver that GDAL chose is compared
with the one we meant.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from shapely.errors import ShapelyError

from gis.errors import ReadError
from gis.i18n import Text
from gis.read.sqlite import gpkg_layers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gis.read.container import Container

__all__ = ["layer_infos", "read_vector_frame"]

_REACHING_OUT: Final = (
    "OGR_VRT,GDALG,HTTP,WFS,OAPIF,OGCAPI,CSW,NGW,EEDA,Elasticsearch,Carto,AmigoCloud,PLSCENES,ADBC,GPSBabel,MapML"
)
"""Drivers that follow a reference to another file, a program or the network."""

_OPTIONS: Final[dict[str, dict[str, str]]] = {"gpkg": {"IMMUTABLE": "YES"}}
"""Open options by format; IMMUTABLE keeps SQLite from making -wal and -shm files beside the input."""


_NOT_BY_ARROW: Final = frozenset({"osm", "fgb"})
"""OSM cannot; FlatGeobuf ends the whole process where a feature has no geometry (seen with GDAL 3.12.4)."""


def _imported() -> Any:
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


def _target(container: Container) -> Path | str:
    """What GDAL is given: the path, with the driver's prefix where the driver knows one that forces it."""
    return f"GeoJSON:{container.path}" if container.format.id == "geojson" else container.path


def _names(container: Container) -> list[str | None]:
    """The layers to ask for; None for the only one of formats that hold one, which saves opening the file once more."""
    if container.format.id in {"geojson", "fgb", "shp"}:
        return [None]
    if container.format.id == "gpkg":  # pyogrio lists layers without IMMUTABLE, which may write beside the file
        return [*gpkg_layers(container.path)]
    return [str(row[0]) for row in _pyogrio.list_layers(_target(container))]


def layer_infos(container: Container, *, encoding: str = "") -> list[dict[str, Any]]:
    """What GDAL says of each layer: name, crs, geometry type, fields, bounds, driver.

    Raises: ReadError if the file cannot be opened, or if GDAL took another driver than the file's bytes say.
    """
    kind, path = container.format, container.path
    given = {"encoding": encoding} if encoding else {}
    with _said_clearly(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # said again, and kept, when the layer is read
        infos: list[dict[str, Any]] = [
            _pyogrio.read_info(_target(container), layer=name, **given, **_OPTIONS.get(kind.id, {}))
            for name in _names(container)
        ]
    for info in infos:
        if info["driver"] != kind.driver:
            raise ReadError(
                f"文件 {path} 被识别为 {info['driver']}，而不是 {kind.driver}，出于安全考虑未读取。"
                f"请用 GIS 软件重新导出为 {kind.driver}。",
                f"File {path} was taken for {info['driver']}, not {kind.driver}, and was not read for safety. "
                f"Export it again as {kind.driver}.",
            )
    return infos


def read_vector_frame(container: Container, layer: str, *, encoding: str = "") -> tuple[Any, tuple[Text, ...]]:
    """A layer as a GeoDataFrame (a DataFrame where it has no geometry), and what a reader should know of the way in.

    Heights and measures are dropped, arcs become segments. A geometry that cannot be built at all (a ring of fewer than
    four points, as clipping leaves in OpenStreetMap extracts) becomes missing; invalid ones are kept.

    Raises: ReadError if GDAL cannot read it.
    """
    is_osm, by_arrow = container.format.id == "osm", container.format.id not in _NOT_BY_ARROW
    options: dict[str, Any] = {**_OPTIONS.get(container.format.id, {}), "layer": layer, "use_arrow": by_arrow}
    if encoding:
        options["encoding"] = encoding
    if is_osm:
        options["on_invalid"] = "ignore"
        if _pyogrio.get_gdal_config_option("CPL_TMPDIR") is None:  # else its scratch file goes to the working folder
            _pyogrio.set_gdal_config_options({"CPL_TMPDIR": tempfile.gettempdir()})
    with _said_clearly(container.path, layer), warnings.catch_warnings(record=True) as remarks:
        warnings.simplefilter("always")
        found, used = _patient(_target(container), options)
    notices = _notices(f"{container.path.name}/{layer}", found, used, arcs=by_arrow and not used["use_arrow"])
    said = dict.fromkeys(str(each.message) for each in remarks)
    name = container.path.name
    return found, (*notices, *(Text(f"{name}：GDAL 提示：{each}", f"{name}: GDAL remarks: {each}") for each in said))


def _patient(target: Path | str, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The layer, and the options that served: arcs need the slow way in, broken rings leave to skip them."""
    try:
        return _pyogrio.read_dataframe(target, force_2d=True, **options), options
    except NotImplementedError:
        if not options["use_arrow"]:
            raise
        return _patient(target, {**options, "use_arrow": False})
    except ShapelyError:
        if "on_invalid" in options:
            raise
        return _patient(target, {**options, "on_invalid": "ignore"})


def _notices(where: str, found: Any, used: dict[str, Any], *, arcs: bool) -> tuple[Text, ...]:
    notices = []
    if arcs:
        notices.append(Text(f"{where}：曲线已转换为折线。", f"{where}: arcs were turned into straight segments."))
    if used.get("on_invalid") == "ignore" and "geometry" in found and (lost := int(found["geometry"].isna().sum())):
        notices.append(
            Text(
                f"{where}：{lost} 个要素没有几何，或环少于 4 点无法构成几何，按无几何保留。",
                f"{where}: {lost} features have no geometry, or rings of fewer than 4 points that make none; "
                "they are kept without.",
            )
        )
    return tuple(notices)
