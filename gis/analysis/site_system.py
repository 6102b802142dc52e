"""Which system a site is in: what a zone number and a datum's name stand for, and whether the site fits the plan there.

Coordinate lists say their system in words (坐标系, 几度分带, 带号); the numbers of the zones tell their width, as those of
3-degree zones (25–45) and of 6-degree zones (13–23) do not overlap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from gis.analysis.borders import Borders, borders_of
from gis.analysis.forensics import Forensics, Hypothesis, likely_systems, reference_of
from gis.analysis.likely_systems import Reading, declared, near
from gis.crs import (
    CGCS2000,
    central_meridian,
    gauss_kruger,
    is_degrees,
    metres_per_unit,
    understood,
    zone_prefix,
    zone_width,
)
from gis.errors import CrsError
from gis.geometry.reproject import transformed
from gis.i18n import Text
from gis.model.layers import layer_title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan
    from gis.model.site import Site

__all__ = ["DATUMS", "Datum", "Zone", "datum_named", "site_notices", "width_of_zone", "zone_of", "zone_system"]

ZONES: Final = {3: range(25, 46), 6: range(13, 24)}
"""The zone numbers of China by the width of the zone in degrees."""

_WIDE_M: Final = 1e6
_INSIDE, _OUTSIDE = 0.8, 0.5
_FINE: Final = ("survey_parcel", "land_use_current", "land_use_plan", "plot")
"""Layers whose borders sites are cut along, the finest first: a shifted datum shows on them."""
_FEWEST: Final = 12
_AROUND_M: Final = 2500.0
_MOST: Final = 2000
_ON_M: Final = 1.0
_BY_CHANCE: Final = 0.3
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Datum:
    """A datum as coordinate lists name it: its name, what its name looks like, and the EPSG entries before its first zones."""

    name: Text
    pattern: re.Pattern[str]
    before_first: dict[tuple[int, bool], int]


DATUMS: Final = {
    "cgcs2000": Datum(Text("2000国家大地坐标系", "CGCS2000"), re.compile(r"2000|cgcs", re.IGNORECASE), {}),
    "xian_1980": Datum(
        Text("1980西安坐标系", "Xi'an 1980"),
        re.compile(r"(19)?80|西安|xi.?an", re.IGNORECASE),
        {(3, True): 2349 - 25, (3, False): 2370 - 25, (6, True): 2327 - 13, (6, False): 2338 - 13},
    ),
    "beijing_1954": Datum(
        Text("1954北京坐标系", "Beijing 1954"),
        re.compile(r"(19)?54|北京|beijing", re.IGNORECASE),
        {(3, True): 2401 - 25, (3, False): 2422 - 25, (6, True): 21413 - 13, (6, False): 21453 - 13},
    ),
}
"""The datums that coordinate lists name, by id."""
_LOCAL: Final = re.compile(r"独立|地方|local", re.IGNORECASE)
_THREE: Final = re.compile(r"3\W?degree|3_degree|三度|3度", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Zone:
    """What a coordinate list says of its system: datum id, width of the zone in degrees, its number, whether eastings begin with it."""

    datum: str
    width: int
    number: int
    prefixed: bool


def datum_named(words: str) -> str | None:
    """The id of the datum that words in a coordinate list mean; None if they mean none that we know, or a local system.

    Example:
        >>> datum_named("2000国家大地坐标系"), datum_named("80国家大地坐标系"), datum_named("某市独立坐标系")
        ('cgcs2000', 'xian_1980', None)
    """
    if _LOCAL.search(words):
        return None
    return next((id_ for id_, each in DATUMS.items() if each.pattern.search(words)), None)


def width_of_zone(number: int) -> int | None:
    """The width in degrees of the zone with this number; None if China has no such zone.

    Example:
        >>> width_of_zone(39), width_of_zone(20), width_of_zone(50)
        (3, 6, None)
    """
    return next((width for width, numbers in ZONES.items() if number in numbers), None)


def zone_system(zone: Zone) -> pyproj.CRS:
    """The EPSG entry of a zone.

    Raises: CrsError if there is no such zone.

    Example:
        >>> zone_system(Zone("cgcs2000", 3, 39, True)).to_epsg(), zone_system(Zone("xian_1980", 3, 39, True)).to_epsg()
        (4527, 2363)
    """
    if zone.number not in ZONES.get(zone.width, ()):
        raise CrsError(
            f"{zone.width} 度分带没有第 {zone.number} 带。3 度带带号为 25—45，6 度带为 13—23，请核对。",
            f"There is no {zone.width}-degree zone {zone.number}. 3-degree zones are 25 to 45, 6-degree ones 13 to 23.",
        )
    if zone.datum == "cgcs2000":
        meridian = 3 * zone.number if zone.width == 3 else 6 * zone.number - 3
        return gauss_kruger(meridian, width=zone.width, prefixed=zone.prefixed)
    return pyproj.CRS.from_epsg(DATUMS[zone.datum].before_first[zone.width, zone.prefixed] + zone.number)


def zone_of(crs: Any) -> Zone | None:
    """The zone that a CRS is; None if it is no Gauss–Krüger zone of a datum that coordinate lists name.

    Example:
        >>> zone_of("EPSG:4548"), zone_of("EPSG:4490")
        (Zone(datum='cgcs2000', width=3, number=39, prefixed=False), None)
    """
    found = understood(crs)
    meridian, datum = central_meridian(found), datum_named(found.datum.name if found.datum is not None else "")
    width = zone_width(found) if datum == "cgcs2000" else 3 if _THREE.search(found.name) else 6
    if width is None or meridian is None or datum is None:
        return None
    number = (meridian if width == 3 else meridian + 3) / width
    zone = Zone(datum, width, round(number), zone_prefix(found) is not None)
    return zone if zone.number in ZONES[width] and zone_system(zone).equals(found, ignore_axis_order=True) else None


def site_notices(plan: Plan, site: Site) -> tuple[Text, ...]:
    """What is to be said of the system of a site, judged against the plan; nothing where the site lies in it as declared.

    A site outside the plan is read in every zone, order of axes and unit its numbers allow, without its zone number too where
    that may be wrong: what would bring it inside is named, likeliest first. A site inside that is cut along the borders of
    parcels is asked whether it fits them better in another datum. Nothing is moved. Without a reference layer nothing is said.

    Missing and empty geometries, and coordinates that are no numbers, are passed over.
    """
    reference = reference_of(plan)
    borders = _borders(plan, reference) if reference is not None else None
    if reference is None or borders is None or site.crs is None:
        return ()
    geometries, tolerance = site.parcels.geometry.to_numpy(), max(1.0, plan.accuracy.of(reference).position_m)
    found = likely_systems(geometries, site.crs, borders, tolerance_m=tolerance)
    if found is None:
        return ()
    title = layer_title(reference)
    inside = _as_declared(found)
    if inside.share_inside >= _INSIDE:
        return tuple(_shifted(plan, site))
    meant = [each for each in (found.best, *found.rivals) if _brings_inside(each)]
    meant = meant or [
        each for each in _without_number(geometries, site.crs, borders, tolerance) if _brings_inside(each)
    ]
    if meant:
        return (_elsewhere(inside, meant, title),)
    return (_outside(found, title),) if inside.share_inside < _OUTSIDE else ()


def _borders(plan: Plan, layer: str) -> Borders | None:
    found: Borders | None = plan.memo(("borders", layer), lambda: borders_of(plan[layer].geometry.to_numpy(), plan.crs))
    return found


def _as_declared(found: Forensics) -> Hypothesis:
    return next(each for each in found.hypotheses if each.kind == "declared")


def _brings_inside(each: Hypothesis) -> bool:
    return each.kind not in ("declared", "datum") and each.share_inside >= _INSIDE


def _without_number(geometries: Any, crs: Any, borders: Borders, tolerance: float) -> Iterator[Hypothesis]:
    """The systems that the numbers may be in if the zone number before their eastings is wrong."""
    xy = shapely.get_coordinates(geometries)
    east = float(np.nanmedian(xy[:, 0])) if np.isfinite(xy[:, 0]).any() else 0.0
    number = east // _WIDE_M
    if is_degrees(crs) or not 10 <= number < 100:
        return
    bare = shapely.transform(geometries, lambda places: places - [number * _WIDE_M, 0.0])
    width = width_of_zone(int(number))
    outside = zone_system(Zone("cgcs2000", width or 3, int(number) if width else 25, prefixed=False))
    found = likely_systems(bare, outside, borders, tolerance_m=tolerance)
    wrong = Text(
        f"，横坐标前的带号 {number:.0f} 有误", f", the zone number {number:.0f} before the eastings being wrong"
    )
    for each in () if found is None else (found.best, *found.rivals):
        system = Text(each.system.zh + wrong.zh, each.system.en + wrong.en)
        yield replace(each, kind="prefix", system=system, remedy=_RENUMBER)


_RENUMBER: Final = Text(
    "把横坐标前的带号改为该分带的带号（或去掉），坐标系随之重新定义，再投影到规划的坐标系。",
    "Put the number of that zone before the eastings (or none), define the CRS accordingly, then reproject to the plan's CRS.",
)


def _elsewhere(first: Hypothesis, meant: list[Hypothesis], reference: Text) -> Text:
    """The site lies outside as declared, and inside in these systems."""
    listed = [
        Text(f"{each.system.zh}（{each.evidence.zh}）", f"{each.system.en} ({each.evidence.en})")
        for each in meant[:_SHOWN]
    ]
    remedy = meant[0].remedy
    return Text(
        f"地块按声明的坐标系 {first.system.zh} 有 {1 - first.share_inside:.0%} 的顶点位于{reference.zh}之外；"
        f"可能的坐标系依次为：{'；'.join(each.zh for each in listed)}。未移动坐标。{remedy.zh}",
        f"As declared, in {first.system.en}, {1 - first.share_inside:.0%} of the site's vertices lie outside {reference.en}; "
        f"the likely systems, the likeliest first: {'; '.join(each.en for each in listed)}. Nothing was moved. {remedy.en}",
    )


def _outside(found: Forensics, reference: Text) -> Text:
    away = found.apart_m / 1000
    zh, en = (f"，距其边界 {away:.1f} 千米以远", f", {away:.1f} km away from it") if 0 < away < np.inf else ("", "")
    return Text(
        f"地块位于{reference.zh}之外{zh}，换用其他分带、带号、坐标次序或单位也不能落入其中。请核对坐标和坐标系，或换用所在地的规划。",
        f"The site lies outside {reference.en}{en}, and no other zone, zone number, order of axes or unit brings it inside. "
        "Check its coordinates and system, or take the plan of its own place.",
    )


def _shifted(plan: Plan, site: Site) -> Iterator[Text]:
    """A site inside the plan whose vertices lie on the borders of parcels only as read in GCJ-02 or BD-09.

    Parcels lie densely, so that some vertices lie on a border by chance: most must as shifted, and few as declared.
    """
    xy = np.unique(shapely.get_coordinates(site.parcels.geometry.to_numpy()), axis=0)[:_MOST]
    for layer in (each for each in _FINE if each in plan and len(xy) >= _FEWEST):
        borders = _around(plan, layer, site.parcels.geometry)
        if borders is None:
            continue
        where = {each: _places(each, xy, borders) for each in (declared(site.crs), *near(site.crs))}
        first, *others = [(float((borders.distance(at, _ON_M) <= _ON_M).mean()), each) for each, at in where.items()]
        share, meant = max(others, key=lambda each: each[0])
        if first[0] <= _BY_CHANCE and share >= _INSIDE:
            moved = np.median(where[meant] - where[first[1]], axis=0) * metres_per_unit(plan.crs)
            yield _datum(meant, share, float(np.hypot(*moved)), layer_title(layer))
        return


def _places(reading: Reading, xy: Any, borders: Borders) -> Any:
    """The places that a reading gives, in the CRS of the borders."""
    return np.stack(transformed(*reading.degrees(*xy.T), CGCS2000, borders.crs), axis=1)


def _around(plan: Plan, layer: str, geometries: gpd.GeoSeries) -> Borders | None:
    """The borders of the features about the site; None where there are none, or the site has no place in the plan's CRS."""
    west, south, east, north = geometries.to_crs(plan.crs).total_bounds
    if not np.isfinite([west, south, east, north]).all():
        return None
    series = plan[layer].geometry
    near = series.sindex.query(shapely.box(west - _AROUND_M, south - _AROUND_M, east + _AROUND_M, north + _AROUND_M))
    return borders_of(series.iloc[np.sort(near)].to_numpy(), plan.crs)


def _datum(meant: Reading, share: float, metres: float, against: Text) -> Text:
    return Text(
        f"地块 {share:.0%} 的界址点按 {meant.system.zh} 改正约 {metres:.0f} 米后正落在{against.zh}的界线上，按声明的坐标系则不然："
        f"声明的坐标系可能不实。未移动坐标。{meant.remedy.zh}",
        f"{share:.0%} of the site's vertices lie on the borders of {against.en} if read as {meant.system.en}, some {metres:.0f} m off, "
        f"and not as declared: the declared system may be false. Nothing was moved. {meant.remedy.en}",
    )
