"""The QGIS package in real QGIS: every layer valid and styled, Chinese intact, a picture that shows something."""

from __future__ import annotations

import matplotlib.image
import numpy as np
import pytest
from qgis_tools import HOSTILE, drawn_findings, drawn_plan, probe

from gis.model.layers import LAYERS
from gis.present.new_plan import new_plan
from gis.present.qgis import save_qgis
from gis.present.style import finding_style, style_of
from gis.standards import code_table

SHOWN = HOSTILE.replace("\x01", "\ufffd")


@pytest.fixture(scope="module")
def drawn(qgis, tmp_path_factory):
    """What QGIS says of the drawn plan, and its picture as numbers."""
    folder = tmp_path_factory.mktemp("qgis")
    path = save_qgis(drawn_plan(), drawn_findings(), folder / "plan.gpkg")
    facts = probe(qgis, path.with_suffix(".qgz"), folder / "plan.png", size=(700, 500))
    return facts | {"picture": matplotlib.image.imread(folder / "plan.png")[..., :3]}


@pytest.fixture(scope="module")
def empty(qgis, tmp_path_factory):
    return probe(qgis, new_plan(tmp_path_factory.mktemp("qgis") / "new") / "plan.qgz")


def titled(facts, title):
    return next(each for each in facts["layers"] if each["name"] == title)


def has_colour(picture, rgb):
    """Whether some pixel has this colour, within what the renderer's rounding does."""
    return bool((np.abs(picture - np.array(rgb) / 255) < 0.02).all(axis=-1).any())


def test_the_project_opens_without_complaint(drawn):
    assert (drawn["read"], drawn["error"], drawn["render_errors"]) == (True, "", [])


def test_every_layer_is_valid_and_has_its_features(drawn):
    assert [each["name"] for each in drawn["layers"] if not each["valid"]] == []
    assert {
        each["name"]: each["count"]
        for each in drawn["layers"]
        if each["name"] in ("县级行政区", "水域", "城镇与居民点")
    } == {
        "县级行政区": 1,
        "水域": 0,
        "城镇与居民点": 3,
    }


def test_the_project_has_the_plan_s_system_and_layers_their_own(drawn):
    assert (drawn["crs"], drawn["crs_valid"]) == ("EPSG:4549", True)
    assert "+proj=tmerc" in drawn["proj"] and "+lon_0=120" in drawn["proj"]
    assert {each["crs"] for each in drawn["layers"] if each["spatial"]} == {"EPSG:4549", "EPSG:4490"}
    assert titled(drawn, "灾害风险区")["crs"] == "EPSG:4490"


def test_names_of_groups_and_layers_come_through_in_chinese(drawn):
    assert [each["name"] for each in drawn["tree"]][:3] == ["检查结果", "行政区", "三条控制线"]
    assert {LAYERS[each].name.zh for each in drawn_plan() if each != "river"} <= {
        each["name"] for each in drawn["layers"]
    }


def test_a_hostile_title_comes_through(drawn):
    assert drawn["title"] == f"{SHOWN}（内部资料）"


def test_a_layer_nobody_knows_comes_through_under_its_name(drawn):
    assert titled(drawn, '奇怪|"<图层>&')["count"] == 1


def test_mark_disclaimer_and_date_are_in_the_layer_s_properties(drawn):
    told = titled(drawn, "灾害风险区")
    assert told["abstract"] == told["metadata"]
    assert all(word in told["abstract"] for word in ("内部资料", "辅助研判，不作为行政许可依据", "数据日期：2023"))


def test_fields_have_chinese_aliases(drawn):
    assert titled(drawn, "县级行政区")["aliases"] == {"fid": "", "area_code": "行政区代码", "area_name": "行政区名称"}


def test_layers_by_code_are_categorised_with_one_class_per_code_and_one_for_the_rest(drawn):
    told = titled(drawn, "规划分区")
    names = [
        code_table("planning_zones")[code].name.zh for code in ("100", "310") if code in code_table("planning_zones")
    ]
    assert told["renderer"] == "categorizedSymbol"
    assert [each for each in told["classes"] if "未知" not in each] == [*names, "其他或未填写"]


def test_classes_of_several_values_are_read_as_such(drawn):
    values = titled(drawn, "道路")["values"]
    assert any("国道" in each for each in values if isinstance(each, list))


def test_hatching_and_dashes_are_read_as_hatching_and_dashes(drawn):
    assert titled(drawn, "中心城区")["symbol_layers"] == ["SimpleLine"]
    assert "PointPatternFill" in titled(drawn, "灾害风险区")["symbol_layers"]


def test_the_geopackage_alone_brings_its_styles(drawn):
    for title in ("城镇开发边界", "规划分区", "道路"):
        assert drawn["styles"][title] == {"valid": True, "renderer": "categorizedSymbol"}


def test_findings_lie_on_top_and_are_split_by_kind(drawn):
    top = drawn["tree"][0]
    assert [each["name"] for each in top["layers"]] == [
        "检查结果（面）",
        "检查结果（线）",
        "检查结果（点）",
        "规则执行情况",
    ]
    assert drawn["drawn"][:3] == ["检查结果（面）", "检查结果（线）", "检查结果（点）"]


def test_labels_are_placed(drawn):
    assert {"安吉县", "梅溪镇", "递铺", "CL01"} <= set(drawn["labels"])


def test_the_picture_shows_boundary_redline_and_findings_in_their_colours(drawn):
    picture = drawn["picture"]
    assert (picture < 0.99).any(axis=-1).mean() > 0.1
    assert has_colour(picture, style_of("urban_development_boundary").line)
    assert has_colour(picture, style_of("ecological_redline").line)
    assert has_colour(picture, finding_style(drawn_findings().items[0].severity).line)


def test_the_print_sheet_carries_title_mark_disclaimer_and_scale(drawn):
    sheet = drawn["sheet"]
    assert (sheet["texts"]["title"], sheet["texts"]["mark"]) == (SHOWN, "内部资料")
    assert "辅助研判，不作为行政许可依据" in sheet["texts"]["footer"] and "EPSG:4549" in sheet["texts"]["footer"]
    assert sheet["bar"] == 0.5  # two segments of 500 m, about a tenth of a view of 8.5 km each at most


def test_the_legend_of_the_sheet_names_the_layers_that_are_on(drawn):
    shown = [LAYERS[each].name.zh for each in drawn_plan() if style_of(each).show]
    assert drawn["sheet"]["legend"] == [*drawn["drawn"][:3], *shown]


def test_the_demo_city_opens_with_every_layer_valid(qgis, city, tmp_path):
    facts = probe(qgis, save_qgis(city, None, tmp_path / "city.gpkg").with_suffix(".qgz"), tmp_path / "city.png")
    assert [each["name"] for each in facts["layers"] if not each["valid"]] == []
    assert {each["source"].rpartition("layername=")[2].partition("|")[0] for each in facts["layers"]} == set(city)
    picture = matplotlib.image.imread(tmp_path / "city.png")[..., :3]
    assert has_colour(picture, style_of("urban_development_boundary").line)


def test_an_empty_plan_opens_with_every_layer_valid(empty):
    assert (empty["read"], empty["crs"]) == (True, "EPSG:4549")
    assert [each["name"] for each in empty["layers"] if not each["valid"]] == []
    assert {spec.name.zh for spec in LAYERS.values()} <= {each["name"].split("（")[0] for each in empty["layers"]}


def test_an_empty_plan_offers_codes_and_types_for_editing(empty):
    told = titled(empty, "现状用地用海")
    assert (told["widgets"]["class_code"], told["types"]["approved"]) == ("ValueMap", "Boolean")
    assert set(told["values"]) == {*code_table("land_use_classes"), ""}


def test_layers_of_any_geometry_can_be_drawn_as_areas_and_as_points(empty):
    kinds = {each["name"]: each["geometry"] for each in empty["layers"]}
    assert (kinds["项目选址范围（面）"], kinds["项目选址范围（点）"]) == ("Polygon", "Point")
    assert kinds["道路"] == "MultiLineString"
