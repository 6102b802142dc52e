"""The invented city: the same every time, exactly closed, and lawful throughout."""

from __future__ import annotations

import csv
import functools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.demo.city import City, make_city
from gis.demo.coverage import smallest_angles
from gis.demo.land_use import PLAN_NAMES, SURVEY_NAMES
from gis.geometry.area import official
from gis.standards import layer_table

LINEAR = {"1001", "1003", "1004", "1006", "1101", "1107", "1202", "1207", "1701", "060101", "1201"}
URBAN = ["201", "201A", "202", "202A"]


@functools.cache
def city() -> City:
    return make_city(0)


def layer(name: str) -> gpd.GeoDataFrame:
    return city().layers[name]


def ground(name: str) -> shapely.Geometry:
    return shapely.union_all(layer(name).geometry.to_numpy())


def polygon_layers() -> list[str]:
    return [name for name, frame in city().layers.items() if set(frame.geom_type) <= {"Polygon", "MultiPolygon"}]


def test_the_same_seed_gives_the_same_city_to_the_last_digit():
    again = make_city(0)
    assert list(again.layers) == list(city().layers)
    for name, frame in again.layers.items():
        assert (shapely.to_wkb(frame.geometry.to_numpy()) == shapely.to_wkb(layer(name).geometry.to_numpy())).all(), (
            name
        )
        pd.testing.assert_frame_equal(frame.drop(columns="geometry"), layer(name).drop(columns="geometry"))
    assert np.array_equal(again.dem, city().dem)


def test_coordinates_are_multiples_of_a_tenth_of_a_millimetre():
    for name, frame in city().layers.items():
        xy = shapely.get_coordinates(frame.geometry.to_numpy())
        assert np.abs(xy - np.round(xy, 4)).max() == 0.0, name


def test_the_town_has_about_five_thousand_parcels_on_a_thousand_square_kilometres():
    assert 4_000 <= len(layer("survey_parcel")) <= 6_600
    assert 800 <= layer("municipality")["area_m2"].iloc[0] / 1e6 <= 1_200


@pytest.mark.parametrize("name", ["survey_parcel", "land_use_current", "planning_zone", "land_use_plan"])
def test_a_coverage_has_no_gap_and_no_overlap(name):
    polygons = layer(name).geometry.to_numpy()
    whole = layer("central_district" if name == "land_use_plan" else "municipality").geometry.iloc[0]
    assert shapely.coverage_is_valid(polygons)
    assert shapely.area(polygons).sum() == pytest.approx(whole.area, abs=1e-3)
    assert shapely.coverage_union_all(polygons).normalize().equals(whole.normalize())


def test_every_polygon_is_valid_and_without_spikes_slivers_and_crowded_vertices():
    for name in polygon_layers():
        parts, index = shapely.get_parts(layer(name).geometry.to_numpy(), return_index=True)
        assert shapely.is_valid(parts).all(), name
        assert smallest_angles(parts).min() > 10.0, name
        for ring in shapely.get_rings(parts):
            assert np.hypot(*np.diff(shapely.get_coordinates(ring), axis=0).T).min() > 0.2, name
        thin = (2.0 * shapely.area(parts) / shapely.length(parts) < 0.5) & (shapely.area(parts) < 200.0)
        if "class_code" in layer(name):
            thin &= ~layer(name)["class_code"].isin(LINEAR).to_numpy()[index]
        assert not thin.any(), name


def test_layers_meant_to_be_of_single_parts_are():
    table = layer_table()["layers"]
    for name in polygon_layers():
        if table[name].get("single_part"):
            assert (layer(name).geom_type == "Polygon").all(), name


def test_counties_and_townships_are_unions_of_the_same_boundaries():
    city_outline = layer("municipality").geometry.iloc[0]
    for name in ("county", "township"):
        parts = shapely.get_parts(layer(name).geometry.to_numpy())
        assert shapely.coverage_is_valid(parts)
        assert shapely.area(parts).sum() == pytest.approx(city_outline.area, abs=1e-3)


def test_feature_ids_are_unique_over_the_whole_database_and_have_18_digits():
    ids = pd.concat([frame["feature_id"] for frame in city().layers.values()])
    assert ids.is_unique
    assert ids.str.fullmatch(r"339900\d{12}").all()


def test_every_required_field_is_filled_and_of_its_type():
    table = layer_table()["layers"]
    kinds = {"float": "fi", "int": "fi", "bool": "b"}
    for name, frame in city().layers.items():
        for field, spec in table[name]["fields"].items():
            if spec[2] == "M":
                assert frame[field].notna().all(), (name, field)
            if field in frame and spec[1] == "text":
                assert frame[field].dtype == "str", (name, field)
            elif field in frame and spec[1] in kinds:
                assert frame[field].dtype.kind in kinds[spec[1]], (name, field)


def test_parcel_areas_close_to_the_control_area_of_every_county_to_the_cent():
    control = layer("county")["area_m2"]
    for name, key in (
        ("survey_parcel", "seat_code"),
        ("land_use_current", "area_code"),
        ("planning_zone", "area_code"),
    ):
        frame = layer(name)
        cents = np.round(frame["area_m2"] * 100.0).groupby(frame[key].str[:6]).sum()
        assert (cents == np.round(control * 100.0)).all(), name


def test_a_stated_parcel_area_is_the_ellipsoidal_one_but_for_the_adjustment():
    frame = layer("survey_parcel")
    true = official(frame.geometry.to_numpy(), city().crs)
    assert (np.abs(frame["area_m2"] - true) <= np.maximum(0.1, 0.00005 * true)).all()


def test_net_area_is_area_without_ridges():
    frame = layer("survey_parcel")
    assert (frame["area_m2"] - frame["deducted_area_m2"] - frame["net_area_m2"]).abs().max() < 0.005
    assert (frame.loc[~frame["class_code"].str.startswith("01"), "deducted_area_m2"] == 0.0).all()


def test_the_three_lines_do_not_overlap():
    farmland, redline, boundary = (
        ground(n) for n in ("permanent_basic_farmland", "ecological_redline", "urban_development_boundary")
    )
    for a, b in ((farmland, redline), (farmland, boundary), (redline, boundary)):
        assert shapely.intersection(a, b).area == 0.0


def test_windows_in_the_boundary_are_filled_by_farmland():
    boundary = shapely.get_parts(ground("urban_development_boundary"))
    holes = [shapely.Polygon(ring) for part in boundary for ring in part.interiors]
    farmland = layer("permanent_basic_farmland").geometry
    filled = [
        hole for hole in holes if any(f.covered_by(hole) and f.area == pytest.approx(hole.area) for f in farmland)
    ]
    assert len(filled) >= 2


def test_the_urban_zones_make_up_the_boundary():
    zones = layer("planning_zone")
    urban = shapely.union_all(zones.geometry[zones["zone_code"].str.startswith("4")].to_numpy())
    assert shapely.symmetric_difference(urban, ground("urban_development_boundary")).area == 0.0


def test_the_flexible_zone_is_small_and_the_special_zone_is_there():
    area = layer("urban_development_boundary").groupby("zone_code")["area_m2"].sum()
    assert 0.0 < area["420"] <= 0.15 * area["410"]
    assert area["430"] > 0.0


def test_the_spaces_are_the_zones_put_together():
    for space, codes in (("ecological_space", ["100", "200"]), ("urban_space", ["410", "420", "430"])):
        zones = layer("planning_zone")
        zones = shapely.union_all(zones.geometry[zones["zone_code"].isin(codes)].to_numpy())
        assert shapely.symmetric_difference(zones, ground(space)).area == 0.0


def test_farmland_is_stable_cultivated_land_and_most_of_it():
    frame, parcels = layer("permanent_basic_farmland"), layer("survey_parcel")
    assert frame["class_code"].isin(["0101", "0102", "0103"]).all()
    assert (frame["stable"] == "1").all()
    assert (frame["slope_class"].isin(list("1234")) | (frame["cultivated_kind"] == "TT")).all()
    share = frame["area_m2"].sum() / parcels.loc[parcels["class_code"].str.startswith("01"), "net_area_m2"].sum()
    assert 0.80 <= share <= 0.88


def test_the_redline_covers_a_fifth_to_a_third_and_holds_the_nature_reserve():
    share = layer("ecological_redline")["area_m2"].sum() / layer("municipality")["area_m2"].iloc[0]
    assert 0.20 <= share <= 0.30
    areas = layer("protected_area")
    inside = areas.geometry[areas["kind"] != "风景名胜区"].to_numpy()
    assert shapely.area(shapely.difference(inside, ground("ecological_redline"))).max() == 0.0


def test_the_city_grows_by_an_eighth_to_a_third():
    current, boundary = layer("land_use_current"), layer("urban_development_boundary")
    built = current[current["settlement_code"].isin(URBAN)]
    multiple = boundary.loc[boundary["zone_code"] == "410", "area_m2"].sum() / built["area_m2"].sum()
    assert 1.12 <= multiple <= city().targets["expansion_multiple"]


def test_approved_land_carries_its_approved_class_and_stands_in_the_ledger():
    current = layer("land_use_current")
    approved = current[current["approved"]]
    assert len(approved) >= 5
    assert (approved["conversion_case"] == "BC01").all()
    assert layer("land_case")["area_m2"].sum() == pytest.approx(approved["area_m2"].sum(), abs=1.0)


def test_no_urban_class_is_planned_outside_the_boundary():
    plan = layer("land_use_plan")
    outside = plan[~plan.geometry.covered_by(ground("urban_development_boundary"))]
    assert not outside["class_code"].str.match("0701|0702|1001|11|09").any()


def test_each_of_the_four_lines_admits_the_classes_within_it():
    admitted = {"green": "1401|1402|1403|17|05", "blue": "17|05|1311|1401", "yellow": "12|13"}
    plan = layer("land_use_plan")
    middle = plan.geometry.representative_point()
    for colour, classes in admitted.items():
        within = plan[middle.within(ground(f"urban_{colour}_line"))]
        assert len(within) > 0
        assert within["class_code"].str.match(classes).all(), colour


def test_no_high_hazard_lies_in_the_boundary():
    hazards = layer("hazard_area")
    high = hazards.geometry[hazards["level"] == "高"]
    assert not high.intersects(ground("urban_development_boundary")).any()


def test_county_towns_and_clusters_lie_in_the_boundary():
    boundary = ground("urban_development_boundary")
    assert len(layer("county_town")) >= 2
    for name in ("county_town", "featured_town", "cluster"):
        assert shapely.area(shapely.difference(layer(name).geometry.to_numpy(), boundary)).max() == 0.0


def test_everything_lies_in_the_municipality():
    outline = layer("municipality").geometry.iloc[0].buffer(0.01)
    for name, frame in city().layers.items():
        assert frame.geometry.covered_by(outline).all(), name


def test_the_height_grid_covers_the_municipality():
    a, _, west, _, e, north = city().transform
    rows, columns = city().dem.shape
    x0, y0, x1, y1 = layer("municipality").total_bounds
    assert west < x0 and x1 < west + a * columns
    assert north > y1 and y0 > north + e * rows


def test_slope_classes_follow_the_height_grid():
    frame = layer("survey_parcel")
    steep = frame[frame["slope_class"].isin(["4", "5"])].geometry.representative_point()
    flat = frame[frame["slope_class"] == "1"].geometry.representative_point()
    a, _, west, _, e, north = city().transform
    slope = np.degrees(np.arctan(np.hypot(*np.gradient(city().dem, a))))
    mean = [slope[((p.y - north) // e).astype(int), ((p.x - west) // a).astype(int)].mean() for p in (flat, steep)]
    assert mean[0] < 2.0
    assert mean[1] > 10.0


def test_residents_of_counties_add_up_and_follow_rank_and_size():
    assert layer("county")["residents"].sum() == pytest.approx(layer("municipality")["residents"].iloc[0])
    towns = layer("settlement").query("tier != '村'")["residents"].sort_values(ascending=False).to_numpy()
    slope = np.polyfit(np.log(np.arange(1, len(towns) + 1) - 0.5), np.log(towns), 1)[0]
    assert -1.8 < slope < -0.8


def test_class_names_are_those_of_the_code_tables(shared_data):
    for table, names in (("survey_land_classes.csv", SURVEY_NAMES), ("land_use_classes.csv", PLAN_NAMES)):
        with (shared_data.parent / "standards" / table).open(encoding="utf-8", newline="") as file:
            official_names = {row["code"]: row["name_zh"] for row in csv.DictReader(file)}
        assert names.items() <= official_names.items()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 9))
def test_other_seeds_give_lawful_cities_too(seed):
    other = make_city(seed)
    parcels = other.layers["survey_parcel"].geometry.to_numpy()
    assert shapely.is_valid(parcels).all()
    assert shapely.coverage_is_valid(parcels)
    assert smallest_angles(parcels).min() > 10.0
    lines = [shapely.union_all(other.layers[n].geometry.to_numpy())
             for n in ("permanent_basic_farmland", "ecological_redline", "urban_development_boundary")]  # fmt: skip
    assert max(shapely.intersection(lines[i], lines[j]).area for i, j in ((0, 1), (0, 2), (1, 2))) == 0.0
