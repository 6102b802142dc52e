"""What a plan lacks, in words: layers, fields, tables, targets and related plans by their names, never by their ids."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gis.i18n import Text
from gis.model.layers import LAYERS, layer_title
from gis.model.tables import TABLES

__all__ = [
    "field_title",
    "no_field",
    "no_layer",
    "no_related",
    "no_table",
    "no_target",
    "related_title",
    "target_title",
]

_TARGETS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "cultivated_land_area": Text("耕地保有量", "cultivated land retained"),
        "ecological_redline_area": Text("生态保护红线面积", "ecological redline area"),
        "expansion_multiple": Text("城镇开发边界扩展倍数", "expansion multiple of the urban development boundary"),
        "natural_shoreline_share": Text("大陆自然岸线保有率", "share of natural coastline"),
        "permanent_basic_farmland_area": Text("永久基本农田保护面积", "permanent basic farmland area"),
    }
)
_RELATED: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "locked": Text("封库版本", "the locked version"),
        "previous": Text("上一版规划", "the previous plan"),
        "children": Text("下级规划", "the plans of the level below"),
    }
)


def target_title(target: str) -> Text:
    """The name of a target that rules ask for; any other keeps its own name.

    Example:
        >>> target_title("expansion_multiple").zh, target_title("x").en
        ('城镇开发边界扩展倍数', 'x')
    """
    return _TARGETS.get(target, Text(target, target))


def related_title(name: str) -> Text:
    """The name of a related plan; any other keeps its own name."""
    return _RELATED.get(name, Text(name, name))


def field_title(layer: str, column: str) -> Text:
    """The name of a field of a layer or table; one that the catalogue does not know keeps its own name."""
    spec = LAYERS.get(layer) or TABLES.get(layer)
    known = spec is not None and column in spec.fields
    return spec.fields[column].label if spec is not None and known else Text(column, column)


def no_layer(*layers: str) -> Text:
    """That these layers are missing.

    Example:
        >>> no_layer("county", "park").en
        'missing layers: county-level unit; development park'
    """
    titles = [layer_title(each) for each in layers]
    en = "missing layer" if len(titles) == 1 else "missing layers"
    return Text(f"缺少图层：{'、'.join(each.zh for each in titles)}", f"{en}: {'; '.join(each.en for each in titles)}")


def no_field(layer: str, column: str) -> Text:
    """That a layer is there and a field of it is not."""
    title, label = layer_title(layer), field_title(layer, column)
    return Text(f"图层{title.zh}缺少字段：{label.zh}", f"layer {title.en} lacks the field {label.en}")


def no_table(table: str) -> Text:
    """That a table is missing."""
    title = layer_title(table)
    return Text(f"缺少表：{title.zh}", f"missing table: {title.en}")


def no_target(target: str) -> Text:
    """That the plan states no such target."""
    title = target_title(target)
    return Text(f"未提供目标值：{title.zh}", f"no target given: {title.en}")


def no_related(name: str) -> Text:
    """That a plan to compare with is missing."""
    title = related_title(name)
    return Text(f"缺少对照规划：{title.zh}", f"missing plan to compare with: {title.en}")
