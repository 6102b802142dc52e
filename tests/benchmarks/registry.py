"""How a benchmark is declared, and how it is run: alternated, with the spread, and the memory of fresh processes.

```python
@benchmark("areas-giants", sizes=["100k"])
def areas_on_giants(size: str) -> Case:
    a, b = ...                        # loaded before the clock starts
    return Case(ours=lambda: ..., peers={"geopandas.overlay": lambda: ...}, agree=lambda x, y: ...)
```
"""

from __future__ import annotations

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import data

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
OURS = "ours"


@dataclass(frozen=True)
class Case:
    """What is compared, on data already loaded. Peers take turns with ours; `agree` says whether two results are one."""

    ours: Callable[[], Any]
    peers: dict[str, Callable[[], Any]]
    agree: Callable[[Any, Any], bool]

    def calls(self) -> dict[str, Callable[[], Any]]:
        return {OURS: self.ours, **self.peers}


@dataclass(frozen=True)
class Row:
    """One comparison: medians, their ratio, growth of resident memory while running, and all single times."""

    name: str
    size: str
    ours_s: float
    peer: str
    peer_s: float
    ratio: float
    ours_rss_mb: float | None
    peer_rss_mb: float | None
    runs: dict[str, Any]


BENCHMARKS: dict[str, tuple[Callable[[str], Case], list[str]]] = {}


def benchmark(name: str, *, sizes: list[str]) -> Callable[[Callable[[str], Case]], Callable[[str], Case]]:
    """Register a function from size to `Case` under a name, with the sizes that are run when none is asked for."""

    def register(function: Callable[[str], Case]) -> Callable[[str], Case]:
        BENCHMARKS[name] = function, sizes
        return function

    return register


def measure(name: str, size: str, k: int, *, memory: bool = True) -> list[Row]:
    """Run all alternatives k times in turn, after one run each that is not counted, in which results must agree."""
    case = BENCHMARKS[name][0](size)
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
    peak = {who: resident(name, size, who) if memory else None for who in times}
    middle = {who: statistics.median(each) for who, each in times.items()}
    return [
        Row(
            name, size, middle[OURS], who, middle[who], middle[who] / middle[OURS], peak[OURS], peak[who],
            {OURS: times[OURS], "peer": times[who], "load": load, "cores": os.cpu_count()},
        )
        for who in case.peers
    ]  # fmt: skip


def resident(name: str, size: str, who: str) -> float:
    """MB by which one run raises the peak of a fresh process above its loaded input."""
    command = [sys.executable, "-m", "tests.benchmarks", name, "--size", size, "--memory-of", who]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def resident_here(name: str, size: str, who: str) -> float:
    """The same in this process: what a watcher sees every 10 ms."""
    import threading

    import psutil

    if who == OURS:
        BENCHMARKS[name][0]("tiny").ours()  # compiled code is loaded before
    call = BENCHMARKS[name][0](size).calls()[who]
    gc.collect()
    process, done, seen = psutil.Process(), threading.Event(), [0]
    base = process.memory_info().rss

    def watch() -> None:
        while not done.wait(0.01):
            seen.append(process.memory_info().rss - base)

    watcher = threading.Thread(target=watch)
    watcher.start()
    result = call()
    seen.append(process.memory_info().rss - base)
    done.set()
    watcher.join()
    del result
    return max(seen) / 2**20


def exponents(rows: list[Row]) -> dict[tuple[str, str], float]:
    """Per name and peer, and per name for ours: the slope of log time over log size where several sizes were run."""
    found = {}
    for name in {row.name for row in rows}:
        for who in {OURS, *(row.peer for row in rows if row.name == name)}:
            times = {
                row.size: row.ours_s if who == OURS else row.peer_s
                for row in rows
                if row.name == name and who in {OURS, row.peer}
            }
            if len(times) > 1:
                x = np.log([data.SIZES[size] for size in times])
                found[name, who] = float(np.polyfit(x, np.log(list(times.values())), 1)[0])
    return found


def table(rows: list[Row]) -> str:
    """One line per comparison, then the growth exponents."""
    head = (
        f"{'name':24} {'size':>5} {'peer':34} {'ours s':>18} {'peer s':>18} {'ratio':>7} {'ours MB':>8} {'peer MB':>8}"
    )
    lines = [head]
    for row in rows:
        ours, peer = (_spread(row.runs[key]) for key in (OURS, "peer"))
        memory = " ".join(f"{'-' if each is None else round(each):>8}" for each in (row.ours_rss_mb, row.peer_rss_mb))
        lines.append(f"{row.name:24} {row.size:>5} {row.peer:34} {ours:>18} {peer:>18} {row.ratio:>6.2f}x {memory}")
    lines += [f"growth {name} {who}: {slope:.2f}" for (name, who), slope in sorted(exponents(rows).items())]
    return "\n".join(lines)


def _spread(times: list[float]) -> str:
    return f"{statistics.median(times):.3f} [{min(times):.2f}-{max(times):.2f}]"


def write(rows: list[Row], target: Path) -> None:
    """The rows as JSON."""
    target.write_text(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1), "utf-8")
