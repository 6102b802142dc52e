"""Rules on floods and geological hazards (安全底线：洪水与地质灾害). Ids start with SF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np

from gis.analysis.land_accounts import summed, text_codes
from gis.analysis.quantities import number
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, Param, rule
from gis.rules.planned_use import (
    EXISTING_SHARE,
    STANDS,
    URBAN_BUILDING,
    blank,
    named,
    new_and_existing,
    new_land,
    of_class,
    taken,
    with_words,
)
from gis.rules.safety import DETENTION, GEOLOGICAL, HIGH
from gis.rules.urban_boundary import high_hazard
from gis.rules.verbs import drawn_m2, located_in, overlaps, total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan
    from gis.rules.base import Places

HAZARD = "hazard_area"


@rule(
    "SF07",
    title=Text("学校、医院避让活动断裂和洪水", "Schools and hospitals avoid active faults and floods"),
    severity=Severity.ERROR,
    relation="legal×survey",
    needs=(f"{HAZARD}.kind", f"{HAZARD}.level"),
    concept="safety_bottom_line",
    cites=("geohazard-reg", "flood-law"),
    unit="ha",
    message=Text(
        "{layer} {feature}（{land_class}，{state}）位于{other} {other_feature}",
        "{layer} {feature} ({land_class}, {state}) lies in {other} {other_feature}",
    ),
    remedy=Text("新建学校、医院另行选址；现状的采取防护措施或者逐步迁出。", "Find another site for new schools and hospitals; protect existing ones, or move them out in time."),
)  # fmt: skip
def schools_and_hospitals_are_safe(
    plan: Plan,
    *,
    classes: Annotated[
        tuple[str, ...], Param("", Text("中小学、幼儿园、医院用地", "classes of schools and hospitals"), assumed=True)
    ] = ("080403", "080404", "080601"),
    facilities: Annotated[
        tuple[str, ...],
        Param("", Text("设施类型中含有的名称", "kinds of facility (contained in the name)"), assumed=True),
    ] = ("幼儿园", "小学", "中学", "学校", "医院"),
    always: Annotated[
        tuple[str, ...],
        Param("", Text("不论等级均须避让的灾种", "kinds of hazard to be avoided at any level"), assumed=True),
    ] = ("断裂", "断层", *DETENTION),
    floods: Annotated[
        tuple[str, ...], Param("", Text("高等级时须避让的灾种", "kinds to be avoided at high levels"), assumed=True)
    ] = ("洪", "内涝", "淹没"),
    existing_share: Annotated[float, Param("%", EXISTING_SHARE, assumed=True)] = 50.0,
) -> Iterator[Places]:
    """The faces of planned schools and hospitals on faults or in flood areas, and the facilities that stand there.

    New ones are errors, existing ones warnings. A fault counts as wide as its area is drawn.

    Fails: a planned 080403 block on an active fault.
    Passes: a park there; a school in a flood area of low level.
    """
    hazard = named(plan, HAZARD, "kind", always) | high_hazard(plan, HIGH, floods)
    if not (plan.has("land_use_plan", "class_code") or plan.has("facility", "kind")):
        raise NotRun("没有规划用地，也没有公共服务设施", "neither planned land use nor facilities")
    if plan.has("land_use_plan", "class_code"):
        yield from new_and_existing(plan, HAZARD, of_class(plan, "land_use_plan", *classes), existing_share, hazard)
    if plan.has("facility", "kind"):
        stand = named(plan, "facility", "kind", facilities)
        yield from taken(
            plan, "facility", HAZARD, stand, hazard, severity=Severity.WARNING,
            land_class=Text("学校或医院设施", "school or hospital"), state=STANDS,
        )  # fmt: skip


@rule(
    "SF08",
    title=Text("地质灾害高危险区内的农村居民点", "Rural settlements in high geological hazard"),
    severity=Severity.NOTE,
    relation="legal×survey",
    needs=("survey_parcel.class_code", f"{HAZARD}.kind", f"{HAZARD}.level"),
    concept="safety_bottom_line",
    cites=("dual-2020-127",),
    unit="ha",
    message=Text(
        "{layer} {feature}（农村宅基地）有 {measure:.4f} 公顷位于{other} {other_feature}{homes}",
        "{measure:.4f} ha of {layer} {feature} (rural homesteads) lie in {other} {other_feature}{homes}",
    ),
    remedy=Text("列入清单，优先安排避险搬迁或者工程治理。", "Put them on the list; move them out first, or protect them by works."),
)  # fmt: skip
def rural_homes_in_hazard(
    plan: Plan,
    *,
    homes: Annotated[tuple[str, ...], Param("", Text("农村宅基地的调查地类", "survey classes of homesteads"))] = (
        "0702",
    ),
    levels: Annotated[tuple[str, ...], Param("", Text("列出的风险等级", "levels listed"), assumed=True)] = HIGH,
    kinds: Annotated[
        tuple[str, ...], Param("", Text("地质灾害的灾种（名称中含有）", "kinds of geological hazard"), assumed=True)
    ] = GEOLOGICAL,
) -> Iterator[Places]:
    """The faces of rural homesteads of the survey in areas of high geological hazard, with the village they belong to.

    Fails: homesteads in a high-risk landslide area.
    Passes: homesteads in an area of medium level; fields in a high-risk area.
    """  # fmt: skip
    found = overlaps(
        plan, "survey_parcel", HAZARD,
        where=of_class(plan, "survey_parcel", *homes), other_where=high_hazard(plan, levels, kinds),
    )  # fmt: skip
    yield with_words(found, homes=_villages(plan, found))


def _villages(plan: Plan, found: Places) -> list[Text]:
    """Per place the village that the parcel most involved lies in, with its households; empty where it is not known."""
    if not len(found) or not plan.has("village", "households"):
        return [Text("", "")] * len(found)
    village = dict(
        zip(plan["survey_parcel"].index.astype("str"), located_in(plan, "survey_parcel", "village"), strict=True)
    )
    homes = dict(zip(plan["village"].index.astype("str"), number(plan, "village", "households"), strict=True))
    said = []
    for features in found.features:
        in_ = village[features[0]]
        count = homes.get(in_, float("nan"))
        known = isinstance(in_, str) and np.isfinite(count)
        said.append(
            Text(f"，所在村 {in_} 共 {count:.0f} 户", f", in village {in_} of {count:.0f} households")
            if known
            else Text("", "")
        )
    return said  # fmt: skip


@rule(
    "SF09",
    title=Text("蓄滞洪区内新建项目有洪水影响评价", "New building in flood detention areas has a flood impact report"),
    severity=Severity.ERROR,
    relation="legal×survey",
    needs=(f"{HAZARD}.kind",),
    concept="safety_bottom_line",
    cites=("flood-law",),
    unit="ha",
    message=Text(
        "{layer} {feature}{extent}，位于{other} {other_feature}（蓄滞洪区），{lack}",
        "{layer} {feature} {extent} in {other} {other_feature} (a flood detention area), {lack}",
    ),
    remedy=Text("编制洪水影响评价报告并报有审批权的水行政主管部门审查批准；或者另行选址。", "Have the flood impact report made and approved by the water authority, or find another site."),
)  # fmt: skip
def detention_areas_need_report(
    plan: Plan,
    *,
    kinds: Annotated[
        tuple[str, ...], Param("", Text("蓄滞洪区的灾种名称", "kinds that are detention areas"), assumed=True)
    ] = DETENTION,
    building: Annotated[
        tuple[str, ...], Param("", Text("视为新增建设的规划地类", "planned classes that are building"), assumed=True)
    ] = URBAN_BUILDING,
    flood_works: Annotated[
        tuple[str, ...], Param("", Text("防洪建设的地类", "classes of flood works"), assumed=True)
    ] = ("1311", "1312", "17"),
    existing_share: Annotated[float, Param("%", EXISTING_SHARE, assumed=True)] = 50.0,
) -> Iterator[Places]:
    """What projects without an assessment document take of flood detention areas; new planned building there is a warning.

    Planned land has no report yet: it is due when a project comes.

    Fails: a factory in a detention area, without document.
    Passes: the same with its document; a dyke 1311; farmland.
    """
    detention = named(plan, HAZARD, "kind", kinds)
    documented = plan.has("project", "assessment_doc")
    if not documented and not plan.has("land_use_plan", "class_code"):
        raise NotRun(
            "没有建设项目的评估文件字段，也没有规划用地", "neither projects with documents nor planned land use"
        )
    if documented:
        works = of_class(plan, "project", *flood_works) if plan.has("project", "class_code") else False
        lack = Text("没有洪水影响评价文件", "without a flood impact report")
        yield from taken(
            plan, "project", HAZARD, blank(plan, "project", "assessment_doc") & ~np.asarray(works), detention, lack=lack
        )
    if plan.has("land_use_plan", "class_code"):
        new, _ = new_land(plan, of_class(plan, "land_use_plan", *building), existing_share)
        lack = Text("项目审批前须有洪水影响评价", "whose projects will need a flood impact report")
        yield from taken(plan, "land_use_plan", HAZARD, new, detention, severity=Severity.WARNING, lack=lack)  # fmt: skip


@rule(
    "SF13",
    title=Text("地质灾害易发区内的项目有危险性评估", "Projects in hazard-prone areas have a hazard assessment"),
    severity=Severity.WARNING,
    relation="legal×survey",
    needs=("project.assessment_doc", f"{HAZARD}.kind", f"{HAZARD}.level"),
    concept="safety_bottom_line",
    cites=("geohazard-reg",),
    unit="ha",
    message=Text(
        "{layer} {feature}{extent}，位于{other} {other_feature}（地质灾害易发区），没有危险性评估文件",
        "{layer} {feature} {extent} in {other} {other_feature}, prone to geological hazards, without an assessment",
    ),
    remedy=Text("在可行性研究阶段进行地质灾害危险性评估，并附评估文件。", "Have the hazard assessed at the feasibility stage, and add the document."),
)  # fmt: skip
def prone_areas_need_assessment(
    plan: Plan,
    *,
    kinds: Annotated[
        tuple[str, ...], Param("", Text("地质灾害的灾种（名称中含有）", "kinds of geological hazard"), assumed=True)
    ] = GEOLOGICAL,
    exempt: Annotated[
        tuple[str, ...],
        Param(
            "",
            Text("本省免于评估的易发等级（名称开头）", "levels the province exempts (beginning of the name)"),
            assumed=True,
        ),
    ] = ("不", "非"),
) -> Iterator[Places]:
    """What projects without an assessment document take of areas prone to geological hazards, of every level.

    A province may exempt low levels. An area without a level counts, as all that is drawn is prone.

    Fails: a project in an area of medium level, without document.
    Passes: the same with its document; a project in an area that is not prone (不易发).
    """
    free = text_codes(plan[HAZARD]["level"]).str.startswith(exempt).fillna(False).to_numpy(dtype=bool)
    prone = named(plan, HAZARD, "kind", kinds) & ~free
    yield from taken(plan, "project", HAZARD, blank(plan, "project", "assessment_doc"), prone)


@rule(
    "SF15",
    title=Text("蓄滞洪容积不减少", "Flood storage does not shrink"),
    severity=Severity.WARNING,
    relation="none",
    needs=(f"{HAZARD}.kind", f"{HAZARD}.depth_m", "related:previous"),
    concept="safety_bottom_line",
    cites=("flood-law",),
    unit="",
    message=Text(
        "蓄滞洪容积 {measure:.2f} 万立方米，比上一版规划的 {before:.2f} 万立方米减少 {lost:.2f} 万立方米",
        "flood storage is {measure:.2f} × 10⁴ m³, less than the {before:.2f} of the previous plan by {lost:.2f}",
    ),
    remedy=Text("恢复蓄滞洪区范围或者水深；确需调整的，等容积补偿并报批。", "Restore extent or depth; where they must change, replace the volume and have it approved."),
)  # fmt: skip
def flood_storage_kept(
    plan: Plan,
    *,
    kinds: Annotated[
        tuple[str, ...], Param("", Text("蓄滞洪区的灾种名称", "kinds that are detention areas"), assumed=True)
    ] = DETENTION,
) -> Iterator[Places]:
    """The volume of all flood detention areas, area × depth, where it is below that of the previous plan.

    Both must state the depth of each detention area; volumes are compared to 0.01 × 10⁴ m³.

    Fails: a detention area of 100 ha, 2 m deep, of which 80 ha are left.
    Passes: 80 ha that are 2.5 m deep now.
    """
    now, before = (_storage(each, kinds) for each in (plan, plan.related.get("previous")))
    yield total(plan, HAZARD, now, before, direction="min", before=before, lost=before - now)


def _storage(plan: Plan | None, kinds: tuple[str, ...]) -> float:
    """Storage of all detention areas in 10⁴ m³, to 0.01."""
    if plan is None or not plan.has(HAZARD, "kind", "depth_m"):
        raise NotRun("没有上一版规划，或者其蓄滞洪区没有水深", "no previous plan, or none that states depths")
    chosen = named(plan, HAZARD, "kind", kinds)
    volume = summed(drawn_m2(plan, HAZARD) * number(plan, HAZARD, "depth_m"), chosen)
    if not chosen.any() or np.isnan(volume):
        raise NotRun("没有蓄滞洪区，或者有的蓄滞洪区没有水深", "no detention areas, or some without a depth")
    return round(volume / 1e4, 2)
