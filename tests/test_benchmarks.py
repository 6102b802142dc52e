"""Each benchmark runs and agrees with its peers, at the size of a smoke test; the figures mean nothing there."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from tests.benchmarks import __main__ as command
from tests.benchmarks import data, kept, registry

command.load()
NAMES = [
    pytest.param(name, marks=[] if each.smoke == "smoke" else pytest.mark.long)  # those of a whole town take minutes
    for name, each in sorted(registry.BENCHMARKS.items())
]
KEYS = ["name", "size", "ours_s", "peer", "peer_s", "ratio", "ours_rss_mb", "peer_rss_mb", "runs"]


@pytest.fixture(autouse=True)
def data_folder(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("LANTU_BENCHMARK_DATA", str(tmp_path_factory.getbasetemp() / "benchmarks"))


@pytest.fixture
def doubling(monkeypatch):
    """A benchmark without peers, in place of all others."""
    monkeypatch.setattr(registry, "BENCHMARKS", {})
    registry.benchmark("alone", sizes=["two", "four"], items={"two": 2, "four": 4}, smoke="two")(
        lambda size: registry.Case(lambda: np.zeros(len(size)))
    )


def row(name="a", peer="b", items=1, ours=1.0, theirs=2.0, **runs):
    about = {
        "ours": [ours],
        "peer": [theirs],
        "items": items,
        "load": 0.5,
        "cores": 2,
        "ours_peak_mb": 9.0,
        "peer_peak_mb": 9.0,
    }
    about["when"] = "2026-01-01T00:00:00+00:00"
    return registry.Row(name, str(items), ours, peer, theirs, theirs / ours, 1.0, 2.0, about | runs)


@pytest.mark.filterwarnings(
    "default::PendingDeprecationWarning", "default::DeprecationWarning"
)  # those of peers are theirs
@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_agrees_with_its_peers_and_writes_its_rows(name, tmp_path, capsys):
    command.main([name, "--smoke", "--json", str(tmp_path / "a.json")])
    rows = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert {row["name"] for row in rows} == {name}
    assert [list(row) for row in rows] == [KEYS] * len(rows)
    assert all(row["peer"] is None or row["ratio"] == pytest.approx(row["peer_s"] / row["ours_s"]) for row in rows)
    assert name in capsys.readouterr().out


def test_each_run_is_kept_and_the_row_holds_their_median(capsys):
    (found,) = command.main(["distance", "--size", "smoke", "--k", "3", "--no-memory"])
    assert len(found.runs["ours"]) == len(found.runs["peer"]) == found.runs["k"] == 3
    assert (found.ours_s, found.peer_s) == (sorted(found.runs["ours"])[1], sorted(found.runs["peer"])[1])
    assert (
        f"{found.ours_s:.3f} [{min(found.runs['ours']):.2f}–{max(found.runs['ours']):.2f}]" in capsys.readouterr().out
    )


def test_memory_is_that_of_a_fresh_process_above_what_it_has_loaded():
    above, peak = registry.resident("distance", "3k", "ours")
    result = 4 * registry.BENCHMARKS["distance"].items["3k"] / 2**20
    assert 0.9 * result < above < 5 * result
    assert peak - above > 50


def test_without_peers_there_are_time_and_memory_of_ours_alone(doubling, capsys):
    rows = command.main(["--no-memory", "--k", "1"])
    assert [(row.size, row.peer, row.peer_s, row.ratio) for row in rows] == [
        ("two", None, None, None),
        ("four", None, None, None),
    ]
    assert "alone" in capsys.readouterr().out


def test_a_peer_can_be_left_out(doubling):
    registry.benchmark("two", sizes=["smoke"])(
        lambda _: registry.Case(lambda: 1, {"slow": lambda: 1, "fast": lambda: 1})
    )
    found = registry.measure("two", "smoke", 1, memory=False, without=["slow"])
    assert [row.peer for row in found] == ["fast"]
    (alone,) = registry.measure("two", "smoke", 1, memory=False, without=["slow", "fast"])
    assert (alone.peer, alone.ratio) == (None, None)


def test_results_that_differ_are_no_benchmark(doubling):
    registry.benchmark("liar", sizes=["smoke"])(lambda _: registry.Case(lambda: 1, {"peer": lambda: 2}))
    with pytest.raises(AssertionError, match="liar smoke: peer gives another result"):
        registry.measure("liar", "smoke", 1, memory=False)


def test_the_growth_exponent_of_doubling_is_one_and_stands_in_the_rows():
    rows = [row(items=n, ours=n, theirs=n**2) for n in (10, 1000)]
    assert registry.exponents(rows) == pytest.approx({("a", "ours"): 1, ("a", "b"): 2})
    found = registry.with_growth(rows)[0].runs
    assert (found["growth_ours"], found["growth_peer"]) == pytest.approx((1, 2))
    assert registry.cells(registry.with_growth(rows)[0])[-2:] == ["1.00", "2.00"]


def test_one_size_alone_has_no_growth():
    assert registry.with_growth([row()])[0].runs["growth_ours"] is None


def test_a_peer_that_is_not_installed_is_left_out_and_that_is_said(capsys):
    assert registry.optional_peer("no_such_package", int) == {}
    assert "no_such_package" in capsys.readouterr().err
    assert registry.optional_peer("json", int) == {"json": int}


def test_results_are_kept_by_date_and_commit_and_the_readme_shows_the_newest(tmp_path):
    first = row(when="2026-01-01T00:00:00+00:00")
    file = kept.keep([first, row("c")], tmp_path)
    assert re.fullmatch(r"2026-01-01-[0-9a-f]{7,}(-changed)?\.json", file.name)
    later = replace(first, ours_s=5.0, ratio=0.4, runs=first.runs | {"when": "2026-01-02T00:00:00+00:00"})
    second = kept.keep([later], tmp_path)
    assert kept.read(file) == [first, row("c")]
    shown = (tmp_path / "README.md").read_text("utf-8")
    assert shown.count("| a |") == shown.count("| c |") == 1
    assert "0.40×" in shown
    assert second.stem in shown


def test_the_readme_lays_what_was_asked_beside_what_was_got(tmp_path):
    (name, size, peer), (least, aim) = next(iter(kept.GOALS.items()))
    kept.keep([replace(row(name, peer, theirs=7.0, nice=-5), size=size)], tmp_path)
    goals, everything = (tmp_path / "README.md").read_text("utf-8").split(kept.ALL_HEAD)
    assert f"| {name} | {size} | {peer} | {least}× | {aim}× | **7.0×** | 0.5/2, nice -5 |" in goals
    assert f"| {name} | {size} | {peer} |" in everything


def test_each_goal_is_one_of_a_benchmark_there_is():
    for name, size, _ in kept.GOALS:
        assert size in registry.BENCHMARKS[name].sizes


def test_a_second_run_at_one_commit_replaces_its_rows_only(tmp_path):
    kept.keep([row(), row("c")], tmp_path)
    file = kept.keep([row(ours=4.0)], tmp_path)
    assert [(each.name, each.ours_s) for each in kept.read(file)] == [("c", 1.0), ("a", 4.0)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "unknown: nonsense"),
        (["distance", "--size", "1m"], "distance has only the sizes"),
        (["distance", "--smoke", "--keep"], "no --keep"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, said, capsys):
    with pytest.raises(SystemExit):
        command.main(arguments)
    assert said in capsys.readouterr().err


def test_parcels_tile_the_square_exactly():
    parcels = data.parcels("smoke")
    assert parcels.geometry.area.sum() == pytest.approx(data.SMOKE_SIDE**2, rel=1e-12)
    assert parcels.geometry.union_all().area == pytest.approx(data.SMOKE_SIDE**2, rel=1e-12)
