"""Rules on attributes (数据质量). Ids start with DQ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.quantities import number
from gis.i18n import Text
from gis.model.finding import Severity
from gis.model.layers import LAYERS
from gis.rules import attributes
from gis.rules.attributes import coded, codes, delivered, lowered, trusted, whole_layer
from gis.rules.base import NotRun, Param, Places, rule
from gis.rules.law import tables_in_force
from gis.rules.verbs import drawn_m2, located_in, official_m2, polygon_layers, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gis.model.plan import Plan

_ANY_LAYER: Final[Mapping[str, Any]] = {"relation": "none", "needs": ("any:",), "concept": "territorial_plan"}
_ABOVE_COUNTY: Final = ("municipality", "county", "sea_area", "central_district")
NET_AREAS: Final = {
    "survey_parcel": ("area_m2", "deducted_area_m2", "net_area_m2"),
    "permanent_basic_farmland": ("gross_area_m2", "deducted_area_m2", "area_m2"),
}
"""Gross, deducted and net area field of the layers that state all three. Source: field-contract."""
_CODE, _NAME = Text("行政区代码", "area code"), Text("行政区名称", "area name")
_UNKNOWN: Final = Text("代码 {code} 不在{table}代码表中", "{code} is not among the {table}")


@rule(
    "DQ01",
    title=Text("字段符合规范", "Fields are as specified"),
    severity=Severity.ERROR,
    **_ANY_LAYER,
    cites=("city-db-2021", "field-contract", "qc-practice"),
    unit="",
    message=Text("{layer} 字段 {label}（{feature}）{fault}", "{layer}: field {feature} ({label}) {fault}"),
    remedy=Text("按数据库规范补充字段或改正字段类型。", "Add the field, or mend its type, as the specification says."),
)
def fields_are_as_specified(plan: Plan) -> Iterator[Places]:
    """The fields (in place of features) that a layer lacks, or whose values do not fit their type (a warning).

    A day is a real one, written yyyymmdd or with separators; a year has four digits. Lengths are not compared: the
    specification's are not known for certain, and a round trip through another format changes them.

    Fails: a redline without an administrative code; areas that hold words; the day 20241399; the year 20231.
    Passes: optional fields that are missing; fields under any of their official names.
    """
    for layer in plan:
        frame, fields = plan[layer], LAYERS[layer].fields
        lacking = [
            name for name, where in attributes.due(plan, layer) if name not in frame and (where.any() or not len(frame))
        ]
        kinds = {name: "year" if name.endswith("year") else each.type for name, each in fields.items()}
        faults = {name: attributes.type_fault(frame[name], kind) for name, kind in kinds.items() if name in frame}
        unfit = {name: fault for name, fault in faults.items() if fault is not None}
        yield attributes.field_places(layer, lacking, [attributes.MISSING] * len(lacking), lowered(layer))
        yield attributes.field_places(layer, list(unfit), list(unfit.values()), lowered(layer) or Severity.WARNING)


@rule(
    "DQ02",
    title=Text("必填字段非空", "Mandatory fields are not empty"),
    severity=Severity.ERROR,
    **_ANY_LAYER,
    cites=("city-db-2021", "qc-practice"),
    unit="",
    message=Text("{layer} {feature} 未填写：{fields}", "{layer} {feature} leaves empty: {fields}"),
    remedy=Text("补填；耕地须填写坡度级别。", "Fill them; cultivated land needs its slope class."),
)
def mandatory_fields_are_filled(plan: Plan) -> Iterator[Places]:
    """The features that leave a mandatory field empty; a field the layer lacks altogether is left to DQ01.

    Fails: a redline unit without an administrative code; cultivated land without slope class.
    Passes: forest without slope class.
    """
    for layer in plan:
        fields = [
            (name, where & attributes.blank(plan, layer, name))
            for name, where in attributes.due(plan, layer)
            if name in plan[layer]
        ]
        if fields and len(plan[layer]):
            empty = np.column_stack([each for _, each in fields])
            kinds, kind = np.unique(empty, axis=0, return_inverse=True)
            texts = [
                attributes.named(layer, [name for (name, _), bad in zip(fields, row, strict=True) if bad])
                for row in kinds
            ]
            said = np.array([*texts, None], dtype=object)[kind.ravel()]
            yield rows(plan, layer, np.asarray(empty.any(axis=1)), severity=lowered(layer), fields=said)


@rule(
    "DQ03",
    title=Text("标识码全库唯一", "Feature ids are unique in the whole database"),
    severity=Severity.ERROR,
    **_ANY_LAYER,
    cites=("ghbox", "qc-practice"),
    unit="count",
    message=Text(
        "{layer} {feature} 等 {measure:.0f} 个要素标识码重复",
        "{layer} {feature} and {measure:.0f} features in all share an id",
    ),
    remedy=Text("重新编排重复的标识码及其引用。", "Number the duplicates anew, and what refers to them."),
)
def feature_ids_are_unique(plan: Plan) -> Iterator[Places]:
    """The ids that several features of the delivered layers carry, one place per id.

    Auxiliary layers, and the before and after states of maintenance, which repeat ids lawfully, are left out.

    Fails: the same id in the redline and in permanent basic farmland.
    Passes: empty ids (DQ02 reports them); the same administrative code in two layers.
    """
    asked = [each for each in delivered(plan, "feature_id") if not each.startswith("maintenance")]
    if not asked:
        raise NotRun("没有带标识码的图层", "no layer with feature ids")
    yield from attributes.shared_ids(plan, asked)


@rule(
    "DQ04",
    title=Text("标识码为 18 位数字", "Feature ids have 18 digits"),
    severity=Severity.ERROR,
    **_ANY_LAYER,
    cites=("ghbox",),
    unit="count",
    message=Text(
        "{layer} 有 {measure:.0f} 个标识码不合格式（如 {example}）",
        "{layer} has {measure:.0f} feature ids of another form (such as {example})",
    ),
    remedy=Text("按 6＋4＋8 位重新编码；10 位旧码应升级。", "Number anew as 6 + 4 + 8 digits; upgrade ids of 10."),
)
def feature_ids_have_18_digits(
    plan: Plan,
    *,
    pattern: Annotated[
        str, Param("", Text("标识码格式（正则表达式）", "form of an id (regular expression)"))
    ] = r"[0-9]{18}",
    legacy: Annotated[
        str, Param("", Text("旧码格式，作警告（正则表达式）", "older form, a warning (regular expression)"))
    ] = r"[0-9]{10}",
) -> Iterator[Places]:
    """The delivered layers whose feature ids do not have the required form, with their number and one example.

    Ids of the older form are a warning of their own.

    Fails: an id with letters; ids of 10 digits from an older database (a warning).
    Passes: ids of 18 digits.
    """
    asked = delivered(plan, "feature_id")
    if not asked:
        raise NotRun("没有带标识码的图层", "no layer with feature ids")
    for layer in asked:
        given = codes(plan, layer, "feature_id").dropna()
        wrong = given[~given.str.fullmatch(pattern)]
        old = wrong.str.fullmatch(legacy).to_numpy(dtype=bool)
        for some, severity in ((wrong[~old], None), (wrong[old], Severity.WARNING)):
            if len(some):
                yield whole_layer(layer, len(some), severity, example=some.iloc[0])


@rule(
    "DQ05",
    title=Text("分类代码在代码表内", "Class codes are in their code table"),
    severity=Severity.ERROR,
    **_ANY_LAYER,
    cites=("class-2023-234", "class-2020"),
    unit="",
    message=Text("{layer} {feature} 分类代码有误：{fault}", "{layer} {feature} has a wrong class code: {fault}"),
    remedy=Text("改用现行代码；2020 年与 2023 年代码不得混用。", "Use the codes in force; 2020 and 2023 do not mix."),
)
def class_codes_are_known(plan: Plan) -> Iterator[Places]:
    """The features whose class code is in no code table of their day, and layers that mix codes of 2020 and 2023.

    A code may be of any table in force between the date of the layer's data and that of the plan. A table that is not
    verified gives notes.

    Fails: planned land use 9999; 060202 (2023 only) in a plan of 2022; both 0604 (2020 only) and 060202 in one layer.
    Passes: survey class 0201K; 0604 in data of 2021.
    """
    asked = list(coded(plan))
    if not asked:
        raise NotRun("没有填写分类代码的图层", "no layer has class codes")
    for layer, column, table in asked:
        code, tables = codes(plan, layer, column), tables_in_force(plan, layer, table)
        bad = code.notna() & ~code.isin(set().union(*tables))
        fault = {each: _UNKNOWN.format(code=each, table=attributes.TABLES[table]) for each in code[bad].unique()}
        yield rows(plan, layer, bad, severity=trusted(layer, table), fault=code.map(fault))
        if len(tables) > 1:
            yield from attributes.mixed_codes(layer, set(code.dropna()))


@rule(
    "DQ06",
    title=Text("代码与名称一致", "Code and name agree"),
    severity=Severity.ERROR,
    **_ANY_LAYER,
    cites=("class-2023-234", "class-2020"),
    unit="",
    message=Text(
        "{layer} {feature} 代码 {code} 的名称应为“{expected}”，填写为“{name}”",
        "{layer} {feature}: code {code} is named “{expected}”, not “{name}”",
    ),
    remedy=Text("以代码表为准改正代码或名称。", "Mend the code or the name by the code table."),
)
def code_and_name_agree(plan: Plan) -> Iterator[Places]:
    """The features whose name is not that of their code in any code table of their day; unknown codes are passed over.

    A table that is not verified gives notes.

    Fails: 0701 named 工业用地.
    Passes: the name a code had in 2020, in data of 2021.
    """
    asked = [each for each in coded(plan) if each[1].replace("code", "name") in plan[each[0]]]
    if not asked:
        raise NotRun("没有同时填写代码和名称的图层", "no layer has both codes and names")
    for layer, column, table in asked:
        code, name = codes(plan, layer, column), codes(plan, layer, column.replace("code", "name"))
        known = [{key: each.name.zh for key, each in some.items()} for some in tables_in_force(plan, layer, table)]
        named_so = [code.map(each) for each in known]
        expected = code.map({key: zh for names in reversed(known) for key, zh in names.items()})
        bad = expected.notna() & name.notna()
        for each in named_so:
            bad &= name != each
        yield rows(plan, layer, bad, severity=trusted(layer, table), code=code, name=name, expected=expected)


@rule(
    "DQ07",
    title=Text("填写面积与椭球面积一致", "Stated area equals ellipsoidal area"),
    severity=Severity.ERROR,
    **_ANY_LAYER,
    cites=("td1055",),
    unit="m2",
    message=Text(
        "{layer} {feature} 填写面积 {stated:.2f}、椭球面积 {official:.2f}，相差 {measure:.2f} 平方米{hint}",
        "{layer} {feature} states {stated:.2f}, its ellipsoidal area is {official:.2f}: {measure:.2f} m² off{hint}",
    ),
    remedy=Text("按椭球面积重算并平差；检查面积单位。", "Compute ellipsoidal areas and adjust them; check the unit."),
)
def stated_area_equals_official_area(
    plan: Plan,
    *,
    parcel_abs: Annotated[float, Param("m2", Text("图斑允许差", "tolerance per parcel"), assumed=True)] = 0.5,
    parcel_rel: Annotated[float, Param("ratio", Text("图斑允许相对差", "relative tolerance"), assumed=True)] = 0.0005,
) -> Iterator[Places]:
    """The features that state another area than the survey formula gives, beyond what adjustment (平差) explains.

    How far the formula is off the area as drawn is allowed for. A layer in another unit is one place.

    Fails: 9 990 m² stated for a hectare, of which 0.05 % are 5 m².
    Passes: 9 999 m² stated for a hectare; an area that is not stated.
    """
    have = [each for each in polygon_layers(plan) if attributes.stated_field(each) in plan[each]]
    if not have:
        raise NotRun("没有填写面积的面图层", "no polygon layer states areas")
    for layer in have:
        stated, official = number(plan, layer, attributes.stated_field(layer)), official_m2(plan, layer)
        allowed = np.maximum(parcel_abs, parcel_rel * official) + np.abs(drawn_m2(plan, layer) - official)
        bad = np.abs(stated - official) > allowed
        unit = attributes.other_unit(stated, official) if bad.any() else None
        said: dict[str, Any] = {"stated": stated, "official": official, "hint": ""}
        if unit is None:
            yield rows(plan, layer, bad, measure=stated - official, severity=lowered(layer), **said)
        else:
            hint = Text(f"，疑以{unit.zh}填写", f", probably given in {unit.en}")
            sums = {name: float(np.nansum(said[name][np.isfinite(stated)])) for name in ("stated", "official")}
            yield whole_layer(layer, sums["stated"] - sums["official"], lowered(layer), **sums, hint=hint)


@rule(
    "DQ08",
    title=Text("净面积等于毛面积减扣除面积", "Net area is gross area less deduction"),
    severity=Severity.ERROR,
    relation="none",
    needs=(),
    concept="three_control_lines",
    cites=("field-contract",),
    unit="m2",
    message=Text(
        "{layer} {feature} 净面积相差 {measure:.2f} 平方米", "{layer} {feature}: net area is {measure:.2f} m² off"
    ),
    remedy=Text("核对扣除系数，重算扣除面积和净面积。", "Check the deduction coefficient; compute both again."),
)
def net_is_gross_less_deduction(
    plan: Plan,
    *,
    tolerance: Annotated[float, Param("m2", Text("允许差", "tolerance"), assumed=True)] = 0.01,
) -> Iterator[Places]:
    """The features whose gross, deducted and net areas do not add up; without a deduction nothing is compared.

    Fails: 1000 m² gross, 50 m² deducted, 940 m² net.
    Passes: 1000 m² gross, 50 m² deducted, 950 m² net.
    """
    have = [layer for layer, fields in NET_AREAS.items() if plan.has(layer, *fields)]
    if not have:
        raise NotRun("没有同时填写毛面积、扣除面积和净面积的图层", "no layer states gross, deducted and net area")
    for layer in have:
        gross, deducted, net = (number(plan, layer, each) for each in NET_AREAS[layer])
        off = net - (gross - deducted)
        yield rows(plan, layer, np.abs(np.round(off, 4)) > tolerance, measure=off)


@rule(
    "DQ09",
    title=Text("面积大于零", "Areas are greater than zero"),
    severity=Severity.ERROR,
    **_ANY_LAYER,
    cites=("field-contract",),
    unit="m2",
    message=Text("{layer} {feature} 填写面积 {measure:.2f} 平方米", "{layer} {feature} states {measure:.2f} m²"),
    remedy=Text("重算面积；无面积的碎片应删除。", "Compute the area again; delete what has none."),
    subsumes=("DQ07",),
)
def stated_areas_are_positive(plan: Plan) -> Iterator[Places]:
    """The features that state an area (gross, net or plain) of zero or less; the measure is the least they state.

    Fails: a stated area of 0.
    Passes: an area that is not stated; a deduction of 0.
    """
    fields = ("area_m2", "gross_area_m2", "net_area_m2")
    have = {layer: [each for each in fields if each in plan[layer]] for layer in plan}
    if not any(have.values()):
        raise NotRun("没有填写面积的图层", "no layer states areas")
    for layer, stated in have.items():
        if stated:
            least = np.fmin.reduce([number(plan, layer, each) for each in stated])
            yield rows(plan, layer, least <= 0, measure=least, severity=lowered(layer))


@rule(
    "DQ10",
    title=Text("行政区代码、名称与所在行政区一致", "Area codes and names agree with the county that holds the feature"),
    severity=Severity.ERROR,
    relation="none",
    concept="territorial_plan",
    needs=("county.area_code",),
    cites=("city-db-2021", "qc-practice"),
    unit="",
    message=Text(
        "{layer} {feature} 填写的{field}“{stated}”与所在的{county}不符",
        "{layer} {feature} states the {field} “{stated}”, but lies in {county}",
    ),
    remedy=Text(
        "改正代码和名称；飞地填飞入地标识；界线取同一年度。", "Mend code and name; mark enclaves; use one data year."
    ),
)
def area_code_names_the_county(plan: Plan) -> Iterator[Places]:
    """The features whose area code (first six digits) is not that of the county that holds them, or whose name is another's.

    The code of the city or province (ending in zeros) holds all its counties. Enclaves, features at sea, and layers
    above the county are left out. A name is compared beside a code of six digits; one that is no county's of the plan is a
    warning, a shorter or longer form of the right one passes.

    Fails: a redline unit with the code of the neighbouring county; the right code with the neighbour's name.
    Passes: a boundary patch with the code of the city; an enclave that is marked; 临安 for 杭州市临安区.
    """
    county_code, county_name = codes(plan, "county", "area_code"), codes(plan, "county", "area_name")
    asked = [each for each in plan if plan.has(each, "area_code") and each not in _ABOVE_COUNTY]
    if not asked:
        raise NotRun("没有填写行政区代码的图层", "no layer has area codes")
    known = set(county_name.dropna())
    for layer in asked:
        code = codes(plan, layer, "area_code").reset_index(drop=True)
        name = codes(plan, layer, "area_name").reset_index(drop=True)
        holder = pd.Series(located_in(plan, layer, "county"), dtype="object")
        county, called = holder.map(county_code).astype("str"), holder.map(county_name).astype("str")
        enclave = codes(plan, layer, "enclave").reset_index(drop=True) == "1"
        agree = attributes.within_area(code, county)
        bad = code.notna() & county.notna() & ~agree & ~enclave
        said = {"county": called.fillna("") + "（" + county + "）"}
        yield rows(plan, layer, bad, severity=lowered(layer), field=_CODE, stated=code, **said)
        other = (code == county) & ~enclave & ~attributes.same_name(name, called)
        for some, severity in ((other & name.isin(known), None), (other & ~name.isin(known), Severity.WARNING)):
            yield rows(plan, layer, some, severity=lowered(layer) or severity, field=_NAME, stated=name, **said)
