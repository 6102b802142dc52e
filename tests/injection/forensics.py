"""Faults of where a layer lies (CR04–CR07), and of what a delivery says of its layers (DL): a layer as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import geopandas as gpd
import numpy as np
import prcoords
import shapely

from gis.demo.drafting import geodesic_m2
from gis.model.plan import Plan
from gis.model.profile import profile_of
from injection.board import Board, Cause

MOVED: Final = "urban_purple_line"
"""A layer of a few areas which no rule on content asks for; the layers of `ALONG` follow the borders of counties."""
ALONG: Final = "main_function"
ZONES: Final = ("EPSG:4548", "EPSG:4550")  # the next 3° zones, at 117°E and 123°E
TALL: Final = (
    "urban_green_line",
    "urban_blue_line",
    "urban_yellow_line",
    "flood_risk_line",
    "central_district",
    "hazard_area",
)
"""Layers whose file may say that it has heights."""
HEIGHTS: Final = {"EPSG:4490+5736": True, "EPSG:4490+5737": False}  # Yellow Sea 1956 and 1985


def _drawn_again(board: Board, layer: str, shapes: gpd.GeoSeries) -> None:
    """The layer with other shapes, and the areas that go with them."""
    board.claim("system", layer)
    areas = {id_: geodesic_m2(each, board.plan.crs) for id_, each in shapes.items()}

    def change(plan: Plan) -> Plan:
        frame = plan[layer].copy()
        frame.geometry = shapes.reindex(frame.index).to_numpy()
        frame["area_m2"] = frame.index.map(areas)
        return plan.with_layer(layer, frame.reset_index(drop=True), plan.source(layer))

    board.alter(change)


def _beyond(board: Board, shapes: gpd.GeoSeries) -> set[Cause]:
    border = board["municipality"].geometry.union_all()
    return {("TP08", str(id_)) for id_, out in shapes.difference(border).buffer(-0.0005).area.items() if out > 0}


def _in_another_county(board: Board, shapes: gpd.GeoSeries) -> set[Cause]:
    """The areas of which a point on the surface has come to lie in another county than their code says."""
    tree, ids = board.tree("county")
    at, holder = tree.query(shapes.representative_point().to_numpy(), "covered_by")
    said = board[ALONG].loc[shapes.index[at], "area_code"].astype("str").str[:6]
    lies = board["county"].loc[ids[holder], "area_code"].astype("str").to_numpy()
    return {("DQ10", str(id_)) for id_ in said.index[said != lies]}


def layer_elsewhere(board: Board) -> set[Cause]:
    """The layer keeps the numbers of the next zone, declared as those of the plan; or it is of a county far away."""
    frame = board[MOVED]
    zone = board.pick(*ZONES, "")
    moved = (
        frame.geometry.to_crs(zone).set_crs(frame.crs, allow_override=True) if zone else frame.translate(0.0, 75_000.0)
    )
    _drawn_again(board, MOVED, moved)
    return {("CR05" if zone else "CR07", f"[{MOVED}]")} | _beyond(board, moved)


def shifted_for_the_public(board: Board) -> set[Cause]:
    """GCJ-02 or BD-09 instead of CGCS2000, in a layer along the borders of the counties."""
    shift: Callable[..., Any] = board.pick(prcoords.wgs_gcj, prcoords.wgs_bd)
    frame = board[ALONG]

    def shifted(xy: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        moved = [shift(prcoords.Coords(lat, lon)) for lon, lat in xy]
        return np.array([(each.lon, each.lat) for each in moved])

    degrees = gpd.GeoSeries(
        [shapely.transform(each, shifted) for each in frame.geometry.to_crs(4490)], frame.index, crs=4490
    )
    shapes = degrees.to_crs(frame.crs)
    _drawn_again(board, ALONG, shapes)
    return {("CR04", f"[{ALONG}]")} | _beyond(board, shapes) | _in_another_county(board, shapes)


def other_height_datum(board: Board) -> set[Cause]:
    layer, system = board.pick(*TALL), board.pick(*HEIGHTS)
    board.claim("system", layer)
    bounds = tuple(float(each) for each in board[layer].to_crs(4490).total_bounds)

    def change(plan: Plan) -> Plan:
        source = replace(plan.source(layer), crs=system, bounds=bounds)
        return plan.with_layer(layer, plan[layer].reset_index(drop=True), source)

    board.alter(change)
    return {("CR06", f"[{layer}]")} if HEIGHTS[system] else set()


def survey_of_another_year(board: Board) -> set[Cause]:
    board.claim("year", "land_use_current")
    year = board.plan.source("survey_parcel").as_of[:4]
    day, wrong = board.pick(("2019-12-31", True), (f"{year}-01-01", False))

    def change(plan: Plan) -> Plan:
        source = replace(plan.source("land_use_current"), as_of=day)
        return plan.with_layer("land_use_current", plan["land_use_current"].reset_index(drop=True), source)

    board.alter(change)
    return {("DL21", "[land_use_current]")} if wrong else set()


def layer_not_delivered(board: Board) -> set[Cause]:
    """A profile that asks for one more layer, which is there or not."""
    board.claim("layer", "mandatory")
    layer, wrong = board.pick(("wetland", True), ("forest", True), ("road", False))

    def change(plan: Plan) -> Plan:
        profile = profile_of(plan)
        return replace(plan, own_profile=replace(profile, mandatory=(*profile.mandatory, layer)))

    board.alter(change)
    return {("DL02", layer)} if wrong else set()


FORENSICS: Final = (layer_elsewhere, shifted_for_the_public, other_height_datum)
LAYERS: Final = (survey_of_another_year, layer_not_delivered)
