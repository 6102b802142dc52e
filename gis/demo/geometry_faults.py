"""Faults in drawing: crossing rings, overlaps, gaps, spikes, needless vertices, parts, land beyond the border."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely
from shapely.affinity import translate

from gis.demo.drafting import geodesic_m2
from gis.errors import AnalysisError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.demo.drafting import Draft

    Causes = set[tuple[str, str]]

__all__ = ["FAULTS"]


def crossing_ring(draft: Draft) -> Causes:
    """灾害风险区图形自相交 / a hazard area whose boundary crosses itself"""
    spot = draft.spot("planning_zone", lambda f: f["zone_code"] == "530", 120.0)
    x0, y0, x1, y1 = spot.square.bounds
    bow = shapely.Polygon([(x0, y0), (x1, y1), (x1, y0), (x0, y1)])
    id_ = draft.add("hazard_area", bow, level="低", area_m2=float("nan"))
    return {("TP01", id_)}


def no_geometry(draft: Draft) -> Causes:
    """灾害风险区图形为空 / a hazard area without geometry"""
    spot = draft.spot("planning_zone", lambda f: f["zone_code"] == "530", 60.0)
    id_ = draft.add("hazard_area", spot.square, level="低", area_m2=float("nan"))
    draft.set("hazard_area", id_, geometry=None)
    return {("TP01", id_)}


def line_for_an_area(draft: Draft) -> Causes:
    """面图层中混入线 / a line among areas"""
    spot = draft.spot("planning_zone", lambda f: f["zone_code"] == "530", 60.0)
    x0, y0, x1, y1 = spot.square.bounds
    id_ = draft.add("hazard_area", spot.square, level="低", area_m2=float("nan"))
    draft.set("hazard_area", id_, geometry=shapely.LineString([(x0, y0), (x1, y1)]))
    return {("TP01", id_)}


def green_line_twice(draft: Draft) -> Causes:
    """绿线内重复划线 / a green line drawn inside another"""
    spot = draft.spot("urban_green_line", lambda f: f.geometry.area > 0, 20.0)
    id_ = draft.add("urban_green_line", spot.square, like=spot.feature)
    return {("TP02", spot.feature), ("TP02", id_)}


def zone_over_its_neighbour(draft: Draft) -> Causes:
    """分区压盖相邻分区 / a zone drawn across its neighbour's edge"""
    frame = draft["planning_zone"]
    rural = frame[(frame["zone_code"] == "520") & (frame.geometry.area > 50_000)]
    woods = frame[(frame["zone_code"] == "510") & (frame.geometry.area > 10_000)]
    for mine, polygon in woods.geometry.items():
        for other in rural.index[rural.geometry.intersects(polygon)]:
            flap = _flap(polygon, frame.geometry[other])
            if flap is not None and draft.is_free(flap):
                draft.take(flap)
                grown = shapely.union(polygon, flap)
                draft.set("planning_zone", mine, geometry=grown, area_m2=geodesic_m2(grown, frame.crs))
                return {("TP02", mine), ("TP02", other)}
    raise AnalysisError(
        "示例城市没有可压盖的分区。请换一个随机种子。", "The demo city has no zones to overlap. Take another seed."
    )


def _flap(mine: Any, other: Any) -> Any:
    """A quadrangle in `other` on the middle half of the longest straight edge that it shares with `mine`, or None."""
    shared = shapely.get_parts(shapely.line_merge(shapely.intersection(mine.exterior, other.exterior)))
    for line in shared[shapely.get_type_id(shared) == 1]:
        xy = shapely.get_coordinates(line)
        length = np.hypot(*np.diff(xy, axis=0).T)
        at = int(length.argmax())
        if length[at] < 20:
            continue
        ends = xy[at : at + 2]
        along = (ends[1] - ends[0]) / length[at]
        for normal in (np.array([-along[1], along[0]]), np.array([along[1], -along[0]])):
            flap = shapely.Polygon([*ends, *(ends[::-1] + normal * 12.0)])
            if other.covers(shapely.buffer(flap, -0.01)) and not mine.intersects(shapely.buffer(flap, -0.01)):
                return shapely.set_precision(flap, 1e-4)
    return None


def hole_in_current_use(draft: Draft) -> Causes:
    """现状图斑中有空洞 / a hole in current land use: ground that nobody describes"""
    spot = draft.spot("land_use_current", lambda f: f["class_code"].str.startswith("03"), 40.0)
    left = shapely.difference(draft.value("land_use_current", spot.feature, "geometry"), spot.square)
    draft.set("land_use_current", spot.feature, geometry=left, area_m2=geodesic_m2(left, draft["county"].crs))
    return {("TP03", spot.feature)}


def hole_in_planned_use(draft: Draft) -> Causes:
    """中心城区规划用地有空洞 / a hole in planned land use"""
    lines = shapely.union_all(
        np.concatenate([draft.ground(f"urban_{each}_line") for each in ("green", "blue", "yellow")])
    )
    spot = draft.spot("land_use_plan", lambda f: f["class_code"] == "0701", 20.0, away_from=(lines,))
    left = shapely.difference(draft.value("land_use_plan", spot.feature, "geometry"), spot.square)
    draft.set("land_use_plan", spot.feature, geometry=left, area_m2=geodesic_m2(left, draft["county"].crs))
    return {("TP03", spot.feature)}


def sliver(draft: Draft) -> Causes:
    """叠加遗留的碎片 / a sliver left by overlay"""
    spot = draft.spot("planning_zone", lambda f: f["zone_code"] == "530", 60.0)
    x0, y0, x1, _ = spot.square.bounds
    return {("TP04", draft.add("hazard_area", shapely.box(x0, y0, x1, y0 + 0.3), level="低"))}


def notch(draft: Draft) -> Causes:
    """永久基本农田边界有尖锐角 / a needle cut into a farmland block: 80 m deep, 4 m wide, an angle of 2.9°"""
    frame = draft["permanent_basic_farmland"]
    for id_, polygon in frame.geometry[frame.geometry.area > 40_000].items():
        needle = _needle(polygon)
        if needle is None or not draft.is_free(polygon):
            continue
        draft.take(polygon)
        _redraw(draft, str(id_), shapely.set_precision(shapely.difference(polygon, needle), 1e-4))
        return {("TP05", str(id_))}
    raise AnalysisError(
        "示例城市没有可开槽的农田。请换一个随机种子。", "The demo city has no farmland to notch. Take another seed."
    )


def _needle(polygon: Any) -> Any:
    """A needle from the middle of the longest edge inwards, its foot just outside, or None if it does not fit."""
    xy = shapely.get_coordinates(polygon.exterior)
    step = np.diff(xy, axis=0)
    length = np.hypot(*step.T)
    at = int(length.argmax())
    if length[at] < 20:
        return None
    along = step[at] / length[at]
    middle = (xy[at] + xy[at + 1]) / 2
    for normal in (np.array([-along[1], along[0]]), np.array([along[1], -along[0]])):
        tip = middle + normal * 80.0
        if polygon.covers(shapely.LineString([middle + normal * 0.5, tip + normal * 10.0])):
            foot = middle - normal  # a metre outside, so that the cut is clean
            needle = shapely.Polygon([foot - along * 2.025, foot + along * 2.025, tip])
            if polygon.covers(shapely.buffer(shapely.LineString([middle + normal * 3, tip]), 2.0)):
                return needle
    return None


def _redraw(draft: Draft, id_: str, polygon: Any) -> None:
    """Give a farmland block another shape, with areas that fit it."""
    frame = draft["permanent_basic_farmland"]
    gross = geodesic_m2(polygon, frame.crs)
    deducted = draft.value("permanent_basic_farmland", id_, "deducted_area_m2")
    net = round(gross - (0.0 if np.isnan(deducted) else deducted), 2)
    draft.set("permanent_basic_farmland", id_, geometry=polygon, gross_area_m2=gross, area_m2=net)


def two_parts(draft: Draft) -> Causes:
    """永久基本农田图斑为多部件 / two farmland blocks joined as one feature"""
    frame = draft["permanent_basic_farmland"]
    one = draft.feature("permanent_basic_farmland", lambda f: f.geometry.area > 20_000)
    mine = frame.loc[one]
    alike = frame[(frame["area_code"] == mine["area_code"]) & (frame.geometry.distance(mine.geometry) > 500)]
    other = next(id_ for id_, polygon in alike.geometry.items() if draft.is_free(polygon))
    draft.take(frame.geometry[other])
    both = shapely.MultiPolygon([mine.geometry, frame.geometry[other]])
    sums = {
        name: round(float(np.nansum([mine[name], frame.loc[other, name]])), 2)
        for name in ("gross_area_m2", "area_m2", "deducted_area_m2")
    }
    draft.set("permanent_basic_farmland", one, geometry=both, **sums)
    draft.drop("permanent_basic_farmland", other)
    return {("TP06", one)}


def crowded_vertices(draft: Draft) -> Causes:
    """两个节点相距5厘米 / two vertices 5 cm apart"""
    id_ = draft.feature("permanent_basic_farmland", lambda f: f.geometry.area > 30_000)
    polygon = draft.value("permanent_basic_farmland", id_, "geometry")
    xy = shapely.get_coordinates(polygon.exterior)
    at = int(np.hypot(*np.diff(xy, axis=0).T).argmax())
    along = (xy[at + 1] - xy[at]) / np.hypot(*(xy[at + 1] - xy[at]))
    more = np.insert(xy, at + 1, np.round(xy[at] + along * 0.05, 4), axis=0)
    draft.set(
        "permanent_basic_farmland", id_, geometry=shapely.Polygon(more, [each.coords for each in polygon.interiors])
    )
    return {("TP07", id_)}


def beyond_the_border(draft: Draft) -> Causes:
    """洪涝风险控制线超出行政区 / a flood risk line beyond the municipal border"""
    land = draft["municipality"].geometry.iloc[0]
    east = shapely.get_coordinates(land.exterior)[shapely.get_coordinates(land.exterior)[:, 0].argmax()]
    square = translate(shapely.box(0, 0, 100, 100), *np.round(east + np.array([200.0, -50.0]), 1))
    draft.take(square)
    return {("TP08", draft.add("flood_risk_line", square))}


FAULTS: Final[tuple[Callable[[Draft], Causes], ...]] = (
    crossing_ring,
    no_geometry,
    line_for_an_area,
    green_line_twice,
    zone_over_its_neighbour,
    hole_in_current_use,
    hole_in_planned_use,
    sliver,
    notch,
    two_parts,
    crowded_vertices,
    beyond_the_border,
)
