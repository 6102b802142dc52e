"""Overlay against drawn squares and against plain shapely on random polygons."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import zoo
from random_shapes import FAMILIES, drawn
from zoo import array, box

from gis.errors import AnalysisError
from gis.geometry import _tiles, area, overlay

# slivers 1e-10 m wide as a densified neighbour leaves them: beside these, union_all of GEOS 3.14 loses a whole polygon
# fmt: off
HAIRLINES = [
    [(500683.37058644975, 3400309.236770747), (500682.8222142857, 3400311.5908), (500681.73658839153, 3400316.251129755)],
    [(500681.7141214286, 3400316.347575), (500681.160075, 3400318.7259625), (500681.73658839153, 3400316.251129755)],
    [(500678.38984285714, 3400330.6179), (500677.28175, 3400335.374675), (500678.9495635503, 3400328.215154253)],
    [(500675.61393644975, 3400342.534195747), (500675.06556428573, 3400344.888225), (500673.97993839154, 3400349.548554755)],
    [(500673.9574714286, 3400349.645), (500673.403425, 3400352.0233875), (500673.97993839154, 3400349.548554755)],
    [(500670.63319285715, 3400363.915325), (500669.5251, 3400368.6721), (500671.1929135503, 3400361.512579253)],
    [(500698.88388644974, 3400242.6419207472), (500698.3355142857, 3400244.99595), (500697.2498883915, 3400249.656279755)],
    [(500693.90314285713, 3400264.02305), (500692.79505, 3400268.779825), (500694.4628635503, 3400261.620304253)],
    [(500691.12723644974, 3400275.939345747), (500690.5788642857, 3400278.293375), (500689.49323839153, 3400282.953704755)],
    [(500689.4707714286, 3400283.05015), (500688.916725, 3400285.4285375), (500689.49323839153, 3400282.953704755)],
    [(500686.14649285714, 3400297.320475), (500685.0384, 3400302.07725), (500686.7062135503, 3400294.917729253)],
]
BESIDE_HAIRLINES = [
    [(500679.6658, 3400104.8106), (500719.6658, 3400129.127916841), (500719.6658, 3400058.7265759762)],
    [(500704.945825, 3400233.8724375), (500699.4436071429, 3400240.239175), (500698.3355142857, 3400244.99595)],
]
# fmt: on


def stars(seed: int, count: int, radius: float, points: int = 12) -> np.ndarray:
    """Irregular valid polygons, some multipart, scattered over 1 km²."""
    rng = np.random.default_rng(seed)
    out = []
    for _ in range(count):
        angle = np.sort(rng.uniform(0, 2 * np.pi, points))
        reach = radius * rng.uniform(0.2, 1, points)
        x, y = rng.uniform(0, 1000, 2) + np.array([zoo.X, zoo.Y])
        out.append(shapely.Polygon(np.stack([x + reach * np.cos(angle), y + reach * np.sin(angle)], 1)))
    return overlay.polygonal(shapely.make_valid(array(*out)))


def brute_areas(a, b):
    shared = np.nan_to_num(shapely.area(shapely.intersection(a[:, None], b[None, :])))
    i, j = np.nonzero(shared)
    return i, j, shared[i, j]


def test_two_squares_share_their_common_strip():
    i, j, m2 = overlay.areas([zoo.SQUARE], [box(90, 0, 200, 100)], crs=zoo.CRS)
    assert (i.tolist(), j.tolist()) == ([0], [0])
    assert m2 == pytest.approx([10 * 100], rel=1e-7)


def test_the_area_of_a_pair_is_ellipsoidal():
    east = 140_000
    a, b = box(east, 0, east + 100, 100), box(east + 50, 0, east + 200, 100)
    _, _, m2 = overlay.areas([a], [b], crs=zoo.CRS)
    assert m2 == pytest.approx(area.edge_true([box(east + 50, 0, east + 100, 100)], zoo.CRS), rel=1e-8)
    assert abs(m2[0] - 5_000) > 1


def test_polygons_that_only_touch_do_not_meet():
    touching = [zoo.EAST_NEIGHBOUR, zoo.CORNER_NEIGHBOUR, zoo.HOLE_FILLER]
    for found in (overlay.pieces([zoo.SQUARE_WITH_HOLE], touching), overlay.pieces(touching, [zoo.SQUARE_WITH_HOLE])):
        assert [len(each) for each in found] == [0, 0, 0]


def test_a_shared_edge_beside_a_shared_area_is_dropped_from_the_piece():
    hook = zoo.polygon((50, -50), (150, -50), (150, 100), (100, 100), (100, -10), (90, 10), (50, 10))
    _, _, (piece,) = overlay.pieces([zoo.SQUARE], [hook])
    assert piece.geom_type == "Polygon"
    assert shapely.intersection(zoo.SQUARE, hook).geom_type == "GeometryCollection"


def test_a_polygon_inside_another_is_taken_as_it_is():
    inner = box(10, 10, 20, 20)
    for found in (overlay.pieces([inner], [zoo.SQUARE]), overlay.pieces([zoo.SQUARE], [inner])):
        assert found[2][0].equals(inner)


def assert_pieces_are_those_of_plain_shapely(a, b):
    i, j, shared = overlay.pieces(a, b, valid=True)
    plain = shapely.area(shapely.intersection(a[:, None], b[None, :]))
    assert np.array_equal(np.stack([i, j]), np.stack(np.nonzero(plain)))
    assert shapely.area(shared) == pytest.approx(plain[i, j], rel=1e-9, abs=1e-6)
    assert shapely.is_valid(shared).all()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("tile", [4, _tiles.TILE])
def test_pieces_are_those_of_plain_shapely(family, tile, monkeypatch):
    monkeypatch.setattr(_tiles, "TILE", tile)
    assert_pieces_are_those_of_plain_shapely(*drawn(family, 5, 20))


@pytest.mark.long
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("tile", [4, 16])
def test_ten_thousand_pieces_are_those_of_plain_shapely(family, tile, monkeypatch):
    monkeypatch.setattr(_tiles, "TILE", tile)
    assert_pieces_are_those_of_plain_shapely(*drawn(family, 6, 101))


def giant(seed: int) -> shapely.Geometry:
    """A polygon of some 3 000 corners and a second part, with holes, among cells of 40 m."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, 3_000))
    reach = 450 + 30 * np.sin(9 * angle) + rng.uniform(-3, 3, len(angle))
    middle = np.array([zoo.X, zoo.Y]) + 500
    outline = shapely.Polygon(np.stack([reach * np.cos(angle), reach * np.sin(angle)], 1) + middle)
    holes = shapely.union_all(stars(seed, 30, 40))
    return shapely.union(shapely.difference(outline, holes), box(1000, 0, 1100, 60))


@pytest.mark.parametrize("seed", range(3))
def test_what_is_cut_from_a_giant_has_no_seams(seed):
    a, b = stars(seed + 40, 300, 60), array(giant(seed))
    i, _, shared = overlay.pieces(a, b)
    plain = shapely.intersection(a, b[0])
    assert np.array_equal(i, np.flatnonzero(shapely.area(plain)))
    assert np.array_equal(shapely.get_num_coordinates(shared), shapely.get_num_coordinates(overlay.polygonal(plain[i])))
    assert shapely.area(shapely.symmetric_difference(shared, plain[i])) == pytest.approx(0, abs=1e-5)


def test_many_polygons_in_one_place_meet_a_giant():
    same = array(*[box(480, 480, 980, 980)] * 5, box(0, 0, 1000, 1000))
    i, _, shared = overlay.pieces(same, array(giant(1)))
    assert i.tolist() == [0, 1, 2, 3, 4, 5]
    assert shapely.area(shared) == pytest.approx(shapely.area(shapely.intersection(same, giant(1))), rel=1e-9)


def test_only_pairs_asked_for_are_given():
    a, b = stars(8, 80, 120), np.append(stars(9, 40, 250, points=60), giant(9))
    i, j, shared = overlay.pieces(a, b)
    chosen = np.random.default_rng(0).permutation(len(i))[: len(i) // 5]
    apart = np.setdiff1d(np.arange(80), i[j == 40])[:1]
    asked = np.append(i[chosen], apart), np.append(j[chosen], [40])
    for found in (overlay.pieces(a, b, pairs=asked), overlay.pieces(b, a, pairs=asked[::-1])):
        order = np.lexsort((found[1], found[0]))
        assert np.array_equal(order, np.arange(len(chosen)))
        assert {*zip(*found[:2], strict=True)} in (
            {*zip(i[chosen], j[chosen], strict=True)},
            {*zip(j[chosen], i[chosen], strict=True)},
        )
    k, m, some = overlay.pieces(a, b, pairs=asked)
    at = np.searchsorted(i * 100 + j, k * 100 + m)
    assert shapely.area(some) == pytest.approx(shapely.area(shared[at]), rel=1e-9, abs=1e-6)
    assert len(overlay.pieces(a, b, pairs=([], []))[0]) == 0


@pytest.mark.parametrize("pairs", [([0], [1]), ([-1], [0]), ([0, 0], [0])])
def test_pairs_out_of_range_are_refused(pairs):
    with pytest.raises(AnalysisError, match=r"a 有 1 个要素，b 有 1 个(.|\n)*a has 1 features, b 1"):
        overlay.pieces([zoo.SQUARE], [zoo.SQUARE], pairs=pairs)


def test_parts_of_a_feature_that_meet_another_become_one_piece():
    comb = shapely.MultiPolygon([box(x, 50, x + 10, 200) for x in range(0, 100, 20)])
    for found in (overlay.pieces([zoo.SQUARE], [comb]), overlay.pieces([comb], [zoo.SQUARE])):
        assert [len(each) for each in found] == [1, 1, 1]
        assert found[2][0].equals(shapely.intersection(zoo.SQUARE, comb))


@pytest.mark.parametrize("name", zoo.specimens())
def test_every_specimen_meets_a_square_as_in_plain_shapely_or_is_refused(name):
    specimen = zoo.specimens()[name]
    polygons = shapely.MultiPolygon(list(overlay.exploded([specimen])[1]))
    large = box(-10, -10, 60, 60)
    if not polygons.is_valid:
        with pytest.raises(AnalysisError, match="invalid"):
            overlay.pieces([specimen], [large])
        return
    _, _, found = overlay.pieces([specimen], [large])
    assert shapely.area(found).sum() == shapely.area(shapely.intersection(polygons, large))


def test_none_empty_and_other_types_meet_nothing():
    nothing = array(None, zoo.EMPTY, zoo.POINT, zoo.LINE)
    assert len(overlay.pieces(nothing, [zoo.SQUARE])[0]) == 0
    assert len(overlay.pieces([zoo.SQUARE], nothing)[0]) == 0
    assert len(overlay.within_layer(nothing)[0]) == 0


@pytest.mark.parametrize("call", [overlay.pieces, overlay.outside, lambda a, b: overlay.areas(a, b, crs=zoo.CRS)])
def test_no_features_give_no_pairs(call):
    assert len(call([], [zoo.SQUARE])[0]) == 0
    assert len(call([], [])[0]) == 0


@pytest.mark.parametrize("call", [overlay.pieces, overlay.outside])
def test_invalid_polygons_are_named_in_both_languages(call):
    with pytest.raises(AnalysisError, match=r"a 中有 1 个无效多边形（序号 1）(.|\n)*1 invalid polygons \(numbers 1\)"):
        call([zoo.SQUARE, zoo.BOW_TIE], [zoo.SQUARE])


def test_more_than_ten_invalid_polygons_are_not_all_listed():
    with pytest.raises(AnalysisError, match=r"8, 9, …"):
        overlay.within_layer([zoo.BOW_TIE] * 11)


@pytest.mark.parametrize("seed", range(3))
def test_random_pairs_and_areas_are_those_of_plain_shapely(seed):
    a, b = stars(seed, 150, 120), stars(seed + 100, 60, 250, points=60)
    for left, right in ((a, b), (b, a)):
        i, j, m2 = overlay.areas(left, right, crs=zoo.CRS)
        brute_i, brute_j, brute = brute_areas(left, right)
        assert np.array_equal(i, brute_i)
        assert np.array_equal(j, brute_j)
        assert m2 == pytest.approx(brute, rel=1e-7, abs=1e-6)  # on the central meridian the plane is true


@pytest.mark.parametrize("seed", range(3))
def test_pairs_within_a_layer_are_those_of_plain_shapely(seed):
    a = stars(seed, 150, 120)
    i, j, shared = overlay.within_layer(a)
    brute_i, brute_j, brute = brute_areas(a, a)
    once = brute_i < brute_j
    assert np.array_equal(np.stack([i, j]), np.stack([brute_i, brute_j])[:, once])
    assert shapely.area(shared) == pytest.approx(brute[once], rel=1e-9, abs=1e-9)


def test_a_feature_given_twice_meets_itself_once():
    i, j, shared = overlay.within_layer([zoo.SQUARE, zoo.EAST_NEIGHBOUR, zoo.SQUARE])
    assert (i.tolist(), j.tolist(), shapely.area(shared).tolist()) == ([0], [2], [10_000.0])


def test_the_result_does_not_depend_on_the_number_of_threads(monkeypatch):
    a, b = stars(1, 700, 60), stars(2, 700, 60)
    monkeypatch.setenv("LANTU_THREADS", "1")
    one = overlay.pieces(a, b)
    monkeypatch.setenv("LANTU_THREADS", "4")
    four = overlay.pieces(a, b)
    assert all(np.array_equal(*each) for each in zip(one[:2], four[:2], strict=True))
    assert np.array_equal(shapely.to_wkb(one[2]), shapely.to_wkb(four[2]))


def test_order_of_features_changes_numbers_only():
    a, b = stars(3, 80, 100), stars(4, 80, 100)
    i, j, m2 = overlay.areas(a, b, crs=zoo.CRS)
    back_i, back_j, back_m2 = overlay.areas(a[::-1], b[::-1], crs=zoo.CRS)
    assert dict(zip(zip(i, j, strict=True), m2, strict=True)) == pytest.approx(
        dict(zip(zip(79 - back_i, 79 - back_j, strict=True), back_m2, strict=True)), rel=1e-9, abs=1e-6
    )


def test_outside_keeps_what_the_mask_leaves():
    i, left = overlay.outside([zoo.SQUARE, zoo.EAST_NEIGHBOUR], [box(0, 0, 150, 60), box(0, 60, 100, 100)])
    assert i.tolist() == [1]
    assert left[0].equals(shapely.union_all([box(150, 0, 200, 100), box(100, 60, 200, 100)]))


def test_what_meets_no_mask_stays_whole_and_what_is_covered_is_left_out():
    i, left = overlay.outside([zoo.SQUARE, zoo.CORNER_NEIGHBOUR, zoo.HOLE_FILLER, None], [zoo.SQUARE])
    assert i.tolist() == [1]
    assert left[0].equals(zoo.CORNER_NEIGHBOUR)


def test_with_no_mask_everything_is_outside():
    i, left = overlay.outside([zoo.SQUARE, None, zoo.EMPTY], [])
    assert (i.tolist(), left.tolist()) == ([0], [zoo.SQUARE])


@pytest.mark.parametrize("seed", range(3))
def test_outside_is_the_difference_from_the_united_mask(seed):
    a, mask = stars(seed, 150, 80), stars(seed + 50, 25, 250, points=300)
    i, left = overlay.outside(a, mask)
    brute = shapely.area(shapely.difference(a, shapely.union_all(mask)))
    assert shapely.area(left) == pytest.approx(brute[i], abs=1e-6)
    assert np.delete(brute, i).max(initial=0) < 1e-6


def test_a_feature_covered_by_neighbours_together_leaves_no_splinters():
    strips = [box(k, -5, k + 1, 105) for k in range(-5, 105)]
    assert len(overlay.outside([zoo.SQUARE], strips)[0]) == 0


def test_covered_shares_are_those_of_drawn_squares():
    mask = [box(0, 0, 25, 100), box(10, 0, 50, 100)]
    found = overlay.covered_share(
        [zoo.SQUARE, zoo.EAST_NEIGHBOUR, box(0, 0, 10, 10), None, zoo.EMPTY], mask, crs=zoo.CRS
    )
    assert found == pytest.approx([0.5, 0, 1, np.nan, np.nan], nan_ok=True, abs=1e-9)


def test_pieces_that_share_an_edge_or_overlap_become_one_face():
    group, faces = overlay.merged([zoo.SQUARE, zoo.CORNER_NEIGHBOUR, zoo.EAST_NEIGHBOUR, box(-10, 0, 10, 10)])
    assert group.tolist() == [0, 0, 0, 0]
    assert shapely.area(faces).tolist() == [30_000 + 100]


def test_pieces_that_touch_in_a_point_stay_apart():
    group, faces = overlay.merged([zoo.CORNER_NEIGHBOUR, zoo.SQUARE])
    assert group.tolist() == [0, 1]
    assert faces[0].equals(zoo.CORNER_NEIGHBOUR)
    assert shapely.is_valid(faces).all()


def test_pieces_of_nothing_get_no_face():
    group, faces = overlay.merged(array(None, zoo.EMPTY, zoo.SQUARE, zoo.LINE))
    assert (group.tolist(), len(faces)) == ([-1, -1, 0, -1], 1)
    assert overlay.merged([])[1].shape == (0,)


def test_a_multipart_piece_is_refused():
    with pytest.raises(AnalysisError, match=r"第 1 个要素由多部分组成(.|\n)*Pieces 1 have several parts"):
        overlay.merged([zoo.SQUARE, zoo.MULTIPART])


def test_merging_a_polygons_pieces_over_a_coverage_gives_the_polygon_back():
    cells = array(*[box(x, y, x + 37, y + 41) for x in range(0, 1000, 37) for y in range(0, 1000, 41)])
    for shape in stars(7, 20, 150, points=30):
        if shape.geom_type == "Polygon" and shape.within(shapely.union_all(cells)):
            _, faces = overlay.merged(overlay.exploded(overlay.pieces([shape], cells)[2])[1])
            assert shapely.area(faces) == pytest.approx([shape.area], rel=1e-9)


def test_hairlines_beside_polygons_do_not_swallow_them_when_faces_are_merged():
    hairlines, large = map(shapely.Polygon, HAIRLINES), array(*map(shapely.Polygon, BESIDE_HAIRLINES))
    group, faces = overlay.merged(array(*large, *hairlines))
    assert shapely.area(faces)[group[:2]] == pytest.approx(shapely.area(large), abs=1e-5)


def test_hairlines_beside_a_mask_do_not_open_it():
    hairlines = shapely.MultiPolygon([*map(shapely.Polygon, HAIRLINES)])
    large = array(*map(shapely.Polygon, BESIDE_HAIRLINES))
    ground = shapely.box(*shapely.total_bounds(large))
    _, left = overlay.outside([ground], array(hairlines, *large))
    assert shapely.area(left).sum() == pytest.approx(ground.area - shapely.area(large).sum(), abs=1e-3)


def test_polygonal_keeps_the_areas_of_a_collection():
    mixed = shapely.GeometryCollection([zoo.LINE, zoo.SQUARE, shapely.GeometryCollection([zoo.CORNER_NEIGHBOUR])])
    one = shapely.GeometryCollection([zoo.POINT, zoo.SQUARE])
    found = overlay.polygonal(array(mixed, one, zoo.LINE, None, zoo.MULTIPART))
    assert [None if each is None else each.geom_type for each in found] == [
        "MultiPolygon", "Polygon", "Polygon", None, "MultiPolygon",
    ]  # fmt: skip
    assert np.array_equal(shapely.area(found), [20_000, 10_000, 0, np.nan, 300], equal_nan=True)


def test_the_fast_area_is_within_its_bound_at_the_limit_of_small():
    at = np.arange(-150_000, 150_001, 50_000)
    squares = array(*[box(x, 0, x + overlay.SCALE_LIMIT_M, overlay.SCALE_LIMIT_M) for x in at])
    assert overlay.measured(squares, zoo.CRS) == pytest.approx(area.edge_true(squares, zoo.CRS), rel=1e-8)


def test_measured_in_degrees_is_the_same_ground():
    square = shapely.box(114, 30, 114.005, 30.005)
    assert overlay.measured([square], 4490) == pytest.approx(area.edge_true([square], 4490), rel=1e-8)


def test_the_input_is_left_as_it_was():
    a, b = stars(5, 50, 200), stars(6, 50, 200)
    before = shapely.to_wkb(a).tolist() + shapely.to_wkb(b).tolist()
    for call in (overlay.pieces, overlay.outside):
        call(a, b)
    overlay.within_layer(a)
    assert shapely.to_wkb(a).tolist() + shapely.to_wkb(b).tolist() == before


@pytest.mark.parametrize("seed", range(5))
def test_faces_of_thousands_of_overlapping_pieces_are_the_ground_they_cover(seed):
    _, parts = overlay.exploded(overlay.pieces(stars(seed, 100, 150), stars(seed + 9, 40, 300, points=40))[2])
    group, faces = overlay.merged(parts)
    assert shapely.area(faces).sum() == pytest.approx(shapely.union_all(parts, grid_size=1e-7).area, abs=1e-3)
    assert shapely.is_valid(faces).all()
    assert (group[shapely.area(parts) > 1e-6] >= 0).all()


def damaged_coverage(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Two halves of a coverage of 400 parcels, and the parcels: some are gone, some moved, some lost or won a vertex."""
    rng = np.random.default_rng(seed)
    at = np.stack(np.meshgrid(np.arange(21.0), np.arange(21.0), indexing="ij"), axis=-1) * 50
    at += rng.uniform(-15, 15, at.shape) + np.array([zoo.X, zoo.Y])
    ring = np.stack([at[:-1, :-1], at[1:, :-1], at[1:, 1:], at[:-1, 1:]], axis=2).reshape(-1, 4, 2)
    halves = [shapely.coverage_union_all(shapely.polygons(each)) for each in (ring[:200], ring[200:])]
    ring[rng.choice(400, 12, replace=False), 0] += rng.normal(0, 10.0 ** rng.integers(-4, 1, (12, 1)), (12, 2))
    parcels = shapely.polygons(ring)
    split = rng.choice(400, 8, replace=False)
    parcels[split] = shapely.segmentize(parcels[split], 30)
    return array(*halves), np.delete(parcels, rng.choice(400, 5, replace=False))


@pytest.mark.parametrize("seed", range(8))
def test_what_many_parcels_leave_is_the_difference_from_their_union(seed):
    halves, parcels = damaged_coverage(seed)
    index, left = overlay.outside(halves, parcels)
    expected = shapely.difference(halves, shapely.union_all(parcels))
    assert index.tolist() == np.flatnonzero(shapely.area(expected) > 1e-6).tolist()
    assert shapely.is_valid(left).all()
    assert shapely.area(shapely.symmetric_difference(left, expected[index])) == pytest.approx(0, abs=1e-4)


def test_edges_that_cancel_leave_nothing_of_a_clean_coverage():
    at = np.stack(np.meshgrid(np.arange(20) * 7.3 + zoo.X, np.arange(20) * 3.7 + zoo.Y), axis=-1).reshape(-1, 2)
    cells = shapely.set_precision(shapely.box(*at.T, *(at + np.array([7.3, 3.7])).T), 1e-4)
    index, _ = overlay.outside([shapely.coverage_union_all(cells)], cells)
    assert not len(index)
