"""`gis site`: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely

import gis
from gis.cli import main
from gis.model.drawn import drawn
from gis.model.site import Site
from gis.present.plan_files import save_plan

FARMLAND = {"permanent_basic_farmland": [{"box": [0, 0, 1000, 1000], "feature_id": "f"}]}
COUNTY = {
    "county": [{"box": [-5000, -5000, 5000, 5000], "feature_id": "c", "area_code": "339921", "area_name": "甲县"}]
}


@dataclass(frozen=True)
class Done:
    """How a command ended and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def run(*arguments: object) -> Done:
    """The command, run in this process, which is much faster than a new one."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main([str(each) for each in arguments])
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A plan of farmland, and two sites: one that takes 50 m × 100 m = 0.5 ha of it, one in another zone."""
    folder = tmp_path_factory.mktemp("site")
    plan = drawn(FARMLAND | COUNTY, name="甲市")
    save_plan(plan, folder / "plan")
    origin = plan["permanent_basic_farmland"].total_bounds[:2]
    box = shapely.box(origin[0] - 50, origin[1], origin[0] + 50, origin[1] + 100)
    parcels = gpd.GeoDataFrame({"parcel": ["1"], "name": ["某项目"]}, geometry=[box], crs=plan.crs)
    gis.save_site(Site(parcels), folder / "site.txt")
    wrong = (folder / "site.txt").read_text("gb18030").replace(",40", ",39").replace("带号=40", "带号=39")
    (folder / "wrong.txt").write_text(wrong, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def answered(folder) -> Done:
    return run("site", folder / "plan", folder / "site.txt", "--use", "1001", "--no-ways-out", "--out", folder / "out")


def test_a_conflict_ends_with_1_and_says_what_is_met(answered):
    assert answered.returncode == 1
    assert answered.stdout.startswith("结论：存在冲突")
    assert "占用  涉及永久基本农田 0.5000 公顷（7.50 亩，占 50.00%）" in answered.stdout


def test_layers_that_are_not_there_are_listed_too(answered):
    assert "缺少图层  缺少生态保护红线数据" in answered.stdout


def test_the_disclaimer_stands_last_but_for_the_files(answered):
    assert "不作为行政许可依据" in answered.stdout


def test_the_files_hold_the_rows_the_site_and_the_places(answered, folder):
    book = openpyxl.load_workbook(folder / "out" / "rows.xlsx")
    heads = [cell.value for cell in book.worksheets[0][4]]
    rows = [dict(zip(heads, row, strict=True)) for row in book.worksheets[0].iter_rows(min_row=5, values_only=True)]
    hit = [each for each in rows if each["status"] == "hit" and each["layer"] == "permanent_basic_farmland"]
    assert hit[0]["area_m2"] == pytest.approx(5000, rel=1e-3)
    assert len(gpd.read_file(folder / "out" / "site.gpkg", layer="site")) == 1
    assert len(gpd.read_file(folder / "out" / "site.gpkg", layer="hits")) >= 1
    assert (folder / "out" / "site.txt").read_bytes() == (folder / "site.txt").read_bytes()


def test_the_folder_holds_the_report_as_a_page_and_in_word(answered, folder):
    assert "存在冲突" in (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert (folder / "out" / "report.docx").stat().st_size > 0


def test_the_site_of_the_files_gives_the_same_answer(answered, folder):
    again = run("site", folder / "plan", folder / "out" / "site.gpkg", "--use", "1001", "--no-ways-out", "--json")
    first = run("site", folder / "plan", folder / "site.txt", "--use", "1001", "--no-ways-out", "--json")
    one, other = json.loads(first.stdout), json.loads(again.stdout)
    assert [(row["layer"], row["status"]) for row in one["rows"]] == [
        (row["layer"], row["status"]) for row in other["rows"]
    ]


def test_json_is_one_object_in_both_languages(folder):
    done = run("site", folder / "plan", folder / "site.txt", "--use", "1001", "--json", "--no-ways-out")
    said = json.loads(done.stdout)
    assert (said["answer"], said["answer_zh"]) == ("conflict", "存在冲突")
    assert said["disclaimer"]["zh"]
    assert isinstance(said["ways_out"], list)


def test_english_is_printed_where_it_is_asked_for(folder):
    done = run("--lang", "en", "site", folder / "plan", folder / "site.txt", "--use", "1001", "--no-ways-out")
    assert done.stdout.startswith("Answer: conflict")


def test_a_site_in_the_wrong_zone_is_told(folder):
    done = run("site", folder / "plan", folder / "wrong.txt", "--use", "1001", "--no-ways-out")
    assert "中央经线120°E" in done.stdout + done.stderr
    assert done.returncode in (1, 2)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"site": "no.txt"}, "不存在"),
        ({"--use": "9999"}, "9999"),
        ({"--kind": "随便"}, "随便"),
        ({"--stage": "later"}, "later"),
        ({"--as-of": "明天"}, "明天"),
        ({"--width": "-3"}, "-3"),
        ({"--site-crs": "EPSG:1"}, "EPSG:1"),
    ],
)
def test_wrong_input_ends_with_2_and_one_message_in_both_languages(folder, changes, words):
    site = folder / changes.pop("site", "site.txt")
    options = [each for pair in ({"--use": "1001"} | changes).items() for each in pair]
    done = run("site", folder / "plan", site, *options, "--no-ways-out")
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_line_of_the_site_is_named(folder):
    text = (folder / "site.txt").read_text("gb18030").replace("J2,1,", "J2,一,")
    (folder / "bad.txt").write_text(text, encoding="utf-8")
    line = next(n for n, each in enumerate(text.splitlines(), 1) if each.startswith("J2"))
    done = run("site", folder / "plan", folder / "bad.txt", "--use", "1001")
    assert done.returncode == 2
    assert f"第 {line} 行" in done.stderr


def test_what_the_site_was_read_from_is_not_overwritten(folder):
    before = (folder / "site.txt").read_bytes()
    done = run("site", folder / "plan", folder / "site.txt", "--use", "1001", "--no-ways-out", "--out", folder)
    assert done.returncode == 2
    assert (folder / "site.txt").read_bytes() == before
    assert not (folder / "rows.xlsx").exists()


def test_help_is_there_at_once_as_nothing_heavy_is_imported():
    listing = "import sys, gis.cli; print([each for each in ('numpy', 'pandas', 'shapely', 'geopandas') if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert "--use" in run("site", "--help").stdout
