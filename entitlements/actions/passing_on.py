"""Sessions passed on to colleagues: one by one, for a leave with a stand-in, and when an engineer leaves the firm (E15).

The locks of contract years come before those of engineers, as in every booking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from entitlements import letters
from entitlements.actions.engineers import end_hours, in_short, locked_engineers
from entitlements.actions.log import record
from entitlements.actions.places import lock, locked_engagement
from entitlements.actions.refused import Refused
from entitlements.actions.sessions import give_session_to
from entitlements.addresses import cut_off
from entitlements.models import BookedSession, ContractYear, Engagement, EngagementState, Engineer, Leave, User
from entitlements.owed import Owed, advice_of, owed_by
from entitlements.rules.days import day_in_words, first_instant, local_day
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span

Passed = Mapping[int, Engineer]
"""By the key of a session: to whom it is passed on."""

ON_LEAVE_ALREADY = Refusal(
    "E15", "on_leave_already", "There is a leave in that time already.", "Take it back first, or choose other days."
)
BOOKED_MEANWHILE = Refusal(
    "E15", "booked_meanwhile", "A session was booked in that time just now.", "Look at the list again."
)
NOBODY_FINISHES = Refusal(
    "E15",
    "nobody_finishes",
    "There is something left to finish, and nobody for it.",
    "Choose who finishes what is left after the last day.",
)
SUCCESSOR_LEAVES = Refusal(
    "E15", "successor_leaves", "Whoever finishes the rest leaves too.", "Choose somebody who stays."
)
_HELD_BY = {
    "no_engineer_is_on_leave_twice_at_one_time": ON_LEAVE_ALREADY,
    "no_leave_over_booked_sessions": BOOKED_MEANWHILE,
}


@transaction.atomic
def pass_session_on(*, session: BookedSession, to: Engineer, by: User, now: datetime) -> BookedSession:
    """E15: the session at its time with another engineer; the customer gets the letter of a move, whose calendar file replaces
    the earlier one. Refused when the colleague is not free or the session has begun. The new session.
    """
    engagement, _ = locked_engagement(session.engagement, EngagementState.SCHEDULED)
    planned = engagement.sessions.filter(released_at__isnull=True, held_at__isnull=True)
    before = list(planned.select_related("engineer__user"))
    current = next((one for one in before if one.pk == session.pk), None)
    if current is None:
        raise Refused(Refusal("E15", "already_moved_on", "It is not booked any more.", "Look at it again."))
    if current.during.lower <= now:
        sentence = f"{engagement.reference} has begun."
        raise Refused(Refusal("E15", "has_begun", sentence, "Note that it was held, or who did not come."))
    note = f"Part {current.part} from {current.engineer} to {to}"
    record("engagement.passed_on", matter=engagement.reference, by=by, now=now, note=note)
    give_session_to(engagement, current, to, now=now)
    letters.session_moved(engagement, before=before, by=by, now=now)
    return planned.get(part=current.part)


@transaction.atomic
def enter_leave(
    *,
    engineer: Engineer,
    during: Span,
    reason: str,
    stand_in: Engineer | None,
    passed: Passed,
    by: User,
    now: datetime,
) -> Leave:
    """E15: a leave, with the sessions in it passed on as `passed` says. Refused while one is left over, or one cannot be passed on."""
    sessions = booked_in(engineer, during.start, during.end)
    _lock(engineer, sessions, [*passed.values()])
    _pass_on(sessions, passed, by=by, now=now)
    if left := booked_in(engineer, during.start, during.end):
        raise Refused(_left_over(left, engineer))
    record("engineer.leave_entered", matter=engineer.matter, by=by, now=now)
    try:
        with transaction.atomic():
            return Leave.objects.create(
                engineer=engineer,
                during=DateTimeTZRange(during.start, during.end),
                reason=reason,
                stand_in=stand_in,
                entered_at=now,
                entered_by=by,
            )
    except IntegrityError as clash:
        refusal = next((known for constraint, known in _HELD_BY.items() if constraint in str(clash)), None)
        if refusal is None:
            raise
        raise Refused(refusal) from clash


@transaction.atomic
def take_back_leave(*, leave: Leave, by: User, now: datetime) -> Leave:
    """E15: the engineer is there after all; the leave stays on record. What was passed on stays passed on."""
    locked_engineers(leave.engineer)
    leave = Leave.objects.select_for_update(of=("self",)).select_related("engineer").get(pk=leave.pk)
    if leave.taken_back_at:
        raise Refused(Refusal("E15", "taken_back_already", "This leave was taken back already."))
    record("engineer.leave_taken_back", matter=leave.engineer.matter, by=by, now=now)
    leave.taken_back_at, leave.taken_back_by = now, by
    leave.save()
    return leave


@transaction.atomic
def leave_the_firm(
    *, engineer: Engineer, last_day: date, passed: Passed, successor: Engineer | None, by: User, now: datetime
) -> Engineer:
    """E15: nothing can be booked after the last day (of the engineer's zone), and all that was is passed on as `passed` says.

    What is then still to be noted, booked, given or seen to becomes the successor's with the end of that day. Refused while a
    session is left over, or something to finish and nobody for it. The account ends with that day; what the person did stays
    on record.
    """
    leaves_at = first_instant(last_day + timedelta(days=1), engineer.tz)
    sessions = booked_in(engineer, leaves_at)
    _lock(engineer, sessions, [*passed.values(), *filter(None, [successor])], owed_by(engineer, now))
    _pass_on(sessions, passed, by=by, now=now)
    if left := booked_in(engineer, leaves_at):
        raise Refused(_left_over(left, engineer))
    engineer = locked_engineers(engineer)[engineer.pk]
    successor = successor and locked_engineers(successor)[successor.pk]
    _check_successor(engineer, successor, now)
    note = f"Last day {day_in_words(last_day)}." + (f" {successor} finishes what is left." if successor else "")
    record("engineer.leaves_the_firm", matter=engineer.matter, by=by, now=now, note=note)
    engineer.leaves_at, engineer.successor = leaves_at, successor
    engineer.save()
    if successor:
        Engineer.objects.filter(successor=engineer).update(successor=successor)
    end_hours(engineer, local_day(leaves_at, engineer.tz))
    if leaves_at <= now:
        _end(engineer, now, by=by)
    return engineer


@transaction.atomic
def end_account(*, engineer: Engineer, now: datetime) -> bool:
    """E15: the last day of an engineer who leaves the firm is over: what is left is their successor's, and they cannot sign in
    any more. False if there is nothing to do.
    """
    _lock(engineer, (), (), owed_by(engineer, now))
    current = locked_engineers(engineer)[engineer.pk]
    if current.leaves_at is None or current.leaves_at > now or not current.user.is_active:
        return False
    record("engineer.account_ended", matter=current.matter, by=None, now=current.leaves_at)
    _end(current, current.leaves_at, by=None)
    return True


def booked_in(engineer: Engineer, start: datetime, end: datetime | None = None) -> list[BookedSession]:
    """E15: what is booked with the engineer between two instants (None: for ever) and not held yet, in order of time."""
    planned = BookedSession.objects.filter(engineer=engineer, released_at__isnull=True, held_at__isnull=True)
    within = planned.filter(during__overlap=(start, end))
    return list(within.select_related("engagement__contract__customer", "engagement__activity"))


def _lock(
    engineer: Engineer, sessions: Sequence[BookedSession], colleagues: Sequence[Engineer], owed: Sequence[Owed] = ()
) -> None:
    engagements = [*(one.engagement for one in sessions), *(one.engagement for one in owed)]
    lock(ContractYear.objects.filter(pk__in={one.year_id for one in engagements}))
    locked_engineers(engineer, *colleagues)


def _pass_on(sessions: Sequence[BookedSession], passed: Passed, *, by: User, now: datetime) -> None:
    for session in sessions:
        if to := passed.get(session.pk):
            pass_session_on(session=session, to=to, by=by, now=now)


def _left_over(left: Sequence[BookedSession], engineer: Engineer) -> Refusal:
    sentence = f"Still booked with {engineer} in that time: {in_short(left, engineer)}."
    return Refusal("E15", "left_over", sentence, "Name a colleague for each, or move or cancel it first.")


def _check_successor(engineer: Engineer, successor: Engineer | None, now: datetime) -> None:
    """E15: nothing stays with somebody who is gone: not what is to be finished now, nor what comes of the sessions until then."""
    if successor is None:
        if owed_by(engineer, now) or advice_of(engineer).exists() or booked_in(engineer, now):
            raise Refused(NOBODY_FINISHES)
    elif successor.pk == engineer.pk or successor.leaves_at or not successor.user.is_active:
        raise Refused(SUCCESSOR_LEAVES)


def _end(engineer: Engineer, at: datetime, *, by: User | None) -> None:
    """What is left goes to the successor; no more sign-in, engagements or calendar feed."""
    if engineer.successor:
        _hand_on(engineer, engineer.successor, at, by=by)
    engineer.is_active = False
    engineer.save()
    engineer.feeds.filter(ended_at__isnull=True).update(ended_at=at)
    user = engineer.user
    user.is_active = False
    cut_off(user)
    user.save()


def _hand_on(engineer: Engineer, successor: Engineer, at: datetime, *, by: User | None) -> None:
    """E13, E15: each engagement on which something is left says in its history who finishes it; so do recommendations."""
    for owed in owed_by(engineer, at):
        reference = owed.engagement.reference
        record("engagement.handed_on", matter=reference, by=by, now=at, note=f"{owed.what}: {successor}")
        Engagement.objects.filter(pk=owed.engagement.pk).update(finished_by=successor)
    for advice in advice_of(engineer):
        reference = advice.outcome.engagement.reference
        note = f"Recommendation {advice.number}: {successor}"
        record("engagement.handed_on", matter=reference, by=by, now=at, note=note)
        advice.owner = successor.user
        advice.save(update_fields=["owner"])
