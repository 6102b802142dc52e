"""Random polygons of nine families, far from the origin and to 0.1 mm, as surveys give them."""

from __future__ import annotations

import numpy as np
import shapely
from zoo import array

FAR = np.array([40_500_000.0, 3_400_000.0])


def rounded(shapes) -> np.ndarray:
    """Valid polygons far from the origin, to 0.1 mm as surveys give them."""
    return shapely.make_valid(shapely.transform(array(*shapes), lambda xy: np.round(xy + FAR, 4)), method="structure")


def star(rng, points: int = 14, radius: float = 60.0, spread: float = 60.0):
    angle = np.sort(rng.uniform(0, 2 * np.pi, points))
    reach = radius * rng.uniform(0.2, 1, points)
    middle = rng.uniform(-spread, spread, 2)
    return shapely.buffer(shapely.Polygon(np.stack([reach * np.cos(angle), reach * np.sin(angle)], 1) + middle), 0)


def turned(rng, shape):
    """By a quarter, by nothing, or by any angle, and somewhere."""
    angle = rng.choice([0.0, 90.0, rng.uniform(0, 360)])
    moved = shapely.affinity.rotate(shape, angle, origin=(0, 0))
    return shapely.affinity.translate(moved, *rng.uniform(-40, 40, 2))


def convex(rng):
    return shapely.MultiPoint(rng.uniform(-60, 60, (9, 2)) + rng.uniform(-40, 40, 2)).convex_hull


def comb(rng):
    teeth = [shapely.box(8 * k, 0, 8 * k + rng.uniform(1, 7), rng.uniform(10, 80)) for k in range(9)]
    return turned(rng, shapely.union_all([shapely.box(0, -5, 72, 2), *teeth]))


def with_holes(rng):
    return shapely.difference(star(rng, 20, 90), shapely.union_all([star(rng, 8, 20) for _ in range(4)]))


def multipart(rng):
    return shapely.union_all([star(rng, 9, 25, 90) for _ in range(6)])


def sharing_edges(rng):
    """A block of cells of one jittered grid: two blocks share edges, or parts of edges, or whole cells."""
    at = np.stack(np.meshgrid(np.arange(6.0), np.arange(6.0), indexing="ij"), -1) * 25
    at += np.random.default_rng(0).uniform(-8, 8, at.shape)
    (i, k), wide, high = rng.integers(0, 4, 2), *rng.integers(1, 3, 2)
    ring = np.concatenate(
        [at[i : i + wide, k], at[i + wide, k : k + high], at[i + wide : i : -1, k + high], at[i, k + high : k : -1]]
    )
    return shapely.Polygon(ring)


def touching(rng):
    """A fan about the origin: two of them share the corner, perhaps an edge or a part."""
    first, count = rng.integers(0, 12), rng.integers(1, 5)
    angle = np.radians(30 * np.arange(first, first + count + 1))
    reach = rng.choice([40, 60, 80], count + 1)
    return shapely.Polygon([(0, 0), *np.round(reach[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), 4)])


def nested(rng):
    return shapely.affinity.scale(star(np.random.default_rng(1), 30, 80, 0), *[rng.uniform(0.05, 1)] * 2, origin=(0, 0))


def nearly_degenerate(rng):
    return turned(rng, shapely.box(-100, 0, 100, 10 ** rng.uniform(-3.5, 0)))


FAMILIES = [convex, star, comb, with_holes, multipart, sharing_edges, touching, nested, nearly_degenerate]


def drawn(family, seed: int, count: int):
    rng = np.random.default_rng([seed, FAMILIES.index(family)])
    return rounded([family(rng) for _ in range(count)]), rounded([family(rng) for _ in range(count)])


def near(shapes):
    """The same polygons about the origin, without any rounding: GEOS rounds its intersections to 1e-8 m out there."""
    return shapely.transform(shapes, lambda xy: xy - FAR)
