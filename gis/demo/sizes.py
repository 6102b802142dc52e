"""How large the invented city can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["SIZES", "Size"]


@dataclass(frozen=True)
class Size:
    """What makes a size.

    rows, columns   of the height grid, 100 m each
    territory_km2   about so large is the municipality
    breadth         how many times as wide as the town's are plains and mountains
    counties        county towns, each with a county round it; there are two districts besides
    towns           other towns
    residents       of the centre; `fall` is how fast the size of towns falls with their rank
    pitch           how many times as far apart as in the town are the seeds of the base coverage
    parcel_m2       about so large is a parcel on open land; 0 leaves the faces of the base coverage as they are
    sites           how many times as many hazards, shelters and the like as in the town
    """

    rows: int = 380
    columns: int = 440
    territory_km2: float = 1_020.0
    breadth: float = 1.0
    counties: int = 2
    towns: int = 11
    residents: float = 318_000.0
    fall: float = 1.22
    pitch: float = 1.0
    parcel_m2: float = 0.0
    sites: int = 1


SIZES: Final = {
    "town": Size(),
    "county": Size(parcel_m2=12_300.0, sites=10),
    "city": Size(
        rows=1_200,
        columns=1_400,
        territory_km2=11_300.0,
        breadth=2.6,
        counties=8,
        towns=100,
        residents=900_000.0,
        fall=0.95,
        pitch=1.3,
        parcel_m2=12_300.0,
        sites=60,
    ),
}
