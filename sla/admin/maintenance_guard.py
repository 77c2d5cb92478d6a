"""M8.3: what the rules say of maintenance while it is being planned: until when its notice is in time, whom it reaches, what it
costs otherwise (S15), and what it leaves of the month's allowance (S3). Nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

from entitlements import wording
from entitlements.models import Customer
from entitlements.rules.days import local_day
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span
from sla.business_days import BusinessDays, NormalWindows, vendor_zone
from sla.maintenance import Forecast, forecast_of_all, maintenance_of_each, months_around, terms_of, with_a_contract
from sla.maintenance_letters import contacts_of_each
from sla.models import MaintenancePeriod
from sla.rules.maintenance_notice import CostOfNoNotice, NoticeDeadline, cost_of_no_notice, needs_new_notice


@dataclass(frozen=True)
class Guard:
    """What is said of a window (UTC) for these customers at a moment. `period`: the one whose window it would become."""

    window: Span
    customers: tuple[Customer, ...]
    now: datetime
    period: MaintenancePeriod | None = None

    @classmethod
    def of(cls, window: Span, named: Sequence[Customer] | None, now: datetime) -> Guard:
        """`named` None: everybody with a contract on the vendor's day of the beginning."""
        return cls(window, tuple(with_a_contract(window.start) if named is None else named), now)

    @cached_property
    def needs_notice(self) -> bool:
        """S15: outside the normal hours, and not merely a shorter part of what is announced already."""
        if NormalWindows([self.window]).cover(self.window):
            return False
        before = self.period.window if self.period else None
        return before is None or needs_new_notice(before, self.window)

    @cached_property
    def in_normal_hours(self) -> bool:
        return NormalWindows([self.window]).cover(self.window)

    @cached_property
    def _business_days(self) -> BusinessDays:
        return BusinessDays.around(local_day(self.window.start, vendor_zone()))

    @cached_property
    def notice(self) -> NoticeDeadline:
        return self._business_days.deadline(self.window.start, terms_of(self.window.start))

    @property
    def refusal(self) -> Refusal | None:
        """Why the moment cannot be told."""
        return self._business_days.refusal(self.notice)

    @property
    def in_time(self) -> bool:
        """Whether a notice that is accepted now would be in time."""
        return self.notice.is_in_time(self.now)

    @property
    def distance(self) -> str:
        if self.notice.deadline == self.now:
            return "now"
        return wording.distance_in_words(self.notice.deadline, self.now)

    @property
    def skipped(self) -> list[tuple[date, str]]:
        """The days that were passed over on the way back, and why each is no business day."""
        return [(day, self._business_days.why_off(day)) for day in self.notice.skipped]

    @cached_property
    def contacts(self) -> int:
        return sum(len(found) for found in self._contacts.values())

    @cached_property
    def _contacts(self) -> dict[int, Sequence[object]]:
        return dict(contacts_of_each(self.customers))

    @property
    def reachable(self) -> Customer | None:
        """The first customer to whom a letter goes."""
        return next((one for one in self.customers if self._contacts[one.pk]), None)

    @property
    def unreachable(self) -> list[Customer]:
        """M8.4: whom no letter can reach."""
        return [one for one in self.customers if not self._contacts[one.pk]]

    @cached_property
    def cost(self) -> CostOfNoNotice | None:
        """S15: what a late notice costs at most: customers with the same account are asked about once."""
        own = self.period.reference if self.period else ""
        months = months_around(self.window.start, self.window.end)
        known = maintenance_of_each([one.pk for one in self.customers], months, self.now, planned=True)
        accounts = {tuple(one for one in periods if one.key != own) for periods in known.values()}
        terms = terms_of(self.window.start)
        costs = [cost_of_no_notice(self.window, others, terms) for others in accounts]
        return max(costs, key=lambda cost: cost.minutes_lost, default=None)

    @cached_property
    def months(self) -> list[Forecast]:
        """S3: the meter of each month (UTC) that the window touches, with it."""
        first, last = (at.astimezone(UTC).date() for at in (self.window.start, self.window.end))
        own = self.period.reference if self.period else ""
        days = [first] if first.replace(day=1) == last.replace(day=1) else [first, last]
        return [forecast_of_all(day, self.now, also=self.window, without=own) for day in days]
