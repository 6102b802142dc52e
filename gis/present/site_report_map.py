"""The overlay maps of a siting report: the site over control lines, zones and current land."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from matplotlib.patches import Patch

from gis.crs import metres_per_unit
from gis.i18n import Text
from gis.model.layers import layer_title
from gis.present.print_canvas import blank, draw, drawable, north_arrow, padded, png_of, rgba, scale_bar
from gis.present.site_report_parts import Picture
from gis.present.style import UNDATED, Style, looks, style_of

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from gis.decide.site import SiteAnswer
    from gis.i18n import Language
    from gis.model.plan import Plan
    from gis.present.print_canvas import Canvas

__all__ = ["site_maps"]

_MAPS: Final = {
    Text("项目选址与三条控制线叠加图", "the site over the three control lines"): (
        "permanent_basic_farmland",
        "ecological_redline",
        "urban_development_boundary",
    ),
    Text("项目选址与规划分区叠加图", "the site over the planning zones"): ("planning_zone",),
    Text("项目选址与土地利用现状叠加图", "the site over the current land use"): ("land_use_current",),
}
"""The layers of each overlay map, by its caption."""
_SITE: Final = Style(fill=(200, 0, 150), fill_opacity=0.25, line=(170, 0, 130), width_pt=3.6, z=120)
"""No layer has this colour."""
_SIZE: Final = (9.0, 5.25)
_LEAST_M: Final = 500.0


_DATED: Final = Text("数据日期：{dates}。", "Data of: {dates}.")


def site_maps(answer: SiteAnswer, language: Language) -> tuple[Picture, ...]:
    """The overlay maps, each with the dates and versions of what it shows; none of layers that the plan has not near the site.

    Raises: MissingExtra without a Chinese font.
    """
    drawn = ((caption, layers, _map(answer, layers, language)) for caption, layers in _MAPS.items())
    return tuple(
        Picture(caption.render(language), _dates(answer.plan, layers, language), png)
        for caption, layers, png in drawn
        if png
    )


def _dates(plan: Plan, layers: tuple[str, ...], language: Language) -> str:
    said = []
    for layer in (each for each in layers if each in plan):
        source = plan.source(layer)
        dated = " ".join(filter(None, (source.as_of or UNDATED.render(language), source.version)))
        said.append(f"{layer_title(layer).render(language)} {dated}")
    return _DATED.format(dates=("；" if language == "zh" else "; ").join(said)).render(language)


def _map(answer: SiteAnswer, layers: tuple[str, ...], language: Language) -> bytes:
    """A PNG of the site over the layers that the plan has; empty bytes if it has none of them near by."""
    plan = answer.plan
    site = plan["site"].geometry.to_numpy()
    bounds = padded(shapely.total_bounds(site), least=_LEAST_M / metres_per_unit(plan.crs), share=0.5)
    near = {each: plan[each].cx[bounds[0] : bounds[2], bounds[1] : bounds[3]] for each in layers if each in plan}
    if not any(map(len, near.values())):
        return b""
    figure, canvas = blank(bounds, _SIZE, "", language, band=0.25)
    entries = [_entry(_SITE, layer_title("site").render(language))]
    entries += [entry for layer, frame in near.items() if len(frame) for entry in _drawn(canvas, layer, frame)]
    draw(canvas, site, _SITE)
    scale_bar(canvas, plan)
    north_arrow(canvas)
    small = canvas.font.copy()
    small.set_size(min(8.5, 240 / len(entries)))  # so many as there are have room
    figure.legend(handles=entries, loc="upper left", bbox_to_anchor=(0.755, 0.99), prop=small, frameon=False)
    return png_of(figure)


def _drawn(canvas: Canvas, layer: str, frame: GeoDataFrame) -> list[Patch]:
    """Draw a layer, class by class where it has classes; its entries for the legend."""
    style, geometry = style_of(layer), drawable(frame)
    parts = looks(layer, frame)
    if not parts:
        draw(canvas, geometry, style)
        return [_entry(style, layer_title(layer).render(canvas.language))]
    values = frame[style.by].astype("str").to_numpy()
    for look in parts:
        draw(canvas, geometry[np.isin(values, look.values)], look.style)
    return [_entry(look.style, look.name.render(canvas.language)) for look in parts]


def _entry(style: Style, name: str) -> Patch:
    face = "none" if style.fill is None else rgba(style.fill, style.fill_opacity)
    return Patch(facecolor=face, edgecolor=rgba(style.line or (110, 110, 110), 1.0), label=name)
