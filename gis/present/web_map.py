"""A map page in one file: the plan's layers, the findings on top, and everything the page needs inside it.

The page asks the network for nothing: Leaflet and our own scripts are inlined, there are no tiles, and a content security
policy forbids the browser to fetch anything even if a value of the data were to try.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import folium
import numpy as np
from branca.element import Element
from folium.template import Template

from gis.crs import describe
from gis.errors import LayerError
from gis.i18n import Language, Text
from gis.model.layers import GROUPS, LAYERS, layer_title
from gis.present.atomic import whole_file
from gis.present.audience import GENERALISED_M, released
from gis.present.findings_data import packed_findings
from gis.present.hillshade import hillshade
from gis.present.leaflet import leaflet_css, leaflet_js, own_script, own_style, refuse_remote
from gis.present.map_data import FINE, Drawn, columns, drawn, embedded, fields, look_index, points_for_labels
from gis.present.site_data import siting_data, siting_script
from gis.present.style import (
    DISCLAIMER,
    MARK,
    REVIEW_NUMBER,
    UNDATED,
    Audience,
    basis_notes,
    checked_audience,
    legend_title,
    looks,
    style_of,
)
from gis.present.web_words import SITING_WORDS, WORDS

if TYPE_CHECKING:
    from pathlib import Path

    from geopandas import GeoDataFrame

    from gis.model.finding import Findings
    from gis.model.plan import Plan

__all__ = ["OfflineMap", "web_map"]

_POLICY: Final = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_COARSE: Final = 10_000
"""Units per degree of a public map: 1e-4°, about 10 m, so that no exact vertex leaves."""
_UNKNOWN: Final = "unknown"

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Page:
    """All the text that goes into the page."""

    audience: Audience
    title: str
    data: Mapping[str, str]
    leaflet_css: str
    leaflet_js: str
    style: str
    script: str


@dataclass(frozen=True, slots=True)
class _Packed:
    """One layer as the page takes it: its description, its data, where it lies."""

    meta: Mapping[str, Any]
    data: Mapping[str, Any]
    bounds: Bounds | None


@cache
def _template() -> Template:
    return Template((files("gis.present") / "web" / "map.html").read_text(encoding="utf-8"))


class OfflineMap(folium.Map):  # type: ignore[misc]  # folium gives no types
    """A folium map whose page fetches nothing; made by `web_map`.

    Children may be added as to any folium map, as long as they bring no remote resource: `save` refuses those.
    """

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium declares it so; ours stays empty
    default_css: list[tuple[str, str]] = []  # noqa: RUF012

    def __init__(self, page: _Page, **options: Any) -> None:
        super().__init__(tiles=None, prefer_canvas=True, zoom_control=False, attribution_control=False, **options)
        self._template = _template()
        self.page = page
        root = self.get_root()
        root.title = escape(page.title)
        root.height = "680px"
        policy = Element(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">')
        root.header.add_child(policy, name="policy", index=0)

    def html(self) -> str:
        """The whole page.

        Raises: WriteError if something that was added to the map would have to be fetched.
        """
        page: str = self.get_root().render()
        refuse_remote(page)
        return page

    def save(self, outfile: str | Path, **_: Any) -> None:
        """Writes the page to `outfile`, whole or not at all.

        Raises: WriteError if the file cannot be written, or if something added to the map would have to be fetched.
        """
        page = self.html()
        with whole_file(outfile) as path:
            path.write_text(page, encoding="utf-8", newline="\n")

    def _repr_html_(self, **_: Any) -> str:
        """The page in a frame, as Jupyter shows it; it works with no network too."""
        frame = (
            '<iframe srcdoc="{}" width="100%" height="680" style="border:1px solid #d9dee4" allowfullscreen></iframe>'
        )
        return frame.format(escape(self.html()))


def web_map(
    plan: Plan,
    found: Findings | None = None,
    *,
    layers: Iterable[str] | None = None,
    language: Language = "zh",
    audience: Audience = "internal",
    siting: bool = False,
) -> OfflineMap:
    """A map of the plan with the findings on top; `.save("map.html")` writes one file that works with no network.

    layers     the layers to take, None for all; layers nobody knows are taken too, under a group of their own
    language   the language in which the page opens; it can be switched there
    audience   `public` leaves out findings, layers and fields that are not on the public lists, coordinates and relief
    siting     whether a reader may draw or paste a site and have it judged in the page, which then carries all asked layers unsimplified

    Features without geometry, or with coordinates that are nowhere on the globe, are counted in the layer's notes.

    Raises: LayerError for a layer the plan has not, an unknown audience, siting in a public map, or siting in a plan that is in no CGCS2000
    Gauss–Krüger plane.

    Example:
        >>> import geopandas as gpd, shapely
        >>> from gis.model.plan import Plan
        >>> towns = gpd.GeoDataFrame({"name": ["甲"]}, geometry=[shapely.box(500000, 3400000, 501000, 3401000)], crs=4549)
        >>> web_map(Plan({"cluster": towns}, 4549, name="示例")).page.title
        '示例'
    """
    audience = checked_audience(audience)
    shown = released(plan, audience)
    scale = FINE if audience == "internal" else _COARSE
    packed = {layer: _layer(layer, frame, shown, scale) for layer, frame in _chosen(shown, layers).items()}
    internal = audience == "internal"
    meta = _meta(shown, packed, audience, language)
    meta["findings"] = packed_findings(found) if found is not None and internal else None
    if internal and "dem" in plan.rasters:
        shade = hillshade(plan.rasters["dem"], plan.crs)
        meta["hillshade"] = {**shade, "date": _date(plan.rasters["dem"].as_of)} if shade else None
    if siting:
        _refuse_public(audience)
        meta["words"] |= SITING_WORDS
    data = {"meta": embedded(meta)} | {f"data-{n}": embedded(each.data) for n, each in enumerate(packed.values())}
    if siting:
        data["siting"] = embedded(siting_data(plan))
    title = plan.name or Text("国土空间规划一张图", "Territorial plan").render(language)
    script = own_script() + siting_script() if siting else own_script()
    return OfflineMap(_Page(audience, title, data, leaflet_css(), leaflet_js(), own_style(), script))


def _refuse_public(audience: Audience) -> None:
    if audience == "public":
        raise LayerError(
            '公开地图不能带选址核对：它须附上各控制线的精确坐标。请改用 audience="internal"（内部资料），或去掉 siting（--siting）。',
            'A public map cannot judge sites: it would have to carry the exact coordinates of the control lines. Use audience="internal", or leave out siting (--siting).',
        )


def _chosen(plan: Plan, layers: Iterable[str] | None) -> dict[str, GeoDataFrame]:
    everything = {**plan.layers, **plan.unknown}
    if layers is None:
        return everything
    wanted = list(layers)
    absent = [layer for layer in wanted if layer not in everything]
    if absent:
        raise LayerError(
            f"规划中没有可供此用途的图层 {'、'.join(absent)}。现有图层：{'、'.join(everything) or '—'}。",
            f"The plan has no layer {', '.join(absent)} for this use. It has: {', '.join(everything) or '—'}.",
        )
    return {layer: frame for layer, frame in everything.items() if layer in wanted}


def _layer(layer: str, frame: GeoDataFrame, plan: Plan, scale: int) -> _Packed:
    geometry = frame.geometry.to_numpy()
    place = drawn(layer, geometry, frame.crs or plan.crs, scale=scale)
    style = style_of(layer)
    labelled = bool(style.label) and style.label in frame.columns
    data = {**place.lists, "id": [str(each) for each in frame.index], "look": look_index(layer, frame)}
    data["columns"] = columns(layer, frame)
    if labelled:
        data["label"] = points_for_labels(geometry, frame.crs or plan.crs, scale=scale)
    meta = {
        "name": layer_title(layer),
        "style": asdict(style),
        "looks": [
            {"name": each.name, "style": asdict(each.style), "code": each.values[0] if style.table else ""}
            for each in looks(layer, frame)
        ],
        "kind": _kind(place),
        "fields": fields(layer, frame),
        "labelled": labelled,
        "show": style.show,
        "count": len(frame),
        "date": _date(plan.source(layer).as_of),
        "notes": _layer_notes(place),
    }
    return _Packed(meta, data, place.bounds)


def _kind(place: Drawn) -> int:
    """What a layer mostly is, for its legend: 0 points, 1 lines, 2 faces; faces for an empty one."""
    kinds = np.atleast_1d(place.lists["kind"])
    return int(kinds.max()) if kinds.size else 2


def _date(as_of: str) -> Text:
    return Text(as_of, as_of) if as_of else UNDATED


def _layer_notes(place: Drawn) -> list[Text]:
    notes = []
    if place.simplified_m:
        notes.append(
            Text(
                f"为便于显示，图形已简化 {place.simplified_m:g} 米",
                f"Simplified by {place.simplified_m:g} m for the screen",
            )
        )
    if place.missing:
        notes.append(
            Text(
                f"{place.missing} 个要素没有可绘制的图形",
                f"{place.missing} features have no geometry that can be drawn",
            )
        )
    return notes


def _meta(plan: Plan, packed: Mapping[str, _Packed], audience: Audience, language: Language) -> dict[str, Any]:
    internal = audience == "internal"
    return {
        "language": language,
        "audience": audience,
        "title": plan.name or Text("国土空间规划一张图", "Territorial plan"),
        "facts": _facts(plan),
        "mark": MARK[audience],
        "disclaimer": DISCLAIMER,
        "review": None if internal else REVIEW_NUMBER,
        "coordinates": internal,
        "graticule": internal,
        "bounds": _bounds(packed),
        "options": {"maxZoom": 19 if internal else 14, "minZoom": 3},
        "legend": legend_title(packed),
        "groups": _groups(packed),
        "layers": {layer: {**each.meta, "data": n} for n, (layer, each) in enumerate(packed.items())},
        "notes": [*basis_notes(packed), *(() if internal else (_generalised(),))],
        "words": dict(WORDS),
        "hillshade": None,
    }


def _facts(plan: Plan) -> list[Text]:
    crs = describe(plan.crs)
    return [
        Text(f"坐标系：{crs.zh}", f"CRS: {crs.en}"),
        Text(f"基准日期：{plan.as_of.isoformat()}", f"As of {plan.as_of.isoformat()}"),
    ]


def _generalised() -> Text:
    return Text(
        f"公开版：图形已概括（{GENERALISED_M:g} 米），仅含可公开的图层与字段。",
        f"Public version: geometry generalised ({GENERALISED_M:g} m); only public layers and fields.",
    )


def _groups(packed: Mapping[str, _Packed]) -> list[dict[str, Any]]:
    """The groups that have layers, in the plan's order; layers nobody knows come last."""
    names = {**GROUPS, _UNKNOWN: Text("未识别的图层", "layers not recognised")}
    members: dict[str, list[str]] = {group: [] for group in names}
    for layer in packed:
        members[LAYERS[layer].group if layer in LAYERS else _UNKNOWN].append(layer)
    return [
        {
            "name": names[group],
            "layers": found,
            "open": any(packed[layer].meta["show"] for layer in found) or group == _UNKNOWN,
        }
        for group, found in members.items()
        if found
    ]


def _bounds(packed: Mapping[str, _Packed]) -> list[list[float]] | None:
    """Where the map opens: on the administrative areas if there are any, else on all that has a place."""
    frames = [each for layer, each in packed.items() if layer in LAYERS and LAYERS[layer].group == "administration"]
    known = [each.bounds for each in frames if each.bounds] or [each.bounds for each in packed.values() if each.bounds]
    if not known:
        return None
    west, south = np.min(known, axis=0)[:2]
    east, north = np.max(known, axis=0)[2:]
    return [[float(south), float(west)], [float(north), float(east)]]
