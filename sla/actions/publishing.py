"""A published outage opens the way to a claim for everyone whom it hit (S2, S13). Nothing is paid by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import Contract, Letter, User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import total
from sla import letters, reminders
from sla.assessment import Logs, logs_on, outage_stated, terms_on
from sla.exposure import Opened, known_failures, opened
from sla.models import Failure, FailureState, Opening, Outage
from sla.rules.claim_window import is_in_time
from sla.rules.outages import AvailabilityOutage

LETTERS = ("outage_published", "outage_longer")


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

    A report of the customer's own is matched, not doubled. Logs that changed since make a failure longer, and are told; nothing is
    made shorter. False if there is nothing to be opened. What still runs and is too short is looked at again when it can count.
    """
    current = Opening.objects.due(now).select_for_update(of=("self",)).filter(pk=opening.pk).first()
    if current is None:
        return False
    outage, customer = current.outage, current.customer
    related = ("terms_periods", "suspensions", "fee_months", "zones")
    contracts = Contract.objects.filter(customer=customer).select_for_update(no_key=True, of=("self",)).order_by("pk")
    record("outage.opened", matter=outage.reference, by=None, now=now, note=str(customer))
    told, again = [], []
    for contract in contracts.select_related("customer").prefetch_related(*related):
        logs = _logs(outage, contract, now)
        again.append(_can_count_at(logs, now))
        found = _found(current, contract, logs, now)
        if found.refusal is None and found.closes_at:
            told.append((_tell(found, _on_record(found, found.closes_at, current, now), current, now), _remedy(found)))
    _worked_off(current, told, min((at for at in again if at), default=None), now)
    return any(written for written, _ in told)


def ask_again(outage: Outage, customers: Iterable[int], *, by: User, now: datetime) -> None:
    """S13: the logs of a published outage changed for these customers (by key): the clock looks at them again. Before any other lock."""
    asked = {"asked_at": now, "asked_by": by, "opened_at": None, "look_at": now}
    outage.openings.filter(customer__in=customers).update(**asked)


def _worked_off(
    opening: Opening, told: Iterable[tuple[bool, timedelta | None]], again: datetime | None, now: datetime
) -> None:
    """What its contracts were told is kept once for all of them: the longest remedy, None if one lasts. `again`: the next look."""
    if any(written for written, _ in told):
        remedies = [remedy for _, remedy in told]
        opening.letters += 1
        opening.told_remedy = None if None in remedies else max(one for one in remedies if one is not None)
    if again:
        opening.look_at = again
    else:
        opening.opened_at = now
    opening.save()


def _logs(outage: Outage, contract: Contract, now: datetime) -> Logs:
    downtime = outage.downtimes.of(contract.customer).first()
    terms = terms_on(downtime.start if downtime else now, contract)
    return logs_on(outage, contract.customer, terms, now)


def _can_count_at(logs: Logs, now: datetime) -> datetime | None:
    """S2: when what is still down can have become an Availability Outage; None if it is one already, or nothing is down."""
    running = [piece for piece in logs.pieces if piece.open]
    if logs.asked is None or any(isinstance(piece, AvailabilityOutage) for piece in running):
        return None
    return max((piece.start for piece in running), default=now) + logs.terms.outage_length


def _found(opening: Opening, contract: Contract, logs: Logs, now: datetime) -> Opened:
    """T3: judged as of the instant at which the clock had to look, however late it does."""
    outage = opening.outage
    known = known_failures(outage, [contract])
    if contract.pk not in known and (reported := _reported_by_them(outage, contract, now)):
        known = {contract.pk: reported}
    return opened(contract, logs.pieces, known, opening.look_at)


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
    outage = opening.outage
    began, ended = found.outages[0].start, None if found.outages[-1].open else found.outages[-1].end
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
    return failure


def _tell(found: Opened, failure: Failure, opening: Opening, now: datetime) -> bool:
    """N24: at first, and again if what was told became longer or ended; never of what became shorter, nor after the deadline."""
    if not is_in_time(now, failure.closes_at):
        return False
    before = Letter.objects.filter(matter=failure.reference, kind__in=LETTERS).exists()
    told, comes_to = opening.told_remedy, _remedy(found)
    lasts, lasted = comes_to is None, told is None
    if before and ((lasts and lasted) or (told is not None and comes_to is not None and comes_to <= told)):
        return False
    letters.outage_published(failure, found.outages, times=opening.letters if before else 0, now=now)
    return True


def _remedy(found: Opened) -> timedelta | None:
    """S8: the time for which losses count; None while the outage lasts."""
    if found.outages[-1].open:
        return None
    return total(one.remedy for one in found.outages)
