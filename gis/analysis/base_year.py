"""The base year both ways: as the survey has it (三调口径) and after conversion by approvals (转换后口径, 基数转换).

The ledger of approved land (`land_case`) is laid over current land use. On each piece of ground one case counts, as the table
`base_conversion` says: approved and not built counts as approved, built without approval as surveyed. Where cases overlap the latest
decision counts; what is decided after the plan's date does not. Both ways have the same whole: the stated areas of the parcels.

Source: base-2021-907 (content from memory; every rule here is assumed until the province's own account confirms it)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis.analysis.area_units import AreaUnits, area_units, pieces
from gis.analysis.land_accounts import CONSTRUCTION, URBAN, area_by_class, coded, construction, flagged, text_codes
from gis.analysis.land_codes import survey_to_2023
from gis.analysis.quantities import drawn_m2, stated_m2, usable
from gis.geometry import locate, overlay
from gis.i18n import Text
from gis.standards import code_table

if TYPE_CHECKING:
    from gis.model.plan import Plan

__all__ = ["BASES", "BaseYear", "Basis", "UrbanBase", "base_year", "urban_base"]

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.object_]
Basis = Literal["survey", "converted"]

BASES: Final[dict[Basis, Text]] = {
    "survey": Text("三调口径", "as surveyed"),
    "converted": Text("转换后口径", "after conversion"),
}
LAND: Final = "land_use_current"
LEDGER: Final = "land_case"
_LAYERS: Final = (LAND, "survey_parcel")
_REVOKED: Final = "撤销|注销|失效|作废"
_BUILT: Final = "已用|已建|低效|竣工"
_SUPPLIED: Final = "供而未用|闲置|已供"
_TOWN: Final = ("0701", "0702", "08", "09", "1001", "11", "13", "14", "16", "1207", "1208")
"""Approved uses that are urban where the ground has no settlement code yet (assumed); 0703 and 0704 are of the village."""


@dataclass(frozen=True, eq=False)
class BaseYear:
    """The ground of the base year, each piece once, with what it counts as both ways.

    layer       the layer it comes from: land_use_current, else survey_parcel
    converted   whether there is anything to convert by (a ledger, or marks on the parcels); if not, both ways are one
    note        what has to be said beside every figure of it
    rows        feature (row of the layer), case (row of the ledger, −1 for none), unit (−1 outside all), area_m2; and both ways
                `<basis>_class` ("" where it is not known), `<basis>_settlement`, `<basis>_built`; conversion_case
    """

    layer: str
    converted: bool
    note: Text
    units: AreaUnits
    rows: pd.DataFrame

    def areas(self, where: Any) -> Floats:
        """The area in m² of the chosen rows: in all, then per unit."""
        area = np.where(where, self.rows["area_m2"], 0.0)
        unit = self.rows["unit"].to_numpy()
        return np.concatenate([[area.sum()], np.bincount(unit[unit >= 0], area[unit >= 0], len(self.units))])

    def construction(self, basis: Basis, settlements: tuple[str, ...] = ()) -> Floats:
        """Construction land in m², of these settlement codes if any: in all, then per unit."""
        where = self.rows[f"{basis}_built"].to_numpy()
        if settlements:
            where = where & self.rows[f"{basis}_settlement"].isin(settlements).to_numpy()
        return self.areas(where)

    def by_class(self, basis: Basis, level: int = 1) -> pd.DataFrame:
        """The area in m² by class of a level (rows; "" for what has none), in all ("") and per unit (columns, by id)."""
        codes, area, unit = self.rows[f"{basis}_class"], self.rows["area_m2"], self.rows["unit"]
        sums = {"": area_by_class(codes, area, level=level)}
        for n, name in enumerate(self.units.ids):
            here = unit == n
            sums[name] = area_by_class(codes[here], area[here], level=level)
        return pd.DataFrame(sums).fillna(0.0).sort_index()

    def by_settlement(self, basis: Basis) -> pd.Series[float]:
        """Construction land in m² by settlement code ("" for none)."""
        built = self.rows[self.rows[f"{basis}_built"]]
        return built.groupby(f"{basis}_settlement")["area_m2"].sum()


def base_year(plan: Plan, units: AreaUnits | None = None) -> BaseYear:
    """The base year of a plan, for the whole and for `units` (counties by default); made once per plan.

    Without a ledger, and without marks (`approved`, `conversion_case`) on the parcels, there is only the survey's base, and
    `note` says so. A plan without land use has an empty base.
    """
    units = area_units(plan, "county") if units is None else units
    made: BaseYear = plan.memo(("base_year", units.layer), lambda: _made(plan, units))
    return made


@dataclass(frozen=True, eq=False)
class UrbanBase:
    """Urban construction land of the base year: its polygons, which do not share ground, their drawn area in m², the way it was taken."""

    polygons: NDArray[np.object_]
    m2: float
    basis: Basis
    note: Text


def urban_base(plan: Plan, settlements: tuple[str, ...] = URBAN) -> UrbanBase:
    """Urban construction land of the base year after conversion (as surveyed, where there is nothing to convert by).

    Needs land_use_current with class_code and settlement_code.
    """
    parcels, over = _parcels(plan, LAND), _cut(plan, LAND)
    own = parcels["converted_built"].to_numpy() & parcels["converted_settlement"].isin(settlements).to_numpy()
    after = _after(plan, parcels, over)
    urban = after["built"].to_numpy() & after["settlement"].isin(settlements).to_numpy()
    was = own[over["feature"]]
    lost = over["geometry"].to_numpy()[was & ~urban]
    shrunk = np.zeros(len(own), dtype=bool)
    shrunk[over["feature"][was & ~urban]] = True
    _, left = overlay.outside(usable(plan, LAND, own & shrunk), lost, valid=True)
    whole = usable(plan, LAND, own & ~shrunk)
    polygons = np.concatenate([whole, left, over["geometry"].to_numpy()[~was & urban]])
    base = base_year(plan)
    basis: Basis = "converted" if base.converted else "survey"
    return UrbanBase(polygons, float(np.nansum(overlay.measured(polygons, plan.crs))), basis, base.note)


def _made(plan: Plan, units: AreaUnits) -> BaseYear:
    layer = next((each for each in _LAYERS if plan.has(each, "class_code") and len(plan[each])), "")
    if not layer:
        return BaseYear("", False, _note(plan, "", marked=False), units, _empty())
    parcels, over = _parcels(plan, layer), _cut(plan, layer)
    rows = _shares(plan, units, layer, over)
    after = _after(plan, parcels, over).set_index(pd.MultiIndex.from_frame(over[["feature", "case"]]))
    whose = parcels.iloc[rows["feature"]].reset_index(drop=True)
    rows = pd.concat([rows, whose], axis="columns")
    here = (rows["case"] >= 0).to_numpy()
    found = after.loc[pd.MultiIndex.from_frame(rows.loc[here, ["feature", "case"]])]
    for name, column in (
        ("class", "converted_class"),
        ("settlement", "converted_settlement"),
        ("built", "converted_built"),
        ("conversion_case",) * 2,
    ):
        rows.loc[here, column] = found[name].to_numpy()
    marked = bool((parcels["conversion_case"] != "").any())
    return BaseYear(layer, LEDGER in plan or marked, _note(plan, layer, marked=marked), units, rows)


def _note(plan: Plan, layer: str, *, marked: bool) -> Text:
    """Which base it is, and what it rests on."""
    if LEDGER in plan:
        return Text("转换后口径按已批用地与供地台账转换", "converted by the ledger of approved land")
    if marked:
        return Text(
            "缺少已批用地与供地台账，转换后口径按图斑所标的基数转换情形",
            "no ledger of approved land: converted by the cases marked on the parcels",
        )
    return Text(
        "缺少已批用地与供地台账，只有三调口径，未作基数转换" if layer else "缺少现状用地，没有基数",
        "no ledger of approved land: only as surveyed, not converted"
        if layer
        else "no current land use, so there is no base",
    )


def _empty() -> pd.DataFrame:
    text = [f"{basis}_{each}" for basis in BASES for each in ("class", "settlement")]
    kinds = {"feature": "int64", "case": "int64", "unit": "int64", "area_m2": "float64", "conversion_case": "str"}
    kinds |= dict.fromkeys(text, "str") | {f"{basis}_built": "bool" for basis in BASES}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def _parcels(plan: Plan, layer: str) -> pd.DataFrame:
    """What each parcel counts as both ways by itself: its class and its own marks, without the ledger."""
    frame = plan[layer].reset_index(drop=True)
    codes = text_codes(frame["class_code"])
    settlement = _text(frame, "settlement_code")
    if layer != LAND:
        codes = _plan_class(codes, settlement)
    codes = codes.fillna("").astype("str")
    mark = _text(frame, "conversion_case").str.upper()
    if "approved" in frame:
        mark = mark.mask((mark == "") & flagged(frame["approved"]), "BC01")
    converted = construction(frame.assign(class_code=codes))
    is_built = coded(codes, CONSTRUCTION)
    unbuilt = is_built & mark.map({id_: row.extra["built"] for id_, row in code_table("base_conversion").items()}).eq(
        "no"
    )
    before = _survey_class(plan, codes.mask(unbuilt, ""), np.asarray(unbuilt, dtype=bool))
    fits = is_built == converted
    return pd.DataFrame(
        {
            "survey_class": before, "survey_settlement": settlement, "survey_built": is_built & ~unbuilt,
            "converted_class": codes.where(fits, ""), "converted_settlement": settlement, "converted_built": converted,
            "conversion_case": mark,
        }
    )  # fmt: skip


def _plan_class(codes: pd.Series[str], settlement: pd.Series[str]) -> pd.Series[str]:
    """Plan classes of survey codes: the class that holds all candidates where it is open."""
    made = survey_to_2023(codes, settlement=settlement)
    return made["code"].fillna(made["within"])


def _survey_class(plan: Plan, codes: pd.Series[str], unknown: Mask) -> pd.Series[str]:
    """The class of the survey where current land use already has the approved one: that of the survey parcel at an inner point."""
    if not unknown.any() or not plan.has("survey_parcel", "class_code"):
        return codes
    survey = plan["survey_parcel"]
    at = locate.containing(locate.inner_points(usable(plan, LAND, unknown)[unknown]), usable(plan, "survey_parcel"))
    found = _plan_class(text_codes(survey["class_code"]).reset_index(drop=True), _text(survey, "settlement_code"))
    out = codes.copy()
    out[unknown] = np.where(at >= 0, found.fillna("").to_numpy()[at], "")
    return out


def _cases(plan: Plan) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """The cases of the ledger that count at the plan's date, and their ground, of which each piece belongs to one case."""
    frame = plan[LEDGER].reset_index(drop=True)
    approved, supplied, built = (_days(frame, each) for each in ("approved_on", "supplied_on", "built_on"))
    today, state = f"{plan.as_of:%Y%m%d}", _text(frame, "state")
    code = _text(frame, "class_code")
    is_built = ((built != "") & (built <= today)) | ((built == "") & state.str.contains(_BUILT))
    is_supplied = ((supplied != "") & (supplied <= today)) | ((supplied == "") & state.str.contains(_SUPPLIED))
    derived = np.select(
        [_text(frame, "kind").str.contains("临时"), is_built, code == "", is_supplied],
        ["BC08", "BC02", "BC11", "BC03"],
        "BC01",
    )
    stated = _text(frame, "conversion_case").str.upper()
    case = stated.where(stated.isin(list(code_table("base_conversion"))), pd.Series(derived, dtype="str"))
    case = case.mask(case.eq("BC01") & (code == ""), "BC11")
    late = approved > today
    case = case.mask(late & case.eq("BC05"), "BC04").mask(late & case.isin(["BC01", "BC02", "BC03", "BC11"]), "")
    case = case.mask(state.str.contains(_REVOKED), "")
    day = approved.where(supplied.eq("") | (supplied > today), np.maximum(approved, supplied))
    ground = _disjoint(usable(plan, LEDGER, case.ne("").to_numpy()), day.to_numpy())
    return pd.DataFrame({"code": case, "class_code": code}), ground


def _disjoint(polygons: NDArray[np.object_], day: Codes) -> NDArray[np.object_]:
    """Polygons without the ground of later ones that they share; of one day, the larger one gives way to the smaller one."""
    i, j, _ = overlay.within_layer(polygons, valid=True)
    if not len(i):
        return polygons
    order = pd.DataFrame({"day": day, "area": -shapely.area(polygons), "x": shapely.bounds(polygons)[:, 0]})
    rank = np.empty(len(order), dtype=np.int64)
    rank[order.sort_values(["day", "area", "x"], kind="stable").index] = np.arange(len(order))
    lower, upper = np.where(rank[i] < rank[j], (i, j), (j, i))
    out = polygons.copy()
    for each in np.unique(lower):  # cases of a ledger that overlap are few
        out[each] = shapely.difference(polygons[each], shapely.union_all(polygons[upper[lower == each]]))
    return overlay.polygonal(out)


def _cut(plan: Plan, layer: str) -> pd.DataFrame:
    """The pieces of the parcels that a case of the ledger lies on: feature, case, code, class_code, geometry."""

    def cut() -> pd.DataFrame:
        if LEDGER not in plan:
            return pd.DataFrame({"feature": [], "case": [], "code": [], "class_code": [], "geometry": []}).astype(
                {"feature": "int64", "case": "int64", "code": "str", "class_code": "str", "geometry": "object"}
            )
        cases, ground = _cases(plan)
        feature, case, geometry = overlay.pieces(usable(plan, layer), ground, valid=True)
        made = cases.iloc[case].reset_index(drop=True)
        return made.assign(feature=feature, case=case, geometry=pd.Series(geometry, dtype="object"))

    found: pd.DataFrame = plan.memo(("base_cases", layer), cut)
    return found


def _after(plan: Plan, parcels: pd.DataFrame, over: pd.DataFrame) -> pd.DataFrame:
    """What each piece under a case counts as after conversion: class, settlement, built, conversion_case."""
    table = code_table("base_conversion")
    whose = parcels.iloc[over["feature"]].reset_index(drop=True)
    built = (
        over["code"].map({id_: row.extra["counts_in"] == "construction land" for id_, row in table.items()}).eq(True)
    )
    choice = {"survey": whose["survey_class"], "approval": over["class_code"]}
    code = pd.Series("", index=over.index, dtype="str")
    for id_, row in table.items():
        for source in row.extra["class_from"].split():
            said = choice.get(source, pd.Series(source, index=over.index, dtype="str"))
            fits = coded(said, CONSTRUCTION) == built.to_numpy()
            code = code.mask((over["code"] == id_) & (code == "") & (said != "") & fits, said)
    settlement = whose["survey_settlement"].mask(
        whose["survey_settlement"].eq("") & built & coded(code, ("0703", "0704")), "203"
    )
    blank = (settlement.eq("") & built & coded(code, _TOWN)).to_numpy()
    settlement = settlement.mask(
        blank, pd.Series(_nearest_town(plan, parcels, over["geometry"].to_numpy(), blank), dtype="str")
    )
    return pd.DataFrame({"class": code, "settlement": settlement, "built": built, "conversion_case": over["code"]})


def _nearest_town(plan: Plan, parcels: pd.DataFrame, geometry: NDArray[np.object_], where: Mask) -> Codes:
    """The settlement code of the nearest urban parcel, for the chosen pieces; "" where there is no urban parcel."""
    out = np.full(len(geometry), "", dtype=object)
    layer = next((each for each in _LAYERS if plan.has(each, "class_code") and len(plan[each])), "")
    if not layer:
        return out
    urban = np.flatnonzero(parcels["survey_settlement"].isin(URBAN).to_numpy() & parcels["survey_built"].to_numpy())
    polygons = usable(plan, layer)[urban]
    if where.any() and len(urban) and shapely.area(polygons).any():
        at = shapely.STRtree(polygons).nearest(geometry[where])
        out[where] = parcels["survey_settlement"].to_numpy()[urban[at]]
    return out


def _shares(plan: Plan, units: AreaUnits, layer: str, over: pd.DataFrame) -> pd.DataFrame:
    """The ground of a layer parted by case and unit: feature, case, unit, area_m2 (the stated area, shared out by drawn area)."""
    whole, stated = drawn_m2(plan, layer), np.nan_to_num(stated_m2(plan, layer))
    flat = ~(whole > 0)  # no drawn area: its figure counts once, in the whole
    entries = [_entries(np.arange(len(whole)), -1, -1, np.where(flat, 1.0, whole))]
    feature, unit, _, m2 = pieces(plan, units, layer)
    entries += [_entries(feature, -1, unit, m2), _entries(feature, -1, -1, -m2)]
    i, k, geometry = (over[each].to_numpy() for each in ("feature", "case", "geometry"))
    m2 = overlay.measured(geometry, plan.crs)
    entries += [_entries(i, k, -1, m2), _entries(i, -1, -1, -m2)]
    p, u, shared = overlay.pieces(geometry, units.polygons, valid=True)
    m2, u = overlay.measured(shared, plan.crs), units.unit_of[u]
    entries += [_entries(i[p], k[p], u, m2), _entries(i[p], k[p], -1, -m2)]
    entries += [_entries(i[p], -1, u, -m2), _entries(i[p], -1, -1, m2)]
    table = pd.concat(entries).groupby(["feature", "case", "unit"], as_index=False)["m2"].sum()
    at = table["feature"].to_numpy()
    table["area_m2"] = table["m2"] / np.where(flat, 1.0, whole)[at] * stated[at]
    kept: pd.DataFrame = table[(table["m2"].abs() > 1e-6).to_numpy()]  # not what rounding leaves
    return kept[["feature", "case", "unit", "area_m2"]].reset_index(drop=True)


def _entries(feature: Any, case: Any, unit: Any, m2: Floats) -> pd.DataFrame:
    return pd.DataFrame({"feature": feature, "case": case, "unit": unit, "m2": m2})


def _text(frame: pd.DataFrame, field: str) -> pd.Series[str]:
    """A field as text, one per row and numbered; "" where it is missing or the field is not there."""
    if field not in frame:
        return pd.Series("", index=range(len(frame)), dtype="str")
    return text_codes(frame[field]).fillna("").reset_index(drop=True)


def _days(frame: pd.DataFrame, field: str) -> pd.Series[str]:
    """A date as eight digits, or as many as are known; "" where there is none."""
    return _text(frame, field).str.replace(r"\D", "", regex=True).str[:8]
