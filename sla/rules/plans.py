"""S17: the arithmetic of an election, priced to the cent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from entitlements.rules.money import cents, exact
from entitlements.rules.working import Step
from sla.rules.terms import WHOLE_PERCENT, EnterpriseTerms

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan of the catalogue. `list_price` is per user and billing period; `rank` its place in the catalogue's order;
    sold from and to these days, both included (None: without limit)."""

    key: str
    list_price: Decimal
    rank: int
    currency: str
    billing_period: str
    sold_from: date | None = None
    sold_to: date | None = None
    offered: bool = True

    def on_sale(self, day: date) -> bool:
        return (self.sold_from is None or self.sold_from <= day) and (self.sold_to is None or day <= self.sold_to)


def next_lower_plan(plans: Iterable[Plan], current: Plan, day: date) -> Plan | None:
    """S17: the plan with the highest list price below the current one's, offered and on sale on the `day` of release, in the
    same currency and billing period; of equal prices the first in the catalogue's order. None: only *stay* is left."""
    lower = [
        plan
        for plan in plans
        if plan.list_price < current.list_price
        and plan.on_sale(day)
        and plan.offered
        and (plan.currency, plan.billing_period) == (current.currency, current.billing_period)
    ]
    return max(lower, key=lambda plan: (plan.list_price, -plan.rank), default=None)


@dataclass(frozen=True, slots=True)
class Prepaid:
    """What the customer paid in advance, for the days from `first` to `last`, both included. The day of effect is the first
    at the new rate."""

    amount: Decimal
    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError("a prepaid period must not end before it begins")

    @property
    def days(self) -> int:
        return (self.last - self.first + _DAY).days

    def remaining_days(self, effect: date) -> int:
        """S17: the days not used up yet, the day of effect included; 0 after the end, never more than all of them."""
        return min(max((self.last - effect + _DAY).days, 0), self.days)

    def unused(self, effect: date) -> Fraction:
        """S17: prepaid × remaining days ÷ days of the period."""
        return exact(self.amount) * self.remaining_days(effect) / self.days

    def lost_a_day(self, effect: date) -> Fraction:
        """How much less of it is unused if the change takes effect a day later."""
        return self.unused(effect) - self.unused(effect + _DAY)

    def figures(self, effect: date) -> tuple[tuple[str, Decimal | date | int], ...]:
        return (
            ("prepaid", self.amount),
            ("prepaid_first", self.first),
            ("prepaid_last", self.last),
            ("effect", effect),
            ("remaining_days", self.remaining_days(effect)),
            ("days", self.days),
        )


@dataclass(frozen=True, slots=True)
class Shift:
    """S17 (1): the next lower plan at the discount of the present one; the difference of what is unused is credited."""

    new_list_price: Decimal
    discount_percent: Decimal
    old_fee: Decimal
    effect: date
    prepaid: Prepaid

    @property
    def exact_new_fee(self) -> Fraction:
        return exact(self.new_list_price) * (WHOLE_PERCENT - exact(self.discount_percent)) / WHOLE_PERCENT

    @property
    def new_fee(self) -> Decimal:
        """List price × (1 − current discount rate), rounded once to be shown."""
        return cents(self.exact_new_fee)

    @property
    def unused(self) -> Decimal:
        return cents(self.prepaid.unused(self.effect))

    @property
    def credited_share(self) -> Fraction:
        """1 − new fee ÷ old fee, never below zero; an old fee of zero credits nothing."""
        old = exact(self.old_fee)
        return max(1 - self.exact_new_fee / old, Fraction()) if old else Fraction()

    @property
    def credit(self) -> Decimal:
        """Unused × (1 − new ÷ old), from the exact figures, rounded once."""
        return cents(self.prepaid.unused(self.effect) * self.credited_share)

    @property
    def daily_difference(self) -> Decimal:
        """How much less is credited for each day by which the change takes effect later; nothing where none is."""
        return cents(self.prepaid.lost_a_day(self.effect) * self.credited_share)

    @property
    def working(self) -> Step:
        return Step(
            "shift to the next lower plan",
            "S17",
            self.credit,
            inputs=(
                ("new_list_price", self.new_list_price),
                ("discount_percent", self.discount_percent),
                ("old_fee", self.old_fee),
                *self.prepaid.figures(self.effect),
                ("new_fee", self.exact_new_fee),
                ("unused", self.prepaid.unused(self.effect)),
                ("credited_share", self.credited_share),
                ("daily_difference", self.daily_difference),
            ),
        )


@dataclass(frozen=True, slots=True)
class Stay:
    """S17 (2): the present plan at a reduced fee; what is unused lasts longer at the new rate. `old_fee` is None where it is not known:
    then there is no new one either, and the working has neither."""

    old_fee: Decimal | None
    effect: date
    prepaid: Prepaid
    reduction_percent: Decimal | int

    @property
    def rate(self) -> Fraction:
        """What is left of the old fee: 0.80."""
        return (WHOLE_PERCENT - exact(self.reduction_percent)) / WHOLE_PERCENT

    @property
    def exact_new_fee(self) -> Fraction | None:
        return None if self.old_fee is None else exact(self.old_fee) * self.rate

    @property
    def new_fee(self) -> Decimal | None:
        return None if self.exact_new_fee is None else cents(self.exact_new_fee)

    @property
    def unused(self) -> Decimal:
        return cents(self.prepaid.unused(self.effect))

    @property
    def days(self) -> int:
        """For how many whole days what is left of the period lasts at the new rate: remaining days ÷ 0.80, whatever was
        prepaid for it."""
        return self.prepaid.remaining_days(self.effect) // self.rate

    @property
    def lasts_until(self) -> date | None:
        """The last of those days; None if nothing of the period remains. A change before the prepaid period counts from its first day."""
        return max(self.effect, self.prepaid.first) + _DAY * (self.days - 1) if self.days else None

    @property
    def daily_difference(self) -> Decimal:
        """How much less is unused for each day by which the change takes effect later; nothing where none is."""
        return cents(self.prepaid.lost_a_day(self.effect))

    @property
    def working(self) -> Step:
        is_known = self.old_fee is not None
        return Step(
            "stay on the plan, days that it lasts",
            "S17",
            self.days,
            inputs=(
                *((("old_fee", self.old_fee),) if is_known else ()),
                ("reduction_percent", self.reduction_percent),
                *self.prepaid.figures(self.effect),
                *((("new_fee", self.exact_new_fee),) if is_known else ()),
                ("unused", self.prepaid.unused(self.effect)),
                ("lasts_until", self.lasts_until),
                ("daily_difference", self.daily_difference),
            ),
        )


def shift(
    new_list_price: Decimal, discount_percent: Decimal, old_fee: Decimal, effect: date, prepaid: Prepaid
) -> Shift:
    """S17 (1): prices a shift on the day of `effect`. Fees are per user and billing period, in the contract's currency."""
    return Shift(new_list_price, discount_percent, old_fee, effect, prepaid)


def stay(old_fee: Decimal, effect: date, prepaid: Prepaid, terms: EnterpriseTerms) -> Stay:
    """S17 (2): prices a stay on the day of `effect`, with the edition's reduction."""
    return Stay(old_fee, effect, prepaid, terms.stay_reduction_percent)


@dataclass(frozen=True, slots=True)
class Offer:
    """S16, S17: both options priced for one day of effect; `shift` is None on the lowest plan."""

    shift: Shift | None
    stay: Stay
    to_plan: str | None

    @property
    def working(self) -> Step:
        options = ((self.shift.working,) if self.shift else ()) + (self.stay.working,)
        return Step("both options", "S17", self.to_plan, steps=options)


def offer(
    to_plan: Plan | None,
    discount_percent: Decimal,
    old_fee: Decimal,
    effect: date,
    prepaid: Prepaid,
    terms: EnterpriseTerms,
) -> Offer:
    """S17: both options on the day of `effect`: in the notice `elections.notice_effect_day`, in the confirmation the real one."""
    shifted = shift(to_plan.list_price, discount_percent, old_fee, effect, prepaid) if to_plan else None
    return Offer(shifted, stay(old_fee, effect, prepaid, terms), to_plan.key if to_plan else None)
