"""What a siting report is made of: blocks of sentences, tables and maps, and how their numbers are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from gis.analysis.land_accounts import text_codes
from gis.i18n import Text
from gis.units import M2_PER_HA, M2_PER_MU

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from gis.i18n import Language

__all__ = [
    "PAGE", "Block", "Column", "Picture", "Report", "Table", "ha", "joined", "mu", "number", "percent", "sentence", "table", "words",
]  # fmt: skip

PAGE: Final = Text("第 {page} 页 共 {pages} 页", "Page {page} of {pages}")
"""What stands in the foot of every page."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head, its part of the width beside the others', whether it holds numbers."""

    head: Text
    weight: float = 1.0
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table in words: a caption, heads, rows of as many cells; per column its share of the width and whether it holds numbers.

    `strong` has the numbers of the rows that need attention.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]
    numeric: tuple[bool, ...]
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Picture:
    """A map as a PNG, with its caption and what is to be said under it."""

    caption: str
    note: str
    png: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """One of the blocks, or an annex: heading, sentences, maps, tables."""

    heading: Text
    lines: tuple[str, ...]
    tables: tuple[Table, ...]
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report: what stands on top (`answer` with its first reasons), what stands on every page (`mark`, `disclaimer`), the twelve blocks, the annexes."""

    title: str
    mark: str
    disclaimer: str
    name: str
    answer: str
    reasons: tuple[str, ...]
    blocks: tuple[Block, ...]
    annexes: tuple[Block, ...]
    language: Language

    @property
    def headed(self) -> list[tuple[str, str, Block]]:
        """The blocks with their numbers and the annexes without: heading, the same in the other language, block."""
        other: Language = "en" if self.language == "zh" else "zh"
        numbered = [(f"{n}. ", each) for n, each in enumerate(self.blocks, 1)] + [("", each) for each in self.annexes]
        return [(n + each.heading.render(self.language), each.heading.render(other), each) for n, each in numbered]


def table(caption: Text, columns: Sequence[Column], rows: Iterable[Sequence[str]], language: Language) -> Table:
    """A table in one language.

    Example:
        >>> made = table(Text("表", "table"), [Column(Text("项", "item"), 3), Column(Text("数", "n"), numeric=True)], [["a", "1"]], "zh")
        >>> made.heads, made.shares
        (('项', '数'), (0.75, 0.25))
    """
    whole = sum(each.weight for each in columns)
    return Table(
        sentence(caption.render(language)),
        tuple(sentence(each.head.render(language)) for each in columns),
        tuple(map(tuple, rows)),
        tuple(each.weight / whole for each in columns),
        tuple(each.numeric for each in columns),
    )


def sentence(text: str) -> str:
    """The text with a capital at its beginning, as it stands on its own.

    Example:
        >>> sentence("layer by layer"), sentence("逐层核对表")
        ('Layer by layer', '逐层核对表')
    """
    return text[:1].upper() + text[1:]


def words(frame: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """A column of a layer as words; "" where nothing is said, and everywhere where there is no such column."""
    said = text_codes(frame[name]).fillna("") if name in frame else pd.Series("", index=frame.index)
    return said.to_numpy(dtype=object)


def joined(texts: Iterable[Text], language: Language) -> str:
    """Sentences in one line."""
    return ("；" if language == "zh" else "; ").join(each.render(language) for each in texts)


def number(value: Any, places: int, unit: float = 1.0) -> str:
    """A value in a unit; "—" for a missing one.

    Example:
        >>> number(12345.6, 4, 1e4), number(float("nan"), 2)
        ('1.2346', '—')
    """
    return "—" if pd.isna(value) else f"{value / unit:.{places}f}"


def ha(m2: Any) -> str:
    """An area in hectares."""
    return number(m2, 4, M2_PER_HA)


def mu(m2: Any) -> str:
    """An area in 亩."""
    return number(m2, 2, M2_PER_MU)


def percent(share: Any) -> str:
    """A share of the site."""
    return "—" if pd.isna(share) else f"{share:.2%}"
