"""The three control lines, the planning zones, the reserve and what is protected: masks and codes over the faces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.demo.admin import face_distance
from gis.demo.ground import Ground
from gis.demo.land_use import LandUse
from gis.demo.names import COUNTIES
from gis.demo.settlements import Place
from gis.demo.terrain import Ints
from gis.demo.urban import Urban

__all__ = ["Lines", "make_lines", "redline_names"]

Mask = NDArray[np.bool_]
REDLINE_SHARE = 0.25
FARMLAND_SHARE = 0.845
RESERVE_SHARE = 0.035


@dataclass(frozen=True)
class Lines:
    """The lines as masks and codes over the faces.

    unit                 the redline unit, -1 outside
    zone                 the planning zone
    core, general        the two zones of the nature reserve
    intake, catchment    drinking water protection, first and second class
    slope_class          1 to 5 (坡度级别)
    """

    farmland: Mask
    reserve: Mask
    redline: Mask
    unit: Ints
    zone: NDArray[np.str_]
    core: Mask
    general: Mask
    forest_park: Mask
    scenic: Mask
    intake: Mask
    catchment: Mask
    slope_class: Ints


def make_lines(ground: Ground, use: LandUse, urban: Urban, places: list[Place]) -> Lines:
    """All lines of the plan."""
    slope_class = 1 + np.digitize(ground.slope, (2.0, 6.0, 15.0, 25.0))
    redline = _redline(ground, use, urban)
    unit = _units(ground, redline)
    farmland = _farmland(ground, use, urban, redline, slope_class)
    reserve = _reserve(ground, use, urban, redline | farmland, slope_class)
    intake, catchment = _drinking_water(ground, urban)
    core, general, park, scenic = _protected(ground, urban, redline, farmland, unit, places)
    zone = _zones(ground, use, urban, redline, farmland | reserve, catchment | scenic)
    return Lines(farmland, reserve, redline, unit, zone, core, general, park, scenic, intake, catchment, slope_class)


def _redline(ground: Ground, use: LandUse, urban: Urban) -> Mask:
    """High and remote wooded land and the upper main river, in whole compact pieces that take in what lies amid them."""
    wild = np.isin(use.survey, ("0301", "0302", "0305", "0307", "0404", "1207"))
    inner = ground.touching(wild)
    worth = ground.height / 300.0 + np.clip(ground.share, 0.0, 6.0) / 4.0 + 0.8 * inner + 0.35 * ground.swell
    worth[~wild] = -9.0
    keep = wild & ~urban.boundary & (ground.share > 1.4) & (use.survey != "0602")
    order = np.argsort(-np.where(keep, worth, -9.0), kind="stable")
    chosen = np.zeros(ground.count, dtype=np.bool_)
    goal = REDLINE_SHARE * ground.area.sum()
    chosen[order[np.cumsum(ground.area[order] * keep[order]) <= goal]] = True
    chosen &= keep
    for _ in range(3):
        around = ground.touching(chosen)
        chosen = (
            (chosen & (around > 0.25))
            | (keep & (around > 0.6))
            | (ground.road & (around > 0.75))
            | (ground.water & (around > 0.6))
        )
    chosen |= _headwater(ground, urban)
    chosen = ground.without_small(chosen, 2.5e6)
    chosen = ground.filled(chosen, 1.6e6)
    return np.asarray(chosen & ~urban.boundary & ~urban.window & (use.survey != "0602"), dtype=np.bool_)


def _headwater(ground: Ground, urban: Urban) -> Mask:
    """The main river above the towns, with the reservoir, as far as nothing is built on it."""
    river = (ground.faces.kind == "水库") | ((ground.faces.kind == "河流") & (ground.height > 130.0))
    bank = ground.land & ~ground.village & ground.beside(ground.faces.kind == "水库") & (ground.slope > 6.0)
    return np.asarray((river | bank) & ~urban.boundary, dtype=np.bool_)


def _units(ground: Ground, redline: Mask) -> Ints:
    """The mountain range each redline face belongs to: by county and side, so that a unit may have several parts."""
    unit = np.full(ground.count, -1, dtype=np.int64)
    heart = ground.middle.mean(axis=0)
    turn = np.arctan2(*(ground.middle - heart).T[::-1])
    sector = ((turn + np.pi) / (2 * np.pi) * 4.0).astype(np.int64) % 4
    county = np.unique(ground.admin.county, return_inverse=True)[1]
    unit[redline] = (county * 4 + sector)[redline]
    return unit


def _farmland(ground: Ground, use: LandUse, urban: Urban, redline: Mask, slope_class: Ints) -> Mask:
    """Stable cultivated land outside the other lines, large flat fields first, up to the share assigned."""
    fit = use.cultivated & ground.land & ~urban.boundary & ~redline & ~ground.village & (use.survey != "1106")
    fit &= (slope_class <= 4) | use.terrace
    around = ground.touching(use.cultivated)
    worth = (
        around + np.where(ground.slope < 3.0, 0.8, 0.0) + np.where(use.survey == "0101", 0.4, 0.0) + 0.25 * ground.dice
    )
    worth = worth - np.where((ground.share < 1.25) & ~urban.window, 0.9, 0.0) + np.where(urban.window, 9.0, 0.0)
    order = np.argsort(-np.where(fit, worth, -99.0), kind="stable")
    goal = FARMLAND_SHARE * ground.area[use.cultivated & ~use.approved].sum()
    chosen = np.zeros(ground.count, dtype=np.bool_)
    chosen[order[np.cumsum(ground.area[order]) <= goal]] = True
    return np.asarray(chosen & fit, dtype=np.bool_)


def _reserve(ground: Ground, use: LandUse, urban: Urban, taken: Mask, slope_class: Ints) -> Mask:
    """Good cultivated land kept ready to become permanent basic farmland."""
    fit = use.cultivated & ground.land & ~urban.boundary & ~taken & (slope_class <= 3) & (ground.share > 1.15)
    order = np.flatnonzero(fit)[np.argsort(-ground.touching(use.cultivated)[fit], kind="stable")]
    chosen = np.zeros(ground.count, dtype=np.bool_)
    chosen[order[np.cumsum(ground.area[order]) <= RESERVE_SHARE * ground.area[use.cultivated].sum()]] = True
    return chosen


def _drinking_water(ground: Ground, urban: Urban) -> tuple[Mask, Mask]:
    """The reservoir (first class) and the slopes around it (second class)."""
    lake = ground.faces.kind == "水库"
    far, _ = face_distance(ground.faces, np.ones(ground.count), np.flatnonzero(lake))
    return lake, (far < 1_500.0) & ~lake & ~urban.boundary & ground.beside(lake | (far < 900.0))


def _protected(
    ground: Ground, urban: Urban, redline: Mask, farmland: Mask, unit: Ints, places: list[Place]
) -> tuple[Mask, Mask, Mask, Mask]:
    """A nature reserve with core and general control zone, a forest park in the redline, a scenic area partly outside it."""
    sizes = np.bincount(np.maximum(unit, 0), np.where(unit >= 0, ground.area, 0.0))
    ranked = np.argsort(-sizes, kind="stable")
    quiet = redline & ~ground.village & ~ground.road
    reserve, park = (_heart(ground, redline & (unit == ranked[k]), quiet, goal) for k, goal in ((0, 24e6), (1, 9e6)))
    inner = reserve & (ground.touching(reserve) > 0.97) & quiet
    core = ground.without_small(inner & ~ground.beside(ground.road | ground.village) & ~ground.beside(~reserve), 4e5)
    if core.any():
        number = ground.pieces(core)
        core = core & (number == int(np.argmax(np.bincount(number[core], ground.area[core]))))
    hill = ground.land & ~farmland & ~urban.boundary & ~ground.village & (ground.slope > 4.0) & ~reserve & ~park
    far = np.hypot(*(ground.middle - [places[0].x, places[0].y]).T)
    start = np.flatnonzero(hill & redline)[int(np.argmin(far[hill & redline]))]
    near = np.hypot(*(ground.middle - ground.middle[start]).T)
    scenic = ground.without_small(hill & (near < 1_900.0), 1e6)
    return core, reserve & ~core, park, scenic


def _heart(ground: Ground, within: Mask, quiet: Mask, goal_m2: float) -> Mask:
    """The faces of `within` nearest its most inward place, up to an area, in one piece."""
    if not within.any():
        return within
    rim = ground.beside(~within) & within
    depth, _ = face_distance(ground.faces, np.ones(ground.count), np.flatnonzero(rim if rim.any() else within))
    start = np.flatnonzero(within)[int(np.argmax(np.where(quiet, depth, 0.0)[within]))]
    far = np.hypot(*(ground.middle - ground.middle[start]).T)
    order = np.flatnonzero(within)[np.argsort(far[within], kind="stable")]
    chosen = np.zeros(ground.count, dtype=np.bool_)
    chosen[order[np.cumsum(ground.area[order]) <= goal_m2]] = True
    number = ground.pieces(chosen)
    return np.asarray(chosen & (number == number[start]), dtype=np.bool_)


def _zones(ground: Ground, use: LandUse, urban: Urban, redline: Mask, farmland: Mask, kept: Mask) -> NDArray[np.str_]:
    """The planning zone of every face; roads and streams outside the towns go with the land they run through."""
    forest = np.isin(use.survey, ("0301", "0302", "0305", "0307", "0404", "1207"))
    zone = np.select(
        [
            urban.concentrated,
            urban.flexible,
            urban.special,
            redline,
            use.survey == "0602",
            use.settlement == "203",
            farmland,
            kept | np.isin(use.survey, ("1101", "1103", "1106")) | (forest & (ground.height > 480.0)),
            forest,
        ],
        ["410", "420", "430", "100", "700", "510", "300", "200", "530"],
        "520",
    ).astype("<U3")
    lane = ground.road & ~urban.boundary & ~redline
    for _ in range(2):
        best = np.zeros(ground.count)
        choice = zone.copy()
        for name in ("520", "530", "300", "200"):
            along = ground.touching((zone == name) & ~lane)
            better = lane & (along > best)
            choice[better], best[better] = name, along[better]
        zone = choice
    return zone


def redline_names(unit: Ints, county: NDArray[np.str_]) -> dict[int, str]:
    """A name for each redline unit."""
    ranges = ("西岭", "南屏", "东嶂", "北阜")
    return {
        int(k): f"{COUNTIES[str(county[unit == k][0])][:2]}{ranges[int(k) % 4]}水源涵养与生物多样性维护生态保护红线"
        for k in np.unique(unit[unit >= 0])
    }
