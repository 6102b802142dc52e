"""Rules on holes (拓扑). Ids start with TP."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import NotRun, rule
from gis.rules.planned_use import only
from gis.rules.verbs import filled, holes, usable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan
    from gis.rules.base import Places

LINES: Final = ("urban_development_boundary", "ecological_redline", "permanent_basic_farmland")
WINDOW: Final = Text("为开天窗的永久基本农田或生态保护红线，属正常", "a window of farmland or redline, as is normal")
WHOLE: Final = 0.999
"""The share of a hole from which it counts as filled; hairlines along its edge do not count."""
OPEN: Final = Text("请核对是否应划入", "to be checked whether it belongs inside")


@rule(
    "TP11",
    title=Text("控制线内的空洞", "Holes in the control lines"),
    severity=Severity.NOTE,
    relation="none",
    needs=(),
    concept="three_control_lines",
    cites=("ghbox",),
    unit="ha",
    message=Text(
        "{layer} {feature} 内有空洞 {measure:.4f} 公顷，{kind}",
        "{layer} {feature} has a hole of {measure:.4f} ha, {kind}",
    ),
    remedy=Text(
        "逐个核对：开天窗保留，误留的空洞补入。", "Check each: windows stay, holes left by mistake are filled."
    ),
)
def holes_in_control_lines(plan: Plan) -> Iterator[Places]:
    """The holes in the three control lines, listed; those of the boundary that farmland or redline fill are windows (开天窗).

    Fails: a hole of one hectare in the redline, and a window of farmland in the boundary (listed as such).
    Passes: lines without holes; a hole that another feature of the same line fills.
    """
    layers = [each for each in LINES if each in plan]
    if not layers:
        raise NotRun("缺少图层：三条控制线", "missing layers: the three control lines")
    for layer in layers:
        found = holes(plan, layer)
        if not len(found):
            continue
        others = [usable(plan, each) for each in LINES[1:] if each in plan and layer == LINES[0]]
        window = filled(plan, found, others) >= WHOLE
        real = filled(plan, found, [usable(plan, layer)]) < WHOLE
        kinds = [WINDOW if each else OPEN for each in window]
        yield only(replace(found, words={"kind": kinds}), real)
