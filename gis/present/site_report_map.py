"""The overlay maps of a siting report: the site over control lines, zones and current land."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke

from gis.crs import metres_per_unit
from gis.geometry.locate import inner_points
from gis.i18n import Text
from gis.model.layers import layer_title
from gis.present.print_canvas import (
    INK,
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
)  # fmt: skip
from gis.present.site_report_lines import LINES
from gis.present.site_report_parts import Picture, sentence
from gis.present.style import UNDATED, Style, looks, style_of

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from gis.decide.site import SiteAnswer
    from gis.i18n import Language
    from gis.model.plan import Plan
    from gis.present.print_canvas import Bounds, Canvas

__all__ = ["site_maps"]

_PLACE: Final = Text("项目区位图", "where the site lies")
_MAPS: Final = {
    _PLACE: ("municipality", "county", "urban_development_boundary"),
    Text("项目选址与三条控制线叠加图", "the site over the three control lines"): LINES,
    Text("项目选址与规划分区叠加图", "the site over the planning zones"): ("planning_zone",),
    Text("项目选址与土地利用现状叠加图", "the site over the current land use"): ("land_use_current",),
}
"""The layers of each map, by its caption; the first shows the whole plan, the others the ground about the site."""
_SITE: Final = Style(fill=(200, 0, 150), fill_opacity=0.25, line=(170, 0, 130), width_pt=3.6, z=120)
"""No layer has this colour."""
_MARK: Final = Style(fill=(200, 0, 150), line=(170, 0, 130), marker="star", size_pt=16, z=120)
_SIZE: Final = (9.0, 5.25)
_LEAST_M: Final = 500.0
_SMALL: Final = 0.02
"""A site that takes less than this part of a map is marked."""
_NAME: Final = 13
"""So many Chinese characters of a legend stand in a line."""
_DATED: Final = Text("数据日期：{dates}。", "Data of: {dates}.")


def site_maps(answer: SiteAnswer, language: Language) -> tuple[Picture, ...]:
    """The maps, each with the dates and versions of what it shows; none of layers that the plan has not near the site.

    Raises: MissingExtra without a Chinese font.
    """
    site = answer.plan["site"].geometry.to_numpy()
    about = padded(shapely.total_bounds(site), least=_LEAST_M / metres_per_unit(answer.plan.crs), share=0.5)
    drawn = []
    for caption, layers in _MAPS.items():
        bounds = _whole(answer.plan, (*layers, "site")) if caption is _PLACE else about
        png = _map(answer.plan, layers, bounds, language)
        drawn += (
            [Picture(sentence(caption.render(language)), _dates(answer.plan, layers, language), png)] if png else []
        )
    return tuple(drawn)


def _whole(plan: Plan, layers: tuple[str, ...]) -> Bounds:
    corners = np.array([shapely.total_bounds(drawable(plan[each])) for each in layers if each in plan])
    (west, south), (east, north) = np.nanmin(corners[:, :2], axis=0), np.nanmax(corners[:, 2:], axis=0)
    return padded((west, south, east, north), least=1.0, share=0.03)


def _dates(plan: Plan, layers: tuple[str, ...], language: Language) -> str:
    said = []
    for layer in (each for each in layers if each in plan):
        source = plan.source(layer)
        dated = " ".join(filter(None, (source.as_of or UNDATED.render(language), source.version)))
        said.append(f"{layer_title(layer).render(language)} {dated}")
    return _DATED.format(dates=("；" if language == "zh" else "; ").join(said)).render(language)


def _map(plan: Plan, layers: tuple[str, ...], bounds: Bounds, language: Language) -> bytes:
    """A PNG of the site over the layers that the plan has; empty bytes if it has none of them there."""
    west, south, east, north = bounds
    near = {each: plan[each].cx[west:east, south:north] for each in layers if each in plan}
    if not any(map(len, near.values())):
        return b""
    figure, canvas = blank(bounds, _SIZE, "", language, band=0.25)
    entries = [_entry(_SITE, layer_title("site").render(language))]
    entries += [entry for layer, frame in near.items() if len(frame) for entry in _drawn(canvas, layer, frame)]
    _names(canvas, near.get("county"))
    site = plan["site"].geometry.to_numpy()
    draw(canvas, site, _SITE)
    if np.ptp(shapely.total_bounds(site).reshape(2, 2), axis=0).max() < _SMALL * (east - west):
        draw_points(canvas, shapely.point_on_surface(site), _MARK)
    scale_bar(canvas, plan)
    north_arrow(canvas)
    small = canvas.font.copy()
    lines = sum(str(each.get_label()).count("\n") + 1 for each in entries)
    small.set_size(min(8.5, 240 / lines))  # so many as there are have room
    figure.legend(handles=entries, loc="upper left", bbox_to_anchor=(0.755, 0.99), prop=small, frameon=False)
    return png_of(figure)


def _drawn(canvas: Canvas, layer: str, frame: GeoDataFrame) -> list[Patch]:
    """Draw a layer, class by class where it has classes; its entries for the legend, one for classes that look alike."""
    style, geometry = style_of(layer), drawable(frame)
    parts = looks(layer, frame)
    if not parts:
        draw(canvas, geometry, style)
        return [_entry(style, layer_title(layer).render(canvas.language))]
    values = frame[style.by].astype("str").to_numpy()
    alike: dict[Style, list[str]] = {}
    for look in parts:
        draw(canvas, geometry[np.isin(values, look.values)], look.style)
        alike.setdefault(look.style, []).append(look.name.render(canvas.language))
    between = "、 " if canvas.language == "zh" else ", "
    return [_entry(each, between.join(names)) for each, names in alike.items()]


def _names(canvas: Canvas, counties: GeoDataFrame | None) -> None:
    """Write the names of counties into them."""
    if counties is None or "area_name" not in counties:
        return
    inner = inner_points(drawable(counties))
    for name, point in zip(counties["area_name"], inner, strict=True):
        if point is not None and isinstance(name, str):
            canvas.axes.annotate(
                plain_text(name, canvas.font), (point.x, point.y), fontproperties=canvas.font, fontsize=9, color=INK, ha="center",
                zorder=110, clip_on=True, path_effects=[withStroke(linewidth=2.0, foreground="white")],
            )  # fmt: skip


def _entry(style: Style, name: str) -> Patch:
    face = "none" if style.fill is None else rgba(style.fill, style.fill_opacity)
    lines = textwrap.fill(sentence(name), _NAME * (2 if name.isascii() else 1))  # names stay whole, as blanks part them
    label = lines.replace("、 ", "、")
    return Patch(facecolor=face, edgecolor=rgba(style.line or (110, 110, 110), 1.0), label=label)
