"""What a check found: one place where one rule does not hold, and all of them with what was checked and what was not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Self

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.geometry import overlay, validity
from gis.i18n import Language, Text
from gis.units import from_base, shown

if TYPE_CHECKING:
    from pyproj import CRS

__all__ = ["Finding", "Findings", "Outcome", "Setting", "Severity", "Status", "Verdict"]


class Severity(StrEnum):
    """How binding the rule is: error, a binding requirement; warning, guidance; note, for information."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def label(self) -> Text:
        """Its name in both languages."""
        return _SEVERITY_TITLES[self]


_SEVERITY_TITLES: Final = {
    Severity.ERROR: Text("错误", "error"),
    Severity.WARNING: Text("警告", "warning"),
    Severity.NOTE: Text("提示", "note"),
}


class Verdict(StrEnum):
    """What the data lets us say of a place: violated, or not decidable at the accuracy of the data."""

    VIOLATED = "violated"
    UNDECIDABLE = "undecidable"


class Status(StrEnum):
    """What became of a rule: passed, failed, undecidable places only, or not run (with the reason)."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDABLE = "undecidable"
    NOT_RUN = "not_run"

    @property
    def label(self) -> Text:
        """Its name in both languages."""
        return _STATUS_TITLES[self]


_STATUS_TITLES: Final = {
    Status.PASSED: Text("通过", "passed"),
    Status.FAILED: Text("未通过", "failed"),
    Status.UNDECIDABLE: Text("无法判断", "undecidable"),
    Status.NOT_RUN: Text("未检查", "not run"),
}

_TOLD: Final = (Status.FAILED, Status.UNDECIDABLE, Status.NOT_RUN)
"""What a summary has a line for, in this order."""

COLUMNS: Final = (
    "rule", "severity", "verdict", "layer", "feature", "other_layer", "other", "measure", "unit", "doubt",
    "message_zh", "message_en", "waived",
)  # fmt: skip
"""The columns of the findings layer and the keys of a finding in JSON; keys may be added, never changed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place where one rule does not hold.

    measure, unit   its size; NaN where nothing is measured
    doubt           how much of the measure the accuracy of the data leaves open, in the same unit
    feature, other  ids of the features most involved; `features` has all of `layer` that take part
    others          likewise all of `other_layer`
    geometry        the place itself (the witness), in the plan's CRS; None where there is none to show
    ground          whether the witness is ground whose area is the measure: such places can be summed
    waived          why it was accepted, empty if it was not
    subsumed_by     the rule whose finding tells this place too; empty if none does
    """

    rule: str
    severity: Severity
    verdict: Verdict
    layer: str
    feature: str
    message: Text
    other_layer: str = ""
    other: str = ""
    measure: float = float("nan")
    unit: str = ""
    doubt: float = 0.0
    geometry: Any = None
    features: tuple[str, ...] = ()
    waived: str = ""
    others: tuple[str, ...] = ()
    ground: bool = False
    subsumed_by: str = ""

    def row(self) -> dict[str, Any]:
        """Its columns as the findings layer has them; a missing measure is None."""
        values = {name: getattr(self, name) for name in COLUMNS if hasattr(self, name)}
        values |= {"message_zh": self.message.zh, "message_en": self.message.en}
        values |= {"severity": self.severity.value, "verdict": self.verdict.value}
        values["measure"] = None if np.isnan(self.measure) else self.measure
        return {name: values[name] for name in COLUMNS}


@dataclass(frozen=True, slots=True)
class Setting:
    """The value a parameter had when the rule ran: its unit, its meaning, and whether it is official or assumed."""

    value: Any
    unit: str
    meaning: Text
    assumed: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one rule in one check.

    count      its findings; with those that were waived, without those that another rule tells
    waived     how many of them were waived: a rule whose findings are all waived has failed, and nothing is open
    subsumed   how many more places it found that are told by a rule that subsumes it
    reason     why it did not run
    note       what has to be known of how it ran: features with faulty geometry that were set aside
    seconds    how long it took; what several rules share (repaired polygons, areas) is counted for the first of them
    """

    rule: str
    title: Text
    severity: Severity
    status: Status
    count: int = 0
    reason: Text = field(default_factory=lambda: Text("", ""))
    settings: Mapping[str, Setting] = field(default_factory=lambda: MappingProxyType({}))
    cites: tuple[str, ...] = ()
    concept: str = ""
    seconds: float = 0.0
    waived: int = 0
    subsumed: int = 0
    note: Text = field(default_factory=lambda: Text("", ""))

    @property
    def open(self) -> int:
        """How many of its findings nobody has waived."""
        return self.count - self.waived

    def line(self) -> Text:
        """What a summary says of it: how many places, how many of them waived, how many told elsewhere, or why it did not run."""
        if self.status is Status.NOT_RUN:
            return Text(f"{self.rule} 未检查：{self.reason.zh}", f"{self.rule} not run: {self.reason.en}")
        zh = f"{self.rule} {self.title.zh}：{self.count} 处{self.severity.label.zh}"
        en = f"{self.rule} {self.title.en}: {self.count} {self.severity.label.en}(s)"
        if any(each.assumed for each in self.settings.values()):
            zh, en = f"{zh}（参数假定）", f"{en} (assumed values)"
        if self.waived:
            zh, en = f"{zh}，其中 {self.waived} 处已豁免", f"{en}, {self.waived} of them waived"
        if self.subsumed:
            zh, en = (
                f"{zh}，另有 {self.subsumed} 处已由其他规则列出",
                f"{en}; {self.subsumed} more told by another rule",
            )
        return Text(zh, en)


@dataclass(frozen=True, eq=False, repr=False)
class Findings(Sequence[Finding]):
    """All findings of a check, with the outcome of every rule that was asked for.

    Waived findings are among the items, marked; `open` leaves them out. `subsumed` are findings at places that a
    finding among the items tells already: they are kept to be explained, and neither listed nor summed.
    `set_aside` names per layer the features with faulty geometry that were repaired for the calculation.
    """

    items: tuple[Finding, ...]
    outcomes: Mapping[str, Outcome]
    crs: CRS
    plan: str = ""
    profile: str = ""
    reading: str = ""
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    notices: tuple[Text, ...] = ()
    subsumed: tuple[Finding, ...] = ()
    set_aside: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    as_of: str = ""

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)

    def __getitem__(self, key: Any) -> Any:
        """The finding at a position; or, for a text such as "CL01" or "CL", the Findings of the rules so named."""
        if not isinstance(key, str):
            return self.items[key]
        return self._of(lambda rule: rule.startswith(key))

    def _of(self, keep: Any) -> Self:
        items = tuple(each for each in self.items if keep(each.rule))
        outcomes = {rule: each for rule, each in self.outcomes.items() if keep(rule)}
        subsumed = tuple(each for each in self.subsumed if keep(each.rule))
        return replace(self, items=items, outcomes=MappingProxyType(outcomes), subsumed=subsumed)

    def __repr__(self) -> str:
        return self.summary("en")

    def _repr_html_(self) -> str:
        return "<pre>" + self.summary("zh").replace("&", "&amp;").replace("<", "&lt;") + "</pre>"

    @property
    def open(self) -> tuple[Finding, ...]:
        """The findings that nobody has waived."""
        return tuple(each for each in self.items if not each.waived)

    def count(self, severity: Severity | None = None, verdict: Verdict | None = Verdict.VIOLATED) -> int:
        """How many open findings there are of this severity and verdict; None means any."""
        return sum(
            (severity is None or each.severity is severity) and (verdict is None or each.verdict is verdict)
            for each in self.open
        )

    def ground_m2(self, severity: Severity | None = None) -> float:
        """Ellipsoidal area in m² of the ground that open violated findings cover, each place once; 0 where there is none.

        Ground that findings of several rules cover is summed once, however they cut it. What lies nowhere on earth
        has no area and is left out.
        """
        chosen = [
            each.geometry
            for each in self.open
            if each.ground and each.verdict is Verdict.VIOLATED and severity in (None, each.severity)
        ]
        _, parts = overlay.exploded(validity.repaired(np.array([*chosen, None], dtype=object))[0])
        _, faces = overlay.merged(parts, valid=True)
        return float(np.nansum(overlay.measured(faces, self.crs)))

    def rules(self, status: Status) -> tuple[Outcome, ...]:
        """The outcomes with this status, by rule id."""
        return tuple(each for each in self.outcomes.values() if each.status is status)

    def assumed(self) -> Mapping[str, Mapping[str, Setting]]:
        """The assumed parameters in use, by rule; a bureau has to confirm them."""
        used = {
            rule: {name: each for name, each in outcome.settings.items() if each.assumed}
            for rule, outcome in self.outcomes.items()
            if outcome.status is not Status.NOT_RUN
        }
        return {rule: settings for rule, settings in used.items() if settings}

    def summary(self, language: Language = "zh") -> str:
        """The result in a few lines: what was found, what passed, what could not be decided, what did not run and why."""
        say = [self._headline()]
        say += [each.line() for status in _TOLD for each in self.rules(status)]
        area = self.ground_m2()
        if area:
            ha = shown(float(from_base(area, "ha")), "ha")
            say.append(
                Text(f"涉及面积 {ha} 公顷（同一地面只计一次）。", f"{ha} ha of ground, each place counted once.")
            )
        used, total = len(self.assumed()), len(self.outcomes)
        if used:
            say.append(
                Text(
                    f"{total} 条规则中有 {used} 条使用假定参数，需本单位确认。",
                    f"{used} of {total} rules use assumed values.",
                )
            )
        return "\n".join(each.render(language) for each in say)

    def _headline(self) -> Text:
        errors, warnings, notes = (self.count(each) for each in Severity)
        doubtful = self.count(verdict=Verdict.UNDECIDABLE)
        states = {status: len(self.rules(status)) for status in Status}
        accepted = sum(not each.open for each in self.rules(Status.FAILED) if each.waived)
        all_zh, all_en = (f"（{accepted} 条已全部豁免）", f" ({accepted} waived in full)") if accepted else ("", "")
        return Text(
            f"错误 {errors}，警告 {warnings}，提示 {notes}，无法判断 {doubtful}；规则：通过 {states[Status.PASSED]}，"
            f"未通过 {states[Status.FAILED]}{all_zh}，无法判断 {states[Status.UNDECIDABLE]}，未检查 {states[Status.NOT_RUN]}",
            f"{errors} errors, {warnings} warnings, {notes} notes, {doubtful} undecidable; rules: "
            f"{states[Status.PASSED]} passed, {states[Status.FAILED]} failed{all_en}, "
            f"{states[Status.UNDECIDABLE]} undecidable, {states[Status.NOT_RUN]} not run",
        )

    def to_frame(self) -> pd.DataFrame:
        """One row per finding with the columns of the findings layer; no geometry."""
        return pd.DataFrame([each.row() for each in self.items], columns=list(COLUMNS))

    def to_gdf(self) -> gpd.GeoDataFrame:
        """One row per finding with its witness geometry (None where there is none), in the plan's CRS."""
        return gpd.GeoDataFrame(self.to_frame(), geometry=[each.geometry for each in self.items], crs=self.crs)
