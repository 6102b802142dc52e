"""The notebooks run from top to bottom, carry no results, and define no functions (analysis lives in `gis`)."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WRITTEN = {
    "01_chain": ("chain_results", {"map.html", "report.html", "plan.gpkg", "plan.qgz", "findings.gpkg"}),
    "03_siting": ("siting_results", {"site.txt", "site.html"}),
}
"""The folder that a notebook fills, and what must be in it."""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_as_a_planner_would_run_it(path, tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    shutil.copytree(ROOT / "data" / "demo", tmp_path / "data" / "demo")
    book = nbformat.read(path, as_version=4)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    results, files = WRITTEN[path.stem]
    assert {each.name for each in (folder / results).iterdir()} >= files


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_holds_no_results_and_no_functions(path):
    book = nbformat.read(path, as_version=4)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in code)
    assert not any("def " in cell.source for cell in code)
