"""Area by class, construction land, and the expansion multiple."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gis.analysis.land_accounts import (
    TOWN_AND_COUNTRY,
    Expansion,
    area_by_class,
    coded,
    construction,
    flagged,
    summed,
    text_codes,
    urban_construction,
)
from gis.standards import code_table


def test_areas_by_class_add_up_to_the_whole_at_every_level():
    codes, area = ["0101", "070102", "07", None, "1401"], [1.0, 2.0, 4.0, 8.0, 16.0]
    for level in (1, 2, 3):
        assert area_by_class(codes, area, level=level).sum() == sum(area)


def test_an_area_by_class_holds_the_classes_below_it():
    assert area_by_class(["0701", "070102", "0703"], [1.0, 2.0, 4.0]).to_dict() == {"07": 7.0}
    assert area_by_class(["0701", "070102", "0703"], [1.0, 2.0, 4.0], level=2).to_dict() == {"0701": 3.0, "0703": 4.0}


def test_a_missing_area_makes_its_class_missing_and_no_other():
    table = area_by_class(["01", "01", "07"], [1.0, np.nan, 2.0])
    assert np.isnan(table["01"])
    assert table["07"] == 2.0


def test_nothing_has_no_classes():
    assert area_by_class([], []).empty
    assert summed([]) == 0.0


def test_construction_land_is_what_the_code_table_calls_so():
    table = code_table("land_use_classes")
    codes = [code for code in table if len(code) > 2 or code == "16"]
    official = [table[code].extra["three_class"] == "建设用地" for code in codes]
    assert construction(pd.DataFrame({"class_code": codes})).tolist() == official


def test_a_missing_class_is_no_construction_land():
    assert not construction(pd.DataFrame({"class_code": [None, "", np.nan]})).any()


@pytest.mark.parametrize(
    ("case", "class_code", "counts"),
    [
        ("BC01", "0101", True),
        ("BC07", "0701", False),
        ("BC08", "1001", False),
        (None, "0701", True),
        ("BC99", "0101", False),
    ],
)
def test_a_conversion_case_comes_before_the_class(case, class_code, counts):
    land = pd.DataFrame({"class_code": [class_code], "conversion_case": pd.Series([case], dtype="str")})
    assert construction(land).tolist() == [counts]


def test_urban_land_has_a_town_code_and_rural_land_has_not():
    land = pd.DataFrame({"class_code": ["0701"] * 5, "settlement_code": ["201", "202A", "203", "204", None]})
    assert urban_construction(land).tolist() == [True, True, False, False, False]
    assert urban_construction(land, TOWN_AND_COUNTRY).tolist() == [True, True, True, False, False]


def test_codes_read_as_numbers_are_codes_again():
    assert coded(pd.Series([410.0, np.nan]), ["410"]).tolist() == [True, False]
    assert coded(pd.Series([410, 430]), ["43"]).tolist() == [False, True]
    assert text_codes(pd.Series([], dtype="float64")).empty


@pytest.mark.parametrize("values", [[True, None], ["是", ""], [1.0, np.nan], ["True", "false"], [1, 0]])
def test_yes_is_yes_however_it_was_stored(values):
    assert flagged(pd.Series(values)).tolist() == [True, False]


def test_a_column_of_nullable_booleans_may_have_holes():
    assert flagged(pd.Series([True, False, pd.NA], dtype="boolean")).tolist() == [True, False, False]


def test_the_multiple_is_one_where_nothing_is_new_and_missing_where_nothing_was():
    assert Expansion(10.0, 0.0).multiple == 1.0
    assert np.isnan(Expansion(0.0, 5.0).multiple)


def test_the_multiple_counts_both_kinds_of_new_land():
    assert Expansion(100.0, 20.0, 10.0).multiple == pytest.approx((100 + 20 + 10) / 100)
