"""The rules on re-designated farmland, the ledger and changes of use: severities, regimes, what numbers may repeat."""

from __future__ import annotations

from gis.model.drawn import drawn
from gis.model.finding import Severity, Verdict
from gis.rules import check

FARMLAND = {"permanent_basic_farmland": [[0, 0, 1000, 1000]]}


def _messages(id_, tables, layers=None, **said):
    return [each.message.en for each in check(drawn(layers or {}, tables=tables, **said), select=id_)]


def test_facility_land_on_farmland_weighs_less_than_a_works_and_more_than_a_ditch():
    classes = {"0601": Severity.ERROR, "1202": Severity.WARNING, "1107": Severity.NOTE}
    survey = [
        {"box": [200 * n, 0, 200 * n + 100, 100], "class_code": code, "year": 2023} for n, code in enumerate(classes)
    ]
    found = check(drawn({**FARMLAND, "change_survey": survey}), select="FP22")
    assert {each.other: each.severity for each in found} == dict(zip("012", classes.values(), strict=True))


def test_a_works_beside_a_field_track_is_a_loss_and_the_track_is_none():
    survey = [
        {"box": [0, 0, 100, 100], "class_code": "0601", "year": 2023},
        {"box": [100, 0, 104, 1000], "class_code": "060102", "year": 2023},
    ]
    found = check(drawn({**FARMLAND, "change_survey": survey}), select="FP22")
    assert [each.others for each in found] == [("0",)]


def test_a_figure_that_every_row_of_a_case_repeats_counts_once():
    rows = [{"case": "X1", "parcel": f"P{n}", "taken_out_mu": 10.0, "area_mu": 5.0} for n in range(2)]
    assert _messages("FP08", {"t_redesignation": rows}) == []
    different = [{**row, "taken_out_mu": lost} for row, lost in zip(rows, (10.0, 6.0), strict=True)]  # 16 against 10 mu
    assert len(_messages("FP08", {"t_redesignation": different})) == 1


def test_the_date_of_a_project_decides_on_the_regime_of_its_rows():
    ledger = {"t_farmland_balance": [{"entry": "E1", "side": "占用", "area_mu": 10.0, "project_id": "X1"}]}
    for day, count in (("2024-12-31", 1), ("2025-01-01", 0)):
        project = {"box": [0, 0, 100, 100], "project_id": "X1", "accepted_on": day}
        assert len(_messages("FP11", ledger, {"project": [project]})) == count


def test_a_yearly_shortfall_is_decided_only_where_the_province_has_issued_its_method():
    rows = [
        {"entry": "E1", "side": "占用", "year": 2025, "area_mu": 120.0},
        {"entry": "E2", "side": "补充", "year": 2024, "area_mu": 100.0},
    ]
    for decided, verdict in ((False, Verdict.UNDECIDABLE), (True, Verdict.VIOLATED)):
        plan = drawn({}, tables={"t_farmland_balance": rows}, parameters={"FP12": {"province_decided": decided}})
        assert [each.verdict for each in check(plan, select="FP12")] == [verdict]


def test_a_pilot_province_approves_the_taking_of_farmland_itself():
    plan = {**FARMLAND, "project": [[0, 0, 100, 100]]}
    assert "by the State Council" in _messages("FP10", {}, plan)[0]
    assert "by the province" in _messages("FP10", {}, plan, parameters={"FP10": {"delegated": True}})[0]
