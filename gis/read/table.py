"""Tables of a plan: .csv (UTF-8 or GBK) and .xlsx, every cell as text, so that codes keep their zeros.

Office tables have a title above their heads, units in brackets and thousands set off; a table that the catalogue knows
(`gis.model.tables`) comes out with its columns named, typed and in the catalogue's units.
"""

from __future__ import annotations

import csv
import re
import unicodedata
import zipfile
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.printed import keep_printed, keep_words
from gis.errors import ReadError
from gis.i18n import Text
from gis.model.tables import TABLES, TableSpec, table_named
from gis.read.fields import canonical_names, typed
from gis.units import UNITS, from_base, to_base, unit_named

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

__all__ = ["TABLE_ENDINGS", "encoding_of", "known_tables", "read_grid", "read_table", "tidy_table"]

TABLE_ENDINGS: Final = (".csv", ".xlsx")
MAX_BYTES: Final = 1_000_000_000
MAX_CSV_BYTES: Final = 200_000_000
_HEAD_ROWS: Final = 10  # how far down the heads of a table may stand
_NOTHING: Final = ("", "NA", "N/A", "NULL", "null", "NaN", "nan")
_NO_NUMBER: Final = ("-", "—", "——", "–", "−", "/", "\\", "无", "…")
_SET_OFF: Final = re.compile(r"^([+-]?\d{1,3})((?:[, ]\d{3})+)(\.\d+)?$")
_FLOOR: Final = "≥|>=|不低于|不少于|不小于"
_BOUND: Final = re.compile(rf"^(?:{_FLOOR}|≤|<=|不高于|不超过|不大于)\s*(?=\d)")
_RUNNING: Final = ("序号", "顺序号")
_HEAD_WITH_UNIT: Final = re.compile(r"^(.+?)\s*[（(\[]\s*(.+?)\s*[)）\]]$")
_UNIT_LINE: Final = re.compile(r"(?:计量)?单位\s*[:：]\s*([^()（）]+)")
_REMARK: Final = re.compile(r"^\s*(?:注|备注|说明|填表说明|资料来源|数据来源)\s*\d*\s*[:：]")
_UNITS: Final = "units"


def read_table(path: Path, *, sheet: str = "", encoding: str = "", spec: TableSpec | None = None) -> pd.DataFrame:
    """The table at `path` as text columns, missing as NaN; with `spec` the heads may stand below a title.

    Raises: ReadError if it is neither .csv nor .xlsx, is empty, damaged or too large, or lacks the sheet.
    """
    with _said_of(path):
        if path.suffix.casefold() == ".csv":
            return _headed(_csv(path, encoding), _names(spec))
        sheets = _sheets(path)
        if sheet and sheet not in sheets:
            raise ValueError(f"no sheet {sheet}; it has {', '.join(sheets)}")
        return _headed(sheets[sheet] if sheet else next(iter(sheets.values())), _names(spec))


def read_grid(path: Path, *, heads: Collection[str]) -> pd.DataFrame:
    """The first sheet at `path` as text, below the first row that holds two of the `heads`, written exactly so.

    Raises: ReadError as `read_table` does.
    """
    with _said_of(path):
        raw = _csv(path, "") if path.suffix.casefold() == ".csv" else next(iter(_sheets(path).values()))
        return _headed(raw, lambda cell: cell.strip() in heads)


def known_tables(path: Path) -> dict[str, pd.DataFrame]:
    """The tables that the catalogue knows by the name of their sheet, or else of their file; none if it knows none.

    Raises: ReadError as `read_table` does.
    """
    by_file = table_named(path.stem)
    with _said_of(path):
        if path.suffix.casefold() == ".csv":
            return {by_file: _headed(_csv(path, ""), _names(TABLES[by_file]))} if by_file else {}
        sheets = _sheets(path)
        found = {id_: sheets[name] for name in sheets if (id_ := table_named(name)) is not None}
        if not found and by_file is not None:
            found = {by_file: next(iter(sheets.values()))}
        return {id_: _headed(raw, _names(TABLES[id_])) for id_, raw in found.items()}


def tidy_table(frame: pd.DataFrame, spec: TableSpec, *, where: str) -> tuple[pd.DataFrame, tuple[Text, ...]]:
    """The table with the catalogue's columns, types and units; and what a reader should know.

    A head may carry its unit in brackets, or the table above its heads ("单位：公顷"): values are brought to the catalogue's. A
    column in a unit nobody knows keeps its name, so that no rule takes it for something it is not. A cell of words in a column of
    numbers is missing, and what it said is kept beside the table (`gis.analysis.printed.words_in`).
    """
    heads = {
        str(each): _with_table_unit(spec, *_head(str(each)), frame.attrs.get(_UNITS, {})) for each in frame.columns
    }
    strange = {column for column, (name, unit) in heads.items() if _factor(spec, name, unit) is None}
    bare = {column: name for column, (name, _) in heads.items() if column not in strange}
    names = canonical_names(bare.values(), spec, where=where)
    renamed = {column: names.renamed.get(name, name) for column, name in bare.items()}
    out = frame.rename(columns=lambda each: renamed.get(str(each), str(each)))
    numbers = [each for each in renamed.values() if each in spec.fields and spec.fields[each].type in ("int", "float")]
    bounds, words = {each: _bounds(out[each]) for each in numbers}, {}
    out = _percents(out, numbers) if "unit" in spec.fields else out
    for column in numbers:
        out[column], words[column] = _apart(_plain_numbers(out[column]))
    texts = {column: out[column] for column in renamed.values() if column in spec.fields}
    out, notices = typed(out, spec, where=where)
    for column, name in renamed.items():
        factor = _factor(spec, *heads[column])
        if factor not in (None, 1.0) and pd.api.types.is_numeric_dtype(out[name].dtype):
            out[name] = out[name] * factor
        if name in texts and spec.fields[name].type == "float":
            unit = unit_named(heads[column][1]) if spec.fields[name].unit else ""
            keep_printed(out, name, unit or "", texts[name], bounds[name])
        if name in words:
            keep_words(out, name, words[name])
    if strange:
        listed = "、".join(sorted(strange))
        text = Text(
            f"{where}：列 {listed} 的单位无法识别，原样保留。请改用规定单位。",
            f"{where}: the unit of {', '.join(sorted(strange))} is unknown, so they stay as they are. Use the unit required.",
        )
        notices = (*notices, text)
    return out, (*names.notices, *notices)


def _head(column: str) -> tuple[str, str]:
    """A head without blanks, and the unit that stands behind it in brackets."""
    name = re.sub(r"\s+", "", column)
    match = _HEAD_WITH_UNIT.match(name)
    return (match[1], match[2]) if match else (name, "")


def _with_table_unit(spec: TableSpec, name: str, unit: str, units: Mapping[str, str]) -> tuple[str, str]:
    """A head and its unit: its own, else what the table says of all figures of its quantity."""
    field = spec.fields.get(spec.field_names().get(name.casefold(), ""))
    return name, unit or (units.get(UNITS[field.unit].quantity, "") if field is not None and field.unit else "")


def _factor(spec: TableSpec, name: str, unit: str) -> float | None:
    """What the values of a column are to be multiplied by; None where its unit does not fit the field."""
    field = spec.fields.get(spec.field_names().get(name.casefold(), ""))
    if field is None or not unit or not field.unit:
        return 1.0
    stated = unit_named(unit)
    if stated is None or UNITS[stated].quantity != UNITS[field.unit].quantity:
        return None
    return float(from_base(to_base(1.0, stated), field.unit))


def _plain_numbers(column: pd.Series[Any]) -> pd.Series[Any]:
    """Text of numbers in plain digits, without thousands marks and marks of a bound; nothing where a dash says there is none."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column
    text = column.astype("str").str.normalize("NFKC").str.strip().str.replace(_BOUND, "", regex=True)
    plain = text.str.replace(_SET_OFF, lambda each: re.sub("[, ]", "", each[0]), regex=True)
    return plain.mask(plain.isin(_NO_NUMBER) | column.astype("str").str.strip().isin(_NO_NUMBER))


def _bounds(column: pd.Series[Any]) -> list[str]:
    """Of each cell ">=" or "<=" where it is written as a bound, else ""."""
    said = column.astype("str").str.normalize("NFKC").str.strip().fillna("")
    return [(">=" if re.match(_FLOOR, each) else "<=") if _BOUND.match(each) else "" for each in said]


def _percents(frame: pd.DataFrame, numbers: list[str]) -> pd.DataFrame:
    """The table without the percent signs of rows in per cent; a row that states no unit is so where a figure has the sign."""
    said = frame[numbers].apply(lambda each: each.astype("str").str.normalize("NFKC").str.strip())
    signed = said.apply(lambda each: each.str.fullmatch(r"[^%]*\d\s*%").fillna(False)).astype(bool)
    if not signed.to_numpy().any():
        return frame
    unit = frame["unit"].astype("str") if "unit" in frame else pd.Series(np.nan, index=frame.index, dtype="str")
    unit = unit.mask(unit.isna() & signed.any(axis="columns"), "%")
    in_percent = unit.str.normalize("NFKC").str.strip().eq("%").fillna(False).to_numpy(dtype=bool)
    bare = {each: frame[each].mask(signed[each] & in_percent, said[each].str.rstrip("% ")) for each in numbers}
    return frame.assign(unit=unit, **bare)


def _apart(column: pd.Series[Any]) -> tuple[pd.Series[Any], list[str]]:
    """The cells that are numbers, missing where words stand; and the words."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column, [""] * len(column)
    words = column.notna() & column.str.strip().ne("") & pd.to_numeric(column, errors="coerce").isna()
    return column.mask(words), column.where(words, "").tolist()


def _names(spec: TableSpec | None) -> Callable[[str], bool] | None:
    """Whether a cell names a column of the table; None where nothing is known of the table."""
    known = spec.field_names() if spec is not None else {}
    return (lambda cell: _head(cell)[0].casefold() in known) if spec is not None else None


def _headed(raw: pd.DataFrame, is_head: Callable[[str], bool] | None) -> pd.DataFrame:
    """Rows below the heads: the first row with two cells that are heads, or two rows that are so together, else the first of all.

    What a line above says of the unit is kept in `attrs`; remarks below the table are left out, and so are lines of a form in
    which nothing stands but their number.
    """
    if raw.empty:
        raise ValueError("it is empty")
    at, heads = _heads(raw, is_head)
    body = raw.iloc[at:].set_axis(pd.Index(_distinct(heads)), axis="columns").dropna(how="all")
    remark = [
        sum(map(pd.notna, row)) == 1 and bool(_REMARK.match(str(next(filter(pd.notna, row)))))
        for row in body.to_numpy()
    ]
    bare = body.loc[:, ~body.columns.isin(_RUNNING)].isna().all(axis="columns").to_numpy() & (is_head is not None)
    body = body[~np.array(remark, dtype=bool) & ~bare].reset_index(drop=True)
    body.attrs[_UNITS] = _table_units(raw.iloc[:at]) if is_head is not None else {}
    return body


def _heads(raw: pd.DataFrame, is_head: Callable[[str], bool] | None) -> tuple[int, list[str]]:
    """The row at which the body begins, and the heads above it; those of two rows are joined where they are known only so."""
    rows = raw.head(_HEAD_ROWS + 1).to_numpy()
    if is_head is not None:
        for n, row in enumerate(rows[:_HEAD_ROWS]):
            single, double = _cells(row), _joined(row, rows[n + 1]) if n + 1 < len(rows) else []
            count = sum(map(is_head, single))
            more = any(is_head(both) and both != one for one, both in zip(single, double, strict=False))
            if more and sum(map(is_head, double)) >= max(count, 2):
                return n + 2, double
            if count >= 2:
                return n + 1, single
    return 1, _cells(rows[0])


def _cells(row: Any) -> list[str]:
    return [str(cell).strip() if isinstance(cell, str) else f"#{n}" for n, cell in enumerate(row)]


def _joined(upper: Any, lower: Any) -> list[str]:
    """The heads of two rows, the upper ones merged over the lower; none where the lower row holds a number."""
    below = [cell.strip() if isinstance(cell, str) else "" for cell in lower]
    if any(re.match(r"[\d.,+-]*\d", unicodedata.normalize("NFKC", cell)) for cell in below):
        return []
    heads, over = [], ""
    for n, (cell, under) in enumerate(zip(upper, below, strict=True)):
        over = cell.strip() if isinstance(cell, str) else over if under else ""
        bare = under.strip("（）()")
        heads.append(f"{over}（{bare}）" if over and unit_named(bare) else f"{over}{under}" or f"#{n}")
    return heads


def _table_units(above: pd.DataFrame) -> dict[str, str]:
    """By quantity, the unit that the lines above the heads state ("单位：公顷、%"); none where they state two for it."""
    said = [
        match[1] for cell in above.to_numpy().ravel() if isinstance(cell, str) and (match := _UNIT_LINE.search(cell))
    ]
    units = {
        unit for each in said for name in re.split(r"[、,，;；/\s]+", each) if (unit := unit_named(name)) is not None
    }
    found: dict[str, list[str]] = {}
    for unit in units:
        found.setdefault(UNITS[unit].quantity, []).append(unit)
    return {quantity: each[0] for quantity, each in found.items() if len(each) == 1}


def _distinct(heads: list[str]) -> list[str]:
    """Heads that stand twice are numbered: `面积`, `面积.1`."""
    series = pd.Series(heads, dtype="str")
    again = series.groupby(series).cumcount()
    return series.where(again == 0, series + "." + again.astype("str")).tolist()


def _csv(path: Path, encoding: str) -> pd.DataFrame:
    if path.stat().st_size > MAX_CSV_BYTES:
        raise ValueError(f"it has {path.stat().st_size / 1e6:.0f} MB")
    text = path.read_bytes().decode(encoding or encoding_of(path))
    rows = list(csv.reader(StringIO(text, newline=""), strict=True))
    width = max(map(len, rows), default=0)
    return _texts(pd.DataFrame([row + [""] * (width - len(row)) for row in rows], dtype="str"))


def _sheets(path: Path) -> dict[str, pd.DataFrame]:
    with zipfile.ZipFile(path) as archive:  # a workbook is a zip: what it unpacks to is bounded before it is unpacked
        size = sum(each.file_size for each in archive.infolist())
    if size > MAX_BYTES:
        raise ValueError(f"it unpacks to {size / 1e9:.1f} GB")
    read = pd.read_excel(path, sheet_name=None, header=None, dtype="str", engine="openpyxl")
    return {str(name): _texts(frame) for name, frame in read.items()}


def _texts(raw: pd.DataFrame) -> pd.DataFrame:
    return raw.astype("str").mask(raw.isin(_NOTHING), np.nan)


def encoding_of(path: Path) -> str:
    """UTF-8 if the bytes are valid UTF-8 (with or without mark), else GB18030."""
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


class _said_of:  # noqa: N801 - reads as a word: with _said_of(path)
    """Faults of a file that libraries raise in many ways become one clear message that names it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if path.suffix.casefold() not in TABLE_ENDINGS:
            raise ReadError(
                f"表格文件 {path} 的格式不能读取。请另存为 .csv 或 .xlsx。",
                f"Table file {path} is of a format that is not read. Save it as .csv or .xlsx.",
            )

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, _: Any) -> None:
        if isinstance(error, ValueError | KeyError | LookupError | OSError | zipfile.BadZipFile | csv.Error):
            reason = str(error).replace("\n", " ")[:200]
            raise ReadError(
                f"表格文件 {self.path} 无法读取（{reason}）。请检查内容和工作表名，或重新导出。",
                f"Table file {self.path} cannot be read ({reason}). Check its content and the sheet's name, or export it again.",
            ) from error
