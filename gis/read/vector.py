"""Layers as they stand in a file, before anything is recognised or moved."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pyarrow as pa
import shapely
from pyproj import CRS

from gis.errors import ReadError
from gis.i18n import Text
from gis.read.drivers import layer_infos, read_vector_frame
from gis.read.encoding import Encoding, shapefile_encoding
from gis.read.sqlite import has_open_journal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gis.read.container import Container

__all__ = ["Raw", "finite_bounds", "layer_names", "read_raw", "sha256_of"]

_NOT_LAYERS: Final = frozenset({"layer_styles", "qgis_projects"})
_PARQUET_LAYER_ENDINGS: Final = (".geoparquet", ".parquet")


@dataclass(frozen=True, slots=True, eq=False)
class Raw:
    """One layer (or table without geometry) of one file, as it is there.

    frame    a GeoDataFrame, or a DataFrame where there is no geometry
    crs      what the file declares; None where it declares nothing
    bounds   of the finite coordinates, in the file's CRS; None where there are none
    """

    path: Path
    name: str
    frame: Any
    driver: str
    crs: CRS | None = None
    bounds: tuple[float, float, float, float] | None = None
    encoding: str = ""
    sha256: str = ""
    notices: tuple[Text, ...] = ()

    @property
    def is_table(self) -> bool:
        """Whether it has no geometry."""
        return not isinstance(self.frame, gpd.GeoDataFrame)

    @property
    def where(self) -> str:
        """The file, with the layer's name where the file may hold several."""
        return self.path.name if self.name == self.path.stem else f"{self.path.name}/{self.name}"


def sha256_of(files: Sequence[Path]) -> str:
    """The SHA-256 of a file; of several, that of their names and hashes in order."""
    hashes = []
    for each in files:
        with each.open("rb") as stream:
            hashes.append(hashlib.file_digest(stream, "sha256").hexdigest())
    if len(files) == 1:
        return hashes[0]
    listed = "\n".join(f"{each.name} {sha}" for each, sha in zip(files, hashes, strict=True))
    return hashlib.sha256(listed.encode("utf-8")).hexdigest()


def finite_bounds(geometries: Any) -> tuple[float, float, float, float] | None:
    """Bounds of what is finite; None where nothing is."""
    boxes = shapely.bounds(np.asarray(geometries, dtype=object)).reshape(-1, 4)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    if not len(boxes):
        return None
    west, south = boxes[:, :2].min(axis=0)
    east, north = boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def layer_names(container: Container) -> tuple[str, ...]:
    """The names of the layers in a file."""
    if container.format.id == "parquet":
        return (container.path.stem,)
    return tuple(str(info["layer_name"]) for info in layer_infos(container))


def read_raw(container: Container, *, only: str = "", encoding: str = "") -> list[Raw]:
    """Every layer and table of a file, or `only` that one.

    `encoding` overrides what is found for a shapefile; other formats state their own.

    Raises: ReadError if the file cannot be read, or lacks the layer `only`.
    """
    sha = sha256_of(container.members())
    if container.format.id == "parquet":
        found = [_read_parquet(container, sha)]
    else:
        with _settled(container) as (settled, notices):
            found = [replace(each, path=container.path, notices=notices + each.notices) for each in
                     _read_gdal(settled, only, encoding, sha)]  # fmt: skip
    if only and container.format.id != "parquet" and only not in {each.name for each in found}:
        raise ReadError(
            f"文件 {container.path} 中没有图层 {only}。请核对名称。",
            f"File {container.path} has no layer {only}. Check the name.",
        )
    return found


@contextmanager
def _settled(container: Container) -> Iterator[tuple[Container, tuple[Text, ...]]]:
    """The file itself; or a copy: where a program holds unsaved pages beside a GeoPackage, and where its path has a "%".

    GDAL opens a GeoPackage without touching its folder by an address, in which it takes "%20" for a blank.
    """
    path = container.path
    if container.format.id != "gpkg" or not ("%" in str(path) or has_open_journal(path)):
        yield container, ()
        return
    if not has_open_journal(path):
        with tempfile.TemporaryDirectory() as folder:
            yield replace(container, path=Path(shutil.copyfile(path, Path(folder) / path.name.replace("%", "_")))), ()
        return
    notice = Text(
        f"{path.name} 正被其他程序（如 QGIS）打开，尚有内容在 -wal 文件中；已按其最新内容读取。",
        f"{path.name} is open in another program (QGIS, say) with changes in its -wal file; they were read too.",
    )
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        shutil.copyfile(path, copy)
        shutil.copyfile(path.with_name(path.name + "-wal"), copy.with_name(copy.name + "-wal"))
        try:
            with closing(sqlite3.connect(copy)) as base:
                base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                base.execute("PRAGMA journal_mode=DELETE").fetchall()
        except sqlite3.Error as error:
            raise ReadError(
                f"文件 {path} 旁的 -wal 文件无法并入（{error}）。请在打开它的程序中保存并关闭，再读取。",
                f"The -wal file beside {path} cannot be merged ({error}). Save and close it where it is open, then read it.",
            ) from error
        yield replace(container, path=copy), (notice,)


def _read_gdal(container: Container, only: str, encoding: str, sha: str) -> list[Raw]:
    spelled = Encoding("")
    if container.format.id == "shp":
        spelled = shapefile_encoding(container.path, encoding)
    found = []
    for info in layer_infos(container, encoding=spelled.name):
        name = str(info["layer_name"])
        if name in _NOT_LAYERS or (only and name != only):
            continue
        frame, remarks = read_vector_frame(container, name, encoding=spelled.name)
        _check_whole(container, info, len(frame))
        base = Raw(
            container.path,
            name,
            frame,
            container.format.driver,
            encoding=spelled.name or str(info["encoding"] or ""),
            sha256=sha,
        )
        notices = spelled.notices + remarks + _shape_notices(base.where, info)
        found.append(_with_geometry(replace(base, notices=notices), info["crs"]))
    return found


def _check_whole(container: Container, info: dict[str, Any], rows: int) -> None:
    """These formats state how many features there are, and GDAL says nothing where a cut-off file yields fewer."""
    stated = int(info["features"])
    if container.format.id in {"fgb", "gdb"} and rows < stated:
        raise ReadError(
            f"文件 {container.path} 的图层 {info['layer_name']} 不完整：应有 {stated} 个要素，只读出 {rows} 个。请重新拷贝或导出。",
            f"File {container.path}, layer {info['layer_name']}, is incomplete: {stated} features stated, {rows} found. "
            "Copy or export it again.",
        )


def _with_geometry(raw: Raw, crs: Any) -> Raw:
    if raw.is_table:
        return raw
    bounds = finite_bounds(raw.frame.geometry.to_numpy())
    return replace(raw, crs=_declared(crs), bounds=bounds)


def _declared(crs: Any) -> CRS | None:
    """The horizontal CRS that a file declares; None for none, or one that GeoPackage calls undefined."""
    if crs is None:
        return None
    found = CRS.from_user_input(crs)
    if found.is_compound:
        found = found.sub_crs_list[0]
    return None if found.is_engineering or found.name.casefold().startswith(("undefined", "unknown")) else found


def _shape_notices(where: str, info: dict[str, Any]) -> tuple[Text, ...]:
    """What is lost of a geometry on the way in: heights and measures."""
    kind = str(info["geometry_type"] or "")
    notices = []
    if kind.endswith((" Z", " M", " ZM")) or "25D" in kind or "Measured" in kind or "3D" in kind:
        notices.append(
            Text(f"{where}：高程或度量值（Z/M）未保留。", f"{where}: heights or measures (Z/M) are not kept.")
        )
    return tuple(notices)


def _read_parquet(container: Container, sha: str) -> Raw:
    path = container.path
    try:
        frame = gpd.read_parquet(path)
    except (ValueError, OSError, pa.lib.ArrowException) as error:
        reason = str(error).replace("\n", " ")[:200]
        raise ReadError(
            f"文件 {path} 无法作为 GeoParquet 读取（{reason}）。请重新导出，并确认含有几何列。",
            f"File {path} cannot be read as GeoParquet ({reason}). Export it again, with its geometry column.",
        ) from error
    if frame.index.name is not None or frame.index.nlevels > 1:
        frame = frame.reset_index()
    frame = frame.reset_index(drop=True)
    base = Raw(path, _stem(path), frame, "Parquet", encoding="UTF-8", sha256=sha)
    if frame.geometry.has_z.any():
        kind = {"geometry_type": "3D"}
        frame = frame.set_geometry(gpd.GeoSeries(shapely.force_2d(frame.geometry.to_numpy()), crs=frame.crs))
        base = replace(base, frame=frame, notices=_shape_notices(base.where, kind))
    if frame.geometry.name != "geometry" and "geometry" not in frame.columns:
        base = replace(base, frame=frame.rename_geometry("geometry"))
    return _with_geometry(base, frame.crs)


def _stem(path: Path) -> str:
    return path.name.removesuffix(next(each for each in (*_PARQUET_LAYER_ENDINGS, "") if path.name.endswith(each)))
