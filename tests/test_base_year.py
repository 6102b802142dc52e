"""The base year both ways: what each case of the ledger makes of the ground, counted once, by class, settlement and county."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from gis.analysis.area_units import area_units
from gis.analysis.base_year import base_year, urban_base
from gis.model.drawn import drawn

TOWN = {"box": [0, 0, 1000, 100], "class_code": "0701", "settlement_code": "201", "area_m2": 100_000.0}
FIELD = {"box": [0, 100, 1000, 200], "class_code": "0101", "settlement_code": "", "area_m2": 100_000.0}
APPROVED = {"box": [0, 100, 500, 200], "class_code": "1001", "approved_on": "20200601", "conversion_case": "BC01"}


def plan_of(*cases, land=(TOWN, FIELD), **more):
    layers = {"land_use_current": list(land), **more}
    return drawn(layers | {"land_case": list(cases)} if cases else layers)


def both(plan):
    base = base_year(plan)
    return [round(base.construction(basis)[0] / 1e4, 3) for basis in ("survey", "converted")]


def test_without_a_ledger_there_is_only_the_surveyed_base_and_it_says_so():
    base = base_year(plan_of())
    assert not base.converted
    assert "只有三调口径" in base.note.zh
    assert both(plan_of()) == [10.0, 10.0]


def test_approved_land_counts_by_its_approval_and_in_the_survey_as_it_was():
    plan = plan_of(APPROVED)
    assert both(plan) == [10.0, 15.0]
    base = base_year(plan)
    assert base.by_class("survey")[""].round(2).to_dict() == {"01": 100_000.0, "07": 100_000.0}
    assert base.by_class("converted")[""].round(2).to_dict() == {"01": 50_000.0, "07": 100_000.0, "10": 50_000.0}


def test_ground_under_several_cases_counts_once_for_the_latest_decision():
    supplied = {"box": [200, 100, 700, 200], "class_code": "0901", "approved_on": "20200601", "supplied_on": "20210301"}
    base = base_year(plan_of(APPROVED, supplied))
    found = base.by_class("converted", 2)[""].round(2)
    assert found.to_dict() == {"0101": 30_000.0, "0701": 100_000.0, "0901": 50_000.0, "1001": 20_000.0}


@pytest.mark.parametrize(
    ("case", "over", "hectares"),
    [
        ("BC01", FIELD, 20.0), ("BC02", TOWN, 10.0), ("BC03", FIELD, 20.0), ("BC04", TOWN, 10.0), ("BC05", TOWN, 10.0),
        ("BC06", FIELD, 20.0), ("BC07", TOWN, 0.0), ("BC08", TOWN, 0.0), ("BC09", FIELD, 10.0), ("BC10", FIELD, 10.0), ("BC11", FIELD, 20.0),
    ],
)  # fmt: skip
def test_each_case_counts_as_the_table_says(case, over, hectares):
    ledger = {"box": over["box"], "class_code": "1001", "conversion_case": case}
    assert both(plan_of(ledger)) == [10.0, hectares]


@pytest.mark.parametrize(
    ("said", "hectares"),
    [
        ({"state": "已撤销"}, 10.0), ({"approved_on": "20990101"}, 10.0), ({"state": "供而未用"}, 15.0), ({"kind": "临时用地"}, 10.0),
        ({"class_code": ""}, 15.0),
    ],
)  # fmt: skip
def test_a_case_is_told_from_state_kind_and_date_where_it_is_not_stated(said, hectares):
    assert both(plan_of(APPROVED | {"conversion_case": ""} | said))[1] == hectares


def test_approved_land_without_a_use_is_reserved():
    made = base_year(plan_of(APPROVED | {"class_code": "", "conversion_case": ""}))
    assert made.by_class("converted")[""].round(2)["16"] == 50_000.0


def test_new_town_takes_the_settlement_code_of_the_nearest_town_and_a_homestead_that_of_a_village():
    homestead = {"box": [500, 100, 600, 200], "class_code": "0703", "conversion_case": "BC01"}
    found = base_year(plan_of(APPROVED, homestead)).by_settlement("converted")
    assert found.round(2).to_dict() == {"201": 150_000.0, "203": 10_000.0}


def test_a_parcel_that_already_carries_the_approved_class_is_surveyed_as_its_survey_parcel():
    marked = FIELD | {"class_code": "1001", "approved": True}
    survey = [{"box": TOWN["box"], "class_code": "0701"}, {"box": FIELD["box"], "class_code": "0103"}]
    base = base_year(plan_of(land=(TOWN, marked), survey_parcel=survey))
    assert base.converted
    assert base.by_class("survey", 2)[""].round(2).to_dict() == {"0103": 100_000.0, "0701": 100_000.0}
    assert base.by_class("converted", 2)[""].round(2).to_dict() == {"0701": 100_000.0, "1001": 100_000.0}


def test_units_and_what_lies_outside_them_add_up_to_the_stated_areas():
    counties = [{"box": [0, 0, 300, 200], "area_code": "1"}, {"box": [300, 0, 900, 200], "area_code": "2"}]
    plan = plan_of(APPROVED, county=counties)
    base = base_year(plan, area_units(plan, "county"))
    for basis in ("survey", "converted"):
        table = base.by_class(basis)
        assert table[""].sum() == pytest.approx(200_000.0, abs=1e-6)
        assert table["1"].sum() + table["2"].sum() == pytest.approx(180_000.0, abs=0.1)
    assert base.construction("converted")[1:] == pytest.approx([60_000.0, 80_000.0], abs=0.1)


def test_the_survey_parcels_are_the_base_where_current_land_use_is_missing():
    plan = drawn({"survey_parcel": [{"box": [0, 0, 100, 100], "class_code": "1006", "area_m2": 1e4}]})
    assert base_year(plan).by_class("survey", 2)[""].to_dict() == {"0601": 1e4}


def test_a_plan_without_land_use_has_an_empty_base():
    base = base_year(drawn({"county": [{"box": [0, 0, 10, 10], "area_code": "1"}]}))
    assert base.construction("converted").tolist() == [0.0, 0.0]
    assert base.by_class("survey").empty


def test_the_urban_base_has_its_ground_once_and_loses_what_was_restored():
    restored = {"box": [900, 0, 1000, 100], "conversion_case": "BC07"}
    base = urban_base(plan_of(APPROVED, restored))
    assert base.basis == "converted"
    assert base.m2 == pytest.approx(140_000.0, rel=1e-5)


def test_the_demo_city_is_converted_alike_by_its_marks_and_by_its_ledger(city):
    with_ledger, marks_only = base_year(city), base_year(city.without_layer("land_case"))
    assert with_ledger.construction("converted") == pytest.approx(marks_only.construction("converted"), rel=1e-6)
    assert (with_ledger.construction("survey") <= with_ledger.construction("converted") + 1.0).all()
    assert city.as_of >= date(2023, 1, 1)
    assert np.isfinite(with_ledger.rows["area_m2"]).all()
