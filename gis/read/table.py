"""Tables of a plan: .csv (UTF-8 or GBK) and .xlsx, every cell as text, so that codes keep their zeros."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pandas as pd

from gis.errors import ReadError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["TABLE_ENDINGS", "read_table"]

TABLE_ENDINGS = (".csv", ".xlsx")
MAX_WORKBOOK_BYTES = 1_000_000_000


def read_table(path: Path, *, sheet: str = "", encoding: str = "") -> pd.DataFrame:
    """The table at `path` as text columns, missing as NaN.

    Raises: ReadError if it is neither .csv nor .xlsx, is empty or damaged, or lacks the sheet.
    """
    ending = path.suffix.casefold()
    if ending not in TABLE_ENDINGS:
        raise ReadError(
            f"表格文件 {path} 的格式不能读取。请另存为 .csv 或 .xlsx。",
            f"Table file {path} is of a format that is not read. Save it as .csv or .xlsx.",
        )
    try:
        if ending == ".xlsx":
            _check_size(path)
            return pd.read_excel(path, sheet_name=sheet or 0, dtype="str", engine="openpyxl")
        return pd.read_csv(path, dtype="str", encoding=encoding or _encoding(path))
    except (ValueError, KeyError, LookupError, OSError, zipfile.BadZipFile, pd.errors.ParserError) as error:
        reason = str(error).replace("\n", " ")[:200]
        raise ReadError(
            f"表格文件 {path} 无法读取（{reason}）。请检查内容和工作表名，或重新导出。",
            f"Table file {path} cannot be read ({reason}). Check its content and the sheet's name, or export it again.",
        ) from error


def _check_size(path: Path) -> None:
    """A workbook is a zip: what it unpacks to is bounded before it is unpacked."""
    with zipfile.ZipFile(path) as archive:
        size = sum(each.file_size for each in archive.infolist())
    if size > MAX_WORKBOOK_BYTES:
        raise ValueError(f"it unpacks to {size / 1e9:.1f} GB")


def _encoding(path: Path) -> str:
    """UTF-8 if the bytes are valid UTF-8 (with or without mark), else GB18030."""
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"
