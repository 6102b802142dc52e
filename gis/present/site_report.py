"""The siting report (项目选址与用地预审报告): twelve blocks as one HTML file without network, or as a Word document."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gis.errors import LayerError, WriteError
from gis.i18n import Text
from gis.present.atomic import whole_file
from gis.present.print_map import data_uri
from gis.present.site_report_blocks import blocks, facts
from gis.present.site_report_map import MAPS, site_map
from gis.present.site_report_word import filled, written
from gis.present.style import MARK, checked_audience

if TYPE_CHECKING:
    from gis.decide.site import SiteAnswer
    from gis.i18n import Language
    from gis.model.plan import Plan
    from gis.present.style import Audience

__all__ = ["site_report"]

_TITLE: Final = Text("项目选址与用地预审合规性报告", "Siting and pre-examination report")


def site_report(
    plan: Plan,
    answer: SiteAnswer,
    path: str | Path,
    *,
    template: str | Path | None = None,
    lang: Language = "zh",
    audience: Audience = "internal",
) -> Path:
    """The path of the report on one site, written whole: .html or .docx, by the ending of `path`.

    Every page carries 内部资料 and the disclaimer. With `template`, a Word document of the bureau, its placeholders
    `{{ name }}` are filled with the values of `facts`, `{{ report }}` with all blocks; unknown ones stay and are named at the end.

    Raises: WriteError for another ending (print the .html from a browser for PDF), a template that is no Word document, or a
    file that cannot be written; LayerError for the audience "public", as land and owners are internal; MissingExtra without a Chinese font.
    """
    if checked_audience(audience) == "public":
        raise LayerError(
            '选址报告含占用土地、权属和控制线位置，属内部资料，不能公开。请使用 audience="internal"。',
            'A siting report holds land, owners and the place of control lines, which are internal. Use audience="internal".',
        )
    target = Path(path)
    ending = target.suffix.casefold()
    if ending not in (".html", ".docx") or (template is not None and ending != ".docx"):
        raise WriteError(
            f"无法写出 {target.name}：选址报告为 .html 或 .docx，模板只用于 .docx。需要 PDF 时请在浏览器中打印 .html。",
            f"{target.name} cannot be written: a siting report is .html or .docx, a template is for .docx only. Print the .html for PDF.",
        )
    pages = blocks(plan, answer, lang)
    drawn = ((caption.render(lang), site_map(answer, layers, lang)) for caption, layers in MAPS.items())
    pictures = [(caption, png) for caption, png in drawn if png]
    title, mark, disclaimer = (each.render(lang) for each in (_TITLE, MARK["internal"], answer.disclaimer))
    with whole_file(target) as beside:
        if ending == ".html":
            page = _environment().get_template("site_report.html.j2").render(
                language=lang, other="en" if lang == "zh" else "zh", title=title, mark=mark, disclaimer=disclaimer,
                blocks=pages, facts=facts(plan, answer, lang), pictures=[(caption, data_uri(png)) for caption, png in pictures],
            )  # fmt: skip
            beside.write_text(page, encoding="utf-8", newline="\n")
        elif template is None:
            written(beside, pages, pictures, (title, mark, disclaimer), lang)
        else:
            said = facts(plan, answer, lang) | {"title": title, "mark": mark, "disclaimer": disclaimer}
            filled(beside, Path(template), said, (pages, pictures), lang)
    return target


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
