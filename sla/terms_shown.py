"""Which terms hold for what is claimed, and why, where credits were withdrawn: for the pages of claims and failures (S1, S16)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.acts_in_words import act_in_words, note_in_words
from entitlements.models import Contract, Event, many
from entitlements.models.worded import Worded, rows_of
from entitlements.rules.days import local_day
from sla.assessment import standings_of
from sla.elections import withdrawn_from
from sla.models import Election, TermsPeriod
from sla.rules.terms import Standing


@dataclass(frozen=True, slots=True)
class TermsShown:
    """By which election credits for losses ended, and whether what is claimed lies before its effect (`before`), after it, or both."""

    election: Election
    before: bool
    after: bool


def terms_shown(contract: Contract, occurrences: Iterable[datetime]) -> TermsShown | None:
    """S1, S16: None for a contract from which nothing was withdrawn."""
    election = withdrawn_from(contract)
    if election is None:
        return None
    kinds = {one.standing for one in standings_of(contract, list(occurrences)).values()}
    return TermsShown(election, Standing.ENTERPRISE in kinds, Standing.STANDARD in kinds)


@dataclass(frozen=True, slots=True)
class EnteredSince:
    """The line of the log under which Enterprise terms came on record: an act, or what was written under none."""

    line: Event

    @property
    def words(self) -> str:
        """'Terms changed: Amendment 2.'"""
        note = note_in_words(self.line.verb, self.line.note)
        return f"{act_in_words(self.line.verb)}{f': {note}' if note else ''}"


def entered_since(contract: Contract, occurrences: Iterable[datetime]) -> EnteredSince | None:
    """S1, S19: what put Enterprise terms on record for one of these instants (UTC) only after it, for whoever decides: one person may do
    that. By whatever act, since the lines of the rows themselves are asked. None where they were on record before."""
    instants = sorted(occurrences)
    lines = _lines_of_enterprise_terms(contract) if instants else []
    for one in instants:
        day = local_day(one, contract.tz_at(one))
        changed = (line for line, days in lines if days.lower <= day < days.upper)
        brought = next((line for line in changed if _was_not_so_before(line, day)), None)
        if brought and brought.happened_at > one:
            return EnteredSince(brought.part_of or brought)
    return None


def _lines_of_enterprise_terms(contract: Contract) -> list[tuple[Event, DateRange]]:
    """The log of the periods that are ones of Enterprise terms now, newest first, each line with the days that its period has now."""
    periods = rows_of(contract, "terms_periods")
    days = {str(one.pk): one.days for one in periods if one.terms == TermsPeriod.Kind.ENTERPRISE}
    return [(line, days[line.row_id]) for line in _LINES(many.array(days))]


_LINES = Worded(
    lambda keys: (
        Event.objects.filter(table=TermsPeriod._meta.db_table, row_id__in=many.of_array(keys))
        .select_related("actor", "part_of__actor")
        .order_by("-id")
    ),
    planned_once=True,
)


def _was_not_so_before(line: Event, day: date) -> bool:
    """Whether a day was not one of Enterprise terms by a row before this change of it."""
    changes: dict[str, Any] = line.changes or {}
    terms, days = changes.get("terms"), changes.get("days")
    if terms and terms[0] != TermsPeriod.Kind.ENTERPRISE:
        return True
    return bool(days and not _holds(days[0], day.isoformat()))


def _holds(days: str, day: str) -> bool:
    """Whether a day is one of a range as the log keeps it, '[2026-01-01,2027-01-01)'; days sort as their texts do."""
    first, _, until = days[1:-1].partition(",")
    return first <= day < until
