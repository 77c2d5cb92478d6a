from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from entitlements.access import Who, customers_of, open_to
from sla.access import maintenance_visible_to
from sla.maintenance import forecast_of_each
from sla.models import MaintenanceNotice, MaintenancePeriod, MaintenanceState
from sla.views.requests import PortalRequest

SHOWN_FOR = timedelta(days=365)
MOST = 100


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


def _by_state(request: PortalRequest, customers: list[Any]) -> dict[str, list[MaintenancePeriod]]:
    """What runs, what is planned in order of time, and what is over, newest first."""
    notices = MaintenanceNotice.objects.filter(customer__in=customers).with_acceptance().select_related("customer")
    rows = maintenance_visible_to(request.user).prefetch_related(Prefetch("notices", notices))
    known = sorted(rows.order_by("-pk")[:MOST], key=lambda one: one.begins)
    over = (MaintenanceState.DONE, MaintenanceState.CANCELLED)
    return {
        "running": [one for one in known if one.state == MaintenanceState.RUNNING],
        "coming": [one for one in known if one.state == MaintenanceState.PLANNED],
        "past": [one for one in reversed(known) if one.state in over and _is_recent(one, request.now)],
    }


def _is_recent(period: MaintenancePeriod, now: datetime) -> bool:
    return period.begins > now - SHOWN_FOR
