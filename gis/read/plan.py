"""From files to a Plan: what is there, which layer it is, where it lies, and what a reader should know of it."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import pandas as pd

from gis.errors import GisError, ReadError
from gis.i18n import Text
from gis.model.plan import Plan, RasterSource
from gis.model.tables import TABLES, table_named
from gis.read.archive import unpack
from gis.read.assemble import assembled
from gis.read.container import checked_path
from gis.read.delivery import inventory, texts
from gis.read.gather import Bound, Gathered, Root, beside, gather
from gis.read.place import crs_of_plan, meant_crs, parsed_crs
from gis.read.profile import PROFILE_ENDINGS, read_profile
from gis.read.project import Project, read_project
from gis.read.raster import read_raster
from gis.read.table import known_tables, read_table, tidy_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyproj

    from gis.model.profile import Profile
    from gis.read.vector import Raw

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
    fence: Path | None = None
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
        call = replace(call, fence=root if root != path else call.fence)
        toml = _toml(root)
        project = read_project(toml) if toml is not None else None
        base = Root(toml.parent if toml is not None else root, call.fence)
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


def _made(path: Path, base: Root, found: Gathered, project: Project, call: _Call) -> Plan:
    profile, own = _profile(base, call.profile, project.profile)
    if own is not None:
        found.layers = [_as_called(each, own) for each in found.layers]
    stated = call.crs if call.crs is not None else (project.crs or None)
    systems = _systems(found, stated)
    tables = _tables(base, found, project)
    if not found.layers and not tables and not found.faults:
        found.faults.append(_nothing_there(path))
    related = _related(base, project, call, found)
    _stop_at(found)
    target = _target(path, found, systems, stated)
    rasters = _rasters(base, found, project, target, call)
    layers, sources = assembled(found, systems, target, project.plan_accuracy(), own)
    _stop_at(found)
    unknown = _unknown(found)
    listed, said = _handed_in(path, base, found, call)
    return Plan(
        layers,
        target,
        name=call.name or project.name or path.stem,
        rasters=MappingProxyType(rasters),
        tables=MappingProxyType(tables),
        targets=MappingProxyType(project.plan_targets()),
        profile=profile,
        own_profile=own,
        accuracy=project.plan_accuracy(),
        waivers=project.plan_waivers(),
        related=MappingProxyType(related),
        unknown=MappingProxyType(unknown),
        sources=MappingProxyType(sources),
        notices=tuple(dict.fromkeys(found.notices)),
        parameters=MappingProxyType(dict(project.parameters)),
        severities=MappingProxyType(dict(project.severities)),
        as_of=call.as_of or project.as_of or date.today(),
        files=_files(path, base, found),
        inventory=listed,
        texts=MappingProxyType(said),
    )


def _handed_in(path: Path, base: Root, found: Gathered, call: _Call) -> tuple[tuple[str, ...], dict[str, str]]:
    """The files of the folder or zip that was handed in and what its texts say; nothing for a single file or a related plan."""
    if call.depth or (path.is_file() and path.suffix.casefold() != ".zip") or path.suffix.casefold() == ".gdb":
        return (), {}
    listed, notices = inventory(base.path)
    said, faults = texts(base.path, listed)
    found.notices.extend((*notices, *faults))
    return listed, said


def _profile(base: Root, asked: str | None, stated: str) -> tuple[str, Profile | None]:
    """The name of the profile and, where it is a file of the bureau's own, the profile itself.

    A file that plan.toml names lies beside it; one that the caller names is a path like any other.
    """
    if asked and asked.casefold().endswith(PROFILE_ENDINGS):
        own = read_profile(asked)
    elif not asked and stated.casefold().endswith(PROFILE_ENDINGS):
        own = read_profile(beside(base, stated))
    else:
        return asked or stated or "national_city", None
    return own.id, own


def _as_called(bound: Bound, profile: Profile) -> Bound:
    """The layer bound to the id that the profile knows it by, where nothing else bound it."""
    return bound if bound.layer is not None else replace(bound, layer=profile.layer_named(bound.raw.name))


def _files(path: Path, base: Root, found: Gathered) -> frozenset[Path]:
    """All files the plan was read from, as absolute paths."""
    raws = [*(each.raw for each in found.layers), *found.tables.values()]
    read = [path, *(each.path for each in raws), *found.rasters.values(), *found.table_files]
    toml = _toml(base.path) if base.path.is_dir() else None
    return frozenset(each.resolve() for each in [*read, *([toml] if toml else [])])


def _stop_at(found: Gathered) -> None:
    """Say every fault so far, each once."""
    if found.faults:
        raise ReadError.of(list(dict.fromkeys(found.faults)))


def _nothing_there(path: Path) -> Text:
    return Text(
        f"{path} 中没有可读取的图层。请给出 .gdb、.gpkg、.shp、.geojson、.fgb 或 .parquet 数据。",
        f"{path} holds no layer that can be read. Supply .gdb, .gpkg, .shp, .geojson, .fgb or .parquet data.",
    )


def _target(path: Path, found: Gathered, systems: list[pyproj.CRS | None], stated: Any) -> pyproj.CRS:
    if stated is not None:
        return parsed_crs(stated, str(path))
    target, notices = crs_of_plan(_that_count(found, systems), path)
    found.notices.extend(notices)
    return target


def _that_count(found: Gathered, systems: list[pyproj.CRS | None]) -> list[tuple[Raw, pyproj.CRS]]:
    """The layers that decide on the plan's CRS: those we know, or all where we know none."""
    known = any(bound.layer is not None for bound in found.layers)
    return [
        (bound.raw, crs)
        for bound, crs in zip(found.layers, systems, strict=True)
        if crs is not None and (bound.layer is not None or not known)
    ]


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


def _unknown(found: Gathered) -> dict[str, gpd.GeoDataFrame]:
    """Layers that nobody knows, in their own CRS, under their own names; said in a notice."""
    kept: dict[str, gpd.GeoDataFrame] = {}
    for bound in found.layers:
        if bound.layer is None:
            name = bound.raw.name if bound.raw.name not in kept else f"{bound.raw.path.name}/{bound.raw.name}"
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


def _tables(base: Root, found: Gathered, project: Project) -> dict[str, pd.DataFrame]:
    """The tables by id: those the catalogue knows with its columns, types and units, others as they are."""
    raw: dict[str, tuple[pd.DataFrame, str]] = {}
    for name, table in found.tables.items():
        raw.setdefault(table_named(name) or name, (table.frame, f"{table.path.name}/{name}"))
    for path in found.table_files:
        raw |= {id_: (frame, path.name) for id_, frame in _known_tables(path, found).items()}
    for name, entry in project.tables.items():
        id_ = table_named(name) or name
        try:
            path = beside(base, entry.file)
            raw[id_] = (
                read_table(path, sheet=entry.sheet, encoding=entry.encoding, spec=TABLES.get(id_)),
                entry.file,
            )
        except GisError as error:
            found.faults.append(error.text)
        else:
            found.table_files.append(path)
    tables = {}
    for id_, (frame, where) in raw.items():
        tables[id_] = frame
        if id_ in TABLES:
            tables[id_], notices = tidy_table(frame, TABLES[id_], where=where)
            found.notices.extend(notices)
    return tables


def _known_tables(path: Path, found: Gathered) -> dict[str, pd.DataFrame]:
    """The catalogue's tables in a file that lies beside the layers; what nobody asked for may be unreadable, but is said."""
    try:
        tables = known_tables(path)
    except GisError as error:
        found.notices.append(error.text)
        return {}
    if not tables:
        found.notices.append(
            Text(
                f"表格 {path.name} 不在表格目录中，未读取。需要时请在 plan.toml 的 [tables] 中写明。",
                f"Table {path.name} is not in the catalogue and was not read. Name it under [tables] in plan.toml if it is needed.",
            )
        )
    return tables


def _rasters(base: Root, found: Gathered, project: Project, target: pyproj.CRS, call: _Call) -> dict[str, RasterSource]:
    rasters: dict[str, RasterSource] = {}
    wanted = {name: (str(path), "") for name, path in found.rasters.items()}
    wanted |= {name: (entry.file, str(entry.as_of)) for name, entry in project.rasters.items()}
    for name, (file, when) in wanted.items():
        try:
            raster, notices = read_raster(beside(base, file), crs=target, as_of=when, keep=call.fence is None)
        except GisError as error:
            found.faults.append(error.text)
        else:
            rasters[name] = raster
            found.notices.extend(notices)
    return rasters


def _related(base: Root, project: Project, call: _Call, found: Gathered) -> dict[str, Plan]:
    related: dict[str, Plan] = {}
    if call.depth >= _DEEPEST:
        return related
    for name, entry in project.related.items():
        inner = _Call(crs=None, fence=call.fence, depth=call.depth + 1)
        try:
            related[name] = _read(beside(base, entry.file), inner)
        except GisError as error:
            found.faults.append(error.text)
    return related
