"""Faults planted at random are found, each of them, and nothing beside them; what is just not a fault is not reported."""

from __future__ import annotations

from collections import Counter

import pytest
from injection import planner
from injection.board import Fault
from injection.equipment import equipped
from injection.planner import FAMILIES, difference, drawn, places, planted, shrunk

from gis.demo import demo_plan
from gis.rules import check

EACH = 8
"""Faults per family in a town, near misses among them."""
MANY = 12
"""The same in a county."""
SEEDS = range(20)


def compare(plan, faults, seed: int) -> None:
    """Fail with the fewest faults that make the difference, as they would be drawn."""
    missed, beyond = difference(plan, faults)
    if missed or beyond:
        cause = min(missed or beyond)
        few = shrunk(plan, faults, cause)
        pytest.fail(f"seed {seed}: missed {sorted(missed)}, beyond {sorted(beyond)}; {cause} with\n{drawn(few)}")


@pytest.fixture(scope="module")
def town(city):
    """The clean city with all the layers and tables that rules ask for."""
    return equipped(city)


def test_nothing_is_wrong_before_faults_are_planted(town):
    assert places(check(town)) == set()


def test_what_is_planted_at_random_in_the_town_is_what_is_found(town):
    compare(town, planted(town, 0, EACH), 0)


def test_the_faults_are_of_every_family_and_near_misses_are_among_them(town):
    faults = [fault for seed in range(3) for fault in planted(town, seed, EACH)]
    assert {each.family for each in faults if each.causes} == set(FAMILIES)
    assert sum(not each.causes for each in faults) >= 10


def test_the_same_seed_plants_the_same(town):
    first, again = (planted(town, 3, 2) for _ in range(2))
    assert [(each.name, each.causes) for each in first] == [(each.name, each.causes) for each in again]


def test_a_difference_shrinks_to_the_faults_that_make_it_in_few_checks(monkeypatch):
    faults = tuple(Fault("TP", f"fault {n}", frozenset({("TP01", str(n))}), (), (), ()) for n in range(16))
    asked = []

    def found(plan, some, select):
        asked.append(select)
        return (set(), {("TP02", "[x]")} if {faults[3], faults[10]} <= set(some) else set())

    monkeypatch.setattr(planner, "difference", found)
    assert set(shrunk(None, faults, ("TP02", "[x]"))) == {faults[3], faults[10]}
    assert len(asked) <= planner.ROUNDS
    assert all("TP02" in each.split(",") for each in asked)


@pytest.fixture(scope="module")
def tally():
    """How many faults of each family were planted in the county of each seed, near misses not counted."""
    return {}


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_planted_at_random_in_a_county_is_what_is_found(seed, tally):
    plan = equipped(demo_plan("county", seed=seed))
    faults = planted(plan, seed, MANY)
    tally[seed] = Counter(each.family for each in faults if each.causes)
    compare(plan, faults, seed)


@pytest.mark.long
def test_the_faults_of_all_counties_are_a_thousand_and_fifty_of_each_family(tally):
    if tally.keys() != set(SEEDS):
        pytest.skip("it counts the faults of all counties, which have not all been run")
    real = sum(tally.values(), Counter())
    assert real.total() >= 1_000
    assert {family: real[family] for family in FAMILIES if real[family] < 50} == {}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 21))
def test_what_is_planted_at_random_in_another_town_is_what_is_found(seed):
    plan = equipped(demo_plan("town", seed=seed))
    compare(plan, planted(plan, seed, EACH), seed)
