"""Parity with the official checker: its error list beside our findings, what both say and what only one of them says.

A row of theirs and a finding of ours are the same where a rule that their code stands for, the layer, and the feature
agree. One overlap may stand twice in their list (once per feature) and once in ours, so that rows are matched many to many.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from gis.i18n import Text
from gis.model.finding import Status
from gis.model.layers import layer_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.i18n import Language
    from gis.model.finding import Findings
    from gis.model.profile import Profile

__all__ = ["Parity", "Side", "parity"]


class Side(StrEnum):
    """Who says it: both, only we, only they; or they, by a code that stands for no rule of ours."""

    SAME = "same"
    ONLY_HERE = "only_here"
    ONLY_THERE = "only_there"
    UNMAPPED = "unmapped"

    @property
    def label(self) -> Text:
        """Its name in both languages."""
        return _LABELS[self]


_LABELS: Final = {
    Side.SAME: Text("一致", "same"),
    Side.ONLY_HERE: Text("仅本检查", "only here"),
    Side.ONLY_THERE: Text("仅官方质检", "only there"),
    Side.UNMAPPED: Text("代码未对应", "code not mapped"),
}

_NOT_RUN: Final = Text("本检查中对应规则未执行", "our rule did not run")
_NOT_THEIRS: Final = Text("官方质检错误代码中没有对应此规则", "none of their codes stands for this rule")
_NO_RULE: Final = Text("本检查没有对应规则", "we have no such rule")
_STRANGE_LAYER: Final = Text("图层名无法识别", "the layer's name is not known")
_NOTHING: Final = Text("", "")


@dataclass(frozen=True, eq=False)
class Parity:
    """The two checks side by side.

    rows      one row per row of theirs, then one per finding of theirs not: side, layer, feature, code, text (theirs), rule,
              message_zh, message_en (ours), note_zh, note_en
    unknown   codes nobody has mapped: code, count, an example of its text, and the rules of ours that found something at the same features
    """

    rows: pd.DataFrame
    unknown: pd.DataFrame

    def counts(self) -> Mapping[Side, int]:
        """How many rows there are of each side."""
        tally = self.rows["side"].value_counts()
        return {side: int(tally.get(side.value, 0)) for side in Side}

    def summary(self, language: Language = "zh") -> str:
        """The comparison in a few lines, with the codes that are still to be mapped."""
        counts = self.counts()
        comma = "，" if language == "zh" else ", "
        head = Text("与官方质检对照：", "Beside the official check: ").render(language)
        lines = [head + comma.join(f"{side.label.render(language)} {count}" for side, count in counts.items())]
        if len(self.unknown):
            codes = ("、" if language == "zh" else ", ").join(self.unknown["code"].replace("", "—"))
            say = Text(
                f"有 {len(self.unknown)} 个官方错误代码没有对应规则：{codes}。请在成果标准的 official: codes: 中补充对应。",
                f"{len(self.unknown)} of their codes are not mapped: {codes}. Map them under official: codes: in the profile.",
            )
            lines.append(say.render(language))
        return "\n".join(lines)


def parity(
    found: Findings, official: pd.DataFrame, codes: Mapping[str, tuple[str, ...]], profile: Profile | None = None
) -> Parity:
    """The `official` list (columns layer, feature, code, text) beside our open findings.

    `codes` maps their codes to rules of ours, by id or family; a code mapped to nothing is known to have no rule here. A row that
    names no feature matches any finding of the rule in that layer, one that names no layer any layer. Layer names are
    understood as the profile and the catalogue know them.

    Example:
        >>> import gis
        >>> from gis.model.drawn import drawn
        >>> lines = {"ecological_redline": [[0, 0, 9, 9]], "urban_development_boundary": [[30, 0, 40, 9]]}
        >>> plan = drawn(lines | {"permanent_basic_farmland": [[5, 0, 20, 9]], "county": [[0, 0, 99, 99]]})
        >>> theirs = pd.DataFrame({"layer": ["STBHHX"], "feature": ["0"], "code": ["3101"], "text": ["压盖"]})
        >>> print(parity(gis.check(plan, select="CL01"), theirs, {"3101": ("CL01",)}).summary("en"))
        Beside the official check: same 1, only here 0, only there 0, code not mapped 0
    """
    theirs = _theirs(official, codes, found, profile)
    ours = _ours(found)
    pairs = _pairs(theirs, ours)
    first = pairs.drop_duplicates("n").set_index("n")["m"]
    hit = theirs.index.isin(first.index)
    mapped = theirs["rules"].map(bool).astype(bool) | theirs["known"]
    theirs["side"] = Side.ONLY_THERE.value
    theirs.loc[~mapped, "side"] = Side.UNMAPPED.value
    theirs.loc[hit, "side"] = Side.SAME.value
    beside = ours.loc[first.reindex(theirs.index[hit])].set_index(theirs.index[hit])
    rows = theirs.join(beside[["rule", "message_zh", "message_en"]])
    alone = ours[~ours.index.isin(pairs["m"])].assign(side=Side.ONLY_HERE.value)
    alone = alone.assign(**_said(_NOT_THEIRS, ~_covered(alone["rule"], codes)))
    columns = ["side", "layer", "feature", "code", "text", "rule", "message_zh", "message_en", "note_zh", "note_en"]
    whole = pd.concat([rows, alone], ignore_index=True).reindex(columns=columns)
    return Parity(whole.fillna(""), _unknown(theirs[~mapped], ours))


def _said(note: Text, where: Any) -> dict[str, pd.Series[Any]]:
    """The columns note_zh and note_en: the note where it applies."""
    at = pd.Series(where)
    return {"note_zh": at.map({True: note.zh, False: ""}), "note_en": at.map({True: note.en, False: ""})}


def _theirs(
    official: pd.DataFrame, codes: Mapping[str, tuple[str, ...]], found: Findings, profile: Profile | None
) -> pd.DataFrame:
    """Their rows: what stands there, our id of the layer, the rules their code stands for, and a note."""
    columns = ["layer", "feature", "code", "text"]
    frame = official.reset_index(drop=True).reindex(columns=columns).astype("str").fillna("")
    named = {
        each: (profile.layer_named(each) if profile else None) or layer_named(each) for each in set(frame["layer"])
    }
    frame["id"] = frame["layer"].map(named)
    frame["rules"] = frame["code"].map(lambda code: codes.get(code, ()))
    frame["known"] = frame["code"].isin(codes)
    ran = {id_ for id_, each in found.outcomes.items() if each.status is not Status.NOT_RUN}
    cells = (frame[name].tolist() for name in ("layer", "id", "rules", "known"))
    notes = [_note(layer, id_, rules, known=known, ran=ran) for layer, id_, rules, known in zip(*cells, strict=True)]
    return frame.assign(note_zh=[each.zh for each in notes], note_en=[each.en for each in notes])


def _note(layer: str, id_: Any, rules: tuple[str, ...], *, known: bool, ran: set[str]) -> Text:
    if known and not rules:
        return _NO_RULE
    if rules and not any(each.startswith(rules) for each in ran):
        return _NOT_RUN
    return _STRANGE_LAYER if layer and not isinstance(id_, str) else _NOTHING


def _ours(found: Findings) -> pd.DataFrame:
    """Our open findings, with every layer and feature that takes part."""
    rows = [
        (each.rule, each.layer, each.feature, each.message.zh, each.message.en, _places(each)) for each in found.open
    ]
    return pd.DataFrame(rows, columns=["rule", "layer", "feature", "message_zh", "message_en", "places"])


def _places(finding: Any) -> list[tuple[str, str]]:
    named = [(finding.layer, each) for each in (*finding.features, finding.feature)]
    named += [(finding.other_layer, each) for each in (*finding.others, finding.other)]
    return list(dict.fromkeys((layer, feature.split("#")[0] or feature) for layer, feature in named if layer))


def _pairs(theirs: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """Row of theirs (n) and finding of ours (m) that say the same."""
    places = ours[["rule", "places"]].explode("places").dropna(subset=["places"])
    places = places.assign(
        id=places["places"].str[0], feature=places["places"].str[1], m=places.index, family=places["rule"].str[:2]
    )
    asked = theirs[["id", "layer", "feature", "rules"]].explode("rules").dropna(subset=["rules"])
    asked = asked.assign(n=asked.index)
    found = [_joined(asked, places, by) for by in ("rule", "family")]
    pairs = pd.concat(found, ignore_index=True).drop_duplicates()
    return pairs.sort_values(["n", "m"])


def _joined(asked: pd.DataFrame, places: pd.DataFrame, by: str) -> pd.DataFrame:
    """Pairs by rule or family and, where their row names them, layer and feature."""
    pairs = []
    for has_layer in (True, False):
        for has_feature in (True, False):
            some = asked[((asked["layer"] != "") == has_layer) & ((asked["feature"] != "") == has_feature)]
            keys = ["id"] * has_layer + ["feature"] * has_feature
            right = places[[by, "m", *keys]].drop_duplicates()
            pairs.append(some[["rules", "n", *keys]].merge(right, left_on=["rules", *keys], right_on=[by, *keys]))
    return pd.concat(pairs, ignore_index=True)[["n", "m"]]


def _covered(rules: pd.Series[Any], codes: Mapping[str, tuple[str, ...]]) -> pd.Series[Any]:
    """Whether any of their codes stands for a rule."""
    stated = tuple(each for some in codes.values() for each in some)
    return rules.map(lambda rule: rule.startswith(stated) if stated else False).astype(bool)


def _unknown(theirs: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """The codes that are not mapped, with the rules that found something at the same features as a proposal."""
    places = ours[["rule", "places"]].explode("places").dropna(subset=["places"])
    places = places.assign(id=places["places"].str[0], feature=places["places"].str[1])[["rule", "id", "feature"]]
    near = theirs[theirs["feature"] != ""].merge(places, on=["id", "feature"])
    maybe = near.groupby("code")["rule"].agg(lambda each: "、".join(each.value_counts().index[:3]))
    codes = theirs.groupby("code", sort=True).agg(count=("code", "size"), text=("text", "first"))
    return codes.join(maybe.rename("maybe")).fillna("").reset_index()
