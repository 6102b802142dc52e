"""How a layer looks, in the words of QGIS: symbols, renderers, labels, aliases and edit widgets as XML.

Symbols carry their properties twice, as `<prop k v>` (QGIS up to 3.26) and as `<Option>` (from 3.18 on), so that desks from
3.22 to 3.40 draw the same. Everything is built with ElementTree, so a name may hold any character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gis.i18n import Language
    from gis.present.style import Look, Rgb, Style

__all__ = [
    "LABEL_FONTS",
    "LayerLook",
    "Widget",
    "add",
    "font_families",
    "layer_elements",
    "map_symbol",
    "option_map",
    "qml",
    "text_of",
]

QGIS_VERSION: Final = "3.22.0-Białowieża"
LABEL_FONTS: Final = ("Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "SimHei", "PingFang SC")
"""Tried in this order; Qt takes the next where one is not installed."""

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ANGLES: Final = {
    "diagonal": (45,),
    "back_diagonal": (135,),
    "cross": (45, 135),
    "horizontal": (0,),
    "vertical": (90,),
}
_SYMBOLS: Final = {"polygon": "fill", "line": "line", "point": "marker"}
_PLACEMENTS: Final = {"polygon": "4", "line": "2", "point": "6"}
_AROUND: Final = "0"
_SMALL_PT: Final = 7.0
_SMALL_SCALE: Final = 50_000
"""Labels this small or smaller are for a town's map: they show from 1 : 50 000 on."""
_PRIORITIES: Final = {"polygon": 5, "line": 3, "point": 7}
_LAYER_TYPES: Final = {"point": "0", "line": "1", "polygon": "2"}
_HATCH_PT: Final = 0.6
_DOT_PT: Final = 1.2


@dataclass(frozen=True, slots=True)
class Widget:
    """A field whose values are chosen from a list: (what is shown, what is stored)."""

    field: str
    choices: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class LayerLook:
    """All that a layer's style says: its kind of geometry, style, classes, aliases, edit widgets.

    by       the field that tells the classes apart; rest names what falls into none of them
    pin      whether areas also carry a marker, so that a sliver can be found on a city's map
    """

    kind: str
    style: Style
    by: str = ""
    classes: tuple[Look, ...] = ()
    rest: str = ""
    language: Language = "zh"
    pin: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()
    widgets: tuple[Widget, ...] = ()


def text_of(value: object) -> str:
    """`value` as text that XML can hold: characters that XML forbids become U+FFFD."""
    return _NOT_XML.sub("\ufffd", str(value))


def add(parent: ET.Element, tag: str, text: object = None, **attributes: object) -> ET.Element:
    """A new last child of `parent`; a trailing underscore in an attribute's name is dropped (`class_`)."""
    made = ET.SubElement(parent, tag, {name.rstrip("_"): text_of(each) for name, each in attributes.items()})
    if text is not None:
        made.text = text_of(text)
    return made


def option_map(parent: ET.Element, values: Mapping[str, object]) -> ET.Element:
    """An `<Option type="Map">` of texts under `parent`."""
    made = add(parent, "Option", type="Map")
    for name, each in values.items():
        add(made, "Option", name=name, value=each, type="QString")
    return made


def qml(look: LayerLook) -> str:
    """The style of a layer as a QML document, as `layer_styles.styleQML` and a `.qml` file hold it."""
    root = ET.Element("qgis", {"version": QGIS_VERSION, "styleCategories": "AllStyleCategories"})
    root.extend(layer_elements(look))
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + ET.tostring(root, encoding="unicode")


def layer_elements(look: LayerLook) -> list[ET.Element]:
    """The elements of a look, the same for a QML document and for a `<maplayer>` of a project."""
    root = ET.Element("layer")
    if look.kind in _SYMBOLS:
        _renderer(root, look)
        if look.style.label:
            _labels(root, look)
        add(root, "blendMode", 0)
        add(root, "layerGeometryType", _LAYER_TYPES[look.kind])
    _fields(root, look)
    if look.style.label:
        add(root, "previewExpression", f'"{look.style.label}"')
    return list(root)


def _renderer(root: ET.Element, look: LayerLook) -> None:
    kind = "categorizedSymbol" if look.classes else "singleSymbol"
    made = add(root, "renderer-v2", type=kind, symbollevels=0, enableorderby=0, forceraster=0)
    if look.classes:
        made.set("attr", look.by)
        categories = add(made, "categories")
        for number, each in enumerate(look.classes):
            _category(categories, number, each.values, each.name.render(look.language))
        _category(categories, len(look.classes), ("",), look.rest)  # the value "" catches all others
    symbols = add(made, "symbols")
    for number, style in enumerate([*(each.style for each in look.classes), look.style]):
        map_symbol(symbols, str(number), look.kind, style, pin=look.pin)


def _category(parent: ET.Element, number: int, values: tuple[str, ...], title: str) -> None:
    made = add(parent, "category", symbol=number, label=title, render="true")
    if len(values) == 1:
        made.set("value", text_of(values[0]))
        made.set("type", "string")
        return
    made.set("type", "List")  # and no attribute `value`, by which QGIS 3.22 tells one value from several
    for each in values:
        add(made, "val", value=each, type="string")


def map_symbol(parent: ET.Element, name: str, kind: str, style: Style, *, pin: bool = False) -> ET.Element:
    """The `<symbol>` of a style for polygons, lines or points."""
    made = add(parent, "symbol", type=_SYMBOLS[kind], name=name, alpha=1, clip_to_extent=1, force_rhr=0)
    if kind == "point":
        _marker(made, style)
    elif kind == "line":
        _stroke(made, style, style.line or style.fill)
    else:
        _face(made, style)
        if pin:
            layer = _symbol_layer(made, "CentroidFill", {"point_on_surface": 1, "point_on_all_parts": 0})
            _marker(_inner(layer, made, "marker"), style)
    return made


def _face(symbol: ET.Element, style: Style) -> None:
    plain = style.line is not None and not style.dash
    if style.fill is not None or plain:
        _symbol_layer(
            symbol,
            "SimpleFill",
            {
                "color": _rgba(style.fill, style.fill_opacity),
                "style": "no" if style.fill is None else "solid",
                "outline_color": _rgba(style.line, style.line_opacity),
                "outline_style": "solid" if plain else "no",
                "outline_width": style.width_pt,
                "outline_width_unit": "Point",
                "joinstyle": "round",
            },
        )
    if style.hatch == "dots":
        _dots(symbol, style)
    for angle in _ANGLES.get(style.hatch, ()):
        _hatching(symbol, style, angle)
    if style.dash or len(symbol) == 0:
        _stroke(symbol, style, style.line)


def _hatching(symbol: ET.Element, style: Style, angle: int) -> None:
    gap = {"distance": style.hatch_gap_pt, "distance_unit": "Point", "angle": angle}
    layer = _symbol_layer(symbol, "LinePatternFill", gap | {"line_width": _HATCH_PT, "line_width_unit": "Point"})
    colour = {"line_color": _rgba(style.hatch_rgb or style.line, 1.0), "line_width": _HATCH_PT}
    _symbol_layer(_inner(layer, symbol, "line"), "SimpleLine", colour | {"line_width_unit": "Point"})


def _dots(symbol: ET.Element, style: Style) -> None:
    gap: dict[str, object] = {
        "distance_x": style.hatch_gap_pt,
        "distance_y": style.hatch_gap_pt,
        "displacement_x": style.hatch_gap_pt / 2,
    }
    units = dict.fromkeys(("distance_x_unit", "distance_y_unit", "displacement_x_unit"), "Point")
    layer = _symbol_layer(symbol, "PointPatternFill", gap | units)
    dot = {"name": "circle", "color": _rgba(style.hatch_rgb or style.line, 1.0), "outline_style": "no"}
    _symbol_layer(_inner(layer, symbol, "marker"), "SimpleMarker", dot | {"size": _DOT_PT, "size_unit": "Point"})


def _stroke(symbol: ET.Element, style: Style, colour: Rgb | None) -> None:
    values: dict[str, object] = {
        "line_color": _rgba(colour, style.line_opacity),
        "line_style": "no" if colour is None else "solid",
        "line_width": style.width_pt,
        "line_width_unit": "Point",
        "capstyle": "flat" if style.dash else "round",
        "joinstyle": "round",
        "use_custom_dash": int(bool(style.dash)),
        "customdash_unit": "Point",
    }
    if style.dash:
        values["customdash"] = ";".join(f"{each:g}" for each in style.dash)
    _symbol_layer(symbol, "SimpleLine", values)


def _marker(symbol: ET.Element, style: Style) -> None:
    _symbol_layer(
        symbol,
        "SimpleMarker",
        {
            "name": style.marker or "circle",
            "color": _rgba(style.fill or style.line, max(style.fill_opacity, 0.9)),
            "outline_color": _rgba(style.line, style.line_opacity),
            "outline_style": "no" if style.line is None else "solid",
            "outline_width": min(style.width_pt, 1.0),
            "outline_width_unit": "Point",
            "size": style.size_pt or 5.0,
            "size_unit": "Point",
        },
    )


def _symbol_layer(symbol: ET.Element, class_: str, values: Mapping[str, object]) -> ET.Element:
    layer = add(symbol, "layer", class_=class_, enabled=1, locked=0, **{"pass": 0})
    option_map(layer, values)
    for name, each in values.items():
        add(layer, "prop", k=name, v=each)
    return layer


def _inner(layer: ET.Element, symbol: ET.Element, type_: str) -> ET.Element:
    """The symbol inside a symbol layer; QGIS finds it by the name @symbol@layer."""
    name = f"@{symbol.get('name')}@{len(symbol.findall('layer')) - 1}"
    return add(layer, "symbol", type=type_, name=name, alpha=1, clip_to_extent=1, force_rhr=0)


def _rgba(rgb: Rgb | None, opacity: float) -> str:
    return "0,0,0,0" if rgb is None else ",".join(str(each) for each in (*rgb, round(255 * opacity)))


def _labels(root: ET.Element, look: LayerLook) -> None:
    settings = add(add(root, "labeling", type="simple"), "settings", calloutType="simple")
    _label_words(settings, look.style)
    _label_place(settings, look)
    _class_labels(settings, look)


def _label_words(settings: ET.Element, style: Style) -> None:
    words = add(
        settings,
        "text-style",
        fieldName=style.label,
        isExpression=0,
        fontFamily=LABEL_FONTS[0],
        namedStyle="Regular",
        fontSize=f"{style.label_pt:g}",
        fontSizeUnit="Point",
        textColor=_rgba(style.label_rgb, 1.0),
        textOpacity=1,
        multilineHeight=1,
    )
    font_families(words)
    halo = {"bufferDraw": 1, "bufferSize": 0.9, "bufferSizeUnits": "MM", "bufferColor": "255,255,255,255"}
    add(words, "text-buffer", bufferOpacity=0.85, bufferJoinStyle=128, bufferNoFill=1, **halo)


def _label_place(settings: ET.Element, look: LayerLook) -> None:
    add(
        settings,
        "placement",
        placement=_AROUND if look.pin and look.kind == "polygon" else _PLACEMENTS[look.kind],
        placementFlags=10 if look.kind == "line" else 0,
        polygonPlacementFlags=2,
        priority=_PRIORITIES[look.kind],
        centroidInside=1,
        centroidWhole=0,
        quadOffset=4,
        dist=2.2 if look.pin else 1,
        distUnits="MM",
        predefinedPositionOrder="R,L,TR,BR,TL,BL,TSR,BSR",
        offsetType=1,
        repeatDistance=80 if look.kind == "line" else 0,
        repeatDistanceUnits="MM",
    )
    made = add(
        settings, "rendering", drawLabels=1, obstacle=int(look.kind == "point"), obstacleFactor=1, obstacleType=1
    )
    if look.style.label_pt <= _SMALL_PT:
        for name, each in {"scaleVisibility": 1, "scaleMin": 0, "scaleMax": _SMALL_SCALE}.items():
            made.set(name, str(each))


def font_families(parent: ET.Element) -> None:
    """The fonts that take the first one's place where it is not installed."""
    families = add(parent, "families")
    for name in LABEL_FONTS[1:]:
        add(families, "family", name=name)


def _class_labels(settings: ET.Element, look: LayerLook) -> None:
    """Size, colour and visibility of labels by class, where the classes differ in them."""
    plain = look.style
    cases: dict[str, list[str]] = {"Size": [], "Color": [], "Show": []}
    for each in look.classes:
        styled = each.style
        listed = ", ".join("'" + value.replace("'", "''") + "'" for value in each.values)
        when = f'WHEN "{look.by}" IN ({listed}) THEN '
        if styled.label_pt != plain.label_pt:
            cases["Size"].append(f"{when}{styled.label_pt:g}")
        if styled.label_rgb != plain.label_rgb:
            cases["Color"].append(f"{when}'{_rgba(styled.label_rgb, 1.0)}'")
        if not styled.label:
            cases["Show"].append(f"{when}0")
    rest = {"Size": f"{plain.label_pt:g}", "Color": f"'{_rgba(plain.label_rgb, 1.0)}'", "Show": "1"}
    wanted = {name: f"CASE {' '.join(each)} ELSE {rest[name]} END" for name, each in cases.items() if each}
    if not wanted:
        return
    options = add(add(settings, "dd_properties"), "Option", type="Map")
    add(options, "Option", name="name", value="", type="QString")
    properties = add(options, "Option", name="properties", type="Map")
    for name, expression in wanted.items():
        one = add(properties, "Option", name=name, type="Map")
        add(one, "Option", name="active", value="true", type="bool")
        add(one, "Option", name="expression", value=expression, type="QString")
        add(one, "Option", name="type", value=3, type="int")
    add(options, "Option", name="type", value="collection", type="QString")


def _fields(root: ET.Element, look: LayerLook) -> None:
    widgets = {each.field: each for each in look.widgets}
    configured = add(root, "fieldConfiguration")
    for name in look.fields:
        if name in widgets:
            _value_map(add(configured, "field", name=name), widgets[name])
    aliases = add(root, "aliases")
    for index, name in enumerate(look.fields, 1):  # 0 is the fid
        if look.aliases.get(name):
            add(aliases, "alias", field=name, index=index, name=look.aliases[name])


def _value_map(parent: ET.Element, widget: Widget) -> None:
    config = add(add(parent, "editWidget", type="ValueMap"), "config")
    listed = add(add(config, "Option", type="Map"), "Option", name="map", type="List")
    for shown, stored in _unique(widget.choices):
        add(add(listed, "Option", type="Map"), "Option", name=shown, value=stored, type="QString")


def _unique(choices: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return list(dict(choices).items())
