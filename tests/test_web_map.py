"""The saved map: what is in it, what is not, and that it is whole. What a browser makes of it: test_web_map_browser."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import folium
import numpy as np
import pytest
import shapely
from folium.plugins import MiniMap
from pyproj import Transformer
from web_plans import NASTY, drawn_findings, drawn_plan, frame, nasty_plan
from zoo import CRS, box

from gis.errors import LayerError, WriteError
from gis.model.layers import GROUPS, LAYERS
from gis.model.plan import LayerSource, Plan
from gis.present import map_data
from gis.present.leaflet import own_script, refuse_remote
from gis.present.style import classes, looks, style_of
from gis.present.web_map import web_map
from gis.present.web_words import WORDS
from gis.units import shown

_EMBEDDED = re.compile(r'<script type="application/json" id="lantu-([^"]*)">(.*?)</script>', re.DOTALL)


@pytest.fixture(scope="module")
def page() -> str:
    return web_map(drawn_plan(), drawn_findings()).html()


@pytest.fixture(scope="module")
def public() -> str:
    return web_map(drawn_plan(), drawn_findings(), audience="public").html()


def embedded(page):
    found = {name: json.loads(text) for name, text in _EMBEDDED.findall(page)}
    layers = found["meta"]["layers"]
    return {"meta": found["meta"], **{f"data-{layer}": found[f"data-{each['data']}"] for layer, each in layers.items()}}


def unpacked(packed):
    """The geometries as shapely sees them, in degrees: written apart from the page's own unpacking."""
    count = len(packed["id"])
    whole = np.cumsum(np.array(packed["xy"]).reshape(-1, 2), axis=0) / packed["scale"]
    rings = np.split(whole, np.cumsum(packed["ring"])[:-1])
    per_part = np.broadcast_to(packed["part"], len(packed["part"]))
    kinds = np.broadcast_to(packed["kind"], len(per_part))
    per_feature = np.broadcast_to(packed["feature"], count)
    parts, at = [], 0
    for n, kind in zip(per_part, kinds, strict=True):
        own, at = rings[at : at + n], at + n
        parts.append(
            shapely.Polygon(own[0], own[1:])
            if kind == 2
            else shapely.LineString(own[0])
            if kind
            else shapely.Point(own[0])
        )
    ends = np.cumsum(per_feature)
    return [parts[end - n : end] for n, end in zip(per_feature, ends, strict=True)]


def test_the_map_is_a_folium_map():
    assert isinstance(web_map(drawn_plan()), folium.Map)


def test_no_address_in_the_page_is_remote(page):
    code = _EMBEDDED.sub("", page)
    assert not re.findall(r"(?:src|href|srcset|action)\s*=\s*[\"']?\s*(?!data:|#)[^\s\"'>]*//[^\"'>]*", code)
    assert all(each.startswith(("data:", "#")) for each in re.findall(r"url\(\s*[\"']?([^\"')]+)", code))


def test_the_page_forbids_the_browser_to_fetch(page):
    assert "default-src 'none'" in re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]


def test_no_foreign_library_but_leaflet_is_in_the_page(page):
    code = _EMBEDDED.sub("", page).lower()
    assert "leaflet 1.9" in code
    assert not [name for name in ("jquery", "bootstrap", "font-awesome", "fontawesome", "glyphicon") if name in code]


@pytest.mark.parametrize(
    "child",
    [
        folium.TileLayer("OpenStreetMap"),
        MiniMap(),
        folium.raster_layers.ImageOverlay("https://a.example/b.png", [[30, 119], [31, 121]]),
    ],
    ids=["tiles", "plugin", "image"],
)
def test_a_remote_child_is_refused_and_nothing_is_written(child, tmp_path):
    made = web_map(drawn_plan())
    made.add_child(child)
    with pytest.raises(WriteError, match="联网"):
        made.save(tmp_path / "map.html")
    assert list(tmp_path.iterdir()) == []


def test_a_local_child_is_taken():
    made = web_map(drawn_plan())
    folium.Circle([30.72, 120.01], radius=500).add_to(made)
    assert "L.circle(" in made.html()


@pytest.mark.parametrize(
    "bad",
    ["<img src='//a.example/b.png'>", "<link href='file.css'>", "<style>@import 'a.css'</style>", "<p style='background:url(http://a/b)'>",
     "<script>L.tileLayer('https://{s}.example/{z}')</script>", "<script src='a.js'></script>"],
)  # fmt: skip
def test_every_way_to_fetch_is_seen(bad):
    with pytest.raises(WriteError):
        refuse_remote(f"<html>{bad}</html>")


def test_saving_replaces_the_old_file_whole(tmp_path):
    target = tmp_path / "map.html"
    target.write_text("old", encoding="utf-8")
    web_map(drawn_plan()).save(target)
    assert target.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert [each.name for each in tmp_path.iterdir()] == ["map.html"]


def test_saving_into_a_missing_folder_says_so(tmp_path):
    with pytest.raises(WriteError, match="不存在"):
        web_map(drawn_plan()).save(tmp_path / "nowhere" / "map.html")


def test_jupyter_gets_the_whole_page_in_a_frame():
    shown_there = web_map(drawn_plan())._repr_html_()
    inside = html.unescape(re.search(r'srcdoc="([^"]*)"', shown_there)[1])
    refuse_remote(inside)
    assert "lantu-meta" in inside


def test_packed_geometry_is_the_drawn_one_within_half_a_unit(page):
    to_degrees = Transformer.from_crs(CRS, 4490, always_xy=True)
    for layer, drawn in drawn_plan().items():
        for parts, geometry in zip(unpacked(embedded(page)[f"data-{layer}"]), drawn.geometry, strict=True):
            there = shapely.transform(geometry, lambda xy: np.column_stack(to_degrees.transform(*xy.T)))
            assert np.abs(shapely.get_coordinates(parts) - shapely.get_coordinates(there)).max() <= 0.5e-6 + 1e-12


def test_a_hole_stays_a_hole(page):
    outer, inner = unpacked(embedded(page)["data-urban_development_boundary"])[1][0].exterior, 1
    polygon = unpacked(embedded(page)["data-urban_development_boundary"])[1][0]
    assert len(polygon.interiors) == inner
    assert outer.is_ring


def test_neighbours_share_the_same_whole_vertices(page):
    a, b, *_ = [shapely.MultiPolygon(each) for each in unpacked(embedded(page)["data-land_use_current"])]
    assert a.intersection(b).length > 0
    assert a.intersection(b).area == 0


def test_multiparts_collections_points_and_nothing_are_packed_in_their_rows():
    mixed = frame(
        [shapely.MultiPolygon([box(0, 0, 10, 10), box(20, 0, 40, 10)]), None,
         shapely.GeometryCollection([shapely.Point(500000, 3400000), shapely.GeometryCollection([box(0, 0, 5, 5)])]), shapely.Polygon(), shapely.Point(500001, 3400000)]
    )  # fmt: skip
    packed = map_data.drawn("settlement", mixed.geometry.to_numpy(), CRS)
    assert packed.lists["feature"] == [2, 0, 2, 0, 1]
    assert packed.missing == 2
    assert sorted(packed.lists["kind"]) == [0, 0, 2, 2, 2]


def test_coordinates_that_are_nowhere_are_left_out_and_counted():
    lost = shapely.Point(np.inf, 3400000)
    packed = map_data.drawn("settlement", np.array([lost, shapely.Point(500000, 3400000)], dtype=object), CRS)
    assert (packed.lists["feature"], packed.missing) == ([0, 1], 1)
    assert np.isfinite(packed.bounds).all()


def test_a_layer_too_rich_for_the_screen_is_simplified_and_says_so(monkeypatch):
    monkeypatch.setattr(map_data, "MAX_VERTICES", 100)
    rich = shapely.Point(502000, 3402000).buffer(1500, quad_segs=500)
    made = web_map(drawn_plan(layers={"cluster": frame([rich], name=["组团"])}))
    data = embedded(made.html())
    assert sum(data["data-cluster"]["ring"]) < 500
    assert "简化" in data["meta"]["layers"]["cluster"]["notes"][0]["zh"]


def test_groups_stand_in_the_order_of_the_plan(page):
    names = [group["name"]["zh"] for group in embedded(page)["meta"]["groups"]]
    order = [text.zh for text in GROUPS.values()]
    assert names == sorted(names, key=order.index)


def test_every_layer_of_the_plan_is_in_one_group(page):
    listed = [layer for group in embedded(page)["meta"]["groups"] for layer in group["layers"]]
    assert sorted(listed) == sorted(drawn_plan())


def test_layers_nobody_knows_are_kept_under_a_group_of_their_own():
    meta = embedded(web_map(nasty_plan()).html())["meta"]
    assert meta["groups"][-1]["name"]["zh"] == "未识别的图层"
    assert list(nasty_plan().unknown) == meta["groups"][-1]["layers"]


def test_only_the_layers_asked_for_are_taken():
    assert set(embedded(web_map(drawn_plan(), layers=["road"]).html())["meta"]["layers"]) == {"road"}


def test_a_layer_the_plan_lacks_is_an_error():
    with pytest.raises(LayerError, match="wetland"):
        web_map(drawn_plan(), layers=["wetland"])


def test_an_unknown_audience_is_an_error():
    with pytest.raises(LayerError, match="internal"):
        web_map(drawn_plan(), audience="everyone")


def test_a_plan_without_layers_still_makes_a_map():
    assert embedded(web_map(Plan({}, CRS)).html())["meta"]["bounds"] is None


def test_the_map_opens_on_the_administrative_areas():
    far = frame([box(900000, 0, 900010, 10)], name=["远"])
    meta = embedded(web_map(drawn_plan(layers={**drawn_plan().layers, "cluster": far})).html())["meta"]
    east, north = Transformer.from_crs(CRS, 4490, always_xy=True).transform(504000, 3404000)
    assert meta["bounds"][1] == pytest.approx([north, east], abs=1e-5)


def test_each_layer_carries_the_date_of_its_data(page):
    layers = embedded(page)["meta"]["layers"]
    assert layers["land_use_current"]["date"]["zh"] == "2020-12-31"
    assert layers["road"]["date"]["zh"] == "数据日期不详"


def test_mark_and_disclaimer_are_on_the_page(page):
    meta = embedded(page)["meta"]
    assert (meta["mark"]["zh"], meta["disclaimer"]["zh"]) == ("内部资料", "辅助研判，不作为行政许可依据")


def test_the_legend_says_that_its_colours_are_indicative(page):
    assert embedded(page)["meta"]["legend"]["zh"] == "图例（配色为示意）"


def test_areas_are_rounded_as_everywhere(page):
    data = embedded(page)["data-land_use_current"]["columns"]["area_m2"]
    values = data if isinstance(data, list) else [data["of"][n] for n in data["at"]]
    assert f"{values[3]:,.2f}" == shown(1234.565, "m2")


def test_codes_come_with_their_names(page):
    (field,) = [
        each for each in embedded(page)["meta"]["layers"]["land_use_current"]["fields"] if each["name"] == "class_code"
    ]
    assert field["codes"]["0101"]["zh"] == "水田"
    assert "ZZ99" not in field["codes"]


def test_findings_that_did_not_run_are_in_the_page_with_their_reason(page):
    (left,) = embedded(page)["meta"]["findings"]["not_run"]
    assert (left["rule"], left["reason"]["zh"]) == ("TR01", "未提供上级规划")


def test_waived_and_undecidable_findings_are_kinds_of_their_own(page):
    kinds = [each["kind"] for each in embedded(page)["meta"]["findings"]["items"]]
    assert kinds == ["error", "undecidable", "warning", "waived"]


def test_the_relief_lies_on_the_ground_it_shows(page):
    (south, west), (north, east) = embedded(page)["meta"]["hillshade"]["bounds"]
    corner = Transformer.from_crs(CRS, 4490, always_xy=True).transform
    assert (west, south) == pytest.approx(corner(500000, 3400000), abs=2e-4)
    assert (east, north) == pytest.approx(corner(504000, 3404000), abs=2e-4)


def test_a_public_page_holds_no_owner_no_finding_and_no_relief(public):
    data = embedded(public)
    assert not [
        word
        for word in ("村甲", "国有", "集体", "owner", "超出边界")
        if word in public.split("lantu-meta")[1].split("<script>")[0]
    ]
    assert data["meta"]["findings"] is None
    assert data["meta"]["hillshade"] is None


def test_a_public_page_has_only_public_layers(public):
    shown_layers = set(embedded(public)["meta"]["layers"])
    assert shown_layers == {"county", "urban_development_boundary", "road", "settlement"}


def test_a_public_page_has_no_vertex_finer_than_ten_metres(public):
    data = embedded(public)
    scales = {data[name]["scale"] for name in data if name.startswith("data-")}
    assert max(scales) * 10 / 111_320 <= 1.0


def test_a_public_page_has_its_mark_a_place_for_the_review_number_and_no_coordinates(public):
    meta = embedded(public)["meta"]
    assert meta["mark"]["zh"] == "公开"
    assert meta["review"]["zh"].startswith("审图号")
    assert (meta["coordinates"], meta["graticule"]) == (False, False)


def test_public_features_do_not_keep_their_internal_ids(public):
    assert embedded(public)["data-county"]["id"] == ["1", "2"]


def test_values_cannot_end_the_script_that_holds_them():
    page = web_map(nasty_plan()).html()
    assert page.count("<script") == 3 + len(_EMBEDDED.findall(page))  # Leaflet, ours, folium's
    assert NASTY[1] not in page


def test_values_come_back_as_they_were():
    data = embedded(web_map(nasty_plan()).html())
    assert data["data-settlement"]["id"] == NASTY
    assert data["data-settlement"]["columns"]["name"] == NASTY


def test_our_scripts_never_make_markup_out_of_text():
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", own_script())


def test_every_word_the_page_uses_is_there_in_both_languages():
    template = r'Lantu\.(?:word|phrase)\("(\w+)"'
    used = set(re.findall(template, own_script())) | {"zoom_in", "zoom_out", "yes", "no"}
    used |= {f"measure_{mode}{end}" for mode in ("distance", "area") for end in ("", "_start")}
    assert used == set(WORDS)
    assert all(text.zh and text.en for text in WORDS.values())


def test_the_plan_is_not_changed():
    plan = drawn_plan()
    before = {layer: each.copy() for layer, each in plan.items()}
    web_map(plan, drawn_findings(), audience="public")
    web_map(plan, drawn_findings())
    assert all(each.equals(plan[layer]) for layer, each in before.items())


def test_the_same_plan_gives_the_same_data():
    first, second = (embedded(web_map(drawn_plan(), drawn_findings()).html()) for _ in range(2))
    assert first == second


def test_every_layer_has_a_style_with_a_known_hatch_and_marker():
    styles = [style_of(layer) for layer in LAYERS]
    assert {each.hatch for each in styles} <= {
        "",
        "diagonal",
        "back_diagonal",
        "cross",
        "horizontal",
        "vertical",
        "dots",
    }
    assert {each.marker for each in styles} <= {"", "circle", "square", "diamond", "triangle", "star"}


def test_classes_are_those_present_in_the_order_of_the_table_and_strangers_are_named():
    found = classes("land_use_current", drawn_plan()["land_use_current"])
    assert [value for value, *_ in found] == ["0101", "0701", "ZZ99"]
    assert found[-1][1].zh == "未知取值 ZZ99"


def test_each_feature_points_at_the_look_of_its_class():
    parcels = drawn_plan()["land_use_current"]
    names = [looks("land_use_current", parcels)[n].values[0] for n in map_data.look_index("land_use_current", parcels)]
    assert names == list(parcels["class_code"])


def test_page_files_are_ours_and_small():
    folder = Path(map_data.__file__).parent / "web"
    assert all(len(each.read_text(encoding="utf-8").splitlines()) <= 260 for each in folder.iterdir())


def test_sources_of_a_public_plan_name_no_files():
    sources = {"road": LayerSource(file="D:/内部/road.shp", as_of="2023")}
    page = web_map(drawn_plan(sources=sources), audience="public").html()
    assert "road.shp" not in page
    assert embedded(page)["meta"]["layers"]["road"]["date"]["zh"] == "2023"
