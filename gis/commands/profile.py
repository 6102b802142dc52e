"""Commands on what a place demands: `sign-off` confirms assumed values, `clauses` reads an office's own clauses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.commands.common import Crs, PlanPath, app, checked, read
from gis.terminal import said, say

if TYPE_CHECKING:
    from gis.model.plan import Plan
    from gis.model.profile import Clause

__all__ = ["clauses", "sign_off"]


@app.command("sign-off")
def sign_off(
    plan: PlanPath,
    out: Annotated[
        Path | None, typer.Option("--out", help="确认表 .xlsx；与 --signed 同用时为成果标准 .yaml / where it goes")
    ] = None,
    signed: Annotated[
        Path | None, typer.Option("--signed", help="填好的确认表，写成本单位成果标准 / the sheet, filled in")
    ] = None,
    crs: Crs = "",
) -> None:
    """列出在用的假定参数供本单位确认，或把确认结果写成成果标准 / assumed values to confirm, or confirmed ones as a profile."""
    target = out or Path("sign_off.xlsx" if signed is None else "profile.yaml")
    made = read(plan, crs, target)
    if signed is None:
        from gis.present.sign_off import save_sign_off

        say(str(save_sign_off(checked(made), target, language=said.language)))
    else:
        _confirm(made, signed, target)


def _confirm(plan: Plan, signed: Path, target: Path) -> None:
    """Write the plan's profile with the confirmed values, and say how a plan names it."""
    from dataclasses import replace

    from gis.model.profile import profile_of
    from gis.present.profile_file import save_profile
    from gis.read.sign_off import read_sign_off

    values = read_sign_off(signed)
    profile = replace(profile_of(plan).with_signed(values), id=target.stem)
    save_profile(profile, target)
    count = sum(map(len, values.values()))
    if said.language == "zh":
        say(f'{target}：已确认 {count} 个参数。在 plan.toml 中写 profile = "{target.name}"。')
    else:
        say(f'{target}: {count} values confirmed. Write profile = "{target.name}" in plan.toml.')


@app.command()
def clauses(
    profile: Annotated[Path, typer.Argument(help="成果标准 .yaml / a profile", metavar="PROFILE")],
    cases: Annotated[
        Path | None, typer.Option("--cases", help="示例文件夹：没有则生成，有则逐个试 / drawn cases: made or tried")
    ] = None,
) -> None:
    """本单位条文：如何理解，示例是否成立 / an office's clauses: how they are understood, whether their cases come true."""
    from gis.read.profile import read_profile
    from gis.rules.clauses import clause_rule

    own = read_profile(profile).clauses
    for each in own:
        rule = clause_rule(each)
        say(f"{rule.id} {rule.title.render(said.language)} · {rule.severity.label.render(said.language)} · {each.rule}")
    if cases is not None:
        wrong = [each.id for each in own if not _tried(each, cases)]
        raise typer.Exit(1 if wrong else 0)


def _tried(clause: Clause, folder: Path) -> bool:
    """Whether all cases of a clause come true; where it has none yet, they are made first."""
    from gis.present.clause_cases import save_cases
    from gis.read.clause_cases import read_cases
    from gis.rules.clause_cases import comes_true

    path = folder / f"{clause.id}.yaml"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        say(str(save_cases(clause, path)))
    results = [(each, comes_true(clause, each)) for each in read_cases(path)]
    for case, true in results:
        say(f"  {'✓' if true else '✗'} {case.title.render(said.language)}")
    return all(true for _, true in results)
