"""What every asked layer says of every site, judged once: the ST rules and the site answer both read it from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.analysis import site_ground
from gis.analysis.land_accounts import flagged, text_codes
from gis.analysis.land_codes import survey_to_2023
from gis.analysis.site_ground import Met
from gis.analysis.site_layers import EFFECTS, Project, SiteCase, SiteLayer, first_fit, site_layers
from gis.analysis.site_projects import project_of
from gis.i18n import Text
from gis.model.concept import sources
from gis.model.finding import Severity
from gis.model.lacking import no_layer
from gis.model.layers import LAYERS
from gis.model.profile import profile_of
from gis.rules.base import RULES, NotRun, Places
from gis.rules.judge import NOTHING, UNDECIDABLE, judged, numeric_width, survey_width
from gis.rules.verbs import ids, usable
from gis.rules.verbs.places import judged_width

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from numpy.typing import NDArray

    from gis.model.plan import Plan

    Objects = NDArray[np.object_]
    Floats = NDArray[np.float64]
    Indices = NDArray[np.int64]

__all__ = ["APPROVED", "COLUMNS", "OUTSIDE", "SAID", "in_force", "projects", "site_rows", "told"]

SITE: Final = "site"
OUTSIDE: Final = "outside:"
"""Before the id of a layer: the ground outside all its features."""
CURRENT: Final = "land_use_current"
COLUMNS: Final = (
    "site",
    "asked",
    "layer",
    "part",
    "case",
    "effect",
    "status",
    "area_m2",
    "length_m",
    "width",
    "members",
)
APPROVED: Final = SiteCase(
    "inform", Text("已依法批准，按批准用途认定，不按现状地类计", "approved, and counted by its approval, not by the survey"), "ST12", ("approval-practice",)
)  # fmt: skip
LISTED: Final = SiteCase(
    "inform",
    Text("名称和位置与重点项目清单相符", "name and position are those of a listed project"),
    "ST14",
    ("siting-report",),
)
ASTRAY: Final = SiteCase(
    "condition", Text("与清单中的项目同名，但不在其示意位置的走廊内，须核对", "has the name of a listed project but lies outside the corridor about its position; compare them"),
    "ST14", ("siting-report",),
)  # fmt: skip
SAID: Final = Text(
    "{layer} {feature} 涉及{other} {other_feature}（{measure:.4f} 公顷）：{need}",
    "{layer} {feature} meets {other} {other_feature} ({measure:.4f} ha): {need}",
)
"""What an ST rule says of a place."""
_STATUS: Final = np.array(["touch", "undecidable", "hit"], dtype=object)
_NOTHING_M2: Final = 1e-3


def site_rows(plan: Plan) -> pd.DataFrame:
    """One row per site and asked layer, and per part of it that is met, with `COLUMNS`; made once per plan.

    site       row number of the site         asked    id in the judging table
    layer      the layer that was looked at; with `OUTSIDE` before it, the ground outside it
    case       the line of the judging table that counts (None where nothing is met)
    effect     what it means on the plan's day; "" where nothing is met
    status     hit, touch, clear, undecidable, missing
    width      in m, on its side of what the judge compares with; NaN where nothing is measured
    members    row numbers of the features
    """

    def made() -> pd.DataFrame:
        tables = [_layer_rows(plan, each) for each in site_layers().values()]
        rows = pd.concat([pd.DataFrame(each, columns=list(COLUMNS)) for each in (*tables, _project_rows(plan))])
        return _unknown_outside(rows.reset_index(drop=True))

    found: pd.DataFrame = plan.memo("site rows", made)
    return found


def projects(plan: Plan) -> tuple[Indices, tuple[Project, ...]]:
    """Which kind of project each site is, by number, and the distinct kinds."""
    found: tuple[Indices, tuple[Project, ...]] = plan.memo("site terms", lambda: _projects(plan))
    return found


def _projects(plan: Plan) -> tuple[Indices, tuple[Project, ...]]:
    frame = plan[SITE]
    use = text_codes(frame["class_code"]).fillna("") if "class_code" in frame else pd.Series("", index=frame.index)
    kind = (
        text_codes(frame["kind"]).fillna("single_site")
        if "kind" in frame
        else pd.Series("single_site", index=frame.index)
    )
    match = _matches(plan)
    by_list = (match["near"] & match["listed"]).to_numpy(dtype=bool)
    if "listed" in frame:
        by_list = np.where(frame["listed"].isna(), by_list, flagged(frame["listed"]))
    terms = pd.DataFrame({"use": use.to_numpy(), "kind": kind.to_numpy(), "listed": by_list})
    number = np.asarray(terms.groupby(list(terms.columns), sort=False).ngroup(), dtype=np.int64)
    first = terms[~pd.Series(number).duplicated().to_numpy()]
    return number, tuple(Project(str(u), str(k), bool(is_)) for u, k, is_ in first.itertuples(index=False, name=None))


def _matches(plan: Plan) -> pd.DataFrame:
    given = plan.parameters.get("ST14", profile_of(plan).parameters.get("ST14", {}))
    corridor = given.get("corridor_m", RULES["ST14"].parameters["corridor_m"][1])
    found: pd.DataFrame = plan.memo("site projects", lambda: project_of(plan, corridor))
    return found


def in_force(cites: tuple[str, ...], day: date) -> str:
    """Whether what is cited stands on the day: the best of its sources, in the order in force, unknown, reference, repealed, not yet."""
    said = {sources()[each].force(day) for each in cites}
    return next((each for each in ("in_force", "unknown", "reference", "repealed", "not_yet") if each in said), "")


def _effect(case: SiteCase, day: date) -> str:
    return case.effect if in_force(case.cites, day) in ("in_force", "unknown", "reference") else "inform"


def _layer_rows(plan: Plan, asked: SiteLayer) -> dict[str, Any]:
    """The rows of one asked layer, column by column."""
    number, terms = projects(plan)
    sites = np.flatnonzero(
        np.array([not asked.kinds or each.kind in asked.kinds for each in terms], dtype=bool)[number]
    )
    layer = next((each for each in (asked.id, *asked.instead) if each in plan), None)
    if layer is None:
        return _plain(sites, asked, asked.id, "missing")
    rows = _by_length(plan, asked, layer) if not LAYERS[layer].is_polygon else _by_ground(plan, asked, layer)
    rows = rows[rows["site"].isin(sites)]
    left = np.setdiff1d(sites, rows["site"].to_numpy(dtype=np.int64))
    if LAYERS[layer].is_polygon and len(left):
        near = site_ground.touched(plan, layer, left, numeric_width(plan, SITE, layer))
        far = np.array([not each for each in near], dtype=bool)
        beside = _plain(left[~far], asked, layer, "touch")
        beside["members"] = [each for each in near if each]
        rows = pd.concat([rows, pd.DataFrame(beside)])
        left = left[far]
    rows = pd.concat([rows, pd.DataFrame(_plain(left, asked, layer, "clear"))])
    if asked.outside:
        rows = pd.concat([rows, _outside(plan, asked, layer, sites)])
    return {name: rows[name].to_numpy() for name in COLUMNS}


def _plain(sites: Indices, asked: SiteLayer, layer: str, status: str) -> dict[str, Any]:
    """Rows that meet nothing."""
    nothing = np.nan if status == "missing" else 0.0
    return {
        "site": sites, "asked": asked.id, "layer": layer, "part": "", "case": None, "effect": "", "status": status,
        "area_m2": nothing, "length_m": nothing, "width": np.nan, "members": [()] * len(sites),
    }  # fmt: skip


def _features(plan: Plan, layer: str, features: Indices) -> pd.DataFrame:
    """The attributes of some features, with classes of land in the codes of 2023."""
    frame = pd.DataFrame(plan[layer].drop(columns=plan[layer].geometry.name)).iloc[features]
    if layer != "survey_parcel" or "class_code" not in frame:
        return frame
    found = survey_to_2023(frame["class_code"], settlement=frame.get("settlement_code"))
    return frame.assign(class_code=found["code"].fillna(found["within"]).to_numpy())


def _cases(plan: Plan, asked: SiteLayer, layer: str, found: Met) -> Indices:
    """The number of the case that each pair falls under."""
    number, terms = projects(plan)
    features, at = np.unique(found.feature, return_inverse=True)
    frame, out = _features(plan, layer, features), np.full(len(found), -1, dtype=np.int64)
    of = number[found.site]
    for n in np.unique(of):
        out[of == n] = first_fit(asked.cases, frame, terms[n])[at[of == n]]
    return out


def _only(plan: Plan, asked: SiteLayer, layer: str) -> NDArray[np.bool_] | None:
    """Which features of the layer are asked, None for all."""
    frame = plan[layer]
    if not any(name in frame for name in asked.only):
        return None
    case = SiteCase("inform", Text("", ""), "", where=asked.only)
    return case.holds(pd.DataFrame({name: frame[name] for name in asked.only if name in frame}), Project(""))


def _pairs(plan: Plan, asked: SiteLayer, layer: str, sites: Objects | None = None) -> tuple[Met, Indices]:
    """The pairs that share ground, each ground once, and the case of each; by what `sites` leave of the sites, where given."""
    found = site_ground.met(plan, layer, sites, _only(plan, asked, layer))
    case = _cases(plan, asked, layer, found)
    rank = np.array([*(EFFECTS.index(each.effect) for each in asked.cases), len(EFFECTS)], dtype=np.int64)[case]
    m2 = site_ground.once(plan, layer, found, rank, sites)
    keep = m2 > 0
    return Met(found.site[keep], found.feature[keep], m2[keep]), case[keep]


def _by_ground(plan: Plan, asked: SiteLayer, layer: str) -> pd.DataFrame:
    """The rows of sites that share ground with a layer of polygons."""
    found, case = _pairs(plan, asked, layer)
    part = _parts(plan, asked, layer, found)
    left, meets = site_ground.unapproved(plan)
    if asked.id != CURRENT or not meets.any():
        return _rows(plan, (asked, layer), found, case, part)
    rest, rest_case = _rest(plan, (asked, layer), found, case)
    keys = [pd.MultiIndex.from_arrays([each.site, each.feature]) for each in (found, rest)]
    m2 = found.m2 - pd.Series(rest.m2, index=keys[1]).reindex(keys[0]).fillna(0.0).to_numpy()
    approved = m2 > _NOTHING_M2
    taken = Met(found.site[approved], found.feature[approved], m2[approved])
    out = _rows(plan, (asked, layer), rest, rest_case, _parts(plan, asked, layer, rest), left)
    by_approval = _rows(plan, (asked, layer), taken, np.full(len(taken), -1), part[approved])
    by_approval["case"] = np.full(len(by_approval), APPROVED, dtype=object)
    return pd.concat([out, by_approval.assign(effect="inform")])


def _rest(plan: Plan, of: tuple[SiteLayer, str], found: Met, case: Indices) -> tuple[Met, Indices]:
    """The pairs and their cases with approved land taken off; sites that meet none are not looked at again."""
    left, meets = site_ground.unapproved(plan)
    again, again_case = _pairs(plan, *of, np.where(meets, left, np.array(None)))
    same = ~meets[found.site]
    pairs = ((found.site, again.site), (found.feature, again.feature), (found.m2, again.m2), (case, again_case))
    site, feature, m2, number = (np.concatenate([each[same], more]) for each, more in pairs)
    order = np.lexsort((feature, site))
    return Met(site[order], feature[order], m2[order]), number[order]


def _parts(plan: Plan, asked: SiteLayer, layer: str, found: Met) -> Objects:
    """The part of the layer that each pair belongs to, "" where the layer has none."""
    if not asked.part:
        return np.full(len(found), "", dtype=object)
    frame = _features(plan, layer, found.feature)
    text = text_codes(frame[asked.part]).fillna("") if asked.part in frame else pd.Series("", index=frame.index)
    return np.asarray(text.str[: asked.chars], dtype=object)


def _rows(
    plan: Plan, of: tuple[SiteLayer, str], found: Met, case: Indices, part: Objects, sites: Objects | None = None
) -> pd.DataFrame:
    """One row per site, part and case: pairs put together and judged by the width of what they share."""
    asked, layer = of
    pairs = pd.DataFrame({"site": found.site, "part": part, "number": case, "m2": found.m2, "feature": found.feature})
    pairs["width"] = site_ground.shared_width(plan, layer, found, sites)
    group = pairs.groupby(["site", "part", "number"], sort=True)
    rows = group.agg(area_m2=("m2", "sum"), width=("width", "max")).reset_index()
    row = group.ngroup().to_numpy(dtype=np.int64)
    order = np.lexsort((found.feature, row))
    starts = np.flatnonzero(np.diff(row[order], prepend=-1))
    members = np.split(found.feature[order], starts[1:]) if len(rows) else []
    rows["members"] = pd.Series([tuple(each.tolist()) for each in members], index=rows.index, dtype=object)
    numeric, survey = numeric_width(plan, SITE, layer), survey_width(plan, SITE, layer)
    width, relation = rows["width"].to_numpy(dtype=float, copy=True), RULES[asked.rule].relation
    thin = np.flatnonzero(width <= max(numeric, survey if "survey" in relation else 0.0))
    some = np.isin(row, thin)
    pieces = Met(found.site[some], found.feature[some], found.m2[some])
    shape = site_ground.shared(plan, layer, pieces, np.searchsorted(thin, row[some]), len(thin), sites)
    width[thin] = np.fmax(judged_width(plan, shape, SITE, layer), 0.0)
    verdict = judged(width, relation, "default", numeric_m=numeric, survey_m=survey)
    rows["width"], rows["status"] = width, _STATUS[verdict]
    cases = np.array([*asked.cases, None], dtype=object)[rows["number"].to_numpy()]
    effects = np.array([*(_effect(each, plan.as_of) for each in asked.cases), "condition"], dtype=object)
    return rows.assign(
        asked=asked.id, layer=layer, case=cases, effect=effects[rows["number"].to_numpy()], length_m=0.0
    )[list(COLUMNS)]


def _outside(plan: Plan, asked: SiteLayer, layer: str, sites: Indices) -> pd.DataFrame:
    """For each site the ground outside all features of the layer."""
    found = site_ground.met(plan, layer, None, _only(plan, asked, layer))
    found = Met(found.site, found.feature, site_ground.once(plan, layer, found, np.zeros(len(found), dtype=np.int64)))
    whole = site_ground.site_m2(plan)
    area = whole - np.bincount(found.site, found.m2, len(whole))
    area = np.where(area > 1e-9 * whole + _NOTHING_M2, area, 0.0)
    width = np.where(area > 0, site_ground.site_width(plan), 0.0)
    straddling = np.intersect1d(np.flatnonzero(area > 0), found.site)
    width[straddling] = np.nan_to_num(
        judged_width(plan, site_ground.beyond(plan, layer, found, straddling), SITE, layer)
    )
    verdict = judged(width, RULES[asked.rule].relation, "default", numeric_m=numeric_width(plan, SITE, layer), survey_m=survey_width(plan, SITE, layer))  # fmt: skip
    status = np.where(verdict == NOTHING, "clear", np.where(verdict == UNDECIDABLE, "undecidable", "hit"))
    number, terms = projects(plan)
    blank = pd.DataFrame(index=[0])
    case_of = np.array([asked.outside[first_fit(asked.outside, blank, each)[0]] for each in terms], dtype=object)
    case = case_of[number]
    case[status == "clear"] = None
    effect = np.array([_effect(each, plan.as_of) if each is not None else "" for each in case], dtype=object)
    rows = _plain(np.arange(len(whole)), asked, OUTSIDE + layer, "clear")
    rows |= {
        "case": case,
        "effect": effect,
        "status": status,
        "area_m2": area,
        "width": np.where(area > 0, width, np.nan),
    }
    return pd.DataFrame(rows).iloc[sites]


def _by_length(plan: Plan, asked: SiteLayer, layer: str) -> pd.DataFrame:
    """The rows of sites that lines run through, or touch."""
    found = site_ground.lengths_met(plan, layer)
    case = _cases(plan, asked, layer, found)
    pairs = pd.DataFrame({"site": found.site, "number": case, "length_m": found.m2, "feature": found.feature})
    group = pairs.groupby(["site", "number"])
    rows = group.agg(length_m=("length_m", "sum"), members=("feature", tuple)).reset_index()
    cases = np.array([*asked.cases, None], dtype=object)[rows["number"].to_numpy(dtype=np.int64)]
    effect = [_effect(each, plan.as_of) if each is not None else "condition" for each in cases]
    status = np.where(rows["length_m"] > numeric_width(plan, SITE, layer), "hit", "touch")
    said = {"asked": asked.id, "layer": layer, "part": "", "case": cases, "effect": effect, "status": status}
    return rows.assign(**said, area_m2=0.0, width=np.nan)[list(COLUMNS)]


def _project_rows(plan: Plan) -> dict[str, Any]:
    """Whether each site is on the list of projects, by name and corridor."""
    match = _matches(plan)
    count = len(match)
    rows = _plain(np.arange(count), SiteLayer("project", "ST14", LISTED.cites), "project", "clear")
    if "project" not in plan:
        return rows | {"status": "missing", "area_m2": np.nan, "length_m": np.nan}
    near, named = match["near"].to_numpy(dtype=bool), match["feature"].to_numpy() >= 0
    status = np.where(near, "hit", np.where(named, "undecidable", "clear"))
    case = np.array([None, ASTRAY, LISTED], dtype=object)[named.astype(int) + near]
    effect = np.where(near, "inform", np.where(named, "condition", ""))
    members = [(each,) if each >= 0 else () for each in match["feature"].tolist()]
    return rows | {"status": status, "case": case, "effect": effect, "members": members}


def _unknown_outside(rows: pd.DataFrame) -> pd.DataFrame:
    """Where a site lies wholly outside the plan's area, no layer is clear of it: there are no data."""
    beyond = rows["layer"].str.startswith(OUTSIDE) & rows["effect"].eq("unknown")
    inside = rows[rows["asked"].eq("municipality") & ~beyond & rows["status"].isin(["hit", "undecidable"])]
    lost = rows["site"].isin(np.setdiff1d(rows.loc[beyond, "site"], inside["site"])) & rows["status"].eq("clear")
    return rows.assign(
        status=rows["status"].mask(lost, "missing"),
        area_m2=rows["area_m2"].mask(lost),
        length_m=rows["length_m"].mask(lost),
    )


def told(plan: Plan, rule: str) -> Iterator[Places]:
    """The places where sites meet what a rule prohibits, or ties to a condition: one per site, layer, part and effect."""
    layers = [
        layer
        for each in site_layers().values()
        if any(case.rule == rule for case in (*each.cases, *each.outside))
        for layer in (each.id, *each.instead)
    ]
    if layers and not any(each in plan for each in layers):
        raise NotRun(no_layer(*layers))
    rows = site_rows(plan)
    mine = np.array([each is not None and each.rule == rule for each in rows["case"]], dtype=bool)
    mine &= (
        rows["effect"].isin(["prohibit", "condition", "unknown"]).to_numpy() & ~rows["status"].eq("touch").to_numpy()
    )
    for (layer, effect), some in rows[mine].groupby(["layer", "effect"], sort=False):
        yield _places(plan, str(layer), Severity.ERROR if effect == "prohibit" else Severity.WARNING, some)


def _places(plan: Plan, layer: str, severity: Severity, rows: pd.DataFrame) -> Places:
    other, outside = layer.removeprefix(OUTSIDE), layer.startswith(OUTSIDE)
    site = rows["site"].to_numpy(dtype=np.int64)
    measured = rows["width"].notna().to_numpy(dtype=bool)
    geometry = usable(plan, SITE)[site]
    if outside:
        asked = site_layers()[rows["asked"].iloc[0]]
        found = site_ground.met(plan, other, None, _only(plan, asked, other))
        geometry = site_ground.beyond(plan, other, found, site)
    elif measured.all():
        size = rows["members"].map(len).to_numpy()
        row = np.repeat(np.arange(len(rows)), size)
        feature = np.array([each for some in rows["members"] for each in some], dtype=np.int64)
        left = site_ground.unapproved(plan)[0] if rows["asked"].iloc[0] == CURRENT else None
        geometry = site_ground.shared(plan, other, Met(site[row], feature, np.zeros(len(row))), row, len(rows), left)
    names, theirs = ids(plan, SITE), ids(plan, other)
    return Places(
        SITE,
        tuple((str(each),) for each in names[site]),
        geometry,
        np.where(measured, rows["area_m2"].to_numpy(dtype=float), np.nan),
        other,
        tuple(tuple(theirs[list(each)]) or ("",) for each in rows["members"]),
        width=rows["width"].to_numpy(dtype=float) if measured.all() else None,
        words={"need": np.array([each.need for each in rows["case"]], dtype=object)},
        severity=severity,
    )
