"""How a plan office writes a clause of its own: one sentence, in Chinese or in English.

```
land_use_plan[class_code=0804*] 不得压占 hazard_area[level=极高,高]      land_use_plan[...] must not overlap hazard_area[...]
facility[kind=学校] 必须位于 urban_development_boundary 内              facility[...] must lie within urban_development_boundary
城镇开发边界 必须覆盖 县城                                              urban_development_boundary must cover county_town
land_use_plan[class_code=1001*] 距 drinking_water 不小于 300 米         ... must keep 300 m from drinking_water
project 不得接触 ecological_redline                                    project must not touch ecological_redline
planning_zone 的 zone_code 必须为 100,200,300                          the zone_code of planning_zone must be one of 100,200,300
land_use_plan 的 class_name 不得为空                                   the class_name of land_use_plan must not be empty
land_use_plan[class_code=07*] 的面积合计 不大于 1200 公顷               the total area of land_use_plan[...] must be at most 1200 ha
permanent_basic_farmland 的面积合计 不小于 目标 permanent_basic_farmland_area      ... must be at least target ...
```

A layer goes by our id, its official name or its Chinese name. Brackets hold conditions, all of which must hold: `field=a,b` (a trailing * stands
for any ending), `field!=a`, `field>=5`; between conditions stands a semicolon. A feature without a value meets no condition.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from gis.errors import RuleError
from gis.model.layers import LAYERS, layer_named
from gis.units import UNITS

__all__ = ["Condition", "Kind", "Limit", "Sentence", "Term", "parse"]

Kind = Literal["overlap", "touch", "within", "cover", "keep", "listed", "filled", "total"]


@dataclass(frozen=True, slots=True)
class Condition:
    """`field op values`: which features of a layer are meant."""

    field: str
    op: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """A layer, and which of its features."""

    layer: str
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Limit:
    """What a total is held against: a number with its unit, or a target of the plan; direction min or max."""

    direction: str
    value: float = float("nan")
    unit: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A clause as it was understood."""

    kind: Kind
    term: Term
    other: Term | None = None
    metres: float = 0.0
    field: str = ""
    values: tuple[str, ...] = ()
    limit: Limit | None = None


_PLAIN: Final = str.maketrans("（），、；＝［］【】：＞＜！＊", "(),,;=[][]:><!*")
_T: Final = r"([^\s\[\]]+?)\s*(?:\[([^\]]*)\])?"
_NUMBER: Final = r"([0-9]+(?:\.[0-9]+)?)\s*([^\s\d]+)"
_ABOUT: Final = r"([0-9]+(?:\.[0-9]+)?)\s*([^\s\d]+?)"  # words may follow its unit
_FORMS: Final[tuple[tuple[Kind, str], ...]] = (
    ("overlap", rf"{_T}\s*不得(?:压占|占用)\s*{_T}"),
    ("overlap", rf"{_T}\s*不得与\s*{_T}\s*(?:交叉)?(?:重叠|相交|交叉)"),
    ("overlap", rf"{_T}\s+must not overlap\s+{_T}"),
    ("touch", rf"{_T}\s*不得(?:接触|触碰)\s*{_T}"),
    ("touch", rf"{_T}\s+must not touch\s+{_T}"),
    ("within", rf"{_T}\s*(?:必须|应)?位于\s*{_T}\s*(?:内|之内|范围内)"),
    ("within", rf"{_T}\s+must lie (?:within|inside)\s+{_T}"),
    ("cover", rf"{_T}\s*(?:必须|应)覆盖\s*{_T}"),
    ("cover", rf"{_T}\s+must cover\s+{_T}"),
    ("keep", rf"{_T}\s*距\s*{_T}\s*(?:不小于|不少于|至少|>=)\s*{_NUMBER}"),
    ("keep", rf"{_T}\s*(?:应|必须)?与\s*{_T}\s*保持\s*(?:不小于|至少|>=)?\s*{_ABOUT}\s*(?:以上)?(?:的?(?:间距|距离))?"),
    ("keep", rf"{_T}\s*与\s*{_T}\s*的?距离\s*(?:不小于|不少于|至少|>=)\s*{_NUMBER}"),
    ("keep", rf"{_T}\s+must keep\s+{_NUMBER}\s+from\s+{_T}"),
    ("filled", rf"{_T}\s*的\s*(\S+?)\s*(?:不得|不能)为空"),
    ("filled", rf"(?:the\s+)?(\S+)\s+of\s+{_T}\s+must not be empty"),
    ("listed", rf"{_T}\s*的\s*(\S+?)\s*(?:必须|应|只能)为\s*(.+)"),
    ("listed", rf"(?:the\s+)?(\S+)\s+of\s+{_T}\s+must be(?: one of)?\s+(.+)"),
    ("total", rf"{_T}\s*的?面积(?:合计|之和)\s*(不大于|不超过|不小于|不低于|<=|>=)\s*(?:目标\s*:?\s*(\w+)|{_NUMBER})"),
    ("total", rf"the total area of\s+{_T}\s+must be (at most|at least)\s+(?:target\s*:?\s*(\w+)|{_NUMBER})"),
)
_CONDITION: Final = re.compile(r"^\s*(.+?)\s*(!=|>=|<=|=|>|<)\s*(.+?)\s*$")
_LENGTHS: Final = {"米": 1.0, "m": 1.0, "千米": 1000.0, "公里": 1000.0, "km": 1000.0}
_AREAS: Final = {
    **{name: each.id for each in UNITS.values() if each.quantity == "area" for name in (each.id, each.name.zh, each.name.en)},
    "平方公里": "km2",
}  # fmt: skip
_CEILINGS: Final = ("不大于", "不超过", "<=", "at most")


def parse(id_: str, text: str) -> Sentence:
    """The sentence of a clause; `id_` names the clause in errors.

    Raises: RuleError if no form fits, or a layer, field or unit is unknown: it says which.

    Example:
        >>> parse("XC01", "land_use_plan[class_code=0804*] 不得压占 hazard_area").term.conditions
        (Condition(field='class_code', op='=', values=('0804*',)),)
    """
    plain = re.sub(r"\s+", " ", text.replace("≥", ">=").replace("≤", "<=").translate(_PLAIN)).strip().rstrip("。.")
    for kind, form in _FORMS:
        match = re.fullmatch(form, plain, re.IGNORECASE)
        if match:
            return _MAKERS[kind](id_, kind, form, match.groups())
    raise RuleError(
        f"本地条文 {id_}：无法理解“{text}”。请照 gis explain clauses 的句式书写，图层名中不要有空格。",
        f"Clause {id_}: {text!r} is not understood. Write it in a form of `gis explain clauses`, with no blanks in names of layers.",
    )


def _of_two(id_: str, kind: Kind, form: str, found: tuple[str | None, ...]) -> Sentence:
    return Sentence(kind, _term(id_, found[0], found[1]), _term(id_, found[2], found[3]))


def _keep(id_: str, kind: Kind, form: str, found: tuple[str | None, ...]) -> Sentence:
    if "must keep" in form:
        name, where, number, unit, other, other_where = found
    else:
        name, where, other, other_where, number, unit = found
    if unit not in _LENGTHS:
        raise _unknown(id_, "长度单位", "unit of length", unit, ", ".join(_LENGTHS))
    return Sentence(kind, _term(id_, name, where), _term(id_, other, other_where), float(str(number)) * _LENGTHS[unit])


def _of_field(id_: str, kind: Kind, form: str, found: tuple[str | None, ...]) -> Sentence:
    """The field stands behind the layer in Chinese, before it in English; values stand last."""
    if " of" in form or r"of\s" in form:
        field, name, where, *values = found
    else:
        name, where, field, *values = found
    term = _term(id_, name, where)
    said = tuple(each.strip() for each in (values[0] or "").split(",") if each.strip()) if values else ()
    return Sentence(kind, term, field=_field(id_, term.layer, str(field)), values=said)


def _total(id_: str, kind: Kind, form: str, found: tuple[str | None, ...]) -> Sentence:
    name, where, compared, target, number, unit = found
    direction = "max" if str(compared).casefold() in _CEILINGS else "min"
    term = _term(id_, name, where)
    if target is not None:
        return Sentence(kind, term, limit=Limit(direction, target=target))
    if unit not in _AREAS:
        raise _unknown(id_, "面积单位", "unit of area", unit, ", ".join(_AREAS))
    return Sentence(kind, term, limit=Limit(direction, float(str(number)), _AREAS[unit]))


_MAKERS: Final = {
    "overlap": _of_two, "touch": _of_two, "within": _of_two, "cover": _of_two,
    "keep": _keep, "listed": _of_field, "filled": _of_field, "total": _total,
}  # fmt: skip


def _term(id_: str, name: str | None, where: str | None) -> Term:
    layer = layer_named(str(name))
    if layer is None:
        raise _unknown(id_, "图层", "layer", name, "gis.LAYERS")
    rows = [each for each in (where or "").split(";") if each.strip()]
    return Term(layer, tuple(_condition(id_, layer, each) for each in rows))


def _condition(id_: str, layer: str, text: str) -> Condition:
    match = _CONDITION.match(text)
    if match is None:
        raise RuleError(
            f"本地条文 {id_}：条件“{text}”不成立。请写成 字段=值,值 或 字段>=数。",
            f"Clause {id_}: condition {text!r} is none. Write field=value,value or field>=number.",
        )
    field, op, values = _field(id_, layer, match[1]), match[2], tuple(each.strip() for each in match[3].split(","))
    if op not in ("=", "!=") and not _is_number(values):
        raise _unknown(id_, "数值", "number", match[3], "0.5")
    return Condition(field, op, values)


def _is_number(values: tuple[str, ...]) -> bool:
    return len(values) == 1 and re.fullmatch(r"[+-]?\d+(\.\d+)?", values[0]) is not None


def _field(id_: str, layer: str, name: str) -> str:
    field = LAYERS[layer].field_names().get(name.casefold())
    if field is None:
        raise _unknown(
            id_, f"{LAYERS[layer].name.zh}的字段", f"field of {layer}", name, ", ".join(LAYERS[layer].fields)
        )
    return field


def _unknown(id_: str, zh: str, en: str, name: str | None, known: str) -> RuleError:
    return RuleError(
        f"本地条文 {id_}：{zh}“{name}”无法识别。可用：{known}。",
        f"Clause {id_}: {en} {name!r} is unknown. Known: {known}.",
    )
