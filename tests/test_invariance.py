"""What must not change a verdict: the order of features, the direction of rings, vertices on edges, the way through degrees."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

import gis
from gis.model.finding import Findings
from gis.model.plan import Plan


def said(found: Findings) -> list[tuple]:
    """What the findings say of which features, in an order of their own."""
    return sorted(
        (each.rule, each.severity.value, each.verdict.value, each.layer, tuple(sorted(each.features))) for each in found
    )


def altered(plan: Plan, change) -> Plan:
    return replace(plan, layers={layer: change(plan[layer]) for layer in plan})


@pytest.fixture(scope="module")
def expected(faulty_city):
    return said(gis.check(faulty_city))


def test_the_order_of_features_changes_nothing(faulty_city, expected):
    rng = np.random.default_rng(1)
    shuffled = altered(faulty_city, lambda frame: frame.iloc[rng.permutation(len(frame))])
    assert said(gis.check(shuffled)) == expected


def test_the_direction_of_rings_changes_nothing(faulty_city, expected):
    def turned(frame):
        return frame.set_geometry(
            gpd.GeoSeries(shapely.reverse(frame.geometry.to_numpy()), index=frame.index, crs=frame.crs)
        )

    assert said(gis.check(altered(faulty_city, turned))) == expected


def test_vertices_on_edges_change_nothing(faulty_city, expected):
    def denser(frame):
        geometry = frame.geometry.to_numpy().copy()
        sound = shapely.is_valid(geometry)  # GEOS mends a crossing ring when it adds vertices to it
        geometry[sound] = shapely.segmentize(geometry[sound], 150.0)
        return frame.set_geometry(gpd.GeoSeries(geometry, index=frame.index, crs=frame.crs))

    assert said(gis.check(altered(faulty_city, denser))) == expected


def test_the_way_through_degrees_and_files_changes_nothing(faulty_city, expected, tmp_path):
    path = gis.save_plan(faulty_city, tmp_path / "plan")
    (tmp_path / "plan" / "plan.gpkg").unlink()
    for layer in faulty_city:
        frame = faulty_city[layer].to_crs(4490).reset_index(drop=True)
        frame.to_file(tmp_path / "plan" / "plan.gpkg", layer=layer, driver="GPKG")
    back = gis.read_plan(path)
    assert back.source("county").geometry.crs.to_epsg() == 4490
    assert said(gis.check(back)) == expected


def test_a_plan_moved_by_whole_kilometres_has_the_same_conflicts(faulty_city, expected):
    def moved(frame):
        return frame.set_geometry(frame.geometry.translate(0, 1000.0))

    areas = {"DQ07", "DQ11"}  # stated areas fit the ground they were measured on, not ground a kilometre north
    there = [each for each in said(gis.check(altered(faulty_city, moved))) if each[0] not in areas]
    assert there == [each for each in expected if each[0] not in areas]
