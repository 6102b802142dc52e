"""What rules read from the record of a feature: its dates, whether something is filled in, the words it is called by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import text_codes
from gis.i18n import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

    Mask = NDArray[np.bool_]

_CHINESE_DAY: Final = re.compile(r"^(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日$")

__all__ = ["called", "dated", "days", "filled", "named"]


def days(frame: pd.DataFrame, field: str) -> pd.Series[Any]:
    """A column as dates; NaT where it is missing, no date, or of no century that is kept (1678–2261). A number is its digits (20240506).

    Example:
        >>> days(pd.DataFrame({"day": ["2024-05-06", "soon", None]}), "day").isna().tolist()
        [False, True, True]
        >>> days(pd.DataFrame({"day": [20240506]}), "day").dt.year.tolist()
        [2024]
        >>> days(pd.DataFrame({"day": ["2022年9月1日"]}), "day").dt.month.tolist()
        [9]
    """
    if field not in frame:
        return pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns]")
    dated = pd.api.types.is_datetime64_any_dtype(frame[field].dtype)
    given = frame[field] if dated else text_codes(frame[field]).str.replace(_CHINESE_DAY, r"\1-\2-\3", regex=True)
    found = pd.to_datetime(given, errors="coerce", format="mixed")
    return found.where(found.between(pd.Timestamp.min, pd.Timestamp.max)).astype("datetime64[ns]")


def filled(frame: pd.DataFrame, field: str) -> Mask:
    """In which rows something stands in a text column; in none where there is no such column.

    Example:
        >>> filled(pd.DataFrame({"doc": ["No. 1", " ", None]}), "doc").tolist()
        [True, False, False]
    """
    if field not in frame:
        return np.zeros(len(frame), dtype=bool)
    return text_codes(frame[field]).fillna("").ne("").to_numpy(dtype=bool)


def called(frame: pd.DataFrame, field: str, words: tuple[str, ...]) -> Mask:
    """In which rows a text column has one of the words in it; in none where there is no such column.

    Example:
        >>> called(pd.DataFrame({"kind": ["土地征收成片开发", "批次", None]}), "kind", ("成片开发",)).tolist()
        [True, False, False]
    """
    found = np.zeros(len(frame), dtype=bool)
    if field in frame:
        text = text_codes(frame[field])
        for each in words:
            found |= text.str.contains(each, regex=False).fillna(False).to_numpy(dtype=bool)
    return found


def dated(places: Places, day: pd.Series[Any]) -> list[Text | str]:
    """The date of the feature most involved in each place, as written; `day` has one per feature of its layer."""
    written = day.dt.strftime("%Y-%m-%d").set_axis(day.index.astype("str"))
    known = (written[each[0]] for each in places.features)
    return [each if isinstance(each, str) else Text("未填", "not stated") for each in known]


def named(plan: Plan, layer: str, *fields: str) -> pd.Series[Any]:
    """By which name tables know each feature: the first of `fields` that is filled, else its id."""
    frame = plan[layer]
    found: pd.Series[Any] = pd.Series(np.nan, index=frame.index, dtype="str")
    for each in fields:
        if each in frame:
            text = text_codes(frame[each])
            found = found.where(found.notna(), text.where(text.ne("").fillna(False)))
    return found.where(found.notna(), pd.Series(frame.index.astype("str"), index=frame.index))
