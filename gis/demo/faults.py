"""The planted faults of the demo city: each alters one thing, and declares every (rule, feature) that it causes.

What a fault causes follows from what it does, read off the city's own attributes and plain geometry; our kernels and rules
take no part. Faults keep clear of each other, so that the check of the city must find just the union of what they declare.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gis.demo import attribute_faults, conflict_faults, geometry_faults
from gis.demo.drafting import Draft
from gis.i18n import Text

if TYPE_CHECKING:
    from gis.model.plan import Plan

__all__ = ["FAULTS", "Fault", "PlantedFault", "plant"]

Causes = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault: what is said of it, and the function that plants it and returns what it causes."""

    id: str
    title: Text
    plant: Callable[[Draft], set[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """A fault in the city: every (rule, feature id) it causes as an error or a warning."""

    id: str
    title: Text
    causes: Causes


def _listed() -> tuple[Fault, ...]:
    functions = [each for module in (conflict_faults, geometry_faults, attribute_faults) for each in module.FAULTS]
    return tuple(Fault(f"F{number:02d}", Text(*_titles(each)), each) for number, each in enumerate(functions, 1))


def _titles(function: Callable[..., object]) -> tuple[str, str]:
    """Chinese and English title: the first line of the docstring, parted by a slash."""
    first = (function.__doc__ or "").splitlines()[0]
    zh, _, en = first.partition(" / ")
    return zh, en


FAULTS: Final = _listed()
"""Every kind of fault, in the order in which they are planted."""


def plant(plan: Plan) -> tuple[Plan, tuple[PlantedFault, ...]]:
    """The plan with every fault of FAULTS planted once, and what each of them causes.

    Raises: AnalysisError if the city has no room for one of them.
    """
    draft = Draft(plan)
    planted = tuple(PlantedFault(each.id, each.title, frozenset(each.plant(draft))) for each in FAULTS)
    return draft.plan(), planted
