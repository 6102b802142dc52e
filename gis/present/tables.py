"""Tables that leave the house: indicators as an Excel workbook, CSV or JSON. Cells are inert: text is never a formula."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook

from gis.errors import WriteError
from gis.i18n import Text
from gis.present.atomic import whole_file
from gis.present.sheets import grid, plain, title, widths
from gis.present.style import DISCLAIMER, MARK
from gis.units import UNITS

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from gis.i18n import Language
    from gis.indicators import Measures
    from gis.present.style import Audience

__all__ = ["measures_json", "save_measures"]

_HEADS: Final = (
    Text("编号", "Code"), Text("指标", "Indicator"), Text("单位", "Unit"), Text("数值", "Value"), Text("目标", "Target"),
    Text("差距", "Gap"), Text("是否达到", "Met"), Text("未测算原因或说明", "Why not measured, or a note"),
)  # fmt: skip
_WIDTHS: Final = (12, 34, 16, 16, 16, 16, 10, 64)
_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")


def save_measures(
    table: Measures, path: str | Path, *, language: Language = "zh", audience: Audience = "internal"
) -> Path:
    """The path of the written table: .xlsx (a sheet for the whole, one by area) or .csv (all rows, UTF-8 with BOM for Excel).

    Values keep their full precision; the sheet shows the decimals of their unit. A value that was not measured is an
    empty cell with its reason, never 0.

    Raises: WriteError for another ending, or a place that cannot be written.
    """
    path = Path(path)
    writers = {".xlsx": _workbook, ".csv": _csv}
    if path.suffix.lower() not in writers:
        raise WriteError(
            f"指标表不能写成 {path.suffix or '无后缀'} 文件（{path}）。请用 .xlsx 或 .csv。",
            f"Indicators cannot be written as {path.suffix or 'a file without ending'} ({path}). Use .xlsx or .csv.",
        )
    with whole_file(path) as target:
        writers[path.suffix.lower()](table, target, language, audience)
    return path


def measures_json(table: Measures, audience: Audience = "internal") -> dict[str, Any]:
    """The measurement as one object; a missing number is null."""
    rows = table.frame.astype(object)
    return {
        "plan": table.plan,
        "mark": asdict(MARK[audience]),
        "disclaimer": asdict(DISCLAIMER),
        "by": table.by,
        "notices": [{"zh": each.zh, "en": each.en} for each in table.notices],
        "measures": [{name: plain(value) for name, value in row.items()} for row in rows.to_dict(orient="records")],
    }


def _csv(table: Measures, path: Path, language: Language, audience: Audience) -> None:
    frame = table.frame.assign(mark=MARK[audience].render(language), disclaimer=DISCLAIMER.render(language))
    texts = frame.select_dtypes(include=["str", "object"]).columns
    frame[texts] = frame[texts].map(
        lambda value: f"'{value}" if isinstance(value, str) and value.startswith(_RISKY) else value
    )
    frame.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _workbook(table: Measures, path: Path, language: Language, audience: Audience) -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = Text("全市", "Whole").render(language)
    title(sheet, table.plan, language, audience)
    rows = [
        (
            each.indicator.code, each.indicator.title.render(language), UNITS[each.indicator.unit].name.render(language),
            each.value, each.target, each.gap, _met(each.met).render(language),
            (each.reason if each.reason else each.note).render(language),
        )
        for each in table.whole
    ]  # fmt: skip
    decimals = [UNITS[each.indicator.unit].decimals for each in table.whole]
    grid(sheet, [each.render(language) for each in _HEADS], rows, decimals)
    widths(sheet, _WIDTHS)
    if table.by:
        _by_area(book.create_sheet(Text("分县", "By county").render(language)), table, language, audience)
    book.save(path)


def _by_area(sheet: Worksheet, table: Measures, language: Language, audience: Audience) -> None:
    title(sheet, table.plan, language, audience)
    wide = table.pivot(language).reset_index()
    decimals = [UNITS[unit].decimals for unit in wide["indicator"].map(_units(table))]
    wide = wide.drop(columns="indicator")
    grid(sheet, [str(each) for each in wide.columns], wide.to_numpy(dtype=object).tolist(), decimals)
    widths(sheet, [34, *[18] * (len(wide.columns) - 1)])


def _units(table: Measures) -> dict[str, str]:
    return {each.indicator.id: each.indicator.unit for each in table.items}


def _met(met: bool | None) -> Text:
    return Text("—", "—") if met is None else Text("是", "yes") if met else Text("否", "no")
