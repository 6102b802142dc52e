"""Land accounts: area by class, construction land, urban construction land, the expansion multiple.

Codes are text (2023 land-use classes), areas m². One column of codes and one of areas of equal length go in; numbers
come out. A code that is missing belongs to no class, and an area that is missing makes a sum missing: never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.quantities import covered_share, drawn_m2, usable
from gis.standards import code_table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from gis.model.plan import Plan

__all__ = [
    "BOUNDARY", "CONCENTRATED", "CONSTRUCTION", "FLEXIBLE", "TOWN_AND_COUNTRY", "URBAN", "URBAN_CLASSES", "WATER", "Expansion",
    "area_by_class", "coded", "construction", "expansion", "flagged", "summed", "text_codes", "urban_construction",
]  # fmt: skip

CONSTRUCTION: Final = ("07", "08", "09", "10", "11", "12", "13", "14", "15", "16", "2301")
"""Classes of construction land (建设用地): 07–16 and vacant construction land; 06 is farm land. Source: city-guide-2020"""
URBAN: Final = ("201", "201A", "202", "202A")
"""Settlement codes (城镇村属性码) of cities and towns (城镇); with 203 and 203A, of town and country (城乡)."""
TOWN_AND_COUNTRY: Final = (*URBAN, "203", "203A")
WATER: Final = ("17",)
"""Classes of inland water."""
BOUNDARY: Final = "urban_development_boundary"
CONCENTRATED: Final = ("41",)
"""Zone codes of the concentrated urban construction zone (城镇集中建设区) and its parts."""
FLEXIBLE: Final = ("42",)
"""Zone codes of the flexible urban development zone (城镇弹性发展区)."""
URBAN_CLASSES: Final = ("0701", "0702", "1001", "1101")
"""Planned classes that are urban wherever they stand; 0703, 0704, 1002 and 1003 are lawful outside. Source: boundary-2023-193"""


def text_codes(codes: Any) -> pd.Series[str]:
    """Codes as text without blanks around them; codes that were read as numbers lose their ".0"; missing stays missing.

    Example:
        >>> text_codes([" 0701", 410.0, None]).tolist()
        ['0701', '410', nan]
    """
    given = pd.Series(codes)
    if not isinstance(given.dtype, pd.StringDtype):
        given = given.astype("str")
    number, distinct = pd.factorize(given)  # few codes stand for many features
    text = pd.Series(distinct, dtype="str").str.strip().str.replace(r"\.0$", "", regex=True)
    return text.reindex(number).set_axis(given.index)


def coded(codes: Any, prefixes: Iterable[str]) -> NDArray[np.bool_]:
    """Whether each code is one of `prefixes` or stands below one in the hierarchy; a missing code is below none.

    Example:
        >>> coded(["0701", "070102", "0703", None], ["0701"]).tolist()
        [True, True, False, False]
    """
    number, distinct = pd.factorize(text_codes(codes))
    fits = pd.Series(distinct, dtype="str").str.startswith(tuple(prefixes)).to_numpy(dtype=bool)
    found: NDArray[np.bool_] = np.append(fits, False)[number]
    return found


def flagged(values: Any) -> NDArray[np.bool_]:
    """Whether each value says yes (true, 1, 是); a missing one says nothing.

    Example:
        >>> flagged([True, "是", 1.0, "0", None]).tolist()
        [True, True, True, False, False]
    """
    return text_codes(values).str.casefold().isin(["true", "1", "是", "yes"]).to_numpy(dtype=bool)


def summed(area_m2: Any, chosen: Any = None) -> float:
    """The sum in m² of the chosen areas; 0 for none, NaN if one of them is missing.

    Example:
        >>> summed([1.0, 2.0, float("nan")], [True, True, False]), summed([1.0, float("nan")])
        (3.0, nan)
    """
    area = np.asarray(area_m2, dtype=float)
    return float(area.sum() if chosen is None else area[np.asarray(chosen, dtype=bool)].sum())


def area_by_class(codes: Any, area_m2: Any, *, level: int = 1) -> pd.Series[float]:
    """Area in m² by class of the first, second or third level, sorted by code; what has no code stands under "".

    A code shorter than the level asked for stands for itself, so that the sum is always the whole.

    Example:
        >>> area_by_class(["0101", "0103", "0701", None], [1.0, 2.0, 4.0, 8.0]).to_dict()
        {'': 8.0, '01': 3.0, '07': 4.0}
    """
    table = pd.DataFrame(
        {"code": text_codes(codes).fillna("").str[: 2 * level].to_numpy(), "area_m2": np.asarray(area_m2, dtype=float)}
    )
    return table.groupby("code")["area_m2"].sum(skipna=False)


def construction(land: pd.DataFrame) -> NDArray[np.bool_]:
    """Which parcels of the current land use are construction land on the converted base (现状基数转换).

    Columns: `class_code`; where present `approved` (approved, not built: counts) and `conversion_case` (BC01–BC11:
    what the case says comes before the class; temporary land, BC08, counts as what it was before: not, assumed).

    Source: base-2021-907

    Example:
        >>> land = pd.DataFrame({"class_code": ["0701", "0601", "0101", "0701"], "approved": [False, False, True, False],
        ...                      "conversion_case": [None, None, None, "BC07"]})
        >>> construction(land).tolist()
        [True, False, True, False]
    """
    counts = coded(land["class_code"], CONSTRUCTION)
    if "approved" in land:
        counts = counts | flagged(land["approved"])
    if "conversion_case" in land:
        said = text_codes(land["conversion_case"])
        known = {
            id_: each.extra["counts_in"] == "construction land" for id_, each in code_table("base_conversion").items()
        }
        counts = np.where(said.isin(list(known)), said.map(known).eq(True), counts)
    return np.asarray(counts, dtype=bool)


def urban_construction(land: pd.DataFrame, settlements: tuple[str, ...] = URBAN) -> NDArray[np.bool_]:
    """Which parcels of the current land use are construction land of these settlement codes: urban (城镇) by default.

    Columns: those of `construction` and `settlement_code`. Scattered urban land counts wherever it lies.

    Example:
        >>> land = pd.DataFrame({"class_code": ["0701", "0703", "1704"], "settlement_code": ["201", "203", "201"]})
        >>> urban_construction(land).tolist(), urban_construction(land, TOWN_AND_COUNTRY).tolist()
        ([True, False, False], [True, True, False])
    """
    return construction(land) & text_codes(land["settlement_code"]).isin(settlements).to_numpy()


@dataclass(frozen=True, slots=True)
class Expansion:
    """The account of the expansion multiple (扩展倍数): areas in m².

    base_m2       urban construction land of the base year, after conversion
    zone_m2       new: land of the concentrated zone that is neither base nor water nor an enclosed window
    scattered_m2  new: planned urban building outside the concentrated and the flexible zone that is not base
                  (in the special-purpose zone, or outside the boundary)

    The definition is assumed: only the ceiling of 1.3 was seen in print, not the accounting rules.
    """

    base_m2: float
    zone_m2: float
    scattered_m2: float = 0.0

    @property
    def new_m2(self) -> float:
        """New urban construction land in m²."""
        return self.zone_m2 + self.scattered_m2

    @property
    def multiple(self) -> float:
        """(base + new) / base; NaN where there is no base.

        Example:
            >>> Expansion(base_m2=100.0, zone_m2=25.0, scattered_m2=5.0).multiple
            1.3
        """
        return (self.base_m2 + self.new_m2) / self.base_m2 if self.base_m2 > 0 else float("nan")


def expansion(
    plan: Plan,
    water: tuple[str, ...] = WATER,
    urban: tuple[str, ...] = URBAN_CLASSES,
    base: tuple[NDArray[np.object_], float] | None = None,
) -> Expansion:
    """The account of the expansion multiple, from the layers as they are drawn (the definition is assumed).

    Base: construction land with an urban settlement code, approved land as if built. New: the concentrated zone without base,
    water and permanent basic farmland (开天窗), and land planned for urban building outside the concentrated and the
    flexible zone. Needs land_use_current (class_code, settlement_code) and the boundary's zone_code. `base`, its polygons and
    its area in m², is given where it is not what the parcels alone say (`gis.analysis.base_year.urban_base`).
    """
    land, zones = plan["land_use_current"], plan[BOUNDARY]["zone_code"]
    is_base = urban_construction(land)
    if base is None:
        drawn = drawn_m2(plan, "land_use_current")
        base = usable(plan, "land_use_current", is_base), summed(drawn, is_base & np.isfinite(drawn))
    taken = [base[0], usable(plan, "land_use_current", coded(land["class_code"], water))]
    if "permanent_basic_farmland" in plan:
        taken.append(usable(plan, "permanent_basic_farmland"))
    scattered = 0.0
    if plan.has("land_use_plan", "class_code"):
        counted = [
            base[0],
            usable(plan, BOUNDARY, coded(zones, CONCENTRATED + FLEXIBLE)),
        ]
        scattered = _left_m2(
            plan, "land_use_plan", np.concatenate(counted), coded(plan["land_use_plan"]["class_code"], urban)
        )
    zone = _left_m2(plan, BOUNDARY, np.concatenate(taken), coded(zones, CONCENTRATED))
    return Expansion(base[1], zone, scattered)


def _left_m2(plan: Plan, layer: str, mask: NDArray[np.object_], where: NDArray[np.bool_]) -> float:
    """How much of the chosen features `mask` does not cover; features without area add nothing."""
    return float(np.nansum(drawn_m2(plan, layer) * (1 - covered_share(plan, layer, mask, where))))
