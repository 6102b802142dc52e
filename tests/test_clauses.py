"""Clauses that a plan office writes itself: how they are understood, what they find, what they are refused for."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import RuleError
from gis.i18n import Text
from gis.model.drawn import cases_drawn, drawn
from gis.model.plan import Waiver
from gis.model.profile import Clause, Profile, Signature
from gis.rules import RULES, check
from gis.rules.clause_cases import skeleton
from gis.rules.clause_grammar import Condition, parse
from gis.rules.clauses import clause_rule

PAIRS = [
    ("project 不得压占 ecological_redline", "project must not overlap ecological_redline"),
    ("project 不得与生态保护红线重叠", "project must not overlap 生态保护红线"),
    ("project 不得接触 ecological_redline", "project must not touch ecological_redline"),
    ("plot 必须位于 urban_development_boundary 内", "plot must lie within CZKFBJ"),
    ("城镇开发边界 必须覆盖 county_town", "urban_development_boundary must cover county_town"),
    ("project 距 drinking_water 不小于 300 米", "project must keep 300 m from drinking_water"),
    ("planning_zone 的 规划分区代码 必须为 100，200", "the zone_code of planning_zone must be one of 100, 200"),
    ("land_use_plan 的 class_name 不得为空", "class_name of land_use_plan must not be empty"),
    (
        "land_use_plan[class_code=07*] 的面积合计 不大于 12 公顷",
        "the total area of land_use_plan[class_code=07*] must be at most 12 ha",
    ),
    (
        "permanent_basic_farmland 面积合计 不小于 目标 farmland",
        "the total area of permanent_basic_farmland must be at least target farmland",
    ),
]
SENTENCES = [each for pair in PAIRS for each in pair] + [
    "land_use_plan[class_code=0804*; area_m2>=100] 不得压占 hazard_area[level=极高,高]",
    "project[kind!=线性] must keep 0.5 km from ecological_redline",
]


def clause(text, **said):
    return Clause("XC01", Text("条文", "clause"), text, **said)


def found(text, plan):
    return [
        place
        for places in clause_rule(clause(text)).find(plan)
        for place in zip(places.features, places.measure, strict=True)
    ]


@pytest.mark.parametrize(("zh", "en"), PAIRS)
def test_a_clause_means_the_same_in_both_languages(zh, en):
    assert parse("XC01", zh) == parse("XC01", en)


@pytest.mark.parametrize(
    "text",
    [
        "项目 距 河流 ≥ 30 米",
        "项目应与河流保持 30 米以上距离",
        "项目与河流保持至少0.03千米的间距",
        "项目 与 河流 保持 30 m",
    ],
)
def test_a_distance_may_be_written_as_planners_write_it(text):
    names = text.replace("项目", "project").replace("河流", "river")
    assert parse("XC01", names) == parse("XC01", "project 距 river 不小于 30 米")


@pytest.mark.parametrize("text", SENTENCES)
def test_the_drawn_cases_of_a_clause_come_true(text):
    rule = clause_rule(clause(text))
    for case in cases_drawn(skeleton(clause(text))):
        places = [each for each in rule.find(case.plan) if len(each)]
        assert sorted(m for each in places for m in each.measure / (1e4 if rule.unit == "ha" else 1)) == pytest.approx(
            sorted(case.finds.values()), rel=1e-6, nan_ok=True
        )


def test_conditions_are_read_with_their_operators():
    said = parse("XC01", "plot[class_code=0701,0702；height_m>60] 不得压占 hazard_area")
    assert said.term.conditions == (Condition("class_code", "=", ("0701", "0702")), Condition("height_m", ">", ("60",)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("gibberish", "gibberish"),
        ("nothing 不得压占 hazard_area", "nothing"),
        ("project[colour=red] 不得压占 hazard_area", "colour"),
        ("project[kind] 不得压占 hazard_area", "kind"),
        ("project[area_m2>much] 不得压占 hazard_area", "much"),
        ("project 距 drinking_water 不小于 300 里", "里"),
        ("project 面积合计 不大于 3 斤", "斤"),
    ],
)
def test_what_is_not_understood_is_named(text, said):
    with pytest.raises(RuleError, match="XC01") as refused:
        clause_rule(clause(text))
    assert said in str(refused.value)


def test_an_id_of_another_family_is_refused():
    with pytest.raises(RuleError, match="XC"):
        clause_rule(Clause("CL01", Text("a", "a"), "project must not touch river"))


def test_a_feature_without_a_value_meets_no_condition():
    plan = drawn({"project": [{"box": [0, 0, 10, 10], "kind": None}], "ecological_redline": [[0, 0, 10, 10]]})
    assert found("project[kind=甲] 不得压占 ecological_redline", plan) == []
    assert found("project[kind!=甲] 不得压占 ecological_redline", plan) == []


def test_points_and_lines_stray_as_polygons_do():
    mask = {"urban_development_boundary": [[0, 0, 100, 100]]}
    points = drawn({"facility": [{"point": [50, 50]}, {"point": [150, 50]}], **mask})
    lines = drawn({"road": [{"line": [[50, 50], [150, 50]]}, {"line": [[0, 0], [100, 100]]}], **mask})
    assert [each[0] for each in found("facility 必须位于 urban_development_boundary 内", points)] == [("1",)]
    ((feature, outside),) = found("road 必须位于 urban_development_boundary 内", lines)
    assert (feature, outside) == (("0",), pytest.approx(50, rel=1e-6))


def test_a_common_border_is_no_overlap_and_is_a_touch():
    plan = drawn({"project": [[0, 0, 10, 10]], "ecological_redline": [[10, 0, 20, 10]]})
    assert found("project 不得压占 ecological_redline", plan) == []
    assert [each[0] for each in found("project 不得接触 ecological_redline", plan)] == [("0",)]


@given(st.floats(1, 500), st.floats(1, 500), st.integers(0, 3))
def test_the_distance_between_two_squares_is_that_of_the_drawing(gap, least, side):
    other = [
        [100 + gap, 0, 200 + gap, 100],
        [0, 100 + gap, 100, 200 + gap],
        [-100 - gap, 0, -gap, 100],
        [0, -100 - gap, 100, -gap],
    ][side]
    plan = drawn({"project": [[0, 0, 100, 100]], "drinking_water": [other]})
    near = found(f"project 距 drinking_water 不小于 {least:.3f} 米", plan)
    expected = [gap] if gap < round(least, 3) * (1 - 1e-9) else []
    if math.isclose(gap, round(least, 3), rel_tol=1e-6):
        return
    assert [each[1] for each in near] == pytest.approx(expected, rel=1e-6)


# --- in the check of a plan


def _office(*clauses, **said):
    return Profile("office", Text("本单位", "office"), clauses=clauses, **said)


@pytest.fixture
def plan():
    layers = {"project": [{"box": [0, 0, 100, 100], "name": "甲"}], "ecological_redline": [[50, 0, 150, 100]]}
    return replace(
        drawn(layers), own_profile=_office(clause("project 不得压占 ecological_redline", severity="warning"))
    )


def test_a_clause_runs_beside_the_rules_of_the_catalogue(plan):
    found = check(plan, select="XC,CL")
    assert [(each.rule, each.severity.value, each.feature) for each in found] == [("XC01", "warning", "0")]
    assert found.outcomes["XC01"].title.zh == "条文"
    assert "条文" in found[0].message.zh
    assert "XC01" not in RULES


def test_a_clause_whose_layer_is_missing_is_not_run(plan):
    outcome = check(plan.without_layer("ecological_redline")).outcomes["XC01"]
    assert outcome.status == "not_run"


def test_a_finding_of_a_clause_can_be_waived(plan):
    waiver = Waiver("XC01", "0", "已批", "某人")
    assert check(replace(plan, waivers=(waiver,)), select="XC")[0].waived


def test_two_clauses_with_one_id_are_refused(plan):
    twice = _office(*[clause("project must not touch river")] * 2)
    with pytest.raises(RuleError, match="XC01"):
        check(replace(plan, own_profile=twice))


def test_a_clause_finds_what_the_rule_of_the_same_meaning_finds(faulty_city):
    said = clause("permanent_basic_farmland 不得压占 ecological_redline")
    found = check(replace(faulty_city, own_profile=_office(said)), select="XC,CL01")
    of_rule = {
        (each.feature, each.other, round(each.measure, 6))
        for each in found["CL01"]
        if each.other_layer == "ecological_redline" and each.layer == "permanent_basic_farmland"
    }
    told = {(each.feature, each.other, round(each.measure, 6)) for each in found["XC01"]}
    assert told == of_rule
    assert told


def test_a_value_of_an_assumed_profile_stays_assumed_until_it_is_signed(plan):
    values = {"TP04": {"area_min": 400.0}}
    loose = replace(plan, own_profile=_office(certainty="assumed", parameters=values))
    signed = replace(
        plan,
        own_profile=_office(
            certainty="assumed", parameters=values, signed={"TP04": {"area_min": Signature("甲", date(2025, 1, 1))}}
        ),
    )
    assert check(loose, select="TP04").outcomes["TP04"].settings["area_min"].assumed
    assert not check(signed, select="TP04").outcomes["TP04"].settings["area_min"].assumed
    assert check(loose, select="TP04").outcomes["TP04"].settings["area_min"].value == 400.0


def test_a_profile_with_settings_for_a_rule_that_is_not_there_is_refused(plan):
    with pytest.raises(RuleError, match="ZZ99"):
        check(replace(plan, own_profile=_office(severities={"ZZ99": "off"})))
