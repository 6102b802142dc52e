"""The smallest shift is free and none shorter is; turns and places are free where they lead."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from random_shapes import FAR, star
from shapely.affinity import rotate, translate

from gis.errors import AnalysisError
from gis.geometry.placement import MARGIN_M, nearest_places, rotated_shift, smallest_shift

SQUARE = shapely.box(0, 0, 10, 10)
NEAR = 4 * MARGIN_M


def met(shape, obstacles) -> float:
    """How much of the shape lies on obstacles."""
    return float(shapely.intersection(shape, shapely.union_all(obstacles)).area)


def test_a_free_shape_stays_where_it_is():
    assert smallest_shift(SQUARE, [shapely.box(20, 0, 30, 10)], reach_m=50).tolist() == [0.0, 0.0]


def test_the_shift_leaves_by_the_nearest_side():
    assert smallest_shift(SQUARE, [shapely.box(7, -50, 90, 50)], reach_m=20) == pytest.approx([-3, 0], abs=NEAR)


def test_the_shift_is_found_out_of_a_corner():
    corner = [shapely.box(6, -50, 90, 50), shapely.box(-50, 8, 90, 50)]
    assert smallest_shift(SQUARE, corner, reach_m=20) == pytest.approx([-4, -2], abs=NEAR)


def test_a_shape_moves_into_a_gap_that_it_fits_and_past_one_that_it_does_not():
    wall = [shapely.box(-100, 5, 12, 40), shapely.box(23, 5, 100, 40)]
    assert smallest_shift(SQUARE, wall, reach_m=40) == pytest.approx([0, -5], abs=NEAR)
    held = shapely.box(-100, 6, 100, 60)
    assert smallest_shift(SQUARE, wall, [held], reach_m=60) == pytest.approx([12, 6], abs=NEAR)


def test_a_hole_in_an_obstacle_is_free_ground():
    ring = shapely.box(-500, -500, 500, 500).difference(shapely.box(30, 0, 42, 12))
    assert smallest_shift(SQUARE, [ring], reach_m=100) == pytest.approx([30, 0], abs=NEAR)


def test_nothing_is_said_where_no_shift_reaches():
    assert smallest_shift(SQUARE, [shapely.box(-50, -50, 60, 60)], reach_m=30) is None


def test_where_no_ground_is_admitted_there_is_no_shift():
    assert smallest_shift(SQUARE, [], [], reach_m=30) is None


def test_missing_and_empty_obstacles_are_none():
    assert smallest_shift(SQUARE, [None, shapely.Polygon(), shapely.Point(1, 1)], reach_m=5).tolist() == [0, 0]


@pytest.mark.parametrize("shape", [None, shapely.Polygon(), shapely.LineString([(0, 0), (1, 1)])])
def test_what_has_no_area_cannot_be_placed(shape):
    with pytest.raises(AnalysisError, match="no area"):
        smallest_shift(shape, [], reach_m=5)


@pytest.mark.parametrize("reach", [0.0, -1.0, np.nan, np.inf])
def test_a_reach_must_be_a_length(reach):
    with pytest.raises(AnalysisError, match="reach"):
        smallest_shift(SQUARE, [], reach_m=reach)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_the_smallest_shift_is_free_and_none_shorter_is(seed):
    rng = np.random.default_rng(seed)
    obstacles = [translate(star(rng, int(rng.integers(4, 12)), 25.0), *FAR) for _ in range(12)]
    shape = translate(star(rng, int(rng.integers(4, 9)), 15.0, 5.0), *FAR)
    found = smallest_shift(shape, obstacles, reach_m=200)
    assert met(translate(shape, *found), obstacles) <= 1e-6
    length = np.hypot(*found)
    for angle, share in zip(rng.uniform(0, 2 * np.pi, 300), np.sqrt(rng.uniform(0, 1, 300)), strict=True):
        shorter = max(length - NEAR, 0.0) * share * np.array([np.cos(angle), np.sin(angle)])
        assert length <= NEAR or met(translate(shape, *shorter), obstacles) > 0


def test_a_turn_is_taken_where_it_spares_a_shift():
    lane = [shapely.box(-50, 3, 50, 90), shapely.box(-50, -90, 50, -3)]
    bar = shapely.box(-2, -10, 2, 10)
    angle, shift = rotated_shift(bar, lane, reach_m=5)
    assert met(translate(rotate(bar, angle, "centroid"), *shift), lane) <= 1e-9
    assert abs(angle) == 85.0  # 20 cos 85° + 4 sin 85° = 5.7 m fits 6 m, 20 cos 80° + 4 sin 80° = 7.4 m does not


def test_no_turn_is_taken_where_none_is_needed():
    assert rotated_shift(SQUARE, [], reach_m=5)[0] == 0.0


def test_places_are_free_apart_and_in_order_of_distance():
    rng = np.random.default_rng(1)
    blocks = [shapely.box(x, y, x + 30, y + 30) for x, y in rng.uniform(-200, 200, (150, 2))]
    places = nearest_places(SQUARE, blocks, reach_m=150, step_m=4, most=4)
    ground = [translate(SQUARE, *each) for each in places]
    assert len(places) == 4
    assert all(met(each, blocks) <= 1e-6 for each in ground)
    assert met(shapely.union_all(ground[1:]), [ground[0]]) == 0.0
    nearest = np.hypot(*smallest_shift(SQUARE, blocks, reach_m=150))
    assert nearest - NEAR <= np.hypot(*places[0]) <= nearest + 2 * 4.0


def test_a_raster_too_fine_is_refused():
    with pytest.raises(AnalysisError, match="too fine"):
        nearest_places(SQUARE, [], reach_m=10_000, step_m=1)
