"""Rules on the urban system (城镇体系): county towns, tiers, characteristic towns. Ids start with US."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import text_codes
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, Param, Places, rule
from gis.rules.verbs import drawn_m2, ids, located_in, near, outside, rows, stated_m2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.model.plan import Plan

CENTRES: Final = ("中心城市", "中心城区", "市区", "城市")
COUNTY_TOWNS: Final = ("县城", "县级市", "副中心城市", "副中心")
TOWNS: Final = ("重点镇", "中心镇", "特色镇", "一般镇", "建制镇", "镇", "乡", "一般乡镇", "乡集镇", "集镇")
VILLAGES: Final = ("中心村", "一般村", "村庄", "村")


@rule(
    "US01",
    title=Text("县城位于城镇开发边界内", "County towns lie in the boundary"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("county_town", "urban_development_boundary"),
    concept="county_towns",
    cites=("city-guide-2020",),
    unit="ha",
    message=Text("{layer} {feature} {extent}城镇开发边界外", "{layer} {feature} {extent} outside the urban development boundary"),
    remedy=Text("核对县城范围或驻地点位，并在县城划定城镇开发边界。", "Check the extent or seat of the town, and delineate a boundary for it."),
)  # fmt: skip
def county_towns_in_boundary(plan: Plan) -> Iterator[Places]:
    """The faces of county towns that the boundary does not cover; a town given as a point is outside or not.

    Fails: a county town drawn 100 m over the boundary.
    Passes: a seat inside the boundary.
    """
    faces = outside(plan, "county_town", "urban_development_boundary")
    extent = [Text(f"有 {m2 / 1e4:.4f} 公顷位于", f"has {m2 / 1e4:.4f} ha") for m2 in faces.measure]
    yield Places(
        faces.layer, faces.features, faces.geometry, faces.measure, faces.other_layer,
        width=faces.width, words={"extent": extent},
    )  # fmt: skip
    seat = drawn_m2(plan, "county_town") == 0
    alone = pd.isna(located_in(plan, "county_town", "urban_development_boundary"))
    yield rows(plan, "county_town", seat & alone, extent=Text("的驻地位于", "has its seat"))


@rule(
    "US02",
    title=Text("城镇等级规模表完整且唯一", "The table of towns is complete and unique"),
    severity=Severity.WARNING,
    relation="none",
    needs=("settlement.name", "settlement.tier"),
    concept="urban_system",
    cites=("city-guide-2020",),
    unit="",
    message=Text(
        "{layer} {feature}（{name}）须核对：{problem}", "{layer} {feature} ({name}), to be checked: {problem}"
    ),
    remedy=Text("补全或更正城镇名称、等级和常住人口。", "Complete or correct name, tier and residents."),
)
def town_table(
    plan: Plan,
    *,
    tiers: Annotated[tuple[str, ...], Param("", Text("等级名称", "names of tiers"), assumed=True)] = CENTRES
    + COUNTY_TOWNS
    + TOWNS
    + VILLAGES,
) -> Iterator[Places]:
    """The settlements without a tier, without residents, or named like another in the same county.

    A tier that is not in the list is a note, for the list is open. Residents are asked for where the layer has them.

    Fails: a town with 0 residents; two towns of one name in one county.
    Passes: two towns of one name in different counties.
    """
    frame = plan["settlement"]
    name, tier = text_codes(frame["name"]), text_codes(frame["tier"])
    said = name.fillna("—")
    blank = (tier.isna() | tier.eq("")).to_numpy(dtype=bool)
    yield rows(plan, "settlement", blank, name=said, problem=Text("未填等级", "no tier"))
    unknown = ~blank & ~tier.isin(tiers).to_numpy()
    words = [Text(f"等级“{each}”不在已知名称中", f"tier “{each}” is not a known one") for each in tier]
    yield rows(plan, "settlement", unknown, severity=Severity.NOTE, name=said, problem=words)
    if "residents" in frame:
        people = _residents(plan)
        lacking = np.isnan(people) | (people <= 0)
        yield rows(
            plan,
            "settlement",
            lacking,
            name=said,
            problem=Text("常住人口缺失或不大于 0", "residents missing or not above 0"),
        )
    county = text_codes(frame["area_code"]).fillna("").str[:6] if "area_code" in frame else pd.Series("", frame.index)
    twice = name.notna() & pd.DataFrame({"name": name, "county": county}).duplicated(keep=False)
    yield rows(
        plan,
        "settlement",
        twice,
        name=said,
        problem=Text("同一县内城镇重名", "a second town of this name in the county"),
    )


def _residents(plan: Plan) -> NDArray[np.float64]:
    """Residents of each settlement; NaN where they are missing."""
    return np.asarray(pd.to_numeric(plan["settlement"]["residents"], errors="coerce"), dtype=float)


@rule(
    "US03",
    title=Text("城镇等级与规模相符", "Tiers follow size"),
    severity=Severity.NOTE,
    relation="none",
    needs=("settlement.tier", "settlement.residents"),
    concept="urban_system",
    cites=("speech",),
    unit="person",
    message=Text(
        "{layer} {feature}（{tier}）常住人口 {measure:.0f} 人，多于最大的{above} {peer}（{peer_residents:.0f} 人）",
        "{layer} {feature} ({tier}) has {measure:.0f} residents, more than the largest {above} {peer} ({peer_residents:.0f})",
    ),
    remedy=Text("核对人口口径；确属规模较大的，考虑提高等级或说明职能理由。", "Check the residents; where it is really larger, raise its tier or state the function that explains it."),
)  # fmt: skip
def tiers_follow_size(
    plan: Plan,
    *,
    centres: Annotated[
        tuple[str, ...], Param("", Text("中心城市等级名称", "names of the first tier"), assumed=True)
    ] = CENTRES,
    county_towns: Annotated[
        tuple[str, ...], Param("", Text("县城等级名称", "names of the second tier"), assumed=True)
    ] = COUNTY_TOWNS,
    towns: Annotated[tuple[str, ...], Param("", Text("乡镇等级名称", "names of the third tier"), assumed=True)] = TOWNS,
) -> Iterator[Places]:
    """The settlements that have more residents than the largest of the tier above; information, for function counts too.

    Fails: a town of 90 000 beside a largest county town of 60 000.
    Passes: a centre city larger than all, county towns larger than towns.
    """
    tier, people = text_codes(plan["settlement"]["tier"]), _residents(plan)
    centre, county, town = (
        tier.isin(names).to_numpy() & np.isfinite(people) for names in (centres, county_towns, towns)
    )
    if sum(rank.any() for rank in (centre, county, town)) < 2:
        raise NotRun("可比较的城镇等级不足两级", "fewer than two tiers to compare")
    told = np.zeros(len(people), dtype=bool)
    for above, upper, lower in ((_CENTRE, centre, county | town), (_COUNTY_TOWN, county, town)):
        if upper.any():
            peer = int(np.argmax(np.where(upper, people, -np.inf)))
            larger = lower & ~told & (people > people[peer])
            told |= larger
            words = {"above": above, "peer": ids(plan, "settlement")[peer], "peer_residents": float(people[peer])}
            yield rows(plan, "settlement", larger, measure=people, tier=tier, **words)


_CENTRE: Final = Text("中心城市", "centre city")
_COUNTY_TOWN: Final = Text("县城", "county town")


@rule(
    "US04",
    title=Text("特色小城镇主题明确、不雷同、不超规模", "Characteristic towns have a theme of their own and keep their quota"),
    severity=Severity.WARNING,
    relation="none",
    needs=("featured_town.theme",),
    concept="featured_towns",
    cites=("speech",),
    unit="ha",
    message=Text("{layer} {feature} 须核对：{problem}", "{layer} {feature}, to be checked: {problem}"),
    remedy=Text("明确各镇的特色主题并错位发展；超出用地规模的予以调减。", "Give each town its own theme, different from its neighbours; reduce what is above the quota."),
)  # fmt: skip
def featured_towns(
    plan: Plan,
    *,
    apart: Annotated[
        float, Param("km", Text("同一主题的最小间距", "least distance of the same theme"), assumed=True)
    ] = 30.0,
) -> Iterator[Places]:
    """The characteristic towns without a theme, with the theme of a town nearby, or larger than their quota.

    Fails: two tea towns 10 km apart; a town of 60 ha on a quota of 50 ha.
    Passes: two tea towns 40 km apart.
    """
    frame = plan["featured_town"]
    theme = text_codes(frame["theme"])
    blank = (theme.isna() | theme.eq("")).to_numpy(dtype=bool)
    yield rows(plan, "featured_town", blank, problem=Text("未填特色主题", "no theme"))
    i, j = near(plan, "featured_town", apart * 1000)
    same = (theme.to_numpy()[i] == theme.to_numpy()[j]) & ~blank[i] & ~blank[j]
    twins: NDArray[Any] = np.union1d(i[same], j[same])
    words = [Text(f"与 {apart:.0f} 千米内的特色小城镇主题雷同：{each}", f"shares its theme with a town within {apart:.0f} km: {each}") for each in theme.fillna("—")]  # fmt: skip
    yield rows(plan, "featured_town", np.isin(np.arange(len(frame)), twins), problem=words)
    if "quota_ha" in frame:
        over = (
            stated_m2(plan, "featured_town") - pd.to_numeric(frame["quota_ha"], errors="coerce").to_numpy(float) * 1e4
        )
        words = [Text(f"超出用地规模 {m2 / 1e4:.4f} 公顷", f"{m2 / 1e4:.4f} ha above its quota") for m2 in over]
        yield rows(plan, "featured_town", over > 0.01, measure=over, problem=words)
