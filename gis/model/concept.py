"""Ideas of the speech (concepts), and the laws, notices and standards that rules cite (sources)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

from gis.i18n import Text
from gis.standards import packaged

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

__all__ = ["Concept", "Source", "concepts", "sources"]

Force = Literal["in_force", "not_yet", "repealed", "unknown", "reference"]

_NO_FORCE: Final = frozenset(
    {"literature", "metadata", "practice", "public code", "public sample", "registry", "speech"}
)
"""Kinds of source that bind nobody."""


@dataclass(frozen=True, slots=True)
class Concept:
    """An idea of the speech: where it is said, what it says, what it asks of space, and what here serves it."""

    id: str
    name: Text
    section: str
    terms: tuple[str, ...]
    says: Text
    asks: Text
    layers: tuple[str, ...]
    rules: tuple[str, ...]
    indicators: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Source:
    """A law, notice, standard or publication; dates are as precise as they are known ("2019", "2019-11", "2019-11-26")."""

    id: str
    title: Text
    number: str
    issuer: str
    kind: str
    issued: str
    in_force_from: str
    in_force_to: str
    superseded_by: str
    scope: str
    certainty: str
    note: str

    def force(self, as_of: date) -> Force:
        """Whether it was in force at `as_of`; "unknown" where its own date is not known, "reference" for what binds nobody.

        A month or year stands for its first day at the start and its last day at the end.
        """
        if self.kind in _NO_FORCE:
            return "reference"
        day = as_of.isoformat()
        if self.in_force_to and day > f"{self.in_force_to}-99-99"[:10]:
            return "repealed"
        if not self.in_force_from:
            return "unknown"
        return "not_yet" if day < self.in_force_from else "in_force"

    def citation(self) -> str:
        """Title and number as a Chinese document cites it; what is no document (a practice, a program) has no title marks."""
        title = self.title.zh if self.kind in _NO_FORCE - {"literature"} else f"《{self.title.zh}》"
        return title + (f"（{self.number}）" if self.number else "")


def _toml(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        return tomllib.load(stream)


def _concept(row: dict[str, Any]) -> Concept:
    return Concept(
        row["id"],
        Text(row["zh"], row["en"]),
        row["section"],
        tuple(row["terms"]),
        Text(row["says_zh"], row["says_en"]),
        Text(row["asks_zh"], row["asks_en"]),
        tuple(row["layers"]),
        tuple(row["rules"]),
        tuple(row["indicators"]),
        row["status"],
    )


@cache
def concepts() -> Mapping[str, Concept]:
    """All concepts by id, in the order of their ids."""
    files = sorted(packaged("seeds", "concepts").glob("*.toml"))
    return MappingProxyType({path.stem: _concept(_toml(path)) for path in files})


@cache
def sources() -> Mapping[str, Source]:
    """All sources by id, as `seeds/sources.toml` lists them."""
    rows = _toml(packaged("seeds", "sources.toml"))["sources"]
    names = (
        "number", "issuer", "kind", "issued", "in_force_from", "in_force_to", "superseded_by", "scope", "certainty", "note",
    )  # fmt: skip
    return MappingProxyType(
        {
            id_: Source(
                id_,
                Text(row["title"], row.get("title_en", row["title"])),
                *(str(row.get(name, "")) for name in names),
            )
            for id_, row in rows.items()
        }
    )
