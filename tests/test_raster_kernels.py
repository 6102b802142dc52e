"""Raster kernels against arithmetic by hand, loops written here, scipy, shapely and exactextract."""

from __future__ import annotations

import math
import subprocess
import sys
from itertools import pairwise, product

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rasterio.warp import calculate_default_transform, reproject
from scipy import ndimage

from gis.errors import AnalysisError, CrsError
from gis.geometry.raster_criteria import limiting, overlaid, reclassified, recoded
from gis.geometry.raster_patches import distance, patch_filter
from gis.geometry.raster_terrain import aspect, slope
from gis.geometry.raster_zonal import merged, zonal_centre, zonal_exact
from gis.grid import Grid

COMPILED = settings(deadline=None)  # the first example waits for the compiler
PLACE = (10, 0, 500_000, 0, -10, 3_400_000), "EPSG:4549"
HEIGHTS = arrays.arrays(np.float32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.sampled_from([0, 1, 3, 40, 500, np.nan]))  # fmt: skip
TRUTH = arrays.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))
CLASSES = arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.integers(0, 2))


def plane(east, north, *, cell=(10.0, 10.0), kind=np.float64):
    """Heights of a plane that rises by so many metres per metre; (5, 6) cells."""
    y, x = np.mgrid[0:5, 0:6]
    heights = (x * cell[0] * east - y * cell[1] * north).astype(kind)
    return Grid.of(heights, (cell[0], 0, 500_000, 0, -cell[1], 3_400_000), "EPSG:4549")


def horn(z, i, j, cell=(10.0, 10.0)):
    """Rise to the east and to the north of one cell, from Horn's table of weights; NaN near what is missing."""
    if not (0 < i < len(z) - 1 and 0 < j < z.shape[1] - 1) or np.isnan(z[i - 1 : i + 2, j - 1 : j + 2]).any():
        return math.nan, math.nan
    near = [(di, dj, float(z[i + di, j + dj])) for di, dj in product((-1, 0, 1), repeat=2)]
    east = sum(dj * (2 if di == 0 else 1) * h for di, dj, h in near) / (8 * cell[0])
    north = sum(-di * (2 if dj == 0 else 1) * h for di, dj, h in near) / (8 * cell[1])
    return east, north


def bytes_of(grid):
    return grid.values.tobytes() + grid.mask.tobytes()


# Terrain


@pytest.mark.parametrize(
    ("east", "north"), [(0.0, 0.0), (1.0, 0.0), (0.0, -0.5), (0.3, 0.4), (-2.0, 1.0), (1e-4, 1e-4)]
)
def test_the_slope_of_a_plane_is_the_angle_of_the_plane(east, north):
    inner = slope(plane(east, north)).values[1:-1, 1:-1]
    assert inner == pytest.approx(
        np.full((3, 4), math.degrees(math.atan(math.hypot(east, north)))), rel=1e-10, abs=1e-12
    )


def test_a_plane_of_whole_metres_is_exact_in_32_bits():
    found = slope(plane(1.0, 0.0, kind=np.int16))
    assert found.values.dtype == np.float32
    assert (found.values[1:-1, 1:-1] == 45).all()


def test_cells_that_are_no_squares_count_with_both_sides():
    found = slope(plane(0.3, 0.4, cell=(10.0, 25.0))).values[1:-1, 1:-1]
    assert found == pytest.approx(np.full((3, 4), math.degrees(math.atan(0.5))), rel=1e-10)


@pytest.mark.parametrize(("east", "north", "degrees"), [(0, -1, 0), (-1, -1, 45), (-1, 0, 90), (0, 1, 180), (1, 0, 270), (1, -1, 315)])  # fmt: skip
def test_aspect_is_where_the_plane_falls_to_clockwise_from_north(east, north, degrees):
    assert aspect(plane(east, north)).values[2, 2] == pytest.approx(degrees, abs=1e-9)


def test_flat_ground_has_a_slope_of_zero_and_no_aspect():
    flat = plane(0.0, 0.0)
    assert slope(flat).values[2, 2] == 0
    assert aspect(flat).valid_share == 0


def test_the_rim_is_masked_and_the_share_says_so():
    found = slope(plane(1.0, 0.0))
    assert found.valid_share == (3 * 4) / (5 * 6)
    assert not found.mask[[0, -1]].any()
    assert not found.mask[:, [0, -1]].any()


def test_a_masked_cell_masks_itself_and_its_eight_neighbours():
    heights = np.zeros((7, 7))
    heights[3, 3] = -9
    found = slope(Grid.of(heights, *PLACE, nodata=-9))
    expected = np.zeros((7, 7), bool)
    expected[1:-1, 1:-1] = True
    expected[2:5, 2:5] = False
    assert (found.mask == expected).all()
    assert np.isnan(found.values[~expected]).all()


@COMPILED
@given(HEIGHTS, st.integers(1, 9))
def test_slope_and_aspect_equal_a_double_loop_whatever_the_stripes(heights, rows):
    grid = Grid.of(heights, *PLACE)
    rise = np.array([[horn(heights, i, j) for j in range(heights.shape[1])] for i in range(len(heights))])
    east, north = rise[..., 0], rise[..., 1]
    steep, falls = slope(grid, rows=rows), aspect(grid, rows=rows)
    assert (steep.mask == ~np.isnan(east)).all()
    np.testing.assert_allclose(steep.values, np.degrees(np.arctan(np.hypot(east, north))), rtol=0, atol=5e-5)
    downhill = np.degrees(np.arctan2(-east, -north)) % 360
    turn = np.abs(falls.values - np.where((east == 0) & (north == 0), np.nan, downhill))
    assert (np.isnan(turn) == ~falls.mask).all()
    assert (np.minimum(turn, 360 - turn)[falls.mask] <= 5e-4).all()


@COMPILED
@given(HEIGHTS, st.integers(1, 9))
def test_stripes_of_any_height_give_the_same_bytes(heights, rows):
    grid = Grid.of(heights, *PLACE)
    table = [0.5, 40], [3, 2, np.nan]
    for kernel in (
        slope,
        aspect,
        lambda g, **k: reclassified(g, *table, **k),
        lambda g, **k: overlaid([g, g], [1, 3], **k),
        lambda g, **k: limiting([g, g], **k),
    ):
        assert bytes_of(kernel(grid, rows=rows)) == bytes_of(kernel(grid))


@COMPILED
@given(HEIGHTS)
def test_no_kernel_makes_a_masked_cell_valid(heights):
    grid = Grid.of(heights, *PLACE)
    for made in (slope(grid), aspect(grid), reclassified(grid, [1], [1, 2]), overlaid([grid], [1]), limiting([grid])):
        assert not (made.mask & ~grid.mask).any()


def test_slope_of_degrees_is_refused():
    with pytest.raises(CrsError, match="Reproject"):
        slope(Grid.of(np.zeros((3, 3)), (0.001, 0, 119, 0, -0.001, 31), "EPSG:4490"))


@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")  # rasterio with the newest affine
@pytest.mark.parametrize(("name", "crs"), [("srtm_oetztal.tif", "EPSG:32632"), ("baltoro_srtm_clip.tif", "EPSG:32643")])
def test_real_mountains_have_the_slopes_of_a_double_loop(shared_data, name, crs):
    with rasterio.open(shared_data / "srtm" / name) as data:
        where, width, height = calculate_default_transform(data.crs, crs, data.width, data.height, *data.bounds)
        metres = np.full((height, width), -32768, np.int16)
        reproject(rasterio.band(data, 1), metres, dst_transform=where, dst_crs=crs, dst_nodata=-32768)
    grid = Grid.of(metres, where, crs, nodata=-32768)
    part = grid.window(slice(200, 230), slice(200, 240))
    found, heights = slope(part), np.where(part.mask, part.values.astype(float), np.nan)
    expected = [
        [math.degrees(math.atan(math.hypot(*horn(heights, i, j, part.cell)))) for j in range(40)] for i in range(30)
    ]
    np.testing.assert_allclose(found.values, expected, rtol=0, atol=5e-5)
    assert found.mask.sum() == 28 * 38
    assert 0 < slope(grid).valid_share < grid.valid_share < 1


@pytest.mark.long
def test_slope_equals_xarray_spatial():
    import xarray
    import xrspatial

    heights = np.random.default_rng(1).normal(3000, 40, (300, 400)).astype(np.float32)
    theirs = xrspatial.slope(xarray.DataArray(heights, dims=("y", "x"), attrs={"res": (10.0, 10.0)})).values
    np.testing.assert_allclose(slope(Grid.of(heights, *PLACE)).values, theirs, rtol=0, atol=5e-5)


# Criteria


@pytest.mark.parametrize(("closed", "classes"), [("upper", [1, 1, 2, 2, 3]), ("lower", [1, 2, 2, 3, 3])])
def test_a_cell_on_a_break_goes_where_it_is_told(closed, classes):
    grid = Grid.of([[2.0, 3.0, 5.0, 8.0, 9.0]], *PLACE)
    assert reclassified(grid, [3, 8], [1, 2, 3], closed=closed).values.tolist() == [classes]


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int64, np.float32, np.float64])
def test_classes_equal_those_of_numpy_for_every_type(kind):
    numbers = np.random.default_rng(2).integers(0, 120, (30, 40)).astype(kind)
    breaks, values = [-1, 7.5, 20, 300], np.array([9, 7, 5, 3, 1])
    found = reclassified(Grid.of(numbers, *PLACE), breaks, values.tolist())
    assert (found.values == values[np.digitize(numbers, breaks, right=True)]).all()
    assert found.values.dtype == np.uint8


def test_masked_cells_have_no_class_and_a_class_may_be_missing():
    found = reclassified(Grid.of([[1.0, 5.0, np.nan]], *PLACE), [3], [2, np.nan])
    assert found.mask.tolist() == [[True, False, False]]
    np.testing.assert_array_equal(found.values, [[2, np.nan, np.nan]])


def test_negative_and_broken_grades_keep_their_numbers():
    grid = Grid.of([[1.0, 5.0]], *PLACE)
    assert reclassified(grid, [3], [-2, 200]).values.tolist() == [[-2, 200]]
    assert reclassified(grid, [3], [0.5, 1]).values.tolist() == [[0.5, 1]]


@pytest.mark.parametrize(("breaks", "values"), [([3, 3], [1, 2, 3]), ([8, 3], [1, 2, 3]), ([3], [1]), ([], [1]), ([np.nan], [1, 2])])  # fmt: skip
def test_a_table_that_does_not_fit_is_refused(breaks, values):
    with pytest.raises(AnalysisError, match="one value more than breaks"):
        reclassified(Grid.of([[1.0]], *PLACE), breaks, values)


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int16, np.int64])
def test_codes_get_what_the_table_says_and_others_are_missing(kind):
    codes = np.random.default_rng(3).integers(0, 6, (30, 40)).astype(kind)
    table = {5: 1.5, 0: 2.0, 3: np.nan, 1: -4.0, 99: 7.0}
    found = recoded(Grid.of(codes, *PLACE, nodata=None if kind is bool else 5), table, rows=7)
    expected = np.vectorize(lambda code: np.nan if code == 5 else table.get(code, np.nan))(codes.astype(int))
    np.testing.assert_array_equal(found.values, expected)
    assert (found.mask == np.isfinite(expected)).all()


def test_whole_values_of_codes_stay_whole():
    assert recoded(Grid.of([[10, 20]], *PLACE), {10: 1, 20: -3}).values.tolist() == [[1, -3]]


@pytest.mark.parametrize(("cells", "table"), [([[1.0]], {1: 2}), ([[1]], {})])
def test_measured_numbers_or_an_empty_table_are_not_recoded(cells, table):
    with pytest.raises(AnalysisError, match="use breaks"):
        recoded(Grid.of(cells, *PLACE), table)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (2, 2), (3, 3)])
@pytest.mark.parametrize("kind", [np.float32, np.int16])
def test_a_grid_without_a_valid_cell_gives_none_whatever_its_shape(shape, kind):
    grid = Grid.of(np.full(shape, -9, kind), *PLACE, nodata=-9)
    zone = [shapely.box(*grid.bounds)]
    for made in (slope(grid), aspect(grid), reclassified(grid, [1], [1, 2]), overlaid([grid], [1]), limiting([grid])):
        assert (made.shape, made.valid_share) == (shape, 0)
    assert not patch_filter(np.ones(shape, bool), 1, mask=grid.mask).any()
    for kernel in (zonal_centre, zonal_exact):
        found = kernel(grid, zone)
        assert (found.count[0], found.valid_share[0]) == (0, 0)
        assert np.isnan(found.mean[0])


def test_a_cell_that_is_no_number_has_no_class_though_its_mask_says_valid():
    grid = Grid(np.array([[np.nan, 5.0]]), np.ones((1, 2), bool), *PLACE)
    for made in (reclassified(grid, [1], [1, 2]), overlaid([grid], [1]), limiting([grid, grid])):
        assert made.mask.tolist() == [[False, True]]


def test_a_missing_value_that_nobody_declared_is_a_cliff_and_no_warning():
    heights = np.zeros((3, 4), np.float32)
    heights[0, 0] = -3.4e38
    assert slope(Grid.of(heights, *PLACE)).values[1, 1:3].tolist() == [90, 0]


@pytest.mark.parametrize("breaks", [[1e300], [-1e300], [math.inf]])
def test_a_break_beyond_all_cells_parts_nothing(breaks):
    found = reclassified(Grid.of(np.array([[1, 2]], np.float32), *PLACE), breaks, [1, 2])
    assert found.values.tolist() == ([[1, 1]] if breaks[0] > 0 else [[2, 2]])


def test_the_weighted_mean_is_by_hand_and_lacks_what_one_factor_lacks():
    factors = [Grid.of([[5, 4, 0]], *PLACE, nodata=0), Grid.of([[1.0, np.nan, 3.0]], *PLACE)]
    found = overlaid(factors, [3, 1])
    np.testing.assert_array_equal(found.values, [[(3 * 5 + 1 * 1) / 4, np.nan, np.nan]])
    assert found.valid_share == 1 / 3


def test_the_worst_factor_limits():
    factors = [
        Grid.of(np.array([[5, 4, 0]], np.uint8), *PLACE, nodata=0),
        Grid.of(np.array([[1, 5, 3]], np.uint8), *PLACE),
    ]
    assert limiting(factors).values[0, :2].tolist() == [1, 4]
    assert limiting(factors, worst="highest").values[0, :2].tolist() == [5, 5]
    assert limiting(factors).mask.tolist() == [[True, True, False]]


@pytest.mark.parametrize("weights", [[1], [1, 0], [1, -1], [1, np.nan]])
def test_weights_that_do_not_fit_are_refused(weights):
    grid = Grid.of([[1.0]], *PLACE)
    with pytest.raises(AnalysisError, match="one weight above 0"):
        overlaid([grid, grid], weights)


@pytest.mark.parametrize("overlay", [limiting, lambda grids: overlaid(grids, [1] * len(grids))])
def test_grids_of_other_cells_are_not_laid_over_each_other(overlay):
    with pytest.raises(AnalysisError, match="Resample both"):
        overlay([Grid.of([[1.0]], *PLACE), Grid.of([[1.0, 2.0]], *PLACE)])
    with pytest.raises(AnalysisError, match="at least one"):
        overlay([])


# Distance


@pytest.mark.parametrize("cell", [1.0, 30.0, (10.0, 25.0)])
@COMPILED
@given(targets=TRUTH)
def test_distance_equals_scipy_and_is_missing_without_targets(targets, cell):
    found = distance(targets, cell)
    if not targets.any():
        assert np.isnan(found).all()
        return
    sides = cell[::-1] if isinstance(cell, tuple) else cell
    np.testing.assert_allclose(found, ndimage.distance_transform_edt(~targets, sampling=sides), rtol=1e-6)


def test_distance_of_a_large_sparse_grid_equals_scipy():
    targets = np.random.default_rng(3).random((700, 900)) > 0.9995
    exact = ndimage.distance_transform_edt(~targets)
    assert (distance(targets) == exact.astype(np.float32)).all()


@COMPILED
@given(TRUTH)
def test_neighbouring_cells_differ_by_at_most_their_own_distance(targets):
    found = distance(targets, 10.0)
    for axis in (0, 1):
        step = np.abs(np.diff(found, axis=axis))
        assert (np.isnan(step) | (step <= 10 + 1e-4)).all()


@COMPILED
@given(TRUTH)
def test_more_targets_are_never_farther(targets):
    more = targets.copy()
    more[0, 0] = True
    assert (np.isnan(distance(targets)) | (distance(more) <= distance(targets))).all()


@pytest.mark.parametrize("cell", [0, -1.0, np.nan, (10.0, 0.0)])
def test_a_cell_without_size_is_refused(cell):
    with pytest.raises(AnalysisError, match="not above 0"):
        distance(np.ones((2, 2), bool), cell)


def test_distance_from_numbers_is_refused():
    with pytest.raises(AnalysisError, match="truth values"):
        distance(np.ones((2, 2)))


# Patches


def labelled(classes, least, connectivity, valid):
    """What scipy keeps, class by class."""
    keep = np.zeros(classes.shape, bool)
    for value in np.unique(classes):
        labels, _ = ndimage.label((classes == value) & valid, np.ones((3, 3)) if connectivity == 8 else None)
        keep |= (np.bincount(labels.ravel()) >= least)[labels] & (labels > 0)
    return keep


@pytest.mark.parametrize("connectivity", [4, 8])
@COMPILED
@given(classes=CLASSES, least=st.integers(1, 9), rows=st.integers(1, 13), seed=st.integers(0, 99))
def test_patches_equal_those_of_scipy_whatever_the_stripes(classes, least, rows, seed, connectivity):
    valid = np.random.default_rng(seed).random(classes.shape) > 0.2
    found = patch_filter(classes, least, connectivity, mask=valid, rows=rows)
    assert (found == labelled(classes, least, connectivity, valid)).all()


@pytest.mark.parametrize("connectivity", [4, 8])
def test_large_patches_of_truth_values_equal_those_of_scipy(connectivity):
    forest = np.random.default_rng(4).random((600, 700)) > 0.42
    found = patch_filter(forest, 40, connectivity, rows=64)
    assert (found == labelled(forest.astype(np.uint8), 40, connectivity, forest)).all()


@pytest.mark.parametrize("connectivity", [4, 8])
@COMPILED
@given(forest=TRUTH, least=st.integers(1, 9))
def test_filtering_twice_is_filtering_once(forest, least, connectivity):
    once = patch_filter(forest, least, connectivity)
    assert (patch_filter(once, least, connectivity) == once).all()


def test_a_spiral_is_one_patch_over_all_stripes():
    spiral = np.array([[1, 1, 1, 1, 1], [0, 0, 0, 0, 1], [1, 1, 1, 0, 1], [1, 0, 0, 0, 1], [1, 1, 1, 1, 1]], bool)
    assert (patch_filter(spiral, int(spiral.sum()), rows=1) == spiral).all()
    assert not patch_filter(spiral, int(spiral.sum()) + 1, rows=1).any()


@pytest.mark.parametrize(("least", "connectivity", "mask"), [(0, 4, None), (1, 6, None), (1, 4, np.ones((1, 1), bool))])
def test_arguments_that_do_not_fit_a_patch_filter_are_refused(least, connectivity, mask):
    with pytest.raises(AnalysisError, match="connectivity 4 or 8"):
        patch_filter(np.ones((2, 2), bool), least, connectivity, mask=mask)


# Zones


def zones_of(seed, count=12):
    """Stars, some with a hole, over a grid of 40 × 50 cells of 10 m and beyond its rim."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        turn, reach = np.sort(random.random(9)) * 2 * np.pi, 20 + random.random(9) * 120
        centre = np.array([500_000, 3_399_600]) + random.random(2) * (500, 400)
        star = shapely.Polygon(centre + np.column_stack([np.cos(turn), np.sin(turn)]) * reach[:, None])
        hole = shapely.Point(centre).buffer(random.random() * 40)
        made.append(shapely.difference(shapely.make_valid(star), hole))
    return np.array(made, dtype=object)


def field(seed):
    """40 × 50 numbers, a tenth of them missing."""
    random = np.random.default_rng(seed)
    return Grid.of(np.where(random.random((40, 50)) < 0.1, np.nan, random.normal(100, 30, (40, 50))), *PLACE)


def centres(shape):
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    return 500_000 + (x + 0.5) * 10, 3_400_000 - (y + 0.5) * 10


@settings(COMPILED, max_examples=30)
@given(st.integers(0, 10**6))
def test_centre_statistics_equal_asking_shapely_for_every_centre(seed):
    grid, zones = field(seed), zones_of(seed)
    found = zonal_centre(grid, zones)
    for number, zone in enumerate(zones):
        inside = grid.values[shapely.contains_xy(zone, *centres(grid.shape)) & grid.mask]
        assert found.count[number] == len(inside)
        if len(inside):
            assert found.mean[number] == pytest.approx(inside.mean(), rel=1e-12)
            assert (found.minimum[number], found.maximum[number]) == (inside.min(), inside.max())


def test_of_zones_that_tile_each_centre_counts_once_even_on_the_edges():
    corners = [500_000 + 5 + 10 * n for n in (-1, 7, 20, 51)]  # edges run through centres
    levels = [3_399_600 - 5 + 10 * n for n in (0, 11, 25, 42)]
    tiles = [shapely.box(w, s, e, n) for w, e in pairwise(corners) for s, n in pairwise(levels)]  # fmt: skip
    halves = [half for tile in tiles for half in shapely.get_parts(shapely.delaunay_triangles(tile))]
    grid = field(0)
    for zones in (tiles, halves):
        found = zonal_centre(grid, zones)
        assert found.count.sum() == grid.mask.sum()
        assert np.nansum(found.total) == pytest.approx(np.nansum(grid.values), rel=1e-12)


def test_overlapping_zones_each_have_their_full_sum():
    grid = Grid.of(np.ones((4, 4)), *PLACE)
    whole = shapely.box(500_000, 3_399_960, 500_040, 3_400_000)
    assert zonal_centre(grid, [whole, whole]).total.tolist() == [16, 16]


def test_a_zone_half_beyond_the_grid_is_half_valid():
    zone = shapely.box(499_960, 3_399_960, 500_040, 3_400_000)
    for kernel in (zonal_centre, zonal_exact):
        found = kernel(Grid.of(np.ones((4, 4)), *PLACE), [zone])
        assert (found.cells[0], found.count[0], found.valid_share[0]) == (32, 16, 0.5)


@pytest.mark.parametrize("kernel", [zonal_centre, zonal_exact])
def test_what_is_no_zone_has_no_cells_and_no_numbers(kernel):
    away = shapely.box(0, 0, 10, 10)
    nothing = [None, shapely.Polygon(), shapely.Point(500_005, 3_399_995), away]
    found = kernel(Grid.of(np.ones((4, 4)), *PLACE), nothing)
    assert not found.count.any()
    assert np.isnan([found.total, found.mean, found.minimum, found.maximum]).all()
    assert np.isnan(found.valid_share[:3]).all()
    assert found.valid_share[3] == 0


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_zone_with_a_coordinate_that_is_no_number_has_no_cells_and_spares_the_others():
    corners = np.array([(500_000, 3_400_000), (500_040, 3_400_000), (500_040, np.nan), (500_000, 3_400_000)])
    whole = shapely.box(500_000, 3_399_960, 500_040, 3_400_000)
    assert zonal_centre(Grid.of(np.ones((4, 4)), *PLACE), [shapely.Polygon(corners), whole]).count.tolist() == [0, 16]


@pytest.mark.parametrize("reach", [1e6, 1e7, 1e12, 1e17, 1e200])
def test_a_zone_however_large_costs_no_more_than_the_grid_and_keeps_its_share(reach):
    around = shapely.box(500_000 - reach, 3_400_000 - reach, 500_000 + reach, 3_400_000 + reach)
    small = shapely.box(500_000, 3_399_970, 500_030, 3_400_000)
    found = zonal_centre(Grid.of(np.ones((4, 4)), *PLACE), [around, small])
    assert found.count.tolist() == [16, 9]
    assert found.cells[0] == pytest.approx(4 * (reach / 10) ** 2 if reach < 1e150 else math.inf, rel=1e-4)
    assert found.cells[1] == 9


def test_a_zone_without_valid_cells_has_no_sum_of_zero():
    grid = Grid.of(np.full((2, 2), np.nan), *PLACE)
    found = zonal_centre(grid, [shapely.box(500_000, 3_399_980, 500_020, 3_400_000)])
    assert np.isnan(found.total[0])
    assert (found.cells[0], found.valid_share[0]) == (4, 0)


@settings(COMPILED, max_examples=20)
@given(st.integers(0, 10**6), st.integers(1, 40))
def test_windows_merged_give_the_statistics_of_the_whole(seed, rows):
    grid, zones = field(seed), zones_of(seed)
    parts = [zonal_centre(grid.window(slice(r, r + rows)), zones) for r in range(0, 40, rows)]
    whole, found = zonal_centre(grid, zones), merged(parts)
    for name in ("cells", "count", "valid_share"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name))
    for name in ("total", "minimum", "maximum", "mean"):
        np.testing.assert_allclose(getattr(found, name), getattr(whole, name), rtol=1e-12)


def test_windows_of_other_zones_are_not_merged():
    one, two = (zonal_centre(field(0), zones_of(0, count)) for count in (1, 2))
    for parts in ([], [one, two]):
        with pytest.raises(AnalysisError, match="same zones"):
            merged(parts)


@settings(COMPILED, max_examples=10)
@given(st.integers(0, 10**6))
def test_exact_fractions_equal_cutting_every_cell_with_shapely(seed):
    grid, zones = field(seed), zones_of(seed, 4)
    x, y = (each[grid.mask] for each in centres(grid.shape))
    cells, numbers = shapely.box(x - 5, y - 5, x + 5, y + 5), grid.values[grid.mask]
    found = zonal_exact(grid, zones)
    for number, zone in enumerate(zones):
        share = shapely.area(shapely.intersection(cells, zone)) / 100
        assert found.count[number] == pytest.approx(share.sum(), abs=1e-5)
        assert found.total[number] == pytest.approx((share * numbers).sum(), rel=1e-6, abs=1e-3)
        assert found.cells[number] == pytest.approx(zone.area / 100)


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.float32])
def test_masked_cells_count_in_no_zone_wherever_the_grid_lies(kind):
    cell, west, north = 75.56234972745297, 623287.2315662671, 5210235.1111
    random = np.random.default_rng(8)
    numbers = random.integers(1, 120, (40, 50)).astype(kind)
    valid = random.random((40, 50)) < 0.7
    grid = Grid(numbers, valid, (cell, 0, west, 0, -cell, north), PLACE[1])
    x, y = west + (np.arange(50) + 0.5) * cell, north - (np.arange(40) + 0.5) * cell
    corners = random.random((30, 3, 2)) * (50 * cell, -40 * cell) + (west, north)
    zones = shapely.polygons(corners)
    found = zonal_exact(grid, zones)
    here = np.array([shapely.box(e - cell / 2, n - cell / 2, e + cell / 2, n + cell / 2) for n in y for e in x])
    for number, zone in enumerate(zones):
        share = shapely.area(shapely.intersection(here, zone)) / cell**2 * valid.ravel()
        assert found.count[number] == pytest.approx(share.sum(), abs=1e-4)
        assert found.total[number] == pytest.approx((share * numbers.ravel()).sum(), rel=1e-5)


def test_exact_and_centre_statistics_agree_where_zones_follow_the_cells():
    grid, zones = field(5), [shapely.box(500_000 + 70 * n, 3_399_700, 500_070 + 70 * n, 3_399_900) for n in range(7)]
    centre, exact = zonal_centre(grid, zones), zonal_exact(grid, zones)
    for name in ("cells", "count", "total", "minimum", "maximum", "valid_share"):
        np.testing.assert_allclose(getattr(centre, name), getattr(exact, name), rtol=1e-9)


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int16, np.int64, np.float32])
def test_every_type_of_number_is_counted(kind):
    grid = Grid.of(np.eye(4).astype(kind), *PLACE)
    zone = [shapely.box(500_000, 3_399_960, 500_040, 3_400_000)]
    assert zonal_centre(grid, zone).total[0] == zonal_exact(grid, zone).total[0] == 4


def test_zones_in_another_crs_are_refused():
    zones = gpd.GeoSeries(zones_of(0), crs="EPSG:4548")
    with pytest.raises(AnalysisError, match="one CRS first") as error:
        zonal_centre(field(0), zones)
    assert "转换到同一坐标系" in error.value.text.zh
    assert zonal_centre(field(0), zones.set_crs("EPSG:4549", allow_override=True)).count.sum() > 0


def test_an_invalid_zone_is_refused_where_fractions_are_asked_for():
    bow_tie = shapely.Polygon([(500_000, 3_399_960), (500_040, 3_400_000), (500_040, 3_399_960), (500_000, 3_400_000)])
    with pytest.raises(AnalysisError, match="Zone 1 is an invalid polygon"):
        zonal_exact(field(0), [bow_tie])


# Manners


def test_importing_the_kernels_imports_neither_numba_nor_exactextract():
    names = "raster_terrain, raster_criteria, raster_patches, raster_zonal"
    code = f"import sys; from gis.geometry import {names}; print([m for m in ('numba', 'exactextract') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


@pytest.mark.parametrize("workers", ["1", "3"])
def test_threads_do_not_change_a_byte(workers, monkeypatch):
    grid, zones = field(6), zones_of(6, 200)
    forest = np.nan_to_num(grid.values) > 100
    before = [bytes_of(slope(grid, rows=3)), patch_filter(forest, 5, rows=3).tobytes(), distance(forest).tobytes(), zonal_centre(grid, zones).total.tobytes()]  # fmt: skip
    monkeypatch.setenv("LANTU_THREADS", workers)
    assert before == [bytes_of(slope(grid, rows=3)), patch_filter(forest, 5, rows=3).tobytes(), distance(forest).tobytes(), zonal_centre(grid, zones).total.tobytes()]  # fmt: skip
