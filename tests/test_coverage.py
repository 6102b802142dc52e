"""Gaps and overlaps of a layer against drawn squares and brute force."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
import shapely
import zoo
from scipy.spatial import Voronoi
from zoo import array, box

from gis.errors import AnalysisError
from gis.geometry import _arrangement, coverage, flat


def cells(seed: int, count: int = 120) -> np.ndarray:
    """A clean coverage of 1 km² by irregular cells that share their vertices exactly."""
    rng = np.random.default_rng(seed)
    p = rng.uniform(0, 1000, (count, 2))
    mirrored = [p, p * [-1, 1], p * [1, -1], [2000, 0] + p * [-1, 1], [0, 2000] + p * [1, -1]]
    found = Voronoi(np.vstack(mirrored))
    vertices = np.round(found.vertices, 3) + np.array([zoo.X, zoo.Y])
    return array(*[shapely.Polygon(vertices[found.regions[found.point_region[k]]]) for k in range(count)])


def damaged(seed: int) -> np.ndarray:
    """The same with every kind of fault: missing, shifted, swollen, doubled, shrunk, boxed, reversed, densified."""
    layer = cells(seed)
    k = np.random.default_rng(seed + 1).permutation(len(layer))
    layer[k[0]] = None
    layer[k[1]] = shapely.transform(layer[k[1]], lambda xy: xy + 7.0)
    layer[k[2]] = shapely.buffer(layer[k[2]], 3)
    layer[k[3]] = layer[k[4]]
    layer[k[5]] = shapely.reverse(layer[k[5]])
    layer[k[6]] = shapely.buffer(layer[k[6]], -2)
    layer[k[7]] = shapely.box(*(shapely.bounds(layer[k[7]]) + np.array([-40, -40, 40, 40])))
    layer[k[8]] = shapely.segmentize(layer[k[8]], 5)
    layer[k[9]] = shapely.union(layer[k[9]], layer[k[10]])
    return layer


def polygons_of(geometry):
    return shapely.union_all([each for each in shapely.get_parts(geometry) if each.geom_type == "Polygon"])


def brute(layer):
    """Ground enclosed but not covered, and the shared ground of every pair, by plain shapely."""
    there = np.where(np.isin(shapely.get_type_id(layer), (3, 6)), layer, None)
    union = shapely.union_all(there)
    rings = [shapely.Polygon(ring) for part in shapely.get_parts(union) for ring in part.interiors]
    i, j = shapely.STRtree(there).query(there, predicate="intersects")
    i, j = i[i < j], j[i < j]
    shared = array(*map(polygons_of, shapely.intersection(there[i], there[j])))
    return shapely.difference(shapely.union_all(rings), union), dict(zip(zip(i, j, strict=True), shared, strict=True))


def united(polygons):
    """Without a grid, GEOS may lose a polygon where edges nearly coincide (as in seed 1145)."""
    return shapely.union_all(polygons, grid_size=1e-8)


def assert_faces_of_brute_force(layer):
    """Gaps and overlaps lie on the same ground, and each pair of features shares the same area."""
    found = coverage.faces(layer)
    gaps, pairs = brute(layer)
    for faces, ground in ((found.gaps(), gaps), (found.overlaps(), united(list(pairs.values())))):
        off = shapely.symmetric_difference(united(found.geometry[faces]), ground)
        assert off.area < 1e-5  # noded on a grid of 1e-8 m
    shared = dict.fromkeys(pairs, 0.0)
    for face in found.overlaps():
        for pair in combinations(found.members[face], 2):
            shared[pair] += found.geometry[face].area
    assert list(shared.values()) == pytest.approx([each.area for each in pairs.values()], rel=1e-9, abs=1e-5)
    assert shapely.is_valid(found.geometry).all()


def test_a_clean_coverage_has_no_faces():
    found = coverage.faces(cells(0))
    assert (len(found.geometry), len(found.count), len(found.members)) == (0, 0, 0)


def test_a_missing_square_is_one_gap_with_its_neighbours():
    layer = array(
        *[box(x, y, x + 10, y + 10) for x in (0, 10, 20) for y in (0, 10, 20) if (x, y) != (10, 10)], box(90, 0, 99, 9)
    )
    found = coverage.faces(layer)
    assert found.count.tolist() == [0]
    assert found.geometry[0].equals(box(10, 10, 20, 20))
    assert found.members[0].tolist() == list(range(8))
    assert (found.gaps().tolist(), found.overlaps().tolist()) == ([0], [])


def test_a_gap_at_the_outer_side_is_no_gap():
    layer = array(*[box(x, y, x + 10, y + 10) for x in (0, 10, 20) for y in (0, 10, 20) if (x, y) != (10, 0)])
    assert len(coverage.faces(layer).geometry) == 0


def test_a_slit_open_to_the_outside_is_no_gap():
    assert len(coverage.faces([box(0, 0, 100, 10), box(0, 10.001, 100, 20), box(100, 0, 101, 20)]).geometry) == 0


def test_a_slit_closed_at_both_ends_is_a_gap():
    layer = [box(0, 0, 100, 10), box(0, 10.001, 100, 20), box(100, 0, 101, 20), box(-1, 0, 0, 20)]
    found = coverage.faces(layer)
    assert found.count.tolist() == [0]
    assert shapely.area(found.geometry) == pytest.approx([100 * 0.001], rel=1e-4)


def test_ground_enclosed_through_touching_corners_is_a_gap():
    diamond = [box(0, 0, 10, 10), box(10, 10, 20, 20), box(20, 0, 30, 10), box(10, -10, 20, 0)]
    found = coverage.faces(diamond)
    assert found.geometry[0].equals(box(10, 0, 20, 10))
    assert found.members[0].tolist() == [0, 1, 2, 3]


def test_the_hole_of_a_feature_is_a_gap_until_it_is_filled():
    assert coverage.faces([zoo.SQUARE_WITH_HOLE]).count.tolist() == [0]
    assert len(coverage.faces([zoo.SQUARE_WITH_HOLE, zoo.HOLE_FILLER]).geometry) == 0


def test_an_overlap_names_its_two_features():
    found = coverage.faces([zoo.EAST_NEIGHBOUR, box(-50, 0, 20, 100), zoo.SQUARE])
    assert found.count.tolist() == [2]
    assert found.geometry[0].equals(box(0, 0, 20, 100))
    assert found.members[0].tolist() == [1, 2]


def test_ground_covered_by_three_is_one_face_with_three_members():
    found = coverage.faces([box(0, 0, 30, 10), box(10, 0, 40, 10), box(20, 0, 50, 10)])
    assert [each.tolist() for each in found.members] == [[0, 1], [0, 1, 2], [1, 2]]
    assert found.count.tolist() == [2, 3, 2]
    assert shapely.area(found.geometry).tolist() == [100, 100, 100]


def test_a_feature_over_two_neighbours_overlaps_each_by_itself():
    found = coverage.faces([zoo.SQUARE, zoo.EAST_NEIGHBOUR, box(90, 10, 120, 20)])
    assert [each.tolist() for each in found.members] == [[0, 2], [1, 2]]
    assert shapely.area(found.geometry).tolist() == [100, 200]


def test_a_feature_given_twice_is_one_overlap():
    found = coverage.faces([zoo.SQUARE, zoo.EAST_NEIGHBOUR, zoo.SQUARE])
    assert found.geometry[0].equals(zoo.SQUARE)
    assert found.members[0].tolist() == [0, 2]


def test_the_direction_of_rings_has_no_influence():
    found = coverage.faces([zoo.SQUARE, shapely.reverse(zoo.EAST_NEIGHBOUR), shapely.reverse(box(50, 0, 60, 10))])
    assert [each.tolist() for each in found.members] == [[0, 2]]


def test_vertices_closer_than_the_grid_are_one():
    near = shapely.transform(zoo.EAST_NEIGHBOUR, lambda xy: xy + 2e-5)
    assert len(coverage.faces([zoo.SQUARE, near]).geometry) == 0
    assert len(coverage.faces([zoo.SQUARE, shapely.transform(near, lambda xy: xy - [0.01, 0])]).geometry) == 1


def test_a_vertex_on_the_middle_of_a_neighbours_edge_is_no_fault():
    assert len(coverage.faces([zoo.SQUARE, box(100, 0, 200, 50), box(100, 50, 200, 100)]).geometry) == 0


def test_nothing_at_all_has_no_faces():
    assert len(coverage.faces([]).geometry) == 0
    assert len(coverage.faces(array(None, zoo.EMPTY, zoo.LINE, zoo.POINT)).geometry) == 0


def test_none_and_lines_do_not_shift_the_numbers():
    found = coverage.faces(array(None, zoo.SQUARE, zoo.LINE, box(50, 0, 60, 10)))
    assert found.members[0].tolist() == [1, 3]


def test_parts_of_one_feature_that_do_not_overlap_are_fine():
    assert len(coverage.faces([zoo.MULTIPART, box(10, 0, 20, 10)]).geometry) == 0


def test_invalid_polygons_are_refused():
    with pytest.raises(AnalysisError, match=r"1 个无效多边形（序号 1）(.|\n)*1 invalid polygons \(numbers 1\)"):
        coverage.faces([zoo.SQUARE, zoo.BOW_TIE])


def test_a_broken_sum_is_never_silent(monkeypatch):
    monkeypatch.setattr(shapely, "orient_polygons", lambda layer: layer)
    with pytest.raises(AnalysisError, match=r"自检不通过(.|\n)*failed its own test"):
        coverage.faces([zoo.SQUARE, shapely.reverse(zoo.SQUARE)])


@pytest.mark.parametrize("seed", range(6))
def test_faces_of_a_damaged_coverage_are_those_of_brute_force(seed):
    assert_faces_of_brute_force(damaged(seed))
    assert_faces_of_brute_force(with_holes(seed))


@pytest.mark.long
@pytest.mark.parametrize("large", [_arrangement.LARGE, 0], ids=["tables", "compiled"])
@pytest.mark.parametrize("seed", range(200))
def test_faces_are_those_of_brute_force_over_many_seeds(seed, large, monkeypatch):
    monkeypatch.setattr(_arrangement, "LARGE", large)
    assert_faces_of_brute_force((damaged if seed % 2 else with_holes)(1000 + seed))


@pytest.mark.parametrize("seed", range(3))
def test_every_member_covers_the_inside_of_its_face(seed):
    layer = damaged(seed)
    found = coverage.faces(layer)
    for each in found.overlaps():
        shared = shapely.intersection_all([found.geometry[each], *layer[found.members[each]]])
        assert shared.area == pytest.approx(found.geometry[each].area, rel=1e-6, abs=1e-6)


def test_the_order_of_features_changes_numbers_only():
    layer = damaged(3)
    there, back = coverage.faces(layer), coverage.faces(layer[::-1])
    assert len(there.count) == len(back.count)
    assert np.sort(shapely.area(there.geometry)) == pytest.approx(np.sort(shapely.area(back.geometry)), abs=1e-6)


def test_the_input_is_left_as_it_was():
    layer = damaged(1)
    before = shapely.to_wkb(layer).tolist()
    coverage.faces(layer)
    assert shapely.to_wkb(layer).tolist() == before


NO_HASH = 0
"""As bits of the hash that are used: every edge collides with every other."""


@pytest.fixture
def compiled(monkeypatch):
    """Sends layers of any size through the compiled loops."""
    monkeypatch.setattr(_arrangement, "LARGE", 0)


def with_holes(seed):
    """Damaged, with a yard cut out of one cell, one of the yards filled, two cells as one multipolygon, and things to skip."""
    layer = damaged(seed)
    big = np.argsort(shapely.area(np.where(shapely.is_missing(layer), zoo.EMPTY, layer)))
    yards = shapely.buffer(shapely.point_on_surface(layer[big[-2:]]), 1)
    layer[big[-2:]] = shapely.difference(layer[big[-2:]], yards)
    far = shapely.Polygon(box(2000, 0, 2100, 100).exterior, [box(2010, 10, 2020, 20).exterior])
    pair = shapely.multipolygons(array(cells(seed + 50)[0], shapely.reverse(far)))
    return np.concatenate([layer, yards[:1], [pair, zoo.MULTIPART, None, zoo.EMPTY, zoo.LINE, zoo.POINT]])


def assert_same(found, expected):
    assert found.count.tolist() == expected.count.tolist()
    assert [each.tolist() for each in found.members] == [each.tolist() for each in expected.members]
    assert shapely.equals_identical(found.geometry, expected.geometry).all()


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("make", [damaged, with_holes])
def test_compiled_loops_find_the_same_faces(make, seed, monkeypatch):
    layer = make(seed)
    expected = coverage.faces(layer, valid=True)
    monkeypatch.setattr(_arrangement, "LARGE", 0)
    assert_same(coverage.faces(layer, valid=True), expected)


@pytest.mark.parametrize("seed", range(6))
def test_flat_coordinates_have_the_same_faces_as_geometries(seed):
    layer = np.where(np.isin(shapely.get_type_id(layer := with_holes(seed)), (3, 6)), layer, np.array(None))
    assert_same(coverage.faces_of_flat(flat.from_wkb(shapely.to_wkb(layer))), coverage.faces(layer))


def test_flat_coordinates_of_nothing_have_no_faces():
    for column in ([], [None], shapely.to_wkb([zoo.EMPTY, zoo.EMPTY_MULTIPART])):
        assert len(coverage.faces_of_flat(flat.from_wkb(column)).geometry) == 0


def test_flat_coordinates_that_are_no_numbers_are_never_silent():
    with pytest.raises(AnalysisError, match="Features 1 of the coverage"):
        coverage.faces_of_flat(flat.from_wkb(shapely.to_wkb([zoo.SQUARE, zoo.NAN])))


@pytest.mark.parametrize("seed", range(3))
def test_a_feature_whose_bounds_meet_a_box_is_never_passed_over(seed):
    rng = np.random.default_rng(seed)
    boxes, bounds = (
        np.hstack([low := rng.uniform(0, 1e4, (n, 2)), low + rng.exponential(50, (n, 2))]) for n in (40, 3000)
    )
    meet = (bounds[:, None, :2] <= boxes[None, :, 2:]).all(-1) & (bounds[:, None, 2:] >= boxes[None, :, :2]).all(-1)
    found = coverage._may_meet(np.vstack([bounds, [np.nan] * 4]), boxes)
    assert found[:-1][meet.any(axis=1)].all()
    assert not found[-1]
    assert found.sum() < 1.5 * meet.any(axis=1).sum()


@pytest.mark.parametrize("bits", [NO_HASH, 1, 2**63, 7 << 20])
def test_a_hash_that_collides_matches_no_edges_that_differ(bits, monkeypatch, compiled):
    layer = with_holes(4)
    expected = coverage.faces(layer, valid=True)
    monkeypatch.setattr(_arrangement, "KEEP", bits)
    assert_same(coverage.faces(layer, valid=True), expected)


def test_edges_are_dealt_to_many_buckets_without_losing_any(monkeypatch, compiled):
    layer = with_holes(5)
    expected = coverage.faces(layer, valid=True)
    monkeypatch.setattr(_arrangement, "_BUCKET", 4)
    assert_same(coverage.faces(layer, valid=True), expected)


@pytest.mark.parametrize("threads", ["1", "2", "5"])
def test_the_number_of_threads_changes_nothing(threads, monkeypatch, compiled):
    layer = with_holes(6)
    expected = coverage.faces(layer)
    monkeypatch.setenv("LANTU_THREADS", threads)
    assert_same(coverage.faces(layer), expected)


def test_compiled_loops_take_vertices_closer_than_the_grid_as_one(compiled):
    near = shapely.transform(zoo.EAST_NEIGHBOUR, lambda xy: xy + 2e-5)
    assert len(coverage.faces([zoo.SQUARE, near]).geometry) == 0
    apart = coverage.faces([zoo.SQUARE, shapely.transform(near, lambda xy: xy - [0.01, 0])])
    assert shapely.area(apart.geometry) == pytest.approx([100 * 0.01], rel=1e-2)


def test_compiled_loops_take_either_direction_of_shells_and_holes(compiled):
    yard = box(40, 40, 60, 60)
    for shell in (zoo.SQUARE, shapely.reverse(zoo.SQUARE)):
        for hole in (yard, shapely.reverse(yard)):
            ring = shapely.Polygon(shell.exterior, [hole.exterior])
            assert shapely.area(coverage.faces([ring]).geometry).tolist() == [400]
            assert len(coverage.faces([ring, yard]).geometry) == 0


def test_compiled_loops_pass_over_edges_that_snap_to_a_point(compiled):
    corner = shapely.get_coordinates(zoo.SQUARE)
    short = shapely.Polygon(np.insert(corner, 1, corner[0] + [0, 1e-6], axis=0))
    assert len(coverage.faces([short, zoo.EAST_NEIGHBOUR]).geometry) == 0


def test_nothing_at_all_has_no_faces_in_compiled_loops(compiled):
    assert len(coverage.faces([]).geometry) == 0
    assert len(coverage.faces(array(None, zoo.EMPTY, zoo.LINE, zoo.POINT)).geometry) == 0


def test_a_wrong_match_in_compiled_loops_is_never_silent(monkeypatch, compiled):
    matched = _arrangement._matched

    def wrong(rings, grid):
        twice, live = matched(rings, grid)
        live[rings.feature[np.searchsorted(rings.offsets, np.arange(len(live)), side="right") - 1] == 1] = False
        return twice, live

    monkeypatch.setattr(_arrangement, "_matched", wrong)
    with pytest.raises(AnalysisError, match=r"自检不通过(.|\n)*failed its own test"):
        coverage.faces([zoo.SQUARE, box(500, 0, 600, 10)])


def test_small_layers_do_not_load_the_compiler():
    code = (
        "import sys, shapely, gis\nfrom gis.geometry import coverage\n"
        "coverage.faces([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)])\nassert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
