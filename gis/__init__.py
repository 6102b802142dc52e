"""Lantu GIS 蓝图: draw up, check and supervise a territorial plan (国土空间规划).

Nothing heavy is imported until it is touched; `dir(gis)` lists all there is.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

try:
    __version__ = version("lantu-gis")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+unknown"

_HOMES: Final[dict[str, str]] = {
    "Accuracy": "gis.model.accuracy",
    "Findings": "gis.model.finding",
    "GisError": "gis.errors",
    "INDICATORS": "gis.indicators",
    "LAYERS": "gis.model.layers",
    "Plan": "gis.model.plan",
    "RULES": "gis.rules",
    "Severity": "gis.model.finding",
    "Site": "gis.model.site",
    "TABLES": "gis.model.tables",
    "Text": "gis.i18n",
    "check": "gis.rules",
    "demo_plan": "gis.demo",
    "measure": "gis.indicators",
    "read_certificate": "gis.read.certificate",
    "read_plan": "gis.read",
    "read_site": "gis.read.site",
    "report": "gis.present.report",
    "save_findings": "gis.present.findings",
    "save_plan": "gis.present.plan_files",
    "save_qgis": "gis.present.qgis",
    "save_site": "gis.present.site_files",
    "save_tables": "gis.present.official_tables",
    "site": "gis.decide.site",
    "site_report": "gis.present.site_report",
    "sites": "gis.decide.site",
    "verify": "gis.decide.verify",
    "web_map": "gis.present.web_map",
}

_MADE: Final[dict[str, tuple[str, str]]] = {
    "CONCEPTS": ("gis.model.concept", "concepts"),
    "SOURCES": ("gis.model.concept", "sources"),
}
"""Catalogues that are read from packaged files when they are first asked for."""

__all__ = sorted(["__version__", *_HOMES, *_MADE])  # noqa: PLE0605 - one list, in one place


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    elif name in _MADE:
        module, maker = _MADE[name]
        value = getattr(import_module(module), maker)()
    else:
        raise AttributeError(f"module 'gis' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
