"""Findings as GeoPackage, GeoJSON and JSON."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pyogrio
import pytest
import shapely
from jsonschema import Draft202012Validator
from pyproj import Transformer
from qgis_tools import HOSTILE, X, Y, drawn_findings

import gis
import gis.present.findings as module
from gis.decide.certificate import fingerprints, rule_version
from gis.errors import WriteError
from gis.model.finding import COLUMNS
from gis.present.findings import findings_json, save_findings
from gis.read.findings import read_findings
from gis.standards import packaged

KEYS = {
    "rule", "severity", "verdict", "layer", "feature", "other", "measure", "unit", "doubt", "message_zh", "message_en",
    "waived", "x", "y",
}  # fmt: skip

FIELDS = [*COLUMNS, "features", "others", "parameters", "cites", "rule_version", "ground"]


def refuse(constant: str):
    raise AssertionError(f"{constant} is not JSON")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return save_findings(drawn_findings(), tmp_path_factory.mktemp("out") / "findings.gpkg")


def test_the_object_has_the_keys_of_the_contract():
    made = findings_json(drawn_findings())
    assert {"plan", "crs", "profile", "versions", "rules", "findings"} <= set(made)
    assert all({"id", "status", "count", "reason", "parameters"} <= set(each) for each in made["rules"])
    assert all(set(each) >= KEYS for each in made["findings"])


def test_the_object_says_which_plan_and_system_and_for_whom():
    made = findings_json(drawn_findings())
    assert (made["plan"], made["crs"], made["profile"]) == (HOSTILE, "EPSG:4549", "national_city")
    assert (made["mark"], made["disclaimer"]) == ("内部资料", "辅助研判，不作为行政许可依据")


def test_x_and_y_lie_in_the_witness():
    found = drawn_findings()
    for each, row in zip(found, findings_json(found)["findings"], strict=True):
        if each.geometry is None:
            assert (row["x"], row["y"]) == (None, None)
        else:
            assert each.geometry.distance(shapely.Point(row["x"], row["y"])) < 1e-6


def test_an_empty_witness_and_one_without_finite_place_have_no_coordinates():
    first = drawn_findings().items[0]
    strange = [shapely.Polygon(), shapely.Point(float("nan"), 1.0)]
    found = replace(drawn_findings(), items=tuple(replace(first, geometry=each) for each in strange))
    assert [(each["x"], each["y"]) for each in findings_json(found)["findings"]] == [(None, None)] * 2


def test_a_rule_that_did_not_run_says_why_in_the_language_asked_for():
    rule = {each["id"]: each for each in findings_json(drawn_findings(), "en")["rules"]}["ER09"]
    assert (rule["status"], rule["reason"], rule["reason_zh"]) == ("not_run", "no target given", "未给目标")


def test_parameters_say_their_value_unit_and_that_they_are_assumed():
    rule = {each["id"]: each for each in findings_json(drawn_findings())["rules"]}["CL01"]
    told = rule["parameters"]["width_m"]
    assert (told["value"], told["unit"], told["assumed"]) == (0.1, "m", True)


@pytest.mark.parametrize("ending", [".json", ".geojson"])
def test_text_files_hold_no_nan_and_plain_chinese(tmp_path, ending):
    text = save_findings(drawn_findings(), tmp_path / f"f{ending}").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=refuse)
    assert "生态保护红线与永久基本农田重叠" in text


def test_a_missing_measure_and_an_infinite_doubt_are_null(tmp_path):
    made = json.loads(save_findings(drawn_findings(), tmp_path / "f.json").read_text(encoding="utf-8"))
    assert (made["findings"][1]["measure"], made["findings"][1]["doubt"]) == (None, None)


def test_the_layer_has_the_columns_of_findings_and_all_features(package):
    assert list(pyogrio.read_info(package, layer="findings")["fields"]) == FIELDS


def test_witnesses_of_all_kinds_and_none_come_back_as_they_were(package):
    found = drawn_findings()
    after = pyogrio.read_dataframe(package, layer="findings")
    assert pyogrio.read_info(package, layer="findings")["geometry_type"] == "Unknown"
    assert list(shapely.to_wkb(after.geometry.to_numpy())) == list(shapely.to_wkb([each.geometry for each in found]))


def test_all_features_of_a_finding_are_a_json_list(package):
    after = pyogrio.read_dataframe(package, layer="findings")
    assert [tuple(json.loads(each)) for each in after["features"]] == [each.features for each in drawn_findings()]


def test_the_outcome_of_every_rule_is_a_table(package):
    rules = pyogrio.read_dataframe(package, layer="rules", read_geometry=False)
    assert rules[["id", "status", "count", "reason_zh"]].fillna("").values.tolist() == [
        ["CL01", "failed", 1, ""],
        ["ER09", "not_run", 0, "未给目标"],
    ]
    assert json.loads(rules["parameters"][0])["width_m"]["value"] == 0.1


def test_the_findings_layer_brings_its_style(package):
    with closing(sqlite3.connect(package)) as base:
        told = base.execute("select f_table_name, useAsDefault, styleQML from layer_styles").fetchall()
    assert [(name, default) for name, default, _ in told] == [("findings", 1)]
    assert all(word in told[0][2] for word in ("错误", "警告", "提示", "无法判断", "已豁免"))


def test_no_findings_at_all_still_make_a_layer_with_all_columns(tmp_path):
    path = save_findings(replace(drawn_findings(), items=()), tmp_path / "f.gpkg")
    info = pyogrio.read_info(path, layer="findings")
    assert (info["features"], list(info["fields"])) == (0, FIELDS)


def test_geojson_is_in_longitude_and_latitude(tmp_path):
    made = json.loads(save_findings(drawn_findings(), tmp_path / "f.geojson").read_text(encoding="utf-8"))
    place = next(each["geometry"] for each in made["features"] if each["properties"]["rule"] == "TP03")
    back = Transformer.from_crs(4490, 4549, always_xy=True).transform(*place["coordinates"])
    assert back == pytest.approx((X + 1200, Y + 900), abs=1e-3)
    assert pyogrio.read_info(tmp_path / "f.geojson")["crs"] == "EPSG:4490"


def test_another_ending_is_refused_with_those_that_work(tmp_path):
    with pytest.raises(WriteError, match=r"\.gpkg、\.geojson、\.json"):
        save_findings(drawn_findings(), tmp_path / "f.shp")


def test_an_interrupted_write_leaves_the_old_findings(tmp_path, monkeypatch):
    path = save_findings(drawn_findings(), tmp_path / "f.json")
    old = path.read_bytes()

    def stop(*_args: object, **_more: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "json_lines", stop)
    with pytest.raises(KeyboardInterrupt):
        save_findings(drawn_findings(), path)
    assert path.read_bytes() == old and [each.name for each in tmp_path.iterdir()] == ["f.json"]


# --- certificates


@pytest.fixture(scope="module")
def schema():
    content = json.loads(packaged("data", "standards", "findings.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(content)
    return Draft202012Validator(content)


def test_the_object_fits_its_schema(schema, faulty_city):
    for found, plan in ((drawn_findings(), None), (gis.check(faulty_city, select="CL,TP,DQ"), faulty_city)):
        made = json.loads(json.dumps(findings_json(found, plan=plan), allow_nan=False))
        assert [each.message for each in schema.iter_errors(made)] == []


def test_the_schema_names_every_key_that_is_written(schema):
    made = findings_json(drawn_findings())
    assert set(schema.schema["required"]) == set(made)
    assert set(schema.schema["$defs"]["finding"]["required"]) == set(made["findings"][0])
    assert set(schema.schema["$defs"]["rule"]["required"]) <= set(made["rules"][0])


@pytest.mark.parametrize(("key", "value"), [("measure", "400"), ("rule", "nonsense"), ("witness", []), ("ground", 1)])
def test_the_schema_refuses_a_finding_of_another_form(schema, key, value):
    made = findings_json(drawn_findings())
    made["findings"][0][key] = value
    assert not schema.is_valid(made)


@pytest.mark.parametrize("ending", [".json", ".geojson"])
def test_witnesses_in_text_files_have_every_digit(tmp_path, ending):
    third = shapely.box(500_000 + 1 / 3, 3_400_000 + 1 / 7, 500_001, 3_400_001)
    found = replace(drawn_findings(), items=(replace(drawn_findings().items[0], geometry=third),))
    made = json.loads(save_findings(found, tmp_path / f"f{ending}").read_text(encoding="utf-8"))
    (row,) = made["findings"] if ending == ".json" else [each["properties"] for each in made["features"]]
    assert shapely.to_wkb(shapely.from_geojson(json.dumps(row["witness"]))) == shapely.to_wkb(third)


def test_every_finding_names_version_parameters_and_sources_of_its_rule(faulty_city):
    made = findings_json(gis.check(faulty_city, select="CL"), plan=faulty_city)
    for each in made["findings"]:
        rule = gis.RULES[each["rule"]]
        assert each["rule_version"] == rule_version(rule)
        assert set(each["parameters"]) == set(rule.parameters)
        assert each["cites"] == list(rule.cites)


def test_the_inputs_of_a_package_are_those_of_the_plan(tmp_path, faulty_city):
    path = save_findings(gis.check(faulty_city, select="CL"), tmp_path / "f.gpkg", plan=faulty_city)
    with closing(sqlite3.connect(path)) as base:
        rows = base.execute("select name, sha256 from inputs").fetchall()
        (schema,) = base.execute("select value from certificate where name = 'schema'").fetchone()
    assert dict(rows) == {name: each.sha256 for name, each in fingerprints(faulty_city).items()}
    assert schema == "lantu-findings/1"


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".json"])
def test_a_public_file_has_no_place(tmp_path, ending):
    path = save_findings(drawn_findings(), tmp_path / f"f{ending}", audience="public")
    if ending == ".gpkg":
        assert pyogrio.read_dataframe(path, layer="findings").geometry.isna().all()
    else:
        made = json.loads(path.read_text(encoding="utf-8"))
        rows = made.get("findings") or [each["properties"] for each in made["features"]]
        assert all(each[name] is None for each in rows for name in ("x", "y", "witness"))
        assert all(each["geometry"] is None for each in made.get("features", ()))


def test_each_finding_stands_on_a_line_of_its_own(tmp_path):
    lines = save_findings(drawn_findings(), tmp_path / "f.json").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(each.rstrip(",")) for each in lines if each.startswith('  {"rule"')]
    assert [each["rule"] for each in rows] == [each.rule for each in drawn_findings()]


def test_findings_that_another_rule_tells_are_in_every_file_and_read_again(tmp_path, faulty_city):
    found = gis.check(faulty_city)
    told = [(each.rule, each.feature, each.subsumed_by) for each in found.subsumed]
    assert told and all(by for *_, by in told)
    for ending in ("gpkg", "json"):
        again = read_findings(save_findings(found, tmp_path / f"f.{ending}", plan=faulty_city))
        assert [(each.rule, each.feature, each.subsumed_by) for each in again.subsumed] == told


def test_places_of_findings_that_another_rule_tells_are_kept_in_a_package_and_from_the_public(tmp_path, faulty_city):
    found = gis.check(faulty_city)
    again = read_findings(save_findings(found, tmp_path / "f.gpkg", plan=faulty_city))
    for one, other in zip(found.subsumed, again.subsumed, strict=True):
        assert (one.geometry is None) == (other.geometry is None)
        assert one.geometry is None or shapely.equals_exact(one.geometry, other.geometry, 1e-6, normalize=True)
    public = save_findings(found, tmp_path / "p.gpkg", plan=faulty_city, audience="public")
    assert pyogrio.read_dataframe(public, layer="subsumed").geometry.isna().all()
