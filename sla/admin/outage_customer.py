"""One outage as one customer had it: the time line (PL5), what each piece comes to, and the customer's reports and claims."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, page
from entitlements.admin.queues import vendor_zone
from entitlements.models import Customer
from entitlements.rules.days import to_the_second
from sla.checklists import of_outage
from sla.evidence.agreements import agreements_of
from sla.evidence.ground import zone_of
from sla.models import Claim, Outage
from sla.outage_plot import drawing_of


@open_to(Who.MANAGERS)
def of_customer(request: DeskRequest, *, reference: str, customer: int) -> HttpResponse:
    """PL5: the outage as this customer had it, in the zone of its contract then."""
    outage = get_object_or_404(Outage.objects.select_related("cause"), reference=reference)
    hit = get_object_or_404(Customer, pk=customer)
    drawing = drawing_of(outage, hit, to_the_second(request.now))
    return page(
        request,
        "admin/outage_customer.html",
        title=f"{outage.title}: {hit}",
        outage=outage,
        customer=hit,
        zone=zone_of(agreements_of([hit.pk])[hit.pk], drawing.ends[0]) if drawing else vendor_zone(),
        drawing=drawing,
        checklist=of_outage(drawing.logs) if drawing else [],
        workings=[one.working for one in drawing.pieces] if drawing else [],
        claims=Claim.objects.filter(
            failures__outage=outage, contract__customer=hit, received_at__isnull=False
        ).distinct(),
    )


pages: list[tuple[str, Any, str]] = [
    ("outages/<str:reference>/customers/<int:customer>/", of_customer, "outage_customer")
]
