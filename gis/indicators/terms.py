"""The terms that several indicators share: ground, residents, and the classes of land, each by area unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from gis.analysis.land_accounts import TOWN_AND_COUNTRY, URBAN, coded, construction, urban_construction
from gis.i18n import Text
from gis.indicators import quantities
from gis.indicators.base import NotMeasured, Values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.indicators.quantities import AreaUnits
    from gis.model.plan import Plan

    Mask = NDArray[np.bool_]

__all__ = [
    "GROUND", "NO_GROUND", "NO_RESIDENTS", "RESIDENTS", "TOWN_AND_COUNTRY", "URBAN", "built", "ground", "land", "of_class",
    "official", "residents",
]  # fmt: skip

GROUND: Final = "municipality|county"
"""What the ground of a plan is known from."""
RESIDENTS: Final = "municipality.residents|county.residents|population.residents"
NO_GROUND: Final = Text("行政区面积为零", "the administrative unit has no area")
NO_RESIDENTS: Final = Text("常住人口为零", "there are no residents")
_NO_FIGURE: Final = Text("行政区未填常住人口，也没有人口分布图层", "no figure of residents, and no layer of population")


def official(plan: Plan, units: AreaUnits, layer: str, where: Mask | None = None) -> Values:
    """The official area of the chosen features of a layer."""
    return Values(quantities.by_unit(plan, units, layer, quantities.official_m2(plan, layer), where))


def ground(plan: Plan, units: AreaUnits) -> Values:
    """The official area of the administrative units: of the municipality (else of its counties), and of each unit."""
    whole = quantities.official_m2(plan, "municipality" if "municipality" in plan else "county").sum()
    own = quantities.official_m2(plan, units.layer) if units.layer else np.empty(0)
    per_unit = np.bincount(units.unit_of, own, len(units)).astype(float)
    return Values(np.concatenate([[whole], per_unit]))


def residents(plan: Plan, units: AreaUnits, field: str = "residents") -> Values:
    """Residents as the administrative layers state them; where these say nothing, those of the layer of population."""
    stated = quantities.attribute(plan, units, field)
    if field == "residents" and plan.has("population", field):
        counted = quantities.located_sum(plan, units, "population", field)
        stated = np.where(np.isnan(stated), counted, stated)
    return Values(stated, _NO_FIGURE)


def of_class(plan: Plan, layer: str, *prefixes: str) -> Mask:
    """Whether each feature's land-use class begins with one of the codes.

    Raises: NotMeasured if no feature has a class.
    """
    codes = plan[layer]["class_code"]
    if codes.isna().all():
        raise NotMeasured("用地图层没有填写地类编码", "the layer of land use has no class codes")
    return coded(codes, prefixes)


def built(plan: Plan, settlements: tuple[str, ...] = ()) -> Mask:
    """Whether each parcel of current land use is construction land on the converted base; of these settlement codes, if any.

    Raises: NotMeasured if no parcel has a class.
    """
    of_class(plan, "land_use_current", "")
    now = plan["land_use_current"]
    return urban_construction(now, settlements) if settlements else construction(now)


def land(plan: Plan, units: AreaUnits, where: Mask, layer: str = "land_use_current") -> Values:
    """The area of the chosen parcels as stated (closed to the control total), official where none is stated."""
    return Values(quantities.by_unit(plan, units, layer, quantities.stated_m2(plan, layer), where))
