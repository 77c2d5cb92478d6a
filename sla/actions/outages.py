"""What the vendor's records say of outages and their causes (S2, S12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Customer, User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from entitlements.uploads import CheckedFile
from sla.actions.publishing import ask_again, hold_openings
from sla.actions.recomputing import claims_on, recomputed
from sla.actions.windows import widen_windows
from sla.models import OUTAGE_MOVES, Cause, Downtime, Failure, Outage, OutageState, OutageStep
from sla.rules.components import Component

LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LoggedInterval:
    """An interval of the server logs, for one customer; `end` None while it lasts. Instants in UTC. `line`: which of those handed in."""

    customer: Customer
    start: datetime
    end: datetime | None
    line: int | None = None


@transaction.atomic
def record_outage(
    *,
    title: str,
    intervals: Iterable[LoggedInterval],
    source: str,
    by: User,
    now: datetime,
    cause: Cause | None = None,
    component: str = Component.INCIDENT_TRACKING,
    file: CheckedFile | None = None,
) -> Outage:
    """S2: put an outage on record from log intervals, under a cause that is known, or under one of its own (S12).

    `file` is what the intervals were read from, if they were not typed: its name and hash stay with each of them.
    Raises Refused for an interval that lies ahead; for one that begins after the fix of its cause, which is a recurrence and a
    new cause (S12); and for one of a customer that overlaps one of another cause: no minute is paid twice (S8).
    """
    intervals = list(intervals)
    lasts = any(one.end is None for one in intervals)
    outage = Outage(
        reference=new_reference("OUT"),
        title=title,
        component=component,
        state=OutageState.INVESTIGATING if lasts else OutageState.RESOLVED,
        recorded_at=now,
        recorded_by=by,
    )
    refuse_what_cannot_be(intervals, cause, outage, now)
    record("outage.recorded", matter=outage.reference, by=by, now=now)
    outage.cause = cause or Cause.objects.create(
        reference=new_reference("CAU"), title=title, opened_at=now, opened_by=by
    )
    outage.save()
    logged = [
        Downtime(
            outage=outage,
            customer=interval.customer,
            during=DateTimeTZRange(interval.start, interval.end),
            source=source,
            source_line=interval.line,
            source_file=file.name[:200] if file else "",
            source_sha256=file.sha256 if file else "",
            recorded_at=now,
            recorded_by=by,
        )
        for interval in intervals
    ]
    with _judged_anew(outage, logged, because=f"{outage.reference} was recorded", by=by, now=now):
        Downtime.objects.bulk_create(logged)
    return outage


@transaction.atomic
def end_outage(*, outage: Outage, ended_at: datetime, by: User, now: datetime) -> Outage:
    """S2: the service is back: every interval of the outage that was still open ends at `ended_at` (UTC).

    Raises Refused when none is open, or the end lies ahead or not after the beginning.
    """
    current = locked_outage(outage)
    still_down = list(current.downtimes.standing().filter(during__upper_inf=True).select_for_update())
    if not still_down:
        raise Refused(Refusal("S2", "ended", "This outage has ended already.", "Look at it again."))
    if ended_at > now:
        raise Refused(Refusal("S2", "not_yet", "It cannot have ended after now.", "Check the date and the time zone."))
    if any(ended_at <= downtime.during.lower for downtime in still_down):
        raise Refused(Refusal("S2", "ended_before", "It cannot have ended before it began.", "Check both times."))
    record("outage.ended", matter=current.reference, by=by, now=now)
    with _judged_anew(current, still_down, because=f"{current.reference} ended", by=by, now=now):
        for downtime in still_down:
            downtime.during = DateTimeTZRange(downtime.during.lower, ended_at)
            downtime.save()
    return current


@transaction.atomic
def say_how_it_stands(*, outage: Outage, state: str, note: str, by: User, now: datetime) -> Outage:
    """S2: the next step of an outage, with what is known by now; in the state that it has, only the note is added.

    Raises Refused for a move that is not allowed, and for *resolved* while an interval of the logs is open.
    """
    current = locked_outage(outage)
    if state != current.state and state not in OUTAGE_MOVES[current.state]:
        said = OutageState(state).label.lower()
        raise Refused(
            Refusal(
                "S2", "no_such_move", f"An outage that is {current.state} cannot become {said}.", "Reopen it first."
            )
        )
    if state == OutageState.RESOLVED and current.downtimes.standing().filter(during__upper_inf=True).exists():
        raise Refused(Refusal("S2", "still_open", "The logs have it open.", "Record its end first."))
    record("outage.stands", matter=current.reference, by=by, now=now, note=f"{OutageState(state).label}: {note}")
    OutageStep.objects.create(outage=current, state=state, note=note, noted_at=now, noted_by=by)
    if state != current.state:
        current.state = state
        current.save(update_fields=["state"])
    return current


@contextmanager
def _judged_anew(
    outage: Outage, logged: Sequence[Downtime], *, because: str, by: User, now: datetime
) -> Iterator[None]:
    """S8, S13, S19: around what is recorded of an outage in these intervals: claims that it touches say so, the clock looks again at
    what was published of its cause, and windows that end later by it are widened."""
    hit = sorted({one.customer_id for one in logged})
    hold_openings(hit)
    if not Failure.objects.filter(contract__customer__in=hit).exists():
        yield  # nothing is reported meanwhile either: their contracts are locked
        ask_again(outage.cause, hit, by=by, now=now)
        return
    claims = claims_on(outage.cause, hit, [one.during for one in logged])
    with recomputed(claims, because=because, matter=outage.reference, by=by, now=now):
        yield
        ask_again(outage.cause, hit, by=by, now=now)
        widen_windows(outage, by=by, now=now)


def locked_outage(outage: Outage) -> Outage:
    """The outage as it stands, locked before anything else of the verb: a publication or a merge at the same moment waits, or is seen."""
    return Outage.objects.select_for_update(no_key=True).get(pk=outage.pk)


def refuse_what_cannot_be(intervals: list[LoggedInterval], cause: Cause | None, outage: Outage, now: datetime) -> None:
    """S2, S8, S12: what no interval of an outage may be: ahead of `now`, of a merged cause, begun after the fix of its cause, or, of
    the Service, in minutes that the customer has under another cause. Locks the cause and the customers."""
    _refuse_what_lies_ahead(intervals, now)
    if cause:
        locked = Cause.objects.select_for_update(of=("self",), no_key=True).get(pk=cause.pk)
        _refuse_a_merged_cause(locked)
        _refuse_a_recurrence(intervals, locked)
    if outage.is_of_the_service:
        _refuse_minutes_of_another_cause(intervals, cause)


def _refuse_what_lies_ahead(intervals: Iterable[LoggedInterval], now: datetime) -> None:
    """S2: logs are of what has happened."""
    if any(one.start > now or (one.end and one.end > now) for one in intervals):
        raise Refused(
            Refusal("S2", "not_yet", "The logs cannot tell what lies ahead.", "Check the day, the time and the zone.")
        )


def _refuse_a_merged_cause(cause: Cause) -> None:
    """S12: what was merged is one with another, under whose name all of it stands."""
    if into := cause.merged_into:
        raise Refused(
            Refusal(
                "S12", "merged", f"{cause.reference} was merged into {into.reference}.", "Record it under that one."
            )
        )


def _refuse_a_recurrence(intervals: Iterable[LoggedInterval], cause: Cause) -> None:
    """S12: what begins after the fix is a recurrence, and a recurrence is a new cause."""
    facts = cause.facts()
    if any(not facts.takes_in(one.start) for one in intervals):
        raise Refused(
            Refusal(
                "S12",
                "recurrence",
                f"{cause.reference} was fixed before this began.",
                "Record it under a new cause: a recurrence after the fix is one.",
            )
        )


def _refuse_minutes_of_another_cause(intervals: list[LoggedInterval], cause: Cause | None) -> None:
    """S8, S12: each cause has a credit of its own, so a minute under two causes would be paid twice. Locks the customers."""
    hit = {one.customer.pk: one.customer for one in intervals}
    list(Customer.objects.filter(pk__in=hit).order_by("pk").select_for_update(no_key=True))  # two record at one moment
    first, last = min(one.start for one in intervals), max(one.end or LATEST for one in intervals)
    others = Downtime.objects.that_count().touching(first, last).filter(customer__in=hit).exclude(outage__cause=cause)
    by_customer: dict[int, list[Downtime]] = {}
    for known in others.select_related("outage__cause"):
        by_customer.setdefault(known.customer_id, []).append(known)
    for one in intervals:
        for known in by_customer.get(one.customer.pk, ()):
            if one.start < (known.during.upper or LATEST) and known.during.lower < (one.end or LATEST):
                raise Refused(_minutes_of_another_cause(known, one.customer))


def _minutes_of_another_cause(known: Downtime, customer: Customer) -> Refusal:
    return Refusal(
        "S8",
        "another_cause",
        f"{known.outage.reference} has some of these minutes for {customer} under another cause.",
        f"Record it under {known.outage.cause.reference}, or only the minutes that are not there.",
    )
