"""Every candidate of the catalogue has become a rule, or says why not."""

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
    if not row["rules"]:
        assert row["reason_zh"] and row["reason_en"].isascii()


def test_no_candidate_stands_twice():
    names = [row["candidate"] for row in ROWS]
    assert len(names) == len(set(names))


def test_every_candidate_is_mapped(shared_data):
    with (shared_data.parent / "standards" / "rules.csv").open(encoding="utf-8", newline="") as candidates:
        assert {row["id"] for row in csv.DictReader(candidates)} == {row["candidate"] for row in ROWS}
