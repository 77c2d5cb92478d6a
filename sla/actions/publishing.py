"""A published outage opens the way to a claim for everyone whom it hit (S2, S13). Nothing is paid by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Contract, User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import total
from sla import letters, reminders
from sla.assessment import logged_pieces, outage_stated, terms_on
from sla.exposure import Opened, known_failures, opened
from sla.models import Failure, FailureState, Opening, Outage


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
        Opening(outage=current, customer_id=one, asked_at=now, asked_by=by) for one in sorted(missing)
    )
    return current


@transaction.atomic
def open_the_way(*, opening: Opening, now: datetime) -> bool:
    """S13: put the customer's failures on record where none is, contract by contract, and write what is to be claimed until when.

    A report of the customer's own is matched, not doubled. Logs that changed since make a failure longer, and are told; nothing is
    made shorter. False if there is nothing to be opened.
    """
    current = Opening.objects.waiting().select_for_update(of=("self",)).filter(pk=opening.pk).first()
    if current is None:
        return False
    outage, customer = current.outage, current.customer
    related = ("terms_periods", "suspensions", "fee_months", "zones")
    contracts = Contract.objects.filter(customer=customer).select_for_update(no_key=True, of=("self",)).order_by("pk")
    record("outage.opened", matter=outage.reference, by=None, now=now, note=str(customer))
    told = False
    for contract in contracts.select_related("customer").prefetch_related(*related):
        found = _found(outage, contract, now)
        if found.refusal is None and found.closes_at:
            told |= _tell(found, _on_record(found, found.closes_at, current, now), current, now)
            current.told_remedy = _remedy(found)
    current.letters += told
    current.opened_at = now
    current.save()
    return told


def ask_again(outage: Outage, customers: Iterable[int], *, by: User, now: datetime) -> None:
    """S13: the logs of a published outage changed for these customers (by key): the clock looks at them again. Before any other lock."""
    asked = {"asked_at": now, "asked_by": by, "opened_at": None}
    outage.openings.filter(customer__in=customers).update(**asked)


def _found(outage: Outage, contract: Contract, now: datetime) -> Opened:
    downtime = outage.downtimes.of(contract.customer).first()
    terms = terms_on(downtime.start if downtime else now, contract)
    pieces = logged_pieces(outage, contract.customer, terms, now)
    known = known_failures(outage, [contract])
    if contract.pk not in known and (reported := _reported_by_them(outage, contract, now)):
        known = {contract.pk: reported}
    return opened(contract, pieces, known, now)


def _reported_by_them(outage: Outage, contract: Contract, now: datetime) -> Failure | None:
    """S2: a report of theirs that our logs could not be matched with when it came."""
    open_states = [FailureState.REPORTED, FailureState.CLAIMED]
    unmatched = Failure.objects.filter(contract=contract, kind="A", outage=None, state__in=open_states)
    for failure in unmatched.select_related("contract__customer").order_by("pk"):
        terms = terms_on(failure.occurred_at, contract)
        stated = outage_stated(contract, failure.began_at, failure.ended_at, terms, now)
        if stated and stated[0] == outage:
            return failure
    return None


def _on_record(found: Opened, closes_at: datetime, opening: Opening, now: datetime) -> Failure:
    """The failure of the contract: theirs, ours of before, or a new one of ours, as the logs have it now."""
    failure, outage = found.known, opening.outage
    began, ended = found.outages[0].start, None if found.outages[-1].open else found.outages[-1].end
    if failure is None:
        failure = Failure(
            reference=new_reference("DF"),
            contract=found.contract,
            kind=Failure.Kind.OUTAGE,
            found_by_us=True,
            reported_at=now,
            reported_by=opening.asked_by,
            occurred_at=found.outages[0].occurrence,
            closes_at=closes_at,
        )
        failure.remind_at = reminders.next_look(found.contract, failure.closes_at, now, [failure.reference], now)
    record("failure.found" if found.known is None else "failure.matched", matter=failure.reference, by=None, now=now)
    if failure.found_by_us:
        failure.began_at, failure.ended_at = began, ended
    if failure.outage is None:
        failure.outage, failure.cause = outage, outage.cause
    failure.save()
    return failure


def _tell(found: Opened, failure: Failure, opening: Opening, now: datetime) -> bool:
    """N24: at first, and again if what was told became longer or ended; never of what became shorter."""
    told, comes_to = opening.told_remedy, _remedy(found)
    lasts, lasted = comes_to is None, told is None
    if opening.letters and ((lasts and lasted) or (told is not None and comes_to is not None and comes_to <= told)):
        return False
    letters.outage_published(failure, found.outages, times=opening.letters, now=now)
    return True


def _remedy(found: Opened) -> timedelta | None:
    """S8: the time for which losses count; None while the outage lasts."""
    if found.outages[-1].open:
        return None
    return total(one.remedy for one in found.outages)
