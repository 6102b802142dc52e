"""Polygons as flat coordinates, straight from the bytes of a file, without an object per polygon.

The WKB column of a GeoParquet file and the blobs of a GeoPackage are walked in place. The arrays are those of GeoArrow and of
`shapely.to_ragged_array` for multipolygons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from gis.errors import AnalysisError
from gis.geometry import parallel
from gis.geometry._flat import Objects, listed

__all__ = ["Flat", "from_wkb"]

_CHUNK = 16_384
_BYTES = (pa.binary(), pa.large_binary())


@dataclass(frozen=True, slots=True)
class Flat:
    """Polygons of n points, r rings, p parts and f features.

    `xy` (n, 2); `rings` (r + 1): where each ring begins in `xy`; `parts` (p + 1): where each part begins in `rings`, its shell
    first; `features` (f + 1): where each feature begins in `parts`; `missing` (f): null rows. Null and empty have no parts.
    """

    xy: NDArray[np.float64]
    rings: NDArray[np.int64]
    parts: NDArray[np.int64]
    features: NDArray[np.int64]
    missing: NDArray[np.bool_]

    def geometries(self) -> Objects:
        """The multipolygons as shapely has them; None where missing."""
        kind = shapely.GeometryType.MULTIPOLYGON
        out: Objects = shapely.from_ragged_array(kind, self.xy, (self.rings, self.parts, self.features))
        out[self.missing] = None
        return out


def from_wkb(column: Any) -> Flat:
    """The polygons and multipolygons of a column of WKB, or of GeoPackage blobs, as flat coordinates.

    `column`: a pyarrow binary array (chunked or not) or any sequence of bytes and None. Z and M are left out; both byte orders, ISO
    codes and EWKB flags are read. Null → missing, empty → no parts. The column is not copied.

    Raises: AnalysisError if a row is of another type, or is cut short; it names the rows.

    Example:
        >>> import shapely
        >>> found = from_wkb([shapely.to_wkb(shapely.box(0, 0, 2, 1)), None])
        >>> found.xy.shape, found.rings.tolist(), found.features.tolist(), found.missing.tolist()
        ((5, 2), [0, 5], [0, 1, 1], [False, True])
    """
    from gis.geometry import _wkb_loops  # noqa: PLC0415 - numba is dear to import

    blocks = [_buffers(each) for each in _arrays(column)]
    missing = np.concatenate([np.empty(0, bool), *(each[2] for each in blocks)])
    size = len(missing)
    sizes, status = np.zeros((size, 3), np.int64), np.zeros(size, np.int8)
    work, first = [], 0
    for data, offsets, null in blocks:
        for rows in parallel.slices(len(null), chunk=_CHUNK):
            work.append((data, offsets[rows.start : rows.stop + 1], slice(first + rows.start, first + rows.stop)))
        first += len(null)
    parallel.run(lambda each: _wkb_loops.count(*each[:2], sizes[each[2]], status[each[2]]), work)
    _refuse(status == _wkb_loops.BAD_TYPE, status == _wkb_loops.CUT_SHORT)
    begins = np.zeros((size + 1, 3), np.int64)
    np.cumsum(sizes, axis=0, out=begins[1:])
    parts, rings = (np.empty(begins[-1, each] + 1, np.int64) for each in (0, 1))
    parts[-1], rings[-1] = begins[-1, 1], begins[-1, 2]
    xy = np.empty((begins[-1, 2], 2), "<f8")
    out = xy.reshape(-1).view(np.uint8)

    def fill(each: tuple[Any, Any, slice]) -> None:
        data, offsets, rows = each
        _wkb_loops.fill(data, offsets, begins[rows.start : rows.stop + 1], rings, parts, out)

    parallel.run(fill, work)
    return Flat(xy, rings, parts, begins[:, 0].copy(), missing)


def _arrays(column: Any) -> list[Any]:
    """The column as binary arrays, those of each chunk as they lie."""
    if isinstance(column, pa.ChunkedArray):
        chunks = column.chunks
    elif isinstance(column, pa.Array):
        chunks = [column]
    else:
        chunks = [pa.array([None if each is None else bytes(each) for each in column], pa.large_binary())]
    return [each if each.type in _BYTES else each.cast(pa.large_binary()) for each in chunks]


def _buffers(column: Any) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.bool_]]:
    """All bytes, where each row begins in them (f + 1), and which rows are null; a null row takes no bytes."""
    missing = np.asarray(column.is_null(), bool)
    if missing.any():
        column = column.take(pa.array(np.arange(len(column))))  # Arrow allows bytes under a null; this drops them
    _, where, content = column.buffers()
    width = np.int32 if column.type == pa.binary() else np.int64
    offsets = np.zeros(1, np.int64)
    if where is not None and len(column):
        offsets = np.frombuffer(where, width)[column.offset : column.offset + len(column) + 1].astype(np.int64)
    data = np.frombuffer(content, np.uint8) if content is not None and content.size else np.zeros(0, np.uint8)
    return data, offsets, missing


def _refuse(other: NDArray[np.bool_], short: NDArray[np.bool_]) -> None:
    if other.any():
        rows = listed(np.flatnonzero(other))
        raise AnalysisError(
            f"几何列第 {rows} 行不是多边形。请先把其他类型的要素另存为一个图层。",
            f"Rows {rows} of the geometry column are not polygons. Move features of other types to a layer of their own.",
        )
    if short.any():
        rows = listed(np.flatnonzero(short))
        raise AnalysisError(
            f"几何列第 {rows} 行的字节不完整。请从原软件重新导出该图层。",
            f"Rows {rows} of the geometry column are cut short. Export the layer again from where it was drawn.",
        )
