"""S1: the figures of one edition of the Enterprise terms, and the terms that a contract is on at an instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import cast
from zoneinfo import ZoneInfo

from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from entitlements.rules.working import Figure, Step

WHOLE_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseTerms:
    """S1: the figures of one dated edition. None has a default: a figure that nobody wrote down entitles to nothing.

    Minutes, hours and months are whole numbers; `volume_multiple` is a Decimal or an int, never a float;
    `deciding_logs` names for each channel the kind of log entry that ends its delivery period (S4).
    """

    name: str
    valid_from: date
    outage_minutes: int
    outage_deduction_minutes: int
    delivery_limit_minutes: int
    maintenance_minutes_a_month: int
    emergency_reason_hours: int
    volume_multiple: Decimal | int
    volume_months: int
    volume_quarter_minutes: int
    rate_months: int
    fee_months: int
    fee_multiple: int
    credit_cap: Decimal
    credit_cap_currency: str
    credit_cap_scope: str
    report_flag_hours: int
    claim_days: int
    election_days: int
    stay_reduction_percent: Decimal | int
    notice_business_days: int
    deciding_logs: Mapping[str, str] = field(hash=False)

    def __post_init__(self) -> None:
        figures = {one.name: getattr(self, one.name) for one in fields(self)}
        if floats := [name for name, figure in figures.items() if isinstance(figure, float)]:
            raise TypeError(f"a float is not an exact figure: {floats}")
        if negative := [name for name, figure in figures.items() if isinstance(figure, int | Decimal) and figure < 0]:
            raise ValueError(f"figures of the terms below zero: {negative}")
        if self.outage_deduction_minutes >= self.outage_minutes:
            raise ValueError("an Availability Outage of the least length would have no remedy period")
        if not self.volume_quarter_minutes:
            raise ValueError("a quarter hour of no length divides no clock")
        if self.stay_reduction_percent >= WHOLE_PERCENT:
            raise ValueError("a reduction by the whole fee leaves no rate at which a balance could be used up")

    @property
    def outage_length(self) -> timedelta:
        return timedelta(minutes=self.outage_minutes)

    @property
    def outage_deduction(self) -> timedelta:
        return timedelta(minutes=self.outage_deduction_minutes)

    @property
    def delivery_limit(self) -> timedelta:
        return timedelta(minutes=self.delivery_limit_minutes)

    @property
    def maintenance_allowance(self) -> timedelta:
        return timedelta(minutes=self.maintenance_minutes_a_month)

    @property
    def emergency_reason_time(self) -> timedelta:
        return timedelta(hours=self.emergency_reason_hours)

    @property
    def quarter(self) -> timedelta:
        return timedelta(minutes=self.volume_quarter_minutes)

    @property
    def report_time(self) -> timedelta:
        return timedelta(hours=self.report_flag_hours)

    @property
    def working(self) -> Step:
        """Every figure of the edition, so that a decision can be replayed without the edition's row."""
        plain = tuple((one.name, cast(Figure, getattr(self, one.name))) for one in fields(self)[:-1])
        logs: Figure = tuple((channel, kind) for channel, kind in self.deciding_logs.items())
        return Step("terms", "S1", self.name, inputs=(*plain, ("deciding_logs", logs)))


class Standing(StrEnum):
    """What S1 says about an instant of a contract. Only the first carries a loss-based credit."""

    ENTERPRISE = "enterprise"
    STANDARD = "standard"
    NO_TERMS = "no_terms"
    OUTSIDE_TERM = "outside_term"
    SUSPENDED = "suspended"


_SENTENCES = {
    Standing.STANDARD: "The contract was on Standard terms when this occurred; they carry no credit based on loss.",
    Standing.NO_TERMS: "No terms are on record for the day on which this occurred.",
    Standing.OUTSIDE_TERM: "This occurred outside the term of the contract.",
    Standing.SUSPENDED: "The contract was suspended when this occurred.",
}

Days = tuple[date, date | None]


@dataclass(frozen=True, slots=True)
class TermsInForce:
    """S1: where a contract stood at the instant of occurrence, with everything that decided it."""

    standing: Standing
    occurrence: datetime
    zone: str
    start: date
    last: date
    periods: tuple[tuple[date, str], ...]
    suspensions: tuple[Days, ...]

    @property
    def kind(self) -> str | None:
        """`enterprise`, `standard`, or None where no terms applied at all."""
        return self.standing.value if self.standing in (Standing.ENTERPRISE, Standing.STANDARD) else None

    @property
    def refusal(self) -> Refusal | None:
        """Why no loss-based credit can come of it; None under Enterprise terms."""
        if self.standing is Standing.ENTERPRISE:
            return None
        return Refusal("S1", self.standing.value, _SENTENCES[self.standing])

    @property
    def working(self) -> Step:
        return Step(
            "terms in force",
            "S1",
            self.standing.value,
            inputs=(
                ("occurrence", self.occurrence),
                ("zone", self.zone),
                ("start", self.start),
                ("last", self.last),
                ("periods", self.periods),
                ("suspensions", self.suspensions),
            ),
        )


def terms_for(
    occurrence: datetime,
    zone: ZoneInfo,
    start: date,
    last: date,
    periods: Iterable[tuple[date, str]],
    suspensions: Iterable[Days] = (),
) -> TermsInForce:
    """S1: the terms that a contract is on at the instant of `occurrence`, judged on its local day in the contract's `zone`.

    `start` and `last` are the first and last day of the term. Each period is the day from which its terms
    (`enterprise` or `standard`) hold, until the next one begins; days before the first have no terms. A suspension
    is its first and its last day (None: until further notice), both suspended.
    Raises ValueError for terms of another name or two periods that begin on one day.
    """
    dated = tuple(sorted(periods))
    if len({day for day, _ in dated}) < len(dated):
        raise ValueError("two periods of terms begin on one day")
    held = tuple(suspensions)
    standing = _standing(local_day(occurrence, zone), start, last, dated, held)
    return TermsInForce(standing, occurrence, zone.key, start, last, dated, held)


def _standing(
    day: date, start: date, last: date, dated: tuple[tuple[date, str], ...], held: tuple[Days, ...]
) -> Standing:
    begun = [_terms_named(name) for first, name in dated if first <= day]
    if not start <= day <= last:
        return Standing.OUTSIDE_TERM
    if any(first <= day and (end is None or day <= end) for first, end in held):
        return Standing.SUSPENDED
    return begun[-1] if begun else Standing.NO_TERMS


def _terms_named(name: str) -> Standing:
    if name not in (Standing.ENTERPRISE, Standing.STANDARD):
        raise ValueError(f"no such terms: {name!r}")
    return Standing(name)
