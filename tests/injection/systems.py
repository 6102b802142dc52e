"""Faults in coordinate systems (CR) and in the totals of tables (DL): they concern a layer or a table as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pandas as pd

from gis.model.plan import Plan
from injection.board import Board, Cause

ASKED: Final = (
    "main_function", "urban_purple_line", "heritage_line", "township", "protected_area", "land_use_plan", "planning_zone",
)  # fmt: skip
"""Layers whose file may say of itself that it was in another system."""
OTHER_DATUM: Final = ("EPSG:4326", "EPSG:32650", "EPSG:32651", "EPSG:3857")
OTHER_ZONE: Final = ("EPSG:4547", "EPSG:4546")  # 114°E and 111°E: two and three zones away from 120°E
OTHER_NUMBERS: Final = ("EPSG:4490", "EPSG:4528")  # degrees; metres with the zone number 40
LAWFUL: Final = (
    "EPSG:4490",
    "EPSG:4528",
    "EPSG:4509",
)  # CGCS2000 in degrees; zone 40 with its number; 6° zone of 117°E


def _read_from(board: Board, systems: tuple[str, ...], *, moved: bool = True) -> str:
    """The layer that is said to come from a file in one of these systems; `moved`: its numbers are of that system too."""
    layer, system = board.pick(*ASKED), board.pick(*systems)
    board.claim("system", layer)
    frame = board[layer]
    bounds = tuple(float(each) for each in (frame.to_crs(system) if moved else frame).total_bounds)
    source = replace(board.plan.source(layer), crs=system, bounds=bounds)
    board.alter(lambda plan: plan.with_layer(layer, plan[layer].reset_index(drop=True), source))
    return str(layer)


def other_datum(board: Board) -> set[Cause]:
    return {("CR01", f"[{_read_from(board, OTHER_DATUM)}]")}


def other_zone(board: Board) -> set[Cause]:
    return {("CR02", f"[{_read_from(board, OTHER_ZONE)}]")}


def numbers_of_another_system(board: Board) -> set[Cause]:
    """Degrees, or eastings with a zone number, are declared; the numbers are metres without one."""
    return {("CR03", f"[{_read_from(board, OTHER_NUMBERS, moved=False)}]")}


def lawful_system(board: Board) -> set[Cause]:
    _read_from(board, LAWFUL)
    return set()


COLUMNS: Final = {
    "farmland_ha": "permanent_basic_farmland",
    "redline_ha": "ecological_redline",
}


SPARE_HA: Final = 120.0


def _table(board: Board) -> pd.DataFrame:
    """The table of control lines by county: what the layers state, less what other faults may take from them, to 0.01 ha."""
    county = board["county"]
    table = pd.DataFrame({"area_unit": list(county["area_name"])})
    for column, layer in COLUMNS.items():
        frame = board[layer]
        by = frame["area_m2"].groupby(frame["area_code"].astype("str").str[:6]).sum() / 1e4
        table[column] = [max(round(float(by.get(str(code), 0.0)) - SPARE_HA, 2), 0.0) for code in county["area_code"]]
    return table


def figure_off(board: Board) -> set[Cause]:
    """A task that the layers do not reach; a task that they surpass is no fault."""
    table = _table(board)
    row, column = int(board.rng.integers(len(table))), board.pick(*COLUMNS)
    name = str(table["area_unit"].iloc[row])
    board.claim("figure", f"{name}/{column}")
    off = SPARE_HA + board.pick(150.0, 900.0)

    def change(plan: Plan) -> Plan:
        given = plan.tables.get("t_control_line_task", table).copy()
        given.loc[row, column] = round(given.loc[row, column] + off, 2)
        return replace(plan, tables={**plan.tables, "t_control_line_task": given})

    board.alter(change)
    return {("DL04", f"{name}/{column}")}


SYSTEMS: Final = (other_datum, other_zone, numbers_of_another_system, lawful_system)
DELIVERY: Final = (figure_off,)
