"""What is new, gone and unchanged since an earlier check of the same plan.

Two findings are the same where rule and layers are the same and

- both have a place: their places agree, or they name the same features and their places meet;
- one of them has no place: they name the same features.

Places agree where each lies within `tolerance_m` of the other, or where both are areas and share more than half of the
ground that they cover together. Findings are paired one to one, the best pairs first, so that of three spikes of one
feature the one that was mended is gone. Order plays no part, and features may have got other ids meanwhile.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from gis.analysis.same_place import held
from gis.crs import transformer
from gis.geometry.locate import placed
from gis.i18n import Text
from gis.model.finding import Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from gis.i18n import Language
    from gis.model.finding import Finding, Findings

__all__ = ["TOLERANCE_M", "Change", "Since", "findings_since"]

TOLERANCE_M: Final = 1.0
"""How far a place may have moved and still be the same place; ours, no source gives one."""

_LAYERS: Final = ["rule", "layer", "other_layer"]
_FEATURES: Final = [*_LAYERS, "feature", "other"]


class Change(StrEnum):
    """What became of a finding between two checks; `not_compared` where its rule ran in one of them only."""

    NEW = "new"
    GONE = "gone"
    UNCHANGED = "unchanged"
    NOT_COMPARED = "not_compared"

    @property
    def label(self) -> Text:
        """Its name in both languages."""
        return _LABELS[self]


_LABELS: Final = {
    Change.NEW: Text("新增", "new"),
    Change.GONE: Text("消除", "gone"),
    Change.UNCHANGED: Text("未变", "unchanged"),
    Change.NOT_COMPARED: Text("无法比较", "not compared"),
}


@dataclass(frozen=True, eq=False)
class Since:
    """Two checks side by side.

    now       for each finding of `found`: new, unchanged or not_compared
    before    for each finding of `earlier`: gone, unchanged or not_compared
    """

    found: Findings
    earlier: Findings
    now: tuple[Change, ...]
    before: tuple[Change, ...]

    @property
    def gone(self) -> tuple[Finding, ...]:
        """The findings of the earlier check that are no more; those whose rule did not run this time are not among them."""
        return self.earlier_that(Change.GONE)

    def earlier_that(self, change: Change) -> tuple[Finding, ...]:
        """The findings of the earlier check of which this became."""
        return tuple(each for each, became in zip(self.earlier, self.before, strict=True) if became is change)

    def counts(self) -> Mapping[Change, int]:
        """How many findings are new, gone, unchanged (as now), not compared (of either check)."""
        now, before = Counter(self.now), Counter(self.before)
        return {
            Change.NEW: now[Change.NEW],
            Change.GONE: before[Change.GONE],
            Change.UNCHANGED: now[Change.UNCHANGED],
            Change.NOT_COMPARED: now[Change.NOT_COMPARED] + before[Change.NOT_COMPARED],
        }

    def by_rule(self) -> pd.DataFrame:
        """One row per rule that has findings in either check, one column per Change with its count."""
        told = [(each.rule, became) for each, became in zip(self.found, self.now, strict=True)]
        told += [
            (each.rule, became)
            for each, became in zip(self.earlier, self.before, strict=True)
            if became is not Change.UNCHANGED
        ]
        columns = [each.value for each in Change]
        frame = pd.DataFrame([(rule, became.value) for rule, became in told], columns=["rule", "became"])
        return pd.crosstab(frame["rule"], frame["became"]).reindex(columns=columns, fill_value=0)

    def paragraph(self) -> Text:
        """The comparison in a sentence or two."""
        counts = self.counts()
        day = (f"（{self.earlier.as_of}）", f" ({self.earlier.as_of})") if self.earlier.as_of else ("", "")
        text = Text(
            f"与上次检查{day[0]}相比：新增 {counts[Change.NEW]} 处，消除 {counts[Change.GONE]} 处，"
            f"未变 {counts[Change.UNCHANGED]} 处。",
            f"Since the earlier check{day[1]}: {counts[Change.NEW]} new, {counts[Change.GONE]} gone, "
            f"{counts[Change.UNCHANGED]} unchanged.",
        )
        now = self.now.count(Change.NOT_COMPARED)
        before = self.before.count(Change.NOT_COMPARED)
        if before:
            text = Text(
                f"{text.zh}上次的 {before} 处因所属规则本次未检查，不算消除。",
                f"{text.en} {before} of the earlier ones are not gone: their rules did not run this time.",
            )
        if now:
            text = Text(
                f"{text.zh}本次的 {now} 处因所属规则上次未检查，不算新增。",
                f"{text.en} {now} are not counted as new: their rules did not run last time.",
            )
        return text

    def summary(self, language: Language = "zh") -> str:
        """The paragraph, and a line for every rule in which something is new or gone."""
        frame = self.by_rule()
        moved = frame[(frame["new"] > 0) | (frame["gone"] > 0)]
        titles = {**self.earlier.outcomes, **self.found.outcomes}
        comma = "，" if language == "zh" else ", "
        lines = [self.paragraph().render(language)]
        for rule, row in moved.iterrows():
            title = titles[str(rule)].title.render(language) if rule in titles else ""
            said = comma.join(f"{each.label.render(language)} {row[each.value]}" for each in Change if row[each.value])
            lines.append(f"{rule} {title}{'：' if language == 'zh' else ': '}{said}")
        return "\n".join(lines)


def findings_since(found: Findings, earlier: Findings, *, tolerance_m: float = TOLERANCE_M) -> Since:
    """What became of each finding between an `earlier` check and this one.

    A finding that another rule tells now (`subsumed`) is not gone. One whose rule did not run in the other check is
    neither new nor gone but not_compared; a check without outcomes is taken to have run every rule.

    Example:
        >>> import gis
        >>> from gis.model.drawn import drawn
        >>> overlap = {"ecological_redline": [[0, 0, 9, 9]], "permanent_basic_farmland": [[5, 0, 20, 9]]}
        >>> lines = {"urban_development_boundary": [[30, 0, 40, 9]], "county": [[0, 0, 99, 99]]}
        >>> before = gis.check(drawn(overlap | lines), select="CL01")
        >>> after = gis.check(drawn(lines | {**overlap, "ecological_redline": [[0, 0, 5, 9]]}), select="CL01")
        >>> print(findings_since(after, before).summary("en"))
        Since the earlier check (2025-06-30): 0 new, 1 gone, 0 unchanged.
        CL01 The three control lines do not overlap: gone 1
    """
    mine = (*found, *found.subsumed)
    theirs = (*earlier, *earlier.subsumed)
    a, b = _frame(mine, found.crs, found.crs), _frame(theirs, earlier.crs, found.crs)
    i, j = _pairs(a, b, tolerance_m)
    same_now, same_before = np.zeros(len(a), bool), np.zeros(len(b), bool)
    same_now[i], same_before[j] = True, True
    return Since(
        found,
        earlier,
        _changes(found, same_now, earlier, Change.NEW),
        _changes(earlier, same_before, found, Change.GONE),
    )


def _changes(own: Findings, same: NDArray[np.bool_], other: Findings, else_: Change) -> tuple[Change, ...]:
    """What became of the findings of one check, given which of them the other has too."""
    ran = {each.rule for each in other.outcomes.values() if each.status is not Status.NOT_RUN}
    everything = not other.outcomes
    return tuple(
        Change.UNCHANGED if known else else_ if everything or each.rule in ran else Change.NOT_COMPARED
        for each, known in zip(own, same, strict=False)
    )


def _frame(items: Sequence[Finding], crs: Any, target: Any) -> pd.DataFrame:
    """One row per finding: what it says, and its place in the CRS `target`, None where it has none; in an order of content."""
    rows = [
        (each.rule, each.layer, each.other_layer, each.feature, each.other, each.message.zh, each.measure)
        for each in items
    ]
    frame = pd.DataFrame(rows, columns=[*_FEATURES, "message", "measure"])
    shapes = np.array([*(each.geometry for each in items), None], dtype=object)[:-1]
    shapes[~placed(shapes)] = None
    if crs != target:
        change = transformer(crs, target)
        shapes = shapely.transform(shapes, lambda xy: np.column_stack(change.transform(*xy.T)))
        shapes[~placed(shapes)] = None
    frame["wkb"] = [each.hex() if each is not None else "" for each in shapely.to_wkb(shapes, output_dimension=2)]
    frame["place"] = np.where(shapely.is_valid(shapes), shapes, shapely.make_valid(shapes))
    return frame


def _pairs(a: pd.DataFrame, b: pd.DataFrame, tolerance_m: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which rows of the two frames are the same finding, one to one."""
    alike = [*_FEATURES, "message", "wkb"]
    i, j = _counted_off(a, b, alike)
    rest_a, rest_b = a.drop(index=a.index[i]), b.drop(index=b.index[j])
    k, m = _best(rest_a, rest_b, tolerance_m)
    return np.concatenate([i, k]), np.concatenate([j, m])


def _counted_off(a: pd.DataFrame, b: pd.DataFrame, columns: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows that are equal in `columns`: the first with the first, the second with the second."""
    keys = [each[columns].assign(n=each.index, turn=each.groupby(columns, dropna=False).cumcount()) for each in (a, b)]
    pairs = keys[0].merge(keys[1], on=[*columns, "turn"], suffixes=("", "_b"))
    return pairs["n"].to_numpy(dtype=np.int64), pairs["n_b"].to_numpy(dtype=np.int64)


def _best(a: pd.DataFrame, b: pd.DataFrame, tolerance_m: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One partner at most for every row, the best pairs first; a pair has the same worth whichever check came first."""
    near = pd.concat([_near(a, b, tolerance_m), _named(a, b)], ignore_index=True)
    if near.empty:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    left, right = a.loc[near["i"]].reset_index(drop=True), b.loc[near["j"]].reset_index(drop=True)
    near["reworded"] = left["message"] != right["message"]
    rank_a, rank_b = _ranks(a, b)
    first, second = rank_a[near["i"]].to_numpy(), rank_b[near["j"]].to_numpy()
    near["low"], near["high"] = np.minimum(first, second), np.maximum(first, second)
    near = near.sort_values(["class", "reworded", "apart_m", "low", "high", "i", "j"])
    taken_a, taken_b, pairs = set(), set(), []
    for i, j in zip(near["i"].tolist(), near["j"].tolist(), strict=True):
        if i not in taken_a and j not in taken_b:
            taken_a.add(i)
            taken_b.add(j)
            pairs.append((i, j))
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _ranks(a: pd.DataFrame, b: pd.DataFrame) -> tuple[pd.Series[int], pd.Series[int]]:
    """The place of each row of both frames in one order by content, by its index."""
    columns = [*_FEATURES, "message", "wkb"]
    both = pd.concat([a[columns], b[columns]])
    rank = both.groupby(columns, dropna=False).ngroup()
    return rank.iloc[: len(a)], rank.iloc[len(a) :]


def _near(a: pd.DataFrame, b: pd.DataFrame, tolerance_m: float) -> pd.DataFrame:
    """Pairs that have a place and may be the same, with their class (0 the surest) and how far their middles are apart."""
    here, there = a[a["place"].notna()], b[b["place"].notna()]
    tree = shapely.STRtree(there["place"].to_numpy())
    left, right = tree.query(here["place"].to_numpy(), predicate="dwithin", distance=tolerance_m)
    i, j = here.index.to_numpy()[left], there.index.to_numpy()[right]
    alike = (a.loc[i, _LAYERS].to_numpy() == b.loc[j, _LAYERS].to_numpy()).all(axis=1)
    i, j = i[alike], j[alike]
    p, q = a.loc[i, "place"].to_numpy(), b.loc[j, "place"].to_numpy()
    named = (a.loc[i, ["feature", "other"]].to_numpy() == b.loc[j, ["feature", "other"]].to_numpy()).all(axis=1)
    agree = _agree(p, q, tolerance_m)
    apart = shapely.distance(shapely.centroid(p), shapely.centroid(q)).round(3)
    surest = np.select([named & agree, agree], [0, 1], 2)
    keep = named | agree
    return pd.DataFrame({"i": i[keep], "j": j[keep], "class": surest[keep], "apart_m": apart[keep]})


def _agree(p: NDArray[np.object_], q: NDArray[np.object_], tolerance_m: float) -> NDArray[np.bool_]:
    """Which places, at most `tolerance_m` apart, agree; a point stands for the whole place that it lies in."""
    point = (shapely.get_dimensions(p) == 0) | (shapely.get_dimensions(q) == 0)
    both = held(p, q, tolerance_m) & held(q, p, tolerance_m)
    shared = shapely.area(shapely.intersection(p, q))
    return np.asarray(point | both | (2 * shared > shapely.area(p) + shapely.area(q) - shared), dtype=bool)


def _named(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Pairs that name the same features, one of them without a place."""
    keys = [each[_FEATURES].assign(n=each.index, bare=each["place"].isna()) for each in (a, b)]
    pairs = keys[0].merge(keys[1], on=_FEATURES, suffixes=("", "_b"))
    pairs = pairs[pairs["bare"] | pairs["bare_b"]]
    return pd.DataFrame({"i": pairs["n"], "j": pairs["n_b"], "class": 3, "apart_m": 0.0})
