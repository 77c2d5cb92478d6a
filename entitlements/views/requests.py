"""The request as the portal's views find it."""

from __future__ import annotations

from datetime import datetime

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, QueryDict

from entitlements import kept_answers
from entitlements.addresses import device_of
from entitlements.models import User


class PortalRequest(HttpRequest):
    """A request behind `open_to` and the middleware that reads the clock."""

    now: datetime
    user: User


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: the answers that were posted, also when there are none; None when it is only opened.

    Opened after a sign-in, it is bound to what was posted before, and could not be taken then (C1.8).
    """
    return request.POST if request.method == "POST" else kept_answers.handed_back(request)


def where_from(request: HttpRequest) -> str:
    """'Firefox on Windows, from 203.0.113.5': where somebody is who changes an account (N2)."""
    adapter = get_adapter()
    return f"{device_of(adapter.get_http_user_agent(request))}, from {adapter.get_client_ip(request)}"
