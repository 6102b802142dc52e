"""`gis verify`: findings checked again, by whoever doubts them."""

from __future__ import annotations

import json as json_
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gis.commands.common import Crs, app
from gis.terminal import progress_bar, said, say

if TYPE_CHECKING:
    from gis.decide.verify import Verification

__all__ = ["verify"]

_SHOWN = 20


@app.command()
def verify(
    findings: Annotated[
        Path, typer.Argument(help="检查结果 .gpkg .geojson .json / a findings file", metavar="FINDINGS")
    ],
    plan: Annotated[Path, typer.Option("--plan", help="被检查的规划 / the plan that was checked", metavar="PLAN")],
    crs: Crs = "",
    *,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """复核检查结果：一致、不一致、输入已变 / check findings again. 不全一致时退出码为 1 / exits with 1 unless all are confirmed."""
    import gis

    stated = gis.read_certificate(findings)
    made = gis.read_plan(plan, crs=crs or stated.crs)
    with progress_bar() as progress:
        result = gis.verify(stated, made, progress=progress)
    if json:
        typer.echo(json_.dumps(_plain(result), ensure_ascii=False, allow_nan=False))
    else:
        _tell(result)
    raise typer.Exit(0 if result.confirmed else 1)


def _tell(result: Verification) -> None:
    """What a person reads: the summary, and the first findings that are not confirmed."""
    from gis.decide.verify import Result

    typer.echo(result.summary(said.language))
    open_ = [each for each in result if each.result is not Result.CONFIRMED]
    for each in open_ if said.verbose else open_[:_SHOWN]:
        where = f"{each.stated.rule} {each.stated.layer} {', '.join(each.stated.features[:3])}"
        why = "；".join(one.render(said.language) for one in each.reasons) or ", ".join(each.changed)
        say(f"· {where}：{each.result.label.render(said.language)}（{why}）")
    if not said.verbose and len(open_) > _SHOWN:
        rest = len(open_) - _SHOWN
        say(f"· 另有 {rest} 处，用 -v 查看" if said.language == "zh" else f"· {rest} more with -v")


def _plain(result: Verification) -> dict[str, Any]:
    """The result as JSON."""

    def number(value: float) -> float | None:
        return value if math.isfinite(value) else None

    return {
        "confirmed": result.confirmed,
        "inputs": dict(result.inputs),
        "notices": [{"zh": each.zh, "en": each.en} for each in result.notices],
        "findings": [
            {
                "rule": each.stated.rule,
                "layer": each.stated.layer,
                "features": list(each.stated.features),
                "result": each.result.value,
                "reasons": [{"zh": one.zh, "en": one.en} for one in each.reasons],
                "changed": list(each.changed),
                "stated": number(each.stated.measure),
                "again": number(each.again),
                "unit": each.stated.unit,
                "witness_m2": number(each.witness_m2),
            }
            for each in result
        ],
        "unstated": [
            {"rule": each.rule, "layer": each.layer, "features": list(each.features), "measure": number(each.measure)}
            for each in result.unstated
        ],
    }
