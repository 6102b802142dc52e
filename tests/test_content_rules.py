"""The content rules on plans that lack something: they say what is missing and never break."""

from __future__ import annotations

from datetime import date

import pytest

from gis.i18n import Text
from gis.model.drawn import cases, drawn
from gis.model.finding import Severity, Status
from gis.rules import RULES, check

FAMILIES = ("UB", "FP", "ER", "ZN", "CD", "US", "SF")
IDS = [id_ for id_ in sorted(RULES) if id_.startswith(FAMILIES)]
SELECT = ",".join(FAMILIES)
CASES = [pytest.param(case, id=f"{id_} {case.name}") for id_ in IDS for case in cases(id_) if not case.not_run]


def _run(case, plan):
    return check(plan, select=case.rule).outcomes[case.rule].status


@pytest.mark.parametrize("case", CASES)
def test_a_rule_survives_each_layer_missing_in_turn(case):
    for layer in case.plan:
        assert _run(case, case.plan.without_layer(layer)) in Status


@pytest.mark.parametrize("case", CASES)
def test_a_rule_survives_each_layer_empty_in_turn(case):
    for layer, frame in case.plan.items():
        assert _run(case, case.plan.with_layer(layer, frame.iloc[:0])) in Status


@pytest.mark.parametrize("case", CASES)
def test_a_rule_survives_geometries_that_are_missing(case):
    for layer, frame in case.plan.items():
        assert _run(case, case.plan.with_layer(layer, frame.set_geometry([None] * len(frame), crs=frame.crs))) in Status


@pytest.mark.parametrize("case", CASES)
def test_a_rule_survives_attributes_that_are_missing(case):
    for layer, frame in case.plan.items():
        for column in frame.columns.drop("geometry"):
            assert _run(case, case.plan.with_layer(layer, frame.assign(**{column: None}))) in Status


@pytest.mark.parametrize("case", CASES)
def test_the_order_of_features_changes_no_finding(case):
    turned = case.plan
    for layer, frame in case.plan.items():
        turned = turned.with_layer(layer, frame.iloc[::-1])
    key = lambda each: (each.layer, each.features, each.other, each.message.zh)  # noqa: E731
    once, again = (sorted(map(key, check(plan, select=case.rule))) for plan in (case.plan, turned))
    assert once == again


def test_a_plan_with_no_layers_passes_nothing():
    found = check(drawn({}), select=SELECT)
    assert {found.outcomes[id_].status for id_ in IDS} == {Status.NOT_RUN}


def _severities(id_, layers):
    return {each.feature: each.severity for each in check(drawn(layers), select=id_)}


def test_shops_outside_the_boundary_weigh_less_than_industry():
    plots = [{"box": [2000, 0, 2100, 99], "class_code": "0901"}, {"box": [3000, 0, 3100, 99], "class_code": "1001"}]
    layers = {"urban_development_boundary": [[0, 0, 100, 100]], "land_use_plan": plots}
    assert _severities("UB05", layers) == {"0": Severity.WARNING, "1": Severity.ERROR}


def test_what_stands_in_the_flood_line_weighs_less_than_what_is_new():
    plots = [{"box": [0, 0, 100, 100], "class_code": "1001"}, {"box": [200, 0, 300, 100], "class_code": "1001"}]
    layers = {"flood_risk_line": [[0, 0, 999, 999]], "land_use_plan": plots, "land_use_current": plots[:1]}
    assert _severities("SF02", layers) == {"0": Severity.WARNING, "1": Severity.ERROR}


def test_a_project_without_a_date_in_the_core_is_a_note():
    project = {"box": [0, 0, 100, 100], "accepted_on": None}
    core = {"box": [0, 0, 999, 999], "zone": "核心保护区"}
    assert _severities("ER01", {"project": [project], "protected_area": [core]}) == {"0": Severity.NOTE}


def test_the_day_of_the_notice_is_the_first_day_of_new_projects():
    core = {"box": [0, 0, 999, 999], "zone": "核心保护区"}
    days = [date(2022, 8, 15), date(2022, 8, 16)]
    projects = [{"box": [200 * n, 0, 200 * n + 100, 100], "accepted_on": day} for n, day in enumerate(days)]
    assert set(_severities("ER01", {"project": projects, "protected_area": [core]})) == {"1"}


def test_a_message_names_the_class_of_the_land_in_both_languages():
    plot = {"box": [0, 0, 100, 100], "class_code": "0701"}
    (found,) = check(drawn({"urban_green_line": [[0, 0, 100, 100]], "land_use_plan": [plot]}), select="CD02")
    assert isinstance(found.message, Text)
    assert "0701 城镇住宅用地" in found.message.zh
    assert "0701 Urban residential" in found.message.en


def test_a_missed_task_says_how_much_is_lacking():
    layers = {"ecological_redline": [{"box": [0, 0, 1000, 900], "area_m2": 900_000.0}]}
    (found,) = check(drawn(layers, targets={"ecological_redline_area": 1.0}), select="ER02")
    assert "缺 10.00 公顷" in found.message.zh
