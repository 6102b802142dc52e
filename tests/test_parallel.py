"""Chunks on threads keep their order, their errors and the user's limit."""

from __future__ import annotations

import threading
import time

import numpy as np
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


def test_of_several_errors_that_of_the_first_chunk_is_passed_on():
    def fail(number: int) -> None:
        time.sleep(0.01 * (4 - number))  # the last chunk fails first
        raise ValueError(number)

    with pytest.raises(ValueError, match="0") as caught:
        parallel.run(fail, range(4), workers=4)
    assert (caught.value.args, caught.value.__notes__) == ((0,), ["chunk 0"])


def test_chunks_after_an_error_are_dropped():
    begun = []

    def work(number: int) -> None:
        begun.append(number)
        if number == 0:
            raise ValueError(number)
        time.sleep(0.001)

    with pytest.raises(ValueError, match="0"):
        parallel.run(work, range(10_000), workers=2)
    assert len(begun) < 100


def test_an_error_of_the_generator_of_chunks_is_passed_on():
    def chunks():
        yield 1
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        parallel.run(abs, chunks())


def test_chunks_are_drawn_only_as_they_are_needed():
    drawn, done = [], []

    def chunks():
        for number in range(200):
            drawn.append(number)
            assert len(drawn) - len(done) <= 2 * parallel._AHEAD + 3
            yield number

    assert parallel.run(lambda number: (done.append(number), number)[1], chunks(), workers=2) == list(range(200))


@pytest.mark.parametrize("workers", [1, 2, 7])
def test_progress_counts_the_chunks_in_the_callers_thread(workers):
    told = []
    parallel.run(abs, range(30), workers=workers, progress=lambda done: told.append((done, threading.get_ident())))
    assert told == [(number, threading.get_ident()) for number in range(1, 31)]


@pytest.mark.parametrize("workers", ["1", "2", "5"])
def test_results_do_not_depend_on_the_number_of_threads(monkeypatch, workers):
    monkeypatch.setenv("LANTU_THREADS", workers)
    values = np.random.default_rng(0).normal(size=10_000)
    parts = parallel.run(lambda part: values[part].sum(), parallel.slices(len(values), chunk=37))
    assert parts == [values[part].sum() for part in parallel.slices(len(values), chunk=37)]


def test_a_run_within_a_run_ends():
    assert parallel.run(lambda n: sum(parallel.run(abs, range(n), workers=2)), range(6), workers=2) == [
        0,
        0,
        1,
        3,
        6,
        10,
    ]


def test_what_a_chunk_is_does_not_matter():
    assert parallel.run(lambda chunk: chunk, [None, "", [], float]) == [None, "", [], float]


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
