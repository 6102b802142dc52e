"""Rules on the figures of a delivery: tables against layers, text against tables, counties against the city. Ids start with DL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.area_units import AreaUnits, area_units
from gis.analysis.land_accounts import CONSTRUCTION, URBAN, text_codes
from gis.analysis.plan_totals import TOTALS, Readings, Total, by_class, total_named
from gis.analysis.printed import Figure, figures
from gis.analysis.table_rows import is_numeric, lower_units, row_names, row_units, rows_for
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, Param, Places, rule
from gis.rules.verbs import drawn_m2
from gis.standards import code_table
from gis.units import UNITS

if TYPE_CHECKING:
    from gis.model.plan import Plan

_FIGURES: Final[dict[str, Any]] = {"relation": "none", "concept": "territorial_plan", "cites": ("qc-practice",)}
_TASKS: Final = {
    "farmland_ha": "permanent_basic_farmland_area",
    "redline_ha": "ecological_redline_area",
    "boundary_ha": "urban_boundary_area",
}
"""Columns of the control-line tasks, and the totals that bear them out."""
_ALL_LAND: Final = ("合计", "总计", "总面积", "土地总面积", "国土总面积")
_GROUPS: Final = {"建设用地": CONSTRUCTION, "建设用地合计": CONSTRUCTION, **dict.fromkeys(_ALL_LAND, ("",))}
"""Rows of a table of land use that stand for several classes."""
_COVERS: Final = 0.999
"""The share of the ground from which on planned land use counts as drawn for the whole plan."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One printed figure: in which table, what for, and the values in m² that would bear it out."""

    table: str
    feature: str
    figure: Figure
    readings: tuple[float, ...]
    floor: bool = False
    doubtful: bool = False

    @property
    def agrees(self) -> bool:
        """Whether one of the values is printed as this figure, or keeps below it where it is printed as a ceiling (≤)."""
        below = self.figure.bound == "<=" and not self.floor and self.readings[0] <= self.figure.base
        return below or any(self.figure.says(each) for each in self.readings)

    @property
    def surplus(self) -> bool:
        """Whether the layers merely surpass a task, or what is printed as a floor (≥)."""
        floor = self.figure.bound == ">=" or (self.floor and self.figure.bound != "<=")
        return floor and self.readings[0] > self.figure.base


@rule(
    "DL04",
    title=Text("图数一致", "Tables agree with layers"),
    severity=Severity.ERROR,
    **_FIGURES,
    needs=(),
    unit="ha",
    message=Text(
        "{layer} {feature} 填写 {written}，按图层为 {found}",
        "{layer}, {feature}: {written} is printed, the layers give {found}",
    ),
    remedy=Text(
        "以数据库为准重算附表；图层有误的先改图层，再统一更新附表、文本和说明。",
        "Compute the table again from the database; mend the layer first if it is at fault, then update tables and text together.",
    ),
)
def tables_agree_with_layers(
    plan: Plan,
    *,
    base_year: Annotated[int, Param("", Text("规划基期年", "base year of the plan"), assumed=True)] = 2020,
) -> Iterator[Places]:
    """The figures of the indicator, land-use and control-line tables that the layers do not give, rounded as they are printed.

    A figure agrees if stated or official areas give it. Layers that surpass a task are a note. Land use of another year than the
    base year cannot decide. Planned land use of the whole plan is compared where it is drawn for all its ground.

    Fails: a redline of 100 km² in the table and of 99 km² in the layer.
    Passes: 12.35 km² printed, 12.3461 km² drawn.
    """
    lines = [
        *_indicator_lines(plan, base_year),
        *_task_lines(plan),
        *_structure_lines(plan, base_year),
        *_central_lines(plan, base_year),
    ]
    if not lines:
        raise NotRun("没有可与图层比对的附表数据", "no table has figures that layers can bear out")
    wrong = [each for each in lines if not each.agrees]
    for table in dict.fromkeys(each.table for each in wrong):
        for surplus in (False, True):
            yield _places(table, [each for each in wrong if each.table == table and each.surplus == surplus], surplus)


def _places(table: str, lines: Sequence[_Line], surplus: bool) -> Places:
    off = np.array([each.figure.base - each.readings[0] for each in lines], dtype=float)
    doubt = np.where([each.doubtful for each in lines], np.abs(off), 0.0) if lines else off
    return Places(
        table,
        tuple((each.feature,) for each in lines),
        np.full(len(lines), None, dtype=object),
        off,
        doubt=doubt,
        words={
            "written": [each.figure.like(each.figure.base) for each in lines],
            "found": [each.figure.like(each.readings[0]) for each in lines],
        },
        severity=Severity.NOTE if surplus else None,
    )


def _indicator_lines(plan: Plan, base_year: int) -> Iterator[_Line]:
    frame = plan.tables.get("t_indicator")
    if frame is None or frame.empty:
        return
    units = lower_units(plan)
    at, totals, names = rows_for(plan, units, frame), _totals(frame), row_names(frame, "indicator_id")
    for column, state in (("base", "base"), ("target_2035", "plan")):
        if not is_numeric(frame, column):
            continue
        written = figures(frame, column, row_units(frame, "km2"), per_row=True)
        for total in TOTALS:
            rows = [n for n, each in enumerate(totals) if each is total and at[n] >= 0]
            rows = [n for n in rows if np.isfinite(written[n].value) and UNITS[written[n].unit].quantity == "area"]
            if total.state != state or not rows or not (layer := total.layer(plan)):
                continue
            readings = total.readings(plan, units)
            yield from (
                _Line(
                    "t_indicator",
                    f"{names[n]}/{column}",
                    written[n],
                    tuple(each[at[n]] for each in readings),
                    total.floor and state == "plan",
                    state == "base" and _other_year(plan, layer, base_year),
                )
                for n in rows
            )


def _task_lines(plan: Plan) -> Iterator[_Line]:
    frame = plan.tables.get("t_control_line_task")
    if frame is None or frame.empty:
        return
    units = lower_units(plan)
    at, names = rows_for(plan, units, frame), row_names(frame, "area_unit")
    for column, id_ in _TASKS.items():
        total = next(each for each in TOTALS if each.id == id_)
        if not is_numeric(frame, column) or not total.layer(plan):
            continue
        readings = total.readings(plan, units)
        for n, figure in enumerate(figures(frame, column, ["ha"] * len(frame))):
            if at[n] >= 0 and np.isfinite(figure.value):
                values = tuple(each[at[n]] for each in readings)
                yield _Line("t_control_line_task", f"{names[n]}/{column}", figure, values, total.floor)


def _structure_lines(plan: Plan, base_year: int) -> Iterator[_Line]:
    frame = plan.tables.get("t_land_use_structure")
    if frame is None or frame.empty:
        return
    units = lower_units(plan)
    layers = {"base_ha": "land_use_current"}
    if _covers_the_plan(plan, "land_use_plan"):
        layers["plan_ha"] = "land_use_plan"
    yield from _class_lines(plan, units, "t_land_use_structure", rows_for(plan, units, frame), layers, base_year)


def _central_lines(plan: Plan, base_year: int) -> Iterator[_Line]:
    frame = plan.tables.get("t_central_land_use")
    if frame is None or frame.empty or "central_district" not in plan or len(plan["central_district"]) != 1:
        return
    units = area_units(plan, "central_district")
    layers = {"base_ha": "land_use_current", "plan_ha": "land_use_plan"}
    yield from _class_lines(plan, units, "t_central_land_use", np.ones(len(frame), np.int64), layers, base_year)


def _class_lines(
    plan: Plan, units: AreaUnits, table: str, at: Any, layers: dict[str, str], base_year: int
) -> Iterator[_Line]:
    """The figures by land-use class of a table; those of the central urban area may count urban land only."""
    frame = plan.tables[table]
    names = row_names(frame, "class_code")
    for column, layer in layers.items():
        if not is_numeric(frame, column) or not plan.has(layer, "class_code") or plan[layer]["class_code"].isna().all():
            continue
        known: dict[tuple[str, ...], Readings] = {}
        for n, figure in enumerate(figures(frame, column, ["ha"] * len(frame))):
            prefixes = _prefixes(frame, n)
            if at[n] < 0 or not prefixes or not np.isfinite(figure.value):
                continue
            if prefixes not in known:
                known[prefixes] = _class_readings(plan, units, layer, prefixes, urban=table == "t_central_land_use")
            values = tuple(each[at[n]] for each in known[prefixes])
            yield _Line(
                table, f"{names[n]}/{column}", figure, values,
                doubtful=column == "base_ha" and _other_year(plan, layer, base_year),
            )  # fmt: skip


def _class_readings(plan: Plan, units: AreaUnits, layer: str, prefixes: tuple[str, ...], *, urban: bool) -> Readings:
    readings = by_class(plan, units, layer, prefixes)
    if urban and plan.has(layer, "settlement_code"):
        among = text_codes(plan[layer]["settlement_code"]).isin(URBAN).to_numpy()
        readings = (*readings, *by_class(plan, units, layer, prefixes, among))
    return readings


def _prefixes(frame: pd.DataFrame, row: int) -> tuple[str, ...]:
    """The classes that a row of a table of land use stands for, by code or by name; none where that is not clear."""
    said = [str(frame[each].iloc[row]) for each in ("class_code", "class_name") if each in frame]
    said = [re.sub(r"\s|^其中[:：]?", "", each) for each in said]
    if said and re.fullmatch(r"\d{2}(\d{2}){0,2}", said[0]):
        return (said[0],)
    classes = _GROUPS | {each.name.zh: (code,) for code, each in code_table("land_use_classes").items()}
    return next((classes[each] for each in said if each in classes), ())


def _covers_the_plan(plan: Plan, layer: str) -> bool:
    ground = next((each for each in ("municipality", "county") if each in plan and len(plan[each])), "")
    if not ground or layer not in plan:
        return False
    return float(np.nansum(drawn_m2(plan, layer))) >= _COVERS * float(np.nansum(drawn_m2(plan, ground))) > 0


def _other_year(plan: Plan, layer: str, base_year: int) -> bool:
    day = plan.source(layer).as_of
    return bool(day) and day[:4] != str(base_year)


def _totals(frame: pd.DataFrame) -> list[Total | None]:
    columns = [frame[each].astype("str").fillna("") for each in ("indicator_id", "name") if each in frame]
    return [total_named(*each) for each in zip(*columns, strict=True)] if columns else [None] * len(frame)
