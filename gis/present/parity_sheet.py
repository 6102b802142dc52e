"""Our findings beside the error list of the official checker, as a workbook or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook

from gis.decide.parity import Side
from gis.i18n import Text
from gis.present.atomic import whole_file
from gis.present.sheets import grid, title, widths

if TYPE_CHECKING:
    from pathlib import Path

    from gis.decide.parity import Parity
    from gis.i18n import Language
    from gis.present.style import Audience

__all__ = ["parity_json", "save_parity"]

_TITLE: Final = Text("与官方质检结果对照", "Beside the official check")
_ROWS: Final = (
    Text("对照结果", "Result"), Text("官方图层或本检查图层", "Layer"), Text("标识码", "Feature"), Text("官方错误代码", "Their code"),
    Text("官方错误描述", "Their text"), Text("本检查规则", "Our rule"), Text("本检查说明", "Our message"), Text("备注", "Note"),
)  # fmt: skip
_CODES: Final = (
    Text("官方错误代码", "Their code"), Text("条数", "Count"), Text("错误描述示例", "Example of its text"),
    Text("可能对应的规则（同一要素）", "Our rules at the same features"),
)  # fmt: skip
_NAMES: Final = (Text("对照表", "Side by side"), Text("汇总", "Summary"), Text("未对应代码", "Codes not mapped"))


def save_parity(result: Parity, path: Path, *, language: Language = "zh", audience: Audience = "internal") -> Path:
    """The path of a workbook with three sheets: the rows side by side, how many of each kind, and the codes still to be mapped.

    Raises: WriteError if the place cannot be written.
    """
    rows = result.rows
    said = [
        [Side(side).label.render(language), *cells]
        for side, *cells in rows[
            ["side", "layer", "feature", "code", "text", "rule", f"message_{language}", f"note_{language}"]
        ].to_numpy()
    ]
    counts = [[side.label.render(language), count] for side, count in result.counts().items()]
    sheets = (
        (_ROWS, said, (14, 24, 22, 16, 48, 12, 56, 32)),
        ((_ROWS[0], _CODES[1]), counts, (24, 12)),
        (_CODES, result.unknown.to_numpy(dtype=object).tolist(), (20, 10, 60, 36)),
    )
    book = Workbook()
    book.remove(book.active)
    for name, (heads, cells, wide) in zip(_NAMES, sheets, strict=True):
        sheet = book.create_sheet(name.render(language))
        title(sheet, _TITLE.render(language), language, audience)
        grid(sheet, [each.render(language) for each in heads], cells, [0] * len(cells), freeze="A5")
        widths(sheet, wide)
    with whole_file(path) as target:
        book.save(target)
    return path


def parity_json(result: Parity) -> dict[str, Any]:
    """The comparison as one object: how many rows of each side, the rows, the codes that nobody has mapped."""
    return {
        **{side.value: count for side, count in result.counts().items()},
        "rows": result.rows.to_dict("records"),
        "unknown_codes": result.unknown.to_dict("records"),
    }
