"""The base coverage at the scale of a real land survey: open land in fields, towns in plots, villages in house groups."""

from __future__ import annotations

from dataclasses import fields as entries
from dataclasses import replace

import numpy as np

from gis.demo.fields import fields
from gis.demo.ground import Ground, make_ground
from gis.demo.growth import Reach
from gis.demo.parcels import Faces
from gis.demo.terrain import Floats, Terrain, generator
from gis.demo.urban import Urban

__all__ = ["refined"]

VARIETY = 0.35  # spread (of the logarithm) of parcel sizes from one block to the next


def refined(
    ground: Ground, urban: Urban, terrain: Terrain, reach: Reach, parcel_m2: float, seed: int
) -> tuple[Ground, Urban]:
    """The same ground in parcels of about `parcel_m2` on flat land, smaller in towns and wider in the mountains; rivers and roads stay whole.

    What is urban, whose township it is and which town owns it goes over from the face to its parcels; height, slope and chance
    are each parcel's own.
    """
    base = ground.faces
    size, rough = _sizes(ground, urban, parcel_m2, seed)
    polygon, parent, mesh = fields(base.polygon, size, rough, seed)
    faces = Faces(polygon, base.kind[parent], base.line[parent], base.purpose[parent], *mesh.neighbours(), mesh)
    admin = replace(ground.admin, township=ground.admin.township[parent])
    fine = make_ground(terrain, reach, faces, admin, seed=seed)
    masks = {each.name: getattr(urban, each.name)[parent] for each in entries(urban)}
    return replace(fine, owner=ground.owner[parent]), Urban(**masks)


def _sizes(ground: Ground, urban: Urban, parcel_m2: float, seed: int) -> tuple[Floats, Floats]:
    """How large the parcels of each face are to be (m², 0: it stays whole) and how ragged the lines between them."""
    times = np.interp(ground.slope, [0.0, 3.0, 8.0, 16.0], [0.85, 0.9, 1.2, 1.6])
    times = np.where(urban.boundary, 0.7, np.where(ground.village, 0.5, times))
    times *= np.exp(VARIETY * generator(seed, 15).standard_normal(ground.count))
    rough = np.interp(ground.slope, [0.0, 3.0, 9.0, 18.0], [0.03, 0.06, 0.13, 0.17])
    rough = np.where(urban.boundary | ground.village, 0.0, rough)
    return np.where(ground.land, parcel_m2 * times, 0.0), rough
