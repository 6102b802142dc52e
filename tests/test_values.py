"""The lowest floors: texts, units, errors, standards, concepts and sources."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis import errors
from gis.analysis.in_force import increment_period
from gis.errors import GisError, LayerError, ReadError, UnitError
from gis.i18n import Text
from gis.model.concept import sources
from gis.model.drawn import drawn
from gis.model.layers import LAYERS, layer_named
from gis.rules.base import NotRun
from gis.rules.law import tables_in_force
from gis.standards import code_table, profile_table
from gis.units import UNITS, from_base, shown, to_base


def test_a_text_fills_its_placeholders_in_both_languages():
    text = Text("{layer}有 {n} 处", "{n} in {layer}").format(layer=Text("县", "county"), n=3)
    assert (text.zh, text.en) == ("县有 3 处", "3 in county")


def test_braces_in_a_value_stay_as_they_are():
    assert Text("{a}", "{a}").format(a="{b}").zh == "{b}"


def test_an_error_shows_chinese_first_and_then_english():
    assert str(ReadError("甲", "a")).splitlines() == ["甲", "a"]


def test_several_faults_are_one_error():
    lines = str(ReadError.of([Text("甲", "a"), Text("乙", "b")])).splitlines()
    assert lines == ["共 2 处错误：", "  1. 甲", "  2. 乙", "2 faults:", "  1. a", "  2. b"]


def test_every_error_of_the_tree_is_drawn_in_its_docstring():
    for name in errors.__all__:
        assert issubclass(getattr(errors, name), GisError)
        assert name in (errors.__doc__ or "")


@given(st.floats(-1e12, 1e12), st.sampled_from([each for each in UNITS if each]))
def test_a_unit_there_and_back_is_the_same(value, unit):
    assert from_base(to_base(value, unit), unit) == pytest.approx(value, rel=1e-12, abs=1e-12)


def test_fifteen_mu_are_a_hectare():
    assert from_base(to_base(1, "ha"), "mu") == pytest.approx(15)


@given(st.integers(-(10**9), 10**9))
def test_shown_rounds_half_up_as_a_reviewer_does(thousandths):
    exact = Decimal(thousandths) / 1000
    expected = (abs(exact) * 100 + Decimal("0.5")) // 1 / 100
    text = shown(float(exact), "km2").replace(",", "")
    assert Decimal(text) == (expected if exact >= 0 else -expected)


def test_missing_is_a_dash_and_never_zero():
    assert shown(float("nan"), "ha") == "—"


def test_an_unknown_unit_is_refused_by_name():
    with pytest.raises(UnitError, match="furlong"):
        to_base(1, "furlong")


def test_a_code_table_that_does_not_exist_is_refused_by_name():
    with pytest.raises(LayerError, match="nothing"):
        code_table("nothing")


def test_a_profile_that_does_not_exist_names_those_that_do():
    with pytest.raises(LayerError, match="national_city"):
        profile_table("nothing")


@pytest.mark.parametrize("name", ["CZKFBJ", "czkfbj", "城镇开发边界", "urban_development_boundary"])
def test_a_layer_is_known_by_each_of_its_names(name):
    assert layer_named(name) == "urban_development_boundary"


def test_no_name_belongs_to_two_layers():
    names = [name.casefold() for spec in LAYERS.values() for name in {*spec.names, spec.name.zh, spec.id}]
    assert len(names) == len(set(names))


def test_no_field_name_belongs_to_two_fields_of_a_layer():
    for spec in LAYERS.values():
        names = [name.casefold() for each in spec.fields.values() for name in {each.name, each.label.zh, *each.names}]
        assert len(names) == len(set(names)), spec.id


@pytest.mark.parametrize(
    ("source", "day", "force"),
    [
        ("class-2020", date(2022, 1, 1), "in_force"),
        ("class-2020", date(2020, 10, 31), "not_yet"),
        ("class-2020", date(2023, 11, 30), "in_force"),
        ("class-2020", date(2023, 12, 1), "repealed"),
        ("tsp-law", date(2025, 1, 1), "unknown"),
    ],
)
def test_a_source_knows_whether_it_was_in_force(source, day, force):
    assert sources()[source].force(day) == force


@pytest.mark.parametrize(
    ("of_data", "day", "known", "unknown"),
    [
        ("2021", date(2022, 6, 30), "0604", "060202"),  # only the trial of 2020 was in force
        ("2024", date(2024, 6, 30), "060202", "0604"),  # only the guide of 2023
    ],
)
def test_a_layer_may_hold_the_codes_that_were_in_force_between_its_data_and_the_plan(of_data, day, known, unknown):
    plan = drawn({"land_use_plan": [[0, 0, 1, 1]]}, as_of=day, sources={"land_use_plan": {"as_of": of_data}})
    (table,) = tables_in_force(plan, "land_use_plan", "land_use_classes")
    assert known in table
    assert unknown not in table


def test_data_from_before_a_change_of_codes_may_hold_either_in_a_plan_after_it():
    plan = drawn(
        {"land_use_plan": [[0, 0, 1, 1]]}, as_of=date(2024, 1, 1), sources={"land_use_plan": {"as_of": "2022"}}
    )
    assert [("0604" in each) for each in tables_in_force(plan, "land_use_plan", "land_use_classes")] == [False, True]


def test_codes_from_before_the_first_classes_cannot_be_judged():
    plan = drawn({"land_use_plan": [[0, 0, 1, 1]]}, as_of=date(2020, 1, 1))
    with pytest.raises(NotRun, match="2020-01-01"):
        tables_in_force(plan, "land_use_plan", "land_use_classes")


@pytest.mark.parametrize(
    ("day", "most"), [("2020", None), ("2021", 0.40), ("2025-12-31", 0.40), ("2026-01-01", 0.75), ("2035-12-31", 1.0)]
)
def test_the_increment_schedule_has_a_period_for_each_day(day, most):
    period = increment_period(day)
    assert (period and period.cumulative_max) == most
    assert period is None or not period.certain


def test_every_source_that_is_superseded_names_one_that_exists():
    for each in sources().values():
        assert not each.superseded_by or each.superseded_by in sources()
        assert not each.in_force_to or each.in_force_from <= each.in_force_to
