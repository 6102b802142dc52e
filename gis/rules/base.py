"""The rule grammar: what a rule is, what it returns, and how its parameters are declared.

A rule is one pure function that returns the offending places. The decorator states what is said of them; the verbs
(`gis.rules.verbs`) find them; one function judges them (`gis.rules.judge`); the engine joins it all.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, get_type_hints

import numpy as np

from gis.errors import RuleError
from gis.i18n import Text
from gis.model.finding import Setting, Severity
from gis.standards import packaged, read_yaml

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["FAMILIES", "RULES", "Family", "NotRun", "Param", "Places", "Relation", "Rule", "rule"]

Relation = Literal["legal×legal", "legal×survey", "survey×survey", "none"]


@dataclass(frozen=True, slots=True)
class Family:
    """A family of rules: two letters, the modules that hold it, the first its home, its name.

    `asks` is the layer without which the family is not run unless it is selected.
    """

    id: str
    modules: tuple[str, ...]
    name: Text
    asks: str = ""


FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        id_: Family(id_, tuple(modules.split()), Text(zh, en), "site" if id_ == "ST" else "")
        for id_, modules, zh, en in (
            ("DL", "delivery delivery_totals delivery_figures delivery_records", "成果提交", "delivery"),
            ("CR", "crs", "坐标系", "coordinate system"),
            ("DQ", "data_quality data_quality_codes", "数据质量", "data quality"),
            ("TP", "topology topology_holes", "拓扑", "topology"),
            ("CL", "control_lines", "三条控制线", "control lines"),
            (
                "UB",
                "urban_boundary urban_boundary_building urban_boundary_increment",
                "城镇开发边界",
                "urban development boundary",
            ),
            (
                "FP",
                "farmland farmland_use farmland_replacement farmland_balance",
                "永久基本农田",
                "permanent basic farmland",
            ),
            ("ER", "redline redline_sea", "生态保护红线", "ecological conservation redline"),
            ("ZN", "zones zones_admission zones_evaluated", "规划分区", "planning zones"),
            (
                "CD",
                "central_district central_district_renewal central_district_detail",
                "中心城区",
                "central urban area",
            ),
            ("US", "urban_system urban_system_counties", "城镇体系", "urban system"),
            ("SF", "safety safety_hazards safety_distances safety_heritage", "安全与历史文化", "safety and heritage"),
            ("ST", "siting siting_protection siting_kinds", "选址", "siting"),
            ("WV", "waivers", "豁免", "waivers"),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a rule, written in its signature: unit, meaning, and whether its official value is not certain."""

    unit: str
    meaning: Text
    assumed: bool = False


@dataclass(frozen=True)
class Places:
    """Places in one layer where a rule may not hold; rows of equal length, ready to be judged.

    features    ids of the features of `layer` that take part, the one most involved first; one tuple per place
    others      likewise of `other_layer`
    geometry    witness geometries (None where there is nothing to show)
    measure     size in the base unit of the rule's quantity (m², m, …); NaN where nothing is measured
    width       in metres where the place is an area to be judged by width: of its widest spot, or a lower bound on the same
                side of the widths that the judge compares with; else None. Not to be shown
    doubt       how much of the measure the accuracy of the data leaves open
    words       values for the placeholders of the rule's message, one per place, or one for all
    severity    where a place is more or less serious than the rule as a whole
    """

    layer: str
    features: tuple[tuple[str, ...], ...]
    geometry: NDArray[np.object_]
    measure: NDArray[np.float64]
    other_layer: str = ""
    others: tuple[tuple[str, ...], ...] = ()
    width: NDArray[np.float64] | None = None
    doubt: NDArray[np.float64] | None = None
    words: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity | None = None

    def __len__(self) -> int:
        return len(self.features)


class NotRun(Exception):  # noqa: N818 - it is a statement, not a fault
    """Raised by a verb when the plan lacks what a rule needs, with the reason; the engine lists the rule as not run."""

    def __init__(self, zh: str | Text, en: str = "") -> None:
        self.reason = zh if isinstance(zh, Text) else Text(zh, en)
        super().__init__(f"{self.reason.zh}\n{self.reason.en}")


@dataclass(frozen=True)
class Rule:
    """One requirement: what it says, what it needs, what it cites, and the function that finds where it does not hold.

    `needs` names layers, fields ("layer.field"), targets ("target:id"), tables ("table:id"), rasters ("raster:id"),
    related plans ("related:previous"), or any layer with a quality ("any:no_overlap", "any:"). A rule that needs "waivers:"
    runs after all others; each waiver then says how many findings it met.

    `since` and `until` (the last day) are the days between which the requirement holds, where they are narrower than
    those of its sources; as exactly as they are known ("2023", "2023-10", "2023-10-01").

    `subsumes` names rules whose finding this rule tells too when it is the same place (`gis.rules.once`); then the
    finding of the other rule is neither reported nor summed a second time.
    """

    id: str
    title: Text
    severity: Severity
    relation: Relation
    needs: tuple[str, ...]
    concept: str
    cites: tuple[str, ...]
    unit: str
    message: Text
    remedy: Text
    find: Callable[..., Iterator[Places]]
    since: str = ""
    until: str = ""
    subsumes: tuple[str, ...] = ()

    @property
    def parameters(self) -> Mapping[str, tuple[Param, Any]]:
        """Each parameter's declaration and default, read from the signature."""
        names = {"Plan": Any, "Iterator": Iterator, "Places": Places}  # imported for type checkers only
        hints = get_type_hints(self.find, localns=names, include_extras=True)
        return MappingProxyType(
            {
                name: (next(each for each in hints[name].__metadata__ if isinstance(each, Param)), each.default)
                for name, each in inspect.signature(self.find).parameters.items()
                if each.kind is inspect.Parameter.KEYWORD_ONLY
            }
        )

    @property
    def purpose(self) -> str:
        """The function's docstring: what it finds, what fails, what passes."""
        return inspect.getdoc(self.find) or ""

    @property
    def meaning(self) -> Text:
        """What it finds and what it leaves out: in Chinese from the file of its drawn cases, in English the docstring.

        A clause of an office's own has no such file; it says itself, in its title.
        """
        path = packaged("data", "rules", f"{self.id}.yaml")
        said = read_yaml(path) if path.is_file() else {}
        return Text(str(said.get("purpose", self.title.zh)), self.purpose)

    def settings(self, overrides: Mapping[str, Any], confirmed: Collection[str] | None = None) -> Mapping[str, Setting]:
        """The value of each parameter under `overrides`; a `confirmed` one (by default each of them) is no longer assumed.

        Raises: RuleError for a parameter the rule does not have, or a value of another type.
        """
        unknown = set(overrides) - set(self.parameters)
        if unknown:
            names, have = ", ".join(sorted(unknown)), ", ".join(self.parameters) or "—"
            raise RuleError(
                f"规则 {self.id} 没有参数 {names}。可用参数：{have}。",
                f"Rule {self.id} has no parameter {names}. It has: {have}.",
            )
        return MappingProxyType(
            {
                name: Setting(
                    _value(self.id, name, overrides.get(name, default), default),
                    param.unit,
                    param.meaning,
                    param.assumed and name not in (overrides if confirmed is None else confirmed),
                )
                for name, (param, default) in self.parameters.items()
            }
        )


def _value(rule_id: str, name: str, value: Any, default: Any) -> Any:
    """`value` in the type of `default`: a number stays a number, a list of codes becomes a tuple."""
    if isinstance(default, tuple) and isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return tuple(value)
    if isinstance(default, bool) == isinstance(value, bool):
        if isinstance(default, int | float) and isinstance(value, int | float) and np.isfinite(value):
            return value
        if isinstance(default, str) and isinstance(value, str):
            return value
    raise RuleError(
        f"规则 {rule_id} 的参数 {name} 不能取 {value!r}。请给出与默认值 {default!r} 同类型的值。",
        f"Parameter {name} of rule {rule_id} cannot be {value!r}. Give a value of the same type as its default {default!r}.",
    )


RULES: Final[dict[str, Rule]] = {}
"""Every rule, by id; filled when `gis.rules` is imported."""


def rule(id_: str, **said: Any) -> Callable[[Callable[..., Iterator[Places]]], Callable[..., Iterator[Places]]]:
    """A decorator that puts a rule into RULES under its id and leaves the function as it is.

    Raises: RuleError for an id of the wrong form, of another family than its module, or used before.
    """

    def keep(find: Callable[..., Iterator[Places]]) -> Callable[..., Iterator[Places]]:
        family = FAMILIES.get(id_[:2])
        if not re.fullmatch(r"[A-Z]{2}\d{2}", id_) or family is None or id_ in RULES:
            raise RuleError(f"规则编号 {id_} 无效或重复。", f"Rule id {id_} is not valid, or used twice.")
        if find.__module__.rpartition(".")[2] not in family.modules:
            raise RuleError(
                f"规则 {id_} 应写在 gis/rules/{family.modules[0]}.py。",
                f"Rule {id_} belongs in gis/rules/{family.modules[0]}.py.",
            )
        RULES[id_] = Rule(id_, find=find, **said)
        return find

    return keep
