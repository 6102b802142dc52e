"""Rules and their drawn cases in words, for the terminal and for pages."""

from __future__ import annotations

import math
import re
from string import Formatter
from typing import TYPE_CHECKING, Final

from gis.i18n import Text
from gis.model.finding import Status
from gis.model.layers import LAYERS, layer_title
from gis.units import UNITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.i18n import Language
    from gis.model.drawn import Case
    from gis.rules import Rule

__all__ = [
    "NEED",
    "RELATION",
    "field_label",
    "found_words",
    "message_words",
    "needs_by_layer",
    "stated_words",
    "telling",
]

RELATION: Final = {
    "legal×legal": Text("法定界线之间", "between legal lines"),
    "legal×survey": Text("法定界线与调查数据之间", "between legal lines and survey data"),
    "survey×survey": Text("调查数据之间", "between survey data"),
    "none": Text("", ""),
}
NEED: Final = {
    "any": Text("规划中任一适用的图层", "any layer of the plan that it applies to"),
    "target": Text("目标值", "target"),
    "table": Text("表", "table"),
    "raster": Text("栅格", "raster"),
    "related": Text("相关规划", "related plan"),
    "waivers": Text("豁免清单", "waivers"),
}
_WORDS: Final = {
    "layer": Text("图层", "layer"),
    "feature": Text("要素", "feature"),
    "other": Text("另一图层", "other layer"),
    "other_feature": Text("另一要素", "other feature"),
    "measure": Text("数值", "number"),
    "above": Text("上一等级", "higher tier"),
    "approved": Text("批复值", "approved value"),
    "area": Text("面积", "area"),
    "area_km2": Text("面积", "area"),
    "base_ha": Text("基数", "base"),
    "code": Text("代码", "code"),
    "county": Text("行政区", "county"),
    "crs": Text("坐标系", "CRS"),
    "day": Text("日期", "date"),
    "east": Text("最大经度", "east"),
    "example": Text("示例", "example"),
    "expected": Text("应填名称", "expected name"),
    "extent": Text("占用规模", "extent"),
    "fault": Text("问题", "fault"),
    "fields": Text("字段", "fields"),
    "hint": Text("提示", "hint"),
    "kind": Text("类型", "kind"),
    "label": Text("字段名称", "label"),
    "lack": Text("所缺手续", "what is lacking"),
    "land_class": Text("地类", "land class"),
    "least": Text("下限", "lower limit"),
    "length_km": Text("长度", "length"),
    "limit": Text("上限", "upper limit"),
    "name": Text("名称", "name"),
    "new_ha": Text("新增面积", "new area"),
    "official": Text("椭球面积", "ellipsoidal area"),
    "out_ha": Text("区外面积", "area outside"),
    "over_ha": Text("超出面积", "excess"),
    "part": Text("部分", "part"),
    "peer": Text("比较对象", "peer"),
    "peer_residents": Text("人口", "residents"),
    "problem": Text("问题", "problem"),
    "short_ha": Text("缺口", "shortfall"),
    "size": Text("城市规模", "size of the city"),
    "state": Text("现状或新增", "existing or new"),
    "stated": Text("填写面积", "stated area"),
    "task_km2": Text("任务面积", "task"),
    "tier": Text("等级", "tier"),
    "west": Text("最小经度", "west"),
    "zone": Text("分区", "zone"),
    "all_km": Text("岸线总长", "length of the coast"),
    "allowed": Text("允许类型", "allowed"),
    "approval": Text("审批情况", "approval"),
    "average_ha": Text("年均增量", "yearly average"),
    "back_ha": Text("缩减面积", "area given back"),
    "basis": Text("基数口径", "basis"),
    "before": Text("参考值", "before"),
    "distance": Text("规定距离", "distance"),
    "evidence": Text("依据", "evidence"),
    "found": Text("图层统计值", "value of the layers"),
    "freed_ha": Text("腾退面积", "area freed"),
    "grade": Text("级别", "grade"),
    "height": Text("高程基准", "height datum"),
    "homes": Text("安置情况", "resettlement"),
    "how": Text("增减", "more or less"),
    "in_mu": Text("净增面积", "net gain"),
    "lacking": Text("缺少的内容", "what is lacking"),
    "last": Text("期末年份", "last year"),
    "left_mu": Text("剩余面积", "area left"),
    "limit_ha": Text("上限面积", "limit"),
    "lost": Text("减少量", "loss"),
    "more_ha": Text("增加面积", "increase"),
    "names": Text("名称", "names"),
    "natural_km": Text("自然岸线", "natural coast"),
    "new_mu": Text("新增面积", "new area"),
    "now_ha": Text("现状面积", "present area"),
    "out_mu": Text("调出或占用面积", "area taken"),
    "printed": Text("附表数值", "value of the table"),
    "ratio": Text("倍数", "ratio"),
    "reference": Text("参照图层", "reference"),
    "said": Text("文本数值", "value in the text"),
    "setback": Text("退缩距离", "setback"),
    "share": Text("比例", "share"),
    "subject": Text("内容", "subject"),
    "summed": Text("分解合计", "sum of the parts"),
    "system": Text("坐标系", "system"),
    "text": Text("文本位置", "place in the text"),
    "total_ha": Text("总量", "total"),
    "used_ha": Text("已用面积", "area used"),
    "verdict": Text("判断", "verdict"),
    "version": Text("比较版本", "version"),
    "wanted": Text("目标值", "target"),
    "what": Text("内容", "what"),
    "where": Text("引用处", "where"),
    "white_ha": Text("留白面积", "reserved area"),
    "who": Text("批准机关", "who approves"),
    "whole": Text("总计", "whole"),
    "written": Text("填写值", "stated value"),
    "year": Text("年份", "year"),
    "zone_ha": Text("分区面积", "area of the zone"),
}
"""The placeholders of messages in words; any other stands under its own name."""


def needs_by_layer(needs: Sequence[str]) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """The layers that are needed, each with the fields asked of it; and all else, as (kind, name)."""
    layers: dict[str, list[str]] = {}
    others = []
    for need in needs:
        kind, _, name = need.rpartition(":")
        layer, _, column = name.partition(".")
        if kind:
            others.append((kind, name))
            continue
        fields = layers.setdefault(layer, [])
        if column:
            fields.append(column)
    return layers, others


def message_words(rule: Rule, language: Language) -> str:
    """What the rule says of a place, its placeholders as words in brackets: 〔图层〕 or [layer]."""
    begin, end = ("〔", "〕") if language == "zh" else ("[", "]")
    parts = list(Formatter().parse(rule.message.render(language)))
    after = [*(literal for literal, *_ in parts[1:]), ""]
    said = ""
    for (literal, name, _, _), follows in zip(parts, after, strict=True):
        said += literal
        if name is not None:
            said += begin + _placeholder(name, rule.unit, follows, language) + end
    return said.replace(f" {begin}", begin).replace(f"{end} ", end) if language == "zh" else said


def _placeholder(name: str, unit: str, follows: str, language: Language) -> str:
    root = re.split(r"[.\[]", name)[0]
    word = _WORDS[root].render(language) if root in _WORDS else root.replace("_", " ")
    named = UNITS[unit].name
    written = any(each and follows.lstrip().startswith(each) for each in (named.zh, named.en))
    if root != "measure" or written or unit in {"", "count", "person"}:
        return word
    return f"{word} {named.render(language)}"


def telling(all_: Sequence[Case]) -> list[tuple[Status, Case]]:
    """The first case that fails, the first that passes, the first that cannot be decided, each where there is one."""
    first: dict[Status, Case] = {}
    for case in all_:
        if not case.not_run:
            broken = Status.UNDECIDABLE if case.verdict == "undecidable" else Status.FAILED
            first.setdefault(broken if case.finds else Status.PASSED, case)
    order = (Status.FAILED, Status.PASSED, Status.UNDECIDABLE)
    return [(each, first[each]) for each in order if each in first]


def stated_words(case: Case, language: Language) -> list[str]:
    """What a case says beside its geometry: attributes, a line per feature, and targets."""
    colon, comma = ("：", "，") if language == "zh" else (": ", ", ")
    empty = Text("（空）", " (empty)").render(language)
    lines = []
    for layer, features in case.drawing["layers"].items():
        table = case.plan[layer]
        for id_, row in zip(table.index, features, strict=True):
            held = row if isinstance(row, dict) else {}
            words = [
                field_label(layer, name, language) + (empty if value in (None, "") else f" {value}")
                for name, value in held.items()
                if name in table.columns
            ]
            if words:
                lines.append(f"  {layer_title(layer).render(language)} {id_}{colon}{comma.join(words)}")
    for name, target in case.plan.targets.items():
        unit = UNITS[target.unit].name.render(language) if target.unit in UNITS else target.unit
        lines.append(f"  {NEED['target'].render(language)} {name}{colon}{target.value:g} {unit}".rstrip())
    return lines


def field_label(layer: str, column: str, language: Language) -> str:
    """The name of a field, in words where the catalogue has it."""
    field = LAYERS[layer].fields.get(column)
    return field.label.render(language) if field is not None else column


def found_words(case: Case, unit: str, language: Language) -> str:
    """What the rule finds in a case: feature, other feature, measure."""
    comma, stop = ("，", "；") if language == "zh" else (", ", "; ")
    name = UNITS[unit].name.render(language)
    rows = []
    for place, measure in case.finds.items():
        size = "" if math.isnan(measure) else f"{measure:g} {name}".strip()
        who = place.replace("×", " × ")
        rows.append(comma.join(filter(None, (who, size))) or Text("图层整体", "the layer as a whole").render(language))
    return stop.join(rows) or Text("无", "nothing").render(language)
