"""Units: inside the house metres, square metres, minutes, persons; here is how they are shown and read.

Rounding is done once, here, so that the same number stands in a map, a table and a report.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final

from gis.errors import UnitError
from gis.i18n import Text

__all__ = ["M2_PER_HA", "M2_PER_KM2", "M2_PER_MU", "UNITS", "Unit", "from_base", "shown", "to_base", "unit_named"]

_WIDE: Final = Context(prec=400)  # as many digits as a float can have before the point

M2_PER_HA: Final = 10_000.0
M2_PER_KM2: Final = 1_000_000.0
M2_PER_MU: Final = 10_000.0 / 15.0
"""1 亩 is 1/15 hectare (2000/3 m²)."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its id, the quantity it measures, its size in the base unit of that quantity, its name, decimals shown."""

    id: str
    quantity: str
    size: float
    name: Text
    decimals: int


UNITS: Final[dict[str, Unit]] = {
    each.id: each
    for each in (
        Unit("m2", "area", 1.0, Text("平方米", "m²"), 2),
        Unit("ha", "area", M2_PER_HA, Text("公顷", "ha"), 4),
        Unit("km2", "area", M2_PER_KM2, Text("平方千米", "km²"), 2),
        Unit("mu", "area", M2_PER_MU, Text("亩", "mu"), 2),
        Unit("wan_mu", "area", M2_PER_MU * 1e4, Text("万亩", "10⁴ mu"), 2),
        Unit("m", "length", 1.0, Text("米", "m"), 2),
        Unit("km", "length", 1000.0, Text("千米", "km"), 2),
        Unit("min", "time", 1.0, Text("分钟", "min"), 0),
        Unit("person", "people", 1.0, Text("人", "persons"), 0),
        Unit("wan_person", "people", 1e4, Text("万人", "10⁴ persons"), 2),
        Unit("m2/person", "area per person", 1.0, Text("平方米/人", "m²/person"), 2),
        Unit("person/km2", "density", 1.0, Text("人/平方千米", "persons/km²"), 0),
        Unit("km/km2", "line density", 1.0, Text("千米/平方千米", "km/km²"), 2),
        Unit("%", "share", 0.01, Text("%", "%"), 2),
        Unit("ratio", "ratio", 1.0, Text("比值", "ratio"), 3),
        Unit("times", "ratio", 1.0, Text("倍", "times"), 4),
        Unit("count", "count", 1.0, Text("个", "count"), 0),
        Unit("deg", "angle", 1.0, Text("度", "°"), 2),
        Unit("", "none", 1.0, Text("", ""), 2),
    )
}


_NAMED: Final = {
    **{name.casefold(): each.id for each in UNITS.values() for name in (each.id, each.name.zh, each.name.en) if each.id},
    "平方公里": "km2", "公里": "km", "hm2": "ha", "hm²": "ha", "㎡": "m2", "km²": "km2", "人": "person",
}  # fmt: skip


def unit_named(name: str) -> str | None:
    """The id of the unit that a table or a text calls so (公顷, 平方公里, km²), or None.

    Example:
        >>> unit_named("平方公里"), unit_named("万亩"), unit_named("斤")
        ('km2', 'wan_mu', None)
    """
    return _NAMED.get(name.strip().casefold())


def _unit(unit: str) -> Unit:
    try:
        return UNITS[unit]
    except KeyError:
        known = ", ".join(name for name in UNITS if name)
        raise UnitError(
            f"单位 {unit!r} 无法识别。可用单位：{known}。", f"Unit {unit!r} is unknown. Units known: {known}."
        ) from None


def to_base(value: float, unit: str) -> float:
    """`value` in the base unit of its quantity (m, m², min, persons, plain ratio).

    Raises: UnitError for an unknown unit.

    Example:
        >>> to_base(1.5, "ha")
        15000.0
    """
    return value * _unit(unit).size


def from_base(value: float, unit: str) -> float:
    """A value in base units, in `unit`; NaN stays NaN.

    Example:
        >>> round(from_base(1_000_000.0, "mu"), 2)
        1500.0
    """
    return value / _unit(unit).size


def shown(value: float, unit: str, *, decimals: int | None = None) -> str:
    """`value` (already in `unit`) as printed everywhere: half up, thousands set off, fixed decimals; "—" for missing, "∞" as such.

    Half up on the decimal digits, because a reviewer with a pocket calculator does the same.

    Example:
        >>> shown(1234.56785, "ha"), shown(float("nan"), "ha"), shown(2.675, "km2")
        ('1,234.5679', '—', '2.68')
    """
    if value is None or value != value:  # noqa: PLR0124 - NaN is the one value unlike itself
        return "—"
    if abs(value) == float("inf"):
        return "∞" if value > 0 else "−∞"
    places = _unit(unit).decimals if decimals is None else decimals
    return f"{Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE):,f}"
