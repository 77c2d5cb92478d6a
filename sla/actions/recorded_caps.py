"""The cap of a credit in a contract of another currency: recorded with rate and date before the decision is proposed (S11)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.refused import Refused
from entitlements.models import User
from entitlements.rules.days import local_day
from entitlements.rules.money import cents, exact
from entitlements.rules.refusals import Refusal
from sla.actions.reviews import UNDER_REVIEW, locked_in, refuse_the_claimants_own, refuse_while_a_proposal_waits
from sla.assessment import assess
from sla.models import Claim, RecordedCap


@transaction.atomic
def record_cap(*, claim: Claim, rate: Decimal, day: date, source: str, by: User, now: datetime) -> RecordedCap:
    """S11: the cap of the terms times the `rate` of a `day` (so much of the contract's currency for one of the cap's own).

    Raises Refused for a contract in the cap's own currency, a rate of nothing or of a day ahead, while a proposal waits, and for
    one of the customer's own people.
    """
    current = locked_in(claim, now, *UNDER_REVIEW)
    refuse_the_claimants_own(current, by)
    refuse_while_a_proposal_waits(current)
    terms, currency = assess(current, now=now, in_sums=True).edition.facts(), current.contract.currency
    if currency == terms.credit_cap_currency:
        raise Refused(
            Refusal(
                "S11", "own_currency", f"The cap of the terms is in {currency} already.", "There is nothing to record."
            )
        )
    if rate <= 0 or day > local_day(now, current.contract.tz):
        raise Refused(Refusal("S11", "no_rate", "That is no rate of a day until today.", "Check the rate and its day."))
    record(
        "claim.cap_recorded", matter=current.reference, by=by, now=now, note=f"{rate.normalize():f}, {day}: {source}"
    )
    return RecordedCap.objects.create(
        claim=current,
        currency=currency,
        rate=rate,
        day=day,
        source=source,
        amount=cents(exact(terms.credit_cap) * exact(rate)),
        recorded_at=now,
        recorded_by=by,
    )
