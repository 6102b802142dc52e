"""Flat coordinates from a WKB column, against shapely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import shapely

from gis.geometry import flat

from . import data
from .registry import Case, benchmark

if TYPE_CHECKING:
    from pathlib import Path

PEER = "from_wkb + to_ragged_array"


@benchmark("reading", sizes=["10k", "100k", "1m"])
def reading(size: str) -> Case:
    """From the file to coordinates and offsets."""
    file = _file(size)
    return Case(lambda: flat.from_geoparquet(file), {PEER: lambda: _by_shapely(_column(file))}, _same)


@benchmark("parsing", sizes=["10k", "100k", "1m"])
def parsing(size: str) -> Case:
    """The same from a column in memory."""
    column = _column(_file(size))
    return Case(lambda: flat.from_wkb(column), {PEER: lambda: _by_shapely(column)}, _same)


def _column(file: Path) -> Any:
    return pq.read_table(file, columns=["geometry"])["geometry"]


def _by_shapely(column: Any) -> Any:
    return shapely.to_ragged_array(shapely.from_wkb(column.to_numpy()))


def _file(size: str) -> Path:
    """The parcels on disk, not loaded: what loading leaves behind would hide the memory that a run takes."""
    file = data.path(f"parcels_{size}")
    if not file.exists():
        data.parcels(size)
    return file


def _same(ours: flat.Flat, ragged: Any) -> bool:
    _, xy, offsets = ragged
    return np.array_equal(ours.xy, xy) and np.array_equal(ours.rings, offsets[0])
