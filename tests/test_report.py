"""The report: everything that was found, measured or left out is in it, escaped, marked, and nothing comes from the network."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from types import MappingProxyType

import pytest
import shapely
from browser import browser, complaints, requests

import gis
from gis.errors import LayerError, WriteError
from gis.i18n import Text
from gis.model.concept import sources
from gis.model.drawn import drawn
from gis.model.finding import Finding, Findings, Outcome, Setting, Severity, Status, Verdict
from gis.model.plan import Target, Waiver
from gis.present import witnesses
from gis.present.report import LIMIT, report, report_html
from gis.present.report_tables import cited, unit_tables
from gis.present.report_words import SECTIONS, WORDS
from gis.present.style import DISCLAIMER
from gis.units import shown

HAN = re.compile(r"[\u4e00-\u9fff]")
EVIL = '<script>alert("x")</script>'

LAYERS = {
    "county": [{"box": [0, 0, 4000, 4000], "area_code": "330101", "area_name": f"甲县{EVIL}", "residents": 30_000.0}],
    "ecological_redline": [{"box": [0, 0, 2000, 2000], "feature_id": EVIL}],
    "permanent_basic_farmland": [{"box": [1900, 0, 4000, 1000], "owner_name": "某某村集体", "area_m2": 2.1e6}],
    "urban_development_boundary": [{"box": [2000, 2000, 4000, 4000], "zone_code": "410"}],
}


def plan_of(**said):
    said.setdefault("name", f"澜川市{EVIL}")
    said.setdefault(
        "sources",
        {
            "ecological_redline": {
                "file": "/home/somebody/红线.shp",
                "as_of": "2024-12",
                "encoding": "GBK",
                "crs": "EPSG:4490",
                "unknown_fields": ("ABC",),
            }
        },
    )
    said.setdefault("targets", {"ecological_redline_area": Target(5.0, document="批复"), "urban_boundary_area": 4.5})
    return drawn(LAYERS, **said)


@pytest.fixture(scope="module")
def plan():
    return plan_of()


@pytest.fixture(scope="module")
def found(plan):
    return gis.check(plan, select="CL01,TP01,CR")


@pytest.fixture(scope="module")
def measures(plan):
    return gis.measure(plan)


@pytest.fixture(scope="module")
def page(plan, found, measures):
    return report_html(plan, found, measures)


class Page(HTMLParser):
    """Tags with their attributes, text, and tags left open."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self.open, self.wrong = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "img", "br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        if self.open and self.open[-1] not in {"style", "script"}:
            self.words.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.words))


def made(*items, outcomes=None, **said):
    """Findings put together by hand."""
    by_rule = outcomes or {
        each.rule: Outcome(each.rule, Text("某规则", "some rule"), each.severity, Status.FAILED) for each in items
    }
    return Findings(tuple(items), MappingProxyType(by_rule), drawn({}).crs, **said)


def finding(n=0, **said):
    return Finding(
        "CL01",
        Severity.ERROR,
        Verdict.VIOLATED,
        "ecological_redline",
        f"f{n}",
        Text(f"说明{n}", f"message {n}"),
        **said,
    )


# --- the file


def test_the_report_is_written_where_it_was_asked_for(plan, found, measures, tmp_path):
    path = report(plan, found, measures, tmp_path / "报告.html")
    assert path == tmp_path / "报告.html"
    assert path.read_text(encoding="utf-8") == report_html(plan, found, measures)


def test_nothing_else_is_left_in_the_folder(plan, found, tmp_path):
    report(plan, found, path=tmp_path / "r.html")
    assert [each.name for each in tmp_path.iterdir()] == ["r.html"]


def test_an_unwritable_folder_is_a_clear_error_and_the_old_report_stays(plan, found, tmp_path):
    with pytest.raises(WriteError, match="不存在"):
        report(plan, found, path=tmp_path / "none" / "r.html")


def test_an_unknown_audience_is_refused(plan, found):
    with pytest.raises(LayerError, match="使用范围"):
        report_html(plan, found, audience="everybody")


def test_the_same_input_gives_the_same_text(plan, found, measures, page):
    assert report_html(plan, found, measures) == page


def test_writing_does_not_change_the_plan(plan, found):
    before = {layer: frame.copy() for layer, frame in plan.items()}
    report_html(plan, found)
    assert all(frame.equals(plan[layer]) for layer, frame in before.items())


# --- one page that stands alone


def test_the_page_is_well_formed(page):
    parsed = Page(page)
    assert (parsed.wrong, parsed.open) == ([], [])


def test_the_page_asks_for_nothing_outside_itself(page):
    for tag, attributes in Page(page).tags:
        for name in ("src", "href"):
            value = attributes.get(name) or ""
            assert value.startswith(("data:image/png;base64,", "#")) or not value, (tag, value[:60])
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert "default-src 'none'" in page


def test_the_only_script_is_our_own_and_no_other_may_run(page):
    kinds = [attributes.get("type") for tag, attributes in Page(page).tags if tag == "script"]
    assert kinds == ["application/json", None]
    text = page.rpartition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.partition("</head>")[0]


def test_the_witness_of_an_area_is_in_the_page_with_both_sides(page, found):
    data = json.loads(page.partition('id="witnesses">')[2].partition("</script>")[0])
    (each,) = found["CL01"]
    (row,) = [row for row in data["witnesses"] if row["m2"] == each.measure * 10_000 and "one" in row]
    assert shapely.from_geojson(json.dumps(row["shape"])).equals(each.geometry)
    sides = [shapely.from_geojson(json.dumps(row[name])) for name in ("one", "other")]
    assert shapely.intersection(*sides).equals(each.geometry)


def test_a_page_carries_no_more_vertices_than_stated_and_says_how_many_are_left_out(monkeypatch):
    monkeypatch.setattr(witnesses, "PAGE_VERTICES", 12)
    boxes = [shapely.box(5e5 + 100 * n, 3.4e6, 5e5 + 100 * n + 10, 3.4e6 + 10) for n in range(5)]
    items = [finding(n, measure=0.01, unit="ha", geometry=each, ground=True) for n, each in enumerate(boxes)]
    page = report_html(plan_of(), made(*items))
    assert len(re.findall(r'data-witness="\d"', page)) == 2  # of five vertices each
    assert "附有 2 处" in Page(page).text and "另有 3 处" in Page(page).text


def test_what_the_plan_says_is_escaped(page):
    assert "&lt;script&gt;" in page
    assert EVIL in Page(page).text


def test_every_link_within_the_page_has_its_place(page):
    parsed = Page(page)
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert {a["href"][1:] for tag, a in parsed.tags if tag == "a"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_no_placeholder_is_left(page):
    assert not re.search(r"\{[a-z_]+\}|\{\{|\}\}|Text\(|None|nan\b", Page(page).text)


# --- what it says


def test_the_mark_and_the_disclaimer_stand_in_every_section_and_on_every_printed_page(page):
    parts = page.split("<section>")[1:]
    assert len(parts) >= 8
    for part in parts:
        assert "内部资料" in part
        assert DISCLAIMER.zh in part
    style = page[page.index("@page") : page.index("</style>")]
    assert 'content: "内部资料"' in style
    assert f'content: "{DISCLAIMER.zh}"' in style


def test_title_block_names_plan_crs_date_and_profile(page):
    said = Page(page).text
    for words in ("澜川市", "CGCS2000 3度带 中央经线120°E（EPSG:4549）", "2025-06-30", "市级国土空间总体规划（国家）"):
        assert words in said


def test_headings_are_in_both_languages(page):
    for name in ("summary", "overview", "problems", "indicators", "data", "sources"):
        assert SECTIONS[name].zh in page
        assert SECTIONS[name].en in page


def test_the_headline_counts_are_those_of_the_findings(page, found):
    cards = re.findall(r'class="card[^"]*"><b>(\d+)</b><small>(\w+)', page)
    assert cards == [
        (str(found.count(Severity.ERROR)), "错误"),
        (str(found.count(Severity.WARNING)), "警告"),
        (str(found.count(Severity.NOTE)), "提示"),
        (str(found.count(verdict=Verdict.UNDECIDABLE)), "无法判断"),
    ]


def test_each_finding_is_listed_with_feature_measure_and_message(page, found):
    said = Page(page).text
    (each,) = found["CL01"]
    assert each.message.zh in said
    assert f"{shown(each.measure, each.unit)} 公顷" in said
    assert each.measure == pytest.approx(10, rel=1e-6)  # 100 m × 1000 m


def test_every_rule_is_in_the_report_under_its_outcome(page, found):
    after = {name: page.index(f'<h2 id="{name}">') for name in ("problems", "indicators", "not_run", "passed", "data")}
    where = {
        Status.FAILED: ("problems", "indicators"),
        Status.PASSED: ("passed", "data"),
        Status.NOT_RUN: ("not_run", "passed"),
    }
    for rule, outcome in found.outcomes.items():
        start, stop = where[outcome.status]
        assert f">{rule}</" in page[after[start] : after[stop]], rule


def test_a_rule_that_did_not_run_says_why():
    outcome = Outcome(
        "CL01",
        Text("三线", "lines"),
        Severity.ERROR,
        Status.NOT_RUN,
        reason=Text("缺少图层：生态保护红线", "missing layer"),
    )
    assert "缺少图层：生态保护红线" in Page(report_html(plan_of(), made(outcomes={"CL01": outcome}))).text


def test_assumed_parameters_are_listed_to_be_signed_off():
    setting = Setting(8.0, "km/km2", Text("路网密度下限", "least density"), assumed=True)
    outcome = Outcome("CD03", Text("路网", "roads"), Severity.WARNING, Status.PASSED, settings={"least": setting})
    said = Page(report_html(plan_of(), made(outcomes={"CD03": outcome}))).text
    assert "1 条规则中有 1 条使用假定参数" in said
    assert "路网密度下限 8 千米/平方千米" in said


def test_a_long_list_is_cut_and_says_so():
    said = Page(report_html(plan_of(), made(*(finding(n) for n in range(LIMIT + 5))))).text
    assert f"说明{LIMIT - 1} " in said
    assert f"说明{LIMIT} " not in said
    assert f"本表列前 {LIMIT} 处，共 {LIMIT + 5} 处；其余 5 处" in said


def test_waived_findings_stand_apart_with_their_reason_and_do_not_count():
    plan = plan_of(waivers=(Waiver("CL01", "", "历史遗留，已报批", "张三", date(2030, 1, 1)),))
    page = report_html(plan, gis.check(plan, select="CL01"))
    assert "已豁免的问题" in page
    assert "历史遗留，已报批（张三，有效期至 2030-01-01）" in Page(page).text
    assert re.findall(r'class="card[^"]*"><b>(\d+)</b>', page)[0] == "0"


def test_a_rule_says_by_what_reading_how_it_ran_and_who_tells_its_other_places():
    elsewhere = replace(finding(1), subsumed_by="UB05")
    outcome = Outcome(
        "CL01", Text("三线", "lines"), Severity.ERROR, Status.FAILED, 0, subsumed=1, note=Text("已修复", "repaired")
    )
    told = replace(finding(), rule="UB05", layer="land_use_plan")
    other = Outcome("UB05", Text("界外", "outside"), Severity.ERROR, Status.FAILED, count=1)
    found = made(told, outcomes={"CL01": outcome, "UB05": other}, subsumed=(elsewhere,), reading="default")
    said = Page(report_html(plan_of(), found)).text
    assert "1 处已由规则 UB05 列出" in said
    assert "检查说明 已修复" in said
    assert said.index("质检口径（从严）") < said.index("检查说明")


def test_a_table_without_other_features_has_no_column_for_them():
    assert WORDS["other"].zh not in report_html(plan_of(), made(finding()))
    assert WORDS["other"].zh in report_html(plan_of(), made(finding(other_layer="county")))


def test_an_undecidable_place_is_marked_with_its_doubt():
    one = replace(finding(measure=2.0, unit="ha", doubt=1.5), verdict=Verdict.UNDECIDABLE)
    outcome = Outcome("CL01", Text("三线", "lines"), Severity.ERROR, Status.UNDECIDABLE, count=1)
    said = Page(report_html(plan_of(), made(one, outcomes={"CL01": outcome}))).text
    assert f"存疑 {shown(1.5, 'ha')}" in said
    assert "无法判断 说明0" in said


def test_a_finding_without_a_measure_shows_a_dash():
    assert "—" in report_html(plan_of(), made(finding()))


def test_indicators_show_target_gap_verdict_and_why_not(page):
    said = Page(page).text
    assert "≥ 5.00 平方千米 批复" in said
    assert "−1.00 未达到" in said  # 4 km² of redline
    assert "+0.50 达到" in said  # 4 km² inside the boundary, 4.5 allowed
    assert "未测算：缺少图层：" in said


def test_without_measures_the_report_says_so(plan, found):
    assert WORDS["not_measured"].zh in report_html(plan, found)


def test_the_data_register_names_file_date_crs_encoding_and_unknown_fields(page):
    said = Page(page).text
    for words in ("红线.shp", "2024-12", "CGCS2000 经纬度（EPSG:4490）", "GBK", "ABC", "数据日期不详"):
        assert words in said
    assert "/home/somebody" not in said


def test_notices_of_the_plan_are_said():
    plan = plan_of()
    said = report_html(
        replace(plan, notices=(Text("编码未声明", "no encoding"),)), made(notices=(Text("编码未声明", "no encoding"),))
    )
    assert "编码未声明" in said


def test_a_source_is_shown_with_its_force_on_the_day_of_the_plan():
    key, old = next((key, each) for key, each in sources().items() if each.in_force_to and each.superseded_by)
    day = date.fromisoformat(old.in_force_to)
    before, after = (cited([key], drawn({}, as_of=when), "zh")[0] for when in (day, day.replace(year=day.year + 1)))
    assert before["state"] == "现行有效"
    assert after["state"] == "已废止"
    assert sources()[old.superseded_by].title.zh in after["days"]


def test_every_source_that_is_cited_is_in_the_list(page, found, measures):
    keys = {key for each in found.outcomes.values() for key in each.cites} | {
        key for each in measures.items for key in each.indicator.cites
    }
    listed = page[page.index('<h2 id="sources">') :]
    for key in keys:
        assert sources()[key].title.zh in Page(listed).text, key


def test_many_counties_are_set_in_tables_of_a_few():
    boxes = [{"box": [100 * n, 0, 100 * n + 100, 100], "area_code": str(n), "area_name": f"县{n}"} for n in range(16)]
    tables = unit_tables(gis.measure(drawn({"county": boxes, "ecological_redline": [[0, 0, 1600, 100]]})), "zh")
    heads = [head for each in tables for head in each["heads"] if head != "全域"]
    assert heads == [f"县{n}" for n in range(16)]
    assert max(len(each["heads"]) for each in tables) <= 8


def test_maps_are_in_the_page_as_pictures(page):
    assert len([1 for tag, _ in Page(page).tags if tag == "img"]) == 3  # overview, locator, close-up


def test_a_plan_with_nothing_in_it_has_a_report():
    empty = drawn({}, name="空")
    assert "空" in report_html(empty, gis.check(empty, select="CL01"), gis.measure(empty))


# --- other language, other audience


def test_the_english_report_has_no_chinese_but_names_titles_of_headings_and_the_mark(plan, found, measures):
    page = report_html(replace(plan, name="Lanchuan"), found, measures, language="en")
    said = Page(page).text
    assert '<html lang="en">' in page
    for words in ("Summary", "errors", "Indicators", "not measured: missing layer", "met", "missed", "in force"):
        assert words in said
    for words in ("错误", "未测算", "现行有效", "缺少图层"):
        assert words not in said


def test_the_public_report_has_no_places_no_owners_no_files_and_room_for_the_review_number(plan, found, measures):
    page = report_html(plan, found, measures, audience="public")
    said = Page(page).text
    assert "公开" in said
    assert "内部资料" not in page
    assert "<script" not in page
    assert "审图号" in said
    (each,) = found["CL01"]
    for words in (each.message.zh, "某某村集体", "红线.shp", "EPSG:4549", "ABC"):
        assert words not in said
    assert len([1 for tag, _ in Page(page).tags if tag == "img"]) == 1


def test_the_public_overview_does_not_show_findings(plan, found):
    without = report_html(plan, made(outcomes=found.outcomes), audience="public")
    picture = re.compile(r'<figure><img src="([^"]+)"')
    assert picture.search(without)[1] == picture.search(report_html(plan, found, audience="public"))[1]


def test_every_word_is_in_both_languages():
    for each in (*WORDS.values(), *SECTIONS.values()):
        assert HAN.search(each.zh) or each.zh == each.en
        assert each.en
        assert not HAN.search(each.en)


def test_every_word_is_used():
    from pathlib import Path

    folder = Path(report.__code__.co_filename).parent
    text = "".join(
        each.read_text(encoding="utf-8")
        for each in folder.glob("report*")
        if each.suffix in {".py", ".j2"} and "words" not in each.name
    )
    used = set(re.findall(r'words\.(\w+)|WORDS\["(\w+)"\]', text))
    named = {name for pair in used for name in pair} | {"failed", "undecidable", "passed", "not_run"}
    assert set(WORDS) <= named


# --- in a browser


@pytest.fixture(scope="module")
def driver(chromium):
    assert chromium
    with browser(1180, 900) as opened:
        yield opened


def shown_page(driver, path):
    driver.get(path.as_uri())
    return driver


def test_a_browser_has_no_complaint_and_asks_for_nothing(driver, plan, found, measures, tmp_path):
    path = report(plan, found, measures, tmp_path / "r.html")
    shown_page(driver, path)
    assert complaints(driver) == []
    assert requests(driver) == [path.as_uri()]


def test_every_picture_is_drawn_and_no_script_of_the_plan_runs(driver, plan, found, measures, tmp_path):
    shown_page(driver, report(plan, found, measures, tmp_path / "r.html"))
    widths = driver.execute_script("return [...document.images].map(each => each.naturalWidth)")
    assert len(widths) == 3
    assert min(widths) > 100
    assert driver.execute_script("return document.scripts.length") == 2  # the witnesses and our own


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_runs_over_the_edge_of_the_page(driver, plan, found, measures, tmp_path, language):
    shown_page(driver, report(plan, found, measures, tmp_path / "r.html", language=language))
    assert driver.execute_script("return document.documentElement.scrollWidth <= window.innerWidth")


def test_it_prints_on_a4_with_the_mark_on_every_page(driver, plan, found, measures, tmp_path):
    shown_page(driver, report(plan, found, measures, tmp_path / "r.html"))
    printed = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    pdf = base64.b64decode(printed["data"])
    width, height = (float(each) for each in re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf).groups())
    assert (width, height) == pytest.approx((595, 842), abs=1.5)


def test_the_report_needs_no_window_system():
    code = "import sys, gis.present.report; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
