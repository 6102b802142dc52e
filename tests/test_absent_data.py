"""Every rule runs on whatever is missing: a layer, a field, every value, every shape. It may find nothing, or not run."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gis.model.drawn import drawn
from gis.model.finding import Status
from gis.model.layers import LAYERS
from gis.model.plan import Plan, Waiver
from gis.rules import RULES, check
from gis.rules.base import NotRun

VALUES = {"text": "0701", "int": 1, "float": 1.0, "date": "2024-01-01", "bool": True}
SHAPES = {
    "polygon": {"box": [0, 0, 100, 100]},
    "any": {"box": [0, 0, 100, 100]},
    "line": {"line": [[0, 0], [100, 100]]},
    "point": {"point": [50, 50]},
}
FEW = ("county", "survey_parcel", "ecological_redline", "road", "settlement")
"""What stands for all layers where a rule asks every one."""
MANY = 8
with np.errstate(invalid="ignore"):
    NO_NUMBER = shapely.from_wkt("POLYGON ((500000 3400000, NaN 3400000, 500000 3400100, 500000 3400000))")
RULE_IDS = sorted(RULES)
touched: set[str] = set()


@dataclass(frozen=True, eq=False, repr=False)
class Watched(Plan):
    """A plan that keeps in mind which layers were asked for."""

    def __getitem__(self, layer: str) -> gpd.GeoDataFrame:
        touched.add(layer)
        return super().__getitem__(layer)

    def __contains__(self, layer: object) -> bool:
        touched.add(str(layer))
        return super().__contains__(layer)

    def has(self, layer: str, *fields: str) -> bool:
        touched.add(layer)
        return super().has(layer, *fields)


def one_of_each(layers) -> dict[str, list[Any]]:
    return {
        id_: [SHAPES[LAYERS[id_].geometry] | {each.name: VALUES[each.type] for each in LAYERS[id_].fields.values()}]
        for id_ in layers
    }


@pytest.fixture(scope="module")
def whole() -> Plan:
    """One feature in every layer, every field filled, every target given, and a waiver."""
    needs = {need.partition(":") for each in RULES.values() for need in each.needs}
    targets = {name: 1.0 for kind, _, name in needs if kind == "target"}
    plan = drawn(one_of_each(LAYERS), targets=targets, waivers=[Waiver("CL01", "", "x", "y")])
    return Watched(plan.layers, plan.crs, targets=plan.targets, waivers=plan.waivers, as_of=plan.as_of)


@pytest.fixture(scope="module")
def plans(whole) -> dict[str, Plan]:
    """For each rule a plan of the layers that it asks for; of a few, where it asks for all."""
    found = {}
    for id_, rule in RULES.items():
        touched.clear()
        touched.update(need.partition(".")[0] for need in rule.needs)
        if any(need.startswith("any:") for need in rule.needs):
            touched.update(FEW)
        else:
            with suppress(NotRun):
                list(rule.find(whole))
        layers = touched & LAYERS.keys()
        layers = layers if len(layers) <= MANY else set(FEW)
        found[id_] = replace(whole, layers={each: whole.layers[each] for each in layers})
    return found


def altered(plan: Plan, change) -> Plan:
    return replace(plan, layers={layer: change(frame) for layer, frame in plan.layers.items()})


def shaped(shape) -> Any:
    return lambda frame: frame.set_geometry(gpd.GeoSeries([shape] * len(frame), index=frame.index, crs=frame.crs))


def emptied(value) -> Any:
    def change(frame):
        columns = {name: pd.Series([value] * len(frame), index=frame.index) for name in frame.columns.drop("geometry")}
        return gpd.GeoDataFrame(columns, geometry=frame.geometry, index=frame.index, crs=frame.crs)

    return change


ALTERED = {
    "one feature": lambda frame: frame,
    "no feature": lambda frame: frame.iloc[:0],
    "no shape": shaped(None),
    "empty shapes": shaped(shapely.Polygon()),
    "shapes without area": shaped(shapely.Polygon([(5e5, 3.4e6)] * 4)),
    "crossing rings": shaped(shapely.Polygon([(5e5, 3.4e6), (500100, 3400100), (500100, 3.4e6), (5e5, 3400100)])),
    "coordinates that are no numbers": shaped(NO_NUMBER),
    "coordinates beyond the earth": shaped(shapely.box(2e7, 2e7, 3e7, 3e7)),
    "collections": shaped(shapely.GeometryCollection([shapely.box(5e5, 3.4e6, 500010, 3400010), shapely.Point(0, 0)])),
    "other kinds of shape": shaped(shapely.MultiPoint([(5e5, 3.4e6), (500010, 3.4e6)])),
    "no value": emptied(None),
    "NaN": emptied(np.nan),
    "numbers": emptied(-1.5),
    "words": emptied("约 3"),
    "no field": lambda frame: frame[["geometry"]],
}


@pytest.mark.parametrize("how", ALTERED)
@pytest.mark.parametrize("rule", RULE_IDS)
def test_a_rule_runs_on_hollow_data(plans, rule, how):
    assert rule in check(altered(plans[rule], ALTERED[how]), select=rule).outcomes


@pytest.mark.parametrize("rule", RULE_IDS)
def test_a_rule_runs_with_each_layer_missing_in_turn(plans, rule):
    needed = {need.partition(".")[0] for need in RULES[rule].needs}
    for layer in plans[rule].layers:
        outcome = check(plans[rule].without_layer(layer), select=rule).outcomes[rule]
        assert outcome.status is Status.NOT_RUN or layer not in needed, layer


def without_field(plan: Plan, layer: str, field: str) -> Plan:
    return plan.with_layer(layer, plan.layers[layer].drop(columns=field))


@pytest.mark.parametrize("rule", RULE_IDS)
def test_a_rule_does_not_run_without_a_field_it_needs(plans, rule):
    for need in RULES[rule].needs:
        layer, _, field = need.partition(".")
        if field:
            lacking = without_field(plans[rule], layer, field)
            assert check(lacking, select=rule).outcomes[rule].status is Status.NOT_RUN, need


@pytest.mark.long
@pytest.mark.parametrize("rule", RULE_IDS)
def test_a_rule_runs_with_each_field_missing_in_turn(plans, rule):
    for layer, frame in plans[rule].layers.items():
        for field in frame.columns.drop("geometry"):
            assert rule in check(without_field(plans[rule], layer, field), select=rule).outcomes


def test_no_rule_passes_on_an_empty_plan():
    found = check(drawn({}))
    assert {each.status for each in found.outcomes.values()} == {Status.NOT_RUN}
    assert all(each.reason.zh and each.reason.en for each in found.outcomes.values())
