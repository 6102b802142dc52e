"""Where a layer lies: the CRS its file means, the plan's CRS, and the way from one to the other."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from gis.crs import (
    central_meridian,
    describe,
    gauss_kruger,
    is_cgcs2000,
    is_degrees,
    longitude_latitude_extent,
    metres_per_unit,
    understood,
    zone_prefix,
)
from gis.errors import AnalysisError, CrsError, ReadError
from gis.geometry.reproject import to_crs
from gis.i18n import Text
from gis.read.vector import finite_bounds

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from gis.read.vector import Raw

__all__ = ["Placed", "crs_of_plan", "meant_crs", "parsed_crs", "placed"]

REPROJECTION_M: Final = 0.0002
"""Bound on what a change of CRS moves an edge by: chords within 0.1 mm, from either side."""
_WIDEST_M: Final = 2_000_000.0
"""No Gauss–Krüger zone holds coordinates this far from its false easting."""
_DEGREES_MOST: Final = 360.0


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Geometries in the plan's CRS, the bound on how far edges moved, and what a reader should know."""

    geometry: gpd.GeoSeries
    reprojection_m: float = 0.0
    notices: tuple[Text, ...] = ()


def parsed_crs(given: Any, where: str) -> pyproj.CRS:
    """The horizontal CRS that a user states.

    Raises: CrsError if PROJ does not understand it.
    """
    try:
        found = understood(pyproj.CRS.from_user_input(given))
    except pyproj.exceptions.CRSError as error:
        raise CrsError(
            f"{where}：坐标系 {given!r} 无法识别。请写成 EPSG 代码，例如 EPSG:4549。",
            f"{where}: CRS {given!r} is not understood. Write an EPSG code, e.g. EPSG:4549.",
        ) from error
    return understood(found.sub_crs_list[0]) if found.is_compound else found


def meant_crs(raw: Raw, stated: Any = None, assumed: Any = None) -> tuple[pyproj.CRS, tuple[Text, ...]]:
    """The CRS that a layer's coordinates are in: stated in plan.toml, else declared by the file, else `assumed`.

    Raises: ReadError if there is none, or if a file declared in degrees plainly holds metres.
    """
    if stated is not None:
        found = parsed_crs(stated, raw.where)
        declared = None if raw.crs is None else understood(raw.crs)
        return found, () if declared in (None, found) else (_overruled(raw, found),)
    metres = raw.crs is not None and is_degrees(raw.crs) and _beyond_degrees(raw)
    if raw.crs is not None and not metres:
        return understood(raw.crs), ()
    if assumed is not None:
        found = parsed_crs(assumed, raw.where)
        return found, (
            Text(
                f"{raw.where} 未声明可用的坐标系，按指定的 {describe(found).zh} 读取。",
                f"{raw.where} declares no usable CRS and was read in the one given, {describe(found).en}.",
            ),
        )
    if metres:
        raise ReadError(
            f"文件 {raw.path} 的图层 {raw.name} 声明为经纬度，但坐标是以米为单位的（范围 {_shown(raw.bounds)}）。"
            f"{_REMEDY.zh}",
            f"File {raw.path}, layer {raw.name}, is declared in degrees but its coordinates are metres "
            f"(extent {_shown(raw.bounds)}). {_REMEDY.en}",
        )
    raise ReadError(
        f"文件 {raw.path} 的图层 {raw.name} 没有坐标系（如 Shapefile 缺 .prj；范围 {_shown(raw.bounds)}）。{_REMEDY.zh}",
        f"File {raw.path}, layer {raw.name}, has no CRS (a shapefile without .prj, say; extent {_shown(raw.bounds)}). "
        f"{_REMEDY.en}",
    )


_REMEDY: Final = Text(
    "请在 GIS 软件中定义坐标系，或在 plan.toml 的 [layers.…] 中写明 crs，或读取时给出 crs=。",
    "Define it in your GIS, or state `crs` under [layers.…] in plan.toml, or pass crs=.",
)


def _shown(bounds: tuple[float, ...] | None) -> str:
    return "—" if bounds is None else ", ".join(f"{each:.6g}" for each in bounds)


def _overruled(raw: Raw, found: pyproj.CRS) -> Text:
    return Text(
        f"{raw.where} 自身声明的坐标系与 plan.toml 不同，已按 plan.toml 的 {describe(found).zh} 读取。",
        f"{raw.where} declares another CRS than plan.toml; plan.toml's was taken, {describe(found).en}.",
    )


def _beyond_degrees(raw: Raw) -> bool:
    """Whether most features lie outside any longitude and latitude."""
    boxes = shapely.bounds(raw.frame.geometry.to_numpy()).reshape(-1, 4)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    return bool(len(boxes)) and bool(np.median(np.abs(boxes).max(axis=1)) > _DEGREES_MOST)


def crs_of_plan(layers: Sequence[tuple[Raw, pyproj.CRS]], source: str | Path) -> tuple[pyproj.CRS, tuple[Text, ...]]:
    """The projected CRS in metres that most features are in; for degrees, the 3-degree zone in the middle of them.

    Outside China the UTM zone of the middle. Web Mercator and systems in feet are not kept as a plan's CRS.

    Raises: ReadError if no layer has a place at all.
    """
    fit = [(raw, crs) for raw, crs in layers if _serves(crs)]
    well_placed = [(raw, crs) for raw, crs in fit if not _seems_degrees(raw.bounds)]
    if well_placed:
        return _most_used(well_placed), ()
    extents = [each for raw, crs in layers if (each := _extent(raw, crs)) is not None]
    if fit and not extents:
        return _most_used(fit), ()
    if not extents:
        raise ReadError(
            f"{source} 中没有任何带坐标的要素，无法确定规划的坐标系。请在 plan.toml 写明 crs，或读取时给出 crs=。",
            f"{source} has no feature with coordinates, so the plan's CRS cannot be found. "
            "State `crs` in plan.toml, or pass crs=.",
        )
    west, south = np.min([each[:2] for each in extents], axis=0)
    east, north = np.max([each[2:] for each in extents], axis=0)
    middle = (west + east) / 2
    if 73.5 <= middle < 136.5 and 0 < (south + north) / 2 < 60:
        found = gauss_kruger(middle)
    else:
        box = gpd.GeoSeries([shapely.box(west, south, east, north)], crs="EPSG:4326")
        found = box.estimate_utm_crs()
    return found, (
        Text(
            f"各图层均为经纬度或不宜量算的坐标系，已按中央位置（{middle:.2f}°）采用 {describe(found).zh}。",
            f"No layer is in a projected CRS fit for measuring; by its middle ({middle:.2f}°) the plan is in "
            f"{describe(found).en}.",
        ),
    )


def _most_used(layers: Sequence[tuple[Raw, pyproj.CRS]]) -> pyproj.CRS:
    counted: Counter[str] = Counter()
    for raw, crs in layers:
        counted[crs.to_wkt()] += len(raw.frame) + 1
    most = counted.most_common(1)[0][0]
    return next(crs for _, crs in layers if crs.to_wkt() == most)


def _serves(crs: pyproj.CRS) -> bool:
    method = crs.coordinate_operation.method_name if crs.coordinate_operation is not None else ""
    return bool(crs.is_projected) and metres_per_unit(crs) == 1.0 and "Pseudo" not in method


def _seems_degrees(bounds: tuple[float, ...] | None) -> bool:
    return bounds is not None and max(abs(each) for each in bounds) <= _DEGREES_MOST


def _extent(raw: Raw, crs: pyproj.CRS) -> tuple[float, float, float, float] | None:
    """West, south, east, north of the features that can be where the CRS says; None if there are none."""
    if not is_degrees(crs):
        away = raw.bounds is None or _seems_degrees(raw.bounds)
        return None if away or raw.bounds is None else longitude_latitude_extent(raw.bounds, crs)
    objects = raw.frame.geometry.to_numpy()
    bounds = finite_bounds(objects[~_aside(objects, crs)])
    return None if bounds is None else longitude_latitude_extent(bounds, crs)


def placed(raw: Raw, source: pyproj.CRS, target: pyproj.CRS, *, resolution: float) -> Placed:
    """The layer's geometries in `target`; unchanged where they are there already.

    Coordinates that cannot be in the CRS declared for them (degrees called metres, a zone number in front of the
    easting, not finite) are kept as they are, with a notice: rules report them.

    Raises: CrsError if the change of CRS fails for other reasons.
    """
    geometry = raw.frame.geometry
    if source == target:
        return Placed(geometry.set_crs(target, allow_override=True))
    doubt = _misplaced(raw, source)
    if doubt is not None:
        return Placed(geometry.set_crs(target, allow_override=True), notices=(doubt,))
    objects = geometry.to_numpy()
    aside = _aside(objects, source)
    moved = objects.copy()
    try:
        moved[~aside] = _moved(objects[~aside], source, target, resolution)
    except (CrsError, AnalysisError) as error:
        raise CrsError(
            f"{raw.path}（图层 {raw.name}）：{error.text.zh}", f"{raw.path}, layer {raw.name}: {error.text.en}"
        ) from error
    found = gpd.GeoSeries(moved, index=geometry.index, crs=target, name="geometry")
    return Placed(found, REPROJECTION_M, (_reported(raw, source, target), *_left(raw, int(aside.sum()))))


def _moved(objects: NDArray[Any], source: pyproj.CRS, target: pyproj.CRS, resolution: float) -> NDArray[Any]:
    """Collections are taken apart and put together again, as only their parts can be cut and moved."""
    collection = shapely.get_type_id(objects) == shapely.GeometryType.GEOMETRYCOLLECTION
    out = objects.copy()
    out[~collection], _ = to_crs(objects[~collection], source, target, resolution=resolution)
    for row in np.flatnonzero(collection):
        parts = shapely.get_parts(objects[row])
        out[row] = shapely.geometrycollections(_moved(parts, source, target, resolution))
    return out


def _aside(objects: NDArray[Any], source: pyproj.CRS) -> NDArray[np.bool_]:
    """Features with coordinates that are not finite, or no longitude and latitude where these are declared."""
    xy, index = shapely.get_coordinates(objects, return_index=True)
    bad = ~np.isfinite(xy).all(axis=1)
    if is_degrees(source):
        bad |= (np.abs(xy[:, 0]) > _DEGREES_MOST) | (np.abs(xy[:, 1]) > 90)
    aside = np.zeros(len(objects), bool)
    aside[index[bad]] = True
    return aside


def _misplaced(raw: Raw, source: pyproj.CRS) -> Text | None:
    """Why a layer's coordinates cannot be in its declared projected CRS; None if they can."""
    if is_degrees(source) or raw.bounds is None:
        return None
    if _seems_degrees(raw.bounds):
        return Text(
            f"{raw.where} 声明为投影坐标系 {describe(source).zh}，坐标却像经纬度（{_shown(raw.bounds)}），原样保留，未转换。",
            f"{raw.where} is declared in {describe(source).en} but its coordinates look like degrees "
            f"({_shown(raw.bounds)}); they are kept as they are.",
        )
    if central_meridian(source) is None:
        return None
    easting = 500_000.0 + 1e6 * (zone_prefix(source) or 0)
    middle = (raw.bounds[0] + raw.bounds[2]) / 2
    if abs(middle - easting) <= _WIDEST_M:
        return None
    return Text(
        f"{raw.where} 的横坐标（{_shown(raw.bounds)}）与声明的 {describe(source).zh} 不符（带号？），原样保留，未转换。",
        f"{raw.where}: eastings ({_shown(raw.bounds)}) cannot be in the declared {describe(source).en} (a zone number?); "
        "they are kept as they are.",
    )


def _reported(raw: Raw, source: pyproj.CRS, target: pyproj.CRS) -> Text:
    known = is_cgcs2000(source) or "WGS" in source.name or source.datum == target.datum
    doubt = (
        Text("", "")
        if known
        else Text(
            "；两者大地基准不同，转换参数未知，位置可能相差数米至百米",
            "; their datums differ, and places may be off by metres to a hundred metres",
        )
    )
    return Text(
        f"{raw.where} 由 {describe(source).zh} 转换到 {describe(target).zh}{doubt.zh}。",
        f"{raw.where} was brought from {describe(source).en} to {describe(target).en}{doubt.en}.",
    )


def _left(raw: Raw, count: int) -> tuple[Text, ...]:
    if not count:
        return ()
    return (
        Text(
            f"{raw.where}：{count} 个要素的坐标不是有效数值，原样保留，未转换。",
            f"{raw.where}: {count} features have coordinates that are no valid numbers; they are kept as they are.",
        ),
    )
