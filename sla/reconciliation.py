"""T3: what the clock should have done, worked out anew from what is on record, beside what it did.

It asks nothing of the clock's own code: neither which rows were due to it, nor what it last looked at. Each question yields the matters
that it compared, and with each what differs, in a sentence; an empty one: nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet

from entitlements.access import people_of_each
from entitlements.health import Sign
from entitlements.models import (
    ContractYear,
    Engagement,
    Event,
    Letter,
    MissedReminder,
    Quarantine,
    Reconciliation,
    Role,
)
from entitlements.models.worded import Worded
from entitlements.rules.reminders import due_reminder
from entitlements.wording import counted, day_in_short
from sla import reconciled_ladders
from sla.assessment import terms_on
from sla.ended_windows import hidden
from sla.models import Claim, ClaimState, Election, ElectionState, Failure, FailureState, InformationRequest
from sla.rules.claim_window import closes_at, submits_itself_at

BACK = timedelta(days=40)
"""So far back deadlines are compared: longer than the clock is ever to stand still, so that what it made good is compared too."""

GRACE = timedelta(hours=1)
MOST_KEPT = 100
LATE = timedelta(days=2)
LONGER = ("claim.window_widened", "failure.window_widened", "claim.window_extended", "failure.window_extended")
LOOKED_AT = ("claim.reminder", "failure.reminder")

Found = Iterator[tuple[str, str]]


@dataclass
class Compared:
    """How much was compared of each kind, and what differs."""

    counts: Counter[str] = field(default_factory=Counter)
    differences: list[tuple[str, str]] = field(default_factory=list)

    def take(self, kind: str, found: Iterable[tuple[str, str]]) -> None:
        for matter, differs in found:
            self.counts[kind] += 1
            if differs:
                self.differences.append((matter, differs))


def compare(now: datetime) -> Compared:
    """T3: everything whose deadline fell in the last 40 days before `now` (UTC), and whatever is still open after it."""
    compared = Compared()
    for kind, question in QUESTIONS.items():
        compared.take(kind, question(now - BACK, now))
    return compared


def _lapsed_drafts(since: datetime, now: datetime) -> Found:
    """S13: a draft lapsed at its deadline, on record at that moment, and its people were told."""
    lapsed = Claim.objects.filter(state=ClaimState.LAPSED, closes_at__gte=since)
    yield from _ended(lapsed, "claim.lapsed", "window_ended", "closes_at", "closed_at")


def _closed_reports(since: datetime, now: datetime) -> Found:
    """S13: a report of which no claim was begun was closed at its deadline, on record, and told."""
    begun = Claim.failures.through.objects.filter(failure=OuterRef("pk"), released_at__isnull=True)  # type: ignore[attr-defined]
    closed = Failure.objects.filter(~Exists(begun), state=FailureState.CLOSED, closes_at__gte=since)
    yield from _ended(closed, "failure.window_ended", "window_ended", "closes_at", "closed_at")


def _sent_drafts(since: datetime, now: datetime) -> Found:
    """S13: a complete draft that nobody sent was received an hour before the end of one of its windows, on record, and told."""
    sent = Claim.objects.filter(received_by_the_clock=True, received_at__gte=since)
    for claim in sent.prefetch_related("claim_failures__failure").iterator(1_000):
        own = [one.failure for one in claim.claim_failures.all() if one.released_at in (None, claim.closed_at)]
        ends = {claim.closes_at, *(failure.closes_at for failure in own)}
        if claim.received_at not in {submits_itself_at(end) for end in ends}:
            yield claim.reference, "It was not received an hour before the end of one of its windows."
    yield from _ended(sent, "claim.sent_itself", "claim_received", "received_at", "received_at")


def _decided_elections(since: datetime, now: datetime) -> Found:
    """S16: an election took effect at its deadline, by the last choice in time or else by silence, on record, and told."""
    decided = Election.objects.filter(state=ElectionState.DECIDED, deadline__gte=since)
    for one in decided.select_related("withdrawal").prefetch_related("choices"):
        assert one.deadline
        assert one.reached_at
        made = sorted(one.choices.all(), key=lambda choice: choice.received_at)
        chosen = [choice.choice for choice in made if one.reached_at <= choice.received_at < one.deadline]
        customers = bool(chosen) and bool(chosen[-1])
        outcome = (chosen[-1], "customer") if customers else (one.by_silence, "vendor")
        if (one.choice, one.decided_by) != outcome:
            yield one.reference, f"By what was received in time it is: {outcome[0]}, by the {outcome[1]}."
    yield from _ended(decided, "election.took_effect", "election_decided", "deadline", "settled_at")


def _ended(rows: QuerySet[Any], verb: str, kind: str, deadline: str, done: str) -> Found:
    """Done at the deadline, in the log as of then, and a letter to whoever there was."""
    log = Event.objects.filter(matter=OuterRef("reference"), verb=verb, happened_at=OuterRef(deadline))
    told = Letter.objects.filter(matter=OuterRef("reference"), kind=kind, deadline=OuterRef(deadline))
    found = rows.annotate(logged=Exists(log), told=Exists(told), customer=F("contract__customer"))
    names = ("reference", deadline, done, "logged", "told", "customer")
    untold = []
    for reference, due, at, logged, letter, customer in found.values_list(*names).iterator():
        if not letter:
            untold.append((customer, reference))
        yield reference, _what(at != due, not logged, due)
    readers = {customer for customer, *_, reads in people_of_each({one for one, _ in untold}, *CLAIMANTS) if reads}
    yield from ((reference, "Nobody was told of its end.") for customer, reference in untold if customer in readers)


CLAIMANTS = (Role.OWNER, Role.CLAIMS)


def _what(moved: bool, unlogged: bool, due: datetime) -> str:
    if moved:
        return f"Its end is not on record as of its deadline, {due:%Y-%m-%d %H:%M:%S} UTC."
    return f"The log has no line of its end as of {due:%Y-%m-%d %H:%M:%S} UTC." if unlogged else ""


def _undone(since: datetime, now: datetime) -> Found:
    """Whatever is open though its deadline has passed for more than an hour, and does not stand in quarantine."""
    aside = set(Quarantine.objects.standing().values_list("matter", flat=True))
    over: tuple[tuple[QuerySet[Any], str, str], ...] = (
        (Claim.objects.drafts(), "closes_at", "reference"),
        (Claim.objects.drafts(), "sends_itself_at", "reference"),
        (Failure.objects.open(), "closes_at", "reference"),
        (InformationRequest.objects.open(), "answer_by", "claim__reference"),
        (Election.objects.open().filter(~hidden("deadline", now)), "deadline", "reference"),
        (ContractYear.objects.filter(closed_at__isnull=True), "ends_at", "contract__order_form"),
        (Engagement.objects.waiting(), "year__ends_at", "reference"),
    )
    for rows, deadline, called in over:
        for matter in rows.filter(**{f"{deadline}__lte": now - GRACE}).values_list(called, flat=True).iterator():
            if matter not in aside:
                yield matter, "Its deadline has passed, and it is open."


def _deadlines(since: datetime, now: datetime) -> Found:
    """S13: no stored end of a window is earlier than its rule has it, by the day of the occurrence."""
    reported = Failure.objects.filter(reported_at__gte=since).select_related("contract")
    for failure in reported.iterator():
        contract = failure.contract
        by_rule = closes_at(
            failure.occurred_at, contract.tz_at(failure.occurred_at), terms_on(failure.occurred_at, contract)
        )
        early = failure.closes_at < by_rule
        yield failure.reference, f"Its window ends before {by_rule:%Y-%m-%d %H:%M} UTC." if early else ""


def _reminders(since: datetime, now: datetime) -> Found:
    """T1: each point of the ladder of a window that ended unused was looked at while it ran, or is on record as missed."""
    ended = Failure.objects.filter(
        state=FailureState.CLOSED, closes_at__gte=since, found_by_us=False, entries__isnull=True
    )
    alone = ended.annotate(claimed=Count("claims")).filter(claimed__lte=1).select_related("contract")
    failures = {one.reference: one for one in alone.prefetch_related("claims__failures")}
    together = {name: _of_one_window(one) for name, one in failures.items()}
    asked = {matter for matters in together.values() for matter in matters}
    points, longer = _points(asked)
    for name, matters in together.items():
        if matters and longer.isdisjoint(matters):
            yield name, _missing(failures[name], {point for one in matters for point in points[one]})


def _of_one_window(failure: Failure) -> tuple[str, ...]:
    """The references under which its reminders went; nothing where a claim of several failures shares them."""
    claims = list(failure.claims.all())
    shared = any(len(claim.failures.all()) > 1 or claim.closes_at != failure.closes_at for claim in claims)
    return () if shared else (failure.reference, *(claim.reference for claim in claims))


def _points(matters: Iterable[str]) -> tuple[Mapping[str, set[str]], set[str]]:
    """By matter, the points that were looked at or are on record as missed; and the matters whose window was made longer."""
    points: dict[str, set[str]] = defaultdict(set)
    longer = set()
    log = Event.objects.filter(matter__in=list(matters), verb__in=(*LOOKED_AT, *LONGER))
    for matter, verb, note in log.values_list("matter", "verb", "note"):
        if verb in LONGER:
            longer.add(matter)
        points[matter].add(note)
    for matter, point in MissedReminder.objects.filter(matter__in=list(matters)).values_list("matter", "point"):
        points[matter].add(point)
    return points, longer


def _missing(failure: Failure, points: set[str]) -> str:
    end = failure.closes_at
    answer = due_reminder("claim", end, failure.contract.tz, end, failure.reported_at, [])
    missing = [name for name, _ in answer.missed if name not in points]
    return f"Neither looked at nor on record as missed: the reminders {', '.join(missing)}." if missing else ""


QUESTIONS: Mapping[str, Callable[[datetime, datetime], Found]] = {
    "drafts that lapsed": _lapsed_drafts,
    "drafts that sent themselves": _sent_drafts,
    "reports whose window ended": _closed_reports,
    "elections that took effect": _decided_elections,
    "open after their deadline": _undone,
    "ends of windows": _deadlines,
    "ladders of reminders": _reminders,
    "ladders of elections": reconciled_ladders.elections,
    "reminders of sessions": reconciled_ladders.sessions,
    "ladders of requests": reconciled_ladders.requests,
    "ladders of contract years": reconciled_ladders.years,
}


LAST = Worded(lambda now: Reconciliation.objects.all()[:1])


def sign(last: Reconciliation | None, now: datetime) -> Sign | None:
    """M1.3: what the last comparison found; None before the first."""
    if last is None:
        return None
    words = f"What the clock did was worked out anew {day_in_short(last.day)}: {counted(sum(last.compared.values()), 'matter')} compared"
    if last.differing:
        remedy = "Open “Comparisons” among the records: each is named, with what differs. Look at its page and its log."
        differ = counted(last.differing, "differs", "differ")
        return Sign("compared", "Comparison", f"{words}, {differ}.", "what the clock did differs", last.done_at, remedy)
    if now - last.done_at > LATE:
        remedy = "It is done once a day by the worker, or by manage.py sweep. Its log says what stands in the way."
        return Sign("compared", "Comparison", f"{words}.", "what the clock did is not compared", last.done_at, remedy)
    return Sign("compared", "Comparison", f"{words}, nothing differs.")
