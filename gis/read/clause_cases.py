"""The drawn cases of an office's clause, from the file that `gis clauses --cases` made and somebody changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.errors import GisError, ReadError
from gis.model.drawn import Case, cases_drawn
from gis.read.profile import read_mapping

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_cases"]


def read_cases(path: Path) -> tuple[Case, ...]:
    """The drawn cases of a YAML file in the form of `data/rules/<ID>.yaml`.

    Raises: ReadError if the file cannot be read or a case cannot be drawn.
    """
    content = read_mapping(path)
    try:
        return cases_drawn(content)
    except GisError as error:
        raise ReadError(f"示例文件 {path}：{error.text.zh}", f"File of cases {path}: {error.text.en}") from error
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ReadError(
            f"示例文件 {path} 的结构不对（{error!r}）。请照 gis clauses --cases 生成的文件修改。",
            f"File of cases {path} is not formed as it should be ({error!r}). Change it along the file gis clauses --cases makes.",
        ) from error
