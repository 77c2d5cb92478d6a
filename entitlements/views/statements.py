"""The year's statement in the portal, as page and PDF (E13)."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from entitlements.access import Who, open_to
from entitlements.statement_paper import paper_of
from entitlements.views.requests import PortalRequest
from entitlements.year_statements import YearStatement, statement_visible_to


@open_to(Who.CUSTOMERS)
@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """What the contract year allowed, what was used and left, what was advised and done."""
    found = _asked_for(request, pk)
    context = {"one": found, "zone": found.contract.zone, "reference": found.contract.order_form}
    return render(request, "outcomes/statement.html", context)


@open_to(Who.CUSTOMERS)
@require_safe
def as_pdf(request: PortalRequest, pk: int) -> HttpResponse:
    found = _asked_for(request, pk)
    response = HttpResponse(paper_of(found), content_type="application/pdf")
    name = f"statement-{found.contract.order_form}-year-{found.year.n}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _asked_for(request: PortalRequest, pk: int) -> YearStatement:
    found = statement_visible_to(request.user, pk, request.now)
    if found is None:
        raise Http404
    return found
