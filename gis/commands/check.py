"""`gis check`: what is wrong with a plan or with several, for a person or as JSON, and whether to stop."""

from __future__ import annotations

import json as json_
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gis.commands.common import Crs, app, read
from gis.terminal import progress_bar, said, say

if TYPE_CHECKING:
    from gis.decide.parity import Parity
    from gis.model.finding import Findings
    from gis.model.plan import Plan, Waiver
    from gis.present.check_summary import Checked

__all__ = ["FailOn", "check"]

_EARLIER = (".gpkg", ".geojson", ".json")


class FailOn(StrEnum):
    """The least severity that makes `check` end with 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


@dataclass(frozen=True)
class _Asked:
    """What is asked of every plan."""

    crs: str
    select: str
    ignore: str
    reading: str
    as_of: str
    waivers: tuple[Waiver, ...]
    json: bool
    timings: bool


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
        Path | None,
        typer.Option(
            "--out",
            help="问题图层 .gpkg .geojson .json；多个规划时为文件夹 / where the findings go; a folder for several plans",
        ),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against", help="上次的检查结果，多个规划时为文件夹 / earlier findings, a folder for several plans"
        ),
    ] = None,
    official: Annotated[
        Path | None,
        typer.Option("--official", help="官方质检错误表 .xlsx .csv，与本检查对照 / the official checker's error list"),
    ] = None,
    official_codes: Annotated[
        Path | None, typer.Option("--official-codes", help="官方错误代码对照表（code, rule） / its codes and our rules")
    ] = None,
    parity: Annotated[
        Path | None, typer.Option("--parity", help="对照结果写入 .xlsx / where the comparison goes")
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
    """检查规划 / check plans. 有问题时退出码 1，有规划不能读取时 2 / exits with 1 on findings, 2 if a plan cannot be read."""
    from gis.read import read_waivers

    asked = _Asked(
        crs, select, ignore, reading, as_of, read_waivers(waivers) if waivers else (), json=json, timings=timings
    )
    jobs = _jobs(plans, out, against, _Official(official, official_codes, parity))
    done, shown = [], []
    for job in jobs:
        one, row = _one(job, asked, alone=len(jobs) == 1)
        done.append(one)
        shown.append(row)
    if json:
        typer.echo(json_.dumps(shown[0] if len(shown) == 1 else shown, ensure_ascii=False, allow_nan=False))
    if len(jobs) > 1:
        _tell_all(done, out, printed=not json)
    if any(each.found is None for each in done):
        raise typer.Exit(2)
    raise typer.Exit(
        1 if any(_fails(each.found, fail_on, strict=strict) for each in done if each.found is not None) else 0
    )


@dataclass(frozen=True)
class _Official:
    """The official checker's list, its codes, and where the comparison goes."""

    path: Path | None = None
    codes: Path | None = None
    out: Path | None = None


@dataclass(frozen=True)
class _Job:
    """A plan to be checked: what it is called among several, where it lies, where its findings go, what they are laid beside."""

    name: str
    path: Path
    out: Path | None
    earlier: Path | None
    official: _Official = _Official()


def _jobs(plans: list[Path], out: Path | None, against: Path | None, official: _Official) -> list[_Job]:
    """What is to be done for each plan.

    Raises: RuleError where several plans are to go into one file, or to be compared with one.
    """
    from gis.errors import RuleError

    if (official.path is None) != (official == _Official()) or (official.path is not None and len(plans) > 1):
        raise RuleError(
            "--official 对照一个规划的官方质检错误表；--official-codes 和 --parity 须与它同用。请逐个规划对照。",
            "--official lays one list beside one plan; --official-codes and --parity go with it. Compare plan by plan.",
        )
    names = _names(plans)
    if len(plans) == 1:
        return [_Job(names[0], plans[0], out, against, official)]
    for option, folder in (("--out", out), ("--against", against)):
        if folder is not None and (folder.suffix.lower() in _EARLIER or folder.is_file()):
            raise RuleError(
                f"检查多个规划时 {option} 应为文件夹，而 {folder} 是文件。请给出文件夹，每个规划对应其中一个文件。",
                f"With several plans {option} is a folder, and {folder} is a file. Name a folder; it holds one file per plan.",
            )
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    return [
        _Job(name, path, None if out is None else out / f"{name}.gpkg", _earlier(against, name))
        for name, path in zip(names, plans, strict=True)
    ]


def _names(plans: list[Path]) -> list[str]:
    """What each plan is called: its file or folder, for a plan.toml the folder it lies in; numbered where two are alike."""
    plain = [each.resolve() for each in plans]
    names = [each.parent.name if each.name.lower() == "plan.toml" else each.stem for each in plain]
    seen: Counter[str] = Counter()
    for n, name in enumerate(names):
        seen[name] += 1
        names[n] = name if seen[name] == 1 else f"{name}-{seen[name]}"
    return names


def _earlier(folder: Path | None, name: str) -> Path | None:
    """The earlier findings of a plan in a folder; None where it has none."""
    if folder is None:
        return None
    return next((each for ending in _EARLIER if (each := folder / f"{name}{ending}").is_file()), None)


def _one(job: _Job, asked: _Asked, *, alone: bool) -> tuple[Checked, dict[str, Any]]:
    """A plan, checked; one of several that cannot be checked is said at once and does not keep the others from it."""
    from gis.errors import GisError
    from gis.present.check_summary import Checked

    try:
        return _checked(job, asked, alone=alone)
    except GisError as error:
        if alone:
            raise
        typer.echo(str(error), err=True)
        fault = {"zh": error.text.zh, "en": error.text.en}
        return Checked(job.name, fault=error.text), {"plan": job.name, "error": fault}


def _checked(job: _Job, asked: _Asked, *, alone: bool) -> tuple[Checked, dict[str, Any]]:
    from dataclasses import replace

    import gis
    from gis.decide.findings_since import findings_since
    from gis.present.check_summary import Checked
    from gis.present.findings import findings_json
    from gis.present.parity_sheet import parity_json
    from gis.read.findings import read_findings

    earlier = read_findings(job.earlier) if job.earlier is not None else None
    plan = read(job.path, asked.crs, job.out)
    plan = replace(plan, waivers=(*plan.waivers, *asked.waivers))
    with progress_bar() as progress:
        found = gis.check(
            plan,
            select=asked.select,
            ignore=asked.ignore,
            as_of=asked.as_of or None,
            reading=asked.reading,
            progress=progress,
        )
    since = findings_since(found, earlier) if earlier is not None else None
    if job.out is not None:
        gis.save_findings(found, job.out, plan=plan, since=since)
    checked = Checked(job.name, found, since=since)
    beside = _beside(job.official, plan, found)
    if asked.json:
        more = {} if beside is None else {"parity": parity_json(beside)}
        return checked, findings_json(found, plan=plan, since=since, timings=asked.timings) | more
    if alone or said.verbose:
        _tell(job.path, plan, checked)
        if beside is not None:
            say(beside.summary(said.language))
        if asked.timings:
            _tell_times(found)
    return checked, {}


def _beside(official: _Official, plan: Plan, found: Findings) -> Parity | None:
    """The findings beside the official checker's list: the file named, else the table in the plan; None where there is none."""
    if official.path is None and "t_official_check" not in plan.tables:
        return None
    from gis.decide.parity import parity
    from gis.model.profile import profile_of
    from gis.present.parity_sheet import save_parity
    from gis.read.official import read_official, read_official_codes

    profile = profile_of(plan)
    theirs = plan.tables["t_official_check"] if official.path is None else read_official(official.path, profile)
    result = parity(found, theirs, read_official_codes(profile, official.codes), profile)
    if official.out is not None:
        save_parity(result, official.out, language=said.language)
    return result


def _tell_all(done: list[Checked], out: Path | None, *, printed: bool) -> None:
    """The table of all plans, printed and beside the findings."""
    from gis.present.check_summary import save_summary, summary_text

    if printed:
        say(summary_text(done, said.language))
    if out is not None:
        written = save_summary(done, out / "summary.xlsx", language=said.language)
        if printed:
            say(str(written))


def _tell(path: Path, plan: Plan, checked: Checked) -> None:
    """What a person reads: the summary, notices of the reader with -v, and how many rules did not run."""
    from gis.model.finding import Status

    found = checked.found
    assert found is not None, "what was checked has findings"
    say(f"{plan.name or path.name}（{plan.crs.to_string()}）")
    say(_terms(plan, found))
    say(found.summary(said.language))
    _tell_waived(found)
    if checked.since is not None:
        say(checked.since.summary(said.language))
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


def _terms(plan: Plan, found: Findings) -> str:
    """What the check went by: the day, the profile and the reading."""
    from gis.model.profile import profile_of
    from gis.present.report_words import READING

    profile = profile_of(plan).name.render(said.language)
    reading = READING[found.reading].render(said.language)
    if said.language == "zh":
        return f"基准日期 {found.as_of}，成果标准：{profile}，判定口径：{reading}"
    return f"as of {found.as_of}, profile: {profile}, reading: {reading}"


def _tell_waived(found: Findings) -> None:
    """The waived findings, each with its reason, by whom and until when; the first five without -v."""
    waived = [each for each in found if each.waived]
    for each in waived if said.verbose else waived[:5]:
        say(
            f"{'已豁免' if said.language == 'zh' else 'waived'} {each.rule} {each.feature} {each.waived}".replace(
                "  ", " "
            )
        )
    if len(waived) > 5 and not said.verbose:
        rest = len(waived) - 5
        say(f"另有 {rest} 处已豁免，用 -v 查看" if said.language == "zh" else f"{rest} more waived, with -v")


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
