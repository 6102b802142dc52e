"""Every drawn case of every rule, and what must hold of the catalogue as a whole."""

from __future__ import annotations

import re
from dataclasses import replace
from string import Formatter

import pytest

from gis.errors import LayerError
from gis.i18n import Text
from gis.model.concept import concepts, sources
from gis.model.drawn import cases, drawn
from gis.model.layers import LAYERS, layer_title
from gis.present.explain import explain
from gis.present.sketch import sketch
from gis.rules import FAMILIES, RULES, check
from gis.standards import packaged
from gis.units import UNITS

CASES = [pytest.param(case, id=f"{id_} {case.name}") for id_ in sorted(RULES) for case in cases(id_)]


@pytest.mark.parametrize("case", CASES)
def test_a_rule_finds_exactly_what_its_case_says(case):
    found = check(case.plan, select=case.rule)
    outcome = found.outcomes[case.rule]
    assert (outcome.status == "not_run") == case.not_run, outcome.reason
    measured = {"×".join(filter(None, (each.feature, each.other))): each.measure for each in found}
    assert len(measured) == len(found), "two findings at one place"
    assert measured == pytest.approx(case.finds, rel=1e-6, nan_ok=True)
    assert {each.verdict.value for each in found} <= {case.verdict}


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_a_chinese_name_and_an_english_one(case):
    assert re.search(r"[\u4e00-\u9fff]", case.title.zh)
    assert case.title.en == case.name
    assert re.search(r"[A-Za-z]", case.name)
    assert not re.search(r"[\u4e00-\u9fff]", case.name)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_no_two_cases_of_a_rule_have_the_same_name(rule):
    titles = [case.title for case in cases(rule.id)]
    assert len({each.zh for each in titles}) == len({each.en for each in titles}) == len(titles)


def test_a_case_without_a_chinese_name_is_named_with_its_rule(tmp_path, monkeypatch):
    (tmp_path / "CL01.yaml").write_text("cases: [{ name: two squares, layers: {}, finds: {} }]", encoding="utf-8")
    monkeypatch.setattr("gis.model.drawn.packaged", lambda *parts: tmp_path / parts[-1])
    with pytest.raises(LayerError, match=r"CL01.*two squares.*zh"):
        cases("CL01")


@pytest.mark.parametrize("case", CASES)
def test_every_case_can_be_drawn_on_48_by_12_characters_and_a_key(case):
    *rows, key = sketch(case.plan).splitlines()
    assert len(rows) <= 12
    assert all(len(row) <= 48 for row in rows)
    if rows:
        assert all(layer_title(layer).zh in key for layer in case.plan)


def test_a_sketch_marks_an_overlap_thinner_than_a_character_and_no_shared_edge():
    redline, thin = [[0, 0, 1000, 1000]], [[999, 0, 2000, 1000]]  # 1 m of 2000 m on 48 characters
    assert "#" in _rows(sketch(drawn({"ecological_redline": redline, "permanent_basic_farmland": thin})))
    apart = [[1000, 0, 2000, 1000]]
    assert "#" not in _rows(sketch(drawn({"ecological_redline": redline, "permanent_basic_farmland": apart})))


def test_a_sketch_of_nothing_says_so():
    assert sketch(drawn({"ecological_redline": [{"none": True}]}), "en") == "(nothing is drawn)"


def _rows(said: str) -> str:
    return said.rpartition("\n")[0]


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_an_explained_rule_has_no_braces_and_in_chinese_no_english_purpose(rule):
    chinese, english = explain(rule.id, "zh"), explain(rule.id, "en")
    assert not set("{}") & set(chinese.splitlines()[1] + english.splitlines()[1])
    assert "Fails:" not in chinese
    assert "Fails:" in english


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_every_rule_has_a_case_that_fails_one_that_passes_and_one_that_lacks_what_it_needs(rule):
    ran = [case for case in cases(rule.id) if not case.not_run]
    assert {bool(case.finds) for case in ran} == {True, False}
    assert len(ran) < len(cases(rule.id))


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_every_rule_that_survey_data_touches_has_an_undecidable_case(rule):
    if "survey" in rule.relation:
        assert any(case.verdict == "undecidable" and case.finds for case in cases(rule.id))


def test_every_case_file_belongs_to_a_rule():
    assert {path.stem for path in packaged("data", "rules").glob("*.yaml")} == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_what_a_rule_refers_to_exists(rule):
    assert rule.concept in concepts()
    assert rule.cites
    assert set(rule.cites) <= set(sources())
    assert rule.unit in UNITS
    assert rule.find.__module__.removeprefix("gis.rules.") in FAMILIES[rule.id[:2]].modules
    for need in rule.needs:
        kind, _, name = need.rpartition(":")
        if not kind:
            layer, _, column = name.partition(".")
            assert layer in LAYERS
            assert not column or column in LAYERS[layer].fields


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_speaks_both_languages_with_the_same_placeholders(rule):
    for text in (rule.title, rule.message, rule.remedy, *(param.meaning for param, _ in rule.parameters.values())):
        assert re.search(r"[\u4e00-\u9fff]", text.zh)
        assert text.en
        assert not re.search(r"[\u4e00-\u9fff]", text.en)
        assert _placeholders(text.zh) == _placeholders(text.en)
    assert "Fails:" in rule.purpose
    assert "Passes:" in rule.purpose


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_what_a_rule_finds_is_said_in_chinese_sentences_and_in_english(rule):
    assert rule.meaning.zh.endswith("。")
    assert len(re.findall(r"[\u4e00-\u9fff]", rule.meaning.zh)) > 15
    assert rule.meaning.en == rule.purpose
    named = set(re.findall(r"\b[A-Z]{2}\d{2}\b", rule.meaning.zh + rule.purpose))
    assert named <= set(RULES) - {rule.id}


def test_a_clause_of_an_office_says_itself():
    own = replace(RULES["CL01"], id="OF01", title=Text("本单位条文", "a clause of our own"))
    assert own.meaning == Text("本单位条文", RULES["CL01"].purpose)


def _placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_family_has_rules():
    assert {id_[:2] for id_ in RULES} == set(FAMILIES)
