"""The places of a contract year: the lock under which they are booked (E6), and the ledger in which each is taken and given back (E5)."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import QuerySet

from entitlements.actions.refused import Refused
from entitlements.models import Contract, ContractYear, Engagement, EngagementState, UsageEntry, User
from entitlements.rules.days import day_in_words, local_day
from entitlements.rules.refusals import Refusal

Kind = UsageEntry.Kind
YEAR_OVER = Refusal(
    "E3",
    "year_over",
    "The contract year of that day is over, by the zone that the contract had until its end was stored.",
    "Choose a day of the next one.",
)
IN_THE_PAST = Refusal("E5", "in_the_past", "That time is over.", "Choose a later one.")


def lock(years: QuerySet[ContractYear]) -> dict[int, ContractYear]:
    """E6: the locks of these years, by key, and always taken in the order of their keys."""
    return {year.pk: year for year in years.order_by("pk").select_for_update(no_key=True)}


def lock_all_years(contract: Contract) -> Contract:
    """E6: the locks of all years of a contract, for what changes the caps of any of them; the contract as it is under them."""
    lock(contract.years.all())
    return Contract.objects.select_for_update(no_key=True).get(pk=contract.pk)


def locked_year(contract: Contract, *, day: date | None = None, at: datetime | None = None) -> ContractYear:
    """E3, E6: the year of a day, or of an instant (UTC), under the locks of all the contract's years. Refused outside the term.

    Looked for under the locks only: until then another first day moves the years, and another zone the day.
    """
    locked = lock(ContractYear.objects.filter(contract=contract))
    current = Contract.objects.get(pk=contract.pk)
    wanted = local_day(at, current.tz_at(at)) if at else day
    found = next((year for year in locked.values() if wanted and wanted in year.facts()), None)
    if found is None:
        raise Refused(outside_term(current.first_day, current.last_day))
    return found


def outside_term(first: date, last: date) -> Refusal:
    sentence = f"The contract runs from {first:%B %-d, %Y} to {last:%B %-d, %Y}."
    return Refusal("E14", "outside_term", sentence, "Choose a day of the term.")


def locked_engagement(
    engagement: Engagement, *states: str, to: date | None = None, at: datetime | None = None
) -> tuple[Engagement, ContractYear]:
    """E6: an engagement as it is under the lock of its year; with it the year of the day `to`, or of the instant `at` (UTC),
    locked too, or its own.

    Refused if it is in none of the states any more, or if the day lies outside the term.
    """
    own = Engagement.objects.values_list("year", flat=True).get(pk=engagement.pk)
    elsewhere = to or at
    year = (
        locked_year(engagement.contract, day=to, at=at) if elsewhere else lock(ContractYear.objects.filter(pk=own))[own]
    )
    current = (
        Engagement.objects.select_for_update(of=("self",))
        .select_related("contract__customer", "activity", "year")
        .get(pk=engagement.pk)
    )
    if current.state not in states or current.year_id != own:
        now_is = current.get_state_display().lower() if current.state not in states else "in another contract year"
        raise Refused(Refusal("E5", "already_moved_on", f"It is {now_is} by now.", "Look at it again."))
    return current, year


def locked_request(
    engagement: Engagement, now: datetime, to: date | None = None, at: datetime | None = None
) -> tuple[Engagement, ContractYear]:
    """E5, T3: a request that still waits. Once its contract year is over it has lapsed, whether the sweep has run yet or not."""
    current, year = locked_engagement(engagement, EngagementState.REQUESTED, to=to, at=at)
    if now >= current.year.ends_at:
        raise Refused(
            Refusal(
                "E5", "lapsed", "Its contract year ended before it was scheduled.", "Ask for it again in the new year."
            )
        )
    check_not_over(year, now)
    return current, year


def check_not_over(year: ContractYear, now: datetime) -> None:
    """E3: a year is over with its stored end, though after a change of zone the contract's day may still lie in it."""
    if year.ends_at <= now:
        raise Refused(YEAR_OVER)


def move_to(
    engagement: Engagement, day: date, year: ContractYear, *, by: User, now: datetime, kind: str = Kind.MOVE
) -> None:
    """E5: a move is a removal and a new booking in one step; `kind` says what it is in the ledger where its year stays. The caller
    saves the engagement.
    """
    before = engagement.day
    if year.pk != engagement.year_id:
        enter(engagement, Kind.RELEASE, places=-1, by=by, now=now, reason="Moved to another contract year.")
        engagement.year, engagement.day = year, day
        enter(engagement, Kind.HOLD, places=1, by=by, now=now, reason="Moved from another contract year.")
    elif day != engagement.day:
        engagement.day = day
        reason = f"From {day_in_words(before)} to {day_in_words(day)}."
        enter(engagement, kind, places=0, by=by, now=now, reason=reason)


def save_and_enter(
    engagement: Engagement, kind: str, *, counted: bool, by: User | None, now: datetime, reason: str = ""
) -> None:
    """E5: save what has become of an engagement, and enter the place that it has taken or given back by that, if any.

    `counted`: whether it held a place before.
    """
    engagement.save()
    change = int(engagement.counts) - int(counted)
    if change:
        enter(engagement, kind, places=change, by=by, now=now, reason=reason)


def enter(engagement: Engagement, kind: str, *, places: int, by: User | None, now: datetime, reason: str = "") -> None:
    """Write a line of the ledger. Under Professional Services (E7) it only notes."""
    UsageEntry.objects.create(
        year_id=engagement.year_id,
        engagement=engagement,
        kind=kind,
        places=0 if engagement.ps_reference else places,
        day=engagement.day,
        happened_at=now,
        by=by,
        reason=reason,
    )
