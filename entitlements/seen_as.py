"""Whose eyes a manager borrows while looking at the portal (M2.4), kept in the session; the act is in `actions`, what holds it to
reading in `middleware`.
"""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from entitlements.access import may_manage
from entitlements.models import Membership

KEY = "seen_as"
OWN_PAGES = ("/accounts/", "/demo/")


def begin(request: HttpRequest, membership: Membership) -> None:
    """From the next request on the manager sees what this person sees."""
    request.session[KEY] = membership.pk


def end(request: HttpRequest) -> int | None:
    """Back to one's own eyes; the customer whose page it was, if any."""
    seen = Membership.objects.filter(pk=request.session.pop(KEY, None)).first()
    return seen.customer_id if seen else None


def whose(request: HttpRequest) -> Membership | None:
    """The person with whose eyes this request is to be answered: on pages of the portal, for a manager who has begun."""
    if KEY not in request.session or request.path.startswith((*OWN_PAGES, reverse("admin:index"))):
        return None
    if not may_manage(request.user):
        return None
    current = Membership.objects.filter(left_at__isnull=True, user__is_active=True, user__is_staff=False)
    return current.select_related("user", "customer").filter(pk=request.session[KEY]).first()
