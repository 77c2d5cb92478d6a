"""The queues of the desk: each is one question, asked alike by the first page, which counts it, and by the list that it opens."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.admin import SimpleListFilter
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from entitlements.links import address_of
from entitlements.models import (
    BookedSession,
    Engagement,
    Letter,
    LetterState,
    MissedReminder,
    PolicyEdition,
    Quarantine,
    prepared,
)
from entitlements.models.worded import Worded
from entitlements.overdue import overdue_for_outcome
from entitlements.owed import to_note, without_follow_up
from entitlements.products_lost import without_its_products
from entitlements.rules.days import first_instant, local_day

LATE_LETTER = timedelta(minutes=15)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for somebody: its rows at a moment (UTC), and in which order its list shows them."""

    key: str
    title: str
    model: type[Model]
    rows: Callable[[datetime], QuerySet[Any]]
    order: tuple[str, ...] = ()

    def count(self, now: datetime) -> int:
        return self.rows(now).count()

    @property
    def url(self) -> str:
        """The list that shows exactly the rows that are counted."""
        options = self.model._meta
        name = f"admin:{options.app_label}_{options.model_name}_changelist"
        return f"{address_of(name)}?{QueueFilter.parameter_name}={self.key}"


def counts(queues: Iterable[Queue], now: datetime) -> dict[Queue, int]:
    """How many rows each queue has at a moment (UTC), asked in one question; what two of them ask alike is asked once."""
    words = {queue: _keys(queue).words(now) for queue in queues}
    asked = list(dict.fromkeys(words.values()))
    each = [f"(SELECT COUNT(*) FROM ({sql}) AS one)" for sql, _ in asked]  # noqa: S608 - the ORM's own SQL
    values = [one for _, params in asked for one in params]
    found = dict(zip(asked, prepared.ask_for_a_page(f"SELECT {', '.join(each)}", values), strict=True))
    return {queue: found[question] for queue, question in words.items()}


@functools.cache
def _keys(queue: Queue) -> Worded:
    return Worded(lambda now: queue.rows(now).order_by().values("pk"))


@functools.cache
def first_of(queue: Queue, most: int, *related: str) -> Worded:
    """The first rows of its list at a moment, with what they belong to."""
    return Worded(lambda now: queue.rows(now).select_related(*related).order_by(*queue.order)[:most])


class QueueFilter(SimpleListFilter):
    """Filters a list to one of its queues."""

    title = "work"
    parameter_name = "work"
    queues: tuple[Queue, ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(queue.key, queue.title) for queue in self.queues]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = next((queue for queue in self.queues if queue.key == self.value()), None)
        if chosen is None:
            return queryset
        return queryset.filter(pk__in=chosen.rows(request.now).order_by().values("pk"))  # type: ignore[attr-defined]


def vendor_zone() -> ZoneInfo:
    """The manager's own day is the vendor's."""
    return ZoneInfo(settings.VENDOR_ZONE)


def _waiting(now: datetime) -> QuerySet[Engagement]:
    return Engagement.objects.waiting()


def _with_a_session_on(day: date) -> QuerySet[Engagement]:
    zone = vendor_zone()
    whole_day = (first_instant(day, zone), first_instant(day + _DAY, zone))
    sessions = BookedSession.objects.filter(released_at__isnull=True, during__overlap=whole_day)
    return Engagement.objects.filter(pk__in=sessions.values("engagement"))


def _today(now: datetime) -> QuerySet[Engagement]:
    return _with_a_session_on(local_day(now, vendor_zone()))


def _tomorrow(now: datetime) -> QuerySet[Engagement]:
    return _with_a_session_on(local_day(now, vendor_zone()) + _DAY)


def _follow_ups_overdue(now: datetime) -> QuerySet[Engagement]:
    """E10: the discovery was held, and the follow-up was not although its end has come."""
    return to_note(now).filter(first_session_held_at__isnull=False)


def proposed(editions: type[Any]) -> Callable[[datetime], QuerySet[Any]]:
    """The editions of a document that wait for the second person."""
    return lambda now: editions.objects.filter(proposed_at__isnull=False, published_at__isnull=True)


def _failed(now: datetime) -> QuerySet[Letter]:
    return Letter.objects.filter(state=LetterState.FAILED)


def _overdue(now: datetime) -> QuerySet[Letter]:
    """Written a quarter of an hour ago and still here: also those that are being tried again."""
    return Letter.objects.filter(Q(state=LetterState.QUEUED) & Q(written_at__lte=now - LATE_LETTER))


def _aside(now: datetime) -> QuerySet[Quarantine]:
    return Quarantine.objects.standing()


def _missed(now: datetime) -> QuerySet[MissedReminder]:
    return MissedReminder.objects.since(now - 7 * _DAY)


WAITING = Queue("waiting", "Requests waiting to be scheduled", Engagement, _waiting, ("day", "id"))
TODAY = Queue("today", "Sessions today", Engagement, _today, ("day", "id"))
TOMORROW = Queue("tomorrow", "Sessions tomorrow", Engagement, _tomorrow, ("day", "id"))
TO_CONFIRM = Queue("to_confirm", "Sessions over, not yet marked as held", Engagement, to_note, ("day", "id"))
FOLLOW_UPS = Queue("follow_ups", "Follow-ups without a time", Engagement, without_follow_up, ("day", "id"))
FOLLOW_UPS_OVERDUE = Queue("follow_ups_overdue", "Follow-ups overdue", Engagement, _follow_ups_overdue, ("day", "id"))
OUTCOMES_OVERDUE = Queue("outcomes_overdue", "Outcomes overdue", Engagement, overdue_for_outcome, ("day", "id"))
WITHOUT_PRODUCTS = Queue(
    "without_products", "Ahead, but a required product is missing", Engagement, without_its_products, ("day", "id")
)
POLICIES = Queue("proposed", "Policy editions waiting for a second person", PolicyEdition, proposed(PolicyEdition))
FAILED = Queue("failed", "Letters that could not be sent", Letter, _failed, ("-written_at", "-id"))
MISSED = Queue("missed", "Reminders missed in the last 7 days", MissedReminder, _missed, ("-noted_at", "-id"))
OVERDUE = Queue("overdue", "Letters that wait for more than 15 minutes", Letter, _overdue, ("written_at", "id"))
QUARANTINE = Queue("aside", "What the clock could not do", Quarantine, _aside, ("try_again_at", "id"))

ENGAGEMENTS = (
    *(WAITING, TODAY, TOMORROW, TO_CONFIRM, FOLLOW_UPS, FOLLOW_UPS_OVERDUE, OUTCOMES_OVERDUE),
    WITHOUT_PRODUCTS,
)
LETTERS = (FAILED, OVERDUE)
CLOCK = (QUARANTINE,)
