"""An empty plan to fill in: every layer with its fields, code lists and style, in a GeoPackage that opens in QGIS."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.crs import describe, gauss_kruger
from gis.errors import CrsError
from gis.i18n import Language, Text
from gis.model.layers import GROUPS, LAYERS
from gis.present.atomic import whole_folder
from gis.present.geopackage import Table
from gis.present.qgis import REST, Entry, entry, new_project, save_tables
from gis.present.qml import LayerLook, Widget
from gis.present.style import DISCLAIMER, MARK, Style, looks, style_of
from gis.standards import code_table, style_table

if TYPE_CHECKING:
    from gis.model.layer import LayerSpec
    from gis.present.style import Look

__all__ = ["new_plan", "usual_crs"]

CODES: Final = Text("代码表", "code lists")
PROFILE: Final = "national_city"
_VIEW_M: Final = 50_000.0
_MIDDLE: Final = (500_000.0, 3_400_000.0)
_TYPES: Final = {
    "text": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "date": pa.date32(),
    "bool": pa.bool_(),
}
_LINEAR: Final = frozenset({"river", "railway", "ecological_corridor", "barrier"})
"""Layers of any geometry that are drawn as lines or areas; the others of that sort are points or areas."""


def new_plan(
    folder: str | Path,
    *,
    county: str = "330523",
    name: str = "",
    language: Language = "zh",
    crs: str | int | None = None,
) -> Path:
    """The path of a new folder with `plan.gpkg` (every layer, empty), `plan.qgz` and `plan.toml`.

    `county` is the 6-digit administrative code. Without `crs` the plan lies in the 3-degree zone usual in its province, which is
    an assumption to confirm: a county's own longitude decides, and plan.toml says so.

    Raises: CrsError for a code of no known province without `crs`, or a `crs` that is not projected; WriteError if the
    folder is there and not empty, or cannot be made.
    """
    known = usual_crs(county) if crs is None else _projected(crs)
    title = name or Text(f"{county} 国土空间规划", f"Territorial plan of {county}").render(language)
    project = new_project(title, known, _view(known), "plan.gpkg", language)
    with whole_folder(folder) as beside:
        save_tables(_entries(known, language), project, beside / "plan.gpkg", language)
        text = _toml(title, county, known, assumed=crs is None)
        (beside / "plan.toml").write_text(text, encoding="utf-8", newline="\n")
    return Path(folder)


def usual_crs(county: str) -> CRS:
    """The 3-degree Gauss–Krüger system usual in the province of a county (assumed: the zone of the province's capital).

    Raises: CrsError if the code is not 6 digits or its province is unknown.

    Example:
        >>> usual_crs("330523").to_epsg()
        4549
    """
    provinces = code_table("province_meridians")
    if not re.fullmatch(r"[0-9]{6}", county) or county[:2] not in provinces:
        raise CrsError(
            f"行政区代码 {county!r} 不是已知省份的 6 位代码，无法推定坐标系。请改正代码，或用 crs 指定投影坐标系，例如 EPSG:4549。",
            f"Area code {county!r} is not six digits of a known province, so no CRS follows from it. "
            "Mend the code, or name a projected CRS, e.g. EPSG:4549.",
        )
    return CRS.from_user_input(gauss_kruger(float(provinces[county[:2]].extra["meridian"])))


def _projected(crs: str | int) -> CRS:
    try:
        found = CRS.from_user_input(crs)
    except CRSError as error:
        raise CrsError(
            f"坐标系 {crs!r} 无法识别。请给出 EPSG 代码，例如 EPSG:4549。",
            f"CRS {crs!r} is not understood. Give an EPSG code, e.g. EPSG:4549.",
        ) from error
    if not found.is_projected:
        raise CrsError(
            f"坐标系 {crs!r} 是经纬度，规划须用投影坐标系。请改用例如 EPSG:4549。",
            f"CRS {crs!r} is in degrees; a plan needs a projected CRS. Use e.g. EPSG:4549.",
        )
    return found


def _entries(crs: CRS, language: Language) -> list[Entry]:
    layers = [_layer(spec, crs, language) for spec in LAYERS.values()]
    return layers + [_codes(table, label, language) for table, label in _code_tables().items()]


def _layer(spec: LayerSpec, crs: CRS, language: Language) -> Entry:
    fields = spec.fields.values()
    types = {each.name: _TYPES[each.type] for each in fields}
    columns = {each.name: pd.array([], dtype="object") for each in fields}
    frame = gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=crs), crs=crs)
    labels = {each.name: _label(each.label, each.required, each.unit, language) for each in fields}
    said = f"{MARK['internal'].render(language)}；{DISCLAIMER.render(language)}"
    style = style_of(spec.id)
    shown = replace(style, show=True, label=style.label if style.label in spec.fields else "")
    anything = spec.geometry == "any"
    table = Table(spec.id, frame, spec.name.render(language), said, spec.geometry, labels, types, generic=anything)
    classes = _all_classes(spec.id, style)
    base = LayerLook("", shown, style.by if classes else "", classes, REST.render(language), language)
    base = replace(base, widgets=tuple(_widget(each.name, each.table, language) for each in fields if each.table))
    kinds = ("line" if spec.id in _LINEAR else "point", "polygon") if anything else (spec.geometry,)
    return entry(table, GROUPS[spec.group], shown, [replace(base, kind=kind) for kind in kinds])


def _label(label: Text, required: str, unit: str, language: Language) -> str:
    """A field's name with its unit, and a star where it must be filled in."""
    return label.render(language) + (f" ({unit})" if unit else "") + (" *" if required == "M" else "")


def _all_classes(layer: str, style: Style) -> tuple[Look, ...]:
    if not style.by:
        return ()
    rows = (style_table()["layers"][layer].get("classes") or {}).get("rows", ())
    values = list(code_table(style.table)) if style.table else [str(each) for row in rows for each in row["values"]]
    return looks(layer, gpd.GeoDataFrame({style.by: pd.Series(values, dtype="str")}))


def _widget(field: str, table: str, language: Language) -> Widget:
    codes = code_table(table).values()
    return Widget(field, tuple((f"{each.code} {each.name.render(language)}", each.code) for each in codes))


def _code_tables() -> dict[str, Text]:
    """The code tables that fields use, each with the name of the first field that does."""
    found: dict[str, Text] = {}
    for spec in LAYERS.values():
        for each in spec.fields.values():
            if each.table:
                found.setdefault(each.table, each.label)
    return found


def _codes(table: str, label: Text, language: Language) -> Entry:
    codes = code_table(table).values()
    frame = pd.DataFrame(
        {
            "code": [each.code for each in codes],
            "name_zh": [each.name.zh for each in codes],
            "name_en": [each.name.en for each in codes],
            "level": [each.level for each in codes],
            "parent": [each.parent for each in codes],
        }
    )
    names = ("代码", "名称", "英文名称", "级别", "上级代码") if language == "zh" else frame.columns
    title = f"{CODES.render(language)}：{label.zh}" if language == "zh" else f"{CODES.en}: {label.en}"
    aliases = dict(zip(frame.columns, names, strict=True))
    return entry(Table(f"code_{table}", frame, title, aliases=aliases), CODES, Style(), [LayerLook("table", Style())])


def _view(crs: CRS) -> tuple[float, float, float, float]:
    x, y = _middle(crs)
    return (x - _VIEW_M, y - _VIEW_M, x + _VIEW_M, y + _VIEW_M)


def _middle(crs: CRS) -> tuple[float, float]:
    """Where the first view of an empty plan is: on the central meridian, easting with its zone number if it has one."""
    operation = crs.coordinate_operation
    easting = {each.name: each.value for each in operation.params}.get("False easting") if operation else None
    return (_MIDDLE[0] if easting is None else float(easting), _MIDDLE[1])


def _toml(title: str, county: str, crs: CRS, *, assumed: bool) -> str:
    code = ":".join(crs.to_authority() or ()) or crs.to_wkt()
    said = describe(crs)
    return _TOML.format(
        county=county,
        name=json.dumps(title, ensure_ascii=False),
        crs=json.dumps(code, ensure_ascii=False),
        crs_zh=said.zh,
        crs_en=said.en,
        check=_ASSUMED if assumed else "",
        as_of=date.today().isoformat(),
        profile=PROFILE,
    )


_ASSUMED: Final = """\
# 请核对：上述坐标系按省会所在 3 度带推定，以本县实际经度和报批要求为准。
# To confirm: the CRS is that of the province's capital; the county's own longitude and the formal requirements decide.
"""

_TOML: Final = """\
# 规划说明文件。行政区代码 {county}。以 # 开头的行不起作用，需要时去掉 #。
# What this plan is. Area code {county}. Lines that begin with # are off; take the # away to use them.

name = {name}
# {crs_zh} / {crs_en}
crs = {crs}
{check}as_of = {as_of}
profile = "{profile}"
file = "plan.gpkg"

# 精度（米）：未写明时按图层目录的缺省值。
# Accuracy in metres: where it is not stated, the defaults of the layer catalogue hold.
# [accuracy]
# position_m = 2.5
# resolution_m = 0.001
# [accuracy.layers.land_use_current]
# position_m = 2.5

# 指标：填写本规划批准的数值和批文，国家和省级数值不作为缺省值。
# Targets: the plan's own approved figures and the document that approves them; no national figure stands in for them.
# [targets]
# permanent_basic_farmland = {{ value = 0.0, unit = "wan_mu", direction = "min", document = "…" }}
# ecological_redline = {{ value = 0.0, unit = "km2", direction = "min", document = "…" }}
# expansion_multiple = {{ value = 0.0, unit = "times", direction = "max", document = "…" }}

# 每个图层的数据日期 / The date of a layer's data
# [layers.land_use_current]
# as_of = 2020-12-31

# 已接受的问题 / Findings that somebody has accepted
# [[waivers]]
# rule = "TP04"
# feature = "…"
# reason = "…"
# by = "…"
# until = 2026-12-31
"""
