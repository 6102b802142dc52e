"""A change of CRS keeps edges where they were drawn and neighbours together."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import zoo
from zoo import array, box

from gis.crs import transformer
from gis.errors import AnalysisError, CrsError
from gis.geometry import area, coverage
from gis.geometry.reproject import to_crs, transformed

DEGREES = "EPSG:4490"


def finely(geometry, src, dst, step):
    """The drawn edges in `dst` by brute force: cut very finely, then moved point by point."""
    return shapely.transform(
        shapely.segmentize(geometry, step), lambda xy: np.stack(transformer(src, dst).transform(*xy.T), axis=1)
    )


def coordinates(geometry):
    return {tuple(each) for each in shapely.get_coordinates(geometry)}


def away(geometry, other):
    """The largest distance of the vertices of `geometry` from `other`."""
    return shapely.distance(shapely.points(shapely.get_coordinates(geometry)), other).max()


def test_a_five_kilometre_edge_drawn_in_degrees_bows_three_decimetres_and_is_cut():
    edge = shapely.LineString([(120, 30), (120.052, 30)])
    drawn = finely(edge, DEGREES, zoo.CRS, 1e-5)
    chord = shapely.LineString(shapely.get_coordinates(drawn)[[0, -1]])
    assert 0.2 < away(drawn, chord) < 0.4
    (moved,), _ = to_crs([edge], DEGREES, zoo.CRS)
    assert away(drawn, moved) <= 1e-4


@pytest.mark.parametrize("resolution", [0.001, 0.1])
@pytest.mark.parametrize(
    ("line", "src", "dst", "step"),
    [
        (shapely.LineString([(114, 30), (114.3, 30.2), (114.2, 31)]), DEGREES, "EPSG:4547", 1e-4),
        (shapely.LineString([(4.5e5, 3.4e6), (5.5e5, 3.45e6)]), "EPSG:4549", "EPSG:4548", 10),
        (shapely.LineString([(4.5e5, 3.4e6), (5.5e5, 3.4e6)]), "EPSG:4549", "EPSG:3857", 10),
    ],
)
def test_no_chord_is_farther_from_the_drawn_edge_than_a_tenth_of_the_resolution(line, src, dst, step, resolution):
    (moved,), _ = to_crs([line], src, dst, resolution=resolution)
    assert away(finely(line, src, dst, step), moved) <= 0.1 * resolution


@pytest.mark.parametrize("latitude", [4, 30, 53])
def test_edges_that_are_taken_for_straight_unseen_are_straight_enough(latitude):
    rng = np.random.default_rng(latitude)
    start = np.array([120, latitude]) + rng.uniform(-1.5, 1.5, (300, 2))
    stop = start + 1e-5 * 10 ** rng.uniform(0, 2.5, (300, 1)) * rng.normal(size=(300, 2))  # one metre to some hundreds
    lines = shapely.linestrings(np.stack([start, stop], axis=1))
    moved, added = to_crs(lines, DEGREES, zoo.CRS)
    assert added.any()
    middle = transformer(DEGREES, zoo.CRS).transform(*((start + stop) / 2).T)
    assert shapely.distance(shapely.points(*middle), moved).max() <= 1e-4


def test_an_edge_that_bows_both_ways_is_not_taken_for_straight():
    # symmetric about its middle on the central meridian and the equator: the middle alone lies exactly on the chord
    line = shapely.LineString([(4e5, -1e5), (6e5, 1e5)])
    (moved,), added = to_crs([line], "EPSG:4549", DEGREES)
    drawn = finely(line, "EPSG:4549", DEGREES, 50)
    assert added.any()
    assert away(drawn, moved) * 111_320 <= 1.1e-4


def test_a_shared_edge_has_the_same_vertices_on_both_sides():
    left, right = shapely.box(120, 30, 120.05, 30.03), shapely.reverse(shapely.box(120.05, 30, 120.1, 30.03))
    moved, added = to_crs([left, right], DEGREES, "EPSG:4548")
    shared = coordinates(moved[0]) & coordinates(moved[1])
    assert added.any()
    assert len(shared) > 2
    assert shapely.touches(*moved)
    assert len(coverage.faces(moved, grid=1e-9).geometry) == 0


@pytest.mark.parametrize("seed", range(3))
def test_a_clean_coverage_stays_clean(seed):
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(8.0), np.arange(8.0))
    knots = np.stack([x, y], 2) + rng.uniform(-0.3, 0.3, (8, 8, 2))
    knots = knots * [0.03, 0.02] + [119.2, 30.0]
    cells = [
        shapely.Polygon([knots[r, c], knots[r, c + 1], knots[r + 1, c + 1], knots[r + 1, c]])
        for r in range(7)
        for c in range(7)
    ]
    order = [shapely.reverse(each) if k % 3 else each for k, each in enumerate(cells)]
    moved, _ = to_crs(order, DEGREES, zoo.CRS)
    assert len(coverage.faces(moved, grid=1e-9).geometry) == 0
    assert shapely.coverage_is_valid(moved)


def test_the_area_drawn_is_kept():
    drawn = [shapely.box(120.0, 30.0, 120.1, 30.1), shapely.Polygon([(119, 30), (119.2, 30.01), (119.1, 30.2)])]
    moved, _ = to_crs(drawn, DEGREES, zoo.CRS)
    assert area.edge_true(moved, zoo.CRS) == pytest.approx(area.edge_true(drawn, DEGREES), rel=1e-8)


def test_the_drawn_vertices_are_those_not_marked_as_added():
    drawn = array(
        shapely.LineString([(120, 30), (120.2, 30)]), shapely.box(120, 30, 120.1, 30.1), zoo.EMPTY, None, shapely.Point(120, 30),
        shapely.LineString([(120, 31), (120.3, 31.1)]), shapely.box(120.2, 30, 120.3, 30.1),
    )  # fmt: skip
    moved, added = to_crs(drawn, DEGREES, zoo.CRS)
    kept = shapely.get_coordinates(moved)[~added]
    assert len(added) == len(shapely.get_coordinates(moved))
    expected = np.stack(transformer(DEGREES, zoo.CRS).transform(*shapely.get_coordinates(drawn).T), 1)
    assert np.array_equal(kept, expected)


def test_short_edges_get_no_vertices():
    moved, added = to_crs([zoo.SQUARE, zoo.SQUARE_WITH_HOLE], zoo.CRS, "EPSG:4528")
    assert not added.any()
    assert shapely.get_num_coordinates(moved).tolist() == [5, 10]


def test_every_kind_of_geometry_keeps_its_kind_its_place_in_the_array_and_its_rings():
    given = array(
        zoo.SQUARE_WITH_HOLE, None, zoo.MULTIPART, zoo.POINT, zoo.LINE, zoo.EMPTY, shapely.MultiPoint([zoo.POINT]),
        shapely.MultiLineString([zoo.LINE]), zoo.SQUARE, zoo.BOW_TIE,
    )  # fmt: skip
    moved, _ = to_crs(given, zoo.CRS, DEGREES, resolution=0.01)
    assert shapely.get_type_id(moved).tolist() == shapely.get_type_id(given).tolist()
    assert shapely.get_num_interior_rings(moved).tolist() == shapely.get_num_interior_rings(given).tolist()
    there_and_back, _ = to_crs(moved, DEGREES, zoo.CRS, resolution=0.01)
    assert shapely.get_coordinates(there_and_back) == pytest.approx(shapely.get_coordinates(given), abs=1e-7)


def test_heights_are_kept_interpolated_and_never_moved():
    slope = shapely.LineString([(120, 30, 10), (120.1, 30, 20)])
    (moved,), added = to_crs([slope], DEGREES, zoo.CRS)
    z = shapely.get_coordinates(moved, include_z=True)[:, 2]
    assert added.sum() == len(z) - 2
    assert z == pytest.approx(np.linspace(10, 20, len(z)))


def test_flat_and_high_geometries_keep_their_dimension_side_by_side_and_measures_are_dropped():
    moved, _ = to_crs([zoo.Z_SQUARE, zoo.SQUARE, zoo.M_SQUARE], zoo.CRS, DEGREES)
    assert shapely.has_z(moved).tolist() == [True, False, False]
    assert not shapely.has_m(moved).any()


def test_the_same_crs_gives_the_input_back():
    moved, added = to_crs([zoo.SQUARE, None], zoo.CRS, 4549)
    assert (moved[0], moved[1]) == (zoo.SQUARE, None)
    assert (len(added), added.any()) == (5, False)


def test_a_vertex_that_is_no_number_stays_so():
    with np.errstate(invalid="ignore"):
        (moved,), _ = to_crs([zoo.NAN], zoo.CRS, DEGREES)
    assert np.isnan(shapely.get_coordinates(moved)).any(axis=1).sum() == 1


def expected(specimen):
    """Moved vertex by vertex; None and empty as they are."""
    if specimen is None or shapely.is_empty(specimen):
        return specimen
    return shapely.transform(
        shapely.force_2d(specimen), lambda xy: np.stack(transformed(*xy.T, zoo.CRS, "EPSG:4548"), 1)
    )


TAKEN = [
    name
    for name, each in zoo.specimens().items()
    if name not in {"country", "nan_point"} and shapely.get_type_id(each) not in (2, 7)
]


@pytest.mark.parametrize("name", TAKEN)
def test_every_specimen_keeps_its_vertices_whatever_is_wrong_with_it(name):
    given = zoo.specimens()[name]
    with np.errstate(invalid="ignore"):
        (moved,), added = to_crs(array(given), zoo.CRS, "EPSG:4548")
        by_points = expected(given)
    assert not added.any()
    assert shapely.get_type_id(moved) == shapely.get_type_id(by_points)
    xy, other = shapely.get_coordinates(moved), shapely.get_coordinates(by_points)
    assert np.array_equal(xy, np.where(np.isfinite(other), other, np.nan), equal_nan=True)
    assert shapely.has_z(moved) == shapely.has_z(given)


@pytest.mark.parametrize("name", ["collection", "collection_in_collection", "empty_collection", "ring"])
def test_specimens_without_a_flat_form_are_refused(name):
    with pytest.raises(AnalysisError, match="collections or bare rings"):
        to_crs(array(zoo.specimens()[name]), zoo.CRS, DEGREES)


def test_a_point_without_place_becomes_empty():
    with np.errstate(invalid="ignore"):
        (moved,), _ = to_crs([zoo.NAN_POINT], zoo.CRS, DEGREES)
    assert moved.is_empty


def test_places_that_are_no_numbers_stay_so_and_places_without_answer_are_infinite():
    x, y = transformed([np.nan, 5e5, 1e30], [3.4e6, np.nan, 0], zoo.CRS, DEGREES)
    assert np.isnan([x[:2], y[:2]]).all()
    assert np.isinf([x[2], y[2]]).all()
    assert [len(each) for each in transformed([], [], zoo.CRS, DEGREES)] == [0, 0]


def test_no_features_give_none():
    assert [len(each) for each in to_crs([], zoo.CRS, DEGREES)] == [0, 0]
    assert [len(each) for each in to_crs(array(None, zoo.EMPTY), zoo.CRS, DEGREES)] == [2, 0]


def test_a_place_outside_the_target_is_named():
    with pytest.raises(CrsError, match=r"第 1 个要素超出坐标系(.|\n)*Features 1 lie outside"):
        to_crs([shapely.Point(120, 30), shapely.Point(120, 95)], DEGREES, zoo.CRS)


def test_collections_are_refused():
    with pytest.raises(AnalysisError, match=r"第 0 个要素是几何集合(.|\n)*Features 0 are collections"):
        to_crs([shapely.GeometryCollection([zoo.POINT])], zoo.CRS, DEGREES)


@pytest.mark.parametrize("resolution", [0, -1, 1e-9, float("nan")])
def test_a_resolution_finer_than_rounding_is_refused(resolution):
    with pytest.raises(AnalysisError, match=r"分辨率(.|\n)*too small for a change of CRS"):
        to_crs([zoo.LINE], zoo.CRS, DEGREES, resolution=resolution)


def test_the_input_is_left_as_it_was():
    given = array(shapely.box(120, 30, 121, 31), None)
    before = shapely.to_wkb(given).tolist()
    to_crs(given, DEGREES, zoo.CRS)
    assert shapely.to_wkb(given).tolist() == before


def test_a_drawn_square_in_the_neighbouring_zone_is_the_same_square():
    (moved,), _ = to_crs([box(0, 0, 1000, 1000)], zoo.CRS, "EPSG:4548")
    assert area.edge_true([moved], "EPSG:4548") == pytest.approx([1e6], rel=1e-7)


def test_many_places_go_to_threads_and_come_back_as_one_transformer_gives_them(monkeypatch):
    rng = np.random.default_rng(0)
    x, y = 5e5 + rng.uniform(-1e5, 1e5, 300_000), 3.4e6 + rng.uniform(-1e5, 1e5, 300_000)
    before = x.copy()
    monkeypatch.setenv("LANTU_THREADS", "3")
    assert np.array_equal(transformed(x, y, zoo.CRS, DEGREES), transformer(zoo.CRS, DEGREES).transform(x, y))
    assert np.array_equal(x, before)
