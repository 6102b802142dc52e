"""What a grid holds inside polygons (分区统计): by cell centres, fast, or by exact fractions of cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from gis.crs import understood
from gis.errors import AnalysisError
from gis.geometry import _flat, parallel
from gis.geometry import _raster_loops as loops
from gis.geometry.overlay import polygonal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from gis.grid import Grid

__all__ = ["ZonalStatistics", "merged", "zonal_centre", "zonal_exact"]


_BEYOND = 100_000  # rows above and below the grid in which the centres of a zone are counted
_FARTHEST = 2.0**50  # columns and rows from the grid; beyond it no centre can be told from the next


@dataclass(frozen=True, slots=True)
class ZonalStatistics:
    """One number per zone in the order of the zones; NaN where a zone holds no valid cell.

    `cells`: of the zone, with those that are masked or beyond the grid. `count`: valid ones among them, 0 if none. `total`,
    `minimum`, `maximum`: of the valid ones. Cells are whole for centres, and NaN (not counted) where a zone lies wholly beyond the
    grid; for `zonal_exact` they are fractions.
    """

    cells: NDArray[np.float64]
    count: NDArray[np.float64]
    total: NDArray[np.float64]
    minimum: NDArray[np.float64]
    maximum: NDArray[np.float64]

    @property
    def mean(self) -> NDArray[np.float64]:
        """Total over count."""
        return self.total / np.where(self.count > 0, self.count, np.nan)

    @property
    def valid_share(self) -> NDArray[np.float64]:
        """Valid cells over all cells of the zone, 0 to 1: 0 beyond the grid, NaN for a zone without cells."""
        share = np.minimum(self.count / np.where(self.cells > 0, self.cells, np.nan), 1.0)
        return np.where(np.isnan(self.cells), 0.0, share)


def zonal_centre(grid: Grid, zones: Any) -> ZonalStatistics:
    """Statistics of the cells whose centre lies in each polygon.

    Zones may overlap; of zones that tile the ground each centre counts once, even on a shared edge. Small zones may hold
    no centre: there, `zonal_exact` has an answer. None, empty, points, lines and what
    has a coordinate that is no number have no cells. `cells` of a zone that reaches more than 100 000 rows beyond the
    grid is its area over that of a cell, rounded. Memory beyond the grid: that of the edges, and of the rows that they
    cross. Each cell counts alike: in degrees those of the north are smaller ground. A GeoSeries must be in the CRS of the grid; plain arrays are taken to be.

    Raises: AnalysisError if the CRS is another.

    Example:
        >>> from gis.grid import Grid
        >>> grid = Grid.of([[1.0, 2.0], [3.0, np.nan]], (10, 0, 0, 0, -10, 20), "EPSG:4549")
        >>> found = zonal_centre(grid, [shapely.box(0, 0, 10, 20), shapely.box(10, 0, 20, 20)])
        >>> found.total.tolist(), found.valid_share.tolist()
        ([4.0, 2.0], [1.0, 0.5])
    """
    polygons = _checked(grid, zones)
    out = _nothing(len(polygons))
    near = _near(grid, polygons)
    edges, offset = _edges(grid, polygons[near])
    found = out[near]
    crossings, sums = loops.compiled(loops.crossings), loops.compiled(loops.centre_sums)
    low, high = -_BEYOND, grid.shape[0] + _BEYOND

    def some(part: slice) -> None:
        sums(grid.values, grid.mask, *crossings(edges, offset, low, high, part.start, part.stop), found[part])

    parallel.run(some, parallel.slices(len(near), chunk=64))
    huge = _leaving(edges, offset, low, high)
    found[huge, 0] = np.rint(_in_cells(grid, polygons[near[huge]]))
    out[near] = found
    flat = (shapely.get_dimensions(polygons) == 2) & ~shapely.is_empty(polygons)
    flat[near] = False
    out[flat, 0] = np.nan
    return _statistics(*out.T)


def zonal_exact(grid: Grid, zones: Any) -> ZonalStatistics:
    """Statistics in which each cell counts with the fraction of it that lies in the polygon.

    `cells` is the area of the zone over that of a cell. Minimum and maximum are those of every cell touched. Else as
    `zonal_centre`, and slower.

    Raises: AnalysisError if the CRS is another or a polygon is invalid.

    Example:
        >>> from gis.grid import Grid
        >>> grid = Grid.of([[1.0, 2.0]], (10, 0, 0, 0, -10, 10), "EPSG:4549")
        >>> found = zonal_exact(grid, [shapely.box(5, 0, 20, 10)])
        >>> found.count.tolist(), found.total.tolist()
        ([1.5], [2.5])
    """
    polygons = shapely.force_2d(polygonal(_checked(grid, zones)))
    bad = np.flatnonzero(~shapely.is_valid(polygons) & ~shapely.is_missing(polygons))
    if len(bad):
        raise AnalysisError(
            f"第 {bad[0] + 1} 个分区是无效多边形。请先修复（共 {len(bad)} 个无效）。",
            f"Zone {bad[0] + 1} is an invalid polygon. Repair it first ({len(bad)} are invalid).",
        )
    west, south, east, north = grid.bounds
    flat = (shapely.get_dimensions(polygons) == 2) & ~shapely.is_empty(polygons)
    inside = np.flatnonzero(flat & shapely.intersects(polygons, shapely.box(west, south, east, north)))
    out = _nothing(len(polygons))
    out[flat, 0] = _in_cells(grid, polygons[flat])
    if len(inside):
        out[inside, 1:] = _extracted(grid, polygons[inside])
    return _statistics(*out.T)


def merged(parts: Sequence[ZonalStatistics]) -> ZonalStatistics:
    """The statistics of a grid from those of its windows, for the same zones: a raster read stripe by stripe.

    Raises: AnalysisError if there is none, or the zones are not the same number.
    """
    if len({len(each.count) for each in parts}) != 1:
        raise AnalysisError(
            "没有可合并的分区统计，或各部分的分区数不同。请对每个窗口用同一组分区。",
            "There are no zonal statistics to merge, or of different numbers of zones. Use the same zones for every window.",
        )
    return ZonalStatistics(
        np.fmax.reduce([each.cells for each in parts]),
        np.sum([each.count for each in parts], axis=0),
        _over(np.add, [each.total for each in parts]),
        _over(np.fmin, [each.minimum for each in parts]),
        _over(np.fmax, [each.maximum for each in parts]),
    )


def _over(combine: np.ufunc, columns: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """All columns combined where they hold a number; NaN where none does."""
    out = columns[0]
    for each in columns[1:]:
        out = np.where(np.isnan(out), each, np.where(np.isnan(each), out, combine(out, each)))
    return out


def _checked(grid: Grid, zones: Any) -> _flat.Objects:
    crs = getattr(zones, "crs", None)
    if crs is not None and understood(crs) != grid.crs:
        raise AnalysisError(
            f"分区的坐标系（{understood(crs).name}）与栅格的（{grid.crs.name}）不同。请先转换到同一坐标系。",
            f"The zones are in {understood(crs).name}, the grid in {grid.crs.name}. Bring both into one CRS first.",
        )
    return _flat.as_geometries(zones)


def _nothing(zones: int) -> NDArray[np.float64]:
    """Cells, count, total, minimum and maximum of zones without cells."""
    return np.tile([0.0, 0.0, 0.0, np.inf, -np.inf], (zones, 1))


def _near(grid: Grid, polygons: _flat.Objects) -> NDArray[np.int64]:
    """The zones whose bounds meet the grid."""
    west, south, east, north = grid.bounds
    x0, y0, x1, y1 = shapely.bounds(polygons).reshape(-1, 4).T
    return np.flatnonzero((x0 < east) & (x1 > west) & (y0 < north) & (y1 > south))


def _edges(grid: Grid, polygons: _flat.Objects) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Both ends of every edge in columns and rows of the grid, by zone, and where each zone begins."""
    a, _, c, _, e, f = grid.transform
    rings = _flat.rings(polygons)
    start = rings.starts()
    at = (rings.xy - (c, f)) / (a, e)
    edges = np.hstack([at[start], at[start + 1]])
    feature = rings.feature[rings.ring_of()][start]
    broken = np.unique(feature[~np.isfinite(edges).all(axis=1)])
    if len(broken):
        keep = ~np.isin(feature, broken)
        edges, feature = edges[keep], feature[keep]
    np.clip(edges, -_FARTHEST, _FARTHEST, out=edges)
    return edges, np.searchsorted(feature, np.arange(len(polygons) + 1))


def _leaving(edges: NDArray[np.float64], offset: NDArray[np.int64], low: int, high: int) -> NDArray[np.int64]:
    """The zones that reach beyond the rows low to high."""
    row = edges[:, 1]  # each corner of a ring begins an edge
    return np.unique(np.searchsorted(offset, np.flatnonzero((row < low) | (row > high)), side="right") - 1)


def _in_cells(grid: Grid, polygons: _flat.Objects) -> NDArray[np.float64]:
    """The area of each polygon over that of a cell; inf where 64 bits cannot hold it."""
    with np.errstate(over="ignore"):
        area: NDArray[np.float64] = shapely.area(polygons)
    return area / (grid.cell[0] * grid.cell[1])


def _extracted(grid: Grid, polygons: _flat.Objects) -> NDArray[np.float64]:
    """Count, sum, min and max of each polygon, by exactextract."""
    from exactextract import exact_extract  # noqa: PLC0415

    raster = _source(grid)
    operations = ["count", "sum", "min", "max"]

    def some(part: slice) -> NDArray[np.float64]:
        table = exact_extract(raster, _features(polygons[part], raster.srs_wkt()), operations, output="pandas")
        return table[operations].to_numpy(float)  # type: ignore[no-any-return]

    # one thread: exactextract keeps the interpreter, a second one wins nothing
    found = np.vstack([some(part) for part in parallel.slices(len(polygons), chunk=1024)])
    found[:, 2:] = np.where(np.isnan(found[:, 2:]), [np.inf, -np.inf], found[:, 2:])
    return found


def _features(polygons: _flat.Objects, crs: str) -> Any:
    """The polygons as exactextract takes them, by their bytes: its way through GeoJSON takes as long as the work itself."""
    from exactextract.feature import FeatureSource, JSONFeature  # noqa: PLC0415

    class Zone(JSONFeature):  # type: ignore[misc]
        def __init__(self, wkb: bytes) -> None:
            super().__init__()
            self.wkb = wkb

        def geometry(self) -> bytes:
            return self.wkb

    class Zones(FeatureSource):  # type: ignore[misc]
        def count(self) -> int:
            return len(polygons)

        def __iter__(self) -> Iterator[Zone]:
            return map(Zone, shapely.to_wkb(polygons, output_dimension=2))

        def srs_wkt(self) -> str:
            return crs

    return Zones()


def _source(grid: Grid) -> Any:
    """The grid as exactextract takes it: NaN for missing. A mask it may drop, where extent and cells differ by a rounding."""
    from exactextract.raster import NumPyRasterSource  # noqa: PLC0415

    kind = np.result_type(grid.values.dtype, np.float32)

    class Source(NumPyRasterSource):  # type: ignore[misc]
        def read_window(self, x0: int, y0: int, nx: int, ny: int) -> NDArray[Any]:
            part = np.s_[y0 : y0 + ny, x0 : x0 + nx]
            return np.where(grid.mask[part], grid.values[part], kind.type(np.nan))

    return Source(grid.values, *grid.bounds, srs_wkt=grid.crs.to_wkt())


def _statistics(
    cells: NDArray[np.float64],
    count: NDArray[np.float64],
    total: NDArray[np.float64],
    least: NDArray[np.float64],
    most: NDArray[np.float64],
) -> ZonalStatistics:
    some = count > 0
    return ZonalStatistics(cells, count, *(np.where(some, each, np.nan) for each in (total, least, most)))
