"""Weights by judgement: how important one factor is against another, and whether the answers agree (层次分析法)."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from gis.analysis.factors import Told, as_numbers, listed
from gis.errors import AnalysisError
from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["RANDOM_INDEX", "AhpWeights", "ahp", "pairwise_matrix"]

Floats = NDArray[np.float64]

RANDOM_INDEX: Final[Mapping[str, tuple[float, ...]]] = MappingProxyType(
    {
        "tummala-ling-1998": (
            *(0.0, 0.0, 0.5799, 0.8921, 1.1159, 1.2358, 1.3322, 1.3952),
            *(1.4537, 1.4882, 1.5117, 1.5356, 1.5571, 1.5714, 1.5831),
        ),
        "saaty-1980": (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59),
    }
)
"""The mean consistency index of random matrices of 1 to 15 factors (平均随机一致性指标 RI), by source."""

_ACCEPTED: Final = 0.1  # Saaty's limit of the consistency ratio
_RECIPROCAL: Final = 1e-6


@dataclass(frozen=True, slots=True)
class AhpWeights(Told):
    """The weights of pairwise judgements, and how far these agree with each other.

    weights            of the factors, in their order; their sum is 1
    lambda_max         the largest eigenvalue of the matrix (λmax); the number of factors if the judgements agree in full
    consistency_index  (λmax - n) / (n - 1) (CI)
    random_index       the same of random judgements (RI)
    consistency_ratio  CI / RI (CR); 0 for one or two factors, which cannot disagree
    doubtful           the two factors, counted from 1, whose comparison is farthest from the weights; None if all agree
    """

    weights: tuple[float, ...]
    lambda_max: float
    consistency_index: float
    random_index: float
    consistency_ratio: float
    doubtful: tuple[int, int] | None

    @property
    def consistent(self) -> bool:
        """Whether the consistency ratio is at most 0.1, as is usual."""
        return self.consistency_ratio <= _ACCEPTED

    @property
    def words(self) -> Text:
        """The weights and the verdict on the judgements."""
        told = Text(
            "权重 {weights}；λmax = {root:.4f}，CI = {ci:.4f}，RI = {ri:g}，CR = {cr:.4f}，{verdict}",
            "Weights {weights}; λmax = {root:.4f}, CI = {ci:.4f}, RI = {ri:g}, CR = {cr:.4f}: {verdict}",
        )
        return told.format(
            weights=listed(self.weights),
            root=self.lambda_max,
            ci=self.consistency_index,
            ri=self.random_index,
            cr=self.consistency_ratio,
            verdict=self._verdict(),
        )

    def _verdict(self) -> Text:
        if self.consistent:
            return Text("通过一致性检验。", "the judgements are consistent.")
        one, two = self.doubtful or (1, 2)
        return Text(
            f"大于 0.1，未通过一致性检验。请先复核第 {one} 与第 {two} 个因子的比较。",
            f"above 0.1, so the judgements are not consistent. Look first at the comparison of factors {one} and {two}.",
        )


def pairwise_matrix(upper: Sequence[float]) -> Floats:
    """The full matrix of judgements from those above its diagonal, row by row: a12, a13 and so on, then a23.

    Raises: AnalysisError if their number is not that of a triangle, or one of them is not a finite number above 0.

    Example:
        >>> pairwise_matrix([2, 4, 2]).tolist()
        [[1.0, 2.0, 4.0], [0.5, 1.0, 2.0], [0.25, 0.5, 1.0]]
    """
    above = as_numbers(upper)
    n = round((1 + (1 + 8 * above.size) ** 0.5) / 2)
    if above.ndim != 1 or n * (n - 1) // 2 != above.size:
        raise AnalysisError(
            f"上三角共有 {above.size} 个判断值，凑不成三角。n 个因子请按行给出 n(n-1)/2 个：a12、a13、…、a23、…。",
            f"{above.size} judgements do not fill a triangle. For n factors give n(n-1)/2 of them, row by row: a12, a13, …, a23, …",
        )
    full, (i, j) = np.ones((n, n)), np.triu_indices(n, 1)
    _refuse_cells(
        full, [(a, b, v) for a, b, v in zip(i.tolist(), j.tolist(), above.tolist(), strict=True) if not 0 < v < np.inf]
    )
    full[i, j], full[j, i] = above, 1 / above
    return full


def ahp(pairwise: Any, *, random_index: str = "tummala-ling-1998") -> AhpWeights:
    """The weights of a matrix of pairwise judgements by its principal eigenvector (层次分析法), with their consistency.

    `pairwise`: (n, n), n ≤ 15; row i, column j says how many times as important factor i is as factor j, so the matrix is
    reciprocal with ones on its diagonal (`pairwise_matrix` fills it from the upper half). `random_index`: a key of
    `RANDOM_INDEX`. Judgements that contradict each other (CR > 0.1) are told in the result, never refused.

    Raises: AnalysisError if the matrix is not square, too large, or not positive and reciprocal (to a millionth), naming each
        cell; or if the table of random indices is unknown.
    Source: saaty-1980, tummala-ling-1998.

    Example:
        >>> found = ahp(pairwise_matrix([2, 4, 2]))
        >>> [round(each, 6) for each in found.weights], round(found.lambda_max, 6), found.consistent
        ([0.571429, 0.285714, 0.142857], 3.0, True)
    """
    matrix = _judgements(pairwise)
    n = len(matrix)
    if random_index not in RANDOM_INDEX:
        raise AnalysisError(
            f"没有名为 {random_index} 的 RI 表。可用：{'、'.join(RANDOM_INDEX)}。",
            f"There is no table of random indices {random_index}. There are {', '.join(RANDOM_INDEX)}.",
        )
    roots, vectors = np.linalg.eig(matrix)
    largest = int(np.argmax(roots.real))
    weights = vectors[:, largest].real / vectors[:, largest].real.sum()
    root = max(float(roots[largest].real), float(n))  # less is rounding: λmax ≥ n for every reciprocal matrix
    ci, ri = ((root - n) / (n - 1) if n > 1 else 0.0), RANDOM_INDEX[random_index][n - 1]
    return AhpWeights(tuple(weights.tolist()), root, ci, ri, ci / ri if ri else 0.0, _doubtful(matrix, weights))


def _judgements(pairwise: Any) -> Floats:
    matrix = as_numbers(pairwise)
    most = len(RANDOM_INDEX["saaty-1980"])
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not 1 <= len(matrix) <= most:
        raise AnalysisError(
            f"判断矩阵的形状为 {matrix.shape}。请给出 1 至 {most} 阶的方阵；因子更多时请分层。",
            f"The judgement matrix has the shape {matrix.shape}. Give a square one of 1 to {most} factors; make levels of more.",
        )
    positive = np.isfinite(matrix) & (matrix > 0)
    usable = np.where(positive, matrix, 1.0)
    one_way = np.abs(np.log(usable) + np.log(usable.T)) > _RECIPROCAL
    wrong = ~positive | np.triu(one_way & positive & positive.T)
    _refuse_cells(matrix, [(i, j, matrix[i, j]) for i, j in np.argwhere(wrong).tolist()])
    return matrix


def _refuse_cells(matrix: Floats, cells: list[tuple[int, int, float]]) -> None:
    """Raise one error for all cells that cannot stand."""
    if cells:
        raise AnalysisError.of([_cell_fault(i, j, v, float(matrix[j, i])) for i, j, v in cells])


def _cell_fault(i: int, j: int, value: float, mirrored: float) -> Text:
    if not 0 < value < np.inf:
        return Text(
            f"判断矩阵第 {i + 1} 行第 {j + 1} 列为 {value:g}。请给出大于 0 的判断值，例如 1/9 至 9。",
            f"Row {i + 1}, column {j + 1} of the judgement matrix is {value:g}. Give a number above 0, as from 1/9 to 9.",
        )
    if i == j:
        return Text(
            f"判断矩阵对角线第 {i + 1} 个为 {value:g}。因子与自身比较，请写 1。",
            f"Place {i + 1} on the diagonal of the judgement matrix is {value:g}. A factor is as important as itself: write 1.",
        )
    return Text(
        f"判断矩阵第 {i + 1} 行第 {j + 1} 列为 {value:g}，对称位置为 {mirrored:g}，不互为倒数。请改其一（写 1/3 而非 0.33），或只给上三角。",
        f"Row {i + 1}, column {j + 1} of the judgement matrix is {value:g}, its mirror cell {mirrored:g}: not reciprocal. Mend one (1/3, not 0.33), or give the upper half alone.",
    )


def _doubtful(matrix: Floats, weights: Floats) -> tuple[int, int] | None:
    off = np.abs(np.log(matrix * weights / weights[:, None]))
    i, j = np.unravel_index(np.argmax(np.triu(off, 1)), off.shape)
    return (int(i) + 1, int(j) + 1) if off[i, j] > _RECIPROCAL else None
