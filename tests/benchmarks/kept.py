"""Results kept with the commit they were measured at: `results/<date>-<short sha>.json`, and a table of the newest in its README."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from .registry import COLUMNS, Row, cells, write

if TYPE_CHECKING:
    from collections.abc import Iterable

RESULTS = Path(__file__).parent / "results"
HEAD = """# Benchmarks: the newest result of each comparison

Written by `python -m tests.benchmarks --keep`; every single time is in the JSON files. Seconds: median [range] of alternated runs. MB: above the
loaded input (and the peak itself), in a fresh process. Growth: exponent of time over items, from the sizes of one run. Load: of the machine when the run began, over its cores.
"""


def keep(rows: list[Row], folder: Path = RESULTS) -> Path:
    """Where the rows were written; a commit that does not hold all that was measured is marked `-changed`."""
    changed = (
        "-changed"
        if _git("status", "--porcelain", "--untracked-files=no", "--", "gis", "tests/benchmarks/*.py")
        else ""
    )
    folder.mkdir(exist_ok=True)
    target = folder / f"{rows[0].runs['when'][:10]}-{_git('rev-parse', '--short', 'HEAD')}{changed}.json"
    earlier = read(target) if target.exists() else []
    again = {(row.name, row.size, row.peer) for row in rows}
    write([row for row in earlier if (row.name, row.size, row.peer) not in again] + rows, target)
    (folder / "README.md").write_text(readme(folder), "utf-8")
    return target


def read(file: Path) -> list[Row]:
    """The rows of a JSON file."""
    return [Row(**row) for row in json.loads(file.read_text("utf-8"))]


def readme(folder: Path = RESULTS) -> str:
    """The newest row of each comparison over all files, as a table."""
    newest: dict[tuple[str, str, str | None], tuple[Row, str]] = {}
    for file in folder.glob("*.json"):
        for row in read(file):
            key = row.name, row.size, row.peer
            if key not in newest or row.runs["when"] > newest[key][0].runs["when"]:
                newest[key] = row, file.stem
    order = sorted(newest.values(), key=lambda each: (each[0].name, each[0].runs["items"], each[0].peer or ""))
    lines = [_line([*cells(row), _load(row), measured]) for row, measured in order]
    return "\n".join(
        [HEAD, _line([*COLUMNS, "load", "date and commit"]), _line("---" for _ in range(len(COLUMNS) + 2)), *lines, ""]
    )


def _load(row: Row) -> str:
    return "–" if row.runs["load"] is None else f"{row.runs['load']:.1f}/{row.runs['cores']}"


def _line(columns: Iterable[str]) -> str:
    return f"| {' | '.join(columns)} |"


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=RESULTS.parent.parents[1], capture_output=True, text=True, check=True
    ).stdout.strip()
