"""The official checker's error list beside our findings."""

from __future__ import annotations

import json
from types import MappingProxyType

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

import gis
from gis.cli import app
from gis.decide.parity import Side, parity
from gis.i18n import Text
from gis.model.drawn import drawn
from gis.model.profile import Profile
from gis.present.parity_sheet import parity_json, save_parity
from gis.present.plan_files import save_plan
from gis.read.official import read_official, read_official_codes

LINES = {
    "ecological_redline": [{"box": [0, 0, 1000, 1000], "feature_id": "r"}],
    "permanent_basic_farmland": [
        {"box": [900, 0, 1500, 1000], "feature_id": "f"},
        {"box": [1500, 0, 2100, 1000], "feature_id": "g"},
    ],
    "urban_development_boundary": [{"box": [2000, 0, 4000, 1000], "feature_id": "u"}],
}
"""Farmland f lies in the redline, farmland g in the urban boundary: two findings of CL01."""
CODES = {"3101": ("CL01",), "2000": ("TP",), "9000": ()}


def profile(**official: object) -> Profile:
    return Profile("own", Text("甲", "A"), official=MappingProxyType(official))


def listed(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame([(*row, "文字") for row in rows], columns=["layer", "feature", "code", "text"])


@pytest.fixture(scope="module")
def found():
    return gis.check(drawn(LINES), select="CL01")


def sides(found, *rows: tuple[str, str, str]) -> dict[str, int]:
    return {side.value: count for side, count in parity(found, listed(*rows), CODES).counts().items() if count}


def test_both_features_of_one_overlap_are_the_same_finding(found):
    theirs = ("STBHHX", "r", "3101"), ("YJJBNT", "f", "3101")
    assert sides(found, *theirs) == {"same": 2, "only_here": 1}


def test_a_row_that_names_no_feature_is_about_the_layer(found):
    assert sides(found, ("生态保护红线", "", "3101")) == {"same": 1, "only_here": 1}


def test_another_feature_is_another_fault(found):
    assert sides(found, ("YJJBNT", "x", "3101")) == {"only_there": 1, "only_here": 2}


def test_a_code_that_nobody_mapped_is_listed_with_the_rules_at_the_same_features(found):
    result = parity(found, listed(("YJJBNT", "f", "7777"), ("YJJBNT", "q", "7777")), CODES)
    assert result.unknown.to_numpy().tolist() == [["7777", 2, "文字", "CL01"]]
    assert "7777" in result.summary("zh")


def test_a_code_known_to_have_no_rule_here_is_no_unknown_code(found):
    result = parity(found, listed(("YJJBNT", "f", "9000")), CODES)
    assert result.unknown.empty
    assert result.rows["note_en"][0] == "we have no such rule"


def test_a_rule_that_did_not_run_is_said_beside_the_row(found):
    row = parity(found, listed(("YJJBNT", "f", "2000")), CODES).rows.iloc[0]
    assert (row["side"], row["note_en"]) == ("only_there", "our rule did not run")


def test_a_feature_with_a_doubled_key_is_found_by_its_key():
    twice = LINES | {"permanent_basic_farmland": [{"box": [900, 0, 1500, 1000], "feature_id": "f"}] * 2}
    found = gis.check(drawn(twice), select="CL01")
    assert sides(found, ("YJJBNT", "f", "3101"))["same"] == 1


def test_every_row_of_theirs_and_every_finding_of_ours_is_accounted_for(found):
    result = parity(found, listed(("STBHHX", "r", "3101"), ("?", "x", "3101"), ("", "", "1")), CODES)
    assert len(result.rows) == 3 + result.counts()[Side.ONLY_HERE]
    assert result.counts()[Side.ONLY_HERE] == 1


def test_an_empty_list_leaves_all_of_ours(found):
    assert sides(found) == {"only_here": 2}


def test_the_list_is_read_below_its_title_with_the_columns_of_the_profile(tmp_path):
    path = tmp_path / "质检.xlsx"
    rows = [["质检错误表", None, None], ["错误图层", "目标", "错误代码"], ["STBHHX", "r", "0301"]]
    pd.DataFrame(rows).to_excel(path, header=False, index=False)
    own = profile(columns={"错误图层": "layer", "目标": "feature"})
    assert read_official(path, own).iloc[0].tolist()[:3] == ["STBHHX", "r", "0301"]


def test_codes_come_from_the_profile_and_from_a_table(tmp_path):
    (tmp_path / "codes.csv").write_text("code,rule\n3101,CL01\n3102,\n", encoding="utf-8")
    codes = read_official_codes(profile(codes={"1": "DQ02，dq03"}), tmp_path / "codes.csv")
    assert dict(codes) == {"1": ("DQ02", "DQ03"), "3101": ("CL01",), "3102": ()}


@pytest.mark.parametrize(
    ("content", "official"),
    [
        ("a,b\n1,2\n", {}),
        ("", {}),
        ("图层,错误代码\nx,1\n", {"columns": {"图层": "lair"}}),
        ("图层,错误代码\nx,1\n", {"color": 1}),
    ],
)
def test_a_list_that_cannot_be_understood_is_said_in_both_languages(tmp_path, content, official):
    path = tmp_path / "list.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(gis.GisError) as error:
        read_official(path, profile(**official))
    assert error.value.text.zh != error.value.text.en


def test_the_workbook_has_a_row_for_each_and_the_codes_to_map(found, tmp_path):
    result = parity(found, listed(("YJJBNT", "f", "7777"), ("STBHHX", "r", "3101")), CODES)
    book = openpyxl.load_workbook(save_parity(result, tmp_path / "p.xlsx"))
    assert [each.value for each in book["对照表"]["A"][4:]] == ["代码未对应", "一致", "仅本检查"]
    assert book["未对应代码"]["A5"].value == "7777"
    assert parity_json(result)["same"] == 1


def test_the_list_may_be_a_table_of_the_plan(tmp_path):
    plan = drawn(LINES, name="甲市", tables={"t_official_check": [{"layer": "STBHHX", "feature": "r", "code": "3101"}]})
    done = CliRunner().invoke(app, ["check", str(save_plan(plan, tmp_path)), "--select", "CL01", "--json"])
    assert json.loads(done.stdout)["parity"]["unknown_codes"] == [
        {"code": "3101", "count": 1, "text": "", "maybe": "CL01"}
    ]
