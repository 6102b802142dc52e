"""Adjustment to a control total: exact sums, small moves, no dependence on order."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.analysis.adjustment import adjusted, adjusted_grid
from gis.errors import AnalysisError

areas = st.lists(st.integers(0, 10**9).map(lambda n: n / 10_000), min_size=1, max_size=30)
rules = st.sampled_from(["remainder", "largest"])


def cents(values):
    return np.round(np.asarray(values) * 100).astype(int)


@given(areas, rules)
def test_the_parts_add_up_to_the_rounded_sum_and_none_moves_further_than_a_hundredth(parts, rest):
    exact = sum(Fraction(str(each)) for each in parts)
    made = adjusted(parts, rest=rest)
    assert cents(made).sum() == (exact * 100 + Fraction(1, 2)) // 1
    most = 0.01 if rest == "remainder" else 0.015 + 0.01 * len(parts)
    assert np.abs(made - parts).max() < most + 1e-9


@given(areas, st.randoms(use_true_random=False), rules)
def test_the_order_of_the_parts_does_not_matter(parts, random, rest):
    order = list(range(len(parts)))
    random.shuffle(order)
    made, shuffled = adjusted(parts, rest=rest), adjusted([parts[n] for n in order], rest=rest)
    as_pairs = sorted(zip(parts, made, strict=True))
    assert as_pairs == sorted(zip([parts[n] for n in order], shuffled, strict=True))


@given(areas)
def test_by_remainder_no_smaller_remainder_is_rounded_up_before_a_larger_one(parts):
    exact = [Fraction(str(each)) * 100 for each in parts]
    up = cents(adjusted(parts)) > [each // 1 for each in exact]
    over = [each % 1 for each in exact]
    assert max([r for r, u in zip(over, up, strict=True) if not u], default=0) <= min(
        [r for r, u in zip(over, up, strict=True) if u], default=1
    )


def test_of_equal_remainders_the_larger_part_goes_up():
    assert adjusted([1.005, 7.005], 8.01).tolist() == [1.0, 7.01]


def test_a_part_of_zero_stays_zero_and_a_missing_one_stays_missing():
    assert adjusted([0.0, 0.004, np.nan], 0.01).tolist()[:2] == [0.0, 0.01]
    assert np.isnan(adjusted([np.nan, 1.0])[0])


def test_a_control_total_out_of_reach_is_shared_in_proportion():
    assert adjusted([10.0, 30.0], 44.0).tolist() == [11.0, 33.0]


def test_the_rest_of_a_survey_goes_to_the_largest_parcels():
    assert adjusted([5.0, 9.0, 7.0], 21.02, rest="largest").tolist() == [5.0, 9.01, 7.01]


def test_a_total_without_parts_is_an_error():
    with pytest.raises(AnalysisError, match="没有可分摊的分项"):
        adjusted([], 1.0)
    with pytest.raises(AnalysisError, match="not a finite number"):
        adjusted([1.0], float("nan"))


@given(st.integers(1, 8), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_a_grid_adds_up_both_ways_and_each_cell_is_a_neighbouring_figure(n, m, seed):
    random = np.random.default_rng(seed)
    cells = random.integers(0, 10**6, (n, m)) / 10_000 * (random.random((n, m)) < 0.8)
    total = round(cells.sum(), 2)
    rows = adjusted(cells.sum(axis=1), total)
    made = adjusted_grid(cells, rows=rows)
    assert (cents(made).sum(axis=1) == cents(rows)).all()
    assert (cents(made).sum(axis=0) == cents(adjusted(cells.sum(axis=0), rows.sum()))).all()
    assert np.abs(made - cells).max() < 0.01 + 1e-9
    assert (made[cells == 0] == 0).all()


def test_margins_of_different_sums_are_an_error():
    with pytest.raises(AnalysisError, match="行合计与列合计"):
        adjusted_grid([[1.0, 1.0]], rows=[2.0], columns=[1.0, 2.0])
