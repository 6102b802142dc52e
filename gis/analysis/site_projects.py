"""Whether a site is a project of the list: by its name, and by lying in the corridor about its schematic position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from gis.analysis.land_accounts import flagged, text_codes
from gis.analysis.quantities import usable
from gis.crs import metres_per_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.model.plan import Plan

    Objects = NDArray[np.object_]

__all__ = ["project_of"]

_SHORTEST: Final = 4
"""Characters from which a name that is contained in another is taken for the same."""


def project_of(plan: Plan, corridor_m: float) -> pd.DataFrame:
    """For each site of the plan the project of its name: `feature` (row number, −1 for none), `near`, `listed`.

    Names are compared without blanks and marks; one may be contained in the other. Of several of the name the nearest counts.
    `near` says that the site lies within `corridor_m` of the project's position, which may be a point, a line or an area.

    Example:
        >>> from gis.model.drawn import drawn
        >>> plan = drawn({"site": [{"box": [0, 0, 10, 10], "name": "江南 水厂"}], "project": [{"point": [200, 0], "name": "江南水厂"}]})
        >>> project_of(plan, 500).values.tolist()
        [[0, True, True]]
    """
    sites = plan["site"]
    out = pd.DataFrame({"feature": -1, "near": False, "listed": False}, index=range(len(sites)))
    if "project" not in plan or "name" not in plan["project"] or "name" not in sites:
        return out
    projects, asked = plan["project"], _plain(sites["name"])
    known = _plain(projects["name"])
    listed = flagged(projects["listed"]) if "listed" in projects else np.ones(len(projects), dtype=bool)
    place, polygons = _located(projects.geometry.to_numpy()), usable(plan, "site")
    for name in {each for each in asked if each}:
        rows = [n for n, other in enumerate(known) if _same(name, other)]
        for site in [n for n, other in enumerate(asked) if other == name] if rows else ():
            far = np.nan_to_num(shapely.distance(polygons[site], place[rows]) * metres_per_unit(plan.crs), nan=np.inf)
            best = int(np.argmin(far))
            out.loc[site] = [rows[best], bool(far[best] <= corridor_m), bool(listed[rows[best]])]
    return out


def _located(geometry: Any) -> Objects:
    """The positions, None where a coordinate is no number: from there GEOS measures no distance."""
    place = np.array(geometry, dtype=object)
    xy, row = shapely.get_coordinates(place, return_index=True)
    place[row[~np.isfinite(xy).all(axis=1)]] = None
    return place


def _plain(names: Any) -> list[str]:
    text = text_codes(names).fillna("").str.replace(r"[\W_]+", "", regex=True).str.casefold()
    return [str(each) for each in text]


def _same(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= _SHORTEST and short in long)
