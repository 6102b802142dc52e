"""Faults in drawing (TP), and what is just not one."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from shapely.affinity import translate

from gis.demo.drafting import geodesic_m2
from injection.board import Board, Cause, NoRoom

WILD: Final = ("hazard_area", "flood_risk_line", "urban_green_line", "urban_blue_line", "urban_yellow_line")
"""Layers that may get a feature in the woods, where no rule on content asks for it."""
ONCE: Final = WILD[2:]
"""Those of them that may cover the ground only once."""
DELICATE: Final = (
    "central_district", "urban_development_boundary", "permanent_basic_farmland", "ecological_redline", "protected_area",
    "hazard_area", "flood_risk_line", "drinking_water", "heritage_line", "project", "land_case", "county_town",
    "urban_green_line", "urban_blue_line", "urban_yellow_line", "featured_town",
)  # fmt: skip


def woods(board: Board, size_m: float) -> Any:
    """A square in the forestry zone, away from everything."""
    return board.square("planning_zone", lambda f: f["zone_code"] == "530", size_m, DELICATE)[1]


def added(board: Board, layer: str, shape: Any, **values: Any) -> str:
    """The id of a feature added to a layer of WILD that no rule on content asks for."""
    said = {"level": "低", "kind": "滑坡"} if layer == "hazard_area" else {}
    return board.add(layer, shape, **{**said, **values})


def crossing_ring(board: Board) -> set[Cause]:
    a, b, c, d = shapely.get_coordinates(woods(board, board.size(5, 200)))[:4]
    return {("TP01", added(board, board.pick(*WILD), shapely.Polygon([a, c, b, d]), area_m2=float("nan")))}


def no_geometry(board: Board) -> set[Cause]:
    return {("TP01", added(board, board.pick(*WILD), None, area_m2=float("nan")))}


def line_for_an_area(board: Board) -> set[Cause]:
    corners = shapely.get_coordinates(woods(board, board.size(5, 200)))
    return {("TP01", added(board, board.pick(*WILD), shapely.LineString(corners[:3])))}


def _overlapping(board: Board, width_m: float) -> set[Cause]:
    size = round(board.size(20, 120), 1)
    x, y = np.round(shapely.get_coordinates(woods(board, 2.2 * size).centroid)[0], 1)
    one = shapely.box(x - size, y, x, y + size)
    layer = board.pick(*ONCE)
    ids = [added(board, layer, each) for each in (one, translate(one, size - width_m))]
    return {("TP02", each) for each in ids}


def overlap(board: Board) -> set[Cause]:
    return _overlapping(board, board.size(0.003, 15))


def overlap_less_than_resolution(board: Board) -> set[Cause]:
    _overlapping(board, board.pick(0.0, 0.0001, 0.0004, 0.0008))
    return set()


def _punched(board: Board, hole: Any, id_: str) -> None:
    left = shapely.difference(board.value("land_use_current", id_, "geometry"), hole)
    if left.geom_type != "Polygon":
        raise NoRoom(id_)
    board.redraw("land_use_current", id_, left)


def hole_in_current_use(board: Board) -> set[Cause]:
    id_, square = board.square(
        "land_use_current", lambda f: f["class_code"].str.startswith("03"), board.size(0.4, 50), ("protected_area",),
        own=True,
    )  # fmt: skip
    _punched(board, square, id_)
    return {("TP03", id_)}


def kite_in_current_use(board: Board) -> set[Cause]:
    """A kite 10 m long: a gap if it is wide, none if it is thinner than coordinates are resolved."""
    id_, square = board.square(
        "land_use_current", lambda f: f["class_code"].str.startswith("03"), 10.0, ("protected_area",), own=True
    )
    x, y = np.round(shapely.get_coordinates(square.centroid)[0], 2)
    half = board.pick(0.0001, 0.0003, 0.02, 0.5)
    _punched(board, shapely.Polygon([(x - 5, y), (x, y - half), (x + 5, y), (x, y + half)]), id_)
    return {("TP03", id_)} if half > 0.001 else set()


def hole_in_a_township(board: Board) -> set[Cause]:
    id_, square = board.square("township", lambda f: f.geometry.area > 0, board.size(0.4, 100), own=True)
    board.redraw("township", id_, shapely.difference(board.value("township", id_, "geometry"), square))
    return {("TP09", board.holder("county", square))}


def sliver(board: Board) -> set[Cause]:
    """A strip: a sliver below 0.5 m of mean width, none above."""
    length, width = round(board.size(30, 120), 1), board.pick(0.25, 0.4, 0.48, 0.56, 0.8)
    x, y = np.round(shapely.get_coordinates(woods(board, 1.5 * length).centroid)[0], 1)
    id_ = added(board, board.pick(*WILD), shapely.box(x - length / 2, y, x + length / 2, y + width))
    mean = 2 * (length * width) / (2 * (length + width))
    return {("TP04", id_)} if mean < 0.5 else set()


def needle(board: Board) -> set[Cause]:
    """A triangle whose apex is sharper than 10°, or not quite so."""
    angle, long = float(board.pick(1.0, 5.0, 9.5, 10.5, 20.0)), round(board.size(40, 100), 1)
    x, y = np.round(shapely.get_coordinates(woods(board, 1.5 * long).centroid)[0], 2)
    half = long * np.tan(np.radians(angle / 2))
    shape = shapely.Polygon([(x - half, y), (x + half, y), (x, y + long)])
    id_ = added(board, board.pick(*ONCE), shape)
    thin = 2 * shape.area / shape.length < 0.5 and shape.area < 200
    return {(rule, id_) for rule, wrong in (("TP05", angle < 10), ("TP04", thin)) if wrong}


def two_parts(board: Board) -> set[Cause]:
    """A survey parcel and current land may not be of two parts; a green line may."""
    size = board.size(10, 60)
    one = woods(board, 3 * size)
    x, y = np.round(shapely.get_coordinates(one.centroid)[0], 1)
    parts = shapely.MultiPolygon([shapely.box(x - size, y, x - 1, y + size), shapely.box(x + 1, y, x + size, y + size)])
    added(board, board.pick(*WILD), parts)
    return set()


def joined_zones(board: Board) -> set[Cause]:
    """A zone cut in two by a strip that another zone takes: it has two parts."""
    frame = board["permanent_basic_farmland"]
    one = board.feature("permanent_basic_farmland", lambda f: f.geometry.area > 5_000)
    xy = frame.geometry[one]
    x0, y0, x1, y1 = xy.bounds
    middle = round((x0 + x1) / 2, 1)
    left = shapely.difference(xy, shapely.box(middle - 1, y0 - 1, middle + 1, y1 + 1))
    if left.geom_type != "MultiPolygon" or shapely.area(shapely.get_parts(left)).min() < 400:
        raise NoRoom(one)
    _check_corners(left)
    _restate(board, one, left)
    return {("TP06", one)}


def _check_corners(shape: Any) -> None:
    """Raises NoRoom where cutting has left short edges or sharp corners."""
    for part in shapely.get_parts(shape):
        xy = shapely.get_coordinates(part.exterior)
        step = np.diff(xy, axis=0)
        length = np.hypot(*step.T)
        turn = np.angle((step[:, 0] + 1j * step[:, 1]) / np.roll(step[:, 0] + 1j * step[:, 1], 1), deg=True)
        if length.min() < 0.4 or np.abs(turn).max() > 165:
            raise NoRoom("corner")


def _restate(board: Board, id_: str, shape: Any) -> None:
    """Give a farmland block another shape, and areas that go with it."""
    gross = geodesic_m2(shape, board.plan.crs)
    deducted = board.value("permanent_basic_farmland", id_, "deducted_area_m2")
    net = round(gross - (0.0 if np.isnan(deducted) else deducted), 2)
    board.set("permanent_basic_farmland", id_, geometry=shape, gross_area_m2=gross, area_m2=net)


def crowded_vertices(board: Board) -> set[Cause]:
    """A vertex near another: too near below 0.2 m."""
    corners = shapely.get_coordinates(woods(board, board.size(10, 200)))
    apart = board.pick(0.002, 0.05, 0.19, 0.21, 0.5)
    along = (corners[1] - corners[0]) / np.hypot(*(corners[1] - corners[0]))
    shape = shapely.Polygon(np.insert(corners, 1, corners[0] + along * apart, axis=0))
    id_ = added(board, board.pick(*WILD), shape)
    return {("TP07", id_)} if apart < 0.2 else set()


def beyond_the_border(board: Board) -> set[Cause]:
    """A flood line on the border of the city, beyond it by centimetres, or by less than coordinates are resolved."""
    away = tuple(each for each in DELICATE if each not in ("ecological_redline", "protected_area"))
    beyond = board.pick(0.0, 0.0004, 0.005, 0.3, 5.0)
    _, block = board.lip("municipality", inwards=True, beyond_m=beyond, away=away, where=lambda f: f.geometry.area > 0)
    id_ = board.add("flood_risk_line", block)
    return {("TP08", id_)} if beyond > 0.001 else set()


def outside_the_border(board: Board) -> set[Cause]:
    _, block = board.lip("municipality", inwards=False, beyond_m=-5.0, away=(), where=lambda f: f.geometry.area > 0)
    return {("TP08", board.add("flood_risk_line", block))}


TOPOLOGY: Final = (
    crossing_ring, no_geometry, line_for_an_area, overlap, overlap_less_than_resolution, hole_in_current_use,
    kite_in_current_use, hole_in_a_township, sliver, needle, two_parts, joined_zones, crowded_vertices, beyond_the_border,
    outside_the_border,
)  # fmt: skip
