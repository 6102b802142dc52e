"""Grids as criteria: classes by a table of breaks, weighted and limiting overlay (重分类、加权叠加、短板叠加)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gis.errors import AnalysisError
from gis.geometry import parallel
from gis.grid import Grid, check_aligned

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = ["limiting", "overlaid", "reclassified"]

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
    table, known = _table(breaks, values)
    limits = [_comparable(each, grid.values.dtype) for each in breaks]
    above = np.greater if closed == "upper" else np.greater_equal
    out, ok = np.empty(grid.shape, table.dtype), np.empty(grid.shape, bool)

    def stripe(part: slice) -> None:
        z, valid = grid.values[part], grid.mask[part]
        number, higher = np.zeros(z.shape, np.uint8), np.empty(z.shape, bool)
        for limit in limits:
            above(z, limit, out=higher)
            np.add(number, higher.view(np.uint8), out=number)
        np.copyto(number, len(values), where=~valid)
        np.take(table, number, out=out[part], mode="clip")
        if known.all():
            ok[part] = valid
        else:
            np.take(np.append(known, False), number, out=ok[part], mode="clip")

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
    shares = (shares / shares.sum()).astype(np.float32)

    def mean(parts: list[NDArray[Any]], out: NDArray[Any]) -> None:
        np.multiply(parts[0], shares[0], out=out, casting="same_kind")
        term = np.empty_like(out)
        for part, share in zip(parts[1:], shares[1:], strict=True):
            np.multiply(part, share, out=term, casting="same_kind")
            np.add(out, term, out=out)

    return _combined(grids, mean, np.dtype(np.float32), rows)


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

    def extreme(parts: list[NDArray[Any]], out: NDArray[Any]) -> None:
        out[...] = parts[0]
        for part in parts[1:]:
            pick(out, part, out=out)

    return _combined(grids, extreme, np.result_type(*(each.values.dtype for each in grids)), rows)


def _combined(
    grids: Sequence[Grid],
    combine: Callable[[list[NDArray[Any]], NDArray[Any]], None],
    kind: np.dtype[Any],
    rows: int,
) -> Grid:
    first = grids[0]
    out, ok = np.empty(first.shape, kind), np.empty(first.shape, bool)

    def stripe(part: slice) -> None:
        valid = ok[part]
        valid[...] = first.mask[part]
        for each in grids[1:]:
            np.logical_and(valid, each.mask[part], out=valid)
        combine([each.values[part] for each in grids], out[part])
        if kind.kind == "f":
            np.copyto(out[part], np.nan, where=~valid)

    parallel.run(stripe, parallel.slices(first.shape[0], chunk=rows))
    return Grid(out, ok, first.transform, first.crs)


def _table(breaks: Sequence[float], values: Sequence[float]) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """What to look up by class number, with one entry more for masked cells; and which classes are known."""
    ascending = all(low < high for low, high in pairwise(breaks)) and not np.isnan(np.asarray(breaks, float)).any()
    if not ascending or not 0 < len(breaks) <= 250 or len(values) != len(breaks) + 1:
        raise AnalysisError(
            f"分级断点 {list(breaks)} 与级值 {list(values)} 不符。请给出递增的断点（至多 250 个），级值比断点多一个。",
            f"The breaks {list(breaks)} and values {list(values)} do not fit. Give ascending breaks (250 at most) and one value more than breaks.",
        )
    wanted = np.asarray(values, float)
    known = np.isfinite(wanted)
    if known.all() and (wanted == np.rint(wanted)).all() and abs(wanted).max() < 2**31 - 1:
        kind = np.result_type(np.min_scalar_type(int(wanted.min())), np.min_scalar_type(int(wanted.max())))
        return np.append(wanted, np.iinfo(kind).max).astype(kind), known
    return np.append(np.where(known, wanted, np.nan), np.nan).astype(np.float32), known


def _comparable(limit: float, kind: np.dtype[Any]) -> float | int:
    """A whole limit as whole number for whole cells: compared in their own type, without a copy in 64 bits."""
    return int(limit) if kind.kind in "iub" and float(limit).is_integer() else float(limit)
