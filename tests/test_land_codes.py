"""Code conversion: whole tables, what decides a split, and the way back."""

from __future__ import annotations

import numpy as np
import pytest

from gis.analysis.land_codes import STATUSES, from_2020, survey_to_2023, to_2020, to_survey
from gis.standards import code_table

NEW = set(code_table("land_use_classes"))


@pytest.mark.parametrize(
    ("convert", "table"), [(survey_to_2023, "survey_land_classes"), (from_2020, "land_use_classes_2020")]
)
def test_every_code_of_a_table_has_candidates_of_2023_or_no_class_of_its_own(convert, table):
    made = convert(list(code_table(table)))
    assert set(made["status"]) <= set(STATUSES)
    assert {code for said in made["candidates"] for code in said.split()} <= NEW
    without = made["status"] == "unknown"
    assert [code for code, none in zip(code_table(table), without, strict=True) if none] == (
        ["1301", "1302", "1303", "1304"] if table == "survey_land_classes" else []
    )


def test_direct_and_split_codes_are_those_of_the_survey_table():
    rows = [each for each in code_table("survey_land_classes").values() if each.extra["mapping"] in ("direct", "split")]
    made = survey_to_2023([each.code for each in rows])
    assert made["status"].tolist() == [each.extra["mapping"] for each in rows]
    direct = (made["status"] == "direct").to_numpy()
    assert made["code"][direct].tolist() == [
        each.extra["plan_code_2023"] for each, one in zip(rows, direct, strict=True) if one
    ]
    assert made["code"][~direct].isna().all()


def test_every_2020_code_with_one_successor_goes_there_and_comes_back_among_the_candidates():
    old = list(code_table("land_use_classes_2020"))
    made = from_2020(old)
    there = made["code"].notna().to_numpy()
    back = to_2020(made["code"][there].tolist())
    assert all(code in said.split() for code, said in zip(np.array(old)[there], back["candidates"], strict=True))
    certain = (back["status"] == "direct").to_numpy()
    assert back["code"][certain].tolist() == np.array(old)[there][certain].tolist()
    assert certain.sum() > 150


def test_survey_codes_come_back_among_the_candidates():
    codes = [each.code for each in code_table("survey_land_classes").values() if each.extra["mapping"] == "direct"]
    back = to_survey(survey_to_2023(codes)["code"].tolist())["candidates"]
    assert all(code in said.split() for code, said in zip(codes, back, strict=True))


@pytest.mark.parametrize(("settlement", "code"), [("203", "1207"), ("203A", "1207"), ("", None), ("201", None)])
def test_a_rural_road_inside_a_village_is_a_village_street(settlement, code):
    made = survey_to_2023(["1006"], settlement=[settlement])
    assert made["code"].tolist() == [code] if code else made["candidates"].tolist() == ["060101 060102"]


@pytest.mark.parametrize(
    ("survey", "said", "code"),
    [
        ("0204", "油茶林", "0204"),
        ("1202", "畜禽养殖", "060202"),
        ("0810", "防护绿地", "1402"),
        ("05H1", "其他商业服务业", "0904"),
        ("0809", "用途不明", None),
    ],
)
def test_words_decide_a_split_and_the_longest_one_counts(survey, said, code):
    made = survey_to_2023([survey], detail=[said])
    assert made["code"].fillna("").tolist() == [code or ""]
    assert made["status"].tolist() == ["decided" if code else "split"]


def test_shifted_codes_of_2020_are_not_taken_for_their_namesakes():
    assert from_2020(["2302", "2303", "060102", "0602"])["code"].tolist() == ["2303", "060102", "1207", "060201"]


def test_a_missing_code_is_missing_and_an_unknown_one_unknown():
    made = survey_to_2023([None, "", "9999", " 0101 "])
    assert made["status"].tolist() == ["missing", "missing", "unknown", "direct"]


def test_a_hundred_thousand_codes_keep_their_order_and_index():
    codes = np.random.default_rng(0).choice(["0101", "1006", "0702"], 100_000)
    made = survey_to_2023(codes)
    assert (
        made["code"].fillna("").to_numpy() == np.select([codes == "0101", codes == "0702"], ["0101", "0703"], "")
    ).all()
