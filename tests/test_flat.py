"""Flat coordinates from WKB and GeoPackage blobs, against shapely and against what GDAL writes."""

from __future__ import annotations

import sqlite3

import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
import zoo
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo import array, box

from gis.errors import AnalysisError
from gis.geometry import flat

MANY_HOLES = shapely.difference(
    box(0, 0, 100, 100), shapely.MultiPolygon([box(k, k, k + 2, k + 2) for k in (5, 20, 60)])
)
MIXED = array(zoo.SQUARE, None, zoo.SQUARE_WITH_HOLE, zoo.EMPTY, zoo.MULTIPART, zoo.Z_SQUARE, zoo.M_SQUARE, MANY_HOLES)


def same(found: flat.Flat, geometries) -> bool:
    """Whether `found` is what shapely makes of the geometries, point by point."""
    there = ~(shapely.is_missing(geometries) | shapely.is_empty(geometries))
    xy = shapely.get_coordinates(geometries)
    rings = shapely.get_rings(shapely.get_parts(geometries))
    return (
        np.array_equal(found.xy, xy)
        and np.array_equal(np.diff(found.rings), shapely.get_num_coordinates(rings))
        and np.array_equal(np.diff(found.features), np.where(there, shapely.get_num_geometries(geometries), 0))
        and np.array_equal(found.missing, shapely.is_missing(geometries))
        and np.array_equal(shapely.area(found.geometries()[there]), shapely.area(geometries[there]))
    )


@pytest.mark.parametrize("byte_order", [0, 1])
@pytest.mark.parametrize("flavor", ["iso", "extended"])
def test_every_way_to_write_wkb_gives_the_same_coordinates(byte_order, flavor):
    blobs = shapely.to_wkb(
        shapely.set_srid(MIXED, 4549), byte_order=byte_order, flavor=flavor, include_srid=flavor != "iso"
    )
    assert same(flat.from_wkb(blobs), MIXED)


def test_z_and_m_together_are_left_out():
    both = shapely.from_wkt("POLYGON ZM ((0 0 1 2, 4 0 1 2, 4 4 1 2, 0 0 1 2))")
    assert flat.from_wkb([shapely.to_wkb(both)]).xy.tolist() == [[0, 0], [4, 0], [4, 4], [0, 0]]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()])
def test_a_sliced_or_chunked_column_is_read_as_it_stands(kind):
    column = pa.array(shapely.to_wkb(MIXED).tolist(), kind)
    assert same(flat.from_wkb(column.slice(1, 5)), MIXED[1:6])
    assert same(flat.from_wkb(pa.chunked_array([column, column.slice(2)])), array(*MIXED, *MIXED[2:]))
    assert same(flat.from_wkb(pa.chunked_array([], kind)), array())


def test_bytes_that_lie_under_a_null_are_passed_over():
    blob = shapely.to_wkb(zoo.SQUARE)
    under = [
        pa.py_buffer(b"\x02"),
        pa.py_buffer(np.array([0, 3, 3 + len(blob)], np.int32)),
        pa.py_buffer(b"old" + blob),
    ]
    assert same(flat.from_wkb(pa.Array.from_buffers(pa.binary(), 2, under)), array(None, zoo.SQUARE))


def test_no_rows_and_rows_of_nothing_give_no_parts():
    for nothing in ([], [None], [shapely.to_wkb(zoo.EMPTY), shapely.to_wkb(shapely.MultiPolygon())]):
        found = flat.from_wkb(nothing)
        assert (found.xy.shape, found.rings.tolist(), found.parts.tolist()) == ((0, 2), [0], [0])
        assert found.features.tolist() == [0] * (len(nothing) + 1)


def test_a_geoparquet_file_gives_the_coordinates_that_geopandas_reads(tmp_path):
    gpd.GeoDataFrame(geometry=MIXED, crs=zoo.CRS).to_parquet(tmp_path / "a.parquet", row_group_size=3)
    assert same(flat.from_wkb(pq.read_table(tmp_path / "a.parquet")["geometry"]), MIXED)


@pytest.mark.parametrize("geometries", [MIXED[[0, 1, 2, 4]], MIXED[[5, 5]]])
def test_blobs_of_a_geopackage_are_read_behind_their_header(tmp_path, geometries):
    gpd.GeoDataFrame(geometry=geometries, crs=zoo.CRS).to_file(tmp_path / "a.gpkg", layer="a", engine="pyogrio")
    with sqlite3.connect(tmp_path / "a.gpkg") as file:
        blobs = [row[0] for row in file.execute("select geom from a order by fid")]
    file.close()
    assert next(each for each in blobs if each)[:2] == b"GP"
    assert same(flat.from_wkb(blobs), geometries)


@pytest.mark.parametrize("envelope", range(5))
def test_each_size_of_envelope_in_the_header_is_skipped(envelope):
    header = b"GP\0" + bytes([1 | envelope << 1]) + (4549).to_bytes(4, "little") + b"\0" * [0, 32, 48, 48, 64][envelope]
    assert same(flat.from_wkb([header + shapely.to_wkb(zoo.MULTIPART)]), array(zoo.MULTIPART))


@pytest.mark.parametrize("other", [zoo.LINE, zoo.POINT, shapely.GeometryCollection([zoo.SQUARE])])
def test_a_row_of_another_type_is_named(other):
    with pytest.raises(AnalysisError, match=r"第 1 行不是多边形(.|\n)*Rows 1 of the geometry column are not polygons"):
        flat.from_wkb(shapely.to_wkb(array(zoo.SQUARE, other)))


@pytest.mark.parametrize("shape", [zoo.SQUARE_WITH_HOLE, zoo.MULTIPART])
def test_a_row_cut_short_anywhere_is_named(shape):
    blob = shapely.to_wkb(shape)
    for size in range(1, len(blob)):
        with pytest.raises(AnalysisError, match=r"第 1 行的字节不完整(.|\n)*Rows 1 (.|\n)*cut short"):
            flat.from_wkb([blob, blob[:size]])


@settings(deadline=None, max_examples=200)
@given(st.binary(min_size=1, max_size=120))
def test_no_bytes_at_all_crash_the_reader(noise):
    try:
        flat.from_wkb([noise, shapely.to_wkb(zoo.SQUARE)[: len(noise)] + noise])
    except AnalysisError as error:
        assert "Rows" in str(error)


def test_the_column_stays_as_it_was():
    column = pa.array(shapely.to_wkb(MIXED).tolist(), pa.binary())
    before = column.to_pylist()
    flat.from_wkb(column).xy[:] = 0
    assert column.to_pylist() == before


def test_the_number_of_threads_changes_nothing(monkeypatch):
    monkeypatch.setattr(flat, "_CHUNK", 7)
    monkeypatch.setenv("LANTU_THREADS", "4")
    many = array(*MIXED, *MIXED, *MIXED)
    assert same(flat.from_wkb(shapely.to_wkb(many)), many)
