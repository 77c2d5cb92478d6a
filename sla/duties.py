"""Every deadline that is stored and still open: one question a kind, asked alike by first page, plot and list (M1, PL9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import TruncDate

from entitlements.models import BookedSession, ContractYear
from entitlements.server_zones import as_the_server_knows
from sla.elections_listed import running
from sla.models import (
    CalendarCheck,
    Claim,
    Failure,
    InformationRequest,
    MaintenanceNotice,
    MaintenanceState,
)

DAY = timedelta(days=1)
AHEAD = 30 * DAY


@dataclass(frozen=True, slots=True)
class Kind:
    """Deadlines of one kind. `open` are the rows that wait for it at a moment, `at` the column, `called` where the matter's reference
    is, `of` where its customer is, `zone` where the zone in which it is told; `legal`: what is late is a duty that was not kept;
    `too_late`: the instant is the first that is too late (X1)."""

    key: str
    name: str
    clause: str
    open: Callable[[datetime], QuerySet[Any]]
    at: str
    called: str
    of: str
    zone: str
    legal: bool = True
    too_late: bool = True

    def due(self, now: datetime, within: timedelta | None) -> QuerySet[Any]:
        """Its rows that end after `now` (UTC) and by `within` from then; None: those that are over. Each with `falls_at`."""
        rows = self.open(now).annotate(falls_at=F(self.at))
        return (
            rows.filter(falls_at__lte=now)
            if within is None
            else rows.filter(falls_at__gt=now, falls_at__lte=now + within)
        )


def _awaited(now: datetime) -> QuerySet[MaintenanceNotice]:
    """S15: of maintenance that is ahead, in its last version."""
    notices = MaintenanceNotice.objects.with_acceptance().filter(accepted_at__isnull=True)  # type: ignore[misc]
    return notices.filter(
        announced__startswith__gt=now, period__state=MaintenanceState.PLANNED, version=F("period__version")
    )


DRAFTS = Kind(
    "drafts",
    "Drafts",
    "S13",
    lambda now: Claim.objects.drafts(),
    "closes_at",
    "reference",
    "contract__customer__name",
    "contract__zone",
)
REPORTS = Kind(
    "reports",
    "Reports without a claim",
    "S13",
    lambda now: Failure.objects.open(),
    "closes_at",
    "reference",
    "contract__customer__name",
    "contract__zone",
)
ANSWERS = Kind(
    "answers",
    "Answers asked of customers",
    "S19",
    lambda now: InformationRequest.objects.open(),
    "answer_by",
    "claim__reference",
    "claim__contract__customer__name",
    "claim__contract__zone",
)
ELECTIONS = Kind(
    "elections",
    "Elections of customers",
    "S16",
    running,
    "ends",
    "reference",
    "contract__customer__name",
    "zone",
)
NOTICES = Kind(
    "notices",
    "Notices of maintenance",
    "S15",
    _awaited,
    "deadline",
    "period__reference",
    "customer__name",
    "",
    too_late=False,
)
YEARS = Kind(
    "years",
    "Ends of contract years",
    "E3",
    lambda now: ContractYear.objects.filter(closed_at__isnull=True),
    "ends_at",
    "contract__order_form",
    "contract__customer__name",
    "contract__zone",
)
SESSIONS = Kind(
    "sessions",
    "Sessions to hold",
    "E15",
    lambda now: BookedSession.objects.filter(released_at__isnull=True, held_at__isnull=True),
    "during__startswith",
    "engagement__reference",
    "engagement__contract__customer__name",
    "engagement__contract__zone",
    legal=False,
    too_late=False,
)
CALENDARS = Kind(
    "calendars",
    "Calendars to check",
    "S15",
    lambda now: CalendarCheck.objects.open().annotate(whose=Value(settings.VENDOR_NAME)),
    "due_at",
    "year",
    "whose",
    "",
    legal=False,
)
KINDS = (DRAFTS, REPORTS, ANSWERS, ELECTIONS, NOTICES, YEARS, SESSIONS, CALENDARS)
LEGAL = tuple(kind for kind in KINDS if kind.legal)
WHICH: dict[str, tuple[str, tuple[Kind, ...], timedelta | None]] = {
    "overdue": ("Overdue legal duties", LEGAL, None),
    "24h": ("Legal deadlines within 24 hours", LEGAL, DAY),
    "30d": ("Deadlines within 30 days", KINDS, AHEAD),
}
"""The lists: title, kinds, and within what; None: over."""
NAMES = ("key", "reference", "customer", "at", "tz")


def questions(which: str) -> list[Callable[[datetime], QuerySet[Any]]]:
    """What is counted of a list: one question for each kind."""
    _, kinds, within = WHICH[which]
    return [partial(kind.due, within=within) for kind in kinds]


def listed(which: str, now: datetime, most: int) -> list[dict[str, Any]]:
    """The first of a list, the soonest first: each with its kind, its key, reference, customer, zone and instant (UTC)."""
    _, kinds, within = WHICH[which]
    found = []
    for kind in kinds:
        columns = ["pk", kind.called, kind.of, "falls_at", *([kind.zone] if kind.zone else [])]
        rows = kind.due(now, within).order_by("falls_at", "pk").values_list(*columns)[:most]
        found += [{"kind": kind, **dict(zip(NAMES, row, strict=False))} for row in rows]
    return sorted(found, key=lambda one: one["at"])[:most]


def day_by_day(kind: Kind, now: datetime, zone: ZoneInfo) -> dict[date, int]:
    """How many of a kind fall on each of the next 30 days, by the days of a zone; midnight ends the day before, as it is told (X1)."""
    last = F("falls_at") - timedelta(microseconds=1) if kind.too_late else F("falls_at")
    days = kind.due(now, AHEAD).order_by().annotate(day=TruncDate(last, tzinfo=as_the_server_knows(zone))).values("day")
    return dict(days.annotate(n=Count("pk")).values_list("day", "n"))
