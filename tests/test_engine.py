"""The judge, the engine, selections, settings, waivers, and what findings say of themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import RuleError
from gis.i18n import Text
from gis.model.drawn import drawn
from gis.model.finding import Severity, Status, Verdict
from gis.model.plan import Waiver
from gis.present.explain import explain
from gis.present.findings import findings_json
from gis.rules import RULES, check
from gis.rules.engine import chosen
from gis.rules.judge import NOTHING, UNDECIDABLE, VIOLATED, judged
from gis.rules.law import lapsed
from gis.rules.verbs import overlaps

WIDTHS = st.lists(st.floats(0, 1e4), min_size=1)


def overlap(width_m: float, **said):
    """Farmland drawn `width_m` into the redline along 400 m."""
    layers = {
        "ecological_redline": [[0, 0, 1000, 400]],
        "permanent_basic_farmland": [[1000 - width_m, 0, 2000, 400]],
        "urban_development_boundary": [[5000, 0, 6000, 400]],
    }
    return drawn(layers, **said)


def test_a_strip_of_half_a_millimetre_is_no_conflict():
    assert check(overlap(0.0005), select="CL01").outcomes["CL01"].status is Status.PASSED


def test_a_strip_of_five_millimetres_is_one():
    found = check(overlap(0.005), select="CL01")
    assert [each.measure for each in found] == pytest.approx([0.005 * 400 / 1e4], rel=1e-6)


def test_survey_accuracy_does_not_excuse_a_legal_line():
    plan = overlap(0.5, accuracy={"position_m": 5.0})
    assert check(plan, select="CL01").outcomes["CL01"].status is Status.FAILED


@given(WIDTHS, st.floats(0, 1), st.floats(0, 50))
def test_a_wider_place_is_never_judged_more_mildly(widths, numeric, survey):
    width = np.sort(np.array(widths))
    for relation in ("legal×legal", "legal×survey", "survey×survey"):
        verdict = judged(width, relation, "default", numeric_m=numeric, survey_m=survey)
        assert (np.diff(verdict) >= 0).all()


@given(WIDTHS, st.floats(0, 50))
def test_the_strict_reading_leaves_nothing_undecided(widths, survey):
    verdict = judged(np.array(widths), "survey×survey", "strict", numeric_m=0.001, survey_m=survey)
    assert UNDECIDABLE not in verdict


def test_the_borders_of_the_verdicts():
    width = np.array([0.001, 0.0011, 3.0, 3.0001, np.nan])
    verdict = judged(width, "legal×survey", "default", numeric_m=0.001, survey_m=3.0)
    assert verdict.tolist() == [NOTHING, UNDECIDABLE, UNDECIDABLE, VIOLATED, VIOLATED]


def test_a_missing_layer_means_not_run_and_never_passed():
    outcome = check(drawn({"county": [[0, 0, 1, 1]]}), select="CL01").outcomes["CL01"]
    assert outcome.status is Status.NOT_RUN
    assert "生态保护红线" in outcome.reason.zh
    assert "ecological conservation redline" in outcome.reason.en


@pytest.mark.parametrize("said", [{"reading": "lenient"}, {"as_of": "2025-13-01"}, {"as_of": "today"}])
def test_a_reading_or_a_day_nobody_knows_is_an_error(said):
    with pytest.raises(RuleError, match=next(iter(said.values()))):
        check(overlap(1), select="CL01", **said)


def test_the_study_reading_excuses_what_the_accuracy_explains_and_the_strict_one_nothing():
    plan = overlap(0.5, accuracy={"position_m": 5.0})
    said = {each: check(plan, select="CL01", reading=each).outcomes["CL01"].status for each in ("strict", "study")}
    assert said == {"strict": Status.FAILED, "study": Status.UNDECIDABLE}


def test_a_rule_does_not_run_before_its_source_is_in_force_and_names_it():
    outcome = check(overlap(1), select="CL01", as_of="2019-10-31").outcomes["CL01"]
    assert outcome.status is Status.NOT_RUN
    assert "厅字〔2019〕48号" in outcome.reason.zh
    assert "2019-11" in outcome.reason.en
    assert check(overlap(1), select="CL01", as_of="2019-11-01").outcomes["CL01"].status is Status.FAILED


@pytest.mark.parametrize(
    ("said", "day", "runs"),
    [
        ({"since": "2024-03"}, "2024-02-29", False),
        ({"since": "2024-03"}, "2024-03-01", True),
        ({"until": "2024-03"}, "2024-03-31", True),
        ({"until": "2024-03"}, "2024-04-01", False),
        ({"cites": ("class-2020",)}, "2023-11-30", True),
        ({"cites": ("class-2020",)}, "2023-12-01", False),
        ({"cites": ("class-2020", "class-2023-234")}, "2023-12-01", True),
        ({"cites": ("class-2020", "qc-practice")}, "2023-12-01", False),
        ({"cites": ("qc-practice", "literature")}, "1900-01-01", True),
        ({"cites": ("tsp-law",)}, "1900-01-01", True),
    ],
)
def test_a_rule_holds_while_its_own_days_and_one_binding_source_do(said, day, runs):
    reason = lapsed(replace(RULES["CL01"], **said), date.fromisoformat(day))
    assert (reason is None) == runs


def test_a_source_that_was_superseded_names_its_successor():
    reason = lapsed(replace(RULES["CL01"], cites=("class-2020",)), date(2024, 1, 1))
    assert "234号" in reason.zh


# --- one place is told once


@pytest.fixture
def twin(monkeypatch):
    """A rule CL98 that says of farmland and redline what CL01 says of all three lines; CL01 subsumes it."""
    lines = RULES["CL01"]

    def made(**said):
        def find(plan):
            yield overlaps(plan, "ecological_redline", "permanent_basic_farmland")

        monkeypatch.setitem(RULES, "CL98", replace(lines, **({"id": "CL98", "find": find} | said)))
        monkeypatch.setitem(RULES, "CL01", replace(lines, subsumes=("CL98",)))

    return made


def told(plan, **said):
    found = check(plan, **({"select": "CL01,CL98"} | said))
    return [each.rule for each in found], [(each.rule, each.subsumed_by) for each in found.subsumed]


def test_a_place_that_another_rule_tells_is_told_and_summed_once(twin):
    twin()
    found = check(overlap(1), select="CL01,CL98")
    assert told(overlap(1)) == (["CL01"], [("CL98", "CL01")])
    assert found.count() == 1
    assert found.ground_m2() == pytest.approx(400, rel=1e-6)
    assert "涉及面积 0.0400 公顷" in found.summary("zh")
    outcome = found.outcomes["CL98"]
    assert (outcome.status, outcome.count, outcome.subsumed) == (Status.FAILED, 0, 1)
    assert "另有 1 处已由其他规则列出" in found.summary("zh")


def test_a_rule_that_is_not_asked_takes_nothing_over(twin):
    twin()
    assert told(overlap(1), select="CL98") == (["CL98"], [])


def test_a_waived_place_takes_nothing_over(twin):
    twin()
    assert told(replace(overlap(1), waivers=(Waiver("CL01", "", "x", "y"),))) == (["CL01", "CL98"], [])


def test_a_lesser_finding_takes_over_no_graver_one(twin):
    twin()
    assert told(replace(overlap(1), severities={"CL01": "note"})) == (["CL01", "CL98"], [])


def test_a_place_beyond_the_other_by_more_than_the_resolution_is_told_itself(twin):
    def wider(by):
        def find(plan):
            (places,) = [overlaps(plan, "ecological_redline", "permanent_basic_farmland")]
            yield replace(places, geometry=shapely.buffer(places.geometry, by))

        return find

    twin(find=wider(0.0005))
    assert told(overlap(1))[0] == ["CL01"]
    twin(find=wider(0.01))
    assert told(overlap(1))[0] == ["CL01", "CL98"]


def test_places_of_other_features_on_the_same_ground_are_told_apart(twin):
    def find(plan):
        yield overlaps(plan, "road", "railway")

    twin(find=find, needs=())
    boxes = {"road": [[0, 0, 1000, 400]], "railway": [[0, 0, 1000, 400]]}
    both = drawn({name: [[999.2, 0, 999.8, 400]] for name in boxes})
    plan = replace(overlap(1), layers={**overlap(1).layers, **both.layers})
    assert told(plan)[0] == ["CL01", "CL98"]


def test_no_rule_subsumes_itself_even_by_way_of_others():
    for start in RULES:
        seen, next_ = set(), set(RULES[start].subsumes)
        while next_ - seen:
            seen |= next_
            next_ = {each for id_ in next_ for each in RULES[id_].subsumes}
        assert start not in seen


# --- faulty geometry


def test_a_crossing_ring_is_set_aside_said_and_hides_no_overlap():
    bow = [[0, 0], [100, 100], [100, 0], [0, 100]]  # two triangles of 2 500 m²
    layers = {
        "ecological_redline": [{"polygon": bow}, [200, 0, 300, 100]],
        "permanent_basic_farmland": [[0, 0, 100, 100], [250, 0, 400, 100]],
        "urban_development_boundary": [[500, 0, 600, 100]],
    }
    found = check(drawn(layers), select="CL01,TP01")
    assert found.set_aside == {"ecological_redline": ("0",)}
    assert sum(each.measure for each in found["CL01"]) == pytest.approx(2 * 0.25 + 0.5, rel=1e-6)
    assert "1 个要素图形有误" in found.outcomes["CL01"].note.zh
    assert any("ecological" in each.en and "0" in each.en for each in found.notices)


def test_sound_geometry_leaves_nothing_to_say():
    found = check(overlap(1), select="CL,TP")
    assert not found.set_aside
    assert not found.outcomes["CL01"].note.zh


def test_json_lists_what_is_told_elsewhere_and_times_only_on_request(twin):
    twin()
    found = check(overlap(1), select="CL01,CL98")
    made, timed = findings_json(found), findings_json(found, timings=True)
    assert [(each["rule"], each["subsumed_by"]) for each in made["subsumed"]] == [("CL98", "CL01")]
    assert [(each["open"], each["subsumed"]) for each in made["rules"]] == [(1, 0), (0, 1)]
    assert [("seconds" in each) for each in (made["rules"][0], timed["rules"][0])] == [False, True]


def test_explain_names_what_a_rule_tells_too(twin):
    twin(title=Text("两线不重叠", "two lines"))
    assert "CL98 两线不重叠" in explain("CL01", "zh", as_of=date(2025, 1, 1))


def test_each_rule_that_ran_has_its_time():
    found = check(overlap(1))
    assert all((each.seconds > 0) == (each.status is not Status.NOT_RUN) for each in found.outcomes.values())


def test_a_mistyped_selection_is_an_error():
    with pytest.raises(RuleError, match="ZZ"):
        check(overlap(1), select="ZZ")


def test_select_and_ignore_take_prefixes():
    assert {each.id[:2] for each in chosen("CL,UB", "UB")} == {"CL"}


def test_a_setting_for_a_rule_that_does_not_exist_is_an_error():
    with pytest.raises(RuleError, match="CL99"):
        check(replace(overlap(1), severities={"CL99": "off"}), select="CL")


def test_a_plan_may_turn_a_rule_down_or_off():
    down = check(replace(overlap(1), severities={"CL01": "note"}), select="CL01")
    assert [each.severity for each in down] == [Severity.NOTE]
    off = check(replace(overlap(1), severities={"CL01": "off"}), select="CL01")
    assert off.outcomes["CL01"].status is Status.NOT_RUN


def test_a_waived_finding_stays_marked_and_is_not_counted():
    waiver = Waiver("CL01", "0", "已报部备案", "张三", date(2030, 1, 1))
    found = check(replace(overlap(1), waivers=(waiver,)), select="CL01")
    assert len(found) == 1
    assert "已报部备案" in found[0].waived
    assert found.count(Severity.ERROR) == 0


STALE = (
    (Waiver("CL01", "0", "x", "y", date(2020, 1, 1)), "expired"),
    (Waiver("CL01", "another", "x", "y"), "matches no finding"),
)


@pytest.mark.parametrize(("waiver", "word"), STALE)
def test_a_waiver_out_of_date_or_without_use_is_a_finding(waiver, word):
    found = check(replace(overlap(1), waivers=(waiver,)), select="CL01,WV")
    assert found.count(Severity.ERROR) == 1
    assert [(each.rule, each.feature) for each in found["WV"]] == [("WV01", waiver.feature)]
    assert word in found["WV"][0].message.en


@pytest.mark.parametrize(("waiver", "word"), STALE)
def test_a_waiver_out_of_date_or_without_use_is_noticed_where_its_rule_does_not_run(waiver, word):
    found = check(replace(overlap(1), waivers=(waiver,)), select="CL01")
    assert any(word in each.en for each in found.notices)


def test_whether_a_waiver_is_of_use_is_not_known_where_its_rule_did_not_run():
    plan = replace(overlap(1), waivers=(Waiver("CL01", "another", "x", "y"),))
    assert check(plan, select="WV").outcomes["WV01"].status is Status.PASSED
    assert not check(plan, select="TP").notices


def test_a_rule_whose_findings_are_all_waived_has_failed_with_nothing_open():
    found = check(replace(overlap(1), waivers=(Waiver("CL01", "", "x", "y"),)), select="CL01")
    outcome = found.outcomes["CL01"]
    assert (outcome.status, outcome.count, outcome.waived, outcome.open) == (Status.FAILED, 1, 1, 0)
    assert "其中 1 处已豁免" in found.summary("zh")
    assert found.ground_m2() == 0


def test_findings_are_reached_by_position_rule_and_family():
    found = check(overlap(1), select="CL")
    assert found[0].rule == "CL01"
    assert len(found["CL01"]) == len(found["CL"]) == 1
    assert not len(found["DQ"])


def test_the_findings_layer_holds_the_witness_in_the_plans_crs():
    layer = check(overlap(1), select="CL01").to_gdf()
    assert layer.crs.to_epsg() == 4549
    assert layer.geometry.area.tolist() == pytest.approx([400])


def test_checking_leaves_the_plan_as_it_was():
    plan = overlap(1)
    before = plan["ecological_redline"].copy(deep=True)
    check(plan)
    assert plan["ecological_redline"].equals(before)


def test_an_empty_plan_runs_and_passes_nothing_it_could_not_check():
    found = check(drawn({}))
    assert all(each.status is Status.NOT_RUN for each in found.outcomes.values())


def test_verdicts_of_findings_are_violated_or_undecidable_only():
    assert {each.value for each in Verdict} == {"violated", "undecidable"}


def test_rules_are_chosen_by_a_text_or_by_several():
    plan = overlap(1)
    assert set(check(plan, select=["CL01", " TP01"]).outcomes) == set(check(plan, select="CL01,TP01").outcomes)


@pytest.mark.parametrize("select", [7, ["CL01", 7], None])
def test_rules_chosen_by_what_is_no_text_are_refused(select):
    with pytest.raises(RuleError, match="规则编号"):
        check(overlap(1), select=select)
