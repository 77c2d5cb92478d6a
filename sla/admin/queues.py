"""The queues of claims, proposals and windows; each is counted on the first page and opened as the list that it counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from entitlements.admin.queues import Queue, proposed
from entitlements.models import Standstill
from sla import election_letters, terms_letters
from sla.elections_listed import not_given, running
from sla.models import (
    CalendarCheck,
    Claim,
    ClaimState,
    Election,
    Entry,
    Failure,
    LateChoice,
    MaintenanceNotice,
    MaintenancePeriod,
    MaintenanceState,
    Posting,
    Proposal,
    SecondLook,
    TermsCorrection,
    TermsEdition,
    Withdrawal,
    WithdrawalState,
)

_DAY = timedelta(days=1)


def waiting_proposals() -> QuerySet[Proposal]:
    """What a second person can still settle: a claim that was withdrawn meanwhile takes its proposal along."""
    return Proposal.objects.waiting().filter(claim__state=ClaimState.IN_REVIEW)


def _to_decide(now: datetime) -> QuerySet[Claim]:
    """What a first person has to look at: a claim whose decision is proposed waits for the second, one that was asked about for
    its customer."""
    ours = Claim.objects.to_decide().exclude(state=ClaimState.INFORMATION_REQUESTED)
    return ours.exclude(pk__in=waiting_proposals().values("claim"))


def _asked(now: datetime) -> QuerySet[Claim]:
    return Claim.objects.filter(state=ClaimState.INFORMATION_REQUESTED)


def _entered(now: datetime) -> QuerySet[Entry]:
    return Entry.objects.filter(confirmed_at__isnull=True, returned_at__isnull=True)


def _second_looks(now: datetime) -> QuerySet[Claim]:
    asked = SecondLook.objects.filter(settled_at__isnull=True)
    return Claim.objects.filter(state=ClaimState.DENIED, pk__in=asked.values("claim"))


def _to_release(now: datetime) -> QuerySet[Withdrawal]:
    return Withdrawal.objects.filter(state=WithdrawalState.PROPOSED)


def _elections_open(now: datetime) -> QuerySet[Any]:
    return running(now).filter(ends__gt=now)


def _elections_closing(now: datetime) -> QuerySet[Any]:
    return running(now).filter(ends__gt=now, ends__lte=now + _DAY)


def _elections_over(now: datetime) -> QuerySet[Any]:
    """S16: the clock has not settled them, or what ended while it stood still is not decided yet (T4)."""
    return running(now).filter(ends__lte=now)


def _calendars(now: datetime) -> QuerySet[CalendarCheck]:
    return CalendarCheck.objects.open().filter(due_at__gt=now)


def _calendars_overdue(now: datetime) -> QuerySet[CalendarCheck]:
    return CalendarCheck.objects.open().filter(due_at__lte=now)


def _to_approve(now: datetime) -> QuerySet[Proposal]:
    return waiting_proposals()


def _standstills(now: datetime) -> QuerySet[Standstill]:
    """T4: over, not decided, and a window ended meanwhile."""
    return Standstill.objects.filter(ended_at__isnull=False, windows_ended__gt=0, extension__isnull=True)


def _to_post(now: datetime) -> QuerySet[Posting]:
    return Posting.objects.waiting()


def _drafts_in(days: int) -> Any:
    """S13: by the first of its windows that has not ended: what is not sent by then drops out. The last of them is the claim's own, and the
    others are asked only where that one does not end so soon. Nothing but the state narrows the drafts before, so that the server
    expects as many at one moment as at another, and plans the counts of the first page once."""

    def closing(now: datetime) -> QuerySet[Claim]:
        by = now + days * _DAY
        last, first = Q(closes_at__gt=now, closes_at__lte=by), Q(first_window__lte=by)
        return Claim.objects.drafts().with_first_window(now).filter(last | first)

    return closing


def _windows_in(days: int) -> Any:
    return lambda now: Failure.objects.open().filter(closes_at__gt=now, closes_at__lte=now + days * _DAY)


def _over(rows: Callable[[], QuerySet[Any]]) -> Any:
    return lambda now: rows().filter(closes_at__lte=now)


TO_DECIDE = Queue("to_decide", "Claims to decide", Claim, _to_decide, ("received_at", "id"))
ASKED = Queue("asked", "Claims that wait for their customer's answer", Claim, _asked, ("received_at", "id"))
SECOND_LOOKS = Queue(
    "second_looks", "Denied claims with a second look asked for", Claim, _second_looks, ("closed_at", "id")
)
TO_APPROVE = Queue("to_approve", "Proposals waiting for a second person", Proposal, _to_approve, ("proposed_at", "id"))
TO_POST = Queue("to_post", "Lines of the ledger waiting for a second person", Posting, _to_post, ("proposed_at", "id"))
DRAFTS_24H = Queue("closing_24h", "Drafts whose window ends within 24 hours", Claim, _drafts_in(1), ("closes_at", "id"))
DRAFTS_7D = Queue("closing_7d", "Drafts whose window ends within 7 days", Claim, _drafts_in(7), ("closes_at", "id"))
WINDOWS_24H = Queue(
    "closing_24h", "Reports without a claim, window ends within 24 hours", Failure, _windows_in(1), ("closes_at", "id")
)
WINDOWS_7D = Queue(
    "closing_7d", "Reports without a claim, window ends within 7 days", Failure, _windows_in(7), ("closes_at", "id")
)
DRAFTS_30D = Queue("closing_30d", "Drafts whose window ends within 30 days", Claim, _drafts_in(30), ("closes_at", "id"))
WINDOWS_30D = Queue(
    "closing_30d", "Reports without a claim, window ends within 30 days", Failure, _windows_in(30), ("closes_at", "id")
)
DRAFTS_OVER = Queue(
    "over", "Drafts whose window is over, not closed yet", Claim, _over(Claim.objects.drafts), ("closes_at", "id")
)
WINDOWS_OVER = Queue(
    "over", "Reports whose window is over, not closed yet", Failure, _over(Failure.objects.open), ("closes_at", "id")
)
STANDSTILLS = Queue(
    "to_decide", "Standstills of ours in which windows ended, to decide", Standstill, _standstills, ("began_at", "id")
)
TERMS = Queue("proposed", "Editions of the terms waiting for a second person", TermsEdition, proposed(TermsEdition))


def _maintenance_running(now: datetime) -> QuerySet[MaintenancePeriod]:
    return MaintenancePeriod.objects.filter(state=MaintenanceState.RUNNING)


def _maintenance_coming(now: datetime) -> QuerySet[MaintenancePeriod]:
    return MaintenancePeriod.objects.filter(state=MaintenanceState.PLANNED, announced__startswith__gt=now)


def _maintenance_not_begun(now: datetime) -> QuerySet[MaintenancePeriod]:
    return MaintenancePeriod.objects.filter(state=MaintenanceState.PLANNED, announced__startswith__lte=now)


def _notices_awaited(now: datetime) -> QuerySet[MaintenancePeriod]:
    """S15: planned maintenance with a customer whose mail server has not accepted the notice, in its last day."""
    awaited = MaintenanceNotice.objects.with_acceptance().filter(
        Q(accepted_at__isnull=True),
        period=OuterRef("pk"),
        version=OuterRef("version"),
        deadline__gte=now,
        deadline__lte=now + _DAY,
    )
    return MaintenancePeriod.objects.filter(Exists(awaited), state=MaintenanceState.PLANNED)


NOTICES_24H = Queue(
    "notices_24h",
    "Maintenance with a notice not accepted, in time for 24 hours or less",
    MaintenancePeriod,
    _notices_awaited,
    ("announced", "id"),
)
MAINTENANCE_NOT_BEGUN = Queue(
    "not_begun",
    "Maintenance whose time has come, not begun",
    MaintenancePeriod,
    _maintenance_not_begun,
    ("announced", "id"),
)
MAINTENANCE_RUNNING = Queue("running", "Maintenance that runs", MaintenancePeriod, _maintenance_running, ("ran", "id"))
MAINTENANCE_COMING = Queue("coming", "Maintenance ahead", MaintenancePeriod, _maintenance_coming, ("announced", "id"))

MAINTENANCE = (NOTICES_24H, MAINTENANCE_NOT_BEGUN, MAINTENANCE_RUNNING, MAINTENANCE_COMING)
ENTERED = Queue(
    "to_confirm", "Entered for a customer, waiting for a second person", Entry, _entered, ("arrived_at", "id")
)
ENTRIES = (ENTERED,)
TO_RELEASE = Queue("to_release", "Withdrawals for a second person", Withdrawal, _to_release, ("proposed_at", "id"))
NOT_GIVEN = Queue("not_given", "Notices of withdrawals not given", Election, not_given, ("noticed_at", "id"))
ELECTIONS_OPEN = Queue("open", "Elections open", Election, _elections_open, ("ends", "id"))
TERMS_TO_CORRECT = Queue(
    "to_approve",
    "Corrections to Standard terms for a second person",
    TermsCorrection,
    lambda now: TermsCorrection.objects.waiting(),
    ("proposed_at", "id"),
)
CORRECTIONS_UNTOLD = Queue(
    "untold",
    "Corrections to Standard terms, nobody to tell",
    TermsCorrection,
    lambda now: terms_letters.untold(),
    ("approved_at", "id"),
)
LATE_TO_CONFIRM = Queue(
    "to_confirm",
    "Choices entered after the effect, for a second person",
    LateChoice,
    lambda now: LateChoice.objects.waiting(),
    ("proposed_at", "id"),
)
TERMS_CORRECTIONS, LATE_CHOICES = (TERMS_TO_CORRECT, CORRECTIONS_UNTOLD), (LATE_TO_CONFIRM,)
ELECTIONS_24H = Queue(
    "closing_24h",
    "Elections whose time to choose ends within 24 hours",
    Election,
    _elections_closing,
    ("ends", "id"),
)
ELECTIONS_OVER = Queue(
    "over", "Elections whose time is over, not settled yet", Election, _elections_over, ("ends", "id")
)
OUTCOMES_UNTOLD = Queue(
    "untold",
    "Outcomes of elections, nobody to tell",
    Election,
    lambda now: election_letters.untold(),
    ("effect_day", "id"),
)
WITHDRAWALS, ELECTIONS = (TO_RELEASE,), (NOT_GIVEN, ELECTIONS_OVER, ELECTIONS_24H, OUTCOMES_UNTOLD, ELECTIONS_OPEN)
CALENDARS = Queue("to_check", "Calendars of a year to check before December", CalendarCheck, _calendars, ("year",))
CALENDARS_OVERDUE = Queue(
    "overdue", "Calendars of a year not checked in time", CalendarCheck, _calendars_overdue, ("year",)
)
CLAIMS = (TO_DECIDE, ASKED, SECOND_LOOKS, DRAFTS_OVER, DRAFTS_24H, DRAFTS_7D, DRAFTS_30D)
PROPOSALS = (TO_APPROVE,)
POSTINGS = (TO_POST,)
FAILURES = (WINDOWS_OVER, WINDOWS_24H, WINDOWS_7D, WINDOWS_30D)
