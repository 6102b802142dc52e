"""Which faults are planted, how what is found is compared with what they cause, and how a difference is shrunk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely

from gis.model.finding import Findings, Severity, Verdict
from gis.model.plan import Plan
from gis.rules import check
from gis.rules.base import RULES
from injection import accounts, building, conflicts, filed, forensics, protection, records
from injection.board import Board, Cause, Fault, with_faults
from injection.drawing import TOPOLOGY
from injection.systems import DELIVERY, SYSTEMS

Injector = Callable[[Board], set[Cause]]
FAMILIES: Final[Mapping[str, tuple[Injector, ...]]] = {
    "CR": (*SYSTEMS, *forensics.FORENSICS),
    "DL": (*DELIVERY, *accounts.REGISTERS, *forensics.LAYERS),
    "ER": (*conflicts.REDLINE, *records.REDLINE, *building.REDLINE, *filed.REDLINE, *protection.COAST),
    "CL": (*conflicts.CONTROL, *filed.LOCKED, *accounts.VERSIONS),
    "FP": (*records.FARMLAND, *conflicts.FARMLAND, *building.FARMLAND, *filed.FARMLAND, *accounts.LEDGERS),
    "UB": (*conflicts.BOUNDARY, *records.BOUNDARY, *building.OUTSIDE, *filed.CHANGES, *accounts.QUOTAS),
    "SF": (*conflicts.SAFETY, *protection.SAFETY),
    "CD": (*conflicts.CENTRE, *protection.CENTRE),
    "ZN": (*conflicts.ZONES, *building.ZONES, *accounts.VILLAGES),
    "US": (*records.TOWNS, *conflicts.TOWNS, *protection.TOWNS),
    "TP": TOPOLOGY,
    "DQ": records.QUALITY,
    "WV": accounts.WAIVERS,
}
"""The injectors of each family; those of families that find little room come first."""
ROUNDS: Final = 24
"""Checks that shrinking a difference may take."""


def planted(plan: Plan, seed: int, each: int) -> tuple[Fault, ...]:
    """Faults at random, `each` of every family as far as there is room, clear of one another."""
    board = Board(plan, np.random.default_rng(seed))
    found = []
    for family, injectors in FAMILIES.items():
        order = list(board.rng.permutation(len(injectors))) * (each // len(injectors) + 1)
        found += [board.planted(family, injectors[int(n)]) for n in order[:each]]
    return tuple(fault for fault in found if fault is not None)


def places(found: Findings) -> set[Cause]:
    """The (rule, feature) of every error and warning; a layer as a whole in brackets."""
    return {
        (each.rule, feature or f"[{each.layer}]")
        for each in found.open
        if each.severity is not Severity.NOTE and each.verdict is Verdict.VIOLATED
        for feature in each.features
    }


def caused(faults: tuple[Fault, ...]) -> set[Cause]:
    return set().union(*(each.causes for each in faults))


def difference(plan: Plan, faults: tuple[Fault, ...], select: str = "") -> tuple[set[Cause], set[Cause]]:
    """What the faults cause and the check does not find, and what it finds beyond."""
    due = {each for each in caused(faults) if each[0].startswith(tuple(select.split(",")))}
    found = places(check(with_faults(plan, faults), select=select))
    return due - found, found - due


def shrunk(plan: Plan, faults: tuple[Fault, ...], cause: Cause) -> tuple[Fault, ...]:
    """The fewest of the faults that still make this difference, by halving, as far as ROUNDS go.

    Only the rule in question is run, with those that tell a place in its stead. Faults that name the feature come first.
    """
    rules = sorted({cause[0]} | {each.id for each in RULES.values() if cause[0] in each.subsumes})
    left = iter(range(ROUNDS))

    def wrong(some: tuple[Fault, ...]) -> bool:
        if not some or next(left, None) is None:
            return False
        missed, beyond = difference(plan, some, ",".join(rules))
        return cause in missed | beyond

    named = tuple(each for each in faults if cause[1] in each.features)
    if wrong(named):
        faults = named
    parts = 2
    while len(faults) > 1 and parts <= len(faults):
        cut = [faults[n::parts] for n in range(parts)]
        rest = [tuple(each for each in faults if each not in part) for part in cut] if parts > 2 else []
        smaller = next((some for some in (*cut, *rest) if wrong(some)), None)
        if smaller is None:
            parts = min(2 * parts, len(faults)) if parts < len(faults) else len(faults) + 1
        else:
            faults, parts = smaller, 2
    return faults


def drawn(faults: tuple[Fault, ...]) -> str:
    """What the faults alter, as the layers of a drawn case, to be put into data/rules."""
    lines = []
    for each in faults:
        lines.append(f"# {each.name}: {sorted(each.causes)}")
        lines += [f"{layer}: {_said(values)}" for layer, values in each.rows]
        lines += [f"{layer} {id_}: {_said(values)}" for layer, id_, values in each.cells]
    return "\n".join(lines)


def _said(values: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{name}: {shapely.to_wkt(value, rounding_precision=4) if isinstance(value, shapely.Geometry) else value}"
        for name, value in values.items()
        if isinstance(value, shapely.Geometry) or not pd.isna(value)
    )
