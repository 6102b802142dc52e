"""QGIS for the tests: a call of the probe in a clean environment, and a small drawn plan with findings."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import shapely
from pyproj import CRS

from gis.i18n import Text
from gis.model.finding import Finding, Findings, Outcome, Setting, Severity, Status, Verdict
from gis.model.plan import LayerSource, Plan

PROBE = Path(__file__).with_name("qgis_probe.py")
X, Y = 500_000.0, 3_400_000.0
HOSTILE = "<县>&\"引号'\x01"


def probe(python: str, project: Path, picture: Path | None = None, *, size: tuple[int, int] = (1400, 1000)) -> dict:
    """What QGIS makes of a project; the environment is bare, as an active virtual one hides PyQGIS."""
    home = project.parent / "qgis_home"
    home.mkdir(exist_ok=True, mode=0o700)
    done = subprocess.run(
        [python, PROBE, project, "-" if picture is None else picture, *map(str, size)],
        env={
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "QT_QPA_PLATFORM": "offscreen",
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home),
        },
        capture_output=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) | {"stderr": done.stderr}


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """A box in metres from (500 000, 3 400 000)."""
    return shapely.box(X + x, Y + y, X + x + width, Y + y + height)


def point(x: float, y: float) -> shapely.Point:
    return shapely.Point(X + x, Y + y)


def line(*ends: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(X + x, Y + y) for x, y in ends])


def layer(geometry: list, **columns: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(geometry, crs=4549), crs=4549)


def drawn_plan() -> Plan:
    """A county of 8 km × 6 km with what makes writers stumble: mixed parts, mixed kinds, nothing, hostile words."""
    layers = {
        "county": layer([box(0, 0, 8000, 6000)], area_code=["330523"], area_name=["安吉县"]),
        "permanent_basic_farmland": layer(
            [box(200, 200, 2000, 1800), shapely.union(box(2500, 300, 500, 500), box(3200, 300, 400, 900))],
            feature_id=["1", "2"],
            area_m2=[3.6e6, float("nan")],
        ),
        "ecological_redline": layer([box(5000, 3500, 2900, 2400)], feature_id=["1"], name=[HOSTILE]),
        "urban_development_boundary": layer(
            [box(3000, 2000, 1500, 1500), box(4500, 2000, 500, 1500), box(3000, 3500, 800, 700)],
            feature_id=["1", "2", "3"],
            zone_code=["410", "420", "430"],
        ),
        "planning_zone": layer(
            [box(0, 3000, 2000, 2000), box(3000, 2000, 1500, 1500), box(0, 5000, 500, 500)],
            feature_id=["1", "2", "3"],
            zone_code=["100", "310", "没有的代码"],
        ),
        "settlement": layer(
            [point(1000, 5000), point(3500, 2800), None], name=["梅溪镇", "递铺", "无处"], tier=["重点镇", "县城", "村"]
        ),
        "road": layer([line((0, 1000), (8000, 3000)), line((1000, 0), (1000, 6000))], **{"class": ["国道", "乡道"]}),
        "river": layer([line((0, 4800), (8000, 3100)), box(6000, 500, 900, 700)], name=["西苕溪", "水库"]),
        "water": layer([], feature_id=[]),
        "hazard_area": layer([box(6000, 4000, 800, 900)], kind=["滑坡"], level=["高"]),
        "central_district": layer([box(2800, 1800, 2500, 2600)], name=["中心城区"]),
    }
    unknown = {'奇怪|"<图层>&': layer([box(7000, 100, 300, 300)], 甲=[1])}
    degrees = layers["hazard_area"].geometry.to_crs(4490)
    plan = Plan(layers, CRS(4549), name=HOSTILE, unknown=unknown)
    sources = {
        "hazard_area": LayerSource(
            "数据/灾害.gdb", "DZZH", as_of="2023", geometry=degrees.set_axis(plan["hazard_area"].index)
        )
    }
    return Plan(layers, CRS(4549), name=HOSTILE, unknown=unknown, sources=MappingProxyType(sources))


def finding(rule: str, severity: Severity, geometry: object, **more: object) -> Finding:
    message = Text("生态保护红线与永久基本农田重叠", "the redline overlaps farmland")
    return Finding(
        rule,
        severity,
        more.pop("verdict", Verdict.VIOLATED),
        "ecological_redline",
        "1",
        message,
        geometry=geometry,
        **more,
    )


def drawn_findings() -> Findings:
    """One finding of each kind of witness: an area, a sliver, a line, a point, a collection, none."""
    items = (
        finding(
            "CL01", Severity.ERROR, box(5000, 3500, 20, 20), measure=400.0, unit="m2", other="2", features=("1", '"&')
        ),
        finding("UB02", Severity.WARNING, box(3000, 3500, 800, 30), verdict=Verdict.UNDECIDABLE, doubt=float("inf")),
        finding("TP04", Severity.ERROR, line((200, 200), (1500, 2000))),
        finding("TP03", Severity.WARNING, point(1200, 900), waived="已批准"),
        finding("TP05", Severity.NOTE, shapely.GeometryCollection([point(0, 0), box(10, 10, 10, 10)])),
        finding("DQ01", Severity.NOTE, None),
    )
    settings = {"width_m": Setting(0.1, "m", Text("宽度", "width"), True)}
    outcomes = {
        "CL01": Outcome("CL01", Text("不得重叠", "no overlap"), Severity.ERROR, Status.FAILED, 1, settings=settings),
        "ER09": Outcome(
            "ER09", Text("目标", "target"), Severity.ERROR, Status.NOT_RUN, reason=Text("未给目标", "no target given")
        ),
    }
    return Findings(items, MappingProxyType(outcomes), CRS(4549), HOSTILE, "national_city", versions={"gis": "0.1"})
