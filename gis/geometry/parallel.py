"""Chunks of work on threads; numpy and GEOS let go of the interpreter, so threads are enough."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

from gis.errors import AnalysisError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["run", "slices", "threads"]

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

_AHEAD: Final = 4  # chunks drawn per thread: enough that none waits for a slow one


def threads() -> int:
    """How many threads to use: LANTU_THREADS if set, else one per core, 8 at most.

    Raises: AnalysisError if LANTU_THREADS is not a whole number above 0.
    """
    said = os.environ.get("LANTU_THREADS", "").strip()
    if not said:
        return min(8, os.cpu_count() or 1)
    if not said.isdecimal() or int(said) < 1:
        raise AnalysisError(
            f"环境变量 LANTU_THREADS 的值 {said!r} 不是正整数。请设为 1 或更大的整数，或不设置。",
            f"Environment variable LANTU_THREADS is {said!r}, not a whole number above 0. Set it to 1 or more, or unset it.",
        )
    return int(said)


def slices(size: int, *, chunk: int = 4096) -> list[slice]:
    """Slices that cover `size` items in order; they do not depend on the number of threads.

    Example:
        >>> slices(5, chunk=2)
        [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(start, min(start + chunk, size)) for start in range(0, size, chunk)]


def run(
    function: Callable[[Chunk], Result],
    chunks: Iterable[Chunk],
    *,
    workers: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> list[Result]:
    """The results of `function` for every chunk, in the order of the chunks whatever finishes first.

    Chunks are drawn by the caller's thread as they are needed, a few ahead of the threads, so a generator may read a file that
    does not fit into memory. What a chunk is (None, empty) is the function's affair; no chunks give no results. `workers`: how
    many threads, `threads()` if not given. `progress` is told, in the caller's thread, how many chunks are done.

    An exception is passed on with a note that names the chunk; of several, that of the first chunk, as it would be without
    threads. Chunks not yet begun are dropped.

    Raises: AnalysisError if LANTU_THREADS is not a whole number above 0.

    Example:
        >>> run(abs, [-1, -2, -3], workers=2)
        [1, 2, 3]
    """
    most = max(1, threads() if workers is None else workers)
    results: list[Result] = []
    waiting: deque[Future[Result]] = deque()

    def take() -> None:
        future = waiting.popleft()
        if (error := future.exception()) is not None:
            error.add_note(f"chunk {len(results)}")
            raise error
        results.append(future.result())
        if progress is not None:
            progress(len(results))

    with ThreadPoolExecutor(most) as pool:
        try:
            for chunk in chunks:
                waiting.append(pool.submit(function, chunk))
                if len(waiting) > _AHEAD * most:
                    take()
            while waiting:
                take()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    return results
