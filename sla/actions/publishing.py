"""A published outage opens the way to a claim for everyone whom it hit (S2, S13). Nothing is paid by itself."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Contract, Customer, User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import total
from sla import outage_letters, reminders
from sla.actions.drafts import locked
from sla.actions.recomputing import recomputed
from sla.assessment import standing_of, terms_on
from sla.exposure import Opened, credits_for, known_failures, opened, with_pending_claims
from sla.models import (
    TO_DECIDE,
    Cause,
    Claim,
    ClaimState,
    Failure,
    FailureState,
    Opening,
    Outage,
    TermsEdition,
)
from sla.outage_logs import Logs, logs_of_each, outage_stated
from sla.rules.claim_window import claim_window, is_in_time
from sla.rules.outages import AvailabilityOutage


@transaction.atomic
def publish_outage(*, outage: Outage, by: User, now: datetime) -> Outage:
    """S13: everyone whom the outage hit is to have a failure on record and a letter; the clock does it, a batch at a time.

    Published again, only customers who came to it since are asked for. Raises Refused for another product than the Service.
    """
    current = Outage.objects.select_for_update(of=("self",)).get(pk=outage.pk)
    if not current.is_of_the_service:
        raise Refused(Refusal("S2", "not_the_service", "This is not the Service, so nothing can be claimed for it."))
    hit = set(current.downtimes.that_count().values_list("customer", flat=True))
    missing = hit - set(current.openings.values_list("customer", flat=True))
    if current.published_at and not missing:
        return current
    record("outage.published", matter=current.reference, by=by, now=now)
    if not current.published_at:
        current.published_at, current.published_by = now, by
        current.save(update_fields=["published_at", "published_by"])
    Opening.objects.bulk_create(
        Opening(outage=current, customer_id=one, asked_at=now, asked_by=by, look_at=now) for one in sorted(missing)
    )
    return current


@transaction.atomic
def open_the_way(*, opening: Opening, now: datetime) -> bool:
    """S13: put the customer's failures on record where none is, contract by contract, and write what is to be claimed until when.

    A report of the customer's own is matched, not doubled, and the claim that was begun from it says so (S12, S19). Logs that changed
    since make a failure longer, and are told; nothing is made shorter. What came after the window of a failure had ended is one of
    its own. False if there is nothing to be opened. What still runs and is too short is looked at again when it can count.
    """
    current = Opening.objects.due(now).select_for_update(of=("self",)).filter(pk=opening.pk).first()
    if current is None:
        return False
    outage, customer = current.outage, current.customer
    because = f"{outage.reference} was published"
    record("outage.opened", matter=outage.reference, by=None, now=now, note=str(customer))
    contracts = list(_locked_contracts(customer))
    with recomputed(
        _claims_it_may_concern(current), because=because, matter=outage.reference, by=current.asked_by, now=now
    ):
        told, again = _contract_by_contract(current, contracts, now)
    current.look_at = again or current.look_at
    current.opened_at = None if again else now
    current.save()
    return told


def ask_again(cause: Cause, customers: Collection[int] | QuerySet[Any], *, by: User, now: datetime) -> None:
    """S13: the logs of published outages of a cause changed for these customers (by key): the clock looks at them again."""
    asked = {"asked_at": now, "asked_by": by, "opened_at": None, "look_at": now}
    Opening.objects.filter(outage__cause=cause, customer__in=customers).update(**asked)


def hold_openings(customers: Collection[int] | QuerySet[Any]) -> None:
    """S13: the openings for these customers (by key) under lock, then their contracts, before any claim, as the clock locks them."""
    list(Opening.objects.filter(customer__in=customers).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    contracts = Contract.objects.filter(customer__in=customers).order_by("pk")
    list(contracts.select_for_update(no_key=True).values_list("pk"))


def _contract_by_contract(opening: Opening, contracts: list[Contract], now: datetime) -> tuple[bool, datetime | None]:
    """Whether any contract was written to, and when the clock looks again."""
    logs = logs_of_each(opening.outage, [opening.customer], now).get(opening.customer_id)
    if logs is None:
        return False, None
    credit = credits_for(opening.outage, [opening.customer]).get(opening.customer_id)
    _tell_of_a_short_one(opening.outage, contracts, logs, now)
    known, editions = known_failures({opening.customer_id: logs}, contracts), TermsEdition.objects.by_day()
    told, looks = False, []
    for contract in contracts:
        of_it = replace(logs, terms=editions.on(logs.began or now, contract))
        looks.append(_can_count_at(of_it, now))
        on_record = known.get(contract.pk) or _reported_by_them(opening.outage, of_it, contract, now)
        # T3: judged as of the instant at which the clock had to look, however late it does.
        found = opened(contract, of_it, on_record, credit, opening.look_at, editions)
        if found.refusal is None and found.closes_at:
            told |= _tell(found, _on_record(found, found.closes_at, opening, now), now)
    return told, min((at for at in looks if at), default=None)


def _locked_contracts(customer: Customer) -> QuerySet[Contract]:
    related = ("terms_periods", "suspensions", "fee_months", "zones")
    contracts = Contract.objects.filter(customer=customer).select_for_update(no_key=True, of=("self",)).order_by("pk")
    return contracts.select_related("customer").prefetch_related(*related)


def _claims_it_may_concern(opening: Opening) -> QuerySet[Claim]:
    """S19: those for a failure of the cause, or for a reported outage that our logs could not be matched with."""
    failures = Q(failures__outage__cause__outages=opening.outage) | Q(failures__kind="A", failures__outage=None)
    return Claim.objects.filter(failures, contract__customer=opening.customer).distinct()


def _can_count_at(logs: Logs, now: datetime) -> datetime | None:
    """S2: when what is still down can have become an Availability Outage; None if it is one already, or nothing is down."""
    running = [piece for piece in logs.pieces if piece.open]
    if logs.asked is None or any(isinstance(piece, AvailabilityOutage) for piece in running):
        return None
    return max((piece.start for piece in running), default=now) + logs.terms.outage_length


def _reported_by_them(outage: Outage, logs: Logs, contract: Contract, now: datetime) -> list[Failure]:
    """S2: a report of theirs that our logs could not be matched with when it came."""
    open_states = [FailureState.REPORTED, FailureState.CLAIMED]
    unmatched = Failure.objects.filter(contract=contract, kind="A", outage=None, state__in=open_states)
    spans = {one.span for one in logs.outages()}
    for failure in with_pending_claims(unmatched).select_related("contract__customer").order_by("pk"):
        terms = terms_on(failure.occurred_at, contract)
        stated = outage_stated(contract, failure.began_at, failure.ended_at, terms, now)
        if stated and stated.outage.cause_id == outage.cause_id and stated.nearest.span in spans:
            return [failure]
    return []


def _on_record(found: Opened, closes_at: datetime, opening: Opening, now: datetime) -> Failure:
    """The failure of the contract: theirs, ours of before, or a new one of ours, as the logs have it now."""
    outage = opening.outage
    began, ended = found.outages[0].start, None if found.outages[-1].open else found.outages[-1].end
    claims = _locked_claims(found.known, now)
    if found.known:
        failure = (
            Failure.objects.select_for_update(of=("self",)).select_related("contract__customer").get(pk=found.known.pk)
        )
    else:
        failure = Failure(
            reference=new_reference("DF"),
            contract=found.contract,
            kind=Failure.Kind.OUTAGE,
            found_by_us=True,
            reported_at=opening.look_at,
            reported_by=opening.asked_by,
            occurred_at=found.outages[0].occurrence,
            closes_at=closes_at,
        )
        failure.remind_at = reminders.next_look(
            found.contract, failure.closes_at, failure.reported_at, [failure.reference], now
        )
    record("failure.found" if found.known is None else "failure.matched", matter=failure.reference, by=None, now=now)
    if failure.found_by_us:
        failure.began_at, failure.ended_at = began, ended
    if failure.outage is None:
        failure.outage, failure.cause = outage, outage.cause
    failure.save(update_fields=None if found.known is None else ["began_at", "ended_at", "outage", "cause"])
    for claim in claims:
        _under_the_cause(claim, outage, now)
    return failure


def _locked_claims(failure: Failure | None, now: datetime) -> list[Claim]:
    """What was begun from a failure and is not decided, before the failure itself is locked; a complete draft whose moment has come
    has sent itself by then (T3)."""
    attached = {"claim_failures__failure": failure, "claim_failures__released_at__isnull": True}
    open_ones = Claim.objects.filter(**attached, state__in=[ClaimState.DRAFT, *TO_DECIDE]) if failure else ()
    return [locked(claim, now) for claim in open_ones]


def _under_the_cause(claim: Claim, outage: Outage, now: datetime) -> None:
    """S12: a claim whose failure our logs know now has its cause."""
    if claim.cause_id is None:
        record("claim.outage_found", matter=claim.reference, by=None, now=now, note=outage.reference)
        claim.cause = outage.cause
        claim.save(update_fields=["cause"])


def _tell(found: Opened, failure: Failure, now: datetime) -> bool:
    """N24: at first, and again if what was told became longer or ended; never of what became shorter, nor after the deadline."""
    if not is_in_time(now, failure.closes_at):
        return False
    told, comes_to = failure.told_remedy, _remedy(found)
    lasts, lasted = comes_to is None, told is None
    if failure.told_times and ((lasts and lasted) or (told is not None and comes_to is not None and comes_to <= told)):
        return False
    outage_letters.outage_published(failure, _with_their_windows(found, failure), times=failure.told_times, now=now)
    failure.told_times, failure.told_remedy = failure.told_times + 1, comes_to
    failure.save(update_fields=["told_times", "told_remedy"])
    return True


def _tell_of_a_short_one(outage: Outage, contracts: Sequence[Contract], logs: Logs, now: datetime) -> None:
    """N24: of what is no Availability Outage, or none yet, as long as one of their contracts is on terms that know such."""
    if not logs.pieces or any(isinstance(piece, AvailabilityOutage) for piece in logs.pieces):
        return
    at = logs.pieces[-1].start
    if on_terms := [one for one in contracts if standing_of(one, at).refusal is None]:
        outage_letters.outage_short(outage, on_terms[0], logs.pieces, now=now)


def _with_their_windows(found: Opened, failure: Failure) -> list[tuple[AvailabilityOutage, datetime | None]]:
    """S13: each piece with the end of its own window; None where it is that of the failure."""
    terms, zone_at = terms_on(failure.occurred_at, found.contract), found.contract.tz_at
    windows = [claim_window(one.occurrence, zone_at(one.occurrence), terms) for one in found.outages]
    ends = failure.told(terms).deadlines(windows)
    return [(one, None if end == failure.closes_at else end) for one, end in zip(found.outages, ends, strict=True)]


def _remedy(found: Opened) -> timedelta | None:
    """S8: the time for which losses count; None while the outage lasts."""
    if found.outages[-1].open:
        return None
    return total(one.remedy for one in found.outages)
