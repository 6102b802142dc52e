"""Indicators of the three control lines (三条控制线): their areas and shares, and what is built inside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gis.analysis.base_year import urban_base
from gis.analysis.land_accounts import CONCENTRATED, FLEXIBLE, coded, expansion
from gis.analysis.plan_totals import net_farmland_m2
from gis.i18n import Text
from gis.indicators import quantities
from gis.indicators.base import NotMeasured, Values, indicator, over
from gis.indicators.terms import (
    GROUND,
    NO_GROUND,
    TOWN_AND_COUNTRY,
    URBAN,
    built,
    ground,
    official,
)

if TYPE_CHECKING:
    from gis.indicators.quantities import AreaUnits
    from gis.model.plan import Plan

REDLINE: Final = "ecological_redline"
FARMLAND: Final = "permanent_basic_farmland"
BOUNDARY: Final = "urban_development_boundary"

_line: Final[dict[str, Any]] = {"concept": "three_control_lines", "assumed": False, "additive": True, "unit": "km2"}
_share: Final[dict[str, Any]] = {"concept": "three_control_lines", "assumed": True, "additive": False, "unit": "%"}
_inside: Final = ("land_use_current.class_code", "land_use_current.settlement_code")


@indicator(
    "ecological_redline_area",
    code="M35-01",
    codes=("CK-01",),
    title=Text("生态保护红线面积", "Ecological conservation redline area"),
    direction="min",
    cites=("city-guide-2020", "td1063"),
    needs=(REDLINE,),
    formula=Text(
        "生态保护红线图斑椭球面积之和，含海域部分",
        "Sum of the ellipsoidal areas of the redline units, those at sea included",
    ),
    **_line,
)
def ecological_redline_area(plan: Plan, units: AreaUnits) -> Values:
    """Official area of the ecological conservation redline, m²."""
    return official(plan, units, REDLINE)


@indicator(
    "permanent_basic_farmland_area",
    code="M35-03",
    codes=("CK-03",),
    title=Text("永久基本农田保护面积", "Permanent basic farmland area"),
    direction="min",
    cites=("city-guide-2020", "td1063"),
    needs=(FARMLAND,),
    also=("wan_mu",),
    formula=Text(
        "永久基本农田图斑净面积（永久基本农田面积字段）之和；未填的取椭球面积减扣除地类面积",
        "Sum of the stated net areas; where none is stated, ellipsoidal area less deducted area",
    ),
    **_line,
)
def permanent_basic_farmland_area(plan: Plan, units: AreaUnits) -> Values:
    """Net area of permanent basic farmland, m²."""
    return Values(quantities.by_unit(plan, units, FARMLAND, net_farmland_m2(plan)))


@indicator(
    "urban_boundary_area",
    code="",
    title=Text("城镇开发边界面积", "Urban development boundary area"),
    direction="max",
    cites=("city-guide-2020", "state-council-replies"),
    needs=(BOUNDARY,),
    formula=Text("城镇开发边界图斑椭球面积之和", "Sum of the ellipsoidal areas inside the boundary"),
    **_line,
)
def urban_boundary_area(plan: Plan, units: AreaUnits) -> Values:
    """Official area inside the urban development boundary, m²."""
    return official(plan, units, BOUNDARY)


@indicator(
    "redline_share",
    code="",
    title=Text("生态保护红线占行政区面积比例", "Share of the area inside the ecological conservation redline"),
    direction="none",
    cites=("three-lines-2019",),
    needs=(REDLINE, GROUND),
    formula=Text(
        "生态保护红线面积 ÷ 行政区面积；红线含海域时会偏大",
        "Redline area ÷ area of the unit; too large if redline lies at sea",
    ),
    **_share,
)
def redline_share(plan: Plan, units: AreaUnits) -> Values:
    """Redline area over the area of the unit, 0 to 1."""
    return over(official(plan, units, REDLINE), ground(plan, units), NO_GROUND)


@indicator(
    "boundary_share",
    code="",
    title=Text("城镇开发边界占行政区面积比例", "Share of the area inside the urban development boundary"),
    direction="none",
    cites=("three-lines-2019",),
    needs=(BOUNDARY, GROUND),
    formula=Text("城镇开发边界面积 ÷ 行政区面积", "Area inside the boundary ÷ area of the unit"),
    **_share,
)
def boundary_share(plan: Plan, units: AreaUnits) -> Values:
    """Area inside the urban development boundary over the area of the unit, 0 to 1."""
    return over(official(plan, units, BOUNDARY), ground(plan, units), NO_GROUND)


@indicator(
    "flexible_share",
    code="",
    title=Text("城镇弹性发展区占集中建设区比例", "Flexible zone as a share of the concentrated zone"),
    unit="%",
    direction="max",
    concept="three_control_lines",
    cites=("city-guide-2020",),
    needs=(f"{BOUNDARY}.zone_code",),
    formula=Text(
        "城镇弹性发展区（42x）面积 ÷ 城镇集中建设区（41x）面积；没有弹性发展区时为 0",
        "Area of zones 42x ÷ area of zones 41x; 0 where there is no flexible zone",
    ),
    additive=False,
    assumed=False,
)
def flexible_share(plan: Plan, units: AreaUnits) -> Values:
    """Area of the flexible urban development zone over that of the concentrated zone, a ratio."""
    code = plan[BOUNDARY]["zone_code"]
    if code.isna().any():
        raise NotMeasured("城镇开发边界有图斑未填规划分区代码", "some features of the boundary have no zone code")
    flexible, concentrated = (official(plan, units, BOUNDARY, coded(code, zone)) for zone in (FLEXIBLE, CONCENTRATED))
    return over(flexible, concentrated, Text("没有城镇集中建设区", "there is no concentrated zone"))


@indicator(
    "expansion_multiple",
    code="",
    title=Text("城镇开发边界扩展倍数", "Expansion multiple of the urban development boundary"),
    unit="times",
    direction="max",
    concept="stock_before_growth",
    cites=("state-council-replies", "base-2021-907"),
    needs=(*_inside, f"{BOUNDARY}.zone_code"),
    formula=Text(
        "（现状城镇建设用地 + 新增）÷ 现状城镇建设用地。新增为集中建设区扣除现状城镇建设用地、水域和永久基本农田后的面积，"
        "加集中建设区和弹性发展区以外的规划城镇用地；核算口径以省级核定为准",
        "(Urban construction land + new) ÷ urban construction land. New: the concentrated zone less present urban land, water and "
        "farmland, and planned urban land outside the concentrated and flexible zones; the province's own account decides",
    ),
    additive=False,
    assumed=True,
    scope="whole",
)
def expansion_multiple(plan: Plan, units: AreaUnits) -> Values:
    """Urban construction land with what is new over what there is, no unit."""
    built(plan, URBAN)  # says so where no parcel has a class or a settlement code
    base = urban_base(plan)
    account = expansion(plan, base=(base.polygons, base.m2))
    if not account.base_m2 > 0:
        raise NotMeasured("现状没有城镇建设用地", "there is no urban construction land now")
    return Values.of_whole(account.multiple, Text(f"基数：{base.note.zh}", f"base: {base.note.en}"))


@indicator(
    "construction_in_redline",
    code="CK-02",
    title=Text("生态保护红线范围内城乡建设用地面积", "Urban and rural construction land inside the redline"),
    direction="max",
    cites=("td1063",),
    needs=(REDLINE, *_inside),
    formula=Text(
        "城镇村属性码 201—203A 的建设用地与生态保护红线相交部分的椭球面积；原有村庄和合法设施也计入，须另行甄别",
        "Ellipsoidal area that construction land of settlement codes 201–203A shares with the redline; "
        "existing villages and lawful works are counted and must be told apart",
    ),
    **_line,
)
def construction_in_redline(plan: Plan, units: AreaUnits) -> Values:
    """Urban and rural construction land that lies in the redline, m²."""
    where = built(plan, TOWN_AND_COUNTRY)
    return Values(quantities.covered_m2(plan, units, "land_use_current", quantities.usable(plan, REDLINE), where))


@indicator(
    "construction_inside_boundary",
    code="CK-05",
    title=Text("城镇开发边界范围内城乡建设用地面积", "Urban and rural construction land inside the boundary"),
    direction="max",
    cites=("td1063",),
    needs=(BOUNDARY, *_inside),
    formula=Text(
        "城镇村属性码 201—203A 的建设用地与城镇开发边界相交部分的椭球面积",
        "Ellipsoidal area that construction land of settlement codes 201–203A shares with the boundary",
    ),
    **_line,
)
def construction_inside_boundary(plan: Plan, units: AreaUnits) -> Values:
    """Urban and rural construction land that lies inside the boundary, m²."""
    where = built(plan, TOWN_AND_COUNTRY)
    return Values(quantities.covered_m2(plan, units, "land_use_current", quantities.usable(plan, BOUNDARY), where))
