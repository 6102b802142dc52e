"""Small drawn plans for the tests of maps: boxes in metres in EPSG:4549, and words that try to break out of a page."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from zoo import CRS, box, polygon

from gis.i18n import Text
from gis.model.finding import Finding, Findings, Outcome, Severity, Status, Verdict
from gis.model.plan import LayerSource, Plan, RasterSource

NASTY = [
    "<script>window.broken=1</script>",
    "</script><script>window.broken=2</script>",
    "<img src=x onerror=\"window.broken=3\">",
    "{{ 7*7 }}{% raw %}",
    "\"'`${window.broken=4}",
    "line\u2028separator <!-- <script>",
]  # fmt: skip


def frame(geometry, **columns):
    return gpd.GeoDataFrame(columns, geometry=geometry, crs=CRS)


def drawn_plan(**changes):
    """Two counties, four parcels, a boundary, a road, two towns, hills; everything in a square of 4 km."""
    layers = {
        "county": frame([box(0, 0, 2000, 4000), box(2000, 0, 4000, 4000)], area_code=["330501", "330502"], area_name=["甲县", "乙县"]),
        "land_use_current": frame(
            [box(0, 0, 2000, 2000), box(2000, 0, 4000, 2000), box(0, 2000, 2000, 4000), box(2000, 2000, 4000, 4000)],
            feature_id=["a", "b", "c", "d"], class_code=["0701", "0101", "0101", "ZZ99"], area_m2=[4e6, 4e6, 4e6, 1234.565],
            owner_name=["村甲", "村乙", "村丙", "村丁"], approved=[True, False, False, False],
        ),
        "urban_development_boundary": frame(
            [box(500, 500, 1500, 1500), polygon((2500, 500), (3500, 500), (3500, 1500), (2500, 1500), holes=([(2900, 900), (3100, 900), (3100, 1100), (2900, 1100)],))],
            zone_code=["410", "420"], zone_name=["城镇集中建设区", "城镇弹性发展区"], ownership=["国有", "集体"],
        ),
        "road": frame([shapely.LineString([(500000, 3403000), (504000, 3403000)])], name=["甲乙路"], **{"class": ["省道"]}),
        "settlement": frame(gpd.points_from_xy([501000, 503000], [3401000, 3401000]), name=["甲城", "乙镇"], tier=["中心城市", "重点镇"]),
    }  # fmt: skip
    y, x = np.mgrid[0:40, 0:40]
    dem = RasterSource(
        values=100.0 + 50 * np.sin(x / 5) * np.cos(y / 7), transform=(100.0, 0.0, 500000.0, 0.0, -100.0, 3404000.0)
    )
    sources = {"land_use_current": LayerSource(as_of="2020-12-31")}
    given = {"layers": layers, "crs": CRS, "name": "甲市国土空间总体规划", "rasters": {"dem": dem}, "sources": sources}
    return Plan(**{**given, **changes})


def drawn_findings():
    """An error on 4 ha, a doubtful error, a warning without a place, a waived note; and a rule that did not run."""
    items = (
        Finding("UB01", Severity.ERROR, Verdict.VIOLATED, "land_use_current", "b", Text("地块 b 超出边界 4.00 公顷", "parcel b is outside by 4.00 ha"),
                "urban_development_boundary", "#1", 40000.0, "m2", 12.5, box(2000, 0, 2200, 200)),
        Finding("UB01", Severity.ERROR, Verdict.UNDECIDABLE, "land_use_current", "c", Text("地块 c 在精度以内", "parcel c is within accuracy"), geometry=box(0, 2000, 100, 2100)),
        Finding("DL01", Severity.WARNING, Verdict.VIOLATED, "plan_unit", "", Text("缺少图层", "a layer is missing")),
        Finding("DQ01", Severity.NOTE, Verdict.VIOLATED, "settlement", "#1", Text("名称存疑", "doubtful name"), geometry=shapely.Point(503000, 3401000), waived="已核实"),
    )  # fmt: skip
    named = {
        "UB01": Text("建设用地不得超出边界", "building stays inside"),
        "DL01": Text("图层齐全", "layers"),
        "DQ01": Text("字段", "fields"),
    }
    outcomes = {rule: Outcome(rule, title, Severity.ERROR, Status.FAILED, 1) for rule, title in named.items()}
    outcomes["TR01"] = Outcome(
        "TR01",
        Text("上下一致", "as above"),
        Severity.ERROR,
        Status.NOT_RUN,
        0,
        Text("未提供上级规划", "no parent plan"),
    )
    return Findings(items, outcomes, pyproj.CRS(CRS), "甲市")


def nasty_plan():
    """A plan whose name, layer name, field name, ids and values try to break out of the page."""
    n = len(NASTY)
    towns = frame(
        gpd.points_from_xy([500000 + 500 * i for i in range(n)], [3401000] * n),
        name=NASTY,
        tier=NASTY,
        **{NASTY[1]: NASTY},
    )
    towns.index = gpd.pd.Index(NASTY, name="id")
    strange = frame([box(0, 0, 3000, 3000)], **{NASTY[0]: [NASTY[1]], "name": [NASTY[2]]})
    return Plan({"settlement": towns}, CRS, name=NASTY[1] + NASTY[3], unknown={"未知 <b>层</b> \"'": strange})
