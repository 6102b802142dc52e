"""What may leave for whom: the plan as it is for use inside the bureau, or reduced to what a public map may show."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from gis.model.layers import LAYERS
from gis.model.plan import LayerSource, Plan

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

    from gis.present.style import Audience

__all__ = ["GENERALISED_M", "PUBLIC_FIELDS", "released", "simplified"]

GENERALISED_M: Final = 10.0
"""How far public geometry is generalised, m (assumed; to be confirmed by the bureau)."""

PUBLIC_FIELDS: Final = frozenset(
    {"area_code", "area_name", "name", "kind", "tier", "level", "class", "role", "theme", "zone_code", "zone_name"}
)
"""The fields a public map may show; everything else, ownership above all, stays inside."""

_PUBLIC_GROUPS: Final = frozenset({"administration", "control_lines", "urban_system"})
_PUBLIC_LAYERS: Final = frozenset({"road", "river"})


def released(plan: Plan, audience: Audience) -> Plan:
    """The plan as this audience may see it; the plan itself for `internal`.

    For `public` only the layers and fields of the allow-lists remain, geometry is generalised by `GENERALISED_M`, ids are
    running numbers, and rasters, tables, texts, unknown layers and related plans are left out.
    """
    if audience == "internal":
        return plan
    layers = {
        layer: _public_frame(layer, frame)
        for layer, frame in plan.items()
        if LAYERS[layer].group in _PUBLIC_GROUPS or layer in _PUBLIC_LAYERS
    }
    sources = {layer: LayerSource(as_of=plan.source(layer).as_of) for layer in layers}
    return Plan(MappingProxyType(layers), plan.crs, name=plan.name, sources=MappingProxyType(sources), as_of=plan.as_of)


def _public_frame(layer: str, frame: GeoDataFrame) -> GeoDataFrame:
    fields = [name for name in frame.columns if name in PUBLIC_FIELDS]
    kept = frame[[*fields, frame.geometry.name]].copy()
    kept = kept.set_axis([str(n) for n in range(1, len(kept) + 1)], axis="index").rename_axis("id")
    return kept.set_geometry(simplified(layer, kept.geometry.to_numpy(), GENERALISED_M))


def simplified(layer: str, geometry: np.ndarray[Any, Any], tolerance_m: float) -> np.ndarray[Any, Any]:
    """The geometries, generalised by `tolerance_m`; neighbours in a coverage keep their common edge.

    Missing geometry stays missing.
    """
    spec = LAYERS.get(layer)
    polygons = shapely.get_dimensions(geometry) == 2
    if spec is not None and spec.no_overlap and polygons.all() and shapely.is_valid(geometry).all():
        return np.asarray(shapely.coverage_simplify(geometry, tolerance_m))
    return np.asarray(shapely.simplify(geometry, tolerance_m, preserve_topology=True))
