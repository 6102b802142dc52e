"""What must hold: a rule is one pure function that returns the offending places; the letters of its id name the file.

DL delivery · CR crs · DQ data_quality · TP topology · CL control_lines · UB urban_boundary · FP farmland · ER redline · ZN zones ·
CD central_district · US urban_system · SF safety · ST siting · WV waivers
"""

from gis.rules import (  # noqa: F401 - importing a family puts its rules into RULES
    central_district,
    central_district_detail,
    central_district_renewal,
    control_lines,
    crs,
    data_quality,
    data_quality_codes,
    delivery,
    delivery_figures,
    delivery_records,
    delivery_totals,
    farmland,
    farmland_balance,
    farmland_replacement,
    farmland_use,
    redline,
    redline_sea,
    safety,
    safety_distances,
    safety_hazards,
    safety_heritage,
    siting,
    siting_kinds,
    siting_protection,
    topology,
    topology_holes,
    urban_boundary,
    urban_boundary_building,
    urban_boundary_increment,
    urban_system,
    urban_system_counties,
    waivers,
    zones,
    zones_admission,
    zones_evaluated,
)
from gis.rules.base import FAMILIES, RULES, Rule
from gis.rules.engine import check

__all__ = ["FAMILIES", "RULES", "Rule", "check"]
