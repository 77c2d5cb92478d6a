"""What tests of the desk share, and others too: when a request arrives, and who is signed in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.utils.crypto import get_random_string

from entitlements import middleware
from entitlements.health import Sign, pulse, signs
from entitlements.kept_answers import SALT, Seen
from entitlements.models import User

LATER = 2**33
"""Seconds since 1970."""


def at(monkeypatch: Any, moment: datetime) -> None:
    """Every request from now on arrives at this moment."""
    monkeypatch.setattr(middleware, "arrived_at", lambda _: moment)


def sign(key: str, now: datetime) -> Sign | None:
    """What the strip on the first page says of one thing; None where it says nothing of it."""
    return next((one for one in signs(pulse(now), now) if one.key == key), None)


def signed_in(user: User, browser: Client | None = None, *, just: datetime | None = None) -> Client:
    """The browser of somebody, with what signing in and a first page leave: the session, and who was seen, as if at a later moment
    than any test's; `force_login` asks sixteen times as many questions. `just`: they have shown at that moment that it is them."""
    browser, store, key = browser or Client(), SessionStore(), get_random_string(32)
    left = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    if just:
        left[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
        left[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": just.timestamp()}]
    Session.objects.create(session_key=key, session_data=store.encode(left), expire_date=store.get_expiry_date())
    browser.cookies[settings.SESSION_COOKIE_NAME] = key
    browser.cookies[settings.SEEN_COOKIE_NAME] = signing.dumps(Seen(key, LATER, user.pk), salt=SALT)
    return browser


def sign_in(page: Any, live_url: str, user: User) -> None:
    """The browser is signed in as this person."""
    value = signed_in(user, just=datetime.now(UTC)).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_url}])
