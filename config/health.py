"""Two questions of machines, answered before hosts, sessions or the clock are looked at.

`/healthz`: does this process answer? For load balancers; it asks nobody else, so that filing goes on while something
behind it is broken. `/readyz`: does everything behind it work? For alarms; if not, the answer is 503 and says what.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse

from entitlements.clock import database_now
from entitlements.models import Letter, SweepRun

LATEST_SWEEP_SECONDS = 5 * 60
LATEST_LETTER_SECONDS = 15 * 60


class Health:
    """Answers /healthz and /readyz."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match request.path:
            case "/healthz":
                return JsonResponse({"alive": True})
            case "/readyz":
                report = readiness()
                return JsonResponse(report, status=503 if report["wrong"] else 200)
        return self.get_response(request)


def readiness() -> dict[str, Any]:
    """What works, how late the clock's work is, and in `wrong` what somebody must look at."""
    try:
        now = database_now()
        sweep, letter = _seconds_since_last_sweep(now), _seconds_oldest_letter_waits(now)
    except DatabaseError as error:
        return {"database": str(error).strip(), "wrong": ["the database does not answer"]}
    wrong = []
    if sweep is None or sweep > LATEST_SWEEP_SECONDS:
        wrong.append("no sweep in the last five minutes")
    if letter > LATEST_LETTER_SECONDS:
        wrong.append("a letter has been waiting for more than fifteen minutes")
    return {"database": "ok", "seconds_since_last_sweep": sweep, "seconds_oldest_letter_waits": letter, "wrong": wrong}


def _seconds_since_last_sweep(now: datetime) -> int | None:
    ended_at = SweepRun.objects.aggregate(at=Max("ended_at"))["at"]
    return int((now - ended_at).total_seconds()) if ended_at else None


def _seconds_oldest_letter_waits(now: datetime) -> int:
    due_at = Letter.objects.due(now).order_by("due_at").values_list("due_at", flat=True).first()
    return int((now - due_at).total_seconds()) if due_at else 0
