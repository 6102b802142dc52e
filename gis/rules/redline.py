"""Rules on the ecological conservation redline (生态保护红线). Ids start with ER."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import coded, summed, text_codes
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import Param, rule
from gis.rules.farmland import CORE, in_core
from gis.rules.planned_use import with_words
from gis.rules.verbs import inside, outside_of, overlaps_of, rest, short_of_task, stated_m2, target_in_base, usable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

REDLINE: Final = "ecological_redline"
NOTICE: Final = "2022-08-16"
"""Date of the notice on the redline; earlier projects are not judged by it. Source: redline-2022-142"""
CARVED: Final = ("01", "0601", "0703", "0704", "12")
"""Land that was lawfully carved out of the general-control area: fields, tracks, villages, roads. Source: three-lines-2019"""


@rule(
    "ER01",
    title=Text("核心保护区内没有新增建设项目", "No new project in the core zone of protected areas"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("project.accepted_on", "protected_area.zone"),
    concept="three_control_lines",
    cites=("redline-2022-142",),
    unit="ha",
    message=Text(
        "{layer} {feature}（受理日期 {day}）{extent}，位于{other} {other_feature} 的核心保护区",
        "{layer} {feature} (accepted {day}) {extent} in the core zone of {other} {other_feature}",
    ),
    remedy=Text(
        "另行选址；国家另有规定的，补充依据文件。受理日期未填的，先补填。",
        "Choose another site; where the state provides otherwise, add the document. Fill in the date where it is missing.",
    ),
    since=NOTICE,
)
def no_project_in_core(
    plan: Plan,
    *,
    core: Annotated[tuple[str, ...], Param("", Text("核心保护区的分区名称", "names of the core zone"))] = CORE,
    new_since: Annotated[
        str, Param("", Text("此日期（含）以后受理的为新增", "projects accepted on or after this day are new"))
    ] = NOTICE,
) -> Iterator[Places]:
    """The parts of new projects in a core protected zone, where human activity is prohibited in principle.

    A project that carries a recognition document is a warning, as the state may provide otherwise; one without a date
    is a note. Villages, roads and works that stood there before are no projects.

    Fails: a project of 2024 drawn into a core zone.
    Passes: a project accepted in 2021; a project in the general-control zone.
    """
    mask = usable(plan, "protected_area", in_core(plan, core))
    for where, severity in _by_age(plan, new_since, papers=_recognised(plan)):
        yield from _touched(plan, "protected_area", mask, where, severity)


@rule(
    "ER02",
    title=Text("生态保护红线面积不低于下达值", "The redline area is at least the target"),
    severity=Severity.ERROR,
    relation="none",
    needs=(REDLINE, "target:ecological_redline_area"),
    concept="three_control_lines",
    cites=("state-council-replies",),
    unit="km2",
    message=Text(
        "生态保护红线面积合计 {measure:.4f} 平方千米，低于下达值 {task_km2:.4f} 平方千米，缺 {short_ha:.2f} 公顷",
        "the redline adds up to {measure:.4f} km², below the target of {task_km2:.4f} km² by {short_ha:.2f} ha",
    ),
    remedy=Text("核对封库版本和陆海口径；红线面积不得减少。", "Compare the locked version, and whether sea is counted; the area must not shrink."),
)  # fmt: skip
def redline_reaches_target(plan: Plan) -> Iterator[Places]:
    """The stated area of the redline where it is below the target; a target without a unit is in km².

    Fails: 90 ha of redline against 1 km².
    Passes: patches that make 1 km² together.
    """
    target, area = target_in_base(plan, "ecological_redline_area", "km2"), stated_m2(plan, REDLINE)
    yield short_of_task(plan, REDLINE, summed(area, np.isfinite(area)), target)


@rule(
    "ER03",
    title=Text("自然保护地划入生态保护红线", "Protected areas lie inside the redline"),
    severity=Severity.WARNING,
    relation="legal×legal",
    needs=("protected_area.kind", REDLINE),
    concept="three_control_lines",
    cites=("three-lines-2019",),
    unit="ha",
    message=Text(
        "{layer} {feature} 有 {measure:.4f} 公顷不在生态保护红线内",
        "{measure:.4f} ha of {layer} {feature} lie outside the redline",
    ),
    remedy=Text(
        "核对整合优化后的自然保护地范围；应划尽划，依法调出的村庄、农田列出清单。",
        "Check the reorganised extent of the area; draw in all that is due, and list villages and fields carved out by law.",
    ),
)
def protected_areas_inside(
    plan: Plan,
    *,
    exempt: Annotated[tuple[str, ...], Param("", Text("不要求划入的类型", "kinds that need not lie inside"))] = (
        "风景名胜区",
    ),
    core: Annotated[tuple[str, ...], Param("", Text("核心保护区的分区名称", "names of the core zone"))] = CORE,
    carved: Annotated[
        tuple[str, ...],
        Param(
            "",
            Text("一般控制区内可调出的现状地类", "current land that may be carved out of the general-control zone"),
            assumed=True,
        ),
    ] = CARVED,
) -> Iterator[Places]:
    """The faces of national parks, nature reserves and nature parks that the redline does not cover.

    Outside the core zone, land that is a village, field or road today is left out where the current land use is known.

    Fails: a nature reserve of which 10 ha lie outside the redline.
    Passes: a scenic area outside; a village left open in the general-control zone.
    """
    chosen = ~text_codes(plan["protected_area"]["kind"]).isin(exempt).to_numpy()
    is_core = in_core(plan, core) if plan.has("protected_area", "zone") else np.zeros(len(chosen), dtype=bool)
    line = usable(plan, REDLINE)
    yield outside_of(plan, "protected_area", line, other=REDLINE, where=chosen & is_core)
    if plan.has("land_use_current", "class_code"):
        lawful = coded(plan["land_use_current"]["class_code"], carved)
        line = np.concatenate([line, usable(plan, "land_use_current", lawful)])
    yield outside_of(plan, "protected_area", line, other=REDLINE, where=chosen & ~is_core)


@rule(
    "ER04",
    title=Text("红线内项目属于有限人为活动并经认定", "Projects in the redline are limited activities, and recognised"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("project.accepted_on", "project.activity_item", "project.recognition_doc", REDLINE),
    concept="three_control_lines",
    cites=("redline-2022-142",),
    unit="ha",
    message=Text(
        "{layer} {feature}（受理日期 {day}）{extent}，位于{other} {other_feature}，{lack}",
        "{layer} {feature} (accepted {day}) {extent} in {other} {other_feature}, {lack}",
    ),
    remedy=Text(
        "填明所属的有限人为活动类别（1–10）并附认定文件；不属于的，避让红线。",
        "State which of the ten limited activities it is and add the recognition; if it is none, avoid the redline.",
    ),
    since=NOTICE,
)
def projects_are_limited(
    plan: Plan,
    *,
    items: Annotated[tuple[str, ...], Param("", Text("有限人为活动类别", "the limited activities"))] = (
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "9",
        "10",
    ),
    new_since: Annotated[
        str, Param("", Text("此日期（含）以后受理的为新增", "projects accepted on or after this day are new"))
    ] = NOTICE,
    core: Annotated[tuple[str, ...], Param("", Text("核心保护区的分区名称", "names of the core zone"))] = CORE,
) -> Iterator[Places]:
    """The parts of new projects in the redline outside the core zone that lack the activity or its recognition.

    Linear works with both are lawful. A project without a date is a note. The core zone is ER01's.

    Fails: a project of 2024 in the redline without a recognition document.
    Passes: a road of item 6 with its document; a project accepted in 2021.
    """
    item = text_codes(plan["project"]["activity_item"]).isin(items).to_numpy()
    document = _filled(plan, "recognition_doc")
    mask = usable(plan, REDLINE)
    if plan.has("protected_area", "zone"):
        mask = rest(plan, REDLINE, usable(plan, "protected_area", in_core(plan, core)))
    for where, severity in _by_age(plan, new_since):
        bad = where & ~(item & document)
        for places in _touched(plan, REDLINE, mask, bad, severity):
            yield with_words(places, lack=_lacks(plan, places, item, document))


def _by_age(
    plan: Plan, since: str, *, papers: NDArray[np.bool_] | None = None
) -> Iterator[tuple[NDArray[np.bool_], Severity | None]]:
    """Projects that are new, those of them with papers (a warning), and those without a date (a note)."""
    accepted = pd.to_datetime(plan["project"]["accepted_on"], errors="coerce").to_numpy(dtype="datetime64[ns]")
    new = accepted >= np.datetime64(since)
    yield (new, None) if papers is None else (new & ~papers, None)
    if papers is not None:
        yield new & papers, Severity.WARNING
    yield np.isnat(accepted), Severity.NOTE


def _filled(plan: Plan, field: str) -> NDArray[np.bool_]:
    """Which projects have something in a field."""
    text = text_codes(plan["project"][field])
    return (text.notna() & text.ne("").fillna(False)).to_numpy(dtype=bool)


def _recognised(plan: Plan) -> NDArray[np.bool_]:
    """Which projects carry a recognition document; none where the plan has no such field."""
    if not plan.has("project", "recognition_doc"):
        return np.zeros(len(plan["project"]), dtype=bool)
    return _filled(plan, "recognition_doc")


def _touched(
    plan: Plan, other: str, mask: NDArray[np.object_], where: NDArray[np.bool_], severity: Severity | None
) -> Iterator[Places]:
    """Where the chosen projects lie on the features of `other`, whose polygons are `mask`: faces, lines and points."""
    faces = overlaps_of(plan, "project", usable(plan, "project", where), other, mask)
    extent: list[Any] = [Text(f"占用 {m2 / 1e4:.4f} 公顷", f"takes {m2 / 1e4:.4f} ha") for m2 in faces.measure]
    yield with_words(faces, severity, extent=extent, day=_days(plan, faces))
    thin = inside(plan, "project", mask, other=other, where=where)
    extent = [Text(f"穿越 {m:.1f} 米", f"runs {m:.1f} m") if m else Text("为点位", "is a point") for m in thin.measure]
    unmeasured = replace(thin, measure=np.full(len(thin), np.nan))  # a length is no area
    yield with_words(unmeasured, severity, extent=extent, day=_days(plan, thin))


def _days(plan: Plan, places: Places) -> list[Any]:
    """The day on which the project of each place was accepted, as written."""
    day = pd.to_datetime(plan["project"]["accepted_on"], errors="coerce").dt.strftime("%Y-%m-%d")
    known = day.set_axis(plan["project"].index.astype("str"))
    return [
        known[each[0]] if isinstance(known[each[0]], str) else Text("未填", "not stated") for each in places.features
    ]


def _lacks(plan: Plan, places: Places, item: NDArray[np.bool_], document: NDArray[np.bool_]) -> list[Text]:
    """What the project of each place lacks."""
    row = {id_: n for n, id_ in enumerate(plan["project"].index.astype("str"))}
    said = {
        (False, False): Text(
            "未列明有限人为活动类别，也没有认定文件", "names no limited activity and has no recognition"
        ),
        (False, True): Text("未列明有限人为活动类别", "names no limited activity"),
        (True, False): Text("没有认定文件", "has no recognition"),
    }
    return [said[bool(item[row[each[0]]]), bool(document[row[each[0]]])] for each in places.features]
