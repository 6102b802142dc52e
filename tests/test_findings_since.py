"""What is new, gone and unchanged since an earlier check."""

from __future__ import annotations

import json
import random

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely.affinity import translate

import gis
from gis.crs import transformer
from gis.decide.findings_since import Change, findings_since
from gis.i18n import Text
from gis.model.drawn import ORIGIN, drawn
from gis.model.finding import Finding, Findings, Outcome, Severity, Status, Verdict
from gis.present.report import report_html
from gis.read.findings import read_findings


def place(*box: float) -> shapely.Polygon:
    return translate(shapely.box(*box), *ORIGIN)


def one(rule="CL01", feature="f", where=None, other="r", message="重叠") -> Finding:
    layers = ("permanent_basic_farmland", "ecological_redline")
    text = Text(f"{message} {feature}", f"overlap {feature}")
    return Finding(
        rule, Severity.ERROR, Verdict.VIOLATED, layers[0], feature, text, layers[1], other, geometry=where
    )  # fmt: skip


def check(*items: Finding, ran=("CL01", "DQ02"), crs="EPSG:4549", subsumed=()) -> Findings:
    status = {rule: Status.PASSED if rule in ran else Status.NOT_RUN for rule in ("CL01", "DQ02")}
    outcomes = {rule: Outcome(rule, Text(rule, rule), Severity.ERROR, each) for rule, each in status.items()}
    return Findings(tuple(items), outcomes, CRS(crs), subsumed=tuple(subsumed))


def counts(now: Findings, before: Findings) -> tuple[int, ...]:
    """New, gone, unchanged, not compared."""
    return tuple(findings_since(now, before).counts().values())


SQUARE = place(0, 0, 100, 100)


def test_a_finding_elsewhere_is_new_and_the_earlier_one_gone():
    assert counts(check(one(where=place(500, 0, 600, 100))), check(one(where=SQUARE))) == (1, 1, 0, 0)


def test_other_ids_at_the_same_place_are_no_change():
    assert counts(check(one(feature="g", other="s", where=SQUARE)), check(one(where=SQUARE))) == (0, 0, 1, 0)


@pytest.mark.parametrize(("shift_m", "unchanged"), [(0.4, 1), (0.9, 1), (160.0, 0)])
def test_a_place_may_shift_by_the_tolerance(shift_m, unchanged):
    moved = one(feature="g", where=translate(SQUARE, shift_m, 0))
    assert counts(check(moved), check(one(where=SQUARE)))[2] == unchanged


def test_a_strip_beside_the_earlier_strip_is_another_place_for_other_features():
    strip, beside = place(0, 0, 100, 2), place(0, 2, 100, 4)
    assert counts(check(one(feature="g", where=beside)), check(one(where=strip))) == (1, 1, 0, 0)


def test_a_conflict_that_was_mended_in_part_is_still_the_same():
    assert counts(check(one(where=place(0, 0, 30, 100))), check(one(where=SQUARE))) == (0, 0, 1, 0)


def test_another_rule_at_the_same_place_is_another_finding():
    assert counts(check(one(rule="DQ02", where=SQUARE)), check(one(where=SQUARE))) == (1, 1, 0, 0)


def test_of_three_spikes_of_one_feature_the_mended_one_is_gone():
    spikes = [one(where=translate(shapely.Point(x, 0), *ORIGIN)) for x in (0, 50, 99)]
    since = findings_since(check(spikes[2], spikes[0]), check(*spikes))
    assert since.gone == (spikes[1],)


def test_of_two_faults_told_of_one_feature_the_mended_one_is_gone():
    first, second = one("DQ02", where=SQUARE, message="地类"), one("DQ02", where=SQUARE, message="名称")
    assert findings_since(check(second), check(first, second)).gone == (first,)


def test_findings_without_a_place_are_told_apart_by_their_features():
    assert counts(check(one(), one(feature="g")), check(one(), one(feature="h"))) == (1, 1, 1, 0)


def test_what_a_rule_found_that_does_not_run_now_is_not_gone():
    since = findings_since(check(ran=["DQ02"]), check(one(where=SQUARE)))
    assert since.gone == ()
    assert since.before == (Change.NOT_COMPARED,)
    assert "不算消除" in since.summary("zh")


def test_what_a_rule_finds_that_did_not_run_before_is_not_new():
    assert findings_since(check(one()), check(ran=["DQ02"])).now == (Change.NOT_COMPARED,)


def test_what_another_rule_tells_now_is_not_gone():
    assert counts(check(subsumed=[one(where=SQUARE)]), check(one(where=SQUARE)))[1] == 0


def test_an_earlier_check_in_another_crs_is_brought_to_this_one():
    to = transformer("EPSG:4549", "EPSG:4548")
    there = shapely.transform(SQUARE, lambda xy: np.column_stack(to.transform(*xy.T)))
    assert counts(check(one(feature="g", where=SQUARE)), check(one(where=there), crs="EPSG:4548")) == (0, 0, 1, 0)


BOXES = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 4), st.integers(1, 4))
ITEMS = st.lists(
    st.builds(
        lambda rule, feature, box, bare: one(
            rule,
            feature,
            None if bare else place(box[0] * 10, box[1] * 10, (box[0] + box[2]) * 10, (box[1] + box[3]) * 10),
        ),
        st.sampled_from(["CL01", "DQ02"]),
        st.sampled_from("abc"),
        BOXES,
        st.booleans(),
    ),
    max_size=8,
)


@given(ITEMS)
def test_against_itself_all_is_unchanged(items):
    mixed = random.Random(0).sample(items, len(items))
    assert counts(check(*items), check(*mixed)) == (0, 0, len(items), 0)


@given(ITEMS, ITEMS)
def test_swapping_the_checks_mirrors_the_answer(a, b):
    there, back = findings_since(check(*a), check(*b)), findings_since(check(*b), check(*a))
    mirrored = {Change.NEW: Change.GONE}
    assert [mirrored.get(each, each) for each in there.now] == list(back.before)
    assert sorted(back.now) == sorted({Change.GONE: Change.NEW}.get(each, each) for each in there.before)


@given(ITEMS, ITEMS)
def test_new_and_unchanged_are_all_there_is_now(a, b):
    new, gone, unchanged, _ = counts(check(*a), check(*b))
    assert (new + unchanged, gone + unchanged) == (len(a), len(b))


LAYERS = {
    "ecological_redline": [[0, 0, 1000, 1000]],
    "permanent_basic_farmland": [[900, 0, 2000, 1000], [-500, 0, 100, 1000]],
    "urban_development_boundary": [[2000, 0, 4000, 1000]],
    "county": [[-1000, 0, 4000, 1000]],
}


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".json"])
def test_a_findings_file_against_the_check_it_came_from_is_unchanged(tmp_path, ending):
    found = gis.check(drawn(LAYERS), select="CL,TP,DQ")
    assert found.count() > 1
    path = gis.save_findings(found, tmp_path / f"earlier{ending}")
    since = findings_since(found, read_findings(path))
    assert set(since.now) == set(since.before) == {Change.UNCHANGED}


def test_the_files_say_what_became_of_each_finding(tmp_path):
    before = gis.check(drawn(LAYERS), select="CL01")
    mended = LAYERS | {"permanent_basic_farmland": [[1000, 0, 2000, 1000], [-500, 0, 100, 1000]]}
    after = gis.check(drawn(mended), select="CL01")
    since = findings_since(after, before)
    said = json.loads(gis.save_findings(after, tmp_path / "f.json", since=since).read_text("utf-8"))
    assert [each["since"] for each in said["findings"]] == ["unchanged"]
    assert (said["since"]["new"], said["since"]["gone"], said["since"]["unchanged"]) == (0, 1, 1)
    frame = geopandas.read_file(gis.save_findings(after, tmp_path / "f.gpkg", since=since), layer="findings")
    assert frame["since"].tolist() == ["unchanged"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "[]"),
        ("a.json", "{"),
        ("a.json", '{"crs": "EPSG:4549", "findings": [{"rule": 5}]}'),
        ("a.json", '{"crs": "nonsense", "findings": []}'),
        ("a.json", '{"crs": "EPSG:4549", "findings": [{"rule": "CL01", "witness": {"type": "Polygon"}}]}'),
        ("a.gpkg", "no package"),
        ("a.xlsx", ""),
    ],
)
def test_a_file_that_holds_no_findings_is_named_in_both_languages(tmp_path, name, content):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(gis.GisError) as error:
        read_findings(tmp_path / name)
    assert name in error.value.text.zh
    assert name in error.value.text.en


def test_the_report_has_a_paragraph_on_what_changed():
    plan = drawn(LAYERS, name="甲市")
    found = gis.check(plan, select="CL01")
    since = findings_since(found, check())
    page = report_html(plan, found, since=since)
    assert since.paragraph().zh in page
    assert since.paragraph().zh not in report_html(plan, found)
