"""Tables of a plan: found by the name of file or sheet, with the catalogue's columns, types and units."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

import gis
from gis.analysis.printed import words_in
from gis.model.drawn import drawn
from gis.model.tables import TABLES, table_named
from gis.present.plan_files import save_plan
from gis.read.table import read_table, tidy_table

ACCOUNT = TABLES["t_quota_account"]


@pytest.fixture
def folder(tmp_path):
    save_plan(drawn({"county": [{"box": [0, 0, 1000, 1000], "area_code": "330523"}]}, name="甲"), tmp_path)
    (tmp_path / "plan.toml").unlink()
    return tmp_path


def _workbook(path, *sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)


def test_every_name_of_a_table_means_one_table():
    names = [name.casefold() for spec in TABLES.values() for name in (spec.id, spec.name.zh, *spec.names)]
    assert len(names) == len(set(names))
    assert all(table_named(name) for name in names)


def test_every_column_name_means_one_column():
    for spec in TABLES.values():
        names = [name for each in spec.fields.values() for name in (each.name, each.label.zh, *each.names)]
        assert len(names) == len(set(names)), spec.id


def test_sheets_of_a_workbook_in_the_folder_are_read_by_their_names(folder):
    rows = [["指标类型", "期初（公顷）", "期末"], ["增量", "1,234.5", "—"]]
    _workbook(folder / "附表.xlsx", ("封面", [["甲市"]]), ("指标账户", rows))
    table = gis.read_plan(folder).tables["t_quota_account"]
    assert table["opening_ha"].tolist() == [1234.5]
    assert table["closing_ha"].isna().all()


def test_heads_may_stand_below_a_title(folder):
    rows = [["甲市指标账户", None], [None, None], ["指标类型", "期初"], ["增量", 3]]
    _workbook(folder / "账户.xlsx", ("指标账户表", rows))
    assert gis.read_plan(folder).tables["t_quota_account"]["opening_ha"].tolist() == [3.0]


def test_a_file_may_carry_the_name_of_its_table(folder):
    (folder / "城镇体系表.csv").write_text("城镇名称,人口规模（万人）\n甲镇,1.5\n", encoding="gbk")
    assert gis.read_plan(folder).tables["t_town_system"]["population"].tolist() == [15000.0]


def test_a_table_nobody_knows_is_said_and_not_read(folder):
    (folder / "通讯录.csv").write_text("姓名\n张三\n", encoding="utf-8")
    plan = gis.read_plan(folder)
    assert not plan.tables
    assert any("通讯录.csv" in each.zh for each in plan.notices)


def test_a_damaged_workbook_beside_the_layers_is_said_and_stops_nothing(folder):
    (folder / "名录.xlsx").write_bytes(b"PK\x03\x04 nothing")
    plan = gis.read_plan(folder)
    assert "county" in plan
    assert any("名录.xlsx" in each.en for each in plan.notices)


@pytest.mark.parametrize(("head", "value"), [("期初(亩)", 15.0), ("期初（平方公里）", 0.01), ("opening_ha", 1.0)])
def test_values_are_brought_to_the_unit_of_the_catalogue(head, value):
    table, _ = tidy_table(pd.DataFrame({head: [str(value)]}), ACCOUNT, where="t")
    assert table["opening_ha"].tolist() == pytest.approx([1.0])


def test_a_column_in_a_unit_that_does_not_fit_is_left_alone_and_said():
    table, notices = tidy_table(pd.DataFrame({"期初(人)": ["5"]}), ACCOUNT, where="t")
    assert list(table.columns) == ["期初(人)"]
    assert "期初(人)" in notices[0].zh


def test_words_among_numbers_are_kept_beside_the_numbers_and_told():
    table, _ = tidy_table(pd.DataFrame({"指标类型": ["增量"] * 2, "期初": ["5", "约六"]}), ACCOUNT, where="t")
    assert table.loc[0, "opening_ha"] == 5.0
    assert words_in(table) == {"opening_ha": ["", "约六"]}
    found = gis.check(replace(drawn({"county": [[0, 0, 10, 10]]}), tables={"t_quota_account": table}), select="DL11")
    assert [(each.feature, "约六" in each.message.zh) for each in found] == [("#2", True)]


def test_a_percent_sign_is_the_unit_of_a_row_that_states_none_and_no_number_beside_another():
    raw = {"指标": ["覆盖率", "耕地保有量"], "单位": [None, "公顷"], "2035年": ["60.5%", "70％"]}
    table, _ = tidy_table(pd.DataFrame(raw, dtype="str"), TABLES["t_indicator"], where="t")
    assert table.loc[0, ["target_2035", "unit"]].tolist() == [60.5, "%"]
    assert words_in(table) == {"target_2035": ["", "70%"]}


@pytest.mark.parametrize(("printed", "told"), [("≤2.5", 0), ("≥0.5", 1), ("≤0.5", 1), ("2.5", 1)])
def test_a_ceiling_is_kept_below_and_a_floor_above(printed, told):
    raw = pd.DataFrame({"名称": ["城镇开发边界面积"], "指标编号": ["Z1"], "单位": ["平方公里"], "2035年": [printed]})
    raw = raw.rename(columns={"名称": "指标"})
    table, _ = tidy_table(raw, TABLES["t_indicator"], where="t")
    plan = replace(drawn({"urban_development_boundary": [[0, 0, 1000, 1000]]}), tables={"t_indicator": table})
    found = gis.check(plan, select="DL04")
    assert len(found) == told
    assert all((each.severity is gis.Severity.NOTE) == printed.startswith("≥") for each in found)


def test_numbered_lines_of_a_form_are_no_rows(folder):
    (folder / "重点项目表.csv").write_text("序号,项目名称,用地规模\n1,甲,2\n2,,\n3,,\n", encoding="utf-8")
    assert gis.read_plan(folder).tables["t_key_project"]["name"].tolist() == ["甲"]


def test_codes_keep_their_zeros(folder):
    (folder / "用途结构调整表.csv").write_text("分类代码,规划面积\n0101,5\n", encoding="utf-8")
    assert gis.read_plan(folder).tables["t_land_use_structure"]["class_code"].tolist() == ["0101"]


def test_a_saved_plan_comes_back_with_tables_settings_and_related_plans(tmp_path):
    plan = drawn(
        {"county": [{"box": [0, 0, 1000, 1000], "area_code": "330523"}]},
        tables={"t_flow": [{"from": "甲", "to": "乙", "value": 2.5}], "别的表": [{"a": "=1+1"}]},
        accuracy={"position_m": 2.0},
        parameters={"TP05": {"angle_deg": 5.0}, "UB02": {"codes": ("410", "420")}},
        severities={"TP04": "off"},
        related={"locked": {"ecological_redline": [[0, 0, 10, 10]]}},
        name="甲",
    )
    back = gis.read_plan(save_plan(plan, tmp_path))
    assert back.tables["t_flow"].to_dict("list") == {"from": ["甲"], "to": ["乙"], "value": [2.5]}
    assert back.tables["别的表"]["a"].tolist() == ["=1+1"]
    assert back.accuracy.position_m == 2.0
    assert back.parameters["TP05"] == {"angle_deg": 5.0}
    assert back.parameters["UB02"]["codes"] == ["410", "420"]
    assert back.severities == {"TP04": "off"}
    assert back.related["locked"]["ecological_redline"].area.tolist() == [100.0]


def test_a_table_of_official_look_is_read_for_what_it_says(tmp_path):
    lines = (
        "附表2 某市用地结构调整表,,",
        "单位：平方公里,,",
        "用地类型,现状,规划",
        ",面积,面积",
        '耕地,"1,200.50",≥１３００',
        "林地,—,/",
        "注：数据来源为变更调查,,",
    )
    path, spec = tmp_path / "表.csv", TABLES["t_land_use_structure"]
    path.write_text("\n".join(lines), encoding="utf-8")
    table, notices = tidy_table(read_table(path, spec=spec), spec, where="表")
    assert table["class_name"].tolist() == ["耕地", "林地"]
    assert table.loc[0, ["base_ha", "plan_ha"]].tolist() == [120_050.0, 130_000.0]
    assert table.loc[1, ["base_ha", "plan_ha"]].isna().all()
    assert notices == ()


def test_a_table_may_carry_its_number_and_its_place_before_its_name():
    assert table_named("附表2-1 甲市规划指标表") == "t_indicator"
    assert table_named("中心城区规划指标表") is None
