"""Small still maps for paper and reports, as PNG pictures: the overview, where some findings lie, one finding close up."""

from __future__ import annotations

import base64
import textwrap
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from matplotlib.patches import Patch, Rectangle
from matplotlib.patheffects import withStroke

from gis.crs import metres_per_unit
from gis.geometry import validity
from gis.geometry.locate import inner_points, placed
from gis.i18n import Language, Text
from gis.model.finding import Verdict
from gis.model.layers import layer_title
from gis.present.print_canvas import (
    HATCHES,
    INK,
    Bounds,
    Canvas,
    Objects,
    blank,
    draw,
    draw_points,
    drawable,
    north_arrow,
    padded,
    plain_text,
    png_of,
    rgba,
    scale_bar,
)
from gis.present.style import class_values, finding_style, legend_title, looks, style_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geopandas import GeoDataFrame
    from matplotlib.figure import Figure

    from gis.model.finding import Finding, Severity
    from gis.model.plan import Plan
    from gis.present.style import Style

__all__ = ["OVERVIEW", "close_up", "data_uri", "locator", "overview"]

OVERVIEW: Final = (
    "municipality", "county", "permanent_basic_farmland", "ecological_redline", "urban_development_boundary", "river", "water",
    "settlement", "county_town",
)  # fmt: skip
"""What the overview shows, as far as the plan has it."""

_BAND: Final = 0.27
"""The part of the width of an overview that the legend takes."""
_WIDTH: Final = 8.4
_SMALL: Final = 0.06
"""A finding wider than this part of an overview is only marked: a whole county in colour would hide the map."""
_TOWN_PT: Final = 5.0
"""The least size of a settlement that an overview shows."""
_CONTEXT: Final = ("river", "county", "ecological_redline", "urban_development_boundary")
"""Outlines that say where a close-up lies."""
_NAME: Final = 20
"""So many characters of a name are written on the map."""
_LABELLED: Final = {"county", "settlement"}


def data_uri(png: bytes) -> str:
    """A PNG as it stands in the `src` of an image."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def overview(
    plan: Plan,
    findings: Sequence[Finding] = (),
    *,
    note: str = "",
    language: Language = "zh",
    size: tuple[float, float] | None = None,
    font: str = "",
) -> bytes:
    """A PNG of the three lines, the administrative units and the findings, with legend, scale bar and north arrow.

    `note` stands in the corner: a mark, a date.
    A plan without any of these layers shows all it has. Empty bytes if nothing has a place.

    Raises: MissingExtra without a Chinese font; WriteError if the font lacks a character.
    """
    shown = [each for each in OVERVIEW if each in plan] or list(plan)
    ground = [each for each in ("municipality", "county") if each in plan and len(plan[each])]
    bounds = _extent(plan, ground or shown)
    if bounds is None:
        return b""
    figure, canvas = blank(bounds, size or _sheet(bounds), font, language, band=_BAND)
    entries: list[Any] = []
    for layer in sorted(shown, key=lambda each: style_of(each).z):
        entries += _layer(canvas, layer, _without_villages(layer, plan[layer]))
    entries += _findings(canvas, findings, marks=True)
    scale_bar(canvas, plan)
    north_arrow(canvas)
    _legend(figure, canvas, entries, legend_title(shown))
    if note:
        figure.text(
            0.992, 0.012, note, fontproperties=canvas.font, fontsize=6.5, color="#8a1c26", ha="right", va="bottom"
        )
    return png_of(figure)


def _sheet(bounds: Bounds) -> tuple[float, float]:
    """The size in inches of an overview that fits its ground, neither a strip nor a tower."""
    west, south, east, north = bounds
    return _WIDTH, _WIDTH * (1 - _BAND) * min(max((north - south) / (east - west), 0.5), 1.05)


def locator(
    plan: Plan,
    findings: Sequence[Finding],
    *,
    language: Language = "zh",
    size: tuple[float, float] = (2.4, 2.1),
    font: str = "",
) -> bytes:
    """A small PNG of the whole plan with the places of some findings; empty bytes if none has a place."""
    outline = [each for each in ("county", "municipality", "urban_development_boundary") if each in plan][:2]
    bounds = _extent(plan, outline or list(plan))
    if bounds is None or not any(_has_place(each) for each in findings):
        return b""
    figure, canvas = blank(bounds, size, font, language)
    for layer in outline:
        _layer(canvas, layer, plan[layer], labels=False, plain=True)
    _findings(canvas, findings, marks=True)
    return png_of(figure)


def close_up(
    plan: Plan, finding: Finding, *, language: Language = "zh", size: tuple[float, float] = (2.4, 2.1), font: str = ""
) -> bytes:
    """A small PNG of one finding with the layers that take part in it, near by; empty bytes if it has no place."""
    if not _has_place(finding):
        return b""
    bounds = padded(finding.geometry.bounds, least=40.0 / metres_per_unit(plan.crs), share=1.2)
    figure, canvas = blank(bounds, size, font, language)
    taking_part = [each for each in (finding.layer, finding.other_layer) if each in plan]
    for layer in dict.fromkeys((*(each for each in _CONTEXT if each in plan), *taking_part)):
        _layer(canvas, layer, _near(plan[layer], canvas), labels=False, plain=layer not in taking_part)
    _findings(canvas, [finding], marks=False)
    scale_bar(canvas, plan)
    return png_of(figure)


def _has_place(finding: Finding) -> bool:
    return bool(placed([finding.geometry])[0])


def _extent(plan: Plan, layers: Iterable[str]) -> Bounds | None:
    corners = [shapely.total_bounds(drawable(plan[each])) for each in layers]
    known = np.array([each for each in corners if np.isfinite(each).all()])
    if not len(known):
        return None
    low, high = known[:, :2].min(axis=0), known[:, 2:].max(axis=0)
    return padded((low[0], low[1], high[0], high[1]), least=1.0, share=0.03)


def _near(frame: GeoDataFrame, canvas: Canvas) -> GeoDataFrame:
    """The features that the picture shows, polygons made valid and cut off outside it."""
    west, south, east, north = canvas.bounds
    box = shapely.box(*padded(canvas.bounds, least=0.0, share=0.1))
    geometry = drawable(frame)
    seen = shapely.intersects(shapely.envelope(geometry), shapely.box(west, south, east, north))
    part = frame[seen]
    shapes = geometry[seen]
    areal = shapely.get_dimensions(shapes) == 2
    shapes[areal] = validity.repaired(shapes[areal])[0]
    return part.set_geometry(shapely.intersection(shapes, box))


def _without_villages(layer: str, frame: GeoDataFrame) -> GeoDataFrame:
    """A layer of settlements without those that no overview labels."""
    if layer != "settlement":
        return frame
    style = style_of(layer)
    small = {value for look in looks(layer, frame) if look.style.size_pt < _TOWN_PT for value in look.values}
    return frame[~class_values(frame, style).isin(small)]


def _layer(canvas: Canvas, layer: str, frame: GeoDataFrame, *, labels: bool = True, plain: bool = False) -> list[Any]:
    """Draw a layer, class by class; its entries for the legend."""
    style, geometry = style_of(layer), drawable(frame)
    parts = () if plain else looks(layer, frame)
    entries = []
    if not parts:
        draw(canvas, geometry, style, fill=not plain)
        entries.append(_entry(style, layer_title(layer).render(canvas.language), geometry))
    values = class_values(frame, style).to_numpy() if parts else np.empty(0)
    for look in parts:
        chosen = np.isin(values.astype(str), look.values)
        draw(canvas, geometry[chosen], look.style)
        entries.append(
            _entry(
                look.style, plain_text(_class_name(layer, look.name, canvas.language), canvas.font), geometry[chosen]
            )
        )
    if labels and layer in _LABELLED and style.label in frame.columns:
        _labels(canvas, geometry, frame[style.label], parts, values)
    return entries


def _class_name(layer: str, name: Text, language: Language) -> str:
    if layer == "settlement":
        return name.render(language)
    between = "·" if language == "zh" else ": "
    return f"{layer_title(layer).render(language)}{between}{name.render(language)}"


def _labels(canvas: Canvas, geometry: Objects, names: Any, parts: Any, values: Any) -> None:
    """Names beside their features, halos under them; villages and features without a name go bare."""
    sizes = {
        value: look.style.label_pt
        for look in parts
        for value in look.values
        if look.style.label and look.style.size_pt >= 7
    }
    there = placed(geometry)
    points = shapely.get_coordinates(inner_points(geometry[there]))
    known, values = names[there], values[there] if parts else values
    for n, ((x, y), name) in enumerate(zip(points, known, strict=True)):
        if not isinstance(name, str) or not name.strip() or (parts and values[n] not in sizes):
            continue
        offset, ink = ((4, 3), INK) if parts else ((0, 0), "#6b6b6b")
        canvas.axes.annotate(
            plain_text(name.strip()[:_NAME], canvas.font), (x, y), offset, textcoords="offset points", fontproperties=canvas.font, color=ink, zorder=95,
            fontsize=0.62 * sizes[values[n]] if parts else 7, ha="left" if parts else "center", clip_on=True,
            path_effects=[withStroke(linewidth=1.6, foreground="white")],
        )  # fmt: skip


def _findings(canvas: Canvas, findings: Sequence[Finding], *, marks: bool) -> list[Any]:
    """Draw the findings, notes first so that errors lie on top; their entries for the legend."""
    entries: dict[str, Any] = {}
    drawn = sorted((each for each in findings if _has_place(each)), key=_looks)
    for (_, severity, doubtful, waived), alike in groupby(drawn, key=_looks):
        style = finding_style(severity, undecidable=doubtful, waived=waived)
        shapes = np.array([*(each.geometry for each in alike), None], dtype=object)[:-1]
        west, south, east, north = shapely.bounds(shapes).T
        small = np.maximum(east - west, north - south) < _SMALL * (canvas.bounds[2] - canvas.bounds[0])
        draw(canvas, shapes[small] if marks else shapes, style)
        if marks:
            draw_points(canvas, inner_points(shapes), style)
        name = Text(f"检查结果：{severity.label.zh}", f"finding: {severity.label.en}").render(canvas.language)
        entries[name] = Patch(facecolor=rgba(style.colour, 1.0), edgecolor="white", label=name)
    return list(reversed(entries.values()))


def _looks(each: Finding) -> tuple[float, Severity, bool, bool]:
    """What decides how a finding is drawn, the lowest first."""
    return finding_style(each.severity).z, each.severity, each.verdict is Verdict.UNDECIDABLE, bool(each.waived)


def _entry(style: Style, name: str, geometry: Objects) -> Any:
    if not (shapely.get_dimensions(geometry) == 2).any():
        return Rectangle((0, 0), 1, 1, facecolor=rgba(style.colour, 1.0), edgecolor="white", label=_wrapped(name))
    ink = rgba(style.line or style.colour, 1.0)
    face = "none" if style.fill is None else rgba(style.fill, style.fill_opacity)
    width = min(max(0.6 * style.width_pt, 0.4), 1.4)
    return Patch(facecolor=face, edgecolor=ink, linewidth=width, hatch=HATCHES.get(style.hatch), label=_wrapped(name))


def _wrapped(name: str) -> str:
    """A legend entry on lines that the band can hold; Chinese characters are twice as wide."""
    return textwrap.fill(name, 18 if not name.isascii() else 30)


def _legend(figure: Figure, canvas: Canvas, entries: list[Any], title: Text) -> None:
    """The legend in the band beside the map."""
    if not entries:
        return
    small, head = canvas.font.copy(), canvas.font.copy()
    small.set_size(6.5)
    head.set_size(7.5)
    figure.legend(
        handles=entries, loc="upper left", bbox_to_anchor=(1.012 - _BAND, 0.995), prop=small, title=title.render(canvas.language),
        title_fontproperties=head, frameon=False, handlelength=1.8, labelspacing=0.55, borderaxespad=0, alignment="left",
    )  # fmt: skip
