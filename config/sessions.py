"""Django's sessions in the database; only the question that each request asks is put into words once in a process."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from entitlements.models import User
from entitlements.models.worded import Worded

SESSION = Worded(lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now))
PERSON = Worded(lambda key: User.objects.filter(pk=key))


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        """None, and no key any more, for one that there is not or that is over."""
        found: Session | None = SESSION.one(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found


class WhoIsSignedIn(AuthenticationBackend):
    def get_user(self, user_id: int) -> User | None:
        found: User | None = PERSON.one(user_id)
        return found if found and self.user_can_authenticate(found) else None
