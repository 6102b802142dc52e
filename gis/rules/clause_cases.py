"""Drawn cases for a clause: one plan that breaks it and one that keeps it, to be read, changed and run again."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gis.model.finding import Status
from gis.model.profile import Profile
from gis.rules.clause_grammar import Condition, Sentence, Term, parse
from gis.rules.engine import check
from gis.units import to_base

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gis.model.drawn import Case
    from gis.model.profile import Clause

__all__ = ["comes_true", "skeleton"]

_HERE: Final = [0, 0, 100, 100]
_HALF_OVER: Final = [50, 0, 150, 100]
_AROUND: Final = [-100, -100, 200, 200]
_BESIDE: Final = [100, 0, 200, 100]
_AWAY: Final = [500, 0, 600, 100]
_NOT_LISTED: Final = "?"


def skeleton(clause: Clause) -> Mapping[str, Any]:
    """The drawn cases of a clause, in the form of `data/rules/<ID>.yaml`; their numbers are arithmetic in the head.

    Raises: RuleError if the clause is not understood.

    Example:
        >>> from gis.i18n import Text
        >>> from gis.model.profile import Clause
        >>> rows = skeleton(Clause("XC01", Text("甲", "A"), "project must not overlap ecological_redline"))
        >>> [case["finds"] for case in rows["cases"]]
        [{'0×0': 0.5}, {}]
    """
    said = parse(clause.id, clause.rule)
    broken, kept = _MAKERS[said.kind](said)
    cases = [
        {"name": "the clause is broken", "zh": "不符合条文", **broken},
        {"name": "the clause is kept", "zh": "符合条文", "finds": {}, **kept},
    ]
    return {"rule": clause.id, "clause": clause.rule, "cases": cases}


def comes_true(clause: Clause, case: Case) -> bool:
    """Whether the clause finds exactly what its drawn case says: the same places, measures equal to 1e-6.

    Raises: RuleError if the clause is not understood.
    """
    office = Profile(clause.id, clause.title, clauses=(clause,))
    found = check(replace(case.plan, own_profile=office), select=clause.id)
    if (found.outcomes[clause.id].status is Status.NOT_RUN) != case.not_run:
        return False
    measured = {"×".join(filter(None, (each.feature, each.other))): each.measure for each in found}
    if set(measured) != set(case.finds) or {each.verdict.value for each in found} - {case.verdict}:
        return False
    pairs = [(measured[place], float(size)) for place, size in case.finds.items()]
    return all(math.isclose(a, b, rel_tol=1e-6) or (math.isnan(a) and math.isnan(b)) for a, b in pairs)


def _feature(term: Term, box: Sequence[float], **values: Any) -> dict[str, Any]:
    """A box with values that meet all conditions of the term."""
    return {"box": list(box), **{each.field: _met(each) for each in term.conditions}, **values}


def _met(condition: Condition) -> Any:
    value = condition.values[0]
    if condition.op == "=":
        return value.removesuffix("*") or "0"
    if condition.op == "!=":
        return f"not {value}"
    return float(value) + {">=": 0, "<=": 0, ">": 1, "<": -1}[condition.op]


def _layers(said: Sentence, mine: Sequence[float], theirs: Sequence[float]) -> dict[str, Any]:
    assert said.other is not None, "a clause on two layers has two terms"
    layers: dict[str, Any] = {}
    for term, box in ((said.term, mine), (said.other, theirs)):
        layers.setdefault(term.layer, []).append(_feature(term, box))
    return {"layers": layers}


def _overlap(said: Sentence) -> tuple[dict[str, Any], dict[str, Any]]:
    return {**_layers(said, _HERE, _HALF_OVER), "finds": {"0×0": 0.5}}, _layers(said, _HERE, _BESIDE)


def _touch(said: Sentence) -> tuple[dict[str, Any], dict[str, Any]]:
    return {**_layers(said, _HERE, _BESIDE), "finds": {"0×0": float("nan")}}, _layers(said, _HERE, _AWAY)


def _within(said: Sentence) -> tuple[dict[str, Any], dict[str, Any]]:
    return {**_layers(said, _HERE, _HALF_OVER), "finds": {"0": 0.5}}, _layers(said, _HERE, _AROUND)


def _cover(said: Sentence) -> tuple[dict[str, Any], dict[str, Any]]:
    return {**_layers(said, _HALF_OVER, _HERE), "finds": {"0": 0.5}}, _layers(said, _AROUND, _HERE)


def _keep(said: Sentence) -> tuple[dict[str, Any], dict[str, Any]]:
    near, far = said.metres / 2, said.metres * 2
    at = [100 + near, 0, 200 + near, 100]
    broken = {**_layers(said, _HERE, at), "finds": {"0×0": near}}
    return broken, _layers(said, _HERE, [100 + far, 0, 200 + far, 100])


def _listed(said: Sentence) -> tuple[dict[str, Any], dict[str, Any]]:
    good = said.values[0].removesuffix("*")
    return (
        {
            "layers": {said.term.layer: [_feature(said.term, _HERE, **{said.field: _NOT_LISTED})]},
            "finds": {"0": float("nan")},
        },
        {"layers": {said.term.layer: [_feature(said.term, _HERE, **{said.field: good})]}},
    )


def _filled(said: Sentence) -> tuple[dict[str, Any], dict[str, Any]]:
    return (
        {"layers": {said.term.layer: [_feature(said.term, _HERE, **{said.field: ""})]}, "finds": {"0": float("nan")}},
        {"layers": {said.term.layer: [_feature(said.term, _HERE, **{said.field: "1"})]}},
    )


def _total(said: Sentence) -> tuple[dict[str, Any], dict[str, Any]]:
    """A square as large as the limit, doubled or halved along one side."""
    limit = said.limit
    assert limit is not None, "a clause on a total has a limit"
    m2 = 10_000.0 if limit.target else to_base(limit.value, limit.unit)
    side = max(m2, 1.0) ** 0.5
    targets = {"targets": {limit.target: {"value": 1.0, "unit": "ha"}}} if limit.target else {}
    over, under = [0, 0, 2 * side, side], [0, 0, side / 2, side]
    bad, good = (over, under) if limit.direction == "max" else (under, over)
    wide = bad[2] * bad[3] / 10_000
    return (
        {"layers": {said.term.layer: [_feature(said.term, bad)]}, "finds": {"": wide}, **targets},
        {"layers": {said.term.layer: [_feature(said.term, good)]}, **targets},
    )


_MAKERS: Final = {
    "overlap": _overlap, "touch": _touch, "within": _within, "cover": _cover,
    "keep": _keep, "listed": _listed, "filled": _filled, "total": _total,
}  # fmt: skip
