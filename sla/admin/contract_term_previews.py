"""What a change of a contract's calendar, plan, terms, products or fees would do, and what a renewal takes over (E3, E9, S1, S11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from entitlements import wording
from entitlements.actions.fees import Fee
from entitlements.actions.products import left_without
from entitlements.actions.refused import Refused
from entitlements.actions.renewals import last_level
from entitlements.actions.starts import check_start_change, preview_start_change
from entitlements.actions.zones import moves_engagements, preview_zone_change
from entitlements.models import Contract
from entitlements.rules.contract_years import ContractYear, contract_years
from entitlements.rules.days import add_months, day_in_words, first_instant, local_day
from entitlements.rules.editions import ACTIVITIES, LEVELS
from entitlements.rules.term_changes import ZoneChange
from sla.actions.contract_terms import not_settled
from sla.admin.contract_fees import limits_at
from sla.admin.contract_previews import Given, Preview, Table, engagements_table
from sla.assessment import fee_months_of, terms_on
from sla.elections import takes_effect_before
from sla.models import Claim, ClaimState, Election, Failure, TermsPeriod
from sla.rules.claim_window import closes_at
from sla.rules.fees import FeeLine

_DAY = timedelta(days=1)
STAYS = "stays as stored"
LIMITS = {
    "Annual fees": "annual",
    "Averaged over": "months",
    "First cap, a multiple of them": "first_cap",
    "Second cap": "second_cap",
}


def zone(contract: Contract, given: Given, now: datetime) -> Preview:
    """E3: the stored ends and deadlines as they would be computed otherwise; none of them moves."""
    new = ZoneInfo(given["zone"])
    change = preview_zone_change(contract=contract, zone=given["zone"], now=now)
    if change.obstacles:
        raise Refused(moves_engagements(contract, change.obstacles, "Move or cancel them first."))
    today = day_in_words(local_day(now, contract.tz))
    sentences = (
        f"From today, {today}, days are counted in {wording.zone_in_words(new)} ({given['zone']}).",
        "Stored ends of years and deadlines stay. New deadlines, and years that are added later, are computed in the new zone.",
        "What occurred before today is judged by the old zone, whenever it is reported.",
    )
    return Preview(sentences, (_ends(contract, change, new), _windows(contract, new, now), _moved(contract, change)))


def start(contract: Contract, given: Given, now: datetime) -> Preview:
    """E3, E5: each year before and after."""
    change = preview_start_change(contract=contract, first=given["first"])
    check_start_change(contract, change, now)
    rows = [
        (f"Year {n}", _days(was), _days(becomes), _end(was, becomes))
        for n, (was, becomes) in enumerate(change.pairs, start=1)
    ]
    sentences = (
        f"The term begins on {day_in_words(given['first'])} instead of {day_in_words(contract.first_day)}; levels, zone, plan, "
        "terms and products that began with it begin with it again.",
        "No engagement that counts changes its contract year. Claim windows that are stored stay.",
    )
    heads = ("Year", "Days before", "Days after", "Its end")
    return Preview(sentences, (Table("The contract years", "E3", heads, rows, ""),))


def plan(contract: Contract, given: Given, now: datetime) -> Preview:
    """S17: plan and discount before and after."""
    rows = [
        ("Plan", contract.plan, given["plan"]),
        ("Discount", _percent(contract.discount_percent), _percent(given["discount_percent"])),
    ]
    sentence = (
        f"From {day_in_words(given['first'])} to the end of the term. Seats and their cost are entered month by month."
    )
    return Preview((sentence,), (Table("Plan and discount", "S17", ("What", "Before", "After"), rows, ""),))


def terms(contract: Contract, given: Given, now: datetime) -> Preview:
    """S1: which failures come under other terms."""
    kind = TermsPeriod.Kind(given["terms"]).label
    later = [one for one in Failure.objects.filter(contract=contract) if _on_or_after(one, contract, given)]
    rows = [
        (one.reference, one.get_kind_display(), wording.moment_in_short(one.occurred_at, contract.tz)) for one in later
    ]
    sentences = (
        f"From {day_in_words(given['first'])} to the end of the term the contract is on {kind}.",
        "Claims that are open are judged anew by it; what is decided stays.",
    )
    heads = ("Failure", "What failed", "Occurred")
    return Preview(
        sentences, (Table("Reported failures that come under it", "S1", heads, rows, "None was reported yet."),)
    )


def standard_terms(contract: Contract, given: Given, now: datetime) -> Preview:
    """S16: as `terms`, of a correction that a second person makes."""
    found = on_standard_terms(contract, given, now)
    return replace(found, sentences=("It takes effect once a second person approves it.", *found.sentences))


def on_standard_terms(contract: Contract, given: Given, now: datetime) -> Preview:
    """S16: as `terms`, of a correction that a second person made."""
    return terms(contract, {**given, "terms": TermsPeriod.Kind.STANDARD}, now)


def add_product(contract: Contract, given: Given, now: datetime) -> Preview:
    """E9"""
    days = wording.days_in_words(given["first"], given["last"])
    return Preview((f"The contract includes {given['product']}, {days}.",))


def end_product(contract: Contract, given: Given, now: datetime) -> Preview:
    """E9: what would miss it."""
    holding, last = given["holding"], given["last"]
    missed = left_without(holding=holding, last=last)
    what = f"{holding.product} is included for the last time on {day_in_words(last)}."
    if last < holding.days.lower:
        what = f"{holding.product} is taken off the record: it never was included."
    sentences = (what, "What is booked and misses it stays booked and is flagged.")
    table = engagements_table("What requires it on a later day", "E9", missed, "Nothing that lies ahead requires it.")
    return Preview(sentences, (table,))


def month(contract: Contract, given: Given, now: datetime) -> Preview:
    """S11, S19: the month's lines, what a credit is limited by before and after, and the open claims that they enter into."""
    known = contract.fee_months.filter(month=given["month"])
    before = [_fee("Before", Fee(one.cost_per_seat, one.paid_seats, one.days)) for one in known]
    after = [_fee("After", one) for one in given["lines"]]
    open_states = (ClaimState.DRAFT, ClaimState.SUBMITTED, ClaimState.IN_REVIEW)
    claims = Claim.objects.filter(contract=contract, state__in=open_states).order_by("pk")
    rows = [(one.reference, one.get_state_display()) for one in claims]
    heads = ("", "Days", "Paid seats", f"Cost of a seat, {contract.currency}")
    return Preview(
        ("What is decided stays as it was decided; open claims are computed with the new figures.",),
        (
            Table(f"Fees of {given['month']:%B %Y}", "S11", heads, [*before, *after], ""),
            _limits(contract, given, now),
            Table("Open claims of the contract", "S11", ("Claim", "State"), rows, "No claim is open."),
        ),
    )


def renew(contract: Contract, given: Given, now: datetime) -> Preview:
    """E3: everything that the new contract takes over."""
    first, last = contract.last_day + _DAY, given["last"]
    if last < first:
        return Preview((f"It would end before it begins, on {day_in_words(first)}.",))
    held = [str(one.product) for one in contract.products.all() if one.days.upper == contract.term.upper]
    ended_with = contract.terms_periods.order_by("days").last()
    fee = "none" if given["paid_seats"] is None or given["cost_per_seat"] is None else (
        f"{wording.number_in_words(given['paid_seats'])} seats at {wording.number_in_words(given['cost_per_seat'])}"
    )  # fmt: skip
    rows = [
        ("Order form", given["order_form"]),
        ("Account", contract.account),
        (
            "Term",
            f"{wording.days_in_words(first, last)}: {wording.counted(len(contract_years(first, last)), 'contract year')}",
        ),
        ("Level", LEVELS[last_level(contract)]),
        ("Products", ", ".join(held) or "none"),
        ("Zone", contract.zone),
        ("Plan and discount", f"{contract.plan}, {_percent(contract.discount_percent)}"),
        ("Terms", ended_with.get_terms_display() if ended_with else "none on record"),
        ("Fees of its first month", fee),
    ]
    sentences = (
        "A new contract begins on the next day. This one stays as it is.",
        "Nothing that is unused rolls over, and no override.",
        *_withdrawn_meanwhile(contract, now),
    )
    return Preview(sentences, (Table("The new contract", "E3", ("What", "As"), rows, ""),))


def _withdrawn_meanwhile(contract: Contract, now: datetime) -> list[str]:
    """S16: an election changes its own contract; the new one begins with what its last day is on record with."""
    if over := takes_effect_before(contract, [now], now):
        waits = not_settled(over)
        return [f"{waits.sentence} {waits.what_helps}"]
    running = Election.objects.running_or_prepared().filter(contract=contract)
    return [
        f"{one} is not over: it changes plan, fee and terms of this contract alone. The new one begins as the list "
        "below says, and its Enterprise terms end only by a withdrawal of its own."
        for one in running
    ]


def _ends(contract: Contract, change: ZoneChange, new: ZoneInfo) -> Table:
    rows = [
        (
            f"Year {year.n}",
            wording.deadline_in_short(stored, contract.tz),
            wording.deadline_in_short(would_be, new),
            STAYS if stored != would_be else "the same instant",
        )
        for year, stored, would_be in change.years
    ]
    return Table(
        "Ends of the contract years", "E3", ("Year", "Stored", "In the new zone", "What becomes of it"), rows, ""
    )


def _windows(contract: Contract, new: ZoneInfo, now: datetime) -> Table:
    """S13: claim windows that are open."""
    rows = [
        (
            one.reference,
            wording.deadline_in_short(one.closes_at, contract.tz),
            wording.deadline_in_short(closes_at(one.occurred_at, new, terms_on(one.occurred_at, contract)), new),
            STAYS,
        )
        for one in Failure.objects.filter(contract=contract, closes_at__gt=now).order_by("closes_at")
    ]
    heads = ("Failure", "Stored deadline", "In the new zone", "What becomes of it")
    return Table("Claim windows that are open", "S13", heads, rows, "No claim window is open.")


def _moved(contract: Contract, change: ZoneChange) -> Table:
    references = {str(one.pk): one for one in contract.engagements.all()}
    rows = [
        (
            references[one.id].reference,
            ACTIVITIES[references[one.id].activity_id],
            day_in_words(one.day),
            day_in_words(one.new_day),
        )
        for one in change.moved
    ]
    heads = ("Engagement", "Activity", "Counts on, and stays", "Local date in the new zone")
    return Table(
        "Booked sessions with another local date", "E5", heads, rows, "Every booked session keeps its local date."
    )


def _days(year: ContractYear | None) -> str:
    return wording.days_in_words(year.first, year.last) if year else "–"


def _end(was: ContractYear | None, becomes: ContractYear | None) -> str:
    if was is None or becomes is None:
        return "the year goes" if becomes is None else "new"
    return STAYS if was.last == becomes.last else "computed anew"


def _limits(contract: Contract, given: Given, now: datetime) -> Table:
    """S11: the annual fees and both caps before and after, for a failure now, or as soon as the month enters into them."""
    month, on_record = given["month"], fee_months_of(contract)
    at = max(now, first_instant(add_months(month, 1), contract.tz))
    lines = [
        FeeLine(one.cost_per_seat, one.paid_seats, *((one.days.lower, one.days.upper - _DAY) if one.days else ()))
        for one in given["lines"]
    ]
    before, after = (limits_at(contract, at, months) for months in (on_record, {**on_record, month: lines}))
    when = wording.moment_in_words(at, contract.tz, seconds=False)
    rows = [
        (name, getattr(before, key), getattr(after, key))
        for name, key in LIMITS.items()
        if before is not None and after is not None
    ]
    why_none = "No edition of the terms is published, so nothing is computed."
    return Table(
        f"What a credit is limited by, for a failure on {when}", "S11", ("", "Before", "After"), rows, why_none
    )


def _fee(name: str, fee: Fee) -> tuple[str, ...]:
    days = wording.days_in_words(fee.days.lower, fee.days.upper - _DAY) if fee.days else "the whole month"
    return name, days, wording.number_in_words(fee.paid_seats), wording.number_in_words(fee.cost_per_seat)


def _percent(discount: Decimal) -> str:
    return f"{wording.number_in_words(discount)} %"


def _on_or_after(failure: Failure, contract: Contract, given: Given) -> bool:
    return local_day(failure.occurred_at, contract.tz_at(failure.occurred_at)) >= given["first"]
