"""Weights by the data: what tells rows apart weighs more (熵权法、CRITIC)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import kl_div

from gis.analysis.factors import Span, Told, added, as_factors, as_signs, listed, span_of
from gis.errors import AnalysisError
from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DataWeights", "critic_weights", "entropy_weights"]

Floats = NDArray[np.float64]

_NOTHING: Final = 1e-12  # what rounding leaves of a conflict that is none


@dataclass(frozen=True, slots=True)
class DataWeights(Told):
    """Weights that the data give, and what they rest on.

    weights   of the factors, in their order; their sum is 1
    rows      how many rows went in
    excluded  how many rows were left out, because they lack a factor
    constant  the factors, counted from 1, that are the same in all rows: they tell nothing apart and weigh 0
    """

    weights: tuple[float, ...]
    rows: int
    excluded: int
    constant: tuple[int, ...]

    @property
    def words(self) -> Text:
        """The weights, and which rows and factors took no part."""
        which = ", ".join(map(str, self.constant))
        zh = f"；第 {which} 个因子各行相同，权重为 0" if which else ""
        en = f"; factor {which} is the same in all rows and weighs 0" if which else ""
        weights = listed(self.weights)
        return Text(
            f"权重 {weights}；依据 {self.rows} 行，{self.excluded} 行缺值未参与{zh}。",
            f"Weights {weights}; from {self.rows} rows, {self.excluded} left out for missing values{en}.",
        )


def entropy_weights(matrix: Any, directions: Sequence[int] | None = None) -> DataWeights:
    """Weights by the entropy of each factor (熵权法): the more a factor tells rows apart, the more it weighs.

    `matrix`: (rows, factors), 0 or more. Without `directions`, shares are of the values as they are: which way is better
    does not enter. With them, values are first scaled to 0 (worst) … 1 (best), so that negative ones may be given as well.
    A share of 0 adds no entropy.

    Raises: AnalysisError if fewer than two rows are complete, no factor varies, or a value is negative without directions.
    Source: shannon-1948.

    Example:
        >>> print(entropy_weights([[1, 5], [3, 5], [float("nan"), 5]]).words.en)
        Weights 1.0000, 0.0000; from 2 rows, 1 left out for missing values; factor 2 is the same in all rows and weighs 0.
    """
    values = as_factors(matrix)
    signs = None if directions is None else as_signs(directions, values.shape[1])
    span = _varying(values)
    if signs is None and np.any(span.low < 0):
        first = int(np.argmax(span.low < 0)) + 1
        raise AnalysisError(
            f"第 {first} 个因子有负值，不能求熵的比重。请给出 directions（先按极差标准化），或换用非负的数值。",
            f"Factor {first} has negative values, of which entropy takes no shares. Give directions, so that values are scaled first, or other values.",
        )
    scaled = _as_is if signs is None else span.scaler(signs)
    mean = added(values, lambda rows: scaled(rows).sum(axis=0)) / span.rows
    mean = np.where(mean > 0, mean, 1.0)
    # 1 - entropy / ln(rows), as a sum of terms that are never negative: nothing cancels where shares are nearly equal
    spread = added(values, lambda rows: kl_div(scaled(rows) / mean, 1.0).sum(axis=0))
    return _weights(span, spread / (span.rows * np.log(span.rows)))


def critic_weights(matrix: Any, directions: Sequence[int] | None = None) -> DataWeights:
    """Weights by contrast and conflict (CRITIC): spread of a factor times how little it goes along with the others.

    `matrix`: (rows, factors), any numbers; they are scaled to 0 (worst) … 1 (best). `directions`: all 1 if not given;
    they matter, as turning one factor round turns the sign of its correlations.

    Raises: AnalysisError if fewer than two rows are complete, no factor varies, or all that vary go together in full.
    Source: diakoulaki-1995.

    Example:
        >>> [round(each, 4) for each in critic_weights([[0, 0, 1], [1, 2, 0], [2, 1, 1]]).weights]
        [0.209, 0.3297, 0.4612]
    """
    values = as_factors(matrix)
    n = values.shape[1]
    span = _varying(values)
    scaled = span.scaler(np.ones(n) if directions is None else as_signs(directions, n))
    mean = added(values, lambda rows: scaled(rows).sum(axis=0)) / span.rows

    def products(rows: Floats) -> Floats:
        off = scaled(rows) - mean
        return off.T @ off

    moments = added(values, products)
    spread = np.sqrt(np.diag(moments) / (span.rows - 1))
    size = np.where(span.constant, 1.0, np.sqrt(np.diag(moments)))
    both = ~np.logical_or.outer(span.constant, span.constant)
    conflict = np.where(both, 1 - moments / np.outer(size, size), 0.0)
    np.fill_diagonal(conflict, 0.0)
    alone = np.count_nonzero(~span.constant) == 1
    return _weights(span, spread * (1.0 if alone else conflict.sum(axis=1)))


def _varying(values: NDArray[Any]) -> Span:
    span = span_of(values)
    if span.rows < 2 or np.all(span.constant):
        raise AnalysisError(
            f"{len(values)} 行中完整的有 {span.rows} 行，且各因子没有差异或不足两行，不能由数据定权。请补齐缺值，或用层次分析法。",
            f"Of {len(values)} rows {span.rows} are complete; they are fewer than two, or alike in all factors, so they give no weights. Fill in what is missing, or use ahp.",
        )
    return span


def _weights(span: Span, amounts: Floats) -> DataWeights:
    counted = np.where(span.constant, 0.0, amounts)
    if counted.sum() <= _NOTHING:
        raise AnalysisError(
            "各因子两两完全正相关，数据不能区分权重。请删去重复的因子，或用层次分析法定权。",
            "All factors go together in full, so the data give no weights. Drop factors that repeat others, or use ahp.",
        )
    shares = tuple((counted / counted.sum()).tolist())
    return DataWeights(shares, span.rows, span.excluded, tuple((np.flatnonzero(span.constant) + 1).tolist()))


def _as_is(rows: Floats) -> Floats:
    return rows
