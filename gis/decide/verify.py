"""Findings checked again: confirmed, different, or of an input that has changed since.

Nothing of the file is trusted. Its rules run again on the plan, with the parameters, waivers, day and reading that the file states;
what they find is laid beside what it states, by rule and features, verdict, severity, measure and place. Apart from the rules, the
area of each stated witness is measured by itself (edge-true on the ellipsoid), and where it lies is asked of the features named.

A layer drawn in another CRS than the plan's has changed once `save_plan` has written it in the plan's: verify against the plan that was
checked.

Tolerances: areas 1e-6 of themselves + `AREA_M2`; other measures 1e-6 of themselves; places `NEAR_M`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyproj

from gis.decide.certificate import fingerprints, rule_versions
from gis.decide.witness import AREA_M2, NEAR_M, SHARE, same_places, witness_faults
from gis.errors import AnalysisError, RuleError
from gis.i18n import Language, Text
from gis.model.finding import Finding, Findings, Status
from gis.model.profile import profile_of
from gis.rules.base import RULES
from gis.rules.clauses import clause_rules
from gis.rules.engine import check
from gis.units import UNITS

if TYPE_CHECKING:
    from gis.decide.certificate import Certificate, Stated
    from gis.model.plan import Plan
    from gis.rules.base import Rule
    from gis.rules.engine import Progress

__all__ = ["AREA_M2", "NEAR_M", "Result", "Verification", "Verified", "verify"]

_ALWAYS: Final = ("plan:accuracy", "plan:severities", "plan:profile")
"""Inputs that every verdict rests on."""


class Result(StrEnum):
    """What became of a stated finding."""

    CONFIRMED = "confirmed"
    DIFFERS = "differs"
    INPUT_CHANGED = "input_changed"

    @property
    def label(self) -> Text:
        """Its name in both languages."""
        return _LABELS[self]


_LABELS: Final = {
    Result.CONFIRMED: Text("一致", "confirmed"),
    Result.DIFFERS: Text("不一致", "differs"),
    Result.INPUT_CHANGED: Text("输入数据已变", "input changed"),
}


@dataclass(frozen=True, slots=True)
class Verified:
    """One stated finding with the result of checking it again.

    reasons     why it is not confirmed; empty for an input that changed while the finding still comes out the same
    changed     the inputs it rests on that have changed
    again       the measure as it comes out now, NaN where the rule finds nothing there
    witness_m2  area of the stated witness, measured apart from the rule; NaN where it is no area
    """

    stated: Stated
    result: Result
    reasons: tuple[Text, ...] = ()
    changed: tuple[str, ...] = ()
    again: float = float("nan")
    witness_m2: float = float("nan")


@dataclass(frozen=True, eq=False, repr=False)
class Verification(Sequence[Verified]):
    """The results for all findings of a file, in its order.

    inputs     every input: same, changed, missing (from the plan), new (not in the file); empty where the file records none
    unstated   findings that the rules make now and the file does not state
    notices    what a reader should know: other versions, parameters and waivers that are not the plan's own
    """

    items: tuple[Verified, ...]
    inputs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    unstated: tuple[Finding, ...] = ()
    notices: tuple[Text, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Verified]:
        return iter(self.items)

    def __getitem__(self, key: Any) -> Any:
        return self.items[key]

    def __repr__(self) -> str:
        return self.summary("en")

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the inputs that are not what the file was made from."""
        return tuple(name for name, state in self.inputs.items() if state != "same")

    @property
    def confirmed(self) -> bool:
        """Whether every finding is confirmed, no finding is missing from the file, and no input has changed."""
        return not self.unstated and not self.changed and self.count(Result.CONFIRMED) == len(self)

    def count(self, result: Result) -> int:
        """How many findings came out so."""
        return sum(each.result is result for each in self.items)

    def summary(self, language: Language = "zh") -> str:
        """The result in a few lines: how many of each kind, which inputs changed, what the file does not state."""
        counts = {each: self.count(each) for each in Result}
        zh = "，".join(f"{each.label.zh} {count}" for each, count in counts.items())
        en = ", ".join(f"{count} {each.label.en}" for each, count in counts.items())
        said = [Text(f"复核 {len(self)} 处：{zh}。", f"{len(self)} findings: {en}.")]
        if self.changed:
            names = ", ".join(f"{name} ({self.inputs[name]})" for name in self.changed)
            said.append(Text(f"与出具时不同的输入：{names}。", f"Inputs that are not those of the file: {names}."))
        if self.unstated:
            rules = ", ".join(sorted({each.rule for each in self.unstated}))
            said.append(
                Text(
                    f"重新检查另有 {len(self.unstated)} 处不在文件中（{rules}）。",
                    f"{len(self.unstated)} more are found now that the file does not state ({rules}).",
                )
            )
        return "\n".join(each.render(language) for each in (*said, *self.notices))


def verify(certificate: Certificate, plan: Plan, *, progress: Progress | None = None) -> Verification:
    """What becomes of every stated finding when it is checked again on `plan`; see the module for how.

    Raises: AnalysisError if the plan is in another CRS than the witnesses, or the day stated is none; RuleError for an unknown
        reading.
    """
    _same_crs(certificate, plan)
    used = plan.waivers if certificate.waivers is None else certificate.waivers
    inputs = _inputs(certificate, plan if used == plan.waivers else replace(plan, waivers=used))
    catalogue = {**RULES, **{each.id: each for each in clause_rules(plan)}}
    values, refused = _settings(certificate, catalogue)
    asked = replace(
        plan,
        as_of=_day(certificate.as_of, plan),
        parameters=MappingProxyType({**plan.parameters, **values}),
        waivers=tuple(each for each in used if each.rule in catalogue),
    )
    found = _again(asked, certificate, values, progress)
    partners, unstated = _paired(certificate.findings, found.items)
    faults, areas = witness_faults(certificate.findings, plan, public=certificate.public)
    moved = same_places(certificate.findings, partners)
    changed = [name for name, state in inputs.items() if state != "same"]
    items = []
    for n, (each, again) in enumerate(zip(certificate.findings, partners, strict=True)):
        reasons = _differences(each, again, moved=not certificate.public and bool(moved[n]))
        if again is None:
            reasons = [refused.get(each.rule) or _not_found(each, found)]
        rests = _rests_on(each, catalogue.get(each.rule), changed)
        items.append(
            Verified(
                each,
                _result(faults[n], reasons, rests or (tuple(changed) if reasons else ())),
                (*faults[n], *reasons),
                rests or (tuple(changed) if reasons else ()),
                float("nan") if again is None else again.measure,
                float(areas[n]),
            )
        )
    return Verification(
        tuple(items), MappingProxyType(inputs), unstated, tuple(_notices(certificate, plan, catalogue, refused))
    )


def _result(faults: Sequence[Text], reasons: Sequence[Text], changed: Sequence[str]) -> Result:
    """A file that contradicts itself differs, whatever has changed."""
    if faults:
        return Result.DIFFERS
    if changed:
        return Result.INPUT_CHANGED
    return Result.DIFFERS if reasons else Result.CONFIRMED


def _same_crs(certificate: Certificate, plan: Plan) -> None:
    if pyproj.CRS.from_user_input(certificate.crs) != plan.crs:
        raise AnalysisError(
            f"检查结果的坐标系是 {certificate.crs[:60]}，规划是 {plan.crs.to_string()}。请用 --crs 按前者读取规划。",
            f"The findings are in {certificate.crs[:60]}, the plan is in {plan.crs.to_string()}. Read the plan with --crs "
            "of the findings.",
        )


def _day(said: str, plan: Plan) -> date:
    try:
        return date.fromisoformat(said) if said else plan.as_of
    except ValueError:
        raise AnalysisError(
            f"检查结果的基准日期 {said[:40]!r} 无效。请核对文件。",
            f"The day {said[:40]!r} of the findings is not valid. Check the file.",
        ) from None


def _inputs(certificate: Certificate, plan: Plan) -> dict[str, str]:
    """The state of every input, those of the file first."""
    if not certificate.inputs:
        return {}
    now = {name: each.sha256 for name, each in fingerprints(plan).items()}
    states = {
        name: "missing" if name not in now else "same" if now[name] == sha else "changed"
        for name, sha in certificate.inputs.items()
    }
    return {**states, **{name: "new" for name in now if name not in states}}


def _settings(
    certificate: Certificate, catalogue: Mapping[str, Rule]
) -> tuple[dict[str, Mapping[str, Any]], dict[str, Text]]:
    """The parameters of the rules that can run again, and why the others cannot."""
    values: dict[str, Mapping[str, Any]] = {}
    refused: dict[str, Text] = {}
    for id_, stated in certificate.parameters.items():
        if id_ not in catalogue:
            refused[id_] = Text(f"本版本没有规则 {id_}", f"this version has no rule {id_}")
            continue
        try:
            values[id_] = {name: each.value for name, each in catalogue[id_].settings(stated).items()}
        except RuleError as error:
            refused[id_] = error.text
    return values, refused


def _again(plan: Plan, certificate: Certificate, rules: Mapping[str, Any], progress: Progress | None) -> Findings:
    """The findings of the rules that can run again."""
    if not rules:
        return Findings((), MappingProxyType({}), plan.crs)
    return check(plan, select=",".join(rules), reading=certificate.reading or "default", progress=progress)


def _key(each: Stated | Finding) -> tuple[Any, ...]:
    """What tells findings apart before their place."""
    return (each.rule, each.layer, tuple(sorted(each.features)), each.other_layer, tuple(sorted(each.others)))


def _paired(stated: Sequence[Stated], found: Sequence[Finding]) -> tuple[list[Finding | None], tuple[Finding, ...]]:
    """For each stated finding the one that is made now, None where there is none; and those that nobody states.

    Of several at the same features, those with the same witness come together, the others by size.
    """
    waiting: dict[tuple[Any, ...], list[Finding]] = defaultdict(list)
    for one in sorted(found, key=lambda each: -_size(each.measure)):
        waiting[_key(one)].append(one)
    partners: list[Finding | None] = [None] * len(stated)
    order = sorted(range(len(stated)), key=lambda n: -_size(stated[n].measure))
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for n in order:
        groups[_key(stated[n])].append(n)
    for key, numbers in groups.items():
        for n, again in zip(numbers, _dealt([stated[n] for n in numbers], waiting.pop(key, [])), strict=True):
            partners[n] = again
    used = {id(each) for each in partners if each is not None}
    return partners, tuple(each for each in found if id(each) not in used)


def _dealt(stated: Sequence[Stated], found: Sequence[Finding]) -> list[Finding | None]:
    """Both in order of size; each takes the one with its own witness, else the next that nobody took."""
    by_place: dict[Any, list[int]] = defaultdict(list)
    for n in range(len(found) - 1, -1, -1):
        by_place[found[n].geometry].append(n)
    taken = [by_place[each.geometry].pop() if by_place.get(each.geometry) else None for each in stated]
    rest = iter([each for n, each in enumerate(found) if n not in set(taken)])
    return [found[n] if n is not None else next(rest, None) for n in taken]


def _size(measure: float) -> float:
    return -np.inf if np.isnan(measure) else measure


def _rests_on(each: Stated, rule: Rule | None, changed: Sequence[str]) -> tuple[str, ...]:
    """The changed inputs that a finding's rule looks at."""
    needs = {each.layer, each.other_layer, *_ALWAYS}
    for need in () if rule is None else rule.needs:
        kind, _, name = need.rpartition(":")
        if not kind:
            needs.add(name.partition(".")[0])
        elif kind in ("target", "waivers"):
            needs.add("plan:targets" if kind == "target" else "plan:waivers")
        else:
            needs.add(need)
    return tuple(name for name in changed if name in needs or name.partition("/")[0] in needs)


def _differences(each: Stated, again: Finding | None, *, moved: bool) -> list[Text]:
    """What is stated otherwise than it comes out now."""
    if again is None:
        return []
    said = []
    for zh, en, old, new in (
        ("结论", "verdict", each.verdict, again.verdict.value),
        ("等级", "severity", each.severity, again.severity.value),
        ("单位", "unit", each.unit, again.unit),
    ):
        if old != new:
            said.append(Text(f"{zh}：文件 {old}，复核 {new}", f"{en}: {old} stated, {new} now"))
    for zh, en, was, now in (
        ("量值", "measure", each.measure, again.measure),
        ("存疑量", "doubt", each.doubt, again.doubt),
    ):
        if not _close(was, now, again.unit):
            said.append(Text(f"{zh}：文件 {was:.10g}，复核 {now:.10g}", f"{en}: {was:.10g} stated, {now:.10g} now"))
    return [*said, Text("图形与复核得出的不同", "its place is another one now")] if moved else said


def _close(was: float, now: float, unit: str) -> bool:
    if not (np.isfinite(was) and np.isfinite(now)):
        return bool(np.isfinite(was) == np.isfinite(now))
    room = SHARE * max(abs(was), abs(now)) + 1e-12
    if unit in UNITS and UNITS[unit].quantity == "area":
        room += AREA_M2 / UNITS[unit].size
    return abs(was - now) <= room


def _not_found(each: Stated, found: Findings) -> Text:
    outcome = found.outcomes.get(each.rule)
    if outcome is None:
        return Text(f"文件没有列出规则 {each.rule} 的参数", f"the file lists no parameters of rule {each.rule}")
    if outcome.status is Status.NOT_RUN:
        return Text(f"规则未能运行：{outcome.reason.zh}", f"the rule did not run: {outcome.reason.en}")
    return Text("重新检查没有得出此问题", "the rule does not find it any more")


def _notices(
    certificate: Certificate, plan: Plan, catalogue: Mapping[str, Rule], refused: Mapping[str, Text]
) -> Iterator[Text]:
    """Other versions, and parameters and waivers that are not the plan's own."""
    if not certificate.inputs:
        yield Text(
            "文件未记录输入数据的指纹，不能说明输入是否变过。",
            "The file records no fingerprints, so it cannot be told whether an input changed.",
        )
    now = rule_versions(certificate.versions, plan)
    other = [id_ for id_, version in certificate.versions.items() if version and now.get(id_) != version]
    if other:
        names = ", ".join(sorted(other))
        yield Text(
            f"规则 {names} 的版本与出具时不同。", f"Rules {names} have another version than when the file was made."
        )
    if certificate.waivers is not None and certificate.waivers != plan.waivers:
        yield Text(
            f"按文件所列 {len(certificate.waivers)} 条豁免复核；规划自身有 {len(plan.waivers)} 条，两者不同。",
            f"Checked with the {len(certificate.waivers)} waivers of the file; they are not the plan's own {len(plan.waivers)}.",
        )
    profile = profile_of(plan)
    for id_, stated in certificate.parameters.items():
        if id_ in refused:
            continue
        own = catalogue[id_].settings({**profile.parameters.get(id_, {}), **plan.parameters.get(id_, {})})
        for name, value in catalogue[id_].settings(stated).items():
            if own[name].value != value.value:
                said = f"{id_}.{name} = {value.value!r}"
                yield Text(
                    f"按文件的参数 {said} 复核；规划自身为 {own[name].value!r}。",
                    f"Checked with {said} as in the file; the plan's own is {own[name].value!r}.",
                )
