"""Packaged tables as values: code tables, layer specifications, styles, profiles.

They are data under `data/standards/`, which a bureau or a province may replace; nothing of them is written in code.
Only this module and `gis.model.concept` read packaged files.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import yaml

from gis.errors import LayerError
from gis.i18n import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Code", "code_table", "layer_table", "packaged", "profile_table", "read_yaml", "style_table", "table_table"]

_CODE_COLUMNS: Final = ("code", "id", "case_id", "period_from")
_NAME_COLUMNS: Final = ("name_zh", "case_zh", "zh")
_loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def packaged(*parts: str) -> Path:
    """The path of a packaged file or folder, in an installed wheel as in a checkout: `packaged("data", "standards")`."""
    here = Path(__file__).resolve().parent
    root = here / "_packaged" if (here / "_packaged").is_dir() else here.parent
    return root.joinpath(*parts)


def read_yaml(path: Path) -> Any:
    """The content of a YAML file, by the safe loader."""
    with path.open(encoding="utf-8") as stream:
        return yaml.load(stream, Loader=_loader)


@dataclass(frozen=True, slots=True)
class Code:
    """One row of a code table: its code, name, level, parent, colour, and the table's other columns as text."""

    code: str
    name: Text
    level: int = 1
    parent: str = ""
    rgb: tuple[int, int, int] | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


def _code(row: dict[str, str]) -> Code:
    code = next(row[column] for column in _CODE_COLUMNS if column in row)
    name = next((row[column] for column in _NAME_COLUMNS if column in row), code)
    english = row.get("name_en") or row.get("case_en") or row.get("en") or ""
    rgb = tuple(int(part) for part in row.get("rgb", "").split())
    return Code(
        code,
        Text(name, english or name),
        int(row.get("level") or 1),
        row.get("parent", ""),
        (rgb[0], rgb[1], rgb[2]) if len(rgb) == 3 else None,
        MappingProxyType(row),
    )


@cache
def code_table(name: str) -> Mapping[str, Code]:
    """The code table `name` (a file of `data/standards/`), by code, in the table's order.

    Raises: LayerError if there is no such table.

    Example:
        >>> code_table("land_use_classes")["0101"].name.zh
        '水田'
    """
    path = packaged("data", "standards", f"{name}.csv")
    if not path.is_file():
        raise LayerError(
            f"代码表 {name} 不存在。请检查 data/standards 中的文件名。",
            f"Code table {name} does not exist. Check the file names in data/standards.",
        )
    with path.open(encoding="utf-8", newline="") as stream:
        codes = [_code(row) for row in csv.DictReader(stream)]
    return MappingProxyType({each.code: each for each in codes})


@cache
def layer_table() -> Mapping[str, Any]:
    """The layer specifications as they stand in `layers.yaml`; `gis.model.layers` makes values of them."""
    return MappingProxyType(read_yaml(packaged("data", "standards", "layers.yaml")))


@cache
def table_table() -> Mapping[str, Any]:
    """The table specifications as they stand in `tables.yaml`; `gis.model.tables` makes values of them."""
    return MappingProxyType(read_yaml(packaged("data", "standards", "tables.yaml")))


@cache
def style_table() -> Mapping[str, Any]:
    """The style of every layer as it stands in `styles.yaml`."""
    return MappingProxyType(read_yaml(packaged("data", "standards", "styles.yaml")))


@cache
def profile_table(name: str) -> Mapping[str, Any]:
    """A packaged delivery profile as it stands in its file; `gis.model.profile` makes a value of it.

    Raises: LayerError if there is no such profile.
    """
    folder = packaged("data", "standards", "profiles")
    known = sorted(each.stem for each in folder.glob("*.yaml"))
    if name not in known:
        raise LayerError(
            f"成果标准 {name} 不存在。请使用：{', '.join(known)}，或在 plan.toml 中给出 .yaml 文件路径。",
            f"Profile {name} does not exist. Use one of {', '.join(known)}, or the path of a .yaml file in plan.toml.",
        )
    path = folder / f"{name}.yaml"
    return MappingProxyType(read_yaml(path))
