"""The invented city, assembled: nature, towns, the base coverage, land use, lines, and every layer of the plan."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.demo.admin import make_administration
from gis.demo.ground import Ground, make_ground
from gis.demo.growth import built_area, make_reach
from gis.demo.land_use import LandUse, make_land_use
from gis.demo.lines import Lines, make_lines
from gis.demo.names import CITY_NAME
from gis.demo.parcels import Corridors, make_faces
from gis.demo.plan_layers import Draft, Layers, administration, boundary_layers, control_lines, land_layers
from gis.demo.refine import refined
from gis.demo.roads import WIDTHS, Road, make_lanes, make_roads, make_streets
from gis.demo.seeds import PITCHES, make_seeds
from gis.demo.service_layers import networks, people, safety
from gis.demo.settlements import Place, make_places, make_territory, make_villages, village_grounds
from gis.demo.sizes import SIZES, Size
from gis.demo.tables import CRS
from gis.demo.terrain import Floats, Terrain, make_terrain
from gis.demo.town_layers import central_area, change_layers, urban_system
from gis.demo.urban import Urban, make_urban
from gis.demo.water import River, make_reservoir, make_rivers

__all__ = ["City", "make_city"]

STREET_EVERY = (3, 3, 4, 4)  # blocks between streets, by the town's tier
SUBURB = 1.32  # of the centre's future area: so far the central urban area reaches


@dataclass(frozen=True)
class City:
    """The plan of the invented city.

    layers     layer id → GeoDataFrame in `crs`
    dem        height in m, north-up; `transform` is its affine (a, b, c, d, e, f)
    targets    indicator id → value in the indicator's unit
    """

    layers: dict[str, gpd.GeoDataFrame]
    dem: Floats
    transform: tuple[float, float, float, float, float, float]
    targets: dict[str, float]
    crs: str
    name: str


@dataclass(frozen=True)
class _Site:
    """What is there before there are parcels."""

    terrain: Terrain
    rivers: list[River]
    inside: NDArray[np.bool_]
    lake: shapely.Polygon
    places: list[Place]
    villages: Floats
    roads: list[Road]


def make_city(seed: int = 0, size: Size = SIZES["town"]) -> City:
    """The city of a seed and a size; the same seed always gives the same city."""
    site = _site(seed, size)
    draft, streets = _draft(site, seed, size)
    layers = _layers(draft, site, [*site.roads, *streets, *_lanes(draft)], seed)
    return City(layers, site.terrain.height, site.terrain.transform, _targets(layers), CRS, CITY_NAME)


def _site(seed: int, size: Size) -> _Site:
    terrain = make_terrain(seed, size)
    rivers = make_rivers(terrain, seed)
    inside = make_territory(terrain, seed, size)
    lake, _ = make_reservoir(terrain, rivers, inside)
    places = make_places(terrain, rivers, inside, lake, size, seed=seed)
    villages = make_villages(terrain, inside, places, seed)
    roads = make_roads(terrain, rivers, inside, places, villages, seed=seed)
    return _Site(terrain, rivers, inside, lake, places, villages, roads)


def _draft(site: _Site, seed: int, size: Size) -> tuple[Draft, list[Road]]:
    """The plan as values over the faces of the base coverage, and the streets of the towns."""
    terrain, inside, places, roads = site.terrain, site.inside, site.places, site.roads
    reach = make_reach(terrain, _wet(terrain, site.rivers), inside, places, roads, seed=seed)
    streets: list[Road] = []
    for number, place in enumerate(places):
        built = built_area(terrain, reach, number, 1.0)
        streets += make_streets(place, built, PITCHES[place.tier], STREET_EVERY[place.tier])
    corridors: Corridors = {"河流": site.rivers, "村庄": village_grounds(site.villages, seed), "水库": [site.lake]}
    for road in (*roads, *streets):
        corridors[road.kind] = [*corridors.get(road.kind, []), road]
    lines: list[River | Road] = [*site.rivers, *sorted(roads, key=lambda road: -WIDTHS[road.kind])]
    seeds = make_seeds(terrain, reach, places, lines, size.pitch, seed=seed)
    faces = make_faces(terrain, reach, inside, seeds, corridors, seed=seed)
    ground = make_ground(terrain, reach, faces, make_administration(terrain, faces, places), seed=seed)
    urban = make_urban(ground, places)
    if size.parcel_m2:
        ground, urban = refined(ground, urban, terrain, reach, size.parcel_m2, seed)
    use = make_land_use(ground, urban, places)
    return _drafted(ground, use, urban, make_lines(ground, use, urban, places), site, size), streets


def _drafted(ground: Ground, use: LandUse, urban: Urban, lines: Lines, site: _Site, size: Size) -> Draft:
    admin = ground.admin
    host = next(k for k, code in enumerate(admin.codes) if code.startswith("339902"))
    township = np.where(urban.park, host, admin.township)
    county = np.array([code[:6] for code in admin.codes])[township]
    suburb = (ground.owner == 0) & (ground.share < SUBURB) & (county < "339920") & ~urban.park & ~lines.redline
    suburb |= urban.boundary & (ground.owner == 0) & (county < "339920") & ~urban.park
    suburb = ground.filled(ground.without_small(suburb, 1e7), 3e6) & (county < "339920") & ~lines.redline
    folk = _residents(ground, use, urban, site.places, site.villages)
    return Draft(ground, use, urban, lines, site.places, county, township, urban.park, suburb, folk, size)


def _lanes(draft: Draft) -> list[Road]:
    """The branch streets of the centre, between its blocks and through them."""
    ground, centre = draft.ground, draft.places[0]
    blocks = draft.urban.built & (ground.owner == 0) & ~ground.water & draft.central
    built = shapely.union_all(shapely.get_parts(shapely.coverage_union_all(ground.faces.polygon[blocks])))
    return make_lanes(centre, built, PITCHES[0], STREET_EVERY[0])


def _wet(terrain: Terrain, rivers: list[River]) -> NDArray[np.bool_]:
    """The cells of rivers too wide to be built over."""
    wet = np.zeros(terrain.height.shape, dtype=np.bool_)
    for river in rivers:
        points = shapely.get_coordinates(river.line)
        wide = river.catchment[: len(points)] > 100.0
        wet[terrain.cells(points[wide, 0], points[wide, 1])] = True
    return wet


def _residents(ground: Ground, use: LandUse, urban: Urban, places: list[Place], villages: Floats) -> Floats:
    """People per face: a town's residents on its housing land, a village's on its own ground, by area."""
    folk = np.zeros(ground.count)
    for number, place in enumerate(places):
        here = urban.built & (ground.owner == number) & (use.survey == "0701") & (use.settlement != "201A")
        here = here if here.any() else ground.village & (ground.owner == number)
        folk[here] += np.round(place.residents * ground.area[here] / max(float(ground.area[here].sum()), 1.0))
    houses = ground.village & (use.survey == "0702")
    total = np.bincount(ground.faces.line[houses], ground.area[houses], len(villages))
    number = ground.faces.line[houses]
    folk[houses] += np.round(villages[number, 2] * ground.area[houses] / total[number])
    return folk


def _layers(draft: Draft, site: _Site, roads: list[Road], seed: int) -> Layers:
    layers = administration(draft)
    layers |= land_layers(draft, layers["county"], layers["township"])
    layers |= control_lines(draft)
    layers |= boundary_layers(draft, layers["county"])
    layers |= urban_system(draft, site.villages, seed=seed)
    layers |= central_area(draft)
    layers |= change_layers(draft)
    outline = layers["municipality"].geometry.iloc[0]
    layers |= safety(draft, outline, seed=seed)
    layers |= networks(outline, site.rivers, roads)
    layers |= people(draft, seed=seed)
    return {name: frame for name, frame in layers.items() if len(frame)}


def _targets(layers: Layers) -> dict[str, float]:
    """What the approval asks for: figures that the plan meets with a little to spare."""
    parcels, current = layers["survey_parcel"], layers["land_use_current"]
    cultivated = parcels.loc[parcels["class_code"].str.startswith("01"), "net_area_m2"].sum() / 1e6
    heads = float(layers["municipality"]["urban_residents"].iloc[0])
    urban = current["settlement_code"].isin(["201", "201A", "202", "202A"])
    return {
        "ecological_redline_area": _below(layers["ecological_redline"]["area_m2"].sum() / 1e6),  # km²
        "permanent_basic_farmland_area": _below(layers["permanent_basic_farmland"]["area_m2"].sum() / 1e6),  # km²
        "cultivated_land_area": _below(cultivated * 0.985),  # km²
        "expansion_multiple": 1.3,
        "urban_land_per_head": float(np.ceil(current.loc[urban, "area_m2"].sum() / heads)) + 2.0,  # m² per person
    }


def _below(value: float) -> float:
    """A round figure a little below."""
    return float(np.floor(value * 0.998))
