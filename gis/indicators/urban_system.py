"""Indicators of the urban system (城镇体系): how far the centre leads, and how sizes follow rank."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np

from gis.analysis import urban_system as formulas
from gis.i18n import Text
from gis.indicators import quantities
from gis.indicators.base import NotMeasured, Param, Values, indicator
from gis.units import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.indicators.quantities import AreaUnits
    from gis.model.plan import Plan

_VILLAGES: Final = ("村", "村庄", "行政村", "自然村", "中心村", "基层村", "village")
Villages = Annotated[tuple[str, ...], Param("", Text("不算城镇的等级", "tiers that are no towns"), assumed=True)]
_said: Final[dict[str, Any]] = {
    "direction": "none",
    "concept": "centre_and_nodes",
    "needs": ("settlement.residents",),
    "additive": False,
    "assumed": True,
    "scope": "whole",
}


def _sizes(plan: Plan, villages: tuple[str, ...], least: int) -> Any:
    """Residents of the towns, the largest first.

    Raises: NotMeasured if fewer than `least` have a figure.
    """
    tier = quantities.text(plan, "settlement", "tier").astype(str)
    known = formulas.sizes(quantities.number(plan, "settlement", "residents")[~np.isin(tier, villages)])
    if len(known) < least:
        raise NotMeasured(
            f"有人口数据的城镇只有 {len(known)} 个，至少需要 {least} 个",
            f"only {len(known)} towns have a population, {least} are needed",
        )
    return known


def _primacy(plan: Plan, villages: tuple[str, ...], least: int, formula: Callable[[Any], float]) -> Values:
    return Values.of_whole(formula(_sizes(plan, villages, least)))


@indicator(
    "primacy_two",
    code="US-01",
    title=Text("首位度（两城市指数）", "Primacy (two-city index)"),
    unit="ratio",
    cites=("jefferson-1939",),
    formula=Text(
        "第一大城镇人口 ÷ 第二大城镇人口；位序规模律下为 2", "Largest town ÷ second; 2 under the rank-size rule"
    ),
    **_said,
)
def primacy_two(plan: Plan, units: AreaUnits, *, villages: Villages = _VILLAGES) -> Values:
    """Population of the largest town over that of the second."""
    return _primacy(plan, villages, 2, formulas.two_city_primacy)


@indicator(
    "primacy_four",
    code="US-02",
    title=Text("四城市指数", "Four-city index"),
    unit="ratio",
    cites=("jefferson-1939",),
    formula=Text(
        "第一大城镇人口 ÷ 第二至四位之和；位序规模律下为 0.923",
        "Largest town ÷ the next three; 0.923 under the rank-size rule",
    ),
    **_said,
)
def primacy_four(plan: Plan, units: AreaUnits, *, villages: Villages = _VILLAGES) -> Values:
    """Population of the largest town over that of the next three."""
    return _primacy(plan, villages, 4, formulas.four_city_primacy)


@indicator(
    "primacy_eleven",
    code="US-03",
    title=Text("十一城市指数", "Eleven-city index"),
    unit="ratio",
    cites=("jefferson-1939",),
    formula=Text(
        "2 × 第一大城镇人口 ÷ 第二至十一位之和；位序规模律下为 0.990",
        "Twice the largest town ÷ the next ten; 0.990 under the rank-size rule",
    ),
    **_said,
)
def primacy_eleven(plan: Plan, units: AreaUnits, *, villages: Villages = _VILLAGES) -> Values:
    """Twice the population of the largest town over that of the next ten."""
    return _primacy(plan, villages, 11, formulas.eleven_city_primacy)


@indicator(
    "rank_size_exponent",
    code="US-04",
    title=Text("位序—规模指数", "Rank-size exponent"),
    unit="",
    cites=("gabaix-ibragimov-2011", "zipf-1949"),
    formula=Text(
        "ln（位序 − ½）对 ln 人口回归的斜率绝对值，标准误 ζ√(2/n)；城镇少时以区间为准",
        "Slope of ln(rank − ½) on ln size, standard error ζ√(2/n); with few towns go by the interval",
    ),
    **_said,
)
def rank_size_exponent(plan: Plan, units: AreaUnits, *, villages: Villages = _VILLAGES) -> Values:
    """The exponent of the rank-size rule, with its interval in the note."""
    known = _sizes(plan, villages, 3)
    if known[0] == known[-1]:
        raise NotMeasured("各城镇人口规模全部相同", "all towns have the same size")
    found = formulas.rank_size(known)
    low, high = shown(found.low, ""), shown(found.high, "")
    note = Text(
        f"95% 区间 {low} 至 {high}，城镇 {found.towns} 个",
        f"95 % interval {low} to {high}, {found.towns} towns",
    )
    return Values.of_whole(found.exponent, note)
