"""The engine: which rules run, on what, and what their places come to."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

import gis
from gis.analysis.quantities import REPAIR, set_aside
from gis.errors import RuleError
from gis.i18n import Text
from gis.model.finding import Finding, Findings, Outcome, Severity, Status, Verdict
from gis.model.lacking import no_field, no_layer, no_related, no_table, no_target
from gis.model.layers import layer_title
from gis.model.profile import profile_of
from gis.rules.base import FAMILIES, RULES, NotRun, Places, Rule
from gis.rules.clauses import clause_rules
from gis.rules.judge import NOTHING, UNDECIDABLE, Reading, judged, numeric_width, survey_width
from gis.rules.law import lapsed
from gis.rules.once import told_once
from gis.rules.waivers import notices, waived
from gis.units import from_base

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.model.plan import Plan

__all__ = ["Progress", "check", "chosen"]

Progress = Callable[[int, int, str], None]
"""Told (done, all, rule id) before each rule."""


def chosen(
    select: str | Iterable[str] = "", ignore: str | Iterable[str] = "", own: Iterable[Rule] = ()
) -> tuple[Rule, ...]:
    """The rules, and the plan's `own`, whose id starts with one of the prefixes of `select`, less those of `ignore`, by id.

    Prefixes are a text with commas, or several texts.

    Raises: RuleError for a prefix that fits no rule: a mistyped one must not look like a clean plan.
    """
    wanted, unwanted = _prefixes(select), _prefixes(ignore)
    catalogue = {**RULES, **{each.id: each for each in own}}
    for prefix in (*wanted, *unwanted):
        if not any(id_.startswith(prefix) for id_ in catalogue):
            raise RuleError(
                f"没有以 {prefix} 开头的规则。请用 gis explain 查看规则编号。",
                f"No rule starts with {prefix}. See `gis explain` for the ids.",
            )
    picked = (each for id_, each in sorted(catalogue.items()) if not wanted or id_.startswith(wanted))
    return tuple(each for each in picked if not unwanted or not each.id.startswith(unwanted))


def _asked(plan: Plan, rule: Rule) -> bool:
    """Whether the plan has the layer that the rule's family asks for, where it asks for one."""
    family = FAMILIES.get(rule.id[:2])
    return family is None or family.asks in ("", *plan)


def _prefixes(said: str | Iterable[str]) -> tuple[str, ...]:
    texts = [said] if isinstance(said, str) else list(said) if isinstance(said, Iterable) else [said]
    if not all(isinstance(each, str) for each in texts):
        raise RuleError(
            f'规则编号 {said!r} 无效。请写成文本，例如 "CL,DQ02"，或文本列表。',
            f'Rule ids {said!r} are not valid. Give a text such as "CL,DQ02", or a list of texts.',
        )
    return tuple(each.strip() for text in texts for each in text.split(",") if each.strip())


def check(
    plan: Plan,
    *,
    select: str | Iterable[str] = "",
    ignore: str | Iterable[str] = "",
    as_of: date | str | None = None,
    reading: str = "default",
    progress: Progress | None = None,
) -> Findings:
    """The findings of the selected rules on `plan`, and for every rule whether it passed, failed or did not run.

    A rule whose layers, fields, tables or targets the plan lacks, or that was not in force on the day `as_of` (by default
    the plan's), is `not_run` with the reason; it never counts as passed. `reading` "strict" (质检口径) excuses numeric
    resolution only, "study" (研判口径) excuses survey accuracy too, "default" leaves it to each rule's relation.

    Raises: RuleError for a selection that fits no rule, a day or reading nobody knows, or parameters the plan sets wrongly.
    """
    plan = plan if as_of is None else replace(plan, as_of=_day(as_of))
    own = clause_rules(plan)
    catalogue = {**RULES, **{each.id: each for each in own}}
    rules = tuple(each for each in chosen(select, ignore, own) if select or _asked(plan, each))
    _check_settings(plan, catalogue)
    found, outcomes = _all_run(plan, rules, _reading(reading), progress)
    ran = _ran(outcomes.values())
    marked, waivers = waived(found, plan.waivers, plan.as_of, ran)
    kept, subsumed = told_once(plan, marked, catalogue)
    outcomes = _counted(outcomes, kept, subsumed)
    aside = set_aside(plan)
    untold = () if any(_needs_waivers(catalogue[id_]) for id_ in ran) else notices(waivers, plan.as_of)
    return Findings(
        kept,
        MappingProxyType({id_: _noted(plan, catalogue[id_], each, aside) for id_, each in outcomes.items()}),
        plan.crs,
        plan.name,
        plan.profile,
        reading,
        MappingProxyType({"lantu-gis": gis.__version__}),
        (*plan.notices, *untold, *(_said_of(layer, ids) for layer, ids in aside.items())),
        subsumed,
        aside,
        plan.as_of.isoformat(),
    )


def _all_run(
    plan: Plan, rules: Sequence[Rule], reading: Reading, progress: Progress | None
) -> tuple[list[Finding], dict[str, Outcome]]:
    """The findings by rule id, and the outcomes; rules on waivers run last, when it is known what each waiver met."""
    found: list[Finding] = []
    outcomes: dict[str, Outcome] = {}
    for number, each in enumerate(sorted(rules, key=_needs_waivers)):
        if progress is not None:
            progress(number, len(rules), each.id)
        asked = plan
        if _needs_waivers(each):
            asked = replace(plan, waivers=waived(found, plan.waivers, plan.as_of, _ran(outcomes.values()))[1])
        some, outcomes[each.id] = _run(asked, each, reading)
        found += some
    return sorted(found, key=lambda each: each.rule), dict(sorted(outcomes.items()))


def _needs_waivers(rule: Rule) -> bool:
    return "waivers:" in rule.needs


def _ran(outcomes: Iterable[Outcome]) -> frozenset[str]:
    """The ids of the rules that ran."""
    return frozenset(each.rule for each in outcomes if each.status is not Status.NOT_RUN)


def _counted(
    outcomes: Mapping[str, Outcome], kept: Iterable[Finding], subsumed: Iterable[Finding]
) -> dict[str, Outcome]:
    """The outcomes with how many findings were waived, and how many another rule tells."""
    accepted = Counter(each.rule for each in kept if each.waived)
    elsewhere = Counter(each.rule for each in subsumed)
    return {
        id_: replace(each, count=each.count - elsewhere[id_], waived=accepted[id_], subsumed=elsewhere[id_])
        for id_, each in outcomes.items()
    }


def _noted(plan: Plan, rule: Rule, outcome: Outcome, aside: Mapping[str, tuple[str, ...]]) -> Outcome:
    """The outcome, with how many features of the layers that the rule needs were set aside, where it ran."""
    layers: set[str] = set()
    for need in rule.needs:
        kind, _, name = need.rpartition(":")
        layers |= set(plan.where(name)) if kind == "any" else {name.partition(".")[0]} if not kind else set()
    count = sum(len(aside[layer]) for layer in layers & aside.keys())
    if not count or outcome.status is Status.NOT_RUN:
        return outcome
    note = Text(
        f"所用图层有 {count} 个要素图形有误，修复后参加计算（见 TP01）",
        f"{count} features of its layers have faulty geometry and were repaired for the calculation (see TP01)",
    )
    return replace(outcome, note=note)


def _said_of(layer: str, ids: Sequence[str]) -> Text:
    """What was set aside in a layer, and by which repair."""
    some, more = "、".join(ids[:5]), (" 等", ", …") if len(ids) > 5 else ("", "")
    title = layer_title(layer)
    return Text(
        f"{title.zh}有 {len(ids)} 个要素图形有误（{some}{more[0]}）：{REPAIR.zh}",
        f"{title.en}: {len(ids)} features have faulty geometry ({some.replace('、', ', ')}{more[1]}): {REPAIR.en}",
    )


def _day(said: date | str) -> date:
    """The day, also from ISO text."""
    try:
        return said if isinstance(said, date) else date.fromisoformat(said)
    except ValueError:
        raise RuleError(
            f"基准日期 {said!r} 无效。请按 年-月-日 填写，例如 2025-06-30。",
            f"The day {said!r} is not valid. Write it as year-month-day, e.g. 2025-06-30.",
        ) from None


def _reading(said: str) -> Reading:
    """The reading of that name."""
    known: dict[str, Reading] = {each: each for each in get_args(Reading)}
    if said not in known:
        raise RuleError(
            f"口径 {said} 无效。可用：default、strict（质检口径）、study（研判口径）。",
            f"Reading {said} is not known. Use default, strict or study.",
        )
    return known[said]


def _check_settings(plan: Plan, catalogue: Mapping[str, Rule]) -> None:
    """Raise for a setting of a rule that does not exist: it would be a wish that nobody hears."""
    profile = profile_of(plan)
    stated = {*plan.parameters, *plan.severities, *profile.parameters, *profile.severities}
    unknown = sorted((stated | {each.rule for each in plan.waivers}) - set(catalogue))
    if unknown:
        names = ", ".join(unknown)
        raise RuleError(
            f"规划设置中的规则编号 {names} 不存在。请用 gis explain 核对。",
            f"The plan has settings for rules that do not exist: {names}. Check the ids with `gis explain`.",
        )


def _severity(plan: Plan, rule: Rule) -> Severity | None:
    """The rule's severity in this plan: its own setting, else the profile's, else the rule's; None when it is off."""
    said = plan.severities.get(rule.id, profile_of(plan).severities.get(rule.id, rule.severity))
    if said == "off":
        return None
    try:
        return Severity(said)
    except ValueError:
        raise RuleError(
            f"规则 {rule.id} 的等级 {said!r} 无效。可用：error、warning、note、off。",
            f"Severity {said!r} of rule {rule.id} is not valid. Use error, warning, note or off.",
        ) from None


def _run(plan: Plan, rule: Rule, reading: Reading) -> tuple[list[Finding], Outcome]:
    start = time.perf_counter()
    profile, stated = profile_of(plan), plan.parameters.get(rule.id, {})
    values = {**profile.parameters.get(rule.id, {}), **stated}
    settings = rule.settings(values, confirmed=profile.confirmed(rule.id) | set(stated))
    severity = _severity(plan, rule)
    outcome = Outcome(
        rule.id, rule.title, severity or rule.severity, Status.NOT_RUN,
        settings=settings, cites=rule.cites, concept=rule.concept,
    )  # fmt: skip
    reason = _why_not(plan, rule, off=severity is None)
    found: list[Finding] = []
    if reason is None:
        try:
            places = list(rule.find(plan, **{name: each.value for name, each in settings.items()}))
        except NotRun as why:
            reason = why.reason
        else:
            found = [each for some in places for each in _findings(plan, rule, some, reading, outcome.severity)]
    if reason is not None:
        return [], replace(outcome, reason=reason)
    return found, replace(outcome, status=_status(found), count=len(found), seconds=time.perf_counter() - start)


def _status(found: Iterable[Finding]) -> Status:
    verdicts = {each.verdict for each in found}
    if Verdict.VIOLATED in verdicts:
        return Status.FAILED
    return Status.UNDECIDABLE if verdicts else Status.PASSED


def _why_not(plan: Plan, rule: Rule, *, off: bool) -> Text | None:
    """Why the rule cannot run on this plan, or None if it can."""
    if off:
        return Text("本规划已关闭此规则", "switched off for this plan")
    if (reason := lapsed(rule, plan.as_of)) is not None:
        return reason
    lacking = [each for each in (_lacking(plan, need) for need in rule.needs) if each is not None]
    if not lacking:
        return None
    once = dict.fromkeys(lacking)  # a layer may be needed for several of its fields
    return Text("；".join(each.zh for each in once), "; ".join(each.en for each in once))


def _lacking(plan: Plan, need: str) -> Text | None:
    """What the plan lacks of one need, in words, or None."""
    kind, _, name = need.rpartition(":")
    if kind == "any":
        return None if plan.where(name) else Text("没有可检查的图层", "no layer to check")
    if kind == "waivers":
        return None if plan.waivers else Text("规划没有豁免清单", "the plan has no waivers")
    if kind:
        held: Mapping[str, tuple[Mapping[str, Any], Callable[[str], Text]]] = {
            "target": (plan.targets, no_target),
            "table": (plan.tables, no_table),
            "related": (plan.related, no_related),
        }
        there, said = held[kind]
        return None if name in there else said(name)
    layer, _, column = name.partition(".")
    if layer not in plan:
        return no_layer(layer)
    return no_field(layer, column) if column and column not in plan[layer].columns else None


def _findings(plan: Plan, rule: Rule, places: Places, reading: Reading, severity: Severity) -> Iterable[Finding]:
    verdict, doubt = _judged(plan, rule, places, reading)
    for n in np.flatnonzero(verdict != NOTHING):
        yield _finding(plan, rule, places, int(n), (verdict[n] == UNDECIDABLE, doubt[n], severity))


def _judged(plan: Plan, rule: Rule, places: Places, reading: Reading) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Verdict and doubt (in base units) of each place."""
    if places.width is None:
        doubt = np.zeros(len(places)) if places.doubt is None else places.doubt
        return np.where((doubt > 0) & (reading != "strict"), UNDECIDABLE, UNDECIDABLE + 1).astype(np.int8), doubt
    survey = survey_width(plan, places.layer, places.other_layer)
    numeric = numeric_width(plan, places.layer, places.other_layer)
    verdict = judged(places.width, rule.relation, reading, numeric_m=numeric, survey_m=survey)
    return verdict, np.where(verdict == UNDECIDABLE, places.measure, 0.0)


def _finding(plan: Plan, rule: Rule, places: Places, n: int, judgement: tuple[bool, float, Severity]) -> Finding:
    undecided, doubt, severity = judgement
    features = places.features[n]
    others = places.others[n] if places.others else ("",)
    measure = float(from_base(places.measure[n], rule.unit))
    words = {name: _word(word, n, len(places)) for name, word in places.words.items()}
    said = {
        "layer": layer_title(places.layer), "other": layer_title(places.other_layer),
        "feature": features[0], "other_feature": others[0], "measure": measure,
    }  # fmt: skip
    return Finding(
        rule.id,
        severity if places.severity is None or severity is not rule.severity else places.severity,
        Verdict.UNDECIDABLE if undecided else Verdict.VIOLATED,
        places.layer,
        features[0],
        rule.message.format(**{**said, **words}),
        places.other_layer,
        others[0],
        measure,
        rule.unit,
        float(from_base(doubt, rule.unit)),
        places.geometry[n],
        features,
        others=tuple(each for each in others if each),
        ground=places.width is not None,
    )


def _word(word: Any, n: int, length: int) -> Any:
    """The n-th of one value per place, or the one value for all."""
    per_place = isinstance(word, np.ndarray | list | tuple) and len(word) == length
    return word[n] if per_place else word
