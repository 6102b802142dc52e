"""From files to a Plan: what is there, which layer it is, where it lies, and what a reader should know of it."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from gis.errors import GisError, ReadError
from gis.i18n import Text
from gis.model.layers import LAYERS, layer_title
from gis.model.plan import LayerSource, Plan, RasterSource, with_ids
from gis.read.archive import unpack
from gis.read.container import checked_path
from gis.read.fields import canonical_names, typed
from gis.read.gather import Bound, Gathered, beside, gather
from gis.read.place import crs_of_plan, meant_crs, parsed_crs, placed
from gis.read.project import Project, read_project
from gis.read.raster import read_raster
from gis.read.table import read_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import pyproj

__all__ = ["read_plan"]

_DEEPEST: Final = 2
"""Related plans of related plans are read; theirs are not."""


@dataclass(frozen=True, slots=True)
class _Call:
    """What the caller of read_plan stated, and where we are: in a zip, and how deep in related plans."""

    crs: Any = None
    name: str | None = None
    profile: str | None = None
    as_of: date | None = None
    unpacked: bool = False
    depth: int = 0


def read_plan(
    path: str | Path,
    *,
    crs: Any = None,
    name: str | None = None,
    profile: str | None = None,
    as_of: date | None = None,
) -> Plan:
    """The plan at `path`: a .gdb, .gpkg, .shp, .geojson, .fgb or .parquet file, a folder of them, a plan.toml, or a zip.

    Layers and fields are known by their official names; all others are kept (`plan.unknown`, and in the frame) and
    listed. Every layer is in the plan's projected CRS: `crs`, else what plan.toml says, else the one most features are
    in, else the 3-degree zone in their middle. `crs` also serves for layers that declare none. Arguments win over
    plan.toml. `plan.notices` says what a reader should know. The input is never changed, nothing is written beside it.

    Missing, empty and invalid geometries and wrong values are kept: rules report them.

    Raises: ReadError with all faults of the files at once: missing, empty, damaged, of another or an unsafe format,
        without CRS, or with no layer at all. CrsError if `crs` is unknown or not projected, or a layer cannot be
        brought to it.

    Example:
        >>> read_plan("no_such_plan.gpkg")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        gis.errors.ReadError: 文件 no_such_plan.gpkg 不存在。请检查路径和文件名。
        File no_such_plan.gpkg does not exist. Check the path and the name.
    """
    return _read(checked_path(path), _Call(crs, name, profile, as_of))


def _read(path: Path, call: _Call) -> Plan:
    with _unpacked(path) as root:
        call = replace(call, unpacked=call.unpacked or root != path)
        toml = _toml(root)
        project = read_project(toml) if toml is not None else None
        base = toml.parent if toml is not None else root
        found = gather(base, project)
        return _made(path, base, found, project or Project(), call)


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """The path itself, or a folder with what a zip holds, gone afterwards."""
    if path.is_dir() or path.suffix.casefold() != ".zip":
        yield path
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        yield _innermost(unpack(path, Path(folder)))


def _innermost(folder: Path) -> Path:
    """The folder that holds the data, where the zip wraps it in others."""
    inner = list(folder.iterdir())
    if len(inner) == 1 and inner[0].is_dir() and inner[0].suffix.casefold() != ".gdb":
        return _innermost(inner[0])
    return folder


def _toml(root: Path) -> Path | None:
    if root.is_file() and root.suffix.casefold() == ".toml":
        return root
    inside = root / "plan.toml"
    return inside if root.is_dir() and inside.is_file() else None


def _made(path: Path, base: Path, found: Gathered, project: Project, call: _Call) -> Plan:
    if not found.layers and not found.faults:
        found.faults.append(
            Text(
                f"{path} 中没有可读取的图层。请给出 .gdb、.gpkg、.shp、.geojson、.fgb 或 .parquet 数据。",
                f"{path} holds no layer that can be read. Supply .gdb, .gpkg, .shp, .geojson, .fgb or .parquet data.",
            )
        )
    stated = call.crs if call.crs is not None else (project.crs or None)
    systems = _systems(found, call.crs)
    tables = _tables(base, found, project)
    related = _related(base, project, call, found)
    if found.faults:
        raise ReadError.of(found.faults)
    if stated is not None:
        target = parsed_crs(stated, str(path))
    else:
        target, notices = crs_of_plan([(each.raw, crs) for each, crs in zip(found.layers, systems, strict=True) if crs and (each.layer or not any(one.layer for one in found.layers))], path)  # fmt: skip
        found.notices.extend(notices)
    rasters = _rasters(base, found, project, target, call)
    layers, sources = _layers(found, systems, target, project)
    if found.faults:
        raise ReadError.of(found.faults)
    settings = {key: value for key, value in (("as_of", call.as_of or project.as_of),) if value is not None}
    return Plan(
        layers,
        target,
        name=call.name or project.name or path.stem,
        rasters=MappingProxyType(rasters),
        tables=MappingProxyType(tables),
        targets=MappingProxyType(project.plan_targets()),
        profile=call.profile or project.profile or "national_city",
        accuracy=project.plan_accuracy(),
        waivers=project.plan_waivers(),
        related=MappingProxyType(related),
        unknown=MappingProxyType(_unknown(found)),
        sources=MappingProxyType(sources),
        notices=tuple(dict.fromkeys(found.notices)),
        parameters=MappingProxyType(dict(project.parameters)),
        severities=MappingProxyType(dict(project.severities)),
        **settings,
    )


def _systems(found: Gathered, assumed: Any) -> list[pyproj.CRS | None]:
    """The CRS that each layer's coordinates are in; None for an unknown layer that has none."""
    systems: list[pyproj.CRS | None] = []
    for bound in found.layers:
        try:
            crs, notices = meant_crs(bound.raw, bound.entry.crs or None, assumed)
        except GisError as error:
            systems.append(None)
            if bound.layer is not None:
                found.faults.append(error.text)
        else:
            systems.append(crs)
            found.notices.extend(notices if bound.layer is not None else ())
    return systems


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One file's share of a layer, in the plan's CRS, with the geometry as drawn where it was moved."""

    frame: gpd.GeoDataFrame
    source: LayerSource
    drawn: gpd.GeoSeries | None


def _layers(
    found: Gathered, systems: list[pyproj.CRS | None], target: pyproj.CRS, project: Project
) -> tuple[dict[str, gpd.GeoDataFrame], dict[str, LayerSource]]:
    parts: dict[str, list[tuple[Bound, _Part]]] = {}
    for bound, crs in zip(found.layers, systems, strict=True):
        found.notices.extend(bound.raw.notices)
        if bound.layer is None or crs is None:
            continue
        try:
            resolution = project.plan_accuracy().of(bound.layer).resolution_m
            part = _part(bound, crs, target, resolution, found.notices)
        except GisError as error:
            found.faults.append(error.text)
        else:
            parts.setdefault(bound.layer, []).append((bound, part))
    joined = {layer: _joined(layer, each, found.notices) for layer, each in parts.items()}
    return {name: frame for name, (frame, _) in joined.items()}, {name: source for name, (_, source) in joined.items()}


def _part(bound: Bound, crs: pyproj.CRS, target: pyproj.CRS, resolution: float, notices: list[Text]) -> _Part:
    raw, spec = bound.raw, LAYERS[str(bound.layer)]
    place = placed(raw, crs, target, resolution=max(resolution, 1e-6))
    drawn = raw.frame.geometry.set_crs(crs, allow_override=True) if place.reprojection_m else None
    frame = raw.frame.set_geometry(place.geometry)
    columns = [name for name in frame.columns if name != frame.geometry.name]
    names = canonical_names(columns, spec, where=raw.where, cut=raw.driver == "ESRI Shapefile")
    frame, about_types = typed(frame.rename(columns=dict(names.renamed)), spec, where=raw.where)
    notices.extend((*place.notices, *names.notices, *about_types))
    if not len(frame):
        notices.append(Text(f"{raw.where} 是空图层。", f"{raw.where} is an empty layer."))
    source = LayerSource(
        file=str(raw.path.name),
        name=raw.name,
        driver=raw.driver,
        crs="" if raw.crs is None else raw.crs.to_string(),
        bounds=raw.bounds,
        encoding=raw.encoding,
        unknown_fields=names.unknown,
        renamed=MappingProxyType(dict(names.renamed)),
        reprojection_m=place.reprojection_m,
        as_of=str(bound.entry.as_of) or _year(frame),
        version=bound.entry.version,
        sha256=raw.sha256,
    )
    return _Part(frame, source, drawn)


def _year(frame: gpd.GeoDataFrame) -> str:
    """The latest year stated in the data; empty if there is none."""
    if "data_year" not in frame.columns:
        return ""
    years = pd.to_numeric(frame["data_year"], errors="coerce").dropna()
    return str(int(years.max())) if len(years) else ""


def _joined(layer: str, parts: list[tuple[Bound, _Part]], notices: list[Text]) -> tuple[gpd.GeoDataFrame, LayerSource]:
    """The layer from all files that hold a share of it; `scope` tells official variants apart."""
    spec = LAYERS[layer]
    frames = [
        part.frame.assign(scope=_scoped(part.frame, bound.scope)) if spec.scopes else part.frame
        for bound, part in parts
    ]
    if len(parts) == 1:
        (_, part), frame = parts[0], with_ids(frames[0], spec)
        drawn = None if part.drawn is None else part.drawn.set_axis(frame.index)
        return frame, replace(part.source, geometry=drawn)
    listed = " + ".join(bound.raw.where for bound, _ in parts)
    title = layer_title(layer)
    notices.append(
        Text(f"图层“{title.zh}”由 {listed} 合并而成。", f"Layer {title.en!r} was put together from {listed}.")
    )
    frame = with_ids(gpd.GeoDataFrame(pd.concat(frames, ignore_index=True)), spec)
    return frame, replace(_one_source([part.source for _, part in parts]), geometry=_drawn(parts, frame, notices))


def _scoped(frame: gpd.GeoDataFrame, scope: str) -> pd.Series[Any]:
    """The scope that the data states, else that of the file's official name."""
    if "scope" in frame.columns:
        return frame["scope"].astype("str").fillna(scope)
    return pd.Series(scope, index=frame.index, dtype="str")


def _one_source(sources: list[LayerSource]) -> LayerSource:
    """What can be said of several files at once."""
    boxes = [each.bounds for each in sources if each.bounds is not None]
    same_crs = len({each.crs for each in sources}) == 1
    bounds = None
    if boxes and same_crs:
        west, south, east, north = zip(*boxes, strict=True)
        bounds = (min(west), min(south), max(east), max(north))
    return replace(
        sources[0],
        **{
            key: " + ".join(dict.fromkeys(getattr(each, key) for each in sources if getattr(each, key)))
            for key in ("file", "name", "driver", "crs", "encoding", "version", "sha256")
        },
        bounds=bounds,
        unknown_fields=tuple(dict.fromkeys(field for each in sources for field in each.unknown_fields)),
        renamed=MappingProxyType({key: value for each in sources for key, value in each.renamed.items()}),
        reprojection_m=max(each.reprojection_m for each in sources),
        as_of=max(each.as_of for each in sources),
    )


def _drawn(parts: list[tuple[Bound, _Part]], frame: gpd.GeoDataFrame, notices: list[Text]) -> gpd.GeoSeries | None:
    """The drawn geometries of all shares, where all come from one and the same other CRS."""
    drawn = [part.drawn for _, part in parts]
    if all(each is None for each in drawn):
        return None
    kept = [each for each in drawn if each is not None]
    if len(kept) < len(drawn) or any(each.crs != kept[0].crs for each in kept):
        listed = " + ".join(bound.raw.where for bound, _ in parts)
        notices.append(
            Text(
                f"{listed} 的坐标系不同，合并后不再保留各自的原始几何；公示面积按转换后的几何计算。",
                f"{listed} are in different CRSs: their drawn geometries are not kept, and official areas use the "
                "moved ones.",
            )
        )
        return None
    return gpd.GeoSeries(pd.concat(kept, ignore_index=True), crs=kept[0].crs).set_axis(frame.index)


def _unknown(found: Gathered) -> dict[str, gpd.GeoDataFrame]:
    """Layers that nobody knows, in their own CRS, under their own names; said in a notice."""
    kept: dict[str, gpd.GeoDataFrame] = {}
    for bound in found.layers:
        if bound.layer is None:
            name = bound.raw.name if bound.raw.name not in kept else f"{bound.raw.path.stem}/{bound.raw.name}"
            while name in kept:
                name += "'"
            kept[name] = bound.raw.frame
    if kept:
        listed = "、".join(kept)
        found.notices.append(
            Text(
                f"图层 {listed} 不在图层目录中，原样保留在 plan.unknown。",
                f"Layers {', '.join(kept)} are not in the catalogue and are kept as they are in plan.unknown.",
            )
        )
    return kept


def _tables(base: Path, found: Gathered, project: Project) -> dict[str, pd.DataFrame]:
    tables = {name: raw.frame for name, raw in found.tables.items()}
    for name, entry in project.tables.items():
        try:
            tables[name] = read_table(beside(base, entry.file), sheet=entry.sheet, encoding=entry.encoding)
        except GisError as error:
            found.faults.append(error.text)
    return tables


def _rasters(base: Path, found: Gathered, project: Project, target: pyproj.CRS, call: _Call) -> dict[str, RasterSource]:
    rasters: dict[str, RasterSource] = {}
    wanted = {name: (str(path), "") for name, path in found.rasters.items()}
    wanted |= {name: (entry.file, str(entry.as_of)) for name, entry in project.rasters.items()}
    for name, (file, when) in wanted.items():
        try:
            raster, notices = read_raster(beside(base, file), crs=target, as_of=when, keep=not call.unpacked)
        except GisError as error:
            found.faults.append(error.text)
        else:
            rasters[name] = raster
            found.notices.extend(notices)
    return rasters


def _related(base: Path, project: Project, call: _Call, found: Gathered) -> dict[str, Plan]:
    related: dict[str, Plan] = {}
    if call.depth >= _DEEPEST:
        return related
    for name, entry in project.related.items():
        inner = _Call(crs=None, unpacked=call.unpacked, depth=call.depth + 1)
        try:
            related[name] = _read(beside(base, entry.file), inner)
        except GisError as error:
            found.faults.append(error.text)
    return related
