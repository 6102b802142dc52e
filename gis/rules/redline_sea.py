"""Rules on coast and sea beside the redline: natural shoreline, reclamation, setback. Ids start with ER."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import numpy as np

from gis.analysis.land_accounts import text_codes
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, Param, rule
from gis.rules.planned_use import EXISTING_SHARE, existing, of_class, with_class, with_words
from gis.rules.records import called, dated, days
from gis.rules.verbs import length_m, nearer, rows, stated_m2, target_in_base, total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan
    from gis.rules.base import Places

COAST: Final = "coastline"
FREEZE: Final = "2018-07-14"
"""Day of the notice that stopped new reclamation. Source: sea-2018-24"""
_DAYS: Final = {"sea_area": "approved_on", "project": "accepted_on"}


@rule(
    "ER08",
    title=Text("自然岸线保有率不低于目标", "Natural shoreline is at least the target share"),
    severity=Severity.ERROR,
    relation="none",
    needs=(f"{COAST}.kind", "target:natural_shoreline_share"),
    concept="three_control_lines",
    cites=("state-council-replies",),
    unit="%",
    message=Text(
        "自然岸线 {natural_km:.2f} 千米，占大陆岸线 {all_km:.2f} 千米的 {measure:.2f}%，低于目标 {wanted:.2f}%",
        "{natural_km:.2f} km of natural shoreline are {measure:.2f} % of {all_km:.2f} km of mainland shoreline, below the target of {wanted:.2f} %",
    ),
    remedy=Text("核对岸线类型和修测年份；不足的，安排岸线整治修复。", "Check the kinds of shoreline and the year of the survey; restore shoreline where it is short."),
)  # fmt: skip
def natural_shoreline(
    plan: Plan,
    *,
    natural: Annotated[
        tuple[str, ...],
        Param("", Text("自然岸线的类型（含有）", "kinds of natural shoreline (contained)"), assumed=True),
    ] = ("自然",),
    island: Annotated[
        tuple[str, ...],
        Param("", Text("不计入的海岛岸线（含有）", "kinds of island shoreline, not counted (contained)"), assumed=True),
    ] = ("岛",),
) -> Iterator[Places]:
    """The share of natural in all mainland shoreline where it is below the target; a target without a unit is in percent.

    Lengths are those stated, else ellipsoidal. Where shoreline of unknown kind could make up for what is missing, it cannot
    be decided. A city without a coast has no such layer and is not tested.

    Fails: 3 km of natural and 7 km of built shoreline against 35 %.
    Passes: 4 km of natural and 6 km of built shoreline.
    """  # fmt: skip
    kind, length = text_codes(plan[COAST]["kind"]), np.nan_to_num(length_m(plan, COAST))
    mainland = ~called(plan[COAST], "kind", island)
    whole = float(length[mainland].sum())
    if not whole > 0:
        raise NotRun("海岸线图层没有大陆岸线长度", "the coastline has no mainland shoreline")
    is_natural = float(length[mainland & called(plan[COAST], "kind", natural)].sum())
    unknown = float(length[kind.isna().to_numpy()].sum())
    wanted = target_in_base(plan, "natural_shoreline_share", "%")
    yield total(
        plan, COAST, round(is_natural / whole, 6), wanted, direction="min", doubt=unknown / whole,
        natural_km=is_natural / 1000, all_km=whole / 1000, wanted=wanted * 100,
    )  # fmt: skip


@rule(
    "ER21",
    title=Text("不得新增围填海", "No new reclamation or enclosure of sea"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("sea_area.kind",),
    concept="three_control_lines",
    cites=("sea-2018-24", "redline-2022-142"),
    unit="ha",
    message=Text(
        "{layer} {feature} 为{what}（批准或受理日期 {day}），面积 {measure:.4f} 公顷",
        "{layer} {feature} is {what} (approved or accepted {day}); {measure:.4f} ha",
    ),
    remedy=Text(
        "取消新增围填海；国家重大项目须报国务院批准，历史遗留围填海按处置方案列出清单。",
        "Drop it; national major projects need the State Council's approval; list historical reclamation by its disposal plan.",
    ),
    since="2018-07",
)
def no_new_reclamation(
    plan: Plan,
    *,
    reclamation: Annotated[
        tuple[str, ...], Param("", Text("围填海的类型（含有）", "kinds of reclamation (contained)"), assumed=True)
    ] = ("填海", "围海", "围填"),
    historical: Annotated[
        tuple[str, ...],
        Param(
            "", Text("历史遗留围填海的写法（含有）", "how historical reclamation is written (contained)"), assumed=True
        ),
    ] = ("历史遗留",),
    major: Annotated[
        tuple[str, ...],
        Param(
            "", Text("国家重大项目的写法（含有）", "how national major projects are written (contained)"), assumed=True
        ),
    ] = ("国家重大",),
    new_since: Annotated[
        str,
        Param("", Text("此日期（含）以后批准的为新增", "what was approved on or after this day is new"), assumed=True),
    ] = FREEZE,
) -> Iterator[Places]:
    """The sea areas and projects that are reclamation or enclosure approved or accepted since the notice.

    Historical reclamation is left out. National major projects are notes, and so is what has no date.

    Fails: 填海造地 approved in 2021.
    Passes: 历史遗留围填海; reclamation of 2012; open-sea farming.
    """  # fmt: skip
    for layer, field in _DAYS.items():
        if not plan.has(layer, "kind"):
            continue
        frame = plan[layer]
        day = days(frame, field)
        mine = called(frame, "kind", reclamation) & ~called(frame, "kind", historical)
        state = called(frame, "kind", major)
        new, undated = (day >= new_since).to_numpy(), day.isna().to_numpy()
        for where, severity, said in (
            (mine & new & ~state, None, Text("新增围填海", "new reclamation")),
            (mine & new & state, Severity.NOTE, Text("国家重大项目围填海", "reclamation of a national major project")),
            (mine & undated, Severity.NOTE, Text("日期不详的围填海", "reclamation of unknown date")),
        ):
            found = rows(plan, layer, where, measure=stated_m2(plan, layer), severity=severity, what=said)
            yield with_words(found, day=dated(found, day))


@rule(
    "ER22",
    title=Text("海岸建筑退缩线", "Coastal building setback"),
    severity=Severity.WARNING,
    relation="legal×survey",
    needs=(COAST, "land_use_plan.class_code"),
    concept="three_control_lines",
    cites=("state-council-replies",),
    unit="m",
    message=Text(
        "{layer} {feature}（{land_class}）距海岸线 {measure:.2f} 米，小于退缩距离 {setback:g} 米",
        "{layer} {feature} ({land_class}) is {measure:.2f} m from the coastline, less than the setback of {setback:g} m",
    ),
    remedy=Text("将新建建筑用地退至退缩线以外；确需临海的，说明理由。", "Move new building behind the setback line; state the reason where it must be at the sea."),
)  # fmt: skip
def coastal_setback(
    plan: Plan,
    *,
    setback_m: Annotated[
        float,
        Param("m", Text("退缩距离（由省规定，0 为不检查）", "setback, by the province (0: not tested)"), assumed=True),
    ] = 0.0,
    building: Annotated[
        tuple[str, ...], Param("", Text("须退缩的规划地类", "planned classes that keep the distance"), assumed=True)
    ] = ("07", "08", "09", "1001", "11"),
    share: Annotated[float, Param("ratio", EXISTING_SHARE, assumed=True)] = 0.8,
) -> Iterator[Places]:
    """The new planned building nearer to the coastline than the province's setback; off until one is stated.

    What stands there today is left out where the current land use is known; harbours, roads and works of the coast are no
    building of this kind.

    Fails: housing planned 50 m from the coast where 100 m are asked for.
    Passes: housing at 100 m; a harbour; an old quarter.
    """
    if not setback_m > 0:
        raise NotRun("本省未规定退缩距离（参数 setback_m）", "the province states no setback (setback_m)")
    where = of_class(plan, "land_use_plan", *building)
    today = existing(plan, share)
    where = where if today is None else where & ~today
    if where.any():
        found = nearer(plan, "land_use_plan", COAST, setback_m, where=where)
        yield with_class(plan, with_words(found, setback=setback_m))
