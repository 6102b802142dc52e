"""The siting report: twelve blocks, the answer's own numbers, mark and disclaimer, hostile names, a bureau's template."""

from __future__ import annotations

import html
from pathlib import Path

import docx
import geopandas as gpd
import pytest
import shapely
from docx.shared import Twips

import gis
from gis.decide.site import SiteAnswer
from gis.decide.ways_out import WAYS
from gis.errors import LayerError, WriteError
from gis.i18n import Language
from gis.model.drawn import drawn
from gis.model.plan import Plan
from gis.present.site_report_blocks import HEADINGS, LAYER_BY_LAYER, blocks

HOSTILE = "<script>alert(1)</script>\x01"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return drawn({"permanent_basic_farmland": [[0, 0, 1000, 1000]]})


@pytest.fixture(scope="module")
def answer(plan: Plan) -> SiteAnswer:
    half_on = shapely.box(500_900, 3_400_000, 501_100, 3_400_500)
    frame = gpd.GeoDataFrame({"name": [HOSTILE]}, geometry=[half_on], crs=plan.crs)
    return gis.site(plan, frame, "1001", way_out=False)


def words(path: Path) -> str:
    document = docx.Document(str(path))
    return "\n".join(each.text or "" for each in document.element.body.iter() if each.tag.endswith("}t"))


def test_the_page_has_the_twelve_blocks_in_order(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    page = gis.site_report(plan, answer, tmp_path / "a.html").read_text(encoding="utf-8")
    places = [page.index(f"<h2>{n}. {html.escape(each.zh)}<") for n, each in enumerate(HEADINGS, 1)]
    assert places == sorted(places)
    assert len(places) == 12


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_block_is_empty(plan: Plan, answer: SiteAnswer, language: Language) -> None:
    assert all(each.lines or each.tables for each in blocks(plan, answer, language))


def test_every_layer_asked_is_told_once(plan: Plan, answer: SiteAnswer) -> None:
    told = [
        row[5]
        for each in blocks(plan, answer, "zh")
        for table in each.tables
        for row in table.rows
        if table.caption == LAYER_BY_LAYER.zh
    ]
    assert len(told) == len(answer.rows)
    assert all(any(each.startswith(said) for each in told) for said in answer.rows["message_zh"])


def test_the_area_of_farmland_is_half_of_the_drawn_ten_hectares(plan: Plan, answer: SiteAnswer) -> None:
    lines = blocks(plan, answer, "zh")[2].tables[-1]
    row = next(row for row in lines.rows if row[:2] == ("永久基本农田", "占用"))
    assert row[2:5] == ("5.0000", "75.00", "50.00%")


def test_mark_and_disclaimer_are_on_every_printed_page(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    page = gis.site_report(plan, answer, tmp_path / "a.html").read_text(encoding="utf-8")
    assert '@top-left { content: "内部资料"' in page
    assert f'@bottom-left {{ content: "{answer.disclaimer.zh}"' in page
    section = docx.Document(str(gis.site_report(plan, answer, tmp_path / "a.docx"))).sections[0]
    assert any("内部资料" in each.text for each in section.header.paragraphs)
    assert any(answer.disclaimer.zh in each.text for each in section.footer.paragraphs)


def test_a_hostile_name_is_text(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    page = gis.site_report(plan, answer, tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_word_says_the_same_as_the_page(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    said = words(gis.site_report(plan, answer, tmp_path / "a.docx"))
    assert all(each.zh in said for each in HEADINGS)
    assert all(each in said for each in answer.rows["message_zh"])


def test_a_template_is_filled_and_its_unknown_places_are_told(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    template = docx.Document()
    template.add_paragraph("面积 {{ area_ha }} 公顷，{{answer}}；{{ secret }}")
    template.save(str(tmp_path / "t.docx"))
    said = words(gis.site_report(plan, answer, tmp_path / "a.docx", template=tmp_path / "t.docx"))
    assert "面积 10.0000 公顷，存在冲突；{{ secret }}" in said
    assert "已原样保留：secret" in said


def test_a_placeholder_that_word_split_is_filled_and_the_text_beside_it_keeps_its_look(
    plan: Plan, answer: SiteAnswer, tmp_path: Path
) -> None:
    template = docx.Document()
    places = (template.add_table(1, 1).rows[0].cells[0].paragraphs[0], template.sections[0].header.paragraphs[0])
    for place in places:
        for text in ("结论 {{ an", "swer", " }}", "，完"):
            place.add_run(text).bold = text == "，完"
    template.save(str(tmp_path / "t.docx"))
    made = docx.Document(str(gis.site_report(plan, answer, tmp_path / "a.docx", template=tmp_path / "t.docx")))
    for place in (made.tables[0].rows[0].cells[0].paragraphs[0], made.sections[0].header.paragraphs[0]):
        assert place.text == "结论 存在冲突，完"
        assert [each.text for each in place.runs if each.bold] == ["，完"]


def test_tables_of_word_repeat_their_heads_and_fit_the_page(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    made = docx.Document(str(gis.site_report(plan, answer, tmp_path / "a.docx")))
    page = made.sections[0]
    for table in made.tables:
        assert "tblHeader" in table.rows[0]._tr.xml
        room = page.page_width - page.left_margin - page.right_margin
        assert sum(cell.width for cell in table.rows[0].cells) <= room + Twips(len(table.columns))


def test_a_template_that_is_no_document_is_refused(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    (tmp_path / "t.docx").write_bytes(b"no zip")
    with pytest.raises(WriteError, match=r"t\.docx"):
        gis.site_report(plan, answer, tmp_path / "a.docx", template=tmp_path / "t.docx")


def test_another_ending_and_the_public_are_refused(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="odt"):
        gis.site_report(plan, answer, tmp_path / "a.odt")
    with pytest.raises(LayerError, match="公开"):
        gis.site_report(plan, answer, tmp_path / "a.html", audience="public")


def test_land_without_a_survey_is_said_to_have_no_class(plan: Plan, answer: SiteAnswer) -> None:
    assert "10.0000 公顷没有土地利用现状数据" in blocks(plan, answer, "zh")[1].lines[0]


def test_a_corridor_has_its_strips_and_crossings(plan: Plan) -> None:
    line = shapely.LineString([(500_500, 3_399_000), (500_500, 3_402_000)])
    parcels = gpd.GeoDataFrame({"site": ["1"], "width_m": [20.0]}, geometry=[line], crs=plan.crs)
    told = blocks(plan, gis.site(plan, gis.Site(parcels), "1003", kind="linear", way_out=False), "zh")[-1]
    captions = [each.caption for each in told.tables]
    assert captions == ["线性工程分段表", "线性工程穿越表", "依据清单"]


def test_a_way_out_is_told_in_words(city: Plan) -> None:
    x, y = city["permanent_basic_farmland"].geometry.iloc[200].centroid.coords[0]
    answer = gis.site(city, shapely.box(x - 80, y - 60, x + 80, y + 60), "0804")
    ways = next(each for each in blocks(city, answer, "zh")[-1].tables if each.caption.startswith("可选出路"))
    assert len(ways.rows) > 0
    assert [row[0] for row in ways.rows] == [WAYS[each].zh for each in answer.ways_out["way"]]
