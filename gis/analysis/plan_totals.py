"""The totals that the tables and the text of a plan print, worked out from its layers.

A total may be read in more than one lawful way (stated or official areas, the base before or after conversion); a printed
figure is borne out if one of them gives it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from gis.analysis.area_units import AreaUnits, by_unit
from gis.analysis.land_accounts import CONSTRUCTION, TOWN_AND_COUNTRY, coded, construction, text_codes
from gis.analysis.quantities import number, official_m2, stated_m2

if TYPE_CHECKING:
    from gis.model.plan import Plan

__all__ = [
    "TOTALS", "Readings", "Total", "by_class", "net_farmland_m2", "total_named",
]  # fmt: skip

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Readings = tuple[Floats, ...]
"""A total in m² in each of its lawful readings: the whole plan first, then each area unit."""

REDLINE: Final = "ecological_redline"
FARMLAND: Final = "permanent_basic_farmland"
BOUNDARY: Final = "urban_development_boundary"
LAND: Final = "land_use_current"

_REMARK: Final = re.compile(r"[（(\[【].*?[)）\]】]|\s")


@dataclass(frozen=True, slots=True)
class Total:
    """A total that a plan prints.

    names      what it is called: our id of the indicator, official numbers, names
    state      "plan": the layers show what is planned; "base": they show the base year
    needs      alternatives of a layer, with the fields that it is worked out from
    floor      whether the printed figure is a task, which the layers may surpass
    readings   the ways to work it out
    """

    id: str
    names: tuple[str, ...]
    state: Literal["plan", "base"]
    needs: tuple[tuple[str, ...], ...]
    readings: Callable[[Plan, AreaUnits], Readings]
    floor: bool = False

    def layer(self, plan: Plan) -> str:
        """The layer that it is worked out from; "" where the plan has none that will do."""
        return next((layer for layer, *fields in self.needs if _has_values(plan, layer, *fields)), "")


def net_farmland_m2(plan: Plan) -> Floats:
    """The net area of each block of permanent basic farmland: as stated, else its official area less what is deducted."""
    stated = number(plan, FARMLAND, "area_m2")
    deducted = np.nan_to_num(number(plan, FARMLAND, "deducted_area_m2"))
    return np.where(np.isnan(stated), official_m2(plan, FARMLAND) - deducted, stated)


def by_class(
    plan: Plan, units: AreaUnits, layer: str, prefixes: tuple[str, ...], among: Mask | None = None
) -> Readings:
    """The area of the features of these land-use classes, or of any for (""), as stated and as drawn; of those `among`."""
    where = coded(plan[layer]["class_code"], prefixes) if prefixes != ("",) else np.ones(len(plan[layer]), bool)
    return _areas(plan, units, layer, where if among is None else where & among)


def total_named(*names: str) -> Total | None:
    """The total that one of these names means (an id, an official number, a name with remarks in brackets), or None.

    Example:
        >>> total_named("M35-01").id, total_named("", "耕地保有量（万亩）").id, total_named("用水总量")
        ('ecological_redline_area', 'cultivated_land_area', None)
    """
    plain = (_REMARK.sub("", each).casefold() for each in names)
    return next((_BY_NAME[each] for each in plain if each in _BY_NAME), None)


def _has_values(plan: Plan, layer: str, *fields: str) -> bool:
    return (
        plan.has(layer, *fields)
        and len(plan[layer]) > 0
        and all(bool(plan[layer][each].notna().any()) for each in fields)
    )


def _areas(plan: Plan, units: AreaUnits, layer: str, where: Mask | None = None) -> Readings:
    """As the features state it, and by the survey formula."""
    sums = (stated_m2(plan, layer), official_m2(plan, layer))
    return tuple(by_unit(plan, units, layer, m2, where) for m2 in sums)


def _line(layer: str) -> Callable[[Plan, AreaUnits], Readings]:
    return lambda plan, units: _areas(plan, units, layer)[::-1]


def _farmland(plan: Plan, units: AreaUnits) -> Readings:
    return (by_unit(plan, units, FARMLAND, net_farmland_m2(plan)),)


def _cultivated(plan: Plan, units: AreaUnits) -> Readings:
    found: list[Floats] = []
    if _has_values(plan, "survey_parcel", "class_code"):
        m2 = stated_m2(plan, "survey_parcel", "net_area_m2", "area_m2")
        found.append(by_unit(plan, units, "survey_parcel", m2, coded(plan["survey_parcel"]["class_code"], ("01",))))
    if _has_values(plan, LAND, "class_code"):
        found += by_class(plan, units, LAND, ("01",))
    return tuple(found)


def _class(*prefixes: str) -> Callable[[Plan, AreaUnits], Readings]:
    return lambda plan, units: by_class(plan, units, LAND, prefixes)


def _construction(plan: Plan, units: AreaUnits) -> Readings:
    """On the converted base, and as the survey has it."""
    return (*_areas(plan, units, LAND, construction(plan[LAND])), *by_class(plan, units, LAND, CONSTRUCTION))


def _town_and_country(plan: Plan, units: AreaUnits) -> Readings:
    among = text_codes(plan[LAND]["settlement_code"]).isin(TOWN_AND_COUNTRY).to_numpy()
    converted = _areas(plan, units, LAND, construction(plan[LAND]) & among)
    return (*converted, *by_class(plan, units, LAND, CONSTRUCTION, among))


_USE: Final = ((LAND, "class_code"),)
TOTALS: Final[tuple[Total, ...]] = (
    Total(
        "ecological_redline_area", ("M35-01", "CK-01", "生态保护红线面积", "生态保护红线"),
        "plan", ((REDLINE,),), _line(REDLINE), floor=True,
    ),
    Total(
        "permanent_basic_farmland_area",
        ("M35-03", "CK-03", "永久基本农田保护面积", "永久基本农田面积", "永久基本农田保护任务", "永久基本农田"),
        "plan", ((FARMLAND,),), _farmland, floor=True,
    ),
    Total(
        "urban_boundary_area", ("城镇开发边界面积", "城镇开发边界规模", "城镇开发边界"),
        "plan", ((BOUNDARY,),), _line(BOUNDARY),
    ),
    Total(
        "cultivated_land_area", ("M35-04", "CK-04", "耕地保有量", "耕地面积"),
        "base", (("survey_parcel", "class_code"), (LAND, "class_code")), _cultivated, floor=True,
    ),
    Total(
        "construction_land_area", ("M35-05", "CK-08", "建设用地总面积", "建设用地总规模", "建设用地面积"),
        "base", _USE, _construction,
    ),
    Total(
        "urban_rural_construction_land_area",
        ("M35-06", "CK-07", "城乡建设用地面积", "城乡建设用地规模"),
        "base", ((LAND, "class_code", "settlement_code"),), _town_and_country,
    ),
    Total("forest_land_area", ("M35-07", "林地保有量", "林地面积"), "base", _USE, _class("03"), floor=True),
    Total("wetland_area", ("M35-09", "CK-15", "湿地面积"), "base", _USE, _class("05"), floor=True),
)  # fmt: skip
"""The totals that layers alone decide."""

_BY_NAME: Final = {name.casefold(): each for each in TOTALS for name in (each.id, *each.names)}
