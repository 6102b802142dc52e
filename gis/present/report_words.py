"""The words of the report, in both languages."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FORCE", "MET", "READING", "SECTIONS", "WORDS"]

SECTIONS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "summary": Text("检查结论", "Summary"),
        "overview": Text("总图", "Overview map"),
        "problems": Text("未通过和无法判断的规则", "Rules that failed or could not be decided"),
        "indicators": Text("指标测算", "Indicators"),
        "not_run": Text("未检查的规则", "Rules that did not run"),
        "waived": Text("已豁免的问题", "Waived findings"),
        "passed": Text("通过的规则", "Rules that passed"),
        "assumed": Text("假定参数确认表", "Assumed values to sign off"),
        "data": Text("数据目录", "Data register"),
        "sources": Text("依据清单", "Sources"),
    }
)
"""The sections, in order."""

FORCE: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "in_force": Text("现行有效", "in force"),
        "not_yet": Text("尚未施行", "not yet in force"),
        "repealed": Text("已废止", "repealed"),
        "unknown": Text("施行日期待核实", "date in force to be verified"),
        "reference": Text("参考资料", "for reference"),
    }
)
READING: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "default": Text(
            "各规则默认口径（交付、拓扑和三线规则从严）", "each rule's own (strict for delivery, topology and lines)"
        ),
        "strict": Text("质检口径（从严）", "strict, as the official check"),
        "study": Text("研判口径（考虑数据精度）", "study, three-valued"),
    }
)
MET: Final[Mapping[bool | None, Text]] = MappingProxyType(
    {True: Text("达到", "met"), False: Text("未达到", "missed"), None: Text("—", "—")}
)

WORDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "title": Text("国土空间规划检查与指标测算报告", "Check and measurement of a territorial plan"),
        "unnamed": Text("（未命名规划）", "(unnamed plan)"),
        "crs": Text("坐标系", "CRS"),
        "as_of": Text("基准日期", "as of"),
        "profile": Text("成果标准", "profile"),
        "reading": Text("判定口径", "reading"),
        "content": Text("数据内容", "data"),
        "content_value": Text("{layers} 个图层，{features} 个要素", "{layers} layers, {features} features"),
        "version": Text("工具版本", "version"),
        "not_measured": Text("本报告未附指标测算。", "No indicators were measured for this report."),
        "errors": Text("错误", "errors"),
        "warnings": Text("警告", "warnings"),
        "notes": Text("提示", "notes"),
        "undecidable": Text("无法判断", "undecidable"),
        "waived": Text("已豁免", "waived"),
        "rules": Text("规则", "rules"),
        "passed": Text("通过", "passed"),
        "failed": Text("未通过", "failed"),
        "not_run": Text("未检查", "not run"),
        "places": Text("处", "places"),
        "targets": Text("指标目标", "targets"),
        "met": Text("达到", "met"),
        "missed": Text("未达到", "missed"),
        "none": Text("无。", "None."),
        "rule": Text("规则", "Rule"),
        "rule_title": Text("名称", "Title"),
        "count": Text("问题数", "Findings"),
        "elsewhere": Text(
            "{count} 处已由规则 {rule} 列出，不重复计数", "{count} told by rule {rule}, not counted again"
        ),
        "note": Text("检查说明", "How it ran"),
        "reason": Text("未检查原因", "Why not"),
        "parameters": Text("参数", "Parameters"),
        "parameter": Text("参数", "Parameter"),
        "value": Text("数值", "Value"),
        "meaning": Text("含义", "Meaning"),
        "assumed": Text("假定", "assumed"),
        "confirm": Text("确认（签字、日期）", "Confirmed (name, date)"),
        "basis": Text("依据", "Cites"),
        "in_force_from": Text("{day} 起施行", "in force from {day}"),
        "in_force_to": Text("至 {day}", "to {day}"),
        "superseded": Text("由{title}替代", "superseded by {title}"),
        "number": Text("序号", "No."),
        "feature": Text("要素", "Feature"),
        "other": Text("相关要素", "Other feature"),
        "size": Text("数值", "Measure"),
        "message": Text("说明", "Message"),
        "waived_why": Text("豁免理由", "Waived because"),
        "doubt": Text("存疑 {doubt}", "{doubt} in doubt"),
        "doubtful": Text("无法判断", "undecidable"),
        "locator": Text("位置", "where"),
        "close_up": Text("第 1 处放大", "No. 1, enlarged"),
        "cut": Text(
            "本表列前 {shown} 处，共 {all} 处；其余 {rest} 处见检查结果文件（命令 gis check --out findings.gpkg 生成）。",
            "The first {shown} of {all} are listed; the other {rest} are in the findings file (gis check --out findings.gpkg).",
        ),
        "again": Text(
            "本报告附有 {count} 处问题的图形，打开时由浏览器离线复算面积；另有 {left} 处因数量或大小所限未附。",
            "This report carries the shapes of {count} findings, and the browser works out their areas again, offline; {left} more "
            "were too many or too large.",
        ),
        "again_not": Text(
            "规划坐标系不是 CGCS2000 高斯—克吕格投影，浏览器不复算面积；可用 gis verify 复核。",
            "The plan's CRS is no CGCS2000 Gauss–Krüger plane, so the browser works out no areas; gis verify does.",
        ),
        "same": Text("复算一致", "same again"),
        "differs": Text("复算不一致", "differs"),
        "tally": Text(
            "浏览器复算：一致 {same} 处，不一致 {differs} 处。",
            "Worked out again in this browser: {same} the same, {differs} differ.",
        ),
        "public_cut": Text("公开版不列要素和位置。", "The public version lists no features and places."),
        "some_assumed": Text(
            "{all} 条规则中有 {used} 条使用假定参数，结论以本单位确认为准，见“假定参数确认表”。",
            "{used} of {all} rules use assumed values; results hold once they are signed off, see the list of assumed values.",
        ),
        "assumed_lead": Text(
            "下列参数的官方取值未能核实，本次按假定值检查。请逐项确认：用 gis sign-off 生成确认表，填好后写成本单位成果标准，即不再标为假定。",
            "The official values of these parameters could not be verified. Confirm each: gis sign-off writes the sheet and makes a "
            "profile of it; what is confirmed there is no longer marked as assumed.",
        ),
        "not_run_lead": Text(
            "下列规则未检查，不视为通过。规则所需的数据未提供，或依据在基准日期不施行，原因逐条列明。",
            "These rules did not run: their data was not given, or their source was not in force on the day. They do not count as passed.",
        ),
        "waived_lead": Text(
            "下列问题已由责任人说明理由，不计入问题总数。",
            "These were accepted with a reason and do not count in the totals.",
        ),
        "indicator": Text("指标", "Indicator"),
        "code": Text("编号", "Code"),
        "target": Text("目标", "Target"),
        "gap": Text("差距", "Gap"),
        "state": Text("评价", "Result"),
        "from_layers": Text("数据：", "Data: "),
        "gap_note": Text(
            "差距为正表示优于目标，为负表示未达到；预期性指标只列与目标的差值，不作达标评价。",
            "A gap above 0 is better than the target, below 0 short of it; expected figures show the distance only and are not judged.",
        ),
        "by_unit": Text("分{unit}指标", "Indicators by {unit}"),
        "definition_assumed": Text("口径为本工具假定", "definition assumed"),
        "layer": Text("图层", "Layer"),
        "file": Text("来源文件", "File"),
        "date": Text("数据日期", "Date of data"),
        "file_crs": Text("原坐标系", "CRS of the file"),
        "same_crs": Text("与规划一致", "as the plan"),
        "features": Text("要素数", "Features"),
        "encoding": Text("编码", "Encoding"),
        "unknown_fields": Text("未识别字段", "Unknown fields"),
        "in_memory": Text("（内存数据）", "(in memory)"),
        "unknown_layers": Text("未识别的图层（保留，未参与检查）", "Layers nobody knows (kept, not checked)"),
        "rasters": Text("栅格", "Rasters"),
        "tables": Text("表格", "Tables"),
        "notices": Text("需要注意", "To be noted"),
        "title_of_source": Text("名称", "Title"),
        "doc_number": Text("文号", "Number"),
        "issuer": Text("发布单位", "Issued by"),
        "force": Text("效力（{day}）", "Force on {day}"),
        "used_by": Text("引用", "Cited by"),
        "sources_lead": Text(
            "文号和日期以本单位核对为准；标“待核实”的条目未见原文。",
            "Numbers and dates are to be checked by the bureau; those marked so were not seen in the original.",
        ),
        "verify": Text("待核实", "to be verified"),
        "map_caption": Text(
            "三条控制线、行政区与检查结果", "The three control lines, administrative units and findings"
        ),
        "clean": Text("在已检查的规则范围内未发现问题。", "Nothing was found within the rules that ran."),
        "conclusion": Text(
            "共检查规则 {run} 条，其中未通过 {failed} 条、无法判断 {undecidable} 条、通过 {passed} 条；另有 {not_run} 条未检查。"
            "发现问题 {places} 处：错误 {errors} 处、警告 {warnings} 处、提示 {notes} 处；另有 {doubtful} 处无法判断。",
            "{run} rules ran: {failed} failed, {undecidable} could not be decided, {passed} passed; {not_run} did not run. "
            "{places} places were found: {errors} errors, {warnings} warnings, {notes} notes; {doubtful} more cannot be decided.",
        ),
    }
)
