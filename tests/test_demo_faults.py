"""The planted faults: the check of the city finds just what they declare, and nothing in the city without them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

import gis
from gis.demo import demo_plan
from gis.demo.faults import FAULTS, plant
from gis.errors import AnalysisError
from gis.model.finding import Severity, Status, Verdict
from gis.rules import RULES, check

DEMO = Path(__file__).parents[1] / "data" / "demo"


@pytest.fixture(scope="module")
def planted(city):
    return plant(city)


FAMILIES = {"DQ", "TP", "CL", "UB", "FP", "ER", "CD", "US", "SF", "ZN"}


def places(found) -> set[tuple[str, str]]:
    """The (rule, feature) of every error and warning; each feature that takes part counts."""
    return {
        (each.rule, feature)
        for each in found.open
        if each.severity is not Severity.NOTE and each.verdict is Verdict.VIOLATED
        for feature in each.features
    }


def test_the_city_without_faults_has_no_error_and_no_warning(city):
    found = check(city)
    assert places(found) == set(), found.summary("en")
    assert not found.rules(Status.UNDECIDABLE)


def test_a_rule_that_does_not_run_on_the_city_says_what_it_lacks(city):
    idle = check(city).rules(Status.NOT_RUN)
    assert all(each.reason.zh and each.reason.en for each in idle)
    assert {each.rule[:2] for each in check(city).outcomes.values() if each.status is Status.PASSED} >= FAMILIES


def test_the_check_finds_just_what_the_faults_declare(planted):
    plan, faults = planted
    declared = set().union(*(each.causes for each in faults))
    assert places(check(plan)) == declared


def test_the_faults_are_many_and_of_every_family(planted):
    _, faults = planted
    assert len(faults) == len(FAULTS) >= 30
    assert {rule[:2] for each in faults for rule, _ in each.causes} >= FAMILIES


def test_no_two_faults_cause_the_same(planted):
    _, faults = planted
    causes = [cause for each in faults for cause in each.causes]
    assert len(causes) == len(set(causes))
    assert {rule for rule, _ in causes} <= set(RULES)


def test_each_fault_has_a_title_in_both_languages():
    for each in FAULTS:
        assert each.title.zh != each.title.en
        assert any("\u4e00" <= character <= "\u9fff" for character in each.title.zh)
        assert each.title.en


def test_planting_leaves_the_city_as_it_was(city):
    before = {
        layer: (list(city[layer].index), shapely.to_wkb(city[layer].geometry.to_numpy()).tolist()) for layer in city
    }
    plant(city)
    after = {
        layer: (list(city[layer].index), shapely.to_wkb(city[layer].geometry.to_numpy()).tolist()) for layer in city
    }
    assert before == after


def test_a_size_there_is_none_of_is_refused():
    with pytest.raises(AnalysisError, match="village"):
        demo_plan("village")


def test_the_files_of_the_repository_are_what_the_generator_makes(faulty_city):
    plan = gis.read_plan(DEMO / "plan.toml")
    assert set(plan) == set(faulty_city)
    for layer in plan:
        mine, theirs = plan[layer], faulty_city[layer]
        assert list(mine.index) == list(theirs.index), layer
        kept, made = mine.geometry.to_numpy(), theirs.geometry.to_numpy()
        assert (shapely.is_missing(kept) == shapely.is_missing(made)).all()
        assert (shapely.get_num_coordinates(kept) == shapely.get_num_coordinates(made)).all(), layer
        np.testing.assert_allclose(shapely.get_coordinates(kept), shapely.get_coordinates(made), atol=1e-4, rtol=0)
    assert {name: each.value for name, each in plan.targets.items()} == {
        name: each.value for name, each in faulty_city.targets.items()
    }


def test_the_files_of_the_repository_are_small():
    assert sum(each.stat().st_size for each in DEMO.iterdir()) <= 20e6


def test_read_from_files_the_city_gives_the_same_findings(planted):
    _, faults = planted
    found = check(gis.read_plan(DEMO / "plan.toml"))
    assert places(found) == set().union(*(each.causes for each in faults))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 21))
def test_every_seed_gives_a_clean_city_and_faults_that_are_found(seed):
    clean = demo_plan(seed=seed)
    assert places(check(clean)) == set()
    plan, faults = plant(clean)
    assert places(check(plan)) == set().union(*(each.causes for each in faults))
