"""What rules on planned land use and on projects share: classes and their names, new and existing land, what a project takes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gis.analysis.land_accounts import coded, text_codes
from gis.i18n import Text
from gis.model.finding import Severity
from gis.rules.verbs import covered_share, inside, overlaps, usable
from gis.standards import code_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from gis.model.plan import Plan
    from gis.rules.base import Places

__all__ = [
    "EXISTING_SHARE", "HOMES_AND_SERVICES", "STANDS", "URBAN_BUILDING", "blank", "class_title", "existing", "named", "new_and_existing", "new_land",
    "of_class", "only", "taken", "with_class", "with_words",
]  # fmt: skip

HOMES_AND_SERVICES: Final = ("0701", "0703", "08")
"""Planned classes of people who must be safe: housing and public service."""
URBAN_BUILDING: Final = ("07", "08", "09", "10", "11")
"""Planned classes of building: housing, services, commerce, industry, storage; roads and utilities are not among them."""
NEW: Final = Text("新增", "new")
STANDS: Final = Text("现状", "existing")
UNKNOWN: Final = Text("未提供现状用地，未区分新增与现状", "new and existing not told apart, no current land use")

EXISTING_SHARE: Final = Text(
    "规划地块中同类现状建设用地达到此比例即视为现状保留",
    "a planned parcel counts as existing where current land of the same kind covers at least this share of it",
)
_GROUPS: Final = ("07", "08", "09", "10", "11", "12", "13", "14", "15", "16")


def of_class(plan: Plan, layer: str, *prefixes: str, but: tuple[str, ...] = ()) -> NDArray[np.bool_]:
    """Which features of a layer have a class code below one of `prefixes`, and below none of `but`."""
    codes = plan[layer]["class_code"]
    return coded(codes, prefixes) & ~coded(codes, but)


def class_title(code: Any, table: str = "land_use_classes") -> Text:
    """A class code with its name in a code table; an unknown code stands alone, a missing one is a dash."""
    if not isinstance(code, str):
        return Text("—", "—")
    known = code_table(table).get(code)
    return Text(f"{code} {known.name.zh}", f"{code} {known.name.en}") if known else Text(code, code)


def with_words(places: Places, severity: Severity | None = None, **words: Any) -> Places:
    """The same places with more words, and with another severity where one is given."""
    return replace(places, words={**places.words, **words}, severity=severity or places.severity)


def only(places: Places, chosen: NDArray[np.bool_]) -> Places:
    """The chosen ones of the places, with what is said of each."""
    index = np.flatnonzero(chosen)
    each_said = {
        name: [word[n] for n in index] if isinstance(word, list | np.ndarray) and len(word) == len(places) else word
        for name, word in places.words.items()
    }
    return replace(
        places,
        features=tuple(places.features[n] for n in index),
        others=tuple(places.others[n] for n in index) if places.others else (),
        geometry=places.geometry[index],
        measure=places.measure[index],
        width=None if places.width is None else places.width[index],
        doubt=None if places.doubt is None else places.doubt[index],
        words=each_said,
    )


def with_class(plan: Plan, places: Places, severity: Severity | None = None, table: str = "land_use_classes") -> Places:
    """The same places with the word `land_class`: class and name of the feature most involved."""
    codes: pd.Series[Any] = text_codes(plan[places.layer]["class_code"]).set_axis(
        plan[places.layer].index.astype("str")
    )
    return with_words(places, severity, land_class=[class_title(codes.get(each[0]), table) for each in places.features])


def existing(plan: Plan, share: float) -> NDArray[np.bool_] | None:
    """Which planned parcels are, by at least `share` of their area, construction land of the same first level today.

    None where the plan has no current land use with classes: then new and existing cannot be told apart.
    """
    if not plan.has("land_use_current", "class_code"):
        return None
    covered = plan.memo(("existing share",), lambda: _covered(plan))
    return np.asarray(covered >= share, dtype=bool)


def _covered(plan: Plan) -> NDArray[np.float64]:
    """Per planned parcel the share of it that is land of the same first level today; 0 for other than construction."""
    out = np.zeros(len(plan["land_use_plan"]))
    for group in _GROUPS:
        planned = of_class(plan, "land_use_plan", group)
        if planned.any():
            today = usable(plan, "land_use_current", of_class(plan, "land_use_current", group))
            out[planned] = np.nan_to_num(covered_share(plan, "land_use_plan", today, planned)[planned])
    return out


def new_land(plan: Plan, where: NDArray[np.bool_], existing_share: float) -> tuple[NDArray[np.bool_], Text]:
    """Which of the chosen planned parcels are new, and the word for it; all of them where that cannot be told."""
    today = existing(plan, existing_share / 100)
    return (where, UNKNOWN) if today is None else (where & ~today, NEW)


def new_and_existing(
    plan: Plan, line: str, where: NDArray[np.bool_], existing_share: float, line_where: NDArray[np.bool_] | None = None
) -> Iterator[Places]:
    """The faces of the chosen planned land in a line: new land as the rule says, existing land as a warning.

    Words `land_class` and `state`.
    """
    new, state = new_land(plan, where, existing_share)
    found = overlaps(plan, "land_use_plan", line, where=new, other_where=line_where)
    yield with_class(plan, with_words(found, state=state))
    stands = overlaps(plan, "land_use_plan", line, where=where & ~new, other_where=line_where)
    yield with_class(plan, with_words(stands, state=STANDS), Severity.WARNING)


def taken(
    plan: Plan,
    layer: str,
    other: str,
    where: NDArray[np.bool_],
    other_where: NDArray[np.bool_] | None = None,
    *,
    severity: Severity | None = None,
    **words: Any,
) -> Iterator[Places]:
    """What the chosen features of a layer of any shape take of another layer: faces with their area, lines and points without.

    The word `extent` says how much it is.
    """
    faces = overlaps(plan, layer, other, where=where, other_where=other_where)
    extent: list[Text] = [Text(f"占用 {m2 / 1e4:.4f} 公顷", f"takes {m2 / 1e4:.4f} ha") for m2 in faces.measure]
    yield with_words(faces, severity, extent=extent, **words)
    thin = inside(plan, layer, usable(plan, other, other_where), other=other, where=where)
    extent = [Text(f"穿越 {m:.1f} 米", f"runs {m:.1f} m") if m else Text("为点位", "is a point") for m in thin.measure]
    yield with_words(replace(thin, measure=np.full(len(thin), np.nan)), severity, extent=extent, **words)


def blank(plan: Plan, layer: str, field: str) -> NDArray[np.bool_]:
    """Which features say nothing in a field; all of them where the layer has no such field."""
    if not plan.has(layer, field):
        return np.ones(len(plan[layer]), dtype=bool)
    text = text_codes(plan[layer][field])
    return (text.isna() | text.eq("")).to_numpy(dtype=bool)


def named(plan: Plan, layer: str, field: str, words: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which features contain one of `words` in a text field; a missing text contains none."""
    text = text_codes(plan[layer][field])
    found = np.zeros(len(text), dtype=bool)
    for each in words:
        found |= text.str.contains(each, regex=False).fillna(False).to_numpy(dtype=bool)
    return found
