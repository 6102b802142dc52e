"""Faults in the yearly maintenance of an approved plan, and against the version in force (UB, FP, ER, CL), and near misses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import shapely

from gis.model.plan import Plan
from injection.board import Board, Cause
from injection.building import BOUNDARY, _county, _needs, _wild
from injection.equipment import called


def _maintained(board: Board, square: Any, **said: Any) -> str:
    _needs(board, "maintenance_change")
    plain = {"change_kind": "2", "reason": "勘误", "counted_as": "不计入", "subject": "城镇开发边界"}
    said = {"change_id": called(board, "W"), "area_code": _county(board, square), **plain, **said}
    return board.add("maintenance_change", square, **said)


def change_without_account(board: Board) -> set[Cause]:
    _needs(board, "maintenance_change")
    said, wrong = board.pick(({}, True), ({"subject": "规划分区"}, False), ({"counted_as": "计入"}, False))
    id_ = _maintained(board, _wild(board, board.size(10, 100)), **{"counted_as": "", **said})
    return {("UB06", id_)} if wrong else set()


def kind_of_change(board: Board) -> set[Cause]:
    _needs(board, "maintenance_change")
    subject, kind, wrong = board.pick(
        ("规划分区", "1", True), ("历史文化保护线", "2", True), ("规划分区", "2", False), ("历史文化保护线", "1", False)
    )
    id_ = _maintained(board, _wild(board, board.size(10, 100)), subject=subject, change_kind=kind)
    return {("UB10", id_)} if wrong else set()


def farmland_adjusted(board: Board) -> set[Cause]:
    """A piece moved in, with or without its reason; what is asked for is empty too."""
    _needs(board, "maintenance_change")
    reason = board.pick("", "零星图斑整合")
    id_ = _maintained(board, _wild(board, board.size(10, 60)), subject="永久基本农田", change_kind="1", reason=reason)
    return set() if reason else {("FP09", id_), ("DQ02", id_)}


def more_farmland_moved_out(board: Board) -> set[Cause]:
    board.claim("balance", "farmland")
    _needs(board, "maintenance_change")
    _maintained(board, _wild(board, 400.0), subject="永久基本农田", change_kind="3", reason="零星图斑整合")
    return {("FP09", "[maintenance_change]")}


def _locked(board: Board, change: Any) -> None:
    """The version in force is the plan with its faults, but for this change; farmland is not compared."""

    def lock(plan: Plan) -> Plan:
        before = plan.related.get("locked", replace(plan, related={}).without_layer("permanent_basic_farmland"))
        return replace(plan, related={**plan.related, "locked": change(before)})

    board.alter(lock)


def _redrawn(layer: str, id_: str, shape: Any) -> Any:
    def change(plan: Plan) -> Plan:
        frame = plan[layer].copy()
        frame.loc[id_, "geometry"] = shape
        return plan.with_layer(layer, frame.reset_index(drop=True), plan.source(layer))

    return change


def line_differs_from_the_locked(board: Board) -> set[Cause]:
    """A corner that the locked line has not, or has more; or nothing at all."""
    layer, wide = board.pick(BOUNDARY, "ecological_redline"), board.pick(0.0005, 0.01, 40.0)
    id_, square = board.square(layer, lambda f: f.geometry.area > 0, 60.0, ("project", "land_case"), own=True)
    x0, y0, _, y1 = square.bounds
    strip = shapely.box(x0, y0, x0 + wide, y1)
    whole = board.value(layer, id_, "geometry")
    _locked(board, _redrawn(layer, id_, shapely.difference(whole, strip)))
    return {("CL02", id_)} if wide > 0.001 else set()


def redline_was_larger(board: Board) -> set[Cause]:
    board.claim("locked", "area")
    id_, off = str(board["ecological_redline"].index[0]), board.pick(0.02, 5000.0, 0.0, -7.0)

    def change(plan: Plan) -> Plan:
        frame = plan["ecological_redline"].copy()
        frame.loc[id_, "area_m2"] += off
        return plan.with_layer("ecological_redline", frame.reset_index(drop=True), plan.source("ecological_redline"))

    _locked(board, change)
    return {("ER07", "[ecological_redline]")} if off > 0 else set()


CHANGES: Final = (change_without_account, kind_of_change)
FARMLAND: Final = (farmland_adjusted, more_farmland_moved_out)
REDLINE: Final = (redline_was_larger,)
LOCKED: Final = (line_differs_from_the_locked,)
