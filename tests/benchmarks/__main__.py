"""`python -m tests.benchmarks [name …] [--size 10k|100k|1m …] [--k 5] [--json F] [--no-memory]`: one table of ours against the others."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

from . import __path__ as here
from . import data, registry


def load() -> None:
    """Import all modules beside this one, so that each registers its benchmarks."""
    for module in pkgutil.iter_modules(here):
        if module.name not in {"__main__", "data", "registry"}:
            importlib.import_module(f"tests.benchmarks.{module.name}")


def main(arguments: list[str] | None = None) -> list[registry.Row]:
    """Run what is asked for; print one table, write JSON if asked."""
    load()
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(registry.BENCHMARKS))
    parser.add_argument("--size", action="append", choices=list(data.SIZES), help="may be given several times")
    parser.add_argument("--k", type=int, default=5, help="runs of each alternative")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--no-memory", action="store_true", help="no fresh processes for peak memory")
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - set(registry.BENCHMARKS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(registry.BENCHMARKS)}")
    if asked.memory_of:
        print(registry.resident_here(asked.names[0], asked.size[0], asked.memory_of))
        return []
    rows = []
    for name in asked.names or registry.BENCHMARKS:
        for size in asked.size or registry.BENCHMARKS[name][1]:
            found = registry.measure(name, size, asked.k, memory=not asked.no_memory)
            print(registry.table(found), file=sys.stderr, flush=True)
            rows += found
    print(registry.table(rows))
    if asked.json:
        registry.write(rows, asked.json)
    return rows


if __name__ == "__main__":
    main()
