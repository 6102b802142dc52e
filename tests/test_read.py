"""From files to a plan: layers and fields are recognised, brought to one CRS, put together, and said where in doubt."""

from __future__ import annotations

import re
from datetime import date

import geopandas as gpd
import pyproj
import pytest
import shapely
from read_files import CRS, X, Y, box, frame, listing, refused, said, write

from gis.errors import WriteError
from gis.geometry.reproject import to_crs
from gis.model.drawn import drawn
from gis.model.layers import LAYERS
from gis.present.plan_files import save_plan
from gis.read import read_plan
from gis.read.fields import canonical_names
from gis.read.recognise import recognise

BOUNDARY = "urban_development_boundary"
REDLINE = "ecological_redline"


def toml(folder, text):
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    return folder


# --- names of layers


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("CZKFBJ", BOUNDARY),
        ("czkfbj", BOUNDARY),
        ("(339921)CZKFBJ", BOUNDARY),
        ("（330483）城镇开发边界", BOUNDARY),
        ("CZKFBJ_2035", BOUNDARY),
        ("330483_CZKFBJ_final", BOUNDARY),
        ("城镇开发边界（报批稿）", BOUNDARY),
        ("桐乡市城镇开发边界", BOUNDARY),
        ("YJJBNT2023", "permanent_basic_farmland"),
        ("永久基本农田储备区", "farmland_reserve"),
        ("YJJBNTCBQ_1", "farmland_reserve"),
        ("XZQ_XS", "county"),
        ("XZQ_XS_2020", "county"),
        ("WHHCZKFBJ", "maintenance_after"),
        ("(330483)WHCCZKFBJ", "maintenance_change"),
        ("ZXCQGHFQ", "planning_zone"),
        ("river", "river"),
        ("river_2020", "river"),
        ("riverbank", None),
        ("road_names", None),
        ("城镇开发边界内窗口", None),
        ("非县城", None),
        ("ABCZKFBJX", None),
        ("whatever", None),
        ("", None),
    ],
)
def test_a_layer_is_known_by_its_name_and_by_nothing_less(name, layer):
    assert recognise(name).layer == layer


@pytest.mark.parametrize("name", [each for spec in LAYERS.values() for each in (*spec.names, spec.name.zh, spec.id)])
def test_every_official_name_is_recognised_with_an_area_code_and_a_year_around_it(name):
    plain = recognise(name).layer
    assert plain is not None
    assert recognise(f"(330483){name}").layer == plain
    assert recognise(f"330483_{name}_2035").layer == plain


def test_a_name_that_may_mean_two_layers_is_unknown_and_said(tmp_path):
    path = write(tmp_path / "plan.gpkg", layer="CZKFBJ_STBHHX")
    plan = read_plan(path)
    assert not plan.layers
    assert "CZKFBJ_STBHHX" in plan.unknown
    assert BOUNDARY in said(plan)


def test_the_name_of_the_file_serves_where_its_only_layer_has_none_of_its_own(tmp_path):
    assert list(read_plan(write(tmp_path / "CZKFBJ.gpkg", layer="export_1"))) == [BOUNDARY]


# --- names of fields


def test_fields_get_canonical_names_and_unknown_ones_stay_and_are_listed(tmp_path):
    data = frame([box()], BSM=["1"], GHFQDM=["410"], 自定义=["x"])
    plan = read_plan(write(tmp_path / "CZKFBJ.gpkg", data))
    assert {"feature_id", "zone_code", "自定义"} <= set(plan[BOUNDARY].columns)
    assert plan.source(BOUNDARY).unknown_fields == ("自定义",)
    assert "自定义" in said(plan)


def test_of_two_columns_for_one_field_the_canonical_one_is_it(tmp_path):
    plan = read_plan(write(tmp_path / "CZKFBJ.gpkg", frame([box()], BSM=["old"], feature_id=["new"])))
    assert plan[BOUNDARY]["feature_id"].tolist() == ["new"]
    assert plan[BOUNDARY]["BSM"].tolist() == ["old"]
    assert "BSM" in said(plan)


def test_names_that_a_shapefile_cut_to_ten_letters_are_recognised():
    spec = LAYERS["settlement"]
    names = canonical_names(["planned_re", "area_code"], spec, where="a", cut=True)
    assert names.renamed == {"planned_re": "planned_residents"}
    assert not names.unknown


def test_a_cut_name_that_fits_two_fields_is_unknown():
    spec = LAYERS["permanent_basic_farmland"]
    names = canonical_names(["protected_"], spec, where="a", cut=True)
    assert names.unknown == ("protected_",)


def test_names_are_taken_as_cut_in_shapefiles_only():
    assert canonical_names(["planned_re"], LAYERS["settlement"], where="a").unknown == ("planned_re",)


# --- the CRS of the plan


def _degrees(x0=120.0, y0=30.0, size=0.05):
    return shapely.box(x0, y0, x0 + size, y0 + size)


def test_the_plan_is_in_the_crs_most_features_are_in(tmp_path):
    write(tmp_path / "CZKFBJ.gpkg", frame([box(0, n) for n in range(3)], BSM=list("abc")))
    write(tmp_path / "STBHHX.gpkg", frame([box()], crs="EPSG:4548", BSM=["1"]))
    assert read_plan(tmp_path).crs.to_epsg() == 4549


def test_the_argument_wins_over_plan_toml_and_plan_toml_over_the_data(tmp_path):
    write(tmp_path / "CZKFBJ.gpkg")
    toml(tmp_path, 'crs = "EPSG:4548"\n')
    assert read_plan(tmp_path).crs.to_epsg() == 4548
    assert read_plan(tmp_path, crs="EPSG:4550").crs.to_epsg() == 4550


@pytest.mark.parametrize(("longitude", "epsg"), [(120.0, 4549), (116.4, 4548), (104.1, 4544), (87.6, 4538)])
def test_a_plan_in_degrees_goes_to_the_three_degree_zone_of_its_middle(tmp_path, longitude, epsg):
    plan = read_plan(write(tmp_path / "CZKFBJ.gpkg", frame([_degrees(longitude)], crs="EPSG:4490", BSM=["1"])))
    assert plan.crs.to_epsg() == epsg
    assert f"EPSG:{epsg}" in said(plan)


def test_outside_china_the_utm_zone_is_taken(tmp_path):
    plan = read_plan(write(tmp_path / "CZKFBJ.gpkg", frame([_degrees(24.9, 60.1)], crs="EPSG:4326", BSM=["1"])))
    assert plan.crs.to_epsg() == 32635


def test_web_mercator_is_never_the_plans_crs(tmp_path):
    data = frame([_degrees()], crs="EPSG:4490", BSM=["1"]).to_crs("EPSG:3857")
    assert read_plan(write(tmp_path / "CZKFBJ.gpkg", data)).crs.to_epsg() == 4549


def test_the_prj_that_arcgis_writes_is_understood(tmp_path):
    path = write(tmp_path / "CZKFBJ.shp")
    esri = pyproj.CRS(CRS).to_wkt("WKT1_ESRI")
    path.with_suffix(".prj").write_text(re.sub(r'"[^"]*"', '"自定义"', esri, count=1), encoding="utf-8")
    plan = read_plan(path)
    assert plan.crs.to_epsg() == 4549
    assert plan.source(BOUNDARY).reprojection_m == 0


def test_a_layer_that_is_in_the_plans_crs_keeps_every_byte(tmp_path):
    path = write(tmp_path / "CZKFBJ.gpkg")
    plan = read_plan(path)
    drawn = gpd.read_file(path).geometry
    assert (shapely.to_wkb(plan[BOUNDARY].geometry.to_numpy()) == shapely.to_wkb(drawn.to_numpy())).all()
    assert plan.source(BOUNDARY).geometry is None


def test_a_layer_in_another_crs_has_its_edges_cut_and_keeps_what_was_drawn(tmp_path):
    drawn = _degrees()
    plan = read_plan(write(tmp_path / "CZKFBJ.gpkg", frame([drawn], crs="EPSG:4490", BSM=["k"])))
    moved, added = to_crs([drawn], "EPSG:4490", "EPSG:4549")
    assert added.any()
    assert plan[BOUNDARY].geometry.iloc[0].equals_exact(moved[0], 0)
    source = plan.source(BOUNDARY)
    assert source.geometry.to_list() == [drawn]
    assert source.geometry.index.equals(plan[BOUNDARY].index)
    assert source.geometry.crs.to_epsg() == 4490
    assert source.reprojection_m == 0.0002


def test_neighbours_drawn_in_degrees_stay_neighbours_after_the_change(tmp_path):
    squares = [_degrees(120.0), _degrees(120.05)]
    plan = read_plan(write(tmp_path / "CZKFBJ.gpkg", frame(squares, crs="EPSG:4490", BSM=["1", "2"])))
    west, east = plan[BOUNDARY].geometry
    assert west.intersection(east).area == 0
    assert len(shapely.union(west, east).interiors) == 0  # a false sliver would leave a hole or a second part


def test_a_collection_is_taken_apart_for_the_change_of_crs_and_put_together_again(tmp_path):
    both = shapely.GeometryCollection([_degrees(), shapely.Point(120, 30)])
    found = read_plan(write(tmp_path / "CZKFBJ.gpkg", frame([both], crs="EPSG:4490", BSM=["1"])))[BOUNDARY]
    assert [each.geom_type for each in found.geometry.iloc[0].geoms] == ["Polygon", "Point"]


def test_a_change_of_datum_is_said(tmp_path):
    data = frame([shapely.box(40_500_000, Y, 40_501_000, Y + 1000)], crs="EPSG:2364", BSM=["1"])
    plan = read_plan(write(tmp_path / "CZKFBJ.gpkg", data), crs="EPSG:4549")
    assert "大地基准不同" in said(plan)


def test_unknown_layers_stay_in_their_own_crs_even_without_one(tmp_path):
    write(tmp_path / "CZKFBJ.gpkg")
    write(tmp_path / "mystery.shp").with_suffix(".prj").unlink()
    plan = read_plan(tmp_path)
    assert plan.unknown["mystery"].crs is None


# --- several files for one layer


def test_the_same_layer_from_two_counties_is_put_together_and_both_files_are_named(tmp_path):
    write(tmp_path / "330481" / "CZKFBJ.shp", frame([box()], BSM=["a"]))
    write(tmp_path / "330482" / "CZKFBJ.gpkg", frame([box(1000)], BSM=["b"]))
    plan = read_plan(tmp_path)
    assert sorted(plan[BOUNDARY]["feature_id"]) == ["a", "b"]
    assert "CZKFBJ.shp" in plan.source(BOUNDARY).file
    assert "CZKFBJ.gpkg" in plan.source(BOUNDARY).file
    assert "合并" in said(plan)


def test_variants_of_one_layer_are_told_apart_by_their_scope(tmp_path):
    path = write(tmp_path / "plan.gpkg", frame([box()], BSM=["a"]), layer="GHFQ")
    write(path, frame([box(1000)], BSM=["b"]), layer="ZXCQGHFQ")
    write(path, frame([box(2000)], BSM=["c"]), layer="YDYHGHFQ")
    zones = read_plan(path)["planning_zone"].set_index("feature_id")["scope"].to_dict()
    assert zones == {"a": "", "b": "central_district", "c": "land_use"}


def test_shares_in_one_other_crs_keep_what_was_drawn(tmp_path):
    write(tmp_path / "a" / "CZKFBJ.gpkg", frame([_degrees()], crs="EPSG:4490", BSM=["a"]))
    write(tmp_path / "b" / "CZKFBJ.gpkg", frame([_degrees(120.05)], crs="EPSG:4490", BSM=["b"]))
    plan = read_plan(tmp_path)
    drawn = plan.source(BOUNDARY).geometry
    assert drawn.index.equals(plan[BOUNDARY].index)
    assert drawn.to_list() == [_degrees(), _degrees(120.05)]


def test_shares_in_different_crss_are_put_together_in_the_plans(tmp_path):
    write(tmp_path / "a" / "CZKFBJ.gpkg", frame([box(), box(1000)], BSM=["a", "c"]))
    write(tmp_path / "b" / "CZKFBJ.gpkg", frame([_degrees()], crs="EPSG:4490", BSM=["b"]))
    plan = read_plan(tmp_path)
    assert plan.source(BOUNDARY).geometry is None
    assert plan.source(BOUNDARY).reprojection_m == 0.0002
    assert "坐标系不同" in said(plan)


# --- plan.toml


FULL = """
name = "桐城市国土空间总体规划"
crs = "EPSG:4549"
as_of = 2025-06-30
profile = "province_x"
file = "data/plan.gpkg"

[accuracy]
position_m = 0.5
[accuracy.layers.dem]
position_m = 5

[layers.ecological_redline]
file = "data/redline.geojson"
as_of = 2023-11-01
version = "封库2022"

[layers.urban_development_boundary]
as_of = "2024"

[targets]
expansion_multiple = 1.25
farmland_task = {value = 4200, unit = "ha", direction = "min", document = "市政府文件"}

[[waivers]]
rule = "CL01"
reason = "已批准"
by = "局长办公会"
until = 2026-01-01

[parameters.TP04]
most_m = 3.0

[severities]
DQ02 = "note"

[related.previous]
file = "old"
"""


@pytest.fixture
def full(tmp_path):
    write(tmp_path / "data" / "plan.gpkg", layer="CZKFBJ")
    write(tmp_path / "data" / "redline.geojson")
    write(tmp_path / "old" / "STBHHX.shp")
    return toml(tmp_path, FULL)


def test_plan_toml_says_what_the_data_cannot(full):
    plan = read_plan(full / "plan.toml")
    assert (plan.name, plan.profile, plan.as_of) == ("桐城市国土空间总体规划", "province_x", date(2025, 6, 30))
    assert list(plan) == [REDLINE, BOUNDARY]
    assert (plan.source(REDLINE).as_of, plan.source(REDLINE).version) == ("2023-11-01", "封库2022")
    assert plan.source(BOUNDARY).as_of == "2024"
    assert (plan.accuracy.position_m, plan.accuracy.of("dem").position_m) == (0.5, 5.0)
    assert (plan.targets["expansion_multiple"].value, plan.targets["farmland_task"].unit) == (1.25, "ha")
    assert (plan.waivers[0].rule, plan.waivers[0].until) == ("CL01", date(2026, 1, 1))
    assert plan.parameters["TP04"] == {"most_m": 3.0}
    assert plan.severities == {"DQ02": "note"}
    assert list(plan.related["previous"]) == [REDLINE]


def test_a_folder_with_plan_toml_is_read_by_it(full):
    assert read_plan(full).name == "桐城市国土空间总体规划"


def test_arguments_win_over_plan_toml(full):
    plan = read_plan(full, name="甲", profile="national_city", as_of=date(2024, 1, 1))
    assert (plan.name, plan.profile, plan.as_of) == ("甲", "national_city", date(2024, 1, 1))


def test_reading_by_plan_toml_changes_nothing(full):
    before = listing(full)
    read_plan(full)
    assert listing(full) == before


def test_a_plan_toml_without_files_takes_the_data_of_its_folder(tmp_path):
    write(tmp_path / "CZKFBJ.gpkg")
    assert list(read_plan(toml(tmp_path, 'name = "甲"\n'))) == [BOUNDARY]


def test_all_faults_of_plan_toml_are_said_at_once(tmp_path):
    text = 'nmae = "x"\ncrs = 4549\n[layers.STBHHX]\nfile = "a"\n[targets]\na = "many"\n[[waivers]]\nrule = "CL01"\n'
    message = refused(toml(tmp_path, text))
    for key in ("nmae", "crs", "STBHHX", "targets.a", "waivers.0.reason", "waivers.0.by"):
        assert key in message


def test_toml_that_is_no_toml_is_refused_with_the_place(tmp_path):
    assert "line 2" in refused(toml(tmp_path, 'name = "x"\ncrs = \n'))


def test_toml_in_gbk_is_refused(tmp_path):
    (tmp_path / "plan.toml").write_text('name = "规划"', encoding="gbk")
    assert "UTF-8" in refused(tmp_path)


def test_files_that_plan_toml_names_and_that_are_not_there_are_all_said(tmp_path):
    text = '[layers.ecological_redline]\nfile = "a.gpkg"\n[layers.river]\nfile = "b.shp"\n[tables.t]\nfile = "c.csv"\n'
    message = refused(toml(tmp_path, text))
    for name in ("a.gpkg", "b.shp", "c.csv", "3 faults"):
        assert name in message


def test_a_layer_that_plan_toml_lists_and_the_data_lack_is_said(tmp_path):
    write(tmp_path / "plan.gpkg", layer="CZKFBJ")
    assert REDLINE in refused(toml(tmp_path, 'file = "plan.gpkg"\n[layers.ecological_redline]\nas_of = "2024"\n'))


def test_a_layer_of_a_name_nobody_knows_is_bound_by_plan_toml(tmp_path):
    write(tmp_path / "plan.gpkg", layer="export_7")
    folder = toml(tmp_path, 'file = "plan.gpkg"\n[layers.ecological_redline]\nlayer = "export_7"\n')
    assert list(read_plan(folder)) == [REDLINE]


def test_a_file_with_several_layers_must_say_which(tmp_path):
    path = write(tmp_path / "plan.gpkg", layer="one")
    write(path, layer="two")
    text = '[layers.ecological_redline]\nfile = "plan.gpkg"\n'
    assert "one, two" in refused(toml(tmp_path, text))
    assert list(read_plan(toml(tmp_path, text + 'layer = "two"\n'))) == [REDLINE]
    assert "three" in refused(toml(tmp_path, text + 'layer = "three"\n'))


def test_plan_toml_gives_the_crs_that_a_file_lacks(tmp_path):
    write(tmp_path / "a.shp").with_suffix(".prj").unlink()
    plan = read_plan(toml(tmp_path, '[layers.ecological_redline]\nfile = "a.shp"\ncrs = "EPSG:4549"\n'))
    assert plan.crs.to_epsg() == 4549
    assert plan.source(REDLINE).crs == ""


def test_plan_toml_overrules_the_crs_of_a_file_and_that_is_said(tmp_path):
    write(tmp_path / "a.gpkg", frame(crs="EPSG:4548"))
    plan = read_plan(toml(tmp_path, '[layers.ecological_redline]\nfile = "a.gpkg"\ncrs = "EPSG:4549"\n'))
    assert plan[REDLINE].total_bounds[0] == X
    assert "plan.toml" in said(plan)


def test_an_encoding_that_plan_toml_states_is_taken_or_refused(tmp_path):
    path = write(tmp_path / "a.shp", frame([box()], BSM=["1"], XZQMC=["桐乡市"]), encoding="GBK")
    path.with_suffix(".cpg").unlink()
    text = '[layers.ecological_redline]\nfile = "a.shp"\nencoding = "{}"\n'
    assert read_plan(toml(tmp_path, text.format("GBK")))[REDLINE]["area_name"].tolist() == ["桐乡市"]
    for wrong in ("UTF-8", "nonsense"):
        assert wrong in refused(toml(tmp_path, text.format(wrong)))


def test_a_fault_in_a_related_plan_names_its_file(tmp_path):
    write(tmp_path / "CZKFBJ.gpkg")
    (tmp_path / "old.gpkg").touch()
    folder = toml(tmp_path, 'file = "CZKFBJ.gpkg"\n[related.previous]\nfile = "old.gpkg"\n')
    assert "old.gpkg" in refused(folder)


def test_related_plans_that_name_each_other_come_to_an_end(tmp_path):
    write(tmp_path / "CZKFBJ.gpkg")
    plan = read_plan(toml(tmp_path, 'file = "CZKFBJ.gpkg"\n[related.previous]\nfile = "plan.toml"\n'))
    assert plan.related["previous"].related["previous"].related == {}


# --- what is said of the plan


def test_a_plan_without_any_doubt_has_nothing_to_say(tmp_path):
    assert read_plan(write(tmp_path / "CZKFBJ.gpkg")).notices == ()


def test_the_date_of_the_data_is_the_latest_year_in_it(tmp_path):
    data = frame([box(), box(1000)], BSM=["1", "2"], SJNF=[2022, 2023])
    assert read_plan(write(tmp_path / "DLTB.gpkg", data)).source("survey_parcel").as_of == "2023"


def test_every_notice_is_in_both_languages(tmp_path):
    write(tmp_path / "a" / "CZKFBJ.gpkg", frame([_degrees()], crs="EPSG:4490", BSM=["1"], x=[1]))
    write(tmp_path / "b" / "CZKFBJ.shp", frame([shapely.force_3d(box())], BSM=["1"]))
    write(tmp_path / "mystery.geojson")
    notices = read_plan(tmp_path).notices
    assert len(notices) >= 5
    assert all(each.zh.endswith("。") and each.en.endswith(".") for each in notices)


@pytest.mark.parametrize("folder", ["市 级", "a#b", "a%20b", "a%b", "a&b", "a'b"])
def test_a_path_may_have_any_character_that_a_folder_may(tmp_path, folder):
    place = tmp_path / folder
    place.mkdir()
    frame = gpd.GeoDataFrame({"BSM": ["1" * 18]}, geometry=[shapely.box(5e5, 3.4e6, 501e3, 3401e3)], crs=4549)
    frame.to_file(place / f"{folder}.gpkg", layer="STBHHX", driver="GPKG")
    before = sorted(each.name for each in place.iterdir())
    assert len(read_plan(place / f"{folder}.gpkg")["ecological_redline"]) == 1
    assert sorted(each.name for each in place.iterdir()) == before


@pytest.fixture
def tables_only(tmp_path):
    rows = ["indicator_id,name,target_2035,unit", "cultivated_land_area,耕地保有量,100,ha"]
    (tmp_path / "指标表.csv").write_text("\n".join(rows), encoding="utf-8-sig")
    return tmp_path


def test_a_folder_that_holds_tables_only_is_a_plan_of_tables(tables_only):
    made = read_plan(tables_only, crs=4549)
    assert (len(made), list(made.tables)) == (0, ["t_indicator"])


def test_a_plan_of_tables_can_be_saved_and_read_again(tables_only, tmp_path_factory):
    again = read_plan(save_plan(read_plan(tables_only, crs=4549), tmp_path_factory.mktemp("saved")))
    assert (again.crs.to_epsg(), again.tables["t_indicator"]["target_2035"].tolist()) == (4549, [100.0])


def test_tables_alone_do_not_tell_the_system_of_a_plan(tables_only):
    assert "crs" in refused(tables_only)


def test_a_plan_of_nothing_is_not_saved(tmp_path):
    with pytest.raises(WriteError, match="没有图层也没有表格"):
        save_plan(drawn({}), tmp_path / "plan")
    assert not (tmp_path / "plan").exists()


def test_a_folder_of_tables_that_nobody_knows_holds_no_plan(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert "没有可读取的图层" in refused(tmp_path)
