"""Sites are read from and written to what bureaus hand round: nothing is lost, every wrong line is named, nothing is moved silently."""

from __future__ import annotations

import csv
import math
import random
import time
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

import gis
from gis.analysis.site_system import DATUMS, ZONES, Zone, site_notices, zone_of, zone_system
from gis.crs import wgs84_to_bd09, wgs84_to_gcj02
from gis.errors import ReadError, WriteError
from gis.model.site import SITE_COLUMNS, Site
from gis.read.site_rings import areas_of

HEAD = "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n投影类型=高斯克吕格\n计量单位=米\n带号=40\n精度=0.001\n[地块坐标]\n"
FIRST = HEAD.count("\n") + 1
SQUARE = "4,1.0000,1,地块一,面,,工业用地,0601,@\nJ1,1,3320000,40500000\nJ2,1,3320000,40500100\nJ3,1,3320100,40500100\nJ4,1,3320100,40500000\n"


def site_of(*geometries, crs="EPSG:4528", **columns) -> Site:
    count = len(geometries)
    plain = {
        "site": ["s"] * count,
        "parcel": [str(n) for n in range(1, count + 1)],
        "name": [f"地块{n}" for n in range(count)],
    }
    rest = {
        "use": ["工业用地"] * count,
        "class_code": ["0601"] * count,
        "stated_ha": [math.nan] * count,
        "width_m": [math.nan] * count,
    }
    frame = gpd.GeoDataFrame({**plain, **rest, **columns}, geometry=list(geometries), crs=crs)
    return Site(frame.set_index(frame["parcel"].rename("feature_id")))


def read_text(tmp_path, text: str, encoding: str = "utf-8", **options) -> Site:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode(encoding))
    return gis.read_site(path, **options)


def refusal(tmp_path, text: str, name: str = "a.txt", **options) -> str:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReadError) as caught:
        gis.read_site(path, **options)
    return str(caught.value)


def told(site: Site) -> str:
    return "\n".join(each.zh for each in site.notices)


# --- what is drawn comes back ---------------------------------------------------------------------------------------

offsets = st.lists(st.integers(20_000, 40_000), min_size=3, max_size=9)


def star(east: float, north: float, radii: list[int], scale: float, precision: int) -> list[tuple[float, float]]:
    angles = [2 * math.pi * n / len(radii) for n in range(len(radii))]
    return [
        (
            round(east + scale * r * math.cos(a) / 1000, precision),
            round(north + scale * r * math.sin(a) / 1000, precision),
        )
        for r, a in zip(radii, angles, strict=True)
    ]


@st.composite
def parcels(draw, precision: int = 3):
    """One to three parcels of one to three parts in a grid of 200 m, some parts with a hole, some holes with an island."""
    made = []
    for parcel in range(draw(st.integers(1, 3))):
        polygons = []
        for part in range(draw(st.integers(1, 3))):
            east, north = 40_500_000 + 200.0 * part, 3_320_000 + 200.0 * parcel
            inner = draw(st.integers(0, 2))
            hole = [star(east, north, draw(offsets), 0.2, precision)] if inner else []
            polygons.append(shapely.Polygon(star(east, north, draw(offsets), 1.0, precision), hole))
            if inner == 2:
                polygons.append(shapely.Polygon(star(east, north, draw(offsets), 0.01, precision)))
        made.append(polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons))
    return [each for each in made if each.is_valid]


def written_again(geometries, folder, ending: str, precision: float) -> gpd.GeoSeries:
    path = gis.save_site(site_of(*geometries), folder / f"a{ending}", precision=precision)
    return gis.read_site(path).parcels.geometry


@pytest.mark.parametrize("ending", [".txt", ".csv", ".xlsx"])
@settings(max_examples=25)
@given(geometries=parcels().filter(bool))
def test_a_site_comes_back_vertex_by_vertex(tmp_path_factory, ending, geometries):
    back = written_again(geometries, tmp_path_factory.mktemp("a"), ending, 0.001)
    assert [shapely.get_coordinates(each).tolist() for each in back] == [
        shapely.get_coordinates(each).tolist() for each in geometries
    ]
    assert [shapely.get_num_interior_rings(shapely.get_parts(each)).tolist() for each in back] == [
        shapely.get_num_interior_rings(shapely.get_parts(each)).tolist() for each in geometries
    ]


@settings(max_examples=15)
@given(geometries=parcels(precision=4).filter(bool))
def test_a_tenth_of_a_millimetre_comes_back_too(tmp_path_factory, geometries):
    back = written_again(geometries, tmp_path_factory.mktemp("a"), ".txt", 0.0001)
    assert [shapely.get_coordinates(each).tolist() for each in back] == [
        shapely.get_coordinates(each).tolist() for each in geometries
    ]


def test_a_text_written_again_is_the_same_to_the_byte(tmp_path):
    hole = [(40_500_010.5, 3_320_010.25), (40_500_020.125, 3_320_010), (40_500_020, 3_320_030)]
    drawn = shapely.Polygon([(40_500_000, 3_320_000), (40_500_100, 3_320_000.001), (40_500_050, 3_320_090)], [hole])
    first = gis.save_site(site_of(drawn, shapely.box(40_500_200, 3_320_000, 40_500_300, 3_320_050)), tmp_path / "a.txt")
    again = gis.save_site(gis.read_site(first), tmp_path / "b.txt")
    assert again.read_bytes() == first.read_bytes()


def test_every_column_comes_back_from_each_format(tmp_path):
    site = site_of(
        shapely.box(40_500_000, 3_320_000, 40_500_100, 3_320_100), name=["一号，地块"], use=["商业用地"], parcel=["A-1"]
    )
    for ending in (".txt", ".csv", ".xlsx"):
        row = gis.read_site(gis.save_site(site, tmp_path / f"a{ending}")).parcels.iloc[0]
        assert (row["parcel"], row["name"], row["use"], row["class_code"]) == (
            "A-1",
            "一号，地块",
            "商业用地",
            "0601",
        ), ending


def test_text_that_looks_like_a_formula_stays_text(tmp_path):
    site = site_of(shapely.box(40_500_000, 3_320_000, 40_500_100, 3_320_100), name=["=1+1"])
    for ending in (".csv", ".xlsx"):
        path = gis.save_site(site, tmp_path / f"a{ending}")
        assert gis.read_site(path).parcels["name"].tolist() == ["=1+1"]
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert not any(cell.startswith("=") for row in csv.reader(stream) for cell in row)


def test_eastings_leave_with_their_zone_number_whether_they_had_it_or_not(tmp_path):
    plain = gis.save_site(
        site_of(shapely.box(500_000, 3_320_000, 500_100, 3_320_100), crs="EPSG:4549"), tmp_path / "a.txt"
    )
    numbered = gis.save_site(
        site_of(shapely.box(40_500_000, 3_320_000, 40_500_100, 3_320_100), crs="EPSG:4528"), tmp_path / "b.txt"
    )
    assert plain.read_bytes() == numbered.read_bytes()


def test_the_area_written_is_the_official_one_in_hectares(tmp_path):
    drawn = shapely.Polygon([(40_360_000, 3_320_000), (40_360_300, 3_320_000), (40_360_150, 3_320_300)])
    text = gis.save_site(site_of(drawn), tmp_path / "a.txt").read_text("gb18030")
    stated = float(text.split("[地块坐标]")[1].split(",")[1])
    on_ellipsoid = Transformer.from_crs("EPSG:4528", "EPSG:4490", always_xy=True)
    measured, _ = (
        CRS("EPSG:4490")
        .get_geod()
        .geometry_area_perimeter(shapely.transform(drawn, on_ellipsoid.transform, interleaved=False))
    )
    assert stated == pytest.approx(measured / 1e4, abs=2e-4)  # geodesics bow by 0.5 m² in all
    assert stated != pytest.approx(drawn.area / 1e4, abs=5e-4)  # the plane is larger, 140 km from its meridian


@pytest.mark.parametrize(
    "zone", [Zone(d, w, n, p) for d in DATUMS for w in ZONES for n in ZONES[w] for p in (True, False)], ids=str
)
def test_a_zone_and_its_system_name_each_other(zone):
    found = zone_system(zone)
    west = 3 * zone.number if zone.width == 3 else 6 * zone.number - 3
    stated = {each["name"]: each["value"] for each in found.to_json_dict()["conversion"]["parameters"]}
    assert stated["Longitude of natural origin"] == west
    assert stated["False easting"] == 500_000 + (1e6 * zone.number if zone.prefixed else 0)
    assert zone_of(found) == zone


@pytest.mark.parametrize("datum", DATUMS)
def test_a_site_in_any_zone_and_datum_comes_back_in_it(tmp_path, datum):
    for zone in (Zone(datum, 3, 38, prefixed=True), Zone(datum, 6, 20, prefixed=True)):
        east = zone.number * 1e6 + 480_000
        site = site_of(shapely.box(east, 3_320_000, east + 100, 3_320_100), crs=zone_system(zone))
        back = gis.read_site(gis.save_site(site, tmp_path / "a.txt"))
        assert back.crs == site.crs
        assert ("不是 2000" in told(back)) == (datum != "cgcs2000")


@pytest.mark.parametrize(
    ("crs", "geometry"), [("EPSG:4490", shapely.box(120, 30, 120.1, 30.1)), ("EPSG:3857", shapely.box(0, 0, 9, 9))]
)
def test_a_site_in_no_zone_is_not_written(tmp_path, crs, geometry):
    with pytest.raises(WriteError, match="高斯"):
        gis.save_site(site_of(geometry, crs=crs), tmp_path / "a.txt")
    assert not list(tmp_path.iterdir())


def test_a_site_of_geometries_alone_is_written_too(tmp_path):
    bare = Site(gpd.GeoDataFrame(geometry=[shapely.box(40_500_000, 3_320_000, 40_500_100, 3_320_100)], crs="EPSG:4528"))
    for ending in (".txt", ".csv", ".xlsx"):
        assert gis.read_site(gis.save_site(bare, tmp_path / f"a{ending}")).parcels.area.tolist() == [100**2]


def test_a_site_is_written_to_no_other_ending_and_no_other_precision(tmp_path):
    site = site_of(shapely.box(40_500_000, 3_320_000, 40_500_100, 3_320_100))
    with pytest.raises(WriteError, match=r"\.doc"):
        gis.save_site(site, tmp_path / "a.doc")
    with pytest.raises(WriteError, match="精度"):
        gis.save_site(site, tmp_path / "a.txt", precision=0.5)


# --- the coordinate text --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_text_is_read_in_every_encoding_and_with_every_line_end(tmp_path, encoding, end):
    site = read_text(tmp_path, (HEAD + SQUARE).replace("\n", end), encoding)
    row = site.parcels.iloc[0]
    assert (row["name"], row["use"], row["class_code"], row["stated_ha"]) == ("地块一", "工业用地", "0601", 1.0)
    assert row.geometry.equals(shapely.box(40_500_000, 3_320_000, 40_500_100, 3_320_100))
    assert site.crs.to_epsg() == 4528
    assert site.surveyed["精度"] == "0.001"


def test_x_is_north_and_y_is_east(tmp_path):
    west, south, *_ = read_text(tmp_path, HEAD + SQUARE).parcels.total_bounds
    assert (west, south) == (40_500_000, 3_320_000)


def test_open_and_closed_rings_are_the_same_area_and_the_open_one_is_told(tmp_path):
    open_ring = read_text(tmp_path, HEAD + SQUARE)
    closed = read_text(tmp_path, HEAD + SQUARE.replace("4,1.0000", "5,1.0000") + "J1,1,3320000,40500000\n")
    assert open_ring.parcels.geometry.iloc[0] == closed.parcels.geometry.iloc[0]
    assert "已连回首点" in told(open_ring)
    assert not closed.notices


def test_rings_make_holes_islands_and_parts_by_what_lies_in_what(tmp_path):
    def ring(number, west, size):
        corners = [(0, 0), (0, size), (size, size), (size, 0)]
        return "".join(f"J,{number},{3_320_000 + west + y},{40_500_000 + west + x}\n" for y, x in corners)

    text = HEAD + ",,1,,面,,,,@\n" + ring(1, 0, 100) + ring(2, 10, 50) + ring(3, 20, 10) + ring(4, 200, 10)
    shape = read_text(tmp_path, text).parcels.geometry.iloc[0]
    assert len(shape.geoms) == 3
    assert shape.area == 100**2 - 50**2 + 10**2 + 10**2


def test_the_order_of_rings_does_not_matter():
    big, hole = [(0, 0), (9, 0), (9, 9), (0, 9)], [(1, 1), (2, 1), (2, 2), (1, 2)]
    assert areas_of([hole, big]).equals(areas_of([big, hole]))
    assert areas_of([hole, big]).area == 80


def test_a_second_closed_ring_under_the_same_number_is_another_part(tmp_path):
    ring = "J1,1,3320000,40500000\nJ2,1,3320000,40500010\nJ3,1,3320010,40500010\nJ1,1,3320000,40500000\n"
    other = ring.replace("405000", "405001")
    shape = read_text(tmp_path, HEAD + ",,1,,面,,,,@\n" + ring + other).parcels.geometry.iloc[0]
    assert shape.geom_type == "MultiPolygon"
    assert shape.area == 2 * 50


def test_parcels_of_one_number_get_ids_of_their_own(tmp_path):
    site = read_text(tmp_path, HEAD + SQUARE + SQUARE.replace("405000", "405010").replace("405001", "405011"))
    assert site.parcels.index.is_unique
    assert site.parcels["parcel"].tolist() == ["1", "1"]
    assert site.parcels["site"].nunique() == 1


def test_a_name_may_hold_commas(tmp_path):
    site = read_text(tmp_path, HEAD + SQUARE.replace("地块一", "一厂,二厂"))
    assert site.parcels["name"].tolist() == ["一厂,二厂"]


MALFORMED = {
    "a word for a coordinate": (SQUARE.replace("3320000,40500100", "3320000,40五00100"), 2, "坐标“40五00100”"),
    "NaN": (SQUARE.replace("3320000,40500100", "nan,40500100"), 2, "坐标“nan”"),
    "infinite": (SQUARE.replace("3320000,40500100", "3320000,inf"), 2, "坐标“inf”"),
    "an endless number": (SQUARE.replace("3320000,40500100", "1e400,40500100"), 2, "坐标“1e400”"),
    "python's own spelling": (SQUARE.replace("3320000,40500100", "3_320_000,40500100"), 2, "坐标“3_320_000”"),
    "an empty coordinate": (SQUARE.replace("3320000,40500100", ",40500100"), 2, "坐标“”"),
    "a missing item": (SQUARE.replace("J2,1,", "J2,"), 2, "应为 4 项"),
    "an item too many": (SQUARE.replace("J2,1,", "J2,1,1,"), 2, "应为 4 项"),
    "a ring that is no number": (SQUARE.replace("J2,1,", "J2,a,"), 2, "圈号“a”"),
    "half a ring": (SQUARE.replace("J2,1,", "J2,1.5,"), 2, "圈号“1.5”"),
    "a ring that comes again": (
        SQUARE.replace("J2,1,", "J2,2,"), 3, "第 1 圈在其他圈之后再次出现"),
    "no end of the parcel's line": (SQUARE.replace(",@", ""), 0, "前面没有地块行"),
    "too few items in the parcel's line": (SQUARE.replace("面,,工业用地,0601,@", "@"), 0, "应为 9 项"),
    "a count that is no number": (SQUARE.replace("4,1.0", "四,1.0"), 0, "界址点数“四”"),
    "another count": (SQUARE.replace("4,1.0", "6,1.0"), 0, "写明 6 个界址点，实有 4 个"),
    "an area that is no number": (SQUARE.replace("1.0000", "一公顷"), 0, "面积“一公顷”"),
    "a point as parcel": (SQUARE.replace("面", "点"), 0, "图形属性“点”"),
    "too few points": (",,1,,面,,,,@\nJ1,1,3320000,40500000\nJ2,1,3320000,40500100\n", 1, "只有 2 个不同的点"),
    "no points": (",,1,,面,,,,@\n", 0, "没有界址点"),
    "another zone in one point": (SQUARE.replace("40500100\nJ3", "39500100\nJ3"), 2, "带号（40）不一致"),
    "a lost digit": (SQUARE.replace("40500100\nJ3", "4050010\nJ3"), 2, "带号（40）不一致"),
}  # fmt: skip


@pytest.mark.parametrize("fault", MALFORMED, ids=str)
def test_a_wrong_line_is_named_by_its_number(tmp_path, fault):
    text, below, words = MALFORMED[fault]
    said = refusal(tmp_path, HEAD + text)
    assert f"第 {FIRST + below} 行" in said
    assert f"line {FIRST + below}" in said
    assert words in said


def test_all_wrong_lines_are_named_at_once(tmp_path):
    said = refusal(tmp_path, HEAD + SQUARE.replace("J2,1,", "J2,").replace("J4,1,3320100", "J4,1,x"))
    assert f"第 {FIRST + 2} 行" in said
    assert f"第 {FIRST + 4} 行" in said


def test_blank_lines_count_as_an_editor_counts_them(tmp_path):
    said = refusal(tmp_path, HEAD + "\n\n" + SQUARE.replace("J2,1,", "J2,"))
    assert f"第 {FIRST + 2 + 2} 行" in said


@pytest.mark.parametrize("text", ["", "   \n", "hello", HEAD, "[地块坐标]\n"])
def test_a_text_without_parcels_is_refused(tmp_path, text):
    assert refusal(tmp_path, text)


# --- which system ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "epsg"),
    [
        (("带号=40", "带号=40"), 4528),
        (("带号=40\n", ""), 4528),
        (("带号=40", "带号=第40带"), 4528),
        (("坐标系=2000国家大地坐标系", "坐标系=CGCS2000"), 4528),
        (("坐标系=2000国家大地坐标系", "坐标系=80国家大地坐标系"), 2364),
        (("坐标系=2000国家大地坐标系", "坐标系=北京54"), 2416),
        (("几度分带=3", "几度分带=6"), 4528),
    ],
)
def test_the_head_and_the_zone_number_tell_the_system(tmp_path, change, epsg):
    assert read_text(tmp_path, HEAD.replace(*change) + SQUARE).crs.to_epsg() == epsg


def test_eastings_without_zone_number_take_the_heads_zone(tmp_path):
    site = read_text(tmp_path, HEAD + SQUARE.replace(",405", ",5"))
    assert site.crs.to_epsg() == 4549
    assert "不带带号" in told(site)


def test_six_degree_zones_are_told_by_their_number(tmp_path):
    site = read_text(tmp_path, HEAD.replace("=40", "=20").replace("分带=3", "分带=6") + SQUARE.replace(",405", ",205"))
    assert site.crs.to_epsg() == 4498
    assert "分带" not in told(site)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("带号=40", "带号=39"), "坐标的带号却是 40"),
        (("几度分带=3", "几度分带=6"), "第 40 带是 3 度带"),
        (("坐标系=2000国家大地坐标系", "坐标系=80国家大地坐标系"), "不是 2000"),
        (("坐标系=2000国家大地坐标系\n", ""), "未写明坐标系"),
        (("精度=0.001", "转换参数=1,2,3,,,,"), "转换参数未使用"),
    ],
)
def test_what_contradicts_or_lacks_is_told(tmp_path, change, words):
    assert words in told(read_text(tmp_path, HEAD.replace(*change) + SQUARE))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("坐标系=2000国家大地坐标系", "坐标系=某市独立坐标系"), "第 2 行：坐标系“某市独立坐标系”"),
        (("投影类型=高斯克吕格", "投影类型=墨卡托"), "第 4 行：投影类型“墨卡托”"),
        (("计量单位=米", "计量单位=英尺"), "第 5 行：计量单位“英尺”"),
        (("带号=40", "带号=四十"), "第 6 行：带号“四十”"),
    ],
)
def test_a_head_that_cannot_serve_is_named_by_its_line(tmp_path, change, words):
    assert words in refusal(tmp_path, HEAD.replace(*change) + SQUARE)


def test_a_local_system_is_read_where_the_caller_states_it(tmp_path):
    head = HEAD.replace("坐标系=2000国家大地坐标系", "坐标系=某市独立坐标系")
    site = read_text(tmp_path, head + SQUARE, crs="EPSG:4528")
    assert site.crs.to_epsg() == 4528
    assert "某市独立坐标系" in told(site)


def test_without_zone_number_and_head_the_file_is_refused_with_the_remedy(tmp_path):
    assert "crs=" in refusal(tmp_path, HEAD.replace("带号=40\n", "") + SQUARE.replace(",405", ",5"))


@pytest.mark.parametrize("crs", ["EPSG:4528", "EPSG:4549"])
def test_of_a_zone_with_and_without_number_the_one_written_is_taken(tmp_path, crs):
    assert read_text(tmp_path, HEAD + SQUARE, crs=crs).crs.to_epsg() == 4528
    assert read_text(tmp_path, HEAD + SQUARE.replace(",405", ",5"), crs=crs).crs.to_epsg() == 4549


def test_swapped_axes_are_told_and_left(tmp_path):
    swapped = SQUARE.replace("3320000,40500", "A").replace("3320100,40500", "B")
    swapped = "\n".join(
        ",".join([*line.split(",")[:2], line.split(",")[3], line.split(",")[2]]) if line.startswith("J") else line
        for line in SQUARE.splitlines()
    )
    site = read_text(tmp_path, HEAD + swapped)
    assert "横纵坐标疑似颠倒" in told(site)
    assert site.parcels.total_bounds[0] == 3_320_000


def test_a_doubled_zone_number_is_told_and_left(tmp_path):
    site = read_text(tmp_path, HEAD + SQUARE.replace(",405", ",40405"))
    assert "带号重复" in told(site)
    assert site.parcels.total_bounds[0] == 4_040_500_000


def test_degrees_in_a_coordinate_text_are_told(tmp_path):
    text = HEAD + ",,1,,面,,,,@\nJ1,1,30.0,120.0\nJ2,1,30.0,120.01\nJ3,1,30.01,120.01\n"
    site = read_text(tmp_path, text)
    assert site.crs.to_epsg() == 4490
    assert "经纬度" in told(site)
    assert site.parcels.total_bounds.tolist() == [120.0, 30.0, 120.01, 30.01]


# --- tables of boundary points --------------------------------------------------------------------------------------

POINTS = [(3_320_000.125, 40_500_000.5), (3_320_000.5, 40_500_100.25), (3_320_100, 40_500_050)]
TRIANGLE = shapely.Polygon([(east, north) for north, east in POINTS])


@pytest.mark.parametrize(
    ("heads", "swap"),
    [
        (("点号", "X", "Y"), False),
        (("界址点号", "X坐标(m)", "Y坐标(m)"), False),
        (("点号", "纵坐标X", "横坐标Y"), False),
        (("点号", "北坐标", "东坐标"), False),
        (("序号", "纵坐标（X）", "横坐标（Y）"), False),
        (("point", "Easting", "Northing"), True),
        (("点号", "东坐标(Y)", "北坐标(X)"), True),
        (("点号", "y", "x"), True),
    ],
)
def test_the_columns_are_found_by_what_their_heads_say(tmp_path, heads, swap):
    rows = [(f"J{n}", *(place[::-1] if swap else place)) for n, place in enumerate(POINTS, 1)]
    text = "\n".join(",".join(map(str, row)) for row in [heads, *rows])
    site = gis.read_site(_write(tmp_path / "a.csv", text))
    assert site.parcels.geometry.iloc[0].equals(TRIANGLE)
    assert site.crs.to_epsg() == 4528


def _write(path, text, encoding="utf-8"):
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("ending", [".csv", ".txt"])
def test_a_table_is_read_whatever_sets_its_cells_off(tmp_path, delimiter, encoding, ending):
    rows = [("某项目界址点成果表", "", ""), ("点号", "X", "Y"), *((f"J{n}", *place) for n, place in enumerate(POINTS))]
    path = _write(tmp_path / f"a{ending}", "\n".join(delimiter.join(map(str, row)) for row in rows), encoding=encoding)
    assert gis.read_site(path).parcels.geometry.iloc[0].equals(TRIANGLE)


def test_parcels_and_rings_of_a_table_may_stand_in_merged_cells(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["界址点成果表"])
    book.active.append(["地块编号", "圈号", "点号", "X", "Y"])
    for parcel, west in (("甲", 0), ("乙", 500)):
        for ring, start, size in ((1, 0, 100), (2, 10, 20)):
            for at, (x, y) in enumerate([(0, 0), (0, size), (size, size), (size, 0)]):
                first = [parcel if ring == 1 and at == 0 else None, ring if at == 0 else None]
                book.active.append([*first, f"J{at}", 3_320_000.0 + start + y, 40_500_000.0 + west + start + x])
    book.save(tmp_path / "a.xlsx")
    site = gis.read_site(tmp_path / "a.xlsx")
    assert site.parcels.index.tolist() == ["甲", "乙"]
    assert site.parcels.area.tolist() == [100**2 - 20**2] * 2


def test_rows_of_side_lengths_are_passed_over(tmp_path):
    text = "点号,X,Y,边长\nJ1,3320000,40500000,\n,,,100.0\nJ2,3320000,40500100,\n,,,141.4\nJ3,3320100,40500100,\n"
    assert gis.read_site(_write(tmp_path / "a.csv", text)).parcels.area.tolist() == [5000]


def test_each_sheet_with_heads_is_a_parcel(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    for name, west in (("一号", 0), ("二号", 500)):
        sheet = book.create_sheet(name)
        sheet.append(["点号", "X", "Y"])
        for at, (north, east) in enumerate(POINTS):
            sheet.append([f"J{at}", north, east + west])
    book.save(tmp_path / "a.xlsx")
    assert gis.read_site(tmp_path / "a.xlsx").parcels["parcel"].tolist() == ["一号", "二号"]


@pytest.mark.parametrize(
    ("row", "words"),
    [("J2,,40500100", "J2 的 X 坐标“”"), ("J2,3320000,", "J2 的 Y 坐标“”"), ("J2,a,40500100", "J2 的 X 坐标“a”")],
)
def test_a_wrong_row_of_a_table_is_named_by_its_number(tmp_path, row, words):
    text = f"\n界址点\n点号,X,Y\nJ1,3320000,40500000\n\n{row}\nJ3,3320100,40500100\n"
    said = refusal(tmp_path, text, "a.csv")
    assert "第 6 行" in said
    assert words in said


def test_a_wrong_row_of_a_workbook_is_named_by_its_number(tmp_path):
    book = openpyxl.Workbook()
    for row in (["点号", "X", "Y"], ["J1", 3_320_000, 40_500_000], [], ["J2", "NaN", 40_500_100]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(ReadError, match=r"第 4 行.*NaN"):
        gis.read_site(tmp_path / "a.xlsx")


def test_a_table_of_degrees_says_so(tmp_path):
    site = gis.read_site(_write(tmp_path / "a.csv", "点号,经度,纬度\n1,120.0,30.0\n2,120.01,30.0\n3,120.01,30.01\n"))
    assert site.parcels.total_bounds.tolist() == [120.0, 30.0, 120.01, 30.01]
    assert "经纬度" in told(site)


def test_swapped_columns_of_a_table_are_told_and_left(tmp_path):
    site = gis.read_site(
        _write(tmp_path / "a.csv", "点号,X,Y\n1,40500000,3320000\n2,40500100,3320000\n3,40500100,3320100\n")
    )
    assert "横纵坐标疑似颠倒" in told(site)
    assert site.parcels.total_bounds[0] == 3_320_000


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "点号,X,Y\n", "X,Z\n1,2\n"])
def test_a_table_without_heads_or_points_is_refused(tmp_path, text):
    assert "界址点" in refusal(tmp_path, text, "a.csv")


# --- the same parcel in every format --------------------------------------------------------------------------------

PARCEL = shapely.Polygon(
    [(500_100.123, 3_320_100.456), (500_300.5, 3_320_090.25), (500_350.125, 3_320_300.75), (500_120, 3_320_310)],
    [[(500_200, 3_320_150), (500_200, 3_320_200.5), (500_250, 3_320_200), (500_250, 3_320_150)]],
)


def drawn_as(path, ending: str):
    """PARCEL in one format, and the CRS that the reader must be told (None: the file says)."""
    frame = site_of(PARCEL, crs="EPSG:4549").parcels
    target = path / f"a{ending}"
    if ending in (".txt", ".csv", ".xlsx"):
        gis.save_site(site_of(PARCEL, crs="EPSG:4549"), target)
    elif ending == ".dxf":
        rings = [shapely.LineString(each.coords) for each in (PARCEL.exterior, *PARCEL.interiors)]
        gpd.GeoDataFrame({"Layer": ["0", "0"]}, geometry=rings, crs="EPSG:4549").to_file(target, driver="DXF")
        return target, "EPSG:4549"
    elif ending == ".kml":
        frame[["name", "geometry"]].to_crs(4326).to_file(target, driver="LIBKML")
    elif ending in (".zip", ".kmz"):
        inner, _ = drawn_as(path, ".shp" if ending == ".zip" else ".kml")
        with zipfile.ZipFile(target, "w") as archive:
            for each in path.glob(f"{inner.stem}.*"):
                if each != target:
                    archive.write(each, each.name)
    elif ending == ".parquet":
        frame.to_parquet(target)
    else:
        frame.to_file(target)
    return target, None


FORMATS = [".txt", ".csv", ".xlsx", ".geojson", ".gpkg", ".shp", ".zip", ".fgb", ".parquet", ".dxf", ".kml", ".kmz"]


@pytest.mark.parametrize("ending", FORMATS)
def test_one_parcel_is_the_same_ground_in_every_format(tmp_path, ending):
    path, crs = drawn_as(tmp_path, ending)
    site = gis.read_site(path, crs=crs)
    there = Transformer.from_crs(site.crs, "EPSG:4549", always_xy=True)
    found = shapely.transform(site.parcels.geometry.iloc[0], there.transform, interleaved=False)
    assert len(site) == 1
    assert tuple(site.parcels.columns[: len(SITE_COLUMNS)]) == SITE_COLUMNS
    assert shapely.hausdorff_distance(found, PARCEL) < 2e-4 if ending in (".kml", ".kmz") else 1e-6
    assert shapely.get_num_interior_rings(found) == 1
    assert found.area == pytest.approx(PARCEL.area, abs=0.1 if ending in (".kml", ".kmz") else 1e-3)


@pytest.mark.parametrize("ending", FORMATS)
def test_reading_leaves_the_folder_as_it_was(tmp_path, ending):
    path, crs = drawn_as(tmp_path, ending)
    before = {each: (each.stat().st_mtime_ns, each.read_bytes()) for each in tmp_path.iterdir()}
    gis.read_site(path, crs=crs)
    assert {each: (each.stat().st_mtime_ns, each.read_bytes()) for each in tmp_path.iterdir()} == before


# --- drawings, lines, other files -----------------------------------------------------------------------------------


def dxf(path, *lines):
    gpd.GeoDataFrame({"Layer": ["0"] * len(lines)}, geometry=list(lines), crs="EPSG:4549").to_file(path, driver="DXF")
    return path


CLOSED = shapely.LineString([(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)])
OPEN = shapely.LineString([(500, 0), (600, 0), (600, 100)])


def test_open_polylines_beside_closed_ones_are_told(tmp_path):
    site = gis.read_site(dxf(tmp_path / "a.dxf", CLOSED, OPEN), crs="EPSG:4549")
    assert site.parcels.area.tolist() == [100**2]
    assert "1 条未闭合" in told(site)


def test_open_polylines_alone_are_no_site(tmp_path):
    with pytest.raises(ReadError, match="闭合"):
        gis.read_site(dxf(tmp_path / "a.dxf", OPEN), crs="EPSG:4549")


def test_lines_with_a_width_are_corridors(tmp_path):
    site = gis.read_site(dxf(tmp_path / "a.dxf", OPEN), crs="EPSG:4549", width_m=24)
    assert site.parcels["width_m"].tolist() == [24]
    assert site.parcels.length.tolist() == [200]


def test_the_width_of_a_line_may_stand_in_the_file(tmp_path):
    gpd.GeoDataFrame({"宽度": [12.5]}, geometry=[OPEN], crs="EPSG:4549").to_file(tmp_path / "a.gpkg")
    assert gis.read_site(tmp_path / "a.gpkg").parcels["width_m"].tolist() == [12.5]


def test_a_line_comes_back_from_a_text_with_the_width_that_is_stated(tmp_path):
    line = shapely.LineString([(40_500_000, 3_320_000), (40_501_000, 3_320_000.125)])
    path = gis.save_site(site_of(line, width_m=[20.0]), tmp_path / "a.txt")
    assert gis.read_site(path, width_m=20).parcels.geometry.iloc[0].equals(line)


def entities(body: str, blocks: str = "") -> str:
    """A drawing as CAD programs write it, by hand."""
    section = "0\nSECTION\n2\n{}\n{}0\nENDSEC\n"
    return (
        section.format("HEADER", "") + section.format("BLOCKS", blocks) + section.format("ENTITIES", body) + "0\nEOF\n"
    )


def polyline(layer: str, corners, bulge_at: int = -1) -> str:
    """A closed LWPOLYLINE; the edge from corner `bulge_at` on is a half circle to the right."""
    head = f"0\nLWPOLYLINE\n100\nAcDbEntity\n8\n{layer}\n100\nAcDbPolyline\n90\n{len(corners)}\n70\n1\n"
    return head + "".join(
        f"10\n{x}\n20\n{y}\n" + ("42\n1.0\n" if n == bulge_at else "") for n, (x, y) in enumerate(corners)
    )


CORNERS = [(500_000, 3_320_000), (500_400, 3_320_000), (500_400, 3_320_400), (500_000, 3_320_400)]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_flag_closes_a_polyline_and_arcs_are_followed(tmp_path, encoding):
    (tmp_path / "a.dxf").write_bytes(entities(polyline("用地范围", CORNERS, bulge_at=1)).encode(encoding))
    parcels = gis.read_site(tmp_path / "a.dxf", crs="EPSG:4549").parcels
    assert parcels.area.tolist() == pytest.approx([400**2 + math.pi * 200**2 / 2], abs=0.05)
    assert parcels["name"].tolist() == ["用地范围"]


def test_blocks_within_blocks_do_not_unfold(tmp_path):
    def block(n: int) -> str:
        inside = "".join(f"0\nINSERT\n8\n0\n2\nB{n - 1}\n10\n0\n20\n0\n" for _ in range(20)) if n else ""
        return f"0\nBLOCK\n8\n0\n2\nB{n}\n70\n0\n10\n0\n20\n0\n{inside}0\nENDBLK\n8\n0\n"

    body = "0\nINSERT\n8\n0\n2\nB11\n10\n0\n20\n0\n" + polyline("0", CORNERS)
    (tmp_path / "a.dxf").write_text(entities(body, "".join(map(block, range(12)))), encoding="utf-8")
    started = time.process_time()
    site = gis.read_site(tmp_path / "a.dxf", crs="EPSG:4549")
    assert time.process_time() - started < 2
    assert site.parcels.area.tolist() == [400**2]
    assert "图块" in told(site)


@pytest.mark.parametrize("width", [0, -1, math.nan, math.inf])
def test_a_width_must_be_a_length(tmp_path, width):
    with pytest.raises(ReadError, match="width_m"):
        gis.read_site(dxf(tmp_path / "a.dxf", OPEN), crs="EPSG:4549", width_m=width)


def test_points_are_no_site(tmp_path):
    gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs="EPSG:4549").to_file(tmp_path / "a.gpkg")
    with pytest.raises(ReadError, match="没有面"):
        gis.read_site(tmp_path / "a.gpkg")


def test_the_zone_number_tells_the_system_of_a_drawing(tmp_path):
    moved = shapely.transform(CLOSED, lambda xy: xy + np.array([40_500_000, 3_320_000]))
    site = gis.read_site(dxf(tmp_path / "a.dxf", moved))
    assert site.crs.to_epsg() == 4528
    assert "未写明坐标系" in told(site)


def test_a_drawing_without_system_is_refused_with_the_remedy(tmp_path):
    with pytest.raises(ReadError, match="crs="):
        gis.read_site(
            dxf(tmp_path / "a.dxf", shapely.transform(CLOSED, lambda xy: xy + np.array([500_000, 3_320_000])))
        )


def test_metres_in_a_geojson_without_crs_are_told(tmp_path):
    box = shapely.box(40_500_000, 3_320_000, 40_500_100, 3_320_100)
    (tmp_path / "a.geojson").write_text(shapely.to_geojson(box), encoding="utf-8")
    site = gis.read_site(tmp_path / "a.geojson")
    assert site.crs.to_epsg() == 4528
    assert "声明为经纬度" in told(site)


def test_the_callers_crs_wins_and_is_told(tmp_path):
    path, _ = drawn_as(tmp_path, ".gpkg")
    site = gis.read_site(path, crs="EPSG:4548")
    assert site.crs.to_epsg() == 4548
    assert "已按指定的" in told(site)
    assert site.parcels.total_bounds.tolist() == list(PARCEL.bounds)


def test_of_several_layers_the_one_called_site_is_taken(tmp_path):
    frame = site_of(PARCEL, crs="EPSG:4549").parcels
    frame.to_file(tmp_path / "a.gpkg", layer="site")
    frame.iloc[:0].to_file(tmp_path / "a.gpkg", layer="other")
    assert len(gis.read_site(tmp_path / "a.gpkg")) == 1


def test_several_unnamed_layers_are_refused_by_name(tmp_path):
    for layer in ("one", "two"):
        site_of(PARCEL, crs="EPSG:4549").parcels.to_file(tmp_path / "a.gpkg", layer=layer)
    with pytest.raises(ReadError, match="one、two"):
        gis.read_site(tmp_path / "a.gpkg")


def test_features_are_one_site_unless_a_column_divides_them(tmp_path):
    frame = site_of(PARCEL, shapely.box(0, 0, 9, 9), crs="EPSG:4549").parcels
    frame.drop(columns="site").to_file(tmp_path / "one.gpkg")
    frame.drop(columns="site").assign(XMBH=["a", "b"]).to_file(tmp_path / "two.gpkg")
    assert gis.read_site(tmp_path / "one.gpkg").parcels["site"].tolist() == ["one", "one"]
    assert gis.read_site(tmp_path / "two.gpkg").parcels["site"].tolist() == ["a", "b"]


def test_a_bow_tie_is_kept_and_told(tmp_path):
    crossed = SQUARE.replace(
        "J2,1,3320000,40500100\nJ3,1,3320100,40500100", "J2,1,3320100,40500100\nJ3,1,3320000,40500100"
    )
    site = read_text(tmp_path, HEAD + crossed.replace("1.0000", ""))
    assert "图形无效" in told(site)
    assert len(site) == 1


def test_a_stated_area_that_is_not_that_of_the_points_is_told(tmp_path):
    assert "写明 1.2000 公顷" in told(read_text(tmp_path, HEAD + SQUARE.replace("1.0000", "1.2")))
    assert "公顷" not in told(read_text(tmp_path, HEAD + SQUARE))


def test_missing_geometries_are_left_out_and_told(tmp_path):
    gpd.GeoDataFrame(geometry=[PARCEL, None], crs="EPSG:4549").to_file(tmp_path / "a.gpkg")
    site = gis.read_site(tmp_path / "a.gpkg")
    assert len(site) == 1
    assert "1 个要素没有图形" in told(site)


@pytest.mark.filterwarnings("ignore:invalid value encountered")
def test_a_coordinate_that_is_no_number_is_refused_by_feature(tmp_path):
    bad = shapely.set_coordinates(shapely.box(0, 0, 1, 1), [[0, 0], [1, 0], [math.nan, 1], [0, 1], [0, 0]])
    gpd.GeoDataFrame(geometry=[PARCEL, bad], crs="EPSG:4549").to_parquet(tmp_path / "a.parquet")
    with pytest.raises(ReadError, match="第 2 个要素"):
        gis.read_site(tmp_path / "a.parquet")


# --- hostile files --------------------------------------------------------------------------------------------------


def refused(path, **options) -> str:
    with pytest.raises(ReadError) as caught:
        gis.read_site(path, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    "name", ["a.txt", "a.csv", "a.xlsx", "a.dxf", "a.kml", "a.geojson", "a.gpkg", "a.zip", "a.kmz", "a.xls", "a.dwg"]
)
@pytest.mark.parametrize(
    "data",
    [b"", b"\0" * 100, b"\xff\xfe\xfd" * 50, b"PK\x03\x04" + b"x" * 60, random.Random(1).randbytes(300)],
    ids=["empty", "zeros", "ones", "zip", "random"],
)
def test_other_bytes_end_in_one_clear_message(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    assert str(tmp_path / name) in refused(tmp_path / name) or name in refused(tmp_path / name)


@pytest.mark.parametrize("name", ["/vsicurl/http://x/a.txt", "http://x/a.geojson", "a!b.txt", "no.txt"])
def test_paths_that_are_no_plain_files_are_refused(name):
    with pytest.raises(ReadError):
        gis.read_site(name)


@pytest.mark.parametrize("inside", ["<NetworkLink><Link><href>http://x</href></Link></NetworkLink>", "<Model/>"])
def test_a_kml_that_refers_elsewhere_is_refused(tmp_path, inside):
    (tmp_path / "a.kml").write_text(f'<kml xmlns="http://www.opengis.net/kml/2.2">{inside}</kml>', encoding="utf-8")
    assert "安全" in refused(tmp_path / "a.kml")


def test_a_kml_with_entities_is_refused(tmp_path):
    (tmp_path / "a.kml").write_text(
        '<!DOCTYPE kml [<!ENTITY a "b">]><kml><Document>&a;</Document></kml>', encoding="utf-8"
    )
    assert "安全" in refused(tmp_path / "a.kml")


@pytest.mark.parametrize("member", ["../a.txt", "/etc/a.txt", "b.zip", "C:/a.txt"])
def test_archives_that_lead_out_or_nest_are_refused(tmp_path, member):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(member, HEAD + SQUARE)
    assert "安全" in refused(tmp_path / "a.zip")


def test_an_archive_of_two_sites_is_refused_by_their_names(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("one.txt", "two.txt"):
            archive.writestr(name, HEAD + SQUARE)
    assert "one.txt、two.txt" in refused(tmp_path / "a.zip")


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(3):
            archive.writestr(f"xl/{n}.xml", b"\0" * 80_000_000)
    started = time.perf_counter()
    assert "MB" in refused(tmp_path / "a.xlsx")
    assert time.perf_counter() - started < 2


def test_a_text_too_large_for_a_site_is_refused_unread(tmp_path):
    with (tmp_path / "a.txt").open("wb") as stream:
        stream.truncate(300_000_000)  # sparse: takes no room
    assert "过大" in refused(tmp_path / "a.txt")


def test_rings_without_number_end_in_a_message(tmp_path):
    ring = "J,{n},3320000,40500000\nJ,{n},3320000,40500010\nJ,{n},3320010,40500010\n"
    text = HEAD + ",,1,,面,,,,@\n" + "".join(ring.format(n=n) for n in range(6000))
    assert "6000 个圈" in refusal(tmp_path, text)


@settings(max_examples=60)
@given(text=st.text(st.sampled_from("[]属性描述地块坐标=,@\n1234567890.J面 -eE"), max_size=200))
def test_no_text_whatever_ends_in_anything_but_a_site_or_a_message(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("a") / "a.txt"
    path.write_text("[地块坐标]\n" + text, encoding="utf-8")
    try:
        gis.read_site(path)
    except gis.GisError as error:
        assert error.text.zh


# --- judged against a plan ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo():
    return gis.read_plan(Path(__file__).parents[1] / "data" / "demo")


@pytest.fixture(scope="module")
def block(demo):
    """Some parcels in the middle of the town as one site, drawn along their borders."""
    parcels = demo["land_use_current"].geometry
    middle = demo["county"].geometry.union_all().centroid
    return shapely.union_all(parcels[parcels.distance(middle).nsmallest(12).index].to_numpy())


def shifted(geometry, by):
    return shapely.transform(geometry, lambda xy: np.stack(by(*xy.T), axis=1))


def degrees(demo, geometry):
    return shifted(geometry, Transformer.from_crs(demo.crs, "EPSG:4490", always_xy=True).transform)


def test_a_site_in_its_place_has_no_notices(demo, block):
    number = zone_of(demo.crs).number
    numbered = shifted(block, lambda x, y: (x + number * 1e6, y))
    assert site_notices(demo, site_of(block, crs=demo.crs)) == ()
    assert site_notices(demo, site_of(degrees(demo, block), crs="EPSG:4490")) == ()
    assert site_notices(demo, site_of(numbered, crs=zone_system(Zone("cgcs2000", 3, number, prefixed=True)))) == ()


def test_sites_that_follow_no_parcel_have_no_notices(demo):
    west, south, east, north = demo["county"].geometry.union_all().centroid.buffer(3000).bounds
    rng = np.random.default_rng(5)
    for x, y in zip(rng.uniform(west, east, 8), rng.uniform(south, north, 8), strict=True):
        assert site_notices(demo, site_of(shapely.Point(x, y).buffer(150), crs=demo.crs)) == ()


def wrong_systems(demo, block):
    zone = zone_of(demo.crs)
    mine, other = (lambda n, p: zone_system(Zone("cgcs2000", 3, n, prefixed=p)), zone.number - 1)
    lead = zone.number * 1e6
    return {
        "another zone": (block, mine(other, False), f"中央经线{3 * zone.number}°E"),
        "another zone number": (
            shifted(block, lambda x, y: (x + other * 1e6, y)),
            mine(other, True),
            f"带号 {other} 有误",
        ),
        "a zone number too many": (
            shifted(block, lambda x, y: (x + lead, y)),
            mine(zone.number, False),
            f"第{zone.number}带",
        ),
        "a zone number too few": (block, mine(zone.number, True), f"中央经线{3 * zone.number}°E（"),
        "a doubled zone number": (
            shifted(block, lambda x, y: (x + 101 * lead, y)),
            mine(zone.number, True),
            "带号重复",
        ),
        "swapped axes": (shifted(block, lambda x, y: (y, x)), demo.crs, "横纵坐标颠倒"),
        "degrees as metres": (degrees(demo, block), demo.crs, "经纬度"),
        "swapped degrees": (shifted(degrees(demo, block), lambda x, y: (y, x)), "EPSG:4490", "横纵坐标颠倒"),
        "GCJ-02": (shifted(degrees(demo, block), wgs84_to_gcj02), "EPSG:4490", "GCJ-02"),
        "BD-09": (shifted(degrees(demo, block), wgs84_to_bd09), "EPSG:4490", "BD-09"),
    }


@pytest.mark.parametrize(
    "wrong",
    ["another zone", "another zone number", "a zone number too many", "a zone number too few", "a doubled zone number",
     "swapped axes", "degrees as metres", "swapped degrees", "GCJ-02", "BD-09"],
)  # fmt: skip
def test_a_site_in_another_system_is_recognised_and_not_moved(demo, block, wrong):
    geometry, crs, words = wrong_systems(demo, block)[wrong]
    site = site_of(geometry, crs=crs)
    said = site_notices(demo, site)
    assert len(said) == 1
    assert words in said[0].zh
    assert "未移动" in said[0].zh
    assert "Nothing was moved" in said[0].en
    assert site.parcels.geometry.iloc[0] is geometry


def test_a_site_in_no_system_inside_the_plan_is_told_how_far_it_is(demo, block):
    away = shifted(block, lambda x, y: (x + 100_000, y))
    said = site_notices(demo, site_of(away, crs=demo.crs))
    metres = shapely.distance(away, demo["county"].geometry.union_all())
    assert len(said) == 1
    assert "之外" in said[0].zh
    stated = float(said[0].zh.split("边界 ")[1].split(" 千米")[0])
    assert metres / 1000 == pytest.approx(stated, abs=0.5)


def test_a_plan_without_borders_says_nothing(demo, block):
    bare = demo
    for layer in ("county", "municipality", "township"):
        bare = bare.without_layer(layer) if layer in bare else bare
    assert site_notices(bare, site_of(block, crs="EPSG:4548")) == ()
