"""Writing a site as it is handed in: the land-approval coordinate text (报批坐标 TXT) and the table of boundary points (界址点成果表).

Northings are written before eastings, eastings with the zone number. Numbers of the site's own system are written to the
stated precision; nothing is re-projected, so a site that was read from such a file comes out with the same points.
"""

from __future__ import annotations

import csv
import math
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from gis.analysis.site_system import DATUMS, Zone, zone_of
from gis.crs import describe
from gis.errors import WriteError
from gis.geometry import area
from gis.present import sheets
from gis.present.atomic import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.site import Site

__all__ = ["PRECISIONS", "save_site"]

PRECISIONS: Final = {0.01: 2, 0.001: 3, 0.0001: 4}
"""The precisions that may be stated, m, and their decimals."""

_HEADS: Final = ("地块编号", "地块名称", "用途", "地类编码", "面积(公顷)", "圈号", "点号", "X坐标(米)", "Y坐标(米)")
_WIDTHS: Final = (12, 24, 16, 10, 12, 8, 8, 16, 18)
_WRITERS_KEYS: Final = ("格式版本号", "数据产生单位", "数据产生日期", "项目名称")
_WITHIN_A_ZONE_M: Final = 1e6


def save_site(site: Site, path: str | Path, *, precision: float = 0.001) -> Path:
    """The path of what was written: a coordinate text for .txt, a table of boundary points for .csv and .xlsx.

    Each ring is closed by its first point; 圈号 counts the rings of a parcel, points are numbered through (J1, J2 …). Areas are
    the official ones, in hectares with four decimals. `precision` is 0.01, 0.001 or 0.0001 m. The text is in GBK (GB18030),
    as approval systems read it, the .csv in UTF-8 with mark.

    Raises: WriteError if the site is in no Gauss–Krüger zone of CGCS2000, Xi'an 1980 or Beijing 1954, lies more than its zone
        away from its meridian, has a place that is no number, or the ending is another.
    """
    target = Path(path)
    if precision not in PRECISIONS:
        raise WriteError(
            f"精度 precision = {precision} 不可用。请用 0.01、0.001 或 0.0001（米）。",
            f"A precision of {precision} is not offered. Use 0.01, 0.001 or 0.0001 m.",
        )
    zone = _zone(site)
    writers = {".txt": _text, ".csv": _csv, ".xlsx": _workbook}
    if target.suffix.casefold() not in writers:
        raise WriteError(
            f"地块不能写成 {target.suffix or '无扩展名的文件'}（{target}）。请用 .txt、.csv 或 .xlsx。",
            f"A site is not written as {target.suffix or 'a file without ending'} ({target}). Use .txt, .csv or .xlsx.",
        )
    with whole_file(target) as beside:
        writers[target.suffix.casefold()](site, zone, precision, beside)
    return target


def _zone(site: Site) -> Zone:
    """The zone the site is in, if all its eastings and northings can be written in it."""
    zone = zone_of(site.crs) if site.crs is not None else None
    if zone is None:
        said = "未知" if site.crs is None else describe(site.crs).zh
        raise WriteError(
            f'地块的坐标系（{said}）不是高斯—克吕格分带，不能写成报批坐标。请先投影：parcels.to_crs("EPSG:4549") 等 3 度带坐标系。',
            "The site is in no Gauss–Krüger zone, so it cannot be written as coordinates for approval. Project it first, "
            'parcels.to_crs("EPSG:4549") or another 3-degree zone.',
        )
    xy = shapely.get_coordinates(site.parcels.geometry.to_numpy())
    east = xy[:, 0] - (zone.number * _WITHIN_A_ZONE_M if zone.prefixed else 0.0)
    if not len(xy) or not np.isfinite(xy).all() or not ((east >= 0) & (east < _WITHIN_A_ZONE_M)).all():
        raise WriteError(
            f"地块坐标不在第 {zone.number} 带的数值范围内或为空，不能写成报批坐标。请核对坐标系，或投影到所在的 3 度带。",
            f"The site has no coordinates, or such as zone {zone.number} cannot have, so it is not written. Check its system, "
            "or project it to the zone it lies in.",
        )
    return zone


def _rings(geometry: Any) -> list[list[tuple[float, float]]]:
    """The rings of a parcel in order, each shell before its holes; the lines of a corridor."""
    parts = shapely.get_parts(geometry)
    if shapely.get_dimensions(geometry) < 2:
        return [list(each.coords) for each in parts]
    return [list(ring.coords) for part in parts for ring in (part.exterior, *part.interiors)]


def _points(geometry: Any, zone: Zone) -> Iterator[tuple[int, str, float, float]]:
    """Ring number, point number, X (north) and Y (east, with zone number) of each point; the last of a ring is its first again."""
    added = 0.0 if zone.prefixed else zone.number * _WITHIN_A_ZONE_M
    first = 1
    for at, ring in enumerate(_rings(geometry), 1):
        closed = len(ring) > 1 and ring[0] == ring[-1]
        for n, (east, north) in enumerate(ring):
            number = first if closed and n == len(ring) - 1 else first + n
            yield at, f"J{number}", north, east + added
        first += len(ring) - closed


def _parcels(site: Site) -> pd.DataFrame:
    """The parcels with the columns that are written; what is missing is empty."""
    texts = {
        name: site.parcels[name].fillna("") if name in site.parcels else ""
        for name in ("parcel", "name", "use", "class_code")
    }
    return pd.DataFrame(site.parcels).assign(**texts)


def _hectares(site: Site) -> list[float]:
    """The official areas; NaN for lines."""
    objects = site.parcels.geometry.to_numpy()
    found = area.official(objects, site.crs) / 1e4
    return [float(each) for each in np.where(shapely.get_dimensions(objects) == 2, found, np.nan)]


def _fixed(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}" if math.isfinite(value) else ""


def _head(site: Site, zone: Zone, precision: float) -> dict[str, str]:
    """The survey of the site: what the file it came from said of its makers, and what its numbers are."""
    kept = {key: site.surveyed[key] for key in _WRITERS_KEYS if site.surveyed.get(key)}
    return {
        "格式版本号": "1.01版本",
        **kept,
        "坐标系": DATUMS[zone.datum].name.zh,
        "几度分带": str(zone.width),
        "投影类型": "高斯克吕格",
        "计量单位": "米",
        "带号": str(zone.number),
        "精度": f"{precision:g}",
        "转换参数": ",,,,,,",
    }


def _one_line(value: Any) -> str:
    """A text that breaks no line and ends no parcel's line."""
    return " ".join(str(value).split()).replace("@", "＠")


def _text(site: Site, zone: Zone, precision: float, target: Path) -> None:
    decimals = PRECISIONS[precision]
    lines = [
        "[属性描述]",
        *(f"{key}={_one_line(value)}" for key, value in _head(site, zone, precision).items()),
        "[地块坐标]",
    ]
    rows = zip(_parcels(site).itertuples(), _hectares(site), strict=True)
    for row, hectares in rows:
        points = list(_points(row.geometry, zone))
        kind = "面" if shapely.get_dimensions(row.geometry) == 2 else "线"
        number, use, code = (_one_line(each).replace(",", "，") for each in (row.parcel, row.use, row.class_code))
        lines.append(f"{len(points)},{_fixed(hectares, 4)},{number},{_one_line(row.name)},{kind},,{use},{code},@")
        lines += [f"{name},{ring},{north:.{decimals}f},{east:.{decimals}f}" for ring, name, north, east in points]
    target.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))


def _table(site: Site, zone: Zone) -> Iterator[list[Any]]:
    for row, hectares in zip(_parcels(site).itertuples(), _hectares(site), strict=True):
        for ring, name, north, east in _points(row.geometry, zone):
            key = row.parcel or row.Index
            yield [key, row.name, row.use, row.class_code, hectares, ring, name, north, east]


def _csv(site: Site, zone: Zone, precision: float, target: Path) -> None:
    decimals, sink = PRECISIONS[precision], StringIO(newline="")
    writer = csv.writer(sink)
    writer.writerows([_inert(key), _inert(value)] for key, value in _head(site, zone, precision).items())
    writer.writerow(_HEADS)
    for *texts, hectares, ring, name, north, east in _table(site, zone):
        numbers = [_fixed(hectares, 4), ring, name, _fixed(north, decimals), _fixed(east, decimals)]
        writer.writerow([*map(_inert, texts), *numbers])
    target.write_bytes(sink.getvalue().encode("utf-8-sig"))


def _inert(value: Any) -> str:
    """A text that Excel does not take for a formula when it opens the .csv."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _workbook(site: Site, zone: Zone, precision: float, target: Path) -> None:
    import openpyxl  # noqa: PLC0415 - only for workbooks

    decimals = PRECISIONS[precision]
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "界址点成果表"
    survey = list(_head(site, zone, precision).items())
    for at, pair in enumerate(survey, 1):
        for column, value in enumerate(pair, 1):
            sheets.write(sheet.cell(at, column), value)
    for column, head in enumerate(_HEADS, 1):
        sheets.write(sheet.cell(len(survey) + 1, column), head)
    formats = {5: "0.0000", 8: "0." + "0" * decimals, 9: "0." + "0" * decimals}
    for at, (*texts, hectares, ring, name, north, east) in enumerate(_table(site, zone), len(survey) + 2):
        values = [*texts, round(hectares, 4), ring, name, round(north, decimals), round(east, decimals)]
        for column, value in enumerate(values, 1):
            cell = sheets.write(sheet.cell(at, column), value)
            cell.number_format = formats.get(column, "General")
    sheet.freeze_panes = sheet.cell(len(survey) + 2, 1)
    sheets.widths(sheet, _WIDTHS)
    book.save(target)
