"""Findings as files: a GeoPackage for the desk, GeoJSON for other maps, JSON for other programs.

The keys and columns are a contract: some may be added, none changes its name or meaning.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely

from gis.crs import CGCS2000, transformer
from gis.errors import WriteError
from gis.geometry.locate import inner_points, placed
from gis.i18n import Language, Text
from gis.model.finding import Severity
from gis.present.atomic import whole_file
from gis.present.findings_certificate import (
    certificate_tables,
    head,
    json_lines,
    json_text,
    placed_shapes,
    plain,
    released,
    stated,
    witnesses,
)
from gis.present.findings_changes import since_json
from gis.present.geopackage import StyleRow, Table, kinds_of, write_geopackage
from gis.present.qml import LayerLook, qml
from gis.present.sld import sld
from gis.present.style import DISCLAIMER, MARK, Look, finding_style

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from gis.decide.findings_since import Since
    from gis.model.finding import Finding, Findings, Outcome
    from gis.model.plan import Plan
    from gis.present.style import Audience, Style

__all__ = ["finding_looks", "finding_tables", "findings_json", "save_findings"]

_ALIASES: Final = {
    "rule": Text("规则", "rule"),
    "severity": Text("等级", "severity"),
    "verdict": Text("结论", "verdict"),
    "layer": Text("图层", "layer"),
    "feature": Text("要素", "feature"),
    "other_layer": Text("相关图层", "other layer"),
    "other": Text("相关要素", "other feature"),
    "measure": Text("量值", "measure"),
    "unit": Text("单位", "unit"),
    "doubt": Text("存疑量", "doubt"),
    "message_zh": Text("问题说明", "message (Chinese)"),
    "message_en": Text("问题说明（英文）", "message"),
    "waived": Text("豁免理由", "why waived"),
    "features": Text("全部涉及要素", "all features involved"),
    "others": Text("全部相关要素", "all other features involved"),
    "ground": Text("量值为图形面积", "measure is the area of the shape"),
    "rule_version": Text("规则版本", "version of the rule"),
    "cites": Text("依据", "cites"),
    "since": Text("与上次相比", "since the earlier check"),
    "subsumed_by": Text("由哪条规则列出", "told by rule"),
    "id": Text("规则", "rule"),
    "title_zh": Text("规则名称", "title (Chinese)"),
    "title_en": Text("规则名称（英文）", "title"),
    "status": Text("检查情况", "status"),
    "count": Text("问题数", "count"),
    "reason_zh": Text("未检查原因", "reason (Chinese)"),
    "reason_en": Text("未检查原因（英文）", "reason"),
    "parameters": Text("参数", "parameters"),
    "open": Text("未豁免", "open"),
    "subsumed": Text("已由其他规则列出", "told by another rule"),
    "note_zh": Text("检查说明", "how it ran (Chinese)"),
    "note_en": Text("检查说明（英文）", "how it ran"),
}
_RULE_COLUMNS: Final = (
    "id",
    "title_zh",
    "title_en",
    "severity",
    "status",
    "count",
    "reason_zh",
    "reason_en",
    "parameters",
    "rule_version",
    "cites",
    "open",
    "waived",
    "subsumed",
    "note_zh",
    "note_en",
)
_LISTS: Final = ("features", "others", "parameters", "cites")
"""Columns of a finding that are JSON."""
_STATE: Final = (
    "\"severity\" || CASE WHEN coalesce(\"waived\", '') <> '' THEN ' waived' "
    "WHEN \"verdict\" = 'undecidable' THEN ' undecidable' ELSE '' END"
)
"""What tells findings apart on a QGIS map, as an expression of QGIS."""
_TEXTS: Final = ("rule", "severity", "verdict", "layer", "feature", "other_layer", "other", "unit", "message_zh")
_TYPES: Final = {
    **dict.fromkeys((*_TEXTS, "message_en", "waived", "rule_version", "since", *_LISTS), pa.string()),
    **dict.fromkeys(("measure", "doubt"), pa.float64()),
    "ground": pa.bool_(),
}
_COUNTS: Final = ("open", "waived", "subsumed")
_RULE_TYPES: Final = {name: pa.int64() if name in ("count", *_COUNTS) else pa.string() for name in _RULE_COLUMNS}


@dataclass(frozen=True)
class _Content:
    """What goes into a file of findings."""

    found: Findings
    plan: Plan | None
    since: Since | None
    language: Language
    audience: Audience

    def json(self) -> dict[str, Any]:
        return findings_json(self.found, self.language, self.audience, plan=self.plan, since=self.since)


def findings_json(
    found: Findings,
    language: Language = "zh",
    audience: Audience = "internal",
    *,
    plan: Plan | None = None,
    since: Since | None = None,
    timings: bool = False,
) -> dict[str, Any]:
    """All findings and the outcome of every rule as one JSON object; missing numbers are null, never NaN.

    `x`, `y` are a point inside the witness in the plan's CRS, null where a finding has no place. `reason` is in
    `language`; both wordings stand beside it. `subsumed` has the findings at places that one of `findings` tells, with
    the rule that does (`subsumed_by`); they are in no count. With `timings` each rule has its `seconds`.

    Every finding is a certificate: version and parameter values of its rule, sources, and the `witness` in full precision in the
    plan's CRS. With the `plan` that was checked, `inputs` has the hashes of all that was judged. For "public" there is no place.

    With a comparison to an earlier check every finding says what became of it (`since`), and `since` lists those that are gone.
    """
    found = released(found, audience)
    said = stated(found, plan)
    elsewhere = [
        row | {"subsumed_by": each.subsumed_by}
        for each, row in zip(found.subsumed, _finding_rows(found.subsumed, said), strict=True)
    ]
    return {
        **head(found, plan, language, audience),
        "notices": [{"zh": each.zh, "en": each.en} for each in found.notices],
        "set_aside": {layer: list(ids) for layer, ids in found.set_aside.items()},
        "ground_m2": found.ground_m2(),
        "rules": [_rule(each, said[id_], language, timings=timings) for id_, each in found.outcomes.items()],
        "findings": _since(_finding_rows(found.items, said), since),
        "subsumed": elsewhere,
        **({} if since is None else {"since": since_json(since, audience)}),
    }


def _since(rows: list[dict[str, Any]], since: Since | None) -> list[dict[str, Any]]:
    """The rows with what became of each since the earlier check, where there is one to compare with."""
    if since is None:
        return rows
    return [row | {"since": became.value} for row, became in zip(rows, since.now, strict=True)]


def save_findings(
    found: Findings,
    path: str | Path,
    *,
    plan: Plan | None = None,
    since: Since | None = None,
    language: Language = "zh",
    audience: Audience = "internal",
) -> Path:
    """The path of the findings as a file; its ending says which: `.gpkg`, `.geojson` or `.json`.

    GeoPackage: layer `findings` with its style; layer `subsumed`; tables `rules`, `certificate`, `inputs`. GeoJSON is in CGCS2000 longitude and
    latitude, and has each witness in the plan's CRS as a property. All carry what `gis verify` needs to check them again; the
    hashes of the inputs only where the `plan` that was checked is given. For "public" there is no place in them. With a
    comparison to an earlier check each finding says what became of it in `since`.

    Raises: WriteError for another ending, or where the file cannot be written.
    """
    target = Path(path)
    writers: Mapping[str, Callable[[_Content, Path], None]] = {
        ".gpkg": _save_gpkg,
        ".geojson": _save_geojson,
        ".json": _save_json,
    }
    if target.suffix.lower() not in writers:
        raise WriteError(
            f"无法写入 {target}：检查结果只能保存为 {'、'.join(writers)}。请修改文件名。",
            f"{target} cannot be written: findings are saved as {', '.join(writers)}. Change the file name.",
        )
    with whole_file(target) as beside:
        writers[target.suffix.lower()](_Content(released(found, audience), plan, since, language, audience), beside)
    return target


def finding_tables(
    found: Findings, language: Language, abstract: str, plan: Plan | None = None, since: Since | None = None
) -> tuple[Table, Table]:
    """The tables `findings` and `rules` of a package; the versions of a plan's own clauses need the `plan`."""
    said = stated(found, plan)
    frame = found.to_gdf().rename_geometry("geom")
    more = [_certified(each, said) for each in found]
    for name in _LISTS:
        frame[name] = pd.Series([json_text(each[name]) for each in more], index=frame.index, dtype="str")
    frame["rule_version"] = pd.Series([each["rule_version"] for each in more], index=frame.index, dtype="str")
    frame["ground"] = pd.Series([each.ground for each in found], index=frame.index, dtype="bool")
    if since is not None:
        frame["since"] = pd.Series([each.value for each in since.now], index=frame.index, dtype="str")
    rows = [_rule_row(each, said[id_]) for id_, each in found.outcomes.items()]
    aliases = {name: each.render(language) for name, each in _ALIASES.items()}
    places = Table(
        "findings",
        frame,
        Text("检查结果", "findings").render(language),
        abstract,
        aliases=aliases,
        types=_TYPES,
        generic=True,
    )
    rules = pd.DataFrame(rows, columns=list(_RULE_COLUMNS))
    title = Text("规则执行情况", "rules and what became of them").render(language)
    aliases = aliases | {"waived": Text("已豁免", "waived").render(language)}
    return places, Table("rules", rules, title, abstract, aliases=aliases, types=_RULE_TYPES)


def _subsumed_table(found: Findings, language: Language, abstract: str) -> Table:
    """The findings that another one tells, with the rule that does; they are in no count."""
    frame = replace(found, items=found.subsumed).to_gdf().rename_geometry("geom")
    frame["subsumed_by"] = pd.Series([each.subsumed_by for each in found.subsumed], index=frame.index, dtype="str")
    aliases = {name: each.render(language) for name, each in _ALIASES.items()}
    title = Text("已由其他规则列出的问题", "findings that another rule tells").render(language)
    types = {**_TYPES, "subsumed_by": pa.string()}
    return Table("subsumed", frame, title, abstract, aliases=aliases, types=types, generic=True)


def finding_looks(places: Table, language: Language) -> tuple[LayerLook, ...]:
    """How findings are drawn: colour by severity; dashed where undecidable, dotted where waived; a pin on every area."""
    classes = [look for each in Severity for look in _severity_looks(each)]
    base = LayerLook(
        "polygon",
        _labelled(finding_style(Severity.NOTE)),
        _STATE,
        tuple(classes),
        Text("其他", "other").render(language),
        language,
        pin=True,
        aliases=places.aliases,
        fields=tuple(places.columns.values()),
    )
    kinds = [each for each in kinds_of(places.frame, "polygon") if each != "mixed"] or ["polygon"]
    return tuple(replace(base, kind=each) for each in kinds)


def _severity_looks(severity: Severity) -> list[Look]:
    plain, value = severity.label, severity.value
    doubtful = Text(f"{plain.zh}（无法判断）", f"{plain.en} (undecidable)")
    waived = Text(f"{plain.zh}（已豁免）", f"{plain.en} (waived)")
    return [
        Look((value,), plain, _labelled(finding_style(severity))),
        Look((f"{value} undecidable",), doubtful, _labelled(finding_style(severity, undecidable=True))),
        Look((f"{value} waived",), waived, _labelled(finding_style(severity, waived=True))),
    ]


def _labelled(style: Style) -> Style:
    return replace(style, label="rule", label_pt=7.5, label_rgb=(90, 0, 60), show=True)


def _finding_rows(items: Sequence[Finding], said: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {name: plain(value) for name, value in each.row().items()}
        | _certified(each, said)
        | {"ground": each.ground, "x": x, "y": y, "witness": witness}
        for each, (x, y), witness in zip(items, _points(items), witnesses(items), strict=True)
    ]


def _certified(each: Finding, said: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What a finding states of its rule, and all features that take part; nothing of a rule without an outcome."""
    unknown = {"rule_version": "", "parameters": {}, "cites": []}
    return {"features": list(each.features), "others": list(each.others), **said.get(each.rule, unknown)}


def _points(items: Sequence[Finding]) -> list[tuple[float | None, float | None]]:
    shapes = np.array([*(each.geometry for each in items), None], dtype=object)[:-1]
    there = placed(shapes)
    points = np.full((len(shapes), 2), np.nan)
    points[there] = shapely.get_coordinates(inner_points(shapes[there]))
    return [(x, y) if known else (None, None) for (x, y), known in zip(points.tolist(), there, strict=True)]


def _rule(outcome: Outcome, said: Mapping[str, Any], language: Language, *, timings: bool) -> dict[str, Any]:
    row = _rule_row(outcome, said) | {"reason": outcome.reason.render(language), "parameters": _settings(outcome)}
    row |= {"cites": list(outcome.cites), "note": outcome.note.render(language)}
    return row | ({"seconds": round(outcome.seconds, 6)} if timings else {})


def _rule_row(outcome: Outcome, said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": outcome.rule,
        "title_zh": outcome.title.zh,
        "title_en": outcome.title.en,
        "severity": outcome.severity.value,
        "status": outcome.status.value,
        "count": int(outcome.count),
        "reason_zh": outcome.reason.zh,
        "reason_en": outcome.reason.en,
        "parameters": json_text(_settings(outcome)),
        "rule_version": said["rule_version"],
        "cites": json_text(list(outcome.cites)),
        **{name: int(getattr(outcome, name)) for name in _COUNTS},
        "note_zh": outcome.note.zh,
        "note_en": outcome.note.en,
    }


def _settings(outcome: Outcome) -> dict[str, Any]:
    return {
        name: {
            "value": plain(each.value),
            "unit": each.unit,
            "assumed": bool(each.assumed),
            "meaning_zh": each.meaning.zh,
            "meaning_en": each.meaning.en,
        }
        for name, each in outcome.settings.items()
    }


def _save_json(content: _Content, path: Path) -> None:
    path.write_text(json_lines(content.json()), encoding="utf-8")


def _save_geojson(content: _Content, path: Path) -> None:
    whole = content.json()
    rows = whole.pop("findings")
    features = [
        {"type": "Feature", "geometry": geometry, "properties": properties}
        for geometry, properties in zip(_degrees(content.found), rows, strict=True)
    ]
    code = CGCS2000.rpartition(":")[2]
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{code}"}}
    whole["plan_crs"] = whole.pop("crs")
    path.write_text(
        json_lines({"type": "FeatureCollection", "name": "findings", "crs": crs, **whole, "features": features}),
        encoding="utf-8",
    )


def _degrees(found: Findings) -> list[Any]:
    """The witnesses in CGCS2000 longitude and latitude, to 1e-9 degree (0.1 mm); None where one has no place."""
    change = transformer(found.crs, CGCS2000)
    moved = shapely.transform(placed_shapes(found.items), lambda xy: np.column_stack(change.transform(*xy.T)).round(9))
    return [None if each is None else json.loads(each) for each in shapely.to_geojson(moved)]


def _save_gpkg(content: _Content, path: Path) -> None:
    found, plan, language, audience = content.found, content.plan, content.language, content.audience
    said = f"{MARK[audience].render(language)}；{DISCLAIMER.render(language)}"
    places, rules = finding_tables(found, language, said, plan, content.since)
    look = finding_looks(places, language)[0]
    style = StyleRow("findings", places.title, qml(look), sld(look, places.title, language), said)
    tables = certificate_tables(head(found, plan, language, audience), language, said)
    write_geopackage(path, [places, rules, *tables, _subsumed_table(found, language, said)], [style])
