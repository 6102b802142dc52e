"""Land codes from one table to another: survey (三调) to plan classes 2023, plan classes 2020 to 2023, and back.

A code with one successor is converted. One with several stays open with its candidates, unless an attribute decides: the
settlement code (inside a village), or words that say the crop or the purpose. Which decides what stands in the tables
`survey_to_2023` and `land_use_2020_to_2023`, where a bureau can correct it; most deciding words are assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from gis.analysis.land_accounts import text_codes
from gis.standards import code_table

__all__ = ["STATUSES", "from_2020", "survey_to_2023", "to_2020", "to_survey"]

STATUSES: Final = ("direct", "decided", "split", "unknown", "missing")
"""direct: one successor · decided: one of several, by an attribute · split: several, open · unknown: not in the table, or a code
of yearly databases without a class of its own (1301–1304) · missing: no code given."""


@dataclass(frozen=True, slots=True)
class _Successor:
    """A code that another may become: `words` and `settlement` are what decides for it, where anything does."""

    code: str
    words: tuple[str, ...] = ()
    settlement: str = ""


_Table = Mapping[str, tuple[_Successor, ...]]


def survey_to_2023(codes: Any, *, settlement: Any = None, detail: Any = None) -> pd.DataFrame:
    """The class of 2023 of each survey code: `code` (NaN where open), `status` (STATUSES), `candidates`, `within`.

    `settlement` has the settlement code of each parcel (blank: outside all), `detail` words that say its use or crop; both may
    be left out. `candidates` are codes parted by blanks; `within` is the class that holds all of them, "" if there is none. A
    first-level code stands for all classes below it.

    Example:
        >>> survey_to_2023(["0702", "1202", "1202", "99"], detail=[None, None, "水产养殖", None])  # doctest: +NORMALIZE_WHITESPACE
             code   status            candidates  within
        0    0703   direct                  0703    0703
        1     NaN    split  060201 060202 060203    0602
        2  060203  decided                060203  060203
        3     NaN  unknown
    """
    return _converted(_survey(), codes, settlement, detail)


def from_2020(codes: Any, *, detail: Any = None) -> pd.DataFrame:
    """The class of 2023 of each class of 2020: columns as `survey_to_2023`; `detail` are words that say crop or purpose.

    Source: class-2020, class-2023-234

    Example:
        >>> from_2020(["0602", "0204"])["code"].tolist(), from_2020(["0204"], detail=["油茶"])["code"].tolist()
        (['060201', nan], ['0204'])
    """
    return _converted(_editions(), codes, None, detail)


def to_2020(codes: Any) -> pd.DataFrame:
    """The class of 2020 of each class of 2023: columns as `survey_to_2023`. Classes that were merged are open.

    Example:
        >>> to_2020(["060201", "1312"])["code"].tolist(), to_2020(["1311"])["candidates"].tolist()
        (['0602', '1313'], ['1311 1312'])
    """
    return _converted(_back(_editions()), codes, None, None)


def to_survey(codes: Any) -> pd.DataFrame:
    """The survey class of each class of 2023: columns as `survey_to_2023`. What the survey tells apart further is open.

    Example:
        >>> to_survey(["0703", "1704"])["candidates"].tolist()
        ['0702', '1104 1104A 1104K']
    """
    return _converted(_back(_read("survey_to_2023", "code_survey")), codes, None, None)


def _converted(table: _Table, codes: Any, settlement: Any, detail: Any) -> pd.DataFrame:
    """Each distinct row is decided once: few codes stand for many parcels."""
    code = text_codes(codes)
    given = pd.DataFrame({"code": code.str.upper()}, index=code.index)
    for name, values in (("settlement", settlement), ("detail", detail)):
        said = None if values is None else text_codes(values).fillna("").to_numpy()
        given[name] = pd.array([None] * len(given), dtype="str") if said is None else said
    number = given.groupby(list(given.columns), dropna=False, sort=False).ngroup().to_numpy()
    distinct = given[~pd.Series(number).duplicated().to_numpy()]
    rows = [_decided(table, *row) for row in distinct.itertuples(index=False, name=None)]
    made = pd.DataFrame(rows, columns=["code", "status", "candidates", "within"], dtype="str")
    return made.iloc[number].set_axis(given.index)


def _decided(table: _Table, code: Any, settlement: Any, detail: Any) -> tuple[str | None, str, str, str]:
    """The row of the result for one code: its class if there is one, how that was found, the candidates, what holds them."""
    if not isinstance(code, str) or not code:
        return None, "missing", "", ""
    known = table.get(code, ())
    here = [
        each for each in known if not (each.settlement and isinstance(settlement, str)) or _inside(each, settlement)
    ]
    chosen = _chosen(here, settlement, detail)
    left = sorted({each.code for each in (chosen or here)})
    within = next((left[0][:n] for n in (6, 4, 2) if left and len({each[:n].ljust(n) for each in left}) == 1), "")
    if not left:
        return None, "unknown", "", ""
    if len(left) > 1:
        return None, "split", " ".join(left), within
    return left[0], "direct" if len({each.code for each in known}) == 1 else "decided", left[0], left[0]


def _chosen(candidates: list[_Successor], settlement: Any, detail: Any) -> list[_Successor]:
    """The candidates that the longest of the words found speaks for; else those that the settlement code alone decides."""
    found = [
        (len(word), each) for each in candidates for word in each.words if isinstance(detail, str) and word in detail
    ]
    if found:
        return [each for length, each in found if length == max(found, key=lambda pair: pair[0])[0]]
    return [each for each in candidates if each.settlement and not each.words and _inside(each, settlement)]


def _inside(each: _Successor, settlement: Any) -> bool:
    return isinstance(settlement, str) and settlement.startswith(each.settlement)


@cache
def _survey() -> _Table:
    """Survey codes to classes of 2023; a first-level code has the successors of all codes below it."""
    table = dict(_read("survey_to_2023", "code_survey"))
    classes = code_table("survey_land_classes")
    for group in (each.code for each in classes.values() if each.extra["mapping"] == "group"):
        below = [each.code for each in classes.values() if each.parent == group and each.code in table]
        table[group] = tuple(each for code in below for each in table[code])
    return MappingProxyType(table)


@cache
def _editions() -> _Table:
    return _read("land_use_2020_to_2023", "code_2020")


def _read(name: str, key: str) -> _Table:
    rows = [each.extra for each in code_table(name).values()]
    return _grouped(
        (row[key], _Successor(row["code_2023"], tuple(row["words"].split()), row.get("settlement", ""))) for row in rows
    )


def _back(table: _Table) -> _Table:
    return _grouped((each.code, _Successor(code)) for code, every in table.items() for each in every)


def _grouped(pairs: Iterable[tuple[str, _Successor]]) -> _Table:
    out: dict[str, tuple[_Successor, ...]] = {}
    for code, each in pairs:
        out[code] = (*out.get(code, ()), each)
    return MappingProxyType(out)
