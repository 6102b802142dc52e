"""Assumed values: listed for the bureau, signed by it, and from then on its own."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pytest

from gis.errors import ReadError, WriteError
from gis.model.drawn import drawn
from gis.model.profile import profile_of
from gis.present.profile_file import save_profile
from gis.present.sign_off import HEADS, save_sign_off
from gis.read.profile import read_profile
from gis.read.sign_off import read_sign_off
from gis.rules import check


@pytest.fixture(scope="module")
def plan():
    return drawn({"county": [[0, 0, 1000, 1000]], "land_use_plan": [{"box": [0, 0, 9, 9], "class_code": "0701"}]})


@pytest.fixture
def sheet(tmp_path, plan):
    """A function that fills in the last columns of the row of TP04.area_min and gives the file's path."""

    def fill(**cells):
        path = save_sign_off(check(plan, select="TP04"), tmp_path / "a.xlsx")
        book = openpyxl.load_workbook(path)
        rows = [row for row in book.active.iter_rows(min_row=5) if row[2].value == "area_min"]
        assert len(rows) == 1
        for column, value in cells.items():
            rows[0][int(column.removeprefix("c")) - 1].value = value
        book.save(path)
        return path

    return fill


def test_the_sheet_lists_every_assumed_value_of_the_rules_that_ran(tmp_path, plan):
    found = check(plan)
    book = openpyxl.load_workbook(save_sign_off(found, tmp_path / "a.xlsx"))
    rows = [(row[0].value, row[2].value) for row in book.active.iter_rows(min_row=5)]
    assert rows == [(rule, name) for rule, settings in found.assumed().items() for name in settings]
    assert [cell.value for cell in book.active[4]] == [each.zh for each in HEADS]


def test_a_row_that_nobody_signed_confirms_nothing(sheet):
    assert read_sign_off(sheet()) == {}


def test_a_name_and_a_date_agree_to_the_value_in_use(sheet):
    value, signature = read_sign_off(sheet(c9="张三", c10="2025-06-01"))["TP04"]["area_min"]
    assert (value, signature.by, signature.on.isoformat()) == (200.0, "张三", "2025-06-01")


def test_another_value_takes_its_place(sheet):
    assert read_sign_off(sheet(c8=400, c9="张三", c10="2025/06/01"))["TP04"]["area_min"][0] == 400.0


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"c8": 400}, "name and date"),
        ({"c9": "张三"}, "together"),
        ({"c8": "many", "c9": "张三", "c10": "2025-06-01"}, "many"),
        ({"c9": "张三", "c10": "June"}, "June"),
        ({"c3": "nothing", "c9": "张三", "c10": "2025-06-01"}, "nothing"),
    ],
)
def test_a_row_filled_in_wrongly_is_named(sheet, cells, said):
    with pytest.raises(ReadError) as refused:
        read_sign_off(sheet(**cells))
    assert said in str(refused.value)


def test_another_workbook_is_refused(tmp_path):
    openpyxl.Workbook().save(tmp_path / "b.xlsx")
    with pytest.raises(ReadError):
        read_sign_off(tmp_path / "b.xlsx")


def test_only_a_workbook_can_be_signed(tmp_path, plan):
    with pytest.raises(WriteError, match=r"\.txt"):
        save_sign_off(check(plan, select="TP04"), tmp_path / "a.txt")


def test_a_signed_value_is_no_longer_assumed_and_is_the_one_in_use(tmp_path, plan, sheet):
    signed = profile_of(plan).with_signed(read_sign_off(sheet(c8=400, c9="张三", c10="2025-06-01")))
    own = read_profile(save_profile(signed, tmp_path / "own.yaml"))
    setting = check(replace(plan, own_profile=own), select="TP04").outcomes["TP04"].settings["area_min"]
    assert (setting.value, setting.assumed) == (400.0, False)
    assert check(replace(plan, own_profile=own), select="TP04").outcomes["TP04"].settings["width_min"].assumed
