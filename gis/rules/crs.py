"""Rules on the coordinate system (坐标系). Ids start with CR."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import pyproj

from gis.analysis import forensics
from gis.crs import central_meridian, describe, is_cgcs2000, longitude_latitude_extent, zone3, zone6, zone_width
from gis.i18n import Text
from gis.model.finding import Severity
from gis.model.layers import layer_title
from gis.rules.attributes import lowered
from gis.rules.base import NotRun, Param, Places, rule
from gis.rules.declared_systems import (
    declared_crs,
    height_system,
    is_gauss_kruger,
    is_local,
    misfit,
    raw_bounds,
    surrounds,
    systems,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan

Reference = Annotated[str, Param("", Text("参照图层，空为县级行政区等", "reference layer; empty: county first"))]

_NATIONAL_HEIGHT: Final = re.compile(r"yellow[\s_]*sea[\s_]*1985|1985[\s_]*国家高程|国家高程[\s_]*1985", re.IGNORECASE)
_OFFSHORE: Final = ("sea_area", "coastline", "shoreline", "site")


@rule(
    "CR01",
    title=Text("坐标系为 CGCS2000", "The coordinate system is CGCS2000"),
    severity=Severity.ERROR,
    relation="none",
    needs=("any:",),
    concept="territorial_plan",
    cites=("epsg", "qc-practice"),
    unit="",
    message=Text(
        "{layer} 的坐标系为 {crs}，不是 2000 国家大地坐标系",
        "{layer} is in {crs}, which is not CGCS2000",
    ),
    remedy=Text(
        "用测绘主管部门提供的转换参数转换到 CGCS2000；不得直接改写坐标系定义。",
        "Transform to CGCS2000 with the parameters of the surveying authority; do not merely rewrite the definition.",
    ),
)
def reference_system_is_cgcs2000(plan: Plan) -> Iterator[Places]:
    """The layers whose declared coordinate system has another datum than CGCS2000.

    A local engineering system is neither right nor wrong: without its transformation nothing can be said. Layers that
    no specification asks for (facilities, roads from other sources) are a note.

    Fails: a layer delivered in WGS 84 or Xian 1980.
    Passes: CGCS2000 in degrees, or in any Gauss–Krüger zone, also under an ArcGIS name without EPSG code.
    """
    declared = {layer: declared_crs(plan, layer) for layer in plan}
    local = [layer for layer, crs in declared.items() if is_local(crs)]
    wrong = [layer for layer, crs in declared.items() if layer not in local and not is_cgcs2000(crs)]
    if local and not wrong:
        names = ", ".join(local)
        raise NotRun(
            f"图层 {names} 采用地方独立坐标系；请提供与 CGCS2000 的转换参数后再检查",
            f"layers {names} are in a local system; supply its transformation to CGCS2000 first",
        )
    for layer in wrong:
        yield _whole(layer, severity=lowered(layer), crs=describe(declared[layer]))


@rule(
    "CR02",
    title=Text("分带与数据经度一致", "The zone fits the longitude of the data"),
    severity=Severity.ERROR,
    relation="none",
    needs=("any:",),
    concept="territorial_plan",
    cites=("epsg",),
    unit="count",
    message=Text(
        "{layer} 位于东经 {west:.2f}°—{east:.2f}°，与所用坐标系（{crs}）的分带相差 {measure:.0f} 个带",
        "{layer} lies between {west:.2f}°E and {east:.2f}°E, {measure:.0f} zone(s) off its CRS ({crs})",
    ),
    remedy=Text(
        "核对中央经线；跨带城市应统一采用规定的一条中央经线，并在 plan.toml 中说明。",
        "Check the central meridian; a city across two zones uses the one that is laid down for it.",
    ),
)
def zone_fits_longitude(
    plan: Plan,
    *,
    zone_tolerance: Annotated[
        int, Param("count", Text("作为提示而非错误的相邻带数", "zones off that are a note, not an error"), assumed=True)
    ] = 1,
) -> Iterator[Places]:
    """The layers none of which lies in the zone of the Gauss–Krüger system they are in.

    Layers whose numbers do not fit the system at all are left to CR03.

    Fails: data at 126°E in a system with central meridian 120°E.
    Passes: a layer that reaches from its zone into the next.
    """
    asked = False
    for layer in plan:
        crs, bounds = declared_crs(plan, layer), raw_bounds(plan, layer)
        if bounds is None or not is_gauss_kruger(crs) or misfit(bounds, crs):
            continue
        asked = True
        west, _, east, _ = longitude_latitude_extent(bounds, crs)
        off = _zones_off(west, east, crs)
        if off:
            severity = Severity.NOTE if off <= zone_tolerance else None
            yield _whole(layer, measure=off, severity=severity, west=west, east=east, crs=describe(crs))
    if not asked:
        raise NotRun(
            "没有采用高斯—克吕格投影、坐标数值可用的图层", "no layer in a Gauss–Krüger system with usable numbers"
        )


@rule(
    "CR03",
    title=Text("带号前缀与坐标次序正确", "Zone prefix and axis order are right"),
    severity=Severity.ERROR,
    relation="none",
    needs=("any:",),
    concept="territorial_plan",
    cites=("epsg", "cctool"),
    unit="",
    message=Text(
        "{layer} 坐标与坐标系（{crs}）不符：{fault}", "Coordinates of {layer} do not fit its CRS ({crs}): {fault}"
    ),
    remedy=Text(
        "按实际情况重新定义坐标系（加带号或不加带号），或调换横纵坐标后重新导出。",
        "Define the CRS that the numbers are in (with or without zone number), or swap the axes and export again.",
    ),
)
def prefix_and_axes_fit(plan: Plan) -> Iterator[Places]:
    """The layers whose numbers cannot be coordinates of the system they are declared in.

    Fails: eastings of 8 digits in a system without zone number; northings where eastings belong; degrees as metres.
    Passes: eastings 38 500 000 in zone 38, or 500 000 in a system without zone number.
    """
    asked = False
    for layer in plan:
        bounds, crs = raw_bounds(plan, layer), declared_crs(plan, layer)
        asked |= bounds is not None
        fault = bounds is not None and misfit(bounds, crs)
        if fault:
            yield _whole(layer, fault=fault, crs=describe(crs))
    if not asked:
        raise NotRun("没有可检查的图形", "no geometry to check")


@rule(
    "CR04",
    title=Text("坐标未经偏移，大地基准属实", "Coordinates are not shifted, and the datum is the declared one"),
    severity=Severity.ERROR,
    relation="none",
    needs=("any:",),
    concept="territorial_plan",
    cites=("epsg", "qc-practice"),
    unit="m",
    message=Text(
        "{layer} 的坐标{verdict} {system}，而非声明的坐标系，相差约 {measure:.0f} 米（以{reference}为参照：{evidence}）",
        "Coordinates of {layer} {verdict} {system}, not the declared system, about {measure:.0f} m off "
        "(reference {reference}: {evidence})",
    ),
    remedy=Text(
        "向数据提供方索取 CGCS2000 原始数据，或由测绘主管部门用正式参数转换，不得手工平移；"
        "多个图层同时报出时，先核对参照图层本身。",
        "Ask the provider for the original in CGCS2000, or have the surveying authority transform it; never move it by hand. "
        "Where many layers are reported, check the reference first.",
    ),
)
def datum_is_the_declared_one(
    plan: Plan,
    *,
    reference: Reference = "",
) -> Iterator[Places]:
    """The layers whose borders fit those of the reference only in GCJ-02, BD-09, Beijing 1954 or Xi'an 1980.

    Only layers drawn or cut along the borders of the reference can show it; where none does, the rule does not run. A layer
    that a shift would bring inside without other evidence cannot be decided. The reference is judged against the next one; as
    the shift of an old datum is measured, not known, it cannot be decided there which of the two is shifted.

    Fails: a redline in GCJ-02, 500 m beside the county border that it follows.
    Passes: a redline along the county border; facilities scattered inside it.
    """
    named = _reference(plan, reference)
    found = [*_forensics(plan, reference), *_of_reference(plan, reference)]
    if not any(each.decided or each.suspect for _, each in found):
        raise NotRun(
            "没有图层沿参照图层的边界绘制，无法判断坐标是否偏移",
            "no layer follows the borders of the reference, so nothing can be said of a shift",
        )
    for layer, each in found:
        if each.best.kind == "datum" and layer == named and each.best.measured:
            yield _elsewhere(layer, each, each.best, doubt=each.best.shift_m, severity=Severity.NOTE)
        elif each.best.kind == "datum":
            yield _elsewhere(layer, each, each.best, severity=lowered(layer))
        elif each.suspect:
            yield _elsewhere(layer, each, each.rivals[0], doubt=each.rivals[0].shift_m, severity=Severity.NOTE)


@rule(
    "CR05",
    title=Text("声明的坐标系与实际位置相符", "The declared system puts the layer where it belongs"),
    severity=Severity.ERROR,
    relation="none",
    needs=("any:",),
    concept="territorial_plan",
    cites=("epsg", "cctool"),
    unit="km",
    message=Text(
        "{layer} 的坐标{verdict} {system}，而非声明的坐标系，{off}（以{reference}为参照：{evidence}）",
        "Coordinates of {layer} {verdict} {system}, not the declared system, {off} (reference {reference}: {evidence})",
    ),
    remedy=Text(
        "坐标数值不动，把图层的坐标系重新定义为所示系统（横纵坐标颠倒的先调换），再投影到规划的坐标系。",
        "Leave the numbers, define the layer's CRS anew as named (swap swapped axes first), then reproject to the plan's CRS.",
    ),
)
def layer_lies_where_declared(
    plan: Plan,
    *,
    reference: Reference = "",
) -> Iterator[Places]:
    """The layers that lie outside the reference as declared, and inside it in another zone, order of axes or unit.

    Numbers that cannot be in the declared system at all are left to CR03.

    Fails: data of central meridian 117°E declared as 120°E, though its numbers look normal.
    Passes: a layer inside the county; a layer that no system would bring there.
    """
    for layer, each in _forensics(plan, reference):
        if each.best.kind not in ("declared", "datum"):
            doubt = 0.0 if each.decided else each.best.shift_m
            yield _elsewhere(layer, each, each.best, doubt=doubt, severity=lowered(layer))


@rule(
    "CR06",
    title=Text("高程基准为 1985 国家高程基准", "Heights are on the 1985 national datum"),
    severity=Severity.WARNING,
    relation="none",
    needs=("any:",),
    concept="territorial_plan",
    cites=("ghbox", "epsg"),
    unit="",
    message=Text(
        "{layer} 的高程基准为 {height}，不是 1985 国家高程基准",
        "Heights of {layer} are on {height}, not on the 1985 national datum",
    ),
    remedy=Text(
        "用测绘主管部门提供的高程改正值换算到 1985 国家高程基准（EPSG:5737）；没有高程时用二维坐标系提交。",
        "Convert heights to the 1985 national datum (EPSG:5737) with the authority's corrections; deliver in two dimensions "
        "if there are none.",
    ),
)
def heights_are_on_national_datum(plan: Plan) -> Iterator[Places]:
    """The layers whose declared system has heights on another datum than the 1985 national one.

    Fails: heights on Yellow Sea 1956; ellipsoidal heights.
    Passes: CGCS2000 with Yellow Sea 1985 height (4490 + 5737).
    """
    asked = False
    for layer in plan:
        for crs in systems(plan, layer):
            height = height_system(crs)
            asked |= height is not None
            if height is not None and not _NATIONAL_HEIGHT.search(height.en):
                yield _whole(layer, severity=lowered(layer), height=height)
    if not asked:
        raise NotRun("图层均为二维坐标系，未声明高程基准", "all layers are in two dimensions, without a height datum")


@rule(
    "CR07",
    title=Text("图层位于所属行政区内", "Layers lie in their county"),
    severity=Severity.WARNING,
    relation="none",
    needs=("any:",),
    concept="territorial_plan",
    cites=("qc-practice",),
    unit="km",
    message=Text(
        "{layer} 几乎全部位于{reference}之外 {measure:.1f} 千米以远，且没有其他坐标系能使其落入范围内",
        "Nearly all of {layer} lies more than {measure:.1f} km outside {reference}, and no other system would bring it inside",
    ),
    remedy=Text(
        "核对图层是否属于本行政区、坐标系定义是否正确；飞地等确属本区的，登记豁免并说明。",
        "Check whether the layer belongs to this county and how its CRS is defined; waive with a reason what does lie apart.",
    ),
)
def layers_lie_in_their_county(
    plan: Plan,
    *,
    reference: Reference = "",
    apart_m: Annotated[float, Param("m", Text("不算界外的距离", "distance that is not apart"), assumed=True)] = 1000.0,
) -> Iterator[Places]:
    """The layers of which all but 5 % lie farther than `apart_m` outside the reference, in every system they may be in.

    Sea areas and shores lie outside by nature, and layers around the reference (a larger area) are no fault.

    Fails: a redline of the neighbouring county, 40 km away.
    Passes: a layer that reaches over the border; a municipality around its county.
    """
    for layer, each in _forensics(plan, reference):
        inland = layer not in _OFFSHORE and not surrounds(plan, layer, _reference(plan, reference))
        if inland and each.best.kind == "declared" and apart_m < each.apart_m < np.inf:
            yield _whole(layer, measure=each.apart_m, severity=lowered(layer), reference=each.reference)


def _reference(plan: Plan, named: str) -> str:
    """The layer that others are judged against.

    Raises: NotRun if the plan has none that is drawn.
    """
    found = named if named in plan else forensics.reference_of(plan) if not named else None
    if found is None:
        titles = [layer_title(each) for each in ((named,) if named else forensics.REFERENCES)]
        zh, en = "、".join(each.zh for each in titles), ", ".join(each.en for each in titles)
        raise NotRun(f"没有可作参照的图层（{zh}）", f"no layer to refer to ({en})")
    return found


def _forensics(plan: Plan, named: str) -> Iterator[tuple[str, forensics.Forensics]]:
    """What can be said of each layer against the reference; layers of impossible numbers or in local systems left out.

    Raises: NotRun if there is no reference, or no other layer that is drawn.
    """
    reference, asked = _reference(plan, named), False
    for layer in plan:
        bounds, crs = raw_bounds(plan, layer), declared_crs(plan, layer)
        if layer == reference or is_local(crs) or (bounds is not None and misfit(bounds, crs)):
            continue
        found = forensics.of_layer(plan, layer, reference)
        if found is not None:
            asked = True
            yield layer, found
    if not asked:
        raise NotRun("没有其他可检查的图形", "no other geometry to check")


def _of_reference(plan: Plan, named: str) -> Iterator[tuple[str, forensics.Forensics]]:
    """What can be said of the reference itself, against the next one; a shift has a direction, so it tells which is shifted."""
    found = forensics.of_layer(plan, reference := _reference(plan, named))
    if found is not None and found.best.kind == "datum":
        yield reference, found


def _elsewhere(
    layer: str,
    found: forensics.Forensics,
    meant: forensics.Hypothesis,
    *,
    severity: Severity | None,
    doubt: float = 0.0,
) -> Places:
    """One place for a layer whose numbers are, or may be, in another system."""
    words = {
        "verdict": Text("可能属于", "may be in") if doubt else Text("符合", "are in"),
        "system": meant.system,
        "reference": found.reference,
        "evidence": found.conclusion if doubt else meant.evidence,
        "off": _kilometres(meant.shift_m),
    }
    made = _whole(layer, measure=meant.shift_m, severity=severity, **words)
    return replace(made, doubt=np.array([doubt]))


def _kilometres(metres: float) -> Text:
    """How far off numbers are; those of no place at all are not any distance off."""
    km = Text(f"相差约 {metres / 1e3:.0f} 千米", f"about {metres / 1e3:.0f} km off")
    return km if np.isfinite(metres) else Text("按声明的坐标系不在地球上", "in which they are no place on earth")


def _whole(layer: str, *, measure: float = np.nan, severity: Severity | None = None, **words: Any) -> Places:
    """One place that is a whole layer."""
    return Places(layer, (("",),), np.array([None], dtype=object), np.array([measure]), words=words, severity=severity)


def _zones_off(west: float, east: float, crs: pyproj.CRS) -> int:
    """How many zones the nearest of the data is away from the zone of a Gauss–Krüger system."""
    zone_of = zone3 if zone_width(crs) == 3 else zone6
    zone = zone_of(central_meridian(crs) or 0.0)
    return max(zone_of(west) - zone, zone - zone_of(east), 0)
