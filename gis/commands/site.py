"""`gis site`: may this be built here?"""

from __future__ import annotations

import json as json_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gis.commands.common import Crs, PlanPath, app, read
from gis.terminal import said, say

if TYPE_CHECKING:
    from gis.decide.site import SiteAnswer
    from gis.model.plan import Plan
    from gis.model.site import Site

__all__ = ["site"]

_FINE = ("no_conflict", "conditional")
_REPORTS = ("report.html", "report.docx", "report.pdf")
"""The siting reports in a folder of results; the last one needs an extra."""


@app.command()
def site(
    plan: PlanPath,
    site: Annotated[
        Path,
        typer.Argument(
            help="地块：报批坐标 .txt、界址点 .csv .xlsx、.dxf .kml .geojson .gpkg .shp .zip / a site", metavar="SITE"
        ),
    ],
    use: Annotated[str, typer.Option("--use", help="拟用途的用地分类编码，如 0804 / code of the land use")],
    kind: Annotated[
        str,
        typer.Option(
            "--kind", help="单独选址 批次用地 线性工程 临时用地 设施农业用地 村庄建设 先行用地 / kind of project"
        ),
    ] = "单独选址",
    stage: Annotated[
        str, typer.Option("--stage", help="pre_examination 用地预审与选址 | conversion 农用地转用报批 / stage")
    ] = "pre_examination",
    width: Annotated[float, typer.Option("--width", help="线路用地宽度（米）/ width of a line's corridor, m")] = 0.0,
    as_of: Annotated[str, typer.Option("--as-of", help="按该日有效的依据判断 / judge by the law of this day")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="成果文件夹 / a folder for tables, layers and report")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="选址报告，.html .docx .pdf / the siting report")
    ] = None,
    template: Annotated[
        Path | None, typer.Option("--template", help="本单位的 Word 报告模板 / your own Word template of the report")
    ] = None,
    crs: Crs = "",
    site_crs: Annotated[
        str, typer.Option("--site-crs", help="地块坐标的坐标系，如 EPSG:4527 / the CRS the site is in")
    ] = "",
    *,
    listed: Annotated[bool, typer.Option("--listed", help="已列入重点项目清单 / on a list of key projects")] = False,
    ways_out: Annotated[
        bool, typer.Option("--ways-out/--no-ways-out", help="是否求可选出路 / look for ways out")
    ] = True,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """选址核对：能否在此建设 / may this be built here. 存在冲突或无法判断时退出码 1 / exits with 1 on conflict or where it cannot be decided."""
    import gis
    from gis.errors import WriteError
    from gis.present.site_answer import answer_json, answer_text

    if template is not None and report is None and out is None:
        raise WriteError(
            f"模板 {template} 没有用处：未要求写出报告。请同时给出 --report 报告.docx 或 --out 文件夹。",
            f"Template {template} serves nothing: no report is asked for. Add --report REPORT.docx or --out FOLDER.",
        )
    made = read(plan, crs, None)
    ground = gis.read_site(site, crs=site_crs or None, width_m=width or None)
    asked = {"kind": kind, "stage": stage, "listed": listed or None, "as_of": as_of or None, "way_out": ways_out}
    answer = _answer(made, ground, use, asked)
    written = [] if out is None else _write(made, answer, ground, out)
    pages = [each for each in (report, *((out / name for name in _reports()) if out else ())) if each is not None]
    written += _report(made, answer, ground, pages, template)
    if json:
        typer.echo(json_.dumps(answer_json(answer), ensure_ascii=False, allow_nan=False))
    else:
        typer.echo(answer_text(answer, said.language))
        for path in written:
            say(str(path))
    raise typer.Exit(0 if answer.answer in _FINE else 1)


def _answer(plan: Plan, ground: Site, use: str, asked: dict[str, Any]) -> SiteAnswer:
    """The answer; where the site cannot be judged at all, what is known of it is said first."""
    import gis
    from gis.analysis.site_system import site_notices
    from gis.errors import GisError

    try:
        return gis.site(plan, ground, use, **asked)
    except GisError:
        for each in (*ground.notices, *site_notices(plan, ground)):
            typer.echo(each.both(), err=True)
        raise


def _write(plan: Plan, answer: SiteAnswer, ground: Site, out: Path) -> list[Path]:
    """The tables, the layers and the text; nothing that the plan or the site was read from is overwritten."""
    from gis.present.atomic import spare
    from gis.present.site_answer import FILES, save_answer

    for name in FILES:
        spare({*plan.files, Path(ground.source)}, out / name)
    return save_answer(answer, ground, out, language=said.language)


def _reports() -> tuple[str, ...]:
    """The siting reports that can be written; without the extra for PDF that is said, and is no fault."""
    from importlib.util import find_spec

    from gis.i18n import Text

    if find_spec("typst") is not None:
        return _REPORTS
    typer.echo(
        Text(
            '未写出 report.pdf：缺少 typst，可执行 pip install "lantu-gis[pdf]" 安装。',
            'report.pdf is not written: typst is missing. Run pip install "lantu-gis[pdf]" to have it.',
        ).both(),
        err=True,
    )
    return _REPORTS[:-1]


def _report(plan: Plan, answer: SiteAnswer, ground: Site, pages: list[Path], template: Path | None) -> list[Path]:
    """The siting report at each of the paths, those in Word by the bureau's template; no input is overwritten."""
    import gis
    from gis.present.atomic import spare

    inputs = {*plan.files, Path(ground.source), *([template] if template else [])}
    for path in pages:
        spare(inputs, path)
    filled = [each for each in pages if each.suffix.casefold() == ".docx"] or pages
    return [
        gis.site_report(
            plan, answer, each, site=ground, template=template if each in filled else None, lang=said.language
        )
        for each in pages
    ]
