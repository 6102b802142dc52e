"""In which encoding the texts of a shapefile are: what is declared is believed only as far as the bytes bear it out."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gis.errors import ReadError
from gis.i18n import Text
from gis.read.container import sidecar

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Encoding", "shapefile_encoding"]

_CHINESE: Final = "gb18030"
_CODE_PAGES: Final = {"936": _CHINESE, "950": "big5", "65001": "utf-8", "54936": _CHINESE, "utf8": "utf-8"}
_LANGUAGE_IDS: Final = {0x4D: _CHINESE, 0x7A: _CHINESE, 0x4F: "big5", 0x78: "big5"}
_CJK: Final = re.compile(r"[\u3400-\u9fff]")
_Value = tuple[bytes, bool]
"""The bytes of one text, and whether they fill the field's whole width."""
_READ_ROWS: Final = 200_000
"""Rows whose texts are looked at; an encoding that holds for so many holds for the rest, or GDAL stops there."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding by Python's name, and what a reader should know of how it was found."""

    name: str
    notices: tuple[Text, ...] = ()


def shapefile_encoding(path: Path, stated: str = "") -> Encoding:
    """The encoding of a shapefile's texts: stated, else .cpg, else the language byte of the .dbf, else by its bytes.

    A declared encoding that the bytes contradict is set aside with a notice. Bytes that are valid UTF-8 are UTF-8, all
    others GB18030 (which holds GBK and GB 2312).

    Raises: ReadError if `stated` is unknown or contradicted, or if the texts are in no encoding that we try.
    """
    values = _texts(path)
    if stated:
        return _stated(path, stated, values)
    declared = _declared(path)
    if declared and _holds(declared, values):
        return Encoding(_plain(declared))
    found = _found(values)
    if found is None:
        raise ReadError(
            f"Shapefile {path} 的属性文字既不是 UTF-8 也不是 GBK/GB18030。请在 plan.toml 中写明 encoding，或重新导出为 UTF-8。",
            f"The texts of shapefile {path} are neither UTF-8 nor GBK/GB18030. "
            "State `encoding` in plan.toml, or export it again in UTF-8.",
        )
    return Encoding(found, _notices(path, declared, found, bool(values)))


def _notices(path: Path, declared: str, found: str, has_texts: bool) -> tuple[Text, ...]:
    label = _label(found)
    if declared:
        return (
            Text(
                f"{path.name} 声明的编码 {declared} 与内容不符，已按 {label} 读取。请核对中文是否正确。",
                f"{path.name} declares the encoding {declared}, which its bytes contradict; it was read as {label}. "
                "See that the texts are right.",
            ),
        )
    if not has_texts:
        return ()
    return (
        Text(
            f"{path.name} 未声明编码，按内容判定为 {label}。",
            f"{path.name} declares no encoding; by its bytes it is {label}.",
        ),
    )


def _label(name: str) -> str:
    return "GBK/GB18030" if name == _CHINESE else name.upper()


def _plain(name: str) -> str:
    """GBK and GB 2312 are read as GB18030, which holds them both and rare characters too."""
    found = codecs.lookup(name).name
    return _CHINESE if found in {"gbk", "gb2312", "gb18030", "cp936"} else found


def _known(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def _stated(path: Path, stated: str, values: list[_Value]) -> Encoding:
    name = _CODE_PAGES.get(stated.casefold(), stated)
    if not _known(name) or not _holds(name, values):
        raise ReadError(
            f"Shapefile {path} 不能按 plan.toml 写明的编码 {stated} 读取。请改正，或删去 encoding 由程序判定。",
            f"Shapefile {path} cannot be read in the encoding {stated} that plan.toml states. "
            "Mend it, or leave `encoding` out so that it is found from the bytes.",
        )
    return Encoding(_plain(name))


def _declared(path: Path) -> str:
    """What .cpg or the language byte says, as a name Python knows; empty if neither says anything of use."""
    cpg = sidecar(path, ".cpg")
    if cpg is not None:
        said = cpg.read_bytes()[:64].decode("ascii", errors="replace").strip().strip("\0").casefold()
        said = said.removeprefix("ldid/").removeprefix("ansi ").removeprefix("cp").strip()
        name = _CODE_PAGES.get(said, said)
        if name and _known(name):
            return name
        if name and _known(f"cp{name}"):
            return f"cp{name}"
    dbf = sidecar(path, ".dbf")
    if dbf is None:
        return ""
    with dbf.open("rb") as stream:
        head = stream.read(32)
    return _LANGUAGE_IDS.get(head[29], "") if len(head) == 32 else ""


def _holds(name: str, values: list[_Value]) -> bool:
    """Whether every value can be decoded; a last character that the field's width cut in two is forgiven."""
    decoder = codecs.getincrementaldecoder(name)
    try:
        for value, is_full in values:
            decoder().decode(value, final=not is_full)
    except UnicodeDecodeError:
        return False
    return True


def _found(values: list[_Value]) -> str | None:
    """UTF-8 if all is valid UTF-8 and Chinese comes of it, else GB18030; None if neither holds.

    A few GBK words (联通 is the famous one) are valid UTF-8 too, but then Cyrillic or Arabic letters come out.
    """
    holds = [name for name in ("utf-8", _CHINESE) if _holds(name, values)]
    if len(holds) == 2 and not any(_CJK.search(value.decode("utf-8", errors="ignore")) for value, _ in values):
        return _CHINESE if values else "utf-8"
    return holds[0] if holds else None


def _texts(path: Path) -> list[_Value]:
    """The distinct values with bytes beyond ASCII, of field names and text fields.

    Raises: ReadError if the .dbf is cut off.
    """
    dbf = sidecar(path, ".dbf")
    if dbf is None:
        return []
    with dbf.open("rb") as stream:
        head = stream.read(32)
        rows, head_size, row_size = (int.from_bytes(head[a:b], "little") for a, b in ((4, 8), (8, 10), (10, 12)))
        described = stream.read(max(head_size - 32, 0))
        body = stream.read(min(rows, _READ_ROWS) * row_size)
    if len(head) < 32 or head_size < 33 or row_size < 1 or dbf.stat().st_size < head_size + rows * row_size:
        raise ReadError(
            f"属性文件 {dbf} 不完整（应有 {rows} 条记录）。请重新拷贝或导出。",
            f"Attribute file {dbf} is cut off ({rows} rows expected). Copy or export it again.",
        )
    fields = [described[n : n + 32] for n in range(0, len(described) - 31, 32) if described[n] != 0x0D]
    names = [each[:11].split(b"\0")[0] for each in fields]
    table: Any = np.frombuffer(body, np.uint8).reshape(-1, row_size)
    found, at = [(each, False) for each in names if any(byte > 0x7F for byte in each)], 1
    for each in fields:
        width = each[16]
        if each[11:12] == b"C":
            found += _beyond_ascii(table[:, at : at + width])
        at += width
    return found


def _beyond_ascii(column: Any) -> list[_Value]:
    chosen = np.ascontiguousarray(column[(column > 0x7F).any(axis=1)])
    if not chosen.size:
        return []
    width = chosen.shape[1]
    stripped = (value.rstrip(b" \0") for value in np.unique(chosen.view(f"S{width}")).tolist())
    return [(value, len(value) == width) for value in stripped]
