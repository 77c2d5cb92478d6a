"""A contract's zone, dated (E3): what another one would do, and changing it from today on."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from entitlements.actions.log import record
from entitlements.actions.periods import begin
from entitlements.actions.places import lock_all_years
from entitlements.actions.refused import Refused
from entitlements.models import BookedSession, Contract, EngagementState, User
from entitlements.models.contracts import check_zone
from entitlements.rules.days import day_in_words, local_day
from entitlements.rules.refusals import Refusal
from entitlements.rules.term_changes import Moved, ZoneChange, zone_change

TERMINATED = Refusal("E14", "not_active", "The contract is terminated, so its days stay as they were counted.")


def preview_zone_change(*, contract: Contract, zone: str, now: datetime) -> ZoneChange:
    """E3: which stored ends of years the new zone would compute otherwise, and which booked sessions would have another local
    date. Changes nothing."""
    ahead = BookedSession.objects.filter(
        engagement__contract=contract,
        engagement__state=EngagementState.SCHEDULED,
        released_at__isnull=True,
        during__startswith__gt=now,
    )
    sessions = list(ahead.select_related("engagement"))
    firsts = [(one.engagement.facts(), one.during.lower) for one in sessions if one.part == 1]
    later = [(one.engagement.facts(), one.during.lower) for one in sessions if one.part > 1]
    stored = [(year.facts(), year.ends_at) for year in contract.years.all()]
    return zone_change(contract.facts(), stored, firsts, ZoneInfo(zone), later)


@transaction.atomic
def change_zone(*, contract: Contract, zone: str, reason: str, by: User, now: datetime) -> Contract:
    """E3: from today on the contract's days, new years and new deadlines are counted in another zone.

    Whatever is stored stays: ends of years, deadlines, the days on which engagements count. What occurred before is judged by
    the zone it occurred under. Raises ValidationError for what is no zone; Refused while a booked session would count in another
    contract year by it, on a terminated contract, outside the term, and if nothing would change.
    """
    check_zone(zone)
    contract = lock_all_years(contract)
    today = local_day(now, contract.tz)
    _check(contract, zone)
    if not contract.first_day <= today <= contract.last_day:
        raise Refused(Refusal("E3", "outside_term", "The term does not run today.", "Its zone is dated by its days."))
    if obstacles := preview_zone_change(contract=contract, zone=zone, now=now).obstacles:
        raise Refused(moves_engagements(contract, obstacles, "Move or cancel them first."))
    record("contract.zone_changed", matter=contract.order_form, by=by, now=now, note=reason)
    begin(contract.zones, today, contract.term, zone=zone)
    contract.zone = zone
    contract.save(update_fields=["zone"])
    return contract


def moves_engagements(contract: Contract, obstacles: tuple[Moved, ...], what_helps: str) -> Refusal:
    """E5, E14: what is booked does not change its contract year by the way; which would, by their references."""
    references = {str(one.pk): one.reference for one in contract.engagements.all()}
    named = ", ".join(f"{references[one.id]} ({day_in_words(one.day)})" for one in obstacles)
    sentence = f"It would move what is booked to another contract year, or out of the term: {named}."
    return Refusal("E5", "moves_engagements", sentence, what_helps)


def _check(contract: Contract, zone: str) -> None:
    if contract.status == Contract.Status.TERMINATED:
        raise Refused(TERMINATED)
    if contract.zone == zone:
        raise Refused(Refusal("E3", "same_zone", "The contract has this zone already.", "Choose another."))
