from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from entitlements.clock import database_now
from entitlements.models import User
from entitlements.reader import reading

WITHOUT_A_CLOCK = ("/healthz", "/static/")


class ReadTheClock:
    """`request.now`: the database's clock, read as the first act of a request, before its body is parsed (S13).

    What a request brings is received at this instant, and everything on the page that answers it agrees.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(WITHOUT_A_CLOCK):
            request.now = database_now()  # type: ignore[attr-defined]
        return self.get_response(request)


class OwnTimes:
    """C12.5: the reader's own zone and way of writing days, while their page is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return self.get_response(request)
        with reading(request.user.zone, request.user.date_style):
            return self.get_response(request)
