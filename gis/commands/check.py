"""`gis check`: what is wrong with a plan, for a person or as JSON, and whether to stop."""

from __future__ import annotations

import json as json_
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.commands.common import Crs, app, read
from gis.terminal import progress_bar, said, say

if TYPE_CHECKING:
    from gis.model.finding import Findings
    from gis.model.plan import Plan

__all__ = ["FailOn", "check"]


class FailOn(StrEnum):
    """The least severity that makes `check` end with 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


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
        plan = read(path, crs, out)
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
