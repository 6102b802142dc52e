"""The report of check and measurement: one HTML file that needs no network, on screen and on paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gis.i18n import Language, Text
from gis.model.finding import Severity, Status, Verdict
from gis.present import print_map
from gis.present import report_tables as tables
from gis.present.atomic import whole_file
from gis.present.audience import released
from gis.present.map_data import embedded
from gis.present.report_words import SECTIONS, WORDS
from gis.present.style import DISCLAIMER, MARK, REVIEW_NUMBER, basis_notes, checked_audience
from gis.present.witnesses import Witnesses, page_witnesses, recompute_script, script_hash

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gis.decide.findings_since import Since
    from gis.indicators import Measures
    from gis.model.finding import Finding, Findings, Outcome
    from gis.model.plan import Plan
    from gis.present.style import Audience

__all__ = ["LIMIT", "report", "report_html"]

LIMIT: Final = 200
"""How many findings of one rule a report lists."""
_FIRST: Final = ("CL", "FP", "ER", "UB", "SF", "ZN", "CD", "US", "TP")
"""Families of rules in the order in which they are reported; the others, on data, follow."""
_CHINESE: Final = "一二三四五六七八九十"


def report(  # noqa: PLR0913 - each of them is something that the report is to hold
    plan: Plan,
    found: Findings,
    measures: Measures | None = None,
    path: str | Path = "report.html",
    *,
    since: Since | None = None,
    language: Language = "zh",
    audience: Audience = "internal",
) -> Path:  # the names and their order are a contract
    """The path of the report, written whole: what was found and measured, what was not and why, and what it rests on.

    One file with its pictures inside; it asks for nothing from the network. It carries the witnesses of the areas it states, and
    the reader's browser works these out again (see `gis.present.witnesses` for how many). `audience` "public" leaves out places, features,
    ownership and coordinates. With a comparison to an earlier check (`since`) the summary says what is new, gone and unchanged.

    Raises: WriteError if the file cannot be written; MissingExtra without a Chinese font; LayerError for another audience.
    """
    target = Path(path)
    page = report_html(plan, found, measures, since=since, language=language, audience=audience)
    with whole_file(target) as beside:
        beside.write_text(page, encoding="utf-8", newline="\n")
    return target


def report_html(
    plan: Plan,
    found: Findings,
    measures: Measures | None = None,
    *,
    since: Since | None = None,
    language: Language = "zh",
    audience: Audience = "internal",
) -> str:
    """The report as text; the same input gives the same text.

    Raises: as `report`.
    """
    audience = checked_audience(audience)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["say"] = lambda text: text.render(language)
    carried = page_witnesses(plan, _listed(found)) if audience == "internal" else Witnesses()
    shown = {**_frame(plan, found, language, audience), **_results(plan, found, carried, language, audience)}
    shown |= _again(carried, language)
    shown |= _measured(measures, language) | _register(plan, found, measures, language, audience)
    shown["since"] = [] if since is None else since.summary(language).splitlines()
    page: str = environment.get_template("report.html.j2").render(**shown, sections=_sections(shown, language))
    return page


def _sections(shown: dict[str, Any], language: Language) -> dict[str, dict[str, str]]:
    """The sections that have something to say: number, heading in the language, and in the other one."""
    always = ("summary", "overview", "problems", "indicators", "not_run", "passed", "data", "sources")
    kept = [name for name in SECTIONS if name in always or shown[name]]
    other: Language = "en" if language == "zh" else "zh"
    return {
        name: {
            "number": f"{_CHINESE[n]}、" if language == "zh" else f"{n + 1}. ",
            "title": SECTIONS[name].render(language),
            "other": SECTIONS[name].render(other),
        }
        for n, name in enumerate(kept)
    }


def _frame(plan: Plan, found: Findings, language: Language, audience: Audience) -> dict[str, Any]:
    """Title, marks, words and the overview."""
    seen = released(plan, audience)
    findings = () if audience == "public" else found.open
    note = f"{MARK[audience].render(language)}\n{plan.as_of.isoformat()}"
    picture = print_map.overview(seen, findings, language=language, note=note)
    return {
        "language": language,
        "audience": audience,
        "mark": MARK[audience].render(language),
        "disclaimer": DISCLAIMER.render(language),
        "review": REVIEW_NUMBER.render(language) if audience == "public" else "",
        "words": {name: each.render(language) for name, each in WORDS.items()},
        "other_title": WORDS["title"].render("en" if language == "zh" else "zh"),
        "name": plan.name or WORDS["unnamed"].render(language),
        "as_of": plan.as_of.isoformat(),
        "block": tables.title_rows(seen, found, language, audience),
        "overview": print_map.data_uri(picture) if picture else "",
        "colours": [each.render(language) for each in basis_notes(each for each in print_map.OVERVIEW if each in seen)],
    }


def _listed(found: Findings) -> list[Finding]:
    """The findings that the report has a line for, in its order of rules."""
    rules = sorted([*found.rules(Status.FAILED), *found.rules(Status.UNDECIDABLE)], key=_weight)
    rows = [each for outcome in rules for each in _open(found, outcome)[:LIMIT]]
    return [*rows, *[each for each in found if each.waived][:LIMIT]]


def _again(carried: Witnesses, language: Language) -> dict[str, Any]:
    """What the page needs to work out its areas again, and what it says of it."""
    if not carried.rows:
        why = WORDS["again_not"].render(language) if carried.asked and carried.plane is None else ""
        return {"again": why, "witnesses": "", "script": "", "script_hash": ""}
    left = carried.asked - len(carried.rows)
    said = WORDS["again"].format(count=f"{len(carried.rows):,}", left=f"{left:,}")
    words = {"same": WORDS["same"], "differs": WORDS["differs"], "tally": WORDS["tally"]}
    data = {
        "plane": carried.plane,
        "witnesses": carried.rows,
        "words": {name: each.render(language) for name, each in words.items()},
    }
    return {
        "again": said.render(language),
        "witnesses": Markup(embedded(data)),  # `embedded` leaves no "<" in it
        "script": Markup(recompute_script()),  # our own
        "script_hash": script_hash(),
    }


def _results(plan: Plan, found: Findings, carried: Witnesses, language: Language, audience: Audience) -> dict[str, Any]:
    """Figures, the rules by outcome, the findings."""
    failed = [*found.rules(Status.FAILED), *found.rules(Status.UNDECIDABLE)]
    by_weight = sorted(failed, key=_weight)
    waived = [each for each in found if each.waived]
    return {
        "figures": _figures(found),
        "conclusion": WORDS["conclusion"].format(**_conclusion(found)).render(language),
        "problems": [_problem(plan, found, each, carried, language, audience) for each in by_weight],
        "passed": [{"rule": each.rule, "title": each.title.render(language)} for each in found.rules(Status.PASSED)],
        "not_run": [
            {"rule": each.rule, "title": each.title.render(language), "reason": each.reason.render(language)}
            for each in found.rules(Status.NOT_RUN)
        ],
        "waived": tables.finding_rows(waived, language, limit=LIMIT, carried=carried.at)
        if audience == "internal"
        else [],
        "waived_count": len(waived),
        "waived_cut": _cut(len(waived), language),
        "some_assumed": WORDS["some_assumed"]
        .format(all=len(found.outcomes), used=len(found.assumed()))
        .render(language),
        "assumed": tables.assumed_rows(found, language),
    }


def _weight(outcome: Outcome) -> tuple[bool, int, int, str]:
    """The order of rules in the report: failed first, then by severity, then by what a bureau asks first."""
    family = outcome.rule[:2]
    rank = _FIRST.index(family) if family in _FIRST else len(_FIRST)
    return outcome.status is not Status.FAILED, list(Severity).index(outcome.severity), rank, outcome.rule


def _figures(found: Findings) -> dict[str, int]:
    """The headline numbers; waived findings are in none but their own."""
    severities = dict(zip(("errors", "warnings", "notes"), (found.count(each) for each in Severity), strict=True))
    states = {status.value: len(found.rules(status)) for status in Status}
    return {
        **severities,
        "doubtful": found.count(verdict=Verdict.UNDECIDABLE),
        "rules": len(found.outcomes),
        **{f"rules_{name}": count for name, count in states.items()},
    }


def _conclusion(found: Findings) -> dict[str, int]:
    figures = _figures(found)
    return {
        **{name: figures[name] for name in ("errors", "warnings", "notes", "doubtful")},
        **{name: figures[f"rules_{name}"] for name in ("failed", "undecidable", "passed", "not_run")},
        "run": figures["rules"] - figures["rules_not_run"],
        "places": found.count(),
    }


def _open(found: Findings, outcome: Outcome) -> list[Finding]:
    """The open findings of a rule, those that cannot be decided last."""
    items = [each for each in found.open if each.rule == outcome.rule]
    return sorted(items, key=lambda each: each.verdict is Verdict.UNDECIDABLE)


def _problem(
    plan: Plan, found: Findings, outcome: Outcome, carried: Witnesses, language: Language, audience: Audience
) -> dict[str, Any]:
    """One rule that failed or could not be decided, with its findings and maps."""
    items = _open(found, outcome)
    listed = audience == "internal"
    return {
        "rule": outcome.rule,
        "title": outcome.title.render(language),
        "other_title": outcome.title.render("en" if language == "zh" else "zh"),
        "severity": outcome.severity.value,
        "severity_label": outcome.severity.label.render(language),
        "undecidable": outcome.status is Status.UNDECIDABLE,
        "count": len(items),
        "waived": sum(each.rule == outcome.rule for each in found) - len(items),
        "cites": tables.cited(outcome.cites, plan, language),
        "parameters": tables.parameter_rows(outcome, language),
        "reading": tables.reading_of(outcome, found).render(language),
        "elsewhere": tables.told_by(outcome, found),
        "note": outcome.note.render(language) if listed else "",
        "related": any(each.other_layer for each in items[:LIMIT]),
        "rows": tables.finding_rows(items, language, limit=LIMIT, carried=carried.at) if listed else [],
        "cut": _cut(len(items), language) if listed else "",
        "pictures": _pictures(plan, items, language) if listed else [],
    }


def _cut(count: int, language: Language) -> str:
    """What has to be said where a table does not list all."""
    if count <= LIMIT:
        return ""
    return WORDS["cut"].format(shown=LIMIT, all=f"{count:,}", rest=f"{count - LIMIT:,}").render(language)


def _pictures(plan: Plan, items: Sequence[Finding], language: Language) -> list[dict[str, str]]:
    """Where the findings are, and the first of them close up."""
    if not items:
        return []
    drawn = (
        (WORDS["locator"], print_map.locator(plan, items[:LIMIT], language=language)),
        (WORDS["close_up"], print_map.close_up(plan, items[0], language=language)),
    )
    return [{"caption": name.render(language), "src": print_map.data_uri(png)} for name, png in drawn if png]


def _measured(measures: Measures | None, language: Language) -> dict[str, Any]:
    """The indicators, in all and by area unit."""
    if measures is None:
        return {"indicators": [], "units": [], "targets": {}, "measure_notices": []}
    met = [each.met for each in measures.whole]
    return {
        "indicators": tables.measure_rows(measures, language),
        "units": tables.unit_tables(measures, language),
        "by_unit": WORDS["by_unit"].format(unit=_layer_name(measures.by)).render(language),
        "targets": {"met": met.count(True), "missed": met.count(False)},
        "measure_notices": [each.render(language) for each in measures.notices],
    }


def _layer_name(layer: str) -> Text:
    return {
        "county": Text("县（市、区）", "county"),
        "township": Text("乡镇（街道）", "township"),
        "village": Text("村", "village"),
    }.get(layer, Text("", ""))


def _register(
    plan: Plan, found: Findings, measures: Measures | None, language: Language, audience: Audience
) -> dict[str, Any]:
    """The data and the sources that the report rests on."""
    return {
        "data": tables.data_rows(released(plan, audience), language, audience),
        "other_data": tables.other_data(plan, language) if audience == "internal" else [],
        "notices": [each.render(language) for each in found.notices] if audience == "internal" else [],
        "sources": tables.source_rows(plan, found, measures, language),
    }
