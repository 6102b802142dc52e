"""What makes a finding a certificate: the fingerprints of all that was judged, and the version of the rule that judged it.

A fingerprint is of the *content*: the same layer saved in another format, or with its features in another order, has the same
one. Beside it stands the hash of the file it came from.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from gis import __version__
from gis.model.layers import LAYERS
from gis.model.tables import TABLES
from gis.rules.base import RULES
from gis.rules.clauses import clause_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gis.model.layer import LayerSpec
    from gis.model.plan import Plan, RasterSource, Waiver
    from gis.model.tables import TableSpec
    from gis.rules.base import Rule

__all__ = ["Certificate", "Fingerprint", "Stated", "fingerprints", "library_versions", "rule_version", "rule_versions"]

_EXACT: Final = 2**53
"""Whole numbers up to here are exact as float64; a column with larger ones is hashed as text."""
_DAY_FORMATS: Final = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")
"""How a day may be written as text, as in `gis.read.fields`."""
_DIGITS: Final = 12
"""How many hexadecimal digits of the hash of a definition a version carries."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """SHA-256 of one input's content, how many rows it has, the file it came from, and the SHA-256 of that file.

    The last two are empty for what was made in memory; of a layer put together from several files they list all, set apart by " + ".
    """

    sha256: str
    rows: int = 0
    file: str = ""
    file_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """A finding as a findings file states it; `geometry` is the witness in the CRS of the certificate, None where there is none."""

    rule: str
    severity: str
    verdict: str
    layer: str
    features: tuple[str, ...]
    other_layer: str = ""
    others: tuple[str, ...] = ()
    measure: float = float("nan")
    unit: str = ""
    doubt: float = 0.0
    ground: bool = False
    version: str = ""
    geometry: Any = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a findings file states of a check; nothing of it is trusted.

    inputs       name → content hash, as `fingerprints` names them; empty where the file was written without its plan
    parameters   rule → parameter → value, of every rule that the check asked for
    versions     rule → version
    public       whether the file is for the public, and hence carries no witnesses
    waivers      those that the check used, wherever they came from; None where the file does not say
    """

    crs: str
    reading: str
    as_of: str
    findings: tuple[Stated, ...]
    parameters: Mapping[str, Mapping[str, Any]]
    inputs: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    public: bool = False
    waivers: tuple[Waiver, ...] | None = None


def fingerprints(plan: Plan) -> Mapping[str, Fingerprint]:
    """The fingerprint of every input of a plan, by name; worked out once for each plan.

    Layers under their ids; beside them `table:…`, `raster:…`, `unknown:…`, the plan's own settings `plan:…` (targets, waivers,
    parameters and severities, accuracy, profile, texts), and all inputs of related plans, `related:locked/…`.

    A layer's hash is SHA-256 over its CRS and, in order of feature id, the little-endian two-dimensional WKB of its drawn
    geometries (in the CRS of the file; parts that are alone as single geometry) and its columns in order of name: numbers as
    little-endian float64, all else as JSON, days as days however they are written. Tables keep the order of their rows. A raster's is over
    its stored values row by row, its place, CRS and missing value, whether it is held in memory or is a file.

    A layer that was drawn in another CRS than the plan's and then saved in the plan's (`save_plan`) is another input: its edges are
    straight elsewhere, and its numbers are those that PROJ gave.

    Example:
        >>> from gis.model.drawn import drawn
        >>> one, other = (drawn({"park": [[0, 0, 10, east]]}) for east in (10, 11))
        >>> fingerprints(one)["park"] == fingerprints(other)["park"], fingerprints(one)["park"].rows
        (False, 1)
    """
    found: Mapping[str, Fingerprint] = plan.memo("fingerprints", lambda: MappingProxyType(_fingerprints(plan)))
    return found


def rule_version(rule: Rule) -> str:
    """The version of a rule: that of Lantu GIS, "+", and the start of the SHA-256 of the rule's definition.

    The definition is its statement (severity, relation, needs, sources, unit, message, days in force), its purpose and the
    source text of its function, in whose head the parameters stand with their defaults. The verbs and kernels that it calls are
    told by the version of Lantu GIS; the values that it ran with stand beside it.

    Example:
        >>> rule_version(RULES["CL01"]).startswith(__version__ + "+")
        True
    """
    stated = {name: each for name, each in _plain(rule).items() if name != "find"}
    text = json.dumps([stated, rule.purpose, inspect.getsource(rule.find)], ensure_ascii=False, default=str)
    return f"{__version__}+{_sha(text.encode('utf-8'))[:_DIGITS]}"


def rule_versions(rules: Iterable[str], plan: Plan | None = None) -> dict[str, str]:
    """The versions of these rules by id; a plan's own clauses are known only with the plan, others nobody knows are left out."""
    own = () if plan is None else clause_rules(plan)
    known = {**RULES, **{each.id: each for each in own}}
    return {id_: rule_version(known[id_]) for id_ in rules if id_ in known}


def library_versions() -> dict[str, str]:
    """The versions of what a result may hang on to the last digit: GEOS, PROJ and the libraries around them."""
    return {
        "shapely": shapely.__version__,
        "geos": shapely.geos_version_string,
        "pyproj": pyproj.__version__,
        "proj": pyproj.proj_version_str,
        "numpy": np.__version__,
    }


def _plain(rule: Rule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in rule.__dataclass_fields__}


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _fingerprints(plan: Plan) -> dict[str, Fingerprint]:
    found = {layer: _layer(plan, layer) for layer in plan}
    found |= {
        f"table:{name}": Fingerprint(_frame_hash(_meant(each, TABLES.get(name))), len(each))
        for name, each in plan.tables.items()
    }
    known = {name: each for name, each in plan.rasters.items() if each.values is not None or each.sha256}
    found |= {f"raster:{name}": _raster(each, plan) for name, each in known.items()}
    found |= {f"unknown:{name}": Fingerprint(_frame_hash(each), len(each)) for name, each in plan.unknown.items()}
    found |= {f"plan:{name}": Fingerprint(_sha(_settings(value))) for name, value in _own(plan).items()}
    for name, each in plan.related.items():
        found |= {f"related:{name}/{inner}": print_ for inner, print_ in fingerprints(each).items()}
    return found


def _own(plan: Plan) -> dict[str, Any]:
    """What a plan states beside its data."""
    return {
        "targets": {name: asdict(each) for name, each in plan.targets.items()},
        "waivers": [asdict(each) for each in plan.waivers],
        "severities": plan.severities,
        "accuracy": [plan.accuracy.position_m, plan.accuracy.resolution_m, plan.accuracy.area_m2, plan.accuracy.layers],
        "profile": repr(plan.own_profile) if plan.own_profile is not None else plan.profile,
        "texts": plan.texts,
    }


def _settings(value: Any) -> bytes:
    """Canonical JSON: sorted keys; a mapping of any kind is a mapping, all else that JSON lacks is text."""

    def said(each: Any) -> Any:
        return dict(each) if hasattr(each, "keys") else str(each)

    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=said).encode("utf-8", "surrogatepass")


def _layer(plan: Plan, layer: str) -> Fingerprint:
    source, frame = plan.source(layer), plan[layer]
    drawn = frame.geometry if source.geometry is None else source.geometry
    return Fingerprint(_frame_hash(_meant(frame, LAYERS[layer]), drawn), len(frame), source.file, source.sha256)


def _meant(frame: pd.DataFrame, spec: LayerSpec | TableSpec | None) -> pd.DataFrame:
    """The frame as the reader would give it: a day written as text is that day, a variant nobody names is the empty one."""
    fields = {} if spec is None else spec.fields
    known: dict[str, Any] = {
        name: _days(frame[name]) for name, each in fields.items() if each.type == "date" and name in frame.columns
    }
    if getattr(spec, "scopes", None):
        known["scope"] = frame["scope"].astype("str").fillna("") if "scope" in frame.columns else ""
    return frame.assign(**known)


def _days(column: pd.Series[Any]) -> pd.Series[Any]:
    """The column as days where every text in it is one, else as it is."""
    if pd.api.types.is_datetime64_any_dtype(column.dtype) or pd.api.types.is_float_dtype(column.dtype):
        return column
    text = column.astype("str").str.strip()
    text = text.mask(text == "")
    for shape in _DAY_FORMATS:
        found = pd.to_datetime(text, format=shape, errors="coerce")
        if not bool((found.isna() & text.notna()).any()):
            return found
    return column


def _raster(raster: RasterSource, plan: Plan) -> Fingerprint:
    """The same for a raster in memory and for the file it was saved to."""
    values = raster.sha256 or _sha(np.ascontiguousarray(raster.values).tobytes())
    place = [float(each) for each in raster.transform or ()]
    nodata = None if raster.nodata is None else float(raster.nodata)
    crs = (raster.crs or plan.crs).to_string()
    return Fingerprint(
        _sha(_settings([values, place, nodata, crs])), 0, "" if raster.path is None else raster.path.name
    )


def _frame_hash(frame: pd.DataFrame, drawn: gpd.GeoSeries | None = None) -> str:
    """The hash of a layer or table; `drawn` has its geometries, by the same ids."""
    digest, geometry = hashlib.sha256(), None
    if isinstance(frame, gpd.GeoDataFrame):
        geometry = frame.geometry.name
        drawn = frame.geometry if drawn is None else drawn
    ids = frame.index.astype("str").to_numpy()
    order = np.argsort(ids, kind="stable") if frame.index.name == "id" else np.arange(len(frame))
    if drawn is not None:
        crs = drawn.crs
        digest.update(_settings("" if crs is None else crs.to_authority() or crs.to_wkt()))
        for part in _wkb(drawn.to_numpy()[order]):
            digest.update(part)
    for name in sorted((each for each in frame.columns if each != geometry), key=str):
        kind, content = _column(frame[name].iloc[order])
        digest.update(_settings([str(name), kind, len(content)]))
        digest.update(content)
    return digest.hexdigest()


def _wkb(shapes: Any) -> Iterable[bytes]:
    """Lengths (−1 for none) and bytes of the geometries; one part alone is written as what it is."""
    kinds = shapely.get_type_id(shapes)
    alone = (kinds >= 4) & (kinds <= 6) & (shapely.get_num_geometries(shapes) == 1)
    written = shapely.to_wkb(np.where(alone, shapely.get_geometry(shapes, 0), shapes), byte_order=1, output_dimension=2)
    yield np.array([-1 if each is None else len(each) for each in written], "<i8").tobytes()
    yield b"".join(each for each in written if each is not None)


def _column(values: pd.Series[Any]) -> tuple[str, bytes]:
    """Kind and bytes of a column: its type in a file does not count, 5 is 5.0."""
    missing = values.isna().to_numpy()
    if missing.all():
        return "missing", b""
    if values.dtype.kind == "O" and values[~missing].map(type).isin((bool, np.bool_)).all():
        values = values.astype("boolean")  # yes and no beside missing
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.to_numpy(dtype=float, na_value=np.nan) + 0.0  # −0 becomes 0
        if not pd.api.types.is_integer_dtype(values.dtype) or np.nanmax(np.abs(numbers)) <= _EXACT:
            numbers[missing] = np.nan
            return "number", numbers.astype("<f8").tobytes()
    texts = [None if none else _text(each) for each, none in zip(values.tolist(), missing, strict=True)]
    return "text", json.dumps(texts, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _text(value: Any) -> str:
    """A value as text; a day is the same with and without a midnight."""
    return str(value).removesuffix(" 00:00:00")
