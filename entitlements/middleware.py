from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from entitlements.clock import database_now
from entitlements.models import User
from entitlements.reader import reading
from entitlements.seen_as import whose


class ReadTheClock:
    """`request.now`: the database's clock, read by the first question of a request, before its body is parsed (S13).

    What a request brings is received at this instant, and everything on the page that answers it agrees.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.now = arrived_at(request)  # type: ignore[attr-defined]
        return self.get_response(request)


def arrived_at(request: HttpRequest) -> datetime:
    """This instant by the database's clock, in UTC: of somebody who was seen before it is read together with their session."""
    session: Any = request.session
    session.read()
    return session.arrived_at or database_now()


class SeenAs:
    """M2.4: puts the person into the place of the manager for a request of the portal, and lets nothing of it write.

    The database holds it: such a request runs in a transaction that cannot write.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        seen = whose(request)
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


class OwnTimes:
    """C12.5: the reader's own zone and way of writing days, while their page is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return self.get_response(request)
        with reading(request.user.zone, request.user.date_style):
            return self.get_response(request)
