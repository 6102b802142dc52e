"""Files that are either the old one or the new one, never half of each.

A file is written beside its target, in the same folder and so on the same disk, flushed to it, and put in place by one
`os.replace`. Until then the old file is not touched; whatever stops the writing, the unfinished one is removed.

What this can and cannot promise for more than one file:

- **A `.gpkg` with its `.qgz`**: both are written in full before either is put in place, the GeoPackage first. A run that
  is cut between the two leaves the new data under the old project, which opens as it names tables, not contents.
- **A folder** (a new plan, a `.gdb`): no system replaces a folder that holds files in one step. `whole_folder` writes a new
  folder beside the target and renames it, and never over a folder that holds anything.
- **A file that QGIS holds open**: Windows refuses the replacement, which is said in plain words. Elsewhere the system would
  let it happen under a running QGIS, whose unfinished changes (`-wal`, `-journal`) would then be applied to a file
  they do not belong to; so a GeoPackage with such a companion is refused before anything is written.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gis.errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["spare", "whole_file", "whole_folder"]

_COMPANIONS: Final = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database while it is open."""

_DISK: Final = {
    errno.ENOSPC: ("磁盘空间不足", "the disk is full"),
    errno.EDQUOT: ("超出磁盘配额", "the disk quota is used up"),
    errno.EROFS: ("磁盘为只读", "the disk is read-only"),
    errno.EIO: ("磁盘读写出错", "the disk has a fault"),
    errno.EFBIG: ("文件超出文件系统的上限", "the file is too large for the file system"),
}


@contextmanager
def whole_file(target: str | Path) -> Iterator[Path]:
    """A path beside `target` to write to; it takes the target's place when the block ends, and goes if the block fails.

    The path has the target's suffix and does not exist yet. The folder must exist.

    Raises: WriteError for a missing or read-only folder, a target that is a folder, a full disk, or a target that
    another program holds open. The old file is then as it was, as it is after any other error and after Ctrl-C.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with whole_file(folder / "a.json") as path:
        ...     _ = path.write_text("{}", encoding="utf-8")
        >>> [each.name for each in folder.iterdir()]
        ['a.json']
    """
    target = Path(target)
    _check_target(target)
    beside = _beside(target)
    _try_folder(beside, target)
    try:
        try:
            yield beside
        except OSError as error:
            if error.errno in _DISK:
                raise _disk_fault(target, error) from error
            raise
        _flush(beside)
        _put(beside, target)
    finally:
        for path in (beside, *(beside.with_name(beside.name + each) for each in _COMPANIONS)):
            path.unlink(missing_ok=True)


@contextmanager
def whole_folder(target: str | Path) -> Iterator[Path]:
    """A new folder beside `target` to fill; it becomes the target when the block ends, and goes if the block fails.

    Raises: WriteError if the target exists and is not an empty folder, or its parent is missing or read-only.
    """
    target = Path(target)
    _check_parent(target)
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise WriteError(
            f"{target} 已存在且不是空文件夹，不会覆盖其中的内容。请换一个新文件夹。",
            f"{target} exists and is not an empty folder; nothing in it will be overwritten. Name a new folder.",
        )
    beside = _beside(target)
    try:
        beside.mkdir()
    except OSError as error:
        raise _no_folder(target) from error
    try:
        yield beside
        if target.exists():
            target.rmdir()
        _put(beside, target)
    finally:
        if beside.exists():
            shutil.rmtree(beside)


def spare(files: Iterable[Path], target: str | Path) -> None:
    """Nothing, if `target` is none of `files` and lies in none of them (a .gdb is a folder).

    Raises: WriteError if it is: what a plan was read from is never overwritten.

    Example:
        >>> spare([Path("/data/plan.gpkg")], "/data/map.html")
    """
    held = {each.resolve() for each in files}
    place = Path(target).resolve()
    if place in held or any(each in held and each.suffix.lower() == ".gdb" for each in place.parents):
        raise WriteError(
            f"{target} 是规划的输入数据，不能覆盖。请换一个文件名。",
            f"{target} is what the plan was read from and is not overwritten. Choose another name.",
        )


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.stem}.{secrets.token_hex(4)}.tmp{target.suffix}")


def _check_parent(target: Path) -> None:
    parent = target.parent
    if not parent.is_dir():
        raise WriteError(
            f"无法写入 {target}：文件夹 {parent} 不存在。请先建立该文件夹。",
            f"{target} cannot be written: folder {parent} does not exist. Make the folder first.",
        )


def _check_target(target: Path) -> None:
    _check_parent(target)
    if target.is_dir():
        raise WriteError(
            f"无法写入 {target}：它是一个文件夹。请给出文件名。",
            f"{target} cannot be written: it is a folder. Give the name of a file.",
        )
    if target.suffix.lower() == ".gpkg" and any(target.with_name(target.name + each).exists() for each in _COMPANIONS):
        raise _held_open(target)


def _try_folder(beside: Path, target: Path) -> None:
    """Find out now, before the work, whether the folder takes files."""
    try:
        beside.touch(exist_ok=False)
        beside.unlink()
    except OSError as error:
        raise (_disk_fault(target, error) if error.errno == errno.ENOSPC else _no_folder(target)) from error


def _flush(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _put(beside: Path, target: Path) -> None:
    try:
        os.replace(beside, target)  # noqa: PTH105 - the one call that Windows and Linux both do in one step
    except PermissionError as error:
        raise _held_open(target) from error


def _no_folder(target: Path) -> WriteError:
    return WriteError(
        f"无法写入 {target}：文件夹 {target.parent} 为只读或没有写权限。请换一个文件夹，或修改权限。",
        f"{target} cannot be written: folder {target.parent} is read-only for you. Choose another folder, or change its rights.",
    )


def _disk_fault(target: Path, error: OSError) -> WriteError:
    zh, en = _DISK[error.errno or errno.EIO]
    return WriteError(
        f"写入 {target} 时{zh}，原文件未改动。请换一个位置或清理磁盘后重试。",
        f"While {target} was being written, {en}; the old file is as it was. Free some room or choose another place.",
    )


def _held_open(target: Path) -> WriteError:
    return WriteError(
        f"无法替换 {target}：文件正被其他程序（如 QGIS、ArcGIS）打开，或上次未正常关闭。"
        "原文件未改动。请在 QGIS 中关闭后重试（若 QGIS 曾异常退出，先用它打开该文件再关闭）。",
        f"{target} cannot be replaced: another program (QGIS, ArcGIS) holds it open, or did not close it properly. "
        "The old file is as it was. Close it in QGIS and try again (after a crash of QGIS, open it there once and close it).",
    )
