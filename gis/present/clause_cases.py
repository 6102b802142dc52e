"""The drawn cases of an office's clause, as a file to be read, changed and tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from gis.present.atomic import whole_file
from gis.rules.clause_cases import skeleton

if TYPE_CHECKING:
    from pathlib import Path

    from gis.model.profile import Clause

__all__ = ["save_cases"]

_HEAD = """\
# 本单位条文的图示用例：坐标为自 (500000, 3400000) 起的米数，finds 写明应检出的要素和数值。改完后用 gis clauses --cases 再试。
# Drawn cases of the office's own clause: metres from (500000, 3400000); `finds` says what must be found. Try them with gis clauses --cases.
"""


def save_cases(clause: Clause, path: Path) -> Path:
    """The path of a new file with one case that breaks the clause and one that keeps it.

    Raises: RuleError if the clause is not understood; WriteError if the place cannot be written.
    """
    text = yaml.safe_dump(
        dict(skeleton(clause)), allow_unicode=True, sort_keys=False, default_flow_style=None, width=140
    )
    with whole_file(path) as target:
        target.write_text(_HEAD + text, encoding="utf-8", newline="\n")
    return path
