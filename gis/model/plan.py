"""The plan: named layers in one projected CRS, with all that says how far they can be trusted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import pandas as pd
from pyproj import CRS

from gis.errors import CrsError, LayerError
from gis.i18n import Text
from gis.model.accuracy import Accuracy
from gis.model.layers import LAYERS
from gis.units import to_base

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geopandas import GeoDataFrame, GeoSeries

    from gis.model.layer import LayerSpec
    from gis.model.profile import Profile

__all__ = ["LayerSource", "Plan", "RasterSource", "Target", "Waiver", "feature_ids", "with_ids"]

_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LayerSource:
    """Where a layer came from, as it was before we touched it.

    geometry   the drawn geometries in the CRS of the file, where edges were cut on the way to the plan's CRS; else None
    reprojection_m   bound on what the change of CRS may have moved an edge; 0 when there was none
    as_of      the date of the data as far as it is known: stated in plan.toml, else the year in the data, else empty
    """

    file: str = ""
    name: str = ""
    driver: str = ""
    crs: str = ""
    bounds: tuple[float, float, float, float] | None = None
    encoding: str = ""
    unknown_fields: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    geometry: GeoSeries | None = field(default=None, repr=False)
    reprojection_m: float = 0.0
    as_of: str = ""
    version: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class RasterSource:
    """A raster of the plan: its file, or its values where it never was a file; `crs` is None where it is the plan's.

    sha256   of a file, the hash of its stored values, row by row: the same as that of `values` would be
    """

    path: Path | None = None
    values: np.ndarray[Any, Any] | None = None
    transform: tuple[float, float, float, float, float, float] | None = None
    nodata: float | None = None
    as_of: str = ""
    crs: CRS | None = None
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A figure the plan must reach: `value` in `unit`, from which document; direction max, min or target.

    Raises: LayerError if the value is no finite number; UnitError if the unit is unknown.
    """

    value: float
    unit: str = ""
    direction: str = ""
    document: str = ""

    def __post_init__(self) -> None:
        if not np.isfinite(self.value):
            raise LayerError(
                f"目标值 {self.value} 不是有效数字。请填写数值；没有目标时不要填写该项。",
                f"Target {self.value} is no number. Give one, or leave the target out where there is none.",
            )
        to_base(self.value, self.unit)


@dataclass(frozen=True, slots=True)
class Waiver:
    """A finding that somebody has accepted: rule, feature (empty: any), reason, by whom, until when (inclusive).

    `met` is how many findings it met in a check; None where its rule did not run, or nothing has been checked yet.
    """

    rule: str
    feature: str
    reason: str
    by: str
    until: date | None = None
    met: int | None = None


def feature_ids(key: pd.Series[Any] | None, length: int) -> pd.Index[str]:
    """Unique ids: the official key where it is unique, else `key#n` (n counts from 1), else `#row` where it is missing.

    Example:
        >>> list(feature_ids(pd.Series(["a", "b", "b", None]), 4))
        ['a', 'b#1', 'b#2', '#3']
    """
    rows = pd.Series([f"#{row}" for row in range(length)], dtype="str")
    if key is None:
        return pd.Index(rows, name="id")
    text = _as_text(key.reset_index(drop=True))
    text = text.where(text.notna() & (text != ""), rows)
    counted = text + "#" + (text.groupby(text).cumcount() + 1).astype("str")
    ids = text.where(~text.duplicated(keep=False), counted)
    clash = ids.duplicated(keep=False)  # a key may already look like another's key#n
    return pd.Index(ids.where(~clash, ids + rows), name="id")


def _as_text(key: pd.Series[Any]) -> pd.Series[str]:
    """Codes read as numbers (a spreadsheet did it) become digits again, without ".0"."""
    if pd.api.types.is_float_dtype(key.dtype):
        whole = key.dropna()
        if (whole == whole.round()).all():
            return key.astype("Int64").astype("str")
    return key.astype("str")


def with_ids(frame: GeoDataFrame, spec: LayerSpec | None) -> GeoDataFrame:
    """A copy of `frame` whose index is our unique feature id; a frame that has such an index already stays as it is."""
    if frame.index.name == "id" and frame.index.is_unique:
        return frame
    key = spec.key if spec is not None else "feature_id"
    column = next((name for name in (key, "feature_id") if name in frame.columns), None)
    return frame.set_axis(feature_ids(frame[column] if column else None, len(frame)), axis="index")


@dataclass(frozen=True, eq=False, repr=False)
class Plan(Mapping[str, "GeoDataFrame"]):
    """A territorial plan: a mapping of layer id to GeoDataFrame, all in one projected CRS. Never changed in place.

    `unknown` keeps layers nobody knows, under their own names; `sources` says where each layer came from;
    `targets`, `tables`, `texts`, `rasters`, `related` (locked, previous, children: plans) and `waivers` are what a
    rule may need beside layers; `parameters` (rule id → name → value) and `severities` are the plan's own settings.
    `profile` names the delivery profile; `own_profile` is it where the office has its own (see `gis.model.profile`).
    `files` are those it was read from, which nothing may overwrite; `inventory` are all files of the folder handed in, as paths
    relative to it with "/", and `texts` what those say that can be read; both are empty for a plan that was no folder.

    Raises: CrsError if the CRS is not projected or a layer has another one; LayerError for a layer without geometry.
    """

    layers: Mapping[str, GeoDataFrame]
    crs: CRS
    name: str = ""
    rasters: Mapping[str, RasterSource] = field(default_factory=lambda: _EMPTY)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=lambda: _EMPTY)
    texts: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    targets: Mapping[str, Target] = field(default_factory=lambda: _EMPTY)
    profile: str = "national_city"
    own_profile: Profile | None = None
    accuracy: Accuracy = field(default_factory=Accuracy)
    waivers: tuple[Waiver, ...] = ()
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _EMPTY)
    severities: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    related: Mapping[str, Plan] = field(default_factory=lambda: _EMPTY)
    unknown: Mapping[str, GeoDataFrame] = field(default_factory=lambda: _EMPTY)
    sources: Mapping[str, LayerSource] = field(default_factory=lambda: _EMPTY)
    as_of: date = field(default_factory=date.today)
    notices: tuple[Text, ...] = ()
    files: frozenset[Path] = frozenset()
    inventory: tuple[str, ...] = ()
    _memo: dict[Any, Any] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "crs", CRS.from_user_input(self.crs))
        if not self.crs.is_projected:
            raise CrsError(
                f"规划的坐标系是经纬度（{self.crs.to_string()}），不能量面积。请指定投影坐标系，例如 EPSG:4549。",
                f"The plan's CRS is in degrees ({self.crs.to_string()}), so areas have no meaning. "
                "Name a projected CRS, e.g. EPSG:4549.",
            )
        layers = {name: self._accepted(name, frame) for name, frame in self.layers.items()}
        order = {name: n for n, name in enumerate(LAYERS)}
        ordered = dict(sorted(layers.items(), key=lambda item: order.get(item[0], len(order))))
        object.__setattr__(self, "layers", MappingProxyType(ordered))

    def _accepted(self, name: str, frame: GeoDataFrame) -> GeoDataFrame:
        if name not in LAYERS:
            raise LayerError(
                f"图层 {name} 不在图层目录中。请使用 gis.LAYERS 中的名称，或放入 unknown。",
                f"Layer {name} is not in the catalogue. Use a name of gis.LAYERS, or put it into `unknown`.",
            )
        if getattr(frame, "_geometry_column_name", None) is None:
            raise LayerError(
                f"图层 {name} 没有几何列。请提供带几何的 GeoDataFrame。",
                f"Layer {name} has no geometry column. Supply a GeoDataFrame with geometry.",
            )
        if frame.crs is None or not _same_crs(frame.crs, self.crs):
            raise CrsError(
                f"图层 {name} 的坐标系（{frame.crs}）与规划（{self.crs.to_string()}）不一致。请先用 gis.read_plan 读取，或自行转换。",
                f"Layer {name} has CRS {frame.crs}, the plan has {self.crs.to_string()}. Read it with gis.read_plan, or convert it first.",
            )
        return with_ids(frame, LAYERS[name])

    def __getstate__(self) -> dict[str, Any]:
        """What a copy for another process is made of: all but what has been worked out from it."""
        return {**self.__dict__, "_memo": {}}

    def __getitem__(self, layer: str) -> GeoDataFrame:
        try:
            return self.layers[layer]
        except KeyError:
            have = ", ".join(self.layers) or "—"
            raise LayerError(
                f"规划中没有图层 {layer}。现有图层：{have}。", f"The plan has no layer {layer}. It has: {have}."
            ) from None

    def __contains__(self, layer: object) -> bool:
        return layer in self.layers

    def __iter__(self) -> Iterator[str]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __repr__(self) -> str:
        rows = "\n".join(f"  {id_:<28} {len(frame):>8}  {LAYERS[id_].name.zh}" for id_, frame in self.items())
        return f"Plan {self.name!r}, {self.crs.to_string()}, {len(self)} layers\n{rows}"

    def _repr_html_(self) -> str:
        table = pd.DataFrame(
            [(LAYERS[id_].name.zh, LAYERS[id_].name.en, id_, len(frame)) for id_, frame in self.items()],
            columns=["图层", "layer", "id", "要素数 features"],
        )
        return table.to_html(index=False, border=0)

    def has(self, layer: str, *fields: str) -> bool:
        """Whether the plan has the layer and all these fields in it."""
        return layer in self.layers and set(fields) <= set(self.layers[layer].columns)

    def where(self, quality: str = "") -> tuple[str, ...]:
        """The ids of the plan's layers whose LayerSpec has `quality` (is_polygon, no_overlap, …); all of them for ""."""
        return tuple(id_ for id_ in self.layers if not quality or getattr(LAYERS[id_], quality))

    def source(self, layer: str) -> LayerSource:
        """Where the layer came from; an empty LayerSource for one made in memory."""
        return self.sources.get(layer, LayerSource())

    def with_layer(self, layer: str, frame: GeoDataFrame, source: LayerSource | None = None) -> Self:
        """A new plan with `frame` as this layer; what was known of the old one's file no longer holds and is dropped."""
        sources = {name: each for name, each in self.sources.items() if name != layer}
        if source is not None:
            sources[layer] = source
        return replace(self, layers={**self.layers, layer: frame}, sources=MappingProxyType(sources))

    def without_layer(self, layer: str) -> Self:
        """A new plan that lacks this layer."""
        return replace(self, layers={name: frame for name, frame in self.layers.items() if name != layer})

    def with_targets(self, **targets: float | Target) -> Self:
        """A new plan with these targets added; a bare number is in the unit of its indicator."""
        made = {name: each if isinstance(each, Target) else Target(float(each)) for name, each in targets.items()}
        return replace(self, targets=MappingProxyType({**self.targets, **made}))

    def memo(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make()` gives, made once for this plan; only for values that follow from the plan alone."""
        if key not in self._memo:
            self._memo[key] = make()
        return self._memo[key]

    def remembers(self, key: Any) -> bool:
        """Whether `memo` holds a value under this key already."""
        return key in self._memo


def _same_crs(a: Any, b: CRS) -> bool:
    one = CRS.from_user_input(a)
    return one == b or (one.to_epsg() is not None and one.to_epsg() == b.to_epsg())
