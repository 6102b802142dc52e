"""Every format goes in and comes out the same: geometry, codes, Chinese, types."""

from __future__ import annotations

import sqlite3
import struct
import zipfile
from contextlib import closing

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from read_files import CRS, X, Y, box, frame, listing, refused, said, write

from gis.read import read_plan

BOUNDARY = "urban_development_boundary"
ENDINGS = [".gpkg", ".gdb", ".shp", ".geojson", ".fgb", ".parquet"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_format_gives_the_geometry_that_was_written(tmp_path, ending):
    plan = read_plan(write(tmp_path / f"CZKFBJ{ending}"))
    assert plan.crs.to_epsg() == 4549
    found = plan[BOUNDARY].sort_values("feature_id").geometry
    assert [a.equals(b) for a, b in zip(found, [box(), box(1000)], strict=True)] == [True, True]


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_format_keeps_chinese_and_official_fields_get_their_canonical_names(tmp_path, ending):
    plan = read_plan(write(tmp_path / f"CZKFBJ{ending}"))
    assert plan[BOUNDARY]["area_name"].tolist() == ["桐乡市", "桐乡市"]
    assert plan.source(BOUNDARY).renamed["BSM"] == "feature_id"


@pytest.mark.parametrize("ending", ENDINGS)
def test_reading_changes_no_byte_and_leaves_no_file_beside_the_input(tmp_path, ending):
    path = write(tmp_path / f"CZKFBJ{ending}")
    before = listing(tmp_path)
    read_plan(path)
    assert listing(tmp_path) == before


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_source_says_file_driver_crs_bounds_and_hash(tmp_path, ending):
    source = read_plan(write(tmp_path / f"CZKFBJ{ending}")).source(BOUNDARY)
    assert source.file == f"CZKFBJ{ending}"
    assert source.driver
    assert source.crs == CRS
    assert source.bounds == (X, Y, X + 2000, Y + 1000)
    assert len(source.sha256) == 64


@pytest.mark.parametrize("ending", ENDINGS)
def test_missing_geometry_and_missing_text_stay_missing(tmp_path, ending):
    data = frame([box(), None], BSM=["1", "2"], XZQMC=["甲", None])
    options = {"SPATIAL_INDEX": "NO"} if ending == ".fgb" else {}
    found = read_plan(write(tmp_path / f"CZKFBJ{ending}", data, **options))[BOUNDARY]
    assert found.geometry.isna().tolist() == [False, True]
    assert found["area_name"].isna().tolist() == [False, True]


@pytest.mark.parametrize("ending", [".gpkg", ".gdb", ".geojson", ".fgb", ".shp"])
def test_an_invalid_geometry_stays_as_it_was_drawn(tmp_path, ending):
    bow_tie = shapely.Polygon([(X, Y), (X + 10, Y + 10), (X + 10, Y), (X, Y + 10)])
    found = read_plan(write(tmp_path / f"CZKFBJ{ending}", frame([bow_tie], BSM=["1"])))[BOUNDARY]
    assert not found.geometry.iloc[0].is_valid


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".fgb", ".parquet"])
def test_geometry_types_may_be_mixed(tmp_path, ending):
    mixed = [box(), shapely.LineString([(X, Y), (X + 5, Y)]), shapely.Point(X, Y)]
    data = frame(mixed, BSM=["1", "2", "3"])
    found = read_plan(write(tmp_path / f"CZKFBJ{ending}", data))[BOUNDARY].sort_values("feature_id")
    assert found.geom_type.tolist() == ["Polygon", "LineString", "Point"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_heights_are_dropped_and_that_is_said(tmp_path, ending):
    plan = read_plan(write(tmp_path / f"CZKFBJ{ending}", frame([shapely.force_3d(box(), 7.0)], BSM=["1"])))
    assert not plan[BOUNDARY].has_z.any()
    assert "Z/M" in said(plan)


def test_all_layers_of_one_container_are_read(tmp_path):
    path = write(tmp_path / "plan.gpkg", layer="CZKFBJ")
    write(path, layer="STBHHX", append=False)
    write(path, layer="mystery")
    plan = read_plan(path)
    assert list(plan) == ["ecological_redline", BOUNDARY]
    assert list(plan.unknown) == ["mystery"]
    assert "mystery" in said(plan)


def test_a_table_without_geometry_becomes_a_table_of_the_plan(tmp_path):
    path = write(tmp_path / "plan.gpkg", layer="CZKFBJ")
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE T_ZB (fid INTEGER PRIMARY KEY, code TEXT)")
        base.execute("INSERT INTO T_ZB VALUES (1, '0101')")
        base.execute("INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('T_ZB', 'attributes', 'T')")
        base.commit()
    assert read_plan(path).tables["T_ZB"]["code"].tolist() == ["0101"]


def test_the_styles_that_qgis_stores_are_no_layer(tmp_path):
    path = write(tmp_path / "plan.gpkg", layer="CZKFBJ")
    with closing(sqlite3.connect(path)) as base:
        base.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, styleQML TEXT)")
        base.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles', 'attributes', 's')"
        )
        base.commit()
    assert not read_plan(path).tables


# --- encodings of shapefiles


def _shapefile(folder, encoding, *, cpg=None, text="桐乡市", ldid=None):
    path = write(folder / "CZKFBJ.shp", frame([box()], BSM=["1"], XZQMC=[text]), encoding=encoding)
    path.with_suffix(".cpg").unlink()
    if cpg is not None:
        path.with_suffix(".cpg").write_text(cpg, encoding="ascii")
    if ldid is not None:
        data = bytearray(path.with_suffix(".dbf").read_bytes())
        data[29] = ldid
        path.with_suffix(".dbf").write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("encoding", "cpg", "ldid"),
    [
        ("UTF-8", None, None),
        ("GBK", None, None),
        ("UTF-8", "UTF-8", None),
        ("GBK", "GBK", None),
        ("GBK", "936", None),
        ("GB18030", "GB18030", None),
        ("GBK", None, 0x4D),
        ("GBK", "UTF-8", None),
        ("UTF-8", "GBK\n", 0x00),
        ("UTF-8", "nonsense", None),
        ("GBK", None, 0x57),
    ],
)
def test_a_shapefile_is_read_in_the_encoding_its_bytes_are_in(tmp_path, encoding, cpg, ldid):
    text = "乌镇㐂" if encoding == "GB18030" else "规划"
    if (encoding, cpg) == ("UTF-8", "GBK\n"):
        text = "规划区"  # 9 bytes: an odd number, so it is no GBK
    plan = read_plan(_shapefile(tmp_path, encoding, cpg=cpg, text=text, ldid=ldid))
    assert plan[BOUNDARY]["area_name"].tolist() == [text]


def test_an_encoding_that_was_guessed_is_said(tmp_path):
    plan = read_plan(_shapefile(tmp_path, "GBK"))
    assert "GBK" in said(plan)
    assert plan.source(BOUNDARY).encoding == "gb18030"


def test_a_cpg_that_contradicts_the_bytes_is_said(tmp_path):
    plan = read_plan(_shapefile(tmp_path, "GBK", cpg="UTF-8"))
    assert "utf-8" in said(plan).lower()
    assert plan[BOUNDARY]["area_name"].tolist() == ["桐乡市"]


def test_chinese_field_names_in_gbk_are_recognised(tmp_path):
    path = write(tmp_path / "CZKFBJ.shp", frame([box()], 标识码=["7"]), encoding="GBK")
    path.with_suffix(".cpg").unlink()
    assert read_plan(path)[BOUNDARY]["feature_id"].tolist() == ["7"]


def test_text_cut_in_the_middle_of_a_character_does_not_hide_the_encoding(tmp_path):
    path = _shapefile(tmp_path, "GBK", text="规" * 40)
    dbf = path.with_suffix(".dbf")
    data = dbf.read_bytes()
    start = data.index("规".encode("gbk") * 40)
    width = data[32 + 32 + 16]  # the second field's
    full = b"a" + ("规" * width).encode("gbk")[: width - 1]  # an odd start cuts the last character in two
    dbf.write_bytes(data[:start] + full + data[start + width :])
    plan = read_plan(path)
    assert plan.source(BOUNDARY).encoding == "gb18030"
    assert plan[BOUNDARY]["area_name"].iloc[0].startswith("a规规")


def test_words_in_gbk_that_happen_to_be_valid_utf8_are_read_as_chinese(tmp_path):
    assert read_plan(_shapefile(tmp_path, "GBK", text="联通"))[BOUNDARY]["area_name"].tolist() == ["联通"]


def test_texts_in_no_encoding_at_all_are_refused_with_a_remedy(tmp_path):
    path = _shapefile(tmp_path, "GBK", text="规划")
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace("规划".encode("gbk"), b"\xff\xfe\xff\xfe"))
    assert "encoding" in refused(path)


# --- types


def test_codes_stored_as_numbers_become_text_without_a_decimal_point(tmp_path):
    data = frame([box(), box(1000)], BSM=[1, 2], XZQDM=[330483.0, np.nan])
    found = read_plan(write(tmp_path / "CZKFBJ.gpkg", data))[BOUNDARY]
    assert found["feature_id"].tolist() == ["1", "2"]
    assert found["area_code"].iloc[0] == "330483"
    assert found["area_code"].isna().tolist() == [False, True]


def test_a_text_code_keeps_its_leading_zero(tmp_path):
    found = read_plan(write(tmp_path / "DLTB.gpkg", frame([box()], BSM=["1"], DLBM=["0101"])))["survey_parcel"]
    assert found["class_code"].tolist() == ["0101"]


def test_a_number_written_as_text_becomes_a_number(tmp_path):
    found = read_plan(write(tmp_path / "CZKFBJ.gpkg", frame([box()], BSM=["1"], MJ=["1000000.5"])))[BOUNDARY]
    assert found["area_m2"].tolist() == [1000000.5]


def test_a_number_that_cannot_be_read_stays_text_and_is_said(tmp_path):
    plan = read_plan(write(tmp_path / "CZKFBJ.gpkg", frame([box()], BSM=["1"], MJ=["约一百亩"])))
    assert plan[BOUNDARY]["area_m2"].tolist() == ["约一百亩"]
    assert "area_m2" in said(plan)


@pytest.mark.parametrize(("values", "expected"), [(["是", "否"], [True, False]), ([1, 0], [True, False])])
def test_yes_and_no_become_a_truth_value(tmp_path, values, expected):
    data = frame([box(), box(1000)], XZQDM=["1", "2"], SXQ=values)
    found = read_plan(write(tmp_path / "XZQ_XS.gpkg", data))["county"]["is_district"]
    assert found.dtype == bool
    assert found.tolist() == expected


@pytest.mark.parametrize("value", ["2024-03-01", "20240301", "2024/03/01", pd.Timestamp("2024-03-01")])
def test_dates_in_the_usual_spellings_become_dates(tmp_path, value):
    data = frame([box()], 批准日期=[value], MC=["海域"])
    found = read_plan(write(tmp_path / "海域.gpkg", data))["sea_area"]["approved_on"]
    assert pd.Timestamp(found.iloc[0]) == pd.Timestamp("2024-03-01")


def test_no_text_column_is_of_object_type(tmp_path):
    found = read_plan(write(tmp_path / "CZKFBJ.gpkg"))[BOUNDARY]
    assert found["area_name"].dtype == "str"


# --- arcs, broken rings, open files


def _with_geometry(path, wkb, kind):
    """Put a hand-made geometry where none of our libraries would write one."""
    write(path, frame([box()], BSM=["1"]), layer="CZKFBJ")
    blob = b"GP\0\1" + struct.pack("<i", 4549) + wkb
    with closing(sqlite3.connect(path)) as base:
        triggers = base.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'CZKFBJ'"
        ).fetchall()
        for (name,) in triggers:
            base.execute(f'DROP TRIGGER "{name}"')
        base.execute("UPDATE CZKFBJ SET geom = ?", (blob,))
        base.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = ?", (kind,))
        base.commit()
    return path


def test_arcs_become_segments_and_that_is_said(tmp_path):
    circle = [(X, Y), (X + 100, Y + 100), (X + 200, Y), (X + 100, Y - 100), (X, Y)]
    arcs = struct.pack("<BII", 1, 8, 5) + b"".join(struct.pack("<dd", *each) for each in circle)
    plan = read_plan(_with_geometry(tmp_path / "a.gpkg", struct.pack("<BII", 1, 10, 1) + arcs, "CURVEPOLYGON"))
    assert plan[BOUNDARY].area.iloc[0] == pytest.approx(np.pi * 100**2, rel=0.01)
    assert "arcs" in said(plan)


def test_a_ring_of_two_points_does_not_stop_the_reading(tmp_path):
    ring = struct.pack("<BIII", 1, 3, 1, 2) + struct.pack("<dddd", X, Y, X + 1, Y)
    plan = read_plan(_with_geometry(tmp_path / "a.gpkg", ring, "POLYGON"))
    assert plan[BOUNDARY].geometry.isna().tolist() == [True]
    assert "1 features" in said(plan)


def test_what_qgis_has_not_yet_written_into_the_file_is_read_too(tmp_path):
    path = write(tmp_path / "plan.gpkg", frame([box()], XZQMC=["旧"]), layer="CZKFBJ")
    with closing(sqlite3.connect(path)) as base:
        base.execute("DROP TRIGGER IF EXISTS rtree_CZKFBJ_geom_update7")
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        base.commit()
        base.execute("PRAGMA journal_mode = WAL")
        base.execute("UPDATE CZKFBJ SET XZQMC = '新'")
        base.commit()
        before = listing(tmp_path)
        plan = read_plan(path)
        assert listing(tmp_path) == before
    assert plan[BOUNDARY]["area_name"].tolist() == ["新"]
    assert "-wal" in said(plan)


# --- archives, rasters, tables


def _zipped(path, folder):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in sorted(folder.rglob("*")):
            archive.write(each, each.relative_to(folder.parent))
    return path


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_zip_of_a_folder_reads_like_the_folder(tmp_path, ending):
    write(tmp_path / "成果" / f"CZKFBJ{ending}")
    plan = read_plan(_zipped(tmp_path / "handin.zip", tmp_path / "成果"))
    assert len(plan[BOUNDARY]) == 2
    assert plan.name == "handin"


def test_names_packed_in_gbk_are_read(tmp_path):
    source = write(tmp_path / "a.geojson")
    path = tmp_path / "b.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("x" * 12 + ".geojson"), source.read_bytes().replace(b'"name": "a",', b""))
    name = "城镇开发边界".encode("gbk")
    path.write_bytes(path.read_bytes().replace(b"x" * 12, name))
    assert list(read_plan(path)) == [BOUNDARY]


def _raster(path, crs=CRS, nodata=-9999.0, **options):
    transform = options.pop("transform", rasterio.Affine(10, 0, X, 0, -10, Y + 40))
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=4,
        height=4,
        count=1,
        dtype="float32",
        crs=crs,
        nodata=nodata,
        transform=transform,
    ) as sink:
        sink.write(np.arange(16, dtype="float32").reshape(4, 4), 1)
    return path


def test_a_raster_of_the_folder_is_known_by_its_name_and_stays_on_disk(tmp_path):
    write(tmp_path / "CZKFBJ.gpkg")
    _raster(tmp_path / "DEM.tif")
    raster = read_plan(tmp_path).rasters["dem"]
    assert raster.path == tmp_path / "DEM.tif"
    assert (raster.nodata, raster.transform) == (-9999.0, (10, 0, X, 0, -10, Y + 40))


def test_a_raster_from_a_zip_is_held_in_memory(tmp_path):
    write(tmp_path / "p" / "CZKFBJ.gpkg")
    _raster(tmp_path / "p" / "dem.tif")
    raster = read_plan(_zipped(tmp_path / "p.zip", tmp_path / "p")).rasters["dem"]
    assert raster.path is None
    assert raster.values.sum() == sum(range(16))


def test_a_raster_without_crs_is_refused_and_named(tmp_path):
    write(tmp_path / "CZKFBJ.gpkg")
    _raster(tmp_path / "dem.tif", crs=None)
    assert "dem.tif" in refused(tmp_path)


def test_a_raster_without_missing_value_or_in_another_crs_is_said(tmp_path):
    write(tmp_path / "CZKFBJ.gpkg")
    _raster(tmp_path / "dem.tif", crs="EPSG:4548", nodata=None)
    assert "无效值" in said(read_plan(tmp_path))
    assert "CM 117" in said(read_plan(tmp_path)) or "117°E" in said(read_plan(tmp_path))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_a_csv_is_read_as_text_in_its_encoding(tmp_path, encoding):
    write(tmp_path / "CZKFBJ.gpkg")
    (tmp_path / "zb.csv").write_text("代码,名称\n0101,水田\n", encoding=encoding)
    (tmp_path / "plan.toml").write_text(
        'file = "CZKFBJ.gpkg"\n[tables.t_indicator]\nfile = "zb.csv"\n', encoding="utf-8"
    )
    table = read_plan(tmp_path).tables["t_indicator"]
    assert table.to_dict("list") == {"代码": ["0101"], "名称": ["水田"]}


def test_a_workbook_is_read_as_text(tmp_path):
    write(tmp_path / "CZKFBJ.gpkg")
    pd.DataFrame({"代码": ["0101"]}).to_excel(tmp_path / "zb.xlsx", index=False, sheet_name="表1")
    (tmp_path / "plan.toml").write_text(
        'file = "CZKFBJ.gpkg"\n[tables.t_indicator]\nfile = "zb.xlsx"\nsheet = "表1"\n', encoding="utf-8"
    )
    assert read_plan(tmp_path).tables["t_indicator"]["代码"].tolist() == ["0101"]


def test_a_geoparquet_column_may_have_another_name(tmp_path):
    frame().rename_geometry("shape").to_parquet(tmp_path / "CZKFBJ.parquet")
    found = read_plan(tmp_path / "CZKFBJ.parquet")[BOUNDARY]
    assert isinstance(found, gpd.GeoDataFrame)
    assert found.geometry.name == "geometry"


def test_an_openstreetmap_extract_is_read_where_plan_toml_names_it(tmp_path, shared_data):
    source = shared_data / "helsinki" / "test.osm.pbf"
    (tmp_path / "plan.toml").write_text(
        f'crs = "EPSG:3067"\n[layers.land_use_current]\nfile = "{source.as_posix()}"\n'
        'layer = "multipolygons"\ndriver = "osm"\n',
        encoding="utf-8",
    )
    before = sorted(each.name for each in source.parent.iterdir())
    plan = read_plan(tmp_path)
    assert len(plan["land_use_current"]) > 0
    assert sorted(each.name for each in source.parent.iterdir()) == before
