"""Findings packed for a page: geometry as that of a layer, the rest a row each, grouped by what they are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import numpy as np

from gis.i18n import Text
from gis.model.finding import Finding, Findings, Severity, Status, Verdict
from gis.model.layers import layer_title
from gis.present.map_data import drawn
from gis.present.style import Rgb, Style, finding_style
from gis.units import UNITS, shown

__all__ = ["packed_findings"]

_KINDS: Final = {
    **{each.value: each.label for each in Severity},
    "undecidable": Text("无法判断", "undecidable"),
    "waived": Text("已豁免", "waived"),
}
_KIND_RGB: Final[dict[str, Rgb]] = {"undecidable": (108, 94, 140), "waived": (130, 138, 146)}
"""Colours in the panel of what is no matter of severity; on the map the colour of the severity stays."""


def packed_findings(found: Findings) -> dict[str, Any]:
    """What the page needs of the findings: rows, geometry, kinds with their looks, rules, units, and what did not run."""
    items = found.items
    geometry = np.array([each.geometry for each in items], dtype=object)
    layers = {name for each in items for name in (each.layer, each.other_layer) if name}
    return {
        "headline": Text(found.summary("zh").split("\n")[0], found.summary("en").split("\n")[0]),
        "items": [_item(each) for each in items],
        "geometry": drawn("findings", geometry, found.crs).lists,
        "kinds": {
            kind: {"name": name, "rgb": _KIND_RGB.get(kind) or finding_style(Severity(kind)).line}
            for kind, name in _KINDS.items()
        },
        "looks": {look: asdict(_style(each)) for each in items for look in (_look(each),)},
        "rules": {rule: {"title": _title(found, rule)} for rule in {each.rule for each in items}},
        "units": {each.unit: UNITS[each.unit].name for each in items if each.unit in UNITS},
        "titles": {layer: layer_title(layer) for layer in layers},
        "not_run": [
            {"rule": each.rule, "title": each.title, "reason": each.reason} for each in found.rules(Status.NOT_RUN)
        ],
    }


def _item(each: Finding) -> dict[str, Any]:
    known = each.unit in UNITS
    write = (lambda value: shown(value, each.unit)) if known else str
    measured = not np.isnan(each.measure)
    return {
        "rule": each.rule,
        "kind": _kind(each),
        "look": _look(each),
        "layer": each.layer,
        "feature": each.feature,
        "other_layer": each.other_layer,
        "other": each.other,
        "message": each.message,
        "measure": write(each.measure) if measured else "",
        "unit": each.unit,
        "doubt": write(each.doubt) if measured and each.doubt else "",
        "waived": each.waived,
    }


def _kind(each: Finding) -> str:
    if each.waived:
        return "waived"
    return "undecidable" if each.verdict is Verdict.UNDECIDABLE else each.severity.value


def _look(each: Finding) -> str:
    return f"{each.severity.value} {_kind(each)}"


def _style(each: Finding) -> Style:
    return finding_style(each.severity, undecidable=each.verdict is Verdict.UNDECIDABLE, waived=bool(each.waived))


def _title(found: Findings, rule: str) -> Text:
    outcome = found.outcomes.get(rule)
    return outcome.title if outcome is not None else Text("", "")
