"""Rules on what planning zones admit (规划分区用途准入). Ids start with ZN."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import BOUNDARY, CONSTRUCTION, FLEXIBLE, summed, text_codes, urban_construction
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, Param, Places, rule
from gis.rules.judge import numeric_width
from gis.rules.planned_use import (
    EXISTING_SHARE,
    URBAN_BUILDING,
    blank,
    existing,
    named,
    new_land,
    of_class,
    with_class,
    with_words,
)
from gis.rules.records import days
from gis.rules.urban_boundary import in_zone
from gis.rules.verbs import drawn_m2, ids, outside_of, overlaps, overlaps_of, rest, stated_m2, table, total, usable
from gis.rules.zones import ZONE, of_whole_area
from gis.standards import code_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.model.plan import Plan

MATRIX: Final = "zone_land_use_matrix"
PLAN: Final = "land_use_plan"


@rule(
    "ZN07",
    title=Text("规划用地与分区准入相符", "Planned land use fits the zone"),
    severity=Severity.WARNING,
    relation="legal×legal",
    needs=(f"{PLAN}.class_code", f"{ZONE}.zone_code"),
    concept="three_spaces",
    cites=("city-guide-2020",),
    unit="ha",
    message=Text("{layer} {feature}（{land_class}）有 {measure:.4f} 公顷位于{zone}，{said}", "{measure:.4f} ha of {layer} {feature} ({land_class}) lie in {zone}: {said}"),
    remedy=Text("调整规划用地或者规划分区；有条件准入的，写明依据。", "Change the planned use or the zone; where it is admitted on a condition, state how it is met."),
)  # fmt: skip
def planned_use_fits_zone(
    plan: Plan, *, existing_share: Annotated[float, Param("%", EXISTING_SHARE, assumed=True)] = 50.0
) -> Iterator[Places]:
    """The faces of new planned land in a zone that does not admit its class; what a zone admits on a condition is one note per zone.

    By the matrix of zones and classes, which is assumed. What stands there today is left out, and so are zones and classes
    that the matrix does not hold.

    Fails: a new 1001 block in an ecological control zone 200.
    Passes: a 1001 block in zone 414; a 0701 block in zone 200 that is 0701 today.
    """  # fmt: skip
    zone = _matrix_zone(plan)
    today = existing(plan, existing_share / 100)
    new = np.ones(len(plan[PLAN]), dtype=bool) if today is None else ~today
    for code in sorted(set(zone) - {""}):
        title = code_table("planning_zones")[code].name
        for admission, classes, condition in _admissions(code):
            where = new & of_class(plan, PLAN, *classes, but=_TOLD_BY_ZN03.get(code, ()))
            found = overlaps(plan, PLAN, ZONE, where=where, other_where=zone == code, zone=title)
            if admission == "forbidden":
                yield with_class(
                    plan, with_words(found, said=Text("该分区不允许此类用地", "the zone does not admit it"))
                )
            else:
                yield _gathered(plan, with_words(found, said=condition))


_TOLD_BY_ZN03: Final = {"430": ("09",)}
"""Conditional classes that have a rule of their own: a note without a witness cannot be told once with it."""


def _matrix_zone(plan: Plan) -> NDArray[np.str_]:
    """The row of the matrix that each zone falls under (411 under 410), "" where there is none.

    Where zones of the whole area and of the central urban area are given, the first are asked.
    """
    known = {each.extra["zone_code"] for each in code_table(MATRIX).values()}
    code = text_codes(plan[ZONE]["zone_code"]).fillna("")
    found = code.where(code.isin(known), code.str[:2] + "0")
    found = found.where(found.isin(known), code.str[:1] + "00")
    return np.where(of_whole_area(plan), found.where(found.isin(known), "").to_numpy(dtype="str"), "")


def _admissions(zone: str) -> Iterator[tuple[str, tuple[str, ...], Text]]:
    """What the matrix says of a zone: the classes that are forbidden, and those admitted on each condition."""
    table_ = pd.DataFrame([each.extra for each in code_table(MATRIX).values()])
    chosen = table_[(table_["zone_code"] == zone) & table_["admission"].ne("admitted")]
    for (admission, zh, en), some in chosen.groupby(["admission", "condition_zh", "condition"]):
        said = Text(f"有条件准入：{zh}", f"admitted on a condition: {en}")
        yield str(admission), tuple(some["class_code"]), said


def _gathered(plan: Plan, found: Places) -> Places:
    """All places as one note, without those that numbers alone explain: the features by name, the areas summed."""
    real = found.width > numeric_width(plan, found.layer, found.other_layer) if found.width is not None else ()
    chosen = np.flatnonzero(real)
    names = {name for n in chosen for name in found.features[n]}
    there = bool(len(chosen))
    words = {**found.words, "land_class": Text(f"共 {len(names)} 个地块", f"parcels in all: {len(names)}")}
    return Places(
        found.layer,
        (tuple(sorted(names)),) if there else (),
        np.array([None] if there else [], dtype=object),
        np.array([found.measure[chosen].sum()] if there else [], dtype=float),
        words=words,
        severity=Severity.NOTE,
    )


@rule(
    "ZN11",
    title=Text("城镇弹性发展区未经调整不得建设", "No building in the flexible zone before it is adjusted"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=(f"{BOUNDARY}.zone_code",),
    concept="three_spaces",
    cites=("city-guide-2020",),
    unit="ha",
    message=Text("{layer} {feature}（{what}）占用{other} {other_feature}（城镇弹性发展区）{measure:.4f} 公顷", "{layer} {feature} ({what}) takes {measure:.4f} ha of {other} {other_feature} (flexible zone)"),
    remedy=Text("先按程序将用地范围调整为城镇集中建设区，再办理用地手续。", "First turn the ground into concentrated zone by procedure, then apply for the land."),
)  # fmt: skip
def flexible_zone_waits(
    plan: Plan,
    *,
    building: Annotated[
        tuple[str, ...], Param("", Text("视为城镇建设的用途", "uses that are urban building"), assumed=True)
    ] = URBAN_BUILDING,
    lawful: Annotated[
        tuple[str, ...], Param("", Text("其中允许的村庄地类", "village classes among them that are lawful"))
    ] = ("0703", "0704"),
    since: Annotated[
        str,
        Param(
            "", Text("此日期（含）以后批准的用地参与检查", "land approved on or after this day is tested"), assumed=True
        ),
    ] = "2022-10-01",
) -> Iterator[Places]:
    """What building projects, and land approved since the boundary was drawn, take of the flexible zone (420).

    Ground that the maintenance of the boundary has changed is left out. A project without a use is a note; approved land
    without a date is undecided here.

    Fails: an approved 1001 site in zone 420.
    Passes: a road there; a site in a part of 420 that was adjusted.
    """  # fmt: skip
    flexible = in_zone(plan, FLEXIBLE)
    mask = usable(plan, BOUNDARY, flexible)
    if "maintenance_change" in plan and flexible.any():
        mask = rest(plan, BOUNDARY, usable(plan, "maintenance_change"), flexible)
    layers = [each for each in ("project", "land_case") if plan.has(each, "class_code")]
    if not layers:
        raise NotRun("建设项目和已批用地都没有用途", "neither projects nor approved land with their use")
    for layer in layers:
        where = of_class(plan, layer, *building, but=lawful)
        if layer == "land_case":
            where &= _approved_since(plan, since)
        yield overlaps_of(
            plan, layer, usable(plan, layer, where), BOUNDARY, mask, what=Text("未经调整", "not adjusted before")
        )
        if layer == "project":
            unknown = usable(plan, layer, blank(plan, layer, "class_code"))
            found = overlaps_of(plan, layer, unknown, BOUNDARY, mask, what=Text("用途未填", "use not stated"))
            yield with_words(found, Severity.NOTE)


def _approved_since(plan: Plan, since: str) -> NDArray[np.bool_]:
    """Which approved land was approved on or after a day; none where the day is not known."""
    return np.asarray(days(plan["land_case"], "approved_on") >= pd.Timestamp(since), dtype=bool)


@rule(
    "ZN13",
    title=Text("战略留白用地比例", "Share of reserved white land"),
    severity=Severity.NOTE,
    relation="none",
    needs=(f"{PLAN}.class_code",),
    concept="three_spaces",
    cites=("city-guide-2020", "speech"),
    unit="%",
    message=Text(
        "战略留白用地 {white_ha:.2f} 公顷，占规划建设用地的 {measure:.2f}%",
        "reserved white land is {white_ha:.2f} ha, {measure:.2f} % of the planned construction land",
    ),
    remedy=Text("没有统一的比例要求，列出供核对。", "There is no common threshold; it is listed for comparison."),
)
def reserved_white_land(
    plan: Plan,
    *,
    white: Annotated[tuple[str, ...], Param("", Text("留白用地的地类", "class of reserved white land"))] = ("16",),
) -> Iterator[Places]:
    """The share of reserved white land (16) of the planned construction land, for information; nothing where there is none.

    Fails: 5 ha of white land among 100 ha of construction land (a note).
    Passes: a plan without white land.
    """
    area = drawn_m2(plan, PLAN)
    kept, built = of_class(plan, PLAN, *white) & (area > 0), of_class(plan, PLAN, *CONSTRUCTION) & (area > 0)
    if kept.any():
        m2 = summed(area, kept)
        yield Places(
            PLAN, (tuple(sorted(ids(plan, PLAN)[kept])),), np.array([None], dtype=object), np.array([m2 / summed(area, built)]),
            words={"white_ha": m2 / 1e4},
        )  # fmt: skip


@rule(
    "ZN14",
    title=Text("村庄建设边界与机动指标", "Village building line and flexible quota"),
    severity=Severity.WARNING,
    relation="legal×legal",
    needs=(f"{PLAN}.class_code", "village.kind"),
    concept="town_and_country",
    cites=("village-2019-35",),
    unit="ha",
    message=Text("{layer} {feature}（{what}）：{measure:.4f} 公顷，{problem}", "{layer} {feature} ({what}): {measure:.4f} ha, {problem}"),
    remedy=Text("村庄建设用地安排在村庄建设边界内；确需使用机动指标的，控制在比例以内并落实到项目。", "Place village land inside the village building line; keep what uses the flexible quota within its share, by project."),
)  # fmt: skip
def village_land_in_line(
    plan: Plan,
    *,
    classes: Annotated[
        tuple[str, ...], Param("", Text("村庄建设的规划地类", "planned classes of village building"))
    ] = ("0703", "0704"),
    line: Annotated[
        tuple[str, ...],
        Param("", Text("村庄建设边界的类型（名称中含有）", "kinds that are building lines"), assumed=True),
    ] = ("建设边界",),
    flexible_most: Annotated[
        float, Param("%", Text("机动指标占村庄建设用地的上限", "most flexible quota of the village construction land"))
    ] = 5.0,
    existing_share: Annotated[float, Param("%", EXISTING_SHARE, assumed=True)] = 50.0,
) -> Iterator[Places]:
    """The faces of new planned homesteads and rural service outside the building lines, and a flexible quota used too far.

    The quota is that of the account whose kind says 村庄 and 机动, against the land with settlement code 203, 203A today.

    Fails: a new 0703 block outside the line; 6 ha of flexible quota used where villages have 100 ha.
    Passes: a village of today outside the line; 5 ha used.
    """  # fmt: skip
    lines = named(plan, "village", "kind", line)
    if not lines.any():
        raise NotRun("村庄图层中没有村庄建设边界", "no building line among the villages")
    new, _ = new_land(plan, of_class(plan, PLAN, *classes), existing_share)
    out = outside_of(plan, PLAN, usable(plan, "village", lines), other="village", where=new)
    out = with_class(plan, with_words(out, problem=Text("在村庄建设边界外", "outside the village building line")))
    yield replace(out, words={**out.words, "what": out.words["land_class"]})
    if "t_quota_account" in plan.tables and plan.has("land_use_current", "class_code", "settlement_code"):
        yield _flexible_quota(plan, flexible_most)


_SPARE: Final = 1e-6
"""What a change of CRS may move in a sum of areas."""


def _flexible_quota(plan: Plan, most: float) -> Places:
    """One place where the flexible quota that villages have used is above its share of the village construction land."""
    frame = table(plan, "t_quota_account", "kind", "used_ha")
    kind = text_codes(frame["kind"])
    chosen = (kind.str.contains("村庄") & kind.str.contains("机动")).fillna(False).to_numpy(dtype=bool)
    used = summed(frame["used_ha"].fillna(0.0), chosen) * 1e4
    area = stated_m2(plan, "land_use_current")
    village = urban_construction(plan["land_use_current"], ("203", "203A")) & np.isfinite(area)
    whole = summed(area, village)
    problem = Text(f"机动指标超过村庄建设用地 {whole / 1e4:.2f} 公顷的 {most:.0f}%", f"more than {most:.0f} % of the {whole / 1e4:.2f} ha of village construction land")  # fmt: skip
    over = whole > 0 and used > whole * most / 100 * (1 + _SPARE)
    found = total(plan, "village", used if over else 0.0, 0.0, direction="max", problem=problem)
    return with_words(found, what=Text("村庄机动指标", "flexible quota of villages"))
