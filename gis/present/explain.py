"""What a rule, a layer, a concept or an indicator is, in words and with its drawn cases, for a terminal."""

from __future__ import annotations

import math
import re
from datetime import date
from string import Formatter
from typing import TYPE_CHECKING, Final

from gis.errors import RuleError
from gis.i18n import Text
from gis.indicators import INDICATORS
from gis.model.concept import concepts, sources
from gis.model.drawn import cases
from gis.model.finding import Status
from gis.model.layers import LAYERS, layer_named, layer_title
from gis.present.report_words import FORCE
from gis.present.sketch import sketch
from gis.rules import RULES
from gis.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.i18n import Language
    from gis.indicators import Indicator
    from gis.model.concept import Concept
    from gis.model.drawn import Case
    from gis.model.layer import LayerSpec
    from gis.rules import Rule

__all__ = ["explain", "listing"]

_RELATION: Final = {
    "legal×legal": Text("法定界线之间", "between legal lines"),
    "legal×survey": Text("法定界线与调查数据之间", "between legal lines and survey data"),
    "survey×survey": Text("调查数据之间", "between survey data"),
    "none": Text("", ""),
}
_NEED: Final = {
    "any": Text("规划中任一适用的图层", "any layer of the plan that it applies to"),
    "target": Text("目标值", "target"),
    "table": Text("表", "table"),
    "raster": Text("栅格", "raster"),
    "related": Text("相关规划", "related plan"),
    "waivers": Text("豁免清单", "waivers"),
}
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
_WORDS: Final = {
    "layer": Text("图层", "layer"),
    "feature": Text("要素", "feature"),
    "other": Text("另一图层", "other layer"),
    "other_feature": Text("另一要素", "other feature"),
    "measure": Text("数值", "number"),
    "above": Text("上一等级", "higher tier"),
    "approved": Text("批复值", "approved value"),
    "area": Text("面积", "area"),
    "area_km2": Text("面积", "area"),
    "base_ha": Text("基数", "base"),
    "code": Text("代码", "code"),
    "county": Text("行政区", "county"),
    "crs": Text("坐标系", "CRS"),
    "day": Text("日期", "date"),
    "east": Text("最大经度", "east"),
    "example": Text("示例", "example"),
    "expected": Text("应填名称", "expected name"),
    "extent": Text("占用规模", "extent"),
    "fault": Text("问题", "fault"),
    "fields": Text("字段", "fields"),
    "hint": Text("提示", "hint"),
    "kind": Text("类型", "kind"),
    "label": Text("字段名称", "label"),
    "lack": Text("所缺手续", "what is lacking"),
    "land_class": Text("地类", "land class"),
    "least": Text("下限", "lower limit"),
    "length_km": Text("长度", "length"),
    "limit": Text("上限", "upper limit"),
    "name": Text("名称", "name"),
    "new_ha": Text("新增面积", "new area"),
    "official": Text("椭球面积", "ellipsoidal area"),
    "out_ha": Text("区外面积", "area outside"),
    "over_ha": Text("超出面积", "excess"),
    "part": Text("部分", "part"),
    "peer": Text("比较对象", "peer"),
    "peer_residents": Text("人口", "residents"),
    "problem": Text("问题", "problem"),
    "short_ha": Text("缺口", "shortfall"),
    "size": Text("城市规模", "size of the city"),
    "state": Text("现状或新增", "existing or new"),
    "stated": Text("填写面积", "stated area"),
    "task_km2": Text("任务面积", "task"),
    "tier": Text("等级", "tier"),
    "west": Text("最小经度", "west"),
    "zone": Text("分区", "zone"),
}
"""The placeholders of messages in words; any other stands under its own name."""


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
        f" — {FORCE[each.force(day)].render(language)}"
        for each in rows
    ]


def _rule(rule: Rule, language: Language, day: date) -> list[str]:
    say = {name: each.render(language) for name, each in _HEADS.items()}
    about = _RELATION[rule.relation].render(language)
    force = rule.severity.label.render(language) + (f"{say['comma']}{about}" if about else "")
    lines = [f"{rule.id} {rule.title.render(language)}{say['open']}{force}{say['close']}", _message(rule, language), ""]
    if language == "en":
        lines += [*rule.purpose.splitlines(), ""]
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
    for status, case in _telling(cases(rule.id)):
        what = f"{say['open']}{status.label.render(language)}{say['close']}"
        lines += ["", f"{say['case']}{what}{say['colon']}{case.title.render(language)}"]
        lines += [f"{say['found']}{say['colon']}{_found(case, rule.unit, language)}", sketch(case.plan, language)]
        lines += _stated(case, language)
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
    fields: dict[str, list[str]] = {}
    others = []
    for need in needs:
        kind, _, name = need.rpartition(":")
        layer, _, column = name.partition(".")
        if kind:
            word = _NEED[kind].render(language)
            others.append(word if kind in ("any", "waivers") else f"{word}{say['colon']}{name}")
            continue
        of_layer = fields.setdefault(layer, [])
        if column:
            of_layer.append(f"{_label(layer, column, language)} {column}" if language == "zh" else column)
    lines = []
    for layer, columns in fields.items():
        named = f"{layer_title(layer).render(language)} {layer}"
        lines.append(named + (f"{say['colon']}{say['list'].join(columns)}" if columns else ""))
    return [*lines, *others]


def _message(rule: Rule, language: Language) -> str:
    """What the rule says of a place, its placeholders as words in brackets: 〔图层〕 or [layer]."""
    begin, end = ("〔", "〕") if language == "zh" else ("[", "]")
    parts = list(Formatter().parse(rule.message.render(language)))
    after = [*(literal for literal, *_ in parts[1:]), ""]
    said = ""
    for (literal, name, _, _), follows in zip(parts, after, strict=True):
        said += literal
        if name is not None:
            said += begin + _placeholder(name, rule.unit, follows, language) + end
    return said.replace(f" {begin}", begin).replace(f"{end} ", end) if language == "zh" else said


def _placeholder(name: str, unit: str, follows: str, language: Language) -> str:
    root = re.split(r"[.\[]", name)[0]
    word = _WORDS[root].render(language) if root in _WORDS else root.replace("_", " ")
    named = UNITS[unit].name
    written = any(each and follows.lstrip().startswith(each) for each in (named.zh, named.en))
    if root != "measure" or written or unit in {"", "count", "person"}:
        return word
    return f"{word} {named.render(language)}"


def _telling(all_: Sequence[Case]) -> list[tuple[Status, Case]]:
    """The first case that fails, the first that passes, the first that cannot be decided, each where there is one."""
    first: dict[Status, Case] = {}
    for case in all_:
        if not case.not_run:
            broken = Status.UNDECIDABLE if case.verdict == "undecidable" else Status.FAILED
            first.setdefault(broken if case.finds else Status.PASSED, case)
    order = (Status.FAILED, Status.PASSED, Status.UNDECIDABLE)
    return [(each, first[each]) for each in order if each in first]


def _stated(case: Case, language: Language) -> list[str]:
    """What a case says beside its geometry: attributes, a line per feature, and targets."""
    say = {name: each.render(language) for name, each in _HEADS.items()}
    lines = []
    for layer, features in case.drawing["layers"].items():
        table = case.plan[layer]
        for id_, row in zip(table.index, features, strict=True):
            held = row if isinstance(row, dict) else {}
            words = [
                _label(layer, name, language) + (say["empty"] if value in (None, "") else f" {value}")
                for name, value in held.items()
                if name in table.columns
            ]
            if words:
                lines.append(f"  {layer_title(layer).render(language)} {id_}{say['colon']}{say['comma'].join(words)}")
    for name, target in case.plan.targets.items():
        unit = UNITS[target.unit].name.render(language) if target.unit in UNITS else target.unit
        lines.append(f"  {_NEED['target'].render(language)} {name}{say['colon']}{target.value:g} {unit}".rstrip())
    return lines


def _label(layer: str, column: str, language: Language) -> str:
    field = LAYERS[layer].fields.get(column)
    return field.label.render(language) if field is not None else column


def _found(case: Case, unit: str, language: Language) -> str:
    """What the rule finds in a case: feature, other feature, measure."""
    comma, stop = ("，", "；") if language == "zh" else (", ", "; ")
    name = UNITS[unit].name.render(language)
    rows = []
    for place, measure in case.finds.items():
        size = "" if math.isnan(measure) else f"{measure:g} {name}".strip()
        who = place.replace("×", " × ")
        rows.append(comma.join(filter(None, (who, size))) or Text("图层整体", "the layer as a whole").render(language))
    return stop.join(rows) or Text("无", "nothing").render(language)


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
