"""Rules on permanent basic farmland (永久基本农田) and cultivated land. Ids start with FP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import coded, summed, text_codes
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import Param, rule
from gis.rules.verbs import overlaps, rows, short_of_task, stated_m2, target_in_base

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan
    from gis.rules.base import Places

FARMLAND: Final = "permanent_basic_farmland"
CORE: Final = ("核心保护区",)
"""The part of a protected area where human activity is prohibited in principle. Source: redline-2022-142"""


@rule(
    "FP01",
    title=Text("永久基本农田划定时为耕地", "Permanent basic farmland was cultivated land at designation"),
    severity=Severity.ERROR,
    relation="none",
    needs=(f"{FARMLAND}.class_code",),
    concept="three_control_lines",
    cites=("lines-2022-practice",),
    unit="ha",
    message=Text(
        "{layer} {feature} 的地类编码为 {code}，不是耕地，面积 {measure:.4f} 公顷",
        "{layer} {feature} has land class {code}, which is not cultivated land; {measure:.4f} ha",
    ),
    remedy=Text(
        "核对划定成果中的地类；确属误划的，按永久基本农田调整程序处理，不得自行调出。",
        "Compare the class with the designation; a true error goes through the procedure for farmland, it is not taken out here.",
    ),
)
def farmland_was_cultivated(
    plan: Plan,
    *,
    cultivated: Annotated[tuple[str, ...], Param("", Text("耕地地类编码", "codes of cultivated land"))] = ("01",),
    within: Annotated[
        tuple[str, ...],
        Param(
            "", Text("图斑内允许的田坎、沟渠、农村道路", "ridges, ditches and tracks lawful in a block"), assumed=True
        ),
    ] = ("1006", "1107", "1203"),
    planting: Annotated[
        tuple[str, ...],
        Param(
            "", Text("视同耕地的种植属性（即可恢复、工程恢复）", "planting codes that count as cultivated (restorable)")
        ),
    ] = ("JKHF", "GCHF"),
) -> Iterator[Places]:
    """The blocks whose own record says another class than cultivated land; today's survey is not asked.

    Lawful: adjustable land (suffix K), land marked restorable at once or by works, ridges, ditches and tracks in a
    block. A block without a class is left to DQ.

    Fails: a block recorded as 0301 forest.
    Passes: 0103; 0201K; 0204 marked JKHF.
    """
    frame = plan[FARMLAND]
    code = text_codes(frame["class_code"])
    lawful = coded(code, (*cultivated, *within)) | code.str.endswith(("K", "k")).fillna(False).to_numpy(dtype=bool)
    if "planting_code" in frame:
        lawful = lawful | text_codes(frame["planting_code"]).isin(planting).to_numpy()
    yield rows(plan, FARMLAND, code.notna().to_numpy() & ~lawful, measure=stated_m2(plan, FARMLAND), code=code)


@rule(
    "FP02",
    title=Text("25度以上坡耕地不划入永久基本农田", "No cultivated land above 25° is permanent basic farmland"),
    severity=Severity.ERROR,
    relation="none",
    needs=(f"{FARMLAND}.slope_class", f"{FARMLAND}.cultivated_kind"),
    concept="three_control_lines",
    cites=("lines-2022-practice",),
    unit="ha",
    message=Text(
        "{layer} {feature} 坡度级别为 5 级（25度以上），{kind}，面积 {measure:.4f} 公顷",
        "{layer} {feature} has slope class 5 (above 25°), {kind}; {measure:.4f} ha",
    ),
    remedy=Text(
        "核对耕地坡度级别和耕地类型；非梯田的陡坡耕地不划入永久基本农田。",
        "Check slope class and kind of cultivated land; steep land that is not terraced is not permanent basic farmland.",
    ),
)
def no_steep_farmland(
    plan: Plan,
    *,
    steep: Annotated[str, Param("", Text("25度以上的坡度级别", "slope class above 25°"))] = "5",
    terrace: Annotated[str, Param("", Text("梯田的耕地类型代码", "code of terraced land"))] = "TT",
) -> Iterator[Places]:
    """The blocks recorded in slope class 5 that are not terraced; from the record, never from an elevation model.

    Where the record does not say whether it is terraced, it is a note.

    Fails: slope class 5 and PD.
    Passes: slope class 5 and TT; slope class 4.
    """
    frame, area = plan[FARMLAND], stated_m2(plan, FARMLAND)
    slope = text_codes(frame["slope_class"]).str.normalize("NFKC").str.removesuffix("级").replace(_ROMAN)
    is_steep = slope.eq(steep).fillna(False).to_numpy(dtype=bool)
    kind = text_codes(frame["cultivated_kind"])
    other = kind.notna().to_numpy() & kind.ne(terrace).fillna(False).to_numpy(dtype=bool)
    yield rows(plan, FARMLAND, is_steep & other, measure=area, kind=Text("不是梯田", "not terraced"))
    unknown = Text("未填耕地类型，不能判断是否梯田", "not said whether it is terraced")
    yield rows(plan, FARMLAND, is_steep & kind.isna().to_numpy(), measure=area, severity=Severity.NOTE, kind=unknown)


_ROMAN: Final = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5"}


@rule(
    "FP03",
    title=Text("永久基本农田不在自然保护地核心保护区", "Permanent basic farmland is not in the core zone of protected areas"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=(FARMLAND, "protected_area.zone"),
    concept="three_control_lines",
    cites=("lines-2022-practice",),
    unit="ha",
    message=Text(
        "{layer} {feature} 有 {measure:.4f} 公顷位于{other} {other_feature} 的核心保护区",
        "{measure:.4f} ha of {layer} {feature} lie in the core zone of {other} {other_feature}",
    ),
    remedy=Text("核对两条线的现行有效版本；核心保护区内的耕地有序退出并按规定补划。", "Compare both lines with the version in force; farmland in the core zone leaves in order and is re-designated."),
)  # fmt: skip
def farmland_not_in_core(
    plan: Plan,
    *,
    core: Annotated[tuple[str, ...], Param("", Text("核心保护区的分区名称", "names of the core zone"))] = CORE,
) -> Iterator[Places]:
    """The faces of permanent basic farmland inside the core zone of natural protected areas.

    Fails: a block drawn 100 m into a core zone.
    Passes: a block in the general-control zone.
    """
    yield overlaps(plan, FARMLAND, "protected_area", other_where=in_core(plan, core))


def in_core(plan: Plan, core: tuple[str, ...]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which protected areas are a core zone, with or without what they are the core of (自然保护区核心保护区)."""
    zone = text_codes(plan["protected_area"]["zone"]).fillna("")
    return (zone.str.endswith(core) & ~zone.str.startswith("非")).to_numpy(dtype=bool)


@rule(
    "FP04",
    title=Text("永久基本农田保护面积不低于任务", "Permanent basic farmland is at least the assigned task"),
    severity=Severity.ERROR,
    relation="none",
    needs=(f"{FARMLAND}.area_m2", "target:permanent_basic_farmland_area"),
    concept="three_control_lines",
    cites=("three-lines-2019",),
    unit="km2",
    message=Text(
        "永久基本农田面积合计 {measure:.4f} 平方千米，低于任务 {task_km2:.4f} 平方千米，缺 {short_ha:.2f} 公顷",
        "permanent basic farmland adds up to {measure:.4f} km², below the task of {task_km2:.4f} km² by {short_ha:.2f} ha",
    ),
    remedy=Text("核对任务数和净面积口径（扣除田坎）；不足的，从稳定利用耕地中补划。", "Check the task and the net area (without ridges); a gap is filled from stable cultivated land."),
)  # fmt: skip
def farmland_reaches_task(plan: Plan) -> Iterator[Places]:
    """The net stated area of all blocks where it is below the task; a target without a unit is in km².

    Fails: 90 ha of blocks against a task of 1 km².
    Passes: blocks that state exactly the task.
    """
    task = target_in_base(plan, "permanent_basic_farmland_area", "km2")
    yield short_of_task(plan, FARMLAND, summed(stated_m2(plan, FARMLAND), _known(stated_m2(plan, FARMLAND))), task)


@rule(
    "FP05",
    title=Text("不稳定利用耕地不划入永久基本农田", "Unstable cultivated land is not permanent basic farmland"),
    severity=Severity.WARNING,
    relation="none",
    needs=(f"{FARMLAND}.refinement_code",),
    concept="three_control_lines",
    cites=("lines-2022-practice",),
    unit="ha",
    message=Text(
        "{layer} {feature} 的图斑细化代码为 {code}（{name}），面积 {measure:.4f} 公顷",
        "{layer} {feature} has the refinement code {code} ({name}); {measure:.4f} ha",
    ),
    remedy=Text("补充长期稳定利用认定材料；不能认定的，按程序调整。", "Add the proof that it is stable; without it, adjust it by procedure."),
)  # fmt: skip
def farmland_is_stable(
    plan: Plan,
    *,
    codes: Annotated[
        tuple[str, ...],
        Param("", Text("不稳定利用耕地的细化代码", "refinement codes of unstable cultivated land"), assumed=True),
    ] = ("HDGD", "HQGD", "LQGD", "MQGD", "SHGD", "SMGD", "HHGD"),
    stable: Annotated[
        str, Param("", Text("已认定为稳定利用耕地的取值", "value of land accepted as stable"), assumed=True)
    ] = "1",
) -> Iterator[Places]:
    """The blocks whose record marks them as unstable: in rivers, lakes, forest, pasture, sand or karst.

    Passed where the block is accepted as stable (WDGD 1).

    Fails: a block marked HDGD.
    Passes: a block marked LQGD and accepted as stable.
    """
    frame = plan[FARMLAND]
    code = text_codes(frame["refinement_code"])
    bad = code.isin(codes).to_numpy()
    if "stable" in frame:
        bad = bad & ~text_codes(frame["stable"]).eq(stable).fillna(False).to_numpy(dtype=bool)
    names = code.map(dict.fromkeys(codes, Text("—", "—")) | _UNSTABLE)
    yield rows(plan, FARMLAND, bad, measure=stated_m2(plan, FARMLAND), code=code, name=names)


_UNSTABLE: Final = {
    "HDGD": Text("河道耕地", "in a river"),
    "HQGD": Text("湖区耕地", "in a lake area"),
    "LQGD": Text("林区耕地", "in a forest area"),
    "MQGD": Text("牧区耕地", "in a pasture area"),
    "SHGD": Text("沙荒耕地", "in sandy waste"),
    "HHGD": Text("沙荒耕地", "in sandy waste"),
    "SMGD": Text("石漠化耕地", "in karst desert"),
}


@rule(
    "FP06",
    title=Text("耕地保有量不低于目标", "Cultivated land is at least the target"),
    severity=Severity.ERROR,
    relation="none",
    needs=("survey_parcel.class_code", "target:cultivated_land_area"),
    concept="three_control_lines",
    cites=("state-council-replies",),
    unit="km2",
    message=Text(
        "耕地面积合计 {measure:.4f} 平方千米，低于耕地保有量 {task_km2:.4f} 平方千米，缺 {short_ha:.2f} 公顷",
        "cultivated land adds up to {measure:.4f} km², below the target of {task_km2:.4f} km² by {short_ha:.2f} ha",
    ),
    remedy=Text("核对调查年份和地类面积口径；不足的，安排耕地恢复和补充。", "Check the survey year and the net area; a gap is filled by restoring or adding cultivated land."),
)  # fmt: skip
def cultivated_land_reaches_target(plan: Plan) -> Iterator[Places]:
    """The net area of cultivated parcels (01) where it is below the target; a target without a unit is in km².

    Net is the stated class area (图斑地类面积); where it is missing, the parcel's area less what is deducted.

    Fails: 80 ha of 0101 against a target of 1 km².
    Passes: 0101 and 0103 that make 1 km² together.
    """
    frame = plan["survey_parcel"]
    net = _number(frame, "net_area_m2")
    deducted = np.nan_to_num(_number(frame, "deducted_area_m2"))
    net = np.where(np.isnan(net), stated_m2(plan, "survey_parcel") - deducted, net)
    task = target_in_base(plan, "cultivated_land_area", "km2")
    yield short_of_task(plan, "survey_parcel", summed(net, coded(frame["class_code"], ("01",)) & _known(net)), task)


def _number(frame: pd.DataFrame, name: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A column of numbers; NaN where it is missing."""
    if name not in frame:
        return np.full(len(frame), np.nan)
    return pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float)


def _known(area: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which areas are known: a feature without area and geometry is a fault of its own and adds nothing."""
    return np.isfinite(area)
