"""The grammar of indicators: what one is, how it is declared, and what its formula returns.

An indicator is one function of the plan and the area units that returns a value for the whole plan and one per unit, in base units
(m², m, persons, plain ratio). The decorator states what is said of it; the engine adds target, gap and reason.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, get_type_hints

import numpy as np

from gis.errors import RuleError
from gis.i18n import Text
from gis.units import UNITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["INDICATORS", "Direction", "Indicator", "NotMeasured", "Param", "Scope", "Values", "indicator", "over"]

Direction = Literal["min", "max", "target", "none"]
"""min: at least the target; max: at most; target: an expected figure that is not judged; none: for information."""
Scope = Literal["units", "whole", "central_district"]
"""What it has a value for: the whole plan and each unit; the whole plan only; the central urban area only."""

NOTHING: Final = Text("", "")


class NotMeasured(Exception):  # noqa: N818 - it is a statement, not a fault
    """Raised by a formula when the plan lacks what it needs, with the reason; the value is then NaN, never 0."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.reason = Text(zh, en)


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of an indicator, written in its signature: unit, meaning, whether its official value is not certain."""

    unit: str
    meaning: Text
    assumed: bool = False


@dataclass(frozen=True, eq=False)
class Values:
    """What a formula returns, in base units.

    numbers   the whole plan first, then one value per area unit; NaN where it cannot be measured
    why       why a value is NaN, where any is
    note      what has to be said beside the value, such as its interval
    """

    numbers: NDArray[np.float64]
    why: Text = NOTHING
    note: Text = NOTHING

    @classmethod
    def of_whole(cls, value: float, note: Text = NOTHING) -> Values:
        """A value of the whole plan only."""
        return cls(np.array([value]), note=note)


def over(part: Values, whole: Values, zero: Text) -> Values:
    """`part` over `whole`, value by value; NaN with the reason `zero` where the whole is 0.

    Example:
        >>> nothing = Text("没有人口", "no residents")
        >>> over(Values(np.array([6.0, 1.0])), Values(np.array([3.0, 0.0])), nothing).numbers.tolist()
        [2.0, nan]
    """
    bottom = np.where(whole.numbers == 0, np.nan, whole.numbers)
    why = part.why or whole.why or (zero if (whole.numbers == 0).any() else NOTHING)
    return Values(part.numbers / bottom, why)


@dataclass(frozen=True)
class Indicator:
    """One measured value: what it is called, in which unit, where it comes from, and the function that computes it.

    code       its number in the official lists ("M35-01"), "" for ours
    needs      layers, fields ("layer.field"), tables ("table:id"); alternatives are parted by "|"
    formula    how it is computed, in words
    additive   whether the units add up to the whole
    assumed    whether its definition is ours, or not certain
    also       other units in which it is shown
    """

    id: str
    code: str
    title: Text
    unit: str
    direction: Direction
    concept: str
    cites: tuple[str, ...]
    needs: tuple[str, ...]
    formula: Text
    additive: bool
    assumed: bool
    compute: Callable[..., Values]
    scope: Scope = "units"
    also: tuple[str, ...] = ()
    codes: tuple[str, ...] = field(default=())

    @property
    def parameters(self) -> Mapping[str, tuple[Param, Any]]:
        """Each parameter's declaration and default, read from the signature."""
        hints = get_type_hints(
            self.compute, localns={"Plan": Any, "AreaUnits": Any, "Values": Values}, include_extras=True
        )
        return MappingProxyType(
            {
                name: (next(part for part in hints[name].__metadata__ if isinstance(part, Param)), each.default)
                for name, each in inspect.signature(self.compute).parameters.items()
                if each.kind is inspect.Parameter.KEYWORD_ONLY
            }
        )

    def settings(self, overrides: Mapping[str, Any]) -> Mapping[str, Any]:
        """The value of each parameter under `overrides`.

        Raises: RuleError for a parameter the indicator does not have, or a value of another type.
        """
        wrong = [
            name
            for name, value in overrides.items()
            if name not in self.parameters or not isinstance(value, _kinds(self.parameters[name][1]))
        ]
        if wrong:
            names, have = ", ".join(wrong), ", ".join(self.parameters) or "—"
            raise RuleError(
                f"指标 {self.id} 的参数 {names} 不存在或类型不符。可用参数：{have}。",
                f"Indicator {self.id} has no parameter {names}, or it is of another type. It has: {have}.",
            )
        return {
            name: tuple(overrides[name]) if isinstance(overrides.get(name), list) else overrides.get(name, default)
            for name, (_, default) in self.parameters.items()
        }


def _kinds(default: Any) -> tuple[type, ...]:
    """The types that may stand for a default: a list of codes for a tuple, any number for a number."""
    if isinstance(default, tuple):
        return (tuple, list)
    return (int, float) if isinstance(default, int | float) else (type(default),)


INDICATORS: Final[dict[str, Indicator]] = {}
"""Every indicator, by id; filled when `gis.indicators` is imported."""


def indicator(id_: str, **said: Any) -> Callable[[Callable[..., Values]], Callable[..., Values]]:
    """A decorator that puts an indicator into INDICATORS under its id and leaves the function as it is.

    Raises: RuleError for an id of the wrong form or used before, an official code used before, or an unknown unit.
    """

    def keep(compute: Callable[..., Values]) -> Callable[..., Values]:
        taken = {code for each in INDICATORS.values() for code in (each.code, *each.codes) if code}
        code = said.get("code", "")
        if not re.fullmatch(r"[a-z][a-z0-9_]*", id_) or id_ in INDICATORS or code in taken:
            raise RuleError(
                f"指标编号 {id_}（{code}）无效或重复。", f"Indicator id {id_} ({code}) is not valid, or used twice."
            )
        if not {said["unit"], *said.get("also", ())} <= set(UNITS):
            raise RuleError(f"指标 {id_} 的单位 {said['unit']} 无法识别。", f"Indicator {id_} has an unknown unit.")
        INDICATORS[id_] = Indicator(id_, compute=compute, **said)
        return compute

    return keep
