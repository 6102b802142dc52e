"""The figures of the official tables, in hectares to 0.01, adjusted so that parts add up to the printed totals.

Totals come first: the whole is rounded, counties and first-level classes are adjusted to it, and so down to the smallest cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from gis.analysis.adjustment import adjusted, adjusted_grid
from gis.analysis.area_units import WHOLE, AreaUnits, by_unit
from gis.analysis.base_year import BASES, Basis, base_year
from gis.analysis.land_accounts import CONSTRUCTION, area_by_class, coded
from gis.analysis.line_occupation import KINDS, LINES, inside_line, occupation
from gis.analysis.quantities import stated_m2
from gis.i18n import Text
from gis.indicators import measure
from gis.standards import code_table
from gis.units import M2_PER_HA, from_base, to_base

if TYPE_CHECKING:
    from gis.model.plan import Plan

__all__ = ["OUTSIDE", "LineFigures", "basis_name", "class_name", "line_areas", "line_occupation", "places", "structure"]

OUTSIDE: Final = Text("县界以外", "outside the counties")
_NOISE_M2: Final = 50.0  # what the borders of counties leave of nothing, drawn apart by centimetres
_AREA: Final = {
    "permanent_basic_farmland": ("permanent_basic_farmland_area", "farmland_ha"),
    "ecological_redline": ("ecological_redline_area", "redline_ha"),
    "urban_development_boundary": ("urban_boundary_area", "boundary_ha"),
}


@dataclass(frozen=True, eq=False)
class LineFigures:
    """Area, target and gap of one line in hectares, a value per place; the gap is below 0 where the target is missed."""

    area: list[float]
    target: list[float]
    gap: list[float]


def places(units: AreaUnits) -> list[Text]:
    """The names of the rows or columns of a table: the whole plan, each unit, and what lies outside them."""
    return [WHOLE, *units.names, *([OUTSIDE] if len(units) else [])]


def with_rest(m2: Any) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Hectares of the whole, of each unit, and of what lies outside all units, which is 0 where only borders are drawn apart."""
    values = np.asarray(m2, dtype=float)
    if len(values) == 1:
        return values / M2_PER_HA
    rest = values[0] - values[1:].sum()
    return np.append(values, rest if abs(rest) > _NOISE_M2 else 0.0) / M2_PER_HA


def closed(ha: Any) -> list[float]:
    """The printed whole, and its parts adjusted to it; a missing whole leaves all missing."""
    if not np.isfinite(ha).all():
        return [float("nan")] * len(ha)
    total = float(adjusted(ha[:1])[0])
    return [total, *(adjusted(ha[1:], total).tolist() if len(ha) > 1 else [])]


def line_areas(plan: Plan, units: AreaUnits) -> dict[str, LineFigures]:
    """The three lines by place: official area, target, gap between the printed figures. Missing stays NaN."""
    by = units.layer
    found = measure(plan, select=",".join(name for name, _ in _AREA.values()), by=by)
    out = {}
    for line, (name, column) in _AREA.items():
        items = [each for each in found.items if each.indicator.id == name]
        area = closed(with_rest([to_base(each.value, each.indicator.unit) for each in items]))
        target = [from_base(to_base(each.target, each.indicator.unit), "ha") for each in items]
        tasks = _tasks(plan, units, column)
        target = [own if own == own else task for own, task in zip(target, tasks, strict=True)]  # noqa: PLR0124 - NaN
        target += [float("nan")] * (len(area) - len(target))
        sign = 1.0 if items[0].indicator.direction == "min" else -1.0
        gap = [round(float(sign * (own - wanted)), 2) for own, wanted in zip(area, np.round(target, 2), strict=True)]
        out[line] = LineFigures(area, [round(each, 2) for each in target], gap)
    return out


def _tasks(plan: Plan, units: AreaUnits, column: str) -> list[float]:
    """The tasks that the plan's own table gives the whole and each unit; NaN where it has none."""
    table = plan.tables.get("t_control_line_task")
    if table is None or not {"area_unit", column} <= set(table.columns):
        return [float("nan")] * (1 + len(units))
    known = dict(
        zip(table["area_unit"].astype("str").str.strip(), pd.to_numeric(table[column], errors="coerce"), strict=True)
    )
    names = [("", "全市", "合计"), *((id_, name.zh) for id_, name in zip(units.ids, units.names, strict=True))]
    return [next((float(known[each]) for each in every if each in known), float("nan")) for every in names]


def line_occupation(plan: Plan, units: AreaUnits, line: str) -> pd.DataFrame:
    """What stands in a line, in hectares: a row per place; columns `area`, the kinds of present land, and what is planned there.

    The kinds add up to `area`, the places to the first row. `planned`, `approved`, `project` and the other lines are shares of
    the same ground and add up to nothing.
    """
    found = occupation(plan, units, line)
    ha = np.array([with_rest(found[name]) for name in found]).T
    area, kinds = closed(ha[:, 0]), adjusted(ha[0, 1:], closed(ha[:1, 0])[0])
    cells = adjusted_grid(ha[1:, 1:], rows=area[1:], columns=kinds) if len(units) else np.empty((0, len(KINDS)))
    out = pd.DataFrame(np.column_stack([area, np.vstack([kinds, cells])]), columns=["area", *KINDS])
    for name, m2 in _beside(plan, units, line).items():
        out[name] = closed(with_rest(m2))
    return out


def _beside(plan: Plan, units: AreaUnits, line: str) -> dict[str, Any]:
    """What else lies in a line, in m² by place: planned building, approved and not built, projects, the other lines."""
    planned = (
        coded(plan["land_use_plan"]["class_code"], CONSTRUCTION) if plan.has("land_use_plan", "class_code") else None
    )
    found = {"planned": inside_line(plan, units, "land_use_plan", line, planned)}
    found |= {
        name: inside_line(plan, units, layer, line)
        for name, layer in (("approved", "land_case"), ("project", "project"))
    }
    return found | {
        other: np.full(1 + len(units), np.nan) if other == line else inside_line(plan, units, other, line)
        for other in LINES
    }


def structure(plan: Plan, units: AreaUnits) -> dict[str, pd.DataFrame]:
    """Land by class in hectares: per basis ("survey", "converted", "plan") a table of codes (two levels) by place.

    Codes of two digits are the first level and hold what stands below them; "" is the total. A basis that the plan has no data
    for is left out.
    """
    base, out = base_year(plan, units), dict[str, pd.DataFrame]()
    bases: list[Basis] = ["survey", "converted"] if base.converted else ["survey"]
    for basis in bases if base.layer else []:
        out[basis] = _closed_classes(base.by_class(basis, 2))
    if plan.has("land_use_plan", "class_code") and len(plan["land_use_plan"]):
        out["plan"] = _closed_classes(_planned(plan, units))
    return out


def _planned(plan: Plan, units: AreaUnits) -> pd.DataFrame:
    """Planned area in m² by second-level class, for the whole and per unit."""
    codes, m2 = plan["land_use_plan"]["class_code"], stated_m2(plan, "land_use_plan")
    classes = area_by_class(codes, np.nan_to_num(m2), level=2).index
    second = codes.astype("str").fillna("").str.strip().str[:4].to_numpy()
    rows = {each: by_unit(plan, units, "land_use_plan", m2, second == each) for each in classes}
    return pd.DataFrame(rows, index=["", *units.ids]).T


def _closed_classes(m2: pd.DataFrame) -> pd.DataFrame:
    """Areas by second-level code and place as printed hectares, with rows for the total and for the first level."""
    ha = np.array([with_rest(row) for row in m2.to_numpy(dtype=float)]).reshape(len(m2), -1)
    group = m2.index.astype("str").str[:2]
    firsts = sorted(set(group), key=lambda code: (code == "", code))
    total = np.array(closed(ha.sum(axis=0)))
    sums = np.array([ha[group == code].sum(axis=0) for code in firsts]).reshape(len(firsts), -1)
    first = _grid(sums, total)
    rows = {"": total}
    for code, printed in zip(firsts, first, strict=True):
        here = np.flatnonzero(group == code)
        rows[code or "—"] = printed
        if list(m2.index[here]) != [code]:
            for name, cells in zip(m2.index[here], _grid(ha[here], printed), strict=True):
                rows[str(name) if len(str(name)) > 2 else f"{name}—"] = cells
    return pd.DataFrame.from_dict(rows, orient="index")


def _grid(ha: Any, printed: Any) -> Any:
    """The rows of one total: their first column adjusted to its first figure, the other cells to both margins."""
    whole = adjusted(ha[:, 0], float(printed[0]))
    if ha.shape[1] == 1:
        return whole[:, None]
    return np.column_stack([whole, adjusted_grid(ha[:, 1:], rows=whole, columns=printed[1:])])


def class_name(code: str) -> Text:
    """What a row of the structure is called."""
    if code == "":
        return Text("合计", "Total")
    if code == "—":
        return Text("未定地类", "class not known")
    if code.endswith("—"):
        return Text("未细分", "not divided further")
    known = code_table("land_use_classes").get(code)
    return known.name if known else Text("代码不在分类中", "code not in the table")


def basis_name(basis: str) -> Text:
    """What a basis is called over its columns."""
    return Text("规划", "planned") if basis == "plan" else next(text for name, text in BASES.items() if name == basis)
