"""A findings file as a certificate to be checked again: GeoPackage, GeoJSON or JSON, from whoever wrote it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
import shapely
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from gis.decide.certificate import Certificate, Stated
from gis.errors import ReadError
from gis.model.plan import Waiver
from gis.read.container import MAX_GEOJSON_BYTES, checked_path, container
from gis.read.project import faults_of
from gis.read.vector import read_raw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gis.read.vector import Raw

__all__ = ["read_certificate"]

_MOST_FAULTS: Final = 20
"""How many faults of a file are told at once."""
_COLUMNS: Final = ("features", "others", "parameters")
"""Columns of a package that hold JSON."""


class _Loose(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Finding(_Loose):
    rule: str = Field(min_length=1, max_length=20)
    severity: Literal["error", "warning", "note"]
    verdict: Literal["violated", "undecidable"]
    layer: str
    features: list[str]
    other_layer: str = ""
    others: list[str] = Field(default_factory=list)
    measure: float | None = Field(default=None, allow_inf_nan=False)
    unit: str = ""
    doubt: float | None = Field(default=None, allow_inf_nan=False)
    ground: bool = False
    rule_version: str = ""
    witness: dict[str, Any] | None = None


class _Parameter(_Loose):
    value: Any


class _Rule(_Loose):
    id: str = Field(min_length=1, max_length=20)
    parameters: dict[str, _Parameter]
    rule_version: str = ""


class _Input(_Loose):
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class _Waiver(_Loose):
    rule: str = Field(min_length=1, max_length=20)
    feature: str
    reason: str
    by: str
    until: date | None = Field(default=None, strict=False)


class _File(_Loose):
    schema_: Literal["lantu-findings/1"] = Field(alias="schema")
    crs: str = Field(min_length=1, max_length=20_000)
    reading: Literal["", "default", "strict", "study"]
    as_of: str = Field(max_length=40)
    audience: Literal["internal", "public"]
    inputs: dict[str, _Input]
    waivers: list[_Waiver] | None = None
    rules: list[_Rule]
    findings: list[_Finding]


def read_certificate(path: str | Path) -> Certificate:
    """What a findings file states, checked for form only: every value is of its kind, every witness is a geometry.

    A witness in a GeoPackage is its geometry, in a text file the `witness` in the plan's CRS. A missing measure is NaN.

    Raises: ReadError if there is no such file, it is of another kind or of an earlier version, it is damaged or too large;
        with the faults of its content.
    """
    file = checked_path(path)
    readers = {".gpkg": _from_package, ".geojson": _from_text, ".json": _from_text}
    if file.suffix.casefold() not in readers:
        raise ReadError(
            f"文件 {file} 不是检查结果文件。请给出 gis check --out 生成的 .gpkg、.geojson 或 .json。",
            f"File {file} is no findings file. Give the .gpkg, .geojson or .json of gis check --out.",
        )
    content, shapes = readers[file.suffix.casefold()](file)
    if not isinstance(content, dict) or "schema" not in content or "findings" not in content:
        raise ReadError(
            f"文件 {file} 不含可复核的检查结果（缺少 schema 或 findings）。请用 gis check --out 重新生成。",
            f"File {file} holds no findings that can be checked again (no schema, or no findings). Make it anew with gis check --out.",
        )
    try:
        said = _File.model_validate(content)
    except ValidationError as error:
        raise ReadError.of(faults_of(file, error)[:_MOST_FAULTS]) from error
    return _certificate(said, _witnesses(file, said) if shapes is None else shapes)


def _certificate(said: _File, shapes: Any) -> Certificate:
    return Certificate(
        said.crs,
        said.reading,
        said.as_of,
        tuple(_stated(each, shape) for each, shape in zip(said.findings, shapes, strict=True)),
        MappingProxyType({each.id: {name: one.value for name, one in each.parameters.items()} for each in said.rules}),
        MappingProxyType({name: each.sha256 for name, each in said.inputs.items()}),
        MappingProxyType({each.id: each.rule_version for each in said.rules}),
        said.audience == "public",
        None
        if said.waivers is None
        else tuple(Waiver(each.rule, each.feature, each.reason, each.by, each.until) for each in said.waivers),
    )


def _stated(each: _Finding, shape: Any) -> Stated:
    nan = float("nan")
    return Stated(
        each.rule,
        each.severity,
        each.verdict,
        each.layer,
        tuple(each.features),
        each.other_layer,
        tuple(each.others),
        nan if each.measure is None else each.measure,
        each.unit,
        nan if each.doubt is None else each.doubt,
        each.ground,
        each.rule_version,
        shape,
    )


def _damaged(path: Path, reason: object) -> ReadError:
    why = str(reason).replace("\n", " ")[:200]
    return ReadError(
        f"文件 {path} 已损坏，不能作为检查结果读取（{why}）。请重新拷贝，或用 gis check --out 重新生成。",
        f"File {path} is damaged and cannot be read as findings ({why}). Copy it again, or make it anew with gis check --out.",
    )


def _from_text(path: Path) -> tuple[Any, None]:
    """The content of a JSON or GeoJSON file, both as the former."""
    if not path.is_file() or path.stat().st_size > MAX_GEOJSON_BYTES:
        raise _damaged(path, "not a file" if not path.is_file() else f"{path.stat().st_size} bytes")
    try:
        content = from_json(path.read_bytes().removeprefix(b"\xef\xbb\xbf"), allow_inf_nan=False)
    except ValueError as error:
        raise _damaged(path, error) from error
    if isinstance(content, dict) and isinstance(content.get("features"), list):
        rows = [each.get("properties") if isinstance(each, dict) else None for each in content.pop("features")]
        content |= {"findings": rows, "crs": content.get("plan_crs")}
    return content, None


def _witnesses(path: Path, said: _File) -> Any:
    """The witnesses of a text file."""
    texts = [None if each.witness is None else json.dumps(each.witness) for each in said.findings]
    shapes = shapely.from_geojson(np.array([*texts, None], dtype=object), on_invalid="ignore")[:-1]
    bad = [n for n, (text, shape) in enumerate(zip(texts, shapes, strict=True), 1) if text and shape is None]
    if bad:
        raise _damaged(path, f"witness {', '.join(map(str, bad[:5]))}")
    return shapes


def _from_package(path: Path) -> tuple[Any, Any]:
    """The content of a package as that of a text file, and its witnesses."""
    found = {each.name: each for each in read_raw(container(path))}
    places = found.get("findings")
    if places is None or places.is_table or any(name not in found for name in ("certificate", "inputs", "rules")):
        return None, None
    try:
        head = {name: _cell(name, row["value"]) for row in _rows(found["certificate"]) for name in (str(row["name"]),)}
        inputs = {str(row["name"]): row for row in _rows(found["inputs"])}
        rules = [_parsed(row) for row in _rows(found["rules"])]
        rows = [_parsed(row) for row in _rows(places)]
    except (KeyError, ValueError) as error:
        raise _damaged(path, error) from error
    return {**head, "inputs": inputs, "rules": rules, "findings": rows}, places.frame.geometry.to_numpy()


def _rows(raw: Raw) -> Iterator[dict[str, Any]]:
    """The rows of a table as plain values; what is missing has no key."""
    frame = pd.DataFrame(raw.frame if raw.is_table else raw.frame.drop(columns=raw.frame.geometry.name))
    for row in frame.to_dict("records"):
        yield {str(name): value for name, value in row.items() if isinstance(value, list) or not pd.isna(value)}


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: from_json(row[name]) for name in _COLUMNS if name in row}


def _cell(name: str, value: Any) -> Any:
    """A stated value; beside those that are text only the waivers are needed."""
    return from_json(str(value), allow_inf_nan=False) if name == "waivers" else str(value)
