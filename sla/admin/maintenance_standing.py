"""What is said of one maintenance period on its page: how it stands with notice, normal hours and reason (S3, S15)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import F, Q, QuerySet

from entitlements.models import Letter, LetterState
from entitlements.rules.spans import Span, cut, total
from sla.business_days import NormalWindows
from sla.maintenance import concerned, terms_of
from sla.models import MaintenanceNotice, MaintenancePeriod
from sla.rules.maintenance import reason_recorded_by


@dataclass(frozen=True)
class NoticeRow:
    """What one customer's notice came to: the notice, read with its acceptance, the addresses from which it came back, and those to which
    it could not be delivered."""

    notice: MaintenanceNotice
    came_back: tuple[str, ...]
    not_delivered: tuple[str, ...]


def rows_of(period: MaintenancePeriod, notices: Iterable[MaintenanceNotice]) -> list[NoticeRow]:
    """Of these notices of the period, in their order; one question, however many."""
    not_taken = Q(bounced_at__isnull=False) | Q(state=LetterState.FAILED)
    back: dict[str, list[str]] = {}
    refused: dict[str, list[str]] = {}
    of_the_period = Letter.objects.filter(not_taken, matter=period.reference)
    for point, addressee, bounced_at in of_the_period.order_by("pk").values_list("point", "addressee", "bounced_at"):
        (back if bounced_at else refused).setdefault(point, []).append(addressee)
    return [NoticeRow(one, _once(back.get(one.point, ())), _once(refused.get(one.point, ()))) for one in notices]


def _once(addresses: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(addresses))


@dataclass(frozen=True)
class Standing:
    """A period at a moment (UTC): what holds of it for all customers, and for how many each answer about the notice."""

    period: MaintenancePeriod
    now: datetime

    @property
    def span(self) -> Span | None:
        """What really ran; ahead of it what is announced."""
        return self.period.ran_by(self.now) or self.period.window

    @cached_property
    def in_normal_hours(self) -> bool:
        return self.span is not None and NormalWindows([self.span]).cover(self.span)

    @property
    def outside_window(self) -> timedelta:
        """How long it really ran outside what was announced; that part is excused by no notice."""
        ran, window = self.period.ran_by(self.now), self.period.window
        return total(cut([ran], [window])) if ran and window else timedelta()

    @cached_property
    def customers(self) -> int:
        return concerned(self.period).count()

    @property
    def notices(self) -> QuerySet[MaintenanceNotice]:
        """Those of the last announcement that needed one."""
        return self.period.notices.filter(version=self.period.version).with_acceptance()

    @cached_property
    def deadline(self) -> datetime | None:
        return self.period.notices.filter(version=self.period.version).values_list("deadline", flat=True).first()

    @cached_property
    def in_time(self) -> int:
        return self.notices.filter(Q(accepted_at__lte=F("deadline"))).count()

    @cached_property
    def too_late(self) -> int:
        """Accepted after the moment, or not accepted by it."""
        if self.deadline is None:
            return 0
        late = self.notices.filter(Q(accepted_at__gt=F("deadline"))).count()
        return late + (self.notices.filter(Q(accepted_at__isnull=True)).count() if self.now > self.deadline else 0)

    @cached_property
    def awaited(self) -> int:
        return self.notices.count() - self.in_time - self.too_late

    @property
    def reason_by(self) -> datetime | None:
        """S3: until when the reason of an emergency had to be recorded."""
        return (
            reason_recorded_by(self.period.begins, terms_of(self.period.begins)) if self.period.is_emergency else None
        )

    @property
    def reason_in_time(self) -> bool:
        recorded, by = self.period.reason_recorded_at, self.reason_by
        return recorded is not None and by is not None and recorded <= by
