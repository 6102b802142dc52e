"""The catalogue of tables: TABLES maps each table id to its specification."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gis.i18n import Text
from gis.model.layer import FieldSpec, field_names, field_spec
from gis.standards import table_table

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["TABLES", "TableSpec", "table_named"]


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of a plan: its id, its name, the names a file or sheet may carry, and its columns."""

    id: str
    name: Text
    names: tuple[str, ...]
    fields: Mapping[str, FieldSpec]

    def field_names(self) -> Mapping[str, str]:
        """Every name a column may carry in a file, in lower case, to its canonical name."""
        return field_names(self.fields)


TABLES: Final[Mapping[str, TableSpec]] = MappingProxyType(
    {
        id_: TableSpec(
            id_,
            Text(row["zh"], row["en"]),
            tuple(row["names"]),
            MappingProxyType({name: field_spec(name, cells) for name, cells in row["fields"].items()}),
        )
        for id_, row in table_table()["tables"].items()
    }
)
"""Every table a plan may hold, by id."""

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {name.casefold(): id_ for id_, spec in TABLES.items() for name in (*spec.names, spec.name.zh, id_)}
)


_NUMBERED: Final = re.compile(
    r"^(?:附[表件录]?|表)\s*(?:[\d一二三四五六七八九十]+(?:\s*[-－—.．]\s*\d+)*[\s、.．:：_-]*|[\s、.．:：_-]+)"
)
_OF_A_PLACE: Final = re.compile(r"^\w{1,12}?(?<!城)(?<!辖)[市县区州盟旗乡镇](?=\w{4})")
_OF_A_PLAN: Final = re.compile(r"^国土空间(?:总体)?规划(?:\s*[（(][^（）()]*[)）])?\s*")


def table_named(name: str) -> str | None:
    """The id of the table that carries `name` (our id, a Chinese name, the name of a file or sheet), or None.

    Its number (附表1), the place (甲市) and the plan that it is of may stand before a Chinese name.

    Example:
        >>> table_named("占补平衡台账"), table_named("T_INDICATOR"), table_named("something")
        ('t_farmland_balance', 't_indicator', None)
        >>> table_named("附表2-1 甲市规划指标表"), table_named("中心城区规划指标表")
        ('t_indicator', None)
        >>> table_named("附表：指标表"), table_named("甲市国土空间规划指标表")
        ('t_indicator', 't_indicator')
    """
    plain = name.strip().casefold()
    bare = _NUMBERED.sub("", plain)
    placeless = _OF_A_PLACE.sub("", bare)
    for each in (plain, bare, placeless, _OF_A_PLAN.sub("", placeless)):
        if each in _NAMES:
            return _NAMES[each]
    return None
