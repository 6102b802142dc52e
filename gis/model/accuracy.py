"""How well positions and areas are known; every verdict on geometry rests on this."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from gis.errors import LayerError
from gis.model.layers import LAYERS

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Accuracy"]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Survey accuracy and numeric resolution of a plan, or of one of its layers.

    position_m    how far a surveyed edge may lie from the truth; 0 for a line fixed by decision
    resolution_m  the size below which two coordinates are the same (0.001 m, a tool default: assumed)
    area_m2       how far a stated area may lie from the area computed again, beside its rounding
    layers        exceptions, by layer id
    """

    position_m: float = 0.0
    resolution_m: float = 0.001
    area_m2: float = 0.01
    layers: Mapping[str, Accuracy] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        for name in ("position_m", "resolution_m", "area_m2"):
            value = getattr(self, name)
            if not 0 <= value < float("inf"):
                raise LayerError(
                    f"精度 {name} = {value} 无效。请给出不小于 0 的数。",
                    f"Accuracy {name} = {value} is not valid. Give a number of 0 or more.",
                )

    def of(self, layer: str) -> Accuracy:
        """The accuracy of one layer: its own exception, else the layer's default position, else the plan's."""
        if layer in self.layers:
            return self.layers[layer]
        spec = LAYERS.get(layer)
        if spec is not None and spec.position_m is not None and self.position_m == 0.0:
            return replace(self, position_m=spec.position_m)
        return self
