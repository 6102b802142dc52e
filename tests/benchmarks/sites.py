"""Many sites against a whole plan: the answer for each, without ways out, against geopandas.overlay with each layer that is asked."""

from __future__ import annotations

from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

import gis
from gis.analysis.quantities import usable
from gis.analysis.site_layers import site_layers
from gis.model.plan import Plan

from .registry import Case, benchmark

SITES = {"town 50": 50, "town 1k": 1_000, "county 1k": 1_000, "county 10k": 10_000}
"""A town has 6 400 parcels, a county 104 000; the goal is 1 000 sites a second against a county."""


@benchmark("sites", sizes=["town 1k", "county 1k", "county 10k"], items=SITES, smoke="town 50")
def sites(size: str) -> Case:
    """Sites of up to 9 ha at random, each time on the same plan: what it knows of its layers is made by the first run."""
    plan = _plan(size.partition(" ")[0])
    sites = _sites(plan, SITES[size])
    layers = [
        each.id
        for each in site_layers().values()
        if not each.kinds  # asked for every kind of project
        and each.id in plan
        and shapely.get_dimensions(usable(plan, each.id)).max(initial=0) == 2
    ]
    return Case(
        ours=lambda: _areas(gis.sites(plan, sites, "1001").rows, layers),
        peers={"geopandas.overlay": lambda: [_by_geopandas(plan, each, sites) for each in layers]},
        agree=lambda ours, other: bool(np.allclose(ours, other, rtol=2e-4, atol=1.0)),
    )


@cache
def _plan(city: str) -> Plan:
    return gis.demo_plan(size=city, faults=False)


def _sites(plan: Plan, count: int) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(7)
    ground = plan["municipality"].geometry.union_all()
    west, south, east, north = ground.bounds
    places = shapely.points(rng.uniform((west, south), (east, north), (4 * count, 2)))
    shapely.prepare(ground)
    x, y = shapely.get_coordinates(places[shapely.contains(ground, places)][:count]).T
    half = rng.uniform(20, 150, len(x))
    return gpd.GeoDataFrame(
        {"i": np.arange(len(x))}, geometry=shapely.box(x - half, y - half, x + half, y + half), crs=plan.crs
    )


def _areas(rows: Any, layers: list[str]) -> list[float]:
    """The m² that all sites take of each layer."""
    taken = rows.groupby("layer")["area_m2"].sum()
    return [float(taken[each]) for each in layers]


def _by_geopandas(plan: Plan, layer: str, sites: gpd.GeoDataFrame) -> float:
    """What a user of geopandas writes for one layer, its overlaps dissolved by site; areas are those of the plane."""
    features = gpd.GeoDataFrame(geometry=usable(plan, layer), crs=plan.crs).dropna()
    shared = gpd.overlay(sites, features, keep_geom_type=True)
    return float(shared.dissolve("i").geometry.area.sum()) if len(shared) else 0.0
