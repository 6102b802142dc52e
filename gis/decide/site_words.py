"""The site answer in words: what each row says, its clause and force, who may be competent, which documents are due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.site_ground import site_m2
from gis.analysis.site_layers import SiteCase, competent, site_layers
from gis.i18n import Text
from gis.model.concept import sources
from gis.model.layers import layer_title
from gis.rules.siting_rows import OUTSIDE, in_force
from gis.standards import code_table

if TYPE_CHECKING:
    from datetime import date

    from gis.model.plan import Plan

__all__ = ["DISCLAIMER", "documents", "told_rows"]

DISCLAIMER: Final = Text(
    "本结果为辅助研判，不作为行政许可依据",
    "This result assists judgement; it is no basis for an administrative licence",
)
_REPEALED: Final = {
    "repealed": Text("已废止", "repealed"),
    "not_yet": Text("尚未施行", "not yet in force"),
    "unknown": Text("施行情况待核", "force to be confirmed"),
}
_PLAIN: Final = {
    "clear": Text("未涉及{layer}", "does not meet {layer}"),
    "touch": Text("与{layer}相邻接，未占用", "adjoins {layer} without taking any of it"),
    "missing": Text("缺少{layer}数据，无法判断", "no data of {layer}, so nothing can be said"),
}

_BEYOND: Final = Text(
    "{layer}：超出该图层范围，无法判断", "{layer}: the site lies beyond this layer, so nothing can be said"
)
"""Of a layer that the plan has, where the site lies wholly outside the plan's area."""
_DOUBT: Final = Text(
    "，宽度在数据精度以内，需实地核定", ", no wider than the data are accurate: to be settled on the ground"
)


def told_rows(plan: Plan, rows: pd.DataFrame, stage: str) -> pd.DataFrame:
    """The judged rows with ids, shares, clauses, dates and messages; see `SiteAnswers.rows`."""
    whole = site_m2(plan)[rows["site"].to_numpy(dtype=np.int64)]
    out = pd.DataFrame(
        {
            "site": plan["site"].index.to_numpy()[rows["site"].to_numpy(dtype=np.int64)],
            "asked": rows["asked"], "layer": rows["layer"], "part": rows["part"].astype("str"),
            "status": rows["status"].astype("str"), "effect": rows["effect"].astype("str"),
            "area_m2": rows["area_m2"].astype(float), "share": np.clip(rows["area_m2"].astype(float) / whole, 0, 1),
            "length_m": rows["length_m"].astype(float), "features": _features(plan, rows),
        },
        index=rows.index,
    )  # fmt: skip
    said = pd.DataFrame(_by_case(plan, rows, stage), index=rows.index)
    out = pd.concat([out, said], axis="columns")
    out = out.assign(**_messages(plan, out))
    order = {id_: n for n, id_ in enumerate((*site_layers(), "project"))}
    place = pd.DataFrame({"site": rows["site"], "asked": rows["asked"].map(order), "layer": rows["layer"]})
    return out.loc[place.sort_values(["site", "asked", "layer"], kind="stable").index].reset_index(drop=True)


def _features(plan: Plan, rows: pd.DataFrame) -> list[tuple[str, ...]]:
    names = {layer: plan[layer].index.astype("str").to_numpy() for layer in rows["layer"].unique() if layer in plan}
    return [
        tuple(names[layer][list(members)]) if members else ()
        for layer, members in zip(rows["layer"], rows["members"], strict=True)
    ]


def _by_case(plan: Plan, rows: pd.DataFrame, stage: str) -> dict[str, list[Any]]:
    """What follows from layer and case alone, worked out once for each pair of them."""
    pairs = list(zip(rows["asked"], rows["layer"], map(id, rows["case"]), strict=True))
    first = dict(zip(pairs, rows["case"], strict=True))
    known = {pair: _said(plan, pair[0], pair[1], case, stage) for pair, case in first.items()}
    return {name: [known[pair][name] for pair in pairs] for name in next(iter(known.values()))}


def _said(plan: Plan, asked: str, layer: str, case: SiteCase | None, stage: str) -> dict[str, str]:
    spec = site_layers().get(asked)
    cites = case.cites if case is not None else spec.cites if spec is not None else ("siting-report",)
    rule = case.rule if case is not None else spec.rule if spec is not None else "ST14"
    need = case.need if case is not None else Text("", "")
    who = (
        competent(case.competence, plan.as_of.isoformat())
        if case is not None and case.effect != "inform"
        else Text("", "")
    )
    source = plan.source(layer.removeprefix(OUTSIDE))
    items = (
        "；".join(code_table("limited_activities")[each].name.zh for each in case.activities)
        if case is not None
        else ""
    )
    clause = _clauses(cites, plan.as_of)
    return {
        "rule": rule, "clause": clause.zh, "clause_en": clause.en, "cites": " ".join(cites), "in_force": in_force(cites, plan.as_of),
        "date": source.as_of, "version": source.version, "competence": who.zh, "competence_en": who.en,
        "need_zh": need.zh, "need_en": need.en, "activities": items, "stage": stage,
    }  # fmt: skip


def _clauses(cites: tuple[str, ...], day: date) -> Text:
    """The sources as documents cite them, each with the date since when it is in force, or that it is not."""
    zh, en = [], []
    for key in cites:
        each = sources()[key]
        since = f"，{each.in_force_from}起施行" if each.in_force_from else ""
        dead = _REPEALED.get(each.force(day), Text("", ""))
        zh.append(each.citation() + (f"〔{dead.zh}{since}〕" if dead else f"〔现行有效{since}〕" if since else ""))
        en.append(
            f"{each.title.en} {each.number}".strip()
            + f" [{dead.en or 'in force'}{' since ' + each.in_force_from if each.in_force_from else ''}]"
        )
    return Text("；".join(zh), "; ".join(en))


def _messages(plan: Plan, said: pd.DataFrame) -> dict[str, Any]:
    """One sentence per row, in both languages, and the part of the layer in words."""
    columns = ["asked", "layer", "status", "part", "need_zh", "need_en"]
    cases = said.groupby(columns, sort=False, dropna=False)
    case = cases.ngroup().to_numpy()
    told = [_Wording.of(plan, key) for key in said[columns].drop_duplicates().itertuples(index=False, name=None)]
    out: dict[str, Any] = {
        name: np.array([getattr(each, name) for each in told], dtype=object)[case]
        for name in ("part_zh", "part_en", "message_zh", "message_en")
    }
    sized = ~np.array([each.plain for each in told], dtype=bool)[case]
    sized |= ((said["status"] == "touch") & (said["area_m2"] > 0)).to_numpy()
    rows = np.flatnonzero(sized)
    measures = said[["area_m2", "share", "length_m"]].iloc[rows].itertuples(index=False, name=None)
    for row, n, (m2, share, length) in zip(rows, case[rows], measures, strict=True):
        out["message_zh"][row], out["message_en"][row] = told[n].sized(m2, share, length)
    return out


@dataclass(frozen=True, slots=True)
class _Wording:
    """What rows of one layer, part, status and need say; `plain` where it needs no measure."""

    part_zh: str
    part_en: str
    plain: bool
    message_zh: str
    message_en: str
    heads: Text
    tails: Text

    @classmethod
    def of(cls, plan: Plan, case: tuple[str, ...]) -> _Wording:
        asked, layer, status, part, need_zh, need_en = case
        title, called = _title(layer), _part(asked, part)
        there = layer.removeprefix(OUTSIDE) in plan
        plain = _BEYOND if status == "missing" and there else _PLAIN.get(status, Text("", ""))
        message = plain.format(layer=title)
        doubt = _DOUBT if status == "undecidable" else Text("", "")
        brackets = Text(f"（{called.zh}）", f" ({called.en})") if called.zh else Text("", "")
        heads = Text(f"涉及{title.zh}{brackets.zh} ", f"{title.en}{brackets.en}: ")
        tails = Text(f"{doubt.zh}：{need_zh}", f"{doubt.en}: {need_en}")
        return cls(called.zh, called.en, status in _PLAIN, message.zh, message.en, heads, tails)

    def sized(self, m2: float, share: float, length: float) -> tuple[str, str]:
        if length > 0:
            zh, en = f"{length:.2f} 米", f"{length:.2f} m"
        else:
            zh = f"{m2 / 1e4:.4f} 公顷（{m2 * 3 / 2000:.2f} 亩，占 {share:.2%}）"
            en = f"{m2 / 1e4:.4f} ha ({share:.2%})"
        return f"{self.heads.zh}{zh}{self.tails.zh}", f"{self.heads.en}{en}{self.tails.en}"


def _part(asked: str, part: str) -> Text:
    spec = site_layers().get(asked)
    return spec.part_name(part) if spec is not None and part else Text("", "")


def _title(layer: str) -> Text:
    title = layer_title(layer.removeprefix(OUTSIDE))
    return Text(f"{title.zh}以外", f"the ground outside {title.en}") if layer.startswith(OUTSIDE) else title


def documents(rows: pd.DataFrame, owed: pd.Series[Any], kind: str, stage: str) -> tuple[Text, ...]:
    """The documents that the stage calls for, and those that follow from what is met and what is owed."""
    out = [
        Text(
            "用地预审与选址意见书申请材料、选址论证报告、界址点坐标",
            "application for pre-examination and siting, siting report, boundary points",
        )
        if stage == "pre_examination"
        else Text(
            "农用地转用（土地征收）报批材料、勘测定界成果、权属地类面积表",
            "application for conversion and expropriation, survey of bounds, table of land by owner and class",
        )
    ]
    met = rows[rows["status"].isin(["hit", "undecidable"]) & rows["effect"].isin(["prohibit", "condition"])]
    called = {
        "permanent_basic_farmland": Text("占用永久基本农田的必要性论证和补划方案", "demonstration and re-designation scheme for permanent basic farmland"),
        "ecological_redline": Text("有限人为活动认定意见，或者国家重大项目不可避让论证意见", "recognition of a limited activity, or the demonstration of a national major project"),
        "hazard_area": Text("地质灾害危险性评估报告或洪水影响评价报告", "hazard assessment or flood impact assessment"),
        "flood_risk_line": Text("洪水影响评价报告", "flood impact assessment"),
        "heritage_line": Text("文物和历史文化保护主管部门意见", "opinion of the heritage authority"),
        "protected_area": Text("自然保护地管理机构意见", "opinion of the protected area's administration"),
        "drinking_water": Text("生态环境主管部门意见", "opinion of the environment authority"),
        "mineral_line": Text("压覆矿产资源查询结果", "result of the query about buried minerals"),
        "land_use_plan": Text("规划调整或相符性说明", "change of the plan, or how the site fits it"),
    }  # fmt: skip
    out += [text for layer, text in called.items() if layer in set(met["asked"])]
    if owed["compensation_mu"] > 0:
        out.append(
            Text(
                f"补充耕地方案（{owed['compensation_mu']:.2f} 亩）",
                f"scheme for compensating cultivated land ({owed['compensation_mu']:.2f} mu)",
            )
        )
    if owed["outside_ha"] > 0:
        out.append(
            Text(
                "边界外选址理由和等量调出方案", "reason for the site outside the boundary, and the equal area taken out"
            )
        )
    if kind == "temporary":
        out.append(Text("土地复垦方案和临时使用土地合同", "restoration plan and contract of temporary use"))
    return tuple(out)
