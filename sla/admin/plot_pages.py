"""Two plots of the clockwork, each with its table and its file: the deadlines ahead (PL9), and letters' delay and outcome (PL10)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import TruncDate
from django.http import HttpResponseBase

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, page
from entitlements.admin.queues import vendor_zone
from entitlements.exports import FORMATS, Row, as_file
from entitlements.models import Letter, LetterEvent, LetterEventKind, LetterState
from entitlements.rules.days import first_instant, local_day
from entitlements.server_zones import as_the_server_knows
from entitlements.wording import day_in_short, duration_in_words
from sla.duties import KINDS, WHICH, day_by_day, listed, questions

DAYS = 30
MOST_LISTED = 100
SECONDS = timedelta(seconds=1)


class Percentile(Aggregate):
    """The value below which a share of the rows lies, such as 0.95."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@open_to(Who.MANAGERS)
def deadlines_ahead(request: DeskRequest) -> HttpResponseBase:
    """PL9: every deadline that is stored, one line a day, also the days without any; what is overdue first. Below, the list itself."""
    which = request.GET.get("which", "")
    which = which if which in WHICH else "30d"
    days = _days_ahead(request.now)
    count = {kind: kind.due(request.now, None).count() for kind in KINDS}
    if kind := _kind(request):
        rows: list[Row] = [["overdue", *count.values()]]
        rows += [[day, *figures] for day, figures in days]
        return as_file(kind, "deadlines-ahead", ["day", *(kind.key for kind in KINDS)], rows, request.now)
    return page(
        request,
        "admin/deadlines_ahead.html",
        title="Deadlines of the next 30 days",
        zone=vendor_zone(),
        overdue=count,
        days=days,
        drawn=_drawn([(day, sum(figures[:2]), sum(figures[2:])) for day, figures in days], str),
        total=sum(sum(figures) for _, figures in days),
        lists=[(key, title) for key, (title, _, _) in WHICH.items()],
        which=which,
        list_title=WHICH[which][0],
        listed=listed(which, request.now, MOST_LISTED),
        in_list=sum(rows(request.now).count() for rows in questions(which)),
        most=MOST_LISTED,
    )


@open_to(Who.MANAGERS)
def delay_of_letters(request: DeskRequest) -> HttpResponseBase:
    """PL10: of each of the last 30 days, how long letters took from the cause to the mail server, and what became of them."""
    days = _days_of_letters(request.now)
    if kind := _kind(request):
        heads = [
            "day",
            "written",
            "accepted",
            "failed",
            "no longer true",
            "waiting",
            "came back",
            "median seconds",
            "p95 seconds",
        ]
        return as_file(kind, "delay-of-letters", heads, [list(one.values()) for one in days], request.now)
    most = max((one["p95"] or 0 for one in days), default=0)
    return page(
        request,
        "admin/delay_of_letters.html",
        title="Letters: delay and outcome",
        zone=vendor_zone(),
        days=days,
        drawn=_drawn([(one["day"], one["p50"] or 0, (one["p95"] or 0) - (one["p50"] or 0)) for one in days], _seconds),
        most=_seconds(most),
        failed=sum(one["failed"] for one in days),
        written=sum(one["written"] for one in days),
    )


def _days_ahead(now: datetime) -> list[tuple[date, tuple[int, ...]]]:
    """Day by day in the vendor's zone: how many of each kind."""
    zone = vendor_zone()
    found = [day_by_day(kind, now, zone) for kind in KINDS]
    today = local_day(now, zone)
    days = (today + timedelta(days=n) for n in range(DAYS + 1))
    return [(day, tuple(one.get(day, 0) for one in found)) for day in days]


def _days_of_letters(now: datetime) -> list[dict[str, Any]]:
    """Oldest first; a day without a letter is there too."""
    zone = vendor_zone()
    first = local_day(now, zone) - timedelta(days=DAYS - 1)
    took = ExpressionWrapper(F("accepted_at") - F("written_at"), output_field=DurationField())
    bounces = LetterEvent.objects.filter(letter=OuterRef("pk"), kind=LetterEventKind.BOUNCED)
    rows = (
        Letter.objects.filter(written_at__gte=first_instant(first, zone), written_at__lte=now)
        .annotate(day=TruncDate("written_at", tzinfo=as_the_server_knows(zone)), came_back=Exists(bounces))
        .values("day")
        .order_by("day")
        .annotate(
            written=Count("pk"),
            **{state.value: Count("pk", filter=Q(state=state)) for state in LetterState},
            bounced=Count("pk", filter=Q(came_back=True)),
            p50=Percentile(took, share=0.5),
            p95=Percentile(took, share=0.95),
        )
    )
    by_day: dict[date, Any] = {row["day"]: row for row in rows}
    return [_day(first + timedelta(days=n), by_day.get(first + timedelta(days=n), {})) for n in range(DAYS)]


def _day(day: date, row: dict[str, Any]) -> dict[str, Any]:
    figures = {
        name: row.get(name, 0) for name in ("written", "accepted", "failed", "no_longer_true", "queued", "bounced")
    }
    seconds = {name: row[name] // SECONDS if row.get(name) is not None else None for name in ("p50", "p95")}
    return {"day": day, **figures, **seconds}


def _drawn(days: list[tuple[date, int, int]], in_words: Callable[[int], str]) -> dict[str, Any]:
    """Two figures on top of each other, day by day, in a drawing that is 100 high: its bars, its first and last day, and its tallest."""
    sums = [low + high for _, low, high in days]
    most = max(sums)
    heights = [(100 * low // (most or 1), 100 * high // (most or 1)) for _, low, high in days]
    bars = [
        {"x": 20 * n + 2, "low": low, "low_y": 100 - low, "high": high, "high_y": 100 - low - high}
        for n, (low, high) in enumerate(heights)
    ]
    tallest = sums.index(most)
    anchor = "end" if tallest > len(days) // 2 else "start"
    x = bars[tallest]["x"] + (14 if anchor == "end" else 0)
    peak = {"x": x, "anchor": anchor, "words": f"{in_words(most)}, {day_in_short(days[tallest][0])}"} if most else None
    return {"bars": bars, "peak": peak, "first": day_in_short(days[0][0]), "last": day_in_short(days[-1][0])}


def _seconds(seconds: int) -> str:
    return duration_in_words(seconds * SECONDS)


def _kind(request: DeskRequest) -> str:
    kind = request.GET.get("format", "")
    return kind if kind in FORMATS else ""


pages: list[tuple[str, Any, str]] = [
    ("deadlines/ahead/", deadlines_ahead, "deadlines_ahead"),
    ("letters/delay/", delay_of_letters, "delay_of_letters"),
]
