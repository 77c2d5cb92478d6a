"""The page of an auditor: the one claim that they audit, its lines and its documents, while the audit is open (S14)."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from entitlements.access import Who, open_to
from sla.access import audits_open_to
from sla.models import Evidence
from sla.views.requests import PortalRequest

LINES_ON_A_PAGE = 200


@open_to(Who.SIGNED_IN)
@require_safe
def detail(request: PortalRequest, reference: str) -> HttpResponse:
    """S14: just that claim; to anybody else, and once it is closed, there is no such page."""
    audits = audits_open_to(request.user).select_related("claim__contract__customer", "auditor")
    audit = get_object_or_404(audits, claim__reference=reference)
    claim = audit.claim
    lines = claim.transactions.select_related("document", "file")
    context = {
        "audit": audit,
        "claim": claim,
        "zone": claim.contract.tz,
        "currency": claim.contract.currency,
        "failures": claim.own_failures().select_related("outage"),
        "lines": Paginator(lines, LINES_ON_A_PAGE).get_page(request.GET.get("lines")),
        "files": Evidence.objects.that_counts().filter(claim=claim),
    }
    return render(request, "claims/audit.html", context)
