"""What boxes in one CRS cannot draw: other coordinate systems, broken geometry, layers with nothing in them."""

from __future__ import annotations

from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.model.drawn import CRS, drawn
from gis.model.finding import Severity
from gis.model.layers import LAYERS
from gis.model.plan import LayerSource, Plan
from gis.rules import RULES, check
from gis.rules.attributes import codes, type_fault

QUALITY = [id_ for id_ in RULES if id_[:2] in {"CR", "DQ", "TP"}]
LOCAL = 'LOCAL_CS["某市独立坐标系",UNIT["metre",1]]'


def a_plan(
    box: tuple[float, float, float, float], system: str, layer: str = "ecological_redline", **source: str
) -> Plan:
    """One box in a layer, in a plan of this CRS; `source` is what is known of its file."""
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.box(*box)], crs=system)
    return Plan({layer: frame}, system, sources={layer: LayerSource(**source)} if source else {})


def zone(box_west: float, crs: str) -> Plan:
    return a_plan((box_west, 3.4e6, box_west + 1000, 3.401e6), crs)


@pytest.mark.parametrize(
    ("crs", "wrong"), [("EPSG:4490", 0), ("EPSG:4528", 0), ("EPSG:4326", 1), ("EPSG:2362", 1), ("EPSG:32650", 1)]
)
def test_the_declared_crs_of_a_file_decides_whether_it_is_cgcs2000(crs, wrong):
    assert len(check(a_plan((5e5, 3.4e6, 5.01e5, 3.401e6), CRS, crs=crs), select="CR01")) == wrong


def test_an_arcgis_definition_without_epsg_code_is_cgcs2000():
    import pyproj

    plan = a_plan((5e5, 3.4e6, 5.01e5, 3.401e6), CRS, crs=pyproj.CRS(CRS).to_wkt("WKT1_ESRI"))
    assert check(plan, select="CR01").outcomes["CR01"].status == "passed"


def test_a_local_system_is_not_judged():
    outcome = check(a_plan((5e5, 3.4e6, 5.01e5, 3.401e6), CRS, crs=LOCAL), select="CR01").outcomes["CR01"]
    assert outcome.status == "not_run"
    assert "转换参数" in outcome.reason.zh


def test_a_local_system_does_not_hide_a_layer_in_another_datum():
    plan = a_plan((5e5, 3.4e6, 5.01e5, 3.401e6), CRS, crs=LOCAL)
    plan = plan.with_layer("planning_zone", plan["ecological_redline"], LayerSource(crs="EPSG:4326"))
    assert [each.layer for each in check(plan, select="CR01")] == ["planning_zone"]


def test_another_datum_in_an_auxiliary_layer_is_a_note():
    found = check(a_plan((5e5, 3.4e6, 5.01e5, 3.401e6), CRS, "facility", crs="EPSG:4326"), select="CR01")
    assert [each.severity for each in found] == [Severity.NOTE]


def test_a_neighbouring_zone_is_a_note_and_the_next_one_an_error():
    near, far = (check(zone(west, CRS), select="CR02") for west in (7e5, 9.4e5))  # 2.1 and 4.6 degrees from 120°E
    assert [each.severity for each in (*near, *far)] == [Severity.NOTE, Severity.ERROR]


def test_a_six_degree_zone_reaches_three_degrees_to_each_side():
    assert len(check(zone(7e5, "EPSG:4509"), select="CR02")) == 0  # 2.1 degrees from 117°E


def test_a_plan_that_is_not_gauss_kruger_has_no_zone():
    assert check(zone(5e5, "EPSG:32650"), select="CR02").outcomes["CR02"].status == "not_run"


def said(plan: Plan) -> str:
    return " ".join(each.message.zh for each in check(plan, select="CR03"))


@pytest.mark.parametrize(
    ("west", "crs", "word"),
    [
        (40_500_000, "EPSG:4528", ""),
        (39_500_000, "EPSG:4528", "带号为 39"),
        (500_000, "EPSG:4528", "横坐标不含带号"),
        (40_500_000, "EPSG:4549", "含带号 40"),
        (500_000, "EPSG:4549", ""),
    ],
)
def test_the_zone_number_of_the_numbers_is_held_against_that_of_the_crs(west, crs, word):
    message = said(zone(west, crs))
    assert word in message
    assert bool(message) == bool(word)


def test_swapped_axes_and_degrees_are_told_apart():
    assert "颠倒" in said(a_plan((3.4e6, 5e5, 3.401e6, 5.01e5), CRS))
    assert "以度为单位" in said(a_plan((120.0, 30.0, 120.1, 30.1), CRS))


def test_latitude_before_longitude_in_a_file_in_degrees_is_found():
    frame = a_plan((5e5, 3.4e6, 5.01e5, 3.401e6), CRS)["ecological_redline"]
    source = LayerSource(crs="EPSG:4490", bounds=(30.0, 120.0, 30.1, 120.1))
    assert "经度与纬度颠倒" in said(Plan({"ecological_redline": frame}, CRS, sources={"ecological_redline": source}))


def test_the_witness_of_a_bow_tie_is_where_it_crosses():
    plan = drawn({"ecological_redline": [{"polygon": [[0, 0], [10, 10], [10, 0], [0, 10]]}]})
    (found,) = check(plan, select="TP01")
    assert found.geometry.wkt == "POINT (500005 3400005)"
    assert "自相交" in found.message.zh


def test_a_coordinate_that_is_no_number_is_found_in_lines_and_polygons():
    with np.errstate(invalid="ignore"):
        line = shapely.LineString([(0, 0), (np.nan, 1)])
    frame = gpd.GeoDataFrame(geometry=[line], crs=CRS)
    assert len(check(Plan({"axis": frame}, CRS), select="TP01")) == 1


def test_a_hole_that_touches_its_shell_in_one_point_is_valid():
    ring = [[[0, 0], [10, 0], [10, 10], [0, 10]], [[0, 0], [4, 2], [2, 4]]]
    assert len(check(drawn({"ecological_redline": [{"polygon": ring}]}), select="TP01")) == 0


def test_one_fault_hides_no_other():
    tie = {"polygon": [[0, 0], [10, 10], [10, 0], [0, 10]]}
    assert check(drawn({"ecological_redline": [tie, [0, 0, 10, 10]]}), select="TP02").count() > 0


def test_vertices_we_added_are_not_held_against_the_drawing():
    close = drawn({"ecological_redline": [{"polygon": [[0, 0], [9, 0], [9, 0.1], [9, 9], [0, 9]]}]})
    far = drawn({"ecological_redline": [[0, 0, 9, 9]]})["ecological_redline"].geometry
    plan = close.with_layer("ecological_redline", close["ecological_redline"], LayerSource(geometry=far))
    assert (len(check(close, select="TP07")), len(check(plan, select="TP07"))) == (1, 0)


def test_codes_read_as_numbers_become_digits_and_blanks_become_missing():
    plan = drawn({"land_use_plan": [{"box": [0, 0, 1, 1], "class_code": 1001.0}, {"box": [1, 0, 2, 1]}]})
    assert codes(plan, "land_use_plan", "class_code").fillna("—").tolist() == ["1001", "—"]
    assert codes(plan, "land_use_plan", "scope").isna().all()


@pytest.mark.parametrize(
    ("values", "kind", "fits"),
    [
        (["20250630", "2025-06-30", None], "date", True),
        (["June"], "date", False),
        (["是", "0"], "bool", True),
        ([True, False], "bool", True),
        (["maybe"], "bool", False),
        (["1.5", " "], "float", True),
        (["330102"], "text", True),
        ([330102], "text", False),
        ([None, None], "text", True),
    ],
)
def test_values_fit_the_type_of_their_field(values, kind, fits):
    assert (type_fault(pd.Series(values), kind) is None) == fits


def test_the_code_of_a_layer_is_judged_by_the_date_of_its_own_data():
    plan = drawn({"land_use_current": [{"box": [0, 0, 1, 1], "class_code": "0604"}]}, as_of=date(2025, 6, 30))
    old = plan.with_layer("land_use_current", plan["land_use_current"], LayerSource(as_of="2020"))
    assert (len(check(plan, select="DQ05")), len(check(old, select="DQ05"))) == (1, 0)


def test_a_code_outside_a_table_that_is_not_verified_is_a_note():
    plan = drawn({"planning_zone": [{"box": [0, 0, 1, 1], "zone_code": "999"}]})
    assert [each.severity for each in check(plan, select="DQ05")] == [Severity.NOTE]


def without_rows(layer: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({name: [] for name in LAYERS[layer].fields}, geometry=[], crs=CRS)


@pytest.mark.parametrize("rule", QUALITY)
@pytest.mark.parametrize("features", [[], [[0, 0, 9, 9]], [{"none": True}], [{"wkt": "POLYGON EMPTY"}]])
def test_layers_with_next_to_nothing_in_them_stop_no_rule(rule, features):
    check(drawn(dict.fromkeys(LAYERS, features)), select=rule)


@pytest.mark.parametrize("rule", QUALITY)
def test_layers_with_all_fields_and_no_row_stop_no_rule(rule):
    check(Plan({layer: without_rows(layer) for layer in LAYERS}, CRS), select=rule)


@pytest.mark.parametrize("rule", QUALITY)
def test_layers_whose_fields_are_all_empty_stop_no_rule(rule):
    empty = dict.fromkeys(("area_m2", "class_code", "area_code", "scope", "feature_id", "zone_code", "enclave"))
    check(drawn({layer: [{"box": [0, 0, 9, 9], **empty}] * 2 for layer in LAYERS}), select=rule)
