"""Django's sessions in the database; only the question that each request asks is put into words once in a process."""

from __future__ import annotations

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from entitlements.models.worded import Worded

SESSION = Worded(lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now))


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        """None, and no key any more, for one that there is not or that is over."""
        found: Session | None = SESSION.one(self.session_key, timezone.now())
        if found is None:
            self._session_key = None
        return found
