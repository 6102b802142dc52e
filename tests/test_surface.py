"""What the outside sees: names, start-up time, set-up files, README commands."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest
import yaml

import gis

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
TEXTS = {".py", ".md", ".toml", ".yml", ".yaml", ".sh", ".txt", ".ipynb"}
CONTRACT = {
    "CONCEPTS", "INDICATORS", "LAYERS", "RULES", "check", "demo_plan", "measure", "read_plan", "report", "save_qgis", "web_map",
}  # fmt: skip


def test_the_public_names_are_sorted_and_all_there():
    assert list(gis.__all__) == sorted(gis.__all__)
    for name in gis.__all__:
        assert getattr(gis, name) is not None


def test_the_contract_of_the_design_is_kept():
    assert set(gis.__all__) >= CONTRACT


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nothing_here"):
        _ = gis.nothing_here


def test_the_stub_and_the_door_agree():
    stub = (ROOT / "gis" / "__init__.pyi").read_text("utf-8")
    named = set(re.findall(r" as (\w+)", stub)) | set(re.findall(r"^(\w+):", stub, re.MULTILINE))
    assert named - {"__all__"} == set(gis.__all__)


def seconds(*command: str) -> float:
    """The best of three runs: what the machine can do when nothing else asks for it."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, capture_output=True, cwd=ROOT)
        times.append(time.perf_counter() - start)
    return min(times)


def test_importing_gis_is_quick():
    assert seconds("-c", "import gis") <= 1.0


def test_help_answers_at_once():
    assert seconds("-m", "gis", "--help") <= 0.3


def test_help_imports_nothing_heavy():
    code = "import sys, gis.cli; print([m for m in ('pandas', 'geopandas', 'shapely', 'numpy', 'folium') if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert out.strip() == "[]"


def test_conda_and_pip_ask_for_the_same_packages():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = dict(re.fullmatch(r"([\w-]+)>=([\d.]+)", each).groups() for each in project["dependencies"])
    rows = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    plain = [each for each in rows if isinstance(each, str)] + [
        each for row in rows if isinstance(row, dict) for each in row["pip"] if not each.startswith("-e")
    ]
    listed = dict(re.fullmatch(r"([\w-]+)(?: >=([\d.]+))?", each).groups() for each in plain)
    assert listed.pop("python") == project["requires-python"].removeprefix(">=")
    listed.pop("pip")
    listed["matplotlib"] = listed.pop("matplotlib-base")  # conda-forge's name for it without a GUI toolkit
    assert {name.lower(): version for name, version in wanted.items()} == listed


def test_dependencies_have_lower_bounds_only():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert not [each for each in project["dependencies"] if "<" in each or "==" in each]


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_gives_the_commands_that_ci_runs(readme):
    text = (ROOT / readme).read_text("utf-8")
    assert "python3 -m venv .venv && .venv/bin/python -m pip install . && .venv/bin/gis demo" in text
    assert "bash tests/run.sh" in text
    assert "exec bash tests/run.sh" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert r".venv\Scripts\gis" in text


@pytest.mark.parametrize("readme", READMES)
def test_every_command_in_the_readme_exists(readme):
    text = (ROOT / readme).read_text("utf-8")
    asked = set(re.findall(r"\bgis ([a-z]+)\b(?= [A-Zd\[]|\n|`)", text))
    shown = subprocess.run(
        [sys.executable, "-m", "gis", "--help"], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout
    assert asked
    assert not {each for each in asked if not re.search(rf"\b{each}\b", shown)}


def test_no_file_names_a_registry_or_a_path_of_a_machine():
    bad = re.compile(r"(pypi\.org|registry\.npmjs|index-url|/home/(?!somebody)\w+|/root/)")
    here = (f"{ROOT.parent}/", f"{Path.home()}/")
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    for path in listed.splitlines():
        file = ROOT / path
        if file.suffix in TEXTS and file.exists() and path != "tests/test_surface.py":
            text = file.read_text("utf-8")
            assert not bad.search(text), path
            assert not [each for each in here if len(each) > 2 and each in text], path
