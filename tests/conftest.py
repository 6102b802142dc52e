"""What tests share: real data, a browser, QGIS, the demo city. With LANTU_REQUIRE=all a missing one is a failure."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from gis.model.plan import Plan

settings.register_profile(
    "steady", deadline=None, derandomize=True
)  # a slow machine is no fault, and a fault comes again
settings.load_profile("steady")

collect_ignore = ["qgis_probe.py"]  # runs in QGIS's own Python
ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"


def lacking(what: str) -> NoReturn:
    """Skip, or fail where everything is required."""
    if os.environ.get("LANTU_REQUIRE") == "all":
        pytest.fail(f"{what} is missing, and LANTU_REQUIRE=all")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout; it is never copied into the project."""
    if not (SHARED / "data").is_dir():
        lacking("the folder of real data, ../shared/data")
    return SHARED / "data"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of chromedriver; Chromium itself stands beside it."""
    driver = shutil.which("chromedriver")
    if driver is None or shutil.which("chromium") is None:
        lacking("Chromium with chromedriver")
    return driver


@pytest.fixture(scope="session")
def qgis() -> str:
    """The system's Python that can import QGIS (PyQGIS does not live in virtual environments)."""
    python = "/usr/bin/python3"
    clean = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "QT_QPA_PLATFORM": "offscreen"}
    if (
        not Path(python).exists()
        or subprocess.run([python, "-c", "import qgis.core"], env=clean, capture_output=True, check=False).returncode
    ):
        lacking("QGIS with its Python")
    return python


@pytest.fixture(scope="session")
def city() -> Plan:
    """The demo city without faults."""
    from gis import demo_plan

    return demo_plan("town", faults=False, seed=0)


@pytest.fixture(scope="session")
def faulty_city(city) -> Plan:
    """The demo city with its planted faults, as `demo_plan(faults=True)` gives it."""
    from gis.demo.faults import plant

    return plant(city)[0]
