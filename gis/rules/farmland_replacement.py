"""Rules on farmland that is designated in place of what is taken out (补划). Ids start with FP.

Re-designation (补划) names existing, stable cultivated land; requisition and compensation (占补) creates new land: two accounts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import BOUNDARY, coded, flagged, text_codes
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import Param, rule
from gis.rules.farmland import FARMLAND
from gis.rules.planned_use import with_words
from gis.rules.records import called, filled, named
from gis.rules.verbs import entries, overlaps, rows, stated_m2, table
from gis.units import M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

    Mask = NDArray[np.bool_]

TABLE: Final = "t_redesignation"
LEDGER: Final = "t_farmland_balance"
RESERVE: Final = "farmland_reserve"
STAGES: Final = ("农转用", "农用地转用", "报批", "批次", "已批")
STAGE: Final = Text(
    "须提交补划方案的阶段（名称中含有）", "stages at which re-designation is due (contained in the name)"
)
NOT_YET: Final = ("预审", "选址")
_LINES: Final = (
    (FARMLAND, Text("已是永久基本农田", "is permanent basic farmland already")),
    ("ecological_redline", Text("位于生态保护红线内", "lies in the redline")),
    (BOUNDARY, Text("位于城镇开发边界内", "lies inside the urban development boundary")),
)


def at_stage(frame: pd.DataFrame, stages: tuple[str, ...], not_yet: tuple[str, ...] = NOT_YET) -> Mask:
    """Which projects are at one of the stages, and not still at pre-examination or siting."""
    return called(frame, "stage", stages) & ~called(frame, "stage", not_yet)


def column(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """A column of numbers; NaN where it is missing, or is no number that counts."""
    if name not in frame:
        return pd.Series(np.nan, frame.index)
    return pd.to_numeric(frame[name], errors="coerce").astype(float).replace([np.inf, -np.inf], np.nan)


@rule(
    "FP08",
    title=Text("占用永久基本农田补划数量不减、质量不降", "Farmland taken out is re-designated: no less, and no worse"),
    severity=Severity.ERROR,
    relation="none",
    needs=(f"table:{TABLE}",),
    concept="three_control_lines",
    cites=("basic-farmland-reg", "pbf-order-17", "siting-report"),
    unit="mu",
    message=Text("项目 {feature} {what}", "project {feature} {what}"),
    remedy=Text(
        "补足补划地块，数量不少于占用、质量不低于占用；与占补平衡分开记账。",
        "Re-designate as much land as is taken out, and no worse; keep it apart from the requisition–compensation account.",
    ),
)
def farmland_is_redesignated(
    plan: Plan, *, stages: Annotated[tuple[str, ...], Param("", STAGE, assumed=True)] = STAGES
) -> Iterator[Places]:
    """The cases that re-designate less or worse land than they take out, and projects on farmland that re-designate none.

    Area: the sum of a case's parcels against what it takes out (a figure that each row repeats counts once). Quality: the
    mean grade (1 is best) by area. Projects count at the stage of approval, not at pre-examination.

    Fails: 10 mu taken out, 8 re-designated; grade 6 taken out, grade 8 re-designated; a project on farmland without a parcel.
    Passes: 10 mu for 10 mu of the same grade; a project at pre-examination.
    """
    frame = table(plan, TABLE, "case", "area_mu")
    case = text_codes(frame["case"])
    area, lost = column(frame, "area_mu"), column(frame, "taken_out_mu")
    taken = lost.groupby(case).transform(lambda each: each.max() if each.nunique() == 1 else each.sum(min_count=1))
    short = (taken - area.groupby(case).transform("sum")).round(4)
    first = ~case.duplicated() & case.notna()
    said = [Text(f"补划面积不足，缺 {mu:.2f} 亩", f"re-designates {mu:.2f} mu too little") for mu in short]
    yield entries(plan, TABLE, first & (short > 0), key="case", measure=short * M2_PER_MU, what=said)
    grade, before = _mean_grade(frame, "grade", area, case), _mean_grade(frame, "taken_out_grade", lost, case)
    said = [
        Text(
            f"补划耕地平均等别 {a:.1f}，劣于占用的 {b:.1f}",
            f"re-designates land of grade {a:.1f} for land of grade {b:.1f}",
        )
        for a, b in zip(grade, before, strict=True)
    ]
    yield entries(plan, TABLE, first & (grade > before + 1e-6), key="case", what=said)
    yield from _without_parcels(plan, stages, set(case.dropna()))  # fmt: skip


def _mean_grade(frame: pd.DataFrame, name: str, weight: pd.Series[Any], case: pd.Series[Any]) -> pd.Series[Any]:
    """The mean grade of each row's case, by area; NaN where a grade of the case is missing."""
    grade = column(frame, name)
    weight = weight.where(weight > 0, 1.0)
    spoilt = grade.isna().groupby(case).transform("any")
    mean = (grade * weight).groupby(case).transform("sum") / weight.groupby(case).transform("sum")
    return mean.mask(spoilt.fillna(True).astype(bool))


def _without_parcels(plan: Plan, stages: tuple[str, ...], cases: set[str]) -> Iterator[Places]:
    """The faces of farmland under projects at the stage of approval that no case of the table names."""
    if "project" not in plan or FARMLAND not in plan:
        return
    frame = plan["project"]
    known = np.zeros(len(frame), dtype=bool)
    for each in ("project_id", "feature_id", "name"):
        known |= text_codes(frame[each]).isin(cases).to_numpy() if each in frame else False
    where = at_stage(frame, stages) & ~known & ~frame.index.astype("str").isin(cases)
    if where.any():
        found = overlaps(plan, "project", FARMLAND, where=where)
        said = [
            Text(
                f"占用永久基本农田 {m2 / M2_PER_MU:.2f} 亩，没有补划地块",
                f"takes {m2 / M2_PER_MU:.2f} mu of farmland and re-designates none",
            )
            for m2 in found.measure
        ]
        yield with_words(found, what=said)  # fmt: skip


@rule(
    "FP20",
    title=Text("补划地块符合划定条件", "Re-designated parcels are eligible"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=(f"table:{TABLE}",),
    concept="three_control_lines",
    cites=("basic-farmland-reg", "lines-2022-practice", "pbf-order-17"),
    unit="ha",
    message=Text("补划地块 {feature} {what}", "re-designated parcel {feature} {what}"),
    remedy=Text("另选现状稳定利用耕地作为补划地块，优先从储备区中选取。", "Choose existing, stable cultivated land instead, from the reserve first."),
)  # fmt: skip
def parcels_are_eligible(
    plan: Plan,
    *,
    classes: Annotated[tuple[str, ...], Param("", Text("可以补划的地类", "classes that may be re-designated"))] = (
        "01",
    ),
    steep: Annotated[str, Param("", Text("25度以上的坡度级别", "slope class above 25°"))] = "5",
    terrace: Annotated[str, Param("", Text("梯田的耕地类型代码", "code of terraced land"))] = "TT",
    patch_min_mu: Annotated[
        float,
        Param(
            "mu",
            Text("地块最小面积（由省规定，0 为无）", "least area of a parcel, by the province (0: none)"),
            assumed=True,
        ),
    ] = 0.0,
) -> Iterator[Places]:
    """The parcels that are not cultivated today, too steep, too small, worse than what is lost, or in one of the three lines.

    The parcels are looked up in the survey parcels and the reserve by their number; one that is in neither, or whose
    number several parcels share, is judged by what the table says of it alone.

    Fails: a parcel of forest; slope class 5 that is no terrace; a parcel in the redline, in a town, or farmland already.
    Passes: a field of 0103 outside the lines; a terrace of slope class 5.
    """  # fmt: skip
    frame = table(plan, TABLE, "parcel")
    parcel = text_codes(frame["parcel"])
    terraced: set[str] = set()
    for layer in ("survey_parcel", RESERVE):
        if layer in plan:
            numbers = named(plan, layer, "parcel_id")
            where = (numbers.isin(set(parcel.dropna())) & ~numbers.duplicated(keep=False)).to_numpy()
            if where.any():
                terraced |= set(numbers[where & called(plan[layer], "cultivated_kind", (terrace,))])
                yield from _on_the_ground(plan, layer, where, classes)
    slope = text_codes(frame["slope_class"]) if "slope_class" in frame else pd.Series(np.nan, frame.index, dtype="str")
    grade, before, area = (column(frame, each) for each in ("grade", "taken_out_grade", "area_mu"))
    for bad, zh, en in (
        (
            slope.eq(steep).fillna(False) & ~parcel.isin(terraced),
            "坡度 25 度以上且不是梯田",
            "is steeper than 25° and no terrace",
        ),
        (grade > before, "等别劣于占用耕地", "is of a lower grade than what is taken out"),
        (area < patch_min_mu, f"面积小于 {patch_min_mu:g} 亩", f"is smaller than {patch_min_mu:g} mu"),
    ):
        yield entries(plan, TABLE, bad, key="parcel", measure=area * M2_PER_MU, what=Text(zh, en))


def _on_the_ground(plan: Plan, layer: str, where: Mask, classes: tuple[str, ...]) -> Iterator[Places]:
    """The chosen parcels of a layer that are not cultivated, and their faces in the three lines."""
    if plan.has(layer, "class_code"):
        code = text_codes(plan[layer]["class_code"])
        other = where & code.notna().to_numpy() & ~coded(code, classes)
        said = [Text(f"现状地类为 {each}，不是耕地", f"is of class {each} today, not cultivated") for each in code]
        yield rows(plan, layer, other, measure=stated_m2(plan, layer), what=said)
    for line, said_of in _LINES:
        if line in plan:
            yield with_words(overlaps(plan, layer, line, where=where), what=said_of)


@rule(
    "FP21",
    title=Text("补划先用储备区", "Re-designation uses the reserve first"),
    severity=Severity.WARNING,
    relation="legal×legal",
    needs=(f"table:{TABLE}", RESERVE),
    concept="three_control_lines",
    cites=("pbf-order-17",),
    unit="mu",
    message=Text(
        "补划地块 {feature}（{measure:.2f} 亩）不在储备区内且未说明理由，储备区尚余 {left_mu:.2f} 亩",
        "re-designated parcel {feature} ({measure:.2f} mu) is not of the reserve, without a reason; {left_mu:.2f} mu of reserve are left",
    ),
    remedy=Text("优先从永久基本农田储备区补划；确需另选的，说明理由。", "Take it from the reserve; where it must be elsewhere, state the reason."),
)  # fmt: skip
def reserve_comes_first(plan: Plan) -> Iterator[Places]:
    """The parcels that are not of the reserve and give no reason, while enough of the reserve is left.

    A parcel is of the reserve if the table says so or its number is one of the reserve's; where nothing is said and the
    table has numbers of no reserve parcel, the parcel is left out.

    Fails: a parcel marked as outside the reserve without a reason, while 20 mu of reserve are left.
    Passes: a parcel of the reserve; one with a reason; a reserve that is used up.
    """
    frame = table(plan, TABLE, "parcel", "area_mu", "from_reserve")
    parcel, area = text_codes(frame["parcel"]), column(frame, "area_mu")
    numbers = named(plan, RESERVE, "parcel_id")
    inside = flagged(frame["from_reserve"]) | parcel.isin(set(numbers)).to_numpy()
    stated = frame["from_reserve"].notna().to_numpy()
    whole = np.nan_to_num(stated_m2(plan, RESERVE)).sum() / M2_PER_MU
    left = float(whole - area[inside].sum())
    bad = stated & ~inside & ~filled(frame, "reason") & (area <= left).to_numpy() & (left > 0)
    yield entries(plan, TABLE, bad, key="parcel", measure=area * M2_PER_MU, left_mu=left)


@rule(
    "FP24",
    title=Text("补划与占补分开记账", "Re-designation and compensation are kept apart"),
    severity=Severity.ERROR,
    relation="none",
    needs=(f"table:{TABLE}", f"table:{LEDGER}"),
    concept="three_control_lines",
    cites=("basic-farmland-reg", "pbf-order-17", "farm-2024-204"),
    unit="mu",
    message=Text(
        "地块 {feature}（{measure:.2f} 亩）既作补划又作补充耕地",
        "parcel {feature} ({measure:.2f} mu) stands for re-designation and for compensation",
    ),
    remedy=Text(
        "补划用现状耕地，占补用新增耕地；把该地块从其中一个台账中移出。",
        "Existing land is re-designated, new land compensates: take the parcel out of one of the two.",
    ),
)
def accounts_are_kept_apart(
    plan: Plan,
    *,
    credit: Annotated[
        tuple[str, ...], Param("", Text("补充一侧的写法", "how the side that compensates is written"), assumed=True)
    ] = ("补", "收"),
) -> Iterator[Places]:
    """The parcels that are re-designated and are booked as compensation too.

    Fails: parcel P7 in the re-designation table and on the compensating side of the ledger.
    Passes: P7 re-designated, P8 compensating; P7 on the occupying side.
    """  # fmt: skip
    frame, ledger = table(plan, TABLE, "parcel"), table(plan, LEDGER, "side", "parcel")
    parcel = text_codes(frame["parcel"])
    twice = parcel.isin(set(text_codes(ledger["parcel"])[called(ledger, "side", credit)].dropna()) - {""})
    yield entries(plan, TABLE, twice, key="parcel", measure=column(frame, "area_mu") * M2_PER_MU)


@rule(
    "FP25",
    title=Text("整治项目新增永久基本农田多于调整面积", "Consolidation yields more farmland than it adjusts"),
    severity=Severity.WARNING,
    relation="none",
    needs=("table:t_linked_project",),
    concept="three_control_lines",
    cites=("consolidation",),
    unit="mu",
    message=Text(
        "{feature} 调整永久基本农田 {out_mu:.2f} 亩，新增 {new_mu:.2f} 亩，少于 {ratio:.2f} 倍，缺 {measure:.2f} 亩",
        "{feature} adjusts {out_mu:.2f} mu of farmland and adds {new_mu:.2f} mu, less than {ratio:.2f} times as much, by {measure:.2f} mu",
    ),
    remedy=Text("增加新增永久基本农田，或减少调整面积。", "Add more farmland, or adjust less."),
)
def consolidation_adds_farmland(
    plan: Plan,
    *,
    ratio_min: Annotated[
        float, Param("ratio", Text("新增与调整面积之比下限", "least ratio of new to adjusted farmland"), assumed=True)
    ] = 1.05,
) -> Iterator[Places]:
    """The projects of comprehensive consolidation whose new farmland is less than 105 % of what they adjust.

    A project that states one of the two figures only is left to DQ.

    Fails: 100 mu adjusted, 102 mu new.
    Passes: 100 mu adjusted, 105 mu new; nothing adjusted.
    """
    frame = table(plan, "t_linked_project", "project", "farmland_adjusted_mu", "farmland_new_mu")
    out, new = column(frame, "farmland_adjusted_mu"), column(frame, "farmland_new_mu")
    short = (ratio_min * out - new).round(4)
    yield entries(
        plan, "t_linked_project", (out > 0) & (short > 0), key="project",
        measure=short * M2_PER_MU, out_mu=out, new_mu=new, ratio=ratio_min,
    )  # fmt: skip
