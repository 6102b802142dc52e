"""Conflicts between lines, zones and land use (CL, UB, FP, ER, ZN, CD, US, SF), and what is just not one."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely

from gis.demo.drafting import geodesic_m2
from gis.standards import code_table
from injection.board import Board, Cause
from injection.drawing import DELICATE, woods

INFRASTRUCTURE: Final = ("road", "railway")
HAZARD_M: Final = 10.0
"""How well the edges of hazard areas are known: what is no wider cannot be decided against survey data."""
WATCHED: Final = (
    "urban_green_line", "urban_blue_line", "urban_yellow_line", "flood_risk_line", "drinking_water", "hazard_area",
)  # fmt: skip


def _farmland(board: Board, block: Any) -> str:
    """A new farmland block, all it says of itself right."""
    county = board.value("county", board.holder("county", block.buffer(1.0)), "area_code")
    frame = board["permanent_basic_farmland"]
    like = board.pick(*frame.index[((frame["area_code"] == county) & (frame["class_code"] == "0101")).to_numpy()])
    gross = geodesic_m2(block, board.plan.crs)
    said = {"gross_area_m2": gross, "area_m2": gross, "deducted_area_m2": 0.0, "slope_class": "1"}
    return board.add("permanent_basic_farmland", block, like, **said)


def farmland_in_the_redline(board: Board) -> set[Cause]:
    away = ("permanent_basic_farmland", "urban_development_boundary", "protected_area", "project")
    _, square = board.square("ecological_redline", lambda f: f.geometry.area > 0, board.size(10, 150), away)
    return {("CL01", _farmland(board, square))}


def farmland_in_the_core_zone(board: Board) -> set[Cause]:
    away = ("permanent_basic_farmland", "urban_development_boundary", "project")
    core = lambda f: f["zone"] == "核心保护区"  # noqa: E731
    _, square = board.square("protected_area", core, board.size(10, 150), away)
    board.holder("ecological_redline", square)
    id_ = _farmland(board, square)
    return {("CL01", id_), ("FP03", id_)}


def farmland_in_the_boundary(board: Board) -> set[Cause]:
    away = ("permanent_basic_farmland", "ecological_redline", "project", "land_case")
    _, square = board.square(
        "urban_development_boundary", lambda f: f["zone_code"].isin(["410", "420"]), board.size(10, 60), away
    )
    return {("CL01", _farmland(board, square))}


def farmland_over_the_redline(board: Board) -> set[Cause]:
    """A block on the edge of the redline, across it by centimetres, or by less than coordinates are resolved."""
    away = (
        "permanent_basic_farmland",
        "urban_development_boundary",
        "protected_area",
        "project",
        "land_case",
        "farmland_reserve",
    )
    beyond = board.pick(0.0, 0.0001, 0.0008, 0.003, 0.05, 2.0)
    _, block = board.lip(
        "ecological_redline", inwards=False, beyond_m=beyond, away=away, where=lambda f: f.geometry.area > 0
    )
    id_ = _farmland(board, block)
    return {("CL01", id_)} if beyond > 0.001 else set()


def boundary_in_the_redline(board: Board) -> set[Cause]:
    away = ("permanent_basic_farmland", "urban_development_boundary", "protected_area", "project")
    host, square = board.square("ecological_redline", lambda f: f.geometry.area > 0, board.size(10, 150), away)
    _special_zone(board, square)
    return {("CL01", host)}


def _special_zone(board: Board, square: Any) -> str:
    county = board.value("county", board.holder("county", square), "area_code")
    frame = board["urban_development_boundary"]
    like = board.pick(*frame.index[(frame["area_code"] == county).to_numpy()])
    return board.add("urban_development_boundary", square, like, zone_code="430", zone_name="特别用途区")


def boundary_beyond_its_zone(board: Board) -> set[Cause]:
    return {("ZN01", _special_zone(board, woods(board, board.size(10, 150))))}


def hole_in_a_zone(board: Board) -> set[Cause]:
    """A hole in the zones is a gap, ground of a space that no zone covers, and lacks in the sum of the zones."""
    id_, square = board.square(
        "planning_zone", lambda f: f["zone_code"] == "530", board.size(0.5, 60), DELICATE, own=True
    )
    board.redraw("planning_zone", id_, shapely.difference(board.value("planning_zone", id_, "geometry"), square))
    space = board.holder("agricultural_space", square)
    return {("TP03", id_), ("ZN02", space), ("DQ14", "[planning_zone]")}


def zone_of_another_space(board: Board) -> set[Cause]:
    """A zone of general farming that says it is ecological."""
    away = board["urban_development_boundary"].geometry.union_all()
    id_ = board.feature("planning_zone", lambda f: (f["zone_code"] == "530") & ~f.geometry.intersects(away))
    code, name = board.pick(("200", "生态控制区"), ("510", "村庄建设区"))
    board.set("planning_zone", id_, zone_code=code, zone_name=name)
    return {("ZN02", id_)} if code == "200" else set()


def hazard_in_the_boundary(board: Board) -> set[Cause]:
    """High hazard in the boundary, wider than hazard areas are known to (10 m); medium hazard is none."""
    level, size = board.pick("高", "极高", "中"), board.size(5, 100)
    host, square = board.square(
        "urban_development_boundary", lambda f: f["zone_code"].isin(["410", "420"]), size,
        ("central_district", "hazard_area", "project", "facility"), own=True,
    )  # fmt: skip
    board.add("hazard_area", square, kind="滑坡", level=level)
    return {("UB04", host)} if level != "中" and size > HAZARD_M else set()


def housing_outside_the_boundary(board: Board) -> set[Cause]:
    """A plot of open land outside the boundary that is to be a town, or a village.

    What UB05 says of the town, ZN07 does not say again; a village is lawful there, if within its line and its zone.
    """
    away = ("urban_development_boundary", "permanent_basic_farmland", "ecological_redline", "project", *WATCHED)
    open_ = ("0101", "0103", "0201", "0304", "1401", "1701")
    clear = board.clear_of(board["land_use_plan"].geometry.to_numpy(), away, 0.5)
    id_ = board.feature("land_use_plan", lambda f: f["class_code"].isin(open_) & clear & (f.geometry.area < 40_000))
    code, name = board.pick(("0701", "城镇住宅用地"), ("0901", "商业用地"), ("0703", "农村宅基地"))
    board.set("land_use_plan", id_, class_code=code, class_name=name)
    plot = board.value("land_use_plan", id_, "geometry")
    if code != "0703":
        return {("UB05", id_)}
    lines = board["village"].geometry[board["village"]["kind"].str.contains("建设边界")].union_all()
    found = {("ZN14", id_)} if shapely.difference(plot, lines).buffer(-0.01).area > 0 else set()
    return found | ({("ZN07", id_)} if _not_admitted(board, plot, code) else set())


def _not_admitted(board: Board, plot: Any, code: str) -> bool:
    """Whether a zone under the plot forbids the class, by the table of zones and classes."""
    table = [each.extra for each in code_table("zone_land_use_matrix").values()]
    forbidden = {
        each["zone_code"] for each in table if each["admission"] == "forbidden" and code.startswith(each["class_code"])
    }
    known = {each["zone_code"] for each in table}
    tree, ids = board.tree("planning_zone")
    for id_ in ids[tree.query(plot, "intersects")]:
        zone = board["planning_zone"].loc[id_]
        names = (zone["zone_code"], zone["zone_code"][:2] + "0", zone["zone_code"][:1] + "00")
        row = next((each for each in names if each in known), "")
        if (
            row in forbidden
            and zone["scope"] != "central_district"
            and plot.intersection(zone.geometry).buffer(-0.01).area > 0
        ):
            return True
    return False


def _line(board: Board, line: str, codes: tuple[str, ...], away: tuple[str, ...] = WATCHED, **said: Any) -> str:
    """The plot that gets a line, or an area, drawn well inside it."""
    plot, square = board.square(
        "land_use_plan", lambda f: f["class_code"].isin(codes), board.size(1, 40), away, own=True
    )
    board.add(line, square, **said)
    return plot


def line_on_building(board: Board) -> set[Cause]:
    line = board.pick("urban_green_line", "urban_blue_line", "urban_yellow_line")
    return {("CD02", _line(board, line, ("0701", "1001", "0901")))}


def line_on_lawful_ground(board: Board) -> set[Cause]:
    line, code = board.pick(("urban_green_line", "1401"), ("urban_yellow_line", "1207"), ("urban_blue_line", "1701"))
    _line(board, line, (code,))
    return set()


def flood_line_on_building(board: Board) -> set[Cause]:
    return {("SF02", _line(board, "flood_risk_line", ("0701", "1001", "0901")))}


def flood_line_on_a_park(board: Board) -> set[Cause]:
    _line(board, "flood_risk_line", ("1401", "1207"))
    return set()


def waterworks_on_housing(board: Board) -> set[Cause]:
    level = board.pick("一级", "一级", "二级")
    plot = _line(board, "drinking_water", ("0701", "1001"), level=level)
    return {("SF03", plot)} if level == "一级" else set()


def hazard_on_new_housing(board: Board) -> set[Cause]:
    """High hazard on housing that does not stand yet, in the boundary: both are told."""
    current, plots = board["land_use_current"], board["land_use_plan"]
    homes = plots.geometry[plots["class_code"] == "0701"]
    stands = current.geometry[current["class_code"].astype("str").str.startswith("07")].to_numpy()
    i, j = shapely.STRtree(stands).query(homes.to_numpy(), "intersects")
    lived = np.bincount(i, shapely.area(shapely.intersection(homes.to_numpy()[i], stands[j])), len(homes))
    kept = homes.index[lived < 0.3 * homes.area]
    size = board.size(5, 60)
    plot, square = board.square("land_use_plan", lambda f: f.index.isin(kept), size, (*WATCHED, "facility"), own=True)
    host = board.holder("urban_development_boundary", square)
    if str(board.value("urban_development_boundary", host, "zone_code")).startswith("43"):
        return set()
    board.add("hazard_area", square, kind="崩塌", level="高")
    return {("SF01", plot), ("UB04", host)} if size > HAZARD_M else set()


def _project(board: Board, square: Any, **said: Any) -> str:
    plain = {
        "kind": "房屋建筑",
        "class_code": "0901",
        "accepted_on": "20250312",
        "activity_item": None,
        "recognition_doc": None,
    }
    board.serial += 1
    return board.add("project", square, **{**plain, "name": f"第{board.serial}号项目", **said})


def project_in_the_redline(board: Board) -> set[Cause]:
    away = ("permanent_basic_farmland", "urban_development_boundary", "protected_area", "project")
    _, square = board.square("ecological_redline", lambda f: f.geometry.area > 0, board.size(10, 120), away)
    if not board.clear(square, INFRASTRUCTURE, 200.0):
        return set()
    said, wrong = board.pick(
        ({}, True), ({"activity_item": "6"}, True), ({"activity_item": "11", "recognition_doc": "示资认〔2024〕9号"}, True),
        ({"activity_item": "6", "recognition_doc": "示资认〔2024〕9号"}, False), ({"accepted_on": "20220815"}, False),
    )  # fmt: skip
    id_ = _project(board, square, **said)
    return {("ER04", id_)} if wrong else set()


def project_in_the_core_zone(board: Board) -> set[Cause]:
    core = lambda f: f["zone"] == "核心保护区"  # noqa: E731
    _, square = board.square("protected_area", core, board.size(10, 120), ("project", "permanent_basic_farmland"))
    if not board.clear(square, INFRASTRUCTURE, 200.0):
        return set()
    return {("ER01", _project(board, square))}


def park_outside_the_redline(board: Board) -> set[Cause]:
    kind = board.pick("自然公园", "自然保护区", "风景名胜区")
    square = woods(board, board.size(5, 150))
    id_ = board.add("protected_area", square, name="石门省级森林公园", kind=kind, zone="一般控制区", level="省级")
    listed = {("DL10", id_)} if "t_heritage_register" in board.plan.tables else set()
    return listed | ({("ER03", id_)} if kind != "风景名胜区" else set())


def county_town_outside(board: Board) -> set[Cause]:
    square = woods(board, board.size(5, 200))
    county = board.value("county", board.holder("county", square), "area_code")
    return {("US01", board.add("county_town", square, name="新区", kind="专业功能县城", area_code=county))}


def county_town_inside(board: Board) -> set[Cause]:
    host, square = board.square(
        "urban_development_boundary", lambda f: f.geometry.area > 0, board.size(5, 60), ("county_town",)
    )
    board.add(
        "county_town",
        square,
        name="老城",
        kind="专业功能县城",
        area_code=board.value("urban_development_boundary", host, "area_code"),
    )
    return set()


CONTROL: Final = (farmland_in_the_redline, farmland_in_the_boundary, farmland_over_the_redline, boundary_in_the_redline)
FARMLAND: Final = (farmland_in_the_core_zone,)
REDLINE: Final = (project_in_the_redline, project_in_the_core_zone, park_outside_the_redline)
BOUNDARY: Final = (hazard_in_the_boundary, housing_outside_the_boundary)
ZONES: Final = (boundary_beyond_its_zone, hole_in_a_zone, zone_of_another_space)
CENTRE: Final = (line_on_building, line_on_lawful_ground)
SAFETY: Final = (flood_line_on_building, flood_line_on_a_park, waterworks_on_housing, hazard_on_new_housing)
TOWNS: Final = (county_town_outside, county_town_inside)
