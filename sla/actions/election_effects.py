"""What an election comes to (S16, S17): at the first instant after the period, all of one contract together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from entitlements import missed
from entitlements.actions.log import record
from entitlements.actions.periods import fit_zone_and_plan, move
from entitlements.models import Contract, FeeMonth, User
from entitlements.rules.days import add_months, first_of_month
from entitlements.rules.money import exact
from sla import election_letters as letters
from sla.actions.elections import answer_of, stop_if_nothing_stands, void
from sla.actions.recomputing import recomputed
from sla.actions.shift_memos import write_memo
from sla.elections import effect_of, offer_of, standing_of
from sla.models import Billing, Claim, Election, ElectionChoice, ElectionState, TermsPeriod
from sla.rules.elections import Choice, Decider
from sla.rules.elections import ElectionState as Standing
from sla.rules.plans import Offer

_DAY = timedelta(days=1)
_SIX_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class _FromThenOn:
    """What a contract has from the day of effect on: a seat costs `cost` a month, or (None) `rate` of what it would cost without it."""

    plan: str
    discount: Decimal
    cost: Fraction | None
    rate: Fraction = Fraction(1)

    def cost_of(self, held: Decimal) -> Decimal:
        """Of what a seat would cost a month without the election: what it costs by it."""
        return _rounded(exact(held) * self.rate if self.cost is None else self.cost)


@transaction.atomic
def decide_election(*, election: Election, now: datetime) -> bool:
    """S16, T3: its deadline has passed: the customer's last choice in time, else the vendor's, takes effect as of the deadline. Plan, fee
    and terms change on that day. Void where the contract ended first. False if it does not run any more, or its notice came back.
    """
    related = ("contract__customer", "withdrawal", "terms")
    current = Election.objects.select_for_update(of=("self",), no_key=True).select_related(*related).get(pk=election.pk)
    if current.state != ElectionState.OPEN or current.deadline is None or stop_if_nothing_stands(current, now):
        return False
    standing = standing_of(current, now)
    if standing.state == Standing.VOID:
        return not void(current)
    if standing.state != Standing.DECIDED or standing.choice is None or standing.by is None:
        return False
    if standing.by is Decider.VENDOR:
        _note_missed(current, now)
    _settle(current, standing.choice, standing.by, now=now)
    letters.decided(current, now=now)
    return True


def settle_anew(election: Election, late: ElectionChoice, *, by: User, now: datetime) -> bool:
    """S16, T4: under its lock, of one that took effect: what was received in time and entered since then (`late`, confirmed `by` a second
    person) counts as if it had been entered at once. Whether anything changed by it; where only whose choice it is does, the contract
    stays as it is."""
    standing = standing_of(election, now)
    assert standing.choice is not None
    assert standing.by is not None
    if (standing.choice.value, standing.by.value) == (election.choice, election.decided_by):
        return False
    if standing.choice.value == election.choice:
        _put_down_whose(election, standing.by)
        return True
    _settle(election, standing.choice, standing.by, late=late, confirmed_by=by, now=now)
    return True


def _settle(
    election: Election,
    choice: Choice,
    by: Decider,
    *,
    now: datetime,
    late: ElectionChoice | None = None,
    confirmed_by: User | None = None,
) -> None:
    """S19: what that does to the contract's claims is put on record with it."""
    assert election.deadline
    effect = election.effect_day or effect_of(election, election.deadline)
    found = offer_of(election, effect)
    theirs, because = Claim.objects.filter(contract=election.contract_id), f"election {election.reference} took effect"
    # Before its claims, as every other verb does.
    contract = Contract.objects.select_for_update(no_key=True).get(pk=election.contract_id)
    with recomputed(theirs, because=because, matter=election.reference, by=confirmed_by, now=now):
        at, note = election.deadline, f"{choice}, {by}"
        record("election.took_effect", matter=election.reference, by=None, now=at, note=note)
        _note_what_held(contract, election, effect, _written(contract, election, found) if late else None)
        election.effect_day = effect
        found = offer_of(election, effect)
        _put_down(election, found, choice, by)
        write_memo(election, late, now=now if late else at)
        _change_contract(contract, election, effect, _from_then_on(election, found, choice))


def _put_down_whose(election: Election, by: Decider) -> None:
    assert election.deadline
    note = f"{election.choice}, {by}"
    record("election.took_effect", matter=election.reference, by=None, now=election.deadline, note=note)
    election.decided_by = by.value
    election.save()


def _put_down(election: Election, found: Offer, choice: Choice, by: Decider) -> None:
    """The outcome, in the election's row."""
    option = found.shift if choice is Choice.SHIFT and found.shift else found.stay
    election.state, election.settled_at, election.remind_at = ElectionState.DECIDED, election.deadline, None
    election.choice, election.decided_by = choice.value, by.value
    election.credit = election.lasts_until = None
    election.new_fee, election.unused = option.new_fee, option.unused
    if choice is Choice.SHIFT and found.shift:
        election.credit = found.shift.credit
    else:
        election.lasts_until = found.stay.lasts_until
    election.working = found.working.as_json()
    election.save()


def _written(contract: Contract, election: Election, found: Offer) -> _FromThenOn:
    """What its outcome put on record, of one that took effect. The program of before did not keep what held: the day before tells."""
    assert election.effect_day
    if not election.held_plan:
        before = max(election.effect_day - _DAY, contract.term.lower)
        plan = contract.plans.get(days__contains=before)
        election.held_plan, election.held_discount_percent = plan.plan, plan.discount_percent
        election.held_cost = _cost_on(contract, before)
    return _from_then_on(election, found, Choice(election.choice))


def _note_what_held(contract: Contract, election: Election, effect: date, wrote: _FromThenOn | None) -> None:
    """What held on the day of effect without it, kept in its row. Of one that settles anew that is on record already, and on that day
    stands what the first outcome `wrote`; what differs from it has been changed by somebody since, and held."""
    plan, cost = contract.plans.get(days__contains=effect), _cost_on(contract, effect)
    if wrote is None or (plan.plan, plan.discount_percent) != (wrote.plan, wrote.discount):
        election.held_plan, election.held_discount_percent = plan.plan, plan.discount_percent
    kept = election.held_costs or {}
    election.held_costs = {
        str(day): str(_cost_held(line.cost_per_seat, wrote, kept.get(str(day)), election.held_cost))
        for day, line in _lines_from(contract, effect)
    }
    if wrote is None or election.held_cost is None or cost != wrote.cost_of(election.held_cost):
        election.held_cost = cost


def _cost_held(cost: Decimal, wrote: _FromThenOn | None, kept: str | None, on_the_day: Decimal | None) -> Decimal:
    """What a seat would cost a month without the election, by a line of today. What differs from what the first outcome `wrote` has been
    changed by somebody since, and held. Of a line of which nothing is kept, since it was put on record after the effect, or the program
    of before settled it, the outcome tells: the reduced cost of what it was reduced from, the fixed one of the cost `on_the_day`."""
    if wrote is None:
        return cost
    if kept is not None:
        return Decimal(kept) if cost == wrote.cost_of(Decimal(kept)) else cost
    if wrote.cost is None:
        return _rounded(exact(cost) / wrote.rate) if wrote.rate else on_the_day or cost
    return on_the_day if on_the_day is not None and cost == wrote.cost_of(on_the_day) else cost


def _change_contract(contract: Contract, election: Election, effect: date, then: _FromThenOn) -> None:
    """S16: plan, fee and Standard terms by dated periods. What was agreed for a later day stays as it is; where it held another plan than
    the notice's, that is put on record."""
    assert election.deadline
    matter, at = contract.order_form, election.deadline
    record("contract.election_took_effect", matter=matter, by=None, now=at, note=election.reference)
    if election.held_another:
        note = f"{election.held_plan}, {election.held_discount_percent} %, {election.reference}"
        record("contract.plan_is_not_the_notices", matter=matter, by=None, now=at, note=note)
    begin_within(contract.plans, effect, plan=then.plan, discount_percent=then.discount)
    begin_within(contract.terms_periods, effect, terms=TermsPeriod.Kind.STANDARD)
    fit_zone_and_plan(contract)
    _change_fees(contract, election, effect, then)


def _from_then_on(election: Election, found: Offer, choice: Choice) -> _FromThenOn:
    """S17: plan, discount, and what a seat costs a month, by the figures of the notice; who stays on another plan, agreed on after the
    notice, stays on that one, and what each month would cost without the election is reduced."""
    assert election.discount_percent is not None
    assert election.held_discount_percent is not None
    months, rate = Billing(election.billing_period).months, found.stay.rate
    if choice is Choice.SHIFT and found.shift:
        return _FromThenOn(election.to_plan, election.discount_percent, found.shift.exact_new_fee / months)
    discount = _reduced(election.held_discount_percent, rate)
    if election.held_another:
        return _FromThenOn(election.held_plan, discount, None, rate)
    assert found.stay.exact_new_fee is not None
    return _FromThenOn(election.plan, discount, found.stay.exact_new_fee / months)


def begin_within(rows: Any, first: date, **values: Any) -> None:
    """From a day on something else holds, to the end of the period that held on it; later periods stay."""
    row = rows.get(days__contains=first)
    if row.days.lower == first:
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        return
    upper = row.days.upper
    move(row, DateRange(row.days.lower, first))
    rows.create(days=DateRange(first, upper), **values)


def _reduced(discount: Decimal, rate: Fraction) -> Decimal:
    """S17: the discount that the reduced fee comes to: 10 % and a fifth off is 28 %."""
    left = (100 - exact(discount)) * rate
    return (100 - Decimal(left.numerator) / Decimal(left.denominator)).quantize(_SIX_PLACES)


def _change_fees(contract: Contract, election: Election, effect: date, then: _FromThenOn) -> None:
    """S11: the months of fees on record from the day on: that month by days, the later ones whole, up to the day from which another plan
    was agreed. Months without a record stay so."""
    held, until = election.held_costs or {}, _until(contract, effect)
    for day, line in _lines_from(contract, effect):
        cost = then.cost_of(Decimal(held[str(day)]))
        _write_between(line, effect, until if until < contract.term.upper else date.max, cost)


def _lines_from(contract: Contract, effect: date) -> list[tuple[date, FeeMonth]]:
    """The lines of fees that reach beyond the day of effect, each with the first day of it from then on; as far as the plan does that
    holds on that day, since what was agreed for a later one stays, and so does what is paid for it."""
    until = _until(contract, effect)
    lines = contract.fee_months.filter(month__gte=first_of_month(effect)).order_by("month", "days")
    with_days = [(line, line.days or DateRange(line.month, add_months(line.month, 1))) for line in lines]
    return [(max(days.lower, effect), line) for line, days in with_days if days.upper > effect and days.lower < until]


def _until(contract: Contract, effect: date) -> date:
    """The first day on which the plan of the day of effect holds no more."""
    days: DateRange = contract.plans.get(days__contains=effect).days
    return days.upper


def _cost_on(contract: Contract, day: date) -> Decimal | None:
    """What a seat cost a month by the last line that begins by that day; None where there is none."""
    lines = contract.fee_months.filter(month__lte=day).exclude(days__startswith__gt=day)
    last = lines.order_by("month", "days").last()
    return last.cost_per_seat if last else None


def _rounded(cost: Fraction) -> Decimal:
    return (Decimal(cost.numerator) / Decimal(cost.denominator)).quantize(_SIX_PLACES)


def _write_between(line: FeeMonth, first: date, until: date, cost: Decimal) -> None:
    """The line's cost from one day until before another; of one that reaches beyond them what it was stays in lines of their own."""
    days, was = line.days or DateRange(line.month, add_months(line.month, 1)), line.cost_per_seat
    lower, upper = max(days.lower, first), min(days.upper, until)
    parts = [(days.lower, lower, was), (lower, upper, cost), (upper, days.upper, was)]
    parts = [one for one in parts if one[0] < one[1]]
    line.cost_per_seat = parts[0][2]
    if len(parts) > 1:
        line.days = DateRange(*parts[0][:2])
    line.save()
    for begins, ends, its_cost in parts[1:]:
        FeeMonth.objects.create(
            contract_id=line.contract_id,
            month=line.month,
            cost_per_seat=its_cost,
            paid_seats=line.paid_seats,
            days=DateRange(begins, ends),
        )


def _note_missed(election: Election, now: datetime) -> None:
    """T1: the points at which the clock did not look are on record before the last letter."""
    if election.remind_at is None:
        return
    answer, customer = answer_of(election, now), election.contract.customer
    missed.note(missed.rows_of(answer, since=election.remind_at, matter=election.reference, customer=customer, now=now))
