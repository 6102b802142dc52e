"""Faults in accounts, registers and tables (FP, UB, DL, CL), and what is just not one. They take no room on the ground."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

import numpy as np

from gis.model.plan import Plan, Waiver
from injection.board import Board, Cause, NoRoom
from injection.equipment import called, entry, parameter

BALANCE: Final = "t_farmland_balance"
REDESIGNATION: Final = "t_redesignation"
QUOTA: Final = "t_quota_account"
OLD: Final = {"year": 2024, "accepted_on": "20240301"}
NEW: Final = {"year": 2025, "accepted_on": "20250601"}
LINES: Final = ("permanent_basic_farmland", "ecological_redline", "urban_development_boundary")


def booked(board: Board, side: str, **values: Any) -> str:
    """A row of the ledger of occupied and added land that stands for itself; its entry."""
    name = called(board, "B")
    plain = {
        "entry": name,
        "side": side,
        "parcel": called(board, "D"),
        "project_id": "",
        "county": "",
        "capacity_kg": np.nan,
    }
    entry(board, BALANCE, **{**plain, "source_kind": "新增耕地", "class_code": "0103", **values})
    return name


def compensation_is_short(board: Board) -> set[Cause]:
    """A case of the old regime: too little land, land that stood there before, no paddy, less capacity."""
    case = called(board, "Q")
    out, in_, short = board.pick(
        ({}, {"area_mu": 9.99}, True), ({}, {"source_kind": "现状耕地"}, True), ({}, {"area_mu": 10.5}, False),
        ({"class_code": "0101"}, {}, True), ({"class_code": "0101"}, {"class_code": "0101"}, False),
        ({"capacity_kg": 900.0}, {"capacity_kg": 899.0}, True), ({"capacity_kg": 900.0}, {"capacity_kg": 900.0}, False),
    )  # fmt: skip
    for side, values in (("占用", out), ("补充", in_)):
        booked(board, side, **{"area_mu": 10.0, "project_id": case, **OLD, **values})
    return {("FP11", case)} if short else set()


def year_takes_more_than_was_gained(board: Board) -> set[Cause]:
    parameter(board, "FP12", province_decided=True)
    county, more = called(board, "县"), board.pick(0.0, 0.01, 20.0)
    booked(board, "补充", county=county, area_mu=100.0, **OLD)
    taken = booked(board, "占用", county=county, area_mu=100.0 + more, **NEW)
    return {("FP12", taken)} if more else set()


def parcel_booked_twice(board: Board) -> set[Cause]:
    parcel, first = called(board, "D"), board.pick(OLD, NEW)
    booked(board, "占用", parcel=parcel, area_mu=3.0, **first)
    second = booked(board, "占用", parcel=parcel, area_mu=3.0, **NEW)
    return {("FP23", second)} if first is NEW else set()


def land_that_does_not_compensate(board: Board) -> set[Cause]:
    said, wrong = board.pick(
        ({"source_kind": "现状耕地"}, True),
        ({"accepted_on": ""}, True),
        ({}, False),
        ({**OLD, "source_kind": "现状耕地"}, False),
    )
    id_ = booked(board, "补充", **{"area_mu": 3.0, **NEW, **said})
    return {("FP23", id_)} if wrong else set()


def _redesignated(board: Board, **values: Any) -> tuple[str, str]:
    """A row of re-designated land that stands for itself: its case and its parcel."""
    case, parcel = called(board, "C"), called(board, "R")
    entry(board, REDESIGNATION, **{"case": case, "parcel": parcel, **values})
    return case, parcel


def too_little_redesignated(board: Board) -> set[Cause]:
    area = board.pick(4.99, 2.0, 5.0, 6.0)
    case, _ = _redesignated(board, area_mu=area)
    return {("FP08", case)} if area < 5.0 else set()


def worse_land_redesignated(board: Board) -> set[Cause]:
    grade = board.pick(6.5, 9.0, 6.0, 4.0)
    case, parcel = _redesignated(board, grade=grade)
    return {("FP08", case), ("FP20", parcel)} if grade > 6.0 else set()


def steep_land_redesignated(board: Board) -> set[Cause]:
    slope = board.pick("5", "4")
    _, parcel = _redesignated(board, slope_class=slope)
    return {("FP20", parcel)} if slope == "5" else set()


def survey_parcel_redesignated(board: Board) -> set[Cause]:
    """A parcel that the survey knows: forest, a field that is farmland already, or a field that is free."""
    away = (*LINES, "protected_area")
    codes, taken = board.pick((("0301",), False), (("0101", "0103"), True), (("0101", "0103"), False))
    frame = board["survey_parcel"]
    farmland = set(board["permanent_basic_farmland"]["parcel_id"])
    fit = frame["class_code"].isin(codes) & (frame["parcel_id"].isin(farmland) == taken)
    for id_ in board.rng.permutation(frame.index[fit])[:200]:
        if taken or board.clear(frame.geometry[id_], away):
            board.claim("survey_parcel", str(id_))
            _redesignated(board, parcel=str(frame.at[id_, "parcel_id"]))
            return {("FP20", str(id_))} if taken or codes == ("0301",) else set()
    raise NoRoom("survey_parcel")


def reserve_passed_over(board: Board) -> set[Cause]:
    reason = board.pick("", "储备区地块不相邻")
    _, parcel = _redesignated(board, from_reserve=False, reason=reason)
    return set() if reason else {("FP21", parcel)}


def parcel_in_both_accounts(board: Board) -> set[Cause]:
    side = board.pick("补充", "占用")
    _, parcel = _redesignated(board)
    booked(board, side, parcel=parcel, area_mu=5.0, **OLD)
    return {("FP24", parcel)} if side == "补充" else set()


def consolidation_adds_too_little(board: Board) -> set[Cause]:
    name, new = called(board, "L"), board.pick(104.99, 60.0, 105.0, 130.0)
    entry(board, "t_linked_project", project=name, farmland_new_mu=new)
    return {("FP25", name)} if new < 105.0 else set()


def scattered_land_not_matched(board: Board) -> set[Cause]:
    county, back = called(board, "县"), board.pick(1.0, 1.98, 2.0, 1.995)
    name = called(board, "A")
    entry(board, QUOTA, account=name, kind="边界外零星用地", county=county, year=2024, used_ha=2.0, returned_ha=back)
    return {("UB22", name)} if 2.0 - back > 0.01 else set()


def villages_use_too_much(board: Board) -> set[Cause]:
    """The flexible quota of villages, against 5 % of the village construction land of today."""
    board.claim("quota", "village")
    frame = board["land_use_current"]
    codes = frame["class_code"].astype("str").str[:2]
    built = codes.isin(("07", "08", "09", "10", "11", "12", "13", "14", "15", "16"))
    village = float(frame["area_m2"][built & frame["settlement_code"].isin(("203", "203A"))].sum()) / 1e4
    share = board.pick(0.052, 0.048)
    entry(board, QUOTA, account=called(board, "A"), kind="村庄建设机动指标", used_ha=village * share, opening_ha=0.0)
    return {("ZN14", "[village]")} if share > 0.05 else set()


def _set_cell(board: Board, table: str, row: int, **values: Any) -> None:
    if table not in board.plan.tables:
        raise NoRoom(table)

    def change(plan: Plan) -> Plan:
        frame = plan.tables[table].copy()
        for name, value in values.items():
            frame.loc[row, name] = value
        return replace(plan, tables={**plan.tables, table: frame})

    board.alter(change)


def version_not_registered(board: Board) -> set[Cause]:
    row = int(board.rng.integers(3))
    board.claim("version", LINES[row])
    said, wrong = board.pick(({"approved_on": None}, True), ({"version": "另一版"}, True), ({"document": None}, False))
    _set_cell(board, "t_line_version", row, **said)
    return {("CL20", f"[{LINES[row]}]")} if wrong else set()


def opinion_without_answer(board: Board) -> set[Cause]:
    name = called(board, "Y")
    said, wrong = board.pick(
        ({"reply": ""}, True), ({"adopted": None}, True), ({"notice_to": "2025-03-29"}, True), ({"adopted": "不采纳"}, False),
        ({"notice_to": "2025-03-30"}, False),
    )  # fmt: skip
    entry(board, "t_opinion", **{"id": name, **said})
    return {("DL20", name)} if wrong else set()


def item_without_line(board: Board) -> set[Cause]:
    """A heritage item, or a protected area, on the register that nobody has drawn."""
    name, layer = called(board, "古渡"), board.pick("历史文化保护线", "自然保护地")
    entry(board, "t_heritage_register", item=name, code=called(board, "LS"), layer=layer)
    return {("DL10", name)} | ({("SF20", name)} if layer == "历史文化保护线" else set())


def project_not_drawn(board: Board) -> set[Cause]:
    name, drawn = called(board, "大桥"), bool(board.rng.random() < 0.4)
    number = (
        str(board["project"]["project_id"].iloc[0])
        if drawn and "project_id" in board["project"]
        else called(board, "K")
    )
    entry(board, "t_key_project", name=name, project_id=number)
    return set() if drawn else {("DL10", name)}


def parts_do_not_sum_up(board: Board) -> set[Cause]:
    """A figure of the whole, and those of all counties; in whole numbers, so that 1 may be rounding."""
    id_, off = called(board, "M36-"), board.pick(0.0, 1.0, 40.0, -30.0)
    counties = list(board["county"]["area_name"])
    said: dict[str, Any] = {
        "indicator_id": id_,
        "name": called(board, "示例长度"),
        "target_2025": np.nan,
        "target_2035": np.nan,
    }
    for unit, value in (("全市", 10.0 * len(counties) + off), *((each, 10.0) for each in counties)):
        entry(board, "t_indicator", **said, area_unit=unit, base=value)
    return {("DL06", f"{id_}/base")} if abs(off) > 1 else set()


def incomplete_table(board: Board) -> set[Cause]:
    """A table that is not there, lacks a column or a cell, or has a row for a place that nobody knows."""
    table, columns = board.pick(
        ("t_town_system", ()), ("t_central_land_use", ("class_code", "class_name")), ("t_public_service", ("name",))
    )
    board.claim("table", table)
    if table not in board.plan.tables:
        raise NoRoom(table)
    if not columns:
        board.alter(lambda plan: replace(plan, tables={k: v for k, v in plan.tables.items() if k != table}))
        return {("DL11", f"[{table}]")}
    entry(board, table, **dict.fromkeys(columns, ""))
    return {("DL11", "#2")}


def strange_place_in_table(board: Board) -> set[Cause]:
    board.claim("table", "t_land_use_structure")
    unit = board.pick("外县", str(board["county"]["area_name"].iloc[0]))
    entry(board, "t_land_use_structure", area_unit=unit)
    return {("DL11", "#2")} if unit == "外县" else set()


def _text(board: Board, words: str) -> None:
    name = called(board, "专题文本")
    if not board.plan.texts:
        raise NoRoom("texts")
    board.alter(lambda plan: replace(plan, texts={**plan.texts, name: words}))


def text_says_otherwise(board: Board) -> set[Cause]:
    board.claim("text", "figure")
    right = 20 * len(board["county"])
    said, wrong = board.pick((f"{right + 1} 千米", True), (f"{right}.0 公里", False))
    _text(board, f"到2035年，全市新建绿道长度 {said}。")
    return {("DL05", "M35-99@全市")} if wrong else set()


def repealed_document(board: Board) -> set[Cause]:
    board.claim("text", "document")
    said, wrong = board.pick(("依据自然资办发〔2020〕51号", True), ("原自然资办发〔2020〕51号（已废止）", False))
    _text(board, f"{said}编制。")
    return {("DL24", "自然资办发〔2020〕51号")} if wrong else set()


def part_of_the_delivery_missing(board: Board) -> set[Cause]:
    stem, part = board.pick(
        ("规划图件", "规划图件"), ("规划说明", "规划说明"), ("专题研究", "专题研究"), ("公示", "公示与意见采纳情况")
    )
    board.claim("part", part)
    if not board.plan.inventory:
        raise NoRoom("inventory")
    board.alter(
        lambda plan: replace(plan, inventory=tuple(each for each in plan.inventory if not each.startswith(stem)))
    )
    return {("DL01", part)}


def waiver_out_of_date(board: Board) -> set[Cause]:
    name = called(board, "W")
    rule, until, wrong = board.pick(
        ("FP07", date(2020, 1, 1), True), ("ER22", date(2024, 12, 31), True), ("FP07", date(2030, 1, 1), False)
    )  # fmt: skip
    waiver = Waiver(rule, name, "历史遗留", "某局", until)
    board.alter(lambda plan: replace(plan, waivers=(*plan.waivers, waiver)))
    return {("WV01", name)} if wrong else set()


LEDGERS: Final = (
    compensation_is_short, year_takes_more_than_was_gained, parcel_booked_twice, land_that_does_not_compensate,
    too_little_redesignated, worse_land_redesignated, steep_land_redesignated, survey_parcel_redesignated,
    reserve_passed_over, parcel_in_both_accounts, consolidation_adds_too_little,
)  # fmt: skip
QUOTAS: Final = (scattered_land_not_matched,)
VILLAGES: Final = (villages_use_too_much,)
VERSIONS: Final = (version_not_registered,)
REGISTERS: Final = (
    opinion_without_answer, item_without_line, project_not_drawn, parts_do_not_sum_up, incomplete_table,
    strange_place_in_table, text_says_otherwise, repealed_document, part_of_the_delivery_missing,
)  # fmt: skip
WAIVERS: Final = (waiver_out_of_date,)
