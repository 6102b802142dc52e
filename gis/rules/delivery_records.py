"""Rules on what a delivery refers to: registers and features, dates of data, documents that are cited. Ids start with DL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import flagged, text_codes
from gis.i18n import Text
from gis.model.concept import sources
from gis.model.finding import Severity
from gis.model.layers import LAYERS, layer_title
from gis.rules.attributes import whole_layer
from gis.rules.base import NotRun, Places, rule
from gis.rules.verbs import entries, rows

if TYPE_CHECKING:
    from gis.model.plan import Plan

_RECORDS: Final[dict[str, Any]] = {
    "relation": "none", "concept": "territorial_plan", "needs": (), "cites": ("qc-practice",), "unit": "",
}  # fmt: skip
_REGISTERS: Final[Mapping[str, tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]]] = {
    "t_heritage_register": (("item", "code"), {"heritage_line": ("name", "item"), "protected_area": ("name",)}),
    "t_key_project": (("name", "project_id"), {"project": ("name", "project_id")}),
}
"""Registers with the columns that name an entry, and the layers of their features with the fields that name one."""
_MAYBE_UNDRAWN: Final = "t_key_project"
_ONE_YEAR: Final = ("survey_parcel", "land_use_current")
"""Layers that are compared with each other parcel by parcel."""
_NUMBER: Final = re.compile(
    r"(?:[\u4e00-\u9fff]{2,8}〔\d{4}〕\s?\d+号|(?:GB|TD|DB\d\d)(?:/T)?\s?\d+(?:\.\d+)?[-—–]\d{4})"
)
_HISTORY: Final = ("废止", "失效", "原《", "历史", "曾", "替代", "旧")


@rule(
    "DL10",
    title=Text("名录与图斑一一对应", "Registers and features correspond"),
    severity=Severity.ERROR,
    **_RECORDS,
    message=Text("名录核对：{layer} {feature} {fault}", "register: {layer} {feature} {fault}"),
    remedy=Text("核对名称和编号，补画图斑或补列名录。", "Compare names and numbers; draw the feature or list it."),
)
def registers_and_features_correspond(plan: Plan) -> Iterator[Places]:
    """The entries of a register that no feature carries, and the features that no entry names, by name or number.

    Of projects only those listed must be in the table, and an entry without a feature is a warning. An entry is passed over
    where one of the layers it might be drawn in is not there.

    Fails: a temple on the list of heritage without a protection line; a nature reserve that the list leaves out.
    Passes: one entry with two features, its core and its control zone.
    """
    asked = False
    for register, (columns, layers) in _REGISTERS.items():
        have = [each for each in layers if each in plan and len(plan[each])]
        frame = plan.tables.get(register)
        if frame is None or frame.empty or not have or not set(columns) & set(frame.columns):
            continue
        asked = True
        listed = _keys(frame, columns)
        drawn = [_keys(plan[each], layers[each]) for each in have]
        if len(have) == len(layers):
            known = set().union(*(keys for each in drawn for keys in each))
            lacking = np.array([bool(keys) and not keys & known for keys in listed])
            severity = Severity.WARNING if register == _MAYBE_UNDRAWN else None
            yield entries(plan, register, lacking, key=columns[0], fault=_NOT_DRAWN, severity=severity)
        named = set().union(*listed)
        for layer, each in zip(have, drawn, strict=True):
            bad = np.array([bool(keys) and not keys & named for keys in each])
            if layer == "project":
                bad &= flagged(plan[layer]["listed"]) if "listed" in plan[layer] else False
            yield rows(plan, layer, bad, fault=_NOT_LISTED)
    if not asked:
        raise NotRun("没有名录或对应的图层", "no register, or no layer that it lists")


_NOT_DRAWN: Final = Text("名录已列，图层中没有", "is listed and not drawn")
_NOT_LISTED: Final = Text("图层已画，名录中没有", "is drawn and not listed")


def _keys(frame: pd.DataFrame, columns: tuple[str, ...]) -> list[set[str]]:
    """The names and numbers of each row."""
    texts = [
        text_codes(frame[each]).fillna("").str.replace(r"\s+", "", regex=True) for each in columns if each in frame
    ]
    return [set(each) - {""} for each in zip(*texts, strict=True)] if texts else [set() for _ in range(len(frame))]


@rule(
    "DL21",
    title=Text("各图层现势日期齐全且一致", "Dates of the layers are stated and agree"),
    severity=Severity.WARNING,
    **_RECORDS,
    message=Text("{layer}数据日期：{fault}", "date of {layer}: {fault}"),
    remedy=Text(
        "在 plan.toml 写明各图层的现势日期 as_of；相互比较的图层采用同一年度数据。",
        "State `as_of` of each layer in plan.toml; take layers that are compared from the same year.",
    ),
)
def dates_of_layers_agree(plan: Plan) -> Iterator[Places]:
    """The survey and the current land use of different years; and layers without a date, together as a note.

    Administrative boundaries, lines and networks may be of other years. Layers of our own proposal need no date.

    Fails: survey parcels of 2023 beside current land use of 2020.
    Passes: both of 2020, beside a redline of 2022.
    """
    day = {each: plan.source(each).as_of for each in plan}
    if not any(day.values()):
        raise NotRun("各图层均没有现势日期", "no layer states the date of its data")
    years = {each: day[each][:4] for each in _ONE_YEAR if day.get(each)}
    if len(set(years.values())) > 1:
        first, second = years
        fault = Text(
            f"{years[second]} 年，{layer_title(first).zh}为 {years[first]} 年",
            f"{years[second]}, that of {layer_title(first).en} {years[first]}",
        )
        yield whole_layer(second, fault=fault)
    undated = [each for each in plan if not day[each] and LAYERS[each].status != "proposal"]
    if undated:
        titles = [layer_title(each) for each in undated]
        zh, en = "、".join(each.zh for each in titles), ", ".join(each.en for each in titles)
        yield whole_layer(undated[0], severity=Severity.NOTE, fault=Text(f"未写明（{zh}）", f"not stated ({en})"))


@rule(
    "DL24",
    title=Text("引用依据现行有效", "Documents that are cited are in force"),
    severity=Severity.WARNING,
    **_RECORDS,
    message=Text("“{where}”引用的 {feature} {fault}", "{feature}, cited in “{where}”, {fault}"),
    remedy=Text(
        "改引现行文件；作为历史依据引用的，写明“原”或“已废止”。",
        "Cite what is in force; where it is cited as history, say so.",
    ),
)
def cited_documents_are_in_force(plan: Plan) -> Iterator[Places]:
    """The documents cited by number in texts and targets that were repealed, or not yet in force, on the plan's day.

    Only numbers that the register of sources knows with their dates. A sentence that speaks of history is passed over.

    Fails: a plan of 2025 that rests on 自然资办发〔2020〕51号, replaced in 2023.
    Passes: the same in a plan of 2022; "原自然资办发〔2020〕51号（已废止）".
    """
    texts = {**plan.texts, **{name: each.document for name, each in plan.targets.items() if each.document}}
    if not texts:
        raise NotRun(
            "没有可读取的规划文本，目标值也未写明文件", "no text that can be read, and no document of a target"
        )
    known = {_plain(each.number): each for each in sources().values() if each.number}
    found: dict[str, tuple[str, Text]] = {}
    for where, words in texts.items():
        for sentence in re.split(r"[。；;\n]", _brackets(words)):
            for match in _NUMBER.finditer(sentence):
                source = next((each for number, each in known.items() if _plain(match[0]).endswith(number)), None)
                if source is None or any(each in sentence for each in _HISTORY):
                    continue
                fault = _FAULTS.get(source.force(plan.as_of))
                if fault is not None:
                    found.setdefault(source.number, (where, fault.format(by=_successor(source.superseded_by))))
    nothing = np.full(len(found), None, dtype=object)
    words_ = {"where": [each for each, _ in found.values()], "fault": [each for _, each in found.values()]}
    yield Places("delivery", tuple((each,) for each in found), nothing, np.full(len(found), np.nan), words=words_)


_FAULTS: Final = {
    "repealed": Text("已失效{by}", "is no longer in force{by}"),
    "not_yet": Text("当时尚未施行", "was not yet in force"),
}


def _successor(id_: str) -> Text:
    if id_ not in sources():
        return Text("", "")
    cited = sources()[id_]
    return Text(f"，由{cited.citation()}替代", f"; replaced by {cited.number or cited.title.en}")


def _brackets(words: str) -> str:
    """Document numbers with the brackets that official writing has."""
    return re.sub(r"[\[［(（【﹝]\s*(\d{4})\s*[\]］)）】﹞]", r"〔\1〕", words)


def _plain(number: str) -> str:
    return re.sub(r"\s", "", number).replace("—", "-").replace("–", "-")
