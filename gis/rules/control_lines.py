"""Rules on the three control lines (三条控制线). Ids start with CL."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import rule
from gis.rules.verbs import overlaps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.model.plan import Plan
    from gis.rules.base import Places

THREE_LINES: Final = ("permanent_basic_farmland", "ecological_redline", "urban_development_boundary")


@rule(
    "CL01",
    title=Text("三条控制线不交叉不重叠", "The three control lines do not overlap"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=THREE_LINES,
    concept="three_control_lines",
    cites=("three-lines-2019",),
    unit="ha",
    message=Text(
        "{layer} {feature} 与{other} {other_feature} 重叠 {measure:.4f} 公顷",
        "{layer} {feature} overlaps {other} {other_feature} by {measure:.4f} ha",
    ),
    remedy=Text(
        "核对两条线的现行有效版本；永久基本农田和生态保护红线不由本工具调整，一般由城镇开发边界让出。",
        "Compare both lines with the version in force; farmland and redline are not moved here, normally the boundary gives way.",
    ),
)
def control_lines_do_not_overlap(plan: Plan) -> Iterator[Places]:
    """The faces where two of the three lines cover the same ground, for each pair of lines.

    A farmland window (开天窗) is a hole in the boundary and shares only its edge with it.

    Fails: a farmland block drawn 100 m into the ecological redline.
    Passes: two blocks that share only an edge.
    """
    for layer, other in combinations(THREE_LINES, 2):
        yield overlaps(plan, layer, other)
