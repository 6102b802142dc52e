"""Reading a proposed site (拟选址地块): a coordinate text, a table of boundary points, a drawing, or any vector file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.crs import describe, is_degrees
from gis.errors import ReadError
from gis.geometry import area
from gis.i18n import Text
from gis.model.site import SITE_COLUMNS, Site
from gis.read.container import checked_path
from gis.read.place import parsed_crs
from gis.read.site_crs import Head, system_of
from gis.read.site_points import delimited, parsed_points, workbook
from gis.read.site_rings import MAX_POINTS, Draft, Faults, drawn
from gis.read.site_text import is_coordinate_text, parsed_text, text_of
from gis.read.site_vector import Shapes, read_shapes, unzipped

if TYPE_CHECKING:
    from pyproj import CRS

__all__ = ["read_site"]

_NAMES: Final = {
    "site": ("site", "项目编号", "XMBH"),
    "parcel": ("parcel", "地块编号", "地块号", "DKBH", "DKH"),
    "name": ("name", "地块名称", "DKMC", "项目名称", "XMMC", "名称"),
    "use": ("use", "用途", "地块用途", "DKYT", "TDYT"),
    "class_code": ("class_code", "地类编码", "DLBM"),
    "stated_ha": ("stated_ha", "面积公顷"),
    "width_m": ("width_m", "宽度", "KD"),
}
_STATED_LOOSE: Final = 0.001
"""A stated area may differ by a thousandth (plane and ellipsoid differ by half of that) and 0.001 ha before it is told of."""


@dataclass(frozen=True, slots=True)
class _Call:
    """What the caller stated."""

    crs: Any
    width_m: float | None


def read_site(path: str | Path, *, crs: Any = None, width_m: float | None = None) -> Site:
    """The site at `path`: its parcels in the CRS they are in, and notices of all that a reader should know.

    Read are the land-approval coordinate text (`[地块坐标]`, UTF-8 or GBK), a table of boundary points (.csv, .xlsx, .txt; X is
    the northing), closed polylines of a .dxf, .kml and .kmz, .geojson, .gpkg, .shp, .gdb, .fgb, .parquet, and a zip with one of
    them. `crs` wins over what the file says; without both, the zone number before the eastings tells a CGCS2000 zone, which
    is said. `width_m` is the width of the corridor along lines, in metres. Coordinates are never moved.

    Invalid areas are kept with a notice; features without geometry are left out with a notice.

    Raises: ReadError with every wrong line by its number: what is wrong, what to do; and for files that are empty, damaged,
        unsafe, too large, without a system, or with points or lines where areas are needed. CrsError if `crs` is unknown.

    Example:
        >>> read_site("no_such_site.txt")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        gis.errors.ReadError: 文件 no_such_site.txt 不存在。请检查路径和文件名。
        File no_such_site.txt does not exist. Check the path and the name.
    """
    if width_m is not None and not 0 < width_m < math.inf:
        raise ReadError(
            f"线路宽度 width_m = {width_m} 无效。请给出大于 0 的米数。",
            f"Width width_m = {width_m} is not valid. Give a number of metres above 0.",
        )
    given = checked_path(path)
    call = _Call(crs, width_m)
    with unzipped(given) as file:
        ending = file.suffix.casefold()
        if ending in (".txt", ".csv", ".xlsx", ".xls"):
            frame, head, notices = _listed(file, call)
        else:
            frame, notices = _shapes(read_shapes(file), file, call)
            head = Head()
    name = head.get("项目名称") or given.stem
    parcels, more = _site(frame, name, given.name, call)
    surveyed = MappingProxyType(dict(head.values))
    return Site(parcels, name, tuple(dict.fromkeys((*notices, *more))), str(given), surveyed)


def _listed(path: Path, call: _Call) -> tuple[gpd.GeoDataFrame, Head, tuple[Text, ...]]:
    """The parcels of a coordinate list, what its head says, and notices."""
    if path.suffix.casefold() == ".xls":
        raise ReadError(
            f"文件 {path} 是旧版 Excel 工作簿，本工具不能读取。请另存为 .xlsx。",
            f"File {path} is a workbook of the old kind, which is not read. Save it as .xlsx.",
        )
    faults = Faults(path.name)
    if path.suffix.casefold() == ".xlsx":
        head, drafts = parsed_points(workbook(path), faults)
    elif is_coordinate_text(text := text_of(path)):
        head, drafts = parsed_text(text, faults)
    else:
        head, drafts = parsed_points({path.stem: delimited(text, path.name)}, faults)
    shapes = [drawn(each, faults) for each in drafts] if not faults.listed else []
    faults.stop()
    _some(len(drafts), path)
    points = [point for each in drafts for point in each.points]
    places = np.array([(each.east, each.north) for each in points])
    found, notices = system_of(head, places, [each.line for each in points], call.crs, faults)
    frame = gpd.GeoDataFrame(_columns(drafts), geometry=[shape for shape, _ in shapes], crs=found)
    opened = sum(count for _, count in shapes)
    if opened:
        text_opened = Text(
            f"{path.name}：{opened} 个圈首尾点不同，已连回首点。",
            f"{path.name}: {opened} rings did not come back to their first point and were closed.",
        )
        notices = (*notices, text_opened)
    return frame, head, notices


def _columns(drafts: list[Draft]) -> dict[str, list[Any]]:
    names = ("parcel", "name", "use", "class_code", "stated_ha")
    return {name: [getattr(each, name) for each in drafts] for name in names}


def _some(count: int, path: Path) -> None:
    if not count:
        raise ReadError(
            f"文件 {path} 中没有地块。请补上地块和坐标。", f"File {path} has no parcels. Add parcels and coordinates."
        )


def _shapes(shapes: Shapes, path: Path, call: _Call) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
    """The features of a vector file in their CRS, those without geometry left out."""
    frame, notices = shapes.frame, list(shapes.notices)
    gone = frame.geometry.isna() | frame.geometry.is_empty
    if gone.any() and not gone.all():
        notices.append(
            Text(
                f"{path.name}：{int(gone.sum())} 个要素没有图形，未读取。",
                f"{path.name}: {int(gone.sum())} features have no geometry and were left out.",
            )
        )
    frame = frame[~gone].reset_index(drop=True)
    _some(len(frame), path)
    objects = frame.geometry.to_numpy()
    xy, row = shapely.get_coordinates(objects, return_index=True)
    if len(xy) > MAX_POINTS:
        raise ReadError(
            f"文件 {path} 有 {len(xy)} 个顶点，超过 {MAX_POINTS} 个，不是一个项目的用地范围。请只保留本项目的地块。",
            f"File {path} has {len(xy)} vertices, more than {MAX_POINTS}, which is no site. Keep the parcels of the project only.",
        )
    if not np.isfinite(xy).all():
        bad = int(row[~np.isfinite(xy).all(axis=1)][0]) + 1
        raise ReadError(
            f"文件 {path} 第 {bad} 个要素的坐标不是有效数值。请改正该图形。",
            f"File {path}: feature {bad} has coordinates that are no numbers. Mend it.",
        )
    found, more = _declared(shapes.crs, xy, path, call)
    return frame.set_crs(found, allow_override=True), (*notices, *more)


def _declared(declared: CRS | None, xy: Any, path: Path, call: _Call) -> tuple[CRS, tuple[Text, ...]]:
    """What the caller states, else the file, unless its numbers cannot be degrees; else what the zone number tells."""
    metres = declared is not None and is_degrees(declared) and np.median(np.abs(xy).max(axis=1)) > 360
    if declared is None or metres:
        bounds = np.array([xy.min(axis=0), xy.max(axis=0)])
        found, notices = system_of(Head(), bounds, [1, 1], call.crs, Faults(path.name))
        if not metres or call.crs is not None:
            return found, notices
        said = Text(
            f"{path.name} 声明为经纬度，坐标却以米为单位；按带号认作 {describe(found).zh}。",
            f"{path.name} is declared in degrees but its coordinates are metres; by the zone number they are {describe(found).en}.",
        )
        return found, (said, *notices)
    if call.crs is None or parsed_crs(call.crs, path.name) == declared:
        return declared, ()
    given = parsed_crs(call.crs, path.name)
    return given, (
        Text(
            f"{path.name} 声明为 {describe(declared).zh}；已按指定的 {describe(given).zh} 读取。",
            f"{path.name} is declared in {describe(declared).en}; it was read in the system given, {describe(given).en}.",
        ),
    )


def _site(frame: gpd.GeoDataFrame, name: str, where: str, call: _Call) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
    """The parcels with all columns of a site, under unique ids, and what is to be said of them."""
    made = _renamed(frame)
    for column in SITE_COLUMNS:
        if column.endswith(("_ha", "_m")):
            made[column] = pd.to_numeric(made[column], errors="coerce") if column in made else np.nan
        else:
            made[column] = _texts(made[column]) if column in made else ""
    made["site"] = made["site"].where(made["site"] != "", name)
    made, notices = _areas_and_corridors(made, where, call)
    made.index = pd.Index(_ids(made["parcel"]), name="feature_id")
    others = [each for each in made.columns if each not in (*SITE_COLUMNS, "geometry")]
    made = made[[*SITE_COLUMNS, *others, "geometry"]]
    return made, (*notices, *_invalid(made, where), *_stated(made, where))


def _renamed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame with its columns called as ours, the first of several that mean the same."""
    by_name = {str(each).casefold(): each for each in frame.columns if each != "geometry"}
    taken = {}
    for ours, names in _NAMES.items():
        theirs = next((by_name[each.casefold()] for each in names if each.casefold() in by_name), None)
        if theirs is not None:
            taken[theirs] = ours
    clash = {each: f"{each}_" for each in frame.columns if each in _NAMES and each not in taken}
    return frame.rename(columns={**clash, **taken})


def _texts(column: pd.Series[Any]) -> pd.Series[Any]:
    if pd.api.types.is_float_dtype(column.dtype):  # numbers that lost their type to a gap: 1.0 is parcel 1
        column = column.astype("Int64") if (column.dropna() % 1 == 0).all() else column
    return column.astype("str").where(column.notna(), "").str.strip().astype("str")


def _ids(parcels: pd.Series[Any]) -> list[str]:
    """The parcel's number where it is unique and does not look made, else with the number of its row."""
    again = parcels.duplicated(keep=False) | parcels.str.contains("#", regex=False)
    return [
        each if each and not twice else f"{each}#{at}"
        for at, (each, twice) in enumerate(zip(parcels, again, strict=True), 1)
    ]


def _areas_and_corridors(frame: gpd.GeoDataFrame, where: str, call: _Call) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
    """Areas as they are, lines with their width; where there are areas, lines without a width are left out.

    Raises: ReadError if nothing remains, or for other kinds of geometry.
    """
    kind = shapely.get_type_id(frame.geometry.to_numpy())
    is_area = np.isin(kind, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    is_line = np.isin(kind, (shapely.GeometryType.LINESTRING, shapely.GeometryType.MULTILINESTRING))
    width = frame["width_m"].where(frame["width_m"] > 0, call.width_m if call.width_m is not None else np.nan)
    frame["width_m"] = width.where(is_line, np.nan)
    corridor = is_line & frame["width_m"].notna().to_numpy()
    kept = is_area | corridor
    left = int((~kept).sum())
    if not kept.any():
        what, what_en = ("线", "lines") if is_line.any() else ("点或其他图形", "points or other shapes")
        raise ReadError(
            f"文件 {where} 中只有未闭合的{what}，没有面，无法核对占用。请提供闭合的范围；线性工程请给出宽度 width_m（命令行用 --width）。",
            f"File {where} has only open {what_en} and no areas. Give the closed boundary, or for a linear project the width, "
            "width_m (--width on the command line).",
        )
    if not left:
        return frame, ()
    text = Text(
        f"{where}：{left} 个点、线要素不是面，未作为地块。线性工程请给出宽度。",
        f"{where}: {left} points or lines are no areas and were left out. Give a width for a linear project.",
    )
    return frame[kept].copy(), (text,)


def _invalid(frame: gpd.GeoDataFrame, where: str) -> list[Text]:
    """One notice per parcel whose geometry is invalid; it is kept as it came."""
    objects = frame.geometry.to_numpy()
    bad = np.flatnonzero(~shapely.is_valid(objects))[:10]
    return [
        Text(
            f"{where}：地块 {frame.index[at]} 图形无效（{shapely.is_valid_reason(objects[at])}），按原样保留。请核对界址点次序。",
            f"{where}: parcel {frame.index[at]} is invalid ({shapely.is_valid_reason(objects[at])}) and kept as it came. "
            "Check the order of its points.",
        )
        for at in bad
    ]


def _stated(frame: gpd.GeoDataFrame, where: str) -> list[Text]:
    """One notice per parcel whose stated area is not that of its points."""
    stated = frame["stated_ha"].to_numpy(float)
    asked = np.flatnonzero(np.isfinite(stated) & (stated > 0) & frame["width_m"].isna().to_numpy())
    found = np.full(len(frame), np.nan)
    if len(asked):
        found[asked] = area.official(frame.geometry.to_numpy()[asked], frame.crs) / 1e4
    off = np.flatnonzero(np.abs(found - stated) > _STATED_LOOSE * (1 + stated))[:10]
    return [
        Text(
            f"{where}：地块 {frame.index[at]} 写明 {stated[at]:.4f} 公顷，按界址点计算为 {found[at]:.4f} 公顷。请核对界址点、圈号和面积。",
            f"{where}: parcel {frame.index[at]} states {stated[at]:.4f} ha; its points give {found[at]:.4f} ha. "
            "Check points, rings and area.",
        )
        for at in off
    ]
