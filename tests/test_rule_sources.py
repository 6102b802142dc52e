"""Every candidate of the catalogue has become a rule, or says why not; a rule may say what it does not see."""

from __future__ import annotations

import csv

import pytest

from gis.rules import RULES
from gis.standards import packaged

with packaged("data", "standards", "rule_sources.csv").open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["candidate"])
def test_a_candidate_names_rules_that_exist_or_a_reason_in_both_languages(row):
    assert set(row["rules"].split()) <= set(RULES)
    assert bool(row["reason_zh"]) == bool(row["reason_en"]) and row["reason_en"].isascii()
    assert row["rules"] or row["reason_zh"]


def test_what_became_a_rule_says_so_and_beside_it_at_most_what_the_rule_does_not_see():
    for row in ROWS:
        assert row["status"] != "rule" or row["rules"]


def test_no_candidate_stands_twice():
    names = [row["candidate"] for row in ROWS]
    assert len(names) == len(set(names))


def test_every_candidate_is_mapped(shared_data):
    with (shared_data.parent / "standards" / "rules.csv").open(encoding="utf-8", newline="") as candidates:
        assert {row["id"] for row in csv.DictReader(candidates)} == {row["candidate"] for row in ROWS}
