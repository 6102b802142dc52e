"""Named geometry specimens, in metres from (500 000, 3 400 000) in EPSG:4549, where the plane is true to 1e-8.

Every area can be worked out in the head. `specimens()` gives all of them by name.
"""

from __future__ import annotations

import numpy as np
import shapely

CRS = "EPSG:4549"
X, Y = 500_000.0, 3_400_000.0


def box(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    """A rectangle given in metres from the origin of the zoo."""
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def polygon(*corners: tuple[float, ...], holes: tuple[list[tuple[float, ...]], ...] = ()) -> shapely.Polygon:
    """A polygon given by its corners in metres from the origin of the zoo."""

    def placed(ring):
        return [(X + x, Y + y, *rest) for x, y, *rest in ring]

    return shapely.Polygon(placed(corners), [placed(each) for each in holes])


def array(*geometries: object) -> np.ndarray:
    """A one-dimensional object array, whatever it holds."""
    out = np.empty(len(geometries), object)
    out[:] = geometries
    return out


SQUARE = box(0, 0, 100, 100)
"""10 000 m²."""
SQUARE_WITH_HOLE = polygon((0, 0), (100, 0), (100, 100), (0, 100), holes=([(40, 40), (60, 40), (60, 60), (40, 60)],))
"""9 600 m²: the square without 20 m × 20 m in its middle."""
HOLE_FILLER = box(40, 40, 60, 60)
"""400 m²: fills that hole."""
EAST_NEIGHBOUR = box(100, 0, 200, 100)
"""10 000 m²: shares an edge with the square."""
CORNER_NEIGHBOUR = box(100, 100, 200, 200)
"""10 000 m²: touches the square in one point."""
BOW_TIE = polygon((0, 0), (100, 100), (100, 0), (0, 100))
"""Crosses itself at (50, 50); two wings of 2 500 m²."""
SLIVER = box(0, 0, 1000, 0.01)
"""10 m²: 1 km long, 1 cm wide."""
MULTIPART = shapely.MultiPolygon([box(0, 0, 10, 10), box(20, 0, 40, 10)])
"""300 m²: parts of 100 and 200 m²."""
ZERO_AREA = polygon((0, 0), (100, 0), (50, 0))
"""A ring without inside."""
SPIKE = polygon((0, 0), (100, 0), (100, 50), (300, 50.5), (100, 51), (100, 100), (0, 100))
"""10 100 m²: the square with a spike 200 m long and 1 m wide at its root, pointing east."""
DOUBLED_VERTEX = polygon((0, 0), (100, 0), (100, 0), (100, 100), (0, 100))
"""The square with its south-east corner given twice."""
EMPTY = shapely.Polygon()
NONE = None
with np.errstate(invalid="ignore"):
    NAN = shapely.Polygon([(X, Y), (X + 100, Y), (float("nan"), float("nan")), (X, Y + 100)])
"""A vertex that is not a number."""
Z_SQUARE = polygon((0, 0, 5), (100, 0, 5), (100, 100, 7), (0, 100, 7))
"""The square with heights: 5 m in the south, 7 m in the north."""
M_SQUARE = shapely.from_wkt(
    f"POLYGON M (({X} {Y} 1, {X + 100} {Y} 2, {X + 100} {Y + 100} 3, {X} {Y + 100} 4, {X} {Y} 1))"
)
"""The square with measures."""
LINE = shapely.LineString([(X, Y), (X + 100, Y)])
"""100 m."""
POINT = shapely.Point(X + 50, Y + 50)


def specimens() -> dict[str, object]:
    """All specimens by name."""
    return {
        name.lower(): value for name, value in globals().items() if name.isupper() and name not in ("CRS", "X", "Y")
    }
