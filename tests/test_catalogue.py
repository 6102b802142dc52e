"""The catalogue as pages: one for everything, no link that leads nowhere, nothing from the network."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from datetime import date
from pathlib import Path

import pytest
from browser import appears, browser, complaints, open_page, requests, soon
from selenium.webdriver.common.keys import Keys

import gis
from gis.errors import WriteError
from gis.i18n import Text
from gis.model.drawn import cases, drawn
from gis.model.finding import Finding, Severity, Verdict
from gis.present.case_drawing import drawing
from gis.present.catalogue import save_catalogue

KINDS = {
    "concept": gis.CONCEPTS,
    "rule": gis.RULES,
    "layer": gis.LAYERS,
    "table": gis.TABLES,
    "indicator": gis.INDICATORS,
    "source": gis.SOURCES,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return save_catalogue(tmp_path_factory.mktemp("pages") / "catalogue", as_of=date(2025, 6, 30))


def test_there_is_a_page_for_everything_and_the_search_finds_it(folder):
    stated = {f"{kind}/{id_}.html" for kind, catalogue in KINDS.items() for id_ in catalogue}
    written = {each.relative_to(folder).as_posix() for each in folder.rglob("*.html")}
    assert written == stated | {"index.html"}
    text = (folder / "search_data.js").read_text("utf-8").removeprefix("const CATALOGUE = ").rstrip(";\n")
    assert {each["href"] for each in json.loads(text)} == stated


def test_no_link_leads_nowhere_and_none_leaves_the_folder(folder):
    for page in folder.rglob("*.html"):
        for link in set(re.findall(r'(?:href|src)="([^"]+)"', page.read_text("utf-8"))):
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            assert target.is_relative_to(folder.resolve()), link
            assert target.is_file(), f"{page.name}: {link}"
            assert not anchor or f'id="{anchor}"' in target.read_text("utf-8")


def test_nothing_is_asked_of_the_network(folder):
    for page in folder.rglob("*.*"):
        addresses = set(re.findall(r"https?://[^\s\"'<]+", page.read_text("utf-8"))) if page.is_file() else set()
        assert addresses <= {"http://www.w3.org/2000/svg"}, page


def test_every_rule_page_shows_a_case_that_fails_and_one_that_passes(folder):
    for id_ in gis.RULES:
        page = (folder / "rule" / f"{id_}.html").read_text("utf-8")
        assert '<figure class="case passed">' in page, id_
        assert re.search(r'<figure class="case (failed|undecidable)">', page), id_


def test_a_page_says_both_languages(folder):
    page = (folder / "rule" / "CL01.html").read_text("utf-8")
    assert gis.RULES["CL01"].title.zh in page
    assert gis.RULES["CL01"].title.en in page
    assert "10 公顷" in page


def test_a_layer_page_names_the_rules_that_need_the_layer(folder):
    page = (folder / "layer" / "ecological_redline.html").read_text("utf-8")
    assert all(f"rule/{id_}.html" in page for id_, each in gis.RULES.items() if "ecological_redline" in each.needs)


def test_a_source_is_in_force_or_not_on_the_day(folder):
    assert gis.SOURCES["land-law"].force(date(2025, 6, 30)) == "in_force"
    assert "现行有效" in (folder / "source" / "land-law.html").read_text("utf-8")


def test_a_folder_with_content_is_not_overwritten(folder):
    with pytest.raises(WriteError):
        save_catalogue(folder)


def test_every_drawing_is_well_formed_and_stays_on_its_sheet():
    for id_ in ("CL01", "CR03", "TP05", "SF01"):
        for case in cases(id_):
            svg = drawing(case.plan)
            if not svg:
                continue
            _, _, wide, high = map(float, ET.fromstring(svg).attrib["viewBox"].split())
            points = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", " ".join(re.findall(r' d="([^"]+)"', svg)))
            assert all(0 <= float(x) <= wide and 0 <= float(y) <= high for x, y in points)


def test_a_drawing_escapes_ids():
    svg = drawing(drawn({"county": [{"box": [0, 0, 10, 10], "feature_id": "<b>&"}]}))
    assert "&lt;b&gt;&amp;" in svg


def test_a_place_too_small_to_be_seen_has_a_ring_around_it():
    plan = drawn({"county": [[0, 0, 1000, 1000]]})
    speck = drawn({"county": [[500, 500, 500.01, 500.01]]})["county"].geometry.iloc[0]
    found = Finding("CL01", Severity.ERROR, Verdict.VIOLATED, "county", "0", Text("甲", "a"), geometry=speck)
    assert "<circle" in drawing(plan, [found])
    assert "<circle" not in drawing(plan)


def test_a_plan_without_places_is_not_drawn():
    assert drawing(drawn({"county": [{"none": True, "name": "x"}]})) == ""


def test_the_search_finds_a_rule_and_the_button_changes_the_language(folder, chromium):
    with browser() as driver:
        open_page(driver, folder / "rule" / "TP05.html")
        driver.find_element("id", "search").send_keys("cl01")
        assert "CL01" in appears(driver, "#hits li.on").text
        driver.find_element("id", "language").click()
        assert gis.RULES["TP05"].title.en in driver.find_element("tag name", "h1").text
        assert all(each.startswith("file:") for each in requests(driver))
        assert complaints(driver) == []
        driver.find_element("id", "search").send_keys(Keys.ENTER)
        assert soon(driver, lambda: driver.current_url.endswith("/rule/CL01.html"))
        assert gis.RULES["CL01"].title.en in driver.find_element("tag name", "h1").text
