"""Ways out for a site that meets forbidden ground: moved, turned, trimmed, or placed elsewhere, each judged again.

What forbids is what the judging table forbids a project of this kind. Each way is proposed by a kernel whose bound is stated, and kept only
if the same judgement that failed the site passes it: a way out is proved, never promised.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.affinity import rotate, translate

from gis.analysis.quantities import usable
from gis.analysis.site_layers import Project, SiteCase, first_fit, site_layers
from gis.geometry import overlay, placement
from gis.geometry.area import areal_scale, edge_true
from gis.i18n import Text
from gis.model.layers import LAYERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.model.plan import Plan

    Objects = NDArray[np.object_]

__all__ = ["WAYS", "WAY_COLUMNS", "WINDS", "Search", "forbidden_ground", "ways_out"]

Judge = Callable[[gpd.GeoDataFrame], Sequence[str]]
"""What says of sites in the plan's CRS what their answer is: no_conflict, conditional, conflict or undecidable."""

WAYS: Final = {
    "shift": Text("最小平移", "smallest shift"),
    "turn": Text("旋转加平移", "turn and shift"),
    "trim": Text("最小核减", "smallest trim"),
    "place": Text("邻近可选位置", "place nearby"),
}
"""The kinds of ways out, in the order of the table."""
WAY_COLUMNS: Final = (
    "way", "distance_m", "direction_deg", "direction", "turn_deg", "cut_m2", "area_m2", "grade", "answer", "rank",
    "ranked_by", "bound_zh", "bound_en",
)  # fmt: skip
"""The columns of `ways_out` beside the geometry."""

WINDS: Final = {
    zh: Text(zh, en)
    for zh, en in (
        ("北", "north"), ("东北", "north-east"), ("东", "east"), ("东南", "south-east"),
        ("南", "south"), ("西南", "south-west"), ("西", "west"), ("西北", "north-west"),
    )
}  # fmt: skip
"""The eight directions by their Chinese names, clockwise from north."""
_PASSES: Final = ("no_conflict", "conditional")
_TURN_STEP_DEG: Final = 15.0
_BEST_GRADE: Final = {"高度适宜": 1, "适宜": 1, "一般适宜": 2, "较适宜": 2, "不适宜": 5}


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What a site must not meet, and what it must lie in; `inside` is None where it may lie anywhere."""

    out: Objects
    inside: Objects | None


@dataclass(frozen=True, slots=True)
class Search:
    """How far ways out are looked for.

    reach_m       the farthest shift
    far_m, most   the farthest place nearby, and how many
    min_part_m2   parts that a trim leaves below it are cut too (assumed: the least parcel mapped on farm land)
    """

    reach_m: float = 500.0
    far_m: float = 3_000.0
    most: int = 3
    min_part_m2: float = 400.0


def forbidden_ground(plan: Plan, project: Project, window: Any) -> Ground:
    """The ground that the judging table forbids to such a project, as far as it meets the window.

    `out` holds the features with effect "prohibit", `inside` those outside which it is prohibited to be, and always the municipality,
    where the plan has it. Layers that the plan lacks forbid nothing here: the answer calls them missing.
    """
    out: list[Objects] = []
    inside = None
    for layer in site_layers().values():
        if layer.id not in plan or not LAYERS[layer.id].is_polygon or (layer.kinds and project.kind not in layer.kinds):
            continue
        polygons = usable(plan, layer.id)
        near = np.flatnonzero(shapely.intersects(polygons, window))
        asked = SiteCase("inform", Text("", ""), layer.rule, where=layer.only).holds(plan[layer.id].iloc[near], project)
        near = near[asked]
        frame = plan[layer.id].iloc[near]
        case = first_fit(layer.cases, frame, project)
        forbids = np.array([n >= 0 and layer.cases[n].effect == "prohibit" for n in case], dtype=bool)
        out.append(polygons[near[forbids]])
        beyond = next((each for each in layer.outside if each.fits(project)), None)
        if layer.id == "municipality" or (beyond is not None and beyond.effect == "prohibit"):
            inside = polygons[near] if inside is None else _common(inside, polygons[near])
    return Ground(np.concatenate([np.empty(0, dtype=object), *out]), inside)


def ways_out(
    plan: Plan,
    site: Any,
    project: Project,
    judge: Judge,
    search: Search = Search(),
) -> gpd.GeoDataFrame:
    """Proved alternatives to a site: one row per way, `WAY_COLUMNS` and the ground it would take; empty where none is found.

    `site` is a valid polygon in the plan's CRS. Distances and areas are on the ellipsoid. `turn` is given only where it spares a
    tenth of the shift. Places are ranked by the grade of urban suitability where the plan holds it, else by distance:
    `ranked_by` says which. A linear project is trimmed only, since moving one stretch of it breaks it.

    Raises: AnalysisError for a site without area, or invalid.
    """
    window = shapely.box(*(np.array(site.bounds) + np.array([-1, -1, 1, 1]) * (search.far_m + 1.0)))
    ground = forbidden_ground(plan, project, window)
    found = [_trimmed(site, ground, search.min_part_m2)]
    if project.kind != "linear":
        found += _moved(site, ground, search.reach_m) + _placed(site, ground, search.far_m, search.most)
    rows = [each for each in found if each is not None]
    frame = gpd.GeoDataFrame(
        rows, columns=["way", "dx", "dy", "turn_deg", "bound_zh", "bound_en", "geometry"], crs=plan.crs
    )
    passes = np.array([answer in _PASSES for answer in _judged(frame, judge)], dtype=bool)
    return _described(plan, site, frame.loc[passes], judge)


# --- what is proposed


def _moved(site: Any, ground: Ground, reach_m: float) -> list[dict[str, Any] | None]:
    shift = placement.smallest_shift(site, ground.out, ground.inside, reach_m=reach_m)
    reach = reach_m if shift is None else 0.9 * float(np.hypot(*shift))
    if shift is not None and not reach > 1.0:
        return [_row("shift", site, shift)]
    turned = placement.rotated_shift(site, ground.out, ground.inside, reach_m=reach, step_deg=_TURN_STEP_DEG)
    rows = [None if shift is None else _row("shift", site, shift)]
    return [*rows, None if turned is None else _row("turn", site, turned[1], turned[0])]


def _placed(site: Any, ground: Ground, far_m: float, most: int) -> list[dict[str, Any] | None]:
    step = max(10.0, shapely.minimum_bounding_radius(site) / 8, far_m / 400)
    places = placement.nearest_places(site, ground.out, ground.inside, reach_m=far_m, step_m=step, most=most)
    return [_row("place", site, each, step_m=step) for each in places]


def _trimmed(site: Any, ground: Ground, min_part_m2: float) -> dict[str, Any] | None:
    """The site less what forbids it, a margin wider; parts too small are cut too."""
    near = ground.out[shapely.intersects(ground.out, site)]
    left = shapely.difference(site, shapely.buffer(shapely.union_all(near), placement.MARGIN_M, join_style="mitre"))
    if ground.inside is not None:
        held = shapely.buffer(shapely.union_all(ground.inside), -placement.MARGIN_M, join_style="mitre")
        left = shapely.intersection(left, held)
    parts = shapely.get_parts(overlay.polygonal([left]))
    kept = parts[shapely.area(parts) >= min_part_m2]
    return _row("trim", shapely.union_all(kept), np.zeros(2)) if len(kept) else None


def _row(way: str, site: Any, shift: NDArray[np.float64], turn: float = 0.0, *, step_m: float = 0.0) -> dict[str, Any]:
    margin = 1000 * placement.MARGIN_M
    bounds = {
        "shift": Text(f"精确（±{4 * margin:.0f} 毫米）", f"exact to {4 * margin:.0f} mm"),
        "turn": Text(
            f"按 {_TURN_STEP_DEG:g} 度逐一试算，平移精确", f"all turns by {_TURN_STEP_DEG:g}°, the shift exact"
        ),
        "trim": Text(f"精确，退让 {margin:.0f} 毫米", f"exact, {margin:.0f} mm clear"),
        "place": Text(
            f"按 {step_m:.0f} 米网格搜索，与最近者相差不超过两格",
            f"by a raster of {step_m:.0f} m: within two cells of the nearest",
        ),
    }
    geometry = translate(rotate(site, turn, "centroid") if turn else site, *shift)
    dx, dy = map(float, shift)
    return {
        "way": way,
        "dx": dx,
        "dy": dy,
        "turn_deg": turn,
        "bound_zh": bounds[way].zh,
        "bound_en": bounds[way].en,
        "geometry": geometry,
    }


# --- what is proved and said


def _judged(frame: gpd.GeoDataFrame, judge: Judge) -> Sequence[str]:
    return judge(frame[["geometry"]]) if len(frame) else []


def _described(plan: Plan, site: Any, frame: gpd.GeoDataFrame, judge: Judge) -> gpd.GeoDataFrame:
    """The columns that a reader wants, places in order of rank."""
    out = frame.reset_index(drop=True)
    scale = float(np.sqrt(areal_scale(np.array([site.centroid.x]), np.array([site.centroid.y]), plan.crs)[0]))
    out["distance_m"] = np.hypot(out["dx"], out["dy"]) / scale
    moved = out["distance_m"] > 0
    out["direction_deg"] = (np.degrees(np.arctan2(out["dx"], out["dy"])) % 360).where(moved)
    out["direction"] = [_wind(each) for each in out["direction_deg"]]
    out["area_m2"] = edge_true(out.geometry.to_numpy(), plan.crs)
    whole = float(edge_true([site], plan.crs)[0])
    out["cut_m2"] = (whole - out["area_m2"]).where(out["way"] == "trim", 0.0)
    out["answer"] = pd.Series(list(_judged(out, judge)), index=out.index, dtype="str")
    out["grade"] = _grades(plan, out)
    by_grade = bool(out["grade"].notna().any())
    out["ranked_by"] = "grade" if by_grade else "distance"
    out["order"] = out["way"].map(list(WAYS).index)
    out = out.sort_values(["order", *(["grade"] if by_grade else []), "distance_m"], kind="stable").reset_index(
        drop=True
    )
    out["rank"] = out.groupby("way").cumcount() + 1
    return out[[*WAY_COLUMNS, "geometry"]]


def _wind(degrees: float) -> str:
    """The direction in Chinese, of eight; empty where nothing moved."""
    return "" if np.isnan(degrees) else tuple(WINDS)[round(degrees / 45) % 8]


def _grades(plan: Plan, frame: gpd.GeoDataFrame) -> pd.Series[float]:
    """The mean grade of urban suitability of each ground, 1 the best; NaN where the plan does not hold it, or not for all of it."""
    out = pd.Series(np.nan, index=frame.index)
    if not plan.has("eval_urban", "grade") or not len(frame):
        return out
    said = plan["eval_urban"]["grade"].astype("str")
    grade = pd.to_numeric(said, errors="coerce").fillna(said.map(_BEST_GRADE)).to_numpy(dtype=float)
    i, j, m2 = overlay.areas(frame.geometry.to_numpy(), usable(plan, "eval_urban"), crs=plan.crs)
    known = np.isfinite(grade[j])
    total = np.bincount(i[known], m2[known], len(frame))
    mean = np.bincount(i[known], m2[known] * grade[j[known]], len(frame)) / np.where(total > 0, total, np.nan)
    whole = edge_true(frame.geometry.to_numpy(), plan.crs)
    return pd.Series(np.where(total >= 0.999 * whole, mean, np.nan), index=frame.index)


def _common(a: Objects, b: Objects) -> Objects:
    """The ground that both have."""
    return np.array([shapely.intersection(shapely.union_all(a), shapely.union_all(b))], dtype=object)
