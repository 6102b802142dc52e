"""The command `gis`. No calculation: each command calls what a notebook would call, and says what came of it.

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong input or usage, 3 a fault of ours.
"""

from __future__ import annotations

import json as json_
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.terminal import Lang, progress_bar, run, said, say, steps

if TYPE_CHECKING:
    from gis.model.finding import Findings
    from gis.model.plan import Plan

__all__ = ["app", "main"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Lantu GIS 蓝图：国土空间规划的编制、检查与监督 / draw up, check and supervise a territorial plan.",
    epilog="--lang zh|en, -v and -q may stand anywhere. 退出码 exit codes: 0 通过 ok, 1 有问题 findings, 2 输入有误 wrong input, 3 程序故障 fault.",
)


class FailOn(StrEnum):
    """The least severity that makes `check` end with 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


class Audience(StrEnum):
    """Whom a file is for."""

    INTERNAL = "internal"
    PUBLIC = "public"


class CityKind(StrEnum):
    """Sizes of the invented city."""

    TOWN = "town"


PlanPath = Annotated[Path, typer.Argument(help="规划：.gdb .gpkg 文件夹 .zip plan.toml / a plan", metavar="PLAN")]
Crs = Annotated[str, typer.Option("--crs", help="规划的投影坐标系，如 EPSG:4549 / the plan's projected CRS")]
For = Annotated[Audience, typer.Option("--audience", help="内部或公开 / whom it is for")]


def _version(value: bool) -> None:
    if value:
        import gis

        typer.echo(f"lantu-gis {gis.__version__}")
        raise typer.Exit


@app.callback()
def _settings(
    lang: Annotated[Lang, typer.Option("--lang", help="语言 / language")] = Lang.ZH,
    *,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="多说一些 / say more")] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="只说必要的 / say only what must be said")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="版本 / version")
    ] = False,
) -> None:
    said.language, said.verbose, said.quiet = "zh" if lang is Lang.ZH else "en", verbose, quiet


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="成果放在哪里 / where the results go", metavar="[DIR]")] = Path("demo"),
    size: Annotated[CityKind, typer.Option("--size", help="城市规模 / size of the city")] = CityKind.TOWN,
    seed: Annotated[int, typer.Option("--seed", min=0, help="随机种子 / which city")] = 0,
    *,
    faults: Annotated[bool, typer.Option("--faults/--no-faults", help="是否埋设问题 / with planted faults")] = True,
) -> None:
    """虚构城市，全流程：生成 → 读取 → 检查 → 测算 → 地图 → 报告 → QGIS / the invented city, the whole chain."""
    import gis
    from gis.present.plan_files import save_plan

    with steps(7) as step:
        step("生成城市 / draw the city")
        made = gis.demo_plan(size.value, faults=faults, seed=seed)
        toml = save_plan(made, folder / "plan")
        step("读取 / read")
        plan = gis.read_plan(toml)
        step("检查 / check")
        found = gis.check(plan)
        step("测算 / measure")
        table = gis.measure(plan)
        step("地图 / map")
        language = said.language
        gis.web_map(plan, found, language=language).save(folder / "map.html")
        step("报告 / report")
        gis.report(plan, found, table, folder / "report.html", language=language)
        step("QGIS")
        gis.save_qgis(plan, found, folder / "qgis.gpkg", language=language)
        gis.save_findings(found, folder / "findings.gpkg")
        gis.save_findings(found, folder / "findings.json")
    say(found.summary(language))
    for name in (
        "plan/plan.toml",
        "map.html",
        "report.html",
        "qgis.qgz",
        "qgis.gpkg",
        "findings.gpkg",
        "findings.json",
    ):
        say(f"  {folder / name}")


@app.command()
def check(
    plans: Annotated[list[Path], typer.Argument(help="一个或多个规划 / one or more plans", metavar="PLAN...")],
    crs: Crs = "",
    select: Annotated[str, typer.Option("--select", help="只查这些规则，如 CL,DQ02 / only these rules")] = "",
    ignore: Annotated[str, typer.Option("--ignore", help="不查这些规则 / not these rules")] = "",
    waivers: Annotated[Path | None, typer.Option("--waivers", help="豁免清单 .toml / a file of waivers")] = None,
    reading: Annotated[str, typer.Option("--reading", help="default | strict 质检口径 | study 研判口径")] = "default",
    as_of: Annotated[
        str, typer.Option("--as-of", help="基准日期，按当日有效的依据检查 / judge by the law of this day")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="问题图层 .gpkg .geojson .json / where the findings go")
    ] = None,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help="达到此等级即退出码 1 / least severity for exit code 1")
    ] = FailOn.ERROR,
    *,
    strict: Annotated[
        bool, typer.Option("--strict", help="无法判断和未检查也算问题 / undecidable and not run count too")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
    timings: Annotated[bool, typer.Option("--timings", help="每条规则的用时 / the time of each rule")] = False,
) -> None:
    """检查规划 / check a plan. 有问题时退出码为 1 / exits with 1 when something is found."""
    from dataclasses import replace

    import gis
    from gis.errors import RuleError
    from gis.present.findings import findings_json
    from gis.read import read_waivers

    if out is not None and len(plans) > 1:
        raise RuleError(
            "检查多个规划时 --out 只能对应一个文件。请逐个检查。",
            "--out takes one plan at a time. Check them one by one.",
        )
    failed, shown = False, []
    for path in plans:
        plan = _read(path, crs, out)
        if waivers is not None:
            plan = replace(plan, waivers=(*plan.waivers, *read_waivers(waivers)))
        with progress_bar() as progress:
            found = gis.check(
                plan, select=select, ignore=ignore, as_of=as_of or None, reading=reading, progress=progress
            )
        if out is not None:
            gis.save_findings(found, out)
        if json:
            shown.append(findings_json(found, timings=timings))
        else:
            _tell(path, plan, found)
            if timings:
                _tell_times(found)
        failed |= _fails(found, fail_on, strict=strict)
    if json:
        typer.echo(json_.dumps(shown[0] if len(shown) == 1 else shown, ensure_ascii=False, allow_nan=False))
    raise typer.Exit(1 if failed else 0)


def _tell(path: Path, plan: Plan, found: Findings) -> None:
    """What a person reads: the summary, notices of the reader with -v, and how many rules did not run."""
    from gis.model.finding import Status

    say(f"{plan.name or path.name}（{plan.crs.to_string()}）")
    say(found.summary(said.language))
    notices = found.notices if said.verbose else found.notices[:5]
    for each in notices:
        say(f"· {each.render(said.language)}")
    if len(notices) < len(found.notices):
        rest = len(found.notices) - len(notices)
        say(f"· 另有 {rest} 条说明，用 -v 查看" if said.language == "zh" else f"· {rest} more notices with -v")
    not_run = len(found.rules(Status.NOT_RUN))
    if not_run:
        typer.echo(
            f"{not_run} 条规则未检查，不等于通过。"
            if said.language == "zh"
            else f"{not_run} rules did not run; that is not a pass."
        )


def _tell_times(found: Findings) -> None:
    """The time of each rule that ran, the slowest first, and the whole."""
    ran = sorted((each for each in found.outcomes.values() if each.seconds), key=lambda each: -each.seconds)
    for each in ran:
        typer.echo(f"{each.seconds:9.3f} s  {each.rule}  {each.title.render(said.language)}")
    whole = sum(each.seconds for each in ran)
    typer.echo(f"{whole:9.3f} s  " + ("合计" if said.language == "zh" else "in all"))


def _fails(found: Findings, fail_on: FailOn, *, strict: bool) -> bool:
    from gis.model.finding import Severity, Status, Verdict

    if fail_on is FailOn.NEVER:
        return False
    order = [each.value for each in Severity]
    bad = order[: order.index(fail_on.value) + 1]
    verdicts = set(Verdict) if strict else {Verdict.VIOLATED}
    hit = any(each.severity.value in bad and each.verdict in verdicts for each in found.open)
    return hit or (strict and bool(found.rules(Status.NOT_RUN)))


@app.command()
def measure(
    plan: PlanPath,
    out: Annotated[Path | None, typer.Option("--out", help="表格 .xlsx .csv / where the table goes")] = None,
    crs: Crs = "",
    *,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """测算指标：全市与各县，目标与差距 / measure the indicators, whole and by county, with target and gap."""
    import gis
    from gis.present.tables import measures_json, save_measures

    table = gis.measure(_read(plan, crs, out))
    if out is not None:
        save_measures(table, out)
    if json:
        typer.echo(json_.dumps(measures_json(table), ensure_ascii=False, allow_nan=False))
    else:
        say(table.summary(said.language))


@app.command("map")
def map_(
    plan: PlanPath,
    out: Annotated[Path, typer.Option("--out")] = Path("map.html"),
    crs: Crs = "",
    audience: For = Audience.INTERNAL,
) -> None:
    """离线网页地图 / one web map that works with no network."""
    import gis

    read = _read(plan, crs, out)
    found = _checked(read) if audience is Audience.INTERNAL else None
    gis.web_map(read, found, language=said.language, audience=audience.value).save(out)
    say(str(out))


@app.command()
def report(
    plan: PlanPath,
    out: Annotated[Path, typer.Option("--out")] = Path("report.html"),
    crs: Crs = "",
    audience: For = Audience.INTERNAL,
) -> None:
    """检查与测算报告 / the report of check and measurement."""
    import gis

    read = _read(plan, crs, out)
    gis.report(read, _checked(read), gis.measure(read), out, language=said.language, audience=audience.value)
    say(str(out))


@app.command()
def qgis(
    plan: PlanPath,
    out: Annotated[Path, typer.Option("--out")] = Path("plan.gpkg"),
    crs: Crs = "",
    audience: For = Audience.INTERNAL,
) -> None:
    """带样式的 GeoPackage 与 QGIS 工程 / a styled GeoPackage and a QGIS project."""
    import gis

    read = _read(plan, crs, out)
    found = _checked(read) if audience is Audience.INTERNAL else None
    say(str(gis.save_qgis(read, found, out, language=said.language, audience=audience.value)))


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(help="新文件夹 / a new folder", metavar="DIR")],
    county: Annotated[str, typer.Option("--county", help="六位行政区代码 / 6-digit area code")],
    name: Annotated[str, typer.Option("--name", help="规划名称 / name of the plan")] = "",
    crs: Crs = "",
) -> None:
    """空白规划：全部图层、字段、代码表和样式 / an empty plan to fill in."""
    from gis.present.new_plan import new_plan

    say(str(new_plan(folder, county=county, name=name, crs=crs or None, language=said.language)))


@app.command()
def explain(
    name: Annotated[
        str, typer.Argument(help="规则、图层、概念或指标 / a rule, layer, concept or indicator", metavar="[NAME]")
    ] = "",
) -> None:
    """说明规则、图层、概念、指标 / explain a rule, layer, concept or indicator; without a name, list them."""
    from gis.present.explain import explain as page
    from gis.present.explain import listing

    typer.echo(page(name, said.language) if name else listing(said.language))


def _read(path: Path, crs: str, out: Path | None) -> Plan:
    """The plan, if `out` is not one of the files it is read from."""
    import gis
    from gis.present.atomic import spare

    plan = gis.read_plan(path, crs=crs or None)
    if out is not None:
        spare(plan.files, out)
    return plan


def _checked(plan: Plan) -> Findings:
    import gis

    with progress_bar() as progress:
        return gis.check(plan, progress=progress)


def main(arguments: list[str] | None = None) -> None:
    """Run the command; every fault ends in one clear message on stderr and its exit code."""
    run(app, sys.argv[1:] if arguments is None else arguments)
