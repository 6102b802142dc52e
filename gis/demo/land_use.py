"""What grows and stands on each face now: survey classes (三调), their classes in the plan, and what the plan makes of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.demo.ground import Ground
from gis.demo.settlements import Place
from gis.demo.terrain import Floats
from gis.demo.urban import Urban

__all__ = ["PLAN_NAMES", "SURVEY_NAMES", "LandUse", "make_land_use"]

Codes = NDArray[np.str_]
Mask = NDArray[np.bool_]

SURVEY_NAMES = {
    "0101": "水田", "0102": "水浇地", "0103": "旱地", "0201": "果园", "0202": "茶园", "0301": "乔木林地", "0302": "竹林地",
    "0305": "灌木林地", "0307": "其他林地", "0404": "其他草地", "05H1": "商业服务业设施用地", "0508": "物流仓储用地",
    "0601": "工业用地", "0602": "采矿用地", "0701": "城镇住宅用地", "0702": "农村宅基地", "08H1": "机关团体新闻出版用地",
    "08H2": "科教文卫用地", "0809": "公用设施用地", "0810": "公园与绿地", "0810A": "广场用地", "09": "特殊用地", "1001": "铁路用地",
    "1003": "公路用地", "1004": "城镇村道路用地", "1005": "交通服务场站用地", "1006": "农村道路", "1101": "河流水面",
    "1103": "水库水面", "1104": "坑塘水面", "1106": "内陆滩涂", "1107": "沟渠", "1109": "水工建筑用地", "1201": "空闲地", "1202": "设施农用地",
    "1207": "裸岩石砾地",
}  # fmt: skip
PLAN_NAMES = {
    "0101": "水田", "0102": "水浇地", "0103": "旱地", "0201": "果园", "0202": "茶园", "0301": "乔木林地", "0302": "竹林地",
    "0303": "灌木林地", "0304": "其他林地", "0403": "其他草地", "0506": "内陆滩涂", "060101": "村道用地", "060201": "种植设施建设用地",
    "060202": "畜禽养殖设施建设用地", "0701": "城镇住宅用地", "0703": "农村宅基地", "0704": "农村社区服务设施用地", "0801": "机关团体用地",
    "0802": "科研用地", "0803": "文化用地", "080401": "高等教育用地", "080403": "中小学用地", "0805": "体育用地", "080601": "医院用地",
    "080701": "老年人社会福利用地", "0901": "商业用地", "0902": "商务金融用地", "1001": "工业用地", "1002": "采矿用地",
    "1101": "物流仓储用地", "1201": "铁路用地", "1202": "公路用地", "1207": "城镇村道路用地", "1208": "交通场站用地", "1301": "供水用地",
    "1302": "排水用地", "1303": "供电用地", "1309": "环卫用地", "1310": "消防用地", "1311": "水工设施用地", "1401": "公园绿地",
    "1402": "防护绿地", "1403": "广场用地", "1503": "宗教用地", "1504": "文物古迹用地", "1506": "殡葬用地", "16": "留白用地",
    "1701": "河流水面", "1703": "水库水面", "1704": "坑塘水面", "1705": "沟渠", "2301": "空闲地", "2307": "裸岩石砾地",
}  # fmt: skip
DIRECT = {
    "0305": "0303", "0307": "0304", "0404": "0403", "0508": "1101", "0601": "1001", "0602": "1002", "0702": "0703", "08H1": "0801",
    "0810A": "1403", "1001": "1201", "1003": "1202", "1004": "1207", "1005": "1208", "1006": "060101", "1101": "1701", "1103": "1703",
    "1104": "1704", "1106": "0506", "1107": "1705", "1109": "1311", "1201": "2301", "1207": "2307",
}  # fmt: skip
SPLIT = {  # survey class → plan classes and how often each
    "05H1": (("0901", 0.7), ("0902", 0.3)),
    "08H2": (
        ("080403", 0.42),
        ("080601", 0.14),
        ("0803", 0.1),
        ("0805", 0.1),
        ("080401", 0.14),
        ("080701", 0.05),
        ("0802", 0.05),
    ),
    "0809": (("1303", 0.3), ("1301", 0.2), ("1302", 0.2), ("1309", 0.2), ("1310", 0.1)),
    "0810": (("1401", 0.75), ("1402", 0.25)),
    "09": (("1506", 0.6), ("1503", 0.4)),
    "1202": (("060201", 0.6), ("060202", 0.4)),
}


@dataclass(frozen=True)
class LandUse:
    """Codes and marks per face.

    survey       the class now (三调)
    current      the same in plan classes, approved land with its approved class
    plan         the planned class
    settlement   城镇村属性码, or ""
    approved     conversion approved, nothing built
    terrace      cultivated on a steep slope, in terraces
    """

    survey: Codes
    current: Codes
    plan: Codes
    settlement: Codes
    approved: Mask
    terrace: Mask

    @property
    def cultivated(self) -> Mask:
        """The faces of cultivated land by the survey."""
        return np.char.startswith(self.survey, "01")


def make_land_use(ground: Ground, urban: Urban, places: list[Place]) -> LandUse:
    """The land use of every face."""
    survey = _open_land(ground)
    survey[ground.village] = "0702"
    town = _functions(ground, urban, places)
    survey[urban.built & ground.land] = town[urban.built & ground.land]
    _corridors(ground, urban, survey)
    _mine(ground, urban, survey)
    survey[urban.window] = "0101"
    settlement = _settlement(ground, urban, survey, places)
    approved = _approved(ground, urban, survey)
    chance = (ground.dice * 7.31) % 1.0
    current = _to_plan(survey, chance)
    wanted = _to_plan(town, chance)
    current[approved] = np.where(np.isin(wanted[approved], ("1401", "1402", "1403", "2301")), "0701", wanted[approved])
    settlement[approved] = np.where(ground.owner[approved] == 0, "201", "202")
    plan = _planned(ground, urban, current, wanted)
    terrace = np.char.startswith(survey, "01") & (ground.slope > 12.0)
    return LandUse(survey, current, plan, settlement, approved, terrace)


def _first(default: str, *cases: tuple[Mask, str]) -> Codes:
    """For each face the code of the first case that holds, else the default."""
    return np.select([each for each, _ in cases], [code for _, code in cases], default)


def _open_land(ground: Ground) -> Codes:
    """Farmed and wild land by slope, height and chance that runs in patches."""
    slope, height, a, b, dice = ground.slope, ground.height, ground.wave, ground.swell, ground.dice
    near = ground.beside(ground.village) & (ground.area < 6e5)
    flat = _first(
        "0101",
        (dice < 0.035, "1104"),
        (dice < 0.05, "1202"),
        (a > 1.25, "0201"),
        ((b < -0.55) & (a < 0.4), "0103"),
        (dice > 0.975, "0307"),
    )
    gentle = _first(
        "0103",
        (dice < 0.03, "1202"),
        (a < -0.95, "0202"),
        (a > 0.9, "0201"),
        ((b > 0.75) | (dice > 0.9), "0301"),
        (dice < 0.1, "0305"),
    )
    hill = _first(
        "0301",
        ((a < -0.7) & (b < 0.4), "0202"),
        (near | ((a > 0.85) & (dice < 0.6)), "0103"),
        ((b > 0.55) & (dice < 0.75), "0302"),
        (dice < 0.08, "0307"),
    )
    code = np.select([slope < 3.2, slope < 7.5, slope < 13.0], [flat, gentle, hill], _wild(ground, near)).astype("<U6")
    code[(slope >= 13.0) & (height > 700.0) & (dice < 0.2)] = "1207"
    narrow = (code == "0101") & (ground.touching(ground.faces.kind == "河流") > 0.45) & (ground.area < 5e4)
    code[narrow] = "1106"
    return code


def _wild(ground: Ground, near: Mask) -> Codes:
    """Land on steep slopes."""
    slope, height, b, dice = ground.slope, ground.height, ground.swell, ground.dice
    return _first(
        "0301",
        (near & (height < 480.0) & (slope < 21.0) & (dice < 0.6), "0103"),
        ((b > 0.8) & (dice < 0.6), "0302"),
        ((height > 560.0) & (dice < 0.5), "0404"),
        (dice < 0.07, "0305"),
    )


def _functions(ground: Ground, urban: Urban, places: list[Place]) -> Codes:
    """The survey class each face has or would have as part of its town: trade in the middle, works on one side, homes between."""
    code = np.full(ground.count, "0701", dtype="<U6")
    waterside = ground.touching(ground.faces.kind == "河流") > 0.12
    station = ground.touching(np.isin(ground.faces.kind, ("铁路", "高速公路"))) > 0.05
    for number, place in enumerate(places):
        here = np.flatnonzero(urban.boundary & (ground.owner == number))
        middle = ground.middle[here]
        code[here] = _town(place, middle, ground.dice[here], waterside[here], station[here])
        if place.tier == 0:
            code[here[_from_middle(place, middle) < 0.09]] = "08H1"
    code[urban.park] = np.where(ground.dice[urban.park] < 0.12, "0508", "0601")
    return code


def _from_middle(place: Place, middle: Floats) -> Floats:
    """Distance from the middle of a town in radii of its future area."""
    radius = np.sqrt(place.future_m2 / np.pi)
    return np.asarray(np.hypot(*(middle - [place.x, place.y]).T) / radius)


def _town(place: Place, middle: Floats, dice: Floats, waterside: Mask, station: Mask) -> Codes:
    """The class of each face of a town."""
    far, way = _from_middle(place, middle), middle - [place.x, place.y]
    bearing = np.arctan2(way[:, 1], way[:, 0]) - place.angle
    works = (np.cos(bearing) > 0.35) & (far > 0.55) | (np.cos(bearing - 2.4) > 0.86) & (far > 0.62)
    axis = (np.abs(way @ [-np.sin(place.angle), np.cos(place.angle)]) < 330.0) & (far < 0.7)
    return _first(
        "0701",
        (waterside & (dice < 0.5), "0810"),
        (station & (dice < 0.45), "0508"),
        (works & (dice < 0.70), "0601"),
        (works & (dice < 0.80), "0508"),
        ((far < 0.16) & (dice < 0.5), "05H1"),
        (axis & (dice < 0.34), "05H1"),
        (dice > 0.985, "0809"),
        (dice > 0.965, "0810"),
        (dice > 0.875, "08H2"),
        (dice > 0.81, "0810"),
        (dice > 0.79, "1201"),
        (dice > 0.765, "08H1"),
        (dice > 0.755, "0810A"),
        (dice > 0.735, "05H1"),
    )


def _corridors(ground: Ground, urban: Urban, survey: Codes) -> None:
    kind = ground.faces.kind
    survey[kind == "河流"] = "1101"
    survey[kind == "水库"] = "1103"
    survey[kind == "铁路"] = "1001"
    survey[np.isin(kind, ("高速公路", "国道", "省道", "县道"))] = "1003"
    survey[np.isin(kind, ("乡道", "村道"))] = "1006"
    street = np.isin(kind, ("主干路", "次干路", "支路"))
    survey[street] = "1004"
    lane = np.isin(kind, ("县道", "乡道", "村道", "国道", "省道")) & urban.built
    survey[lane] = "1004"
    later = street & ~urban.built  # not built yet: still the land around it
    flat = np.where(ground.slope < 3.2, "0101", np.where(ground.slope < 9.0, "0103", "0301"))
    survey[later] = flat[later]


def _mine(ground: Ground, urban: Urban, survey: Codes) -> None:
    """One quarry on a hill side, and a cemetery and a barracks-like plot on others."""
    hill = (
        ground.land
        & ~ground.village
        & (ground.slope > 8.0)
        & (ground.height < 330.0)
        & (ground.share > 1.8)
        & (ground.area < 3.5e5)
    )
    hill &= ~ground.beside(ground.water) & ~urban.boundary
    order = np.flatnonzero(hill)[np.argsort(ground.dice[hill], kind="stable")]
    survey[order[:2]] = "0602"
    small = order[2:][ground.area[order[2:]] < 1.2e5]
    survey[small[:6]] = "09"


def _settlement(ground: Ground, urban: Urban, survey: Codes, places: list[Place]) -> Codes:
    """城镇村属性码: 201 in the centre, 202 in other towns, A for works apart from the town, 203 villages, 204 the quarry, 205."""
    code = np.full(ground.count, "", dtype="<U4")
    built = urban.built & ~ground.water & (ground.faces.kind != "铁路") & (ground.faces.kind != "高速公路")
    code[built] = np.where(ground.owner[built] == 0, "201", "202")
    works = built & (survey == "0601") & (ground.touching(built) < 0.5)
    code[works] = np.where(ground.owner[works] == 0, "201A", "202A")
    code[urban.park & built] = "201A"
    code[(survey == "0702") & ~built] = "203"
    code[survey == "0602"] = "204"
    code[survey == "09"] = "205"
    return code


def _approved(ground: Ground, urban: Urban, survey: Codes) -> Mask:
    """Farm land whose conversion is approved though nothing is built yet: next to the town, a fifteenth of what is to come."""
    fit = (
        urban.growth
        & ground.land
        & ~ground.village
        & np.char.startswith(survey, "0")
        & ~np.char.startswith(survey, "05")
    )
    fit &= ~np.char.startswith(survey, "06") & ground.beside(urban.built)
    order = np.flatnonzero(fit)[np.argsort(ground.dice[fit], kind="stable")]
    goal = 0.09 * ground.area[urban.growth].sum()
    approved = np.zeros(ground.count, dtype=np.bool_)
    approved[order[np.cumsum(ground.area[order]) <= goal]] = True
    return approved


def _to_plan(survey: Codes, chance: Floats) -> Codes:
    """Survey classes as plan classes of 2023; those that must be split are split by chance."""
    plan = survey.astype("<U6")
    for old, new in DIRECT.items():
        plan[survey == old] = new
    for old, parts in SPLIT.items():
        here = survey == old
        edges = np.cumsum([share for _, share in parts])[:-1]
        plan[here] = np.array([code for code, _ in parts])[np.digitize(chance[here], edges)]
    return plan


def _planned(ground: Ground, urban: Urban, current: Codes, wanted: Codes) -> Codes:
    """The planned class of every face: built land mostly stays, growth gets its function, streets become streets."""
    plan = current.copy()
    growth = urban.growth & ground.land
    plan[growth] = wanted[growth]
    plan[growth & (ground.dice > 0.955)] = "16"
    plan[(plan == "2301")] = "1401"
    plan[
        urban.concentrated
        & np.isin(ground.faces.kind, ("主干路", "次干路", "支路", "国道", "省道", "县道", "乡道", "村道"))
    ] = "1207"
    bank = urban.special & ground.land & ~ground.village
    plan[bank & np.isin(plan, ("0101", "0103", "0102", "0201", "060201", "060202", "0304", "1704"))] = "1401"
    return plan
