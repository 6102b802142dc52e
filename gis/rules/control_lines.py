"""Rules on the three control lines (三条控制线). Ids start with CL."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import text_codes
from gis.analysis.line_versions import differences, unassigned
from gis.i18n import Text
from gis.model.finding import Severity
from gis.model.layers import layer_named
from gis.rules.attributes import whole_layer
from gis.rules.base import NotRun, rule
from gis.rules.records import filled
from gis.rules.verbs import faces, overlaps, table

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
    subsumes=("ZN01",),
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
    That no development zone lies there (ZN01) is not told beside it.

    Fails: a farmland block drawn 100 m into the ecological redline.
    Passes: two blocks that share only an edge.
    """
    for layer, other in combinations(THREE_LINES, 2):
        yield overlaps(plan, layer, other)


@rule(
    "CL02",
    title=Text("三条控制线与现行有效版本一致", "The three lines equal the version in force"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("related:locked",),
    concept="three_control_lines",
    cites=("lines-2022-2207",),
    unit="ha",
    message=Text(
        "{layer} {feature} 比现行有效版本{how} {measure:.4f} 公顷",
        "{layer} {feature}: {measure:.4f} ha {how} the version in force",
    ),
    remedy=Text(
        "现行有效版本为封库版加已备案的局部优化和动态维护；未备案的改动应恢复，已备案的请补充维护变化图层。",
        "In force is the locked version with what was filed since; undo what was not filed, or supply the layer of filed changes.",
    ),
)
def lines_equal_the_version_in_force(plan: Plan) -> Iterator[Places]:
    """The faces where a line differs from the locked version with the filed maintenance (moved in, moved out) in its order.

    Fails: a strip 10 m wide added to the boundary and never filed; a filed release that the line still holds.
    Passes: the locked version; the locked version without the piece that was filed as moved out.
    """
    lines = [each for each in THREE_LINES if each in plan and each in plan.related.get("locked", ())]
    if not lines:
        raise NotRun("规划与封库版本没有共同的控制线图层", "the plan and the locked version share no line")
    locked = plan.related["locked"]
    if locked.crs != plan.crs:
        raise NotRun(
            "封库版本与规划的坐标系不同；请用同一坐标系读取",
            "the locked version is in another CRS; read both in the same",
        )
    if count := unassigned(plan):
        raise NotRun(
            f"{count} 处维护变化未说明属于哪个图层", f"{count} pieces of maintenance do not say which layer they change"
        )
    for line in lines:
        more, less = differences(plan, line, locked)
        yield faces(plan, line, more.geometry, more.ids, how=Text("多出", "beyond"))
        yield faces(plan, line, less.geometry, less.ids, how=Text("缺少", "less than"))


@rule(
    "CL20",
    title=Text("控制线版本可追溯", "The version of each control line can be traced"),
    severity=Severity.ERROR,
    relation="none",
    needs=("table:t_line_version",),
    concept="three_control_lines",
    cites=("lines-2022-2207",),
    unit="",
    message=Text("{layer}版本：{fault}", "version of {layer}: {fault}"),
    remedy=Text(
        "在控制线版本登记表中登记版本名称、批准日期和校验值，并使用登记的数据。",
        "Enter name, date and hash of the version in the register, and use the data that was registered.",
    ),
)
def line_versions_are_registered(plan: Plan) -> Iterator[Places]:
    """The three lines whose version is not in the register, has no date there, or whose file has another hash.

    The version is the one stated of the layer, else the last that no other supersedes. A version without a hash is a note; a
    hash is compared where the layer was read from a file.

    Fails: a boundary that the register does not know; a redline whose file is not the registered one.
    Passes: three lines, each with version, date and hash.
    """
    register = table(plan, "t_line_version", "line", "version")
    called = text_codes(register["line"]).map(lambda each: layer_named(each) if isinstance(each, str) else None)
    lines = [each for each in THREE_LINES if each in plan]
    if not lines:
        raise NotRun("规划没有控制线图层", "the plan has none of the three lines")
    for line in lines:
        fault, severity = _version_fault(plan, line, register[(called == line).to_numpy(dtype=bool)])
        if fault:
            yield whole_layer(line, severity=severity, fault=fault)


def _version_fault(plan: Plan, line: str, rows: pd.DataFrame) -> tuple[Text, Severity | None]:
    """What is wrong with the register's entry for a line; nothing where it is complete."""
    stated = plan.source(line).version.strip()
    names = text_codes(rows["version"])
    old = text_codes(rows["supersedes"]) if "supersedes" in rows else pd.Series(dtype="str")
    chosen = rows[(names == stated if stated else ~names.isin(old)).to_numpy(dtype=bool)]
    if chosen.empty:
        known = Text(f"版本“{stated}”未登记", f"version “{stated}” is not registered")
        return (known if stated else Text("版本未登记", "it is not registered")), None
    row = chosen.iloc[[-1]]
    if not (filled(row, "version")[0] and _dated(row)):
        return Text("登记缺少版本名称或批准日期", "its entry lacks the name or the date"), None
    if not filled(row, "hash")[0]:
        return Text("登记缺少校验值", "its entry lacks the hash"), Severity.NOTE
    now, then = plan.source(line).sha256, str(row["hash"].iloc[0]).strip().lower()
    if now and now.lower() != then:
        return Text("数据文件与登记的校验值不符", "its file is not the one that was registered"), None
    return Text("", ""), None


def _dated(row: pd.DataFrame) -> bool:
    return "approved_on" in row and bool(np.asarray(row["approved_on"].notna())[0])
