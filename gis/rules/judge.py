"""The one judge: from the width of a place and the accuracy of the data to a verdict.

No rule has a sliver threshold of its own. Width decides, not area: a strip 400 m long and 0.5 mm wide is no conflict,
and no amount of densifying, splitting or re-ordering makes it one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Relation

__all__ = ["NOTHING", "UNDECIDABLE", "VIOLATED", "Reading", "judged", "numeric_width", "strictly", "survey_width"]

Reading = Literal["default", "strict", "study"]
"""质检口径 (strict, as the official check says it) or 研判口径 (study); "default" leaves it to the rule's relation."""

NOTHING: Final = 0
UNDECIDABLE: Final = 1
VIOLATED: Final = 2


def numeric_width(plan: Plan, layer: str, other: str) -> float:
    """The width in metres that numbers alone explain: the resolution, and what changes of CRS may have moved."""
    moved = plan.source(layer).reprojection_m + (plan.source(other).reprojection_m if other else 0.0)
    resolution = max(plan.accuracy.of(layer).resolution_m, plan.accuracy.of(other or layer).resolution_m)
    return resolution + moved


def survey_width(plan: Plan, layer: str, other: str) -> float:
    """The width in metres that the survey accuracy of the two layers explains: √(a² + b²)."""
    a = plan.accuracy.of(layer).position_m
    b = plan.accuracy.of(other).position_m if other else 0.0
    return float(np.hypot(a, b))


def strictly(relation: Relation, reading: str) -> bool:
    """Whether a rule of this relation is judged by the strict reading: where it is asked for, and by default between legal lines."""
    return reading == "strict" or (reading == "default" and relation in ("legal×legal", "none"))


def judged(
    width: NDArray[np.float64], relation: Relation, reading: Reading, *, numeric_m: float, survey_m: float
) -> NDArray[np.int8]:
    """NOTHING, UNDECIDABLE or VIOLATED for each width in metres.

    Up to `numeric_m` it is nothing. Beyond, a legal line against a legal line is violated; where survey data takes
    part, widths up to `survey_m` cannot be decided, unless the strict reading is asked for. NaN widths are violated:
    what cannot be measured is not excused.

    Example:
        >>> [int(v) for v in judged(np.array([0.0005, 0.3, 9.0]), "legal×survey", "default", numeric_m=0.001, survey_m=2.5)]
        [0, 1, 2]
    """
    doubtful = 0.0 if strictly(relation, reading) else survey_m
    verdict = np.full(len(width), VIOLATED, dtype=np.int8)
    verdict[width <= doubtful] = UNDECIDABLE
    verdict[width <= numeric_m] = NOTHING
    return verdict
