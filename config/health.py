"""Two questions of machines, answered before hosts, sessions or the clock are looked at.

`/healthz`: does this process answer? For load balancers; it asks nobody else, so that filing goes on while something
behind it is broken. `/readyz`: does everything behind it work? For alarms; if not, the answer is 503 and says what.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse

from entitlements.clock import database_now
from entitlements.models import Letter, LetterState, SweepRun

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
        last, letter = _last_sweep(), _seconds_oldest_letter_waits(now)
        failed = Letter.objects.filter(state=LetterState.FAILED).count()
    except DatabaseError as error:
        return {"database": str(error).strip(), "wrong": ["the database does not answer"]}
    sweep = int((now - last.ended_at).total_seconds()) if last and last.ended_at else None
    wrong = []
    if sweep is None or sweep > LATEST_SWEEP_SECONDS:
        wrong.append("no sweep in the last five minutes")
    if last and last.alarm:
        wrong.append(last.alarm)
    if letter > LATEST_LETTER_SECONDS:
        wrong.append("a letter has been waiting for more than fifteen minutes")
    return {
        "database": "ok",
        "seconds_since_last_sweep": sweep,
        "seconds_oldest_letter_waits": letter,
        "letters_failed": failed,
        "wrong": wrong,
    }


def _last_sweep() -> SweepRun | None:
    return SweepRun.objects.filter(ended_at__isnull=False).order_by("-ended_at", "-pk").first()


def _seconds_oldest_letter_waits(now: datetime) -> int:
    """Since it was written: a retry or a lease that moves it on does not make it younger."""
    queued = Letter.objects.filter(state=LetterState.QUEUED, written_at__lte=now)
    written_at = queued.order_by("written_at").values_list("written_at", flat=True).first()
    return int((now - written_at).total_seconds()) if written_at else 0
