"""How large the invented city can be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["SIZES", "Size"]


@dataclass(frozen=True)
class Size:
    """What makes a size.

    parcel_m2    about so large is a parcel on open land; 0 leaves the faces of the base coverage as they are
    sites        how many times as many hazards, shelters and the like as in the town
    """

    parcel_m2: float = 0.0
    sites: int = 1


SIZES: Final = {"town": Size(), "county": Size(parcel_m2=11_000.0, sites=10)}
