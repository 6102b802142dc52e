"""The relief of the ground as a faint picture under a map."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import rasterio
from matplotlib.colors import LightSource
from matplotlib.image import imsave
from scipy.ndimage import distance_transform_edt, map_coordinates

from gis.crs import CGCS2000, transformer
from gis.standards import style_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.model.plan import RasterSource

__all__ = ["hillshade"]

_MERCATOR: Final = (
    "EPSG:3857"  # what the page shows; an image between two corners is only true in the page's own projection
)
_PIXELS: Final = 1000

Array = np.ndarray[Any, Any]


def hillshade(raster: RasterSource, crs: Any) -> dict[str, Any] | None:
    """`{"url", "bounds", "opacity"}` of a shaded relief as a PNG inside a data URI; None for a raster without values.

    `crs` is that of a raster which has none of its own. Cells without a height are clear.
    """
    heights, transform, source = _heights(raster, crs)
    if heights is None or not np.isfinite(heights).any():
        return None
    west, south, east, north = _extent(heights.shape, transform, source)
    wide = max(east - west, north - south)
    cell = wide / min(_PIXELS, 2 * max(heights.shape))
    x = np.linspace(west, east, 2 * round((east - west) / cell) + 1)[1::2]
    y = np.linspace(north, south, 2 * round((north - south) / cell) + 1)[1::2]
    there = _sampled(heights, transform, transformer(_MERCATOR, source).transform(*np.meshgrid(x, y)))
    to_degrees = transformer(_MERCATOR, CGCS2000)
    low, high = to_degrees.transform(west, south), to_degrees.transform(east, north)
    look = style_table()["rasters"]["dem"]["hillshade"]
    return {
        "url": _png(there, cell, look),
        "bounds": [[low[1], low[0]], [high[1], high[0]]],
        "opacity": look["opacity"],
    }


def _heights(raster: RasterSource, crs: Any) -> tuple[Array | None, Sequence[float], Any]:
    """Heights with NaN where there is none, the six numbers from (column, row) to (x, y), and the CRS."""
    if raster.values is not None and raster.transform is not None:
        values = np.array(raster.values, dtype=float)
        if raster.nodata is not None:
            values[values == raster.nodata] = np.nan
        return values, raster.transform, raster.crs or crs
    if raster.path is None:
        return None, (), crs
    with rasterio.open(raster.path, driver="GTiff") as found:
        values = found.read(1, masked=True).astype(float).filled(np.nan)
        return values, tuple(found.transform)[:6], found.crs or crs


def _extent(shape: tuple[int, ...], transform: Sequence[float], source: Any) -> tuple[float, float, float, float]:
    """West, south, east, north of the raster on the page: the box around its four edges."""
    along = np.linspace(0, 1, 21)
    columns = shape[1] * np.concatenate([along, along, np.zeros(21), np.ones(21)])
    rows = shape[0] * np.concatenate([np.zeros(21), np.ones(21), along, along])
    a, b, c, d, e, f = transform
    x, y = transformer(source, _MERCATOR).transform(a * columns + b * rows + c, d * columns + e * rows + f)
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _sampled(heights: Array, transform: Sequence[float], at: tuple[Array, Array]) -> Array:
    """The heights at places, by bilinear interpolation; NaN outside and beside cells without a height."""
    a, b, c, d, e, f = transform
    back = np.linalg.inv(np.array([[a, b], [d, e]]))
    column, row = np.tensordot(back, np.stack([at[0] - c, at[1] - f]), axes=1) - 0.5
    found: Array = map_coordinates(heights, [row, column], order=1, mode="nearest")
    height, width = heights.shape
    outside = (row < -0.5) | (column < -0.5) | (row > height - 0.5) | (column > width - 0.5)
    return np.where(outside, np.nan, found)


def _png(heights: Array, cell: float, look: dict[str, Any]) -> str:
    clear = ~np.isfinite(heights)
    nearest = distance_transform_edt(clear, return_distances=False, return_indices=True)
    filled = heights[tuple(nearest)]  # no cliff, and so no shadow, where the heights end
    light = LightSource(azdeg=look["azimuth_deg"], altdeg=look["altitude_deg"])
    shade = light.hillshade(filled, vert_exag=look["exaggeration"], dx=cell, dy=cell)
    grey = np.rint(shade * 255).astype(np.uint8)
    image = np.dstack([grey, grey, grey, np.where(clear, 0, 255).astype(np.uint8)])
    stream = io.BytesIO()
    imsave(stream, image, format="png")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
