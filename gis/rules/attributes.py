"""Attribute columns as rules read them: codes as text, numbers as numbers, missing as NaN; and places without geometry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import text_codes
from gis.i18n import Text
from gis.model.finding import Severity
from gis.model.layers import LAYERS
from gis.rules.base import Places
from gis.standards import code_table
from gis.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from gis.model.plan import Plan

__all__ = [
    "MISSING", "TABLES", "blank", "coded", "codes", "delivered", "due", "field_places", "lowered", "mixed_codes",
    "named", "other_unit", "same_name", "shared_ids", "stated_field", "trusted", "type_fault", "whole_layer", "within_area",
]  # fmt: skip

VERIFIED_TABLES: Final = ("land_use_classes", "survey_land_classes")
TABLES: Final[Mapping[str, Text]] = {
    "land_use_classes": Text("用地用海分类", "land and sea use classes"),
    "survey_land_classes": Text("国土调查地类", "survey land classes"),
    "planning_zones": Text("规划分区", "planning zones"),
}
MISSING: Final = Text("缺失", "is missing")
GROSS: Final = {"permanent_basic_farmland": "gross_area_m2", "farmland_reserve": ""}
"""Layers whose `area_m2` is, or may be, a net area, and the field that states the area of the polygon, if any."""


def codes(plan: Plan, layer: str, column: str) -> pd.Series[Any]:
    """A column as trimmed text, one per row; NaN where it is missing, blank, or the layer has no such column.

    Whole numbers (a spreadsheet was there) become digits without ".0".
    """
    text: pd.Series[Any] = plan.memo(("codes", layer, column), lambda: _codes(plan[layer], column))
    return text


def _codes(frame: pd.DataFrame, column: str) -> pd.Series[Any]:
    if column not in frame:
        return pd.Series(np.nan, index=frame.index, dtype="str")
    values = frame[column]
    if pd.api.types.is_float_dtype(values.dtype) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    text: pd.Series[Any] = values.astype("str").where(values.notna()).str.strip()
    return text.mask(text == "")


def lowered(layer: str) -> Severity | None:
    """NOTE for layers that no official specification knows (status proposal): there a fault is no fault of delivery."""
    return Severity.NOTE if LAYERS[layer].status == "proposal" else None


def blank(plan: Plan, layer: str, column: str) -> NDArray[np.bool_]:
    """Whether each feature leaves a column empty (missing or blank text); the layer must have the column."""
    values = plan[layer][column]
    empty = values.isna()
    if not pd.api.types.is_numeric_dtype(values.dtype):
        empty |= values.astype("str").str.strip() == ""
    return np.asarray(empty, dtype=bool)


def due(plan: Plan, layer: str) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """The fields a layer must have, and for which features: all of them, or those on which the condition falls.

    Auxiliary layers (status proposal) need no official feature id. Of conditional fields only the slope class of
    cultivated land has a written condition.
    """
    frame, spec = plan[layer], LAYERS[layer]
    for each in spec.fields.values():
        if each.required == "M" and not (each.name == "feature_id" and spec.status == "proposal"):
            yield each.name, np.ones(len(frame), dtype=bool)
    if layer in _SLOPED:
        yield "slope_class", codes(plan, layer, "class_code").str.startswith("01", na=False).to_numpy(dtype=bool)


def type_fault(values: pd.Series[Any], kind: str) -> Text | None:
    """Why the values of a column do not fit the type its field should have; None if they do. Missing values fit.

    `kind` is the type of the field, or "year" for a field of years.

    Example:
        >>> type_fault(pd.Series(["12.5", "about 3"]), "float").en
        'holds values that are not numbers'
        >>> type_fault(pd.Series(["20240506", "2024/5/6"]), "date"), type_fault(pd.Series(["20241399"]), "date").en
        (None, 'holds values that are not days (yyyymmdd)')
    """
    there = values.dropna()
    if isinstance(there.dtype, pd.StringDtype):
        there = there.drop_duplicates()
    if not len(there) or pd.api.types.is_datetime64_any_dtype(there.dtype):
        return None
    number = pd.api.types.is_numeric_dtype(there.dtype) and not pd.api.types.is_bool_dtype(there.dtype)
    if kind == "text":
        return _NOT_TEXT if number else None
    if number and kind in _NUMBERS:
        return _number_fault(there.to_numpy(dtype=float), kind)
    text = text_codes(there)
    text = text[text != ""]
    if kind in _NUMBERS:
        return _number_fault(pd.to_numeric(text, errors="coerce").to_numpy(dtype=float, na_value=np.nan), kind)
    if kind == "date":
        day = pd.to_datetime(text.str.replace(_SEPARATOR, "-", regex=True), errors="coerce", format="mixed")
        return None if (text.str.fullmatch(_DATE) & day.notna()).all() else _NOT_DATE
    return None if text.str.lower().isin(_BOOLS).all() else _NOT_BOOL


def _number_fault(numeric: NDArray[np.float64], kind: str) -> Text | None:
    if not np.isfinite(numeric).all():
        return _NOT_NUMBER
    if kind != "float" and (numeric != numeric.round()).any():
        return _NOT_WHOLE
    return _NOT_YEAR if kind == "year" and ((numeric < 1000) | (numeric > 9999)).any() else None


_SLOPED: Final = ("survey_parcel", "permanent_basic_farmland")
_NUMBERS: Final = ("int", "float", "year")
_DATE: Final = r"(\d{8}|\d{4}([-/.])\d{1,2}\2\d{1,2})([ T].*)?"
_SEPARATOR: Final = r"(?<=\d)[/.](?=\d)"
_BOOLS: Final = ("0", "1", "0.0", "1.0", "true", "false", "t", "f", "y", "n", "yes", "no", "是", "否")
_NOT_TEXT: Final = Text(
    "应为文本，却以数值存储（会丢失前导零）", "should be text, but is stored as numbers (leading zeros are lost)"
)
_NOT_NUMBER: Final = Text("含非数值内容", "holds values that are not numbers")
_NOT_WHOLE: Final = Text("应为整数", "holds numbers that are not whole")
_NOT_YEAR: Final = Text("含不是四位数的年份", "holds years that do not have four digits")
_NOT_DATE: Final = Text("含不是年月日（yyyymmdd）的日期", "holds values that are not days (yyyymmdd)")
_NOT_BOOL: Final = Text("含是、否以外的内容", "holds values other than yes and no")


def named(layer: str, fields: Iterable[str]) -> Text:
    """The labels of some fields of a layer in a row."""
    labels = [LAYERS[layer].fields[each].label for each in fields]
    return Text("、".join(each.zh for each in labels), ", ".join(each.en for each in labels))


def stated_field(layer: str) -> str:
    """The field in which a layer states the area of its polygons; empty where none does for certain."""
    return GROSS.get(layer, "area_m2")


def field_places(layer: str, names: Sequence[str], faults: Sequence[Text], severity: Severity | None) -> Places:
    """Places that are fields of a layer."""
    nothing = np.full(len(names), None, dtype=object)
    words = {"fault": list(faults), "label": [LAYERS[layer].fields[each].label for each in names]}
    return Places(
        layer, tuple((each,) for each in names), nothing, np.full(len(names), np.nan), words=words, severity=severity
    )


def whole_layer(layer: str, measure: float = np.nan, severity: Severity | None = None, **words: Any) -> Places:
    """One place that is a whole layer."""
    return Places(layer, (("",),), np.array([None], dtype=object), np.array([measure]), words=words, severity=severity)


def shared_ids(plan: Plan, layers: Sequence[str]) -> Iterator[Places]:
    """The ids that several features of these layers carry: those of the first layer, and those of the next that has it.

    The measure is how many features share the id.
    """
    tables = [pd.DataFrame({"layer": each, "row": range(len(plan[each])), "id": plan[each].index}) for each in layers]
    table = pd.concat(tables, ignore_index=True)
    table["code"] = pd.concat([codes(plan, each, "feature_id") for each in layers]).to_numpy()
    table = table[table["code"].notna() & table["code"].duplicated(keep=False)]
    table["first"] = table.groupby("code")["layer"].transform("first")
    beyond = dict(table[table["layer"] != table["first"]].groupby("code")["layer"].first())
    table["next"] = [beyond.get(each, "") for each in table["code"]]
    for (layer, other), group in table.groupby(["first", "next"]):
        mine = group[group["layer"] == layer].groupby("code")
        theirs = group[group["layer"] == other].groupby("code")["id"].agg(tuple)
        yield Places(
            str(layer),
            tuple(mine["id"].agg(tuple)),
            np.asarray(plan[str(layer)].geometry.to_numpy()[mine["row"].first().to_numpy()], dtype=object),
            np.asarray(group.groupby("code").size(), dtype=np.float64),
            str(other),
            tuple(theirs),
        )


def coded(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Layer, column and code table of each column that holds codes of a table we know."""
    for layer in plan:
        for each in LAYERS[layer].fields.values():
            if each.table in TABLES and each.name in plan[layer]:
                yield layer, each.name, each.table


def trusted(layer: str, table: str) -> Severity | None:
    """NOTE where the code table, or the layer, is not of a source that was verified."""
    return lowered(layer) if table in VERIFIED_TABLES else Severity.NOTE


def mixed_codes(layer: str, used: set[str]) -> Iterator[Places]:
    """The layer, if it uses codes that only 2020 had beside codes that only 2023 has."""
    new, old = set(code_table("land_use_classes")), set(code_table("land_use_classes_2020"))
    if used & (old - new) and used & (new - old):
        a, b = min(used & (old - new)), min(used & (new - old))
        fault = Text(f"混用 2020 年（{a}）与 2023 年（{b}）代码", f"codes of 2020 ({a}) and 2023 ({b}) are mixed")
        yield whole_layer(layer, fault=fault)


def other_unit(stated: Any, official: Any) -> Text | None:
    """The name of the unit in which most features of a layer seem to state their area, if it is not m²."""
    there = (stated > 0) & (official > 0)
    factor = float(np.median(official[there] / stated[there])) if there.any() else 1.0
    units = (UNITS[each] for each in ("ha", "km2", "mu"))
    return next((each.name for each in units if abs(factor / each.size - 1) < 0.01), None)


def delivered(plan: Plan, column: str) -> list[str]:
    """The layers of an official specification that have features and this column."""
    return [each for each in plan if lowered(each) is None and plan.has(each, column) and len(plan[each])]


def within_area(code: pd.Series[Any], county: pd.Series[Any]) -> pd.Series[Any]:
    """Whether each area code is that of the county beside it, of a place in it, or of the city or province that holds it."""
    own = code.str[:6].str.replace(r"(00)+$", "", regex=True)
    agree = pd.Series(False, index=code.index)
    for digits in (2, 4, 6):
        agree |= (own.str.len() == digits) & (county.str[:digits] == own)
    return agree


def same_name(stated: pd.Series[Any], name: pd.Series[Any]) -> pd.Series[Any]:
    """Whether two names of a place may be one: one is a part of the other, or either is missing."""
    pair = stated + "\n" + name
    both = (each.split("\n") for each in pair.dropna().unique())
    return ~pair.isin({f"{a}\n{b}" for a, b in both if a not in b and b not in a})
