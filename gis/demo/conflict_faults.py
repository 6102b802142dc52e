"""Conflicts between lines, zones and land use: what the rules on content must find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from gis.demo.drafting import geodesic_m2

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.demo.drafting import Draft, Spot

    Causes = set[tuple[str, str]]

__all__ = ["FAULTS"]

_SIZE_M: Final = 100.0
LINE_RULES: Final = {
    "urban_green_line": "CD02", "urban_blue_line": "CD02", "urban_yellow_line": "CD02",
    "flood_risk_line": "SF02", "drinking_water": "SF03",
}  # fmt: skip
"""Lines that shut out shops, and the rule that says so."""
NAMES: Final = {"0701": "城镇住宅用地", "0901": "商业用地"}


def _redline_spot(draft: Draft, *, core: bool) -> Spot:
    """Ground in the redline, inside or clear of the core zone of a protected area, clear of water protection."""
    frame = draft["protected_area"]
    kernel = shapely.union_all(draft.ground("protected_area", lambda f: f["zone"] == "核心保护区"))
    if core:
        spot = draft.spot("protected_area", lambda f: f["zone"] == "核心保护区", _SIZE_M)
        assert frame.geometry[spot.feature].covers(spot.square)
        return spot
    projects = shapely.union_all(draft.ground("project"))
    return draft.spot("ecological_redline", lambda f: f.geometry.area > 0, _SIZE_M, away_from=(kernel, projects))


def _farmland(draft: Draft, square: Any) -> str:
    """A new farmland block, all it says of itself right, its id."""
    county = draft.value("county", draft.holder("county", square), "area_code")
    frame = draft["permanent_basic_farmland"]
    like = str(frame.index[(frame["area_code"] == county) & (frame["class_code"] == "0101")][0])
    gross = geodesic_m2(square, frame.crs)
    said = {"area_code": county, "gross_area_m2": gross, "area_m2": gross, "deducted_area_m2": 0.0, "slope_class": "1"}
    return draft.add("permanent_basic_farmland", square, like=like, **said)


def farmland_in_the_redline(draft: Draft) -> Causes:
    """永久基本农田与生态保护红线重叠 / farmland in the redline"""
    return {("CL01", _farmland(draft, _redline_spot(draft, core=False).square))}


def farmland_in_the_core_zone(draft: Draft) -> Causes:
    """永久基本农田位于核心保护区 / farmland in the core zone of a protected area, which lies in the redline"""
    id_ = _farmland(draft, _redline_spot(draft, core=True).square)
    return {("CL01", id_), ("FP03", id_)}


def farmland_in_the_boundary(draft: Draft) -> Causes:
    """永久基本农田与城镇开发边界重叠 / farmland inside the boundary, no window"""
    spot = draft.spot("urban_development_boundary", lambda f: f["zone_code"] == "410", _SIZE_M)
    return {("CL01", _farmland(draft, spot.square))}


def boundary_in_the_redline(draft: Draft) -> Causes:
    """城镇开发边界划入生态保护红线 / a piece of the boundary in the redline"""
    spot = _redline_spot(draft, core=False)
    holder = draft.holder("county", spot.square)
    of_county = {name: draft.value("county", holder, name) for name in ("area_code", "area_name")}
    draft.add("urban_development_boundary", spot.square, **of_county, zone_code="430", zone_name="特别用途区")
    return {("CL01", spot.feature)}


def boundary_in_a_hazard(draft: Draft) -> Causes:
    """城镇开发边界位于地质灾害高风险区 / the boundary in an area of high hazard"""
    centre = draft["central_district"].geometry.union_all()
    spot = draft.spot("urban_development_boundary", lambda f: f["zone_code"] == "410", _SIZE_M, away_from=(centre,))
    draft.add("hazard_area", spot.square, kind="滑坡", level="高")
    return {("UB04", spot.feature)}


def _planned(draft: Draft, code: str, size: float) -> Spot:
    """A square inside a single plot of this planned use in zone 410, clear of the urban lines and the flood line."""
    names = (
        "urban_green_line",
        "urban_blue_line",
        "urban_yellow_line",
        "flood_risk_line",
        "drinking_water",
        "hazard_area",
    )
    lines = shapely.union_all(np.concatenate([draft.ground(each) for each in names]))
    inside = shapely.union_all(draft.ground("urban_development_boundary", lambda f: f["zone_code"] == "410"))
    shapely.prepare(inside)
    keep = lambda f: (f["class_code"] == code) & f.geometry.covered_by(inside)  # noqa: E731
    return draft.spot("land_use_plan", keep, size, away_from=(lines,))


def housing_in_a_hazard(draft: Draft) -> Causes:
    """高风险区内规划住宅 / housing planned in high hazard, inside the boundary"""
    homes = shapely.union_all(draft.ground("land_use_current", lambda f: f["class_code"].str.startswith("07")))
    inside = shapely.union_all(draft.ground("urban_development_boundary", lambda f: f["zone_code"] == "410"))
    shapely.prepare(inside)
    keep = lambda f: (f["class_code"] == "0701") & f.geometry.covered_by(inside)  # noqa: E731
    spot = draft.spot("land_use_plan", keep, 60.0, away_from=(homes,))
    draft.add("hazard_area", spot.square, kind="滑坡", level="高")
    return {("SF01", spot.feature), ("UB04", draft.holder("urban_development_boundary", spot.square))}


def housing_in_the_flood_line(draft: Draft) -> Causes:
    """洪涝风险控制线内规划住宅 / housing planned inside the flood risk control line"""
    spot = _planned(draft, "0701", 40.0)
    draft.add("flood_risk_line", spot.square)
    return {("SF02", spot.feature)}


def housing_at_the_waterworks(draft: Draft) -> Causes:
    """饮用水水源一级保护区内规划住宅 / housing planned in a first-class drinking water area"""
    spot = _planned(draft, "0701", 40.0)
    draft.add("drinking_water", spot.square, level="一级")
    return {("SF03", spot.feature)}


def _plot(draft: Draft, ground: Any, code: str) -> str:
    """A plot that lies in `ground`, given another planned use."""
    shapely.prepare(ground)
    id_ = draft.feature("land_use_plan", lambda f: f.geometry.covered_by(ground) & (f.geometry.area > 3_000))
    draft.set("land_use_plan", id_, class_code=code, class_name=NAMES[code])
    return id_


def housing_outside_the_boundary(draft: Draft) -> Causes:
    """城镇开发边界外规划城镇住宅 / urban housing planned outside the boundary"""
    inside = np.concatenate(
        [
            draft.ground(each)
            for each in ("urban_development_boundary", "flood_risk_line", "drinking_water", "hazard_area")
        ]
    )
    lines = np.concatenate([draft.ground(f"urban_{each}_line") for each in ("green", "blue", "yellow")])
    taken = shapely.buffer(shapely.union_all(np.concatenate([inside, lines])), 1.0)
    ground = shapely.difference(draft["central_district"].geometry.union_all().buffer(0.5), taken)
    return {("UB05", _plot(draft, ground, "0701"))}


def shops_in_the_special_zone(draft: Draft) -> Causes:
    """特别用途区内规划商业用地 / shops planned in the special-purpose zone, in the lines that run there too"""
    zone = shapely.union_all(draft.ground("urban_development_boundary", lambda f: f["zone_code"] == "430"))
    id_ = _plot(draft, zone.buffer(0.01), "0901")
    plot = draft.value("land_use_plan", id_, "geometry")
    breaks = {"ZN03"}
    for layer, rule in LINE_RULES.items():
        if shapely.area(shapely.intersection(plot, shapely.union_all(draft.ground(layer)))) > 1.0:
            breaks.add(rule)
    return {(rule, id_) for rule in breaks}


def housing_in_a_green_line(draft: Draft) -> Causes:
    """绿线内规划住宅 / housing planned inside a green line"""
    inside = shapely.union_all(draft.ground("urban_development_boundary", lambda f: f["zone_code"] == "410"))
    names = ("flood_risk_line", "drinking_water", "hazard_area", "urban_blue_line", "urban_yellow_line")
    other = shapely.buffer(shapely.union_all(np.concatenate([draft.ground(each) for each in names])), 1.0)
    green = shapely.union_all(draft.ground("urban_green_line")).buffer(0.01)
    return {("CD02", _plot(draft, shapely.difference(shapely.intersection(green, inside.buffer(0.01)), other), "0701"))}


def _project(draft: Draft, square: Any, name: str) -> str:
    said = {
        "kind": "房屋建筑",
        "class_code": "0901",
        "accepted_on": "20250312",
        "activity_item": None,
        "recognition_doc": None,
    }
    return draft.add("project", square, name=name, **said)


def project_in_the_redline(draft: Draft) -> Causes:
    """红线内项目不属于有限人为活动 / a project in the redline that is no limited activity"""
    return {("ER04", _project(draft, _redline_spot(draft, core=False).square, "云顶度假酒店项目"))}


def project_in_the_core_zone(draft: Draft) -> Causes:
    """核心保护区内新增项目 / a new project in the core zone"""
    return {("ER01", _project(draft, _redline_spot(draft, core=True).square, "环湖观光索道项目"))}


def park_outside_the_redline(draft: Draft) -> Causes:
    """自然公园未划入生态保护红线 / a nature park outside the redline"""
    redline = shapely.union_all(draft.ground("ecological_redline"))
    inside = shapely.union_all(
        np.concatenate([draft.ground("urban_development_boundary"), draft.ground("permanent_basic_farmland")])
    )
    spot = draft.spot("planning_zone", lambda f: f["zone_code"] == "530", _SIZE_M, away_from=(redline, inside))
    id_ = draft.add(
        "protected_area", spot.square, name="石门省级森林公园", kind="自然公园", zone="一般控制区", level="省级"
    )
    return {("ER03", id_)}


def county_town_outside(draft: Draft) -> Causes:
    """县城部分位于城镇开发边界外 / a county town outside the boundary"""
    inside = shapely.union_all(draft.ground("urban_development_boundary"))
    spot = draft.spot("planning_zone", lambda f: f["zone_code"] == "520", _SIZE_M, away_from=(inside,))
    county = draft.value("county", draft.holder("county", spot.square), "area_code")
    return {("US01", draft.add("county_town", spot.square, name="新区", area_code=county))}


FAULTS: Final[tuple[Callable[[Draft], Causes], ...]] = (
    farmland_in_the_redline,
    farmland_in_the_core_zone,
    farmland_in_the_boundary,
    boundary_in_the_redline,
    boundary_in_a_hazard,
    housing_in_a_hazard,
    housing_in_the_flood_line,
    housing_at_the_waterworks,
    housing_outside_the_boundary,
    shops_in_the_special_zone,
    housing_in_a_green_line,
    project_in_the_redline,
    project_in_the_core_zone,
    park_outside_the_redline,
    county_town_outside,
)
