"""Many plans side by side: a table for the terminal and a workbook, the worst plan first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from openpyxl import Workbook
from rich.cells import cell_len

from gis.decide.findings_since import Change
from gis.i18n import Text
from gis.model.finding import Severity, Status, Verdict
from gis.present.atomic import whole_file
from gis.present.sheets import grid, title, widths

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gis.decide.findings_since import Since
    from gis.i18n import Language
    from gis.model.finding import Findings
    from gis.present.style import Audience

__all__ = ["Checked", "save_summary", "summary_text"]

_TITLE: Final = Text("多规划检查汇总", "Check of several plans")
_HEADS: Final = (
    Text("规划", "Plan"),
    *(each.label for each in Severity),
    Text("无法判断", "undecidable"),
    Text("未检查规则", "rules not run"),
)
_SINCE: Final = (Change.NEW, Change.GONE)
_MOST: Final = Text("问题最多的规则", "most findings")
_BY_RULE: Final = Text("分规则", "By rule")
_WHOLE: Final = Text("汇总", "Summary")
_FAILED: Final = Text("不能检查", "not checked")
_RULE: Final = Text("规则", "Rule")


@dataclass(frozen=True, eq=False)
class Checked:
    """One of several plans: its name, and its findings; or why it could not be checked."""

    name: str
    found: Findings | None = None
    fault: Text | None = None
    since: Since | None = None

    def figures(self) -> tuple[int, ...]:
        """Open findings by severity, undecidable places, rules that did not run."""
        if self.found is None:
            return ()
        counts = [self.found.count(each) for each in Severity]
        return (*counts, self.found.count(verdict=Verdict.UNDECIDABLE), len(self.found.rules(Status.NOT_RUN)))

    def by_rule(self) -> Counter[str]:
        """Open findings by rule."""
        return Counter() if self.found is None else Counter(each.rule for each in self.found.open)


def _worst_first(plans: Sequence[Checked]) -> list[Checked]:
    """Those that could not be checked first, then by errors, warnings, notes, undecidable places."""
    return sorted(plans, key=lambda each: (each.found is not None, [-n for n in each.figures()[:4]], each.name))


def summary_text(plans: Sequence[Checked], language: Language = "zh") -> str:
    """One line per plan, the worst first: findings by severity, undecidable, rules not run, the rules with most findings.

    A plan that could not be checked has a line that says so, and no numbers. With an earlier check: what is new and gone.

    Example:
        >>> print(summary_text([Checked("a", fault=Text("坏", "bad"))], "en"))
        Plan  error  warning  note  undecidable  rules not run  most findings
        a         —        —     —            —              —  not checked
    """
    rows = [_heads(plans, language), *(_line(each, plans, language) for each in _worst_first(plans))]
    wide = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    last = len(wide) - 1
    lines = [
        "  ".join(_padded(cell, wide[n], left=n in (0, last)) for n, cell in enumerate(row)).rstrip() for row in rows
    ]
    return "\n".join(lines)


def _padded(text: str, width: int, *, left: bool) -> str:
    fill = " " * (width - cell_len(text))
    return text + fill if left else fill + text


def _heads(plans: Sequence[Checked], language: Language) -> list[str]:
    heads = [*_HEADS, *(each.label for each in _SINCE if _compared(plans)), _MOST]
    return [each.render(language) for each in heads]


def _compared(plans: Sequence[Checked]) -> bool:
    return any(each.since is not None for each in plans)


def _cells(each: Checked, plans: Sequence[Checked]) -> list[Any]:
    """The numbers of a plan; None where there is none."""
    counts = each.since.counts() if each.since is not None else {}
    figures: list[Any] = list(each.figures()) or [None] * (len(_HEADS) - 1)
    return [*figures, *(counts.get(change) for change in _SINCE if _compared(plans))]


def _line(each: Checked, plans: Sequence[Checked], language: Language) -> list[str]:
    numbers = ["—" if value is None else str(value) for value in _cells(each, plans)]
    return [each.name, *numbers, _most(each, language)]


def _most(each: Checked, language: Language) -> str:
    if each.fault is not None:
        return _FAILED.render(language)
    order = sorted(each.by_rule().items(), key=lambda pair: (-pair[1], pair[0]))
    return ("，" if language == "zh" else ", ").join(f"{rule}×{count}" for rule, count in order[:4])


def save_summary(
    plans: Sequence[Checked], path: Path, *, language: Language = "zh", audience: Audience = "internal"
) -> Path:
    """The path of a workbook with two sheets: the plans, the worst first; and how many findings of each rule each plan has.

    A rule that did not run for a plan has an empty cell there, never 0.

    Raises: WriteError if the place cannot be written.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = _WHOLE.render(language)
    title(sheet, _TITLE.render(language), language, audience)
    worst = _worst_first(plans)
    rows = [[each.name, *_cells(each, plans), _remark(each, language)] for each in worst]
    grid(sheet, _heads(plans, language), rows, [0] * len(rows), freeze="B5")
    widths(sheet, [28, *[12] * (len(rows[0]) - 2), 60])
    _by_rule(book.create_sheet(_BY_RULE.render(language)), worst, language, audience)
    with whole_file(path) as target:
        book.save(target)
    return path


def _remark(each: Checked, language: Language) -> str:
    return each.fault.render(language) if each.fault is not None else _most(each, language)


def _by_rule(sheet: Any, plans: Sequence[Checked], language: Language, audience: Audience) -> None:
    title(sheet, _TITLE.render(language), language, audience)
    titles = {id_: each.title for one in plans if one.found is not None for id_, each in one.found.outcomes.items()}
    counts = [each.by_rule() for each in plans]
    rows = [
        [f"{id_} {titles[id_].render(language)}", *(_cell(one, id_, count[id_]) for one, count in zip(plans, counts, strict=True))]
        for id_ in sorted(titles)
        if any(count[id_] for count in counts)
    ]  # fmt: skip
    grid(sheet, [_RULE.render(language), *(each.name for each in plans)], rows, [0] * len(rows), freeze="B5")
    widths(sheet, [48, *[14] * len(plans)])


def _cell(plan: Checked, rule: str, count: int) -> int | None:
    """How many findings; None where the rule did not run."""
    outcome = plan.found.outcomes.get(rule) if plan.found is not None else None
    return None if outcome is None or outcome.status is Status.NOT_RUN else count
