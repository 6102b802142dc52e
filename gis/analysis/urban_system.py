"""How the sizes of towns relate: primacy and the rank-size rule (首位度、位序—规模).

Sizes are residents (persons). A missing, zero or negative size is left out: it is not a size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gis.errors import AnalysisError

__all__ = ["RankSize", "eleven_city_primacy", "four_city_primacy", "rank_size", "sizes", "two_city_primacy"]

Floats = NDArray[np.float64]

_Z95: Final = 1.959963984540054
"""The 97.5 % point of the normal distribution, for an interval of 95 %."""
_LEAST: Final = 3
"""A line through fewer points leaves nothing over to judge it by."""


@dataclass(frozen=True, slots=True)
class RankSize:
    """The rank-size (Zipf) exponent of some towns.

    exponent        ζ of ln(rank − ½) = a − ζ ln size; 1 is Zipf's law, larger is more even
    standard_error  ζ √(2/n), as the ordinary one of the regression is far too small
    low, high       the interval that holds ζ in 95 of 100 cases
    towns           how many towns went in
    """

    exponent: float
    standard_error: float
    low: float
    high: float
    towns: int


def sizes(residents: Any) -> Floats:
    """The sizes that are known and above zero, the largest first.

    Example:
        >>> sizes([20.0, None, 50.0, 0.0]).tolist()
        [50.0, 20.0]
    """
    array = np.asarray(residents, dtype=float)
    known = array[np.isfinite(array) & (array > 0)]
    return np.sort(known)[::-1]


def two_city_primacy(residents: Any) -> float:
    """The largest town over the second (首位度), no unit; the rank-size rule lets expect 2.

    Raises: AnalysisError if fewer than two towns have a size.
    Source: jefferson-1939.

    Example:
        >>> two_city_primacy([800_000, 200_000, 100_000])
        4.0
    """
    first = _largest(residents, 2)
    return float(first[0] / first[1])


def four_city_primacy(residents: Any) -> float:
    """The largest town over the sum of the next three (四城市指数), no unit; the rank-size rule lets expect 0.923.

    Raises: AnalysisError if fewer than four towns have a size.
    Source: jefferson-1939.

    Example:
        >>> four_city_primacy([600, 300, 200, 100, 50])
        1.0
    """
    first = _largest(residents, 4)
    return float(first[0] / first[1:].sum())


def eleven_city_primacy(residents: Any) -> float:
    """Twice the largest town over the sum of the next ten (十一城市指数), no unit; the rank-size rule lets expect 0.990.

    Raises: AnalysisError if fewer than eleven towns have a size.
    Source: jefferson-1939.

    Example:
        >>> eleven_city_primacy([50] + [10] * 12)
        1.0
    """
    first = _largest(residents, 11)
    return float(2 * first[0] / first[1:].sum())


def rank_size(residents: Any) -> RankSize:
    """The rank-size exponent with its interval, by least squares on ln(rank − ½).

    The half taken off the rank removes the bias of small samples. With few towns the interval says more than the exponent.

    Raises: AnalysisError if fewer than three towns have a size, or all have the same.
    Source: gabaix-ibragimov-2011, zipf-1949.

    Example:
        >>> found = rank_size([1000 / (rank - 0.5) for rank in range(1, 21)])
        >>> round(found.exponent, 6), found.towns
        (1.0, 20)
    """
    size = _largest(residents, _LEAST, every=True)
    if size[0] == size[-1]:
        raise AnalysisError(
            "各城镇人口规模全部相同，无法计算位序—规模指数。请核对人口数据。",
            "All towns have the same size, so there is no rank-size exponent. Check the population data.",
        )
    x, y = np.log(size), np.log(np.arange(1, len(size) + 1) - 0.5)
    x, y = x - x.mean(), y - y.mean()
    exponent = float(-(x @ y) / (x @ x))
    error = exponent * float(np.sqrt(2 / len(size)))
    return RankSize(exponent, error, exponent - _Z95 * error, exponent + _Z95 * error, len(size))


def _largest(residents: Any, count: int, *, every: bool = False) -> Floats:
    """The `count` largest sizes, or all of them; an error if there are fewer."""
    known = sizes(residents)
    if len(known) < count:
        raise AnalysisError(
            f"有人口数据的城镇只有 {len(known)} 个，此项计算至少需要 {count} 个。请补充城镇人口。",
            f"Only {len(known)} towns have a population; this needs at least {count}. Supply the missing figures.",
        )
    return known if every else known[:count]
