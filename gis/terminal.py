"""What the command line says and how it ends: language, progress, and one clear message for every fault."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import typer

from gis.errors import GisError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gis.i18n import Language

    Progress = Callable[[int, int, str], None]

__all__ = ["Lang", "Settings", "progress_bar", "run", "said", "say", "steps"]


class Lang(StrEnum):
    """The language of what is printed and written."""

    ZH = "zh"
    EN = "en"


@dataclass(slots=True)
class Settings:
    """What stands before the command: language, and how much is said."""

    language: Language = "zh"
    verbose: bool = False
    quiet: bool = False


said = Settings()


def say(text: str) -> None:
    """Print a line unless quiet was asked for."""
    if not said.quiet:
        typer.echo(text)


@contextmanager
def progress_bar() -> Iterator[Progress | None]:
    """A bar on a terminal; nothing when piped or quiet."""
    if said.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("…", total=None)
        yield lambda done, total, name: bar.update(task, completed=done, total=total, description=name)


@contextmanager
def steps(total: int) -> Iterator[Any]:
    """A function that names the step that begins."""
    with progress_bar() as progress:
        done = iter(range(total))
        yield lambda name: progress(next(done), total, name) if progress else None


_ANYWHERE: Final = {"-v", "--verbose", "-q", "--quiet", "--version"}


def _settings_first(arguments: list[str]) -> list[str]:
    """The arguments with --lang, -v, -q and --version in front, where typer looks for them."""
    front, rest, wanted = [], [], iter(arguments)
    for each in wanted:
        if each == "--":
            rest += [each, *wanted]
        elif each in _ANYWHERE or each.startswith("--lang="):
            front.append(each)
        elif each == "--lang":
            front += [each, next(wanted, "")]
        else:
            rest.append(each)
    return [*front, *rest]


def run(app: typer.Typer, arguments: list[str]) -> None:
    """Run the command; 2 for wrong input, 3 for a fault of ours, 130 for Ctrl-C. A traceback only with -v."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        app(_settings_first(arguments), prog_name="gis")
    except GisError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("已中断，原有文件未改动。\nInterrupted; existing files are as they were.", err=True)
        sys.exit(130)
    except Exception as error:  # the one place where a fault of ours becomes a sentence and an exit code
        if said.verbose:
            raise
        typer.echo(
            f"程序出现故障（{type(error).__name__}: {error}），结果不可用。请加 -v 重新运行，并把输出发给开发者。\n"
            f"A fault of ours ({type(error).__name__}: {error}); there is no result. Run again with -v and send us the output.",
            err=True,
        )
        sys.exit(3)
