"""The year's statement at the desk, as page and PDF, before a business review (E13)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, page
from entitlements.statement_paper import paper_of
from entitlements.year_statements import YearStatement, statement_visible_to


@open_to(Who.MANAGERS)
def detail(request: DeskRequest, *, pk: int) -> HttpResponse:
    """The statement as the customer reads it, with links of the desk."""
    found = _asked_for(request, pk)
    title = f"Statement of {found.contract.customer}, contract year {found.year.n}"
    return page(request, "admin/statement.html", title=title, one=found, zone=found.contract.tz, desk=True)


@open_to(Who.MANAGERS)
def as_pdf(request: DeskRequest, *, pk: int) -> HttpResponse:
    found = _asked_for(request, pk)
    name = f"statement-{found.contract.order_form}-year-{found.year.n}.pdf"
    return HttpResponse(
        paper_of(found),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


pages: list[tuple[str, Any, str]] = [
    ("contract-years/<int:pk>/statement/", detail, "statement"),
    ("contract-years/<int:pk>/statement.pdf", as_pdf, "statement_pdf"),
]


def _asked_for(request: DeskRequest, pk: int) -> YearStatement:
    found = statement_visible_to(request.user, pk, request.now)
    if found is None:
        raise Http404
    return found
