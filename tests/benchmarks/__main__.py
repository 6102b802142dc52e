"""One table of ours against the others.

`python -m tests.benchmarks [name …] [--size 10k …] [--k 5] [--without PEER …] [--json F] [--keep] [--smoke]
[--no-memory]`, or `--table` for the table of all that is kept.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

from . import __path__ as here
from . import kept, registry


def load() -> None:
    """Import all modules beside this one, so that each registers its benchmarks."""
    for module in pkgutil.iter_modules(here):
        if module.name != "__main__":
            importlib.import_module(f"tests.benchmarks.{module.name}")


def main(arguments: list[str] | None = None) -> list[registry.Row]:
    """Run what is asked for; print one table, write JSON if asked."""
    load()
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.memory_of:
        registry.resident_here(asked.names[0], asked.size[0], asked.memory_of)
        return []
    if asked.table:
        print(kept.rewrite())
        return []
    rows: list[registry.Row] = []
    for name, size in _chosen(parser, asked):
        found = registry.measure(
            name,
            size,
            1 if asked.smoke else asked.k,
            memory=not (asked.no_memory or asked.smoke),
            without=asked.without,
        )
        print(registry.table(found), file=sys.stderr, flush=True)
        rows = registry.with_growth(rows + found)
        if asked.json:
            registry.write(rows, asked.json)  # each time: a run of hours may be broken off
    print(registry.table(rows))
    if asked.keep:
        print(kept.keep(rows))
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    sizes = sorted({size for each in registry.BENCHMARKS.values() for size in each.items})
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(registry.BENCHMARKS))
    parser.add_argument("--size", action="append", choices=sizes, help="may be given several times")
    parser.add_argument("--k", type=int, default=5, help="runs of each alternative")
    parser.add_argument("--without", action="append", default=[], metavar="PEER", help="leave this peer out")
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    parser.add_argument(
        "--keep", action="store_true", help="write them to results/ with date and commit, and its table"
    )
    parser.add_argument("--table", action="store_true", help="measure nothing: write the table of results/ again")
    parser.add_argument("--smoke", action="store_true", help="each once at its smallest size: does it run and agree?")
    parser.add_argument("--no-memory", action="store_true", help="no fresh processes for peak memory")
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    return parser


def _chosen(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> list[tuple[str, str]]:
    """Names and sizes to run; without names, a size is run where it is known."""
    known = registry.BENCHMARKS
    if unknown := set(asked.names) - set(known):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if asked.smoke and (asked.size or asked.keep):
        parser.error("--smoke has its own size, and its figures mean nothing: no --size, no --keep")
    if lacking := [name for name in asked.names if not set(asked.size or []) <= set(known[name].items)]:
        parser.error(f"{lacking[0]} has only the sizes {', '.join(known[lacking[0]].items)}")
    return [
        (name, size)
        for name in asked.names or known
        for size in ([known[name].smoke] if asked.smoke else asked.size or known[name].sizes)
        if size in known[name].items
    ]


if __name__ == "__main__":
    main()
