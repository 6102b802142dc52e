"""A siting report as a PDF for the archive (PDF/A-2b), set by Typst from one template; the same report gives the same bytes."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from matplotlib.ft2font import FT2Font

from gis.errors import MissingExtra
from gis.present.print_canvas import FONTS, MISSING
from gis.present.site_report_parts import PAGE

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from datetime import date

    from gis.present.site_report_parts import Block, Report

__all__ = ["pdf"]

_REGULAR: Final = 400
"""The weight of upright text."""
_TEMPLATE: Final = Path(__file__).with_name("site_report.typ")


def pdf(report: Report, day: date) -> bytes:
    """The report as a PDF that is dated `day`; a character that the font lacks is a 〓, as on the maps.

    Raises: MissingExtra without the package typst, or without a Chinese font.
    """
    typst = _typst()
    fonts, family, known = _font(typst)
    said = _printable(_plain(report), known) | {"font": family}
    with TemporaryDirectory() as folder:
        root = Path(folder)
        shutil.copyfile(_TEMPLATE, root / _TEMPLATE.name)
        (root / "report.json").write_text(json.dumps(said), encoding="utf-8")
        for n, png in enumerate(_pictures(report)):
            (root / f"{n}.png").write_bytes(png)
        made: bytes = typst.compile(
            root / _TEMPLATE.name, root=root, font_paths=fonts, pdf_standards="a-2b", timestamp=datetime.combine(day, time(), UTC)
        )  # fmt: skip
    return made


def _typst() -> Any:
    try:
        import typst  # noqa: PLC0415 - an extra
    except ImportError:
        raise MissingExtra(
            '缺少生成 PDF 所需的 typst。请执行：pip install "lantu-gis[pdf]"，或改用 .html、.docx。',
            'The package typst, which sets the PDF, is missing. Run: pip install "lantu-gis[pdf]", or write .html or .docx.',
        ) from None
    return typst


def _font(typst: Any) -> tuple[Any, str, frozenset[int]]:
    """The fonts there are, the family to set in, and its characters: LANTU_FONT, a family or a font file, else the first of FONTS.

    Raises: MissingExtra if none of them is there, or has no Chinese.
    """
    wanted = os.environ.get("LANTU_FONT", "")
    own = Path(wanted).resolve() if wanted and Path(wanted).is_file() else None
    fonts = typst.Fonts(font_paths=[str(own.parent)] if own else [])
    upright = sorted(fonts.fonts(), key=lambda font: abs(font.weight - _REGULAR))
    files = [(each.family, each.path) for each in upright if each.path]
    names: tuple[str, ...] = (wanted,) if wanted else FONTS
    if own:
        files = [(family, path) for family, path in files if Path(path).resolve() == own]
        names = (*FONTS, *(family for family, _ in files))
    family, path = next(((name, path) for name in names for family, path in files if family == name), ("", ""))
    known = frozenset(FT2Font(path).get_charmap() if path else ())
    if ord("图") not in known:
        said = wanted or "、".join(FONTS[:6])
        raise MissingExtra(
            f"没有找到中文字体（{said}），PDF 中的文字会成为方框。请安装 Noto Sans CJK（Debian：apt install fonts-noto-cjk），"
            "或用环境变量 LANTU_FONT 指定字体名或字体文件。",
            f"No Chinese font was found ({said}); the text of the PDF would be boxes. Install Noto Sans CJK (Debian: apt install "
            "fonts-noto-cjk), or name a font or font file in the environment variable LANTU_FONT.",
        )
    return fonts, family, known


def _printable(said: Any, known: Container[int]) -> Any:
    """What is said with a 〓 for every character that the font lacks."""
    if isinstance(said, str):
        plain = (" " if each.isspace() else each for each in said)
        return "".join(each if ord(each) in known else MISSING for each in plain)
    if isinstance(said, dict):
        return {key: _printable(each, known) for key, each in said.items()}
    return [_printable(each, known) for each in said] if isinstance(said, list | tuple) else said


def _pictures(report: Report) -> Iterator[bytes]:
    for each in (*report.blocks, *report.annexes):
        yield from (picture.png for picture in each.pictures)


def _plain(report: Report) -> dict[str, Any]:
    """The report as the template reads it; pictures by their order."""
    count = iter(range(sum(1 for _ in _pictures(report))))
    return {
        "title": report.title,
        "mark": report.mark,
        "disclaimer": report.disclaimer,
        "name": report.name,
        "answer": report.answer,
        "reasons": report.reasons,
        "language": report.language,
        "page": PAGE.render(report.language),
        "blocks": [
            {"heading": heading, "other": other, **_block(block, count)} for heading, other, block in report.headed
        ],
    }


def _block(block: Block, count: Iterator[int]) -> dict[str, Any]:
    return {
        "lines": block.lines,
        "pictures": [
            {"file": f"{next(count)}.png", "caption": each.caption, "note": each.note} for each in block.pictures
        ],
        "tables": [
            {"caption": each.caption, "heads": each.heads, "rows": each.rows, "shares": each.shares, "numeric": each.numeric, "strong": sorted(each.strong)}
            for each in block.tables
        ],
    }  # fmt: skip
