"""Which files are opened at all: an allow-list of formats, told by their first bytes, never by their ending."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic_core import from_json

from gis.errors import ReadError
from gis.i18n import Text
from gis.read.sqlite import gpkg_fault

__all__ = ["DATA_ENDINGS", "FORMATS", "HOPELESS", "Container", "Format", "checked_path", "container", "sidecar"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format that may be opened: our id, GDAL's driver (empty: not read with GDAL), its endings."""

    id: str
    driver: str
    endings: tuple[str, ...]


FORMATS: Final = (
    Format("gpkg", "GPKG", (".gpkg",)),
    Format("gdb", "OpenFileGDB", (".gdb",)),
    Format("shp", "ESRI Shapefile", (".shp",)),
    Format("geojson", "GeoJSON", (".geojson", ".json")),
    Format("fgb", "FlatGeobuf", (".fgb",)),
    Format("parquet", "", (".parquet", ".geoparquet")),
    Format("osm", "OSM", (".osm.pbf",)),
)
"""Every vector format that is ever opened."""

DATA_ENDINGS: Final = tuple(ending for each in FORMATS if each.id != "osm" for ending in each.endings)
"""Endings that are looked for in a folder; OpenStreetMap extracts are read only where plan.toml names them."""

_EXPORT: Final = Text(
    "请用 ArcGIS 或 QGIS 另存为 GeoPackage（.gpkg）或 File Geodatabase（.gdb）后再读取",
    "Save it as GeoPackage (.gpkg) or File Geodatabase (.gdb) in ArcGIS or QGIS, then read that",
)
_UNPACK: Final = Text("请先解压，再读取解压出的文件夹", "Unpack it first, then read the folder")
_MAPGIS: Final = Text(
    "请用 MapGIS 的文件转换功能导出为 Shapefile，再读取",
    "Export it to shapefiles with MapGIS's converter, then read those",
)

HOPELESS: Final[dict[str, tuple[Text, Text]]] = {
    ".mdb": (Text("ArcGIS 个人地理数据库", "an ArcGIS personal geodatabase"), _EXPORT),
    ".accdb": (Text("Access 数据库", "an Access database"), _EXPORT),
    ".dwg": (Text("CAD 图形", "a CAD drawing"), _EXPORT),
    ".dxf": (Text("CAD 交换图形", "a CAD exchange drawing"), _EXPORT),
    ".e00": (Text("ArcInfo 交换文件", "an ArcInfo interchange file"), _EXPORT),
    ".kml": (Text("KML", "KML"), _EXPORT),
    ".kmz": (Text("KMZ", "KMZ"), _EXPORT),
    ".gml": (Text("GML", "GML"), _EXPORT),
    ".tab": (Text("MapInfo 表", "a MapInfo table"), _EXPORT),
    ".mif": (Text("MapInfo 交换文件", "a MapInfo interchange file"), _EXPORT),
    ".vct": (Text("VCT 交换文件", "a VCT exchange file"), _EXPORT),
    ".lpk": (Text("ArcGIS 图层包", "an ArcGIS layer package"), _EXPORT),
    ".mpk": (Text("ArcGIS 地图包", "an ArcGIS map package"), _EXPORT),
    ".wp": (Text("MapGIS 区文件", "a MapGIS polygon file"), _MAPGIS),
    ".wl": (Text("MapGIS 线文件", "a MapGIS line file"), _MAPGIS),
    ".wt": (Text("MapGIS 点文件", "a MapGIS point file"), _MAPGIS),
    ".rar": (Text("RAR 压缩包", "a RAR archive"), _UNPACK),
    ".7z": (Text("7z 压缩包", "a 7z archive"), _UNPACK),
    ".tar": (Text("tar 压缩包", "a tar archive"), _UNPACK),
    ".gz": (Text("gz 压缩包", "a gz archive"), _UNPACK),
}
"""What users hand in and we cannot read: what it is, and the remedy."""

MAX_GEOJSON_BYTES: Final = 500_000_000
"""A larger GeoJSON would have to be held in memory several times over; other formats have no such limit."""

_GEOJSON_TYPES: Final = {
    "FeatureCollection", "Feature", "GeometryCollection", "Point", "MultiPoint", "LineString", "MultiLineString",
    "Polygon", "MultiPolygon",
}  # fmt: skip
_COLLECTION: Final = re.compile(rb'(\xef\xbb\xbf)?\s*\{[^{\[]*"type"\s*:\s*"FeatureCollection"')
_CRS_NAME: Final = r"(urn:ogc:def:crs:)?[A-Za-z]{0,20}:{0,2}[\w.]{0,20}:{0,2}[\w.]{1,40}"
_CRS_KEY: Final = re.compile(rb'"crs"\s*:')
_NAMED_CRS: Final = re.compile(
    rb'"crs"\s*:\s*\{\s*"type"\s*:\s*"name"\s*,\s*"properties"\s*:\s*\{\s*"name"\s*:\s*"'
    + _CRS_NAME.replace(r"\w", "A-Za-z0-9_").encode("ascii")
    + rb'"\s*\}\s*\}'
)
_GDB_MEMBER: Final = re.compile(
    r"(a[0-9a-f]{8}\.(gdbtable|gdbtablx|gdbindexes|spx|atx|freelist|horizon|\w+\.atx|band_index|blk_key_index|"
    r"col_index|row_index|cix|cdf)|gdb|timestamps|.*\.lock|thumbs\.db|desktop\.ini)",
    re.IGNORECASE,
)
_DBF_VERSIONS: Final = {0x03, 0x04, 0x05, 0x30, 0x31, 0x83, 0x8B, 0xF5}
_PREFIXED: Final = re.compile(r"^[A-Za-z][A-Za-z0-9_ ]+:")


@dataclass(frozen=True, slots=True)
class Container:
    """A file (or .gdb folder) that has passed the checks, with its format."""

    path: Path
    format: Format

    def members(self) -> tuple[Path, ...]:
        """Every file that belongs to it, in order of name."""
        if self.path.is_dir():
            return tuple(sorted(each for each in self.path.iterdir() if each.is_file()))
        if self.format.id != "shp":
            return (self.path,)
        found = (sidecar(self.path, ending) for ending in (".shp", ".shx", ".dbf", ".prj", ".cpg"))
        return tuple(each for each in found if each is not None)


def checked_path(path: str | Path) -> Path:
    """The absolute path of a file or folder that exists on this machine.

    Raises: ReadError for GDAL's virtual file systems, addresses, driver prefixes, and for what does not exist.
    """
    text = str(path)
    forward = text.replace("\\", "/")
    if "/vsi" in forward.lower() or "://" in text or "!" in text or "\0" in text or _PREFIXED.match(text):
        raise ReadError(
            f"路径 {text!r} 不是普通文件路径（含 /vsi、网址、驱动前缀或“!”），出于安全考虑不予打开。请给出本机文件的路径；文件名含“!”的请改名。",
            f"Path {text!r} is not a plain file path (it has /vsi, an address, a driver prefix or '!') and is not opened, "
            "for safety. Give the path of a file on this machine; rename a file that has '!' in its name.",
        )
    found = Path(path).expanduser().absolute()
    if not found.exists():
        raise ReadError(
            f"文件 {text} 不存在。请检查路径和文件名。", f"File {text} does not exist. Check the path and the name."
        )
    return found


def sidecar(path: Path, ending: str) -> Path | None:
    """The file beside `path` with the same name and this ending, in whatever case; None if there is none."""
    wanted = (path.stem + ending).casefold()
    plain = path.with_suffix(ending)
    if plain.is_file():
        return plain
    return next((each for each in path.parent.iterdir() if each.name.casefold() == wanted and each.is_file()), None)


def format_of(path: Path) -> Format | None:
    """The format that the ending announces; None if we know no such ending."""
    name = path.name.casefold()
    return next((each for each in FORMATS if name.endswith(each.endings)), None)


def container(path: Path) -> Container:
    """The file with its format, after its bytes were seen to be what its ending says.

    Raises: ReadError with all that is wrong: an ending we cannot read (and the remedy), an empty or cut-off file, bytes
        of another format, missing companions of a shapefile.
    """
    ending = path.suffix.casefold()
    if ending in HOPELESS:
        what, remedy = HOPELESS[ending]
        raise ReadError(
            f"文件 {path} 是{what.zh}，本工具不能读取。{remedy.zh}。",
            f"File {path} is {what.en}, which cannot be read. {remedy.en}.",
        )
    kind = format_of(path)
    if kind is None:
        raise ReadError(
            f"文件 {path} 的格式不在可读取之列。请提供 .gdb、.gpkg、.shp、.geojson、.fgb 或 .parquet。",
            f"File {path} is of a format that is not read. Supply .gdb, .gpkg, .shp, .geojson, .fgb or .parquet.",
        )
    faults = _CHECKS[kind.id](path)
    if faults:
        raise ReadError.of(faults)
    return Container(path, kind)


def _head(path: Path, length: int) -> bytes:
    with path.open("rb") as stream:
        return stream.read(length)


def _empty(path: Path) -> list[Text]:
    return [
        Text(
            f"文件 {path} 是空文件（0 字节）。请重新导出或拷贝。",
            f"File {path} is empty (0 bytes). Export or copy it again.",
        )
    ]


def _not_a_file(path: Path) -> list[Text]:
    return [
        Text(
            f"{path} 不是文件。请给出该格式的文件。",
            f"{path} is not a file. Give a file of this format.",
        )
    ]


def _other_bytes(path: Path, what: str) -> list[Text]:
    return [
        Text(
            f"文件 {path} 的内容不是 {what}（首部字节不符），出于安全考虑未读取。请确认扩展名，或用 GIS 软件重新导出。",
            f"File {path} does not contain {what} (its first bytes differ) and was not read, for safety. "
            "Check its ending, or export it again.",
        )
    ]


def _cut_off(path: Path, have: int, need: int) -> list[Text]:
    return [
        Text(
            f"文件 {path} 不完整：应有 {need} 字节，实有 {have} 字节。请重新拷贝或导出。",
            f"File {path} is cut off: {need} bytes expected, {have} found. Copy or export it again.",
        )
    ]


def _plain_faults(path: Path, magic: bytes, what: str) -> list[Text]:
    """What is wrong with a single file that must begin with `magic`."""
    if not path.is_file():
        return _not_a_file(path)
    if path.stat().st_size == 0:
        return _empty(path)
    return [] if _head(path, len(magic)) == magic else _other_bytes(path, what)


def _gpkg_faults(path: Path) -> list[Text]:
    faults = _plain_faults(path, b"SQLite format 3\0", "GeoPackage")
    if faults:
        return faults
    head, size = _head(path, 100), path.stat().st_size
    page = int.from_bytes(head[16:18], "big")
    need = (65536 if page == 1 else page) * int.from_bytes(head[28:32], "big")
    if len(head) < 100 or size < need:
        return _cut_off(path, size, max(need, 100))
    return gpkg_fault(path)


def _gdb_faults(path: Path) -> list[Text]:
    if not path.is_dir():
        return _other_bytes(path, "File Geodatabase")
    members = sorted(each for each in path.iterdir() if not each.name.startswith("."))
    strange = [each.name for each in members if not each.is_file() or not _GDB_MEMBER.fullmatch(each.name)]
    if strange:
        listed = ", ".join(strange[:5])
        return [
            Text(
                f"文件夹 {path} 中有不属于 File Geodatabase 的内容：{listed}，出于安全考虑未读取。请移出这些文件，或重新导出。",
                f"Folder {path} holds what does not belong in a File Geodatabase: {listed}; it was not read, for safety. "
                "Move these out, or export it again.",
            )
        ]
    tables = [each for each in members if each.suffix.casefold() == ".gdbtable"]
    if not tables:
        return _other_bytes(path, "File Geodatabase")
    wrong = [each for each in tables if _head(each, 4) not in {b"\x03\0\0\0", b"\x04\0\0\0"}]
    cut = [(each, each.stat().st_size, int.from_bytes(_head(each, 32)[24:], "little")) for each in tables]
    faults = [fault for each in wrong for fault in _other_bytes(each, "File Geodatabase")]
    return faults + [fault for each, size, need in cut if size < max(need, 40) for fault in _cut_off(each, size, need)]


def _shp_faults(path: Path) -> list[Text]:
    faults = _plain_faults(path, b"\x00\x00\x27\x0a", "Shapefile")
    head = b"" if faults else _head(path, 28)
    if len(head) == 28 and path.stat().st_size < 2 * int.from_bytes(head[24:28], "big"):
        faults = _cut_off(path, path.stat().st_size, 2 * int.from_bytes(head[24:28], "big"))
    missing = [ending for ending in (".dbf", ".shx") if sidecar(path, ending) is None]
    if missing:
        faults.append(
            Text(
                f"Shapefile {path} 缺少同名的 {'、'.join(missing)} 文件。请把 .shp、.shx、.dbf、.prj 一并拷贝。",
                f"Shapefile {path} lacks its {' and '.join(missing)}. Copy .shp, .shx, .dbf and .prj together.",
            )
        )
    dbf = sidecar(path, ".dbf")
    if dbf is not None and dbf.stat().st_size == 0:
        faults += _empty(dbf)
    elif dbf is not None and _head(dbf, 1)[0] not in _DBF_VERSIONS:
        faults += _other_bytes(dbf, "DBF")
    return faults


def _geojson_faults(path: Path) -> list[Text]:
    if not path.is_file():
        return _not_a_file(path)
    size = path.stat().st_size
    if size == 0:
        return _empty(path)
    if size > MAX_GEOJSON_BYTES:
        return [
            Text(
                f"文件 {path} 过大（{size / 1e9:.1f} GB）。请转换为 GeoPackage 或 FlatGeobuf。",
                f"File {path} is too large for GeoJSON ({size / 1e9:.1f} GB). Convert it to GeoPackage or FlatGeobuf.",
            )
        ]
    return [] if _plainly_geojson(data := path.read_bytes()) else _parsed_faults(path, data)


def _plainly_geojson(data: bytes) -> bool:
    """Whether a look at the bytes settles it, as it does for what GIS programs write; if not, the file is parsed.

    Parsing costs twice what reading does. A key could hide behind an escape, hence none may occur.
    """
    if b"\\u" in data or not _COLLECTION.match(data[:4096]):
        return False
    whole = all(data.count(opening) == data.count(closing) for opening, closing in ((b"{", b"}"), (b"[", b"]")))
    if not whole or len(_CRS_KEY.findall(data)) != len(_NAMED_CRS.findall(data)):
        return False
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def _parsed_faults(path: Path, data: bytes) -> list[Text]:
    try:
        found = from_json(data.removeprefix(codecs.BOM_UTF8))
    except ValueError:
        return _other_bytes(path, "GeoJSON (UTF-8)")
    if not isinstance(found, dict) or found.get("type") not in _GEOJSON_TYPES:
        return _other_bytes(path, "GeoJSON")
    return _crs_link(path, found)


def _crs_link(path: Path, found: dict[str, object]) -> list[Text]:
    """The old `crs` member may only name a system; a link would make GDAL fetch it."""
    crs = found.get("crs")
    if crs is None:
        return []
    named = isinstance(crs, dict) and crs.get("type") in {"name", "EPSG"} and isinstance(crs.get("properties"), dict)
    name = str(crs["properties"].get("name", crs["properties"].get("code", ""))) if named else ""  # type: ignore[index]
    if re.fullmatch(_CRS_NAME, name):
        return []
    return [
        Text(
            f"文件 {path} 的 crs 是链接或无法识别，出于安全考虑未读取。请写成 EPSG 代码，例如 urn:ogc:def:crs:EPSG::4490。",
            f"The crs of file {path} is a link or not understood; it was not read, for safety. "
            "Write an EPSG code, e.g. urn:ogc:def:crs:EPSG::4490.",
        )
    ]


def _fgb_faults(path: Path) -> list[Text]:
    return _plain_faults(path, b"fgb\x03fgb", "FlatGeobuf")


def _parquet_faults(path: Path) -> list[Text]:
    return _plain_faults(path, b"PAR1", "GeoParquet")


def _osm_faults(path: Path) -> list[Text]:
    if not path.is_file():
        return _not_a_file(path)
    if path.stat().st_size == 0:
        return _empty(path)
    return [] if b"OSMHeader" in _head(path, 64) else _other_bytes(path, "OpenStreetMap PBF")


_CHECKS: Final = {
    "gpkg": _gpkg_faults,
    "gdb": _gdb_faults,
    "shp": _shp_faults,
    "geojson": _geojson_faults,
    "fgb": _fgb_faults,
    "parquet": _parquet_faults,
    "osm": _osm_faults,
}
