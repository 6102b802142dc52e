"""What stands in a GeoPackage beside its data: read straight from SQLite, without touching the file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

from gis.i18n import Text

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["gpkg_fault", "gpkg_layers", "has_open_journal"]

_HARMLESS: Final = ("rtree", "fts3", "fts4", "fts5")


def has_open_journal(path: Path) -> bool:
    """Whether a program (QGIS, as a rule) has written changes that are still in a -wal file beside the GeoPackage."""
    journal = path.with_name(path.name + "-wal")
    return journal.is_file() and journal.stat().st_size > 0


def gpkg_fault(path: Path) -> list[Text]:
    """What is wrong with a SQLite file that should be a GeoPackage: no contents table, damage, foreign virtual tables."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
            objects = base.execute("SELECT name, coalesce(sql, '') FROM sqlite_master").fetchall()
    except sqlite3.Error as error:
        return [
            Text(
                f"文件 {path} 已损坏，无法作为 GeoPackage 读取（{error}）。请重新拷贝或导出。",
                f"File {path} is damaged and cannot be read as GeoPackage ({error}). Copy or export it again.",
            )
        ]
    if "gpkg_contents" not in {name for name, _ in objects}:
        return [
            Text(
                f"文件 {path} 是 SQLite 数据库，但不是 GeoPackage（没有 gpkg_contents 表）。请另存为 GeoPackage。",
                f"File {path} is an SQLite database but not a GeoPackage (no gpkg_contents table). Save it as GeoPackage.",
            )
        ]
    foreign = [name for name, sql in objects if _reaches_out(sql)]
    if foreign:
        return [
            Text(
                f"文件 {path} 含有指向外部数据的虚拟表（{', '.join(foreign)}），出于安全考虑未读取。请另存为新的 GeoPackage。",
                f"File {path} has virtual tables that point at other data ({', '.join(foreign)}) and was not read, "
                "for safety. Save it as a new GeoPackage.",
            )
        ]
    return []


def gpkg_layers(path: Path) -> list[str]:
    """The vector layers and plain tables that a GeoPackage registers, in its order."""
    query = "SELECT table_name FROM gpkg_contents WHERE data_type IN ('features', 'attributes', 'aspatial')"
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as base:
        return [str(name) for (name,) in base.execute(query)]


def _reaches_out(sql: str) -> bool:
    words = sql.replace("(", " ").split()
    folded = [each.casefold() for each in words]
    if folded[:3] != ["create", "virtual", "table"] or "using" not in folded:
        return False
    return folded[folded.index("using") + 1] not in _HARMLESS
