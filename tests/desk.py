"""What tests of the desk share: when a request arrives, who is signed in, and what axe finds on a page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from entitlements import middleware
from entitlements.models import User

AXE = Path(__file__).parent / "browser" / "vendor" / "axe.min.js"


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


def violations(page: Any) -> list[str]:
    """What axe objects to on the page, each with the first element concerned."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]} ({len(one['nodes'])})" for one in found]
