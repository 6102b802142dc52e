"""plan.toml: what a bureau says of its plan beside the data. Every fault of the file is said at once."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from gis.errors import ReadError
from gis.i18n import Text
from gis.model.accuracy import Accuracy
from gis.model.layers import LAYERS, RASTERS
from gis.model.plan import Target, Waiver

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LayerEntry", "Project", "RasterEntry", "TableEntry", "faults_of", "read_project", "read_waivers"]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class LayerEntry(_Strict):
    """One `[layers.<id>]`: where the layer is and what is known of it; every key may be left out."""

    file: str = ""
    layer: str = ""
    driver: Literal["", "osm"] = ""
    crs: str = ""
    as_of: date | str | int = ""
    version: str = ""
    encoding: str = ""


class RasterEntry(_Strict):
    """One `[rasters.<name>]`."""

    file: str
    as_of: date | str | int = ""


class TableEntry(_Strict):
    """One `[tables.<name>]`: a .csv or .xlsx file."""

    file: str
    sheet: str = ""
    encoding: str = ""


class _TargetEntry(_Strict):
    value: float
    unit: str = ""
    direction: Literal["", "min", "max", "target"] = ""
    document: str = ""


class _WaiverEntry(_Strict):
    rule: str
    feature: str = ""
    reason: str = Field(min_length=1)
    by: str = Field(min_length=1)
    until: date | None = None


class _RelatedEntry(_Strict):
    file: str


class _OneAccuracy(_Strict):
    position_m: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    resolution_m: float = Field(default=0.001, ge=0, allow_inf_nan=False)
    area_m2: float = Field(default=0.01, ge=0, allow_inf_nan=False)


class _AccuracyEntry(_OneAccuracy):
    layers: dict[str, _OneAccuracy] = Field(default_factory=dict)


class Project(_Strict):
    """The content of a plan.toml; what it leaves out is empty."""

    name: str = ""
    crs: str = ""
    as_of: date | None = None
    profile: str = ""
    file: str = ""
    accuracy: _AccuracyEntry = Field(default_factory=_AccuracyEntry)
    layers: dict[str, LayerEntry] = Field(default_factory=dict)
    rasters: dict[str, RasterEntry] = Field(default_factory=dict)
    tables: dict[str, TableEntry] = Field(default_factory=dict)
    targets: dict[str, float | _TargetEntry] = Field(default_factory=dict)
    waivers: list[_WaiverEntry] = Field(default_factory=list)
    related: dict[str, _RelatedEntry] = Field(default_factory=dict)
    parameters: dict[str, dict[str, Any]] = Field(default_factory=dict)
    severities: dict[str, Literal["error", "warning", "note", "off"]] = Field(default_factory=dict)

    @field_validator("layers", "rasters", mode="after")
    @classmethod
    def _in_catalogue(cls, value: dict[str, Any], info: Any) -> dict[str, Any]:
        catalogue: Mapping[str, Any] = LAYERS if info.field_name == "layers" else RASTERS
        strange = [each for each in value if each not in catalogue and info.field_name == "layers"]
        if strange:
            raise ValueError(f"not in the catalogue: {', '.join(strange)}")
        return value

    def plan_accuracy(self) -> Accuracy:
        """The accuracy of the plan with its exceptions per layer."""
        stated = self.accuracy
        exceptions = {
            name: Accuracy(each.position_m, each.resolution_m, each.area_m2) for name, each in stated.layers.items()
        }
        return Accuracy(stated.position_m, stated.resolution_m, stated.area_m2, MappingProxyType(exceptions))

    def plan_targets(self) -> dict[str, Target]:
        """The targets by indicator or rule."""
        return {
            name: Target(float(each))
            if isinstance(each, float | int)
            else Target(each.value, each.unit, each.direction, each.document)
            for name, each in self.targets.items()
        }

    def plan_waivers(self) -> tuple[Waiver, ...]:
        """The findings that somebody has accepted."""
        return tuple(Waiver(each.rule, each.feature, each.reason, each.by, each.until) for each in self.waivers)


_Model = TypeVar("_Model", bound=BaseModel)


class _WaiverFile(_Strict):
    waivers: list[_WaiverEntry]


def read_project(path: Path) -> Project:
    """The content of a plan.toml.

    Raises: ReadError if it is not TOML in UTF-8; with every unknown key, missing key and wrong value otherwise.
    """
    return _valid(path, Project)


def read_waivers(path: str | Path) -> tuple[Waiver, ...]:
    """The waivers of a file of their own: TOML with `[[waivers]]` as in plan.toml (rule, feature, reason, by, until).

    Raises: ReadError if there is no such file, it is not TOML in UTF-8, or an entry is not complete.
    """
    path = Path(path)
    if not path.is_file():
        raise ReadError(
            f"豁免文件 {path} 不存在。请检查路径。", f"File of waivers {path} does not exist. Check the path."
        )
    return tuple(
        Waiver(each.rule, each.feature, each.reason, each.by, each.until) for each in _valid(path, _WaiverFile).waivers
    )


def _valid(path: Path, model: type[_Model]) -> _Model:
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ReadError(
            f"文件 {path} 不是 UTF-8 编码。请另存为 UTF-8。", f"File {path} is not in UTF-8. Save it in UTF-8."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ReadError(
            f"文件 {path} 不是有效的 TOML（{error}）。请改正该处语法。",
            f"File {path} is not valid TOML ({error}). Mend the syntax there.",
        ) from error
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise ReadError.of(faults_of(path, error)) from error


def faults_of(path: Path, error: ValidationError) -> list[Text]:
    """Each fault that pydantic found in a file: which key, what is wrong with it, what to do."""
    return [_said(path, each) for each in error.errors(include_url=False)]


_KINDS: Final[dict[str, Text]] = {
    "extra_forbidden": Text(
        "没有这个键。请删去或改正拼写",
        "there is no such key. Take it out or mend its spelling",
    ),
    "missing": Text("缺少这个键。请补上", "this key is missing. Add it"),
}


def _said(path: Path, fault: Any) -> Text:
    key = ".".join(str(each) for each in fault["loc"] if not str(each).startswith(("_", "function")))
    kind = _KINDS.get(fault["type"])
    if kind is None:
        reason, value = fault["msg"], fault["input"]
        shown = "" if isinstance(value, dict) else f" {value!r}"
        kind = Text(f"值{shown} 不对（{reason}）。请改正", f"value{shown} is wrong ({reason}). Mend it")
    return Text(f"文件 {path} 的 {key}：{kind.zh}。", f"File {path}, {key}: {kind.en}.")
