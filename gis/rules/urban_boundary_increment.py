"""Rules on the accounts of the urban development boundary: its increment, its releases, its maintenance. Ids start with UB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.in_force import increment_period
from gis.analysis.land_accounts import BOUNDARY, flagged, text_codes
from gis.analysis.maintenance import ATTRIBUTE, CHANGE, IN, OUT, changed_layers
from gis.analysis.quantities import number
from gis.i18n import Text
from gis.model.finding import Severity
from gis.model.layers import LAYERS, layer_title
from gis.rules.base import NotRun, Param, rule
from gis.rules.records import called, filled
from gis.rules.verbs import drawn_m2, entries, rows, stated_m2, table, total
from gis.units import M2_PER_HA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.analysis.in_force import Period
    from gis.model.plan import Plan
    from gis.rules.base import Places

ACCOUNT: Final = "t_quota_account"
KINDS: Final = ("增量", "新增城镇建设用地")
KIND: Final = Text("增量账户的指标类型（名称中含有）", "kinds of quota that are the increment (contained in the name)")
ONLY_ATTRIBUTES: Final = ("planning_zone", "land_use_plan")
ONLY_MOVES: Final = (
    "urban_blue_line", "urban_green_line", "urban_purple_line", "urban_yellow_line", "flood_risk_line", "heritage_line",
)  # fmt: skip
"""Layers whose maintenance changes only attributes, and layers whose maintenance only moves in or out. Source: ghbox"""


@dataclass(frozen=True, slots=True)
class Increment:
    """The increment of urban construction land to 2035 in ha, the ha used by year, and the period of the plan's day."""

    total_ha: float
    used_ha: pd.Series[float]
    period: Period
    year: int

    def used(self, first: int, last: int) -> float:
        """What was used from the first year to the last, in ha."""
        return float(self.used_ha[(self.used_ha.index >= first) & (self.used_ha.index <= last)].sum())


def increment(plan: Plan, kinds: tuple[str, ...]) -> Increment:
    """The increment of the quota account and its use up to the plan's day.

    The increment is what each place began with and what was issued since. Used is what `annual_supply` counts (new supply
    that states nothing counts whole, stock does not count), else what the account says was used less what came back.

    Raises: NotRun where the schedule has no period for the day, or the account states no increment or no use.
    """
    period = increment_period(plan.as_of.isoformat())
    if period is None:
        raise NotRun(
            "规划基准日不在增量使用时序之内", "the plan's day is in no period of the schedule of the increment"
        )
    frame = table(plan, ACCOUNT, "kind")
    mine = frame[called(frame, "kind", kinds)]
    year = _numbers(mine, "year")
    county = text_codes(mine["county"]).fillna("") if "county" in mine else pd.Series("", index=mine.index)
    first = year.isna() | year.eq(year.groupby(county).transform("min"))
    issued = float(_numbers(mine, "issued_ha").sum() + _numbers(mine, "opening_ha")[first].sum())
    if not issued > 0:
        raise NotRun("指标账户没有到 2035 年的增量规模", "the quota account states no increment to 2035")
    return Increment(issued, _used_by_year(plan, mine, year), period, plan.as_of.year)


def _used_by_year(plan: Plan, account: pd.DataFrame, year: pd.Series[float]) -> pd.Series[float]:
    """Hectares of the increment used, by year."""
    if plan.has("annual_supply", "year") and len(plan["annual_supply"]):
        counted = number(plan, "annual_supply", "counted_m2")
        stock = flagged(plan["annual_supply"]["stock"]) if plan.has("annual_supply", "stock") else False
        counted = np.where(np.isnan(counted), np.where(stock, 0.0, stated_m2(plan, "annual_supply")), counted)
        return pd.Series(counted / M2_PER_HA).groupby(number(plan, "annual_supply", "year")).sum()
    if not _numbers(account, "used_ha").notna().any():
        raise NotRun("没有年度供地图层，指标账户也未填使用规模", "neither annual supply nor used quota is stated")
    return (_numbers(account, "used_ha").fillna(0.0) - _numbers(account, "returned_ha").fillna(0.0)).groupby(year).sum()


def _numbers(frame: pd.DataFrame, column: str) -> pd.Series[float]:
    """A column as numbers; NaN where it is missing."""
    if column not in frame:
        return pd.Series(np.nan, index=frame.index)
    return pd.to_numeric(frame[column], errors="coerce").astype(float)


@rule(
    "UB06",
    title=Text("城镇开发边界变化填写扩展倍数核算类型", "Every change of the boundary carries its accounting type"),
    severity=Severity.ERROR,
    relation="none",
    needs=(f"{CHANGE}.counted_as",),
    concept="supervision",
    cites=("ghbox",),
    unit="ha",
    message=Text(
        "{layer} {feature} 未填扩展倍数核算类型（KZBSHSLX），面积 {measure:.4f} 公顷",
        "{layer} {feature} states no accounting type (KZBSHSLX); {measure:.4f} ha",
    ),
    remedy=Text("按核算口径补填扩展倍数核算类型。", "Fill in how the change counts in the expansion multiple."),
)
def changes_are_accounted(plan: Plan) -> Iterator[Places]:
    """The pieces of maintenance that change the boundary and do not say how they count in the expansion multiple.

    Any type passes: the list of types is open. Pieces of other layers, and of nobody knows which, are left out.

    Fails: a piece of WHCCZKFBJ without a type.
    Passes: one with a type; a piece that changes a zone.
    """
    mine = _changes(plan).eq(BOUNDARY).fillna(False).to_numpy(dtype=bool)
    yield rows(plan, CHANGE, mine & ~filled(plan[CHANGE], "counted_as"), measure=drawn_m2(plan, CHANGE))


def _changes(plan: Plan) -> pd.Series[Any]:
    """Which layer each piece of maintenance changes.

    Raises: NotRun if nobody says it of any.
    """
    changed = changed_layers(plan)
    if len(changed) and changed.isna().all():
        raise NotRun("未说明维护变化属于哪个图层", "nobody says which layer the maintenance changes")
    return changed


@rule(
    "UB10",
    title=Text("动态维护类型编码", "Codes of the kinds of maintenance"),
    severity=Severity.ERROR,
    relation="none",
    needs=(f"{CHANGE}.change_kind",),
    concept="supervision",
    cites=("ghbox",),
    unit="ha",
    message=Text(
        "{layer} {feature}（{subject}）的维护类型为“{kind}”，应为{allowed}",
        "{layer} {feature} ({subject}) has the kind of maintenance “{kind}”, not one of {allowed}",
    ),
    remedy=Text(
        "1 为调入、2 为属性变更、3 为调出；分区和用地图层只作属性变更，四线、洪涝线和历史文化保护线只作调入、调出。",
        "1 is moved in, 2 attributes, 3 moved out; zones and land use change attributes only, the lines only move in and out.",
    ),
)
def maintenance_kinds(plan: Plan) -> Iterator[Places]:
    """The pieces of maintenance whose kind (WHLX) is none of 1, 2, 3, or none that their layer admits.

    A piece without a kind is left to DQ; where nobody says which layer it changes, any of the three passes.

    Fails: kind 4; a zone moved in (1); a heritage line with kind 2.
    Passes: a zone with kind 2; a piece of the boundary moved out (3).
    """
    kind = text_codes(plan[CHANGE]["change_kind"])
    changed = changed_layers(plan)
    for subjects, allowed in (
        (ONLY_ATTRIBUTES, (ATTRIBUTE,)),
        (ONLY_MOVES, (IN, OUT)),
        (set(LAYERS) - {*ONLY_ATTRIBUTES, *ONLY_MOVES} | {""}, (IN, ATTRIBUTE, OUT)),
    ):
        bad = changed.fillna("").isin(subjects) & kind.notna() & ~kind.isin(allowed)
        titles = changed.fillna("").map(lambda each: layer_title(each) if each else Text("图层不详", "layer unknown"))
        said = Text("、".join(allowed), ", ".join(allowed))
        yield rows(plan, CHANGE, bad, measure=drawn_m2(plan, CHANGE), kind=kind, subject=titles, allowed=said)


@rule(
    "UB20",
    title=Text("城镇开发边界增量按阶段使用", "The increment is used period by period"),
    severity=Severity.WARNING,
    relation="none",
    needs=(f"table:{ACCOUNT}",),
    concept="three_control_lines",
    cites=("boundary-2023-193",),
    unit="%",
    message=Text(
        "到 {year} 年累计使用增量 {used_ha:.2f} 公顷，占到 2035 年增量 {total_ha:.2f} 公顷的 {measure:.2f}%，超过 {last} 年前的上限 {limit:.0f}%",
        "{used_ha:.2f} ha of the increment were used by {year}, {measure:.2f} % of the {total_ha:.2f} ha to 2035, above the {limit:.0f} % admitted until {last}",
    ),
    remedy=Text("核对计入增量的供地；确已超过的，放缓新增供地，优先使用存量。", "Check what was counted; where it is really exceeded, slow new supply and use stock first."),
)  # fmt: skip
def increment_by_period(
    plan: Plan, *, kinds: Annotated[tuple[str, ...], Param("", KIND, assumed=True)] = KINDS
) -> Iterator[Places]:
    """The share of the increment to 2035 used by the plan's day, where it is above what its period admits.

    40 % until 2025, 75 % until 2030, the whole until 2035 (the cumulative reading is assumed).

    Fails: 45 of 100 ha used in June 2025.
    Passes: 40 of 100 ha; 45 of 100 ha in 2026.
    """
    account = increment(plan, kinds)
    used = account.used(0, account.year)
    yield total(
        plan, "annual_supply" if "annual_supply" in plan else ACCOUNT, round(used / account.total_ha, 6), account.period.cumulative_max,
        direction="max", year=account.year, used_ha=used, total_ha=account.total_ha,
        limit=account.period.cumulative_max * 100, last=account.period.last_year,
    )  # fmt: skip


@rule(
    "UB21",
    title=Text("各年度增量保留五年平均的80%", "Each year keeps 80 % of the five-year average of the increment"),
    severity=Severity.WARNING,
    relation="none",
    needs=(f"table:{ACCOUNT}",),
    concept="three_control_lines",
    cites=("boundary-2023-193",),
    unit="ha",
    message=Text(
        "到 {year} 年本阶段已使用增量 {measure:.4f} 公顷，至多可用 {limit_ha:.4f} 公顷，否则其后各年不足年均 {average_ha:.4f} 公顷的 {share:.0f}%",
        "{measure:.4f} ha of this period's increment were used by {year}, at most {limit_ha:.4f} ha leave the years after it {share:.0f} % of the yearly {average_ha:.4f} ha",
    ),
    remedy=Text("调整年度供地计划，为本阶段以后年度留足增量。", "Adjust the yearly supply so that enough is left for the later years of the period."),
)  # fmt: skip
def years_keep_their_share(
    plan: Plan,
    *,
    share_min: Annotated[
        float,
        Param("ratio", Text("每年须保留的年均份额", "share of the yearly average that each year keeps"), assumed=True),
    ] = 0.8,
    kinds: Annotated[tuple[str, ...], Param("", KIND, assumed=True)] = KINDS,
) -> Iterator[Places]:
    """The first year of the present period by which so much was used that the years after it keep too little.

    The period has what the schedule admits by its end less what was used before it; the average is a fifth of that
    (the reading is assumed).

    Fails: 20 of the 40 ha of five years used in the first, where at most 14.4 ha leave 6.4 ha for each of the four others.
    Passes: 8 ha in each year; 14 ha in the first.
    """  # fmt: skip
    account = increment(plan, kinds)
    period = account.period
    room = account.total_ha * period.cumulative_max - account.used(0, period.first_year - 1)
    average = max(room, 0.0) / (period.last_year - period.first_year + 1)
    for year in range(period.first_year, min(account.year, period.last_year - 1) + 1):
        used = account.used(period.first_year, year)
        limit = room - share_min * average * (period.last_year - year)
        if used > limit + 1e-6:
            yield total(
                plan, "annual_supply" if "annual_supply" in plan else ACCOUNT, used * M2_PER_HA, limit * M2_PER_HA,
                direction="max", year=year, limit_ha=limit, average_ha=average, share=share_min * 100,
            )  # fmt: skip
            return


@rule(
    "UB22",
    title=Text("边界外零星用地等量缩减", "Scattered land outside is matched by equal release inside"),
    severity=Severity.ERROR,
    relation="none",
    needs=(f"table:{ACCOUNT}",),
    concept="three_control_lines",
    cites=("boundary-2023-193",),
    unit="ha",
    message=Text(
        "{county}边界外零星用地 {used_ha:.4f} 公顷，边界内缩减 {back_ha:.4f} 公顷，相差 {measure:.4f} 公顷",
        "{county}: {used_ha:.4f} ha of scattered land outside, {back_ha:.4f} ha released inside, {measure:.4f} ha apart",
    ),
    remedy=Text("按边界外零星用地规模等量调出边界内用地，并核对账户。", "Release as much inside as is used outside, and check the account."),
)  # fmt: skip
def scattered_land_is_matched(
    plan: Plan,
    *,
    tolerance_ha: Annotated[
        float, Param("ha", Text("允许相差的面积", "difference that is admitted"), assumed=True)
    ] = 0.01,
    kinds: Annotated[
        tuple[str, ...],
        Param(
            "",
            Text("零星用地账户的指标类型（名称中含有）", "kinds of quota for scattered land (contained in the name)"),
            assumed=True,
        ),
    ] = ("零星",),
) -> Iterator[Places]:
    """The places whose account of scattered land outside the boundary (used) differs from what was released inside (returned).

    One finding per place. A place that states neither is left out; what is not stated beside what is counts as none.

    Fails: 2 ha used outside, 1 ha released.
    Passes: 2 ha and 2 ha, in two rows.
    """  # fmt: skip
    frame = table(plan, ACCOUNT, "kind", "used_ha", "returned_ha")
    mine = frame[called(frame, "kind", kinds)]
    if mine.empty:
        raise NotRun("指标账户没有边界外零星用地记录", "the quota account has no rows for scattered land")
    county = text_codes(mine["county"]).fillna("") if "county" in mine else pd.Series("", index=mine.index)
    sums = mine[["used_ha", "returned_ha"]].astype(float).groupby(county).sum(min_count=1).dropna(how="all").fillna(0.0)
    apart = (sums["used_ha"] - sums["returned_ha"]).abs().round(6)
    for name in apart.index[apart > tolerance_ha]:
        first = frame.index.isin(county.index[county.eq(name)][:1])
        place = Text(f"{name} ", str(name)) if name else Text("全市", "the whole plan")
        yield entries(
            plan, ACCOUNT, first, key="account", measure=apart[name] * M2_PER_HA, county=place,
            used_ha=sums.loc[name, "used_ha"], back_ha=sums.loc[name, "returned_ha"],
        )  # fmt: skip
