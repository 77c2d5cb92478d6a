"""The first page of the desk: what waits for somebody, each number opening the list that it counts, and whether the clock runs (M1)."""

from __future__ import annotations

from datetime import datetime
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
    Queue,
    counts,
    vendor_zone,
)
from entitlements.admin.standing_pages import lapsing_standings, leaves_ahead
from entitlements.health import pulse, signs
from sla.admin.queues import (
    DRAFTS_7D,
    DRAFTS_24H,
    DRAFTS_OVER,
    MAINTENANCE_NOT_BEGUN,
    MAINTENANCE_RUNNING,
    NOTICES_24H,
    TERMS,
    TO_APPROVE,
    TO_DECIDE,
    WINDOWS_7D,
    WINDOWS_24H,
    WINDOWS_OVER,
)

SHOWN = 5
ROWS: tuple[tuple[str, tuple[Queue, ...]], ...] = (
    ("Windows that end soon", (DRAFTS_OVER, WINDOWS_OVER, DRAFTS_24H, WINDOWS_24H, DRAFTS_7D, WINDOWS_7D)),
    ("Letters", (FAILED, OVERDUE, MISSED)),
    ("Clock", (QUARANTINE,)),
    ("Claims", (TO_APPROVE, TO_DECIDE)),
    ("Sessions", (WAITING, TODAY, TOMORROW, TO_CONFIRM, FOLLOW_UPS, FOLLOW_UPS_OVERDUE, OUTCOMES_OVERDUE)),
    ("Maintenance", (NOTICES_24H, MAINTENANCE_NOT_BEGUN, MAINTENANCE_RUNNING)),
    ("Policy and terms", (POLICIES, TERMS)),
)


def first_page(request: DeskRequest) -> HttpResponse:
    now = request.now
    count = counts([queue for _, queues in ROWS for queue in queues], now)
    return page(
        request,
        "admin/index.html",
        title="Desk",
        groups=[(title, [(queue, count[queue]) for queue in queues]) for title, queues in ROWS],
        lapsing=len(lapsing_standings(now)),
        away=leaves_ahead(now).count(),
        signs=signs(pulse(now), now),
        zone=vendor_zone(),
        claims=_first(TO_DECIDE, now, "contract__customer"),
        proposals=_first(TO_APPROVE, now, "claim__contract__customer", "proposed_by"),
        requests=_first(WAITING, now, "contract__customer", "activity"),
        closing=_closing_next(now),
        queues={"claims": TO_DECIDE, "proposals": TO_APPROVE, "requests": WAITING},
    )


def _first(queue: Queue, now: datetime, *related: str) -> list[Any]:
    return list(queue.rows(now).select_related(*related).order_by(*queue.order)[:SHOWN])


def _closing_next(now: datetime) -> list[dict[str, Any]]:
    """The next windows to end, drafts and reports together."""
    found = [*_first(DRAFTS_7D, now, "contract__customer"), *_first(WINDOWS_7D, now, "contract__customer")]
    soonest = sorted(found, key=lambda one: one.closes_at)[:SHOWN]
    return [{"matter": one, "page": one._meta.model_name, "zone": one.contract.tz} for one in soonest]
