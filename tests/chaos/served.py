"""The product's web, whose answers also say at which moment it read the clock for them. `TWIN=no-lock`: sending a claim locks nothing."""

from __future__ import annotations

import os
import time
from typing import Any

from django.http import HttpRequest, HttpResponse

from config.wsgi import application
from entitlements.middleware import ReadTheClock

__all__ = ["RECEIVED", "application"]

RECEIVED = "X-Received-At"
PATIENCE = 60.0
"""Seconds for which the twin waits, once it has read a claim, for the clock to come between."""

_read = ReadTheClock.__call__


def _and_say_so(middleware: ReadTheClock, request: HttpRequest) -> HttpResponse:
    answer = _read(middleware, request)
    if received := getattr(request, "now", None):
        answer[RECEIVED] = received.isoformat()
    return answer


def _without_a_lock(claim: Any, now: Any) -> Any:
    from sla.models import Claim

    found, begun = Claim.objects.select_related("contract__customer").get(pk=claim.pk), time.monotonic()
    while Claim.objects.filter(pk=claim.pk, state="draft").exists() and time.monotonic() - begun < PATIENCE:
        time.sleep(0.05)
    return found


ReadTheClock.__call__ = _and_say_so  # type: ignore[method-assign]
if os.environ.get("TWIN") == "no-lock":
    from sla.actions import claims

    claims.locked = _without_a_lock  # type: ignore[attr-defined]
