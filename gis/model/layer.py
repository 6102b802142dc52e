"""What a layer must look like: its names, geometry, key and fields, each declared once."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FieldSpec", "FieldType", "GeometryKind", "LayerSpec", "field_names", "field_spec", "layer_spec"]

FieldType = Literal["text", "int", "float", "date", "bool"]
GeometryKind = Literal["polygon", "line", "point", "any"]

_COLUMNS: Final = ("zh", "type", "required", "names", "unit", "table")


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: canonical English name, label, type, whether it is required (M must, C conditional, O optional).

    `names` are the official names it may carry in a file; `unit` and `table` (a code table) may be empty.
    """

    name: str
    label: Text
    type: FieldType
    required: str = "O"
    names: tuple[str, ...] = ()
    unit: str = ""
    table: str = ""


@dataclass(frozen=True, slots=True)
class LayerSpec:
    """One layer of a plan.

    single_part, no_overlap, no_gap   what its features must be to each other
    position_m                        survey accuracy that is assumed when the plan states none; None for lines fixed by decision
    status                            official, listed (its heading was seen) or proposal (ours)
    scopes                            official variants held in this layer, told apart by a `scope` column
    """

    id: str
    name: Text
    group: str
    geometry: GeometryKind
    names: tuple[str, ...]
    status: str
    concept: str
    fields: Mapping[str, FieldSpec]
    key: str = "feature_id"
    prefix: str = ""
    position_m: float | None = None
    single_part: bool = False
    no_overlap: bool = False
    no_gap: bool = False
    scopes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_polygon(self) -> bool:
        """Whether its features must be areas."""
        return self.geometry == "polygon"

    def field_names(self) -> Mapping[str, str]:
        """Every name a field may carry in a file, in lower case, to its canonical name; the canonical name wins a tie."""
        return field_names(self.fields)


def field_names(fields: Mapping[str, FieldSpec]) -> Mapping[str, str]:
    """Every name these fields may carry in a file, in lower case, to the canonical name; the canonical name wins a tie."""
    found: dict[str, str] = {}
    for each in fields.values():
        for name in (each.label.zh, *each.names):
            found.setdefault(name.casefold(), each.name)
    found.update({name.casefold(): name for name in fields})
    return MappingProxyType(found)


def field_spec(name: str, row: list[Any]) -> FieldSpec:
    """The FieldSpec of one entry of `layers.yaml` or `tables.yaml`."""
    cells = dict(zip(_COLUMNS, row, strict=False))
    return FieldSpec(
        name,
        Text(cells["zh"], name.replace("_", " ")),
        cells["type"],
        cells.get("required", "O"),
        tuple(cells.get("names", ())),
        cells.get("unit", ""),
        cells.get("table", ""),
    )


def layer_spec(id_: str, row: Mapping[str, Any], common: Mapping[str, list[Any]]) -> LayerSpec:
    """The LayerSpec of one entry of `layers.yaml`."""
    fields = {**(common if row.get("common", True) else {}), **row.get("fields", {})}
    plain = {
        name: row[name]
        for name in ("key", "prefix", "position_m", "single_part", "no_overlap", "no_gap")
        if name in row
    }
    return LayerSpec(
        id_,
        Text(row["zh"], row["en"]),
        row["group"],
        row["geometry"],
        tuple(row["names"]),
        row["status"],
        row["concept"],
        MappingProxyType({name: field_spec(name, cells) for name, cells in fields.items()}),
        scopes=MappingProxyType(dict(row.get("scopes", {}))),
        **plain,
    )
