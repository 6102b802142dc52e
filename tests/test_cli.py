"""The command line: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gis.model.drawn import drawn
from gis.present.plan_files import save_plan
from gis.terminal import _settings_first

LINES = {
    "ecological_redline": [{"box": [0, 0, 1000, 1000], "feature_id": "r"}],
    "permanent_basic_farmland": [{"box": [900, 0, 2000, 1000], "feature_id": "f"}],
    "urban_development_boundary": [{"box": [2000, 0, 4000, 1000], "feature_id": "u", "zone_code": "410"}],
    "county": [{"box": [0, 0, 4000, 1000], "feature_id": "c", "area_code": "339921", "area_name": "甲县"}],
}
"""Farmland lies 100 m × 1000 m = 10 ha in the redline; nothing else of CL is wrong."""


def gis(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gis", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture(scope="module")
def conflict(tmp_path_factory) -> Path:
    return save_plan(drawn(LINES, name="甲市"), tmp_path_factory.mktemp("conflict"))


@pytest.fixture(scope="module")
def peace(tmp_path_factory) -> Path:
    calm = LINES | {"permanent_basic_farmland": [{"box": [1000, 0, 2000, 1000], "feature_id": "f"}]}
    return save_plan(drawn(calm, name="乙市"), tmp_path_factory.mktemp("peace"))


def test_a_clean_plan_ends_with_0(peace):
    assert gis("check", peace, "--select", "CL").returncode == 0


def test_findings_end_with_1_and_are_named(conflict):
    done = gis("check", conflict, "--select", "CL")
    assert done.returncode == 1
    assert "三条控制线不交叉不重叠：1 处错误" in done.stdout


def test_fail_on_never_ends_with_0(conflict):
    assert gis("check", conflict, "--select", "CL", "--fail-on", "never").returncode == 0


def test_strict_counts_what_did_not_run(peace):
    assert gis("check", peace, "--select", "FP03").returncode == 0
    done = gis("check", peace, "--select", "FP03", "--strict")
    assert done.returncode == 1
    assert "1 条规则未检查" in done.stdout


def test_the_json_has_the_shape_of_the_contract(conflict):
    said = json.loads(gis("check", conflict, "--select", "CL", "--json").stdout)
    assert set(said) >= {"plan", "crs", "profile", "versions", "rules", "findings"}
    assert set(said["rules"][0]) >= {"id", "status", "count", "reason", "parameters"}
    finding = said["findings"][0]
    assert set(finding) >= {
        "rule", "severity", "verdict", "layer", "feature", "other", "measure", "unit", "doubt", "message_zh", "message_en",
        "waived", "x", "y",
    }  # fmt: skip
    assert (finding["rule"], finding["feature"], finding["other"]) == ("CL01", "f", "r")
    assert finding["measure"] == pytest.approx(10, rel=1e-6)
    assert 500_900 < finding["x"] < 501_000


def test_waivers_may_stand_in_a_file_of_their_own(conflict, tmp_path):
    toml = tmp_path / "waivers.toml"
    toml.write_text('[[waivers]]\nrule = "CL01"\nfeature = "f"\nreason = "已备案"\nby = "张三"\n', "utf-8")
    done = gis("check", conflict, "--select", "CL", "--waivers", toml, "--json")
    assert done.returncode == 0
    assert "已备案" in json.loads(done.stdout)["findings"][0]["waived"]


def test_a_waiver_without_reason_is_refused(conflict, tmp_path):
    toml = tmp_path / "waivers.toml"
    toml.write_text('[[waivers]]\nrule = "CL01"\nby = "张三"\n', "utf-8")
    done = gis("check", conflict, "--waivers", toml)
    assert done.returncode == 2
    assert "reason" in done.stderr


def test_several_plans_give_one_answer(conflict, peace):
    done = gis("check", conflict, peace, "--select", "CL", "--json")
    assert done.returncode == 1
    assert [len(each["findings"]) for each in json.loads(done.stdout)] == [1, 0]


def test_findings_are_written_where_asked(conflict, tmp_path):
    assert gis("check", conflict, "--select", "CL", "--out", tmp_path / "f.gpkg").returncode == 1
    assert (tmp_path / "f.gpkg").stat().st_size > 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "nowhere.gpkg"),
        ("check", __file__),
        ("explain", "nothing"),
        ("check", "{plan}", "--select", "ZZ"),
        ("check", "{plan}", "--crs", "EPSG:4490"),
        ("check", "{plan}", "--crs", "nonsense"),
        ("check", "{plan}", "--reading", "gentle"),
        ("map", "{plan}", "--out", "no/such/folder/map.html"),
        ("measure", "{plan}", "--out", "table.doc"),
        ("qgis", "{plan}", "--out", "plan.shp"),
        ("check",),
        ("nonsense",),
    ],
)
def test_wrong_input_ends_with_2_and_one_clear_message(arguments, peace, tmp_path):
    done = gis(*(str(each).format(plan=peace) for each in arguments))
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    if arguments not in (("check",), ("nonsense",)):  # these are typer's own words
        assert re.search(r"[\u4e00-\u9fff]", done.stderr.splitlines()[0])
        assert re.search(r"[A-Za-z]{3}", done.stderr.splitlines()[-1])


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("check", "plan.gpkg"),
        ("qgis", "plan.gpkg"),
        ("map", "plan.toml"),
        ("report", "plan.toml"),
        ("measure", "plan.toml"),
    ],
)
def test_what_a_plan_is_read_from_is_never_overwritten(command, name, tmp_path):
    toml = save_plan(drawn(LINES, name="甲市"), tmp_path)
    before = (tmp_path / name).read_bytes()
    done = gis(command, toml, "--out", tmp_path / name)
    assert done.returncode == 2
    assert "输入数据" in done.stderr
    assert (tmp_path / name).read_bytes() == before


def test_a_fault_of_ours_ends_with_3_and_no_traceback():
    code = "import gis.cli, gis.present.explain as e; e.listing = lambda l: 1 / 0; gis.cli.main(['explain'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "ZeroDivisionError" in done.stderr


def test_settings_may_stand_anywhere():
    assert _settings_first(["check", "p", "--lang", "en", "-q"]) == ["--lang", "en", "-q", "check", "p"]
    assert _settings_first(["check", "--", "-v"]) == ["check", "--", "-v"]


def test_english_is_spoken_when_asked(conflict):
    assert (
        "The three control lines do not overlap: 1 error(s)"
        in gis("check", conflict, "--select", "CL", "--lang", "en").stdout
    )


def test_quiet_says_only_that_rules_did_not_run(peace):
    assert gis("check", peace, "--select", "CL01", "-q").stdout == ""


def test_nothing_but_the_result_is_printed_when_piped(conflict):
    assert gis("check", conflict, "--select", "CL").stderr == ""


@pytest.mark.parametrize("name", ["CL01", "CZKFBJ", "three_control_lines", "ecological_redline_area"])
def test_everything_can_be_explained_in_both_languages(name):
    for language in ("zh", "en"):
        done = gis("explain", name, "--lang", language)
        assert done.returncode == 0
        assert len(done.stdout.splitlines()) > 2


def test_a_rule_is_explained_with_its_drawn_cases():
    said = gis("explain", "CL01").stdout
    assert "永久基本农田压入生态保护红线 100 米" in said
    assert "farmland drawn 100 m into the redline" not in said
    assert "farmland drawn 100 m into the redline" in gis("explain", "CL01", "--lang", "en").stdout
    assert "#" in said  # where two lines cover the same ground
    assert "厅字〔2019〕48号" in said


def test_the_list_of_what_can_be_explained_holds_all_rules():
    from gis.rules import RULES

    said = gis("explain").stdout
    assert all(id_ in said for id_ in RULES)


def test_measures_are_printed_and_written(peace, tmp_path):
    done = gis("measure", peace, "--out", tmp_path / "t.xlsx", "--json")
    assert done.returncode == 0
    rows = {(each["indicator"], each["area_id"]): each["value"] for each in json.loads(done.stdout)["measures"]}
    assert rows["ecological_redline_area", ""] == pytest.approx(1.0, rel=1e-6)  # 1 km × 1 km
    assert (tmp_path / "t.xlsx").stat().st_size > 0


def test_a_new_plan_can_be_read_and_checked(tmp_path):
    assert gis("new", tmp_path / "fresh", "--county", "330523").returncode == 0
    done = gis("check", tmp_path / "fresh" / "plan.toml")
    assert done.returncode in (0, 1), done.stderr
    assert gis("new", tmp_path / "fresh", "--county", "330523").returncode == 2


def test_the_whole_chain_runs_on_the_invented_city(tmp_path):
    done = gis("demo", tmp_path / "demo")
    assert done.returncode == 0, done.stderr
    for name in (
        "plan/plan.toml",
        "map.html",
        "report.html",
        "qgis.gpkg",
        "qgis.qgz",
        "findings.gpkg",
        "findings.json",
    ):
        assert (tmp_path / "demo" / name).stat().st_size > 0


# --- what a place demands


def test_an_office_reads_its_clauses_and_gets_drawn_cases_that_come_true(tmp_path):
    example = Path(__file__).parents[1] / "data" / "standards" / "profiles" / "example_province.yaml"
    done = gis("clauses", example, "--cases", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "不得压占" in done.stdout
    assert sorted(each.name for each in tmp_path.iterdir()) == ["XC01.yaml", "XC02.yaml"]


def test_a_case_that_does_not_come_true_ends_with_1(tmp_path):
    example = Path(__file__).parents[1] / "data" / "standards" / "profiles" / "example_province.yaml"
    gis("clauses", example, "--cases", tmp_path)
    case = tmp_path / "XC01.yaml"
    case.write_text(case.read_text("utf-8").replace("0.5", "0.7"), encoding="utf-8")
    done = gis("clauses", example, "--cases", tmp_path)
    assert done.returncode == 1
    assert "✗" in done.stdout


def test_assumed_values_are_listed_and_come_back_signed(conflict, tmp_path):
    sheet, profile = tmp_path / "sheet.xlsx", tmp_path / "own.yaml"
    assert gis("sign-off", conflict, "--out", sheet).returncode == 0
    done = gis("sign-off", conflict, "--signed", sheet, "--out", profile)
    assert done.returncode == 0, done.stderr
    assert "已确认 0 个参数" in done.stdout
    assert "national_city" not in profile.read_text("utf-8").splitlines()[0]
