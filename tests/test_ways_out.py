"""Every way out is proved: it passes the judgement that the site failed, and is the smallest of its kind."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis.analysis.site_layers import Project
from gis.decide.ways_out import WAYS, Search, forbidden_ground, ways_out
from gis.model.drawn import drawn

X, Y = 500_000.0, 3_400_000.0


def ground(west, south, east, north):
    return shapely.box(X + west, Y + south, X + east, Y + north)


@pytest.fixture
def plan():
    """A strip of farmland beside open ground inside the municipality."""
    return drawn(
        {
            "municipality": [[0, 0, 3000, 3000]],
            "permanent_basic_farmland": [[1000, 1000, 1200, 2000]],
            "urban_development_boundary": [[0, 0, 3000, 3000]],
        }
    )


def judged(plan):
    """Conflict where a site shares ground with farmland, by plain shapely."""
    farmland = plan["permanent_basic_farmland"].geometry

    def judge(frame):
        return ["conflict" if farmland.intersects(each).any() else "no_conflict" for each in frame.geometry]

    return judge


HOUSING = Project("0701")


def ways(plan, site, project=HOUSING, **search):
    found = ways_out(plan, site, project, judged(plan), Search(**search))
    return {name: found[found["way"] == name] for name in WAYS}


def test_farmland_is_forbidden_ground_and_the_municipality_holds_the_site(plan):
    found = forbidden_ground(plan, Project("0701"), ground(900, 900, 1300, 1300))
    assert shapely.union_all(found.out).equals(ground(1000, 1000, 1200, 2000))
    assert shapely.union_all(found.inside).covers(ground(900, 900, 1300, 1300))


def test_the_shortest_shift_leaves_the_farmland_by_the_nearest_side(plan):
    shift = ways(plan, ground(930, 1400, 1030, 1500))["shift"].iloc[0]
    assert shift["distance_m"] == pytest.approx(30, abs=0.02)
    assert (shift["direction"], shift["direction_deg"]) == ("西", 270.0)
    assert shift["answer"] == "no_conflict"


def test_a_trim_cuts_what_lies_on_farmland_and_no_more(plan):
    trim = ways(plan, ground(930, 1400, 1030, 1500))["trim"].iloc[0]
    assert trim["cut_m2"] == pytest.approx(3000, abs=0.5)
    assert trim["area_m2"] == pytest.approx(7000, abs=0.5)


def test_what_a_trim_leaves_below_the_least_part_is_cut_too(plan):
    trim = ways(plan, ground(997, 1400, 1297, 1500), min_part_m2=400)["trim"].iloc[0]
    assert trim["area_m2"] == pytest.approx(9700, abs=0.5)


def test_a_site_all_on_farmland_cannot_be_trimmed(plan):
    assert not len(ways(plan, ground(1050, 1400, 1150, 1500))["trim"])


def test_a_bar_is_turned_where_that_spares_a_shift(plan):
    turned = ways(plan, ground(800, 1495, 1020, 1505))["turn"]
    assert len(turned) == 1
    assert turned.iloc[0]["distance_m"] < 20


def test_places_nearby_are_free_and_ranked_by_distance(plan):
    places = ways(plan, ground(1050, 1400, 1150, 1500), most=3)["place"]
    assert places["rank"].tolist() == [1, 2, 3]
    assert places["distance_m"].is_monotonic_increasing
    assert set(places["ranked_by"]) == {"distance"}
    assert not places.intersects(ground(1000, 1000, 1200, 2000)).any()


def test_places_are_ranked_by_the_evaluation_where_the_plan_holds_it():
    plan = drawn(
        {
            "municipality": [[0, 0, 3000, 3000]],
            "permanent_basic_farmland": [[1000, 1000, 1200, 2000]],
            "urban_development_boundary": [[0, 0, 3000, 3000]],
            "eval_urban": [
                {"box": [0, 0, 1100, 3000], "grade": "3"},
                {"box": [1100, 0, 3000, 3000], "grade": "1"},
            ],
        }
    )
    places = ways(plan, ground(1040, 1400, 1140, 1500), most=4)["place"]
    assert set(places["ranked_by"]) == {"grade"}
    assert places["grade"].iloc[0] == pytest.approx(1)
    assert places["grade"].is_monotonic_increasing


def test_a_linear_project_is_trimmed_only(plan):
    found = ways(plan, ground(930, 1400, 1030, 1500), Project("1207", "linear"))
    assert [name for name, some in found.items() if len(some)] in (["trim"], [])


def test_a_way_that_the_judgement_does_not_pass_is_not_told(plan):
    found = ways_out(plan, ground(930, 1400, 1030, 1500), Project("0701"), lambda frame: ["conflict"] * len(frame))
    assert not len(found)
    assert {"way", "distance_m", "answer"} <= set(found.columns)


def test_moving_site_and_plan_together_changes_nothing(plan):
    far = drawn(
        {
            "municipality": [[0, 0, 3000, 3000]],
            "permanent_basic_farmland": [[1007, 1013, 1207, 2013]],
            "urban_development_boundary": [[0, 0, 3000, 3000]],
        }
    )
    first = ways(plan, ground(930, 1400, 1030, 1500))["shift"].iloc[0]
    moved = ways(far, ground(937, 1413, 1037, 1513))["shift"].iloc[0]
    assert first["distance_m"] == pytest.approx(moved["distance_m"], abs=1e-3)
    assert np.isclose(first["cut_m2"], moved["cut_m2"])


def test_where_nothing_is_free_no_way_is_told():
    plan = drawn({"permanent_basic_farmland": [[-5000, -5000, 9000, 9000]]})
    assert not len(ways_out(plan, ground(930, 1400, 1030, 1500), HOUSING, judged(plan)))
