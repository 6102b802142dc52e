"""What it means for a proposed site to stand on a layer: the judging table `site_layers.yaml` as values.

The table is data that a bureau may replace; all of it is a reading of its sources for study, and assumed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis.analysis.in_force import held
from gis.analysis.land_accounts import coded, text_codes
from gis.i18n import Text
from gis.standards import code_table, packaged, read_yaml

__all__ = [
    "EFFECTS",
    "KINDS",
    "STAGES",
    "Project",
    "SiteCase",
    "SiteLayer",
    "competent",
    "first_fit",
    "not_asked",
    "site_layers",
]

Effect = Literal["prohibit", "condition", "unknown", "inform"]
EFFECTS: Final[tuple[Effect, ...]] = ("prohibit", "condition", "unknown", "inform")
"""What standing on a layer means, the gravest first; unknown: there are no data on which to say anything."""

KINDS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "single_site": Text("单独选址", "single-site project"),
        "batch": Text("批次用地", "batch"),
        "linear": Text("线性工程", "linear project"),
        "temporary": Text("临时用地", "temporary land"),
        "facility_agriculture": Text("设施农业用地", "facility agriculture"),
        "village_building": Text("村庄建设", "village building"),
        "advance": Text("先行用地", "advance land use"),
    }
)
"""The kinds of project."""

STAGES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "pre_examination": Text("用地预审与选址", "pre-examination and siting"),
        "conversion": Text("农用地转用报批", "application for conversion"),
    }
)
"""The stages of a case."""


@dataclass(frozen=True, slots=True)
class Project:
    """What a project is, as far as the judging table asks: class of land use, kind, whether it is on a list of projects."""

    use: str
    kind: str = "single_site"
    listed: bool = False


@dataclass(frozen=True, slots=True)
class SiteCase:
    """One line of the judging table: for which projects and features, with what effect, and what would be needed."""

    effect: Effect
    need: Text
    rule: str
    cites: tuple[str, ...] = ()
    competence: tuple[str, ...] = ()
    activities: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    use: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    listed: bool | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    same: str = ""

    def fits(self, project: Project) -> bool:
        """Whether the case is for projects like this one; a project without a use fits no case that asks for one."""
        return (
            (not self.kind or project.kind in self.kind)
            and (self.listed is None or self.listed == project.listed)
            and (not self.use or project.use.startswith(self.use))
            and not (self.unused and project.use.startswith(self.unused))
        )

    def holds(self, frame: pd.DataFrame, project: Project) -> NDArray[np.bool_]:
        """For which features the case is; a field that is not there contains nothing."""
        out = np.ones(len(frame), dtype=bool)
        for name, words in self.where.items():
            text = _text(frame, name)
            said = np.zeros(len(frame), dtype=bool)
            for word in words:
                found = text.str.startswith(word[1:]) if word.startswith("^") else text.str.contains(word, regex=False)
                said |= found.to_numpy(dtype=bool)
            out &= said
        if self.same:
            code = _text(frame, self.same)
            below = coded(code, (project.use,)) if project.use else np.zeros(len(frame), dtype=bool)
            above = np.array([bool(each) and project.use.startswith(each) for each in code], dtype=bool)
            out &= below | above
        return out


@dataclass(frozen=True, slots=True)
class SiteLayer:
    """One layer that is asked: its rule, whether an answer needs it, how its rows are parted, and its cases.

    `instead` names layers that serve where the plan lacks it; `only` are the features that are asked.
    """

    id: str
    rule: str
    cites: tuple[str, ...]
    decisive: bool = False
    part: str = ""
    chars: int = 99
    table: str = ""
    kinds: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    only: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    cases: tuple[SiteCase, ...] = ()
    outside: tuple[SiteCase, ...] = ()

    def part_name(self, part: str) -> Text:
        """A part of the layer in words: by its code table, else as it is written."""
        known = code_table(self.table).get(part) if self.table and part else None
        return known.name if known else Text(part, part)


@cache
def site_layers() -> Mapping[str, SiteLayer]:
    """The layers that are asked, by id, in the order of the report.

    Example:
        >>> site_layers()["ecological_redline"].decisive, site_layers()["planning_zone"].cases[0].rule
        (True, 'ST04')
    """
    rows = read_yaml(packaged("data", "standards", "site_layers.yaml"))["layers"]
    return MappingProxyType({id_: _layer(id_, dict(row)) for id_, row in rows.items()})


@cache
def not_asked() -> Mapping[str, Text]:
    """Why the other layers are not asked about a site, by layer.

    Example:
        >>> not_asked()["change_survey"].zh
        '为地类变化记录，现状按最新地类判断'
    """
    rows = read_yaml(packaged("data", "standards", "site_layers.yaml"))["not_asked"]
    return MappingProxyType({layer: Text(row["zh"], row["en"]) for row in rows for layer in row["layers"]})


def _layer(id_: str, row: dict[str, Any]) -> SiteLayer:
    base = SiteCase("inform", Text("", ""), row["rule"], tuple(row["cites"]), tuple(row.pop("competence", ())))
    matrix, only = row.pop("matrix", ""), _words(row.pop("only", {}))
    cases = tuple(_case(each, base) for each in row.pop("cases", ())) or _by_matrix(matrix, base)
    outside = tuple(_case(each, base) for each in row.pop("outside", ()))
    said: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return SiteLayer(id_, only=only, cases=cases, outside=outside, **said)


def _case(row: Mapping[str, Any], base: SiteCase) -> SiteCase:
    said: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    need = Text(said.pop("zh"), said.pop("en"))
    return replace(base, **{**said, "need": need, "where": _words(said.get("where", {}))})


def _words(said: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({name: tuple(words) for name, words in said.items()})


def _by_matrix(name: str, base: SiteCase) -> tuple[SiteCase, ...]:
    """The cases of a matrix of zones and classes: forbidden first; a class it does not hold is to be examined by hand."""
    table = pd.DataFrame([each.extra for each in code_table(name).values()])
    said = {
        "forbidden": Text("该规划分区不允许此类用地", "the zone does not admit this class"),
        "admitted": Text("符合分区准入", "the zone admits this class"),
    }
    effects: Mapping[str, Effect] = {"forbidden": "prohibit", "conditional": "condition", "admitted": "inform"}
    cases = []
    for (zone, admission, zh, en), some in table.groupby(["zone_code", "admission", "condition_zh", "condition"]):
        need = said.get(str(admission), Text(f"有条件准入：{zh}", f"admitted on a condition: {en}"))
        where = MappingProxyType({"zone_code": (f"^{_stem(str(zone))}",)})
        cases.append(
            replace(base, effect=effects[str(admission)], need=need, where=where, use=tuple(some["class_code"]))
        )
    last = Text(
        "分区准入表未列出该分区或该用途，须人工核定", "the matrix does not hold this zone or class; decide it by hand"
    )
    return (*cases, replace(base, effect="condition", need=last))


def _stem(zone: str) -> str:
    """What the codes of a zone and of its parts begin with: 41 for 410 and 411, 1 for 100."""
    return zone.rstrip("0")


def _text(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    if name not in frame:
        return pd.Series("", index=frame.index, dtype="str")
    return text_codes(frame[name]).fillna("")


def first_fit(cases: tuple[SiteCase, ...], frame: pd.DataFrame, project: Project) -> NDArray[np.int64]:
    """For each feature the number of the first case that fits it and the project; −1 where none does."""
    out = np.full(len(frame), -1, dtype=np.int64)
    for number, case in enumerate(cases):
        if case.fits(project):
            out[(out < 0) & case.holds(frame, project)] = number
    return out


def competent(codes: tuple[str, ...], day: str) -> Text:
    """Who is likely competent by these rows of the competence table on a day (a hint); empty where none held."""
    known = code_table("competence")
    rows = [known[each] for each in codes if held(known[each].extra["valid_from"], known[each].extra["valid_to"], day)]
    return Text(
        "；".join(f"{each.name.zh}：{each.extra['decides']}" for each in rows),
        "; ".join(f"{each.name.en}: {each.extra['decides_en']}" for each in rows),
    )
