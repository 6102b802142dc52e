"""A plan written down: a folder with `plan.gpkg`, its rasters as GeoTIFF, and `plan.toml`, which `read_plan` reads back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import rasterio
from rasterio.transform import Affine

from gis.errors import WriteError
from gis.model.accuracy import Accuracy
from gis.model.layers import LAYERS
from gis.model.tables import TABLES
from gis.present.atomic import spare, whole_file
from gis.present.geopackage import Table, day_types, write_geopackage
from gis.present.profile_file import save_profile

if TYPE_CHECKING:
    from gis.model.plan import Plan, RasterSource

__all__ = ["save_plan"]

_PROFILE: Final = "profile.yaml"


def save_plan(plan: Plan, folder: str | Path) -> Path:
    """The path of the `plan.toml` of a folder that holds the whole plan; the folder is made if it is not there.

    Layers and tables go into one GeoPackage 1.2 under our ids with our field names, layers in the plan's CRS; each
    related plan goes into a folder of its own. A layer read in another CRS is hence another input to `gis.verify`. Unknown layers are not written: a WriteError says so, rather than lose them.

    Raises: WriteError if the folder cannot be written, holds what the plan was read from, or the plan has unknown layers or nothing at all.
    """
    folder = Path(folder)
    if plan.unknown:
        names = "、".join(plan.unknown)
        raise WriteError(
            f"规划中的未识别图层（{names}）不能随规划文件夹保存。请另行保存后移除。",
            f"Unknown layers ({', '.join(plan.unknown)}) are not kept in a plan folder. Save them apart first.",
        )
    if not len(plan) and not plan.tables:
        raise WriteError(
            f"规划 {plan.name} 没有图层也没有表格，无可保存。请先加入图层。",
            f"Plan {plan.name} has neither layers nor tables, so there is nothing to save. Add a layer first.",
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
        tables = [Table(name, frame, _title(name)) for name, frame in plan.tables.items()]
        write_geopackage(path, [*(_table(plan, layer) for layer in plan), *tables])
    for name, raster in plan.rasters.items():
        with whole_file(folder / f"{name}.tif") as path:
            _write_raster(plan, raster, path)
    for name, related in plan.related.items():
        save_plan(related, folder / name)
    if plan.own_profile is not None:
        save_profile(plan.own_profile, folder / _PROFILE)
    with whole_file(folder / "plan.toml") as path:
        path.write_text(_toml(plan), encoding="utf-8", newline="\n")
    return folder / "plan.toml"


def _table(plan: Plan, layer: str) -> Table:
    spec = LAYERS[layer]
    frame = plan[layer].reset_index(drop=True)
    aliases = {name: spec.fields[name].label.zh for name in frame.columns if name in spec.fields}
    return Table(layer, frame, spec.name.zh, geometry=spec.geometry, aliases=aliases, types=day_types(frame, spec))


def _title(table: str) -> str:
    return TABLES[table].name.zh if table in TABLES else ""


def _write_raster(plan: Plan, raster: RasterSource, path: Path) -> None:
    values, transform, nodata, crs = raster.values, raster.transform, raster.nodata, raster.crs or plan.crs
    if values is None or transform is None:
        with rasterio.open(raster.path, driver="GTiff") as source:
            values, transform, nodata, crs = source.read(1), tuple(source.transform)[:6], source.nodata, source.crs
    profile = {
        "driver": "GTiff", "height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": values.dtype,
        "crs": crs, "transform": Affine(*transform), "nodata": nodata,
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
        f"profile = {_quoted(plan.profile if plan.own_profile is None else _PROFILE)}",
        'file = "plan.gpkg"',
    ]
    for name in plan.rasters:
        lines += ["", f"[rasters.{name}]", f'file = "{name}.tif"']
    for name in plan.related:
        lines += ["", f"[related.{_quoted(name)}]", f"file = {_quoted(f'{name}/plan.toml')}"]
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
    lines += _accuracy(plan.accuracy)
    lines += ["", "[severities]"] if plan.severities else []
    lines += [f"{rule} = {_quoted(severity)}" for rule, severity in plan.severities.items()]
    for rule, values in plan.parameters.items():
        lines += ["", f"[parameters.{rule}]", *(f"{name} = {_value(value)}" for name, value in values.items())]
    for waiver in plan.waivers:
        lines += ["", "[[waivers]]"]
        lines += [f"{key} = {_quoted(getattr(waiver, key))}" for key in ("rule", "feature", "reason", "by")]
        lines += [f"until = {waiver.until.isoformat()}"] if waiver.until else []
    return "\n".join(lines) + "\n"


def _accuracy(stated: Accuracy) -> list[str]:
    """The accuracy of the plan where it is not the usual one, and its exceptions by layer."""
    usual, lines = Accuracy(), []
    for key, each in {
        "accuracy": stated,
        **{f"accuracy.layers.{id_}": one for id_, one in stated.layers.items()},
    }.items():
        said = {name: float(getattr(each, name)) for name in ("position_m", "resolution_m", "area_m2")}
        if each is not stated or any(value != getattr(usual, name) for name, value in said.items()):
            lines += ["", f"[{key}]", *(f"{name} = {value!r}" for name, value in said.items())]
    return lines


def _value(value: Any) -> str:
    """A parameter in TOML: numbers and truth values as they are, texts quoted, lists of texts in brackets."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(_quoted(each) for each in value)}]"
    return _quoted(value) if isinstance(value, str) else json.dumps(value)


def _quoted(text: Any) -> str:
    """A TOML basic string; JSON's escapes are a subset of TOML's."""
    return json.dumps(str(text), ensure_ascii=False)
