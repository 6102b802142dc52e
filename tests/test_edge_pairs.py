"""Areas of intersection by pairs of edges, against plain shapely, exact fractions and drawn squares."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import shapely
import zoo
from hypothesis import given, settings
from hypothesis import strategies as st
from random_shapes import FAMILIES, drawn, multipart, near, rounded, star, with_holes
from zoo import array, box

from gis.geometry import area, edge_pairs
from gis.geometry._flat import rings
from gis.geometry.edge_pairs import areas


def plane(a, b) -> np.ndarray:
    """A table of the areas in the plane that each of `a` shares with each of `b`."""
    out = np.zeros((len(a), len(b)))
    i, j, size = areas(array(*a), array(*b), crs=None)
    out[i, j] = size
    return out


def shared(a, b) -> float:
    return float(plane([a], [b])[0, 0])


def exactly(a, b) -> Fraction:
    """The area shared, in fractions: both polygons as signed triangles from one point, each pair of triangles clipped."""

    def triangles(shape):
        for ring in shapely.get_rings(shapely.get_parts(shapely.orient_polygons(shape))):
            points = [(Fraction(x), Fraction(y)) for x, y in shapely.get_coordinates(ring)]
            for p, q in pairwise(points):
                twice = p[0] * q[1] - q[0] * p[1]
                if twice:
                    yield ([(0, 0), p, q] if twice > 0 else [(0, 0), q, p]), (1 if twice > 0 else -1)

    other = list(triangles(b))
    return sum((s * t * _area(_clipped(one, two)) for one, s in triangles(a) for two, t in other), Fraction(0))


def _area(points) -> Fraction:
    return sum((p[0] * q[1] - q[0] * p[1] for p, q in pairwise([*points, *points[:1]])), Fraction(0)) / 2


def _clipped(points, triangle):
    for (x0, y0), (x1, y1) in pairwise([*triangle, triangle[0]]):
        side = [(x1 - x0) * (y - y0) - (y1 - y0) * (x - x0) for x, y in points]
        kept = []
        for k, (x, y) in enumerate(points):
            (u, v), here, before = points[k - 1], side[k], side[k - 1]
            if (here > 0 > before) or (here < 0 < before):
                share = before / (before - here)
                kept.append((u + share * (x - u), v + share * (y - v)))
            if here >= 0:
                kept.append((x, y))
        points = kept
    return points


def compare(family, seed: int, count: int) -> None:
    a, b = drawn(family, seed, count)
    found = plane(a, b)
    plain = shapely.area(shapely.intersection(near(a)[:, None], near(b)[None, :]))
    allowed = 1e-6 + 1e-9 * plain
    off = np.argwhere(np.abs(found - plain) > allowed)
    assert len(off) <= 0.01 * found.size
    for i, j in off:
        assert found[i, j] == pytest.approx(float(exactly(near(a[i]), near(b[j]))), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("family", FAMILIES)
def test_areas_are_those_of_plain_shapely(family):
    compare(family, 0, 20)


@pytest.mark.long
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", range(1, 4))
def test_ten_thousand_areas_are_those_of_plain_shapely(family, seed):
    compare(family, seed, 110)


@pytest.mark.parametrize("family", FAMILIES)
def test_areas_are_those_of_exact_fractions(family):
    a, b = drawn(family, 9, 3)
    expected = [[float(exactly(p, q)) for q in near(b)] for p in near(a)]
    assert plane(a, b) == pytest.approx(np.array(expected), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("family", FAMILIES)
def test_cutting_into_pieces_changes_no_area(family, monkeypatch):
    a, b = drawn(family, 2, 12)
    whole = plane(a, b)
    monkeypatch.setattr(edge_pairs, "PIECE_EDGES", 6)
    assert plane(a, b) == pytest.approx(whole, rel=1e-9, abs=2e-6)


@pytest.mark.parametrize("family", FAMILIES)
def test_cutting_into_cells_changes_no_area(family, monkeypatch):
    a, b = drawn(family, 3, 12)
    whole = plane(a, b)
    monkeypatch.setattr(edge_pairs, "CELL_M", 17.0)
    assert plane(a, b) == pytest.approx(whole, rel=1e-9, abs=2e-6)


points = st.lists(st.integers(20_000, 90_000), min_size=3, max_size=12)
place = st.tuples(st.integers(-60_000, 60_000), st.integers(-60_000, 60_000))


@st.composite
def polygons(draw):
    """Stars in whole millimetres, some flat ones among them."""
    reach, middle = np.array(draw(points)), np.array(draw(place))
    angle = 2 * np.pi * np.arange(len(reach)) / len(reach)
    flat = draw(st.sampled_from([1.0, 1.0, 0.01]))
    xy = np.stack([reach * np.cos(angle), flat * reach * np.sin(angle)], 1) + middle
    return shapely.Polygon(np.round(xy) / 1000)


steady = settings(deadline=None, max_examples=60)


@steady
@given(polygons(), polygons())
def test_what_a_shares_with_b_b_shares_with_a(a, b):
    assert shared(a, b) == pytest.approx(shared(b, a), rel=1e-12, abs=1e-9)


@steady
@given(polygons(), polygons())
def test_no_pair_shares_more_than_the_smaller_has(a, b):
    assert 0 <= shared(a, b) <= min(a.area, b.area) * (1 + 1e-12) + 1e-6


@steady
@given(polygons(), st.integers(-60, 60), st.integers(-60, 60))
def test_the_two_sides_of_a_cut_add_up(a, x, y):
    whole = shapely.box(-70, -70, 70, 70)
    for one, other in (
        (shapely.box(-70, -70, x, 70), shapely.box(x, -70, 70, 70)),
        (shapely.box(-70, -70, 70, y), shapely.box(-70, y, 70, 70)),
    ):
        assert shared(a, one) + shared(a, other) == pytest.approx(shared(a, whole), rel=1e-12, abs=2e-6)


@steady
@given(polygons(), polygons(), st.integers(0, 11), st.booleans())
def test_neither_start_nor_direction_of_a_ring_matters(a, b, start, reverse):
    ring = np.roll(shapely.get_coordinates(a)[:-1], start, axis=0)
    again = shapely.Polygon(ring[::-1] if reverse else ring)
    assert shared(again, b) == pytest.approx(shared(a, b), rel=1e-12, abs=1e-9)


@steady
@given(polygons(), polygons(), st.integers(-100_000, 100_000), st.integers(0, 100_000))
def test_moving_both_by_whole_metres_changes_nothing(a, b, east, north):
    coarse = [shapely.transform(each, lambda xy: np.round(xy * 1024) / 1024) for each in (a, b)]
    moved = [shapely.affinity.translate(each, east, north) for each in coarse]
    assert shared(*moved) == pytest.approx(shared(*coarse), rel=1e-12, abs=1e-9)


@steady
@given(polygons(), polygons(), st.integers(0, 11))
def test_a_nudge_of_a_vertex_changes_the_area_by_no_more_than_it_sweeps(a, b, vertex):
    ring = shapely.get_coordinates(a)[:-1]
    ring[vertex % len(ring)] += 1e-6
    assert abs(shared(shapely.Polygon(ring), b) - shared(a, b)) <= 2e-6 * a.length + 1e-6


def test_the_order_of_parts_does_not_matter():
    a, b = drawn(multipart, 4, 8)
    backwards = array(
        *[shapely.MultiPolygon([*each.geoms][::-1]) if each.geom_type != "Polygon" else each for each in a]
    )
    assert plane(backwards, b) == pytest.approx(plane(a, b), rel=1e-12, abs=1e-9)


def test_polygons_that_only_touch_are_no_pairs():
    touching = array(zoo.EAST_NEIGHBOUR, zoo.CORNER_NEIGHBOUR, zoo.HOLE_FILLER)
    for one, other in ((array(zoo.SQUARE_WITH_HOLE), touching), (touching, array(zoo.SQUARE_WITH_HOLE))):
        assert [len(each) for each in areas(one, other, crs=zoo.CRS)] == [0, 0, 0]


def test_what_has_no_area_meets_nothing():
    nothing = array(None, zoo.EMPTY, zoo.POINT, zoo.LINE, zoo.ZERO_AREA, zoo.NAN, zoo.NAN_PART, zoo.INFINITE)
    assert len(areas(nothing, array(zoo.SQUARE), crs=zoo.CRS)[0]) == 0
    assert len(areas(array(zoo.SQUARE), nothing, crs=zoo.CRS)[0]) == 0
    assert len(areas(array(), array(zoo.SQUARE), crs=zoo.CRS)[0]) == 0
    assert len(areas(array(zoo.SQUARE), array(), crs=zoo.CRS)[0]) == 0


def test_what_is_not_finite_leaves_what_else_there_is_alone():
    broken = shapely.transform(
        shapely.Point(zoo.X, zoo.Y).buffer(50, quad_segs=200), lambda xy: np.where(xy > zoo.Y, np.nan, xy)
    )
    i, j, _ = areas(array(zoo.NAN_PART, zoo.SQUARE, broken), array(broken, zoo.HOLE_FILLER, zoo.NAN), crs=zoo.CRS)
    assert (i.tolist(), j.tolist()) == ([1], [1])


def test_heights_measures_and_doubled_vertices_change_nothing():
    same = array(zoo.Z_SQUARE, zoo.M_SQUARE, zoo.DOUBLED_VERTEX)
    _, _, m2 = areas(same, array(zoo.SQUARE_WITH_HOLE), crs=None)
    assert m2.tolist() == [9_600.0] * 3


@pytest.mark.parametrize("angle", [0, 90, 45, 31.7])
def test_edges_that_run_along_each_other_count_once_or_not_at_all(angle):
    def placed(*corners):
        return shapely.affinity.rotate(shapely.box(*corners), angle, origin=(0, 0))

    square = placed(0, 0, 100, 100)
    assert shared(square, placed(100, 0, 200, 100)) == pytest.approx(0, abs=1e-9)  # against each other, all along
    assert shared(square, placed(20, 100, 80, 200)) == pytest.approx(0, abs=1e-9)  # in part
    assert shared(square, placed(0, 0, 100, 100)) == pytest.approx(10_000)  # the same way, all of them
    assert shared(square, placed(60, 0, 100, 30)) == pytest.approx(1_200)  # from inside, in part
    assert shared(square, placed(0, -50, 100, 10)) == pytest.approx(1_000)  # and across others


@pytest.mark.parametrize("step", [0.0, 1e-9, 1e-6, 1e-3, 0.1, 1.0])
def test_a_square_moved_across_an_edge_shares_as_much_more_as_it_is_moved(step):
    east = shared(shapely.box(0, 0, 100, 300), shapely.box(100 - step, 100, 200 - step, 200))
    north = shared(shapely.box(0, 0, 300, 100), shapely.box(100, 100 - step, 200, 200 - step))
    assert (east, north) == pytest.approx((100 * step, 100 * step), abs=1e-6)


def test_a_multipolygon_of_one_part_keeps_its_holes():
    one = shapely.MultiPolygon([zoo.SQUARE_WITH_HOLE])
    for each in (box(10, 0, 70, 100), box(50, 30, 120, 45)):
        assert shared(one, each) == shared(zoo.SQUARE_WITH_HOLE, each) == shapely.intersection(one, each).area


def test_rings_are_those_of_each_part_in_order_whatever_the_type():
    several = shapely.MultiPolygon([zoo.SQUARE_WITH_HOLE, zoo.EAST_NEIGHBOUR, shapely.Polygon()])
    nested = shapely.GeometryCollection([zoo.LINE, shapely.GeometryCollection([several, zoo.POINT])])
    layer = array(zoo.SQUARE, None, several, zoo.EMPTY, zoo.Z_SQUARE, zoo.SQUARE_WITH_HOLE)
    for mixed in (layer, array(*layer[:2], nested, zoo.POINT, *layer[4:])):
        found = rings(mixed)
        assert found.feature.tolist() == [0, 2, 2, 2, 4, 5, 5]
        assert found.hole.tolist() == [False, False, True, False, False, False, True]
        assert found.offsets.tolist() == [0, 5, 10, 15, 20, 25, 30, 35]
        assert np.array_equal(found.xy[10:15], zoo.SQUARE_WITH_HOLE.interiors[0].coords)
    assert [len(each) for each in (rings(array(zoo.POINT, None)).xy, rings(array()).feature)] == [0, 0]


def test_a_pair_that_shares_less_than_the_limit_is_no_pair():
    for overlap, pairs in ((0.9e-8, 0), (1.2e-8, 1)):
        i, _, _ = areas(array(box(0, 0, 100, 100)), array(box(0, 100 - overlap * 1000, 0.1, 110)), crs=None)
        assert len(i) == pairs


def test_pairs_come_sorted_by_both_numbers():
    rng = np.random.default_rng(5)
    a, b = rounded([star(rng) for _ in range(40)]), rounded([star(rng) for _ in range(30)])
    i, j, _ = areas(a, b, crs=None)
    assert np.array_equal(np.lexsort((j, i)), np.arange(len(i)))


def test_a_large_pair_far_from_the_meridian_is_measured_edge_true():
    east = 140_000
    big = shapely.transform(
        star(np.random.default_rng(3), 200, 9_000, 0), lambda xy: xy + np.array([zoo.X + east, zoo.Y])
    )
    _, _, m2 = areas(array(big), array(box(east - 20_000, -20_000, east + 20_000, 20_000)), crs=zoo.CRS)
    assert m2 == pytest.approx(area.edge_true([big], zoo.CRS), rel=1e-8)
    assert abs(m2[0] - big.area) > 1e-4 * big.area


def test_areas_in_degrees_are_those_of_the_ground():
    one, other = shapely.box(114, 30, 114.1, 30.1), shapely.box(114.05, 30.02, 114.2, 30.2)
    _, _, m2 = areas(array(one), array(other), crs=4490)
    assert m2 == pytest.approx(area.edge_true([shapely.box(114.05, 30.02, 114.1, 30.1)], 4490), rel=1e-8)


def test_the_number_of_threads_changes_nothing(monkeypatch):
    rng = np.random.default_rng(6)
    a, b = rounded([star(rng, 40) for _ in range(300)]), rounded([star(rng, 400) for _ in range(100)])
    monkeypatch.setattr(edge_pairs, "_CHUNK", 2_000)
    found = []
    for threads in ("1", "4"):
        monkeypatch.setenv("LANTU_THREADS", threads)
        found.append(areas(a, b, crs=zoo.CRS))
    assert all(np.array_equal(*each) for each in zip(*found, strict=True))


def test_the_input_stays_as_it_was():
    a, b = drawn(with_holes, 7, 5)
    before = [*shapely.to_wkb(a), *shapely.to_wkb(b)]
    plane(a, b)
    assert [*shapely.to_wkb(a), *shapely.to_wkb(b)] == before


def test_no_module_imports_numba_before_it_is_needed():
    code = (
        "import sys, gis, gis.geometry.edge_pairs, gis.geometry.flat, gis.geometry.overlay, gis.rules.verbs;"
        "print('numba' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "False"
