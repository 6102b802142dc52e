"""Linework noded on a grid: whole where it is small, in tiles side by side where it is large, with the same result."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gis.geometry import parallel

__all__ = ["noded"]

Geometries = NDArray[np.object_]
Box = tuple[float, float, float, float]

SNAP = 1.0  # m, the grid on which all linework is noded
ROUNDS = 3  # a crossing is rounded to the grid, which may bring it near another line: node again
TILE = 32_000.0  # m
HALO = 3_000.0  # m of linework round a tile: more than the longest line between two nodes
STRETCH = 30  # vertices of a line at most, so that a tile need not hold the outline of everything


def noded(lines: Geometries, tile: float = TILE) -> Geometries:
    """The lines cut wherever they meet, all coordinates on the grid, each stretch once.

    What becomes of a line depends on what is near it only, so a tile with a halo round it gives what the whole would.
    """
    west, south, east, north = shapely.total_bounds(lines)
    across, along = (max(1, round(length / tile)) for length in (east - west, north - south))
    if across * along == 1:
        return _noded(lines)
    lines = _stretches(lines)
    x, y = np.linspace(west, east, across + 1), np.linspace(south, north, along + 1)
    x[-1], y[-1] = np.inf, np.inf  # what lies on the rim belongs to the last tile
    x[0], y[0] = -np.inf, -np.inf
    tiles = [(x[i], y[j], x[i + 1], y[j + 1]) for i in range(across) for j in range(along)]
    return _in_order(np.concatenate(parallel.run(lambda each: _in_tile(lines, each), tiles)))


def _noded(lines: Geometries) -> Geometries:
    for _ in range(ROUNDS):
        lines = shapely.get_parts(shapely.union_all(lines, grid_size=SNAP))
    return lines


def _in_tile(lines: Geometries, tile: Box) -> Geometries:
    """The noded lines whose middle lies in a tile."""
    low, high = np.array(tile[:2]), np.array(tile[2:])
    box = shapely.bounds(lines)
    made = _noded(lines[((box[:, 2:] > low - HALO) & (box[:, :2] < high + HALO)).all(axis=1)])
    box = shapely.bounds(made)
    middle = (box[:, :2] + box[:, 2:]) / 2.0
    return np.asarray(made[((middle >= low) & (middle < high)).all(axis=1)], dtype=object)


def _in_order(lines: Geometries) -> Geometries:
    """Every straight piece of the lines, ordered by its ends, so that it does not matter in what order they were found."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    start = np.flatnonzero(line[1:] == line[:-1])
    one, other = xy[start], xy[start + 1]
    back = (one[:, 0] > other[:, 0]) | ((one[:, 0] == other[:, 0]) & (one[:, 1] > other[:, 1]))
    ends = np.where(back[:, None], np.hstack([other, one]), np.hstack([one, other]))
    ends = ends[np.lexsort(ends.T[::-1])]
    return np.asarray(shapely.linestrings(ends.reshape(-1, 2, 2)), dtype=object)


def _stretches(lines: Geometries) -> Geometries:
    """The lines cut at every `STRETCH`-th vertex."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    start = np.flatnonzero(line[1:] == line[:-1])
    first = np.searchsorted(line, line[start])
    stretch = line[start] * len(xy) + (start - first) // STRETCH
    number = np.unique(stretch, return_inverse=True)[1]
    opens = np.r_[True, number[1:] != number[:-1]]
    closes = np.r_[opens[1:], True]
    index = np.r_[start, start[closes] + 1]
    owner = np.r_[number, number[closes]]
    order = np.lexsort((index, owner))
    return np.asarray(shapely.linestrings(xy[index[order]], indices=owner[order]), dtype=object)
