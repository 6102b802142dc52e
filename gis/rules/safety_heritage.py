"""Rules on heritage (历史文化保护). Ids start with SF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import numpy as np

from gis.analysis.land_accounts import coded, flagged, text_codes
from gis.analysis.quantities import number
from gis.i18n import Text
from gis.model.finding import Severity
from gis.model.layers import layer_named
from gis.rules.base import NotRun, Param, rule
from gis.rules.planned_use import blank, named, of_class, taken
from gis.rules.verbs import entries, overlaps, rows, table
from gis.standards import code_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

    Mask = NDArray[np.bool_]

LINE: Final = "heritage_line"
CORE: Final = ("核心保护",)
CONTROL: Final = ("建设控制地带",)
AROUND: Final = ("环境协调",)


def in_heritage_zone(plan: Plan, words: tuple[str, ...]) -> Mask:
    """Which heritage lines are of a protection zone, by the field of the zone, or by the kind where the zone is not stated.

    Raises: NotRun where the layer says neither.
    """
    fields = [each for each in ("zone", "kind") if plan.has(LINE, each)]
    if not fields:
        raise NotRun("历史文化保护线没有注明保护区划", "the heritage lines do not state their zones")
    first = named(plan, LINE, fields[0], words)
    return first | (named(plan, LINE, "kind", words) & blank(plan, LINE, "zone")) if len(fields) == 2 else first


@rule(
    "SF12",
    title=Text("历史文化保护线内的建设控制", "Building inside heritage protection lines"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("project.class_code", LINE),
    concept="heritage",
    cites=("heritage-city-reg",),
    unit="ha",
    message=Text("{layer} {feature}{extent}，位于{other} {other_feature}（{zone}），{what}", "{layer} {feature} {extent} in {other} {other_feature} ({zone}), {what}"),
    remedy=Text("核心保护范围内除必要的基础设施和公共服务设施外不得新建、扩建；其他范围按保护规划控制高度、体量和风貌。", "In the core nothing is built or enlarged but necessary infrastructure and public services; elsewhere height, bulk and look follow the protection plan."),
)  # fmt: skip
def heritage_lines_control_building(
    plan: Plan,
    *,
    exempt: Annotated[
        tuple[str, ...],
        Param("", Text("必要的基础设施和公共服务设施的用途", "uses of necessary infrastructure and public service")),
    ] = ("08", "12", "13", "14", "17"),
    caring: Annotated[
        tuple[str, ...],
        Param("", Text("保护修缮类项目（类型中含有）", "kinds of project that care for heritage"), assumed=True),
    ] = ("修缮", "保护", "整治", "展示", "修复", "抢险"),
) -> Iterator[Places]:
    """What projects take of heritage protection lines: errors in the core, notes in control zones and coordination areas.

    In the core necessary infrastructure and public service are lawful, and so are repairs. A project without a use is a note.

    Fails: a shopping centre 0901 in the core.
    Passes: a repair in the core; a sewer 13 there.
    """
    cares = (
        named(plan, "project", "kind", caring) if plan.has("project", "kind") else np.zeros(len(plan["project"]), bool)
    )
    new, unknown = ~of_class(plan, "project", *exempt) & ~cares, blank(plan, "project", "class_code")
    core = in_heritage_zone(plan, CORE)
    yield from taken(
        plan,
        "project",
        LINE,
        new & ~unknown,
        core,
        zone=_CORE,
        what=Text("不属于必要的设施", "which is no necessary facility"),
    )
    yield from taken(
        plan,
        "project",
        LINE,
        new & unknown,
        core,
        zone=_CORE,
        severity=Severity.NOTE,
        what=Text("项目用途未填", "whose use is not stated"),
    )
    for words, zone in ((CONTROL, _CONTROL), (AROUND, _AROUND)):
        what = Text("须符合保护规划的高度和风貌要求", "which has to keep the height and look of the protection plan")
        yield from taken(plan, "project", LINE, new, in_heritage_zone(plan, words) & ~core, severity=Severity.NOTE, zone=zone, what=what)  # fmt: skip


_CORE: Final = Text("核心保护范围", "core protection area")
_CONTROL: Final = Text("建设控制地带", "building control zone")
_AROUND: Final = Text("环境协调区", "coordination area")


@rule(
    "SF20",
    title=Text("历史文化名录与保护线一一对应", "Every listed heritage item has a line, and every line an item"),
    severity=Severity.ERROR,
    relation="none",
    needs=("table:t_heritage_register", f"{LINE}.name"),
    concept="heritage",
    cites=("heritage-city-reg",),
    unit="",
    message=Text("{layer}与名录或保护线不对应，{feature}：{problem}", "register and lines do not match, {layer} {feature}: {problem}"),
    remedy=Text("补划保护线或者补录名录；名称以公布文件为准。", "Draw the line, or enter the item; the name is that of the published document."),
)  # fmt: skip
def register_matches_lines(plan: Plan) -> Iterator[Places]:
    """The heritage items of the register without a protection line, and the lines that no item of the register has.

    An item and a line belong together by number, or where the name of the line begins with that of the item (a quarter may
    have several zones). Entries of the register that name another layer, or a protected area, are left out.

    Fails: a listed building without a line; a line of a quarter that the register does not hold.
    Passes: a quarter with a core and a control zone.
    """
    frame = table(plan, "t_heritage_register", "item")
    item, line = text_codes(frame["item"]), plan[LINE]
    number_ = text_codes(frame["code"]) if "code" in frame else item.mask(item.notna())
    names = text_codes(line["name"]).to_numpy()
    numbers = text_codes(line["item"]).to_numpy() if "item" in line else np.full(len(line), None)
    theirs = _of_heritage(plan, frame)
    pairs = np.array(
        [[_same(*one, *two) for two in zip(names, numbers, strict=True)] for one in zip(item, number_, strict=True)]
    ).reshape(len(frame), len(line))
    lacking = theirs & ~pairs.any(axis=1) & item.notna().to_numpy()
    yield entries(
        plan, "t_heritage_register", lacking, key="item", problem=Text("没有保护线", "has no protection line")
    )
    extra = ~pairs.any(axis=0) & ~blank(plan, LINE, "name")
    words = [Text(f"{each}不在名录中", f"{each} is not in the register") for each in names]
    yield rows(plan, LINE, extra, problem=words)


def _same(item: Any, number_: Any, name: Any, line_number: Any) -> bool:
    """Whether an item of the register and a line belong together."""
    if isinstance(number_, str) and number_ and number_ == line_number:
        return True
    return (
        isinstance(item, str)
        and isinstance(name, str)
        and bool(item)
        and (name.startswith(item) or line_number == item)
    )


def _of_heritage(plan: Plan, frame: Any) -> Mask:
    """Which entries of the register are heritage: not those that name another layer, or a protected area of the plan."""
    mine = np.ones(len(frame), dtype=bool)
    if "layer" in frame:
        layers = [layer_named(each) if isinstance(each, str) else None for each in frame["layer"]]
        mine &= np.array([each in (None, LINE) for each in layers])
    if plan.has("protected_area", "name"):
        mine &= ~text_codes(frame["item"]).isin(text_codes(plan["protected_area"]["name"]).dropna()).to_numpy()
    return mine


@rule(
    "SF21",
    title=Text("建设控制地带内规划高度不超限", "Planned heights keep the limit of the control zone"),
    severity=Severity.ERROR,
    relation="legal×legal",
    needs=("plot.height_m", f"{LINE}.height_m"),
    concept="heritage",
    cites=("heritage-city-reg",),
    unit="ha",
    message=Text(
        "{layer} {feature} 的限高超过{other} {other_feature} 的限高 {limit:.1f} 米，涉及 {measure:.4f} 公顷",
        "{layer} {feature} may be built higher than the limit of {limit:.1f} m of {other} {other_feature}, on {measure:.4f} ha",
    ),
    remedy=Text("按保护规划降低地块限高。", "Lower the limit of the plot to that of the protection plan."),
)  # fmt: skip
def control_zone_heights(plan: Plan) -> Iterator[Places]:
    """The faces of plots whose height limit is above that of the heritage zone (core or control zone) they lie in.

    A plot or zone without a height is undecided here; plots are left to CD18.

    Fails: a plot of 24 m in a control zone of 12 m.
    Passes: a plot of 12 m there.
    """
    yield from _too_high(plan, LINE, number(plan, LINE, "height_m"))


def _too_high(plan: Plan, layer: str, limit: NDArray[np.float64]) -> Iterator[Places]:
    """The faces of plots planned higher than the limit of the features of a layer; one set per limit."""
    height = number(plan, "plot", "height_m")
    limits = np.unique(limit[np.isfinite(limit)])
    if not len(limits):
        raise NotRun("没有填写限高", "no height limit is stated")
    for each in limits:
        yield overlaps(plan, "plot", layer, where=height > each, other_where=limit == each, limit=float(each))


@rule(
    "SF22",
    title=Text("视廊内规划高度不遮挡", "Planned heights keep view corridors open"),
    severity=Severity.WARNING,
    relation="legal×legal",
    needs=("plot.height_m", "character_zone.height_m"),
    concept="heritage",
    cites=("speech",),
    unit="ha",
    message=Text(
        "{layer} {feature} 的限高超过{other} {other_feature} 的视廊限高 {limit:.1f} 米，涉及 {measure:.4f} 公顷",
        "{layer} {feature} may be built higher than the {limit:.1f} m of the view corridor {other} {other_feature}, on {measure:.4f} ha",
    ),
    remedy=Text("降低视廊内的地块限高，或者调整视廊。", "Lower the plots in the corridor, or change the corridor."),
)  # fmt: skip
def view_corridors_open(plan: Plan) -> Iterator[Places]:
    """The faces of plots whose height limit is above the limit that the view corridor they lie in states.

    The limit is the plan's own, above ground; sight lines over an elevation model are not drawn here.

    Fails: a plot of 60 m in a corridor limited to 24 m.
    Passes: a plot of 24 m there; a corridor that states no limit, beside one that does.
    """
    yield from _too_high(plan, "character_zone", number(plan, "character_zone", "height_m"))


@rule(
    "SF23",
    title=Text("历史建筑不得拆除", "Historic buildings are not demolished"),
    severity=Severity.ERROR,
    relation="legal×survey",
    needs=(f"{LINE}.kind",),
    concept="heritage",
    cites=("heritage-city-reg",),
    unit="ha",
    message=Text("{other} {other_feature}（历史建筑）{extent}，{how} {feature}", "{other} {other_feature} (a historic building): {how} {feature}, which {extent}"),
    remedy=Text("停止拆除，调整项目方案；已灭失的，查明原因并依法处理。", "Stop the demolition and change the project; where the building is gone, find out why and proceed by law."),
)  # fmt: skip
def historic_buildings_stand(
    plan: Plan,
    *,
    kinds: Annotated[
        tuple[str, ...],
        Param("", Text("视为历史建筑的保护线类别", "kinds of line that are historic buildings"), assumed=True),
    ] = ("历史建筑", "文物保护单位", "不可移动文物"),
) -> Iterator[Places]:
    """What demolishing projects take of historic buildings, and building land there that the yearly survey shows as gone.

    Fails: a project marked as demolishing over a listed building.
    Passes: a renewal project that demolishes nothing; a survey change from one kind of building land to another.
    """
    building = named(plan, LINE, "kind", kinds)
    demolitions = plan.has("project", "demolishes")
    if not demolitions and "change_survey" not in plan:
        raise NotRun("没有注明是否拆除的项目，也没有年度变更调查", "neither projects that say whether they demolish, nor a change survey")  # fmt: skip
    if demolitions:
        how = Text("位于拆除项目", "lies in the demolishing project")
        yield from taken(plan, "project", LINE, flagged(plan["project"]["demolishes"]), building, how=how)
    if plan.has("change_survey", "class_before", "class_code"):
        codes = tuple(
            code for code, each in code_table("survey_land_classes").items() if each.extra["three_class"] == "建设用地"
        )
        change = plan["change_survey"]
        gone = (
            coded(change["class_before"], codes)
            & ~coded(change["class_code"], codes)
            & ~blank(plan, "change_survey", "class_code")
        )
        how = Text("在变更调查中已不是建设用地：", "is building land no more, by the change survey:")
        yield from taken(plan, "change_survey", LINE, gone, building, how=how)  # fmt: skip
