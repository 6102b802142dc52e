"""Which cells are suitable whatever the weights: exactly, over every weight vector of a stated set (稳健适宜核心).

A score is the weighted mean of a cell's factors. Over a polytope of weights it is smallest and largest at a vertex, so the two
are found per distinct combination of factors, by filling intervals greedily or by trying all vertices; nothing is sampled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, kron

from gis.analysis.factors import Told, as_factors, as_numbers, as_shares, complete_rows, listed
from gis.errors import AnalysisError
from gis.geometry import parallel
from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RobustCore", "WeightIntervals", "WeightPolytope", "intervals_around", "robust_core"]

Floats = NDArray[np.float64]

_TIE: Final = 1e-9  # of the largest value: what is this near the threshold is on it; the same for sums of weights
_BLOCK: Final = 2048
_MOST_BASES: Final = 200_000  # sets of constraints that are tried for vertices: a second or two
_AT_ONCE: Final = 500  # combinations per linear programme


@dataclass(frozen=True, slots=True, eq=False)
class WeightIntervals:
    """All weights of sum 1 with each between its own limits.

    Raises: AnalysisError if the limits do not fit together, or no weights lie within them.

    Example:
        >>> WeightIntervals([0.2, 0.2, 0.0], [0.6, 0.5, 0.3]).lowest(np.array([[1.0, 2.0, 3.0]])).tolist()
        [[0.6, 0.4, 0.0]]
    """

    lower: Sequence[float] | Floats
    upper: Sequence[float] | Floats

    def __post_init__(self) -> None:
        low, high = _frozen(self.lower), _frozen(np.minimum(as_numbers(self.upper), 1.0))  # none weighs more
        if low.ndim != 1 or low.shape != high.shape or not low.size or not np.all((low >= 0) & (low <= high)):
            raise AnalysisError(
                f"权重区间下限 {low.tolist()}、上限 {high.tolist()} 不成立。请为每个因子给出 0 ≤ 下限 ≤ 上限。",
                f"Weights from {low.tolist()} to {high.tolist()} are no intervals. Give 0 ≤ lower ≤ upper for each factor.",
            )
        if low.sum() > 1 + _TIE or high.sum() < 1 - _TIE:
            raise AnalysisError(
                f"权重集合为空：下限之和 {low.sum():g}，上限之和 {high.sum():g}，其间没有和为 1 的权重。请放宽区间。",
                f"The set of weights is empty: the lower limits add up to {low.sum():g}, the upper to {high.sum():g}, so no weights of sum 1 lie between. Widen the intervals.",
            )
        object.__setattr__(self, "lower", low)
        object.__setattr__(self, "upper", high)

    @property
    def factors(self) -> int:
        """How many factors are weighed."""
        return len(self.lower)

    def lowest(self, values: Floats) -> Floats:
        """The weights that make the score of each row smallest: what is free goes to the smallest values first."""
        low, high = np.asarray(self.lower), np.asarray(self.upper)
        order = np.argsort(values, axis=1, kind="stable")
        room = (high - low)[order]
        filled = np.clip(1 - low.sum() - (np.cumsum(room, axis=1) - room), 0, room)
        weights = np.empty_like(values)
        np.put_along_axis(weights, order, low[order] + filled, axis=1)
        return weights


@dataclass(frozen=True, slots=True, eq=False)
class WeightPolytope:
    """All weights w of sum 1, none negative, with `a` w ≤ `b`; `a` is (conditions, factors).

    "Slope weighs at least twice as much as roads" is the row [-1, 2] with 0. `vertices`, (vertices, factors), are its corners;
    None where there are too many conditions to try, so that linear programmes are solved instead.

    Raises: AnalysisError if the shapes do not fit, a number is not finite, or no weights meet all conditions.

    Example:
        >>> WeightPolytope([[-1, 2]], [0]).vertices.round(6).tolist()
        [[0.666667, 0.333333], [1.0, 0.0]]
    """

    a: Sequence[Sequence[float]] | Floats
    b: Sequence[float] | Floats
    vertices: Floats | None = field(init=False)

    def __post_init__(self) -> None:
        a, b = _frozen(self.a), _frozen(self.b)
        if (
            a.ndim != 2
            or not a.shape[1]
            or b.shape != a.shape[:1]
            or not (np.isfinite(a).all() and np.isfinite(b).all())
        ):
            raise AnalysisError(
                f"权重条件 A {a.shape}、b {b.shape} 不相配，或含非有限数。请给出 A（条件 × 因子）和每个条件一个 b。",
                f"Conditions A {a.shape} and b {b.shape} do not fit, or are not finite. Give A (conditions × factors) and one b for each condition.",
            )
        object.__setattr__(self, "a", a)
        object.__setattr__(self, "b", b)
        many = comb(sum(a.shape), a.shape[1] - 1) > _MOST_BASES
        object.__setattr__(self, "vertices", None if many else _vertices(a, b))
        if many:
            self.lowest(np.zeros((1, a.shape[1])))
        elif not len(self.vertices):  # type: ignore[arg-type]  # set above
            raise _empty()

    @property
    def factors(self) -> int:
        """How many factors are weighed."""
        return int(np.asarray(self.a).shape[1])

    def lowest(self, values: Floats) -> Floats:
        """The weights that make the score of each row smallest."""
        if self.vertices is None:
            parts = parallel.slices(len(values), chunk=_AT_ONCE)
            a, b = np.asarray(self.a), np.asarray(self.b)
            return np.concatenate([values[:0], *(_solved(a, b, values[part]) for part in parts)])
        best: Floats = self.vertices[np.argmin(values @ self.vertices.T, axis=1)]
        return best


def intervals_around(weights: Sequence[float], share: float) -> WeightIntervals:
    """The weights of sum 1 that differ from the given ones (brought to sum 1) by at most `share` of each, 0.2 for ±20 %.

    Raises: AnalysisError if a weight is negative, all are 0, or the share is negative.

    Example:
        >>> around = intervals_around([1, 1], 0.2)
        >>> around.lower.tolist(), around.upper.tolist()
        ([0.4, 0.4], [0.6, 0.6])
    """
    middle = as_shares(weights, len(weights))
    return WeightIntervals(np.maximum(middle * (1 - share), 0), middle * (1 + share))


@dataclass(frozen=True, slots=True, eq=False)
class RobustCore(Told):
    """What every cell's score may be over a set of weights, and whether it stays suitable.

    low, high     smallest and largest score of each cell; NaN where a factor is missing
    threshold     the score that is still suitable; what is within a thousand-millionth of it (of the largest value) is on it
    better        "low" where 1 is the best grade, so that scores up to the threshold are suitable; else "high"
    weights       the set of weights
    combinations  (combinations, factors), the distinct combinations of factors
    combination   which of them each cell has; -1 where a factor is missing
    """

    low: Floats
    high: Floats
    threshold: float
    better: Literal["low", "high"]
    weights: WeightIntervals | WeightPolytope
    combinations: Floats
    combination: NDArray[np.int64]

    @property
    def always(self) -> NDArray[np.bool_]:
        """Cells that are suitable whatever the weights: the robust core."""
        return self.high <= self._limit if self.better == "low" else self.low >= self._limit

    @property
    def never(self) -> NDArray[np.bool_]:
        """Cells that no weights make suitable."""
        return self.low > self._limit if self.better == "low" else self.high < self._limit

    @property
    def depends(self) -> NDArray[np.bool_]:
        """Cells that some weights make suitable and others do not."""
        return ~(self.always | self.never | self.missing)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Cells that lack a factor, of which nothing is said."""
        return self.combination < 0

    @property
    def _limit(self) -> float:
        """The threshold, moved by the tolerance to the side of what is not suitable."""
        tolerance = _TIE * max(float(np.abs(self.combinations).max(initial=0.0)), abs(self.threshold))
        return self.threshold + tolerance if self.better == "low" else self.threshold - tolerance

    def attained(self, cells: Any) -> tuple[Floats, Floats]:
        """The weights at which each of these cells has its smallest and its largest score, (cells, factors) twice; NaN if missing."""
        which = np.atleast_1d(self.combination[cells])
        out = np.full((2, len(which), self.weights.factors), np.nan)
        values = self.combinations[which[which >= 0]]
        out[0, which >= 0], out[1, which >= 0] = self.weights.lowest(values), self.weights.lowest(-values)
        return out[0], out[1]

    @property
    def words(self) -> Text:
        """How many cells are suitable always, never, and depending on the weights."""
        always, never, depends, missing = (
            int(np.count_nonzero(each)) for each in (self.always, self.never, self.depends, self.missing)
        )
        sign = "≤" if self.better == "low" else "≥"
        return Text(
            f"得分 {sign} {self.threshold:g} 为适宜：权重如何变动都适宜 {always} 个，都不适宜 {never} 个，随权重而定 {depends} 个，缺值未评 {missing} 个。",
            f"Suitable at a score {sign} {self.threshold:g}: whatever the weights {always}, never {never}, depending on them {depends}, not evaluated for missing factors {missing}.",
        )

    def why(self, cell: int) -> Text:
        """What one cell's score may be, and at which weights."""
        least, most = (listed(each[0].tolist()) for each in self.attained(cell))
        low, high = float(self.low[cell]), float(self.high[cell])
        if self.missing[cell]:
            return Text(f"像元 {cell} 缺少因子，未评价。", f"Cell {cell} lacks a factor and is not evaluated.")
        return Text(
            f"像元 {cell} 的得分最低 {low:.4f}（权重 {least}），最高 {high:.4f}（权重 {most}）。",
            f"Cell {cell} scores {low:.4f} at least (weights {least}) and {high:.4f} at most (weights {most}).",
        )


def robust_core(
    grades: Any,
    weights: WeightIntervals | WeightPolytope,
    threshold: float,
    *,
    better: Literal["low", "high"] = "low",
) -> RobustCore:
    """Which cells stay suitable for every weight vector of a set, which for none, and which for some.

    `grades`: (cells, factors), 1 the best; `better`="high" for scores of which more is better. A cell that lacks a factor is
    missing, neither suitable nor not.

    Raises: AnalysisError if the factors are not those that are weighed, or the threshold is not finite.

    Example:
        >>> found = robust_core([[1, 2], [1, 5], [5, 5]], intervals_around([1, 1], 0.2), 3.0)
        >>> found.always.tolist(), found.never.tolist(), found.depends.tolist()
        ([True, False, False], [False, False, True], [False, True, False])
    """
    values = as_factors(grades)
    if values.shape[1] != weights.factors or not np.isfinite(threshold):
        raise AnalysisError(
            f"因子表有 {values.shape[1]} 个因子，权重集合有 {weights.factors} 个，阈值为 {threshold}。请使因子一致，并给出有限的阈值。",
            f"The table has {values.shape[1]} factors, the set of weights {weights.factors}, and the threshold is {threshold}. Give the same factors and a finite threshold.",
        )
    which, distinct = _distinct(values)

    def extremes(part: slice) -> tuple[Floats, Floats]:
        rows = distinct[part]
        return _scores(rows, weights.lowest(rows)), _scores(rows, weights.lowest(-rows))

    found = parallel.run(extremes, parallel.slices(len(distinct), chunk=_BLOCK))
    low, high = (np.concatenate([*(each[n] for each in found), [np.nan]]) for n in (0, 1))
    return RobustCore(low[which], high[which], float(threshold), better, weights, distinct, which)


def _scores(values: Floats, weights: Floats) -> Floats:
    scores: Floats = np.einsum("ij,ij->i", values, weights)
    return scores


def _distinct(values: NDArray[Any]) -> tuple[NDArray[np.int64], Floats]:
    """Which combination each row has, -1 if it lacks a factor, and the combinations, in the order in which they come."""
    kept = [complete_rows(values[part])[1] for part in parallel.slices(len(values), chunk=1 << 16)]
    complete = np.concatenate([*kept, np.zeros(0, bool)])
    at = np.flatnonzero(complete)
    keys = np.zeros(len(at), np.int64)
    for column in np.ma.getdata(values).T:
        codes, kinds = pd.factorize(column[at])
        keys = pd.factorize(keys * len(kinds) + codes)[0]
    first = np.flatnonzero(np.diff(np.maximum.accumulate(keys), prepend=-1))
    which = np.full(len(values), -1, np.int64)
    which[at] = keys
    return which, complete_rows(np.ma.getdata(values)[at[first]])[0]


def _vertices(a: Floats, b: Floats) -> Floats:
    """The corners of the polytope: where as many conditions as there are free weights hold exactly, and the others hold."""
    n = a.shape[1]
    length = np.linalg.norm(a, axis=1)
    unit = np.where(length > 0, length, 1.0)
    faces, limits = np.vstack([-np.eye(n), a / unit[:, None]]), np.r_[np.zeros(n), b / unit]
    chosen = np.array([*combinations(range(len(faces)), n - 1)], dtype=np.intp)
    found = [np.empty((0, n))]
    for part in parallel.slices(len(chosen)):
        rows = chosen[part]
        system = np.concatenate([np.ones((len(rows), 1, n)), faces[rows]], axis=1)
        right = np.concatenate([np.ones((len(rows), 1)), limits[rows]], axis=1)
        regular = np.abs(np.linalg.det(system)) > _TIE
        points = np.linalg.solve(system[regular], right[regular][..., None])[..., 0]
        found.append(points[np.all(points @ faces.T <= limits + _TIE, axis=1)])
    corners: Floats = np.concatenate(found)
    corners = corners[np.unique(corners.round(9), axis=0, return_index=True)[1]]
    return corners + 0.0  # no -0


def _solved(a: Floats, b: Floats, values: Floats) -> Floats:
    """The weights of the smallest score of each row, of all rows by one linear programme: no row shares a weight with another."""
    k, n = values.shape
    each = eye_array(k)
    found = linprog(
        values.ravel(),
        A_ub=kron(each, csr_array(a)),
        b_ub=np.tile(b, k),
        A_eq=kron(each, csr_array(np.ones((1, n)))),
        b_eq=np.ones(k),
    )
    if found.status == 2:
        raise _empty()
    if found.status:
        raise AnalysisError(
            f"求权重极值的线性规划未完成：{found.message}。请检查权重条件的数量级。",
            f"The linear programme for extreme weights did not end: {found.message}. Check the magnitude of the conditions.",
        )
    weights: Floats = found.x.reshape(k, n)
    return weights


def _empty() -> AnalysisError:
    return AnalysisError(
        "权重集合为空：没有和为 1 的非负权重满足全部条件。请放宽或删去互相矛盾的条件。",
        "The set of weights is empty: no weights of sum 1, none negative, meet all conditions. Relax those that contradict each other.",
    )


def _frozen(numbers: Any) -> Floats:
    array = as_numbers(numbers)
    array.flags.writeable = False
    return array
