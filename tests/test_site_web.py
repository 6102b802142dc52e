"""What Chromium says of a site in the saved map, offline: the same answer, statuses and areas as Python."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import pytest
import shapely
from browser import browser, complaints, open_page, requests
from conftest import ROOT
from selenium.webdriver.common.by import By
from test_web_map_browser import click_ground
from typer.testing import CliRunner
from web_plans import NASTY

import gis
from gis.errors import LayerError
from gis.model.drawn import drawn
from gis.model.plan import Plan
from gis.present.site_cells import UNITS_PER_M, cells, packed
from gis.present.web_map import web_map

KINDS = ("single_site", "linear", "temporary", "village_building", "batch", "advance", "facility_agriculture")
USES = ("1001", "0804", "0101", "1202", "0703", "")
PLAIN = {"use": "1001", "kind": "single_site", "listed": False}
JUDGE = """
const {answer, rows} = Lantu.judgeSite(Lantu.readSite(arguments[0]), arguments[1]);
return [answer, rows.map(each => ({asked: each.asked, outside: each.outside, part: each.part, status: each.status, effect: each.effect,
  need: each.case ? each.case.need.zh : "", m2: Number.isNaN(each.m2) ? null : each.m2, metres: each.metres}))]"""
SAY = "try { Lantu.readSite(arguments[0]); return null } catch (fault) { return fault.wording }"


@pytest.fixture(scope="module")
def driver(chromium):
    assert chromium
    with browser(1600, 900) as made:
        yield made


@pytest.fixture(scope="module")
def plan():
    return gis.read_plan(ROOT / "data" / "demo")


@pytest.fixture(scope="module")
def saved(plan, tmp_path_factory):
    path = tmp_path_factory.mktemp("siting") / "map.html"
    web_map(plan, layers=["municipality", "ecological_redline", "permanent_basic_farmland"], siting=True).save(path)
    return path


@pytest.fixture
def page(driver, saved):
    """The saved map of the demo city with its siting panel, opened once as long as no test leaves it."""
    if driver.current_url != saved.as_uri():
        requests(driver)
        open_page(driver, saved)
        driver.find_element(By.ID, "lantu-siting-open").click()
        assert requests(driver) == [saved.as_uri()]
    yield driver
    assert requests(driver) == complaints(driver) == []


def lines(shape):
    """A polygon as lines of points, north first, a blank line after each ring."""
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return "\n\n".join("\n".join(f"{y:.4f},{x:.4f}" for x, y in ring.coords[:-1]) for ring in rings)


def places(plan, count):
    """Squares, rounds, rings and pairs, on features of many layers and beside them; to whole millimetres."""
    random = np.random.default_rng(7)
    layers = [
        "permanent_basic_farmland", "ecological_redline", "urban_development_boundary", "planning_zone", "hazard_area", "land_case",
        "drinking_water", "heritage_line", "urban_green_line", "flood_risk_line", "protected_area", "village",
    ]  # fmt: skip
    for n in range(count):
        known = plan[layers[n % len(layers)]].geometry
        known = known[~known.is_empty & known.notna()]
        at = shapely.get_coordinates(known.iloc[[int(random.integers(len(known)))]])
        x, y = at[random.integers(len(at))] + random.uniform(-60, 60, 2)
        radius = float(np.exp(random.uniform(np.log(15), np.log(900))))
        square, disc = (
            shapely.box(x - radius, y - radius / 2, x + radius, y + radius / 2),
            shapely.Point(x, y).buffer(radius, 8),
        )
        shape = [
            square, disc, square.difference(shapely.Point(x, y).buffer(radius / 4, 4)),
            shapely.MultiPolygon([square, shapely.transform(disc, lambda xy, r=radius: xy + np.array([3 * r, r]))]),
        ][n % 4]  # fmt: skip
        yield shapely.transform(shape, lambda xy: np.round(xy, 3))


PROJECTS = [{"use": USES[n % 6], "kind": kind, "listed": n % 3 == 1} for n, kind in enumerate(KINDS)]


def told(rows):
    """The rows of a Python answer by layer, part and need."""
    out = {}
    for row in rows.to_dict("records"):
        key = row["asked"], row["layer"].startswith("outside:"), row["part"], row["need_zh"]
        m2 = None if np.isnan(row["area_m2"]) else row["area_m2"]
        out[key] = row["status"], row["effect"], m2, row["length_m"]
    return out


def differences(page, plan, shapes, project):
    """Where the page and Python differ on sites, in words."""
    frame = gpd.GeoDataFrame(geometry=list(shapes), crs=plan.crs)
    answers = gis.sites(plan, frame, project["use"] or None, kind=project["kind"], listed=project["listed"])
    rows = dict(iter(answers.rows.groupby("site")))
    return [
        f"{site} {each}"
        for (site, answer), shape in zip(answers.answers.items(), shapes, strict=True)
        for each in _different(answer, told(rows[site]), *page.execute_script(JUDGE, lines(shape), project))
    ]


def _different(answer, mine, word, rows):
    theirs = {(each["asked"], each["outside"], each["part"], each["need"]): each for each in rows}
    out = [f"answer {word}, not {answer}"] if word != answer else []
    out += [f"row {key}" for key in mine.keys() ^ theirs.keys()]
    for key in mine.keys() & theirs.keys():
        (status, effect, m2, metres), row = mine[key], theirs[key]
        if (row["status"], row["effect"]) != (status, effect):
            out.append(f"{key}: {row['status']} {row['effect']}, not {status} {effect}")
        if (m2 is None) != (row["m2"] is None) or (m2 is not None and abs(row["m2"] - m2) > 1e-6 * m2 + 0.01):
            out.append(f"{key}: {row['m2']} m², not {m2}")
        if m2 is not None and abs(row["metres"] - metres) > 1e-6 * metres + 0.01:
            out.append(f"{key}: {row['metres']} m, not {metres}")
    return out


@pytest.mark.parametrize("count", [28, pytest.param(350, marks=pytest.mark.long)])
def test_pasted_sites_are_judged_as_in_python(page, plan, count):
    shapes = list(places(plan, count))
    for n, project in enumerate(PROJECTS):
        assert differences(page, plan, shapes[n :: len(PROJECTS)], project) == []


def test_a_layer_that_is_taken_itself_has_its_own_area_and_adjoins_its_neighbours(page, plan):
    taken = [plan[each].geometry.iloc[0] for each in ("permanent_basic_farmland", "planning_zone", "land_use_current")]
    assert differences(page, plan, shapely.transform(taken, lambda xy: np.round(xy, 3)), PLAIN) == []


def test_the_plane_of_the_page_is_that_of_pyproj_within_a_millimetre(page):
    random = np.random.default_rng(0)
    for meridian in (75, 105, 120, 135):
        lon, lat = random.uniform(meridian - 3, meridian + 3, 50), random.uniform(3, 53, 50)
        crs = f"+proj=tmerc +lon_0={meridian} +x_0=0 +ellps=GRS80"
        plane = pyproj.Transformer.from_crs(pyproj.CRS(crs).geodetic_crs, crs, always_xy=True)
        found = page.execute_script(
            "return arguments[0].map(([x, y]) => Lantu.grid.toGrid(x, y, arguments[1]))",
            np.column_stack([lon, lat]).tolist(),
            meridian,
        )
        assert np.abs(np.array(found) - np.column_stack(plane.transform(lon, lat))).max() < 1e-3
        back = page.execute_script(
            "return arguments[0].map(([x, y]) => Lantu.grid.fromGrid(x, y, arguments[1]))", found, meridian
        )
        assert np.abs(np.array(back) - np.column_stack([lon, lat])).max() < 1e-10


@pytest.fixture
def small(driver, tmp_path):
    """Opens a page of drawn layers with its siting panel; says what Python and the page make of a box differently."""

    def made(layers):
        plan = drawn(layers)
        web_map(plan, siting=True).save(tmp_path / "small.html")
        open_page(driver, tmp_path / "small.html")
        driver.find_element(By.ID, "lantu-siting-open").click()

        def compared(*box):
            x, y = 500_000, 3_400_000
            shape = shapely.box(x + box[0], y + box[1], x + box[2], y + box[3])
            return differences(driver, plan, [shape], PLAIN)

        return compared

    yield made
    assert complaints(driver) == []


def test_ground_that_several_features_cover_counts_once_and_for_the_gravest(small):
    compared = small(
        {
            "ecological_redline": [[0, 0, 100, 100], [50, 50, 200, 200], [50, 50, 90, 90]],
            "drinking_water": [{"box": [0, 0, 100, 100], "level": "二级"}, {"box": [40, 40, 80, 80], "level": "一级"}],
        }
    )
    assert compared(10, 10, 150, 150) == [] and compared(60, 60, 70, 70) == []


def test_neighbours_without_the_same_corners_are_one_piece_of_ground(small):
    halves = [{"box": box, "class_code": "0101"} for box in ([0, 0, 1.5, 100], [1.5, 0, 3, 50], [1.5, 50, 3, 100])]
    compared = small({"land_use_current": halves})
    assert compared(-5, 20, 30, 80) == []  # 3 m wide together, more than the survey's 2.5 m
    assert compared(-5, 20, 1, 80) == []  # 1 m: cannot be decided


@pytest.mark.parametrize("width", [0.0005, 0.002, 0.3, 2.6])
def test_strips_are_judged_by_their_width(small, width):
    compared = small({"permanent_basic_farmland": [[0, 0, 500, 500]], "land_use_current": [{"box": [0, 0, 500, 500], "class_code": "0101"}]})  # fmt: skip
    assert compared(-100, 0, width, 500) == []


def test_approved_land_is_told_by_its_approval(small):
    compared = small({"land_use_current": [{"box": [0, 0, 300, 300], "class_code": "0101"}], "land_case": [[100, 100, 200, 200]]})  # fmt: skip
    assert compared(50, 50, 150, 150) == []


def test_beyond_the_city_nothing_is_clear(small):
    compared = small({"municipality": [[0, 0, 300, 300]], "ecological_redline": [[0, 0, 100, 100]]})
    assert compared(1000, 1000, 1100, 1100) == [] and compared(200, 200, 400, 400) == []


def test_coordinate_text_and_geojson_are_read_as_in_python(page, plan, tmp_path):
    west, south, *_ = plan["permanent_basic_farmland"].geometry.iloc[0].bounds
    shape = shapely.box(west, south, west + 200, south + 90).difference(
        shapely.box(west + 40, south + 40, west + 60, south + 60)
    )
    site = gis.model.site.Site(
        gpd.GeoDataFrame({"site": ["1"], "parcel": ["1"], "name": ["甲"]}, geometry=[shape], crs=plan.crs)
    )
    path = gis.save_site(site, tmp_path / "site.txt")
    text = path.read_bytes().decode("gb18030" if b"\xca\xf4" in path.read_bytes() else "utf-8-sig")
    degrees = gpd.GeoSeries([shape], crs=plan.crs).to_crs(4490)
    for given, said in ((gis.read_site(path), text), (gpd.GeoDataFrame(geometry=degrees), degrees.to_json())):
        answer = gis.site(plan, given, "1001", listed=False, way_out=False)
        word, rows = page.execute_script(JUDGE, said, PLAIN)
        taken = answer.rows.set_index("asked").loc["permanent_basic_farmland"]
        found = next(each for each in rows if each["asked"] == "permanent_basic_farmland")
        assert (word, found["status"]) == (answer.answer, taken["status"])
        assert found["m2"] == pytest.approx(taken["area_m2"], rel=1e-6, abs=0.01)


FAULTS = {
    "": "没有坐标", "J1,1,abc,3": "第 1 行", "3400000,500000\n3400001,500000": "没有面积", "{": "GeoJSON 内容不完整",
    '{"type":"Point","coordinates":[1,2]}': "不是面", '{"type":"Polygon","coordinates":null}': "GeoJSON 内容不完整",
    '{"type":"Polygon","coordinates":[[[119,30],[119.1,30],[119,31]]],"crs":{"properties":{"name":"EPSG:3857"}}}': "不支持",
    "3400000,500000\n3400100,500100\n3400100,500000\n3400000,500200": "自相交", "3400000,99500000\n3400100,99500000\n3400000,99500100": "带号 99",
    "1,1\n2,2\n1,1e400": "第 3 行",
    **dict.fromkeys(NASTY, ""),
}  # fmt: skip


@pytest.mark.parametrize("text", FAULTS)
def test_a_faulty_paste_gets_one_message_in_both_languages(page, text):
    wording = page.execute_script(SAY, text)
    assert FAULTS[text] in wording["zh"] and wording["en"] and "undefined" not in wording["zh"] + wording["en"]


def paste(page, text, use="1001 工业用地"):
    page.execute_script(
        "document.querySelector('.lantu-form textarea').value = arguments[0]; document.querySelector('.lantu-form input').value = arguments[1];"
        "document.querySelector('.lantu-main').click()",
        text, use,
    )  # fmt: skip
    return page.find_element(By.ID, "lantu-site-result")


def test_what_is_pasted_never_becomes_markup(page):
    for text in NASTY:
        result = paste(page, text)
        assert result.find_element(By.CSS_SELECTOR, "[role=alert]").text
        assert not result.find_elements(By.CSS_SELECTOR, "img, script")
    assert "不在用地用海分类中" in paste(page, "3400000,500000", "constructor").text
    assert page.execute_script("return window.broken") is None


def test_a_director_sees_the_word_the_area_the_reason_and_the_disclaimer(page, plan):
    x, y = plan["permanent_basic_farmland"].geometry.iloc[0].representative_point().coords[0]
    result = paste(page, lines(shapely.box(x - 10, y - 10, x + 10, y + 10)))
    assert all(
        each in result.text for each in ("存在冲突", "永久基本农田", "亩", "本结果为辅助研判，不作为行政许可依据")
    )
    page.find_element(By.ID, "lantu-language").click()
    assert "no basis for an administrative licence" in result.text and "ha" in result.text
    page.find_element(By.ID, "lantu-language").click()


def test_a_site_can_be_drawn_with_the_mouse(page, plan):
    x, y = plan["permanent_basic_farmland"].geometry.iloc[0].representative_point().coords[0]
    page.execute_script(
        "const [lng, lat] = Lantu.fromPlane(arguments[0], arguments[1]); Lantu.map.setView([lat, lng], 16, {animate: false});"
        "document.querySelector('.lantu-press[aria-pressed]').click()",
        x, y,
    )  # fmt: skip
    lng, lat = page.execute_script("return Lantu.fromPlane(arguments[0], arguments[1])", x, y)
    for dx, dy in ((-1e-3, -1e-3), (1e-3, -1e-3), (1e-3, 1e-3), (-1e-3, 1e-3)):
        click_ground(page, lat + dy, lng + dx)
    page.execute_script("Lantu.map.fire('dblclick')")
    assert page.find_element(By.ID, "lantu-site-answer").text == "存在冲突"
    assert len(page.find_element(By.CSS_SELECTOR, ".lantu-form textarea").get_attribute("value").split()) == 4


def test_lines_are_embedded_unsimplified(plan):
    polygons = plan["ecological_redline"].geometry.to_numpy()
    xy = np.cumsum(np.array(packed(polygons)["xy"]).reshape(-1, 2), axis=0) / UNITS_PER_M
    rings = shapely.get_rings(shapely.get_parts(polygons))
    drawn_xy = np.concatenate([shapely.get_coordinates(each)[:-1] for each in rings])
    assert np.abs(xy - drawn_xy).max() <= 0.5 / UNITS_PER_M + 1e-9


def test_cells_cover_the_ground_of_their_features_once():
    boxes = np.array([shapely.box(0, 0, 4, 4), shapely.box(2, 2, 6, 6), shapely.box(3, 3, 5, 5)], dtype=object)
    found = cells(boxes, "EPSG:4549")
    assert shapely.area(found.polygons).sum() == pytest.approx(shapely.union_all(boxes).area)
    for n, feature in enumerate(boxes):
        mine = [each.area for each, members in zip(found.polygons, found.members, strict=True) if n in members]
        assert sum(mine) == pytest.approx(feature.area)


def test_a_public_map_refuses_to_judge_sites():
    with pytest.raises(LayerError, match="公开地图"):
        web_map(drawn({"ecological_redline": [[0, 0, 9, 9]]}), siting=True, audience="public")


def test_siting_in_the_page_needs_a_plane_that_the_page_knows():
    towns = gpd.GeoDataFrame(geometry=[shapely.box(5e5, 3.4e6, 6e5, 3.5e6)], crs=32650)
    with pytest.raises(LayerError, match="高斯—克吕格"):
        web_map(Plan({"cluster": towns}, 32650), siting=True)


def test_a_map_carries_siting_only_when_asked():
    page = web_map(drawn({"ecological_redline": [[0, 0, 9, 9]]})).html()
    assert "lantu-siting" not in page.split("<script type=")[1] and "judgeSite" not in page


def test_the_command_asks_for_siting(tmp_path):
    from gis.cli import app

    gis.save_plan(drawn({"ecological_redline": [[0, 0, 9, 9]]}), tmp_path / "plan")
    given = ["map", str(tmp_path / "plan"), "--siting", "--out", str(tmp_path / "map.html")]
    assert CliRunner().invoke(app, given).exit_code == 0
    assert "judgeSite" in (tmp_path / "map.html").read_text(encoding="utf-8")
    assert isinstance(CliRunner().invoke(app, [*given, "--audience", "public"]).exception, LayerError)
