"""What a measurement gave: one value per indicator and area, with target, gap, and why a value is missing."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.i18n import Language, Text
from gis.units import UNITS, from_base, shown, to_base

if TYPE_CHECKING:
    from gis.indicators.base import Indicator

__all__ = ["COLUMNS", "Measure", "Measures"]

COLUMNS: Final = (
    "indicator", "code", "title_zh", "title_en", "unit", "area_id", "area_zh", "area_en", "value", "target", "gap", "met",
    "direction", "reason_zh", "reason_en", "note_zh", "note_en", "document", "source", "additive", "assumed", "cites",
)  # fmt: skip
"""The columns of the table; columns may be added, never changed."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One indicator in one area; value, target and gap in the indicator's unit.

    area      "" for the whole plan, else the code of the unit
    gap       how far the value is on the good side of the target: below 0 it falls short; for an expected figure the distance
    met       whether the target is met; None where there is none, where the value is missing, or for an expected figure
    reason    why there is no value
    """

    indicator: Indicator
    area: str
    area_name: Text
    value: float
    target: float
    gap: float
    met: bool | None
    reason: Text
    note: Text
    document: str
    source: Text

    def row(self) -> dict[str, Any]:
        """Its columns in the table."""
        one = self.indicator
        plain = (
            one.id,
            one.code,
            one.title.zh,
            one.title.en,
            one.unit,
            self.area,
            self.area_name.zh,
            self.area_name.en,
        )
        judged = (self.value, self.target, self.gap, self.met, one.direction)
        said = (self.reason.zh, self.reason.en, self.note.zh, self.note.en, self.document, self.source.zh)
        return dict(zip(COLUMNS, (*plain, *judged, *said, one.additive, one.assumed, ";".join(one.cites)), strict=True))

    def figures(self, language: Language = "zh") -> list[str]:
        """The value as printed, in its own unit and in each other one that it is shown in."""
        one = self.indicator
        base = to_base(self.value, one.unit)
        return [
            f"{shown(from_base(base, unit), unit)} {UNITS[unit].name.render(language)}".strip()
            for unit in (one.unit, *one.also)
        ]

    def shown(self, language: Language = "zh") -> str:
        """The value with its unit as printed, in the other units too; "未测算：why" where there is none."""
        if np.isnan(self.value):
            return Text(f"未测算：{self.reason.zh}", f"not measured: {self.reason.en}").render(language)
        own, *others = self.figures(language)
        between = Text("，", ", ").render(language)
        return own + (Text("（{}）", " ({})").render(language).format(between.join(others)) if others else "")


@dataclass(frozen=True, eq=False, repr=False)
class Measures:
    """All values of a measurement, by indicator and area.

    by        the layer the areas come from; "" for the whole plan only
    notices   what a reader has to know about the whole table
    """

    items: tuple[Measure, ...]
    plan: str = ""
    by: str = ""
    notices: tuple[Text, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, indicator: str) -> tuple[Measure, ...]:
        """The values of one indicator: the whole plan, then the units."""
        return tuple(each for each in self.items if each.indicator.id == indicator)

    @property
    def whole(self) -> tuple[Measure, ...]:
        """The values for the whole plan, and for the central urban area where that is all an indicator measures."""
        return tuple(each for each in self.items if each.area in ("", "central_district"))

    @property
    def frame(self) -> pd.DataFrame:
        """One row per indicator and area; a value that was not measured is NaN with its reason."""
        return pd.DataFrame([each.row() for each in self.items], columns=list(COLUMNS))

    def pivot(self, language: Language = "zh") -> pd.DataFrame:
        """Indicators down, areas across; values in the unit that stands beside the title."""
        rows: dict[tuple[str, str, str], dict[str, float]] = {}
        for each in self.items:
            one = each.indicator
            key = (one.id, one.title.render(language), UNITS[one.unit].name.render(language))
            rows.setdefault(key, {})[each.area_name.render(language)] = each.value
        index = pd.MultiIndex.from_tuples(list(rows), names=["indicator", f"title_{language}", "unit"])
        return pd.DataFrame(list(rows.values()), index=index)

    def summary(self, language: Language = "zh") -> str:
        """The whole plan in a few lines: how many were measured, which targets are missed, which values are missing and why."""
        whole = self.whole
        missing = [each for each in whole if np.isnan(each.value)]
        missed = [each for each in whole if each.met is False]
        met = sum(each.met is True for each in whole)
        say = [
            Text(
                f"指标 {len(whole)} 项：已测算 {len(whole) - len(missing)}，未测算 {len(missing)}；目标达到 {met}，未达到 {len(missed)}",
                f"{len(whole)} indicators: {len(whole) - len(missing)} measured, {len(missing)} not; "
                f"targets {met} met, {len(missed)} missed",
            ),
            *self.notices,
        ]
        say += [_missed(each) for each in missed]
        say += [
            Text(
                f"{each.indicator.title.zh} 未测算：{each.reason.zh}",
                f"{each.indicator.title.en} not measured: {each.reason.en}",
            )
            for each in missing
        ]
        return "\n".join(each.render(language) for each in say)

    def __repr__(self) -> str:
        return self.summary("en")

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(each.indicator.code)}</td><td>{escape(each.indicator.title.zh)}</td><td>{escape(each.shown())}</td>"
            f"<td>{escape(shown(each.target, each.indicator.unit))}</td><td>{escape(shown(each.gap, each.indicator.unit))}</td></tr>"
            for each in self.whole
        )
        return f"<table><tr><th>编号</th><th>指标</th><th>数值</th><th>目标</th><th>差距</th></tr>{rows}</table>"


def _missed(each: Measure) -> Text:
    unit, title = each.indicator.unit, each.indicator.title
    value, target, short = (shown(number, unit) for number in (each.value, each.target, abs(each.gap)))
    name = UNITS[unit].name
    return Text(
        f"{title.zh} 未达到目标：{value}，目标 {target}，差 {short} {name.zh}",
        f"{title.en} misses its target: {value}, target {target}, by {short} {name.en}",
    )
