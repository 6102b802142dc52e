"""The layers about towns: the urban system, the central urban area and its four lines, approved land and projects."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.demo.land_use import PLAN_NAMES
from gis.demo.names import CITY_CODE, CITY_NAME, COUNTIES, village_names
from gis.demo.plan_layers import Draft, Layers
from gis.demo.tables import adjusted, frame, regions, rounded_area
from gis.demo.terrain import Floats, generator

__all__ = ["central_area", "change_layers", "old_town", "urban_system"]

TIERS = ("中心城市", "县城", "镇", "乡集镇")
THEMES = ("文旅古镇", "茶产业", "装备制造", "滨水康养", "竹编工艺", "花木园艺", "电商物流", "果蔬加工", "山地运动")
GREEN, BLUE = ("1401", "1402", "1403"), ("1701", "1703")
YELLOW = ("1301", "1302", "1303", "1309", "1310")
Mask = NDArray[np.bool_]


def urban_system(draft: Draft, villages: Floats, *, seed: int) -> Layers:
    """settlement, county_town, featured_town, cluster, axis, main_function and village."""
    made = {"settlement": _settlements(draft, villages, seed)}
    places, ground, names = draft.places, draft.ground, _place_names(draft)
    towns = draft.urban.concentrated & ~draft.urban.park
    seats = [k for k, place in enumerate(places) if place.tier == 1]
    shapes = [_main_piece(draft, towns & (ground.owner == k)) for k in seats]
    made["county_town"] = frame("county_town", shapes, {
        "name": [names[k] for k in seats], "kind": [("农产品主产区县城", "专业功能县城")[k % 2] for k in seats],
        "area_code": [_county_of(draft, k) for k in seats],
        "residents": [places[k].residents for k in seats], "planned_residents": [round(places[k].residents * 1.15, -2) for k in seats],
        "area_m2": rounded_area(shapes),
    })  # fmt: skip
    first = len(seats) + 1  # of the towns that are no county towns
    fit = (first, first + 2, first + 3, *range(first + 5, len(places), 6))
    chosen = [k for k in fit if (towns & (ground.owner == k)).any()][: len(seats) + 1]
    shapes = [_main_piece(draft, towns & (ground.owner == k)) for k in chosen]
    area = rounded_area(shapes)
    made["featured_town"] = frame("featured_town", shapes, {
        "name": [f"{names[k]}特色小城镇" for k in chosen], "theme": list(THEMES[: len(chosen)]),
        "quota_ha": np.ceil(area / 1e4 / 10.0) * 10.0, "area_m2": area,
    })  # fmt: skip
    made["cluster"] = _clusters(draft)
    points = [shapely.Point(p.x, p.y) for p in places]
    axes = ("澜江城镇发展轴", "梧砚城乡融合发展轴", *(f"澜城—{names[k]}城乡融合发展轴" for k in seats[2:]))
    made["axis"] = frame("axis", [shapely.LineString([points[k], points[0]]) for k in seats], {
        "name": axes, "role": [("山区与平原产业协作", "中心城市与县城联动发展")[k % 2] for k in seats]})  # fmt: skip
    made["main_function"] = _main_function(draft)
    made["village"] = _villages(draft, villages, seed)
    return made


def _place_names(draft: Draft) -> list[str]:
    """The name of each town without its ending; the centre carries the city's."""
    admin = draft.ground.admin
    names = [CITY_NAME[:2]] + [""] * (len(draft.places) - 1)
    for name, place in zip(admin.names, admin.places, strict=True):
        if place:
            names[place] = name
    return names


def _county_of(draft: Draft, place: int) -> str:
    admin = draft.ground.admin
    return next(code[:6] for code, p in zip(admin.codes, admin.places, strict=True) if p == place)


def _main_piece(draft: Draft, mask: Mask) -> shapely.Geometry:
    shapes, leader = regions(draft.ground, mask, draft.county)
    return shapes[int(np.argmax(shapely.area(shapes)))] if len(leader) else shapely.Polygon()


def _settlements(draft: Draft, villages: Floats, seed: int) -> gpd.GeoDataFrame:
    """Points of all towns and villages with their tier, residents and function."""
    places, names = draft.places, _place_names(draft)
    roles = ("综合服务与先进制造中心", "工贸与旅游服务", "农产品加工与商贸")
    rest = ("商贸服务", "现代农业服务", "文化旅游", "加工制造")
    function = [
        roles[0] if p.tier == 0 else roles[2 - k % 2] if p.tier == 1 else rest[k % 4] for k, p in enumerate(places)
    ]
    rural = village_names(generator(seed, 12), len(villages))
    tree = shapely.STRtree(draft.ground.faces.polygon)
    xy = np.round(np.vstack([[[p.x, p.y] for p in places], villages[:, :2]]), 4)
    face = tree.nearest(shapely.points(xy))
    return frame("settlement", shapely.points(xy), {
        "name": [CITY_NAME, *names[1:], *rural], "tier": [TIERS[p.tier] for p in places] + ["村"] * len(villages),
        "area_code": draft.county[face],
        "residents": np.r_[[p.residents for p in places], villages[:, 2]],
        "planned_residents": np.round(np.r_[[p.residents * (1.22, 1.15, 1.06, 1.0)[p.tier] for p in places], villages[:, 2] * 0.86], -1),
        "function": function + ["农业生产与乡村生活"] * len(villages), "year": np.full(len(xy), 2023),
    })  # fmt: skip


def _clusters(draft: Draft) -> gpd.GeoDataFrame:
    """The centre's clusters on either bank of the main river, and the industrial park."""
    ground, centre = draft.ground, draft.places[0]
    inside = draft.urban.concentrated & (ground.owner == 0) & ~draft.urban.park
    side = (ground.middle - [centre.x, centre.y]) @ [-np.sin(centre.angle), np.cos(centre.angle)] > 0.0
    rows = (
        (inside & side, "江北组团", "行政文化与高新产业"),
        (inside & ~side, "江南组团", "商贸居住与交通枢纽"),
        (draft.urban.park, "飞地产业组团", "先进制造"),
    )
    shapes = [_main_piece(draft, mask) for mask, _, _ in rows]
    return frame(
        "cluster", shapes, {"name": [r[1] for r in rows], "area_m2": rounded_area(shapes), "role": [r[2] for r in rows]}
    )


def _main_function(draft: Draft) -> gpd.GeoDataFrame:
    """The major function of each township: by what most of its land is."""
    ground = draft.ground
    shapes, leader = regions(ground, np.ones(ground.count, dtype=np.bool_), draft.township, single=False)
    town = draft.township[leader]
    share = [np.bincount(draft.township, ground.area * m)[town] / np.bincount(draft.township, ground.area)[town]
             for m in (draft.urban.boundary, draft.lines.farmland, draft.lines.redline)]  # fmt: skip
    function = np.select([share[0] > 0.22, share[2] > 0.32], ["城市化地区", "重点生态功能区"], "农产品主产区")
    overlay = np.where((function == "城市化地区") & (share[1] > 0.2), "能源资源富集区", "")
    overlay = np.where(town == town[-1], "历史文化资源富集区", np.where(overlay != "", "", overlay))
    return frame("main_function", shapes, {
        "area_code": np.array(ground.admin.codes)[town], "area_name": np.array(ground.admin.names)[town],
        "area_m2": rounded_area(shapes), "main_function": function, "overlay_function": overlay})  # fmt: skip


def _villages(draft: Draft, villages: Floats, seed: int) -> gpd.GeoDataFrame:
    """The building line of each village outside the boundary."""
    ground = draft.ground
    mask = ground.village & (draft.lines.zone == "510")
    shapes, leader = regions(ground, mask, ground.faces.line, draft.township)
    number = ground.faces.line[leader]
    names = np.array(village_names(generator(seed, 12), len(villages)))[number]
    town = np.array(ground.admin.codes)[draft.township[leader]]
    serial = np.array([f"{code}{200 + n:03d}" for n, code in enumerate(town)])
    folk = villages[number, 2]
    return frame("village", shapes, {
        "area_code": serial, "area_name": names, "area_m2": rounded_area(shapes), "residents": folk, "urban_residents": np.zeros(len(folk)),
        "is_district": np.zeros(len(folk), dtype=np.bool_), "kind": np.full(len(folk), "村庄建设边界"), "households": np.round(folk / 2.9).astype(int),
    })  # fmt: skip


def central_area(draft: Draft) -> Layers:
    """central_district, land_use_plan and the four urban lines."""
    ground, plan = draft.ground, draft.use.plan
    shape, _ = regions(ground, draft.central, np.zeros(ground.count), single=False)
    total = rounded_area(shape)
    made = {"central_district": frame("central_district", shape, {
        "area_code": [CITY_CODE], "area_name": [CITY_NAME], "area_m2": total, "residents": [float(draft.residents[draft.central].sum())]})}  # fmt: skip
    shapes, leader = regions(ground, draft.central, np.arange(ground.count))
    built = draft.urban.built[leader]
    made["land_use_plan"] = frame("land_use_plan", shapes, {
        "area_code": draft.county[leader], "area_name": [COUNTIES[c] for c in draft.county[leader]], "class_code": plan[leader],
        "class_name": [PLAN_NAMES[c] for c in plan[leader]],
        "area_m2": adjusted(rounded_area(shapes), np.zeros(len(shapes)), {0: float(total[0])}),
        "status": np.where(built, "现状保留", np.where(draft.urban.growth[leader], "规划新增", "现状保留")),
        "scope": np.full(len(shapes), "central_district"),
    })  # fmt: skip
    inside = draft.central & draft.urban.boundary
    lines = (
        ("urban_green_line", np.isin(plan, GREEN), "绿线"), ("urban_blue_line", np.isin(plan, BLUE) & (ground.faces.kind == "河流"), "蓝线"),
        ("urban_yellow_line", np.isin(plan, YELLOW), "黄线"), ("urban_purple_line", old_town(draft), "紫线"),
    )  # fmt: skip
    for layer, mask, kind in lines:
        shapes, leader = regions(ground, mask & inside, draft.county)
        made[layer] = frame(layer, shapes, {
            "name": [f"{kind}{n:02d}" for n in range(1, len(shapes) + 1)],
            "kind": [PLAN_NAMES[plan[k]] if layer != "urban_purple_line" else "历史文化街区" for k in leader], "area_m2": rounded_area(shapes)})  # fmt: skip
    return made


def old_town(draft: Draft) -> Mask:
    """The historic quarter: a few blocks by the river close to the middle of the centre."""
    ground, centre = draft.ground, draft.places[0]
    far = np.hypot(*(ground.middle - [centre.x, centre.y]).T)
    fit = draft.urban.built & ground.land & np.isin(draft.use.plan, ("0701", "0901", "0803", "0801"))
    start = np.flatnonzero(fit)[int(np.argmin(np.abs(far[fit] - 900.0)))]
    near = np.hypot(*(ground.middle - ground.middle[start]).T)
    order = np.flatnonzero(fit)[np.argsort(near[fit], kind="stable")][:3]
    mask = np.zeros(ground.count, dtype=np.bool_)
    mask[order] = True
    return mask


def change_layers(draft: Draft) -> Layers:
    """land_case (the ledger of approved land), inefficient_land and project."""
    ground, use = draft.ground, draft.use
    shapes, leader = regions(ground, use.approved, use.current, draft.county, draft.township)
    number = np.arange(1, len(shapes) + 1)
    made = {"land_case": frame("land_case", shapes, {
        "kind": np.full(len(shapes), "批次用地"), "document": [f"示政土字〔2022〕{n:03d}号" for n in number],
        "approved_on": [f"2022{1 + n % 9:02d}{1 + n % 27:02d}" for n in number], "class_code": use.current[leader],
        "area_m2": rounded_area(shapes), "state": np.where(number % 3 == 0, "供而未用", "批而未供"), "conversion_case": np.full(len(shapes), "BC01"),
    })}  # fmt: skip
    works = np.flatnonzero(draft.urban.built & (use.survey == "0601") & (ground.dice > 0.62) & (ground.owner == 0))[
        : 14 * draft.size.sites
    ]
    mask = np.zeros(ground.count, dtype=np.bool_)
    mask[works] = True
    shapes, leader = regions(ground, mask, np.arange(ground.count))
    made["inefficient_land"] = frame("inefficient_land", shapes, {
        "cause": np.where(ground.dice[leader] > 0.8, "投入产出强度低", "用途落后"), "area_m2": rounded_area(shapes),
        "planned_use": np.where(ground.dice[leader] > 0.8, "1001", "0901"), "year": np.full(len(shapes), 2026)})  # fmt: skip
    made["project"] = _projects(draft)
    return made


def _projects(draft: Draft) -> gpd.GeoDataFrame:
    """A school, works and a park in town, and a road through the redline's general control area with its recognition."""
    ground, use, inside = draft.ground, draft.use, draft.urban.growth & draft.ground.land & (draft.ground.owner == 0)
    rows: list[tuple[shapely.Geometry, str, str, str, str, str]] = []
    for code, name in (
        ("0701", "江南片区安置房"),
        ("1001", "高端装备产业园一期"),
        ("1401", "江湾公园"),
        ("080403", "江北实验学校"),
    ):
        fit = np.flatnonzero(inside & (use.plan == code) & draft.central)
        if len(fit):
            face = fit[int(np.argmax(ground.area[fit]))]
            rows.append((ground.faces.polygon[face], f"{name}项目", "房屋建筑", code, "", ""))
    lane = ground.road & draft.lines.redline & ~draft.lines.core & ~np.isin(ground.faces.kind, ("铁路", "高速公路"))
    if lane.any():
        shapes, _ = regions(ground, lane, ground.faces.line)
        longest = shapes[int(np.argmax(shapely.length(shapes)))]
        rows.append((longest, "梧岭山区公路提升改造工程", "线性工程", "1202", "6", "示自然资认字〔2024〕5号"))
    return frame("project", [r[0] for r in rows], {
        "name": [r[1] for r in rows], "kind": [r[2] for r in rows], "stage": ["规划选址"] * len(rows), "listed": [True] * len(rows),
        "class_code": [r[3] for r in rows], "accepted_on": ["20250312"] * len(rows), "activity_item": [r[4] for r in rows],
        "recognition_doc": [r[5] for r in rows], "area_m2": rounded_area([r[0] for r in rows])})  # fmt: skip
