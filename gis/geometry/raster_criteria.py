"""Grids as criteria: classes by a table of breaks, weighted and limiting overlay (重分类、加权叠加、短板叠加)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gis.errors import AnalysisError
from gis.geometry import _raster_loops as loops
from gis.geometry import parallel
from gis.grid import Grid, check_aligned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["limiting", "overlaid", "reclassified", "recoded"]

_ROWS = 32  # a stripe of a wide grid then fits the cache of a core


def reclassified(
    grid: Grid,
    breaks: Sequence[float],
    values: Sequence[float],
    *,
    closed: Literal["upper", "lower"] = "upper",
    rows: int = _ROWS,
) -> Grid:
    """The value of the class that each cell falls into.

    `breaks`: ascending, at most 250; `values`: one more than breaks, NaN for a class that counts as missing. `closed`
    says which class a cell exactly on a break belongs to: "upper" to the lower class (≤ 3°, 3–8°, …), "lower" to the
    higher one. Whole values give the smallest whole-number type (masked cells hold its largest number and stay
    masked), others 32-bit floating point with NaN.

    Raises: AnalysisError if the breaks do not ascend or the values do not fit.
    Source: dual-2020-127.

    Example:
        >>> slope = Grid.of([[3.0, 3.1, 30.0, np.nan]], (10, 0, 0, 0, -10, 0), "EPSG:4549")
        >>> reclassified(slope, [3, 8, 15, 25], [5, 4, 3, 2, 1]).values.tolist()
        [[5, 4, 1, 255]]
    """
    z = grid.values
    table = _table(breaks, values)
    limits = _limits(breaks, closed, z.dtype)
    out, ok = np.empty(grid.shape, table[0].dtype), np.empty(grid.shape, bool)
    classify = loops.compiled(loops.classify)

    def stripe(part: slice) -> None:
        classify(z, grid.mask, limits, closed == "upper", table, part.start, part.stop, out, ok)

    parallel.run(stripe, parallel.slices(grid.shape[0], chunk=rows))
    return Grid(out, ok, grid.transform, grid.crs)


def recoded(grid: Grid, table: Mapping[int, float], *, rows: int = 512) -> Grid:
    """The value that the table gives to the code in each cell, as of land cover; codes that it lacks are masked.

    `table`: whole number → value, NaN for a code that counts as missing. Types as in `reclassified`.

    Raises: AnalysisError if the table is empty or the cells are no whole numbers.

    Example:
        >>> cover = Grid.of([[10, 40, 80]], (10, 0, 0, 0, -10, 0), "EPSG:4549")
        >>> recoded(cover, {40: 5, 10: 2}).mask.tolist(), recoded(cover, {40: 5, 10: 2}).values[0, :2].tolist()
        ([[True, True, False]], [2, 5])
    """
    if not table or grid.values.dtype.kind == "f":
        raise AnalysisError(
            f"按代码重分类需要整数栅格和非空的对照表；栅格为 {grid.values.dtype}，对照表有 {len(table)} 项。请给出整数代码，连续数值请用分级断点。",
            f"Recoding takes whole numbers and a table that is not empty; the grid is {grid.values.dtype}, the table has {len(table)} entries. Give codes; for measured numbers use breaks.",
        )
    codes = np.array(sorted(table), np.int64)
    numbers, known = _numbers([table[code] for code in codes.tolist()])
    out, ok = np.empty(grid.shape, numbers.dtype), np.empty(grid.shape, bool)

    def stripe(part: slice) -> None:
        at = np.minimum(np.searchsorted(codes, grid.values[part]), len(codes) - 1)
        at[(codes[at] != grid.values[part]) | ~grid.mask[part]] = len(codes)
        np.take(numbers, at, out=out[part])
        np.take(known, at, out=ok[part])

    parallel.run(stripe, parallel.slices(grid.shape[0], chunk=rows))
    return Grid(out, ok, grid.transform, grid.crs)


def overlaid(grids: Sequence[Grid], weights: Sequence[float], *, rows: int = _ROWS) -> Grid:
    """The weighted mean of all grids, 32-bit floating point; a cell that one of them lacks is masked.

    Weights are above 0 and need not add up to 1: only their proportions count.

    Raises: AnalysisError if the grids do not have the same cells or the weights do not fit.

    Example:
        >>> place = (10, 0, 0, 0, -10, 0), "EPSG:4549"
        >>> overlaid([Grid.of([[1.0, 5.0]], *place), Grid.of([[5.0, np.nan]], *place)], [3, 1]).values.tolist()
        [[2.0, nan]]
    """
    check_aligned(grids)
    shares = np.asarray(weights, float)
    if shares.shape != (len(grids),) or not np.all(np.isfinite(shares) & (shares > 0)):
        raise AnalysisError(
            f"{len(grids)} 个因子的权重为 {list(weights)}。请为每个因子给出一个大于 0 的权重。",
            f"{len(grids)} factors have the weights {list(weights)}. Give one weight above 0 for each.",
        )
    terms = [np.array([each, np.nan], np.float32) for each in shares / shares.sum()]
    first, weigh = grids[0], loops.compiled(loops.weigh)
    out, ok = np.empty(first.shape, np.float32), np.empty(first.shape, bool)

    def stripe(part: slice) -> None:
        out[part] = 0
        for each, term in zip(grids, terms, strict=True):
            weigh(each.values, each.mask, term, part.start, part.stop, out)
        np.equal(out[part], out[part], out=ok[part])

    parallel.run(stripe, parallel.slices(first.shape[0], chunk=rows))
    return Grid(out, ok, first.transform, first.crs)


def limiting(grids: Sequence[Grid], *, worst: Literal["lowest", "highest"] = "lowest", rows: int = _ROWS) -> Grid:
    """The worst of all grids in each cell (短板效应), in their common type; a cell that one of them lacks is masked.

    `worst`: "lowest" where a higher grade is better, "highest" where a higher grade is a stronger limit.

    Raises: AnalysisError if the grids do not have the same cells.

    Example:
        >>> place = (10, 0, 0, 0, -10, 0), "EPSG:4549"
        >>> limiting([Grid.of([[1, 5]], *place), Grid.of([[5, 4]], *place)]).values.tolist()
        [[1, 4]]
    """
    check_aligned(grids)
    pick = np.minimum if worst == "lowest" else np.maximum
    first, kind = grids[0], np.result_type(*(each.values.dtype for each in grids))
    out, ok = np.empty(first.shape, kind), np.empty(first.shape, bool)

    def stripe(part: slice) -> None:
        result, valid = out[part], ok[part]
        result[...], valid[...] = first.values[part], first.mask[part]
        for each in grids[1:]:
            pick(result, each.values[part], out=result)
            np.logical_and(valid, each.mask[part], out=valid)
        if kind.kind == "f":
            np.logical_and(valid, ~np.isnan(result), out=valid)
            np.copyto(result, np.nan, where=~valid)

    parallel.run(stripe, parallel.slices(first.shape[0], chunk=rows))
    return Grid(out, ok, first.transform, first.crs)


def _table(breaks: Sequence[float], values: Sequence[float]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """What to look up by class number, with one entry more for masked cells; and which classes are known, likewise."""
    ascending = all(low < high for low, high in pairwise(breaks)) and not np.isnan(np.asarray(breaks, float)).any()
    if not ascending or not 0 < len(breaks) <= 250 or len(values) != len(breaks) + 1:
        raise AnalysisError(
            f"分级断点 {list(breaks)} 与级值 {list(values)} 不符。请给出递增的断点（至多 250 个），级值比断点多一个。",
            f"The breaks {list(breaks)} and values {list(values)} do not fit. Give ascending breaks (250 at most) and one value more than breaks.",
        )
    return _numbers(values)


def _numbers(values: Sequence[float]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The values in the smallest type that holds them, with one more for masked cells; and which are known, likewise."""
    wanted = np.asarray(values, float)
    known = np.isfinite(wanted)
    marks = np.append(known, False)
    if known.all() and (wanted == np.rint(wanted)).all() and abs(wanted).max() < 2**31 - 1:
        kind = np.result_type(np.min_scalar_type(int(wanted.min())), np.min_scalar_type(int(wanted.max())))
        return np.append(wanted, np.iinfo(kind).max).astype(kind), marks
    return np.append(np.where(known, wanted, np.nan), np.nan).astype(np.float32), marks


def _limits(breaks: Sequence[float], closed: str, kind: np.dtype[Any]) -> NDArray[Any]:
    """The breaks as numbers of the kind of the cells; between whole numbers, the one that parts them alike."""
    exact = np.asarray(breaks, float)
    if kind.kind == "f":
        with np.errstate(over="ignore"):  # beyond 32 bits no cell lies
            return exact.astype(kind)
    whole = np.floor(exact) if closed == "upper" else np.ceil(exact)
    limits: NDArray[np.int64] = np.clip(whole, -(2.0**62), 2.0**62).astype(np.int64)
    return limits
