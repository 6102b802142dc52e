"""Waivers: findings that somebody has accepted, with the reason; they stay in the report, marked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from gis.model.finding import Finding
    from gis.model.plan import Waiver

__all__ = ["waived"]


def _fits(waiver: Waiver, finding: Finding) -> bool:
    return waiver.rule == finding.rule and waiver.feature in ("", finding.feature, *finding.features)


def _words(waiver: Waiver) -> str:
    until = f"，{waiver.until}" if waiver.until else ""
    return f"{waiver.reason}（{waiver.by}{until}）"


def waived(
    findings: Iterable[Finding], waivers: Iterable[Waiver], as_of: date
) -> tuple[tuple[Finding, ...], tuple[Text, ...]]:
    """The findings, accepted ones marked with the reason, and a notice for each waiver that is out of date or unused."""
    current = [each for each in waivers if each.until is None or each.until >= as_of]
    marked, used = [], set()
    for finding in findings:
        waiver = next((each for each in current if _fits(each, finding)), None)
        if waiver is not None:
            used.add(waiver)
        marked.append(finding if waiver is None else replace(finding, waived=_words(waiver)))
    notices = [
        Text(
            f"豁免 {each.rule} {each.feature} 已于 {each.until} 到期，不再生效。",
            f"Waiver {each.rule} {each.feature} expired on {each.until} and no longer holds.",
        )
        for each in waivers
        if each not in current
    ]
    notices += [
        Text(
            f"豁免 {each.rule} {each.feature} 没有对应的问题，请核实是否仍需要。",
            f"Waiver {each.rule} {each.feature} matches no finding; check whether it is still needed.",
        )
        for each in current
        if each not in used
    ]
    return tuple(marked), tuple(notices)
