"""Faults in the record: fields, codes, names, areas (DQ), what farmland and towns say of themselves (FP, US, UB)."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from injection.board import Board, Cause, NoRoom

MUST: Final = {
    "survey_parcel": ("class_name",),
    "permanent_basic_farmland": ("class_name",),
    "urban_development_boundary": ("area_name",),
    "planning_zone": ("area_name", "area_m2"),
    "land_use_current": ("area_m2",),
    "land_use_plan": ("class_name", "area_code", "area_m2"),
    "township": ("area_name",),
    "main_function": ("area_name",),
}
"""Mandatory fields that no other rule reads where it matters."""
MAY: Final = {
    "survey_parcel": "owner_name",
    "flood_risk_line": "name",
    "urban_green_line": "kind",
    "land_use_plan": "status",
}
STATED: Final = ("land_use_current", "urban_green_line", "urban_blue_line", "flood_risk_line")


def empty_field(board: Board) -> set[Cause]:
    layer = board.pick(*MUST)
    id_, name = board.record(layer), board.pick(*MUST[layer])
    board.set(layer, id_, **{name: float("nan") if name == "area_m2" else board.pick(None, "", " ")})
    return {("DQ02", id_)}


def empty_optional_field(board: Board) -> set[Cause]:
    layer = board.pick(*MAY)
    board.set(layer, board.record(layer), **{MAY[layer]: None})
    return set()


def same_id_twice(board: Board) -> set[Cause]:
    layer = board.pick("land_use_current", "urban_green_line", "flood_risk_line", "survey_parcel")
    one, other = board.record(layer), board.record(layer)
    board.set(layer, other, feature_id=one)
    return {("DQ03", f"{one}#1"), ("DQ03", f"{one}#2")}


def id_of_another_layer(board: Board) -> set[Cause]:
    layers = ["urban_green_line", "land_use_current", "flood_risk_line"]
    one, other = (layers[int(n)] for n in board.rng.permutation(3)[:2])
    mine, theirs = board.record(one), board.record(other)
    board.set(other, theirs, feature_id=mine)
    order = list(board.plan)
    first = min((one, other), key=order.index)
    del first
    return {("DQ03", mine)}


def wrong_form_of_id(board: Board) -> set[Cause]:
    layer = board.pick("land_use_plan", "planning_zone", "protected_area", "hazard_area", "central_district")
    board.claim("form of id", layer)
    id_ = board.record(layer)
    board.set(layer, id_, feature_id=id_[:-1] if board.rng.random() < 0.5 else "A" + id_[1:])
    return {("DQ04", f"[{layer}]")}


def unknown_class(board: Board) -> set[Cause]:
    layer = board.pick("survey_parcel", "land_use_current")
    id_ = board.record(layer, lambda f: f["class_code"] == "0301")
    board.set(layer, id_, class_code=board.pick("0399", "03011", "O301"))
    return {("DQ05", id_)}


def wrong_name(board: Board) -> set[Cause]:
    layer = board.pick("survey_parcel", "land_use_plan", "permanent_basic_farmland", "land_use_current")
    id_ = board.record(layer, lambda f: f["class_name"].notna())
    board.set(layer, id_, class_name=board.value(layer, id_, "class_name") + "（原）")
    return {("DQ06", id_)}


def _off(board: Board, share: float, least: float) -> str:
    layer = board.pick(*STATED)
    id_ = board.record(layer, lambda f: f["area_m2"] > 50)
    area = board.value(layer, id_, "area_m2")
    sign = board.pick(-1, 1)
    board.set(layer, id_, area_m2=round(area + sign * max(least, share * area), 2))
    return str(id_)


def area_off(board: Board) -> set[Cause]:
    return {("DQ07", _off(board, board.pick(0.002, 0.01, 0.3), 0.8))}


def area_off_within_adjustment(board: Board) -> set[Cause]:
    _off(board, 0.0003, 0.4)
    return set()


def net_area_off(board: Board) -> set[Cause]:
    layer, name = board.pick(("survey_parcel", "net_area_m2"), ("permanent_basic_farmland", "area_m2"))
    id_ = board.record(layer, lambda f: f["class_code"].str.startswith("01") & f["deducted_area_m2"].notna())
    off = board.pick(0.02, 5.0, -0.02, 0.004)
    board.set(layer, id_, **{name: round(board.value(layer, id_, name) + off, 3)})
    return {("DQ08", id_)} if abs(off) > 0.01 else set()


def no_positive_area(board: Board) -> set[Cause]:
    layer = board.pick("urban_green_line", "urban_blue_line", "flood_risk_line", "land_use_current")
    id_ = board.record(layer, lambda f: f["area_m2"] > 50)
    board.set(layer, id_, area_m2=board.pick(0.0, -1.0) * board.value(layer, id_, "area_m2"))
    return {("DQ09", id_)}


def zones_off_their_sum(board: Board) -> set[Cause]:
    """A zone states less than its share, within what adjustment moves; no fault if another zone states as much more."""
    board.claim("sum of", "planning_zone")
    balanced = board.pick(True, False)
    for sign in (-1, 1)[: 1 + balanced]:
        id_ = board.record("planning_zone", lambda f: f["area_m2"] > 50)
        board.set("planning_zone", id_, area_m2=round(board.value("planning_zone", id_, "area_m2") + 0.4 * sign, 2))
    return set() if balanced else {("DQ14", "[planning_zone]")}


def wrong_county(board: Board) -> set[Cause]:
    codes = [str(each) for each in board["county"]["area_code"]]
    layer = board.pick("permanent_basic_farmland", "planning_zone", "land_use_current")
    id_ = board.record(layer)
    said = str(board.value(layer, id_, "area_code"))
    board.set(layer, id_, area_code=board.pick(*(each for each in codes if each != said[:6])) + said[6:])
    return {("DQ10", id_)}


def code_of_the_city(board: Board) -> set[Cause]:
    id_ = board.record("planning_zone")
    board.set("planning_zone", id_, area_code=str(board["municipality"]["area_code"].iloc[0]))
    return set()


def control_total_off(board: Board) -> set[Cause]:
    id_ = board.record("county")
    off = board.pick(0.02, -0.5, 30.0, 0.003)
    board.set("county", id_, area_m2=round(board.value("county", id_, "area_m2") + off, 3))
    return {("DQ11", id_)} if abs(off) > 0.01 else set()


def no_field(board: Board) -> set[Cause]:
    layer, name = board.pick(
        ("main_function", "area_name"), ("drinking_water", "approved_on"), ("land_use_plan", "area_name")
    )
    board.claim("field of", layer)
    board.alter(
        lambda plan: plan.with_layer(layer, plan[layer].drop(columns=name).reset_index(drop=True), plan.source(layer))
    )
    return {("DQ01", name)} if layer == "main_function" else set()


def forest_as_farmland(board: Board) -> set[Cause]:
    id_ = board.record("permanent_basic_farmland")
    planting = board.pick(None, "JKHF")
    board.set("permanent_basic_farmland", id_, class_code="0301", class_name="乔木林地", planting_code=planting)
    return set() if planting else {("FP01", id_)}


def steep_farmland(board: Board) -> set[Cause]:
    id_ = board.record("permanent_basic_farmland")
    kind = board.pick("PD", "TT")
    board.set("permanent_basic_farmland", id_, slope_class="5", cultivated_kind=kind)
    return {("FP02", id_)} if kind == "PD" else set()


def unstable_farmland(board: Board) -> set[Cause]:
    id_ = board.record("permanent_basic_farmland")
    stable = board.pick("0", "1", None)
    board.set("permanent_basic_farmland", id_, refinement_code=board.pick("HDGD", "LQGD", "SHGD"), stable=stable)
    return set() if stable == "1" else {("FP05", id_)}


def _missed(board: Board, target: str, rule: str, layer: str, figure: float, share: float) -> set[Cause]:
    board.claim("target", target)
    board.alter(lambda plan: plan.with_targets(**{target: figure * share}))
    return {(rule, f"[{layer}]")} if share > 1 else set()


def farmland_task_missed(board: Board) -> set[Cause]:
    have = float(board["permanent_basic_farmland"]["area_m2"].sum()) / 1e6
    return _missed(
        board, "permanent_basic_farmland_area", "FP04", "permanent_basic_farmland", have, board.pick(1.02, 0.98)
    )


def cultivated_target_missed(board: Board) -> set[Cause]:
    frame = board["survey_parcel"]
    have = float(frame["net_area_m2"][frame["class_code"].str.startswith("01")].sum()) / 1e6
    return _missed(board, "cultivated_land_area", "FP06", "survey_parcel", have, board.pick(1.02, 0.98))


def redline_target_missed(board: Board) -> set[Cause]:
    have = float(board["ecological_redline"]["area_m2"].sum()) / 1e6
    return _missed(board, "ecological_redline_area", "ER02", "ecological_redline", have, board.pick(1.0001, 0.9999))


def multiple_below_one(board: Board) -> set[Cause]:
    """The multiple is (base + new) / base: never below one."""
    return _missed(board, "expansion_multiple", "UB01", "urban_development_boundary", 0.99 / 1.5, 1.5)


def boundary_of_no_kind(board: Board) -> set[Cause]:
    hazard = board["hazard_area"].geometry.union_all()
    id_ = board.record(
        "urban_development_boundary", lambda f: (f["zone_code"] == "430") & ~f.geometry.intersects(hazard)
    )
    board.set("urban_development_boundary", id_, zone_code="450", zone_name="其他功能区")
    return {("UB02", id_)}


def town_without(board: Board) -> set[Cause]:
    id_ = board.record("settlement", lambda f: f["tier"] == "村")
    board.set("settlement", id_, **board.pick({"tier": None}, {"residents": 0}, {"residents": float("nan")}))
    return {("US02", id_)}


def town_named_twice(board: Board) -> set[Cause]:
    frame = board["settlement"]
    county = frame["area_code"].astype("str").str[:6]
    one = board.record("settlement", lambda f: f["tier"] == "村")
    same = bool(board.rng.random() < 0.7)
    other = board.record("settlement", lambda f: (f["tier"] == "村") & ((county == county[one]) == same))
    name = f"新{frame.at[one, 'name']}"
    for each in (one, other):
        board.set("settlement", each, name=name)
    return {("US02", one), ("US02", other)} if same else set()


def town_without_theme(board: Board) -> set[Cause]:
    id_ = board.record("featured_town")
    board.set("featured_town", id_, theme=board.pick(None, "", "  "))
    return {("US04", id_)}


def town_above_its_quota(board: Board) -> set[Cause]:
    id_ = board.record("featured_town")
    area: Any = board.value("featured_town", id_, "area_m2")
    if not np.isfinite(area):
        raise NoRoom(id_)
    over = board.pick(-0.001, 0.001, 1.0)
    board.set("featured_town", id_, quota_ha=round(area / 1e4 - over, 6))
    return {("US04", id_)} if over > 0 else set()


QUALITY: Final = (
    empty_field, empty_optional_field, same_id_twice, id_of_another_layer, wrong_form_of_id, unknown_class, wrong_name,
    area_off, area_off_within_adjustment, net_area_off, no_positive_area, zones_off_their_sum, wrong_county,
    code_of_the_city, control_total_off, no_field,
)  # fmt: skip
FARMLAND: Final = (
    forest_as_farmland, steep_farmland, unstable_farmland, farmland_task_missed, cultivated_target_missed,
)  # fmt: skip
TOWNS: Final = (town_without, town_named_twice, town_without_theme, town_above_its_quota)
REDLINE: Final = (redline_target_missed,)
BOUNDARY: Final = (multiple_below_one, boundary_of_no_kind)
