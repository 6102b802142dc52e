"""How long a full check may take, and how much memory, on two cores."""

from __future__ import annotations

import pytest

import gis
from tests.benchmarks import check, registry

COUNTY_S, CITY_S, CITY_MB = 30, 180, 8 * 1024


@pytest.mark.long
def test_a_check_of_a_county_takes_half_a_minute():
    (row,) = registry.measure(check.check.__name__, "county", 1, memory=False)
    assert row.ours_s <= COUNTY_S


@pytest.mark.long
def test_a_check_of_a_million_parcels_takes_three_minutes_and_eight_gigabytes():
    (row,) = registry.measure(check.check.__name__, "city", 1)
    assert row.ours_s <= CITY_S
    assert row.runs["ours_peak_mb"] <= CITY_MB


@pytest.mark.long
@pytest.mark.parametrize("size", ["town", "county"])
def test_the_clean_city_of_each_size_has_notes_alone(size):
    assert {each.severity for each in gis.check(gis.demo_plan(size)).items} <= {gis.Severity.NOTE}
