"""GCJ-02 and BD-09, to and from true longitudes and latitudes."""

from __future__ import annotations

import numpy as np
import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis import crs

WAYS = {
    "GCJ-02": (crs.wgs84_to_gcj02, crs.gcj02_to_wgs84, prcoords.wgs_gcj),
    "BD-09": (crs.wgs84_to_bd09, crs.bd09_to_wgs84, prcoords.wgs_bd),
}
FAR = [(2.35, 48.86), (-74.0, 40.7), (151.2, -33.9), (71.9, 30.0), (137.9, 30.0), (100.0, 0.7), (100.0, 55.9)]
longitudes, latitudes = st.floats(72.03, 137.80), st.floats(0.86, 55.80)


def places(count: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.stack([rng.uniform(72.01, 137.83, count), rng.uniform(0.83, 55.82, count)])


@pytest.mark.parametrize("system", WAYS)
def test_a_hundred_thousand_places_are_shifted_as_an_independent_package_shifts_them(system):
    shift, _, theirs = WAYS[system]
    x, y = places(100_000)
    expected = np.array([theirs((b, a)) for a, b in zip(x.tolist(), y.tolist(), strict=True)])[:, ::-1].T
    assert np.abs(np.stack(shift(x, y)) - expected).max() < 1e-12


@pytest.mark.parametrize("system", WAYS)
def test_the_inverse_is_exact_to_a_billionth_of_a_degree(system):
    shift, unshift, _ = WAYS[system]
    true = places(100_000)
    assert np.abs(np.stack(unshift(*shift(*true))) - true).max() < 1e-9


@given(longitudes, latitudes)
def test_there_and_back_is_the_same_place_both_ways(longitude, latitude):
    for shift, unshift, _ in WAYS.values():
        assert np.allclose(unshift(*shift(longitude, latitude)), (longitude, latitude), rtol=0, atol=1e-9)
        assert np.allclose(shift(*unshift(longitude, latitude)), (longitude, latitude), rtol=0, atol=1e-9)


@pytest.mark.parametrize("system", WAYS)
def test_what_is_not_a_number_stays_and_spoils_nothing_else(system):
    for way in WAYS[system][:2]:
        x, y = way([np.nan, np.inf, 120.0, 120.0], [30.0, 30.0, np.nan, 30.0])
        assert np.isnan(x[0])
        assert np.isinf(x[1])
        assert np.isnan(y[2])
        assert (x[3], y[3]) == tuple(float(each) for each in way(120.0, 30.0))


@pytest.mark.parametrize("system", WAYS)
def test_places_outside_the_box_of_the_formula_stay(system):
    x, y = np.array(FAR).T
    for way in WAYS[system][:2]:
        assert np.array_equal(np.stack(way(x, y)), np.stack([x, y]))


@pytest.mark.parametrize("system", WAYS)
def test_the_input_is_not_changed_and_the_shape_is_kept(system):
    x, y = (each.reshape(4, 5) for each in places(20))
    before = x.copy(), y.copy()
    for way in WAYS[system][:2]:
        assert [each.shape for each in way(x, y)] == [(4, 5), (4, 5)]
    assert np.array_equal(before, (x, y))
    assert [each.shape for each in crs.wgs84_to_gcj02(np.full(3, 120.0), 30.0)] == [(3,), (3,)]
    assert [each.size for each in crs.wgs84_to_gcj02([], [])] == [0, 0]
