"""A plan written down: a folder with `plan.gpkg`, its rasters as GeoTIFF, and `plan.toml`, which `read_plan` reads back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rasterio
from rasterio.transform import Affine

from gis.errors import WriteError
from gis.model.layers import LAYERS
from gis.present.atomic import spare, whole_file
from gis.present.geopackage import Table, day_types, write_geopackage

if TYPE_CHECKING:
    from gis.model.plan import Plan, RasterSource

__all__ = ["save_plan"]


def save_plan(plan: Plan, folder: str | Path) -> Path:
    """The path of the `plan.toml` of a folder that holds the whole plan; the folder is made if it is not there.

    Layers go into one GeoPackage 1.2 under our ids with our field names, in the plan's CRS. Tables and related plans
    are not written: a WriteError says so, rather than lose them.

    Raises: WriteError if the folder cannot be written, or holds what the plan was read from.
    """
    folder = Path(folder)
    held = [*plan.tables, *plan.related, *plan.unknown]
    if held:
        raise WriteError(
            f"规划中的附表、关联规划或未识别图层（{'、'.join(held)}）不能随规划文件夹保存。请另行保存后移除。",
            f"Tables, related plans and unknown layers ({', '.join(held)}) are not kept in a plan folder. Save them apart first.",
        )
    for name in ("plan.gpkg", "plan.toml", *(f"{each}.tif" for each in plan.rasters)):
        spare(plan.files, folder / name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(
            f"无法建立文件夹 {folder}。请换一个位置，或检查写权限。",
            f"Folder {folder} cannot be made. Choose another place, or check its rights.",
        ) from error
    with whole_file(folder / "plan.gpkg") as path:
        write_geopackage(path, [_table(plan, layer) for layer in plan])
    for name, raster in plan.rasters.items():
        with whole_file(folder / f"{name}.tif") as path:
            _write_raster(plan, raster, path)
    with whole_file(folder / "plan.toml") as path:
        path.write_text(_toml(plan), encoding="utf-8", newline="\n")
    return folder / "plan.toml"


def _table(plan: Plan, layer: str) -> Table:
    spec = LAYERS[layer]
    frame = plan[layer].reset_index(drop=True)
    aliases = {name: spec.fields[name].label.zh for name in frame.columns if name in spec.fields}
    return Table(layer, frame, spec.name.zh, geometry=spec.geometry, aliases=aliases, types=day_types(frame, spec))


def _write_raster(plan: Plan, raster: RasterSource, path: Path) -> None:
    values, transform, nodata = raster.values, raster.transform, raster.nodata
    if values is None or transform is None:
        with rasterio.open(raster.path, driver="GTiff") as source:
            values, transform, nodata = source.read(1), tuple(source.transform)[:6], source.nodata
    profile = {
        "driver": "GTiff", "height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": values.dtype,
        "crs": plan.crs, "transform": Affine(*transform), "nodata": nodata,
        "compress": "deflate", "predictor": 3 if values.dtype.kind == "f" else 2, "tiled": True,
    }  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(values, 1)


def _toml(plan: Plan) -> str:
    lines = [
        "# 规划说明文件，由 read_plan 读取 / describes the plan for read_plan",
        f"name = {_quoted(plan.name)}",
        f"crs = {_quoted(plan.crs.to_string())}",
        f"as_of = {plan.as_of.isoformat()}",
        f"profile = {_quoted(plan.profile)}",
        'file = "plan.gpkg"',
    ]
    for name in plan.rasters:
        lines += ["", f"[rasters.{name}]", f'file = "{name}.tif"']
    dated = {layer: plan.source(layer) for layer in plan if plan.source(layer).as_of or plan.source(layer).version}
    for layer, source in dated.items():
        lines += ["", f"[layers.{layer}]"]
        lines += [f"as_of = {_quoted(source.as_of)}"] if source.as_of else []
        lines += [f"version = {_quoted(source.version)}"] if source.version else []
    lines += ["", "[targets]"] if plan.targets else []
    for name, target in plan.targets.items():
        said = {"unit": target.unit, "direction": target.direction, "document": target.document}
        extra = "".join(f", {key} = {_quoted(value)}" for key, value in said.items() if value)
        lines.append(f"{name} = {{ value = {float(target.value)!r}{extra} }}")
    for waiver in plan.waivers:
        lines += ["", "[[waivers]]"]
        lines += [f"{key} = {_quoted(getattr(waiver, key))}" for key in ("rule", "feature", "reason", "by")]
        lines += [f"until = {waiver.until.isoformat()}"] if waiver.until else []
    return "\n".join(lines) + "\n"


def _quoted(text: Any) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(str(text), ensure_ascii=False)
