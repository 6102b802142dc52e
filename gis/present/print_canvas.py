"""The means to draw a still map: a blank picture with a Chinese font, shapes in the layers' styles, scale bar, north arrow.

A glyph that the font lacks is never an empty box: in our own words it is an error, in names from the data a 〓.
"""

from __future__ import annotations

import io
import os
import unicodedata
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
from matplotlib.ft2font import FT2Font
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke

from gis.crs import metres_per_unit
from gis.errors import MissingExtra, WriteError
from gis.geometry.locate import placed
from gis.i18n import Language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geopandas import GeoDataFrame

    from gis.model.plan import Plan
    from gis.present.style import Style

__all__ = [
    "FONTS", "HATCHES", "INK", "Bounds", "Canvas", "Objects", "blank", "chinese_font", "draw", "draw_points", "drawable",
    "north_arrow", "padded", "plain_text", "png_of", "rgba", "scale_bar",
]  # fmt: skip

FONTS: Final = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "SimHei", "PingFang SC", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "Noto Sans CJK JP",
)  # fmt: skip
"""Fonts with Chinese, the first that is installed is used; the last is the first face of the same file as the first."""
INK: Final = "#222222"
HATCHES: Final = {
    "diagonal": "////",
    "back_diagonal": "\\\\\\\\",
    "cross": "xxx",
    "horizontal": "---",
    "vertical": "|||",
    "dots": "...",
}
_MARKERS: Final = {"circle": "o", "square": "s", "diamond": "D", "triangle": "^", "star": "*"}
_DPI: Final = 150
MISSING: Final = "〓"

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
class Canvas:
    """A picture being drawn: its axes, what it shows, in which language and font."""

    axes: Any
    bounds: Bounds
    font: font_manager.FontProperties
    language: Language

    @property
    def tolerance(self) -> float:
        """Half a pixel, in units of the plan."""
        return (self.bounds[2] - self.bounds[0]) / 2400


def blank(
    bounds: Bounds, size: tuple[float, float], font: str, language: Language, *, band: float = 0.0
) -> tuple[Figure, Canvas]:
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
    return figure, Canvas(axes, seen, chinese_font(font), language)


def _in_shape(bounds: Bounds, ratio: float) -> Bounds:
    """The bounds, widened or heightened about their middle until width over height is `ratio`."""
    west, south, east, north = bounds
    width, height = max(east - west, (north - south) * ratio), max(north - south, (east - west) / ratio)
    x, y = (west + east) / 2, (south + north) / 2
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def padded(bounds: Sequence[float], *, least: float, share: float) -> Bounds:
    """The bounds with room on all sides: a share of their longer side, and at least `least`."""
    west, south, east, north = bounds
    room = max(share * max(east - west, north - south), least)
    return float(west - room), float(south - room), float(east + room), float(north + room)


def png_of(figure: Figure) -> bytes:
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


def drawable(frame: GeoDataFrame) -> Objects:
    """The geometries that can be drawn; others are None."""
    array: Objects = frame.geometry.to_numpy().copy()
    array[~placed(array)] = None
    return array


def draw(canvas: Canvas, geometry: Objects, style: Style, *, fill: bool = True) -> None:
    """Draw geometries of any kind in a style, detail below half a pixel left out; None is nothing."""
    simple = shapely.simplify(geometry, canvas.tolerance, preserve_topology=False)
    simple = np.where(shapely.is_empty(simple), geometry, simple)
    dimension = shapely.get_dimensions(simple)
    colour = None if style.line is None else rgba(style.line, style.line_opacity)
    dash = (0, [each * 1.0 for each in style.dash]) if style.dash else "-"
    if (dimension == 2).any():
        outline = _outline(simple[dimension == 2])
        if style.fill is not None and fill:
            canvas.axes.add_artist(
                PathPatch(outline, facecolor=rgba(style.fill, style.fill_opacity), edgecolor="none", zorder=style.z)
            )
        if style.hatch and fill:
            ink = rgba(style.hatch_rgb or style.line or (90, 90, 90), 1.0)
            canvas.axes.add_artist(
                PathPatch(outline, fill=False, hatch=HATCHES[style.hatch], edgecolor=ink, linewidth=0, zorder=style.z)
            )
        if colour is not None:
            canvas.axes.add_artist(
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
            LineCollection(lines, colors=[colour], linewidths=0.6 * style.width_pt, linestyles=[dash], zorder=style.z),
            autolim=False,
        )
    if (dimension == 0).any():
        draw_points(canvas, simple[dimension == 0], style)


def draw_points(canvas: Canvas, geometry: Objects, style: Style) -> None:
    """Draw points as the markers of a style."""
    xy = shapely.get_coordinates(geometry)
    canvas.axes.scatter(
        xy[:, 0], xy[:, 1], s=(0.75 * style.size_pt) ** 2, marker=_MARKERS.get(style.marker, "o"), color=[rgba(style.colour, 1.0)],
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


def rgba(colour: tuple[int, int, int], opacity: float) -> tuple[float, float, float, float]:
    """A colour as matplotlib takes it."""
    red, green, blue = (part / 255 for part in colour)
    return red, green, blue, opacity


def plain_text(text: str, font: font_manager.FontProperties) -> str:
    """Text as it is: a dollar sign starts no formula, control characters are blanks, what the font lacks is a 〓.

    So a Chinese printer sets a missing sort; a rare character in a name must not stop a report.
    """
    known = _characters(font_manager.findfont(font))
    plain = "".join(each if each in "\n " or unicodedata.category(each)[0] not in "CZ" else " " for each in text)
    return "".join(each if ord(each) in known or each in "\n " else MISSING for each in plain).replace("$", r"\$")


@cache
def _characters(path: str) -> frozenset[int]:
    """The characters of a font file."""
    return frozenset(FT2Font(path).get_charmap())


def scale_bar(canvas: Canvas, plan: Plan) -> None:
    """A bar of a round length, about a fifth of the width."""
    west, south, east, north = canvas.bounds
    metre = metres_per_unit(plan.crs)
    room = (east - west) * metre / 4
    power = 10 ** np.floor(np.log10(room))
    length = float(max(step * power for step in (1, 2, 5) if step * power <= room))
    x, y, high = west + 0.04 * (east - west), south + 0.05 * (north - south), 0.008 * (north - south)
    for n, colour in enumerate((INK, "white")):
        half = length / 2 / metre
        canvas.axes.add_artist(
            Rectangle((x + n * half, y), half, high, facecolor=colour, edgecolor=INK, linewidth=0.6, zorder=150)
        )
    said = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    canvas.axes.annotate(
        said, (x, y + high), (0, 1.5), textcoords="offset points", fontproperties=canvas.font, fontsize=6.5, color=INK, zorder=150,
        path_effects=[withStroke(linewidth=1.6, foreground="white")],
    )  # fmt: skip


def north_arrow(canvas: Canvas) -> None:
    """An arrow to the north of the grid."""
    arrow = {"arrowstyle": "-|>,head_width=0.28,head_length=0.7", "color": INK, "linewidth": 0.9}
    canvas.axes.annotate(
        "N", (0.955, 0.975), (0.955, 0.905), xycoords="axes fraction", textcoords="axes fraction", ha="center", va="top",
        fontproperties=canvas.font, fontsize=8, color=INK, arrowprops=arrow, zorder=150,
    )  # fmt: skip
