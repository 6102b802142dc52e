"""Small still maps for paper and reports: PNG pictures, drawn by matplotlib with a Chinese font that is really there.

A glyph that the font lacks is an error, never an empty box.
"""

from __future__ import annotations

import base64
import io
import os
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
import numpy as np
import shapely
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke

from gis.crs import metres_per_unit
from gis.errors import MissingExtra, WriteError
from gis.geometry import validity
from gis.i18n import Language, Text
from gis.model.finding import Verdict
from gis.model.layers import layer_title
from gis.present.style import class_values, finding_style, legend_title, looks, style_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from geopandas import GeoDataFrame

    from gis.model.finding import Finding
    from gis.model.plan import Plan
    from gis.present.style import Style

__all__ = ["FONTS", "OVERVIEW", "chinese_font", "close_up", "data_uri", "locator", "overview"]

FONTS: Final = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "SimHei", "PingFang SC", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "Noto Sans CJK JP",
)  # fmt: skip
"""Fonts with Chinese, the first that is installed is used; the last is the first face of the same file as the first."""
OVERVIEW: Final = (
    "municipality", "county", "permanent_basic_farmland", "ecological_redline", "urban_development_boundary", "river", "water",
    "settlement", "county_town",
)  # fmt: skip
"""What the overview shows, as far as the plan has it."""

_DPI: Final = 150
_TOWN_PT: Final = 5.0
"""The least size of a settlement that an overview shows."""
_INK: Final = "#222222"
_HATCHES: Final = {
    "diagonal": "////",
    "back_diagonal": "\\\\\\\\",
    "cross": "xxx",
    "horizontal": "---",
    "vertical": "|||",
    "dots": "...",
}
_MARKERS: Final = {"circle": "o", "square": "s", "diamond": "D", "triangle": "^", "star": "*"}
_LABELLED: Final = {"county", "settlement"}

Bounds = tuple[float, float, float, float]
Objects = np.ndarray[Any, Any]


@cache
def chinese_font(setting: str = "") -> font_manager.FontProperties:
    """The font for all text: `setting` (a family name or a font file), else LANTU_FONT, else the first of FONTS.

    Raises: MissingExtra if none is installed, or the one that was asked for is not there.
    """
    wanted = setting or os.environ.get("LANTU_FONT", "")
    if wanted and Path(wanted).is_file():
        return font_manager.FontProperties(fname=wanted)
    installed = {each.name for each in font_manager.fontManager.ttflist}
    found = next((name for name in ((wanted,) if wanted else FONTS) if name in installed), None)
    if found is None:
        asked = wanted or "、".join(FONTS[:6])
        raise MissingExtra(
            f"没有找到中文字体（{asked}），地图上的文字会成为方框。请安装 Noto Sans CJK（Debian：apt install fonts-noto-cjk），"
            "或用环境变量 LANTU_FONT 指定字体名或字体文件。",
            f"No Chinese font was found ({asked}); the text of maps would be boxes. Install Noto Sans CJK (Debian: apt install "
            "fonts-noto-cjk), or name a font or font file in the environment variable LANTU_FONT.",
        )
    return font_manager.FontProperties(family=found)


@dataclass(frozen=True)
class _Canvas:
    """A picture being drawn: its axes, what it shows, in which language and font."""

    axes: Any
    bounds: Bounds
    font: font_manager.FontProperties
    language: Language

    @property
    def tolerance(self) -> float:
        """Half a pixel, in units of the plan."""
        return (self.bounds[2] - self.bounds[0]) / 2400


def data_uri(png: bytes) -> str:
    """A PNG as it stands in the `src` of an image."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def overview(
    plan: Plan,
    findings: Sequence[Finding] = (),
    *,
    language: Language = "zh",
    size: tuple[float, float] = (7.2, 6.2),
    font: str = "",
) -> bytes:
    """A PNG of the three lines, the administrative units and the findings, with legend, scale bar and north arrow.

    A plan without any of these layers shows all it has. Empty bytes if nothing has a place.

    Raises: MissingExtra without a Chinese font; WriteError if the font lacks a character.
    """
    shown = [each for each in OVERVIEW if each in plan] or list(plan)
    bounds = _extent(plan, shown)
    if bounds is None:
        return b""
    figure, canvas = _figure(bounds, size, font, language, band=0.2)
    entries: list[Any] = []
    for layer in sorted(shown, key=lambda each: style_of(each).z):
        entries += _layer(canvas, layer, _without_villages(layer, plan[layer]))
    entries += _findings(canvas, findings, marks=True)
    _scale_bar(canvas, plan)
    _north(canvas)
    _legend(figure, canvas, entries, legend_title(shown))
    return _png(figure)


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
    figure, canvas = _figure(bounds, size, font, language)
    for layer in outline:
        _layer(canvas, layer, plan[layer], labels=False, plain=True)
    _findings(canvas, findings, marks=True)
    return _png(figure)


def close_up(
    plan: Plan, finding: Finding, *, language: Language = "zh", size: tuple[float, float] = (2.4, 2.1), font: str = ""
) -> bytes:
    """A small PNG of one finding with the layers that take part in it, near by; empty bytes if it has no place."""
    if not _has_place(finding):
        return b""
    bounds = _padded(finding.geometry.bounds, least=40.0 / metres_per_unit(plan.crs), share=1.2)
    figure, canvas = _figure(bounds, size, font, language)
    for layer in dict.fromkeys(each for each in (finding.layer, finding.other_layer) if each in plan):
        _layer(canvas, layer, _near(plan[layer], canvas), labels=False)
    _findings(canvas, [finding], marks=False)
    _scale_bar(canvas, plan)
    return _png(figure)


def _has_place(finding: Finding) -> bool:
    return (
        finding.geometry is not None
        and not finding.geometry.is_empty
        and bool(np.isfinite(finding.geometry.bounds).all())
    )


def _extent(plan: Plan, layers: Iterable[str]) -> Bounds | None:
    corners = [shapely.total_bounds(_drawable(plan[each])) for each in layers]
    known = np.array([each for each in corners if np.isfinite(each).all()])
    if not len(known):
        return None
    low, high = known[:, :2].min(axis=0), known[:, 2:].max(axis=0)
    return _padded((low[0], low[1], high[0], high[1]), least=1.0, share=0.03)


def _padded(bounds: Sequence[float], *, least: float, share: float) -> Bounds:
    west, south, east, north = bounds
    room = max(share * max(east - west, north - south), least)
    return float(west - room), float(south - room), float(east + room), float(north + room)


def _figure(
    bounds: Bounds, size: tuple[float, float], font: str, language: Language, *, band: float = 0.0
) -> tuple[Figure, _Canvas]:
    """An empty picture that shows at least the bounds; a `band` of its width on the right is left for the legend."""
    figure = Figure(figsize=size, dpi=_DPI)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.004, 0.004, 0.992 - band, 0.992))
    seen = _in_shape(bounds, size[0] * (1 - band) / size[1])
    axes.set_xlim(seen[0], seen[2])
    axes.set_ylim(seen[1], seen[3])
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_facecolor("#fbfbf8")
    for spine in axes.spines.values():
        spine.set_color("#9a9a9a")
        spine.set_linewidth(0.6)
    return figure, _Canvas(axes, seen, chinese_font(font), language)


def _in_shape(bounds: Bounds, ratio: float) -> Bounds:
    """The bounds, widened or heightened about their middle until width over height is `ratio`."""
    west, south, east, north = bounds
    width, height = max(east - west, (north - south) * ratio), max(north - south, (east - west) / ratio)
    x, y = (west + east) / 2, (south + north) / 2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _png(figure: Figure) -> bytes:
    """The picture; a glyph that is missing stops it."""
    out = io.BytesIO()
    with warnings.catch_warnings(), mpl.rc_context({"hatch.linewidth": 0.45}):
        warnings.filterwarnings("error", message="Glyph .* missing from")
        try:
            figure.savefig(out, format="png", dpi=_DPI, metadata={"Software": None})
        except UserWarning as warning:
            raise WriteError(
                f"地图字体缺字：{warning}。请用环境变量 LANTU_FONT 指定字符更全的中文字体。",
                f"The font of the map lacks a character: {warning}. Name a fuller Chinese font in LANTU_FONT.",
            ) from warning
    return out.getvalue()


def _drawable(frame: GeoDataFrame) -> Objects:
    """The geometries that can be drawn; others are None."""
    array: Objects = frame.geometry.to_numpy().copy()
    known = np.isfinite(shapely.bounds(array)).all(axis=1)
    array[~known] = None
    return array


def _near(frame: GeoDataFrame, canvas: _Canvas) -> GeoDataFrame:
    """The features that the picture shows, polygons made valid and cut off outside it."""
    west, south, east, north = canvas.bounds
    box = shapely.box(*_padded(canvas.bounds, least=0.0, share=0.1))
    geometry = _drawable(frame)
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


def _layer(canvas: _Canvas, layer: str, frame: GeoDataFrame, *, labels: bool = True, plain: bool = False) -> list[Any]:
    """Draw a layer, class by class; its entries for the legend."""
    style, geometry = style_of(layer), _drawable(frame)
    parts = () if plain else looks(layer, frame)
    entries = []
    if not parts:
        _shapes(canvas, geometry, style, fill=not plain)
        entries.append(_entry(style, layer_title(layer).render(canvas.language), geometry))
    values = class_values(frame, style).to_numpy() if parts else np.empty(0)
    for look in parts:
        chosen = np.isin(values.astype(str), look.values)
        _shapes(canvas, geometry[chosen], look.style)
        entries.append(_entry(look.style, _class_name(layer, look.name, canvas.language), geometry[chosen]))
    if labels and layer in _LABELLED and style.label in frame.columns:
        _labels(canvas, geometry, frame[style.label], parts, values)
    return entries


def _class_name(layer: str, name: Text, language: Language) -> str:
    if layer == "settlement":
        return name.render(language)
    between = "·" if language == "zh" else ": "
    return f"{layer_title(layer).render(language)}{between}{name.render(language)}"


def _shapes(canvas: _Canvas, geometry: Objects, style: Style, *, fill: bool = True) -> None:
    simple = shapely.simplify(geometry, canvas.tolerance, preserve_topology=False)
    simple = np.where(shapely.is_empty(simple), geometry, simple)
    dimension = shapely.get_dimensions(simple)
    colour = None if style.line is None else _rgb(style.line, style.line_opacity)
    dash = (0, [each * 1.0 for each in style.dash]) if style.dash else "-"
    if (dimension == 2).any():
        outline = _outline(simple[dimension == 2])
        if style.fill is not None and fill:
            canvas.axes.add_patch(
                PathPatch(outline, facecolor=_rgb(style.fill, style.fill_opacity), edgecolor="none", zorder=style.z)
            )
        if style.hatch and fill:
            ink = _rgb(style.hatch_rgb or style.line or (90, 90, 90), 1.0)
            canvas.axes.add_patch(
                PathPatch(outline, fill=False, hatch=_HATCHES[style.hatch], edgecolor=ink, linewidth=0, zorder=style.z)
            )
        if colour is not None:
            canvas.axes.add_patch(
                PathPatch(
                    outline,
                    fill=False,
                    edgecolor=colour,
                    linewidth=0.6 * style.width_pt,
                    linestyle=dash,
                    zorder=style.z,
                )
            )
    if (dimension == 1).any() and colour is not None:
        parts = shapely.get_parts(simple[dimension == 1])
        lines = [shapely.get_coordinates(each) for each in parts]
        canvas.axes.add_collection(
            LineCollection(lines, colors=[colour], linewidths=0.6 * style.width_pt, linestyles=[dash], zorder=style.z)
        )
    if (dimension == 0).any():
        _points(canvas, simple[dimension == 0], style)


def _points(canvas: _Canvas, geometry: Objects, style: Style) -> None:
    xy = shapely.get_coordinates(geometry)
    canvas.axes.scatter(
        xy[:, 0], xy[:, 1], s=(0.75 * style.size_pt) ** 2, marker=_MARKERS.get(style.marker, "o"), color=[_rgb(style.colour, 1.0)],
        edgecolors="white", linewidths=0.5, zorder=style.z + 20,
    )  # fmt: skip


def _outline(polygons: Objects) -> Outline:
    """All rings as one path, holes turned the other way so that they stay open."""
    turned = shapely.orient_polygons(shapely.get_parts(polygons))
    rings = shapely.get_rings(turned)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    codes = np.full(len(xy), Outline.LINETO, dtype=np.uint8)
    first = np.flatnonzero(np.diff(ring, prepend=-1))
    codes[first] = Outline.MOVETO
    codes[np.append(first[1:], len(xy)) - 1] = Outline.CLOSEPOLY
    return Outline(xy, codes)


def _rgb(colour: tuple[int, int, int], opacity: float) -> tuple[float, float, float, float]:
    red, green, blue = (part / 255 for part in colour)
    return red, green, blue, opacity


def _labels(canvas: _Canvas, geometry: Objects, names: Any, parts: Any, values: Any) -> None:
    """Names beside their features, halos under them; villages and features without a name go bare."""
    sizes = {
        value: look.style.label_pt
        for look in parts
        for value in look.values
        if look.style.label and look.style.size_pt >= 7
    }
    points = shapely.get_coordinates(shapely.point_on_surface(geometry[~shapely.is_missing(geometry)]))
    known = names[~shapely.is_missing(geometry)]
    for n, ((x, y), name) in enumerate(zip(points, known, strict=True)):
        if not isinstance(name, str) or not name.strip() or (parts and values[n] not in sizes):
            continue
        offset, ink = ((4, 3), _INK) if parts else ((0, 0), "#6b6b6b")
        canvas.axes.annotate(
            _plain(name), (x, y), offset, textcoords="offset points", fontproperties=canvas.font, color=ink, zorder=95,
            fontsize=0.62 * sizes[values[n]] if parts else 7, ha="left" if parts else "center", clip_on=True,
            path_effects=[withStroke(linewidth=1.6, foreground="white")],
        )  # fmt: skip


def _plain(text: str) -> str:
    """Text as it is: a dollar sign starts no formula."""
    return text.replace("$", r"\$").replace("\n", " ")[:24]


def _findings(canvas: _Canvas, findings: Sequence[Finding], *, marks: bool) -> list[Any]:
    """Draw the findings, notes first so that errors lie on top; their entries for the legend."""
    entries: dict[str, Any] = {}
    drawn = sorted((each for each in findings if _has_place(each)), key=lambda each: finding_style(each.severity).z)
    for each in drawn:
        doubtful = each.verdict is Verdict.UNDECIDABLE
        style = finding_style(each.severity, undecidable=doubtful, waived=bool(each.waived))
        _shapes(canvas, np.array([each.geometry], dtype=object), style)
        if marks:
            _points(canvas, np.array([shapely.point_on_surface(each.geometry)], dtype=object), style)
        name = Text(f"检查结果：{each.severity.label.zh}", f"finding: {each.severity.label.en}").render(canvas.language)
        entries[name] = Patch(facecolor=_rgb(style.colour, 1.0), edgecolor="white", label=name)
    return list(reversed(entries.values()))


def _entry(style: Style, name: str, geometry: Objects) -> Any:
    if not (shapely.get_dimensions(geometry) == 2).any():
        return Rectangle((0, 0), 1, 1, facecolor=_rgb(style.colour, 1.0), edgecolor="white", label=_plain(name))
    ink = _rgb(style.line or style.colour, 1.0)
    face = "none" if style.fill is None else _rgb(style.fill, style.fill_opacity)
    width = min(max(0.6 * style.width_pt, 0.4), 1.4)
    return Patch(facecolor=face, edgecolor=ink, linewidth=width, hatch=_HATCHES.get(style.hatch), label=_plain(name))


def _legend(figure: Figure, canvas: _Canvas, entries: list[Any], title: Text) -> None:
    """The legend in the band beside the map."""
    if not entries:
        return
    small, head = canvas.font.copy(), canvas.font.copy()
    small.set_size(6.5)
    head.set_size(7.5)
    figure.legend(
        handles=entries, loc="upper left", bbox_to_anchor=(0.802, 0.995), prop=small, title=title.render(canvas.language),
        title_fontproperties=head, frameon=False, handlelength=1.8, labelspacing=0.55, borderaxespad=0, alignment="left",
    )  # fmt: skip


def _scale_bar(canvas: _Canvas, plan: Plan) -> None:
    """A bar of a round length, about a fifth of the width."""
    west, south, east, north = canvas.bounds
    metre = metres_per_unit(plan.crs)
    room = (east - west) * metre / 4
    power = 10 ** np.floor(np.log10(room))
    length = float(max(step * power for step in (1, 2, 5) if step * power <= room))
    x, y, high = west + 0.04 * (east - west), south + 0.05 * (north - south), 0.008 * (north - south)
    for n, colour in enumerate((_INK, "white")):
        half = length / 2 / metre
        canvas.axes.add_patch(
            Rectangle((x + n * half, y), half, high, facecolor=colour, edgecolor=_INK, linewidth=0.6, zorder=150)
        )
    said = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    canvas.axes.annotate(
        said, (x, y + high), (0, 1.5), textcoords="offset points", fontproperties=canvas.font, fontsize=6.5, color=_INK, zorder=150,
        path_effects=[withStroke(linewidth=1.6, foreground="white")],
    )  # fmt: skip


def _north(canvas: _Canvas) -> None:
    """An arrow to the north of the grid."""
    arrow = {"arrowstyle": "-|>,head_width=0.28,head_length=0.7", "color": _INK, "linewidth": 0.9}
    canvas.axes.annotate(
        "N", (0.955, 0.975), (0.955, 0.905), xycoords="axes fraction", textcoords="axes fraction", ha="center", va="top",
        fontproperties=canvas.font, fontsize=8, color=_INK, arrowprops=arrow, zorder=150,
    )  # fmt: skip
