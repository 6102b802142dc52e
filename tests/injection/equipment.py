"""What the clean city lacks and rules ask for: more layers, fields and tables, all of it lawful.

It is added before faults are planted, so that an injector alters one record, or adds one feature, of what stands there
lawfully. Nothing here depends on chance: the same plan is always equipped alike.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis.demo.drafting import geodesic_m2
from gis.demo.tables import frame
from gis.model.plan import Plan, Target
from injection.board import Board, NoRoom
from injection.systems import _table

TRACT: Final = "410"
AS_OF: Final = date(2026, 3, 1)
"""A day on which all rules but those of the past are in force."""
APART: Final = (
    "central_district", "permanent_basic_farmland", "ecological_redline", "protected_area", "hazard_area", "drinking_water",
    "flood_risk_line", "heritage_line", "project", "land_case", "urban_green_line", "urban_blue_line", "urban_yellow_line",
)  # fmt: skip


def equipped(plan: Plan) -> Plan:
    """The plan with everything that further rules ask for; nothing is wrong with it."""
    board = Board(plan, np.random.default_rng(7))
    for layer, made in (_fields(plan) | _layers(board)).items():
        plan = plan.with_layer(layer, made, plan.source(layer))
    texts = {"规划文本": f"到2035年，全市新建绿道长度 {20 * len(plan['county'])} 千米。"}
    plan = replace(plan, tables=_tables(plan), texts=texts, inventory=INVENTORY, as_of=AS_OF)
    return plan.with_targets(natural_shoreline_share=Target(30.0, "%"))


def entry(board: Board, table: str, **values: Any) -> None:
    """One more row in a table, otherwise as its first row."""
    if table not in board.plan.tables:
        raise NoRoom(table)

    def change(plan: Plan) -> Plan:
        frame = plan.tables[table]
        row = pd.DataFrame([{**frame.iloc[0].to_dict(), **values}])[list(frame.columns)].astype(frame.dtypes)
        return replace(plan, tables={**plan.tables, table: pd.concat([frame, row], ignore_index=True)})

    board.alter(change)


def parameter(board: Board, rule: str, **values: Any) -> None:
    """The plan sets a parameter of a rule; once for each rule."""
    board.claim("parameter", rule)
    board.alter(lambda plan: replace(plan, parameters={**plan.parameters, rule: values}))


def called(board: Board, stem: str) -> str:
    """A name that nothing else has."""
    board.serial += 1
    return f"{stem}{board.serial}"


def _fields(plan: Plan) -> dict[str, gpd.GeoDataFrame]:
    """Projects, approved land and heritage lines that state all that is asked of them."""
    project = plan["project"]
    return {
        "project": project.assign(
            project_id=_texts("P", len(project)), reason_outside="有特定选址要求", assessment_doc="示评〔2025〕1号",
            avoidance_doc="示论〔2025〕1号", demolishes=False,
        ),
        "land_case": plan["land_case"].assign(public_share=0.45),
        "heritage_line": plan["heritage_line"].assign(height_m=24.0),
        "hazard_area": plan["hazard_area"].assign(depth_m=2.0),
    }  # fmt: skip


def _texts(stem: str, count: int) -> list[str]:
    return [f"{stem}{n:03d}" for n in range(1, count + 1)]


def _layers(board: Board) -> dict[str, gpd.GeoDataFrame]:
    """One or a few lawful features of each layer that the city has not drawn."""
    plan = board.plan
    woods = lambda f: f["zone_code"] == "530"  # noqa: E731
    town = lambda f: f["zone_code"] == TRACT  # noqa: E731
    away = ("urban_development_boundary", *APART)

    def wild() -> Any:
        return board.square("planning_zone", woods, 60.0, away)[1]

    def urban() -> Any:
        return board.square("urban_development_boundary", town, 60.0, APART)[1]

    sea = board.square("planning_zone", lambda f: f["zone_code"] == "100", 80.0, ("protected_area", "project"))[1]
    county = plan["county"]
    units = {
        "unit_id": _texts("DY", len(county)), "area_m2": county["area_m2"].to_numpy(), "required_facilities": "",
        "kind": "综合单元", "residents": county["residents"].astype(int).to_numpy(),
    }  # fmt: skip
    piece = urban()
    where = {"area_code": [county["area_code"][board.holder("county", piece)]]}
    shore = shapely.LineString(shapely.get_coordinates(sea)[:2])
    said: dict[str, tuple[list[Any], dict[str, Any]]] = {
        "maintenance_change": ([piece], {
            **where, "change_kind": ["2"], "reason": ["勘误"], "change_id": ["0001"], "counted_as": ["不计入"],
            "subject": ["城镇开发边界"], "quota_source": ["无"],
        }),
        "annual_supply": ([urban()], {"year": [2024], "class_code": ["1401"], "stock": [True], "counted_m2": [0.0]}),
        "park": ([urban()], {
            "name": ["江南工业园"], "level": ["省级"], "approved_on": ["20240506"], "chemical": [False], "safety_line_m": [np.nan],
        }),
        "plan_unit": (list(county.geometry), units),
        "plot": ([urban()], {
            "unit_id": [""], "class_code": ["0701"], "plot_ratio": [1.5], "density": [30.0], "green_ratio": [30.0],
            "height_m": [24.0], "facilities": [""], "floor_area_m2": [np.nan],
        }),
        "character_zone": ([wild()], {
            "name": ["望山视廊"], "height_guide": ["不高于山脊"], "colour_guide": ["素雅"], "skyline_guide": ["平缓"],
            "view_from": ["城隍阁"], "view_to": ["砚山"], "height_m": [36.0],
        }),
        "core_area": ([wild()], {"name": ["老城核心区"], "base_year": [2020]}),
        "relocation": ([urban().centroid], {
            "what": ["综合市场"], "from_place": ["老城"], "to_place": [str(plan["cluster"]["name"].iloc[0])],
            "area_ha": [np.nan], "jobs": [300], "year": [2026],
        }),
        "coastline": ([shore, shapely.affinity.translate(shore, 5.0, 5.0)], {
            "kind": ["自然岸线", "人工岸线"], "control": ["优化利用", "优化利用"], "length_m": [4000.0, 6000.0],
        }),
        "sea_area": ([sea], {"name": ["近海海域"], "kind": ["海域"], "use_code": [""], "approved_on": [""]}),
        "change_survey": ([wild()], {
            "class_before": ["0301"], "class_code": ["0301"], "settlement_code": [""], "planting_code": [""],
            "year": [2023], "approval": [""],
        }),
        "lifeline": ([shapely.LineString(shapely.get_coordinates(wild())[:2])], {
            "kind": ["给水干管"], "voltage_or_class": ["DN600"], "critical": [True], "serves": [1000],
        }),
    }  # fmt: skip
    made = {}
    for layer, (shapes, values) in said.items():
        stated = {} if layer in ("plan_unit", "relocation", "coastline", "lifeline", "maintenance_change", "plot") else {
            "area_m2": [geodesic_m2(each, plan.crs) for each in shapes]
        }  # fmt: skip
        made[layer] = frame(layer, shapes, {**values, **stated}).to_crs(plan.crs)
    return made


def _tables(plan: Plan) -> dict[str, pd.DataFrame]:
    """Accounts and registers in which nothing is wrong."""
    heritage, county = plan["heritage_line"], plan["county"]
    rows: dict[str, list[dict[str, Any]]] = {
        "t_quota_account": [
            {"account": "A01", "kind": "新增城镇建设用地", "county": "甲县", "year": 2021, "opening_ha": 1000.0,
             "issued_ha": 0.0, "used_ha": 20.0, "returned_ha": 0.0, "closing_ha": 980.0, "document": "示资账〔2021〕1号"},
            {"account": "A02", "kind": "边界外零星用地", "county": "甲县", "year": 2024, "opening_ha": np.nan,
             "issued_ha": np.nan, "used_ha": 2.0, "returned_ha": 2.0, "closing_ha": 0.0, "document": "示资账〔2024〕2号"},
        ],
        "t_farmland_balance": [
            {"entry": "B01", "side": "占用", "county": "甲县", "year": 2024, "area_mu": 10.0, "class_code": "0101",
             "grade": 5.0, "source_kind": "占用", "parcel": "D001", "project_id": "OLD1", "capacity_kg": 5000.0,
             "document": "示耕〔2024〕1号", "accepted_on": "20240301"},
            {"entry": "B02", "side": "补充", "county": "甲县", "year": 2024, "area_mu": 10.0, "class_code": "0101",
             "grade": 5.0, "source_kind": "新增耕地", "parcel": "D002", "project_id": "OLD1", "capacity_kg": 5000.0,
             "document": "示耕〔2024〕2号", "accepted_on": "20240301"},
        ],
        "t_redesignation": [
            {"case": "C01", "taken_out_mu": 5.0, "taken_out_grade": 6.0, "parcel": "R001", "area_mu": 5.0, "grade": 6.0,
             "slope_class": "2", "from_reserve": True, "reason": "", "distance_km": 3.0, "document": "示补〔2025〕1号"},
        ],
        "t_linked_project": [
            {"project": "L01", "demolished_ha": 5.0, "built_ha": 3.0, "restored_ha": 2.0, "accepted_on": "20250301",
             "farmland_adjusted_mu": 100.0, "farmland_new_mu": 105.0},
        ],
        "t_line_version": [
            {"line": line, "version": plan.source(line).version, "kind": "封库", "approved_on": "2022-10-14",
             "document": "示线〔2022〕1号", "hash": "", "supersedes": ""}
            for line in ("permanent_basic_farmland", "ecological_redline", "urban_development_boundary")
        ],
        "t_opinion": [
            {"id": "Y01", "place": "全市", "topic": "道路", "received_on": "2025-03-10", "adopted": "采纳", "reply": "已修改",
             "replied_on": "2025-04-10", "notice_from": "2025-03-01", "notice_to": "2025-03-30"},
        ],
        "t_heritage_register": [
            {"item": name, "code": f"LS{n}", "kind": "历史文化", "level": "省级", "place": "澜城区", "document": "示文〔2020〕1号",
             "date": "2020-01-01", "layer": "历史文化保护线"}
            for n, name in enumerate(dict.fromkeys(heritage["name"]), 1)
        ],
        "t_key_project": [
            {"project_id": f"P{n:03d}", "name": name, "kind": "民生", "place": "澜城区", "area_ha": 10.0, "period": "2025", "basis": "规划"}
            for n, name in enumerate(plan["project"]["name"], 1)
        ],
        "t_indicator": [
            {"indicator_id": "M35-99", "name": "新建绿道长度", "area_unit": unit, "base": value, "target_2025": value,
             "target_2035": 2 * value, "unit": "千米", "binding": "预期性"}
            for unit, value in (("全市", 10.0 * len(county)), *((name, 10.0) for name in county["area_name"]))
        ],
        "t_land_use_structure": [{"class_code": "01", "class_name": "耕地", "area_unit": "全市"}],
        "t_town_system": [{"town": "示例镇", "level": "镇"}],
        "t_central_land_use": [{"class_code": "0701", "class_name": "城镇住宅用地"}],
        "t_public_service": [{"name": "市民中心", "kind": "文化"}],
    }  # fmt: skip
    rows["t_heritage_register"] += [
        {"item": name, "code": f"ZB{n}", "kind": "自然保护地", "level": "省级", "place": "汐湖区", "document": "示林〔2020〕1号",
         "date": "2020-01-01", "layer": "自然保护地"}
        for n, name in enumerate(dict.fromkeys(plan["protected_area"]["name"]), 1)
    ]  # fmt: skip
    made = {name: pd.DataFrame(each) for name, each in rows.items()}
    return {**made, "t_control_line_task": _table(Board(plan, np.random.default_rng(0)))}


INVENTORY: Final = (
    "规划文本/规划文本.docx", "规划图件/01现状图.pdf", "数据库/plan.gpkg", "规划说明/规划说明.docx", "专题研究/专题.docx",
    "公示与意见/公示情况.docx",
)  # fmt: skip
"""A folder that holds each part of a delivery."""
