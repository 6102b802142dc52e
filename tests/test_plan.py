"""The plan and its findings as values."""

from __future__ import annotations

import pickle

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

import gis
from gis.errors import CrsError, LayerError
from gis.model.accuracy import Accuracy
from gis.model.drawn import CRS, drawn
from gis.model.plan import Plan, Target, feature_ids

SQUARE = shapely.box(5e5, 3.4e6, 5e5 + 100, 3.4e6 + 100)


def frame(**columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns or None, geometry=[SQUARE] * len(next(iter(columns.values()), [0])), crs=CRS)


def test_a_plan_in_degrees_is_refused():
    with pytest.raises(CrsError, match=r"投影坐标系[\s\S]*Name a projected CRS"):
        Plan({}, "EPSG:4490")


def test_a_layer_in_another_crs_is_refused():
    with pytest.raises(CrsError, match="ecological_redline"):
        Plan({"ecological_redline": frame().to_crs(4490)}, CRS)


def test_a_layer_nobody_knows_is_refused():
    with pytest.raises(LayerError, match="gold_mine"):
        Plan({"gold_mine": frame()}, CRS)


def test_a_missing_layer_is_named_with_those_there_are():
    with pytest.raises(LayerError, match=r"county[\s\S]*ecological_redline"):
        _ = drawn({"ecological_redline": [[0, 0, 1, 1]]})["county"]


def test_the_index_is_the_key_where_it_is_unique():
    plan = Plan({"county": frame(area_code=["330523", "330521"])}, CRS)
    assert list(plan["county"].index) == ["330523", "330521"]


def test_a_plan_leaves_its_input_as_it_was():
    given_ = frame(feature_id=["a", "a"])
    before = given_.copy(deep=True)
    plan = Plan({"road": given_}, CRS)
    plan.with_layer("road", given_.iloc[:1]).with_targets(x=1)
    pd.testing.assert_frame_equal(given_, before)
    assert list(given_.index) == [0, 1]
    assert len(plan["road"]) == 2


@given(st.lists(st.one_of(st.none(), st.sampled_from(["", "a", "b", "a#1", "#0", "b#2"]))))
def test_ids_are_unique_whatever_the_keys(keys):
    assert feature_ids(pd.Series(keys, dtype="str"), len(keys)).is_unique


def test_ids_read_as_numbers_become_digits_again():
    assert list(feature_ids(pd.Series([330523.0, float("nan")]), 2)) == ["330523", "#1"]


def test_layers_stand_in_the_order_of_the_catalogue():
    plan = drawn({"road": [{"line": [[0, 0], [1, 1]]}], "county": [[0, 0, 1, 1]]})
    assert list(plan) == ["county", "road"]


def test_a_new_layer_forgets_where_the_old_one_came_from():
    plan = drawn({"county": [[0, 0, 1, 1]]})
    assert plan.with_layer("county", plan["county"]).source("county").file == ""


def test_what_is_remembered_does_not_pass_to_a_new_plan():
    plan = drawn({"county": [[0, 0, 1, 1]]})
    assert plan.memo("x", lambda: 1) == 1
    assert plan.with_targets(a=1).memo("x", lambda: 2) == 2


def test_a_bare_number_is_a_target():
    assert drawn({}, targets={"a": 1.5}).targets["a"] == Target(1.5)


def test_a_target_that_is_no_number_is_refused():
    with pytest.raises(LayerError, match=r"目标值[\s\S]*leave the target out"):
        Target(float("nan"))


def test_a_layer_of_survey_data_has_its_own_accuracy():
    assert Accuracy().of("hazard_area").position_m == 10
    assert Accuracy().of("ecological_redline").position_m == 0


def test_the_plans_accuracy_and_then_the_layers_own_come_first():
    accuracy = Accuracy(position_m=1, layers={"road": Accuracy(position_m=7)})
    assert accuracy.of("hazard_area").position_m == 1
    assert accuracy.of("road").position_m == 7


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf")])
def test_an_accuracy_that_is_no_length_is_refused(wrong):
    with pytest.raises(LayerError, match="position_m"):
        Accuracy(position_m=wrong)


def test_a_plan_and_its_findings_reach_another_process_whole():
    plan = drawn({"park": [[0, 0, 10, 10]]}).with_targets(park_area=1.0)
    plan.memo("made", lambda: 1)
    twin = pickle.loads(pickle.dumps(plan))
    assert twin["park"].equals(plan["park"])
    assert (twin.targets, twin.crs, twin.remembers("made")) == (plan.targets, plan.crs, False)
    found = gis.check(twin, select="TP")
    assert pickle.loads(pickle.dumps(found)).outcomes == found.outcomes
