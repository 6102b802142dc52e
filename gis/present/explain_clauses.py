"""How a plan office writes a clause of its own, with drawn examples, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gis.i18n import Text
from gis.model.drawn import cases_drawn
from gis.model.profile import Clause
from gis.present.rule_words import found_words
from gis.present.sketch import sketch
from gis.rules.clause_cases import skeleton
from gis.rules.clauses import clause_rule

if TYPE_CHECKING:
    from gis.i18n import Language

__all__ = ["clauses_page"]

_TITLE: Final = Text(
    "本单位条文：写在成果标准的 clauses: 下，每条一句话",
    "An office's own clauses: one sentence each, under `clauses:` of its profile",
)
_FORMS: Final = (
    (Text("不得压占", "must not overlap"), Text("land_use_plan[class_code=0804*] 不得压占 hazard_area[level=极高,高]", "land_use_plan[class_code=0804*] must not overlap hazard_area[level=极高,高]")),
    (Text("不得接触", "must not touch"), Text("project 不得接触 ecological_redline", "project must not touch ecological_redline")),
    (Text("必须位于…内", "must lie within"), Text("facility[kind=学校] 必须位于 urban_development_boundary 内", "facility[kind=学校] must lie within urban_development_boundary")),
    (Text("必须覆盖", "must cover"), Text("城镇开发边界 必须覆盖 县城", "urban_development_boundary must cover county_town")),
    (Text("距…不小于", "must keep a distance"), Text("land_use_plan[class_code=1001*] 距 drinking_water 不小于 300 米", "land_use_plan[class_code=1001*] must keep 300 m from drinking_water")),
    (Text("必须为", "must be one of"), Text("planning_zone 的 zone_code 必须为 100,200,300", "the zone_code of planning_zone must be one of 100,200,300")),
    (Text("不得为空", "must not be empty"), Text("land_use_plan 的 class_name 不得为空", "the class_name of land_use_plan must not be empty")),
    (Text("面积合计", "total area"), Text("land_use_plan[class_code=07*] 的面积合计 不大于 1200 公顷", "the total area of land_use_plan[class_code=07*] must be at most 1200 ha")),
)  # fmt: skip
_NAMES: Final = Text(
    "图层可用本工具代码、官方名称或中文名称。方括号内为条件，以分号隔开，须同时满足：field=a,b（末尾 * 表示任意后缀）、field!=a、field>=5。",
    "A layer goes by our id, its official name or its Chinese name. Brackets hold conditions, parted by semicolons, all of which must "
    "hold: field=a,b (a trailing * stands for any ending), field!=a, field>=5.",
)
_TRY: Final = Text(
    "检查写法并生成、试算图示用例：gis clauses 成果标准.yaml --cases 文件夹",
    "See how yours are understood, and make and try drawn cases: gis clauses PROFILE --cases FOLDER",
)
_EXAMPLE: Final = Text("示例", "Drawn case")
_FOUND: Final = Text("检出：", "Found: ")


def clauses_page(language: Language = "zh") -> str:
    """Every form of clause with an example, and the first of them drawn: once broken, once kept.

    Example:
        >>> "must not overlap" in clauses_page("en")
        True
    """
    lines = [_TITLE.render(language), ""]
    lines += [f"  {name.render(language)}\n    {said.render(language)}" for name, said in _FORMS]
    lines += ["", _NAMES.render(language), _TRY.render(language)]
    name, said = _FORMS[0]
    clause = Clause("XC01", name, said.render(language))
    unit = clause_rule(clause).unit
    for case in cases_drawn(skeleton(clause)):
        title = f"{_EXAMPLE.render(language)} · {case.title.render(language)}"
        lines += ["", title, _FOUND.render(language) + found_words(case, unit, language), sketch(case.plan, language)]
    return "\n".join(each.rstrip() for each in lines)
