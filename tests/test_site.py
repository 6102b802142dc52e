"""May this be built here: every asked layer, judged once; properties, brute force, and input that is no site."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.affinity import translate

import gis
from gis.analysis.site_layers import not_asked, site_layers
from gis.errors import AnalysisError, CrsError, RuleError
from gis.model.drawn import CRS, ORIGIN, drawn
from gis.model.site import Site

FARMLAND, REDLINE, CURRENT = "permanent_basic_farmland", "ecological_redline", "land_use_current"
DECISIVE = [id_ for id_, each in site_layers().items() if each.decisive]


def box(*sides):
    return translate(shapely.box(*sides), *ORIGIN)


def complete(**layers):
    """A plan that has every decisive layer, far away where it is not drawn, and the whole inside the boundary."""
    far = [[50_000, 50_000, 50_001, 50_001]]
    there = dict.fromkeys(DECISIVE, far)
    there["urban_development_boundary"] = [{"box": [-9000, -9000, 9000, 9000], "zone_code": "410"}]
    there["planning_zone"] = [{"box": [-9000, -9000, 9000, 9000], "zone_code": "410"}]
    return drawn({**there, **layers})


def row(answer, layer, **said):
    rows = answer.rows[answer.rows["layer"] == layer]
    for name, value in said.items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1
    return rows.iloc[0]


def judged(plan, *sides, use="1001", **said):
    return gis.site(plan, box(*sides), use, way_out=False, **said)


# --- what a row says


def test_a_site_half_on_farmland_hits_it_with_half_its_area():
    found = row(judged(complete(**{FARMLAND: [[0, 0, 1000, 1000]]}), 900, 0, 1100, 500), FARMLAND)
    assert (found["status"], found["effect"], found["rule"]) == ("hit", "prohibit", "ST01")
    assert found["area_m2"] == pytest.approx(50_000, rel=1e-7)
    assert found["share"] == pytest.approx(0.5, rel=1e-7)
    assert "土地管理法" in found["clause"] and found["in_force"] == "in_force"


def test_a_shared_edge_is_a_touch_and_a_metre_away_is_clear():
    plan = complete(**{FARMLAND: [[0, 0, 1000, 1000]]})
    assert row(judged(plan, 1000, 0, 1100, 100), FARMLAND)["status"] == "touch"
    assert row(judged(plan, 1001, 0, 1100, 100), FARMLAND)["status"] == "clear"


def test_a_strip_thinner_than_the_survey_is_known_cannot_be_decided():
    plan = complete(hazard_area=[{"box": [0, 0, 1000, 1000], "kind": "滑坡", "level": "高"}])
    answer = judged(plan, 995, 0, 1100, 500, use="0804")
    assert row(answer, "hazard_area")["status"] == "undecidable"
    assert answer.answer == "undecidable"


def test_every_asked_layer_is_listed_clear_ones_too():
    answer = judged(complete(), 0, 0, 100, 100)
    kinds = {id_ for id_, each in site_layers().items() if not each.kinds}
    assert kinds | {"project"} == set(answer.rows["asked"])
    assert row(answer, REDLINE)["message_zh"] == "未涉及生态保护红线"


def test_a_layer_the_plan_lacks_is_missing_and_a_decisive_one_leaves_no_answer():
    plan = complete()
    assert judged(plan, 0, 0, 100, 100).answer == "no_conflict"
    lacking = judged(plan.without_layer(REDLINE), 0, 0, 100, 100)
    assert row(lacking, REDLINE)["status"] == "missing"
    assert np.isnan(row(lacking, REDLINE)["area_m2"])
    assert lacking.answer == "undecidable"


def test_a_prohibition_counts_more_than_a_missing_layer():
    plan = complete(**{FARMLAND: [[0, 0, 1000, 1000]]}).without_layer(REDLINE)
    assert judged(plan, 0, 0, 100, 100).answer == "conflict"


def test_a_condition_makes_the_answer_conditional_and_is_its_reason():
    answer = judged(complete(**{CURRENT: [{"box": [0, 0, 1000, 1000], "class_code": "0101"}]}), 0, 0, 100, 100)
    assert answer.answer == "conditional"
    assert any("占补平衡" in each.zh for each in answer.reasons)


def test_the_disclaimer_is_always_there():
    assert judged(complete(), 0, 0, 100, 100).disclaimer.zh == "本结果为辅助研判，不作为行政许可依据"


def test_a_listed_project_on_farmland_is_a_condition_and_names_who_decides():
    plan = complete(**{FARMLAND: [[0, 0, 1000, 1000]]})
    found = row(judged(plan, 0, 0, 100, 100, use="1202", listed=True), FARMLAND)
    assert found["effect"] == "condition"
    assert "国务院" in found["competence"]


def test_a_project_of_the_list_is_known_by_its_name_within_500_m_of_its_position():
    plan = complete(
        project=[{"point": [400, 50], "name": "江南水厂", "listed": True}], **{FARMLAND: [[0, 0, 1000, 1000]]}
    )
    parcels = gpd.GeoDataFrame({"name": ["江南 水厂"]}, geometry=[box(0, 0, 100, 100)], crs=CRS)
    answer = gis.site(plan, parcels, "1301", way_out=False)
    assert row(answer, "project")["status"] == "hit"
    assert row(answer, FARMLAND)["effect"] == "condition"


def test_limited_activities_are_named_for_a_road_in_the_redline():
    answer = judged(complete(**{REDLINE: [[0, 0, 1000, 1000]]}), 0, 0, 100, 100, use="1202")
    assert row(answer, REDLINE)["effect"] == "condition"
    assert "线性工程" in row(answer, REDLINE)["activities"]


def test_housing_outside_the_boundary_is_a_conflict_and_a_homestead_is_none():
    plan = complete(urban_development_boundary=[{"box": [0, 0, 1000, 1000], "zone_code": "410"}])
    outside = row(judged(plan, 2000, 0, 2100, 100, use="0701"), "outside:urban_development_boundary")
    assert (outside["status"], outside["effect"]) == ("hit", "prohibit")
    assert row(judged(plan, 2000, 0, 2100, 100, use="0703"), "outside:urban_development_boundary")["effect"] == "inform"


def test_ground_outside_the_city_is_never_clear():
    plan = complete(municipality=[[-9000, -9000, 9000, 9000]])
    answer = judged(plan, 20_000, 0, 20_100, 100, use="0703")
    assert answer.answer == "undecidable"
    assert row(answer, REDLINE)["status"] == "missing"
    assert row(answer, REDLINE)["message_zh"] == "生态保护红线：超出该图层范围，无法判断"


def test_every_layer_is_asked_or_its_reason_is_kept():
    asked = {layer for id_, each in site_layers().items() for layer in (id_, *each.instead)}
    assert asked.isdisjoint(not_asked())
    assert asked | set(not_asked()) == set(gis.LAYERS)


def test_law_counts_as_of_the_day():
    plan = complete(farmland_reserve=[[0, 0, 1000, 1000]])
    effect = {
        day: row(judged(plan, 0, 0, 100, 100, as_of=day), "farmland_reserve")["effect"]
        for day in ("2025-06-30", "2026-01-01")
    }
    assert effect == {"2025-06-30": "inform", "2026-01-01": "condition"}


# --- properties


def test_shares_add_up_to_one_over_a_covering_layer_even_where_its_features_overlap():
    parcels = [
        {"box": [x, y, x + 120, y + 120], "class_code": "0101"}
        for x in range(0, 1000, 100)
        for y in range(0, 1000, 100)
    ]
    answer = judged(complete(**{CURRENT: parcels}), 33, 47, 777, 888)
    shares = answer.rows.loc[answer.rows["layer"] == CURRENT, "share"]
    assert shares.sum() == pytest.approx(1, abs=1e-8)


def test_approved_land_and_the_rest_add_up_to_the_site():
    plan = complete(
        land_case=[{"box": [0, 0, 300, 1000], "class_code": "1001", "document": "示政土字〔2024〕1号"}],
        **{CURRENT: [{"box": [0, 0, 1000, 1000], "class_code": "0101"}]},
    )
    rows = judged(plan, 0, 0, 1000, 100).rows.query("layer == @CURRENT")
    assert dict(zip(rows["effect"], rows["share"].round(7), strict=True)) == {"condition": 0.7, "inform": 0.3}


def test_moving_site_and_plan_by_whole_metres_changes_nothing():
    plan = complete(**{FARMLAND: [[0, 0, 1000, 1000]], REDLINE: [[1500, 0, 2000, 900]]})
    there = judged(plan, 900, 100, 1600, 500).rows
    moved = replace(plan, layers={id_: frame.set_geometry(frame.translate(137, -2048)) for id_, frame in plan.items()})
    here = gis.site(moved, translate(box(900, 100, 1600, 500), 137, -2048), "1001", way_out=False).rows
    assert here["status"].tolist() == there["status"].tolist()
    assert here["area_m2"].to_numpy() == pytest.approx(there["area_m2"].to_numpy(), rel=1e-7, nan_ok=True)


@pytest.mark.parametrize("west", [905, 950, 1040])
def test_a_way_out_asked_again_is_compliant(west):
    plan = complete(municipality=[[-9000, -9000, 9000, 9000]], **{FARMLAND: [[1000, 0, 1200, 2000]]})
    ways = gis.site(plan, box(west, 500, west + 100, 600), "1001").ways_out
    assert len(ways)
    for way in ways.geometry:
        assert gis.site(plan, way, "1001", way_out=False).answer in ("no_conflict", "conditional")


def test_two_halves_of_a_site_add_up_and_are_judged_as_one():
    plan = complete(**{FARMLAND: [[0, 0, 1000, 1000]]})
    whole, west, east = (judged(plan, *each) for each in ((900, 0, 1100, 400), (900, 0, 970, 400), (970, 0, 1100, 400)))
    parts = gpd.GeoDataFrame(geometry=[box(900, 0, 970, 400), box(970, 0, 1100, 400)], crs=CRS)
    together = gis.site(plan, parts, "1001", way_out=False)
    one, two, three, all_ = (row(each, FARMLAND)["area_m2"] for each in (whole, west, east, together))
    assert two + three == pytest.approx(one, abs=1e-5) == all_


@settings(max_examples=5)
@given(st.lists(st.tuples(st.floats(0, 900), st.floats(1, 400), st.floats(0, 300)), min_size=1, max_size=40))
def test_a_bigger_site_never_has_a_smaller_hit(drawn_sites):
    small = [box(x, 10, x + size, 10 + size) for x, size, _ in drawn_sites]
    large = [box(x, 10, x + size + more, 10 + size + more) for x, size, more in drawn_sites]
    rows = gis.sites(PLAN, gpd.GeoSeries(small + large, crs=CRS), "1001").rows.query("layer == @FARMLAND")
    m2, hit = rows["area_m2"].to_numpy().reshape(2, -1), rows["status"].eq("hit").to_numpy().reshape(2, -1)
    order = rows["site"].astype(int).to_numpy().argsort()
    assert (order == np.arange(len(rows))).all()
    assert (m2[1] >= m2[0] - 1e-6).all()
    assert (hit[1] >= hit[0]).all()


PLAN = complete(**{FARMLAND: [[0, 0, 500, 500], [600, 0, 900, 300]]})


def test_200_random_sites_equal_plain_shapely():
    """Written apart from the package: intersection and union of plain geometries, in a place where 1 km² is 1 km²."""
    rng = np.random.default_rng(5)
    layers = {FARMLAND: _blobs(rng, 60), REDLINE: _blobs(rng, 12, 900), "urban_green_line": _blobs(rng, 80)}
    frames = {
        id_: gpd.GeoDataFrame({"feature_id": [str(n) for n in range(len(every))]}, geometry=every, crs=CRS)
        for id_, every in layers.items()
    }
    sites = _blobs(rng, 200)
    plan = replace(complete(), layers={**complete().layers, **frames})
    rows = gis.sites(plan, gpd.GeoSeries(sites, crs=CRS), "1001").rows
    for id_, features in layers.items():
        expected = [
            shapely.area(shapely.union_all([shapely.intersection(site, each) for each in features])) for site in sites
        ]
        mine = rows[rows["layer"] == id_].groupby(rows["site"].astype(int))["area_m2"].sum().sort_index()
        assert mine.to_numpy() == pytest.approx(expected, rel=1e-6, abs=0.01)


def _blobs(rng, count, size=300):
    out = []
    for _ in range(count):
        angle = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(4, 30)))
        reach = rng.uniform(0.3, 1, len(angle)) * rng.uniform(20, size)
        x, y = rng.uniform(0, 3000, 2) + np.array(ORIGIN)
        ring = shapely.Polygon(np.c_[x + reach * np.cos(angle), y + reach * np.sin(angle)])
        out.append(shapely.make_valid(ring) if not ring.is_valid else ring)
    return [each if each.geom_type in ("Polygon", "MultiPolygon") else each.buffer(0) for each in out]


def test_one_of_many_is_answered_as_it_is_alone():
    plan = complete(**{FARMLAND: [[0, 0, 1000, 1000]], CURRENT: [{"box": [0, 0, 3000, 3000], "class_code": "0101"}]})
    places = [box(900, 0, 1100, 500), box(1500, 0, 1600, 100), box(1000, 0, 1100, 100)]
    many = gis.sites(plan, gpd.GeoSeries(places, crs=CRS), "1001")
    alone = [gis.site(plan, each, "1001", way_out=False) for each in places]
    assert many.answers.tolist() == [each.answer for each in alone]
    assert [len(each.rows) for each in alone] == many.rows.groupby("site").size().tolist()


# --- land, obligations, corridors


def test_land_is_told_by_village_class_three_classes_and_ownership_and_approval_comes_first():
    plan = complete(
        survey_parcel=[
            {"box": [0, 0, 100, 100], "class_code": "0101", "ownership": "30", "seat_name": "上村"},
            {"box": [100, 0, 200, 100], "class_code": "0602", "ownership": "10", "seat_name": "下村"},
        ],
        land_case=[{"box": [0, 0, 50, 100], "class_code": "1001", "document": "示政土字〔2024〕1号"}],
    )
    land = judged(plan, 0, 0, 200, 100).land
    told = {
        (r.village, r.class_code, r.three_class, r.ownership, r.approved): round(r.area_m2) for r in land.itertuples()
    }
    assert told == {
        ("上村", "0101", "农用地", "集体", False): 5000,
        ("上村", "1001", "建设用地", "集体", True): 5000,
        ("下村", "0602", "建设用地", "国有", False): 10_000,
    }


def test_debts_are_cultivated_land_farmland_with_its_grade_and_land_outside_the_boundary():
    plan = complete(
        survey_parcel=[{"box": [0, 0, 1000, 1000], "class_code": "0101", "ownership": "30"}],
        urban_development_boundary=[{"box": [50, 0, 1000, 1000], "zone_code": "410"}],
        **{FARMLAND: [{"box": [0, 0, 50, 100], "grade": 6}, {"box": [50, 0, 100, 50], "grade": 9}]},
    )
    owed = judged(plan, 0, 0, 100, 100).obligations.iloc[0]
    assert owed["compensation_mu"] == pytest.approx(15, rel=1e-6)  # 1 ha is 15 mu
    assert owed["redesignation_mu"] == pytest.approx(15 * 0.75, rel=1e-6)
    assert owed["grade"] == pytest.approx((0.5 * 6 + 0.25 * 9) / 0.75, rel=1e-6)
    assert owed["outside_ha"] == pytest.approx(0.5, rel=1e-6)


def test_a_debt_that_nobody_can_know_is_missing_not_zero():
    assert np.isnan(judged(complete(), 0, 0, 100, 100).obligations["compensation_mu"].iloc[0])


def test_a_centre_line_becomes_a_corridor_cut_by_the_kilometre_that_adds_up():
    plan = complete(**{FARMLAND: [[500, -500, 700, 500]]})
    answer = gis.site(plan, road((0, 0), (1500, 0), (1500, 800)), "1202", kind="linear", way_out=False)
    strips = answer.strips
    whole = strips[strips["layer"] == ""]
    assert whole["to_km"].tolist() == pytest.approx([1.0, 2.0, 2.3], rel=1e-6)
    assert whole["area_m2"].sum() == pytest.approx(2300 * 20, rel=1e-6)  # a mitred bend has the area of its two bands
    assert strips[strips["layer"] == FARMLAND]["area_m2"].sum() == pytest.approx(200 * 20, rel=1e-6)


def test_a_crossing_is_told_by_chainage_length_and_width():
    plan = complete(**{FARMLAND: [[500, -500, 700, 500]]})
    crossing = gis.site(plan, road((0, 0), (1500, 0)), "1202", kind="linear", way_out=False).crossings.iloc[0]
    assert (crossing["from_km"], crossing["to_km"], crossing["length_m"]) == pytest.approx((0.5, 0.7, 200.0), rel=1e-6)
    assert (crossing["width_m"], crossing["area_m2"]) == pytest.approx((20, 4000), rel=1e-6)


def road(*points, width=20.0):
    line = translate(shapely.LineString(points), *ORIGIN)
    return Site(gpd.GeoDataFrame({"width_m": [width]}, geometry=[line], crs=CRS))


# --- what is no site


@pytest.mark.parametrize(
    ("geometry", "said"),
    [
        (shapely.Point(500_000, 3_400_000), "是点"),
        (shapely.LineString([(500_000, 3_400_000), (500_100, 3_400_000)]), "没有宽度"),
        (shapely.Polygon(), "没有图形"),
        (shapely.box(120, 30, 120.001, 30.001), "像经纬度"),
    ],
)
def test_what_has_no_area_is_an_error_that_says_why(geometry, said):
    with pytest.raises(AnalysisError, match=said):
        gis.site(complete(), geometry, "1001")


def test_no_parcel_no_crs_and_unknown_words_are_errors():
    plan, frame = complete(), gpd.GeoDataFrame(geometry=[box(0, 0, 9, 9)], crs=CRS)
    with pytest.raises(AnalysisError, match="没有地块"):
        gis.site(plan, frame.iloc[:0], "1001")
    with pytest.raises(CrsError, match="没有坐标系"):
        gis.site(plan, gpd.GeoDataFrame(geometry=[box(0, 0, 9, 9)]), "1001")
    with pytest.raises(AnalysisError, match="用途 '9999'"):
        gis.site(plan, frame, "9999")
    with pytest.raises(RuleError, match="项目类型"):
        gis.site(plan, frame, "1001", kind="castle")


def test_a_site_that_crosses_itself_is_repaired_and_said():
    bow = shapely.Polygon([(500_000, 3_400_000), (500_100, 3_400_100), (500_100, 3_400_000), (500_000, 3_400_100)])
    answer = gis.site(complete(**{FARMLAND: [[0, 0, 1000, 1000]]}), bow, "1001", way_out=False)
    assert any("自相交" in each.zh and "修复" in each.zh for each in answer.notices)
    assert row(answer, FARMLAND)["area_m2"] == pytest.approx(5000, rel=1e-7)


def test_a_site_in_degrees_is_brought_to_the_plan_and_that_is_said():
    plan = complete(**{FARMLAND: [[0, 0, 1000, 1000]]})
    degrees = gpd.GeoDataFrame(geometry=[box(900, 0, 1100, 500)], crs=CRS).to_crs("EPSG:4490")
    answer = gis.site(plan, degrees, "1001", way_out=False)
    assert row(answer, FARMLAND)["area_m2"] == pytest.approx(50_000, rel=1e-6)
    assert any("转换到规划" in each.zh for each in answer.notices)


def test_a_sliver_and_ten_thousand_vertices_have_their_answer():
    plan = complete(**{FARMLAND: [[0, 0, 1000, 1000]]})
    assert row(judged(plan, 500, 0, 500.3, 900), FARMLAND)["status"] == "hit"
    angle = np.linspace(0, 2 * np.pi, 10_000, endpoint=False)
    disc = shapely.Polygon(np.c_[np.cos(angle), np.sin(angle)] * 100 + np.array(ORIGIN) + 500)
    assert row(gis.site(plan, disc, "1001", way_out=False), FARMLAND)["area_m2"] == pytest.approx(disc.area, rel=1e-6)


def test_the_given_site_is_not_changed():
    frame = gpd.GeoDataFrame(geometry=[box(0, 0, 100, 100)], crs=CRS)
    before = frame.copy()
    gis.site(complete(), frame, "1001", way_out=False)
    assert frame.equals(before)


def test_a_plan_without_sites_does_not_list_the_rules_on_sites_and_selected_they_say_why():
    plan = complete()
    assert not any(id_.startswith("ST") for id_ in gis.check(plan, ignore="CR,DQ,TP").outcomes)
    assert gis.check(plan, select="ST01").outcomes["ST01"].status == "not_run"


def test_the_findings_of_a_site_are_those_of_its_rows():
    answer = judged(complete(**{FARMLAND: [[0, 0, 1000, 1000]]}), 900, 0, 1100, 500)
    told = {each.rule for each in answer.findings}
    assert told == set(answer.rows.query("effect in ('prohibit', 'condition') and status == 'hit'")["rule"])


@pytest.mark.parametrize("ask", [gis.site, gis.sites])
def test_bare_shapes_with_swapped_axes_are_told_so(ask):
    plan = drawn({"county": [[0, 0, 10_000, 10_000]], "ecological_redline": [[0, 0, 1000, 1000]]})
    swapped = shapely.box(3_405_000, 505_000, 3_405_100, 505_100)
    told = ask(plan, swapped, "1001").notices
    assert any("坐标次序" in each.zh or "互换" in each.zh or "颠倒" in each.zh for each in told), told


def test_a_layer_of_sites_that_lies_elsewhere_is_told_so():
    plan = drawn({"county": [[0, 0, 10_000, 10_000]], "ecological_redline": [[0, 0, 1000, 1000]]})
    far = gpd.GeoSeries([shapely.box(600_000 + d, 3_400_000, 600_050 + d, 3_400_050) for d in (0, 100)], crs=plan.crs)
    answers = gis.sites(plan, far, "1001")
    assert len(answers.notices) == 1 and set(answers.answers) == {"undecidable"}
