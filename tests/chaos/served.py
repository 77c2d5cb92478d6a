"""The product's web, whose answers also say at which moment it read the clock for them. `LOCKS=slow`: sending a claim
waits for the clock to lapse it before it takes its lock; `LOCKS=no-lock`, the twin: it read the claim before, and takes none."""

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
"""Seconds for which it waits for the clock to come between."""

_read = ReadTheClock.__call__


def _and_say_so(middleware: ReadTheClock, request: HttpRequest) -> HttpResponse:
    answer = _read(middleware, request)
    if received := getattr(request, "now", None):
        answer[RECEIVED] = received.isoformat()
    return answer


def _without_a_lock(claim: Any, now: Any) -> Any:
    from sla.models import Claim

    found = Claim.objects.select_related("contract__customer").get(pk=claim.pk)
    _until_it_lapsed(claim)
    return found


def _slowly(claim: Any, now: Any) -> Any:
    from sla.actions.drafts import locked

    _until_it_lapsed(claim)
    return locked(claim, now)


def _until_it_lapsed(claim: Any) -> None:
    from sla.models import Claim

    begun = time.monotonic()
    while Claim.objects.filter(pk=claim.pk, state="draft").exists() and time.monotonic() - begun < PATIENCE:
        time.sleep(0.05)


ReadTheClock.__call__ = _and_say_so  # type: ignore[method-assign]
if how := os.environ.get("LOCKS"):
    from sla.actions import claims

    claims.locked = {"slow": _slowly, "no-lock": _without_a_lock}[how]  # type: ignore[attr-defined]
