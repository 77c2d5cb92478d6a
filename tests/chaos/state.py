"""Where everything ended: matters, ledgers, letters, the log; so written that two runs of one ground can be held beside each other.

References and keys of what a run makes are drawn by lot, and differ; so does each moment at which a run does something. What was made
is named by what it is about, and a moment of the run is `during the run`. Whatever lies before the run, and every deadline, is compared
to the microsecond.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

Row = tuple[Any, ...]
State = dict[str, Counter[Row]]

REFERENCE = re.compile(r"\b([A-Z]{2,4})-[2-9A-Z]{4}-[2-9A-Z]{4}\b")
DRAWN = re.compile(r"^(line) \d+$")
"""A letter about a line of the ledger has the line's key for its point."""

RUN = timedelta(hours=20)
MOST_SAID = 12


def end_state(base: datetime) -> State:
    """Of the database that Django is pointed at. `base`: when the ground was made, and a run began."""
    return {name: plain(rows, base) for name, rows in _questions()}


def plain(rows: Iterable[Row], base: datetime) -> Counter[Row]:
    """Rows as they are compared."""
    return Counter(tuple(_value(one, base) for one in row) for row in rows)


def without(found: State, *words: str) -> State:
    """Without the rows in which one of these words stands."""
    return {
        name: Counter({row: n for row, n in rows.items() if not any(word in f"{name} {row}" for word in words)})
        for name, rows in found.items()
    }


OF_THE_CLOCK = ("'clock.", "clock_", "alarm", "digest", "ledgerproof", "reconciliation", "standstill")
"""What `manage.py sweep` says of the clock itself and of the books: alarms, the letter of the morning, the proofs of the day."""


def differences(expected: State, found: State) -> list[str]:
    """What one has and the other has not, a sentence each; none if they are alike."""
    return [sentence for name in expected for sentence in _of_table(name, expected[name], found[name])]


def rows(state: State) -> int:
    return sum(sum(table.values()) for table in state.values())


def _of_table(name: str, expected: Counter[Row], found: Counter[Row]) -> list[str]:
    said = [f"{name}: missing {n} of {row}" for row, n in (expected - found).items()]
    said += [f"{name}: {n} too many of {row}" for row, n in (found - expected).items()]
    more = len(said) - MOST_SAID
    return said[:MOST_SAID] + ([f"{name}: and {more} more"] if more > 0 else [])


def _questions() -> Iterator[tuple[str, Iterable[Row]]]:
    from entitlements.models import BookedSession, Engagement, Event, Letter, Quarantine, UsageEntry
    from sla.models import Claim, Credit, CreditEntry, Failure, Posting, Proposal

    of_claim = (
        "state",
        "received_at",
        "received_by_the_clock",
        "submitted_by",
        "declared_by",
        "closed_at",
        "remind_at",
    )
    yield "claims", Claim.objects.values_list("reference", "contract", "closes_at", "sends_itself_at", *of_claim)
    yield (
        "failures",
        Failure.objects.values_list("reference", "contract", "began_at", "state", "closed_at", "closes_at"),
    )
    yield "proposals", Proposal.objects.values_list("claim__reference", "outcome", "credited", "approved_by")
    yield "credits", Credit.objects.values_list("claim__reference", "voided_by")
    entry = ("kind", "amount", "currency", "approved_by", "invoice")
    yield "credit ledger", CreditEntry.objects.values_list("credit__claim__reference", *entry)
    yield "postings", Posting.objects.values_list("credit__claim__reference", "kind", "amount", "approved_by")
    made = ("contract", "activity", "state", "day", "topic", "form_key", "requested_by")
    yield "engagements", Engagement.objects.values_list(*made)
    yield (
        "sessions",
        BookedSession.objects.values_list("engagement__topic", "part", "engineer", "during", "released_at"),
    )
    yield "usage ledger", UsageEntry.objects.values_list("year", "engagement__topic", "kind", "places", "day")
    letter = ("kind", "matter", "addressee", "deadline", "point", "urgent", "state")
    yield "letters", Letter.objects.values_list(*letter)
    yield "quarantine", Quarantine.objects.values_list("job", "matter")
    acts = Event.objects.filter(table="")
    yield "acts in the log", acts.values_list("verb", "matter", "actor", "happened_at", "note")
    # A letter's course is told by its events, and differs where a try failed.
    changes = Event.objects.exclude(table="").exclude(table="entitlements_letter")
    yield "changes in the log", changes.values_list("verb", "table", "part_of__verb", "part_of__matter", "changes")


def _value(value: Any, base: datetime) -> Any:
    match value:
        case datetime():
            return _moment(value, base)
        case str():
            return _text(value, base)
        case dict():
            return tuple(sorted((name, _change(name, both, base)) for name, both in value.items()))
        case list():
            return tuple(_value(one, base) for one in value)
        case _ if hasattr(value, "lower") and hasattr(value, "upper"):
            return (_value(value.lower, base), _value(value.upper, base))
    return value


def _change(name: str, both: Any, base: datetime) -> str:
    """Of a column that changed: from what to what; not of a key, which is drawn."""
    if name == "id" or name.endswith("_id") or name in ("form_key", "reference", "calendar_uid", "memo"):
        return "…"
    return str(_value(both, base))


def _moment(value: datetime, base: datetime) -> str:
    return "during the run" if base <= value <= base + RUN else value.isoformat()


_ISO = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d(:?\d\d)?|Z)?$")


def _text(value: str, base: datetime) -> str:
    if _ISO.match(value):
        moment = datetime.fromisoformat(value)
        return _moment(moment if moment.tzinfo else moment.replace(tzinfo=base.tzinfo), base)
    return DRAWN.sub(r"\1 …", REFERENCE.sub(_if_old, value))


known: set[str] = set()
"""The references of the ground: they are kept as they are. What is not among them was made in the run."""


def know_the_ground() -> None:
    """Read the references that the ground has, which Django is pointed at."""
    from entitlements.models import Engagement
    from sla.models import Claim, Credit, Election, Failure, Outage

    for model in (Claim, Failure, Engagement, Credit, Outage, Election):
        known.update(model.objects.values_list("reference", flat=True))  # type: ignore[attr-defined]


def _if_old(found: re.Match[str]) -> str:
    return found[0] if found[0] in known else f"{found[1]}-…"
