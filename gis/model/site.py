"""A proposed site (拟选址地块): the parcels a project asks for, as they came in, before anything is judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from gis.i18n import Text

__all__ = ["SITE_COLUMNS", "Site"]

SITE_COLUMNS: Final = ("site", "parcel", "name", "use", "class_code", "stated_ha", "width_m")
"""The columns of `Site.parcels` beside the geometry; others are kept as they came."""


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """One or many proposed sites in the CRS they came in; never moved silently.

    parcels   a GeoDataFrame, one row per parcel (地块), index = unique id, with `SITE_COLUMNS`: `site` tells which site a
              parcel belongs to, `parcel` is its number (地块编号), `use` its use (用途), `class_code` its class (地类编码),
              `stated_ha` the area stated (NaN where none is), `width_m` the corridor width of a line (NaN for an area);
              geometry Polygon or MultiPolygon, or a line that has a width
    name      of the whole, as the file calls it
    notices   what was recognised, closed, repaired or left
    source    the file it was read from; empty where there is none
    surveyed  what the file states of its survey (坐标系, 精度, 制作单位 …), by the file's own heads
    """

    parcels: gpd.GeoDataFrame
    name: Text | str = ""
    notices: tuple[Text, ...] = ()
    source: str = ""
    surveyed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def crs(self) -> Any:
        """The system the coordinates are declared in."""
        return self.parcels.crs

    def __len__(self) -> int:
        """How many parcels there are."""
        return len(self.parcels)
