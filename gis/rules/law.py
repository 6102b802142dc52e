"""Law in time: a rule, or a code table, that was not in force on the plan's day does not run, and says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gis.analysis.in_force import code_tables, held, span
from gis.i18n import Text
from gis.model.concept import sources
from gis.rules.base import NotRun

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from gis.model.concept import Source
    from gis.model.plan import Plan
    from gis.rules.base import Rule
    from gis.standards import Code

__all__ = ["lapsed", "tables_in_force"]

_STANDS = ("in_force", "unknown")


def lapsed(rule: Rule, day: date) -> Text | None:
    """Why the rule does not hold on `day`, naming source and date; None if it holds.

    It holds from `since` to `until`, and while at least one of the binding sources it cites is in force; sources whose
    dates are not known do not stop it, and literature, practice and the like bind nobody.

    Example:
        >>> from datetime import date
        >>> from gis.rules import RULES
        >>> lapsed(RULES["CL01"], date(2018, 1, 1)).en.partition(":")[0]
        'not in force on 2018-01-01'
    """
    cited = [sources()[key] for key in rule.cites if key in sources()]
    binding = [each for each in cited if each.force(day) != "reference"]
    said = binding[0] if binding else None
    if not held(rule.since, rule.until, day.isoformat()):
        return _reason(day, said, rule.since, rule.until)
    if said is None or any(each.force(day) in _STANDS for each in binding):
        return None
    return _reason(day, said, said.in_force_from, said.in_force_to)


def _reason(day: date, source: Source | None, from_: str, to: str) -> Text:
    """That it is not yet, or no longer, in force: by which source, from or to which date, and what took its place."""
    title = source.citation() if source is not None else "本规则"
    named = " ".join(filter(None, (source.title.en, source.number))) if source is not None else "the rule"
    if from_ and not held(from_, "", day.isoformat()):
        return Text(f"{day} 尚未施行：{title}自 {from_} 起施行", f"not in force on {day}: {named} applies from {from_}")
    next_ = sources().get(source.superseded_by) if source is not None else None
    zh = f"，由{next_.citation()}替代" if next_ else ""
    en = f", superseded by {next_.title.en}" if next_ else ""
    return Text(f"{day} 已失效：{title}执行至 {to}{zh}", f"no longer in force on {day}: {named} applied until {to}{en}")


def tables_in_force(plan: Plan, layer: str, table: str) -> tuple[Mapping[str, Code], ...]:
    """The editions of a code table that codes of this layer may lawfully be of, the newest first.

    Those in force at some time between the date of the layer's data and that of the plan: 2020 land-use codes stay lawful
    in data from before the classes of 2023.

    Raises: NotRun if no edition was in force then.
    """
    first, last = span(plan, layer)
    found = code_tables(table, first, last)
    if not found:
        raise NotRun(
            f"{last} 时代码表 {table} 尚未施行", f"no edition of the code table {table} was in force on {last}"
        )
    return found
