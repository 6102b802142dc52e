"""Names of the invented city: none of them is meant to be a real place."""

from __future__ import annotations

import numpy as np

__all__ = [
    "CITY_CODE",
    "CITY_NAME",
    "COUNTIES",
    "river_names",
    "road_number",
    "street_names",
    "town_names",
    "village_names",
]

CITY_CODE, CITY_NAME = "339900", "澜川市"
COUNTIES = {
    "339902": "澜城区", "339903": "汐湖区", "339921": "梧岫县", "339922": "砚陂县", "339923": "苇汀县", "339924": "栎岘县",
    "339925": "蓼浦县", "339926": "樟坑县", "339927": "菖溪县", "339928": "鹤屿县",
}  # fmt: skip

_TOWNS = (
    "青蓼",
    "云硐",
    "白苕",
    "鹭汀",
    "枫埠",
    "竹隐",
    "石蘅",
    "芦笙",
    "茶坞",
    "雁渚",
    "松漪",
    "荻溪",
    "梅硖",
    "榆岫",
    "兰坪岭",
    "沙篱",
)
_SUBDISTRICTS = ("文澜", "汐桥", "北堰", "南浒", "东篱门", "凤栖台")
_RIVERS = (
    "漪溪",
    "砚江",
    "梧溪",
    "荻港河",
    "白苕溪",
    "青砩河",
    "鹭溪",
    "枫浦",
    "石蘅溪",
    "云硐溪",
    "竹坑溪",
    "雁溪",
    "松漪河",
    "茶坞溪",
    "兰涧",
    "榆溪",
)
_FIRST = "上下前后东西南北大小新长"
_MIDDLE = "梧枫竹柳桑梅桂荻芦蓼茶石云鹭雁溪湖塘岩岭枣樟杉莲荷菱"
_WATERSIDE = "浦陂岫汀硖岘墩川源洲滩坪"
_LAST = ("村", "坞", "埠", "塘", "湾", "畈", "岙", "坪", "桥头", "田畈", "里", "墩", "堰头", "店")
_STREETS = "文武永宁安平和顺清源景云长青望江临溪春秋华光通达兴隆"


def town_names(count: int) -> tuple[str, ...]:
    """Distinct names of towns without their ending (镇, 乡), up to 300."""
    taken = (*_TOWNS, *(name[:2] for name in COUNTIES.values()))
    more = (a + b for b in _WATERSIDE for a in _MIDDLE if a != b)
    return (*_TOWNS, *(name for name in more if name not in taken))[:count]


def subdistrict_names(count: int) -> tuple[str, ...]:
    """Names of subdistricts with their ending."""
    return tuple(f"{name}街道" for name in _SUBDISTRICTS[:count])


def river_names(count: int) -> tuple[str, ...]:
    """The main river's name, then those of its tributaries; small ones without a name of their own are numbered."""
    return ("澜江", *(_RIVERS[k] if k < len(_RIVERS) else f"无名溪{k - len(_RIVERS) + 1}" for k in range(count - 1)))


def village_names(rng: np.random.Generator, count: int) -> list[str]:
    """Distinct names of villages."""
    names: list[str] = []
    taken: dict[str, bool] = {}
    while len(names) < count:
        a, b, c = rng.integers(len(_FIRST)), rng.integers(len(_MIDDLE)), rng.integers(len(_LAST))
        name = (_FIRST[a] if rng.random() < 0.7 else "") + _MIDDLE[b] + _LAST[c]
        if name not in taken and len(name) > 2:
            taken[name] = True
            names.append(name if name.endswith("村") else f"{name}村")
    return names


def road_number(kind: str, number: int) -> str:
    """The number a road of a class carries, such as S312; a name for the railway and for roads without number."""
    letters = {"高速公路": "G98", "国道": "G6", "省道": "S3", "县道": "X1", "乡道": "Y2", "村道": "C5"}
    if kind == "铁路":
        return "澜梧铁路"
    return f"{letters[kind]}{number:02d}"


def street_names(count: int) -> list[str]:
    """Names of streets, in order."""
    pairs = [_STREETS[i] + _STREETS[j] for i in range(len(_STREETS)) for j in range(len(_STREETS)) if i != j]
    return [pairs[(k * 37) % len(pairs)] + ("大道" if k % 5 == 0 else "路") for k in range(count)]
