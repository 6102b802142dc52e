"""GeoTIFFs become grids: whole or by windows, with their place, their CRS and their mask, or a refusal that names the file."""

from __future__ import annotations

import math
import shutil

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st

import gis
from gis.errors import AnalysisError, CrsError, ReadError
from gis.geometry import parallel
from gis.geometry.raster_terrain import slope
from gis.geometry.raster_zonal import merged, zonal_centre
from gis.grid import Grid, saturated_share
from gis.model.drawn import drawn
from gis.model.plan import RasterSource
from gis.present.plan_files import save_plan
from gis.read.raster import grid_of, open_raster, read_raster

pytestmark = pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")  # rasterio, newest affine
PLACE = rasterio.Affine(10, 0, 500_000, 0, -10, 3_400_000)
NUMBERS = np.arange(20, dtype=np.float32).reshape(4, 5)


def written(path, *bands, transform=PLACE, crs="EPSG:4549", nodata=-9999.0, **options):
    """A GeoTIFF of these bands, those of `NUMBERS` if none is given."""
    bands = bands or (NUMBERS,)
    height, width = bands[0].shape
    profile = {"driver": "GTiff", "height": height, "width": width, "count": len(bands), "dtype": bands[0].dtype}
    with rasterio.open(path, "w", crs=crs, transform=transform, nodata=nodata, **profile, **options) as sink:
        for number, band in enumerate(bands, 1):
            sink.write(band, number)
    return path


def refused(path, error=ReadError, **options):
    """What is said, in Chinese; it names the file."""
    with pytest.raises(error) as found:
        open_raster(path, **options).grid()
    assert path.name in found.value.text.zh
    assert path.name in found.value.text.en
    return found.value.text.zh


def test_a_file_is_read_with_its_place_its_crs_and_its_mask(tmp_path):
    numbers = NUMBERS.copy()
    numbers[0, 0], numbers[0, 1] = -9999, np.nan
    grid = open_raster(written(tmp_path / "dem.tif", numbers)).grid()
    assert (grid.shape, grid.transform, grid.crs.to_epsg()) == ((4, 5), tuple(PLACE)[:6], 4549)
    assert np.flatnonzero(~grid.mask).tolist() == [0, 1]


@settings(max_examples=20)
@given(st.integers(0, 3), st.integers(1, 4), st.integers(0, 4), st.integers(1, 5))
def test_a_window_of_a_file_is_the_window_of_its_grid(tmp_path_factory, top, high, left, wide):
    path = tmp_path_factory.getbasetemp() / "window.tif"
    raster = open_raster(path if path.exists() else written(path))
    rows, columns = slice(top, top + high), slice(left, left + wide)
    part, whole = raster.grid(rows, columns), raster.grid().window(rows, columns)
    assert (part.values.tolist(), part.transform) == (whole.values.tolist(), whole.transform)


def test_a_window_without_cells_is_refused(tmp_path):
    with pytest.raises(AnalysisError):
        open_raster(written(tmp_path / "dem.tif")).grid(slice(4, 9))


@pytest.mark.parametrize(
    ("box", "rows", "columns"),
    [
        ((500_010, 3_399_970, 500_030, 3_399_990), (1, 3), (1, 3)),  # along the cells
        ((500_009, 3_399_969, 500_031, 3_399_991), (0, 4), (0, 4)),
        ((0, 0, 1e9, 1e9), (0, 4), (0, 5)),
    ],
)
def test_a_box_finds_the_cells_that_it_touches(tmp_path, box, rows, columns):
    assert open_raster(written(tmp_path / "dem.tif")).within(box) == (slice(*rows), slice(*columns))


@pytest.mark.parametrize("box", [(0, 0, 1, 1), (500_050, 3_399_960, 500_060, 3_400_000), (math.nan, 0, 1, 1)])
def test_a_box_beside_the_file_is_refused(tmp_path, box):
    with pytest.raises(ReadError, match=r"dem\.tif"):
        open_raster(written(tmp_path / "dem.tif")).within(box)


def test_stripes_read_on_threads_give_the_statistics_of_the_whole(tmp_path):
    import shapely

    raster, zones = open_raster(written(tmp_path / "dem.tif")), [shapely.box(500_005, 3_399_955, 500_035, 3_399_995)]
    parts = parallel.run(lambda rows: zonal_centre(raster.grid(rows), zones), raster.stripes(rows=1), workers=3)
    assert merged(parts).total.tolist() == zonal_centre(raster.grid(), zones).total.tolist()


def test_stored_numbers_become_those_meant_and_the_missing_one_stays_missing(tmp_path):
    path = written(tmp_path / "dem.tif", np.array([[10, -1]], np.int16), nodata=-1)
    with rasterio.open(path, "r+") as sink:
        sink.scales, sink.offsets = (0.5,), (100.0,)
    np.testing.assert_array_equal(open_raster(path).grid().values, [[105, np.nan]])
    source, _ = read_raster(path, keep=False)
    np.testing.assert_array_equal(grid_of(source, "EPSG:4549").values, [[105, np.nan]])


@pytest.mark.parametrize("inside", [True, False])
def test_a_mask_beside_the_band_counts_and_needs_no_missing_value(tmp_path, inside):
    path = written(tmp_path / "dem.tif", nodata=None)
    mask = NUMBERS > 2
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=inside), rasterio.open(path, "r+") as sink:
        sink.write_mask(mask)
    assert (open_raster(path).grid().mask == mask).all()


def test_a_band_of_transparency_is_a_mask_and_no_second_band(tmp_path):
    alpha = np.where(NUMBERS > 2, 255, 0).astype(np.uint8)
    path = written(
        tmp_path / "dem.tif", NUMBERS.astype(np.uint8), alpha, nodata=None, alpha="yes", photometric="minisblack"
    )
    assert (open_raster(path).grid().mask == (alpha > 0)).all()


def test_a_file_without_crs_is_refused_unless_it_is_named(tmp_path):
    path = written(tmp_path / "dem.tif", crs=None)
    assert "定义" in refused(path)
    assert open_raster(path, crs="EPSG:4549").grid().crs.to_epsg() == 4549


def test_another_crs_than_that_of_the_file_is_refused(tmp_path):
    assert "先重投影" in refused(written(tmp_path / "dem.tif"), CrsError, crs="EPSG:4548")


def test_a_file_without_missing_value_is_refused_unless_it_is_named(tmp_path):
    path = written(tmp_path / "dem.tif", nodata=None)
    assert "nodata=nan" in refused(path)
    assert open_raster(path, nodata=math.nan).grid().mask.all()
    assert np.flatnonzero(~open_raster(path, nodata=7).grid().mask).tolist() == [7]


def test_a_missing_value_named_adds_to_the_one_declared(tmp_path):
    assert np.flatnonzero(~open_raster(written(tmp_path / "dem.tif", nodata=3), nodata=7).grid().mask).tolist() == [
        3,
        7,
    ]


@pytest.mark.parametrize(
    "transform", [rasterio.Affine(9.96, -0.87, 5e5, -0.87, -9.96, 3.4e6), rasterio.Affine(10, 0, 5e5, 0, 10, 3.4e6)]
)
def test_a_rotated_or_flipped_file_is_refused_but_only_a_notice_to_a_plan(tmp_path, transform):
    path = written(tmp_path / "dem.tif", transform=transform)
    assert "北在上" in refused(path)
    assert "北在上" in read_raster(path)[1][0].zh


def test_a_file_of_several_bands_is_refused_unless_one_is_named(tmp_path):
    path = written(tmp_path / "dem.tif", NUMBERS, NUMBERS + 1, NUMBERS + 2)
    assert "3 个波段" in refused(path)
    assert "3 个波段" in read_raster(path)[1][0].zh
    assert (open_raster(path, band=2).grid().values == NUMBERS + 1).all()
    assert "第 4 波段" in refused(path, band=4)


def test_complex_numbers_are_refused(tmp_path):
    assert "复数" in refused(written(tmp_path / "dem.tif", NUMBERS.astype(np.complex64), nodata=None))


def test_what_is_no_file_or_no_geotiff_is_refused(tmp_path):
    assert "无法读取" in refused(tmp_path / "none.tif")
    (tmp_path / "dem.tif").write_bytes(b"PK\3\4 no raster")
    assert "不是 GeoTIFF" in refused(tmp_path / "dem.tif")


def test_a_file_cut_short_is_refused(tmp_path):
    path = written(tmp_path / "dem.tif", np.random.default_rng(0).random((400, 400)))
    path.write_bytes(path.read_bytes()[:-200_000])
    assert "重新导出" in refused(path)


def test_a_small_file_that_claims_a_million_rows_is_read_by_windows_only(tmp_path):
    path = tmp_path / "dem.tif"
    size = {"height": 1_000_000, "width": 1_000_000, "count": 1, "dtype": "uint8"}
    with rasterio.open(path, "w", driver="GTiff", crs="EPSG:4549", transform=PLACE, nodata=0, sparse_ok=True, tiled=True, blockxsize=8192, blockysize=8192, BIGTIFF="YES", **size):  # fmt: skip
        pass
    assert "GiB" in refused(path)
    assert open_raster(path).grid(slice(0, 2), slice(0, 3)).shape == (2, 3)


def test_values_that_never_were_a_file_take_the_crs_of_the_plan():
    source = RasterSource(values=NUMBERS, transform=tuple(PLACE)[:6], nodata=0)
    assert (grid_of(source, "EPSG:4549").crs.to_epsg(), grid_of(source, "EPSG:4549").valid_share) == (4549, 19 / 20)
    with pytest.raises(ReadError, match="neither a file nor values"):
        grid_of(RasterSource(), "EPSG:4549")


def test_a_raster_of_a_plan_without_missing_value_is_read_as_its_notice_says(tmp_path):
    source, notices = read_raster(written(tmp_path / "dem.tif", nodata=None))
    assert "所有像元都视为有效" in notices[0].zh
    assert grid_of(source, None).mask.all()


# Real terrain


def test_the_jamaican_heights_need_a_crs_and_then_have_slopes(shared_data):
    path = shared_data / "jamaica_dem" / "Jamaica_dem.tif"
    assert "没有坐标系" in refused(path)
    grid = open_raster(path, crs="EPSG:3448").grid()
    with rasterio.open(path) as data:
        assert (grid.mask == (data.read_masks(1) > 0)).all()
    assert 0 < slope(grid).valid_share <= grid.valid_share


def test_heights_of_8_bits_cut_off_at_255_are_said_on_reading(shared_data):
    path = shared_data / "porto_alegre" / "poa_elevation.tif"
    grid = open_raster(path, nodata=math.nan).grid()
    assert f"{saturated_share(grid):.1%}" in " ".join(each.zh for each in read_raster(path)[1])


def test_a_window_of_a_tile_of_a_thousand_million_cells_is_that_of_rasterio(shared_data):
    (path, *_) = sorted((shared_data / "sao_tome_worldcover").glob("*.tif"))
    raster = open_raster(path)
    rows, columns = raster.within((6.70, 0.20, 6.72, 0.22))
    assert isinstance(raster.grid(rows, columns), Grid)
    with rasterio.open(path) as data:
        window = rasterio.windows.Window.from_slices(rows, columns)
        assert (raster.grid(rows, columns).values == data.read(1, window=window)).all()


def test_a_raster_from_a_zip_keeps_its_own_system(tmp_path):
    source = tmp_path / "in"
    save_plan(drawn({"county": [[0, 0, 1000, 1000]]}), source)
    written(source / "dem.tif", crs="EPSG:4550")
    (source / "plan.toml").unlink()
    raster = gis.read_plan(shutil.make_archive(str(tmp_path / "plan"), "zip", source)).rasters["dem"]
    assert raster.values is not None
    assert grid_of(raster, "EPSG:4549").crs.to_epsg() == 4550
