"""QGIS for the tests: its interpreter, a call of the probe in a clean environment, and small drawn plans."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROBE = Path(__file__).with_name("qgis_probe.py")


def interpreter() -> str | None:
    """The Python that QGIS lives in; None where there is none."""
    found = Path("/usr/bin/python3")
    if not found.is_file() or shutil.which("qgis") is None:
        return None
    done = subprocess.run([found, "-c", "import qgis.core"], env=clean({}), capture_output=True, check=False)
    return str(found) if done.returncode == 0 else None


def clean(extra: dict[str, str]) -> dict[str, str]:
    """An environment without our virtual one: an active one hides PyQGIS."""
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"} | extra


def probe(project: Path, picture: Path | None = None, *, size: tuple[int, int] = (1400, 1000)) -> dict:
    """What QGIS makes of a project; skips where QGIS is missing, unless every tool is required."""
    python = interpreter()
    if python is None:
        assert os.environ.get("LANTU_REQUIRE") != "all", "QGIS is required but its Python was not found"
        pytest.skip("QGIS is not installed")
    home = project.parent / "qgis_home"
    home.mkdir(exist_ok=True, mode=0o700)
    done = subprocess.run(
        [python, PROBE, project, "-" if picture is None else picture, *map(str, size)],
        env=clean({"HOME": str(home), "XDG_RUNTIME_DIR": str(home)}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) | {"stderr": done.stderr}
