"""What stands on the pages of the catalogue: one mapping per page, for the template to set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from gis.i18n import Text
from gis.indicators import INDICATORS
from gis.model.concept import concepts, sources
from gis.model.drawn import cases
from gis.model.finding import Status
from gis.model.layers import GROUPS, LAYERS, RASTERS, layer_title
from gis.model.tables import TABLES
from gis.present.case_drawing import drawing, found_swatch, swatch
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
from gis.rules import FAMILIES, RULES, check
from gis.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gis.i18n import Language
    from gis.indicators import Indicator
    from gis.model.concept import Concept, Source
    from gis.model.drawn import Case
    from gis.model.layer import FieldSpec, LayerSpec
    from gis.model.tables import TableSpec
    from gis.rules import Rule

__all__ = ["KINDS", "Page", "pages"]

KINDS: Final[Mapping[str, Text]] = {
    "concept": Text("概念", "Concepts"),
    "rule": Text("规则", "Rules"),
    "layer": Text("图层", "Layers"),
    "table": Text("表格", "Tables"),
    "indicator": Text("指标", "Indicators"),
    "source": Text("依据", "Sources"),
}
_REQUIRED: Final = {"M": Text("必填", "must"), "C": Text("条件必填", "conditional"), "O": Text("可选", "optional")}
_DIRECTION: Final = {
    "min": Text("不低于目标", "at least the target"),
    "max": Text("不高于目标", "at most the target"),
    "target": Text("预期性，不作达标评价", "expected, not judged"),
    "none": Text("只作说明", "for information"),
}
_GEOMETRY: Final = {
    "polygon": Text("面", "polygons"),
    "line": Text("线", "lines"),
    "point": Text("点", "points"),
    "any": Text("任意", "any"),
}
_STATUS: Final = {
    "official": Text("官方图层", "official"),
    "listed": Text("官方目录所列", "listed officially"),
    "proposal": Text("本工具建议", "our proposal"),
}
_SOURCE_GROUPS: Final = (
    (Text("法律、法规、规章", "Laws, regulations, orders"), ("law", "regulation", "ministry order")),
    (Text("政策文件", "Policy documents"), ("notice", "opinion", "normative", "letter", "reply", "regime", "draft")),
    (Text("标准规范", "Standards and guides"), ("standard", "specification", "guide")),
)


@dataclass(frozen=True)
class Page:
    """One page: its kind, id, title, under which heading the index lists it, other words to find it by, and its content."""

    kind: str
    id: str
    title: Text
    group: Text
    words: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def href(self) -> str:
        """Where it lies in the folder."""
        return f"{self.kind}/{self.id}.html"


def pages(as_of: date) -> list[Page]:
    """A page for every concept, rule, layer, table, indicator and source; laws as they stand on `as_of`."""
    found = [_concept(each) for each in concepts().values()]
    found += [_rule(RULES[id_], as_of) for id_ in sorted(RULES)]
    found += [_layer(each) for each in LAYERS.values()]
    found += [_table(each) for each in TABLES.values()]
    found += [_indicator(each, as_of) for each in INDICATORS.values()]
    found += [_source(each, as_of) for each in sources().values()]
    return found


def _both(say: Callable[[Language], str]) -> Text:
    return Text(say("zh"), say("en"))


def _unit(unit: str) -> Text:
    return UNITS[unit].name if unit in UNITS else Text(unit, unit)


def _links(kind: str, ids: Iterable[str]) -> list[dict[str, Any]]:
    titles: dict[str, Callable[[str], Text]] = {
        "concept": lambda id_: concepts()[id_].name,
        "rule": lambda id_: RULES[id_].title,
        "layer": layer_title,
        "table": layer_title,
        "indicator": lambda id_: INDICATORS[id_].title,
        "source": lambda id_: sources()[id_].title,
    }
    return [{"kind": kind, "id": id_, "title": titles[kind](id_)} for id_ in dict.fromkeys(ids)]


def _rule(rule: Rule, as_of: date) -> Page:
    family = FAMILIES[rule.id[:2]]
    drawn = cases(rule.id)
    content = {
        "severity": rule.severity,
        "family": family,
        "message": _both(lambda language: message_words(rule, language)),
        "purpose": rule.meaning,
        "remedy": rule.remedy,
        "relation": RELATION[rule.relation],
        "unit": _unit(rule.unit),
        "held": (rule.since, rule.until),
        "concept": _links("concept", [rule.concept]),
        "subsumes": _links("rule", rule.subsumes),
        "subsumed_by": _links("rule", (each.id for each in RULES.values() if rule.id in each.subsumes)),
        "needs": _needs(rule.needs),
        "parameters": _parameters(rule.parameters),
        "cites": _cited(rule.cites, as_of),
        "cases": [_case(rule, status, case) for status, case in telling(drawn)],
        "situations": [(_status_of(each), each.title) for each in drawn],
    }
    return Page("rule", rule.id, rule.title, family.name, " ".join(_layers_in(rule.needs)), content)


def _status_of(case: Case) -> Status:
    if case.not_run:
        return Status.NOT_RUN
    if not case.finds:
        return Status.PASSED
    return Status.UNDECIDABLE if case.verdict == "undecidable" else Status.FAILED


def _case(rule: Rule, status: Status, case: Case) -> dict[str, Any]:
    """A drawn case: what is drawn, what is found, what is stated beside the drawing."""
    found = [each for each in check(case.plan, select=rule.id) if each.rule == rule.id]
    return {
        "status": status,
        "title": case.title,
        "svg": drawing(case.plan, found),
        "key": [{"swatch": swatch(layer), "title": layer_title(layer)} for layer in case.plan],
        "found_key": found_swatch(found),
        "found": _both(lambda language: found_words(case, rule.unit, language)),
        "messages": [each.message for each in found[:4]],
        "stated": [
            Text(zh.strip(), en.strip())
            for zh, en in zip(stated_words(case, "zh"), stated_words(case, "en"), strict=True)
        ],
        "tables": [_rows_of(name, frame) for name, frame in case.plan.tables.items()],
    }


def _rows_of(name: str, frame: Any) -> dict[str, Any]:
    """A table of a case, as text."""
    fields = TABLES[name].fields if name in TABLES else {}
    heads = [fields[each].label if each in fields else Text(each, each) for each in map(str, frame.columns)]
    rows = frame.head(8).astype("str").fillna("").to_numpy().tolist()
    return {"title": layer_title(name), "heads": heads, "rows": rows}


def _needs(needs: Sequence[str]) -> list[dict[str, Any]]:
    """A row per layer or other thing that is needed, with the fields asked of it."""
    layers, others = needs_by_layer([part for need in needs for part in need.split("|")])
    rows: list[dict[str, Any]] = [
        {"link": _links("layer", [layer])[0], "fields": [(each, _label(layer, each)) for each in fields]}
        for layer, fields in layers.items()
        if layer in LAYERS
    ]
    for kind, name in others:
        if kind == "table" and name.partition(".")[0] in TABLES:
            rows.append({"link": _links("table", [name.partition(".")[0]])[0], "fields": []})
        else:
            title = RASTERS.get(name, Text(name, name)) if kind == "raster" else Text(name, name)
            shown = Text("", "") if kind in ("any", "waivers") else title
            rows.append({"link": None, "kind": NEED[kind], "name": shown, "fields": []})
    return rows


def _label(layer: str, column: str) -> Text:
    return _both(lambda language: field_label(layer, column, language))


def _layers_in(needs: Iterable[str]) -> list[str]:
    parts = [part for need in needs for part in need.split("|")]
    return list(dict.fromkeys(each.partition(".")[0] for each in parts if ":" not in each))


def _parameters(parameters: Mapping[str, tuple[Any, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "value": "、".join(map(str, default)) if isinstance(default, tuple) else f"{default}",
            "unit": _unit(param.unit),
            "meaning": param.meaning,
            "assumed": param.assumed,
        }
        for name, (param, default) in parameters.items()
    ]


def _cited(keys: Iterable[str], as_of: date) -> list[dict[str, Any]]:
    return [
        {"link": _links("source", [key])[0], "source": sources()[key], **_force(sources()[key], as_of)} for key in keys
    ]


def _force(source: Source, as_of: date) -> dict[str, Any]:
    force = source.force(as_of)
    verify = force != "reference" and not source.certainty.startswith(("high", "verified"))
    return {"force": force, "state": FORCE[force], "verify": verify}


def _asking(name: str, kind: str) -> dict[str, list[dict[str, Any]]]:
    """The rules and indicators that need a layer or a table."""

    def asks(needs: Iterable[str]) -> bool:
        parts = [part for need in needs for part in need.split("|")]
        wanted = f"table:{name}" if kind == "table" else name
        return any(each == wanted or each.startswith(f"{wanted}.") for each in parts)

    return {
        "rules": _links("rule", (id_ for id_ in sorted(RULES) if asks(RULES[id_].needs))),
        "indicators": _links("indicator", (each.id for each in INDICATORS.values() if asks(each.needs))),
    }


def _fields(fields: Mapping[str, FieldSpec]) -> list[dict[str, Any]]:
    return [{"field": each, "required": _REQUIRED[each.required], "unit": _unit(each.unit)} for each in fields.values()]


def _layer(spec: LayerSpec) -> Page:
    content = {
        "spec": spec,
        "swatch": swatch(spec.id),
        "geometry": _GEOMETRY[spec.geometry],
        "status": _STATUS.get(spec.status, Text(spec.status, spec.status)),
        "concept": _links("concept", [spec.concept] if spec.concept in concepts() else []),
        "fields": _fields(spec.fields),
        **_asking(spec.id, "layer"),
    }
    return Page("layer", spec.id, spec.name, GROUPS[spec.group], " ".join(spec.names), content)


def _table(spec: TableSpec) -> Page:
    content = {"spec": spec, "fields": _fields(spec.fields), **_asking(spec.id, "table")}
    return Page("table", spec.id, spec.name, KINDS["table"], " ".join(spec.names), content)


def _indicator(each: Indicator, as_of: date) -> Page:
    content = {
        "indicator": each,
        "unit": _unit(each.unit),
        "direction": _DIRECTION[each.direction],
        "concept": _links("concept", [each.concept] if each.concept in concepts() else []),
        "needs": _needs(each.needs),
        "parameters": _parameters(each.parameters),
        "cites": _cited(each.cites, as_of),
    }
    return Page("indicator", each.id, each.title, KINDS["indicator"], each.code, content)


def _concept(concept: Concept) -> Page:
    rules = [
        id_
        for id_, each in sorted(RULES.items())
        if id_.startswith(concept.rules or ("-",)) or each.concept == concept.id
    ]
    layers = [each.id for each in LAYERS.values() if each.id in concept.layers or each.concept == concept.id]
    indicators = [
        each.id for each in INDICATORS.values() if each.id in concept.indicators or each.concept == concept.id
    ]
    content = {
        "concept": concept,
        "layers": _links("layer", layers),
        "rules": _links("rule", rules),
        "indicators": _links("indicator", indicators),
    }
    return Page("concept", concept.id, concept.name, KINDS["concept"], " ".join(concept.terms), content)


def _source(source: Source, as_of: date) -> Page:
    content = {
        "source": source,
        **_force(source, as_of),
        "successor": _links("source", [source.superseded_by] if source.superseded_by in sources() else []),
        "replaces": _links("source", (each.id for each in sources().values() if each.superseded_by == source.id)),
        "rules": _links("rule", (id_ for id_ in sorted(RULES) if source.id in RULES[id_].cites)),
        "indicators": _links("indicator", (each.id for each in INDICATORS.values() if source.id in each.cites)),
    }
    return Page("source", source.id, source.title, _source_group(source), source.number, content)


def _source_group(source: Source) -> Text:
    return next((name for name, kinds in _SOURCE_GROUPS if source.kind in kinds), Text("其他资料", "Other"))
