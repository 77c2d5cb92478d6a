"""What every act upon maintenance needs: what customers are told, a period under its lock, and a change noted beside it (S3, S15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from entitlements.actions.refused import Refused
from entitlements.models import Customer, User
from entitlements.references import new_reference
from entitlements.rules.refusals import Refusal
from entitlements.rules.spans import Span
from sla.maintenance import concerned
from sla.models import AffectedCustomer, MaintenanceChange, MaintenancePeriod, Outage

BEGUN = Refusal("S15", "begun", "It has begun, or is over.", "Correct what really ran instead.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What customers read of a maintenance, and whom it concerns: `customers` by name, or None for everybody."""

    title: str
    effect: str = ""
    customers: tuple[Customer, ...] | None = None

    def keys(self) -> list[int]:
        """S3: the customers whose outages it may cut, by key."""
        return [one.pk for one in (Customer.objects.all() if self.customers is None else self.customers)]


def new_period(told: Told, by: User, now: datetime, reason: str, repairs: Outage | None) -> MaintenancePeriod:
    """A period that is not on record yet. With a reason it is an emergency, with an outage its repair; the reason is recorded now (S3)."""
    kinds = MaintenancePeriod.Kind
    recorded = {"reason_recorded_at": now, "reason_recorded_by": by} if reason else {}
    return MaintenancePeriod(
        reference=new_reference("MNT"),
        title=told.title,
        effect=told.effect,
        kind=kinds.REPAIR if repairs else kinds.EMERGENCY if reason else kinds.PLANNED,
        repairs=repairs,
        everybody=told.customers is None,
        reason=reason,
        recorded_at=now,
        recorded_by=by,
        **recorded,
    )


def saved(period: MaintenancePeriod, told: Told) -> list[Customer]:
    """On record with whom it concerns."""
    period.save(force_insert=True)
    AffectedCustomer.objects.bulk_create(
        AffectedCustomer(period=period, customer=one) for one in dict.fromkeys(told.customers or ())
    )
    customers = list(concerned(period))
    if not customers:
        raise Refused(Refusal("S15", "nobody", "It concerns no customer.", "Name at least one, or all of them."))
    return customers


def locked(period: MaintenancePeriod) -> MaintenancePeriod:
    """The period as it stands now, under its lock."""
    return MaintenancePeriod.objects.select_for_update().get(pk=period.pk)


def note_change(
    period: MaintenancePeriod,
    what: str,
    before: DateTimeTZRange,
    after: DateTimeTZRange,
    why: str,
    by: User,
    now: datetime,
    *,
    new_notice: bool = False,
) -> None:
    """What was announced or ran, before and after."""
    MaintenanceChange.objects.create(
        period=period,
        what=what,
        before=before,
        after=after,
        why=why,
        new_notice=new_notice,
        changed_at=now,
        changed_by=by,
    )


def refuse_times(start: datetime, end: datetime | None, now: datetime) -> None:
    """S3: what really ran has begun by now, and ends after it began."""
    if max(start, end or start) > now:
        raise Refused(Refusal("S3", "not_yet", "What really ran lies behind us.", "Check the date and the time zone."))
    if end is not None and end <= start:
        raise Refused(Refusal("S3", "backwards", "It cannot have ended before it began.", "Check both times."))


def as_range(span: Span) -> DateTimeTZRange:
    """The span as the database has it."""
    return DateTimeTZRange(span.start, span.end)
