"""What the drawn cases of ZN, CD, US and SF do not say: severities, one finding for one place, words of the message."""

from __future__ import annotations

import pytest

from gis.model.drawn import drawn
from gis.model.finding import Severity
from gis.rules import check
from gis.rules.safety_distances import _kinds

HOUSING_AND_SCHOOL = [
    {"box": [0, 0, 100, 100], "class_code": "0701"},
    {"box": [100, 0, 200, 100], "class_code": "080403"},
]


def told(plan, select):
    return {(each.rule, each.feature, each.severity) for each in check(plan, select=select)}


def test_a_school_in_a_high_flood_area_is_told_once_as_new_public_service():
    plan = drawn(
        {"land_use_plan": HOUSING_AND_SCHOOL, "hazard_area": [{"box": [0, 0, 900, 900], "kind": "洪水", "level": "高"}]}
    )
    found = check(plan, select="SF01,SF07")
    assert {each.rule for each in found} == {"SF01"}
    assert [(each.rule, each.subsumed_by) for each in found.subsumed] == [("SF07", "SF01")]


def test_a_school_on_a_fault_of_no_high_level_is_told_by_its_own_rule():
    plan = drawn(
        {"land_use_plan": HOUSING_AND_SCHOOL, "hazard_area": [{"box": [0, 0, 900, 900], "kind": "断裂", "level": "中"}]}
    )
    assert told(plan, "SF01,SF07") == {("SF07", "1", Severity.ERROR)}


def test_housing_in_the_special_purpose_zone_is_told_once():
    zone = {"box": [0, 0, 900, 900], "zone_code": "430"}
    plan = drawn(
        {"land_use_plan": HOUSING_AND_SCHOOL[:1], "urban_development_boundary": [zone], "planning_zone": [zone]}
    )
    found = check(plan, select="ZN03,ZN07")
    assert [each.rule for each in found] == ["ZN03"]
    assert [each.rule for each in found.subsumed] == ["ZN07"]


def test_a_forbidden_class_is_a_warning_and_a_conditional_one_a_note():
    plan = drawn(
        {
            "planning_zone": [{"box": [0, 0, 900, 900], "zone_code": "300"}],
            "land_use_plan": [
                {"box": [0, 0, 100, 100], "class_code": "1001"},
                {"box": [200, 0, 300, 100], "class_code": "1202"},
            ],
        }
    )
    assert told(plan, "ZN07") == {("ZN07", "0", Severity.WARNING), ("ZN07", "1", Severity.NOTE)}


def test_zones_of_the_central_urban_area_are_asked_where_there_are_no_others():
    zone = {"box": [0, 0, 900, 900], "zone_code": "200", "scope": "central_district"}
    plan = drawn({"planning_zone": [zone], "land_use_plan": [{"box": [0, 0, 100, 100], "class_code": "1001"}]})
    assert told(plan, "ZN07") == {("ZN07", "0", Severity.WARNING)}


def test_the_core_of_a_quarter_is_an_error_and_what_surrounds_it_a_note():
    project = [{"box": [0, 0, 200, 100], "class_code": "0901"}]
    lines = [
        {"box": [0, 0, 100, 100], "name": "文澜坊", "zone": "核心保护范围"},
        {"box": [100, 0, 200, 100], "name": "文澜坊", "zone": "环境协调区"},
    ]
    found = told(drawn({"project": project, "heritage_line": lines}), "SF12")
    assert found == {("SF12", "0", Severity.ERROR), ("SF12", "0", Severity.NOTE)}


def test_the_table_of_distances_is_met_by_name_and_voltage():
    voltages = ["500kV", "220千伏", "110", "10 KV", "直流", None]
    lines = [
        {"line": [[0, n], [1, n]], "kind": "架空电力线", "voltage_or_class": each} for n, each in enumerate(voltages)
    ]
    rails = [{"line": [[0, 0], [1, 0]], "kind": each} for each in ("高速铁路", "铁路", "地铁")]
    met = {code: lines.nonzero()[0].tolist() for code, _, lines in _kinds(drawn({"lifeline": lines, "railway": rails}))}
    assert met == {"PD06": [0], "PD10": [1], "PD14": [], "PD15": [0], "PD16": [1], "PD17": [2], "PD18": [3]}


def test_a_plot_says_all_that_it_lacks():
    plot = {
        "box": [0, 0, 100, 100],
        "class_code": "0701",
        "plot_ratio": 2,
        "density": None,
        "green_ratio": 30,
        "height_m": None,
    }
    (found,) = check(drawn({"plot": [plot]}), select="CD18")
    assert "缺建筑密度、缺限高" in found.message.zh


@pytest.mark.parametrize(("share", "expected"), [(90.0, 1), (60.0, 0)])
def test_residents_beyond_reach_are_a_note_by_the_share_that_the_plan_sets(share, expected):
    people = [{"point": [0, 0], "residents": 200}, {"point": [5000, 0], "residents": 100}]
    plan = drawn(
        {"shelter": [{"point": [0, 0], "area_m2": 1000}], "population": people},
        parameters={"SF16": {"share_least": share}},
    )
    assert [each.severity for each in check(plan, select="SF16")] == [Severity.NOTE] * expected
