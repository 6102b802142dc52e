"""The judge, the engine, selections, settings, waivers, and what findings say of themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import RuleError
from gis.model.drawn import drawn
from gis.model.finding import Severity, Status, Verdict
from gis.model.plan import Waiver
from gis.rules import check
from gis.rules.engine import chosen
from gis.rules.judge import NOTHING, UNDECIDABLE, VIOLATED, judged

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
    assert "ecological_redline" in outcome.reason.en


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


@pytest.mark.parametrize(
    ("waiver", "word"),
    [
        (Waiver("CL01", "0", "x", "y", date(2020, 1, 1)), "expired"),
        (Waiver("CL01", "another", "x", "y"), "matches no finding"),
    ],
)
def test_a_waiver_out_of_date_or_without_use_is_said(waiver, word):
    found = check(replace(overlap(1), waivers=(waiver,)), select="CL01")
    assert found.count(Severity.ERROR) == 1
    assert any(word in each.en for each in found.notices)


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
