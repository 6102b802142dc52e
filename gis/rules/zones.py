"""Rules on planning zones and the three spaces (规划分区、三区). Ids start with ZN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import numpy as np

from gis.analysis.land_accounts import coded, text_codes
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, Param, rule
from gis.rules.planned_use import EXISTING_SHARE, new_land, of_class, with_class, with_words
from gis.rules.urban_boundary import SPECIAL, in_zone
from gis.rules.verbs import covered_share, drawn_m2, outside_of, overlaps, total, usable
from gis.standards import code_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

ZONE: Final = "planning_zone"
BOUNDARY: Final = "urban_development_boundary"
SPACES: Final = {"urban": "urban_space", "agricultural": "agricultural_space", "ecological": "ecological_space"}


def zones_of(plan: Plan, *prefixes: str) -> NDArray[np.bool_]:
    """Which zones of the whole area have a code below one of `prefixes`; zones of the central urban area are left out.

    Raises: NotRun where the plan's zones cover the central urban area only.
    """
    if (central := _of_central_area(plan)).all() and len(central):
        raise NotRun("规划分区只覆盖中心城区", "the planning zones cover the central urban area only")
    return ~central & coded(plan[ZONE]["zone_code"], prefixes)


def of_whole_area(plan: Plan) -> NDArray[np.bool_]:
    """Which zones are of the whole area; where all are of the central urban area, all of them."""
    central = _of_central_area(plan)
    return central if central.all() else ~central


def _of_central_area(plan: Plan) -> NDArray[np.bool_]:
    """Which zones say that they are of the central urban area."""
    if not plan.has(ZONE, "scope"):
        return np.zeros(len(plan[ZONE]), dtype=bool)
    return text_codes(plan[ZONE]["scope"]).eq("central_district").fillna(False).to_numpy(dtype=bool)


@rule(
    "ZN01",
    title=Text("城镇发展区与城镇开发边界一致", "The urban development zone equals the boundary"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=(f"{ZONE}.zone_code", BOUNDARY),
    concept="three_spaces",
    cites=("city-guide-2020",),
    unit="ha",
    message=Text(
        "{layer} {feature} 有 {measure:.4f} 公顷不在{other}内（{part}）",
        "{measure:.4f} ha of {layer} {feature} lie outside {other} ({part})",
    ),
    remedy=Text("以批准的城镇开发边界为准修改规划分区。", "Mend the planning zones after the approved boundary."),
)
def urban_zone_equals_boundary(
    plan: Plan,
    *,
    urban: Annotated[str, Param("", Text("城镇发展区代码", "code of the urban development zone"), assumed=True)] = "4",
) -> Iterator[Places]:
    """The faces where the urban development zone (4xx) and the boundary differ, in both directions.

    Fails: a zone 410 drawn 100 m beyond the boundary.
    Passes: zones 411, 420 and 430 that fill the boundary.
    """
    zones = zones_of(plan, urban)
    beyond = outside_of(plan, ZONE, usable(plan, BOUNDARY), other=BOUNDARY, where=zones)
    yield with_words(beyond, part=Text("城镇发展区超出边界", "the zone goes beyond the boundary"))
    open_ = outside_of(plan, BOUNDARY, usable(plan, ZONE, zones), other=ZONE)
    yield with_words(open_, part=Text("边界内不是城镇发展区", "not an urban development zone"))


@rule(
    "ZN02",
    title=Text("三区与规划分区一致", "The three spaces are what the planning zones imply"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=(f"{ZONE}.zone_code", *SPACES.values()),
    concept="three_spaces",
    cites=("city-guide-2020",),
    unit="ha",
    message=Text(
        "{layer} {feature} 有 {measure:.4f} 公顷不在{other}内（{part}）",
        "{measure:.4f} ha of {layer} {feature} lie outside {other} ({part})",
    ),
    remedy=Text("由规划分区重新归并三区，或核对分区代码。", "Derive the three spaces from the zones again, or check the zone codes."),
)  # fmt: skip
def spaces_follow_zones(
    plan: Plan,
    *,
    woodland: Annotated[
        str,
        Param(
            "",
            Text(
                "林业发展区（530）归入的空间：agricultural 或 ecological",
                "space of the forestry zone (530): agricultural or ecological",
            ),
            assumed=True,
        ),
    ] = "agricultural",
) -> Iterator[Places]:
    """The faces of a zone that the space it implies does not cover, and of a space that no land zone covers.

    100 and 200 are ecological, 300 and 500 agricultural, 400 urban; marine zones (600) and mining zones (700) stand
    apart. A place where a zone lies in the wrong space is told once.

    Fails: a zone 300 of which 10 ha lie in the urban space.
    Passes: a marine zone outside all three spaces.
    """
    implied = _implied(plan, woodland)
    zones_of(plan, "")
    for space, layer in SPACES.items():
        beyond = outside_of(plan, ZONE, usable(plan, layer), other=layer, where=implied == space)
        yield with_words(beyond, part=Text("分区归并与三区不符", "the zone is in another space"))
    land = usable(plan, ZONE, zones_of(plan, *"123457"))
    for layer in SPACES.values():
        beyond = outside_of(plan, layer, land, other=ZONE)
        yield with_words(beyond, part=Text("没有陆域规划分区", "no planning zone on land"))


def _implied(plan: Plan, woodland: str) -> NDArray[np.str_]:
    """The space each zone implies: "urban", "agricultural", "ecological", or "" for what stands apart or is not known."""
    table = code_table("planning_zones")
    space = {code: each.extra["space_default"] for code, each in table.items()} | {"530": woodland}
    code = text_codes(plan[ZONE]["zone_code"]).fillna("")
    first = code.str[:1] + "00"
    said = code.map(space).fillna(first.map(space)).fillna("")
    return np.where(zones_of(plan, ""), said.to_numpy(dtype="str"), "")


@rule(
    "ZN03",
    subsumes=("ZN07",),
    title=Text("特别用途区内不新增城镇集中建设", "No new urban building in the special-purpose zone"),
    severity=Severity.WARNING,
    relation="legal×legal",
    needs=("land_use_plan.class_code", f"{BOUNDARY}.zone_code"),
    concept="three_spaces",
    cites=("city-guide-2020",),
    unit="ha",
    message=Text(
        "{layer} {feature}（{land_class}）有 {measure:.4f} 公顷位于特别用途区 {other_feature}",
        "{measure:.4f} ha of {layer} {feature} ({land_class}) lie in the special-purpose zone {other_feature}",
    ),
    remedy=Text("调整用地布局，或按程序将该范围调整为城镇集中建设区并计入扩展倍数。", "Change the layout, or turn the ground into concentrated zone by procedure and count it."),
)  # fmt: skip
def special_zone_stays_open(
    plan: Plan,
    *,
    urban: Annotated[
        tuple[str, ...],
        Param("", Text("视为城镇集中建设的规划地类", "planned classes that are urban building"), assumed=True),
    ] = ("07", "09", "10", "11"),
    lawful: Annotated[
        tuple[str, ...], Param("", Text("其中允许的村庄地类", "village classes among them that are lawful"))
    ] = ("0703", "0704"),
    existing_share: Annotated[float, Param("%", EXISTING_SHARE, assumed=True)] = 50.0,
) -> Iterator[Places]:
    """The faces of planned urban building in the special-purpose zone (430) of the boundary.

    Villages, hills, parks, water and roads are lawful there, and so is what stands there today.

    Fails: a planned 0701 block in zone 430.
    Passes: a park 1401, a village 0703 and water in zone 430; a 0701 block that is 0701 today.
    """
    where = of_class(plan, "land_use_plan", *urban, but=lawful)
    new, _ = new_land(plan, where, existing_share)
    yield with_class(plan, overlaps(plan, "land_use_plan", BOUNDARY, where=new, other_where=in_zone(plan, SPECIAL)))


@rule(
    "ZN04",
    title=Text("规划分区不切割生态保护红线", "The zones do not cut the redline"),
    severity=Severity.ERROR,
    relation="none",
    needs=(f"{ZONE}.zone_code", "ecological_redline"),
    concept="three_spaces",
    cites=("city-guide-2020",),
    unit="%",
    message=Text(
        "生态保护红线只有 {measure:.2f}% 位于生态保护区，低于 {least:.0f}%，另有 {out_ha:.2f} 公顷在其他分区",
        "only {measure:.2f} % of the redline lie in the ecological protection zone, below {least:.0f} %; {out_ha:.2f} ha lie in other zones",
    ),
    remedy=Text("将生态保护红线划入生态保护区。", "Put the redline into the ecological protection zone."),
)
def redline_in_protection_zone(
    plan: Plan,
    *,
    least: Annotated[
        float,
        Param(
            "%", Text("红线位于生态保护区的最低比例", "least share of the redline in the protection zone"), assumed=True
        ),
    ] = 95.0,
    protection: Annotated[
        str, Param("", Text("生态保护区代码", "code of the ecological protection zone"), assumed=True)
    ] = "1",
) -> Iterator[Places]:
    """The share of the redline on land inside the ecological protection zone (100), where it is too small.

    The zone may well be larger than the redline. Redline at sea is left out.

    Fails: a redline of which a tenth lies in zone 500.
    Passes: a zone 100 larger than the redline.
    """
    line = plan["ecological_redline"]
    land = np.ones(len(line), dtype=bool)
    if "land_or_sea" in line:
        land = ~text_codes(line["land_or_sea"]).str.contains("海", regex=False).fillna(False).to_numpy(dtype=bool)
    area = np.where(land, drawn_m2(plan, "ecological_redline"), np.nan)
    covered = np.nansum(
        area * covered_share(plan, "ecological_redline", usable(plan, ZONE, zones_of(plan, protection)))
    )
    whole = np.nansum(area)
    if whole > 0:
        yield total(
            plan, ZONE, covered / whole, least / 100, direction="min", least=least, out_ha=(whole - covered) / 1e4
        )


@rule(
    "ZN05",
    title=Text("海洋分区覆盖管辖海域", "Marine zones cover the sea area under administration"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=(f"{ZONE}.zone_code", "sea_area"),
    concept="three_spaces",
    cites=("city-guide-2020",),
    unit="ha",
    message=Text(
        "{layer} {feature} 有 {measure:.4f} 公顷没有规划分区",
        "{measure:.4f} ha of {layer} {feature} have no planning zone",
    ),
    remedy=Text("补划海洋发展区或者海域的生态保护区、生态控制区。", "Add marine zones, or ecological zones at sea."),
)
def marine_zones_cover_sea(
    plan: Plan,
    *,
    marine: Annotated[
        tuple[str, ...],
        Param("", Text("可覆盖海域的分区代码", "codes of zones that may lie at sea"), assumed=True),
    ] = ("1", "2", "6"),
) -> Iterator[Places]:
    """The faces of the sea area under administration that neither marine nor ecological zones cover.

    Sea uses (features with a use code) are not the sea area. Marine zones beyond it, as on reclaimed land of ports, pass.

    Fails: a sea area of which 10 ha have no zone.
    Passes: zones 610 and 100 that fill the sea area.
    """
    area = np.ones(len(plan["sea_area"]), dtype=bool)
    if plan.has("sea_area", "use_code"):
        use = text_codes(plan["sea_area"]["use_code"])
        area = (use.isna() | use.eq("")).to_numpy(dtype=bool)
    yield outside_of(plan, "sea_area", usable(plan, ZONE, zones_of(plan, *marine)), other=ZONE, where=area)


@rule(
    "ZN06",
    title=Text("农田保护区内永久基本农田占比", "Share of permanent basic farmland in the farmland protection zone"),
    severity=Severity.WARNING,
    relation="none",
    needs=(f"{ZONE}.zone_code", "permanent_basic_farmland"),
    concept="three_spaces",
    cites=("city-guide-2020",),
    unit="%",
    message=Text(
        "农田保护区内永久基本农田占 {measure:.2f}%，低于 {least:.0f}%；农田保护区 {zone_ha:.2f} 公顷",
        "{measure:.2f} % of the farmland protection zone are permanent basic farmland, below {least:.0f} %; the zone has {zone_ha:.2f} ha",
    ),
    remedy=Text(
        "农田保护区只划永久基本农田相对集中的区域，其余划为一般农业区等分区。",
        "The zone holds the concentrated farmland only; put the rest into other zones, as that of general agriculture.",
    ),
)
def farmland_zone_is_farmland(
    plan: Plan,
    *,
    least: Annotated[
        float, Param("%", Text("永久基本农田最低占比", "least share of permanent basic farmland"), assumed=True)
    ] = 70.0,
    farmland: Annotated[
        str, Param("", Text("农田保护区代码", "code of the farmland protection zone"), assumed=True)
    ] = "3",
) -> Iterator[Places]:
    """The share of the farmland protection zone (300) that is permanent basic farmland, where it is too small.

    The zone need not hold all farmland.

    Fails: a zone of 100 ha with 60 ha of farmland.
    Passes: a zone of 100 ha with 90 ha of farmland, and farmland outside it.
    """
    zone = zones_of(plan, farmland)
    area = np.where(zone, drawn_m2(plan, ZONE), np.nan)
    whole = np.nansum(area)
    if not whole > 0:
        raise NotRun("没有农田保护区", "no farmland protection zone")
    held = np.nansum(area * covered_share(plan, ZONE, usable(plan, "permanent_basic_farmland"), zone))
    yield total(plan, ZONE, held / whole, least / 100, direction="min", least=least, zone_ha=whole / 1e4)
