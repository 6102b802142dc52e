"""Rules on the ecological conservation redline (生态保护红线). Ids start with ER."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np

from gis.analysis.land_accounts import coded, summed, text_codes
from gis.i18n import Text
from gis.model.finding import Severity
from gis.model.lacking import related_title
from gis.rules.base import NotRun, Param, rule
from gis.rules.farmland import CORE, in_core
from gis.rules.farmland_replacement import STAGES as LAND_STAGES
from gis.rules.planned_use import only, with_words
from gis.rules.records import called, dated, days, filled
from gis.rules.verbs import inside, outside_of, overlaps_of, rest, short_of_task, stated_m2, target_in_base, usable
from gis.units import M2_PER_KM2

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

REDLINE: Final = "ecological_redline"
NOTICE: Final = "2022-08-16"
"""Date of the notice on the redline; earlier projects are not judged by it. Source: redline-2022-142"""
CARVED: Final = ("01", "0601", "0703", "0704", "12")
"""Land that was lawfully carved out of the general-control area: fields, tracks, villages, roads. Source: three-lines-2019"""

MAJOR: Final = ("国家重大",)
"""Kinds of project that may take redline after the province's demonstration. Source: redline-2022-142"""
STAGES: Final = (*LAND_STAGES, "用海")


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
    for where, severity in _by_age(plan, new_since, papers=filled(plan["project"], "recognition_doc")):
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

    Linear works with both are lawful. A project without a date is a note. The core zone is ER01's, national major
    projects are ER05's.

    Fails: a project of 2024 in the redline without a recognition document.
    Passes: a road of item 6 with its document; a project accepted in 2021.
    """
    item = (_items(plan).isin(items) | text_codes(plan["project"]["activity_item"]).isin(items)).to_numpy(dtype=bool)
    document = filled(plan["project"], "recognition_doc")
    mask = _outside_core(plan, core)
    for where, severity in _by_age(plan, new_since):
        bad = where & ~(item & document) & ~called(plan["project"], "kind", MAJOR)
        for places in _touched(plan, REDLINE, mask, bad, severity):
            yield with_words(places, lack=_lacks(plan, places, item, document))


@rule(
    "ER05",
    title=Text("红线内国家重大项目附不可避让论证", "National major projects in the redline carry the demonstration"),
    severity=Severity.ERROR,
    relation="none",
    needs=("project.kind", "project.stage", "project.accepted_on", "project.avoidance_doc", REDLINE),
    concept="three_control_lines",
    cites=("redline-2022-142", "siting-report"),
    unit="ha",
    message=Text(
        "{layer} {feature}（受理日期 {day}）{extent}，位于{other} {other_feature}，没有不可避让论证意见",
        "{layer} {feature} (accepted {day}) {extent} in {other} {other_feature}, without the demonstration that it cannot avoid it",
    ),
    remedy=Text(
        "报批农用地转用或用海时附省级政府不可避让论证意见；能避让的避让红线。",
        "Add the province's demonstration when the conversion of land or the use of sea is applied for, or avoid the redline.",
    ),
    since=NOTICE,
)
def major_projects_are_demonstrated(
    plan: Plan,
    *,
    major: Annotated[
        tuple[str, ...],
        Param("", Text("国家重大项目的类型（含有）", "kinds of national major projects (contained)"), assumed=True),
    ] = MAJOR,
    stages: Annotated[
        tuple[str, ...],
        Param("", Text("须附论证意见的阶段（含有）", "stages at which it is due (contained)"), assumed=True),
    ] = STAGES,
    new_since: Annotated[
        str, Param("", Text("此日期（含）以后受理的为新增", "projects accepted on or after this day are new"))
    ] = NOTICE,
    core: Annotated[tuple[str, ...], Param("", Text("核心保护区的分区名称", "names of the core zone"))] = CORE,
) -> Iterator[Places]:
    """The parts of new national major projects in the redline that lack the province's demonstration at the stage of approval.

    At pre-examination the analysis of avoidance is enough. The core zone is ER01's.

    Fails: a national motorway at 农转用 of 2024 through the redline without the document.
    Passes: the same with it; the same at pre-examination.
    """  # fmt: skip
    frame = plan["project"]
    due = called(frame, "kind", major) & called(frame, "stage", stages) & ~called(frame, "stage", ("预审", "选址"))
    bad = due & ~filled(frame, "avoidance_doc")
    if bad.any():
        mask = _outside_core(plan, core)
        for where, severity in _by_age(plan, new_since):
            yield from _touched(plan, REDLINE, mask, where & bad, severity)


@rule(
    "ER06",
    title=Text("生态保护红线最小图斑面积", "Smallest patch of the redline"),
    severity=Severity.NOTE,
    relation="none",
    needs=(REDLINE,),
    concept="three_control_lines",
    cites=("redline-guide-2017",),
    unit="km2",
    message=Text(
        "{layer} {feature} 连片面积 {measure:.4f} 平方千米，小于 {least:g} 平方千米",
        "{layer} {feature} is a patch of {measure:.4f} km², below {least:g} km²",
    ),
    remedy=Text("说明保留小图斑的理由；封库红线不因面积小而调出。", "State why the patch is kept; the locked line gives up no patch for being small."),
)  # fmt: skip
def small_redline_patches(
    plan: Plan,
    *,
    patch_min_km2: Annotated[
        float,
        Param(
            "km2",
            Text("最小图斑面积（0 为不检查；2017 年指南为 1）", "least patch (0: not tested; 1 in the guide of 2017)"),
            assumed=True,
        ),
    ] = 0.0,
) -> Iterator[Places]:
    """The connected patches of the redline below a least area, while the guide of 2017 stood; off until one is stated.

    Fails: a patch of 0.5 km² where 1 km² is asked for.
    Passes: two patches of 0.6 km² that touch.
    """  # fmt: skip
    if not patch_min_km2 > 0:
        raise NotRun("未设定最小图斑面积（参数 patch_min_km2）", "no least patch is set (patch_min_km2)")
    patches = outside_of(plan, REDLINE, np.empty(0, dtype=object), least=patch_min_km2)
    yield only(patches, patches.measure < patch_min_km2 * M2_PER_KM2)


@rule(
    "ER07",
    title=Text("生态保护红线面积不减", "The redline does not shrink"),
    severity=Severity.ERROR,
    relation="none",
    needs=(REDLINE,),
    concept="three_control_lines",
    cites=("redline-2022-142",),
    unit="km2",
    message=Text(
        "生态保护红线面积合计 {measure:.4f} 平方千米，低于{version} {task_km2:.4f} 平方千米，缺 {short_ha:.2f} 公顷",
        "the redline adds up to {measure:.4f} km², below the {task_km2:.4f} km² of {version} by {short_ha:.2f} ha",
    ),
    remedy=Text("核对现行有效版本；依法调整的，附批准文件并更新封库版本。", "Compare the version in force; where it was adjusted lawfully, add the approval and update that version."),
)  # fmt: skip
def redline_does_not_shrink(plan: Plan) -> Iterator[Places]:
    """The stated area of the redline where it is below that of the version in force: the locked one, else the previous plan's.

    Fails: 90 ha where the locked line has 1 km².
    Passes: 1 km² in other patches.
    """
    before = next((each for each in ("locked", "previous") if REDLINE in plan.related.get(each, ())), None)
    if before is None:
        raise NotRun(
            "没有可比较的封库版本或上一版规划", "there is neither a locked version nor a previous plan to compare with"
        )
    task, area = stated_m2(plan.related[before], REDLINE), stated_m2(plan, REDLINE)
    found = short_of_task(plan, REDLINE, summed(area, np.isfinite(area)), summed(task, np.isfinite(task)))
    yield with_words(found, version=related_title(before))


def _items(plan: Plan) -> pd.Series[Any]:
    """The number of the limited activity of each project: "6" for 6, 06, 第6项, （六） and 六、线性工程."""
    said = text_codes(plan["project"]["activity_item"]).str.normalize("NFKC")
    number = said.str.extract(r"^[(第]?0*(\d+)", expand=False)
    return number.fillna(said.str.extract(r"^[(第]?([一二三四五六七八九十]{1,2})", expand=False).replace(_NUMERALS))


_NUMERALS: Final = {numeral: str(n) for n, numeral in enumerate("一二三四五六七八九十", 1)}


def _outside_core(plan: Plan, core: tuple[str, ...]) -> NDArray[np.object_]:
    """The redline outside the core zone of protected areas, as far as that is known."""
    if not plan.has("protected_area", "zone"):
        return usable(plan, REDLINE)
    return rest(plan, REDLINE, usable(plan, "protected_area", in_core(plan, core)))


def _by_age(
    plan: Plan, since: str, *, papers: NDArray[np.bool_] | None = None
) -> Iterator[tuple[NDArray[np.bool_], Severity | None]]:
    """Projects that are new, those of them with papers (a warning), and those without a date (a note)."""
    accepted = days(plan["project"], "accepted_on").to_numpy()
    new = accepted >= np.datetime64(since)
    yield (new, None) if papers is None else (new & ~papers, None)
    if papers is not None:
        yield new & papers, Severity.WARNING
    yield np.isnat(accepted), Severity.NOTE


def _touched(
    plan: Plan, other: str, mask: NDArray[np.object_], where: NDArray[np.bool_], severity: Severity | None
) -> Iterator[Places]:
    """Where the chosen projects lie on the features of `other`, whose polygons are `mask`: faces, lines and points."""
    faces = overlaps_of(plan, "project", usable(plan, "project", where), other, mask)
    extent: list[Any] = [Text(f"占用 {m2 / 1e4:.4f} 公顷", f"takes {m2 / 1e4:.4f} ha") for m2 in faces.measure]
    yield with_words(faces, severity, extent=extent, day=dated(faces, days(plan["project"], "accepted_on")))
    thin = inside(plan, "project", mask, other=other, where=where)
    extent = [Text(f"穿越 {m:.1f} 米", f"runs {m:.1f} m") if m else Text("为点位", "is a point") for m in thin.measure]
    unmeasured = replace(thin, measure=np.full(len(thin), np.nan))  # a length is no area
    yield with_words(unmeasured, severity, extent=extent, day=dated(thin, days(plan["project"], "accepted_on")))


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
