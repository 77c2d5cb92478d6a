"""The verbs of an engagement: request, schedule, decline, withdraw, cancel, deliver, count a no-show (E5, E6, E9, E14, E15).

Each is one transaction that first takes the lock of the contract years concerned. `now` is an instant in UTC by the database's
clock, `by` the person who acts. What may not be done raises `Refused` and changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from entitlements import letters
from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import (
    Activity,
    BookedSession,
    Contract,
    ContractYear,
    Engagement,
    EngagementState,
    Engineer,
    PolicyEdition,
    UsageEntry,
    User,
)
from entitlements.references import new_reference
from entitlements.rules.caps import BookingAnswer, EngagementFacts, check_booking
from entitlements.rules.days import local_day
from entitlements.rules.editions import edition_for
from entitlements.rules.engagements import is_delivered
from entitlements.rules.products import product_check
from entitlements.rules.refusals import Refusal

State = EngagementState
Kind = UsageEntry.Kind


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """When a session begins (UTC), and with whom; how long it takes stands in the policy's edition."""

    start: datetime
    engineer: Engineer


def booking_answer(contract: Contract, candidate: EngagementFacts) -> BookingAnswer:
    """E6: what the rules say to a booking, from what the database holds now."""
    engagements = [engagement.facts() for engagement in contract.engagements.all()]
    return check_booking(contract.facts(), engagements, candidate, PolicyEdition.objects.facts())


def refusals_against(
    contract: Contract, activity: str, day: date, engagement: Engagement | None = None
) -> list[Refusal]:
    """E6, E9, E14: everything that stands against an engagement on a day; an empty list means yes. `engagement`: it moves there."""
    if engagement is None:
        candidate = EngagementFacts(id="new", activity=activity, day=day, state=State.REQUESTED)
    else:
        candidate = replace(engagement.facts(), day=day)
    refusals = [booking_answer(contract, candidate).refusal]
    year = contract.facts().year_of(day)
    if year:
        edition = edition_for(PolicyEdition.objects.facts(), year.first)
        held = contract.products.filter(days__contains=day).values_list("product_id", flat=True)
        refusals.append(product_check(activity, list(held), edition.requirements).refusal)
    return [refusal for refusal in refusals if refusal]


@transaction.atomic
def request_engagement(
    *,
    contract: Contract,
    activity: Activity,
    wished_day: date,
    advice_wording: str,
    by: User,
    now: datetime,
    topic: str = "",
    form_key: uuid.UUID | None = None,
) -> Engagement:
    """E5, E11, E12: ask for an engagement on a wished day (of the contract's zone); from now on it holds its place.

    The caller has seen both confirmations; `advice_wording` is what was accepted. A form sent twice (`form_key`) asks once.
    Raises Refused when the day lies before today, no place is left, it is not available, or a product is missing.
    """
    year = _locked_year(contract, wished_day)
    if form_key and (asked := Engagement.objects.filter(form_key=form_key).first()):
        return asked
    if wished_day < local_day(now, contract.tz):
        raise Refused(Refusal("E5", "in_the_past", "That day is over.", "Choose today or a later day."))
    contract = Contract.objects.get(pk=contract.pk)  # as it is under the lock, not as the caller read it
    if refusals := refusals_against(contract, activity.key, wished_day):
        raise Refused(*refusals)
    reference = new_reference("ENG")
    record("engagement.requested", matter=reference, by=by, now=now)
    engagement = Engagement.objects.create(
        reference=reference,
        contract=contract,
        year=year,
        activity=activity,
        day=wished_day,
        wished_day=wished_day,
        topic=topic,
        requested_at=now,
        requested_by=by,
        advice_accepted_at=now,
        advice_accepted_by=by,
        advice_wording=advice_wording,
        preparation_confirmed_at=now,
        preparation_confirmed_by=by,
        form_key=form_key or uuid.uuid4(),
    )
    _enter(engagement, Kind.HOLD, places=1, by=by, now=now)
    return engagement


@transaction.atomic
def schedule_engagement(
    *, engagement: Engagement, sessions: Sequence[PlannedSession], by: User, now: datetime
) -> Engagement:
    """E5, E9, E10, E15: accept a request and put its sessions into engineers' time, the first one first.

    The engagement then counts on the local day of its first session: a move from the wished day, checked as one. Raises Refused
    when the rules refuse that day, the engineer is taken, or the sessions are not in order.
    """
    day = local_day(sessions[0].start, engagement.contract.tz)
    year = _locked_year(engagement.contract, day, engagement.year)
    engagement = _locked_request(engagement, now)
    if refusals := refusals_against(engagement.contract, engagement.activity_id, day, engagement):
        raise Refused(*refusals)
    record("engagement.scheduled", matter=engagement.reference, by=by, now=now)
    _move_to(engagement, day, year, by=by, now=now)
    engagement.state = State.SCHEDULED
    engagement.decided_at, engagement.decided_by = now, by
    engagement.save()
    _book(engagement, sessions, year)
    letters.session_booked(engagement, now=now)
    return engagement


@transaction.atomic
def decline_engagement(*, engagement: Engagement, reason: str, by: User, now: datetime) -> Engagement:
    """E5: turn a request down, with a reason that the customer reads; the place is back."""
    _locked_year(engagement.contract, engagement.day, engagement.year)
    engagement = _locked_request(engagement, now)
    record("engagement.declined", matter=engagement.reference, by=by, now=now, note=reason)
    engagement.decided_at, engagement.decided_by, engagement.decline_reason = now, by, reason
    _end(engagement, State.DECLINED, by=by, now=now, reason=reason)
    letters.request_declined(engagement, now=now)
    return engagement


@transaction.atomic
def withdraw_engagement(*, engagement: Engagement, by: User, now: datetime) -> Engagement:
    """E5: the customer takes a request back before it is scheduled; the place is back."""
    _locked_year(engagement.contract, engagement.day, engagement.year)
    engagement = _locked_request(engagement, now)
    record("engagement.withdrawn", matter=engagement.reference, by=by, now=now)
    engagement.ended_at, engagement.ended_by, engagement.ended_side = now, by, Engagement.Side.CUSTOMER
    return _end(engagement, State.WITHDRAWN, by=by, now=now, reason="")


@transaction.atomic
def cancel_engagement(*, engagement: Engagement, side: str, reason: str, by: User, now: datetime) -> Engagement:
    """E5: cancel what is scheduled, for the `customer` or the `vendor`; the sessions' time is free again.

    The place is back, unless the first session was held and the customer cancels.
    """
    _locked_year(engagement.contract, engagement.day, engagement.year)
    engagement = _locked(engagement, State.SCHEDULED)
    record("engagement.cancelled", matter=engagement.reference, by=by, now=now, note=reason)
    engagement.ended_at, engagement.ended_by, engagement.ended_side = now, by, side
    engagement.end_reason = reason
    _end(engagement, State.CANCELLED, by=by, now=now, reason=reason)
    letters.session_cancelled(engagement, now=now)
    engagement.sessions.filter(released_at__isnull=True, held_at__isnull=True).update(released_at=now)
    return engagement


@transaction.atomic
def hold_session(*, session: BookedSession, by: User, now: datetime) -> Engagement:
    """E5, E10: note that a session was held; with the last of its sessions the engagement is delivered."""
    engagement = _locked(session.engagement, State.SCHEDULED)
    if session.during.upper > now:
        raise Refused(Refusal("E10", "not_over", "This session is not over yet.", "Mark it as held once it is."))
    record("engagement.session_held", matter=engagement.reference, by=by, now=now, note=f"part {session.part}")
    session.held_at = session.during.upper
    session.save()
    if session.part == 1:
        engagement.first_session_held_at = session.during.upper
    if is_delivered(engagement.sessions.filter(held_at__isnull=False).count(), _lengths(engagement, engagement.year)):
        engagement.state = State.DELIVERED
        _enter(engagement, Kind.DELIVERY, places=0, by=by, now=now)
    engagement.save()
    return engagement


@transaction.atomic
def lapse_engagement(*, engagement: Engagement, now: datetime) -> bool:
    """E5: a request still unscheduled when its contract year is over lapses, as of that end. False if it is not over, or it waits no longer."""
    _locked_year(engagement.contract, engagement.day, engagement.year)
    current = Engagement.objects.waiting().select_related("year").filter(pk=engagement.pk).first()
    if current is None or now < current.year.ends_at:
        return False
    moment = current.year.ends_at
    record("engagement.lapsed", matter=current.reference, by=None, now=moment)
    _end(
        current,
        State.LAPSED,
        by=None,
        now=moment,
        reason="Its contract year ended before it was scheduled.",
        kind=Kind.LAPSE,
    )
    return True


def _locked_year(contract: Contract, day: date, *also: ContractYear) -> ContractYear:
    """E6: the lock of the contract year of a day, and of the other years concerned, always in the same order. Refused outside the term."""
    wanted = contract.years.of_day(day).values_list("pk", flat=True)
    keys = sorted({*wanted, *(year.pk for year in also)})
    locked = {year.pk: year for year in ContractYear.objects.filter(pk__in=keys).order_by("pk").select_for_update()}
    if not wanted:
        raise Refused(
            Refusal(
                "E14",
                "outside_term",
                f"The contract runs from {contract.first_day:%B %-d, %Y} to {contract.last_day:%B %-d, %Y}.",
                "Choose a day of the term.",
            )
        )
    return locked[wanted[0]]


def _locked(engagement: Engagement, *states: str) -> Engagement:
    current = (
        Engagement.objects.select_for_update(of=("self",))
        .select_related("contract", "activity", "year")
        .get(pk=engagement.pk)
    )
    if current.state not in states:
        raise Refused(
            Refusal(
                "E5", "already_moved_on", f"It is {current.get_state_display().lower()} by now.", "Look at it again."
            )
        )
    return current


def _locked_request(engagement: Engagement, now: datetime) -> Engagement:
    """E5, T3: a request that still waits. Once its contract year is over it has lapsed, whether the sweep has run yet or not."""
    current = _locked(engagement, State.REQUESTED)
    if now >= current.year.ends_at:
        raise Refused(
            Refusal(
                "E5", "lapsed", "Its contract year ended before it was scheduled.", "Ask for it again in the new year."
            )
        )
    return current


def _move_to(engagement: Engagement, day: date, year: ContractYear, *, by: User, now: datetime) -> None:
    """E5: a move is a removal and a new booking in one step."""
    if year.pk != engagement.year_id:
        _enter(engagement, Kind.RELEASE, places=-1, by=by, now=now, reason="Moved to another contract year.")
        engagement.year, engagement.day = year, day
        _enter(engagement, Kind.HOLD, places=1, by=by, now=now, reason="Moved from another contract year.")
    engagement.year, engagement.day = year, day


def _book(engagement: Engagement, sessions: Sequence[PlannedSession], year: ContractYear) -> None:
    lengths = _lengths(engagement, year)
    if len(sessions) > len(lengths):
        raise ValueError(f"{engagement.activity_id} has {len(lengths)} sessions, not {len(sessions)} (E10)")
    ends: datetime | None = None
    for part, (session, minutes) in enumerate(zip(sessions, lengths, strict=False), start=1):
        if ends and session.start < ends:
            raise Refused(
                Refusal("E10", "out_of_order", "The follow-up comes after the discovery.", "Choose a later time.")
            )
        ends = session.start + timedelta(minutes=minutes)
        _book_one(engagement, part, session, ends)


def _lengths(engagement: Engagement, year: ContractYear) -> tuple[int, ...]:
    """E10: the minutes of each session, by the edition that governs the year."""
    return edition_for(PolicyEdition.objects.facts(), year.first_day).sessions[engagement.activity_id]


def _book_one(engagement: Engagement, part: int, session: PlannedSession, ends: datetime) -> None:
    try:
        with transaction.atomic():
            BookedSession.objects.create(
                engagement=engagement,
                part=part,
                engineer=session.engineer,
                during=DateTimeTZRange(session.start, ends),
                calendar_uid=f"{engagement.reference.lower()}-{part}@makegood",
            )
    except IntegrityError as clash:
        if "no_engineer_is_booked_twice_at_one_time" not in str(clash):
            raise
        raise Refused(
            Refusal(
                "E15",
                "engineer_taken",
                f"{session.engineer} is already booked at that time.",
                "Choose another time or another engineer.",
            )
        ) from clash


def _end(
    engagement: Engagement, state: str, *, by: User | None, now: datetime, reason: str, kind: str = Kind.RELEASE
) -> Engagement:
    """Move to an end state; the ledger gets back the place, if by E5 it no longer counts."""
    counted = engagement.facts().counts()
    engagement.state = state
    engagement.save()
    if counted and not engagement.facts().counts():
        _enter(engagement, kind, places=-1, by=by, now=now, reason=reason)
    return engagement


def _enter(engagement: Engagement, kind: str, *, places: int, by: User | None, now: datetime, reason: str = "") -> None:
    if engagement.ps_reference:
        places = 0
    UsageEntry.objects.create(
        year_id=engagement.year_id,
        engagement=engagement,
        kind=kind,
        places=places,
        day=engagement.day,
        happened_at=now,
        by=by,
        reason=reason,
    )
