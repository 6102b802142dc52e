"""The delivery profile: what a delivered plan must hold, and by which values a place judges it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from gis.i18n import Text
from gis.model.layers import LAYERS
from gis.standards import profile_table

if TYPE_CHECKING:
    from gis.model.layer import LayerSpec
    from gis.model.plan import Plan

__all__ = ["Clause", "Profile", "Signature", "packaged_profile", "profile_from", "profile_of"]

_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Signature:
    """Who confirmed a value, and when."""

    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause a plan office wrote itself: its id, its wording, and the sentence that `gis.rules.clauses` makes a rule of."""

    id: str
    title: Text
    rule: str
    severity: str = "error"
    remedy: Text = field(default_factory=lambda: Text("", ""))
    source: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a place demands of a plan.

    mandatory, conditional   layers that must be there; layers due only where the thing exists
    parameters               rule id → parameter → value, in place of the rule's own default
    signed                   rule id → parameter → who confirmed the value; what is not signed in a profile whose own
                             `certainty` is "assumed" stays assumed
    severities               rule id → error, warning, note or off
    indicators               indicator id → parameter → value
    layer_names, field_names what this place calls a layer, or a field of a layer ("*": of any layer)
    delivery                 files and tables of a hand-in
    official                 column names and codes of the official checker's list of errors
    """

    id: str
    name: Text
    level: str = ""
    certainty: str = ""
    cites: tuple[str, ...] = ()
    mandatory: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _EMPTY)
    signed: Mapping[str, Mapping[str, Signature]] = field(default_factory=lambda: _EMPTY)
    severities: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    indicators: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _EMPTY)
    layer_names: Mapping[str, str] = field(default_factory=lambda: _EMPTY)
    field_names: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: _EMPTY)
    delivery: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    official: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)
    clauses: tuple[Clause, ...] = ()

    def confirmed(self, rule: str) -> frozenset[str]:
        """The parameters of a rule whose values somebody stands for: signed here, or stated by a profile that is certain."""
        stated = set() if self.certainty == "assumed" else set(self.parameters.get(rule, ()))
        return frozenset(stated | set(self.signed.get(rule, ())))

    def with_signed(self, signed: Mapping[str, Mapping[str, tuple[Any, Signature]]]) -> Profile:
        """The profile with these values, by rule and parameter, and who signed them."""
        values = {rule: {name: value for name, (value, _) in each.items()} for rule, each in signed.items()}
        names = {rule: {name: sign for name, (_, sign) in each.items()} for rule, each in signed.items()}
        return replace(self, parameters=_merged(self.parameters, values), signed=_merged(self.signed, names))

    def spec(self, layer: str) -> LayerSpec:
        """The LayerSpec of a layer whose fields may also carry the names this place gives them."""
        spec = LAYERS[layer]
        said = {**self.field_names.get("*", {}), **self.field_names.get(layer, {})}
        fields = {
            name: replace(each, names=(*each.names, *(own for own, meant in said.items() if meant == name)))
            for name, each in spec.fields.items()
        }
        return replace(spec, fields=MappingProxyType(fields)) if said else spec

    def layer_named(self, name: str) -> str | None:
        """The id of the layer that this place calls so, or None; upper and lower case are alike."""
        names = {own.casefold(): layer for own, layer in self.layer_names.items()}
        return names.get(name.strip().casefold())


def profile_from(row: Mapping[str, Any], base: Profile | None = None) -> Profile:
    """The Profile of the content of a profile file; what it leaves out is taken from `base`, the profile it extends.

    Lists of layers are added to those of `base`, and `drop` takes layers out; values by rule override one by one.

    Example:
        >>> one = profile_from({"id": "a", "zh": "甲", "en": "A", "parameters": {"TP05": {"angle_deg": 5}}})
        >>> two = profile_from({"id": "b", "zh": "乙", "en": "B", "severities": {"TP04": "off"}}, one)
        >>> dict(two.parameters["TP05"]), two.severities["TP04"], two.id
        ({'angle_deg': 5}, 'off', 'b')
    """
    base = base or Profile("", Text("", ""))
    values, signed = _values_and_signatures(row.get("parameters") or {})
    drop = set(row.get("drop") or ())
    mandatory = [each for each in (*base.mandatory, *(row.get("mandatory") or ())) if each not in drop]
    conditional = [each for each in (*base.conditional, *(row.get("conditional") or ())) if each not in drop]
    return Profile(
        str(row["id"]),
        Text(str(row["zh"]), str(row["en"])),
        str(row.get("level") or base.level),
        str(row.get("certainty") or base.certainty),
        tuple(dict.fromkeys((*base.cites, *(row.get("cites") or ())))),
        tuple(dict.fromkeys(mandatory)),
        tuple(each for each in dict.fromkeys(conditional) if each not in mandatory),
        _merged(base.parameters, values),
        _merged(base.signed, signed),
        MappingProxyType({**base.severities, **(row.get("severities") or {})}),
        _merged(base.indicators, row.get("indicators") or {}),
        MappingProxyType({**base.layer_names, **(row.get("layer_names") or {})}),
        _merged(base.field_names, row.get("field_names") or {}),
        MappingProxyType({**base.delivery, **(row.get("delivery") or {})}),
        MappingProxyType({**base.official, **(row.get("official") or {})}),
        (*base.clauses, *(_clause(each) for each in row.get("clauses") or ())),
    )


def _values_and_signatures(
    rows: Mapping[str, Any],
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Signature]]]:
    """Parameters are written as `name: value`, or signed: `name: {value: …, by: …, date: …}`."""
    values: dict[str, dict[str, Any]] = {}
    signed: dict[str, dict[str, Signature]] = {}
    for rule, parameters in rows.items():
        for name, said in parameters.items():
            if isinstance(said, Mapping):
                values.setdefault(rule, {})[name] = said["value"]
                signed.setdefault(rule, {})[name] = Signature(str(said["by"]), said["date"])
            else:
                values.setdefault(rule, {})[name] = said
    return values, signed


def _merged(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]
) -> Mapping[str, Mapping[str, Any]]:
    keys = dict.fromkeys((*old, *new))
    return MappingProxyType({key: MappingProxyType({**old.get(key, {}), **new.get(key, {})}) for key in keys})


def _clause(row: Mapping[str, Any]) -> Clause:
    zh, en = str(row.get("zh") or row.get("en") or row["rule"]), str(row.get("en") or row.get("zh") or row["rule"])
    remedy = row.get("remedy") or {}
    return Clause(
        str(row["id"]),
        Text(zh, en),
        str(row["rule"]),
        str(row.get("severity") or "error"),
        Text(str(remedy.get("zh") or ""), str(remedy.get("en") or remedy.get("zh") or "")),
        str(row.get("source") or ""),
    )


@cache
def packaged_profile(name: str) -> Profile:
    """The packaged profile of this name, with those it extends.

    Raises: LayerError if there is no such profile.

    Example:
        >>> "ecological_redline" in packaged_profile("national_city").mandatory
        True
    """
    row = profile_table(name)
    return profile_from(row, packaged_profile(row["extends"]) if row.get("extends") else None)


def profile_of(plan: Plan) -> Profile:
    """The profile a plan is judged by: the office's own where it has one, else the packaged one it names.

    Raises: LayerError if the plan names a profile that does not exist.
    """
    return plan.own_profile if plan.own_profile is not None else packaged_profile(plan.profile)
