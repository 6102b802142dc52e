"""Faults planted at random are found, each of them, and nothing beside them; what is just not a fault is not reported."""

from __future__ import annotations

import pytest
from injection.planner import FAMILIES, caused, difference, drawn, places, planted, shrunk

from gis.demo import demo_plan
from gis.rules import check

EACH = 8  # faults per family, near misses among them


def compare(plan, seed: int, each: int, known: set) -> None:
    """Fail with the fewest faults that make the difference, as they would be drawn."""
    faults = planted(plan, seed, each)
    missed, beyond = difference(plan, faults, known)
    if missed or beyond:
        cause = min(missed or beyond)
        few = shrunk(plan, faults, cause, missed=bool(missed), known=known)
        pytest.fail(f"seed {seed}: missed {sorted(missed)}, beyond {sorted(beyond)}; {cause} with\n{drawn(few)}")


def test_what_is_planted_at_random_in_the_town_is_what_is_found(city):
    compare(city, 0, EACH, set())


def test_the_faults_are_of_every_family_and_near_misses_are_among_them(city):
    faults = planted(city, 0, EACH)
    assert {rule[:2] for rule, _ in caused(faults)} >= set(FAMILIES)
    assert sum(not each.causes for each in faults) >= 10


def test_the_same_seed_plants_the_same(city):
    first, again = (planted(city, 3, 2) for _ in range(2))
    assert [(each.name, each.causes) for each in first] == [(each.name, each.causes) for each in again]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(20))
def test_what_is_planted_at_random_in_a_county_is_what_is_found(seed):
    plan = demo_plan("county", seed=seed)
    assert places(check(plan)) == set()
    compare(plan, seed, 12, set())


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 21))
def test_what_is_planted_at_random_in_another_town_is_what_is_found(seed):
    compare(demo_plan("town", seed=seed), seed, EACH, set())
