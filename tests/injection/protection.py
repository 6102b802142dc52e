"""Faults against safety and heritage (SF), in the central urban area and detailed plans (CD), and what is just not one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
import shapely
from pyproj import Geod

from gis.demo.drafting import geodesic_m2
from gis.model.plan import Plan
from gis.standards import code_table
from injection.board import Board, Cause, NoRoom
from injection.building import BOUNDARY, _changed, _in_zone, _needs, _wild, in_town, new_plots
from injection.conflicts import WATCHED, _project
from injection.equipment import called, parameter

HOMES: Final = ("0701", "0703", "08")
SCHOOLS: Final = "幼儿园|小学|中学|学校|医院"
UNSURE_M: Final = 15.0
"""Distances nearer than this to a limit are left alone: survey data cannot decide them."""


def _documented(board: Board) -> None:
    if "assessment_doc" not in board["project"]:
        raise NoRoom("assessment_doc")


# --- distances


def _around(board: Board, ground: Any, metres: float, classes: tuple[str, ...], share: float = 0.5) -> set[str]:
    """The new planned plots of these classes within a distance; no room where one is hard to tell."""
    inner, outer = (new_plots(board, classes, ground.buffer(metres + each), share) for each in (-UNSURE_M, UNSURE_M))
    if inner != outer:
        raise NoRoom("distance")
    return inner


def _beside_new(
    board: Board, size_m: float, metres: float, classes: tuple[str, ...], share: float = 0.5
) -> tuple[Any, set[str]]:
    """A square in a town and the new planned plots near it; where there is none after many tries, none."""
    for _ in range(10):
        square = in_town(board, size_m)
        try:
            near = _around(board, square, metres, classes, share)
        except NoRoom:
            near = set()
        if near:
            return square, near
        board.used.pop()
    raise NoRoom("new plots")


def homes_near_a_chemical_park(board: Board) -> set[Cause]:
    _needs(board, "park")
    metres = board.pick(100.0, 200.0, 400.0)
    square, near = _beside_new(board, board.size(10, 60), metres, HOMES)
    chemical = bool(board.rng.random() < 0.8)
    board.add(
        "park", square, name=called(board, "园区"), approved_on="20240506", chemical=chemical, safety_line_m=metres
    )
    return {("SF06", each) for each in near} if chemical else set()


def homes_near_the_coast(board: Board) -> set[Cause]:
    """The setback of the province, 100 m or none; a shore around a block beside a quarter that is not there yet."""
    _needs(board, "coastline")
    square, near = _beside_new(board, 20.0, 100.0, ("07", "08", "09", "1001", "11"), 0.8)
    asked = bool(board.rng.random() < 0.8)
    parameter(board, "ER22", setback_m=100.0 if asked else 0.0)
    board.add("coastline", square.exterior, kind="海岛岸线", length_m=10.0)
    return {("ER22", each) for each in near} if asked else set()


def works_near_a_power_line(board: Board) -> set[Cause]:
    """A works beside a line of 500 kV or 110 kV, or a house, or a road that may be there."""
    _needs(board, "lifeline")
    _documented(board)
    square = _wild(board, board.size(10, 60), 200.0)
    text, least = board.pick(("500kV", 20.0), ("220千伏", 15.0), ("110kV", 10.0))
    x0, _, x1, top = square.bounds
    away, code, wrong = board.pick((0.0, "1002", True), (0.0, "1207", False), (least + 40.0, "1002", False))
    line = shapely.LineString([(x0 - 5, top + away), (x1 + 5, top + away)]) if away else shapely.LineString(
        [square.centroid, (x1 + 5, top)]
    )  # fmt: skip
    board.add("lifeline", line, kind="架空电力线", voltage_or_class=text)
    id_ = _project(board, square, class_code=code)
    return {("SF11", id_)} if wrong else set()


# --- hazards


def school_on_a_fault(board: Board) -> set[Cause]:
    """An active fault, or a landslide of medium level, under a school that stands."""
    frame = board["facility"]
    schools = frame[frame["kind"].str.contains(SCHOOLS)]
    id_ = board.record("facility", lambda f: f["kind"].str.contains(SCHOOLS))
    ground = shapely.box(*shapely.Point(frame.geometry[id_]).buffer(board.size(5, 40)).bounds)
    away = ("project", "land_case", "hazard_area", "park")
    plots, ids = board.tree("land_use_plan")
    held = board["land_use_plan"].loc[ids[plots.query(ground, "intersects")], "class_code"]
    if (
        held.str.startswith(("080403", "080404", "080601")).any()
        or not board.clear(ground, away)
        or not board.free(ground)
    ):
        raise NoRoom("school")
    board.used.append(ground)
    kind, level, wrong = board.pick(("活动断裂", "低", True), ("洪水淹没区", "低", False), ("滑坡", "中", False))
    board.add("hazard_area", ground, kind=kind, level=level)
    under = schools.index[schools.geometry.distance(ground) < 1e-9]
    return {("SF07", str(each)) for each in under} if wrong else set()


def works_in_a_detention_area(board: Board) -> set[Cause]:
    _documented(board)
    square = _wild(board, board.size(40, 120), 200.0)
    kind, doc, wrong = board.pick(
        ("蓄滞洪区", "", True), ("蓄滞洪区", "示洪评〔2025〕1号", False), ("洪水淹没区", "", False)
    )
    board.add("hazard_area", square, kind=kind, level="低", depth_m=2.0)
    id_ = _project(board, square.buffer(-10), class_code="0901", assessment_doc=doc)
    return {("SF09", id_)} if wrong else set()


def project_without_assessment(board: Board) -> set[Cause]:
    _documented(board)
    square = _wild(board, board.size(40, 120), 200.0)
    level, doc, wrong = board.pick(
        ("低", "", True), ("中", "", True), ("低", "示评〔2025〕1号", False), ("不易发", "", False)
    )
    board.add("hazard_area", square, kind=board.pick("滑坡", "崩塌", "泥石流"), level=level)
    id_ = _project(board, square.buffer(-10), class_code="1207", assessment_doc=doc)
    return {("SF13", id_)} if wrong else set()


def less_flood_storage(board: Board) -> set[Cause]:
    """Detention areas that the previous plan had deeper."""
    if "depth_m" not in board["hazard_area"]:
        raise NoRoom("depth_m")
    board.claim("related", "previous")
    board.add("hazard_area", _wild(board, 150.0), kind="蓄滞洪区", level="低", depth_m=2.0)
    deeper = board.pick(1.0, 1.5, 0.8)

    def before(plan: Plan) -> Plan:
        frame = plan["hazard_area"].reset_index(drop=True)
        frame["depth_m"] = frame["depth_m"] * deeper
        previous = replace(plan, related={}).with_layer("hazard_area", frame, plan.source("hazard_area"))
        return replace(plan, related={**plan.related, "previous": previous})

    board.alter(before)
    return {("SF15", "[hazard_area]")} if deeper > 1 else set()


def too_little_shelter(board: Board) -> set[Cause]:
    """Shelter per head in the central urban area, against a floor just above and just below."""
    centre = board["central_district"].geometry.union_all()
    shelter, people = board["shelter"], board["population"]
    inside = [each.geometry.representative_point().within(centre).to_numpy() for each in (shelter, people)]
    per_head = float(shelter["area_m2"][inside[0]].sum()) / float(people["residents"][inside[1]].sum())
    share = board.pick(1.04, 0.96)
    parameter(board, "SF16", area_least=per_head * share)
    return {("SF16", "[shelter]")} if share > 1 else set()


# --- heritage


def _listed(board: Board) -> str:
    if "t_heritage_register" not in board.plan.tables:
        raise NoRoom("register")
    return str(board["heritage_line"]["name"].iloc[0])


def line_not_on_the_register(board: Board) -> set[Cause]:
    name, listed = _listed(board), bool(board.rng.random() < 0.4)
    square = _wild(board, board.size(10, 100))
    said = {"name": f"{name}（扩展）" if listed else called(board, "无名街区"), "kind": "建设控制地带", "level": "省级"}
    id_ = board.add("heritage_line", square, **said)
    return {("DL10", id_)} if listed else {("SF20", id_), ("DL10", id_)}


def shops_in_the_core(board: Board) -> set[Cause]:
    """A new building in the core of a historic quarter; repairs and public works are lawful."""
    name = _listed(board)
    square = _wild(board, board.size(30, 100), 200.0)
    board.add("heritage_line", square, name=name, kind="核心保护范围", level="省级")
    said, wrong = board.pick(
        ({"class_code": "0901"}, True), ({"class_code": "1002"}, True), ({"class_code": "1301"}, False),
        ({"class_code": "0901", "kind": "古建筑修缮"}, False),
    )  # fmt: skip
    id_ = _project(board, square.buffer(-5), **said)
    return {("SF12", id_)} if wrong else set()


def historic_building_gone(board: Board) -> set[Cause]:
    """A historic building under a project that demolishes, or gone by the yearly survey."""
    if "demolishes" not in board["project"]:
        raise NoRoom("demolishes")
    square = _wild(board, board.size(20, 60))
    board.add("heritage_line", square, name=_listed(board), kind="历史建筑", level="市级")
    if board.rng.random() < 0.5:
        demolishes = bool(board.rng.random() < 0.6)
        id_ = _project(board, square.buffer(2), class_code="1401", demolishes=demolishes)
        return {("SF23", id_)} if demolishes else set()
    code, wrong = board.pick(("0301", True), ("0702", False))
    id_ = _changed(board, square, class_before="0701", class_code=code, settlement_code="")
    return {("SF23", id_)} if wrong else set()


# --- plots and units


def _plot(board: Board, square: Any, **said: Any) -> str:
    _needs(board, "plot")
    plain = {
        "unit_id": "", "class_code": "0701", "plot_ratio": 1.5, "density": 30.0, "green_ratio": 30.0, "height_m": 12.0,
        "facilities": "", "floor_area_m2": np.nan,
    }  # fmt: skip
    return board.add("plot", square, **{**plain, **said})


def incomplete_plot(board: Board) -> set[Cause]:
    _needs(board, "plot")
    square = _in_zone(board, "410", board.size(10, 80))[1]
    said, wrong = board.pick(
        ({"height_m": np.nan}, True), ({"density": np.nan}, True), ({"class_code": ""}, True), ({"green_ratio": 0.0}, False),
        ({"class_code": "1401", "plot_ratio": np.nan}, False), ({"floor_area_m2": 1.05}, True), ({"floor_area_m2": 1.005}, False),
    )  # fmt: skip
    if "floor_area_m2" in said:
        said = {"floor_area_m2": round(1.5 * geodesic_m2(square, board.plan.crs) * said["floor_area_m2"], 2)}
    id_ = _plot(board, square, **said)
    return {("CD18", id_)} if wrong else set()


def plot_above_the_quarter(board: Board) -> set[Cause]:
    _needs(board, "plot")
    square, limit = _wild(board, board.size(20, 80)), board.pick(12.0, 18.0)
    height = limit + board.pick(0.0, 0.5, 30.0, -3.0)
    board.add("heritage_line", square, name=_listed(board), kind="建设控制地带", level="省级", height_m=limit)
    id_ = _plot(board, square.buffer(-2), height_m=height)
    return {("SF21", id_)} if height > limit else set()


def plot_in_a_view(board: Board) -> set[Cause]:
    _needs(board, "plot", "character_zone")
    square, height = _wild(board, board.size(20, 80)), board.pick(36.0, 36.5, 60.0, 24.0)
    board.add("character_zone", square, name=called(board, "视廊"), height_m=36.0)
    id_ = _plot(board, square.buffer(-2), height_m=height)
    return {("SF22", id_)} if height > 36 else set()


def unit_without_its_school(board: Board) -> set[Cause]:
    unit = board.record("plan_unit")
    name = called(board, "小学")
    board.set("plan_unit", unit, required_facilities=name)
    if board.rng.random() < 0.4:
        square = _in_zone(board, "410", 30.0)[1]
        _plot(board, square, facilities=f"{name}、托儿所", unit_id=str(board.value("plan_unit", unit, "unit_id")))
        return set()
    return {("CD17", unit)}


def boundary_without_unit(board: Board) -> set[Cause]:
    _needs(board, "plan_unit")
    wide, inside = board.size(0.5, 60), bool(board.rng.random() < 0.7)
    id_, square = _in_zone(board, "410", wide, own=True) if inside else ("", _wild(board, wide))
    unit = board.holder("plan_unit", square)
    board.claim("plan_unit", unit)
    board.redraw("plan_unit", unit, shapely.difference(board.value("plan_unit", unit, "geometry"), square))
    return {("CD16", id_)} if inside else set()


# --- the centre, and what leaves it


def relocated_to_nowhere(board: Board) -> set[Cause]:
    _needs(board, "relocation")
    towns = board["settlement"]
    zones = board[BOUNDARY].geometry.union_all()
    names = towns["name"].value_counts()
    alone = towns[towns["name"].map(names) == 1]
    out = list(alone["name"][alone.geometry.distance(zones) > 50])
    inside = list(board["cluster"]["name"])
    to, wrong = board.pick(("", True), (board.pick(*out), True), (board.pick(*inside), False), ("某市外园区", False))
    for town in towns.index[towns["name"] == to]:  # no other fault may give it another name
        board.claim("settlement", str(town))
    point = _in_zone(board, "410", 10.0)[1].centroid
    id_ = board.add("relocation", point, what=called(board, "市场"), to_place=to)
    return {("CD10", id_)} if wrong else set()


def depot_in_the_core(board: Board) -> set[Cause]:
    """A core area over a quarter of housing, which becomes a depot, or stays."""
    _needs(board, "core_area")
    board.claim("core_area", "depot")
    away = (*WATCHED, "heritage_line", "hazard_area")
    id_, square = board.square(
        "land_use_plan", lambda f: f["class_code"].isin(["0701"]), board.size(20, 60), away, own=True
    )
    tree, ids = board.tree("land_use_current")
    plot = board.value("land_use_plan", id_, "geometry")
    held = board["land_use_current"].loc[ids[tree.query(square, "intersects")], "class_code"]
    zone = board.holder(BOUNDARY, plot.buffer(-0.01))
    if not held.str[:2].isin(["07", "01", "02", "03", "14"]).all() or board.value(BOUNDARY, zone, "zone_code") != "410":
        raise NoRoom("core")
    if not board.clear(plot, away, 0.5):
        raise NoRoom("core")
    board.add("core_area", square, name=called(board, "核心区"))
    if board.rng.random() < 0.3:
        return set()
    board.set("land_use_plan", id_, class_code="1101", class_name=code_table("land_use_classes")["1101"].name.zh)
    return {("CD11", "[core_area]")}


def too_few_streets(board: Board) -> set[Cause]:
    """The streets of the built-up centre, against a floor just above and just below."""
    current, road = board["land_use_current"], board["road"]
    centre = board["central_district"].geometry.union_all()
    groups = ("07", "08", "09", "10", "11", "12", "13", "14", "15", "16")
    urban = current["settlement_code"].isin(("201", "201A", "202", "202A")) & (
        current["class_code"].str[:2].isin(groups) | current["approved"].astype(bool)
    )
    built = current[urban & current.geometry.representative_point().within(centre)]
    ground = built.geometry.union_all()
    streets = road.geometry[road["class"].isin(["快速路", "主干路", "次干路", "支路"])]
    parts = streets.intersection(ground).to_crs(4490)
    length = sum(Geod(ellps="GRS80").geometry_length(each) for each in parts) / 1e3
    share = board.pick(1.03, 0.97)
    parameter(board, "CD03", least=length / (ground.area / 1e6) * share)
    return {("CD03", "[central_district]")} if share > 1 else set()


def growth_in_a_farming_county(board: Board) -> set[Cause]:
    """New land in the county of a county town of the farming kind, or in another."""
    _needs(board, "annual_supply")
    board.claim("new land", "county")
    towns = board["county_town"]
    kept = towns[towns["kind"].str.contains("农产品主产区|重点生态功能区")]
    square = _in_zone(board, "410", board.size(10, 60))[1]
    county = board["county"].geometry[board.holder("county", square)]
    board.add("annual_supply", square, year=2024, stock=False, counted_m2=geodesic_m2(square, board.plan.crs))
    return {("US11", str(each)) for each in kept.index[kept.geometry.representative_point().within(county)]}


SAFETY: Final = (
    homes_near_a_chemical_park, works_near_a_power_line, school_on_a_fault, works_in_a_detention_area,
    project_without_assessment, less_flood_storage, too_little_shelter, line_not_on_the_register, shops_in_the_core,
    historic_building_gone, plot_above_the_quarter, plot_in_a_view,
)  # fmt: skip
CENTRE: Final = (
    incomplete_plot, unit_without_its_school, boundary_without_unit, relocated_to_nowhere, depot_in_the_core, too_few_streets,
)  # fmt: skip
COAST: Final = (homes_near_the_coast,)
TOWNS: Final = (growth_in_a_farming_county,)
