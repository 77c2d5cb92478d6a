"""PL4: a month of maintenance against its ten hours, as a line that rises with every period, its table and its file (S3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.http import HttpResponseBase

from entitlements import wording
from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, page
from entitlements.exports import FORMATS, as_file
from entitlements.models import Customer
from entitlements.rules.days import add_months, first_of_month, to_the_second
from entitlements.rules.spans import Span, cut, intersection, total
from sla.business_days import vendor_zone
from sla.maintenance import Forecast, Part, forecast_of_all, forecast_of_each, month_span, parts_in

WIDTH, HEIGHT, FOOT = 620, 160, 20
NARROWEST = 9
"""Of a bar: its hatching has to be seen."""
MINUTE = timedelta(minutes=1)
HEADS = [
    "reference",
    "what",
    "kind",
    "state",
    "from (UTC)",
    "to (UTC)",
    "minutes",
    "minutes in all",
    "beyond the allowance",
]


@dataclass(frozen=True, slots=True)
class Line:
    """A period's part in the month: what it adds that no earlier one did, what the month comes to with it, and what lies beyond."""

    part: Part
    span: Span
    adds: timedelta
    in_all: timedelta
    beyond: timedelta


@open_to(Who.MANAGERS)
def month(request: DeskRequest) -> HttpResponseBase:
    """PL4: one month (UTC), of all maintenance or of one customer's."""
    day, customer = _month_asked(request), _customer_asked(request)
    typed = request.GET.get("customer", "").strip()
    parts = parts_in(month_span(day), to_the_second(request.now), customers=[customer.pk] if customer else None)
    if customer:
        parts = [one for one in parts if one.concerns(customer.pk)]
        forecast = forecast_of_each([customer.pk], day, request.now)[customer.pk]
    else:
        forecast = forecast_of_all(day, request.now)
    lines = lines_of(parts, forecast)
    kind = request.GET.get("format", "")
    if kind in FORMATS:
        return as_file(kind, f"maintenance-{day:%Y-%m}", HEADS, [_row(one) for one in lines], request.now)
    return page(
        request,
        "admin/maintenance_month.html",
        title=f"Maintenance in {day:%B %Y}",
        zone=vendor_zone(),
        month=day,
        earlier=add_months(day, -1),
        later=add_months(day, 1),
        customer=customer,
        typed=typed,
        unknown=typed and customer is None,
        forecast=forecast,
        lines=lines,
        plot=drawn(lines, forecast),
    )


def lines_of(parts: list[Part], forecast: Forecast) -> list[Line]:
    """S3: the parts in order of time, split at the month's midnight; a minute under several is the first one's."""
    whole, within = month_span(forecast.month), forecast.within
    found: list[Line] = []
    seen: list[Span] = []
    for part in parts:
        span = part.span & whole
        if span is None:
            continue
        fresh = cut([span], seen)
        seen.append(span)
        beyond = total(fresh) - total(intersection(fresh, within))
        found.append(Line(part, span, total(fresh), total(seen), beyond))
    return found


def drawn(lines: list[Line], forecast: Forecast) -> dict[str, Any]:
    """The month in a drawing: time to the right, hours upwards; the highest of allowance and total fits."""
    whole = month_span(forecast.month)
    top = max(forecast.allowance, forecast.total) * 11 // 10
    height = HEIGHT - FOOT

    def x(at: datetime) -> int:
        return WIDTH * ((at - whole.start) // MINUTE) // (whole.length // MINUTE)

    def y(length: timedelta) -> int:
        return height - height * (length // MINUTE) // max(top // MINUTE, 1) + 10

    points, before = [f"0,{y(timedelta())}"], timedelta()
    bars = []
    for line in lines:
        left, right = x(line.span.start), max(x(line.span.end), x(line.span.start) + NARROWEST)
        points += [f"{left},{y(before)}", f"{right},{y(line.in_all)}"]
        bars.append(
            {
                "x": left,
                "y": y(line.in_all),
                "width": right - left,
                "height": y(timedelta()) - y(line.in_all),
                "hatch": "emergency" if line.part.period.is_emergency else "planned",
                "ahead": line.part.is_ahead,
            }
        )
        before = line.in_all
    points.append(f"{WIDTH},{y(before)}")
    return {
        "points": " ".join(points),
        "bars": bars,
        "limit": y(forecast.allowance),
        "base": y(timedelta()),
        "days": [{"x": x(datetime(day.year, day.month, n, tzinfo=UTC)), "n": n} for day in [forecast.month] for n in (1, 8, 15, 22)],
    }  # fmt: skip


def _row(line: Line) -> list[Any]:
    period = line.part.period
    return [
        period.reference,
        period.title,
        period.get_kind_display(),
        period.get_state_display(),
        line.span.start,
        line.span.end,
        wording.number_in_words(line.adds // MINUTE).replace(",", ""),
        wording.number_in_words(line.in_all // MINUTE).replace(",", ""),
        wording.number_in_words(line.beyond // MINUTE).replace(",", ""),
    ]


def _month_asked(request: DeskRequest) -> date:
    """The month in the address, `2026-06`; else the one that runs (UTC)."""
    try:
        return date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return first_of_month(request.now.astimezone(UTC).date())


def _customer_asked(request: DeskRequest) -> Customer | None:
    typed = request.GET.get("customer", "").strip()
    if not typed:
        return None
    return Customer.objects.filter(external_id=typed).first() or Customer.objects.filter(name=typed).first()


pages: list[tuple[str, Any, str]] = [("maintenance/month/", month, "maintenance_month")]
