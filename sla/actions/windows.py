"""S13: a claim window that our logs make later. Deadlines that were told in writing only ever move away, never nearer."""

from __future__ import annotations

from datetime import datetime

from entitlements.actions.log import record
from entitlements.models import Contract, User
from entitlements.rules.days import local_day
from sla import reminders
from sla.actions.drafts import locked, next_sending
from sla.assessment import logged_pieces, outage_stated
from sla.models import Claim, Failure, FailureState, Outage, TermsEdition
from sla.rules.claim_window import claim_closes_at, closes_at
from sla.rules.outages import AvailabilityOutage
from sla.rules.terms import EnterpriseTerms


def windows_of(outage: Outage, contract: Contract, terms: EnterpriseTerms, now: datetime) -> list[datetime]:
    """S2, S13: the end of the window of each piece of an outage that our logs have for the contract's customer by now."""
    known = logged_pieces(outage, contract.customer, terms, now)
    return [closes_at(piece.occurrence, contract.tz, terms) for piece in known if isinstance(piece, AvailabilityOutage)]


def last_window(failure: Failure, now: datetime) -> datetime:
    """S13: the last end of its windows: the stored one, or that of a later piece which our logs have by now."""
    terms = _terms_of(failure)
    found = windows_of(failure.outage, failure.contract, terms, now) if failure.outage else []
    return claim_closes_at([failure.closes_at, *found])


def widen_windows(outage: Outage, *, by: User, now: datetime) -> None:
    """S13: what our logs say of an outage moves the deadlines of open reports and drafts that it concerns, only ever later.

    Call it last in the action: from here on, rows that change belong to the line of the widening. A window that has ended by
    `now` stays ended, whether or not the sweep has come by.
    """
    hit = outage.downtimes.values("customer")
    contracts = Contract.objects.filter(customer__in=hit).order_by("pk")
    list(contracts.select_for_update(no_key=True, of=("self",)))  # a report at the same moment waits here, or is seen
    theirs = Claim.objects.drafts().filter(contract__customer__in=hit).order_by("pk")
    for claim in theirs:
        locked(
            claim, now
        )  # before their failures, as in every other verb of a claim; a complete one may have sent itself
    running = Failure.objects.filter(
        kind=Failure.Kind.OUTAGE,
        state__in=[FailureState.REPORTED, FailureState.CLAIMED],
        contract__customer__in=hit,
        closes_at__gt=now,
    )
    for failure in (
        running.select_for_update(of=("self",)).select_related("contract__customer", "outage").order_by("pk")
    ):
        if _concerns(outage, failure, now):
            _widen(failure, outage, by, now)


def _concerns(outage: Outage, failure: Failure, now: datetime) -> bool:
    if failure.outage:
        return failure.outage == outage
    stated = outage_stated(failure.contract, failure.began_at, failure.ended_at, _terms_of(failure), now)
    return stated is not None and stated[0] == outage


def _widen(failure: Failure, outage: Outage, by: User, now: datetime) -> None:
    contract = failure.contract
    deadline = max([failure.closes_at, *windows_of(outage, contract, _terms_of(failure), now)])
    if deadline > failure.closes_at:
        record("failure.window_widened", matter=failure.reference, by=by, now=now, note=outage.reference)
        failure.closes_at = deadline
        if failure.state == FailureState.REPORTED:
            told = reminders.references_of(failure)
            failure.remind_at = reminders.next_look(contract, deadline, failure.reported_at, told, now)
        failure.save()
    for claim in Claim.objects.drafts().filter(
        claim_failures__failure=failure,
        claim_failures__released_at__isnull=True,
        closes_at__gt=now,
        closes_at__lt=deadline,
    ):
        record("claim.window_widened", matter=claim.reference, by=by, now=now, note=outage.reference)
        claim.closes_at = deadline
        told = reminders.references_of(*claim.failures.all())
        claim.remind_at = reminders.next_look(contract, deadline, reminders.opened(claim), told, now)
        claim.sends_itself_at = next_sending(claim, now)
        claim.save()


def _terms_of(failure: Failure) -> EnterpriseTerms:
    return TermsEdition.objects.in_force_on(local_day(failure.began_at, failure.contract.tz)).facts()
