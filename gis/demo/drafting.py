"""A city on the drawing board: layers that may be altered, and the search for places where an alteration touches nothing else.

Nothing here uses our own kernels, so that what a fault is said to cause is worked out apart from what finds it: areas are
those of `pyproj.Geod`, places are plain shapely.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from gis.errors import AnalysisError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.model.plan import Plan

__all__ = ["Draft", "Spot", "geodesic_m2"]

_GEOD: Final = pyproj.Geod(a=6378137.0, rf=298.257222101)
_APART_M: Final = 60.0
_DIGITS: Final = 4

Keep = Callable[[gpd.GeoDataFrame], Any]


@dataclass(frozen=True, slots=True)
class Spot:
    """A square in open ground: a feature that holds it, and the square."""

    feature: str
    square: shapely.Polygon


def geodesic_m2(polygon: Any, crs: Any) -> float:
    """Area in m² of a small polygon on the CGCS2000 ellipsoid, its edges taken as geodesics; rounded to 0.01."""
    to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4490", always_xy=True)
    drawn = shapely.transform(polygon, lambda xy: np.column_stack(to_degrees.transform(xy[:, 0], xy[:, 1])))
    parts = shapely.get_parts(shapely.orient_polygons(drawn))
    return round(float(sum(abs(_GEOD.geometry_area_perimeter(each)[0]) for each in parts)), 2)


@dataclass
class Draft:
    """The layers of a plan while faults are planted in them; `plan` makes a Plan of them again."""

    base: Plan
    layers: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    used: list[Any] = field(default_factory=list)

    def __getitem__(self, layer: str) -> gpd.GeoDataFrame:
        return self.layers.setdefault(layer, self.base[layer].copy())

    def plan(self) -> Plan:
        """The plan with all that was altered."""
        made = self.base
        for layer, frame in self.layers.items():
            plain = frame.reset_index(drop=True)
            plain.index.name = None
            made = made.with_layer(layer, plain, self.base.source(layer))
        return made

    def is_free(self, geometry: Any) -> bool:
        """Whether no fault lies near."""
        return all(shapely.distance(geometry, each) > _APART_M for each in self.used)

    def take(self, geometry: Any) -> None:
        """Keep later faults away from here."""
        self.used.append(shapely.box(*geometry.bounds))

    def feature(self, layer: str, keep: Keep, *, nowhere: bool = False) -> str:
        """The id of the first feature that `keep` chooses and that no fault lies near; `nowhere` for facts without a place.

        Raises: AnalysisError if the city has none.
        """
        frame = self[layer]
        for id_, geometry in frame.geometry[np.asarray(keep(frame), dtype=bool)].items():
            if nowhere or self.is_free(geometry):
                if not nowhere:
                    self.take(geometry)
                return str(id_)
        raise AnalysisError(
            f"示例城市的图层 {layer} 中没有适合埋设问题的要素。请换一个随机种子。",
            f"Layer {layer} of the demo city has no feature left for a fault. Take another seed.",
        )

    def spot(self, layer: str, keep: Keep, size_m: float, *, away_from: tuple[Any, ...] = ()) -> Spot:
        """A square of `size_m` well inside one of the chosen features, far from other faults and from `away_from`.

        Raises: AnalysisError if there is none.
        """
        frame = self[layer]
        chosen = frame.geometry[np.asarray(keep(frame), dtype=bool)]
        for id_, geometry in chosen.items():
            for x, y in _places(geometry, size_m):
                square = shapely.box(x - size_m / 2, y - size_m / 2, x + size_m / 2, y + size_m / 2)
                if not shapely.covers(geometry, shapely.buffer(square, 2.0)) or not self.is_free(square):
                    continue
                if all(shapely.distance(square, each) > 5.0 for each in away_from):
                    self.take(square)
                    return Spot(str(id_), square)
        raise AnalysisError(
            f"示例城市的图层 {layer} 中没有边长 {size_m:.0f} 米的空地。请换一个随机种子。",
            f"Layer {layer} of the demo city has no room for a square of {size_m:.0f} m. Take another seed.",
        )

    def set(self, layer: str, id_: str, **values: Any) -> None:
        """Give a feature other values; `geometry` may be among them."""
        frame = self[layer]
        for name, value in values.items():
            frame.at[id_, name] = value

    def add(self, layer: str, geometry: Any, *, like: str | None = None, **values: Any) -> str:
        """The id of a new feature, otherwise as `like` (the first one by default), stating its own area."""
        frame = self[layer]
        row = frame.loc[[like or frame.index[0]]].copy()
        serial = int(pd.to_numeric(frame["feature_id"].str[-8:]).max()) + 1
        id_ = f"{row['feature_id'].iloc[0][:10]}{serial:08d}"
        row.index = pd.Index([id_], name=frame.index.name)
        row["feature_id"] = id_
        if "area_m2" in row:
            row["area_m2"] = geodesic_m2(geometry, frame.crs)
        for name, value in values.items():
            row[name] = value
        row = row.set_geometry(gpd.GeoSeries([geometry], index=row.index, crs=frame.crs))
        self.layers[layer] = pd.concat([frame, row])
        return id_

    def drop(self, layer: str, id_: str) -> None:
        """Remove a feature."""
        self.layers[layer] = self[layer].drop(index=id_)

    def holder(self, layer: str, geometry: Any) -> str:
        """The id of the feature of a layer that holds a geometry."""
        frame = self[layer]
        return str(frame.index[np.asarray(frame.geometry.covers(geometry), dtype=bool)][0])

    def value(self, layer: str, id_: str, name: str) -> Any:
        """One value of a feature."""
        return self[layer].at[id_, name]

    def ground(self, layer: str, keep: Keep | None = None) -> NDArray[np.object_]:
        """The polygons of a layer, or of the chosen features."""
        frame = self[layer]
        chosen = frame if keep is None else frame[np.asarray(keep(frame), dtype=bool)]
        return np.asarray(chosen.geometry.to_numpy(), dtype=object)


def _places(polygon: Any, size_m: float) -> list[tuple[float, float]]:
    """Where a square may lie in a polygon: the middle of its widest place, then a lattice over it; to 0.1 m."""
    if polygon is None or shapely.area(polygon) < size_m**2:
        return []
    middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(polygon, tolerance=1.0))[0]
    x0, y0, x1, y1 = shapely.bounds(polygon)
    lattice = [(x, y) for y in np.linspace(y0, y1, 11)[1:-1] for x in np.linspace(x0, x1, 11)[1:-1]]
    return [(round(float(x), 1), round(float(y), 1)) for x, y in [middle, *lattice]]
