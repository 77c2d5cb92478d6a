"""On the page of a claim: the cap of the credit in the currency of a contract that is not in the cap's own (S11)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, posted_to
from sla.actions.recorded_caps import record_cap
from sla.admin.claim_page import PAGE, asked_for, do, page_of
from sla.admin.reviewer_forms import CapForm


@open_to(Who.MANAGERS)
@posted_to(PAGE)
def record(request: DeskRequest, *, reference: str) -> HttpResponse:
    """S11: by which rate of which day."""
    claim = asked_for(request, reference)
    form = CapForm(request.POST)
    if not form.is_valid():
        return page_of(request, claim, form=form, cap=form)
    return do(
        request,
        claim,
        lambda: record_cap(claim=claim, by=request.user, now=request.now, **form.cleaned_data),
        "The cap is recorded.",
        cap=form,
    )


pages: list[tuple[str, Any, str]] = [("claims/<str:reference>/cap/", record, "record_cap")]
