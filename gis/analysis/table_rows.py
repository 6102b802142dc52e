"""The rows of a plan's tables: which place and which unit each is for, and what to call it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.analysis.area_units import AreaUnits, area_units, text
from gis.analysis.land_accounts import text_codes
from gis.model.profile import profile_of
from gis.units import unit_named

if TYPE_CHECKING:
    from gis.model.plan import Plan

__all__ = ["RESERVE", "UNKNOWN", "is_numeric", "lower_units", "named_units", "row_names", "row_units", "rows_for"]

RESERVE: Final = -2
"""The row of what the city keeps back (市级预留)."""
UNKNOWN: Final = -1
"""A row of a place that the plan does not know."""
_RESERVES: Final = ("市级预留", "预留", "市本级预留", "机动指标")
_WHOLES: Final = ("", "全市", "全域", "市域", "全县", "县域", "合计", "总计", "全市合计", "全县合计", "全市域")
_UNIT_IN_NAME: Final = re.compile(r"[（(]([^（()）]+)[)）]")


def lower_units(plan: Plan) -> AreaUnits:
    """The area units that the tables of a plan are broken down by: townships in a county's plan, else counties."""
    return area_units(plan, "township" if profile_of(plan).level == "county" else "county")


def named_units(plan: Plan, units: AreaUnits, names: pd.Series[Any]) -> NDArray[np.int64]:
    """What each row of a table is for: 0 the whole plan, n the n-th area unit (from 1), RESERVE or UNKNOWN."""
    known: dict[str, int] = dict.fromkeys(_RESERVES, RESERVE)
    for layer in ("municipality", "county"):
        if layer in plan and layer != units.layer and len(plan[layer]) == 1:
            known |= dict.fromkeys([*text(plan, layer, "area_name"), *text(plan, layer, "area_code")], 0)
    known |= {name.zh: n for n, name in enumerate(units.names, 1)} | {id_: n for n, id_ in enumerate(units.ids, 1)}
    known |= dict.fromkeys(_WHOLES, 0)
    asked = text_codes(names).fillna("").str.replace(r"\s+", "", regex=True)
    return np.asarray([known.get(each, UNKNOWN) for each in asked], dtype=np.int64)


def is_numeric(frame: pd.DataFrame, column: str) -> bool:
    """Whether the table has the column, and it holds numbers."""
    return column in frame and pd.api.types.is_numeric_dtype(frame[column])


def rows_for(plan: Plan, units: AreaUnits, frame: pd.DataFrame) -> Any:
    """What each row of a table is for; the whole plan where the table does not say."""
    if "area_unit" not in frame:
        return np.zeros(len(frame), np.int64)
    return named_units(plan, units, frame["area_unit"])


def row_units(frame: pd.DataFrame, default: str) -> list[str]:
    """The unit of each row of the indicator table: as its column says, else as its name does in brackets; "" if nobody knows it."""
    stated = frame["unit"].astype("str").fillna("") if "unit" in frame else pd.Series("", index=frame.index)
    names = frame["name"].astype("str").fillna("") if "name" in frame else stated
    out = []
    for unit, name in zip(stated, names, strict=True):
        said = unit.strip() or next(iter(_UNIT_IN_NAME.findall(name)), "")
        out.append((unit_named(said) or "") if said else default)
    return out


def row_names(frame: pd.DataFrame, key: str) -> list[str]:
    """A name for each row: its key and, where there is one, its area unit ("07@330102"); else "#n"."""
    keys = frame[key].astype("str").fillna("") if key in frame else pd.Series("", index=frame.index)
    places = frame["area_unit"].astype("str").fillna("") if "area_unit" in frame and key != "area_unit" else None
    names = [each.strip() or f"#{n}" for n, each in enumerate(keys, 1)]
    if places is None:
        return names
    return [f"{name}@{place.strip()}" if place.strip() else name for name, place in zip(names, places, strict=True)]
