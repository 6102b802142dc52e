"""Indicators of land use (用地): what kinds of land there are, how much is built on, and for how many people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gis.analysis.base_year import BASES, base_year
from gis.analysis.plan_totals import net_farmland_m2
from gis.i18n import Text
from gis.indicators import quantities
from gis.indicators.base import NotMeasured, Values, indicator, over
from gis.indicators.control_lines import FARMLAND
from gis.indicators.terms import (
    TOWN_AND_COUNTRY,
    URBAN,
    built,
    land,
    of_class,
    residents,
)
from gis.units import from_base, shown

if TYPE_CHECKING:
    from gis.indicators.quantities import AreaUnits
    from gis.model.plan import Plan

LAND: Final = "land_use_current.class_code"
_km2: Final[dict[str, Any]] = {
    "unit": "km2",
    "additive": True,
    "assumed": False,
    "cites": ("city-guide-2020", "td1063"),
}
_STATED: Final = Text(
    "图斑面积（已按控制面积平差，未填的取椭球面积）之和",
    "Sum of the stated parcel areas, ellipsoidal where none is stated",
)


@indicator(
    "cultivated_land_area",
    code="M35-04",
    codes=("CK-04",),
    title=Text("耕地保有量", "Cultivated land retained"),
    direction="min",
    concept="territorial_plan",
    needs=("survey_parcel.class_code|land_use_current.class_code",),
    also=("wan_mu",),
    formula=Text(
        "地类图斑中 01 类的地类净面积之和；没有地类图斑时取现状用地 01 类图斑面积之和",
        "Sum of the net areas of class 01 of the survey parcels; without these, of class 01 of current land use",
    ),
    **_km2,
)
def cultivated_land_area(plan: Plan, units: AreaUnits) -> Values:
    """Net area of cultivated land, m²."""
    if not plan.has("survey_parcel", "class_code"):
        return land(plan, units, of_class(plan, "land_use_current", "01"))
    m2 = quantities.stated_m2(plan, "survey_parcel", "net_area_m2", "area_m2")
    return Values(quantities.by_unit(plan, units, "survey_parcel", m2, of_class(plan, "survey_parcel", "01")))


@indicator(
    "farmland_share",
    code="",
    title=Text("永久基本农田占耕地比例", "Permanent basic farmland as a share of cultivated land"),
    unit="%",
    direction="none",
    concept="three_control_lines",
    cites=("land-law",),
    needs=(FARMLAND, "survey_parcel.class_code|land_use_current.class_code"),
    formula=Text(
        "永久基本农田净面积 ÷ 耕地面积；土地管理法的 80% 约束省级，对市县仅供参考",
        "Net permanent basic farmland ÷ cultivated land; the 80 % of the law binds the province, for a city it is information",
    ),
    additive=False,
    assumed=False,
)
def farmland_share(plan: Plan, units: AreaUnits) -> Values:
    """Net permanent basic farmland over cultivated land, a ratio."""
    farmland = Values(quantities.by_unit(plan, units, FARMLAND, net_farmland_m2(plan)))
    return over(farmland, cultivated_land_area(plan, units), Text("没有耕地", "there is no cultivated land"))


@indicator(
    "construction_land_area",
    code="M35-05",
    codes=("CK-08",),
    title=Text("建设用地总面积", "Total construction land"),
    direction="max",
    concept="stock_before_growth",
    needs=(LAND,),
    formula=Text(
        "现状用地 07—16 类和 2301 空闲地图斑面积之和，不含 06 农业设施建设用地；有台账的按基数转换后计",
        "Sum of the parcels of classes 07 to 16 and 2301; class 06 is not construction land; converted where there is a ledger",
    ),
    **_km2,
)
def construction_land_area(plan: Plan, units: AreaUnits) -> Values:
    """Area of construction land, m²."""
    return _base_year(plan, units)


@indicator(
    "urban_rural_construction_land_area",
    code="M35-06",
    codes=("CK-07",),
    title=Text("城乡建设用地面积", "Urban and rural construction land"),
    direction="max",
    concept="stock_before_growth",
    needs=(LAND, "land_use_current.settlement_code"),
    formula=Text(
        "城镇村属性码为 201、201A、202、202A、203、203A 的建设用地图斑面积之和",
        "Sum of the construction land with settlement code 201, 201A, 202, 202A, 203 or 203A",
    ),
    **_km2,
)
def urban_rural_construction_land_area(plan: Plan, units: AreaUnits) -> Values:
    """Area of urban and rural construction land, m²."""
    return _base_year(plan, units, TOWN_AND_COUNTRY)


@indicator(
    "forest_land_area",
    code="M35-07",
    title=Text("林地保有量", "Forest land retained"),
    unit="km2",
    direction="min",
    concept="landscape",
    cites=("city-guide-2020",),
    needs=(LAND,),
    formula=Text(
        "现状用地 03 类图斑面积之和；不是森林覆盖率", "Sum of the parcels of class 03; not the forest cover rate"
    ),
    additive=True,
    assumed=False,
)
def forest_land_area(plan: Plan, units: AreaUnits) -> Values:
    """Area of forest land, m²."""
    return land(plan, units, of_class(plan, "land_use_current", "03"))


@indicator(
    "wetland_area",
    code="M35-09",
    codes=("CK-15",),
    title=Text("湿地面积", "Wetland area"),
    direction="min",
    concept="landscape",
    needs=(LAND,),
    formula=Text(
        "现状用地 05 类图斑面积之和，不含盐田", "Sum of the parcels of class 05; salt pans are not among them"
    ),
    **_km2,
)
def wetland_area(plan: Plan, units: AreaUnits) -> Values:
    """Area of wetland, m²."""
    return land(plan, units, of_class(plan, "land_use_current", "05"))


@indicator(
    "urban_land_per_head",
    code="M35-17",
    codes=("CK-09",),
    title=Text("人均城镇建设用地面积", "Urban construction land per head"),
    unit="m2/person",
    direction="max",
    concept="intensive_use",
    cites=("city-guide-2020", "td1063"),
    needs=(LAND, "land_use_current.settlement_code", "municipality.urban_residents|county.urban_residents"),
    formula=Text(
        "城镇村属性码为 201、201A、202、202A 的建设用地 ÷ 城镇常住人口",
        "Construction land with settlement code 201, 201A, 202 or 202A ÷ urban residents",
    ),
    additive=False,
    assumed=False,
)
def urban_land_per_head(plan: Plan, units: AreaUnits) -> Values:
    """Urban construction land per urban resident, m²."""
    people = residents(plan, units, "urban_residents")
    stated = Values(people.numbers, Text("未填城镇常住人口", "no figure of urban residents"))
    urban = _base_year(plan, units, URBAN)
    per_head = over(urban, stated, Text("城镇常住人口为零", "there are no urban residents"))
    return replace(per_head, note=urban.note)


def _base_year(plan: Plan, units: AreaUnits, settlements: tuple[str, ...] = ()) -> Values:
    """Construction land of the base year after conversion, m²; beside it stands what the survey alone has."""
    built(plan, settlements)  # says so where no parcel has a class
    base = base_year(plan, units)
    both = {basis: base.construction(basis, settlements) for basis in BASES}
    km2 = {basis: shown(from_base(float(m2[0]), "km2"), "km2") for basis, m2 in both.items()}
    zh = "，".join(f"{BASES[basis].zh} {km2[basis]} 平方千米" for basis in BASES) if base.converted else ""
    en = ", ".join(f"{BASES[basis].en} {km2[basis]} km²" for basis in BASES) if base.converted else ""
    return Values(
        both["converted"], note=Text(f"{zh}；{base.note.zh}".strip("；"), f"{en}; {base.note.en}".strip("; "))
    )


@indicator(
    "park_area_per_head",
    code="M35-30",
    codes=("CK-38",),
    title=Text("人均公园绿地面积（中心城区）", "Park area per head (central urban area)"),
    unit="m2/person",
    direction="min",
    concept="liveable_city",
    cites=("city-guide-2020", "td1063"),
    needs=(LAND, "central_district.residents|population.residents"),
    formula=Text(
        "中心城区内现状 1401 公园绿地面积 ÷ 中心城区常住人口",
        "Parks (class 1401) now inside the central urban area ÷ its residents",
    ),
    additive=False,
    assumed=False,
    scope="central_district",
)
def park_area_per_head(plan: Plan, units: AreaUnits) -> Values:
    """Park area per resident of the central urban area, m²."""
    centre = quantities.area_units(plan, "central_district")
    if not centre.layer:
        raise NotMeasured("缺少图层：中心城区", "missing layer: central_district")
    parks = land(plan, centre, of_class(plan, "land_use_current", "1401")).numbers[1:].sum()
    people = quantities.number(plan, "central_district", "residents").sum()
    if people != people and plan.has("population", "residents"):  # noqa: PLR0124 - NaN is unlike itself
        people = quantities.located_sum(plan, centre, "population", "residents")[1:].sum()
    if not people > 0:
        raise NotMeasured("中心城区没有常住人口数据", "no figure of residents of the central urban area")
    return Values.of_whole(parks / people)
