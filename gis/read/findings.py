"""Findings of an earlier check, from the file that `gis check --out` wrote: GeoPackage, GeoJSON or JSON."""

from __future__ import annotations

import json
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import pandas as pd
import shapely
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json
from pyproj import CRS
from pyproj.exceptions import CRSError

from gis.errors import ReadError
from gis.i18n import Text
from gis.model.finding import Finding, Findings, Outcome, Severity, Status, Verdict
from gis.read.container import MAX_GEOJSON_BYTES, checked_path, container
from gis.read.project import faults_of
from gis.read.vector import read_raw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.read.vector import Raw

__all__ = ["read_findings"]

_MOST_FAULTS: Final = 20


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Finding(_Loose):
    rule: str = Field(min_length=1, max_length=20)
    layer: str = ""
    feature: str = ""
    other_layer: str = ""
    other: str = ""
    severity: Literal["error", "warning", "note"] = "error"
    verdict: Literal["violated", "undecidable"] = "violated"
    measure: float | None = None
    unit: str = ""
    doubt: float | None = None
    message_zh: str = ""
    message_en: str = ""
    waived: str = ""
    subsumed_by: str = ""
    witness: dict[str, Any] | None = None
    x: float | None = None
    y: float | None = None


class _Rule(_Loose):
    id: str = Field(min_length=1, max_length=20)
    title_zh: str = ""
    title_en: str = ""
    severity: Literal["error", "warning", "note"] = "error"
    status: Literal["passed", "failed", "undecidable", "not_run"]
    count: int = 0


class _File(_Loose):
    crs: str = Field(min_length=1, max_length=20_000)
    plan: str = ""
    as_of: str = ""
    rules: list[_Rule] = Field(default_factory=list)
    findings: list[_Finding]
    subsumed: list[_Finding] = Field(default_factory=list)


def read_findings(path: str | Path) -> Findings:
    """The findings in a file of an earlier check, with what became of each rule then; for comparing, not for trusting.

    A file whose table of rules was removed has no outcomes. Columns that others added are passed over.

    Raises: ReadError if there is no such file, it is of another kind, damaged or too large, or with the faults of its content.
    """
    file = checked_path(path)
    readers = {".gpkg": _package, ".geojson": _text, ".json": _text}
    if file.suffix.casefold() not in readers:
        raise ReadError(
            f"文件 {file} 不是检查结果文件。请给出 gis check --out 生成的 .gpkg、.geojson 或 .json。",
            f"File {file} is no findings file. Give the .gpkg, .geojson or .json of gis check --out.",
        )
    content, shapes, elsewhere = readers[file.suffix.casefold()](file)
    if not isinstance(content, dict) or "findings" not in content:
        raise ReadError(
            f"文件 {file} 不含检查结果（缺少 findings）。请用 gis check --out 重新生成。",
            f"File {file} holds no findings. Make it anew with gis check --out.",
        )
    try:
        said = _File.model_validate(content)
        crs = CRS.from_user_input(said.crs)
    except ValidationError as error:
        raise ReadError.of(faults_of(file, error)[:_MOST_FAULTS]) from error
    except CRSError as error:
        raise _damaged(file, error) from error
    items = [
        _finding(each, shape) for each, shape in zip(said.findings, _shapes(file, said.findings, shapes), strict=True)
    ]
    told = [
        _finding(each, shape)
        for each, shape in zip(said.subsumed, _shapes(file, said.subsumed, elsewhere), strict=True)
    ]
    outcomes = {each.id: _outcome(each) for each in said.rules}
    return Findings(
        tuple(items), MappingProxyType(outcomes), crs, said.plan, as_of=said.as_of, subsumed=tuple(told)
    )  # fmt: skip


def _finding(each: _Finding, shape: Any) -> Finding:
    nan = float("nan")
    return Finding(
        each.rule,
        Severity(each.severity),
        Verdict(each.verdict),
        each.layer,
        each.feature,
        Text(each.message_zh, each.message_en),
        each.other_layer,
        each.other,
        nan if each.measure is None else each.measure,
        each.unit,
        each.doubt or 0.0,
        shape,
        waived=each.waived,
        subsumed_by=each.subsumed_by,
    )


def _outcome(each: _Rule) -> Outcome:
    title = Text(each.title_zh, each.title_en)
    return Outcome(each.id, title, Severity(each.severity), Status(each.status), each.count)


def _damaged(path: Path, reason: object) -> ReadError:
    why = str(reason).replace("\n", " ")[:200]
    return ReadError(
        f"文件 {path} 已损坏，不能作为检查结果读取（{why}）。请重新拷贝，或用 gis check --out 重新生成。",
        f"File {path} is damaged and cannot be read as findings ({why}). Copy it again, or make it anew with gis check --out.",
    )


def _shapes(path: Path, rows: Sequence[_Finding], given: Any) -> Any:
    """The place of each finding: as given, else its witness, else its point, else None."""
    if given is not None:
        return given
    points = [
        None if each.x is None or each.y is None else {"type": "Point", "coordinates": [each.x, each.y]}
        for each in rows
    ]
    drawn = [each.witness or point for each, point in zip(rows, points, strict=True)]
    texts = [None if each is None else json.dumps(each) for each in drawn]
    shapes = shapely.from_geojson(np.array([*texts, None], dtype=object), on_invalid="ignore")[:-1]
    bad = [n for n, (text, shape) in enumerate(zip(texts, shapes, strict=True), 1) if text and shape is None]
    if bad:
        raise _damaged(path, f"witness {', '.join(map(str, bad[:5]))}")
    return shapes


def _text(path: Path) -> tuple[Any, None, None]:
    """The content of a JSON or GeoJSON file, both as the former."""
    if not path.is_file() or path.stat().st_size > MAX_GEOJSON_BYTES:
        raise _damaged(path, "not a file" if not path.is_file() else f"{path.stat().st_size} bytes")
    try:
        content = from_json(path.read_bytes().removeprefix(b"\xef\xbb\xbf"), allow_inf_nan=False)
    except ValueError as error:
        raise _damaged(path, error) from error
    if isinstance(content, dict) and isinstance(content.get("features"), list):
        rows = [each.get("properties") if isinstance(each, dict) else None for each in content["features"]]
        content |= {"findings": rows, "crs": content.get("plan_crs")}
    return content, None, None


def _package(path: Path) -> tuple[Any, Any, Any]:
    """The content of a package as that of a text file, and the places of its findings and of those told elsewhere."""
    found = {each.name: each for each in read_raw(container(path))}
    places = found.get("findings")
    if places is None or places.is_table or places.crs is None or "rule" not in places.frame.columns:
        return None, None, None
    rules = _rows(found["rules"]) if "rules" in found else []
    head = {str(row.get("name")): str(row.get("value", "")) for row in _rows(found.get("certificate"))}
    content = {"crs": places.crs.to_wkt(), "rules": rules, "findings": _rows(places)}
    named = {name: head[name] for name in ("plan", "as_of") if name in head}
    told = found.get("subsumed")
    if told is None or told.is_table or "rule" not in told.frame.columns:
        return {**named, **content}, places.frame.geometry.to_numpy(), None
    content["subsumed"] = _rows(told)
    return {**named, **content}, places.frame.geometry.to_numpy(), told.frame.geometry.to_numpy()


def _rows(raw: Raw | None) -> list[dict[str, Any]]:
    """The rows of a table as plain values; what is missing has no key."""
    if raw is None:
        return []
    frame = pd.DataFrame(raw.frame if raw.is_table else raw.frame.drop(columns=raw.frame.geometry.name))
    kept = frame[[each for each in frame.columns if not str(each).startswith("_")]]
    return [
        {str(name): value for name, value in row.items() if pd.api.types.is_scalar(value) and not pd.isna(value)}
        for row in kept.to_dict("records")
    ]  # fmt: skip
