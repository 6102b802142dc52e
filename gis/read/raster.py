"""Rasters: GeoTIFF only, looked at when the plan is read; their cells are read as a `Grid`, whole or by windows, when needed."""

from __future__ import annotations

import hashlib
import math
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from rasterio.enums import MaskFlags
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.windows import Window

from gis.crs import describe, understood
from gis.errors import CrsError, ReadError
from gis.geometry import parallel
from gis.grid import Grid
from gis.i18n import Text
from gis.model.layers import RASTERS
from gis.model.plan import RasterSource
from gis.read.vector import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyproj
    from numpy.typing import NDArray

__all__ = ["RASTER_ENDINGS", "RasterFile", "grid_of", "open_raster", "raster_named", "read_raster"]

RASTER_ENDINGS = (".tif", ".tiff")
_MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MOST_BYTES = 4 * 2**30  # read at once; a file of some bytes may say that it has a million rows and columns
_HASHED_BYTES = 2**30
_SAMPLE = 1000  # rows and columns looked at for cells at the limit of 8 bits


@dataclass(frozen=True, slots=True)
class RasterFile:
    """One band of a GeoTIFF whose place, CRS and missing value are known; no cell is read yet.

    `shape`: rows, columns. `transform`: as in `Grid`. `declared`: the missing value that the file declares, `nodata`: one more
    that the caller names; both may be None. `masked`: the file has a mask or a band of transparency, which counts too. `scale`:
    (factor, summand) from stored numbers to those meant, which `grid` applies. `bands`: how many the file has.
    """

    path: Path
    shape: tuple[int, int]
    transform: tuple[float, float, float, float, float, float]
    crs: pyproj.CRS
    kind: np.dtype[Any]
    band: int = 1
    declared: float | None = None
    nodata: float | None = None
    masked: bool = False
    scale: tuple[float, float] = (1.0, 0.0)
    bands: int = 1

    def grid(self, rows: slice = slice(None), columns: slice = slice(None)) -> Grid:
        """The cells in these rows and columns (all of them if not said), in their place; from any thread.

        Raises: ReadError if the file is damaged, or if more than 4 GiB would be read at once; AnalysisError if the window
        holds no cell.
        """
        (top, bottom, _), (left, right, _) = rows.indices(self.shape[0]), columns.indices(self.shape[1])
        window = Window(left, top, max(right - left, 0), max(bottom - top, 0))
        values = _read(self, window) if window.width and window.height else np.empty((0, 0))
        a, _, c, _, e, f = self.transform
        grid = Grid.of(values, (a, 0, c + a * left, 0, e, f + e * top), self.crs, self.declared)
        if self.nodata is not None and not math.isnan(self.nodata):
            grid = grid.like(grid.values, grid.values != self.nodata)
        factor, summand = self.scale
        return grid if self.scale == (1, 0) else grid.like(grid.values * factor + summand)

    def stripes(self, *, rows: int = 1024) -> list[slice]:
        """Slices of so many rows that cover the file, for reading it with bounded memory."""
        return parallel.slices(self.shape[0], chunk=rows)

    def within(self, bounds: tuple[float, float, float, float]) -> tuple[slice, slice]:
        """Rows and columns of the cells that a box (west, south, east, north, in the CRS of the file) touches.

        Raises: ReadError if it touches none.
        """
        west, south, east, north = bounds
        a, _, c, _, e, f = self.transform
        ends = [(north - f) / e, (south - f) / e, (west - c) / a, (east - c) / a]
        if all(map(math.isfinite, ends)):
            near = [round(each, 6) for each in ends]  # a box along the cells touches no neighbour by rounding
            top, left = (max(math.floor(each), 0) for each in near[::2])
            bottom, right = (min(math.ceil(each), most) for each, most in zip(near[1::2], self.shape, strict=True))
            if top < bottom and left < right:
                return slice(top, bottom), slice(left, right)
        raise ReadError(
            f"范围 {bounds} 与栅格文件 {self.path} 不相交。请检查范围与栅格（{describe(self.crs).zh}）是否为同一坐标系。",
            f"The box {bounds} does not meet raster file {self.path}. See whether it is in the raster's CRS, {describe(self.crs).en}.",
        )


def open_raster(path: Path, *, crs: Any = None, nodata: float | None = None, band: int | None = None) -> RasterFile:
    """The GeoTIFF at `path`, ready to be read as a `Grid`, whole or by windows.

    `crs`: for a file that has none. `nodata`: for a file that declares no missing value; NaN says that each finite cell is
    valid. `band`: for a file that has several, from 1.

    Raises: ReadError if it is no GeoTIFF or damaged, has no CRS, no place or no missing value and the call names none, is
    rotated or stands on its head, or has several bands; CrsError if `crs` is another than the file's. Each names the file.
    """
    raster = _looked_at(path, crs, band)
    for fault in _faults(raster, band):
        raise ReadError(fault.zh, fault.en)
    if raster.declared is None and not raster.masked and nodata is None:
        raise ReadError(
            f"栅格文件 {path} 未声明无效值（nodata）。请在 GIS 软件中为它设定无效值；确无无效像元的，读取时写明 nodata=nan。",
            f"Raster file {path} declares no missing value (nodata). Set it in your GIS, or, if each cell is valid, say nodata=nan when you read it.",
        )
    return replace(raster, nodata=nodata)


def grid_of(raster: RasterSource, crs: Any) -> Grid:
    """The cells of a raster of a plan, all of them; `crs` is that of the plan, for values that have none of their own.

    Where no missing value is declared each finite cell counts, as the notice on reading the plan says.

    Raises: ReadError as `open_raster` does; CrsError or AnalysisError as `Grid.of` does.

    Example:
        >>> grid_of(RasterSource(values=np.ones((1, 2)), transform=(10, 0, 0, 0, -10, 0)), "EPSG:4549").shape
        (1, 2)
    """
    if raster.path is not None:
        return open_raster(raster.path, nodata=math.nan, band=1).grid()
    if raster.values is None or raster.transform is None:
        raise ReadError(
            "规划中的栅格既没有文件也没有数值与位置。请给出其中之一。",
            "A raster of the plan has neither a file nor values with their place. Give one of them.",
        )
    return Grid.of(raster.values, raster.transform, raster.crs or crs, raster.nodata)


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
    raster = _looked_at(path, None, None)
    faults = _faults(raster, None)
    notices = (*faults, *_notices(raster, crs))
    if keep:
        sha = "" if faults else _values_hash(raster)
        return RasterSource(path, None, raster.transform, raster.declared, as_of, raster.crs, sha), notices
    values, nodata = _stored(raster)
    return RasterSource(None, values, raster.transform, nodata, as_of, raster.crs), notices


def _looked_at(path: Path, crs: Any, band: int | None) -> RasterFile:
    """What the head of a file says; its CRS is what the caller says only where the file says nothing."""
    with _opened(path) as data:
        number = band or 1
        if not 1 <= number <= data.count or data.dtypes[number - 1].startswith("complex"):
            raise ReadError(
                f"栅格文件 {path} 没有第 {number} 波段，或该波段是复数。请指定 1 至 {data.count} 之间的实数波段。",
                f"Raster file {path} has no band {number}, or that band is complex. Name a band of real numbers, 1 to {data.count}.",
            )
        six = (*data.transform,)[:6]
        if data.transform.is_identity or not (data.crs or crs):
            raise ReadError(
                f"栅格文件 {path} 没有坐标系或没有定位信息。请在 GIS 软件中定义后重新导出为 GeoTIFF。",
                f"Raster file {path} has no CRS or is not placed. Define both in your GIS and export it as GeoTIFF.",
            )
        flags = set(data.mask_flag_enums[number - 1])
        return RasterFile(
            path, (data.height, data.width), six, _one_crs(path, data.crs, crs), np.dtype(data.dtypes[number - 1]), number,
            declared=data.nodatavals[number - 1],
            masked=bool({MaskFlags.per_dataset, MaskFlags.alpha} & flags),
            scale=(data.scales[number - 1], data.offsets[number - 1]),
            bands=data.count - (MaskFlags.alpha in flags),
        )  # fmt: skip


def _one_crs(path: Path, found: Any, said: Any) -> pyproj.CRS:
    if not found:
        return understood(said)
    crs = understood(found.to_wkt())
    if said is not None and understood(said) != crs:
        raise CrsError(
            f"栅格文件 {path} 的坐标系是 {describe(crs).zh}，与指定的 {describe(understood(said)).zh} 不同。请去掉指定的坐标系，或先重投影。",
            f"Raster file {path} is in {describe(crs).en}, not in {describe(understood(said)).en} as you say. Leave the CRS out, or reproject the file first.",
        )
    return crs


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The file as rasterio has it; what rasterio says is wrong is a ReadError that names the file."""
    try:
        with path.open("rb") as stream:
            geotiff = stream.read(4) in _MAGIC
        if not geotiff:
            raise ReadError(
                f"栅格文件 {path} 不是 GeoTIFF（首部字节不符或为空文件）。请导出为 GeoTIFF。",
                f"Raster file {path} is not a GeoTIFF (its first bytes differ, or it is empty). Export it as GeoTIFF.",
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(path, driver="GTiff") as data:
                yield data
    except (RasterioError, OSError) as error:
        raise ReadError(
            f"栅格文件 {path} 无法读取（{error}）。请重新导出为 GeoTIFF。",
            f"Raster file {path} cannot be read ({error}). Export it again as GeoTIFF.",
        ) from error


def _read(raster: RasterFile, window: Window) -> NDArray[Any]:
    size = window.width * window.height * (raster.kind.itemsize + 1)
    if size > _MOST_BYTES:
        raise ReadError(
            f"栅格文件 {raster.path} 要读取 {window.height}×{window.width} 个像元，占内存 {size / 2**30:.0f} GiB。请按范围或按行分块读取。",
            f"Raster file {raster.path}: {window.height} × {window.width} cells would take {size / 2**30:.0f} GiB. Read a window of it, or stripes of rows.",
        )
    with _opened(raster.path) as data:
        values: NDArray[Any] = data.read(raster.band, window=window, masked=raster.masked)
    return values


def _values_hash(raster: RasterFile) -> str:
    """The SHA-256 of all stored numbers, row by row; of the file itself where these are more than `_HASHED_BYTES`."""
    rows, columns = raster.shape
    if rows * columns * raster.kind.itemsize > _HASHED_BYTES:
        return sha256_of([raster.path])
    digest, some = hashlib.sha256(), max(1, 2**24 // columns)
    for row in range(0, rows, some):
        values = _read(raster, Window(0, row, columns, min(some, rows - row)))
        digest.update(np.ascontiguousarray(np.ma.getdata(values)).tobytes())
    return digest.hexdigest()


def _stored(raster: RasterFile) -> tuple[NDArray[Any], float | None]:
    """All numbers of a file that will be gone, and the one that stands for missing."""
    if raster.masked or raster.scale != (1, 0):
        grid = raster.grid()
        return np.where(grid.mask, grid.values, np.nan), math.nan
    return _read(raster, Window(0, 0, raster.shape[1], raster.shape[0])), raster.declared


def _faults(raster: RasterFile, band: int | None) -> list[Text]:
    """What keeps a file from being one grid; a plan that holds it can be read all the same."""
    path, (a, b, _, d, e, _) = raster.path, raster.transform
    faults = []
    if raster.bands > 1 and band is None:
        faults.append(
            Text(
                f"栅格文件 {path} 有 {raster.bands} 个波段，只能用一个。请只导出所需的波段，或指定波段。",
                f"Raster file {path} has {raster.bands} bands; only one can be used. Export the one you need alone, or name it.",
            )
        )
    if b or d or not a > 0 > e:
        faults.append(
            Text(
                f"栅格文件 {path} 不是北在上（有旋转或翻转），不能参与计算。请重采样为北在上的栅格（gdalwarp）。",
                f"Raster file {path} is rotated or flipped, not north up, so nothing can be computed from it. Resample it north up (gdalwarp).",
            )
        )
    return faults


def _notices(raster: RasterFile, wanted: pyproj.CRS | None) -> list[Text]:
    name, notices = raster.path.name, []
    if wanted is not None and raster.crs != wanted:
        notices.append(
            Text(
                f"栅格 {name} 的坐标系是 {describe(raster.crs).zh}，与规划的不同。",
                f"Raster {name} is in {describe(raster.crs).en}, not in the plan's CRS.",
            )
        )
    if raster.declared is None and not raster.masked:
        notices.append(
            Text(
                f"栅格 {name} 未声明无效值，所有像元都视为有效。",
                f"Raster {name} declares no missing value; every cell counts as valid.",
            )
        )
    if share := _at_limit(raster):
        notices.append(
            Text(
                f"栅格 {name} 为 8 位，约 {share:.1%} 的像元等于上限 255：数值可能被截断，或 255 是未声明的无效值。请核对原始数据。",
                f"Raster {name} has 8 bits and about {share:.1%} of its cells are at their limit, 255: cut off, or a missing value not declared. See the original data.",
            )
        )
    return notices


def _at_limit(raster: RasterFile) -> float:
    """Share of the cells at 255 in a band of bytes, from a sample of rows and columns; 0 for other numbers."""
    if raster.kind != np.uint8 or raster.declared == 255:
        return 0.0
    shape = tuple(min(each, _SAMPLE) for each in raster.shape)
    with _opened(raster.path) as data:
        return float((data.read(raster.band, out_shape=shape) == 255).mean())
