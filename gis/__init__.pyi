"""Types of the lazy door in `__init__.py`."""

from collections.abc import Mapping

from gis.decide.site import site as site
from gis.decide.site import sites as sites
from gis.decide.verify import verify as verify
from gis.demo import demo_plan as demo_plan
from gis.errors import GisError as GisError
from gis.i18n import Text as Text
from gis.indicators import INDICATORS as INDICATORS
from gis.indicators import measure as measure
from gis.model.accuracy import Accuracy as Accuracy
from gis.model.concept import Concept, Source
from gis.model.finding import Findings as Findings
from gis.model.finding import Severity as Severity
from gis.model.layers import LAYERS as LAYERS
from gis.model.plan import Plan as Plan
from gis.model.site import Site as Site
from gis.model.tables import TABLES as TABLES
from gis.present.findings import save_findings as save_findings
from gis.present.official_tables import save_tables as save_tables
from gis.present.plan_files import save_plan as save_plan
from gis.present.qgis import save_qgis as save_qgis
from gis.present.report import report as report
from gis.present.site_files import save_site as save_site
from gis.present.site_report import site_report as site_report
from gis.present.web_map import web_map as web_map
from gis.read import read_plan as read_plan
from gis.read.certificate import read_certificate as read_certificate
from gis.read.site import read_site as read_site
from gis.rules import RULES as RULES
from gis.rules import check as check

__version__: str
CONCEPTS: Mapping[str, Concept]
SOURCES: Mapping[str, Source]
__all__: list[str]
