"""What `gis explain` says of everything that has a name."""

from __future__ import annotations

from datetime import date

import pytest

import gis
from gis.errors import RuleError
from gis.i18n import Text
from gis.model.profile import Clause
from gis.present.explain import explain, listing
from gis.present.explain_clauses import _FORMS, clauses_page
from gis.rules.clauses import clause_rule


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", [*gis.TABLES, *gis.SOURCES, "clauses"])
def test_tables_sources_and_clauses_are_explained(name, language):
    assert name in explain(name, language) or name == "clauses"
    assert name in listing(language)


def test_a_table_goes_by_its_chinese_name():
    assert explain("质检结果") == explain("t_official_check")


def test_a_source_says_whether_it_is_in_force_on_the_day():
    law = gis.SOURCES["land-law"]
    assert law.in_force_from == "2020-01-01"
    assert "尚未施行" in explain("land-law", as_of=date(2019, 12, 31))
    assert "现行有效" in explain("land-law", as_of=date(2020, 1, 1))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_form_of_clause_that_is_shown_is_understood(language):
    for _, said in _FORMS:
        assert clause_rule(Clause("XC01", Text("甲", "a"), said.render(language))).id == "XC01"
        assert said.render(language) in clauses_page(language)


def test_a_name_nobody_knows_is_an_error_in_both_languages():
    with pytest.raises(RuleError, match=r"没有名为[\s\S]*No rule"):
        explain("nothing")
