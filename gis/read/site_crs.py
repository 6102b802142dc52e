"""The system that a list of coordinates is in: what its head says (坐标系, 几度分带, 带号), and what its numbers say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyproj

from gis.analysis.site_system import DATUMS, Zone, datum_named, width_of_zone, zone_of, zone_system
from gis.crs import CGCS2000, describe
from gis.i18n import Text
from gis.read.place import parsed_crs
from gis.read.site_rings import Faults

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["HEAD_KEYS", "Head", "system_of"]

HEAD_KEYS: Final = frozenset(
    {
        "格式版本号",
        "数据产生单位",
        "数据产生日期",
        "坐标系",
        "几度分带",
        "投影类型",
        "计量单位",
        "带号",
        "精度",
        "转换参数",
    }
    | {"项目名称", "数据生产单位", "数据生产日期"}
)
"""What the head of a coordinate list may say; others are kept too."""
_DEGREES_MOST: Final = 360.0
_WIDE_M: Final = 1_000_000.0
_NORTHMOST_M: Final = 6_500_000.0
_GAUSS: Final = re.compile(r"高斯|gauss|横轴墨卡托|transverse", re.IGNORECASE)
_METRES: Final = frozenset({"", "米", "m", "metre", "meter", "metres", "meters", "度", "degree", "degrees"})
_REMEDY: Final = Text(
    "请在文件头写明“坐标系”和“带号”，或读取时给出 crs=（命令行用 --site-crs）。",
    "State 坐标系 and 带号 in the head of the file, or pass crs= (--site-crs on the command line).",
)


@dataclass(slots=True)
class Head:
    """What a file says of its survey, and in which lines."""

    values: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def put(self, key: str, value: str, line: int) -> None:
        """One more statement; the first of a kind counts."""
        self.values.setdefault(key, value)
        self.lines.setdefault(key, line)

    def get(self, key: str) -> str:
        """What is said under a key; empty if nothing is."""
        return self.values.get(key, "")


def system_of(
    head: Head, places: Floats, lines: list[int], given: Any, faults: Faults
) -> tuple[pyproj.CRS, tuple[Text, ...]]:
    """The CRS of coordinates (n, 2), easting or longitude first, and what a reader should know of how it was found.

    `given` wins over what the file says. The zone number before the eastings tells the zone; else the head's 带号 does. Where
    no datum is stated it is taken to be CGCS2000, which is said.

    Raises: ReadError that names the line, for a datum, projection, unit or zone that is unknown, or none at all.
    """
    swapped = _swapped(places)
    lead = _lead(places[:, int(swapped)], lines, faults)
    if given is not None:
        crs, notices = _given(parsed_crs(given, faults.where), head, lead, faults.where)
    elif np.abs(places).max(initial=0.0) <= _DEGREES_MOST:
        crs, notices = pyproj.CRS.from_user_input(CGCS2000), (_degrees(faults.where),)
    else:
        datum, said = _datum(head, faults)
        _usable(head, faults)
        zone, notices = _zone(head, datum, lead, faults)
        faults.stop()
        crs, notices = zone_system(zone), (*said, *notices)
    return crs, (*notices, _SWAPPED.format(where=faults.where)) if swapped else notices


def _lead(eastings: Floats, lines: list[int], faults: Faults) -> int:
    """The number before all eastings in millions, 0 for none; one that some points lack or have otherwise is a fault."""
    millions = np.floor(eastings / _WIDE_M).astype(np.int64)
    known, counts = np.unique(millions, return_counts=True)
    if not len(known):
        return 0
    most = int(known[counts.argmax()])
    numbered = (known >= 10).any()
    for at in np.flatnonzero(millions != most)[:3] if numbered else ():
        faults.add(
            lines[at],
            f"横坐标 {eastings[at]:.3f} 与其他点的带号（{most}）不一致。请改正该点坐标。",
            f"easting {eastings[at]:.3f} does not begin with the zone number of the other points ({most}). Mend the point.",
        )
    faults.stop()
    return most if numbered else 0


def _given(crs: pyproj.CRS, head: Head, lead: int, where: str) -> tuple[pyproj.CRS, tuple[Text, ...]]:
    """What the caller states; of a zone with and without number, the one that the numbers are written in."""
    zone, notices = zone_of(crs), []
    if zone is not None and zone.prefixed != (lead == zone.number) and lead in (0, zone.number):
        crs = zone_system(Zone(zone.datum, zone.width, zone.number, prefixed=lead == zone.number))
        wrote = Text("带有带号", "carry") if lead else Text("不带带号", "do not carry")
        notices.append(
            Text(
                f"{where} 的横坐标{wrote.zh}，按 {describe(crs).zh} 读取。",
                f"The eastings of {where} {wrote.en} the zone number; they were read in {describe(crs).en}.",
            )
        )
    stated = " ".join(f"{key}={head.get(key)}" for key in ("坐标系", "几度分带", "带号") if head.get(key))
    if stated:
        notices.append(
            Text(
                f"{where} 文件头写明 {stated}；已按指定的 {describe(crs).zh} 读取。",
                f"The head of {where} says {stated}; it was read in the system given, {describe(crs).en}.",
            )
        )
    return crs, tuple(notices)


def _degrees(where: str) -> Text:
    return Text(
        f"{where} 的坐标是经纬度，按 CGCS2000 经纬度（EPSG:4490）读取；若为 WGS 84、GCJ-02 等其他坐标，请先转换。",
        f"The coordinates of {where} are degrees and were read as CGCS2000 (EPSG:4490); transform them first if they are "
        "in WGS 84, GCJ-02 or another system.",
    )


def _datum(head: Head, faults: Faults) -> tuple[str, tuple[Text, ...]]:
    words = head.get("坐标系")
    if not words:
        text = Text(
            f"{faults.where} 未写明坐标系，按 2000 国家大地坐标系读取。请核对。",
            f"{faults.where} does not state its datum and was read as CGCS2000. Check it.",
        )
        return "cgcs2000", (text,)
    datum = datum_named(words)
    if datum is None:
        faults.add(
            head.lines["坐标系"],
            f"坐标系“{words}”无法识别或为地方独立坐标系。请转换到 2000 国家大地坐标系，或读取时给出 crs=。",
            f"datum {words!r} is unknown or local. Transform to CGCS2000, or pass crs=.",
        )
        return "cgcs2000", ()
    if datum == "cgcs2000":
        return datum, ()
    name = DATUMS[datum].name
    return datum, (
        Text(
            f"{faults.where} 第 {head.lines['坐标系']} {faults.unit.zh}写明坐标系为“{words}”（{name.zh}），不是 2000 国家大地坐标系；"
            "与规划叠合的位置可能相差数十米至百余米。请由测绘主管部门用正式参数转换后再核。",
            f"{faults.where}, {faults.unit.en} {head.lines['坐标系']}, states {words!r} ({name.en}), not CGCS2000; against the plan it "
            "may be off by tens of metres to more than a hundred. Have the surveying authority transform it first.",
        ),
    )


def _usable(head: Head, faults: Faults) -> None:
    """Faults for a projection other than Gauss–Krüger and for units other than metres."""
    if head.get("投影类型") and not _GAUSS.search(head.get("投影类型")):
        faults.add(
            head.lines["投影类型"],
            f"投影类型“{head.get('投影类型')}”不是高斯—克吕格。请转换，或读取时给出 crs=。",
            f"projection {head.get('投影类型')!r} is not Gauss–Krüger. Transform it, or pass crs=.",
        )
    if head.get("计量单位").casefold() not in _METRES:
        faults.add(
            head.lines["计量单位"],
            f"计量单位“{head.get('计量单位')}”不是米。请换算成米后重新导出。",
            f"unit {head.get('计量单位')!r} is not metres. Export the coordinates in metres.",
        )


def _zone(head: Head, datum: str, lead: int, faults: Faults) -> tuple[Zone, tuple[Text, ...]]:
    """The zone that the eastings begin with, else the head's; what contradicts it is told of."""
    stated = _whole(head, "带号", faults)
    doubled = lead >= 1000 and lead == 101 * (lead % 100)
    number = lead % 100 if doubled else lead or stated
    width = width_of_zone(number) if number else None
    if width is None:
        _no_zone(head, lead, faults)
        return Zone(datum, 3, 39, prefixed=True), ()
    zone = Zone(datum, width, number, prefixed=bool(lead))
    said = _whole(head, "几度分带", faults)
    told = [
        (bool(lead and stated and stated != number), _OTHER_NUMBER),
        (bool(said and said != width), _OTHER_WIDTH),
        (not lead, _NO_NUMBER),
        (doubled, _DOUBLED),
        (re.search("[1-9]", head.get("转换参数")) is not None, _UNUSED),
    ]
    words = {"where": faults.where, "stated": stated, "number": number, "said": said, "width": width, "lead": lead}
    return zone, tuple(text.format(**words) for holds, text in told if holds)


_OTHER_NUMBER: Final = Text(
    "{where} 写明带号 {stated}，坐标的带号却是 {number}；按坐标的带号读取。请核对。",
    "{where} states zone {stated}, but its eastings begin with {number}; they were taken at their word. Check it.",
)
_OTHER_WIDTH: Final = Text(
    "{where} 写明 {said} 度分带，但第 {number} 带是 {width} 度带；按 {width} 度带读取。请核对。",
    "{where} states {said}-degree zones, but zone {number} is a {width}-degree one and was read so. Check it.",
)
_NO_NUMBER: Final = Text(
    "{where} 的横坐标不带带号，按文件头的带号 {number} 读取。",
    "The eastings of {where} carry no zone number; zone {number} was taken from its head.",
)
_DOUBLED: Final = Text(
    "{where} 的横坐标带号重复（{lead}），坐标未改动。请去掉一个带号后重新导出。",
    "The eastings of {where} begin with the zone number twice ({lead}); they were left. Take one off and export again.",
)
_UNUSED: Final = Text(
    "{where} 的转换参数未使用，坐标按所写数值读取。",
    "The transformation parameters of {where} were not used; coordinates were read as they are written.",
)


def _no_zone(head: Head, lead: int, faults: Faults) -> None:
    """The fault of a file whose zone cannot be known."""
    if lead or head.get("带号"):
        said = lead or head.get("带号")
        faults.add(
            head.lines.get("带号", 1),
            f"带号 {said} 不存在（3 度带为 25—45，6 度带为 13—23）。请改正带号或横坐标。",
            f"there is no zone {said} (3-degree zones are 25 to 45, 6-degree ones 13 to 23). Mend 带号 or the eastings.",
        )
        return
    faults.listed.append(
        Text(
            f"文件 {faults.where} 的横坐标不带带号，也未写明带号，无法确定坐标系。{_REMEDY.zh}",
            f"The eastings of file {faults.where} carry no zone number and none is stated, so its system is not known. {_REMEDY.en}",
        )
    )


def _whole(head: Head, key: str, faults: Faults) -> int:
    """The whole number in a statement, 0 where there is none; words are a fault."""
    words = head.get(key)
    if not words:
        return 0
    found = re.fullmatch(r"\D{0,3}(\d{1,4})(\.0*)?\s*(度|带|度带|度分带)?", words)
    if found is None:
        faults.add(
            head.lines[key],
            f"{key}“{words}”不是数字。请改正。",
            f"{key} {words!r} is not a number. Mend it.",
        )
        return 0
    return int(found[1])


def _swapped(places: Floats) -> bool:
    """Whether northings plainly stand where eastings belong, or latitudes where longitudes do."""
    east, north = (float(each) for each in np.median(places, axis=0)) if len(places) else (0.0, 0.0)
    if max(abs(east), abs(north)) <= _DEGREES_MOST:
        return 0 < east < 60 and 70 < north < 140
    numbered = width_of_zone(int(north // _WIDE_M)) is not None
    return 0 < east < _NORTHMOST_M and (numbered or (east > 1.5e6 and 0 < north < _WIDE_M))


_SWAPPED: Final = Text(
    "{where} 的横纵坐标疑似颠倒：X 应为纵坐标（北），Y 应为横坐标（东，可带带号）。坐标未改动，请核对后调换。",
    "The axes of {where} seem swapped: X ought to be the northing, Y the easting (with zone number). Nothing was moved; "
    "check and swap them.",
)
