"""The official tables (规划成果附表) as one workbook: the three lines, what stands in them, land by class, the findings.

Figures are hectares to 0.01, adjusted so that parts add up to the printed totals (`official_figures`). The layout is ours: the
printed forms of the ministry were not seen. Cells are inert: text is never a formula.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from gis.analysis.area_units import AreaUnits, area_units
from gis.analysis.base_year import base_year
from gis.analysis.line_occupation import KINDS, LINES
from gis.errors import WriteError
from gis.geometry import locate
from gis.i18n import Text
from gis.model.finding import Verdict
from gis.model.layers import layer_title
from gis.present import official_figures as figures
from gis.present.atomic import whole_file
from gis.present.sheets import widths, write
from gis.present.style import DISCLAIMER, MARK, checked_audience
from gis.units import UNITS, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openpyxl.worksheet.worksheet import Worksheet

    from gis.i18n import Language
    from gis.model.finding import Findings
    from gis.model.plan import Plan
    from gis.present.style import Audience

__all__ = ["Sheet", "save_tables", "tables"]

_A3, _A4 = 8, 9  # paper sizes as Excel numbers them
_WIDE: Final = 110  # characters from which a table goes on A3
_HEAD: Final = PatternFill("solid", fgColor="E7E6E6")
_LINE: Final = Border(*(Side(style="thin", color="000000") for _ in range(4)))
_ADJUSTED: Final = Text(
    "面积为椭球面积，按控制总数平差（最大余数法），分项之和等于合计；界线重叠处按各自范围计。",
    "Ellipsoidal areas, adjusted to the control total by largest remainder: parts add up to the totals.",
)
_BESIDE: Final = {
    "planned": Text("规划建设用地", "planned construction land"),
    "approved": Text("已批用地", "approved land"),
    "project": Text("建设项目", "projects"),
}


@dataclass(frozen=True)
class Sheet:
    """One table: its name, title, unit, heads in two rows (group, own; no group: one merged cell), rows, notes.

    texts   how many columns at the left are text; widths are in characters
    bold    rows that are totals
    """

    name: Text
    title: Text
    unit: Text
    heads: tuple[tuple[Text, Text], ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[Text, ...]
    texts: int
    widths: tuple[float, ...]
    bold: frozenset[int] = frozenset()


_HA: Final = Text("单位：公顷", "unit: ha")
_NONE: Final = Text("", "")
_PLACE: Final = Text("行政区", "place")


def save_tables(
    plan: Plan,
    found: Findings | None,
    path: str | Path,
    *,
    language: Language = "zh",
    audience: Audience = "internal",
) -> Path:
    """The path of the workbook (.xlsx): 三条控制线, 三线占用情况, 用地用海结构 whole and by county, and the list of findings.

    Tables that the plan has no data for are left out; a missing figure is an empty cell. For the public there is no list of findings.

    Raises: WriteError for another ending or a place that cannot be written; LayerError for another audience.
    """
    target = Path(path)
    checked_audience(audience)
    if target.suffix.lower() != ".xlsx":
        raise WriteError(
            f"成果附表不能写成 {target.suffix or '无后缀'} 文件（{target}）。请用 .xlsx。",
            f"Official tables cannot be written as {target.suffix or 'a file without ending'} ({target}). Use .xlsx.",
        )
    book = Workbook()
    book.remove(book.active)
    for each in tables(plan, found if audience == "internal" else None):
        _put(book.create_sheet(each.name.render(language)), each, plan.name, language, audience)
    with whole_file(target) as beside:
        book.save(beside)
    return target


def tables(plan: Plan, found: Findings | None = None, by: str = "county") -> list[Sheet]:
    """The tables as values, in the order of the workbook."""
    units = area_units(plan, by)
    lines = [each for each in LINES if each in plan and len(plan[each])]
    out = [_lines(plan, units)] + ([_occupation(plan, units, lines)] if lines else [])
    found_land = figures.structure(plan, units)
    if found_land:
        out.append(_structure(plan, found_land))
    if found_land and len(units):
        out += [_by_place(plan, units, basis, frame) for basis, frame in found_land.items()]
    return out + ([_findings(plan, found, units)] if found is not None else [])


def _lines(plan: Plan, units: AreaUnits) -> Sheet:
    made, names = figures.line_areas(plan, units), figures.places(units)
    own = (Text("面积", "area"), Text("目标", "target"), Text("差距", "gap"))
    heads = [(_NONE, _PLACE)] + [(layer_title(line), each) for line in LINES for each in own]
    columns = [column for line in LINES for column in (made[line].area, made[line].target, made[line].gap)]
    rows = _places(names, np.array(columns).T.tolist())
    note = Text(
        "差距 = 面积 − 目标（城镇开发边界为目标 − 面积），负数为未达到；空白为没有数据或没有目标。",
        "Gap: area − target (for the boundary target − area), below 0 where missed; empty: no data or no target.",
    )
    title = Text("三条控制线划定情况表", "The three control lines by county")
    return Sheet(
        Text("三条控制线", "Control lines"),
        title,
        _HA,
        tuple(heads),
        rows,
        (note, _ADJUSTED),
        1,
        (20, *[14] * 9),
        frozenset({0}),
    )


def _occupation(plan: Plan, units: AreaUnits, lines: list[str]) -> Sheet:
    names = figures.places(units)
    rows: list[tuple[Any, ...]] = []
    bold = set()
    for line in lines:
        bold.add(len(rows))
        frame = figures.line_occupation(plan, units, line)
        rows += [(layer_title(line), *row) for row in _places(names, frame.to_numpy().tolist())]
    land, ground = Text("现状地类", "present land"), Text("同一范围内", "on the same ground")
    heads = [(_NONE, Text("控制线", "line")), (_NONE, _PLACE), (_NONE, Text("范围面积", "area"))]
    heads += [(land, each) for each in KINDS.values()] + [(ground, each) for each in _BESIDE.values()]
    heads += [(ground, layer_title(each)) for each in LINES]
    note = Text(
        "现状地类各项之和等于范围面积；无现状数据为负的，说明现状图斑相互重叠。“同一范围内”各项相互不可加。线性穿越、原有村庄等合法情形也计入，须另行甄别。",
        "Kinds of present land add up to the area (no data below 0: parcels overlap). The other columns do not add up. Lawful crossings and old villages are counted.",
    )
    title = Text("三线占用情况汇总表", "What stands in the three control lines")
    return Sheet(
        Text("三线占用情况", "In the lines"), title, _HA, tuple(heads), tuple(rows), (note, _ADJUSTED), 2,
        (18, 16, 13, *[11.5] * (len(heads) - 3)), frozenset(bold),
    )  # fmt: skip


def _structure(plan: Plan, found: dict[str, Any]) -> Sheet:
    """The whole plan: a column per basis, and what the plan changes."""
    codes = _codes(list(found.values()))
    columns = {basis: [_cell(frame, code, 0) for code in codes] for basis, frame in found.items()}
    heads = [(_NONE, Text("代码", "code")), (_NONE, Text("用地用海分类", "class"))]
    heads += [
        (Text("规划基期年", "base year") if basis != "plan" else _NONE, figures.basis_name(basis)) for basis in columns
    ]
    if "plan" in columns and len(columns) > 1:
        base = columns["converted" if "converted" in columns else "survey"]
        columns["change"] = [round(new - old, 2) for new, old in zip(columns["plan"], base, strict=True)]
        heads.append((_NONE, Text("增减", "change")))
    rows = [
        (code if code.isalnum() else "", figures.class_name(code), *(values[n] for values in columns.values()))
        for n, code in enumerate(codes)
    ]
    bold = frozenset(n for n, code in enumerate(codes) if len(code) <= 2 and "—" not in code[1:])
    part = Text(
        "规划一列只含规划用地用海图层覆盖的范围。",
        "The planned column holds only what the layer of planned land use covers.",
    )
    return Sheet(
        Text("用地用海结构", "Land use"), Text("国土空间用地用海结构表", "Structure of land and sea use"), _HA, tuple(heads), tuple(rows),
        (base_year(plan).note, part, _ADJUSTED), 2, (10, 30, *[16] * len(columns)), bold,
    )  # fmt: skip


def _by_place(plan: Plan, units: AreaUnits, basis: str, frame: Any) -> Sheet:
    """One basis, a column per county."""
    codes, names, said = _codes([frame]), figures.places(units), figures.basis_name(basis)
    heads = [(_NONE, Text("代码", "code")), (_NONE, Text("用地用海分类", "class")), *((said, each) for each in names)]
    rows = [
        (code if code.isalnum() else "", figures.class_name(code), *(_cell(frame, code, n) for n in range(len(names))))
        for code in codes
    ]
    if not any(row[-1] for row in rows):
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    notes = (_ADJUSTED,) if basis == "plan" else (base_year(plan).note, _ADJUSTED)
    bold = frozenset(n for n, code in enumerate(codes) if len(code) <= 2 and "—" not in code[1:])
    return Sheet(
        Text(f"分县结构（{said.zh}）", f"By county, {said.en}"),
        Text(f"国土空间用地用海结构分县表（{said.zh}）", f"Structure of land and sea use by county ({said.en})"),
        _HA, tuple(heads), tuple(rows), notes, 2, (10, 30, *[14] * (len(heads) - 2)), bold,
    )  # fmt: skip


def _findings(plan: Plan, found: Findings, units: AreaUnits) -> Sheet:
    """One place, one row: what another rule tells already is not told again."""
    geometry = np.array([each.geometry for each in found], dtype=object)
    at = (
        locate.containing(locate.inner_points(geometry), units.polygons)
        if len(units) and len(geometry)
        else [-1] * len(geometry)
    )
    verdicts = {Verdict.VIOLATED: Text("不符合", "violated"), Verdict.UNDECIDABLE: Text("无法判断", "undecidable")}
    rows = [
        (
            number, each.rule, found.outcomes[each.rule].title, each.severity.label, verdicts[each.verdict],
            units.names[units.unit_of[unit]] if unit >= 0 else _NONE, layer_title(each.layer) if each.layer else _NONE, each.feature,
            layer_title(each.other_layer) if each.other_layer else _NONE, each.other, _printed(each.measure, each.unit),
            UNITS[each.unit].name, each.message, each.waived,
        )
        for number, (each, unit) in enumerate(zip(found, at, strict=True), 1)
    ]  # fmt: skip
    own = (
        ("序号", "no."), ("规则", "rule"), ("检查内容", "what is checked"), ("等级", "severity"), ("结论", "verdict"), ("行政区", "place"),
        ("图层", "layer"), ("要素", "feature"), ("相关图层", "other layer"), ("相关要素", "other feature"), ("量值", "measure"),
        ("单位", "unit"), ("问题说明", "what was found"), ("豁免理由", "why waived"),
    )  # fmt: skip
    note = Text(
        "一处问题列一行；已由其他规则列出的不重复列出。",
        "One row per place; what another rule tells is not told again.",
    )
    return Sheet(
        Text("问题清单", "Findings"), Text("规划成果检查问题清单", "List of findings"), _NONE,
        tuple((_NONE, Text(*each)) for each in own), tuple(rows), (note,), len(own), (7, 9, 28, 8, 10, 12, 16, 22, 16, 22, 12, 8, 60, 18),
    )  # fmt: skip


def _printed(measure: float, unit: str) -> float:
    """A measure to the decimals of its unit, rounded as everywhere."""
    return float(shown(measure, unit).replace(",", "")) if np.isfinite(measure) else measure


def _places(names: Sequence[Text], cells: list[list[float]]) -> tuple[tuple[Any, ...], ...]:
    """Rows with their place; what lies outside the counties only where there is something."""
    rows = [(name, *row) for name, row in zip(names, cells, strict=True)]
    if len(rows) > 1 and not any(each == each and each != 0 for each in rows[-1][1:]):  # noqa: PLR0124 - NaN
        rows.pop()
    return tuple(rows)


def _codes(frames: Sequence[Any]) -> list[str]:
    """All codes, the total first and what has no class last."""
    return sorted({code for frame in frames for code in frame.index}, key=lambda code: (code == "—", code))


def _cell(frame: Any, code: str, column: int) -> float:
    return float(frame.loc[code].iloc[column]) if code in frame.index else 0.0


def _put(sheet: Worksheet, table: Sheet, plan: str, language: Language, audience: Audience) -> None:
    """Set a table as a bureau prints it: title, unit, heads in two rows, ruled cells, notes, mark and page number."""
    count = len(table.heads)
    mark = "；".join([MARK[audience].render(language), DISCLAIMER.render(language)])
    for row, text, place in ((1, table.title, "center"), (2, Text(plan, plan), "left"), (3, table.unit, "right")):
        said = write(sheet.cell(row, 1), text.render(language))
        said.font, said.alignment = Font(bold=row == 1, size=16 if row == 1 else 10), Alignment(horizontal=place)
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=count)
    _heads(sheet, table.heads, language)
    for number, values in enumerate(table.rows):
        _row(sheet, 6 + number, values, table, language, bold=number in table.bold)
    for number, note in enumerate((*table.notes, Text(mark, mark)), 6 + len(table.rows)):
        said = write(
            sheet.cell(number, 1),
            ("注：" if language == "zh" else "Note: ") * (number == 6 + len(table.rows)) + note.render(language),
        )
        said.font, said.alignment = Font(size=9), Alignment(wrap_text=True, vertical="top")
        sheet.merge_cells(start_row=number, start_column=1, end_row=number, end_column=count)
        sheet.row_dimensions[number].height = 13.0 * (1 + len(str(said.value)) * 2 // max(1, int(sum(table.widths))))
    widths(sheet, table.widths)
    _printable(sheet, table, mark)


def _heads(sheet: Worksheet, heads: Sequence[tuple[Text, Text]], language: Language) -> None:
    """Two rows of heads: groups merged over their columns, heads without a group over both rows."""
    for column, (group, own) in enumerate(heads, 1):
        alone = not group
        for row, text in ((4, own if alone else group), (5, _NONE if alone else own)):
            cell = write(sheet.cell(row, column), text.render(language))
            cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, _LINE
            cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        if alone:
            sheet.merge_cells(start_row=4, start_column=column, end_row=5, end_column=column)
    start = 1
    for group, run in groupby(heads, key=lambda head: head[0]):
        stop = start + len(list(run))
        if group and stop - start > 1:
            sheet.merge_cells(start_row=4, start_column=start, end_row=4, end_column=stop - 1)
        start = stop
    sheet.row_dimensions[5].height = 32


def _row(sheet: Worksheet, number: int, values: Sequence[Any], table: Sheet, language: Language, *, bold: bool) -> None:
    for column, value in enumerate(values, 1):
        cell = write(sheet.cell(number, column), value.render(language) if isinstance(value, Text) else value)
        cell.border, cell.font = _LINE, Font(bold=bold)
        is_number = isinstance(cell.value, float)
        cell.alignment = Alignment(
            horizontal="right" if is_number else "left", vertical="center", wrap_text=not is_number
        )
        if is_number:
            cell.number_format = "#,##0.00" if column > table.texts else "General"


def _printable(sheet: Worksheet, table: Sheet, mark: str) -> None:
    """A3 or A4, as wide as the table, heads on every page, mark and page number at the foot."""
    sheet.freeze_panes = f"{get_column_letter(min(table.texts, 2) + 1)}6"
    sheet.print_title_rows = "4:5"
    wide = sum(table.widths) > _WIDE
    sheet.page_setup.paperSize = _A3 if wide else _A4
    sheet.page_setup.orientation = "landscape" if sum(table.widths) > 90 else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = mark.replace("&", "&&"), "&P / &N"
