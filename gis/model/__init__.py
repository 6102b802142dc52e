"""Values: what a plan is, and what is said of it. No files, no calculation.

concept     an idea of the speech, and the sources the rules cite
layer       what a layer must look like (LayerSpec, FieldSpec)
layers      the catalogue of layers, LAYERS
accuracy    how well positions and areas are known
plan        the plan itself: named layers in one projected CRS
finding     a place where a rule does not hold, and all of them
"""

import copyreg
from types import MappingProxyType
from typing import Any

__all__: list[str] = []


def _read_only(held: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(held)


copyreg.pickle(MappingProxyType, lambda each: (_read_only, (dict(each),)))  # so that values reach other processes
