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
CLOCKWISE_SQUARE = shapely.reverse(box(0, 0, 100, 100))
"""The square with its ring the other way round."""
SQUARE_WITH_HOLE = polygon((0, 0), (100, 0), (100, 100), (0, 100), holes=([(40, 40), (60, 40), (60, 60), (40, 60)],))
"""9 600 m²: the square without 20 m × 20 m in its middle; shell and hole run the same way round."""
HOLE_FILLER = box(40, 40, 60, 60)
"""400 m²: fills that hole."""
EAST_NEIGHBOUR = box(100, 0, 200, 100)
"""10 000 m²: shares an edge with the square."""
CORNER_NEIGHBOUR = box(100, 100, 200, 200)
"""10 000 m²: touches the square in one point."""
MULTIPART = shapely.MultiPolygon([box(0, 0, 10, 10), box(20, 0, 40, 10)])
"""300 m²: parts of 100 and 200 m²."""
MULTIPART_WITH_HOLE = shapely.MultiPolygon([SQUARE_WITH_HOLE])
"""9 600 m²: the square with its hole as the only part."""
MULTIPART_WITH_EMPTY = shapely.MultiPolygon([box(0, 0, 10, 10), shapely.Polygon(), box(20, 0, 40, 10)])
"""300 m²: an empty part between the two."""
ISLAND_IN_HOLE = shapely.MultiPolygon([SQUARE_WITH_HOLE, box(45, 45, 55, 55)])
"""9 700 m²: a part lies in the hole of the other."""
CORNER_PARTS = shapely.MultiPolygon([box(0, 0, 100, 100), box(100, 100, 200, 200)])
"""20 000 m²: two parts that touch in one point."""
SPIKE = polygon((0, 0), (100, 0), (100, 50), (300, 50.5), (100, 51), (100, 100), (0, 100))
"""10 100 m²: the square with a spike 200 m long and 1 m wide at its root, pointing east."""
DOUBLED_VERTEX = polygon((0, 0), (100, 0), (100, 0), (100, 100), (0, 100))
"""The square with its south-east corner given twice."""
SLIVER = box(0, 0, 1000, 0.01)
"""10 m²: 1 km long, 1 cm wide."""
SPECK = box(0, 0, 0.001, 0.001)
"""1 mm²."""
HAIR = polygon((0, 0), (100, 1e-9), (50, 0.00001))
"""0.0005 m²: a triangle of 100 m and a hundredth of a mm, on coordinates that round to half a nanometre."""
COUNTRY = box(-300_000, -1_000_000, 300_000, 1_000_000)
"""1 200 000 km² in the plane."""
Z_SQUARE = polygon((0, 0, 5), (100, 0, 5), (100, 100, 7), (0, 100, 7))
"""The square with heights: 5 m in the south, 7 m in the north."""
Z_NAN_SQUARE = polygon((0, 0, 5), (100, 0, float("nan")), (100, 100, 7), (0, 100, 7))
"""The square with a height that is not a number; its place is."""
M_SQUARE = shapely.from_wkt(
    f"POLYGON M (({X} {Y} 1, {X + 100} {Y} 2, {X + 100} {Y + 100} 3, {X} {Y + 100} 4, {X} {Y} 1))"
)
"""The square with measures."""
ZM_SQUARE = shapely.from_wkt(
    f"POLYGON ZM (({X} {Y} 5 1, {X + 100} {Y} 5 2, {X + 100} {Y + 100} 7 3, {X} {Y + 100} 7 4, {X} {Y} 5 1))"
)
"""The square with heights and measures."""

BOW_TIE = polygon((0, 0), (100, 100), (100, 0), (0, 100))
"""Crosses itself at (50, 50); two wings of 2 500 m²."""
ZERO_AREA = polygon((0, 0), (100, 0), (50, 0))
"""A ring without inside."""
ONE_POINT = polygon((0, 0), (0, 0), (0, 0))
"""A ring that never leaves its first point."""
HOLE_IS_ALL = polygon((0, 0), (100, 0), (100, 100), (0, 100), holes=([(0, 0), (100, 0), (100, 100), (0, 100)],))
"""A hole as large as its shell."""
NESTED_HOLE = polygon(
    (0, 0),
    (100, 0),
    (100, 100),
    (0, 100),
    holes=([(10, 10), (60, 10), (60, 60), (10, 60)], [(20, 20), (30, 20), (30, 30), (20, 30)]),
)
"""A hole in a hole."""
HOLE_OUTSIDE = polygon((0, 0), (10, 0), (10, 10), (0, 10), holes=([(20, 20), (30, 20), (30, 30), (20, 30)],))
"""A hole beside its shell."""
NESTED_PARTS = shapely.MultiPolygon([box(0, 0, 100, 100), box(10, 10, 20, 20)])
"""A part on top of another."""
OVERLAPPING_PARTS = shapely.MultiPolygon([box(0, 0, 10, 10), box(5, 0, 15, 10)])
"""Parts that share 50 m²."""
RING_TOUCHES_ITSELF = polygon((0, 0), (50, 50), (100, 0), (100, 100), (50, 50), (0, 100))
"""Two wings that meet in a vertex of one ring."""
CUT_BY_HOLE = polygon((0, 0), (100, 0), (100, 100), (0, 100), holes=([(50, 0), (60, 50), (50, 100), (40, 50)],))
"""A hole that parts the inside."""
with np.errstate(invalid="ignore"):
    NAN = shapely.Polygon([(X, Y), (X + 100, Y), (float("nan"), float("nan")), (X, Y + 100)])
    NAN_MOSTLY = shapely.Polygon([(X, Y), *[(float("nan"), float("nan"))] * 3])
    INFINITE = shapely.Polygon([(X, Y), (X + 100, Y), (float("inf"), Y + 100), (X, Y + 100)])
    NAN_PART = shapely.MultiPolygon([box(0, 0, 10, 10), NAN])
    NAN_LINE = shapely.LineString([(X, Y), (float("nan"), Y), (X + 100, Y)])
    NAN_POINT = shapely.Point(X, float("nan"))
"""Coordinates that are not numbers, in one vertex, in all but the first, in one part; one that is not finite."""

NONE = None
EMPTY = shapely.Polygon()
EMPTY_MULTIPART = shapely.MultiPolygon()
EMPTY_LINE = shapely.LineString()
EMPTY_POINT = shapely.Point()
EMPTY_COLLECTION = shapely.GeometryCollection()

LINE = shapely.LineString([(X, Y), (X + 100, Y)])
"""100 m."""
LINES = shapely.MultiLineString([[(X, Y), (X + 100, Y)], [(X, Y + 50), (X + 100, Y + 50)]])
"""Twice 100 m."""
RING = shapely.LinearRing([(X, Y), (X + 100, Y), (X + 100, Y + 100)])
"""A closed line that is no polygon."""
LINE_WITHOUT_LENGTH = shapely.LineString([(X, Y), (X, Y)])
POINT = shapely.Point(X + 50, Y + 50)
POINTS = shapely.MultiPoint([(X + 50, Y + 50), (X + 150, Y + 50)])
COLLECTION = shapely.GeometryCollection([SQUARE, LINE, POINT])
"""A polygon of 10 000 m², a line and a point in one."""
COLLECTION_IN_COLLECTION = shapely.GeometryCollection([COLLECTION, MULTIPART])
"""The same with a multipolygon beside it; the polygons overlap."""


def specimens() -> dict[str, object]:
    """All specimens by name."""
    return {
        name.lower(): value for name, value in globals().items() if name.isupper() and name not in ("CRS", "X", "Y")
    }
