"""Rules on the requisition–compensation ledger (占补平衡) of cultivated land. Ids start with FP.

Land that is occupied is a debt; only newly created or restored cultivated land stands against it. The ledger is compared,
never settled.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.in_force import compensation_regimes
from gis.analysis.land_accounts import coded, text_codes
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, Param, rule
from gis.rules.farmland_replacement import LEDGER, STAGE, STAGES, at_stage, column
from gis.rules.planned_use import only, with_words
from gis.rules.records import called, days
from gis.rules.verbs import entries, overlaps, table
from gis.units import M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

    Mask = NDArray[np.bool_]

FIRST_YEAR: Final = 2025
"""From this year all occupation enters one account. Source: farm-2024-204"""
DEBIT: Final = ("占", "支")
CREDIT: Final = ("补", "收")
EXISTING: Final = ("现状", "既有", "原有")
DEBIT_SAID: Final = Text("占用一侧的写法（含有）", "how the side that occupies is written (contained)")
CREDIT_SAID: Final = Text("补充一侧的写法（含有）", "how the side that compensates is written (contained)")
EXISTING_SAID: Final = Text("表明来源为现有耕地的字样", "words that say that land comes from existing cultivated land")
PADDY: Final = ("0101",)


def sides(frame: pd.DataFrame, debit: tuple[str, ...], credit: tuple[str, ...]) -> tuple[Mask, Mask]:
    """Which rows of the ledger are occupation, and which compensation; a row that is both by its wording is neither."""
    out, in_ = called(frame, "side", debit), called(frame, "side", credit)
    return out & ~in_, in_ & ~out


def regimes(plan: Plan, frame: pd.DataFrame) -> NDArray[np.str_]:
    """Under which regime each row is: "old", "new", or "" where neither its own date, its project's nor its year is known."""
    day = days(frame, "accepted_on")
    if plan.has("project", "project_id", "accepted_on") and "project_id" in frame:
        projects = days(plan["project"], "accepted_on").set_axis(text_codes(plan["project"]["project_id"]))
        known = projects[projects.index.notna() & ~projects.index.duplicated()]
        of_project = known.reindex(text_codes(frame["project_id"])).to_numpy()
        day = day.where(day.notna(), pd.Series(of_project, index=frame.index))
    by_year = np.select([column(frame, "year") >= FIRST_YEAR, column(frame, "year") < FIRST_YEAR], ["new", "old"], "")
    by_day = compensation_regimes(day)
    return np.where(by_day == "", by_year, by_day)


@rule(
    "FP11",
    title=Text("占补平衡（旧制）：数量、水田、产能", "Compensation under the old regime: quantity, paddy, capacity"),
    severity=Severity.ERROR,
    relation="none",
    needs=(f"table:{LEDGER}",),
    concept="three_control_lines",
    cites=("land-law", "farm-old-balance"),
    unit="mu",
    message=Text("项目 {feature}（2024 年底前受理）{what}", "project {feature} (accepted by the end of 2024): {what}"),
    remedy=Text(
        "补足补充耕地；补充耕地须为新增或恢复的耕地，现状耕地不得计入。",
        "Add what is missing; only newly created or restored land counts, existing cultivated land never does.",
    ),
)
def old_balance(
    plan: Plan,
    *,
    debit: Annotated[tuple[str, ...], Param("", DEBIT_SAID, assumed=True)] = DEBIT,
    credit: Annotated[tuple[str, ...], Param("", CREDIT_SAID, assumed=True)] = CREDIT,
    existing: Annotated[tuple[str, ...], Param("", EXISTING_SAID, assumed=True)] = EXISTING,
) -> Iterator[Places]:
    """The cases accepted by the end of 2024 whose compensation is short in area, in paddy or in capacity.

    A case is the rows of one project, dated by its occupation. Existing cultivated land is not counted. Capacity is
    compared where every row of the case states it. Cases of the new regime, or without a date, are left out.

    Fails: 10 mu occupied, 8 mu newly created; 5 mu of paddy occupied and none created.
    Passes: 10 mu for 10 mu of the same kind; a case accepted in 2025.
    """
    frame = table(plan, LEDGER, "side", "area_mu", "project_id")
    case = text_codes(frame["project_id"]).fillna("")
    out, in_ = sides(frame, debit, credit)
    out = out & case.ne("").to_numpy(dtype=bool)
    in_ = in_ & ~called(frame, "source_kind", existing)
    old = pd.Series(out & (regimes(plan, frame) == "old")).groupby(case.to_numpy()).transform("any").to_numpy()
    first = pd.Series(out & old, index=frame.index)
    first &= ~case.where(first).duplicated()
    area, paddy = column(frame, "area_mu"), coded(frame["class_code"], PADDY) if "class_code" in frame else None
    yield from _short(plan, first, area, case, (out, in_), Text("补充耕地面积不足", "too little land compensates"))
    if paddy is not None:
        said = Text("补充水田不足", "too little paddy compensates")
        yield from _short(plan, first, area, case, (out & paddy, in_ & paddy), said)
    capacity = column(frame, "capacity_kg").mask(~(out | in_), 0.0)
    lost, gained = (capacity.where(each, 0.0).groupby(case).transform("sum", min_count=1) for each in (out, in_))
    known = capacity.notna().groupby(case).transform("all")
    said_of = [
        Text(f"补充耕地产能不足，缺 {kg:,.0f} 公斤", f"capacity is short by {kg:,.0f} kg") for kg in lost - gained
    ]
    yield entries(plan, LEDGER, first & known & (lost - gained > 1e-6), key="project_id", what=said_of)


def _short(
    plan: Plan, first: pd.Series[bool], area: pd.Series[Any], case: pd.Series[Any], sides: tuple[Mask, Mask], said: Text
) -> Iterator[Places]:
    """The cases whose second side has less area than the first, told at their first row."""
    out, in_ = (area.where(each, 0.0).groupby(case).transform("sum") for each in sides)
    short = (out - in_).round(4)
    what = [Text(f"{said.zh}，缺 {mu:.2f} 亩", f"{said.en}, {mu:.2f} mu are missing") for mu in short]
    yield entries(plan, LEDGER, first & (short > 0), key="project_id", measure=short * M2_PER_MU, what=what)


@rule(
    "FP12",
    title=Text("占补平衡年度算大账（以补定占）", "Compensation by county and year: occupation within what was gained"),
    severity=Severity.WARNING,
    relation="none",
    needs=(f"table:{LEDGER}",),
    concept="three_control_lines",
    cites=("farm-2024-204",),
    unit="mu",
    message=Text(
        "{county}{year} 年占用耕地 {out_mu:.2f} 亩，参考期（{before} 年）净增 {in_mu:.2f} 亩，不足 {measure:.2f} 亩",
        "{county}: {out_mu:.2f} mu were occupied in {year}, {in_mu:.2f} mu gained in the reference period ({before}), {measure:.2f} mu short",
    ),
    remedy=Text(
        "核对台账和本省的核算办法；确有不足的，先补后占或减少占用。本工具只列出差额，不作结算。",
        "Check the ledger and the province's method; where it is really short, add land first or occupy less. Nothing is settled here.",
    ),
    since="2025-01-01",
)
def yearly_balance(
    plan: Plan,
    *,
    back: Annotated[
        int, Param("", Text("参考期为几年以前", "how many years back the reference period lies"), assumed=True)
    ] = 1,
    province_decided: Annotated[
        bool,
        Param("", Text("本省已下达核算办法和占用上限", "the province has issued its method and ceiling"), assumed=True),
    ] = False,
    debit: Annotated[tuple[str, ...], Param("", DEBIT_SAID, assumed=True)] = DEBIT,
    credit: Annotated[tuple[str, ...], Param("", CREDIT_SAID, assumed=True)] = CREDIT,
) -> Iterator[Places]:
    """Per county and year from 2025, the occupation that exceeds what was gained in the reference period.

    Without the province's method no shortfall can be decided: it is listed as undecidable. A year whose reference year has no
    row at all is left out.

    Fails: 120 mu occupied in 2025, 100 mu gained in 2024, where the province has decided.
    Passes: 100 mu occupied in 2025, 100 mu gained in 2024.
    """  # fmt: skip
    frame = table(plan, LEDGER, "side", "area_mu", "year")
    year, area = column(frame, "year"), column(frame, "area_mu")
    county = text_codes(frame["county"]).fillna("") if "county" in frame else pd.Series("", index=frame.index)
    out, in_ = sides(frame, debit, credit)
    occupied = area[out].groupby([county[out], year[out]]).sum()
    gained = area[in_].groupby([county[in_], year[in_]]).sum()
    compared = [
        (name, int(each)) for name, each in occupied.index if each >= FIRST_YEAR and (name, each - back) in gained.index
    ]
    if not compared:
        raise NotRun("台账中没有可与参考期比较的年度", "no year of the ledger can be compared with its reference period")  # fmt: skip
    for name, each in compared:
        have, taken = gained.loc[(name, each - back)], occupied.loc[(name, each)]
        short = round(taken - have, 4) * M2_PER_MU
        row = pd.Series(out, index=frame.index) & county.eq(name) & year.eq(each)
        found = entries(
            plan, LEDGER, row & ~row.duplicated() & (short > 0), key="entry", measure=short, year=each, before=each - back,
            out_mu=taken, in_mu=have, county=Text(f"{name} " if name else "全市", name or "the whole plan"),
        )  # fmt: skip
        yield replace(found, doubt=np.zeros(len(found)) if province_decided else found.measure)


@rule(
    "FP23",
    title=Text("占补台账完整", "The requisition–compensation ledger is complete"),
    severity=Severity.ERROR,
    relation="none",
    needs=(f"table:{LEDGER}",),
    concept="three_control_lines",
    cites=("farm-2024-204",),
    unit="mu",
    message=Text("{layer} {feature} 入账有误：{what}", "{layer} {feature} is booked wrongly: {what}"),
    remedy=Text(
        "每项占用登记一次；补充耕地须为新增或恢复耕地并经验收，现状耕地不得计入。",
        "Book each occupation once; only new or restored land that was accepted stands against it, never existing land.",
    ),
    since="2025-01-01",
)
def ledger_is_complete(
    plan: Plan,
    *,
    debit: Annotated[tuple[str, ...], Param("", DEBIT_SAID, assumed=True)] = DEBIT,
    credit: Annotated[tuple[str, ...], Param("", CREDIT_SAID, assumed=True)] = CREDIT,
    existing: Annotated[tuple[str, ...], Param("", EXISTING_SAID, assumed=True)] = EXISTING,
    stages: Annotated[tuple[str, ...], Param("", STAGE, assumed=True)] = STAGES,
    area_min_m2: Annotated[
        float, Param("m2", Text("小于此面积的占用不要求入账", "occupation below this need not be booked"), assumed=True)
    ] = 200.0,
) -> Iterator[Places]:
    """From 2025: parcels booked twice as occupied, compensation from existing land or without acceptance, projects not booked.

    Projects at the stage of approval that occupy cultivated survey parcels must stand in the ledger by their number. Rows
    that state neither date nor year are left out.

    Fails: parcel D3 occupied in two rows; compensation from 现状耕地; compensation without a day of acceptance.
    Passes: each parcel once; restored land accepted in 2025.
    """
    frame = table(plan, LEDGER, "side", "area_mu")
    new = regimes(plan, frame) == "new"
    out, in_ = sides(frame, debit, credit)
    area = column(frame, "area_mu") * M2_PER_MU
    parcel = text_codes(frame["parcel"]) if "parcel" in frame else pd.Series(np.nan, index=frame.index, dtype="str")
    mine = parcel.where(new & out & parcel.ne("").fillna(False))
    old_land = called(frame, "source_kind", existing)
    for bad, zh, en in (
        (mine.notna() & mine.duplicated(), "同一地块重复登记占用", "the parcel is booked twice as occupied"),
        (new & in_ & old_land, "以现状耕地作为补充耕地", "existing cultivated land stands for compensation"),
        (
            new & in_ & days(frame, "accepted_on").isna(),
            "补充耕地没有验收日期",
            "compensation without a day of acceptance",
        ),
    ):
        yield entries(plan, LEDGER, bad, key="entry", measure=area, what=Text(zh, en))
    if plan.has("survey_parcel", "class_code") and plan.has("project", "project_id", "stage", "accepted_on"):
        booked = set(text_codes(frame["project_id"])[out].dropna()) if "project_id" in frame else set()
        yield from _not_booked(plan, booked, stages, area_min_m2)


def _not_booked(plan: Plan, booked: set[str], stages: tuple[str, ...], area_min_m2: float) -> Iterator[Places]:
    """The faces of cultivated land under projects of the new regime, at the stage of approval, that the ledger does not name."""
    frame = plan["project"]
    number = text_codes(frame["project_id"])
    new = compensation_regimes(days(frame, "accepted_on")) == "new"
    where = at_stage(frame, stages) & new & number.notna().to_numpy() & ~number.isin(booked).to_numpy()
    if where.any():
        fields = coded(plan["survey_parcel"]["class_code"], ("01",))
        found = overlaps(plan, "project", "survey_parcel", where=where, other_where=fields)
        said = [
            Text(
                f"占用耕地 {m2 / M2_PER_MU:.2f} 亩，台账中没有登记",
                f"occupies {m2 / M2_PER_MU:.2f} mu of cultivated land that are not booked",
            )
            for m2 in found.measure
        ]
        yield only(with_words(found, what=said), found.measure >= area_min_m2)  # fmt: skip
