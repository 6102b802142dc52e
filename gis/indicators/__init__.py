"""What is measured: an indicator is one function that returns a value for the plan and for each area unit.

control_lines · spaces · land_use · population · network · urban_system; `terms` holds what they share.
"""

from gis.indicators import (  # noqa: F401 - importing a theme puts its indicators into INDICATORS
    control_lines,
    land_use,
    network,
    population,
    spaces,
    urban_system,
)
from gis.indicators.base import INDICATORS, Indicator
from gis.indicators.engine import measure
from gis.indicators.measures import Measure, Measures

__all__ = ["INDICATORS", "Indicator", "Measure", "Measures", "measure"]
