"""What a rule, a layer, a concept or an indicator is, in words and with its drawn cases, for a terminal."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from gis.errors import RuleError
from gis.i18n import Text
from gis.indicators import INDICATORS
from gis.model.concept import concepts, sources
from gis.model.drawn import cases
from gis.model.layers import LAYERS, layer_named, layer_title
from gis.model.tables import TABLES, table_named
from gis.present.explain_clauses import clauses_page
from gis.present.report_words import FORCE
from gis.present.rule_words import (
    NEED,
    RELATION,
    field_label,
    found_words,
    message_words,
    needs_by_layer,
    stated_words,
    telling,
)
from gis.present.sketch import sketch
from gis.rules import RULES
from gis.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gis.i18n import Language
    from gis.indicators import Indicator
    from gis.model.concept import Concept, Source
    from gis.model.layer import FieldSpec, LayerSpec
    from gis.model.tables import TableSpec
    from gis.rules import Rule

__all__ = ["explain", "listing"]

_HEADS: Final = {
    "cites": Text("依据", "Source"),
    "needs": Text("所需数据", "Needs"),
    "params": Text("参数", "Parameters"),
    "assumed": Text("假定，待确认", "assumed, to be confirmed"),
    "sourced": Text("有依据", "from the source"),
    "held": Text("适用期间", "In force"),
    "once": Text("同一处只列一次，下列规则在同一处的问题归入本规则", "One place is told once: here also for"),
    "remedy": Text("如何整改", "How to mend it"),
    "case": Text("示例", "Drawn case"),
    "found": Text("检出", "Found"),
    "open": Text("（", " ("),
    "close": Text("）", ")"),
    "colon": Text("：", ": "),
    "comma": Text("，", ", "),
    "empty": Text("（空）", " (empty)"),
    "list": Text("、", ", "),
}


def explain(name: str, language: Language = "zh", *, as_of: date | None = None) -> str:
    """The page of a rule, an indicator, a concept or a source by id, of a layer or a table by any of its names, or of `clauses`.

    Sources are said to be in force or not on the day `as_of`, by default today.

    Raises: RuleError if nothing is called so.
    """
    day = as_of or date.today()
    layer, table = layer_named(name), table_named(name)
    if name == "clauses":
        return clauses_page(language)
    if name.upper() in RULES:
        lines = _rule(RULES[name.upper()], language, day)
    elif name in INDICATORS:
        lines = _indicator(INDICATORS[name], language, day)
    elif name in concepts():
        lines = _concept(concepts()[name], language)
    elif layer is not None:
        lines = _layer(LAYERS[layer], language)
    elif table is not None:
        lines = _table(TABLES[table], language)
    elif name in sources():
        lines = _source(sources()[name], language, day)
    else:
        raise RuleError(
            f"没有名为 {name} 的规则、图层、表格、概念、指标或依据。请用 gis explain（不带参数）列出全部名称。",
            f"No rule, layer, table, concept, indicator or source is called {name}. `gis explain` without a name lists them all.",
        )
    return "\n".join(lines)


def listing(language: Language = "zh") -> str:
    """One line for everything that can be explained."""
    parts = [(Text("规则", "rules"), {id_: each.title for id_, each in sorted(RULES.items())})]
    parts += [(Text("指标", "indicators"), {id_: each.title for id_, each in INDICATORS.items()})]
    parts += [(Text("图层", "layers"), {id_: each.name for id_, each in LAYERS.items()})]
    parts += [(Text("表格", "tables"), {id_: each.name for id_, each in TABLES.items()})]
    parts += [(Text("概念", "concepts"), {id_: each.name for id_, each in concepts().items()})]
    parts += [(Text("依据", "sources"), {id_: each.title for id_, each in sources().items()})]
    parts += [(Text("本单位条文", "clauses"), {"clauses": Text("条文写法", "how an office writes its own")})]
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
        f" — {FORCE[each.force(day)].render(language)}"
        for each in rows
    ]


def _rule(rule: Rule, language: Language, day: date) -> list[str]:
    say = {name: each.render(language) for name, each in _HEADS.items()}
    about = RELATION[rule.relation].render(language)
    force = rule.severity.label.render(language) + (f"{say['comma']}{about}" if about else "")
    lines = [
        f"{rule.id} {rule.title.render(language)}{say['open']}{force}{say['close']}",
        message_words(rule, language),
        "",
    ]
    lines += [*rule.meaning.render(language).splitlines(), ""]
    lines += [f"{say['cites']}{say['colon']}", *_cited(rule.cites, language, day), ""]
    if rule.since or rule.until:
        lines += [f"{say['held']}{say['colon']}{rule.since or '…'} — {rule.until or '…'}", ""]
    if rule.subsumes:
        told = [f"  {RULES[id_].id} {RULES[id_].title.render(language)}" for id_ in rule.subsumes]
        lines += [f"{say['once']}{say['colon']}", *told, ""]
    if rule.needs:
        lines += [f"{say['needs']}{say['colon']}", *(f"  {each}" for each in _needs(rule.needs, language)), ""]
    if rule.parameters:
        lines += [f"{say['params']}{say['colon']}", *_parameters(rule, language), ""]
    lines += [f"{say['remedy']}{say['colon']}{rule.remedy.render(language)}"]
    for status, case in telling(cases(rule.id)):
        what = f"{say['open']}{status.label.render(language)}{say['close']}"
        lines += ["", f"{say['case']}{what}{say['colon']}{case.title.render(language)}"]
        lines += [f"{say['found']}{say['colon']}{found_words(case, rule.unit, language)}", sketch(case.plan, language)]
        lines += stated_words(case, language)
    return [each.rstrip() for each in lines]


def _parameters(rule: Rule, language: Language) -> list[str]:
    say = {name: each.render(language) for name, each in _HEADS.items()}
    lines = []
    for name, (param, default) in rule.parameters.items():
        mark = say["assumed" if param.assumed else "sourced"]
        value = " ".join(default) if isinstance(default, tuple) else str(default)
        unit = UNITS[param.unit].name.render(language) if param.unit in UNITS else param.unit
        lines.append(f"  {name} = {f'{value} {unit}'.strip()}")
        lines.append(f"    {param.meaning.render(language)}{say['open']}{mark}{say['close']}")
    return lines


def _needs(needs: Sequence[str], language: Language) -> list[str]:
    """A line per layer with the fields asked of it, and one for all else that is needed."""
    say = {name: each.render(language) for name, each in _HEADS.items()}
    layers, others = needs_by_layer(needs)
    lines = []
    for layer, columns in layers.items():
        named = f"{layer_title(layer).render(language)} {layer}"
        labels = [f"{field_label(layer, each, language)} {each}" if language == "zh" else each for each in columns]
        lines.append(named + (f"{say['colon']}{say['list'].join(labels)}" if labels else ""))
    for kind, name in others:
        word = NEED[kind].render(language)
        lines.append(word if kind in ("any", "waivers") else f"{word}{say['colon']}{name}")
    return lines


def _layer(spec: LayerSpec, language: Language) -> list[str]:
    concept = concepts()[spec.concept].name.render(language)
    lines = [f"{spec.id} {spec.name.render(language)}（{spec.geometry}，{spec.status}）"]
    lines += [Text("可识别的名称", "Names it is known by").render(language) + "：" + ", ".join(spec.names)]
    lines += [Text("概念", "Concept").render(language) + f"：{concept}", Text("字段", "Fields").render(language) + "："]
    return [*lines, *_fields(spec.fields, language), *_asked(spec.id, language)]


def _table(spec: TableSpec, language: Language) -> list[str]:
    lines = [f"{spec.id} {spec.name.render(language)}"]
    lines += [Text("可识别的名称", "Names it is known by").render(language) + "：" + ", ".join(spec.names)]
    lines += [Text("字段", "Fields").render(language) + "："]
    return [*lines, *_fields(spec.fields, language), *_asked(f"table:{spec.id}", language)]


def _fields(fields: Mapping[str, FieldSpec], language: Language) -> list[str]:
    must = {"M": Text("必填", "must"), "C": Text("条件必填", "conditional"), "O": Text("可选", "optional")}
    return [
        f"  {each.name:<20} {each.label.render(language):<12} {each.type:<6} {must[each.required].render(language)}"
        f" {each.unit} {each.table} {'/'.join(each.names)}".rstrip()
        for each in fields.values()
    ]


def _asked(need: str, language: Language) -> list[str]:
    """The rules and indicators that need a layer or a table."""
    needs = {id_: each.needs for id_, each in RULES.items()} | {id_: each.needs for id_, each in INDICATORS.items()}
    asking = [
        id_ for id_, all_ in needs.items() if need in {one.split(".")[0] for each in all_ for one in each.split("|")}
    ]
    word = Text("用到它的规则和指标", "Rules and indicators that need it").render(language)
    return [f"{word}：{', '.join(sorted(asking))}"] if asking else []


def _source(source: Source, language: Language, day: date) -> list[str]:
    rows = {
        Text("发布单位", "Issued by"): source.issuer,
        Text("发布日期", "Issued"): source.issued,
        Text("适用期间", "In force"): f"{source.in_force_from or '…'} — {source.in_force_to or '…'}",
        Text(f"效力（{day}）", f"On {day}"): FORCE[source.force(day)].render(language),
        Text("替代文件", "Superseded by"): source.superseded_by,
        Text("核实程度", "Certainty"): source.certainty,
        Text("备注", "Note"): source.note,
        Text("引用它的规则", "Rules that cite it"): ", ".join(
            id_ for id_, each in sorted(RULES.items()) if source.id in each.cites
        ),
    }
    title = source.citation() if language == "zh" else f"{source.title.en} ({source.number})".removesuffix(" ()")
    colon = "：" if language == "zh" else ": "
    return [f"{source.id} {title}", *(f"{name.render(language)}{colon}{said}" for name, said in rows.items() if said)]


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
