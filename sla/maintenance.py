"""Maintenance as the rules read it: what ran, customer by customer, with the ground on which it is excused (S3, S15).

Nothing here writes. Facts are loaded for the whole months (UTC) that are asked about, since the allowance is the month's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects

from entitlements.models import Contract, Customer
from entitlements.models.worded import Worded
from entitlements.rules.days import add_months, first_of_month, local_day, to_the_second
from entitlements.rules.spans import Span, total
from sla.business_days import NormalWindows, vendor_zone
from sla.models import AffectedCustomer, MaintenanceNotice, MaintenancePeriod, TermsEdition
from sla.rules.maintenance import Ground, Maintenance, MaintenanceAccount, maintenance_account
from sla.rules.maintenance_notice import ground_of
from sla.rules.terms import EnterpriseTerms


def month_span(month: date) -> Span:
    """S3: a calendar month in UTC."""
    first = first_of_month(month)
    return Span(datetime.combine(first, time(), UTC), datetime.combine(add_months(first, 1), time(), UTC))


def months_around(start: datetime, end: datetime) -> Span:
    """S3: the whole calendar months (UTC) that a time touches."""
    return Span(month_span(start.astimezone(UTC).date()).start, month_span(end.astimezone(UTC).date()).end)


def terms_of(instant: datetime) -> EnterpriseTerms:
    """S1: the figures of the edition in force on the vendor's day of an instant: a notice goes to all customers alike."""
    return TermsEdition.objects.in_force_on(local_day(instant, vendor_zone())).facts()


def concerned(period: MaintenancePeriod) -> QuerySet[Customer]:
    """S15: the customers whom a period concerns: those that are named, or all with a contract on the vendor's day of its beginning."""
    if not period.everybody:
        return Customer.objects.filter(pk__in=period.affected.values("customer")).order_by("name")
    return with_a_contract(period.begins)


def told_of(period: MaintenancePeriod) -> QuerySet[Customer]:
    """S15: whom a change or a cancellation concerns: all whom it concerns now, and all who were told of it before."""
    either = Q(pk__in=concerned(period).values("pk")) | Q(pk__in=period.notices.values("customer"))
    return Customer.objects.filter(either).order_by("name")


def may_be_excused(period: MaintenancePeriod) -> QuerySet[Customer]:
    """S3: the customers whose outages a period may cut, whenever it really began: those that are named, or all that there are."""
    return concerned(period) if not period.everybody else Customer.objects.all()


def with_a_contract(at: datetime) -> QuerySet[Customer]:
    """Everybody with a contract on the vendor's day of an instant."""
    running = Contract.objects.running_on(local_day(at, vendor_zone()))
    return Customer.objects.filter(pk__in=running.values("customer")).order_by("name")


def maintenance_of_each(
    customers: Collection[int], span: Span, now: datetime, *, planned: bool = False
) -> Mapping[int, tuple[Maintenance, ...]]:
    """S3: every maintenance of these customers (by key) in this time, mostly whole months, as far as it ran by `now`.

    `planned`: also what is announced and has not begun, as if it ran so; its notice counts while it can still be in time.
    """
    parts = parts_in(span, now, customers=customers, planned=planned)
    windows = NormalWindows(part.span for part in parts)
    judged = [(part, windows.cover(part.span)) for part in parts]
    return {
        customer: tuple(_facts(part, normal, customer, now) for part, normal in judged if part.concerns(customer))
        for customer in customers
    }


@dataclass(frozen=True, slots=True)
class Part:
    """A maintenance period with the time that it ran, or will run as announced; whom it names, and its last notices by customer."""

    period: MaintenancePeriod
    span: Span
    named: frozenset[int] = frozenset()
    notices: Mapping[int, MaintenanceNotice] = field(default_factory=dict)

    @classmethod
    def of(cls, period: MaintenancePeriod, span: Span) -> Part:
        """With what was prefetched for it."""
        notices = {one.customer_id: one for one in period.notices.all() if one.version == period.version}
        return cls(period, span, frozenset(one.customer_id for one in period.affected.all()), notices)

    @property
    def is_ahead(self) -> bool:
        return self.period.ran is None

    def concerns(self, customer: int) -> bool:
        return self.period.everybody or customer in self.named

    def is_noticed(self, customer: int, now: datetime) -> bool:
        """S15: whether the last announcement that needed a notice reached the customer in time, or, ahead of it, still can."""
        notice = self.notices.get(customer)
        return notice is not None and (notice.in_time or (self.is_ahead and notice.is_awaited(now)))


_IN_TIME_OF = Worded(lambda start, end: MaintenancePeriod.objects.in_time_of(start, end).order_by())
_RAN_IN = Worded(lambda start, end: MaintenancePeriod.objects.ran_in(start, end).order_by())


def parts_in(
    span: Span, now: datetime, *, customers: Collection[int] | None = None, planned: bool = True
) -> list[Part]:
    """What ran by `now` at some time of `span`, and what is planned for it; in order of time.

    With what these customers (by key) need; None: whomever it concerns, without notices.
    """
    rows = (_IN_TIME_OF if planned else _RAN_IN)(span.start, span.end)
    if rows:
        notices = MaintenanceNotice.objects.filter(customer__in=customers or ()).with_acceptance()
        affected = AffectedCustomer.objects.filter(customer__in=customers or ())
        prefetch_related_objects(rows, Prefetch("notices", notices), Prefetch("affected", affected))
    timed = [(period, period.ran_by(now) if period.ran else period.window) for period in rows]
    return sorted((Part.of(period, part) for period, part in timed if part), key=lambda one: (one.span, one.period.pk))


def _facts(part: Part, in_normal_hours: bool, customer: int, now: datetime) -> Maintenance:
    period = part.period
    ground = ground_of(
        in_normal_hours=in_normal_hours,
        noticed_in_time=part.is_noticed(customer, now),
        emergency=period.is_emergency,
    )
    return Maintenance(
        key=period.reference,
        ran=part.span,
        ground=ground,
        announced=period.window if ground is Ground.NOTICED else None,
        reason=period.reason,
        reason_recorded=period.reason_recorded_at,
        repairs_outage=period.kind == MaintenancePeriod.Kind.REPAIR,
    )


# --- the month's account

WARNS_AT_PERCENT = 80
"""M8.6: a figure of ours."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """S3: the account of one month (UTC) as it will be if what is planned runs as announced, and what ran of it by now."""

    month: date
    account: MaintenanceAccount
    used: timedelta

    @property
    def ran(self) -> tuple[Span, ...]:
        return next((one.ran for one in self.account.months if one.month == self.month), ())

    @property
    def within(self) -> tuple[Span, ...]:
        """What of it lies within the allowance."""
        return next((one.within for one in self.account.months if one.month == self.month), ())

    @property
    def total(self) -> timedelta:
        """What ran and what is planned, in all."""
        return total(self.ran)

    @property
    def allowance(self) -> timedelta:
        return self.account.terms.maintenance_allowance

    @property
    def percent(self) -> int:
        """Of the allowance, whole percents, with what is planned; 100 for more."""
        return min(100, _percent(self.total, self.allowance))

    @property
    def percent_used(self) -> int:
        return min(100, _percent(self.used, self.allowance))

    @property
    def is_nearly_full(self) -> bool:
        """M8.6: at eighty percent of the allowance it is said aloud."""
        return self.total * 100 >= self.allowance * WARNS_AT_PERCENT

    @property
    def left(self) -> timedelta:
        return self.account.left(self.month)

    @property
    def beyond(self) -> timedelta:
        """M8.2: what lies beyond the allowance; it cuts nothing."""
        return max(self.total - self.allowance, timedelta())


def forecast_of_each(customers: Collection[int], month: date, now: datetime) -> Mapping[int, Forecast]:
    """S3: one month's account (UTC) of each customer (by key), with what is planned. Customers with the same one share it."""
    parts, terms = parts_in(month_span(month), to_the_second(now), customers=customers), _terms_in(month)
    known: dict[tuple[int, ...], Forecast] = {}
    own = {one: tuple(n for n, part in enumerate(parts) if part.concerns(one)) for one in customers}
    for chosen in own.values():
        if chosen not in known:
            known[chosen] = _forecast(month, [parts[n] for n in chosen], terms)
    return {one: known[chosen] for one, chosen in own.items()}


def forecast_of_all(month: date, now: datetime, *, also: Span | None = None, without: str = "") -> Forecast:
    """S3: as if every maintenance of the month concerned one customer: nobody's account is fuller.

    With a window that is being thought of, and without the period (by its reference) whose window it would become.
    """
    parts = parts_in(month_span(month), to_the_second(now))
    known = [part for part in parts if part.period.reference != without]
    return _forecast(month, known, _terms_in(month), [also] if also else [])


def _terms_in(month: date) -> EnterpriseTerms:
    return terms_of(month_span(month).start)


def _forecast(month: date, parts: Sequence[Part], terms: EnterpriseTerms, thought_of: Iterable[Span] = ()) -> Forecast:
    spans = [(one.period.reference, one.span) for one in parts] + [("thought of", one) for one in thought_of]
    account = maintenance_account((Maintenance(key=key, ran=span, ground=None) for key, span in spans), terms)
    ran = (one.span & month_span(month) for one in parts if not one.is_ahead)
    return Forecast(first_of_month(month), account, total(span for span in ran if span))


def _percent(part: timedelta, whole: timedelta) -> int:
    return part * 100 // whole if whole else 100
