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


@benchmark("reading", sizes=["10k", "100k", "1m"])
def reading(size: str) -> Case:
    """From the file to coordinates and offsets."""
    file = _file(size)

    def column() -> Any:
        return pq.read_table(file, columns=["geometry"])["geometry"]

    return Case(
        ours=lambda: flat.from_wkb(column()),
        peers={"from_wkb + to_ragged_array": lambda: shapely.to_ragged_array(shapely.from_wkb(column().to_numpy()))},
        agree=_same,
    )


@benchmark("parsing", sizes=["1m"])
def parsing(size: str) -> Case:
    """The same from a column in memory."""
    column = pq.read_table(_file(size), columns=["geometry"])["geometry"]
    return Case(
        ours=lambda: flat.from_wkb(column),
        peers={"from_wkb + to_ragged_array": lambda: shapely.to_ragged_array(shapely.from_wkb(column.to_numpy()))},
        agree=_same,
    )


def _file(size: str) -> Path:
    """The parcels on disk, not loaded: what loading leaves behind would hide the memory that a run takes."""
    file = data.path(f"parcels_{size}")
    if not file.exists():
        data.parcels(size)
    return file


def _same(ours: flat.Flat, ragged: Any) -> bool:
    _, xy, offsets = ragged
    return np.array_equal(ours.xy, xy) and np.array_equal(ours.rings, offsets[0])
