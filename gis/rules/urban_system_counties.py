"""Rules on the kinds of county towns and the land that follows them (县城分类). Ids start with US."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import flagged, text_codes, urban_construction
from gis.analysis.quantities import number
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, Param, rule
from gis.rules.planned_use import blank, named
from gis.rules.verbs import drawn_m2, located_in, rows, stated_m2

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

    Floats = NDArray[np.float64]

TOWN: Final = "county_town"
KINDS: Final = ("大城市周边县城", "专业功能县城", "农产品主产区县城", "重点生态功能区县城", "人口流失县城")
"""The five kinds of county town. Source: county-town-2022"""
LOSING: Final = ("人口流失",)
KEPT: Final = ("农产品主产区", "重点生态功能区")


@rule(
    "US10",
    title=Text("县城类型已明确且与证据不矛盾", "The kind of each county town is declared and not contradicted"),
    severity=Severity.NOTE,
    relation="none",
    needs=(f"{TOWN}.kind",),
    concept="county_towns",
    cites=("county-town-2022",),
    unit="",
    message=Text("{layer} {feature}（{kind}）须核对：{problem}", "{layer} {feature} ({kind}), to be checked: {problem}"),
    remedy=Text("按五类县城明确类型，并与城镇体系表、人口预测一致。", "Declare one of the five kinds, in agreement with the table of towns and the forecast of residents."),
)  # fmt: skip
def county_town_kinds(
    plan: Plan,
    *,
    kinds: Annotated[tuple[str, ...], Param("", Text("县城类型", "kinds of county town"))] = KINDS,
) -> Iterator[Places]:
    """The county towns without a kind, with one that is none of the five, or one that table or forecast contradicts.

    Contradicted: another kind in the table of towns; a town declared as losing people whose planned residents are more than today's.

    Fails: a county town without a kind; a losing town planned from 80 000 to 100 000 residents.
    Passes: 农产品主产区县城; a name that begins with one of the kinds without 县城.
    """  # fmt: skip
    kind = text_codes(plan[TOWN]["kind"])
    said = kind.fillna("—")
    lacking = blank(plan, TOWN, "kind")
    yield rows(plan, TOWN, lacking, kind=said, problem=Text("未填类型", "no kind"))
    short = tuple(each.removesuffix("县城") for each in kinds)
    other = ~lacking & ~kind.str.startswith(short).fillna(False).to_numpy(dtype=bool)
    yield rows(plan, TOWN, other, kind=said, problem=Text("不是五类县城之一", "none of the five kinds"))
    planned = _kind_in_table(plan)
    differs = (
        ~lacking
        & ~other
        & np.array([each is not None and each[:4] != mine[:4] for each, mine in zip(planned, said, strict=True)], bool)
    )
    problem = [Text(f"城镇体系表为“{each}”", f"“{each}” in the table of towns") for each in planned]
    yield rows(plan, TOWN, differs, kind=said, problem=problem)
    now, then = number(plan, TOWN, "residents"), number(plan, TOWN, "planned_residents")
    grows = named(plan, TOWN, "kind", LOSING) & (then > now) & ~differs
    problem = [
        Text(f"规划人口 {b:.0f} 人多于现状 {a:.0f} 人", f"{b:.0f} residents are planned, today there are {a:.0f}")
        for a, b in zip(now, then, strict=True)
    ]
    yield rows(plan, TOWN, grows, kind=said, problem=problem)  # fmt: skip


def _kind_in_table(plan: Plan) -> list[str | None]:
    """Per county town the kind that the table of towns gives it by its name; None where it says nothing."""
    frame = plan.tables.get("t_town_system")
    if frame is None or not {"town", "kind"} <= set(frame.columns) or not plan.has(TOWN, "name"):
        return [None] * len(plan[TOWN])
    town, kind = text_codes(frame["town"]), text_codes(frame["kind"])
    known = {each: what for each, what in zip(town, kind, strict=True) if isinstance(what, str) and what}
    return [known.get(each) for each in text_codes(plan[TOWN]["name"])]


@rule(
    "US11",
    title=Text("县城增量与类型相称", "New land follows the kind of the county town"),
    severity=Severity.WARNING,
    relation="none",
    needs=(f"{TOWN}.kind", "county", "annual_supply.stock"),
    concept="county_towns",
    cites=("county-town-2022", "speech"),
    unit="%",
    message=Text("{layer} {feature}（{kind}）：{problem}，须核对", "{layer} {feature} ({kind}): {problem}; to be checked"),
    remedy=Text("人口流失县城以盘活存量为主；农业、生态类县城从严控制新增用地。", "Losing towns reuse their stock; farming and ecological counties keep new land small."),
)  # fmt: skip
def increments_follow_kinds(plan: Plan) -> Iterator[Places]:
    """The county towns whose county takes more new land than its kind bears out.

    A losing town: more than its share of the growth of people. A farming or ecological one: more, relative to the urban land
    of its county, than all counties together.

    New land is the annual supply that is not stock, by the county it lies in. Growth is planned less present residents of
    county towns, none where it is negative; without these, or without the settlement codes of today's land, that part is left out.

    Fails: a losing town that takes half of the new land.
    Passes: a losing town whose county takes none.
    """  # fmt: skip
    county = pd.Series(located_in(plan, TOWN, "county"), dtype="object")
    new = _new_land(plan)
    if not new.sum() > 0:
        raise NotRun("年度供地中没有新增用地", "no new land among the annual supply")
    kind = text_codes(plan[TOWN]["kind"]).fillna("—")
    share = county.map(new / new.sum()).to_numpy(dtype=float)
    if plan.has(TOWN, "residents", "planned_residents"):
        gain = np.maximum(0.0, number(plan, TOWN, "planned_residents") - number(plan, TOWN, "residents"))
        due = gain / gain.sum() if gain.sum() > 0 else gain
        over = named(plan, TOWN, "kind", LOSING) & (share > due + _SPARE)
        problem = [Text(f"所在县新增用地占全市 {a:.1%}，人口增量占 {b:.1%}", f"its county takes {a:.1%} of the new land and {b:.1%} of the growth of people") for a, b in zip(share, due, strict=True)]  # fmt: skip
        yield rows(plan, TOWN, over, measure=share, kind=kind, problem=problem)
    if plan.has("land_use_current", "class_code", "settlement_code"):
        base = _urban_base(plan)
        rate = county.map(new / base.where(base > 0)).to_numpy(dtype=float)
        mean = float(new.sum() / base.sum()) if base.sum() > 0 else float("nan")
        fast = named(plan, TOWN, "kind", KEPT) & (rate > mean + _SPARE)
        problem = [Text(f"所在县城镇建设用地增长 {each:.1%}，高于全市平均 {mean:.1%}", f"the urban land of its county grows by {each:.1%}, above the {mean:.1%} of all counties") for each in rate]  # fmt: skip
        yield rows(plan, TOWN, fast, measure=rate, kind=kind, problem=problem)


_SPARE: Final = 1e-9


def _new_land(plan: Plan) -> pd.Series[float]:
    """New land supplied in each county, m², by the id of the county; 0 where there is none."""
    area = np.where(
        flagged(plan["annual_supply"]["stock"]), 0.0, stated_m2(plan, "annual_supply", "counted_m2", "area_m2")
    )
    return _by_county(plan, "annual_supply", area)


def _urban_base(plan: Plan) -> pd.Series[float]:
    """Urban construction land of today in each county, m², by the id of the county."""
    return _by_county(
        plan,
        "land_use_current",
        np.where(urban_construction(plan["land_use_current"]), drawn_m2(plan, "land_use_current"), 0.0),
    )


def _by_county(plan: Plan, layer: str, area: Floats) -> pd.Series[float]:
    """Sums of areas by the county in which the features lie, for each county; what has no area adds nothing."""
    sums = pd.Series(area).groupby(pd.Series(located_in(plan, layer, "county"), dtype="object")).sum()
    return sums.reindex(plan["county"].index.astype("str"), fill_value=0.0)
