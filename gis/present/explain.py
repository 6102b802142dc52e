"""What a rule, a layer, a concept or an indicator is, in words and with its drawn cases, for a terminal."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from gis.errors import RuleError
from gis.i18n import Text
from gis.indicators import INDICATORS
from gis.model.concept import concepts, sources
from gis.model.drawn import ORIGIN, cases
from gis.model.layers import LAYERS, layer_named
from gis.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.i18n import Language
    from gis.indicators import Indicator
    from gis.model.concept import Concept
    from gis.model.drawn import Case
    from gis.model.layer import LayerSpec
    from gis.model.plan import Plan
    from gis.rules import Rule

__all__ = ["explain", "sketch"]

_FORCE: Final = {
    "in_force": Text("现行有效", "in force"),
    "not_yet": Text("尚未施行", "not yet in force"),
    "repealed": Text("已废止", "repealed"),
    "unknown": Text("施行日期待核", "date in force not known"),
}
_WIDE, _HIGH = 64, 16


def explain(name: str, language: Language = "zh", *, as_of: date | None = None) -> str:
    """The page of a rule id, a layer, a concept or an indicator (by id, or a layer by any of its names).

    Raises: RuleError if nothing is called so.
    """
    day = as_of or date.today()
    if name.upper() in RULES:
        return "\n".join(_rule(RULES[name.upper()], language, day))
    if name in INDICATORS:
        return "\n".join(_indicator(INDICATORS[name], language, day))
    if name in concepts():
        return "\n".join(_concept(concepts()[name], language))
    layer = layer_named(name)
    if layer is not None:
        return "\n".join(_layer(LAYERS[layer], language))
    raise RuleError(
        f"没有名为 {name} 的规则、图层、概念或指标。请用 gis explain（不带参数）列出全部名称。",
        f"No rule, layer, concept or indicator is called {name}. `gis explain` without a name lists them all.",
    )


def listing(language: Language = "zh") -> str:
    """One line for everything that can be explained."""
    parts = [(Text("规则", "rules"), {id_: each.title for id_, each in sorted(RULES.items())})]
    parts += [(Text("指标", "indicators"), {id_: each.title for id_, each in INDICATORS.items()})]
    parts += [(Text("图层", "layers"), {id_: each.name for id_, each in LAYERS.items()})]
    parts += [(Text("概念", "concepts"), {id_: each.name for id_, each in concepts().items()})]
    lines = []
    for title, rows in parts:
        lines += [
            f"# {title.render(language)}",
            *(f"  {id_:<36} {each.render(language)}" for id_, each in rows.items()),
        ]
    return "\n".join(lines)


def _cited(keys: Sequence[str], language: Language, day: date) -> list[str]:
    rows = [sources()[key] for key in keys]
    return [
        f"  {each.citation() if language == 'zh' else each.title.en + (f' ({each.number})' if each.number else '')}"
        f" — {_FORCE[each.force(day)].render(language)}"
        for each in rows
    ]


def _rule(rule: Rule, language: Language, day: date) -> list[str]:
    say = {
        "cites": Text("依据", "Source"), "needs": Text("所需数据", "Needs"), "params": Text("参数", "Parameters"),
        "remedy": Text("如何整改", "How to mend it"), "cases": Text("示例", "Drawn cases"), "what": Text("说明", "What it finds"),
    }  # fmt: skip
    head = {name: each.render(language) for name, each in say.items()}
    lines = [f"{rule.id} {rule.title.render(language)}（{rule.severity.label.render(language)}，{rule.relation}）"]
    lines += [rule.message.render(language), "", f"{head['cites']}：", *_cited(rule.cites, language, day)]
    lines += ["", f"{head['needs']}：{', '.join(rule.needs) or '—'}"]
    lines += [f"{head['params']}：" + ("" if rule.parameters else "—")]
    for name, (param, default) in rule.parameters.items():
        mark = Text("假定，待确认", "assumed, to be confirmed") if param.assumed else Text("有依据", "from the source")
        value = " ".join(default) if isinstance(default, tuple) else default
        lines.append(f"  {name} = {value} {param.unit} — {param.meaning.render(language)}（{mark.render(language)}）")
    lines += ["", f"{head['remedy']}：{rule.remedy.render(language)}", "", f"{head['what']}：", rule.purpose]
    drawn_cases = [each for each in cases(rule.id) if len(each.plan)]
    for case in _good_and_bad(drawn_cases):
        lines += ["", f"{head['cases']}：{case.name} → {dict(case.finds) or '—'}", sketch(case.plan)]
    return lines


def _good_and_bad(all_: Sequence[Case]) -> list[Case]:
    bad = next((each for each in all_ if each.finds), None)
    good = next((each for each in all_ if not each.finds and not each.not_run), None)
    return [each for each in (bad, good) if each is not None]


def sketch(plan: Plan) -> str:
    """A drawn plan in characters: a letter per layer, `#` where two cover the same ground, with a key below.

    Example:
        >>> from gis.model.drawn import drawn
        >>> print(sketch(drawn({"county": [[0, 0, 30, 10]]})).splitlines()[-1])
        a 县级行政区 county   0,0 – 30,10 m
    """
    from shapely import box, intersects, prepare, union_all  # noqa: PLC0415 - only where something is drawn

    bounds = [plan[layer].total_bounds for layer in plan if plan[layer].geometry.notna().any()]
    low_x, low_y = min(each[0] for each in bounds), min(each[1] for each in bounds)
    high_x, high_y = max(each[2] for each in bounds), max(each[3] for each in bounds)
    dx, dy = max(high_x - low_x, 1e-9) / _WIDE, max(high_y - low_y, 1e-9) / _HIGH
    rows = [[" "] * _WIDE for _ in range(_HIGH)]
    for n, layer in enumerate(plan):
        whole = union_all(plan[layer].geometry.make_valid().to_numpy())
        prepare(whole)
        for row in range(_HIGH):
            for column in range(_WIDE):
                x, y = low_x + column * dx, high_y - (row + 1) * dy
                if intersects(whole, box(x + dx * 0.25, y + dy * 0.25, x + dx * 0.75, y + dy * 0.75)):
                    rows[row][column] = "#" if rows[row][column] != " " else chr(ord("a") + n % 26)
    x0, y0 = ORIGIN
    extent = f"{low_x - x0:g},{low_y - y0:g} – {high_x - x0:g},{high_y - y0:g} m"
    names = [f"{chr(ord('a') + n % 26)} {LAYERS[each].name.zh} {each}" for n, each in enumerate(plan)]
    return "\n".join(["".join(row).rstrip() for row in rows] + ["; ".join(names) + f"   {extent}"])


def _layer(spec: LayerSpec, language: Language) -> list[str]:
    concept = concepts()[spec.concept].name.render(language)
    lines = [f"{spec.id} {spec.name.render(language)}（{spec.geometry}，{spec.status}）"]
    lines += [Text("可识别的名称", "Names it is known by").render(language) + "：" + ", ".join(spec.names)]
    lines += [Text("概念", "Concept").render(language) + f"：{concept}", Text("字段", "Fields").render(language) + "："]
    must = {"M": Text("必填", "must"), "C": Text("条件必填", "conditional"), "O": Text("可选", "optional")}
    lines += [
        f"  {each.name:<20} {each.label.render(language):<12} {each.type:<6} {must[each.required].render(language)}"
        f" {each.unit} {each.table} {'/'.join(each.names)}".rstrip()
        for each in spec.fields.values()
    ]
    return lines


def _concept(concept: Concept, language: Language) -> list[str]:
    asks, serves = Text("对空间的要求", "Asks of space"), Text("由此体现", "Served by")
    served = [*concept.layers, *concept.rules, *concept.indicators]
    return [
        f"{concept.id} {concept.name.render(language)}（{concept.section}）",
        concept.says.render(language),
        f"{asks.render(language)}：{concept.asks.render(language)}",
        f"{serves.render(language)}：{', '.join(served) or '—'}",
    ]


def _indicator(indicator: Indicator, language: Language, day: date) -> list[str]:
    formula = Text("算法", "Formula").render(language)
    cited = Text("依据", "Source").render(language)
    return [
        f"{indicator.id} {indicator.title.render(language)}（{indicator.unit}）{indicator.code}",
        f"{formula}：{indicator.formula.render(language)}",
        f"{cited}：",
        *_cited(indicator.cites, language, day),
    ]
