"""The compiled loop of `terrain.spread`. This module imports numba, which is dear: import it inside functions only."""

from __future__ import annotations

import heapq
import math
from typing import Any

import numpy as np
from numba import njit

__all__ = ["cheapest_ways"]

_STEEP = 0.05  # rise over run at which a step costs twice as much
_NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))


@njit(nogil=True, cache=True, error_model="numpy")  # type: ignore[untyped-decorator]
def cheapest_ways(cost: Any, climb: Any, cell: float, sources: Any, goal: Any, limit: float) -> tuple[Any, Any]:
    """Dijkstra's cheapest ways over a grid: the cost from the nearest source to every cell and the step back towards it.

    goal   marks cells; once all of them are reached, the rest is left as it is found
    """
    rows, columns = cost.shape
    distance, previous = np.full(rows * columns, np.inf), np.full(rows * columns, -1, np.int64)
    done = np.zeros(rows * columns, np.bool_)
    ahead = [(0.0, int(sources[0]))]
    distance[sources] = 0.0
    for source in sources[1:]:
        heapq.heappush(ahead, (0.0, int(source)))
    left = int(goal.sum())
    wanted = left > 0
    while ahead:
        far, here = heapq.heappop(ahead)
        if done[here]:
            continue
        done[here] = True
        if goal[here]:
            left -= 1
        if wanted and left == 0:
            break
        row, column = here // columns, here % columns
        for down, right in _NEIGHBOURS:
            r, c = row + down, column + right
            if r < 0 or c < 0 or r >= rows or c >= columns:
                continue
            there = r * columns + c
            if done[there]:
                continue
            long = cell * (math.sqrt(2.0) if down != 0 and right != 0 else 1.0)
            weight = long * (cost[row, column] + cost[r, c]) / 2.0
            grade = abs(climb[row, column] - climb[r, c]) / long / _STEEP
            reach = far + weight * (1.0 + grade * grade)
            if reach <= limit and reach < distance[there]:
                distance[there], previous[there] = reach, here
                heapq.heappush(ahead, (reach, there))
    return distance, previous
