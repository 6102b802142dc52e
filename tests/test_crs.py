"""CGCS2000 zones, ESRI names, transformers."""

from __future__ import annotations

import threading

import numpy as np
import pyproj
import pytest

from gis import crs
from gis.errors import CrsError

GEOGCS = (
    'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)


def esri(name: str, meridian: float, easting: float, *, geogcs: str = GEOGCS, scale: float = 1.0) -> str:
    return (
        f'PROJCS["{name}",{geogcs},PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",{easting}],'
        f'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",{scale}],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )


ALL_CODES = [*range(4491, 4555)]


def test_every_epsg_gauss_kruger_entry_is_met_by_its_own_meridian_and_form():
    for code in ALL_CODES:
        known = pyproj.CRS.from_epsg(code)
        width, prefixed = crs.zone_width(known), crs.zone_prefix(known) is not None
        assert crs.gauss_kruger(crs.central_meridian(known), width=width, prefixed=prefixed).to_epsg() == code


def test_zone_width_of_every_epsg_entry_agrees_with_its_name():
    for code in ALL_CODES:
        known = pyproj.CRS.from_epsg(code)
        assert crs.zone_width(known) == (3 if "3-degree" in known.name else 6), known.name


def test_the_central_meridian_is_three_times_the_zone_and_never_more_than_half_a_zone_away():
    for longitude in np.arange(73.5, 136.5, 0.25):
        meridian = crs.central_meridian(crs.gauss_kruger(longitude))
        assert meridian == 3 * crs.zone3(longitude)
        assert abs(meridian - longitude) <= 1.5


def test_six_degree_meridians_are_never_more_than_three_degrees_away():
    for longitude in np.arange(73.5, 136.5, 0.25):
        assert abs(crs.central_meridian(crs.gauss_kruger(longitude, width=6)) - longitude) <= 3


@pytest.mark.parametrize("longitude", [73.49, 136.5, 30.0, float("nan")])
def test_a_longitude_outside_china_is_refused_in_both_languages(longitude):
    with pytest.raises(CrsError, match=r"73.5°E—136.5°E(.|\n)*outside the CGCS2000 Gauss–Krüger zones"):
        crs.gauss_kruger(longitude)


def test_a_zone_width_of_four_degrees_is_refused():
    with pytest.raises(CrsError, match=r"分带宽度 4 度(.|\n)*Use 3 or 6 degrees"):
        crs.gauss_kruger(120, width=4)


@pytest.mark.parametrize(
    ("name", "meridian", "easting", "code"),
    [
        ("CGCS2000_3_Degree_GK_CM_120E", 120, 500_000, 4549),
        ("CGCS2000_3_Degree_GK_Zone_40", 120, 40_500_000, 4528),
        ("CGCS2000_GK_CM_117E", 117, 500_000, 4509),
        ("CGCS2000_GK_Zone_20", 117, 20_500_000, 4498),
        ("CGCS2000_3_Degree_GK_CM_117E", 117, 500_000, 4548),
        ("some local name", 117, 500_000, 4548),
        ("some local name", 117, 39_500_000, 4527),
    ],
)
def test_esri_definitions_are_understood_as_their_epsg_entries(name, meridian, easting, code):
    found = crs.understood(esri(name, meridian, easting))
    assert found == pyproj.CRS.from_epsg(code)


def test_every_epsg_entry_survives_the_way_through_an_esri_prj_file():
    for code in ALL_CODES:
        known = pyproj.CRS.from_epsg(code)
        assert crs.understood(known.to_wkt("WKT1_ESRI")) == known, known.name


def test_esri_longitude_and_latitude_are_understood():
    assert crs.understood(GEOGCS) == pyproj.CRS.from_epsg(4490)


@pytest.mark.parametrize("code", [4490, 4549, 4326, 3857, 32650, 2437, 2361])
def test_a_crs_with_an_identifier_stays_as_it_is(code):
    assert crs.understood(code) == pyproj.CRS.from_epsg(code)


@pytest.mark.parametrize(
    "wkt",
    [
        esri("CGCS2000_3_Degree_GK_CM_120E", 120, 500_000, geogcs=GEOGCS.replace("D_China_2000", "D_Xian_1980")),
        esri("CGCS2000_3_Degree_GK_CM_120E", 120, 500_000, geogcs=GEOGCS.replace("298.257222101", "298.3")),
        esri("CGCS2000_3_Degree_GK_CM_120E", 120, 500_000, scale=0.9996),
        esri("CGCS2000_3_Degree_GK_CM_120E", 120, 40_000),
        esri("CGCS2000_3_Degree_GK_CM_120E", 120.5, 500_000),
        esri("CGCS2000_3_Degree_GK_CM_120E", 120, 39_500_000),
        esri("CGCS2000_3_Degree_GK_CM_60E", 60, 500_000),
    ],
    ids=["datum", "ellipsoid", "scale", "easting", "meridian", "foreign zone number", "outside China"],
)
def test_a_name_does_not_make_up_for_a_parameter_that_differs(wkt):
    assert crs.understood(wkt) == pyproj.CRS.from_user_input(wkt)


def test_wgs84_and_grs80_systems_are_not_cgcs2000():
    assert not any(crs.is_cgcs2000(code) for code in (4326, 4258, 32650, 3857, 4610, 4214))


def test_a_compound_system_is_judged_by_its_horizontal_part():
    both = pyproj.CRS.from_user_input("EPSG:4490+5737")
    assert crs.is_cgcs2000(both)
    assert crs.is_degrees(both)
    assert crs.central_meridian(both) is None


def test_other_projections_have_no_meridian_zone_or_width():
    assert (crs.central_meridian(3857), crs.zone_prefix(3857), crs.zone_width(3857)) == (None, None, None)


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        (
            4549,
            "CGCS2000 3度带 中央经线120°E（EPSG:4549）",
            "CGCS2000 3-degree zone, central meridian 120°E (EPSG:4549)",
        ),
        (
            4498,
            "CGCS2000 6度带 第20带 中央经线117°E（EPSG:4498）",
            "CGCS2000 6-degree zone 20, central meridian 117°E (EPSG:4498)",
        ),
        (4490, "CGCS2000 经纬度（EPSG:4490）", "CGCS2000 longitude and latitude (EPSG:4490)"),
        (3857, "WGS 84 / Pseudo-Mercator（EPSG:3857）", "WGS 84 / Pseudo-Mercator (EPSG:3857)"),
    ],
)
def test_a_crs_is_described_in_a_planners_words(code, zh, en):
    assert (crs.describe(code).zh, crs.describe(code).en) == (zh, en)


def test_transformers_take_longitude_and_east_first():
    east, north = crs.transformer("EPSG:4490", "EPSG:4549").transform(120.5, 30.0)
    assert 500_000 < east < 600_000
    assert 3_300_000 < north < 3_400_000


def test_a_transformer_is_made_once_per_thread():
    mine = crs.transformer(4490, 4549)
    others = []
    thread = threading.Thread(target=lambda: others.append(crs.transformer(4490, 4549)))
    thread.start()
    thread.join()
    assert crs.transformer("EPSG:4490", "EPSG:4549") is mine
    assert others[0] is not mine


def test_an_unknown_crs_is_refused():
    with pytest.raises(CrsError, match=r"无法识别(.|\n)*is not understood"):
        crs.transformer("no such thing", 4549)


def test_the_extent_follows_the_sides_of_the_box():
    west, south, east, north = crs.longitude_latitude_extent((300_000, 5_000_000, 700_000, 5_100_000), 4549)
    corners = crs.transformer(4549, 4490).transform([300_000, 700_000], [5_100_000] * 2)
    middle = crs.transformer(4549, 4490).transform(500_000, 5_100_000)
    assert north == pytest.approx(middle[1], abs=1e-9)
    assert north > max(corners[1])
    assert west + east == pytest.approx(240, abs=1e-9)
    assert south < north


def test_bounds_outside_the_projection_are_refused():
    with pytest.raises(CrsError, match=r"可用范围(.|\n)*outside what"):
        crs.longitude_latitude_extent((1e30, 1e30, 2e30, 2e30), 4549)


def test_the_ellipsoid_is_that_of_epsg_4490():
    known = pyproj.CRS.from_epsg(4490).ellipsoid
    assert (known.semi_major_metre, known.inverse_flattening) == (crs.ELLIPSOID_A, crs.ELLIPSOID_RF)
    assert pytest.approx(known.semi_minor_metre, abs=1e-6) == crs.ELLIPSOID_B
    assert pytest.approx(pyproj.Geod(ellps="GRS80").es, rel=1e-9) == crs.ELLIPSOID_E2
