"""The tables of the report as rows of plain text; the template only sets them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gis.crs import describe
from gis.errors import UnitError
from gis.i18n import Language, Text
from gis.model.concept import concepts, sources
from gis.model.finding import Verdict
from gis.model.layers import RASTERS, layer_title
from gis.model.profile import profile_of
from gis.present.report_words import FORCE, MET, READING, WORDS
from gis.present.style import UNDATED
from gis.rules import RULES
from gis.rules.judge import strictly
from gis.units import UNITS, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gis.indicators import Measure, Measures
    from gis.model.concept import Source
    from gis.model.finding import Finding, Findings, Outcome
    from gis.model.plan import Plan
    from gis.present.style import Audience

__all__ = [
    "assumed_rows", "cited", "data_rows", "finding_rows", "measure_rows", "other_data", "parameter_rows", "reading_of",
    "source_rows", "title_rows", "told_by", "unit_tables",
]  # fmt: skip

Row = dict[str, Any]

_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_COLUMNS: Final = 7
"""How many areas stand side by side in one table of indicators."""


def title_rows(plan: Plan, found: Findings, language: Language, audience: Audience) -> list[tuple[str, str]]:
    """What stands in the block under the title: label and value."""
    size = WORDS["content_value"].format(layers=len(plan), features=f"{sum(map(len, plan.values())):,}")
    rows = [
        (WORDS["as_of"], plan.as_of.isoformat()),
        (WORDS["profile"], profile_of(plan).name),
        (WORDS["crs"], describe(plan.crs)),
        (WORDS["content"], size),
        (WORDS["reading"], READING.get(found.reading, Text(found.reading, found.reading))),
        (WORDS["version"], "，".join(f"{name} {version}" for name, version in found.versions.items())),
    ]
    kept = rows if audience == "internal" else [row for row in rows if row[0] is not WORDS["crs"]]
    return [(label.render(language), _said(value, language)) for label, value in kept if _said(value, language)]


def _said(value: Any, language: Language) -> str:
    return value.render(language) if isinstance(value, Text) else str(value)


def parameter_rows(outcome: Outcome, language: Language) -> list[Row]:
    """The parameters a rule ran with: name, value with unit, meaning, whether it is assumed."""
    return [
        {
            "name": name,
            "value": _setting(each.value, each.unit, language),
            "meaning": each.meaning.render(language),
            "assumed": each.assumed,
        }
        for name, each in outcome.settings.items()
    ]


def _setting(value: Any, unit: str, language: Language) -> str:
    if isinstance(value, tuple | list):
        said = "、".join(map(str, value)) if language == "zh" else ", ".join(map(str, value))
    elif isinstance(value, bool):
        said = Text("是" if value else "否", "yes" if value else "no").render(language)
    else:
        said = f"{value:,g}" if isinstance(value, int | float) else str(value)
    name = UNITS[unit].name.render(language) if unit in UNITS else unit
    return f"{said or '—'} {name}".strip()


def reading_of(outcome: Outcome, found: Findings) -> Text:
    """The reading by which the places of a rule were judged; empty for a rule that judges no width of ground."""
    rule = RULES.get(outcome.rule)
    if rule is None or rule.relation == "none":
        return Text("", "")
    return READING["strict" if strictly(rule.relation, found.reading) else "study"]


def told_by(outcome: Outcome, found: Findings) -> list[tuple[str, int]]:
    """The rules that tell places of this one, each with how many."""
    by = Counter(each.subsumed_by for each in found.subsumed if each.rule == outcome.rule)
    return sorted(by.items())


def assumed_rows(found: Findings, language: Language) -> list[Row]:
    """The assumed parameters in use, one row each."""
    return [
        {"rule": rule, **row}
        for rule in found.assumed()
        for row in parameter_rows(found.outcomes[rule], language)
        if row["assumed"]
    ]


def cited(keys: Iterable[str], plan: Plan, language: Language) -> list[Row]:
    """The sources with what they are called and whether they were in force at the plan's date."""
    known = sources()
    return [_source(known[key], plan, language) for key in keys if key in known]


def _source(each: Source, plan: Plan, language: Language) -> Row:
    force = each.force(plan.as_of)
    document = language == "zh" and force != "reference" and _HAN.search(each.title.zh)
    title = f"《{each.title.zh}》" if document else each.title.render(language)
    days = (
        [WORDS["in_force_from"].format(day=each.in_force_from)] if each.in_force_from and force != "reference" else []
    )
    days += [WORDS["in_force_to"].format(day=each.in_force_to)] if each.in_force_to else []
    successor = sources().get(each.superseded_by)
    days += [WORDS["superseded"].format(title=successor.title)] if successor and force == "repealed" else []
    return {
        "id": each.id,
        "title": title,
        "number": each.number,
        "issuer": each.issuer,
        "days": ("，" if language == "zh" else ", ").join(day.render(language) for day in days),
        "force": force,
        "state": FORCE[force].render(language),
        "verify": force != "reference" and not each.certainty.startswith(("high", "verified")),
    }


def source_rows(plan: Plan, found: Findings, measures: Measures | None, language: Language) -> list[Row]:
    """Every source that a rule or an indicator of this report cites, with who cites it."""
    users: dict[str, list[str]] = {}
    for rule in found.outcomes.values():
        for key in rule.cites:
            users.setdefault(key, []).append(rule.rule)
    for one in dict.fromkeys(each.indicator for each in measures.items) if measures else ():
        for key in one.cites:
            users.setdefault(key, []).append(one.code or one.title.render(language))
    rows = cited(sources(), plan, language)
    return [{**row, "users": "、".join(users[row["id"]])} for row in rows if row["id"] in users]


def finding_rows(
    items: Sequence[Finding], language: Language, *, limit: int, carried: Mapping[int, int] = MappingProxyType({})
) -> list[Row]:
    """The findings as they stand in the report's tables, the first `limit`; `carried` has the number of each one's witness."""
    return [
        {
            "number": number,
            "layer": layer_title(each.layer).render(language) if each.layer else "",
            "feature": each.feature,
            "other_layer": layer_title(each.other_layer).render(language) if each.other_layer else "",
            "other": each.other,
            "size": _size(each, language),
            "doubt": WORDS["doubt"].format(doubt=shown(each.doubt, each.unit)).render(language)
            if each.doubt > 0
            else "",
            "undecidable": each.verdict is Verdict.UNDECIDABLE,
            "message": each.message.render(language),
            "waived": each.waived,
            "rule": each.rule,
            "witness": carried.get(id(each), -1),
        }
        for number, each in enumerate(items[:limit], 1)
    ]


def _size(each: Finding, language: Language) -> str:
    if np.isnan(each.measure):
        return "—"
    if each.unit not in UNITS:
        raise UnitError(
            f"规则 {each.rule} 的单位 {each.unit!r} 无法识别。请改用 gis.units 中的单位。",
            f"Rule {each.rule} has an unknown unit {each.unit!r}. Use one of gis.units.",
        )
    return f"{shown(each.measure, each.unit)} {UNITS[each.unit].name.render(language)}".strip()


def measure_rows(measures: Measures, language: Language) -> list[Row]:
    """The values for the whole plan with target, gap and what they rest on, grouped by the idea they serve."""
    groups: dict[str, list[Row]] = {}
    for each in measures.whole:
        groups.setdefault(each.indicator.concept, []).append(_measure(each, language))
    return [{"title": concepts()[concept].name.render(language), "rows": rows} for concept, rows in groups.items()]


def _measure(each: Measure, language: Language) -> Row:
    one = each.indicator
    missing = bool(np.isnan(each.value))
    unit = UNITS[one.unit].name.render(language)
    return {
        "code": one.code,
        "title": one.title.render(language),
        "value": [each.shown(language)] if missing else each.figures(language),
        "missing": missing,
        "target": "—" if np.isnan(each.target) else f"{_sign(each)}{shown(each.target, one.unit)} {unit}",
        "document": each.document,
        "gap": "—" if np.isnan(each.gap) else _signed(each.gap, one.unit),
        "met": each.met,
        "state": MET[each.met].render(language),
        "note": each.note.render(language),
        "formula": one.formula.render(language),
        "source": each.source.render(language),
        "assumed": one.assumed,
    }


def _sign(each: Measure) -> str:
    return {"min": "≥ ", "max": "≤ "}.get(each.indicator.direction, "")


def _signed(value: float, unit: str) -> str:
    """A gap with its sign; one that rounds to nothing has none."""
    said = shown(abs(value), unit)
    return said if float(said.replace(",", "")) == 0 else f"{'+' if value > 0 else '−'}{said}"


def unit_tables(measures: Measures, language: Language) -> list[dict[str, Any]]:
    """The values by area unit, as tables of a few areas each: heads and rows of (title, unit, cells)."""
    names = {each.area: each.area_name.render(language) for each in measures.items if each.area != "central_district"}
    areas = [each for each in names if each]
    kept: dict[str, dict[str, Measure]] = {}
    for each in measures.items:
        if each.indicator.scope == "units":
            kept.setdefault(each.indicator.id, {})[each.area] = each
    tables = []
    for start in range(0, len(areas), _COLUMNS):
        some = ["", *areas[start : start + _COLUMNS]]
        rows = [_unit_row(by_area, some, language) for by_area in kept.values() if _any_known(by_area)]
        tables.append({"heads": [names[each] for each in some], "rows": rows})
    return tables if kept else []


def _any_known(by_area: Mapping[str, Measure]) -> bool:
    return any(not np.isnan(each.value) for each in by_area.values())


def _unit_row(by_area: Mapping[str, Measure], areas: Sequence[str], language: Language) -> Row:
    one = next(iter(by_area.values())).indicator
    cells = [(shown(by_area[area].value, one.unit), by_area[area].reason.render(language)) for area in areas]
    return {"title": one.title.render(language), "unit": UNITS[one.unit].name.render(language), "cells": cells}


def data_rows(plan: Plan, language: Language, audience: Audience) -> list[Row]:
    """Where each layer came from: file, date, CRS, size, encoding, fields nobody knows; for the public only date and size."""
    rows = []
    for layer, frame in plan.items():
        source = plan.source(layer)
        row = {
            "layer": layer_title(layer).render(language),
            "id": layer,
            "date": source.as_of or UNDATED.render(language),
            "undated": not source.as_of,
            "features": f"{len(frame):,}",
        }
        if audience == "internal":
            row |= {
                "file": PurePath(source.file).name or WORDS["in_memory"].render(language),
                "name": source.name,
                "crs": _crs(source.crs, plan, language),
                "encoding": source.encoding,
                "unknown": "、".join(source.unknown_fields),
            }
        rows.append(row)
    return rows


def _crs(declared: str, plan: Plan, language: Language) -> str:
    """The CRS of a file in words; one that is the plan's own is only said to be so."""
    if not declared:
        return ""
    own, said = describe(plan.crs).render(language), describe(declared).render(language)
    return WORDS["same_crs"].render(language) if said == own else said


def other_data(plan: Plan, language: Language) -> list[tuple[str, str]]:
    """Layers nobody knows, rasters and tables, each as a label and a list."""
    between = "、" if language == "zh" else ", "
    lists = (
        (WORDS["unknown_layers"], [f"{name}（{len(frame):,}）" for name, frame in plan.unknown.items()]),
        (WORDS["rasters"], [RASTERS[each].render(language) if each in RASTERS else each for each in plan.rasters]),
        (WORDS["tables"], [f"{name}（{len(table):,}）" for name, table in plan.tables.items()]),
    )
    return [(label.render(language), between.join(items)) for label, items in lists if items]
