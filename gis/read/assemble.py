"""A layer of the plan from its share in each file: moved, renamed, typed, put together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import pandas as pd

from gis.errors import GisError
from gis.i18n import Text
from gis.model.layers import LAYERS, layer_title
from gis.model.plan import LayerSource, with_ids
from gis.read.fields import canonical_names, typed
from gis.read.place import placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyproj

    from gis.model.accuracy import Accuracy
    from gis.model.layer import LayerSpec
    from gis.model.profile import Profile
    from gis.read.gather import Bound, Gathered

__all__ = ["assembled"]


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One file's share of a layer, in the plan's CRS, with the geometry as drawn where it was moved."""

    frame: gpd.GeoDataFrame
    source: LayerSource
    drawn: gpd.GeoSeries | None


def assembled(
    found: Gathered,
    systems: Sequence[pyproj.CRS | None],
    target: pyproj.CRS,
    accuracy: Accuracy,
    profile: Profile | None = None,
) -> tuple[dict[str, gpd.GeoDataFrame], dict[str, LayerSource]]:
    """Every known layer in the plan's CRS, and where it came from; remarks and faults are added to `found`.

    Fields may carry the names that the profile gives them.
    """
    parts: dict[str, list[tuple[Bound, _Part]]] = {}
    for bound, crs in zip(found.layers, systems, strict=True):
        found.notices.extend(bound.raw.notices)
        if bound.layer is None or crs is None:
            continue
        try:
            spec = LAYERS[bound.layer] if profile is None else profile.spec(bound.layer)
            part = _part(bound, spec, crs, (target, accuracy.of(bound.layer).resolution_m), found.notices)
        except GisError as error:
            found.faults.append(error.text)
        else:
            parts.setdefault(bound.layer, []).append((bound, part))
    joined = {layer: _joined(layer, each, found.notices) for layer, each in parts.items()}
    return {name: frame for name, (frame, _) in joined.items()}, {name: source for name, (_, source) in joined.items()}


def _part(bound: Bound, spec: LayerSpec, crs: pyproj.CRS, to: tuple[pyproj.CRS, float], notices: list[Text]) -> _Part:
    raw, (target, resolution) = bound.raw, to
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
        return cast("pd.Series[Any]", frame["scope"].astype("str").fillna(scope))
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
