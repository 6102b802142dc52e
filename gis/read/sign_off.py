"""The sheet of assumed parameters, signed by the bureau, as values of a profile."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from gis.errors import ReadError
from gis.i18n import Text
from gis.model.profile import Signature
from gis.read.table import read_grid
from gis.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["read_sign_off"]

_COLUMNS: Final = {
    "rule": ("规则", "Rule"), "parameter": ("参数", "Parameter"), "used": ("现用值（假定）", "Value in use (assumed)"),
    "value": ("确认值", "Confirmed value"), "by": ("确认人", "Confirmed by"), "on": ("确认日期", "Confirmed on"),
}  # fmt: skip


def read_sign_off(path: str | Path) -> Mapping[str, Mapping[str, tuple[Any, Signature]]]:
    """The confirmed values by rule and parameter, each with who signed it and when; rows nobody signed are left out.

    Raises: ReadError if the file is no such sheet; with every row that is half signed, or whose value is not of the
    parameter's kind.
    """
    path = Path(path)
    table = _table(path)
    faults: list[Text] = []
    signed: dict[str, dict[str, tuple[Any, Signature]]] = {}
    for number, cells in enumerate(table.itertuples(index=False, name=None), 1):
        row = dict(zip(_COLUMNS, cells, strict=True))
        try:
            found = _signed(row)
        except ValueError as error:
            where = f"{row['rule']}.{row['parameter']}"
            faults.append(
                Text(
                    f"确认表 {path} 第 {number} 条（{where}）：{error}。请改正后重读。",
                    f"Sheet {path}, entry {number} ({where}): {error}. Mend it and read again.",
                )
            )
        else:
            if found is not None:
                signed.setdefault(str(row["rule"]), {})[str(row["parameter"])] = found
    if faults:
        raise ReadError.of(faults)
    return signed


def _table(path: Path) -> pd.DataFrame:
    """The rows of the sheet under our column names."""
    names = {head: name for name, heads in _COLUMNS.items() for head in heads}
    table = read_grid(path, heads=names).rename(columns=names)
    lacking = [heads[0] for name, heads in _COLUMNS.items() if name not in table.columns]
    if lacking:
        raise ReadError(
            f"确认表 {path} 缺少列：{'、'.join(lacking)}。请用 gis sign-off 生成的表填写。",
            f"Sheet {path} lacks columns {', '.join(lacking)}. Fill in the sheet that gis sign-off makes.",
        )
    return table[list(_COLUMNS)].dropna(how="all")


def _signed(row: Mapping[str, Any]) -> tuple[Any, Signature] | None:
    by, on = _text(row["by"]), _text(row["on"])
    if not by and not on:
        if _text(row["value"]):
            raise ValueError("填了确认值但没有确认人和日期 / a value without name and date")
        return None
    if not by or not on:
        raise ValueError("确认人和确认日期须同时填写 / name and date go together")
    try:
        day = date.fromisoformat(on.partition(" ")[0].replace("/", "-"))
    except ValueError:
        raise ValueError(f"确认日期 {on} 不是 年-月-日 / {on} is no year-month-day") from None
    return _value(_text(row["rule"]), _text(row["parameter"]), _text(row["value"]) or _text(row["used"])), Signature(
        by, day
    )


def _value(rule: str, parameter: str, text: str) -> Any:
    """The text as a value of the parameter's kind."""
    if rule not in RULES or parameter not in RULES[rule].parameters:
        raise ValueError("没有这条规则或参数 / there is no such rule or parameter")
    default = RULES[rule].parameters[parameter][1]
    if isinstance(default, tuple):
        return tuple(each.strip() for each in text.replace("，", ",").split(",") if each.strip())
    if isinstance(default, bool):
        if text.casefold() not in ("true", "false", "是", "否"):
            raise ValueError(f"{text} 不是 是/否 / {text} is neither yes nor no")
        return text.casefold() in ("true", "是")
    if isinstance(default, int | float):
        try:
            number = float(text)
        except ValueError:
            raise ValueError(f"{text} 不是数字 / {text} is no number") from None
        return int(number) if isinstance(default, int) and number.is_integer() else number
    return text


def _text(cell: Any) -> str:
    return "" if cell is None or (isinstance(cell, float) and cell != cell) else str(cell).strip()  # noqa: PLR0124
