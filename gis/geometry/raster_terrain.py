"""Slope and aspect of a height grid (坡度、坡向), by Horn's eight neighbours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gis.geometry import _raster_loops as loops
from gis.geometry import parallel
from gis.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["aspect", "slope"]

_ROWS = 32  # the gradients of a stripe then stay in the cache of a core
_NARROW = {"f2", "f4", "i1", "i2", "u1", "u2", "b1"}  # 32 bits hold them exactly


def slope(heights: Grid, *, rows: int = _ROWS) -> Grid:
    """Slope of the ground in degrees, 0 to 90.

    Heights in metres, cells in the unit of their CRS. Cells at the rim and cells with a masked neighbour are masked, so
    the share of valid cells sinks. 32 bits out, 64 if the heights have more than 24. `rows`: per stripe and thread; it
    changes memory, never the result.

    Raises: CrsError if the grid is in degrees.
    Source: horn-1981.

    Example:
        >>> import numpy as np
        >>> ramp = Grid.of(np.tile(np.arange(3) * 10.0, (3, 1)), (10, 0, 0, 0, -10, 0), "EPSG:4549")
        >>> slope(ramp).values[1].tolist()
        [nan, 45.0, nan]
    """
    return _horn(heights, rows, _steepness)


def aspect(heights: Grid, *, rows: int = _ROWS) -> Grid:
    """Where the ground falls to, in degrees clockwise from grid north, 0 up to 360.

    Flat cells have no aspect and are masked, as are cells that `slope` masks. Else as `slope`.

    Raises: CrsError if the grid is in degrees.
    Source: horn-1981.

    Example:
        >>> import numpy as np
        >>> ramp = Grid.of(np.tile(np.arange(3) * 10.0, (3, 1)), (10, 0, 0, 0, -10, 0), "EPSG:4549")
        >>> aspect(ramp).values[1].tolist()
        [nan, 270.0, nan]
    """
    return _horn(heights, rows, _falls)


def _falls(east: NDArray[Any], south: NDArray[Any], out: NDArray[Any]) -> None:
    np.arctan2(-east, south, out=out)
    np.multiply(out, out.dtype.type(180 / math.pi), out=out)
    np.add(out, 360, out=out, where=out < 0)
    np.copyto(out, 0, where=out >= 360)  # a hair west of north, rounded up
    np.copyto(out, np.nan, where=(east == 0) & (south == 0))


def _steepness(east: NDArray[Any], south: NDArray[Any], out: NDArray[Any]) -> None:
    np.multiply(east, east, out=east)
    np.multiply(south, south, out=south)
    np.add(east, south, out=out)
    np.sqrt(out, out=out)
    np.arctan(out, out=out)
    np.multiply(out, out.dtype.type(180 / math.pi), out=out)


def _horn(heights: Grid, rows: int, finish: Callable[[NDArray[Any], NDArray[Any], NDArray[Any]], None]) -> Grid:
    """A stripe of gradients at a time, and what `finish` makes of them; it may overwrite the gradients."""
    width, height = heights.cell_m
    z = heights.values
    kind = np.dtype(np.float32 if z.dtype.str[1:] in _NARROW else np.float64)
    out, ok = np.empty(z.shape, kind), np.empty(z.shape, bool)
    size: NDArray[Any] = np.array([8 * width, 8 * height, np.nan], kind)
    horn = loops.compiled(loops.horn)

    def stripe(part: slice) -> None:
        east, south = np.empty((2, part.stop - part.start, z.shape[1]), kind)
        horn(z, heights.mask, size, part.start, part.stop, east, south)
        with np.errstate(over="ignore", invalid="ignore"):  # a cliff of 1e38 m, a missing value not declared, is 90°
            finish(east, south, out[part])
        np.equal(out[part], out[part], out=ok[part])

    parallel.run(stripe, parallel.slices(len(z), chunk=rows))
    return Grid(out, ok, heights.transform, heights.crs)
