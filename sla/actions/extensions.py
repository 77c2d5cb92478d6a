"""T4: a manager makes windows longer for all concerned at once, since the product itself stood still on their last day.

The product's own record is the reason. No window ever becomes shorter; what has lapsed in the meantime comes back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Contract, Standstill, User
from entitlements.rules.days import deadline_within, local_day
from entitlements.rules.refusals import Refusal
from sla import ended_windows, extension_letters, reminders
from sla.actions.drafts import locked, next_sending, receive
from sla.actions.elections import next_look, stop_if_nothing_stands
from sla.actions.information import ask_for_information, take_back_request
from sla.actions.recomputing import recomputed
from sla.elections import contract_ends, effect_of, paid_ahead
from sla.ended_windows import Window, cuts
from sla.entries import entry_of
from sla.extension_letters import StoodStill
from sla.models import (
    TO_DECIDE,
    Claim,
    ClaimState,
    Election,
    ExtendedWindow,
    Extension,
    Failure,
    FailureState,
    InformationRequest,
)
from sla.rules.claim_window import is_in_time

MOST_DAYS = 30
ASKED_AGAIN = "We ask this again, since our own pages stood still on the last day to answer."

SETTLED = Refusal("T4", "settled", "This was decided meanwhile.", "Look at what was decided.")
LASTS = Refusal("T4", "lasts", "It has not ended yet, so nobody knows whom it concerns.", "Decide when it is over.")
NOBODY = Refusal("T4", "nobody", "No window can be made longer by it.", "Leave the windows as they are.")
TOO_SOON = Refusal("T4", "too_soon", "Everybody needs at least until the end of tomorrow.", "Choose a later day.")
TOO_LATE = Refusal("T4", "too_late", f"At most {MOST_DAYS} days ahead.", "Check the month and the year.")


@dataclass(frozen=True, slots=True)
class _Act:
    """One extension while it is carried out."""

    extension: Extension
    last_day: date
    by: User
    now: datetime

    @property
    def standstill(self) -> Standstill:
        return self.extension.standstill

    def until(self, contract: Contract) -> datetime:
        return new_end(contract.tz, self.last_day)

    def is_for(self, contract: Contract, end: datetime) -> bool:
        """Whether a window that ends then is made longer."""
        return cuts(self.standstill, end) and end < self.until(contract)

    def note(self, window: Window) -> None:
        ExtendedWindow.objects.create(
            extension=self.extension,
            matter=window.reference,
            kind=window.kind,
            customer=window.contract.customer,
            ended_at=window.ends_at,
            extended_to=new_end(window.tz, self.last_day),
        )


def new_end(zone: ZoneInfo, last_day: date) -> datetime:
    """T4: the first instant (UTC) that is too late once the window runs to the end of a day in its zone."""
    return deadline_within(0, last_day, zone)


@transaction.atomic
def leave_windows(*, standstill: Standstill, reason: str, by: User, now: datetime) -> Extension:
    """T4: nobody was kept from anything, and why. Raises Refused while it lasts, and if it was decided meanwhile."""
    current = _undecided(standstill)
    record("windows.left", matter=current.what, by=by, now=now, note=reason)
    return _decision(current, None, reason, by, now)


@transaction.atomic
def extend_windows(*, standstill: Standstill, last_day: date, reason: str, by: User, now: datetime) -> Extension:
    """T4: every window whose last day it cut into runs to the end of `last_day` in its contract's zone, if that is later; what lapsed
    is open again, and all concerned are told.

    Raises Refused while it lasts, if it was decided meanwhile, for a day that is too near or too far, and where nobody is concerned.
    """
    current = _undecided(standstill)
    windows = list(ended_windows.concerned(current))
    if refusal := reason_against(windows, last_day, now):
        raise Refused(refusal)
    record("windows.extended", matter=current.what, by=by, now=now, note=reason)
    act = _Act(_decision(current, last_day, reason, by, now), last_day, by, now)
    _lock(windows)
    _extend_drafts(act)
    _extend_reports(act)
    _count_what_came_late(act)
    _ask_again(act)
    _let_choose_longer(act)
    return act.extension


def reason_against(windows: Iterable[Window], last_day: date, now: datetime) -> Refusal | None:
    """T4: why these windows cannot be made longer until the end of that day; None if they can."""
    longer = [one for one in windows if one.ends_at < new_end(one.tz, last_day)]
    if any(last_day <= local_day(now, one.tz) for one in windows):
        return TOO_SOON
    if last_day > (now + timedelta(days=MOST_DAYS)).date():
        return TOO_LATE
    return None if longer else NOBODY


def _undecided(standstill: Standstill) -> Standstill:
    current = Standstill.objects.select_for_update().get(pk=standstill.pk)
    if current.ended_at is None:
        raise Refused(LASTS)
    if Extension.objects.filter(standstill=current).exists():
        raise Refused(SETTLED)
    return current


def _decision(standstill: Standstill, last_day: date | None, reason: str, by: User, now: datetime) -> Extension:
    ended = standstill.ended_at
    found = {
        "what": standstill.get_what_display(),
        "from": standstill.began_at.isoformat(),
        "until": ended.isoformat() if ended else "",
        "windows_ended": standstill.windows_ended,
        "acts_meanwhile": ended_windows.acts_meanwhile(standstill),
    }
    return Extension.objects.create(
        standstill=standstill, last_day=last_day, reason=reason, record=found, decided_at=now, decided_by=by
    )


def _lock(windows: Iterable[Window]) -> None:
    """In the order of every other verb: contracts first, so that a claim begun at the same moment waits or is seen. Of an election
    itself alone: what it comes to takes its contract after it."""
    claimed = {one.contract.pk for one in windows if one.kind != ended_windows.ELECTION}
    contracts = Contract.objects.filter(pk__in=claimed).order_by("pk")
    list(contracts.select_for_update(no_key=True, of=("self",)))


def _extend_drafts(act: _Act) -> None:
    for claim in ended_windows.drafts(act.standstill).order_by("pk"):
        current = locked(claim, act.now)
        if current.state in ended_windows.CAN_COME_BACK:
            _extend_draft(act, current)


def _extend_draft(act: _Act, claim: Claim) -> None:
    attached = Failure.objects.filter(claim_failures__claim=claim, claim_failures__released_at__isnull=True)
    failures = list(attached.select_for_update(of=("self",)).order_by("pk"))
    ends = [claim.closes_at, *(failure.closes_at for failure in failures)]
    longer = [end for end in ends if act.is_for(claim.contract, end)]
    if not longer:
        return
    record("claim.window_extended", matter=claim.reference, by=act.by, now=act.now)
    act.note(Window(ended_windows.DRAFT, claim.reference, claim.contract, min(longer), claim.contract.tz))
    until, lapsed = act.until(claim.contract), claim.state == ClaimState.LAPSED
    for failure in failures:
        if act.is_for(claim.contract, failure.closes_at):
            failure.closes_at = until
        failure.state, failure.closed_at = FailureState.CLAIMED, None
        failure.save()
    claim.state, claim.closed_at, claim.closes_at = ClaimState.DRAFT, None, max(claim.closes_at, until)
    claim.remind_at = reminders.next_look_at_draft(claim, act.now)
    claim.sends_itself_at = next_sending(claim, act.now)
    claim.save()
    if (entry := entry_of(claim)) and is_in_time(entry.arrived_at, claim.closes_at):
        receive(claim, entry.arrived_at, now=act.now, entry=entry)
        return
    extension_letters.draft_extended(claim, _told(act, min(longer)), lapsed=lapsed, now=act.now)


def _extend_reports(act: _Act) -> None:
    found = ended_windows.reports(act.standstill).select_related("contract__customer")
    for failure in found.select_for_update(of=("self",)).order_by("pk"):
        was, until = failure.closes_at, act.until(failure.contract)
        if was >= until:
            continue
        record("failure.window_extended", matter=failure.reference, by=act.by, now=act.now)
        lapsed = failure.state == FailureState.CLOSED
        failure.state, failure.closed_at, failure.closes_at = FailureState.REPORTED, None, until
        told = reminders.references_of(failure)
        failure.remind_at = reminders.next_look(
            failure.contract, until, failure.reported_at, told, act.now, own=failure.reference
        )
        failure.save()
        act.note(Window(ended_windows.REPORT, failure.reference, failure.contract, was, failure.contract.tz))
        extension_letters.report_extended(failure, _told(act, was), lapsed=lapsed, now=act.now)


def _count_what_came_late(act: _Act) -> None:
    """S13, S19: a failure that dropped out of a claim since its window had ended counts again; the figures are recomputed visibly."""
    dropped = list(ended_windows.too_late(act.standstill).select_related("contract__customer").order_by("pk"))
    claims = Claim.objects.filter(state__in=TO_DECIDE)
    theirs = claims.filter(claim_failures__released_at__isnull=True, claim_failures__failure__in=dropped)
    because = "A window was made longer, since our own pages stood still on its last day."
    with recomputed(theirs, because=because, matter=act.standstill.what, by=act.by, now=act.now):
        for failure in dropped:
            claim = claims.get(claim_failures__failure=failure, claim_failures__released_at__isnull=True)
            until = act.until(failure.contract)
            if claim.received_at is None or claim.received_at >= until:
                continue
            record("failure.window_extended", matter=failure.reference, by=act.by, now=act.now)
            was, failure.closes_at = failure.closes_at, until
            failure.save(update_fields=["closes_at"])
            act.note(Window(ended_windows.TOO_LATE, failure.reference, failure.contract, was, failure.contract.tz))
            extension_letters.failure_counts_again(claim, failure, _told(act, was), now=act.now)


def _ask_again(act: _Act) -> None:
    """S19: what was asked is asked again, with the new end. One that is still open is taken back for it."""
    for asked in ended_windows.requests(act.standstill).select_related("claim__contract__customer").order_by("pk"):
        claim, was = asked.claim, asked.answer_by
        last = not claim.information_requests.filter(pk__gt=asked.pk).exists()
        if last and was < act.until(claim.contract) and _asked_again(act, asked):
            act.note(Window(ended_windows.ANSWER, claim.reference, claim.contract, was, claim.contract.tz))


def _asked_again(act: _Act, asked: InformationRequest) -> bool:
    """False where a decision is proposed by now, or this manager may not ask: then it stays as it is."""
    try:
        with transaction.atomic():
            claim = locked(asked.claim, act.now)
            if claim.state == ClaimState.INFORMATION_REQUESTED:
                claim = take_back_request(claim=claim, by=act.by, now=act.now)
            ask_for_information(
                claim=claim,
                asked_for=f"{ASKED_AGAIN}\n{asked.asked_for}",
                answer_by=act.until(claim.contract),
                by=act.by,
                now=act.now,
            )
    except Refused:
        return False
    return True


def _let_choose_longer(act: _Act) -> None:
    """S16: what was chosen stands and can be changed until the new end; both options are for the day of effect that follows from it."""
    related = ("contract__customer", "withdrawal", "terms")
    found = ended_windows.elections(act.standstill).select_related(*related)
    for election in found.select_for_update(of=("self",), no_key=True).order_by("pk"):
        was, until = election.deadline, new_end(election.tz, act.last_day)
        if was is None or was >= until or _is_void(election, act.now):
            continue
        record("election.window_extended", matter=election.reference, by=act.by, now=act.now)
        election.deadline = until
        paid = paid_ahead(election, effect_of(election, until))
        election.fee, election.prepaid, election.prepaid_days = paid
        election.remind_at = next_look(election, act.now)
        election.save()
        act.note(Window(ended_windows.ELECTION, election.reference, election.contract, was, election.tz))
        extension_letters.election_extended(election, _told(act, was), now=act.now)


def _is_void(election: Election, now: datetime) -> bool:
    """Its notice came back, or its contract has ended: there is nothing to choose."""
    return stop_if_nothing_stands(election, now) or contract_ends(election) <= now


def _told(act: _Act, was: datetime) -> StoodStill:
    return StoodStill(was, act.standstill.began_at, act.standstill.ended_at or act.now)
