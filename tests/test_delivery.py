"""A folder of deliverables: what is listed and read, what links and hostile files do, and how printed figures are compared."""

from __future__ import annotations

import zipfile

import docx
import pandas as pd
import pytest

import gis
from gis.analysis.plan_totals import TOTALS, total_named
from gis.analysis.printed import Figure, figures
from gis.analysis.table_rows import lower_units
from gis.indicators import INDICATORS
from gis.model.drawn import drawn
from gis.model.finding import Severity, Status
from gis.model.tables import TABLES
from gis.read import delivery
from gis.read.table import tidy_table
from gis.rules import check


@pytest.fixture
def hand_in(tmp_path):
    """A folder with a redline of 1 km², a text and an indicator table; drawings, studies and notice are missing."""
    root = tmp_path / "成果"
    for part in ("01文本", "03数据库", "04说明", "附表"):
        (root / part).mkdir(parents=True)
    plan = drawn({"ecological_redline": [[0, 0, 1000, 1000]]})
    plan["ecological_redline"].to_file(root / "03数据库" / "STBHHX.gpkg", layer="STBHHX")
    text = docx.Document()
    text.add_paragraph("到2035年，生态保护红线面积不低于2.00平方千米。")
    text.add_table(1, 1).cell(0, 0).text = "表内文字"
    text.save(root / "01文本" / "规划文本.docx")
    (root / "04说明" / "说明.txt").write_bytes("规划说明".encode("gb18030"))
    (root / "附表" / "规划指标表.csv").write_text(
        "规划指标表\n指标编号,指标名称,单位,2035年\nM35-01,生态保护红线面积,平方公里,1.50\n", encoding="utf-8"
    )
    return root


def test_a_hand_in_is_checked_as_a_whole(hand_in):
    found = check(gis.read_plan(hand_in), select="DL01,DL02,DL04,DL05,DL11")
    told = {(each.rule, each.feature) for each in found if each.severity is Severity.ERROR}
    assert {("DL01", "规划图件"), ("DL01", "专题研究"), ("DL01", "公示与意见采纳情况")} <= told
    assert {("DL04", "M35-01/target_2035"), ("DL05", "M35-01"), ("DL02", "urban_development_boundary")} <= told
    assert ("DL01", "规划数据库") not in told
    assert {each.layer for each in found if each.rule == "DL11"} == {
        each for each in gis.model.profile.packaged_profile("national_city").delivery["tables"] if each != "t_indicator"
    }


def test_a_hand_in_lists_its_files_and_reads_its_texts(hand_in):
    plan = gis.read_plan(hand_in)
    assert plan.inventory == ("01文本/规划文本.docx", "03数据库/STBHHX.gpkg", "04说明/说明.txt", "附表/规划指标表.csv")
    assert plan.texts["04说明/说明.txt"] == "规划说明"
    assert "表内文字" in plan.texts["01文本/规划文本.docx"]


def test_a_zipped_hand_in_says_the_same_as_its_folder(hand_in, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in sorted(hand_in.rglob("*.*")):
            archive.write(path, f"成果/{path.relative_to(hand_in).as_posix()}")
    zipped, plain = gis.read_plan(tmp_path / "a.zip"), gis.read_plan(hand_in)
    assert (zipped.inventory, dict(zipped.texts)) == (plain.inventory, dict(plain.texts))


def test_a_single_file_is_no_hand_in(hand_in):
    plan = gis.read_plan(hand_in / "03数据库" / "STBHHX.gpkg")
    assert (plan.inventory, dict(plan.texts)) == ((), {})
    assert check(plan, select="DL").outcomes["DL01"].status is Status.NOT_RUN


def test_a_link_that_leads_out_of_the_folder_is_neither_listed_nor_read(hand_in, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    try:
        (hand_in / "01文本" / "link.txt").symlink_to(secret)
        (hand_in / "up").symlink_to(tmp_path, target_is_directory=True)
    except OSError:
        pytest.skip("links need a right on this system")
    plan = gis.read_plan(hand_in)
    assert not any("link" in each or "up" in each for each in plan.inventory)
    assert "secret" not in plan.texts.values()


@pytest.mark.parametrize("content", [b"", b"no document", b"PK\x03\x04broken"])
def test_a_damaged_text_is_named_and_the_rest_is_read(hand_in, content):
    (hand_in / "01文本" / "坏.docx").write_bytes(content)
    plan = gis.read_plan(hand_in)
    assert "01文本/坏.docx" not in plan.texts
    assert any("坏.docx" in each.zh for each in plan.notices)
    assert "01文本/规划文本.docx" in plan.texts


def test_a_text_that_unpacks_to_too_much_is_not_unpacked(hand_in, monkeypatch):
    monkeypatch.setattr(delivery, "MAX_UNPACKED", 10)
    assert "01文本/规划文本.docx" not in gis.read_plan(hand_in).texts


def test_a_folder_of_too_many_files_is_not_listed(hand_in, monkeypatch):
    monkeypatch.setattr(delivery, "MAX_FILES", 3)
    plan = gis.read_plan(hand_in)
    assert plan.inventory == ()
    assert any("3" in each.zh and "未检查成果目录" in each.zh for each in plan.notices)


def test_a_table_remembers_unit_and_decimals_of_what_it_printed():
    raw = pd.DataFrame({"行政区": ["全市", "东县"], "生态保护红线（km2）": ["12.30", "4"]}, dtype="str")
    frame, _ = tidy_table(raw, TABLES["t_control_line_task"], where="x")
    assert frame["redline_ha"].tolist() == [1230.0, 400.0]
    assert figures(frame, "redline_ha", ["ha", "ha"]) == [Figure(12.3, "km2", 2), Figure(4.0, "km2", 2)]


def test_a_total_has_the_codes_and_the_name_of_its_indicator():
    for each in TOTALS:
        indicator = INDICATORS[each.id]
        assert total_named(indicator.title.zh) is each
        assert {code for code in (indicator.code, *indicator.codes) if code} <= set(each.names)


@pytest.mark.long
def test_a_total_is_what_its_indicator_measures(city):
    units = lower_units(city)
    for each in TOTALS:
        values = INDICATORS[each.id].compute(city, units).numbers
        assert any(values == pytest.approx(reading, rel=1e-9) for reading in each.readings(city, units)), each.id
