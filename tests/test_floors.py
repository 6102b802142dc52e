"""The floors: imports go down only, folders on one floor do not know each other, files are touched at the edges."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOOR = {
    "errors": 0, "units": 0, "i18n": 0,
    "crs": 1, "grid": 1, "standards": 1, "geometry": 1,
    "model": 2, "analysis": 3, "rules": 4, "indicators": 4, "decide": 5, "read": 6, "present": 6, "demo": 7, "scale": 7, "terminal": 7,
    "commands": 8, "cli": 9, "__main__": 10, "__init__": 10,
}  # fmt: skip
MODULES = sorted((ROOT / "gis").rglob("*.py"))


def home(path: Path) -> str:
    """The folder or module directly below gis/ that a file belongs to."""
    first = path.relative_to(ROOT / "gis").parts[0]
    return first.removesuffix(".py")


def imported(path: Path) -> set[str]:
    """The modules of gis that a file imports, for types only as well, as dotted names."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "gis":
            names |= {node.module} if node.module != "gis" else {f"gis.{each.name}" for each in node.names}
        elif isinstance(node, ast.Import):
            names |= {each.name for each in node.names if each.name.startswith("gis.")}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_lower_floors_and_its_own_folder(path):
    mine = home(path)
    for name in imported(path):
        theirs = name.split(".")[1]
        if theirs not in FLOOR:
            continue  # `from gis import __version__`
        below = FLOOR[theirs] < FLOOR[mine] or (FLOOR[theirs] == FLOOR[mine] == 1 and mine != theirs)
        both_zero = FLOOR[theirs] == FLOOR[mine] == 0
        assert theirs == mine or below or both_zero, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_stays_within_its_length(path):
    text = path.read_text("utf-8")
    assert text.count("\n") <= 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            assert (node.end_lineno or 0) - first.lineno < 40, f"{node.name} is too long"


@pytest.mark.parametrize("folder", ["rules", "indicators"])
def test_rules_and_indicators_reach_geometry_only_through_verbs(folder):
    for path in (ROOT / "gis" / folder).glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        used = {
            each.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names
        } | {
            (node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
        }  # fmt: skip
        assert not used & {"shapely", "geopandas"}, path.name
        kernels = {name for name in imported(path) if name.startswith("gis.geometry")}
        assert not kernels or path.name in {"quantities.py"}, path.name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_the_edges_touch_disk(path):
    if home(path) in {"read", "present", "demo", "scale", "commands", "standards"} or path.name == "concept.py":
        return
    tree = ast.parse(path.read_text("utf-8"))
    calls = {
        getattr(node.func, "attr", getattr(node.func, "id", ""))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    touching = {"open", "read_text", "write_text", "read_bytes", "write_bytes", "read_file", "to_file", "read_parquet"}
    assert not calls & touching
