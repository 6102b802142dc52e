"""Polygons as flat coordinates, straight from the bytes of a file, without an object per polygon.

The WKB column of a GeoParquet file and the blobs of a GeoPackage are walked in place, some thousand rows at a time: while threads
copy the coordinates of one batch, the next is decoded. The arrays are those of GeoArrow and of `shapely.to_ragged_array` for
multipolygons.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from gis.errors import AnalysisError, ReadError
from gis.geometry import parallel
from gis.geometry._flat import Objects, Rings, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from os import PathLike

__all__ = ["Flat", "from_geoparquet", "from_wkb"]

_BATCH: Final = 8_192  # rows; some MB of parcels, which stay in the cache of the processor
_BUFFER: Final = 2**20
_POINT: Final = 16  # bytes of the x and y of a point
_MOST_ROOM: Final = 2**26  # points (1 GB), whatever a file says
_BYTES: Final = (pa.binary(), pa.large_binary())


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

    def as_rings(self) -> Rings:
        """All rings that are not empty, with their features, and whether they are holes."""
        part = np.repeat(np.arange(len(self.missing)), np.diff(self.features))
        feature, hole = np.repeat(part, np.diff(self.parts)), np.ones(len(self.rings) - 1, bool)
        hole[self.parts[:-1]] = False
        real = np.diff(self.rings) > 0
        offsets = np.append(self.rings[:-1][real], self.rings[-1])
        return Rings(self.xy, offsets, feature[real], hole[real])

    def bounds(self) -> NDArray[np.float64]:
        """West, south, east and north of each feature (f, 4); NaN for those without parts."""
        begins = self.rings[self.parts[self.features]]
        out = np.full((len(self.missing), 4), np.nan)
        there = np.flatnonzero(np.diff(begins) > 0)

        def measure(part: slice) -> None:
            some = there[part]
            xy, at = self.xy[begins[some[0]] : begins[some[-1] + 1]], begins[some] - begins[some[0]]
            out[some] = np.hstack([np.minimum.reduceat(xy, at), np.maximum.reduceat(xy, at)])

        parallel.run(measure, parallel.slices(len(there), chunk=_BATCH))
        return out

    def chosen(self, features: NDArray[np.int64]) -> Flat:
        """Some of the features, in the order asked for."""
        parts, part_ends = _gathered(self.features, features)
        rings, ring_ends = _gathered(self.parts, parts)
        places, place_ends = _gathered(self.rings, rings)
        return Flat(self.xy[places], place_ends, ring_ends, part_ends, self.missing[features])

    def geometries(self) -> Objects:
        """The multipolygons as shapely has them; None where missing."""
        kind = shapely.GeometryType.MULTIPOLYGON
        out: Objects = shapely.from_ragged_array(kind, self.xy, (self.rings, self.parts, self.features))
        out[self.missing] = None
        return out


def from_wkb(column: Any) -> Flat:
    """The polygons and multipolygons of a column of WKB, or of GeoPackage blobs, as flat coordinates.

    `column`: a pyarrow binary array (chunked or not) or any sequence of bytes and None. Z and M are left out; both byte orders, ISO
    codes and EWKB flags are read. Null → missing; empty → no parts; empty rings are left out. Coordinates that are not finite, bow-ties
    and rings without inside stay as they are: nothing is repaired, and validity is not asked. The column is not copied.

    Raises: AnalysisError if a row is of another type, is not as long as it says, or has a ring that is not closed or a hole
        without a shell; it names the rows (the first is 0).

    Example:
        >>> import shapely
        >>> found = from_wkb([shapely.to_wkb(shapely.box(0, 0, 2, 1)), None])
        >>> found.xy.shape, found.rings.tolist(), found.features.tolist(), found.missing.tolist()
        ((5, 2), [0, 5], [0, 1, 1], [False, True])
    """
    arrays = _arrays(column)
    return _parsed(arrays, sum(each.nbytes for each in arrays) // _POINT)


def from_geoparquet(file: str | PathLike[str]) -> Flat:
    """The polygons and multipolygons of a GeoParquet file as flat coordinates; its other columns are not read.

    The main geometry column is taken, whatever its name; a bbox column has no influence. Rows as in `from_wkb`.

    Raises: ReadError if the file cannot be read, is no GeoParquet file, or does not hold its geometry as WKB; AnalysisError
        as `from_wkb`.
    """
    try:
        with pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER) as source:
            number, name = _geometry_column(source, file)
            groups = (source.metadata.row_group(each) for each in range(source.metadata.num_row_groups))
            size = sum(each.column(number).total_uncompressed_size for each in groups)
            batches = source.iter_batches(batch_size=_BATCH, columns=[name])
            return _parsed((each for batch in batches for each in _arrays(batch.column(0))), size // _POINT)
    except (pa.ArrowException, OSError) as error:
        raise ReadError(
            f"文件 {file} 无法读取，可能已损坏或不是 GeoParquet 文件。请检查路径，或从原软件重新导出。",
            f"File {file} cannot be read; it may be damaged, or no GeoParquet file. "
            "Check the path, or export it again from where it was made.",
        ) from error


def _geometry_column(source: pq.ParquetFile, file: Any) -> tuple[int, str]:
    """Number and name of the main geometry column."""
    try:
        geo = json.loads((source.schema_arrow.metadata or {})[b"geo"])
        name = geo["primary_column"]
        encoding, number = geo["columns"][name]["encoding"], source.schema_arrow.names.index(name)
    except (KeyError, TypeError, ValueError) as error:
        raise ReadError(
            f"文件 {file} 没有 GeoParquet 的几何列说明。请用 GIS 软件导出为 GeoParquet。",
            f"File {file} does not say, as GeoParquet does, which column holds the geometry. Export it as GeoParquet from a GIS.",
        ) from error
    declared = source.schema_arrow.field(number).type
    kind = getattr(declared, "storage_type", declared)
    if encoding != "WKB" or kind not in _BYTES:
        raise ReadError(
            f"文件 {file} 的几何列 {name} 的编码是 {encoding}（{kind}），这里只读 WKB。请以 WKB 编码重新导出。",
            f"Geometry column {name} of file {file} is encoded as {encoding} ({kind}); only WKB is read here. "
            "Export it again with WKB encoding.",
        )
    path = [source.schema.column(each).path for each in range(len(source.schema))]
    return path.index(name), name


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows to copy: their bytes, parts, rings and points up to each row, the number of the first row, and room for the points."""

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    missing: NDArray[np.bool_]
    begins: NDArray[np.int64]
    row: int
    xy: NDArray[np.float64]


@dataclass
class _Room:
    """Room for the points of all batches, in one piece if the estimate is large enough."""

    estimate: int
    slabs: list[NDArray[np.float64]] = field(default_factory=list)
    used: list[int] = field(default_factory=list)

    def take(self, points: int) -> NDArray[np.float64]:
        if not self.slabs or self.used[-1] + points > len(self.slabs[-1]):
            self.slabs.append(np.empty((max(self.estimate, points), 2), "<f8"))
            self.used.append(0)
        self.used[-1] += points
        return self.slabs[-1][self.used[-1] - points : self.used[-1]]

    def all(self) -> NDArray[np.float64]:
        parts = [slab[:used] for slab, used in zip(self.slabs, self.used, strict=True)]
        return parts[0] if len(parts) == 1 else np.concatenate([np.empty((0, 2)), *parts])


def _parsed(arrays: Iterable[Any], estimate: int) -> Flat:
    """What binary arrays hold, row after row; `estimate`: as many points as there may be."""
    room = _Room(min(estimate, _MOST_ROOM))
    pieces = parallel.run(_copied, _counted(arrays, room))
    rings, parts, features = (
        _chained([getattr(each, name) for each in pieces]) for name in ("rings", "parts", "features")
    )
    return Flat(
        room.all(), rings, parts, features, np.concatenate([np.empty(0, bool), *(each.missing for each in pieces)])
    )


def _counted(arrays: Iterable[Any], room: _Room) -> Iterator[_Batch]:
    """The rows in batches, checked and counted."""
    from gis.geometry import _wkb_loops  # noqa: PLC0415 - numba is dear to import

    first = 0
    for array in arrays:
        for rows in parallel.slices(len(array), chunk=_BATCH):
            data, offsets, missing = _buffers(array[rows])
            sizes, status = np.zeros((len(missing), 3), np.int64), np.zeros(len(missing), np.int8)
            _wkb_loops.count(data, offsets, sizes, status)
            status[~missing & (np.diff(offsets) == 0)] = _wkb_loops.WRONG_LENGTH
            _refuse(status, first)
            begins = np.zeros((len(missing) + 1, 3), np.int64)
            np.cumsum(sizes, axis=0, out=begins[1:])
            yield _Batch(data, offsets, missing, begins, first, room.take(begins[-1, 2]))
            first += len(missing)


def _copied(batch: _Batch) -> Flat:
    """The rows of one batch."""
    from gis.geometry import _wkb_loops  # noqa: PLC0415 - numba is dear to import

    parts, rings = (np.empty(batch.begins[-1, each] + 1, np.int64) for each in (0, 1))
    parts[-1], rings[-1] = batch.begins[-1, 1], batch.begins[-1, 2]
    _wkb_loops.fill(batch.data, batch.offsets, batch.begins, rings, parts, batch.xy.reshape(-1).view(np.uint8))
    start, stop = batch.xy[rings[:-1]], batch.xy[rings[1:] - 1]
    closed = (start == stop) | (np.isnan(start) & np.isnan(stop))
    if not closed.all():
        status = np.zeros(len(batch.missing), np.int8)
        status[np.searchsorted(batch.begins[:, 1], np.flatnonzero(~closed.all(axis=1)), side="right") - 1] = (
            _wkb_loops.BAD_RING
        )
        _refuse(status, batch.row)
    return Flat(batch.xy, rings, parts, batch.begins[:, 0], batch.missing)


def _chained(offsets: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The offsets of the whole from those of its pieces, each of which begins at 0."""
    ends = np.cumsum([0, *(each[-1] for each in offsets)])
    return np.concatenate([*(each[:-1] + base for each, base in zip(offsets, ends, strict=False)), ends[-1:]])


def _gathered(begins: NDArray[np.int64], chosen: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All that lies between the offsets of what is chosen, and the offsets of that."""
    size = np.diff(begins)[chosen]
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(size)])
    return np.arange(ends[-1]) + np.repeat(begins[:-1][chosen] - ends[:-1], size), ends


def _arrays(column: Any) -> list[Any]:
    """The column as binary arrays, those of each chunk as they lie."""
    if isinstance(column, pa.ChunkedArray):
        chunks = column.chunks
    elif isinstance(column, pa.Array):
        chunks = [column]
    else:
        chunks = [pa.array([None if each is None else bytes(each) for each in column], pa.large_binary())]
    # a package that registers the type geoarrow.wkb makes columns of bytes into columns of that type, for all of the process
    plain = [each.storage if isinstance(each, pa.ExtensionArray) else each for each in chunks]
    return [each if each.type in _BYTES else each.cast(pa.large_binary()) for each in plain]


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


def _refuse(status: NDArray[np.int8], first: int) -> None:
    """Name the rows of the first kind of fault."""
    from gis.geometry import _wkb_loops  # noqa: PLC0415 - numba is dear to import

    faults = {
        _wkb_loops.BAD_TYPE: (
            "不是多边形。请先把其他类型的要素另存为一个图层。",
            "are not polygons. Move features of other types to a layer of their own.",
        ),
        _wkb_loops.WRONG_LENGTH: (
            "的字节不完整或有多余。请从原软件重新导出该图层。",
            "are cut short, or longer than they say. Export the layer again from where it was drawn.",
        ),
        _wkb_loops.BAD_RING: (
            "的环不闭合，或有洞无壳。请在原软件中修复几何后重新导出。",
            "have a ring that is not closed, or a hole without a shell. Repair them where they were drawn and export again.",
        ),
    }
    for fault, (zh, en) in faults.items():
        rows = first + np.flatnonzero(status == fault)
        if len(rows):
            raise AnalysisError(f"几何列第 {listed(rows)} 行{zh}", f"Rows {listed(rows)} of the geometry column {en}")
