"""Sites in vector files: what the house reads anyhow, and CAD drawings (DXF), KML and KMZ, which only sites come in."""

from __future__ import annotations

import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from gis.errors import ReadError
from gis.i18n import Text
from gis.read.archive import unpack
from gis.read.container import DATA_ENDINGS, Container, Format, container
from gis.read.drivers import layer_infos, read_vector_frame
from gis.read.recognise import recognise
from gis.read.site_rings import MAX_RINGS, areas_of
from gis.read.site_text import MAX_BYTES
from gis.read.vector import read_raw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyproj import CRS

__all__ = ["Shapes", "read_shapes", "unzipped"]

_SITE_ENDINGS: Final = (*DATA_ENDINGS, ".txt", ".csv", ".xlsx", ".dxf", ".kml")
_DXF: Final = Format("dxf", "DXF", (".dxf",))
_DXF_OPTIONS: Final = {"DXF_INLINE_BLOCKS": "FALSE", "OGR_ARC_STEPSIZE": "0.1", "DXF_MERGE_BLOCK_GEOMETRIES": "FALSE"}
"""Blocks stay closed, as one inside another may unfold without end; arcs are cut every tenth of a degree (0.1 mm at 200 m radius)."""
_REFERENCES: Final = re.compile(rb"<\s*(\w+:)?(NetworkLink|Model)\b|<!DOCTYPE|<!ENTITY", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """The features of a file as they stand there, the CRS it declares (None for none), and what a reader should know."""

    frame: gpd.GeoDataFrame
    crs: CRS | None
    notices: tuple[Text, ...] = ()


@contextmanager
def unzipped(path: Path) -> Iterator[Path]:
    """The file itself, or the one site file that a zip or KMZ holds, gone afterwards.

    Raises: ReadError if the archive is unsafe, too large, or holds none or several.
    """
    if path.suffix.casefold() not in (".zip", ".kmz"):
        yield path
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        inside = sorted(unpack(path, Path(folder)).rglob("*"))
        found = [each for each in inside if each.name.casefold().endswith(_SITE_ENDINGS)]
        found = [each for each in found if each.is_file() or each.suffix.casefold() == ".gdb"]
        if len(found) != 1:
            listed = "、".join(each.name for each in found[:5]) or "—"
            raise ReadError(
                f"压缩包 {path} 中应只有一个地块文件，现有：{listed}。请只保留一个，或解压后读取其中一个。",
                f"Archive {path} must hold one site file; it holds: {listed}. Keep one, or unpack it and read one.",
            )
        yield found[0]


def read_shapes(path: Path) -> Shapes:
    """The features of the site's layer in a vector file; of a drawing its closed polylines as areas, rings in rings as holes.

    Of several layers the one called `site` (or by an official name of it) is taken.

    Raises: ReadError if the file cannot be read or not safely, or if which layer is the site is not clear.
    """
    if not path.is_dir() and path.stat().st_size > MAX_BYTES:
        raise ReadError(
            f"文件 {path} 过大（{path.stat().st_size / 1e6:.0f} MB），不是一个项目的用地范围。请只保留本项目的地块。",
            f"File {path} is too large for a site ({path.stat().st_size / 1e6:.0f} MB). Keep the parcels of the project only.",
        )
    ending = path.suffix.casefold()
    if ending == ".dxf":
        return _drawing(path)
    if ending == ".kml":
        return _kml(path)
    raws = [each for each in read_raw(container(path)) if not each.is_table]
    meant = [each for each in raws if recognise(each.name).layer == "site"]
    chosen = raws if len(raws) == 1 else meant
    if len(chosen) != 1:
        listed = "、".join(each.name for each in raws) or "—"
        raise ReadError(
            f"文件 {path} 中无法确定哪个图层是地块（有：{listed}）。请只保留一个图层，或把它命名为 site。",
            f"Which layer of file {path} is the site is not clear (it has: {listed}). Keep one layer, or call it site.",
        )
    raw = chosen[0]
    return Shapes(raw.frame, raw.crs, raw.notices)


def _kml(path: Path) -> Shapes:
    """All folders of a KML, which is in WGS 84; links and references are refused."""
    data = path.read_bytes()
    if b"<kml" not in data[:4096]:
        raise ReadError(
            f"文件 {path} 的内容不是 KML，未读取。请重新导出。",
            f"File {path} does not contain KML and was not read. Export it again.",
        )
    if found := _REFERENCES.search(data):
        said = found[0].decode("ascii", errors="replace")
        raise ReadError(
            f"文件 {path} 含有对其他文件或网络的引用（{said}），出于安全考虑未读取。请只导出地块本身。",
            f"File {path} refers to other files or the network ({said}) and was not read, for safety. Export the parcels only.",
        )
    driver = "LIBKML" if "LIBKML" in pyogrio.list_drivers() else "KML"
    file = Container(path, Format("kml", driver, (".kml",)))
    read = [read_vector_frame(file, str(info["layer_name"])) for info in layer_infos(file) if info["geometry_type"]]
    frames = [frame for frame, _ in read if isinstance(frame, gpd.GeoDataFrame)]
    if not frames:
        return Shapes(gpd.GeoDataFrame(geometry=[], crs="EPSG:4326"), None)
    frame = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs="EPSG:4326")
    said_of = tuple(each for _, notices in read for each in notices)
    return Shapes(frame, frame.crs, tuple(dict.fromkeys(said_of)))


def _drawing(path: Path) -> Shapes:
    """The closed polylines of a drawing as areas, layer by layer, and its open ones as lines; all else is told of."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    if not re.match(rb"(\xef\xbb\xbf)?(\s*999\s*\n[^\n]*\n)*\s*0\s*\n\s*SECTION", head.replace(b"\r", b"")):
        raise ReadError(
            f"文件 {path} 的内容不是文本 DXF，未读取。请在 CAD 中另存为 ASCII DXF。",
            f"File {path} does not contain a text DXF and was not read. Save it as ASCII DXF in your CAD.",
        )
    with _dxf_options(_dxf_encoding(path, head)):
        file = Container(path, _DXF)
        layer_infos(file)
        frame, notices = read_vector_frame(file, "entities")
    if not isinstance(frame, gpd.GeoDataFrame) or not len(frame):
        return Shapes(gpd.GeoDataFrame({"Layer": []}, geometry=[]), None, notices)
    return _closed_and_open(frame[["Layer", "geometry"]].fillna({"Layer": ""}), path, notices)


def _dxf_encoding(path: Path, head: bytes) -> dict[str, str]:
    """The encoding of the names in a drawing that does not state it: UTF-8 if its bytes are, else GBK."""
    if b"$DWGCODEPAGE" in head or b"$ACADVER" in head:
        return {}
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return {"DXF_ENCODING": "CP936"}
    return {"DXF_ENCODING": "UTF-8"}


@contextmanager
def _dxf_options(more: dict[str, str]) -> Iterator[None]:
    options = {**_DXF_OPTIONS, **more}
    before = {key: pyogrio.get_gdal_config_option(key) for key in options}
    pyogrio.set_gdal_config_options(options)
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)


def _closed_and_open(frame: gpd.GeoDataFrame, path: Path, notices: tuple[Text, ...]) -> Shapes:
    objects = frame.geometry.to_numpy()
    line = shapely.get_type_id(objects) == shapely.GeometryType.LINESTRING
    closed = line & shapely.is_closed(objects) & (shapely.get_num_coordinates(objects) > 3)
    if closed.sum() > MAX_RINGS:
        raise ReadError(
            f"图形 {path} 有 {closed.sum()} 条闭合多段线，超过 {MAX_RINGS} 条。请只保留项目范围线。",
            f"Drawing {path} has {closed.sum()} closed polylines, more than {MAX_RINGS}. Keep the site's boundary only.",
        )
    rows: list[tuple[str, Any]] = []
    for layer, lines in frame[closed].groupby("Layer", sort=False):
        made = areas_of([shapely.get_coordinates(each) for each in lines.geometry])
        rows += [(str(layer), each) for each in shapely.get_parts(made)]
    rows += [
        (str(layer), each) for layer, each in zip(frame["Layer"][line & ~closed], objects[line & ~closed], strict=True)
    ]
    said = _said_of_drawing(path, int((line & ~closed).sum()), int((~line).sum()), bool(closed.any()))
    made_frame = gpd.GeoDataFrame({"name": [layer for layer, _ in rows]}, geometry=[each for _, each in rows])
    return Shapes(made_frame, None, (*notices, *said))


def _said_of_drawing(path: Path, opened: int, others: int, any_closed: bool) -> Iterator[Text]:
    if opened and any_closed:
        yield Text(
            f"{path.name}：有 {opened} 条未闭合的多段线；未给出宽度时不作为地块。若为范围线，请在 CAD 中闭合。",
            f"{path.name}: {opened} polylines are open and are no parcels unless a width is given. Close those that bound the site.",
        )
    if others:
        yield Text(
            f"{path.name}：{others} 个文字、图块、填充等其他对象未读取。",
            f"{path.name}: {others} other objects (texts, blocks, hatches) were not read.",
        )
