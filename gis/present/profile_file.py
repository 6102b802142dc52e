"""A delivery profile written down as YAML, which `gis.read.profile` reads back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from gis.present.atomic import whole_file

if TYPE_CHECKING:
    from pathlib import Path

    from gis.model.profile import Profile

__all__ = ["save_profile"]


def save_profile(profile: Profile, path: Path) -> Path:
    """The path of the written file; it holds the profile whole, with what it took from those it extends.

    Raises: WriteError if the place cannot be written.
    """
    text = yaml.safe_dump(_rows(profile), allow_unicode=True, sort_keys=False, width=120)
    with whole_file(path) as target:
        target.write_text(text, encoding="utf-8", newline="\n")
    return path


def _rows(profile: Profile) -> dict[str, Any]:
    rows: dict[str, Any] = {
        "id": profile.id,
        "zh": profile.name.zh,
        "en": profile.name.en,
        "level": profile.level,
        "certainty": profile.certainty,
        "cites": list(profile.cites),
        "mandatory": list(profile.mandatory),
        "conditional": list(profile.conditional),
        "parameters": _parameters(profile),
        "severities": dict(profile.severities),
        "indicators": _plain(profile.indicators),
        "layer_names": dict(profile.layer_names),
        "field_names": _plain(profile.field_names),
        "delivery": _plain(profile.delivery),
        "official": _plain(profile.official),
        "clauses": [
            {
                "id": each.id, "zh": each.title.zh, "en": each.title.en, "rule": each.rule, "severity": each.severity,
                "remedy": {"zh": each.remedy.zh, "en": each.remedy.en}, "source": each.source,
            }
            for each in profile.clauses
        ],
    }  # fmt: skip
    return {name: value for name, value in rows.items() if value or name in ("id", "zh", "en")}


def _parameters(profile: Profile) -> dict[str, dict[str, Any]]:
    """Values by rule, each with who signed it where somebody did."""
    return {
        rule: {
            name: {"value": _plain(value), "by": sign.by, "date": sign.on}
            if (sign := profile.signed.get(rule, {}).get(name))
            else _plain(value)
            for name, value in values.items()
        }
        for rule, values in profile.parameters.items()
    }


def _plain(value: Any) -> Any:
    """The value in the types that YAML has."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value
