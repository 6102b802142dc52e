"""What stands on the ground of the three control lines (三线占用情况): present land by kind, by area unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.analysis.area_units import AreaUnits, by_unit, pieces
from gis.analysis.land_accounts import CONSTRUCTION, URBAN, coded, text_codes
from gis.analysis.quantities import covered_share, drawn_m2, usable
from gis.geometry import overlay
from gis.i18n import Text

if TYPE_CHECKING:
    from gis.model.plan import Plan

__all__ = ["KINDS", "LINES", "inside_line", "occupation"]

Floats = NDArray[np.float64]

LINES: Final = ("permanent_basic_farmland", "ecological_redline", "urban_development_boundary")
"""The three control lines, in the order in which they are drawn."""
_VILLAGE: Final = ("203", "203A")
_BY_CLASS: Final[dict[str, tuple[tuple[str, ...], Text]]] = {
    "cultivated": (("01",), Text("耕地", "cultivated land")),
    "garden": (("02",), Text("园地", "garden land")),
    "forest": (("03",), Text("林地", "forest")),
    "grass": (("04",), Text("草地", "grassland")),
    "wetland": (("05",), Text("湿地", "wetland")),
    "facility": (("06",), Text("农业设施建设用地", "agricultural facilities")),
    "water": (("17",), Text("陆地水域", "inland water")),
    "other": (("",), Text("其他土地", "other land")),
}
KINDS: Final[dict[str, Text]] = {
    **{name: title for name, (_, title) in _BY_CLASS.items() if name != "other"},
    "urban": Text("城镇建设用地", "urban construction land"),
    "village": Text("村庄建设用地", "village construction land"),
    "built": Text("其他建设用地", "other construction land"),
    "other": Text("其他土地", "other land"),
    "unknown": Text("无现状数据", "no data of present land"),
}
"""The kinds of present land, in the order of the table; together they are the ground of a line."""


def occupation(plan: Plan, units: AreaUnits, line: str) -> pd.DataFrame:
    """Present land inside a line, in m²: a row for the whole plan, then one per unit; columns `area` and KINDS.

    `area` is the ground of the line as it is drawn; what no parcel of current land use covers is `unknown`, so that the kinds add
    up to it (below 0 where parcels overlap). Without current land use all is unknown.
    """
    area = by_unit(plan, units, line, drawn_m2(plan, line))
    out = pd.DataFrame(0.0, index=range(len(area)), columns=["area", *KINDS])
    out["area"] = area
    if plan.has("land_use_current", "class_code") and len(plan["land_use_current"]):
        kind, mask = _kinds(plan), usable(plan, line)
        whole = drawn_m2(plan, "land_use_current") * covered_share(plan, "land_use_current", mask)
        feature, unit, geometry, m2 = pieces(plan, units, "land_use_current")
        part = m2 * overlay.covered_share(geometry, mask, crs=plan.crs, valid=True)
        for n, name in enumerate(KINDS):
            sums = np.bincount(unit, np.where(kind[feature] == n, np.nan_to_num(part), 0.0), len(units))
            out[name] = np.concatenate([[np.nansum(whole[kind == n])], sums])
    known = out[[name for name in KINDS if name != "unknown"]].sum(axis="columns")
    out["unknown"] = (out["area"] - known).where(lambda left: left.abs() > 1e-6 * out["area"], 0.0)
    return out


def inside_line(plan: Plan, units: AreaUnits, layer: str, line: str, where: NDArray[np.bool_] | None = None) -> Floats:
    """The area in m² of the chosen features of a layer that lies in a line: in all, then per unit; NaN without the layer."""
    if layer not in plan or not len(plan[layer]):
        return np.full(1 + len(units), np.nan)
    chosen = np.ones(len(plan[layer]), dtype=bool) if where is None else where
    mask = usable(plan, line)
    whole = np.nansum(drawn_m2(plan, layer) * covered_share(plan, layer, mask, chosen))
    feature, unit, geometry, m2 = pieces(plan, units, layer)
    here = chosen[feature]
    part = m2[here] * overlay.covered_share(geometry[here], mask, crs=plan.crs, valid=True)
    return np.concatenate([[whole], np.bincount(unit[here], np.nan_to_num(part), len(units))])


def _kinds(plan: Plan) -> NDArray[np.int64]:
    """The kind of each parcel, by its place in KINDS; what has no class is other land."""
    land, names = plan["land_use_current"], list(KINDS)
    settlement = text_codes(land["settlement_code"]) if "settlement_code" in land else pd.Series("", index=land.index)
    is_built = coded(land["class_code"], CONSTRUCTION)
    chosen = [is_built & settlement.isin(codes).to_numpy() for codes in (URBAN, _VILLAGE)] + [is_built]
    chosen += [coded(land["class_code"], codes) for name, (codes, _) in _BY_CLASS.items() if name != "other"]
    order = ["urban", "village", "built", *(name for name in _BY_CLASS if name != "other")]
    return np.select(chosen, [names.index(name) for name in order], names.index("other"))
