"""The engine: which rules run, on what, and what their places come to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

import gis
from gis.errors import RuleError
from gis.i18n import Text
from gis.model.finding import Finding, Findings, Outcome, Severity, Status, Verdict
from gis.model.layers import LAYERS, layer_title
from gis.rules.base import RULES, NotRun, Places, Rule
from gis.rules.judge import NOTHING, UNDECIDABLE, Reading, judged, numeric_width, survey_width
from gis.rules.waivers import waived
from gis.standards import profile_table
from gis.units import from_base

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.model.plan import Plan

__all__ = ["Progress", "check", "chosen"]

Progress = Callable[[int, int, str], None]
"""Told (done, all, rule id) before each rule."""


def chosen(select: str = "", ignore: str = "") -> tuple[Rule, ...]:
    """The rules whose id starts with one of the comma-separated prefixes of `select`, less those of `ignore`, by id.

    Raises: RuleError for a prefix that fits no rule: a mistyped one must not look like a clean plan.
    """
    wanted, unwanted = _prefixes(select), _prefixes(ignore)
    for prefix in (*wanted, *unwanted):
        if not any(id_.startswith(prefix) for id_ in RULES):
            raise RuleError(
                f"没有以 {prefix} 开头的规则。请用 gis explain 查看规则编号。",
                f"No rule starts with {prefix}. See `gis explain` for the ids.",
            )
    picked = (each for id_, each in sorted(RULES.items()) if not wanted or id_.startswith(wanted))
    return tuple(each for each in picked if not unwanted or not each.id.startswith(unwanted))


def _prefixes(text: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in text.split(",") if each.strip())


def check(
    plan: Plan, *, select: str = "", ignore: str = "", reading: Reading = "default", progress: Progress | None = None
) -> Findings:
    """The findings of the selected rules on `plan`, and for every rule whether it passed, failed or did not run.

    A rule whose layers, fields, tables or targets the plan lacks is `not_run` with the reason; it never counts as
    passed. `reading` "strict" (质检口径) excuses numeric resolution only, "study" (研判口径) excuses survey accuracy too.

    Raises: RuleError for a selection that fits no rule, or parameters the plan sets wrongly.
    """
    rules = chosen(select, ignore)
    _check_settings(plan)
    found: list[Finding] = []
    outcomes: dict[str, Outcome] = {}
    for number, each in enumerate(rules):
        if progress is not None:
            progress(number, len(rules), each.id)
        some, outcomes[each.id] = _run(plan, each, reading)
        found += some
    items, notices = waived(found, plan.waivers, plan.as_of)
    return Findings(
        items,
        MappingProxyType(outcomes),
        plan.crs,
        plan.name,
        plan.profile,
        reading,
        MappingProxyType({"lantu-gis": gis.__version__}),
        (*plan.notices, *notices),
    )


def _check_settings(plan: Plan) -> None:
    """Raise for a setting of a rule that does not exist: it would be a wish that nobody hears."""
    unknown = sorted({*plan.parameters, *plan.severities, *(each.rule for each in plan.waivers)} - set(RULES))
    if unknown:
        names = ", ".join(unknown)
        raise RuleError(
            f"规划设置中的规则编号 {names} 不存在。请用 gis explain 核对。",
            f"The plan has settings for rules that do not exist: {names}. Check the ids with `gis explain`.",
        )


def _severity(plan: Plan, rule: Rule) -> Severity | None:
    """The rule's severity in this plan: its own setting, else the profile's, else the rule's; None when it is off."""
    profile = profile_table(plan.profile).get("severities") or {}
    said = plan.severities.get(rule.id, profile.get(rule.id, rule.severity))
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
    profile = profile_table(plan.profile).get("parameters") or {}
    settings = rule.settings({**profile.get(rule.id, {}), **plan.parameters.get(rule.id, {})})
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
    day = plan.as_of.isoformat()
    if (rule.since and day < rule.since) or (rule.until and day > f"{rule.until}-99-99"[:10]):
        return Text(f"在 {day} 尚未生效或已失效", f"not in force on {day}")
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
    if kind:
        held: Mapping[str, Mapping[str, Any]] = {
            "target": plan.targets, "table": plan.tables, "raster": plan.rasters, "related": plan.related,
        }  # fmt: skip
        words = {"target": ("未提供目标值", "no target given"), "table": ("缺少表", "missing table")}
        zh, en = words.get(kind, ("缺少", f"missing {kind}"))
        return None if name in held[kind] else Text(f"{zh}：{name}", f"{en}: {name}")
    layer, _, column = name.partition(".")
    if layer not in plan:
        return Text(f"缺少图层：{layer_title(layer).zh}", f"missing layer: {layer}")
    if column and column not in plan[layer].columns:
        label = LAYERS[layer].fields[column].label.zh if column in LAYERS[layer].fields else column
        return Text(f"图层{layer_title(layer).zh}缺少字段：{label}", f"layer {layer} lacks the field {column}")
    return None


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
    )


def _word(word: Any, n: int, length: int) -> Any:
    """The n-th of one value per place, or the one value for all."""
    per_place = isinstance(word, np.ndarray | list | tuple) and len(word) == length
    return word[n] if per_place else word
