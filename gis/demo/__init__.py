"""The invented city: a whole plan, made by numbers alone, for trying things out."""

from __future__ import annotations

from datetime import date

from gis.demo.city import City, make_city
from gis.demo.sizes import SIZES
from gis.errors import AnalysisError
from gis.model.layers import LAYERS
from gis.model.plan import LayerSource, Plan, RasterSource

__all__ = ["City", "demo_plan", "make_city"]

AS_OF = date(2025, 6, 30)
VERSION = "封库版（虚构）"
GROUP_DATES = {
    "administration": "2023-12-31",
    "control_lines": "2022-09-30",
    "network": "2024-12-31",
    "nature": "2023-12-31",
}
DATES = {"survey_parcel": "2023-12-31", "land_use_current": "2023-12-31", "settlement": "2023-12-31"}


def demo_plan(size: str = "town", *, faults: bool = False, seed: int = 0) -> Plan:
    """The plan of the invented city 澜川市 in EPSG:4549, with its height raster `dem` and its targets.

    size     `town`: about 6 400 parcels on 1 000 km²;
             `county`: the same ground and plan in about 100 000 parcels, about a hectare each;
             `city`: ten times the ground, two districts and eight counties, about 1 000 000 parcels
    faults   True plants the catalogued faults, one place each; False gives a plan without findings
    seed     the same seed always gives the same city, to the last digit

    Raises: AnalysisError for a size there is none of.
    """
    if size not in SIZES:
        raise AnalysisError(
            f"示例城市的规模“{size}”不存在。可选：{'、'.join(SIZES)}。",
            f"There is no demo size {size!r}. Choose one of: {', '.join(SIZES)}.",
        )
    plan = _as_plan(make_city(seed, SIZES[size]))
    if not faults:
        return plan
    from gis.demo.faults import plant  # noqa: PLC0415 - only a plan with faults needs them

    return plant(plan)[0]


def _as_plan(city: City) -> Plan:
    """The city as a Plan, each layer with the date of its data and the control lines with their version."""
    dates = {layer: DATES.get(layer, GROUP_DATES.get(LAYERS[layer].group, AS_OF.isoformat())) for layer in city.layers}
    sources = {
        layer: LayerSource(as_of=day, version=VERSION if LAYERS[layer].group == "control_lines" else "")
        for layer, day in dates.items()
    }
    plan = Plan(
        layers=city.layers,
        crs=city.crs,
        name=f"{city.name}国土空间总体规划（2021—2035年）",
        rasters={"dem": RasterSource(values=city.dem, transform=city.transform, nodata=-9999.0, as_of="2023")},
        sources=sources,
        as_of=AS_OF,
    )
    return plan.with_targets(**city.targets)
