"""The siting report (项目选址与用地预审报告): twelve blocks as one HTML file without network, as a Word document, or as a PDF."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gis.errors import LayerError, WriteError
from gis.i18n import Text
from gis.present.atomic import whole_file
from gis.present.print_map import data_uri
from gis.present.site_report_blocks import annexes, blocks, facts
from gis.present.site_report_conclusion import first_reasons
from gis.present.site_report_map import site_maps
from gis.present.site_report_parts import Report, sentence
from gis.present.site_report_pdf import pdf
from gis.present.site_report_word import filled, written
from gis.present.style import MARK, checked_audience

if TYPE_CHECKING:
    from gis.decide.site import SiteAnswer
    from gis.i18n import Language
    from gis.model.plan import Plan
    from gis.model.site import Site
    from gis.present.style import Audience

__all__ = ["site_report"]

_TITLE: Final = Text("项目选址与用地预审合规性报告", "Siting and pre-examination report")
_NO_MAP: Final = Text(
    "选址范围附近没有可叠加的规划图层，未绘制叠加图。",
    "The plan has no layer to lay over near the site, so no map is drawn.",
)
_ENDINGS: Final = (".html", ".docx", ".pdf")


def site_report(  # noqa: PLR0913 - what a report is asked
    plan: Plan,
    answer: SiteAnswer,
    path: str | Path,
    *,
    site: Site | None = None,
    template: str | Path | None = None,
    lang: Language = "zh",
    audience: Audience = "internal",
) -> Path:
    """The path of the report on one site, written whole: .html, .docx or .pdf, by the ending of `path`.

    Every page carries 内部资料 and the disclaimer. `site` is the site as it was read: its boundary points are told as they came; without it,
    those of the ground that was judged. With `template`, a Word document of the bureau, its placeholders
    `{{ … }}` are filled, and unknown ones stay and are named at the end: `report` (all blocks), title, mark, disclaimer, name, seat, plan,
    kind, stage, use, parcels, area_ha, area_mu, crs, as_of, answer, reasons, documents, notices, and the columns of `answer.obligations`.

    Raises: WriteError for another ending, a template that is no Word document, or a file that cannot be written; LayerError for the
    audience "public", as land and owners are internal; MissingExtra without a Chinese font, and for .pdf without the extra `pdf`.
    """
    if checked_audience(audience) == "public":
        raise LayerError(
            '选址报告含占用土地、权属和控制线位置，属内部资料，不能公开。请使用 audience="internal"。',
            'A siting report holds land, owners and the place of control lines, which are internal. Use audience="internal".',
        )
    target = Path(path)
    ending = target.suffix.casefold()
    if ending not in _ENDINGS or (template is not None and ending != ".docx"):
        raise WriteError(
            f"无法写出 {target.name}：选址报告为 .html、.docx 或 .pdf，模板只用于 .docx。请改用这些扩展名。",
            f"{target.name} cannot be written: a siting report is .html, .docx or .pdf, a template is for .docx only. Use one of these endings.",
        )
    report = _report(plan, answer, site, lang)
    with whole_file(target) as beside:
        if ending == ".html":
            beside.write_text(_page(report), encoding="utf-8", newline="\n")
        elif ending == ".pdf":
            beside.write_bytes(pdf(report, answer.plan.as_of))
        elif template is None:
            written(beside, report)
        else:
            filled(beside, Path(template), facts(plan, answer, lang, site), report)
    return target


def _report(plan: Plan, answer: SiteAnswer, site: Site | None, language: Language) -> Report:
    *told, last = blocks(plan, answer, language, site)
    maps = site_maps(answer, language)
    lines = last.lines if maps else (*last.lines, _NO_MAP.render(language))
    said = facts(plan, answer, language, site)
    return Report(
        title=_TITLE.render(language),
        mark=MARK["internal"].render(language),
        disclaimer=answer.disclaimer.render(language),
        name=said["name"] or said["plan"],
        answer=sentence(said["answer"]),
        reasons=tuple(map(sentence, first_reasons(answer, language))),
        blocks=(*told, replace(last, lines=lines, pictures=maps)),
        annexes=annexes(answer, language, site),
        language=language,
    )


def _page(report: Report) -> str:
    folder = FileSystemLoader(Path(__file__).parent, encoding="utf-8")
    environment = Environment(
        loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page: str = environment.get_template("site_report.html.j2").render(report=report, data_uri=data_uri)
    return page
