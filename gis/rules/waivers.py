"""Waivers: findings that somebody has accepted, with the reason; they stay in the report, marked. Ids start with WV."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import Places, rule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date

    from gis.model.finding import Finding
    from gis.model.plan import Plan, Waiver

__all__ = ["notices", "waived"]


def waived(
    findings: Iterable[Finding], waivers: Iterable[Waiver], as_of: date, ran: Collection[str]
) -> tuple[tuple[Finding, ...], tuple[Waiver, ...]]:
    """The findings, accepted ones marked with the reason, and the waivers, each with how many findings it met.

    Of several waivers that fit a finding the first stands; one that is out of date accepts nothing, and meets nothing. A
    waiver of a rule that is not among those that `ran` keeps what it says of itself.
    """
    met: dict[Waiver, int] = dict.fromkeys(waivers, 0)
    marked = []
    for finding in findings:
        fit = next((each for each in met if _current(each, as_of) and _fits(each, finding)), None)
        if fit is not None:
            met[fit] += 1
        marked.append(finding if fit is None else replace(finding, waived=_words(fit)))
    return tuple(marked), tuple(replace(each, met=n if each.rule in ran else each.met) for each, n in met.items())


def _current(waiver: Waiver, as_of: date) -> bool:
    return waiver.until is None or waiver.until >= as_of


def _fits(waiver: Waiver, finding: Finding) -> bool:
    return waiver.rule == finding.rule and waiver.feature in ("", finding.feature, *finding.features)


def _words(waiver: Waiver) -> str:
    until = f"，有效期至 {waiver.until}" if waiver.until else ""
    return f"{waiver.reason}（{waiver.by}{until}）"


@rule(
    "WV01",
    title=Text("豁免在有效期内且有对应问题", "Waivers are in date and in use"),
    severity=Severity.WARNING,
    relation="none",
    needs=("waivers:",),
    concept="territorial_plan",
    cites=("qc-practice",),
    unit="",
    message=Text("对规则 {code} 要素 {feature} 的豁免{fault}", "the waiver of rule {code}, feature {feature}, {fault}"),
    remedy=Text(
        "到期的重新审定或删除；没有对应问题的核对要素标识码后删除。",
        "Decide anew on one that expired, or delete it; check the feature id of one that meets nothing, then delete it.",
    ),
)
def waivers_are_in_date_and_used(plan: Plan) -> Iterator[Places]:
    """The waivers that are out of date at the plan's day, and those that meet no finding although their rule ran.

    The place is the feature that the waiver names. Whether a waiver of a rule that did not run is of use is not known.

    Fails: a waiver until 2020; a waiver of a feature that has no finding.
    Passes: a waiver without a last day that meets a finding.
    """
    told = _faults(plan.waivers, plan.as_of)
    yield Places(
        "",
        tuple((each.feature,) for each, _ in told),
        np.full(len(told), None, dtype=object),
        np.full(len(told), np.nan),
        words={"code": [each.rule for each, _ in told], "fault": [fault for _, fault in told]},
    )


def _faults(waivers: Iterable[Waiver], as_of: date) -> list[tuple[Waiver, Text]]:
    """The waivers that are out of date or met nothing, each with what is wrong with it."""
    said = [(each, _fault(each, as_of)) for each in waivers]
    return [(each, fault) for each, fault in said if fault is not None]


def _fault(waiver: Waiver, as_of: date) -> Text | None:
    if not _current(waiver, as_of):
        return Text(f"已于 {waiver.until} 到期，不再生效", f"expired on {waiver.until} and no longer holds")
    return Text("没有对应的问题，请核实是否仍需要", "matches no finding") if waiver.met == 0 else None


def notices(waivers: Iterable[Waiver], as_of: date) -> tuple[Text, ...]:
    """What rule WV01 says, as notices for a check in which it does not run."""
    return tuple(
        Text(f"豁免 {each.rule} {each.feature} {fault.zh}。", f"Waiver {each.rule} {each.feature} {fault.en}.")
        for each, fault in _faults(waivers, as_of)
    )
