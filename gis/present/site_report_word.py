"""A siting report as a Word document: our own layout, or a bureau's template with its placeholders filled."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from gis.errors import WriteError
from gis.i18n import Text
from gis.present.site_report_parts import PAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gis.i18n import Language
    from gis.present.site_report_parts import Report, Table

__all__ = ["filled", "written"]

_PLACEHOLDER: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_A4: Final = Cm(21)
_WIDE: Final = Cm(20)
"""On a narrower page tables are set smaller."""
_FIELDS: Final = {"{page}": "PAGE", "{pages}": "NUMPAGES"}
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold."""
_BROKEN: Final = (PackageNotFoundError, BadZipFile, KeyError, ValueError, SyntaxError, OSError)
"""What a file that is no document leads to; the errors of its XML are SyntaxErrors."""
_LEFT: Final = Text(
    "模板中的下列占位符没有对应内容，已原样保留：{names}",
    "These placeholders of the template are not known and were left: {names}",
)


def written(path: Path, report: Report) -> None:
    """Write the report in our own layout; mark, disclaimer and page numbers stand on every page."""
    document = docx.Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2)
    _styled(document)
    document.add_heading(report.title, 0).alignment = WD_ALIGN_PARAGRAPH.CENTER
    _centred(document, report.name)
    _caption(document, report.answer)
    for reason in report.reasons:
        _small(_centred(document, reason))
    _marked(document, report)
    _body(document, report, section)
    document.save(str(path))


def filled(path: Path, template: Path, said: Mapping[str, str], report: Report) -> None:
    """Write the template with its placeholders filled, the report at the first place that asks for it; its pages are marked.

    Raises: WriteError if the template is no Word document.
    """
    document = _opened(template)
    known = {**said, "title": report.title, "mark": report.mark, "disclaimer": report.disclaimer}
    places: list[Paragraph] = []
    unknown: dict[str, None] = {}
    for paragraph in _paragraphs(document):
        names = _PLACEHOLDER.findall("".join(each.text for each in paragraph.runs))
        if "report" in names and _in_body(paragraph):
            places.append(paragraph)
        unknown |= dict.fromkeys(each for each in names if each not in known and paragraph not in places)
        _fill(paragraph, known | ({"report": ""} if paragraph in places else {}))
    _marked(document, report)
    for place in places[:1]:
        _put(document, report, place)
    if unknown:
        document.add_paragraph(_LEFT.format(names="、".join(unknown)).render(report.language))
    document.save(str(path))


def _in_body(paragraph: Paragraph) -> bool:
    """Whether a paragraph lies in the text: pictures cannot be put into headers and footers."""
    return any(each.tag == qn("w:body") for each in paragraph._p.iterancestors())


def _put(document: Any, report: Report, place: Paragraph) -> None:
    """The report after a paragraph, which goes if it held nothing else; a cell of a table keeps a paragraph at its end."""
    body, holder = document.element.body, place._p.getparent()
    section = document.sections[int(place._p.xpath("count(preceding::w:sectPr)"))]
    before = set(body)
    _body(document, report, section)
    made = [each for each in body if each not in before]
    for each in reversed(made):
        place._p.addnext(each)
    if holder.tag == qn("w:tc") and holder[-1].tag != qn("w:p"):
        holder.append(OxmlElement("w:p"))
    if not place.text.strip() and place._p.find(qn("w:pPr") + "/" + qn("w:sectPr")) is None:
        holder.remove(place._p)


def _fill(paragraph: Paragraph, said: Mapping[str, str]) -> None:
    """Fill the placeholders of a paragraph, each in the run that it begins in; everything else keeps its look."""
    runs = list(paragraph.runs)
    for found in reversed(list(_PLACEHOLDER.finditer("".join(each.text for each in runs)))):
        if found[1] not in said:
            continue
        at, value = 0, _clean(said[found[1]])
        for run in runs:
            text, start, stop = run.text, found.start() - at, found.end() - at
            at += len(text)
            if start < len(text) and stop > 0:
                begins = max(start, 0)
                run.text = text[:begins] + (value if start >= 0 else "") + text[max(stop, 0) :]


def _opened(template: Path) -> Any:
    fault = WriteError(
        f"模板 {template.name} 不是可读取的 Word 文档（.docx）。请用 Word 另存为 .docx 后重试。",
        f"The template {template.name} is no Word document (.docx) that can be read. Save it as .docx in Word and try again.",
    )
    try:
        document = docx.Document(str(template))
    except _BROKEN as error:
        raise fault from error
    if document.element.body is None:
        raise fault
    document.element.body.get_or_add_sectPr()
    return document


def _paragraphs(document: Any) -> Iterator[Paragraph]:
    """All paragraphs of the pages: text, tables in tables, headers and footers."""
    parts = [document.element.body]
    for section in document.sections:
        parts += [each._element for each in _edges(section) if not each.is_linked_to_previous]
    for part in parts:
        for element in part.iter(qn("w:p")):
            yield Paragraph(element, document)


def _edges(section: Any) -> tuple[Any, ...]:
    return (
        section.header, section.footer, section.first_page_header, section.first_page_footer, section.even_page_header,
        section.even_page_footer,
    )  # fmt: skip


def _marked(document: Any, report: Report) -> None:
    """Put the mark into every header that is shown, disclaimer and page number into every footer, where they are not yet."""
    for n, section in enumerate(document.sections):
        for edge, kind in zip(_edges(section), ("", "", "first", "first", "even", "even"), strict=True):
            shown = {
                "": True,
                "first": section.different_first_page_header_footer,
                "even": document.settings.odd_and_even_pages_header_footer,
            }[kind]
            if not shown or (n and edge.is_linked_to_previous):
                continue
            header = "Header" in type(edge).__name__
            text = report.mark if header else report.disclaimer
            if not any(text in each.text for each in edge.paragraphs):
                _small(edge.add_paragraph(text))
            if not header and "PAGE" not in edge._element.xml:
                _paged(edge.add_paragraph(), report.language)


def _paged(paragraph: Paragraph, language: Language) -> None:
    """Page n of m, as fields that Word counts."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    for part in re.split(r"(\{\w+\})", PAGE.render(language)):
        if part in _FIELDS:
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), _FIELDS[part])
            field.append(paragraph.add_run("1")._r)
            paragraph._p.append(field)
        else:
            paragraph.add_run(part)
    _small(paragraph)


def _small(paragraph: Paragraph) -> None:
    for run in paragraph._p.iter(qn("w:r")):
        Run(run, paragraph).font.size = Pt(9)


def _body(document: Any, report: Report, section: Any) -> None:
    room = (section.page_width or _A4) - (section.left_margin or 0) - (section.right_margin or 0)
    for heading, other, block in report.headed:
        _heading(document, f"{heading}  {other}")
        for line in block.lines:
            document.add_paragraph(_clean(line))
        for table in block.tables:
            _table(document, table, room)
        for each in block.pictures:
            _caption(document, each.caption)
            document.add_picture(io.BytesIO(each.png), width=min(Cm(20), room))
            document.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
            _small(_centred(document, each.note))


def _table(document: Any, table: Table, room: int) -> None:
    _caption(document, table.caption)
    made = document.add_table(rows=0, cols=len(table.heads))
    made.autofit = False
    _ruled(made)
    size = Pt(9) if room >= _WIDE else Pt(7.5)
    widths = [int(each * room) for each in table.shares]
    for n, row in enumerate((table.heads, *table.rows), -1):
        made_row = made.add_row()
        made_row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, text, width, numeric in zip(made_row.cells, row, widths, table.numeric, strict=True):
            cell.text, cell.width = _clean(text), width
            paragraph = cell.paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if numeric else None
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1.5)
            for run in paragraph.runs:
                run.font.size = size
                run.bold = n < 0 or n in table.strong or None
    made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width


def _heading(document: Any, text: str) -> None:
    """A heading in the document's own style, else in bold."""
    made = document.add_paragraph()
    made.add_run(text).bold = True
    made.paragraph_format.keep_with_next = True
    if "Heading 1" in document.styles:
        made.style = "Heading 1"


def _centred(document: Any, text: str) -> Paragraph:
    made: Paragraph = document.add_paragraph(_clean(text))
    made.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return made


def _caption(document: Any, text: str) -> None:
    """A line in the middle that stays with what follows it."""
    made = _centred(document, text)
    made.runs[0].bold = True
    made.paragraph_format.keep_with_next = True
    made.paragraph_format.space_before = Pt(8)


def _styled(document: Any) -> None:
    """The look of an office's paper: 宋体 text, 黑体 headings, whatever the machine's own fonts are; little room between lines."""
    for name, chinese, latin in (
        ("Normal", "宋体", "Times New Roman"),
        ("Title", "黑体", "Arial"),
        ("Heading 1", "黑体", "Arial"),
    ):
        style = document.styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), chinese)
        style.font.name = latin
        style.paragraph_format.space_after = Pt(3)


def _ruled(table: Any) -> None:
    """Thin rules around all cells and a millimetre of room in them, whatever styles the document has."""
    borders = OxmlElement("w:tblBorders")
    for edge in ("top", "left", "bottom", "right", "insideH", "insideV"):
        rule = OxmlElement(f"w:{edge}")
        for key, value in (("val", "single"), ("sz", "4"), ("color", "8A929C")):
            rule.set(qn(f"w:{key}"), value)
        borders.append(rule)
    margins = OxmlElement("w:tblCellMar")
    for edge in ("left", "right"):
        margin = OxmlElement(f"w:{edge}")
        margin.set(qn("w:w"), "57")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    layout = table._tbl.tblPr.find(qn("w:tblLayout"))
    layout.addprevious(borders)
    layout.addnext(margins)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("〓", text)
