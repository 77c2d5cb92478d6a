"""What takes an engineer's time away, and to whom their sessions go: leave, leaving the firm, one session (E15).

Each page first shows what it hits; nothing is changed until it is confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.access import Who, open_to
from entitlements.actions.passing_on import booked_in, enter_leave, leave_the_firm, pass_session_on
from entitlements.admin.engineer_forms import HandOverForm, LastDayForm, LeaveForm
from entitlements.admin.engineer_page import PAGE, engineer_or_404
from entitlements.admin.hand_over import hand_overs
from entitlements.admin.pages import DeskRequest, done, page, refusals_of
from entitlements.models import BookedSession, Engineer
from entitlements.owed import advice_of, owed_by
from entitlements.rules.days import first_instant
from entitlements.rules.refusals import Refusal

CONFIRMED = "confirm"
CHOOSE_SOMEBODY = Refusal("E15", "nobody_chosen", "No colleague is chosen.", "Choose who takes the session.")


@open_to(Who.MANAGERS)
def leave(request: DeskRequest, *, pk: int) -> HttpResponse:
    """E15: enter a leave, once it is seen which sessions lie in it and who takes them."""
    engineer = engineer_or_404(pk)
    form = LeaveForm(engineer, request.POST or None)
    if not form.is_valid():
        return _page(request, "admin/engineer_leave.html", engineer, form)
    given = form.cleaned_data
    during = given["during"]
    hits = booked_in(engineer, during.start, during.end)
    over = _hand_over(request, engineer, hits, given["stand_in"])
    if not _confirmed(request, over):
        return _page(request, "admin/engineer_leave.html", engineer, form, over=over)
    refusals = refusals_of(
        lambda: enter_leave(
            engineer=engineer,
            during=during,
            reason=given["reason"],
            stand_in=given["stand_in"],
            passed=over.passed,
            by=request.user,
            now=request.now,
        )
    )
    if refusals:
        return _page(request, "admin/engineer_leave.html", engineer, form, over=over, refusals=refusals)
    return done(request, f"The leave of {engineer} is on record. {_told(len(over.passed))}", PAGE, pk)


@open_to(Who.MANAGERS)
def leaving(request: DeskRequest, *, pk: int) -> HttpResponse:
    """E15: an engineer leaves the firm, and all that lies after the last day goes to colleagues."""
    engineer = engineer_or_404(pk)
    form, left = LastDayForm(engineer, request.POST or None), _left(engineer, request)
    template = "admin/engineer_leaving.html"
    if not form.is_valid():
        return _page(request, template, engineer, form, left=left)
    last_day, successor = form.cleaned_data["last_day"], form.cleaned_data["successor"]
    hits = booked_in(engineer, first_instant(last_day + timedelta(days=1), engineer.tz))
    over = _hand_over(request, engineer, hits, successor)
    if not _confirmed(request, over):
        return _page(request, template, engineer, form, left=left, over=over, last_day=last_day)
    refusals = refusals_of(
        lambda: leave_the_firm(
            engineer=engineer,
            last_day=last_day,
            passed=over.passed,
            successor=successor,
            by=request.user,
            now=request.now,
        )
    )
    if refusals:
        return _page(request, template, engineer, form, left=left, over=over, last_day=last_day, refusals=refusals)
    return done(request, f"The last day of {engineer} is on record. {_told(len(over.passed))}", PAGE, pk)


@open_to(Who.MANAGERS)
def pass_on(request: DeskRequest, *, pk: int, session: int) -> HttpResponse:
    """E15: one session goes to a colleague who is free for it."""
    engineer = engineer_or_404(pk)
    ahead = BookedSession.objects.filter(engineer=engineer, released_at__isnull=True, held_at__isnull=True)
    row = get_object_or_404(ahead.select_related("engagement__contract__customer", "engagement__activity"), pk=session)
    over = _hand_over(request, engineer, [row], None)
    if not _confirmed(request, over):
        return _page(request, "admin/pass_on.html", engineer, over, over=over)
    to = over.passed.get(row.pk)
    refusals = (
        refusals_of(lambda: pass_session_on(session=row, to=to, by=request.user, now=request.now))
        if to
        else (CHOOSE_SOMEBODY,)
    )
    if refusals:
        return _page(request, "admin/pass_on.html", engineer, over, over=over, refusals=refusals)
    return done(request, f"{row.engagement.reference} goes to {to}. {_told(1)}", PAGE, pk)


def _left(engineer: Engineer, request: DeskRequest) -> dict[str, Any]:
    """E13, E15: what the engineer has to finish as of now."""
    return {"owed": owed_by(engineer, request.now), "advice": list(advice_of(engineer))}


def _hand_over(
    request: DeskRequest, engineer: Engineer, sessions: Sequence[BookedSession], stand_in: Engineer | None
) -> HandOverForm:
    """The choice for each session: as it was confirmed, else as it is suggested."""
    rows = hand_overs(engineer, sessions, stand_in)
    return HandOverForm(rows, request.POST if request.POST.get("step") == CONFIRMED else None)


def _confirmed(request: DeskRequest, over: HandOverForm) -> bool:
    return request.method == "POST" and request.POST.get("step") == CONFIRMED and over.is_valid()


def _told(passed: int) -> str:
    if not passed:
        return ""
    return "The customer gets a letter." if passed == 1 else f"{passed} sessions are passed on, each with a letter."


def _page(request: DeskRequest, template: str, engineer: Engineer, form: Any, **more: Any) -> HttpResponse:
    title = {"admin/engineer_leave.html": "Enter a leave", "admin/pass_on.html": "Pass a session on"}.get(
        template, "Leaving the firm"
    )
    over = more.get("over")
    rows = [(row, over[str(row.session.pk)]) for row in over.rows] if over else None
    context = {"engineer": engineer, "zone": engineer.tz, "form": form, "rows": rows, **more}
    return page(request, template, title=f"{title}: {engineer}", **context)
