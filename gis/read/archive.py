"""A zip of a plan, unpacked into a folder of its own, within limits that no honest hand-in meets."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from gis.errors import ReadError
from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["unpack"]

MAX_FILES: Final = 20_000
MAX_BYTES: Final = 8_000_000_000
MAX_RATIO: Final = 200.0
_RATIO_FROM: Final = 50_000_000
"""Below this size a high ratio is harmless: an empty shapefile compresses well."""
_ARCHIVES: Final = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".kmz")
_BLOCK: Final = 1 << 20
_UTF8_FLAG: Final = 0x800


def unpack(path: Path, folder: Path) -> Path:
    """The folder with the files of the zip at `path`; names without the UTF-8 mark are read as GBK where they can be.

    Raises: ReadError, before anything is written, for absolute or upward paths, links, archives inside, encryption,
        and for more files or bytes than the limits; while unpacking if the archive is damaged or states false sizes.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [each for each in archive.infolist() if not each.is_dir() and not _is_clutter(each.filename)]
            faults = list(_faults(path, members))
            if faults:
                raise ReadError.of(faults)
            for each in members:
                _write(archive, each, folder / _name(each))
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, zlib.error) as error:
        raise ReadError(
            f"压缩包 {path} 已损坏或不是 zip（{error}）。请重新压缩。",
            f"Archive {path} is damaged or not a zip ({error}). Pack it again.",
        ) from error
    return folder


def _is_clutter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.endswith(("/.DS_Store", "/Thumbs.db"))


def _name(member: zipfile.ZipInfo) -> str:
    """The member's name; Windows in Chinese packs names as GBK, which zipfile takes for code page 437."""
    if member.flag_bits & _UTF8_FLAG:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def _faults(path: Path, members: list[zipfile.ZipInfo]) -> Iterator[Text]:
    total = sum(each.file_size for each in members)
    packed = sum(each.compress_size for each in members)
    if len(members) > MAX_FILES or total > MAX_BYTES:
        yield Text(
            f"压缩包 {path} 过大（{len(members)} 个文件，解压后 {total / 1e9:.1f} GB）。请自行解压后读取文件夹。",
            f"Archive {path} is too large ({len(members)} files, {total / 1e9:.1f} GB unpacked). "
            "Unpack it yourself and read the folder.",
        )
    if total > _RATIO_FROM and total > MAX_RATIO * max(packed, 1):
        yield Text(
            f"压缩包 {path} 的压缩比异常（{total / max(packed, 1):.0f} 倍），出于安全考虑未解压。请确认来源后自行解压。",
            f"Archive {path} expands {total / max(packed, 1):.0f}-fold and was not unpacked, for safety. "
            "See where it comes from, then unpack it yourself.",
        )
    for each in members:
        wrong = _wrong(each)
        if wrong:
            yield Text(
                f"压缩包 {path} 中的 {_name(each)} {wrong.zh}，出于安全考虑未解压。请重新压缩，只放数据文件。",
                f"In archive {path}, {_name(each)} {wrong.en}; it was not unpacked, for safety. "
                "Pack it again with data files only.",
            )


def _wrong(member: zipfile.ZipInfo) -> Text:
    name = _name(member).replace("\\", "/")
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or ":" in name or "\0" in name:
        return Text("的路径指向文件夹之外", "points outside the folder")
    if stat.S_ISLNK(member.external_attr >> 16):
        return Text("是符号链接", "is a symbolic link")
    if name.casefold().endswith(_ARCHIVES):
        return Text("是压缩包中的压缩包", "is an archive inside the archive")
    if member.flag_bits & 0x1:
        return Text("已加密", "is encrypted")
    return Text("", "")


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Write one member, and stop where it is longer than it says."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(member) as source, target.open("xb") as sink:
        shutil.copyfileobj(source, sink, _BLOCK)
