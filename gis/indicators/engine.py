"""The engine: which indicators are measured, for which areas, and how a value stands to its target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gis.errors import RuleError
from gis.i18n import Text
from gis.indicators.base import INDICATORS, NOTHING, Indicator, NotMeasured, Values
from gis.indicators.measures import Measure, Measures
from gis.indicators.quantities import WHOLE, AreaUnits, area_units
from gis.model.lacking import field_title, no_layer, no_table
from gis.model.layers import layer_title
from gis.model.profile import profile_of
from gis.units import UNITS, from_base, to_base

if TYPE_CHECKING:
    from gis.model.plan import Plan, Target

__all__ = ["chosen", "measure"]

LEVELS: Final = ("county", "township", "village")
"""The layers whose features can be area units."""
_SLACK: Final = 1e-9  # what adding up in another order may change of a sum
_NAN: Final = float("nan")


def chosen(select: str = "") -> tuple[Indicator, ...]:
    """The indicators whose id or official code starts with one of the comma-separated prefixes; all of them for "".

    Raises: RuleError for a prefix that fits no indicator.
    """
    wanted = tuple(each.strip() for each in select.split(",") if each.strip())
    names = {each.id: (each.id, each.code, *each.codes) for each in INDICATORS.values()}
    for prefix in wanted:
        if not any(name.startswith(prefix) for every in names.values() for name in every):
            raise RuleError(
                f"没有以 {prefix} 开头的指标。请用 gis explain indicator 查看指标编号。",
                f"No indicator starts with {prefix}. See `gis explain indicator` for the ids.",
            )
    return tuple(
        each for each in INDICATORS.values() if not wanted or any(name.startswith(wanted) for name in names[each.id])
    )


def measure(plan: Plan, *, select: str = "", by: str = "county") -> Measures:
    """The values of the selected indicators for the whole plan and for each area unit of the layer `by`.

    `by` is county, township or village, or "" for the whole plan only. A value that cannot be measured is NaN with the reason,
    never 0. Targets are those of the plan.

    Raises: RuleError for a selection that fits no indicator, or another layer than these.
    """
    if by and by not in LEVELS:
        raise RuleError(
            f"不能按 {by} 汇总指标。可用：{'、'.join(LEVELS)}，或留空只测算全域。",
            f"Indicators cannot be given by {by}. Use {', '.join(LEVELS)}, or nothing for the whole plan only.",
        )
    units = area_units(plan, by)
    notices = () if units.layer or not by else (_no_units(by),)
    profile = profile_of(plan).indicators
    items = [each for one in chosen(select) for each in _measured(plan, one, units, dict(profile.get(one.id, {})))]
    return Measures(tuple(items), plan.name, units.layer, notices)


def _no_units(by: str) -> Text:
    return Text(f"缺少图层：{layer_title(by).zh}，只测算全域", f"missing layer: {by}; measured for the whole plan only")


def _measured(plan: Plan, one: Indicator, units: AreaUnits, overrides: dict[str, Any]) -> list[Measure]:
    """The values of one indicator, in its own unit, each against its target."""
    areas = [("", WHOLE)]
    if one.scope == "central_district":
        areas = [("central_district", layer_title("central_district"))]
    elif one.scope == "units":
        areas += list(zip(units.ids, units.names, strict=True))
    values = _values(plan, one, units, overrides, len(areas))
    source = _source(plan, one)
    return [
        _against(plan, one, area, name, (float(from_base(number, one.unit)), values, source))
        for (area, name), number in zip(areas, values.numbers, strict=True)
    ]


def _values(plan: Plan, one: Indicator, units: AreaUnits, overrides: dict[str, Any], count: int) -> Values:
    lacking = [each for each in (_lacking(plan, need) for need in one.needs) if each]
    if lacking:
        why = Text("；".join(each.zh for each in lacking), "; ".join(each.en for each in lacking))
        return Values(np.full(count, _NAN), why)
    try:
        return one.compute(plan, units, **one.settings(overrides))
    except NotMeasured as stated:
        return Values(np.full(count, _NAN), stated.reason)


def _lacking(plan: Plan, need: str) -> Text:
    """What the plan lacks of one need, in words; empty when it lacks nothing."""
    lacking = [_lacks(plan, part) for part in need.split("|")]
    if not all(lacking):
        return NOTHING
    return Text("，或".join(each.zh for each in lacking), ", or ".join(each.en for each in lacking))


def _lacks(plan: Plan, need: str) -> Text:
    if need.startswith("table:"):
        name = need.removeprefix("table:")
        return NOTHING if name in plan.tables else no_table(name)
    layer, _, column = need.partition(".")
    if layer not in plan or not len(plan[layer]):
        return no_layer(layer)
    if column and (column not in plan[layer].columns or plan[layer][column].isna().all()):
        title, label = layer_title(layer), field_title(layer, column)
        return Text(f"图层“{title.zh}”未填写“{label.zh}”", f"layer {title.en} has no values of {label.en}")
    return NOTHING


def _source(plan: Plan, one: Indicator) -> Text:
    """The layers that went in, with the date of their data where it is known."""
    layers = dict.fromkeys(part.partition(".")[0] for need in one.needs for part in need.split("|") if ":" not in part)
    used = [(each, plan.source(each).as_of) for each in layers if each in plan]
    zh = [f"{layer_title(each).zh}（{day}）" if day else layer_title(each).zh for each, day in used]
    en = [f"{each} ({day})" if day else each for each, day in used]
    return Text("；".join(zh), "; ".join(en))


def _against(plan: Plan, one: Indicator, area: str, name: Text, found: tuple[float, Values, Text]) -> Measure:
    """A value with its target: targets are of the whole plan, or of a unit as "indicator@area"."""
    value, values, source = found
    wanted = _target(plan, one, area)
    target = _NAN if wanted is None else from_base(to_base(wanted.value, wanted.unit or one.unit), one.unit)
    direction = one.direction if wanted is None else wanted.direction or one.direction
    written = (
        round(value, UNITS[one.unit].decimals) if UNITS[one.unit].quantity == "ratio" else value
    )  # as approvals write it
    gap = {"min": written - target, "max": target - written}.get(direction, -abs(written - target))
    judged = direction in ("min", "max") and not np.isnan(gap)
    return Measure(
        one, area, name, value, target, gap,
        bool(gap >= -_SLACK * max(abs(target), abs(value))) if judged else None,
        (values.why or _UNKNOWN) if np.isnan(value) else NOTHING,
        values.note, "" if wanted is None else wanted.document, source,
    )  # fmt: skip


_UNKNOWN: Final = Text("该范围缺少数据", "no data for this area")


def _target(plan: Plan, one: Indicator, area: str) -> Target | None:
    suffix = f"@{area}" if area not in ("", "central_district") else ""
    names = [f"{name}{suffix}" for name in (one.id, one.code) if name]
    return next((plan.targets[name] for name in names if name in plan.targets), None)
