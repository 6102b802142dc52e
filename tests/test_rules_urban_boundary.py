"""The rules on building outside the boundary, its increment and its maintenance: severities, readings, who tells what."""

from __future__ import annotations

from datetime import date

from gis.model.drawn import drawn
from gis.model.finding import Severity, Status
from gis.rules import check

BOUNDARY = {"urban_development_boundary": [{"box": [0, 0, 1000, 1000], "zone_code": "410"}]}


def _severities(id_, layers, **said):
    return {each.feature: each.severity for each in check(drawn({**BOUNDARY, **layers}, **said), select=id_)}


def test_planned_land_outside_is_told_once_however_large():
    plan = drawn({**BOUNDARY, "land_use_plan": [{"box": [2000, 0, 2300, 300], "class_code": "1001"}]})
    found = check(plan, select="UB05,UB08")
    assert [each.rule for each in found] == ["UB05"]
    assert [(each.rule, each.subsumed_by) for each in found.subsumed] == [("UB08", "UB05")]


def test_a_large_project_outside_is_concentrated_building_and_no_scattered_one():
    project = {"box": [2000, 0, 2300, 300], "class_code": "1001", "accepted_on": "2024-05-06", "reason_outside": None}
    found = check(drawn({**BOUNDARY, "project": [project]}), select="UB08,UB09")
    assert [each.rule for each in found] == ["UB08"]


def test_a_park_approved_before_the_boundary_weighs_less_than_a_new_one():
    days = ("2024-01-01", "2006-01-01", None)
    parks = [{"box": [2000 * n, 2000, 2000 * n + 100, 2099], "approved_on": day} for n, day in enumerate(days)]
    assert _severities("UB24", {"park": parks}) == {"0": Severity.ERROR, "1": Severity.NOTE, "2": Severity.NOTE}


def test_building_found_by_survey_with_an_approval_is_a_note():
    parcel = {"class_before": "0103", "class_code": "0601", "settlement_code": "201", "year": 2023}
    survey = [
        {"box": [2000, 0, 2100, 99], **parcel, "approval": None},
        {"box": [3000, 0, 3100, 99], **parcel, "approval": "某政土〔2022〕1号"},
    ]
    assert _severities("UB25", {"change_survey": survey}) == {"0": Severity.WARNING, "1": Severity.NOTE}


def _increment(id_, used, **said):
    """The outcome for 100 ha of increment, of which `used` (year → ha) was used."""
    account = [{"account": str(year), "kind": "增量", "year": year, "used_ha": ha} for year, ha in used.items()]
    tables = {"t_quota_account": [{"account": "A", "kind": "增量", "year": 2021, "issued_ha": 100.0}, *account]}
    return check(drawn({}, tables=tables, **said), select=id_).outcomes[id_].status


def test_the_ceiling_of_the_increment_moves_with_the_day_of_the_plan():
    used = {2021: 20.0, 2024: 25.0}  # 45 %
    assert _increment("UB20", used, as_of=date(2025, 6, 30)) is Status.FAILED
    assert _increment("UB20", used, as_of=date(2024, 6, 30)) is Status.FAILED
    assert _increment("UB20", used, as_of=date(2026, 6, 30)) is Status.PASSED
    assert _increment("UB20", used, as_of=date(2036, 6, 30)) is Status.NOT_RUN


def test_what_one_period_leaves_the_next_may_use():
    # 75 ha until 2030 less 10 ha before 2026 are 65 ha, 13 a year; 65 - 4 · 0.8 · 13 = 23.4 ha may be used in 2026
    for spent, expected in ((23.0, Status.PASSED), (24.0, Status.FAILED)):
        assert _increment("UB21", {2022: 10.0, 2026: spent}, as_of=date(2026, 12, 31)) is expected


def test_the_name_of_a_file_says_which_layer_its_maintenance_changes():
    pieces = [{"box": [0, 0, 100, 100], "change_kind": "1", "counted_as": None}]
    for name, count in (("WHCCZKFBJ", 1), ("WHCGHFQ", 0)):
        plan = drawn({"maintenance_change": pieces}, sources={"maintenance_change": {"name": name}})
        assert len(check(plan, select="UB06")) == count
