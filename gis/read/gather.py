"""What is to be read: the files behind a path or a plan.toml, each with the layer it is meant to be."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gis.errors import GisError, ReadError
from gis.i18n import Text
from gis.read.container import DATA_ENDINGS, HOPELESS, Container, checked_path, container
from gis.read.project import LayerEntry, Project
from gis.read.raster import RASTER_ENDINGS, raster_named
from gis.read.recognise import recognise
from gis.read.table import TABLE_ENDINGS
from gis.read.vector import Raw, read_raw

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Bound", "Gathered", "Root", "beside", "gather"]

_LEFT_ASIDE: Final = {
    **HOPELESS,
    ".zip": (Text("压缩包", "an archive"), Text("请解压，或单独读取", "Unpack it, or read it by itself")),
}
"""What is met in a folder and not read, with the remedy."""
_ASIDE: Final = re.compile(r"^[.~]")


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A raw layer with the layer id it is bound to (None: unknown), its scope, and what plan.toml says of it."""

    raw: Raw
    layer: str | None
    scope: str = ""
    entry: LayerEntry = field(default_factory=LayerEntry)


@dataclass(slots=True)
class Gathered:
    """All that was found: layers, tables without geometry, table and raster files, remarks, and every fault so far."""

    layers: list[Bound] = field(default_factory=list)
    tables: dict[str, Raw] = field(default_factory=dict)
    table_files: list[Path] = field(default_factory=list)
    rasters: dict[str, Path] = field(default_factory=dict)
    notices: list[Text] = field(default_factory=list)
    faults: list[Text] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Root:
    """The folder (or file) that is read, and the folder that nothing may lead out of (None: anywhere).

    The plan.toml of a zip comes from whoever packed it: it may name files of the zip only.
    """

    path: Path
    fence: Path | None = None


def beside(root: Root, file: str) -> Path:
    """The path of a file that plan.toml names, taken from the folder of plan.toml.

    Raises: ReadError if it does not exist, is no plain path, or leads out of a zip.
    """
    found = _beside(root.path, file)
    if root.fence is not None and not found.resolve().is_relative_to(root.fence.resolve()):
        raise ReadError(
            f"plan.toml 中的文件 {file} 指向压缩包之外，出于安全考虑未读取。请把该文件放入压缩包，或解压后读取。",
            f"File {file} in plan.toml leads out of the archive and was not read, for safety. "
            "Put it into the archive, or unpack it first.",
        )
    return found


def _beside(root: Path, file: str) -> Path:
    checked = file.replace("\\", "/") if os.sep == "/" else file
    if re.match(r"^([A-Za-z][A-Za-z0-9_ ]+:|/vsi)", checked) or "://" in checked:
        return checked_path(checked)
    return checked_path(root / checked)


def gather(root: Root, project: Project | None) -> Gathered:
    """Everything behind `root`: a data file, a folder, or (with `project`) the folder of a plan.toml."""
    found = Gathered()
    if project is None:
        _gather_files(found, root.path, LayerEntry())
    else:
        _gather_project(found, root, project)
    return found


def _gather_project(found: Gathered, root: Root, project: Project) -> None:
    named = {layer: entry for layer, entry in project.layers.items() if entry.file}
    if project.file:
        _attempt_main(found, root, project.file)
    elif not named:
        _gather_files(found, root.path, LayerEntry())
    for layer, entry in project.layers.items():
        if entry.file:
            try:
                found.layers.append(_named_layer(root, layer, entry))
            except GisError as error:
                found.faults.append(error.text)
        else:
            _annotate(found, layer, entry)


def _attempt_main(found: Gathered, root: Root, file: str) -> None:
    try:
        _gather_files(found, beside(root, file), LayerEntry())
    except GisError as error:
        found.faults.append(error.text)


def _annotate(found: Gathered, layer: str, entry: LayerEntry) -> None:
    """What plan.toml adds to a layer of the main file: CRS, date, version, or which of its layers it is."""
    hit = False
    for n, bound in enumerate(found.layers):
        if (bound.raw.name == entry.layer) if entry.layer else (bound.layer == layer):
            found.layers[n] = replace(bound, layer=layer, entry=entry)
            hit = True
    if not hit and not found.faults:
        what = entry.layer or layer
        found.faults.append(
            Text(
                f"plan.toml 列出的图层 {what} 在数据中找不到。请写明 file，或改正名称。",
                f"Layer {what} that plan.toml lists is not in the data. State its `file`, or mend its name.",
            )
        )


def _named_layer(root: Root, layer: str, entry: LayerEntry) -> Bound:
    """The one layer of a file that plan.toml names for `layer`."""
    path = beside(root, entry.file)
    opened = _opened(path, entry)
    raws = [each for each in read_raw(opened, only=entry.layer, encoding=entry.encoding) if not each.is_table]
    meant = [each for each in raws if recognise(each.name).layer == layer]
    chosen = raws if len(raws) == 1 else meant
    if len(chosen) != 1:
        listed = ", ".join(each.name for each in raws) or "—"
        raise ReadError(
            f"plan.toml 的 layers.{layer}：文件 {path} 中无法确定是哪个图层（有：{listed}）。请写明 layer。",
            f"plan.toml, layers.{layer}: which layer of file {path} is meant is not clear (it has: {listed}). "
            "State `layer`.",
        )
    return Bound(chosen[0], layer, recognise(chosen[0].name).scope, entry)


def _opened(path: Path, entry: LayerEntry) -> Container:
    opened = container(path)
    if opened.format.id == "osm" and entry.driver != "osm":
        raise ReadError(
            f'文件 {path} 是 OpenStreetMap 数据。请在 plan.toml 该图层下写明 driver = "osm" 和 layer。',
            f'File {path} is an OpenStreetMap extract. State driver = "osm" and `layer` for it in plan.toml.',
        )
    if opened.format.id == "osm" and not entry.layer:
        raise ReadError(
            f"文件 {path}：请在 plan.toml 写明 layer（points、lines 或 multipolygons）。",
            f"File {path}: state `layer` in plan.toml (points, lines or multipolygons).",
        )
    return opened


def _gather_files(found: Gathered, root: Path, entry: LayerEntry) -> None:
    """Read a data file, or every data file of a folder; faults are gathered, the rest is read on."""
    is_folder = root.is_dir() and root.suffix.casefold() != ".gdb"
    for path in _files(root) if is_folder else [root]:
        ending = path.suffix.casefold()
        if is_folder and not path.resolve().is_relative_to(root.resolve()):
            found.notices.append(
                Text(
                    f"{path.name} 是指向文件夹之外的链接，未读取。请放入文件本身。",
                    f"{path.name} is a link that leads out of the folder and was not read. Put the file itself there.",
                )
            )
        elif ending in RASTER_ENDINGS and is_folder:
            _keep_raster(found, path)
        elif ending in TABLE_ENDINGS and is_folder:
            found.table_files.append(path)
        elif is_folder and ending in _LEFT_ASIDE:
            what, remedy = _LEFT_ASIDE[ending]
            found.notices.append(
                Text(
                    f"{path.name} 是{what.zh}，未读取。{remedy.zh}。",
                    f"{path.name} is {what.en} and was not read. {remedy.en}.",
                )
            )
        else:
            try:
                if path.name.casefold().endswith(".osm.pbf"):
                    _opened(path, entry)
                _keep(found, read_raw(container(path), encoding=entry.encoding))
            except GisError as error:
                found.faults.append(error.text)


def _keep_raster(found: Gathered, path: Path) -> None:
    name = raster_named(path.stem)
    if name is None:
        found.notices.append(
            Text(
                f"栅格 {path.name} 不在栅格目录中，未读取。",
                f"Raster {path.name} is not in the catalogue and was not read.",
            )
        )
    else:
        found.rasters[name] = path


def _keep(found: Gathered, raws: list[Raw]) -> None:
    spatial = [raw for raw in raws if not raw.is_table]
    found.tables |= {raw.name: raw for raw in raws if raw.is_table}
    for raw in spatial:
        meant = recognise(raw.name)
        if meant.layer is None and len(spatial) == 1:  # its file may carry the name instead
            by_file = recognise(raw.path.name.partition(".")[0])
            meant = by_file if by_file.layer is not None else meant
        if meant.notice is not None:
            found.notices.append(meant.notice)
        found.layers.append(Bound(raw, meant.layer, meant.scope))


def _files(root: Path) -> Iterator[Path]:
    """The data files under a folder, in order of name; a .gdb folder is one of them; links to folders are not followed."""
    endings = (*DATA_ENDINGS, *RASTER_ENDINGS, *TABLE_ENDINGS, *_LEFT_ASIDE)
    for folder, inner, names in os.walk(root):
        inner[:] = sorted(each for each in inner if not _ASIDE.match(each))
        for each in [each for each in inner if each.casefold().endswith(".gdb")]:
            inner.remove(each)
            yield Path(folder) / each
        for name in sorted(names):
            if (
                not _ASIDE.match(name)
                and name.casefold().endswith(endings)
                and not name.casefold().endswith(".shp.xml")
            ):
                yield Path(folder) / name
