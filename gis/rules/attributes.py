"""Attribute columns as rules read them: codes as text, numbers as numbers, missing as NaN; no geometry here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.i18n import Text
from gis.model.finding import Severity
from gis.model.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from gis.model.layer import FieldSpec
    from gis.model.plan import Plan

__all__ = ["codes", "lowered", "mandatory", "named", "numbers", "stated_field"]

GROSS: Final = {"permanent_basic_farmland": "gross_area_m2"}
"""Layers whose `area_m2` is a net area, and the field that states the area of the polygon."""


def codes(plan: Plan, layer: str, column: str) -> pd.Series[Any]:
    """A column as trimmed text, one per row; NaN where it is missing, blank, or the layer has no such column.

    Whole numbers (a spreadsheet was there) become digits without ".0".
    """
    frame = plan[layer]
    if column not in frame:
        return pd.Series(np.nan, index=frame.index, dtype="str")
    values = frame[column]
    if pd.api.types.is_float_dtype(values.dtype) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    text: pd.Series[Any] = values.astype("str").where(values.notna()).str.strip()
    return text.mask(text == "")


def numbers(plan: Plan, layer: str, column: str) -> NDArray[np.float64]:
    """A column as numbers, one per row; NaN where it is missing, no number, or the layer has no such column."""
    frame = plan[layer]
    if column not in frame:
        return np.full(len(frame), np.nan)
    return np.asarray(pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float, na_value=np.nan))


def lowered(layer: str) -> Severity | None:
    """NOTE for layers that no official specification knows (status proposal): there a fault is no fault of delivery."""
    return Severity.NOTE if LAYERS[layer].status == "proposal" else None


def mandatory(layer: str) -> Iterator[FieldSpec]:
    """The fields a layer must have; auxiliary layers (status proposal) need no official feature id."""
    for each in LAYERS[layer].fields.values():
        if each.required == "M" and not (each.name == "feature_id" and LAYERS[layer].status == "proposal"):
            yield each


def named(layer: str, fields: Iterable[str]) -> Text:
    """The labels of some fields of a layer in a row."""
    labels = [LAYERS[layer].fields[each].label for each in fields]
    return Text("、".join(each.zh for each in labels), ", ".join(each.en for each in labels))


def stated_field(layer: str) -> str:
    """The field in which a layer states the area of its polygons."""
    return GROSS.get(layer, "area_m2")
