"""Coordinate forensics: which system a layer's numbers are most likely in, judged against a layer whose place is known.

Two kinds of evidence, both on a bounded sample of vertices (of lines, their ends):

- *inside*: the share that lies in the area of the reference. It tells zones, axes and units apart.
- *edges*: how many of the vertices near a border of the reference lie on it, and how closely. It tells datums apart, which
  move a layer by less than its size: only layers drawn or cut along those borders have such vertices.

Another system than the declared one is preferred only if it explains the vertices much better; where systems explain them
alike, the answer is that they cannot be told apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import shapely

from gis.analysis.borders import CAP_M, Borders, EdgeFit, best_shift, borders_of, edge_fit
from gis.analysis.likely_systems import Kind, OldDatum, Reading, declared, far, near, old_datums
from gis.crs import CGCS2000, metres_per_unit
from gis.geometry.reproject import transformed
from gis.i18n import Text
from gis.model.layers import layer_title

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.model.plan import Plan

    Floats = NDArray[np.float64]

__all__ = ["REFERENCES", "Forensics", "Hypothesis", "likely_systems", "of_layer", "reference_of"]

REFERENCES: Final = ("county", "municipality", "township")
"""The layers whose place is taken as known, the best known first."""

_SAMPLE: Final = 4096
_NEAR_M: Final = 2000.0  # vertices farther from every border say nothing of datums: BD-09 moves by some 1.2 km
_WEIGHED: Final = 2000
_FEWEST: Final = 12
_MARGIN: Final = 20.0  # log odds; high, because the vertices of one line are not independent
_LOOSEST: Final = 0.1  # a spread larger than this share of the shift does not prove the shift
_FINE_M: Final = 10.0  # Beijing 54 and Xi'an 80 are not told apart by anything coarser
_FITTED: Final = 6.0  # what trying 441 shifts may win by chance
_EXACT_M: Final = 2.0  # edges that fit as closely as this leave no room for another datum
_PER_OUTSIDE: Final = 3.0  # log odds that a vertex of a layer of this area lies outside it
_MOSTLY, _HARDLY = 0.8, 0.5
_SPILLED: Final = 0.01
_LONG: Final = 0.25  # of the reference's diagonal: a few features over the border are no sign of a shift


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One system that the numbers may be in, and how well the layer then fits the reference.

    share_inside     of the sampled vertices, 0–1
    residual_m       median distance to the borders of the vertices that ought to lie on them; NaN where none do
    east_m, north_m  how far the layer would move, median, m; NaN where its declared place is none
    score            log likelihood of the vertices; only differences mean something
    measured         the shift is not known beforehand, but measured: it does not tell which of the two layers is shifted
    """

    kind: Kind
    system: Text
    share_inside: float
    residual_m: float
    east_m: float
    north_m: float
    score: float
    remedy: Text
    measured: bool = False

    @property
    def shift_m(self) -> float:
        """How far the layer would move, m."""
        return float(np.hypot(self.east_m, self.north_m))

    @property
    def evidence(self) -> Text:
        """The numbers in words."""
        zh, en = f"{self.share_inside:.1%} 的顶点位于参照范围内", f"{self.share_inside:.1%} of the vertices inside"
        if np.isfinite(self.residual_m):
            zh, en = f"{zh}，边界残差 {self.residual_m:.1f} 米", f"{en}, borders fit to {self.residual_m:.1f} m"
        if self.shift_m > 0:
            west, south = self.east_m < 0, self.north_m < 0
            east_m, north_m = abs(self.east_m), abs(self.north_m)
            zh = f"{zh}，移向{'西' if west else '东'} {east_m:.0f} 米、{'南' if south else '北'} {north_m:.0f} 米"
            en = f"{en}, moved {east_m:.0f} m {'west' if west else 'east'} and {north_m:.0f} m {'south' if south else 'north'}"
        return Text(zh, en)


@dataclass(frozen=True, slots=True)
class Forensics:
    """The systems a layer may be in, the likeliest first, against a named reference.

    points   how many vertices were looked at
    rivals   the other systems that explain the vertices about as well as the first
    suspect  the declared system stands first, but a rival that is not proved fits better: on the edges, or in what lies outside
    apart_m  how far outside the reference all but 5 % of the vertices lie as declared, m; 0 if they do not
    """

    reference: Text
    points: int
    hypotheses: tuple[Hypothesis, ...]
    rivals: tuple[Hypothesis, ...] = ()
    suspect: bool = False
    apart_m: float = 0.0

    @property
    def best(self) -> Hypothesis:
        """The likeliest system."""
        return self.hypotheses[0]

    @property
    def decided(self) -> bool:
        """Whether no other system explains the vertices about as well."""
        return not self.rivals

    @property
    def conclusion(self) -> Text:
        """One sentence: the system, or those that cannot be told apart, with the numbers."""
        said = [
            Text(f"{each.system.zh}（{each.evidence.zh}）", f"{each.system.en} ({each.evidence.en})")
            for each in (self.best, *self.rivals)
        ]
        zh, en = "；".join(each.zh for each in said), "; ".join(each.en for each in said)
        return Text(zh, en) if self.decided else Text(f"无法区分：{zh}", f"cannot be told apart: {en}")


@dataclass(frozen=True, slots=True, eq=False)
class _Tried:
    """A reading, the places it gives, which of them the reference holds, and how they lie about its borders."""

    reading: Reading
    places: Floats
    inside: NDArray[np.bool_]
    distance_m: Floats
    fit: EdgeFit

    @property
    def share(self) -> float:
        return float(self.inside.mean())


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """What readings are tried on: the reference, the places as declared, how many it holds, which are near a border."""

    borders: Borders
    tolerance_m: float
    base: Floats
    held: int
    close: NDArray[np.int64]

    def of(self, reading: Reading, places: Floats) -> _Tried:
        """The reading, tried; one of another zone on its own vertices near borders."""
        close = self.close if reading.kind in ("declared", "datum") else _close(self.borders, places)
        distance = self.borders.distance(places[close], CAP_M)
        return _Tried(reading, places, self.borders.holds(places, self.tolerance_m), distance, edge_fit(distance))

    def move(self, tried: _Tried) -> Floats:
        """The median move in metres, east and north; NaN where there is none."""
        moved = tried.places - self.base
        moved = moved[np.isfinite(moved).all(axis=1)]
        return np.median(moved, axis=0) * metres_per_unit(self.borders.crs) if len(moved) else np.full(2, np.nan)

    def moved_m(self, tried: _Tried) -> float:
        """How far the layer is moved."""
        return float(np.hypot(*self.move(tried)))

    def score(self, tried: _Tried) -> float:
        """Of the edges, less what the reading puts outside; that a layer lies farther inside proves nothing."""
        lost = max(0, self.held - int(tried.inside.sum()))
        return tried.fit.score - _PER_OUTSIDE * lost - (_FITTED if tried.reading.measured else 0.0)

    def proves(self, tried: _Tried) -> bool:
        """Whether the edges speak for a reading: many vertices on borders, far more closely than the layer was moved.

        Those that do not fit exactly must do so along much of the border: a small feature may come near it by chance.
        """
        loosest = max(1.0, _LOOSEST * self.moved_m(tried)) if tried.reading.kind == "datum" else _EXACT_M
        matched = tried.fit.share * len(tried.distance_m)
        if tried.fit.score <= _MARGIN or matched < _FEWEST or tried.fit.spread_m > loosest:
            return False
        return tried.fit.spread_m <= _EXACT_M or self.stretches(tried) >= _FEWEST

    def stretches(self, tried: _Tried) -> int:
        """In how many squares of 2 km vertices fit the borders: those of one small feature are no independent witnesses."""
        fitting = tried.distance_m <= 2 * tried.fit.spread_m
        return len(np.unique(np.floor(tried.places[self.close][fitting] / _NEAR_M), axis=0))


def likely_systems(geometries: Any, crs: Any, borders: Borders, *, tolerance_m: float = 1.0) -> Forensics | None:
    """The ranking of systems for geometries whose numbers are declared in `crs`; None where they have no coordinates.

    `borders` is the reference; `tolerance_m` is what its accuracy and the layer's allow. Beijing 54 and Xi'an 80, whose
    shifts are not much larger, are tried only up to a tolerance of 10 m.
    """
    x, y = _sampled(geometries)
    if not len(x):
        return None
    base = _placed(declared(crs), x, y, borders)
    held = int(borders.holds(base, tolerance_m).sum())
    trial = _Trial(borders, tolerance_m, base, held, _close(borders, base))
    first = trial.of(declared(crs), base)
    shifted = [trial.of(each, _placed(each, x, y, borders)) for each in near(crs)]
    elsewhere = far(x, y, crs) if first.share < _HARDLY else ()
    remote = [trial.of(each, _placed(each, x, y, borders)) for each in elsewhere]
    settled = any(trial.proves(each) and each.fit.spread_m <= _EXACT_M for each in (first, *shifted))
    if tolerance_m <= _FINE_M and len(trial.close) >= _FEWEST and not settled:
        shifted += [trial.of(*_settled(each, x, y, trial)) for each in old_datums(crs, borders.crs, base)]
    ranked = _ranked(trial, first, [each for each in shifted if trial.moved_m(each) > tolerance_m], remote)
    return replace(ranked, points=len(x), apart_m=borders.apart(base))


def reference_of(plan: Plan, layer: str = "") -> str | None:
    """The layer that `layer` is judged against: the best known of those the plan has, other than itself; None if there is none."""
    have = (each for each in REFERENCES if each in plan and each != layer)
    return next((each for each in have if _borders(plan, each) is not None), None)


def of_layer(plan: Plan, layer: str, reference: str = "") -> Forensics | None:
    """The ranking for one layer of a plan; None without a reference, or where layer has no coordinates. Made once per plan.

    The layer is taken as it was drawn, in the system it was read in.
    """
    against = reference or reference_of(plan, layer) or ""
    borders = _borders(plan, against) if against in plan else None
    if borders is None:
        return None
    accuracy = np.hypot(plan.accuracy.of(layer).position_m, plan.accuracy.of(against).position_m)
    drawn = plan.source(layer).geometry
    geometry = plan[layer].geometry if drawn is None else drawn
    found = plan.memo(
        ("forensics", layer, against),
        lambda: likely_systems(geometry.to_numpy(), geometry.crs, borders, tolerance_m=max(1.0, float(accuracy))),
    )
    return None if found is None else replace(found, reference=layer_title(against))


def _borders(plan: Plan, layer: str) -> Borders | None:
    found: Borders | None = plan.memo(("borders", layer), lambda: borders_of(plan[layer].geometry.to_numpy(), plan.crs))
    return found


def _sampled(geometries: Any) -> tuple[Floats, Floats]:
    """Vertices of polygons and points, ends of lines: finite, distinct, at most 4096, evenly taken."""
    array = shapely.get_parts(np.asarray(geometries, dtype=object))
    lines = shapely.get_dimensions(array) == 1
    ends = [shapely.get_point(array[lines], each) for each in (0, -1)]
    xy = shapely.get_coordinates(np.concatenate([array[~lines], *ends]))
    xy = _thinned(xy[np.isfinite(xy).all(axis=1)], 4 * _SAMPLE)
    xy = _thinned(np.unique(xy, axis=0), _SAMPLE)
    return xy[:, 0], xy[:, 1]


def _thinned(rows: NDArray[Any], most: int) -> NDArray[Any]:
    """At most so many rows, evenly taken."""
    kept: NDArray[Any] = rows[np.linspace(0, len(rows) - 1, min(len(rows), most)).round().astype(int)]
    return kept


def _placed(reading: Reading, x: Floats, y: Floats, borders: Borders) -> Floats:
    """The places in the reference's CRS, one row per point; NaN where there is none."""
    places: Floats = np.stack(transformed(*reading.degrees(x, y), CGCS2000, borders.crs), axis=1)
    return np.where(np.isfinite(places), places, np.nan)


def _close(borders: Borders, places: Floats) -> NDArray[np.int64]:
    """The numbers of the places near a border, at most 2000, evenly taken."""
    return _thinned(np.flatnonzero(np.isfinite(borders.distance(places, _NEAR_M))), _WEIGHED)


def _settled(datum: OldDatum, x: Floats, y: Floats, trial: _Trial) -> tuple[Reading, Floats]:
    """The reading in an old datum whose shift is measured, within its known range."""
    start = datum.places(x, y, trial.base) + np.array(datum.middle_m)
    return datum.reading, start + best_shift(start[trial.close], trial.borders, datum.half_m)


def _ranked(trial: _Trial, first: _Tried, shifted: list[_Tried], remote: list[_Tried]) -> Forensics:
    """The readings in the order of how well they explain the vertices, with those that do so about as well as the first."""
    remote = sorted(remote, key=lambda each: -each.share)
    fitting = [each for each in remote if each.share >= _MOSTLY]
    score = {each: trial.score(each) for each in (first, *shifted)}
    proved = [each for each in shifted if score[each] > score[first] + _MARGIN and trial.proves(each)]
    best = fitting[0] if fitting else max(proved, key=score.__getitem__, default=first)
    if fitting:
        rivals = fitting[1:]
    else:
        rivals = [each for each in proved or shifted if each is not best and score[each] > score[best] - _MARGIN]
    order = dict.fromkeys([best, *fitting, *sorted(score, key=lambda each: -score[each]), *remote])
    known = max((each for each in order if len(each.distance_m)), key=lambda each: each.fit.score, default=first)
    made = {each: _hypothesis(trial, each, known) for each in order}
    suspect = best is first and any(_tempts(trial, each, first) for each in rivals)
    return Forensics(Text("", ""), 0, tuple(made.values()), tuple(made[each] for each in rivals), suspect)


def _tempts(trial: _Trial, rival: _Tried, first: _Tried) -> bool:
    """Whether a rival that is not proved explains edges much better, or a spill, along much of the border."""
    if trial.score(rival) > trial.score(first) + _MARGIN:
        return trial.stretches(rival) >= _FEWEST
    over = trial.base[~first.inside & np.isfinite(trial.base).all(axis=1)]
    if len(over) < _FEWEST or 1 - first.share < _SPILLED or 1 - rival.share > 0.1 * (1 - first.share):
        return False
    along, whole = np.ptp(over, axis=0), np.ptp(trial.borders.ends, axis=(0, 1))
    return bool(np.hypot(*along) >= _LONG * np.hypot(*whole))


def _hypothesis(trial: _Trial, tried: _Tried, known: _Tried) -> Hypothesis:
    """The numbers of a reading; the vertices that ought to lie on borders are as many as do in the reading that fits best."""
    ought = round(known.fit.share * len(tried.distance_m))
    shows = known.fit.score > _MARGIN and ought > 0
    residual = float(np.median(np.sort(tried.distance_m)[:ought])) if shows else float("nan")
    east, north = (float(each) for each in trial.move(tried))
    reading = tried.reading
    return Hypothesis(
        reading.kind, reading.system, tried.share, residual, east, north,
        trial.score(tried), reading.remedy, reading.measured,
    )  # fmt: skip
