"""Rules on the functions that leave the core of the city (功能疏解与腾退). Ids start with CD."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import coded, summed, text_codes
from gis.analysis.quantities import number
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, Param, rule
from gis.rules.planned_use import blank, of_class
from gis.rules.verbs import covered_share, drawn_m2, located_in, rows, total, usable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan
    from gis.rules.base import Places

BOUNDARY: Final = "urban_development_boundary"
RECEIVING: Final = ("cluster", "county_town", "featured_town", "settlement", "park")
"""Layers of places by name that may receive what is relocated."""


@rule(
    "CD10",
    title=Text("疏解事项有承接地", "Relocated items have a receiving site"),
    severity=Severity.WARNING,
    relation="none",
    needs=("relocation.what", "relocation.to_place", BOUNDARY),
    concept="functional_relocation",
    cites=("speech",),
    unit="",
    message=Text("疏解事项 {feature}（{what}）{problem}", "relocated item {feature} ({what}) {problem}"),
    remedy=Text("为疏解事项落实城镇开发边界内的承接地。", "Give the item a receiving site inside the urban development boundary."),
)  # fmt: skip
def relocated_items_arrive(plan: Plan) -> Iterator[Places]:
    """The relocated items that name no receiving site, or one that lies outside the boundary.

    A site is looked up by its name among clusters, towns and parks; one that is not found there is undecided. The time
    of travel from the old site is not judged here.

    Fails: a wholesale market without a receiving site; one that goes to a park outside the boundary.
    Passes: a hospital that goes to a cluster inside the boundary.
    """
    what = text_codes(plan["relocation"]["what"]).fillna("—")
    lacking = blank(plan, "relocation", "to_place")
    yield rows(plan, "relocation", lacking, what=what, problem=Text("没有承接地", "names no receiving site"))
    to = text_codes(plan["relocation"]["to_place"])
    inside, outside = _places(plan)
    astray = ~lacking & to.isin(outside - inside).to_numpy(dtype=bool)
    problem = [Text(f"的承接地{each}不在城镇开发边界内", f"goes to {each}, outside the boundary") for each in to]
    yield rows(plan, "relocation", astray, what=what, problem=problem)


def _places(plan: Plan) -> tuple[set[str], set[str]]:
    """The names of the places that may receive, inside and outside the boundary."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for layer in RECEIVING:
        if plan.has(layer, "name") and len(plan[layer]):
            names = text_codes(plan[layer]["name"])
            out = pd.isna(located_in(plan, layer, BOUNDARY))
            placed = ~plan[layer].geometry.isna().to_numpy()
            for is_in, chosen in ((True, ~out & placed), (False, out & placed)):
                found[is_in] |= set(names[chosen].dropna())
    return found[True], found[False]


@rule(
    "CD11",
    title=Text("核心区工业、物流、批发市场用地不增加", "Industry, logistics and wholesale land in the core does not grow"),
    severity=Severity.WARNING,
    relation="none",
    needs=("core_area", "land_use_current.class_code", "land_use_plan.class_code"),
    concept="functional_relocation",
    cites=("speech",),
    unit="ha",
    message=Text(
        "核心区规划二、三类工业、物流仓储和批发市场用地 {measure:.4f} 公顷，比现状 {now_ha:.4f} 公顷增加 {more_ha:.4f} 公顷",
        "{measure:.4f} ha of class 2 and 3 industry, storage and wholesale are planned in the core area, {more_ha:.4f} ha more than the {now_ha:.4f} ha of today",
    ),
    remedy=Text("调减核心区的此类用地，安排到外围园区。", "Reduce such land in the core, and place it in parks outside."),
)  # fmt: skip
def core_sheds_industry(
    plan: Plan,
    *,
    classes: Annotated[tuple[str, ...], Param("", Text("不增加的地类", "classes that must not grow"), assumed=True)] = (
        "100102",
        "100103",
        "1101",
        "090102",
    ),
) -> Iterator[Places]:
    """The planned area of such land in the core areas, where it is larger than today's.

    Data that do not tell these classes apart (1001 or 0901 without a third level) decide nothing: the rule does not run.

    Fails: 5 ha of storage planned where there are 3 ha today.
    Passes: storage that is halved; industry of class 1, which does not disturb.
    """
    core = usable(plan, "core_area")
    now, planned = (_held_m2(plan, layer, core, classes) for layer in ("land_use_current", "land_use_plan"))
    yield total(
        plan, "core_area", planned, now, direction="max", now_ha=now / 1e4, more_ha=(planned - now) / 1e4
    )  # fmt: skip


def _held_m2(
    plan: Plan, layer: str, core: np.ndarray[tuple[int], np.dtype[np.object_]], classes: tuple[str, ...]
) -> float:
    """Area of land of these classes inside the core areas, to 1 m².

    Raises: NotRun where land there has a code too short to tell.
    """
    code = text_codes(plan[layer]["class_code"])
    short = {each[:n] for each in classes for n in (2, 4) if n < len(each)}
    asked = coded(code, classes) | code.isin(short).to_numpy(dtype=bool)
    area = np.nan_to_num(drawn_m2(plan, layer) * covered_share(plan, layer, core, asked))
    if area[code.isin(short).to_numpy(dtype=bool)].sum() > 1.0:
        raise NotRun(
            "核心区内的工业或商业用地没有分到三级类", "industry or commerce in the core has no third-level class"
        )
    return round(summed(area, coded(code, classes)), 0)


@rule(
    "CD12",
    title=Text(
        "腾退用地优先用于公共服务、绿地和道路", "Freed land goes first to public service, green space and streets"
    ),
    severity=Severity.NOTE,
    relation="none",
    needs=("relocation.area_ha", "land_use_plan.class_code"),
    concept="functional_relocation",
    cites=("speech",),
    unit="%",
    message=Text(
        "腾退用地 {freed_ha:.2f} 公顷中，规划为公共服务、绿地和道路的占 {measure:.2f}%，低于 {least:.0f}%",
        "of {freed_ha:.2f} ha of freed land {measure:.2f} % are planned as public service, green space and streets, below {least:.0f} %",
    ),
    remedy=Text(
        "优先补足公共服务、绿地和道路短板。", "First fill the gaps in public service, green space and streets."
    ),
)
def freed_land_serves(
    plan: Plan,
    *,
    least: Annotated[float, Param("%", Text("最低占比", "least share"), assumed=True)] = 50.0,
    classes: Annotated[
        tuple[str, ...], Param("", Text("优先的规划地类", "planned classes that come first"), assumed=True)
    ] = ("08", "14", "1207"),
) -> Iterator[Places]:
    """The share of the freed land whose planned parcel is public service, green space or street, where it is too small.

    The planned parcel is that in which the point of the item lies; items in none, or without an area, are left out. Where the
    plan has core areas only items in them count.

    Fails: 1 ha of 4 ha that becomes a park.
    Passes: 2 ha of 4 ha.
    """  # fmt: skip
    parcel = located_in(plan, "relocation", "land_use_plan")
    area = number(plan, "relocation", "area_ha")
    counted = ~pd.isna(parcel) & (area > 0)
    if "core_area" in plan and len(plan["core_area"]):
        counted &= ~pd.isna(located_in(plan, "relocation", "core_area"))
    if not counted.any():
        raise NotRun("没有可计算的腾退用地", "no freed land that can be counted")
    first = plan["land_use_plan"].index.astype("str")[of_class(plan, "land_use_plan", *classes)]
    freed = summed(area, counted)
    share = summed(area, counted & np.isin(parcel.astype("str"), first)) / freed
    yield total(plan, "relocation", share, least / 100, direction="min", least=least, freed_ha=freed)
