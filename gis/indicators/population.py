"""Indicators of people (人口): how many, how many of them in cities and towns, how densely."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.i18n import Text
from gis.indicators.base import Values, indicator, over
from gis.indicators.terms import GROUND, NO_GROUND, NO_RESIDENTS, RESIDENTS, ground, residents

if TYPE_CHECKING:
    from gis.indicators.quantities import AreaUnits
    from gis.model.plan import Plan


@indicator(
    "population",
    code="M35-15",
    codes=("CK-10",),
    title=Text("常住人口规模", "Permanent population"),
    unit="wan_person",
    direction="target",
    concept="territorial_plan",
    cites=("city-guide-2020", "td1063"),
    needs=(RESIDENTS,),
    formula=Text(
        "行政区填报的常住人口；未填的取人口分布图层落在该区内的人口之和",
        "Residents as stated for the unit; where none are stated, those of the layer of population that lie in it",
    ),
    additive=True,
    assumed=False,
)
def population(plan: Plan, units: AreaUnits) -> Values:
    """Residents, persons."""
    return residents(plan, units)


@indicator(
    "urbanisation_rate",
    code="M35-16",
    codes=("CK-11",),
    title=Text("常住人口城镇化率", "Urbanisation rate"),
    unit="%",
    direction="target",
    concept="town_and_country",
    cites=("city-guide-2020", "td1063"),
    needs=(
        "municipality.residents|county.residents",
        "municipality.urban_residents|county.urban_residents",
    ),
    formula=Text("城镇常住人口 ÷ 常住人口", "Urban residents ÷ residents"),
    additive=False,
    assumed=False,
)
def urbanisation_rate(plan: Plan, units: AreaUnits) -> Values:
    """Urban residents over residents, 0 to 1."""
    urban = Values(
        residents(plan, units, "urban_residents").numbers, Text("未填城镇常住人口", "no figure of urban residents")
    )
    return over(urban, residents(plan, units), NO_RESIDENTS)


@indicator(
    "population_density",
    code="",
    title=Text("人口密度", "Population density"),
    unit="person/km2",
    direction="none",
    concept="density_and_openness",
    cites=("literature",),
    needs=(RESIDENTS, GROUND),
    formula=Text("常住人口 ÷ 行政区面积", "Residents ÷ area of the unit"),
    additive=False,
    assumed=True,
)
def population_density(plan: Plan, units: AreaUnits) -> Values:
    """Residents per km²."""
    area = ground(plan, units)
    return over(residents(plan, units), Values(area.numbers / 1e6, area.why), NO_GROUND)
