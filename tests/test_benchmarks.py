"""The benchmarks run, at a tiny size; their figures mean nothing there."""

from __future__ import annotations

import json

import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks import data, registry


@pytest.fixture(autouse=True)
def data_folder(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("LANTU_BENCHMARK_DATA", str(tmp_path_factory.getbasetemp() / "benchmarks"))


@pytest.mark.parametrize("name", ["areas-giants", "areas-farmland", "reading"])
def test_a_benchmark_agrees_with_its_peers_and_writes_its_rows(name, tmp_path, capsys):
    command.main([name, "--size", "tiny", "--k", "2", "--no-memory", "--json", str(tmp_path / "a.json")])
    rows = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert {row["name"] for row in rows} == {name}
    keys = ["name", "size", "ours_s", "peer", "peer_s", "ratio", "ours_rss_mb", "peer_rss_mb", "runs"]
    assert [list(row) for row in rows] == [keys] * len(rows)
    assert all(row["ratio"] == pytest.approx(row["peer_s"] / row["ours_s"]) for row in rows)
    assert name in capsys.readouterr().out


def test_the_growth_exponent_of_doubling_is_one():
    rows = [
        registry.Row("a", size, data.SIZES[size], "b", data.SIZES[size] ** 2, 1, 0, 0, {}) for size in ("10k", "1m")
    ]
    assert registry.exponents(rows) == pytest.approx({("a", "ours"): 1, ("a", "b"): 2})


def test_an_unknown_benchmark_is_refused(capsys):
    with pytest.raises(SystemExit):
        command.main(["nonsense"])
    assert "unknown: nonsense" in capsys.readouterr().err


def test_parcels_tile_the_square_exactly():
    parcels = data.parcels("tiny")
    assert parcels.geometry.area.sum() == pytest.approx(data.SIDE**2, rel=1e-12)
    assert parcels.geometry.union_all().area == pytest.approx(data.SIDE**2, rel=1e-12)
