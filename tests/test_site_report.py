"""The siting report: twelve blocks, the answer's own numbers, mark and disclaimer, hostile names, a bureau's template."""

from __future__ import annotations

import html
import re
import shutil
import sys
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import docx
import geopandas as gpd
import pypdfium2 as pdfium
import pytest
import shapely
from docx.oxml.ns import nsmap, qn
from docx.shared import Twips
from matplotlib import font_manager

import gis
from gis.cli import main
from gis.decide.site import SiteAnswer
from gis.decide.ways_out import WAYS
from gis.errors import LayerError, MissingExtra, WriteError
from gis.i18n import Language
from gis.model.drawn import drawn
from gis.model.plan import Plan
from gis.present import site_report_pdf
from gis.present.print_canvas import chinese_font
from gis.present.report_tables import cited
from gis.present.site_report_blocks import HEADINGS, LAYER_BY_LAYER, annexes, blocks, facts
from gis.present.site_report_conclusion import cites
from gis.present.site_report_parts import Report

HOSTILE = "<script>alert(1)</script>\x01"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return drawn({"permanent_basic_farmland": [[0, 0, 1000, 1000]]})


@pytest.fixture(scope="module")
def answer(plan: Plan) -> SiteAnswer:
    return named(plan, HOSTILE)


def named(plan: Plan, name: str) -> SiteAnswer:
    half_on = shapely.box(500_900, 3_400_000, 501_100, 3_400_500)
    frame = gpd.GeoDataFrame({"name": [name]}, geometry=[half_on], crs=plan.crs)
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
    met = answer.rows["status"].eq("hit")
    assert all(any(each.startswith(said) for each in told) for said in answer.rows["need_zh"][met])
    assert all(any(each.startswith(said) for each in told) for said in answer.rows["message_zh"][~met])


def test_the_area_of_farmland_is_half_of_the_drawn_ten_hectares(plan: Plan, answer: SiteAnswer) -> None:
    lines = blocks(plan, answer, "zh")[2].tables[-1]
    row = next(row for row in lines.rows if row[0] == "永久基本农田")
    assert row[1:5] == ("占用", "5.0000", "75.00", "50.00%")


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
    assert all(
        cell in said
        for each in blocks(plan, answer, "zh")
        for table in each.tables
        for row in table.rows
        for cell in row
        if "\x01" not in cell
    )


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


@pytest.mark.parametrize("document", [None, b"<a", b'<w:document xmlns:w="%s"/>' % nsmap["w"].encode()])
def test_a_template_that_is_no_document_is_refused(
    plan: Plan, answer: SiteAnswer, tmp_path: Path, document: bytes | None
) -> None:
    if document is None:
        (tmp_path / "t.docx").write_bytes(b"no zip")
    else:
        docx.Document().save(str(tmp_path / "good.docx"))
        with ZipFile(tmp_path / "good.docx") as good, ZipFile(tmp_path / "t.docx", "w") as bad:
            for name in good.namelist():
                bad.writestr(name, document if name == "word/document.xml" else good.read(name))
    with pytest.raises(WriteError, match=r"t\.docx"):
        gis.site_report(plan, answer, tmp_path / "a.docx", template=tmp_path / "t.docx")


def test_another_ending_and_the_public_are_refused(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    with pytest.raises(WriteError, match="odt"):
        gis.site_report(plan, answer, tmp_path / "a.odt")
    with pytest.raises(LayerError, match="公开"):
        gis.site_report(plan, answer, tmp_path / "a.html", audience="public")


def pages(path: Path) -> list[str]:
    """The text of each page of a PDF."""
    with closing(pdfium.PdfDocument(path)) as document:
        return [page.get_textpage().get_text_range() for page in document]


def test_every_page_of_the_pdf_has_mark_disclaimer_and_number(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    said = pages(gis.site_report(plan, answer, tmp_path / "a.pdf"))
    for n, page in enumerate(said, 1):
        assert "内部资料" in page
        assert answer.disclaimer.zh in page
        assert f"第 {n} 页 共 {len(said)} 页" in page


def test_the_pdf_has_the_twelve_blocks_and_its_map(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    path = gis.site_report(plan, answer, tmp_path / "a.pdf")
    text = "".join("".join(pages(path)).split())
    assert all(f"{n}.{each.zh}" in text for n, each in enumerate(HEADINGS, 1))
    with closing(pdfium.PdfDocument(path)) as document:
        kinds = [each.type for page in document for each in page.get_objects()]
    assert kinds.count(pdfium.raw.FPDF_PAGEOBJ_IMAGE) == 1


def test_the_same_report_is_the_same_pdf(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    first, second = (gis.site_report(plan, answer, tmp_path / f"{n}.pdf").read_bytes() for n in "ab")
    assert first == second


@pytest.mark.parametrize("name", ['#eval("1+1")', "$x$ *b* @ref <l>", "\\u{1F600} {{ name }}", "\u202e\ue123"])
def test_a_hostile_name_is_set_in_the_pdf_as_it_stands(plan: Plan, name: str, tmp_path: Path) -> None:
    answer = named(plan, name)
    first = pages(gis.site_report(plan, answer, tmp_path / "a.pdf"))[0]
    assert "".join(name.replace("\u202e", "〓").replace("\ue123", "〓").split()) in "".join(first.split())


def test_without_typst_the_command_to_install_it_is_named(
    plan: Plan, answer: SiteAnswer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtra, match=r"lantu-gis\[pdf\]"):
        gis.site_report(plan, answer, tmp_path / "a.pdf")
    assert not list(tmp_path.iterdir())


def test_without_a_chinese_font_there_is_no_pdf_of_boxes(
    plan: Plan, answer: SiteAnswer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site_report_pdf, "FONTS", ("No Such Font",))
    with pytest.raises(MissingExtra, match="中文字体"):
        gis.site_report(plan, answer, tmp_path / "a.pdf")


def test_a_font_without_chinese_is_refused_by_name(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANTU_FONT", font_manager.findfont("DejaVu Sans"))
    with pytest.raises(MissingExtra, match="DejaVuSans"):
        site_report_pdf.pdf(Report("", "", "", "", "", (), (), (), "zh"), plan.as_of)


def test_the_pdf_is_set_in_the_font_file_that_is_asked_for(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Path(shutil.copy(font_manager.findfont(chinese_font()), tmp_path))
    monkeypatch.setenv("LANTU_FONT", str(own))
    (tmp_path / "a.pdf").write_bytes(site_report_pdf.pdf(Report("标题", "", "", "", "", (), (), (), "zh"), plan.as_of))
    assert "标题" in pages(tmp_path / "a.pdf")[0]


def test_the_report_stands_at_its_place_in_a_template(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    template = docx.Document()
    for text in ("一、来文", "{{ report }}", "二、意见"):
        template.add_paragraph(text)
    template.save(str(tmp_path / "t.docx"))
    made = docx.Document(str(gis.site_report(plan, answer, tmp_path / "a.docx", template=tmp_path / "t.docx")))
    told = [each.text for each in made.paragraphs]
    assert told[0] == "一、来文"
    assert told[-1] == "二、意见"
    assert told[1].startswith("1. 项目概况")
    assert len(made.tables) > 5


def test_a_report_in_a_cell_leaves_the_cell_whole(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    template = docx.Document()
    template.add_table(1, 1).rows[0].cells[0].text = "{{ report }}"
    template.save(str(tmp_path / "t.docx"))
    made = docx.Document(str(gis.site_report(plan, answer, tmp_path / "a.docx", template=tmp_path / "t.docx")))
    cell = made.tables[0].rows[0].cells[0]
    assert len(cell.tables) > 5
    assert cell._tc[-1].tag.endswith("}p")


def test_a_report_in_a_header_is_told_to_be_unknown_there(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    template = docx.Document()
    template.sections[0].header.paragraphs[0].text = "{{ report }}"
    template.save(str(tmp_path / "t.docx"))
    assert "已原样保留：report" in words(
        gis.site_report(plan, answer, tmp_path / "a.docx", template=tmp_path / "t.docx")
    )


def test_word_counts_its_pages_in_the_foot(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    foot = docx.Document(str(gis.site_report(plan, answer, tmp_path / "a.docx"))).sections[0].footer._element
    fields = [each.get(qn("w:instr")) for each in foot.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]


def test_sources_are_numbered_and_each_is_listed_once(plan: Plan, answer: SiteAnswer) -> None:
    told = blocks(plan, answer, "zh")
    used = {
        number
        for block in told
        for table in block.tables
        if table.caption == LAYER_BY_LAYER.zh
        for row in table.rows
        for number in row[6].split()
    }
    listed = [row[0] for row in told[-1].tables[-1].rows]
    assert listed == [f"[{n}]" for n in range(1, len(listed) + 1)]
    assert used == set(listed)


def test_boundary_points_have_north_before_east_and_the_edge_to_the_next(plan: Plan, answer: SiteAnswer) -> None:
    points = next(each for each in blocks(plan, answer, "zh")[0].tables if each.caption.startswith("界址点成果表"))
    corners = [
        (3_400_000, 501_100, 500),
        (3_400_500, 501_100, 200),
        (3_400_500, 500_900, 500),
        (3_400_000, 500_900, 200),
    ]
    assert [(row[3], row[4], row[5]) for row in points.rows] == [
        (f"{north}.000", f"{40_000_000 + east}.000", f"{edge}.00") for north, east, edge in corners
    ]


def test_points_of_a_site_in_degrees_are_those_it_was_drawn_with(plan: Plan, tmp_path: Path) -> None:
    corners = gpd.GeoSeries([shapely.box(500_900, 3_400_000, 505_900, 3_400_500)], crs=plan.crs).to_crs("EPSG:4490")
    site = gis.Site(gpd.GeoDataFrame({"site": ["1"]}, geometry=corners))
    answer = gis.site(plan, site, "1001", way_out=False)
    assert shapely.get_num_coordinates(answer.sited.parcels.geometry.iloc[0]) > 5
    points = next(
        each for each in blocks(plan, answer, "zh", site)[0].tables if each.caption.startswith("界址点成果表")
    )
    assert [row[3] for row in points.rows] == ["3400000.000", "3400500.000", "3400500.000", "3400000.000"]


@pytest.mark.parametrize(("count", "listed"), [(40, 40), (5000, 600)])
def test_long_tables_of_points_stand_in_an_annex(plan: Plan, count: int, listed: int) -> None:
    circle = shapely.Point(500_000, 3_400_000).buffer(300, quad_segs=count // 4)
    answer = gis.site(plan, circle, "1001", way_out=False)
    assert f"界址点共 {count} 个" in blocks(plan, answer, "zh")[0].lines[0]
    annex = annexes(answer, "zh")[0]
    assert len(annex.tables[0].rows) == listed
    assert bool(annex.lines) == (listed < count)


def test_a_site_is_told_to_lie_in_the_units_that_hold_it(city: Plan) -> None:
    township = city["township"].iloc[0]
    x, y = township.geometry.representative_point().coords[0]
    answer = gis.site(city, shapely.box(x - 5, y - 5, x + 5, y + 5), "1001", way_out=False)
    units = next(each for each in blocks(city, answer, "zh")[0].tables if each.caption == "坐落")
    assert (township["area_name"], township["area_code"]) in [row[1:3] for row in units.rows]


def test_inside_and_outside_of_the_boundary_are_told(city: Plan) -> None:
    zone = city["urban_development_boundary"].geometry.iloc[0]
    x, y = zone.exterior.coords[0]
    site = shapely.box(x - 300, y - 300, x + 300, y + 300)
    inside = shapely.intersection(site, city["urban_development_boundary"].union_all()).area
    said = blocks(city, gis.site(city, site, "1001", way_out=False), "zh")[2].lines[2]
    within, beyond = (float(each) for each in re.findall(r"界[内外] ([\d.]+) 公顷", said))
    assert within == pytest.approx(inside / 1e4, rel=1e-3)
    assert within + beyond == pytest.approx(36, rel=1e-3)


def test_features_of_the_lines_add_up_to_what_is_taken(city: Plan) -> None:
    x, y = city["permanent_basic_farmland"].geometry.iloc[200].centroid.coords[0]
    answer = gis.site(city, shapely.box(x - 200, y - 200, x + 200, y + 200), "1001", way_out=False)
    table = blocks(city, answer, "zh")[2].tables[0]
    taken = answer.rows.loc[answer.rows["layer"].eq("permanent_basic_farmland"), "area_m2"].sum()
    listed = sum(float(row[3]) for row in table.rows if row[0] == "永久基本农田")
    assert listed == pytest.approx(taken / 1e4, abs=1e-3)


def test_land_without_a_survey_is_said_to_have_no_class(plan: Plan, answer: SiteAnswer) -> None:
    assert "10.0000 公顷没有土地利用现状数据" in blocks(plan, answer, "zh")[1].lines[0]


def test_a_corridor_has_its_strips_and_crossings(plan: Plan) -> None:
    line = shapely.LineString([(500_500, 3_399_000), (500_500, 3_402_000)])
    parcels = gpd.GeoDataFrame({"site": ["1"], "width_m": [20.0]}, geometry=[line], crs=plan.crs)
    told = blocks(plan, gis.site(plan, gis.Site(parcels), "1003", kind="linear", way_out=False), "zh")[-1]
    captions = [each.caption for each in told.tables]
    assert captions[:2] == ["线性工程分段表", "线性工程穿越表"]


def test_a_way_out_is_told_in_words(city: Plan) -> None:
    x, y = city["permanent_basic_farmland"].geometry.iloc[200].centroid.coords[0]
    answer = gis.site(city, shapely.box(x - 80, y - 60, x + 80, y + 60), "0804")
    ways = next(each for each in blocks(city, answer, "zh")[-1].tables if each.caption.startswith("可选出路"))
    assert [row[-1] for row in ways.rows] == answer.ways_out["bound_zh"].tolist()
    assert len(ways.rows) > 0
    assert [row[0] for row in ways.rows] == [WAYS[each].zh for each in answer.ways_out["way"]]


@pytest.mark.parametrize(
    ("surveyed", "name", "told"),
    [("城东小学", "地块", "城东小学"), ("", "某小学", "某小学"), ("", "地块", "一号等 2 个地块")],
)
def test_a_project_is_called_by_its_survey_its_name_or_its_parcels(
    plan: Plan, surveyed: str, name: str, told: str
) -> None:
    squares = [shapely.box(x, 3_400_000, x + 10, 3_400_010) for x in (500_000, 500_020)]
    frame = gpd.GeoDataFrame({"site": ["1", "1"], "name": ["一号", "二号"]}, geometry=squares, crs=plan.crs)
    site = gis.Site(frame, name=name, source="目录/地块.txt", surveyed={"项目名称": surveyed})
    assert facts(plan, gis.site(plan, site, "1001", way_out=False), "zh", site)["name"] == told


def test_the_command_writes_a_pdf(plan: Plan, tmp_path: Path) -> None:
    gis.save_plan(plan, tmp_path / "plan")
    site = gpd.GeoDataFrame(geometry=[shapely.box(500_900, 3_400_000, 501_100, 3_400_500)], crs=plan.crs)
    site.to_file(tmp_path / "site.gpkg")
    with pytest.raises(SystemExit):
        main(["site", *(str(tmp_path / each) for each in ("plan", "site.gpkg")), "--use", "1001", "--no-ways-out", "--out", str(tmp_path / "out")])  # fmt: skip
    assert (tmp_path / "out" / "report.pdf").read_bytes().startswith(b"%PDF")


def test_farmland_taken_is_told_by_grade_and_slope_once(tmp_path: Path) -> None:
    told = {"class_name": "水田", "slope_class": "1"}
    drawings = [
        {"box": [0, 0, 100, 100], "feature_id": "a", "grade": 5, **told},
        {"box": [100, 0, 200, 100], "feature_id": "b", "grade": 7, **told},
        {"box": [100, 0, 200, 100], "feature_id": "c", "grade": 7, **told},
    ]
    plan = drawn({"permanent_basic_farmland": drawings})
    site = shapely.box(*plan["permanent_basic_farmland"].total_bounds)
    tables = blocks(plan, gis.site(plan, site, "1001", way_out=False), "zh")[8].tables
    rows = next(each.rows for each in tables if each.caption == "占用永久基本农田质量")
    assert rows == (("水田", "5", "1", "1.0000", "15.00"), ("水田", "7", "1", "1.0000", "15.00"))


def test_without_typst_the_command_writes_the_other_reports_and_says_so(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gis.save_plan(plan, tmp_path / "plan")
    gpd.GeoDataFrame(geometry=[shapely.box(500_900, 3_400_000, 501_100, 3_400_500)], crs=plan.crs).to_file(
        tmp_path / "site.gpkg"
    )
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(SystemExit) as ended:
        main(["site", *(str(tmp_path / each) for each in ("plan", "site.gpkg")), "--use", "1001", "--no-ways-out", "--out", str(tmp_path / "out")])  # fmt: skip
    assert ended.value.code == 1
    assert sorted(each.name for each in (tmp_path / "out").glob("report.*")) == ["report.docx", "report.html"]
    assert "lantu-gis[pdf]" in capsys.readouterr().err


def test_a_template_without_headings_or_sections_is_filled(plan: Plan, answer: SiteAnswer, tmp_path: Path) -> None:
    template = docx.Document()
    for style in [each for each in template.styles if each.name == "Heading 1"]:
        style.element.getparent().remove(style.element)
    template.element.body.remove(template.element.body.sectPr)
    template.element.body.append(template.add_paragraph("{{ report }}")._p)
    template.save(str(tmp_path / "t.docx"))
    assert "项目概况" in words(gis.site_report(plan, answer, tmp_path / "a.docx", template=tmp_path / "t.docx"))


def test_ground_that_may_be_stood_on_is_met_and_not_taken() -> None:
    plan = drawn({"municipality": [{"box": [0, 0, 1000, 1000], "area_code": "339900", "area_name": "甲市"}]})
    site = shapely.box(*plan["municipality"].total_bounds).buffer(-100)
    told = blocks(plan, gis.site(plan, site, "1001", way_out=False), "zh")[3].tables[0]
    assert next(row[1] for row in told.rows if row[0] == "市级行政区") == "涉及"


def test_sources_that_are_not_sure_are_said_to_be_so(plan: Plan, answer: SiteAnswer) -> None:
    known = cited(cites(answer), answer.plan, "zh")
    listed = blocks(plan, answer, "zh")[-1].tables[-1].rows
    assert [row[4].endswith("待核实") for row in listed] == [each["verify"] for each in known]
