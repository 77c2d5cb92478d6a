"""What somebody typed when their session had ended, or their page was too old, is there again when they come back (C1.8).

Nothing of it has been done. It is kept in the browser's session, for the person who was signed in there, and handed out once.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, QueryDict
from django.utils.http import escape_leading_slashes, url_has_allowed_host_and_scheme

KEY, SALT = "kept_answers", "seen"
MOST_SIGNS = 60_000
"""More than the longest form of a customer."""

NOT_ANSWERS = ("csrfmiddlewaretoken",)
AGAIN = "What you typed is here again. It is not saved yet: check it, and send it once more."


def keep(request: HttpRequest) -> None:
    """Keep what was posted for whoever was last seen signed in by this browser; of nobody nothing is kept, nor are files."""
    seen, answers = last_seen(request), request.POST.copy()
    for name in NOT_ANSWERS:
        answers.pop(name, None)
    if seen and answers and len(written := answers.urlencode()) <= MOST_SIGNS:
        request.session[KEY] = {"path": request.path, "answers": written, "person": seen.person}


def handed_back(request: HttpRequest) -> QueryDict | None:
    """The answers that were kept for this page and this person, once, with a word that they are not saved."""
    kept = request.session.get(KEY)
    if not kept or kept["path"] != request.path:
        return None
    del request.session[KEY]
    if kept["person"] != request.user.pk:
        return None
    messages.info(request, AGAIN)
    return QueryDict(kept["answers"])


class Seen(NamedTuple):
    """Who was last signed in by a browser: the session's key, when (seconds since 1970), and the person (key)."""

    session: str
    at: int
    person: int


def last_seen(request: HttpRequest) -> Seen | None:
    """By our own signature, which is looked at once a request; None for a browser in which nobody was."""
    if not hasattr(request, "_last_seen"):
        request._last_seen = _signed(request.COOKIES.get(settings.SEEN_COOKIE_NAME, ""))  # type: ignore[attr-defined]
    seen: Seen | None = request._last_seen  # type: ignore[attr-defined]
    return seen


def _signed(cookie: str) -> Seen | None:
    try:
        session, at, person = signing.loads(cookie, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    return Seen(session, at, int(person))


def page_of(request: HttpRequest) -> str:
    """Where what was posted had been typed: a page of ours (P39), or else the address itself."""
    came_from = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return request.get_full_path()
    page = urlsplit(came_from)
    return escape_leading_slashes(page.path + (f"?{page.query}" if page.query else ""))


def is_our_own(request: HttpRequest) -> bool:
    """Whether the browser says that a page of ours posted this."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
