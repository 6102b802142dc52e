"""Scores of several factors against pymcdm, and the robust core of a raster of grades."""

from __future__ import annotations

import numpy as np
from pymcdm.methods import TOPSIS

from gis.analysis.mcda import topsis
from gis.analysis.robust import intervals_around, robust_core

from .registry import Case, benchmark

ROWS = {"smoke": 2000, "100k": 100_000, "1m": 1_000_000, "4m": 4_000_000}
FACTORS = 6


@benchmark("topsis", sizes=["100k", "1m"], items=ROWS)
def closeness(size: str) -> Case:
    """Closeness to the best of six factors, half of which are costs."""
    table = np.random.default_rng(0).random((ROWS[size], FACTORS))
    weights, signs = np.arange(1, FACTORS + 1) / 21, np.array([1, -1] * 3)
    method = TOPSIS()
    peers = {
        "pymcdm": lambda: method(table, weights, signs),
        "pymcdm unchecked": lambda: method(table, weights, signs, validation=False),
    }
    return Case(
        lambda: topsis(table, weights, signs), peers, lambda one, two: np.allclose(one, two, rtol=0, atol=1e-12)
    )


@benchmark("robust-core", sizes=["4m"], items=ROWS)
def core(size: str) -> Case:
    """Always, never or sometimes suitable: five grades of six factors, each weight within 30 %."""
    grades = np.random.default_rng(0).integers(1, 6, (ROWS[size], FACTORS), dtype=np.uint8)
    weights = intervals_around([6, 5, 4, 3, 2, 1], 0.3)
    return Case(lambda: robust_core(grades, weights, 2.5))
