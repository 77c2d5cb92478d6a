"""To publish an outage: who is opened the way, until when, and the most that it can cost, before anything is done (S11–S13)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, done, page, refusals_of
from entitlements.admin.queues import vendor_zone
from entitlements.rules.days import to_the_second
from entitlements.rules.refusals import Refusal
from sla.actions.publishing import publish_outage
from sla.exposure import opened_by, sums
from sla.models import Outage

ON_A_PAGE = 50


@open_to(Who.MANAGERS)
def publish(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S13: what publishing does; confirmed by a POST, the clock does it, a batch at a time."""
    outage = get_object_or_404(Outage.objects.select_related("cause", "published_by"), reference=reference)
    refusals: tuple[Refusal, ...] = ()
    if request.method == "POST":
        refusals = refusals_of(lambda: publish_outage(outage=outage, by=request.user, now=request.now))
        if not refusals:
            said = "The clock puts the failures on record and writes the letters; its page says how far it is."
            return done(request, f"{reference} is published. {said}", "admin:outage", reference)
    found = opened_by(outage, to_the_second(request.now))
    asked = set(outage.openings.values_list("customer", flat=True))
    missing = not outage.published_at or any(one.customer.pk not in asked for one in found)
    return page(
        request,
        "admin/outage_publish.html",
        title=f"Publish {reference}" if missing else f"What {reference} opened",
        outage=outage,
        missing=missing,
        zone=vendor_zone(),
        refusals=refusals,
        found=Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
        hit=len(found),
        opened=sum(one.opens for one in found),
        unknown=[one.customer for one in found if one.cannot_be_computed],
        sums=sums(found).items(),
    )


pages: list[tuple[str, Any, str]] = [("outages/<str:reference>/publish/", publish, "publish_outage")]
