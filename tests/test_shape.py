"""Widths and small defects of drawn shapes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
import zoo
from zoo import array, box, polygon

from gis.geometry import shape

NOTHING = array(None, zoo.EMPTY, zoo.LINE, zoo.POINT)


def star(seed: int) -> shapely.Polygon:
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, 25))
    reach = 100 * rng.uniform(0.3, 1, 25)
    return shapely.Polygon(np.stack([zoo.X + reach * np.cos(angle), zoo.Y + reach * np.sin(angle)], 1))


def test_the_mean_width_is_twice_the_area_over_the_perimeter():
    assert shape.mean_width([zoo.SQUARE, zoo.SLIVER]) == pytest.approx([2 * 1e4 / 400, 2 * 10 / 2000.02])


def test_the_inscribed_width_of_boxes_is_their_narrow_side():
    found = shape.inscribed_width([zoo.SQUARE, zoo.SLIVER, box(0, 0, 3, 500)])
    assert found == pytest.approx([100, 0.01, 3], rel=1e-3)


def test_the_inscribed_circle_of_a_right_triangle_has_the_textbook_radius():
    assert shape.inscribed_width([polygon((0, 0), (3, 0), (0, 4))]) == pytest.approx([3 + 4 - 5], rel=1e-3)


def test_a_hole_narrows_what_is_inscribed():
    # a circle in a corner, centre (r, r), reaches the hole at (40, 40): (40 − r)√2 = r
    radius = 40 * math.sqrt(2) / (1 + math.sqrt(2))
    assert shape.inscribed_width([zoo.SQUARE_WITH_HOLE]) == pytest.approx([2 * radius], rel=1e-3)


def test_of_several_parts_the_widest_counts():
    parts = shapely.MultiPolygon([box(0, 0, 1000, 1), box(0, 10, 8, 18)])
    assert shape.inscribed_width([parts]) == pytest.approx([8], rel=1e-3)
    assert shape.mean_width([parts]) == pytest.approx([2 * 64 / 32])


def test_a_thin_diagonal_strip_is_as_wide_as_it_is():
    strip = shapely.segmentize(polygon((0, 0), (3000, 4000), (3000 - 0.08, 4000 + 0.06), (-0.08, 0.06)), 10)
    assert shape.inscribed_width([strip]) == pytest.approx([0.1], rel=2e-3)
    assert shape.width([strip], at_least=0.2)[0] < 0.2
    assert shape.width([strip], at_least=0.05)[0] >= 0.05


@pytest.mark.parametrize("seed", range(20))
def test_the_inscribed_width_decides_whether_the_shape_survives_shrinking(seed):
    polygon_ = star(seed)
    found = shape.inscribed_width([polygon_])[0]
    assert not shapely.buffer(polygon_, -0.4995 * found, quad_segs=64).is_empty
    assert shapely.buffer(polygon_, -0.5015 * found, quad_segs=64).is_empty


@pytest.mark.parametrize("at_least", [1.0, 20.0, 60.0, 200.0])
def test_width_lies_on_the_right_side_of_the_threshold(at_least):
    shapes = array(*[star(seed) for seed in range(40)], zoo.SLIVER, zoo.SQUARE_WITH_HOLE, zoo.SPIKE, zoo.MULTIPART)
    exact = shape.inscribed_width(shapes)
    assert np.array_equal(shape.width(shapes, at_least=at_least) >= at_least, exact >= at_least)


@pytest.mark.parametrize("wide", [1e-3, 0.1, 2.0])
def test_a_bent_strip_is_told_to_be_wider_and_narrower_than_what_it_is(wide):
    line = shapely.LineString(
        [(zoo.X, zoo.Y), (zoo.X + 80, zoo.Y + 9), (zoo.X + 130, zoo.Y - 20), (zoo.X + 300, zoo.Y)]
    )
    strip = line.buffer(wide / 2, cap_style="flat", join_style="mitre")  # in its bends somewhat wider than `wide`
    assert shape.width([strip], at_least=0.95 * wide)[0] >= 0.95 * wide
    assert shape.width([strip], at_least=1.5 * wide)[0] < 1.5 * wide
    both = shape.width([strip], at_least=[0.95 * wide, 1.5 * wide])[0]
    assert 0.95 * wide <= both < 1.5 * wide


def test_the_mean_width_never_exceeds_the_inscribed_width():
    shapes = [star(seed) for seed in range(40)]
    assert (shape.mean_width(shapes) <= shape.inscribed_width(shapes)).all()


def test_what_has_no_area_has_no_width():
    for found in (shape.mean_width(NOTHING), shape.inscribed_width(NOTHING), shape.width(NOTHING, at_least=1.0)):
        assert np.isnan(found).all()
    assert np.isnan(shape.inscribed_width([zoo.ZERO_AREA])).all()


def test_compactness_is_one_for_a_circle_and_pi_over_four_for_a_square():
    circle = shapely.Point(zoo.X, zoo.Y).buffer(100, quad_segs=256)
    assert shape.compactness([circle, zoo.SQUARE]) == pytest.approx([1, math.pi / 4], rel=1e-4)
    assert np.isnan(shape.compactness(array(None, zoo.EMPTY))).all()


def test_a_spike_is_found_at_its_tip():
    angle = 2 * math.degrees(math.atan(0.5 / 200))
    i, tips = shape.spikes([zoo.SQUARE, zoo.SPIKE], angle + 0.01)
    assert i.tolist() == [1]
    assert tips[0].equals(shapely.Point(zoo.X + 300, zoo.Y + 50.5))
    assert len(shape.spikes([zoo.SPIKE], angle - 0.01)[0]) == 0


def test_a_spike_that_points_inwards_or_sits_where_the_ring_starts_is_found():
    notch = polygon((50, 0.1), (100, 0), (100, 100), (0, 100), (0, 0), (50, 0))
    start = polygon((300, 50.5), (100, 51), (100, 100), (0, 100), (0, 0), (100, 0), (100, 50))
    inwards = polygon((0, 0), (100, 0), (100, 49.9), (20, 50), (100, 50.1), (100, 100), (0, 100))
    assert len(shape.spikes([notch], 1.0)[0]) == 0
    assert shape.spikes([start, inwards], 1.0)[0].tolist() == [0, 1]


def test_a_doubled_tip_does_not_hide_a_spike():
    doubled = polygon((0, 0), (100, 0), (100, 50), (300, 50.5), (300, 50.5), (100, 51), (100, 100), (0, 100))
    assert len(shape.spikes([doubled], 1.0)[0]) == 1


def test_spikes_of_holes_belong_to_their_feature():
    holed = polygon((0, 0), (100, 0), (100, 100), (0, 100), holes=([(10, 10), (90, 10.2), (10, 10.4)],))
    i, tips = shape.spikes(array(None, holed), 1.0)
    assert i.tolist() == [1]
    assert tips[0].equals(shapely.Point(zoo.X + 90, zoo.Y + 10.2))


def test_short_segments_are_marked_in_their_middle():
    notched = polygon((0, 0), (100, 0), (100, 0.125), (100, 100), (0, 100))
    i, middle = shape.short_segments([zoo.SQUARE, notched, zoo.DOUBLED_VERTEX], 0.2)
    assert i.tolist() == [1]
    assert middle[0].equals(shapely.Point(zoo.X + 100, zoo.Y + 0.0625))


def test_a_repeated_vertex_is_found_once_per_repetition():
    i, point = shape.repeated_vertices([zoo.SQUARE, zoo.DOUBLED_VERTEX])
    assert i.tolist() == [1]
    assert point[0].equals(shapely.Point(zoo.X + 100, zoo.Y))


def test_a_closed_ring_is_no_repeated_vertex():
    assert len(shape.repeated_vertices([zoo.SQUARE, zoo.SQUARE_WITH_HOLE, zoo.MULTIPART])[0]) == 0


def test_holes_are_given_as_polygons_with_their_feature():
    two = shapely.MultiPolygon([zoo.SQUARE_WITH_HOLE, box(200, 0, 300, 100).difference(box(210, 10, 220, 20))])
    i, found = shape.holes([zoo.SQUARE, two])
    assert i.tolist() == [1, 1]
    assert shapely.area(found).tolist() == [400, 100]


def test_parts_are_counted():
    assert shape.parts([zoo.SQUARE, zoo.MULTIPART, *NOTHING]).tolist() == [1, 2, 0, 0, 0, 0]


def test_nothing_has_no_defects():
    for found in (
        shape.spikes(NOTHING, 10), shape.short_segments(NOTHING, 1), shape.repeated_vertices(NOTHING), shape.holes(NOTHING),
        shape.spikes([], 10), shape.holes([]),
    ):  # fmt: skip
        assert [len(each) for each in found] == [0, 0]
