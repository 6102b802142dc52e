"""How a benchmark is declared, and how it is run: alternated, with the spread, the memory of fresh processes and the growth.

```python
@benchmark("areas-giants", sizes=["100k"])
def areas_on_giants(size: str) -> Case:
    a, b = ...                        # loaded before the clock starts
    peers = {"geopandas.overlay": lambda: ...} | optional_peer("sedonadb", lambda: ...)
    return Case(ours=lambda: ..., peers=peers, agree=lambda x, y: ...)
```

A `Case` without peers gives time and memory of ours alone.
"""

from __future__ import annotations

import datetime
import gc
import importlib.util
import json
import operator
import os
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

from . import data

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

ROOT = Path(__file__).parents[2]
OURS = "ours"


@dataclass(frozen=True)
class Case:
    """What is compared, on data already loaded. Peers take turns with ours; `agree` says whether two results are one."""

    ours: Callable[[], Any]
    peers: dict[str, Callable[[], Any]] = field(default_factory=dict)
    agree: Callable[[Any, Any], bool] = operator.eq

    def calls(self) -> dict[str, Callable[[], Any]]:
        return {OURS: self.ours, **self.peers}


@dataclass(frozen=True)
class Benchmark:
    """How a case of each size is made; the sizes run when none is asked for, how many items a size has, the size of a smoke test."""

    make: Callable[[str], Case]
    sizes: list[str]
    items: Mapping[str, int]
    smoke: str


@dataclass(frozen=True)
class Row:
    """One comparison: medians, their ratio, MB above the loaded input, and in `runs` all single times and what else is known."""

    name: str
    size: str
    ours_s: float
    peer: str | None
    peer_s: float | None
    ratio: float | None
    ours_rss_mb: float | None
    peer_rss_mb: float | None
    runs: dict[str, Any]


BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(
    name: str, *, sizes: list[str], items: Mapping[str, int] = data.SIZES, smoke: str = "smoke"
) -> Callable[[Callable[[str], Case]], Callable[[str], Case]]:
    """Register a function from size to `Case` under a name."""

    def register(function: Callable[[str], Case]) -> Callable[[str], Case]:
        BENCHMARKS[name] = Benchmark(function, sizes, items, smoke)
        return function

    return register


def optional_peer(package: str, call: Callable[[], Any]) -> dict[str, Callable[[], Any]]:
    """The call under the name of its package where that is installed (`pip install .[benchmark]`); else nothing, and it is said."""
    if importlib.util.find_spec(package):
        return {package: call}
    print(f"{package} is not installed: no comparison with it", file=sys.stderr)
    return {}


def measure(name: str, size: str, k: int, *, memory: bool = True, without: Collection[str] = ()) -> list[Row]:
    """Run all alternatives k times in turn, after one run each that is not counted, in which results must agree.

    `without` leaves out peers that would take too long; without any, ours is measured alone.
    """
    case = BENCHMARKS[name].make(size)
    case = replace(case, peers={who: call for who, call in case.peers.items() if who not in without})
    first = {who: call() for who, call in case.calls().items()}
    for who in case.peers:
        assert case.agree(first[OURS], first[who]), f"{name} {size}: {who} gives another result"
    del first
    times: dict[str, list[float]] = {who: [] for who in case.calls()}
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    for _ in range(k):
        for who, call in case.calls().items():
            gc.collect()
            start = time.perf_counter()
            call()
            times[who].append(time.perf_counter() - start)
    del case, call
    used = {who: resident(name, size, who) if memory else (None, None) for who in times}
    about = {
        "k": k,
        "items": BENCHMARKS[name].items[size],
        "load": load,
        "cores": os.cpu_count(),
        "nice": os.nice(0) if hasattr(os, "nice") else None,
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    return [_row(name, size, who, times, used, about) for who in list(times)[1:] or [None]]


def _row(name: str, size: str, who: str | None, times: Any, used: Any, about: dict[str, Any]) -> Row:
    ours = statistics.median(times[OURS])
    theirs = statistics.median(times[who]) if who else None
    growth, peak = used[who] if who else (None, None)
    runs = {OURS: times[OURS], "peer": times[who] if who else None, "ours_peak_mb": used[OURS][1], "peer_peak_mb": peak}
    return Row(name, size, ours, who, theirs, theirs and theirs / ours, used[OURS][0], growth, runs | about)


def resident(name: str, size: str, who: str) -> tuple[float, float]:
    """MB by which one run raises the peak of a fresh process above its loaded input, and that peak.

    Watched from outside every 5 ms: what runs may not let go of its interpreter.
    """
    command = [sys.executable, "-m", "tests.benchmarks", name, "--size", size, "--memory-of", who]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8") as child:
        assert child.stdout
        process, seen = psutil.Process(child.pid), [int(child.stdout.readline())]
        while child.poll() is None:
            try:
                seen.append(process.memory_info().rss)
            except psutil.Error:  # it has just ended
                break
            time.sleep(0.005)
        seen.append(int(child.stdout.readline()))
    return (max(seen) - seen[0]) / 2**20, max(seen) / 2**20


def resident_here(name: str, size: str, who: str) -> None:
    """Print the memory of this process in bytes, run, and print it again."""
    it = BENCHMARKS[name]
    it.make(it.smoke).calls()[who]()  # compiled code is loaded before
    call = it.make(size).calls()[who]
    gc.collect()
    print(psutil.Process().memory_info().rss, flush=True)
    result = call()
    print(psutil.Process().memory_info().rss, flush=True)
    del result


def exponents(rows: list[Row]) -> dict[tuple[str, str | None], float]:
    """Per name and peer, and per name for ours: the slope of log time over log items where several sizes were run."""
    found: dict[tuple[str, str | None], float] = {}
    for row in rows:
        for who in (OURS, row.peer):
            alike = [each for each in rows if each.name == row.name and who in {OURS, each.peer}]
            times = {each.runs["items"]: each.ours_s if who == OURS else each.peer_s for each in alike}
            if len(times) > 1 and None not in times.values():
                slope, _ = np.polyfit(np.log(list(times)), np.log(list(times.values())), 1)
                found[row.name, who] = float(slope)
    return found


def with_growth(rows: list[Row]) -> list[Row]:
    """The rows with the growth exponents of ours and of the peer among their `runs`, None where one size alone was run."""
    known = exponents(rows)
    return [
        replace(
            row,
            runs=row.runs
            | {"growth_ours": known.get((row.name, OURS)), "growth_peer": known.get((row.name, row.peer))},
        )
        for row in rows
    ]


COLUMNS = ("name", "size", "peer", "ours s", "peer s", "ratio", "ours MB", "peer MB", "ours grows", "peer grows")
"""Seconds are the median and the range; MB above the loaded input and the peak; growth is the exponent over items."""


def cells(row: Row) -> list[str]:
    """What the table says of one row, column by column."""
    runs = row.runs
    return [
        row.name, row.size, row.peer or "–", _spread(runs[OURS]), _spread(runs["peer"]),
        "–" if row.ratio is None else f"{row.ratio:.2f}×",
        _memory(row.ours_rss_mb, runs["ours_peak_mb"]), _memory(row.peer_rss_mb, runs["peer_peak_mb"]),
        *("–" if runs.get(key) is None else f"{runs[key]:.2f}" for key in ("growth_ours", "growth_peer")),
    ]  # fmt: skip


def table(rows: list[Row]) -> str:
    """One line per comparison."""
    lines = [list(COLUMNS), *map(cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in lines)


def _spread(times: list[float] | None) -> str:
    return f"{statistics.median(times):.3f} [{min(times):.2f}–{max(times):.2f}]" if times else "–"


def _memory(above: float | None, peak: float | None) -> str:
    return "–" if above is None else f"+{above:.0f} ({peak:.0f})"


def write(rows: list[Row], target: Path) -> None:
    """The rows as JSON."""
    target.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1) + "\n", "utf-8")
