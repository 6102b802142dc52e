"""The whole chain on plans that are full of faults: every step ends well, and nothing changes its input."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import gis
from gis.model.drawn import CRS, drawn
from gis.model.layers import LAYERS
from gis.model.plan import Plan

NASTY = "<script>alert(1)</script>'\"`{{x}}</script>&amp;\u2028|\x07"
ORIGIN = np.array([500_000.0, 3_400_000.0])


def specimens() -> list:
    """One of each thing that a geometry column may hold and should not."""
    square = shapely.box(*ORIGIN, *(ORIGIN + 100))
    x, y = ORIGIN
    return [
        square,
        square,
        None,
        shapely.Polygon(),
        shapely.GeometryCollection(),
        shapely.Polygon([(x, y), (x + 9, y + 9), (x + 9, y), (x, y + 9)]),
        shapely.Polygon([(x, y), (x + 9, y), (float("nan"), y + 9)]),
        shapely.linestrings([(x, y), (x, y)]),
        shapely.Polygon([(x, y), (x + 9, y), (x, y)]),
        shapely.LineString([(x, y), (x + 50, y + 50)]),
        shapely.Point(x + 5, y + 5),
        shapely.MultiPolygon([square, shapely.box(*(ORIGIN + 50), *(ORIGIN + 150))]),
        shapely.GeometryCollection([square, shapely.Point(x, y)]),
        shapely.force_3d(square, 7.0),
        shapely.box(x, y, x + 3e5, y + 1e-9),
        shapely.box(x + 4e7, y, x + 4e7 + 10, y + 10),
    ]


def columns(layer: str, length: int) -> dict[str, list]:
    """Values that fit nothing."""
    odd = {"text": NASTY, "int": -1, "float": float("inf"), "date": "not a day", "bool": "maybe"}
    made = {}
    for name, field in LAYERS[layer].fields.items():
        made[name] = [odd[field.type], None, *[odd["text"] if field.type == "text" else np.nan] * (length - 2)]
    return made


@pytest.fixture(scope="module")
def heap() -> Plan:
    """Every layer of the catalogue, full of faults."""
    with np.errstate(invalid="ignore"):  # a coordinate that is no number is the point here
        shapes = specimens()
    frames = {
        layer: gpd.GeoDataFrame(columns(layer, len(shapes)), geometry=gpd.GeoSeries(shapes, crs=CRS))
        for layer in LAYERS
    }
    return Plan(frames, CRS, name=NASTY, notices=()).with_targets(expansion_multiple=0, ecological_redline_area=-1)


def everything(plan: Plan, folder) -> None:
    found = gis.check(plan)
    table = gis.measure(plan)
    found.summary("zh")
    table.summary("en")
    gis.web_map(plan, found).save(folder / "map.html")
    gis.report(plan, found, table, folder / "report.html")
    gis.save_qgis(plan, found, folder / "plan.gpkg")
    for name in ("f.gpkg", "f.geojson", "f.json"):
        gis.save_findings(found, folder / name)


def test_a_heap_of_faults_goes_through_the_whole_chain(heap, tmp_path):
    everything(heap, tmp_path)


def test_the_chain_leaves_the_heap_as_it_was(heap, tmp_path):
    before = {layer: heap[layer].copy(deep=True) for layer in list(heap)[:12]}
    gis.check(heap)
    gis.measure(heap)
    for layer, frame in before.items():
        pd.testing.assert_frame_equal(
            pd.DataFrame(heap[layer].drop(columns="geometry")), pd.DataFrame(frame.drop(columns="geometry"))
        )
        assert (
            shapely.to_wkb(heap[layer].geometry.to_numpy()).tolist()
            == shapely.to_wkb(frame.geometry.to_numpy()).tolist()
        )


def test_nothing_at_all_goes_through_as_far_as_it_can(tmp_path):
    plan = drawn({})
    found, table = gis.check(plan), gis.measure(plan)
    gis.report(plan, found, table, tmp_path / "report.html")
    gis.web_map(plan, found).save(tmp_path / "map.html")
    with pytest.raises(gis.GisError):
        gis.save_qgis(plan, path=tmp_path / "plan.gpkg")


@pytest.mark.parametrize("layer", list(LAYERS))
def test_each_layer_may_be_empty(layer, tmp_path):
    plan = Plan({layer: gpd.GeoDataFrame(columns(layer, 2), geometry=[None, None], crs=CRS).iloc[:0]}, CRS)
    found = gis.check(plan)
    gis.measure(plan)
    gis.web_map(plan, found).save(tmp_path / "map.html")
