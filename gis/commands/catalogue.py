"""`gis catalogue`: all that a plan is checked for and measured by, as a folder of pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gis.commands.common import app
from gis.terminal import said, say

__all__ = ["catalogue"]


@app.command()
def catalogue(
    folder: Annotated[Path, typer.Argument(help="新文件夹 / a new folder", metavar="DIR")],
    as_of: Annotated[
        str, typer.Option("--as-of", help="依据效力截至的日期 / whether sources are in force on this day")
    ] = "",
) -> None:
    """规则与数据目录：每个概念、规则、图层、表格、指标、依据一页，离线可用 / the catalogue as pages that need no network."""
    from datetime import date

    from gis.errors import RuleError
    from gis.present.catalogue import save_catalogue

    try:
        day = date.fromisoformat(as_of) if as_of else None
    except ValueError:
        raise RuleError(
            f"日期 {as_of} 无效。请按 年-月-日 填写，例如 2025-06-30。",
            f"The day {as_of} is not valid. Write it as year-month-day, e.g. 2025-06-30.",
        ) from None
    say(str(save_catalogue(folder, language=said.language, as_of=day) / "index.html"))
