"""What Chromium says of a site in the saved map, offline: the same answer, statuses and areas as Python."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from browser import browser, complaints, open_page, requests
from conftest import ROOT
from selenium.webdriver.common.by import By

import gis
from gis.present.web_map import web_map

KINDS = ("single_site", "linear", "temporary", "village_building", "batch", "advance", "facility_agriculture")
USES = ("1001", "0804", "0101", "1202", "0703", "")
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


@pytest.fixture(scope="module")
def page(driver, saved):
    requests(driver)
    open_page(driver, saved)
    driver.find_element(By.ID, "lantu-siting-open").click()
    yield driver
    assert requests(driver) == [saved.as_uri()]
    assert complaints(driver) == []


def lines(shape):
    """A polygon as lines of points, north first, a blank line after each ring."""
    rings = [ring for part in shapely.get_parts(shape) for ring in (part.exterior, *part.interiors)]
    return "\n\n".join("\n".join(f"{y:.3f},{x:.3f}" for x, y in ring.coords[:-1]) for ring in rings)


def places(plan, count):
    """Squares, rounds, rings and pairs, on features of many layers and beside them; to whole millimetres."""
    random = np.random.default_rng(7)
    layers = [
        "permanent_basic_farmland", "ecological_redline", "urban_development_boundary", "planning_zone", "hazard_area", "land_case",
        "drinking_water", "heritage_line", "urban_green_line", "flood_risk_line", "protected_area", "village",
    ]  # fmt: skip
    for n in range(count):
        frame = plan[layers[n % len(layers)]]
        at = shapely.get_coordinates(frame.geometry.iloc[[int(random.integers(len(frame)))]])
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


def projects(count):
    return [{"use": USES[n % 6], "kind": KINDS[n % 7], "listed": n % 3 == 1} for n in range(count)]


def told(answer):
    """The rows of a Python answer by layer, part and need."""
    out = {}
    for row in answer.rows.to_dict("records"):
        outside = row["layer"].startswith("outside:")
        key = row["asked"], outside, row["part"], row["need_zh"]
        m2 = None if np.isnan(row["area_m2"]) else row["area_m2"]
        out[key] = row["status"], row["effect"], m2, row["length_m"]
    return out


def differences(page, plan, shape, text, project):
    """Where the page and Python differ on a site, in words."""
    answer = gis.site(
        plan, shape, project["use"] or None, kind=project["kind"], listed=project["listed"], way_out=False
    )
    word, rows = page.execute_script(JUDGE, text, project)
    mine, theirs = told(answer), {(r["asked"], r["outside"], r["part"], r["need"]): r for r in rows}
    out = [f"answer {word}, not {answer.answer}"] if word != answer.answer else []
    out += [f"row {key}" for key in mine.keys() ^ theirs.keys()]
    for key in mine.keys() & theirs.keys():
        status, effect, m2, metres = mine[key]
        row = theirs[key]
        if (row["status"], row["effect"]) != (status, effect):
            out.append(f"{key}: {row['status']} {row['effect']}, not {status} {effect}")
        if (m2 is None) != (row["m2"] is None) or (m2 is not None and abs(row["m2"] - m2) > 1e-6 * m2 + 0.01):
            out.append(f"{key}: {row['m2']} m², not {m2}")
        if m2 is not None and abs(row["metres"] - metres) > 1e-6 * metres + 0.01:
            out.append(f"{key}: {row['metres']} m, not {metres}")
    return out


@pytest.mark.parametrize("count", [28, pytest.param(300, marks=pytest.mark.long)])
def test_pasted_sites_are_judged_as_in_python(page, plan, count):
    pairs = zip(places(plan, count), projects(count), strict=True)
    found = {n: differences(page, plan, shape, lines(shape), each) for n, (shape, each) in enumerate(pairs)}
    assert {n: each for n, each in found.items() if each} == {}
