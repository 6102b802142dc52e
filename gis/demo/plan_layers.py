"""The layers that are unions of faces: administration, land use, the three lines, zones and spaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from gis.demo.ground import Ground
from gis.demo.land_use import PLAN_NAMES, SURVEY_NAMES, LandUse
from gis.demo.lines import Lines, redline_names
from gis.demo.names import CITY_CODE, CITY_NAME, COUNTIES
from gis.demo.settlements import Place
from gis.demo.sizes import Size
from gis.demo.tables import adjusted, frame, regions, rounded_area
from gis.demo.terrain import Floats, Ints
from gis.demo.urban import Urban

__all__ = ["ZONE_NAMES", "Draft", "administration", "boundary_layers", "control_lines", "land_layers"]

ZONE_NAMES = {
    "100": "生态保护区", "200": "生态控制区", "300": "农田保护区", "410": "城镇集中建设区", "420": "城镇弹性发展区",
    "430": "特别用途区", "510": "村庄建设区", "520": "一般农业区", "530": "林业发展区", "700": "矿产能源发展区",
}  # fmt: skip
SPACES = {
    "ecological_space": ("100", "200"),
    "agricultural_space": ("300", "510", "520", "530"),
    "urban_space": ("410", "420", "430"),
}
DEDUCTED = {2: 0.045, 3: 0.085, 4: 0.125, 5: 0.16}  # share of ridges (田坎) by slope class
YEAR = 2023
Layers = dict[str, gpd.GeoDataFrame]


@dataclass(frozen=True)
class Draft:
    """The whole plan as values over faces; `county` is the code that administers each face, the enclave's included."""

    ground: Ground
    use: LandUse
    urban: Urban
    lines: Lines
    places: list[Place]
    county: NDArray[np.str_]
    township: Ints
    enclave: NDArray[np.bool_]
    central: NDArray[np.bool_]
    residents: Floats  # per face, everybody
    size: Size


def administration(draft: Draft) -> Layers:
    """municipality, county, township with control areas that add up, and residents."""
    ground, everything = draft.ground, np.ones(draft.ground.count, dtype=np.bool_)
    admin = ground.admin
    towns, leader = regions(ground, everything, draft.township, single=False)
    codes = np.array(admin.codes)[draft.township[leader]]
    names = np.array(admin.names)[draft.township[leader]]
    counties, head = regions(ground, everything, draft.county, single=False)
    county_codes = draft.county[head]
    area = rounded_area(counties)
    control = dict(zip(county_codes.tolist(), area.tolist(), strict=True))
    town_area = adjusted(rounded_area(towns), np.array([c[:6] for c in codes]), control)
    urban = np.char.startswith(draft.use.settlement, "201") | np.char.startswith(draft.use.settlement, "202")
    folk = [
        [float(draft.residents[(key == k) & m].sum()) for k in order]
        for key, order, m in (
            (draft.township, draft.township[leader], everything),
            (draft.township, draft.township[leader], urban),
            (draft.county, county_codes, everything),
            (draft.county, county_codes, urban),
        )
    ]
    city, _ = regions(ground, everything, np.zeros(ground.count), single=False)
    return {
        "municipality": frame("municipality", city, {
            "area_code": [CITY_CODE], "area_name": [CITY_NAME], "area_m2": np.round([area.sum()], 2), "residents": [sum(folk[2])],
            "urban_residents": [sum(folk[3])], "is_district": [False]}),
        "county": frame("county", counties, {
            "area_code": county_codes, "area_name": [COUNTIES[c] for c in county_codes], "area_m2": area, "residents": folk[2],
            "urban_residents": folk[3], "is_district": [c < "339920" for c in county_codes]}),
        "township": frame("township", towns, {
            "area_code": codes, "area_name": names, "area_m2": town_area, "residents": folk[0], "urban_residents": folk[1],
            "is_district": [False] * len(codes)}),
    }  # fmt: skip


def land_layers(draft: Draft, counties: gpd.GeoDataFrame, townships: gpd.GeoDataFrame) -> Layers:
    """survey_parcel and land_use_current on the same parcels, the lines that hold whole parcels, and planned land use."""
    ground, use, lines = draft.ground, draft.use, draft.lines
    shapes, leader = _parcels(draft)
    town = np.array(ground.admin.codes)[draft.township[leader]]
    area = adjusted(rounded_area(shapes), town, townships["area_m2"].to_dict())
    survey, county = use.survey[leader], draft.county[leader]
    sown = np.char.startswith(survey, "01")
    slope = np.where(sown, lines.slope_class[leader], 0)
    share = np.where(sown, np.select([slope == k for k in DEDUCTED], list(DEDUCTED.values()), 0.0), 0.0)
    deducted = np.round(area * share, 2)
    village = np.array([ground.admin.names[k] for k in draft.township[leader]])
    common: dict[str, Any] = {
        "parcel_id": [f"{n:06d}" for n in range(1, len(shapes) + 1)],
        "class_code": survey,
        "class_name": [SURVEY_NAMES[c] for c in survey],
        "ownership": np.where(np.isin(survey, ("0702", "1006")) | np.char.startswith(survey, "01") | np.char.startswith(survey, "02"), "30", "10"),
        "owner_name": village, "seat_code": town, "seat_name": village,
        "deducted_area_m2": deducted,
        "cultivated_kind": np.where(sown & use.terrace[leader], "TT", np.where(sown & (slope > 1), "PD", "")),
        "slope_class": np.where(sown, slope.astype("U1"), ""),
        "data_year": np.full(len(shapes), YEAR),
    }  # fmt: skip
    grade = np.where(sown, np.clip(4 + slope + (survey == "0103"), 1, 15), 0)
    loose = sown & ~lines.farmland[leader] & ~lines.reserve[leader] & (ground.dice[leader] < 0.3)
    refined = np.where(loose & (slope < 3), "HDGD", np.where(loose, "LQGD", ""))
    parcels = frame("survey_parcel", shapes, {
        **common, "area_m2": area, "net_area_m2": np.round(area - deducted, 2),
        "settlement_code": np.where(use.approved[leader], "", use.settlement[leader]),
        "planting_code": np.where(sown & (ground.dice[leader] < 0.04), "JKHF", np.where(sown, "LS", "")),
        "refinement_code": refined,
        "enclave": np.where(draft.enclave[leader], "1", ""),
    })  # fmt: skip
    parcels["grade"] = np.where(sown, grade, np.nan)
    current = frame("land_use_current", shapes, {
        "area_code": county, "class_code": use.current[leader], "class_name": [PLAN_NAMES[c] for c in use.current[leader]],
        "area_m2": area, "settlement_code": use.settlement[leader], "approved": use.approved[leader],
        "conversion_case": np.where(use.approved[leader], "BC01", ""),
    })  # fmt: skip
    made = {"survey_parcel": parcels, "land_use_current": current}
    made |= _farmland(draft, shapes, leader, common, area, deducted)
    return made


def _parcels(draft: Draft) -> tuple[NDArray[np.object_], Ints]:
    """Survey parcels: neighbouring faces of open land with the same class, zone and township go together up to a field's size."""
    ground, use = draft.ground, draft.use
    x, y = ground.middle.T
    flat = ground.land & ~draft.urban.built & ~ground.village & ~draft.urban.window
    later = np.isin(ground.faces.kind, ("主干路", "次干路", "支路")) & ~draft.urban.built
    small = (flat & (ground.area < 9e4) & (draft.size.parcel_m2 == 0.0)) | later
    tile = np.where(
        small, (x // 730.0).astype(np.int64) * 100_000 + (y // 730.0).astype(np.int64), -1 - np.arange(ground.count)
    )
    return regions(
        ground, np.ones(ground.count, dtype=np.bool_), use.survey, draft.lines.zone, draft.township, use.approved, tile,
        draft.lines.farmland, draft.lines.reserve, use.current, draft.lines.slope_class, use.terrace, draft.central,
    )  # fmt: skip


def _farmland(
    draft: Draft,
    shapes: NDArray[np.object_],
    leader: Ints,
    common: dict[str, Any],
    area: Floats,
    deducted: Floats,
) -> Layers:
    """permanent_basic_farmland and farmland_reserve: one feature per survey parcel."""
    made: Layers = {}
    county = draft.county[leader]
    grade = np.clip(4 + draft.lines.slope_class[leader] + (draft.use.survey[leader] == "0103"), 1, 15)
    for layer, mask in (("permanent_basic_farmland", draft.lines.farmland), ("farmland_reserve", draft.lines.reserve)):
        here = np.flatnonzero(mask[leader])
        columns: dict[str, Any] = {name: np.asarray(values)[here] for name, values in common.items()}
        columns["ownership"] = np.full(len(here), "30")
        net = np.round(area - deducted, 2)[here]
        if layer == "permanent_basic_farmland":
            columns |= {
                "area_code": county[here], "area_name": np.array([COUNTIES[c] for c in county[here]]),
                "block_id": np.array([f"{c}{n:06d}" for n, c in enumerate(county[here], start=1)]),
                "gross_area_m2": area[here], "area_m2": net, "grade": grade[here], "stable": np.full(len(here), "1"), "refinement_code": np.full(len(here), ""),
                "planting_code": np.where(draft.ground.dice[leader][here] < 0.04, "JKHF", "LS"), "protected_from": np.full(len(here), "20221001"),
            }  # fmt: skip
        else:
            columns |= {"area_m2": net, "grade": grade[here]}
        made[layer] = frame(layer, shapes[here], columns)
    return made


def control_lines(draft: Draft) -> Layers:
    """ecological_redline (multipart named units), protected_area and drinking_water."""
    ground, lines = draft.ground, draft.lines
    shapes, leader = regions(ground, lines.redline, draft.county, lines.unit, single=False)
    county = draft.county[leader]
    names = redline_names(lines.unit, draft.county)
    made = {"ecological_redline": frame("ecological_redline", shapes, {
        "area_code": county, "area_name": [COUNTIES[c] for c in county], "name": [names[int(k)] for k in lines.unit[leader]],
        "kind_code": np.full(len(shapes), "11"), "land_or_sea": np.full(len(shapes), "陆域"), "area_m2": rounded_area(shapes),
        "control_measures": np.full(len(shapes), "自然保护地核心保护区外仅允许有限人为活动"),
    })}  # fmt: skip
    areas = (
        (lines.core, "梧岭省级自然保护区", "自然保护区", "核心保护区", "省级"), (lines.general, "梧岭省级自然保护区", "自然保护区", "一般控制区", "省级"),
        (lines.forest_park, "砚山岭市级森林公园", "自然公园", "一般控制区", "市级"), (lines.scenic, "汐湖山省级风景名胜区", "风景名胜区", "", "省级"),
    )  # fmt: skip
    rows = [row for row in areas if row[0].any()]
    parts = [_one(ground, row[0]) for row in rows]
    made["protected_area"] = frame("protected_area", parts, {
        "name": [r[1] for r in rows], "area_m2": rounded_area(parts), "kind": [r[2] for r in rows], "zone": [r[3] for r in rows],
        "level": [r[4] for r in rows], "approved_on": np.full(len(rows), "20090618"),
    })  # fmt: skip
    parts = [_one(ground, lines.intake), _one(ground, lines.catchment)]
    made["drinking_water"] = frame("drinking_water", parts, {
        "name": ["云硐水库饮用水水源保护区"] * 2, "area_m2": rounded_area(parts), "level": ["一级", "二级"], "approved_on": ["20120305"] * 2,
    })  # fmt: skip
    return made


def _one(ground: Ground, mask: NDArray[np.bool_]) -> shapely.Geometry:
    return regions(ground, mask, np.zeros(ground.count), single=False)[0][0]


def boundary_layers(draft: Draft, counties: gpd.GeoDataFrame) -> Layers:
    """urban_development_boundary, planning_zone and the three spaces."""
    ground, zone = draft.ground, draft.lines.zone
    shapes, leader = regions(ground, draft.urban.boundary, zone, draft.county)
    made = {"urban_development_boundary": frame("urban_development_boundary", shapes, {
        **_zone_columns(draft, leader), "area_m2": rounded_area(shapes),
        "counted_as": np.where(zone[leader] == "410", "计入", "不计入"),
        "remark": np.where(draft.enclave[leader], "飞地", ""),
    })}  # fmt: skip
    shapes, leader = regions(ground, np.ones(ground.count, dtype=np.bool_), zone, draft.county)
    control = counties["area_m2"].to_dict()
    made["planning_zone"] = frame("planning_zone", shapes, {
        **_zone_columns(draft, leader), "area_m2": adjusted(rounded_area(shapes), draft.county[leader], control),
        "scope": np.full(len(shapes), "municipality"),
    })  # fmt: skip
    for layer, codes in SPACES.items():
        shapes, leader = regions(ground, np.isin(zone, codes), draft.county, single=False)
        made[layer] = frame(
            layer, shapes, {"source": np.full(len(shapes), "规划分区归并"), "area_m2": rounded_area(shapes)}
        )
    return made


def _zone_columns(draft: Draft, leader: Ints) -> dict[str, NDArray[np.str_]]:
    zone, county = draft.lines.zone[leader], draft.county[leader]
    return {
        "area_code": county, "area_name": np.array([COUNTIES[c] for c in county]), "zone_code": zone,
        "zone_name": np.array([ZONE_NAMES[z] for z in zone]),
    }  # fmt: skip
