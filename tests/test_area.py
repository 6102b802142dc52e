"""Ellipsoidal area and length against independent ways to the same figure."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import numpy as np
import pyproj
import pytest
import shapely
import zoo
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.ops import split

from gis.crs import ELLIPSOID_A, ELLIPSOID_B, ELLIPSOID_E2, ELLIPSOID_RF, transformer
from gis.geometry import area

GEOD = pyproj.Geod(a=ELLIPSOID_A, rf=ELLIPSOID_RF)
ONE_DEGREE = shapely.box(114, 30, 115, 31)


def star(seed: int, radius: float, *, east: float = 40_000, points: int = 40) -> shapely.Polygon:
    """An irregular polygon around a place `east` metres east of the central meridian."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, points))
    reach = radius * rng.uniform(0.3, 1, points)
    return shapely.Polygon(np.stack([5e5 + east + reach * np.cos(angle), 3.4e6 + reach * np.sin(angle)], 1))


def to_degrees(geometry):
    return shapely.transform(geometry, lambda xy: np.stack(transformer(zoo.CRS, 4490).transform(*xy.T), 1))


def authalic_q(latitude):
    """The authalic function by the textbook (Snyder 3-12), with logarithms."""
    e, s = ELLIPSOID_E2**0.5, np.sin(np.radians(latitude))
    return (1 - ELLIPSOID_E2) * (s / (1 - ELLIPSOID_E2 * s * s) - np.log((1 - e * s) / (1 + e * s)) / (2 * e))


def survey_formula(longitude, latitude):
    """The survey's sum, edge by edge as it is printed in STANDARDS 1.4, with the reference meridian at 60°."""
    e2, e4, e6, e8 = (ELLIPSOID_E2**n for n in (1, 2, 3, 4))
    factors = (
        1 + 3 / 6 * e2 + 30 / 80 * e4 + 35 / 112 * e6 + 630 / 2304 * e8,
        1 / 6 * e2 + 15 / 80 * e4 + 21 / 112 * e6 + 420 / 2304 * e8,
        3 / 80 * e4 + 7 / 112 * e6 + 180 / 2304 * e8,
        1 / 112 * e6 + 45 / 2304 * e8,
        5 / 2304 * e8,
    )
    total, lon, lat = 0.0, np.radians(longitude), np.radians(latitude)
    for k in range(len(lon) - 1):
        width, rise, middle = (lon[k] + lon[k + 1]) / 2 - np.radians(60), lat[k + 1] - lat[k], (lat[k] + lat[k + 1]) / 2
        terms = [
            (-1) ** n * f * np.sin((2 * n + 1) * rise / 2) * np.cos((2 * n + 1) * middle) for n, f in enumerate(factors)
        ]
        total += 2 * ELLIPSOID_B**2 * width * sum(terms)
    return abs(total)


def test_one_degree_square_at_114e_30n_has_the_area_between_its_parallels():
    between = np.radians(1) * ELLIPSOID_A**2 / 2 * (authalic_q(31) - authalic_q(30))
    assert between == pytest.approx(10_642_393_438.71, abs=0.005)
    assert area.official([ONE_DEGREE], 4490)[0] == pytest.approx(between, abs=0.005)
    assert area.edge_true([ONE_DEGREE], 4490)[0] == pytest.approx(between, rel=1e-9)


def test_the_official_area_is_the_printed_survey_sum():
    polygons = [star(seed, radius) for seed, radius in enumerate((300, 3_000, 30_000))]
    for polygon, found in zip(polygons, area.official(polygons, zoo.CRS), strict=True):
        lon, lat = shapely.get_coordinates(to_degrees(polygon)).T
        assert found == pytest.approx(survey_formula(lon, lat), rel=1e-7)  # the printed sum itself loses digits


def test_the_series_agrees_with_the_closed_form_to_1e_10():
    polygons = [star(seed, radius) for seed in range(20) for radius in (50, 5_000, 50_000)]
    assert area.official(polygons, zoo.CRS) == pytest.approx(area.authalic_closed(polygons, zoo.CRS), rel=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_the_closed_form_agrees_with_geod_when_edges_follow_the_formulas_own_lines(seed):
    corners = shapely.get_coordinates(to_degrees(star(seed, 500)))
    share = np.linspace(0, 1, 100, endpoint=False)
    longitude = np.concatenate([a + share * (b - a) for a, b in pairwise(corners[:, 0])])
    q = authalic_q(corners[:, 1])
    along = np.concatenate([a + share * (b - a) for a, b in pairwise(q)])
    grid = np.linspace(corners[:, 1].min() - 1e-4, corners[:, 1].max() + 1e-4, 200_001)
    latitude = np.interp(along, authalic_q(grid), grid)
    by_geodesics = abs(GEOD.polygon_area_perimeter(longitude, latitude)[0])
    assert area.authalic_closed([shapely.Polygon(corners)], 4490)[0] == pytest.approx(by_geodesics, rel=3e-9)


@pytest.mark.parametrize(("radius", "step"), [(50, 0.1), (500, 1), (5_000, 2), (50_000, 10)])
def test_the_edge_true_area_is_that_of_the_finely_cut_polygon(radius, step):
    polygons = np.array([star(seed, radius, east=100_000) for seed in range(5)])
    cut = area.authalic_closed(shapely.segmentize(polygons, step), zoo.CRS)
    assert area.edge_true(polygons, zoo.CRS) == pytest.approx(cut, rel=1e-9)


def test_edges_of_50_km_are_measured_to_1e_9():
    polygon = zoo.polygon((0, 0), (50_000, 3_000), (45_000, 52_000), (-3_000, 40_000))
    cut = area.authalic_closed([shapely.segmentize(polygon, 1.0)], zoo.CRS)
    assert area.edge_true([polygon], zoo.CRS) == pytest.approx(cut, rel=1e-9)


def test_edges_drawn_in_degrees_are_straight_in_degrees():
    triangle = shapely.Polygon([(114, 30), (114.5, 30.1), (114.2, 30.4)])
    cut = area.authalic_closed([shapely.segmentize(triangle, 1e-5)], 4490)
    assert area.edge_true([triangle], 4490) == pytest.approx(cut, rel=1e-9)


def test_official_and_edge_true_area_differ_on_irregular_ground_by_more_than_they_are_uncertain():
    polygons = [star(seed, 1_000, points=12) for seed in range(20)]
    assert np.abs(area.official(polygons, zoo.CRS) - area.edge_true(polygons, zoo.CRS)).max() > 0.1


def test_the_plane_is_512_ppm_too_large_at_the_edge_of_a_three_degree_zone():
    x, y = transformer(4490, zoo.CRS).transform(121.5, 30.5)
    square = shapely.box(x - 50, y - 50, x + 50, y + 50)
    assert 1e4 / area.edge_true([square], zoo.CRS)[0] - 1 == pytest.approx(512e-6, abs=2e-6)
    assert area.areal_scale(np.array([x]), np.array([y]), zoo.CRS)[0] - 1 == pytest.approx(512e-6, abs=2e-6)


def test_the_same_ground_has_the_same_official_area_in_every_zone_form():
    polygon = star(1, 500)
    prefixed = shapely.transform(polygon, lambda xy: xy + np.array([40_000_000, 0]))
    found = [
        *area.official([polygon], 4549),
        *area.official([prefixed], 4528),
        *area.official([to_degrees(polygon)], 4490),
    ]
    assert found == pytest.approx([found[0]] * 3, rel=1e-9)


@pytest.mark.parametrize("measure", [area.official, area.edge_true, area.authalic_closed])
def test_drawn_squares_have_their_areas(measure):
    drawn = [
        zoo.SQUARE,
        zoo.SQUARE_WITH_HOLE,
        zoo.MULTIPART,
        zoo.SLIVER,
        zoo.Z_SQUARE,
        zoo.M_SQUARE,
        zoo.DOUBLED_VERTEX,
    ]
    assert measure(drawn, zoo.CRS) == pytest.approx([1e4, 9_600, 300, 10, 1e4, 1e4, 1e4], rel=1e-7, abs=5e-6)


@pytest.mark.parametrize("measure", [area.official, area.edge_true, area.lengths])
def test_missing_is_nan_and_empty_is_zero(measure):
    found = measure(zoo.array(None, zoo.EMPTY, zoo.POINT, zoo.NAN), zoo.CRS)
    assert np.array_equal(found, [np.nan, 0, 0, np.nan], equal_nan=True)


@pytest.mark.parametrize("measure", [area.official, area.edge_true, area.lengths])
def test_no_features_give_no_values(measure):
    assert measure([], zoo.CRS).shape == (0,)


def test_a_line_has_no_area_and_a_zero_area_ring_has_none():
    assert area.edge_true([zoo.LINE, zoo.ZERO_AREA], zoo.CRS) == pytest.approx([0, 0], abs=1e-6)


def test_a_collection_is_measured_by_its_polygons():
    both = shapely.GeometryCollection([zoo.MULTIPART, zoo.LINE, zoo.POINT])
    assert area.official([both], zoo.CRS) == pytest.approx(area.official([zoo.MULTIPART], zoo.CRS), rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), turn=st.integers(0, 39), backward=st.booleans())
def test_where_a_ring_starts_and_which_way_it_runs_changes_nothing(seed, turn, backward):
    polygon = star(seed, 800)
    ring = np.roll(shapely.get_coordinates(polygon)[:-1], turn, axis=0)
    other = shapely.Polygon(ring[::-1] if backward else ring)
    for measure in (area.official, area.edge_true):
        assert measure([other], zoo.CRS)[0] == pytest.approx(measure([polygon], zoo.CRS)[0], rel=1e-10)


@settings(max_examples=30, deadline=None)
@given(at=st.floats(1, 4_999), slope=st.floats(-0.5, 0.5))
def test_the_parts_of_a_split_polygon_add_up_edge_true(at, slope):
    whole = zoo.box(0, 0, 5_000, 3_000)
    knife = shapely.LineString(
        [(zoo.X + at - slope * 10_000, zoo.Y - 10_000), (zoo.X + at + slope * 13_000, zoo.Y + 13_000)]
    )
    parts = shapely.get_parts(split(whole, knife))
    assert area.edge_true(parts, zoo.CRS).sum() == pytest.approx(area.edge_true([whole], zoo.CRS)[0], rel=1e-9)


def test_lengths_are_those_of_geodesics_along_the_drawn_line():
    line = shapely.LineString([(5.2e5, 3.4e6), (5.9e5, 3.42e6), (6.0e5, 3.5e6)])
    lon, lat = shapely.get_coordinates(to_degrees(shapely.segmentize(line, 10))).T
    assert area.lengths([line], zoo.CRS)[0] == pytest.approx(GEOD.line_length(lon, lat), rel=1e-9)


def test_the_length_of_a_polygon_is_that_of_all_its_rings():
    found = area.lengths([zoo.SQUARE, zoo.SQUARE_WITH_HOLE, zoo.MULTIPART, zoo.LINE], zoo.CRS)
    assert found == pytest.approx([400, 400 + 80, 40 + 60, 100], rel=1e-6)


def test_the_input_is_left_as_it_was():
    given_ = zoo.array(*zoo.specimens().values())
    before = shapely.to_wkb(given_)
    for measure in (area.official, area.edge_true, area.lengths):
        measure(given_, zoo.CRS)
    assert np.array_equal(shapely.to_wkb(given_), before)


@pytest.mark.parametrize("north", [0, 1.5e6, 3.4e6, 5.9e6])
@pytest.mark.parametrize("east", [-335_000, -170_000, 0, 120_000, 285_000])
def test_in_the_whole_six_degree_zone_edges_of_50_km_are_measured_to_1e_9(east, north):
    polygon = shapely.Polygon([(5e5 + east + x, north + y) for x, y in ((0, 0), (50_000, 5_000), (40_000, 47_000))])
    cut = area.authalic_closed([shapely.segmentize(polygon, 1.0)], zoo.CRS)
    assert area.edge_true([polygon], zoo.CRS) == pytest.approx(cut, rel=1e-9)


@pytest.mark.parametrize("crs", ["EPSG:32651", "EPSG:3857", "EPSG:4326"])
def test_in_other_systems_edges_are_straight_in_that_system(crs):
    corners = transformer(4490, crs).transform(np.array([121.0, 121.2, 121.1]), np.array([30.0, 30.05, 30.3]))
    triangle = shapely.Polygon(np.stack(corners, 1))
    step = 1e-5 if crs == "EPSG:4326" else 1.0
    cut = area.authalic_closed([shapely.segmentize(triangle, step)], crs)
    assert area.edge_true([triangle], crs) == pytest.approx(cut, rel=1e-9)


def test_edges_of_50_km_in_degrees_are_measured_to_1e_9():
    triangle = shapely.Polygon([(114, 30), (114.4, 30.4), (113.9, 30.45)])
    cut = area.authalic_closed([shapely.segmentize(triangle, 1e-5)], 4490)
    assert area.edge_true([triangle], 4490) == pytest.approx(cut, rel=1e-9)


@pytest.mark.parametrize("north", [0, 1.5e6, 3.4e6, 6.5e6])
@pytest.mark.parametrize("east", [-330_000, -90_000, 0, 100_000])
def test_the_official_area_from_the_plane_is_that_from_degrees(east, north):
    rings = [star(seed, radius, east=east) for seed in range(5) for radius in (500, 3_000, 6_000, 9_000)]
    rings.append(shapely.Polygon(rings[3].exterior, [star(9, 100, east=east).exterior]))
    plane = shapely.transform(np.array(rings), lambda xy: xy + np.array([0, north - 3.4e6]))
    assert area.official(plane, zoo.CRS) == pytest.approx(area.official(to_degrees(plane), 4490), rel=1e-11)


def test_the_scale_by_series_is_that_of_a_small_square():
    x, y = 5e5 + np.array([0, 1e5, -2e5, 3.3e5]), np.array([1e6, 2e6, 3.4e6, 5.5e6])
    squares = shapely.box(x - 100, y - 100, x + 100, y + 100)
    planar_over_true = 200**2 / area.authalic_closed(squares, zoo.CRS)
    assert area.areal_scale(x, y, zoo.CRS) == pytest.approx(planar_over_true, rel=2e-9)


@pytest.mark.parametrize(
    ("measure", "crs"), [(area.official, zoo.CRS), (area.edge_true, zoo.CRS), (area.edge_true, 4490)]
)
def test_the_number_of_threads_changes_no_bit(measure, crs, monkeypatch):
    layer = np.array([star(seed, 300, points=4_000) for seed in range(80)])
    layer = layer if crs == zoo.CRS else to_degrees(layer)
    found = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv("LANTU_THREADS", threads)
        found.append(measure(layer, crs).tobytes())
    one_by_one = np.concatenate([measure([each], crs) for each in layer])
    assert {*found} == {one_by_one.tobytes()}


PLACES = [(-335_000, 100_000), (-120_000, 2.5e6), (0, 3.4e6), (140_000, 5.9e6), (330_000, 6.4e6)]


@pytest.mark.parametrize(("east", "north"), PLACES)
@pytest.mark.parametrize("radius", [0.5, 50, 2_000, 4_900, 60_000])
def test_rings_of_every_size_have_the_official_area_of_their_degrees_and_the_drawn_area_of_the_cut_ring(
    east, north, radius
):
    ring = shapely.transform(star(3, radius, east=east), lambda xy: xy + np.array([0, north - 3.4e6]))
    # rounding of coordinates to 0.5 nm moves an edge of the ring by that much
    rounding = 1e-8 * radius
    assert area.official([ring], zoo.CRS) == pytest.approx(
        area.official([to_degrees(ring)], 4490), rel=1e-11, abs=rounding
    )
    cut = area.authalic_closed([shapely.segmentize(ring, max(radius / 5_000, 1e-3))], zoo.CRS)
    assert area.edge_true([ring], zoo.CRS) == pytest.approx(cut, rel=1e-9, abs=rounding)


def test_a_ring_across_the_whole_zone_from_south_to_north_is_measured_as_in_degrees():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(1.7e5, 8.3e5, 50), np.sort(rng.uniform(-6.5e6, 6.5e6, 50))
    ring = shapely.Polygon(np.stack([x, y], 1))
    assert area.official([ring], zoo.CRS) == pytest.approx(area.official([to_degrees(ring)], 4490), rel=1e-11)


@pytest.mark.parametrize("measure", [area.official, area.edge_true])
@pytest.mark.parametrize("far", [(400_000, 3.4e6), (0, 7e6), (360_000, -6.8e6)])
def test_a_ring_beyond_the_series_is_measured_otherwise_and_changes_no_other(measure, far):
    near, beyond = star(1, 800), shapely.transform(star(1, 800, east=0), lambda xy: xy + np.array(far) - [0, 3.4e6])
    across = shapely.union(near, shapely.box(5e5, 3.4e6, 9e5, 3.4e6 + 100))
    found = measure([near, beyond, across, zoo.NAN], zoo.CRS)
    assert (
        found[:3].tobytes() == np.concatenate([measure([each], zoo.CRS) for each in (near, beyond, across)]).tobytes()
    )
    step = {area.official: None, area.edge_true: 1.0}[measure]
    for ring, area_ in zip((beyond, across), found[1:3], strict=True):
        cut = shapely.segmentize(ring, step) if step else ring
        assert area_ == pytest.approx(area.authalic_closed([cut], zoo.CRS)[0], rel=1e-9)


@pytest.mark.parametrize("measure", [area.official, area.edge_true])
@pytest.mark.parametrize("crs", [zoo.CRS, 4490])
def test_a_bow_tie_gives_the_difference_of_its_wings(measure, crs):
    wings = [zoo.polygon((0, 0), (50, 50), (0, 100)), zoo.polygon((150, -50), (150, 150), (50, 50))]
    tie = zoo.polygon((0, 0), (150, 150), (150, -50), (0, 100))
    if crs == 4490:
        tie, *wings = to_degrees(np.array([tie, *wings]))
    small, large = measure(wings, crs)
    assert measure([tie], crs)[0] == pytest.approx(large - small, rel=1e-6)
    assert measure([zoo.BOW_TIE], zoo.CRS)[0] == pytest.approx(0, abs=1e-3)


PLAIN = {
    "square": 1e4, "clockwise_square": 1e4, "multipart": 300, "multipart_with_hole": 9_600, "multipart_with_empty": 300,
    "island_in_hole": 9_700, "hole_is_all": 0, "zero_area": 0, "one_point": 0, "zm_square": 1e4, "z_nan_square": 1e4,
    "spike": 10_100, "collection": 1e4, "collection_in_collection": 10_300, "overlapping_parts": 200,
    "nested_parts": 10_100, "empty_multipart": 0, "empty_collection": 0, "line": 0, "ring": 0, "points": 0,
    "infinite": np.nan, "nan_part": np.nan, "nan_mostly": np.nan, "none": np.nan, "nan_line": 0, "nan_point": 0,
}  # fmt: skip


@pytest.mark.parametrize("measure", [area.official, area.edge_true, area.authalic_closed])
@pytest.mark.parametrize("name", PLAIN)
def test_every_specimen_has_the_area_that_is_stated_for_it(measure, name):
    found = measure(zoo.array(zoo.specimens()[name]), zoo.CRS)[0]
    # straight in the plane is not straight for the vertex formula: the ring without inside gets the bow of its long edge
    bow = 0.01 if name == "zero_area" and measure is not area.edge_true else 1e-5
    assert found == pytest.approx(PLAIN[name], rel=1e-7, abs=bow, nan_ok=True)


LONG = {
    "square": 400, "clockwise_square": 400, "multipart_with_hole": 480, "zero_area": 200, "one_point": 0, "line": 100,
    "lines": 200, "ring": 200 + 100 * 2**0.5, "line_without_length": 0, "z_square": 400, "zm_square": 400, "point": 0,
    "empty_line": 0, "empty_collection": 0, "none": np.nan, "nan_line": np.nan, "infinite": np.nan, "nan_part": np.nan,
    "bow_tie": 200 + 200 * 2**0.5,
}  # fmt: skip


@pytest.mark.parametrize("name", LONG)
def test_every_specimen_has_the_length_that_is_stated_for_it(name):
    found = area.lengths(zoo.array(zoo.specimens()[name]), zoo.CRS)[0]
    assert found == pytest.approx(LONG[name], rel=1e-7, abs=1e-5, nan_ok=True)


def test_importing_the_module_does_not_import_numba():
    code = "import sys, gis, gis.geometry.area; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("size", [1e8, 1e12, 1e300])
def test_a_square_larger_than_the_earth_has_no_area_and_costs_nothing(size):
    assert np.isnan(area.edge_true([shapely.box(0, 0, size, size)], "EPSG:4549")).all()
    assert np.isnan(area.lengths([shapely.LineString([(0, 0), (size, 0)])], "EPSG:4549")).all()
