"""A proposed site made ready to be judged: in the plan's system, lines as corridors, faults repaired and said, one area per site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from gis.analysis.in_force import code_tables
from gis.analysis.land_accounts import text_codes
from gis.crs import describe, is_cgcs2000, is_degrees
from gis.errors import AnalysisError, CrsError, GisError
from gis.geometry import validity
from gis.geometry.area import areal_scale
from gis.geometry.reproject import to_crs
from gis.i18n import Text
from gis.model.site import SITE_COLUMNS, Site

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gis.model.plan import Plan

    Objects = NDArray[np.object_]

__all__ = ["REPROJECTION_M", "Sited", "as_site", "known_use", "sited"]

REPROJECTION_M: Final = 0.0002
"""Bound on what a change of CRS moves an edge by: chords within 0.1 mm, from either side."""
_DEGREES_MOST: Final = 360.0
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, eq=False)
class Sited:
    """Sites in the plan's system.

    frame     one row per site, index = site id; columns name, class_code, stated_m2, geometry (polygons)
    parcels   one row per parcel: `SITE_COLUMNS`, geometry (polygons; of a line its corridor), centre (the line, else None)
    notices   what was converted, repaired, or left
    reprojection_m   bound on what the change of CRS moved
    """

    frame: gpd.GeoDataFrame
    parcels: gpd.GeoDataFrame
    notices: tuple[Text, ...] = ()
    reprojection_m: float = 0.0


def sited(plan: Plan, site: Any, use: str | None = None) -> Sited:
    """The site, or sites, made ready for `plan`: of a Site, a GeoDataFrame, or a shapely geometry in the plan's CRS.

    Rows of a GeoDataFrame are sites of their own unless a column `site` says which belong together. A line becomes the corridor
    of its `width_m`. Crossing rings are repaired, and said. Parcels that overlap count their ground once.

    Raises: AnalysisError if there is no parcel, a parcel is no area and has no width, coordinates are no numbers or cannot be
    in the system, or the use is unknown; CrsError without a CRS.

    Example:
        >>> from gis.model.drawn import drawn
        >>> plan = drawn({"ecological_redline": [[0, 0, 100, 100]]})
        >>> ready = sited(plan, shapely.box(500_000, 3_400_000, 500_100, 3_400_100), "0701")
        >>> ready.frame.geometry.area.tolist(), ready.frame["class_code"].tolist()
        ([10000.0], ['0701'])
    """
    given = as_site(plan, site)
    parcels, notices = _parcels(given, plan, use), [*given.notices]
    moved, reprojection_m = _moved(plan, parcels, notices)
    centre = np.where(shapely.get_dimensions(moved) == 1, moved, np.array(None))
    areas = _repaired(_corridors(moved, parcels, plan.crs), parcels, notices)
    parcels = gpd.GeoDataFrame(parcels.drop(columns=parcels.geometry.name), geometry=areas, crs=plan.crs)
    parcels["centre"] = gpd.GeoSeries(centre, index=parcels.index, crs=plan.crs)
    return Sited(_united(parcels, notices), parcels, tuple(notices), reprojection_m)


def as_site(plan: Plan, given: Any) -> Site:
    """What was given as a Site: one already, a GeoDataFrame or GeoSeries, or a shapely geometry in the plan's CRS.

    Raises: AnalysisError for anything else.
    """
    if isinstance(given, Site):
        return given
    if isinstance(given, gpd.GeoSeries):
        given = given.to_frame("geometry")
    if isinstance(given, gpd.GeoDataFrame):
        return Site(given)
    if isinstance(given, shapely.Geometry):
        return Site(gpd.GeoDataFrame({"site": ["1"]}, geometry=[given], crs=plan.crs))
    raise AnalysisError(
        f"选址范围的类型 {type(given).__name__} 无法识别。请用 gis.read_site 读取，或给出 GeoDataFrame 或 shapely 面。",
        f"A site of type {type(given).__name__} is not understood. Read it with gis.read_site, or give a GeoDataFrame or a shapely polygon.",
    )


def _parcels(site: Site, plan: Plan, use: str | None) -> gpd.GeoDataFrame:
    """The parcels with all columns there, and classes that are known; the index says which site where no column does."""
    frame = site.parcels
    if not len(frame) or getattr(frame, "_geometry_column_name", None) is None:
        raise AnalysisError(
            f"选址范围{site.source or ''}没有地块。请给出至少一个面，或一条带宽度的线。",
            f"The site {site.source or ''} has no parcel. Give at least one polygon, or a line with its width.",
        )
    frame = frame.set_axis(_names(frame.index), axis="index")
    blank = pd.Series("", index=frame.index, dtype="str")
    for name in SITE_COLUMNS:
        if name in ("stated_ha", "width_m"):
            frame[name] = pd.to_numeric(frame[name], errors="coerce") if name in frame else np.nan
        else:
            frame[name] = text_codes(frame[name]).fillna("") if name in frame else blank
    if not frame["site"].ne("").all():
        frame["site"] = frame["site"].where(
            frame["site"].ne(""), pd.Series(frame.index, index=frame.index, dtype="str")
        )
    if use is not None:
        frame["class_code"] = known_use(use, plan.as_of.isoformat())
    for code in frame["class_code"].unique():
        if code:
            known_use(code, plan.as_of.isoformat())
    return frame


def _names(index: pd.Index[Any]) -> pd.Index[str]:
    """The index as unique text."""
    text = pd.Series(index.astype("str"))
    counted = text + "#" + (text.groupby(text).cumcount() + 1).astype("str")
    names: pd.Index[str] = pd.Index(text.where(~text.duplicated(keep=False), counted), dtype="str")
    return names


def known_use(use: str, day: str) -> str:
    """The class code of a use: given as code, or by its Chinese name; of the edition in force on the day, or a known one.

    Raises: AnalysisError for a use that no edition knows.

    Example:
        >>> known_use("0804", "2025-06-30"), known_use("工业用地", "2025-06-30")
        ('0804', '1001')
    """
    editions = code_tables("land_use_classes", "2020-11", day)
    code = use.strip()
    if any(code in each for each in editions):
        return code
    named = [each.code for table in editions for each in table.values() if each.name.zh == code]
    if named:
        return named[0]
    raise AnalysisError(
        f"用途 {use!r} 不在用地用海分类中。请填写分类代码或名称，例如 0804 教育用地、1001 工业用地。",
        f"The use {use!r} is no class of land use. Give its code or Chinese name, e.g. 0804 (education), 1001 (industry).",
    )


def _moved(plan: Plan, parcels: gpd.GeoDataFrame, notices: list[Text]) -> tuple[Objects, float]:
    """The geometries in the plan's system, and the bound on what that moved."""
    if parcels.crs is None:
        raise CrsError(
            "选址范围没有坐标系。请在读取时给出 crs=，或用 set_crs 写明，例如 EPSG:4549。",
            "The site has no CRS. Pass crs= when reading it, or state it with set_crs, e.g. EPSG:4549.",
        )
    geometry = np.asarray(parcels.geometry.to_numpy(), dtype=object)
    _check(parcels, geometry, plan)
    source = pyproj.CRS.from_user_input(parcels.crs)
    if source == plan.crs or source.equals(plan.crs, ignore_axis_order=True):
        return geometry, 0.0
    doubt = ("", "")
    if not (is_cgcs2000(source) and is_cgcs2000(plan.crs)) and source.datum != plan.crs.datum:
        doubt = (
            "；两者大地基准不同，位置可能相差数米至百米",
            "; their datums differ, and places may be off by metres to a hundred metres",
        )
    one, other = describe(source), describe(plan.crs)
    notices.append(
        Text(
            f"地块由 {one.zh} 转换到规划的 {other.zh}{doubt[0]}。",
            f"The site was brought from {one.en} to the plan's {other.en}{doubt[1]}.",
        )
    )
    try:
        return to_crs(geometry, source, plan.crs, resolution=plan.accuracy.resolution_m)[0], REPROJECTION_M
    except GisError as error:
        raise AnalysisError(
            f"选址范围无法转换到规划的坐标系：{error.text.zh}",
            f"The site cannot be brought to the plan's CRS: {error.text.en}",
        ) from error


def _check(parcels: gpd.GeoDataFrame, geometry: Objects, plan: Plan) -> None:
    """Raise for all parcels that are nothing that has an area, or lie nowhere on earth."""
    rank, width = shapely.get_dimensions(geometry), parcels["width_m"].to_numpy(dtype=float)
    faults = [
        (shapely.is_missing(geometry) | shapely.is_empty(geometry), "没有图形", "has no geometry"),
        (rank == 0, "是点，不是面", "is a point, no area"),
        ((rank == 1) & ~(width > 0), "是线，却没有宽度（width_m）", "is a line without a width (width_m)"),
        (
            shapely.get_type_id(geometry) == shapely.GeometryType.GEOMETRYCOLLECTION,
            "是混合图形集合",
            "is a mixed collection",
        ),
        (~validity.finite(geometry), "的坐标含无效数值", "has coordinates that are no numbers"),
    ]
    if not is_degrees(parcels.crs):
        size = np.abs(shapely.bounds(geometry)).max(axis=1)
        faults.append(
            (
                size <= _DEGREES_MOST,
                f"的坐标像经纬度，却声明为 {describe(parcels.crs).zh}",
                f"looks like degrees but is declared in {describe(parcels.crs).en}",
            )
        )
    found = [_fault(parcels, np.asarray(bad, dtype=bool), zh, en) for bad, zh, en in faults if np.any(bad)]
    if found:
        zh, en = "；".join(each.zh for each in found), "; ".join(each.en for each in found)
        raise AnalysisError(
            f"选址范围不能判断：{zh}。请给出面，或带宽度的线，并写明坐标系。",
            f"The site cannot be judged: {en}. Give polygons, or lines with a width, and their CRS.",
        )


def _fault(parcels: gpd.GeoDataFrame, bad: NDArray[np.bool_], zh: str, en: str) -> Text:
    names = _listed(parcels.index[bad].tolist())
    return Text(f"地块 {names} {zh}", f"parcel {names} {en}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _corridors(geometry: Objects, parcels: gpd.GeoDataFrame, crs: Any) -> Objects:
    """Lines as corridors of their width on the ground, with square ends; areas as they are."""
    out = geometry.copy()
    thin = np.flatnonzero(shapely.get_dimensions(geometry) == 1)
    if len(thin):
        x, y = (
            np.asarray(get(shapely.centroid(geometry[thin])), dtype=float) for get in (shapely.get_x, shapely.get_y)
        )
        half = parcels["width_m"].to_numpy(dtype=float)[thin] / 2 * np.sqrt(areal_scale(x, y, crs))
        out[thin] = shapely.buffer(geometry[thin], half, cap_style="flat", join_style="mitre", mitre_limit=2.0)
    return out


def _repaired(geometry: Objects, parcels: gpd.GeoDataFrame, notices: list[Text]) -> Objects:
    """Valid polygons; what was repaired is said, what has no area is an error."""
    geometry = shapely.force_2d(geometry)
    codes, words, _ = validity.reasons(geometry)
    fixed, changed = validity.repaired(geometry)
    flat = shapely.area(fixed) == 0
    if flat.any():
        names = _listed(parcels.index[flat].tolist())
        raise AnalysisError(
            f"地块 {names} 没有面积。请核对界址点的坐标和顺序。",
            f"Parcel {names} has no area. Check the coordinates and order of its points.",
        )
    for n in np.flatnonzero(changed & (codes != "")):
        name, before, after = parcels.index[n], shapely.area(geometry[n]), shapely.area(fixed[n])
        notices.append(
            Text(
                f"地块 {name}：{words[n].zh}，已修复后计算（平面面积 {before:.2f} → {after:.2f} 平方米），请核对界址点顺序。",
                f"Parcel {name}: {words[n].en}; it was repaired for the calculation (area in the plane {before:.2f} → {after:.2f} m²). Check the order of its points.",
            )
        )
    return fixed


def _united(parcels: gpd.GeoDataFrame, notices: list[Text]) -> gpd.GeoDataFrame:
    """One row per site: its parcels together, their ground once."""
    site, names = pd.factorize(parcels["site"])
    geometry = np.asarray(parcels.geometry.to_numpy(), dtype=object)
    order = np.argsort(site, kind="stable")
    starts = np.flatnonzero(np.diff(site[order], prepend=-1))
    first, members = order[starts], np.split(order, starts[1:])
    out = geometry[first]
    for n in np.flatnonzero(np.bincount(site) > 1):
        mine = geometry[members[n]]
        out[n] = shapely.union_all(mine)
        twice = float(shapely.area(mine).sum() - shapely.area(out[n]))
        if twice > 0.01:  # square metres, as areas are stated
            notices.append(
                Text(
                    f"地块 {names[n]} 的各部分相互重叠 {twice:.2f} 平方米，只计一次。",
                    f"The parcels of {names[n]} overlap by {twice:.2f} m², which is counted once.",
                )
            )
    stated = parcels["stated_ha"].groupby(site).sum(min_count=1).to_numpy() * 1e4
    columns = {
        "name": parcels["name"].to_numpy()[first],
        "class_code": parcels["class_code"].to_numpy()[first],
        "stated_m2": stated,
    }
    return gpd.GeoDataFrame(columns, geometry=out, crs=parcels.crs, index=pd.Index(names, dtype="str", name="id"))
