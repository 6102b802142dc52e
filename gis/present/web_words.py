"""The words of the map page, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["WORDS"]

WORDS: Final[Mapping[str, Text]] = {
    "yes": Text("是", "yes"),
    "no": Text("否", "no"),
    "ha": Text("公顷", "ha"),
    "mu": Text("亩", "mu"),
    "unknown_code": Text("未知代码", "unknown code"),
    "opacity": Text("不透明度", "Opacity"),
    "zoom_layer": Text("缩放至图层", "Zoom to layer"),
    "feature_count": Text("要素 {n} 个", "{n} features"),
    "layer_more": Text("不透明度与说明", "Opacity and notes"),
    "data_date": Text("数据日期", "Date of data"),
    "all_or_none": Text("全选/全不选", "all / none"),
    "relief": Text("地形晕渲", "Relief shading"),
    "findings": Text("检查结果", "Findings"),
    "filter": Text("按级别筛选", "Filter by severity"),
    "finding_what": Text("问题", "Finding"),
    "finding_size": Text("数值", "Measure"),
    "finding_feature": Text("要素", "Feature"),
    "finding_other": Text("相关要素", "Other feature"),
    "finding_waived": Text("豁免理由", "Waived because"),
    "doubt": Text("精度影响", "accuracy"),
    "no_place": Text("（无图形，不能定位）", " (no geometry to show)"),
    "no_findings": Text("未发现问题。", "Nothing found."),
    "not_run": Text("未检查的规则（{n} 条）", "Rules that did not run ({n})"),
    "more": Text("显示更多", "Show more"),
    "more_here": Text("此处还有更多要素，请放大或关闭部分图层。", "There is more here; zoom in or switch layers off."),
    "search": Text("搜索名称或编号", "Search by name or id"),
    "nothing_found": Text("没有找到。", "Nothing found."),
    "more_found": Text("只列出前 {n} 项，请输入更多文字。", "Only the first {n} are listed; type more."),
    "zoom_in": Text("放大", "Zoom in"),
    "zoom_out": Text("缩小", "Zoom out"),
    "whole": Text("全图", "Whole plan"),
    "measure_distance": Text("测距", "Distance"),
    "measure_area": Text("测面", "Area"),
    "measure_hint": Text(
        "点击加点，双击结束，退格键撤销，Esc 退出",
        "Click to add points, double-click to end, Backspace to undo, Esc to leave",
    ),
    "measure_note": Text("示意量算，不作为面积、距离依据", "Approximate; not a stated length or area"),
    "measure_distance_start": Text("点击地图开始测距", "Click on the map to measure a distance"),
    "measure_area_start": Text("点击地图开始测面", "Click on the map to measure an area"),
    "coordinates": Text("经度 {lon}°　纬度 {lat}°（CGCS2000）", "lon {lon}°  lat {lat}° (CGCS2000)"),
    "coordinates_none": Text("经度 —　纬度 —", "lon —  lat —"),
    "fold": Text("收起或展开", "Fold or unfold"),
}
