"""The borders of a reference, made for asking much: which points lie within it, how far from its borders, moved by how much they fit.

Points are an (n, 2) array in the CRS of the reference, distances metres. A point that is no number lies outside, infinitely far.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyproj
import shapely

from gis.crs import metres_per_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Indices = NDArray[np.int64]

__all__ = ["Borders", "EdgeFit", "best_shift", "borders_of", "edge_fit"]

CAP_M: Final = 500.0
"""Vertices farther than this from every border count as lying anywhere."""
_SPREADS_M: Final = np.array([1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0])
_SHARES: Final = np.array([0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.99])
_REACH_M: Final = 150.0
_BLUR_M: Final = 5.0
_GRID: Final = 21


@dataclass(frozen=True, slots=True, eq=False)
class Borders:
    """The polygons of a reference and the edges of their rings: `ends` is (edges, 2, 2), in metres and CRS units alike."""

    polygons: NDArray[np.object_]
    ends: Floats
    edges: shapely.STRtree
    crs: pyproj.CRS

    def holds(self, points: Floats, tolerance_m: float) -> NDArray[np.bool_]:
        """Whether each point lies in the reference, or no farther outside than the tolerance."""
        held = np.zeros(len(points), bool)
        known = np.flatnonzero(np.isfinite(points).all(axis=1))
        made = shapely.points(points[known])
        _, at = shapely.STRtree(made).query(self.polygons, predicate="covers")
        held[known[at]] = True
        left = known[~held[known]]
        held[left] = self.distance(points[left], tolerance_m) <= tolerance_m
        return held

    def distance(self, points: Floats, most_m: float) -> Floats:
        """Distance to the nearest border in metres; inf where it is more than `most_m`."""
        found, _, metres = self._nearest(points, most_m)
        out = np.full(len(points), np.inf)
        out[found] = metres
        return out

    def towards(self, points: Floats, most_m: float) -> tuple[Floats, Floats]:
        """For the points at most `most_m` from a border, the unit normal of its edge (k, 2) and the way along it in metres."""
        found, edge, _ = self._nearest(points, most_m)
        start, along = self.ends[edge, 0], self.ends[edge, 1] - self.ends[edge, 0]
        normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.hypot(*along.T)[:, None]
        return normal, ((start - points[found]) * normal).sum(axis=1) * metres_per_unit(self.crs)

    def apart(self, points: Floats) -> float:
        """How far outside all but 5 % of the points lie at least, in metres; inf if that is not known, 0 if they lie inside."""
        some = points[:: max(1, len(points) // 512)]
        outside = ~self.holds(some, 1.0)
        away = np.where(outside, self.distance(some, np.inf), 0.0)
        return float(np.quantile(away, 0.05, method="lower"))

    def _nearest(self, points: Floats, most_m: float) -> tuple[Indices, Indices, Floats]:
        """Number of the point, number of the edge, distance in metres."""
        known = np.flatnonzero(np.isfinite(points).all(axis=1))
        unit = metres_per_unit(self.crs)
        most = most_m / unit if np.isfinite(most_m) else None
        (at, edge), distance = self.edges.query_nearest(
            shapely.points(points[known]), max_distance=most, return_distance=True, all_matches=False
        )
        return known[at], edge, distance * unit


def borders_of(polygons: Any, crs: Any) -> Borders | None:
    """The borders of these polygons, in a projected CRS; None if they have none."""
    array = shapely.get_parts(np.asarray(polygons, dtype=object))
    array = array[shapely.get_dimensions(array) == 2]
    rings = shapely.get_rings(array)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    ends = np.stack([xy[:-1], xy[1:]], axis=1)[ring[:-1] == ring[1:]] if len(xy) else np.empty((0, 2, 2))
    ends = ends[np.isfinite(ends).all(axis=(1, 2)) & (ends[:, 0] != ends[:, 1]).any(axis=1)]
    if not len(ends):
        return None
    return Borders(array, ends, shapely.STRtree(shapely.linestrings(ends)), pyproj.CRS.from_user_input(crs))


@dataclass(frozen=True, slots=True)
class EdgeFit:
    """How vertices lie about borders: log likelihood over lying anywhere, the share that lies on them, its spread in m."""

    score: float
    share: float
    spread_m: float


def edge_fit(distance_m: Floats, widest_m: float = 100.0) -> EdgeFit:
    """The mixture that explains the distances best: a share on the border with a spread, the rest anywhere within 500 m.

    Score 0 and share 0 where no mixture explains them better than chance, or the spread would exceed `widest_m`.

    Example:
        >>> edge_fit(np.array([0.0] * 50 + [10.0 * n for n in range(50)])).spread_m
        1.0
    """
    spread = _SPREADS_M[widest_m >= _SPREADS_M][:, None]
    if not len(distance_m) or not len(spread):
        return EdgeFit(0.0, 0.0, float("nan"))
    near = np.minimum(distance_m, CAP_M)
    dense = CAP_M * np.sqrt(2 / np.pi) / spread * np.exp(-0.5 * (near / spread) ** 2)
    score = np.log1p(_SHARES[:, None, None] * (dense - 1)).sum(axis=2)
    share, width = np.unravel_index(int(score.argmax()), score.shape)
    if score[share, width] <= 0:
        return EdgeFit(0.0, 0.0, float("nan"))
    return EdgeFit(float(score[share, width]), float(_SHARES[share]), float(spread[width, 0]))


def best_shift(points: Floats, borders: Borders, half_m: tuple[float, float]) -> Floats:
    """The move in metres (east, north), within ± `half_m`, that puts most points on borders; (0, 0) where none are near.

    A point may slide along an edge, so each tells the move across its edge only: all moves of a grid are voted on, then
    the winner is settled by least squares.
    """
    normal, across = borders.towards(points, _REACH_M)
    east, north = (np.linspace(-each, each, _GRID) for each in half_m)
    grid = np.stack(np.meshgrid(east, north), axis=-1).reshape(-1, 2)
    votes = np.exp(-0.5 * ((grid @ normal.T - across) / _BLUR_M) ** 2).sum(axis=1)
    shift = grid[int(votes.argmax())] if len(across) else np.zeros(2)
    for _ in range(4):
        normal, across = borders.towards(points + shift / metres_per_unit(borders.crs), 2 * _BLUR_M)
        if len(across) < 3:
            break
        step, *_ = np.linalg.lstsq(normal, across, rcond=None)
        shift = np.clip(shift + step, -np.asarray(half_m), half_m)
    return np.asarray(shift, float)
