"""A plan handed on to QGIS: one GeoPackage with all layers and their styles, and a project that opens it as a map.

The GeoPackage holds one table per layer under our layer id (Chinese title as identifier, Chinese field aliases), the
findings, the outcome of every rule, and `layer_styles`. The project beside it has the groups of the layer catalogue, Chinese
names, labels, and the findings on top. Layers that were brought to the plan's CRS on reading leave in the CRS and with the
vertices they came with.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import numpy as np
from pyproj import CRS

from gis.crs import describe
from gis.errors import WriteError
from gis.i18n import Language, Text
from gis.model.layers import GROUPS, LAYERS, layer_title
from gis.model.plan import LayerSource
from gis.present.atomic import spare, whole_file
from gis.present.audience import released
from gis.present.findings import finding_looks, finding_tables
from gis.present.geopackage import StyleRow, Table, day_types, free_name, kinds_of, write_geopackage
from gis.present.layout import Sheet
from gis.present.qgz import Project, ProjectGroup, ProjectLayer, write_project
from gis.present.qml import LayerLook, qml
from gis.present.sld import sld
from gis.present.style import (
    DISCLAIMER,
    MARK,
    REVIEW_NUMBER,
    UNDATED,
    Style,
    checked_audience,
    legend_title,
    looks,
    style_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gis.model.finding import Findings
    from gis.model.plan import Plan
    from gis.present.style import Audience

__all__ = ["KIND_NAMES", "Entry", "as_it_came", "entry", "new_project", "save_qgis", "save_tables"]

FINDINGS: Final = Text("检查结果", "findings")
UNKNOWN: Final = Text("未识别图层", "layers not recognised")
REST: Final = Text("其他或未填写", "other or not filled in")
KIND_NAMES: Final[Mapping[str, Text]] = {
    "polygon": Text("面", "areas"),
    "line": Text("线", "lines"),
    "point": Text("点", "points"),
    "mixed": Text("混合", "mixed"),
}
_TOP: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One table of the package with its looks, one per kind of geometry in it, and its place in the project."""

    table: Table
    looks: tuple[LayerLook, ...]
    group: Text
    style: Style


def save_qgis(
    plan: Plan,
    found: Findings | None = None,
    path: str | Path = "plan.gpkg",
    *,
    language: Language = "zh",
    audience: Audience = "internal",
) -> Path:
    """The path of a GeoPackage with every layer of the plan, styled; a `.qgz` project of the same name stands beside it.

    Attribute values, missing and empty geometries are kept as they are. Both files are written in full before either
    is put in place. With `audience="public"` only what may be public is written, without findings.

    Raises: WriteError if the path does not end in .gpkg, its folder is missing or read-only, or QGIS holds the file open; if there is no layer to write.

    Example:
        >>> import tempfile
        >>> from shapely import box
        >>> from gis.model.plan import Plan
        >>> plan = Plan({"county": gpd.GeoDataFrame(geometry=[box(5e5, 34e5, 6e5, 35e5)], crs=4549)}, 4549)
        >>> path = save_qgis(plan, path=Path(tempfile.mkdtemp()) / "plan.gpkg")
        >>> sorted(each.name for each in path.parent.iterdir())
        ['plan.gpkg', 'plan.qgz']
    """
    target = _target(path)
    spare(plan.files, target)
    audience = checked_audience(audience)
    shown = _shown_to(plan, audience)
    said = _said(shown, language, audience)
    entries = [*_findings(found if audience == "internal" else None, said, language)]
    entries += [_of_layer(shown, layer, said[layer], language) for layer in shown]
    entries += _strangers(shown, entries, said, language)
    project = new_project(plan.name or target.stem, shown.crs, _bounds(shown), target.name, language, audience)
    return save_tables(entries, project, target, language)


def save_tables(entries: Sequence[Entry], project: Project, target: Path, language: Language) -> Path:
    """Write the entries to `target` and the project, its groups made of them, beside it; both whole."""
    if not entries:
        raise WriteError(
            f"没有写出 {target}：规划中没有可写出的图层。请先检查读取结果（对外公开版只含行政区、三条控制线、城镇体系等图层）。",
            f"{target} was not written: the plan has no layer to write. Look at what was read (a public package holds only "
            "administration, control lines, the urban system and a few more).",
        )
    made = replace(project, groups=_groups(entries, language))
    beside = target.with_suffix(".qgz")
    with whole_file(beside) as qgz, whole_file(target) as gpkg:
        write_geopackage(gpkg, [each.table for each in entries], _styles(entries, language))
        write_project(made, qgz, target.stem)
    return target


def new_project(
    name: str,
    crs: CRS,
    bounds: tuple[float, float, float, float],
    data: str,
    language: Language = "zh",
    audience: Audience = "internal",
) -> Project:
    """A project without layers: its title, marks and print sheet."""
    mark, disclaimer = MARK[audience].render(language), DISCLAIMER.render(language)
    title = f"{name}（{mark}）" if language == "zh" else f"{name} ({mark})"
    system = describe(crs).render(language)
    footer = Text(
        f"坐标系：{system}。各图层数据日期见图层属性。",
        f"CRS: {system}. Dates of the data are in the layers' properties.",
    )
    lines = [f"{disclaimer}。{footer.zh}" if language == "zh" else f"{disclaimer}. {footer.en}"]
    lines += [REVIEW_NUMBER.render(language)] if audience == "public" else []
    sheet = Sheet(
        name=Text("图纸 A3", "sheet A3").render(language),
        title=name,
        mark=mark,
        legend=legend_title(LAYERS).render(language),
        footer="\n".join(lines),
        north=Text("▲\n北", "▲\nN").render(language),
        unit=Text("千米", "km").render(language),
        bounds=bounds,
        layers=(),
    )
    variables = {"plan": name, "audience": mark, "disclaimer": disclaimer}
    told = f"{mark}\n{disclaimer}"
    return Project(title, told, data, crs, bounds, (), f"{mark}  {disclaimer}", variables, sheet)


def entry(table: Table, group: Text, style: Style, looks_: Sequence[LayerLook]) -> Entry:
    """An entry whose looks know the fields of their table, in the file's order."""
    aliases = {name: table.aliases[column] for column, name in table.columns.items() if column in table.aliases}
    fields = tuple(table.columns.values())
    return Entry(table, tuple(replace(each, fields=fields, aliases=aliases) for each in looks_), group, style)


def as_it_came(plan: Plan, layer: str) -> gpd.GeoDataFrame:
    """The layer with the vertices and in the CRS it was read with; the layer itself if it was not brought to another."""
    frame, drawn = plan[layer], plan.source(layer).geometry
    if drawn is None:
        return frame
    if not drawn.index.equals(frame.index):
        drawn = drawn.reindex(frame.index) if set(drawn.index) == set(frame.index) else drawn.set_axis(frame.index)
    plain = frame.drop(columns=frame.geometry.name)
    return gpd.GeoDataFrame(plain, geometry=gpd.GeoSeries(drawn, crs=drawn.crs), crs=drawn.crs)


def _shown_to(plan: Plan, audience: Audience) -> Plan:
    """The plan as it may be seen; a public one keeps the dates of its sources and nothing else of them."""
    if audience == "internal":
        return plan
    dates = {name: LayerSource(as_of=each.as_of) for name, each in plan.sources.items()}
    return replace(released(plan, audience), sources=MappingProxyType(dates))


def _target(path: str | Path) -> Path:
    target = Path(path)
    if target.suffix.lower() != ".gpkg":
        raise WriteError(
            f"无法写入 {target}：QGIS 成果须为 GeoPackage。请把文件名改为以 .gpkg 结尾。",
            f"{target} cannot be written: a QGIS package is a GeoPackage. Give a file name that ends in .gpkg.",
        )
    return target


def _said(plan: Plan, language: Language, audience: Audience) -> Mapping[str, str]:
    """What every layer's description says: its mark, what it may not be used for, date of its data, its file."""
    always = f"{MARK[audience].render(language)}；{DISCLAIMER.render(language)}"
    said = {"": always}
    for layer in (*plan, *plan.unknown):
        source = plan.source(layer)
        dated = Text(f"数据日期：{source.as_of}", f"date of data: {source.as_of}") if source.as_of else UNDATED
        parts = [always, dated.render(language)]
        if source.file and audience == "internal":
            file = Path(source.file).name
            parts.append(Text(f"来源：{file} {source.name}", f"from: {file} {source.name}").render(language).strip())
        said[layer] = "；".join(parts)
    return said


def _of_layer(plan: Plan, layer: str, said: str, language: Language) -> Entry:
    spec, style, frame = LAYERS[layer], style_of(layer), as_it_came(plan, layer)
    labels = {each.name: each.label.render(language) for each in spec.fields.values()}
    table = Table(layer, frame, spec.name.render(language), said, spec.geometry, labels, day_types(frame, spec))
    shown = style if style.label in frame.columns else replace(style, label="")
    found = tuple(each for each in looks(layer, plan[layer]) if each.values != ("",))
    look = LayerLook("", shown, style.by if found else "", found, REST.render(language), language)
    kinds = kinds_of(frame, spec.geometry)
    return entry(table, GROUPS[spec.group], shown, [replace(look, kind=kind) for kind in kinds])


def _strangers(plan: Plan, entries: Sequence[Entry], said: Mapping[str, str], language: Language) -> list[Entry]:
    """The layers nobody knows, each under its own name or one as near to it as SQLite allows."""
    made: list[Entry] = []
    for layer, frame in plan.unknown.items():
        name = free_name(layer, ["layer_styles", *LAYERS, *(each.table.name for each in (*entries, *made))])
        style = replace(style_of(layer), show=False)
        table = Table(name, frame, layer_title(layer).render(language), said[layer])
        kinds = kinds_of(frame) or ("table",)
        made.append(entry(table, UNKNOWN, style, [LayerLook(kind, style) for kind in kinds]))
    return made


def _findings(found: Findings | None, said: Mapping[str, str], language: Language) -> list[Entry]:
    if found is None:
        return []
    places, rules = finding_tables(found, language, said[""])
    looks_ = finding_looks(places, language)
    return [
        entry(places, FINDINGS, looks_[0].style, looks_),
        entry(rules, FINDINGS, Style(), [LayerLook("table", Style())]),
    ]


def _groups(entries: Sequence[Entry], language: Language) -> tuple[ProjectGroup, ...]:
    order = [FINDINGS, *GROUPS.values(), UNKNOWN]
    rest = [each.group for each in entries if each.group not in order]
    groups = []
    for group in dict.fromkeys([*order, *rest]):
        layers = [layer for each in entries if each.group == group for layer in _project_layers(each, language)]
        if layers:
            groups.append(ProjectGroup(group.render(language), tuple(layers), group in (FINDINGS, *_shown(entries))))
    return tuple(groups)


def _shown(entries: Sequence[Entry]) -> list[Text]:
    return [each.group for each in entries if each.style.show]


def _project_layers(each: Entry, language: Language) -> list[ProjectLayer]:
    table, several = each.table, len(each.looks) > 1
    alone = not several and not table.generic
    crs = (
        CRS.from_user_input(table.frame.crs) if isinstance(table.frame, gpd.GeoDataFrame) and table.frame.crs else None
    )
    made = []
    for look in each.looks:
        if look.kind == "mixed":
            continue  # QGIS draws no mixed collections; the table keeps them
        kind = KIND_NAMES.get(look.kind, Text("", ""))
        title = f"{table.title}（{kind.render(language)}）" if several else table.title
        z = _TOP if each.group == FINDINGS else each.style.z
        id_ = f"{table.name}_{look.kind}"
        made.append(ProjectLayer(id_, table.name, title, look, crs, table.abstract, each.style.show, alone, z))
    return made


def _styles(entries: Sequence[Entry], language: Language) -> list[StyleRow]:
    """One row per kind of geometry in a table; the first is what QGIS takes when the table is opened alone."""
    rows = []
    for each in entries:
        table = each.table
        for look in each.looks:
            kind = KIND_NAMES[look.kind].render(language) if look is not each.looks[0] else ""
            name = " ".join(filter(None, (table.title or table.name, kind)))
            rows.append(
                StyleRow(table.name, name, qml(look), sld(look, name, language), table.abstract, default=not kind)
            )
    return rows


def _bounds(plan: Plan) -> tuple[float, float, float, float]:
    """The first view: all layers with a margin of 3 %; a square of 100 km about the zone's middle for an empty plan."""
    each = [frame.total_bounds for frame in plan.values() if len(frame)]
    boxes = np.array([box for box in each if np.isfinite(box).all()])
    if not len(boxes):
        return (450_000.0, 3_350_000.0, 550_000.0, 3_450_000.0)
    west, south = (float(each) for each in boxes[:, :2].min(axis=0))
    east, north = (float(each) for each in boxes[:, 2:].max(axis=0))
    margin = 0.03 * max(east - west, north - south, 100.0)
    return (west - margin, south - margin, east + margin, north + margin)
