"""What was in force when: code tables, the increment schedule, the regime of requisition and compensation.

Days are ISO text, as exactly as they are known ("2021", "2021-06", "2021-06-30"): a year or month stands for its first day
at the start of a span and for its last day at the end. The dates themselves stand in `seeds/sources.toml` and
`data/standards/`, never here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.model.concept import sources
from gis.standards import code_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.standards import Code

__all__ = ["Period", "code_tables", "compensation_regimes", "held", "increment_period", "span"]

OLD_BALANCE: Final = "farm-old-balance"
"""The regime of requisition and compensation (占补平衡旧制) whose last day parts old cases from new."""
_EDITIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "land_use_classes": {"class-2023-234": "land_use_classes", "class-2020": "land_use_classes_2020"},
}
"""Code tables of which several editions are packaged, the newest first: source to table."""


def _last(day: str) -> str:
    """The last day a date may stand for, as text that sorts after every day within it."""
    return f"{day}-99-99"[:10] if day else "9999-99-99"


def held(from_: str, to: str, first: str, last: str = "") -> bool:
    """Whether what held from `from_` to `to` (empty: open) held at some time between `first` and `last` (by default `first`).

    Example:
        >>> held("2020-11", "2023-11", "2023-11-30"), held("2020-11", "2023-11", "2023-12"), held("2023-11", "", "2022", "2024")
        (True, False, True)
    """
    return from_ <= _last(last or first) and first <= _last(to)


def code_tables(name: str, first: str, last: str = "") -> tuple[Mapping[str, Code], ...]:
    """The editions of a code table that were in force at some time between `first` and `last`, the newest first.

    A table of which there is one edition is always in force. None in force: empty.

    Source: class-2023-234, class-2020

    Example:
        >>> [len(code_tables("land_use_classes", day)) for day in ("2020-10-31", "2022", "2023-11", "2024-01-01")]
        [0, 1, 2, 1]
        >>> "060202" in code_tables("land_use_classes", "2022")[0], "0604" in code_tables("land_use_classes", "2022")[0]
        (False, True)
    """
    known = sources()
    return tuple(
        code_table(table)
        for source, table in _EDITIONS.get(name, {"": name}).items()
        if not source or held(known[source].in_force_from, known[source].in_force_to, first, last)
    )


def span(plan: Plan, layer: str) -> tuple[str, str]:
    """The days between which codes of a layer may have been written: the date of its data, and that of the plan.

    A plan drawn up while a code was in force keeps it lawfully. Data later than the plan counts by its own date.
    """
    day = plan.as_of.isoformat()
    of_data = plan.source(layer).as_of or day
    return of_data, max(of_data, day)


@dataclass(frozen=True, slots=True)
class Period:
    """A period of the increment schedule (城镇开发边界增量使用): shares of the increment 2020–2035, 0 to 1.

    cumulative_max   share that may be used by the end of the period
    left_at_least    share that must be left at its end
    year_keep_min    share of the average year that each year keeps
    certain          whether the figures are known for certain
    """

    first_year: int
    last_year: int
    cumulative_max: float
    left_at_least: float
    year_keep_min: float
    certain: bool


def increment_period(day: str) -> Period | None:
    """The period of the increment schedule in which `day` lies; None before the first and after the last.

    Source: boundary-2023-193

    Example:
        >>> increment_period("2027-03-01").cumulative_max, increment_period("2036") is None
        (0.75, True)
    """
    for each in code_table("increment_schedule").values():
        row = each.extra
        if held(row["period_from"], row["period_to"], day):
            return Period(
                int(row["period_from"]),
                int(row["period_to"]),
                float(row["cumulative_max"]),
                float(row["left_at_least"]),
                float(row["year_keep_min"]),
                row["certainty"].startswith("verified"),
            )
    return None


def compensation_regimes(accepted_on: Any) -> NDArray[np.str_]:
    """Under which regime of requisition and compensation (占补平衡) each case is: "old", "new", or "" without a date.

    The old one (quantity, paddy, capacity) serves only cases accepted by its last day; all later occupation enters the
    yearly account of the county.

    Source: farm-old-balance, farm-2024-204

    Example:
        >>> compensation_regimes(["2024-12-31", "2025-01-01", None]).tolist()
        ['old', 'new', '']
    """
    day = pd.to_datetime(pd.Series(accepted_on), errors="coerce")
    end = pd.Timestamp(sources()[OLD_BALANCE].in_force_to)
    return np.where(day.isna(), "", np.where(day.dt.normalize() <= end, "old", "new"))
