"""Rules on land use against the dual evaluation (双评价：用地与评价结果对照). Ids start with ZN."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from gis.analysis.land_accounts import URBAN, coded, text_codes
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.base import Param, rule
from gis.rules.verbs import overlaps
from gis.standards import code_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

SURVEY: Final = "survey_parcel"
FARMLAND: Final = "permanent_basic_farmland"
MESSAGE: Final = Text(
    "{layer} {feature}（{what}）有 {measure:.4f} 公顷位于{other} {other_feature}（{grade}）",
    "{measure:.4f} ha of {layer} {feature} ({what}) lie in {other} {other_feature} ({grade})",
)
REMEDY: Final = Text(
    "列入双评价冲突清单，在国土空间格局优化中逐步调整。",
    "Put it on the list of conflicts with the evaluation, and change it step by step in the plan.",
)


def _graded(plan: Plan, layer: str, grades: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which areas of an evaluation have one of the grades."""
    return text_codes(plan[layer]["grade"]).isin(grades).to_numpy(dtype=bool)


def _built(plan: Plan) -> NDArray[np.bool_]:
    """Which survey parcels are construction land (建设用地) by their class."""
    table = code_table("survey_land_classes")
    return coded(
        plan[SURVEY]["class_code"],
        tuple(code for code, each in table.items() if each.extra["three_class"] == "建设用地"),
    )


@rule(
    "ZN08",
    title=Text("生态保护极重要区内的冲突用地", "Conflicting use in the ecological extremely important area"),
    severity=Severity.NOTE,
    relation="legal×survey",
    needs=("eval_ecology.grade", f"{SURVEY}.class_code"),
    concept="scientific_delineation",
    cites=("dual-2020-127",),
    unit="ha",
    message=MESSAGE,
    remedy=REMEDY,
)
def conflicts_with_ecology(
    plan: Plan,
    *,
    grades: Annotated[tuple[str, ...], Param("", Text("极重要的等级名称", "names of the grade"), assumed=True)] = (
        "极重要",
        "极重要区",
        "生态保护极重要区",
        "1",
    ),
    orchards: Annotated[tuple[str, ...], Param("", Text("园地的调查地类", "survey classes of orchards"))] = ("02",),
) -> Iterator[Places]:
    """The faces of permanent basic farmland, orchards and construction land where ecology is extremely important; a list.

    Commercial plantations cannot be told from the survey and are left out.

    Fails: an orchard in an extremely important area (a note).
    Passes: forest there; an orchard in an important area.
    """
    graded, grade = _graded(plan, "eval_ecology", grades), Text("生态保护极重要区", "extremely important for ecology")
    if FARMLAND in plan:
        yield overlaps(plan, FARMLAND, "eval_ecology", other_where=graded, what=_PERMANENT, grade=grade)
    garden = coded(plan[SURVEY]["class_code"], orchards)
    yield overlaps(
        plan, SURVEY, "eval_ecology", where=garden, other_where=graded, what=Text("园地", "orchard"), grade=grade
    )
    yield overlaps(
        plan,
        SURVEY,
        "eval_ecology",
        where=_built(plan),
        other_where=graded,
        what=Text("建设用地", "construction land"),
        grade=grade,
    )


_PERMANENT: Final = Text("永久基本农田", "permanent basic farmland")


@rule(
    "ZN09",
    title=Text("种植业不适宜区内的耕地和永久基本农田", "Cultivated land and farmland in the area unsuitable for crops"),
    severity=Severity.NOTE,
    relation="legal×survey",
    needs=("eval_agriculture.grade", f"{SURVEY}.class_code"),
    concept="scientific_delineation",
    cites=("dual-2020-127",),
    unit="ha",
    message=MESSAGE,
    remedy=REMEDY,
)
def crops_where_unsuitable(
    plan: Plan,
    *,
    grades: Annotated[tuple[str, ...], Param("", Text("不适宜的等级名称", "names of the grade"), assumed=True)] = (
        "不适宜",
        "不适宜区",
        "农业生产不适宜区",
    ),
    cultivated: Annotated[tuple[str, ...], Param("", Text("耕地的调查地类", "survey classes of cultivated land"))] = (
        "01",
    ),
) -> Iterator[Places]:
    """The faces of cultivated land, and of permanent basic farmland, in areas unsuitable for crops; a list.

    Fails: a field 0103 in an unsuitable area (a note).
    Passes: forest there; a field in a suitable area.
    """
    graded, grade = _graded(plan, "eval_agriculture", grades), Text("农业生产不适宜区", "unsuitable for crops")
    if FARMLAND in plan:
        yield overlaps(plan, FARMLAND, "eval_agriculture", other_where=graded, what=_PERMANENT, grade=grade)
    fields = coded(plan[SURVEY]["class_code"], cultivated)
    yield overlaps(
        plan,
        SURVEY,
        "eval_agriculture",
        where=fields,
        other_where=graded,
        what=Text("耕地", "cultivated land"),
        grade=grade,
    )


@rule(
    "ZN10",
    title=Text("城镇建设不适宜区内的城镇用地", "Urban land in the area unsuitable for urban construction"),
    severity=Severity.NOTE,
    relation="legal×survey",
    needs=("eval_urban.grade", f"{SURVEY}.class_code", f"{SURVEY}.settlement_code"),
    concept="scientific_delineation",
    cites=("dual-2020-127",),
    unit="ha",
    message=MESSAGE,
    remedy=REMEDY,
)
def towns_where_unsuitable(
    plan: Plan,
    *,
    grades: Annotated[tuple[str, ...], Param("", Text("不适宜的等级名称", "names of the grade"), assumed=True)] = (
        "不适宜",
        "不适宜区",
        "城镇建设不适宜区",
    ),
) -> Iterator[Places]:
    """The faces of construction land of cities and towns (201, 202) in areas unsuitable for urban construction; a list.

    Fails: a 0701 parcel of a town in an unsuitable area (a note).
    Passes: a village there; a town in a suitable area.
    """
    graded, grade = _graded(plan, "eval_urban", grades), Text("城镇建设不适宜区", "unsuitable for urban construction")
    urban = _built(plan) & text_codes(plan[SURVEY]["settlement_code"]).isin(URBAN).to_numpy(dtype=bool)
    yield overlaps(
        plan, SURVEY, "eval_urban", where=urban, other_where=graded, what=Text("城镇用地", "urban land"), grade=grade
    )
