"""Three questions of machines, answered before hosts, sessions or the clock are looked at.

`/healthz`: does this process answer? For load balancers; it asks nobody else, so that filing goes on while something
behind it is broken. `/readyz`: does everything behind it work? For alarms; if not, the answer is 503 and says what.
`/metrics`: the same figures for Prometheus, to whoever brings the token of METRICS_TOKEN; without that setting there is
no such page.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare

from entitlements import health
from entitlements.clock import database_now

NOT_READY = ("sweep", "complaint", "clocks", "letters")
"""Signs that turn /readyz red: the product does not do its work. The others wait for a person."""

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
log = structlog.get_logger(__name__)


class Health:
    """Answers /healthz, /readyz and /metrics."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        match request.path:
            case "/healthz":
                return JsonResponse({"alive": True})
            case "/readyz":
                report = readiness()
                return JsonResponse(report, status=503 if report["wrong"] else 200)
            case "/metrics" if _may_measure(request):
                return HttpResponse("".join(f"{line}\n" for line in metrics()), content_type=PROMETHEUS)
        return self.get_response(request)


def readiness() -> dict[str, Any]:
    """What works, how late the clock's work is, in `wrong` what does not work, and in `to_look_at` what waits for a person.

    Anybody may ask: figures and general words, no matter's name and nothing of the machines behind.
    """
    try:
        now = database_now()
        found = health.pulse(now)
    except DatabaseError as error:
        log.warning("not_ready", error=str(error).strip())
        return {"database": "does not answer", "wrong": ["the database does not answer"]}
    bad = [sign for sign in health.signs(found, now) if sign.alarm]
    return {
        "database": "ok",
        **dict(_figures(found, now)),
        "wrong": [sign.trouble for sign in bad if sign.key in NOT_READY],
        "to_look_at": [sign.trouble for sign in bad if sign.key not in NOT_READY],
    }


def metrics() -> Iterator[str]:
    """The figures as Prometheus reads them; what is not known has no line. `makegood_up` is 0 while the database is silent."""
    try:
        now = database_now()
        found = health.pulse(now)
    except DatabaseError as error:
        log.warning("not_ready", error=str(error).strip())
        yield from _gauge("makegood_up", 0)
        return
    yield from _gauge("makegood_up", 1)
    for name, figure in _figures(found, now):
        if figure is not None:
            yield from _gauge(f"makegood_{name}", figure)
    yield "# TYPE makegood_trouble gauge"
    for sign in health.signs(found, now):
        yield f'makegood_trouble{{sign="{sign.key}"}} {int(sign.alarm)}'


def _figures(found: health.Pulse, now: datetime) -> Iterator[tuple[str, float | None]]:
    yield "seconds_since_last_sweep", _seconds_since(found.turned_at, now)
    yield "seconds_latest_in_last_sweep", found.latest_by_seconds
    yield "seconds_clocks_apart", found.clock_offset_ms / 1000
    yield "letters_waiting", found.letters_waiting
    yield "seconds_oldest_letter_waits", _seconds_since(found.oldest_letter_at, now) or 0
    yield "letters_failed", found.letters_failed


def _seconds_since(instant: datetime | None, now: datetime) -> int | None:
    return None if instant is None else (now - instant) // timedelta(seconds=1)


def _gauge(name: str, figure: float) -> Iterator[str]:
    yield f"# TYPE {name} gauge"
    yield f"{name} {figure}"


def _may_measure(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    return bool(token) and constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {token}")
