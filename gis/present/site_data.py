"""What a saved map must know to judge a site without a server: the ground of all asked layers, and the judging table as data.

Which cases of the table hold for a feature is worked out here; whether a case is for a project (its use, its kind, whether it is
listed) is decided in the page, by `web/siting_judge.js`, which follows `gis.rules.siting_rows` and `gis.decide.site`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import shapely

from gis.analysis.in_force import code_tables
from gis.analysis.land_accounts import text_codes
from gis.analysis.land_codes import survey_to_2023
from gis.analysis.quantities import usable
from gis.analysis.site_frame import REPROJECTION_M
from gis.analysis.site_layers import EFFECTS, KINDS, Project, SiteCase, SiteLayer, site_layers
from gis.crs import central_meridian, describe
from gis.decide.site import ANSWERS
from gis.decide.site_words import DISCLAIMER
from gis.errors import LayerError
from gis.i18n import Text
from gis.model.layers import LAYERS, layer_title
from gis.present.site_answer import STATUSES
from gis.present.site_cells import UNITS_PER_M, cells, packed
from gis.present.style import UNDATED
from gis.present.web_areas import areas_script, plane_for_page
from gis.rules.base import RULES
from gis.rules.judge import numeric_width, strictly, survey_width
from gis.rules.siting_rows import APPROVED, in_force

if TYPE_CHECKING:
    from datetime import date

    from gis.model.plan import Plan

__all__ = ["siting_data", "siting_script"]

_SITE: Final = "site"
_CURRENT: Final = "land_use_current"
_APPROVED_LAND: Final = "land_case"
_SCRIPTS: Final = (
    "siting_grid.js", "siting_read.js", "siting_width.js", "siting_judge.js", "siting_result.js", "siting.js",
)  # fmt: skip


@cache
def siting_script() -> str:
    """The scripts that judge a site in the page, the area kernel first."""
    folder = files("gis.present") / "web"
    return "\n".join([areas_script(), *((folder / name).read_text(encoding="utf-8") for name in _SCRIPTS)])


def siting_data(plan: Plan) -> dict[str, Any]:
    """What the page must know of the plan to judge a site, as JSON takes it (`Text` stands for both languages).

    Coordinates are those of the plan, unsimplified, in whole numbers of 0.1 mm.

    Raises: LayerError if the plan is in no CGCS2000 Gauss–Krüger plane, as the page knows no other.

    Example:
        >>> from gis.model.drawn import drawn
        >>> data = siting_data(drawn({"ecological_redline": [[0, 0, 100, 100]]}))
        >>> [each["id"] for each in data["layers"] if each["status"] == "asked"], data["per_m"]
        (['ecological_redline'], 10000)
    """
    plane = plane_for_page(plan.crs)
    if plane is None:
        name = describe(plan.crs)
        raise LayerError(
            f"规划的坐标系是{name.zh}，网页内选址核对只支持 CGCS2000 高斯—克吕格投影。请先把规划投影到 3 度带，或使用 gis site。",
            f"The plan is in {name.en}; siting in the page knows CGCS2000 Gauss–Krüger only. Reproject the plan, or use gis site.",
        )
    editions = code_tables("land_use_classes", "2020-11", plan.as_of.isoformat())
    uses = {code: each.name for table in reversed(editions) for code, each in table.items()}
    return {
        "plane": {**plane, "meridian": central_meridian(plan.crs)},
        "per_m": UNITS_PER_M,
        "moved_m": REPROJECTION_M,
        "chord_m": plan.accuracy.resolution_m / 10,
        "system": describe(plan.crs),
        "as_of": plan.as_of.isoformat(),
        "answers": dict(ANSWERS),
        "statuses": dict(STATUSES),
        "effects": list(EFFECTS),
        "disclaimer": DISCLAIMER,
        "kinds": dict(KINDS),
        "uses": dict(sorted(uses.items())),
        "approved": _case(APPROVED, plan.as_of),
        "layers": [*(_layer(plan, each) for each in site_layers().values()), _listed_projects(plan)],
    }


def _layer(plan: Plan, asked: SiteLayer) -> dict[str, Any]:
    """One asked layer: what it is, its lines of the judging table, its features by kind, its ground."""
    layer = next((each for each in (asked.id, *asked.instead) if each in plan), None)
    source = plan.source(layer or asked.id)
    said = {
        "id": asked.id,
        "layer": layer or asked.id,
        "title": layer_title(layer or asked.id),
        "decisive": asked.decisive,
        "kinds": list(asked.kinds),
        "parts": {},
        "status": "missing" if layer is None else "asked",
        "date": Text(source.as_of, source.as_of) if source.as_of else UNDATED,
    }
    if layer is None:
        return said
    strict = strictly(RULES[asked.rule].relation, "default")
    sort, sorts = _sorts(plan, asked, layer)
    said |= {
        "numeric_m": numeric_width(plan, _SITE, layer),
        "survey_m": 0.0 if strict else survey_width(plan, _SITE, layer),
        "cases": [_case(each, plan.as_of) for each in asked.cases],
        "outside": [_case(each, plan.as_of) for each in asked.outside],
        "sorts": sorts,
        "sort": sort,
        "parts": {each["part"]: asked.part_name(each["part"]) for each in sorts if each["part"]},
    }
    return said | (_ground(plan, asked.id, layer) if LAYERS[layer].is_polygon else _lines(plan, layer))


def _ground(plan: Plan, asked: str, layer: str) -> dict[str, Any]:
    approved = usable(plan, _APPROVED_LAND) if asked == _CURRENT and _APPROVED_LAND in plan else None
    found = cells(usable(plan, layer), plan.crs, approved)
    return {
        "kind": "ground",
        "ground": packed(found.polygons),
        "members": [each[0] if len(each) == 1 else list(each) for each in found.members],
        "approved": np.flatnonzero(found.masked).tolist(),
    }


def _lines(plan: Plan, layer: str) -> dict[str, Any]:
    geometry = np.asarray(plan[layer].geometry.to_numpy(), dtype=object)
    rows = np.flatnonzero((shapely.get_dimensions(geometry) == 1) & ~shapely.is_empty(geometry))
    return {"kind": "lines", "ground": packed(geometry[rows]), "members": rows.tolist(), "approved": []}


def _listed_projects(plan: Plan) -> dict[str, Any]:
    """The list of projects, which is asked by name: a site of the page has none."""
    return {
        "id": "project", "layer": "project", "parts": {}, "title": layer_title("project"), "decisive": False, "kinds": [], "date": UNDATED,
        "status": "clear" if "project" in plan else "missing",
    }  # fmt: skip


def _sorts(plan: Plan, asked: SiteLayer, layer: str) -> tuple[list[int], list[dict[str, Any]]]:
    """The features by what the judging table sees of them: per feature the number of its sort, −1 if it is not asked; the sorts.

    A sort is told by the numbers of the cases that hold, the part of the layer, and the class that `same` compares with the use.
    """
    frame = pd.DataFrame(plan[layer].drop(columns=plan[layer].geometry.name))
    if layer == "survey_parcel" and "class_code" in frame:
        classes = survey_to_2023(frame["class_code"], settlement=frame.get("settlement_code"))
        frame = frame.assign(class_code=classes["code"].fillna(classes["within"]).to_numpy())
    project, same = Project(""), next((each.same for each in asked.cases if each.same), "")
    table = pd.DataFrame({n: replace(case, same="").holds(frame, project) for n, case in enumerate(asked.cases)})
    part, code = (_text(frame, name) for name in (asked.part, same))
    table = table.assign(part=[each[: asked.chars] for each in part], code=code)
    number = table.groupby(list(table.columns), sort=False).ngroup().to_numpy() if len(table) else np.empty(0, int)
    first = table[~pd.Series(number).duplicated().to_numpy()].to_dict("records")
    cases = range(len(asked.cases))
    sorts = [{"cases": [n for n in cases if row[n]], "part": row["part"], "code": row["code"]} for row in first]
    if any(name in frame for name in asked.only):
        only = SiteCase("inform", Text("", ""), "", where={k: v for k, v in asked.only.items() if k in frame})
        number = np.where(only.holds(frame, project), number, -1)
    return number.tolist(), sorts


def _text(frame: pd.DataFrame, name: str) -> list[str]:
    if not name or name not in frame:
        return [""] * len(frame)
    return [str(each) for each in text_codes(frame[name]).fillna("")]


def _case(case: SiteCase, day: date) -> dict[str, Any]:
    """A line of the judging table; what its sources no longer, or not yet, say on the day only informs."""
    stands = in_force(case.cites, day) in ("in_force", "unknown", "reference")
    return {
        "effect": case.effect if stands else "inform",
        "rank": EFFECTS.index(case.effect),
        "rule": case.rule,
        "need": case.need,
        "kind": list(case.kind),
        "use": list(case.use),
        "unused": list(case.unused),
        "listed": case.listed,
        "same": bool(case.same),
    }
