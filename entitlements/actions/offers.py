"""To offer a customer what is left of its contract year, before it lapses (E3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from entitlements import access
from entitlements.actions.log import record
from entitlements.actions.places import lock
from entitlements.actions.refused import Refused
from entitlements.models import Contract, ContractYear, Event, Role, User
from entitlements.offer_letters import OfferedLine, sessions_offered
from entitlements.rules.refusals import Refusal
from entitlements.standings import standing_of
from entitlements.wording import day_in_words

VERB = "contract.sessions_offered"
NOT_AGAIN_FOR = timedelta(days=7)
"""A customer is not asked twice in one week: a figure of ours."""


@transaction.atomic
def offer_sessions(*, year: ContractYear, lines: Sequence[OfferedLine], by: User, now: datetime) -> None:
    """E3: write to whoever may book for the customer what is left of the year, and when an engineer is free.

    `lines`: what is offered, with free times. It holds no place. Raises Refused when the contract does not run or the year is over,
    nothing is left, it was offered within a week, or nobody of the customer may book.
    """
    locked = lock(ContractYear.objects.filter(pk=year.pk))[year.pk]
    customer = locked.contract.customer
    if locked.contract.status != Contract.Status.ACTIVE:
        sentence = f"The contract is {locked.contract.status}, so nothing can be booked on it."
        raise Refused(Refusal("E14", "not_active", sentence, "Offer what is left once it runs."))
    if now >= locked.ends_at:
        raise Refused(Refusal("E3", "year_over", "This contract year is over.", "Look at the year that runs now."))
    if not standing_of(locked, now).unused:
        raise Refused(Refusal("E3", "nothing_left", "No place of this year is left.", "There is nothing to offer."))
    last = last_offers([locked.contract.order_form]).get(locked.contract.order_form)
    if last and now < last + NOT_AGAIN_FOR:
        sentence = f"It was offered on {day_in_words(last.astimezone(locked.contract.tz).date())}."
        raise Refused(Refusal("E3", "offered_already", sentence, "Wait a week, or write to the customer yourself."))
    if not access.people_of(customer, Role.OWNER, Role.BOOKINGS).exists():
        raise Refused(
            Refusal(
                "E3", "nobody_books", f"Nobody of {customer} may book.", "Invite an owner or somebody for bookings."
            )
        )
    record(VERB, matter=locked.contract.order_form, by=by, now=now, note=str(locked))
    sessions_offered(locked, lines, now=now)


def last_offers(order_forms: Sequence[str]) -> dict[str, datetime]:
    """When sessions were offered last (UTC), by the contract's order form."""
    offers = Event.objects.filter(verb=VERB, matter__in=order_forms, table="").order_by("happened_at")
    return dict(offers.values_list("matter", "happened_at"))
