"""S11: the annual fees by which a credit is limited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from entitlements.rules.days import add_months, first_of_month, local_day
from entitlements.rules.money import cents, exact
from entitlements.rules.working import Step
from sla.rules.terms import EnterpriseTerms

MONTHS_OF_A_YEAR = 12
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FeeLine:
    """A line of fees: cost per seat and month in the contract's currency, paid seats, and the days of the month for which
    it held (first and last, both included); without days, the whole month."""

    cost_per_seat: Decimal
    paid_seats: int
    first: date | None = None
    last: date | None = None

    def fee_in(self, month: date) -> Fraction:
        """Cost per seat × paid seats, by the days of the calendar month (given by its first day) for which the line held."""
        end = add_months(month, 1)
        first = max(self.first or month, month)
        until = min(self.last + _DAY if self.last else end, end)
        days = max((until - first).days, 0)
        return exact(self.cost_per_seat) * self.paid_seats * days / (end - month).days


@dataclass(frozen=True, slots=True)
class FeeMonth:
    """S11: one month on record, with its lines."""

    month: date
    lines: tuple[FeeLine, ...]

    @property
    def fee(self) -> Fraction:
        """The month's fee: several lines are added by days. A month of zero counts."""
        return sum((line.fee_in(self.month) for line in self.lines), Fraction())

    @property
    def working(self) -> Step:
        lines = tuple((line.cost_per_seat, line.paid_seats, line.first, line.last) for line in self.lines)
        return Step("fees of the month", "S11", self.fee, inputs=(("month", self.month), ("lines", lines)))


@dataclass(frozen=True, slots=True)
class AnnualFees:
    """S11: twelve times the average of the months that count; `wanted` are the months that were looked for."""

    counted: tuple[FeeMonth, ...]
    wanted: tuple[date, ...]
    occurrence: datetime
    zone: str
    start: date | None

    @property
    def months(self) -> tuple[date, ...]:
        """The first days of the months that count."""
        return tuple(one.month for one in self.counted)

    @property
    def missing(self) -> tuple[date, ...]:
        """The months that are not on record, or in which the contract did not run from the 1st: what the claim says is missing."""
        return tuple(month for month in self.wanted if month not in self.months)

    @property
    def flagged(self) -> bool:
        return bool(self.missing)

    @property
    def exact(self) -> Fraction | None:
        """The annual fees as they are used further on; None if no month counts."""
        if not self.counted:
            return None
        fees = sum((one.fee for one in self.counted), Fraction())
        return fees * MONTHS_OF_A_YEAR / len(self.counted)

    @property
    def annual(self) -> Decimal | None:
        """The annual fees as they are shown, rounded once."""
        return None if self.exact is None else cents(self.exact)

    @property
    def working(self) -> Step:
        return Step(
            "annual fees",
            "S11",
            self.annual,
            inputs=(
                ("occurrence", self.occurrence),
                ("zone", self.zone),
                ("start", self.start),
                ("wanted", self.wanted),
                ("missing", self.missing),
                ("exact", self.exact),
            ),
            steps=tuple(one.working for one in self.counted),
        )


def annual_fees(
    months: Mapping[date, Iterable[FeeLine]],
    occurrence: datetime,
    zone: ZoneInfo,
    start: date | None,
    terms: EnterpriseTerms,
) -> AnnualFees:
    """S11: 12 × the average fee of the three calendar months before the month of `occurrence` in the contract's `zone`.

    `months` are those on record, each under its first day. Of the three, those count that are on record and in
    which the contract ran from the 1st (`start` is its first day; None: it is not asked). Older months are never drawn in.
    """
    own = first_of_month(local_day(occurrence, zone))
    wanted = tuple(add_months(own, -back) for back in range(terms.fee_months, 0, -1))
    counted = tuple(
        FeeMonth(month, tuple(months[month]))
        for month in wanted
        if month in months and (start is None or start <= month)
    )
    return AnnualFees(counted, wanted, occurrence, zone.key, start)
