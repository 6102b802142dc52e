"""Bad and hostile input: one clear error in both languages, the input as it was, nothing else opened."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import zipfile
from contextlib import closing

import numpy as np
import pytest
import shapely
from read_files import X, Y, box, frame, listing, refused, said, write

from gis.errors import CrsError, ReadError
from gis.read import archive as archive_module
from gis.read import container as container_module
from gis.read import read_plan

BOUNDARY = "urban_development_boundary"
ENDINGS = [".gpkg", ".gdb", ".shp", ".geojson", ".json", ".fgb", ".parquet", ".geoparquet"]


def _vrt(secret):
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="CZKFBJ"><SrcDataSource>{secret}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )


@pytest.fixture
def secret(tmp_path):
    folder = tmp_path / "secret"
    folder.mkdir()
    return write(folder / "CZKFBJ.gpkg")


# --- other formats under a trusted ending


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_vrt_that_points_elsewhere_is_refused_under_every_ending(tmp_path, secret, ending):
    path = tmp_path / f"CZKFBJ{ending}"
    path.write_text(_vrt(secret), encoding="utf-8")
    assert path.name in refused(path)


def test_a_vrt_inside_a_gdb_folder_is_refused(tmp_path, secret):
    path = write(tmp_path / "CZKFBJ.gdb")
    (path / "a.vrt").write_text(_vrt(secret), encoding="utf-8")
    assert "a.vrt" in refused(path)


def test_a_vrt_inside_a_zip_is_refused(tmp_path, secret):
    path = tmp_path / "CZKFBJ.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("CZKFBJ.gpkg", _vrt(secret))
    refused(path)


def test_a_vrt_renamed_zip_or_tif_is_refused(tmp_path, secret):
    (tmp_path / "a.zip").write_text(_vrt(secret), encoding="utf-8")
    refused(tmp_path / "a.zip")
    (tmp_path / "p").mkdir()
    write(tmp_path / "p" / "CZKFBJ.gpkg")
    (tmp_path / "p" / "dem.tif").write_text("<VRTDataset></VRTDataset>", encoding="utf-8")
    assert "dem.tif" in refused(tmp_path / "p")


def test_gdal_has_no_driver_that_follows_references_after_a_fresh_import():
    code = "import gis.read, pyogrio, os; print(sorted(pyogrio.list_drivers()), os.environ.get('OGR_SKIP'))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "'GPKG'" in out
    for driver in ("OGR_VRT", "WFS", "HTTP", "GDALG", "OAPIF"):
        assert f"'{driver}'" not in out
    assert out.strip().endswith("None")


@pytest.mark.parametrize(
    "text", ['{"type": "gdal_streamed_alg", "command_line": "x"}', '{"type": "Topology"}', "[1]", "{"]
)
def test_json_that_is_no_geojson_is_refused(tmp_path, text):
    path = tmp_path / "CZKFBJ.geojson"
    path.write_text(text, encoding="utf-8")
    refused(path)


@pytest.mark.parametrize(
    "crs",
    [
        {"type": "link", "properties": {"href": "http://example.invalid/crs", "type": "proj4"}},
        {"type": "url", "properties": {"url": "http://example.invalid/crs"}},
        {"type": "name", "properties": {"name": "http://example.invalid/crs"}},
        {"type": "name", "properties": {"name": "/vsicurl/http://example.invalid"}},
        {"type": "name"},
        "EPSG:4549",
    ],
)
def test_a_crs_that_is_a_link_is_refused(tmp_path, crs):
    path = write(tmp_path / "CZKFBJ.geojson")
    content = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**content, "crs": crs}), encoding="utf-8")
    assert "EPSG" in refused(path)


@pytest.mark.parametrize("name", ["EPSG:4549", "urn:ogc:def:crs:EPSG::4549", "urn:ogc:def:crs:OGC:1.3:CRS84"])
def test_a_crs_that_is_named_is_read(tmp_path, name):
    path = write(tmp_path / "CZKFBJ.geojson", frame([shapely.box(120, 30, 120.01, 30.01)], crs="EPSG:4326", BSM=["1"]))
    content = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**content, "crs": {"type": "name", "properties": {"name": name}}}), encoding="utf-8")
    assert read_plan(path).crs.to_epsg() == 4549


def test_a_geopackage_with_a_virtual_table_that_reads_elsewhere_is_refused(tmp_path, secret):
    path = write(tmp_path / "CZKFBJ.gpkg")
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA writable_schema = ON")
        base.execute(
            "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table', 'v', 'v', 0, ?)",
            (f"CREATE VIRTUAL TABLE v USING VirtualOGR('{secret}')",),
        )
        base.commit()
    assert "v" in refused(path)


def test_a_plain_sqlite_database_is_no_geopackage(tmp_path):
    path = tmp_path / "CZKFBJ.gpkg"
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE a (b)")
        base.commit()
    assert "gpkg_contents" in refused(path)


def test_one_format_under_the_ending_of_another_is_refused(tmp_path):
    shutil.copy(write(tmp_path / "a.fgb"), tmp_path / "CZKFBJ.gpkg")
    assert "CZKFBJ.gpkg" in refused(tmp_path / "CZKFBJ.gpkg")


# --- paths


@pytest.mark.parametrize(
    "path",
    [
        "/vsicurl/http://example.invalid/a.gpkg",
        "/vsizip/a.zip/a.gpkg",
        "/VSIZIP/a.zip/a.gpkg",
        "https://example.invalid/a.gpkg",
        "s3://bucket/a.gpkg",
        "zip://a.zip!a.gpkg",
        "GPKG:a.gpkg",
        "WFS:http:",
        "a.zip!b.gpkg",
    ],
)
def test_a_path_that_is_no_plain_file_is_refused(path):
    assert path in refused(path)


@pytest.mark.parametrize("file", ["/vsicurl/http://example.invalid/a.gpkg", "https://a.invalid/b.gpkg", "GPKG:a.gpkg"])
@pytest.mark.parametrize("table", ["layers.urban_development_boundary", "rasters.dem", "tables.t", "related.previous"])
def test_plan_toml_cannot_name_such_a_path_either(tmp_path, file, table):
    write(tmp_path / "a.gpkg", layer="STBHHX")
    (tmp_path / "plan.toml").write_text(f'file = "a.gpkg"\n[{table}]\nfile = "{file}"\n', encoding="utf-8")
    assert file in refused(tmp_path)


def test_the_plan_toml_of_a_zip_cannot_lead_out_of_it(tmp_path, secret):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("plan.toml", f"[layers.{BOUNDARY}]\nfile = '{secret}'\n")
    assert "plan.toml" in refused(path)


# --- archives


def _zip(path, name, content=b"x", **attributes):
    info = zipfile.ZipInfo(name)
    for key, value in attributes.items():
        setattr(info, key, value)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(info, content, zipfile.ZIP_DEFLATED)
    return path


@pytest.mark.parametrize("name", ["../a.gpkg", "/etc/a.gpkg", "b/../../a.gpkg", "C:/a.gpkg", "..\\a.gpkg"])
def test_a_zip_that_leads_out_of_its_folder_is_not_unpacked(tmp_path, name):
    before = listing(tmp_path)
    refused(_zip(tmp_path / "a.zip", name))
    assert set(listing(tmp_path)) == {*before, "a.zip"}


def test_a_zip_with_a_link_is_not_unpacked(tmp_path):
    path = _zip(tmp_path / "a.zip", "a.gpkg", b"/etc/passwd", external_attr=(stat.S_IFLNK | 0o777) << 16)
    assert "符号链接" in refused(path)


@pytest.mark.parametrize("name", ["b.zip", "b.rar", "x/b.7z", "b.tar.gz"])
def test_an_archive_in_an_archive_is_not_unpacked(tmp_path, name):
    assert name in refused(_zip(tmp_path / "a.zip", name))


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a.gpkg", bytes(60_000_000))
    assert "60" not in listing(tmp_path)
    assert "-fold" in refused(path)


def test_a_zip_with_too_many_files_or_bytes_is_not_unpacked(tmp_path, monkeypatch):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.txt", "a")
        packed.writestr("b.txt", "b")
    monkeypatch.setattr(archive_module, "MAX_FILES", 1)
    assert "2 files" in refused(path)
    monkeypatch.setattr(archive_module, "MAX_FILES", 5)
    monkeypatch.setattr(archive_module, "MAX_BYTES", 1)
    assert "2 files" in refused(path)


def test_all_faults_of_a_zip_are_said_at_once(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("../a.gpkg", "a")
        packed.writestr("b.rar", "b")
    message = refused(path)
    assert "2 faults" in message
    assert "b.rar" in message


def test_a_damaged_zip_is_refused(tmp_path):
    write(tmp_path / "a.gpkg")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(tmp_path / "a.gpkg", "a.gpkg")
    data = bytearray((tmp_path / "a.zip").read_bytes())
    data[200:260] = bytes(60)
    (tmp_path / "a.zip").write_bytes(data)
    refused(tmp_path / "a.zip")
    (tmp_path / "a.zip").write_bytes(bytes(data[: len(data) // 2]))
    refused(tmp_path / "a.zip")


# --- files that are missing, empty, cut off, or not for us


def test_a_missing_file_is_named(tmp_path):
    assert "no.gpkg" in refused(tmp_path / "no.gpkg")


@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".geojson", ".fgb", ".parquet", ".zip"])
def test_an_empty_file_is_refused(tmp_path, ending):
    path = tmp_path / f"CZKFBJ{ending}"
    path.touch()
    refused(path)


def test_an_empty_folder_is_refused(tmp_path):
    assert ".gpkg" in refused(tmp_path)


def test_an_empty_gdb_folder_is_refused(tmp_path):
    (tmp_path / "a.gdb").mkdir()
    refused(tmp_path / "a.gdb")


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".geojson", ".fgb", ".parquet"])
def test_a_file_cut_off_anywhere_is_refused_and_left_as_it_is(tmp_path, ending, share):
    data = frame([box(1000 * n) for n in range(200)], BSM=[str(n) for n in range(200)], XZQMC=["桐乡市"] * 200)
    path = write(tmp_path / f"CZKFBJ{ending}", data)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    before = listing(tmp_path)
    refused(path)
    assert listing(tmp_path) == before


def test_a_geopackage_whose_pages_are_damaged_is_refused(tmp_path):
    data = frame([box(1000 * n) for n in range(500)], BSM=[str(n) for n in range(500)])
    path = write(tmp_path / "CZKFBJ.gpkg", data)
    whole = bytearray(path.read_bytes())
    whole[4096 : len(whole) // 2] = bytes(len(whole) // 2 - 4096)
    path.write_bytes(whole)
    refused(path)


def test_a_gdb_with_a_table_cut_off_is_refused(tmp_path):
    path = write(tmp_path / "CZKFBJ.gdb")
    table = max(path.glob("*.gdbtable"), key=lambda each: each.name)
    table.write_bytes(table.read_bytes()[:60])
    refused(path)


@pytest.mark.parametrize("lost", [".dbf", ".shx"])
def test_a_shapefile_without_a_companion_names_it(tmp_path, lost):
    path = write(tmp_path / "CZKFBJ.shp")
    path.with_suffix(lost).unlink()
    before = listing(tmp_path)
    assert lost in refused(path)
    assert listing(tmp_path) == before


def test_all_missing_companions_are_said_at_once(tmp_path):
    path = write(tmp_path / "CZKFBJ.shp")
    path.with_suffix(".dbf").unlink()
    path.with_suffix(".shx").unlink()
    message = refused(path)
    assert ".dbf" in message
    assert ".shx" in message


def test_a_shapefile_without_prj_asks_for_the_crs_and_takes_it_where_given(tmp_path):
    path = write(tmp_path / "CZKFBJ.shp")
    path.with_suffix(".prj").unlink()
    assert "crs=" in refused(path)
    plan = read_plan(path, crs="EPSG:4549")
    assert plan[BOUNDARY].total_bounds[0] == X
    assert "未声明" in said(plan)


def test_a_cut_off_dbf_is_refused(tmp_path):
    path = write(tmp_path / "CZKFBJ.shp")
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes()[:-60])
    assert "CZKFBJ.dbf" in refused(path)


@pytest.mark.parametrize("ending", [".mdb", ".dwg", ".rar", ".7z", ".wp", ".wl", ".wt", ".e00", ".dxf", ".kml", ".vct"])
def test_what_we_cannot_read_is_refused_with_the_remedy(tmp_path, ending):
    path = tmp_path / f"规划{ending}"
    path.write_bytes(b"anything")
    message = refused(path)
    assert "read that" in message or "read those" in message or "read the folder" in message


def test_in_a_folder_such_files_are_left_aside_with_a_notice(tmp_path):
    write(tmp_path / "CZKFBJ.gpkg")
    (tmp_path / "旧数据.mdb").write_bytes(b"x")
    plan = read_plan(tmp_path)
    assert "旧数据.mdb" in said(plan)
    assert list(plan) == [BOUNDARY]


def test_an_unknown_ending_is_refused(tmp_path):
    (tmp_path / "a.docx").write_bytes(b"x")
    assert "a.docx" in refused(tmp_path / "a.docx")


def test_a_parquet_without_geometry_is_refused(tmp_path):
    frame().drop(columns="geometry").to_parquet(tmp_path / "a.parquet")
    assert "GeoParquet" in refused(tmp_path / "a.parquet")


def test_an_openstreetmap_extract_given_directly_is_refused_with_the_remedy(tmp_path):
    (tmp_path / "a.osm.pbf").write_bytes(b"\0\0\0\x0d\x0a\x09OSMHeader\x18\x7c")
    assert "driver" in refused(tmp_path / "a.osm.pbf")


def test_a_geojson_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(container_module, "MAX_GEOJSON_BYTES", 10)
    assert "FlatGeobuf" in refused(write(tmp_path / "CZKFBJ.geojson"))


def test_all_faults_of_a_folder_are_said_at_once(tmp_path):
    (tmp_path / "STBHHX.gpkg").touch()
    path = write(tmp_path / "CZKFBJ.shp")
    path.with_suffix(".dbf").unlink()
    write(tmp_path / "DLTB.shp").with_suffix(".prj").unlink()
    message = refused(tmp_path)
    for name in ("STBHHX.gpkg", "CZKFBJ.shp", "DLTB.shp", "3 faults", "共 3 处错误"):
        assert name in message


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are of another kind there")
def test_a_plan_in_a_read_only_folder_is_read(tmp_path):
    path = write(tmp_path / "ro" / "CZKFBJ.gpkg")
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA journal_mode = WAL")
    path.chmod(0o444)
    path.parent.chmod(0o555)
    before = listing(tmp_path)
    try:
        assert len(read_plan(path)[BOUNDARY]) == 2
        assert listing(tmp_path) == before
    finally:
        path.parent.chmod(0o755)


# --- coordinates that cannot be true: rules report them, reading goes on


@pytest.mark.parametrize("crs", ["EPSG:4549", "EPSG:4548"])
def test_coordinates_that_are_no_numbers_are_kept_as_they_are(tmp_path, crs):
    shapes = [box(), shapely.Point(np.nan, Y), shapely.LineString([(X, Y), (np.inf, Y)])]
    path = write(tmp_path / "CZKFBJ.gpkg", frame(shapes, BSM=["1", "2", "3"]))
    found = read_plan(path, crs=crs)[BOUNDARY]
    assert np.isnan(shapely.get_coordinates(found.geometry.iloc[1])[0, 0])
    assert np.isinf(shapely.get_coordinates(found.geometry.iloc[2])[1, 0])


@pytest.mark.parametrize("crs", ["EPSG:4549", "EPSG:4548"])
def test_missing_and_empty_geometries_are_kept_through_a_change_of_crs(tmp_path, crs):
    path = write(tmp_path / "CZKFBJ.gpkg", frame([box(), None, shapely.Polygon()], BSM=["1", "2", "3"]))
    found = read_plan(path, crs=crs)[BOUNDARY].geometry
    assert found.isna().tolist() == [False, True, False]
    assert found.is_empty.tolist() == [False, False, True]


@pytest.mark.parametrize("crs", [None, "EPSG:4548"])
def test_degrees_declared_as_metres_are_kept_and_said(tmp_path, crs):
    square = shapely.box(120, 30, 120.01, 30.01)
    plan = read_plan(write(tmp_path / "CZKFBJ.gpkg", frame([square], BSM=["1"])), crs=crs)
    assert plan[BOUNDARY].geometry.iloc[0].equals(square)
    assert plan.source(BOUNDARY).crs == "EPSG:4549"
    assert crs is None or "像经纬度" in said(plan)


@pytest.mark.parametrize("crs", [None, "EPSG:4548"])
def test_a_zone_number_before_the_easting_is_kept(tmp_path, crs):
    square = shapely.box(4.05e7, Y, 4.05e7 + 1000, Y + 1000)
    plan = read_plan(write(tmp_path / "CZKFBJ.gpkg", frame([square], BSM=["1"])), crs=crs)
    assert plan[BOUNDARY].geometry.iloc[0].equals(square)
    assert crs is None or "带号" in said(plan)


def test_metres_declared_as_degrees_are_refused_with_the_remedy(tmp_path):
    path = write(tmp_path / "CZKFBJ.geojson", frame(crs="EPSG:4326"))
    assert "crs=" in refused(path)


def test_latitude_and_longitude_swapped_are_kept_out_of_the_change_of_crs(tmp_path):
    data = frame(
        [shapely.box(120, 30, 120.1, 30.1), shapely.box(30, 120, 30.1, 120.1)], crs="EPSG:4490", BSM=["1", "2"]
    )
    plan = read_plan(write(tmp_path / "CZKFBJ.gpkg", data))
    assert plan.crs.to_epsg() == 4549
    assert plan[BOUNDARY].geometry.iloc[1].bounds == (30, 120, 30.1, 120.1)
    assert "1 features" in said(plan)


def test_an_empty_layer_is_read_and_said(tmp_path):
    write(tmp_path / "CZKFBJ.gpkg")
    write(tmp_path / "STBHHX.gpkg", frame().iloc[:0], geometry_type="Polygon")
    plan = read_plan(tmp_path)
    assert len(plan["ecological_redline"]) == 0
    assert "空图层" in said(plan)


def test_a_wrong_geometry_type_is_kept(tmp_path):
    line = shapely.LineString([(X, Y), (X + 10, Y)])
    found = read_plan(write(tmp_path / "CZKFBJ.gpkg", frame([line], BSM=["1"])))[BOUNDARY]
    assert found.geom_type.tolist() == ["LineString"]


def test_duplicate_and_missing_keys_are_kept_and_get_ids_of_their_own(tmp_path):
    data = frame([box(), box(1000), box(2000)], BSM=["1", "1", None])
    found = read_plan(write(tmp_path / "CZKFBJ.gpkg", data))[BOUNDARY]
    assert found.index.is_unique
    assert found["feature_id"].iloc[:2].tolist() == ["1", "1"]


def test_a_crs_that_nobody_knows_is_refused(tmp_path):
    path = write(tmp_path / "CZKFBJ.gpkg")
    assert "EPSG:999999" in refused(path, crs="EPSG:999999")


def test_a_plan_in_degrees_is_refused(tmp_path):
    with pytest.raises(CrsError):
        read_plan(write(tmp_path / "CZKFBJ.gpkg"), crs="EPSG:4490")


def test_a_name_with_a_strange_character_is_no_address(tmp_path):
    for name in ("a?b#c.gpkg", "100%.gpkg", "空 格.gpkg"):
        if os.sep == "/":
            assert len(read_plan(write(tmp_path / "n" / name, layer="CZKFBJ"))[BOUNDARY]) == 2


def test_the_error_is_a_read_error(tmp_path):
    with pytest.raises(ReadError):
        read_plan(tmp_path / "no.gpkg")


@pytest.mark.parametrize("key", ['"crs"', '"cr\\u0073"', '"\\u0063rs"'])
def test_a_link_cannot_hide_behind_an_escape(tmp_path, key):
    path = write(tmp_path / "CZKFBJ.geojson")
    text = path.read_text("utf-8")
    link = f'{key}: {{"type": "link", "properties": {{"href": "http://example.invalid"}}}}, "features"'
    path.write_text(text.replace('"features"', link, 1), encoding="utf-8")
    assert "EPSG" in refused(path)


def test_a_geojson_that_ends_after_a_feature_is_refused(tmp_path):
    path = write(tmp_path / "CZKFBJ.geojson")
    text = path.read_text("utf-8")
    path.write_text(text[: text.rindex("}\n]")] + "}", encoding="utf-8")
    refused(path)
