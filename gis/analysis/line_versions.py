"""The version of a control line that is in force: what was locked (封库), with the maintenance filed since, in order."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from gis.analysis.land_accounts import text_codes
from gis.analysis.maintenance import CHANGE, IN, OUT, changed_layers
from gis.analysis.quantities import usable
from gis.geometry import overlay

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.model.plan import Plan

    Objects = NDArray[np.object_]

__all__ = ["Version", "differences", "in_force", "unassigned"]


@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """Polygons of a line, each with the id of the feature, locked or moved in, that it comes from."""

    ids: Objects
    geometry: Objects


def in_force(plan: Plan, line: str, locked: Plan) -> Version:
    """What the line should be: as locked, then moved in and out piece by piece in the order of the maintenance numbers."""
    version = Version(np.asarray(locked[line].index.astype("str"), dtype=object), usable(locked, line))
    if CHANGE not in plan or not plan.has(CHANGE, "change_kind"):
        return version
    frame = plan[CHANGE]
    kind = text_codes(frame["change_kind"]).fillna("").to_numpy()
    mine = changed_layers(plan).eq(line).fillna(False).to_numpy(dtype=bool) & np.isin(kind, [IN, OUT])
    number = text_codes(frame["change_id"]).fillna("").to_numpy() if "change_id" in frame else np.full(len(frame), "")
    filed = sorted(np.flatnonzero(mine), key=lambda row: str(number[row]))
    geometry = usable(plan, CHANGE)
    names = np.asarray(frame.index.astype("str"), dtype=object)
    for way, each in groupby(filed, key=lambda row: kind[row]):
        rows = list(each)
        version = _moved(version, names[rows], geometry[rows], out=way == OUT)
    return version


def _moved(version: Version, names: Objects, geometry: Objects, *, out: bool) -> Version:
    if not out:
        return Version(np.append(version.ids, names), np.append(version.geometry, geometry))
    index, left = overlay.outside(version.geometry, geometry, valid=True)
    return Version(version.ids[index], left)


def unassigned(plan: Plan) -> int:
    """How many pieces of maintenance move something in or out and do not say of which layer."""
    if CHANGE not in plan or not plan.has(CHANGE, "change_kind"):
        return 0
    moves = text_codes(plan[CHANGE]["change_kind"]).isin([IN, OUT])
    return int((moves & changed_layers(plan).isna()).sum())


def differences(plan: Plan, line: str, locked: Plan) -> tuple[Version, Version]:
    """What the plan's line has beyond the version in force, and what it lacks of it, in single polygons."""
    should = in_force(plan, line, locked)
    now = Version(np.asarray(plan[line].index.astype("str"), dtype=object), usable(plan, line))
    return _beyond(now, should), _beyond(should, now)


def _beyond(one: Version, other: Version) -> Version:
    index, left = overlay.outside(one.geometry, other.geometry, valid=True)
    owner, parts = overlay.exploded(left)
    return Version(one.ids[index[owner]], parts)
