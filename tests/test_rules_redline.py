"""The rules on major projects in the redline, on what it was before, and on coast and sea."""

from __future__ import annotations

from gis.model.drawn import drawn
from gis.model.finding import Severity
from gis.rules import check

REDLINE = {"ecological_redline": [[0, 0, 1000, 1000]]}


def test_a_major_project_is_asked_for_its_demonstration_and_no_other_for_that():
    project = {
        "box": [0, 0, 100, 100], "accepted_on": "2024-05-06", "activity_item": None, "recognition_doc": None,
        "stage": "农转用报批", "avoidance_doc": None,
    }  # fmt: skip
    for kind, rule in (("国家重大项目", "ER05"), ("市级重点项目", "ER04")):
        plan = drawn({**REDLINE, "project": [{**project, "kind": kind}]})
        assert [each.rule for each in check(plan, select="ER04,ER05")] == [rule]


def test_the_locked_version_comes_before_the_previous_plan():
    related = {
        "locked": {"ecological_redline": [[0, 0, 500, 1000]]},
        "previous": {"ecological_redline": [[0, 0, 2000, 1000]]},
    }
    assert len(check(drawn(REDLINE, related=related), select="ER07")) == 0
    del related["locked"]
    assert len(check(drawn(REDLINE, related=related), select="ER07")) == 1


def test_reclamation_of_a_project_counts_and_that_of_a_national_one_is_a_note():
    sea = {"sea_area": [{"box": [0, 0, 100, 100], "kind": "开放式养殖"}]}
    projects = [
        {"box": [0, 0, 100, 100], "kind": "填海造地", "accepted_on": "2020-05-06"},
        {"box": [200, 0, 300, 100], "kind": "国家重大项目填海", "accepted_on": "2020-05-06"},
        {"box": [400, 0, 500, 100], "kind": "填海造地", "accepted_on": "2010-05-06"},
    ]
    found = check(drawn({**sea, "project": projects}), select="ER21")
    assert {each.feature: each.severity for each in found} == {"0": Severity.ERROR, "1": Severity.NOTE}
