"""What lies outside a mask is told by its outline alone; held to plain shapely on coverages, cut coarse and fine."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
import zoo
from shapely import box

from gis.geometry import _outline, overlay

CLOSE_M2 = 1e-4


def coverage(rng):
    """A square cut into cells, and the same square in up to five large parts made of these cells."""
    square = box(0, 0, 1_000, 1_000)
    sites = shapely.multipoints(rng.uniform(0, 1_000, (int(rng.integers(20, 80)), 2)))
    cells = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=square)), square)
    edges = shapely.union_all(shapely.boundary(shapely.set_precision(cells, 1e-4)), grid_size=1e-4)
    cells = shapely.get_parts(shapely.polygonize([edges]))
    cells = shapely.transform(cells, lambda xy: np.round(xy + np.array([zoo.X, zoo.Y]), 4))
    part = rng.integers(0, 5, len(cells))
    return cells, np.array([shapely.coverage_union_all(cells[part == each]) for each in np.unique(part)])


def damaged(cells, rng):
    """Some cells gone, some moved, some given twice."""
    gone, moved, twice = rng.permutation(len(cells))[:9].reshape(3, 3)
    out = cells.copy()
    out[moved] = shapely.transform(out[moved], lambda xy: xy + np.array([3.0, 1.0]))
    return np.append(np.delete(out, gone), out[twice])


def assert_as_plain_shapely(layer, mask):
    index, left = overlay.outside(layer, mask)
    expected = shapely.difference(layer, shapely.union_all(mask))
    assert shapely.is_valid(left).all()
    assert shapely.area(shapely.symmetric_difference(left, expected[index])).max(initial=0) < CLOSE_M2
    assert shapely.area(np.delete(expected, index)).max(initial=0) < CLOSE_M2


@pytest.mark.parametrize("seed", [0, 1, 2, pytest.param(range(3, 120), marks=pytest.mark.long)])
def test_what_is_outside_is_the_difference_from_the_union_either_way_round(seed):
    for each in np.atleast_1d(seed):
        rng = np.random.default_rng(each)
        cells, parts = coverage(rng)
        broken = damaged(cells, rng)
        for layer, mask in ((cells, parts[:2]), (parts, broken), (broken, parts[:2]), (parts, cells[::2])):
            assert_as_plain_shapely(layer, mask)


def test_a_part_of_a_feature_that_the_mask_lacks_is_left_though_no_edge_enters_it():
    east, west = box(0, 0, 1, 1), box(5, 0, 6, 1)
    index, left = overlay.outside([shapely.multipolygons([east, west])], [east])
    assert index.tolist() == [0]
    assert left[0].equals(west)


def test_an_edge_that_a_feature_has_itself_does_not_enter_it():
    inside, beside = box(0, 0, 1, 1), box(1, 0, 2, 1)
    feature, _, met = _outline.entries(np.array([inside, beside]), np.array([inside]))
    assert not len(feature)
    assert met.tolist() == [0, 1]


def test_an_edge_through_a_feature_enters_it():
    feature, edge, _ = _outline.entries(np.array([box(0, 0, 4, 1)]), np.array([box(-1, -1, 2, 2)]))
    assert feature.tolist() == [0]
    assert edge[0].equals(shapely.LineString([(2, -1), (2, 2)]))


def test_features_that_overlap_each_other_are_told_apart():
    """The long one reaches beyond the mask, where the short one shares the edge of the mask."""
    index, left = overlay.outside([box(0, 0, 10, 1), box(2, 0, 5, 1)], [box(0, 0, 5, 1)])
    assert index.tolist() == [0]
    assert left[0].equals(box(5, 0, 10, 1))
