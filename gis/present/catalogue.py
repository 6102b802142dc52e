"""The catalogue as a folder of pages: everything a plan is checked for and measured by, cross-linked, offline, in both languages."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gis import __version__
from gis.i18n import Text
from gis.model.finding import Severity
from gis.present.atomic import whole_folder
from gis.present.catalogue_pages import KINDS, Page, pages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.i18n import Language

__all__ = ["save_catalogue"]

_FOLDER: Final = Path(__file__).parent / "catalogue_web"
_FILES: Final = ("style.css", "catalogue.js")

_WORDS: Final = {
    "title": Text("蓝图规则与数据目录", "Lantu catalogue"),
    "lead": Text(
        "国土空间规划检查与测算所依据的全部概念、规则、图层、表格、指标和依据。规则附图示用例、参数和整改办法；离线可用，可打印。",
        "Every concept, rule, layer, table, indicator and source by which a territorial plan is checked and measured. Rules come with "
        "drawn examples, parameters and how to mend a plan. Works offline; prints.",
    ),
    "search": Text("搜索编号、名称、图层代码", "search"),
    "remedy": Text("如何整改", "How to mend it"),
    "family": Text("规则类别", "Family"),
    "concept": Text("概念", "Concept"),
    "relation": Text("判定关系", "Judged"),
    "unit": Text("单位", "Unit"),
    "held": Text("适用期间", "In force"),
    "subsumes": Text("同处合并下列规则的问题", "Tells at the same place"),
    "subsumed_by": Text("同处问题归入", "Told at the same place by"),
    "needs": Text("所需数据", "Needs"),
    "parameters": Text("参数", "Parameters"),
    "parameter": Text("参数", "Parameter"),
    "meaning": Text("含义", "Meaning"),
    "value": Text("默认值", "Default"),
    "basis": Text("来源", "Basis"),
    "assumed": Text("假定，待确认", "assumed, to be confirmed"),
    "official": Text("有依据", "from the source"),
    "cites": Text("依据", "Sources"),
    "verify": Text("待核实", "to be verified"),
    "cases": Text("图示用例", "Drawn examples"),
    "found": Text("检出", "Found"),
    "found_place": Text("检出位置", "place found"),
    "situations": Text("全部用例", "All examples"),
    "section": Text("见讲话", "The speech,"),
    "asks": Text("对空间的要求", "What it asks of space"),
    "terms": Text("相关提法：", "Terms:"),
    "layers": Text("体现于图层", "Layers"),
    "rules": Text("相关规则", "Rules"),
    "indicators": Text("相关指标", "Indicators"),
    "names": Text("可识别的名称", "Names it is known by"),
    "geometry": Text("图形", "Geometry"),
    "status": Text("性质", "Status"),
    "key": Text("标识字段", "Key"),
    "position": Text("假定的位置精度", "Assumed accuracy"),
    "topology": Text("拓扑要求", "Topology"),
    "single_part": Text("单部件", "single parts"),
    "no_overlap": Text("互不重叠", "no overlaps"),
    "no_gap": Text("无缝隙", "no gaps"),
    "scopes": Text("范围变体", "Variants"),
    "fields": Text("字段", "Fields"),
    "field": Text("名称", "Label"),
    "id": Text("字段", "Field"),
    "type": Text("类型", "Type"),
    "required": Text("约束", "Required"),
    "codes": Text("代码表", "Code table"),
    "code": Text("官方编号", "Official code"),
    "direction": Text("评价方向", "Judged as"),
    "number": Text("文号", "Number"),
    "issuer": Text("发布单位", "Issued by"),
    "issued": Text("发布日期", "Issued"),
    "force": Text("效力，截至", "Force on"),
    "successor": Text("替代文件", "Superseded by"),
    "replaces": Text("替代了", "Supersedes"),
    "certainty": Text("核实程度", "Certainty"),
    "note": Text("备注", "Note"),
    "cited_rules": Text("引用它的规则", "Rules that cite it"),
    "cited_indicators": Text("引用它的指标", "Indicators that cite it"),
    "foot": Text("辅助研判，不作为行政许可依据", "For study only; not a basis for administrative permission"),
    "law_of": Text("依据效力截至", "law as of"),
}


def save_catalogue(folder: str | Path, *, language: Language = "zh", as_of: date | None = None) -> Path:
    """The path of a new folder of pages, `index.html` first; both languages are on every page, `language` is shown first.

    Whether a source is in force is said for the day `as_of`, by default today. Nothing is asked of the network.

    Raises: WriteError if the folder exists and is not empty, or cannot be written.
    """
    day = as_of or date.today()
    found = pages(day)
    environment = Environment(
        loader=FileSystemLoader(_FOLDER, encoding="utf-8"),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    template = environment.get_template("page.html.j2")
    shared = {
        "words": _WORDS,
        "kinds": KINDS,
        "severities": list(Severity),
        "language": language,
        "as_of": day.isoformat(),
        "version": __version__,
        "comma": Text("、", ", "),
    }
    with whole_folder(folder) as target:
        for name in _FILES:
            _write(target / name, (_FOLDER / name).read_text("utf-8"))
        _write(target / "search_data.js", f"const CATALOGUE = {json.dumps(_search(found), ensure_ascii=False)};\n")
        _write(target / "index.html", template.render(**shared, page=None, base="", **_index(found)))
        for page in found:
            path = target / page.href
            path.parent.mkdir(exist_ok=True)
            _write(path, template.render(**shared, page=page, base="../"))
    return Path(folder)


def _write(path: Path, text: str) -> None:
    path.write_text(text.lstrip(), encoding="utf-8", newline="\n")


def _search(found: Sequence[Page]) -> list[dict[str, str]]:
    """What the search looks through."""
    return [
        {
            "id": each.id, "kind": each.kind, "zh": each.title.zh, "en": each.title.en, "words": each.words,
            "href": each.href, "kind_zh": KINDS[each.kind].zh, "kind_en": KINDS[each.kind].en,
        }
        for each in found
    ]  # fmt: skip


def _index(found: Sequence[Page]) -> dict[str, Any]:
    """The pages by kind, and by group within each, groups in the order in which they first come."""
    index: dict[str, list[tuple[Text, list[Page]]]] = {}
    for kind in KINDS:
        groups: dict[Text, list[Page]] = {}
        for each in found:
            if each.kind == kind:
                groups.setdefault(each.group, []).append(each)
        index[kind] = list(groups.items())
    return {"index": index, "counts": {kind: sum(each.kind == kind for each in found) for kind in KINDS}}
