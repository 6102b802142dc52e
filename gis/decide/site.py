"""May this be built here? (选址合规) One answer for one site or for thousands: which layers are met, and what follows.

The answer assists and never decides. It is 未发现冲突, 需补充条件, 存在冲突 or 无法判断, and rests on the rows of every layer asked, the
clear ones and the missing ones too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd

from gis.analysis.site_frame import Sited, as_site, sited
from gis.analysis.site_ground import with_site
from gis.analysis.site_land import land_taken, obligations
from gis.analysis.site_layers import KINDS, STAGES, site_layers
from gis.analysis.site_strips import crossings, strips
from gis.analysis.site_system import site_notices
from gis.decide.site_words import DISCLAIMER, documents, told_rows
from gis.decide.ways_out import WAY_COLUMNS, ways_out
from gis.errors import AnalysisError, RuleError
from gis.i18n import Text
from gis.model.site import Site
from gis.rules import check
from gis.rules.siting_rows import projects, site_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gis.model.finding import Findings
    from gis.model.plan import Plan

__all__ = ["ANSWERS", "SiteAnswer", "SiteAnswers", "site", "sites"]

ANSWERS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "no_conflict": Text("未发现冲突", "no conflict found"),
        "conditional": Text("需补充条件", "conditions to be met"),
        "conflict": Text("存在冲突", "conflict"),
        "undecidable": Text("无法判断", "cannot be decided"),
    }
)
"""The words of the answer."""
_GRAVEST: Final = ("no_conflict", "conditional", "undecidable", "conflict")
_COVERAGES: Final = ("planning_zone", "land_use_plan", "land_use_current", "survey_parcel")
"""Layers that lie everywhere: a corridor takes of them and crosses none."""
_PASSES: Final = ("no_conflict", "conditional")


@dataclass(frozen=True, eq=False)
class SiteAnswers:
    """What a plan says of many sites: `plan` holds them as the layer `site`, `sited` as they came in.

    rows      one row per site and asked layer (and part of it that is met), see `rows`
    answers   the answer of each site, by site id
    """

    plan: Plan = field(repr=False)
    sited: Sited = field(repr=False)
    stage: str = "pre_examination"
    notices: tuple[Text, ...] = ()

    @property
    def disclaimer(self) -> Text:
        """What must stand on every page."""
        return DISCLAIMER

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Every asked layer, met or not, one row per part of it that is met.

        Columns: site, asked, layer, part, status, effect, area_m2, share, length_m, features, rule, clause, cites, in_force, date, version,
        competence, need_zh, need_en, activities, stage, part_zh, part_en, message_zh, message_en.

        status   hit, touch, clear, undecidable, missing
        effect   prohibit, condition, unknown, inform; "" where nothing is met
        Areas are ellipsoidal m², the share is of the site's area; ground outside a layer stands under "outside:" and its id.
        """  # fmt: skip
        return told_rows(self.plan, site_rows(self.plan), self.stage)

    @cached_property
    def answers(self) -> pd.Series[str]:
        """no_conflict, conditional, conflict or undecidable, by site id."""
        rank = _ranks(self.plan)
        return pd.Series(np.array(_GRAVEST)[rank], index=self.plan["site"].index, dtype="str", name="answer")

    @cached_property
    def findings(self) -> Findings:
        """The findings of the rules ST on these sites."""
        return check(self.plan, select="ST")

    @cached_property
    def land(self) -> pd.DataFrame:
        """The land that the sites take, see `gis.analysis.site_land.land_taken`."""
        return land_taken(self.plan)

    @cached_property
    def obligations(self) -> pd.DataFrame:
        """What the land that is taken obliges to, one row per site, see `gis.analysis.site_land.obligations`."""
        return obligations(self.plan, self.land)

    def __len__(self) -> int:
        """How many sites there are."""
        return len(self.plan["site"])


@dataclass(frozen=True, eq=False)
class SiteAnswer(SiteAnswers):
    """What a plan says of one site."""

    wants_ways_out: bool = True

    @property
    def answer(self) -> str:
        """no_conflict, conditional, conflict or undecidable."""
        return str(self.answers.iloc[0])

    @property
    def title(self) -> Text:
        """The answer in words."""
        return ANSWERS[self.answer]

    @cached_property
    def reasons(self) -> tuple[Text, ...]:
        """Why the answer is what it is: what is prohibited first, then what cannot be decided, then conditions."""
        rows = self.rows
        decisive = {id_ for id_, each in site_layers().items() if each.decisive}
        met = rows["status"].isin(["hit", "undecidable"])
        groups = (
            met & rows["effect"].eq("prohibit"),
            (rows["status"].eq("missing") & rows["asked"].isin(decisive)) | (met & rows["effect"].eq("unknown")),
            met & rows["effect"].eq("condition"),
        )
        said = pd.concat([rows[each] for each in groups])
        out = [Text(zh, en) for zh, en in zip(said["message_zh"], said["message_en"], strict=True)]
        return (*dict.fromkeys(out), *(() if not _advance_open(self.plan)[0] else (_ADVANCE,)))

    @cached_property
    def documents(self) -> tuple[Text, ...]:
        """The documents that the stage and what is met call for."""
        return documents(self.rows, self.obligations.iloc[0], projects(self.plan)[1][0].kind, self.stage)

    @cached_property
    def strips(self) -> pd.DataFrame:
        """Of a corridor, what each kilometre takes of each layer met; empty without a centre line."""
        return strips(self.plan, self.sited, _lines_met(self.plan))

    @cached_property
    def crossings(self) -> pd.DataFrame:
        """Of a corridor, each crossing of a control line: from and to which chainage, length × width, area; empty without a centre line."""
        lines = [each for each in _lines_met(self.plan) if each not in _COVERAGES]
        return crossings(self.plan, self.sited, lines)

    @cached_property
    def ways_out(self) -> gpd.GeoDataFrame:
        """Proved alternatives for a site that fails, see `gis.decide.ways_out`; empty for one that passes."""
        project = projects(self.plan)[1][0]
        failing = self.wants_ways_out and self.answer not in _PASSES
        shape = self.plan["site"].geometry.iloc[0]
        if not failing:
            return gpd.GeoDataFrame(columns=[*WAY_COLUMNS, "geometry"], geometry="geometry", crs=self.plan.crs)
        return ways_out(self.plan, shape, project, self._judge)

    def _judge(self, frame: gpd.GeoDataFrame) -> Sequence[str]:
        """The answers of other places for the same project, in the order of `frame`."""
        row = self.plan["site"].iloc[[0] * len(frame)]
        moved = row.set_geometry(frame.geometry.to_numpy()).set_axis(
            pd.RangeIndex(len(frame)).astype("str"), axis="index"
        )
        moved.index.name = "id"
        plan = with_site(self.plan, moved.set_crs(self.plan.crs, allow_override=True), _asked())
        return [str(_GRAVEST[each]) for each in _ranks(plan)]


_ADVANCE: Final = Text("先行用地须有列入清单的项目及批准文件", "advance use needs a listed project and its document")


def _asked() -> tuple[str, ...]:
    return tuple(layer for id_, each in site_layers().items() for layer in (id_, *each.instead))


def _advance_open(plan: Plan) -> NDArray[np.bool_]:
    number, terms = projects(plan)
    return np.array([each.kind == "advance" and not each.listed for each in terms], dtype=bool)[number]


def _ranks(plan: Plan) -> NDArray[np.int64]:
    """The place of each site's answer in `_GRAVEST`."""
    rows = site_rows(plan)
    decisive = [id_ for id_, each in site_layers().items() if each.decisive]
    sure, doubtful = rows["status"].eq("hit"), rows["status"].eq("undecidable")
    open_ = (rows["status"].eq("missing") & rows["asked"].isin(decisive)) | (
        (sure | doubtful) & rows["effect"].eq("unknown")
    )
    open_ |= doubtful & rows["effect"].eq("prohibit")
    rank = np.select(
        [sure & rows["effect"].eq("prohibit"), open_, (sure | doubtful) & rows["effect"].eq("condition")], [3, 2, 1], 0
    )
    out = np.where(_advance_open(plan), 1, 0)
    np.maximum.at(out, rows["site"].to_numpy(dtype=np.int64), rank)
    return out


def _lines_met(plan: Plan) -> tuple[str, ...]:
    """The layers of polygons that the sites meet on a condition or a prohibition."""
    rows = site_rows(plan)
    met = rows[
        rows["status"].isin(["hit", "undecidable"])
        & rows["effect"].isin(["prohibit", "condition"])
        & rows["width"].notna()
    ]
    return tuple(each for each in dict.fromkeys(met["layer"]) if each in plan)


def site(  # noqa: PLR0913 - the contract's words
    plan: Plan,
    site: Site | gpd.GeoDataFrame | Any,
    use: str | None = None,
    *,
    kind: str = "single_site",
    stage: str = "pre_examination",
    listed: bool | None = None,
    as_of: date | str | None = None,
    way_out: bool = True,
) -> SiteAnswer:
    """What the plan says of one site: a Site, a GeoDataFrame whose rows are its parcels, or a shapely polygon in the plan's CRS.

    `use` is a class of land use, by code or Chinese name; without it the parcels' own. `kind` and `stage` are ids or Chinese names
    of `KINDS` and `STAGES`. `listed` says that the project is on the list of major projects; without it the plan's
    project layer is asked, by name and corridor. `as_of` is the day whose law counts, by default the plan's.

    All parcels are judged as one site. The ways out of a failing site are looked for when they are asked for, unless `way_out`
    is False.

    Raises: AnalysisError for a site that is no area, an unknown use, or parcels of several sites (`sites` takes these);
    RuleError for an unknown kind, stage or day; CrsError without a CRS.

    Example:
        >>> import shapely
        >>> from gis.model.drawn import drawn
        >>> plan = drawn({"permanent_basic_farmland": [[0, 0, 1000, 1000]]})
        >>> answer = site(plan, shapely.box(500_900, 3_400_000, 501_100, 3_400_500), "1001", way_out=False)
        >>> row = answer.rows.set_index("layer").loc["permanent_basic_farmland"]
        >>> answer.answer, row["status"], round(row["area_m2"]), round(float(row["share"]), 6)
        ('conflict', 'hit', 50000, 0.5)
    """
    given = _one(site)
    made = _made(plan, given, use, (kind, stage, listed, as_of))
    if len(made.plan["site"]) != 1:
        names = "、".join(made.plan["site"].index[:5].astype("str"))
        raise AnalysisError(
            f"选址范围含有 {len(made.plan['site'])} 个项目（{names}）。请用 gis.sites 逐个判断。",
            f"The site holds {len(made.plan['site'])} sites ({names}). Judge each with gis.sites.",
        )
    return SiteAnswer(made.plan, made.sited, made.stage, made.notices, way_out)


def sites(  # noqa: PLR0913 - the contract's words
    plan: Plan,
    sites: Site | gpd.GeoDataFrame | Any,
    use: str | None = None,
    *,
    kind: str = "single_site",
    stage: str = "pre_examination",
    listed: bool | None = None,
    as_of: date | str | None = None,
) -> SiteAnswers:
    """What the plan says of each of many sites, in one pass: a Site or a GeoDataFrame; parameters as for `site`.

    Rows that share a value of the column `site` are one site; without the column each row is one.

    Raises: as `site`.

    Example:
        >>> import geopandas as gpd, shapely
        >>> from gis.model.drawn import drawn
        >>> plan = drawn({"ecological_redline": [[0, 0, 1000, 1000]]})
        >>> two = [shapely.box(500_000, 3_400_000, 500_100, 3_400_100), shapely.box(502_000, 3_400_000, 502_100, 3_400_100)]
        >>> sites(plan, gpd.GeoSeries(two, crs=plan.crs), "1001").answers.tolist()
        ['conflict', 'undecidable']
    """
    return _made(plan, sites, use, (kind, stage, listed, as_of))


def _one(given: Any) -> Any:
    """A GeoDataFrame without a column `site` as one site."""
    if isinstance(given, gpd.GeoSeries):
        given = given.to_frame("geometry")
    if isinstance(given, gpd.GeoDataFrame) and len(given):
        given = Site(given if "site" in given else given.assign(site="1"))
    return given


def _made(
    plan: Plan, given: Any, use: str | None, said: tuple[str, str, bool | None, date | str | None]
) -> SiteAnswers:
    kind, stage, listed, as_of = said
    day = plan.as_of if as_of is None else _day(as_of)
    given = as_site(plan, given)
    ready = sited(plan, given, use)
    frame = ready.frame.assign(kind=_id_of(kind, KINDS, "项目类型", "kind"))
    if listed is not None:
        frame = frame.assign(listed=listed)
    made = with_site(plan, frame, _asked(), reprojection_m=ready.reprojection_m, as_of=day)
    notices = tuple(dict.fromkeys((*ready.notices, *site_notices(plan, given))))
    return SiteAnswers(made, ready, _id_of(stage, STAGES, "办理阶段", "stage"), notices)


def _day(as_of: date | str) -> date:
    try:
        return as_of if isinstance(as_of, date) else date.fromisoformat(as_of)
    except ValueError:
        raise RuleError(
            f"基准日期 {as_of!r} 无效。请按 年-月-日 填写，例如 2025-06-30。",
            f"The day {as_of!r} is not valid. Write it as year-month-day, e.g. 2025-06-30.",
        ) from None


def _id_of(said: str, known: Mapping[str, Text], zh: str, en: str) -> str:
    found = next((id_ for id_, title in known.items() if said in (id_, title.zh)), None)
    if found is None:
        names = "、".join(f"{id_}（{title.zh}）" for id_, title in known.items())
        raise RuleError(
            f"{zh} {said!r} 无法识别。可用：{names}。",
            f"The {en} {said!r} is not known. Use one of {', '.join(known)}.",
        )
    return found
