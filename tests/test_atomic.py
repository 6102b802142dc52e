"""Files are the old one or the new one, never half of each."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from gis.errors import WriteError
from gis.present.atomic import whole_file, whole_folder


def refuse(code: int):
    def fail(*_args: object, **_more: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


def test_the_new_file_stands_alone_after_the_block(tmp_path):
    with whole_file(tmp_path / "a.txt") as path:
        path.write_text("新", encoding="utf-8")
        assert path.parent == tmp_path and path.suffix == ".txt"
    assert [(each.name, each.read_text(encoding="utf-8")) for each in tmp_path.iterdir()] == [("a.txt", "新")]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ValueError, SystemExit])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path, interruption):
    (tmp_path / "a.txt").write_text("旧", encoding="utf-8")
    with pytest.raises(interruption), whole_file(tmp_path / "a.txt") as path:
        path.write_text("half", encoding="utf-8")
        raise interruption
    assert [(each.name, each.read_text(encoding="utf-8")) for each in tmp_path.iterdir()] == [("a.txt", "旧")]


def test_a_missing_folder_is_said_with_the_remedy(tmp_path):
    with pytest.raises(WriteError, match=r"(?s)文件夹 .* 不存在。请先建立.*does not exist. Make the folder"):
        whole_file(tmp_path / "no" / "a.txt").__enter__()


def test_a_target_that_is_a_folder_is_refused(tmp_path):
    with pytest.raises(WriteError, match=r"它是一个文件夹"):
        whole_file(tmp_path).__enter__()


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS])
def test_a_read_only_folder_is_said_before_the_work(tmp_path, monkeypatch, code):
    monkeypatch.setattr(
        Path, "touch", refuse(code)
    )  # root writes to any folder, so the refusal is the system's, imitated
    with pytest.raises(WriteError, match=r"(?s)只读.*read-only"), whole_file(tmp_path / "a.txt"):
        pytest.fail("the block must not run")


def test_a_full_disk_leaves_the_old_file(tmp_path):
    (tmp_path / "a.txt").write_text("旧", encoding="utf-8")
    with pytest.raises(WriteError, match="磁盘空间不足"), whole_file(tmp_path / "a.txt"):
        refuse(errno.ENOSPC)()
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == "旧"


def test_a_file_that_windows_holds_open_is_said_to_be_open_in_qgis(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("旧", encoding="utf-8")
    monkeypatch.setattr(os, "replace", refuse(errno.EACCES))
    with (
        pytest.raises(WriteError, match=r"(?s)QGIS.*关闭后重试.*Close it in QGIS"),
        whole_file(tmp_path / "a.txt") as path,
    ):
        path.write_text("新", encoding="utf-8")
    assert [(each.name, each.read_text(encoding="utf-8")) for each in tmp_path.iterdir()] == [("a.txt", "旧")]


@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_a_geopackage_with_unfinished_changes_is_not_replaced(tmp_path, ending):
    for name in ("a.gpkg", f"a.gpkg{ending}"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(WriteError, match="QGIS"):
        whole_file(tmp_path / "a.gpkg").__enter__()


def test_a_new_folder_appears_whole_or_not_at_all(tmp_path):
    with pytest.raises(KeyboardInterrupt), whole_folder(tmp_path / "plan") as path:
        (path / "a.txt").write_text("half", encoding="utf-8")
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with whole_folder(tmp_path / "plan") as path:
        (path / "a.txt").write_text("whole", encoding="utf-8")
    assert [each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*.*")] == ["plan/a.txt"]


def test_an_empty_folder_is_filled_and_a_full_one_is_left_alone(tmp_path):
    (tmp_path / "plan").mkdir()
    with whole_folder(tmp_path / "plan") as path:
        (path / "a.txt").write_text("1", encoding="utf-8")
    with pytest.raises(WriteError, match="不是空文件夹"), whole_folder(tmp_path / "plan"):
        pytest.fail("the block must not run")
    assert (tmp_path / "plan" / "a.txt").read_text(encoding="utf-8") == "1"
