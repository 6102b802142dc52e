"""A hand-in as it lies in its folder: which files there are, and what its texts say."""

from __future__ import annotations

import os
import re
import zipfile
from typing import TYPE_CHECKING, Final

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from gis.i18n import Text
from gis.read.archive import MAX_FILES
from gis.read.table import encoding_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["TEXT_ENDINGS", "inventory", "read_text", "texts"]

TEXT_ENDINGS: Final = (".docx", ".txt", ".md")
MAX_TEXT_BYTES: Final = 100_000_000
MAX_UNPACKED: Final = 1_000_000_000
_HIDDEN: Final = re.compile(r"^\.")
_DAMAGED: Final = (ValueError, OSError, KeyError, SyntaxError, zipfile.BadZipFile, PackageNotFoundError)
"""What the libraries raise for a damaged file; lxml raises a SyntaxError."""


def inventory(root: Path) -> tuple[tuple[str, ...], tuple[Text, ...]]:
    """The files below a folder as paths relative to it with "/", in order; a .gdb folder counts as one file. And what to know.

    Hidden files are left out. Links to folders are not followed, links to files that lie elsewhere are left out. A folder of
    more files than a hand-in ever has is not listed at all.
    """
    found: list[str] = []
    for path in _walk(root):
        if len(found) >= MAX_FILES:
            return (), (_too_many(root),)
        if path.resolve().is_relative_to(root.resolve()):
            found.append(path.relative_to(root).as_posix())
    return tuple(sorted(found)), ()


def _walk(root: Path) -> Iterator[Path]:
    for folder, inner, names in os.walk(root):
        here = root / os.path.relpath(folder, root)
        inner[:] = sorted(each for each in inner if not _HIDDEN.match(each))
        for each in [each for each in inner if each.casefold().endswith(".gdb")]:
            inner.remove(each)
            yield here / each
        yield from (here / name for name in sorted(names) if not _HIDDEN.match(name))


def _too_many(root: Path) -> Text:
    return Text(
        f"文件夹 {root} 有 {MAX_FILES} 个以上文件，未检查成果目录。请只放成果文件。",
        f"Folder {root} has more than {MAX_FILES} files; the delivery was not checked. Leave only what is handed in.",
    )


def texts(root: Path, files: Iterable[str]) -> tuple[dict[str, str], tuple[Text, ...]]:
    """What the .docx, .txt and .md files among `files` say, by path; and which of them could not be read."""
    found: dict[str, str] = {}
    notices: list[Text] = []
    for each in files:
        if each.casefold().endswith(TEXT_ENDINGS) and not each.rpartition("/")[2].startswith("~$"):
            try:
                found[each] = read_text(root / each)
            except _DAMAGED as error:
                reason = str(error).replace("\n", " ")[:200]
                notices.append(
                    Text(
                        f"文本 {each} 无法读取（{reason}），未参加图文一致检查。请重新保存。",
                        f"Text {each} cannot be read ({reason}) and was not compared with the tables. Save it again.",
                    )
                )
    return found, tuple(notices)


def read_text(path: Path) -> str:
    """The text of a .docx, .txt (UTF-8 or GB18030) or .md file, one paragraph a line; tables cell by cell, no deleted text.

    Raises: ValueError and what the libraries raise for a file that is damaged or larger than any text.
    """
    if path.stat().st_size > MAX_TEXT_BYTES:
        raise ValueError(f"{path.stat().st_size / 1e6:.0f} MB")
    if path.suffix.casefold() != ".docx":
        return path.read_bytes().decode(encoding_of(path))
    with zipfile.ZipFile(path) as archive:  # what it unpacks to is bounded before it is unpacked
        size = sum(each.file_size for each in archive.infolist())
    if size > MAX_UNPACKED:
        raise ValueError(f"{size / 1e9:.1f} GB")
    body = docx.Document(str(path)).element.body
    paragraphs = ("".join(part.text or "" for part in each.iter(qn("w:t"))) for each in body.iter(qn("w:p")))
    return "\n".join(paragraphs)
