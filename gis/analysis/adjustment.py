"""Adjustment to a control total (平差): printed parts that add up to the printed total, to the last digit.

Two rules, for two jobs. In a table of sums each part moves to one of its two neighbouring figures, by largest remainder. In a
survey the parcels are rounded first, and what is left goes to the largest. Both depend on values alone: the order of the
parts decides only between parts that are equal in all, which of them gets the last hundredth.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array

from gis.errors import AnalysisError

__all__ = ["adjusted", "adjusted_grid"]

Floats = NDArray[np.float64]
Steps = NDArray[np.int64]

_NOISE: Final = 1e-6  # of a step: what binary fractions leave of a decimal figure


def adjusted(
    parts: Any, total: float | None = None, *, decimals: int = 2, rest: Literal["remainder", "largest"] = "remainder"
) -> Floats:
    """The parts, rounded to `decimals`, with `total` (their own sum by default; itself rounded half up) as their exact sum.

    remainder   each part becomes one of its two neighbouring figures: those with the largest remainders the upper one; of equal
                remainders the larger part comes first. Where the total is out of reach of that, all parts are scaled to it first.
    largest     each part is rounded, and what is left goes to the largest, a last digit each, evenly if it is more (survey parcels)

    A part that is exactly 0 stays 0 while another can move. A missing part stays missing and takes no part.

    Raises: AnalysisError if the total is not finite, or is not 0 and there is no part to carry it.

    Example:
        >>> adjusted([1 / 3, 1 / 3, 1 / 3], 1.0).tolist(), adjusted([0.004, 5.006, 2.0], 7.01, rest="largest").tolist()
        ([0.34, 0.33, 0.33], [0.0, 5.01, 2.0])
    """
    values = np.asarray(parts, dtype=float) * 10.0**decimals
    there = np.flatnonzero(np.isfinite(values) & (values != 0))
    there = there if len(there) else np.flatnonzero(values == 0)
    goal = _steps(values[there].sum() if total is None else total * 10.0**decimals)
    if goal and not len(there):
        raise AnalysisError(
            f"平差没有可分摊的分项，而控制总数为 {total}。请检查分项是否为空。",
            f"There are no parts to carry the control total {total}. Check that the parts are not empty.",
        )
    out = values.copy()
    if len(there):
        spread = _by_remainder if rest == "remainder" else _to_largest
        out[there] = spread(values[there], goal)
    closed: Floats = out / 10.0**decimals
    return closed


def adjusted_grid(cells: Any, *, rows: Any = None, columns: Any = None, decimals: int = 2) -> Floats:
    """A table whose cells add up to its printed margins both ways: cells of shape (n, m), rounded to `decimals`.

    `rows` and `columns` are the printed margins, which must have one sum; what is not given is adjusted from the sums of the cells.
    Each cell becomes one of its two neighbouring figures (controlled rounding), those with the largest remainders the upper
    one; only where the margins cannot be met like that may a cell move one or two further.

    Raises: AnalysisError if a cell is missing, or the margins cannot be met: their sums differ, or they are far from the cells.

    Example:
        >>> adjusted_grid([[0.333, 0.333], [0.333, 0.333]], rows=[0.67, 0.67], columns=[0.67, 0.67]).tolist()
        [[0.33, 0.34], [0.34, 0.33]]
    """
    values = np.asarray(cells, dtype=float) * 10.0**decimals
    total = next((float(np.sum(each)) for each in (rows, columns) if each is not None), None)
    row = _margin(values.sum(axis=1), rows, total, decimals)
    column = _margin(values.sum(axis=0), columns, total, decimals)
    for slack in (0, 1, 2):
        found = _filled(values, row, column, slack)
        if found is not None:
            closed: Floats = found / 10.0**decimals
            return closed
    raise AnalysisError(
        "表格的行合计与列合计不能同时满足：两者总和不同，或与分项相差过大，或有缺值。请检查合计数。",
        "The cells cannot meet both margins: these differ in sum, are far from the cells, or a cell is missing. Check the totals.",
    )


def _by_remainder(values: Floats, goal: int) -> Steps:
    low, high = _floor(values), _floor(values) + (_remainder(values) > 0)
    if not low.sum() <= goal <= high.sum() and values.sum() != 0:
        values = values * (goal / values.sum())
        low = _floor(values)
    first = np.lexsort((-values, -_remainder(values)))
    return _shared_out(low, goal - int(low.sum()), first)


def _to_largest(values: Floats, goal: int) -> Steps:
    near = np.round(values).astype(np.int64)
    return _shared_out(near, goal - int(near.sum()), np.argsort(-near, kind="stable"))


def _shared_out(steps: Steps, rest: int, first: NDArray[np.intp]) -> Steps:
    """The rest, a step each to those that come first; evenly where it is more than there are parts."""
    share, left = divmod(abs(rest), len(steps))
    out = steps + int(np.sign(rest)) * share
    out[first[:left]] += int(np.sign(rest))
    return out


def _margin(sums: Floats, given: Any, total: float | None, decimals: int) -> Steps:
    margin = (
        adjusted(sums / 10.0**decimals, total, decimals=decimals) if given is None else np.asarray(given, dtype=float)
    )
    return np.round(margin * 10.0**decimals).astype(np.int64)


def _filled(values: Floats, row: Steps, column: Steps, slack: int) -> Steps | None:
    """Whole steps per cell that meet the margins, the upper figure where the remainder is large; None if there are none.

    The constraints are those of a flow from rows to columns, so that a vertex of the linear programme is whole.
    """
    if not np.isfinite(values).all() or row.sum() != column.sum():
        return None
    low = _floor(values)
    if not values.size:
        return low
    n, m = values.shape
    i, j = (each.ravel() for each in np.indices(values.shape))
    cell = np.arange(n * m)
    sums = coo_array((np.ones(2 * n * m), (np.r_[i, n + j], np.r_[cell, cell])), shape=(n + m, n * m)).tocsr()
    part = _remainder(values).ravel()
    may = slack * (values.ravel() != 0)  # what is nothing stays nothing
    bounds = np.c_[-np.minimum(may, low.ravel().clip(0)), (part > 0) + may]
    wanted = np.r_[row - low.sum(axis=1), column - low.sum(axis=0)]
    found = linprog(-part, A_eq=sums, b_eq=wanted, bounds=bounds)
    return low + np.round(found.x).astype(np.int64).reshape(n, m) if found.status == 0 else None


def _floor(values: Floats) -> Steps:
    return np.floor(np.nan_to_num(values) + _NOISE).astype(np.int64)


def _remainder(values: Floats) -> Floats:
    """How far each value is above the figure below it, in millionths of a step: what is equal on paper is equal here."""
    return np.maximum(np.round(values - _floor(values), 6), 0.0)


def _steps(value: float) -> int:
    if not np.isfinite(value):
        raise AnalysisError(
            f"平差的控制总数 {value} 不是有限的数。请检查合计或分项是否缺值。",
            f"The control total {value} is not a finite number. Check the total and its parts for missing values.",
        )
    return int(np.floor(value + 0.5 + _NOISE))
