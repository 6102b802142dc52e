"""Factors as rows × columns, worked on in blocks of complete rows: what is missing takes no part (因子表).

Rows are cells or alternatives. A row that lacks a factor (NaN, infinite, masked) is not complete: it takes no part in sums and
ranges, and has no score. Memory beyond input and result does not grow with the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from gis.errors import AnalysisError
from gis.geometry import parallel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gis.i18n import Language, Text

__all__ = [
    "Span",
    "Told",
    "added",
    "as_factors",
    "as_numbers",
    "as_shares",
    "as_signs",
    "complete_rows",
    "listed",
    "scored",
    "span_of",
]

Floats = NDArray[np.float64]

_BLOCK: Final = 16_384  # rows: a block of some ten factors stays in the cache of a core


class Told:
    """A result that says in `words` what was found; printed, it says so in both languages."""

    __slots__ = ()

    @property
    def words(self) -> Text:
        """What was found."""
        raise NotImplementedError

    def summary(self, language: Language = "zh") -> str:
        """What was found, in one language."""
        return self.words.render(language)

    def __str__(self) -> str:
        return self.words.both()


def as_factors(matrix: Any) -> NDArray[Any]:
    """Rows × factors as an array (a masked one stays so), not copied where it is one.

    Raises: AnalysisError if it is not two-dimensional, has no factor, or holds other things than numbers.
    """
    given = matrix if isinstance(matrix, np.ndarray) else as_numbers(matrix)
    if given.ndim != 2 or not given.shape[1] or given.dtype.kind not in "biuf":
        raise AnalysisError(
            f"因子表为 {given.shape} 的 {given.dtype}。请给出“行 × 因子”的二维数值表。",
            f"The factors are {given.dtype} of shape {given.shape}. Give numbers of two dimensions, rows × factors.",
        )
    return given


def as_numbers(given: Any) -> Floats:
    """A list, frame or array as 64-bit floating point, a copy; what a frame lacks is NaN.

    Raises: AnalysisError if it holds other things than numbers, or lists of different lengths.
    """
    try:
        if hasattr(given, "to_numpy"):
            return np.array(given.to_numpy(dtype=float, na_value=np.nan))
        return np.array(given, dtype=float)
    except (TypeError, ValueError) as fault:
        raise AnalysisError(
            f"给出的不全是数，或各行长短不一：{fault}。请只给数值，1/3 请写成小数或算式的结果。",
            f"What is given is not numbers alone, or its rows differ in length: {fault}. Give numbers only, 1/3 as its value.",
        ) from fault


def complete_rows(values: NDArray[Any]) -> tuple[Floats, NDArray[np.bool_]]:
    """The rows that have all factors, as 64-bit floating point, and which they are."""
    block = np.ma.filled(values.astype(np.float64), np.nan)
    complete: NDArray[np.bool_] = np.asarray(np.isfinite(block).all(axis=1))
    return (block if complete.all() else block[complete]), complete


def as_shares(weights: Sequence[float], factors: int) -> Floats:
    """Weights that add up to 1.

    Raises: AnalysisError if there is not one of 0 or more for each factor, or all are 0.
    """
    given = as_numbers(weights)
    if given.shape != (factors,) or not np.all(np.isfinite(given) & (given >= 0)) or not given.any():
        raise AnalysisError(
            f"{factors} 个因子的权重为 {given.tolist()}。请为每个因子给出一个不小于 0 的权重，且不全为 0。",
            f"{factors} factors have the weights {given.tolist()}. Give one of 0 or more for each, not all of them 0.",
        )
    shares: Floats = given / given.sum()
    return shares


def as_signs(directions: Sequence[int], factors: int) -> Floats:
    """Directions as numbers: 1 where more is better, -1 where less is.

    Raises: AnalysisError if there is not one for each factor.
    """
    given = as_numbers(directions)
    if given.shape != (factors,) or not np.all(np.abs(given) == 1):
        raise AnalysisError(
            f"{factors} 个因子的方向为 {given.tolist()}。请为每个因子写 1（越大越好）或 -1（越小越好）。",
            f"{factors} factors have the directions {given.tolist()}. Write 1 (more is better) or -1 (less is better) for each.",
        )
    return given


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """The smallest and largest value of each factor over the complete rows."""

    low: Floats
    high: Floats
    rows: int
    excluded: int

    @property
    def constant(self) -> NDArray[np.bool_]:
        """Which factors are the same in all complete rows."""
        same: NDArray[np.bool_] = self.low == self.high
        return same

    def scaler(self, signs: Floats) -> Callable[[Floats], Floats]:
        """What scales rows to 0 (worst) … 1 (best); constant factors to 0."""
        worst = np.where(signs > 0, self.low, self.high)
        wide = np.where(self.constant, 1.0, (self.high - self.low) * signs)
        return lambda rows: (rows - worst) / wide


def span_of(values: NDArray[Any]) -> Span:
    """The range of each factor; without complete rows from infinity to minus infinity."""
    n = values.shape[1]

    def extremes(part: slice) -> tuple[int, Floats, Floats]:
        rows = complete_rows(values[part])[0]
        return len(rows), rows.min(axis=0, initial=np.inf), rows.max(axis=0, initial=-np.inf)

    found = parallel.run(extremes, parallel.slices(len(values), chunk=_BLOCK))
    count = sum(each[0] for each in found)
    low = np.min([np.full(n, np.inf), *(each[1] for each in found)], axis=0)
    high = np.max([np.full(n, -np.inf), *(each[2] for each in found)], axis=0)
    return Span(low, high, count, len(values) - count)


def added(values: NDArray[Any], term: Callable[[Floats], Floats]) -> Floats:
    """The sum of `term` over blocks of complete rows."""
    parts = parallel.slices(len(values), chunk=_BLOCK)
    total: Floats = np.sum(parallel.run(lambda part: term(complete_rows(values[part])[0]), parts), axis=0)
    return total


def scored(values: NDArray[Any], score: Callable[[Floats], Any], missing: Any = np.nan) -> NDArray[Any]:
    """The score of each complete row, `missing` of the others, in its type."""
    out = np.full(len(values), missing)

    def fill(part: slice) -> None:
        rows, complete = complete_rows(values[part])
        out[part][complete] = score(rows)

    parallel.run(fill, parallel.slices(len(values), chunk=_BLOCK))
    return out


def listed(numbers: Sequence[float]) -> str:
    """The numbers with four decimals, parted by commas."""
    return ", ".join(f"{each:.4f}" for each in numbers)
