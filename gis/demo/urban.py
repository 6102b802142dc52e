"""Which faces are built up now and which the urban development boundary takes in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis.demo.ground import Ground
from gis.demo.settlements import Place
from gis.demo.terrain import Floats

__all__ = ["Urban", "make_urban"]

Mask = NDArray[np.bool_]
FLEXIBLE_SHARE = 0.07  # of the concentrated zone of the centre and the county towns
PARK_M2, PARK_BUILT = 1.5e6, 0.62  # the detached industrial park and the share of it that is built


@dataclass(frozen=True)
class Urban:
    """Masks over the faces: built (urban land now), growth (to be built), flexible, special (特别用途区), window (开天窗), park (enclave)."""

    built: Mask
    growth: Mask
    flexible: Mask
    special: Mask
    window: Mask
    park: Mask

    @property
    def concentrated(self) -> Mask:
        """The faces of the 城镇集中建设区."""
        return self.built | self.growth

    @property
    def boundary(self) -> Mask:
        """The faces within the urban development boundary."""
        return self.built | self.growth | self.flexible | self.special


def make_urban(ground: Ground, places: list[Place]) -> Urban:
    """The present and the planned extent of every town, compact, with its hills, river banks and windows."""
    built, planned = (_extent(ground, places, future) for future in (False, True))
    planned = ground.without_small(planned | built, 6e4)
    built &= planned
    windows = _windows(ground, planned & ~built, planned)
    planned &= ~windows
    special = _special(ground, planned, windows)
    crumbs = special & ~ground.without_small(special, 6e4) & (ground.slope < 10.0) & ~ground.village
    planned |= crumbs
    special &= ~crumbs
    flexible = _flexible(ground, places, planned | special | windows)
    park = _park(ground, places, planned | special | flexible | windows)
    inner = park & (_rank(ground, park) < PARK_BUILT)
    inner = park & (inner | (ground.road & (ground.touching(inner) > 0.6)))
    return Urban(built | inner, (planned & ~built) | (park & ~inner), flexible, special, windows, park)


def _extent(ground: Ground, places: list[Place], future: bool) -> Mask:
    """The faces of every town, nearest first, until its urban area is reached; then streets between them, then smoothed."""
    usable = ground.land & (ground.slope < 8.0) & ~(ground.village & future)
    chosen = np.zeros(ground.count, dtype=np.bool_)
    for number, place in enumerate(places):
        goal = (place.future_m2 if future else place.present_m2) * 0.9  # streets come on top
        here = np.flatnonzero(usable & (ground.owner == number) & (ground.share < 1.5))
        here = here[np.argsort(ground.share[here], kind="stable")]
        chosen[here[np.cumsum(ground.area[here]) <= goal]] = True
    for _ in range(3):
        inner = ground.touching(chosen)
        chosen |= ground.land & (inner > 0.72) & (ground.slope < 9.0)
        chosen |= ground.road & (inner > 0.58)
        chosen &= ~(ground.land & (inner < 0.22)) & ~(ground.road & (inner < 0.4))
    chosen = ground.without_small(chosen, 1.2e5)
    return chosen


def _rank(ground: Ground, mask: Mask) -> Floats:
    """Within a mask, the share of its area that lies farther west of each face, 0 to 1; 1 outside."""
    rank = np.ones(ground.count)
    here = np.flatnonzero(mask)
    here = here[np.argsort(ground.middle[here, 0], kind="stable")]
    rank[here] = np.cumsum(ground.area[here]) / ground.area[here].sum()
    return rank


def _windows(ground: Ground, growth: Mask, planned: Mask) -> Mask:
    """Fields left out of the boundary though it surrounds them: two by the centre, one by a county town."""
    windows = np.zeros(ground.count, dtype=np.bool_)
    for number, least in ((0, 2), (1, 1)):
        wide = growth & (ground.owner == number) & ground.land & (ground.slope < 3.5) & (ground.area > 3e4)
        deep = wide & ~ground.beside(~planned) & ~ground.beside(ground.village)
        found = 0
        rim = np.abs(ground.share - 0.9)
        for face in np.flatnonzero(deep)[np.argsort(rim[deep], kind="stable")].tolist():
            apart = np.hypot(*(ground.middle[windows] - ground.middle[face]).T)
            if found < least and (not len(apart) or apart.min() > 1_500.0):
                windows[face] = True
                found += 1
    return windows


def _special(ground: Ground, planned: Mask, windows: Mask) -> Mask:
    """The special-purpose zone: what the boundary encloses besides, such as hills and villages, and the river between banks."""
    special = np.zeros(ground.count, dtype=np.bool_)
    for _ in range(2):
        inner = ground.touching(planned | special)
        special |= ~planned & ~windows & (inner > 0.66) & (ground.area < 4e5)
        special |= ~planned & ~windows & ground.water & (inner > 0.5)
    whole = planned | special
    holes = ground.filled(whole, 1.2e6) & ~whole & ~windows
    for extra in (_hill_parks(ground, whole | holes), _village(ground, whole | holes)):
        holes |= extra & ~whole & ~windows
    return (special | holes) & ~_pin(ground, planned | special | holes, special | holes)


def _hill_parks(ground: Ground, boundary: Mask) -> Mask:
    """Hills at the edge of the towns, kept as parks: a few, each well held by the boundary."""
    hill = (
        ground.land & ~ground.village & ~boundary & (ground.slope > 4.0) & (ground.slope < 18.0) & (ground.area < 3.5e5)
    )
    held = np.where(hill & (ground.share < 1.5), ground.touching(boundary), 0.0)
    order = np.argsort(-held, kind="stable")[:7]
    parks = np.zeros(ground.count, dtype=np.bool_)
    parks[order[held[order] > 0.2]] = True
    return parks


def _village(ground: Ground, boundary: Mask) -> Mask:
    """The village that the centre's boundary half surrounds: it stays a village within the special-purpose zone."""
    near = ground.village & ~boundary & (ground.owner == 0) & (ground.area > 3e4)
    held = np.where(near, ground.touching(boundary), 0.0)
    chosen = np.zeros(ground.count, dtype=np.bool_)
    best = int(np.argmax(held))
    chosen[best] = held[best] > 0.08
    return chosen


def _pin(ground: Ground, boundary: Mask, special: Mask) -> Mask:
    """Special-purpose faces that hang on the boundary by less than a tenth of their own outline."""
    return special & (ground.touching(boundary) < 0.1)


def _flexible(ground: Ground, places: list[Place], taken: Mask) -> Mask:
    """The flexible zone: open flat land just outside, on the side where the town has most of it."""
    flexible = np.zeros(ground.count, dtype=np.bool_)
    open_land = ground.land & ~ground.village & (ground.slope < 4.0) & ~taken
    for number, place in enumerate(p for p in places if p.tier < 2):
        inside = taken & (ground.owner == number)
        near = open_land & (ground.owner == number) & (ground.share < 1.22)
        bearing = np.arctan2(ground.middle[:, 1] - place.y, ground.middle[:, 0] - place.x)
        sectors = np.linspace(-np.pi, np.pi, 16, endpoint=False)
        turn = [np.abs((bearing - s + np.pi) % (2 * np.pi) - np.pi) for s in sectors]
        best = int(np.argmax([ground.area[near & (t < 0.5)].sum() for t in turn]))
        order = np.flatnonzero(near & (turn[best] < 0.75))
        order = order[np.argsort(ground.share[order], kind="stable")]
        goal = FLEXIBLE_SHARE * ground.area[inside].sum()
        flexible[order[np.cumsum(ground.area[order]) <= goal]] = True
    flexible |= ground.road & ~taken & (ground.touching(flexible | taken) > 0.8) & ground.beside(flexible)
    connected = ground.pieces(flexible | taken)
    rooted = np.unique(connected[taken])
    return flexible & np.isin(connected, rooted) & (ground.touching(flexible | taken) > 0.12)


def _park(ground: Ground, places: list[Place], taken: Mask) -> Mask:
    """A compact industrial park on flat land by the expressway, well apart from the towns."""
    flat = ground.land & ~ground.village & (ground.slope < 3.0) & (ground.share > 2.2) & ~taken
    motorway = ground.middle[ground.faces.kind == "高速公路"]
    centre, county = np.array([places[0].x, places[0].y]), ground.admin.county
    candidates = np.flatnonzero(flat & np.isin(county, ("339921", "339922")))
    if not len(candidates):
        candidates = np.flatnonzero(flat)
    to_road = np.array([np.hypot(*(motorway - m).T).min() for m in ground.middle[candidates]])
    to_centre = np.hypot(*(ground.middle[candidates] - centre).T)
    start = ground.middle[candidates[int(np.argmin(np.abs(to_road - 1_100.0) * 3.0 + to_centre))]]
    far = np.hypot(*(ground.middle - start).T)
    here = np.flatnonzero(flat & (county == county[int(np.argmin(far))]))
    here = here[np.argsort(far[here], kind="stable")]
    park = np.zeros(ground.count, dtype=np.bool_)
    park[here[np.cumsum(ground.area[here]) <= PARK_M2]] = True
    park |= (ground.touching(park) > 0.6) & ~ground.water & ~taken & (ground.faces.kind != "高速公路")
    number = ground.pieces(park)
    sizes = np.bincount(number[park], ground.area[park])
    return np.asarray(park & (number == int(np.argmax(sizes))), dtype=np.bool_)
