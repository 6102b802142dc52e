"""What a bureau takes for normal and must never read as a fault: each is a drawn case that passes.

A case whose rule does not run says so too: without a province's threshold, or an approved value, nothing is asked.
"""

from __future__ import annotations

import pytest

from gis.model.drawn import cases

NORMAL = {
    "开天窗 farmland": (
        "CL01 a window of farmland in the boundary, and a road across all three lines",
        "UB01 a lake, a window of farmland and a special-purpose zone of hills are not new land",
    ),
    "villages, hills, parks and water in the special-purpose zone": (
        "ZN03 a village, a park, water and a road in the special-purpose zone",
        "UB04 medium level, an earthquake zone, and hills of the special-purpose zone",
    ),
    "that stood in the redline's general-control area": (
        "ER03 a village, fields and a road left open in the general-control zone",
        "ER04 a road of item 6 with its document, and a project of 2021",
    ),
    "linear crossings of any line": (
        "CL01 a window of farmland in the boundary, and a road across all three lines",
        "FP10 a road drawn as a line, and a project beside farmland",
        "SF11 a factory 60 m away, a road project that crosses, a shop on a national road in town, a street",
    ),
    "farmland marked 即可恢复 or 工程恢复": (
        "FP01 adjustable land, restorable land, a ridge and a ditch",
        "FP22 restorable and adjustable land, a change of 2019, approved land, temporary land, still a field",
    ),
    'approved but unbuilt land as "occupying farmland"': (
        "FP22 restorable and adjustable land, a change of 2019, approved land, temporary land, still a field",
    ),
    "Sea parts": (
        "TP08 a sea zone, a zone in an enclave, a river and a hazard area that come from outside",
        "DQ14 zones adjusted to the control area, and one at sea",
        "ZN04 a protection zone larger than the redline, and redline at sea",
    ),
    "port boundaries on reclaimed land": (
        "ZN05 marine and ecological zones fill the sea; a port zone on reclaimed land; a sea use",
    ),
    "enclaves (飞地)": (
        "DQ10 the code of the city, codes of townships, a marked enclave, the sea, no code, no geometry",
        "TP08 a sea zone, a zone in an enclave, a river and a hazard area that come from outside",
    ),
    "boundary years that differ": ("TP09 counties of 2022 beside a municipality of 2023",),
    "a municipal seat outside the municipal districts": (
        "CD01 into a county-level city, where the seat of the city lies too",
    ),
    "a central urban area that crosses into a county-level city": (
        "CD01 into a county-level city, where the seat of the city lies too",
    ),
    "Homestead, rural service, mining, salt, tourism and fuel stations outside the boundary": (
        "UB05 homestead, rural service, mine, salt field, road, fuel station and hotel outside",
        "UB08 small industry outside, a village, a mine and a fuel station",
        "UB09 with a reason, before the notice, a fuel station, a hotel, a village house, a mine, a road",
    ),
    "small farmland or redline patches": (
        "FP07 the province states no least patch",
        "ER06 no least patch is set",
    ),
    "roads, ditches and rivers as slivers": ("TP04 a field ridge of the survey and a planned road are lawfully thin",),
    "parcel areas after 平差": (
        "DQ07 an adjusted area, an area that is not stated, no geometry, an empty layer",
        "DQ11 adjusted parcels whose sum is exact; a county that states no area",
    ),
    "a boundary of many pieces in mountain counties": ("UB07 many small patches in the mountains",),
    "80 percent or 1.3 at city level": ("UB01 no approved multiple",),
    "lawful change after the locked version": ("CL02 the locked version with what was filed since, in order",),
    "2020 codes in a plan approved before the 2023 guide": (
        "DQ05 codes of 2020 in data of 2022",
        "DQ06 the name of 2020 in data of 2022",
    ),
    "housing under a purple line": ("CD02 parks and water, crossing streets, and housing in the purple line",),
    "a road that crosses a four-line strip": (
        "CD02 parks and water, crossing streets, and housing in the purple line",
    ),
    "missing flexible share where no flexible zone exists": (
        "UB03 no flexible zone",
        "UB02 no flexible and no special-purpose zone",
    ),
    "zone 300 without all farmland": ("ZN06 ninety hectares in the zone and more outside it",),
    "zone 100 not identical with the redline": ("ZN04 a protection zone larger than the redline, and redline at sea",),
}
"""What is normal, in the words of the standard, and the drawn cases that show it."""


@pytest.mark.parametrize("what", NORMAL)
def test_what_is_normal_is_a_drawn_case_in_which_nothing_is_found(what):
    for named in NORMAL[what]:
        rule, _, name = named.partition(" ")
        (case,) = (each for each in cases(rule) if each.name == name)
        assert not case.finds  # tests/test_rule_cases.py holds each case to what it says


def test_nothing_that_the_standard_takes_for_normal_is_left_out(shared_data):
    text = (shared_data.parent / "STANDARDS.md").read_text("utf-8")
    said = text.partition("### 10.3 What must not be reported")[2]
    for what in NORMAL:
        assert said.count(what) == 1, what
        said = said.replace(what, "")
    links = "(test its *new* urban building instead)", "villages, fields, roads and lines", "and"
    for each in links:
        said = said.replace(each, "")
    assert not [each for each in said if each.isalnum()], said
