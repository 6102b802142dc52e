"""The QGIS package as a file: what is in it, and that nothing is lost; QGIS itself opens it in test_qgis_real."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from xml.etree import ElementTree as ET

import pandas as pd
import pyogrio
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from qgis_tools import HOSTILE, box, drawn_findings, drawn_plan, layer

import gis.present.qgis as module
from gis.errors import LayerError, WriteError
from gis.model.layers import GROUPS, LAYERS
from gis.model.plan import Plan
from gis.present.qgis import save_qgis
from gis.present.style import style_of
from gis.standards import code_table

LOST = '奇怪_"<图层>&'  # `|` would end the name in QGIS


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return save_qgis(drawn_plan(), drawn_findings(), tmp_path_factory.mktemp("out") / "plan.gpkg")


@pytest.fixture(scope="module")
def project(package):
    with zipfile.ZipFile(package.with_suffix(".qgz")) as archive:
        return ET.fromstring(archive.read("plan.qgs"))


def rows(path, query):
    with closing(sqlite3.connect(path)) as base:
        return base.execute(query).fetchall()


def read(path, table):
    return pyogrio.read_dataframe(path, layer=table)


def wkb(frame):
    return list(shapely.to_wkb(frame.geometry.to_numpy(), flavor="iso"))


def maplayer(project, title):
    return next(each for each in project.iter("maplayer") if each.findtext("layername") == title)


def test_the_geopackage_is_version_1_2(package):
    assert rows(package, "pragma user_version") == [(10200,)]


def test_every_layer_is_a_table_under_our_id_with_its_chinese_title(package):
    titles = dict(rows(package, "select table_name, identifier from gpkg_contents where data_type = 'features'"))
    assert titles == {
        **{each: LAYERS[each].name.zh for each in drawn_plan()},
        "findings": "检查结果",
        LOST: '奇怪|"<图层>&',
    }


def test_every_geometry_column_is_named_geom(package):
    assert {name for (name,) in rows(package, "select column_name from gpkg_geometry_columns")} == {"geom"}


def test_every_table_with_geometry_has_one_default_style(package):
    counted = rows(package, "select f_table_name, sum(useAsDefault) from layer_styles group by 1")
    spatial = rows(package, "select table_name from gpkg_contents where data_type = 'features'")
    assert {name: 1 for (name,) in spatial}.items() <= dict(counted).items()
    assert set(dict(counted).values()) == {1}


def test_the_styles_are_a_registered_table(package):
    query = "select data_type from gpkg_contents where table_name = 'layer_styles'"
    assert rows(package, query) == [("attributes",)]


@pytest.mark.parametrize("name", ["county", "ecological_redline", "urban_development_boundary", "settlement", "river"])
def test_attributes_and_geometry_come_back_as_they_were(package, name):
    before, after = drawn_plan()[name], read(package, name)
    fields = before.columns.drop("geometry")
    pd.testing.assert_frame_equal(
        pd.DataFrame(after[fields]), pd.DataFrame(before[fields]).reset_index(drop=True), check_dtype=False
    )
    assert wkb(after) == wkb(before)
    assert after.crs.to_epsg() == 4549


def test_a_control_character_in_a_value_survives_in_the_data(package):
    assert read(package, "ecological_redline")["name"].tolist() == [HOSTILE]


def test_days_are_written_as_days_and_moments_as_moments(tmp_path):
    moments = {"approved_on": pd.to_datetime(["2009-06-18", None]), "seen": pd.to_datetime(["2009-06-18 10:30", None])}
    frame = layer([box(0, 0, 1, 1), box(2, 0, 1, 1)], **moments)
    path = save_qgis(Plan({"protected_area": frame}, 4549), path=tmp_path / "p.gpkg")
    info = pyogrio.read_info(path, layer="protected_area")
    assert dict(zip(info["fields"], info["ogr_types"], strict=True)) == {
        "approved_on": "OFTDate",
        "seen": "OFTDateTime",
    }
    after = read(path, "protected_area")
    assert all((after[name].dropna() == values.dropna()).all() for name, values in moments.items())


def test_a_missing_number_is_null_and_not_zero(package):
    assert rows(package, "select area_m2 from permanent_basic_farmland") == [(3.6e6,), (None,)]


def test_singles_among_multiples_become_multiples_of_the_same_ground(package):
    before, after = drawn_plan()["permanent_basic_farmland"], read(package, "permanent_basic_farmland")
    assert set(after.geom_type) == {"MultiPolygon"}
    parts = list(after.geometry.explode())
    drawn = [part for each in before.geometry for part in getattr(each, "geoms", [each])]
    assert [each.wkb for each in parts] == [each.wkb for each in drawn]


def test_an_empty_layer_keeps_its_kind_and_field(package):
    info = pyogrio.read_info(package, layer="water")
    assert (info["features"], info["geometry_type"], list(info["fields"])) == (0, "MultiPolygon", ["feature_id"])


def test_a_reprojected_layer_leaves_with_the_vertices_it_came_with(package):
    plan, after = drawn_plan(), read(package, "hazard_area")
    assert after.crs.to_epsg() == 4490
    assert wkb(after) == wkb(plan.source("hazard_area"))
    assert wkb(after) != wkb(plan["hazard_area"])


def test_source_vertices_follow_their_feature_when_rows_were_put_in_another_order(tmp_path):
    frame = layer([box(0, 0, 10, 10), box(20, 0, 10, 10)], feature_id=["a", "b"], kind=["a", "b"], level=["高", "低"])
    plan = Plan({"hazard_area": frame}, 4549)
    drawn = plan["hazard_area"].geometry.to_crs(4490)[::-1]
    source = replace(plan.source("hazard_area"), geometry=drawn)
    after = read(save_qgis(replace(plan, sources={"hazard_area": source}), path=tmp_path / "p.gpkg"), "hazard_area")
    assert [each.wkb for each in after.geometry] == [drawn["a"].wkb, drawn["b"].wkb]


def test_fields_carry_their_chinese_names_in_the_file(package):
    query = "select name from gpkg_data_columns where table_name = 'county' and column_name = 'area_name'"
    assert rows(package, query) == [("行政区名称",)]


def test_columns_that_differ_only_in_case_are_both_kept(tmp_path):
    frame = layer([box(0, 0, 1, 1)], name=["a"], NAME=["b"], fid=[7.5], geom=["c"])
    after = read(save_qgis(Plan({"water": frame}, 4549), path=tmp_path / "p.gpkg"), "water")
    assert after.drop(columns="geometry").iloc[0].tolist() == ["a", "b", 7.5, "c"]


def test_every_xml_document_is_well_formed_whatever_the_names(package, project):
    documents = rows(package, "select styleQML, styleSLD from layer_styles")
    assert len(documents) >= len(drawn_plan())
    assert all(ET.fromstring(each) is not None for row in documents for each in row)
    assert project.findtext("title") == f"{HOSTILE}（内部资料）".replace("\x01", "\ufffd")


def test_groups_stand_in_the_order_of_the_catalogue_with_findings_on_top(project):
    groups = [each.get("name") for each in project.findall("layer-tree-group/layer-tree-group")]
    used = [name.zh for id_, name in GROUPS.items() if any(LAYERS[each].group == id_ for each in drawn_plan())]
    assert groups == ["检查结果", *used, "未识别图层"]


def test_layers_are_on_as_their_style_says(project):
    on = {each.get("name"): each.get("checked") == "Qt::Checked" for each in project.iter("layer-tree-layer")}
    for id_ in ("county", "planning_zone", "hazard_area", "urban_development_boundary"):
        assert on[LAYERS[id_].name.zh] == style_of(id_).show


def test_data_sources_are_relative_so_the_pair_can_be_moved(project):
    assert {each.text.split("|")[0] for each in project.iter("datasource")} == {"./plan.gpkg"}
    assert project.findtext("properties/Paths/Absolute") == "false"


def test_the_mark_and_the_disclaimer_are_on_project_and_every_layer(project):
    told = [project.findtext("projectMetadata/abstract"), project.findtext("properties/CopyrightLabel/Label")]
    told += [each.findtext("abstract") for each in project.iter("maplayer")]
    assert all("内部资料" in each and "辅助研判，不作为行政许可依据" in each for each in told)


def test_every_layer_says_the_date_of_its_data_or_that_it_is_not_known(project):
    assert "数据日期：2023" in maplayer(project, "灾害风险区").findtext("abstract")
    assert "数据日期不详" in maplayer(project, "县级行政区").findtext("abstract")


def test_symbols_say_the_same_in_both_forms_that_qgis_versions_read(project):
    layers = list(project.iterfind(".//symbol/layer"))
    assert len(layers) > 30
    for each in layers:
        options = {one.get("name"): one.get("value") for one in each.findall("Option/Option")}
        assert options == {one.get("k"): one.get("v") for one in each.findall("prop")}


def test_classes_have_the_colour_and_name_of_their_code(project):
    renderer = maplayer(project, "规划分区").find("renderer-v2")
    category = next(each for each in renderer.iter("category") if each.get("value") == "100")
    symbol = next(each for each in renderer.find("symbols") if each.get("name") == category.get("symbol"))
    code = code_table("planning_zones")["100"]
    assert category.get("label") == code.name.zh
    assert symbol.find("layer/prop[@k='color']").get("v").split(",")[:3] == [str(each) for each in code.rgb]


def test_a_code_that_no_table_knows_is_named_as_such(project):
    labels = [each.get("label") for each in maplayer(project, "规划分区").iter("category")]
    assert "未知取值 没有的代码" in labels


def test_kinds_of_geometry_in_one_table_are_layers_of_their_own(project):
    sources = {each.findtext("layername"): each.findtext("datasource") for each in project.iter("maplayer")}
    assert sources["河流（线）"].endswith("layername=river|geometrytype=LineString")
    assert sources["河流（面）"].endswith("layername=river|geometrytype=Polygon")


def test_the_input_is_not_changed(tmp_path):
    plan = drawn_plan()
    before = {name: (frame.copy(), wkb(frame)) for name, frame in plan.items()}
    save_qgis(plan, drawn_findings(), tmp_path / "p.gpkg")
    for name, (frame, geometry) in before.items():
        assert_geodataframe_equal(plan[name], frame)
        assert wkb(plan[name]) == geometry


def test_the_same_plan_gives_the_same_project(tmp_path):
    made = [
        save_qgis(drawn_plan(), None, tmp_path / each / "p.gpkg")
        for each in ("a", "b")
        if not (tmp_path / each).mkdir()
    ]
    assert len({each.with_suffix(".qgz").read_bytes() for each in made}) == 1


def test_english_names_are_used_when_asked_for(tmp_path):
    path = save_qgis(drawn_plan(), None, tmp_path / "p.gpkg", language="en")
    with zipfile.ZipFile(path.with_suffix(".qgz")) as archive:
        root = ET.fromstring(archive.read("p.qgs"))
    assert "county-level unit" in [each.findtext("layername") for each in root.iter("maplayer")]


def test_a_public_package_has_no_findings_no_source_and_only_public_fields(tmp_path):
    plan = drawn_plan()
    owned = plan["county"].assign(owner_name=["某村"])
    path = save_qgis(plan.with_layer("county", owned), drawn_findings(), tmp_path / "p.gpkg", audience="public")
    tables = {name for (name,) in rows(path, "select table_name from gpkg_contents")}
    assert not tables & {"findings", "rules", "hazard_area", LOST}
    assert list(read(path, "county").columns.drop("geometry")) == ["area_code", "area_name"]
    assert "公开" in rows(path, "select description from gpkg_contents where table_name = 'county'")[0][0]


def test_an_unknown_audience_is_refused(tmp_path):
    with pytest.raises(LayerError, match="使用范围"):
        save_qgis(drawn_plan(), None, tmp_path / "p.gpkg", audience="everyone")


def test_another_ending_than_gpkg_is_refused(tmp_path):
    with pytest.raises(WriteError, match=r"\.gpkg"):
        save_qgis(drawn_plan(), None, tmp_path / "plan.qgz")


def test_a_plan_without_layers_is_refused_in_words(tmp_path):
    with pytest.raises(WriteError, match="没有可写出的图层"):
        save_qgis(Plan({}, 4549), None, tmp_path / "p.gpkg")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["write_geopackage", "write_project"])
def test_ctrl_c_leaves_the_old_pair_as_it_was(tmp_path, monkeypatch, step):
    path = save_qgis(drawn_plan(), None, tmp_path / "p.gpkg")
    old = {each.name: each.read_bytes() for each in tmp_path.iterdir()}

    def stop(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, step, stop)
    with pytest.raises(KeyboardInterrupt):
        save_qgis(drawn_plan(), drawn_findings(), path)
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == old
