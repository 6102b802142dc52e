"""Every indicator on drawn boxes, where the answer is arithmetic in the head."""

from __future__ import annotations

import math
import re
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gis
import gis.rules.urban_boundary
from gis.errors import RuleError
from gis.indicators.base import INDICATORS, NotMeasured, Param, Values, indicator
from gis.model.concept import concepts, sources
from gis.model.drawn import drawn
from gis.model.layers import LAYERS
from gis.model.plan import Target
from gis.units import UNITS, from_base, to_base

HAN = re.compile(r"[\u4e00-\u9fff]")
SOUTH = {
    "box": [0, 0, 4000, 1000],
    "area_code": "330101",
    "area_name": "甲县",
    "residents": 30_000.0,
    "urban_residents": 10_000.0,
}
NORTH = {
    "box": [0, 1000, 4000, 4000],
    "area_code": "330102",
    "area_name": "乙县",
    "residents": 50_000.0,
    "urban_residents": 30_000.0,
}
COUNTIES = [SOUTH, NORTH]  # 4 km² and 12 km²


def values(id_, layers, *, by="county", **said):
    """Value of an indicator for the whole plan and each unit."""
    return [each.value for each in gis.measure(drawn(layers, **said), select=id_, by=by)[id_]]


def of_whole(id_, layers, **said):
    return values(id_, layers, by="", **said)[0]


def parcel(box, code, settlement=None, **said):
    return {"box": box, "class_code": code, "settlement_code": settlement, **said}


# --- the three lines


def test_a_redline_on_the_border_of_two_counties_is_cut_there():
    lines = {"county": COUNTIES, "ecological_redline": [[0, 500, 1000, 2000]]}  # 1.5 km², of which 0.5 in the south
    assert values("ecological_redline_area", lines) == pytest.approx([1.5, 0.5, 1.0], rel=1e-6)


def test_farmland_counts_with_its_net_area_shared_out_by_the_ground():
    block = {"box": [0, 0, 1000, 2000], "gross_area_m2": 2e6, "area_m2": 1.8e6}  # half in each county
    assert values("permanent_basic_farmland_area", {"county": COUNTIES, "permanent_basic_farmland": [block]}) == (
        pytest.approx([1.8, 0.9, 0.9], rel=1e-6)
    )


def test_farmland_without_a_stated_area_is_its_ground_less_what_is_deducted():
    block = {"box": [0, 0, 1000, 1000], "area_m2": None, "deducted_area_m2": 1e5}
    assert of_whole("permanent_basic_farmland_area", {"permanent_basic_farmland": [block]}) == pytest.approx(
        0.9, rel=1e-6
    )


def test_farmland_is_shown_in_wan_mu_as_well():
    block = {"box": [0, 0, 1000, 1000], "area_m2": 1e6}  # 1 km² = 1500 mu = 0.15 wan mu
    measured = gis.measure(drawn({"permanent_basic_farmland": [block]}), select="permanent_basic_farmland_area")
    assert measured.items[0].shown("zh") == "1.00 平方千米（0.15 万亩）"


def test_shares_of_the_three_lines_are_of_the_ground_of_each_county():
    lines = {
        "county": COUNTIES,
        "ecological_redline": [[0, 0, 4000, 500]],
        "urban_development_boundary": [[0, 1000, 1000, 4000]],
    }
    assert values("redline_share", lines) == pytest.approx([100 * 2 / 16, 50, 0], rel=1e-6)
    assert values("boundary_share", lines) == pytest.approx([100 * 3 / 16, 0, 25], rel=1e-6)


def test_the_ground_of_the_whole_is_that_of_the_municipality_where_there_is_one():
    lines = {"county": COUNTIES, "municipality": [[0, 0, 4000, 5000]], "ecological_redline": [[0, 0, 4000, 500]]}
    assert of_whole("redline_share", lines) == pytest.approx(100 * 2 / 20, rel=1e-6)


def test_farmland_is_measured_against_the_net_cultivated_land_of_the_survey():
    layers = {
        "permanent_basic_farmland": [{"box": [0, 0, 1000, 800], "area_m2": 8e5}],
        "survey_parcel": [
            {"box": [0, 0, 1000, 1000], "class_code": "0101", "area_m2": 1.2e6, "net_area_m2": 1e6},
            {"box": [2000, 0, 3000, 1000], "class_code": "0307", "area_m2": 1e6, "net_area_m2": 1e6},
        ],
    }
    assert of_whole("cultivated_land_area", layers) == pytest.approx(1.0)
    assert of_whole("farmland_share", layers) == pytest.approx(80)


def boundary(*zones):
    return [{"box": box, "zone_code": code} for box, code in zones]


def test_the_flexible_share_leaves_the_special_purpose_zone_out():
    zones = boundary(([0, 0, 1000, 1000], "410"), ([1000, 0, 1100, 1000], "420"), ([2000, 0, 3000, 1000], "430"))
    assert of_whole("flexible_share", {"urban_development_boundary": zones}) == pytest.approx(10, rel=1e-6)


def test_a_boundary_without_a_flexible_zone_has_a_share_of_zero():
    assert of_whole("flexible_share", {"urban_development_boundary": boundary(([0, 0, 1000, 1000], "410"))}) == 0


def test_the_expansion_multiple_counts_the_concentrated_zone_less_town_water_and_windows():
    layers = {
        "urban_development_boundary": boundary(([0, 0, 2000, 1000], "410"), ([2000, 0, 3000, 1000], "420")),
        "land_use_current": [parcel([0, 0, 1000, 1000], "0701", "201"), parcel([1000, 0, 1300, 1000], "1701")],
        "permanent_basic_farmland": [[1300, 0, 1500, 1000]],
        "land_use_plan": [parcel([5000, 0, 5100, 1000], "1001"), parcel([6000, 0, 6100, 1000], "0703")],
    }  # base 100 ha, new 50 ha of zone and 10 ha scattered
    assert of_whole("expansion_multiple", layers) == pytest.approx((100 + 50 + 10) / 100, rel=1e-6)


def test_the_expansion_multiple_is_that_of_the_rule_that_judges_it():
    layers = {
        "urban_development_boundary": boundary(([0, 0, 2000, 1000], "410")),
        "land_use_current": [parcel([0, 0, 1000, 1000], "0701", "201")],
    }
    plan = drawn(layers, targets={"expansion_multiple": 1.3})
    (finding,) = gis.check(plan, select="UB01")
    assert gis.measure(plan, select="expansion_multiple").items[0].value == pytest.approx(finding.measure, abs=5e-5)


def test_construction_in_the_redline_is_cut_at_line_and_county_and_counted_once():
    layers = {
        "county": COUNTIES,
        "ecological_redline": [[0, 0, 500, 4000], [400, 0, 600, 4000]],  # the two overlap: 600 m wide in all
        "land_use_current": [
            parcel([0, 500, 1000, 1500], "0703", "203"),  # 0.6 km² inside, half in each county
            parcel([0, 2000, 1000, 3000], "0703"),  # no settlement code: regional, does not count
            parcel([0, 3000, 1000, 4000], "0301", "203"),  # wood is no construction land
        ],
    }
    assert values("construction_in_redline", layers) == pytest.approx([0.6, 0.3, 0.3], rel=1e-6)


def test_construction_inside_the_boundary_is_cut_at_the_boundary():
    layers = {
        "urban_development_boundary": boundary(([0, 0, 600, 1000], "410")),
        "land_use_current": [parcel([0, 0, 1000, 1000], "0701", "201A")],
    }
    assert of_whole("construction_inside_boundary", layers) == pytest.approx(0.6, rel=1e-6)


# --- land use


LAND = {
    "county": COUNTIES,
    "land_use_current": [
        parcel([0, 0, 1000, 1000], "0701", "201", area_m2=1e6),
        parcel([1000, 0, 2000, 1000], "1202", None, area_m2=1e6),  # a highway outside towns
        parcel([2000, 0, 3000, 1000], "0601", "203", area_m2=1e6),  # farm facility land is no construction land
        parcel([0, 1000, 1000, 2000], "2301", "203", area_m2=1e6),
        parcel([1000, 1000, 2000, 2000], "0301", None, area_m2=1e6),
        parcel([2000, 1000, 3000, 2000], "0506", None, area_m2=1e6),
        parcel(
            [3000, 1000, 4000, 2000], "010101", None, area_m2=9e5
        ),  # closed to a control total: the stated area counts
    ],
}


@pytest.mark.parametrize(
    ("id_", "km2"),
    [
        ("construction_land_area", [3, 2, 1]),
        ("urban_rural_construction_land_area", [2, 1, 1]),
        ("forest_land_area", [1, 0, 1]),
        ("wetland_area", [1, 0, 1]),
        ("cultivated_land_area", [0.9, 0, 0.9]),
    ],
)
def test_land_is_counted_by_class_and_settlement_code(id_, km2):
    assert values(id_, LAND) == pytest.approx(km2, rel=1e-6, abs=1e-12)


def test_urban_land_per_head_is_town_land_over_urban_residents():
    assert values("urban_land_per_head", LAND) == pytest.approx([1e6 / 40_000, 1e6 / 10_000, 0])


CENTRE = {
    "central_district": [{"box": [0, 0, 2000, 1000], "residents": 20_000.0}],
    "land_use_current": [
        parcel([0, 0, 100, 100], "1401", area_m2=1e4),
        parcel([1900, 0, 2100, 100], "140101", area_m2=2e4),
    ],
    "road": [
        {"line": [[-500, 500], [2500, 500]], "class": "主干路"},
        {"line": [[1000, 0], [1000, 1000]], "class": "支路"},
        {"line": [[0, 200], [2000, 200]], "class": "高速公路"},
    ],
}


def test_park_area_per_head_takes_the_part_of_parks_in_the_central_urban_area():
    assert values("park_area_per_head", CENTRE) == pytest.approx([(1e4 + 1e4) / 20_000], rel=1e-6)


def test_road_density_counts_urban_classes_inside_the_central_urban_area():
    assert values("road_density", CENTRE) == pytest.approx([(2 + 1) / 2], rel=1e-6)


def test_a_value_of_the_central_urban_area_says_so():
    assert gis.measure(drawn(CENTRE), select="M35-19").items[0].area_name.zh == "中心城区"


# --- people, spaces, towns


def test_people_density_and_urbanisation_follow_from_what_the_counties_state():
    assert values("population", {"county": COUNTIES}) == pytest.approx([8, 3, 5])
    assert values("urbanisation_rate", {"county": COUNTIES}) == pytest.approx([50, 100 / 3, 60])
    assert values("population_density", {"county": COUNTIES}) == pytest.approx([5000, 7500, 50_000 / 12], rel=1e-6)


def test_without_stated_figures_people_are_counted_where_they_live():
    places = [{"point": [10, 10], "residents": 700.0}, {"point": [10, 2000], "residents": 300.0}]
    bare = [{"box": each["box"], "area_code": each["area_code"]} for each in COUNTIES]
    assert values("population", {"county": bare, "population": places}) == pytest.approx([0.1, 0.07, 0.03])


def test_one_county_without_a_figure_leaves_the_whole_unknown():
    found = gis.measure(drawn({"county": [SOUTH, NORTH | {"residents": None}]}), select="population")
    assert [math.isnan(each.value) for each in found["population"]] == [True, False, True]
    assert found["population"][2].reason.zh == "行政区未填常住人口，也没有人口分布图层"


def test_space_shares_come_from_their_layers_or_from_the_zones():
    spaces = {"county": COUNTIES, "ecological_space": [[0, 0, 4000, 500]]}
    assert values("ecological_space_share", spaces) == pytest.approx([12.5, 50, 0], rel=1e-6)
    zones = {"county": COUNTIES, "planning_zone": boundary(([0, 0, 4000, 1000], "410"), ([0, 1000, 4000, 4000], "300"))}
    assert values("urban_space_share", zones) == pytest.approx([25, 100, 0], rel=1e-6)
    assert values("agricultural_space_share", zones) == pytest.approx([75, 0, 100], rel=1e-6)


def towns(*residents):
    return {
        "settlement": [{"point": [n, 0], "tier": "镇", "residents": float(each)} for n, each in enumerate(residents)]
    }


def test_primacy_compares_the_largest_with_the_next():
    assert of_whole("primacy_two", towns(100, 800, 200)) == 4
    assert of_whole("primacy_four", towns(600, 300, 200, 100)) == 1
    assert of_whole("primacy_eleven", towns(50, *[10] * 10)) == 1


def test_villages_are_no_towns():
    layer = towns(400, 100)["settlement"] + [{"point": [9, 9], "tier": "行政村", "residents": 300.0}]
    assert of_whole("primacy_two", {"settlement": layer}) == 4


def test_too_few_towns_are_not_measured_and_the_reason_says_how_many():
    (each,) = gis.measure(drawn(towns(3, 2, 1)), select="primacy_eleven").items
    assert math.isnan(each.value)
    assert each.reason.en == "only 3 towns have a population, 11 are needed"


def test_the_rank_size_exponent_comes_with_its_interval_and_the_number_of_towns():
    (each,) = gis.measure(
        drawn(towns(*(1000 / (rank - 0.5) for rank in range(1, 6)))), select="rank_size_exponent"
    ).items
    half = 1.96 * (2 / 5) ** 0.5
    assert each.value == pytest.approx(1)
    assert each.note.zh == f"95% 区间 {1 - half:.2f} 至 {1 + half:.2f}，城镇 5 个"


# --- targets, gaps and what is missing


def against(target, km2=1.0):
    plan = drawn({"ecological_redline": [[0, 0, 1000 * km2, 1000]]}, targets={"ecological_redline_area": target})
    return gis.measure(plan, select="M35-01").items[0]


def test_a_floor_that_is_reached_is_met_and_the_gap_is_what_is_over():
    each = against(0.75)
    assert each.met is True
    assert each.gap == pytest.approx(0.25, rel=1e-6)


def test_a_floor_that_is_missed_has_a_gap_below_zero():
    each = against(Target(1.25, document="批复"))
    assert (each.met, each.document) == (False, "批复")
    assert each.gap == pytest.approx(-0.25, rel=1e-6)


def test_a_target_may_be_in_another_unit():
    assert against(Target(150.0, "ha")).target == pytest.approx(1.5)


def test_a_target_may_turn_the_direction():
    assert against(Target(1.25, direction="max")).met is True


def test_a_target_of_one_county_is_compared_with_that_county():
    plan = drawn(
        {"county": COUNTIES, "ecological_redline": [[0, 0, 1000, 1000]]},
        targets={"ecological_redline_area@330101": 2.0},
    )
    found = gis.measure(plan, select="ecological_redline_area")["ecological_redline_area"]
    assert [each.met for each in found] == [None, False, None]


def test_an_expected_figure_has_a_distance_but_no_verdict():
    plan = drawn({"county": COUNTIES}, targets={"population": Target(10.0, "wan_person")})
    each = gis.measure(plan, select="population").items[0]
    assert each.gap == pytest.approx(-2)
    assert each.met is None


def test_without_a_layer_a_value_is_nan_with_the_reason_and_never_zero():
    found = gis.measure(drawn({"county": COUNTIES}), select="ecological_redline_area").frame
    assert found["value"].isna().all()
    assert set(found["reason_zh"]) == {"缺少图层：生态保护红线"}
    assert set(found["reason_en"]) == {"missing layer: " + gis.LAYERS["ecological_redline"].name.en}


def test_every_missing_value_has_a_reason_in_both_languages_and_no_other_value_has_one():
    frame = gis.measure(drawn(LAND)).frame
    for language in ("zh", "en"):
        assert (frame["value"].isna() == (frame[f"reason_{language}"] != "")).all()


def test_an_empty_layer_is_a_missing_one():
    plan = drawn({"ecological_redline": [[0, 0, 1, 1]]})
    empty = plan.with_layer("ecological_redline", plan["ecological_redline"].iloc[:0])
    assert math.isnan(gis.measure(empty, select="M35-01").items[0].value)


def test_without_counties_the_whole_is_measured_and_said_so():
    found = gis.measure(drawn({"ecological_redline": [[0, 0, 1000, 1000]]}), select="M35-01")
    assert [each.area for each in found.items] == [""]
    assert "只测算全域" in found.summary("zh")


def test_the_summary_names_the_missed_target_and_the_missing_value():
    plan = drawn({"ecological_redline": [[0, 0, 1000, 1000]]}, targets={"ecological_redline_area": 2.0})
    said = gis.measure(plan, select="ecological_redline_area,urban_boundary_area").summary("zh").splitlines()
    assert said[0] == "指标 2 项：已测算 1，未测算 1；目标达到 0，未达到 1"
    assert said[2:] == [
        "生态保护红线面积 未达到目标：1.00，目标 2.00，差 1.00 平方千米",
        "城镇开发边界面积 未测算：缺少图层：城镇开发边界",
    ]


def test_the_table_names_the_date_of_the_data():
    plan = drawn({"ecological_redline": [[0, 0, 1, 1]]}, sources={"ecological_redline": {"as_of": "2024-12"}})
    assert gis.measure(plan, select="M35-01").items[0].source.zh == "生态保护红线（2024-12）"


def test_the_pivot_has_indicators_down_and_areas_across():
    table = gis.measure(drawn(LAND), select="construction_land_area,forest_land_area").pivot()
    assert list(table.columns) == ["全域", "甲县", "乙县"]
    assert table.loc["forest_land_area"].to_numpy()[0] == pytest.approx([1, 0, 1], abs=1e-9)


def test_the_html_of_the_table_escapes_what_the_plan_says():
    assert "<script>" not in gis.measure(drawn({"ecological_redline": [[0, 0, 1, 1]]}, name="<script>"))._repr_html_()


def test_features_with_one_code_are_one_unit():
    enclave = SOUTH | {"box": [9000, 0, 10_000, 1000], "residents": 0.0}
    found = values(
        "ecological_redline_area", {"county": [*COUNTIES, enclave], "ecological_redline": [[9000, 0, 10_000, 1000]]}
    )
    assert found == pytest.approx([1, 1, 0], rel=1e-5)  # 9 km off the central meridian


def test_a_selection_that_fits_no_indicator_is_an_error():
    with pytest.raises(RuleError, match="没有以 M99 开头的指标"):
        gis.measure(drawn({}), select="M99")


def test_another_layer_than_an_administrative_one_is_an_error():
    with pytest.raises(RuleError, match="Indicators cannot be given by road"):
        gis.measure(drawn({}), by="road")


def test_measuring_does_not_change_the_plan():
    plan = drawn(LAND)
    before = {layer: frame.copy() for layer, frame in plan.items()}
    gis.measure(plan)
    assert all(frame.equals(plan[layer]) for layer, frame in before.items())


# --- properties


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(0, 3000)] * 2, *[st.integers(1, 900)] * 2), min_size=1, max_size=6),
    st.integers(1, 3999),
)
def test_the_counties_add_up_to_the_whole_wherever_the_border_runs(boxes, border):
    shapes = [[x, y, min(x + w, 4000), min(y + h, 4000)] for x, y, w, h in boxes]
    layers = {
        "county": [SOUTH | {"box": [0, 0, 4000, border]}, NORTH | {"box": [0, border, 4000, 4000]}],
        "ecological_redline": shapes,
        "permanent_basic_farmland": [{"box": each, "area_m2": 123.0} for each in shapes],
        "urban_development_boundary": shapes,
        "land_use_current": [parcel(each, "0703", "203", area_m2=77.0) for each in shapes],
    }
    found = gis.measure(drawn(layers))
    additive = [each.id for each in INDICATORS.values() if each.additive]
    for id_ in additive:
        whole, *parts = [each.value for each in found[id_]]
        assert sum(parts) == pytest.approx(whole, rel=1e-6, abs=1e-9), id_


def test_shares_that_cannot_exceed_the_ground_lie_between_0_and_100():
    found = gis.measure(drawn({"county": COUNTIES, "ecological_redline": [[0, 0, 4000, 4000]]}), select="redline_share")
    assert all(0 <= each.value <= 100 * (1 + 1e-6) for each in found.items)


def test_the_order_of_features_does_not_matter():
    turned = {layer: list(reversed(each)) for layer, each in LAND.items() if layer != "county"} | {"county": COUNTIES}
    assert gis.measure(drawn(LAND)).frame["value"].to_numpy() == pytest.approx(
        gis.measure(drawn(turned)).frame["value"].to_numpy(), nan_ok=True
    )


def test_units_agree_with_published_figures():
    # Hubei: 6925.25 wan mu of cultivated land are printed as 4.62 × 10⁴ km² beside it
    assert round(from_base(to_base(6925.25, "wan_mu"), "km2") / 1e4, 2) == 4.62


# --- the catalogue


@pytest.mark.parametrize("one", INDICATORS.values(), ids=lambda each: each.id)
def test_an_indicator_names_a_known_concept_known_sources_and_units(one):
    assert one.concept in concepts()
    assert one.cites
    assert set(one.cites) <= set(sources())
    assert {one.unit, *one.also} <= set(UNITS)
    assert all(to_base(1.0, each) > 0 for each in one.also)


@pytest.mark.parametrize("one", INDICATORS.values(), ids=lambda each: each.id)
def test_an_indicator_speaks_both_languages(one):
    for said in (one.title, one.formula, *(param.meaning for param, _ in one.parameters.values())):
        assert HAN.search(said.zh)
        assert said.en
        assert not HAN.search(said.en)
    assert one.compute.__doc__


@pytest.mark.parametrize("one", INDICATORS.values(), ids=lambda each: each.id)
def test_an_indicator_needs_known_layers_and_fields(one):
    for part in (part for need in one.needs for part in need.split("|")):
        layer, _, column = part.partition(".")
        assert layer in LAYERS
        assert not column or column in LAYERS[layer].fields


def test_every_indicator_that_a_concept_names_exists_and_every_concept_of_one_names_it():
    named = {id_: each.indicators for id_, each in concepts().items()}
    assert {indicator for each in named.values() for indicator in each} == set(INDICATORS)
    assert [each.id for each in INDICATORS.values() if each.id not in named[each.concept]] == []


def test_an_indicator_is_measured_on_some_drawn_plan_of_this_file():
    layers = (
        LAND
        | {k: v for k, v in CENTRE.items() if k != "land_use_current"}
        | {
            "ecological_redline": [[0, 0, 1, 1]],
            "permanent_basic_farmland": [{"box": [0, 0, 1, 1], "area_m2": 1.0}],
            "urban_development_boundary": boundary(([0, 0, 1000, 1000], "410")),
            "planning_zone": boundary(([0, 0, 4000, 4000], "410")),
            "settlement": towns(*range(1, 13))["settlement"],
        }
    )
    assert [each.indicator.id for each in gis.measure(drawn(layers)).whole if math.isnan(each.value)] == []


def test_a_second_use_of_an_id_or_of_an_official_code_is_refused():
    for id_, code in (("population", ""), ("another", "CK-10"), ("Bad-Id", "")):
        with pytest.raises(RuleError, match="used twice"):
            indicator(id_, code=code, unit="km2")(lambda plan, units: Values(np.zeros(1)))


def test_a_parameter_that_does_not_exist_or_has_another_type_is_refused():
    one = INDICATORS["road_density"]
    assert isinstance(one.parameters["classes"][0], Param)
    assert one.settings({"classes": ["主干路"]}) == {"classes": ("主干路",)}
    for wrong in ({"class": ()}, {"classes": 3}):
        with pytest.raises(RuleError, match="road_density"):
            one.settings(wrong)


def test_not_measured_carries_its_reason_in_both_languages():
    assert NotMeasured("没有", "nothing").reason == gis.Text("没有", "nothing")


def test_the_day_of_the_plan_does_not_change_a_value():
    early = drawn(LAND, as_of=date(2021, 1, 1))
    assert gis.measure(early).frame["value"].equals(gis.measure(drawn(LAND)).frame["value"])
