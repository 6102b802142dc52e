"""A delivery profile of a bureau's own: a YAML file beside the plan. Every fault of the file is said at once."""

from __future__ import annotations

from datetime import date as day
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from gis.errors import LayerError, ReadError
from gis.model.layers import LAYERS
from gis.model.profile import packaged_profile, profile_from
from gis.read.project import faults_of

if TYPE_CHECKING:
    from gis.model.profile import Profile

__all__ = ["PROFILE_ENDINGS", "read_mapping", "read_profile"]

PROFILE_ENDINGS: Final = (".yaml", ".yml")
_MAX_BYTES: Final = 1_000_000

_Severity = Literal["error", "warning", "note", "off"]
_RULE_ID: Final = r"^[A-Z]{2}\d{2}$"


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Both(_Strict):
    zh: str = ""
    en: str = ""


class _Signed(_Strict):
    value: Any
    by: str = Field(min_length=1)
    date: day


def _value(said: Any) -> Any:
    """A parameter: a value, or a value with who confirmed it and when; half of that is a mistake."""
    return _Signed.model_validate(said) if isinstance(said, dict) else said


class _ClauseEntry(_Strict):
    id: str = Field(pattern=_RULE_ID)
    rule: str = Field(min_length=1)
    zh: str = ""
    en: str = ""
    severity: Literal["error", "warning", "note"] = "error"
    remedy: _Both = Field(default_factory=_Both)
    source: str = ""


class _ProfileFile(_Strict):
    id: str = Field(min_length=1)
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    extends: str = ""
    level: Literal["", "city", "county", "township", "province"] = ""
    certainty: Literal["", "assumed", "official"] = ""
    cites: list[str] = Field(default_factory=list)
    mandatory: list[str] = Field(default_factory=list)
    conditional: list[str] = Field(default_factory=list)
    drop: list[str] = Field(default_factory=list)
    parameters: dict[str, dict[str, Annotated[Any, AfterValidator(_value)]]] = Field(default_factory=dict)
    severities: dict[str, _Severity] = Field(default_factory=dict)
    indicators: dict[str, dict[str, Any]] = Field(default_factory=dict)
    layer_names: dict[str, str] = Field(default_factory=dict)
    field_names: dict[str, dict[str, str]] = Field(default_factory=dict)
    delivery: dict[str, Any] = Field(default_factory=dict)
    official: dict[str, Any] = Field(default_factory=dict)
    clauses: list[_ClauseEntry] = Field(default_factory=list)


def read_profile(path: str | Path) -> Profile:
    """The profile of a YAML file; `extends` names a packaged profile that it changes.

    Raises: ReadError if there is no such file, it is no YAML in UTF-8, or with every wrong key, value and layer name.
    """
    path = Path(path)
    row = read_mapping(path)
    try:
        _ProfileFile.model_validate(row)
    except ValidationError as error:
        raise ReadError.of(faults_of(path, error)) from error
    strange = [each for each in _layers_named(row) if each not in LAYERS]
    if strange:
        raise ReadError(
            f"成果标准 {path}：图层 {'、'.join(strange)} 不在图层目录中。请使用 gis.LAYERS 中的名称。",
            f"Profile {path}: layers {', '.join(strange)} are not in the catalogue. Use names of gis.LAYERS.",
        )
    return profile_from(row, _base(path, str(row.get("extends") or "")))


def _base(path: Path, name: str) -> Profile | None:
    if not name:
        return None
    try:
        return packaged_profile(name)
    except LayerError as error:
        raise ReadError(
            f"成果标准 {path} 的 extends：{error.text.zh}", f"Profile {path}, extends: {error.text.en}"
        ) from error


def _layers_named(row: dict[str, Any]) -> list[str]:
    """Every layer id the file names, once."""
    lists = [
        *row.get("mandatory", ()),
        *row.get("conditional", ()),
        *row.get("drop", ()),
        *row.get("layer_names", {}).values(),
    ]
    return list(dict.fromkeys([*lists, *(each for each in row.get("field_names", {}) if each != "*")]))


class _EachKeyOnce(yaml.SafeLoader):
    """A safe loader that does not let the second of two equal keys silently take the place of the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """The mapping of a node."""
        said = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = next((each for each in said if said.count(each) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(None, None, f"key {twice} stands twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)


def read_mapping(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file of a user's.

    Anchors are refused: a few of them can stand for more than any memory holds.

    Raises: ReadError if there is no such file, or it is no mapping in YAML and UTF-8 of at most 1 MB.
    """
    if not path.is_file():
        raise ReadError(f"文件 {path} 不存在。请检查路径。", f"File {path} does not exist. Check the path.")
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError(f"{path.stat().st_size / 1e6:.1f} MB > {_MAX_BYTES / 1e6:.0f} MB")
        text = path.read_bytes().decode("utf-8-sig")
        if any(isinstance(each, yaml.AliasEvent) for each in yaml.parse(text, yaml.SafeLoader)):
            raise ValueError("anchors and aliases are not allowed")
        row = yaml.load(text, Loader=_EachKeyOnce)
    except (UnicodeDecodeError, yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).replace("\n", " ")[:200]
        raise ReadError(
            f"文件 {path} 无法读取（{reason}）。请检查 UTF-8 编码和 YAML 语法。",
            f"File {path} cannot be read ({reason}). Check that it is YAML in UTF-8.",
        ) from error
    if not isinstance(row, dict):
        raise ReadError(
            f"文件 {path} 不是键值结构。请参照 data/standards/profiles/national_city.yaml。",
            f"File {path} is no mapping. See data/standards/profiles/national_city.yaml.",
        )
    return row
