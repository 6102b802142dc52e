"""Where a proposed site lies, for the first block of its report: administrative units (坐落) and boundary points (界址点)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from gis.analysis.site_ground import met
from gis.analysis.site_system import zone_of
from gis.crs import describe
from gis.geometry import overlay
from gis.i18n import Text
from gis.model.layers import layer_title
from gis.present.site_report_parts import Block, Column, ha, mu, number, sentence, table, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geopandas import GeoDataFrame

    from gis.decide.site import SiteAnswer
    from gis.i18n import Language
    from gis.model.plan import Plan
    from gis.model.site import Site
    from gis.present.site_report_parts import Table

__all__ = ["outline", "parcels", "points", "points_annex", "seat", "seats"]

_LEVELS: Final = ("municipality", "county", "township", "village")
_SEATS: Final = ("survey_parcel", "land_use_current")
"""Layers whose parcels say where they lie, by `seat_name` and `seat_code`."""
_NO_UNIT: Final = "建设边界"
"""A village of this kind is a building line, no administrative unit."""
_WITHIN_A_ZONE_M: Final = 1e6
_SHORT, _LONG = 30, 600
"""So many points stand in the first block; so many in the annex."""

_SEAT_COLUMNS: Final = (
    Column(Text("行政级别", "level"), 2), Column(Text("名称", "name"), 3), Column(Text("代码", "code"), 2),
    Column(Text("面积（公顷）", "area, ha"), 1, numeric=True),
)  # fmt: skip
_PARCEL_COLUMNS: Final = (
    Column(Text("地块", "parcel"), 2), Column(Text("名称", "name"), 3), Column(Text("拟用地类", "use"), 2),
    Column(Text("面积（公顷）", "area, ha"), 2, numeric=True), Column(Text("面积（亩）", "area, mu"), 2, numeric=True),
)  # fmt: skip
_POINT_COLUMNS: Final = (
    Column(Text("地块", "parcel"), 2), Column(Text("圈号", "ring")), Column(Text("点号", "point")),
    Column(Text("X 坐标（米，北）", "X, m (north)"), 2, numeric=True), Column(Text("Y 坐标（米，东）", "Y, m (east)"), 2, numeric=True),
    Column(Text("至下一点边长（米）", "edge to the next point, m"), 2, numeric=True),
)  # fmt: skip
_POINTS: Final = Text(
    "界址点成果表（{system}，边长按坐标反算）",
    "boundary points ({system}; edges by the difference of coordinates)",
)
_CENTRES: Final = Text(
    "线路中线点成果表（{system}，边长按坐标反算）",
    "points of the centre line ({system}; edges by the difference of coordinates)",
)
_SEE_ANNEX: Final = Text(
    "界址点共 {count} 个，见报告末附件。", "There are {count} boundary points, see the annex at the end."
)
_CUT: Final = Text(
    "界址点共 {count} 个，此处列出前 {shown} 个，其余 {left} 个以坐标文件为准。",
    "There are {count} points, of which the first {shown} are listed; the other {left} are in the file of coordinates.",
)
_ANNEX: Final = Text("附件 界址点成果表", "Annex: boundary points")


def seat(answer: SiteAnswer) -> str:
    """Where most of the site lies, from the city down: names with their codes; "" if the plan does not know."""
    found = _units(answer.plan)
    most = found.loc[found.groupby("layer", sort=False)["m2"].idxmax()] if len(found) else found
    said = (f"{name}（{code}）" if code else name for name, code in zip(most["name"], most["code"], strict=True))
    return " ".join(dict.fromkeys(said))


def parcels(answer: SiteAnswer, language: Language) -> Table:
    """The parcels of a site that has several, with their areas; of a single one nothing, as the site says it all."""
    frame = answer.sited.parcels
    m2 = overlay.measured(frame.geometry.to_numpy(), answer.plan.crs)
    rows = [
        (str(each["parcel"] or key), str(each["name"]), str(each["class_code"]), ha(each["m2"]), mu(each["m2"]))
        for key, each in zip(frame.index, frame.assign(m2=m2).to_dict("records"), strict=True)
    ]
    return table(Text("地块清单", "parcels"), _PARCEL_COLUMNS, rows if len(rows) > 1 else (), language)


def seats(answer: SiteAnswer, language: Language) -> Table:
    """The administrative units that the site lies in, with their codes and what each holds of it."""
    rows = [
        (sentence(_level(each["layer"]).render(language)), each["name"], each["code"], ha(each["m2"]))
        for each in _units(answer.plan).to_dict("records")
    ]
    return table(Text("坐落", "administrative units"), _SEAT_COLUMNS, rows, language)


def _level(layer: str) -> Text:
    return Text("坐落单位（按调查图斑）", "seat by the survey") if layer in _SEATS else layer_title(layer)


def _units(plan: Plan) -> pd.DataFrame:
    """Level, name, code and m² of each unit, the largest part first in each level."""
    frames = [_parts(plan, layer, "area_name", "area_code") for layer in _LEVELS if layer in plan]
    if not any(len(each) and each["layer"].iloc[0] == "village" for each in frames):
        layer = next((each for each in _SEATS if plan.has(each, "seat_name")), None)
        frames += [] if layer is None else [_parts(plan, layer, "seat_name", "seat_code")]
    columns = pd.DataFrame(columns=["layer", "name", "code", "m2"])
    return pd.concat([each for each in frames if len(each)] or [columns], ignore_index=True)


def _parts(plan: Plan, layer: str, name: str, code: str) -> pd.DataFrame:
    found, frame = met(plan, layer), plan[layer]
    kind = words(frame, "kind") if layer == "village" else np.full(len(frame), "")
    rows = pd.DataFrame(
        {"layer": layer, "name": words(frame, name)[found.feature], "code": words(frame, code)[found.feature], "m2": found.m2}
    )  # fmt: skip
    rows = rows[(np.char.find(kind[found.feature].astype(str), _NO_UNIT) < 0) & rows["name"].ne("").to_numpy()]
    summed = rows.groupby(["layer", "name", "code"], sort=False)["m2"].sum().reset_index()
    return summed.sort_values("m2", ascending=False, kind="stable")


def outline(answer: SiteAnswer, site: Site | None) -> GeoDataFrame:
    """The parcels whose points are told: of a corridor its centre line.

    As the site was read where it is in a Gauss–Krüger zone; else its points in the plan's system. Without `site`, the ground
    that was judged.
    """
    if site is None:
        ground = answer.sited.parcels
        centre = ground["centre"].to_numpy()
        return ground.set_geometry(np.where(centre == np.array(None), ground.geometry.to_numpy(), centre))
    return site.parcels if zone_of(site.crs) is not None else site.parcels.to_crs(answer.plan.crs)


def points(drawn: GeoDataFrame, language: Language) -> tuple[tuple[str, ...], tuple[Table, ...]]:
    """What the first block says of the boundary points, and their table unless it is long."""
    rows = _rows(drawn)
    if len(rows) > _SHORT:
        return (_SEE_ANNEX.format(count=len(rows)).render(language),), ()
    return (), (_table(drawn, rows, language),)


def points_annex(drawn: GeoDataFrame, language: Language) -> tuple[Block, ...]:
    """The annex with a long table of points, cut where it is very long, and said so."""
    rows = _rows(drawn)
    if len(rows) <= _SHORT:
        return ()
    cut = _CUT.format(count=len(rows), shown=_LONG, left=len(rows) - _LONG).render(language)
    return (Block(_ANNEX, (cut,) if len(rows) > _LONG else (), (_table(drawn, rows[:_LONG], language),)),)


def _table(drawn: GeoDataFrame, rows: list[tuple[str, ...]], language: Language) -> Table:
    lines = shapely.get_dimensions(drawn.geometry.to_numpy()) == 1
    caption = (_CENTRES if lines.all() else _POINTS).format(system=describe(drawn.crs))
    return table(caption, _POINT_COLUMNS, rows, language)


def _rows(drawn: GeoDataFrame) -> list[tuple[str, ...]]:
    zone = zone_of(drawn.crs)
    east = zone.number * _WITHIN_A_ZONE_M if zone is not None and not zone.prefixed else 0.0
    numbers = drawn["parcel"] if "parcel" in drawn else pd.Series("", index=drawn.index)
    shapes = zip(numbers, drawn.index, drawn.geometry, strict=True)
    return [row for said, key, shape in shapes for row in _of_parcel(str(said or key), shape, east)]


def _of_parcel(parcel: str, shape: Any, east: float) -> Iterator[tuple[str, ...]]:
    """Parcel, ring, point, X (north), Y (east, with zone number) and the edge to the next point, none at the end of a line."""
    first = 1
    for ring, line in enumerate(_rings(shape), 1):
        xy = shapely.get_coordinates(line)
        edge = np.hypot(*np.diff(xy, axis=0).T)
        closed = shapely.is_closed(line)
        xy, edge = (xy[:-1], edge) if closed else (xy, np.append(edge, np.nan))
        for n, ((x, y), length) in enumerate(zip(xy, edge, strict=True), first):
            yield parcel, str(ring), f"J{n}", number(y, 3), number(x + east, 3), number(length, 2)
        first += len(xy)


def _rings(shape: Any) -> list[Any]:
    """The rings of an area, each shell before its holes; the lines of a centre line."""
    parts = shapely.get_parts(shape)
    if shapely.get_dimensions(shape) < 2:
        return list(parts)
    return [ring for part in parts for ring in (part.exterior, *part.interiors)]
