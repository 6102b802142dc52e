"""Figures as a document prints them: their unit, their decimals, and whether a computed value says the same.

A table that was read keeps in its `attrs` how each figure was printed, because 12.30 and 12.3 are one number but not one figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gis.units import UNITS, from_base, shown, to_base

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

__all__ = ["Figure", "decimals_of", "figures", "keep_printed", "keep_words", "slack", "words_in"]

_KEY: Final = "printed"
_BOUNDS: Final = "bounds"
_WORDS: Final = "words"
_NOISE: Final = 1e-9  # what adding up in another order may change of a sum


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it is printed: `value` in `unit`, with so many decimals; `bound` is ">=" or "<=" where it is printed as one."""

    value: float
    unit: str
    decimals: int
    bound: str = ""

    @property
    def base(self) -> float:
        """The value in the base unit of its quantity."""
        return to_base(self.value, self.unit)

    def says(self, base: float) -> bool:
        """Whether a value in base units is printed as this figure: half up, to its decimals.

        Example:
            >>> Figure(12.35, "km2", 2).says(12_345_000.0), Figure(12.35, "km2", 2).says(12_344_999.0)
            (True, False)
        """
        return self.words in {self._shown(from_base(base, self.unit) * (1 + each)) for each in (-_NOISE, 0.0, _NOISE)}

    def like(self, base: float) -> str:
        """A value in base units as it would be printed here, with its unit."""
        return f"{self._shown(from_base(base, self.unit))} {UNITS[self.unit].name.zh}".strip()

    @property
    def words(self) -> str:
        """The figure without its unit."""
        return self._shown(self.value)

    def _shown(self, value: float) -> str:
        return shown(value, self.unit, decimals=self.decimals)


def slack(figures: Iterable[Figure]) -> float:
    """How much in base units a sum of printed figures may be off for rounding alone: half of the last digit of each.

    Example:
        >>> slack([Figure(1.0, "ha", 2)] * 3)
        150.0
    """
    return sum(to_base(0.5 * 10.0**-each.decimals, each.unit) for each in figures)


def decimals_of(texts: Iterable[Any]) -> list[int]:
    """How many decimals each text or number has; 0 for what is no number.

    Example:
        >>> decimals_of(["12.30", 12.3, "7", None, 1e-3])
        [2, 1, 0, 0, 3]
    """
    return [_decimals(each) for each in texts]


def _decimals(said: Any) -> int:
    text = repr(float(said)) if isinstance(said, float) else str(said)
    try:
        number = Decimal(text.removesuffix(".0"))
    except ArithmeticError:
        return 0
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def keep_printed(frame: pd.DataFrame, column: str, unit: str, texts: Iterable[Any], bounds: Sequence[str] = ()) -> None:
    """Note in the table how the figures of a column were printed: their unit ("" for that of the column), text, mark of a bound."""
    frame.attrs.setdefault(_KEY, {})[column] = (unit, decimals_of(texts))
    frame.attrs.setdefault(_BOUNDS, {})[column] = list(bounds)


def keep_words(frame: pd.DataFrame, column: str, words: Sequence[str]) -> None:
    """Note in the table which cells of a column of numbers held words instead ("" where they did not)."""
    frame.attrs.setdefault(_WORDS, {})[column] = list(words)


def words_in(frame: pd.DataFrame) -> dict[str, list[str]]:
    """By column of numbers, the words that stood in its cells, one per row ("" for none).

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"area_ha": [1.0, float("nan")]})
        >>> keep_words(table, "area_ha", ["", "见附件"])
        >>> words_in(table)
        {'area_ha': ['', '见附件']}
    """
    kept = frame.attrs.get(_WORDS, {})
    return {column: words for column, words in kept.items() if len(words) == len(frame) and any(words)}


def figures(frame: pd.DataFrame, column: str, units: Sequence[str], *, per_row: bool = False) -> list[Figure]:
    """The figures of a column of numbers, which are in `units` (one per row), as they were printed; NaN stays NaN.

    A column has as many decimals as its longest figure, at most those of its unit; with `per_row` each figure has its own.
    """
    values = frame[column].to_numpy(dtype=float, na_value=np.nan)
    unit, decimals = frame.attrs.get(_KEY, {}).get(column, ("", ()))
    if len(decimals) != len(values):
        unit, decimals = "", decimals_of(values.tolist())
    if not per_row:
        decimals = [max(decimals, default=0)] * len(values)
    bounds = frame.attrs.get(_BOUNDS, {}).get(column, ())
    bounds = bounds if len(bounds) == len(values) else [""] * len(values)
    out = []
    for value, own, count, bound in zip(values, units, decimals, bounds, strict=True):
        shown_in = unit or own
        printed = float(from_base(to_base(value, own), shown_in))
        out.append(Figure(printed, shown_in, min(count, UNITS[shown_in].decimals), bound))
    return out
