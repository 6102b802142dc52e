"""Results kept with the commit they were measured at: `results/<date>-<short sha>.json`, and a table of the newest in its README."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .registry import COLUMNS, Row, cells, write

if TYPE_CHECKING:
    from collections.abc import Iterable

RESULTS = Path(__file__).parent / "results"
HEAD: Final = """# Benchmarks: the newest result of each comparison

Written by `python -m tests.benchmarks --keep` (again by `--table`); every single time is in the JSON files. Seconds: median [range] of runs
that take turns, after one run each that is not counted and in which the results must agree. Load: of the machine when the run
began, over its cores (2, of 24 GB, Linux; shared with other work), and the niceness of the run if it had any.
"""
GOALS_HEAD: Final = """## What was asked

Ratio: seconds of the peer over ours, asked at least, aimed at, and got.
"""
NOTES: Final = """
Two miss their aim; where their time goes, measured once on one thread:

- `areas-giants-valid`, 1m: 3.9 of 9.6 s for the moments of pairs of edges; 3.2 s to lay edges out and cut them (1.6 s of it cutting, 0.8 s
  copying coordinates out of GEOS); 0.5 s for the areal scale; 0.2 s to find the pieces that meet; the rest, trees and queries among it, was not taken apart.
- `areas-farmland`, 100k: 0.8 of 2.5 s for the moments, 0.7 s to lay out and cut; the rest as above.
  geopandas does not ask whether polygons are valid; to ask costs ours 0.2 to 0.4 s of some 1.5 s on two threads.

All growth exponents of ours are at most 1.1; over the last tenfold alone the highest is 1.11 (`reading`). `unmatched-…` has no 1m: its process
had passed 10 GB, both layers included, when it was broken off. `transform-edges` keeps edges where they were drawn, which its peer does not, and takes 1.8 times as long.
SedonaDB cannot do `areas-giants`: it ends with "Offset overflow error", its result being larger than 2 GB.
At 4d00f77 `areas-giants-valid` was called `areas-giants-1m`.
"""
ALL_HEAD: Final = """## All comparisons

MB: above the loaded input (and the peak itself), in a fresh process. Growth: exponent of time over items (parcels, or cells), from the sizes
of one run. The giants and the farmland are the same for all numbers of parcels, so what is measured on them grows by less.
"""

GOALS: Final[dict[tuple[str, str, str], tuple[float, float | None]]] = {
    ("areas-giants", "100k", "geopandas.overlay"): (20, 40),
    ("areas-farmland", "100k", "geopandas.overlay"): (4, 8),
    ("areas-giants-valid", "1m", "GEOS on tiles, threads"): (2, 4),
    ("pieces-giants", "100k", "geopandas.overlay"): (2, 4),
    ("coverage", "1m", "coverage_is_valid (yes/no)"): (4, None),
    ("coverage-from-flat", "1m", "coverage_is_valid (yes/no)"): (4, 10),
    ("area-official", "100k", "to_crs(4490) + Geod"): (8, 20),
    ("area-edge-true", "100k", "to_crs(4490) + Geod"): (8, 20),
    ("area-kernel-official", "100k", "Geod"): (100, None),
    ("area-kernel-edge-true", "100k", "Geod"): (100, None),
    ("reading", "1m", "from_wkb + to_ragged_array"): (4, None),
    ("slope-classes-overlay", "10k", "numpy whole"): (5, None),
    ("slope-classes-overlay", "10k", "xarray-spatial"): (1.5, None),
    ("zonal-centre", "10k", "exactextract raster-sequential"): (3, None),
}
"""The ratios asked for and aimed at, by name, size and peer."""

Newest = dict[tuple[str, str, str | None], tuple[Row, str]]
"""The newest row of each comparison and the file it is kept in."""


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
    rewrite(folder)
    return target


def rewrite(folder: Path = RESULTS) -> Path:
    """The README, written again from the JSON files beside it."""
    target = folder / "README.md"
    target.write_text(readme(folder), "utf-8")
    return target


def read(file: Path) -> list[Row]:
    """The rows of a JSON file."""
    return [Row(**row) for row in json.loads(file.read_text("utf-8"))]


def readme(folder: Path = RESULTS) -> str:
    """What was asked and what was got, then the newest row of each comparison over all files."""
    found = _newest(folder)
    order = sorted(found.values(), key=lambda each: (each[0].name, each[0].runs["items"], each[0].peer or ""))
    everything = [[*cells(row), _load(row), measured] for row, measured in order]
    asked = [_against_goal(*found[key], *goal) for key, goal in GOALS.items() if key in found]
    return "\n".join(
        [
            HEAD,
            GOALS_HEAD,
            *_table(("name", "size", "peer", "at least", "aim", "got", "load", "date and commit"), asked),
            NOTES,
            ALL_HEAD,
            *_table((*COLUMNS, "load", "date and commit"), everything),
            "",
        ]
    )


def _newest(folder: Path) -> Newest:
    newest: Newest = {}
    for file in folder.glob("*.json"):
        for row in read(file):
            key = row.name, row.size, row.peer
            if key not in newest or row.runs["when"] > newest[key][0].runs["when"]:
                newest[key] = row, file.stem
    return newest


def _against_goal(row: Row, measured: str, least: float, aim: float | None) -> list[str]:
    goals = [f"{least:g}×", "–" if aim is None else f"{aim:g}×"]
    return [row.name, row.size, row.peer or "–", *goals, f"**{row.ratio:.1f}×**", _load(row), measured]


def _load(row: Row) -> str:
    if row.runs["load"] is None:
        return "–"
    nice = row.runs.get("nice") or 0
    return f"{row.runs['load']:.1f}/{row.runs['cores']}" + (f", nice {nice}" if nice else "")


def _table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> list[str]:
    head = list(head)
    return [_line(head), _line("---" for _ in head), *map(_line, lines)]


def _line(columns: Iterable[str]) -> str:
    return f"| {' | '.join(columns)} |"


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=RESULTS.parent.parents[1], capture_output=True, text=True, check=True
    ).stdout.strip()
