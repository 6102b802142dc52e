"""The error list of the official checker: Excel or CSV, its column names and codes as the profile maps them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gis.errors import ReadError
from gis.model.tables import TABLES
from gis.read.project import faults_of
from gis.read.table import read_table, tidy_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gis.model.profile import Profile
    from gis.model.tables import TableSpec

__all__ = ["read_official", "read_official_codes"]

_COLUMNS: Final = ("layer", "feature", "code", "text")
_CODE_HEADS: Final = frozenset({"code", "rule", "错误代码", "规则编号", "规则"})


class _Official(BaseModel):
    """The part `official` of a profile."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[str, str] = Field(default_factory=dict)
    codes: dict[str, str | list[str]] = Field(default_factory=dict)
    sheet: str = ""


def read_official(path: str | Path, profile: Profile) -> pd.DataFrame:
    """The list as a table of text with the columns layer, feature (标识码), code and text; missing is NaN.

    The profile says under `official: columns:` what its program calls them (`{错误图层: layer}`), beside the usual names, and under
    `sheet:` where they stand.

    Raises: ReadError if it is neither .csv nor .xlsx, is damaged, or has neither a column of codes nor of texts; if the
        profile's `official` is wrong.
    """
    file, said = Path(path), _said(profile)
    if not file.is_file():
        raise ReadError(f"文件 {file} 不存在。请检查路径。", f"File {file} does not exist. Check the path.")
    spec = _spec(said)
    frame, _ = tidy_table(read_table(file, sheet=said.sheet, spec=spec), spec, where=file.name)
    if not {"code", "text"} & set(frame.columns):
        heads = "、".join(map(str, frame.columns[:12]))
        raise ReadError(
            f"质检错误表 {file} 中没有错误代码或错误描述列（现有列：{heads}）。请在成果标准的 official: columns: 中写明列名对应。",
            f"Error list {file} has no column of codes or texts (it has {heads}). Map its columns under official: columns: in the profile.",
        )
    texts = frame.reindex(columns=list(_COLUMNS)).astype("str")
    return pd.DataFrame({name: texts[name].str.strip() for name in _COLUMNS})


def read_official_codes(profile: Profile, path: str | Path | None = None) -> Mapping[str, tuple[str, ...]]:
    """The checker's codes, each with the rules of ours it stands for: those of the profile, then those of a table (code, rule).

    A rule may be named in full or by its family; a cell may hold several, parted by commas. A code with no rule is one that is
    known to have none here.

    Raises: ReadError if the table cannot be read or has other columns.
    """
    codes = {code: _rules(rules) for code, rules in _said(profile).codes.items()}
    if path is not None:
        frame = read_table(Path(path))
        named = [each for each in frame.columns if each in _CODE_HEADS]
        if len(named) < 2:
            raise ReadError(
                f"代码对照表 {path} 应有 code 和 rule 两列。请补上列名。",
                f"Table of codes {path} needs the columns code and rule. Add the heads.",
            )
        pairs = frame[named[:2]].dropna(subset=[named[0]]).fillna("")
        codes |= {str(code).strip(): _rules(str(rules)) for code, rules in pairs.to_numpy()}
    return MappingProxyType(codes)


def _rules(said: str | list[str]) -> tuple[str, ...]:
    parts = said if isinstance(said, list) else said.replace("，", ",").replace("、", ",").split(",")
    return tuple(each.strip().upper() for each in parts if each.strip())


def _said(profile: Profile) -> _Official:
    row: dict[str, Any] = dict(profile.official)
    try:
        said = _Official.model_validate(row)
    except ValidationError as error:
        raise ReadError.of(faults_of(Path(f"{profile.id}: official"), error)) from error
    strange = sorted(set(said.columns.values()) - set(_COLUMNS))
    if strange:
        raise ReadError(
            f"成果标准 {profile.id} 的 official: columns: 中 {'、'.join(strange)} 无效。请对应到 {'、'.join(_COLUMNS)}。",
            f"Profile {profile.id}, official: columns: {', '.join(strange)} is unknown. Map to {', '.join(_COLUMNS)}.",
        )
    return said


def _spec(said: _Official) -> TableSpec:
    """The table's specification with the column names of the profile."""
    spec = TABLES["t_official_check"]
    own = {name: tuple(head for head, meant in said.columns.items() if meant == name) for name in _COLUMNS}
    fields = {name: replace(each, names=(*own.get(name, ()), *each.names)) for name, each in spec.fields.items()}
    return replace(spec, fields=MappingProxyType(fields))
