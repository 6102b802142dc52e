"""Indicators as workbook, CSV and JSON: the numbers in full, the marks on each, no cell that calculates."""

from __future__ import annotations

import json

import openpyxl
import pandas as pd
import pytest

import gis
from gis.errors import WriteError
from gis.model.drawn import drawn
from gis.present.tables import measures_json, save_measures


@pytest.fixture
def table():
    layers = {
        "county": [{"box": [0, 0, 2000, 1000], "area_code": "339921", "area_name": "=1+1"}],
        "ecological_redline": [[0, 0, 1000, 1000]],
    }
    return gis.measure(drawn(layers, name="=cmd|' /C calc'!A0", targets={"ecological_redline_area": 2.0}))


def test_the_workbook_holds_the_value_in_full_and_no_formula(table, tmp_path):
    book = openpyxl.load_workbook(save_measures(table, tmp_path / "t.xlsx"))
    rows = {row[1].value: row for row in book.worksheets[0].iter_rows(min_row=5)}
    redline = rows["生态保护红线面积"]
    assert redline[3].value == pytest.approx(1.0, rel=1e-6)  # 1 km × 1 km
    assert redline[4].value == 2.0
    assert redline[6].value == "否"
    assert not [
        cell.coordinate for sheet in book for line in sheet.iter_rows() for cell in line if cell.data_type == "f"
    ]


def test_what_was_not_measured_is_an_empty_cell_with_its_reason(table, tmp_path):
    book = openpyxl.load_workbook(save_measures(table, tmp_path / "t.xlsx"))
    rows = {row[1].value: row for row in book.worksheets[0].iter_rows(min_row=5)}
    assert rows["永久基本农田保护面积"][3].value is None
    assert "缺少图层" in rows["永久基本农田保护面积"][7].value


def test_the_csv_opens_in_excel_and_calculates_nothing(table, tmp_path):
    path = save_measures(table, tmp_path / "t.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    frame = pd.read_csv(path, encoding="utf-8-sig", dtype="str")
    texts = frame.select_dtypes("str").fillna("")
    assert not texts.map(lambda value: value.startswith(("=", "+", "@"))).any(axis=None)
    assert set(frame["mark"]) == {"内部资料"}


def test_the_json_is_json_and_carries_the_marks(table):
    said = json.loads(json.dumps(measures_json(table), allow_nan=False))
    assert said["mark"]["zh"] == "内部资料"
    assert said["disclaimer"]["zh"] == "辅助研判，不作为行政许可依据"
    values = {each["indicator"]: each["value"] for each in said["measures"] if not each["area_id"]}
    assert values["permanent_basic_farmland_area"] is None


def test_another_ending_is_refused_with_the_remedy(table, tmp_path):
    with pytest.raises(WriteError, match=r"\.xlsx[\s\S]*Use \.xlsx or \.csv"):
        save_measures(table, tmp_path / "t.doc")
