"""The catalogue of layers: LAYERS maps each layer id to its specification, in the plan's order."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gis.i18n import Text
from gis.model.layer import LayerSpec, layer_spec
from gis.model.tables import TABLES
from gis.standards import layer_table

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["GROUPS", "LAYERS", "RASTERS", "layer_named", "layer_title"]

_table = layer_table()

LAYERS: Final[Mapping[str, LayerSpec]] = MappingProxyType(
    {id_: layer_spec(id_, row, _table["common"]) for id_, row in _table["layers"].items()}
)
"""Every layer a plan may hold, by id."""

GROUPS: Final[Mapping[str, Text]] = MappingProxyType({id_: Text(*names) for id_, names in _table["groups"].items()})
"""The groups of layers, in the order in which maps and tables show them."""

RASTERS: Final[Mapping[str, Text]] = MappingProxyType(
    {id_: Text(row["zh"], row["en"]) for id_, row in _table["rasters"].items()}
)
"""The rasters a plan may hold, by id."""

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {name.casefold(): id_ for id_, spec in LAYERS.items() for name in (*spec.names, spec.name.zh, id_)}
)


def layer_named(name: str) -> str | None:
    """The id of the layer that carries `name` (our id, an official name, a Chinese name), or None.

    Upper and lower case are alike. Maintenance layers are known by their prefix (WHQ, WHH, WHC).

    Example:
        >>> layer_named("czkfbj"), layer_named("WHCCZKFBJ"), layer_named("something")
        ('urban_development_boundary', 'maintenance_change', None)
    """
    folded = name.strip().casefold()
    if folded in _NAMES:
        return _NAMES[folded]
    for id_, spec in LAYERS.items():
        prefix = spec.prefix.casefold()
        if prefix and folded.startswith(prefix) and folded[len(prefix) :] in _NAMES:
            return id_
    return None


def layer_title(layer: str) -> Text:
    """The name of a layer, a table or the folder handed in, in both languages; what nobody knows keeps its own name.

    Example:
        >>> layer_title("delivery").zh, layer_title("roads 2020").en
        ('成果文件夹', 'roads 2020')
    """
    if layer == "delivery":
        return Text("成果文件夹", "delivery folder")
    spec = LAYERS.get(layer) or TABLES.get(layer)
    return spec.name if spec is not None else Text(layer, layer)
