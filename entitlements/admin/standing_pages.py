"""What a manager wants first: whose sessions lapse unused, who is over or exhausted, how the places are used, who is away (E3, E6, E15)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase

from entitlements.access import Who, open_to
from entitlements.actions.offers import last_offers
from entitlements.admin.pages import DeskRequest, page
from entitlements.admin.queues import vendor_zone
from entitlements.exports import FORMATS, Row, as_file
from entitlements.free_offers import by_times, offered_lines, who_may_book
from entitlements.models import BookedSession, Leave, Level
from entitlements.standings import (
    Standing,
    Utilisation,
    instead_of_a_figure,
    names_of_lines,
    running_standings,
    utilisation,
)

SOON = timedelta(days=60)
AWAY = timedelta(days=30)
MOST_DOTS = 25
MOST_COUNTED = 50


@open_to(Who.MANAGERS)
def usage(request: DeskRequest) -> HttpResponseBase:
    """PL1 over the whole book: of the places that all running contract years have, what is delivered, held and kept."""
    standings = running_standings(request.now)
    names = names_of_lines(standings)
    table = utilisation(standings)
    levels = [label for label in Level.labels if any(label in found for found in table.values())]
    rows = [
        (target, names[target], [_cell(standings, target, level, found) for level in levels])
        for target, found in table.items()
    ]
    if kind := _kind(request):
        heads = ["activity", "level", "entitled", "delivered", "held", "kept"]
        flat: list[Row] = [
            [name, level, one.entitled, one.delivered, one.held, one.kept]
            for _, name, found in rows
            for level, one, _ in found
            if one
        ]
        return as_file(kind, "utilisation", heads, flat, request.now)
    return standing_page(
        request,
        "admin/standing_usage.html",
        "Usage by level and activity",
        levels=levels,
        rows=rows,
        years=len(standings),
    )


@open_to(Who.MANAGERS)
def lapsing(request: DeskRequest) -> HttpResponseBase:
    """E3: whose sessions lapse unused within 60 days, with the free time of the engineers, and one act to offer them."""
    found = lapsing_standings(request.now)
    names = names_of_lines(found)
    offered = last_offers([one.contract.order_form for one in found])
    if kind := _kind(request):
        heads = ["customer", "order form", "level", "year ends", "days left", "unused", "left", "last offered"]
        rows = (_lapsing_row(one, names, offered) for one in found)
        return as_file(kind, "lapsing-sessions", heads, rows, request.now)
    lines = offered_lines(found, names, request.now)
    reached = who_may_book(found)
    shown = [
        (one, by_times(lines[one.year.pk]), offered.get(one.contract.order_form), reached[one.contract.customer_id])
        for one in found
    ]
    return standing_page(request, "admin/standing_lapsing.html", "Sessions that lapse within 60 days", shown=shown)


@open_to(Who.MANAGERS)
def forecast(request: DeskRequest) -> HttpResponseBase:
    """PL3: how many places each customer will leave unused at its pace, most first; without a pace, all that is left."""
    found = sorted(running_standings(request.now), key=lambda one: -one.may_lapse)
    if kind := _kind(request):
        heads = [
            "customer",
            "order form",
            "level",
            "year ends",
            "left today",
            "at least",
            "likely",
            "at most",
            "why none",
        ]
        return as_file(kind, "forecast-unused", heads, map(_forecast_row, found), request.now)
    most = max((one.forecast.most if one.forecast else one.unused for one in found), default=0)
    drawn = found[:MOST_DOTS]
    return standing_page(
        request,
        "admin/standing_forecast.html",
        "Sessions that will lapse",
        found=found,
        first=next((one for one in found if one.forecast), None),
        known=sum(1 for one in found if one.forecast),
        dots=list(_dots(drawn, most)),
        height=max(24 * len(drawn), 24),
    )


@open_to(Who.MANAGERS)
def limits(request: DeskRequest) -> HttpResponseBase:
    """E6: who has used up a cap, and who stands above one."""
    found = [one for one in running_standings(request.now) if one.exhausted or one.over]
    names = names_of_lines(found)
    shown = [
        (
            one,
            [(names[line.target], line) for line in one.exhausted],
            [(names.get(over.line.target, over.line.target), over) for over in one.over],
        )
        for one in found
    ]
    if kind := _kind(request):
        heads = ["customer", "order form", "level", "year ends", "exhausted", "over"]
        return as_file(kind, "over-and-exhausted", heads, map(_limits_row, shown), request.now)
    return standing_page(request, "admin/standing_limits.html", "Over a cap, or exhausted", shown=shown)


@open_to(Who.MANAGERS)
def away(request: DeskRequest) -> HttpResponseBase:
    """E15: who is away within 30 days, who stands in, and which sessions still lie in it."""
    span = (request.now, request.now + AWAY)
    leaves = leaves_ahead(request.now).select_related("engineer__user", "stand_in__user")
    sessions = BookedSession.objects.filter(released_at__isnull=True, held_at__isnull=True, during__overlap=span)
    booked = list(sessions.select_related("engagement__contract__customer"))
    shown = [
        (leave, [one for one in booked if one.engineer_id == leave.engineer_id and _overlap(one, leave)])
        for leave in leaves.order_by("during", "pk")
    ]
    if kind := _kind(request):
        heads = ["engineer", "from", "until", "stand-in", "sessions in it"]
        return as_file(kind, "away", heads, map(_away_row, shown), request.now)
    return standing_page(request, "admin/standing_away.html", "Away within 30 days", shown=shown)


def _cell(
    standings: list[Standing], target: str, level: str, found: Mapping[str, Utilisation]
) -> tuple[str, Utilisation | None, str]:
    """PL1: a level's figure, or why there is none."""
    figure = found.get(level)
    return level, figure, "" if figure else instead_of_a_figure(standings, target, level)


def lapsing_standings(now: datetime) -> list[Standing]:
    """E3: the running contract years that end within 60 days with places left."""
    return [one for one in running_standings(now, ending_within=SOON) if one.unused]


def lapsing_counted(now: datetime) -> tuple[int, bool]:
    """E3: how many `lapsing_standings` there are, and whether it may be more: of MOST_COUNTED years the first to end are looked at."""
    soon = running_standings(now, ending_within=SOON, most=MOST_COUNTED + 1)
    return sum(1 for one in soon[:MOST_COUNTED] if one.unused), len(soon) > MOST_COUNTED


def leaves_ahead(now: datetime) -> QuerySet[Leave]:
    """E15: the leave of the next 30 days."""
    return Leave.objects.standing().filter(during__overlap=(now, now + AWAY))


def _overlap(session: BookedSession, leave: Leave) -> bool:
    return session.during.lower < leave.during.upper and leave.during.lower < session.during.upper


def standing_page(request: DeskRequest, template: str, title: str, **context: Any) -> HttpResponse:
    """A page of these, its times in the vendor's zone."""
    return page(request, template, title=title, zone=vendor_zone(), **context)


def _kind(request: DeskRequest) -> str:
    """The kind of file that is asked for, or nothing."""
    kind = request.GET.get("format", "")
    return kind if kind in FORMATS else ""


def _dots(standings: list[Standing], most: int) -> Iterator[dict[str, Any]]:
    """PL3: each customer's line in the drawing, in hundredths of the widest; without a forecast it runs over all that is left."""
    for n, one in enumerate(standings):
        known = one.forecast
        figures = (known.fewest, known.likely, known.most) if known else (0, 0, one.unused)
        low, dot, high = (200 * figure // (most or 1) for figure in figures)
        yield {"standing": one, "y": 24 * n + 12, "low": low, "dot": dot, "high": high}


def _lapsing_row(one: Standing, names: dict[str, str], offered: dict[str, datetime]) -> Row:
    left = "; ".join(f"{names[line.target]}: {line.left}" for line in one.left)
    last = offered.get(one.contract.order_form)
    return [*_who(one), one.days_left, one.unused, left, last]


def _forecast_row(one: Standing) -> Row:
    if one.forecast is None:
        return [*_who(one), one.unused, None, "too little data", None, one.too_little_data]
    return [*_who(one), one.unused, one.forecast.fewest, one.forecast.likely, one.forecast.most, ""]


def _limits_row(shown: tuple[Standing, list[Any], list[Any]]) -> Row:
    one, exhausted, over = shown
    return [*_who(one), "; ".join(name for name, _ in exhausted), "; ".join(f"{name}: {it.used}" for name, it in over)]


def _away_row(shown: tuple[Leave, list[BookedSession]]) -> Row:
    leave, booked = shown
    sessions = "; ".join(one.engagement.reference for one in booked)
    return [str(leave.engineer), leave.during.lower, leave.during.upper, str(leave.stand_in or ""), sessions]


def _who(one: Standing) -> list[Any]:
    return [one.contract.customer.name, one.contract.order_form, one.level, one.year.last_day]


pages: list[tuple[str, Any, str]] = [
    ("usage/", usage, "usage"),
    ("usage/lapsing/", lapsing, "lapsing_sessions"),
    ("usage/forecast/", forecast, "forecast_unused"),
    ("usage/limits/", limits, "over_and_exhausted"),
    ("usage/away/", away, "who_is_away"),
]
