"""T4: do the pages answer? Asked by the clock at each turn, where an address to ask is set; and the sign of health that says so."""

from __future__ import annotations

import urllib.request
from datetime import datetime

from django.conf import settings

from entitlements.actions.standstills import Count, note_pages
from entitlements.health import Sign
from entitlements.models import Standstill

PATIENCE = 2
"""Seconds."""


def look(*, windows: Count, now: datetime) -> None:
    """T4: ask the pages, where that is wanted, and put on record whether they answered at `now` (UTC)."""
    if settings.PAGES_WATCHED_AT:
        note_pages(answered=answer(settings.PAGES_WATCHED_AT), windows=windows, now=now)


def answer(address: str) -> bool:
    """Whether this address (http or https, of our own /healthz) answers in time that all is well."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as response:  # noqa: S310  the operator sets it
            return bool(response.status == 200)
    except (OSError, ValueError):
        return False


def sign(_: None, now: datetime) -> Sign | None:
    """M1.3: the pages, where they are watched."""
    if not settings.PAGES_WATCHED_AT:
        return None
    pages = Standstill.objects.filter(what=Standstill.What.PAGES, ended_at__isnull=True)
    since = pages.values_list("began_at", flat=True).first()
    if since is None:
        return Sign("pages", "Pages", "They answered when the clock turned last.")
    remedy = "Look at the web server. What customers cannot file meanwhile can be given more time, once it is over."
    return Sign("pages", "Pages", "They do not answer the clock.", "the pages do not answer", since, remedy)
