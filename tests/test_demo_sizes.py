"""The sizes of the invented city: faces cut into fields stay a coverage, and large cities are lawful, quick to draw and small in memory."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import shapely

from gis.demo import demo_plan
from gis.demo.coverage import neighbours, smallest_angles
from gis.demo.faults import plant
from gis.demo.fields import fields
from gis.demo.names import COUNTIES, town_names
from gis.demo.noding import noded
from gis.demo.sizes import SIZES
from gis.demo.terrain import make_terrain
from gis.model.finding import Severity, Verdict
from gis.rules import check

SIDE = 600.0  # m
WANTED = 10_000.0  # m²


def squares(count: int = 3):
    return np.array([shapely.box(SIDE * i, SIDE * j, SIDE * (i + 1), SIDE * (j + 1))
                     for i in range(count) for j in range(count)], dtype=object)  # fmt: skip


def cut(faces, wanted=WANTED, rough=0.1, seed=0):
    return fields(faces, np.full(len(faces), wanted), np.full(len(faces), rough), seed)[:2]


def places(found) -> set[tuple[str, str]]:
    return {
        (each.rule, feature)
        for each in found.open
        if each.severity is not Severity.NOTE and each.verdict is Verdict.VIOLATED
        for feature in each.features
    }


def test_pieces_are_a_coverage_of_the_same_ground():
    pieces, _ = cut(squares())
    assert shapely.is_valid(pieces).all()
    assert shapely.coverage_is_valid(pieces)
    assert shapely.area(pieces).sum() == pytest.approx(9 * SIDE**2, abs=1.0)
    assert shapely.equals(shapely.coverage_union_all(pieces), shapely.box(0, 0, 3 * SIDE, 3 * SIDE))


def test_ragged_cuts_of_crooked_faces_never_cross():
    rng = np.random.default_rng(11)
    for seed in range(20):
        turns = np.linspace(0.0, 2.0 * np.pi, 60, endpoint=False)
        reach = 600.0 * (1.0 + 0.3 * rng.uniform(-1.0, 1.0, 60))
        faces = np.array([shapely.Polygon(np.column_stack([np.cos(turns), np.sin(turns)]) * reach[:, None])])
        pieces, _ = cut(faces, wanted=6_000.0, rough=0.17, seed=seed)
        assert shapely.is_valid(pieces).all()
        assert shapely.coverage_is_valid(pieces)


def test_pieces_of_a_face_make_up_the_face():
    faces = squares()
    pieces, parent = cut(faces)
    assert (np.diff(parent) >= 0).all()
    for number, face in enumerate(faces):
        mine = shapely.coverage_union_all(pieces[parent == number])
        assert shapely.symmetric_difference(mine, face).area < 1.0  # new vertices on shared edges are rounded to 0.1 mm


def test_outlines_are_the_unions_of_the_faces_of_each_group():
    pieces, _, mesh = fields(squares(4), np.full(16, WANTED), np.full(16, 0.1), 0)
    rng = np.random.default_rng(5)
    for groups in (2, 3, 8):  # groups within groups, touching themselves and each other in points
        group = rng.integers(-1, groups, len(pieces))
        number, grounds = mesh.outlines(group)
        assert number.tolist() == sorted(set(group[group >= 0].tolist()))
        assert shapely.is_valid(grounds).all()
        for each, ground in zip(number, grounds, strict=True):
            assert shapely.equals(ground, shapely.coverage_union_all(pieces[group == each]))


def test_the_mesh_knows_the_neighbours_of_the_pieces():
    pieces, _, mesh = fields(squares(), np.full(9, WANTED), np.full(9, 0.1), 0)
    first, second, length = neighbours(pieces)
    assert (mesh.neighbours()[0] == first).all()
    assert (mesh.neighbours()[1] == second).all()
    np.testing.assert_allclose(mesh.neighbours()[2], length)


def test_pieces_are_about_as_large_as_wanted_and_of_fair_shape():
    pieces, _ = cut(squares())
    area = shapely.area(pieces)
    assert area.max() < 1.6 * WANTED
    assert area.min() > 0.25 * WANTED
    assert smallest_angles(pieces).min() > 20.0
    assert (2.0 * area / shapely.length(pieces)).min() > 10.0


def test_vertices_are_multiples_of_a_tenth_of_a_millimetre_and_apart():
    pieces, _ = cut(squares())
    xy, ring = shapely.get_coordinates(pieces, return_index=True)
    assert (xy == np.round(xy, 4)).all()
    step = np.hypot(*np.diff(xy, axis=0).T)[ring[1:] == ring[:-1]]
    assert step.min() > 1.0


def test_a_face_that_is_to_stay_whole_gets_only_the_vertices_of_its_neighbours():
    faces = squares()
    wanted = np.where(np.arange(9) == 4, 0.0, WANTED)
    pieces, parent, _ = fields(faces, wanted, np.zeros(9), 0)
    (middle,) = pieces[parent == 4]
    assert shapely.symmetric_difference(middle, faces[4]).area < 1.0
    assert shapely.get_num_coordinates(middle) > 5


def test_a_face_with_a_hole_stays_whole_and_keeps_it():
    pond = shapely.box(200, 200, 400, 400)
    faces = np.array([shapely.difference(shapely.box(0, 0, SIDE, SIDE), pond), pond], dtype=object)
    pieces, parent = cut(faces)
    (rim,) = pieces[parent == 0]
    assert shapely.get_num_interior_rings(rim) == 1
    assert (parent == 1).sum() > 1
    assert shapely.coverage_is_valid(pieces)


def test_the_same_seed_cuts_the_same_and_another_seed_does_not():
    one, again, other = (cut(squares(), seed=seed)[0] for seed in (0, 0, 1))
    assert (shapely.to_wkb(one) == shapely.to_wkb(again)).all()
    assert len(one) != len(other) or not shapely.equals_exact(one, other).all()


def test_without_roughness_lines_between_pieces_are_straight():
    pieces, _ = cut(squares(1), rough=0.0)
    angles = np.concatenate([np.degrees(np.arctan2(*np.diff(shapely.get_coordinates(p), axis=0).T)) for p in pieces])
    aside = np.abs((angles + 45.0) % 90.0 - 45.0)  # from the sides of the square
    assert np.quantile(aside, 0.95) < 5.0  # a cut that ends at a vertex near by leans a little


def segments(lines) -> set[tuple[float, ...]]:
    xy, line = shapely.get_coordinates(lines, return_index=True)
    ends = np.hstack([xy[:-1], xy[1:]])[line[1:] == line[:-1]]
    return {min(tuple(each), tuple(each[[2, 3, 0, 1]])) for each in ends}


def test_linework_noded_in_tiles_is_what_it_is_in_one_piece():
    rng = np.random.default_rng(7)
    start = rng.uniform(0.0, 20_000.0, (600, 1, 2))
    steps = rng.normal(0.0, 60.0, (600, 45, 2))
    lines = shapely.linestrings(start + np.cumsum(steps, axis=1))
    whole, tiled = noded(lines), noded(lines, tile=7_000.0)
    assert len(whole) > 2 * len(lines)
    assert segments(whole) == segments(tiled)
    assert sum(shapely.get_num_coordinates(tiled) - 1) == len(segments(tiled))


def test_the_height_grid_has_the_size_asked_for():
    terrain = make_terrain(0, replace(SIZES["town"], rows=120, columns=160))
    assert terrain.height.shape == (120, 160)
    assert terrain.catchment.max() == pytest.approx(120 * 160 * 0.01)  # km²: everything leaves at one place


def test_names_of_towns_are_distinct_and_there_is_a_county_for_each_county_town():
    for size in SIZES.values():
        assert len(set(town_names(size.towns + size.counties))) == size.towns + size.counties
        assert len(COUNTIES) >= 2 + size.counties


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_every_county_is_clean_and_its_faults_are_found(seed):
    clean = demo_plan("county", seed=seed)
    assert 80_000 <= len(clean["survey_parcel"]) <= 125_000
    assert places(check(clean)) == set()
    plan, faults = plant(clean)
    assert places(check(plan)) == set().union(*(each.causes for each in faults))


@pytest.mark.long
def test_parcels_of_a_county_are_a_coverage_of_fields_of_a_hectare():
    plan = demo_plan("county")
    parcels = plan["survey_parcel"]
    assert shapely.coverage_is_valid(parcels.geometry.to_numpy())
    rural = parcels[parcels["class_code"].str[:2].isin(["01", "02", "03"])]
    assert 10_000 <= rural["area_m2"].median() <= 100_000
    assert len(plan["permanent_basic_farmland"]) > 20_000
    vertices = shapely.get_num_coordinates(plan["ecological_redline"].geometry.to_numpy())
    assert vertices.max() > 3_000


@pytest.mark.long
def test_the_city_of_a_million_parcels_takes_five_minutes_and_eight_gigabytes_at_most():
    measured = (
        "import json, time, psutil, gis\n"
        "start = time.process_time()\n"
        "plan = gis.demo_plan('city')\n"
        "peak = getattr(psutil.Process().memory_info(), 'peak_wset', 0)\n"
        "if not peak:\n"
        "    import resource\n"
        "    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024\n"
        "print(json.dumps([len(plan['survey_parcel']), time.process_time() - start, peak]))\n"
    )
    done = subprocess.run([sys.executable, "-c", measured], check=True, capture_output=True, encoding="utf-8")
    parcels, seconds, peak = json.loads(done.stdout)
    assert 900_000 <= parcels <= 1_150_000
    assert seconds <= 300.0  # of all cores together
    assert peak <= 8e9


@pytest.mark.long
def test_the_city_is_clean_and_its_faults_are_found():
    clean = demo_plan("city")
    assert places(check(clean)) == set()
    plan, faults = plant(clean)
    assert places(check(plan)) == set().union(*(each.causes for each in faults))
