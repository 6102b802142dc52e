"""`gis check` on several plans at once, and against earlier findings."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from gis.i18n import Text
from gis.model.drawn import drawn
from gis.present.check_summary import Checked, save_summary, summary_text
from gis.present.plan_files import save_plan

LINES = {
    "ecological_redline": [{"box": [0, 0, 1000, 1000], "feature_id": "r"}],
    "permanent_basic_farmland": [{"box": [900, 0, 2000, 1000], "feature_id": "f"}],
    "urban_development_boundary": [{"box": [2000, 0, 4000, 1000], "feature_id": "u", "zone_code": "410"}],
    "county": [{"box": [0, 0, 4000, 1000], "feature_id": "c", "area_code": "339921", "area_name": "甲县"}],
}
"""Farmland lies 100 m in the redline: one error of CL01."""


def gis(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gis", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture(scope="module")
def counties(tmp_path_factory) -> dict[str, Path]:
    """Two counties with a fault or none, and one that cannot be read."""
    root = tmp_path_factory.mktemp("counties")
    calm = LINES | {"permanent_basic_farmland": [{"box": [1000, 0, 2000, 1000], "feature_id": "f"}]}
    plans = {"甲县": LINES, "乙县": calm}
    found = {}
    for name, layers in plans.items():
        (root / name).mkdir()
        found[name] = save_plan(drawn(layers, name=name), root / name)
    found["丙县"] = root / "丙县.gpkg"
    found["丙县"].write_bytes(b"no package")
    return found


@pytest.fixture(scope="module")
def run(counties, tmp_path_factory):
    out = tmp_path_factory.mktemp("out") / "new"
    done = gis("check", counties["乙县"], counties["丙县"], counties["甲县"], "--select", "CL", "--out", out)
    return done, out


def test_a_plan_that_cannot_be_read_does_not_hide_the_others(run):
    done, out = run
    assert done.returncode == 2
    assert "丙县" in done.stderr
    assert sorted(each.name for each in out.iterdir()) == ["summary.xlsx", "乙县.gpkg", "甲县.gpkg"]


def test_the_table_has_a_line_for_each_plan_the_worst_first(run):
    lines = run[0].stdout.splitlines()
    assert [each.split()[0] for each in lines[:4]] == ["规划", "丙县", "甲县", "乙县"]
    assert "CL01×1" in lines[2]


def test_against_the_folder_of_the_last_hand_in_all_is_unchanged(run, counties, tmp_path):
    done = gis("check", counties["甲县"], counties["乙县"], "--select", "CL", "--against", run[1], "--json")
    said = {each["plan"]: each for each in json.loads(done.stdout)}
    assert [each["since"] for each in said["甲县"]["findings"]] == ["unchanged"]
    assert (said["乙县"]["since"]["new"], said["乙县"]["since"]["gone"]) == (0, 0)


def test_one_plan_against_its_earlier_findings_says_what_is_gone(run, counties):
    done = gis("check", counties["乙县"], "--select", "CL", "--against", run[1] / "甲县.gpkg")
    assert "新增 0 处，消除 1 处，未变 0 处" in done.stdout


def test_json_of_several_plans_is_a_list_that_names_the_one_that_failed(counties):
    done = gis("check", counties["丙县"], counties["甲县"], "--select", "CL", "--json")
    bad, good = json.loads(done.stdout)
    assert bad["plan"] == "丙县"
    assert set(bad["error"]) == {"zh", "en"}
    assert len(good["findings"]) == 1


def test_several_plans_do_not_go_into_one_file(counties, tmp_path):
    done = gis("check", counties["甲县"], counties["乙县"], "--out", tmp_path / "f.gpkg")
    assert done.returncode == 2
    assert "文件夹" in done.stderr


def test_a_rule_that_did_not_run_has_an_empty_cell(tmp_path):
    import gis as house

    without = {layer: rows for layer, rows in LINES.items() if layer != "ecological_redline"}
    plans = [
        Checked(name, house.check(drawn(layers), select="CL01")) for name, layers in (("a", LINES), ("b", without))
    ]
    sheet = openpyxl.load_workbook(save_summary(plans, tmp_path / "s.xlsx", language="en"))["By rule"]
    assert [each.value for each in sheet[4]] == ["Rule", "a", "b"]
    assert [each.value for each in sheet[5]][1:] == [1, None]


def test_a_plan_that_could_not_be_checked_has_no_numbers():
    line = summary_text([Checked("a", fault=Text("坏", "bad"))], "en").splitlines()[1]
    assert line.split() == ["a", "—", "—", "—", "—", "—", "not", "checked"]
