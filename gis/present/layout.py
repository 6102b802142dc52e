"""A print sheet of a QGIS project (A3, landscape): title, mark, map, legend, scale, and what the sheet may not be used for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, uuid5

from gis.present.qml import LABEL_FONTS, add, font_families, option_map, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree import ElementTree as ET

__all__ = ["Sheet", "add_sheet", "scale_bar_km"]

_LABEL, _MAP, _LEGEND, _SCALE, _PAGE = 65641, 65639, 65642, 65646, 65638
_PAGE_MM: Final = (420.0, 297.0)
_MAP_MM: Final = (12.0, 22.0, 312.0, 252.0)
_PANEL_MM: Final = (328.0, 22.0, 80.0, 226.0)
_LEFT, _CENTRE, _RIGHT = 1, 4, 2
_DARK: Final = (40, 40, 40)
_RED: Final = (200, 0, 20)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on the sheet beside the map; `layers` are the ids and titles in the legend, from top to bottom."""

    name: str
    title: str
    mark: str
    legend: str
    footer: str
    north: str
    unit: str
    bounds: tuple[float, float, float, float]
    layers: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Words:
    size: float
    colour: tuple[int, int, int] = _DARK
    align: int = _LEFT


def add_sheet(root: ET.Element, sheet: Sheet) -> None:
    """Add the sheet to a project as its one print layout."""
    made = add(add(root, "Layouts"), "Layout", name=sheet.name, units="mm", printResolution=300, worldFileMap="")
    add(made, "Snapper", tolerance=5, snapToItems=1, snapToGuides=1, snapToGrid=0)
    add(made, "Grid", offsetUnits="mm", offsetY=0, resUnits="mm", offsetX=0, resolution=10)
    page = _item(add(made, "PageCollection"), _PAGE, "page", (0, 0, *_PAGE_MM), background=True)
    _blank(page)
    _map(made, sheet)
    _legend(made, sheet)
    _scale(made, sheet)
    _text(made, "title", sheet.title, (12, 6, 310, 13), _Words(20))
    _text(made, "mark", sheet.mark, (328, 6, 80, 13), _Words(16, _RED, _RIGHT))
    _text(made, "north", sheet.north, (308, 26, 12, 16), _Words(13, align=_CENTRE))
    _text(made, "footer", sheet.footer, (12, 277, 396, 14), _Words(9))


def scale_bar_km(width_m: float) -> float:
    """The length of one of two segments of a scale bar, km: 1, 2 or 5 times a power of ten, about a tenth of the width.

    Example:
        >>> scale_bar_km(60_000.0), scale_bar_km(8_000.0)
        (5.0, 0.5)
    """
    wanted = max(width_m, 1.0) / 10_000.0
    power = 10.0 ** math.floor(math.log10(wanted))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= wanted)


def _uuid(name: str) -> str:
    return f"{{{uuid5(NAMESPACE_URL, f'lantu-gis/{name}')}}}"


def _item(
    parent: ET.Element, type_: int, id_: str, place: tuple[float, ...], *, frame: bool = False, background: bool = False
) -> ET.Element:
    x, y, width, height = place
    made = add(
        parent,
        "LayoutItem",
        type=type_,
        id=id_,
        uuid=_uuid(id_),
        templateUuid=_uuid(id_),
        position=f"{x:g},{y:g},mm",
        positionOnPage=f"{x:g},{y:g},mm",
        size=f"{width:g},{height:g},mm",
        frame=str(frame).lower(),
        background=str(background).lower(),
        outlineWidthM="0.3,mm",
        opacity=1,
        visibility=1,
        referencePoint=0,
        zValue=len(parent),
    )
    add(made, "FrameColor", red=90, green=90, blue=90, alpha=255)
    add(made, "BackgroundColor", red=255, green=255, blue=255, alpha=255)
    return made


def _blank(page: ET.Element) -> None:
    symbol = add(page, "symbol", type="fill", name="", alpha=1, clip_to_extent=1, force_rhr=0)
    layer = add(symbol, "layer", class_="SimpleFill", enabled=1, locked=0, **{"pass": 0})
    values = {"color": "255,255,255,255", "style": "solid", "outline_style": "no"}
    option_map(layer, values)
    for name, each in values.items():
        add(layer, "prop", k=name, v=each)


def _map(made: ET.Element, sheet: Sheet) -> None:
    item = _item(made, _MAP, "map", _MAP_MM, frame=True, background=True)
    for name, each in {"followPreset": "false", "keepLayerSet": "false", "mapRotation": 0, "mapFlags": 0}.items():
        item.set(name, text_of(each))
    west, south, east, north = sheet.bounds
    per_mm = max((east - west) / _MAP_MM[2], (north - south) / _MAP_MM[3])
    x, y, half_x, half_y = (west + east) / 2, (south + north) / 2, per_mm * _MAP_MM[2] / 2, per_mm * _MAP_MM[3] / 2
    add(item, "Extent", xmin=x - half_x, ymin=y - half_y, xmax=x + half_x, ymax=y + half_y)


def _legend(made: ET.Element, sheet: Sheet) -> None:
    item = _item(made, _LEGEND, "legend", _PANEL_MM)
    settings = {
        "map_uuid": _uuid("map"), "title": sheet.legend, "legendFilterByMap": 1, "resizeToContents": 1, "columnCount": 1,
        "symbolWidth": 8, "symbolHeight": 4, "boxSpace": 1, "columnSpace": 2, "lineSpacing": 0.6, "titleAlignment": 1,
        "fontColor": "#282828", "maxSymbolSize": 5,
    }  # fmt: skip
    for name, each in settings.items():
        item.set(name, text_of(each))
    styles = add(item, "styles")
    for name, size, margin in (
        ("title", 12, 2.5),
        ("group", 9, 2),
        ("subgroup", 9, 1.6),
        ("symbol", 8, 1),
        ("symbolLabel", 8, 1),
    ):
        style = add(styles, "style", name=name, alignment=1, indent=0, marginTop=margin, marginBottom=margin)
        style.set("marginLeft", "2" if name == "symbolLabel" else "0")
        _font(style, size)
        add(style, "styleFont", description=_old_font(size), style="")
    tree = add(item, "layer-tree-group")
    for id_, title in sheet.layers:
        layer = add(tree, "layer-tree-layer", id=id_, name=title, checked="Qt::Checked", expanded=1)
        option = add(add(layer, "customproperties"), "Option", type="Map")
        add(option, "Option", name="legend/title-label", value=title, type="QString")


def _scale(made: ET.Element, sheet: Sheet) -> None:
    item = _item(made, _SCALE, "scale", (328, 256, 80, 14))
    west, south, east, north = sheet.bounds
    step = scale_bar_km(max(east - west, (north - south) * _MAP_MM[2] / _MAP_MM[3]))
    settings = {
        "mapUuid": _uuid("map"), "style": "Single Box", "unitType": "km", "unitLabel": sheet.unit, "numSegments": 2,
        "numSegmentsLeft": 0, "numUnitsPerSegment": step, "numMapUnitsPerScaleBarUnit": 1, "height": 2, "boxContentSpace": 1,
        "labelBarSpace": 1.5, "segmentSizeMode": 0, "alignment": 0, "minBarWidth": 20, "maxBarWidth": 80,
    }  # fmt: skip
    for name, each in settings.items():
        item.set(name, text_of(each))
    _font(item, 9)
    add(item, "fillColor", red=60, green=60, blue=60, alpha=255)
    add(item, "fillColor2", red=255, green=255, blue=255, alpha=255)
    add(item, "strokeColor", red=60, green=60, blue=60, alpha=255)


def _text(made: ET.Element, id_: str, text: str, place: tuple[float, ...], words: _Words) -> None:
    item = _item(made, _LABEL, id_, place)
    settings = {"labelText": text, "halign": words.align, "valign": 128, "marginX": 0, "marginY": 0, "htmlState": 0}
    for name, each in settings.items():
        item.set(name, text_of(each))
    red, green, blue = words.colour
    add(item, "LabelFont", description=_old_font(words.size), style="")
    add(item, "FontColor", red=red, green=green, blue=blue, alpha=255)
    _font(item, words.size, words.colour)


def _old_font(size: float) -> str:
    """A font as QGIS before 3.24 reads it: Qt's own description."""
    return f"{LABEL_FONTS[0]},{size:g},-1,5,50,0,0,0,0,0"


def _font(parent: ET.Element, size: float, colour: tuple[int, int, int] = _DARK) -> None:
    made = add(
        parent, "text-style", fontFamily=LABEL_FONTS[0], fontSize=f"{size:g}", fontSizeUnit="Point", textOpacity=1
    )
    made.set("textColor", ",".join(str(each) for each in (*colour, 255)))
    made.set("multilineHeight", "1")
    font_families(made)
