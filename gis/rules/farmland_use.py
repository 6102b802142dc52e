"""Rules on the use and the adjustment of permanent basic farmland: taken, changed, moved, scattered. Ids start with FP."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import numpy as np

from gis.analysis.land_accounts import coded, text_codes
from gis.analysis.maintenance import CHANGE, IN, OUT, changed_layers
from gis.analysis.quantities import number
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, Param, rule
from gis.rules.farmland import FARMLAND
from gis.rules.planned_use import only, with_class, with_words
from gis.rules.records import called, filled
from gis.rules.verbs import drawn_m2, outside_of, overlaps, overlaps_of, rest, rows, short_of_task, usable
from gis.standards import code_table
from gis.units import M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

SURVEY: Final = "change_survey"
BUILT: Final = ("07", "08", "09", "10", "11", "12", "13", "14", "15")
LOST: Final = ("02", "03", "04", "1704", "060202", "060203", *BUILT)
SMALL: Final = ("0601", "1705")
"""Tracks and ditches, which serve the fields."""
LAWFUL: Final = ("060102",)
"""Field tracks (田间道), which are part of the fields."""


@rule(
    "FP07",
    title=Text("零星永久基本农田图斑", "Small scattered patches of permanent basic farmland"),
    severity=Severity.NOTE,
    relation="none",
    needs=(FARMLAND,),
    concept="three_control_lines",
    cites=("lines-2022-practice",),
    unit="mu",
    message=Text(
        "{layer} {feature} 为零星图斑，连片面积 {measure:.2f} 亩，小于 {least:g} 亩",
        "{layer} {feature} is a scattered patch of {measure:.2f} mu, below {least:g} mu",
    ),
    remedy=Text("优化调整时优先整合零星图斑；不得自行调出。", "Join scattered patches when lines are adjusted; they are not taken out here."),
)  # fmt: skip
def small_patches(
    plan: Plan,
    *,
    patch_min_mu: Annotated[
        float,
        Param(
            "mu",
            Text("最小连片面积（由省规定，0 为不检查）", "least patch, by the province (0: not tested)"),
            assumed=True,
        ),
    ] = 0.0,
) -> Iterator[Places]:
    """The connected patches of farmland smaller than the province's own least area; off until it states one.

    There is no official least patch: 400 m² is the survey's smallest parcel, not a rule on farmland.

    Fails: a patch of 3 mu where the province asks for 5.
    Passes: two blocks of 3 mu that touch.
    """  # fmt: skip
    if not patch_min_mu > 0:
        raise NotRun("本省未规定最小连片面积（参数 patch_min_mu）", "the province states no least patch (patch_min_mu)")
    patches = outside_of(plan, FARMLAND, np.empty(0, dtype=object), least=patch_min_mu)
    yield only(patches, patches.measure < patch_min_mu * M2_PER_MU)


@rule(
    "FP09",
    title=Text("永久基本农田优化调整有规定情形、数量不减", "Adjusted farmland states its case, and is not less"),
    severity=Severity.WARNING,
    relation="none",
    needs=(f"{CHANGE}.change_kind", f"{CHANGE}.reason"),
    concept="three_control_lines",
    cites=("pbf-order-17",),
    unit="ha",
    message=Text("{layer} {feature} 永久基本农田调整{what}", "{layer} {feature}: adjustment of farmland {what}"),
    remedy=Text(
        "按管理办法规定的情形调整，优进劣出，调入不少于调出，并填明理由。",
        "Adjust in the cases of the order only, better land in and worse out, no less in than out, and state the reason.",
    ),
)
def farmland_adjustments(
    plan: Plan,
    *,
    cases: Annotated[
        tuple[str, ...],
        Param(
            "",
            Text(
                "允许调整的情形（理由中含有，空为任意）",
                "cases that are admitted (contained in the reason; empty: any)",
            ),
            assumed=True,
        ),
    ] = (),
) -> Iterator[Places]:
    """The moved pieces of farmland that give no admitted reason, and the whole where less moves in than out.

    The cases of the order were not seen, so that any reason passes until they are given. Quality is not in this layer.

    Fails: a block moved out without a reason; 2 ha moved out and 1 ha in.
    Passes: 1 ha out and 1 ha in, each with its reason.
    """  # fmt: skip
    changed = changed_layers(plan)
    if len(changed) and changed.isna().all():
        raise NotRun("未说明维护变化属于哪个图层", "nobody says which layer the maintenance changes")
    frame = plan[CHANGE]
    kind, area = text_codes(frame["change_kind"]), drawn_m2(plan, CHANGE)
    mine = changed.eq(FARMLAND).fillna(False).to_numpy(dtype=bool)
    moved = mine & kind.isin([IN, OUT]).to_numpy()
    given = called(frame, "reason", cases) if cases else filled(frame, "reason")
    yield rows(
        plan, CHANGE, moved & ~given, measure=area, what=Text("未填规定情形的理由", "without an admitted reason")
    )
    into, out = (
        np.nan_to_num(area)[mine & kind.eq(each).fillna(False).to_numpy(dtype=bool)].sum() for each in (IN, OUT)
    )
    said = Text(
        f"调入 {into / 1e4:.2f} 公顷，少于调出 {out / 1e4:.2f} 公顷",
        f"{into / 1e4:.2f} ha in, less than {out / 1e4:.2f} ha out",
    )
    yield with_words(short_of_task(plan, CHANGE, into, out), what=said)  # fmt: skip


@rule(
    "FP10",
    title=Text("占用永久基本农田的审批级别", "Who approves the taking of permanent basic farmland"),
    severity=Severity.NOTE,
    relation="none",
    needs=("project", FARMLAND),
    concept="three_control_lines",
    cites=("land-law", "delegate-2020-4"),
    unit="mu",
    message=Text(
        "{layer} {feature} 占用永久基本农田 {measure:.2f} 亩，农用地转用由{who}批准",
        "{layer} {feature} takes {measure:.2f} mu of farmland: the conversion is approved by {who}",
    ),
    remedy=Text(
        "核对项目审批层级；能避让的先避让。",
        "Check the level of approval; where farmland can be avoided, avoid it first.",
    ),
)
def who_approves(
    plan: Plan,
    *,
    delegated: Annotated[
        bool,
        Param(
            "",
            Text("本省受国务院委托试点审批", "the province approves on behalf of the State Council (pilot)"),
            assumed=True,
        ),
    ] = False,
) -> Iterator[Places]:
    """The faces of farmland under projects, with the level that approves the conversion; nothing is decided here.

    Fails: a project of 1 ha on farmland.
    Passes: a road drawn as a line; a project beside farmland.
    """  # fmt: skip
    state = Text("国务院", "the State Council")
    province = Text("省级政府（受国务院委托）", "the province on behalf of the State Council")
    yield overlaps(plan, "project", FARMLAND, who=province if delegated else state)


@rule(
    "FP22",
    title=Text("永久基本农田非农化、非粮化监测", "Farmland lost to building or to other crops"),
    severity=Severity.ERROR,
    relation="legal×survey",
    needs=(FARMLAND, f"{SURVEY}.class_code", f"{SURVEY}.year"),
    concept="three_control_lines",
    cites=("land-law", "farm-2021-166"),
    unit="ha",
    message=Text(
        "{layer} {feature} 有 {measure:.4f} 公顷变更为{land_class}（{other} {other_feature}），{approval}",
        "{measure:.4f} ha of {layer} {feature} became {land_class} ({other} {other_feature}), {approval}",
    ),
    remedy=Text(
        "核实变更原因；有合法批准的登记在案并补划，没有的按规定恢复种植条件。",
        "Find out why: register and re-designate where it was approved; otherwise the land is restored as provided.",
    ),
)
def farmland_is_lost(
    plan: Plan,
    *,
    lost: Annotated[
        tuple[str, ...], Param("", Text("属流失的规划地类", "planned classes that are a loss"), assumed=True)
    ] = LOST,
    doubtful: Annotated[
        tuple[str, ...],
        Param("", Text("作警告的地类（设施农用地）", "classes that are a warning: facility farm land"), assumed=True),
    ] = ("0602",),
    small: Annotated[
        tuple[str, ...],
        Param("", Text("作提示的地类（农村道路、沟渠）", "classes that are a note: tracks and ditches"), assumed=True),
    ] = SMALL,
    restorable: Annotated[
        tuple[str, ...], Param("", Text("即可恢复、工程恢复的种植属性", "planting codes of restorable land"))
    ] = ("JKHF", "GCHF"),
    designated: Annotated[
        int,
        Param(
            "",
            Text("划定所依据的调查年份，此后变更的才参加", "year of the survey at designation; later changes count"),
            assumed=True,
        ),
    ] = 2020,
) -> Iterator[Places]:
    """The faces of farmland where the change survey shows another class since designation.

    Survey classes are read as planned classes (2023). Restorable land and adjustable land (suffix K) are no loss. Changes
    with an approval of their own are notes; ground that the ledger of approved land covers is left out.

    Fails: a block of which 1 ha became an orchard or a works.
    Passes: an orchard marked JKHF; a field track; a change of 2019; approved land.
    """  # fmt: skip
    frame = plan[SURVEY]
    survey = text_codes(frame["class_code"])
    free = survey.str.endswith("K").fillna(False).to_numpy(dtype=bool) | (number(plan, SURVEY, "year") <= designated)
    if "planting_code" in frame:
        free |= text_codes(frame["planting_code"]).isin(restorable).to_numpy()
    if "class_before" in frame:
        free |= text_codes(frame["class_before"]).eq(survey).fillna(False).to_numpy(dtype=bool)
    code = _planned(survey)
    approved = filled(frame, "approval")
    for classes, severity in ((lost, None), (doubtful, Severity.WARNING), (small, Severity.NOTE)):
        more = lost if severity is not None else ()
        chosen = coded(code, classes) & ~coded(code, (*LAWFUL, *more)) & ~free
        yield from _lost(plan, chosen & ~approved, severity, Text("无批准文号", "without an approval"))
        yield from _lost(plan, chosen & approved, Severity.NOTE, Text("已有批准文号", "with an approval"))


def _planned(survey: pd.Series[str]) -> pd.Series[str]:
    """Survey classes as planned classes of 2023; a code that is no survey class stands for itself.

    Codes that the survey only tolerates (temporary land, panels, cleared ground) are no class of their own.
    """
    known = {id_: each.extra["plan_code_2023"] for id_, each in code_table("survey_land_classes").items()}
    return survey.map(known).fillna(survey)


def _lost(plan: Plan, chosen: NDArray[np.bool_], severity: Severity | None, said: Text) -> Iterator[Places]:
    """The faces of farmland that the chosen changes cover, less what the ledger of approved land covers."""
    if not chosen.any():
        return
    changed = usable(plan, SURVEY, chosen)
    if "land_case" in plan:
        changed = rest(plan, SURVEY, usable(plan, "land_case"), chosen)
    found = overlaps_of(plan, FARMLAND, usable(plan, FARMLAND), SURVEY, changed, approval=said)
    turned = replace(found, layer=SURVEY, features=found.others)
    titles = with_class(plan, turned, table="survey_land_classes").words["land_class"]
    yield with_words(found, severity, land_class=titles)
