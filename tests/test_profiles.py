"""Delivery profiles: packaged ones, a bureau's own, what extends what, and what a file may not hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

import gis
from gis.errors import LayerError, ReadError
from gis.model.drawn import drawn
from gis.model.profile import packaged_profile, profile_of
from gis.present.plan_files import save_plan
from gis.present.profile_file import save_profile
from gis.read.profile import read_profile

OWN = """\
id: my_province
extends: national_city
zh: 本省要求
en: our province
mandatory: [village]
drop: [eval_ecology]
layer_names: {SZHX: urban_development_boundary}
field_names:
  "*": {DAIMA: area_code}
  urban_development_boundary: {FQDM: zone_code}
parameters:
  TP04: {width_min: 0.3, area_min: {value: 400.0, by: 张三, date: 2025-06-01}}
severities: {TP05: "off"}
"""


@pytest.fixture
def write(tmp_path):
    def to(text, name="own.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return to


def test_a_profile_takes_from_the_one_it_extends_what_it_leaves_out(write):
    own, base = read_profile(write(OWN)), packaged_profile("national_city")
    assert set(own.mandatory) == {*base.mandatory, "village"} - {"eval_ecology"}
    assert own.level == base.level
    assert "village" not in own.conditional


def test_a_value_is_signed_by_who_stands_for_it(write):
    own = read_profile(write(OWN))
    assert own.parameters["TP04"] == {"width_min": 0.3, "area_min": 400.0}
    assert own.signed["TP04"]["area_min"].on == date(2025, 6, 1)


def test_in_a_profile_that_is_assumed_only_signed_values_are_confirmed(write):
    assert read_profile(write(OWN)).confirmed("TP04") == {"area_min"}
    certain = OWN.replace("extends: national_city\n", "certainty: official\n")
    assert read_profile(write(certain)).confirmed("TP04") == {"area_min", "width_min"}


def test_a_plan_names_a_profile_that_lies_beside_it(tmp_path, write):
    plan = drawn({"urban_development_boundary": [{"box": [0, 0, 100, 100], "zone_code": "410"}]}, name="甲")
    save_plan(plan, tmp_path)
    write(OWN)
    toml = tmp_path / "plan.toml"
    toml.write_text(toml.read_text("utf-8").replace('"national_city"', '"own.yaml"'), encoding="utf-8")
    read = gis.read_plan(toml)
    assert (read.profile, profile_of(read).severities["TP05"]) == ("my_province", "off")


def test_layers_and_fields_may_carry_the_names_of_the_place(tmp_path, write):
    frame = drawn({"urban_development_boundary": [{"box": [0, 0, 9, 9]}]})["urban_development_boundary"]
    data = tmp_path / "data"
    data.mkdir()
    frame.assign(FQDM=["410"], DAIMA=["330523"]).to_file(data / "SZHX.gpkg", layer="SZHX")
    read = gis.read_plan(data, profile=str(write(OWN)))
    assert read["urban_development_boundary"]["zone_code"].tolist() == ["410"]
    assert read["urban_development_boundary"]["area_code"].tolist() == ["330523"]
    assert read.source("urban_development_boundary").renamed["FQDM"] == "zone_code"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: a\nzh: 甲\n", "en"),
        ("id: a\nzh: 甲\nen: A\nwrong: 1\n", "wrong"),
        ("id: a\nzh: 甲\nen: A\nmandatory: [nothing]\n", "nothing"),
        ("id: a\nzh: 甲\nen: A\nextends: nothing\n", "extends"),
        ("id: a\nzh: 甲\nen: A\nseverities: {TP01: bad}\n", "TP01"),
        ("id: a\nzh: 甲\nen: A\nclauses: [{id: X1, rule: r}]\n", "X1"),
        ("id: a\nzh: 甲\nen: A\nseverities: {TP04: off}\nseverities: {TP05: off}\n", "severities"),
        ("id: a\nzh: 甲\nen: A\nparameters: {TP04: {area_min: {value: 1}}}\n", "by"),
        ("a: &x [1]\nb: [*x, *x]\n", "anchors"),
        ("- 1\n- 2\n", "mapping"),
        ("id: [\n", "YAML"),
    ],
)
def test_a_wrong_profile_is_refused_with_what_is_wrong(write, text, said):
    with pytest.raises(ReadError) as refused:
        read_profile(write(text))
    assert said in str(refused.value)


def test_a_profile_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ReadError, match="does not exist"):
        read_profile(tmp_path / "none.yaml")


def test_a_plan_with_an_unknown_profile_is_refused_when_it_is_judged():
    with pytest.raises(LayerError, match="national_city"):
        profile_of(drawn({"county": [[0, 0, 1, 1]]}, profile="nothing"))


def test_the_example_of_a_province_can_be_copied_and_used(tmp_path):
    from gis.standards import packaged

    text = packaged("data", "standards", "profiles", "example_province.yaml").read_text("utf-8")
    (tmp_path / "my.yaml").write_text(text, encoding="utf-8")
    assert read_profile(tmp_path / "my.yaml") == packaged_profile("example_province")


def test_a_profile_written_down_is_read_back_as_it_was(tmp_path, write):
    own = read_profile(write(OWN + "clauses: [{id: XC01, zh: 甲, en: A, rule: project must not touch river}]\n"))
    assert read_profile(save_profile(own, tmp_path / "again.yaml")) == own


def test_a_saved_plan_keeps_its_own_profile(tmp_path, write):
    plan = replace(drawn({"county": [[0, 0, 9, 9]]}), own_profile=read_profile(write(OWN)), profile="my_province")
    back = gis.read_plan(save_plan(plan, tmp_path / "saved"))
    assert (back.profile, back.own_profile) == ("my_province", plan.own_profile)
