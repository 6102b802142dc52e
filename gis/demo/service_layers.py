"""The layers about safety, nature, networks, facilities, people and jobs."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.demo.names import river_names, road_number, street_names
from gis.demo.plan_layers import Draft, Layers
from gis.demo.roads import WIDTHS, Road
from gis.demo.tables import frame, lines_within, regions, rounded_area
from gis.demo.terrain import generator
from gis.demo.town_layers import old_town
from gis.demo.water import River

__all__ = ["networks", "people", "safety"]

SPEEDS = {
    "高速公路": 100.0,
    "国道": 80.0,
    "省道": 60.0,
    "县道": 40.0,
    "乡道": 30.0,
    "村道": 20.0,
    "主干路": 50.0,
    "次干路": 40.0,
    "支路": 30.0,
}
FACILITIES = {  # kind: level, residents per facility, capacity
    "幼儿园": ("社区级", 9_000, 360.0), "小学": ("社区级", 16_000, 1_080.0), "中学": ("街道级", 28_000, 1_200.0), "医院": ("区级", 95_000, 500.0),
    "社区卫生服务中心": ("街道级", 32_000, 40.0), "养老": ("社区级", 18_000, 60.0), "文化": ("街道级", 42_000, 800.0),
    "体育": ("街道级", 40_000, 600.0), "菜市场": ("社区级", 22_000, 120.0), "消防站": ("区级", 60_000, 6.0),
}  # fmt: skip


def safety(draft: Draft, city: shapely.Polygon, *, seed: int) -> Layers:
    """hazard_area, flood_risk_line, heritage_line and shelter."""
    ground, urban = draft.ground, draft.urban
    rng = generator(seed, 13)
    steep = np.flatnonzero(ground.land & (ground.slope > 15.0) & (ground.share > 2.5) & ~ground.village)
    steep = steep[np.argsort(rng.random(len(steep)), kind="stable")][: 60 * draft.size.sites]
    shapes = [_spot(ground.middle[k], 130.0 + 260.0 * ground.dice[k], rng) for k in steep]
    shapely.prepare(city)
    shapes = [spot for spot in shapes if city.covers(spot)][: 22 * draft.size.sites]
    levels = np.array(["高", "中", "中", "低"])[np.arange(len(shapes)) % 4]
    edge = np.flatnonzero(urban.boundary & ground.land & (ground.slope > 3.0))[:2]
    shapes += [_spot(ground.middle[k], 110.0, rng) for k in edge]
    levels = np.r_[levels, np.full(len(edge), "低")]
    made = {"hazard_area": frame("hazard_area", shapes, {
        "kind": np.where(np.arange(len(shapes)) % 3 == 0, "滑坡", np.where(np.arange(len(shapes)) % 3 == 1, "崩塌", "泥石流")),
        "level": levels, "scale": np.full(len(shapes), "1:10000"), "area_m2": rounded_area(shapes)})}  # fmt: skip
    flood = ground.water & (ground.faces.kind == "河流") | (
        np.isin(draft.use.plan, ("1401", "0506", "1701")) & ground.beside(ground.water) & ground.land
    )
    parts, _ = regions(ground, flood & draft.central, np.zeros(ground.count))
    keep = shapely.area(parts) > 4e4
    made["flood_risk_line"] = frame("flood_risk_line", parts[keep], {
        "name": [f"洪涝风险控制线{n:02d}" for n in range(1, int(keep.sum()) + 1)], "kind": np.full(int(keep.sum()), "行洪通道"),
        "area_m2": rounded_area(parts[keep])})  # fmt: skip
    made["heritage_line"] = _heritage(draft)
    made["shelter"] = _shelters(draft)
    return made


def _spot(middle: NDArray[np.float64], radius: float, rng: np.random.Generator) -> shapely.Polygon:
    """An irregular patch round a point."""
    turn = np.linspace(0.0, 2.0 * np.pi, 14, endpoint=False)
    reach = radius * (1.0 + 0.3 * rng.uniform(-1.0, 1.0, 14))
    return shapely.Polygon(np.round(middle + np.column_stack([np.cos(turn), np.sin(turn)]) * reach[:, None], 4))


def _heritage(draft: Draft) -> gpd.GeoDataFrame:
    """A historic quarter with its control zone, and two villages and a temple."""
    ground = draft.ground
    core = old_town(draft)
    ring = ground.beside(core) & ~core & draft.urban.built & ground.land
    single = np.flatnonzero(ground.village & (draft.lines.zone == "510"))[[3, 11]]
    rows = [(core, "文澜坊历史文化街区", "省级", "核心保护范围"), (ring, "文澜坊历史文化街区", "省级", "建设控制地带")]
    for face, name in zip(single.tolist(), ("梧坞传统村落", "砚湾传统村落"), strict=True):
        mask = np.zeros(ground.count, dtype=np.bool_)
        mask[face] = True
        rows.append((mask, name, "省级", "核心保护范围"))
    shapes = [regions(ground, mask, np.zeros(ground.count), single=False)[0][0] for mask, *_ in rows]
    return frame("heritage_line", shapes, {
        "name": [r[1] for r in rows], "area_m2": rounded_area(shapes), "level": [r[2] for r in rows], "kind": [r[3] for r in rows],
        "requirement": np.full(len(rows), "保持传统格局、历史风貌和空间尺度")})  # fmt: skip


def _shelters(draft: Draft) -> gpd.GeoDataFrame:
    """Parks and school grounds that take people in an emergency, as points."""
    ground, use = draft.ground, draft.use
    least = draft.size.parcel_m2 / 4.0 or 8e3
    fit = np.flatnonzero(
        draft.urban.built & np.isin(use.current, ("1401", "1403", "080403", "0805")) & (ground.area > least)
    )
    fit = fit[np.argsort(ground.dice[fit], kind="stable")][: 90 * draft.size.sites]
    area = np.round(ground.area[fit] * 0.42, 0)
    return frame("shelter", shapely.points(np.round(ground.middle[fit], 4)), {
        "name": [f"应急避难场所{n:03d}" for n in range(1, len(fit) + 1)], "kind": np.where(area > 3e4, "固定避难场所", "紧急避难场所"),
        "area_m2": area, "capacity": np.round(area / 2.0).astype(int)})  # fmt: skip


def networks(city: shapely.Polygon, rivers: list[River], roads: list[Road]) -> Layers:
    """river, road and railway, cut to the municipality."""
    names = river_names(len(rivers))
    shapes, index = lines_within([r.line for r in rivers], city)
    made = {"river": frame("river", shapes, {
        "name": [names[k] for k in index], "level": [("一级", "二级", "三级", "四级")[min(rivers[k].rank, 4) - 1] for k in index],
        "width_m": [round(float(rivers[k].widths.mean()), 1) for k in index]})}  # fmt: skip
    numbers = {kind: itertools.count(1) for kind in WIDTHS}
    streets = iter(street_names(sum(r.kind in ("主干路", "次干路", "支路") for r in roads)))
    label = [
        next(streets) if r.kind in ("主干路", "次干路", "支路") else road_number(r.kind, next(numbers[r.kind]))
        for r in roads
    ]
    cars = [k for k, r in enumerate(roads) if r.kind != "铁路"]
    shapes, index = lines_within([roads[k].line for k in cars], city)
    which = [cars[k] for k in index]
    made["road"] = frame("road", shapes, {
        "name": [label[k] for k in which], "class": [roads[k].kind for k in which], "speed_kmh": [SPEEDS[roads[k].kind] for k in which],
        "oneway": [False] * len(which), "width_m": [WIDTHS[roads[k].kind] for k in which]})  # fmt: skip
    rails = [k for k, r in enumerate(roads) if r.kind == "铁路"]
    shapes, index = lines_within([roads[k].line for k in rails], city)
    made["railway"] = frame("railway", shapes, {
        "name": ["澜梧铁路"] * len(shapes), "kind": ["普速铁路"] * len(shapes), "opened_on": ["20061220"] * len(shapes)})  # fmt: skip
    return made


def people(draft: Draft, *, seed: int) -> Layers:
    """facility, population and jobs, as points."""
    ground, use, rng = draft.ground, draft.use, generator(seed, 14)
    home = np.flatnonzero(draft.residents > 0.0)
    folk = np.round(draft.residents[home])
    points = shapely.points(np.round(ground.middle[home], 4))
    old, young = rng.uniform(0.15, 0.3, len(home)), rng.uniform(0.05, 0.09, len(home))
    made = {"population": frame("population", points, {
        "residents": folk, "age_0_6": np.round(folk * young), "age_60": np.round(folk * old), "year": np.full(len(home), 2023)})}  # fmt: skip
    weight = {"0601": 62.0, "0508": 26.0, "05H1": 170.0, "08H1": 140.0, "08H2": 85.0, "0701": 12.0}
    work = np.flatnonzero(draft.urban.built & np.isin(use.survey, tuple(weight)))
    number = np.round(
        np.array([weight[c] for c in use.survey[work]]) * ground.area[work] / 1e4 * rng.uniform(0.7, 1.3, len(work))
    )
    sector = {
        "0601": "制造业",
        "0508": "仓储物流",
        "05H1": "商业服务业",
        "08H1": "公共管理",
        "08H2": "科教文卫",
        "0701": "社区服务",
    }
    made["jobs"] = frame("jobs", shapely.points(np.round(ground.middle[work], 4)), {
        "jobs": number, "sector": [sector[c] for c in use.survey[work]], "year": np.full(len(work), 2023)})  # fmt: skip
    made["facility"] = _facilities(draft, rng)
    return made


def _facilities(draft: Draft, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Services of every town by its residents, at built parcels that suit them, spread by the homes around them."""
    ground, use = draft.ground, draft.use
    rows: list[tuple[int, str, str, float]] = []
    for number, place in enumerate(draft.places):
        here = draft.urban.built & (ground.owner == number) & ground.land
        if not here.any():
            continue
        fit = np.flatnonzero(here & np.isin(use.survey, ("08H2", "0701", "05H1", "0809")))
        for kind, (level, folk, capacity) in FACILITIES.items():
            count = max(1, round(place.residents / folk)) if kind not in ("医院", "消防站") or place.tier < 3 else 0
            spread = fit[np.argsort(rng.random(len(fit)), kind="stable")]
            rows.extend((int(face), kind, level, capacity) for face in _apart(ground.middle, spread, count))
    xy = np.array([ground.middle[r[0]] for r in rows]) + rng.uniform(-22.0, 22.0, (len(rows), 2))
    return frame("facility", shapely.points(np.round(xy, 4)), {
        "kind": [r[1] for r in rows], "name": [f"{r[1]}{n:03d}" for n, r in enumerate(rows, start=1)], "level": [r[2] for r in rows],
        "capacity": [r[3] for r in rows]})  # fmt: skip


def _apart(middle: NDArray[np.float64], candidates: NDArray[np.int64], count: int) -> list[int]:
    """Up to `count` candidates, each as far as can be from those before."""
    chosen = candidates[:1].tolist()
    far = np.full(len(candidates), np.inf)
    while len(chosen) < min(count, len(candidates)):
        far = np.minimum(far, np.hypot(*(middle[candidates] - middle[chosen[-1]]).T))
        chosen.append(int(candidates[int(np.argmax(far))]))
    return [int(c) for c in chosen[:count]]
