"""What a siting report says: its twelve blocks as headings, sentences and tables, the same for the page and for Word."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from gis.analysis.site_layers import KINDS, STAGES
from gis.decide.site import ANSWERS
from gis.decide.ways_out import WAYS
from gis.i18n import Text
from gis.model.layers import layer_title
from gis.present.report_tables import cited
from gis.present.site_answer import LABELS, STATUSES
from gis.present.style import UNDATED
from gis.rules.siting_rows import OUTSIDE
from gis.standards import code_table
from gis.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gis.decide.site import SiteAnswer
    from gis.i18n import Language
    from gis.model.plan import Plan

__all__ = ["HEADINGS", "Block", "Table", "blocks", "facts"]

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

_ASKED: Final[dict[int, tuple[str, ...]]] = {
    3: ("permanent_basic_farmland", "ecological_redline", "urban_development_boundary"),
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
    Text("坐落", "village"), Text("地类编码", "class"), Text("地类名称", "name"), Text("三大类", "three classes"),
    Text("权属性质", "ownership"), Text("坡度级", "slope"), Text("已批准", "approved"), Text("面积（公顷）", "area, ha"),
)  # fmt: skip
_ROWS: Final = (
    Text("核对图层", "layer"), Text("核对结果", "finding"), Text("面积（公顷）", "area, ha"), Text("面积（亩）", "area, mu"), Text("占比", "share"),
    Text("说明", "explanation"), Text("依据", "clause"), Text("数据日期及版本", "date and version"),
)  # fmt: skip
_YES: Final = Text("是", "yes")


@dataclass(frozen=True)
class Table:
    """A table in words: a caption, heads, and rows of as many cells; `by_layer` is one of the asked layers."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    by_layer: bool = False


@dataclass(frozen=True)
class Block:
    """One of the twelve blocks: heading, sentences, tables."""

    heading: Text
    lines: tuple[str, ...]
    tables: tuple[Table, ...]


def facts(plan: Plan, answer: SiteAnswer, language: Language) -> dict[str, str]:
    """Single values by name, as the first block tells them and a bureau's own template may ask for them.

    An area that cannot be told, and what the site does not say, is "".
    """
    site = answer.plan["site"].iloc[0]
    m2 = float(answer.land["area_m2"].sum())
    codes, code = code_table("land_use_classes"), str(site["class_code"])
    use = f"{code} {codes[code].name.render(language)}" if code in codes else code
    owed = answer.obligations.iloc[0]
    return {
        "name": str(site["name"] or ""),
        "plan": plan.name,
        "kind": KINDS[site["kind"]].render(language),
        "stage": STAGES[answer.stage].render(language),
        "use": use,
        "area_ha": f"{m2 / M2_PER_HA:.4f}",
        "area_mu": f"{m2 / M2_PER_MU:.2f}",
        "as_of": answer.plan.as_of.isoformat(),
        "answer": answer.title.render(language),
        "reasons": _joined(answer.reasons, language),
        "documents": _joined(answer.documents, language),
        "notices": _joined(answer.notices, language),
        **{key: _amount(key, owed[key], language) for key in owed.index if key in LABELS},
    }


def blocks(plan: Plan, answer: SiteAnswer, language: Language) -> tuple[Block, ...]:
    """The twelve blocks in their order; each holds data, or the sentence that says why it holds none."""
    told = answer.rows["asked"]
    asked = {**_ASKED, _OTHERS: tuple(each for each in dict.fromkeys(told) if not _has_block(each))}
    own = {
        1: _project(plan, answer, language),
        2: (_land(answer, language),),
        9: (_owed(answer, language),),
        12: _ending(plan, answer, language),
    }
    said = {2: _unclassed(answer, language), 12: _conclusion(answer, language)}
    out = []
    for n, heading in enumerate(HEADINGS, start=1):
        rows = answer.rows[told.isin(asked.get(n, ()))]
        tables = (*own.get(n, ()), *((_layers(rows, language),) if len(rows) else ()))
        lines = (*said.get(n, ()), *((_ABSENT[n].render(language),) if n in _ABSENT else ()))
        out.append(Block(heading, lines, tuple(each for each in tables if each.rows)))
    return tuple(out)


def _has_block(asked: str) -> bool:
    return any(asked in each for each in _ASKED.values())


def _joined(texts: Iterable[Text], language: Language) -> str:
    return ("；" if language == "zh" else "; ").join(each.render(language) for each in texts)


def _table(caption: Text, heads: Sequence[Text], rows: Iterable[Sequence[str]], language: Language) -> Table:
    return Table(caption.render(language), tuple(each.render(language) for each in heads), tuple(map(tuple, rows)))


_FACTS: Final = {
    "name": Text("项目名称", "project"),
    "plan": Text("规划", "plan"),
    "kind": Text("项目类型", "kind"),
    "stage": Text("办理阶段", "stage"),
    "use": Text("拟用地类", "use"),
    "area_ha": Text("用地面积（公顷）", "area, ha"),
    "area_mu": Text("用地面积（亩）", "area, mu"),
    "as_of": Text("基准日期", "as of"),
}
_UNSAID: Final = Text("未填写", "not stated")


def _project(plan: Plan, answer: SiteAnswer, language: Language) -> tuple[Table, ...]:
    said = facts(plan, answer, language)
    rows = [(title.render(language), said[key] or _UNSAID.render(language)) for key, title in _FACTS.items()]
    return (
        _table(Text("项目基本情况", "the project"), (Text("项目", "item"), Text("内容", "content")), rows, language),
    )


def _land(answer: SiteAnswer, language: Language) -> Table:
    """Village by class, three classes and ownership, with the sum of the cells that are printed above it."""
    names = ("village", "class_code", "class_name", "three_class", "ownership", "slope_class")
    land = answer.land
    rows = [
        (*(str(row[each]) for each in names), _YES.render(language) if row["approved"] else "", _ha(row["area_m2"]))
        for row in land.to_dict("records")
    ]
    total = (Text("合计", "total").render(language), *[""] * len(names), _ha(land["area_m2"].sum()))
    return _table(Text("占用土地分类面积表", "land taken, by class and owner"), _LAND, [*rows, total], language)


def _unclassed(answer: SiteAnswer, language: Language) -> tuple[str, ...]:
    m2 = float(answer.land.loc[answer.land["class_code"].eq(""), "area_m2"].sum())
    said = Text(
        f"有 {_ha(m2)} 公顷没有土地利用现状数据，无法分类。",
        f"No survey or current land use covers {_ha(m2)} ha, which has no class.",
    )
    return (said.render(language),) if m2 > 0 else ()


def _layers(rows: pd.DataFrame, language: Language) -> Table:
    """The asked layers of one block, the clear and the missing ones too."""
    clause = "clause" if language == "zh" else "clause_en"
    cells = [
        (
            _asked_layer(row, language), STATUSES[row["status"]].render(language), _ha(row["area_m2"]),
            _number(row["area_m2"], M2_PER_MU, 2), _share(row["share"]), _explained(row, language), row[clause],
            _version(row, language),
        )
        for row in rows.to_dict("records")
    ]  # fmt: skip
    return replace(_table(Text("逐层核对表", "layer by layer"), _ROWS, cells, language), by_layer=True)


def _asked_layer(row: dict[Any, Any], language: Language) -> str:
    """What was asked, in words: the layer, the ground outside it, the part of it that is met."""
    title, part = layer_title(row["layer"].removeprefix(OUTSIDE)), row[f"part_{language}"]
    name = _BEYOND.format(layer=title) if row["layer"].startswith(OUTSIDE) else title
    bracket = "（{}）" if language == "zh" else " ({})"
    return name.render(language) + (bracket.format(part) if part else "")


_BEYOND: Final = Text("{layer}以外", "the ground outside {layer}")
_LIMITED: Final = Text("可能适用的有限人为活动：{items}", "limited activities that may apply: {items}")
_HINT: Final = Text("审批权限提示：{who}", "who may be competent: {who}")


def _explained(row: dict[Any, Any], language: Language) -> str:
    """What the row says; where something is met also the limited activities and, as a hint, who may be competent."""
    said = [row[f"message_{language}"]]
    if row["status"] in ("hit", "undecidable"):
        who = row["competence" if language == "zh" else "competence_en"]
        said += [_LIMITED.format(items=row["activities"]).render(language)] if row["activities"] else []
        said += [_HINT.format(who=who).render(language)] if who else []
    return ("；" if language == "zh" else "; ").join(said)


def _version(row: dict[Any, Any], language: Language) -> str:
    if row["status"] == "missing":
        return ""
    return " ".join(filter(None, (row["date"] or UNDATED.render(language), row["version"])))


def _owed(answer: SiteAnswer, language: Language) -> Table:
    owed = answer.obligations.iloc[0]
    rows = [
        (LABELS[each].render(language), _amount(each, owed[each], language) or "—")
        for each in owed.index
        if each in LABELS
    ]
    return _table(Text("占补与补划义务", "obligations"), (Text("项目", "item"), Text("数量", "amount")), rows, language)


def _amount(key: str, value: Any, language: Language) -> str:
    """What is owed, rounded as in the other tables: 亩, m² and m to 0.01, ha to 0.0001, km to 0.001."""
    places = {"mu": 2, "ha": 4, "m2": 2, "m": 2, "km": 3}.get(key.rpartition("_")[2])
    return _shown(value, language) if places is None or pd.isna(value) else f"{value:.{places}f}"


def _conclusion(answer: SiteAnswer, language: Language) -> tuple[str, ...]:
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


_NO_WAY: Final = Text("可选出路：没有找到，或者未要求查找。", "Ways out: none was found, or none was asked for.")


def _ending(plan: Plan, answer: SiteAnswer, language: Language) -> tuple[Table, ...]:
    """Strips and crossings of a corridor, the ways out, and the sources with their force."""
    keys = dict.fromkeys(key for cites in answer.rows["cites"] for key in cites.split())
    cells = [
        (each["title"], each["number"], each["days"], each["state"]) for each in cited(keys, answer.plan, language)
    ]
    heads = (Text("文件", "document"), Text("文号", "number"), Text("日期", "days"), Text("状态", "state"))
    ways = pd.DataFrame(answer.ways_out.drop(columns="geometry"))
    ways = ways.assign(way=ways["way"].map(WAYS), answer=ways["answer"].map(ANSWERS))
    return (
        _plain(Text("线性工程分段表", "strips"), answer.strips, language),
        _plain(Text("线性工程穿越表", "crossings"), answer.crossings, language),
        _plain(Text("可选出路（均已复核）", "ways out, each judged again"), ways, language),
        _table(Text("依据清单", "sources"), heads, cells, language),
    )


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
}


_WHOLE: Final = Text("全段", "whole strip")


def _plain(caption: Text, frame: pd.DataFrame, language: Language) -> Table:
    """A table of an answer with its known columns, as they stand, less those that say nothing."""
    kept = [each for each in frame.columns if each in _COLUMNS and frame[each].notna().any()]
    if "layer" in kept:
        frame = frame.assign(
            layer=[layer_title(each).render(language) if each else _WHOLE.render(language) for each in frame["layer"]]
        )
    rows = [[_amount(each, row[each], language) for each in kept] for row in frame.to_dict("records")]
    return _table(caption, [_COLUMNS[each] for each in kept], rows, language)


def _number(value: float, unit: float, places: int) -> str:
    return "—" if pd.isna(value) else f"{value / unit:.{places}f}"


def _ha(m2: float) -> str:
    return _number(m2, M2_PER_HA, 4)


def _share(share: float) -> str:
    return "—" if pd.isna(share) else f"{share:.2%}"


def _shown(value: Any, language: Language) -> str:
    """A cell in words; what is missing is ""."""
    if isinstance(value, Text):
        return value.render(language)
    if value is None or pd.isna(value):
        return ""
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
