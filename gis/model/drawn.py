"""Drawn plans: small plans of boxes, so that the answer is arithmetic in the head.

Coordinates are metres from (500 000, 3 400 000) in EPSG:4549, on the central meridian, where 1 km² in the plane is
1 km² on the ellipsoid to 1e-8. The cases of rules (`data/rules/*.yaml`), examples and tests are drawn with these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import shapely
from shapely.affinity import translate

from gis.errors import LayerError
from gis.i18n import Text
from gis.model.accuracy import Accuracy
from gis.model.plan import LayerSource, Plan, Target, Waiver
from gis.standards import packaged, read_yaml

__all__ = ["CRS", "ORIGIN", "Case", "cases", "cases_drawn", "drawn"]

CRS: Final = "EPSG:4549"
ORIGIN: Final = (500_000.0, 3_400_000.0)


@dataclass(frozen=True)
class Case:
    """A drawn case of a rule: the plan, and what the rule must find: feature ("0" or "0×1") to measure.

    `title` says the situation in both languages, `name` in English; `verdict` is what every finding must
    say; `not_run` is true where the rule must not run at all.
    """

    rule: str
    name: str
    title: Text
    plan: Plan
    finds: Mapping[str, float]
    verdict: str = "violated"
    not_run: bool = False
    drawing: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def drawn(layers: Mapping[str, Sequence[Any]], **said: Any) -> Plan:
    """A plan of simple shapes.

    A feature is a box [xmin, ymin, xmax, ymax], or a mapping with one of `box`, `boxes` (several parts), `polygon`
    (a ring, or a list of rings: outer and holes), `line`, `point`, `wkt`, or `none: true`; its other keys are
    attributes. Ids are row numbers unless `feature_id` is given. `targets`, `accuracy`, `tables`, `sources`,
    `parameters`, `related`, `waivers` go to the plan.

    Example:
        >>> plan = drawn({"ecological_redline": [[0, 0, 1000, 1000], {"point": [5, 5], "name": "x"}]})
        >>> plan["ecological_redline"].geometry.area.tolist()
        [1000000.0, 0.0]
    """
    frames = {layer: _frame(features) for layer, features in layers.items()}
    targets = {
        name: each if isinstance(each, Target) else _target(each) for name, each in said.pop("targets", {}).items()
    }
    accuracy = Accuracy(**said.pop("accuracy", {}))
    sources = {name: LayerSource(**each) for name, each in said.pop("sources", {}).items()}
    tables = {name: pd.DataFrame(rows) for name, rows in said.pop("tables", {}).items()}
    related = {name: drawn(each) for name, each in said.pop("related", {}).items()}
    waivers = tuple(each if isinstance(each, Waiver) else Waiver(**each) for each in said.pop("waivers", ()))
    said.setdefault("as_of", date(2025, 6, 30))
    return Plan(
        frames, CRS, targets=targets, accuracy=accuracy, tables=tables, sources=sources, related=related, waivers=waivers,
        **said,
    )  # fmt: skip


def _target(value: Any) -> Target:
    return Target(**value) if isinstance(value, Mapping) else Target(float(value))


def _frame(features: Sequence[Any]) -> gpd.GeoDataFrame:
    rows = [each if isinstance(each, Mapping) else {"box": each} for each in features]
    shapes = [_shape(row) for row in rows]
    table = pd.DataFrame([{k: v for k, v in row.items() if k not in (*_MAKE, "none")} for row in rows])
    if "feature_id" not in table.columns:
        table = table.set_axis(pd.Index([str(row) for row in range(len(rows))], name="id"))
    return gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)


def _shape(row: Mapping[str, Any]) -> Any:
    kind = next((each for each in _MAKE if each in row), None)
    if kind is None:
        if row.get("none"):
            return None
        raise LayerError(
            f"示例要素 {dict(row)} 没有图形。请给出 {'、'.join(_MAKE)} 之一。",
            f"Drawn feature {dict(row)} has no shape. Give one of {', '.join(_MAKE)}.",
        )
    value = row[kind]
    return translate(_MAKE[kind](value), *ORIGIN)


def _polygon(value: Sequence[Any]) -> shapely.Polygon:
    rings = value if isinstance(value[0][0], Sequence) else [value]
    return shapely.Polygon(rings[0], rings[1:])


_MAKE: Final[Mapping[str, Callable[[Any], Any]]] = {
    "box": lambda box: shapely.box(*box),
    "boxes": lambda boxes: shapely.MultiPolygon([shapely.box(*each) for each in boxes]),
    "polygon": _polygon,
    "line": shapely.LineString,
    "point": shapely.Point,
    "wkt": shapely.from_wkt,
}


def cases(rule: str) -> tuple[Case, ...]:
    """The drawn cases of a rule, from `data/rules/<rule>.yaml`; none if there is no such file.

    Raises: LayerError for a case without an English name (`name`) or a Chinese one (`zh`).

    Example:
        >>> cases("CL01")[0].title
        Text(zh='永久基本农田压入生态保护红线 100 米', en='farmland drawn 100 m into the redline')
    """
    path = packaged("data", "rules", f"{rule}.yaml")
    return cases_drawn({"rule": rule, **read_yaml(path)}) if path.is_file() else ()


def cases_drawn(content: Mapping[str, Any]) -> tuple[Case, ...]:
    """The drawn cases of a file in the form of `data/rules/<rule>.yaml`: `rule`, and `cases` with their drawings.

    Raises: LayerError for a case without an English name (`name`) or a Chinese one (`zh`).
    """
    return tuple(_case(str(content["rule"]), number, row) for number, row in enumerate(content["cases"], 1))


def _case(rule: str, number: int, drawing: Mapping[str, Any]) -> Case:
    row = dict(drawing)
    name, zh = row.pop("name", None), row.pop("zh", None)
    lacking = [key for key, said in (("name", name), ("zh", zh)) if not said]
    if lacking:
        raise LayerError(
            f"规则 {rule} 的第 {number} 个示例（{name or zh or '无名'}）缺少 {'、'.join(lacking)}。"
            f"请在 data/rules/{rule}.yaml 中写明英文名 name 和中文名 zh。",
            f"Case {number} of rule {rule} ({name or zh or 'nameless'}) has no {' and no '.join(lacking)}. "
            f"Give its English `name` and its Chinese `zh` in data/rules/{rule}.yaml.",
        )
    finds, verdict, not_run = row.pop("finds", {}), row.pop("verdict", "violated"), row.pop("not_run", False)
    plan = drawn(row.pop("layers"), name=name, **row)
    return Case(rule, name, Text(zh, name), plan, finds, verdict, not_run, drawing)
