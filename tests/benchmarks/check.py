"""A full check of the invented city, in memory: seconds, and memory above the loaded plan. Nothing public does the same."""

from __future__ import annotations

from dataclasses import replace

import gis

from .registry import Case, benchmark

PARCELS = {"town": 6_400, "county": 104_000, "city": 1_000_000}


@benchmark("check", sizes=["town", "county"], items=PARCELS, smoke="town")
def check(size: str) -> Case:
    """Each time on a copy of the plan that remembers nothing."""
    plan = gis.demo_plan(size=size)
    return Case(ours=lambda: len(gis.check(replace(plan)).items))
