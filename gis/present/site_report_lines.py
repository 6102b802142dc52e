"""How a proposed site stands to the three control lines, for the third block of its report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from gis.analysis.site_ground import met, once
from gis.i18n import Text
from gis.model.layers import layer_title
from gis.present.site_report_parts import Column, ha, mu, percent, sentence, table, words
from gis.rules.siting_rows import OUTSIDE

if TYPE_CHECKING:
    from gis.decide.site import SiteAnswer
    from gis.i18n import Language
    from gis.present.site_report_parts import Table

__all__ = ["LINES", "farmland", "features", "relations"]

_FARMLAND: Final = "permanent_basic_farmland"
_BOUNDARY: Final = "urban_development_boundary"
LINES: Final = (_FARMLAND, "ecological_redline", _BOUNDARY)
_MOST: Final = 20
"""So many features of the lines are listed."""

_TAKEN: Final = Text("{layer}：占用 {size}，涉及 {count} 个要素", "{layer}: {size} in {count} features")
_DOUBTFUL: Final = Text(
    "{layer}：可能占用 {size}，宽度在数据精度以内，无法判断",
    "{layer}: perhaps {size}, no wider than the data are accurate",
)
_CLEAR: Final = Text("{layer}：未占用", "{layer}: none is taken")
_TOUCH: Final = Text("{layer}：相邻接，未占用", "{layer}: adjoined, none is taken")
_MISSING: Final = Text("{layer}：缺少数据，无法判断", "{layer}: no data, cannot be decided")
_INSIDE: Final = Text("界内 {size}{zones}", "inside {size}{zones}")
_BEYOND: Final = Text("界外 {size}：{kind}", "outside {size}: {kind}")
_SIZE: Final = Text("{ha} 公顷（{mu} 亩，占 {share}）", "{ha} ha ({share})")
_FEATURES: Final = Text("涉及三条控制线的要素", "features of the three lines that are met")
_MORE: Final = Text(
    "涉及控制线要素共 {count} 个，按占用面积列出前 {shown} 个。",
    "{count} features of the lines are met, of which the {shown} largest parts are listed.",
)
_COLUMNS: Final = (
    Column(Text("控制线", "line"), 2), Column(Text("要素编号", "feature"), 3), Column(Text("名称或类型", "name or kind"), 3),
    Column(Text("占用面积（公顷）", "area taken, ha"), 2, numeric=True),
)  # fmt: skip
_QUALITY: Final = Text("占用永久基本农田质量", "quality of the permanent basic farmland taken")
_QUALITY_COLUMNS: Final = (
    Column(Text("地类", "class"), 2), Column(Text("质量等别", "grade")), Column(Text("坡度级", "slope")),
    Column(Text("面积（公顷）", "area, ha"), numeric=True), Column(Text("面积（亩）", "area, mu"), numeric=True),
)  # fmt: skip
_NAMES: Final = ("name", "zone_name", "class_name", "area_name")
"""The fields that name a feature, the first that the layer has."""


def relations(answer: SiteAnswer, language: Language) -> tuple[str, ...]:
    """One sentence for each line: what is taken of it; of the boundary what lies inside, by zone, and outside, of which kind."""
    said = [_relation(answer.rows[answer.rows["asked"].eq(each)], each) for each in LINES]
    return tuple(each.render(language) + ("。" if language == "zh" else ".") for each in said)


def _relation(rows: pd.DataFrame, line: str) -> Text:
    title, status = layer_title(line), set(rows["status"])
    taken = rows[rows["status"].isin(["hit", "undecidable"])]
    if not len(taken) and ("missing" in status or not len(rows)):
        return _MISSING.format(layer=title)
    if line == _BOUNDARY:
        return _boundary(taken)
    if len(taken):
        sure = taken["status"].eq("hit").any()
        count = len({each for row in taken["features"] for each in row})
        return (_TAKEN if sure else _DOUBTFUL).format(layer=title, size=_size(taken), count=count)
    return (_TOUCH if "touch" in status else _CLEAR).format(layer=title)


def _boundary(taken: pd.DataFrame) -> Text:
    """What lies inside, zone by zone, and what outside with the kind of use that may be there."""
    beyond = taken["layer"].str.startswith(OUTSIDE)
    inner, outer = taken[~beyond], taken[beyond]
    said = [_INSIDE.format(size=_size(inner), zones=_zones(inner))] if len(inner) else []
    if len(outer):
        kinds = dict(zip(outer["need_zh"], outer["need_en"], strict=True))
        said.append(_BEYOND.format(size=_size(outer), kind=Text("；".join(kinds), "; ".join(kinds.values()))))
    title = layer_title(_BOUNDARY)
    return Text(
        f"{title.zh}：" + "；".join(each.zh for each in said), f"{title.en}: " + "; ".join(each.en for each in said)
    )


def _zones(inner: pd.DataFrame) -> Text:
    rows = inner[inner["part_zh"].ne("")].to_dict("records")
    zh = "、".join(f"{row['part_zh']} {ha(row['area_m2'])} 公顷" for row in rows)
    en = ", ".join(f"{row['part_en']} {ha(row['area_m2'])} ha" for row in rows)
    return Text(f"，其中{zh}", f", of which {en}") if rows else Text("", "")


def _size(rows: pd.DataFrame) -> Text:
    m2 = rows["area_m2"].sum()
    return _SIZE.format(ha=ha(m2), mu=mu(m2), share=percent(rows["share"].sum()))


def features(answer: SiteAnswer, language: Language) -> tuple[tuple[str, ...], Table]:
    """The features of the lines that the site meets, the largest parts first, and a sentence where not all are listed."""
    rows = pd.concat([_of_line(answer, each) for each in LINES])
    rows = rows.sort_values("m2", ascending=False, kind="stable")
    cells = [
        (sentence(layer_title(each["line"]).render(language)), each["feature"], each["name"], ha(each["m2"]))
        for each in rows.head(_MOST).to_dict("records")
    ]
    said = (_MORE.format(count=len(rows), shown=_MOST).render(language),) if len(rows) > _MOST else ()
    return said, table(_FEATURES, _COLUMNS, cells, language)


def _of_line(answer: SiteAnswer, line: str) -> pd.DataFrame:
    """The features of a line that the answer says are met, and the m² that each shares with the site."""
    rows = answer.rows[answer.rows["layer"].eq(line)]
    named = {each for row in rows["features"] for each in row}
    if not named:
        return pd.DataFrame({"line": [], "feature": [], "name": [], "m2": []})
    frame, found = answer.plan[line], met(answer.plan, line)
    names = words(frame, next((each for each in _NAMES if each in frame), ""))
    out = pd.DataFrame(
        {"line": line, "feature": frame.index.astype("str").to_numpy()[found.feature], "name": names[found.feature], "m2": found.m2}
    )  # fmt: skip
    return out[out["feature"].isin(named) & out["m2"].gt(0)]


def farmland(answer: SiteAnswer, language: Language) -> Table:
    """The permanent basic farmland that is taken by class, grade and slope, as its re-designation asks; ground covered twice counts once."""
    plan, names = answer.plan, ["class_name", "grade", "slope_class"]
    cells: list[tuple[str, ...]] = []
    if _FARMLAND in plan:
        frame, found = plan[_FARMLAND], met(plan, _FARMLAND)
        m2 = once(plan, _FARMLAND, found, np.zeros(len(found), dtype=np.int64))
        said = {each: words(frame, each)[found.feature] for each in names}
        sums = pd.DataFrame({**said, "m2": m2}).groupby(names)["m2"].sum().reset_index()
        rows = sums[sums["m2"] > 0].to_dict("records")
        cells = [(*(str(row[each]) for each in names), ha(row["m2"]), mu(row["m2"])) for row in rows]
    return table(_QUALITY, _QUALITY_COLUMNS, cells, language)
