"""The answer on a site for a person, as JSON, and as the files a case officer works on with."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
from openpyxl import Workbook

from gis.analysis.site_system import zone_of
from gis.decide.site import ANSWERS
from gis.decide.ways_out import WAYS, WINDS
from gis.errors import WriteError
from gis.i18n import Text
from gis.present.atomic import whole_file
from gis.present.geopackage import Table, write_geopackage
from gis.present.sheets import grid, title, widths
from gis.present.site_files import save_site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gis.decide.site import SiteAnswer
    from gis.i18n import Language
    from gis.model.site import Site

__all__ = ["FILES", "STATUSES", "answer_json", "answer_text", "save_answer", "ways_in_words"]

STATUSES: Final = {
    "hit": Text("占用", "hit"),
    "touch": Text("仅相邻", "touches"),
    "undecidable": Text("无法判断", "undecidable"),
    "missing": Text("缺少图层", "missing"),
    "clear": Text("未涉及", "clear"),
}
"""The words of a row's status, what needs attention first."""

FILES: Final = ("rows.xlsx", "site.gpkg", "site.txt")
"""What `save_answer` writes."""
LABELS: Final = {
    "cultivated_mu": Text("占用耕地（亩）", "cultivated land, mu"),
    "compensation_mu": Text("应补充耕地（亩）", "to be compensated, mu"),
    "farmland_mu": Text("占用永久基本农田（亩）", "permanent basic farmland, mu"),
    "redesignation_mu": Text("应补划（亩）", "to be re-designated, mu"),
    "grade": Text("平均质量等别", "mean grade"),
    "outside_ha": Text("边界外等量调出（公顷）", "equal area out of the boundary, ha"),
    "conversion_ha": Text("农用地转用（公顷）", "farm land to convert, ha"),
    "way": Text("方式", "way"),
    "distance_m": Text("距离（米）", "distance, m"),
    "direction": Text("方向", "direction"),
    "turn_deg": Text("转角（度）", "turn, degrees"),
    "cut_m2": Text("核减（平方米）", "cut off, m²"),
    "area_m2": Text("余下面积（平方米）", "area left, m²"),
    "answer": Text("复核结论", "answer"),
}
"""What the columns of obligations and ways out are called."""
_TELLING: Final = ("hit", "undecidable")


def answer_text(answer: SiteAnswer, language: Language) -> str:
    """What a person reads: the answer with its reasons, every layer asked, what is owed, ways out, notices, the disclaimer."""

    def listed(heading: Text, lines: Iterable[str]) -> list[str]:
        found = list(lines)
        return ["", heading.render(language), *found] if found else []

    def texts(each: Iterable[Text]) -> list[str]:
        return [f"· {one.render(language)}" for one in each]

    lines = [
        Text("结论：{title}", "Answer: {title}").format(title=answer.title).render(language),
        *listed(_REASONS, texts(answer.reasons)),
        *listed(_ROWS, _row_lines(answer.rows, language)),
        *listed(_OWED, _table_lines(answer.obligations, language)),
        *listed(_DOCUMENTS, texts(answer.documents)),
        *listed(_WAYS, _table_lines(ways_in_words(answer.ways_out), language)),
        *listed(_NOTICES, texts(answer.notices)),
        "",
        answer.disclaimer.render(language),
    ]
    return "\n".join(lines)


_REASONS: Final = Text("理由：", "Reasons:")
_ROWS: Final = Text("逐层核对：", "Layer by layer:")
_OWED: Final = Text("占用与义务：", "Obligations:")
_DOCUMENTS: Final = Text("所需材料：", "Documents:")
_WAYS: Final = Text("可选出路（均已复核）：", "Ways out, each judged again:")
_NOTICES: Final = Text("说明：", "Notices:")


def _row_lines(rows: pd.DataFrame, language: Language) -> Iterator[str]:
    """One line per row, what needs attention first, with its rule and clause."""
    order = {status: at for at, status in enumerate(STATUSES)}
    for row in rows.sort_values("status", key=lambda each: each.map(order), kind="stable").to_dict("records"):
        told, clause = row[f"message_{language}"], row["clause" if language == "zh" else "clause_en"]
        why = f" [{row['rule']} {clause}]" if row["status"] in _TELLING else f" [{row['rule']}]"
        yield f"{STATUSES[row['status']].render(language)}  {told}{why}"


def _table_lines(frame: pd.DataFrame, language: Language) -> Iterator[str]:
    """The rows of a table, each cell with the name of its column; what is missing, none, or in the other language is passed over."""
    for row in frame.to_dict("records"):
        said = [(LABELS[key].render(language), _shown(row[key], language)) for key in LABELS if key in row]
        yield "· " + ("，" if language == "zh" else ", ").join(f"{label} {value}" for label, value in said if value)


def _shown(value: Any, language: Language) -> str:
    if isinstance(value, Text):
        return value.render(language)
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def ways_in_words(ways: pd.DataFrame) -> pd.DataFrame:
    """The ways out without their geometry; ways, directions and answers as Text."""
    known = {"way": WAYS, "direction": WINDS, "answer": ANSWERS}
    return _frame(ways).assign(**{name: ways[name].map(words) for name, words in known.items()})


def _frame(table: pd.DataFrame) -> pd.DataFrame:
    """The table without its geometry."""
    return pd.DataFrame(table.drop(columns=table.geometry.name)) if isinstance(table, gpd.GeoDataFrame) else table


def answer_json(answer: SiteAnswer) -> dict[str, Any]:
    """The answer as one object of plain values; a number that is missing is null, both languages are there."""
    return {
        "answer": answer.answer,
        "answer_zh": answer.title.zh,
        "answer_en": answer.title.en,
        "reasons": _plain(answer.reasons),
        "rows": _plain(answer.rows),
        "obligations": _plain(answer.obligations),
        "land": _plain(answer.land),
        "documents": _plain(answer.documents),
        "ways_out": _plain(_frame(answer.ways_out)),
        "notices": _plain(answer.notices),
        "disclaimer": _plain(answer.disclaimer),
    }


def _plain(value: Any) -> Any:
    """A value in the types that JSON has."""
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, pd.DataFrame):
        return [_plain(row) for row in _frame(value).to_dict("records")]
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset | np.ndarray):
        return [_plain(each) for each in value]
    found = value.item() if isinstance(value, np.generic) else value
    missing = (
        found is None or found is pd.NA or found is pd.NaT or (isinstance(found, float) and not math.isfinite(found))
    )
    if missing or isinstance(found, bool | int | float | str):
        return None if missing else found
    return str(found)


def save_answer(answer: SiteAnswer, site: Site, folder: str | Path, *, language: Language = "zh") -> list[Path]:
    """The paths of what was written into `folder`, which is made: rows.xlsx, site.gpkg, and the site's coordinate text.

    rows.xlsx holds the rows, obligations and occupied land; site.gpkg the site in the plan's system, the places of the findings
    and the ways out. The text is left out, and not in the list, where the site is in no zone it could be written in.

    Raises: WriteError if a file cannot be written.
    """
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(
            f"无法建立文件夹 {target}（{error.strerror}）。请换一个位置。",
            f"Folder {target} cannot be made ({error.strerror}). Choose another place.",
        ) from error
    written = [target / "rows.xlsx", target / "site.gpkg"]
    with whole_file(written[0]) as path:
        _workbook(answer, path, language)
    with whole_file(written[1]) as path:
        write_geopackage(path, _layers(answer, site))
    if zone_of(site.crs) is not None:
        written.append(save_site(site, target / "site.txt"))
    return written


def _workbook(answer: SiteAnswer, path: Path, language: Language) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    zh = language == "zh"
    sheets = {
        "逐层核对" if zh else "rows": _frame(answer.rows),
        "占用与义务" if zh else "obligations": _frame(answer.obligations),
        "占用地类" if zh else "land": _frame(answer.land),
        "可选出路" if zh else "ways out": _frame(answer.ways_out),
    }
    heading = f"{'选址核对' if zh else 'Siting'}：{answer.title.render(language)}"
    for name, frame in sheets.items():
        if not len(frame.columns):
            continue
        sheet = book.create_sheet(name)
        title(sheet, f"{heading} — {name}", language, "internal")
        rows = [[_cell(value, language) for value in row] for row in frame.itertuples(index=False)]
        grid(sheet, [str(each) for each in frame.columns], rows, [4] * len(rows), freeze="B5")
        widths(sheet, [20] * len(frame.columns))
    book.save(path)


def _cell(value: Any, language: Language) -> Any:
    """A number as it is, all else as text."""
    if isinstance(value, Text):
        return value.render(language)
    found = _plain(value)
    return found if found is None or isinstance(found, bool | int | float | str) else _joined(found)


def _joined(values: Sequence[Any] | Mapping[str, Any]) -> str:
    return "；".join(str(each.get("zh", each) if isinstance(each, dict) else each) for each in values)


def _layers(answer: SiteAnswer, site: Site) -> Iterator[Table]:
    """The site, the places of the findings, and the ways out, all in the plan's system."""
    crs = answer.findings.crs
    parcels = site.parcels if site.parcels.crs == crs else site.parcels.to_crs(crs)
    yield Table("site", parcels.reset_index(), "选址地块", generic=True)
    yield Table("hits", answer.findings.to_gdf(), "涉及位置", generic=True)
    if len(answer.ways_out):
        yield Table("ways_out", _texted(answer.ways_out), "可选出路", generic=True)


def _texted(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The frame with its bilingual cells in Chinese, as a file holds texts only."""
    out = frame.copy()
    for name in out.columns.drop(out.geometry.name):
        if out[name].map(lambda each: isinstance(each, Text)).any():
            out[name] = [each.zh if isinstance(each, Text) else each for each in out[name]]
    return out
