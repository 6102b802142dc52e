"""The relief of the ground as a faint picture under a map."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import rasterio
from matplotlib.colors import LightSource
from matplotlib.image import imsave
from rasterio.transform import Affine, array_bounds
from rasterio.warp import Resampling, calculate_default_transform, reproject

from gis.crs import CGCS2000, transformer
from gis.standards import style_table

if TYPE_CHECKING:
    from gis.model.plan import RasterSource

__all__ = ["hillshade"]

_MERCATOR: Final = (
    "EPSG:3857"  # what the page shows; an image between two corners is only true in the page's own projection
)
_PIXELS: Final = 1200

Array = np.ndarray[Any, Any]


def hillshade(raster: RasterSource, crs: Any) -> dict[str, Any] | None:
    """`{"url", "bounds", "opacity"}` of a shaded relief as a PNG inside a data URI; None for a raster without values.

    `crs` is that of a raster which never was a file. Cells without a height are clear.
    """
    heights, transform, source = _heights(raster, crs)
    if heights is None or not np.isfinite(heights).any():
        return None
    height, width = heights.shape
    corners = array_bounds(height, width, transform)
    step, across, down = calculate_default_transform(source, _MERCATOR, width, height, *corners)
    coarser = max(1.0, max(across, down) / _PIXELS)
    across, down = round(across / coarser), round(down / coarser)
    step = Affine(step.a * coarser, 0, step.c, 0, step.e * coarser, step.f)
    there = np.full((down, across), np.nan)
    reproject(
        heights, there, src_transform=transform, src_crs=source, src_nodata=np.nan,
        dst_transform=step, dst_crs=_MERCATOR, dst_nodata=np.nan, resampling=Resampling.bilinear,
    )  # fmt: skip
    west, south, east, north = array_bounds(down, across, step)
    to_degrees = transformer(_MERCATOR, CGCS2000)
    low, high = to_degrees.transform(west, south), to_degrees.transform(east, north)
    look = style_table()["rasters"]["dem"]["hillshade"]
    return {
        "url": _png(there, abs(step.a), look),
        "bounds": [[low[1], low[0]], [high[1], high[0]]],
        "opacity": look["opacity"],
    }


def _heights(raster: RasterSource, crs: Any) -> tuple[Array | None, Affine, Any]:
    if raster.values is not None and raster.transform is not None:
        values = np.array(raster.values, dtype=float)
        if raster.nodata is not None:
            values[values == raster.nodata] = np.nan
        return values, Affine(*raster.transform), crs
    if raster.path is None:
        return None, Affine.identity(), crs
    with rasterio.open(raster.path, driver=["GTiff", "HFA", "AAIGrid"]) as found:
        values = found.read(1, masked=True).astype(float).filled(np.nan)
        return values, found.transform, found.crs or crs


def _png(heights: Array, cell: float, look: dict[str, Any]) -> str:
    clear = ~np.isfinite(heights)
    filled = np.where(clear, np.nanmin(heights), heights)
    light = LightSource(azdeg=look["azimuth_deg"], altdeg=look["altitude_deg"])
    shade = light.hillshade(filled, vert_exag=look["exaggeration"], dx=cell, dy=cell)
    grey = np.rint(shade * 255).astype(np.uint8)
    image = np.dstack([grey, grey, grey, np.where(clear, 0, 255).astype(np.uint8)])
    stream = io.BytesIO()
    imsave(stream, image, format="png")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode("ascii")
