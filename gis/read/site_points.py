"""The table of boundary points (界址点成果表) in a workbook or a delimited text: one row per point, heads found by what they say.

X is the northing and Y the easting, as Chinese surveyors write them, unless a head says 东, 北, 经 or 纬 (E, N, lon, lat). The
rows above the heads may state the survey (坐标系, 带号 …) as the coordinate text does.
"""

from __future__ import annotations

import csv
import re
import unicodedata
import zipfile
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from gis.errors import ReadError
from gis.read.site_crs import HEAD_KEYS, Head
from gis.read.site_rings import Draft, Faults, Point, number, plain_cells, too_many

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Rows", "delimited", "has_heads", "parsed_points", "workbook"]

Rows = list[tuple[int, list[str]]]
"""Rows that hold anything, each with its number in the file."""

_HEAD_ROWS: Final = 30
_MAX_COLUMNS: Final = 64
_MAX_UNPACKED: Final = 200_000_000
_NAMES: Final = {
    "parcel": {"地块编号", "地块号", "地块", "地块序号", "宗地号", "宗地编号", "宗地代码", "图斑编号", "图斑号", "parcel", "plot"},
    "name": {"地块名称", "名称", "项目名称", "name"},
    "point": {"点号", "界址点号", "界址点", "点名", "点编号", "拐点编号", "拐点", "序号", "编号", "point", "pointno", "no"},
    "ring": {"圈号", "地块圈号", "环号", "环", "ring"},
    "use": {"用途", "地块用途", "土地用途", "use"},
    "class_code": {"地类编码", "地类代码", "class_code"},
    "stated_ha": {"面积(公顷)", "面积公顷", "地块面积(公顷)", "stated_ha"},
}  # fmt: skip
_LONGITUDE: Final = re.compile(r"经|^(lon|lng|longitude)\b")
_LATITUDE: Final = re.compile(r"纬|^(lat|latitude)\b")
_NORTH: Final = re.compile(r"北|纵|^(n|north|northing)$")
_EAST: Final = re.compile(r"东|横|^(e|east|easting)$")
_PLAIN: Final = re.compile(r"\((m|米)\)|[\s()\[\]/_:：]|坐标值?|米")


def workbook(path: Path) -> dict[str, Rows]:
    """The rows of each sheet of an .xlsx; numbers as they were typed.

    Raises: ReadError if it is damaged, encrypted, or unpacks to too much.
    """
    import openpyxl  # noqa: PLC0415 - only for workbooks
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(each.file_size for each in archive.infolist())
        if size > _MAX_UNPACKED:
            raise ValueError(f"it unpacks to {size / 1e6:.0f} MB")
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        found = {sheet.title: list(_sheet_rows(sheet)) for sheet in book.worksheets}
        book.close()
    except (zipfile.BadZipFile, InvalidFileException, ValueError, KeyError, OSError, SyntaxError) as error:
        reason = str(error).replace("\n", " ")[:200]
        raise ReadError(
            f"工作簿 {path} 无法读取（{reason}）。请用 Excel 重新另存为 .xlsx，不加密。",
            f"Workbook {path} cannot be read ({reason}). Save it again as .xlsx, without a password.",
        ) from error
    return found


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    sheet.reset_dimensions()
    for at, row in enumerate(sheet.iter_rows(values_only=True, max_col=_MAX_COLUMNS), 1):
        cells = plain_cells(
            "" if each is None else repr(each) if isinstance(each, float) else str(each) for each in row
        )
        if any(cells):
            yield at, cells


def delimited(text: str, where: str) -> Rows:
    """The rows of a text whose cells are set off by commas, tabs or semicolons, whichever the heads show.

    Raises: ReadError if its quotes do not close.
    """
    plain = text.removeprefix("\ufeff")
    for delimiter in (",", "\t", ";", "，"):
        reader = csv.reader(StringIO(plain, newline=""), delimiter=delimiter, strict=True)
        rows: Rows = []
        try:
            for row in reader:
                cells = [_unguarded(each) for each in plain_cells(row)]
                if any(cells):
                    rows.append((reader.line_num, cells))
        except csv.Error as error:
            raise ReadError(
                f"表格 {where} 第 {reader.line_num} 行无法读取（{error}）。请检查引号，或重新导出。",
                f"Table {where}, line {reader.line_num}, cannot be read ({error}). Check its quotes, or export it again.",
            ) from error
        if has_heads(rows):
            return rows
    return []


def _unguarded(cell: str) -> str:
    """A cell without the apostrophe that keeps Excel from taking it for a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def has_heads(rows: Rows) -> bool:
    """Whether one of the first rows holds the heads of a table of boundary points."""
    return _headed(rows) is not None


def _headed(rows: Rows) -> tuple[int, dict[str, int]] | None:
    """At which row the heads stand, and the column of each; None if no row has both coordinates."""
    for at, (_, cells) in enumerate(rows[:_HEAD_ROWS]):
        columns: dict[str, int] = {}
        for column, cell in enumerate(cells):
            meant = _meant(cell)
            if meant:
                columns.setdefault(meant, column)
        if {"north", "east"} <= columns.keys():
            return at, columns
    return None


def _meant(head: str) -> str:
    """What a head means: north, east, or one of `_NAMES`; empty if nothing that we know.

    Example:
        >>> [_meant(each) for each in ("X坐标(m)", "横坐标Y", "北坐标", "经度", "点号", "边长")]
        ['north', 'east', 'north', 'east', 'point', '']
    """
    plain = unicodedata.normalize("NFKC", head).casefold().strip()
    for name, heads in _NAMES.items():
        if re.sub(r"\s", "", plain) in heads:
            return name
    if len(plain) > 20:
        return ""
    for pattern, name in ((_LONGITUDE, "east"), (_LATITUDE, "north"), (_NORTH, "north"), (_EAST, "east")):
        if pattern.search(plain):
            return name
    return {"x": "north", "y": "east"}.get(_PLAIN.sub("", plain), "")


def parsed_points(sheets: dict[str, Rows], faults: Faults) -> tuple[Head, list[Draft]]:
    """What the rows above the heads say, and the parcels of all sheets that have heads; wrong rows go to `faults`.

    A sheet without a column for parcels is one parcel. A blank parcel, name or ring is that of the row above.

    Raises: ReadError if no sheet has heads, or there are too many faults or points.
    """
    head, parcels = Head(), []
    for title, rows in sheets.items():
        found = _headed(rows)
        if found is None:
            continue
        at, columns = found
        for line, cells in rows[:at]:
            _state(head, cells, line)
        parcels += _parcels(rows[at + 1 :], columns, title if len(sheets) > 1 else "", faults)
    if not parcels and not faults.listed:
        raise ReadError(
            f"文件 {faults.where} 中找不到界址点：需要一行表头，含 X（纵坐标、北）与 Y（横坐标、东），可另有地块编号、圈号、点号。"
            "请补上表头或坐标。",
            f"File {faults.where} has no boundary points: it needs a row of heads with X (northing) and Y (easting), and may have "
            "地块编号, 圈号, 点号. Add the heads or the coordinates.",
        )
    return head, parcels


def _state(head: Head, cells: list[str], line: int) -> None:
    """What a row above the heads states: 带号=39 or 带号：39 in one cell, or in two beside each other."""
    for cell, after in zip(cells, [*cells[1:], ""], strict=True):
        key, _, value = re.sub("[：＝:]", "=", cell, count=1).partition("=")
        if (key := key.strip()) in HEAD_KEYS:
            head.put(key, value.strip() or after, line)


def _parcels(rows: Rows, columns: dict[str, int], title: str, faults: Faults) -> list[Draft]:
    found: list[Draft] = []
    done: set[str] = set()
    key = "name" if "name" in columns and "parcel" not in columns else "parcel"
    for count, (line, cells) in enumerate(rows):
        too_many(count, faults.where)
        texts = {name: cells[column] if column < len(cells) else "" for name, column in columns.items()}
        if not texts["north"] and not texts["east"]:
            continue  # side lengths stand in rows of their own in the official table
        mine = texts.get(key, "") or (getattr(found[-1], key) if found else title)
        if not found or mine != getattr(found[-1], key):
            if mine in done:
                faults.add(
                    line,
                    f"地块 {mine} 在其他地块之后再次出现。请把同一地块的点排在一起。",
                    f"parcel {mine} comes again after another. Put the points of a parcel together.",
                )
            done.add(mine)
            found.append(_draft(line, texts, key, mine))
        point = _point(line, texts, found[-1], faults)
        if point is not None:
            found[-1].points.append(point)
    return found


def _draft(line: int, texts: dict[str, str], key: str, mine: str) -> Draft:
    stated = number(texts.get("stated_ha", ""))
    draft = Draft(
        line,
        name=texts.get("name", ""),
        use=texts.get("use", ""),
        class_code=texts.get("class_code", ""),
        stated_ha=float("nan") if stated is None or stated < 0 else stated,
    )
    setattr(draft, key, mine)
    return draft


def _point(line: int, texts: dict[str, str], draft: Draft, faults: Faults) -> Point | None:
    north, east = number(texts["north"]), number(texts["east"])
    if north is None or east is None:
        wrong, which = (texts["north"], "X") if north is None else (texts["east"], "Y")
        faults.add(
            line,
            f"点 {texts.get('point') or '—'} 的 {which} 坐标“{wrong}”不是有效数字。请补上或改正。",
            f"point {texts.get('point') or '—'}: its {which} {wrong!r} is no valid number. Add or mend it.",
        )
        return None
    ring = texts.get("ring", "") or (draft.points[-1].ring if draft.points else "1")
    return Point(line, ring.removesuffix(".0"), east, north)
