"""Rules on a delivery as a whole: its folder, its layers, its tables, its public notice. Ids start with DL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.land_accounts import text_codes
from gis.analysis.printed import words_in
from gis.analysis.table_rows import UNKNOWN, lower_units, rows_for
from gis.i18n import Text
from gis.model.finding import Severity
from gis.model.layers import layer_title
from gis.model.profile import profile_of
from gis.model.tables import TABLES
from gis.rules.base import NotRun, Param, Places, rule
from gis.rules.verbs import entries, table

if TYPE_CHECKING:
    from gis.model.plan import Plan

_DELIVERY: Final[dict[str, Any]] = {"relation": "none", "concept": "territorial_plan", "unit": ""}
_FOLDER: Final = "delivery"
"""What stands for the folder where a place is a file."""
_NO_FOLDER: Final = ("规划不是从成果文件夹读取的", "the plan was not read from a folder of deliverables")


@rule(
    "DL01",
    title=Text("成果目录与文件命名完整", "Folder and file names of the delivery are complete"),
    severity=Severity.ERROR,
    **_DELIVERY,
    needs=(),
    cites=("qc-practice",),
    message=Text("成果文件夹：{feature} {fault}", "folder of the delivery: {feature} {fault}"),
    remedy=Text(
        "按成果提交要求补齐目录和文件，改正文件名，删去过程文件。",
        "Add what is missing, name the files as required, and delete what is left over from work.",
    ),
)
def delivery_folder_is_complete(plan: Plan) -> Iterator[Places]:
    """The parts of a hand-in that its folder lacks, files that are named otherwise than the profile says, and leftovers (a note).

    The parts, names and leftovers stand in the profile under `delivery`. A folder that holds none of the named parts is data,
    not a hand-in.

    Fails: a folder with text, drawings and database but without the explanation.
    Passes: a folder with all six parts.
    """
    parts = _named_parts(plan)
    missing = [Text(each["zh"], each["en"]) for each, files in parts if not files]
    yield _files([each.zh for each in missing], [Text("缺失", f"({each.en}) is missing") for each in missing])
    wrong = [(file, each) for each, files in parts for file in files if not _well_named(plan, each["id"], file)]
    yield _files(
        [file for file, _ in wrong], [_WRONG_NAME.format(part=Text(each["zh"], each["en"])) for _, each in wrong]
    )
    left = [file for file in plan.inventory if _fits(file, profile_of(plan).delivery.get("unwanted", ()))]
    yield _files(left, [_LEFT] * len(left), Severity.NOTE)


_WRONG_NAME: Final = Text("文件名不符合{part}的命名要求", "the file name is not as required of the {part}")
_LEFT: Final = Text("疑为过程文件", "seems to be left over from work")


@rule(
    "DL02",
    title=Text("必选图层齐全", "All mandatory layers are there"),
    severity=Severity.ERROR,
    **_DELIVERY,
    needs=(),
    cites=("qc-practice", "city-db-2021"),
    message=Text("缺少{kind}图层：{names}", "missing {kind} layers: {names}"),
    remedy=Text(
        "补充图层；确无该类要素的，在成果说明中写明。",
        "Add the layer; where there is no such thing, say so in the explanation.",
    ),
)
def mandatory_layers_are_there(
    plan: Plan,
    *,
    part: Annotated[
        float,
        Param(
            "ratio",
            Text("必选图层达到此比例才视为完整成果", "share of mandatory layers that makes a whole delivery"),
            assumed=True,
        ),
    ] = 0.5,
) -> Iterator[Places]:
    """The mandatory layers of the profile that a delivery lacks or that hold nothing; the conditional ones together as a note.

    A plan of which less than `part` of the mandatory layers is there, and no folder of deliverables, is a part of one: not run.

    Fails: a city's database without the ecological redline.
    Passes: a city without a sea that delivers no coastline (a note).
    """
    profile = profile_of(plan)
    missing = [each for each in profile.mandatory if each not in plan or not len(plan[each])]
    if not _is_hand_in(plan) and len(missing) > (1 - part) * len(profile.mandatory):
        listed = [layer_title(each) for each in missing]
        zh, en = "、".join(each.zh for each in listed), ", ".join(each.en for each in listed)
        raise NotRun(f"只有部分图层，不是完整成果（缺 {zh}）", f"only some layers, not a whole delivery (without {en})")
    for each in missing:
        yield _layers([each], Text("必选", "mandatory"))
    optional = [each for each in profile.conditional if each not in plan]
    if optional:
        yield _layers(optional, Text("有则必交的", "conditional"), Severity.NOTE)


@rule(
    "DL11",
    title=Text("规划附表齐全", "The annex tables are complete"),
    severity=Severity.ERROR,
    **_DELIVERY,
    needs=(),
    cites=("city-guide-2020", "qc-practice"),
    message=Text("登记 {feature}：{fault}", "entry {feature}: {fault}"),
    remedy=Text(
        "按规定表式补充附表、补齐列和单元格。", "Supply the table in the required form, with its columns and cells."
    ),
)
def annex_tables_are_complete(plan: Plan) -> Iterator[Places]:
    """The tables a hand-in lacks, the columns and cells a table must have, words for a number, and rows for a place nobody knows.

    Missing tables are told of a folder of deliverables only; which it must hold says the profile. The forms are assumed.

    Fails: an indicator table without numbers of the indicators.
    Passes: a plan that is no hand-in and has one table, complete.
    """
    due = [each for each in profile_of(plan).delivery.get("tables", ()) if each in TABLES]
    there = [each for each in plan.tables if each in TABLES]
    if not there and not _is_hand_in(plan):
        raise NotRun("没有规划附表", "the plan has no annex tables")
    if _is_hand_in(plan):
        for each in due:
            if each not in plan.tables:
                yield _cells(each, [""], [Text("未提交", "is missing")])
            elif plan.tables[each].empty:
                yield _cells(each, [""], [Text("没有记录", "has no rows")])
    for each in there:
        yield from _incomplete(plan, each)


@rule(
    "DL20",
    title=Text("公示不少于 30 天，意见逐条答复", "Public notice of at least 30 days, every opinion answered"),
    severity=Severity.WARNING,
    relation="none",
    concept="people_first",
    unit="",
    needs=("table:t_opinion",),
    cites=("urp-law",),
    message=Text("登记 {feature}：{fault}", "entry {feature}: {fault}"),
    remedy=Text(
        "补足公示时间；逐条写明采纳与否和答复。",
        "Make up the time of notice; say of each opinion whether it was adopted, and answer it.",
    ),
)
def notice_is_long_enough_and_opinions_answered(
    plan: Plan,
    *,
    days_min: Annotated[int, Param("", Text("最少公示天数", "least days of public notice"))] = 30,
) -> Iterator[Places]:
    """The rows of the register of opinions with a notice shorter than `days_min` (first and last day counted), and without answer.

    Fails: a notice from 1 to 20 June; an opinion with neither reply nor word of adoption.
    Passes: a notice from 1 to 30 June; an opinion that was not adopted, with the reason.
    """
    frame = table(plan, "t_opinion")
    asked = False
    if {"notice_from", "notice_to"} <= set(frame.columns):
        first, last = (_days(frame[each]) for each in ("notice_from", "notice_to"))
        days = (last - first).dt.days + 1
        asked |= bool(days.notna().any())
        said = [_SHORT.format(days=int(each) if each == each else 0, least=days_min) for each in days]  # noqa: PLR0124 - NaN
        yield entries(plan, "t_opinion", days < days_min, key="id", fault=said)
    opinion = _filled(frame, "topic" if "topic" in frame else "id")
    open_ = {fault: opinion & ~_filled(frame, each) for each, fault in _ANSWERS.items() if each in frame}
    for fault, bad in open_.items():
        yield entries(plan, "t_opinion", bad, key="id", fault=fault)
    asked |= bool(open_)
    if not asked:
        raise NotRun(
            "公示意见登记表没有公示起止日期，也没有答复",
            "the register of opinions has neither days of notice nor replies",
        )


_SHORT: Final = Text("公示 {days} 天，少于 {least} 天", "a notice of {days} days, less than {least}")
_ANSWERS: Final = {
    "reply": Text("意见没有答复", "the opinion has no reply"),
    "adopted": Text("未写明是否采纳", "it does not say whether the opinion was adopted"),
}


def _named_parts(plan: Plan) -> list[tuple[Mapping[str, Any], list[str]]]:
    """The parts of a hand-in with the files of each.

    Raises: NotRun for a plan that is no hand-in, or a profile that says nothing of one.
    """
    parts = profile_of(plan).delivery.get("parts", ())
    if not plan.inventory:
        raise NotRun(*_NO_FOLDER)
    if not parts:
        raise NotRun("成果标准未规定成果目录", "the profile does not say what a delivery must hold")
    if not _is_hand_in(plan):
        raise NotRun(
            "文件夹中没有任何成果目录（文本、图件、说明等），按数据文件夹处理",
            "the folder holds no part of a delivery but data",
        )
    return [(each, [file for file in plan.inventory if _belongs(file, each)]) for each in parts]


def _is_hand_in(plan: Plan) -> bool:
    """Whether the folder that was read names at least one part of a delivery."""
    parts = profile_of(plan).delivery.get("parts", ())
    return any(_named(file, each) for file in plan.inventory for each in parts)


def _named(file: str, part: Mapping[str, Any]) -> bool:
    """Whether a file, or a folder it lies in, is called as the part is, and it is of a kind that the part may be."""
    endings = tuple(part.get("endings", ()))
    return any(each in file for each in part["names"]) and (not endings or file.casefold().endswith(endings))


def _belongs(file: str, part: Mapping[str, Any]) -> bool:
    anywhere = tuple(part.get("anywhere", ()))
    return _named(file, part) or (bool(anywhere) and file.casefold().endswith(anywhere))


def _well_named(plan: Plan, part: str, file: str) -> bool:
    """Whether a file fits one of the patterns that the profile asks of its part, if it asks any."""
    patterns = profile_of(plan).delivery.get("file_names", {}).get(part, ())
    code, name = _area(plan)
    return not patterns or _fits(file, [each.replace("{code}", code).replace("{name}", name) for each in patterns])


def _area(plan: Plan) -> tuple[str, str]:
    """Code and name of the plan's own area; any where it has none."""
    for layer in ("municipality", "county"):
        if plan.has(layer, "area_code", "area_name") and len(plan[layer]) == 1:
            row = plan[layer].iloc[0]
            return str(row["area_code"]), str(row["area_name"])
    return "*", "*"


def _fits(file: str, patterns: Sequence[str]) -> bool:
    name = PurePosixPath(file).name.casefold()
    return any(fnmatchcase(name, each.casefold()) for each in patterns)


def _files(names: Sequence[str], faults: Sequence[Text], severity: Severity | None = None) -> Places:
    """Places that are files or parts of the folder."""
    return _cells(_FOLDER, names, faults, severity)


def _cells(layer: str, names: Sequence[str], faults: Sequence[Text], severity: Severity | None = None) -> Places:
    nothing = np.full(len(names), None, dtype=object)
    size = np.full(len(names), np.nan)
    return Places(
        layer, tuple((each,) for each in names), nothing, size, words={"fault": list(faults)}, severity=severity
    )


def _layers(layers: Sequence[str], kind: Text, severity: Severity | None = None) -> Places:
    """One place that is layers which are not there."""
    titles = [layer_title(each) for each in layers]
    names = Text("、".join(each.zh for each in titles), ", ".join(each.en for each in titles))
    nothing, words = np.array([None], dtype=object), {"kind": kind, "names": names}
    return Places(layers[0], (tuple(layers),), nothing, np.array([np.nan]), words=words, severity=severity)


def _incomplete(plan: Plan, id_: str) -> Iterator[Places]:
    """Columns that a table lacks, cells that it leaves empty, and rows for an area that is none of the plan's."""
    frame, fields = plan.tables[id_], TABLES[id_].fields
    must = [each for each in fields.values() if each.required == "M"]
    lacking = [each for each in must if each.name not in frame]
    yield _cells(id_, [each.label.zh for each in lacking], [_NO_COLUMN] * len(lacking))
    words = words_in(frame)
    for name, said in words.items():
        fault = [_NO_NUMBER.format(column=fields[name].label, said=each) for each in said]
        yield entries(plan, id_, [bool(each) for each in said], fault=fault, severity=_of_words(fields[name].required))
    for each in must:
        if each.name in frame:
            told = np.array(words.get(each.name, [""] * len(frame)), dtype=object) != ""
            yield entries(plan, id_, ~_filled(frame, each.name) & ~told, fault=_EMPTY.format(column=each.label))
    if {"class_code", "class_name"} <= fields.keys():
        yield from _classless(plan, id_)
    if "area_unit" in frame and (units := lower_units(plan)):
        strange = np.asarray(rows_for(plan, units, frame) == UNKNOWN)
        names = frame["area_unit"].astype("str").fillna("")
        yield entries(
            plan, id_, strange, fault=[_STRANGE.format(name=each) for each in names], severity=Severity.WARNING
        )


def _classless(plan: Plan, id_: str) -> Iterator[Places]:
    """A table of classes that has neither their codes nor their names, and rows that leave both empty."""
    frame = plan.tables[id_]
    if "class_code" in frame or "class_name" in frame:
        bare = ~_filled(frame, "class_code") & ~_filled(frame, "class_name")
        yield entries(plan, id_, bare, fault=_EMPTY.format(column=_CLASS))
    else:
        yield _cells(id_, [_CLASS.zh], [_NO_COLUMN])


def _of_words(required: str) -> Severity | None:
    """How serious words are in a column of numbers: a warning where it might be left empty."""
    return None if required == "M" else Severity.WARNING


_NO_NUMBER: Final = Text("“{column}”填写“{said}”，不是数字", "says “{said}” where {column} is a number")
_CLASS: Final = Text("用地用海分类代码或名称", "the code or the name of the class")
_NO_COLUMN: Final = Text("列缺失", "(a column) is missing")
_EMPTY: Final = Text("未填写{column}", "leaves {column} empty")
_STRANGE: Final = Text("的行政区“{name}”不在规划范围内", "names “{name}”, which is no area of the plan")


def _filled(frame: pd.DataFrame, column: str) -> Any:
    """Whether each row fills a column; none where there is no such column."""
    if column not in frame:
        return np.zeros(len(frame), dtype=bool)
    return (frame[column].notna() & (frame[column].astype("str").str.strip() != "")).to_numpy(dtype=bool)


def _days(column: pd.Series[Any]) -> pd.Series[Any]:
    return pd.to_datetime(text_codes(column), errors="coerce", format="mixed")
