"""The official tables: what stands in them, that parts add up, and how the workbook is set."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from openpyxl import load_workbook

import gis
from gis.analysis.area_units import area_units
from gis.analysis.line_occupation import KINDS
from gis.errors import WriteError
from gis.model.drawn import drawn
from gis.present.official_figures import line_areas, line_occupation, structure
from gis.present.official_tables import save_tables, tables

LAYERS = {
    "county": [
        {"box": [0, 0, 300, 200], "area_code": "330501", "area_name": "=甲县"},
        {"box": [300, 0, 1000, 200], "area_code": "330502", "area_name": "乙县"},
    ],
    "land_use_current": [
        {"box": [0, 0, 1000, 100], "class_code": "0701", "settlement_code": "201", "area_m2": 100_000.0},
        {"box": [0, 100, 1000, 200], "class_code": "0101", "settlement_code": "", "area_m2": 100_000.0},
    ],
    "land_case": [
        {"box": [0, 100, 500, 200], "class_code": "1001", "approved_on": "20200601", "conversion_case": "BC01"}
    ],
    "land_use_plan": [{"box": [0, 0, 800, 150], "class_code": "0701", "area_m2": 120_000.0}],
    "permanent_basic_farmland": [{"box": [600, 90, 1000, 200], "area_m2": 44_000.0}],
    "ecological_redline": [{"box": [900, 150, 1000, 200]}],
    "urban_development_boundary": [{"box": [0, 0, 700, 150], "zone_code": "411"}],
}


@pytest.fixture(scope="module")
def plan():
    return drawn(LAYERS).with_targets(permanent_basic_farmland_area=0.05)


def cents(values):
    return np.round(np.asarray(values, dtype=float) * 100).astype(int)


def odd_plan():
    """Three counties of uneven shape over parcels of uneven classes, none of a round area."""
    random = np.random.default_rng(5)
    cut = np.r_[0, np.sort(random.uniform(50, 950, 24)), 1000]
    codes = random.choice(["0101", "0103", "0301", "0701", "0703", "1701"], len(cut) - 1)
    land = [
        {"box": [float(a), 0, float(b), 777.7], "class_code": code}
        for a, b, code in zip(cut[:-1], cut[1:], codes, strict=True)
    ]
    edges = [0.0, 123.4, 567.8, 1000.0]
    counties = [{"box": [a, 0, b, 777.7], "area_code": str(n)} for n, (a, b) in enumerate(pairwise(edges))]
    return drawn(
        {"county": counties, "land_use_current": land, "ecological_redline": [{"box": [33.3, 11.1, 888.8, 654.3]}]}
    )


def test_the_kinds_of_land_add_up_to_the_line_and_the_counties_to_the_whole():
    made = odd_plan()
    found = line_occupation(made, area_units(made, "county"), "ecological_redline")
    assert (cents(found[list(KINDS)]).sum(axis=1) == cents(found["area"])).all()
    everything = cents(found[["area", *KINDS]])
    assert (everything[1:].sum(axis=0) == everything[0]).all()
    assert found["area"][0] == pytest.approx(855.5 * 643.2 / 1e4, abs=0.01)


def test_classes_add_up_by_level_and_by_county():
    made = odd_plan()
    frame = structure(made, area_units(made, "county"))["survey"]
    first, second = [each for each in frame.index if len(each) == 2], [each for each in frame.index if len(each) == 4]
    assert (cents(frame.loc[first]).sum(axis=0) == cents(frame.loc[""])).all()
    for code in first:
        below = [each for each in second if each.startswith(code)]
        assert (cents(frame.loc[below]).sum(axis=0) == cents(frame.loc[code])).all()
    assert (cents(frame)[:, 1:].sum(axis=1) == cents(frame)[:, 0]).all()


def test_lines_have_area_target_and_gap(plan):
    found = line_areas(plan, area_units(plan, "county"))["permanent_basic_farmland"]
    assert found.area[:3] == [4.4, 0.0, 4.4]
    assert found.target[0] == 5.0
    assert found.gap[0] == -0.6


def test_the_tasks_of_the_plans_own_table_are_the_targets_of_the_counties(plan):
    import pandas as pd

    own = drawn(LAYERS)
    table = pd.DataFrame({"area_unit": ["330502", "=甲县"], "redline_ha": [0.4, 0.1]})
    object.__setattr__(own, "tables", {"t_control_line_task": table})
    found = line_areas(own, area_units(own, "county"))["ecological_redline"]
    assert found.target[1:3] == [0.1, 0.4]
    assert found.gap[1:3] == [-0.1, 0.1]


def test_what_stands_in_a_line_is_told_by_kind_and_by_what_else_lies_there(plan):
    found = line_occupation(plan, area_units(plan, "county"), "urban_development_boundary").loc[0]
    expected = {
        "area": 10.5,
        "cultivated": 3.5,
        "urban": 7.0,
        "planned": 10.5,
        "approved": 2.5,
        "permanent_basic_farmland": 0.6,
    }
    assert found[list(expected)].to_dict() == expected
    assert np.isnan(found["project"])


def test_the_base_stands_both_ways_beside_the_plan(plan):
    sheet = next(each for each in tables(plan) if each.name.zh == "用地用海结构")
    rows = {row[0]: row[2:] for row in sheet.rows}
    assert rows["01"] == (10.0, 5.0, 0.0, -5.0)
    assert rows["07"] == (10.0, 10.0, 12.0, 2.0)
    assert rows["10"] == (0.0, 5.0, 0.0, -5.0)
    without = next(each for each in tables(plan.without_layer("land_case")) if each.name.zh == "用地用海结构")
    assert [own.zh for _, own in without.heads[2:]] == ["三调口径", "规划", "增减"]
    assert "只有三调口径" in without.notes[0].zh


def test_the_workbook_is_inert_marked_and_printable(plan, tmp_path):
    path = save_tables(plan, gis.check(plan), tmp_path / "附表.xlsx")
    book = load_workbook(path)
    assert [each.title for each in book] == [
        "三条控制线", "三线占用情况", "用地用海结构", "分县结构（三调口径）", "分县结构（转换后口径）", "分县结构（规划）", "问题清单",
    ]  # fmt: skip
    for sheet in book:
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        assert "内部资料" in sheet.oddFooter.left.text
        assert "不作为行政许可依据" in sheet.oddFooter.left.text
        assert sheet.page_setup.paperSize in (8, 9)
        assert sheet.print_title_rows == "$4:$5"
        assert "A1" in str(sheet.merged_cells)
    assert book["三条控制线"]["A7"].value == "=甲县"
    assert book["三条控制线"]["B6"].number_format == "#,##0.00"


def test_the_list_of_findings_has_a_row_for_each_place_and_is_not_for_the_public(plan, tmp_path):
    found = gis.check(plan, select="CL")
    sheet = load_workbook(save_tables(plan, found, tmp_path / "a.xlsx"))["问题清单"]
    rows = [row for row in sheet.iter_rows(min_row=6, values_only=True) if isinstance(row[0], int)]
    assert [row[1] for row in rows] == [each.rule for each in found]
    assert {row[5] for row in rows} == {"乙县"}
    public = load_workbook(save_tables(plan, found, tmp_path / "b.xlsx", audience="public"))
    assert "问题清单" not in public.sheetnames


@pytest.mark.parametrize("lacking", [*LAYERS, "everything"])
def test_a_plan_without_a_layer_has_the_tables_it_has_data_for(lacking, tmp_path):
    layers = {} if lacking == "everything" else {name: rows for name, rows in LAYERS.items() if name != lacking}
    path = save_tables(drawn(layers), None, tmp_path / "t.xlsx", language="en")
    assert load_workbook(path).sheetnames[0] == "Control lines"


def test_another_ending_is_an_error(plan, tmp_path):
    with pytest.raises(WriteError, match=r"不能写成 \.csv"):
        save_tables(plan, None, tmp_path / "t.csv")
