"""Faults of projects, approved land, parks and surveyed change against lines and zones (UB, ZN, ER, FP), and near misses."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely

from gis.standards import code_table
from injection.accounts import booked
from injection.board import Board, Cause, NoRoom
from injection.conflicts import INFRASTRUCTURE, WATCHED, _not_admitted, _project
from injection.drawing import woods
from injection.equipment import called, entry, parameter

BOUNDARY: Final = "urban_development_boundary"
LINES: Final = ("permanent_basic_farmland", "ecological_redline", BOUNDARY)
QUIET: Final = (*LINES, "protected_area", "project", "land_case", *WATCHED, "heritage_line")
SECOND: Final = "20240506"


def _county(board: Board, ground: Any) -> str:
    return str(board.value("county", board.holder("county", ground), "area_code"))


def _in_zone(board: Board, code: str, size_m: float, *, own: bool = False) -> tuple[str, Any]:
    """A square in a part of the boundary of this zone."""
    away = ("project", "land_case", *WATCHED, "heritage_line", "maintenance_change", "park", "plot")
    return board.square(BOUNDARY, lambda f: f["zone_code"] == code, size_m, away, own=own)


def _wild(board: Board, size_m: float, road_m: float = 0.0) -> Any:
    """A square in the woods, away from roads where buildings must be."""
    for _ in range(6):
        square = woods(board, size_m)
        if not road_m or board.clear(square, (*INFRASTRUCTURE, "lifeline"), road_m):
            return square
        board.used.pop()
    raise NoRoom("road")


def _needs(board: Board, *layers: str) -> None:
    for each in layers:
        board[each]


def _case(board: Board, square: Any, **said: Any) -> str:
    plain = {"kind": "批次用地", "class_code": "1207", "approved_on": SECOND, "public_share": 0.45}
    return board.add("land_case", square, **{**plain, "document": called(board, "示政土字〔2024〕"), **said})


# --- projects and approved land


def project_without_reason(board: Board) -> set[Cause]:
    if "reason_outside" not in board["project"]:
        raise NoRoom("reason_outside")
    said, wrong = board.pick(
        ({"class_code": "0901"}, True), ({"class_code": "1102"}, True), ({"class_code": "1001"}, True), ({"class_code": "090105"}, False),
        ({"class_code": "0901", "accepted_on": "20230801"}, False), ({"class_code": "1207"}, False),
    )  # fmt: skip
    id_ = _project(
        board, _wild(board, board.size(10, 150), 200.0), **{"accepted_on": SECOND, "reason_outside": "", **said}
    )
    return {("UB09", id_)} if wrong else set()


def urban_quarter_outside(board: Board) -> set[Cause]:
    """Much industry, or any housing, approved or proposed outside the boundary."""
    code, size, wrong = board.pick(
        ("1001", 240.0, True), ("1001", 200.0, False), ("0701", 40.0, True), ("0703", 240.0, False)
    )
    square = _wild(board, size, 200.0)
    if board.rng.random() < 0.5:
        return (
            {("UB08", _case(board, square, class_code=code))}
            if wrong
            else _nothing(_case(board, square, class_code=code))
        )
    id_ = _project(board, square, class_code=code, accepted_on=SECOND, reason_outside="有特定选址要求")
    return {("UB08", id_)} if wrong else set()


def _nothing(_: str) -> set[Cause]:
    return set()


def tract_outside_or_poor(board: Board) -> set[Cause]:
    """Tract development: outside the concentrated zone, with too small a public share; earlier ones are not judged."""
    if "public_share" not in board["land_case"]:
        raise NoRoom("public_share")
    said, inside, wrong = board.pick(
        ({"public_share": 0.3999}, True, True), ({"public_share": 0.4}, True, False), ({}, False, True), ({"approved_on": "20210506"}, False, False)
    )  # fmt: skip
    size = board.size(10, 100)
    square = _in_zone(board, "410", size)[1] if inside else _wild(board, size)
    id_ = _case(board, square, **{"kind": "土地征收成片开发", **said})
    return {("UB23", id_)} if wrong else set()


def park_outside(board: Board) -> set[Cause]:
    _needs(board, "park")
    day, inside, wrong = board.pick((SECOND, False, True), ("20210506", False, False), (SECOND, True, False))
    size = board.size(10, 150)
    square = _in_zone(board, "410", size)[1] if inside else _wild(board, size)
    id_ = board.add("park", square, name=called(board, "园区"), approved_on=day, chemical=False)
    return {("UB24", id_)} if wrong else set()


def building_in_the_flexible_zone(board: Board) -> set[Cause]:
    _, square = _in_zone(board, "420", board.size(5, 80))
    said, wrong = board.pick(
        ({"class_code": "1001"}, True), ({"class_code": "0801"}, True), ({"class_code": "1207"}, False),
        ({"class_code": "1001", "approved_on": "20210506"}, False),
    )  # fmt: skip
    id_ = _case(board, square, **said)
    return {("ZN11", id_)} if wrong else set()


def major_project_in_the_redline(board: Board) -> set[Cause]:
    if "avoidance_doc" not in board["project"]:
        raise NoRoom("avoidance_doc")
    away = ("permanent_basic_farmland", BOUNDARY, "protected_area", "project", "sea_area", "coastline")
    _, square = board.square("ecological_redline", lambda f: f.geometry.area > 0, board.size(10, 120), away)
    said, wrong = board.pick(
        ({"avoidance_doc": ""}, True), ({}, False), ({"avoidance_doc": "", "stage": "用地预审"}, False),
        ({"avoidance_doc": "", "accepted_on": "20220801"}, False),
    )  # fmt: skip
    plain = {"kind": "国家重大项目（公路）", "class_code": "1207", "stage": "农转用报批", "accepted_on": SECOND}
    id_ = _project(board, square, **{**plain, **said})
    return {("ER05", id_)} if wrong else set()


def farmland_taken_without_replacement(board: Board) -> set[Cause]:
    """A road at the stage of approval on farmland that no re-designation names."""
    if "project_id" not in board["project"]:
        raise NoRoom("project_id")
    away = ("land_case", "project", "change_survey")
    _, square = board.square(
        "permanent_basic_farmland", lambda f: f["class_code"].notna(), board.size(10, 60), away, own=True
    )
    named, stage = board.pick((True, "批次报批"), (False, "批次报批"), (False, "规划选址"))
    number = called(board, "PX")
    id_ = _project(board, square, class_code="1207", stage=stage, accepted_on=SECOND, project_id=number, listed=False)
    if named:
        entry(board, "t_redesignation", case=number, parcel=called(board, "R"))
    return set() if named or stage == "规划选址" else {("FP08", id_)}


def field_taken_without_booking(board: Board) -> set[Cause]:
    """A road at the stage of approval, of the new regime, on a field that the ledger does not name."""
    if "project_id" not in board["project"]:
        raise NoRoom("project_id")
    away = (*LINES, "project", "land_case", "protected_area")
    _, square = board.square(
        "survey_parcel", lambda f: f["class_code"].isin(["0101", "0103"]), board.size(20, 80), away
    )
    number, entered = called(board, "PX"), bool(board.rng.random() < 0.4)
    id_ = _project(
        board, square, class_code="1207", stage="农转用报批", accepted_on="20250701", project_id=number, listed=False
    )
    if entered:
        booked(board, "占用", project_id=number, area_mu=1.0, year=2025, accepted_on="20250701")
    return set() if entered else {("FP23", id_)}


# --- surveyed change


def _changed(board: Board, square: Any, **said: Any) -> str:
    _needs(board, "change_survey")
    plain = {
        "class_before": "0103",
        "class_code": "0601",
        "settlement_code": "202",
        "year": 2023,
        "approval": "",
        "planting_code": "",
    }
    return board.add("change_survey", square, **{**plain, **said})


def building_surveyed_outside(board: Board) -> set[Cause]:
    said, wrong = board.pick(
        ({}, True), ({"class_code": "0701"}, True), ({"year": 2020}, False), ({"settlement_code": "203"}, False),
        ({"approval": "示政土〔2023〕1号"}, False), ({"class_before": "0701"}, False),
    )  # fmt: skip
    _needs(board, "change_survey")
    id_ = _changed(board, _wild(board, board.size(20, 120)), **said)
    return {("UB25", id_)} if wrong else set()


def farmland_lost(board: Board) -> set[Cause]:
    _needs(board, "change_survey")
    away = ("land_case", "project", "change_survey")
    id_, square = board.square(
        "permanent_basic_farmland", lambda f: f["class_code"].notna(), board.size(20, 60), away, own=True
    )
    said, wrong = board.pick(
        ({"class_code": "0201"}, True), ({"class_code": "0301"}, True), ({"class_code": "0201", "planting_code": "JKHF"}, False),
        ({"class_code": "0201K"}, False), ({"class_code": "0201", "year": 2019}, False), ({"class_code": "0101"}, False),
        ({"class_code": "0201", "approval": "示资〔2023〕1号"}, False),
    )  # fmt: skip
    _changed(board, square, **{"settlement_code": "", **said})
    return {("FP22", id_)} if wrong else set()


# --- supply, shares, the sea


def increment_used_up(board: Board) -> set[Cause]:
    """Of 1 000 ha, 75 % may be used by 2030; of what is left for 2026–2030, each later year keeps 80 % of the average."""
    _needs(board, "annual_supply")
    board.claim("quota", "increment")
    year, used, rules = board.pick(
        (2026, 745.0, ("UB21",)), (2024, 760.0, ("UB20", "UB21")), (2026, 300.0, ("UB21",)), (2026, 260.0, ())
    )
    square = _in_zone(board, "410", 30.0)[1]
    board.add("annual_supply", square, year=year, stock=True, counted_m2=used * 1e4)
    return {(each, "[annual_supply]") for each in rules}


def flexible_zone_too_large(board: Board) -> set[Cause]:
    frame = board[BOUNDARY]
    flexible, whole = (float(frame["area_m2"][frame["zone_code"] == each].sum()) for each in ("420", "410"))
    if not flexible:
        raise NoRoom("420")
    share = board.pick(0.98, 1.02)
    parameter(board, "UB03", most=flexible / whole * 100 * share)
    return {("UB03", f"[{BOUNDARY}]")} if share < 1 else set()


def too_little_farmland_in_its_zone(board: Board) -> set[Cause]:
    zones = board["planning_zone"].geometry[board["planning_zone"]["zone_code"].str[0] == "3"].to_numpy()
    tree, _ = board.tree("permanent_basic_farmland")
    shapes = board["permanent_basic_farmland"].geometry.to_numpy()
    mine, theirs = tree.query(zones, "intersects")
    held = float(shapely.area(shapely.intersection(zones[mine], shapes[theirs])).sum())
    share = board.pick(0.98, 1.02)
    parameter(board, "ZN06", least=min(held / float(shapely.area(zones).sum()) * 100 / share, 100.0))
    return {("ZN06", "[planning_zone]")} if share < 1 else set()


def redline_in_other_zones(board: Board) -> set[Cause]:
    """Zones of ecological protection (100) that become ecological control (200), until a share of the redline is out."""
    board.claim("zones", "100")
    frame = board["planning_zone"][board["planning_zone"]["zone_code"] == "100"]
    line = board["ecological_redline"].geometry.union_all()
    held = shapely.area(shapely.intersection(frame.geometry.to_numpy(), line)) / line.area
    wanted = board.pick(0.06, 0.0)
    out = 0.0
    for n in np.argsort(held)[::-1] if wanted else np.argsort(held)[:3]:
        if out > wanted and wanted:
            break
        if ("planning_zone", str(frame.index[n])) in board.claimed:
            continue
        board.claim("planning_zone", str(frame.index[n]))
        board.set("planning_zone", str(frame.index[n]), zone_code="200", zone_name="生态控制区")
        out += float(held[n])
    return {("ZN04", "[planning_zone]")} if out > 0.055 else set()


def sea_without_zone(board: Board) -> set[Cause]:
    """Sea in the woods, where no zone of the sea is; sea in the ecological zone; and what uses it, which is no sea of its own."""
    _needs(board, "sea_area")
    use = board.pick("", "", "2201")
    id_ = board.add(
        "sea_area",
        _wild(board, board.size(10, 150)),
        name=called(board, "海"),
        kind="海域",
        use_code=use,
        approved_on="",
    )
    return set() if use else {("ZN05", id_)}


def reclamation(board: Board) -> set[Cause]:
    _needs(board, "sea_area")
    kind, day, wrong = board.pick(
        ("填海造地", "20210401", True), ("围海养殖", "20190401", True), ("填海造地", "20120401", False),
        ("历史遗留围填海", "20210401", False), ("开放式养殖", "20210401", False),
    )  # fmt: skip
    id_ = board.add(
        "sea_area",
        _wild(board, board.size(10, 150)),
        name=called(board, "海"),
        kind=kind,
        approved_on=day,
        use_code="2201",
    )
    return {("ER21", id_)} if wrong else set()


def natural_shoreline_too_short(board: Board) -> set[Cause]:
    """4 of 10 km are natural."""
    _needs(board, "coastline")
    board.claim("target", "natural_shoreline_share")
    wanted = board.pick(40.01, 60.0, 40.0, 20.0)
    board.alter(lambda plan: plan.with_targets(natural_shoreline_share=wanted))
    return {("ER08", "[coastline]")} if wanted > 40 else set()


# --- planned land


def _reclassed(board: Board, id_: str, code: str) -> None:
    board.set("land_use_plan", id_, class_code=code, class_name=code_table("land_use_classes")[code].name.zh)


def reserve_in_the_country(board: Board) -> set[Cause]:
    """Open land that becomes white land (16), which most zones of the country do not admit."""
    away = (BOUNDARY, "permanent_basic_farmland", "ecological_redline", "project", *WATCHED)
    open_ = ("0101", "0103", "0201", "0304")
    near = {str(id_) for id_, shape in board["land_use_plan"].geometry.items() if board.clear(shape, away, 0.5)}
    id_ = board.feature(
        "land_use_plan", lambda f: f["class_code"].isin(open_) & f.index.isin(near) & (f.geometry.area < 60_000)
    )
    code = board.pick("16", "1402")
    _reclassed(board, id_, code)
    return {("ZN07", id_)} if _not_admitted(board, board.value("land_use_plan", id_, "geometry"), code) else set()


def town_in_the_special_zone(board: Board) -> set[Cause]:
    """A piece of the concentrated zone that becomes special-purpose zone, over what stands or what is to be built."""
    square = _on_new_plot(board, 20.0) if board.rng.random() < 0.7 else in_town(board, board.size(20, 100))
    host = board.holder(BOUNDARY, square)
    if board.value(BOUNDARY, host, "zone_code") != "410":
        raise NoRoom("410")
    board.claim(BOUNDARY, host)
    board.redraw(BOUNDARY, host, shapely.difference(board.value(BOUNDARY, host, "geometry"), square))
    board.add(BOUNDARY, square, host, zone_code="430", zone_name="特别用途区", counted_as="不计入")
    return {("ZN03", each) for each in new_plots(board, ("0701", "0702", "09", "10", "11"), square)}


def _on_new_plot(board: Board, size_m: float) -> Any:
    """A square in the middle of a plot that is to be built."""
    plots = board["land_use_plan"]
    for id_ in board.rng.permutation(plots.index[plots["class_code"].isin(["0701", "0901", "1001"])])[:60]:
        middle = plots.geometry[id_].representative_point()
        square = shapely.box(*middle.buffer(size_m / 2).bounds)
        if plots.geometry[id_].covers(square) and board.free(square) and new_plots(board, ("07", "09", "10"), square):
            board.used.append(square)
            return square
    raise NoRoom("new plots")


def in_town(board: Board, size_m: float) -> Any:
    """A square in a plot of housing or industry."""
    away = ("project", "land_case", *WATCHED, "heritage_line", "maintenance_change", "park", "plot")
    return board.square("land_use_plan", lambda f: f["class_code"].isin(["0701", "1001"]), size_m, away)[1]


def new_plots(board: Board, classes: tuple[str, ...], ground: Any, least: float = 0.5) -> set[str]:
    """The planned plots of these classes on the ground of which less than `least` is land of the same first level today."""
    plots, current = board["land_use_plan"], board["land_use_current"]
    tree, ids = board.tree("land_use_plan")
    today, now = board.tree("land_use_current")
    found = set()
    for id_ in ids[tree.query(ground, "intersects")]:
        plot, code = plots.geometry[id_], str(plots.at[id_, "class_code"])
        if code.startswith(classes) and plot.intersection(ground).buffer(-0.01).area > 0:
            under = current.loc[now[today.query(plot, "intersects")]]
            same = under.geometry[under["class_code"].str[:2] == code[:2]]
            share = float(shapely.area(shapely.intersection(same.to_numpy(), plot)).sum()) / plot.area
            if abs(share - least) < 0.02:
                raise NoRoom("neither new nor old")
            if share < least:
                found.add(str(id_))
    return found


OUTSIDE: Final = (
    project_without_reason, urban_quarter_outside, tract_outside_or_poor, park_outside, building_surveyed_outside, increment_used_up, flexible_zone_too_large,
)  # fmt: skip
ZONES: Final = (
    building_in_the_flexible_zone, too_little_farmland_in_its_zone, redline_in_other_zones, sea_without_zone,
    reserve_in_the_country, town_in_the_special_zone,
)  # fmt: skip
FARMLAND: Final = (
    farmland_taken_without_replacement, field_taken_without_booking, farmland_lost,
)  # fmt: skip
REDLINE: Final = (major_project_in_the_redline, reclamation, natural_shoreline_too_short)
