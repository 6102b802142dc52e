"""The command that writes the official tables: `tables`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gis.commands.common import Audience, Crs, For, PlanPath, app, checked, read
from gis.terminal import said, say

__all__ = ["tables"]


@app.command()
def tables(
    plan: PlanPath,
    out: Annotated[Path, typer.Option("--out", help="工作簿 .xlsx / where the workbook goes")] = Path("tables.xlsx"),
    crs: Crs = "",
    audience: For = Audience.INTERNAL,
) -> None:
    """成果附表：三条控制线、三线占用、用地用海结构、问题清单 / the official tables as one workbook."""
    import gis

    made = read(plan, crs, out)
    found = checked(made) if audience is Audience.INTERNAL else None
    say(str(gis.save_tables(made, found, out, language=said.language, audience=audience.value)))
