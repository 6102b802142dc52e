"""Rules on detailed plans (详细规划：单元、地块、风貌). Ids start with CD."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import coded, text_codes
from gis.analysis.quantities import number
from gis.i18n import Text
from gis.model.finding import Severity
from gis.model.layers import LAYERS
from gis.rules.base import Param, rule
from gis.rules.planned_use import blank
from gis.rules.verbs import located_in, outside_of, rows, stated_m2, usable
from gis.standards import code_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan
    from gis.rules.base import Places

UNIT: Final = "plan_unit"
CONTROLS: Final = ("class_code", "plot_ratio", "density", "green_ratio", "height_m")
GUIDES: Final = ("height_guide", "colour_guide", "skyline_guide")


@rule(
    "CD16",
    title=Text("详细规划单元覆盖城镇开发边界", "Detailed plan units cover the urban development boundary"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=(UNIT, "urban_development_boundary"),
    concept="central_area",
    cites=("detail-db",),
    unit="ha",
    message=Text(
        "{layer} {feature} 有 {measure:.4f} 公顷没有详细规划单元",
        "{measure:.4f} ha of {layer} {feature} have no detailed plan unit",
    ),
    remedy=Text("补划详细规划单元，与城镇开发边界衔接。", "Add units, so that they meet the boundary."),
)
def units_cover_boundary(plan: Plan) -> Iterator[Places]:
    """The faces of the boundary that no unit covers. Units that overlap are told by the topology rules.

    Fails: a boundary of which 10 ha have no unit.
    Passes: units that fill the boundary and reach beyond it.
    """
    yield outside_of(plan, "urban_development_boundary", usable(plan, UNIT), other=UNIT)


@rule(
    "CD17",
    title=Text("强制性配套设施落地", "Required facilities have a plot"),
    severity=Severity.WARNING,
    relation="none",
    needs=(f"{UNIT}.required_facilities", "plot.class_code"),
    concept="central_area",
    cites=("detail-db", "td1062"),
    unit="",
    message=Text(
        "{layer} {feature} 要求的配套设施没有落到地块：{lacking}",
        "facilities required in {layer} {feature} have no plot: {lacking}",
    ),
    remedy=Text("在单元内落实配套设施地块，或者在地块的配套设施中写明。", "Give each facility a plot in the unit, or name it among the facilities of a plot."),
)  # fmt: skip
def required_facilities_have_plots(plan: Plan) -> Iterator[Places]:
    """The units in which a required facility is neither among the facilities of a plot nor the name of a plot's class.

    Facilities are compared by name; a plot belongs to the unit it names, or else to that in which it lies.

    Fails: a unit that requires a 小学, without a plot that has one.
    Passes: a unit that requires a 公园绿地, with a plot 1401.
    """
    have = _offered(plan)
    required = text_codes(plan[UNIT]["required_facilities"]).fillna("")
    lacking = []
    for id_, said in zip(plan[UNIT].index.astype("str"), required, strict=True):
        wanted = [each for each in _SEPARATORS.split(said) if each.strip()]
        offered = have.get(id_, "")
        lacking.append("、".join(each.strip() for each in wanted if each.strip() not in offered))
    names = np.array(lacking, dtype=object)
    yield rows(plan, UNIT, names != "", lacking=names)


_SEPARATORS: Final = re.compile(r"[、,，;；/\n]")


def _offered(plan: Plan) -> dict[str, str]:
    """Per unit what its plots offer, as one text: the facilities they name, and the names of their classes."""
    table = code_table("land_use_classes")
    plots = plan["plot"]
    title = text_codes(plots["class_code"]).map({code: each.name.zh for code, each in table.items()}).fillna("")
    offer = title + "、" + (text_codes(plots["facilities"]).fillna("") if "facilities" in plots else "")
    unit = pd.Series(located_in(plan, "plot", UNIT), index=plots.index)
    if plan.has(UNIT, "unit_id") and "unit_id" in plots:
        named = text_codes(plan[UNIT]["unit_id"])
        known = dict(zip(named[named.notna()], plan[UNIT].index.astype("str")[named.notna()], strict=True))
        unit = text_codes(plots["unit_id"]).map(known).astype(object).where(lambda each: each.notna(), unit)
    return {str(id_): "、".join(some) for id_, some in offer.groupby(unit)}


@rule(
    "CD18",
    title=Text("地块规划条件齐全", "Plot controls are complete"),
    severity=Severity.ERROR,
    relation="none",
    needs=tuple(f"plot.{each}" for each in CONTROLS),
    concept="central_area",
    cites=("detail-db",),
    unit="m2",
    message=Text("{layer} {feature} 规划条件须补正：{problem}", "the controls of {layer} {feature} are to be mended: {problem}"),
    remedy=Text("补全地块规划条件，核对容积率与建筑面积。", "Complete the controls, and compare plot ratio and floor area."),
)  # fmt: skip
def plot_controls_complete(
    plan: Plan,
    *,
    building: Annotated[
        tuple[str, ...], Param("", Text("须有规划条件的用地", "classes that need controls"), assumed=True)
    ] = ("07", "08", "09", "10", "11"),
    tolerance: Annotated[
        float, Param("%", Text("建筑面积允许的偏差", "how far the floor area may be off"), assumed=True)
    ] = 1.0,
) -> Iterator[Places]:
    """The building plots without a plot ratio, density, green ratio or height, and those whose floor area is not ratio × area.

    0 is a value. A plot without a class needs one; roads, green space and water need no further controls.

    Fails: a 0701 plot without a height; 30 000 m² of floor on 10 000 m² with a ratio of 2.
    Passes: a park 1401 without a plot ratio; a plot with a green ratio of 0.
    """
    frame = plan["plot"]
    needs = coded(frame["class_code"], building)
    missing = [blank(plan, "plot", "class_code")]
    missing += [needs & np.isnan(number(plan, "plot", each)) for each in CONTROLS[1:]]
    ratio, area, floor = (
        number(plan, "plot", "plot_ratio"),
        stated_m2(plan, "plot", "area_m2"),
        number(plan, "plot", "floor_area_m2"),
    )
    off = np.abs(ratio * area - floor)
    wrong = needs & (off > np.maximum(1.0, ratio * area * tolerance / 100))
    bad = np.any(missing, axis=0) | wrong
    labels = [LAYERS["plot"].fields[each].label for each in CONTROLS]
    said = []
    for n in np.flatnonzero(bad):
        named = [label for label, lacks in zip(labels, missing, strict=True) if lacks[n]]
        zh = [f"缺{each.zh}" for each in named] + (
            [f"容积率乘以面积与建筑面积相差 {off[n]:.0f} 平方米"] if wrong[n] else []
        )
        en = [f"no {each.en}" for each in named] + (
            [f"ratio × area and floor area differ by {off[n]:.0f} m²"] if wrong[n] else []
        )
        said.append(Text("、".join(zh), ", ".join(en)))
    problem = np.full(len(frame), None, dtype=object)
    problem[bad] = said
    yield rows(plan, "plot", bad, measure=np.where(wrong, off, np.nan), problem=problem)  # fmt: skip


@rule(
    "CD30",
    title=Text("风貌区有高度、色彩、天际线引导", "Character zones have height, colour and skyline guidance"),
    severity=Severity.NOTE,
    relation="none",
    needs=tuple(f"character_zone.{each}" for each in GUIDES),
    concept="heritage",
    cites=("speech",),
    unit="",
    message=Text("{layer} {feature} 缺少引导：{lacking}", "{layer} {feature} lacks guidance: {lacking}"),
    remedy=Text("补充高度、色彩和天际线的引导要求。", "Add guidance on height, colour and skyline."),
)
def character_zones_guide(plan: Plan) -> Iterator[Places]:
    """The character zones that lack guidance on height, colour or skyline; view corridors are left out.

    Fails: a zone without colour guidance.
    Passes: a zone with all three; a view corridor with its view point.
    """
    empty = [blank(plan, "character_zone", each) for each in GUIDES]
    bad = np.any(empty, axis=0) & blank(plan, "character_zone", "view_from") & blank(plan, "character_zone", "view_to")
    labels = [LAYERS["character_zone"].fields[each].label for each in GUIDES]
    lacking = np.full(len(bad), None, dtype=object)
    for n in np.flatnonzero(bad):
        named = [label for label, lacks in zip(labels, empty, strict=True) if lacks[n]]
        lacking[n] = Text("、".join(each.zh for each in named), ", ".join(each.en for each in named))
    yield rows(plan, "character_zone", bad, lacking=lacking)
