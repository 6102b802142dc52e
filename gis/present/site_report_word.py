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

from gis.errors import WriteError
from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from gis.i18n import Language
    from gis.present.site_report_blocks import Block, Table

__all__ = ["Picture", "filled", "written"]

Picture = tuple[str, bytes]
"""A map as a PNG, with its caption."""

_BY_LAYER: Final = (0.13, 0.07, 0.08, 0.08, 0.08, 0.24, 0.22, 0.10)
"""How the width of a page is shared by the columns of the table of layers."""
_PLACEHOLDER: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold."""
_LEFT: Final = Text(
    "模板中的下列占位符没有对应内容，已原样保留：{names}",
    "These placeholders of the template are not known and were left: {names}",
)


def written(
    path: Path, blocks: Sequence[Block], pictures: Sequence[Picture], words: tuple[str, str, str], language: Language
) -> None:
    """Write the report; `words` are title, mark and disclaimer, of which the last two stand on every page."""
    title, mark, disclaimer = words
    document = docx.Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    fonts = document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts()
    fonts.set(qn("w:eastAsia"), "宋体")
    document.add_heading(title, 0)
    _marked(document, mark, disclaimer)
    _body(document, blocks, pictures, language)
    document.save(str(path))


def filled(
    path: Path,
    template: Path,
    said: Mapping[str, str],
    body: tuple[Sequence[Block], Sequence[Picture]],
    language: Language,
) -> None:
    """Write the template with its placeholders filled; mark and disclaimer are put on its pages.

    Raises: WriteError if the template is no Word document.
    """
    document = _opened(template)
    unknown: dict[str, None] = {}
    wants_report = False
    for paragraph in _paragraphs(document):
        names = _PLACEHOLDER.findall("".join(each.text for each in paragraph.runs))
        if not names:
            continue
        wants_report |= "report" in names
        unknown |= dict.fromkeys(each for each in names if each not in said and each != "report")
        _fill(paragraph, {**said, "report": ""})
    _marked(document, said["mark"], said["disclaimer"])
    if wants_report:
        _body(document, *body, language)
    if unknown:
        document.add_paragraph(_LEFT.format(names="、".join(unknown)).render(language))
    document.save(str(path))


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
    try:
        return docx.Document(str(template))
    except (PackageNotFoundError, BadZipFile, KeyError, ValueError, OSError) as error:
        raise WriteError(
            f"模板 {template.name} 不是可读取的 Word 文档（.docx）。请用 Word 另存为 .docx 后重试。",
            f"The template {template.name} is no Word document (.docx) that can be read. Save it as .docx in Word and try again.",
        ) from error


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


def _marked(document: Any, mark: str, disclaimer: str) -> None:
    """Put the mark into every header, the disclaimer into every footer that is shown and does not have it."""
    for n, section in enumerate(document.sections):
        for edge, kind in zip(_edges(section), ("", "", "first", "first", "even", "even"), strict=True):
            shown = {
                "": True,
                "first": section.different_first_page_header_footer,
                "even": document.settings.odd_and_even_pages_header_footer,
            }[kind]
            if not shown or (n and edge.is_linked_to_previous):
                continue
            text = mark if "Header" in type(edge).__name__ else disclaimer
            if not any(text in each.text for each in edge.paragraphs):
                edge.add_paragraph(text)


def _body(document: Any, blocks: Sequence[Block], pictures: Sequence[Picture], language: Language) -> None:
    other: Language = "en" if language == "zh" else "zh"
    for n, block in enumerate(blocks, start=1):
        document.add_heading(f"{n}. {block.heading.render(language)}  {block.heading.render(other)}", 1)
        for line in block.lines:
            document.add_paragraph(_clean(line))
        for caption, picture in pictures if n == len(blocks) else ():
            _caption(document, caption)
            document.add_picture(io.BytesIO(picture), width=Cm(16))
        for table in block.tables:
            _table(document, table)


def _table(document: Any, table: Table) -> None:
    _caption(document, table.caption)
    made = document.add_table(rows=0, cols=len(table.heads))
    made.style = _grid(document)
    shares = _BY_LAYER if table.by_layer else (1 / len(table.heads),) * len(table.heads)
    section = document.sections[-1]
    room = section.page_width - section.left_margin - section.right_margin
    widths = [int(each * room) for each in shares]
    for row in (table.heads, *table.rows):
        made_row = made.add_row()
        made_row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, text, width in zip(made_row.cells, row, widths, strict=True):
            cell.text, cell.width = _clean(text), width
            for run in cell.paragraphs[0].runs:
                run.font.size = Pt(9)
                run.bold = row is table.heads or None
    made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for column, width in zip(made.columns, widths, strict=True):
        column.width = width


def _caption(document: Any, text: str) -> None:
    """A line in the middle that stays with what follows it."""
    made = document.add_paragraph()
    made.add_run(_clean(text)).bold = True
    made.alignment = WD_ALIGN_PARAGRAPH.CENTER
    made.paragraph_format.keep_with_next = True


def _grid(document: Any) -> Any:
    """The style of ruled tables, None where a template lacks it."""
    return next((each for each in document.styles if each.name == "Table Grid"), None)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("〓", text)
