"""A manager looks at the portal with the eyes of one of a customer's people (M2.4): to look at only, on record, and said on every page.

The database holds it: such a request runs in a transaction that cannot write.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from entitlements.access import may_manage
from entitlements.actions.log import record
from entitlements.models import Membership, User

KEY = "seen_as"
OWN_PAGES = ("/accounts/", "/demo/")


@transaction.atomic
def begin(request: HttpRequest, membership: Membership, *, now: datetime) -> None:
    """Note in the log whose eyes the manager borrows, and keep it in the session."""
    manager = request.user
    assert isinstance(manager, User)
    seen = f"With the eyes of membership {membership.pk}"
    record("customer.seen_as", matter=membership.customer.external_id, by=manager, now=now, note=seen)
    request.session[KEY] = membership.pk


def end(request: HttpRequest) -> int | None:
    """The customer whose page it was, if any."""
    seen = Membership.objects.filter(pk=request.session.pop(KEY, None)).first()
    return seen.customer_id if seen else None


class SeenAs:
    """Puts the person into the place of the manager for a request of the portal, and lets nothing of it write."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen = self._seen(request)
        if seen is None:
            return self.get_response(request)
        request.seen_as = seen  # type: ignore[attr-defined]
        request.user = seen.user
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION READ ONLY")
            return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        if hasattr(request, "seen_as") and request.method not in ("GET", "HEAD"):
            return render(request, "nothing_sent.html", {"seen": request.seen_as}, status=HTTPStatus.FORBIDDEN)
        return None

    def _seen(self, request: HttpRequest) -> Membership | None:
        if KEY not in request.session or request.path.startswith((*OWN_PAGES, reverse("admin:index"))):
            return None
        if not may_manage(request.user):
            return None
        current = Membership.objects.filter(left_at__isnull=True, user__is_active=True, user__is_staff=False)
        return current.select_related("user", "customer").filter(pk=request.session[KEY]).first()
