"""Rules on safety (安全底线). Ids start with SF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from gis.analysis.land_accounts import text_codes
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import Param, rule
from gis.rules.planned_use import (
    EXISTING_SHARE,
    HOMES_AND_SERVICES,
    new_and_existing,
    new_land,
    of_class,
    with_class,
    with_words,
)
from gis.rules.urban_boundary import high_hazard
from gis.rules.verbs import overlaps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan
    from gis.rules.base import Places
HIGH: Final = ("极高", "高", "极高风险", "高风险", "极高危险", "高危险")
"""Levels of hazard that are to be avoided."""
GEOLOGICAL: Final = ("地质灾害", "崩塌", "滑坡", "泥石流", "塌陷", "沉降", "地裂缝")
"""Kinds of geological hazard (contained in the name)."""
DETENTION: Final = ("蓄滞洪", "蓄洪", "滞洪", "分洪")
"""Kinds of flood detention area (contained in the name)."""


@rule(
    "SF01",
    title=Text("高危险区内不新增居住和公共服务用地", "No new housing or public service in high hazard"),
    severity=Severity.ERROR,
    relation="legal×survey",
    needs=("land_use_plan.class_code", "hazard_area.level", "hazard_area.kind"),
    concept="safety_bottom_line",
    cites=("geohazard-reg", "city-guide-2020"),
    subsumes=("SF07", "SF09"),
    unit="ha",
    message=Text(
        "{layer} {feature}（{land_class}，{state}）有 {measure:.4f} 公顷位于{other} {other_feature}",
        "{measure:.4f} ha of {layer} {feature} ({land_class}, {state}) lie in {other} {other_feature}",
    ),
    remedy=Text("避让高风险区，或经防治后重新评估风险等级。", "Avoid the area, or assess its level again after protective works."),
)  # fmt: skip
def no_homes_in_hazard(
    plan: Plan,
    *,
    classes: Annotated[
        tuple[str, ...], Param("", Text("不得新增的规划地类", "classes that must not be added"), assumed=True)
    ] = HOMES_AND_SERVICES,
    levels: Annotated[
        tuple[str, ...], Param("", Text("须避让的风险等级", "levels to be avoided"), assumed=True)
    ] = HIGH,
    kinds: Annotated[
        tuple[str, ...],
        Param("", Text("参与检查的灾种（名称中含有）", "kinds of hazard tested (contained in the name)"), assumed=True),
    ] = ("地质灾害", "崩塌", "滑坡", "泥石流", "塌陷", "地裂缝", "洪", "蓄滞", "地震", "断裂"),
    existing_share: Annotated[float, Param("%", EXISTING_SHARE, assumed=True)] = 50.0,
) -> Iterator[Places]:
    """The faces of planned housing and public service in areas of high hazard, less what stands there today.

    Fails: a planned 0701 block drawn 100 m into a high-risk landslide area.
    Passes: the same block where 0701 stands today; a park there.
    """
    new, state = new_land(plan, of_class(plan, "land_use_plan", *classes), existing_share)
    hazard = high_hazard(plan, levels, kinds)
    found = overlaps(plan, "land_use_plan", "hazard_area", where=new, other_where=hazard)
    yield with_class(plan, with_words(found, state=state))


@rule(
    "SF02",
    title=Text("洪涝风险控制线内用地相容", "Land use fits the flood risk control line"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("land_use_plan.class_code", "flood_risk_line"),
    concept="safety_bottom_line",
    cites=("city-guide-2020",),
    unit="ha",
    message=Text(
        "{layer} {feature}（{land_class}，{state}）占用{other} {other_feature} {measure:.4f} 公顷",
        "{layer} {feature} ({land_class}, {state}) takes {measure:.4f} ha of {other} {other_feature}",
    ),
    remedy=Text("新增用地避让控制线；现状用地明确防洪要求和退出安排。", "New land avoids the line; for existing land state the flood protection and how it leaves."),
)  # fmt: skip
def flood_line_keeps_classes(
    plan: Plan,
    *,
    admitted: Annotated[
        tuple[str, ...], Param("", Text("控制线内相容的地类", "classes that fit the line"), assumed=True)
    ] = ("17", "05", "1401", "1402", "1311", "01", "02", "03", "04"),
    crossing: Annotated[
        tuple[str, ...], Param("", Text("可穿越控制线的地类", "classes that may cross the line"), assumed=True)
    ] = ("12",),
    existing_share: Annotated[float, Param("%", EXISTING_SHARE, assumed=True)] = 50.0,
) -> Iterator[Places]:
    """The faces of planned land in the flood risk control line that its class does not fit; existing land is a warning.

    Fails: a planned 1001 block in the line.
    Passes: a park, water and a bridge road in the line.
    """
    where = of_class(plan, "land_use_plan", "", but=admitted + crossing)
    yield from new_and_existing(plan, "flood_risk_line", where, existing_share)


@rule(
    "SF03",
    title=Text("饮用水水源一级保护区内没有无关建设", "No unrelated building in first-class drinking water areas"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("land_use_plan.class_code", "drinking_water.level"),
    concept="safety_bottom_line",
    cites=("water-pollution-law",),
    unit="ha",
    message=Text(
        "{layer} {feature}（{land_class}，{state}）有 {measure:.4f} 公顷位于{other} {other_feature} 一级保护区",
        "{measure:.4f} ha of {layer} {feature} ({land_class}, {state}) lie in the first-class area of {other} {other_feature}",
    ),
    remedy=Text("调出一级保护区；已建成的与供水无关的项目依法拆除或者关闭。", "Move it out of the first-class area; what stands there unrelated to water supply is removed or closed by law."),
)  # fmt: skip
def first_class_water_is_free(
    plan: Plan,
    *,
    building: Annotated[
        tuple[str, ...], Param("", Text("视为建设的规划地类", "planned classes that are building"), assumed=True)
    ] = ("07", "08", "09", "10", "11", "13"),
    related: Annotated[
        tuple[str, ...],
        Param(
            "", Text("与供水和保护水源有关的地类", "classes related to water supply and its protection"), assumed=True
        ),
    ] = ("1301", "1311"),
    first: Annotated[
        tuple[str, ...], Param("", Text("一级保护区的取值", "values of the first class"), assumed=True)
    ] = ("一级", "一级保护区", "1", "I", "Ⅰ"),
    existing_share: Annotated[float, Param("%", EXISTING_SHARE, assumed=True)] = 50.0,
) -> Iterator[Places]:
    """The faces of planned building in first-class drinking water protection areas; existing building is a warning.

    Roads that cross are not reported.

    Fails: a planned 0901 block in a first-class area.
    Passes: a waterworks 1301 there; housing in a second-class area.
    """
    said = text_codes(plan["drinking_water"]["level"]).str.normalize("NFKC")
    plain = said.str.replace(r"(?:饮用水)?(?:水源)?(?:地)?保护区$", "", regex=True)
    level = (said.isin(first) | plain.isin(first) | plain.str.removesuffix("级").isin(first)).to_numpy(dtype=bool)
    where = of_class(plan, "land_use_plan", *building, but=related)
    yield from new_and_existing(plan, "drinking_water", where, existing_share, level)
