"""The assumed parameters in use, as a sheet for the bureau to confirm: value, name, date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook

from gis.errors import WriteError
from gis.i18n import Text
from gis.model.concept import sources
from gis.present.atomic import whole_file
from gis.present.sheets import grid, title, widths

if TYPE_CHECKING:
    from gis.i18n import Language
    from gis.model.finding import Findings

__all__ = ["HEADS", "save_sign_off"]

HEADS: Final = (
    Text("规则", "Rule"), Text("规则名称", "Title"), Text("参数", "Parameter"), Text("含义", "Meaning"), Text("单位", "Unit"),
    Text("现用值（假定）", "Value in use (assumed)"), Text("依据", "Source"), Text("确认值", "Confirmed value"),
    Text("确认人", "Confirmed by"), Text("确认日期", "Confirmed on"),
)  # fmt: skip
"""The heads of the sheet; `gis.read.sign_off` finds its columns by them. The last three are for the bureau to fill in."""
_WIDTHS: Final = (8, 30, 20, 40, 10, 24, 34, 24, 14, 14)
_TITLE: Final = Text("假定参数确认表", "Assumed parameters, to be confirmed")
_HELP: Final = Text(
    "确认值留空表示同意现用值；填写确认人和确认日期（年-月-日）后有效。多个代码用逗号分隔。",
    "An empty confirmed value agrees to the value in use; name and date (year-month-day) make it valid. Codes are separated by commas.",
)


def save_sign_off(found: Findings, path: str | Path, *, language: Language = "zh") -> Path:
    """The path of a workbook with one row per assumed parameter of the rules that ran, and room for value, name and date.

    Raises: WriteError for an ending other than .xlsx, or a place that cannot be written.
    """
    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise WriteError(
            f"确认表不能写成 {path.suffix or '无后缀'} 文件（{path}）。请用 .xlsx。",
            f"The sheet cannot be written as {path.suffix or 'a file without ending'} ({path}). Use .xlsx.",
        )
    rows = _rows(found, language)
    book = Workbook()
    sheet = book.active
    sheet.title = Text("假定参数", "Assumed").render(language)
    title(sheet, f"{found.plan} {_TITLE.render(language)}", language, "internal")
    sheet.cell(3, 1).value = _HELP.render(language)
    grid(sheet, [each.render(language) for each in HEADS], rows, [0] * len(rows), freeze="D5")
    widths(sheet, _WIDTHS)
    with whole_file(path) as target:
        book.save(target)
    return path


def _rows(found: Findings, language: Language) -> list[tuple[Any, ...]]:
    cited = sources()
    return [
        (
            rule, found.outcomes[rule].title.render(language), name, setting.meaning.render(language), setting.unit,
            _written(setting.value), "；".join(cited[each].title.render(language) for each in found.outcomes[rule].cites),
            None, None, None,
        )
        for rule, settings in found.assumed().items()
        for name, setting in settings.items()
    ]  # fmt: skip


def _written(value: Any) -> str:
    """A value as text that can be read back: codes side by side, numbers as Python writes them."""
    return ", ".join(str(each) for each in value) if isinstance(value, tuple) else str(value)
