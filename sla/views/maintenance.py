from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from entitlements.access import Who, customers_of, open_to
from sla.access import maintenance_visible_to
from sla.business_days import NormalWindows
from sla.maintenance import forecast_of_each
from sla.models import MaintenanceNotice, MaintenancePeriod, MaintenanceState
from sla.views.requests import PortalRequest

SHOWN_FOR = timedelta(days=365)
MOST = 100
"""Of what is over; what runs and what is planned is shown whole."""


@dataclass(frozen=True, slots=True)
class Row:
    """A period as its customer reads it; in the normal hours it needs no notice."""

    period: MaintenancePeriod
    in_normal_hours: bool


@open_to(Who.CUSTOMERS)
@require_safe
def listing(request: PortalRequest) -> HttpResponse:
    """C10: maintenance now, next and past, with its notice, and how much of the month's allowance is used."""
    customers = list(customers_of(request.user).order_by("name"))
    month = request.now.astimezone(UTC).date()
    meters = forecast_of_each([one.pk for one in customers], month, request.now)
    contract = customers[0].contracts.order_by("-pk").first()
    context = {
        **_by_state(request, customers),
        "meters": [(one, meters[one.pk]) for one in customers],
        "zone": contract.zone if contract else "UTC",
    }
    return render(request, "maintenance/maintenance_list.html", context)


def _by_state(request: PortalRequest, customers: list[Any]) -> dict[str, list[Row]]:
    """What runs, what is planned in order of time, and what is over, newest first."""
    notices = MaintenanceNotice.objects.filter(customer__in=customers).with_acceptance().select_related("customer")
    visible = maintenance_visible_to(request.user).prefetch_related(Prefetch("notices", notices)).order_by("-pk")
    over, since = (MaintenanceState.DONE, MaintenanceState.CANCELLED), request.now - SHOWN_FOR
    found = [*visible.exclude(state__in=over), *visible.filter(state__in=over)[:MOST]]
    spans = {period: period.ran_by(request.now) or period.window for period in found}
    windows = NormalWindows(span for span in spans.values() if span)
    rows = [Row(period, span is not None and windows.cover(span)) for period, span in spans.items()]
    rows.sort(key=lambda row: row.period.begins)
    return {
        "running": [row for row in rows if row.period.state == MaintenanceState.RUNNING],
        "coming": [row for row in rows if row.period.state == MaintenanceState.PLANNED],
        "past": [row for row in reversed(rows) if row.period.state in over and row.period.begins > since],
    }
