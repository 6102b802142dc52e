"""Verbs on tables: their rows as places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gis.model.lacking import no_table
from gis.model.tables import TABLES
from gis.rules.base import NotRun, Places
from gis.rules.verbs.places import picked

if TYPE_CHECKING:
    from gis.model.finding import Severity
    from gis.model.plan import Plan

__all__ = ["entries", "table"]


def table(plan: Plan, id_: str, *columns: str) -> pd.DataFrame:
    """The table of the plan, known to have these columns; numbers are in the units of `gis.TABLES`.

    Raises: NotRun if the plan lacks the table, it has no rows, or a column is missing or was not readable as its type.
    """
    name = TABLES[id_].name
    if id_ not in plan.tables:
        raise NotRun(no_table(id_))
    frame = plan.tables[id_]
    for column in columns:
        label = TABLES[id_].fields[column].label
        if column not in frame.columns:
            raise NotRun(f"{name.zh}缺少列：{label.zh}", f"the {name.en} lacks the column {label.en}")
        if TABLES[id_].fields[column].type in ("int", "float") and not pd.api.types.is_numeric_dtype(frame[column]):
            raise NotRun(
                f"{name.zh}的“{label.zh}”列不全是数字", f"column {label.en} of the {name.en} is not all numbers"
            )
    if frame.empty:
        raise NotRun(f"{name.zh}没有记录", f"the {name.en} has no rows")
    return frame


def entries(
    plan: Plan,
    id_: str,
    bad: Any,
    *,
    key: str = "",
    measure: Any = None,
    severity: Severity | None = None,
    **words: Any,
) -> Places:
    """The rows of a table for which `bad` is true, without geometry.

    The feature is the value of the column `key`, or else `#n`, the row's number counted from 1. `words` and `measure` are
    one per row, or one for all.
    """
    frame = plan.tables[id_]
    chosen = np.asarray(pd.Series(bad).fillna(False), dtype=bool)
    numbers = pd.Series([f"#{n}" for n in range(1, len(frame) + 1)], dtype="str", index=frame.index)
    names = frame[key].astype("str").fillna(numbers) if key in frame.columns else numbers
    size = np.full(len(frame), np.nan) if measure is None else np.broadcast_to(np.asarray(measure, float), len(frame))
    return Places(
        id_,
        tuple((str(each),) for each in names[chosen]),
        np.full(int(chosen.sum()), None, dtype=object),
        np.asarray(size, dtype=float)[chosen],
        words={name: picked(word, chosen) for name, word in words.items()},
        severity=severity,
    )
