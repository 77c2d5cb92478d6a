"""What tests of the desk share: when a request arrives, and who is signed in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.test import Client

from entitlements import middleware
from entitlements.models import User


def at(monkeypatch: Any, moment: datetime) -> None:
    """Every request from now on arrives at this moment."""
    monkeypatch.setattr(middleware, "database_now", lambda: moment)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def sign_in(page: Any, live_url: str, user: User) -> None:
    """The browser is signed in as this person."""
    value = signed_in(user).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_url}])
