"""A plan office's own clauses as rules: they run beside the others, for the plans of that office only. Ids start with XC."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import text_codes
from gis.errors import RuleError
from gis.i18n import Text
from gis.model.finding import Severity
from gis.model.layers import LAYERS
from gis.model.profile import profile_of
from gis.rules.base import Places, Relation, Rule
from gis.rules.clause_grammar import Condition, Kind, Sentence, Term, parse
from gis.rules.verbs import (
    astray,
    inside,
    nearer,
    official_m2,
    outside_of,
    overlaps,
    rows,
    target_in_base,
    total,
    usable,
)  # fmt: skip
from gis.units import shown, to_base

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.model.profile import Clause

__all__ = ["FAMILY", "clause_rule", "clause_rules"]

FAMILY: Final = "XC"


@dataclass(frozen=True, slots=True)
class _Form:
    """What every clause of one kind shares: its message, its unit, how its places are found."""

    message: Text
    unit: str
    find: Callable[[Plan, Sentence], Iterator[Places]]


def clause_rules(plan: Plan) -> tuple[Rule, ...]:
    """The clauses of the plan's own profile as rules, in their order.

    Raises: RuleError for a clause that cannot be understood, or an id used twice.
    """
    found = tuple(clause_rule(each) for each in profile_of(plan).clauses)
    ids = [each.id for each in found]
    twice = sorted({each for each in ids if ids.count(each) > 1})
    if twice:
        raise RuleError(
            f"本地条文编号 {'、'.join(twice)} 重复。请改用不同编号。",
            f"Clause ids {', '.join(twice)} are used twice. Give each its own.",
        )
    return found


def clause_rule(clause: Clause) -> Rule:
    """The rule that a clause says.

    Raises: RuleError for an id that does not start with XC, or a sentence that is not understood.
    """
    if not clause.id.startswith(FAMILY):
        raise RuleError(
            f"本地条文编号 {clause.id} 无效。请以 {FAMILY} 开头加两位数字，如 {FAMILY}01。",
            f"Clause id {clause.id} is not valid. Begin with {FAMILY} and two digits, such as {FAMILY}01.",
        )
    said = parse(clause.id, clause.rule)
    form = _FORMS[said.kind]

    def find(plan: Plan) -> Iterator[Places]:
        return form.find(plan, said)

    find.__doc__ = clause.rule
    source = f"（{clause.source}）" if clause.source else ""
    title = clause.title
    return Rule(
        clause.id,
        title,
        Severity(clause.severity),
        _relation(said),
        _needs(said),
        LAYERS[said.term.layer].concept,
        (),
        _unit(form, said),
        Text(
            f"{form.message.zh}，不符合“{_plain(title.zh)}”{_plain(source)}",
            f"{form.message.en}, against “{_plain(title.en)}”",
        ),
        clause.remedy
        if clause.remedy.zh
        else Text("按本单位条文调整，或说明理由。", "Adjust it to the clause, or state the reason."),
        find,
    )


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _relation(said: Sentence) -> Relation:
    """By what the two layers are: lines fixed by decision, or survey data."""
    if said.other is None:
        return "none"
    surveyed = [LAYERS[each.layer].position_m is not None for each in (said.term, said.other)]
    return ("legal×legal", "legal×survey", "survey×survey")[sum(surveyed)]


def _needs(said: Sentence) -> tuple[str, ...]:
    terms = [said.term, *([said.other] if said.other else [])]
    needs = [each.layer for each in terms]
    needs += [f"{term.layer}.{each.field}" for term in terms for each in term.conditions]
    needs += [f"{said.term.layer}.{said.field}"] if said.field else []
    needs += [f"target:{said.limit.target}"] if said.limit and said.limit.target else []
    return tuple(dict.fromkeys(needs))


def _unit(form: _Form, said: Sentence) -> str:
    if said.kind in ("overlap", "within"):
        return {"polygon": "ha", "line": "m", "point": ""}.get(LAYERS[said.term.layer].geometry, form.unit)
    return form.unit


def _where(plan: Plan, term: Term | None) -> NDArray[np.bool_] | None:
    """Which features of a layer meet all conditions; None where there are none to meet."""
    if term is None or not term.conditions:
        return None
    met = [_meets(plan[term.layer][each.field], each) for each in term.conditions]
    return np.asarray(np.logical_and.reduce(met), dtype=bool)


def _meets(column: pd.Series[Any], condition: Condition) -> NDArray[np.bool_]:
    if condition.op not in ("=", "!="):
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
        against = float(condition.values[0])
        compared = {">=": numbers >= against, "<=": numbers <= against, ">": numbers > against, "<": numbers < against}
        return np.asarray(compared[condition.op])
    text = text_codes(column)
    hit = _among(text, condition.values)
    return hit if condition.op == "=" else ~hit & text.notna().to_numpy()


def _among(text: pd.Series[str], values: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts are one of the values, or begin with one that ends in a star."""
    whole = [each for each in values if not each.endswith("*")]
    starts = tuple(each[:-1] for each in values if each.endswith("*"))
    hit = text.isin(whole)
    return np.asarray((hit | text.str.startswith(starts).fillna(False)) if starts else hit, dtype=bool)


def _two(said: Sentence) -> tuple[str, str]:
    assert said.other is not None, "a clause on two layers has two terms"
    return said.term.layer, said.other.layer


def _overlap(plan: Plan, said: Sentence) -> Iterator[Places]:
    layer, other = _two(said)
    where, other_where = _where(plan, said.term), _where(plan, said.other)
    yield overlaps(plan, layer, other, where=where, other_where=other_where)
    thin = inside(plan, layer, usable(plan, other, other_where), other=other, where=where)
    yield thin if LAYERS[layer].geometry == "line" else replace(thin, measure=np.full(len(thin), np.nan))


def _within(plan: Plan, said: Sentence) -> Iterator[Places]:
    layer, other = _two(said)
    where, mask = _where(plan, said.term), usable(plan, other, _where(plan, said.other))
    yield outside_of(plan, layer, mask, other=other, where=where)
    thin = astray(plan, layer, mask, other=other, where=where)
    yield thin if LAYERS[layer].geometry == "line" else replace(thin, measure=np.full(len(thin), np.nan))


def _cover(plan: Plan, said: Sentence) -> Iterator[Places]:
    assert said.other is not None, "a clause on two layers has two terms"
    yield from _within(plan, replace(said, term=said.other, other=said.term))


def _keep(plan: Plan, said: Sentence) -> Iterator[Places]:
    layer, other = _two(said)
    where, other_where = _where(plan, said.term), _where(plan, said.other)
    found = nearer(plan, layer, other, said.metres, where=where, other_where=other_where)
    yield replace(found, words={"least": shown(said.metres, "m")})


def _touch(plan: Plan, said: Sentence) -> Iterator[Places]:
    layer, other = _two(said)
    where, other_where = _where(plan, said.term), _where(plan, said.other)
    contact = max(plan.accuracy.of(each).resolution_m for each in (layer, other))
    found = nearer(plan, layer, other, np.nextafter(contact, np.inf), where=where, other_where=other_where)
    yield replace(found, width=None, measure=np.full(len(found), np.nan))


def _listed(plan: Plan, said: Sentence) -> Iterator[Places]:
    text = text_codes(plan[said.term.layer][said.field])
    bad = text.notna().to_numpy() & ~_among(text, said.values)
    yield rows(plan, said.term.layer, _of_those(plan, said, bad), value=text.fillna(""), label=_label(said))


def _filled(plan: Plan, said: Sentence) -> Iterator[Places]:
    column = plan[said.term.layer][said.field]
    empty = column.isna() | (column.astype("str").str.strip() == "")
    yield rows(plan, said.term.layer, _of_those(plan, said, empty.to_numpy(dtype=bool)), label=_label(said))


def _of_those(plan: Plan, said: Sentence, bad: NDArray[np.bool_]) -> NDArray[np.bool_]:
    where = _where(plan, said.term)
    return bad if where is None else bad & where


def _label(said: Sentence) -> Text:
    return Text(LAYERS[said.term.layer].fields[said.field].label.zh, said.field)


def _total(plan: Plan, said: Sentence) -> Iterator[Places]:
    limit, layer = said.limit, said.term.layer
    assert limit is not None, "a clause on a total has a limit"
    against = target_in_base(plan, limit.target, "m2") if limit.target else to_base(limit.value, limit.unit)
    where = _where(plan, said.term)
    area_m2 = official_m2(plan, layer)
    size = round(float(np.nansum(area_m2 if where is None else area_m2[where])), 2)
    sign = Text("低于", "below") if limit.direction == "min" else Text("超过", "above")
    limit_ha = shown(against / to_base(1.0, "ha"), "ha")
    yield total(plan, layer, size, round(against, 2), direction=limit.direction, sign=sign, limit_ha=limit_ha)


_FORMS: Final[dict[Kind, _Form]] = {
    "overlap": _Form(Text("{layer} {feature} 与{other} {other_feature} 重叠", "{layer} {feature} overlaps {other} {other_feature}"), "ha", _overlap),
    "touch": _Form(Text("{layer} {feature} 与{other} {other_feature} 相接", "{layer} {feature} touches {other} {other_feature}"), "", _touch),
    "within": _Form(Text("{layer} {feature} 超出{other}", "{layer} {feature} lies outside {other}"), "ha", _within),
    "cover": _Form(Text("{layer} {feature} 未被{other}覆盖", "{layer} {feature} is not covered by {other}"), "ha", _cover),
    "keep": _Form(
        Text(
            "{layer} {feature} 距{other} {other_feature} {measure:.2f} 米，小于 {least} 米",
            "{layer} {feature} is {measure:.2f} m from {other} {other_feature}, less than {least} m",
        ),
        "m",
        _keep,
    ),
    "listed": _Form(Text("{layer} {feature} 的{label}为“{value}”", "{label} of {layer} {feature} is “{value}”"), "", _listed),
    "filled": _Form(Text("{layer} {feature} 的{label}为空", "{label} of {layer} {feature} is empty"), "", _filled),
    "total": _Form(
        Text("{layer}面积合计 {measure:.4f} 公顷，{sign} {limit_ha} 公顷", "the total area of {layer} is {measure:.4f} ha, {sign} {limit_ha} ha"),
        "ha",
        _total,
    ),
}  # fmt: skip
