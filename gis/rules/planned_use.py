"""What rules on planned land use share: the classes, their names, and what of a planned parcel stands there today."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gis.analysis.land_accounts import coded, text_codes
from gis.i18n import Text
from gis.rules.verbs import covered_share, usable
from gis.standards import code_table

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from gis.model.finding import Severity
    from gis.model.plan import Plan
    from gis.rules.base import Places

__all__ = ["EXISTING_SHARE", "class_title", "existing", "of_class", "only", "with_class", "with_words"]

EXISTING_SHARE: Final = Text(
    "规划地块中同类现状建设用地达到此比例即视为现状保留",
    "a planned parcel counts as existing where current land of the same kind covers at least this share of it",
)
_GROUPS: Final = ("07", "08", "09", "10", "11", "12", "13", "14", "15", "16")


def of_class(plan: Plan, layer: str, *prefixes: str, but: tuple[str, ...] = ()) -> NDArray[np.bool_]:
    """Which features of a layer have a class code below one of `prefixes`, and below none of `but`."""
    codes = plan[layer]["class_code"]
    return coded(codes, prefixes) & ~coded(codes, but)


def class_title(code: Any) -> Text:
    """A class code with its name; an unknown code stands alone, a missing one is a dash."""
    if not isinstance(code, str):
        return Text("—", "—")
    known = code_table("land_use_classes").get(code)
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


def with_class(plan: Plan, places: Places, severity: Severity | None = None) -> Places:
    """The same places with the word `land_class`: class and name of the feature most involved."""
    codes: pd.Series[Any] = text_codes(plan[places.layer]["class_code"]).set_axis(
        plan[places.layer].index.astype("str")
    )
    return with_words(places, severity, land_class=[class_title(codes.get(each[0])) for each in places.features])


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
