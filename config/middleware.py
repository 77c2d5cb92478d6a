"""One log line per request, with one id on every line that belongs to it; how long a session lasts unused; the desk's second factor;
how often somebody may send or take something in a minute.
"""

import time
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

import structlog
from allauth.account.authentication import get_authentication_records
from allauth.core.internal.ratelimit import consume
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from config.errors import too_many_requests
from entitlements import kept_answers
from entitlements.access import may_manage
from entitlements.exports import FORMATS
from entitlements.models import User

log = structlog.get_logger("makegood.request")
QUIET = ("/healthz", "/readyz", "/metrics")
ACCOUNT_PAGES = "/accounts/"


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
                path=request.path,
                status=response.status_code,
                milliseconds=round((time.perf_counter() - started) * 1000),
            )
        return response


class NothingIsStored:
    """C1.7: after signing out, Back shows no data. Static files are answered before this."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store"
        return response


class IdleLimit:
    """C1.8: whoever has not been seen for an hour is signed out; drafts are kept, and signing in leads back to the same page.

    When somebody was last seen, and who, stands in a signed cookie: to keep it in the database would be a write a request. The
    cookie outlives the session, so that what is posted after its end is kept for its author (`entitlements/kept_answers.py`).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and self._idle_too_long(request):
            logout(request)
            messages.info(request, "You were signed out after an hour in which nothing happened. Your drafts are kept.")
        response = self.get_response(request)
        if request.user.is_authenticated and request.session.session_key:
            at: datetime = request.now  # type: ignore[attr-defined]
            seen = kept_answers.Seen(
                request.session.session_key, int(at.timestamp()), int(request.session[SESSION_KEY])
            )
            response.set_cookie(
                settings.SEEN_COOKIE_NAME,
                signing.dumps(seen, salt=kept_answers.SALT),
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response

    def _idle_too_long(self, request: HttpRequest) -> bool:
        """A cookie that is missing, or of another session, says nothing: the hour begins now."""
        seen = kept_answers.last_seen(request)
        if seen is None or seen.session != request.session.session_key:
            return False
        now: float = request.now.timestamp()  # type: ignore[attr-defined]
        return now - seen.at >= settings.SESSION_IDLE_SECONDS


class SecondFactorAtTheDesk:
    """What staff may see opens to a session in which the person has shown a second factor or a passkey; a password alone opens
    only the pages on which one is set up or shown. The portal is closed too: a claim's documents have their address there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            settings.STAFF_SECOND_FACTOR
            and isinstance(user, User)
            and may_manage(user)
            and not request.path.startswith(ACCOUNT_PAGES)
            and request.path != reverse("admin:logout")
            and not any(one["method"] == "mfa" for one in get_authentication_records(request, user))
        ):
            return self._ask(request, user)
        return self.get_response(request)

    def _ask(self, request: HttpRequest, user: User) -> HttpResponse:
        """To where a second factor is set up, or shown."""
        if is_mfa_enabled(user, [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]):
            back = request.get_full_path() if request.method == "GET" else reverse("admin:index")
            return redirect(reverse("mfa_reauthenticate", query={"next": back}))
        return redirect("mfa_index")


class NotTooOften:
    """V8: reports, requests and documents, and lists as files, only so many times a minute; counted in PostgreSQL, by the person.

    More than anybody needs by hand, and too few for a machine.
    """

    RATES: ClassVar = dict.fromkeys(("report", "request", "upload", "export"), "100/m/user")
    POSTS: ClassVar = {
        "report_failure": "report",
        "request_engagement": "request",
        "request_professional_services": "request",
        "move_engagement": "request",
        "admin:new_engagement": "request",
        "claim_evidence": "upload",
        "bring_transactions": "upload",
        "admin:import_start": "upload",
        "export": "export",
    }

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        act = self._act(request) if request.user.is_authenticated else None
        if act and not consume(request, app="config", action=act, config=self.RATES, limit_get=True):
            return too_many_requests(request)
        return self.get_response(request)

    def _act(self, request: HttpRequest) -> str | None:
        if request.GET.get("format") in FORMATS:
            return "export"
        if request.method != "POST":
            return None
        try:
            return self.POSTS.get(resolve(request.path_info).view_name)
        except Resolver404:
            return None
