"""Which layer of the catalogue a name in somebody's file means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from gis.i18n import Text
from gis.model.layers import LAYERS, layer_named

__all__ = ["Recognised", "recognise"]

_LEAST_LETTERS: Final = 4
"""Official initials shorter than this (HL, HAX) are recognised only when they stand alone."""
_LEAST_CHARACTERS: Final = 4
"""Chinese names shorter than this (县城, 道路) are parts of too many other words."""
_BRACKETED: Final = re.compile(r"[(（\[【][^()（）\[\]【】]*[)）\]】]")


@dataclass(frozen=True, slots=True)
class Recognised:
    """The layer id (None: unknown), the scope where a layer holds several official variants, and a remark."""

    layer: str | None
    scope: str = ""
    notice: Text | None = None


def recognise(name: str) -> Recognised:
    """The layer that `name` means: exactly, else without brackets, area codes, years and remarks around it.

    A name that may mean two layers is unknown, with a notice.

    Example:
        >>> recognise("(339921)CZKFBJ").layer, recognise("YJJBNT2023").layer
        ('urban_development_boundary', 'permanent_basic_farmland')
        >>> recognise("ZXCQGHFQ").scope
        'central_district'
    """
    bare = _BRACKETED.sub(" ", name).strip(" _-.")
    for each in (name, bare):
        layer = layer_named(each)
        if layer is not None:
            return Recognised(layer, _scope(layer, each))
    found = _within(bare)
    if len({layer for layer, _ in found}) > 1:
        listed = ", ".join(sorted({layer for layer, _ in found}))
        return Recognised(
            None,
            notice=Text(
                f"图层名 {name} 可能指多个图层（{listed}），未自动对应。请改名，或在 plan.toml 中写明。",
                f"Layer name {name} may mean several layers ({listed}) and was not matched. "
                "Rename it, or name it in plan.toml.",
            ),
        )
    if not found:
        return Recognised(None)
    layer, official = found[0]
    return Recognised(layer, _scope(layer, official))


def _scope(layer: str, official: str) -> str:
    scopes = {name.casefold(): scope for name, scope in LAYERS[layer].scopes.items()}
    return scopes.get(official.strip().casefold(), "")


def _within(name: str) -> list[tuple[str, str]]:
    """The catalogue's names inside `name` that are words of their own, the longest where they overlap."""
    taken: list[tuple[int, int, str, str]] = []
    folded = name.casefold()
    for official, layer, pattern in _patterns():
        for match in pattern.finditer(folded):
            start, stop = match.span()
            if all(stop <= a or start >= b for a, b, *_ in taken) and _alone_enough(official, layer, folded, match):
                taken.append((start, stop, layer, official))
    return [(layer, official) for *_, layer, official in taken]


def _alone_enough(official: str, layer: str, name: str, match: re.Match[str]) -> bool:
    """Our own English ids are everyday words: around them only digits and punctuation may stand."""
    rest = name[: match.start()] + name[match.end() :]
    if not official.isascii():
        return True
    everyday = official == layer or official.islower()
    return not (everyday or len(official) < _LEAST_LETTERS) or not any(each.isalpha() for each in rest)


@cache
def _patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Name, layer and pattern of every name of the catalogue, longest first."""
    official = {
        name: spec.id for spec in LAYERS.values() for name in (*spec.names, spec.name.zh, spec.id) if layer_named(name)
    }
    prefixed = {
        spec.prefix + name: spec.id for spec in LAYERS.values() if spec.prefix for name in official if name.isupper()
    }
    found = []
    for name, layer in sorted({**official, **prefixed}.items(), key=lambda item: (-len(item[0]), item[0])):
        text = re.escape(name.casefold())
        if name.isascii():
            found.append((name, layer, re.compile(rf"(?<![a-z]){text}(?![a-z])")))
        else:
            before = "" if len(name) >= _LEAST_CHARACTERS else r"(?<![\u4e00-\u9fff])"
            found.append((name, layer, re.compile(rf"{before}{text}(?![\u4e00-\u9fff])")))
    return tuple(found)
