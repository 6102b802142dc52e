"""Several factors made into one score: weighted mean, closeness to the best, limiting factor (多准则评价).

Rows are cells or alternatives, columns are factors; a row that lacks a factor has no score: missing is never 0. Directions are
1 for a factor of which more is better and -1 for one of which less is. Weights come from judgement (`ahp`) or data
(`entropy_weights`, `critic_weights`), which stand here as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from gis.analysis.data_weights import DataWeights, critic_weights, entropy_weights
from gis.analysis.factors import Told, added, as_factors, as_shares, as_signs, scored, span_of
from gis.analysis.pairwise import AhpWeights, ahp, pairwise_matrix
from gis.errors import AnalysisError
from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "AhpWeights",
    "DataWeights",
    "Limiting",
    "ahp",
    "critic_weights",
    "entropy_weights",
    "limiting",
    "pairwise_matrix",
    "topsis",
    "weighted_sum",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Limiting(Told):
    """The worst factor of each row (短板).

    value   its value; NaN where a factor is missing
    factor  its column, counted from 0, the first of those equally bad; -1 where a factor is missing
    """

    value: Floats
    factor: NDArray[np.int16]

    @property
    def words(self) -> Text:
        """How often each factor decides."""
        known = self.factor[self.factor >= 0]
        counts = np.bincount(known) if len(known) else np.zeros(0, int)
        zh = "，".join(f"因子 {n + 1}：{count} 个" for n, count in enumerate(counts) if count)
        en = ", ".join(f"factor {n + 1}: {count}" for n, count in enumerate(counts) if count)
        missing = len(self.factor) - len(known)
        return Text(
            f"起限制作用的因子：{zh or '无'}；缺值 {missing} 个。",
            f"What limits: {en or 'nothing'}; missing: {missing}.",
        )


def weighted_sum(matrix: Any, weights: Sequence[float]) -> Floats:
    """The weighted mean of the factors, per row (加权线性组合); NaN where a factor is missing, even one that weighs 0.

    Of weights (0 or more) only the proportions count.

    Raises: AnalysisError if the weights do not fit.

    Example:
        >>> weighted_sum([[1, 5], [2, float("nan")]], [3, 1]).tolist()
        [2.0, nan]
    """
    values = as_factors(matrix)
    shares = as_shares(weights, values.shape[1])
    return scored(values, lambda rows: rows @ shares)


def topsis(
    matrix: Any,
    weights: Sequence[float],
    directions: Sequence[int],
    *,
    scale: Literal["minmax", "vector"] = "minmax",
) -> Floats:
    """How close each row is to the best of all factors, 0 … 1, and how far from the worst (TOPSIS); NaN where one is missing.

    `scale`: "minmax" puts each factor on 0 … 1 by its range (极差), "vector" divides it by the root of its sum of squares, as the
    method was published. Best and worst are of the complete rows given, so closeness changes with them.

    Raises: AnalysisError if weights or directions do not fit, or the complete rows are alike in all that weighs.
    Source: hwang-yoon-1981.

    Example:
        >>> topsis([[1, 9], [3, 1], [2, 5]], [1, 1], [1, -1]).tolist()
        [0.0, 1.0, 0.5]
    """
    values = as_factors(matrix)
    n = values.shape[1]
    shares, signs, span = as_shares(weights, n), as_signs(directions, n), span_of(values)
    if not span.rows:
        return np.full(len(values), np.nan)
    if np.all(span.constant | (shares == 0)):
        raise AnalysisError(
            "各方案在所有有权重的因子上都相同，TOPSIS 无法排序。请检查因子或权重。",
            "All rows are alike in all factors that weigh, so TOPSIS orders nothing. Check factors and weights.",
        )
    wide = span.high - span.low
    if scale == "vector":
        wide = np.sqrt(added(values, lambda rows: np.square(rows).sum(axis=0)))
    wide = np.where(span.constant, 1.0, wide)
    worst = np.where(signs > 0, span.low, span.high)
    rate, reach = shares * signs / wide, shares * (span.high - span.low) / wide

    def closeness(rows: Floats) -> Floats:
        above = (rows - worst) * rate
        far = np.sqrt(np.einsum("ij,ij->i", above, above))
        above -= reach
        near = np.sqrt(np.einsum("ij,ij->i", above, above))
        share: Floats = far / (far + near)
        return share

    return scored(values, closeness)


def limiting(matrix: Any, *, worst: Literal["lowest", "highest"] = "lowest") -> Limiting:
    """The worst factor of each row and its value; `worst`: "highest" where 1 is the best grade.

    Example:
        >>> found = limiting([[1, 5, 3], [2, 2, 1]], worst="highest")
        >>> found.value.tolist(), found.factor.tolist()
        ([5.0, 2.0], [1, 0])
    """
    values = as_factors(matrix)
    pick = np.argmin if worst == "lowest" else np.argmax
    factor = scored(values, lambda rows: pick(rows, axis=1), np.int16(-1))
    value = scored(values, lambda rows: rows.min(axis=1) if worst == "lowest" else rows.max(axis=1))
    return Limiting(value, factor)
