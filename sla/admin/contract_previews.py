"""What each change of a contract would do, worked out before it is confirmed: plain facts and tables, nothing is written (M3, E6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from entitlements import wording
from entitlements.actions import levels, overrides
from entitlements.actions.contract_states import follow_ups_after
from entitlements.card_words import cap_in_words
from entitlements.models import BookedSession, Contract, Engagement, EngagementState
from entitlements.rules.cap_changes import CapChange
from entitlements.rules.cap_values import Cap
from entitlements.rules.contract_years import contract_years
from entitlements.rules.days import day_in_words, local_day
from entitlements.rules.editions import ACTIVITIES, LEVELS, PolicyEdition
from entitlements.rules.engagements import ended_by_termination
from entitlements.rules.year_books import OverCap

Given = dict[str, Any]
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Table:
    """Rows of words under a caption; where there is none, why not."""

    caption: str
    clause: str
    heads: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    empty: str


@dataclass(frozen=True)
class Preview:
    """What a change would do: sentences first, then the tables behind them."""

    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


def level(contract: Contract, given: Given, now: datetime) -> Preview:
    """E6: the caps before and after, what would be over, and the planned changes that it takes the place of."""
    first = given["first"]
    change = levels.preview_level_change(contract=contract, level=given["level"], first=first)
    name = LEVELS[given["level"]]
    replaced = [
        f"The change to {LEVELS[planned]} that is planned for {day_in_words(day)} is replaced by this one and will not happen."
        for day, planned in change.replaced
    ]
    sentences = (
        f"From {day_in_words(first)} to the end of the term the contract is at {name}.",
        "What was used in the contract year goes on counting; there is no second reset.",
        *replaced,
    )
    return Preview(
        sentences, _cap_tables(contract, change.caps, change.over, {one.id for one in change.newly_over}, first)
    )


def add_override(contract: Contract, given: Given, now: datetime) -> Preview:
    """E8: the override beside the policy's own cap, and what follows from it."""
    override = given["override"]
    effect = overrides.preview_override(contract=contract, override=override)
    first = max(override.first or contract.first_day, contract.first_day)
    sentence = f"The cap becomes {cap_in_words(override.cap)}, at whatever level, by {override.reference}."
    return Preview(
        (sentence,), _cap_tables(contract, effect.caps, effect.over, {one.id for one in effect.newly_over}, first)
    )


def end_override(contract: Contract, given: Given, now: datetime) -> Preview:
    """E8: the policy's own cap comes back."""
    override, last = given["override"], given["last"]
    effect = overrides.preview_end_of_override(contract=contract, override=override, last=last)
    begins = override.facts().first or contract.first_day
    what = (
        "It never comes into force and is taken off the record."
        if last < begins
        else f"It holds until {day_in_words(last)}."
    )
    return Preview(
        (what, "From the next day on the policy's own cap holds."),
        _cap_tables(contract, effect.caps, effect.over, {one.id for one in effect.newly_over}, last + _DAY),
    )


def suspend(contract: Contract, given: Given, now: datetime) -> Preview:
    """E14, S1: what a suspension holds."""
    today = local_day(now, contract.tz)
    held = [one for one in ahead(contract) if one.day >= today]
    sentences = (
        f"The contract is suspended from today, {day_in_words(today)}, until it is resumed.",
        "Nothing can be booked on it; what is booked is held, and its sessions stay in the calendar.",
        "Failures that occur from today on are out of scope.",
    )
    return Preview(sentences, (engagements_table("What is held", "E14", held, "Nothing lies ahead."),))


def resume(contract: Contract, given: Given, now: datetime) -> Preview:
    """E14, S1: what goes on."""
    today = local_day(now, contract.tz)
    open_ones = [one for one in contract.suspensions.all() if one.last_day is None]
    sentences = [
        "The suspension that began today is taken back as if it had never been."
        if one.first_day >= today
        else f"It was suspended from {day_in_words(one.first_day)} to {day_in_words(today - _DAY)}."
        for one in open_ones
    ]
    late = [one for one in ahead(contract) if one.day < today]
    return Preview(
        (*sentences, "Customers can book again at once."),
        (engagements_table("Days that have passed meanwhile", "E14", late, "No booked day has passed meanwhile."),),
    )


def terminate(contract: Contract, given: Given, now: datetime) -> Preview:
    """E14: everything that is cancelled by it."""
    last_day = given["last_day"]
    facts = [one.facts() for one in contract.engagements.all()]
    ended = set(ended_by_termination(facts, last_day))
    cancelled = [one for one in _in_order(contract) if str(one.pk) in ended or one.pk in ended]
    sentences = (
        f"The contract ends with {day_in_words(last_day)}. This cannot be undone: what comes then is a new contract.",
        "Nothing more can be booked from now on. The contract years and their ends stay as they are.",
        "The customer gets a letter for each engagement or session that is cancelled.",
        "An engagement that loses only its follow-up keeps its place: it is delivered with its discovery.",
    )
    table = engagements_table("What is cancelled", "E14", cancelled, "Nothing lies later.")
    return Preview(sentences, (table, _follow_ups(contract, follow_ups_after(contract, last_day))))


def extend(contract: Contract, given: Given, now: datetime) -> Preview:
    """E3: the years of the longer term; those there are stay."""
    last = given["last"]
    known = {year.n: year for year in contract.years.all()}
    rows = [
        (f"Year {year.n}", wording.days_in_words(year.first, year.last), _kept(known.get(year.n), year.last))
        for year in contract_years(contract.first_day, max(last, contract.last_day))
    ]
    table = Table("The contract years", "E3", ("Year", "Days", "What becomes of it"), rows, "")
    terms = [one for one in contract.terms_periods.all() if one.days.upper == contract.term.upper]
    sentences = (
        f"The term ends with {day_in_words(last)} instead of {day_in_words(contract.last_day)}. Its years go on counting.",
        "The last level and every product that runs to the old end go on to the new one.",
        *(f"So do the {one.get_terms_display()}." for one in terms),
    )
    return Preview(sentences, (table,))


def ahead(contract: Contract) -> list[Engagement]:
    """What is asked for or booked and not over."""
    open_states = (EngagementState.REQUESTED, EngagementState.SCHEDULED)
    return [one for one in _in_order(contract) if one.state in open_states]


def target_in_words(edition: PolicyEdition, target: str) -> str:
    """An activity, or a pool of the edition, by its name."""
    pools = {pool.key: pool.name for pool in edition.pools}
    return ACTIVITIES.get(target) or pools.get(target, target)


def policy_cap(edition: PolicyEdition, level: str | None, target: str) -> Cap:
    """E8: the policy's own cap for an activity, or for a pool, at a level."""
    pool = next((pool for pool in edition.pools if (pool.key, pool.level) == (target, level)), None)
    return pool.cap if pool else edition.table(level).line_of(target).policy


def _in_order(contract: Contract) -> list[Engagement]:
    return sorted(contract.engagements.all(), key=lambda one: (one.day, one.pk))


def _kept(known: Any, last: date) -> str:
    if known is None:
        return "New"
    return "Stays" if known.last_day == last else f"Was cut short on {day_in_words(known.last_day)}"


def engagements_table(caption: str, clause: str, rows: Iterable[Engagement], empty: str) -> Table:
    """Engagements by reference, activity, day and state."""
    words = [
        (one.reference, ACTIVITIES[one.activity_id], day_in_words(one.day), wording.state_of(one.state).word)
        for one in rows
    ]
    return Table(caption, clause, ("Engagement", "Activity", "Day", "State"), words, empty)


def _follow_ups(contract: Contract, sessions: Iterable[BookedSession]) -> Table:
    """E14: the sessions that are cancelled although their engagements stand."""
    rows = [
        (one.engagement.reference, one.engagement.activity.name, wording.moment_in_short(one.during.lower, contract.tz))
        for one in sessions
    ]
    heads = ("Engagement", "Activity", "Follow-up")
    return Table("Follow-ups that are cancelled", "E14", heads, rows, "No follow-up of the term lies later.")


def _cap_tables(
    contract: Contract, changes: Iterable[CapChange], over: Iterable[OverCap], new: set[str], first: date
) -> tuple[Table, Table]:
    """The caps that differ on the first day, and every engagement that would stand above its cap."""
    rows = [
        (ACTIVITIES[one.activity], _cap(one.before), _cap(one.after), cap_in_words(one.after.policy))
        for one in changes
        if one.differs
    ]
    caps = Table(
        f"Caps on {day_in_words(first)}",
        "E6",
        ("Activity", "In force before", "In force after", "Policy's own then"),
        rows,
        "No cap changes.",
    )
    references = {str(one.pk): one.reference for one in contract.engagements.all()}
    above = [
        (
            references[one.id],
            ACTIVITIES[one.engagement.activity],
            day_in_words(one.engagement.day),
            f"number {one.used} where the cap is {cap_in_words(one.cap)}",
            "by this change" if one.id in new else "already today",
        )
        for one in over
    ]
    heads = ("Engagement", "Activity", "Day", "Stands as", "Since")
    return caps, Table(
        "What stands above its cap afterwards. It stays booked; nothing more can be booked beyond it.",
        "E6",
        heads,
        above,
        "Nothing stands above its cap.",
    )


def _cap(line: Any) -> str:
    return cap_in_words(line.cap) + (" in all" if line.is_pool else "")
