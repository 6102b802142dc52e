"""An empty plan to fill in: complete, typed, readable again, never over something that is there."""

from __future__ import annotations

import sqlite3
import tomllib
from contextlib import closing
from datetime import date
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio
import pytest
from qgis_tools import box

from gis import read_plan
from gis.crs import zone3
from gis.errors import CrsError, WriteError
from gis.model.layers import LAYERS
from gis.present.new_plan import new_plan, usual_crs
from gis.standards import code_table

TYPES = {"text": "OFTString", "int": "OFTInteger64", "float": "OFTReal", "date": "OFTDate", "bool": "OFTInteger"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return new_plan(tmp_path_factory.mktemp("out") / "规划", county="330523", name="安吉县")


def qml(folder, table):
    with closing(sqlite3.connect(folder / "plan.gpkg")) as base:
        found = base.execute("select styleQML from layer_styles where f_table_name = ? and useAsDefault", [table])
        return ET.fromstring(found.fetchone()[0])


def test_the_folder_holds_package_project_and_description(folder):
    assert {each.name for each in folder.iterdir()} == {"plan.gpkg", "plan.qgz", "plan.toml"}


def test_every_layer_of_the_catalogue_is_there_and_empty(folder):
    layers = {name: kind for name, kind in pyogrio.list_layers(folder / "plan.gpkg") if kind is not None}
    assert list(layers) == list(LAYERS)
    assert sum(pyogrio.read_info(folder / "plan.gpkg", layer=name)["features"] for name in layers) == 0


@pytest.mark.parametrize(
    "name", ["land_use_current", "permanent_basic_farmland", "road", "protected_area", "settlement"]
)
def test_every_field_has_the_type_of_the_catalogue(folder, name):
    info = pyogrio.read_info(folder / "plan.gpkg", layer=name)
    fields = LAYERS[name].fields
    assert dict(zip(info["fields"], info["ogr_types"], strict=True)) == {
        each.name: TYPES[each.type] for each in fields.values()
    }
    booleans = [
        field
        for field, sub in zip(info["fields"], info["ogr_subtypes"], strict=True)
        if sub == "OFSTBoolean"
    ]  # fmt: skip
    assert booleans == [each.name for each in fields.values() if each.type == "bool"]


def test_fields_carry_chinese_names_with_unit_and_a_star_where_required(folder):
    aliases = {each.get("field"): each.get("name") for each in qml(folder, "permanent_basic_farmland").iter("alias")}
    assert (aliases["feature_id"], aliases["area_m2"], aliases["grade"]) == (
        "标识码 *",
        "永久基本农田面积 (m2) *",
        "耕地等别",
    )


def test_coded_fields_offer_every_code_with_its_name(folder):
    field = next(each for each in qml(folder, "planning_zone").iter("field") if each.get("name") == "zone_code")
    choices = {each.get("value"): each.get("name") for each in field.iter("Option") if each.get("value")}
    assert field.find("editWidget").get("type") == "ValueMap"
    assert choices == {code: f"{code} {each.name.zh}" for code, each in code_table("planning_zones").items()}


def test_code_lists_are_tables(folder):
    table = pyogrio.read_dataframe(folder / "plan.gpkg", layer="code_planning_zones", read_geometry=False)
    assert dict(zip(table["code"], table["name_zh"], strict=True)) == {
        code: each.name.zh for code, each in code_table("planning_zones").items()
    }


def test_the_style_has_all_classes_before_there_is_any_feature(folder):
    values = {each.get("value") for each in qml(folder, "planning_zone").iter("category")}
    assert values >= set(code_table("planning_zones"))


def test_the_description_is_read_back_as_an_empty_plan(folder):
    plan = read_plan(folder)
    assert (plan.name, plan.crs.to_epsg(), plan.as_of) == ("安吉县", 4549, date.today())
    assert sum(len(frame) for frame in plan.values()) == 0


def test_the_description_says_that_the_crs_is_an_assumption(tmp_path, folder):
    assert "请核对" in (folder / "plan.toml").read_text(encoding="utf-8")
    stated = new_plan(tmp_path / "p", county="330523", crs="EPSG:4528")
    text = (stated / "plan.toml").read_text(encoding="utf-8")
    assert "请核对" not in text and tomllib.loads(text)["crs"] == "EPSG:4528"


def test_a_name_with_quotes_and_line_breaks_stays_a_name(tmp_path):
    name = 'a "b"\n[targets]\\'
    made = new_plan(tmp_path / "p", name=name)
    assert tomllib.loads((made / "plan.toml").read_text(encoding="utf-8"))["name"] == name


def test_a_feature_drawn_into_it_is_read_with_its_values(tmp_path):
    made = new_plan(tmp_path / "p")
    drawn = gpd.GeoDataFrame({"area_code": ["330523"], "area_name": ["安吉县"]}, geometry=[box(0, 0, 9, 9)], crs=4549)
    pyogrio.write_dataframe(drawn, made / "plan.gpkg", layer="county", append=True, promote_to_multi=True)
    county = read_plan(made)["county"]
    assert (county.index.tolist(), county.area.tolist()) == (["330523"], [81.0])


def test_the_usual_system_of_each_province_lies_on_a_meridian_of_3_degrees():
    provinces = code_table("province_meridians")
    meridians = [float(each.extra["meridian"]) for each in provinces.values()]
    assert len(meridians) == 34
    assert all(3 * zone3(each) == each and 75 <= each <= 135 for each in meridians)
    assert {each.extra["certainty"] for each in provinces.values()} == {"assumed"}


@pytest.mark.parametrize("county", ["99", "990000", "33052a", "3305234", ""])
def test_a_code_of_no_province_asks_for_a_crs(tmp_path, county):
    with pytest.raises(CrsError, match=r"(?s)EPSG:4549.*EPSG:4549"):
        new_plan(tmp_path / "p", county=county)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("crs", ["EPSG:4490", "nonsense"])
def test_a_system_that_is_not_projected_is_refused(tmp_path, crs):
    with pytest.raises(CrsError):
        new_plan(tmp_path / "p", crs=crs)


def test_a_province_is_given_its_own_zone():
    assert [usual_crs(each).to_epsg() for each in ("330523", "510100", "650100")] == [4549, 4544, 4538]


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(WriteError, match="不是空文件夹"):
        new_plan(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]
