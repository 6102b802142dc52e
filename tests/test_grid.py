"""The value Grid: it knows its place and never loses its mask."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from gis.errors import AnalysisError, CrsError
from gis.grid import Grid, check_aligned, saturated_share

PLACE = (10, 0, 500_000, 0, -10, 3_400_000), "EPSG:4549"
NUMBERS = arrays.arrays(np.float32, (3, 4), elements=st.floats(width=32, allow_nan=True, allow_infinity=True))


def read(path):
    """The first band as arrays, as a reader at the edge gives it."""
    with rasterio.open(path) as data:
        return data.read(1), data.transform, data.crs, data.nodata


def test_nodata_nan_and_infinity_are_masked_and_nan():
    grid = Grid.of(np.array([[1.0, -9999.0], [np.nan, np.inf]]), *PLACE, nodata=-9999)
    assert grid.mask.tolist() == [[True, False], [False, False]]
    assert np.isnan(grid.values[~grid.mask]).all()
    assert grid.valid_share == 1 / 4


def test_the_nodata_of_a_float32_file_is_found_though_64_bits_write_it_otherwise():
    grid = Grid.of(np.array([[-3.4028234663852886e38, 1]], np.float32), *PLACE, nodata=-3.4028234663852886e38)
    assert grid.mask.tolist() == [[False, True]]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_nodata_beyond_the_range_of_the_cells_is_no_error(kind):
    grid = Grid.of(np.array([[1, 2]], kind), *PLACE, nodata=-1.7976931348623157e308)
    assert grid.mask.tolist() == [[True, True]]


@pytest.mark.parametrize(("kind", "kept"), [("e", "f4"), ("g", "f8"), (">f4", "f4"), (">i2", "i2"), (">u8", "u8")])
def test_numbers_that_machine_code_cannot_take_are_brought_to_ones_it_can(kind, kept):
    numbers = np.arange(9).reshape(3, 3).astype(kind)
    for grid in (Grid.of(numbers, *PLACE, nodata=8), Grid(numbers, np.ones((3, 3), bool), *PLACE)):
        assert (grid.values.dtype, grid.values.dtype.isnative) == (np.dtype(kept), True)
        assert (grid.values == numbers)[grid.mask].all()


def test_whole_numbers_keep_their_type():
    grid = Grid.of(np.array([[1, -32768]], np.int16), *PLACE, nodata=-32768.0)
    assert grid.values.dtype == np.int16
    assert grid.mask.tolist() == [[True, False]]


def test_the_mask_of_a_masked_array_stays():
    assert Grid.of(np.ma.masked_equal([[1, 2]], 2), *PLACE).mask.tolist() == [[True, False]]


def test_the_input_is_not_changed():
    array = np.array([[1.0, -9.0]])
    Grid.of(array, *PLACE, nodata=-9)
    assert array.tolist() == [[1.0, -9.0]]


def test_nothing_in_a_grid_can_be_changed():
    grid = Grid.of([[1.0]], *PLACE)
    with pytest.raises(ValueError, match="read-only"):
        grid.values[0, 0] = 2
    with pytest.raises(FrozenInstanceError):
        grid.crs = None  # type: ignore[misc]


def test_bounds_and_cells_follow_from_the_transform():
    grid = Grid.of(np.zeros((3, 4)), (10, 0, 500_000, 0, -20, 3_400_000), "EPSG:4549")
    assert grid.bounds == (500_000, 3_400_000 - 3 * 20, 500_000 + 4 * 10, 3_400_000)
    assert grid.cell == grid.cell_m == (10, 20)


def test_an_affine_of_rasterio_serves_as_transform():
    affine = rasterio.Affine(10, 0, 500_000, 0, -10, 3_400_000)
    assert Grid.of([[1.0]], affine, "EPSG:4549").transform == Grid.of([[1.0]], *PLACE).transform


def test_a_window_lies_where_it_was_cut():
    grid = Grid.of(np.arange(12.0).reshape(3, 4), *PLACE)
    part = grid.window(slice(1, 3), slice(2, None))
    assert part.values.tolist() == [[6, 7], [10, 11]]
    assert part.bounds == (500_020, 3_399_970, 500_040, 3_399_990)
    assert np.shares_memory(part.values, grid.values)


@pytest.mark.parametrize("rows", [slice(3, 3), slice(0, 3, 2), slice(7, 9)])
def test_a_window_without_cells_or_with_a_step_is_refused(rows):
    with pytest.raises(AnalysisError, match="窗口"):
        Grid.of(np.zeros((3, 4)), *PLACE).window(rows)


@given(NUMBERS, NUMBERS, arrays.arrays(bool, (3, 4)))
def test_what_is_made_from_a_grid_is_valid_at_most_where_it_was(first, second, mask):
    grid = Grid.of(first, *PLACE)
    made = grid.like(second, mask)
    assert not (made.mask & ~grid.mask).any()
    assert (made.mask == (grid.mask & mask & np.isfinite(second))).all()
    assert np.isnan(made.values[~made.mask]).all()


def test_like_refuses_another_shape():
    with pytest.raises(AnalysisError, match="same rows and columns"):
        Grid.of(np.zeros((3, 4)), *PLACE).like(np.zeros((4, 3)))


@pytest.mark.parametrize(
    ("values", "transform", "crs", "said"),
    [
        (np.ones((2, 2)), (20, 0, 500_000, 0, -20, 3_400_000), "EPSG:4549", "cell size"),
        (np.ones((2, 2)), (10, 0, 500_001, 0, -10, 3_400_000), "EPSG:4549", "origin"),
        (np.ones((2, 3)), *PLACE, "shape"),
        (np.ones((2, 2)), PLACE[0], "EPSG:4548", "117°E"),
    ],
)
def test_grids_that_differ_are_refused_with_what_differs(values, transform, crs, said):
    first, other = Grid.of(np.ones((2, 2)), *PLACE), Grid.of(values, transform, crs)
    assert not first.aligned_with(other)
    with pytest.raises(AnalysisError, match=said) as error:
        check_aligned([first, other])
    assert "请重采样到同一格网" in error.value.text.zh


def test_a_transform_that_differs_by_rounding_only_is_the_same_place():
    near = (10 + 1e-9, 0, 500_000 + 1e-6, 0, -10, 3_400_000)
    assert Grid.of(np.ones((2, 2)), *PLACE).aligned_with(Grid.of(np.ones((2, 2)), near, "EPSG:4549"))


@pytest.mark.parametrize("values", [np.zeros(3), np.zeros((1, 2, 2)), np.zeros((0, 3)), np.array([["a"]])])
def test_what_is_no_band_of_numbers_is_refused(values):
    with pytest.raises(AnalysisError, match="one band at a time"):
        Grid.of(values, *PLACE)


@pytest.mark.parametrize("transform", [(10, 1, 0, 0, -10, 0), (10, 0, 0, 0, 10, 0), (0, 0, 0, 0, -1, 0), (10, 0, 0), (10, 0, np.nan, 0, -10, 0)])  # fmt: skip
def test_a_rotated_flipped_or_broken_transform_is_refused(transform):
    with pytest.raises(AnalysisError, match="north up"):
        Grid.of([[1.0]], transform, "EPSG:4549")


def test_a_mask_of_another_shape_is_refused():
    with pytest.raises(AnalysisError, match="True = valid"):
        Grid(np.zeros((2, 2)), np.ones((2, 3), bool), *PLACE)  # type: ignore[arg-type]


def test_a_grid_in_degrees_has_no_cell_in_metres():
    with pytest.raises(CrsError, match="重投影到高斯"):
        _ = Grid.of([[1.0]], (0.001, 0, 119, 0, -0.001, 31), "EPSG:4490").cell_m


def test_a_cell_in_feet_is_converted():
    assert Grid.of([[1.0]], (10, 0, 0, 0, -10, 0), "EPSG:2263").cell_m == pytest.approx((10 * 1200 / 3937,) * 2)


def test_a_raster_without_crs_is_refused_with_the_remedy(shared_data):
    with pytest.raises(CrsError, match="define, not reproject") as error:
        Grid.of(*read(shared_data / "jamaica_dem" / "Jamaica_dem.tif"))
    assert "没有坐标系" in error.value.text.zh


def test_real_population_is_unknown_at_sea_not_zero(shared_data):
    values, *place = read(shared_data / "belgium_ghsl_viirs" / "POP.tif")
    grid = Grid.of(values, *place)
    assert (grid.mask == np.isfinite(values)).all()
    assert 0.9 < grid.valid_share < 1


def test_heights_cut_off_at_255_are_noticed(shared_data):
    values, transform, crs, nodata = read(shared_data / "porto_alegre" / "poa_elevation.tif")
    assert saturated_share(Grid.of(values, transform, crs, nodata)) == (values == 255).sum() / values.size > 0


def test_saturation_is_zero_for_floats_and_unknown_without_cells():
    assert saturated_share(Grid.of([[3.4e38]], *PLACE)) == 0
    assert np.isnan(saturated_share(Grid.of(np.array([[255]], np.uint8), *PLACE, nodata=255)))
