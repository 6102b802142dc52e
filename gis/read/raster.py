"""Rasters of a plan: GeoTIFF only, checked when the plan is read, their values read when they are needed."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from gis.crs import describe, understood
from gis.errors import ReadError
from gis.i18n import Text
from gis.model.layers import RASTERS
from gis.model.plan import RasterSource

if TYPE_CHECKING:
    from pathlib import Path

    import pyproj

__all__ = ["RASTER_ENDINGS", "raster_named", "read_raster"]

RASTER_ENDINGS = (".tif", ".tiff")
_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def raster_named(name: str) -> str | None:
    """The id of the raster that a file name means, or None.

    Example:
        >>> raster_named("DEM"), raster_named("photo")
        ('dem', None)
    """
    folded = name.strip().casefold()
    named = {label.zh: id_ for id_, label in RASTERS.items()}
    return folded if folded in RASTERS else named.get(folded)


def read_raster(
    path: Path, *, crs: pyproj.CRS | None = None, as_of: str = "", keep: bool = True
) -> tuple[RasterSource, tuple[Text, ...]]:
    """The raster at `path`, after a look at its first bytes, CRS, place and missing value; with notices.

    `keep=False` reads the values now, for a file that will be gone (unpacked from a zip).

    Raises: ReadError if it is no GeoTIFF, is damaged, or has no CRS or no place.
    """
    with path.open("rb") as stream:
        head = stream.read(4)
    if head not in _MAGIC:
        raise ReadError(
            f"栅格文件 {path} 不是 GeoTIFF（首部字节不符或为空文件）。请导出为 GeoTIFF。",
            f"Raster file {path} is not a GeoTIFF (its first bytes differ, or it is empty). Export it as GeoTIFF.",
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver="GTiff") as data:
                values = None if keep else data.read(1, masked=False)
                found, transform, nodata = data.crs, data.transform, data.nodata
    except (RasterioError, OSError) as error:
        raise ReadError(
            f"栅格文件 {path} 无法读取（{error}）。请重新导出为 GeoTIFF。",
            f"Raster file {path} cannot be read ({error}). Export it again as GeoTIFF.",
        ) from error
    if not found or transform.is_identity:
        raise ReadError(
            f"栅格文件 {path} 没有坐标系或没有定位信息。请在 GIS 软件中定义后重新导出为 GeoTIFF。",
            f"Raster file {path} has no CRS or is not placed. Define both in your GIS and export it as GeoTIFF.",
        )
    six = (transform.a, transform.b, transform.c, transform.d, transform.e, transform.f)
    notices = _notices(path, understood(found.to_wkt()), crs, nodata)
    return RasterSource(path if keep else None, values, six, nodata, as_of), notices


def _notices(path: Path, found: pyproj.CRS, wanted: pyproj.CRS | None, nodata: float | None) -> tuple[Text, ...]:
    notices = []
    if wanted is not None and found != wanted:
        notices.append(
            Text(
                f"栅格 {path.name} 的坐标系是 {describe(found).zh}，与规划的不同。",
                f"Raster {path.name} is in {describe(found).en}, not in the plan's CRS.",
            )
        )
    if nodata is None:
        notices.append(
            Text(
                f"栅格 {path.name} 未声明无效值，所有像元都视为有效。",
                f"Raster {path.name} declares no missing value; every cell counts as valid.",
            )
        )
    return tuple(notices)
