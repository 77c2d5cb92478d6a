"""A contract's plan and discount, dated (S17)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.periods import begin
from entitlements.actions.refused import Refused
from entitlements.models import Contract, User
from entitlements.rules.days import day_in_words, local_day
from entitlements.rules.refusals import Refusal


@transaction.atomic
def change_plan(
    *, contract: Contract, plan: str, discount_percent: Decimal, first: date, reason: str, by: User, now: datetime
) -> Contract:
    """S17: another plan or discount from a day on, today at the latest: what is agreed for later is put on record when it begins.

    Raises Refused for a day outside the term, ahead, or before the last change, if nothing would change, and on a terminated
    contract.
    """
    contract = Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)
    _check(contract, plan, discount_percent, first, now)
    record("contract.plan_changed", matter=contract.order_form, by=by, now=now, note=reason)
    begin(contract.plans, first, contract.term, plan=plan, discount_percent=discount_percent)
    contract.plan, contract.discount_percent = plan, discount_percent
    contract.save(update_fields=["plan", "discount_percent"])
    return contract


def _check(contract: Contract, plan: str, discount: Decimal, first: date, now: datetime) -> None:
    if contract.status == Contract.Status.TERMINATED:
        raise Refused(Refusal("E14", "not_active", "The contract is terminated, so its plan stays as it was."))
    if (plan, discount) == (contract.plan, contract.discount_percent):
        raise Refused(Refusal("S17", "same_plan", "The contract has this plan and discount already."))
    if not contract.first_day <= first <= contract.last_day:
        raise Refused(
            Refusal("S17", "outside_term", "That day lies outside the contract's term.", "Choose another day.")
        )
    if first > local_day(now, contract.tz):
        raise Refused(Refusal("S17", "ahead", "That day has not come yet.", "Put the change on record when it begins."))
    began = contract.plans.order_by("days").last().days.lower  # type: ignore[union-attr]
    if first < began:
        sentence = f"The plan of today began on {day_in_words(began)}; a change is not slipped in before it."
        raise Refused(Refusal("S17", "before_the_last", sentence, "Choose that day to correct it, or a later one."))
