"""What a plan lacks is told by names: a planner never reads an id of ours."""

from __future__ import annotations

import re

import gis
from gis.model.drawn import drawn
from gis.model.layers import LAYERS
from gis.model.tables import TABLES

IDS = {*LAYERS, *TABLES, *gis.INDICATORS, "natural_shoreline_share"}


def bare(texts) -> set[str]:
    """The ids of two words and more in texts; one alone, such as county, is also English."""
    return IDS & {word for each in texts for word in re.findall(r"\w+_\w+", f"{each}", re.ASCII)}


def reasons(plan) -> list[str]:
    told = [each.reason for each in gis.check(plan).outcomes.values()]
    return [text for each in told for text in (each.zh, each.en)]


def test_a_bare_id_is_noticed():
    assert bare(["缺少表：t_indicator", "missing: county"]) == {"t_indicator"}


def test_reasons_of_rules_that_do_not_run_on_an_empty_plan_hold_no_ids():
    told = reasons(drawn({}))
    assert any(told) and bare(told) == set()


def test_reasons_hold_no_ids_where_layers_lack_their_fields():
    plan = drawn({layer: [[0, 0, 10, 10]] for layer, spec in LAYERS.items() if spec.geometry == "polygon"})
    assert bare(reasons(plan)) == set()


def test_plans_to_compare_with_are_named():
    found = {each.reason.zh for each in gis.check(drawn({}), select="CL,SF").outcomes.values()}
    assert any("缺少对照规划：封库版本" in each for each in found)


def test_reasons_of_indicators_hold_no_ids():
    told = gis.measure(drawn({"municipality": [[0, 0, 10, 10]]})).frame
    assert bare([*told["reason_zh"], *told["reason_en"]]) == set()
