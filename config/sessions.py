"""Django's sessions in the database, who is signed in, and the instant at which they came: by one question, worded once in a process.

Who is signed in is for the session to say. The signed cookie of who was last seen (C1.8) only tells whose row is read beside it:
where there is none, or it tells of somebody else, Django asks for the person as always.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.sessions.backends import db
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.db.models import Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from entitlements.clock import ClockTimestamp
from entitlements.kept_answers import Seen, last_seen
from entitlements.models import User
from entitlements.models.worded import Worded

SESSION = Worded(lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now))
BESIDE = Worded(
    lambda person, key, now: (
        User.objects.with_places()
        .filter(pk=person)
        .annotate(session_data=Subquery(SESSION.ask(key, now).values("session_data")), arrived_at=ClockTimestamp())
    )
)


class SessionStore(db.SessionStore):
    """`seen` tells whom to read beside the session; `person` is then that row, and `arrived_at` the database's clock when it was read."""

    seen: Callable[[], Seen | None] = staticmethod(lambda: None)
    person: User | None = None
    arrived_at: datetime | None = None

    def read(self) -> None:
        """At once, where its person and the clock are read with it; else it is read when somebody asks for it."""
        if self.session_key and self.seen():
            self.keys()

    def load(self) -> dict[str, Any]:
        seen = self.seen()
        self.person = BESIDE.one(seen.person, self.session_key, timezone.now()) if seen else None
        if self.person is None:
            return super().load()
        self.arrived_at = self.person.__dict__.pop("arrived_at")
        data = self.person.__dict__.pop("session_data")
        if data is None:
            self._session_key = None
        return self.decode(data) if data else {}

    def _get_session_from_db(self) -> Session | None:
        """None, and no key any more, for one that there is not or that is over."""
        found: Session | None = SESSION.one(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found


class Sessions(SessionMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.session.seen = lambda: last_seen(request)  # type: ignore[attr-defined]


class SignedIn(AuthenticationMiddleware):
    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: person_of(request.session) or get_user(request))  # type: ignore[assignment]


def person_of(session: Any) -> User | None:
    """The person read beside the session, if it is theirs by all that Django's `get_user` looks at. None leaves it to that."""
    named, backend = session.get(SESSION_KEY), session.get(BACKEND_SESSION_KEY)
    person: User | None = session.person
    if person is None or named != str(person.pk) or backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    shown = constant_time_compare(session.get(HASH_SESSION_KEY, ""), person.get_session_auth_hash())
    return person if shown and person.is_active else None
