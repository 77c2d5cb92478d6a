"""The private calendar feed of an engineer: whoever has its long random address may read it, without signing in (E15)."""

from __future__ import annotations

from allauth.core.internal.ratelimit import consume
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from entitlements import feeds
from entitlements.access import Who, open_to

LIMITS = {"calendar_feed": "60/m/ip"}
"""More than any calendar program asks for, and far too few for guessing."""


@open_to(Who.ANYONE)
@require_safe
@never_cache
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """All sessions of the engineer whose address this is. 404 for any other, 429 for who asks too often."""
    if not consume(request, app="entitlements", action="calendar_feed", config=LIMITS, limit_get=True):
        return HttpResponse("Too many requests. Ask again in a minute.", status=429, content_type="text/plain")
    engineer = feeds.engineer_of(token)
    if engineer is None:
        raise Http404
    text = feeds.feed_of(engineer, now=request.now)  # type: ignore[attr-defined]
    return HttpResponse(text, content_type="text/calendar; charset=utf-8")
