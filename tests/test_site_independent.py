"""What a site takes and owes, computed again with shapely and pyproj alone: nothing of the package but its answer."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely

import gis

COUNT = 24
GEOD = pyproj.Geod(ellps="GRS80")


@pytest.fixture(scope="module")
def plan():
    return gis.demo_plan(faults=False)


@pytest.fixture(scope="module")
def squares(plan):
    rng = np.random.default_rng(24)
    west, south, east, north = plan["municipality"].total_bounds
    x, y = rng.uniform((west, south), (east, north), (20 * COUNT, 2)).T
    half = rng.uniform(40, 300, len(x))
    boxes = shapely.box(x - half, y - half, x + half, y + half)
    return boxes[shapely.within(boxes, plan["municipality"].union_all())][:COUNT]


@pytest.fixture(scope="module")
def answers(plan, squares):
    return gis.sites(plan, gpd.GeoSeries(squares, crs=plan.crs), "1001")


def m2(geometry, crs):
    """Area in the plane over the areal scale that PROJ gives at the centroid, piece by piece."""
    parts = shapely.get_parts(geometry)
    parts = parts[shapely.area(parts) > 0]
    if not len(parts):
        return 0.0
    centre = shapely.get_coordinates(shapely.centroid(parts))
    proj = pyproj.Proj(crs)
    scale = proj.get_factors(*proj(*centre.T, inverse=True)).areal_scale
    return float(np.sum(shapely.area(parts) / scale))


def taken(plan, layer, sites):
    """(features, m2) of each site."""
    shapes = plan[layer].geometry.to_numpy()
    for site in sites:
        near = np.flatnonzero(shapely.intersects(shapes, site))
        yield near, np.array([m2(shapely.intersection(shapes[n], site), plan.crs) for n in near])


def parcels(plan):
    return next(each for each in ("survey_parcel", "land_use_current") if plan.has(each, "class_code"))


def unapproved(plan, squares):
    return shapely.difference(squares, plan["land_case"].union_all())


def test_cultivated_land_owed_is_that_of_the_parcels_without_approved_land(plan, squares, answers):
    layer = parcels(plan)
    field = plan[layer]["class_code"].astype(str).str.startswith("01").to_numpy()
    mu = [area[field[near]].sum() * 3 / 2000 for near, area in taken(plan, layer, unapproved(plan, squares))]
    assert sum(each > 0 for each in mu) >= COUNT // 3
    np.testing.assert_allclose(answers.obligations["compensation_mu"], mu, rtol=1e-7, atol=2e-5)


def test_farmland_to_be_redesignated_and_its_grade_are_those_of_the_blocks(plan, squares, answers):
    grade = plan["permanent_basic_farmland"]["grade"].to_numpy(dtype=float)
    found = list(taken(plan, "permanent_basic_farmland", squares))
    mu = [area.sum() * 3 / 2000 for _, area in found]
    mean = [np.average(grade[near], weights=area) if area.sum() > 0 else np.nan for near, area in found]
    assert sum(each > 0 for each in mu) >= COUNT // 4
    np.testing.assert_allclose(answers.obligations["redesignation_mu"], mu, rtol=1e-7, atol=2e-5)
    np.testing.assert_allclose(answers.obligations["grade"], mean, rtol=1e-7)


def test_land_to_be_taken_out_elsewhere_is_what_lies_outside_the_boundary(plan, squares, answers):
    outside = shapely.difference(squares, plan["urban_development_boundary"].union_all())
    ha = [m2(each, plan.crs) / 1e4 for each in outside]
    np.testing.assert_allclose(answers.obligations["outside_ha"], ha, rtol=1e-7, atol=2e-6)


def test_the_land_table_adds_up_to_each_site(plan, squares, answers):
    whole = [m2(each, plan.crs) for each in squares]
    np.testing.assert_allclose(
        answers.land.groupby("site", sort=False)["area_m2"].sum().sort_index().to_numpy(),
        np.array(whole)[np.argsort(answers.plan["site"].index.to_numpy())],
        rtol=1e-7,
    )


def test_the_land_table_holds_each_class_as_the_parcels_do(plan, squares, answers):
    layer = parcels(plan)
    code = plan[layer]["class_code"].astype(str).to_numpy()
    fresh = answers.land[~answers.land["approved"].astype(bool)]
    said = fresh.groupby(["site", "class_code"])["area_m2"].sum()
    for site, (near, area) in zip(
        answers.plan["site"].index, taken(plan, layer, unapproved(plan, squares)), strict=True
    ):
        for each in set(code[near]):
            expected = area[code[near] == each].sum()
            assert said.get((site, each), 0.0) == pytest.approx(expected, rel=1e-7, abs=0.02)


@pytest.fixture(scope="module")
def roads(plan):
    """Level lines of 2.4 km and 30 m width that cross farmland, with their answers."""
    blocks = plan["permanent_basic_farmland"].geometry.to_numpy()
    middle = shapely.get_coordinates(shapely.point_on_surface(blocks[:: max(1, len(blocks) // COUNT)]))[:COUNT]
    out = []
    for x, y in middle:
        line = shapely.LineString([(x - 1200, y), (x + 1200, y)])
        frame = gpd.GeoDataFrame({"width_m": [30.0]}, geometry=[line], crs=plan.crs)
        out.append((line, gis.site(plan, frame, "1202", kind="linear", way_out=False)))
    return out


def ground_m(line, crs):
    xy = shapely.get_coordinates(shapely.segmentize(line, 50.0))
    return GEOD.line_length(*pyproj.Proj(crs)(*xy.T, inverse=True))


def test_strips_of_a_level_road_are_its_kilometres(plan, roads):
    union = plan["permanent_basic_farmland"].union_all()
    for line, answer in roads:
        x0, _, x1, _ = line.bounds
        total, corridor = ground_m(line, plan.crs), answer.sited.parcels.geometry.iloc[0]
        _, low, _, high = corridor.bounds
        strips = answer.strips[answer.strips["layer"].eq("permanent_basic_farmland")].set_index("strip")["area_m2"]
        for n in range(3):
            ends = (x0 + (x1 - x0) * min(km * 1000, total) / total for km in (n, n + 1))
            start, stop = ends
            expected = m2(shapely.intersection(shapely.box(start, low, stop, high), union), plan.crs)
            assert strips.get(n + 1, 0.0) == pytest.approx(expected, rel=1e-6, abs=0.02)


def test_a_crossing_is_as_long_as_the_centre_line_in_the_block_and_as_large_as_the_corridor_in_it(plan, roads):
    blocks = plan["permanent_basic_farmland"].geometry
    for line, answer in roads:
        found = answer.crossings[answer.crossings["layer"].eq("permanent_basic_farmland")]
        said = found.groupby("feature")[["length_m", "area_m2"]].sum()
        corridor = answer.sited.parcels.geometry.iloc[0]
        shared = {
            str(id_): m2(each, plan.crs) for id_, each in blocks.intersection(corridor).items() if each.area > 0.01
        }
        assert set(said.index) == set(shared) and shared
        for id_, area in shared.items():
            inside = shapely.intersection(line, blocks.loc[id_])
            length = sum(ground_m(each, plan.crs) for each in shapely.get_parts(inside) if each.length > 0)
            assert said.loc[id_, "area_m2"] == pytest.approx(area, rel=1e-6, abs=0.02)
            assert said.loc[id_, "length_m"] == pytest.approx(length, rel=1e-6, abs=0.002)
