"""Lines that ought to be equal, and lower areas that ought to tile the upper one, on drawn squares and against plain shapely."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import zoo
from test_coverage import cells
from zoo import array, box

from gis.errors import AnalysisError
from gis.geometry import matching

GRID = 1e-4


def split(layer: np.ndarray, seed: int) -> np.ndarray:
    """The same shapes with up to three vertices added on each edge, rings begun elsewhere and turned round."""
    rng = np.random.default_rng(seed)

    def ring(xy: np.ndarray) -> np.ndarray:
        share = [np.sort(np.r_[0, rng.random(rng.integers(0, 4))]) for _ in range(len(xy) - 1)]
        points = np.concatenate([a + (b - a) * t[:, None] for a, b, t in zip(xy[:-1], xy[1:], share, strict=True)])
        points = np.roll(points, rng.integers(len(points)), axis=0)[:: rng.choice([-1, 1])]
        return np.vstack([points, points[:1]])

    def polygon(one):
        shell, *holes = (ring(shapely.get_coordinates(each)) for each in shapely.get_rings(one))
        return shapely.Polygon(shell, holes)

    parts = [[polygon(part) for part in shapely.get_parts(each) if not part.is_empty] for each in layer]
    return array(*[shapely.MultiPolygon(each) for each in parts])


def redrawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A coverage and the same with a cell moved, one missing, two merged, a hole cut and a corner pulled."""
    layer = cells(seed)
    k = np.random.default_rng(seed + 9).permutation(len(layer))
    other = layer.copy()
    other[k[0]] = shapely.transform(layer[k[0]], lambda xy: xy + 3.0)
    other[k[1]] = shapely.Polygon()
    other[k[2]] = shapely.union(layer[k[2]], layer[k[3]])
    other[k[4]] = shapely.difference(layer[k[4]], shapely.buffer(shapely.point_on_surface(layer[k[4]]), 2))
    corners = shapely.get_coordinates(layer[k[5]])[:-1]
    corners[0] += 5
    other[k[5]] = shapely.Polygon(corners)
    return layer, other


def brute(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Per feature the length of its boundary farther than the grid from all boundaries of the other layer."""
    near = shapely.union_all(shapely.buffer(shapely.boundary(b[~shapely.is_missing(b)]), GRID))
    return shapely.length(shapely.difference(shapely.boundary(a), near))


def by_feature(found: matching.Unmatched, size: int) -> np.ndarray:
    out = np.zeros(size)
    out[found.feature] = found.length
    return out


def test_lines_equal_to_themselves_leave_nothing():
    layer = cells(1)
    found = matching.unmatched(layer, layer[::-1])
    assert [len(each) for each in (found.feature, found.length, found.pieces, found.row, found.geometry())] == [0] * 5


def test_all_lines_are_left_where_the_other_layer_has_none():
    layer = array(zoo.SQUARE, None, zoo.SQUARE_WITH_HOLE)
    found = matching.unmatched(layer, array(None, zoo.EMPTY, zoo.POINT))
    assert found.feature.tolist() == [0, 2]
    assert found.length.tolist() == [400, 400 + 4 * 20]


def test_what_is_left_is_told_as_one_line_where_it_hangs_together():
    found = matching.unmatched([zoo.SQUARE, zoo.MULTIPART], [box(0, 0, 100, 50), box(0, 50, 60, 100)])
    right, parts = found.geometry()
    assert right.geom_type == "LineString"
    assert right.length == pytest.approx(50 + 40, abs=2 * GRID)
    assert right.hausdorff_distance(
        shapely.LineString([(zoo.X + 60, zoo.Y + 100), (zoo.X + 100, zoo.Y + 100), (zoo.X + 100, zoo.Y + 50)])
    ) == pytest.approx(0, abs=2 * GRID)
    assert parts.length == pytest.approx(found.length[1])


@pytest.mark.parametrize("seed", range(3))
def test_what_is_left_is_what_a_buffer_of_the_other_lines_leaves(seed):
    layer, other = redrawn(seed)
    for a, b in ((layer, other), (other, layer)):
        mine, theirs = by_feature(matching.unmatched(a, b), len(a)), brute(a, b)
        assert mine == pytest.approx(theirs, abs=1e-4)  # a buffer's arcs are chords: some µm per crossing
        assert mine.sum() > 10


@pytest.mark.parametrize("seed", range(3))
def test_added_vertices_turned_rings_and_another_order_change_nothing(seed):
    layer, other = redrawn(seed)
    order = np.random.default_rng(seed).permutation(len(layer))
    plain = by_feature(matching.unmatched(layer, other), len(layer))
    for a, b in (
        (split(layer, seed), other),
        (layer, split(other, seed)),
        (split(layer, seed), split(other, seed + 1)),
    ):
        assert by_feature(matching.unmatched(a, b), len(layer)) == pytest.approx(plain, abs=1e-6)
        shuffled = by_feature(matching.unmatched(a[order], b[order[::-1]]), len(layer))
        assert shuffled == pytest.approx(plain[order], abs=1e-6)


@pytest.mark.parametrize("angle", np.arange(0.2, 6.2, 0.5))
def test_a_shift_of_twice_the_grid_is_found_and_one_of_half_of_it_is_not(angle):
    layer = cells(2)
    step = GRID * np.array([np.cos(angle), np.sin(angle)])
    found = matching.unmatched(shapely.transform(layer, lambda xy: xy + 2 * step), layer)
    assert len(found.feature) == len(layer)
    few = matching.unmatched(shapely.transform(layer, lambda xy: xy + step / 2), layer)
    assert len(few.feature) == 0


def test_a_vertex_pulled_aside_leaves_its_two_edges():
    pulled = zoo.polygon((0, 0), (100, 0), (100, 100), (50, 100.5), (0, 100))
    found = matching.unmatched([pulled], [zoo.SQUARE])
    assert found.length == pytest.approx([2 * np.hypot(50, 0.5)], rel=1e-3)  # near the ends they run within the grid


def test_a_line_layer_is_compared_with_the_outline_of_polygons():
    lines = array(zoo.LINE, shapely.LineString([(zoo.X + 50, zoo.Y), (zoo.X + 50, zoo.Y + 100)]))
    found = matching.unmatched(lines, [zoo.SQUARE])
    assert found.feature.tolist() == [1]
    assert found.length == pytest.approx([100 - 2 * GRID])
    assert matching.unmatched([zoo.SQUARE], lines).length == pytest.approx([300 - 4 * GRID])


def test_lines_are_compared_inside_the_ground_only():
    county = box(0, 0, 100, 100)
    city_redline = array(box(-50, 20, 60, 80), box(90, 90, 300, 300), box(500, 0, 600, 100))
    county_redline = shapely.intersection(city_redline, county)
    assert len(matching.unmatched(county_redline, city_redline, ground=[county]).feature) == 0
    assert len(matching.unmatched(city_redline, county_redline, ground=[county]).feature) == 0
    smaller = array(box(0, 20, 55, 80), county_redline[1])
    found = matching.unmatched(city_redline, smaller, ground=[county])
    assert found.feature.tolist() == [0]
    assert found.length == pytest.approx([60 + 2 * 5], abs=3 * GRID)


@pytest.mark.parametrize("threads", ["1", "3"])
def test_the_number_of_threads_changes_no_piece(threads, monkeypatch):
    layer, other = redrawn(3)
    before = matching.unmatched(layer, other)
    monkeypatch.setenv("LANTU_THREADS", threads)
    monkeypatch.setattr(matching, "_CHUNK", 50)
    after = matching.unmatched(layer, other)
    assert np.array_equal(before.pieces, after.pieces)
    assert np.array_equal(before.length, after.length)


def test_coordinates_that_are_no_numbers_are_refused():
    with pytest.raises(AnalysisError, match=r"第 1 个要素的坐标含无效数值(.|\n)*Features 1 of a layer"):
        matching.unmatched([zoo.SQUARE, zoo.NAN], [zoo.SQUARE])
    with pytest.raises(AnalysisError, match="invalid polygons"):
        matching.unmatched([zoo.SQUARE], [zoo.SQUARE], ground=[zoo.BOW_TIE])


COUNTIES = [box(0, 0, 100, 60), box(0, 60, 50, 100), box(50, 60, 100, 100)]


def test_counties_that_tile_the_city_leave_nothing():
    found = matching.tiling(COUNTIES, [zoo.SQUARE])
    assert [len(each) for each in (found.geometry, found.parent, found.kind, found.children)] == [0] * 4
    assert len(found.edges.feature) == 0


def test_gap_overlap_and_outside_are_told_with_their_children():
    children = [box(0, 0, 100, 60), box(0, 60, 40, 100), box(50, 50, 120, 100)]
    found = matching.tiling(children, [zoo.SQUARE])
    assert list(zip(found.kind, shapely.area(found.geometry), map(tuple, found.children), strict=True)) == [
        ("gap", 10 * 40, (0, 1, 2)),
        ("overlap", 50 * 10, (0, 2)),
        ("outside", 20 * 50, (2,)),
    ]
    assert found.parent.tolist() == [0, 0, 0]
    assert found.edges.length == pytest.approx([10 - 2 * GRID + 40 - 2 * GRID])


def test_children_belong_to_the_parent_that_holds_them_unless_it_is_said():
    parents = [zoo.SQUARE, zoo.EAST_NEIGHBOUR]
    children = [zoo.SQUARE, zoo.EAST_NEIGHBOUR, box(300, 0, 310, 10)]
    found = matching.tiling(children, parents)
    assert list(zip(found.kind, found.parent, map(tuple, found.children), strict=True)) == [("outside", -1, (2,))]
    swapped = matching.tiling(children, parents, of=[1, 0, 0])
    assert swapped.kind.tolist() == ["gap", "outside", "outside", "gap", "outside"]
    assert swapped.parent.tolist() == [0, 0, 0, 1, 1]
    assert len(swapped.edges.feature) == 0


@pytest.mark.parametrize("of", [[0], [0, 1], [0, -2], [[0, 0]], [0.5, 0]])
def test_numbers_of_parents_that_there_are_not_are_refused(of):
    with pytest.raises(AnalysisError, match=r"上级要素的序号(.|\n)*number of its parent"):
        matching.tiling([zoo.SQUARE, zoo.SQUARE], [zoo.SQUARE], of=of)


def test_a_parent_without_ground_and_one_without_children():
    assert matching.tiling([zoo.SQUARE], [None], of=[0]).kind.tolist() == ["outside"]
    childless = matching.tiling([], [zoo.MULTIPART])
    assert (childless.kind.tolist(), shapely.area(childless.geometry).tolist()) == (["gap", "gap"], [100, 200])
    assert matching.tiling([], []).kind.tolist() == []


@pytest.mark.parametrize("seed", range(3))
def test_vertices_added_along_shared_lines_leave_the_tiling_as_it_is(seed):
    layer = cells(seed)
    parents = array(*[shapely.coverage_union_all(layer[each::4]) for each in range(4)])
    of = np.arange(len(layer)) % 4
    found = matching.tiling(split(layer, seed), split(parents, seed + 1), of=of)
    assert len(found.geometry) == 0
    assert len(found.edges.feature) == 0
    moved = shapely.transform(layer, lambda xy: xy + 2 * GRID)
    assert len(matching.tiling(split(moved, seed), parents, of=of).edges.feature) == 4


@pytest.mark.parametrize("seed", range(3))
def test_the_tiling_of_redrawn_children_is_that_of_plain_shapely(seed):
    layer, children = redrawn(seed)
    of = np.arange(len(layer)) % 4
    parents = array(*[shapely.coverage_union_all(layer[of == each]) for each in range(4)])
    found = matching.tiling(children, parents, of=of)
    for parent, whole in enumerate(parents):
        mine = children[of == parent]
        union, area = shapely.union_all(mine), {}
        for kind in (matching.GAP, matching.OVERLAP, matching.OUTSIDE):
            area[kind] = shapely.area(found.geometry[(found.parent == parent) & (found.kind == kind)]).sum()
        assert area[matching.GAP] == pytest.approx(shapely.difference(whole, union).area, abs=1e-4)
        assert area[matching.OUTSIDE] == pytest.approx(shapely.difference(union, whole).area, abs=1e-4)
        inside = shapely.area(shapely.intersection(mine, whole)).sum() - shapely.intersection(union, whole).area
        assert area[matching.OVERLAP] == pytest.approx(inside, abs=1e-4)  # no place is covered by three
