"""The land-approval coordinate text (报批坐标 TXT): `[属性描述]` with the survey, `[地块坐标]` with parcels and their points.

A parcel is a line of nine items that ends in @ (界址点数,面积(公顷),地块编号,名称,面,图幅号,用途,地类编码,@), then a line
per point (J1,圈号,X,Y) with X = north and Y = east, which as a rule begins with the zone number.

Source: cctool.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

from gis.errors import ReadError
from gis.read.site_crs import Head
from gis.read.site_rings import Draft, Faults, Point, number, plain_cells, too_many

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["MAX_BYTES", "is_coordinate_text", "numbered_lines", "parsed_text", "text_of"]

MAX_BYTES: Final = 200_000_000
_SECTION: Final = re.compile(r"[\[【［]\s*(.+?)\s*[\]】］]")
_COORDINATES: Final = "地块坐标"
_FIELDS: Final = 9
_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_AREAS: Final = frozenset({"", "面", "区", "polygon"})
_LINES: Final = frozenset({"线", "line", "polyline"})


def text_of(path: Path) -> str:
    """The text of a file in UTF-8 or UTF-16 with mark, UTF-8, or else GB18030 (which holds GBK).

    Raises: ReadError if it is empty, too large, or no text in any of these.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ReadError(
            f"文件 {path} 过大（{size / 1e6:.0f} MB），不是一个项目的坐标。请只保留本项目的地块。",
            f"File {path} is too large for a site ({size / 1e6:.0f} MB). Keep the parcels of the project only.",
        )
    data = path.read_bytes()
    if not data.strip():
        raise ReadError(
            f"文件 {path} 是空文件。请重新导出坐标。", f"File {path} is empty. Export the coordinates again."
        )
    marked = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
    for name in (*(each for mark, each in marked.items() if data.startswith(mark)), "utf-8", "gb18030"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ReadError(
        f"文件 {path} 不是文本，或编码既非 UTF-8 也非 GBK。请另存为 UTF-8 文本。",
        f"File {path} is no text, or neither in UTF-8 nor in GBK. Save it as text in UTF-8.",
    )


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with its number, as an editor counts them; lines of blanks are passed over."""
    for at, line in enumerate(_LINE_END.split(text), 1):
        if plain := line.strip(" \t　\ufeff\xa0"):
            yield at, plain


def is_coordinate_text(text: str) -> bool:
    """Whether a text has the heading of the parcels' coordinates."""
    return any(_section(line) == _COORDINATES for _, line in numbered_lines(text))


def _section(line: str) -> str:
    found = _SECTION.fullmatch(line)
    return found[1] if found else ""


def parsed_text(text: str, faults: Faults) -> tuple[Head, list[Draft]]:
    """What the head says, and the parcels as they stand; wrong lines go to `faults`.

    Raises: ReadError if there are too many faults or points.
    """
    head, parcels, inside, points = Head(), [], "", 0
    for at, line in numbered_lines(text):
        if _section(line):
            inside = _section(line)
        elif inside != _COORDINATES:
            _statement(head, line, at)
        elif "@" in line:
            parcels.append(_parcel(line, at, faults))
        elif not parcels:
            faults.add(
                at,
                f"界址点“{line[:40]}”前面没有地块行（以 @ 结尾）。请补上地块行。",
                f"point {line[:40]!r} comes before any parcel line (which ends in @). Add the parcel's line.",
            )
        else:
            points += 1
            too_many(points, faults.where)
            point = _point(line, at, faults)
            if point is not None:
                parcels[-1].points.append(point)
    return head, parcels


def _statement(head: Head, line: str, at: int) -> None:
    key, equals, value = line.replace("＝", "=").partition("=")
    if equals:
        head.put(key.strip(), value.strip(), at)


def _parcel(line: str, at: int, faults: Faults) -> Draft:
    """The parcel of a line; a name may hold commas, as what comes before and after it is counted."""
    cells = plain_cells(line.rstrip(", ").split(","))
    if len(cells) < _FIELDS:
        cells = plain_cells(line.replace("，", ",").rstrip(", ").split(","))
    draft = Draft(at)
    if len(cells) < _FIELDS or cells[-1] != "@":
        faults.add(
            at,
            f"地块行“{line[:60]}”应为 9 项并以 @ 结尾：界址点数,面积(公顷),地块编号,名称,面,图幅号,用途,地类编码,@。请补全。",
            f"parcel line {line[:60]!r} must have 9 items, the last being @: points, hectares, number, name, kind, sheet, use, class, @. "
            "Complete it.",
        )
        return draft
    count, area, draft.parcel = cells[:3]
    kind, _, draft.use, draft.class_code = cells[-5:-1]
    draft.name = ",".join(cells[3:-5])
    draft.is_line = kind.casefold() in _LINES
    if kind.casefold() not in _AREAS | _LINES:
        faults.add(
            at,
            f"图形属性“{kind}”不是面或线，不能作为用地范围。请改为“面”，或提供边界坐标。",
            f"kind {kind!r} is neither an area (面) nor a line (线), so it is no site. Give the boundary.",
        )
    draft.count = _count(count, at, faults)
    draft.stated_ha = _hectares(area, at, faults)
    return draft


def _count(text: str, at: int, faults: Faults) -> int | None:
    if not text:
        return None
    value = number(text)
    if value is None or value < 0 or value != int(value):
        faults.add(at, f"界址点数“{text}”不是整数。请改正。", f"count of points {text!r} is no whole number. Mend it.")
        return None
    return int(value)


def _hectares(text: str, at: int, faults: Faults) -> float:
    if not text:
        return float("nan")
    value = number(text)
    if value is None or value < 0:
        faults.add(
            at, f"面积“{text}”不是数字（公顷）。请改正，或留空。", f"area {text!r} is no number of hectares. Mend it."
        )
        return float("nan")
    return value


def _point(line: str, at: int, faults: Faults) -> Point | None:
    cells = plain_cells(line.replace("，", ",").rstrip(", ").split(","))
    if len(cells) != 4:
        faults.add(
            at,
            f"界址点行“{line[:60]}”应为 4 项：点号,圈号,X(北),Y(东)。请改正。",
            f"point line {line[:60]!r} must have 4 items: point, ring, X (north), Y (east). Mend it.",
        )
        return None
    ring, north, east = number(cells[1]), number(cells[2]), number(cells[3])
    if ring is None or ring < 0 or ring != int(ring):
        faults.add(at, f"圈号“{cells[1]}”不是整数。请改正。", f"ring number {cells[1]!r} is no whole number. Mend it.")
        return None
    if north is None or east is None:
        wrong = cells[2] if north is None else cells[3]
        faults.add(
            at,
            f"坐标“{wrong}”不是有效数字。请改正为以米为单位的十进制数。",
            f"coordinate {wrong!r} is no valid number. Write a decimal number of metres.",
        )
        return None
    return Point(at, f"{ring:.0f}", east, north)
