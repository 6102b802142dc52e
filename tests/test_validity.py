"""Every kind of bad geometry gets its name, its place and a stated repair."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import zoo
from zoo import array

from gis.geometry import validity


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        (zoo.SQUARE, ""),
        (zoo.SQUARE_WITH_HOLE, ""),
        (zoo.MULTIPART, ""),
        (zoo.SLIVER, ""),
        (zoo.Z_SQUARE, ""),
        (zoo.DOUBLED_VERTEX, ""),
        (zoo.NONE, "null"),
        (zoo.EMPTY, "empty"),
        (zoo.LINE, "wrong_type"),
        (zoo.POINT, "wrong_type"),
        (shapely.Point(), "wrong_type"),
        (zoo.NAN, "non_finite"),
        (zoo.BOW_TIE, "self_intersection"),
        (zoo.ZERO_AREA, "self_intersection"),
        (zoo.OVERLAPPING_PARTS, "self_intersection"),
        (zoo.RING_TOUCHES_ITSELF, "ring_self_intersection"),
        (zoo.NESTED_HOLE, "nested_holes"),
        (zoo.HOLE_OUTSIDE, "hole_outside"),
        (zoo.NESTED_PARTS, "nested_parts"),
        (zoo.CUT_BY_HOLE, "disconnected"),
    ],
)
def test_each_fault_has_its_code_and_wording(geometry, code):
    codes, texts, places = validity.reasons([geometry])
    assert codes.tolist() == [code]
    assert texts[0] == validity.FAULTS[code]
    assert (places[0] is None) == (code in ("", "null", "empty", "wrong_type"))


def test_every_wording_but_that_of_no_fault_is_there_in_both_languages():
    assert all(text.zh and text.en for code, text in validity.FAULTS.items() if code)


def test_a_bow_tie_is_marked_where_it_crosses():
    _, _, (place,) = validity.reasons([zoo.BOW_TIE])
    assert place.distance(shapely.Point(zoo.X + 50, zoo.Y + 50)) < 1e-6


def test_a_vertex_that_is_no_number_is_marked_at_the_first_that_is():
    _, _, (place,) = validity.reasons([zoo.NAN])
    assert place.equals(shapely.Point(zoo.X, zoo.Y))


def test_an_infinite_coordinate_is_found():
    with np.errstate(invalid="ignore"):
        endless = shapely.Polygon([(0, 0), (float("inf"), 0), (1, 1)])
    assert validity.reasons([endless])[0].tolist() == ["non_finite"]


def test_the_repair_of_a_bow_tie_keeps_both_wings():
    (fixed,), changed = validity.repaired([zoo.BOW_TIE])
    assert fixed.area == pytest.approx(2 * 2_500)
    assert changed.tolist() == [True]


def test_what_is_sound_or_missing_stays_the_same_object():
    given = array(zoo.SQUARE, None, zoo.EMPTY, zoo.MULTIPART)
    fixed, changed = validity.repaired(given)
    assert all(a is b for a, b in zip(fixed, given, strict=True))
    assert not changed.any()


def test_what_has_no_area_left_becomes_an_empty_polygon():
    fixed, changed = validity.repaired(array(zoo.LINE, zoo.NAN, zoo.ZERO_AREA, zoo.POINT))
    assert changed.all()
    assert shapely.is_empty(fixed).all()
    assert (shapely.get_type_id(fixed) == 3).all()


def test_overlapping_parts_are_counted_once_after_repair():
    (fixed,), _ = validity.repaired([zoo.OVERLAPPING_PARTS])
    assert fixed.area == pytest.approx(15 * 10)


def test_a_hole_inside_a_hole_leaves_the_larger_one():
    (fixed,), _ = validity.repaired([zoo.NESTED_HOLE])
    assert fixed.area == pytest.approx(100 * 100 - 50 * 50)


def test_everything_is_valid_after_repair_and_the_input_is_left_as_it_was():
    given = array(*zoo.specimens().values())
    before = shapely.to_wkb(given).tolist()
    fixed, _ = validity.repaired(given)
    codes = validity.reasons(fixed)[0]
    assert set(codes) <= {"", "null", "empty"}
    assert shapely.to_wkb(given).tolist() == before


def test_no_features_have_no_faults():
    assert [len(each) for each in validity.reasons([])] == [0, 0, 0]
    assert [len(each) for each in validity.repaired([])] == [0, 0]
