"""Faults in what features say of themselves: fields, codes, names, areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from gis.demo.drafting import Draft

    Causes = set[tuple[str, str]]

__all__ = ["FAULTS"]


def _inner(frame: Any) -> Any:
    """Features of more than 2 ha: large enough to see on a map."""
    return frame.geometry.area > 20_000


def no_class_name(draft: Draft) -> Causes:
    """地类名称漏填 / a survey parcel without its class name"""
    id_ = draft.feature("survey_parcel", lambda f: _inner(f) & (f["class_code"] == "0301"))
    draft.set("survey_parcel", id_, class_name=None)
    return {("DQ02", id_)}


def no_zone_area(draft: Draft) -> Causes:
    """规划分区面积漏填 / a planning zone without its area"""
    id_ = draft.feature("planning_zone", lambda f: _inner(f) & (f["zone_code"] == "530"))
    draft.set("planning_zone", id_, area_m2=float("nan"))
    return {("DQ02", id_)}


def same_id_twice(draft: Draft) -> Causes:
    """两条历史文化保护线标识码相同 / two heritage lines with the same id"""
    one, other = draft["heritage_line"].index[:2]
    draft.set("heritage_line", other, feature_id=one)
    return {("DQ03", f"{one}#1"), ("DQ03", f"{one}#2")}


def short_id(draft: Draft) -> Causes:
    """标识码位数不对 / an id of the wrong length"""
    id_ = draft.feature("hazard_area", lambda f: f["level"] == "低")
    draft.set("hazard_area", id_, feature_id="3399000001")
    return {("DQ04", "")}  # one place for the layer: ids are made by the layer


def unknown_planned_class(draft: Draft) -> Causes:
    """规划用地代码不在代码表内 / planned land use with a code that does not exist"""
    away = _lines_of(draft)
    keep = lambda f: _inner(f) & (f["class_code"] == "0701") & ~f.geometry.intersects(away)  # noqa: E731
    id_ = draft.feature("land_use_plan", keep)
    draft.set("land_use_plan", id_, class_code="0799")
    return {("DQ05", id_)}


def unknown_survey_class(draft: Draft) -> Causes:
    """三调地类编码不在代码表内 / a survey parcel with a code that does not exist"""
    id_ = draft.feature("survey_parcel", lambda f: _inner(f) & (f["class_code"] == "0301"))
    draft.set("survey_parcel", id_, class_code="0399")
    return {("DQ05", id_)}


def wrong_class_name(draft: Draft) -> Causes:
    """地类编码与名称不一致 / class code and class name disagree"""
    id_ = draft.feature("survey_parcel", lambda f: _inner(f) & (f["class_code"] == "0301"))
    draft.set("survey_parcel", id_, class_name="水田")
    return {("DQ06", id_)}


def wrong_planned_name(draft: Draft) -> Causes:
    """规划用地代码与名称不一致 / code and name of planned land use disagree"""
    id_ = draft.feature("land_use_plan", lambda f: _inner(f) & (f["class_code"] == "0701"))
    draft.set("land_use_plan", id_, class_name="一类工业用地")
    return {("DQ06", id_)}


def zone_area_off(draft: Draft) -> Causes:
    """分区填写面积偏大一成 / a zone that states a tenth too much, so that the zones exceed the control area"""
    id_ = draft.feature("planning_zone", lambda f: _inner(f) & (f["zone_code"] == "530"))
    draft.set("planning_zone", id_, area_m2=round(draft.value("planning_zone", id_, "area_m2") * 1.1, 2))
    return {("DQ07", id_), ("DQ14", "")}


def net_area_off(draft: Draft) -> Causes:
    """净面积不等于毛面积减扣除面积 / net area is not gross area less deduction"""
    id_ = draft.feature("survey_parcel", lambda f: _inner(f) & f["class_code"].str.startswith("01"))
    draft.set("survey_parcel", id_, net_area_m2=round(draft.value("survey_parcel", id_, "net_area_m2") - 80.0, 2))
    return {("DQ08", id_)}


def negative_area(draft: Draft) -> Causes:
    """填写面积为负 / a negative area"""
    id_ = draft.feature("flood_risk_line", _inner)
    draft.set("flood_risk_line", id_, area_m2=-draft.value("flood_risk_line", id_, "area_m2"))
    return {("DQ09", id_)}


def wrong_county(draft: Draft) -> Causes:
    """行政区代码填错 / the area code of another county"""
    codes = list(draft["county"].index)
    id_ = draft.feature("urban_development_boundary", lambda f: f["zone_code"] == "430")
    mine = draft.value("urban_development_boundary", id_, "area_code")
    draft.set("urban_development_boundary", id_, area_code=codes[(codes.index(mine) + 1) % len(codes)])
    return {("DQ10", id_)}


def control_total_off(draft: Draft) -> Causes:
    """县级控制面积与图斑之和不闭合 / a county whose control area its parcels do not sum up to"""
    id_ = str(draft["county"].index[-1])
    draft.set("county", id_, area_m2=round(draft.value("county", id_, "area_m2") + 12.34, 2))
    return {("DQ11", id_)}


def no_area_code_field(draft: Draft) -> Causes:
    """规划用地缺少必填字段 / planned land use lacks a field it must have"""
    draft.layers["land_use_plan"] = draft["land_use_plan"].drop(columns="area_code")
    return {("DQ01", "area_code")}


def boundary_of_no_kind(draft: Draft) -> Causes:
    """城镇开发边界分区不属于三类 / a piece of the boundary that is none of the three kinds"""
    id_ = draft.feature("urban_development_boundary", lambda f: f["zone_code"] == "430")
    draft.set("urban_development_boundary", id_, zone_code="450", zone_name="其他功能区")
    return {("UB02", id_)}


def farmland_was_forest(draft: Draft) -> Causes:
    """划定时为林地 / farmland that was forest at designation"""
    id_ = draft.feature("permanent_basic_farmland", _inner)
    draft.set("permanent_basic_farmland", id_, class_code="0301", class_name="乔木林地")
    return {("FP01", id_)}


def farmland_too_steep(draft: Draft) -> Causes:
    """25度以上坡耕地 / farmland above 25°, no terrace"""
    id_ = draft.feature("permanent_basic_farmland", _inner)
    draft.set("permanent_basic_farmland", id_, slope_class="5", cultivated_kind="PD")
    return {("FP02", id_)}


def farmland_in_a_river_bed(draft: Draft) -> Causes:
    """河道耕地 / cultivated land in a river bed, not accepted as stable"""
    id_ = draft.feature("permanent_basic_farmland", _inner)
    draft.set("permanent_basic_farmland", id_, refinement_code="HDGD", stable="0")
    return {("FP05", id_)}


def town_named_twice(draft: Draft) -> Causes:
    """同县两个居民点重名 / two settlements of one name in one county"""
    frame = draft["settlement"]
    villages = frame[frame["tier"] == frame["tier"].iloc[-1]]
    county = villages["area_code"].str[:6]
    one, other = villages.index[(county == county.iloc[0]).to_numpy()][:2]
    draft.set("settlement", other, name=draft.value("settlement", one, "name"))
    return {("US02", one), ("US02", other)}


def town_without_theme(draft: Draft) -> Causes:
    """特色小城镇未明确主题 / a characteristic town without a theme"""
    id_ = str(draft["featured_town"].index[0])
    draft.set("featured_town", id_, theme=None)
    return {("US04", id_)}


def _lines_of(draft: Draft) -> Any:
    """The ground of the urban lines and of the flood line, together."""
    names = ("urban_green_line", "urban_blue_line", "urban_yellow_line", "flood_risk_line")
    found = draft[names[0]].geometry.union_all()
    for name in names[1:]:
        found = found.union(draft[name].geometry.union_all())
    return found


FAULTS: Final[tuple[Callable[[Draft], Causes], ...]] = (
    no_class_name,
    no_zone_area,
    same_id_twice,
    short_id,
    unknown_planned_class,
    unknown_survey_class,
    wrong_class_name,
    wrong_planned_name,
    zone_area_off,
    net_area_off,
    negative_area,
    wrong_county,
    control_total_off,
    boundary_of_no_kind,
    farmland_was_forest,
    farmland_too_steep,
    farmland_in_a_river_bed,
    town_named_twice,
    town_without_theme,
    no_area_code_field,
)
