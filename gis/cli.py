"""The command `gis`: its settings, and the commands of `gis.commands` put together.

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 wrong input or usage, 3 a fault of ours.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gis import __version__
from gis.commands import begin, catalogue, check, demo, outputs, profile, site, tables, verify
from gis.commands.common import app
from gis.terminal import Lang, run, said

__all__ = ["COMMANDS", "app", "main"]

COMMANDS = (demo, check, outputs, begin, catalogue, profile, site, tables, verify)
"""The modules whose commands `gis` has; importing one puts its commands into the app."""


def _version(value: bool) -> None:
    if value:
        typer.echo(f"lantu-gis {__version__}")
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


def main(arguments: list[str] | None = None) -> None:
    """Run the command; every fault ends in one clear message on stderr and its exit code."""
    run(app, sys.argv[1:] if arguments is None else arguments)
