"""Cells suitable whatever the weights: brute force over bases, linear programmes, ties, and sets that are empty."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

from gis.analysis import robust
from gis.analysis.robust import WeightIntervals, WeightPolytope, intervals_around, robust_core
from gis.errors import AnalysisError

NAN = float("nan")


def random_intervals(rng):
    n = int(rng.integers(2, 7))
    middle = rng.dirichlet(np.ones(n))
    return np.maximum(middle - rng.random(n) * 0.3, 0), middle + rng.random(n) * 0.3


def random_polytope(rng):
    """Conditions that hold at some weights drawn first."""
    n = int(rng.integers(2, 6))
    a = rng.normal(size=(int(rng.integers(0, 5)), n)).round(2)
    return a, a @ rng.dirichlet(np.ones(n)) + rng.random(len(a)) * 0.1


def corners_of_intervals(low, high):
    """Every corner: all weights but one on a limit of theirs, that one taking the rest."""
    n = len(low)
    for free in range(n):
        others = [each for each in range(n) if each != free]
        for picked in product(*([low[each], high[each]] for each in others)):
            rest = 1 - sum(picked)
            if low[free] - 1e-12 <= rest <= high[free] + 1e-12:
                yield np.insert(np.array(picked), free, rest)


def extremes_by_programme(row, a, b):
    """Smallest and largest score of one row by two programmes of its own."""
    asked = {"A_ub": a, "b_ub": b, "A_eq": np.ones((1, len(row))), "b_eq": [1]}
    return linprog(row, **asked).fun, -linprog(-row, **asked).fun


@pytest.mark.parametrize("seed", range(10))
def test_over_intervals_the_extremes_are_those_of_all_corners(seed):
    rng = np.random.default_rng(seed)
    for _ in range(30):
        low, high = random_intervals(rng)
        grades = rng.integers(1, 6, (8, len(low)))
        found = robust_core(grades, WeightIntervals(low, high), 3)
        scores = grades @ np.array([*corners_of_intervals(low, high)]).T
        np.testing.assert_allclose(found.low, scores.min(axis=1), atol=1e-12)
        np.testing.assert_allclose(found.high, scores.max(axis=1), atol=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_over_a_polytope_the_extremes_are_those_of_linear_programmes(seed):
    rng = np.random.default_rng(100 + seed)
    for _ in range(25):
        a, b = random_polytope(rng)
        grades = rng.integers(1, 6, (3, a.shape[1]))
        found = robust_core(grades, WeightPolytope(a, b), 3)
        wanted = [extremes_by_programme(row, a, b) for row in grades]
        np.testing.assert_allclose(np.c_[found.low, found.high], wanted, atol=1e-8)


@pytest.mark.parametrize("seed", range(20))
def test_intervals_written_as_conditions_give_the_same(seed):
    low, high = random_intervals(np.random.default_rng(seed))
    n = len(low)
    grades = np.random.default_rng(seed).random((50, n))
    one = robust_core(grades, WeightIntervals(low, high), 0.5)
    two = robust_core(grades, WeightPolytope(np.r_[np.eye(n), -np.eye(n)], np.r_[high, -low]), 0.5)
    np.testing.assert_allclose(one.low, two.low, atol=1e-9)
    np.testing.assert_allclose(one.high, two.high, atol=1e-9)


def test_too_many_conditions_for_corners_are_solved_as_programmes_with_the_same_result(monkeypatch):
    rng = np.random.default_rng(7)
    a, b = random_polytope(rng)
    grades = rng.integers(1, 6, (40, a.shape[1]))
    corners = robust_core(grades, WeightPolytope(a, b), 3)
    monkeypatch.setattr(robust, "_MOST_BASES", 0)
    monkeypatch.setattr(robust, "_AT_ONCE", 7)
    solved = WeightPolytope(a, b)
    assert solved.vertices is None
    np.testing.assert_allclose(robust_core(grades, solved, 3).low, corners.low, atol=1e-8)


@pytest.mark.parametrize("seed", range(20))
def test_the_weights_that_attain_an_extreme_lie_in_the_set_and_give_it(seed):
    rng = np.random.default_rng(seed)
    low, high = random_intervals(rng)
    grades = rng.integers(1, 6, (20, len(low)))
    found = robust_core(grades, WeightIntervals(low, high), 3)
    for weights, scores in zip(found.attained(slice(None)), (found.low, found.high), strict=True):
        np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-12)
        assert np.all((weights >= low - 1e-12) & (weights <= high + 1e-12))
        np.testing.assert_allclose((grades * weights).sum(axis=1), scores, atol=1e-12)


def test_two_factors_solved_by_hand():
    weights = WeightIntervals([0.4, 0.4], [0.6, 0.6])
    found = robust_core([[1, 5], [2, 2], [5, 5], [1, 4]], weights, 2.8)
    np.testing.assert_allclose(found.low, [0.6 + 2, 2, 5, 0.6 + 1.6])
    np.testing.assert_allclose(found.high, [0.4 + 3, 2, 5, 0.4 + 2.4])
    assert found.always.tolist() == [False, True, False, True]  # the last is on the threshold
    assert found.never.tolist() == [False, False, True, False]
    assert found.depends.tolist() == [True, False, False, False]


def test_a_score_on_the_threshold_is_suitable_in_both_directions():
    weights = WeightIntervals([0.1, 0.2, 0.7], [0.1, 0.2, 0.7])
    on = 0.1 * 3 + 0.2 * 3 + 0.7 * 3
    for better in ("low", "high"):
        assert robust_core([[3, 3, 3]], weights, 3, better=better).always.all()
        assert robust_core([[3, 3, 3]], weights, on, better=better).always.all()


def test_where_more_is_better_the_core_is_the_mirror_image():
    grades = np.random.default_rng(3).integers(1, 6, (200, 4))
    weights = intervals_around([4, 3, 2, 1], 0.5)
    one, two = robust_core(grades, weights, 2.5), robust_core(-grades, weights, -2.5, better="high")
    for verdict in ("always", "never", "depends"):
        np.testing.assert_array_equal(getattr(one, verdict), getattr(two, verdict))


def test_a_cell_that_lacks_a_factor_is_none_of_the_three():
    table = np.array([[1.0, NAN], [1, 1], [np.inf, 1]])
    found = robust_core(table, intervals_around([1, 1], 0.2), 2)
    assert found.missing.tolist() == [True, False, True]
    assert found.always.tolist() == [False, True, False]
    assert not (found.never | found.depends).any()
    assert np.isnan(found.low).tolist() == [True, False, True]
    assert np.isnan(found.attained([0])[0]).all()
    assert "缺值未评 2 个" in str(found)
    assert "lacks a factor" in found.why(0).en


@pytest.mark.parametrize("rows", [0, 4])
def test_without_complete_cells_nothing_is_suitable(rows):
    found = robust_core(np.full((rows, 2), NAN), WeightPolytope([[1, 0]], [0.5]), 2)
    assert len(found.low) == rows
    assert not found.always.any()
    assert found.missing.all()


def test_each_distinct_combination_is_kept_once_in_the_order_in_which_it_comes():
    found = robust_core([[2, 1], [1, 1], [2, 1], [NAN, 1]], intervals_around([1, 1], 0.2), 2)
    assert found.combinations.tolist() == [[2, 1], [1, 1]]
    assert found.combination.tolist() == [0, 1, 0, -1]


def test_the_cell_says_its_extremes_and_their_weights():
    found = robust_core([[1, 5]], WeightIntervals([0.4, 0.4], [0.6, 0.6]), 3)
    assert (
        found.why(0).en
        == "Cell 0 scores 2.6000 at least (weights 0.6000, 0.4000) and 3.4000 at most (weights 0.4000, 0.6000)."
    )


def test_no_conditions_leave_the_whole_simplex():
    grades = np.array([[1.0, 2, 5], [4, 4, 3]])
    found = robust_core(grades, WeightPolytope(np.empty((0, 3)), []), 3)
    np.testing.assert_allclose(np.c_[found.low, found.high], np.c_[grades.min(axis=1), grades.max(axis=1)])


def test_one_factor_has_one_weight():
    found = robust_core([[2.0], [4.0]], WeightPolytope([[1.0]], [1.0]), 3)
    assert found.always.tolist() == [True, False]


@pytest.mark.parametrize("most", [0, 1000])
def test_a_set_without_weights_is_one_clear_error(most, monkeypatch):
    monkeypatch.setattr(robust, "_MOST_BASES", most)
    with pytest.raises(AnalysisError, match="权重集合为空"):
        WeightPolytope([[1, 0], [-1, 0]], [0.2, -0.3])


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: WeightIntervals([0.6, 0.6], [0.7, 0.7]), "lower limits add up to 1.2"),
        (lambda: WeightIntervals([0, 0], [0.4, 0.4]), "the upper to 0.8"),
        (lambda: WeightIntervals([0.5, 0.2], [0.4, 0.9]), "no intervals"),
        (lambda: WeightIntervals([NAN, 0], [1, 1]), "no intervals"),
        (lambda: WeightPolytope([[1, 0]], [1, 2]), "do not fit"),
        (lambda: WeightPolytope([[1, NAN]], [1]), "not finite"),
        (lambda: intervals_around([1, 1], -0.1), "no intervals"),
        (lambda: robust_core([[1, 2, 3]], intervals_around([1, 1], 0.1), 2), "has 3 factors, the set of weights 2"),
        (lambda: robust_core([[1, 2]], intervals_around([1, 1], 0.1), NAN), "threshold is nan"),
    ],
)
def test_what_does_not_fit_is_refused(call, told):
    with pytest.raises(AnalysisError, match=told):
        call()
