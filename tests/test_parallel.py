"""Chunks on threads keep their order, their errors and the user's limit."""

from __future__ import annotations

import threading
import time

import pytest

from gis.errors import AnalysisError
from gis.geometry import parallel


def test_results_keep_the_order_of_the_chunks_whatever_ends_first():
    def slow_first(number: int) -> int:
        time.sleep(0.02 if number == 0 else 0)
        return number

    assert parallel.run(slow_first, range(8), workers=4) == list(range(8))


def test_an_error_names_its_chunk():
    with pytest.raises(ZeroDivisionError) as caught:
        parallel.run(lambda number: 1 // number, [2, 1, 0, 3], workers=2)
    assert caught.value.__notes__ == ["chunk 2"]


def test_no_chunks_give_no_results():
    assert parallel.run(abs, []) == []


def test_no_more_threads_run_than_asked_for(monkeypatch):
    monkeypatch.setenv("LANTU_THREADS", "2")
    names = set(parallel.run(lambda _: (time.sleep(0.005), threading.get_ident())[1], range(12)))
    assert len(names) <= 2


@pytest.mark.parametrize("said", ["0", "two", "-1", "1.5"])
def test_a_thread_number_that_is_none_is_refused(monkeypatch, said):
    monkeypatch.setenv("LANTU_THREADS", said)
    with pytest.raises(AnalysisError, match=r"LANTU_THREADS(.|\n)*not a whole number above 0"):
        parallel.threads()


def test_without_the_variable_there_is_at_least_one_thread_and_at_most_eight(monkeypatch):
    monkeypatch.delenv("LANTU_THREADS", raising=False)
    assert 1 <= parallel.threads() <= 8


def test_slices_cover_everything_once():
    covered = [number for each in parallel.slices(10_001, chunk=100) for number in range(each.start, each.stop)]
    assert covered == list(range(10_001))
