"""One log line per request, and one id on every line that belongs to it."""

import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

log = structlog.get_logger("makegood.request")
QUIET = ("/healthz", "/readyz")
MAY_HOLD_KEYS = ("/accounts/", "/demo/")


class RequestLog:
    """Binds a request id, answers with it, and logs what was asked, what was answered, and how long it took."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request_id = uuid.uuid4().hex[:16]
        # Cleared by the next request, not at the end of this one: Django logs its own line after us.
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        if request.path not in QUIET:
            log.info(
                "request",
                method=request.method,
                path=_without_keys(request.path),
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000),
            )
        return response


def _without_keys(path: str) -> str:
    """Addresses with a one-time key in them open a door to whoever reads the log."""
    return next((f"{prefix}…" for prefix in MAY_HOLD_KEYS if path.startswith(prefix)), path)
