"""The first page of the desk: what waits for somebody, each number opening the list that it counts, and whether the clock runs (M1)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse

from entitlements.admin.pages import DeskRequest, page
from entitlements.admin.queues import (
    FAILED,
    FOLLOW_UPS,
    FOLLOW_UPS_OVERDUE,
    MISSED,
    OUTCOMES_OVERDUE,
    OVERDUE,
    POLICIES,
    QUARANTINE,
    TO_CONFIRM,
    TODAY,
    TOMORROW,
    WAITING,
    WITHOUT_PRODUCTS,
    Queue,
    counts,
    first_of,
    vendor_zone,
)
from entitlements.admin.standing_pages import lapsing_counted, leaves_ahead
from entitlements.health import pulse, signs
from entitlements.links import address_of
from sla.admin.queues import (
    ASKED,
    CALENDARS,
    CALENDARS_OVERDUE,
    CORRECTIONS_UNTOLD,
    DRAFTS_7D,
    DRAFTS_24H,
    DRAFTS_OVER,
    ELECTIONS_24H,
    ELECTIONS_OVER,
    ENTERED,
    LATE_TO_CONFIRM,
    MAINTENANCE_NOT_BEGUN,
    MAINTENANCE_RUNNING,
    NOT_GIVEN,
    NOTICES_24H,
    OUTCOMES_UNTOLD,
    SECOND_LOOKS,
    STANDSTILLS,
    TERMS,
    TERMS_TO_CORRECT,
    TO_APPROVE,
    TO_DECIDE,
    TO_POST,
    TO_RELEASE,
    WINDOWS_7D,
    WINDOWS_24H,
    WINDOWS_OVER,
)
from sla.duties import questions

SHOWN = 5
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ROWS: tuple[tuple[str, tuple[Queue, ...]], ...] = (
    ("Windows that end soon", (DRAFTS_OVER, WINDOWS_OVER, DRAFTS_24H, WINDOWS_24H, DRAFTS_7D, WINDOWS_7D)),
    ("Letters", (FAILED, OVERDUE, MISSED)),
    ("Clock", (QUARANTINE, STANDSTILLS)),
    ("Claims", (TO_APPROVE, TO_DECIDE, ENTERED, SECOND_LOOKS, ASKED)),
    ("Credits", (TO_POST,)),
    (
        "Withdrawals",
        (
            *(TO_RELEASE, NOT_GIVEN, ELECTIONS_OVER, ELECTIONS_24H, OUTCOMES_UNTOLD),
            *(TERMS_TO_CORRECT, CORRECTIONS_UNTOLD, LATE_TO_CONFIRM),
        ),
    ),
    (
        "Sessions",
        (WAITING, TODAY, TOMORROW, TO_CONFIRM, FOLLOW_UPS, FOLLOW_UPS_OVERDUE, OUTCOMES_OVERDUE, WITHOUT_PRODUCTS),
    ),
    ("Maintenance", (NOTICES_24H, MAINTENANCE_NOT_BEGUN, MAINTENANCE_RUNNING, CALENDARS, CALENDARS_OVERDUE)),
    ("Policy and terms", (POLICIES, TERMS)),
)


def _of(which: str) -> tuple[Queue, ...]:
    """The duties of a list, as questions to be counted with those of the queues."""
    asked = enumerate(questions(which))
    return tuple(Queue(f"{which}_{n}", which, rows(EPOCH).model, rows) for n, rows in asked)


OVERDUE_DUTIES, SOON = _of("overdue"), _of("24h")
AWAY = Queue("away", "Absences within 30 days", leaves_ahead(EPOCH).model, leaves_ahead)


def first_page(request: DeskRequest) -> HttpResponse:
    now = request.now
    count = counts([*(queue for _, queues in ROWS for queue in queues), *OVERDUE_DUTIES, *SOON, AWAY], now)
    health = signs(pulse(now), now)
    return page(
        request,
        "admin/index.html",
        title="Desk",
        top=_top(count, sum(sign.key == "sweep" and sign.alarm for sign in health)),
        groups=[(title, [(queue, count[queue]) for queue in queues]) for title, queues in ROWS],
        lapsing=lapsing_counted(now),
        away=count[AWAY],
        signs=health,
        zone=vendor_zone(),
        claims=_first(TO_DECIDE, count, now, "contract__customer"),
        proposals=_first(TO_APPROVE, count, now, "claim__contract__customer", "proposed_by"),
        requests=_first(WAITING, count, now, "contract__customer", "activity"),
        closing=_closing_next(count, now),
        queues={"claims": TO_DECIDE, "proposals": TO_APPROVE, "requests": WAITING},
    )


def _top(count: dict[Queue, int], late: int) -> list[tuple[str, int, str]]:
    """M1.1, in this order: what it is, how many, and the list that has exactly these."""
    ahead = address_of("admin:deadlines_ahead")
    return [
        ("Overdue legal duties", sum(count[queue] for queue in OVERDUE_DUTIES), f"{ahead}?which=overdue#list"),
        ("Legal deadlines within 24 hours", sum(count[queue] for queue in SOON), f"{ahead}?which=24h#list"),
        ("Letters that failed", count[FAILED], FAILED.url),
        ("Sweeps late", late, "#health"),
        ("Claims waiting for a second person", count[TO_APPROVE], TO_APPROVE.url),
    ]


def _first(queue: Queue, count: dict[Queue, int], now: datetime, *related: str) -> list[Any]:
    """The first rows of a queue that was counted; of one without any, nothing is asked."""
    return first_of(queue, SHOWN, *related)(now) if count[queue] else []


def _closing_next(count: dict[Queue, int], now: datetime) -> list[dict[str, Any]]:
    """The next windows to end, drafts and reports together."""
    found = [one for queue in (DRAFTS_7D, WINDOWS_7D) for one in _first(queue, count, now, "contract__customer")]
    soonest = sorted(found, key=lambda one: one.closes_at)[:SHOWN]
    return [{"matter": one, "page": one._meta.model_name, "zone": one.contract.tz} for one in soonest]
