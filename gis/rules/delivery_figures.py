"""Rules on figures that a plan prints more than once: in its text and its tables, for the counties and the city. Ids start with DL."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gis.analysis.area_units import text
from gis.analysis.plan_totals import total_named
from gis.analysis.printed import Figure, decimals_of, figures, slack
from gis.analysis.table_rows import RESERVE, is_numeric, lower_units, named_units, row_names, row_units, rows_for
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, Places, rule
from gis.rules.verbs import table
from gis.units import UNITS, from_base, unit_named

if TYPE_CHECKING:
    import pandas as pd

    from gis.model.plan import Plan

_FIGURES: Final[dict[str, Any]] = {
    "relation": "none",
    "concept": "territorial_plan",
    "cites": ("qc-practice",),
    "unit": "",
}
_COLUMNS: Final = {"base": "2020", "target_2025": "2025", "target_2035": "2035"}
"""Columns of figures of the indicator table, and the year that a text names them by."""
_UNITS: Final = (
    "平方千米|平方公里|万公顷|公顷|万亩|亩|平方米/人|平方米|千米/平方千米|公里/平方公里|千米|公里|亿立方米|万人|人/平方千米|人|%|％|倍|"
    "km²|km2|hm²|hm2|ha|m²"
)
_NUMBER: Final = r"(?P<number>\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_WORDS_BETWEEN: Final = r"(?:[^\d。；;，,\n增减占扩比新]|2020年|2025年|2035年|到|至){0,24}?"
_SENTENCE: Final = "。；;\n"
_PART: Final = "。；;\n，,、：:"
_FAR: Final = 300  # how far back a sentence is looked at
_WHOLE: Final = ("全市", "全域", "市域", "全县", "县域")
_PLACES: Final = ("county", "township", "village")
_SUMMABLE: Final = ("area", "length", "people", "count")


@rule(
    "DL05",
    title=Text("图文一致", "Text and tables agree"),
    severity=Severity.ERROR,
    **_FIGURES,
    needs=("table:t_indicator",),
    message=Text(
        "文本“{text}”写“{said}”，规划指标表为 {printed}", "text “{text}” says “{said}”, the indicator table {printed}"
    ),
    remedy=Text(
        "以规划指标表和数据库为准统一文本、图件、说明中的数字。",
        "Bring the figures in text, maps and explanation in line with the indicator table and the database.",
    ),
)
def text_and_tables_agree(plan: Plan) -> Iterator[Places]:
    """The figures of the indicator table that a text of the plan states otherwise, rounded to the decimals it states.

    A figure is read where an indicator's name is followed within a few words by a number with a unit of its kind; growth, shares
    and comparisons are passed over. Which year and area it is for is read from the same clause; where no year is named, any column
    may bear it out.

    Fails: "到2035年，耕地保有量不低于120.00平方千米" where the table has 125.00.
    Passes: the same figure in another unit; a figure of a county that the table does not list.
    """
    frame = table(plan, "t_indicator")
    if not plan.texts:
        raise NotRun(
            "没有可读取的规划文本（.docx、.txt、.md）", "no text of the plan that can be read (.docx, .txt, .md)"
        )
    rows = _stated(plan, frame)
    areas = {each for layer in _PLACES if layer in plan for each in text(plan, layer, "area_name") if each} | {
        "中心城区",
        "市辖区",
    }
    said = [each for name, words in plan.texts.items() for each in _claims(name, words, rows, areas)]
    if not said:
        raise NotRun("规划文本中没有可与指标表核对的数字", "the texts state no figure of the indicator table")
    wrong = {(each.row.name, each.text, each.words): each for each in said if not each.agrees}
    yield Places(
        "t_indicator",
        tuple((each.row.name,) for each in wrong.values()),
        np.full(len(wrong), None, dtype=object),
        np.full(len(wrong), np.nan),
        words={
            "text": [each.text for each in wrong.values()],
            "said": [each.words for each in wrong.values()],
            "printed": [each.printed for each in wrong.values()],
        },
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the indicator table: how a text calls it, what for, and its figures by the year of their column."""

    name: str
    names: tuple[str, ...]
    area: str
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a text says of a row, for a year if it names one."""

    text: str
    words: str
    row: _Row
    figure: Figure
    year: str

    @property
    def against(self) -> list[Figure]:
        """The figures of the row that might bear it out."""
        asked = self.row.figures.get(self.year) if self.year else None
        return [asked] if asked is not None else list(self.row.figures.values())

    @property
    def agrees(self) -> bool:
        """Whether the table, rounded as the text or as the table is, says the same."""
        return any(self.figure.says(each.base) or each.says(self.figure.base) for each in self.against)

    @property
    def printed(self) -> str:
        """What the table has."""
        return " / ".join(each.like(each.base) for each in self.against)


def _stated(plan: Plan, frame: pd.DataFrame) -> list[_Row]:
    """The rows of the indicator table that have a name and a unit we know."""
    units, names = row_units(frame, ""), row_names(frame, "indicator_id")
    at = rows_for(plan, lower_units(plan), frame)
    columns = {
        year: figures(frame, each, units, per_row=True) for each, year in _COLUMNS.items() if is_numeric(frame, each)
    }
    out = []
    for n in range(len(frame)):
        called = _called(frame, n)
        given = {year: each[n] for year, each in columns.items() if np.isfinite(each[n].value)}
        if called and units[n] and given:
            area = "" if at[n] == 0 else str(frame["area_unit"].iloc[n]).strip()
            out.append(_Row(names[n], called, area, given))
    return out


def _called(frame: pd.DataFrame, row: int) -> tuple[str, ...]:
    """The names a text may give to a row, the longest first."""
    own = str(frame["name"].iloc[row]) if "name" in frame else ""
    plain = re.sub(r"[（(].*?[)）]|\s", "", own) if own != "nan" else ""
    id_ = str(frame["indicator_id"].iloc[row]) if "indicator_id" in frame else ""
    total = total_named(id_, plain)
    known = [each for each in total.names if re.search(r"[\u4e00-\u9fff]", each)] if total is not None else []
    return tuple(sorted({each for each in (plain, *known) if len(each) >= 3}, key=len, reverse=True))


def _claims(name: str, words: str, rows: list[_Row], areas: Collection[str]) -> Iterator[_Claim]:
    """What one text says of the rows; what it says of other `areas` than theirs is passed over."""
    called = sorted({each for row in rows for each in row.names}, key=len, reverse=True)
    if not called:
        return
    names = "|".join(map(re.escape, called))
    for match in re.finditer(f"(?P<called>{names}){_WORDS_BETWEEN}{_NUMBER}\\s*(?P<unit>{_UNITS})", words):
        sentence = words[_last_mark(words, match.start(), _SENTENCE) : match.end()]
        area = _area(sentence, words[_last_mark(words, match.start(), _PART) : match.end()], areas)
        row = next((each for each in rows if match["called"] in each.names and each.area == area), None)
        unit = unit_named(match["unit"].replace("％", "%"))
        year = next(iter(re.findall(r"(?:19|20)\d\d(?=年)", sentence)[-1:]), "")
        if row is None or unit is None or (year and year not in row.figures):
            continue
        if UNITS[unit].quantity in {UNITS[each.unit].quantity for each in row.figures.values()}:
            number = re.sub("[,，]", "", match["number"])
            yield _Claim(name, match[0], row, Figure(float(number), unit, decimals_of([number])[0]), year)


def _last_mark(text: str, end: int, marks: str) -> int:
    """Where what stands after the last of these marks before `end` begins."""
    return max(text.rfind(each, max(0, end - _FAR), end) for each in marks) + 1


def _area(sentence: str, part: str, areas: Collection[str]) -> str | None:
    """The area that a figure is for: the last that its part of the sentence names, "" for the whole; None where it is not clear."""
    named = max((each for each in areas if each in part), key=part.rfind, default="")
    if named or any(each in part for each in _WHOLE):
        return named
    return None if any(each in sentence for each in areas) else ""


@rule(
    "DL06",
    title=Text("县级之和加市级预留等于市级", "County figures and the city's reserve sum up to the city's"),
    severity=Severity.ERROR,
    **_FIGURES,
    needs=(),
    message=Text(
        "{layer} {feature} 分解合计 {summed}，全市为 {whole}",
        "{layer}, {feature}: the parts sum up to {summed}, the whole is {whole}",
    ),
    remedy=Text(
        "核对分解方案，补列市级预留，使分解合计与全市一致。",
        "Check how it was shared out, and list the city's reserve.",
    ),
)
def counties_sum_to_the_city(plan: Plan) -> Iterator[Places]:
    """The figures of tables whose counties and reserve (市级预留) do not sum up to the row of the whole, but for rounding.

    Only quantities that add up, and only where every county is listed. Counties that take on more of a task than the city has are
    a note.

    Fails: a city's boundary of 300 ha of which two counties have 100 and 150, without a reserve.
    Passes: the same with a reserve of 50 ha.
    """
    units = lower_units(plan)
    if len(units) < 1:
        raise NotRun(
            "缺少县级（县级规划为乡镇级）行政区图层", "no layer of counties (of townships, for a county's plan)"
        )
    groups = [
        each
        for id_ in ("t_indicator", "t_control_line_task", "t_land_use_structure")
        for each in _groups(plan, units, id_)
    ]
    if not groups:
        raise NotRun("附表没有同时列出全市和各县的数字", "no table lists both the whole and all its counties")
    for each in groups:
        off = sum(part.base for part in each.parts) - each.whole.base
        if abs(off) > slack([each.whole, *each.parts]) * (1 + 1e-9):
            yield _sum_place(each, off)


@dataclass(frozen=True, slots=True)
class _Group:
    """A figure of the whole and those of its parts."""

    table: str
    feature: str
    whole: Figure
    parts: tuple[Figure, ...]
    floor: bool


def _sum_place(group: _Group, off: float) -> Places:
    words = {"summed": group.whole.like(group.whole.base + off), "whole": group.whole.like(group.whole.base)}
    severity = Severity.NOTE if group.floor and off > 0 else None
    size = np.array([from_base(off, group.whole.unit)])
    return Places(
        group.table, ((group.feature,),), np.array([None], dtype=object), size, words=words, severity=severity
    )


def _groups(plan: Plan, units: Any, id_: str) -> Iterator[_Group]:
    """The figures of a table that are there for the whole and for each of its units."""
    frame = plan.tables.get(id_)
    if frame is None or frame.empty or "area_unit" not in frame:
        return
    at = named_units(plan, units, frame["area_unit"])
    keys, unit_of = _keys(frame, id_)
    columns = {"t_indicator": tuple(_COLUMNS)}.get(
        id_, tuple(each for each in frame.columns if str(each).endswith("_ha"))
    )
    for column in columns:
        if not is_numeric(frame, column):
            continue
        written = figures(frame, column, unit_of, per_row=id_ == "t_indicator")
        for key in dict.fromkeys(keys):
            rows = {
                int(at[n]): written[n] for n in range(len(frame)) if keys[n] == key and np.isfinite(written[n].value)
            }
            named = set(range(len(units) + 1)) <= rows.keys()
            if key is None or not named or UNITS[rows[0].unit].quantity not in _SUMMABLE:
                continue
            parts = tuple(each for place, each in rows.items() if place > 0 or place == RESERVE)
            floor = column in ("farmland_ha", "redline_ha", "cultivated_ha") or _is_floor(key)
            yield _Group(id_, f"{key}/{column}" if key else column, rows[0], parts, floor)


def _keys(frame: pd.DataFrame, id_: str) -> tuple[list[str | None], list[str]]:
    """What each row is about, apart from its area (None: nobody knows), and its unit."""
    if id_ == "t_indicator":
        key = "indicator_id" if "indicator_id" in frame else "name"
        said = frame[key].astype("str").fillna("").str.strip() if key in frame else None
        return ([each or None for each in said] if said is not None else [None] * len(frame)), row_units(frame, "")
    if id_ == "t_land_use_structure" and "class_code" in frame:
        return [each.strip() or None for each in frame["class_code"].astype("str").fillna("")], ["ha"] * len(frame)
    return [""] * len(frame), ["ha"] * len(frame)


def _is_floor(key: str) -> bool:
    total = total_named(key)
    return total is not None and total.floor
