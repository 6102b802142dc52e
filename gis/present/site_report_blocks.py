"""What a siting report says: its twelve blocks as headings, sentences and tables, the same for the page, for Word and for PDF."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gis.analysis.site_layers import KINDS, STAGES
from gis.crs import describe
from gis.i18n import Text
from gis.model.layers import layer_title
from gis.present.site_answer import LABELS, STATUSES
from gis.present.site_report_conclusion import amount, cites, conclusion, ending
from gis.present.site_report_lines import LINES, farmland, features, relations
from gis.present.site_report_parts import Block, Column, ha, joined, mu, percent, sentence, table
from gis.present.site_report_place import outline, parcels, points, points_annex, seat, seats
from gis.present.style import UNDATED
from gis.rules.siting_rows import OUTSIDE
from gis.standards import code_table

if TYPE_CHECKING:
    import pandas as pd

    from gis.decide.site import SiteAnswer
    from gis.i18n import Language
    from gis.model.plan import Plan
    from gis.model.site import Site
    from gis.present.site_report_parts import Table

__all__ = ["HEADINGS", "LAYER_BY_LAYER", "annexes", "blocks", "facts"]

HEADINGS: Final = (
    Text("项目概况", "The project"),
    Text("土地利用现状", "Current land"),
    Text("与三条控制线的关系", "The three control lines"),
    Text("规划符合性", "How it fits the plan"),
    Text("双评价分区", "Evaluation classes"),
    Text("专项规划与其他管控", "Special plans and other controls"),
    Text("供地政策与产业目录", "Supply policy and industry catalogue"),
    Text("节约集约用地", "Intensive use"),
    Text("占补平衡与永久基本农田补划", "Compensation and re-designation"),
    Text("灾害、压覆矿产、保护地与水", "Hazards, minerals, protected areas and water"),
    Text("违法用地与用地审批", "Illegal use and approvals"),
    Text("结论与依据", "Conclusion and sources"),
)
"""The twelve blocks, in their order."""

LAYER_BY_LAYER: Final = Text("逐层核对表", "layer by layer")
"""The caption of the tables of asked layers."""
_ASKED: Final[dict[int, tuple[str, ...]]] = {
    3: LINES,
    4: ("municipality", "planning_zone", "land_use_plan", "project"),
    5: ("eval_ecology", "eval_agriculture", "eval_urban"),
    9: ("land_use_current", "farmland_reserve"),
    10: (
        "hazard_area", "flood_risk_line", "mineral_line", "protected_area", "drinking_water", "sea_area", "shoreline", "coastline",
    ),
    11: ("enforcement_patch", "land_case", "inefficient_land"),
}  # fmt: skip
"""The asked layers that each block tells; block 6 tells all the others."""
_OTHERS: Final = 6
_ABSENT: Final[dict[int, Text]] = {
    6: Text(
        "交通、市政、旅游等专项规划、生态环境分区管控（三线一单）和五年规划未作为数据提供，本报告未核对。",
        "Special plans of transport, utilities and tourism, the environmental zoning and the five-year plan were not given as data and were not checked.",
    ),
    7: Text(
        "供地政策和产业目录未作为数据提供，本报告未核对，请另附论证。",
        "Supply policy and the industry catalogue were not given as data and were not checked; attach a separate account.",
    ),
    8: Text(
        "建设用地控制指标和项目建设规模未作为数据提供，节约集约用地未核对，请另附论证。",
        "Land standards and the size of the project were not given as data; intensive use was not checked. Attach a separate account.",
    ),
}
_LAND: Final = (
    Column(Text("坐落", "village"), 2), Column(Text("地类编码", "class")), Column(Text("地类名称", "name"), 2),
    Column(Text("三大类", "three classes")), Column(Text("权属性质", "ownership")), Column(Text("坡度级", "slope")),
    Column(Text("已批准", "approved")), Column(Text("面积（公顷）", "area, ha"), numeric=True),
)  # fmt: skip
_ROWS: Final = (
    Column(Text("核对图层", "layer"), 15), Column(Text("核对结果", "finding"), 8), Column(Text("面积（公顷）", "area, ha"), 10, numeric=True),
    Column(Text("面积（亩）", "area, mu"), 9, numeric=True), Column(Text("占比", "share"), 9, numeric=True), Column(Text("说明", "explanation"), 33),
    Column(Text("依据", "clause"), 8), Column(Text("数据日期及版本", "date and version"), 13),
)  # fmt: skip
_ITEMS: Final = (Column(Text("项目", "item")), Column(Text("内容", "content"), 3))
_AMOUNTS: Final = (Column(Text("项目", "item"), 3), Column(Text("数量", "amount"), numeric=True))
_YES: Final = Text("是", "yes")
_ENGLISH: Final = {
    "农用地": "farm land", "建设用地": "construction land", "未利用地": "unused land", "国有": "state", "集体": "collective",
}  # fmt: skip
"""What the tables of classes and owners call in Chinese only."""


def facts(plan: Plan, answer: SiteAnswer, language: Language, site: Site | None = None) -> dict[str, str]:
    """Single values by name, as the first block tells them and a bureau's own template may ask for them.

    An area that cannot be told, and what the site does not say, is "".
    """
    ground = answer.plan["site"].iloc[0]
    m2 = float(answer.land["area_m2"].sum())
    codes, code = code_table("land_use_classes"), str(ground["class_code"])
    use = f"{code} {codes[code].name.render(language)}" if code in codes else code
    owed = answer.obligations.iloc[0]
    return {
        "name": _name(answer, site, language),
        "seat": seat(answer) or _NOWHERE.render(language),
        "plan": plan.name,
        "kind": KINDS[ground["kind"]].render(language),
        "stage": STAGES[answer.stage].render(language),
        "use": use,
        "parcels": str(len(answer.sited.parcels)),
        "area_ha": ha(m2),
        "area_mu": mu(m2),
        "crs": describe(plan.crs).render(language),
        "as_of": answer.plan.as_of.isoformat(),
        "answer": answer.title.render(language),
        "reasons": joined(answer.reasons, language),
        "documents": joined(answer.documents, language),
        "notices": joined(answer.notices, language),
        **{key: amount(key, owed[key], language) for key in owed.index if key in LABELS},
    }


def _name(answer: SiteAnswer, site: Site | None, language: Language) -> str:
    """What the project is called: by the survey, by the site unless that is but the name of its file, by its parcels."""
    said = "" if site is None else site.name.render(language) if isinstance(site.name, Text) else site.name
    surveyed = "" if site is None else site.surveyed.get("项目名称", "")
    file = "" if site is None else PurePath(site.source).stem
    parcels = [each for each in dict.fromkeys(answer.sited.parcels["name"]) if each]
    more = Text("等 {count} 个地块", " and others, {count} parcels").format(count=len(answer.sited.parcels))
    named = parcels[0] + (more.render(language) if len(parcels) > 1 else "") if parcels else ""
    return surveyed or (said if said != file else "") or named or said


def blocks(plan: Plan, answer: SiteAnswer, language: Language, site: Site | None = None) -> tuple[Block, ...]:
    """The twelve blocks in their order; each holds data, or the sentence that says why it holds none.

    `site` is the site as it was read, whose boundary points are told as they came; without it, those of the ground judged.
    """
    told = answer.rows["asked"]
    asked = {**_ASKED, _OTHERS: tuple(each for each in dict.fromkeys(told) if not _has_block(each))}
    said_points, drawn_points = points(outline(answer, site), language)
    more, met = features(answer, language)
    own: dict[int, tuple[Table, ...]] = {
        1: (
            _project(facts(plan, answer, language, site), language),
            seats(answer, language),
            parcels(answer, language),
            *drawn_points,
        ),
        2: (_land(answer, language),),
        3: (met,),
        9: (_owed(answer, language), farmland(answer, language)),
        12: ending(answer, language),
    }
    said: dict[int, tuple[str, ...]] = {
        1: said_points,
        2: (*_classes(answer, language), *_unclassed(answer, language)),
        3: (*relations(answer, language), *more),
        12: conclusion(answer, language),
    }
    out = []
    for n, heading in enumerate(HEADINGS, start=1):
        rows = answer.rows[told.isin(asked.get(n, ()))]
        tables = (*own.get(n, ()), *((_layers(rows, cites(answer), language),) if len(rows) else ()))
        lines = (*said.get(n, ()), *((_ABSENT[n].render(language),) if n in _ABSENT else ()))
        out.append(Block(heading, tuple(map(sentence, lines)), tuple(each for each in tables if each.rows)))
    return tuple(out)


def annexes(answer: SiteAnswer, language: Language, site: Site | None = None) -> tuple[Block, ...]:
    """What is too long for the blocks: the boundary points."""
    return points_annex(outline(answer, site), language)


def _has_block(asked: str) -> bool:
    return any(asked in each for each in _ASKED.values())


_FACTS: Final = {
    "name": Text("项目名称", "project"),
    "seat": Text("坐落", "where it lies"),
    "plan": Text("规划", "plan"),
    "kind": Text("项目类型", "kind"),
    "stage": Text("办理阶段", "stage"),
    "use": Text("拟用地类", "use"),
    "parcels": Text("地块数", "parcels"),
    "area_ha": Text("用地面积（公顷）", "area, ha"),
    "area_mu": Text("用地面积（亩）", "area, mu"),
    "crs": Text("规划坐标系", "the plan's system"),
    "as_of": Text("基准日期", "as of"),
}
_NOWHERE: Final = Text("不在规划的行政区范围内", "in no administrative unit of the plan")
_UNSAID: Final = Text("未填写", "not stated")


def _project(said: dict[str, str], language: Language) -> Table:
    rows = [(sentence(title.render(language)), said[key] or _UNSAID.render(language)) for key, title in _FACTS.items()]
    return table(Text("项目基本情况", "the project"), _ITEMS, rows, language)


def _land(answer: SiteAnswer, language: Language) -> Table:
    """Village by class, three classes and ownership, with the sum of the cells that are printed above it."""
    land = answer.land
    rows = [
        (
            row["village"], row["class_code"], _class_name(row, language), _worded(row["three_class"], language),
            _worded(row["ownership"], language), row["slope_class"], _YES.render(language) if row["approved"] else "", ha(row["area_m2"]),
        )
        for row in land.to_dict("records")
    ]  # fmt: skip
    total = (Text("合计", "total").render(language), *[""] * (len(_LAND) - 2), ha(land["area_m2"].sum()))
    return table(Text("占用土地分类面积表", "land taken, by class and owner"), _LAND, [*rows, total], language)


def _worded(word: str, language: Language) -> str:
    return word if language == "zh" else _ENGLISH.get(word, word)


def _class_name(row: dict[Any, Any], language: Language) -> str:
    """The class as the answer names it; in English as the table that has this name calls it."""
    tables = (code_table(each) for each in ("survey_land_classes", "land_use_classes"))
    known = (each[row["class_code"]].name for each in tables if row["class_code"] in each)
    found = next((name for name in known if name.zh == row["class_name"]), _NO_CLASS if not row["class_code"] else None)
    return found.render(language) if found else str(row["class_name"])


_NO_CLASS: Final = Text("无现状数据", "no data")


def _classes(answer: SiteAnswer, language: Language) -> tuple[str, ...]:
    """How much of the site is farm land, construction land and unused land, and how much of it is cultivated."""
    land = answer.land
    m2 = land.groupby("three_class")["area_m2"].sum().drop("", errors="ignore")
    if not len(m2):
        return ()
    cultivated = ha(land.loc[land["class_code"].str.startswith("01"), "area_m2"].sum())
    zh = "、".join(f"{name} {ha(each)} 公顷" for name, each in m2.items())
    en = ", ".join(f"{_ENGLISH.get(str(name), name)} {ha(each)} ha" for name, each in m2.items())
    said = Text(f"占用{zh}；其中耕地 {cultivated} 公顷。", f"Taken: {en}; of it cultivated land {cultivated} ha.")
    return (said.render(language),)


def _unclassed(answer: SiteAnswer, language: Language) -> tuple[str, ...]:
    m2 = float(answer.land.loc[answer.land["class_code"].eq(""), "area_m2"].sum())
    said = Text(
        f"有 {ha(m2)} 公顷没有土地利用现状数据，无法分类。",
        f"No survey or current land use covers {ha(m2)} ha, which has no class.",
    )
    return (said.render(language),) if m2 > 0 else ()


def _owed(answer: SiteAnswer, language: Language) -> Table:
    owed = answer.obligations.iloc[0]
    rows = [
        (sentence(LABELS[each].render(language)), amount(each, owed[each], language) or "—")
        for each in owed.index
        if each in LABELS
    ]
    return table(Text("占补与补划义务", "obligations"), _AMOUNTS, rows, language)


def _layers(rows: pd.DataFrame, numbers: dict[str, int], language: Language) -> Table:
    """The asked layers of one block, the clear and the missing ones too; sources by their numbers in the list at the end."""
    cells = [
        (
            sentence(_asked_layer(row, language)), sentence(_status(row).render(language)), ha(row["area_m2"]), mu(row["area_m2"]),
            percent(row["share"]), sentence(_explained(row, language)), " ".join(f"[{numbers[key]}]" for key in row["cites"].split()),
            _version(row, language),
        )
        for row in rows.to_dict("records")
    ]  # fmt: skip
    asks = rows["status"].isin(["hit", "undecidable"]) & rows["effect"].isin(["prohibit", "condition", "unknown"])
    strong = frozenset(np.flatnonzero(asks).tolist())
    return replace(table(LAYER_BY_LAYER, _ROWS, cells, language), strong=strong)


def _status(row: dict[Any, Any]) -> Text:
    """The finding in a word; ground that may be stood on is not taken."""
    return _MEETS if row["status"] == "hit" and row["effect"] == "inform" else STATUSES[row["status"]]


_MEETS: Final = Text("涉及", "meets")


def _asked_layer(row: dict[Any, Any], language: Language) -> str:
    """What was asked, in words: the layer, the ground outside it, the part of it that is met."""
    title, part = layer_title(row["layer"].removeprefix(OUTSIDE)), row[f"part_{language}"]
    name = _BEYOND.format(layer=title) if row["layer"].startswith(OUTSIDE) else title
    bracket = "（{}）" if language == "zh" else " ({})"
    return name.render(language) + (bracket.format(part) if part else "")


_BEYOND: Final = Text("{layer}以外", "the ground outside {layer}")
_LIMITED: Final = Text("可能适用的有限人为活动：{items}", "limited activities that may apply: {items}")


def _explained(row: dict[Any, Any], language: Language) -> str:
    """What the row says; where ground is met what that asks for, as its area stands beside, and the limited activities."""
    sized = row["status"] == "hit" and row["length_m"] == 0 and row[f"need_{language}"]
    said = [row[f"need_{language}"] if sized else row[f"message_{language}"]]
    if row["status"] in ("hit", "undecidable") and row["activities"]:
        said.append(_LIMITED.format(items=row["activities"]).render(language))
    return ("；" if language == "zh" else "; ").join(said)


def _version(row: dict[Any, Any], language: Language) -> str:
    if row["status"] == "missing":
        return ""
    return " ".join(filter(None, (row["date"] or UNDATED.render(language), row["version"])))
