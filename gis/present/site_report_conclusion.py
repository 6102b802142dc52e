"""How a siting report ends: the answer with its reasons, strips and crossings, ways out, and the numbered list of sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from gis.i18n import Text
from gis.model.layers import layer_title
from gis.present.report_tables import cited
from gis.present.report_words import WORDS
from gis.present.site_answer import LABELS, ways_in_words
from gis.present.site_report_parts import Column, number, table
from gis.rules.siting_rows import OUTSIDE

if TYPE_CHECKING:
    from gis.decide.site import SiteAnswer
    from gis.i18n import Language
    from gis.present.site_report_parts import Table

__all__ = ["amount", "cites", "conclusion", "ending", "first_reasons"]

_SOURCES: Final = (
    Column(Text("序号", "no."), 1.3), Column(Text("文件", "document"), 7), Column(Text("文号", "number"), 4),
    Column(Text("日期", "days"), 5), Column(Text("状态", "state"), 2),
)  # fmt: skip
_COMPETENT: Final = (Column(Text("涉及图层", "layers"), 2), Column(Text("可能的审批权限", "who may be competent"), 5))


def amount(key: str, value: Any, language: Language) -> str:
    """What is owed, rounded as in the other tables: 亩, m² and m to 0.01, ha to 0.0001, km to 0.001."""
    places = {"mu": 2, "ha": 4, "m2": 2, "m": 2, "km": 3}.get(key.rpartition("_")[2])
    return _shown(value, language) if places is None or pd.isna(value) else f"{value:.{places}f}"


def conclusion(answer: SiteAnswer, language: Language) -> tuple[str, ...]:
    """The answer, its reasons, the documents it calls for, and the notices."""
    title = Text("结论：{title}", "Answer: {title}").format(title=answer.title).render(language)
    parts = (
        (Text("理由：", "Reason: "), answer.reasons),
        (Text("所需材料：", "Document: "), answer.documents),
        (Text("说明：", "Notice: "), answer.notices),
    )
    said = [f"{label.render(language)}{each.render(language)}" for label, texts in parts for each in texts]
    none = answer.answer in ("conflict", "undecidable") and not len(answer.ways_out)
    return (title, *said, *((_NO_WAY.render(language),) if none else ()))


def first_reasons(answer: SiteAnswer, language: Language) -> tuple[str, ...]:
    """The gravest reasons, for the head of the report; how many there are in all, if more."""
    said = [each.render(language) for each in answer.reasons]
    more = Text("共 {count} 项理由，详见第 12 部分。", "{count} reasons in all, see part 12.").format(count=len(said))
    return (*said[:_FEW], *((more.render(language),) if len(said) > _FEW else ()))


_FEW: Final = 3
_NO_WAY: Final = Text("可选出路：没有找到，或者未要求查找。", "Ways out: none was found, or none was asked for.")


def cites(answer: SiteAnswer) -> dict[str, int]:
    """The number by which each source is cited, in the order in which the rows name them."""
    return {
        key: n for n, key in enumerate(dict.fromkeys(key for each in answer.rows["cites"] for key in each.split()), 1)
    }


def ending(answer: SiteAnswer, language: Language) -> tuple[Table, ...]:
    """Strips and crossings of a corridor, the ways out, and the sources by their numbers with their force."""
    numbers = cites(answer)
    cells = [
        (f"[{numbers[each['id']]}]", each["title"], each["number"], each["days"], _state(each, language))
        for each in cited(numbers, answer.plan, language)
    ]
    ways = ways_in_words(answer.ways_out)
    ways = ways.assign(ranked_by=ways["ranked_by"].map(_RANKED), bound=ways[f"bound_{language}"])
    return (
        _strips(answer.strips, language),
        _plain(Text("线性工程穿越表", "crossings"), answer.crossings, language),
        _plain(Text("可选出路（均已复核）", "ways out, each judged again"), ways, language),
        _competent(answer, language),
        table(Text("依据清单", "sources"), _SOURCES, cells, language),
    )


def _state(source: dict[str, Any], language: Language) -> str:
    """Whether a source is in force, and whether what is said of it is still to be verified."""
    doubt = WORDS["verify"].render(language) if source["verify"] else ""
    return ("，" if language == "zh" else ", ").join(filter(None, (source["state"], doubt)))


def _competent(answer: SiteAnswer, language: Language) -> Table:
    """Who may be competent, once for all layers that call for it: a hint."""
    rows = answer.rows[answer.rows["status"].isin(["hit", "undecidable"])]
    layers: dict[str, dict[str, None]] = {}
    for who, layer in zip(rows["competence" if language == "zh" else "competence_en"], rows["layer"], strict=True):
        layers.setdefault(who, {})[layer_title(layer.removeprefix(OUTSIDE)).render(language)] = None
    between = "、" if language == "zh" else ", "
    cells = [(between.join(named), who) for who, named in layers.items() if who]
    return table(Text("审批权限提示（仅供参考）", "who may be competent (a hint)"), _COMPETENT, cells, language)


def _strips(frame: pd.DataFrame, language: Language) -> Table:
    """One row per kilometre, what it takes of each layer side by side."""
    place = ["parcel", "strip", "from_km", "to_km", "strip_m2"]
    wide = frame[frame["layer"].ne("")].pivot_table(index=place, columns="layer", values="area_m2", sort=False)
    whole = frame.loc[frame["layer"].eq(""), place].set_index(place)
    wide = whole.join(wide).reset_index()
    columns = [Column(_COLUMNS[each], numeric=each not in _WORDS) for each in place]
    columns += [Column(_OF_LAYER.format(layer=layer_title(each)), 1.3, numeric=True) for each in wide.columns[5:]]
    rows = [
        [*(amount(each, row[each], language) for each in place), *(number(row[each], 2) for each in wide.columns[5:])]
        for row in wide.to_dict("records")
    ]
    return table(Text("线性工程分段表", "strips"), columns, rows, language)


_OF_LAYER: Final = Text("{layer}（平方米）", "{layer}, m²")


_RANKED: Final = {"grade": Text("适宜性等级", "suitability"), "distance": Text("距离", "distance")}
_COLUMNS: Final = {
    **LABELS,
    "grade": Text("适宜性等级", "suitability grade"),
    "parcel": Text("地块", "parcel"),
    "strip": Text("分段", "strip"),
    "from_km": Text("起点（千米）", "from, km"),
    "to_km": Text("止点（千米）", "to, km"),
    "strip_m2": Text("分段面积（平方米）", "strip, m²"),
    "layer": Text("图层", "layer"),
    "feature": Text("要素", "feature"),
    "length_m": Text("长度（米）", "length, m"),
    "width_m": Text("宽度（米）", "width, m"),
    "area_m2": Text("面积（平方米）", "area, m²"),
    "ranked_by": Text("排序依据", "ranked by"),
    "bound": Text("求解方法与精度", "method and bound"),
}
_WIDE: Final = {"feature": 2.0, "bound": 3.5, "way": 1.3, "answer": 1.2, "cut_m2": 1.3, "area_m2": 1.3}
"""Columns that take more than their share of the width."""
_WORDS: Final = ("way", "direction", "answer", "ranked_by", "bound", "parcel", "layer", "feature")
"""Columns that hold no numbers."""
_WHOLE: Final = Text("全段", "whole strip")


def _plain(caption: Text, frame: pd.DataFrame, language: Language) -> Table:
    """A table of an answer with its known columns, as they stand, less those that say nothing."""
    kept = [each for each in frame.columns if each in _COLUMNS and frame[each].notna().any()]
    if "layer" in kept:
        frame = frame.assign(
            layer=[layer_title(each).render(language) if each else _WHOLE.render(language) for each in frame["layer"]]
        )
    rows = [[amount(each, row[each], language) for each in kept] for row in frame.to_dict("records")]
    columns = [Column(_COLUMNS[each], _WIDE.get(each, 1.0), each not in _WORDS) for each in kept]
    return table(caption, columns, rows, language)


def _shown(value: Any, language: Language) -> str:
    """A cell in words; what is missing is ""."""
    if isinstance(value, Text):
        return value.render(language)
    if value is None or pd.isna(value):
        return ""
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
