"""S13: a claim window that our logs make later. Deadlines that were told in writing only ever move away, never nearer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from entitlements.actions.log import record
from entitlements.models import Contract, User
from sla import reminders
from sla.actions.drafts import locked, next_sending
from sla.assessment import terms_on
from sla.models import Claim, Downtime, Failure, FailureState, Outage
from sla.outage_logs import logged_pieces, outage_stated
from sla.rules.claim_window import claim_closes_at, closes_at
from sla.rules.outages import AvailabilityOutage
from sla.rules.terms import EnterpriseTerms


def windows_of(outage: Outage, contract: Contract, terms: EnterpriseTerms, now: datetime) -> list[datetime]:
    """S2, S13: the end of the window of each piece of an outage that our logs have for the contract's customer by now."""
    return _ends_of(logged_pieces(outage, contract.customer, terms, now), contract, terms)


def last_window(
    failure: Failure, terms: EnterpriseTerms, now: datetime, pieces: Iterable[Any] | None = None
) -> datetime:
    """S13: the last end of its windows: the stored one, or that of a later piece which our logs have by now. `terms`: of its
    occurrence. `pieces`: of its outage by these terms, where they are read."""
    if failure.outage and pieces is None:
        pieces = logged_pieces(failure.outage, failure.contract.customer, terms, now)
    return claim_closes_at([failure.closes_at, *_ends_of(pieces or (), failure.contract, terms)])


def _ends_of(pieces: Iterable[Any], contract: Contract, terms: EnterpriseTerms) -> list[datetime]:
    return [
        closes_at(piece.occurrence, contract.tz_at(piece.occurrence), terms)
        for piece in pieces
        if isinstance(piece, AvailabilityOutage)
    ]


def widen_windows(*outages: Outage, by: User, now: datetime) -> None:
    """S13: what our logs say of these outages moves the deadlines of open reports and drafts that they concern, only ever later.

    All locks are taken before the first outage is looked at, so that two who widen for the same ones wait and never block.
    Call it last in the action: from here on, rows that change belong to the line of the widening. A window that has ended by
    `now` stays ended, whether or not the sweep has come by.
    """
    _lock_what_may_widen(Downtime.objects.filter(outage__in=outages).values("customer"), now)
    for outage in outages:
        _widen_by(outage, by, now)


def _widen_by(outage: Outage, by: User, now: datetime) -> None:
    running = Failure.objects.filter(
        kind=Failure.Kind.OUTAGE,
        state__in=[FailureState.REPORTED, FailureState.CLAIMED],
        contract__customer__in=outage.downtimes.values("customer"),
        closes_at__gt=now,
    ).select_related("contract__customer", "outage")
    for failure in running.select_for_update(of=("self",)).order_by("pk"):
        terms = terms_on(failure.occurred_at, failure.contract)
        if _concerns(outage, failure, terms, now):
            windows = windows_of(failure.outage or outage, failure.contract, terms, now)
            _widen(failure, outage, max([failure.closes_at, *windows]), by, now)


def _lock_what_may_widen(customers: QuerySet[Any], now: datetime) -> None:
    """In the order of every other verb: contracts, so that a report at the same moment waits or is seen; then drafts (a complete
    one may have sent itself meanwhile); then their failures.
    """
    contracts = Contract.objects.filter(customer__in=customers).order_by("pk")
    list(contracts.select_for_update(no_key=True, of=("self",)))
    for claim in Claim.objects.drafts().filter(contract__customer__in=customers).order_by("pk"):
        locked(claim, now)


def _concerns(outage: Outage, failure: Failure, terms: EnterpriseTerms, now: datetime) -> bool:
    if failure.outage:
        return failure.outage.cause_id == outage.cause_id
    stated = outage_stated(failure.contract, failure.began_at, failure.ended_at, terms, now)
    return stated is not None and stated.outage == outage


def _widen(failure: Failure, outage: Outage, deadline: datetime, by: User, now: datetime) -> None:
    if widened := deadline > failure.closes_at:
        record("failure.window_widened", matter=failure.reference, by=by, now=now, note=outage.reference)
        failure.closes_at = deadline
        if failure.state == FailureState.REPORTED:
            told = reminders.references_of(failure)
            failure.remind_at = reminders.next_look(
                failure.contract, deadline, failure.reported_at, told, now, own=failure.reference
            )
        failure.save()
    attached = {"claim_failures__failure": failure, "claim_failures__released_at__isnull": True}
    for claim in Claim.objects.drafts().filter(**attached, closes_at__gt=now):
        if not widened and claim.closes_at >= deadline:
            continue
        _widen_draft(claim, outage, deadline, by, now)


def _widen_draft(claim: Claim, outage: Outage, deadline: datetime, by: User, now: datetime) -> None:
    record("claim.window_widened", matter=claim.reference, by=by, now=now, note=outage.reference)
    claim.closes_at = max(claim.closes_at, deadline)
    claim.remind_at = reminders.next_look_at_draft(claim, now)
    claim.sends_itself_at = next_sending(claim, now)
    claim.save()
