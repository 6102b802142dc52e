"""The land that a site takes (占地): by village, class, three classes and ownership; and what it obliges to.

Approved land counts by its approval, not by the survey. A debt is stated, never settled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import BOUNDARY, coded, text_codes
from gis.analysis.quantities import usable
from gis.analysis.site_ground import SITE, Met, met, once, site_m2, unapproved
from gis.geometry import overlay
from gis.standards import code_table
from gis.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.model.plan import Plan

__all__ = ["LAND_COLUMNS", "OBLIGATIONS", "land_taken", "obligations"]

LAND_COLUMNS: Final = (
    "site", "village", "class_code", "class_name", "three_class", "ownership", "slope_class", "approved", "area_m2",
)  # fmt: skip
OBLIGATIONS: Final = (
    "cultivated_mu",
    "compensation_mu",
    "farmland_mu",
    "redesignation_mu",
    "grade",
    "outside_ha",
    "conversion_ha",
)
FARMLAND: Final = "permanent_basic_farmland"
CULTIVATED: Final = ("01",)
_PARCELS: Final = (("survey_parcel", "survey_land_classes"), ("land_use_current", "land_use_classes"))
_NATURAL: Final = ("01", "02", "03", "04", "05", "17", "23")
_SCATTERED: Final = ("0701", "0702", "09", "1001", "11")
_OWNERS: Final = {"1": "国有", "2": "国有", "3": "集体", "4": "集体"}
_NOTHING_M2: Final = 0.005
"""Half of the 0.01 m² in which areas are stated."""


def land_taken(plan: Plan) -> pd.DataFrame:
    """The land the plan's sites take, in m², by `LAND_COLUMNS`; what no parcel covers has no class.

    By the survey parcels, else the current land use. `village` is the seat of the parcel (坐落单位), else the village it lies
    in by area; `ownership` 国有 or 集体 by the parcel (10, 20: state; 30, 40: collective). Ground inside approved land (land_case)
    is `approved` and has the approved class. Without parcels all is of no class.
    """
    layer, table = next(((each, name) for each, name in _PARCELS if plan.has(each, "class_code")), ("", ""))
    whole = pd.DataFrame({"site": np.arange(len(plan[SITE])), "area_m2": site_m2(plan)})
    taken = pd.DataFrame(columns=["site", *LAND_COLUMNS[1:]])
    if layer:
        left = unapproved(plan)[0]
        found, rest = _all(plan, layer), _all(plan, layer, left)
        taken = pd.concat([_described(plan, layer, table, rest), _approved(plan, layer, found, rest)])
    known = taken.groupby("site")["area_m2"].sum().reindex(whole["site"]).fillna(0.0).to_numpy(dtype=float)
    rest_m2 = whole.assign(area_m2=whole["area_m2"] - known, approved=False)
    taken = pd.concat([taken, rest_m2[rest_m2["area_m2"] > np.maximum(_NOTHING_M2, 1e-9 * whole["area_m2"])]])
    keys = [each for each in LAND_COLUMNS if each != "area_m2"]
    text = [each for each in keys if each not in ("site", "approved")]
    taken[text] = taken[text].astype("str").fillna("")
    summed = taken.groupby(keys, sort=True)["area_m2"].sum().reset_index()
    return summed.assign(site=plan[SITE].index.to_numpy()[summed["site"].to_numpy(dtype=np.int64)])[list(LAND_COLUMNS)]


def _all(plan: Plan, layer: str, sites: Any = None) -> Met:
    found = met(plan, layer, sites)
    m2 = once(plan, layer, found, np.zeros(len(found), dtype=np.int64), sites)
    return Met(found.site[m2 > 0], found.feature[m2 > 0], m2[m2 > 0])


def _described(plan: Plan, layer: str, table: str, found: Met) -> pd.DataFrame:
    """The pairs with what their parcel says."""
    frame, classes = plan[layer].iloc[found.feature], code_table(table)
    code = _said(frame, "class_code")
    names = {each: (classes[each].name.zh, classes[each].extra["three_class"]) for each in set(code) if each in classes}
    owner = _said(frame, "ownership").str[:1].map(_OWNERS).fillna("")
    return pd.DataFrame(
        {
            "site": found.site, "village": _villages(plan, frame, found), "class_code": code.to_numpy(),
            "class_name": [names.get(each, ("", ""))[0] for each in code],
            "three_class": [names.get(each, ("", ""))[1] for each in code],
            "ownership": owner.to_numpy(), "slope_class": _said(frame, "slope_class").to_numpy(), "approved": False, "area_m2": found.m2,
        }
    )  # fmt: skip


def _villages(plan: Plan, frame: pd.DataFrame, found: Met) -> NDArray[np.object_]:
    """The seat of each parcel; without one the village that holds most of the site."""
    seat = _said(frame, "seat_name")
    if seat.ne("").any() or not plan.has("village", "area_name"):
        return seat.to_numpy(dtype=object)
    here = met(plan, "village")
    most = (
        pd.DataFrame({"site": here.site, "feature": here.feature, "m2": here.m2})
        .sort_values("m2")
        .groupby("site")
        .last()
    )
    name = _said(plan["village"], "area_name").to_numpy()
    return np.array(
        [name[most["feature"].loc[each]] if each in most.index else "" for each in found.site], dtype=object
    )


def _said(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    return text_codes(frame[name]).fillna("") if name in frame else pd.Series("", index=frame.index, dtype="str")


def _approved(plan: Plan, layer: str, found: Met, rest: Met) -> pd.DataFrame:
    """What approval has taken of the parcels, with the approved class; shared out where several approvals meet a parcel."""
    if "land_case" not in plan:
        return pd.DataFrame(columns=list(LAND_COLUMNS))
    keys = [pd.MultiIndex.from_arrays([each.site, each.feature]) for each in (found, rest)]
    gone = found.m2 - pd.Series(rest.m2, index=keys[1]).reindex(keys[0]).fillna(0.0).to_numpy()
    site, case, shape = overlay.pieces(usable(plan, SITE), usable(plan, "land_case"), valid=True)
    parcels = usable(plan, layer)
    features = np.unique(found.feature)
    k, j, m2 = overlay.areas(shape, parcels[features], crs=plan.crs, valid=True)
    parts = pd.DataFrame({"site": site[k], "feature": features[j], "case": case[k], "part": m2})
    rows = pd.DataFrame({"site": found.site, "feature": found.feature, "gone": gone}).merge(
        parts, on=["site", "feature"]
    )
    rows["area_m2"] = rows["gone"] * rows["part"] / rows.groupby(["site", "feature"])["part"].transform("sum")
    rows = rows[rows["area_m2"] > 0]
    out = _described(
        plan, layer, "land_use_classes", Met(*(rows[each].to_numpy() for each in ("site", "feature", "area_m2")))
    )
    classes, code = (
        code_table("land_use_classes"),
        _said(plan["land_case"], "class_code").to_numpy()[rows["case"].to_numpy()],
    )
    names = [classes.get(each) for each in code]
    return out.assign(
        class_code=code, approved=True, slope_class="",
        class_name=[each.name.zh if each else "" for each in names],
        three_class=[each.extra["three_class"] if each else "建设用地" for each in names],
    )  # fmt: skip


def obligations(plan: Plan, land: pd.DataFrame) -> pd.DataFrame:
    """What each site obliges to, by site id.

    cultivated_mu     cultivated land that is taken and not approved before; compensation_mu  of it the 占补 debt (亩): none for
                      a use that keeps it, nor for temporary land, which is restored
    farmland_mu       permanent basic farmland that is taken; redesignation_mu  of it the 补划 debt (亩)
    grade             mean grade of the farmland by area; NaN where it is not known
    outside_ha        urban land outside the boundary, to be matched by an equal area taken out (等量调出); NaN without a boundary
    conversion_ha     farm land to be converted (农用地转用)
    A figure whose layer the plan lacks is NaN, and of a site on ground without any present land class what its classes would say.
    """
    frame = plan[SITE]
    use = text_codes(frame["class_code"]).fillna("") if "class_code" in frame else pd.Series("", index=frame.index)
    stays = coded(use, _NATURAL) | (frame["kind"].eq("temporary").to_numpy() if "kind" in frame else False)
    fresh = land[~land["approved"].astype(bool)]
    ha, mu = 1 / M2_PER_HA, 1 / M2_PER_MU
    surveyed = any(plan.has(each, "class_code") for each, _ in _PARCELS)
    cultivated = _sum(fresh[coded(fresh["class_code"], CULTIVATED)], frame) if surveyed else np.full(len(frame), np.nan)
    farm = _sum(fresh[fresh["three_class"].eq("农用地")], frame) if surveyed else np.full(len(frame), np.nan)
    dark = ~frame.index.isin(land.loc[land["class_code"].ne(""), "site"])
    cultivated, farm = np.where(dark, np.nan, cultivated), np.where(dark, np.nan, farm)
    farmland, grade = _farmland(plan)
    outside = np.full(len(frame), np.nan)
    if BOUNDARY in plan:
        inside = _all(plan, BOUNDARY)
        left = site_m2(plan) - np.bincount(inside.site, inside.m2, len(frame))
        left = np.where(left > np.maximum(_NOTHING_M2, 1e-9 * site_m2(plan)), left, 0.0)
        outside = np.where(coded(use, _SCATTERED) & ~stays, left, 0.0)
    return pd.DataFrame(
        {
            "cultivated_mu": cultivated * mu, "compensation_mu": np.where(stays, 0.0, cultivated) * mu,
            "farmland_mu": farmland * mu, "redesignation_mu": np.where(stays, 0.0, farmland) * mu, "grade": grade,
            "outside_ha": outside * ha, "conversion_ha": np.where(stays, 0.0, farm) * ha,
        },
        index=frame.index,
    )  # fmt: skip


def _sum(rows: pd.DataFrame, frame: pd.DataFrame) -> NDArray[np.float64]:
    return np.asarray(rows.groupby("site")["area_m2"].sum().reindex(frame.index).fillna(0.0), dtype=float)


def _farmland(plan: Plan) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The permanent basic farmland each site takes, and its mean grade by area."""
    count = len(plan[SITE])
    if FARMLAND not in plan:
        return np.full(count, np.nan), np.full(count, np.nan)
    found = _all(plan, FARMLAND)
    m2 = np.bincount(found.site, found.m2, count)
    frame = plan[FARMLAND]
    grade = (
        pd.to_numeric(frame["grade"], errors="coerce").to_numpy(dtype=float)[found.feature]
        if "grade" in frame
        else np.full(len(found), np.nan)
    )
    known = np.isfinite(grade)
    weight = np.bincount(found.site[known], found.m2[known], count)
    total = np.bincount(found.site[known], found.m2[known] * grade[known], count)
    mean = np.full(count, np.nan)
    np.divide(total, weight, out=mean, where=weight > 0)
    return np.asarray(m2, dtype=float), mean
