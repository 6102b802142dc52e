"""What all commands share: the app they belong to, their common options, and how a plan is read and checked for them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gis.terminal import progress_bar

if TYPE_CHECKING:
    from gis.model.finding import Findings
    from gis.model.plan import Plan

__all__ = ["Audience", "Crs", "For", "PlanPath", "app", "checked", "read"]

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Lantu GIS 蓝图：国土空间规划的编制、检查与监督 / draw up, check and supervise a territorial plan.",
    epilog="--lang zh|en, -v and -q may stand anywhere. 退出码 exit codes: 0 通过 ok, 1 有问题 findings, 2 输入有误 wrong input, 3 程序故障 fault.",
)


class Audience(StrEnum):
    """Whom a file is for."""

    INTERNAL = "internal"
    PUBLIC = "public"


PlanPath = Annotated[Path, typer.Argument(help="规划：.gdb .gpkg 文件夹 .zip plan.toml / a plan", metavar="PLAN")]
Crs = Annotated[str, typer.Option("--crs", help="规划的投影坐标系，如 EPSG:4549 / the plan's projected CRS")]
For = Annotated[Audience, typer.Option("--audience", help="内部或公开 / whom it is for")]


def read(path: Path, crs: str, out: Path | None) -> Plan:
    """The plan, if `out` is not one of the files it is read from."""
    import gis
    from gis.present.atomic import spare

    plan = gis.read_plan(path, crs=crs or None)
    if out is not None:
        spare(plan.files, out)
    return plan


def checked(plan: Plan) -> Findings:
    """The findings of all rules on a plan, with a progress bar on a terminal."""
    import gis

    with progress_bar() as progress:
        return gis.check(plan, progress=progress)
