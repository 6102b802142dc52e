"""Distances and patches on arrays of truth values or classes (距离变换、图斑面积过滤)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.errors import AnalysisError
from gis.geometry import _raster_loops as loops
from gis.geometry import parallel

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["distance", "patch_filter"]


def distance(targets: NDArray[np.bool_], cell: float | tuple[float, float] = 1.0) -> NDArray[np.float32]:
    """How far the centre of each cell is from the centre of the nearest True one, in the unit of `cell`; exact.

    `cell`: side of a cell, or (width, height). 0 at the targets themselves; NaN everywhere if there is none. For "how
    far to the nearest hospital" give True at hospitals; cells without data are never a target.

    Raises: AnalysisError if `targets` is not a two-dimensional array of truth values or `cell` is not above 0.

    Example:
        >>> distance(np.array([[True, False, False]]), 10).tolist()
        [[0.0, 10.0, 20.0]]
    """
    across, down = cell if isinstance(cell, tuple) else (cell, cell)
    _check_flat(targets, "b")
    if not (math.isfinite(across) and math.isfinite(down) and across > 0 and down > 0):
        raise AnalysisError(
            f"像元大小 {cell} 不是正数。请以米给出像元边长。",
            f"Cell size {cell} is not above 0. Give the side of a cell in metres.",
        )
    height, width = targets.shape
    out: NDArray[np.float32] = np.empty((height, width), np.float32)
    columns, envelope = loops.compiled(loops.column_distances), loops.compiled(loops.row_distances)
    parallel.run(lambda part: columns(targets, part.start, part.stop, out), parallel.slices(width, chunk=256))
    parallel.run(
        lambda part: envelope(out, part.start, part.stop, float(across), float(down)),
        parallel.slices(height, chunk=256),
    )
    return out


def patch_filter(
    classes: NDArray[Any],
    min_cells: int,
    connectivity: int = 4,
    *,
    mask: NDArray[np.bool_] | None = None,
    rows: int = 256,
) -> NDArray[np.bool_]:
    """True where the cell lies in a patch of its own class with at least `min_cells` cells.

    `classes`: truth values (False is background) or whole numbers, each number a class of its own. `mask`: True = valid;
    masked cells belong to no patch. `connectivity`: 4 (edges) or 8 (edges and corners). Memory: about 20 bytes per run of
    equal cells in a row. `rows`: per stripe; it never changes the result.

    Raises: AnalysisError if the array is not two-dimensional truth values or whole numbers, or an argument does not fit.

    Example:
        >>> patch_filter(np.array([[7, 7, 2], [7, 2, 2], [0, 0, 2]]), 3).tolist()
        [[True, True, True], [True, True, True], [False, False, True]]
    """
    _check_flat(classes, "biu")
    if connectivity not in (4, 8) or min_cells < 1 or (mask is not None and mask.shape != classes.shape):
        raise AnalysisError(
            f"图斑过滤的参数不符：连通性 {connectivity}、最少像元数 {min_cells}。请用连通性 4 或 8、不小于 1 的像元数，掩膜与数组同形状。",
            f"Patch filter: connectivity {connectivity}, least cells {min_cells}. Use connectivity 4 or 8, 1 cell or more, and a mask of the same shape.",
        )
    valid = classes if classes.dtype.kind == "b" else np.ones(classes.shape, bool)
    valid = valid if mask is None else valid & mask
    parts = parallel.slices(len(classes), chunk=rows)
    offset, begin, end = _runs(classes, valid, parts)
    parent = np.arange(len(begin), dtype=np.int64 if len(begin) > 2**31 - 2 else np.int32)
    unite, reach = loops.compiled(loops.unite), 1 if connectivity == 8 else 0
    parallel.run(lambda p: unite(classes, offset, begin, end, parent, p.start + 1, p.stop, reach), parts)
    for part in parts[1:]:
        unite(classes, offset, begin, end, parent, part.start, part.start + 1, reach)
    size = np.zeros(len(begin), np.int64)
    loops.compiled(loops.patch_sizes)(begin, end, parent, size)
    out = np.empty(classes.shape, bool)
    fill = loops.compiled(loops.fill_kept)
    parallel.run(lambda p: fill(offset, begin, end, parent, size, int(min_cells), p.start, p.stop, out), parts)
    return out


def _runs(
    classes: NDArray[Any], valid: NDArray[np.bool_], parts: list[slice]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Where the runs of each row begin in the list of runs, and their first column and the one behind their last."""
    count = np.zeros(len(classes), np.int64)
    counting, filling = loops.compiled(loops.count_runs), loops.compiled(loops.fill_runs)
    parallel.run(lambda p: counting(classes, valid, p.start, p.stop, count), parts)
    offset = np.concatenate([[0], np.cumsum(count)])
    begin, end = np.empty(offset[-1], np.int32), np.empty(offset[-1], np.int32)
    parallel.run(lambda p: filling(classes, valid, p.start, p.stop, offset, begin, end), parts)
    return offset, begin, end


def _check_flat(array: NDArray[Any], kinds: str) -> None:
    if array.ndim != 2 or array.dtype.kind not in kinds:
        raise AnalysisError(
            f"数组为 {array.shape}（{array.dtype}）。请给出二维的布尔数组；图斑过滤也可用整数分级。",
            f"The array is {array.shape} of {array.dtype}. Give two-dimensional truth values; the patch filter takes whole numbers too.",
        )
