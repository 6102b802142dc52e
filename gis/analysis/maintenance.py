"""What the yearly maintenance of an approved plan (动态维护) changes: which layer, and in, out or attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from gis.analysis.land_accounts import text_codes
from gis.model.layers import LAYERS, layer_named

if TYPE_CHECKING:
    from gis.model.plan import Plan

__all__ = ["ATTRIBUTE", "CHANGE", "IN", "OUT", "changed_layers"]

CHANGE: Final = "maintenance_change"
IN: Final = "1"
ATTRIBUTE: Final = "2"
OUT: Final = "3"
"""Kinds of change (维护类型): moved in, attributes changed, moved out. Source: ghbox"""


def changed_layers(plan: Plan) -> pd.Series[Any]:
    """The id of the layer that each piece of `maintenance_change` changes; missing where nobody says it.

    What the field `subject` says comes first, else the name of the layer in its file (WHC and the official name).
    """
    frame, prefix = plan[CHANGE], LAYERS[CHANGE].prefix
    name = plan.source(CHANGE).name.strip()
    of_file = layer_named(name[len(prefix) :]) if name.upper().startswith(prefix) else None
    if "subject" not in frame:
        return pd.Series(of_file, index=frame.index, dtype="str")
    said = text_codes(frame["subject"])
    known = {each: layer_named(each.removeprefix(prefix)) for each in said.dropna().unique()}
    return said.map(known).astype("str").fillna(of_file)
