"""C12.7: an owner takes everything about the firm along, as one file."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from entitlements.access import Who, customers_of, open_to
from entitlements.actions.accounts import note_export
from entitlements.models import Role
from sla import export as everything
from sla.views.requests import PortalRequest


@open_to(Who.OWNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: PortalRequest) -> HttpResponse:
    """A GET says what is in it; a POST writes in the log who took it, and hands it out."""
    own = customers_of(request.user, Role.OWNER)
    if request.method != "POST":
        return render(request, "account/export.html", {"own": [(one, everything.counts_of(one)) for one in own]})
    customer = get_object_or_404(own, external_id=request.POST.get("customer", ""))
    note_export(customer=customer, by=request.user, now=request.now)
    response = HttpResponse(everything.as_json(customer, request.now), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{request.now:%Y-%m-%d}-everything.json"'
    return response
