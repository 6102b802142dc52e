"""The area kernel that pages carry: its script, and what it must know of a plane."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from gis.geometry._gauss_kruger import plane

if TYPE_CHECKING:
    import pyproj

__all__ = ["areas_script", "plane_for_page"]


@cache
def areas_script() -> str:
    """The script `web/areas.js`: `LantuAreas.area(plane, polygon)` and `.shared(plane, a, b)` in m², polygons as in GeoJSON.

    Both are right to 1e-9 of the larger polygon as drawn, as `geometry.area.edge_true` is.
    """
    return (files("gis.present") / "web" / "areas.js").read_text(encoding="utf-8")


def plane_for_page(crs: pyproj.CRS) -> dict[str, Any] | None:
    """The series of the areal scale of a CGCS2000 Gauss–Krüger plane as JSON; None for any other CRS.

    Example:
        >>> import pyproj
        >>> plane_for_page(pyproj.CRS(4549))["east"], plane_for_page(pyproj.CRS(32650))
        (500000.0, None)
    """
    here = plane(crs)
    if here is None:
        return None
    unit = float(here.frame()[3])
    return {"east": round(here.east, 6), "north": round(here.north, 6), "unit": unit, "scale": here.scale.tolist()}
