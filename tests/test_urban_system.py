"""Primacy and rank-size, on towns whose answer is known beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gis.analysis.urban_system import eleven_city_primacy, four_city_primacy, rank_size, sizes, two_city_primacy
from gis.errors import AnalysisError

ZIPF = [1_000_000 / rank for rank in range(1, 101)]


def test_two_city_primacy_is_the_largest_over_the_second():
    assert two_city_primacy([100_000, 800_000, 200_000]) == 800_000 / 200_000


def test_primacy_of_rank_size_towns_is_what_the_rule_lets_expect():
    assert two_city_primacy(ZIPF) == pytest.approx(2)
    assert four_city_primacy(ZIPF) == pytest.approx(1 / (1 / 2 + 1 / 3 + 1 / 4))
    assert eleven_city_primacy(ZIPF) == pytest.approx(2 / sum(1 / rank for rank in range(2, 12)))


def test_sizes_that_are_missing_or_not_above_zero_are_left_out():
    assert sizes([3.0, None, float("nan"), 0.0, -1.0, 5.0]).tolist() == [5.0, 3.0]


def test_towns_that_follow_the_shifted_law_exactly_have_its_exponent():
    towns = [1e6 * (rank - 0.5) ** (-1 / 1.3) for rank in range(1, 31)]
    assert rank_size(towns).exponent == pytest.approx(1.3)


def test_the_exponent_is_the_slope_of_an_independent_regression():
    towns = np.random.default_rng(1).lognormal(10, 1, 40)
    line = stats.linregress(np.log(np.sort(towns)[::-1]), np.log(np.arange(1, 41) - 0.5))
    assert rank_size(towns).exponent == pytest.approx(-line.slope)


def test_the_interval_follows_from_the_number_of_towns():
    found = rank_size(ZIPF[:8])
    assert found.standard_error == pytest.approx(found.exponent * (2 / 8) ** 0.5)
    assert found.high - found.low == pytest.approx(2 * stats.norm.ppf(0.975) * found.standard_error)


def test_pareto_towns_have_their_exponent_inside_the_interval_about_95_times_in_100():
    rng = np.random.default_rng(0)
    draws = [rank_size((1 - rng.random(200)) ** (-1 / 1.1)) for _ in range(300)]
    hits = sum(each.low <= 1.1 <= each.high for each in draws)
    assert 0.90 < hits / 300 < 0.99


def test_doubling_all_sizes_changes_nothing():
    assert rank_size([2 * each for each in ZIPF]).exponent == pytest.approx(rank_size(ZIPF).exponent)


@pytest.mark.parametrize(
    ("formula", "least"), [(two_city_primacy, 2), (four_city_primacy, 4), (eleven_city_primacy, 11), (rank_size, 3)]
)
def test_too_few_towns_are_an_error_that_says_how_many_there_are(formula, least):
    with pytest.raises(AnalysisError, match=f"只有 {least - 1} 个") as raised:
        formula(ZIPF[: least - 1])
    assert f"Only {least - 1} towns" in str(raised.value)


def test_towns_of_one_size_have_no_exponent():
    with pytest.raises(AnalysisError, match="same size"):
        rank_size([5, 5, 5])
