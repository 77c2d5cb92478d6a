"""A contract's own caps (E8): put on record with their document and reason, and ended, under the locks of all its years."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements.actions.log import record
from entitlements.actions.places import lock_all_years
from entitlements.actions.plainly import in_plain_words
from entitlements.actions.refused import Refused
from entitlements.actions.year_ends import settle
from entitlements.models import CapOverride, Contract, PolicyEdition, User
from entitlements.rules import caps
from entitlements.rules.cap_changes import CapEffect, cap_effect
from entitlements.rules.contracts import ContractFacts
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal

DAY = timedelta(days=1)
TERMINATED = Refusal("E14", "not_active", "The contract is terminated, so its caps stay as they were.")


def preview_override(*, contract: Contract, override: caps.Override) -> CapEffect:
    """E8: what the caps of its first day become with one more override, and what would stand above them. Changes nothing.

    Raises Refused if none of its days is a day of the term, and where another override holds for the same cap and day.
    """
    before = contract.facts()
    first = _first_in_term(before, override)
    _check_free(before, override)
    after = replace(before, overrides=(*before.overrides, override))
    return _effect(contract, before, after, first)


def preview_end_of_override(*, contract: Contract, override: CapOverride, last: date) -> CapEffect:
    """E8: what the caps of the day after `last` become once an override has ended. Changes nothing.

    Raises Refused if that day is not in the term: then ending it changes nothing.
    """
    before = contract.facts()
    ended = override.facts()
    kept = tuple(one for one in before.overrides if one != ended)
    if ended.first is None or last >= ended.first:
        kept = (*kept, replace(ended, last=last))
    day = max(last + DAY, before.start)
    if day > before.last:
        raise Refused(Refusal("E8", "outside_term", "The term is over by then.", "Choose an earlier day."))
    return _effect(contract, before, replace(before, overrides=kept), day)


@transaction.atomic
def add_override(*, contract: Contract, override: caps.Override, by: User, now: datetime) -> CapOverride:
    """E8: a binding agreement replaces a cap, on its days and at whatever level; it cites its document and a reason.

    Raises Refused outside the term, on a terminated contract, and where another override holds for the same cap and day.
    """
    contract = lock_all_years(contract)
    _check_not_terminated(contract)
    _first_in_term(contract.facts(), override)
    record("contract.override_added", matter=contract.order_form, by=by, now=now, note=override.reason)
    row = CapOverride(
        contract=contract,
        activity_id=None if override.on_pool else override.target,
        pool_key=override.target if override.on_pool else "",
        cap=override.cap if isinstance(override.cap, int) else None,
        unlimited=override.cap is caps.UNLIMITED,
        days=_days(override),
        document=override.reference,
        reason=override.reason,
        agreed_at=now,
        agreed_by=by,
    )
    with in_plain_words(CapOverride, "E8"):
        row.save()
    settle(*contract.years.all(), by=by, now=now)
    return row


@transaction.atomic
def end_override(*, override: CapOverride, last: date, reason: str, by: User, now: datetime) -> CapOverride | None:
    """E8: the override holds for the last time on `last`; from the next day on the policy's own cap is back.

    One that has not begun by then is taken back as if it had never been: None. Raises Refused for a day before yesterday, or
    later than its end: what was in force stays, and a longer one is a new override.
    """
    contract = lock_all_years(override.contract)
    override = CapOverride.objects.select_for_update().get(pk=override.pk)
    facts, today = override.facts(), local_day(now, contract.tz)
    begins = facts.first or contract.first_day
    if facts.last is not None and last >= facts.last:
        raise Refused(
            Refusal("E8", "not_earlier", "It ends by then already.", "Choose an earlier day, or add another.")
        )
    if last < today - DAY and begins < today:
        raise Refused(
            Refusal(
                "E8", "in_force", "It was in force until today, and what was booked under it stands.", "End it today."
            )
        )
    record("contract.override_ended", matter=contract.order_form, by=by, now=now, note=reason)
    if last < begins:
        override.delete()
        return None
    override.days = DateRange(override.days.lower if override.days else None, last + DAY)
    override.save(update_fields=["days"])
    return override


def _effect(contract: Contract, before: ContractFacts, after: ContractFacts, first: date) -> CapEffect:
    engagements = [engagement.facts() for engagement in contract.engagements.all()]
    return cap_effect(before, after, engagements, PolicyEdition.objects.facts(), first)


def _first_in_term(facts: ContractFacts, override: caps.Override) -> date:
    """The first day of the term on which it holds."""
    first, last = max(override.first or facts.start, facts.start), min(override.last or facts.last, facts.last)
    if first > last:
        sentence = "None of these days is a day of the contract's term."
        raise Refused(Refusal("E8", "outside_term", sentence, "Choose days of the term."))
    return first


def _check_free(facts: ContractFacts, override: caps.Override) -> None:
    """What the database will say when it is added, said before."""
    first, last = override.first or date.min, override.last or date.max
    for one in facts.overrides:
        if one.target == override.target and (one.first or date.min) <= last and first <= (one.last or date.max):
            sentence = f"Another override of this cap, by {one.reference}, holds on some of these days."
            raise Refused(
                Refusal("E8", "one_override_of_a_cap_on_a_day", sentence, "Choose other days, or end it first.")
            )


def _check_not_terminated(contract: Contract) -> None:
    if contract.status == Contract.Status.TERMINATED:
        raise Refused(TERMINATED)


def _days(override: caps.Override) -> DateRange | None:
    if override.first is None and override.last is None:
        return None
    return DateRange(override.first, override.last + DAY if override.last else None)
