"""Rules on geometry and topology (拓扑). Ids start with TP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np

from gis.i18n import Text
from gis.model.finding import Severity
from gis.model.layers import LAYERS, layer_title
from gis.rules.attributes import codes, lowered
from gis.rules.base import NotRun, Param, rule
from gis.rules.verbs import (
    crowded,
    drawn_m2,
    faults,
    gaps,
    mean_width_m,
    outside,
    part_count,
    polygon_layers,
    rows,
    stacked,
    uncovered,
)
from gis.rules.verbs import spikes as sharp_vertices

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

    Mask = NDArray[np.bool_] | pd.Series[Any]

LEGAL_LINES: Final = (
    "permanent_basic_farmland", "ecological_redline", "urban_development_boundary", "planning_zone", "central_district",
    "urban_blue_line", "urban_green_line", "urban_purple_line", "urban_yellow_line",
)  # fmt: skip
SURVEY_LINEAR: Final = ("1001", "1003", "1004", "1006", "1101", "1107", "1109", "1203")
"""Survey classes that are lawfully thin: railways, roads, rivers, ditches, field ridges. Source: qc-practice."""
PLAN_LINEAR: Final = ("0601", "1201", "1202", "1207", "1701", "1705", "2303")
"""Land-use classes that are lawfully thin: roads, railways, rivers, ditches, field ridges. Source: qc-practice."""
_FREE_GROUPS: Final = ("administration", "network", "nature", "evaluation", "change")
_FREE_LAYERS: Final = ("hazard_area", "protected_area", "drinking_water")


@rule(
    "TP01",
    title=Text("几何图形有效", "Geometry is valid"),
    severity=Severity.ERROR,
    relation="none",
    needs=("any:",),
    concept="territorial_plan",
    cites=("gb24356", "qc-practice"),
    unit="",
    message=Text("{layer} {feature} 图形有误：{fault}", "{layer} {feature} has faulty geometry: {fault}"),
    remedy=Text(
        "在编辑软件中修复图形（图上标出问题位置），修复后重新核对面积。",
        "Mend the geometry at the place shown, then check its area again.",
    ),
)
def geometry_is_valid(plan: Plan) -> Iterator[Places]:
    """The features whose geometry is missing, empty, of the wrong kind, not finite, or invalid, with the place.

    Fails: a polygon whose boundary crosses itself.
    Passes: a polygon with holes that touch its shell in no more than one point.
    """
    for layer in plan:
        yield faults(plan, layer)


@rule(
    "TP02",
    title=Text("面层内不重叠", "No overlap inside a polygon layer"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("any:no_overlap",),
    concept="territorial_plan",
    cites=("cctool", "qc-practice"),
    unit="m2",
    message=Text(
        "{layer} {feature} 与同层图斑重叠 {measure:.4f} 平方米",
        "{layer} {feature} overlaps its own layer by {measure:.4f} m²",
    ),
    remedy=Text(
        "核对重叠处的归属，删除重复图斑或修正边界，使同一地面只属于一个图斑。",
        "Decide which feature the ground belongs to; remove the duplicate or mend the edge.",
    ),
)
def no_overlap_inside_a_layer(plan: Plan) -> Iterator[Places]:
    """The faces that two features of one layer cover, where the layer may cover the ground only once.

    Layers that hold several official layers (a column `scope`) are compared within each scope.

    Fails: two redline units that share a strip 10 m wide.
    Passes: units that share an edge; a zone of the city plan under a zone of the central urban area.
    """
    for layer in plan.where("no_overlap"):
        for _, where in _scopes(plan, layer):
            yield stacked(plan, layer, where=where)


@rule(
    "TP03",
    title=Text("全覆盖图层无缝隙", "Full-coverage layers have no gaps"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=(),
    concept="territorial_plan",
    cites=("qc-practice",),
    unit="m2",
    message=Text(
        "{layer} 在 {feature} 处留有空白 {measure:.4f} 平方米", "{layer} leaves {measure:.4f} m² uncovered at {feature}"
    ),
    remedy=Text(
        "补绘空白处图斑或修正相邻边界；管辖海域与陆域分别核对。",
        "Draw the missing feature or mend the neighbouring edges; land and sea are checked apart.",
    ),
)
def coverage_has_no_gaps(plan: Plan) -> Iterator[Places]:
    """The faces of the ground to be covered that a full-coverage layer leaves open; the neighbours are named.

    Zones, current land use and survey parcels cover the municipality; planned land use and the zones of the central
    urban area cover the central urban area. Where that layer is not there, the gaps a layer encloses are found.
    Areas that TP09 lays against the level above are left to it.

    Fails: a municipality of four zones with a hole between them.
    Passes: zones that tile the municipality.
    """
    compared = {lower for _, lower in _levels(plan)}
    asked = [each for each in ("land_use_plan", *plan.where("no_gap")) if each in plan and each not in compared]
    if not asked:
        raise NotRun("没有全覆盖图层", "no full-coverage layer")
    for layer in asked:
        for scope, where in _scopes(plan, layer):
            central = layer == "land_use_plan" or scope == "central_district"
            mask = "central_district" if central else "municipality"
            if mask in plan:
                yield uncovered(plan, layer, mask, where=where)
            else:
                yield gaps(plan, layer, where=where)


@rule(
    "TP04",
    title=Text("无碎片图斑", "No sliver polygons"),
    severity=Severity.WARNING,
    relation="none",
    needs=("any:is_polygon",),
    concept="territorial_plan",
    cites=("qc-practice",),
    unit="m",
    message=Text(
        "{layer} {feature} 为碎片：平均宽度 {measure:.3f} 米，面积 {area:.2f} 平方米",
        "{layer} {feature} is a sliver: mean width {measure:.3f} m, area {area:.2f} m²",
    ),
    remedy=Text(
        "多为叠加或矢量化遗留；并入相邻图斑。", "Most are left by overlay or digitising; merge it into a neighbour."
    ),
)
def no_slivers(
    plan: Plan,
    *,
    width_min: Annotated[float, Param("m", Text("最小平均宽度", "least mean width"), assumed=True)] = 0.5,
    area_min: Annotated[float, Param("m2", Text("最小面积", "least area"), assumed=True)] = 200.0,
    exempt_survey: Annotated[
        tuple[str, ...], Param("", Text("不查的三调地类", "survey classes left out"), assumed=True)
    ] = SURVEY_LINEAR,
    exempt_plan: Annotated[
        tuple[str, ...], Param("", Text("不查的用地用海类", "land-use classes left out"), assumed=True)
    ] = PLAN_LINEAR,
) -> Iterator[Places]:
    """The features that are both thinner (2A/P) than `width_min` and smaller than `area_min`.

    Fails: a strip 0.2 m wide and 100 m long.
    Passes: a ditch of that shape; a strip that is long enough to be more than 200 m².
    """
    for layer in polygon_layers(plan):
        table = LAYERS[layer].fields["class_code"].table if "class_code" in LAYERS[layer].fields else ""
        thin = exempt_survey if table == "survey_land_classes" else exempt_plan
        width, area = mean_width_m(plan, layer), drawn_m2(plan, layer)
        linear = codes(plan, layer, "class_code").str.startswith(thin, na=False).to_numpy(dtype=bool)
        bad = (width < width_min) & (area < area_min) & ~linear
        yield rows(plan, layer, bad, measure=width, severity=lowered(layer), area=area)


@rule(
    "TP05",
    title=Text("法定界线无尖锐角", "Lines with legal force have no spikes"),
    severity=Severity.WARNING,
    relation="none",
    needs=("any:is_polygon",),
    concept="territorial_plan",
    cites=("ghbox", "qc-practice"),
    unit="deg",
    message=Text("{layer} {feature} 有 {measure:.2f}° 的尖锐角", "{layer} {feature} has a spike of {measure:.2f}°"),
    remedy=Text(
        "核对该顶点，删除误采的节点；确为地物形状的可说明保留。",
        "Check the vertex; delete it if it was digitised by mistake.",
    ),
)
def no_spikes(
    plan: Plan,
    *,
    angle_min: Annotated[float, Param("deg", Text("最小夹角", "least angle"), assumed=True)] = 10.0,
) -> Iterator[Places]:
    """The vertices of lines with legal force where the boundary turns back on itself within `angle_min`.

    Fails: a needle of the boundary 100 m long and 2 m wide at its foot.
    Passes: corners of 45°.
    """
    have = [each for each in LEGAL_LINES if each in plan]
    if not have:
        raise NotRun("没有法定界线图层", "no layer of lines with legal force")
    for layer in have:
        yield sharp_vertices(plan, layer, angle_min)


@rule(
    "TP06",
    title=Text("要素为单部件", "Features have a single part"),
    severity=Severity.WARNING,
    relation="none",
    needs=("any:single_part",),
    concept="territorial_plan",
    cites=("ghbox",),
    unit="count",
    message=Text("{layer} {feature} 由 {measure:.0f} 个部件组成", "{layer} {feature} consists of {measure:.0f} parts"),
    remedy=Text(
        "将多部件要素打散为单部件，分别编号并分别填写面积。",
        "Split it into single parts, each with its own id and area.",
    ),
)
def features_have_one_part(plan: Plan) -> Iterator[Places]:
    """The features of several parts in layers whose features must be single; redline units may have several.

    Fails: a farmland block of two pieces.
    Passes: a redline unit of two pieces; a block with a hole.
    """
    for layer in plan.where("single_part"):
        count = part_count(plan, layer)
        yield rows(plan, layer, count > 1, measure=count)


@rule(
    "TP07",
    title=Text("无重复节点与极短线段", "No repeated vertices or very short segments"),
    severity=Severity.WARNING,
    relation="none",
    needs=("any:is_polygon",),
    concept="territorial_plan",
    cites=("qc-practice",),
    unit="count",
    message=Text(
        "{layer} {feature} 有 {measure:.0f} 处重复节点或短于 {least:g} 米的线段",
        "{layer} {feature} has {measure:.0f} repeated vertices or segments shorter than {least:g} m",
    ),
    remedy=Text(
        "删除多余节点；相邻图斑的公共边须一并修改。",
        "Delete the needless vertices, in the neighbours that share the edge too.",
    ),
)
def no_crowded_vertices(
    plan: Plan,
    *,
    segment_min: Annotated[float, Param("m", Text("最短线段", "least segment"), assumed=True)] = 0.2,
) -> Iterator[Places]:
    """The features with repeated vertices or very short segments, as they were drawn; auxiliary layers are left out.

    Fails: a boundary with two vertices 0.1 m apart.
    Passes: vertices 1 m apart; vertices we added when edges were cut for a change of CRS.
    """
    layers = [each for each in plan.where("is_polygon") if lowered(each) is None]
    if not layers:
        raise NotRun("没有规范要求的面图层", "no polygon layer of an official specification")
    for layer in layers:
        yield crowded(plan, layer, segment_min, least=segment_min)


@rule(
    "TP08",
    title=Text("规划图层不超出行政区", "Plan layers stay inside the municipality"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("municipality",),
    concept="territorial_plan",
    cites=("qc-practice",),
    unit="m2",
    message=Text(
        "{layer} {feature} 超出行政区 {measure:.4f} 平方米",
        "{layer} {feature} leaves the municipality by {measure:.4f} m²",
    ),
    remedy=Text(
        "按同一年度行政界线裁切；已批准填海而行政界线尚未更新的，附批准文件说明。",
        "Cut it at the administrative boundary of the same year; for approved reclamation attach the approval.",
    ),
)
def plan_stays_inside_municipality(plan: Plan) -> Iterator[Places]:
    """The faces of plan layers outside the land area and the sea area of the municipality.

    Administration, networks, nature, evaluation, projects, hazards and protected areas may reach beyond.

    Fails: a zone drawn 10 m across the municipal boundary.
    Passes: a sea zone inside the sea area; an enclave that is a part of the municipality.
    """
    for layer in polygon_layers(plan):
        if LAYERS[layer].group not in _FREE_GROUPS and layer not in _FREE_LAYERS:
            yield outside(plan, layer, "municipality", "sea_area")


@rule(
    "TP09",
    title=Text("下级行政区拼合等于上级", "Lower administrative areas tile the upper one"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=(),
    concept="territorial_plan",
    cites=("qc-practice",),
    unit="m2",
    message=Text(
        "{layer} {feature} 与{other}边界不重合，相差 {measure:.4f} 平方米",
        "{layer} {feature} does not coincide with {other}: {measure:.4f} m² differ",
    ),
    remedy=Text(
        "统一采用同一年度的行政区数据，修正上下级界线。", "Take both levels from administrative data of the same year."
    ),
)
def lower_areas_tile_the_upper(plan: Plan) -> Iterator[Places]:
    """The faces of an area that its lower areas leave open, and the faces of these that lie outside it.

    Levels whose data are of different years are not compared: borders move from year to year.

    Fails: counties that leave a strip of the municipality to nobody.
    Passes: counties whose union is the municipality; townships of another year than their counties.
    """
    if not _neighbouring_levels(plan):
        names = [layer_title(each) for each in ("municipality", "county", "township")]
        zh, en = "、".join(each.zh for each in names), ", ".join(each.en for each in names)
        raise NotRun(f"缺少相邻两级行政区图层（{zh}）", f"no two neighbouring levels of {en}")
    if not (same := _levels(plan)):
        raise NotRun("上下级行政区数据年度不同，不作比较", "the levels are of different years and are not compared")
    for upper, lower in same:
        yield outside(plan, upper, lower)
        yield outside(plan, lower, upper)


def _neighbouring_levels(plan: Plan) -> list[tuple[str, str]]:
    """The upper and the lower of each two neighbouring levels of areas that the plan has."""
    pairs = [("municipality", "county"), ("county", "township")]
    return [pair for pair in pairs if all(each in plan and len(plan[each]) for each in pair)]


def _levels(plan: Plan) -> list[tuple[str, str]]:
    """Those of them that are of the same year, as far as it is known."""
    return [
        pair for pair in _neighbouring_levels(plan) if len({plan.source(each).as_of[:4] for each in pair} - {""}) < 2
    ]


def _scopes(plan: Plan, layer: str) -> Iterator[tuple[str, Mask | None]]:
    """Each scope of a layer with the features that have it; one scope of all features where there is no such column."""
    if not plan.has(layer, "scope") or not len(plan[layer]):
        yield "", None
        return
    scope = codes(plan, layer, "scope").fillna("")
    for each in sorted(set(scope)):
        yield each, (scope == each).to_numpy(dtype=bool)
