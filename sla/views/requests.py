"""What the views of the portal's claim half share: the request as they find it, and the claim that it is about."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from entitlements.access import keys_of_customers, may_see
from entitlements.actions.refused import Refused
from entitlements.models import Role
from entitlements.models.worded import Worded
from entitlements.views.requests import PortalRequest, posted
from sla.actions.drafts import not_a_draft, refuse_after_the_window
from sla.models import Claim

__all__ = ["PortalRequest", "as_draft", "own_claim", "own_draft", "posted", "refused_on"]

View = Callable[..., HttpResponseBase]


def own_claim(request: PortalRequest, reference: str) -> Claim:
    """The claim, or 404 for what is another customer's; who only may read cannot post.

    `may_change` of it: whether the reader may claim for its customer.
    """
    claim: Claim | None = _CLAIM.one(reference)
    if claim is None or not may_see(request.user, claim.contract):
        raise Http404
    claim.may_change = claim.contract.customer_id in keys_of_customers(request.user, Role.OWNER, Role.CLAIMS)  # type: ignore[attr-defined]
    if request.method == "POST" and not may_change(claim):
        raise PermissionDenied("You can read this claim. Changing it is for people who may claim.")
    return claim


_CLAIM = Worded(
    lambda reference: Claim.objects.filter(reference=reference).select_related(
        "contract__customer", "submitted_by", "declared_by"
    )
)


def may_change(claim: Claim) -> bool:
    """Of a claim that `own_claim` found: whether its reader may claim for the customer."""
    return bool(claim.may_change)  # type: ignore[attr-defined]


def own_draft(request: PortalRequest, reference: str) -> Claim:
    """The claim while its answers can be changed. Raises Refused once it was sent, withdrawn, or its window ended."""
    return as_draft(request, own_claim(request, reference))


def as_draft(request: PortalRequest, claim: Claim) -> Claim:
    """As `own_draft`, of a claim that was found already."""
    if not claim.is_draft:
        raise Refused(not_a_draft(claim))
    refuse_after_the_window(claim, request.now)
    return claim


def refused_on(page: str) -> Callable[[View], View]:
    """What may not be done is said on another page of the same reference (X8)."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def refusing(request: HttpRequest, reference: str, **kwargs: Any) -> HttpResponseBase:
            try:
                return view(request, reference, **kwargs)
            except Refused as refused:
                messages.warning(request, str(refused))
                return redirect(page, reference)

        return refusing

    return decorate
