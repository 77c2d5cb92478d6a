"""The first page of the desk: what waits for somebody, each number opening the list that it counts, and whether the clock runs (M1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse

from config.health import LATEST_LETTER_SECONDS, LATEST_SWEEP_SECONDS
from entitlements import wording
from entitlements.admin.pages import DeskRequest, page
from entitlements.admin.queues import (
    FAILED,
    FOLLOW_UPS,
    FOLLOW_UPS_OVERDUE,
    OUTCOMES_OVERDUE,
    OVERDUE,
    POLICIES,
    TO_CONFIRM,
    TODAY,
    TOMORROW,
    WAITING,
    Queue,
    vendor_zone,
)
from entitlements.admin.standing_pages import lapsing_standings, leaves_ahead
from entitlements.models import Letter, LetterState, SweepRun
from sla.admin.queues import DRAFTS_7D, DRAFTS_24H, TERMS, TO_APPROVE, TO_DECIDE, WINDOWS_7D, WINDOWS_24H
from sla.sweep import MOST_APART

SHOWN = 5
ROWS: tuple[tuple[str, tuple[Queue, ...]], ...] = (
    ("Windows that end soon", (DRAFTS_24H, WINDOWS_24H, DRAFTS_7D, WINDOWS_7D)),
    ("Letters", (FAILED, OVERDUE)),
    ("Claims", (TO_APPROVE, TO_DECIDE)),
    ("Sessions", (WAITING, TODAY, TOMORROW, TO_CONFIRM, FOLLOW_UPS, FOLLOW_UPS_OVERDUE, OUTCOMES_OVERDUE)),
    ("Policy and terms", (POLICIES, TERMS)),
)


@dataclass(frozen=True, slots=True)
class Sign:
    """One line of the health strip: what is measured, in words, and whether it is beyond its limit."""

    name: str
    words: str
    alarm: bool = False


def first_page(request: DeskRequest) -> HttpResponse:
    now = request.now
    return page(
        request,
        "admin/index.html",
        title="Desk",
        groups=[(title, [(queue, queue.count(now)) for queue in queues]) for title, queues in ROWS],
        lapsing=len(lapsing_standings(now)),
        away=leaves_ahead(now).count(),
        signs=signs(now),
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


def signs(now: datetime) -> list[Sign]:
    """M1.3: the last sweep, what it complained of, the clocks, and the oldest letter that was not sent."""
    last = SweepRun.objects.filter(ended_at__isnull=False).order_by("-ended_at").first()
    return [_sweep(last, now), *_complaint(last), *_clocks(last), _oldest_letter(now)]


def _sweep(last: SweepRun | None, now: datetime) -> Sign:
    if last is None or last.ended_at is None:
        return Sign("Sweep", "The clock has never turned. Start the worker and beat: no deadline is kept.", alarm=True)
    since = wording.distance_in_words(last.ended_at, now).removeprefix("closed ")
    if (now - last.ended_at).total_seconds() > LATEST_SWEEP_SECONDS:
        return Sign("Sweep", f"The last one was {since}. Look at the worker and beat.", alarm=True)
    return Sign("Sweep", f"The last one was {since}.")


def _complaint(last: SweepRun | None) -> list[Sign]:
    return [Sign("Sweep's alarm", last.alarm, alarm=True)] if last and last.alarm else []


def _clocks(last: SweepRun | None) -> list[Sign]:
    if last is None:
        return []
    apart = abs(last.clock_offset_ms) / 1000
    alarm = apart > MOST_APART.total_seconds()
    return [Sign("Clocks", f"Application and database are {apart:.1f} s apart.", alarm=alarm)]


def _oldest_letter(now: datetime) -> Sign:
    oldest = Letter.objects.filter(state=LetterState.QUEUED).order_by("written_at").values_list("written_at", flat=True)
    written = oldest.first()
    if written is None or written > now:
        return Sign("Letters", "None waits to be sent.")
    since = wording.distance_in_words(written, now).removeprefix("closed ").removesuffix(" ago")
    late = (now - written).total_seconds() > LATEST_LETTER_SECONDS
    return Sign("Letters", f"The oldest not yet sent has waited {since}.", alarm=late)
