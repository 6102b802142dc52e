"""Sheets of a workbook as a bureau hands them in: titled, marked, ruled, printable. Cells are inert: text is never a formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from gis.present.style import DISCLAIMER, MARK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

    from gis.i18n import Language
    from gis.present.style import Audience

__all__ = ["FIRST_ROW", "grid", "plain", "title", "widths", "write"]

FIRST_ROW: Final = 5
"""Where the rows of a grid begin; the heads stand one above."""
_HEAD_FILL: Final = PatternFill("solid", fgColor="DCE6F1")
_LINE: Final = Border(*(Side(style="thin", color="BFBFBF") for _ in range(4)))


def title(sheet: Worksheet, text: str, language: Language, audience: Audience) -> None:
    """Put the title above the grid, and the mark and the disclaimer under it and into the footer of every page."""
    mark = "；".join([MARK[audience].render(language), DISCLAIMER.render(language)])
    for row, line in enumerate((text, mark), 1):
        write(sheet.cell(row, 1), line).font = Font(bold=row == 1, size=14 if row == 1 else 10)
    sheet.oddFooter.center.text = mark.replace("&", "&&")


def grid(
    sheet: Worksheet,
    heads: Sequence[str],
    rows: Sequence[Sequence[Any]],
    decimals: Sequence[int],
    *,
    freeze: str = "C5",
) -> None:
    """Put heads and rows under the title; `decimals` says per row how numbers are shown (their values stay whole)."""
    for column, head in enumerate(heads, 1):
        cell = write(sheet.cell(FIRST_ROW - 1, column), head)
        cell.font, cell.fill, cell.border = Font(bold=True), _HEAD_FILL, _LINE
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    for number, (row, places) in enumerate(zip(rows, decimals, strict=True), FIRST_ROW):
        for column, value in enumerate(row, 1):
            cell = write(sheet.cell(number, column), value)
            cell.border, cell.alignment = _LINE, Alignment(vertical="center", wrap_text=True)
            if isinstance(cell.value, float | int):
                cell.number_format = "#,##0" + ("." + "0" * places if places else "")
    sheet.freeze_panes = freeze
    sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = "landscape", 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def widths(sheet: Worksheet, columns: Sequence[float]) -> None:
    """Set the widths of the columns, in characters."""
    for n, width in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(n)].width = width


def write(cell: Cell, value: Any) -> Cell:
    """Put a value into a cell: a missing number leaves it empty, a text stays a text whatever it begins with."""
    value = plain(value)
    cell.value = None if value is pd.NA else value
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def plain(value: Any) -> Any:
    """The value in Python's own types; None for what is missing or not finite."""
    if value is None or (isinstance(value, float) and not np.isfinite(value)):
        return None
    return value.item() if isinstance(value, np.generic) else value
