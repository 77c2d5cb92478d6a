"""S10: the loss by the rate of the months before, where the customer's own incident left no records of attempts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from entitlements.rules.days import months_before
from entitlements.rules.money import cents, exact
from entitlements.rules.spans import Span, intersection, total, union
from entitlements.rules.working import Step
from sla.rules.terms import EnterpriseTerms

_MICROSECOND = timedelta(microseconds=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class RateLoss:
    """S10: the loss by the rate. `window` is the three months before the event, `evidence` what of it is covered by records."""

    window: Span
    evidence: tuple[Span, ...]
    profit: Decimal
    remedy: tuple[Span, ...]
    completed: Decimal

    @property
    def flagged(self) -> bool:
        """The evidence covers less than the window."""
        return self.evidence != (self.window,)

    @property
    def covered(self) -> timedelta:
        """The elapsed time that the profit was made in."""
        return total(self.evidence)

    @property
    def window_minutes(self) -> Fraction:
        return Fraction(self.covered // _MICROSECOND, _MINUTE // _MICROSECOND)

    @property
    def exact(self) -> Fraction:
        """Profit × remedy time ÷ elapsed time, less the profit completed in the period, never below zero. Without any evidence
        there is no rate, and nothing is owed."""
        if not self.evidence:
            return Fraction()
        share = Fraction(total(self.remedy) // _MICROSECOND, self.covered // _MICROSECOND)
        return max(exact(self.profit) * share - exact(self.completed), Fraction())

    @property
    def amount(self) -> Decimal:
        """The loss as it is shown, rounded once."""
        return cents(self.exact)

    @property
    def working(self) -> Step:
        return Step(
            "loss by the rate of the months before",
            "S10",
            self.amount,
            inputs=(
                ("window", self.window),
                ("evidence", self.evidence),
                ("flagged", self.flagged),
                ("window_minutes", self.window_minutes),
                ("profit", self.profit),
                ("remedy", self.remedy),
                ("remedy_time", total(self.remedy)),
                ("completed", self.completed),
                ("exact", self.exact),
            ),
        )


def rate_method(
    event: datetime,
    profit: Decimal,
    remedy: Iterable[Span],
    completed: Decimal,
    zone: ZoneInfo,
    terms: EnterpriseTerms,
    evidence: Iterable[Span] | None = None,
) -> RateLoss:
    """S10: the average profit of the three months before `event`, for the remedy time, less what was completed in it.

    `event` (UTC) is the receipt of the trigger or the start of the outage, of the earliest failure that counts; the months
    go back at the same local clock time of the contract's `zone`, and their length is elapsed time. `profit` is that of the
    window, through the affected systems only. `evidence` is the time that records cover (None: all of the window); what
    lies outside the window does not count, and less than the whole window is flagged.
    """
    window = Span(months_before(event, terms.rate_months, zone), event)
    covered = (window,) if evidence is None else intersection([window], evidence)
    return RateLoss(window, covered, profit, union(remedy), completed)
