"""What the letters about engagements say, and to whom (N3, N4, N6): each function freezes the context and writes the letters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings

from entitlements import access, notices
from entitlements.actions.open_books import open_book
from entitlements.calendars import event_file
from entitlements.links import link, page
from entitlements.models import (
    ActivityDescription,
    BookedSession,
    Contract,
    Engagement,
    EngagementState,
    Letter,
    OutcomeVersion,
    PolicyEdition,
    Role,
    User,
)
from entitlements.models.policy import description_in
from entitlements.rules.cap_values import as_figure
from entitlements.rules.caps import year_card
from entitlements.rules.days import local_day
from entitlements.rules.editions import ACTIVITIES, edition_for
from entitlements.rules.editions import PolicyEdition as Edition


def session_booked(engagement: Engagement, *, now: datetime, since: int = 1) -> None:
    """N3: the sessions are booked, from the part `since` on; with a calendar file for each."""
    live = engagement.sessions.filter(released_at__isnull=True, part__gte=since)
    sessions = list(live.select_related("engineer__user"))
    about = described(engagement)
    write(
        "session_booked",
        engagement,
        now=now,
        deadline=sessions[0].during.lower,
        attachments=[calendar_file(engagement, session, now) for session in sessions],
        sessions=[session_facts(session, len(about.sessions)) for session in sessions],
        should_bring=about.should_bring,
        recommended=about.recommended,
        advice=engagement.advice_wording,
        **_place(engagement),
    )


def request_declined(engagement: Engagement, *, now: datetime) -> None:
    """N4: the request was declined, why, and that its place is back."""
    write("request_declined", engagement, now=now, reason=engagement.decline_reason)


def session_cancelled(engagement: Engagement, *, now: datetime) -> None:
    """N4: what was booked is cancelled, by somebody or by a no-show before it, and whether it still counts; the calendar file
    takes it out again."""
    planned = engagement.sessions.filter(released_at__isnull=True, held_at__isnull=True)
    write(
        "session_cancelled",
        engagement,
        now=now,
        reason=engagement.end_reason,
        side=engagement.ended_side,
        cancelled_by=_on_the_customers_side(engagement.ended_by),
        nobody_came=engagement.state == EngagementState.NO_SHOW,
        counts=engagement.facts().counts(),
        **_taken_out(engagement, planned.select_related("engineer__user"), now),
    )


def session_missed(engagement: Engagement, session: BookedSession | None, *, now: datetime) -> None:
    """N4, E5: one side did not come to what was the last session, and whether it still counts; without a session: that a manager
    counts it after all, and why."""
    write(
        "session_missed",
        engagement,
        now=now,
        point=f"part {session.part}.{session.calendar_sequence}" if session else f"counted {now:%y%m%d%H%M%S}",
        sessions=[session_facts(session, parts_of(engagement))] if session else [],
        side=engagement.ended_side,
        reason=engagement.end_reason if session else engagement.count_reason,
        counts=engagement.counts,
        held=engagement.first_session_held_at is not None,
    )


def request_moved(engagement: Engagement, *, before: date, now: datetime) -> None:
    """N4, E5: a manager has put a request to another wished day, from when to when, and where it counts."""
    start, wished = engagement.wished_start, engagement.wished_day
    point = f"move {now:%y%m%d%H%M%S}"
    write("request_moved", engagement, now=now, point=point, before=before, wished=wished, start=start)


def follow_up_cancelled(session: BookedSession, *, side: str, reason: str, now: datetime) -> None:
    """N4, E14: one session is cancelled, and its engagement stands; the calendar file takes it out again."""
    engagement = session.engagement
    write(
        "session_cancelled",
        engagement,
        now=now,
        point=f"only part {session.part}",
        reason=reason,
        side=side,
        cancelled_by="",
        stands=True,
        counts=engagement.counts,
        **_taken_out(engagement, [session], now),
    )


def session_moved(
    engagement: Engagement, *, before: Sequence[BookedSession], by: User, now: datetime, reason: str = ""
) -> None:
    """N4: what was booked is at another time, from when to when; the calendar file replaces the earlier one."""
    old, parts = {session.part: session for session in before}, parts_of(engagement)
    planned = engagement.sessions.filter(released_at__isnull=True, held_at__isnull=True).select_related(
        "engineer__user"
    )
    moved = [session for session in planned.order_by("part") if session not in before]
    write(
        "session_moved",
        engagement,
        now=now,
        deadline=moved[0].during.lower,
        point=f"move {moved[0].part}.{moved[0].calendar_sequence}",
        attachments=[calendar_file(engagement, session, now) for session in moved],
        sessions=[{**session_facts(one, parts), **_before(old.get(one.part), one)} for one in moved],
        moved_by=settings.VENDOR_NAME if by.is_staff else by.name,
        reason=reason,
        counts=engagement.counts,
    )


def outcome_given(version: OutcomeVersion, *, now: datetime) -> None:
    """N6: the outcome is there to be read, or was amended and why; what the policy promised, and what is left of the year."""
    engagement = version.outcome.engagement
    write(
        "outcome_given",
        engagement,
        now=now,
        point=f"version {version.n}",
        version=version.n,
        reason=version.reason,
        promised=described(engagement).outcome,
        recommendations=len(version.content["recommendations"]),
        **_left(engagement, now),
        action_url=page("engagement_outcome", engagement.reference),
        action_label="Read the outcome",
    )


def write(
    kind: str,
    engagement: Engagement,
    *,
    now: datetime,
    deadline: datetime | None = None,
    point: str = "",
    urgent: bool = False,
    attachments: list[tuple[str, str, str]] | None = None,
    **context: Any,
) -> None:
    """A letter about an engagement, to whoever asked for it and whoever books there."""
    customer = engagement.contract.customer
    notices.write(
        kind,
        matter=engagement.reference,
        to=access.readers_of(
            customer,
            Role.OWNER,
            Role.BOOKINGS,
            did=[engagement.requested_by_id, engagement.advice_accepted_by_id],
        ),
        now=now,
        customer=customer,
        deadline=deadline,
        point=point,
        urgent=urgent,
        attachments=attachments or [],
        context={
            "reference": engagement.reference,
            "activity": engagement.activity.name,
            "customer": customer.name,
            "zone": engagement.contract.zone,
            "day": engagement.day,
            "ps_reference": engagement.ps_reference,
            "year_first": engagement.year.first_day,
            "year_last": engagement.year.last_day,
            "action_url": page("engagement", engagement.reference),
            "action_label": "Open the engagement",
            **context,
        },
    )


def session_facts(session: BookedSession, parts: int) -> dict[str, Any]:
    """A session as the letters show it, of so many."""
    return {
        "part": session.part,
        "parts": parts,
        "start": session.during.lower,
        "length": session.during.upper - session.during.lower,
        "engineer": session.engineer.user.name,
        "meet_at": session.meet_at,
    }


def _taken_out(engagement: Engagement, sessions: Iterable[BookedSession], now: datetime) -> dict[str, Any]:
    """The sessions, each with the next SEQUENCE, and the files that take them out of calendars."""
    sessions, parts = list(sessions), parts_of(engagement)
    for session in sessions:
        session.calendar_sequence += 1
        session.save(update_fields=["calendar_sequence"])
    files = [calendar_file(engagement, session, now, cancelled=True) for session in sessions]
    return {"attachments": files, "sessions": [session_facts(session, parts) for session in sessions]}


def _on_the_customers_side(person: User | None) -> str:
    return person.name if person and not person.is_staff else ""


def _before(session: BookedSession | None, moved: BookedSession) -> dict[str, Any]:
    """When it was, and with whom, where that is somebody else. Nothing where only the meeting place is another."""
    if session is None or (session.during, session.engineer_id) == (moved.during, moved.engineer_id):
        return {"before": None, "before_with": ""}
    other = session.engineer_id != moved.engineer_id
    return {"before": session.during.lower, "before_with": session.engineer.user.name if other else ""}


def _place(engagement: Engagement) -> dict[str, Any]:
    """E5, E7: which place of which cap it takes; none under Professional Services."""
    answer = open_book(engagement.contract_id, engagement.day).answer(engagement.facts())
    cap = None if answer.cap is None else as_figure(answer.cap)
    return {"used": answer.used_with_it, "cap": cap}


def _left(engagement: Engagement, now: datetime) -> dict[str, Any]:
    """E2, E3: what the contract's year of today still allows, line by line, as on the year card; nothing once the contract has ended."""
    contract, editions = engagement.contract, PolicyEdition.objects.facts()
    today, ended = local_day(now, contract.tz), contract.status == Contract.Status.TERMINATED
    year = None if ended else contract.facts().year_of(today)
    if year is None:
        return {"left": []}
    names = {**ACTIVITIES, **{pool.key: pool.name for edition in editions for pool in edition.pools}}
    card = year_card(contract.facts(), year, [one.facts() for one in contract.engagements.all()], editions, today)
    left = [{"name": names[line.target], "left": as_figure(line.left)} for line in card if line.available]
    return {"left": left, "year_first": year.first, "year_last": year.last}


def edition_of(letter: Letter) -> str:
    """E2: by which edition of the policy a letter about an engagement was written; of other letters nothing."""
    engagement = Engagement.objects.select_related("year").filter(reference=letter.matter).first()
    return _edition(engagement).name if engagement else ""


def described(engagement: Engagement) -> ActivityDescription:
    """What the edition that governs its year says about the activity."""
    return description_in(_edition(engagement).name, engagement.activity_id)


def parts_of(engagement: Engagement) -> int:
    """E10: how many sessions it takes."""
    return len(_edition(engagement).sessions[engagement.activity_id])


def _edition(engagement: Engagement) -> Edition:
    return edition_for(PolicyEdition.objects.facts(), engagement.year.first_day)


def calendar_file(
    engagement: Engagement, session: BookedSession, now: datetime, *, cancelled: bool = False
) -> tuple[str, str, str]:
    """The (name, type, text) of the session's event, as letters carry it and the portal offers it."""
    text = event_file(
        uid=session.calendar_uid,
        sequence=session.calendar_sequence,
        start=session.during.lower,
        end=session.during.upper,
        title=f"{engagement.activity.name} with {settings.VENDOR_NAME} ({engagement.reference})",
        text=link("engagement", engagement.reference),
        where=session.meet_at,
        now=now,
        cancelled=cancelled,
    )
    return f"{engagement.reference}-{session.part}.ics", "text/calendar", text
