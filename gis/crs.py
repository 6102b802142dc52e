"""CGCS2000 and its Gauss–Krüger zones: which system a layer is in, which it ought to be in, and transformers.

The shifted longitudes and latitudes of Chinese web maps, GCJ-02 and BD-09, are here too.

Axis trap: EPSG gives Gauss–Krüger axes as X = north, Y = east and geographic ones as latitude, longitude. Every
transformer here is `always_xy`: east or longitude first, as geometries store them.
"""

from __future__ import annotations

import math
import re
import threading
from typing import Any, Final

import pyproj

from gis.errors import CrsError
from gis.geometry.shifted_datums import bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02
from gis.i18n import Text

__all__ = [
    "CGCS2000",
    "ELLIPSOID_A",
    "ELLIPSOID_B",
    "ELLIPSOID_E2",
    "ELLIPSOID_RF",
    "bd09_to_wgs84",
    "central_meridian",
    "describe",
    "gauss_kruger",
    "gcj02_to_wgs84",
    "is_cgcs2000",
    "is_degrees",
    "longitude_latitude_extent",
    "metres_per_unit",
    "transformer",
    "understood",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
    "zone3",
    "zone6",
    "zone_prefix",
    "zone_width",
]

CGCS2000: Final = "EPSG:4490"
"""CGCS2000 in longitude and latitude (2000 国家大地坐标系)."""

ELLIPSOID_A: Final = 6_378_137.0
"""Semi-major axis of the CGCS2000 ellipsoid, m."""
ELLIPSOID_RF: Final = 298.257222101
"""Inverse flattening of the CGCS2000 ellipsoid."""
ELLIPSOID_B: Final = ELLIPSOID_A * (1 - 1 / ELLIPSOID_RF)
"""Semi-minor axis of the CGCS2000 ellipsoid, m."""
ELLIPSOID_E2: Final = (2 - 1 / ELLIPSOID_RF) / ELLIPSOID_RF
"""First eccentricity squared of the CGCS2000 ellipsoid."""

_WEST, _EAST = 73.5, 136.5  # the 3-degree zones 25 to 45 for which EPSG has entries
_DATUMS = {"china2000", "cgcs2000", "chinageodeticcoordinatesystem2000", "2000国家大地坐标系"}
_TRANSVERSE = {"Transverse Mercator", "Gauss Kruger", "Gauss_Kruger"}
_FIRST_EPSG = {(3, True): 4513 - 25, (3, False): 4534 - 25, (6, True): 4491 - 13, (6, False): 4502 - 13}

_local = threading.local()


def zone3(longitude: float) -> int:
    """The number of the 3-degree zone that holds a longitude (degrees east).

    Example:
        >>> zone3(114.0), zone3(118.49), zone3(118.5)
        (38, 39, 40)
    """
    return math.floor((longitude + 1.5) / 3)


def zone6(longitude: float) -> int:
    """The number of the 6-degree zone that holds a longitude (degrees east).

    Example:
        >>> zone6(114.0), zone6(113.99)
        (20, 19)
    """
    return math.floor(longitude / 6) + 1


def gauss_kruger(longitude: float, *, width: int = 3, prefixed: bool = False) -> pyproj.CRS:
    """The CGCS2000 Gauss–Krüger system whose zone holds a longitude (degrees east).

    `width` is 3 or 6 degrees; `prefixed` asks for eastings that begin with the zone number (带号).

    Raises: CrsError outside 73.5°E to 136.5°E (the upper end not included), or if `width` is neither 3 nor 6.

    Example:
        >>> gauss_kruger(120.2).to_epsg(), gauss_kruger(120.2, prefixed=True).to_epsg()
        (4549, 4528)
    """
    if width not in (3, 6):
        raise CrsError(
            f"分带宽度 {width} 度不可用。高斯克吕格分带请用 3 度或 6 度。",
            f"A zone width of {width} degrees does not exist. Use 3 or 6 degrees for Gauss–Krüger zones.",
        )
    if not _WEST <= longitude < _EAST:
        raise CrsError(
            f"经度 {longitude:g}°E 不在 CGCS2000 高斯克吕格分带范围（73.5°E—136.5°E）内。"
            "请检查经纬度次序和数据的坐标系。",
            f"Longitude {longitude:g}°E is outside the CGCS2000 Gauss–Krüger zones (73.5°E to 136.5°E). "
            "Check the order of longitude and latitude, and the CRS of the data.",
        )
    zone = zone3(longitude) if width == 3 else zone6(longitude)
    return pyproj.CRS.from_epsg(_FIRST_EPSG[width, prefixed] + zone)


def _horizontal(crs: Any) -> pyproj.CRS:
    """The part of a CRS that places things on the map: heights and datum shifts taken off."""
    found = pyproj.CRS.from_user_input(crs)
    if found.is_bound and found.source_crs is not None:
        return _horizontal(found.source_crs)
    return _horizontal(found.sub_crs_list[0]) if found.is_compound else found


def _parameters(crs: Any) -> dict[str, float] | None:
    """The transverse Mercator parameters by EPSG name, in degrees and metres; None for any other projection."""
    operation = _horizontal(crs).coordinate_operation
    if operation is None or operation.method_name not in _TRANSVERSE:
        return None
    return {each.name: each.value * _factor(each) for each in operation.params}


def _factor(parameter: Any) -> float:
    if parameter.unit_name == "unity":
        return 1.0
    to_si = float(parameter.unit_conversion_factor)
    return math.degrees(to_si) if "degree" in parameter.unit_name.lower() else to_si


def is_cgcs2000(crs: Any) -> bool:
    """Whether the datum is CGCS2000 by name *and* by ellipsoid (WGS 84 and ETRS89 are not, near as they are).

    Example:
        >>> is_cgcs2000("EPSG:4549"), is_cgcs2000("EPSG:4326")
        (True, False)
    """
    found = _horizontal(crs)
    if found.datum is None or found.ellipsoid is None:
        return False
    name = re.sub(r"[\W_]", "", found.datum.name.lower())
    name = name[1:] if name[:1] == "d" else name  # ESRI writes D_China_2000
    same_axis = math.isclose(found.ellipsoid.semi_major_metre, ELLIPSOID_A, abs_tol=1e-3)
    return (
        name in _DATUMS and same_axis and math.isclose(found.ellipsoid.inverse_flattening, ELLIPSOID_RF, abs_tol=1e-7)
    )


def is_degrees(crs: Any) -> bool:
    """Whether coordinates are longitude and latitude in degrees.

    Example:
        >>> is_degrees("EPSG:4490"), is_degrees("EPSG:4549")
        (True, False)
    """
    return bool(_horizontal(crs).is_geographic)


def metres_per_unit(crs: Any) -> float:
    """Metres in one unit of a projected CRS; NaN for degrees, whose length depends on the place.

    Example:
        >>> metres_per_unit("EPSG:4549")
        1.0
    """
    found = _horizontal(crs)
    return float("nan") if found.is_geographic else float(found.axis_info[0].unit_conversion_factor)


def central_meridian(crs: Any) -> float | None:
    """The central meridian in degrees east; None if the CRS is not a transverse Mercator (Gauss–Krüger) one.

    Example:
        >>> central_meridian("EPSG:4528"), central_meridian("EPSG:4490")
        (120.0, None)
    """
    found = _parameters(crs)
    return None if found is None else round(found["Longitude of natural origin"], 9)


def zone_prefix(crs: Any) -> int | None:
    """The zone number that eastings begin with (带号); None if they carry none.

    Example:
        >>> zone_prefix("EPSG:4528"), zone_prefix("EPSG:4549")
        (40, None)
    """
    found = _parameters(crs)
    if found is None:
        return None
    zone, rest = divmod(found["False easting"], 1e6)
    return int(zone) if zone >= 1 and rest == 500_000 else None


def zone_width(crs: Any) -> int | None:
    """The zone width, 3 or 6 degrees, of a Gauss–Krüger CRS; None where it cannot be told.

    A zone number settles it. Without one, a 3-degree and a 6-degree system on the same meridian have the same
    numbers: then the name decides, and 3 is taken where the name is silent, as city plans use 3-degree zones.

    Example:
        >>> zone_width("EPSG:4548"), zone_width("EPSG:4509"), zone_width("EPSG:4498")
        (3, 6, 6)
    """
    meridian, zone = central_meridian(crs), zone_prefix(crs)
    if meridian is None:
        return None
    can_be = [width for width, offset in ((3, 0), (6, 3)) if (meridian - offset) % width == 0]
    if zone is not None:
        can_be = [w for w in can_be if zone == (zone3(meridian) if w == 3 else zone6(meridian))]
    if len(can_be) < 2:
        return can_be[0] if can_be else None
    name = _horizontal(crs).name.lower()
    says_three = re.search(r"3[\s_-]*(degree|度)|三度", name)
    says_six = re.search(r"6[\s_-]*(degree|度)|六度|cgcs2000[\s_/-]*(gk|gauss[\s_-]*kr[uü]ger)", name)
    return 6 if says_six and not says_three else 3


def understood(crs: Any) -> pyproj.CRS:
    """The EPSG entry that a CRS without identifier means, if it is CGCS2000; any other CRS as it is.

    ArcGIS writes its own names into .prj files (`CGCS2000_3_Degree_GK_CM_120E`, `D_China_2000`). The match is by
    parameters: projection, ellipsoid, datum name, central meridian, false easting. The name is asked only where two
    EPSG entries have the same parameters (3- and 6-degree zones without zone number).
    Compound systems stay as they are.

    Example:
        >>> understood(pyproj.CRS("EPSG:4549").to_wkt("WKT1_ESRI")).to_epsg()
        4549
    """
    found = pyproj.CRS.from_user_input(crs)
    if "id" in found.to_json_dict() or found.is_compound or not is_cgcs2000(found):
        return found
    if found.is_geographic and len(found.axis_info) == 2:
        return pyproj.CRS.from_user_input(CGCS2000)
    parameters, width = _parameters(found), zone_width(found)
    if parameters is None or width is None or metres_per_unit(found) != 1.0:
        return found
    meridian, prefixed = parameters["Longitude of natural origin"], zone_prefix(found) is not None
    plain = parameters["Scale factor at natural origin"] == 1 and parameters["False northing"] == 0
    plain &= parameters["Latitude of natural origin"] == 0 and parameters["False easting"] % 1e6 == 500_000
    plain &= prefixed or parameters["False easting"] == 500_000
    return gauss_kruger(meridian, width=width, prefixed=prefixed) if plain and _WEST <= meridian < _EAST else found


def describe(crs: Any) -> Text:
    """What a CRS is, in words that a planner uses.

    Example:
        >>> describe("EPSG:4549").zh, describe("EPSG:4528").en
        ('CGCS2000 3度带 中央经线120°E（EPSG:4549）', 'CGCS2000 3-degree zone 40, central meridian 120°E (EPSG:4528)')
    """
    found = _horizontal(crs)
    authority = ":".join(found.to_authority() or ())
    zh, en = (f"（{authority}）", f" ({authority})") if authority else ("", "")
    if not is_cgcs2000(found):
        return Text(f"{found.name}{zh}", f"{found.name}{en}")
    if found.is_geographic:
        return Text(f"CGCS2000 经纬度{zh}", f"CGCS2000 longitude and latitude{en}")
    meridian, zone, width = central_meridian(found), zone_prefix(found), zone_width(found)
    if meridian is None or width is None:
        return Text(f"{found.name}{zh}", f"{found.name}{en}")
    zone_zh, zone_en = (f"第{zone}带 ", f"zone {zone}") if zone is not None else ("", "zone")
    return Text(
        f"CGCS2000 {width}度带 {zone_zh}中央经线{meridian:g}°E{zh}",
        f"CGCS2000 {width}-degree {zone_en}, central meridian {meridian:g}°E{en}",
    )


def transformer(src: Any, dst: Any) -> pyproj.Transformer:
    """A transformer, east or longitude first on both sides; made once per pair and thread.

    One per thread because a PROJ transformer must not be shared between threads.

    Raises: CrsError if either CRS cannot be understood by PROJ.

    Example:
        >>> x, y = transformer("EPSG:4490", "EPSG:4549").transform(120.0, 0.0)
        >>> round(x, 6), round(y, 6)
        (500000.0, 0.0)
    """
    try:
        key = (pyproj.CRS.from_user_input(src), pyproj.CRS.from_user_input(dst))
    except pyproj.exceptions.CRSError as error:
        raise CrsError(
            f"坐标系 {src!r} 或 {dst!r} 无法识别。请给出 EPSG 代码或完整的坐标系定义。",
            f"CRS {src!r} or {dst!r} is not understood. Give an EPSG code or a full definition.",
        ) from error
    cache: dict[Any, pyproj.Transformer] = _local.__dict__.setdefault("transformers", {})
    if key not in cache:
        cache[key] = pyproj.Transformer.from_crs(*key, always_xy=True)
    return cache[key]


def longitude_latitude_extent(bounds: tuple[float, float, float, float], crs: Any) -> tuple[float, float, float, float]:
    """West, south, east, north on CGCS2000 in degrees, of bounds (min x, min y, max x, max y) in `crs`.

    The sides are followed, not only the corners, as they bow.

    Raises: CrsError if the bounds lie outside what the CRS can represent.

    Example:
        >>> west, *_, north = longitude_latitude_extent((5e5, 3.32e6, 5.1e5, 3.33e6), "EPSG:4549")
        >>> round(west, 2), round(north, 2)
        (120.0, 30.09)
    """
    west, south, east, north = transformer(crs, CGCS2000).transform_bounds(*bounds, densify_pts=21)
    if not all(math.isfinite(each) for each in (west, south, east, north)):
        raise CrsError(
            f"范围 {bounds} 不在坐标系 {describe(crs).zh} 的可用范围内。请检查坐标系和坐标次序。",
            f"Bounds {bounds} lie outside what {describe(crs).en} can represent. Check the CRS and the axis order.",
        )
    return float(west), float(south), float(east), float(north)
