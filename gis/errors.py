"""The errors of Lantu GIS, one tree.

```
GisError                     every error we raise on purpose
├── ReadError                a file cannot be read, or not safely
├── WriteError               a file cannot be written
├── LayerError               a layer or field that a call needs is not there, or is of the wrong kind
├── CrsError                 a coordinate system is missing, unknown, or cannot serve the purpose
├── UnitError                a unit is unknown or does not fit
├── RuleError                a rule or indicator id, a parameter or a selection is wrong
├── AnalysisError            a calculation cannot be done with what was given
└── MissingExtra             an optional package is needed
```

A fault in the *plan* is a finding, never an error; a fault in the *call* is an error. Every message is in both
languages, Chinese line first, and has three parts: which thing, what is wrong, what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

__all__ = [
    "AnalysisError",
    "CrsError",
    "GisError",
    "LayerError",
    "MissingExtra",
    "ReadError",
    "RuleError",
    "UnitError",
    "WriteError",
]


class GisError(Exception):
    """The root of the tree; catch it to catch all of ours.

    Example:
        >>> print(ReadError("文件 a.gpkg 不存在。请检查路径。", "File a.gpkg does not exist. Check the path."))
        文件 a.gpkg 不存在。请检查路径。
        File a.gpkg does not exist. Check the path.
    """

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.text = Text(zh, en)

    @classmethod
    def of(cls, faults: Sequence[Text]) -> Self:
        """One error that lists all `faults`, so that a user mends a file in one go."""
        if len(faults) == 1:
            return cls(faults[0].zh, faults[0].en)
        zh = "\n".join([f"共 {len(faults)} 处错误：", *(f"  {n}. {each.zh}" for n, each in enumerate(faults, 1))])
        en = "\n".join([f"{len(faults)} faults:", *(f"  {n}. {each.en}" for n, each in enumerate(faults, 1))])
        return cls(zh, en)


class ReadError(GisError):
    """A file cannot be read, or cannot be read safely."""


class WriteError(GisError):
    """A file cannot be written; the old one, if any, is as it was."""


class LayerError(GisError):
    """A layer or field that a call needs is not there, or is of the wrong kind."""


class CrsError(GisError):
    """A coordinate system is missing, unknown, or cannot serve the purpose."""


class UnitError(GisError):
    """A unit is unknown, or does not fit the quantity."""


class RuleError(GisError):
    """A rule or indicator id, a parameter or a selection is wrong."""


class AnalysisError(GisError):
    """A calculation cannot be done with what was given."""


class MissingExtra(GisError):  # noqa: N818 - it names what is missing, as DESIGN has it
    """An optional package is needed; the message gives the install command."""
