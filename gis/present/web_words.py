"""The words of the map page, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SITING_WORDS", "WORDS"]

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

SITING_WORDS: Final[Mapping[str, Text]] = {
    "siting": Text("选址核对", "Siting check"),
    "siting_title": Text(
        "画出或粘贴项目范围，核对各控制线和分区", "Draw or paste a site and check it against lines and zones"
    ),
    "siting_shut": Text("关闭", "Close"),
    "siting_use": Text("拟用途", "Use"),
    "siting_use_hint": Text("代码或名称，如 1001 工业用地", "code or name, e.g. 1001"),
    "siting_kind": Text("项目类型", "Kind"),
    "siting_listed": Text("已列入重点项目清单", "on a list of key projects"),
    "siting_text": Text("界址点坐标", "Boundary points"),
    "siting_text_hint": Text(
        "每行一点：X（北坐标）,Y（东坐标）；各环之间空一行。也可粘贴报批坐标 TXT 或 GeoJSON，或在图上绘制。",
        "One point a line: X (north), Y (east); a blank line between rings. Or paste a land-approval coordinate TXT or GeoJSON, or draw on the map.",
    ),
    "siting_draw": Text("在图上绘制", "Draw"),
    "siting_drawing": Text(
        "点击加点，双击结束，退格键撤销，Esc 退出。已有 {n} 点，约 {ha} 公顷",
        "Click to add points, double-click to end, Backspace to undo, Esc to leave. {n} points, about {ha} ha",
    ),
    "siting_judge": Text("核对", "Check"),
    "siting_wipe": Text("清除", "Clear"),
    "siting_about": Text(
        "全部计算在本页内完成，不联网。坐标系：{system}；按 {day} 有效的依据判断；面积为椭球面积。",
        "All of it is computed in this page, with no network. CRS: {system}; by what is in force on {day}; areas on the ellipsoid.",
    ),
    "siting_area": Text("项目面积", "Site"),
    "siting_outside": Text("{layer}以外", "outside {layer}"),
    "siting_part": Text("{layer}（{part}）", "{layer} ({part})"),
    "siting_show": Text("在图上显示该图层", "Show the layer on the map"),
    "siting_head_layer": Text("图层与要求", "Layer and what it asks"),
    "siting_head_area": Text("占用面积", "Area taken"),
    "siting_head_share": Text("占比", "Share"),
    "siting_group_conflict": Text("存在冲突", "Conflict"),
    "siting_group_undecidable": Text("无法判断", "Cannot be decided"),
    "siting_group_conditional": Text("需补充条件", "Conditions to be met"),
    "siting_group_inform": Text("涉及但不影响结论", "Met, without bearing on the answer"),
    "siting_group_touch": Text("仅相邻、未占用（{n}）", "Adjoined, nothing taken ({n})"),
    "siting_group_clear": Text("未涉及（{n}）", "Not met ({n})"),
    "siting_group_missing": Text("规划中缺少的图层（{n}）", "Layers that the plan lacks ({n})"),
    "siting_no_layer": Text("规划中没有该图层的数据", "the plan has no data of this layer"),
    "siting_beyond": Text("超出该图层范围，无法判断", "the site lies beyond this layer, so nothing can be said"),
    "siting_no_case": Text(
        "判断表未列出此情形，须人工核定", "the judging table does not hold this case; decide it by hand"
    ),
    "siting_doubt": Text(
        "宽度在数据精度以内，需实地核定", "no wider than the data are accurate: to be settled on the ground"
    ),
    "siting_no_use": Text(
        "未填写拟用途，因用途而异的规定未按具体用途判断。",
        "No use was given: what depends on the use was not judged for any.",
    ),
    "siting_advance": Text(
        "先行用地须有列入清单的项目及批准文件", "advance use needs a listed project and its document"
    ),
    "siting_read_degrees": Text(
        "坐标按经纬度（CGCS2000）读取。", "The coordinates were read as longitude and latitude (CGCS2000)."
    ),
    "siting_read_zone": Text(
        "坐标按中央经线 {meridian}°、带号 {zone} 读取，{order}。",
        "The coordinates were read by the central meridian {meridian}°, zone number {zone}; {order}.",
    ),
    "siting_read_taken": Text(
        "坐标没有带号，按规划的中央经线 {meridian}° 读取，{order}。",
        "The coordinates have no zone number and were read by the plan's central meridian {meridian}°; {order}.",
    ),
    "siting_order_usual": Text("北坐标在前", "north first"),
    "siting_order_json": Text("东坐标在前", "east first"),
    "siting_order_other": Text(
        "坐标次序与惯例相反，已对调，请核对", "they stand in the unusual order and were exchanged, please check"
    ),
    "siting_fault_empty": Text(
        "没有坐标。请在图上绘制范围，或粘贴界址点。",
        "There are no coordinates. Draw the site on the map, or paste its points.",
    ),
    "siting_fault_line": Text(
        "第 {n} 行“{line}”不是一个界址点。请按“点号,环号,X,Y”“点号,X,Y”或“X,Y”填写。",
        "Line {n}, “{line}”, is no boundary point. Write “point, ring, X, Y”, “point, X, Y” or “X, Y”.",
    ),
    "siting_fault_json": Text(
        "GeoJSON 内容不完整。请粘贴完整的面要素。", "The GeoJSON is not whole. Paste complete polygon features."
    ),
    "siting_fault_kind": Text(
        "图形类型 {kind} 不是面。请给出面；线路请用 gis site 按宽度核对。",
        "The geometry {kind} is no polygon. Give polygons; for a line with a width use gis site.",
    ),
    "siting_fault_system": Text(
        "坐标系“{name}”不支持。请改用 CGCS2000 经纬度或高斯—克吕格坐标。",
        "The system “{name}” is not supported. Use CGCS2000 degrees or Gauss–Krüger coordinates.",
    ),
    "siting_fault_zone": Text(
        "带号 {n} 不在我国范围内。请核对坐标和 X、Y 的次序。",
        "Zone number {n} is not one of China's. Check the coordinates and the order of X and Y.",
    ),
    "siting_fault_degrees": Text(
        "声明为经纬度，数值却是米。请核对坐标系。", "Declared as degrees, but the numbers are metres. Check the system."
    ),
    "siting_fault_metres": Text(
        "声明为投影坐标，数值却像经纬度。请核对坐标系。",
        "Declared as projected, but the numbers look like degrees. Check the system.",
    ),
    "siting_fault_many": Text("界址点超过 {n} 个。请改用 gis site。", "There are more than {n} points. Use gis site."),
    "siting_fault_flat": Text(
        "范围没有面积。请至少给出三个不在一条线上的点，并核对次序。",
        "The site has no area. Give at least three points that are not on one line, and check their order.",
    ),
    "siting_fault_far": Text(
        "范围远在规划所在的投影带以外。请核对坐标、带号和 X、Y 的次序。",
        "The site is far outside the plan's zone. Check the coordinates, the zone number and the order of X and Y.",
    ),
    "siting_fault_crossing": Text(
        "边界自相交，或各部分重叠约 {m2} 平方米。请核对界址点次序。",
        "The boundary crosses itself, or parts overlap by about {m2} m². Check the order of the points.",
    ),
    "siting_fault_use": Text(
        "用途“{use}”不在用地用海分类中。请填写代码或名称，例如 1001 工业用地。",
        "The use “{use}” is not in the classification. Give a code or a name, e.g. 1001.",
    ),
}
"""The words of siting in the page; a fault says which thing, what is wrong, what to do."""
