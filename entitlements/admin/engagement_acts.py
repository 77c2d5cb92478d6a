"""What a manager does with an engagement: each act says when it is offered, what it asks, what it means, and which verb does it.

The page of an act (engagement_act_page.py) asks, shows what the act would leave, and does it once that is confirmed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from entitlements.actions import engagements, moves, no_shows
from entitlements.admin.engagement_act_forms import (
    DayForm,
    FollowUpForm,
    HeldForm,
    MoveForm,
    ReasonForm,
    SideForm,
    Typed,
)
from entitlements.admin.engagement_forms import DeskForm
from entitlements.admin.engagement_standing import Standing
from entitlements.models import Engagement, User

CUSTOMER_READS = "The customer reads it in the letter."
ON_ITS_PAGE = "It is kept in the log, and the customer reads it on the engagement's page."


@dataclass(frozen=True, slots=True)
class Act:
    """One act: `to` is where it leads, in the menu of the board; `do` gets the standing, the valid form, and who does it."""

    key: str
    to: str
    title: str
    clause: str
    means: str
    done: str
    offered: Callable[[Standing], bool]
    form: Callable[[Standing, Typed], DeskForm]
    do: Callable[[Standing, Any, User], Engagement]
    danger: bool = False


def _move_request(at: Standing, form: DayForm, by: User) -> Engagement:
    given = form.cleaned_data
    return moves.move_request(engagement=at.engagement, day=given["day"], start=given["start"], by=by, now=at.now)


def _move_sessions(at: Standing, form: MoveForm, by: User) -> Engagement:
    reason, sessions = form.cleaned_data["reason"], form.moving()
    return moves.move_sessions(
        engagement=at.engagement, sessions=sessions, first=form.first(), reason=reason, by=by, now=at.now
    )


def _book_follow_up(at: Standing, form: FollowUpForm, by: User) -> Engagement:
    return moves.book_follow_up(engagement=at.engagement, session=form.sessions()[0], by=by, now=at.now)


def _hold(at: Standing, form: HeldForm, by: User) -> Engagement:
    given = form.cleaned_data
    return engagements.hold_session(
        session=form.session, start=given["start"], engineer=given["engineer"], by=by, now=at.now
    )


def _note_no_show(at: Standing, form: SideForm, by: User) -> Engagement:
    given = form.cleaned_data
    return no_shows.note_no_show(engagement=at.engagement, side=given["side"], note=given["reason"], by=by, now=at.now)


def _count(at: Standing, form: ReasonForm, by: User) -> Engagement:
    return no_shows.count_no_show(engagement=at.engagement, reason=form.cleaned_data["reason"], by=by, now=at.now)


def _give_back(at: Standing, form: ReasonForm, by: User) -> Engagement:
    return no_shows.give_back(engagement=at.engagement, reason=form.cleaned_data["reason"], by=by, now=at.now)


def _decline(at: Standing, form: ReasonForm, by: User) -> Engagement:
    reason = form.cleaned_data["reason"]
    return engagements.decline_engagement(engagement=at.engagement, reason=reason, by=by, now=at.now)


def _withdraw(at: Standing, form: ReasonForm, by: User) -> Engagement:
    reason = form.cleaned_data["reason"]
    return engagements.withdraw_engagement(engagement=at.engagement, reason=reason, by=by, now=at.now)


def _cancel(at: Standing, form: SideForm, by: User) -> Engagement:
    given = form.cleaned_data
    return engagements.cancel_engagement(
        engagement=at.engagement, side=given["side"], reason=given["reason"], by=by, now=at.now
    )


def _reason(label: str, help_text: str) -> Callable[[Standing, Typed], DeskForm]:
    return lambda at, typed: ReasonForm(typed, label=label, help_text=help_text)


def _side(who: str, of_whom: str, why: str, help_text: str) -> Callable[[Standing, Typed], DeskForm]:
    return lambda at, typed: SideForm(typed, who=who, of_whom=of_whom, why=why, help_text=help_text)


ACTS: tuple[Act, ...] = (
    Act(
        "held",
        "Delivered",
        "Note that it was held",
        "E10",
        "Say when the session really began and with whom. With its last session the engagement is delivered. "
        "Once the first was held, the place stays used whatever comes, unless we cancel or you give it back.",
        "is noted as held.",
        lambda at: at.next_is_over,
        HeldForm,
        _hold,
    ),
    Act(
        "follow-up",
        "Follow-up booked",
        "Book the follow-up",
        "E10",
        "The follow-up takes no place of its own, and may lie in the next contract year.",
        "has its follow-up booked. The customer gets a letter with a calendar file.",
        lambda at: bool(at.unbooked),
        FollowUpForm,
        _book_follow_up,
    ),
    Act(
        "move-sessions",
        "Another time or engineer",
        "Move it to another time or engineer",
        "E5",
        "A move is a removal and a new booking in one step. Refused, it leaves the old time as it is.",
        "is moved. The customer gets a letter whose calendar file replaces the earlier one.",
        lambda at: bool(at.ahead),
        MoveForm,
        _move_sessions,
    ),
    Act(
        "move",
        "Another day",
        "Move the request to another day",
        "E5",
        "A move is a removal and a new booking in one step. Refused, it leaves the old day as it is.",
        "has another wished day. The customer gets a letter.",
        lambda at: at.is_requested,
        DayForm,
        _move_request,
    ),
    Act(
        "no-show",
        "No-show",
        "Note that somebody did not come",
        "E5",
        "If the customer stayed away, the place is given back, unless the first session was held, or you count it afterwards "
        "with a reason. If we did, it never counts.",
        "is noted as a no-show. The customer gets a letter that says whether it counts.",
        lambda at: at.next_has_begun,
        _side("Who did not come", "Our own absence never counts (E5).", "What happened", CUSTOMER_READS),
        _note_no_show,
        danger=True,
    ),
    Act(
        "count",
        "No-show, counted",
        "Count the no-show",
        "E5",
        "The customer's no-show takes a place all the same. Refused where the place has been used otherwise by now.",
        "is counted. The customer gets a letter.",
        lambda at: at.can_be_counted,
        _reason("Why it counts", CUSTOMER_READS),
        _count,
        danger=True,
    ),
    Act(
        "give-back",
        "Place given back",
        "Give the place back",
        "E5",
        "The place of a session that was held, or of a no-show that was counted, is free again for the customer.",
        "no longer takes a place.",
        lambda at: at.can_be_given_back,
        _reason("Why the place is given back", ON_ITS_PAGE),
        _give_back,
    ),
    Act(
        "decline",
        "Declined",
        "Decline the request",
        "E5",
        "The request ends, and its place is given back.",
        "is declined. The place is back, and the customer gets a letter.",
        lambda at: at.is_requested,
        _reason("Why the request is declined", f"{CUSTOMER_READS} The place is given back."),
        _decline,
        danger=True,
    ),
    Act(
        "withdraw",
        "Withdrawn",
        "Withdraw it for the customer",
        "E5",
        "For a customer who takes the request back by telephone or e-mail. The place is given back.",
        "is withdrawn. The place is back.",
        lambda at: at.is_requested,
        _reason("Who asked for it, and how", ON_ITS_PAGE),
        _withdraw,
        danger=True,
    ),
    Act(
        "cancel",
        "Cancelled",
        "Cancel it",
        "E5",
        "The sessions' time is free again. If a session was held, the place stays used when the customer cancels, and is given "
        "back when we do.",
        "is cancelled. The customer gets a letter.",
        lambda at: at.is_scheduled,
        _side(
            "Who cancels",
            "For the customer, if somebody of theirs asked for it.",
            "Why it is cancelled",
            CUSTOMER_READS,
        ),
        _cancel,
        danger=True,
    ),
)

BY_KEY = {act.key: act for act in ACTS}


def offered(at: Standing) -> list[Act]:
    """What may be done with the engagement as it stands."""
    return [act for act in ACTS if act.offered(at)]
