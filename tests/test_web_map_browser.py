"""What Chromium makes of the saved map, with no network: it draws, toggles, answers clicks, and stays quiet."""

from __future__ import annotations

import math

import folium
import numpy as np
import pytest
import shapely
from browser import appears, browser, complaints, open_page, requests, soon
from pyproj import Geod
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from web_plans import NASTY, drawn_findings, drawn_plan, nasty_plan

from gis.geometry.area import edge_true
from gis.present.web_map import web_map

ELLIPSOID = Geod(a=6378137.0, rf=298.257222101)


@pytest.fixture(scope="module")
def driver(chromium):
    with browser() as made:
        yield made


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("maps")
    web_map(drawn_plan(), drawn_findings()).save(folder / "map.html")
    web_map(drawn_plan(), drawn_findings(), audience="public").save(folder / "public.html")
    web_map(nasty_plan()).save(folder / "nasty.html")
    return folder


@pytest.fixture
def page(driver, saved):
    open_page(driver, saved / "map.html")
    yield driver
    assert complaints(driver) == []


def click_ground(driver, lat, lng):
    """A real mouse click on the place."""
    x, y = driver.execute_script(
        "const p = Lantu.map.latLngToContainerPoint([arguments[0], arguments[1]]), b = Lantu.map.getContainer().getBoundingClientRect();"
        "return [p.x + b.x, p.y + b.y]",
        lat, lng,
    )  # fmt: skip
    for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
        event = {"type": kind, "x": x, "y": y, "button": "left" if kind != "mouseMoved" else "none", "clickCount": 1}
        driver.execute_cdp_cmd("Input.dispatchMouseEvent", event)


def ink(driver):
    """How many pixels of the layers' canvas are painted."""
    return driver.execute_script(
        "Lantu.renderer._redraw();"
        "const c = document.querySelector('.leaflet-overlay-pane canvas'), copy = new OffscreenCanvas(c.width, c.height);"
        "const ctx = copy.getContext('2d', {willReadFrequently: true}); ctx.drawImage(c, 0, 0);"
        "const d = ctx.getImageData(0, 0, c.width, c.height).data; let n = 0;"
        "for (let i = 3; i < d.length; i += 4) if (d[i]) n++; return n"
    )


def boxes(driver):
    return driver.find_elements(By.CSS_SELECTOR, ".lantu-layer input[type=checkbox]")


def popup(driver):
    return appears(driver, ".leaflet-popup-content").get_attribute("textContent")


def test_the_page_asks_for_nothing_but_itself(driver, saved):
    requests(driver)
    open_page(driver, saved / "map.html")
    assert requests(driver) == [(saved / "map.html").as_uri()]
    assert complaints(driver) == []


def test_the_network_is_really_blocked_for_these_tests(driver, saved):
    open_page(driver, saved / "map.html")
    answer = (
        "const done = arguments[0]; fetch('https://example.com/').then(() => done('fetched'), () => done('refused'))"
    )
    assert driver.execute_async_script(answer) == "refused"
    complaints(driver)


def test_every_layer_draws_when_it_is_switched_on_and_goes_when_off(page):
    page.execute_script("document.querySelectorAll('.lantu-group').forEach((each) => (each.open = true))")
    for box in boxes(page):
        if box.is_selected():
            box.click()
    assert ink(page) == 0
    for box in boxes(page):
        box.click()
        assert ink(page) > 0, box.get_attribute("id")
        box.click()
        assert ink(page) == 0


def test_layers_come_in_the_order_of_the_plan_with_a_symbol_each(page):
    ids = [each.get_attribute("data-layer") for each in page.find_elements(By.CSS_SELECTOR, ".lantu-layer")]
    assert ids == list(drawn_plan())
    assert len(page.find_elements(By.CSS_SELECTOR, ".lantu-row label .lantu-swatch")) == len(ids)


def test_a_layer_is_unpacked_only_when_it_is_first_on(page):
    assert page.execute_script("return Lantu.layers.get('land_use_current').group") is None


def test_classes_of_a_layer_are_listed_with_their_names(page):
    page.execute_script("Lantu.check('land_use_current', true)")
    rows = page.find_elements(By.CSS_SELECTOR, "[data-layer=land_use_current] .lantu-classes li")
    assert [row.get_attribute("textContent") for row in rows] == ["水田0101", "城镇住宅用地0701", "未知取值 ZZ99ZZ99"]


def test_a_click_shows_what_lies_there_with_units_and_code_names(page):
    page.execute_script("Lantu.check('land_use_current', true)")
    click_ground(page, 30.75, 120.005)
    appears(page, ".lantu-hit")
    page.execute_script("document.querySelectorAll('.lantu-hit').forEach((each) => (each.open = true))")
    text = popup(page)
    assert "现状用地用海" in text
    assert "0101 水田" in text
    assert "4,000,000.00 平方米（400.00 公顷）" in text
    assert "已批未建" in text


def test_a_click_names_the_smallest_feature_first(page):
    page.execute_script("Lantu.check('land_use_current', true)")
    click_ground(page, *reversed(ground(501000, 3401300)))
    appears(page, ".lantu-hit")
    names = [each.text for each in page.find_elements(By.CSS_SELECTOR, ".lantu-hit summary .lantu-layer-name")]
    assert names == ["城镇开发边界", "现状用地用海", "县级行政区"]


def test_a_click_inside_a_hole_misses_the_polygon_around_it(page):
    page.execute_script("['county', 'settlement', 'road'].forEach((each) => Lantu.check(each, false))")
    page.execute_script("document.getElementById('lantu-filter-waived').click()")
    click_ground(page, *reversed(ground(503000, 3401000)))
    assert page.find_elements(By.CSS_SELECTOR, ".leaflet-popup") == []
    click_ground(page, *reversed(ground(502700, 3401000)))
    assert "城镇弹性发展区" in popup(page)


def ground(x, y):
    from gis.crs import transformer

    return transformer("EPSG:4549", "EPSG:4490").transform(x, y)


def test_findings_are_grouped_by_kind_and_rule_with_counts(page):
    kinds = [each.get_attribute("data-kind") for each in page.find_elements(By.CSS_SELECTOR, "#lantu-findings section")]
    assert kinds == ["error", "warning", "undecidable", "waived"]
    head = page.find_element(By.CSS_SELECTOR, "section[data-kind=error] summary").text.split("\n")
    assert head == ["UB01", "建设用地不得超出边界", "1"]


def test_a_click_on_a_finding_zooms_to_it_and_says_what_it_is(page):
    page.find_element(By.CSS_SELECTOR, "section[data-kind=error] summary").click()
    appears(page, "section[data-kind=error] .lantu-finding").click()
    centre = page.execute_script("const c = Lantu.map.getCenter(); return [c.lng, c.lat]")
    assert centre == pytest.approx(ground(502100, 3400100), abs=2e-3)
    assert "40,000.00 平方米" in popup(page)
    assert "超出边界" in popup(page)
    assert "±12.50" in popup(page)


def test_a_severity_can_be_filtered_away(page):
    page.find_element(By.ID, "lantu-filter-error").click()
    assert not page.find_element(By.CSS_SELECTOR, "section[data-kind=error]").is_displayed()
    assert (
        page.execute_script(
            "return Lantu.findingsUnder(L.latLng(arguments[0], arguments[1])).length",
            *reversed(ground(502100, 3400100)),
        )
        == 0
    )


def test_rules_that_did_not_run_are_named_with_the_reason(page):
    page.find_element(By.CSS_SELECTOR, ".lantu-not-run summary").click()
    assert "TR01" in page.find_element(By.CSS_SELECTOR, ".lantu-not-run").text
    assert "未提供上级规划" in page.find_element(By.CSS_SELECTOR, ".lantu-not-run").text


def test_search_finds_a_town_and_goes_there(page):
    field = page.find_element(By.CSS_SELECTOR, "#lantu-search input")
    field.send_keys("乙镇")
    appears(page, "#lantu-results button")
    field.send_keys(Keys.ARROW_DOWN, Keys.NULL)
    page.switch_to.active_element.send_keys(Keys.ENTER)
    assert "乙镇" in popup(page)
    centre = page.execute_script("const c = Lantu.map.getCenter(); return [c.lng, c.lat]")
    assert centre == pytest.approx(ground(503000, 3401000), abs=2e-2)


def test_the_language_can_be_switched(page):
    page.find_element(By.ID, "lantu-language").click()
    assert (
        page.find_element(By.CSS_SELECTOR, "[data-layer=road] .lantu-layer-name").get_attribute("textContent") == "road"
    )
    assert "not a basis for administrative permission" in page.find_element(By.ID, "lantu-disclaimer").text
    assert page.execute_script("return document.documentElement.lang") == "en"
    assert not [each for each in page.find_element(By.ID, "lantu-layers").text if "\u4e00" <= each <= "\u9fff"]


def test_boxes_can_be_reached_and_pressed_by_keyboard(page):
    box = page.find_element(By.ID, "lantu-box-county")
    page.execute_script("arguments[0].focus()", box)
    page.switch_to.active_element.send_keys(Keys.SPACE)
    assert page.execute_script("return Lantu.layers.get('county').on") is False


def test_every_control_has_a_name(page):
    nameless = page.execute_script(
        "return [...document.querySelectorAll('button, input')].filter((each) => !(each.textContent.trim() || each.getAttribute('aria-label')"
        " || (each.labels && each.labels.length && each.labels[0].textContent.trim()))).map((each) => each.outerHTML)"
    )
    assert nameless == []


def test_panels_fold_and_the_map_takes_their_room(page):
    wide = page.execute_script("return Lantu.map.getSize().x")
    page.find_element(By.CSS_SELECTOR, "#lantu-layers .lantu-fold").click()
    assert page.execute_script("return Lantu.map.getSize().x") > wide + 200


def test_opacity_fades_a_layer(page):
    page.execute_script("Lantu.fade('county', 0.25)")
    assert page.execute_script("return Lantu.features('county')[0].paths[0].options.opacity") == pytest.approx(0.25)


def test_the_mouse_is_told_where_it_is(page):
    lng, lat = ground(502000, 3402000)
    click_ground(page, lat, lng)
    text = soon(page, lambda: page.find_element(By.CSS_SELECTOR, ".lantu-figures").text)
    east, north = (
        float(part) for part in text.replace("°", " ").replace("（", " ").split() if part.replace(".", "").isdigit()
    )
    assert (east, north) == pytest.approx((lng, lat), abs=5e-4)


def test_measured_distance_agrees_with_the_geodesic(page):
    ends = [(120.0, 30.7), (120.02, 30.72)]
    metres = page.execute_script("return Lantu.distance(arguments[0].map(([x, y]) => L.latLng(y, x)))", ends)
    assert metres == pytest.approx(ELLIPSOID.line_length(*zip(*ends, strict=True)), rel=1e-6)


def test_measured_area_agrees_with_the_ellipsoid(page):
    ring = shapely.box(120.0, 30.7, 120.05, 30.75).exterior.segmentize(0.001)
    metres = page.execute_script(
        "return Lantu.area(arguments[0].map(([x, y]) => L.latLng(y, x)))", list(ring.coords)[:-1]
    )
    expected, _ = ELLIPSOID.geometry_area_perimeter(shapely.Polygon(ring))
    assert metres == pytest.approx(abs(expected), rel=1e-6)


def test_measured_area_is_the_edge_true_area_of_the_house(page):
    corners = [ground(500000, 3400000), ground(501000, 3400000), ground(501000, 3401000), ground(500000, 3401000)]
    metres = page.execute_script("return Lantu.area(arguments[0].map(([x, y]) => L.latLng(y, x)))", corners)
    square = shapely.box(500000, 3400000, 501000, 3401000)
    assert metres == pytest.approx(float(edge_true(np.array([square]), "EPSG:4549")[0]), rel=1e-6)


def test_measuring_by_hand_reads_out_and_says_that_it_is_approximate(page):
    page.execute_script("Lantu.measure('distance')")
    for x in (500500, 501500):
        click_ground(page, *reversed(ground(x, 3402000)))
        page.execute_async_script("setTimeout(arguments[0], 350)")
    reading = soon(page, lambda: page.find_element(By.ID, "lantu-reading").text)
    number = float(reading.split()[0].replace(",", ""))
    metres = number * (1000 if "km" in reading.split()[1] else 1)
    pixel = 40075016 * math.cos(math.radians(30.7)) / 256 / 2 ** page.execute_script("return Lantu.map.getZoom()")
    assert metres == pytest.approx(1000, abs=3 * pixel)
    assert "示意量算" in reading
    page.switch_to.active_element.send_keys(Keys.ESCAPE)


def test_there_is_no_credit_link_and_no_flag(page):
    assert (
        page.find_elements(By.CSS_SELECTOR, "a[href^=http], .leaflet-control-attribution, .leaflet-attribution-flag")
        == []
    )


def test_our_scripts_leave_one_name_behind(page):
    assert page.execute_script("return typeof Lantu") == "object"
    own = page.execute_script(
        "const f = document.createElement('iframe'); document.body.append(f); const plain = new Set(Object.getOwnPropertyNames(f.contentWindow)); f.remove();"
        "return Object.getOwnPropertyNames(window).filter((each) => !plain.has(each) && !/^(L|leaflet|_leaflet_events|Lantu|map_\\w+|lantu-.*|\\d+)$/.test(each))"
    )
    assert [each for each in own if not each.startswith(("cdc_", "ret_nodes", "$cdc"))] == []


def test_words_that_try_to_break_out_are_shown_as_they_are(driver, saved):
    open_page(driver, saved / "nasty.html")
    assert driver.execute_script("return window.broken") is None
    assert driver.find_element(By.ID, "lantu-title").get_attribute("textContent") == NASTY[1] + NASTY[3]
    for n, word in enumerate(NASTY):
        driver.execute_script("Lantu.openFeature(Lantu.features('settlement')[arguments[0]])", n)
        shown = driver.execute_script(
            "return [...document.querySelectorAll('.leaflet-popup-content td')].map((each) => each.textContent)"
        )
        assert shown.count(word) == len(shown) == 3
    driver.find_element(By.CSS_SELECTOR, "#lantu-search input").send_keys("script")
    appears(driver, "#lantu-results li")
    assert driver.find_elements(By.CSS_SELECTOR, "#lantu-results script, #lantu-results img") == []
    assert (
        driver.find_elements(
            By.CSS_SELECTOR, ".leaflet-popup-content img, .leaflet-popup-content script, #lantu-layers b"
        )
        == []
    )
    assert driver.execute_script("return window.broken") is None
    assert complaints(driver) == []


def test_the_public_map_shows_no_coordinates_and_has_a_place_for_its_number(driver, saved):
    open_page(driver, saved / "public.html")
    foot = driver.find_element(By.ID, "lantu-footer").text
    assert "审图号" in foot
    assert "经度" not in foot
    assert driver.find_elements(By.CSS_SELECTOR, ".lantu-figures, #lantu-findings") == []
    assert driver.find_element(By.ID, "lantu-mark").text == "公开"
    assert complaints(driver) == []


def test_the_frame_in_a_notebook_works_too(driver, tmp_path):
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<html><body>{web_map(drawn_plan())._repr_html_()}</body></html>", encoding="utf-8")
    driver.get(notebook.as_uri())
    driver.switch_to.frame(driver.find_element(By.TAG_NAME, "iframe"))
    ready = "const done = arguments[0]; const t = setInterval(() => document.documentElement.dataset.ready && (clearInterval(t), done('yes')), 50)"
    assert driver.execute_async_script(ready) == "yes"
    driver.switch_to.default_content()
    assert complaints(driver) == []


def test_a_marker_of_folium_has_its_picture_without_a_network(driver, tmp_path):
    made = web_map(drawn_plan())
    folium.Marker([30.73, 120.02]).add_to(made)
    made.save(tmp_path / "marker.html")
    open_page(driver, tmp_path / "marker.html")
    assert driver.execute_script("return document.querySelector('.leaflet-marker-icon').naturalWidth") > 0
    assert complaints(driver) == []
