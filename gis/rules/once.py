"""One place, one finding: what a rule tells is not told again by the rules it subsumes.

A finding of a subsumed rule is left to the finding of another rule when all of this holds:

- the other rule names it in `subsumes`, and its finding is neither waived nor less: it is at least as severe, and violated
  unless both are undecidable;
- both name a feature in common, of the same layer;
- its witness lies within the other witness, or beyond its edge by no more than numbers explain (the width below which
  the judge sees nothing); where it has no witness, the other has none either and names the same features.

So the order of rules and of findings decides nothing. A rule that is not selected, or does not run, takes nothing over.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gis.analysis.same_place import held
from gis.model.finding import Severity, Verdict
from gis.rules.judge import numeric_width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gis.model.finding import Finding
    from gis.model.plan import Plan
    from gis.rules.base import Rule

    Findings = Sequence[Finding]

__all__ = ["told_once"]

_RANK = {each: n for n, each in enumerate(Severity)}


def told_once(
    plan: Plan, found: Findings, rules: Mapping[str, Rule]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """The findings to be reported, and those that are told by one of them, marked with its rule; both in their order."""
    by: dict[int, str] = {}
    of_rule: dict[str, list[int]] = {}
    for n, each in enumerate(found):
        if not each.waived:
            of_rule.setdefault(each.rule, []).append(n)
    for id_ in sorted(of_rule.keys() & rules.keys()):
        less = [n for other in rules[id_].subsumes for n in of_rule.get(other, [])]
        more = of_rule[id_]
        if less:
            told = _told(plan, [found[n] for n in less], [found[n] for n in more])
            by = {less[n]: id_ for n in np.flatnonzero(told)} | by
    kept = tuple(each for n, each in enumerate(found) if n not in by)
    return kept, tuple(replace(found[n], subsumed_by=by[n]) for n in sorted(by))


def _told(plan: Plan, less: Findings, more: Findings) -> NDArray[np.bool_]:
    """Which of the findings `less` one of the findings `more` tells too."""
    pairs = _keys(less).merge(_keys(more), on=["layer", "feature"], suffixes=("", "_more"))
    pairs = pairs[["n", "n_more"]].drop_duplicates()
    i, j = pairs["n"].to_numpy(dtype=np.int64), pairs["n_more"].to_numpy(dtype=np.int64)
    strong = (_severity(less)[i] >= _severity(more)[j]) & (_violated(less)[i] <= _violated(more)[j])
    i, j = i[strong], j[strong]
    mine, theirs = _witness(less), _witness(more)
    width = {key: numeric_width(plan, *key) for key in {(each.layer, each.other_layer) for each in less}}
    most = np.array([width[each.layer, each.other_layer] for each in less])
    same = held(mine[i], theirs[j], most[i]) | _same_features(less, more, i, j)
    told = np.zeros(len(less), dtype=bool)
    told[i[same]] = True
    return told


def _keys(found: Findings) -> pd.DataFrame:
    """One row for every feature that takes part in a finding: number of the finding, layer, feature."""
    rows = [
        (n, layer, feature)
        for n, each in enumerate(found)
        for layer, named in ((each.layer, each.features or (each.feature,)), (each.other_layer, each.others))
        for feature in named
    ]
    return pd.DataFrame(rows, columns=["n", "layer", "feature"])


def _severity(found: Findings) -> NDArray[np.int64]:
    return np.array([_RANK[each.severity] for each in found], dtype=np.int64)


def _violated(found: Findings) -> NDArray[np.bool_]:
    return np.array([each.verdict is Verdict.VIOLATED for each in found], dtype=bool)


def _witness(found: Findings) -> NDArray[np.object_]:
    return np.array([*(each.geometry for each in found), None], dtype=object)[:-1]


def _same_features(less: Findings, more: Findings, i: NDArray[np.int64], j: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which pairs have no witness on either side and name the same features of the same layer."""
    pairs = zip(i.tolist(), j.tolist(), strict=True)
    return np.array(
        [
            less[n].geometry is None
            and more[m].geometry is None
            and (less[n].layer, set(less[n].features)) == (more[m].layer, set(more[m].features))
            for n, m in pairs
        ],
        dtype=bool,
    )
