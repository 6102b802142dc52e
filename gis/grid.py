"""The value `Grid`: a raster that knows where it lies and which of its cells hold a value (栅格与有效掩膜).

A grid never loses its mask: what is made from it (`like`, `window`, the kernels in `gis.geometry.raster_*`) is valid
at most where it was. Missing is masked; where the numbers are floating-point it is NaN as well, never 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.crs import describe, metres_per_unit, understood
from gis.errors import AnalysisError, CrsError
from gis.geometry import parallel

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyproj
    from numpy.typing import NDArray

__all__ = ["Grid", "check_aligned", "saturated_share"]

_ROWS = 512


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """One band of numbers over rectangles of ground, north up; make it with `Grid.of`.

    `values`: (rows, columns), read only. `mask`: the same shape, True = valid, read only. `transform`: the six numbers
    (a, b, c, d, e, f) of a GeoTIFF: x = a·column + c, y = e·row + f, corner of the first cell at (c, f). `crs`: of x and y.
    Masked cells of floating-point grids are NaN; whole numbers there mean nothing. Numbers of 16 or 80 bits and of the
    other byte order are brought to what machine code takes: 32 or 64 bits, this machine's order.

    Raises: AnalysisError if the array is not two-dimensional, empty or of another kind than numbers, if the mask has
    another shape, or if the transform is rotated, flipped or not finite; CrsError without a CRS.
    """

    values: NDArray[Any]
    mask: NDArray[np.bool_]
    transform: tuple[float, float, float, float, float, float]
    crs: pyproj.CRS

    def __post_init__(self) -> None:
        _check_values(self.values)
        object.__setattr__(self, "values", _native(self.values))
        if self.mask.shape != self.values.shape or self.mask.dtype != np.bool_:
            raise AnalysisError(
                f"栅格掩膜为 {self.mask.shape}（{self.mask.dtype}），与数值 {self.values.shape} 不符。请给出同形状的布尔数组，True 为有效。",
                f"The mask of a grid is {self.mask.shape} of {self.mask.dtype}, its values are {self.values.shape}. Give booleans of the same shape, True = valid.",
            )
        object.__setattr__(self, "transform", _checked_transform(self.transform))
        object.__setattr__(self, "crs", _checked_crs(self.crs))
        for name in ("values", "mask"):
            view = getattr(self, name).view()
            view.flags.writeable = False
            object.__setattr__(self, name, view)

    @classmethod
    def of(cls, values: Any, transform: Sequence[float], crs: Any, nodata: float | None = None) -> Grid:
        """A grid of an array as a GeoTIFF gives it; `nodata`, NaN and infinite cells are masked.

        `values`: two-dimensional numbers or truth values, or a numpy masked array, whose masked cells stay masked. They
        are copied only where a floating-point array has cells to turn into NaN. `transform`: as in `Grid`; an `Affine` will do.
        `crs`: whatever pyproj understands.

        Raises: as `Grid`.

        Example:
            >>> grid = Grid.of([[1, 2], [3, -9]], (10, 0, 500_000, 0, -10, 3_400_000), "EPSG:4549", nodata=-9)
            >>> grid.mask.tolist(), grid.valid_share, grid.cell
            ([[True, True], [True, False]], 0.75, (10.0, 10.0))
        """
        array = np.asarray(np.ma.getdata(values))
        _check_values(array)
        valid = ~np.ma.getmaskarray(values) if np.ma.isMaskedArray(values) else None
        numbers, mask = _masked(_native(array), valid, nodata)
        return cls(numbers, mask, (*transform,)[:6], crs)  # type: ignore[arg-type]  # six numbers, checked

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.values.shape
        return rows, columns

    @property
    def cell(self) -> tuple[float, float]:
        """Width and height of a cell in units of the CRS, both positive."""
        return self.transform[0], -self.transform[4]

    @property
    def cell_m(self) -> tuple[float, float]:
        """Width and height of a cell in metres.

        Raises: CrsError if the CRS is in degrees.
        """
        metres = metres_per_unit(self.crs)
        if math.isnan(metres):
            raise CrsError(
                f"栅格的坐标系是 {describe(self.crs).zh}，像元大小以度计，不能求坡度和距离。请先把栅格重投影到高斯—克吕格坐标系。",
                f"The grid is in {describe(self.crs).en}: its cells are in degrees, so slope and distance have no meaning. Reproject it to a Gauss–Krüger CRS first.",
            )
        return self.cell[0] * metres, self.cell[1] * metres

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north."""
        a, _, west, _, e, north = self.transform
        rows, columns = self.shape
        return west, north + e * rows, west + a * columns, north

    @property
    def valid_share(self) -> float:
        """Valid cells over all cells, 0 to 1."""
        return float(np.count_nonzero(self.mask)) / self.mask.size

    def like(self, values: Any, mask: NDArray[np.bool_] | None = None) -> Grid:
        """Other numbers in the same place: valid where this grid is, `mask` says so, and the number is finite.

        Raises: AnalysisError if the shape is another.

        Example:
            >>> grid = Grid.of([[1, -9]], (10, 0, 0, 0, -10, 0), "EPSG:4549", nodata=-9)
            >>> grid.like([[5.0, 7.0]]).values.tolist()
            [[5.0, nan]]
        """
        array = np.asarray(values)
        for each in (array, self.mask if mask is None else mask):
            if each.shape != self.shape:
                raise AnalysisError(
                    f"新数组为 {each.shape}，栅格为 {self.shape}。请给出行列数相同的数组。",
                    f"The new array is {each.shape}, the grid {self.shape}. Give an array with the same rows and columns.",
                )
        valid = self.mask if mask is None else self.mask & mask
        return Grid(*_masked(array, valid, None), self.transform, self.crs)

    def window(self, rows: slice, columns: slice = slice(None)) -> Grid:
        """The part in these rows and columns, in its own place; it shares memory with the whole.

        Raises: AnalysisError if nothing is left, or if the slices have a step.
        """
        first, last, step = rows.indices(self.shape[0])
        left, right, stride = columns.indices(self.shape[1])
        if step != 1 or stride != 1 or last <= first or right <= left:
            raise AnalysisError(
                f"窗口 行 {rows}、列 {columns} 在 {self.shape} 的栅格中没有像元，或带步长。请给出不带步长、落在栅格内的范围。",
                f"The window of rows {rows} and columns {columns} holds no cells of a {self.shape} grid, or has a step. Give a range inside it, without step.",
            )
        a, b, c, d, e, f = self.transform
        moved = (a, b, c + a * left, d, e, f + e * first)
        return Grid(self.values[first:last, left:right], self.mask[first:last, left:right], moved, self.crs)

    def aligned_with(self, other: Grid) -> bool:
        """Whether the cells of both are the same pieces of ground: shape, CRS, and place to a thousandth of a cell."""
        near = 1e-3 * min(self.cell)
        corners = zip(self.bounds, other.bounds, strict=True)
        return (
            self.shape == other.shape and self.crs == other.crs and all(abs(one - two) <= near for one, two in corners)
        )


def check_aligned(grids: Sequence[Grid]) -> None:
    """Nothing, if all grids have the same cells.

    Raises: AnalysisError that says what differs, or if there is no grid at all.
    """
    if not grids:
        raise AnalysisError(
            "没有栅格可以叠加。请至少给出一个。", "There is no grid to lay over each other. Give at least one."
        )
    first = grids[0]
    for number, each in enumerate(grids[1:], 2):
        if first.aligned_with(each):
            continue
        zh, en = ("行列数", "shape") if each.shape != first.shape else ("起点或像元大小", "origin or cell size")
        one, two = (first.shape, each.shape) if each.shape != first.shape else (first.transform, each.transform)
        if each.crs != first.crs:
            zh, en, one, two = "坐标系", "CRS", describe(first.crs).en, describe(each.crs).en  # type: ignore[assignment]
        raise AnalysisError(
            f"第 {number} 个栅格与第 1 个的{zh}不同：{two}，{one}。请重采样到同一格网后再叠加。",
            f"Grid {number} differs from grid 1 in {en}: {two}, {one}. Resample both to the same cells first.",
        )


def saturated_share(grid: Grid) -> float:
    """Share of the valid cells at the largest number their type can hold: heights above it were cut off.

    0 for floating-point grids; NaN without valid cells. More than 0 for heights of 8 bits means that tops are flat.

    Example:
        >>> saturated_share(Grid.of(np.array([[255, 254]], np.uint8), (10, 0, 0, 0, -10, 0), "EPSG:4549"))
        0.5
    """
    valid = np.count_nonzero(grid.mask)
    if grid.values.dtype.kind not in "iu" or not valid:
        return 0.0 if valid else float("nan")
    return float(np.count_nonzero((grid.values == np.iinfo(grid.values.dtype).max) & grid.mask) / valid)


def _check_values(values: NDArray[Any]) -> None:
    if values.ndim != 2 or not values.size or values.dtype.kind not in "biuf":
        raise AnalysisError(
            f"栅格数组为 {values.shape}（{values.dtype}）。请给出非空的二维数值数组，每次一个波段。",
            f"The array of a grid is {values.shape} of {values.dtype}. Give a two-dimensional array of numbers that is not empty, one band at a time.",
        )


def _native(values: NDArray[Any]) -> NDArray[Any]:
    """The same numbers in a type that numba knows; a copy only where it differs."""
    other: dict[str, Any] = {"e": np.float32, "g": np.float64}
    kind: np.dtype[Any] = np.dtype(other.get(values.dtype.char, values.dtype.newbyteorder("=")))
    with np.errstate(over="ignore"):  # what 64 bits cannot hold becomes infinite, and so is masked
        return values.astype(kind, copy=False)


def _checked_transform(transform: Sequence[float]) -> tuple[float, float, float, float, float, float]:
    six = tuple(float(each) for each in transform)
    if len(six) == 6 and all(map(math.isfinite, six)) and six[1] == six[3] == 0 and six[0] > 0 > six[4]:
        return six
    raise AnalysisError(
        f"栅格的仿射参数 {six} 不是北在上、无旋转的六个数 (a, 0, c, 0, −e, f)。请重采样为北在上的栅格。",
        f"The transform {six} of the grid is not the six numbers (a, 0, c, 0, −e, f) of one with north up and no rotation. Resample it north up.",
    )


def _checked_crs(crs: Any) -> pyproj.CRS:
    if crs is None or crs == "":
        raise CrsError(
            "栅格没有坐标系。请在 GIS 软件中为它定义投影（不是重投影），或在读取时写明坐标系。",
            "The grid has no CRS. Define its projection in your GIS (define, not reproject), or name the CRS when you read it.",
        )
    return understood(crs)


def _masked(
    array: NDArray[Any], valid: NDArray[np.bool_] | None, nodata: float | None
) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The numbers with NaN where floating-point cells are not valid, and the mask; by stripes, input unchanged."""
    floating = array.dtype.kind == "f"
    mask = np.empty(array.shape, bool)
    if floating and nodata is not None:
        with np.errstate(over="ignore"):  # 32-bit files may declare a number of 64 bits
            nodata = float(array.dtype.type(nodata))

    def stripe(rows: slice) -> bool:
        out, cells = mask[rows], array[rows]
        out[...] = True if valid is None else valid[rows]
        if nodata is not None and not math.isnan(nodata):
            out &= cells != nodata
        if floating:
            out &= np.isfinite(cells)
            return not bool(np.isnan(cells[~out]).all())
        return False

    rows = parallel.slices(len(array), chunk=_ROWS)
    if any(parallel.run(stripe, rows)):
        array = array.copy()
        for each in rows:
            np.copyto(array[each], np.nan, where=~mask[each])
    return array, mask
