"""What Chromium works out of a report: the stated areas again, offline, whatever the plan's names say."""

from __future__ import annotations

import json
import re
import time
from types import MappingProxyType

import numpy as np
import pyproj
import pytest
import shapely
from browser import browser, complaints, open_page, requests

import gis
from gis.geometry.area import edge_true
from gis.i18n import Text
from gis.model.drawn import drawn
from gis.model.finding import Finding, Findings, Outcome, Severity, Status, Verdict
from gis.present.report import report
from gis.present.web_areas import areas_script, plane_for_page

EVIL = '"><img src=x onerror=document.title="hit"><script>document.title="hit"</script>{{ 7*7 }}'
LAYERS = {
    "county": [{"box": [0, 0, 4000, 4000], "area_code": "330101", "area_name": f"甲{EVIL}"}],
    "ecological_redline": [{"box": [0, 0, 2000, 2000], "feature_id": EVIL}],
    "permanent_basic_farmland": [{"box": [1900, 0, 4000, 1000], "feature_id": "</script>"}],
    "urban_development_boundary": [{"box": [1950, 900, 4000, 4000], "zone_code": "410"}],
}
CELLS = "return [...document.querySelectorAll('[data-witness]')].map(each => each.textContent)"


@pytest.fixture(scope="module")
def driver(chromium):
    assert chromium
    with browser() as made:
        yield made


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    plan = drawn(LAYERS, name=f"澜川{EVIL}")
    return report(plan, gis.check(plan, select="CL"), path=tmp_path_factory.mktemp("report") / "report.html")


@pytest.fixture(scope="module")
def kernel(driver, tmp_path_factory):
    """A page with nothing but the kernel; calls it with JSON."""
    page = tmp_path_factory.mktemp("kernel") / "k.html"
    page.write_text(f"<!DOCTYPE html><meta charset=utf-8><script>{areas_script()}</script>", encoding="utf-8")

    def call(name, *shapes, crs=4549):
        driver.get(page.as_uri())
        given = [plane_for_page(pyproj.CRS(crs)), *(json.loads(shapely.to_geojson(each)) for each in shapes)]
        return driver.execute_script(f"return LantuAreas.{name}(...arguments)", *given)

    return call


def blob(seed, x, y, radius):
    """An uneven polygon with a hole, its rings in either direction."""
    random = np.random.default_rng(seed)
    turn = np.sort(random.uniform(0, 2 * np.pi, 30))
    reach = radius * random.uniform(0.6, 1, 30)
    ring = np.stack([x + reach * np.cos(turn), y + reach * np.sin(turn)], 1)
    hole = [x, y] + 0.4 * (ring - [x, y])
    return shapely.Polygon(ring[:: -1 if seed % 2 else 1], [hole])


def room(m2):
    return 1e-6 * m2 + 0.01


@pytest.mark.parametrize("radius", [2, 200, 4_000, 60_000])
def test_the_area_in_the_browser_is_edge_true(kernel, radius):
    shape = blob(radius, 560_000, 3_300_000, radius)
    expected = float(edge_true([shape], "EPSG:4549")[0])
    assert kernel("area", shape) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("radius", [2, 200, 4_000, 60_000])
def test_what_two_polygons_share_is_the_area_of_their_intersection(kernel, radius):
    one, other = blob(radius, 460_000, 3_300_000, radius), blob(radius + 1, 460_000 + radius / 2, 3_300_000, radius)
    expected = float(edge_true([shapely.intersection(one, other)], "EPSG:4549")[0])
    assert abs(kernel("shared", one, other) - expected) <= room(expected)


def test_polygons_that_only_touch_share_nothing(kernel):
    one, other = shapely.box(5e5, 3.4e6, 5e5 + 100, 3.4e6 + 100), shapely.box(5e5 + 100, 3.4e6, 5e5 + 200, 3.4e6 + 100)
    assert kernel("shared", one, other) == pytest.approx(0, abs=1e-6)


def test_a_false_easting_with_a_zone_prefix_makes_no_difference(kernel):
    shape = blob(3, 430_000, 3_300_000, 900)
    moved = shapely.transform(shape, lambda xy: xy + np.array([40_000_000, 0]))
    assert kernel("area", moved, crs=4528) == pytest.approx(kernel("area", shape, crs=4549), rel=1e-9)


def test_every_stated_area_comes_out_the_same_and_nothing_is_asked_for(driver, saved):
    requests(driver)
    open_page(driver, saved)
    cells = driver.execute_script(CELLS)
    assert len(cells) >= 2 and set(cells) == {"复算一致"}
    assert f"一致 {len(cells)} 处，不一致 0 处" in driver.execute_script(
        "return document.getElementById('again').textContent"
    )
    assert requests(driver) == [saved.as_uri()]
    assert complaints(driver) == []


def test_names_that_are_code_do_nothing(driver, saved):
    open_page(driver, saved)
    assert "hit" not in {driver.title}
    assert driver.execute_script("return document.querySelectorAll('script').length") == 2
    assert driver.execute_script("return document.querySelectorAll('img[src=x]').length") == 0


def changed(saved, tmp_path, pattern, text):
    page, count = re.subn(pattern, text, saved.read_text(encoding="utf-8"), count=1)
    assert count == 1
    path = tmp_path / "changed.html"
    path.write_text(page, encoding="utf-8")
    return path


def test_a_number_that_was_changed_in_the_table_does_not_come_out_the_same(driver, saved, tmp_path):
    open_page(
        driver, changed(saved, tmp_path, r'(class="stated">)[\d.,]+(?=[^<]*</span><br><span data)', r"\g<1>99.0000")
    )
    assert driver.execute_script(CELLS).count("复算不一致") == 1


@pytest.mark.parametrize(
    ("pattern", "text"), [(r'"m2":[\d.]+', '"m2":1'), (r'"shape":\{"type":"Polygon"', '"shape":{"type":"Point"'), (r'"shape":', '"other_shape":')]
)  # fmt: skip
def test_a_witness_that_was_changed_does_not_come_out_the_same(driver, saved, tmp_path, pattern, text):
    open_page(driver, changed(saved, tmp_path, pattern, text))
    assert driver.execute_script(CELLS).count("复算不一致") == 1


def test_a_script_that_was_added_does_not_run(driver, saved, tmp_path):
    open_page(driver, changed(saved, tmp_path, "</main>", '</main><script>document.title="hit"</script>'))
    assert driver.title != "hit"
    complaints(driver)  # the browser says that it refused


def many(count):
    """Overlaps of two layers, each a round of 160 vertices somewhere in 40 km by 40 km, told by fifty rules."""
    random = np.random.default_rng(0)
    x, y = random.uniform([[500_000], [3_400_000]], [[540_000], [3_440_000]], (2, count))
    shapes = shapely.buffer(shapely.points(x, y), 50, quad_segs=40)
    area_ha = edge_true(shapes, "EPSG:4549") / 1e4
    rules = list(gis.RULES)[:50]
    items = [
        Finding(
            rules[n % 50], Severity.ERROR, Verdict.VIOLATED, "permanent_basic_farmland", f"f{n}", Text(f"第 {n} 处", f"no. {n}"),
            "ecological_redline", "R1", area_ha[n], "ha", geometry=shapes[n], ground=True,
        )
        for n in range(count)
    ]  # fmt: skip
    titles = {each: Outcome(each, gis.RULES[each].title, Severity.ERROR, Status.FAILED, count // 50) for each in rules}
    return Findings(tuple(sorted(items, key=lambda each: each.rule)), MappingProxyType(titles), drawn(LAYERS).crs)


@pytest.mark.parametrize("count", [100, pytest.param(10_000, marks=pytest.mark.long)])
def test_a_report_of_many_findings_is_no_larger_than_20_mb_and_opens_within_5_seconds(driver, tmp_path, count):
    path = report(drawn(LAYERS), many(count), path=tmp_path / "many.html")
    assert path.stat().st_size < 20e6
    start = time.perf_counter()
    driver.get(path.as_uri())
    assert time.perf_counter() - start < 5
    open_page(driver, path)
    assert "不一致 0 处" in driver.execute_script("return document.getElementById('again').textContent")
