"""From the fields of a file to the fields of the catalogue: names, and types where nothing is lost by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gis.model.layer import FieldSpec, LayerSpec
    from gis.model.tables import TableSpec

__all__ = ["Names", "canonical_names", "typed"]

_DBF_WIDTH: Final = 10
_YES: Final = frozenset({"1", "true", "t", "y", "yes", "是"})
_NO: Final = frozenset({"0", "false", "f", "n", "no", "否"})
_DATE_FORMATS: Final = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
_EXACT: Final = 2**53


@dataclass(frozen=True, slots=True)
class Names:
    """Which column becomes which field; which columns nobody knows; what a reader should know."""

    renamed: Mapping[str, str]
    unknown: tuple[str, ...]
    notices: tuple[Text, ...] = ()


def canonical_names(columns: Iterable[str], spec: LayerSpec | TableSpec, *, where: str, cut: bool = False) -> Names:
    """The canonical name of each column of a file, as far as the catalogue knows it.

    Where two columns mean one field, the one with the canonical name is it, else the first; the other stays as it is and
    counts as unknown. `cut`: names may have been cut to ten characters, as in shapefiles; a cut name that fits two
    fields is unknown.
    """
    columns = list(columns)
    known = spec.field_names()
    meant = {each: known.get(each.casefold()) or (_uncut(each, known) if cut else None) for each in columns}
    chosen: dict[str, str] = {}
    for each in sorted(columns, key=lambda name: meant[name] != name):
        if meant[each] is not None:
            chosen.setdefault(str(meant[each]), each)
    taken = {column: field for field, column in chosen.items()}
    doubles = [each for each in columns if meant[each] is not None and each not in taken]
    unknown = tuple(each for each in columns if each not in taken and each != "scope")
    notices = []
    if doubles:
        notices.append(
            Text(
                f"{where}：字段 {'、'.join(doubles)} 与已对应的字段含义相同，原样保留。",
                f"{where}: fields {', '.join(doubles)} mean the same as others already matched and stay as they are.",
            )
        )
    strange = [each for each in unknown if each not in doubles]
    if strange:
        notices.append(
            Text(
                f"{where}：字段 {'、'.join(strange)} 不在字段目录中，原样保留。",
                f"{where}: fields {', '.join(strange)} are not in the catalogue and stay as they are.",
            )
        )
    renamed = {column: field for column, field in taken.items() if column != field}
    return Names(renamed, unknown, tuple(notices))


def _uncut(column: str, known: Mapping[str, str]) -> str | None:
    """The one field whose name was cut to this column name (ten characters, or ten bytes of Chinese)."""
    folded = column.casefold()
    if len(folded) != _DBF_WIDTH and folded.isascii():
        return None
    if not folded.isascii() and len(folded.encode("gb18030")) < _DBF_WIDTH - 1:
        return None
    found = {field for name, field in known.items() if len(name) > len(folded) and name.startswith(folded)}
    return found.pop() if len(found) == 1 else None


def typed(frame: pd.DataFrame, spec: LayerSpec | TableSpec, *, where: str) -> tuple[pd.DataFrame, tuple[Text, ...]]:
    """A copy of `frame` whose known fields have the catalogue's types; missing stays missing.

    A column that cannot be changed without loss stays as it is, with a notice (a rule will report the values).
    """
    changed: dict[str, Any] = {}
    left: list[str] = []
    for name, field in spec.fields.items():
        if name not in frame.columns:
            continue
        column = _as_type(frame[name], field)
        if column is None:
            left.append(name)
        else:
            changed[name] = column
    notices: tuple[Text, ...] = ()
    if left:
        notices = (
            Text(
                f"{where}：字段 {'、'.join(left)} 的值不能全部转换为规定类型，原样保留。",
                f"{where}: not all values of fields {', '.join(left)} can be given the type required; they stay as they are.",
            ),
        )
    return frame.assign(**changed), notices


def _as_type(column: pd.Series[Any], field: FieldSpec) -> pd.Series[Any] | None:
    """The column in the field's type, or None where a value would be lost."""
    return _MAKERS[field.type](column)


def _text(column: pd.Series[Any]) -> pd.Series[Any]:
    kind = column.dtype
    if pd.api.types.is_bool_dtype(kind):
        return column.astype("boolean").astype("Int8").astype("str")
    if pd.api.types.is_float_dtype(kind):
        whole = column.dropna()
        if bool((np.isfinite(whole) & (whole == whole.round()) & (whole.abs() < _EXACT)).all()):
            return column.astype("Int64").astype("str")
    if pd.api.types.is_datetime64_any_dtype(kind):
        column = column.dt.strftime("%Y-%m-%d")
    return column.astype("str")


def _blank_as_missing(column: pd.Series[Any]) -> pd.Series[Any]:
    text: pd.Series[Any] = column.astype("str").str.strip()
    return text.mask(text == "")


def _number(column: pd.Series[Any]) -> pd.Series[Any] | None:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return None
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column if not pd.api.types.is_bool_dtype(column.dtype) else column.astype("float64")
    text = _blank_as_missing(column)
    found = pd.to_numeric(text, errors="coerce")
    return None if bool((found.isna() & text.notna()).any()) else found


def _float(column: pd.Series[Any]) -> pd.Series[Any] | None:
    found = _number(column)
    return None if found is None else found.astype("float64")


def _int(column: pd.Series[Any]) -> pd.Series[Any] | None:
    """Whole numbers: int64, or float64 where some are missing, as missing is NaN."""
    found = _number(column)
    if found is None or pd.api.types.is_integer_dtype(found.dtype):
        return found
    there = found.dropna()
    if bool((~np.isfinite(there) | (there != there.round()) | (there.abs() >= _EXACT)).any()):
        return None
    return found.astype("int64") if len(there) == len(found) else found.astype("float64")


def _bool(column: pd.Series[Any]) -> pd.Series[Any] | None:
    if pd.api.types.is_bool_dtype(column.dtype):
        return column
    number = column.dropna() if pd.api.types.is_numeric_dtype(column.dtype) else None
    if number is not None and bool((number == number.round()).all()):
        column = column.astype("Int64")
    text = _blank_as_missing(column).str.casefold()
    if not bool((text.isin(_YES | _NO) | text.isna()).all()):
        return None
    found = text.isin(_YES)
    return found if not bool(text.isna().any()) else found.astype("boolean").mask(text.isna())


def _date(column: pd.Series[Any]) -> pd.Series[Any] | None:
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column
    text = _blank_as_missing(_text(column))
    for shape in _DATE_FORMATS:
        found = pd.to_datetime(text, format=shape, errors="coerce")
        if not bool((found.isna() & text.notna()).any()):
            return found
    return None


_MAKERS: Final[Mapping[str, Callable[[pd.Series[Any]], pd.Series[Any] | None]]] = {
    "text": _text,
    "int": _int,
    "float": _float,
    "bool": _bool,
    "date": _date,
}
