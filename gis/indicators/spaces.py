"""Indicators of the three spaces (三类空间): how much of the ground each takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gis.i18n import Text
from gis.indicators import quantities
from gis.indicators.base import NotMeasured, Values, indicator, over
from gis.indicators.terms import GROUND, NO_GROUND, ground, official
from gis.standards import code_table

if TYPE_CHECKING:
    from gis.indicators.quantities import AreaUnits
    from gis.model.plan import Plan

_said: Final[dict[str, Any]] = {
    "code": "",
    "unit": "%",
    "direction": "none",
    "concept": "three_spaces",
    "cites": ("three-lines-2019",),
    "additive": False,
    "assumed": True,
}


def _formula(zh: str, en: str) -> Text:
    return Text(
        f"{zh}图斑椭球面积 ÷ 行政区面积；没有该图层时，按规划分区默认归属汇总",
        f"Ellipsoidal area of the {en} ÷ area of the unit; without that layer, the planning zones that belong to it by default",
    )


def _share(plan: Plan, units: AreaUnits, space: str) -> Values:
    """The share of the ground that a space takes, 0 to 1: by its own layer, else by the planning zones."""
    layer = f"{space}_space"
    whole = ground(plan, units)
    if layer in plan:
        return over(official(plan, units, layer), whole, NO_GROUND)
    code = quantities.text(plan, "planning_zone", "zone_code")
    table = code_table("planning_zones")
    if not (code != "").any() or not set(code) <= set(table):
        raise NotMeasured("规划分区有未填或未知的分区代码", "some planning zones have no code, or an unknown one")
    where = np.array([table[each].extra["space_default"] == space for each in code])
    return over(official(plan, units, "planning_zone", where), whole, NO_GROUND)


@indicator(
    "urban_space_share",
    title=Text("城镇空间占比", "Share of urban space"),
    needs=("urban_space|planning_zone.zone_code", GROUND),
    formula=_formula("城镇空间", "urban space"),
    **_said,
)
def urban_space_share(plan: Plan, units: AreaUnits) -> Values:
    """Urban space over the area of the unit, 0 to 1."""
    return _share(plan, units, "urban")


@indicator(
    "agricultural_space_share",
    title=Text("农业空间占比", "Share of agricultural space"),
    needs=("agricultural_space|planning_zone.zone_code", GROUND),
    formula=_formula("农业空间", "agricultural space"),
    **_said,
)
def agricultural_space_share(plan: Plan, units: AreaUnits) -> Values:
    """Agricultural space over the area of the unit, 0 to 1."""
    return _share(plan, units, "agricultural")


@indicator(
    "ecological_space_share",
    title=Text("生态空间占比", "Share of ecological space"),
    needs=("ecological_space|planning_zone.zone_code", GROUND),
    formula=_formula("生态空间", "ecological space"),
    **_said,
)
def ecological_space_share(plan: Plan, units: AreaUnits) -> Values:
    """Ecological space over the area of the unit, 0 to 1."""
    return _share(plan, units, "ecological")
