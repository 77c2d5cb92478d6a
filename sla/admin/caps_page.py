"""Credits against caps, as a drawing, a table and a file (PL8, M6.4)."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404

from entitlements.access import Who, open_to
from entitlements.admin.pages import DeskRequest, page
from entitlements.exports import FORMATS, Row, as_file
from entitlements.models import Customer
from sla.caps import MOST, AgainstCaps, against_caps

HEADS = (
    *("customer", "order form", "cause", "claim", "credit", "currency", "granted", "proposed", "left"),
    *("5 x annual fees", "cap of one credit", "percent of the lesser"),
)


@open_to(Who.MANAGERS)
def credits_against_caps(request: DeskRequest) -> HttpResponseBase:
    """PL8: granted and proposed, each against five times the annual fees and the cap of one credit; `?customer=` for one of them."""
    asked = request.GET.get("customer", "")
    customer = get_object_or_404(Customer, pk=int(asked)) if asked.isdecimal() else None
    found = against_caps(customer)
    if (kind := request.GET.get("format")) in FORMATS:
        return as_file(kind, "credits-against-caps", HEADS, map(_in_file, found), request.now)
    rows = list(islice(found, MOST))
    title = f"Credits of {customer} against their caps" if customer else "Credits against their caps"
    return page(request, "admin/credits_against_caps.html", title=title, rows=rows, customer=customer, most=MOST)


def _in_file(one: AgainstCaps) -> Row:
    claim, contract = one.proposal.claim, one.proposal.claim.contract
    credit = getattr(one.proposal, "credit", None)
    cause = one.proposal.cause.reference if one.proposal.cause else ""
    whose = [contract.customer.name, contract.order_form, cause, claim.reference, credit.reference if credit else ""]
    return [*whose, contract.currency, one.granted, one.proposed, one.left, one.fees_bound, one.cap, one.percent]


pages: list[tuple[str, Any, str]] = [("credits/against-caps/", credits_against_caps, "credits_against_caps")]
