"""How layers look, and what every sheet must carry: one place for map, report and QGIS.

Colours, lines and hatching are data (`data/standards/styles.yaml`, which a bureau may replace); the colours of classes are those of
the code tables.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal

import pandas as pd

from gis.errors import LayerError
from gis.i18n import Text
from gis.model.layers import LAYERS
from gis.standards import code_table, style_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from geopandas import GeoDataFrame

    from gis.model.finding import Severity
    from gis.standards import Code

__all__ = [
    "DISCLAIMER",
    "MARK",
    "REVIEW_NUMBER",
    "UNDATED",
    "Audience",
    "Look",
    "Rgb",
    "Style",
    "basis_notes",
    "checked_audience",
    "class_values",
    "classes",
    "finding_style",
    "hex_colour",
    "legend_title",
    "looks",
    "style_of",
]

Audience = Literal["internal", "public"]
Rgb = tuple[int, int, int]

MARK: Final[Mapping[Audience, Text]] = {
    "internal": Text("内部资料", "Internal"),
    "public": Text("公开", "Public"),
}
"""The mark that every sheet, page and file carries."""

DISCLAIMER: Final = Text("辅助研判，不作为行政许可依据", "For study only; not a basis for administrative permission")
REVIEW_NUMBER: Final = Text("审图号：________________", "Map approval no. (审图号): ________________")
"""The place for the map approval number on a public map."""
UNDATED: Final = Text("数据日期不详", "date unknown")

_PLAIN: Final = (
    "fill_opacity", "line_opacity", "width_pt", "hatch_gap_pt", "marker", "size_pt", "label", "label_pt", "show", "z", "basis",
)  # fmt: skip
_COLOURS: Final = ("fill", "line", "hatch_rgb", "label_rgb")

UNKNOWN_RGB: Final[Rgb] = (158, 158, 158)
"""Grey: a code that no table knows."""


@dataclass(frozen=True, slots=True)
class Style:
    """How one layer, or one class of it, is drawn; sizes are points on paper, colours (red, green, blue) or None for none.

    dash      lengths of strokes and gaps; empty for a full line
    hatch     "", diagonal, back_diagonal, cross, horizontal, vertical or dots
    marker    for points: circle, square, diamond, triangle or star; "" where the layer has none
    by        the field that tells classes apart, "" for one look; table is its code table, "" where the style file lists the classes
    label     the field written on the map, "" for none
    show      whether the layer is on when a map is opened
    z         the order of drawing, the lowest first
    basis     where the colours come from, a key of `basis` in the style file
    """

    fill: Rgb | None = None
    fill_opacity: float = 0.6
    line: Rgb | None = (110, 110, 110)
    line_opacity: float = 1.0
    width_pt: float = 0.5
    dash: tuple[float, ...] = ()
    hatch: str = ""
    hatch_rgb: Rgb | None = None
    hatch_gap_pt: float = 6.0
    marker: str = ""
    size_pt: float = 5.0
    by: str = ""
    table: str = ""
    label: str = ""
    label_pt: float = 8.0
    label_rgb: Rgb | None = (60, 60, 60)
    show: bool = False
    z: float = 50.0
    basis: str = "proposal"

    @property
    def colour(self) -> Rgb:
        """The one colour that stands for it in a list: its fill, else its hatching, else its line."""
        return self.fill or self.hatch_rgb or self.line or UNKNOWN_RGB


@dataclass(frozen=True, slots=True)
class Look:
    """One class of a layer: the values of the field `Style.by` that belong to it, its name, how it is drawn."""

    values: tuple[str, ...]
    name: Text
    style: Style


def style_of(layer: str) -> Style:
    """The style of a layer; the file's `defaults` for a layer that it does not know.

    Raises: LayerError where the style file gives a colour that is none.

    Example:
        >>> style_of("urban_development_boundary").line, style_of("land_use_plan").by
        ((230, 0, 18), 'class_code')
    """
    table = style_table()
    row = table["layers"].get(layer, table["defaults"])
    style = _style(layer, row)
    if row.get("classes"):
        return replace(style, by=row["classes"]["field"])
    if not row.get("by"):
        return style
    fields = LAYERS[layer].fields
    return replace(style, by=row["by"], table=fields[row["by"]].table if row["by"] in fields else "")


def finding_style(severity: Severity, *, undecidable: bool = False, waived: bool = False) -> Style:
    """How a finding is drawn on every map: colour by severity, dashed where undecidable, dotted and faint where waived."""
    table = style_table()["findings"]
    row = dict(table["severity"][severity.value])
    row |= table["verdict"]["undecidable"] if undecidable else {}
    row |= table["verdict"]["waived"] if waived else {}
    return _style("findings", row)


def _style(layer: str, row: Mapping[str, Any]) -> Style:
    plain = {name: row[name] for name in _PLAIN if row.get(name) is not None}
    colours: dict[str, Any] = {name: _rgb(layer, row[name]) for name in _COLOURS if name in row}
    hatch = row.get("hatch") or ""
    return Style(**plain, **colours, dash=tuple(row.get("dash") or ()), hatch="" if hatch == "none" else hatch)


def _rgb(layer: str, value: Any) -> Rgb | None:
    if value is None:
        return None
    if len(value) != 3 or not all(isinstance(part, int) and 0 <= part <= 255 for part in value):
        raise LayerError(
            f"图层 {layer} 的颜色 {value} 无效。请在 styles.yaml 中写成 [红, 绿, 蓝]，各 0—255。",
            f"The colour {value} of layer {layer} is not valid. Write [red, green, blue], 0 to 255, in styles.yaml.",
        )
    return (value[0], value[1], value[2])


def hex_colour(rgb: Rgb) -> str:
    """The colour as CSS and QGIS write it.

    Example:
        >>> hex_colour((230, 0, 18))
        '#e60012'
    """
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def class_values(frame: GeoDataFrame, style: Style) -> pd.Series[str]:
    """The class value of each feature as text, aligned with `frame`; "" where it has none or the field is not there."""
    if not style.by or style.by not in frame.columns:
        return pd.Series("", index=frame.index, dtype="str")
    column: pd.Series[Any] = frame[style.by]
    return column.astype("str").where(column.notna(), "").str.strip()


def looks(layer: str, frame: GeoDataFrame) -> tuple[Look, ...]:
    """The classes present in `frame`, in the order of their table; () for a layer of one look.

    Values that no table knows come last, one look each, and are named as such; so are features without a value. An unknown
    code is grey; an unknown value of classes that the style file lists keeps the layer's own style.
    """
    style = style_of(layer)
    if not style.by or style.by not in frame.columns:
        return ()
    present = set(class_values(frame, style).unique())
    known = [each for each in _all_looks(layer, style) if present & set(each.values)]
    strange = sorted(present - {value for each in known for value in each.values} - {""})
    other = replace(style, fill=UNKNOWN_RGB) if style.table else style
    unknown = [Look((value,), Text(f"未知取值 {value}", f"unknown value {value}"), other) for value in strange]
    missing = [Look(("",), Text("未填写", "not filled in"), other)] if "" in present else []
    return tuple(known + unknown + missing)


def _all_looks(layer: str, style: Style) -> list[Look]:
    if style.table:
        table = code_table(style.table)
        return [Look((code,), each.name, replace(style, fill=_colour(each, table))) for code, each in table.items()]
    row = style_table()["layers"][layer]
    return [
        Look(
            tuple(str(value) for value in each["values"]),
            Text(each["zh"], each["en"]),
            replace(_style(layer, {**row, **each}), by=style.by),
        )
        for each in (row.get("classes") or {}).get("rows", ())
    ]


def classes(layer: str, frame: GeoDataFrame) -> list[tuple[str, Text, Rgb]]:
    """The class values present in `frame` as (value, name, colour), in the order of `looks`; [] for a layer of one look."""
    present = set(class_values(frame, style_of(layer)).unique())
    return [
        (value, each.name, each.style.colour)
        for each in looks(layer, frame)
        for value in each.values
        if value in present
    ]


def _colour(code: Code, table: Mapping[str, Code]) -> Rgb:
    """The colour of a code, else that of the nearest class above it that has one."""
    while code.rgb is None and code.parent in table:
        code = table[code.parent]
    return code.rgb or UNKNOWN_RGB


def basis_notes(layers: Iterable[str]) -> tuple[Text, ...]:
    """What has to be said of the colours of these layers: one note per basis that is not official."""
    table = style_table()["basis"]
    used = {style_of(layer).basis for layer in layers}
    return tuple(
        Text(row["zh"], row["en"]) for name, row in table.items() if name in used and not row.get("official", False)
    )


def legend_title(layers: Iterable[str]) -> Text:
    """The heading of a legend; it says so where a colour in it is not official."""
    if basis_notes(layers):
        return Text("图例（配色为示意）", "Legend (colours are indicative)")
    return Text("图例", "Legend")


def checked_audience(audience: str) -> Audience:
    """`audience` if there is such a one.

    Raises: LayerError for any other word: a sheet with a wrong mark must not leave the house.
    """
    for known in MARK:
        if audience == known:
            return known
    raise LayerError(
        f"使用范围 {audience!r} 无法识别。请用 internal（内部资料）或 public（公开）。",
        f"Audience {audience!r} is unknown. Use internal or public.",
    )
