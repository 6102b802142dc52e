"""Commands to begin and to understand: `new`, `explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gis.commands.common import Crs, app
from gis.terminal import said, say

__all__ = ["explain", "new"]


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
        str,
        typer.Argument(
            help="规则、图层、表格、概念、指标、依据或 clauses / a rule, layer, table, concept, indicator, source, or clauses",
            metavar="[NAME]",
        ),
    ] = "",
) -> None:
    """说明规则、图层、表格、概念、指标、依据 / explain anything that has a name; without a name, list them."""
    from gis.present.explain import explain as page
    from gis.present.explain import listing

    typer.echo(page(name, said.language) if name else listing(said.language))
