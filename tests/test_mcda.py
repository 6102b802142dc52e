"""Weights and scores of several factors: hand-solved cases, pymcdm, and what is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pymcdm import normalizations
from pymcdm import weights as peer_weights
from pymcdm.methods import TOPSIS
from pymcdm.weights.subjective import AHP

from gis.analysis import factors
from gis.analysis.mcda import (
    ahp,
    critic_weights,
    entropy_weights,
    limiting,
    pairwise_matrix,
    topsis,
    weighted_sum,
)
from gis.analysis.pairwise import RANDOM_INDEX
from gis.errors import AnalysisError

NAN = float("nan")
SAATY = [1 / 9, 1 / 7, 1 / 5, 1 / 3, 1.0, 3.0, 5.0, 7.0, 9.0]


@st.composite
def judgements(draw):
    n = draw(st.integers(3, 9))
    return pairwise_matrix(draw(st.lists(st.sampled_from(SAATY), min_size=n * (n - 1) // 2, max_size=n * (n - 1) // 2)))


@st.composite
def tables(draw):
    """Positive tables whose factors all vary by a tenth at least."""
    shape = draw(st.tuples(st.integers(3, 12), st.integers(2, 5)))
    table = draw(arrays(float, shape, elements=st.integers(1, 1000).map(lambda n: n / 10)))
    table[0], table[1] = table.min(axis=0), table.max(axis=0) + 10
    return table


@st.composite
def choices(draw):
    """A table with weights and directions."""
    table = draw(tables())
    n = table.shape[1]
    weights = np.array(draw(st.lists(st.integers(1, 9), min_size=n, max_size=n)), float)
    return table, weights / weights.sum(), np.array(draw(st.lists(st.sampled_from([1, -1]), min_size=n, max_size=n)))


# AHP


@given(judgements())
def test_weights_and_consistency_are_those_of_pymcdm(matrix):
    ours, peer = ahp(matrix), AHP(matrix=matrix)
    np.testing.assert_allclose(ours.weights, peer(), atol=1e-12)
    assert ours.consistency_ratio == pytest.approx(max(peer.get_cr(), 0.0), abs=1e-12)


def test_judgements_that_agree_give_back_their_weights():
    wanted = np.array([4.0, 2.0, 1.0, 1.0]) / 8
    found = ahp(wanted[:, None] / wanted)
    np.testing.assert_allclose(found.weights, wanted, atol=1e-14)
    assert (found.lambda_max, found.consistency_ratio, found.doubtful) == (pytest.approx(4), pytest.approx(0), None)


def test_three_factors_have_the_weights_of_geometric_means_and_a_root_in_closed_form():
    a, b, c = 2.0, 8.0, 2.0  # for n = 3 the eigenvector is the row geometric mean, and λ = 1 + t + 1/t
    means = np.cbrt([a * b, c / a, 1 / (b * c)])
    t = np.cbrt(b / (a * c))
    found = ahp(pairwise_matrix([a, b, c]), random_index="saaty-1980")
    np.testing.assert_allclose(found.weights, means / means.sum(), rtol=1e-12)
    assert found.lambda_max == pytest.approx(1 + t + 1 / t, rel=1e-12)
    assert found.consistency_ratio == pytest.approx((t + 1 / t - 2) / 2 / 0.58, rel=1e-9)


def test_the_textbook_choice_of_a_leader_has_its_published_priorities():
    # experience, education, charisma, age: the worked example that is taught most; it prints .547 where the eigenvector has .5476
    found = ahp(pairwise_matrix([4, 3, 7, 1 / 3, 3, 5]))
    np.testing.assert_allclose(found.weights, [0.547, 0.127, 0.270, 0.056], atol=1e-3)
    assert found.consistent


def test_judgements_in_a_circle_are_told_not_refused():
    found = ahp(pairwise_matrix([9, 1 / 9, 9]))
    assert not found.consistent
    assert "未通过一致性检验" in str(found)
    assert "not consistent" in found.summary("en")


def test_the_comparison_that_was_spoilt_is_the_doubtful_one():
    weights = np.array([8.0, 4.0, 2.0, 1.0])
    matrix = weights[:, None] / weights
    matrix[0, 3], matrix[3, 0] = 1 / 8, 8
    assert ahp(matrix).doubtful == (1, 4)


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_factors_cannot_disagree(n):
    found = ahp(pairwise_matrix([3] * (n - 1)))
    assert found.consistency_ratio == 0
    assert sum(found.weights) == pytest.approx(1)


@pytest.mark.parametrize(
    ("matrix", "told"),
    [
        ([[1, 2, 3], [1 / 2, 1, 4], [0.33, 1 / 4, 1]], "Row 1, column 3.*not reciprocal"),
        ([[1, -2], [-0.5, 1]], "Row 2, column 1 .* is -0.5"),
        ([[1, 0], [5, 1]], "Row 1, column 2 .* is 0"),
        ([[1, NAN], [2, 1]], "Row 1, column 2 .* is nan"),
        ([[2, 1], [1, 1]], "Place 1 on the diagonal"),
        ([[1, 2, 3]], r"shape \(1, 3\)"),
        (np.ones((16, 16)), r"shape \(16, 16\)"),
        ([[1, "三"], [1, 1]], "not numbers alone"),
    ],
)
def test_a_matrix_that_cannot_stand_is_refused_with_its_cell(matrix, told):
    with pytest.raises(AnalysisError, match=told):
        ahp(matrix)


def test_an_upper_half_that_is_no_triangle_or_an_unknown_table_is_refused():
    with pytest.raises(AnalysisError, match="do not fill a triangle"):
        pairwise_matrix([2, 3])
    with pytest.raises(AnalysisError, match="no table of random indices"):
        ahp([[1]], random_index="mine")


def test_every_table_of_random_indices_has_fifteen_entries_as_pymcdm_has():
    assert list(RANDOM_INDEX["tummala-ling-1998"]) == AHP.RI_M
    assert {len(each) for each in RANDOM_INDEX.values()} == {15}


# Weights by data


@given(tables())
def test_entropy_weights_are_those_of_pymcdm(table):
    np.testing.assert_allclose(entropy_weights(table).weights, peer_weights.entropy_weights(table), atol=1e-12)


@given(choices())
def test_critic_weights_are_those_of_pymcdm(choice):
    table, _, signs = choice
    scaled = np.where(signs > 0, table, -table)
    assume(np.corrcoef(scaled.T)[np.triu_indices(len(signs), 1)].min() < 0.99)  # else nothing but rounding is left
    np.testing.assert_allclose(critic_weights(table, signs).weights, peer_weights.critic_weights(scaled), atol=1e-12)


def test_entropy_weights_solved_by_hand():
    shares = np.array([[1 / 4, 1 / 2], [3 / 4, 1 / 2]])  # the second factor is even, so only the first counts
    assert entropy_weights(shares).weights == (1.0, 0.0)
    half = 1 + (0.25 * np.log(0.25) + 0.75 * np.log(0.75)) / np.log(2)
    third = 1 + (0.4 * np.log(0.4) + 0.6 * np.log(0.6)) / np.log(2)
    found = entropy_weights([[1, 2], [3, 3]]).weights
    np.testing.assert_allclose(found, np.array([half, third]) / (half + third), rtol=1e-12)


def test_critic_weights_solved_by_hand():
    # scaled: (0, ½, 1), (0, 1, ½), (1, 0, 1); correlations ½, 0 and -√¾
    amounts = [0.5 * 1.5, 0.5 * (0.5 + 1 + 0.75**0.5), (1 / 3) ** 0.5 * (2 + 0.75**0.5)]
    found = critic_weights([[0, 0, 1], [1, 2, 0], [2, 1, 1]]).weights
    np.testing.assert_allclose(found, np.array(amounts) / sum(amounts), rtol=1e-12)


def test_a_share_of_zero_adds_no_entropy():
    one, two = 1 - 0.0, 1 + (0.25 * np.log(0.25) + 0.75 * np.log(0.75)) / np.log(2)
    found = entropy_weights([[0, 1], [7, 3]]).weights
    np.testing.assert_allclose(found, np.array([one, two]) / (one + two), rtol=1e-12)


@pytest.mark.parametrize("weights", [entropy_weights, critic_weights])
def test_rows_that_lack_a_factor_take_no_part_and_are_counted(weights):
    table = np.array([[1.0, 4, 2], [2, 1, 5], [3, 2, 2], [9, NAN, 9], [9, np.inf, 0]])
    found = weights(table)
    assert found.weights == weights(table[:3]).weights
    assert (found.rows, found.excluded) == (3, 2)
    assert "2 行缺值未参与" in str(found)


@pytest.mark.parametrize("weights", [entropy_weights, critic_weights])
def test_a_constant_factor_weighs_nothing_and_changes_nothing(weights):
    table = np.array([[1.0, 4], [2, 1], [4, 2]])
    with_constant = weights(np.c_[table[:, 0], np.full(3, 0.1), table[:, 1]])
    assert with_constant.constant == (2,)
    np.testing.assert_allclose(np.delete(with_constant.weights, 1), weights(table).weights, rtol=1e-12)


def test_critic_gives_all_to_the_only_factor_that_varies():
    assert critic_weights([[1, 5], [2, 5]]).weights == (1.0, 0.0)


@pytest.mark.parametrize("weights", [entropy_weights, critic_weights])
def test_data_without_differences_give_no_weights(weights):
    with pytest.raises(AnalysisError, match="they give no weights"):
        weights([[1, 2], [1, 2]])
    with pytest.raises(AnalysisError, match="they give no weights"):
        weights([[1, 2], [NAN, 3]])


def test_factors_that_repeat_each_other_have_no_critic_weights():
    with pytest.raises(AnalysisError, match="go together in full"):
        critic_weights([[1, 10], [2, 20], [4, 40]])


def test_negative_values_have_no_shares_until_they_are_scaled():
    table = [[-1, 2], [0, 3], [3, 4]]
    with pytest.raises(AnalysisError, match="Factor 1 has negative values"):
        entropy_weights(table)
    scaled = [[0, 1], [0.25, 0.5], [1, 0]]
    np.testing.assert_allclose(entropy_weights(table, [1, -1]).weights, entropy_weights(scaled).weights, rtol=1e-12)


# Scores


@pytest.mark.filterwarnings("ignore:Alternatives with indices")  # pymcdm of rows that are best or worst in all
@given(choices(), st.sampled_from(["minmax", "vector"]))
def test_closeness_is_that_of_pymcdm(choice, scale):
    peer = TOPSIS(getattr(normalizations, f"{scale}_normalization"))
    np.testing.assert_allclose(topsis(*choice, scale=scale), peer(*choice), atol=1e-12)


def test_closeness_of_three_sites_solved_by_hand():
    # price 1…3 (less is better), light 0…4: on 0…1 the sites are (1, 0), (0.5, 0.75), (0, 1), weights 0.6 and 0.4
    near = np.hypot([0, 0.6 * 0.5, 0.6], [0.4, 0.4 * 0.25, 0])
    far = np.hypot([0.6, 0.6 * 0.5, 0], [0, 0.4 * 0.75, 0.4])
    found = topsis([[1, 0], [2, 3], [3, 4]], [0.6, 0.4], [-1, 1])
    np.testing.assert_allclose(found, far / (near + far), rtol=1e-14)


@given(choices())
def test_the_weighted_mean_of_a_row_is_its_dot_product(choice):
    table, weights, _ = choice
    np.testing.assert_allclose(weighted_sum(table, 7 * weights), [np.dot(row, weights) for row in table], rtol=1e-12)


@given(tables())
def test_the_limiting_factor_is_the_first_that_has_the_worst_value(table):
    for worst, pick in (("lowest", min), ("highest", max)):
        found = limiting(table, worst=worst)
        assert found.value.tolist() == [pick(row) for row in table.tolist()]
        assert found.factor.tolist() == [row.index(pick(row)) for row in table.tolist()]


def test_missing_stays_missing_in_every_score():
    table = np.array([[1.0, NAN], [2, 3], [np.inf, 1], [4, 1]])
    missing = [True, False, True, False]
    assert np.isnan(weighted_sum(table, [1, 0])).tolist() == missing
    assert np.isnan(topsis(table, [1, 1], [1, 1])).tolist() == missing
    found = limiting(table)
    assert np.isnan(found.value).tolist() == missing
    assert found.factor.tolist() == [-1, 0, -1, 1]
    assert "missing: 2" in found.summary("en")


def test_masked_whole_numbers_and_what_a_frame_lacks_are_missing():
    masked = np.ma.MaskedArray(np.array([[1, 255], [2, 4]], np.uint8), [[False, True], [False, False]])
    frame = pd.DataFrame({"slope": [1, 2], "roads": pd.array([None, 4], "Int64")})
    for table in (masked, frame):
        np.testing.assert_array_equal(weighted_sum(table, [1, 1]), [NAN, 3])


@pytest.mark.parametrize("rows", [0, 3])
def test_no_complete_rows_give_no_scores(rows):
    table = np.full((rows, 2), NAN)
    for found in (weighted_sum(table, [1, 1]), topsis(table, [1, 1], [1, 1]), limiting(table).value):
        assert len(found) == rows
        assert np.isnan(found).all()


def test_blocks_do_not_change_a_score(monkeypatch):
    table = np.random.default_rng(0).random((1000, 4))
    table[::7, 2] = NAN
    calls = [
        lambda: topsis(table, [1, 2, 3, 4], [1, -1, 1, -1], scale="vector"),
        lambda: critic_weights(table).weights,
        lambda: limiting(table).factor,
    ]
    whole = [call() for call in calls]
    monkeypatch.setattr(factors, "_BLOCK", 64)
    for call, before in zip(calls, whole, strict=True):
        np.testing.assert_allclose(call(), before, rtol=1e-12)


def test_inputs_are_not_changed():
    table = np.array([[1.0, 4], [2, NAN], [3, 2]])
    before = table.copy()
    topsis(table, [1, 1], [1, -1])
    critic_weights(table)
    entropy_weights(table)
    limiting(table)
    np.testing.assert_array_equal(table, before)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: weighted_sum([[1, 2]], [1]), "2 factors have the weights"),
        (lambda: weighted_sum([[1, 2]], [1, -1]), "0 or more for each"),
        (lambda: weighted_sum([[1, 2]], [0, 0]), "not all of them 0"),
        (lambda: weighted_sum([1, 2], [1, 1]), "two dimensions"),
        (lambda: weighted_sum(np.array([["a"]]), [1]), "two dimensions"),
        (lambda: weighted_sum([[1, 2], [1]], [1, 1]), "differ in length"),
        (lambda: topsis([[1, 2]], [1, 1], [1, 0]), "Write 1 .* or -1"),
        (lambda: topsis([[1, 2], [1, 3]], [1, 0], [1, 1]), "orders nothing"),
    ],
)
def test_what_does_not_fit_is_refused(call, told):
    with pytest.raises(AnalysisError, match=told):
        call()
