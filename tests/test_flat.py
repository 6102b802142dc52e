"""Flat coordinates from WKB and GeoPackage blobs, against shapely and against what GDAL writes."""

from __future__ import annotations

import json
import sqlite3
import struct
from contextlib import suppress

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

from gis.errors import AnalysisError, ReadError
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


def test_a_row_without_bytes_is_not_taken_for_a_missing_one():
    with pytest.raises(AnalysisError, match=r"Rows 2 (.|\n)*cut short"):
        flat.from_wkb([None, shapely.to_wkb(zoo.EMPTY), b""])


def test_no_rows_and_rows_of_nothing_give_no_parts():
    for nothing in ([], [None], [shapely.to_wkb(zoo.EMPTY), shapely.to_wkb(shapely.MultiPolygon())]):
        found = flat.from_wkb(nothing)
        assert (found.xy.shape, found.rings.tolist(), found.parts.tolist()) == ((0, 2), [0], [0])
        assert found.features.tolist() == [0] * (len(nothing) + 1)


def test_a_geoparquet_file_gives_the_coordinates_that_geopandas_reads(tmp_path):
    gpd.GeoDataFrame(geometry=MIXED, crs=zoo.CRS).to_parquet(tmp_path / "a.parquet", row_group_size=3)
    assert same(flat.from_wkb(pq.read_table(tmp_path / "a.parquet")["geometry"]), MIXED)
    assert same(flat.from_geoparquet(tmp_path / "a.parquet"), MIXED)


@pytest.mark.parametrize("compression", ["snappy", "zstd", None])
def test_batches_row_groups_and_repeated_rows_come_back_in_one_piece(tmp_path, monkeypatch, compression):
    monkeypatch.setattr(flat, "_BATCH", 50)
    many = array(
        *MIXED, *[MANY_HOLES] * 500, *MIXED
    )  # what repeats is stored once, so the file says less than there is
    frame = gpd.GeoDataFrame({"a": range(len(many))}, geometry=many, crs=zoo.CRS)
    frame.to_parquet(tmp_path / "a.parquet", row_group_size=300, compression=compression)
    assert same(flat.from_geoparquet(tmp_path / "a.parquet"), many)


def test_a_bbox_column_and_another_name_of_the_geometry_have_no_influence(tmp_path):
    frame = gpd.GeoDataFrame({"a.b": range(len(MIXED))}, geometry=MIXED, crs=zoo.CRS).rename_geometry("界线")
    frame.to_parquet(tmp_path / "a.parquet", write_covering_bbox=True)
    assert same(flat.from_geoparquet(tmp_path / "a.parquet"), MIXED)


def test_a_geoparquet_file_without_rows_gives_no_parts(tmp_path):
    gpd.GeoDataFrame(geometry=[], crs=zoo.CRS).to_parquet(tmp_path / "a.parquet")
    assert same(flat.from_geoparquet(tmp_path / "a.parquet"), array())


class NamedBytes(pa.ExtensionType):
    """Bytes under the name that GeoArrow gives to WKB, as packages beside us register it."""

    def __init__(self) -> None:
        super().__init__(pa.binary(), "geoarrow.wkb")

    def __arrow_ext_serialize__(self) -> bytes:
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type, serialized):
        return cls()


def test_a_package_that_names_columns_of_wkb_changes_nothing(tmp_path):
    polygons = np.array([shapely.box(0, 0, 2, 1), None, shapely.box(5, 5, 7, 9)], object)
    column = pa.ExtensionArray.from_storage(NamedBytes(), pa.array(shapely.to_wkb(polygons), pa.binary()))
    told = json.dumps({"version": "1.0.0", "primary_column": "g", "columns": {"g": {"encoding": "WKB"}}})
    pq.write_table(pa.table({"g": column}).replace_schema_metadata({"geo": told}), tmp_path / "a.parquet")
    pa.register_extension_type(NamedBytes())
    try:
        found = [flat.from_geoparquet(tmp_path / "a.parquet"), flat.from_wkb(column)]
    finally:
        pa.unregister_extension_type("geoarrow.wkb")
    for each in found:
        assert each.xy.tolist() == shapely.get_coordinates(polygons).tolist()
        assert each.missing.tolist() == [False, True, False]


def test_another_encoding_is_refused_by_name(tmp_path):
    frame = gpd.GeoDataFrame(geometry=[zoo.SQUARE, zoo.SQUARE_WITH_HOLE], crs=zoo.CRS)
    frame.to_parquet(tmp_path / "a.parquet", geometry_encoding="geoarrow", schema_version="1.1.0")
    with pytest.raises(ReadError, match=r"编码是 polygon(.|\n)*encoded as polygon(.|\n)*only WKB is read"):
        flat.from_geoparquet(tmp_path / "a.parquet")


@pytest.mark.parametrize("geo", [None, b"{", b"[]", b'{"primary_column": "other", "columns": {}}', b"\xff"])
def test_a_parquet_file_that_does_not_name_its_geometry_is_refused(tmp_path, geo):
    table = pa.table({"geometry": [shapely.to_wkb(zoo.SQUARE)]}).replace_schema_metadata(geo and {b"geo": geo})
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(ReadError, match=r"没有 GeoParquet 的几何列说明(.|\n)*does not say, as GeoParquet does"):
        flat.from_geoparquet(tmp_path / "a.parquet")


def test_a_file_that_is_missing_cut_short_or_damaged_is_refused(tmp_path):
    gpd.GeoDataFrame(geometry=MIXED, crs=zoo.CRS).to_parquet(tmp_path / "a.parquet")
    whole, bad = (tmp_path / "a.parquet").read_bytes(), tmp_path / "b.parquet"
    with pytest.raises(ReadError, match=r"无法读取(.|\n)*cannot be read"):
        flat.from_geoparquet(bad)
    for size in range(0, len(whole), 397):
        bad.write_bytes(whole[:size])
        with pytest.raises(ReadError, match=r"cannot be read"):
            flat.from_geoparquet(bad)
    for at in range(4, 400, 13):
        bad.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        with suppress(ReadError, AnalysisError):
            flat.from_geoparquet(bad)


def test_other_geometry_in_a_file_is_named_by_row(tmp_path):
    gpd.GeoDataFrame(geometry=[zoo.SQUARE, zoo.LINE], crs=zoo.CRS).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(AnalysisError, match=r"Rows 1 (.|\n)*not polygons"):
        flat.from_geoparquet(tmp_path / "a.parquet")


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


WRONG_LENGTH = r"第 1 行的字节不完整或有多余(.|\n)*Rows 1 (.|\n)*cut short, or longer than they say"
BAD_RING = r"第 1 行的环不闭合，或有洞无壳(.|\n)*Rows 1 (.|\n)*not closed, or a hole without a shell"


@pytest.mark.parametrize("shape", [zoo.SQUARE_WITH_HOLE, zoo.MULTIPART])
def test_a_row_cut_short_anywhere_or_too_long_is_named(shape):
    blob = shapely.to_wkb(shape)
    for other in [*(blob[:size] for size in range(1, len(blob))), blob + b"\0", blob + blob]:
        with pytest.raises(AnalysisError, match=WRONG_LENGTH):
            flat.from_wkb([blob, other])


@pytest.mark.parametrize("count", [0, 1, 3, 2**31, 2**32 - 1])
@pytest.mark.parametrize("at", [5, 9])
def test_a_number_of_rings_or_points_that_is_a_lie_is_named(at, count):
    blob = shapely.to_wkb(zoo.SQUARE_WITH_HOLE)
    with pytest.raises(AnalysisError, match=r"Rows 1 "):
        flat.from_wkb([blob, blob[:at] + count.to_bytes(4, "little") + blob[at + 4 :]])


@pytest.mark.parametrize("code", [4003, 0x00010003, 0, 2, 7, 15, 0x1FFFFFFF])
def test_a_type_that_is_none_is_no_polygon(code):
    blob = shapely.to_wkb(zoo.SQUARE)
    with pytest.raises(AnalysisError, match=r"Rows 0 (.|\n)*not polygons"):
        flat.from_wkb([blob[:1] + code.to_bytes(4, "little") + blob[5:]])


def test_a_byte_order_that_is_none_is_no_polygon():
    with pytest.raises(AnalysisError, match=r"Rows 0 (.|\n)*not polygons"):
        flat.from_wkb([b"\2" + shapely.to_wkb(zoo.SQUARE)[1:]])


def wkb(*rings):
    """A polygon by its rings, closed or not."""
    counted = (struct.pack("<I", len(ring)) + np.array(ring, "<f8").tobytes() for ring in rings)
    return struct.pack("<BII", 1, 3, len(rings)) + b"".join(counted)


TRIANGLE = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)]


@pytest.mark.parametrize(
    "rings", [[TRIANGLE[:3]], [TRIANGLE, TRIANGLE[:3]], [[], TRIANGLE], [TRIANGLE[:1]], [TRIANGLE[:2]]]
)
def test_a_ring_that_is_not_closed_and_a_hole_without_a_shell_are_named(rings):
    with pytest.raises(AnalysisError, match=BAD_RING):
        flat.from_wkb([wkb(TRIANGLE), wkb(*rings)])


def test_the_row_of_a_fault_is_counted_over_all_batches(monkeypatch):
    monkeypatch.setattr(flat, "_BATCH", 4)
    for bad in (wkb(TRIANGLE[:3]), wkb(TRIANGLE)[:-1]):
        with pytest.raises(AnalysisError, match=r"Rows 13 of"):
            flat.from_wkb([wkb(TRIANGLE)] * 13 + [bad])


def test_an_empty_ring_is_left_out_and_a_zero_with_a_sign_closes_a_ring():
    found = flat.from_wkb([wkb(TRIANGLE, [], TRIANGLE), wkb([*TRIANGLE[:3], (-0.0, 0.0)])])
    assert (found.rings.tolist(), found.parts.tolist()) == ([0, 4, 8, 12], [0, 2, 3])


def test_what_is_not_valid_is_read_as_it_stands():
    odd = array(zoo.BOW_TIE, zoo.NAN, zoo.ZERO_AREA, zoo.SPIKE, zoo.DOUBLED_VERTEX)
    found = flat.from_wkb(shapely.to_wkb(odd))
    assert np.array_equal(found.xy, shapely.get_coordinates(odd), equal_nan=True)
    assert np.array_equal(np.diff(found.rings), shapely.get_num_coordinates(odd))
    starts_with_nan = [(np.nan, np.nan), (1.0, 0.0), (1.0, 1.0), (np.nan, np.nan)]
    assert len(flat.from_wkb([wkb(starts_with_nan)]).rings) == 2


def test_every_polygon_of_the_zoo_is_read_as_shapely_reads_it():
    kinds = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)
    polygons = array(
        *(each for each in zoo.specimens().values() if each is None or each.geom_type in {"Polygon", "MultiPolygon"})
    )
    found = flat.from_wkb(shapely.to_wkb(polygons))
    assert np.array_equal(found.xy, shapely.get_coordinates(polygons), equal_nan=True)
    size = [0 if each is None else shapely.get_num_coordinates(each) for each in polygons]
    assert np.array_equal(np.diff(found.rings[found.parts[found.features]]), size)
    assert np.isin(shapely.get_type_id(polygons), [-1, *kinds]).all()


def damaged(blob, rng):
    """The blob with some bytes changed, cut out or put in."""
    out = bytearray(blob)
    for _ in range(rng.integers(1, 6)):
        at = int(rng.integers(0, min(len(out), 24) if rng.random() < 0.5 else len(out)))
        what = rng.integers(0, 3)
        if what == 0:
            out[at] = int(rng.choice([0, 1, 2, 3, 6, 127, 255, int(rng.integers(0, 256))]))
        elif what == 1 and len(out) > 9:
            del out[at : at + int(rng.integers(1, 9))]
        else:
            out[at:at] = rng.bytes(int(rng.integers(1, 9)))
    return bytes(out)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 30))])
def test_damaged_bytes_are_refused_or_read_as_shapely_reads_them(seed):
    rng = np.random.default_rng(seed)
    shapes = array(zoo.SQUARE_WITH_HOLE, zoo.MULTIPART, zoo.Z_SQUARE, zoo.EMPTY, MANY_HOLES)
    blobs = [each for order in (0, 1) for each in shapely.to_wkb(shapes, byte_order=order, flavor="iso")]
    read = 0
    for _ in range(600):
        blob = damaged(blobs[rng.integers(len(blobs))], rng)
        try:
            found = flat.from_wkb([blob])
        except AnalysisError as error:
            assert "Rows 0 of" in str(error)
            continue
        read += 1
        theirs = shapely.from_wkb(blob, on_invalid="ignore")
        if theirs is not None:  # shapely refuses rings that begin with NaN
            assert np.array_equal(found.xy, shapely.get_coordinates(theirs), equal_nan=True)
    assert 0 < read < 600


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
    monkeypatch.setattr(flat, "_BATCH", 7)
    monkeypatch.setenv("LANTU_THREADS", "4")
    many = array(*MIXED, *MIXED, *MIXED)
    assert same(flat.from_wkb(shapely.to_wkb(many)), many)
