"""The request as the portal's views find it."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, QueryDict

from entitlements.models import User


class PortalRequest(HttpRequest):
    """A request behind `open_to` and the middleware that reads the clock."""

    now: datetime
    user: User


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the answers that were posted, also when there are none; None when it is only opened."""
    return request.POST if request.method == "POST" else None
