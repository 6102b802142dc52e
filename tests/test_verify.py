"""Findings files checked again: confirmed, different, or of an input that has changed; hostile files."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from typer.testing import CliRunner

import gis
from gis.cli import app
from gis.decide.certificate import fingerprints, rule_version
from gis.decide.verify import AREA_M2, Result
from gis.errors import AnalysisError, ReadError
from gis.model.drawn import drawn
from gis.model.plan import RasterSource, Waiver

LAYERS = {
    "county": [{"box": [0, 0, 4000, 4000], "area_code": "330101", "area_name": "甲县"}],
    "ecological_redline": [{"box": [0, 0, 2000, 2000], "feature_id": "R1"}],
    "permanent_basic_farmland": [
        {"box": [1900, 0, 4000, 1000], "feature_id": "F1", "area_m2": 2.1e6},
        {"box": [0, 3000, 500, 3500], "feature_id": "F2", "area_m2": 2.5e5},
    ],
    "urban_development_boundary": [{"box": [2000, 2000, 4000, 4000], "feature_id": "U1", "zone_code": "410"}],
}
RULES = "CL01,TP03,TP04"


def plan_of(**changed):
    return drawn({**LAYERS, **changed}, name="澜川")


@pytest.fixture(scope="module")
def plan():
    return plan_of()


@pytest.fixture(scope="module")
def found(plan):
    return gis.check(plan, select=RULES)


@pytest.fixture(params=[".json", ".geojson", ".gpkg"])
def saved(request, plan, found, tmp_path):
    return gis.save_findings(found, tmp_path / f"f{request.param}", plan=plan)


def tampered(tmp_path, plan, found, change):
    """The JSON file after `change` of its content."""
    path = gis.save_findings(found, tmp_path / "f.json", plan=plan)
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    return gis.read_certificate(path)


def overlap(content):
    return next(each for each in content["findings"] if each["rule"] == "CL01")


# --- what comes out


def test_findings_of_the_same_plan_are_confirmed(saved, plan, found):
    result = gis.verify(gis.read_certificate(saved), plan)
    assert len(result) == len(found) > 0
    assert result.confirmed, result.summary("en")


def test_the_witness_is_measured_apart_from_the_rule(saved, plan):
    (each,) = [each for each in gis.verify(gis.read_certificate(saved), plan) if each.stated.rule == "CL01"]
    assert each.witness_m2 == pytest.approx(100 * 1000, abs=AREA_M2 + 0.1)  # 100 m × 1000 m


def test_features_in_another_order_are_the_same_input(saved):
    farmland = list(reversed(LAYERS["permanent_basic_farmland"]))
    assert gis.verify(gis.read_certificate(saved), plan_of(permanent_basic_farmland=farmland)).confirmed


def test_a_layer_that_changed_is_named(saved):
    farmland = [
        {**LAYERS["permanent_basic_farmland"][0], "box": [1950, 0, 4000, 1000]},
        LAYERS["permanent_basic_farmland"][1],
    ]
    result = gis.verify(gis.read_certificate(saved), plan_of(permanent_basic_farmland=farmland))
    (each,) = [each for each in result if each.stated.rule == "CL01"]
    assert result.changed == ("permanent_basic_farmland",)
    assert (each.result, each.changed) == (Result.INPUT_CHANGED, ("permanent_basic_farmland",))
    assert each.again == pytest.approx(5, rel=1e-6)  # 50 m × 1000 m in ha


def test_a_change_that_leaves_the_finding_as_it_is_is_said_too(saved):
    farmland = [LAYERS["permanent_basic_farmland"][0], {**LAYERS["permanent_basic_farmland"][1], "area_m2": 1.0}]
    result = gis.verify(gis.read_certificate(saved), plan_of(permanent_basic_farmland=farmland))
    (each,) = [each for each in result if each.stated.rule == "CL01"]
    assert (each.result, each.reasons, result.confirmed) == (Result.INPUT_CHANGED, (), False)


def test_a_layer_that_is_gone_is_missing_and_its_rule_says_why(saved):
    result = gis.verify(gis.read_certificate(saved), plan_of().without_layer("ecological_redline"))
    assert result.inputs["ecological_redline"] == "missing"
    assert {each.result for each in result if each.stated.rule == "CL01"} <= {Result.INPUT_CHANGED, Result.DIFFERS}
    assert not result.confirmed


def test_a_file_written_without_its_plan_says_that_it_cannot_tell(found, plan, tmp_path):
    result = gis.verify(gis.read_certificate(gis.save_findings(found, tmp_path / "f.json")), plan)
    assert result.confirmed and "未记录" in result.summary("zh")


def test_a_public_file_has_no_place_and_is_still_checked_by_its_rules(found, plan, tmp_path):
    path = gis.save_findings(found, tmp_path / "f.json", plan=plan, audience="public")
    content = json.loads(path.read_text(encoding="utf-8"))
    assert all(each[name] is None for each in content["findings"] for name in ("witness", "x", "y"))
    assert gis.verify(gis.read_certificate(path), plan).confirmed


# --- what was tampered with


def test_another_measure_differs(tmp_path, plan, found):
    stated = tampered(tmp_path, plan, found, lambda content: overlap(content).update(measure=10.001))
    (each,) = [each for each in gis.verify(stated, plan) if each.stated.rule == "CL01"]
    assert each.result is Result.DIFFERS
    assert len(each.reasons) == 2  # not the area of its witness, and not what the rule finds


def test_a_measure_within_the_tolerance_is_confirmed(tmp_path, plan, found):
    def nudge(content):
        overlap(content)["measure"] += 0.5 * AREA_M2 / 10_000

    assert gis.verify(tampered(tmp_path, plan, found, nudge), plan).confirmed


def test_a_witness_moved_elsewhere_differs(tmp_path, plan, found):
    def move(content):
        box = shapely.from_geojson(json.dumps(overlap(content)["witness"]))
        overlap(content)["witness"] = json.loads(
            shapely.to_geojson(shapely.transform(box, lambda xy: xy + np.array([0, 5000])))
        )

    (each,) = [each for each in gis.verify(tampered(tmp_path, plan, found, move), plan) if each.stated.rule == "CL01"]
    assert each.result is Result.DIFFERS
    assert any("所列要素" in one.zh for one in each.reasons)


def test_a_finding_that_was_added_differs_and_one_that_was_taken_out_is_named(tmp_path, plan, found):
    added = tampered(tmp_path, plan, found, lambda content: overlap(content).update(features=["R9"]))
    result = gis.verify(added, plan)
    assert [each.result for each in result if each.stated.rule == "CL01"] == [Result.DIFFERS]
    assert [each.rule for each in result.unstated] == ["CL01"]
    emptied = tampered(tmp_path, plan, found, lambda content: content.update(findings=[]))
    assert len(gis.verify(emptied, plan).unstated) == len(found)


def test_another_verdict_and_severity_differ(tmp_path, plan, found):
    stated = tampered(
        tmp_path, plan, found, lambda content: overlap(content).update(verdict="undecidable", severity="note")
    )
    (each,) = [each for each in gis.verify(stated, plan) if each.stated.rule == "CL01"]
    assert ["结论" in one.zh or "等级" in one.zh for one in each.reasons] == [True, True]


def test_parameters_that_are_not_the_plans_own_are_used_and_said(tmp_path, plan):
    rule, name = next(
        (id_, name)
        for id_, each in gis.RULES.items()
        for name, (_, default) in each.parameters.items()
        if id_.startswith("TP") and isinstance(default, float)
    )
    found = gis.check(plan, select=rule)

    def other(content):
        (row,) = [each for each in content["rules"] if each["id"] == rule]
        row["parameters"][name]["value"] *= 1.5

    assert f"{rule}.{name}" in gis.verify(tampered(tmp_path, plan, found, other), plan).summary("en")


ACCEPTED = Waiver("CL01", "F1", "已批准占补", "李工", date(2030, 1, 1))


@pytest.mark.parametrize("kind", [".json", ".geojson", ".gpkg"])
def test_waivers_from_beside_the_plan_are_used_and_said(kind, plan, tmp_path):
    waiving = replace(plan, waivers=(ACCEPTED,))
    path = gis.save_findings(gis.check(waiving, select=RULES), tmp_path / f"f{kind}", plan=waiving)
    result = gis.verify(gis.read_certificate(path), plan)
    assert (result.confirmed, result.changed) == (True, ()), result.summary("en")
    assert "Checked with the 1 waivers of the file" in result.summary("en")


def test_waivers_that_are_the_plans_own_are_not_remarked_upon(plan, tmp_path):
    waiving = replace(plan, waivers=(ACCEPTED,))
    path = gis.save_findings(gis.check(waiving, select=RULES), tmp_path / "f.gpkg", plan=waiving)
    result = gis.verify(gis.read_certificate(path), waiving)
    assert result.confirmed and "waivers" not in result.summary("en")


def test_a_waiver_that_was_put_into_the_file_is_a_changed_input(tmp_path, plan, found):
    added = {"rule": "XX99", "feature": "", "reason": "无", "by": "无", "until": None}
    result = gis.verify(tampered(tmp_path, plan, found, lambda content: content["waivers"].append(added)), plan)
    assert result.changed == ("plan:waivers",)


@pytest.mark.parametrize("parameters", [{"none_such": {"value": 1}}, {"width_m": {"value": "drop table"}}])
def test_parameters_that_a_rule_cannot_have_make_its_findings_differ(tmp_path, plan, found, parameters):
    def other(content):
        next(each for each in content["rules"] if each["id"] == "CL01")["parameters"] = parameters

    result = gis.verify(tampered(tmp_path, plan, found, other), plan)
    assert [each.result for each in result if each.stated.rule == "CL01"] == [Result.DIFFERS]


def test_a_rule_that_nobody_knows_makes_its_findings_differ(tmp_path, plan, found):
    def other(content):
        overlap(content)["rule"] = "CL99"
        content["rules"].append({"id": "CL99", "parameters": {}})

    result = gis.verify(tampered(tmp_path, plan, found, other), plan)
    (each,) = [each for each in result if each.stated.rule == "CL99"]
    assert each.result is Result.DIFFERS and "CL99" in each.reasons[-1].en


def test_another_version_of_a_rule_is_said(tmp_path, plan, found):
    stated = tampered(tmp_path, plan, found, lambda content: content["rules"][0].update(rule_version="0.0.1+abc"))
    assert "版本" in gis.verify(stated, plan).summary("zh")


def test_a_plan_in_another_system_is_refused_with_the_remedy(saved):
    moved = drawn(LAYERS, name="澜川")
    other = replace(moved, layers={name: frame.to_crs(4548) for name, frame in moved.items()}, crs=4548)
    with pytest.raises(AnalysisError, match="--crs"):
        gis.verify(gis.read_certificate(saved), other)


# --- hostile files


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b'{"schema": 1}', b"\xff\xfe", b"[" * 100_000, b'{"findings": [], "schema": "lantu-findings/1"}',
        b'{"schema": "lantu-findings/2", "findings": []}', b'{"schema": "lantu-findings/1", "findings": NaN}',
    ],
    ids=range(10),
)  # fmt: skip
def test_text_that_is_no_findings_file_is_a_clear_error(tmp_path, content):
    path = tmp_path / "f.json"
    path.write_bytes(content)
    with pytest.raises(ReadError):
        gis.read_certificate(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("measure", "1e9"), ("features", "R1"), ("witness", {"type": "Polygon"}), ("witness", {"type": "Polygon", "coordinates": 1}),
        ("severity", "fatal"), ("rule", ""), ("ground", "yes"),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_a_clear_error(tmp_path, plan, found, name, value):
    with pytest.raises(ReadError):
        tampered(tmp_path, plan, found, lambda content: overlap(content).update({name: value}))


@pytest.mark.parametrize(
    "ring",
    [
        [[0, 0], [1e9, 1e9], [0, 1e9], [1e9, 0], [0, 0]],
        [[5e5, 3.4e6], [5e5, 3.4e6], [5e5, 3.4e6], [5e5, 3.4e6]],
        [[1e308, 0], [-1e308, 1e308], [1e308, 1e308], [1e308, 0]],
    ],
)
def test_an_absurd_witness_differs(tmp_path, plan, found, ring):
    shape = {"type": "Polygon", "coordinates": [ring]}
    stated = tampered(tmp_path, plan, found, lambda content: overlap(content).update(witness=shape))
    assert [each.result for each in gis.verify(stated, plan) if each.stated.rule == "CL01"] == [Result.DIFFERS]


def test_a_geopackage_that_is_none_of_ours_is_a_clear_error(plan, tmp_path):
    plan["county"].to_file(tmp_path / "p.gpkg", layer="findings")
    with pytest.raises(ReadError, match="schema"):
        gis.read_certificate(tmp_path / "p.gpkg")


def test_a_geopackage_with_a_damaged_cell_is_a_clear_error(plan, found, tmp_path):
    path = gis.save_findings(found, tmp_path / "f.gpkg", plan=plan)
    with closing(sqlite3.connect(path)) as base:
        base.execute("update rules set parameters = '{' where id = 'CL01'")
        base.commit()
    with pytest.raises(ReadError, match="已损坏"):
        gis.read_certificate(path)


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "f.txt").write_text("", encoding="utf-8")
    with pytest.raises(ReadError, match="不是检查结果文件"):
        gis.read_certificate(tmp_path / "f.txt")


# --- fingerprints and versions


def test_a_fingerprint_does_not_hang_on_the_order_of_columns_or_the_type_of_numbers(plan):
    frame = plan["permanent_basic_farmland"]
    other = frame[list(reversed(frame.columns))].assign(area_m2=frame["area_m2"].astype("int64"))
    assert fingerprints(plan.with_layer("permanent_basic_farmland", other)) == fingerprints(plan)


@pytest.mark.parametrize("column", ["area_m2", "feature_id"])
def test_a_fingerprint_hangs_on_every_value(plan, column):
    frame = plan["permanent_basic_farmland"].copy()
    frame[column] = [*frame[column].iloc[:-1], None]
    changed = fingerprints(plan.with_layer("permanent_basic_farmland", frame))
    assert {name for name, each in changed.items() if each != fingerprints(plan)[name]} == {"permanent_basic_farmland"}


def test_a_fingerprint_hangs_on_the_last_digit_of_a_vertex(plan):
    frame = plan["county"].copy()
    frame.geometry = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.nextafter(xy, np.inf))
    assert fingerprints(plan.with_layer("county", frame))["county"] != fingerprints(plan)["county"]


def test_the_same_layer_from_two_formats_has_one_fingerprint_and_two_file_hashes(tmp_path, plan):
    prints = []
    for name in ("a.gpkg", "b.geojson", "c.parquet"):
        frame = plan["permanent_basic_farmland"]
        path = tmp_path / name.partition(".")[0] / f"permanent_basic_farmland{name[1:]}"
        path.parent.mkdir()
        plain = frame.reset_index(drop=True)
        if path.suffix == ".parquet":
            plain.to_parquet(path)
        else:
            plain.to_file(path, layer="permanent_basic_farmland")
        prints.append(fingerprints(gis.read_plan(path, crs=4549))["permanent_basic_farmland"])
    assert len({each.sha256 for each in prints}) == 1
    assert len({each.file_sha256 for each in prints}) == 3


def test_a_plan_saved_and_read_again_has_the_fingerprints_it_had_in_memory(tmp_path):
    case = {"box": [0, 0, 10, 10], "feature_id": "P1", "accepted_on": "20250312", "listed": True}
    bare = {"box": [20, 0, 30, 10], "feature_id": "P2"}
    made = drawn({**LAYERS, "project": [case, bare]}, name="澜川")
    read = gis.read_plan(gis.save_plan(made, tmp_path / "plan"))
    assert {name: each.sha256 for name, each in fingerprints(read).items()} == {
        name: each.sha256 for name, each in fingerprints(made).items()
    }


def test_a_layer_drawn_in_degrees_is_another_input_once_saved_in_metres(tmp_path, plan):
    frame = plan["permanent_basic_farmland"].reset_index(drop=True).to_crs(4490)
    frame.to_file(tmp_path / "permanent_basic_farmland.gpkg", layer="permanent_basic_farmland")
    read = gis.read_plan(tmp_path / "permanent_basic_farmland.gpkg", crs=4549)
    saved = gis.read_plan(gis.save_plan(read, tmp_path / "plan"))
    again = gis.read_plan(gis.save_plan(saved, tmp_path / "again"))
    first, second, third = (fingerprints(each)["permanent_basic_farmland"].sha256 for each in (read, saved, again))
    assert first != second == third


def test_a_faulty_city_saved_after_its_check_confirms_every_finding(tmp_path, faulty_city):
    found = gis.check(faulty_city)
    certificate = gis.read_certificate(gis.save_findings(found, tmp_path / "f.gpkg", plan=faulty_city))
    saved = gis.read_plan(gis.save_plan(faulty_city, tmp_path / "plan"))
    result = gis.verify(certificate, saved)
    assert len(result) > 0 and result.confirmed, result.summary("en")


def test_the_version_of_a_rule_changes_with_its_definition():
    rule = gis.RULES["CL01"]
    assert rule_version(replace(rule, unit="m2")) != rule_version(rule) == rule_version(replace(rule))


# --- the command


@pytest.fixture
def on_disk(tmp_path, plan):
    toml = gis.save_plan(plan, tmp_path / "plan")
    read = gis.read_plan(toml)
    return toml, gis.save_findings(gis.check(read, select=RULES), tmp_path / "findings.gpkg", plan=read)


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_the_command_ends_with_0_where_all_is_confirmed(on_disk):
    toml, path = on_disk
    done = run("verify", path, "--plan", toml)
    assert (done.exit_code, "一致" in done.output) == (0, True), done.output


def test_the_command_ends_with_1_and_names_the_layer_that_changed(on_disk, tmp_path):
    _, path = on_disk
    farmland = [{**each, "area_m2": 1.0} for each in LAYERS["permanent_basic_farmland"]]
    other = gis.save_plan(plan_of(permanent_basic_farmland=farmland), tmp_path / "other")
    done = run("verify", path, "--plan", other, "--json")
    told = json.loads(done.output)
    assert (done.exit_code, told["inputs"]["permanent_basic_farmland"]) == (1, "changed")


def test_the_command_confirms_a_check_with_a_file_of_waivers(on_disk, tmp_path):
    toml, _ = on_disk
    entry = '[[waivers]]\nrule = "CL01"\nfeature = "F1"\nreason = "已批准"\nby = "李工"\n'
    (tmp_path / "waivers.toml").write_text(entry, encoding="utf-8")
    out = tmp_path / "waived.gpkg"
    run("check", toml, "--select", RULES, "--waivers", tmp_path / "waivers.toml", "--out", out)
    done = run("verify", out, "--plan", toml, "--json")
    told = json.loads(done.output)
    assert (done.exit_code, told["inputs"]["plan:waivers"], len(told["notices"])) == (0, "same", 1)


def test_the_command_refuses_what_is_no_findings_file(on_disk, tmp_path):
    (tmp_path / "x.json").write_text("{}", encoding="utf-8")
    with pytest.raises(ReadError):
        CliRunner().invoke(app, ["verify", str(tmp_path / "x.json"), "--plan", str(on_disk[0])], catch_exceptions=False)


def test_a_raster_has_one_fingerprint_in_memory_and_as_a_file_and_another_when_a_cell_changes(tmp_path):
    dem = RasterSource(values=np.arange(6.0).reshape(2, 3), transform=(10, 0, 500_000, 0, -10, 3_400_000))
    plan = replace(drawn({"county": [[0, 0, 30, 20]]}), rasters={"dem": dem})
    gis.save_plan(plan, tmp_path / "saved")
    read = gis.read_plan(tmp_path / "saved")
    assert read.rasters["dem"].path is not None
    assert fingerprints(read)["raster:dem"].sha256 == fingerprints(plan)["raster:dem"].sha256
    other = replace(plan, rasters={"dem": replace(dem, values=dem.values * 2)})
    assert fingerprints(other)["raster:dem"].sha256 != fingerprints(plan)["raster:dem"].sha256
