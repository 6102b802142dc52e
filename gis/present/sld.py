"""A layer's look as a Styled Layer Descriptor 1.0, for desks and servers that do not read QGIS styles.

SLD has no hatching without vendor extensions: areas are drawn by fill and outline, which tells their classes apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from gis.present.qml import add
from gis.present.style import hex_colour

if TYPE_CHECKING:
    from gis.i18n import Language
    from gis.present.qml import LayerLook
    from gis.present.style import Style

__all__ = ["sld"]

_SPACE: Final = {
    "xmlns": "http://www.opengis.net/sld",
    "xmlns:ogc": "http://www.opengis.net/ogc",
    "version": "1.0.0",
}
_PIXELS_PER_PT: Final = 4 / 3


def sld(look: LayerLook, title: str, language: Language = "zh") -> str:
    """The look of a layer as an SLD document; one rule per class, an `ElseFilter` for the rest."""
    root = ET.Element("StyledLayerDescriptor", _SPACE)
    layer = add(root, "NamedLayer")
    add(layer, "Name", title)
    style = add(layer, "UserStyle")
    add(style, "Title", title)
    rules = add(style, "FeatureTypeStyle")
    classes = look.classes if look.by in look.fields else ()  # SLD filters by a field, not by an expression
    for each in classes:
        rule = add(rules, "Rule")
        add(rule, "Title", each.name.render(language))
        _filter(rule, look.by, each.values)
        _symbol(rule, look.kind, each.style)
    rule = add(rules, "Rule")
    add(rule, "Title", look.rest if classes else title)
    if classes:
        add(rule, "ElseFilter")
    _symbol(rule, look.kind, look.style)
    return ET.tostring(root, encoding="unicode")


def _filter(rule: ET.Element, field: str, values: tuple[str, ...]) -> None:
    where = add(rule, "ogc:Filter")
    where = add(where, "ogc:Or") if len(values) > 1 else where
    for each in values:
        equal = add(where, "ogc:PropertyIsEqualTo")
        add(equal, "ogc:PropertyName", field)
        add(equal, "ogc:Literal", each)


def _symbol(rule: ET.Element, kind: str, style: Style) -> None:
    if kind == "point":
        made = add(add(rule, "PointSymbolizer"), "Graphic")
        mark = add(made, "Mark")
        add(mark, "WellKnownName", style.marker or "circle")
        _fill(mark, style)
        _stroke(mark, style)
        add(made, "Size", f"{style.size_pt * _PIXELS_PER_PT:g}")
    elif kind == "line":
        _stroke(add(rule, "LineSymbolizer"), style)
    elif kind == "polygon":
        made = add(rule, "PolygonSymbolizer")
        _fill(made, style)
        _stroke(made, style)


def _fill(parent: ET.Element, style: Style) -> None:
    if style.fill is not None:
        made = add(parent, "Fill")
        add(made, "CssParameter", hex_colour(style.fill), name="fill")
        add(made, "CssParameter", f"{style.fill_opacity:g}", name="fill-opacity")


def _stroke(parent: ET.Element, style: Style) -> None:
    if style.line is not None:
        made = add(parent, "Stroke")
        add(made, "CssParameter", hex_colour(style.line), name="stroke")
        add(made, "CssParameter", f"{style.width_pt * _PIXELS_PER_PT:g}", name="stroke-width")
        if style.dash:
            dashes = " ".join(f"{each * _PIXELS_PER_PT:g}" for each in style.dash)
            add(made, "CssParameter", dashes, name="stroke-dasharray")
